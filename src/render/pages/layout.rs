//! What all pages share: the head, the site's name, the way back.

use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::STYLE;
use crate::model::{EditionEntry, Lang, Tag};
use crate::render::address::with_ending;
use crate::render::words::Words;
use crate::render::{Site, body, xml};
use crate::text;

/// What a page says of itself.
pub(super) struct Head<'a> {
    /// Its language.
    pub(super) lang: &'a Lang,
    /// Its title; the site's alone where it is empty.
    pub(super) title: &'a str,
    /// A sentence on it.
    pub(super) description: Option<String>,
    /// The address that it should be known by.
    pub(super) canonical: Option<String>,
    /// Whether search engines should leave it alone.
    pub(super) noindex: bool,
    /// Title and path of the feed that goes with it.
    pub(super) feed: Option<(&'a str, &'a str)>,
    /// Title and path of one that there is as Atom only.
    pub(super) atom: Option<(&'a str, &'a str)>,
}

/// The three formats: ending, media type, name.
pub(super) const FORMATS: [(&str, &str, &str); 3] = [
    ("rss", "application/rss+xml", "RSS"),
    ("atom", "application/atom+xml", "Atom"),
    ("json", "application/feed+json", "JSON"),
];

/// Three threads on a tile, within the page: nothing more to ask for.
const ICON: &str = "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0%200%2032%2032'%3E%3Crect%20\
width='32'%20height='32'%20rx='7'%20fill='%239b2226'/%3E%3Cpath%20d='M7%2010h18M7%2016h18M7%2022h11'%20stroke='%23fff'%20\
stroke-width='3'%20stroke-linecap='round'/%3E%3C/svg%3E";

/// The stylesheet is kept for a day: after a change it has another address.
static STYLED: LazyLock<String> = LazyLock::new(|| format!("style.css?v={:08x}", text::hash(STYLE.as_bytes()) >> 32));

/// A whole page.
pub(super) fn page(site: &Site, head: &Head<'_>, words: &Words, content: &Markup) -> String {
    shared_page(site, head, words, content, &html! {})
}

/// A whole page that says in its head how it is to be shown where its address is shared.
pub(super) fn shared_page(site: &Site, head: &Head<'_>, words: &Words, content: &Markup, shared: &Markup) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang=(head.lang) dir=(head.lang.direction().as_str()) {
            (head_of(site, head, shared))
            body {
                a.skip href="#text" { (words.skip) }
                header.site {
                    a.name href=(site.local("")) { (site.title) }
                    nav {
                        a href=(site.local("all")) { (words.everything) }
                        a href=(site.local("tags")) { (words.tags) }
                        a href=(site.local("search")) { (words.search) }
                    }
                }
                main #text { (content) }
                footer.site {
                    a href=(site.local("")) { (site.title) }
                    a href=(site.local("feeds.opml")) { "OPML" }
                    a href=(site.local("status")) { (words.status.title) }
                }
            }
        }
    };
    // HTML forbids the same characters in its stream, and they would be seen as boxes.
    xml::legal(&markup.into_string()).into_owned()
}

fn head_of(site: &Site, head: &Head<'_>, shared: &Markup) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title {
                @if !head.title.is_empty() && head.title != site.title { (head.title) " · " }
                (site.title)
            }
            @if let Some(description) = &head.description { meta name="description" content=(description); }
            (shared)
            @if head.noindex { meta name="robots" content="noindex"; }
            @if let Some(canonical) = &head.canonical { link rel="canonical" href=(canonical); }
            @if let Some((title, path)) = head.feed {
                @for (ending, kind, name) in FORMATS {
                    link rel="alternate" type=(kind) title=(format!("{title} ({name})"))
                        href=(site.feed_address(path, &format!(".{ending}")));
                }
            }
            @if let Some((title, path)) = head.atom {
                link rel="alternate" type=(FORMATS[1].1) title=(title) href=(site.address(path));
            }
            // Without one, browsers ask for /favicon.ico.
            link rel="icon" href=(ICON);
            link rel="stylesheet" href=(site.local(&STYLED));
        }
    }
}

/// Our page of a story; the original where it has none.
pub(super) fn page_of(site: &Site, entry: &EditionEntry) -> String {
    let original = entry.url.as_deref().and_then(body::href).filter(|_| entry.hidden);
    original.unwrap_or_else(|| site.local(&format!("story/{}", entry.story)))
}

/// The tags of an entry, as links where they have a page.
pub(super) fn tag_links(site: &Site, entry: &EditionEntry) -> Markup {
    tags(site, &entry.tags, &|key| entry.tag_pages.contains(key))
}

/// Tags, as links where they have a page.
pub(super) fn tags(site: &Site, tags: &[Tag], has_page: &dyn Fn(&str) -> bool) -> Markup {
    html! {
        @for (i, tag) in tags.iter().enumerate() {
            @if i > 0 { " " }
            @if has_page(tag.key()) {
                a rel="tag" href=(site.local(&format!("tag/{}", tag.key()))) { bdi { "#" (tag.shown()) } }
            } @else {
                span { bdi { "#" (tag.shown()) } }
            }
        }
    }
}

/// The links to the three formats of a feed.
pub(super) fn subscribe(site: &Site, path: &str, words: &Words) -> Markup {
    html! {
        p.subscribe {
            (words.subscribe) (words.colon)
            @for (i, (ending, kind, name)) in FORMATS.into_iter().enumerate() {
                @if i > 0 { " " }
                a type=(kind) href=(site.local(&with_ending(path, &format!(".{ending}")))) { (name) }
            }
        }
    }
}

/// Whether a text is the site's own: it stands on the same host.
pub(super) fn is_ours(entry: &EditionEntry, site: &Site) -> bool {
    let original = entry.url.as_deref().and_then(body::href).and_then(|u| url::Url::parse(&u).ok());
    original.is_some_and(|u| u.host_str() == site.base.host_str())
}

/// A text that keeps its underscores' breaks: long hashtags must wrap on a phone.
pub(super) fn breakable(text: &str) -> Markup {
    let escaped = html! { (text) }.into_string();
    PreEscaped(escaped.replace('_', "_<wbr>"))
}
