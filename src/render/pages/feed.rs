//! A curated feed, a tag's stories, or everything, as a page.

use chrono_tz::Tz;
use maud::{Markup, html};

use super::layout::{self, Head};
use crate::model::{Edition, EditionEntry};
use crate::render::words::{Words, words_or};
use crate::render::{Site, body, dates, plain};
use crate::text::{Phrase, phrase};

/// Other outlets that are named beside their number.
const NAMED: usize = 10;

/// What an edition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A curated feed.
    Feed,
    /// The stories of a tag.
    Tag,
    /// Everything.
    All,
}

/// The page of an edition: its title, how to subscribe, its stories.
#[must_use]
pub fn feed(site: &Site, tz: Tz, edition: &Edition, kind: Kind) -> String {
    let words = words_or(&edition.lang, &site.lang);
    let title = match kind {
        Kind::Tag if !edition.title.starts_with('#') => format!("#{}", edition.title),
        Kind::Feed | Kind::Tag | Kind::All => edition.title.clone(),
    };
    let head = Head {
        lang: &edition.lang,
        title: &title,
        description: edition.description.clone(),
        canonical: Some(site.address(&edition.path)),
        noindex: false,
        feed: Some((&title, &edition.path)),
    };
    let content = html! {
        header.feed {
            h1 { (layout::breakable(&title)) }
            @if let Some(description) = &edition.description { p.description { (description) } }
            (layout::subscribe(site, &edition.path, words))
        }
        (cards(site, tz, edition, words))
    };
    layout::page(site, &head, words, &content)
}

/// The stories of an edition, one card each.
pub(super) fn cards(site: &Site, tz: Tz, edition: &Edition, words: &Words) -> Markup {
    html! {
        @if edition.entries.is_empty() { p.empty { (words.empty) } }
        @for entry in &edition.entries { (card(site, tz, edition, entry)) }
    }
}

fn card(site: &Site, tz: Tz, edition: &Edition, entry: &EditionEntry) -> Markup {
    let (lang, dir) = body::turned(&edition.lang, &entry.lang);
    let words = words_or(&entry.lang, &edition.lang);
    let page = site.local(&format!("story/{}", entry.story));
    html! {
        article.card lang=[lang] dir=[dir] {
            p.meta {
                span.outlet { bdi { (entry.outlet.name) } }
                " " (dates::day(entry.published, tz, words))
                @if !entry.others.is_empty() { " " (copies(entry, words)) }
            }
            h2 { a href=(page) { (plain::title_or_words(entry)) } }
            @if !entry.title.is_empty() && let Some(summary) = plain::summary(entry) { p.summary { (summary) } }
            @if !entry.tags.is_empty() { p.tags { (layout::tag_links(site, &entry.tags)) } }
        }
    }
}

/// How many others tell it, and who.
fn copies(entry: &EditionEntry, words: &Words) -> Markup {
    let names: Vec<&str> = entry.others.iter().take(NAMED).map(|o| o.outlet.name.as_str()).collect();
    let separator = format!("{} ", words.comma);
    html! {
        span.copies dir="ltr" title=(format!("{} {}", phrase(Phrase::AlsoPublishedBy, &entry.lang), names.join(&separator))) {
            "+" (entry.others.len())
        }
    }
}
