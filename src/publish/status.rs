//! How the sources are doing, and what is being worked on in the background: the same for the page, the feed of changes and
//! the command.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Publisher;
use crate::model::{Health, HealthState, SourceName};
use crate::render::{self, Cache, Rendered, content_type, pages};
use crate::store::{SourceState, StoreError, What};

/// Changes that stand in the feed.
const MOST_CHANGES: usize = 100;
/// Seconds for which a reader may keep that feed without asking.
const FRESH_SECS: u32 = 60;

/// How everything is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The sources, by name.
    pub sources: Vec<SourceStatus>,
    /// What is being worked on.
    pub background: Vec<Background>,
}

/// How a source is doing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceStatus {
    /// Its name in the file.
    pub source: SourceName,
    /// Who publishes it, for people.
    pub outlet: String,
    /// Its address.
    pub url: String,
    /// Whether only its owner may know of it.
    pub private: bool,
    /// How it is doing; `None` before its first poll.
    pub health: Option<Health>,
    /// When it was last asked.
    pub last_polled: Option<DateTime<Utc>>,
    /// When it last had something new.
    pub last_new: Option<DateTime<Utc>>,
    /// When it is to be asked next.
    pub next_due: Option<DateTime<Utc>>,
    /// How many entries its document usually has.
    pub entries: Option<u32>,
    /// Articles taken from it so far.
    pub articles: u64,
    /// How often it was asked.
    pub polls: u64,
    /// How often nothing had changed.
    pub not_modified: u64,
    /// A block for the file that would read its list again, where its own broke.
    pub proposal: Option<String>,
}

impl SourceStatus {
    /// How it is doing; before its first poll nothing is known to be wrong.
    #[must_use]
    pub fn state(&self) -> HealthState {
        self.health.as_ref().map_or(HealthState::Ok, |h| h.state)
    }
}

/// Work in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Background {
    /// The words of older stories are taken in, for the search.
    Search,
    /// A feed asks all stories its new query; its name in the file.
    Feed(String),
    /// Stored articles get their tags anew.
    Tags,
}

impl Publisher {
    /// How everything is doing, private sources included.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn status(&self) -> Result<Status, StoreError> {
        let mut states: HashMap<_, _> = self.store.source_states().await?.into_iter().collect();
        let mut sources: Vec<_> = self
            .settings
            .sources
            .iter()
            .map(|(name, (_, outlet, url))| {
                let state = states.remove(name).unwrap_or_default();
                let next_due = state.due();
                let SourceState {
                    health,
                    last_polled,
                    last_new,
                    usual_entries,
                    articles,
                    polls,
                    not_modified,
                    proposal,
                    ..
                } = state;
                let (source, outlet, private) = (name.clone(), outlet.name.clone(), self.is_private(name));
                let (url, entries) = (url.clone(), usual_entries);
                SourceStatus {
                    source,
                    outlet,
                    url,
                    private,
                    health,
                    last_polled,
                    last_new,
                    next_due,
                    entries,
                    articles,
                    polls,
                    not_modified,
                    proposal,
                }
            })
            .collect();
        sources.sort_by(|a, b| a.source.cmp(&b.source));
        Ok(Status { sources, background: self.background().await? })
    }

    async fn background(&self) -> Result<Vec<Background>, StoreError> {
        let refills = self.store.refills().await?.into_iter();
        let mut background: Vec<_> = refills
            .map(|refill| match refill.what {
                What::Words => Background::Search,
                What::Feed(slug) => Background::Feed(slug),
            })
            .collect();
        if self.store.tagged_upto(self.tagged_by).await?.is_some() {
            background.push(Background::Tags);
        }
        Ok(background)
    }

    /// The page, for everybody: of private sources, and of feeds that ask for a key, it says nothing.
    pub(super) async fn status_page(&self) -> Result<Rendered, StoreError> {
        let Status { sources, background } = self.status().await?;
        let rows: Vec<_> = sources.into_iter().filter(|s| !s.private).map(|s| self.row(s)).collect();
        let public = |slug: &String| self.settings.feeds.iter().find(|f| f.slug == *slug && f.key.is_none());
        let work = background.iter().filter_map(|work| match work {
            Background::Search => Some(pages::Work::Search),
            Background::Feed(slug) => public(slug).map(|feed| pages::Work::Feed(&feed.title)),
            Background::Tags => Some(pages::Work::Tags),
        });
        let html = pages::status(&self.settings.site, self.settings.tz, &rows, &work.collect::<Vec<_>>());
        Ok(self.page(html, None, Cache::NoStore))
    }

    fn row(&self, status: SourceStatus) -> pages::StatusRow {
        let site = self.settings.sources.get(&status.source).and_then(|(_, outlet, _)| outlet.url.clone());
        let (polls, unchanged) = (status.polls, status.not_modified);
        pages::StatusRow {
            name: status.source.to_string(),
            state: status.state(),
            outlet: status.outlet,
            url: site,
            since: status.health.as_ref().map(|h| h.since),
            failures: status.health.as_ref().map_or(0, |h| h.failures),
            error: status.health.and_then(|h| h.error),
            polled: status.last_polled,
            next: status.next_due,
            articles: status.articles,
            entries: status.entries,
            unchanged: (unchanged * 100).checked_div(polls),
            proposal: status.proposal,
        }
    }

    /// The feed of changes of state, for everybody.
    pub(super) async fn status_feed(&self) -> Result<Rendered, StoreError> {
        let settings = &self.settings;
        let changes = self.store.state_changes().await?.into_iter();
        let public = changes.filter_map(|change| {
            let (_, outlet, _) = settings.sources.get(&change.source).filter(|_| !self.is_private(&change.source))?;
            Some((change, outlet.name.clone()))
        });
        let changes: Vec<_> = public.take(MOST_CHANGES).collect();
        let newest = changes.first().map(|(change, _)| change.at);
        let own = format!("<{}>; rel=\"self\"", settings.site.address("status.atom"));
        let bytes = render::status_feed(&changes, &settings.site);
        Ok(Rendered::new(content_type::ATOM, bytes, Cache::Public(FRESH_SECS)).changed(newest).link(own))
    }
}
