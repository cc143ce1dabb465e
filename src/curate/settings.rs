//! What a curated feed is in the file.

use super::{Arrangement, Daily, Order};
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
    /// By what its stories are ordered.
    pub order: Order,
    /// The most stories of one source in any twenty in a row.
    pub per_source: Option<usize>,
    /// The most stories that it shows; of a digest, that each has.
    pub limit: usize,
    /// The time at which it gives one entry a day; `None`: an entry for each story, as they come.
    pub digest: Option<Daily>,
    /// How much of each text.
    pub text: FeedText,
    /// Its language.
    pub lang: Lang,
    /// The secret without which it is not served; `None`: it is public.
    pub key: Option<String>,
    /// How many recommendations; `None`: as for the site.
    pub recommend_count: Option<usize>,
}

impl Feed {
    /// How its stories are arranged.
    #[must_use]
    pub fn arrangement(&self) -> Arrangement {
        Arrangement { order: self.order, per_source: self.per_source, limit: self.limit }
    }
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
