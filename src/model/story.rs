//! Articles that tell the same text.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Article, ArticleId, Outlet, SourceName, StoryId, Tagged};

/// How an article stands in its story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CopyKind {
    /// The one that is shown.
    Lead,
    /// The same text elsewhere.
    Copy,
    /// A part of the text.
    Excerpt,
}

/// Another article of a story, as credited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// The article.
    pub article: ArticleId,
    /// Its source.
    pub source: SourceName,
    /// Its outlet.
    pub outlet: Outlet,
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: Option<String>,
    /// Copy or excerpt.
    pub kind: CopyKind,
    /// Whether its source was private when it came. What the file says today goes before.
    #[serde(default)]
    pub came_as_private: bool,
}

/// The story of which another's text is a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// The story.
    pub story: StoryId,
    /// The source of its lead.
    pub source: SourceName,
    /// Its lead's outlet.
    pub outlet: Outlet,
    /// Its lead's title.
    pub title: String,
    /// Its lead's address.
    pub url: Option<String>,
    /// Whether it has been published: until then nothing leads to it.
    pub admitted: bool,
    /// Whether its lead's source was private when that came. What the file says today goes before.
    pub came_as_private: bool,
}

/// Who leads a story that tells an event in words of its own, beside another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The source of its lead.
    pub source: SourceName,
    /// Name of its lead's outlet.
    pub outlet: String,
    /// Whether its source was private when it came. What the file says today goes before.
    pub came_as_private: bool,
}

/// One story: its lead and who else tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Its id for good.
    pub id: StoryId,
    /// The article that is shown.
    pub lead: Article,
    /// The other articles of the story, eldest first; with the leads of other stories that are a part of its text.
    pub others: Vec<Copied>,
    /// The story of which its text is a part, where that came later: both stand.
    pub excerpt_of: Option<Whole>,
    /// The tags of all its articles, the lead's first.
    pub tags: Vec<Tagged>,
    /// The date it is listed under; it never changes.
    pub date: DateTime<Utc>,
    /// When its founding article was first seen; it never changes.
    pub first_seen: DateTime<Utc>,
    /// When what is shown last changed for real.
    pub changed: DateTime<Utc>,
}

impl Story {
    /// The stories that share its text: the one that it is a part of, and those that are a part of it, each by the article
    /// that founded it.
    #[must_use]
    pub fn parts(&self) -> HashSet<StoryId> {
        let parts = self.others.iter().map(|o| StoryId::from(o.article.clone()));
        parts.chain(self.excerpt_of.iter().map(|whole| whole.story.clone())).collect()
    }

    /// How many outlets tell all of it, the lead's included: one that repeats itself counts once, an excerpt does not.
    #[must_use]
    pub fn outlets(&self) -> usize {
        let whole = self.others.iter().filter(|o| o.kind != CopyKind::Excerpt);
        let mut names: Vec<&str> = whole.map(|o| o.outlet.name.as_str()).collect();
        names.push(&self.lead.provenance.outlet.name);
        names.sort_unstable();
        names.dedup();
        names.len()
    }
}
