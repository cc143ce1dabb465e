//! The nouns. Plain data that every step speaks of; each type makes the wrong state impossible, none knows how it is
//! read, stored or shown.

mod article;
mod cuts;
mod document;
mod edition;
mod entry;
mod explanation;
mod id;
mod intent;
mod lang;
mod mistake;
mod source;
mod story;
mod subscription;
mod tag;

pub use article::{Article, BodyFrom, CleanHtml, Provenance};
pub use cuts::{Cut, CutKind, Cuts, PageAsked, PageReading};
pub use document::{Document, DocumentKind, Validators};
pub use edition::{Digest, Edition, EditionEntry, Recommendation, ShownBody, Why};
pub use entry::{Enclosure, Entry, Episode, FeedHead, Image, Link, Person, Reading};
pub use explanation::{
    Copies, DatedBy, Ended, Explanation, FeedReason, FoundBy, From, KnownBy, LeadBy, Left, Member, Overlap,
    Recommended, RightsBy, Seen, Standing, TagReason, Trace, TracedTerm, Unknown,
};
pub use id::{ArticleId, Identity, StoryId};
pub use intent::{Candidate, Decision, Fellow, Intent, Known, KnownArticle, KnownStory};
pub use lang::{Direction, Lang};
pub use mistake::{Mistake, Wrong};
pub use source::{Health, HealthState, Outlet, Republish, SourceName, StateChange};
pub use story::{Beside, Copied, CopyKind, Story, Whole};
pub use subscription::{Offer, Pushed, Secret, Stage, Subscription};
pub use tag::{Given, Tag, TagOrigin, Tagged};
