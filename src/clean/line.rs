//! One line of plain text, and one address.

use std::borrow::Cow;

use scraper::Html;
use url::Url;

use crate::text::markup::{MarkupKind, next_markup};
use crate::text::one_line;

/// Bytes of a title or name after which the rest is left out.
const MOST_BYTES: usize = 20_000;

/// Characters of an address; longer ones carry data, not a place.
const LONGEST_ADDRESS: usize = 4_000;

/// The text without what XML 1.0 cannot carry (2.2), control characters of the second set, and stray carriage returns.
pub(super) fn legal(text: &str) -> Cow<'_, str> {
    let bad = |c: char| match c {
        '\t' | '\n' => false,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => true,
        _ => false,
    };
    if text.contains(bad) {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n").replace(bad, ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// A title or a name that came as HTML or as text: tags off where they are tags (`a < b` stays), entities read once, and
/// once more where they were escaped twice, one line, nothing that XML cannot carry.
#[must_use]
pub fn line(html_or_text: &str) -> String {
    let mut end = html_or_text.len().min(MOST_BYTES);
    while !html_or_text.is_char_boundary(end) {
        end -= 1;
    }
    let bare = without_tags(&html_or_text[..end]);
    let mut read = entities(&bare);
    if twice(&bare) {
        read = entities(&read);
    }
    // `&lt;em&gt;Title&lt;/em&gt;`: markup escaped once too often. A lone `<em>` is a title that speaks of it.
    if bare.contains("&lt;") && is_wrapped(&read) {
        read = without_tags(&read);
    }
    one_line(&legal(&read))
}

/// Whether entities were escaped twice: `&amp;amp;`, `&amp;#39;`, `&amp;eacute;`.
fn twice(text: &str) -> bool {
    text.match_indices("&amp;").any(|(i, found)| {
        let rest = &text[i + found.len()..];
        let name = rest.split(';').next().unwrap_or_default();
        let digits = name.strip_prefix("#x").or_else(|| name.strip_prefix('#'));
        name.len() < rest.len()
            && match digits {
                Some(d) => !d.is_empty() && d.len() < 7 && d.bytes().all(|b| b.is_ascii_hexdigit()),
                None => (2..=8).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric()),
            }
    })
}

fn is_wrapped(text: &str) -> bool {
    let mut at = 0;
    while let Some(tag) = next_markup(text, at) {
        at = tag.end;
        if tag.kind == MarkupKind::Open && is_element(tag.name) && text[at..].contains(&format!("</{}>", tag.name)) {
            return true;
        }
    }
    false
}

fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(tag) = next_markup(text, at) {
        let ended = text[..tag.end].ends_with('>');
        let comment = tag.kind == MarkupKind::Other && text[tag.start..].starts_with("<!--");
        if ended && (comment || is_element(tag.name)) {
            out.push_str(&text[at..tag.start]);
            if matches!(&*tag.name.to_ascii_lowercase(), "br" | "p" | "div" | "li" | "tr" | "td" | "hr") {
                out.push(' ');
            }
            at = tag.end;
        } else {
            out.push_str(&text[at..=tag.start]);
            at = tag.start + 1;
        }
    }
    out.push_str(&text[at..]);
    out
}

#[rustfmt::skip]
fn is_element(name: &str) -> bool {
    const NAMES: [&str; 52] = [
        "a", "abbr", "acronym", "article", "b", "bdi", "bdo", "big", "blockquote", "br", "center", "cite", "code", "del",
        "dfn", "div", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "nobr",
        "ol", "p", "pre", "q", "s", "script", "section", "small", "span", "strike", "strong", "style", "sub", "sup", "time",
        "tt", "u", "ul", "var", "wbr",
    ];
    NAMES.iter().any(|n| n.eq_ignore_ascii_case(name))
}

/// The entities of a text, read as HTML reads them.
pub(super) fn entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    Html::parse_fragment(&text.replace('<', "&lt;")).root_element().text().collect()
}

/// An address as one that may be followed: absolute, http or https. `None` for every other.
#[must_use]
pub fn address(raw: &str, base: &Url) -> Option<String> {
    let raw = raw.trim();
    if raw.is_empty() || raw.len() > LONGEST_ADDRESS {
        return None;
    }
    let url = base.join(raw).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_tags_and_read_entities_once() {
        for (written, read) in [
            ("Tom &amp; Jerry", "Tom & Jerry"),
            ("Tom &amp;amp; Jerry", "Tom & Jerry"),
            ("L&amp;#039;&amp;eacute;t&amp;eacute;", "L'été"),
            ("AT&T and R&D;", "AT&T and R&D;"),
            ("a < b and c > d", "a < b and c > d"),
            ("if x <y then", "if x <y then"),
            ("Vec<String> in Rust", "Vec<String> in Rust"),
            ("<b>Bold</b> and <em class=x>soft</em>", "Bold and soft"),
            ("How &lt;em&gt; works", "How <em> works"),
            ("&lt;em&gt;Title&lt;/em&gt; here", "Title here"),
            ("One<br/>two<!-- x -->", "One two"),
            ("«\u{a0}Oui\u{202f}!\u{a0}»\n\t dit-il", "«\u{a0}Oui\u{202f}!\u{a0}» dit-il"),
            ("bell\u{7} null\u{0}", "bell null"),
            ("<script>alert(1)</script>", "alert(1)"),
            ("&lt;script&gt;", "<script>"),
            ("&nbsp;Non&nbsp;!", "Non\u{a0}!"),
        ] {
            assert_eq!(line(written), read, "{written}");
        }
    }

    #[test]
    fn addresses_can_be_followed() {
        let base = Url::parse("https://a.example/x/y").unwrap();
        let read = |raw: &str| address(raw, &base);
        assert_eq!(read(" ../z?q=1#f ").as_deref(), Some("https://a.example/z?q=1#f"));
        assert_eq!(read("//b.example/é").as_deref(), Some("https://b.example/%C3%A9"));
        for bad in [
            "javascript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "mailto:a@b",
            "ftp://x/",
            "",
            "http://",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
