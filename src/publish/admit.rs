//! Admission: stories that are new or have changed get their shelves; new ones get recommendations, which then stand.

use std::collections::HashMap;
use std::sync::PoisonError;

use chrono::{DateTime, TimeDelta, Utc};

use super::Publisher;
use crate::curate::Listed;
use crate::model::{Republish, SourceName, Story, StoryId};
use crate::recommend::{Doc, Index};
use crate::store::{Admission, Shelving, StoreError};

/// Stories taken in at a time.
const BATCH: usize = 500;

/// How often the index is filled anew.
const REFILL: TimeDelta = TimeDelta::days(1);

/// How far this process has taken in the store.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The index holds what was in the store up to this revision.
    revision: Option<u64>,
    /// When the index was last filled; stories grow too old for it, and are purged, without a word.
    filled: Option<DateTime<Utc>>,
    /// Whose stories it leaves out.
    private: Vec<SourceName>,
}

/// Takes in what has changed.
pub(super) async fn admit(publisher: &Publisher, progress: &mut Progress) -> Result<(), StoreError> {
    let (now, private) = (publisher.clock.now(), publisher.private());
    let is_fresh = |filled: DateTime<Utc>| (now - filled).abs() < REFILL;
    if !progress.filled.is_some_and(is_fresh) || progress.private != private {
        fill(publisher).await?;
        progress.filled = Some(now);
        progress.private = private;
    }
    requery(publisher).await?;
    let upto = publisher.store.revision();
    let mut after = progress.revision.unwrap_or(0);
    loop {
        let changes = publisher.store.changed_since(after, BATCH).await?;
        after = changes.upto;
        if changes.stories.is_empty() {
            break;
        }
        let stories = publisher.store.stories(&changes.stories).await?;
        index(publisher, &mut publisher.index.write().unwrap_or_else(PoisonError::into_inner), &stories);
        shelve(publisher, &stories).await?;
    }
    recommend(publisher).await?;
    progress.revision = Some(upto.max(after));
    Ok(())
}

/// Fills the index with the stories that may still be recommended.
async fn fill(publisher: &Publisher) -> Result<(), StoreError> {
    let within = TimeDelta::from_std(publisher.settings.recommend.within).unwrap_or(TimeDelta::MAX);
    let since = publisher.clock.now().checked_sub_signed(within).unwrap_or(DateTime::UNIX_EPOCH);
    // Beside the old one: pages go on showing what to read next.
    let mut filling = Index::new();
    let mut after = None;
    loop {
        let stories = publisher.store.leads_since(since, after, BATCH).await?;
        let Some(last) = stories.last() else { break };
        after = Some((last.date, last.id.clone()));
        index(publisher, &mut filling, &stories);
        tokio::task::yield_now().await;
    }
    *publisher.index.write().unwrap_or_else(PoisonError::into_inner) = filling;
    Ok(())
}

/// Stories that nobody may see are not recommended to anybody.
fn index(publisher: &Publisher, index: &mut Index, stories: &[Story]) {
    for story in stories {
        index.remove(&story.id);
        if publisher.rights(&story.lead) == Republish::Private {
            continue;
        }
        let lead = &story.lead;
        let text = [&lead.title, lead.standfirst.as_deref().unwrap_or_default(), &lead.text].join("\n");
        let tags: Vec<_> = story.tags.iter().map(|t| t.tag.clone()).collect();
        index.insert(&Doc {
            story: story.id.clone(),
            lang: lead.lang.clone(),
            title: &lead.title,
            text: &text,
            tags: &tags,
            source: lead.source.clone(),
            date: story.date,
        });
    }
}

async fn shelve(publisher: &Publisher, stories: &[Story]) -> Result<(), StoreError> {
    let now = publisher.clock.now();
    let (stories, settings) = (stories.to_vec(), publisher.settings.clone());
    // Folding is work for a core: it must not hold up what waits for the network.
    let shelved = tokio::task::spawn_blocking(move || {
        let feeds = |story: &Story| Listed::feeds(story, &settings.feeds, now);
        stories.iter().map(|story| Shelving { story: story.id.clone(), feeds: feeds(story) }).collect()
    });
    publisher.store.shelve(shelved.await.map_err(|_broke_off| StoreError::BrokeOff)?).await
}

/// Where a feed's query has changed since its shelf was filled, every story is asked again.
async fn requery(publisher: &Publisher) -> Result<(), StoreError> {
    let wanted: HashMap<String, u64> =
        publisher.settings.feeds.iter().map(|f| (f.slug.clone(), f.select.as_ref().map_or(0, |q| q.hash()))).collect();
    let stored: HashMap<String, u64> = publisher.store.feed_queries().await?.into_iter().collect();
    for gone in stored.keys().filter(|slug| !wanted.contains_key(*slug)) {
        publisher.store.drop_feed(gone).await?;
    }
    if wanted.iter().all(|(slug, hash)| stored.get(slug) == Some(hash)) {
        return Ok(());
    }
    let mut after = None;
    loop {
        let ids = publisher.store.all_story_ids(after, BATCH).await?;
        let Some(last) = ids.last() else { break };
        after = Some(last.clone());
        let stories = publisher.store.stories(&ids).await?;
        shelve(publisher, &stories).await?;
    }
    for (slug, hash) in wanted {
        publisher.store.set_feed_query(&slug, hash).await?;
    }
    Ok(())
}

/// Fixes the recommendations of stories that have none yet, and completes once, within a day, lists that were short.
async fn recommend(publisher: &Publisher) -> Result<(), StoreError> {
    let now = publisher.clock.now();
    let count = publisher.settings.feeds.iter().filter_map(|f| f.recommend_count).max().unwrap_or(0);
    let count = count.max(publisher.settings.recommend.count);
    loop {
        let new = publisher.store.unadmitted(BATCH).await?;
        if new.is_empty() {
            break;
        }
        let admissions = new.into_iter().map(|id| admission(publisher, id, count, false)).collect();
        publisher.store.recommend(admissions, now).await?;
    }
    let short = publisher.store.incomplete(now - TimeDelta::days(1), count, BATCH).await?;
    let ids: Vec<StoryId> = short;
    let have = publisher.store.recommendations(&ids).await?;
    let completions: Vec<_> = ids
        .into_iter()
        .map(|id| admission(publisher, id, count, true))
        .filter(|a| a.recommended.len() >= count && have.get(&a.story).is_none_or(|h| h.len() < a.recommended.len()))
        .collect();
    if !completions.is_empty() {
        publisher.store.recommend(completions, now).await?;
    }
    Ok(())
}

fn admission(publisher: &Publisher, story: StoryId, count: usize, completed: bool) -> Admission {
    let recommended = publisher.picks(&story, count).into_iter().map(|p| (p.story, p.score, p.why)).collect();
    Admission { story, recommended, completed }
}
