//! Where a connection may be kept: a server may close it at the very moment at which it is used again, and has then not heard
//! the question.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::Accept;

/// How long an idle connection is kept for the next page of the same site.
pub(super) const IDLE: Duration = Duration::from_secs(30);
/// Answers remembered.
const MOST: usize = 4096;

/// When what is asked there last answered: each feed by itself, as one that always closes its connection would be asked twice
/// beside its neighbours; of pages, which are asked once, their site.
#[derive(Debug, Default)]
pub(super) struct Warm(Mutex<HashMap<u64, Instant>>);

impl Warm {
    /// It has answered: its connection may be kept.
    pub(super) fn answered(&self, accept: Accept, url: &Url) {
        let now = Instant::now();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, at| now.duration_since(*at) < IDLE);
        }
        if all.len() < MOST {
            all.insert(key(accept, url), now);
        }
    }

    /// Whether a connection that answered before may have been used; it is gone now.
    pub(super) fn took_away(&self, accept: Accept, url: &Url) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&key(accept, url)).is_some_and(|at| at.elapsed() < IDLE)
    }
}

fn key(accept: Accept, url: &Url) -> u64 {
    let mut hasher = DefaultHasher::new();
    match accept {
        Accept::Feed => url.as_str().hash(&mut hasher),
        _ => url.origin().hash(&mut hasher),
    }
    hasher.finish()
}
