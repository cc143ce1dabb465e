//! Digests: made at their time, or as soon as may be after it, and kept as they were.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::editions::Plan;
use super::{FRESH_SECS, Publisher};
use crate::curate::{self, Daily, Feed, MOST_MISSED, Pool};
use crate::model::{Digest, Edition, Story};
use crate::render::{self, Cache, Rendered, pages};
use crate::store::{KeptDigest, StoreError};

/// Digests that a feed shows.
const SHOWN: usize = 30;
/// Stories looked at together.
const BATCH: usize = 500;

/// Makes the digests that are due.
pub(super) async fn make_due(publisher: &Publisher) -> Result<(), StoreError> {
    let (now, tz) = (publisher.clock.now(), publisher.settings.tz);
    for feed in &publisher.settings.feeds {
        let Some(daily) = feed.digest else { continue };
        let last = daily.last(now, tz);
        let eldest = last.checked_sub_days(Days::new(MOST_MISSED)).unwrap_or(last);
        let mut made = publisher.store.digest_days(&feed.slug, eldest).await?;
        // Those of days to come were made while the clock went wrong: they must not keep the days until then from theirs.
        made.retain(|day, _| *day <= last);
        if made.last_key_value().is_some_and(|(day, _)| *day >= last) {
            continue;
        }
        let first = made.last_key_value().map_or(eldest, |(day, _)| *day);
        let mut before = made.last_key_value().map_or_else(|| daily.on(eldest, tz), |(_, due)| *due);
        for day in first.iter_days().skip(1).take_while(|day| *day <= last) {
            let due = daily.on(day, tz);
            make(publisher, feed, day, before, due).await?;
            before = due;
        }
    }
    Ok(())
}

/// Makes the digest of a day, out of what was admitted since the one before. What is admitted at the very instant is for the
/// next one: more may follow within the same second.
async fn make(
    publisher: &Publisher,
    feed: &Feed,
    day: NaiveDate,
    since: DateTime<Utc>,
    due: DateTime<Utc>,
) -> Result<(), StoreError> {
    let keyed = feed.key.is_some();
    let mut pool = Pool::new(feed.arrangement());
    let mut last = None;
    loop {
        let found = publisher.store.admitted_between(since, due, last, BATCH).await?;
        last = found.last().cloned();
        if last.is_none() {
            break;
        }
        let ids: Vec<_> = found.into_iter().map(|(_, id)| id).collect();
        let stories = publisher.store.stories(&ids).await?;
        let stories = publisher.belonging(stories, &feed.slug, due).await?;
        let seen = stories.into_iter().filter_map(|story| publisher.seen(story, keyed)).collect();
        publisher.enter(&mut pool, seen, feed.order, keyed).await?;
    }
    let keep = |story: Story| {
        let rights = publisher.rights(&story.lead);
        curate::keep(story, rights, keyed, feed.text)
    };
    let stories = pool.arranged().into_iter().filter_map(keep).collect();
    let title = render::titled(&feed.title, day, &feed.lang);
    publisher.store.keep_digest(KeptDigest { feed: feed.slug.clone(), day, due, title, stories }).await?;
    Ok(())
}

impl Publisher {
    /// The first instant after another at which a digest is due: [`Publisher::renew`] makes it. `None` where no feed gives
    /// any.
    #[must_use]
    pub fn next_digest(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let times = self.settings.feeds.iter().filter_map(|f| f.digest);
        times.filter_map(|daily: Daily| daily.next(after, self.settings.tz)).min()
    }

    /// The edition of a feed that gives digests.
    pub(super) async fn digests(&self, plan: &Plan<'_>) -> Result<Edition, StoreError> {
        let kept = self.store.digests(&plan.path, SHOWN).await?;
        let digests: Vec<Digest> = kept.into_iter().filter_map(|kept| self.shown_digest(kept, plan)).collect();
        Ok(Edition { changed: digests.iter().map(|d| d.published).max(), digests, ..self.empty(plan) })
    }

    /// The page of one digest.
    pub(super) async fn digest_page(&self, plan: &Plan<'_>, day: NaiveDate) -> Result<Option<Rendered>, StoreError> {
        let kept = self.store.digest(&plan.path, day).await?;
        let Some(mut digest) = kept.and_then(|kept| self.shown_digest(kept, plan)) else { return Ok(None) };
        self.link_tags(&mut digest.entries).await?;
        let html = pages::digest(&self.settings.site, &self.empty(plan), &digest);
        let cache = if plan.keyed() { Cache::Private } else { Cache::Public(FRESH_SECS) };
        Ok(Some(self.page(html, Some(digest.published), cache)))
    }

    /// A digest as it may be shown today: what was shown then, less what has been withdrawn or made private since.
    fn shown_digest(&self, kept: KeptDigest, plan: &Plan<'_>) -> Option<Digest> {
        let entries: Vec<_> =
            kept.stories.into_iter().filter_map(|story| self.shown(story, plan, Vec::new())).collect();
        let digest = Digest { day: kept.day, title: kept.title, published: kept.due, entries };
        (!digest.entries.is_empty()).then_some(digest)
    }
}
