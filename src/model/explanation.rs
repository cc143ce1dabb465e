//! Why something is as it is: plain data for `explain`, whoever shows it. The names of the fields are the keys of its JSON.

use std::ops::Range;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ArticleId, BodyFrom, CopyKind, Cuts, Outlet, Recommendation, Republish, SourceName, StoryId, TagOrigin};

/// Why a story, or one article of it, is as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// By what it was found: `story`, `redirect`, `article`, `address`, `guid`, `entry`.
    pub found_by: FoundBy,
    /// The story.
    pub story: StoryId,
    /// The article that `from` and `cut` speak of: the one asked for, else the lead.
    pub article: ArticleId,
    /// Its title, plain text; empty where there is none.
    pub title: String,
    /// The emitted id, a tag URI.
    pub uri: String,
    /// Address of our page of the story.
    pub page: String,
    /// The instant of which this is true.
    pub at: DateTime<Utc>,
    /// Where it came from.
    pub from: From,
    /// What was left out of it.
    pub cut: Left,
    /// The story's tags, and why it has each.
    pub tags: Vec<TagReason>,
    /// The feed of everything and each curated feed, and why the story is in it or not.
    pub feeds: Vec<FeedReason>,
    /// What the story was folded together from.
    pub copies: Copies,
    /// What is recommended under it.
    pub recommended: Recommended,
}

/// By what something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    /// The story's own id.
    Story,
    /// The id of a story that turned out to be this one.
    Redirect,
    /// The id of one of its articles.
    Article,
    /// The address of one of its articles.
    Address,
    /// The id that a source gave.
    Guid,
    /// An entry that was found to be this article.
    Entry,
}

/// Where an article came from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct From {
    /// Its source's name.
    pub source: SourceName,
    /// Whether the source still stands in the file.
    pub in_file: bool,
    /// Who publishes it.
    pub outlet: Outlet,
    /// The outlet that it was taken over from, where it names one.
    pub original: Option<Outlet>,
    /// Address of the original.
    pub url: Option<String>,
    /// What was followed to get it, without secrets.
    pub followed: Vec<String>,
    /// The id that the source gave it.
    pub guid: Option<String>,
    /// Canonical key of its address.
    pub url_key: Option<String>,
    /// Hash of its folded text, 16 hexadecimal digits.
    pub text_hash: String,
    /// By which of the three it is known again.
    pub known_by: KnownBy,
    /// When it was first seen.
    pub first_seen: DateTime<Utc>,
    /// When it says it was published.
    pub published: Option<DateTime<Utc>>,
    /// When it was changed for real.
    pub updated: Option<DateTime<Utc>>,
    /// The date that it is listed under.
    pub date: DateTime<Utc>,
    /// Why under that one.
    pub dated_by: DatedBy,
    /// Where its body was read.
    pub body: BodyFrom,
    /// Its language, BCP 47.
    pub language: Option<String>,
    /// How much of it may leave.
    pub rights: Republish,
    /// Why so much.
    pub rights_by: RightsBy,
    /// What was odd in its source's last document.
    pub notes: Vec<String>,
}

/// By what an article is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// The id that the source gave.
    Guid,
    /// The canonical key of its address.
    Address,
    /// The hash of its text.
    Text,
}

/// Why an article is listed under a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DatedBy {
    /// It says so.
    Itself,
    /// It says none: the date is when it was first seen.
    FirstSeen,
    /// It says one that was still to come: the date is when it was first seen.
    StillToCome,
}

/// Why so much of an article may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RightsBy {
    /// The file says so.
    File,
    /// The file says nothing, and the source itself syndicates the text.
    Syndicated,
    /// The file says nothing, and the text was read on the article's page.
    ReadOnPage,
    /// The source is private: the file says so, or it is read with a secret.
    Private,
}

/// What was left out of an article.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Left {
    /// What reading and cleaning left out; `None` where nothing was kept of it.
    pub reading: Option<Cuts>,
    /// Characters of the text that may leave. Less than `characters` where rights allow an excerpt or the link only.
    pub leaves: usize,
    /// Characters of the text.
    pub characters: usize,
}

/// A tag of a story, and why it has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TagReason {
    /// As shown.
    pub tag: String,
    /// Its key.
    pub key: String,
    /// Its origin.
    pub origin: TagOrigin,
    /// The outlet whose copy brought it, where the lead has it not.
    pub brought_by: Option<String>,
    /// For an origin of rules: the rules of the file that give it, asked of the story as it is now.
    pub rules: Vec<Trace>,
}

/// Why a story is in a feed, or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeedReason {
    /// The feed's name in the file; `all` is the feed of everything.
    pub feed: String,
    /// Its title.
    pub title: String,
    /// Whether it asks for a key.
    pub keyed: bool,
    /// How the story stands in it.
    pub standing: Standing,
    /// Its place, from 1, where it is shown.
    pub position: Option<usize>,
    /// The most stories that the feed shows.
    pub limit: usize,
    /// Its query, term by term; `None` where it takes everything.
    pub query: Option<Trace>,
    /// Whether the query is not told here.
    pub query_hidden: bool,
}

/// How a story stands in a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is shown.
    Shown,
    /// Its query does not select it.
    NotSelected,
    /// It is selected, and those before it fill the feed.
    BeyondLimit,
    /// It is selected, and will be shown once it is admitted.
    NotAdmitted,
    /// It is selected, and its source is private: only a feed with a key may show it.
    Private,
    /// The file hides it.
    Hidden,
    /// It is selected; whether it is shown was not looked up, as too many feeds select it.
    Selected,
}

/// A query asked of something, term by term.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The query, as written.
    pub query: String,
    /// Whether it selects.
    pub held: bool,
    /// Its terms, in the order of the text.
    pub terms: Vec<TracedTerm>,
}

/// One term of a query, asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TracedTerm {
    /// Bytes of the query that it is.
    pub span: Range<usize>,
    /// Whether it holds.
    pub held: bool,
    /// Whether it is wanted; `-` before it, or before its group, turns that round.
    pub wanted: bool,
    /// Where its words stand: `title`, `body`, `author`; else what there is in place of what it asks for, as compared.
    pub found: Vec<String>,
}

impl TracedTerm {
    /// Whether it speaks for being selected.
    #[must_use]
    pub fn helps(&self) -> bool {
        self.held == self.wanted
    }
}

/// What a story was folded together from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Copies {
    /// Why the lead leads.
    pub lead_by: LeadBy,
    /// Its articles, the lead first, then eldest first.
    pub articles: Vec<Member>,
    /// Ids of stories that turned out to be this one.
    pub redirects: Vec<StoryId>,
    /// The story of which its text is a part, where both stand.
    pub part_of: Option<Overlap>,
    /// Stories of which a part, or the whole, stands in its text.
    pub holds: Vec<Overlap>,
}

/// A story that shares text with another, and stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overlap {
    /// The story, by the article that is known of it.
    pub story: StoryId,
    /// Name of its outlet.
    pub outlet: String,
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: Option<String>,
}

/// Why an article leads its story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadBy {
    /// There is no other.
    Alone,
    /// Another article names it as its original.
    Named,
    /// Its source has the lowest rank.
    Rank,
    /// It was there first, and no other has a reason to lead.
    First,
}

/// An article of a story.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Member {
    /// The article.
    pub article: ArticleId,
    /// Its source.
    pub source: SourceName,
    /// Name of its outlet.
    pub outlet: String,
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: Option<String>,
    /// How it stands in the story.
    pub kind: CopyKind,
    /// Why it joined, in the words of the decision; `None` for the one that founded the story.
    pub why: Option<String>,
    /// The `rank` of its source in the file when it came.
    pub rank: u32,
    /// Whether its source was private when it came: such a copy leads after all others.
    pub private: bool,
    /// When it was first seen.
    pub first_seen: DateTime<Utc>,
}

/// What is recommended under a story.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recommended {
    /// When the list in feeds was fixed; `None` while it is not.
    pub admitted: Option<DateTime<Utc>>,
    /// Whether that list was completed since.
    pub completed: bool,
    /// The list in feeds.
    pub fixed: Vec<Recommendation>,
    /// The list that its page shows now.
    pub fresh: Vec<Recommendation>,
}

/// Nothing is kept under what was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unknown {
    /// What was asked for.
    pub asked: String,
    /// What was looked for.
    pub looked_for: Vec<String>,
    /// What was seen of it and is not kept.
    pub seen: Option<Seen>,
}

/// Something that was seen and is not kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seen {
    /// The source that gave it.
    pub source: SourceName,
    /// What became of it.
    pub ended: Ended,
    /// When it was seen, where that is known.
    pub at: Option<DateTime<Utc>>,
    /// Its title, where it is known.
    pub title: Option<String>,
    /// Its address, where it is known.
    pub url: Option<String>,
    /// Why it was not taken, where it is known.
    pub why: Option<String>,
    /// What its source's `only` said of it then.
    pub only: Option<Trace>,
}

/// What became of something that is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It was not taken.
    Skipped,
    /// It was kept, and removed when it was old.
    Purged,
}
