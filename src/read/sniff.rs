//! What a document is, told by its content: names and media types lie.

use super::markup::{Piece, Scanner};
use crate::model::DocumentKind;
use crate::text::one_line;

/// Notices of servers and comments before a feed are shorter; a page shows what it is sooner.
const PIECES: usize = 2000;

pub(super) fn kind(text: &str) -> DocumentKind {
    let trimmed = text.trim_start();
    if trimmed.starts_with('{') {
        return if is_json_feed(trimmed) { DocumentKind::JsonFeed } else { DocumentKind::Unknown };
    }
    let (mut html, mut declared) = (false, false);
    for piece in Scanner::new(trimmed).take(PIECES) {
        match piece {
            // Templates of pages bring it along: what the first element is counts.
            Piece::Doctype(doctype) => {
                declared |= doctype.get(..4).is_some_and(|d| d.eq_ignore_ascii_case("html"));
            }
            Piece::Start { name, .. } => match local(name).to_ascii_lowercase().as_str() {
                "html" => return DocumentKind::Html,
                "feed" | "entry" => return DocumentKind::Atom,
                "urlset" | "sitemapindex" if !declared => return DocumentKind::Sitemap,
                "rss" | "rdf" | "channel" => return DocumentKind::Rss,
                _ if declared => return DocumentKind::Html,
                "head" | "body" | "div" | "p" | "table" | "script" | "meta" | "br" | "a" | "b" => html = true,
                _ => {}
            },
            _ => {}
        }
    }
    if html || declared { DocumentKind::Html } else { DocumentKind::Unknown }
}

fn is_json_feed(text: &str) -> bool {
    text.contains("jsonfeed.org/version") || text.contains("\"items\"")
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
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
            ("<!doctype HTML><p>x</p><feed>", DocumentKind::Html),
            ("<!doctype HTML>", DocumentKind::Html),
            ("<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><rss><channel></channel></rss>", DocumentKind::Rss),
            ("<html xmlns='x'><feed>", DocumentKind::Html),
            ("<p>gone</p>", DocumentKind::Html),
            ("404", DocumentKind::Unknown),
        ] {
            assert_eq!(kind(text), wanted, "{text}");
        }
    }

    #[test]
    fn finds_the_title() {
        assert_eq!(page_title("<head><TITLE lang=fr> A &amp;\n B </title>").as_deref(), Some("A & B"));
        assert_eq!(page_title("<p>"), None);
    }
}
