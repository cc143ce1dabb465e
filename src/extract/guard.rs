//! Before the tree: a page cut to what can be read in bounded time, without what is never read.

use crate::text::cap_nesting;
use crate::text::markup::{MarkupKind, attributes, next_markup};

/// Bytes of a page after which the rest is left out.
const MOST_BYTES: usize = 5 * 1024 * 1024;

/// Open elements at any place. Browsers stop at 512.
const MOST_NESTED: usize = 256;

/// Pieces of structured data that are read, and bytes of one.
const MOST_SCRIPTS: usize = 32;
const LONGEST_SCRIPT: usize = 512 * 1024;

/// Elements that go with all that is in them.
const UNREAD: [&str; 4] = ["script", "style", "svg", "noscript"];

/// A page made ready for its tree.
pub(super) struct Ready {
    /// The page without scripts, styles, drawings and comments, nested no deeper than can be followed.
    pub(super) html: String,
    /// Its structured data (`application/ld+json`), as written.
    pub(super) data: Vec<String>,
}

/// Cuts a page to its bound and takes out what is never read: half of most pages.
pub(super) fn ready(page: &str) -> Ready {
    let mut end = page.len().min(MOST_BYTES);
    while !page.is_char_boundary(end) {
        end -= 1;
    }
    let page = &page[..end];
    let mut html = String::with_capacity(page.len() / 2);
    let mut data = Vec::new();
    let mut unclosed = [false; UNREAD.len()];
    let (mut at, mut kept) = (0, 0);
    while let Some(tag) = next_markup(page, at) {
        at = tag.end;
        if tag.kind == MarkupKind::Other {
            html.push_str(&page[kept..tag.start]);
            // The doctype says how tables and paragraphs nest.
            if page[tag.start..tag.end].get(..9).is_some_and(|d| d.eq_ignore_ascii_case("<!doctype")) {
                html.push_str(&page[tag.start..tag.end]);
            }
            kept = tag.end;
            continue;
        }
        if tag.kind == MarkupKind::Close {
            continue;
        }
        let Some(index) = UNREAD.iter().position(|n| tag.name.eq_ignore_ascii_case(n)) else { continue };
        let name = UNREAD[index];
        // Where one end tag was missing there is none after it either.
        if unclosed[index] {
            continue;
        }
        let Some(close) = close_of(page, tag.end, name) else {
            unclosed[index] = true;
            continue;
        };
        if name == "script" && data.len() < MOST_SCRIPTS && close - tag.end <= LONGEST_SCRIPT {
            let typed = attributes(page, &tag).iter().any(|(n, v)| {
                n.eq_ignore_ascii_case("type") && v.trim().to_ascii_lowercase().starts_with("application/ld+json")
            });
            if typed {
                data.push(page[tag.end..close].to_owned());
            }
        }
        html.push_str(&page[kept..tag.start]);
        at = page[close..].find('>').map_or(page.len(), |i| close + i + 1);
        kept = at;
    }
    html.push_str(&page[kept.min(page.len())..]);
    let capped = match cap_nesting(&html, MOST_NESTED) {
        std::borrow::Cow::Owned(capped) => Some(capped),
        std::borrow::Cow::Borrowed(_) => None,
    };
    Ready { html: capped.unwrap_or(html), data }
}

/// Where the end tag of an element starts whose content is not followed.
fn close_of(page: &str, from: usize, name: &str) -> Option<usize> {
    let bytes = page.as_bytes();
    let mut at = from;
    loop {
        at += page.get(at..)?.find("</")?;
        let end = at + 2 + name.len();
        let same = bytes.get(at + 2..end).is_some_and(|b| b.eq_ignore_ascii_case(name.as_bytes()));
        if same && bytes.get(end).is_none_or(|b| !b.is_ascii_alphanumeric()) {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_go_and_their_data_stays() {
        let page = "<!doctype html><head><script>if(a<b){'</p>'}</script><script type='application/ld+json'>{\"a\":1}</script>\
                    </head><body><!-- c --><p>x<svg><path/></svg>y</p><style>p{}</style>";
        let ready = ready(page);
        assert_eq!(ready.html, "<!doctype html><head></head><body><p>xy</p>");
        assert_eq!(ready.data, ["{\"a\":1}"]);
    }

    #[test]
    fn an_unclosed_script_does_not_eat_the_page() {
        assert_eq!(ready("<p>a<noscript><p>b").html, "<p>a<noscript><p>b");
    }
}
