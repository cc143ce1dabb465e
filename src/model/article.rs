//! One item as we keep it.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{ArticleId, Enclosure, Given, Image, Lang, Outlet, Republish, SourceName, Tagged};

/// HTML that went through the sanitiser: only `clean` makes it, and `store` reads back what it made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CleanHtml(String);

impl CleanHtml {
    /// Vouches that `html` came out of the sanitiser. For `clean` (which makes it) and `store` (which kept it); the
    /// house test refuses the call anywhere else.
    pub(crate) fn vouched(html: String) -> Self {
        Self(html)
    }

    /// The markup.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for CleanHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a body was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyFrom {
    /// What the source itself syndicates.
    Feed,
    /// The article's own page.
    Page,
}

/// Who published an article, where it stands, and what was followed to get it. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The outlet whose article this is (the source's, or the original that the article names).
    pub outlet: Outlet,
    /// The outlet that it was taken over from, where the article names one.
    pub origin: Option<Outlet>,
    /// What was followed: the source's document, then the article's page.
    pub via: Vec<String>,
}

/// One item as we keep it.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// Its id for good.
    pub id: ArticleId,
    /// The source that gave it.
    pub source: SourceName,
    /// The id that the source gave it.
    pub guid: Option<String>,
    /// Address of the original, as published: what links point to.
    pub url: Option<String>,
    /// Canonical key of that address: what addresses are compared by.
    pub url_key: Option<String>,
    /// The `rank` of its source in the file: of several copies the lowest leads.
    pub rank: u32,
    /// How much of it may leave, as its source stood in the file when it came; `None`: as is usual. What the file says today
    /// goes before.
    pub republish: Option<Republish>,
    /// Hash of the entry as it came, so that an unchanged one is known at once.
    pub entry_hash: u64,
    /// Where it comes from.
    pub provenance: Provenance,
    /// Title, plain text; empty where there is none.
    pub title: String,
    /// Standfirst, plain text.
    pub standfirst: Option<String>,
    /// Who wrote it.
    pub byline: Vec<String>,
    /// The body.
    pub body: CleanHtml,
    /// The body's text, paragraphs on lines.
    pub text: String,
    /// Where the body was read.
    pub body_from: BodyFrom,
    /// Its lead picture.
    pub image: Option<Image>,
    /// Attached files.
    pub enclosures: Vec<Enclosure>,
    /// Its language.
    pub lang: Option<Lang>,
    /// When it says it was published.
    pub published: Option<DateTime<Utc>>,
    /// When it was changed for real, as far as we saw.
    pub updated: Option<DateTime<Utc>>,
    /// When we first saw it: kept for ever.
    pub first_seen: DateTime<Utc>,
    /// Its tags, most trusted first.
    pub tags: Vec<Tagged>,
    /// What of them it came with.
    pub given: Given,
}

impl Article {
    /// Whether its source was private when it came. What the file says today goes before.
    #[must_use]
    pub fn came_as_private(&self) -> bool {
        self.republish == Some(Republish::Private)
    }

    /// The date it is listed under: its own, but never after we first saw it; first-seen where it has none.
    #[must_use]
    pub fn date(&self) -> DateTime<Utc> {
        self.published.map_or(self.first_seen, |p| p.min(self.first_seen))
    }

    /// Where it stands among others: its date, and among those of one second (of one day, where no hour is told) the order in which
    /// they were seen: by quarters of an hour, and in one document, whose entries are seen a microsecond before the one above. That
    /// is told in the microseconds, which nobody shows and no source gives; it starts anew every ten days.
    #[must_use]
    pub fn place(&self) -> DateTime<Utc> {
        let date = self.date();
        if self.published.is_none() || date.timestamp_subsec_nanos() != 0 {
            return date;
        }
        let past = i64::from(self.first_seen.timestamp_subsec_micros());
        let (behind, polled) = ((1_000_000 - past) % 1_000_000, self.first_seen.timestamp() + past.signum());
        let seen = polled.div_euclid(15 * 60).rem_euclid(1000) * 1000 + 999 - behind.min(999);
        date.checked_add_signed(TimeDelta::microseconds(seen)).map_or(date, |date| date.min(self.first_seen))
    }
}
