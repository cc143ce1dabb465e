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
    let bytes = folded.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = loop {
            // What parts words is nearly always ASCII.
            at += bytes[at..].iter().position(|b| ASCII_WORD[usize::from(*b)] || !b.is_ascii())?;
            if bytes[at].is_ascii() {
                break at;
            }
            match folded[at..].chars().next()? {
                c if in_word(c) => break at,
                c => at += c.len_utf8(),
            }
        };
        at = start + end_of(&folded[start..]);
        Some(start..at)
    })
}

/// What a text is about: its words; of scripts that part none, each two characters that stand together (Chinese, Japanese), or
/// each three (Thai, Lao, Khmer, Burmese, whose letters are fewer). One character alone says next to nothing.
pub fn terms(text: &str) -> impl Iterator<Item = &str> {
    let mut places = word_places(text).peekable();
    // The characters that stand together, back to the first that is still wanted.
    let mut run: Vec<Range<usize>> = Vec::with_capacity(LONGEST_TERM);
    std::iter::from_fn(move || {
        loop {
            let place = places.next()?;
            // What begins below U+0800 is of no such script.
            if text.as_bytes().get(place.start).is_some_and(|first| *first < 0xe0) {
                return Some(&text[place]);
            }
            let Some(width) = text[place.start..].chars().next().and_then(width) else { return Some(&text[place]) };
            let goes_on = |next: &Range<usize>| {
                let first = text[next.start..].chars().next();
                next.start == place.end && first.and_then(self::width) == Some(width)
            };
            let ends = !places.peek().is_some_and(goes_on);
            run.push(place.clone());
            let start = run[run.len().saturating_sub(width)].start;
            let whole = run.len() >= width;
            let alone = ends && run.len() < width;
            if ends {
                run.clear();
            } else if run.len() >= width {
                run.remove(0);
            }
            if whole || alone {
                return Some(&text[start..place.end]);
            }
        }
    })
}

/// Characters of the longest term of a script that parts no words.
const LONGEST_TERM: usize = 3;

/// Characters of a term, where its script parts no words.
fn width(c: char) -> Option<usize> {
    match c {
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => Some(LONGEST_TERM),
        c => is_unparted(c).then_some(2),
    }
}

/// Of each byte, whether it is an ASCII letter or digit.
const ASCII_WORD: [bool; 256] = {
    let (mut is, mut byte) = ([false; 256], 0_u8);
    while byte.is_ascii() {
        is[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    is
};

fn in_word(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() }
}

/// Where the word that `text` begins with ends.
fn end_of(text: &str) -> usize {
    let ascii = text.as_bytes().iter().position(|b| !ASCII_WORD[usize::from(*b)]).unwrap_or(text.len());
    if text.as_bytes().get(ascii).is_none_or(u8::is_ascii) && ascii > 0 {
        return ascii;
    }
    let alone = text.chars().next().is_some_and(is_unparted);
    let goes_on = |c: char| (!alone && in_word(c) && !is_unparted(c)) || is_combining_mark(c);
    text.char_indices().skip(1).find(|(_, c)| !goes_on(*c)).map_or(text.len(), |(at, _)| at)
}

/// Characters of scripts that do not part words: Thai, Lao, Myanmar, Khmer, kana and ideographs.
#[must_use]
pub fn is_unparted(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{3029}' | '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    proptest::proptest! {
        #[test]
        fn words_begin_where_a_letter_stands(text in "[ab1é_'«ا漢 \u{301}\u{2003}]{0,30}") {
            let (mut places, mut at) = (Vec::new(), 0);
            while let Some(start) = text[at..].find(in_word).map(|i| at + i) {
                at = start + end_of(&text[start..]);
                places.push(start..at);
            }
            proptest::prop_assert_eq!(word_places(&text).collect::<Vec<_>>(), places);
        }
    }

    #[test]
    fn terms_are_words_or_what_stands_together() {
        for (text, expected) in [
            ("L’eau, 3,5 %", "L|eau|3|5"),
            ("港口罢工，船", "港口|口罢|罢工|船"),
            ("東京で abc漢字", "東京|京で|abc|漢字"),
            ("ท่าเรือ", "ท่าเ|าเรื|เรือ"),
            ("ที่", "ที่"),
            ("", ""),
        ] {
            assert_eq!(terms(text).collect::<Vec<_>>().join("|"), expected, "{text}");
        }
    }

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
