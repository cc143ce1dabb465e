//! What came back from a request.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

/// The validators of a representation (RFC 9110, 8.8), byte for byte as the server sent them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag`, quotes and weakness mark included.
    pub etag: Option<String>,
    /// `Last-Modified`, as sent.
    pub last_modified: Option<String>,
    /// The address that gave them: they say nothing of what stands at another. `None` where nobody knows.
    pub of: Option<String>,
}

impl Validators {
    /// Whether they may be sent to an address.
    #[must_use]
    pub fn are_of(&self, url: &Url) -> bool {
        !self.is_empty() && self.of.as_deref().is_none_or(|of| of == url.as_str())
    }

    /// Whether there is anything to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// Bytes with all that is needed to read them again later. Never changed once made.
#[derive(Debug, Clone)]
pub struct Document {
    /// The address that was asked.
    pub requested: Url,
    /// The address that answered, after redirects.
    pub url: Url,
    /// HTTP status; 200 for documents read from disk.
    pub status: u16,
    /// `Content-Type` as sent.
    pub content_type: Option<String>,
    /// `Content-Language` as sent.
    pub content_language: Option<String>,
    /// `Link` as sent, several in one line (RFC 8288).
    pub link_header: Option<String>,
    /// The body, content codings removed.
    pub body: Bytes,
    /// Validators to send at the next request.
    pub validators: Validators,
    /// When it came.
    pub fetched_at: DateTime<Utc>,
    /// Whether it holds only what is new since the validators that were sent (RFC 3229).
    pub delta: bool,
    /// Why its answer ended before its end, where it did: the body is what came until then.
    pub broken_off: Option<String>,
}

/// What a document turned out to be, told by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentKind {
    /// RSS 0.9x, 1.0 or 2.0.
    Rss,
    /// Atom.
    Atom,
    /// JSON Feed.
    JsonFeed,
    /// A sitemap, or an index of sitemaps.
    Sitemap,
    /// An HTML page.
    Html,
    /// A list in JSON that is no feed, read by paths.
    Json,
    /// None of these.
    Unknown,
}
