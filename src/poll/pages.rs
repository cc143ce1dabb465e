//! The pages of new entries: each asked once, a bounded number at a poll, read off the async threads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use url::Url;

use super::{Poller, Raw, ReadMode, Source};
use crate::extract::{self, Extract, Page};
use crate::fetch::{Accept, Answer, FetchError, Request};
use crate::model::{ArticleId, Document, Validators};
use crate::text;

/// The most pages that one poll asks for; the rest waits for the next.
const PAGES_PER_POLL: usize = 60;
/// Pages of one poll in flight at one time; the client's limit per host is lower.
const AT_ONCE: usize = 8;
/// Polls at which a page is tried before the article is taken with what the source itself gave.
const MOST_ATTEMPTS: u8 = 3;
/// Attempts that are remembered at the most.
const MOST_REMEMBERED: usize = 50_000;
/// A body of fewer characters is a teaser: with `read = "auto"` its page is read.
const SHORT: usize = 600;

/// How often a page has been tried without success.
#[derive(Debug, Clone, Default)]
pub(super) struct Attempts(Arc<Mutex<HashMap<ArticleId, u8>>>);

impl Attempts {
    /// Counts a failure; whether it is time to give up.
    fn failed(&self, id: &ArticleId) -> bool {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= MOST_REMEMBERED {
            map.clear();
        }
        let count = map.entry(id.clone()).or_default();
        *count += 1;
        let given_up = *count >= MOST_ATTEMPTS;
        if given_up {
            map.remove(id);
        }
        given_up
    }
}

/// Reads the pages that the entries need. Gives the entries that are ready to become articles, in their order, and how many
/// wait for the next poll.
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
    let done: Vec<Tried> = futures_util::stream::iter(work).buffered(AT_ONCE).collect().await;
    waiting += done.iter().filter(|d| matches!(d, Tried::Meanwhile(_) | Tried::Later)).count();
    let ready = done.into_iter().filter_map(|tried| match tried {
        Tried::Ready(raw) | Tried::Meanwhile(raw) => Some(raw),
        Tried::Later | Tried::Nowhere => None,
    });
    (ready.collect(), waiting)
}

fn wants_page(source: &Source, raw: &Raw) -> bool {
    match source.read {
        ReadMode::Feed => false,
        ReadMode::Page => true,
        ReadMode::Auto => raw.feed_text().chars().count() < SHORT,
    }
}

/// What became of an entry whose page was asked for.
enum Tried {
    /// It is whole.
    Ready(Raw),
    /// Its page could not be read this time; it is published with the source's own text until it can.
    Meanwhile(Raw),
    /// Its page could not be read this time, and the source itself gives no text.
    Later,
    /// The source gives no text, and its link leads nowhere, however often it was tried: no article.
    Nowhere,
}

/// One entry with its page, where it wants one.
async fn one(poller: &Poller, source: &Source, mut raw: Raw, page: Option<Url>) -> Tried {
    let Some(url) = page else { return Tried::Ready(raw) };
    match read(poller, source, &raw, url.clone()).await {
        Ok((found, at)) => {
            raw.page = Some((found, at));
            Tried::Ready(raw)
        }
        Err(error) => {
            let given_up = poller.attempts.failed(&raw.id);
            let name = &source.name;
            tracing::info!(source.name = %name, "{name}: page {} was not read: {}", shown(&url), error.said);
            let silent = raw.feed_text().trim().is_empty();
            if given_up {
                return if silent && error.gone { Tried::Nowhere } else { Tried::Ready(raw) };
            }
            if silent {
                return Tried::Later;
            }
            // Another hash than the entry's: the next poll takes it for changed, and asks for the page again.
            raw.entry_hash = !raw.entry_hash;
            Tried::Meanwhile(raw)
        }
    }
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
