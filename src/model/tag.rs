//! Hashtags: shown as written, equal by key.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// A hashtag. Two tags are the same when their keys are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tag {
    shown: String,
    key: String,
}

impl Tag {
    /// A tag from its two forms. Steps make tags with `text::tag`, which folds the key; the store reads them back.
    #[must_use]
    pub fn from_parts(shown: impl Into<String>, key: impl Into<String>) -> Self {
        Self { shown: shown.into(), key: key.into() }
    }

    /// As it is shown, without `#`: `Libération_Palestine`.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The folded key: `liberation_palestine`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for Tag {}
impl Hash for Tag {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// Where a tag came from, in the usual order of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagOrigin {
    /// Given to every article of the source, in the file.
    Source,
    /// A rule of `[tags]`.
    Rules,
    /// A hashtag in the text or on the page's hashtag line.
    Hashtags,
    /// A category of the feed.
    Feed,
    /// The page's own metadata.
    Page,
    /// Learnt from the stories that are most like it: marked, and only where the file asks for it.
    Learned,
}

/// What an article came with that tags are made of, each as written: before aliases, `drop` and `most`, so that its tags can
/// be made anew when the file changes. Hashtags that stand in its text are read there again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Given {
    /// Of the hashtag line of its page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashtags: Vec<String>,
    /// Categories of its feed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Keywords of its page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
}

impl Given {
    /// What an article came with, as far as the tags that it was given tell: those that were renamed, dropped or left over are
    /// not among them.
    #[must_use]
    pub fn of(tags: &[Tagged]) -> Self {
        let from =
            |origin: TagOrigin| tags.iter().filter(|t| t.origin == origin).map(|t| t.tag.shown().to_owned()).collect();
        Self { hashtags: from(TagOrigin::Hashtags), categories: from(TagOrigin::Feed), keywords: from(TagOrigin::Page) }
    }
}

/// A tag of an article, and why it has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tagged {
    /// The tag.
    pub tag: Tag,
    /// Its origin.
    pub origin: TagOrigin,
}
