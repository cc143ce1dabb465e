//! The words of a text, counted, and the numbers that stand for them.

use std::collections::HashMap;

use crate::text::{fold, words};

/// Text that is looked at, in bytes: what an article is about stands in its beginning.
const MOST_TEXT: usize = 40_000;
/// Words longer than this are addresses or noise.
const MOST_LETTERS: usize = 40;
/// How often a word of the title counts, besides its place in the text.
const TITLE: u32 = 2;

/// A word as it is compared, as it is best shown, and how often it was met.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) folded: String,
    pub(super) shown: String,
    pub(super) times: u32,
}

/// Counts the words of an article.
pub(super) fn count(title: &str, text: &str) -> Vec<Counted> {
    let mut found: HashMap<String, Counted> = HashMap::new();
    add(&mut found, title, TITLE);
    add(&mut found, beginning(text), 1);
    let mut all: Vec<Counted> = found.into_values().collect();
    all.sort_unstable_by(|a, b| a.folded.cmp(&b.folded));
    all
}

fn beginning(text: &str) -> &str {
    let cut = (0..=MOST_TEXT.min(text.len())).rev().find(|i| text.is_char_boundary(*i));
    text.get(..cut.unwrap_or(0)).unwrap_or_default()
}

fn add(found: &mut HashMap<String, Counted>, text: &str, times: u32) {
    // "l'État" and "people's" are two words here: the second is what they are about.
    let parts = words(text).flat_map(|w| w.split(['\'', '’']));
    for part in parts.filter(|p| !p.is_empty() && p.len() <= MOST_LETTERS) {
        let folded = fold(part);
        if folded.len() < 2 {
            continue;
        }
        match found.get_mut(&folded) {
            Some(known) => {
                known.times = known.times.saturating_add(times);
                if shows_better(part, &known.shown) {
                    part.clone_into(&mut known.shown);
                }
            }
            None => {
                found.insert(folded.clone(), Counted { folded, shown: part.to_owned(), times });
            }
        }
    }
}

/// Whether a spelling is the better one to show: in small letters before a capital before anything else, since only names
/// are never met in small letters.
pub(super) fn shows_better(new: &str, old: &str) -> bool {
    rank(new) < rank(old)
}

fn rank(word: &str) -> u8 {
    let mut letters = word.chars();
    let first_is_small = letters.next().is_none_or(|c| !c.is_uppercase());
    match (first_is_small, letters.any(char::is_uppercase)) {
        (true, false) => 0,
        (false, false) => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_folded_and_shown_as_written() {
        let counted = count("L’État recule", "L'ÉTAT a reculé. À Gaza, l'état de siège ; GAZA tient.");
        let of = |w: &str| counted.iter().find(|c| c.folded == w).map(|c| (c.shown.as_str(), c.times));
        assert_eq!(of("etat"), Some(("état", 4)));
        assert_eq!(of("gaza"), Some(("Gaza", 2)));
        assert_eq!(of("l"), None);
    }
}
