//! Recommendations in feeds: fixed when a story is admitted, completed once at most.

use chrono::TimeDelta;

use super::Publisher;
use crate::model::StoryId;
use crate::store::{Admission, StoreError};

/// Stories admitted at a time.
const BATCH: usize = 500;
/// Texts in memory at a time.
const AT_ONCE: usize = 50;

/// Fixes the recommendations of stories that have none yet, and completes once, within a day, lists that were short.
pub(super) async fn recommend(publisher: &Publisher) -> Result<(), StoreError> {
    let now = publisher.clock.now();
    let count = publisher.settings.feeds.iter().filter_map(|f| f.recommend_count).max().unwrap_or(0);
    let count = count.max(publisher.settings.recommend.count);
    loop {
        let new = publisher.store.unadmitted(BATCH).await?;
        if new.is_empty() {
            break;
        }
        let admitted = admissions(publisher, &new, count, false).await?;
        if admitted.is_empty() {
            break;
        }
        publisher.store.recommend(admitted, now).await?;
    }
    let short = publisher.store.incomplete(now - TimeDelta::days(1), count, BATCH).await?;
    let ids: Vec<StoryId> = short;
    let have = publisher.store.recommendations(&ids).await?;
    let mut completions = admissions(publisher, &ids, count, true).await?;
    completions
        .retain(|a| a.recommended.len() >= count && have.get(&a.story).is_none_or(|h| h.len() < a.recommended.len()));
    if !completions.is_empty() {
        publisher.store.recommend(completions, now).await?;
    }
    Ok(())
}

async fn admissions(
    publisher: &Publisher,
    ids: &[StoryId],
    count: usize,
    completed: bool,
) -> Result<Vec<Admission>, StoreError> {
    let mut admissions = Vec::with_capacity(ids.len());
    for ids in ids.chunks(AT_ONCE) {
        for story in publisher.store.stories(ids).await? {
            let picks = publisher.picks(&story, count).await?;
            let recommended = picks.into_iter().map(|p| (p.story, p.score, p.why)).collect();
            admissions.push(Admission { story: story.id, recommended, completed });
        }
    }
    Ok(admissions)
}
