//! What all that we publish says of the site.

use url::Url;

use crate::model::Lang;

/// What all that we publish says of the site.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Title for people.
    pub title: String,
    /// Part of every entry's id; never changed, wherever the site moves.
    pub id: String,
    /// Public address, with trailing slash.
    pub base: Url,
    /// Language of our own words.
    pub lang: Lang,
    /// Whether recommendations stand at the foot of each body in feeds.
    pub recommended_in_body: bool,
    /// Whether recommendations stand as `rel="related"` links in feeds.
    pub recommended_as_links: bool,
}
