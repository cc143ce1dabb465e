//! A cheap scan over HTML as a string: where its tags are, without a tree.

use super::bytes::find_byte;

/// What a piece of markup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkupKind {
    /// A start tag.
    Open,
    /// An end tag.
    Close,
    /// A comment, a doctype, a processing instruction.
    Other,
}

/// A piece of markup: the tags as the tokens of the HTML standard (13.2.5) would give them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Markup<'a> {
    /// First byte, the `<`.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
    /// What it is.
    pub(crate) kind: MarkupKind,
    /// Name of the tag as written; empty where it has none.
    pub(crate) name: &'a str,
    /// Whether a start tag ends in `/>`.
    pub(crate) closed: bool,
    /// How many attributes it has.
    pub(crate) attributes: usize,
}

/// The next piece of markup at or after `from`.
pub(crate) fn next_markup(html: &str, from: usize) -> Option<Markup<'_>> {
    let bytes = html.as_bytes();
    let mut at = from;
    loop {
        at += find_byte(html.get(at..)?.as_bytes(), b'<')?;
        let other = |end: usize| {
            Some(Markup { start: at, end, kind: MarkupKind::Other, name: "", closed: false, attributes: 0 })
        };
        match bytes.get(at + 1)? {
            b'a'..=b'z' | b'A'..=b'Z' => return Some(tag(html, at, at + 1, MarkupKind::Open)),
            b'/' => match bytes.get(at + 2)? {
                b'a'..=b'z' | b'A'..=b'Z' => return Some(tag(html, at, at + 2, MarkupKind::Close)),
                _ => return other(past(html, at + 2, ">")),
            },
            b'!' if html[at..].starts_with("<!--") => return other(comment_end(html, at + 4)),
            b'!' | b'?' => return other(past(html, at + 2, ">")),
            _ => at += 1,
        }
    }
}

/// One past the end of the next `what`, or the end of the text.
fn past(html: &str, from: usize, what: &str) -> usize {
    html.get(from..).and_then(|rest| rest.find(what)).map_or(html.len(), |i| from + i + what.len())
}

/// Comments end at `-->` and `--!>`, and at once in `<!-->` and `<!--->`.
fn comment_end(html: &str, from: usize) -> usize {
    let rest = &html[from..];
    if rest.starts_with('>') {
        return from + 1;
    }
    if rest.starts_with("->") {
        return from + 2;
    }
    let mut at = from;
    while let Some(i) = html[at..].find("--") {
        at += i;
        let rest = &html[at + 2..];
        if rest.starts_with('>') {
            return at + 3;
        }
        if rest.starts_with("!>") {
            return at + 4;
        }
        at += 1;
    }
    html.len()
}

fn tag(html: &str, start: usize, name_from: usize, kind: MarkupKind) -> Markup<'_> {
    let bytes = html.as_bytes();
    let name_len = bytes[name_from..].iter().position(|b| ends_name(*b)).unwrap_or(bytes.len() - name_from);
    let name = &html[name_from..name_from + name_len];
    let mut found = Markup { start, end: bytes.len(), kind, name, closed: false, attributes: 0 };
    let mut at = name_from + name_len;
    while let Some(&b) = bytes.get(at) {
        match b {
            b'>' => {
                found.end = at + 1;
                found.closed = bytes[at - 1] == b'/';
                break;
            }
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' => at += 1,
            _ => {
                found.attributes += 1;
                at = attribute(bytes, at).2;
            }
        }
    }
    found
}

fn ends_name(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' | b'>')
}

/// The attribute that starts at `at`: one past its name, its value's range (empty at the end of the name where it has
/// none), one past it all. A quote counts only after `=`.
fn attribute(bytes: &[u8], at: usize) -> (usize, std::ops::Range<usize>, usize) {
    let until = |from: usize, stop: &dyn Fn(u8) -> bool| {
        bytes.get(from..).and_then(|r| r.iter().position(|b| stop(*b))).map_or(bytes.len(), |i| from + i)
    };
    let name_end = until(at + 1, &|b| ends_name(b) || b == b'=');
    let sign = until(name_end, &|b| !b.is_ascii_whitespace());
    if bytes.get(sign) != Some(&b'=') {
        return (name_end, name_end..name_end, name_end);
    }
    let value = until(sign + 1, &|b| !b.is_ascii_whitespace());
    match bytes.get(value) {
        Some(&quote @ (b'"' | b'\'')) => {
            let end = until(value + 1, &|b| b == quote);
            (name_end, value + 1..end, (end + 1).min(bytes.len()))
        }
        _ => {
            let end = until(value, &|b| b.is_ascii_whitespace() || b == b'>');
            (name_end, value..end, end)
        }
    }
}

/// The attributes of a tag, names and values as written (entities stay).
pub(crate) fn attributes<'a>(html: &'a str, tag: &Markup<'a>) -> Vec<(&'a str, &'a str)> {
    let bytes = &html.as_bytes()[..tag.end];
    let slash = usize::from(tag.kind == MarkupKind::Close);
    let mut at = tag.start + 1 + slash + tag.name.len();
    let mut found = Vec::new();
    while let Some(&b) = bytes.get(at) {
        if b == b'>' {
            break;
        }
        if b.is_ascii_whitespace() || b == b'/' {
            at += 1;
            continue;
        }
        let (name_end, value, next) = attribute(bytes, at);
        if let (Some(name), Some(value)) = (html.get(at..name_end), html.get(value)) {
            found.push((name, value));
        }
        at = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(html: &str) -> Vec<String> {
        let mut at = 0;
        let mut out = Vec::new();
        while let Some(m) = next_markup(html, at) {
            out.push(html[m.start..m.end].to_owned());
            at = m.end;
        }
        out
    }

    #[test]
    fn finds_tags_where_the_standard_does() {
        assert_eq!(all("a < b <i>c</i> 3<4"), ["<i>", "</i>"]);
        assert_eq!(all("<a title='x>y' b=\"</p>\">z"), ["<a title='x>y' b=\"</p>\">"]);
        assert_eq!(all("<a \"x>y"), ["<a \"x>"], "a quote counts only after an equals sign");
        assert_eq!(all("<a =\"x>y\">"), ["<a =\"x>"]);
        assert_eq!(
            all("<!--><b><!---><i><!-- --!><u><!-- <s> -->"),
            ["<!-->", "<b>", "<!--->", "<i>", "<!-- --!>", "<u>", "<!-- <s> -->"]
        );
        assert_eq!(all("</ x><?php <b> ?><br/"), ["</ x>", "<?php <b>", "<br/"]);
    }

    #[test]
    fn reads_attributes() {
        let html = "<IMG src = 'a b' alt=x/y hidden data-é=\"1>2\" />";
        let tag = next_markup(html, 0).unwrap();
        assert!(tag.closed);
        assert_eq!(attributes(html, &tag), [("src", "a b"), ("alt", "x/y"), ("hidden", ""), ("data-é", "1>2")]);
    }
}
