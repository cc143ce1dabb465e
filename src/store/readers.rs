//! A few connections that only read, lent out one at a time.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{StoreError, open};

/// Reading connections.
const READERS: usize = 3;

/// The connections that wait for a reader.
pub(super) struct Readers {
    free: Mutex<Vec<Connection>>,
    gate: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let free = (0..READERS).map(|_| open::reader(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { free: Mutex::new(free), gate: Arc::new(Semaphore::new(READERS)) })
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

    fn take(&self) -> Option<Connection> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

/// Gives the connection back, whatever happens to the reader.
struct Loan<'a> {
    conn: Option<Connection>,
    readers: &'a Readers,
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            self.readers.free.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        }
    }
}
