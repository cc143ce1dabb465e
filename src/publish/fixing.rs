//! Recommendations in feeds: fixed when a story is admitted, completed once at most.

use chrono::TimeDelta;

use super::Publisher;
use crate::model::StoryId;
use crate::store::{Admission, StoreError};

/// Stories admitted at a time.
const BATCH: usize = 500;

/// Fixes the recommendations of stories that have none yet, and completes once, within a day, lists that were short.
pub(super) async fn recommend(publisher: &Publisher) -> Result<(), StoreError> {
    let now = publisher.clock.now();
    let settled = now.checked_sub_signed(publisher.settings.settle).unwrap_or(now);
    let count = publisher.settings.feeds.iter().filter_map(|f| f.recommend_count).max().unwrap_or(0);
    let count = count.max(publisher.settings.recommend.count);
    loop {
        let new = publisher.store.unadmitted(settled, BATCH).await?;
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
