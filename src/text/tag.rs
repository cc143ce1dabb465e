//! Hashtags: the shown form and the folded key.

use unicode_normalization::UnicodeNormalization;

use super::fold;
use crate::model::Tag;

/// The key of a tag as somebody wrote it: folded; spaces, `_`, `-` and middle dots all become one `_`; what cannot stand in
/// a hashtag is left out. Empty when nothing is left, or no letter.
#[must_use]
pub fn tag_key(written: &str) -> String {
    let mut key = String::new();
    for c in fold(written).chars() {
        if c.is_whitespace() || matches!(c, '_' | '-' | '·' | '・' | '‐' | '‑' | '–' | '/' | '.' | '\'' | '’')
        {
            if !key.is_empty() && !key.ends_with('_') {
                key.push('_');
            }
        } else if c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c) {
            key.push(c);
        }
    }
    let key = key.trim_matches('_').to_owned();
    if key.chars().any(char::is_alphabetic) { key } else { String::new() }
}

/// The tag that somebody wrote, `#` or not: shown as written with its words joined by `_`. `None` when no tag can be made
/// of it.
#[must_use]
pub fn tag(written: &str) -> Option<Tag> {
    let bare = written.trim().trim_start_matches(['#', '＃', '﹟']);
    let key = tag_key(bare);
    let shown: String = bare.split_whitespace().collect::<Vec<_>>().join("_").nfc().collect();
    (!key.is_empty() && key.chars().count() <= 100).then(|| Tag::from_parts(shown, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_tag_have_one_key() {
        for written in ["#Libération_Palestine", "liberation-palestine", "Libération Palestine", "LIBERATION_PALESTINE"]
        {
            assert_eq!(tag_key(written), "liberation_palestine", "{written}");
        }
        assert_eq!(tag("#Libération_Palestine").unwrap().shown(), "Libération_Palestine");
        assert_eq!(tag("###"), None);
        assert_eq!(tag("2024"), None);
    }
}
