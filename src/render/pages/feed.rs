//! A curated feed, a tag's stories, or everything, as a page.

use chrono_tz::Tz;
use maud::{Markup, html};

use super::Piece;
use super::layout::{self, Head};
use crate::model::{Edition, EditionEntry, Lang};
use crate::render::words::{Words, words_or};
use crate::render::{Site, body, dates, plain};
use crate::text::{Phrase, phrase};

/// Other outlets that a card names; of the rest it gives the number.
const NAMED: usize = 3;

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
    let place = edition.place();
    let head = Head {
        lang: &edition.lang,
        title: &title,
        description: edition.description.clone(),
        canonical: Some(site.address(&place)),
        noindex: edition.opened_by.is_some(),
        feed: Some((&title, &place)),
        atom: None,
    };
    let content = html! {
        header.feed {
            h1 { (layout::breakable(&title)) }
            @if let Some(description) = &edition.description { p.description { (description) } }
            (layout::subscribe(site, &place, words))
        }
        (cards(site, tz, edition, words))
    };
    layout::page(site, &head, words, &content)
}

/// The stories of an edition, one card each.
pub(super) fn cards(site: &Site, tz: Tz, edition: &Edition, words: &Words) -> Markup {
    html! {
        @if edition.entries.is_empty() && edition.digests.is_empty() { p.empty { (words.empty) } }
        @for entry in &edition.entries { (card(site, tz, &edition.lang, entry, None)) }
        @for digest in &edition.digests {
            article.card {
                h2 { a href=(site.local(&edition.place_of(digest.day))) { (digest.title) } }
                p.summary { (plain::titles(digest)) }
            }
        }
    }
}

/// The card of a story on a page in a language; the lines that say what was asked for stand for its summary.
pub(super) fn card(site: &Site, tz: Tz, page_lang: &Lang, entry: &EditionEntry, around: Option<&[Piece]>) -> Markup {
    let (lang, dir) = body::turned(page_lang, &entry.lang);
    let words = words_or(&entry.lang, page_lang);
    let page = layout::page_of(site, entry);
    html! {
        article.card lang=[lang] dir=[dir] {
            p.meta {
                span.outlet { bdi { (entry.outlet.name) } }
                " " (dates::day(entry.published, tz, words))
                (copies(entry, words))
            }
            h2 { a href=(page) { (plain::title_or_words(entry)) } }
            @if let Some(around) = around {
                p.summary { @for (text, said) in around { @if *said { mark { (text) } } @else { (text) } } }
            } @else if !entry.title.is_empty() && let Some(summary) = plain::summary(entry) { p.summary { (summary) } }
            @if !entry.tags.is_empty() { p.tags { (layout::tag_links(site, entry)) } }
        }
    }
}

/// Who else tells it: the first few by name, the others by number.
fn copies(entry: &EditionEntry, words: &Words) -> Markup {
    let mut names: Vec<&str> = Vec::new();
    for name in entry.others.iter().map(|o| o.outlet.name.trim()) {
        if !name.is_empty() && name != entry.outlet.name && !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(NAMED);
    html! {
        @if !names.is_empty() {
            " " span.copies {
                (phrase(Phrase::AlsoPublishedBy, &entry.lang)) " "
                @for (i, name) in names.iter().take(NAMED).enumerate() {
                    @if i > 0 { (words.comma) " " }
                    bdi { (name) }
                }
                @if more > 0 { " " bdi dir="ltr" { "+" (more) } }
            }
        }
    }
}
