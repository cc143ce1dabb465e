//! Words of any script.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

/// The words of a folded text, in order: runs of letters, marks and digits. Apostrophes, hyphens and `_` part words (`l'eau`
/// is found by `eau`, a hashtag by its words); scripts without spaces give their characters, marks included.
pub fn words(folded: &str) -> impl Iterator<Item = &str> {
    word_places(folded).map(|place| &folded[place])
}

/// The bytes of each of the words of a folded text, in order.
pub fn word_places(folded: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + folded[at..].find(in_word)?;
        at = start + end_of(&folded[start..]);
        Some(start..at)
    })
}

fn in_word(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() }
}

/// Where the word that `text` begins with ends.
fn end_of(text: &str) -> usize {
    let ascii = text.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(text.len());
    if text.as_bytes().get(ascii).is_none_or(u8::is_ascii) && ascii > 0 {
        return ascii;
    }
    let alone = text.chars().next().is_some_and(is_unparted);
    let goes_on = |c: char| (!alone && in_word(c) && !is_unparted(c)) || is_combining_mark(c);
    text.char_indices().skip(1).find(|(_, c)| !goes_on(*c)).map_or(text.len(), |(at, _)| at)
}

/// Characters of scripts that do not part words: Thai, Lao, Myanmar, Khmer, kana and ideographs.
pub(super) fn is_unparted(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{3029}' | '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    #[test]
    fn words_of_many_scripts() {
        for (text, expected) in [
            ("L’eau du Moyen-Orient, 3,5 %", "l|eau|du|moyen|orient|3|5"),
            ("#Libération_Palestine", "liberation|palestine"),
            ("日本語テスト abc漢", "日|本|語|テ|ス|ト|abc|漢"),
            ("ที่นี่ ok", "ที่|นี่|ok"),
            ("हिन्दी में", "हिन्दी|में"),
            ("한국어 뉴스", "한국어|뉴스"),
            ("السلام عليكم", "السلام|عليكم"),
            ("…!?", ""),
            ("", ""),
        ] {
            let folded = fold(text);
            assert_eq!(words(&folded).collect::<Vec<_>>().join("|"), expected, "{text}");
        }
    }
}
