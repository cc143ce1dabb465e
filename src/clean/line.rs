//! One line of plain text, and one address.

use std::borrow::Cow;

use scraper::Html;
use url::Url;

use crate::text::bytes::{any_byte, any_pair};
use crate::text::markup::{Markup, MarkupKind, next_markup};
use crate::text::one_line;

/// Bytes of a title or name after which the rest is left out.
const MOST_BYTES: usize = 20_000;

/// Tags that reach to the end of a title without being one, after which the rest is taken as it is.
const MOST_UNENDED: usize = 64;

/// Times that the tags of a title are taken out; where there are still some, it speaks of nothing.
const MOST_PASSES: usize = 4;

/// Characters of an address; longer ones carry data, not a place.
pub(super) const LONGEST_ADDRESS: usize = 4_000;

/// The text without what XML 1.0 cannot carry (2.2), control characters of the second set, and stray carriage returns.
pub(super) fn legal(text: &str) -> Cow<'_, str> {
    let bad = |c: char| match c {
        '\t' | '\n' => false,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => true,
        _ => false,
    };
    if may_be_illegal(text.as_bytes()) && text.contains(bad) {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n").replace(bad, ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether a byte of UTF-8 begins, or is, what [`legal`] takes out. Most texts are told apart by this alone, many bytes at a time.
fn may_be_illegal(bytes: &[u8]) -> bool {
    let control = |b: u8| ((b < 0x20) & (b != b'\t') & (b != b'\n')) | (b == 0x7f);
    // The second set of control characters, and the last two of the plane.
    let begins = |first: u8, second: u8| ((first == 0xc2) & (second < 0xa0)) | ((first == 0xef) & (second == 0xbf));
    any_byte(bytes, control) || any_pair(bytes, begins)
}

/// A title or a name that came as HTML or as text: tags off where they are tags (`a < b` stays), entities read once, and
/// once more where they were escaped twice, one line, nothing that XML cannot carry.
#[must_use]
pub fn line(html_or_text: &str) -> String {
    let mut end = html_or_text.len().min(MOST_BYTES);
    while !html_or_text.is_char_boundary(end) {
        end -= 1;
    }
    // Illegal characters go before each look for tags: `<\0img` is to be none afterwards either.
    let bare = without_tags(seen(&unturned(&legal(&html_or_text[..end]))).into_owned());
    let mut read = entities(&bare);
    if twice(&bare) {
        read = entities(&read);
    }
    let read = seen(&unturned(&legal(&read))).into_owned();
    // `&lt;em&gt;Title&lt;/em&gt;`: markup escaped once too often. A lone `<em>` is a title that speaks of it.
    if read != bare && is_escaped_markup(&read) {
        return one_line(&without_tags(read));
    }
    one_line(&read)
}

/// Without the signs that turn what follows them around letter by letter, beyond the end of the line (Unicode, UAX 9).
fn unturned(text: &str) -> Cow<'_, str> {
    const OVERRIDES: [char; 2] = ['\u{202d}', '\u{202e}'];
    // What opens the other stretches that U+202C closes.
    const EMBEDDINGS: [char; 2] = ['\u{202a}', '\u{202b}'];
    const CLOSING: char = '\u{202c}';
    let closes_nothing = text.contains(CLOSING) && !text.contains(EMBEDDINGS);
    let bad = |c: char| OVERRIDES.contains(&c) || closes_nothing && c == CLOSING;
    if text.contains(bad) { text.replace(bad, "").into() } else { text.into() }
}

/// Without the signs that have no width and join nothing: zero-width spaces, word joiners, byte order marks.
fn seen(text: &str) -> Cow<'_, str> {
    const UNSEEN: [char; 3] = ['\u{200b}', '\u{2060}', '\u{feff}'];
    if text.contains(UNSEEN) { text.replace(UNSEEN, "").into() } else { text.into() }
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

fn is_escaped_markup(text: &str) -> bool {
    let (mut at, mut unended) = (0, 0);
    while unended < MOST_UNENDED
        && let Some(tag) = next_markup(text, at)
    {
        let ended = tag.kind == MarkupKind::Open && text[tag.end..].contains(&format!("</{}>", tag.name));
        if has_value(text, &tag) || (ended && is_element(tag.name)) {
            return true;
        }
        unended += usize::from(tag.end == text.len());
        at = tag.start + 1;
    }
    false
}

/// The text without its tags, and without those that come about where one was taken out of another (`<a=b<i>/c=d>`).
fn without_tags(mut text: String) -> String {
    for _ in 0..MOST_PASSES {
        let bare = without_tags_once(&text);
        if bare == text {
            return bare;
        }
        text = bare;
    }
    text.replace('<', " ")
}

fn without_tags_once(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut at, mut unended) = (0, 0);
    while unended < MOST_UNENDED
        && let Some(tag) = next_markup(text, at)
    {
        if is_markup(text, &tag) {
            out.push_str(&text[at..tag.start]);
            if matches!(&*tag.name.to_ascii_lowercase(), "br" | "p" | "div" | "li" | "tr" | "td" | "hr") {
                out.push(' ');
            }
            at = end_of_program(text, &tag).unwrap_or(tag.end);
        } else {
            // It may reach as far as the end, and so may the next one.
            unended += usize::from(tag.end == text.len());
            out.push_str(&text[at..=tag.start]);
            at = tag.start + 1;
        }
    }
    out.push_str(&text[at..]);
    out
}

/// One past a script or a style, which is no text.
fn end_of_program(text: &str, tag: &Markup<'_>) -> Option<usize> {
    let name = ["script", "style"].into_iter().find(|n| tag.name.eq_ignore_ascii_case(n))?;
    let mut at = tag.end;
    while tag.kind == MarkupKind::Open
        && let Some(next) = next_markup(text, at)
    {
        if next.kind == MarkupKind::Close && next.name.eq_ignore_ascii_case(name) {
            return Some(next.end);
        }
        at = next.end;
    }
    None
}

/// `The <dialog> element`: a lone tag of what stands in no title is spoken of.
fn is_spoken_of(text: &str, tag: &Markup<'_>) -> bool {
    #[rustfmt::skip]
    const NAMES: [&str; 31] = [
        "article", "aside", "audio", "body", "button", "canvas", "details", "dialog", "fieldset", "footer", "form", "head",
        "header", "html", "iframe", "input", "main", "meta", "nav", "object", "picture", "script", "section", "select", "slot",
        "style", "summary", "table", "template", "textarea", "video",
    ];
    let said = || text[..tag.start].contains(char::is_alphanumeric) || text[tag.end..].contains(char::is_alphanumeric);
    tag.kind == MarkupKind::Open
        && tag.attributes == 0
        && !tag.closed
        && NAMES.iter().any(|n| n.eq_ignore_ascii_case(tag.name))
        && !text[tag.end..].contains("</")
        && said()
}

/// Whether it is meant as a tag: one with a value is, under any name and even when it is cut off.
fn is_markup(text: &str, tag: &Markup<'_>) -> bool {
    if tag.kind == MarkupKind::Other {
        return text[tag.start..].starts_with("<!--") && text[..tag.end].ends_with('>');
    }
    has_value(text, tag)
        || (text[..tag.end].ends_with('>')
            && is_element(tag.name)
            && !is_generic(text, tag)
            && !is_spoken_of(text, tag))
}

fn has_value(text: &str, tag: &Markup<'_>) -> bool {
    tag.attributes > 0 && text[tag.start..tag.end].contains('=')
}

/// `Vec<Option>` speaks of a type.
fn is_generic(text: &str, tag: &Markup<'_>) -> bool {
    let mut letters = tag.name.chars();
    let capital = letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase);
    capital && tag.attributes == 0 && text[..tag.start].ends_with(char::is_alphanumeric)
}

#[rustfmt::skip]
fn is_element(name: &str) -> bool {
    const NAMES: [&str; 134] = [
        "a", "abbr", "acronym", "address", "applet", "area", "article", "aside", "audio", "b", "base", "basefont", "bdi", "bdo",
        "bgsound", "big", "blink", "blockquote", "body", "br", "button", "canvas", "caption", "center", "cite", "code", "col",
        "colgroup", "command", "data", "datalist", "dd", "del", "details", "dfn", "dialog", "dir", "div", "dl", "dt", "em",
        "embed", "fieldset", "figcaption", "figure", "font", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4",
        "h5", "h6", "head", "header", "hgroup", "hr", "html", "i", "iframe", "image", "img", "input", "ins", "isindex", "kbd",
        "keygen", "label", "legend", "li", "link", "listing", "main", "map", "mark", "marquee", "math", "menu", "meta",
        "nav", "nobr", "noembed", "noframes", "noscript", "object", "ol", "option", "p", "param", "picture", "plaintext",
        "pre", "q", "rp", "rt", "ruby", "s", "samp", "script", "section", "select", "slot", "small", "source", "span",
        "strike", "strong", "style", "sub", "summary", "sup", "svg", "table", "tbody", "td", "template", "textarea", "tfoot",
        "th", "thead", "time", "title", "tr", "track", "tt", "u", "ul", "var", "video", "wbr", "xmp",
    ];
    NAMES.iter().any(|n| n.eq_ignore_ascii_case(name))
}

/// The entities of a text, read as HTML reads them.
pub(super) fn entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    if text.matches('&').count() == text.matches("&amp;").count() {
        return text.replace("&amp;", "&");
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
    // Escaped more often than it should be.
    let mut raw = Cow::Borrowed(raw);
    while raw.contains("&amp;") {
        raw = raw.replace("&amp;", "&").into();
    }
    let mut url = if is_host(&raw) { base.join(&format!("//{raw}")) } else { base.join(&raw) }.ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    // Who is let in where is nobody else's business.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some(url.to_string())
}

/// Whether an address begins with a host, its scheme forgotten: `www.a.example/x`.
fn is_host(raw: &str) -> bool {
    const FILES: [&str; 8] = ["html", "htm", "php", "asp", "aspx", "jsp", "xml", "pdf"];
    let host = raw.split(['/', '?', '#', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let last = host.rsplit('.').next().unwrap_or_default();
    host.starts_with("www.")
        && host.split('.').filter(|label| !label.is_empty()).count() >= 3
        && last.len() >= 2
        && last.chars().all(char::is_alphabetic)
        && !FILES.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_xml_cannot_carry_goes() {
        for (text, kept) in [
            ("Été « à\u{a0}Gaza »\tet\nlà ￼ \u{fffd}", None),
            ("a\u{0}b", Some("ab")),
            ("a\u{7f}", Some("a")),
            ("\u{80}é\u{9f}\u{a0}", Some("é\u{a0}")),
            ("\u{fffe}a\u{ffff}\u{fffd}", Some("a\u{fffd}")),
            ("a\r\nb\rc", Some("a\nb\nc")),
            ("", None),
        ] {
            let legal = legal(text);
            assert_eq!((matches!(legal, Cow::Owned(_)), &*legal), (kept.is_some(), kept.unwrap_or(text)), "{text:?}");
        }
    }

    #[test]
    fn lines_lose_signs_without_width() {
        assert_eq!(line("\u{feff}Le\u{200b} port&#8203; et &#x2060;la mer &ZeroWidthSpace;"), "Le port et la mer");
        assert_eq!(line("می\u{200c}خواهم"), "می\u{200c}خواهم");
    }

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
            ("x <y and z> w", "x <y and z> w"),
            ("a<svg/onload=alert(1)>b", "ab"),
            ("a <x-y onclick=alert(1)>b", "a b"),
            ("a <img src=x onerror=alert(1)", "a"),
            ("&lt;img src=x onerror=alert(1)&gt; b", "b"),
            ("a &lt;x onclick=alert(1)", "a"),
            ("<svg><title>A</title></svg>", "A"),
            ("Vec<Option<Data>> in Rust", "Vec<Option<Data>> in Rust"),
            ("<b>Bold</b> and <em class=x>soft</em>", "Bold and soft"),
            ("How &lt;em&gt; works", "How <em> works"),
            ("Using <video> in HTML", "Using <video> in HTML"),
            ("The <dialog> element", "The <dialog> element"),
            ("safe<script>alert(1)</script> <STYLE>p{}</style> title", "safe title"),
            ("<section><b>One</b></section> two", "One two"),
            ("<video>", ""),
            ("&lt;em&gt;Title&lt;/em&gt; here", "Title here"),
            ("One<br/>two<!-- x -->", "One two"),
            ("«\u{a0}Oui\u{202f}!\u{a0}»\n\t dit-il", "«\u{a0}Oui\u{202f}!\u{a0}» dit-il"),
            ("bell\u{7} null\u{0}", "bell null"),
            // Tags that come about where a tag or a sign is taken out.
            ("x<a=b<br></figurec=d>y", "xy"),
            ("x<\u{202e}img src=x>y", "xy"),
            ("x&lt;&#x202e;img src=x>y", "xy"),
            ("a\u{202e}gpj.exe", "agpj.exe"),
            ("a\u{202e}gpj\u{202c}.exe", "agpj.exe"),
            ("\u{202b}عربي\u{202c} a\u{200f}\u{200d}b", "\u{202b}عربي\u{202c} a\u{200f}\u{200d}b"),
            ("<script>alert(1)</script>", ""),
            ("&lt;script&gt;", "<script>"),
            ("&nbsp;Non&nbsp;!", "Non\u{a0}!"),
            ("<\0img src=x onerror=alert(1)>", ""),
            ("&lt;&#x81;img src=x onerror=alert(1)&gt;", ""),
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
        for (written, good) in [
            ("https://b.example/?a=1&amp;b=2&amp;amp;c", "https://b.example/?a=1&b=2&c"),
            ("www.b.example/x?y", "https://www.b.example/x?y"),
            ("WWW.b.co.example", "https://www.b.co.example/"),
            ("www.page.html", "https://a.example/x/www.page.html"),
            ("www.page", "https://a.example/x/www.page"),
            ("https://user:secret@b.example/x", "https://b.example/x"),
            ("//user@b.example/x", "https://b.example/x"),
        ] {
            assert_eq!(read(written).as_deref(), Some(good));
        }
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
