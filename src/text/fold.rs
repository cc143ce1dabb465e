//! One folding for all comparing: accents, case and typography do not matter, letters do.

use std::ops::Range;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::bytes::{any_byte, ascii_run};

/// The only one of the Latin characters that is not seen.
const SOFT_HYPHEN: char = '\u{ad}';
/// Latin-1 and the two Latin extensions: most letters of most European texts.
const LATIN: Range<u32> = 0x80..0x250;
/// Greek, Cyrillic, Armenian, Hebrew, Arabic.
const LETTERS: Range<u32> = 0x370..0x700;
/// Latin with two marks, Greek with breathings, and the typographic signs.
const TYPOGRAPHY: Range<u32> = 0x1e00..0x2070;

/// What each character of the three ranges folds to. Made once by the slow way, so that both ways agree; folding is two
/// thirds of all text work without it.
static TABLE: LazyLock<Vec<Box<str>>> = LazyLock::new(|| {
    let codes = LATIN.chain(LETTERS).chain(TYPOGRAPHY);
    let folded = codes.map(|code| {
        let mut folded = String::new();
        slowly(char::from_u32(code).unwrap_or(' ').encode_utf8(&mut [0; 4]), false, &mut folded);
        folded.into_boxed_str()
    });
    folded.collect()
});

/// Folds a text for comparing: NFKC, lower case, ligatures and stroked letters spelt out, marks off after Latin and Greek
/// letters, Arabic vowel signs and tatweel and Hebrew points off, joiners off, one apostrophe, one quotation mark and one
/// dash. Marks of other scripts are letters and stay.
#[must_use]
pub fn fold(text: &str) -> String {
    let table = &*TABLE;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let len = match quick(c, &rest[c.len_utf8()..]) {
            Quick::Ascii => {
                let run = ascii_run(rest.as_bytes());
                let start = out.len();
                out.push_str(&rest[..run]);
                out[start..].make_ascii_lowercase();
                run
            }
            Quick::Table(at) => {
                match table.get(at).map_or(&[][..], |folded| folded.as_bytes()) {
                    // Nearly always: one letter.
                    [one] => out.push(char::from(*one)),
                    _ => out.push_str(table.get(at).map_or("", |folded| folded)),
                }
                c.len_utf8()
            }
            Quick::Itself => {
                out.push(c);
                c.len_utf8()
            }
            Quick::No => {
                let run = slow_run(rest);
                let after = out.chars().next_back().is_some_and(loses_marks);
                slowly(&rest[..run], after, &mut out);
                run
            }
        };
        rest = &rest[len..];
    }
    out
}

/// Folds a text as [`fold`] does, and what one paper writes in one way and another in another: Arabic letters with their hamza and
/// without, both forms of final ya and ta marbuta, the letters of Persian keyboards, Russian ё, and the stress that schoolbooks and
/// encyclopedias mark on Cyrillic vowels. For texts that are compared or searched; a tag keeps its letters.
#[must_use]
pub fn fold_spelling(text: &str) -> String {
    let folded = fold(text);
    // The first bytes of those letters in UTF-8.
    let may_have = any_byte(folded.as_bytes(), |b| (b == 0xd1) | (0xd8..=0xdb).contains(&b));
    let folded = if may_have { folded.chars().map(one_spelling).collect() } else { folded };
    let has_marks = any_byte(folded.as_bytes(), |b| b == 0xcc);
    if has_marks { without_stress(&folded) } else { folded }
}

/// A folded text without the acutes and graves that stand on Cyrillic vowels. On a consonant they make another letter (ѓ, ќ).
fn without_stress(folded: &str) -> String {
    let mut after_vowel = false;
    let is_kept = |c: &char| {
        let is_stress = after_vowel && matches!(c, '\u{300}' | '\u{301}');
        after_vowel = is_stress || matches!(c, 'а' | 'е' | 'и' | 'о' | 'у' | 'ы' | 'э' | 'ю' | 'я' | 'і' | 'ї' | 'є');
        !is_stress
    };
    folded.chars().filter(is_kept).collect()
}

fn one_spelling(c: char) -> char {
    match c {
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ؤ' => 'و',
        'ئ' | 'ى' | 'ی' => 'ي',
        'ة' | 'ہ' | 'ھ' | 'ە' => 'ه',
        'ک' => 'ك',
        'ё' | 'ѐ' => 'е',
        'ѝ' => 'и',
        other => other,
    }
}

/// How a character can be folded without the Unicode tables.
enum Quick {
    Ascii,
    /// By its place in the table.
    Table(usize),
    /// It stays what it is.
    Itself,
    No,
}

/// A character can be folded by itself when it is a starter, and when what follows does not combine with it (for Latin,
/// whose marks are left out, that does not matter). `rest` is what follows.
fn quick(c: char, rest: &str) -> Quick {
    let code = c as u32;
    let width = |range: &Range<u32>| (range.end - range.start) as usize;
    let place = |range: &Range<u32>| range.contains(&code).then(|| (code - range.start) as usize);
    if c.is_ascii() {
        Quick::Ascii
    } else if let Some(at) = place(&LATIN).filter(|_| c != SOFT_HYPHEN) {
        Quick::Table(at)
    } else if is_silent(c) {
        // What stands before and after it comes together.
        Quick::No
    } else if let Some(at) = place(&TYPOGRAPHY) {
        Quick::Table(width(&LATIN) + width(&LETTERS) + at)
    } else if let Some(at) = place(&LETTERS).filter(|_| !is_combining_mark(c) && !combines(rest)) {
        Quick::Table(width(&LATIN) + at)
    } else if matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | '\u{4e00}'..='\u{9fff}' | '가'..='힣') && !combines(rest)
    {
        Quick::Itself
    } else {
        Quick::No
    }
}

/// Whether a text begins with what combines with the character before it: a mark, or the vowel or end of a Hangul syllable,
/// in their halfwidth forms too.
fn combines(rest: &str) -> bool {
    let next = rest.chars().find(|c| !is_silent(*c)).filter(|c| *c >= '\u{300}');
    let jamo = |c| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{ff9e}'..='\u{ffdc}');
    next.is_some_and(|c| jamo(c) || is_combining_mark(c))
}

/// How far the slow way must go: to the next character that can be folded by itself.
fn slow_run(text: &str) -> usize {
    let next = text.char_indices().skip(1).find(|(at, c)| !matches!(quick(*c, &text[at + c.len_utf8()..]), Quick::No));
    next.map_or(text.len(), |(at, _)| at)
}

/// Folds by the Unicode tables. `after`: whether what stands before is a letter that loses its marks.
fn slowly(run: &str, after: bool, out: &mut String) {
    let mut after = after;
    let kept = run.nfkd().flat_map(char::to_lowercase).filter(move |&c| {
        let keep = if is_combining_mark(c) { !after && !is_sign_only(c) } else { !is_silent(c) };
        if keep {
            after = loses_marks(spelt(c)[0]);
        }
        keep
    });
    out.extend(
        kept.flat_map(|c| {
            let [first, second] = spelt(c);
            std::iter::once(first).chain((second != '\0').then_some(second))
        })
        .nfc(),
    );
}

/// Letters whose marks are accents. Elsewhere a mark makes another letter (й, が) or a vowel (Indic scripts, Thai).
fn loses_marks(c: char) -> bool {
    c.is_ascii()
        || matches!(c, '\u{80}'..='\u{2ff}' | '\u{370}'..='\u{3ff}' | '\u{1e00}'..='\u{1fff}' | '\u{2c60}'..='\u{2c7f}'
            | '\u{a720}'..='\u{a7ff}')
}

/// Marks that are left out after any letter: Arabic vowel signs (the hamza and madda above, which make other letters,
/// stay), Hebrew points, variation selectors.
fn is_sign_only(c: char) -> bool {
    matches!(c, '\u{64b}'..='\u{652}' | '\u{656}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}'
        | '\u{591}'..='\u{5c7}' | '\u{fe00}'..='\u{fe0f}' | '\u{20e3}')
}

/// Characters that are not seen: tatweel, joiners and other invisible signs.
fn is_silent(c: char) -> bool {
    matches!(c, '\u{640}' | SOFT_HYPHEN | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// One character as one or two: what normalisation leaves apart but readers do not tell apart.
fn spelt(c: char) -> [char; 2] {
    match c {
        'œ' => ['o', 'e'],
        'æ' => ['a', 'e'],
        'ß' => ['s', 's'],
        'þ' => ['t', 'h'],
        'ø' => ['o', '\0'],
        'ł' => ['l', '\0'],
        'đ' | 'ð' => ['d', '\0'],
        'ħ' => ['h', '\0'],
        'ŧ' => ['t', '\0'],
        'ı' => ['i', '\0'],
        'ς' => ['σ', '\0'],
        '‘' | '’' | '‚' | '‛' | '′' | '´' | 'ʼ' | 'ʻ' => ['\'', '\0'],
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' => ['"', '\0'],
        '‹' | '›' => ['\'', '\0'],
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => ['-', '\0'],
        c => [c, '\0'],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accents_case_and_typography_do_not_matter() {
        for (written, folded) in [
            ("Libération", "liberation"),
            ("LIBÉRATION", "liberation"),
            ("Libe\u{301}ration", "liberation"),
            ("l’Œuvre «\u{a0}très\u{202f}» — “x”", "l'oeuvre \" tres \" - \"x\""),
            ("Straße STRASSE ẞ", "strasse strasse ss"),
            ("Đà Nẵng", "da nang"),
            ("İstanbul ISTANBUL ıspanak", "istanbul istanbul ispanak"),
            ("Łódź Þór Ærø ð", "lodz thor aero d"),
            ("ΑΘΉΝΑ Αθήνα ὁδός", "αθηνα αθηνα οδοσ"),
            ("ﬁn ａｂｃ１２ ²", "fin abc12 2"),
            ("ســـلام", "سلام"),
            ("مُحَمَّد", "محمد"),
            ("שָׁלוֹם", "שלום"),
            ("می\u{200c}خواهم", "میخواهم"),
            ("ﾊｯｼｭﾀｸﾞ", "ハッシュタグ"),
            ("ケ\u{ff9e} 가\u{11a8}", "ゲ 각"),
            ("☎\u{fe0f} soft\u{ad}hyphen", "☎ softhyphen"),
        ] {
            assert_eq!(fold(written), folded, "{written}");
        }
    }

    #[test]
    fn what_is_spelt_in_two_ways_is_one_where_texts_are_compared() {
        for (one, other) in [
            ("أسرة", "اسره"),
            ("الأسرى إلى آخر", "الاسرى الي اخر"),
            ("شؤون هيئة", "شوون هييه"),
            ("کتابی", "كتابي"),
            ("Ёлка", "елка"),
            ("Libération", "liberation"),
        ] {
            assert_eq!(fold_spelling(one), fold_spelling(other), "{one}");
        }
        assert_ne!(fold_spelling("й"), fold_spelling("и"));
        for (stressed, plain) in
            [("го\u{301}род за\u{301}мок", "город замок"), ("Украї\u{301}на", "україна"), ("е\u{300}и\u{300}", "еи")]
        {
            assert_eq!(fold_spelling(stressed), plain);
        }
        assert_ne!(fold_spelling("ќ"), fold_spelling("к"));
    }

    #[test]
    fn marks_that_make_letters_stay() {
        for letters in ["й", "ё", "ї", "が", "ぱ", "हिन्दी", "বাংলা", "தமிழ்", "ไทยที่", "한국어", "آأؤإئ", "ខ្មែរ"]
        {
            assert_eq!(fold(letters), letters, "{letters}");
        }
        assert_eq!(fold("и\u{306} か\u{3099}"), "й が");
    }

    proptest! {
        #[test]
        fn the_table_and_the_slow_way_agree(text in "[ -ÿĀ-ɏ̀-ͯα-ωа-яا-ي֑-ת か-ン가-깋ᄀ-ᇿ゙゚漢ｶﾞ ẽ-ỹ’“…—\u{200c}]{0,24}") {
            let mut slow = String::new();
            slowly(&text, false, &mut slow);
            prop_assert_eq!(fold(&text), slow);
        }

        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
