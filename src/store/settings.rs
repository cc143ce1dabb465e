//! Where the store is and how long it keeps articles.

use std::path::PathBuf;
use std::time::Duration;

/// Where the store is and how long it keeps articles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The database file.
    pub path: PathBuf,
    /// Articles older than this are removed; their ids and fingerprints stay, so that none comes back. `None`: all are kept.
    pub keep: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { path: PathBuf::from("feeds.db"), keep: Some(Duration::from_secs(2 * 365 * 24 * 3600)) }
    }
}
