//! Stories that wait for their copies before they are published: nothing leads to them yet.

use chrono::{DateTime, TimeDelta, Utc};

use super::Publisher;
use crate::model::StoryId;
use crate::store::StoreError;

/// Stories that wait for their copies and may stand before others in a list of the likest.
pub(super) const MOST: usize = 32;

impl Publisher {
    /// When something is to be published by time alone, without anything being stored; `None`: nothing is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let eldest = self.store.eldest_unadmitted().await?;
        Ok(eldest.and_then(|eldest| eldest.checked_add_signed(self.settings.settle)))
    }

    /// Whether new stories wait for their copies.
    pub(super) fn settles(&self) -> bool {
        self.settings.settle > TimeDelta::zero()
    }

    /// The instant before which stories were first seen that wait no longer.
    pub(super) fn settled_by(&self) -> DateTime<Utc> {
        let now = self.clock.now();
        now.checked_sub_signed(self.settings.settle).unwrap_or(now)
    }

    /// Leaves out what still waits for its copies: nothing leads to it yet.
    pub(super) async fn leave_out_waiting<T>(
        &self,
        found: &mut Vec<T>,
        story: fn(&T) -> &StoryId,
    ) -> Result<(), StoreError> {
        if self.settles() {
            let ids = found.iter().map(|found| story(found).clone()).collect();
            let waiting = self.store.waiting(ids, self.settled_by()).await?;
            found.retain(|found| !waiting.contains(story(found)));
        }
        Ok(())
    }
}
