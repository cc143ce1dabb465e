//! One story.

use chrono_tz::Tz;
use maud::{Markup, PreEscaped, html};

use super::layout::{self, Head};
use super::personal::{self, Profile};
use crate::model::{EditionEntry, Enclosure, Recommendation};
use crate::render::words::{Words, personal as own_words, words_or};
use crate::render::{Site, body, dates, plain};
use crate::text;

/// The page of a story, in its language: its hashtags, the outlet, title, standfirst, credit, as much of the text as may be
/// shown, links to a feed of one's own, who else tells the event, and what to read next under `heading`.
#[must_use]
pub fn story(site: &Site, tz: Tz, entry: &EditionEntry, heading: &str, alongside: &[Recommendation]) -> String {
    let (words, own) = (words_or(&entry.lang, &site.lang), own_words::personal(&entry.lang, &site.lang));
    let title = plain::title_or_words(entry);
    let head = Head {
        lang: &entry.lang,
        title: &title,
        description: plain::summary(entry).map(|s| text::excerpt(&s, 160)),
        canonical: entry.url.as_deref().and_then(body::href),
        noindex: !layout::is_ours(entry, site),
        feed: Some((&site.title, "all")),
        atom: None,
    };
    // What tells the same event stands above already.
    let told = |r: &&Recommendation| alongside.iter().any(|a| a.story == r.story);
    let more: Vec<Recommendation> = entry.recommended.iter().filter(|r| !told(r)).cloned().collect();
    let content = html! {
        article.story {
            header {
                @if !entry.tags.is_empty() { p.tags { (layout::tag_links(site, entry)) } }
                p.kicker { (entry.outlet.name) }
                h1 { (title) }
                @if let Some(standfirst) = body::standfirst(entry) { (standfirst) }
                (credit(entry, tz, words))
            }
            div.body { (below_the_title(body::text(entry))) }
            @if let Some(line) = body::read_at(entry, &entry.lang) { p.read-at { (line) } }
            (files(&entry.enclosures, words))
            footer {
                @for line in body::also(entry, &entry.lang) { p.also { (line) } }
                @if !entry.tags.is_empty() { p.tags { (layout::tag_links(site, entry)) } }
                p.why { a rel="nofollow" href=(site.local(&format!("explain/{}", entry.story))) { (words.why) } }
            }
        }
        (personal::choices(site, &Profile::default(), &entry.story, &entry.tags, own))
        @if !alongside.is_empty() {
            aside.recommended.alongside aria-labelledby="alongside" {
                h2 #alongside { (own.alongside) }
                (body::recommended(alongside, &entry.lang, tz, |r| site.local(&format!("story/{}", r.story))))
            }
        }
        @if !more.is_empty() {
            aside.recommended aria-labelledby="recommended" {
                h2 #recommended { (heading) }
                (body::recommended(&more, &entry.lang, tz, |r| site.local(&format!("story/{}", r.story))))
            }
        }
    };
    layout::shared_page(site, &head, words, &content, &shared(site, entry, &title, head.description.as_deref()))
}

/// What is shown where somebody shares the address (the Open Graph protocol).
fn shared(site: &Site, entry: &EditionEntry, title: &str, description: Option<&str>) -> Markup {
    let image = entry.image.as_ref().and_then(|image| body::href(&image.url));
    let address = if entry.hidden { None } else { Some(site.address(&format!("story/{}", entry.story))) };
    html! {
        meta property="og:type" content="article";
        meta property="og:title" content=(title);
        meta property="og:site_name" content=(site.title);
        @if let Some(address) = address { meta property="og:url" content=(address); }
        @if let Some(description) = description { meta property="og:description" content=(description); }
        @if let Some(image) = image { meta property="og:image" content=(image); }
    }
}

/// The headings of a text one step lower where it has some of the first: that is the title's.
fn below_the_title(text: Markup) -> Markup {
    if !text.0.contains("<h1") {
        return text;
    }
    let lower = |text: String, n: u8| {
        let below = n + 1;
        let opened = text.replace(&format!("<h{n}>"), &format!("<h{below}>"));
        opened.replace(&format!("<h{n} "), &format!("<h{below} ")).replace(&format!("</h{n}>"), &format!("</h{below}>"))
    };
    PreEscaped((1..=5).rev().fold(text.0, lower))
}

fn credit(entry: &EditionEntry, tz: Tz, words: &Words) -> Markup {
    // Half an hour: what a newsroom corrects within is not news.
    let changed = entry.updated - entry.published > chrono::TimeDelta::minutes(30);
    html! {
        p.credit {
            (body::credit(entry, &entry.lang))
            " · " (dates::moment(entry.published, tz, words))
            @if changed { " · " (words.updated) " " (dates::moment(entry.updated, tz, words)) }
        }
    }
}

fn files(enclosures: &[Enclosure], words: &Words) -> Markup {
    let files: Vec<(String, &str)> =
        enclosures.iter().filter_map(|e| Some((body::href(&e.url)?, e.media_type.as_deref().unwrap_or("")))).collect();
    html! {
        @if !files.is_empty() {
            section.files {
                h2 { (words.files) }
                @for (url, media) in files {
                    @if media.starts_with("audio/") { audio controls preload="none" src=(url) {} }
                    @else if media.starts_with("video/") { video controls preload="none" src=(url) {} }
                    p { a href=(url) { bdi { (url.rsplit('/').next().unwrap_or(&url)) } } }
                }
            }
        }
    }
}
