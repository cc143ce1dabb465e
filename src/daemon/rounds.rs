//! Rounds: what is due is polled; when the last poll of a round is in, stories are admitted and feeds renewed. That is done
//! beside the polls: what is due meanwhile goes out all the same.

mod deliveries;
mod publishing;

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use tokio::task::JoinSet;
use tokio::time::Instant;
use url::Url;

use self::publishing::Publishing;
use super::{Shared, State};
use crate::config::Config;
use crate::model::SourceName;
use crate::poll::{self, Report, Source};
use crate::schedule::{self, Agenda, Jump, Planned};
use crate::store::SourceState;

/// Polls at one time. How many requests are on their way is for the client to say; many that hang hold up none that does not.
const AT_ONCE: usize = 128;
/// While polls are still in flight, what is already in waits for the round's end at most so long.
const LONGEST_ROUND: Duration = Duration::from_secs(10);
/// The loop looks around at least so often: a jump of the clock and another process's writes are noticed within it.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// Between two batches of work in the background.
const BREATH: Duration = Duration::from_millis(50);

/// How often what is too old is removed.
const PURGE: TimeDelta = TimeDelta::days(1);
/// How often the pace of all learnt intervals is set anew.
const PACE: Duration = Duration::from_secs(3600);
/// When a source is asked again whose poll was not stored, or broke off.
const NOT_STORED: TimeDelta = TimeDelta::minutes(1);
const BROKE_OFF: TimeDelta = TimeDelta::hours(1);
/// What came of a poll: the source, the address that was asked, and the report, or when to ask again.
type Polled = (SourceName, Url, Result<Report, TimeDelta>);
/// Sources of which, or of whose requests, the file says something else than before.
type Changed = HashSet<SourceName>;

/// The state of the rounds.
struct Rounds {
    shared: Arc<Shared>,
    /// By which the sources were last planned.
    planned: Arc<State>,
    agenda: Agenda,
    polls: JoinSet<Polled>,
    /// When the loop last looked at the clock, and when the pace was last set, by a clock that nobody sets.
    looked: Instant,
    paced: Instant,
    /// When what is too old was last removed.
    purged: Option<DateTime<Utc>>,
    publishing: Publishing,
    /// Sources whose hub began or ceased to deliver while they were asked: what is said then of the next poll is too old.
    outdated: HashSet<SourceName>,
    /// When the first result came in that is not published yet.
    unpublished: Option<Instant>,
    data_version: Option<i64>,
    /// Whether stored articles still wait for their tags by the file as it is now, and whether some got others.
    retagging: bool,
    retagged: bool,
    /// Whether the clock has not been set yet.
    unset: bool,
}

/// Runs rounds until the process stops; then waits for the polls in flight, and publishes what they brought.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut rounds = Rounds::new(shared);
    rounds.data_version = rounds.shared.store.data_version().await.ok();
    rounds.publish();
    rounds.plan(None).await;
    while !rounds.shared.stop.is_cancelled() {
        rounds.keep_time().await;
        rounds.replan().await;
        rounds.take_in();
        rounds.start_due();
        rounds.retag().await;
        rounds.wait().await;
        if !rounds.publishing.hangs() {
            let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
        }
        rounds.publish_when_ready().await;
    }
    rounds.finish_deliveries().await;
    rounds.publish_the_last().await;
}

/// When a source is due again; `None`: at once. What was planned for another address, or by a clock that has been set back
/// since, does not count; nor the wait of one that was not well where a change of the file may have mended it.
fn again(state: &SourceState, source: &Source, reload: Option<&Changed>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let ill = state.health.as_ref().is_some_and(|h| h.state.is_ill());
    let changed = reload.is_some_and(|changed| changed.contains(&source.name));
    let mended = changed && ill && poll::why(state).is_none_or(schedule::Why::may_be_mended);
    let moved = state.url.as_deref().is_some_and(|url| url != source.url.as_str());
    // What a hub delivered while nobody was there is polled for once.
    let due = if reload.is_some() { state.due() } else { state.next_due };
    schedule::planned(due, state.last_polled, now).filter(|_| !moved && !mended)
}

fn changed(before: &Config, after: &Config) -> Changed {
    let all = before.fetch != after.fetch;
    let before: HashMap<_, _> = before.sources.iter().map(|source| (&source.name, source)).collect();
    let changed = after.sources.iter().filter(|source| all || before.get(&source.name) != Some(source));
    changed.map(|source| source.name.clone()).collect()
}

/// Whether what is too old is removed now, once a day. By a clock that was just set it may not be too old: it may be set once
/// more, and what is removed does not come back.
fn removes(last: &mut Option<DateTime<Utc>>, jumped: bool, now: DateTime<Utc>) -> bool {
    let due = !jumped && last.is_none_or(|last| now - last >= PURGE);
    if due || jumped {
        *last = Some(now);
    }
    due
}

impl Rounds {
    fn new(shared: Arc<Shared>) -> Self {
        let publishing = Publishing::new(shared.clock.now(), Arc::clone(&shared.damage));
        Self {
            planned: shared.state.load_full(),
            shared,
            agenda: Agenda::default(),
            polls: JoinSet::new(),
            looked: Instant::now(),
            paced: Instant::now(),
            purged: None,
            publishing,
            outdated: HashSet::new(),
            unpublished: None,
            data_version: None,
            retagging: false,
            retagged: false,
            unset: false,
        }
    }

    /// When each source is due: as stored; what is overdue or new is spread.
    async fn plan(&mut self, reload: Option<&Changed>) {
        if !self.shared.polls {
            return;
        }
        let now = self.shared.clock.exact();
        let state = Arc::clone(&self.planned);
        let stored = self.stored().await;
        state.keep_pace(&stored);
        let polled = state.config.sources.iter().filter(|source| source.polled);
        let planned = polled.map(|source| Planned {
            name: source.name.clone(),
            host: source.url.host_str().unwrap_or_default().to_owned(),
            due: stored.get(&source.name).and_then(|stored| again(stored, source, reload, now)),
            settings: source.schedule,
        });
        self.agenda.plan(planned.collect(), state.config.budget, now);
    }

    /// What is remembered of all sources.
    async fn stored(&self) -> HashMap<SourceName, SourceState> {
        match self.shared.store.source_states().await {
            Ok(states) => states.into_iter().collect(),
            Err(error) => {
                tracing::error!("store: when sources are due could not be read: {error}");
                HashMap::new()
            }
        }
    }

    /// Gives some stored articles their tags anew, where the file has changed: a batch between one look around and the next.
    async fn retag(&mut self) {
        match self.shared.state.load_full().publisher.retag().await {
            Ok(done) => {
                self.retagging = done.more;
                self.retagged |= done.changed > 0;
            }
            Err(error) => {
                self.retagging = false;
                tracing::error!("store: tags were not made anew, that goes on later: {error}");
            }
        }
        if self.retagged && !self.retagging {
            self.retagged = false;
            self.unpublished.get_or_insert_with(Instant::now);
        }
    }

    fn start_due(&mut self) {
        let is_set = self.shared.clock.is_set();
        if !is_set && !self.unset {
            let now = self.shared.clock.now();
            tracing::error!(
                "clock: it says {}, which cannot be: nothing is polled until it is set",
                now.format("%Y-%m-%d")
            );
        }
        self.unset = !is_set;
        if self.unset {
            return;
        }
        let state = self.shared.state.load_full();
        let now = self.shared.clock.exact();
        for name in self.agenda.ready(AT_ONCE, now) {
            let Some(source) = state.source(&name).cloned() else {
                self.agenda.forget(&name);
                continue;
            };
            self.agenda.begin(name);
            let poller = state.poller.clone();
            self.polls.spawn(async move {
                let report = match AssertUnwindSafe(poller.poll(&source, false)).catch_unwind().await {
                    Ok(Ok(report)) => Ok(report),
                    Ok(Err(error)) => {
                        tracing::error!("store: {}: nothing of this poll was kept: {error}", source.name);
                        Err(NOT_STORED)
                    }
                    Err(_said_by_the_panic) => {
                        tracing::error!("{}: its poll broke off", source.name);
                        Err(BROKE_OFF)
                    }
                };
                (source.name, source.url, report)
            });
        }
    }

    /// Until something happens: a poll ends, a source or a digest is due, the file changed, the process stops.
    async fn wait(&mut self) {
        let sleep = self.sleep();
        tokio::select! {
            () = self.shared.stop.cancelled() => {}
            () = self.shared.reloaded.notified() => {
                let before = std::mem::replace(&mut self.planned, self.shared.state.load_full());
                let changed = changed(&before.config, &self.planned.config);
                self.agenda.overtake(|name| changed.contains(name));
                self.plan(Some(&changed)).await;
                self.unpublished = Some(Instant::now());
            }
            Some(done) = self.polls.join_next(), if !self.polls.is_empty() => self.finish(done),
            () = self.publishing.ended() => {}
            () = self.shared.hubs.heard() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }

    fn sleep(&self) -> Duration {
        if self.retagging {
            return BREATH;
        }
        if !self.shared.polls {
            return LONGEST_SLEEP;
        }
        let now = self.shared.clock.exact();
        let polls = self.agenda.next(AT_ONCE);
        let next = polls.into_iter().chain(self.publish_due()).min();
        let until = next.map_or(LONGEST_SLEEP, |due| (due - now).to_std().unwrap_or_default());
        let unpublished = self.unpublished.filter(|_| !self.publishing.is_running());
        let pending = unpublished.map(|since| LONGEST_ROUND.saturating_sub(since.elapsed()));
        // The clock has whole seconds: waiting a little more than nothing keeps the loop from spinning.
        until.min(LONGEST_SLEEP).min(pending.unwrap_or(LONGEST_SLEEP)).max(BREATH)
    }

    fn finish(&mut self, done: Result<Polled, tokio::task::JoinError>) {
        let (name, url, report) = match done {
            Ok(polled) => polled,
            // A poll that breaks off says so itself, and nobody aborts one.
            Err(error) => return tracing::error!("a poll was stopped: {error}"),
        };
        if report.as_ref().is_ok_and(|r| r.offers) {
            self.shared.hubs.wake();
        }
        let overtaken = self.agenda.end(&name);
        let now = self.shared.clock.exact();
        let state = self.shared.state.load();
        let moved = state.source(&name).is_some_and(|source| source.url != url);
        let may_be_mended =
            report.as_ref().map_or(true, |r| r.health.is_ill() && r.why.is_none_or(schedule::Why::may_be_mended));
        let next = match &report {
            // The file says something else of it since it was asked: the change may have mended it.
            _ if overtaken && (may_be_mended || moved) => now,
            Ok(report) => report.next_due.unwrap_or(now + NOT_STORED),
            Err(wait) => now + *wait,
        };
        if self.outdated.remove(&name) {
            self.shared.hubs.tell([name.clone()]);
        }
        self.agenda.put(name, next);
        if report.is_ok_and(|r| r.inserted + r.joined + r.revised > 0) {
            self.unpublished.get_or_insert_with(Instant::now);
        }
    }

    /// Plans anew when the clock was set; once an hour sets the pace; once a day removes what is too old.
    async fn keep_time(&mut self) {
        let now = self.shared.clock.now();
        let passed = self.looked.elapsed();
        self.looked += passed;
        let jump = self.agenda.look(now, passed);
        if let Some(jump) = jump {
            let which = if jump == Jump::Back { "back" } else { "ahead" };
            tracing::warn!("the clock went {which}, to {now}: sources are planned anew");
            if jump == Jump::Back {
                self.publishing.set_back(now);
            }
            self.unpublished.get_or_insert_with(Instant::now);
            self.plan(None).await;
        } else if self.shared.polls && self.paced.elapsed() >= PACE {
            self.paced = Instant::now();
            self.shared.state.load_full().keep_pace(&self.stored().await);
        }
        if !self.shared.polls || !removes(&mut self.purged, jump.is_some(), now) {
            return;
        }
        match self.shared.state.load_full().purge(&self.shared.store, now).await {
            Ok(0) => {}
            Ok(_) => self.unpublished = Some(Instant::now()),
            Err(error) => tracing::error!("store: what is too old was not removed: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config;
    use crate::model::{Health, HealthState};

    #[test]
    fn a_changed_file_has_asked_anew_what_was_ill_where_it_says_something_else() {
        let file = |rest: &str| {
            let text = format!("site.base = 'https://a.example'\n{rest}\n[source.b]\nurl = 'https://b.example/'\n");
            config::load(&text, Path::new("/etc/feeds.toml"), &|_| None).unwrap_or_else(|d| panic!("{d}")).0
        };
        let list = |words: &str| {
            format!(
                "[source.a]\nurl = 'https://c.example/'\n[source.a.list]\nitem = 'li'\n[source.a.page]\ndrop = ['/{words}']"
            )
        };
        let before = file(&list("Lire/"));
        let changes = |after: &str| {
            let mut names: Vec<_> = changed(&before, &file(after)).iter().map(ToString::to_string).collect();
            names.sort();
            names.join(" ")
        };
        assert_eq!(changes(&list("Lire/")), "");
        assert_eq!(changes(&format!("site.title = 'Autre'\n{}", list("Lire/"))), "");
        assert_eq!([changes(&list("Lire/c")), changes(&list("Lire/").replace("li'", "ul'"))], ["a", "a"]);
        assert_eq!(changes(&format!("[fetch]\ntimeout = '9s'\n{}", list("Lire/"))), "a b");

        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let source = &before.sources[0];
        let state = SourceState {
            health: Some(Health { state: HealthState::Failing, since: now, error: None, failures: 1 }),
            next_due: Some(now + TimeDelta::hours(1)),
            last_polled: Some(now),
            ..SourceState::default()
        };
        let changed = Changed::from([source.name.clone()]);
        assert_eq!(again(&state, source, Some(&changed), now), None);
        for reload in [None, Some(&Changed::new())] {
            assert_eq!(again(&state, source, reload, now), state.next_due);
        }
    }

    #[test]
    fn nothing_is_removed_by_a_clock_that_was_just_set() {
        let start = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let mut last = None;
        let mut look = |days: i64, jumped: bool| removes(&mut last, jumped, start + TimeDelta::days(days));
        assert_eq!((look(0, false), look(0, false), look(1, false)), (true, false, true));
        assert_eq!((look(3650, true), look(3650, false), look(1, true), look(1, false)), (false, false, false, false));
        assert_eq!((look(2, false), look(-400, true), look(-399, false)), (true, false, true));
    }
}
