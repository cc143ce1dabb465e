//! What a document says of being delivered (WebSub, 4): its hubs and its own address, in its `Link` header, in the links of a
//! feed, in the head of a page.

use url::Url;

use super::discover::{base_of, targets};
use super::entities::decode as unescaped;
use super::markup::{Piece, Scanner, attribute};
use crate::model::Link;
use crate::text::{decode, one_line};

/// Hubs of one document that are kept.
const MOST_HUBS: usize = 4;
/// The longest address of a hub or a topic.
const LONGEST: usize = 2_000;
/// Bytes of a page in which its head is looked for.
const MOST_HEAD: usize = 256 << 10;

/// What one place of a document says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announced {
    /// Its hubs in their order, absolute.
    pub hubs: Vec<String>,
    /// Its own address, absolute, as it is written: hubs compare it letter by letter.
    pub own: Option<String>,
}

impl Announced {
    fn add(&mut self, rel: &str, written: &str, base: &Url) {
        let has = |name: &str| rel.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case(name));
        let (hub, own) = (has("hub"), has("self"));
        let Some(address) = (hub || own).then(|| absolute(written, base)).flatten() else { return };
        if hub && self.hubs.len() < MOST_HUBS && !self.hubs.contains(&address) {
            self.hubs.push(address.clone());
        }
        if own {
            self.own.get_or_insert(address);
        }
    }
}

/// What a `Link` header says.
#[must_use]
pub fn announced_in_header(header: &str, base: &Url) -> Announced {
    let mut announced = Announced::default();
    for (target, parameters) in targets(header) {
        let rel = parameters.iter().find(|(name, _)| name == "rel").map_or("", |(_, rel)| rel);
        // Some quote it as they would in a page.
        announced.add(rel.trim_matches('\''), target, base);
    }
    announced
}

/// What the links of a feed say.
#[must_use]
pub fn announced_in_feed(links: &[Link], base: &Url) -> Announced {
    let mut announced = Announced::default();
    links.iter().for_each(|link| announced.add(&link.rel, &link.href, base));
    announced
}

/// What the head of a page says. Beyond its head a page may show what strangers wrote.
#[must_use]
pub fn announced_in_page(body: &[u8], content_type: Option<&str>, url: &Url) -> Announced {
    let text = decode(body.get(..MOST_HEAD).unwrap_or(body), content_type).text;
    let base = base_of(&text, url);
    let (mut announced, mut hidden) = (Announced::default(), None::<String>);
    for piece in Scanner::new(&text) {
        match (piece, &hidden) {
            (Piece::End { name }, Some(within)) if name.eq_ignore_ascii_case(within) => hidden = None,
            (Piece::End { name }, None) if name.eq_ignore_ascii_case("head") => break,
            (Piece::Start { name, .. }, None) if name.eq_ignore_ascii_case("body") => break,
            (Piece::Start { name, attributes, .. }, None) if name.eq_ignore_ascii_case("link") => {
                let get = |key: &str| attribute(attributes, key).map(|v| one_line(&unescaped(v))).unwrap_or_default();
                announced.add(&get("rel"), &get("href"), &base);
            }
            (Piece::Start { name, empty: false, .. }, None)
                if ["script", "style", "template"].iter().any(|hides| name.eq_ignore_ascii_case(hides)) =>
            {
                hidden = Some(name.to_owned());
            }
            _ => {}
        }
    }
    announced
}

/// An address of the web: as it is written where it is whole.
fn absolute(written: &str, base: &Url) -> Option<String> {
    let written = written.trim();
    if written.is_empty() || written.len() > LONGEST {
        return None;
    }
    let url = base.join(written).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let plain = written.bytes().all(|b| b.is_ascii_graphic());
    let whole = plain && Url::parse(written).is_ok_and(|own| own == url) && written.contains("://");
    Some(if whole { written.to_owned() } else { url.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://www.example.org/actu/feed.xml").unwrap()
    }

    fn said(announced: &Announced) -> (Vec<&str>, Option<&str>) {
        (announced.hubs.iter().map(String::as_str).collect(), announced.own.as_deref())
    }

    #[test]
    fn headers_say_it_in_many_ways() {
        for (header, hubs, own) in [
            (
                "<https://hub.example/>; rel=\"hub\", <https://www.example.org>; rel=self",
                vec!["https://hub.example/"],
                Some("https://www.example.org"),
            ),
            (
                "</hub>;REL=HUB,<x>; rel=\"self alternate\"",
                vec!["https://www.example.org/hub"],
                Some("https://www.example.org/actu/x"),
            ),
            (
                "<https://a.example/>; rel=hub, <https://b.example/>; rel=hub, <https://a.example/>; rel=hub",
                vec!["https://a.example/", "https://b.example/"],
                None,
            ),
            ("<https://a.example/>; rel=hubs, <ftp://b.example/>; rel=hub, <javascript:x>; rel=self", vec![], None),
            ("<https://a.example/a,b;c>; title=\"x, <y>; rel=hub\"; rel=hub", vec!["https://a.example/a,b;c"], None),
            ("<https://a.example/>; rel='hub'", vec!["https://a.example/"], None),
            ("<>; rel=hub, <https://a.example/", vec![], None),
        ] {
            assert_eq!(said(&announced_in_header(header, &base())), (hubs, own), "{header}");
        }
        let many: String = (0..50).map(|n| format!("<https://h{n}.example/>; rel=hub, ")).collect();
        assert_eq!(announced_in_header(&many, &base()).hubs.len(), MOST_HUBS);
        let long = format!("<https://a.example/{}>; rel=hub", "x".repeat(LONGEST));
        assert_eq!(announced_in_header(&long, &base()), Announced::default());
    }

    #[test]
    fn pages_say_it_in_their_head() {
        let page = "<html><head><base href=/b/><script>'<link rel=hub href=/js>'</script><link rel='HUB' href='h?a&amp;b'>
            <LINK REL=self HREF=https://www.example.org/page></head><body><link rel=hub href=https://evil.example/></body>";
        let found = announced_in_page(page.as_bytes(), None, &base());
        assert_eq!(said(&found), (vec!["https://www.example.org/b/h?a&b"], Some("https://www.example.org/page")));
        let bare = announced_in_page(b"<link rel=hub href=/h><link rel=self href='/'>", None, &base());
        assert_eq!(said(&bare), (vec!["https://www.example.org/h"], Some("https://www.example.org/")));
        assert_eq!(announced_in_page(b"\xff\xfe\x00", None, &base()), Announced::default());
    }
}
