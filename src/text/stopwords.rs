//! Words that say nothing of a subject, and so all the more of a language.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{fold, words};

/// The languages of `config/stopwords.txt`, as that names them.
const LANGUAGES: [(&str, &str); 8] = [
    ("Arabic", "ar"),
    ("Dutch", "nl"),
    ("English", "en"),
    ("French", "fr"),
    ("German", "de"),
    ("Italian", "it"),
    ("Portuguese", "pt"),
    ("Spanish", "es"),
];
/// A text is plainly in a language when so much of it are words of the language's list, in hundredths,
const PLAIN: usize = 15;
/// and so many times more than of any other list.
const TIMES: usize = 3;
/// Of fewer words nothing is plain.
const FEWEST: usize = 20;

/// Each word, with a bit for each language that has it.
static WORDS: LazyLock<HashMap<String, u8>> = LazyLock::new(|| {
    let (mut all, mut bit) = (HashMap::new(), 0);
    for line in include_str!("../../config/stopwords.txt").lines() {
        match line.strip_prefix("# ") {
            Some(name) => bit = LANGUAGES.iter().position(|(known, _)| *known == name).map_or(0, |at| 1 << at),
            None => line.split_whitespace().for_each(|word| *all.entry(fold(word)).or_default() |= bit),
        }
    }
    all
});

/// Whether a folded word only holds sentences together, in any of the languages of `config/stopwords.txt`.
#[must_use]
pub fn is_stop_word(folded: &str) -> bool {
    WORDS.contains_key(folded)
}

/// Whether a text is plainly in a language (its two letters): its small words say so, and none of another language gainsay
/// it. False where that is not plain, or the language has no list.
#[must_use]
pub fn is_plainly(text: &str, language: &str) -> bool {
    let Some(own) = LANGUAGES.iter().position(|(_, code)| *code == language) else { return false };
    let (mut all, mut found) = (0, [0; LANGUAGES.len()]);
    for word in words(&fold(text)) {
        all += 1;
        let of = WORDS.get(word).copied().unwrap_or_default();
        found.iter_mut().enumerate().filter(|(at, _)| of & (1 << at) != 0).for_each(|(_, n)| *n += 1);
    }
    let others = found.iter().enumerate().filter(|(at, _)| *at != own).map(|(_, n)| *n).max().unwrap_or_default();
    all >= FEWEST && found[own] * 100 >= all * PLAIN && found[own] >= others * TIMES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_of_a_language() {
        let headings = include_str!("../../config/stopwords.txt").lines().filter_map(|line| line.strip_prefix("# "));
        assert_eq!(headings.skip(1).collect::<Vec<_>>(), LANGUAGES.map(|(name, _)| name));
    }

    #[test]
    fn a_language_is_plain_where_its_small_words_say_so() {
        let french = "Le navire est parti du port avec des vivres pour les enfants, et nous ne savons pas encore quand il arrivera.";
        let catalan = "El vaixell ha salpat del port amb queviures per als infants, i encara no sabem quan arribarà a la costa ni com.";
        let numbers = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24";
        assert!(is_plainly(french, "fr"));
        for (text, language) in [(french, "es"), (french, "xx"), (catalan, "es"), (catalan, "fr"), (numbers, "en")] {
            assert!(!is_plainly(text, language), "{text} {language}");
        }
        assert!(!is_plainly("le la les des", "fr"), "too short");
        let both =
            format!("{french} The ship has left with food for the children and we do not know when it will be there.");
        assert!(!is_plainly(&both, "fr"));
    }

    #[test]
    fn articles_are_and_nouns_are_not() {
        for word in ["les", "the", "und", "التي", "été"] {
            assert!(is_stop_word(&fold(word)), "{word}");
        }
        for word in ["gaza", "port", "presse", "غزة", "hospital"] {
            assert!(!is_stop_word(&fold(word)), "{word}");
        }
    }
}
