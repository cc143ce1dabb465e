//! One folding for all comparing: accents, case and typography do not matter, letters do.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folds a text for comparing: NFKC, lower case, ligatures and stroked letters spelt out, marks off after Latin and Greek
/// letters, Arabic vowel signs and tatweel and Hebrew points off, joiners off. Marks of other scripts are letters and stay.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_latin = false;
    for c in text.nfkd().flat_map(char::to_lowercase) {
        if is_combining_mark(c) && after_latin {
            continue;
        }
        after_latin =
            c.is_ascii() || matches!(c, '\u{80}'..='\u{24f}' | '\u{370}'..='\u{3ff}' | '\u{1e00}'..='\u{1fff}');
        match c {
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            'ß' => out.push_str("ss"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'þ' => out.push_str("th"),
            'ı' => out.push('i'),
            '\u{200c}' | '\u{200d}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{591}'..='\u{5c7}' => {}
            c => out.push(c),
        }
    }
    out.nfc().collect()
}
