//! The list of all tags.

use maud::{Markup, html};

use super::layout::{self, Head};
use crate::model::Tag;
use crate::render::Site;
use crate::render::words::words;

/// The page of all tags, each with the number of its stories.
#[must_use]
pub fn tags(site: &Site, tags: &[(Tag, u64)]) -> String {
    let words = words(&site.lang);
    let head = Head {
        lang: &site.lang,
        title: words.all_tags,
        description: None,
        canonical: Some(site.address("tags")),
        noindex: false,
        feed: None,
        atom: None,
    };
    let content = html! {
        header.feed { h1 { (words.all_tags) } }
        @if tags.is_empty() { p.empty { (words.empty) } }
        (counted(site, tags))
    };
    layout::page(site, &head, words, &content)
}

/// Tags as links, each with the number of its stories.
pub(super) fn counted(site: &Site, tags: &[(Tag, u64)]) -> Markup {
    html! {
        ul.tags {
            @for (tag, stories) in tags {
                li {
                    a rel="tag" href=(site.local(&format!("tag/{}", tag.key()))) {
                        bdi { "#" (layout::breakable(tag.shown())) }
                    }
                    " " span.count { (stories) }
                }
            }
        }
    }
}
