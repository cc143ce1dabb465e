//! A curated feed at an instant, and what of each story may leave the house.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{CleanHtml, Copied, Enclosure, Image, Lang, Outlet, SourceName, StoryId, Tag, Whole};

/// The most tags of a digest.
const DIGEST_TAGS: usize = 8;

/// Why something is recommended: what the two stories share, the heaviest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// Shared tags, as shown.
    pub tags: Vec<String>,
    /// Shared words.
    pub terms: Vec<String>,
    /// The share of each in the score, 0 to 1, the tags' before the words'; lists that were fixed before shares were kept
    /// have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<f32>,
}

/// What to read next. Never the story itself, never its own copy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// The story recommended.
    pub story: StoryId,
    /// The source of its lead.
    pub source: SourceName,
    /// Whether that was private when the lead came. What the file says today goes before.
    #[serde(skip)]
    pub came_as_private: bool,
    /// Its title.
    pub title: String,
    /// Address of the original.
    pub url: Option<String>,
    /// Name of its outlet.
    pub outlet: String,
    /// The date it is listed under.
    pub date: DateTime<Utc>,
    /// Its language.
    pub lang: Option<Lang>,
    /// How strongly, 0 to 1.
    pub score: f32,
    /// Why.
    pub why: Why,
}

/// As much of a body as may leave.
#[derive(Debug, Clone, PartialEq)]
pub enum ShownBody {
    /// All of it.
    Full(CleanHtml),
    /// The first lines, plain text.
    Excerpt(String),
    /// Nothing: title and link only.
    Nothing,
}

/// A story as one edition shows it, already cut to what its source's rights and the feed's `text` allow. The steps that
/// write bytes see only this, so that no door can give more.
#[derive(Debug, Clone, PartialEq)]
pub struct EditionEntry {
    /// The story.
    pub story: StoryId,
    /// The emitted id, a tag URI (RFC 4151).
    pub uri: String,
    /// Title, plain text; empty where there is none.
    pub title: String,
    /// Address of the original.
    pub url: Option<String>,
    /// Address of our page of the story; of the original where it is hidden.
    pub page: String,
    /// Whether only who has a key may see it: it has no page of ours.
    pub hidden: bool,
    /// The outlet whose text is shown.
    pub outlet: Outlet,
    /// The outlet that it was taken over from, where it names one.
    pub origin: Option<Outlet>,
    /// Who else tells it, eldest first.
    pub others: Vec<Copied>,
    /// The story of which its text is a part.
    pub excerpt_of: Option<Whole>,
    /// Who wrote it.
    pub byline: Vec<String>,
    /// Standfirst, plain text.
    pub standfirst: Option<String>,
    /// The body.
    pub body: ShownBody,
    /// Its language.
    pub lang: Lang,
    /// Its tags, the most trusted first.
    pub tags: Vec<Tag>,
    /// Keys of those of its tags that have a page of their own.
    pub tag_pages: HashSet<String>,
    /// Its lead picture.
    pub image: Option<Image>,
    /// Attached files.
    pub enclosures: Vec<Enclosure>,
    /// The date it is listed under.
    pub published: DateTime<Utc>,
    /// When what is shown last changed for real.
    pub updated: DateTime<Utc>,
    /// What to read next.
    pub recommended: Vec<Recommendation>,
}

/// The best stories of a day, as one entry of an edition.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    /// Its day, in the site's time zone.
    pub day: NaiveDate,
    /// Title for people.
    pub title: String,
    /// When it came out.
    pub published: DateTime<Utc>,
    /// Its stories, in its order. Never none.
    pub entries: Vec<EditionEntry>,
}

impl Digest {
    /// The tags that most of its stories have, at most eight; of those that as many have, the ones that come first.
    #[must_use]
    pub fn tags(&self) -> Vec<&Tag> {
        let mut counted: Vec<(&Tag, usize)> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for tag in self.entries.iter().flat_map(|e| &e.tags) {
            let place = *places.entry(tag.key()).or_insert(counted.len());
            match counted.get_mut(place) {
                Some((_, uses)) => *uses += 1,
                None => counted.push((tag, 1)),
            }
        }
        counted.sort_by_key(|(_, uses)| Reverse(*uses));
        counted.into_iter().take(DIGEST_TAGS).map(|(tag, _)| tag).collect()
    }
}

/// A curated feed at an instant: ordered stories, each with its recommendations. The same input gives the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Edition {
    /// Path without leading slash or ending: `all`, `palestine`, `tag/liberation_palestine`.
    pub path: String,
    /// What is asked for with the path so that it opens, encoded: `key=…`. Only who has given it is shown this edition.
    pub opened_by: Option<String>,
    /// Title for people.
    pub title: String,
    /// Description, if any.
    pub description: Option<String>,
    /// Language of the feed.
    pub lang: Lang,
    /// When anything in it last changed; `None` while it is empty.
    pub changed: Option<DateTime<Utc>>,
    /// The heading of its recommendations.
    pub recommended_heading: String,
    /// Its stories, in its order. None where it gives digests.
    pub entries: Vec<EditionEntry>,
    /// Its digests, the newest first.
    pub digests: Vec<Digest>,
}

impl Edition {
    /// Where it stands: its path, with what opens it.
    #[must_use]
    pub fn place(&self) -> String {
        self.opened(self.path.clone())
    }

    /// Where one of its digests stands.
    #[must_use]
    pub fn place_of(&self, day: NaiveDate) -> String {
        self.opened(format!("{}/{day}", self.path))
    }

    fn opened(&self, path: String) -> String {
        match &self.opened_by {
            Some(query) => format!("{path}?{query}"),
            None => path,
        }
    }
}
