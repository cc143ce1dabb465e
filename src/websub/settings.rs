//! How subscriptions are made.

use std::time::Duration;

use url::Url;

/// How subscriptions are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether hubs are asked at all.
    pub subscribe: bool,
    /// The address under which hubs reach us; callbacks stand below it.
    pub callback: Url,
    /// Whether a signature by SHA-1 is enough, as old hubs give it.
    pub sha1: bool,
    /// The lease that hubs are asked for.
    pub lease: Duration,
}

impl Settings {
    /// The usual settings for a site that hubs reach at this address.
    #[must_use]
    pub fn usual(callback: Url) -> Self {
        Self { subscribe: true, callback, sha1: false, lease: Duration::from_secs(10 * 24 * 3600) }
    }
}
