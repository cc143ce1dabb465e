//! When two articles may be one story.

use std::time::Duration;

/// When two articles may be one story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The most that two copies' own dates may lie apart.
    pub within: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { within: Duration::from_secs(14 * 24 * 3600) }
    }
}
