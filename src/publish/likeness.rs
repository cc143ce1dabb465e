//! The index of likeness: filled from the store, kept up with what changes.

use std::sync::PoisonError;

use chrono::{DateTime, TimeDelta};

use super::Publisher;
use crate::model::{Republish, Story};
use crate::recommend::{Doc, Index};
use crate::store::StoreError;

/// Stories taken in at a time.
const BATCH: usize = 500;

/// Fills the index with the stories that may still be recommended.
pub(super) async fn fill(publisher: &Publisher) -> Result<(), StoreError> {
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
pub(super) fn index(publisher: &Publisher, index: &mut Index, stories: &[Story]) {
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
