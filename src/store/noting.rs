//! Polls that brought nothing are most of all polls. Those that end at nearly the same time are noted together, and none of them
//! waits for the disk: what a power cut takes back of them is asked again.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::model::SourceName;

use super::sources::put_state;
use super::{SourceState, Store, StoreError};

/// How long a poll that has ended waits for others that end.
const GATHERED: Duration = Duration::from_millis(5);
/// The most that are noted in one piece of work, so that others get their turn.
const MOST: usize = 64;

/// Polls that wait to be noted.
#[derive(Default)]
pub(super) struct Noting(Mutex<Vec<Noted>>);

struct Noted {
    source: SourceName,
    state: SourceState,
    asker: Asker,
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
        let (asker, answer) = oneshot::channel();
        let first = {
            let mut waiting = self.inner.noting.waiting();
            waiting.push(Noted { source, state, asker });
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
        let (rows, askers): (Vec<_>, Vec<_>) = polls.into_iter().map(|p| ((p.source, p.state), p.asker)).unzip();
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
    async fn put(&self, states: Arc<Vec<(SourceName, SourceState)>>, some: Range<usize>) -> Result<(), StoreError> {
        let told = states.get(some.clone()).unwrap_or_default().iter().any(|(_, state)| state.announce.is_some());
        let work = move |conn: &_| {
            let states = states.get(some).unwrap_or_default();
            states.iter().try_for_each(|(source, state)| put_state(conn, source, state))
        };
        if told { self.write(work).await } else { self.write_lightly(work).await }
    }
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
