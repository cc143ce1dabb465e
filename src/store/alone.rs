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
    /// Takes the right to poll for as long as the answer is kept, by a lock on a file beside the database. Where the file
    /// system knows no locks it is given to everybody.
    ///
    /// # Errors
    /// When another process has it, or the file cannot be made.
    pub fn alone(&self) -> Result<Alone, StoreError> {
        let mut name = self.inner.path.as_os_str().to_owned();
        name.push(".lock");
        let path = PathBuf::from(name);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|e| StoreError::Unreadable { path: path.clone(), reason: e.to_string() })?;
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
