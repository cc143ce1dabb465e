//! Words that say nothing of a subject.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::fold;

static WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let table = include_str!("../../config/stopwords.txt");
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).map(fold).collect()
});

/// Whether a folded word only holds sentences together, in any of the languages of `config/stopwords.txt`.
#[must_use]
pub fn is_stop_word(folded: &str) -> bool {
    WORDS.contains(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

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
