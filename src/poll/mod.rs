//! The inward half of the flow: ask, read, look up, fetch pages, clean, tag, decide, store. One poll of one source.

mod again;
mod alarm;
mod alerts;
mod apart;
mod byline;
mod categories;
mod dated;
mod follow;
mod gather;
mod given;
mod habit;
mod health;
mod keep;
mod make;
mod moves;
mod origin;
mod pages;
mod proposal;
mod push;
mod report;
mod room;
mod settings;
mod spoken;
mod steering;
mod timing;
mod verdict;
mod whose;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use url::Url;

pub use alerts::Alerts;
pub use make::{Raw, make};
pub use moves::{Moves, address};
pub use report::{Ended, Report};
pub use settings::*;
pub use timing::{asks, rhythm, why};

use self::habit::Habit;
use crate::clock::Clock;
use crate::fetch::{Accept, Answer, Client, FetchError, Freshness, Held, Request, Speed};
use crate::model::{Document, Health, Reading, Validators};
use crate::read::{self, ReadError};
use crate::store::{Decide, Moving, SourceState, Store, StoreError};
use crate::text::hash;
use crate::{dedup, tag, websub};
use gather::Gathered;
use room::Room;
use steering::Steering;

/// Decides about tags and copies, the same for every source.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Which tags.
    pub tagging: tag::Settings,
    /// When two articles are one story.
    pub dedup: dedup::Settings,
    /// When a source has moved.
    pub moves: Moves,
    /// Who is told how sources are doing.
    pub alerts: Alerts,
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
    /// Room for what is made of documents.
    room: Room,
    steering: Steering,
}

/// Why a poll could not give articles.
#[derive(Debug, thiserror::Error)]
enum PollError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("{0}")]
    Read(#[from] ReadError),
    /// A list that cannot be read as the file says, and its page.
    #[error("{0}")]
    List(ReadError, Box<Document>),
    #[error("what it gave was not stored: {0}")]
    Store(#[from] StoreError),
    /// What came of a document whose answer broke off, and that gives nothing so.
    #[error("{0}")]
    BrokenOff(String),
    #[error("reading was stopped: {0}")]
    Stopped(#[from] tokio::task::JoinError),
    /// A page stands in the place of the feed.
    #[error(
        "document is a page, not the feed that was there; the feed it announces, {announced}, is not certain to be meant"
    )]
    StandsIn {
        /// The feed that the page announces.
        announced: Url,
        /// What is known of a move there by now.
        moving: Option<Moving>,
    },
}

/// What is known of an address that is asked for.
#[derive(Debug, Clone, Copy, Default)]
struct Asking {
    /// Whether another document is in work meanwhile.
    beside_another: bool,
    /// Whether the last poll failed.
    failed_before: bool,
    /// How fast it answered then.
    speed: Speed,
}

impl Asking {
    fn of(state: &SourceState, habit: &Habit) -> Self {
        let failed_before = state.health.as_ref().is_some_and(|h| h.failures > 0);
        Self { failed_before, speed: habit.speed, ..Self::default() }
    }
}

/// Where what was asked for stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// At the address itself.
    There,
    /// Where it has moved for good.
    Moved,
    /// Where the address leads today.
    Elsewhere,
}

impl Poller {
    /// A poller over one store and one client.
    #[must_use]
    pub fn new(store: Store, client: Client, rules: Rules, clock: Clock) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let tagged_by = rules.tagging.hash();
        let (cores, room) = (Arc::new(Semaphore::new(cores)), Room::default());
        Self { store, client, rules: Arc::new(rules), tagged_by, clock, cores, room, steering: Steering::default() }
    }

    /// Polls one source, due or not: one log line, one row of health, and its new articles in one transaction. `force`
    /// asks without validators and reads the same bytes again.
    ///
    /// # Errors
    /// Only when the store fails; what the source does wrong stands in the report.
    pub async fn poll(&self, source: &Source, force: bool) -> Result<Report, StoreError> {
        let started = std::time::Instant::now();
        let stored = self.store.source_state(&source.name).await?;
        let mut state = self.of_its_address(source, stored.clone());
        let offered = state.offer.clone();
        let asked = moves::address(source, &state);
        if let (false, Err(until)) = (force, self.steering.enter(&asked, self.clock.now())) {
            return self.put_off(source, &state, until).await;
        }
        let attempt = self.attempt(source, &stored, &mut state, &asked, force).await;
        self.steering.heard(source, &asked, attempt.as_ref().err(), self.clock.now());
        let offers = state.offer != offered;
        let report = match attempt {
            Ok(report) => report,
            // A full disk is everybody's trouble; what one source gives is its own.
            Err(PollError::Store(error)) if !error.is_of_what_was_given() => return Err(error),
            Err(error) => Box::pin(self.failed(source, state, &error, started.elapsed())).await?,
        };
        let report = self.beside_hub(source, &stored, Report { offers, ..report }).await?;
        report::log(&report, started.elapsed());
        Ok(report)
    }

    /// What of a source's state counts: what belongs to the address that it had before does not.
    fn of_its_address(&self, source: &Source, state: SourceState) -> SourceState {
        let url = Some(source.url.to_string());
        // A feed that was found on the page does not count either, once the file says how to read the page itself.
        let other = state.url.is_some() && state.url != url || source.list.is_some() && state.feed_url.is_some();
        if !other {
            let lapsed = state.moved.as_ref().is_some_and(|moved| !self.rules.moves.holds(&source.name, moved));
            let state = if lapsed { SourceState { moved: None, ..moves::back(state) } } else { state };
            return SourceState { url, ..state };
        }
        let health = state.health.clone().map(|health| Health { failures: 0, ..health });
        SourceState {
            url,
            health,
            validators: Validators::default(),
            body_hash: None,
            feed_url: None,
            usual_entries: None,
            moved: None,
            moving: None,
            missing_since: None,
            asks: String::new(),
            habit: Habit::of(&state).at_another_address().written(),
            proposal: None,
            offer: None,
            ..state
        }
    }

    async fn attempt(
        &self,
        source: &Source,
        stored: &SourceState,
        state: &mut SourceState,
        asked: &Url,
        force: bool,
    ) -> Result<Report, PollError> {
        let validators = if force { Validators::default() } else { state.validators.clone() };
        let habit = Habit::of(state);
        let asking = Asking::of(state, &habit);
        let (document, freshness, held) = match self.ask(source, asked.clone(), validators, asking).await? {
            Answer::NotModified { validators, url, link_header, freshness } => {
                state.offer = websub::offer_again(&url, link_header.as_deref(), state.offer.take());
                state.validators = validators;
                return Ok(self.unchanged(source, stored, state, habit, (Ended::NotModified, &freshness)).await?);
            }
            Answer::Document { document, freshness, held } => (document, freshness, held),
        };
        let is_same = || state.body_hash == Some(hash(&document.body));
        if !force && document.broken_off.is_none() && is_same() {
            state.offer = websub::offer_again(&document.url, document.link_header.as_deref(), state.offer.take());
            state.validators = document.validators;
            return Ok(self.unchanged(source, stored, state, habit, (Ended::SameBytes, &freshness)).await?);
        }
        // On the heap, so that the many polls that end above carry no room for it about.
        Box::pin(self.take_in(source, state, asked, force, (document, freshness, held))).await
    }

    /// Reads a document that is another than the last, and stores what it has.
    async fn take_in(
        &self,
        source: &Source,
        state: &mut SourceState,
        asked: &Url,
        force: bool,
        (document, freshness, held): (Document, Freshness, Held),
    ) -> Result<Report, PollError> {
        let stands = match &document.url {
            url if url == asked => Stands::There,
            url if freshness.moved.as_ref() == Some(url) => Stands::Moved,
            _ => Stands::Elsewhere,
        };
        let first = document.clone();
        let read = Box::pin(follow::read(self, source, state, (document, freshness, held))).await;
        let (mut document, freshness, mut reading, mut in_work) = match read {
            Ok(read) => read,
            Err(error) => {
                // What is no feed may be delivered all the same; but what stands there today undoes nothing.
                state.offer = state.offer.take().or_else(|| websub::offer(&first, None));
                return Err(error);
            }
        };
        let mut stated = state.clone();
        let read = (&document, &freshness, &reading);
        let provisional = self.addressed(source, &mut stated, asked, stands, read).await?;
        stated.offer = push::offer(&stated, &first, &document, &reading);
        state.offer.clone_from(&stated.offer);
        let state = &stated;
        let kept = source.list.as_ref().and_then(|l| l.expect).is_none_or(|expect| reading.entries.len() >= expect);
        if kept && state.usual_entries.is_none() && follow::goes_on(&reading) {
            drop(in_work);
            reading = Box::pin(follow::onwards(self, source, &document, reading)).await;
            in_work = self.in_work(&document, Held::default()).await;
        }
        let body_hash = hash(&document.body);
        drop(first);
        // A list may have to be described anew; of all else the bytes are done with.
        if source.list.is_none() {
            (document.body, in_work.held) = Default::default();
        }
        let named = make::named(source, &reading, &document.url);
        let gathered = Box::pin(self.gather(&named, &document, reading, in_work, force)).await?;
        let gathered = Gathered { provisional, ..gathered };
        Box::pin(self.keep(source, state, &document, &freshness, body_hash, gathered)).await
    }

    /// Notes where a source is to be asked from now on, now that a document was read; whether that document is another one
    /// than will be asked for: then it says nothing of that.
    async fn addressed(
        &self,
        source: &Source,
        state: &mut SourceState,
        asked: &Url,
        stands: Stands,
        (document, freshness, reading): (&Document, &Freshness, &Reading),
    ) -> Result<bool, PollError> {
        let found = document.requested.clone();
        if found == *asked {
            let whole = !reading.entries.is_empty() && document.broken_off.is_none();
            let moved = freshness.moved.as_ref().filter(|_| whole);
            self.weigh_move(source, state, moved).await?;
        } else if moves::is_of_feed(state, asked) {
            let may_move = stands != Stands::Elsewhere;
            if !may_move || !self.weigh_move(source, state, Some(&found)).await? {
                return Err(PollError::StandsIn { announced: found, moving: state.moving.take() });
            }
        } else {
            let moved = state.moved.clone();
            if stands != Stands::There && !self.weigh_move(source, state, Some(&found)).await? {
                // A page that a redirect leads to today, and the feed of that one: it is read, and the address stays.
                return Ok(true);
            }
            (state.feed_url, state.moved, state.moving) = (Some(found.to_string()), moved, None);
        }
        Ok(false)
    }

    async fn ask(
        &self,
        source: &Source,
        url: Url,
        validators: Validators,
        asking: Asking,
    ) -> Result<Answer, FetchError> {
        // Credentials belong to the source's own site.
        let own = url.origin() == source.url.origin();
        let Asking { beside_another, failed_before, speed } = asking;
        let headers = if own { source.headers.clone() } else { Vec::new() };
        let request =
            Request { validators, headers, beside_another, failed_before, speed, ..Request::new(url, Accept::Feed) };
        self.client.get(request, self.clock.now()).await
    }
}

/// The decision about copies, as the store wants it: called for each article inside the writer's transaction.
#[must_use]
pub fn decide(settings: dedup::Settings) -> Decide {
    Box::new(move |article, shingles, known| dedup::decide(article, shingles, known, &settings))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch;

    /// Bytes of a poll on its way. Each is copied when it begins, and there are many.
    const MOST_ROOM: usize = 16 << 10;

    #[tokio::test]
    async fn a_poll_that_waits_takes_little_room() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.db");
        let store = Store::open(&crate::store::Settings { path, ..Default::default() }).unwrap();
        let client = Client::new(&fetch::Settings::default(), &[]).unwrap();
        let poller = Poller::new(store, client, Rules::default(), Clock::system());
        let url = Url::parse("https://a.test/feed").unwrap();
        let source = Source::usual(crate::model::SourceName::new("a").unwrap(), url, chrono_tz::Tz::UTC);
        let room = size_of_val(&poller.poll(&source, false));
        assert!(room < MOST_ROOM, "{room} bytes");
    }
}
