//! Character references, as XML and HTML write them and as people get them wrong.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Names and code points in hexadecimal: HTML 4, and the letters of HTML 5 that texts use.
const TABLE: &str = include_str!("../../config/entities.txt");
/// Longer names are no references.
const LONGEST: usize = 32;

fn named(name: &str) -> Option<char> {
    static NAMES: OnceLock<HashMap<&'static str, char>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let line = |l: &'static str| {
            let (name, code) = l.split_once(' ')?;
            Some((name, char::from_u32(u32::from_str_radix(code, 16).ok()?)?))
        };
        TABLE.lines().filter_map(line).collect()
    });
    names.get(name).copied()
}

/// Names that the document itself declared.
pub(super) trait Declared {
    /// The text of a name, if it was declared and the document has not used up what it may insert.
    fn text(&self, name: &str) -> Option<String>;
}

impl Declared for () {
    fn text(&self, _: &str) -> Option<String> {
        None
    }
}

/// Replaces references once. What is none stays as it is.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    decode_with(text, &())
}

/// The same, with the names that the document declared.
pub(super) fn decode_with<'a>(text: &'a str, declared: &dyn Declared) -> Cow<'a, str> {
    let Some(mut at) = text.find('&') else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    loop {
        if let Some((value, length)) = reference(&text[at + 1..], declared) {
            out.push_str(&text[done..at]);
            match value {
                Value::Character(character) => out.push(character),
                Value::Text(text) => out.push_str(&text),
            }
            done = at + 1 + length;
        }
        match text[done.max(at + 1)..].find('&') {
            Some(next) => at = done.max(at + 1) + next,
            None => break,
        }
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// What a reference stands for.
enum Value {
    Character(char),
    Text(String),
}

/// The names of XML itself: texts are full of them.
fn of_xml(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// The reference at the beginning of what follows an `&`, and its length with the semicolon.
fn reference(after: &str, declared: &dyn Declared) -> Option<(Value, usize)> {
    let bytes = after.as_bytes();
    if bytes.first() == Some(&b'#') {
        let hex = matches!(bytes.get(1), Some(b'x' | b'X'));
        let from = if hex { 2 } else { 1 };
        let digit = |b: &u8| if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
        let digits = bytes[from..].iter().take(8).take_while(|b| digit(b)).count();
        let code = u32::from_str_radix(&after[from..from + digits], if hex { 16 } else { 10 }).ok()?;
        let end = from + digits;
        return Some((Value::Character(character(code)), end + usize::from(bytes.get(end) == Some(&b';'))));
    }
    let end = bytes.iter().take(LONGEST).position(|b| *b == b';')?;
    let name = &after[..end];
    if let Some(character) = of_xml(name) {
        return Some((Value::Character(character), end + 1));
    }
    let value = declared.text(name).map(Value::Text).or_else(|| named(name).map(Value::Character))?;
    Some((value, end + 1))
}

/// Code points 128 to 159 were meant as windows-1252 (HTML, 13.2.5.80).
pub(super) fn character(code: u32) -> char {
    match code {
        0x80..=0x9f => {
            let byte = [u8::try_from(code).unwrap_or(b'?')];
            let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
            text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        _ => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_once_and_leaves_the_rest() {
        for (written, wanted) in [
            ("AT&amp;T &#233; &#xE9; &#XC9; &eacute;", "AT&T é é É é"),
            ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
            ("&#146; &#x80;", "’ €"),
            ("a & b &c &unknown; &#; &#xZZ;", "a & b &c &unknown; &#; &#xZZ;"),
            ("&#0; &#xD800; &#99999999999;", "\0 \u{fffd} \u{fffd}999;"),
            ("&&amp;&", "&&&"),
        ] {
            assert_eq!(decode(written), wanted, "{written}");
        }
    }
}
