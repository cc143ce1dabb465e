//! What all polls of a process have in common: the pace, and the hosts that nobody gets through to.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use url::Url;

use super::{PollError, Poller, Source};
use crate::fetch::{Disposition, FetchError};
use crate::schedule::{Circuits, Pace};

/// Shared by all clones of a poller, and handed on when the file changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Steering {
    pace: Arc<Mutex<Pace>>,
    circuits: Arc<Mutex<Circuits>>,
}

impl Steering {
    pub(super) fn pace(&self) -> Pace {
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an address may be asked now; if not, when to try again.
    pub(super) fn enter(&self, address: &Url, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        self.circuits.lock().unwrap_or_else(PoisonError::into_inner).enter(&host(address), now)
    }

    /// Takes in how a question to an address ended.
    pub(super) fn heard(&self, source: &Source, address: &Url, error: Option<&PollError>, now: DateTime<Utc>) {
        let unreached = match error {
            // What we did not ask, or could not keep, says nothing of its host.
            Some(PollError::Fetch(error)) if error.disposition() == Disposition::Refused => return,
            Some(PollError::Fetch(FetchError::GaveWay { .. })) => return,
            Some(PollError::Store(_) | PollError::Stopped(_)) => return,
            Some(PollError::Fetch(error)) => error.unreached(),
            _ => None,
        };
        // What its redirects lead to is another host's trouble.
        let reached = unreached.is_none_or(|host| Some(host) != address.host_str());
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        circuits.heard(&host(address), reached, source.schedule, now);
    }
}

impl Poller {
    /// From now on learnt intervals keep this pace.
    pub fn keep_pace(&self, pace: Pace) {
        *self.steering.pace.lock().unwrap_or_else(PoisonError::into_inner) = pace;
    }

    /// A poller in place of another, which knows what that one knew of hosts.
    #[must_use]
    pub fn in_place_of(self, other: &Self) -> Self {
        Self { steering: other.steering.clone(), ..self }
    }
}

/// Host and port of an address.
fn host(address: &Url) -> String {
    let port = address.port_or_known_default().unwrap_or_default();
    format!("{}:{port}", address.host_str().unwrap_or_default())
}
