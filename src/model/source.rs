//! Where entries come from and who publishes them.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The key of a source in the file: its name for good.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceName(String);

impl SourceName {
    /// Takes a name of 1 to 100 letters, digits, `-`, `_` and `.`, in any script. `None` for anything else.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let fine = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let len = name.chars().count();
        ((1..=100).contains(&len) && name.chars().all(fine)).then(|| Self(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who publishes: shown with every republished article.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlet {
    /// Name for people.
    pub name: String,
    /// Its site.
    pub url: Option<String>,
}

/// How much of an article may leave by any door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Republish {
    /// Keyed feeds only.
    Private,
    /// The title and the link.
    Link,
    /// Standfirst and first lines, and the link.
    Excerpt,
    /// All of it.
    Full,
}

/// How a source is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HealthState {
    /// The last poll was fine.
    Ok,
    /// It answers, but near the limit of time, or far slower than it used to.
    Slow,
    /// It answers, and has had nothing new for much longer than it ever used to.
    Silent,
    /// It does not answer, or answers an error.
    Failing,
    /// It refuses us (401, 403, 429, a bot wall).
    Blocked,
    /// It answers, but not what it used to: HTML for a feed, selectors that match nothing, fewer entries than expected.
    Broken,
    /// It answers from another address, and says that this is for good.
    Moved,
    /// It says it is gone (410).
    Gone,
}

impl HealthState {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Ok, Self::Slow, Self::Silent, Self::Failing, Self::Blocked, Self::Broken, Self::Moved, Self::Gone];

    /// Its name, in the file, the log and for machines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Slow => "slow",
            Self::Silent => "silent",
            Self::Failing => "failing",
            Self::Blocked => "blocked",
            Self::Broken => "broken",
            Self::Moved => "moved",
            Self::Gone => "gone",
        }
    }

    /// Whether a poll that ends so has failed: nothing came, or not what was expected.
    #[must_use]
    pub fn is_ill(self) -> bool {
        matches!(self, Self::Failing | Self::Blocked | Self::Broken | Self::Gone)
    }
}

impl fmt::Display for HealthState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A source's state as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// How it is doing.
    pub state: HealthState,
    /// Since when it has been in that state.
    pub since: DateTime<Utc>,
    /// The last error, or what else there is to say of the state, for people; empty while all is well.
    pub error: Option<String>,
    /// Failures in a row.
    pub failures: u32,
}

/// A change of a source's state that was told: to the log, to whoever is to be alerted, in the feed of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StateChange {
    /// Its id, the same for all who are told of it.
    pub id: String,
    /// The source.
    pub source: SourceName,
    /// What was last told of it.
    pub was: HealthState,
    /// What it is now.
    pub state: HealthState,
    /// When that was seen.
    pub at: DateTime<Utc>,
    /// What there is to say of it, for people.
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_called_the_same_everywhere() {
        for state in HealthState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }

    #[test]
    fn names_are_plain() {
        for good in ["agence-sud", "Méditerranée", "a.b_c", "وكالة"] {
            assert!(SourceName::new(good).is_some(), "{good}");
        }
        for bad in ["", "a b", "a/b", "a\"b", "a\nb"] {
            assert!(SourceName::new(bad).is_none(), "{bad}");
        }
    }
}
