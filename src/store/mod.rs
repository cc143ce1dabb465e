//! Keeps: one SQLite file behind methods named by use case. No row, connection or SQL leaves this folder.
//!
//! One thread owns the only writing connection and commits together what has queued; a few connections read. Two
//! processes may share the file (`poll` from cron beside `serve`).

mod admissions;
mod alone;
mod alongside;
mod apply;
mod articles;
mod as_of;
mod batch;
mod bloom;
mod by_tag;
mod change;
mod digests;
mod entries;
mod explain;
mod failure;
mod fingerprints;
mod known;
mod labels;
mod left;
mod merge;
mod noting;
mod open;
mod outbox;
mod pack;
mod pairs;
mod readers;
mod refill;
mod retagging;
mod rows;
#[cfg(test)]
mod samples;
mod scores;
mod search;
mod seen_pages;
mod settings;
mod settling;
mod shelves;
mod sources;
mod stories;
mod subscriptions;
mod tag_pages;
mod tags;
mod telltale;
mod touch;
mod upkeep;
mod vectors;
mod versions;
mod writer;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{Semaphore, mpsc, oneshot};

pub use admissions::Admission;
pub use alone::Alone;
pub use apply::{Applied, Decide, PollRecord};
pub use articles::ExportedArticle;
pub use batch::Batch;
pub use digests::KeptDigest;
pub use explain::{Sought, Teller, Telling, Traced, Trail};
pub use failure::StoreError;
pub use outbox::{Announcement, Letter, Waiting};
pub use refill::{Position, Refill, Refilled, What};
pub use retagging::Retagging;
pub use search::{Accept, Findings, Number, Order, Seek};
pub use seen_pages::ReadPage;
pub use settings::Settings;
pub use shelves::{Shelf, Shelving, Taken};
pub use sources::{EntryKey, KnownEntry, Moved, Moving, SourceState};
pub use stories::Changes;
pub use telltale::Told;
pub use vectors::{Outline, StoredVector};

use fingerprints::Fresh;
use noting::Noting;
use readers::Readers;
use writer::{Job, Message, Repeatable, Way, Work};

/// The store: a handle, cheap to clone. When the last one goes, the writer finishes what has queued and ends.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    revision: Arc<AtomicU64>,
    readers: Arc<Readers>,
    noting: Noting,
    /// The fresh keys of texts; the writer's.
    fresh: Arc<Mutex<Fresh>>,
    /// To take over what was gathered, one at a time.
    settling: Semaphore,
    queue: mpsc::Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database, or makes it; brings its schema up to date.
    ///
    /// # Errors
    /// When the file is not ours, was written by a newer version (both are left untouched), or cannot be opened.
    pub fn open(settings: &Settings) -> Result<Self, StoreError> {
        let path = settings.path.clone();
        let conn = open::writer(&path)?;
        let revision = Arc::new(AtomicU64::new(touch::revision(&conn)?));
        let readers = Arc::new(Readers::open(&path)?);
        let (queue, waiting) = mpsc::channel(writer::QUEUE);
        let seen = Arc::clone(&revision);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer::run(&conn, waiting, &seen))
            .map_err(|e| StoreError::Unreadable { path: path.clone(), reason: format!("no thread for it: {e}") })?;
        let (noting, fresh, settling) = (Noting::default(), Arc::default(), Semaphore::new(1));
        let thread = Mutex::new(Some(thread));
        Ok(Self { inner: Arc::new(Inner { path, revision, readers, noting, fresh, settling, queue, thread }) })
    }

    /// Waits until all that has queued is on disk and folds the log into the file. When this is the last handle, the file
    /// is closed on return.
    ///
    /// # Errors
    /// When the log could not be folded in: nothing is lost, the next start does it.
    pub async fn close(self) -> Result<(), StoreError> {
        let folded = self.look(|conn| Ok(conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?)).await;
        if let Some(inner) = Arc::into_inner(self.inner) {
            let Inner { readers, queue, thread, .. } = inner;
            let thread = thread.lock().unwrap_or_else(PoisonError::into_inner).take();
            let ending = tokio::task::spawn_blocking(move || {
                // The writer must be the last to close: only it may remove the log.
                drop(readers);
                drop(queue);
                thread.map(JoinHandle::join)
            });
            ending.await.map_err(|_broke_off| StoreError::BrokeOff)?;
        }
        folded
    }

    /// The present revision: raised whenever something that a feed shows has changed. Costs nothing; learns of another
    /// process's changes by [`Store::data_version`] and by every write.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.inner.revision.load(Ordering::Acquire)
    }

    async fn read<T, F>(&self, look: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        self.inner.readers.read(look).await
    }

    /// Queues work that stores something; answers when it is on disk.
    async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (job, answer) = Job::new(work);
        self.queue(Way::Once, Box::new(job), answer).await
    }

    /// The same for work that a power cut may take back, where nobody misses it: it answers before that is on disk.
    async fn write_lightly<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (job, answer) = Job::new(work);
        self.queue(Way::Lightly, Box::new(job), answer).await
    }

    /// The same for work that may be done again from the beginning, where what it did was undone: it is cheaper beside other such
    /// work.
    async fn write_again<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (job, answer) = Repeatable::new(work);
        self.queue(Way::Again, Box::new(job), answer).await
    }

    /// Queues work for the writing connection that needs no transaction.
    async fn look<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (job, answer) = Job::new(work);
        self.queue(Way::Look, Box::new(job), answer).await
    }

    async fn queue<T>(
        &self,
        way: Way,
        work: Box<dyn Work>,
        answer: oneshot::Receiver<Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.inner.queue.send(Message { way, work }).await.map_err(|_closed| StoreError::Closed)?;
        answer.await.map_err(|_gone| StoreError::Closed)?
    }
}
