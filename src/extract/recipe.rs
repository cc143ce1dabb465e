//! What the file may say of a source's pages.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};
use scraper::Selector;

use crate::model::Mistake;
use crate::text::Pick;

/// The largest automaton of one expression.
const REGEX_SIZE: usize = 1 << 20;

/// Where the parts of a source's articles stand. All of it may be left out: then they are found by themselves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recipe {
    /// Whether its dates put the day before the month, where the file says it.
    pub day_first: Option<bool>,
    /// The body. It is believed only where it gives a text.
    pub body: Option<Pick>,
    /// What to leave out of it.
    pub drop: Vec<Drop>,
    /// The title.
    pub title: Option<Pick>,
    /// The standfirst.
    pub standfirst: Option<Pick>,
    /// The date.
    pub date: Option<Pick>,
    /// Who wrote it.
    pub author: Option<Pick>,
    /// The picture.
    pub image: Option<Pick>,
    /// Tags.
    pub tags: Option<Pick>,
    /// Who published it first.
    pub origin: Option<Pick>,
}

/// Something to leave out of a body.
#[derive(Debug, Clone)]
pub enum Drop {
    /// Every match.
    Selector(Selector),
    /// Every block whose text matches.
    Words(Regex),
}

impl PartialEq for Drop {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Selector(a), Self::Selector(b)) => a == b,
            (Self::Words(a), Self::Words(b)) => a.as_str() == b.as_str(),
            _ => false,
        }
    }
}

impl Drop {
    /// Reads `'.share'`, a selector, or `'/^Lire aussi/'`, words of a block (case does not matter unless `/…/c`).
    ///
    /// # Errors
    /// A mistake with its place, where it is neither.
    pub fn parse(written: &str) -> Result<Self, Mistake> {
        let bare = written.trim();
        let words = bare
            .strip_prefix('/')
            .and_then(|w| w.strip_suffix('/').map(|w| (w, true)).or_else(|| w.strip_suffix("/c").map(|w| (w, false))));
        if let Some((words, fold)) = words {
            if words.is_empty() {
                return Err(Mistake::new(
                    0..written.len(),
                    "expression between `/` is empty: it would match every block",
                ));
            }
            let pattern = if fold { Cow::Owned(format!("(?i){words}")) } else { words.into() };
            return RegexBuilder::new(&pattern).size_limit(REGEX_SIZE).build().map(Self::Words).map_err(|e| {
                // The last line says what is wrong; those before it draw a picture of it.
                let why = e.to_string();
                let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                Mistake::new(0..written.len(), format!("`{words}` is not a regular expression: {why}"))
                    .hint("write a selector, or /words/ of a block: '/^Lire aussi/'")
            });
        }
        if bare.starts_with('/') {
            return Err(Mistake::new(0..written.len(), "expression is not closed")
                .hint("write a `/` after it: '/^Lire aussi/'"));
        }
        Selector::parse(bare)
            .map(Self::Selector)
            .map_err(|_syntax| Mistake::new(0..written.len(), format!("`{bare}` is not a CSS selector")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_and_words_are_told_apart() {
        assert!(matches!(Drop::parse(".share"), Ok(Drop::Selector(_))));
        let Ok(Drop::Words(words)) = Drop::parse("/^Lire aussi/") else { panic!() };
        assert!(words.is_match("LIRE AUSSI : ceci"));
        let Ok(Drop::Words(words)) = Drop::parse("/^Lire/c") else { panic!() };
        assert!(!words.is_match("LIRE"));
        for bad in ["", "div >", "/(/", "//", "/open"] {
            assert!(Drop::parse(bad).is_err(), "{bad}");
        }
    }
}
