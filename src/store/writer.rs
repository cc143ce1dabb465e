//! The one thread that writes. What has queued is committed together and answered after the commit; where a piece fails, none of
//! its group is kept, and each is done again by itself.

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
    /// How it is done.
    pub(super) way: Way,
    /// The work.
    pub(super) work: Box<dyn Work>,
}

/// How a piece of work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It stores nothing and needs no transaction.
    Look,
    /// It stores something, and can be done once only: beside others it is in a savepoint, which keeps in memory, as it was,
    /// all that changes within it.
    Once,
    /// It stores something, and can be done again from the beginning once all that it did has been undone: it needs no savepoint.
    Again,
    /// As `Once`; but it is on disk no sooner than what is stored after it, or the log is folded in. After a power cut it may not
    /// have been.
    Lightly,
}

impl Way {
    /// Whether a piece beside others needs a savepoint.
    fn in_savepoint(self) -> bool {
        matches!(self, Self::Once | Self::Lightly)
    }
}

/// Work, then the answer to whoever asked.
pub(super) trait Work: Send {
    /// Does it; an error when it failed and must be undone.
    fn run(&mut self, conn: &Connection) -> Result<(), StoreError>;
    /// Tells the asker, once it is known whether the work is on disk.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// Work made of a closure that can be called again.
pub(super) struct Repeatable<F, T> {
    work: F,
    result: Option<Result<T, StoreError>>,
    asker: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Repeatable<F, T> {
    /// The work, and where its answer will arrive.
    pub(super) fn new(work: F) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (asker, answer) = oneshot::channel();
        (Self { work, result: None, asker }, answer)
    }
}

impl<F, T> Work for Repeatable<F, T>
where
    F: FnMut(&Connection) -> Result<T, StoreError> + Send,
    T: Send,
{
    fn run(&mut self, conn: &Connection) -> Result<(), StoreError> {
        let work = &mut self.work;
        // The decision that comes with a poll is not ours: should it break off, this thread must live on.
        let result = catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or(Err(StoreError::BrokeOff));
        outcome(self.result.insert(result))
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        tell(self.asker, self.result, committed);
    }
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
        let result = catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or(Err(StoreError::BrokeOff));
        outcome(self.result.insert(result))
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        tell(self.asker, self.result, committed);
    }
}

fn outcome<T>(result: &Result<T, StoreError>) -> Result<(), StoreError> {
    result.as_ref().map(|_| ()).map_err(Clone::clone)
}

fn tell<T>(
    asker: oneshot::Sender<Result<T, StoreError>>,
    result: Option<Result<T, StoreError>>,
    committed: Result<(), StoreError>,
) {
    let result = match committed {
        Ok(()) => result.unwrap_or(Err(StoreError::Closed)),
        Err(e) => Err(e),
    };
    // Who asked may have gone; the work stands all the same.
    let _gone = asker.send(result);
}

/// The thread: works until the last handle is gone and the queue is empty.
pub(super) fn run(conn: &Connection, mut queue: mpsc::Receiver<Message>, revision: &AtomicU64) {
    let mut waits = Waits::ForTheDisk;
    while let Some(first) = queue.blocking_recv() {
        let mut next = Some(first);
        while let Some(Message { way, mut work }) = next.take() {
            if let Err(error) = waits.turn_to(conn, way) {
                work.answer(Err(error));
                continue;
            }
            if way == Way::Look {
                // Its own answer tells whether it failed: there is nothing to undo.
                let _told = work.run(conn);
                publish(conn, revision);
                work.answer(Ok(()));
                continue;
            }
            let mut group = VecDeque::from([work]);
            while group.len() < GROUP {
                match queue.try_recv() {
                    Ok(message) if message.way == way => group.push_back(message.work),
                    Ok(message) => {
                        next = Some(message);
                        break;
                    }
                    Err(_empty) => break,
                }
            }
            let mut at_once = group.len();
            while !group.is_empty() {
                let (done, outcome) = transaction(conn, way, &mut group, at_once, revision);
                done.into_iter().for_each(|work| work.answer(outcome.clone()));
                // What is left of a group that was undone.
                at_once = 1;
            }
        }
    }
    // Best effort: an unfinished checkpoint is finished at the next start.
    let _kept = conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);");
}

/// Whether the end of a transaction waits until it is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waits {
    ForTheDisk,
    ForNothing,
}

impl Waits {
    /// Sees to it that it waits as a piece of work needs it.
    fn turn_to(&mut self, conn: &Connection, way: Way) -> Result<(), StoreError> {
        let (needed, pragma) = match way {
            Way::Lightly => (Self::ForNothing, "PRAGMA synchronous = NORMAL"),
            Way::Look | Way::Once | Way::Again => (Self::ForTheDisk, "PRAGMA synchronous = FULL"),
        };
        if *self != needed {
            conn.execute_batch(pragma)?;
            *self = needed;
        }
        Ok(())
    }
}

fn publish(conn: &Connection, revision: &AtomicU64) {
    if let Ok(now) = super::touch::revision(conn) {
        revision.fetch_max(now, Ordering::AcqRel);
    }
}

/// One transaction over as much of the group as it can hold, at most so many pieces: what it took, and whether it is on disk.
/// Takes nothing where a piece that can be done again has failed beside others: nothing of any of them is left then.
///
/// No statement of a piece should have a savepoint of its own (SQLite gives it one where it may write several rows and fail at a
/// later one: `REPLACE`, `RETURNING`, an update by a query, an upsert with a foreign key): to end that, SQLite walks through all
/// that the savepoint around it has kept so far.
fn transaction(
    conn: &Connection,
    way: Way,
    group: &mut VecDeque<Box<dyn Work>>,
    at_once: usize,
    revision: &AtomicU64,
) -> (Vec<Box<dyn Work>>, Result<(), StoreError>) {
    if let Err(e) = begin(conn) {
        return (group.drain(..).collect(), Err(e));
    }
    let mut done = Vec::with_capacity(group.len());
    // A piece alone can be undone with its transaction.
    let alone = at_once == 1;
    while done.len() < at_once
        && let Some(mut work) = group.pop_front()
    {
        let in_savepoint = way.in_savepoint() && !alone;
        let kept = if in_savepoint { savepoint(conn, &mut *work) } else { work.run(conn) };
        done.push(work);
        if let Err(e) = kept {
            roll_back(conn);
            if in_savepoint || alone {
                return (done, Err(e));
            }
            done.into_iter().rev().for_each(|work| group.push_front(work));
            return (Vec::new(), Ok(()));
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
fn savepoint(conn: &Connection, work: &mut dyn Work) -> Result<(), StoreError> {
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
    use super::super::{Batch, PollRecord, SourceState, StoreError};
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
    async fn all_waits_for_the_disk_but_what_is_written_lightly() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        // 1 is NORMAL, 2 FULL.
        let level =
            |conn: &rusqlite::Connection| Ok(conn.query_row("PRAGMA synchronous", [], |row| row.get::<_, i64>(0))?);
        let lightly = async || store.write_lightly(level).await.unwrap();
        assert_eq!((store.write(level).await.unwrap(), lightly().await), (2, 1));
        assert_eq!((store.look(level).await.unwrap(), lightly().await), (2, 1));
        assert_eq!((store.write_again(level).await.unwrap(), store.write(level).await.unwrap()), (2, 2));
        let kept =
            store.write_lightly(|conn| super::super::sources::put_state(conn, &source("a"), &SourceState::default()));
        kept.await.unwrap();
        store.close().await.unwrap();
        assert_eq!(open_in(folder.path()).source_states().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_piece_that_fails_takes_no_other_down() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        // All three stand in the queue before the writer wakes, so that they share a transaction if they can.
        let breaking = PollRecord {
            source: source("b"),
            state: SourceState::default(),
            articles: Batch::of([article("b", "1"), article("b", "2")]).unwrap(),
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
    async fn pieces_of_a_group_are_done_again_by_themselves_once_one_has_failed() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        // The first keeps the writer until all others have queued.
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let keeping = store.look(move |_| {
            wait.recv().unwrap();
            Ok(())
        });
        let piece = |n: usize, fails: bool| {
            let mut times = 0;
            store.write_again(move |conn| {
                times += 1;
                super::super::sources::put_state(conn, &source(&format!("s{n}")), &SourceState::default())?;
                if fails { Err(StoreError::Database("no".into())) } else { Ok(times) }
            })
        };
        let once = store.write(|conn| {
            super::super::sources::put_state(conn, &source("once"), &SourceState::default())?;
            Ok(0)
        });
        let (kept, first, failed, last, other, ()) =
            tokio::join!(keeping, piece(1, false), piece(2, true), piece(3, false), once, async move {
                go.send(()).unwrap()
            });
        kept.unwrap();
        assert_eq!((first, last, other), (Ok(2), Ok(1), Ok(0)));
        assert_eq!(failed, Err(StoreError::Database("no".into())));
        let mut stored: Vec<String> =
            store.source_states().await.unwrap().iter().map(|(name, _)| name.to_string()).collect();
        stored.sort();
        assert_eq!(stored, ["once", "s1", "s3"]);
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
            articles: Batch::of((0..n).map(|i| article("a", &i.to_string()))).unwrap(),
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
            let message = super::Message { way: super::Way::Once, work: Box::new(job) };
            store.inner.queue.send(message).await.unwrap_or_else(|_| panic!("the queue is open"));
        }
        let thread = inner.thread.lock().unwrap().take().unwrap();
        drop((store, inner));
        tokio::task::spawn_blocking(move || thread.join()).await.unwrap().unwrap();
        assert_eq!(open_in(folder.path()).source_states().await.unwrap().len(), 50);
    }
}
