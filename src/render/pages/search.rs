//! The search box and what it found.

use chrono_tz::Tz;
use maud::{Markup, html};

use super::feed;
use super::layout::{self, Head};
use crate::model::{EditionEntry, Mistake, Wrong};
use crate::render::Site;
use crate::render::words::{Words, words};
use crate::text::excerpt;

/// Letters of what is wrong that are named.
const PART: usize = 60;

/// A piece of a text, and whether it is what was asked for.
pub type Piece = (String, bool);

/// A search and its answer.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    /// What was asked for, as written.
    pub query: &'a str,
    /// What is wrong with it, or odd.
    pub mistakes: &'a [Mistake],
    /// What was found; `None` where nothing could be asked.
    pub found: Option<Found<'a>>,
}

/// A page of what was found.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// The stories, each with the lines that say what was asked for, where that could be told.
    pub stories: &'a [(EditionEntry, Option<Vec<Piece>>)],
    /// How many there are in all.
    pub number: Number,
    /// Of how many of the newest it was asked, where not of all.
    pub looked: Option<usize>,
    /// Whether the older ones cannot be found yet.
    pub filling: bool,
    /// The path of the feed of what is found, where it has one.
    pub feed: Option<&'a str>,
    /// The paths of the page before and of the one after.
    pub before: Option<String>,
    /// The next page.
    pub after: Option<String>,
}

/// How many stories there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// So many.
    Exactly(usize),
    /// About so many.
    About(usize),
    /// More than so many.
    MoreThan(usize),
}

/// The page of a search: the box with what was asked, then what is wrong with it, then the stories found. An empty query
/// shows the box alone.
#[must_use]
pub fn search(site: &Site, tz: Tz, asked: &Search<'_>) -> String {
    let words = words(&site.lang);
    let title = match asked.query.trim() {
        "" => words.search.to_owned(),
        query => format!("{query} · {}", words.search),
    };
    let head = Head {
        lang: &site.lang,
        title: &title,
        description: None,
        canonical: None,
        // One page for each thing that can be asked: endless for a robot.
        noindex: true,
        feed: asked.found.as_ref().and_then(|found| Some((title.as_str(), found.feed?))),
        atom: None,
    };
    let content = html! {
        header.feed {
            h1 { (words.search) }
            (form(site, asked.query, words))
        }
        (mistakes(asked, words))
        @if let Some(found) = &asked.found {
            p.number { (number(found, words)) }
            @if let Some(looked) = found.looked { p.note { ((words.found.looked)(looked)) } }
            @if found.filling { p.note { (words.found.filling) } }
            @for (entry, around) in found.stories { (feed::card(site, tz, &site.lang, entry, around.as_deref())) }
            @if found.before.is_some() || found.after.is_some() {
                nav.pages {
                    @if let Some(path) = &found.before { a rel="prev" href=(site.local(path)) { (words.found.before) } }
                    " "
                    @if let Some(path) = &found.after { a rel="next" href=(site.local(path)) { (words.found.after) } }
                }
            }
            @if let Some(feed) = found.feed { (layout::subscribe(site, feed, words)) }
        }
    };
    layout::page(site, &head, words, &content)
}

fn number(found: &Found<'_>, words: &Words) -> String {
    match found.number {
        Number::Exactly(0) => words.found.nothing.to_owned(),
        Number::Exactly(number) => (words.found.stories)(number),
        Number::About(number) => (words.found.about)(number),
        Number::MoreThan(number) => (words.found.more_than)(number),
    }
}

fn mistakes(asked: &Search<'_>, words: &Words) -> Markup {
    html! {
        @if !asked.mistakes.is_empty() {
            ul.mistakes {
                @for mistake in asked.mistakes {
                    li {
                        @let (message, hint) = told(mistake, asked.query, words);
                        (message)
                        @if let Some(hint) = hint { (words.colon) span.hint { (hint) } }
                        pre dir="ltr" { code { (mistake.drawn(asked.query)) } }
                    }
                }
            }
        }
    }
}

/// A mistake in the words of a reader: the language of the file is English, and has more to say.
fn told(mistake: &Mistake, query: &str, words: &Words) -> (String, Option<String>) {
    let Some(said) = &words.mistakes else { return (mistake.message.clone(), mistake.hint.clone()) };
    let tell = match mistake.kind {
        Wrong::Unread => said.unread,
        Wrong::Unclosed => return (said.unclosed.to_owned(), None),
        Wrong::NoField => said.no_field,
        Wrong::NotThere => said.not_there,
    };
    (tell(&excerpt(mistake.part(query), PART)), mistake.near.as_deref().map(said.near))
}

/// The box.
pub(super) fn form(site: &Site, query: &str, words: &Words) -> Markup {
    html! {
        form.search role="search" action=(site.local("search")) method="get" {
            input type="search" name="q" value=(query) aria-label=(words.search) dir="auto" maxlength="1000";
            button type="submit" { (words.search) }
        }
    }
}
