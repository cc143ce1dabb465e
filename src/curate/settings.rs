//! What a curated feed is in the file.

use crate::model::Lang;
use crate::query::Query;

/// The name of the feed of everything, which no curated feed may have.
pub const EVERYTHING: &str = "all";

/// How much of each text a feed gives, within what the source's rights allow. The greater gives less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum FeedText {
    /// All of it.
    #[default]
    Full,
    /// Standfirst or first lines.
    Summary,
    /// Title and link.
    Link,
}

/// The definition of a curated feed.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Its name in the file and its path.
    pub slug: String,
    /// Title for people.
    pub title: String,
    /// Description for people.
    pub description: Option<String>,
    /// What belongs to it; `None`: everything.
    pub select: Option<Query>,
    /// The most stories that it shows.
    pub limit: usize,
    /// How much of each text.
    pub text: FeedText,
    /// Its language.
    pub lang: Lang,
    /// The secret without which it is not served; `None`: it is public.
    pub key: Option<String>,
    /// How many recommendations; `None`: as for the site.
    pub recommend_count: Option<usize>,
}

/// What all feeds have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    /// The most stories that a feed shows.
    pub limit: usize,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { limit: 50 }
    }
}
