//! What a text is about: its words by number, each with what it weighs in it.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::text::{fold, is_hashed_stop_word, terms, word_hash};

/// Text that is looked at, in bytes: what an article is about stands in its beginning.
const MOST_TEXT: usize = 40_000;
/// Words longer than this, in bytes, are addresses or noise; shorter ones say nothing.
const MOST_LETTERS: usize = 40;
const FEWEST_LETTERS: usize = 2;
/// How often a word of the title counts, besides its place in the text.
const TITLE: u32 = 2;
/// Words kept of a text: the most frequent, of equals the first.
const KEPT: usize = 400;
/// Bytes of a word in the written form.
const WIDTH: usize = 5;
/// Steps of a weight of 1: with 32 the weight of 255 words still fits, and none is wrong by more than two hundredths.
const STEPS: f64 = 32.0;

/// The words of a text, each known by 32 bits of the hash of its folded form: of a million words two hundred share theirs
/// with another, and lists are made of many words. It says the same of the same text on every machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Vector(Vec<Entry>);

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// Which word.
    pub(super) word: u32,
    /// What it weighs by how often it stands in the text, in steps.
    weight: u8,
}

impl Entry {
    fn new(word: u32, times: u32) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 + ln 255 is 6.6 times 32 steps")]
        let weight = ((1.0 + f64::from(times.clamp(1, 255)).ln()) * STEPS).round() as u8;
        Self { word, weight }
    }

    /// 1 + ln(how often it stands there).
    pub(super) fn weight(self) -> f64 {
        weight_of(self.weight)
    }

    /// The same in steps: see [`weight_of`].
    pub(super) fn steps(self) -> u8 {
        self.weight
    }
}

/// The weight of so many steps.
pub(super) fn weight_of(steps: u8) -> f64 {
    f64::from(steps) / STEPS
}

impl Vector {
    /// Raised when the same text gives another vector: those that were kept are made anew.
    pub const FORM: u32 = 2;

    /// Counts the words of a text; those of the title count more.
    #[must_use]
    pub fn of(title: &str, text: &str) -> Self {
        // Each word with its place and how often it counts there.
        let mut found: Vec<(u32, u32, u32)> = Vec::with_capacity(text.len().min(MOST_TEXT) / 8);
        for (part, times) in [(title, TITLE), (beginning(text), 1)] {
            let folded = fold(part);
            let words = terms(&folded).filter_map(number);
            found.extend((super::index::number(found.len())..).zip(words).map(|(place, word)| (word, place, times)));
        }
        found.sort_unstable();
        let mut all: Vec<(u32, u32, u32)> = Vec::with_capacity(found.len());
        for (word, place, times) in found {
            match all.last_mut() {
                Some((last, sum, _)) if *last == word => *sum = sum.saturating_add(times),
                _ => all.push((word, times, place)),
            }
        }
        if all.len() > KEPT {
            all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.2.cmp(&b.2)));
            all.truncate(KEPT);
        }
        let mut entries: Vec<Entry> = all.into_iter().map(|(word, times, _)| Entry::new(word, times)).collect();
        entries.sort_unstable();
        Self(entries)
    }

    /// As it is kept: of each word four bytes of its number, little-endian, and one of its weight.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * WIDTH);
        for entry in &self.0 {
            bytes.extend_from_slice(&entry.word.to_le_bytes());
            bytes.push(entry.weight);
        }
        bytes
    }

    /// Reads what was kept; what cannot be read of it is left out.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let read = |entry: &[u8]| match *entry {
            [a, b, c, d, weight] => Some(Entry { word: u32::from_le_bytes([a, b, c, d]), weight }),
            _ => None,
        };
        let mut entries: Vec<Entry> = bytes.chunks_exact(WIDTH).take(KEPT).filter_map(read).collect();
        entries.sort_unstable();
        entries.dedup_by_key(|e| e.word);
        Self(entries)
    }

    /// Its words, rising.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// Its length where all words weigh alike, whatever other texts say.
    #[expect(clippy::cast_possible_truncation, reason = "near enough to choose by")]
    pub(super) fn length(&self) -> f32 {
        self.0.iter().map(|e| e.weight().powi(2)).sum::<f64>().sqrt() as f32
    }

    /// A number that another vector hardly has.
    pub(super) fn sum(&self) -> u32 {
        self.0.iter().fold(17, |sum, e| sum.wrapping_mul(31).wrapping_add(e.word).wrapping_add(u32::from(e.weight)))
    }
}

/// Those of some words, known by rising numbers, that stand in a text, as they are best shown. Parts of addresses and of what
/// English draws together (`don't`) are no words.
#[must_use]
pub(super) fn shown<'a>(title: &'a str, text: &'a str, wanted: &[u32]) -> HashMap<u32, &'a str> {
    let mut found: HashMap<u32, &str> = HashMap::new();
    let pieces = [title, beginning(text)].into_iter().flat_map(str::split_whitespace);
    let pieces = pieces.filter(|piece| !is_drawn_together(piece)).flat_map(without_address);
    for word in pieces.flat_map(terms) {
        let is_folded = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let folded = if is_folded { Cow::Borrowed(word) } else { Cow::Owned(fold(word)) };
        let number = number(&folded).filter(|number| wanted.binary_search(number).is_ok());
        if let Some(number) = number {
            let known = found.entry(number).or_insert(word);
            if shows_better(word, known) {
                *known = word;
            }
        }
    }
    found
}

/// What stands before and after an address in a piece of text without spaces; of one that is an address without a scheme, nothing.
fn without_address(piece: &str) -> [&str; 2] {
    let Some(at) = piece.find("://") else {
        let host = piece.trim_start_matches(|c: char| !c.is_alphanumeric()).split('/').next().unwrap_or_default();
        let is_host = host.contains('.') && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        let is_address = is_host && (host.starts_with("www.") || piece.contains('/')) || piece.contains('@');
        return if is_address { ["", ""] } else { [piece, ""] };
    };
    let start = piece[..at]
        .rfind(|c: char| !c.is_ascii_alphabetic())
        .map_or(0, |before| before + piece[before..].chars().next().map_or(0, char::len_utf8));
    let end = piece[at..]
        .find(|c: char| !c.is_ascii_graphic() || matches!(c, '"' | '<' | '>'))
        .map_or(piece.len(), |n| at + n);
    [&piece[..start], &piece[end..]]
}

/// Whether a piece of text without spaces is a word that English draws together with `not`: `don't`.
fn is_drawn_together(piece: &str) -> bool {
    let is_not =
        |rest: &str| rest.strip_prefix(['t', 'T']).is_some_and(|after| !after.starts_with(char::is_alphanumeric));
    piece.split(['\'', '’', 'ʼ']).skip(1).any(is_not)
}

fn beginning(text: &str) -> &str {
    let cut = (0..=MOST_TEXT.min(text.len())).rev().find(|i| text.is_char_boundary(*i));
    text.get(..cut.unwrap_or(0)).unwrap_or_default()
}

/// The number of a folded word, where it says something.
fn number(folded: &str) -> Option<u32> {
    if !(FEWEST_LETTERS..=MOST_LETTERS).contains(&folded.len()) {
        return None;
    }
    let hash = word_hash(folded);
    #[expect(clippy::cast_possible_truncation, reason = "FNV is shortened by folding it on itself")]
    let number = (hash ^ (hash >> 32)) as u32;
    (!is_hashed_stop_word(hash, folded)).then_some(number)
}

/// Whether a spelling is the better one to show: in small letters before a capital before anything else, since only names
/// are never met in small letters.
fn shows_better(new: &str, old: &str) -> bool {
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
        let (title, text) = ("L’État recule", "L'ÉTAT a reculé. À Gaza, l'état de siège ; GAZA tient.");
        let vector = Vector::of(title, text);
        let wanted: Vec<u32> =
            vector.entries().iter().map(|e| e.word).filter(|w| Some(*w) != number("siege")).collect();
        let shown = shown(title, text, &wanted);
        let of = |w: &str| {
            let entry = vector.entries().iter().find(|e| Some(e.word) == number(w))?;
            Some((*shown.get(&entry.word)?, entry.weight))
        };
        assert_eq!(of("etat"), Some(("état", Entry::new(0, 4).weight)));
        assert_eq!(of("gaza"), Some(("Gaza", Entry::new(0, 2).weight)));
        assert_eq!((of("l"), of("a"), of("de"), of("siege")), (None, None, None, None));
    }

    #[test]
    fn parts_of_addresses_and_half_words_are_not_shown() {
        let text = "Don’t watch (https://www.youtube.example/watch?v=navire) or youtube.example/quai, www.digue.example. He doesn't. \
                    见https://t.example/abc港口 mail@phare.example Le navire.";
        let words = ["don", "doesn", "youtube", "quai", "digue", "phare", "https", "watch", "navire", "港口"];
        let mut wanted: Vec<u32> = words.iter().filter_map(|word| number(word)).collect();
        wanted.sort_unstable();
        let mut shown: Vec<&str> = shown("", text, &wanted).into_values().collect();
        shown.sort_unstable();
        assert_eq!(shown, ["navire", "watch", "港口"]);
    }

    #[test]
    fn it_is_read_back_and_bounded_whatever_the_text() {
        let long: String = (0..9000).map(|i| format!("word{i} ")).collect();
        for text in ["", "one", &"x".repeat(1 << 20), &long, &"漢字".repeat(5000), "a\u{301}\u{301}"] {
            let vector = Vector::of("Title", text);
            assert!(vector.entries().len() <= KEPT);
            assert_eq!(Vector::from_bytes(&vector.to_bytes()), vector);
        }
        let first = Vector::of("", &long);
        assert!(first.entries().iter().any(|e| Some(e.word) == number("word1")), "of equals the first are kept");
        assert_eq!(Vector::from_bytes(&[1, 2, 3]), Vector::default());
        let twice = [[1, 0, 0, 0, 32], [1, 0, 0, 0, 64]].concat();
        assert_eq!(Vector::from_bytes(&twice).entries().len(), 1);
    }
}
