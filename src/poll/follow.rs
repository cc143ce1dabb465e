//! From what came back to entries, by way of the documents that it points to: the feed of a page, the sitemaps of an index,
//! the next pages of a list.

use std::collections::HashSet;

use url::Url;

use super::gather::InWork;
use super::{Asking, PollError, Poller, Source, input};
use crate::fetch::{Answer, FetchError, Freshness, Held, is_wall_page};
use crate::model::{Document, DocumentKind, Entry, Reading, Validators};
use crate::read::{self, Leads, ReadError};
use crate::store::SourceState;

/// Feeds that a page announces or links to, and those of its comments, that are asked at one poll.
const MOST_FEEDS: usize = 5;
/// Requests of one poll by which the feed of a page is looked for.
const MOST_ASKED: usize = 16;
/// Polls at which the usual places are asked, before anything was read, and again where the feed that was found is lost.
const GUESSES: u32 = 2;
/// Pages of a list that are read at its first visit, the first one included.
const MOST_PAGES: usize = 10;

/// Reads a document. Where it is a page and the source has no list, the feed of the page is looked for; where it is an
/// index, its newest sitemaps are read.
pub(super) async fn read(
    poller: &Poller,
    source: &Source,
    state: &SourceState,
    (document, freshness, held): (Document, Freshness, Held),
) -> Result<(Document, Freshness, Reading, InWork), PollError> {
    let in_work = poller.in_work(&document, held).await;
    let (document, result) = one(poller, source, document).await?;
    let error = match result {
        Ok(reading) => return Ok((document, freshness, reading, in_work)),
        Err(error) => error,
    };
    if is_wall_page(&document.body) {
        let host = document.url.host_str().unwrap_or_default().to_owned();
        let wall = FetchError::Status { host, status: document.status, retry_after: None, wall: true };
        return Err(wall.into());
    }
    match &error {
        ReadError::NotAFeed { .. } if source.list.is_none() => {
            let leads = leads_of(poller, source, &document).await?;
            // Whoever it leads to may be slow: nobody waits for that.
            drop(in_work);
            // Of a page that stands in the place of a feed that was read there counts what it announces, not what it links to.
            let stands_in = state.usual_entries.is_some() && state.feed_url.is_none();
            let linked = leads.linked.into_iter().filter(|_| !stands_in);
            // Where nobody says that there is a feed is asked while the source is new, and not again and again. Whoever
            // wrote the address of a feed means that one.
            let failures = state.health.as_ref().map_or(0, |h| h.failures);
            let new = state.usual_entries.is_none() && failures < GUESSES && !read::looks_like_feed(&source.url);
            let announced = leads.announced.len();
            let named: Vec<Url> = leads.announced.into_iter().chain(linked).take(MOST_FEEDS).collect();
            let guessed = if new { read::usual_places(&document.url) } else { Vec::new() };
            // Comments never stand in for a feed that is named, and empty or gone today.
            let last = leads.comments.into_iter().filter(|_| new && named.is_empty()).take(MOST_FEEDS);
            let last: Vec<Url> = last.collect();
            let guessed = guessed.into_iter().take(MOST_ASKED - last.len()).chain(last);
            let guessed = guessed.map(|url| (url, false)).collect::<Vec<_>>();
            let places = named.into_iter().map(|url| (url, true)).chain(guessed);
            match feed_of(poller, source, &document.url, places.collect(), announced).await? {
                Some((document, freshness, reading)) => {
                    let in_work = poller.in_work(&document, Held::default()).await;
                    Ok((document, freshness, reading, in_work))
                }
                None => Err(error.into()),
            }
        }
        ReadError::SitemapIndex { sitemaps } => {
            drop(in_work);
            let (document, reading) = sitemaps_of(poller, source, &document, sitemaps).await?;
            let in_work = poller.in_work(&document, Held::default()).await;
            Ok((document, freshness, reading, in_work))
        }
        _ if source.list.is_some() => Err(PollError::List(error, Box::new(document))),
        _ => Err(error.into()),
    }
}

/// The first of some places that is a feed with entries, else the first that is a feed. One of a single entry gives way to a fuller
/// one of those that are announced too, which stand first. Where a feed that is named is there
/// and does not answer, that is the error; what is named and gone counts where nothing else is found.
async fn feed_of(
    poller: &Poller,
    source: &Source,
    page: &Url,
    places: Vec<(Url, bool)>,
    announced: usize,
) -> Result<Option<(Document, Freshness, Reading)>, PollError> {
    let (mut empty, mut gone, mut meagre) = (None, None, None);
    let mut asked = HashSet::from([page.clone()]);
    let places = places.into_iter().enumerate();
    for (n, (place, named)) in places.filter(|(_, (place, _))| asked.insert(place.clone())).take(MOST_ASKED) {
        if meagre.is_some() && n >= announced {
            break;
        }
        match ask(poller, source, place).await {
            Ok((document, freshness, Ok(reading))) if is_feed(reading.kind) => {
                let found = (document, freshness, reading);
                match found.2.entries.is_empty() {
                    true => empty = empty.or(Some(found)),
                    false if n + 1 < announced && read::is_meagre(&found.2) => meagre = meagre.or(Some(found)),
                    false if meagre.is_some() && read::is_meagre(&found.2) => {}
                    false => return Ok(Some(found)),
                }
            }
            Ok(_) => {}
            Err(PollError::Fetch(error @ FetchError::Status { status: 400..=428 | 430..=499, wall: false, .. })) => {
                gone = gone.or(named.then_some(error));
            }
            Err(error) if named && empty.is_none() && meagre.is_none() => return Err(error),
            // A server that is tired of questions is not asked more of them.
            Err(_) => break,
        }
    }
    match (meagre.or(empty), gone) {
        (None, Some(error)) => Err(error.into()),
        (empty, _) => Ok(empty),
    }
}

fn is_feed(kind: DocumentKind) -> bool {
    matches!(kind, DocumentKind::Rss | DocumentKind::Atom | DocumentKind::JsonFeed)
}

/// The sitemaps as one document at the address of the index. It has no validators, and other bytes than the index: that an
/// index stays the same says nothing about its sitemaps, many give no dates.
async fn sitemaps_of(
    poller: &Poller,
    source: &Source,
    index: &Document,
    sitemaps: &[String],
) -> Result<(Document, Reading), PollError> {
    let (mut readings, mut body, mut notes, mut failed) = (Vec::new(), Vec::new(), Vec::new(), None);
    for url in sitemaps.iter().filter_map(|s| Url::parse(s).ok()) {
        // One that is down does not take the others with it.
        match ask(poller, source, url.clone()).await {
            Ok((document, _, Ok(reading))) => {
                body.extend_from_slice(&document.body);
                readings.push(reading);
            }
            Ok((_, _, Err(error))) => {
                notes.push(format!("sitemap {} not read: {error}", url.path()));
                failed = Some(PollError::from(error));
            }
            Err(error) => {
                notes.push(format!("sitemap {} not read: {error}", url.path()));
                failed = Some(error);
            }
        }
    }
    let Some(mut reading) = read::join(readings) else { return Err(failed.unwrap_or(ReadError::Empty.into())) };
    reading.notes.extend(notes);
    let validators = Validators::default();
    Ok((Document { body: body.into(), validators, ..index.clone() }, reading))
}

/// Whether a list has next pages. A feed may have some too (RFC 5005): its archive, which nobody asked for.
pub(super) fn goes_on(reading: &Reading) -> bool {
    matches!(reading.kind, DocumentKind::Html | DocumentKind::Json) && next_page(reading).is_some()
}

/// Goes on to the next pages of a list, as long as they are of its site and hold what no page before them held. A page that
/// fails ends the walk; what the pages before it gave stays.
pub(super) async fn onwards(poller: &Poller, source: &Source, first: &Document, mut whole: Reading) -> Reading {
    let mut visited = HashSet::from([bare(first.requested.clone()), first.url.clone()]);
    let mut held: HashSet<String> = whole.entries.iter().filter_map(address).collect();
    let mut next = next_page(&whole);
    for _ in 1..MOST_PAGES {
        let Some(url) = next.take().filter(|url| read::same_site(url, &first.url)) else { break };
        if !visited.insert(url.clone()) {
            break;
        }
        let page = match ask(poller, source, url.clone()).await {
            // A page of another site is none of this list, however it was come by.
            Ok((document, _, Ok(_))) if !read::same_site(&document.url, &first.url) => break,
            Ok((document, _, Ok(page))) => {
                // Beyond the last page some sites send back to the first.
                if document.url != url && !visited.insert(document.url.clone()) {
                    break;
                }
                page
            }
            Ok((_, _, Err(error))) => {
                whole.notes.push(format!("next page {} not read: {error}", url.path()));
                break;
            }
            Err(error) => {
                whole.notes.push(format!("next page {} not read: {error}", url.path()));
                break;
            }
        };
        next = next_page(&page);
        let fresh: Vec<Entry> =
            page.entries.into_iter().filter(|e| address(e).is_some_and(|link| held.insert(link))).collect();
        if fresh.is_empty() {
            break;
        }
        whole.entries.extend(fresh);
    }
    whole
}

fn next_page(reading: &Reading) -> Option<Url> {
    let link = reading.head.links.iter().find(|link| link.rel == "next")?;
    Url::parse(&link.href).ok().map(bare)
}

fn bare(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}

/// What tells the entries of a list apart.
fn address(entry: &Entry) -> Option<String> {
    entry.link.clone()
}

/// What came back, when to come back, and what was read in it.
type Asked = (Document, Freshness, Result<Reading, ReadError>);

async fn ask(poller: &Poller, source: &Source, url: Url) -> Result<Asked, PollError> {
    match poller.ask(source, url, Validators::default(), Asking { beside_another: true, ..Asking::default() }).await? {
        Answer::Document { document, freshness, .. } => {
            // It keeps no place beyond its reading: what comes next may be slow.
            let _in_work = poller.in_work(&document, Held::default()).await;
            let (document, result) = one(poller, source, document).await?;
            Ok((document, freshness, result))
        }
        Answer::NotModified { .. } => Err(ReadError::Empty.into()),
    }
}

/// What a page says about feeds, read off the async threads.
async fn leads_of(poller: &Poller, source: &Source, page: &Document) -> Result<Leads, PollError> {
    let permit = poller.cores.clone().acquire_owned().await;
    let (source, page) = (source.clone(), page.clone());
    Ok(tokio::task::spawn_blocking(move || {
        let leads = read::leads(&input(&source, &page, page.fetched_at), page.link_header.as_deref());
        drop(permit);
        leads
    })
    .await?)
}

/// Reads off the async threads. Of what broke off only the entries of a feed count: of them it shows which came whole.
async fn one(
    poller: &Poller,
    source: &Source,
    document: Document,
) -> Result<(Document, Result<Reading, ReadError>), PollError> {
    let permit = poller.cores.clone().acquire_owned().await;
    let (source, now) = (source.clone(), poller.clock.now());
    let (document, result) = tokio::task::spawn_blocking(move || {
        let result = read::read(&input(&source, &document, now), source.list.as_ref());
        drop(permit);
        (document, result)
    })
    .await?;
    let of_use = |reading: &Reading| {
        matches!(reading.kind, DocumentKind::Rss | DocumentKind::Atom) && !reading.entries.is_empty()
    };
    match document.broken_off.clone().filter(|_| !result.as_ref().is_ok_and(of_use)) {
        Some(reason) => Err(PollError::BrokenOff(reason)),
        None => Ok((document, result)),
    }
}
