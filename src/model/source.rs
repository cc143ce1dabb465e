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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HealthState {
    /// The last poll was fine.
    Ok,
    /// It does not answer, or answers an error.
    Failing,
    /// It answers, but not what it used to: HTML for a feed, selectors that match nothing, fewer entries than expected.
    Broken,
    /// It refuses us (401, 403, 429, a bot wall).
    Blocked,
    /// It says it is gone (410).
    Gone,
}

/// A source's state as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// How it is doing.
    pub state: HealthState,
    /// Since when it has been in that state.
    pub since: DateTime<Utc>,
    /// The last error, for people; empty while all is well.
    pub error: Option<String>,
    /// Failures in a row.
    pub failures: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

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
