//! Which hubs a document names, and by which address they know it.

use crate::model::{Document, DocumentKind, Offer, Reading};
use crate::read::{Announced, announced_in_feed, announced_in_header, announced_in_page};

/// What a document offers: what its `Link` header says counts before what stands in it (WebSub, 4). `reading` is what was
/// read in it; without one it is taken for a page.
#[must_use]
pub fn offer(document: &Document, reading: Option<&Reading>) -> Option<Offer> {
    let header = in_header(document);
    if !header.hubs.is_empty() && header.own.is_some() {
        return made(document, header);
    }
    let body = match reading {
        Some(Reading { kind: DocumentKind::Html, .. }) | None => {
            announced_in_page(&document.body, document.content_type.as_deref(), &document.url)
        }
        Some(reading) => announced_in_feed(&reading.head.links, &document.url),
    };
    let hubs = if header.hubs.is_empty() { body.hubs } else { header.hubs };
    made(document, Announced { hubs, own: header.own.or(body.own) })
}

/// What the header alone offers, where the document itself is known already.
#[must_use]
pub fn offer_of_header(document: &Document) -> Option<Offer> {
    made(document, in_header(document)).filter(|offer| offer.topic != offer.at)
}

fn in_header(document: &Document) -> Announced {
    announced_in_header(document.link_header.as_deref().unwrap_or_default(), &document.url)
}

/// Who does not say its own address is known by the one at which it was found.
fn made(document: &Document, Announced { hubs, own }: Announced) -> Option<Offer> {
    let at = document.url.to_string();
    (!hubs.is_empty()).then(|| Offer { topic: own.unwrap_or_else(|| at.clone()), hubs, at })
}
