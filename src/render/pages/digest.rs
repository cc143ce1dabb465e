//! The best of a day.

use maud::html;

use super::layout::{self, Head};
use crate::model::{Digest, Edition};
use crate::render::words::words_or;
use crate::render::{Site, body, plain};

/// The page of one digest of an edition, in the edition's language.
#[must_use]
pub fn digest(site: &Site, edition: &Edition, digest: &Digest) -> String {
    let words = words_or(&edition.lang, &site.lang);
    let place = edition.place();
    let head = Head {
        lang: &edition.lang,
        title: &digest.title,
        description: Some(plain::titles(digest)).filter(|d| !d.is_empty()),
        canonical: Some(site.address(&edition.place_of(digest.day))),
        noindex: edition.opened_by.is_some(),
        feed: Some((&edition.title, &place)),
        atom: None,
    };
    let tags: Vec<_> = digest.tags().into_iter().cloned().collect();
    let has_page = |key: &str| digest.entries.iter().any(|entry| entry.tag_pages.contains(key));
    let content = html! {
        article.story {
            header {
                p.kicker { a href=(site.local(&place)) { (edition.title) } }
                h1 { (digest.title) }
            }
            div.body {
                (body::digest(digest, &edition.lang, |entry| layout::page_of(site, entry)))
            }
            @if !tags.is_empty() { footer { p.tags { (layout::tags(site, &tags, &has_page)) } } }
        }
    };
    layout::page(site, &head, words, &content)
}
