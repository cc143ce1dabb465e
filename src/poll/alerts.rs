//! Alerts: who is told of a change of a source's state, in which words; and sending what waits.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use url::Url;

use super::habit::Habit;
use super::{Poller, Source};
use crate::fetch::{Disposition, FetchError, Post};
use crate::model::{Health, HealthState, StateChange};
use crate::store::{Announcement, Letter, SourceState, StoreError, Waiting};
use crate::text::hash;

/// Letters to one recipient that are taken at one time.
const TAKEN: usize = 3;
/// Who took letters and has not said what became of them within this time is taken for dead; sending takes less.
const IN_HAND: TimeDelta = TimeDelta::minutes(2);
/// The wait after the first failure; after each further one it is twice as long, up to the most.
const FIRST_WAIT: Duration = Duration::from_secs(10);
const MOST_WAIT: Duration = Duration::from_secs(6 * 3600);
const MOST_DOUBLINGS: u32 = 12;
/// How long it is tried.
const TRIED_FOR: TimeDelta = TimeDelta::days(3);

/// Who is told of which states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alerts {
    /// The states.
    pub when: Vec<HealthState>,
    /// Where to.
    pub to: Vec<Url>,
    /// The page with the state of all sources, to be named.
    pub page: Option<Url>,
}

impl Default for Alerts {
    fn default() -> Self {
        use HealthState::{Blocked, Broken, Gone, Moved, Silent};
        Self { when: vec![Broken, Blocked, Moved, Gone, Silent], to: Vec::new(), page: None }
    }
}

/// What is sent of a change. Nothing in it is a secret: of a source that is read with one the address stays here.
#[derive(Debug, Serialize)]
struct Message<'a> {
    /// In one sentence, where chats look for it.
    text: String,
    id: &'a str,
    source: &'a str,
    outlet: &'a str,
    state: HealthState,
    was: HealthState,
    at: DateTime<Utc>,
    since: DateTime<Utc>,
    error: Option<&'a str>,
    next_poll: Option<DateTime<Utc>>,
    last_new: Option<DateTime<Utc>>,
    proposal: Option<&'a str>,
    status: Option<&'a str>,
}

impl Poller {
    /// What is to be told of a source after a poll: nothing, where its state is what was last told, or has not lasted yet.
    pub(super) fn announcement(
        &self,
        source: &Source,
        before: &SourceState,
        habit: &mut Habit,
        after: &SourceState,
        now: DateTime<Utc>,
    ) -> Option<Announcement> {
        let health = after.health.as_ref()?;
        let was = habit.alarm.observe(before.health.as_ref().map(|h| h.state), health, now)?;
        let Health { state, error, .. } = health;
        let id = hash(format!("{}\0{state}\0{}", source.name, now.timestamp_micros()).as_bytes());
        let change = StateChange {
            id: format!("{id:016x}"),
            source: source.name.clone(),
            was,
            state: *state,
            at: now,
            error: error.clone(),
        };
        let alerts = &self.rules.alerts;
        let wanted = alerts.when.contains(state) && !alerts.to.is_empty();
        let body = wanted.then(|| written(source, &change, after, alerts)).flatten();
        let letter = |body: &String| {
            alerts.to.iter().map(|to| Letter { recipient: recipient(to), body: body.clone() }).collect()
        };
        Some(Announcement { letters: body.as_ref().map(letter).unwrap_or_default(), change })
    }

    /// Those whom something is due for, as the store knows them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn to_be_told(&self) -> Result<Vec<String>, StoreError> {
        self.store.recipients(self.clock.now()).await
    }

    /// Sends what waits for everybody and is due, some letters to each, and tells how many arrived.
    ///
    /// # Errors
    /// When the store fails: what was sent by then may be sent again.
    pub async fn send_alerts(&self) -> Result<usize, StoreError> {
        let all = self.to_be_told().await?;
        let sent = futures_util::future::try_join_all(all.into_iter().map(|to| self.send_alerts_to(to))).await?;
        Ok(sent.into_iter().sum())
    }

    /// The same for one of them. A letter that does not arrive is tried again, later and later, for three days; whoever receives
    /// one twice knows it by its `Idempotency-Key`.
    ///
    /// # Errors
    /// When the store fails: what was sent by then may be sent again.
    pub async fn send_alerts_to(&self, recipient: String) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let taken = self.store.take_letters(recipient, TAKEN, now, now + IN_HAND).await?;
        let (mut arrived, mut late) = (0, HashSet::new());
        // One after the other: of two about one source the second would be told first where the first did not arrive.
        for waiting in taken {
            let source = waiting.source.clone();
            if late.contains(&source) {
                continue;
            }
            match self.send(waiting).await? {
                Sent::Arrived => arrived += 1,
                Sent::GivenUp => {}
                Sent::PutOff => drop(late.insert(source)),
            }
        }
        Ok(arrived)
    }

    async fn send(&self, waiting: Waiting) -> Result<Sent, StoreError> {
        let Waiting { key, letter, made, tries, .. } = waiting;
        let Some(url) = self.rules.alerts.to.iter().find(|to| recipient(to) == letter.recipient) else {
            tracing::warn!("alert {key} is not sent: its recipient is not in the file any more");
            return self.store.letter_sent(key, letter.recipient).await.map(|()| Sent::GivenUp);
        };
        let post = Post {
            url: url.clone(),
            content_type: "application/json".to_owned(),
            headers: vec![("Idempotency-Key".to_owned(), format!("\"{key}\""))],
            body: Bytes::from(letter.body),
        };
        let result = self.client.post(post, self.clock.now()).await;
        let now = self.clock.now();
        match result {
            Ok(_) => self.store.letter_sent(key, letter.recipient).await.map(|()| Sent::Arrived),
            Err(error) if now - made >= TRIED_FOR || error.disposition() == Disposition::Gone => {
                tracing::error!("alert {key} is given up after {tries} tries: {error}");
                self.store.letter_sent(key, letter.recipient).await.map(|()| Sent::GivenUp)
            }
            Err(error) => {
                let due = now + wait(&error, tries, fastrand::f64());
                tracing::warn!("alert {key} did not arrive, next try at {}: {error}", due.format("%H:%M:%S"));
                self.store.letter_put_off(key, letter.recipient, due).await.map(|()| Sent::PutOff)
            }
        }
    }
}

/// What became of a letter.
enum Sent {
    Arrived,
    GivenUp,
    PutOff,
}

fn written(source: &Source, change: &StateChange, after: &SourceState, alerts: &Alerts) -> Option<String> {
    let why = change.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    let message = Message {
        text: format!("{} is {} (was {}){why}", change.source, change.state, change.was),
        id: &change.id,
        source: change.source.as_str(),
        outlet: &source.outlet.name,
        state: change.state,
        was: change.was,
        at: change.at,
        since: after.health.as_ref().map_or(change.at, |health| health.since),
        error: change.error.as_deref(),
        next_poll: after.next_due,
        last_new: after.last_new,
        proposal: after.proposal.as_deref(),
        status: alerts.page.as_ref().map(Url::as_str),
    };
    // Plain data: writing it does not fail.
    serde_json::to_string(&message).ok()
}

/// How a recipient is known in the store: its address may be a secret.
fn recipient(url: &Url) -> String {
    format!("{:016x}", hash(url.as_str().as_bytes()))
}

/// How long to wait after so many tries: as long as was asked for, or twice as long each time, a little more by `jitter`.
fn wait(error: &FetchError, tries: u32, jitter: f64) -> TimeDelta {
    let own = FIRST_WAIT.saturating_mul(1 << tries.saturating_sub(1).min(MOST_DOUBLINGS));
    let wait = own.max(error.retry_after().unwrap_or_default()).min(MOST_WAIT);
    let wait = wait.mul_f64(1.0 + 0.2 * jitter.clamp(0.0, 1.0));
    TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_six_hours_and_heeds_who_asks_for_more() {
        let status = |retry_after| FetchError::Status { host: "h".into(), status: 503, retry_after, wall: false };
        let waits: Vec<i64> = (1..=14).map(|tries| wait(&status(None), tries, 0.0).num_seconds()).collect();
        assert_eq!((waits[0], waits[1], waits[13]), (10, 20, 6 * 3600));
        assert!(waits.is_sorted());
        assert_eq!(wait(&status(Some(Duration::from_secs(60))), 1, 0.0).num_seconds(), 60);
        assert_eq!(wait(&status(Some(Duration::MAX)), u32::MAX, 1.0).num_seconds(), 6 * 3600 * 12 / 10);
    }
}
