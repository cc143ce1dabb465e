//! A feed as a tree of elements, its texts as HTML.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;

use super::entities::{Declared, decode, decode_with};
use super::markup::{Piece, Scanner, attributes};
use super::names::Ns;

/// Names that one document may declare, the length of each, and what it may insert by them in all.
const MOST_NAMES: usize = 300;
const LONGEST_VALUE: usize = 1000;
const MOST_INSERTED: usize = 256 << 10;

/// An element with what is in it.
#[derive(Debug, Clone)]
pub(super) struct Element<'a> {
    pub(super) ns: Ns,
    /// How many of its children are no entries.
    pub(super) others: u32,
    /// Local name in lower case.
    pub(super) name: Cow<'a, str>,
    pub(super) written: &'a str,
    pub(super) children: Vec<Element<'a>>,
    /// Its own text, references replaced; of a text construct the whole inside as written.
    pub(super) text: Text<'a>,
}

#[derive(Debug, Clone)]
pub(super) enum Text<'a> {
    Plain(Cow<'a, str>),
    Raw(&'a str),
}

impl<'a> Element<'a> {
    /// An attribute, its name compared without case; one with a prefix answers to its local name too.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let exact = attributes(self.written).find(|(n, _)| n.eq_ignore_ascii_case(name));
        let found = exact.or_else(|| {
            let prefixed =
                |n: &str| n.split_once(':').is_some_and(|(p, l)| p != "xmlns" && l.eq_ignore_ascii_case(name));
            attributes(self.written).find(|(n, _)| prefixed(n))
        });
        found.map(|(_, value)| decode(value))
    }

    /// An attribute that is not empty, trimmed.
    pub(super) fn filled(&self, name: &str) -> Option<String> {
        self.attribute(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
    }

    /// The address that it refers to: feeds confuse the names.
    pub(super) fn address(&self) -> Option<String> {
        ["href", "url", "uri", "resource"].into_iter().find_map(|name| self.filled(name))
    }

    pub(super) fn is(&self, ns: Ns, name: &str) -> bool {
        self.ns == ns && self.name == name
    }

    pub(super) fn child(&self, ns: Ns, name: &str) -> Option<&Element<'a>> {
        self.children.iter().find(|c| c.is(ns, name))
    }

    /// The inside as written, of a text construct.
    pub(super) fn raw(&self) -> &'a str {
        match self.text {
            Text::Raw(raw) => raw,
            Text::Plain(_) => "",
        }
    }
}

/// A document as a tree.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    pub(super) root: Element<'a>,
    pub(super) entities: Entities,
    pub(super) notes: Vec<String>,
    /// Entries that were read over, beyond the most that are taken.
    pub(super) beyond: usize,
    /// Whether the document ends before its elements are closed.
    pub(super) cut_off: bool,
    /// Whether it ends inside of an entry.
    pub(super) half: bool,
}

impl<'a> Tree<'a> {
    /// The text of an element on its own: trimmed, `None` when empty. Of a text construct, its markup as HTML.
    pub(super) fn text(&self, element: &Element<'a>) -> Option<String> {
        let text = match &element.text {
            Text::Plain(text) => text.trim().to_owned(),
            Text::Raw(raw) => self.html(raw, false),
        };
        (!text.is_empty()).then_some(text)
    }

    /// The inside of a text construct as HTML. Where it is not `xhtml`, its text was escaped HTML.
    pub(super) fn html(&self, raw: &str, xhtml: bool) -> String {
        let raw = raw.trim();
        if !xhtml && !raw.contains('<') {
            return trimmed(decode_with(raw, &self.entities).into_owned());
        }
        let mut out = String::with_capacity(raw.len());
        let mut scanner = Scanner::new(raw);
        loop {
            let from = scanner.position();
            let Some(piece) = scanner.next() else { return trimmed(out) };
            match piece {
                Piece::Text(text) if xhtml => escape_into(&mut out, &decode_with(text, &self.entities)),
                Piece::Text(text) => out.push_str(&decode_with(text, &self.entities)),
                Piece::CData(text) if xhtml => escape_into(&mut out, text),
                Piece::CData(text) => out.push_str(text),
                Piece::Start { name, attributes, empty } => start_tag(&mut out, name, attributes, empty),
                Piece::End { name } if name.contains(':') => out.push_str(&format!("</{}>", local(name))),
                Piece::End { .. } => out.push_str(&raw[from..scanner.position()]),
                Piece::Doctype(_) | Piece::Aside => {}
            }
        }
    }
}

fn trimmed(mut text: String) -> String {
    text.truncate(text.trim_end().len());
    let start = text.len() - text.trim_start().len();
    text.drain(..start);
    text
}

pub(super) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// A tag of XHTML as HTML: without prefix, and closed by an end tag where HTML knows no empty element.
fn start_tag(out: &mut String, name: &str, attributes: &str, empty: bool) {
    const VOID: [&str; 12] =
        ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "param", "source", "wbr"];
    let name = local(name);
    out.push('<');
    out.push_str(name);
    if !attributes.trim().is_empty() {
        out.push(' ');
        out.push_str(attributes.trim());
    }
    out.push('>');
    if empty && !VOID.iter().any(|v| v.eq_ignore_ascii_case(name)) {
        out.push_str(&format!("</{name}>"));
    }
}

fn escape_into(out: &mut String, text: &str) {
    let mut done = 0;
    for (at, found) in text.match_indices(['&', '<', '>']) {
        out.push_str(&text[done..at]);
        out.push_str(match found {
            "&" => "&amp;",
            "<" => "&lt;",
            _ => "&gt;",
        });
        done = at + 1;
    }
    out.push_str(&text[done..]);
}

/// The names that the document type declares: plain texts only, nothing that refers to others or to the outside.
#[derive(Debug, Default)]
pub(super) struct Entities {
    values: HashMap<String, String>,
    inserted: Cell<usize>,
}

impl Entities {
    pub(super) fn declare(&mut self, doctype: &str) {
        let Some(open) = doctype.find('[') else { return };
        for declaration in doctype[open..].split("<!ENTITY").skip(1).take(MOST_NAMES) {
            let declaration = declaration.trim_start();
            let Some((name, rest)) = declaration.split_once(|c: char| c.is_ascii_whitespace()) else { continue };
            let rest = rest.trim_start();
            let value = ['"', '\''].into_iter().find_map(|q| rest.strip_prefix(q)?.split(q).next());
            if let Some(value) = value.filter(|v| v.len() <= LONGEST_VALUE) {
                // `&#38;#233;`: the value is read when it is declared and when it is inserted (XML 1.0, 4.4).
                self.values.insert(name.to_owned(), decode(&decode(value)).into_owned());
            }
        }
    }
}

impl Declared for Entities {
    fn text(&self, name: &str) -> Option<String> {
        if self.values.is_empty() {
            return None;
        }
        let value = self.values.get(name)?;
        self.inserted.set(self.inserted.get() + value.len());
        (self.inserted.get() <= MOST_INSERTED).then(|| value.clone())
    }
}
