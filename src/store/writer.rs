//! The one thread that writes. What has queued is committed together, each piece in a savepoint of its own, and answered
//! after the commit.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::StoreError;

/// Pieces of work that may wait; who comes later waits for a place.
pub(super) const QUEUE: usize = 512;
/// The most pieces in one transaction, so that another process gets its turn.
const GROUP: usize = 64;
/// Times that a transaction is begun again while another process holds the lock (each waits `busy_timeout`).
const BEGINNINGS: usize = 3;

/// A piece of work that waits for its turn.
pub(super) struct Message {
    /// Whether it stores something, and belongs in a transaction.
    pub(super) writes: bool,
    /// The work.
    pub(super) work: Box<dyn Work>,
}

/// Work, then the answer to whoever asked.
pub(super) trait Work: Send {
    /// Does it; an error when it failed and must be undone.
    fn run(&mut self, conn: &Connection) -> Result<(), StoreError>;
    /// Tells the asker, once it is known whether the work is on disk.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// Work made of a closure.
pub(super) struct Job<F, T> {
    work: Option<F>,
    result: Option<Result<T, StoreError>>,
    asker: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Job<F, T> {
    /// The work, and where its answer will arrive.
    pub(super) fn new(work: F) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (asker, answer) = oneshot::channel();
        (Self { work: Some(work), result: None, asker }, answer)
    }
}

impl<F, T> Work for Job<F, T>
where
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
    T: Send,
{
    fn run(&mut self, conn: &Connection) -> Result<(), StoreError> {
        let Some(work) = self.work.take() else { return Err(StoreError::Closed) };
        // The decision that comes with a poll is not ours: should it break off, this thread must live on.
        let result = catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or(Err(StoreError::BrokeOff));
        let outcome = result.as_ref().map(|_| ()).map_err(Clone::clone);
        self.result = Some(result);
        outcome
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match committed {
            Ok(()) => self.result.unwrap_or(Err(StoreError::Closed)),
            Err(e) => Err(e),
        };
        // Who asked may have gone; the work stands all the same.
        let _gone = self.asker.send(result);
    }
}

/// The thread: works until the last handle is gone and the queue is empty.
pub(super) fn run(conn: &Connection, mut queue: mpsc::Receiver<Message>, revision: &AtomicU64) {
    while let Some(first) = queue.blocking_recv() {
        let mut next = Some(first);
        while let Some(message) = next.take() {
            if message.writes {
                let mut group = VecDeque::from([message.work]);
                while group.len() < GROUP {
                    match queue.try_recv() {
                        Ok(message) if message.writes => group.push_back(message.work),
                        Ok(message) => {
                            next = Some(message);
                            break;
                        }
                        Err(_empty) => break,
                    }
                }
                while !group.is_empty() {
                    let (done, outcome) = transaction(conn, &mut group, revision);
                    done.into_iter().for_each(|work| work.answer(outcome.clone()));
                }
            } else {
                let mut work = message.work;
                // Its own answer tells whether it failed: there is nothing to undo.
                let _told = work.run(conn);
                publish(conn, revision);
                work.answer(Ok(()));
            }
        }
    }
    // Best effort: an unfinished checkpoint is finished at the next start.
    let _kept = conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);");
}

fn publish(conn: &Connection, revision: &AtomicU64) {
    if let Ok(now) = super::touch::revision(conn) {
        revision.fetch_max(now, Ordering::AcqRel);
    }
}

/// One transaction over as much of the group as it can hold: what it took, and whether it is on disk.
///
/// No statement of a piece should have a savepoint of its own (SQLite gives it one where it may write several rows and fail at a
/// later one: `REPLACE`, `RETURNING`, an update by a query, an upsert with a foreign key): to end that, SQLite walks through all
/// that the savepoint around it has kept so far.
fn transaction(
    conn: &Connection,
    group: &mut VecDeque<Box<dyn Work>>,
    revision: &AtomicU64,
) -> (Vec<Box<dyn Work>>, Result<(), StoreError>) {
    if let Err(e) = begin(conn) {
        return (group.drain(..).collect(), Err(e));
    }
    let mut done = Vec::with_capacity(group.len());
    // A savepoint keeps all that changes within it in memory, as it was; a piece alone can be undone with its transaction.
    let alone = group.len() == 1;
    while let Some(mut work) = group.pop_front() {
        let kept = if alone { work.run(conn) } else { in_savepoint(conn, &mut *work) };
        done.push(work);
        if let Err(e) = kept {
            roll_back(conn);
            return (done, Err(e));
        }
    }
    // Looked at before the end: afterwards it would be a transaction of its own.
    let now = super::touch::revision(conn);
    match say(conn, "COMMIT") {
        Ok(()) => {
            revision.fetch_max(now.unwrap_or_default(), Ordering::AcqRel);
            (done, Ok(()))
        }
        Err(e) => {
            roll_back(conn);
            (done, Err(e))
        }
    }
}

/// Runs one of the few statements that are said again and again: it is kept ready.
fn say(conn: &Connection, sql: &str) -> Result<(), StoreError> {
    conn.prepare_cached(sql)?.execute([])?;
    Ok(())
}

fn begin(conn: &Connection) -> Result<(), StoreError> {
    let mut outcome = Err(StoreError::Busy);
    for _ in 0..BEGINNINGS {
        outcome = say(conn, "BEGIN IMMEDIATE");
        if outcome != Err(StoreError::Busy) {
            break;
        }
    }
    outcome
}

/// `Err` only when the transaction itself is lost (SQLite gives it up on a full disk or an I/O error).
fn in_savepoint(conn: &Connection, work: &mut dyn Work) -> Result<(), StoreError> {
    say(conn, "SAVEPOINT piece")?;
    if let Err(e) = work.run(conn) {
        if conn.is_autocommit() {
            return Err(e);
        }
        say(conn, "ROLLBACK TO piece")?;
    }
    say(conn, "RELEASE piece")
}

fn roll_back(conn: &Connection) {
    if !conn.is_autocommit() {
        let _lost = conn.execute_batch("ROLLBACK");
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::super::{PollRecord, SourceState, StoreError};
    use crate::model::Intent;

    #[tokio::test]
    async fn all_that_queued_is_answered_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let polls = (0..300).map(|i| {
            let store = store.clone();
            tokio::spawn(async move { poll(&store, vec![article("a", &i.to_string())], new_or_skip()).await })
        });
        for answered in polls.collect::<Vec<_>>() {
            assert_eq!(answered.await.unwrap().inserted, 1);
        }
        store.close().await.unwrap();
        assert_eq!(open_in(folder.path()).all_story_ids(None, 1000).await.unwrap().len(), 300);
    }

    #[tokio::test]
    async fn a_piece_that_fails_takes_no_other_down() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        // All three stand in the queue before the writer wakes, so that they share a transaction if they can.
        let breaking = PollRecord {
            source: source("b"),
            state: SourceState::default(),
            articles: vec![article("b", "1"), article("b", "2")],
            told: Default::default(),
            template: None,
            tagged_by: 0,
            now: at(0),
        };
        let mut second = false;
        let decide: super::super::Decide = Box::new(move |article, _, _| {
            assert!(!std::mem::replace(&mut second, true), "breaks off at the second article");
            Intent::Insert(Box::new(article)).into()
        });
        let (first, broken, last) = tokio::join!(
            poll(&store, vec![article("a", "1")], new_or_skip()),
            store.apply(breaking, decide),
            poll(&store, vec![article("c", "1")], new_or_skip()),
        );
        assert_eq!((first.inserted, last.inserted), (1, 1));
        assert_eq!(broken, Err(StoreError::BrokeOff));
        assert_eq!(store.all_story_ids(None, 9).await.unwrap().len(), 2, "nothing of the broken one is left");
        store.ping().await.unwrap();
    }

    #[tokio::test]
    async fn a_piece_that_fails_alone_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let failing = store.write(|conn| {
            conn.execute("INSERT INTO source (name) VALUES ('a')", [])?;
            Err::<(), _>(StoreError::Database("no".into()))
        });
        assert_eq!(failing.await, Err(StoreError::Database("no".into())));
        assert_eq!(store.source_states().await.unwrap(), []);
        assert_eq!(poll(&store, vec![article("a", "1")], new_or_skip()).await.inserted, 1);
    }

    #[tokio::test]
    async fn a_full_disk_stores_nothing_and_passes() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let pages = |most: i64| {
            store.look(move |conn| {
                Ok(conn.query_row(&format!("PRAGMA max_page_count = {most}"), [], |row| row.get::<_, i64>(0))?)
            })
        };
        pages(1).await.unwrap();
        let record = |n: usize| PollRecord {
            source: source("a"),
            state: SourceState::default(),
            articles: (0..n).map(|i| article("a", &i.to_string())).collect(),
            told: Default::default(),
            template: None,
            tagged_by: 0,
            now: at(0),
        };
        let (one, other) =
            tokio::join!(store.apply(record(200), new_or_skip()), store.apply(record(150), new_or_skip()));
        assert_eq!((one, other), (Err(StoreError::Full), Err(StoreError::Full)));
        assert_eq!(store.all_story_ids(None, 9).await.unwrap(), []);
        pages(1 << 30).await.unwrap();
        assert_eq!(store.apply(record(200), new_or_skip()).await.unwrap().inserted, 200);
        store.check().await.unwrap();
    }

    #[tokio::test]
    async fn the_writer_finishes_what_queued_when_the_last_handle_goes() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let inner = std::sync::Arc::clone(&store.inner);
        for i in 0..50 {
            let (job, _nobody_waits) = super::Job::new(move |conn: &rusqlite::Connection| {
                super::super::sources::put_state(conn, &source(&format!("s{i}")), &SourceState::default())
            });
            let message = super::Message { writes: true, work: Box::new(job) };
            store.inner.queue.send(message).await.unwrap_or_else(|_| panic!("the queue is open"));
        }
        let thread = inner.thread.lock().unwrap().take().unwrap();
        drop((store, inner));
        tokio::task::spawn_blocking(move || thread.join()).await.unwrap().unwrap();
        assert_eq!(open_in(folder.path()).source_states().await.unwrap().len(), 50);
    }
}
