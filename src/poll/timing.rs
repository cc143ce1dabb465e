//! What of a poll counts for the time of the next.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Poller, Source};
use crate::model::{FeedHead, Validators};
use crate::schedule::{self, Asks, Due, Outcome, Rhythm, Situation, Why};
use crate::store::SourceState;

/// How long a server asked us to stay away.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    /// `Retry-After`.
    pub(super) retry_after: Option<Duration>,
    /// `max-age` less `Age`, or `Expires` less `Date`.
    pub(super) fresh_for: Option<Duration>,
    /// How long the poll took, where that counts: after a failure.
    pub(super) took: Duration,
}

impl Poller {
    /// When a source is due after a poll that left it in this state, and with this rhythm.
    pub(super) fn due(
        &self,
        source: &Source,
        state: &SourceState,
        rhythm: &Rhythm,
        outcome: Outcome,
        asked: Asked,
    ) -> Due {
        let now = self.clock.exact();
        schedule::next(&Situation {
            settings: source.schedule,
            rhythm,
            pace: self.steering.pace(),
            outcome,
            conditional: !state.validators.is_empty(),
            retry_after: asked.retry_after,
            fresh_for: asked.fresh_for,
            asks: asks(state),
            modified: modified(&state.validators, asked),
            took: asked.took,
            jitter: fastrand::f64(),
            now,
        })
    }
}

/// When a document was changed, where its server gives no better sign of when it will be again.
fn modified(validators: &Validators, asked: Asked) -> Option<DateTime<Utc>> {
    let alone = validators.etag.is_none() && asked.fresh_for.is_none();
    let written = validators.last_modified.as_deref().filter(|_| alone)?;
    DateTime::parse_from_rfc2822(written).ok().map(|date| date.to_utc())
}

/// What is known of a source's rhythm; what cannot be read back is learnt anew.
#[must_use]
pub fn rhythm(state: Option<&SourceState>) -> Rhythm {
    state.and_then(|state| read(&state.rhythm)).unwrap_or_default()
}

/// Why a source is due when it is, where that is known.
#[must_use]
pub fn why(state: &SourceState) -> Option<Why> {
    read(&state.why)
}

/// What a source's last document asks of those who read it.
#[must_use]
pub fn asks(state: &SourceState) -> Asks {
    read(&state.asks).unwrap_or_default()
}

/// What a document asks of those who read it, as it is kept.
pub(super) fn asked(head: &FeedHead) -> String {
    let FeedHead { ttl_minutes, skip_hours, skip_days, .. } = *head;
    written(&Asks { ttl_minutes, skip_hours, skip_days })
}

/// What is said, as it is kept.
pub(super) fn written(said: &impl serde::Serialize) -> String {
    serde_json::to_string(said).unwrap_or_default()
}

/// What was kept, where it can be read back.
pub(super) fn read<T: serde::de::DeserializeOwned>(kept: &str) -> Option<T> {
    serde_json::from_str(kept).ok()
}
