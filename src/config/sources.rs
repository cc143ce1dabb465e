//! `[source.NAME]`.

use std::collections::HashMap;
use std::time::Duration;

use chrono_tz::Tz;
use toml::Spanned;
use url::{Host, Url};

use super::names::{Known, Use};
use super::raw::{self, Text};
use super::read::Reading;
use super::said::Said;
use super::values::Secret;
use crate::model::{Outlet, Republish, SourceName};
use crate::poll::{self, ReadMode, Source, USUAL_RANK};
use crate::read::{ListRecipe, Path, Place};
use crate::schedule;
use crate::text::{Pick, fold, url_key};
use crate::{extract, fetch};

/// The most that `expect` and `rank` may say.
const MOST: i64 = 1_000_000;
/// The most that `budget` may say.
const MOST_BUDGET: i64 = 1_000_000;
/// Bytes of a header's value.
const MOST_HEADER: usize = 8 * 1024;
/// Headers that are ours to send.
const OURS: [&str; 12] = [
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "if-modified-since",
    "if-none-match",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// Parts of the names of headers that carry a secret.
const SECRETS: [&str; 6] = ["authorization", "cookie", "key", "token", "secret", "session"];

/// What a source is unless it says otherwise.
pub(super) struct Usual<'a> {
    pub(super) tz: Tz,
    pub(super) schedule: schedule::Settings,
    pub(super) fetch: &'a fetch::Settings,
    pub(super) folder: &'a std::path::Path,
}

/// How often sources are asked unless they say otherwise.
pub(super) fn schedule(raw: &raw::Fetch, said: &mut Said<'_>) -> schedule::Settings {
    let mut settings = schedule::Settings::default();
    if let Some(every) = raw.every.as_ref().and_then(|e| said.every(e)) {
        settings.every = every;
    }
    if let Some((shortest, longest)) = raw.between.as_ref().and_then(|b| said.between(b)) {
        settings = settings.between(shortest, longest);
    }
    settings
}

/// Polls an hour that all learnt intervals together may come to.
pub(super) fn budget(raw: &raw::Fetch, said: &mut Said<'_>) -> u32 {
    let budget = raw.budget.as_ref().and_then(|b| said.count(b, "budget", 1..=MOST_BUDGET));
    budget.and_then(|b| u32::try_from(b).ok()).unwrap_or(schedule::BUDGET)
}

/// How long a new address must have been named before it is taken.
pub(super) fn confirm_move(raw: &raw::Fetch, said: &mut Said<'_>) -> Duration {
    let usual = poll::Moves::default().confirm;
    raw.confirm_move.as_ref().and_then(|c| said.duration(c, Duration::from_secs(1))).unwrap_or(usual)
}

/// The sources in the order of the file.
pub(super) fn sources(reading: &Reading, usual: &Usual<'_>, known: &Known, said: &mut Said<'_>) -> Vec<Source> {
    let mut written: Vec<_> = reading.file.source.iter().collect();
    written.sort_by_key(|(name, _)| name.span().start);
    let mut names: HashMap<String, String> = HashMap::new();
    let mut addresses: HashMap<String, String> = HashMap::new();
    let mut sources = Vec::new();
    for (name, raw) in written {
        let shown = name.get_ref();
        if let Some(other) = names.insert(fold(shown), shown.clone()) {
            let message = format!("source `{shown}` differs from `{other}` only by accents or case");
            said.wrong(name.span(), message, "queries could not tell them apart: take another name");
        }
        if raw.url.is_none() && reading.lacks(&format!("source.{shown}.url")) {
            said.wrong(name.span(), format!("source `{shown}` has no `url`"), "write url = \"https://...\"");
        }
        let Some(source) = source(name, raw, usual, known, said) else { continue };
        if let Some(other) = addresses.insert(url_key(&source.url), shown.clone()) {
            let span = raw.url.as_ref().map_or(name.span(), Spanned::span);
            said.warn(span, format!("source `{shown}` asks the same address as `{other}`"), "");
        }
        sources.push(source);
    }
    sources
}

fn source(name: &Text, raw: &raw::Source, usual: &Usual<'_>, known: &Known, said: &mut Said<'_>) -> Option<Source> {
    let shown = name.get_ref();
    let named = SourceName::new(shown);
    if named.is_none() {
        let hint = "write letters, digits, `-`, `_` and `.`, at most 100; the name for people is `outlet`";
        said.wrong(name.span(), format!("`{shown}` cannot be a source's name"), hint);
    }
    let url = raw.url.as_ref().and_then(|u| said.url(u));
    if let (Some(url), Some(written)) = (&url, &raw.url) {
        warn_of_inner_address(&format!("source `{shown}`"), url, written, usual.fetch, said);
    }
    let outlet = outlet(raw, said);
    let modes = [("feed", ReadMode::Feed), ("page", ReadMode::Page), ("auto", ReadMode::Auto)];
    // A list page gives no texts, and who says how pages are read wants them read.
    let texts = raw.list.as_ref().is_some_and(|l| l.get_ref().body.is_some());
    let usual_read =
        if (raw.list.is_some() && !texts) || raw.page.is_some() { ReadMode::Page } else { ReadMode::default() };
    let read = raw.read.as_ref().and_then(|r| said.one_of(r, "read", &modes)).unwrap_or(usual_read);
    if let (ReadMode::Feed, Some(page)) = (read, &raw.page) {
        let message = format!("pages of source `{shown}` are not read: it says read = \"feed\"");
        said.warn(page.span(), message, "take away [page], or `read`");
    }
    let republish = raw.republish.as_ref().and_then(|r| republish(r, said));
    let only = raw.only.as_ref().and_then(|o| said.query(o).map(|query| (query, o)));
    if let Some((query, written)) = &only {
        known.check(query, written, Use::Only, said);
    }
    let headers = headers(shown, &raw.headers, usual.folder, said);
    let mut schedule = usual.schedule;
    if let Some(every) = raw.every.as_ref().and_then(|e| said.every(e)) {
        schedule.every = every;
    }
    let rank = raw.rank.as_ref().and_then(|r| said.count(r, "rank", 0..=MOST));
    let list = raw.list.as_ref().and_then(|l| list(l, said));
    let mut recipe = raw.page.as_ref().map(|p| recipe(p.get_ref(), said)).unwrap_or_default();
    let orders = [("day-first", true), ("month-first", false)];
    recipe.day_first = raw.dates.as_ref().and_then(|d| said.one_of(d, "dates", &orders));
    let lang = raw.lang.as_ref().and_then(|l| said.lang(l));
    let tz = raw.tz.as_ref().and_then(|t| said.tz(t)).unwrap_or(usual.tz);
    let (name, url) = (named?, url?);
    let host = url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
    Some(Source {
        name,
        outlet_named: outlet.is_some(),
        outlet: Outlet { name: outlet.unwrap_or(host), url: url.join("/").ok().map(String::from) },
        url,
        lang,
        tz,
        schedule,
        read,
        republish,
        private: republish == Some(Republish::Private) || (republish.is_none() && headers.secret),
        polled: headers.complete,
        rank: rank.and_then(|r| u32::try_from(r).ok()).unwrap_or(USUAL_RANK),
        only: only.map(|(query, _)| query),
        headers: headers.pairs,
        list,
        recipe,
    })
}

fn outlet(raw: &raw::Source, said: &mut Said<'_>) -> Option<String> {
    if let (Some(_), Some(title)) = (&raw.outlet, &raw.title) {
        said.wrong(title.span(), "`title` and `outlet` both name who publishes", "keep `outlet`");
    }
    raw.outlet.as_ref().or(raw.title.as_ref()).and_then(|o| said.line(o))
}

fn republish(written: &Text, said: &mut Said<'_>) -> Option<Republish> {
    let words = [
        ("full", Republish::Full),
        ("excerpt", Republish::Excerpt),
        ("link", Republish::Link),
        ("private", Republish::Private),
    ];
    said.one_of(written, "republish", &words)
}

/// An address of this machine or this network is refused when it is asked, unless the file allows it.
pub(super) fn warn_of_inner_address(
    what: &str,
    url: &Url,
    written: &Text,
    fetch: &fetch::Settings,
    said: &mut Said<'_>,
) {
    let ip = match url.host() {
        Some(Host::Ipv4(ip)) if ip.is_loopback() || ip.is_private() || ip.is_link_local() => ip.into(),
        Some(Host::Ipv6(ip)) if ip.is_loopback() || ip.is_unique_local() => ip.into(),
        Some(Host::Domain("localhost")) => std::net::Ipv4Addr::LOCALHOST.into(),
        _ => return,
    };
    if !fetch.private_networks.iter().any(|n| n.contains(ip)) {
        let message = format!("{what} is at an inner address that may not be asked");
        said.warn(written.span(), message, format!("allow it: [fetch] private_networks = [\"{ip}\"]"));
    }
}

/// The headers of a source.
struct Headers {
    pairs: Vec<(String, String)>,
    /// Whether one carries a secret.
    secret: bool,
    /// Whether every secret is set.
    complete: bool,
}

fn headers(
    source: &str,
    raw: &std::collections::BTreeMap<Text, Text>,
    folder: &std::path::Path,
    said: &mut Said<'_>,
) -> Headers {
    let mut headers = Headers { pairs: Vec::new(), secret: false, complete: true };
    for (name, written) in raw {
        let lower = name.get_ref().to_ascii_lowercase();
        let in_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if lower.is_empty() || !lower.bytes().all(in_token) {
            said.wrong(name.span(), format!("`{}` cannot be a header", name.get_ref()), "write for example Cookie");
            continue;
        }
        if OURS.contains(&lower.as_str()) {
            said.wrong(name.span(), format!("header `{}` is ours to send", name.get_ref()), "take it away");
            continue;
        }
        let value = match said.secret(written, folder) {
            Secret::Set(value) => {
                headers.secret = true;
                value
            }
            Secret::Unset(why) => {
                (headers.secret, headers.complete) = (true, false);
                said.warn(written.span(), format!("source `{source}` is not polled: {why}"), "");
                continue;
            }
            Secret::Written if SECRETS.iter().any(|s| lower.contains(s)) => {
                let hint = "write where it is: \"env:NAME\" or \"file:PATH\"";
                said.wrong(written.span(), "secret stands in the file", hint);
                continue;
            }
            Secret::Written => written.get_ref().trim().to_owned(),
        };
        if value.len() > MOST_HEADER || !value.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
            let message = format!("value of header `{}` cannot be sent", name.get_ref());
            said.wrong(written.span(), message, "a header is one line of ASCII");
            continue;
        }
        headers.pairs.push((name.get_ref().clone(), value));
    }
    headers
}

fn list(raw: &Spanned<raw::List>, said: &mut Said<'_>) -> Option<ListRecipe> {
    let list = raw.get_ref();
    let Some(item) = &list.item else {
        said.wrong(raw.span(), "list has no `item`", "write the selector of one article in the list: item = 'article'");
        return None;
    };
    let recipe = said.parsed(item, ListRecipe::new);
    if Path::is_meant(item.get_ref()) {
        return paths(list, recipe, said);
    }
    if let Some(body) = &list.body {
        said.wrong(
            body.span(),
            "`body` of a list is for JSON",
            "the text of an article is read on its page: [source.NAME.page]",
        );
    }
    if let Some(within) = &list.within {
        let hint = "write `item` as a path: 'props.articles[*]'";
        said.wrong(within.span(), "`in` of a list is for JSON inside a page", hint);
    }
    let mut pick = |written: &Option<Text>| written.as_ref().and_then(|w| said.parsed(w, Pick::parse));
    let link = pick(&list.link);
    let title = pick(&list.title);
    let summary = pick(&list.summary);
    let image = pick(&list.image);
    let date = pick(&list.date);
    let author = pick(&list.author);
    let next = pick(&list.next);
    let expect = list.expect.as_ref().and_then(|n| said.count(n, "expect", 1..=MOST));
    let mut recipe = recipe?;
    (recipe.link, recipe.title, recipe.summary) = (link, title, summary);
    (recipe.image, recipe.date, recipe.author) = (image, date, author);
    (recipe.next, recipe.expect) = (next, expect);
    Some(recipe)
}

/// A list in JSON: its keys are paths.
fn paths(list: &raw::List, recipe: Option<ListRecipe>, said: &mut Said<'_>) -> Option<ListRecipe> {
    let within = list.within.as_ref().and_then(|w| said.parsed(w, Pick::parse));
    let mut place = |written: &Option<Text>| written.as_ref().and_then(|w| said.parsed(w, Place::parse));
    let (link, next) = (place(&list.link), place(&list.next));
    let mut path = |written: &Option<Text>| written.as_ref().and_then(|w| said.parsed(w, Path::parse));
    let (title, summary, body) = (path(&list.title), path(&list.summary), path(&list.body));
    let (image, date, author) = (path(&list.image), path(&list.date), path(&list.author));
    let expect = list.expect.as_ref().and_then(|n| said.count(n, "expect", 1..=MOST));
    let mut recipe = recipe?;
    (recipe.within, recipe.expect) = (within, expect);
    let paths = recipe.paths.as_mut()?;
    (paths.link, paths.next) = (link, next);
    (paths.title, paths.summary, paths.body) = (title, summary, body);
    (paths.image, paths.date, paths.author) = (image, date, author);
    Some(recipe)
}

fn recipe(raw: &raw::Page, said: &mut Said<'_>) -> extract::Recipe {
    let drop = raw.drop.iter().filter_map(|d| said.parsed(d, extract::Drop::parse)).collect();
    let mut pick = |written: &Option<Text>| written.as_ref().and_then(|w| said.parsed(w, Pick::parse));
    extract::Recipe {
        day_first: None,
        body: pick(&raw.body),
        drop,
        title: pick(&raw.title),
        standfirst: pick(&raw.standfirst),
        date: pick(&raw.date),
        author: pick(&raw.author),
        image: pick(&raw.image),
        tags: pick(&raw.tags),
        origin: pick(&raw.origin),
    }
}
