//! Recommendations in feeds: fixed when a story is admitted, completed once at most.

use chrono::TimeDelta;

use super::Publisher;
use crate::curate::Order;
use crate::model::StoryId;
use crate::recommend::Pick;
use crate::store::{Admission, StoreError};

/// Stories admitted at a time.
const BATCH: usize = 500;
/// Stories of the same event that one is linked to when it comes.
const MOST_ALONGSIDE: usize = 32;
/// Texts in memory at a time.
const AT_ONCE: usize = 50;

/// Fixes the recommendations of stories that have none yet, and completes once, within a day, lists that were short.
pub(super) async fn recommend(publisher: &Publisher) -> Result<(), StoreError> {
    let now = publisher.clock.now();
    let settled = publisher.settled_by();
    let count = publisher.settings.feeds.iter().filter_map(|f| f.recommend_count).max().unwrap_or(0);
    let count = count.max(publisher.settings.recommend.count);
    loop {
        let new = publisher.store.unadmitted(settled, BATCH).await?;
        if new.is_empty() {
            break;
        }
        link_alongside(publisher, &new).await?;
        let new = admissions(publisher, &new, count, false).await?;
        if new.is_empty() {
            break;
        }
        publisher.store.recommend(new, now).await?;
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
    own(publisher).await
}

/// Links new stories to those that tell their events in words of their own, where a feed is ordered by how many do. What was
/// found once stays: the order of a feed does not depend on what the index holds later.
async fn link_alongside(publisher: &Publisher, ids: &[StoryId]) -> Result<(), StoreError> {
    if publisher.settings.feeds.iter().all(|feed| feed.order != Order::Best) {
        return Ok(());
    }
    for ids in ids.chunks(AT_ONCE) {
        let mut found = Vec::new();
        for story in publisher.store.stories(ids).await? {
            let own = story.parts();
            let mut alongside = publisher.alongside(&story).await?;
            alongside.retain(|other| !own.contains(&other.story));
            alongside.truncate(MOST_ALONGSIDE);
            let others: Vec<StoryId> = alongside.into_iter().map(|other| other.story).collect();
            found.extend((!others.is_empty()).then_some((story.id, others)));
        }
        if !found.is_empty() {
            publisher.store.link_alongside(found).await?;
        }
    }
    Ok(())
}

/// Feeds with a `from` of their own have lists of their own, fixed when a story is first seen there. One that is empty, as
/// nothing there may be recommended yet, is fixed when something may.
async fn own(publisher: &Publisher) -> Result<(), StoreError> {
    let settings = &publisher.settings;
    for (slug, from) in &settings.recommend.from_of {
        let Some(feed) = settings.feeds.iter().find(|feed| feed.slug == *slug) else { continue };
        let count = feed.recommend_count.unwrap_or(settings.recommend.count);
        let lacking = publisher.store.lacking(slug, feed.limit.min(BATCH)).await?;
        for ids in lacking.chunks(AT_ONCE) {
            let mut fixed = Vec::new();
            for story in publisher.store.stories(ids).await? {
                let picks = publisher.picks_from(&story, count, from, std::slice::from_ref(slug)).await?;
                fixed.extend((!picks.is_empty()).then(|| admitted(story.id, picks, false)));
            }
            if !fixed.is_empty() {
                publisher.store.recommend_in(slug, fixed).await?;
            }
        }
    }
    Ok(())
}

fn admitted(story: StoryId, picks: Vec<Pick>, completed: bool) -> Admission {
    let recommended = picks.into_iter().map(|pick| (pick.story, pick.score, pick.why)).collect();
    Admission { story, recommended, completed }
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
            admissions.push(admitted(story.id, picks, completed));
        }
    }
    Ok(admissions)
}
