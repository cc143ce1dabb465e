//! Tags, texts and CDATA out of anything that was meant to be XML or HTML. Never fails, and passes over each byte once.

use crate::text::bytes::find_byte;

/// A piece of markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// `<name attributes>`.
    Start { name: &'a str, attributes: &'a str, empty: bool },
    /// `</name>`.
    End { name: &'a str },
    /// Text with its references as written.
    Text(&'a str),
    /// The inside of a CDATA section.
    CData(&'a str),
    /// The inside of `<!DOCTYPE ...>`.
    Doctype(&'a str),
    /// A comment or a processing instruction.
    Aside,
}

/// Cuts a text into pieces.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Ends that do not come any more, so that no search for them is repeated: `-->`, `"`, `'`.
    spent: [bool; 3],
    doctype: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, spent: [false; 3], doctype: false }
    }

    /// Where the next piece starts.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Goes on at another place; it must be where a piece started.
    pub(super) fn resume_at(&mut self, at: usize) {
        self.at = at;
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn special(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest();
        if let Some(inside) = rest.strip_prefix("<!--") {
            if !self.spent[0] {
                if let Some(end) = inside.find("-->") {
                    self.at += end + 7;
                    return Some(Piece::Aside);
                }
                self.spent[0] = true;
            }
            self.at += 4;
            return Some(Piece::Aside);
        }
        if let Some(inside) = rest.strip_prefix("<![CDATA[") {
            // Cut off: all that is left belongs to it.
            let end = cdata_end(inside);
            self.at = (self.at + 9 + end + 3).min(self.text.len());
            return Some(Piece::CData(&inside[..end]));
        }
        if let Some(inside) = rest.strip_prefix("<!") {
            let doctype = inside.get(..7).is_some_and(|d| d.eq_ignore_ascii_case("doctype"));
            // One document has one internal subset: no second search to the end.
            let subset = (doctype && !std::mem::replace(&mut self.doctype, true)).then(|| subset_end(inside)).flatten();
            let end = subset.or_else(|| inside.find('>')).unwrap_or(inside.len());
            self.at = (self.at + 2 + end + 1).min(self.text.len());
            return Some(if doctype { Piece::Doctype(inside[7..end].trim()) } else { Piece::Aside });
        }
        let inside = rest.strip_prefix("<?")?;
        self.at += match inside.find('>') {
            Some(end) => end + 3,
            None => rest.len(),
        };
        Some(Piece::Aside)
    }

    fn tag(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest();
        if let Some(inside) = rest.strip_prefix("</") {
            if !inside.starts_with(name_start) {
                return None;
            }
            let end = inside.find(['>', '<']).unwrap_or(inside.len());
            let closed = usize::from(inside[end..].starts_with('>'));
            self.at += 2 + end + closed;
            let name = inside[..end].split(|c: char| c.is_ascii_whitespace() || c == '/').next().unwrap_or_default();
            return Some(Piece::End { name });
        }
        let inside = rest.strip_prefix('<')?;
        if !inside.starts_with(name_start) {
            return None;
        }
        let name_end = inside.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/' | '<'))?;
        let end = self.attributes_end(inside, name_end)?;
        self.at += 1 + end + 1;
        let attributes = inside[name_end..end].trim();
        let empty = attributes.ends_with('/') && !ends_in_bare_value(attributes);
        let attributes = if empty { &attributes[..attributes.len() - 1] } else { attributes };
        Some(Piece::Start { name: &inside[..name_end], attributes, empty })
    }

    /// Where the `>` of a start tag is: not inside of a quoted value that is closed.
    fn attributes_end(&mut self, inside: &str, from: usize) -> Option<usize> {
        let bytes = inside.as_bytes();
        let mut i = from;
        let mut after_equals = false;
        while let Some(b) = bytes.get(i) {
            match b {
                b'>' => return Some(i),
                b'<' => return None,
                b'"' | b'\'' if after_equals => {
                    let spent = if *b == b'"' { 1 } else { 2 };
                    match (!self.spent[spent]).then(|| inside[i + 1..].find(*b as char)) {
                        Some(Some(length)) => i += length + 1,
                        Some(None) => self.spent[spent] = true,
                        None => {}
                    }
                    after_equals = false;
                }
                b'=' => after_equals = true,
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => after_equals = false,
            }
            i += 1;
        }
        None
    }
}

/// Where a CDATA section ends. Most texts hold no such bracket: looking for one is faster than looking for all three.
fn cdata_end(inside: &str) -> usize {
    let mut from = 0;
    while let Some(at) = inside[from..].find(']').map(|at| from + at) {
        if inside[at..].starts_with("]]>") {
            return at;
        }
        from = at + 1;
    }
    inside.len()
}

/// In `<link href=http://example.org/>` the slash belongs to the address.
fn ends_in_bare_value(attributes: &str) -> bool {
    let last = attributes.rsplit(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
    last.split_once('=').is_some_and(|(_, v)| !v.is_empty() && v != "/" && !v.contains(['"', '\'']))
}

fn name_start(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | ':')
}

/// Where a declaration with an internal subset ends: at the first `>` that is neither quoted nor inside of the brackets.
fn subset_end(inside: &str) -> Option<usize> {
    let (mut quote, mut bracket) = (None, false);
    for (i, b) in inside.bytes().enumerate() {
        match (quote, b) {
            (Some(q), b) if q == b => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(b),
            (None, b'[') => bracket = true,
            (None, b']') => bracket = false,
            (None, b'>') if !bracket => return Some(i),
            _ => {}
        }
    }
    None
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        let mut text = find_byte(rest.as_bytes(), b'<').unwrap_or(rest.len());
        if text == 0 {
            if let Some(piece) = self.special().or_else(|| self.tag()) {
                return Some(piece);
            }
            text = find_byte(&rest.as_bytes()[1..], b'<').map_or(rest.len(), |n| n + 1);
        }
        self.at += text;
        Some(Piece::Text(&rest[..text]))
    }
}

/// The attributes of a start tag, values as written: quoted, unquoted or missing.
pub(super) fn attributes(written: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = written;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '=' | '"' | '\'' | ','));
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
        let name = &rest[..end];
        let after = rest[end..].trim_start();
        let Some(value) = after.strip_prefix('=').map(str::trim_start) else {
            rest = after;
            return Some((name, ""));
        };
        let quoted = ['"', '\''].into_iter().find_map(|q| {
            let inside = value.strip_prefix(q)?;
            inside.find(q).map(|end| (&inside[..end], &inside[end + 1..]))
        });
        let (value, left) = quoted.unwrap_or_else(|| {
            let value = value.trim_start_matches(['"', '\'']);
            value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len()))
        });
        rest = left;
        Some((name, value))
    })
}

/// The value of one attribute, its name compared without case.
pub(super) fn attribute<'a>(written: &'a str, name: &str) -> Option<&'a str> {
    attributes(written).find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn start<'a>(name: &'a str, attributes: &'a str) -> Piece<'a> {
        Piece::Start { name, attributes, empty: false }
    }

    #[test]
    fn cuts_what_is_well_formed() {
        let text = "<?xml?><!DOCTYPE r [<!ENTITY a '>]'>]><!-- <x> --><r a='>'>t<![CDATA[<b>]]><e/></r>";
        let pieces: Vec<_> = Scanner::new(text).collect();
        let empty = Piece::Start { name: "e", attributes: "", empty: true };
        let doctype = Piece::Doctype("r [<!ENTITY a '>]'>]");
        let wanted =
            [Piece::Aside, doctype, Piece::Aside, start("r", "a='>'"), Piece::Text("t"), Piece::CData("<b>"), empty];
        assert_eq!(pieces[..7], wanted);
        assert_eq!(pieces[7..], [Piece::End { name: "r" }]);
    }

    #[test]
    fn cuts_what_is_not() {
        let pieces: Vec<_> = Scanner::new("a < b <3 <t x=\"1>y</t <u>").collect();
        assert_eq!(pieces[..3], [Piece::Text("a "), Piece::Text("< b "), Piece::Text("<3 ")]);
        assert_eq!(pieces[3..], [start("t", "x=\"1"), Piece::Text("y"), Piece::End { name: "t" }, start("u", "")]);
        assert_eq!(Scanner::new("<![CDATA[cut").collect::<Vec<_>>(), [Piece::CData("cut")]);
    }

    #[test]
    fn reads_attributes_of_any_make() {
        let all: Vec<_> = attributes("a=\"1 2\" b = '3' c=4 d e='>' c=5").collect();
        assert_eq!(all, [("a", "1 2"), ("b", "3"), ("c", "4"), ("d", ""), ("e", ">"), ("c", "5")]);
    }

    #[test]
    fn unclosed_things_are_not_searched_again_and_again() {
        for unit in ["<a b=\"", "<!--", "<![CDATA[", "<a b='x ", "</", "<!x [", "<? "] {
            let text = unit.repeat(200_000);
            assert!(Scanner::new(&text).count() <= 400_000, "{unit}");
        }
    }

    proptest! {
        #[test]
        fn ends_and_never_panics(text in "[<>/!?\\[\\]a-c\"'= é-]{0,60}") {
            let pieces: Vec<_> = Scanner::new(&text).collect();
            prop_assert!(pieces.len() <= text.len());
            for piece in pieces {
                if let Piece::Start { attributes: written, .. } = piece {
                    let _ = attributes(written).count();
                }
            }
        }
    }
}
