//! Hashtags: the shown form and the folded key.

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::fold;
use crate::model::Tag;

/// The most characters of a tag.
const MOST: usize = 100;

/// The key of a tag as somebody wrote it: folded; spaces, `_`, dashes, apostrophes, slashes and middle dots all become one
/// `_`; what cannot stand in a hashtag is left out. Empty when nothing is left, or no letter.
#[must_use]
pub fn tag_key(written: &str) -> String {
    let mut key = String::new();
    for c in fold(written).chars() {
        if parts_words(c) {
            if !key.is_empty() && !key.ends_with('_') {
                key.push('_');
            }
        } else if c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '\u{5f3}' | '\u{5f4}') {
            key.push(c);
        }
    }
    key.truncate(key.trim_end_matches('_').len());
    if key.chars().any(char::is_alphabetic) { key } else { String::new() }
}

/// The tag that somebody wrote, `#` or not: shown as written with its words joined by `_`. `None` when no tag can be made
/// of it.
#[must_use]
pub fn tag(written: &str) -> Option<Tag> {
    let key = key_of(written)?;
    let worded = |part: &&str| part.contains(|c: char| c.is_alphanumeric() || c == '_');
    let joined = bare(written).split_whitespace().filter(worded).collect::<Vec<_>>().join("_");
    let mut shown = if is_nfc(&joined) { joined } else { joined.nfc().collect() };
    shown.retain(|c| !c.is_control() && !matches!(c, '<' | '>'));
    Some(Tag::from_parts(shown, key))
}

/// Whether a tag can be made of what somebody wrote.
#[must_use]
pub fn is_tag(written: &str) -> bool {
    key_of(written).is_some()
}

fn bare(written: &str) -> &str {
    written.trim().trim_start_matches(['#', '＃', '﹟'])
}

/// The key, where it is one of a tag.
fn key_of(written: &str) -> Option<String> {
    // Looked at before any work: a category may be a whole page.
    let key = if written.len() > MOST * 16 { String::new() } else { tag_key(bare(written)) };
    (!key.is_empty() && key.chars().count() <= MOST).then_some(key)
}

/// What stands between the words of one tag, in a hashtag or in a category.
fn parts_words(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '_' | '-' | '\'' | '/' | '.' | '·' | '•' | '・' | '‿' | '־' | '\u{f0b}' | '\u{30a0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_tag_have_one_key() {
        for (key, spellings) in [
            (
                "liberation_palestine",
                &["#Libération_Palestine", "liberation-palestine", "Libération Palestine", "LIBERATION__PALESTINE_"][..],
            ),
            ("gilets_jaunes", &["gilets-jaunes", "Gilets‑Jaunes", "gilets·jaunes", "＃Gilets_jaunes"]),
            ("istanbul", &["İstanbul", "ISTANBUL", "istanbul"]),
            ("da_nang", &["Đà_Nẵng", "da nang"]),
            ("αθηνα", &["Αθήνα", "ΑΘΗΝΑ"]),
            ("strasse", &["Straße", "STRASSE"]),
            ("سلام", &["ســـلام", "سَلام"]),
            ("l_humanite", &["L’Humanité", "L'Humanité", "l_humanité"]),
            ("economie_finance", &["Économie & Finance", "economie/finance"]),
        ] {
            for written in spellings {
                assert_eq!(tag_key(written), key, "{written}");
            }
        }
        assert_ne!(tag_key("мой"), tag_key("мои"));
        assert_ne!(tag_key("が"), tag_key("か"));
    }

    #[test]
    fn a_tag_is_shown_as_written() {
        let shown = |w: &str| tag(w).map(|t| t.shown().to_owned());
        assert_eq!(shown("#Libération_Palestine").as_deref(), Some("Libération_Palestine"));
        assert_eq!(shown("Libération  Palestine").as_deref(), Some("Libération_Palestine"));
        assert_eq!(shown("Économie & Finance").as_deref(), Some("Économie_Finance"));
        assert_eq!(shown("Cafe\u{301}").as_deref(), Some("Café"));
        assert_eq!(shown("日本語").as_deref(), Some("日本語"));
        for none in ["###", "2024", "", " … ", "___", &"a".repeat(101), &"a b ".repeat(100_000)] {
            assert_eq!(tag(none), None, "{none:.20}");
        }
    }
}
