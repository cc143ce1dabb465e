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
}

impl Poller {
    /// When a source is due after a poll that left it in this state.
    pub(super) fn due(&self, source: &Source, state: &SourceState, outcome: Outcome, asked: Asked) -> Due {
        let now = self.clock.exact();
        schedule::next(&Situation {
            settings: source.schedule,
            rhythm: &rhythm(Some(state)),
            pace: self.steering.pace(),
            outcome,
            conditional: !state.validators.is_empty(),
            retry_after: asked.retry_after,
            fresh_for: asked.fresh_for,
            asks: serde_json::from_value(state.asks.clone()).unwrap_or_default(),
            modified: modified(&state.validators, asked),
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
    state.and_then(|state| serde_json::from_value(state.rhythm.clone()).ok()).unwrap_or_default()
}

/// Why a source is due when it is, where that is known.
#[must_use]
pub fn why(state: &SourceState) -> Option<Why> {
    serde_json::from_value(state.why.clone()).ok()
}

/// What a document asks of those who read it, as it is kept.
pub(super) fn asks(head: &FeedHead) -> serde_json::Value {
    let FeedHead { ttl_minutes, skip_hours, skip_days, .. } = *head;
    written(&Asks { ttl_minutes, skip_hours, skip_days })
}

/// What `schedule` says, as it is kept.
pub(super) fn written(said: &impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(said).unwrap_or_default()
}
