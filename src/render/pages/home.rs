//! The site's first page.

use chrono_tz::Tz;
use maud::html;

use super::layout::{self, Head};
use super::{feed, search, tags};
use crate::model::{Edition, Tag};
use crate::render::Site;
use crate::render::words::words;

/// Tags on the first page; the others stand on a page of their own.
const TAGS: usize = 12;

/// The first page: the curated feeds by title and path, the tags with the number of their stories, the newest stories.
#[must_use]
pub fn home(site: &Site, tz: Tz, feeds: &[(String, String)], tags: &[(Tag, u64)], newest: &Edition) -> String {
    let words = words(&site.lang);
    let head = Head {
        lang: &site.lang,
        title: "",
        description: None,
        canonical: Some(site.address("")),
        noindex: false,
        feed: Some((&site.title, &newest.path)),
        atom: None,
    };
    let content = html! {
        header.feed {
            h1 { (site.title) }
            (layout::subscribe(site, &newest.path, words))
            (search::form(site, "", words))
        }
        @if !feeds.is_empty() {
            section.feeds {
                h2 { (words.feeds) }
                ul {
                    @for (title, path) in feeds {
                        li { a href=(site.local(path)) { (title) } " " (rss_link(site, path)) }
                    }
                }
            }
        }
        @if !tags.is_empty() {
            section.tags {
                h2 { (words.tags) }
                (tags::counted(site, &tags[..tags.len().min(TAGS)]))
                @if tags.len() > TAGS { p { a href=(site.local("tags")) { (words.all_tags) } } }
            }
        }
        section.newest {
            h2 { (words.newest) }
            (feed::cards(site, tz, newest, words))
        }
    };
    layout::page(site, &head, words, &content)
}

fn rss_link(site: &Site, path: &str) -> maud::Markup {
    let (ending, kind, name) = layout::FORMATS[0];
    html! { a.format type=(kind) href=(site.local(&format!("{path}.{ending}"))) { (name) } }
}
