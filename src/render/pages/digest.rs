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
    let head = Head {
        lang: &edition.lang,
        title: &digest.title,
        description: Some(plain::titles(digest)).filter(|d| !d.is_empty()),
        canonical: Some(site.address(&format!("{}/{}", edition.path, digest.day))),
        noindex: false,
        feed: Some((&edition.title, &edition.path)),
        atom: None,
    };
    let tags: Vec<_> = digest.tags().into_iter().cloned().collect();
    let has_page = |key: &str| digest.entries.iter().any(|entry| entry.tag_pages.contains(key));
    let content = html! {
        article.story {
            header {
                p.kicker { a href=(site.local(&edition.path)) { (edition.title) } }
                h1 { (digest.title) }
            }
            div.body {
                (body::digest(digest, &edition.lang, |entry| site.local(&format!("story/{}", entry.story))))
            }
            @if !tags.is_empty() { footer { p.tags { (layout::tags(site, &tags, &has_page)) } } }
        }
    };
    layout::page(site, &head, words, &content)
}
