//! Bytes to entries: feeds of any make, JSON Feed, and list pages.

mod block;
mod build;
mod canon;
mod construct;
mod detect;
mod discover;
mod draft;
mod entities;
mod episode;
mod feed;
mod gather;
mod hubs;
mod json;
mod list;
mod markup;
mod media;
mod members;
mod names;
mod opml;
mod paths;
mod person;
mod report;
mod script;
mod sitemap;
mod sniff;
mod state;
mod tree;
mod wishes;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use url::Url;

use crate::model::{DocumentKind, Lang, Person, Reading};
use crate::text::{DateContext, day_first, decode};

pub use block::{list_block, toml_key, toml_text};
pub use detect::{Found, Remembered, detect, detect_again, wordpress};
pub use discover::{
    Leads, feed_address, is_meagre, leads, looks_like_feed, same_site, sitemaps_of_robots, usual_places, wordpress_list,
};
pub use hubs::{Announced, announced_in_feed, announced_in_header, announced_in_page};
pub use list::ListRecipe;
pub use opml::{Outlines, Subscription, opml};
pub use paths::{Path, Paths, Place};
pub use report::json_line;
pub use sitemap::join;

/// More entries than this are cut off, with a note.
pub(super) const MOST_ENTRIES: usize = 10_000;
/// A field of one line (title, address, name) is cut here.
pub(super) const MOST_LINE: usize = 4 << 10;
/// A text is cut here.
pub(super) const MOST_TEXT: usize = 1 << 20;
/// Links, authors, categories and enclosures of one entry.
pub(super) const MOST_PARTS: usize = 200;
/// Links and categories of all entries of a document, each of which may be made long by its base; of further entries, a few each.
const MOST_IN_ALL: usize = 60_000;
const FEW: usize = 4;
/// Bytes of `xml:base` and `xml:lang`: all that is in their element carries them.
const LONGEST_BASE: usize = 1_000;
const LONGEST_LANGUAGE: usize = 100;

/// Bytes of the people that entries without an author have from their feed.
const MOST_INHERITED: usize = 1_000;

/// A document to be read, and what is known of its source.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The bytes.
    pub body: &'a [u8],
    /// `Content-Type` as sent.
    pub content_type: Option<&'a str>,
    /// Its address, after redirects.
    pub url: &'a Url,
    /// The language of the source, where the file says it.
    pub lang: Option<&'a Lang>,
    /// The zone of dates that name none.
    pub tz: Tz,
    /// Whether its dates put the day before the month, where the file says it.
    pub day_first: Option<bool>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There is nothing in it.
    #[error("document is empty")]
    Empty,
    /// It is a page and not a feed.
    #[error("{}", not_a_feed(*kind, title.as_deref(), feeds))]
    NotAFeed {
        /// What it is.
        kind: DocumentKind,
        /// Title of the page.
        title: Option<String>,
        /// Addresses of the feeds that it announces.
        feeds: Vec<String>,
    },
    /// It cannot be made sense of.
    #[error("document cannot be read: {0}")]
    Unreadable(String),
    /// It is an index of sitemaps, which are to be read in its place.
    #[error("document is an index of sitemaps")]
    SitemapIndex {
        /// Addresses of the sitemaps that are worth asking, the first ones first.
        sitemaps: Vec<String>,
    },
    /// Nothing on the list page fits the recipe.
    #[error("nothing on the page matches `{selector}`")]
    NoMatch {
        /// The selector of the recipe, as written.
        selector: String,
    },
}

fn not_a_feed(kind: DocumentKind, title: Option<&str>, feeds: &[String]) -> String {
    let mut out = match kind {
        DocumentKind::Html => String::from("document is a web page, not a feed"),
        _ => String::from("document is not a feed"),
    };
    if let Some(title) = title {
        out.push_str(&format!(" (\"{}\")", crate::text::excerpt(title, 80)));
    }
    if let Some(first) = feeds.first() {
        out.push_str(&format!("; it announces {first}"));
        if feeds.len() > 1 {
            out.push_str(&format!(" and {} more", feeds.len() - 1));
        }
    }
    out
}

/// What a document is, told by its content.
#[must_use]
pub fn kind(input: &Input<'_>) -> DocumentKind {
    sniff::kind(&decode(input.body, input.content_type).text)
}

/// Reads a document. A page is read by the recipe, where there is one; a feed is read as a feed in any case.
///
/// # Errors
/// Where there is nothing to read; what is odd but readable is a note.
pub fn read(input: &Input<'_>, list: Option<&ListRecipe>) -> Result<Reading, ReadError> {
    if input.body.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadError::Empty);
    }
    let decoded = decode(input.body, input.content_type);
    let text = decoded.text.as_ref();
    let json = text.trim_start().starts_with(['{', '[']);
    let mut reading = match (sniff::kind(text), list) {
        (_, Some(recipe @ ListRecipe { paths: Some(paths), within: None, .. })) if json => {
            paths::read(text, recipe, paths, input)
        }
        (DocumentKind::JsonFeed, _) => json::read(text, input),
        (kind @ (DocumentKind::Rss | DocumentKind::Atom), _) => feed::read(text, kind, input),
        (DocumentKind::Sitemap, _) => sitemap::read(text, input),
        (DocumentKind::Unknown, Some(ListRecipe { within: Some(_), .. })) if json => {
            Err(ReadError::Unreadable("it is JSON, and `in` is for JSON inside a page".to_owned()))
        }
        (DocumentKind::Unknown, Some(recipe)) if json => {
            let item = &recipe.item;
            Err(ReadError::Unreadable(format!("it is JSON, and `{item}` a selector; write a path: 'data.items[*]'")))
        }
        (DocumentKind::Html | DocumentKind::Unknown, Some(recipe)) => list::read(text, recipe, input),
        (kind @ DocumentKind::Html, None) => Err(ReadError::NotAFeed {
            kind,
            title: sniff::page_title(text),
            feeds: discover::in_page(text, input.url).announced.into_iter().map(String::from).collect(),
        }),
        (DocumentKind::Json | DocumentKind::Unknown, _) => {
            Err(ReadError::Unreadable("no feed, page or JSON list begins in it".to_owned()))
        }
    }?;
    reading.notes.splice(0..0, decoded.notes);
    Ok(reading)
}

impl<'a> Input<'a> {
    /// How dates are read here; `lang` is that of the document, where the file does not say one.
    fn dates<'b>(&'b self, lang: Option<&'b Lang>, day_first: Option<bool>) -> DateContext<'b>
    where
        'a: 'b,
    {
        DateContext { lang: self.lang.or(lang), tz: self.tz, now: self.now, day_first: self.day_first.or(day_first) }
    }

    /// How dates are read in a document that has these: they tell which of day and month comes first, where the file and the
    /// language leave it open.
    fn dates_like<'b, 'w>(&'b self, lang: Option<&'b Lang>, written: impl Iterator<Item = &'w str>) -> DateContext<'b>
    where
        'a: 'b,
    {
        let ctx = self.dates(lang, None);
        DateContext { day_first: day_first(written, &ctx), ..ctx }
    }
}

/// Cuts a text at a whole character, and says so.
fn bounded(mut text: String, most: usize, notes: &mut Vec<String>) -> String {
    if text.len() > most {
        let end = (0..=most).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        text.truncate(end);
        note(notes, format!("text of more than {most} bytes cut"));
    }
    text
}

/// The people of a feed that stand in for the authors of an entry without: each such entry carries them, so that they are
/// few and short.
fn inherited(people: impl Iterator<Item = Person>) -> Vec<Person> {
    let mut left = MOST_INHERITED;
    let said = |p: &Person| [&p.name, &p.email, &p.url].into_iter().flatten().map(String::len).sum::<usize>() + 1;
    people.take_while(|p| left.checked_sub(said(p)).map(|rest| left = rest).is_some()).collect()
}

/// Adds a note once, and not without end.
fn note(notes: &mut Vec<String>, note: impl Into<String>) {
    const MOST_NOTES: usize = 50;
    let note = note.into();
    if notes.len() < MOST_NOTES && !notes.contains(&note) {
        notes.push(note);
    }
}

/// What the addresses of a page are relative to: what its `base` says, where that is an address of usual length.
fn base(url: &Url, written: Option<&str>) -> Url {
    let said = written.map(str::trim).filter(|b| b.len() <= MOST_LINE).and_then(|b| url.join(b).ok());
    said.unwrap_or_else(|| url.clone())
}

/// An absolute address where it can be had, else what was written; `None` for nothing.
fn address(base: &Url, written: &str) -> Option<String> {
    let written = written.trim();
    if written.is_empty() || written.len() > MOST_LINE {
        return None;
    }
    Some(base.join(written).map_or_else(|_| written.to_owned(), String::from))
}
