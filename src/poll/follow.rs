//! From what came back to entries, by way of the documents that it points to: a feed that a page announces, the sitemaps
//! of an index.

use url::Url;

use super::{PollError, Poller, Source, input};
use crate::fetch::{Answer, Freshness};
use crate::model::{Document, Reading, Validators};
use crate::read::{self, ReadError};

/// Reads a document. Where it is a page that announces feeds and the source has no list, the first feed is read; where it
/// is an index, its newest sitemaps.
pub(super) async fn read(
    poller: &Poller,
    source: &Source,
    document: Document,
    freshness: Freshness,
) -> Result<(Document, Freshness, Reading), PollError> {
    let (document, result) = one(poller, source, document).await?;
    let error = match result {
        Ok(reading) => return Ok((document, freshness, reading)),
        Err(error) => error,
    };
    match &error {
        ReadError::NotAFeed { feeds, .. } if source.list.is_none() => {
            let feed = feeds.first().and_then(|f| Url::parse(f).ok()).filter(|f| *f != document.url);
            let Some(feed) = feed else { return Err(error.into()) };
            let (document, freshness, result) = ask(poller, source, feed).await?;
            Ok((document, freshness, result?))
        }
        ReadError::SitemapIndex { sitemaps } => {
            let (document, reading) = sitemaps_of(poller, source, &document, sitemaps).await?;
            Ok((document, freshness, reading))
        }
        _ => Err(error.into()),
    }
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

/// What came back, when to come back, and what was read in it.
type Asked = (Document, Freshness, Result<Reading, ReadError>);

async fn ask(poller: &Poller, source: &Source, url: Url) -> Result<Asked, PollError> {
    match poller.ask(source, url, Validators::default()).await? {
        Answer::Document { document, freshness } => {
            let (document, result) = one(poller, source, document).await?;
            Ok((document, freshness, result))
        }
        Answer::NotModified { .. } => Err(ReadError::Empty.into()),
    }
}

/// Reads off the async threads.
async fn one(
    poller: &Poller,
    source: &Source,
    document: Document,
) -> Result<(Document, Result<Reading, ReadError>), PollError> {
    let permit = poller.cores.clone().acquire_owned().await;
    let (source, now) = (source.clone(), poller.clock.now());
    Ok(tokio::task::spawn_blocking(move || {
        let result = read::read(&input(&source, &document, now), source.list.as_ref());
        drop(permit);
        (document, result)
    })
    .await?)
}
