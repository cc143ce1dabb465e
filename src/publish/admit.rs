//! Admission: stories that are new or have changed get their shelves; new ones get recommendations, which then stand.

use std::sync::PoisonError;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Publisher, fixing, learning, likeness, shelving};
use crate::model::SourceName;
use crate::store::StoreError;

/// Stories taken in at a time.
const BATCH: usize = 500;

/// How often the index is filled anew.
const REFILL: TimeDelta = TimeDelta::days(1);

/// How far this process has taken in the store.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The index holds what was in the store up to this revision.
    revision: Option<u64>,
    /// When the index was last filled; stories grow too old for it, and are purged, without a word.
    filled: Option<DateTime<Utc>>,
    /// Whose stories it leaves out.
    private: Vec<SourceName>,
}

/// Takes in what has changed.
pub(super) async fn admit(publisher: &Publisher, progress: &mut Progress) -> Result<(), StoreError> {
    let (now, private) = (publisher.clock.now(), publisher.private());
    let is_fresh = |filled: DateTime<Utc>| (now - filled).abs() < REFILL;
    let is_worn = publisher.index.read().unwrap_or_else(PoisonError::into_inner).is_worn(&publisher.settings.recommend);
    if is_worn || !progress.filled.is_some_and(is_fresh) || progress.private != private {
        likeness::fill(publisher).await?;
        progress.filled = Some(now);
        progress.private = private;
    }
    shelving::requery(publisher).await?;
    let upto = publisher.store.revision();
    let mut after = progress.revision.unwrap_or(0);
    loop {
        let changes = publisher.store.changed_since(after, BATCH).await?;
        after = changes.upto;
        if changes.stories.is_empty() {
            break;
        }
        let stories = publisher.store.stories(&changes.stories).await?;
        shelving::shelve(publisher, &stories).await?;
        // After the shelves: `from` may ask for a feed.
        likeness::renew(publisher, &changes.stories).await?;
        // What is learnt changes a story: it comes round once more.
        learning::teach(publisher, &stories).await?;
    }
    fixing::recommend(publisher).await?;
    progress.revision = Some(upto.max(after));
    Ok(())
}
