//! Feeds are made beside the polls, which go out meanwhile. One making at a time: who asks for another while it runs gets one
//! when it is over, which takes in all that came by then.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{LONGEST_ROUND, LONGEST_SLEEP, Rounds};
use crate::store::StoreError;

/// When it takes longer, it hangs: the service manager hears of us no more.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// When something is to be published next by time alone.
type Made = Result<Option<DateTime<Utc>>, StoreError>;

/// The making of feeds.
pub(super) struct Publishing {
    running: Option<(Instant, JoinHandle<Made>)>,
    /// Whether it is to be done again.
    again: bool,
    /// After a failure it rests until then.
    rests: Option<Instant>,
    /// When something is to be published by time alone.
    due: Option<DateTime<Utc>>,
    /// When feeds were last made, by the clock.
    last: DateTime<Utc>,
}

impl Publishing {
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self { running: None, again: false, rests: None, due: None, last: now }
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
        match ended.unwrap_or(Err(StoreError::BrokeOff)) {
            Ok(due) => self.due = due,
            Err(error) => {
                tracing::error!("store: feeds were not renewed, the last ones stay: {error}");
                (self.again, self.rests) = (true, Some(Instant::now() + LONGEST_SLEEP));
            }
        }
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

    use super::super::super::{Env, Hubs, Shared, State, load};
    use super::*;
    use crate::clock::Clock;
    use crate::demo::{Documents, Origin, Reply};
    use crate::model::SourceName;
    use crate::publish::Answer;
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
}
