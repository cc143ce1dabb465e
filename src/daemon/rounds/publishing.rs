//! Feeds are made beside the polls, which go out meanwhile. One making at a time: who asks for another while it runs gets one
//! when it is over, which takes in all that came by then.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::super::Damage;
use super::{LONGEST_ROUND, LONGEST_SLEEP, Rounds};
use crate::store::StoreError;

/// When it takes longer, it hangs: the service manager hears of us no more.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// After failures of one kind it rests so long at the most.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// When something is to be published next by time alone.
type Made = Result<Option<DateTime<Utc>>, StoreError>;

/// The making of feeds.
pub(super) struct Publishing {
    running: Option<(Instant, JoinHandle<Made>)>,
    /// Whether it is to be done again.
    again: bool,
    /// After a failure it rests until then; what failed, and how often so.
    rests: Option<Instant>,
    failed: Option<(String, u32)>,
    /// Why the database cannot be read, for those who ask whether we are ready.
    damage: Damage,
    /// When something is to be published by time alone.
    due: Option<DateTime<Utc>>,
    /// When feeds were last made, by the clock.
    last: DateTime<Utc>,
}

impl Publishing {
    pub(super) fn new(now: DateTime<Utc>, damage: Damage) -> Self {
        Self { running: None, again: false, rests: None, failed: None, damage, due: None, last: now }
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Whether it has been running for so long that it will not end.
    pub(super) fn hangs(&self) -> bool {
        self.running.as_ref().is_some_and(|(since, _)| since.elapsed() >= LONGEST)
    }

    /// The clock was set back.
    pub(super) fn set_back(&mut self, now: DateTime<Utc>) {
        self.last = now;
    }

    /// Until what runs has ended; for ever, where nothing runs.
    pub(super) async fn ended(&mut self) {
        let Some((_, running)) = &mut self.running else { return std::future::pending().await };
        let ended = running.await;
        self.running = None;
        let ended = ended.unwrap_or(Err(StoreError::BrokeOff));
        let damaged = ended.as_ref().err().filter(|error| matches!(error, StoreError::Damaged(_)));
        self.damage.store(damaged.map(|error| Arc::new(error.to_string())));
        match ended {
            Ok(due) => {
                if self.failed.take().is_some() {
                    tracing::info!("store: feeds are renewed again");
                }
                self.due = due;
            }
            Err(error) => self.fail(&error.to_string()),
        }
    }

    /// It rests for ever longer, and the same is told once.
    fn fail(&mut self, error: &str) {
        let times = self.failed.as_ref().filter(|(before, _)| before == error).map_or(0, |(_, times)| times + 1);
        if times == 0 {
            tracing::error!("store: feeds were not renewed, the last ones stay: {error}");
        }
        self.failed = Some((error.to_owned(), times));
        let rest = LONGEST_SLEEP.saturating_mul(1 << times.min(6)).min(LONGEST_REST);
        (self.again, self.rests) = (true, Some(Instant::now() + rest));
    }
}

impl Rounds {
    /// At the end of a round; of a long one, every few seconds; when another process has written; when a digest is due.
    pub(super) async fn publish_when_ready(&mut self) {
        let over = self.polls.is_empty() && self.unpublished.is_some();
        let long = self.unpublished.is_some_and(|since| since.elapsed() >= LONGEST_ROUND);
        let version = self.shared.store.data_version().await.ok();
        let elsewhere = std::mem::replace(&mut self.data_version, version) != version;
        let due = self.publish_due().is_some_and(|due| due <= self.shared.clock.now());
        self.publishing.again |= over || long || elsewhere || due;
        if self.publishing.again && self.publishing.rests.is_none_or(|rests| rests <= Instant::now()) {
            self.publish();
        }
    }

    /// When something is to be published by time alone.
    pub(super) fn publish_due(&self) -> Option<DateTime<Utc>> {
        let digest = self.shared.state.load().publisher.next_digest(self.publishing.last);
        digest.into_iter().chain(self.publishing.due).min()
    }

    /// Begins to make feeds; where that runs, it is done again when it is over.
    pub(super) fn publish(&mut self) {
        self.publishing.again = self.publishing.is_running();
        if self.publishing.again {
            return;
        }
        (self.unpublished, self.publishing.rests, self.publishing.due) = (None, None, None);
        self.publishing.last = self.shared.clock.now();
        let state = self.shared.state.load_full();
        let making = tokio::spawn(async move {
            state.publisher.renew().await?;
            state.publisher.due().await
        });
        self.publishing.running = Some((Instant::now(), making));
    }

    /// Publishes what the last polls brought, before the process ends.
    pub(super) async fn publish_the_last(&mut self) {
        if self.publishing.is_running() {
            self.publishing.ended().await;
        }
        self.publish();
        self.publishing.ended().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arc_swap::ArcSwap;
    use tokio::sync::Notify;
    use tokio_util::sync::CancellationToken;

    use super::super::super::{Env, Hubs, Shared, Site, State, load};
    use super::*;
    use crate::clock::Clock;
    use crate::demo::{Documents, Origin, Reply};
    use crate::model::SourceName;
    use crate::publish::Answer;
    use crate::serve::Answers;
    use crate::store::Store;

    const FEED: &str = "<rss version='2.0'><channel><title>A</title><item><title>Le port</title><link>/1</link>\
        <description>Un chapeau.</description></item></channel></rss>";

    async fn shared(folder: &tempfile::TempDir) -> (Origin, Arc<Shared>) {
        let now = DateTime::from_timestamp(1_780_488_000, 0).unwrap();
        let origin = Origin::start(([127, 0, 0, 1], 0).into(), Documents::empty(now)).await.unwrap();
        origin.set("/feed", Reply::new("application/rss+xml", FEED));
        let file = folder.path().join("feeds.toml");
        let text = format!(
            "[site]\nbase = \"https://feeds.example\"\n[store]\npath = {:?}\n[fetch]\nprivate_networks = [\"127.0.0.1/32\"]\n\
             [source.a]\nurl = \"{}\"\n",
            folder.path().join("feeds.db").display().to_string(),
            origin.url("/feed"),
        );
        std::fs::write(&file, text).unwrap();
        let env: Env = Arc::new(|_| None);
        let loaded = load(&file, &env).unwrap();
        let (store, clock) = (Store::open(&loaded.config.store).unwrap(), Clock::fixed(now));
        let state = State::new(loaded.config, store.clone(), clock.clone()).unwrap();
        let shared = Shared {
            hubs: Hubs::new(store.clone(), clock.clone()),
            damage: Damage::default(),
            state: ArcSwap::from_pointee(state),
            store,
            clock,
            stop: CancellationToken::new(),
            reloaded: Notify::new(),
            polls: true,
        };
        (origin, Arc::new(shared))
    }

    async fn published(shared: &Shared) -> bool {
        match shared.state.load_full().publisher.answer("/all.json", None).await {
            Answer::Found(found) => String::from_utf8_lossy(&found.body).contains("Le port"),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn what_is_due_is_polled_while_feeds_are_made_and_published_before_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let (_origin, shared) = shared(&folder).await;
        let held = shared.state.load_full().publisher.held().await;
        let rounds = tokio::spawn(super::super::run(shared.clone()));
        let a = SourceName::new("a").unwrap();
        let polled = async { while shared.store.source_state(&a).await.unwrap().polls == 0 {} };
        tokio::time::timeout(Duration::from_secs(20), polled).await.expect("feeds hold up no poll");
        assert!(!published(&shared).await);
        shared.stop.cancel();
        drop(held);
        rounds.await.unwrap();
        assert!(published(&shared).await);
    }

    #[tokio::test]
    async fn feeds_are_made_one_at_a_time_and_once_more_for_all_who_asked_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let (_origin, shared) = shared(&folder).await;
        let mut rounds = Rounds::new(shared.clone());
        rounds.data_version = shared.store.data_version().await.ok();
        let held = shared.state.load_full().publisher.held().await;
        rounds.publish();
        for _ in 0..3 {
            rounds.unpublished = Some(Instant::now());
            rounds.publish_when_ready().await;
        }
        assert!(rounds.publishing.is_running() && rounds.publishing.again);
        drop(held);
        rounds.publishing.ended().await;
        rounds.publish_when_ready().await;
        assert!(rounds.publishing.is_running() && !rounds.publishing.again && rounds.unpublished.is_none());
        rounds.publishing.ended().await;
        rounds.publish_when_ready().await;
        assert!(!rounds.publishing.is_running(), "nobody asked again");
    }

    #[tokio::test]
    async fn after_a_failure_it_rests_and_is_done_again() {
        let folder = tempfile::tempdir().unwrap();
        let (_origin, shared) = shared(&folder).await;
        let mut rounds = Rounds::new(shared.clone());
        rounds.data_version = shared.store.data_version().await.ok();
        rounds.publishing.running = Some((Instant::now(), tokio::spawn(async { panic!("breaks off") })));
        rounds.publishing.ended().await;
        rounds.publish_when_ready().await;
        assert!(rounds.publishing.again && !rounds.publishing.is_running());
        rounds.publishing.rests = Some(Instant::now());
        rounds.publish_when_ready().await;
        assert!(rounds.publishing.is_running());
        rounds.publishing.ended().await;
    }

    #[tokio::test]
    async fn damage_is_told_to_who_asks_until_it_is_gone_and_makes_it_rest_longer() {
        let folder = tempfile::tempdir().unwrap();
        let (_origin, shared) = shared(&folder).await;
        let site = Site(shared.clone());
        let mut rounds = Rounds::new(shared.clone());
        let mut rest = Duration::ZERO;
        for _ in 0..3 {
            assert!(rest < LONGEST_REST);
            let damaged = async { Err(StoreError::Damaged("page 7".into())) };
            rounds.publishing.running = Some((Instant::now(), tokio::spawn(damaged)));
            rounds.publishing.ended().await;
            let longer = rounds.publishing.rests.unwrap().saturating_duration_since(Instant::now());
            assert!(longer > rest, "{longer:?} after {rest:?}");
            rest = longer;
            assert!(site.ready().await.unwrap_err().contains("page 7"));
        }
        rounds.publishing.running = Some((Instant::now(), tokio::spawn(async { Ok(None) })));
        rounds.publishing.ended().await;
        assert_eq!(site.ready().await, Ok(()));
    }

    #[tokio::test]
    async fn a_clock_that_nobody_has_set_polls_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (_origin, shared) = shared(&folder).await;
        let years = Duration::from_secs(86_400 * 366 * 20);
        shared.clock.set_back(years);
        let mut rounds = Rounds::new(shared.clone());
        rounds.plan(None).await;
        rounds.start_due();
        assert!(rounds.polls.is_empty());
        shared.clock.advance(years);
        rounds.start_due();
        assert_eq!(rounds.polls.len(), 1);
    }
}
