//! What stands at which address.

use chrono::NaiveDate;

use crate::store::Shelf;
use crate::text::tag_key;

/// The form of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Rss,
    Atom,
    Json,
    Page,
}

impl Format {
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Rss => ".rss",
            Self::Atom => ".atom",
            Self::Json => ".json",
            Self::Page => "",
        }
    }
}

/// An address of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Home,
    /// Everything, or a curated feed.
    Shelf {
        name: String,
        format: Format,
    },
    /// The digest of a feed for a day.
    Digest {
        feed: String,
        day: NaiveDate,
    },
    /// A tag: its key, and how it was written.
    Tag {
        key: String,
        written: String,
        format: Format,
    },
    Tags,
    Story(String),
    /// What was asked for in the search box.
    Search(Format),
    /// A feed for one reader, whose address is its profile.
    Personal(Format),
    /// Why a story is what it is.
    Explain(String),
    Opml,
    Status,
    /// The feed of changes of the sources' states.
    StatusFeed,
    Style,
    /// The picture that stands for the site, for who asks for none that a page names.
    Icon,
    /// What robots are asked to leave alone.
    Robots,
}

impl Address {
    /// Reads a path, already percent-decoded. `None` where nothing of ours can stand.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let path = path.strip_prefix('/')?;
        match path {
            "" => return Some(Self::Home),
            "style.css" => return Some(Self::Style),
            "favicon.ico" => return Some(Self::Icon),
            "robots.txt" => return Some(Self::Robots),
            "feeds.opml" | "opml" | ".well-known/feeds" => return Some(Self::Opml),
            "status" => return Some(Self::Status),
            "status.atom" => return Some(Self::StatusFeed),
            "tags" => return Some(Self::Tags),
            _ => {}
        }
        if let Some(id) = path.strip_prefix("explain/") {
            return (!id.is_empty() && !id.contains('/')).then(|| Self::Explain(id.to_owned()));
        }
        if let Some(id) = path.strip_prefix("story/") {
            return (!id.is_empty() && !id.contains('/')).then(|| Self::Story(id.to_owned()));
        }
        let endings = [(".rss", Format::Rss), (".atom", Format::Atom), (".json", Format::Json)];
        let (name, format) = endings
            .into_iter()
            .find_map(|(ending, format)| path.strip_suffix(ending).map(|name| (name, format)))
            .unwrap_or((path, Format::Page));
        if let Some(written) = name.strip_prefix("tag/") {
            let key = tag_key(written);
            return (!key.is_empty()).then(|| Self::Tag { key, written: written.to_owned(), format });
        }
        match name {
            "search" => return Some(Self::Search(format)),
            "for" => return Some(Self::Personal(format)),
            _ => {}
        }
        if let Some((feed, day)) = path.split_once('/') {
            let feed = Some(feed).filter(|feed| !feed.is_empty())?.to_owned();
            return day_of(day).map(|day| Self::Digest { feed, day });
        }
        (!name.is_empty()).then(|| Self::Shelf { name: name.to_owned(), format })
    }

    /// The feed whose key opens it.
    pub(super) fn feed(&self) -> Option<&str> {
        match self {
            Self::Shelf { name, .. } | Self::Digest { feed: name, .. } => Some(name),
            _ => None,
        }
    }

    /// Whether what stands there depends on the query string: it is made anew each time.
    pub(super) fn is_asked(&self) -> bool {
        matches!(self, Self::Search(_) | Self::Personal(_) | Self::Explain(_))
    }

    /// The shelf whose stories are all that it shows; `None` where it shows more, or everything.
    pub(super) fn shelf(&self) -> Option<Shelf> {
        match self {
            Self::Tag { key, .. } => Some(Shelf::Tag(key.clone())),
            Self::Shelf { name, .. } if name != "all" => Some(Shelf::Feed(name.clone())),
            Self::Digest { feed, .. } => Some(Shelf::Feed(feed.clone())),
            _ => None,
        }
    }
}

/// A day in the one way that it is written in an address: `2026-06-03`.
fn day_of(written: &str) -> Option<NaiveDate> {
    let day: NaiveDate = written.parse().ok()?;
    (day.to_string() == written).then_some(day)
}

/// The path of a tag, in clear.
pub(super) fn tag_path(key: &str, format: Format) -> String {
    format!("/tag/{key}{}", format.ending())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_address() {
        let shelf = |name: &str, format| Some(Address::Shelf { name: name.into(), format });
        assert_eq!(Address::parse("/"), Some(Address::Home));
        assert_eq!(Address::parse("/robots.txt"), Some(Address::Robots));
        assert_eq!(Address::parse("/favicon.ico"), Some(Address::Icon));
        assert_eq!(Address::parse("/all.rss"), shelf("all", Format::Rss));
        assert_eq!(Address::parse("/palestine"), shelf("palestine", Format::Page));
        let tag = Address::parse("/tag/Libération-Palestine.atom");
        let (key, written) = ("liberation_palestine".into(), "Libération-Palestine".into());
        assert_eq!(tag, Some(Address::Tag { key, written, format: Format::Atom }));
        assert_eq!(Address::parse("/story/abc"), Some(Address::Story("abc".into())));
        let digest = Address::Digest { feed: "matin".into(), day: "2026-06-03".parse().unwrap() };
        assert_eq!(Address::parse("/matin/2026-06-03"), Some(digest));
        let days =
            ["/matin/2026-6-3", "/matin/2026-02-30", "/matin/2026-06-03.rss", "/matin/2026-06-03/", "//2026-06-03"];
        for none in ["", "/tag/", "/tag/123", "/a/b", "/story/", "/story/a/b", "/.rss"].into_iter().chain(days) {
            assert_eq!(Address::parse(none), None, "{none}");
        }
    }
}
