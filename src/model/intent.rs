//! What a decision knows, and what it wants stored.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Article, ArticleId, CopyKind, SourceName, StoryId};

/// An article that the store knew under the same guid, address or text.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownArticle {
    /// Its id.
    pub id: ArticleId,
    /// Its source.
    pub source: SourceName,
    /// Its story; `None` where only its fingerprints outlived it.
    pub story: Option<StoryId>,
    /// The id that the source gave it.
    pub guid: Option<String>,
    /// Canonical key of its address.
    pub url_key: Option<String>,
    /// Hash of the entry that it was last made from.
    pub entry_hash: u64,
    /// Hash of its folded text.
    pub text_hash: u64,
    /// Its title.
    pub title: String,
    /// Its plain text; empty where only its fingerprints outlived it.
    pub text: String,
    /// The date it is listed under.
    pub date: DateTime<Utc>,
    /// When it was published, where its source said.
    pub published: Option<DateTime<Utc>>,
    /// Address of its recording, as the source gave it.
    pub recording: Option<String>,
}

/// An article that may be a copy: it shares sampled shingles with a new one.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The article.
    pub id: ArticleId,
    /// Its story.
    pub story: StoryId,
    /// How it stands there.
    pub kind: CopyKind,
    /// Who gave it.
    pub source: SourceName,
    /// Name of its outlet.
    pub outlet: String,
    /// Key of its address.
    pub url_key: Option<String>,
    /// Its title.
    pub title: String,
    /// Its plain text, to verify exactly.
    pub text: String,
    /// The date it is listed under.
    pub date: DateTime<Utc>,
    /// Address of its recording, as the source gave it.
    pub recording: Option<String>,
    /// How many sampled keys it shares with the new article.
    pub shared: u32,
}

/// An article of a story that a candidate belongs to, which is no candidate itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fellow {
    /// The story.
    pub story: StoryId,
    /// Whether it is an excerpt of the story.
    pub excerpt: bool,
    /// Its plain text.
    pub text: String,
}

/// A story that the new article may join.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownStory {
    /// The story.
    pub id: StoryId,
    /// The article that leads it.
    pub lead: ArticleId,
    /// The lead's rank.
    pub lead_rank: u32,
    /// Whether only keyed feeds may show the lead.
    pub lead_private: bool,
    /// Whether it has been published.
    pub admitted: bool,
    /// Canonical key of the lead's address.
    pub lead_url_key: Option<String>,
    /// Name of the lead's outlet.
    pub lead_outlet: String,
    /// Canonical keys of the addresses that its articles name as their origin.
    pub origins: Vec<String>,
    /// When its founding article was first seen: the elder story survives.
    pub first_seen: DateTime<Utc>,
}

/// What the store knows of one new or changed article.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// The article of the same id, or of the same guid within the source.
    pub same: Option<KnownArticle>,
    /// Articles of any source at the same canonical address.
    pub at_url: Vec<KnownArticle>,
    /// Articles of any source with the same folded text.
    pub same_text: Vec<KnownArticle>,
    /// Articles of its source that the document in which it stands holds no more: those of its text, and the only one of its title
    /// and its date to the second. Of a document that is not whole nobody knows.
    pub left: Vec<KnownArticle>,
    /// Articles that share sampled shingles, the most shared first, at most a named bound.
    pub candidates: Vec<Candidate>,
    /// What else stands in stories of which a candidate is much longer than it: that may be a page of several articles.
    pub beside: Vec<Fellow>,
    /// The stories of all of these, each once.
    pub stories: Vec<KnownStory>,
    /// Shingles that many articles have which its source gives at the same time, sorted.
    pub repeated: Arc<[u64]>,
}

impl Known {
    /// Whether readers have seen one of the stories.
    #[must_use]
    pub fn is_published(&self, story: &StoryId) -> bool {
        self.stories.iter().any(|known| known.id == *story && known.admitted)
    }

    /// Whether an article leads one of the stories.
    #[must_use]
    pub fn leads(&self, article: &ArticleId) -> bool {
        self.stories.iter().any(|known| known.lead == *article)
    }
}

/// What a decision wants stored: of the article itself, and of others because of it. Made by pure code, applied in one
/// transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What becomes of the article.
    pub intent: Intent,
    /// Stories that turn out to be one with the article's, because it tells the text of each. The elder's id survives.
    pub merges: Vec<StoryId>,
    /// The article that leads them then; `None`: the elder's lead.
    pub lead: Option<ArticleId>,
    /// Articles of other stories that are a part of this one's text: each is an excerpt of it that came first. Their
    /// stories stay.
    pub holds: Vec<ArticleId>,
    /// Another story than its own of which the article is a part: a page that holds it, and other things.
    pub part_of: Option<StoryId>,
}

impl From<Intent> for Decision {
    /// A decision that concerns nothing but its article.
    fn from(intent: Intent) -> Self {
        Self { intent, merges: Vec::new(), lead: None, holds: Vec::new(), part_of: None }
    }
}

/// What becomes of one article.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// A new article that founds a story.
    Insert(Box<Article>),
    /// A new article that joins a story.
    Join {
        /// The article.
        article: Box<Article>,
        /// The story.
        story: StoryId,
        /// As a copy, or as an excerpt.
        kind: CopyKind,
        /// Whether it takes the lead.
        leads: bool,
        /// Why, for `explain`: "same address", "0.87 of its text".
        why: String,
    },
    /// A known article whose text or tags really changed. The id is the known one.
    Revise(Box<Article>),
    /// Nothing to store.
    Skip {
        /// The article as it came.
        id: ArticleId,
        /// Why.
        why: String,
    },
}
