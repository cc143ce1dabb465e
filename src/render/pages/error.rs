//! What a reader sees where there is no page.

use maud::html;

use super::layout::{self, Head};
use crate::render::Site;
use crate::render::words::words;

/// The page of an HTTP status: what it means to a reader, and the way back.
#[must_use]
pub fn error(site: &Site, status: u16) -> String {
    let words = words(&site.lang);
    let said = words.wrong(status);
    let head = Head {
        lang: &site.lang,
        title: said,
        description: None,
        canonical: None,
        noindex: true,
        feed: None,
        atom: None,
    };
    let content = html! {
        header.feed {
            p.kicker { (status) }
            h1 { (said) }
            p { a href=(site.local("")) { (words.home) } }
        }
    };
    layout::page(site, &head, words, &content)
}
