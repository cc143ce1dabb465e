//! The nouns. Plain data that every step speaks of; each type makes the wrong state impossible, none knows how it is
//! read, stored or shown.

mod article;
mod document;
mod edition;
mod entry;
mod id;
mod intent;
mod lang;
mod mistake;
mod source;
mod story;
mod tag;

pub use article::{Article, BodyFrom, CleanHtml, PRIVATE_RANK, Provenance};
pub use document::{Document, DocumentKind, Validators};
pub use edition::{Edition, EditionEntry, Recommendation, ShownBody, Why};
pub use entry::{Enclosure, Entry, FeedHead, Image, Link, Person, Reading};
pub use id::{ArticleId, Identity, StoryId};
pub use intent::{Candidate, Intent, Known, KnownArticle, KnownStory};
pub use lang::{Direction, Lang};
pub use mistake::Mistake;
pub use source::{Health, HealthState, Outlet, Republish, SourceName};
pub use story::{Copied, CopyKind, Story};
pub use tag::{Given, Tag, TagOrigin, Tagged};
