//! Where a connection may be kept: a server may close it at the very moment at which it is used again, and has then not heard
//! the question.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::{Origin, Url};

/// How long an idle connection is kept for the next page of the same site.
pub(super) const IDLE: Duration = Duration::from_secs(30);
/// Origins remembered.
const MOST: usize = 4096;

/// When each origin last answered.
#[derive(Debug, Default)]
pub(super) struct Warm(Mutex<HashMap<Origin, Instant>>);

impl Warm {
    /// An origin has answered: its connection may be kept.
    pub(super) fn answered(&self, url: &Url) {
        let now = Instant::now();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, at| now.duration_since(*at) < IDLE);
        }
        if all.len() < MOST {
            all.insert(url.origin(), now);
        }
    }

    /// Whether a connection that answered before may have been used; it is gone now.
    pub(super) fn took_away(&self, url: &Url) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&url.origin()).is_some_and(|at| at.elapsed() < IDLE)
    }
}
