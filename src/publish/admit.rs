//! Admission: stories that are new or have changed get their shelves; new ones get recommendations, which then stand.

use std::collections::HashSet;
use std::sync::PoisonError;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Publisher, fixing, learning, likeness, shelving, withdrawn};
use crate::model::{SourceName, StoryId};
use crate::store::{StoreError, Taken};

/// Stories read at a time.
const BATCH: usize = 500;

/// Bytes of words that are written at a time: a little less than the index of words gathers itself before it writes a piece, of which
/// each has to be joined with others later.
const WORDS: usize = 2 << 20;

/// How often the index is filled anew.
const REFILL: TimeDelta = TimeDelta::days(1);

/// Batches after which the log tells how far it is.
const TOLD: usize = 20;

/// How far this process has taken in the store. What is kept as rows notes its progress in the store itself.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The index holds what was in the store up to this revision.
    revision: u64,
    /// When the index was last filled; stories grow too old for it, and are purged, without a word.
    filled: Option<DateTime<Utc>>,
    /// Whose stories it leaves out.
    private: Vec<SourceName>,
    /// As of which revision what is hidden was known when lists were last completed.
    hidden: Option<u64>,
    /// The newest publisher that has begun: an older one does not undo its work.
    generation: u64,
}

/// Takes in what has changed.
pub(super) async fn admit(publisher: &Publisher, progress: &mut Progress) -> Result<(), StoreError> {
    if progress.generation > publisher.generation {
        return Ok(());
    }
    progress.generation = publisher.generation;
    let (now, private) = (publisher.clock.now(), publisher.private());
    let is_fresh = |filled: DateTime<Utc>| (now - filled).abs() < REFILL;
    let is_worn = publisher.index.read().unwrap_or_else(PoisonError::into_inner).is_worn(&publisher.settings.recommend);
    if is_worn || !progress.filled.is_some_and(is_fresh) || progress.private != private {
        // What has changed since is taken in below, so that what is new to the store is read and analysed once. Who learns from all
        // stories knows them all first.
        let upto = match &publisher.settings.tagging.learn {
            Some(_) => publisher.store.revision(),
            None => publisher.store.taken_in().await?,
        };
        likeness::fill(publisher, upto).await?;
        progress.filled = Some(now);
        progress.private = private;
        progress.revision = upto;
    }
    if progress.hidden.is_none() {
        withdrawn::renew(&publisher.withdrawn, &publisher.store).await?;
    }
    let hidden = *progress.hidden.get_or_insert_with(|| publisher.withdrawn_at());
    shelving::requery(publisher).await?;
    take_in(publisher, progress).await?;
    withdrawn::renew(&publisher.withdrawn, &publisher.store).await?;
    fixing::recommend(publisher, publisher.withdrawn_at() != hidden).await?;
    progress.hidden = Some(publisher.withdrawn_at());
    // Stories that were admitted just now have changed by that: nothing is left to be done again at the next start.
    take_in(publisher, progress).await?;
    shelving::refill(publisher).await?;
    withdrawn::renew(&publisher.withdrawn, &publisher.store).await
}

/// Stories that have changed go into the rows, which all processes share, and into the index of likeness, which is this
/// process's own; where the file asks for it they learn from the stories likest to them.
async fn take_in(publisher: &Publisher, progress: &mut Progress) -> Result<(), StoreError> {
    let mut after = publisher.store.taken_in().await?.min(progress.revision);
    // Who asks for the feeds of others, or learns from others, finds them as they are now.
    let asks = publisher.settings.tagging.learn.is_some() || publisher.settings.recommend.queries().next().is_some();
    let (mut batches, mut gathered) = (0, Vec::new());
    loop {
        let changes = publisher.store.changed_since(after, BATCH).await?;
        after = changes.upto;
        let is_last = changes.stories.len() < BATCH;
        let (mut outlines, mut stories) = (Vec::new(), Vec::new());
        if !changes.stories.is_empty() {
            // Before the stories: a text that changes in between is newer than what its outline stands for, and is made again.
            outlines = publisher.store.outlines(&changes.stories).await?;
            let listed = shelving::listed(publisher, publisher.store.stories(&changes.stories).await?).await?;
            stories = listed.1;
            // One that has changed once more stands as it is now.
            let again: HashSet<&StoryId> = stories.iter().map(|story| &story.id).collect();
            gathered.retain(|taken: &Taken| !again.contains(&taken.shelving.story));
            gathered.extend(listed.0);
        }
        let words: usize = gathered.iter().map(|taken| taken.columns.len()).sum();
        if !gathered.is_empty() && (is_last || asks || words >= WORDS) {
            publisher.store.take_in(std::mem::take(&mut gathered), after).await?;
        }
        if !stories.is_empty() {
            let taught = publisher.settings.tagging.learn.is_some().then(|| stories.clone());
            // After the shelves: `from` may ask for a feed.
            likeness::renew(publisher, outlines, stories).await?;
            // What is learnt changes a story: it comes round once more.
            learning::teach(publisher, &taught.unwrap_or_default()).await?;
        }
        if is_last {
            progress.revision = after;
            return Ok(());
        }
        batches += 1;
        if batches % TOLD == 0 {
            tracing::info!("{} changed stories taken in so far", batches * BATCH);
        }
    }
}
