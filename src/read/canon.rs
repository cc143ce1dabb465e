//! Drafts as Atom without a fault: what feed-rs reads.

use super::draft::{Draft, DraftFeed, DraftLink};
use crate::model::Person;

/// The whole feed as one Atom document.
pub(super) fn write(feed: &DraftFeed) -> String {
    let size: usize = feed.entries.iter().map(|e| e.content.as_ref().map_or(512, |c| c.len() + 1024)).sum();
    let mut out = String::with_capacity(size + 4096);
    out.push_str("<feed xmlns=\"http://www.w3.org/2005/Atom\">");
    body(&mut out, &feed.head, "subtitle");
    for entry in &feed.entries {
        out.push_str("<entry>");
        body(&mut out, entry, "summary");
        out.push_str("</entry>");
    }
    out.push_str("</feed>");
    out
}

fn body(out: &mut String, draft: &Draft, summary: &str) {
    text(out, "id", "", draft.id.as_deref());
    text(out, "title", " type=\"html\"", draft.title.as_deref());
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
    text(out, summary, " type=\"html\"", draft.summary.as_deref());
    text(out, "content", " type=\"html\"", draft.content.as_deref());
}

fn link(out: &mut String, link: &DraftLink) {
    out.push_str("<link");
    attribute(out, "rel", Some(&link.rel));
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

/// Characters that XML 1.0 does not allow are left out; the rest is copied in runs.
fn escape(out: &mut String, value: &str) {
    let mut done = 0;
    for (at, c) in value.char_indices() {
        // What windows-1252 calls quotes and dashes, put down as the code points of the same number.
        let mut windows = [0; 4];
        let replaced = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\t' | '\n' => continue,
            '\r' => "",
            '\u{80}'..='\u{9f}' => super::entities::character(u32::from(c)).encode_utf8(&mut windows),
            c if c < ' ' || matches!(c, '\u{7f}' | '\u{fffe}' | '\u{ffff}') => "",
            _ => continue,
        };
        out.push_str(&value[done..at]);
        out.push_str(replaced);
        done = at + c.len_utf8();
    }
    out.push_str(&value[done..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_xml_forbids_comes_out() {
        let mut out = String::new();
        escape(&mut out, "a&b<c>\"\u{0}\u{b}\r\n\u{ffff}é d\u{92}u");
        assert_eq!(out, "a&amp;b&lt;c&gt;&quot;\né d’u");
    }
}
