//! The archive in a store: each article a story, published at its date.

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use feedloom::model::{
    Article, ArticleId, BodyFrom, CutKind, Cuts, Given, Identity, Intent, Lang, Outlet, Provenance, SourceName,
    TagOrigin, Tagged,
};
use feedloom::store::{Batch, Decide, PollRecord, Settings, SourceState, Store, Told};
use feedloom::{clean, text};

use crate::archive::{Archive, Made};

/// Articles stored at a time.
const BATCH: usize = 500;
/// Fingerprints older than this are forgotten, as the daemon does; so many articles apart.
const WINDOW: TimeDelta = TimeDelta::days(28);
const FORGET_EVERY: usize = 20_000;

/// Its address.
pub(crate) fn url(source: &str, n: usize) -> String {
    format!("https://{source}.example/article/{n}")
}

/// An article of the archive as a poll would give it.
pub(crate) fn article(made: Made) -> Article {
    let source = SourceName::new(&made.source).unwrap();
    let (guid, url) = (format!("urn:{}", made.n), url(&made.source, made.n));
    Article {
        id: ArticleId::of(&source, &Identity::Guid(guid.clone())),
        guid: Some(guid),
        url_key: Some(text::url_key(&url::Url::parse(&url).unwrap())),
        url: Some(url),
        rank: 100,
        republish: None,
        entry_hash: made.n as u64,
        provenance: Provenance { outlet: Outlet { name: made.source, url: None }, origin: None, via: Vec::new() },
        source,
        title: made.title,
        standfirst: None,
        byline: Vec::new(),
        body: clean::from_text(&made.text),
        text: made.text,
        body_from: BodyFrom::Feed,
        image: None,
        enclosures: Vec::new(),
        lang: Lang::parse("fr"),
        published: Some(made.date),
        updated: None,
        first_seen: made.date,
        tags: made
            .tags
            .iter()
            .filter_map(|t| text::tag(t))
            .map(|tag| Tagged { tag, origin: TagOrigin::Feed })
            .collect(),
        given: Given { categories: made.tags, ..Given::default() },
    }
}

/// Opens a store in a folder.
pub(crate) fn open(folder: &Path) -> Store {
    Store::open(&Settings { path: folder.join("feeds.db"), ..Settings::default() }).unwrap()
}

/// Fills a store; nothing of it has been published.
pub(crate) async fn fill(store: &Store, archive: &Archive) {
    let mut forgotten = 0;
    for from in (0..archive.len()).step_by(BATCH) {
        let batch: Vec<Article> =
            (from..(from + BATCH).min(archive.len())).map(|n| article(archive.article(n))).collect();
        let now = batch.last().unwrap().first_seen;
        record(store, batch, Box::new(|article, _, _| Intent::Insert(Box::new(article)).into()), now).await;
        if from / FORGET_EVERY > forgotten {
            forgotten = from / FORGET_EVERY;
            store.forget_fingerprints(now - WINDOW).await.unwrap();
        }
    }
}

/// Stores articles as one poll.
pub(crate) async fn record(store: &Store, articles: Vec<Article>, decide: Decide, now: DateTime<Utc>) {
    let source = articles[0].source.clone();
    let told = |a: &Article| {
        let mut cuts = Cuts::default();
        cuts.line(CutKind::Foot, "Partager");
        (a.id.clone(), Told { cuts, ..Told::default() })
    };
    let told: HashMap<ArticleId, Told> = articles.iter().map(told).collect();
    let articles = Batch::of(articles).unwrap();
    let record =
        PollRecord { source, state: SourceState::default(), articles, told, template: None, tagged_by: 0, now };
    store.apply(record, decide).await.unwrap();
}
