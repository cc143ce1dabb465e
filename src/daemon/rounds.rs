//! Rounds: what is due is polled; when the last poll of a round is in, stories are admitted and feeds renewed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Shared;
use crate::model::{HealthState, SourceName};
use crate::poll::Report;
use crate::schedule;
use crate::store::SourceState;

/// Polls at one time.
const AT_ONCE: usize = 32;
/// While polls are still in flight, what is already in waits for the round's end at most so long.
const LONGEST_ROUND: Duration = Duration::from_secs(10);
/// The loop looks around at least so often: a jump of the clock is noticed within it.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
/// How often another process's writes are looked for.
const LOOK: Duration = Duration::from_secs(1);

/// The state of the rounds.
struct Rounds {
    shared: Arc<Shared>,
    due: HashMap<SourceName, DateTime<Utc>>,
    in_flight: HashSet<SourceName>,
    polls: JoinSet<(SourceName, Option<Report>)>,
    /// When the first result came in that is not published yet.
    unpublished: Option<Instant>,
    data_version: Option<i64>,
}

/// Runs rounds until the process stops; then waits for the polls in flight.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut rounds = Rounds {
        shared,
        due: HashMap::new(),
        in_flight: HashSet::new(),
        polls: JoinSet::new(),
        unpublished: None,
        data_version: None,
    };
    rounds.publish().await;
    rounds.plan(false).await;
    while !rounds.shared.stop.is_cancelled() {
        rounds.start_due();
        rounds.wait().await;
        let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
        rounds.publish_when_ready().await;
    }
    while let Some(done) = rounds.polls.join_next().await {
        drop(done);
    }
    rounds.publish().await;
}

/// When a source is due again.
fn again(state: &SourceState, reloaded: bool) -> Option<DateTime<Utc>> {
    let ill = state.health.as_ref().is_some_and(|h| h.state != HealthState::Ok);
    state.next_due.filter(|_| !(reloaded && ill))
}

impl Rounds {
    /// When each source is due: as stored; what is overdue or new is spread. After a change of the file what was not well
    /// is asked at once: the change may have mended it.
    async fn plan(&mut self, reloaded: bool) {
        if !self.shared.polls {
            return;
        }
        let now = self.shared.clock.now();
        let stored: HashMap<_, _> = match self.shared.store.source_states().await {
            Ok(states) => states.into_iter().map(|(name, state)| (name, again(&state, reloaded))).collect(),
            Err(error) => {
                tracing::error!("store: when sources are due could not be read: {error}");
                HashMap::new()
            }
        };
        let state = self.shared.state.load_full();
        let names: Vec<_> = state.config.sources.iter().filter(|s| s.polled).map(|s| s.name.clone()).collect();
        let (overdue, later): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|n| stored.get(n).copied().flatten().is_none_or(|due| due <= now));
        let count = overdue.len();
        self.due.clear();
        for (i, name) in overdue.into_iter().enumerate() {
            let after = schedule::spread(count, i);
            self.due.insert(name, now + after);
        }
        for name in later {
            let due = stored.get(&name).copied().flatten().unwrap_or(now);
            self.due.insert(name, due);
        }
    }

    fn start_due(&mut self) {
        let state = self.shared.state.load_full();
        let now = self.shared.clock.now();
        let mut ready: Vec<_> = self
            .due
            .iter()
            .filter(|(name, due)| **due <= now && !self.in_flight.contains(*name))
            .map(|(name, due)| (*due, name.clone()))
            .collect();
        ready.sort();
        for (_, name) in ready {
            if self.polls.len() >= AT_ONCE {
                break;
            }
            let Some(source) = state.source(&name).cloned() else {
                self.due.remove(&name);
                continue;
            };
            self.in_flight.insert(name.clone());
            let poller = state.poller.clone();
            self.polls.spawn(async move {
                let report = match poller.poll(&source, false).await {
                    Ok(report) => Some(report),
                    Err(error) => {
                        tracing::error!("store: {}: nothing of this poll was kept: {error}", source.name);
                        None
                    }
                };
                (source.name, report)
            });
        }
    }

    /// Until something happens: a poll ends, a source is due, the file changed, the process stops.
    async fn wait(&mut self) {
        let sleep = self.sleep();
        tokio::select! {
            () = self.shared.stop.cancelled() => {}
            () = self.shared.reloaded.notified() => {
                self.plan(true).await;
                self.unpublished = Some(Instant::now());
            }
            Some(done) = self.polls.join_next(), if !self.polls.is_empty() => self.finish(done),
            () = tokio::time::sleep(sleep) => {}
        }
    }

    fn sleep(&self) -> Duration {
        if !self.shared.polls {
            return LOOK;
        }
        let now = self.shared.clock.now();
        let free = self.polls.len() < AT_ONCE;
        let next = self.due.iter().filter(|(n, _)| free && !self.in_flight.contains(*n)).map(|(_, d)| *d).min();
        let until = next.map_or(LONGEST_SLEEP, |due| (due - now).to_std().unwrap_or_default());
        let pending = self.unpublished.map(|since| LONGEST_ROUND.saturating_sub(since.elapsed()));
        // The clock has whole seconds: waiting a little more than nothing keeps the loop from spinning.
        until.min(LONGEST_SLEEP).min(pending.unwrap_or(LONGEST_SLEEP)).max(Duration::from_millis(50))
    }

    fn finish(&mut self, done: Result<(SourceName, Option<Report>), tokio::task::JoinError>) {
        match done {
            Ok((name, report)) => {
                self.in_flight.remove(&name);
                let retry = self.shared.clock.now() + Duration::from_secs(60);
                let next = report.as_ref().and_then(|r| r.next_due).unwrap_or(retry);
                self.due.insert(name, next);
                if report.is_some_and(|r| r.inserted + r.joined + r.revised > 0) {
                    self.unpublished.get_or_insert_with(Instant::now);
                }
            }
            Err(error) => {
                // A poll that panicked has no name to free: forget all that is not running any more.
                tracing::error!("a poll was stopped: {error}");
                if self.polls.is_empty() {
                    self.in_flight.clear();
                }
            }
        }
    }

    /// At the end of a round; of a long one, every few seconds; beside another process, when it has written.
    async fn publish_when_ready(&mut self) {
        let over = self.polls.is_empty() && self.unpublished.is_some();
        let long = self.unpublished.is_some_and(|since| since.elapsed() >= LONGEST_ROUND);
        let version = self.shared.store.data_version().await.ok();
        let elsewhere = std::mem::replace(&mut self.data_version, version) != version;
        if over || long || elsewhere {
            self.publish().await;
        }
    }

    async fn publish(&mut self) {
        self.unpublished = None;
        let state = self.shared.state.load_full();
        if let Err(error) = state.publisher.renew().await {
            tracing::error!("store: feeds were not renewed, the last ones stay: {error}");
        }
    }
}
