//! What can go wrong here, for those who must choose what to do about it.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why the store could not do as asked. Nothing of the request was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The file was written by a newer version; it was not touched.
    #[error(
        "{path}: written by a newer feedloom (schema {found}, this one knows {known}); start the newer one, or name another file"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that we know.
        known: i64,
    },
    /// The file is something else; it was not touched.
    #[error("{path}: not a feedloom database: {found}")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: String,
    },
    /// The file cannot be opened, read or made.
    #[error("{path}: cannot be opened: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Another process polls for it.
    #[error("{path}: another feedloom polls for this database already")]
    Polled {
        /// The file.
        path: PathBuf,
    },
    /// Another process kept the database to itself for too long.
    #[error("database: locked by another process")]
    Busy,
    /// No space is left.
    #[error("database: no space left on the disk")]
    Full,
    /// What is in the file cannot be read back.
    #[error("database: damaged: {0}")]
    Damaged(String),
    /// An article is too large to be kept.
    #[error("article {id}: too large to be kept ({bytes} bytes)")]
    TooLarge {
        /// The article.
        id: String,
        /// Its size.
        bytes: usize,
    },
    /// A backup could not be written.
    #[error("{path}: backup not written: {reason}")]
    Backup {
        /// Where it was to stand.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// What was to be stored does not go together with what is there.
    #[error("database: {0}")]
    Refused(String),
    /// The work itself broke off; it was undone.
    #[error("database: the work broke off and was undone")]
    BrokeOff,
    /// The store is closed.
    #[error("database: closed")]
    Closed,
    /// Anything else that SQLite says.
    #[error("database: {0}")]
    Database(String),
}

impl StoreError {
    /// Whether the same request may succeed later with nobody mending anything.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Busy | Self::Full)
    }

    /// Whether what was to be stored is at fault, so that all else can be stored still.
    #[must_use]
    pub fn is_of_what_was_given(&self) -> bool {
        matches!(self, Self::TooLarge { .. } | Self::Refused(_) | Self::BrokeOff)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
                Self::Refused(error.to_string())
            }
            Some(_) => Self::Database(error.to_string()),
            None => match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..) => Self::Damaged(error.to_string()),
                other => Self::Database(other.to_string()),
            },
        }
    }
}
