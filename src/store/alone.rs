//! One poller at a time: two that poll the same sources would ask each twice.

use std::fs::{File, TryLockError};
use std::path::PathBuf;

use super::{Store, StoreError};

/// The right to poll. The system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub struct Alone {
    _file: Option<File>,
}

impl Store {
    /// Waits until no other process polls once, and keeps others from it for as long as the answer is kept: what was asked a
    /// moment ago is not due any more then. Where the file system knows no locks nobody waits.
    ///
    /// # Errors
    /// When the file for it cannot be made.
    pub async fn turn(&self) -> Result<Alone, StoreError> {
        let (path, file) = self.lock_file(".once.lock")?;
        let waited = tokio::task::spawn_blocking(move || match file.lock() {
            Ok(()) => Alone { _file: Some(file) },
            Err(error) => {
                tracing::warn!("{}: not locked, see to it that nobody else polls: {error}", path.display());
                Alone { _file: None }
            }
        });
        waited.await.map_err(|_broke_off| StoreError::BrokeOff)
    }

    fn lock_file(&self, ending: &str) -> Result<(PathBuf, File), StoreError> {
        let mut name = self.inner.path.as_os_str().to_owned();
        name.push(ending);
        let path = PathBuf::from(name);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|e| StoreError::Unreadable { path: path.clone(), reason: e.to_string() })?;
        Ok((path, file))
    }

    /// Takes the right to poll for as long as the answer is kept, by a lock on a file beside the database. Where the file
    /// system knows no locks it is given to everybody.
    ///
    /// # Errors
    /// When another process has it, or the file cannot be made.
    pub fn alone(&self) -> Result<Alone, StoreError> {
        let (path, file) = self.lock_file(".lock")?;
        match file.try_lock() {
            Ok(()) => Ok(Alone { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Polled { path: self.inner.path.clone() }),
            Err(TryLockError::Error(error)) => {
                tracing::warn!("{}: not locked, see to it that nobody else polls: {error}", path.display());
                Ok(Alone { _file: None })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::*;

    #[tokio::test]
    async fn who_polls_once_waits_for_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (open_in(folder.path()), open_in(folder.path()));
        let first = one.turn().await.unwrap();
        let mut second = std::pin::pin!(other.turn());
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(first);
        assert!(second.await.is_ok());
    }

    #[test]
    fn one_polls_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (open_in(folder.path()), open_in(folder.path()));
        let alone = one.alone().unwrap();
        assert!(matches!(other.alone(), Err(StoreError::Polled { .. })));
        drop(alone);
        assert!(other.alone().is_ok());
    }
}
