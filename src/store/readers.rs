//! A few connections that only read, lent out one at a time; and one for short looks, which are taken together.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::{Semaphore, oneshot};

use super::{StoreError, open};

/// Reading connections.
const READERS: usize = 3;

/// The connections that wait for a reader.
pub(super) struct Readers {
    free: Mutex<Vec<Connection>>,
    gate: Arc<Semaphore>,
    /// The connection for short looks, and those that wait for it.
    quick: Mutex<Connection>,
    glances: Mutex<Glances>,
}

/// A look that is short; what it is given instead of a connection is why there is none.
type Glance = Box<dyn FnOnce(Result<&Connection, StoreError>) + Send>;

#[derive(Default)]
struct Glances {
    waiting: Vec<Glance>,
    /// Whether somebody is at it.
    running: bool,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let free = (0..READERS).map(|_| open::reader(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            free: Mutex::new(free),
            gate: Arc::new(Semaphore::new(READERS)),
            quick: Mutex::new(open::reader(path)?),
            glances: Mutex::default(),
        })
    }

    /// Reads on the blocking pool, all of it from one instant of the database.
    pub(super) async fn read<T, F>(self: &Arc<Self>, look: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let place = Arc::clone(&self.gate).acquire_owned().await.map_err(|_closed| StoreError::Closed)?;
        let readers = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || {
            let _place = place;
            let loan = Loan { conn: readers.take(), readers: &readers };
            let Some(conn) = &loan.conn else { return Err(StoreError::Closed) };
            let instant = conn.unchecked_transaction()?;
            look(&instant)
        });
        reading.await.map_err(|_broke_off| StoreError::BrokeOff)?
    }

    /// Reads a few rows. What is asked for at the same time is read together, from one instant after the last of them was asked
    /// for: where many ask, each costs little more than its rows.
    pub(super) async fn glance<T, F>(self: &Arc<Self>, look: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (asker, answer) = oneshot::channel();
        let glance: Glance = Box::new(move |conn| {
            let _gone = asker.send(conn.and_then(look));
        });
        let begins = {
            let mut glances = locked(&self.glances);
            glances.waiting.push(glance);
            !std::mem::replace(&mut glances.running, true)
        };
        if begins {
            let readers = Arc::clone(self);
            tokio::task::spawn_blocking(move || readers.glance_all());
        }
        answer.await.map_err(|_broke_off| StoreError::BrokeOff)?
    }

    /// Takes the short looks that wait, until none does.
    fn glance_all(&self) {
        loop {
            let waiting = {
                let mut glances = locked(&self.glances);
                glances.running = !glances.waiting.is_empty();
                if !glances.running {
                    return;
                }
                std::mem::take(&mut glances.waiting)
            };
            let conn = locked(&self.quick);
            let instant = conn.unchecked_transaction().map_err(StoreError::from);
            for glance in waiting {
                let conn = instant.as_deref().map_err(Clone::clone);
                // Who asked learns of it: the answer does not come.
                let _broke_off = catch_unwind(AssertUnwindSafe(|| glance(conn)));
            }
        }
    }

    fn take(&self) -> Option<Connection> {
        locked(&self.free).pop()
    }
}

/// No panic leaves what is behind these locks half changed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the connection back, whatever happens to the reader.
struct Loan<'a> {
    conn: Option<Connection>,
    readers: &'a Readers,
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            locked(&self.readers.free).push(conn);
        }
    }
}
