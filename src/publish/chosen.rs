//! Which stories an edition holds, and what of each it shows.

use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::Publisher;
use super::editions::Plan;
use crate::curate::{self, Feed, Frame, Listed, Order, Pool};
use crate::model::{EditionEntry, Recommendation, Republish, Story, StoryId};
use crate::query::Query;
use crate::store::{Shelf, StoreError};

/// Stories looked at, for each one shown, to make up for those that may not be shown.
const LOOKED_AT: usize = 5;
/// Stories read at a time.
const MOST_OF_A_PAGE: usize = 1_000;

/// Stories looked at for a feed whose query asks for the age of a story, and those read at a time: its shelf holds all that it
/// can show at some time.
const LOOKED_AT_BY_AGE: usize = 2_000;
const PAGE_BY_AGE: usize = 50;

impl Publisher {
    /// The stories of an edition, in its order. Where many are weighed for a few places, that is done once for all formats.
    pub(super) async fn arranged(&self, plan: &Plan<'_>) -> Result<Vec<Story>, StoreError> {
        let pool = Pool::new(plan.arrangement);
        if plan.timed.is_some() || pool.window() <= plan.arrangement.limit {
            return self.weighed(pool, plan).await;
        }
        let revision = self.store.revision_of(&plan.shelf).await?;
        let known = self.orders().get(&plan.path).filter(|(of, _)| *of == revision).map(|(_, ids)| ids.clone());
        if let Some(ids) = known {
            let stories = self.store.stories(&ids).await?;
            return Ok(stories.into_iter().filter_map(|story| self.seen(story, plan.keyed())).collect());
        }
        let stories = self.weighed(pool, plan).await?;
        let ids = stories.iter().map(|story| story.id.clone()).collect();
        self.orders().insert(plan.path.clone(), (revision, ids));
        Ok(stories)
    }

    fn orders(&self) -> MutexGuard<'_, HashMap<String, (u64, Vec<StoryId>)>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn weighed(&self, mut pool: Pool, plan: &Plan<'_>) -> Result<Vec<Story>, StoreError> {
        let (pages, size, shelf) = match &plan.timed {
            Some(_) => (LOOKED_AT_BY_AGE.div_ceil(PAGE_BY_AGE), PAGE_BY_AGE, &plan.shelf),
            None => (LOOKED_AT, pool.window().min(MOST_OF_A_PAGE), &plan.shelf),
        };
        for page in 0..pages {
            let mut stories = self.standing(shelf, plan.timed.as_deref(), size, page * size).await?;
            let last = stories.len() < size;
            if let Some(slug) = plan.timed.as_ref().filter(|slug| !self.is_by_age_alone(slug)) {
                stories = self.belonging(stories, slug, self.clock.now()).await?;
            }
            let ids: Vec<StoryId> = stories.iter().map(|s| s.id.clone()).collect();
            // What is not admitted yet would be shown twice: without its recommendations, then with them.
            let admitted = self.store.admitted(&ids).await?;
            let stories = stories.into_iter().filter(|s| admitted.contains(&s.id));
            let seen = stories.filter_map(|s| self.seen(s, plan.keyed())).filter(|s| has_tag(s, &plan.shelf)).collect();
            self.enter(&mut pool, seen, plan.arrangement.order, plan.keyed()).await?;
            if last || pool.is_full() {
                break;
            }
        }
        Ok(pool.arranged())
    }

    /// Lets stories ask for a place in a feed.
    pub(super) async fn enter(
        &self,
        pool: &mut Pool,
        stories: Vec<Story>,
        order: Order,
        keyed: bool,
    ) -> Result<(), StoreError> {
        let mut beside = HashMap::new();
        if order == Order::Best {
            let ids: Vec<StoryId> = stories.iter().map(|story| story.id.clone()).collect();
            beside = self.store.beside(&ids).await?;
        }
        for story in stories {
            let mut others = beside.remove(&story.id).unwrap_or_default();
            others.retain(|other| keyed || !self.hides_from(&other.source, other.came_as_private));
            pool.add(story, &others);
        }
        Ok(())
    }

    /// Those of some stories that belong to a feed at an instant.
    pub(super) async fn belonging(
        &self,
        stories: Vec<Story>,
        slug: &str,
        at: DateTime<Utc>,
    ) -> Result<Vec<Story>, StoreError> {
        let (settings, slug) = (self.settings.clone(), slug.to_owned());
        let asked = tokio::task::spawn_blocking(move || {
            let belongs = |story: &Story| Listed::feeds(story, &settings.feeds, at).contains(&slug);
            stories.into_iter().filter(belongs).collect()
        });
        asked.await.map_err(|_broke_off| StoreError::BrokeOff)
    }

    /// A story as a feed with a key, or one without, may know of it: who tells it too, and under which tags, is as private
    /// as the copy itself. `None` where it may not know of it at all.
    pub(super) fn seen(&self, mut story: Story, keyed: bool) -> Option<Story> {
        if self.is_withdrawn(&story) {
            return None;
        }
        story.excerpt_of = story.excerpt_of.filter(|whole| whole.admitted && !self.has_withdrawn(&whole.story));
        if keyed {
            return Some(story);
        }
        if self.rights(&story.lead) == Republish::Private {
            return None;
        }
        if story.others.iter().any(|other| self.hides_copy(other)) {
            story.others.retain(|other| !self.hides_copy(other));
            story.tags.clone_from(&story.lead.tags);
        }
        if story.excerpt_of.as_ref().is_some_and(|whole| self.hides_from(&whole.source, whole.came_as_private)) {
            story.excerpt_of = None;
        }
        Some(story)
    }

    /// What is shown of a story.
    pub(super) fn shown(
        &self,
        story: Story,
        plan: &Plan<'_>,
        recommended: Vec<Recommendation>,
    ) -> Option<EditionEntry> {
        let story = self.seen(story, plan.keyed())?;
        let site = &self.settings.site;
        let (credit_others, now) = (self.settings.credit_others, self.clock.now());
        let frame = Frame { site_id: &site.id, base: &site.base, lang: &site.lang, credit_others, now };
        curate::present(&story, self.rights(&story.lead), plan.keyed(), plan.text, recommended, &frame)
    }
}

/// Whether what a feed holds changes by time alone: it asks for an age, or for a feed that does. What a digest holds stands.
pub(super) fn is_timed(feed: &Feed, feeds: &[Feed]) -> bool {
    let mut asked: Vec<&Feed> = vec![feed];
    let mut at = 0;
    while let Some(names) = asked.get(at).map(|f| f.select.as_ref().map(Query::names).unwrap_or_default()) {
        if !names.ages.is_empty() {
            return true;
        }
        // Each feed is looked at once, however they ask for each other.
        let more = feeds.iter().filter(|f| names.feeds.iter().any(|(name, _)| name.to_lowercase() == f.slug));
        let more: Vec<&Feed> = more.filter(|f| !asked.iter().any(|a| a.slug == f.slug)).collect();
        asked.extend(more);
        at += 1;
    }
    false
}

/// A story stands under a tag only where it shows it.
fn has_tag(story: &Story, shelf: &Shelf) -> bool {
    let Shelf::Tag(key) = shelf else { return true };
    story.tags.iter().any(|tagged| tagged.tag.key() == key)
}
