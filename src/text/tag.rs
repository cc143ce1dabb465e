//! Hashtags: the shown form and the folded key.

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::fold;
use crate::model::Tag;

/// The most characters of a tag.
const MOST: usize = 100;

/// The key of a tag as somebody wrote it: folded; spaces, `_`, dashes, apostrophes, slashes and middle dots all become one
/// `_`; what cannot stand in a hashtag is left out, but for the signs that end a name (`C++`, `C#`, `Disney+`). Empty when
/// nothing is left, or no letter.
#[must_use]
pub fn tag_key(written: &str) -> String {
    let told = |c: &char| is_of_word(*c) || parts_words(*c) || is_sign(*c);
    let folded = fold(written).replace('♯', "#");
    let mut rest = folded.chars().filter(told).peekable();
    let mut key = String::new();
    while let Some(c) = rest.next() {
        if is_sign(c) {
            let mut signs = 1;
            while rest.next_if_eq(&c).is_some() {
                signs += 1;
            }
            end_name(&mut key, c, signs, &rest);
        } else if !parts_words(c) {
            key.push(c);
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
    }
    key.truncate(key.trim_end_matches('_').len());
    if key.chars().any(char::is_alphabetic) { key } else { String::new() }
}

/// Adds the signs that end a name to the key of what stands before them: `#` where that is one letter, `+` after any word, and
/// `++` also before a number (`C++11`). French types put a space before the sign: `Canal +`.
fn end_name(key: &mut String, sign: char, signs: usize, rest: &(impl Iterator<Item = char> + Clone)) {
    let mut rest = rest.clone();
    let ends_word = rest.next().is_none_or(|next| !is_of_word(next));
    let mut before = key.chars().rev();
    match (before.next(), sign) {
        (Some(last), '#') if is_of_word(last) => {
            let alone = before.next().is_none_or(|c| !is_of_word(c));
            if alone && ends_word && last.is_alphabetic() {
                key.push('#');
            }
        }
        (Some(last), '+') if is_of_word(last) && (ends_word || signs > 1) => key.push_str(PLUS[signs.min(2) - 1]),
        (Some('_'), '+') if ends_word && rest.all(parts_words) && before.next().is_some_and(is_of_word) => {
            key.pop();
            key.push_str(PLUS[signs.min(2) - 1]);
        }
        _ => {}
    }
}

/// One sign, or two: more are an ornament.
const PLUS: [&str; 2] = ["+", "++"];

/// What ends a name and belongs to it.
fn is_sign(c: char) -> bool {
    matches!(c, '+' | '#')
}

/// What the words of a tag are made of.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '\u{5f3}' | '\u{5f4}')
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
    // `Canal +` has its sign in a word of its own.
    if key.ends_with('+') && tag_key(&shown) != key {
        shown.extend(key.chars().rev().take_while(|c| *c == '+'));
    }
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
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_shown_has_the_key_of_the_tag(written in "[a-cé0-9 +#<>&_.♯-]{0,12}|\\PC{0,30}") {
            if let Some(tag) = tag(&written) {
                prop_assert_eq!(tag_key(bare(tag.shown())), tag.key());
            }
        }
    }

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
        for (key, spellings) in [
            ("c", &["C", "#c", "C."][..]),
            ("c++", &["C++", "c++", "Ｃ＋＋", "#C++", "C ++", "(C++)", "C++!", "C+++"]),
            ("c#", &["C#", "#C#", "C♯", "c＃", "C#."]),
            ("f#_minor", &["F# minor"]),
            ("objective_c++", &["Objective-C++", "objective c++"]),
            ("c++11", &["C++11"]),
            ("c#_net", &["C#/.NET"]),
            ("net", &[".NET"]),
            ("a+", &["A+"]),
            ("disney+", &["Disney+", "#Disney+", "DISNEY +", "Disney+."]),
            ("canal+_sport", &["Canal+ Sport"]),
            ("cafe+", &["Cafe\u{301}+"]),
            ("r_d", &["R & D", "R + D", "# R/D #"]),
            ("rafah", &["Rafah#", "+Rafah", "## Rafah"]),
            ("no1", &["No#1", "No+1"]),
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
        assert_eq!(shown("C++").as_deref(), Some("C++"));
        assert_eq!(shown("Canal +").as_deref(), Some("Canal+"));
        for none in ["###", "2024", "", " … ", "___", &"a".repeat(101), &"a b ".repeat(100_000)] {
            assert_eq!(tag(none), None, "{none:.20}");
        }
    }
}
