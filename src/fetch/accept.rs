//! What may be wanted back, and how much of it is taken.

use reqwest::header::HeaderValue;

use super::Settings;
use super::robots::MOST_READ;

/// What is wanted back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// A feed, or a page that may lead to one.
    Feed,
    /// An article's page. It is asked for at its turn, and only where `robots.txt` allows it.
    Page,
    /// A picture.
    Image,
    /// What a site allows.
    Robots,
}

impl Accept {
    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Feed => {
                "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, \
                 application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
            }
            Self::Page => "text/html, application/xhtml+xml, application/xml;q=0.5, */*;q=0.1",
            Self::Image => "image/avif, image/webp, image/png, image/jpeg, image/*;q=0.8",
            Self::Robots => "text/plain, */*;q=0.1",
        })
    }

    /// Bytes of its body that are taken.
    pub(super) fn most(self, settings: &Settings) -> u64 {
        match self {
            Self::Feed => settings.max_size.unwrap_or(16 << 20),
            Self::Page | Self::Image => settings.max_size.unwrap_or(8 << 20),
            Self::Robots => MOST_READ,
        }
    }
}
