//! Recommendations in feeds: fixed when a feed first shows a story, completed once at most.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;

use super::Publisher;
use super::withdrawn::HIDDEN;
use crate::curate::{Order, Pool};
use crate::model::{Article, Recommendation, Republish, SourceName, StoryId, Why};
use crate::recommend::{PER_SOURCE, Pick};
use crate::store::{Admission, Shelf, StoreError};
use crate::text::excerpt;

/// Stories admitted at a time.
const BATCH: usize = 500;
/// Stories of the same event that one is linked to when it comes.
const MOST_ALONGSIDE: usize = 32;
/// Characters of a text that name a story without a title.
const NAME: usize = 80;
/// Texts in memory at a time.
const AT_ONCE: usize = 50;

/// Admits the stories that have settled; fixes what those recommend that the feeds show now, out of all that is admitted, and
/// completes once, within a day, lists that were short: where stories came, or `otherwise` something has changed. Without that all that
/// is emitted stays as it is. What no feed shows is asked when one first does.
pub(super) async fn recommend(publisher: &Publisher, otherwise: bool) -> Result<(), StoreError> {
    let now = publisher.clock.now();
    let (settled, mut changed) = (publisher.settled_by(), otherwise);
    loop {
        let new = publisher.store.unadmitted(settled, BATCH).await?;
        if new.is_empty() {
            break;
        }
        // Before they are admitted: where this breaks off, it is done again.
        link_alongside(publisher, &new).await?;
        publisher.store.admit(new, now).await?;
        changed = true;
    }
    let feeds = publisher.settings.feeds.iter().map(|feed| (Shelf::Feed(feed.slug.clone()), feed.limit));
    for (shelf, limit) in std::iter::once((Shelf::All, publisher.settings.defaults.limit)).chain(feeds) {
        let shown = publisher.store.newest_in(&shelf, limit.min(BATCH)).await?;
        fix(publisher, publisher.store.unasked(&shown).await?).await?;
    }
    if changed {
        complete_all(publisher).await?;
    }
    own(publisher).await
}

/// Completes the lists of the last day that are short, where they can be.
async fn complete_all(publisher: &Publisher) -> Result<(), StoreError> {
    let (now, count) = (publisher.clock.now(), most(publisher));
    let short = publisher.store.incomplete(now - TimeDelta::days(1), count, HIDDEN, BATCH).await?;
    let mut have = publisher.store.recommendations(&short).await?;
    for list in have.values_mut() {
        publisher.leave_out_withdrawn(list, |r| &r.story).await?;
    }
    // As many more as may be of a source that has told enough.
    let mut completions = admissions(publisher, &short, 2 * count, true).await?;
    for completion in &mut completions {
        if let Some(have) = have.get(&completion.story) {
            complete(publisher, have, &mut completion.recommended, count).await?;
        }
        completion.recommended.truncate(count);
    }
    completions
        .retain(|a| a.recommended.len() >= count && have.get(&a.story).is_none_or(|h| h.len() < a.recommended.len()));
    if !completions.is_empty() {
        publisher.store.recommend(completions, now).await?;
    }
    Ok(())
}

/// What a list has stays, and what is found now follows it; of one source as many as any list has, while others have something
/// to say.
async fn complete(
    publisher: &Publisher,
    have: &[Recommendation],
    found: &mut Vec<(StoryId, f32, Why)>,
    count: usize,
) -> Result<(), StoreError> {
    found.retain(|(story, ..)| have.iter().all(|known| known.story != *story));
    let ids: Vec<StoryId> = found.iter().map(|(story, ..)| story.clone()).collect();
    let sources = publisher.store.stories(&ids).await?.into_iter().map(|story| (story.id, story.lead.source));
    let sources: HashMap<StoryId, SourceName> = sources.collect();
    let mut told: HashMap<&SourceName, usize> = HashMap::new();
    for known in have {
        *told.entry(&known.source).or_default() += 1;
    }
    let (mut new, more): (Vec<_>, Vec<_>) = std::mem::take(found).into_iter().partition(|(story, ..)| {
        let Some(source) = sources.get(story) else { return false };
        let told = told.entry(source).or_default();
        *told += 1;
        *told <= PER_SOURCE
    });
    new.extend(more);
    found.extend(have.iter().map(|known| (known.story.clone(), known.score, known.why.clone())));
    found.extend(new);
    found.truncate(count);
    Ok(())
}

/// Links new stories that are weighed for a feed to those that tell their events in words of their own, where that feed is
/// ordered by how many do. What was found once stays: the order of a feed does not depend on what the index holds later.
async fn link_alongside(publisher: &Publisher, new: &[StoryId]) -> Result<(), StoreError> {
    let mut weighed: HashSet<StoryId> = HashSet::new();
    for feed in publisher.settings.feeds.iter().filter(|feed| feed.order == Order::Best) {
        let window = Pool::new(feed.arrangement()).window();
        weighed.extend(publisher.store.newest_in(&Shelf::Feed(feed.slug.clone()), window).await?);
    }
    let new: Vec<StoryId> = new.iter().filter(|id| weighed.contains(id)).cloned().collect();
    // Stories of one time are compared with the same others.
    let mut held = HashMap::new();
    for ids in new.chunks(AT_ONCE) {
        let mut found = Vec::new();
        for story in publisher.store.stories(ids).await? {
            let own = story.parts();
            let mut alongside = publisher.alongside_among(&story, &mut held).await?;
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

/// Recommendations in any feed.
fn most(publisher: &Publisher) -> usize {
    let counts = publisher.settings.feeds.iter().filter_map(|f| f.recommend_count);
    counts.max().unwrap_or(0).max(publisher.settings.recommend.count)
}

/// Fixes what stories recommend that nobody has asked yet; it stands from now on.
async fn fix(publisher: &Publisher, unasked: Vec<StoryId>) -> Result<(), StoreError> {
    if unasked.is_empty() {
        return Ok(());
    }
    let fixed = admissions(publisher, &unasked, most(publisher), false).await?;
    publisher.store.recommend(fixed, publisher.clock.now()).await
}

impl Publisher {
    /// What stories recommend that a feed is about to show, fixed now where it was not before.
    pub(super) async fn recommendations(
        &self,
        own: Option<&str>,
        stories: &[StoryId],
    ) -> Result<HashMap<StoryId, Vec<Recommendation>>, StoreError> {
        if own.is_none() {
            fix(self, self.store.unasked(stories).await?).await?;
        }
        let mut recommended = self.store.recommendations_in(own, stories).await?;
        self.keep_shown(recommended.values_mut()).await?;
        self.name_untitled(recommended.values_mut().flatten()).await?;
        Ok(recommended)
    }

    /// Names what has no title by its first words, as far as its text may be shown.
    async fn name_untitled(&self, all: impl Iterator<Item = &mut Recommendation>) -> Result<(), StoreError> {
        let mut untitled: Vec<&mut Recommendation> = all.filter(|r| r.title.trim().is_empty()).collect();
        if untitled.is_empty() {
            return Ok(());
        }
        let ids: Vec<StoryId> = untitled.iter().map(|r| r.story.clone()).collect();
        let told = self.store.stories(&ids).await?;
        let told: HashMap<StoryId, String> = told.into_iter().map(|s| (s.id, self.name_of(&s.lead))).collect();
        for one in &mut untitled {
            one.title = told.get(&one.story).cloned().unwrap_or_default();
        }
        Ok(())
    }

    /// The title of an article, else its first words, as far as they may be shown.
    pub(super) fn name_of(&self, article: &Article) -> String {
        match self.rights(article) {
            Republish::Full | Republish::Excerpt if article.title.trim().is_empty() => excerpt(&article.text, NAME),
            _ => article.title.clone(),
        }
    }
}

/// Feeds with a `from` of their own have lists of their own, fixed when a story is first seen there. One that is empty, as
/// nothing there may be recommended yet, is fixed when something may.
async fn own(publisher: &Publisher) -> Result<(), StoreError> {
    let settings = &publisher.settings;
    for (slug, from) in &settings.recommend.from_of {
        let Some(feed) = settings.feeds.iter().find(|feed| feed.slug == *slug) else { continue };
        let count = feed.recommend_count.unwrap_or(settings.recommend.count);
        let lacking = publisher.store.lacking(slug, HIDDEN, feed.limit.min(BATCH)).await?;
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
