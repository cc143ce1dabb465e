//! Before anything else, on the string: what a body brings that was made for another reader. Elements closed in their own
//! tag, as XHTML has it, the title of a whole document, and short texts that are not to be seen.

use std::borrow::Cow;

use crate::text::markup::{Markup, MarkupKind, attributes, next_markup};

/// Elements that a parser of HTML leaves open where a tag like `<iframe/>` closes them: the rest of the body would be in them.
#[rustfmt::skip]
const NEVER_EMPTY: [&str; 24] = [
    "a", "audio", "b", "canvas", "em", "h1", "h2", "h3", "h4", "h5", "h6", "i", "iframe", "noscript", "object", "script",
    "select", "span", "strong", "style", "textarea", "title", "u", "video",
];

/// Letters and digits of a hidden text from which on it is the body's own, shown by a script.
const LONG: usize = 300;

/// Tags in a hidden element from which on it is the body's own, too.
const MANY: usize = 100;

/// The body with its tags as a parser of HTML understands them.
pub(super) fn mended(html: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut at, mut kept) = (0, 0);
    let mut titles_end = true;
    while let Some(tag) = next_markup(html, at) {
        at = tag.end;
        if tag.kind != MarkupKind::Open {
            continue;
        }
        let lower = tag.name.to_ascii_lowercase();
        if tag.closed && NEVER_EMPTY.contains(&&*lower) {
            if !next_of(html, tag.end, &lower).is_some_and(|next| next.kind == MarkupKind::Close) {
                out.push_str(&html[kept..tag.start]);
                out.push_str(html[tag.start..tag.end - 1].trim_end_matches('/'));
                out.push_str(&format!("></{lower}>"));
                kept = tag.end;
            }
            continue;
        }
        let end = if lower == "title" {
            let end = titles_end.then(|| next_of(html, tag.end, &lower)).flatten();
            titles_end = end.is_some();
            Some(end.map_or(tag.end, |end| end.end))
        } else if is_hidden(html, &tag) {
            end_of_short(html, &tag)
        } else {
            None
        };
        if let Some(end) = end {
            out.push_str(&html[kept..tag.start]);
            (kept, at) = (end, end);
        }
    }
    if kept == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(&html[kept..]);
    Cow::Owned(out)
}

/// The next tag of a name.
fn next_of<'h>(html: &'h str, from: usize, lower: &str) -> Option<Markup<'h>> {
    let mut at = from;
    while let Some(tag) = next_markup(html, at) {
        if tag.name.eq_ignore_ascii_case(lower) {
            return Some(tag);
        }
        at = tag.end;
    }
    None
}

/// One past the end tag of an element that has one and in it little text and nothing to look at.
fn end_of_short(html: &str, tag: &Markup<'_>) -> Option<usize> {
    const SHOWN: [&str; 7] = ["img", "video", "audio", "iframe", "picture", "object", "math"];
    let (mut at, mut open, mut letters) = (tag.end, 1, 0);
    for _ in 0..MANY {
        let next = next_markup(html, at)?;
        letters += html[at..next.start].chars().filter(|c| c.is_alphanumeric()).count();
        at = next.end;
        if letters >= LONG || SHOWN.iter().any(|n| next.name.eq_ignore_ascii_case(n)) {
            return None;
        }
        let same = next.name.eq_ignore_ascii_case(tag.name);
        match next.kind {
            // A paragraph ends the one before it.
            MarkupKind::Open if same && !next.closed && !next.name.eq_ignore_ascii_case("p") => open += 1,
            MarkupKind::Close if same => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}

/// Whether an element is not to be seen.
fn is_hidden(html: &str, tag: &Markup<'_>) -> bool {
    const VOID: [&str; 5] = ["img", "input", "br", "hr", "source"];
    if tag.attributes == 0 || tag.closed || VOID.iter().any(|v| tag.name.eq_ignore_ascii_case(v)) {
        return false;
    }
    attributes(html, tag).iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("hidden") && !value.eq_ignore_ascii_case("until-found")
            || name.eq_ignore_ascii_case("style") && {
                let tight: String = value.chars().filter(|c| !c.is_whitespace()).collect();
                tight.to_ascii_lowercase().contains("display:none")
            }
    })
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::super::clean;

    fn cleaned(html: &str) -> String {
        clean(html, &Url::parse("https://a.example/").unwrap()).to_string()
    }

    #[test]
    fn what_is_closed_in_its_own_tag_swallows_nothing() {
        for element in [
            "iframe src='https://x.example/'",
            "video src=\"v.mp4\" ",
            "script src='x.js'",
            "object data='x'",
            "style",
            "textarea",
            "select",
            "canvas",
            "noscript",
            "title",
        ] {
            let out = cleaned(&format!("<p>avant</p><{element}/><p>après</p>"));
            assert!(out.starts_with("<p>avant</p>") && out.ends_with("<p>après</p>"), "{element}: {out}");
        }
        assert_eq!(
            cleaned("<p>un <b/>deux <i class='icon' />trois <a name='n'/>quatre</p>"),
            "<p>un deux trois quatre</p>"
        );
        // A slash at the end of a bare value is its own.
        assert_eq!(cleaned("<a href=https://x.example/>un</a> deux"), "<a href=\"https://x.example/\">un</a> deux");
        assert_eq!(cleaned("<p>a</p><script src=/x/>alert(1)</script><p>b</p>"), "<p>a</p><p>b</p>");
    }

    #[test]
    fn the_title_of_a_whole_document_is_no_text() {
        let endless = "<title><div hidden>a".repeat(20_000);
        assert!(!cleaned(&endless).contains("title"));
        let page = "<!DOCTYPE html><html><head><title>x</title><style>a</style></head><body><p>avant</p></body></html>";
        assert_eq!(cleaned(page), "<p>avant</p>");
        assert_eq!(cleaned("<title>x<p>un</p><p>deux</p>"), cleaned("x<p>un</p><p>deux</p>"));
    }

    #[test]
    fn what_is_hidden_goes_where_it_is_short() {
        assert_eq!(cleaned("<p style='display : NONE'>vu ?</p><span hidden>non</span><p>oui</p>"), "<p>oui</p>");
        assert_eq!(cleaned("<div style='display:none'><div>un</div>deux</div><p>oui</p>"), "<p>oui</p>");
        let long = "mot ".repeat(200);
        assert!(cleaned(&format!("<div style='display:none'>{long}</div>")).contains("mot"));
        assert!(cleaned("<div hidden><img src=/i.jpg></div>").contains("i.jpg"));
        assert!(cleaned("<div hidden>sans fin").contains("sans fin"));
    }
}
