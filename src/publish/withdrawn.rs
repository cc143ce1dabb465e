//! Stories that `[site] hide` takes down: they leave every list, feed and page, and their addresses answer that they are gone.
//! Which they are is kept as rows, like the stories of a feed, so that lists of titles need not ask each of them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use super::{Publisher, Settings};
use crate::curate::Listed;
use crate::model::{Recommendation, Story, StoryId, Trace};
use crate::store::{Shelf, Store, StoreError};

/// The name under which they are kept. No feed of the file can have it.
pub(super) const HIDDEN: &str = "(hidden)";
/// Stories read at a time.
const BATCH: usize = 500;
/// Hidden stories that may stand before others in a list of the likest.
pub(super) const MOST: usize = 32;

/// What is hidden, as far as all stories have been asked.
#[derive(Debug, Default)]
pub(super) struct Withdrawn {
    /// The revision of the store at which this changed last.
    revision: u64,
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
    if read(withdrawn).revision == revision {
        return Ok(());
    }
    let mut now = Withdrawn { revision, ..Withdrawn::default() };
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

    /// Leaves out what is hidden.
    pub(super) fn leave_out_withdrawn<T>(&self, found: &mut Vec<T>, story: fn(&T) -> &StoryId) {
        if self.settings.hide.is_some() {
            let withdrawn = read(&self.withdrawn);
            found.retain(|found| !withdrawn.ids.contains(story(found)));
        }
    }

    /// Leaves out the recommendations of what nobody may see.
    pub(super) fn keep_shown(&self, recommended: &mut Vec<Recommendation>) {
        recommended.retain(|r| !self.hides_from(&r.source, r.came_as_private));
        self.leave_out_withdrawn(recommended, |r| &r.story);
    }
}
