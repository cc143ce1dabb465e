//! Texts and origins out of their elements.

use super::markup::{Piece, Scanner};
use super::names::Ns;
use super::tree::{Element, Tree};
use crate::model::Outlet;
use crate::text::one_line;

/// The outlet that an entry was taken over from: RSS `source`, or the metadata that Atom copies along.
pub(super) fn origin<'a>(tree: &Tree<'a>, element: &Element<'a>) -> Option<Outlet> {
    let title = element.child(Ns::Core, "title").and_then(|t| construct(tree, t));
    let alternate = |l: &&Element<'a>| l.filled("rel").is_none_or(|r| r == "alternate");
    let links = element.children.iter().filter(|c| c.is(Ns::Core, "link"));
    let link = links.clone().find(alternate).or_else(|| links.clone().next());
    let link = link.and_then(|l| l.address().or_else(|| tree.text(l)));
    let name = title.or_else(|| tree.text(element)).map(|t| one_line(&t)).unwrap_or_default();
    let url = element.address().or(link);
    (!name.is_empty() || url.is_some()).then_some(Outlet { name, url })
}

/// A text construct by its type and mode (RFC 4287, 3.1; Atom 0.3, 3.1), as HTML or plain text.
pub(super) fn construct<'a>(tree: &Tree<'a>, element: &Element<'a>) -> Option<String> {
    let raw = element.raw();
    if raw.is_empty() {
        return tree.text(element);
    }
    let (kind, mode) = (element.filled("type").unwrap_or_default().to_ascii_lowercase(), element.filled("mode"));
    let mode = mode.unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let has_tags = || Scanner::new(raw).any(|p| matches!(p, Piece::Start { .. }));
    let xml = kind == "xhtml" || kind.ends_with("+xml") || kind.ends_with("/xml") || mode == "xml";
    let text = tree.html(raw, xml && mode != "escaped" && has_tags());
    let plain = matches!(kind, "" | "text" | "html" | "xhtml") || kind.starts_with("text/") || xml;
    let decoded = (mode == "base64" || !plain).then(|| base64(&text)).flatten();
    Some(decoded.unwrap_or(text)).filter(|t| !t.is_empty())
}

fn base64(text: &str) -> Option<String> {
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = data_encoding::BASE64.decode(packed.as_bytes()).ok()?;
    String::from_utf8(bytes).ok().filter(|t| t.chars().all(|c| !c.is_control() || c.is_whitespace()))
}
