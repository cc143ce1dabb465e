//! The pages of new entries: each asked once, a bounded number at a poll, read off the async threads.

use futures_util::StreamExt;
use url::Url;

use super::make::Pending;
use super::{Poller, Raw, ReadMode, Source};
use crate::extract::{self, Extract, Page};
use crate::fetch::{Accept, Answer, FetchError, Request};
use crate::model::{BodyFrom, Document, Validators};
use crate::text;

/// The most pages that one poll asks for; the rest waits for the next.
const PAGES_PER_POLL: usize = 60;
/// Pages of one poll in flight at one time; the client's limit per host is lower.
const AT_ONCE: usize = 8;
/// Polls at which a page is tried before the article is taken with what the source itself gave.
const MOST_ATTEMPTS: u8 = 3;
/// A body of fewer characters is a teaser: with `read = "auto"` its page is read.
const SHORT: usize = 600;

/// Told apart by this, the hash of an entry tells at the next poll how often its page has been tried: it outlives the
/// process, and an entry so marked is taken for changed.
const TRIED: u64 = 0x9e37_79b9_7f4a_7c15;

fn marked(entry_hash: u64, tries: u8) -> u64 {
    entry_hash ^ TRIED.wrapping_mul(u64::from(tries))
}

/// How often the page of an entry, as the entry now is, has been tried without success.
fn tries(raw: &Raw) -> u8 {
    let known = raw.known.as_ref().map(|k| k.entry_hash);
    (1..MOST_ATTEMPTS).find(|tries| known == Some(marked(raw.entry_hash, *tries))).unwrap_or(0)
}

/// Reads the pages that the entries need. Gives the entries with what was read, in their order, and how many wait for the
/// next poll.
pub(super) async fn fetch(poller: &Poller, source: &Source, fresh: Vec<Raw>) -> (Vec<Raw>, usize) {
    let mut asked = 0;
    let mut waiting = 0;
    let mut work = Vec::new();
    for raw in fresh {
        let page = raw.url.as_deref().and_then(|u| Url::parse(u).ok()).filter(|_| wants_page(source, &raw));
        if page.is_some() && asked == PAGES_PER_POLL {
            waiting += 1;
            continue;
        }
        asked += usize::from(page.is_some());
        work.push(one(poller, source, raw, page));
    }
    let done: Vec<Raw> = futures_util::stream::iter(work).buffered(AT_ONCE).collect().await;
    waiting += done.iter().filter(|raw| raw.waits).count();
    (done, waiting)
}

fn wants_page(source: &Source, raw: &Raw) -> bool {
    match source.read {
        ReadMode::Feed => false,
        ReadMode::Page => true,
        ReadMode::Auto => raw.feed_text().chars().count() < SHORT,
    }
}

/// One entry with its page, where it wants one.
async fn one(poller: &Poller, source: &Source, mut raw: Raw, page: Option<Url>) -> Raw {
    let Some(url) = page else { return raw };
    match read(poller, source, &raw, url.clone()).await {
        Ok((found, at)) => raw.page = Some((found, at)),
        Err(error) => {
            let name = &source.name;
            tracing::info!(source.name = %name, "{name}: page {} was not read: {}", shown(&url), error.said);
            let tries = tries(&raw) + 1;
            raw.waits = tries < MOST_ATTEMPTS;
            // What was read on a page once is not replaced by the few lines that the source itself gives.
            let kept = raw.known.as_ref().is_some_and(|k| k.body_from == BodyFrom::Page);
            let empty = raw.feed_text().trim().is_empty();
            raw.pending = match (kept, empty, raw.waits) {
                (true, ..) | (false, true, true) => Pending::All,
                // No text, and a link that leads nowhere, however often it was tried: no article.
                (false, true, false) if error.gone => Pending::All,
                (false, false, true) => Pending::Page,
                (false, _, false) => Pending::Nothing,
            };
            if raw.waits {
                raw.entry_hash = marked(raw.entry_hash, tries);
            }
        }
    }
    raw
}

/// Why a page was not read.
struct Unread {
    said: String,
    /// Whether the server says that there is no such page.
    gone: bool,
}

impl Unread {
    fn said(why: impl std::fmt::Display) -> Self {
        Self { said: why.to_string(), gone: false }
    }
}

fn unanswered(error: FetchError) -> Unread {
    let gone = matches!(error, FetchError::Status { status: 404 | 410, .. });
    Unread { said: error.to_string(), gone }
}

async fn read(poller: &Poller, source: &Source, raw: &Raw, url: Url) -> Result<(Extract, Url), Unread> {
    // Credentials belong to the source's own site.
    let own = url.origin() == source.url.origin();
    let headers = if own { source.headers.clone() } else { Vec::new() };
    let request = Request { url, validators: Validators::default(), headers, accept: Accept::Page };
    let now = poller.clock.now();
    let document = match poller.client.get(request, now).await.map_err(unanswered)? {
        Answer::Document { document, .. } => document,
        Answer::NotModified { .. } => return Err(Unread::said("304 to an unconditional request")),
    };
    let permit = poller.cores.clone().acquire_owned().await;
    let (source, entry) = (source.clone(), raw.entry.clone());
    tokio::task::spawn_blocking(move || {
        let decoded = text::decode(&document.body, document.content_type.as_deref());
        let page = Page {
            html: &decoded.text,
            url: &document.url,
            lang: source.lang.as_ref().or(entry.lang.as_ref()),
            tz: source.tz,
            now,
            entry: Some(&entry),
            site_name: Some(&source.outlet.name),
        };
        let found = extract::extract(&page, &source.recipe).map_err(Unread::said);
        drop(permit);
        found.map(|f| (f, final_url(&document)))
    })
    .await
    .map_err(Unread::said)?
}

fn final_url(document: &Document) -> Url {
    document.url.clone()
}

/// An address as logs show it: without its query, which may hold a secret.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}
