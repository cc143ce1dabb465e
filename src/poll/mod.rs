//! The inward half of the flow: ask, read, look up, fetch pages, clean, tag, decide, store. One poll of one source.

mod follow;
mod health;
mod make;
mod pages;
mod report;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use url::Url;

pub use make::{Raw, make};
pub use report::{Ended, Report};
pub use settings::*;

use crate::clock::Clock;
use crate::fetch::{Accept, Answer, Client, FetchError, Freshness, Request};
use crate::model::{Article, Document, HealthState, Reading, Validators};
use crate::read::{self, ReadError};
use crate::schedule::{self, Outcome as Pace, Rhythm};
use crate::store::{Applied, Decide, EntryKey, PollRecord, SourceState, Store, StoreError};
use crate::text::hash;
use crate::{dedup, tag};

/// Decides about tags and copies, the same for every source.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Which tags.
    pub tagging: tag::Settings,
    /// When two articles are one story.
    pub dedup: dedup::Settings,
}

/// Polls sources. Cheap to clone; every clone shares the limits.
#[derive(Debug, Clone)]
pub struct Poller {
    store: Store,
    client: Client,
    rules: Arc<Rules>,
    clock: Clock,
    /// Parsing and extraction at one time: as many as there are cores.
    cores: Arc<Semaphore>,
    attempts: pages::Attempts,
}

/// Why a poll could not give articles.
#[derive(Debug, thiserror::Error)]
enum PollError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("{0}")]
    Read(#[from] ReadError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("reading was stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

/// What a source's document led to, before it is stored.
struct Gathered {
    reading: Reading,
    articles: Vec<Article>,
    /// Entries whose pages wait for the next poll.
    waiting: usize,
}

impl Poller {
    /// A poller over one store and one client.
    #[must_use]
    pub fn new(store: Store, client: Client, rules: Rules, clock: Clock) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            store,
            client,
            rules: Arc::new(rules),
            clock,
            cores: Arc::new(Semaphore::new(cores)),
            attempts: pages::Attempts::default(),
        }
    }

    /// Polls one source, due or not: one log line, one row of health, and its new articles in one transaction. `force`
    /// asks without validators and reads the same bytes again.
    ///
    /// # Errors
    /// Only when the store fails; what the source does wrong stands in the report.
    pub async fn poll(&self, source: &Source, force: bool) -> Result<Report, StoreError> {
        let started = std::time::Instant::now();
        let state = self.known(source).await?;
        let report = match self.attempt(source, &state, force).await {
            Ok(report) => report,
            Err(PollError::Store(error)) => return Err(error),
            Err(error) => self.failed(source, state, &error).await?,
        };
        report::log(&report, started.elapsed());
        Ok(report)
    }

    /// What is remembered of a source. What belongs to the address that it had before does not count.
    async fn known(&self, source: &Source) -> Result<SourceState, StoreError> {
        let state = self.store.source_state(&source.name).await?;
        let url = Some(source.url.to_string());
        if state.url.is_none() || state.url == url {
            return Ok(SourceState { url, ..state });
        }
        Ok(SourceState { url, validators: Validators::default(), body_hash: None, feed_url: None, ..state })
    }

    async fn attempt(&self, source: &Source, state: &SourceState, force: bool) -> Result<Report, PollError> {
        let url = state.feed_url.as_deref().and_then(|u| Url::parse(u).ok()).unwrap_or_else(|| source.url.clone());
        let validators = if force { Validators::default() } else { state.validators.clone() };
        let (document, freshness) = match self.ask(source, url, validators).await? {
            Answer::NotModified { validators, freshness } => {
                let state = SourceState { validators, ..state.clone() };
                return Ok(self.unchanged(source, state, Ended::NotModified, &freshness).await?);
            }
            Answer::Document { document, freshness } => (document, freshness),
        };
        let body_hash = hash(&document.body);
        if !force && state.body_hash == Some(body_hash) {
            let state = SourceState { validators: document.validators, ..state.clone() };
            return Ok(self.unchanged(source, state, Ended::SameBytes, &freshness).await?);
        }
        let (document, reading) = follow::read(self, source, document).await?;
        let named = make::named(source, &reading, &document.url);
        let gathered = self.gather(&named, &document, reading, force).await?;
        let body_hash = hash(&document.body);
        self.keep(source, state, &document, &freshness, body_hash, gathered).await
    }

    async fn ask(&self, source: &Source, url: Url, validators: Validators) -> Result<Answer, FetchError> {
        // Credentials belong to the source's own site.
        let own = url.origin() == source.url.origin();
        let headers = if own { source.headers.clone() } else { Vec::new() };
        let request = Request { url, validators, headers, accept: Accept::Feed };
        self.client.get(request, self.clock.now()).await
    }

    /// Looks every entry up before any other work is done for it, then makes articles of the new and changed ones.
    async fn gather(
        &self,
        source: &Source,
        document: &Document,
        reading: Reading,
        force: bool,
    ) -> Result<Gathered, PollError> {
        let mut raws: Vec<Raw> =
            reading.entries.iter().filter_map(|entry| Raw::new(source, entry.clone(), &document.url)).collect();
        let mut seen = std::collections::HashSet::new();
        raws.retain(|raw| seen.insert(raw.id.clone()));
        let keys = raws
            .iter()
            .map(|raw| EntryKey { guid: raw.entry.id.clone(), url_key: raw.url_key.clone(), id: raw.id.clone() })
            .collect();
        let known = self.store.known_entries(&source.name, keys).await?;
        let fresh: Vec<Raw> = raws
            .into_iter()
            .zip(known)
            .filter(|(raw, known)| force || known.as_ref().is_none_or(|k| k.entry_hash != raw.entry_hash))
            .map(|(raw, _)| raw)
            .collect();
        let (ready, waiting) = pages::fetch(self, source, fresh).await;
        let articles = self.make_all(source, document, ready).await?;
        Ok(Gathered { reading, articles, waiting })
    }

    async fn make_all(&self, source: &Source, document: &Document, raws: Vec<Raw>) -> Result<Vec<Article>, PollError> {
        if raws.is_empty() {
            return Ok(Vec::new());
        }
        let permit = self.cores.clone().acquire_owned().await;
        let (source, rules, now) = (source.clone(), self.rules.clone(), self.clock.now());
        let url = document.url.clone();
        Ok(tokio::task::spawn_blocking(move || {
            // Oldest first, so that of two copies in one document the elder founds the story.
            let articles = raws.iter().rev().filter_map(|raw| make(&source, raw, &url, &rules.tagging, now)).collect();
            drop(permit);
            articles
        })
        .await?)
    }

    /// Stores what a poll gathered: articles, validators, health and the next time in one transaction.
    async fn keep(
        &self,
        source: &Source,
        state: &SourceState,
        document: &Document,
        freshness: &Freshness,
        body_hash: u64,
        gathered: Gathered,
    ) -> Result<Report, PollError> {
        let now = self.clock.now();
        let entries = gathered.reading.entries.len();
        let short = source.list.as_ref().and_then(|l| l.expect).filter(|expect| entries < *expect);
        let error = short
            .map(|expect| format!("{entries} entries, fewer than the {expect} expected: what was published stays"));
        let whole = gathered.waiting == 0 && error.is_none();
        let mut rhythm = rhythm(state);
        rhythm.observe(gathered.articles.len(), now);
        let pace = if error.is_some() { Pace::Unchanged } else { Pace::Changed };
        let mut next =
            schedule::next(&source.schedule, &rhythm, pace, wait(freshness, &gathered.reading), fastrand::f64(), now);
        if gathered.waiting > 0 {
            next = next.min(now + source.schedule.shortest);
        }
        let discovered = (document.requested != source.url).then(|| document.requested.to_string());
        let health_state = if error.is_some() { HealthState::Broken } else { HealthState::Ok };
        let new_state = SourceState {
            validators: if whole { document.validators.clone() } else { Validators::default() },
            body_hash: whole.then_some(body_hash),
            health: Some(health::after(state.health.as_ref(), health_state, error.clone(), now)),
            rhythm: written(&rhythm),
            next_due: Some(next),
            last_polled: Some(now),
            last_new: if gathered.articles.is_empty() { state.last_new } else { Some(now) },
            usual_entries: u32::try_from(entries).ok(),
            polls: state.polls + 1,
            feed_url: discovered,
            ..state.clone()
        };
        let applied = self.apply(source, new_state, gathered.articles, now).await?;
        Ok(Report {
            source: source.name.clone(),
            ended: Ended::Read,
            health: health_state,
            error,
            entries,
            inserted: applied.inserted,
            joined: applied.joined,
            revised: applied.revised,
            notes: gathered.reading.notes,
            next_due: Some(next),
        })
    }

    async fn apply(
        &self,
        source: &Source,
        state: SourceState,
        articles: Vec<Article>,
        now: DateTime<Utc>,
    ) -> Result<Applied, StoreError> {
        let record = PollRecord { source: source.name.clone(), state, articles, now };
        let rules = self.rules.dedup;
        self.store.apply(record, decide(rules)).await
    }

    async fn unchanged(
        &self,
        source: &Source,
        state: SourceState,
        ended: Ended,
        freshness: &Freshness,
    ) -> Result<Report, StoreError> {
        let now = self.clock.now();
        let mut rhythm = rhythm(&state);
        rhythm.observe(0, now);
        let next =
            schedule::next(&source.schedule, &rhythm, Pace::Unchanged, freshness.asked_to_wait, fastrand::f64(), now);
        // The same bytes tell nothing new of a source that was found short of entries.
        let health_state =
            state.health.as_ref().map(|h| h.state).filter(|s| *s == HealthState::Broken && state.body_hash.is_some());
        let health_state = health_state.unwrap_or(HealthState::Ok);
        let error = state.health.as_ref().filter(|_| health_state != HealthState::Ok).and_then(|h| h.error.clone());
        let state = SourceState {
            health: Some(health::after(state.health.as_ref(), health_state, error.clone(), now)),
            rhythm: written(&rhythm),
            next_due: Some(next),
            last_polled: Some(now),
            polls: state.polls + 1,
            not_modified: state.not_modified + 1,
            ..state
        };
        self.store.record_poll(source.name.clone(), state).await?;
        Ok(Report {
            source: source.name.clone(),
            ended,
            health: health_state,
            error,
            entries: 0,
            inserted: 0,
            joined: 0,
            revised: 0,
            notes: Vec::new(),
            next_due: Some(next),
        })
    }

    async fn failed(&self, source: &Source, state: SourceState, error: &PollError) -> Result<Report, StoreError> {
        let now = self.clock.now();
        let (health_state, asked) = health::of(error);
        let health = health::after(state.health.as_ref(), health_state, Some(error.to_string()), now);
        let pace = Pace::Failed { failures: health.failures, failure: health::failure(error) };
        let rhythm = rhythm(&state);
        let next = schedule::next(&source.schedule, &rhythm, pace, asked, fastrand::f64(), now);
        // A feed that was found on a page and is no longer there is looked for again.
        let feed_url = if health_state == HealthState::Failing { state.feed_url.clone() } else { None };
        let state = SourceState {
            health: Some(health),
            next_due: Some(next),
            last_polled: Some(now),
            polls: state.polls + 1,
            feed_url,
            ..state
        };
        self.store.record_poll(source.name.clone(), state).await?;
        Ok(Report {
            source: source.name.clone(),
            ended: Ended::Failed,
            health: health_state,
            error: Some(error.to_string()),
            entries: 0,
            inserted: 0,
            joined: 0,
            revised: 0,
            notes: Vec::new(),
            next_due: Some(next),
        })
    }
}

/// The decision about copies, as the store wants it: called for each article inside the writer's transaction.
#[must_use]
pub fn decide(settings: dedup::Settings) -> Decide {
    Box::new(move |article, known| dedup::decide(article, known, &settings))
}

/// What `read` needs of a document.
#[must_use]
pub fn input<'a>(source: &'a Source, document: &'a Document, now: DateTime<Utc>) -> read::Input<'a> {
    read::Input {
        body: &document.body,
        content_type: document.content_type.as_deref(),
        url: &document.url,
        lang: source.lang.as_ref(),
        tz: source.tz,
        now,
    }
}

/// What is known of a source's rhythm; what cannot be read back is learnt anew.
fn rhythm(state: &SourceState) -> Rhythm {
    serde_json::from_value(state.rhythm.clone()).unwrap_or_default()
}

fn written(rhythm: &Rhythm) -> serde_json::Value {
    serde_json::to_value(rhythm).unwrap_or_default()
}

/// How long the answer and the document ask to be left alone; the longer counts.
fn wait(freshness: &Freshness, reading: &Reading) -> Option<Duration> {
    let ttl = reading.head.ttl_minutes.map(|m| Duration::from_secs(m.saturating_mul(60)));
    freshness.asked_to_wait.max(ttl)
}
