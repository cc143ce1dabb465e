//! Stories that `[site] hide` takes down: they leave every list, feed and page, and their addresses answer that they are gone.
//! Which they are is kept as rows, like the stories of a feed, so that lists of titles need not ask each of them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use super::{Publisher, Settings};
use crate::curate::Listed;
use crate::model::{Recommendation, Story, StoryId, Trace};
use crate::query::Query;
use crate::store::{Order, Seek, Shelf, Store, StoreError};

/// The name under which they are kept. No feed of the file can have it.
pub(super) const HIDDEN: &str = "(hidden)";
/// Stories read at a time.
const BATCH: usize = 500;
/// Stories that are asked at once whether they are hidden, for the numbers of tags.
const ASKED: usize = 1_000;
/// Hidden stories that may stand before others in a list of the likest, while it is not known yet which they are.
pub(super) const MOST: usize = 32;

/// What is hidden, as far as all stories have been asked.
#[derive(Debug, Default)]
pub(super) struct Withdrawn {
    /// The revision of the store at which this changed last.
    revision: u64,
    /// The hash of the query that all stories have been asked.
    query: Option<u64>,
    ids: HashSet<StoryId>,
    /// How many of them each tag has, by its key.
    tags: HashMap<String, u64>,
}

/// What is hidden, shared by all publishers of a store.
pub(super) type Shared = Arc<RwLock<Withdrawn>>;

/// Reads again what is hidden, where that has changed.
pub(super) async fn renew(withdrawn: &Shared, store: &Store) -> Result<(), StoreError> {
    let shelf = Shelf::Feed(HIDDEN.to_owned());
    let revision = store.revision_of(&shelf).await?;
    let query = store.feed_queries().await?.into_iter().find(|(slug, _)| slug == HIDDEN).map(|(_, query)| query);
    let is_same = |known: &Withdrawn| known.revision == revision && known.query == query;
    if is_same(&read(withdrawn)) {
        return Ok(());
    }
    let mut now = Withdrawn { revision, query, ..Withdrawn::default() };
    for offset in (0..).step_by(BATCH) {
        let stories = store.stories_in(&shelf, BATCH, offset).await?;
        let is_last = stories.len() < BATCH;
        for story in stories {
            for tagged in &story.tags {
                *now.tags.entry(tagged.tag.key().to_owned()).or_default() += 1;
            }
            now.ids.insert(story.id);
        }
        if is_last {
            break;
        }
    }
    if query.is_some() && read(withdrawn).query != query {
        // A name that is misspelt there hides nothing, and nobody would see it.
        tracing::info!("`hide` of the file takes down {} of the stories so far", now.ids.len());
    }
    *withdrawn.write().unwrap_or_else(PoisonError::into_inner) = now;
    Ok(())
}

fn read(withdrawn: &Shared) -> std::sync::RwLockReadGuard<'_, Withdrawn> {
    withdrawn.read().unwrap_or_else(PoisonError::into_inner)
}

impl Settings {
    /// Whether the file hides a story.
    pub(super) fn hides(&self, listed: &Listed) -> bool {
        self.hide.as_ref().is_some_and(|hide| listed.matches(hide))
    }
}

impl Publisher {
    /// Recalls what the file hides, as an earlier process left it, before anybody asks.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn recall(&self) -> Result<(), StoreError> {
        if self.settings.hide.is_some() { renew(&self.withdrawn, &self.store).await } else { Ok(()) }
    }

    /// Whether a story is hidden, by what is known of all, or by what it says itself: all are asked in the background.
    pub(super) fn is_withdrawn(&self, story: &Story) -> bool {
        let Some(hide) = &self.settings.hide else { return false };
        self.has_withdrawn(&story.id) || Listed::new(story, &[], self.clock.now()).matches(hide)
    }

    /// Whether the story of an id is known to be hidden.
    pub(super) fn has_withdrawn(&self, id: &StoryId) -> bool {
        self.settings.hide.is_some() && read(&self.withdrawn).ids.contains(id)
    }

    /// Why a story is hidden, term by term.
    pub(super) fn withdrawn_by(&self, story: &Story) -> Option<Trace> {
        let hide = self.settings.hide.as_ref().filter(|_| self.is_withdrawn(story))?;
        Listed::new(story, &[], self.clock.now()).trace(hide)
    }

    /// Whether what stands under the id of a story was taken down.
    pub(super) async fn is_gone(&self, id: &str) -> Result<bool, StoreError> {
        if self.settings.hide.is_none() {
            return Ok(false);
        }
        let story = self.store.story(id).await?;
        Ok(story.is_some_and(|story| self.is_withdrawn(&story)))
    }

    /// The revision at which what is hidden changed last: what was made before may show it.
    pub(super) fn withdrawn_at(&self) -> u64 {
        read(&self.withdrawn).revision
    }

    /// How many stories of each tag are hidden.
    pub(super) fn withdrawn_of_tags(&self) -> HashMap<String, u64> {
        if self.settings.hide.is_some() { read(&self.withdrawn).tags.clone() } else { HashMap::new() }
    }

    /// How many stories of each tag are hidden by a query that has not been asked of all yet, beside those that are known: as far
    /// as the index of words names them, and so many at the most.
    pub(super) async fn still_withdrawn_of_tags(&self) -> Result<HashMap<String, u64>, StoreError> {
        let Some(hide) = self.settings.hide.clone().filter(|_| !self.knows_withdrawn()) else {
            return Ok(HashMap::new());
        };
        let sifted = hide.sifted(&|_| None);
        let seek = Seek {
            sieve: sifted.sieve,
            exact: sifted.exact,
            from: None,
            until: None,
            as_of: None,
            order: Order::Newest,
            skip: 0,
            take: ASKED,
            // Rows that are written meanwhile are not known yet: each is asked.
            hidden: String::new(),
            most: ASKED,
        };
        let (now, known) = (self.clock.now(), self.refusal());
        let keys = |story: Story| story.tags.into_iter().map(|tagged| tagged.tag.key().to_owned()).collect::<Vec<_>>();
        let hides = move |story: Story| {
            let is_hidden = !known(&story.id) && Listed::new(&story, &[], now).matches(&hide);
            is_hidden.then(|| keys(story))
        };
        let mut tags = HashMap::new();
        for key in self.store.search(seek, Box::new(hides)).await?.found.into_iter().flatten() {
            *tags.entry(key).or_default() += 1;
        }
        Ok(tags)
    }

    /// Whether it is known which of all stories the file hides: until its query has been asked of all, each that is to be shown
    /// is asked itself.
    pub(super) fn knows_withdrawn(&self) -> bool {
        self.settings.hide.as_ref().is_none_or(|hide| read(&self.withdrawn).query == Some(hide.hash()))
    }

    /// What refuses hidden stories a place among others, as far as they are known.
    pub(super) fn refusal(&self) -> impl Fn(&StoryId) -> bool + Send + use<> {
        let withdrawn = self.settings.hide.is_some().then(|| Arc::clone(&self.withdrawn));
        move |story| withdrawn.as_ref().is_some_and(|withdrawn| read(withdrawn).ids.contains(story))
    }

    /// Those of some stories that are hidden.
    async fn withdrawn_among(&self, mut stories: Vec<StoryId>) -> Result<HashSet<StoryId>, StoreError> {
        let Some(hide) = self.settings.hide.clone() else { return Ok(HashSet::new()) };
        stories.sort_unstable();
        stories.dedup();
        let refused = self.refusal();
        let mut hidden: HashSet<StoryId> = stories.iter().filter(|story| refused(story)).cloned().collect();
        if self.knows_withdrawn() {
            return Ok(hidden);
        }
        stories.retain(|story| !hidden.contains(story));
        for ids in stories.chunks(BATCH) {
            hidden.extend(self.asked_whether_hidden(&hide, ids).await?);
        }
        Ok(hidden)
    }

    async fn asked_whether_hidden(&self, hide: &Query, ids: &[StoryId]) -> Result<Vec<StoryId>, StoreError> {
        let (hide, now, stories) = (hide.clone(), self.clock.now(), self.store.stories(ids).await?);
        let asking = tokio::task::spawn_blocking(move || {
            let hidden = stories.into_iter().filter(|story| Listed::new(story, &[], now).matches(&hide));
            hidden.map(|story| story.id).collect()
        });
        asking.await.map_err(|_broke_off| StoreError::BrokeOff)
    }

    /// Leaves out what is hidden.
    pub(super) async fn leave_out_withdrawn<T>(
        &self,
        found: &mut Vec<T>,
        story: fn(&T) -> &StoryId,
    ) -> Result<(), StoreError> {
        let hidden = self.withdrawn_among(found.iter().map(|found| story(found).clone()).collect()).await?;
        found.retain(|found| !hidden.contains(story(found)));
        Ok(())
    }

    /// Leaves out the recommendations of what nobody may see.
    pub(super) async fn keep_shown(
        &self,
        lists: impl Iterator<Item = &mut Vec<Recommendation>>,
    ) -> Result<(), StoreError> {
        let mut lists: Vec<_> = lists.collect();
        let hidden = self.withdrawn_among(lists.iter().flat_map(|list| list.iter()).map(|r| r.story.clone()).collect());
        let hidden = hidden.await?;
        for list in &mut lists {
            list.retain(|r| !self.hides_from(&r.source, r.came_as_private) && !hidden.contains(&r.story));
        }
        Ok(())
    }
}
