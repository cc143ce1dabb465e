//! What was gathered in small tables goes over into the large ones, once enough of it has.

use rusqlite::Connection;

use super::fingerprints::Fresh;
use super::{Store, StoreError, by_tag};

/// Of what enough has gathered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Full {
    fingerprints: bool,
    tags: bool,
}

impl Full {
    /// What is full after a piece of work.
    pub(super) fn of(conn: &Connection, fresh: &Fresh) -> Result<Self, StoreError> {
        Ok(Self { fingerprints: fresh.is_full(), tags: by_tag::is_full(conn)? })
    }
}

impl Store {
    /// Takes over what is full, unless that is being done already: polls that end together find the same thing full, and each would
    /// take over what little came after the first.
    pub(super) async fn settle(&self, full: Full) {
        if full == Full::default() {
            return;
        }
        let Ok(_alone) = self.inner.settling.try_acquire() else { return };
        let fingerprints = if full.fingerprints { self.settle_fingerprints().await } else { Ok(()) };
        let tags = if full.tags { self.settle_tags().await } else { Ok(()) };
        if let Err(error) = fingerprints.and(tags) {
            // What was polled is stored; the next poll tries again.
            tracing::warn!(%error, "what was gathered stays where it is");
        }
    }
}
