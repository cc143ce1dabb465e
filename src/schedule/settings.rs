//! How often a source is asked.

use std::time::Duration;

/// Polls an hour that all learnt intervals together may come to, where the file says nothing else: five a second. No more
/// begin after a start.
pub const BUDGET: u32 = 18_000;

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
    /// The shortest learnt interval of a source that sends all of itself each time, because it gives no validators.
    pub unconditional: Duration,
}

impl Settings {
    /// Intervals between these two, whatever a source gives: the file's word goes before our own floor.
    #[must_use]
    pub fn between(self, shortest: Duration, longest: Duration) -> Self {
        Self { shortest, longest, unconditional: shortest, ..self }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            every: Every::Auto,
            shortest: Duration::from_secs(15 * 60),
            longest: Duration::from_secs(24 * 3600),
            unconditional: Duration::from_secs(3600),
        }
    }
}
