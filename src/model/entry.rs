//! One item as the source gave it, and a whole reading of a document.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{DocumentKind, Lang, Outlet};

/// Somebody who wrote something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name as given.
    pub name: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Page of the person.
    pub url: Option<String>,
}

/// A link with its relation (RFC 8288).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// `alternate`, `related`, `via`, `hub`, `self`, `next` ...
    pub rel: String,
    /// Absolute address where it could be resolved, else as written.
    pub href: String,
    /// Title, if any.
    pub title: Option<String>,
    /// Media type, if any.
    pub media_type: Option<String>,
}

/// An attached file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    /// Absolute address where it could be resolved, else as written.
    pub url: String,
    /// Media type, if given.
    pub media_type: Option<String>,
    /// Size in bytes, if given and believable.
    pub length: Option<u64>,
    /// What a podcast says of it.
    #[serde(default, skip_serializing_if = "Episode::is_unknown")]
    pub episode: Episode,
}

/// What a podcast says of an episode.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Episode {
    /// How long it is, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    /// The number of its season.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub season: Option<u32>,
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Whether it is `full`, a `trailer` or a `bonus`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it is not for children.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explicit: Option<bool>,
}

impl Episode {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

impl Entry {
    /// When it was published, or changed where it tells only that.
    #[must_use]
    pub fn dated(&self) -> Option<DateTime<Utc>> {
        self.published.or(self.updated)
    }
}

impl Enclosure {
    /// The first file that is no picture: what an episode is, whatever words go with it.
    #[must_use]
    pub fn recording(all: &[Self]) -> Option<&Self> {
        all.iter().find(|file| !file.is_picture())
    }

    /// Whether it is said to be a picture.
    #[must_use]
    pub fn is_picture(&self) -> bool {
        self.media_type.as_deref().is_some_and(|media| media.starts_with("image/"))
    }
}

/// A picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Absolute address.
    pub url: String,
    /// Width in CSS pixels.
    pub width: Option<u32>,
    /// Height in CSS pixels.
    pub height: Option<u32>,
    /// Alternative text.
    pub alt: Option<String>,
}

/// One item as the source gave it: lossless enough to be replayed. Texts are HTML or plain text as they came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The id that the source gave (guid, atom:id, id). Never invented.
    pub id: Option<String>,
    /// Whether that id says of itself that it is the article's address.
    pub id_is_permalink: bool,
    /// Address of the article: absolute where it could be resolved, else as written.
    pub link: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Summary, apart from the content.
    pub summary: Option<String>,
    /// Content.
    pub content: Option<String>,
    /// Authors of this entry, or of the feed where the entry has none.
    pub authors: Vec<Person>,
    /// Categories, as shown.
    pub categories: Vec<String>,
    /// Attached files.
    pub enclosures: Vec<Enclosure>,
    /// Its picture.
    pub image: Option<Image>,
    /// When it says it was published.
    pub published: Option<DateTime<Utc>>,
    /// When it says it was changed.
    pub updated: Option<DateTime<Utc>>,
    /// The date as it was written, read or not.
    pub date_written: Option<String>,
    /// Its language, where the entry itself or its feed says so.
    pub lang: Option<Lang>,
    /// The outlet that the entry names as its origin (RSS `source`, `atom:source`).
    pub origin: Option<Outlet>,
    /// Further links.
    pub links: Vec<Link>,
    /// What relative addresses in the texts are relative to (xml:base), if it is not the document's address.
    pub base: Option<String>,
}

/// What a document says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FeedHead {
    /// Title.
    pub title: Option<String>,
    /// Address of the site.
    pub link: Option<String>,
    /// Subtitle or description.
    pub subtitle: Option<String>,
    /// When it was changed.
    pub updated: Option<DateTime<Utc>>,
    /// Language.
    pub lang: Option<Lang>,
    /// Language as written.
    pub language_written: Option<String>,
    /// Logo or icon.
    pub image: Option<Image>,
    /// Links of the document itself (`self`, `hub`, `next` ...).
    pub links: Vec<Link>,
    /// Minutes for which the document asks to be left alone (`ttl`, `sy:`).
    pub ttl_minutes: Option<u64>,
    /// Hours at which it asks not to be asked, GMT (`skipHours`): bit 0 is midnight.
    #[serde(default)]
    pub skip_hours: u32,
    /// Days on which it asks not to be asked, GMT (`skipDays`): bit 0 is Monday.
    #[serde(default)]
    pub skip_days: u8,
}

/// What was read in a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What the document is.
    pub kind: DocumentKind,
    /// What it says of itself.
    pub head: FeedHead,
    /// Its entries, in its order.
    pub entries: Vec<Entry>,
    /// What was odd and how it was mended, for people.
    pub notes: Vec<String>,
    /// Whether the document ends before it is finished, so that entries may be missing.
    #[serde(default)]
    pub cut_off: bool,
    /// Whether the last of its entries is a part of one: the document ends inside of it, or what is around it does.
    #[serde(default)]
    pub half: bool,
}
