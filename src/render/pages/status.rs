//! How the sources are doing.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use super::layout::{self, Head};
use crate::model::HealthState;
use crate::render::words::{Words, words};
use crate::render::{Site, body, dates};

/// One source on the status page. All of it is shown to everybody: the address must be one without secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusRow {
    /// Its name in the file.
    pub name: String,
    /// Its outlet, for people.
    pub outlet: String,
    /// The outlet's site, or the source's address where it may be shown.
    pub url: Option<String>,
    /// How it is doing.
    pub state: HealthState,
    /// Since when; `None` before its first poll.
    pub since: Option<DateTime<Utc>>,
    /// The last error, for people.
    pub error: Option<String>,
    /// Failures in a row.
    pub failures: u32,
    /// When it was last polled.
    pub polled: Option<DateTime<Utc>>,
    /// When it will be polled next.
    pub next: Option<DateTime<Utc>>,
    /// Articles taken from it so far.
    pub articles: u64,
    /// How many entries its document usually has.
    pub entries: Option<u32>,
    /// Visits out of a hundred at which nothing had changed; `None` before the first.
    pub unchanged: Option<u64>,
    /// A block for the file that would read its list again, where its own broke.
    pub proposal: Option<String>,
}

/// Work in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work<'a> {
    /// Older stories are taken in for the search.
    Search,
    /// A feed of this title asks all stories its new query.
    Feed(&'a str),
    /// Stored articles get their tags anew.
    Tags,
}

/// The page of the sources' health, in the given order, and of the work in the background.
#[must_use]
pub fn status(site: &Site, tz: Tz, rows: &[StatusRow], work: &[Work<'_>]) -> String {
    let words = words(&site.lang);
    let head = Head {
        lang: &site.lang,
        title: words.status.title,
        description: None,
        canonical: Some(site.address("status")),
        noindex: true,
        feed: None,
        atom: Some((words.status.changes, "status.atom")),
    };
    let content = html! {
        header.feed {
            h1 { (words.status.title) }
            p.subscribe {
                (words.status.changes) (words.colon)
                a type="application/atom+xml" href=(site.local("status.atom")) { "Atom" }
            }
        }
        div.wide {
            table.status {
                thead {
                    tr {
                        th scope="col" { (words.status.source) }
                        th scope="col" { (words.status.state) }
                        th scope="col" { (words.status.polled) }
                        th scope="col" { (words.status.next) }
                        th.number scope="col" { (words.status.entries) }
                        th.number scope="col" { (words.status.unchanged) }
                        th.number scope="col" { (words.status.articles) }
                    }
                }
                tbody { @for row in rows { (line(row, tz, words)) } }
            }
            @if !work.is_empty() {
                h2 { (words.status.background) }
                ul { @for one in work { li { (said(*one, words)) } } }
            }
        }
    };
    layout::page(site, &head, words, &content)
}

fn line(row: &StatusRow, tz: Tz, words: &Words) -> Markup {
    let name = if row.outlet.is_empty() || is_host(row) { &row.name } else { &row.outlet };
    let ill = row.state != HealthState::Ok;
    html! {
        tr id=(row.name) .ill[ill] {
            th scope="row" {
                @match row.url.as_deref().and_then(body::href) {
                    Some(href) => { a href=(href) { bdi { (name) } } }
                    None => { bdi { (name) } }
                }
                @if *name != row.name { " " code { (row.name) } }
            }
            td {
                span.state.ill[ill] { (words.state(row.state)) }
                @if let Some(since) = row.since && ill { " " (words.status.since) " " (dates::moment(since, tz, words)) }
                @if row.failures > 1 { br; (words.status.failures) (words.colon) (row.failures) }
                @if let Some(error) = row.error.as_deref().filter(|e| !e.is_empty()) { br; small dir="auto" { (error) } }
                @if let Some(block) = &row.proposal {
                    details { summary { (words.status.proposal) } pre dir="ltr" { code { (block) } } }
                }
            }
            td data-label=(words.status.polled) { (at(row.polled, tz, words)) }
            td data-label=(words.status.next) { (at(row.next, tz, words)) }
            td.number data-label=(words.status.entries) { (row.entries.map_or("–".into(), |n| n.to_string())) }
            td.number data-label=(words.status.unchanged) { (row.unchanged.map_or("–".into(), |n| format!("{n}\u{a0}%"))) }
            td.number data-label=(words.status.articles) { (row.articles) }
        }
    }
}

fn said(work: Work<'_>, words: &Words) -> String {
    match work {
        Work::Search => words.found.filling.to_owned(),
        Work::Feed(title) => (words.status.requerying)(title),
        Work::Tags => words.status.retagging.to_owned(),
    }
}

/// Whether the outlet is called by its host, as it is where the file gives it no name: several sources may share that.
fn is_host(row: &StatusRow) -> bool {
    let url = row.url.as_deref().and_then(|u| url::Url::parse(u).ok());
    url.is_some_and(|u| u.host_str() == Some(row.outlet.as_str()))
}

fn at(date: Option<DateTime<Utc>>, tz: Tz, words: &Words) -> Markup {
    html! {
        @match date {
            Some(date) => { (dates::moment(date, tz, words)) }
            None => { "–" }
        }
    }
}
