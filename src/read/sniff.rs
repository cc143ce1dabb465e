//! What a document is, told by its content: names and media types lie.

use url::Url;

use super::markup::{Piece, Scanner, attribute};
use crate::model::DocumentKind;
use crate::text::one_line;

/// Notices of servers and comments before a feed are shorter; a page shows what it is sooner.
const PIECES: usize = 2000;
/// More announced feeds than this are no choice.
const MOST_FEEDS: usize = 50;

pub(super) fn kind(text: &str) -> DocumentKind {
    let trimmed = text.trim_start();
    if trimmed.starts_with('{') {
        return if is_json_feed(trimmed) { DocumentKind::JsonFeed } else { DocumentKind::Unknown };
    }
    let mut html = false;
    for piece in Scanner::new(trimmed).take(PIECES) {
        match piece {
            Piece::Doctype(doctype) if doctype.get(..4).is_some_and(|d| d.eq_ignore_ascii_case("html")) => {
                return DocumentKind::Html;
            }
            Piece::Start { name, .. } => match local(name).to_ascii_lowercase().as_str() {
                "html" => return DocumentKind::Html,
                "feed" | "entry" => return DocumentKind::Atom,
                "urlset" | "sitemapindex" => return DocumentKind::Sitemap,
                "rss" | "rdf" | "channel" => return DocumentKind::Rss,
                "head" | "body" | "div" | "p" | "table" | "script" | "meta" | "br" | "a" | "b" => html = true,
                _ => {}
            },
            _ => {}
        }
    }
    if html { DocumentKind::Html } else { DocumentKind::Unknown }
}

fn is_json_feed(text: &str) -> bool {
    text.contains("jsonfeed.org/version") || text.contains("\"items\"")
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The feeds that a page announces in its head: title and address, each address once.
#[must_use]
pub fn discover(html: &str, base: &Url) -> Vec<(String, Url)> {
    let mut base = base.clone();
    let mut found: Vec<(String, Url)> = Vec::new();
    for piece in Scanner::new(html) {
        let Piece::Start { name, attributes, .. } = piece else { continue };
        if name.eq_ignore_ascii_case("base") {
            let joined = attribute(attributes, "href").and_then(|h| base.join(&super::entities::decode(h)).ok());
            base = joined.unwrap_or(base);
        } else if name.eq_ignore_ascii_case("link")
            && let Some((title, url)) = announced(attributes, &base)
            && found.iter().all(|(_, u)| *u != url)
        {
            found.push((title, url));
            if found.len() == MOST_FEEDS {
                break;
            }
        }
    }
    found
}

fn announced(attributes: &str, base: &Url) -> Option<(String, Url)> {
    let rel = attribute(attributes, "rel")?;
    let media = attribute(attributes, "type").unwrap_or_default().trim().to_ascii_lowercase();
    let alternate = rel.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case("alternate"));
    let is_feed = ["rss", "atom", "rdf", "feed+json"].iter().any(|t| media.contains(t))
        || rel.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case("feed"));
    if !is_feed || !(alternate || rel.eq_ignore_ascii_case("feed")) {
        return None;
    }
    let url = base.join(super::entities::decode(attribute(attributes, "href")?.trim()).as_ref()).ok()?;
    let title = attribute(attributes, "title").unwrap_or_default();
    matches!(url.scheme(), "http" | "https").then(|| (one_line(&super::entities::decode(title)), url))
}

/// The title of a page.
pub(super) fn page_title(html: &str) -> Option<String> {
    let mut pieces = Scanner::new(html);
    pieces.find(|p| matches!(p, Piece::Start { name, .. } if name.eq_ignore_ascii_case("title")))?;
    let text: String = pieces
        .take_while(|p| !matches!(p, Piece::End { .. }))
        .filter_map(|p| if let Piece::Text(text) = p { Some(text) } else { None })
        .take(20)
        .collect();
    let title = one_line(&super::entities::decode(&text));
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_by_content() {
        for (text, wanted) in [
            ("<?xml version='1.0'?><!-- html --><rss>", DocumentKind::Rss),
            ("<br /><b>Warning</b>: x in <b>y.php</b><?xml version='1.0'?><rdf:RDF>", DocumentKind::Rss),
            ("<atom:feed>", DocumentKind::Atom),
            ("\u{feff} {\"items\": []}", DocumentKind::Unknown),
            (" {\"items\": []}", DocumentKind::JsonFeed),
            ("{\"error\": 1}", DocumentKind::Unknown),
            ("<!doctype HTML><title>feed</title>", DocumentKind::Html),
            ("<html xmlns='x'><feed>", DocumentKind::Html),
            ("<p>gone</p>", DocumentKind::Html),
            ("404", DocumentKind::Unknown),
        ] {
            assert_eq!(kind(text), wanted, "{text}");
        }
    }

    #[test]
    fn finds_announced_feeds() {
        let html = r#"<head><base href="/b/"><title> A &amp; B </title>
            <link rel="alternate" type="application/rss+xml" title="All &eacute;" href="rss?a=1&amp;b=2">
            <LINK REL=alternate TYPE=application/atom+xml HREF=/atom>
            <link rel=alternate hreflang=fr href=/fr><link rel=stylesheet type=text/css href=x.css>
            <link rel=alternate type=application/rss+xml href="javascript:x">"#;
        let base = Url::parse("https://example.org/x").unwrap();
        let found: Vec<_> = discover(html, &base).into_iter().map(|(t, u)| (t, u.to_string())).collect();
        let wanted = [("All é", "https://example.org/b/rss?a=1&b=2"), ("", "https://example.org/atom")];
        assert_eq!(found, wanted.map(|(t, u)| (t.to_owned(), u.to_owned())));
        assert_eq!(page_title(html).as_deref(), Some("A & B"));
    }
}
