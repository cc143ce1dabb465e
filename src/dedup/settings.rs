//! When two articles may be one story, and which of them is shown.

use std::time::Duration;

/// What the lead of a story is chosen by; the first seen leads where nothing else decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LeadBy {
    /// The original that an article names, else the lowest rank.
    #[default]
    Original,
    /// The lowest rank.
    Rank,
    /// The first seen, for good.
    First,
}

/// When two articles may be one story, and which of them is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The most that two copies' own dates may lie apart.
    pub within: Duration,
    /// What the lead is chosen by.
    pub lead: LeadBy,
}

impl Default for Settings {
    fn default() -> Self {
        Self { within: Duration::from_secs(14 * 24 * 3600), lead: LeadBy::default() }
    }
}
