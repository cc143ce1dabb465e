//! Which curated feeds each story stands in: kept as rows, renewed when the story or a query changes.

use std::collections::HashMap;

use super::Publisher;
use crate::curate::Listed;
use crate::model::Story;
use crate::store::{Shelving, StoreError};

/// Stories asked at a time.
const BATCH: usize = 500;

pub(super) async fn shelve(publisher: &Publisher, stories: &[Story]) -> Result<(), StoreError> {
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
pub(super) async fn requery(publisher: &Publisher) -> Result<(), StoreError> {
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
