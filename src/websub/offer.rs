//! Which hubs a document names, and by which address they know it.

use url::Url;

use crate::model::{Document, DocumentKind, Offer, Reading};
use crate::read::{Announced, announced_in_feed, announced_in_header, announced_in_page};

/// What a document offers: what its `Link` header says counts before what stands in it (WebSub, 4). `reading` is what was
/// read in it; without one it is taken for a page.
#[must_use]
pub fn offer(document: &Document, reading: Option<&Reading>) -> Option<Offer> {
    let header = in_header(document);
    if !header.hubs.is_empty() && header.own.is_some() {
        return made(&document.url, header);
    }
    let body = match reading {
        Some(Reading { kind: DocumentKind::Html, .. }) | None => {
            announced_in_page(&document.body, document.content_type.as_deref(), &document.url)
        }
        Some(reading) => announced_in_feed(&reading.head.links, &document.url),
    };
    let hubs = if header.hubs.is_empty() { body.hubs } else { header.hubs };
    made(&document.url, Announced { hubs, own: header.own.or(body.own) })
}

/// What a document offers that is known already: its header may name hubs for the first time, or others than `before`. Hubs that
/// it does not name again stay (RFC 9110, 15.4.5: a 304 need not repeat them).
#[must_use]
pub fn offer_again(url: &Url, link_header: Option<&str>, before: Option<Offer>) -> Option<Offer> {
    let header = announced_in_header(link_header.unwrap_or_default(), url);
    let known = before.as_ref().filter(|offer| offer.at == url.as_str()).map(|offer| offer.topic.clone());
    made(url, Announced { own: header.own.or(known), hubs: header.hubs }).or(before)
}

fn in_header(document: &Document) -> Announced {
    announced_in_header(document.link_header.as_deref().unwrap_or_default(), &document.url)
}

/// Who does not say its own address is known by the one at which it was found.
fn made(url: &Url, Announced { hubs, own }: Announced) -> Option<Offer> {
    let at = url.to_string();
    (!hubs.is_empty()).then(|| Offer { topic: own.unwrap_or_else(|| at.clone()), hubs, at })
}
