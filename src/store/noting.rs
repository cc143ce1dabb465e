//! Polls that brought nothing are most of all polls. Those that end at nearly the same time are noted together, and none of them
//! waits for the disk: what a power cut takes back of them is asked again.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::model::SourceName;

use super::sources::put_state;
use super::{SourceState, Store, StoreError, rows};

/// How long a poll that has ended waits for others that end.
const GATHERED: Duration = Duration::from_millis(5);
/// The most that are noted in one piece of work, so that others get their turn.
const MOST: usize = 64;

/// Polls that wait to be noted.
#[derive(Default)]
pub(super) struct Noting(Mutex<Vec<Noted>>);

struct Noted {
    row: Row,
    asker: Asker,
}

/// What is to be written of a source.
struct Row {
    source: SourceName,
    state: SourceState,
    /// Whether but the times and what is learnt of them all stands there already.
    again: bool,
}

/// Who waits to hear that a poll is noted.
type Asker = oneshot::Sender<Result<(), StoreError>>;

impl Noting {
    fn waiting(&self) -> MutexGuard<'_, Vec<Noted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Notes a poll that brought no articles: it failed, or nothing had changed. Answers when it is stored. A power cut may take the
    /// last of them back, and the source is as it was before; what is told to people of its state is on disk first.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn record_poll(&self, source: SourceName, state: SourceState) -> Result<(), StoreError> {
        self.record(Row { source, state, again: false }).await
    }

    /// Notes a poll that found everything as it was, as [`Store::record_poll`] does. `stored`: what the store gave of the source
    /// before the poll; what is the same in both is not written again.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn record_again(
        &self,
        source: SourceName,
        stored: &SourceState,
        state: SourceState,
    ) -> Result<(), StoreError> {
        let again = state.is_again(stored);
        self.record(Row { source, state, again }).await
    }

    async fn record(&self, row: Row) -> Result<(), StoreError> {
        let (asker, answer) = oneshot::channel();
        let first = {
            let mut waiting = self.inner.noting.waiting();
            waiting.push(Noted { row, asker });
            waiting.len() == 1
        };
        if first {
            let store = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(GATHERED).await;
                let mut gathered = std::mem::take(&mut *store.inner.noting.waiting());
                let mut noted = Vec::with_capacity(gathered.len());
                while !gathered.is_empty() {
                    let rest = gathered.split_off(gathered.len().min(MOST));
                    noted.extend(store.note(std::mem::replace(&mut gathered, rest)).await);
                }
                // Whoever hears that all is noted may close the store.
                drop(store);
                for (asker, outcome) in noted {
                    // Who asked may have gone; it stands all the same.
                    let _gone = asker.send(outcome);
                }
            });
        }
        answer.await.map_err(|_broke_off| StoreError::BrokeOff)?
    }

    /// Notes some polls together; where that fails each by itself, so that none takes another down.
    async fn note(&self, polls: Vec<Noted>) -> Vec<(Asker, Result<(), StoreError>)> {
        let (rows, askers): (Vec<_>, Vec<_>) = polls.into_iter().map(|p| (p.row, p.asker)).unzip();
        let rows = Arc::new(rows);
        let outcome = self.put(rows.clone(), 0..rows.len()).await;
        let mut noted = Vec::with_capacity(askers.len());
        for (n, asker) in askers.into_iter().enumerate() {
            let own = if outcome.is_err() && rows.len() > 1 {
                self.put(rows.clone(), n..n + 1).await
            } else {
                outcome.clone()
            };
            noted.push((asker, own));
        }
        noted
    }

    /// Writes some of these states, all of them or none.
    async fn put(&self, rows: Arc<Vec<Row>>, some: Range<usize>) -> Result<(), StoreError> {
        let told = rows.get(some.clone()).unwrap_or_default().iter().any(|row| row.state.announce.is_some());
        let work = move |conn: &_| {
            rows.get(some).unwrap_or_default().iter().try_for_each(|Row { source, state, again }| {
                if *again && put_again(conn, source, state)? { Ok(()) } else { put_state(conn, source, state) }
            })
        };
        if told { self.write(work).await } else { self.write_lightly(work).await }
    }
}

impl SourceState {
    /// Whether it differs from what was stored in nothing but what `put_again` writes, and tells nobody anything.
    fn is_again(&self, stored: &Self) -> bool {
        // Taken apart, so that what is added to it is thought of here.
        let Self {
            validators,
            body_hash,
            health,
            rhythm: _,
            next_due: _,
            last_polled: _,
            last_new,
            usual_entries,
            polls: _,
            not_modified: _,
            url,
            feed_url,
            notes,
            articles: _,
            moved,
            moving,
            missing_since,
            asks,
            why: _,
            offer,
            pushed: _,
            habit: _,
            proposal,
            announce,
        } = self;
        let known = (validators, body_hash, health, last_new, usual_entries);
        let place = (url, feed_url, moved, moving, missing_since);
        let said = (notes, asks, offer, proposal);
        announce.is_none()
            && known == (&stored.validators, &stored.body_hash, &stored.health, &stored.last_new, &stored.usual_entries)
            && place == (&stored.url, &stored.feed_url, &stored.moved, &stored.moving, &stored.missing_since)
            && said == (&stored.notes, &stored.asks, &stored.offer, &stored.proposal)
    }
}

/// Writes what a poll that found everything as it was changes of a source's state; whether the source is known.
fn put_again(conn: &Connection, source: &SourceName, state: &SourceState) -> Result<bool, StoreError> {
    let mut put = conn.prepare_cached(
        "UPDATE source SET rhythm = ?2, next_due = ?3, last_polled = ?4, polls = ?5, not_modified = ?6, why = ?7, habit = ?8
         WHERE name = ?1",
    )?;
    let known = put.execute(params![
        source.as_str(),
        rows::said(&state.rhythm),
        state.next_due.map(rows::micros),
        state.last_polled.map(rows::micros),
        state.polls.cast_signed(),
        state.not_modified.cast_signed(),
        rows::said(&state.why),
        rows::said(&state.habit),
    ])?;
    Ok(known > 0)
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::*;

    fn polled(times: u64) -> SourceState {
        SourceState { polls: times, ..SourceState::default() }
    }

    #[tokio::test]
    async fn polls_that_end_together_are_all_noted() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let all = (0..150).map(|n| store.record_poll(source(&format!("s{n}")), polled(n)));
        assert!(futures_util::future::join_all(all).await.iter().all(Result::is_ok));
        let states = store.source_states().await.unwrap();
        assert_eq!(states.len(), 150);
        assert!(states.iter().all(|(name, state)| name.as_str() == format!("s{}", state.polls)));
    }

    #[tokio::test]
    async fn of_what_is_as_it_was_the_times_are_written_and_all_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let a = || source("a");
        let first = SourceState { notes: vec!["odd".to_owned()], last_polled: Some(at(1)), ..polled(1) };
        store.record_again(a(), &SourceState::default(), first.clone()).await.unwrap();
        assert_eq!(store.source_state(&a()).await.unwrap(), first, "what nobody knew is written whole");
        // What stands there otherwise by now is not written over.
        let change = "UPDATE source SET notes = '[\"new\"]'";
        store.look(move |conn| Ok(conn.execute_batch(change)?)).await.unwrap();
        let (habit, why) = ("h".to_owned(), "w".to_owned());
        let again =
            SourceState { habit, why, last_polled: Some(at(2)), next_due: Some(at(3)), polls: 2, ..first.clone() };
        store.record_again(a(), &first, again.clone()).await.unwrap();
        let new = SourceState { notes: vec!["new".to_owned()], ..again.clone() };
        assert_eq!(store.source_state(&a()).await.unwrap(), new);
        let other = SourceState { last_new: Some(at(2)), ..again };
        store.record_again(a(), &first, other.clone()).await.unwrap();
        assert_eq!(store.source_state(&a()).await.unwrap(), other, "what is other is written whole");
    }

    #[tokio::test]
    async fn who_gives_up_waiting_is_noted_all_the_same_and_one_that_fails_takes_no_other_down() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let refuse =
            "CREATE TRIGGER refuse BEFORE UPDATE ON source WHEN new.name = 'bad' BEGIN SELECT raise(ABORT, 'no'); END";
        store.look(move |conn| Ok(conn.execute_batch(refuse)?)).await.unwrap();
        let mut gone = Box::pin(store.record_poll(source("gone"), polled(1)));
        assert!(futures_util::poll!(&mut gone).is_pending());
        drop(gone);
        let (good, bad) =
            tokio::join!(store.record_poll(source("good"), polled(2)), store.record_poll(source("bad"), polled(3)),);
        assert!(good.is_ok() && bad.is_err(), "{good:?} {bad:?}");
        let states = store.source_states().await.unwrap();
        let polls: Vec<_> = states.iter().map(|(name, state)| (name.as_str(), state.polls)).collect();
        assert_eq!(polls, [("gone", 1), ("good", 2)]);
    }
}
