//! `[feed.NAME]`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use super::names::{Known, Use, ordered};
use super::raw::{self, Text};
use super::said::Said;
use super::site::MOST_RECOMMENDED;
use super::values::Secret;
use crate::curate::{Daily, Feed, FeedText, IN_A_ROW, Order};
use crate::model::Lang;
use crate::text::fold;

/// The most stories of a feed.
const MOST_STORIES: i64 = 1000;
/// Letters of a feed's name.
const MOST_SLUG: usize = 64;
/// Bytes of a key: shorter ones are guessed.
const SHORTEST_KEY: usize = 8;

/// Addresses that are taken, or kept for later.
const RESERVED: [&str; 33] = [
    "admin", "all", "api", "archive", "article", "assets", "explain", "export", "favicon", "feed", "feeds", "for",
    "health", "healthz", "help", "hub", "image", "images", "index", "metrics", "opml", "proxy", "readyz", "robots",
    "script", "search", "sitemap", "source", "static", "status", "story", "style", "tag",
];

/// What a feed is unless it says otherwise.
pub(super) struct Usual<'a> {
    pub(super) lang: &'a Lang,
    pub(super) limit: usize,
    pub(super) folder: &'a Path,
}

/// The feeds that are served, in the order of the file.
pub(super) fn feeds(
    raw: &BTreeMap<Text, raw::Feed>,
    usual: &Usual<'_>,
    known: &Known,
    said: &mut Said<'_>,
) -> Vec<Feed> {
    let mut written: Vec<_> = raw.iter().collect();
    written.sort_by_key(|(slug, _)| slug.span().start);
    let mut feeds = Vec::new();
    for (slug, raw) in written {
        let right = slug_is_right(slug, said);
        let (feed, served) = feed(slug.get_ref(), raw, usual, known, said);
        if right {
            feeds.push((feed, slug.span(), served));
        }
    }
    circles(&feeds, said);
    feeds.into_iter().filter(|(_, _, served)| *served).map(|(feed, ..)| feed).collect()
}

fn slug_is_right(slug: &Text, said: &mut Said<'_>) -> bool {
    let written = slug.get_ref();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if RESERVED.contains(&written.as_str()) || written == "tags" {
        let hint = format!("take another name: [feed.{written}-2]");
        said.wrong(slug.span(), format!("`{written}` is an address of ours"), hint);
        return false;
    }
    let fine = written.starts_with(plain)
        && written.chars().all(|c| plain(c) || matches!(c, '-' | '_'))
        && written.len() <= MOST_SLUG;
    if !fine {
        let better: String = fold(written).chars().map(|c| if plain(c) || c == '_' { c } else { '-' }).collect();
        let better = better.trim_matches(['-', '_']);
        let hint = match better.len() {
            1..=MOST_SLUG => format!("write [feed.{better}], and the name for people as `title`"),
            _ => format!("write a to z, digits, `-` and `_`, at most {MOST_SLUG}; the name for people is `title`"),
        };
        said.wrong(slug.span(), format!("`{written}` cannot be an address"), hint);
    }
    fine
}

/// A feed, and whether it is served.
fn feed(slug: &str, raw: &raw::Feed, usual: &Usual<'_>, known: &Known, said: &mut Said<'_>) -> (Feed, bool) {
    let select = raw.select.as_ref().and_then(|s| said.query(s).map(|query| (query, s)));
    if let Some((query, written)) = &select {
        known.check(query, written, Use::Select, said);
    }
    let texts = [("full", FeedText::Full), ("summary", FeedText::Summary), ("link", FeedText::Link)];
    let (key, served) = match &raw.key {
        Some(written) => key(slug, written, usual.folder, said),
        None => (None, true),
    };
    let orders = [("new", Order::New), ("best", Order::Best)];
    let in_a_row = i64::try_from(IN_A_ROW).unwrap_or(i64::MAX);
    let digest = raw.digest.as_ref().and_then(|d| daily(d, said));
    // A digest sends its readers to the stories.
    let usual_text = if raw.digest.is_some() { FeedText::Summary } else { FeedText::Full };
    let recommend = raw.recommend.as_ref();
    if let (Some(recommend), Some(_)) = (recommend, &raw.digest) {
        let hint = "take one of the two away: recommendations stand under a story, on its page";
        said.wrong(recommend.span(), "`recommend` means nothing in a digest", hint);
    }
    let feed = Feed {
        slug: slug.to_owned(),
        title: raw.title.as_ref().and_then(|t| said.line(t)).unwrap_or_else(|| title_of(slug)),
        description: raw.description.as_ref().and_then(|d| said.line(d)),
        select: select.map(|(query, _)| query),
        order: raw.order.as_ref().and_then(|o| said.one_of(o, "order", &orders)).unwrap_or_default(),
        per_source: raw.per_source.as_ref().and_then(|n| said.count(n, "per_source", 1..=in_a_row)),
        digest,
        limit: raw.limit.as_ref().and_then(|n| said.count(n, "limit", 1..=MOST_STORIES)).unwrap_or(usual.limit),
        text: raw.text.as_ref().and_then(|t| said.one_of(t, "text", &texts)).unwrap_or(usual_text),
        lang: raw.lang.as_ref().and_then(|l| said.lang(l)).unwrap_or_else(|| usual.lang.clone()),
        key,
        recommend_count: recommend
            .and_then(|r| r.get_ref().count.as_ref())
            .and_then(|n| said.count(n, "count", 0..=MOST_RECOMMENDED)),
    };
    (feed, served)
}

/// The time of day of a digest.
fn daily(written: &Text, said: &mut Said<'_>) -> Option<Daily> {
    let raw = written.get_ref().trim();
    let daily = Daily::parse(raw);
    if daily.is_none() {
        let hint = "write hours and minutes, by the clock of the site's `tz`: \"07:00\"";
        said.wrong(written.span(), format!("`{raw}` is not a time of day"), hint);
    }
    daily
}

/// `revue-de-presse` as people write it: `Revue de presse`.
fn title_of(slug: &str) -> String {
    let mut letters = slug.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters.map(|c| if matches!(c, '-' | '_') { ' ' } else { c })).collect()
}

/// The key of a feed, and whether it can be served.
fn key(slug: &str, written: &Text, folder: &Path, said: &mut Said<'_>) -> (Option<String>, bool) {
    match said.secret(written, folder) {
        Secret::Set(key) if key.len() < SHORTEST_KEY => {
            let message = format!("feed `{slug}` is not served: its key is shorter than {SHORTEST_KEY} bytes");
            said.warn(written.span(), message, "make one: openssl rand -hex 16");
            (None, false)
        }
        Secret::Set(key) => (Some(key), true),
        Secret::Unset(why) => {
            said.warn(written.span(), format!("feed `{slug}` is not served: {why}"), "");
            (None, false)
        }
        Secret::Written => {
            let hint = "write where it is: \"env:NAME\" or \"file:PATH\"";
            said.wrong(written.span(), "secret stands in the file", hint);
            (None, false)
        }
    }
}

/// Feeds that ask for each other by `feed:`.
fn circles(feeds: &[(Feed, Range<usize>, bool)], said: &mut Said<'_>) {
    let place = |slug: &str| feeds.iter().position(|(f, ..)| f.slug == slug.to_lowercase());
    let asks: Vec<Vec<usize>> = feeds
        .iter()
        .map(|(feed, ..)| {
            let names = feed.select.iter().flat_map(|q| q.names().feeds);
            names.filter_map(|(name, _)| place(&name)).collect()
        })
        .collect();
    for circle in ordered(&asks).err().into_iter().flatten() {
        let mut names: Vec<&str> = circle.iter().map(|&i| feeds[i].0.slug.as_str()).collect();
        names.extend(names.first().copied());
        let span = circle.first().map_or(0..0, |&i| feeds[i].1.clone());
        let message = format!("feeds ask for each other in a circle: {}", names.join(" -> "));
        said.wrong(span, message, "take one `feed:` of the circle away");
    }
}
