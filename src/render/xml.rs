//! Characters that no XML document may carry.

use std::borrow::Cow;

/// A text without the characters that XML 1.0 forbids (section 2.2), nor those it discourages and nobody sees (C1
/// controls, DEL); line ends become `\n`, as an XML reader would make them. No writer crate does this: one stray U+0008
/// from a source would make the whole feed unreadable.
pub(super) fn legal(text: &str) -> Cow<'_, str> {
    let illegal = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    if !text.contains(illegal) {
        return Cow::Borrowed(text);
    }
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(unix.chars().filter(|c| !illegal(*c)).collect())
}

/// Whether somebody who takes a text for HTML would see a tag in it.
pub(super) fn opens_tag(text: &str) -> bool {
    let opens = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?');
    text.match_indices('<').any(|(i, _)| text[i + 1..].starts_with(opens))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_what_xml_forbids_and_nothing_else() {
        assert_eq!(legal("a\u{8}b\u{fffe}c\u{0}d\u{85}"), "abcd\u{85}");
        assert_eq!(legal("a\r\nb\rc\td"), "a\nb\nc\td");
        assert!(matches!(legal("«\u{a0}Été » 😀 تحرير"), Cow::Borrowed(_)));
    }
}
