//! Whether a cleaned body is so plain that cleaning it once more cannot change it. Most are, and need not be read again to see that.

use std::borrow::Cow;

use super::finish::{MOST_BREAKS, is_blank};
use super::line::{LONGEST_ADDRESS, legal};
use crate::text::bytes::any_byte;
use crate::text::markup::{Markup, MarkupKind, next_markup};

/// Bytes of a body that is looked at.
const MOST_BYTES: usize = 1 << 15;
/// Open elements at any place.
const MOST_NESTED: usize = 16;

/// Elements that a parser nests as they are written, where none of them stands in a line.
#[rustfmt::skip]
const BLOCKS: [&str; 12] = ["blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "ul"];
/// Elements that a parser nests as they are written, where none stands in one of its own name and no block in any.
const INLINE: [&str; 10] = ["a", "b", "code", "em", "i", "s", "strong", "sub", "sup", "u"];

struct Open<'a> {
    name: &'a str,
    /// Whether anything is in it that can be seen.
    filled: bool,
}

impl Open<'_> {
    /// Whether it is, or holds, a line.
    fn is_of_lines(&self) -> bool {
        self.name == "p" || self.name.starts_with('h') || INLINE.contains(&self.name)
    }

    /// Whether it holds items, and nothing else.
    fn is_of_items(&self) -> bool {
        matches!(self.name, "ol" | "ul")
    }
}

/// Whether what came out of one cleaning comes out of another as it is. False where that is not plain to see.
pub(super) fn is_settled(html: &str) -> bool {
    // A parser takes a byte order mark away.
    let plain = html.len() <= MOST_BYTES && html.trim().len() == html.len() && !html.starts_with('\u{feff}');
    if !plain || matches!(legal(html), Cow::Owned(_)) {
        return false;
    }
    let mut open: Vec<Open<'_>> = Vec::new();
    let (mut at, mut breaks) = (0, 0);
    while let Some(tag) = next_markup(html, at) {
        let Some(seen) = text(&html[at..tag.start]) else { return false };
        at = tag.end;
        if seen {
            open.iter_mut().for_each(|open| open.filled = true);
            breaks = 0;
        }
        let written = &html[tag.start..tag.end];
        if written == "<br>" {
            if open.last().is_some_and(Open::is_of_items) {
                return false;
            }
            breaks += 1;
        } else {
            breaks = 0;
            let fits = match tag.kind {
                MarkupKind::Open => opens(&mut open, &tag, written),
                MarkupKind::Close => {
                    open.pop().is_some_and(|open| open.filled && written[2..].strip_suffix('>') == Some(open.name))
                }
                MarkupKind::Other => false,
            };
            if !fits {
                return false;
            }
        }
        if breaks > MOST_BREAKS {
            return false;
        }
    }
    open.is_empty() && text(&html[at..]).is_some()
}

/// Whether there is anything to be seen in a text; `None` where it is not written as a serialiser writes it.
fn text(written: &str) -> Option<bool> {
    let known = |rest: &str| ["&amp;", "&lt;", "&gt;"].iter().any(|entity| rest.starts_with(entity));
    let marked = any_byte(written.as_bytes(), |b| (b == b'<') | (b == b'>') | (b == b'&'));
    let plain =
        !marked || !written.contains(['<', '>']) && written.match_indices('&').all(|(at, _)| known(&written[at..]));
    plain.then(|| written.contains(|c| !is_blank(c)))
}

/// Opens an element, where it may stand there.
fn opens<'a>(open: &mut Vec<Open<'a>>, tag: &Markup<'a>, written: &str) -> bool {
    let name = tag.name;
    let alone = written.len() == name.len() + 2;
    let fits = if INLINE.contains(&name) {
        (if name == "a" { is_link(tag, written) } else { alone }) && open.iter().all(|open| open.name != name)
    } else {
        let in_list = open.last().is_some_and(Open::is_of_items);
        BLOCKS.contains(&name) && alone && !open.iter().any(Open::is_of_lines) && (name != "li" || in_list)
    };
    open.push(Open { name, filled: false });
    fits && open.len() <= MOST_NESTED
}

/// Whether it is a link with an address, and nothing more.
fn is_link(tag: &Markup<'_>, written: &str) -> bool {
    let address = written.strip_prefix("<a href=\"").and_then(|rest| rest.strip_suffix("\">"));
    address.filter(|_| tag.attributes == 1).is_some_and(|address| {
        let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>');
        (address.starts_with("https://") || address.starts_with("http://"))
            && address.len() <= LONGEST_ADDRESS
            && address.bytes().all(plain)
            && address.match_indices('&').all(|(at, _)| address[at..].starts_with("&amp;"))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::super::html::once;
    use super::*;

    fn cleaned(html: &str) -> String {
        once(html, &Url::parse("https://a.example/dir/page").unwrap())
    }

    #[test]
    fn ordinary_bodies_are_settled() {
        for html in [
            "<p>Un <a href=/x?a=1&b=2>lien</a>, <em>deux <strong>mots</strong></em> &lt; trois &amp; plus.<br>Fin</p><p>L’été</p>",
            "<h2>Titre</h2><ul><li>un</li><li><p>deux</p><ol><li>a</li></ol></li></ul><blockquote><p>cité</p></blockquote>",
            "a\u{a0}b &nbsp;c",
            "",
        ] {
            let out = cleaned(html);
            assert!(is_settled(&out), "{out}");
            assert_eq!(cleaned(&out), out);
        }
    }

    #[test]
    fn what_might_change_is_not() {
        for html in [
            "<p>a<br><br><br>b</p>",
            "<p>a</p> ",
            "\u{feff}<p>a</p>",
            "<p>a",
            "a</p>",
            "<p><p>a</p></p>",
            "<li>a</li>",
            "<b><p>a</p></b>",
            "<a href=\"http://a.example/\"><a href=\"http://b.example/\">a</a></a>",
            "<p></p>",
            "<b> </b>",
            "<p class=\"x\">a</p>",
            "<a href=\"/x\">a</a>",
            "<a href=\"mailto:a@b.example\">a</a>",
            "<P>a</P>",
            "<p>a</div>",
            "<p>a & b</p>",
            "<p>a > b</p>",
            "<p>&nbsp;a</p>",
            "<p>a\rb</p>",
            "<table><tbody><tr><td>a</td></tr></tbody></table>",
            "<!-- a -->b",
            "<h1><div>a</div></h1>",
            "<a href=\"https://a.example/&quot;\">a</a>",
            "<a>a</a>",
        ] {
            assert!(!is_settled(html), "{html}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn what_is_settled_does_not_change(picks in proptest::collection::vec(0_usize..44, 1..16)) {
            const PIECES: [&str; 44] = [
                "<p>", "</p>", "<div>", "</div>", "<a href=/x?a&amp;b>", "</a>", "<b>", "</b>", "<i>", "</i>", "<em>", "</em>",
                "<li>", "</li>", "<ul>", "</ul>", "<ol>", "</ol>", "<h2>", "</h2>", "<br>", "<br>", "&nbsp;", "text ",
                "&lt;b&gt;&amp;amp;", "<img src=/i>", "<figure>", "<blockquote>", "</blockquote>", "<span>", "</span>", " ",
                "\u{feff}", "\n", "\u{200b}", "été", "<p>a</p>", "<b></b>", "<table><td>", "<code>", "</code>", "&", ">", "\r",
            ];
            let html: String = picks.iter().map(|n| PIECES[*n]).collect();
            let out = cleaned(&html);
            if is_settled(&out) {
                prop_assert_eq!(cleaned(&out), out);
            }
        }
    }
}
