//! What an article costs until it is known whether it is a copy: folding, sampling, looking up, comparing.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use feedloom::dedup;
use feedloom::model::{Article, ArticleId, BodyFrom, CleanHtml, Identity, Intent, Outlet, Provenance, SourceName};
use feedloom::poll;
use feedloom::store::{Decide, PollRecord, Settings, SourceState, Store};

use crate::archive::{Archive, Made};

/// Articles stored at a time.
const BATCH: usize = 500;
/// Articles decided on for the measure.
const DECIDED: usize = 2_000;
/// Fingerprints older than this are forgotten, as the daemon does.
const WINDOW: TimeDelta = TimeDelta::days(28);

/// An article of the archive as a poll would give it.
pub(crate) fn article(made: Made) -> Article {
    let source = SourceName::new(&made.source).unwrap();
    let guid = format!("urn:{}", made.n);
    Article {
        id: ArticleId::of(&source, &Identity::Guid(guid.clone())),
        guid: Some(guid),
        url: Some(format!("https://{source}.example/{}", made.n)),
        url_key: Some(format!("{source}.example/{}", made.n)),
        rank: 100,
        republish: None,
        entry_hash: made.n as u64,
        provenance: Provenance {
            outlet: Outlet { name: source.to_string(), url: None },
            origin: None,
            via: Vec::new(),
        },
        source,
        title: made.title,
        standfirst: None,
        byline: Vec::new(),
        body: CleanHtml::default(),
        text: made.text,
        body_from: BodyFrom::Feed,
        image: None,
        enclosures: Vec::new(),
        lang: None,
        published: Some(made.date),
        updated: None,
        first_seen: made.date,
        tags: Vec::new(),
    }
}

/// A store that holds the archive, each article a story.
pub(crate) async fn filled(archive: &Archive, folder: &std::path::Path) -> Store {
    let store = Store::open(&Settings { path: folder.join("feeds.db"), ..Settings::default() }).unwrap();
    let insert = || -> Decide { Box::new(|article, _, _| Intent::Insert(Box::new(article)).into()) };
    let mut forgotten = 0;
    for from in (0..archive.len()).step_by(BATCH) {
        let batch: Vec<Article> =
            (from..(from + BATCH).min(archive.len())).map(|n| article(archive.article(n))).collect();
        let now = batch.last().unwrap().first_seen;
        record(&store, batch, insert(), now).await;
        if from / 20_000 > forgotten {
            forgotten = from / 20_000;
            store.forget_fingerprints(now - WINDOW).await.unwrap();
        }
    }
    store
}

async fn record(store: &Store, articles: Vec<Article>, decide: Decide, now: DateTime<Utc>) {
    let source = articles[0].source.clone();
    let record =
        PollRecord { source, state: SourceState::default(), articles, told: HashMap::new(), template: None, now };
    store.apply(record, decide).await.unwrap();
}

/// Decides on articles that the archive does not hold: half of them new, half copies of its newest with another beginning.
pub(crate) fn decided(archive: &Archive) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    runtime.block_on(async {
        let store = filled(archive, folder.path()).await;
        let size = archive.len();
        let mut articles: Vec<Article> = (size..size + DECIDED / 2).map(|n| article(archive.article(n))).collect();
        for n in size - DECIDED / 2..size {
            let mut copy = article(Made { source: "copyist".to_owned(), ..archive.article(n) });
            copy.text = format!("Une agence l’annonce ce matin.\n{}", copy.text);
            articles.push(copy);
        }
        let joined = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = joined.clone();
        let mut decide = poll::decide(dedup::Settings::default());
        let only_asked: Decide = Box::new(move |article, shingles, known| {
            let id = article.id.clone();
            let decision = decide(article, shingles, known);
            let is_join = matches!(decision.intent, Intent::Join { .. });
            counted.fetch_add(usize::from(is_join), std::sync::atomic::Ordering::Relaxed);
            Intent::Skip { id, why: String::new() }.into()
        });
        let before = crate::process_cpu();
        record(&store, articles, only_asked, crate::now()).await;
        crate::line("copies: deciding on an article, all in", size, crate::process_cpu() - before, DECIDED);
        let joined = joined.load(std::sync::atomic::Ordering::Relaxed);
        assert_eq!(joined, DECIDED / 2, "copies are found, and nothing else is one");
        let bytes = std::fs::metadata(folder.path().join("feeds.db")).unwrap().len();
        println!("{:<44} {size:>10} {:>11} B", "copies: database, an article", bytes / size as u64);
        store.close().await.unwrap();
    });
}
