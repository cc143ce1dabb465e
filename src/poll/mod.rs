//! The inward half of the flow: ask, read, look up, fetch pages, clean, tag, decide, store. One poll of one source.

mod follow;
mod health;
mod keep;
mod make;
mod pages;
mod push;
mod report;
mod settings;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use url::Url;

pub use make::{Raw, make};
pub use report::{Ended, Report};
pub use settings::*;

use crate::clock::Clock;
use crate::extract::Template;
use crate::fetch::{Accept, Answer, Client, FetchError, Request};
use crate::model::{Article, ArticleId, Document, Health, Reading, Validators};
use crate::read::{self, ReadError};
use crate::store::{Decide, EntryKey, SourceState, Store, StoreError, Told};
use crate::text::hash;
use crate::{dedup, tag, websub};

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
    /// Hash of the rules that tags are made by.
    tagged_by: u64,
    clock: Clock,
    /// Parsing and extraction at one time: as many as there are cores.
    cores: Arc<Semaphore>,
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
    /// What there is to tell of each beside it; where it is why it was skipped, only its entry is remembered.
    told: HashMap<ArticleId, Told>,
    /// Entries whose pages wait for the next poll.
    waiting: usize,
    /// What the source's pages share, where some were read.
    template: Option<Template>,
}

impl Poller {
    /// A poller over one store and one client.
    #[must_use]
    pub fn new(store: Store, client: Client, rules: Rules, clock: Clock) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let tagged_by = rules.tagging.hash();
        Self { store, client, rules: Arc::new(rules), tagged_by, clock, cores: Arc::new(Semaphore::new(cores)) }
    }

    /// Polls one source, due or not: one log line, one row of health, and its new articles in one transaction. `force`
    /// asks without validators and reads the same bytes again.
    ///
    /// # Errors
    /// Only when the store fails; what the source does wrong stands in the report.
    pub async fn poll(&self, source: &Source, force: bool) -> Result<Report, StoreError> {
        let started = std::time::Instant::now();
        let mut state = self.known(source).await?;
        let before = state.clone();
        let outcome = self.attempt(source, &mut state, force).await;
        let offers = state.offer != before.offer;
        let report = match outcome {
            Ok(report) => report,
            Err(PollError::Store(error)) => return Err(error),
            Err(error) => self.failed(source, state, &error).await?,
        };
        let report = self.beside_hub(source, &before, Report { offers, ..report }).await?;
        report::log(&report, started.elapsed());
        Ok(report)
    }

    /// What is remembered of a source. What belongs to the address that it had before does not count.
    async fn known(&self, source: &Source) -> Result<SourceState, StoreError> {
        let state = self.store.source_state(&source.name).await?;
        let url = Some(source.url.to_string());
        // A feed that was found on the page does not count either, once the file says how to read the page itself.
        let other = state.url.is_some() && state.url != url || source.list.is_some() && state.feed_url.is_some();
        if !other {
            return Ok(SourceState { url, ..state });
        }
        let health = state.health.clone().map(|health| Health { failures: 0, ..health });
        Ok(SourceState {
            url,
            health,
            validators: Validators::default(),
            body_hash: None,
            feed_url: None,
            usual_entries: None,
            offer: None,
            ..state
        })
    }

    async fn attempt(&self, source: &Source, state: &mut SourceState, force: bool) -> Result<Report, PollError> {
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
            state.offer = websub::offer_of_header(&document).or_else(|| state.offer.take());
            let state = SourceState { validators: document.validators, ..state.clone() };
            return Ok(self.unchanged(source, state, Ended::SameBytes, &freshness).await?);
        }
        let first = document.clone();
        let (document, freshness, mut reading) = match follow::read(self, source, state, document, freshness).await {
            Ok(read) => read,
            Err(error) => {
                // What is no feed may be delivered all the same; but what stands there today undoes nothing.
                state.offer = state.offer.take().or_else(|| websub::offer(&first, None));
                return Err(error);
            }
        };
        state.offer = push::offer(state, &first, &document, &reading);
        let kept = source.list.as_ref().and_then(|l| l.expect).is_none_or(|expect| reading.entries.len() >= expect);
        if kept && state.usual_entries.is_none() {
            reading = follow::onwards(self, source, &document, reading).await;
        }
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
        mut reading: Reading,
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
            .filter(|(raw, known)| force || known.as_ref().is_none_or(|k| !is_settled(source, raw, k.entry_hash)))
            .map(|(raw, known)| Raw { known, ..raw })
            .collect();
        let pages::Fetched { raws: ready, waiting, template, notes } = pages::fetch(self, source, fresh).await?;
        reading.notes.extend(notes);
        let (articles, told) = self.make_all(source, document, ready).await?;
        Ok(Gathered { reading, articles, told, waiting, template })
    }

    async fn make_all(
        &self,
        source: &Source,
        document: &Document,
        raws: Vec<Raw>,
    ) -> Result<(Vec<Article>, HashMap<ArticleId, Told>), PollError> {
        if raws.is_empty() {
            return Ok(Default::default());
        }
        let permit = self.cores.clone().acquire_owned().await;
        let (source, rules, now) = (source.clone(), self.rules.clone(), self.clock.now());
        let url = document.url.clone();
        Ok(tokio::task::spawn_blocking(move || {
            let mut all_told = HashMap::new();
            // Oldest first, so that of two copies in one document the elder founds the story.
            let made = raws.iter().rev().map(|raw| {
                let (article, told) = make::decided(&source, raw, &url, &rules.tagging, now);
                all_told.insert(article.id.clone(), told);
                article
            });
            let articles = made.collect();
            drop(permit);
            (articles, all_told)
        })
        .await?)
    }
}

/// The decision about copies, as the store wants it: called for each article inside the writer's transaction.
#[must_use]
pub fn decide(settings: dedup::Settings) -> Decide {
    Box::new(move |article, shingles, known| dedup::decide(article, shingles, known, &settings))
}

/// Whether an entry was dealt with when it last came: taken, or not wanted by the `only` that its source still has.
fn is_settled(source: &Source, raw: &Raw, known: u64) -> bool {
    known == raw.entry_hash || source.only.as_ref().is_some_and(|only| known == raw.entry_hash ^ only.hash())
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
        day_first: source.recipe.day_first,
        now,
    }
}
