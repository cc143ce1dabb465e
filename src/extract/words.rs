//! The words of `config/blocks.toml`, folded.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::text::fold;

type Phrases = BTreeMap<String, Vec<String>>;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Raw {
    related: Phrases,
    share: Phrases,
    newsletter: Phrases,
    author: Phrases,
    tags: Phrases,
    comments: Phrases,
    noise: Phrases,
    byline: Phrases,
    role: Phrases,
    dated: Phrases,
    notice: Phrases,
    source: Phrases,
    rights: Phrases,
    plea: Phrases,
    consent: Phrases,
    logo: Phrases,
    refusal: BTreeMap<String, Phrases>,
}

/// A class of phrases, folded and bare.
#[derive(Debug, Default)]
pub(super) struct List {
    phrases: HashSet<String>,
    /// Bytes of the longest.
    longest: usize,
}

impl List {
    fn of(phrases: &Phrases) -> Self {
        let all: HashSet<String> = phrases.values().flatten().map(|p| bare(p)).filter(|p| !p.is_empty()).collect();
        Self { longest: all.iter().map(String::len).max().unwrap_or_default(), phrases: all }
    }

    /// Whether a bare text is one of the phrases.
    pub(super) fn is(&self, bare: &str) -> bool {
        self.phrases.contains(bare)
    }

    /// Whether a bare text begins with a phrase that ends at the end of a word; how long the longest such phrase is.
    pub(super) fn begins(&self, bare: &str) -> Option<usize> {
        let mut dense = false;
        let mut found = None;
        let mut chars = bare.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let end = at + c.len_utf8();
            if end > self.longest {
                break;
            }
            dense |= super::tree::is_dense(c);
            let whole = dense || chars.peek().is_none_or(|(_, next)| !next.is_alphanumeric());
            if whole && self.is(&bare[..end]) {
                found = Some(end);
            }
        }
        found
    }

    /// How many of the phrases a bare text has in it.
    pub(super) fn count_within(&self, bare: &str) -> usize {
        self.phrases.iter().filter(|p| bare.contains(p.as_str())).count()
    }

    /// Whether a bare text has a phrase in it.
    pub(super) fn within(&self, bare: &str) -> bool {
        self.phrases.iter().any(|p| bare.contains(p.as_str()))
    }
}

/// All classes.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) related: List,
    pub(super) share: List,
    pub(super) newsletter: List,
    pub(super) author: List,
    pub(super) tags: List,
    pub(super) comments: List,
    pub(super) noise: List,
    pub(super) byline: List,
    pub(super) role: List,
    pub(super) dated: List,
    pub(super) notice: List,
    pub(super) source: List,
    pub(super) rights: List,
    pub(super) plea: List,
    pub(super) consent: List,
    pub(super) logo: List,
    pub(super) bot: List,
    pub(super) error: List,
    pub(super) login: List,
    pub(super) paywall: List,
}

/// The words that are compiled in.
pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let raw: Raw = toml::from_str(include_str!("../../config/blocks.toml")).unwrap_or_default();
    let refusal = |name: &str| raw.refusal.get(name).map(List::of).unwrap_or_default();
    Words {
        related: List::of(&raw.related),
        share: List::of(&raw.share),
        newsletter: List::of(&raw.newsletter),
        author: List::of(&raw.author),
        tags: List::of(&raw.tags),
        comments: List::of(&raw.comments),
        noise: List::of(&raw.noise),
        byline: List::of(&raw.byline),
        role: List::of(&raw.role),
        dated: List::of(&raw.dated),
        notice: List::of(&raw.notice),
        source: List::of(&raw.source),
        rights: List::of(&raw.rights),
        plea: List::of(&raw.plea),
        consent: List::of(&raw.consent),
        logo: List::of(&raw.logo),
        bot: refusal("bot"),
        error: refusal("error"),
        login: refusal("login"),
        paywall: refusal("paywall"),
    }
});

/// A text for comparing with phrases: folded, straight apostrophes, single spaces, no signs at either end.
pub(super) fn bare(text: &str) -> String {
    let folded = fold(text).replace(['’', 'ʼ'], "'");
    let mut out = String::with_capacity(folded.len());
    for word in folded.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read() {
        assert!(WORDS.related.is(&bare("Recommandé pour vous :")));
        assert!(WORDS.related.is(&bare("À LIRE AUSSI")));
        assert!(WORDS.related.is(&bare("اقرأ أيضًا")));
        assert!(WORDS.related.is(&bare("関連記事")));
        assert!(WORDS.bot.within(&bare("Just a moment...")));
        assert_eq!(WORDS.byline.begins("par marie"), Some(3));
        assert_eq!(WORDS.byline.begins("paris"), None);
        assert!(!WORDS.share.is("la"));
    }
}
