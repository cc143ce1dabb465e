//! What a document offers by WebSub, and what is arranged with a hub.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::SourceName;

/// What a document says of being delivered: which address to subscribe to, and at which hubs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The address that is subscribed to, as it is written.
    pub topic: String,
    /// The hubs, absolute, in their order; never empty.
    pub hubs: Vec<String>,
    /// The address of the document that said so: what is delivered is read as if it stood there.
    pub at: String,
}

/// Something that we and one hub know, and nobody else: it is shown nowhere, not by `Debug` either.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Keeps a secret.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, to be sent or compared and not to be shown.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The hub was asked and has to verify it.
    Asking,
    /// The hub refused, failed or did not verify; it is asked again later.
    Resting,
    /// The hub delivers.
    Active,
    /// The hub was asked to deliver no more and has to verify that.
    Leaving,
    /// It is over.
    Ended,
}

/// One subscription: one callback, one secret, one hub. A renewal is another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The last part of its callback's address, never used again.
    pub token: Secret,
    /// The address that its callback stands below.
    pub callback: String,
    /// What deliveries are signed with.
    pub secret: Secret,
    /// For which source.
    pub source: SourceName,
    /// The hub.
    pub hub: String,
    /// What is subscribed to.
    pub topic: String,
    /// Where it stands.
    pub stage: Stage,
    /// When the hub was asked.
    pub asked: DateTime<Utc>,
    /// When something is to be done about it: verification is no longer waited for, the hub is asked again, the lease is
    /// renewed, what has ended is forgotten.
    pub due: DateTime<Utc>,
    /// Since when the hub has delivered without a gap, earlier leases included.
    pub since: Option<DateTime<Utc>>,
    /// When the lease ends.
    pub ends: Option<DateTime<Utc>>,
    /// How often in a row the hub was asked in vain.
    pub failures: u32,
    /// Whether something was missed, or could not be taken: then the source is polled as if there were no hub.
    pub doubted: bool,
    /// Why it failed, for people.
    pub said: Option<String>,
}

/// That a hub delivers what is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pushed {
    /// Since when, without a gap.
    pub since: DateTime<Utc>,
    /// Until when, unless it is renewed.
    pub until: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret::new("abc")), "Secret");
    }
}
