//! What is recommended, and how much of it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::query::Query;

/// Out of which stories recommendations are taken.
#[derive(Debug, Clone)]
pub enum From {
    /// Any story of the site.
    Site,
    /// Stories of the same feed.
    Feed,
    /// Stories that a query selects.
    Query(Box<Query>),
}

/// What the score is made of. The parts count by their share of the sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Likeness of text.
    pub text: f32,
    /// Shared tags.
    pub tags: f32,
    /// Freshness.
    pub recent: f32,
}

/// What is recommended, and how much of it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The heading; `None`: the usual words in each feed's language.
    pub title: Option<String>,
    /// How many.
    pub count: usize,
    /// How old a recommended story may be.
    pub within: Duration,
    /// What the score is made of.
    pub by: Weights,
    /// 0: the closest. 1: the most different subjects.
    pub variety: f32,
    /// Out of which stories.
    pub from: From,
    /// The same for feeds that have a `from` of their own, by slug.
    pub from_of: BTreeMap<String, From>,
    /// Whether the block at the foot of the body is shown.
    pub show_body: bool,
    /// Whether they stand as `rel="related"` links.
    pub show_links: bool,
}

impl Settings {
    /// All queries that recommended stories are selected by.
    pub fn queries(&self) -> impl Iterator<Item = &Query> {
        std::iter::once(&self.from).chain(self.from_of.values()).filter_map(|from| match from {
            From::Query(query) => Some(&**query),
            From::Site | From::Feed => None,
        })
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            title: None,
            count: 5,
            within: Duration::from_secs(90 * 24 * 3600),
            by: Weights { text: 0.6, tags: 0.3, recent: 0.1 },
            variety: 0.3,
            from: From::Site,
            from_of: BTreeMap::new(),
            show_body: true,
            show_links: true,
        }
    }
}
