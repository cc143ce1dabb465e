//! Drafts as Atom without a fault: what feed-rs reads. The long texts of entries stay in the drafts: the parser would only
//! copy them, several times.

use super::draft::{Draft, DraftFeed, DraftLink};
use crate::model::Person;

const HTML: &str = " type=\"html\"";
/// An entry without its long texts, as a guess.
const ENTRY: usize = 512;

/// The whole feed as one Atom document.
pub(super) fn write(feed: &DraftFeed) -> String {
    let mut out = String::with_capacity((feed.entries.len() + 8) * ENTRY);
    out.push_str("<feed xmlns=\"http://www.w3.org/2005/Atom\">");
    body(&mut out, &feed.head);
    text(&mut out, "subtitle", HTML, feed.head.summary.as_deref());
    for entry in &feed.entries {
        out.push_str("<entry>");
        body(&mut out, entry);
        out.push_str("</entry>");
    }
    out.push_str("</feed>");
    out
}

fn body(out: &mut String, draft: &Draft) {
    text(out, "id", "", draft.id.as_deref());
    text(out, "title", HTML, draft.title.as_deref());
    draft.links.iter().for_each(|l| link(out, l));
    text(out, "published", "", draft.published.as_deref());
    text(out, "updated", "", draft.updated.as_deref());
    draft.authors.iter().for_each(|p| author(out, p));
    for category in &draft.categories {
        out.push_str("<category");
        attribute(out, "term", Some(&category.term));
        attribute(out, "label", category.label.as_deref());
        out.push_str("/>");
    }
}

fn link(out: &mut String, link: &DraftLink) {
    out.push_str("<link");
    // RFC 4287, 4.2.7.2: without one it is an alternate.
    attribute(out, "rel", (link.rel != "alternate").then_some(&link.rel));
    attribute(out, "href", Some(&link.href));
    attribute(out, "title", link.title.as_deref());
    attribute(out, "type", link.media_type.as_deref());
    attribute(out, "length", link.length.map(|l| l.to_string()).as_deref());
    attribute(out, "xml:base", link.base.as_ref().map(url::Url::as_str));
    out.push_str("/>");
}

fn author(out: &mut String, person: &Person) {
    out.push_str("<author>");
    text(out, "name", "", person.name.as_deref());
    text(out, "email", "", person.email.as_deref());
    text(out, "uri", "", person.url.as_deref());
    out.push_str("</author>");
}

fn text(out: &mut String, name: &str, attributes: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    out.push('<');
    out.push_str(name);
    out.push_str(attributes);
    out.push('>');
    escape(out, value);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn attribute(out: &mut String, name: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape(out, value);
    out.push('"');
}

fn escape(out: &mut String, value: &str) {
    replace(out, value, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        _ => None,
    });
}

/// A text that did not pass through XML, as if it had: without what XML forbids, trimmed.
pub(super) fn legal(text: String) -> String {
    if !is_suspect(text.as_bytes()) && text.trim().len() == text.len() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    replace(&mut out, &text, |_| None);
    out.trim().to_owned()
}

/// Whether bytes of forbidden characters, or the beginnings of such, are in it. Without a way out of the loop, so that many
/// are looked at at once.
fn is_suspect(bytes: &[u8]) -> bool {
    let after = bytes.get(1..).unwrap_or_default();
    let pairs = bytes
        .iter()
        .zip(after)
        .fold(false, |found, (&a, &b)| found | ((a == 0xc2) & (b < 0xa0)) | ((a == 0xef) & (b == 0xbf)));
    bytes.iter().fold(pairs, |found, &b| found | ((b < b' ') & (b != b'\t') & (b != b'\n')) | (b == 0x7f))
}

/// Characters that XML 1.0 does not allow are left out, others replaced as told; the rest is copied in runs.
fn replace(out: &mut String, value: &str, with: impl Fn(char) -> Option<&'static str>) {
    let (mut done, mut from) = (0, 0);
    while let Some(at) = value.as_bytes()[from..].iter().position(|b| begins_special(*b)).map(|n| from + n) {
        let Some(c) = value[at..].chars().next() else { break };
        from = at + c.len_utf8();
        // What windows-1252 calls quotes and dashes, put down as the code points of the same number.
        let mut windows = [0; 4];
        let replaced = match c {
            '\t' | '\n' => continue,
            '\u{80}'..='\u{9f}' => super::entities::character(u32::from(c)).encode_utf8(&mut windows),
            c if c < ' ' || matches!(c, '\u{7f}' | '\u{fffe}' | '\u{ffff}') => "",
            c => match with(c) {
                Some(replaced) => replaced,
                None => continue,
            },
        };
        out.push_str(&value[done..at]);
        out.push_str(replaced);
        done = from;
    }
    out.push_str(&value[done..]);
}

/// The first bytes of all characters that are ever replaced.
fn begins_special(byte: u8) -> bool {
    matches!(byte, 0..=0x1f | b'"' | b'&' | b'<' | b'>' | 0x7f | 0xc2 | 0xef)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_xml_forbids_comes_out() {
        let mut out = String::new();
        escape(&mut out, "a&b<c>\"\u{0}\u{b}\r\n\u{ffff}é d\u{92}u");
        assert_eq!(out, "a&amp;b&lt;c&gt;&quot;\né d’u");
        for (text, wanted) in [
            (" a & <b>\n", "a & <b>"),
            ("\u{a0}é\u{a0}è \u{fffd}", "é\u{a0}è \u{fffd}"),
            ("d\u{92}u", "d’u"),
            ("a\r\nb\t\u{1}", "a\nb"),
            ("\u{7f}a\u{fffe}\u{ffff}", "a"),
            ("\u{b}", ""),
        ] {
            assert_eq!(legal(text.to_owned()), wanted, "{text:?}");
        }
    }
}
