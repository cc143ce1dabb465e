//! How often a source is asked.

use std::time::Duration;

/// The interval between two polls of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// Learnt from its rhythm.
    Auto,
    /// Always the same.
    Fixed(Duration),
}

/// How often a source is asked. What the server asks for (`Retry-After`, `max-age`, `ttl`) always wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The interval.
    pub every: Every,
    /// The shortest learnt interval.
    pub shortest: Duration,
    /// The longest learnt interval.
    pub longest: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { every: Every::Auto, shortest: Duration::from_secs(5 * 60), longest: Duration::from_secs(12 * 3600) }
    }
}
