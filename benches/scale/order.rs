//! What the best of a feed costs: the stories that are weighed, and their order.

use std::hint::black_box;

use chrono::{DateTime, Utc};
use feedloom::curate::{Arrangement, Order, Pool};
use feedloom::model::{
    Article, ArticleId, BodyFrom, CleanHtml, Identity, Intent, Outlet, Provenance, SourceName, Story, TagOrigin, Tagged,
};
use feedloom::store::{Admission, PollRecord, Settings, Shelf, SourceState, Store};

use crate::archive::{Archive, Made};

/// Articles stored at a time, and how often each measure is taken.
const BATCH: usize = 500;
const TIMES: usize = 5;

fn article(made: Made) -> Article {
    let source = SourceName::new(&made.source).unwrap();
    let tags = made.tags.iter().filter_map(|t| feedloom::text::tag(t));
    Article {
        id: ArticleId::of(&source, &Identity::Guid(made.n.to_string())),
        guid: Some(made.n.to_string()),
        url: None,
        url_key: None,
        rank: 100,
        entry_hash: made.n as u64,
        provenance: Provenance { outlet: Outlet { name: made.source, url: None }, origin: None, via: Vec::new() },
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
        tags: tags.map(|tag| Tagged { tag, origin: TagOrigin::Feed }).collect(),
    }
}

/// Puts an archive into a store, all of it admitted at its dates.
async fn fill(store: &Store, archive: &Archive) {
    let mut batch: Vec<Article> = Vec::new();
    for made in archive.articles() {
        batch.push(article(made));
        if batch.len() == BATCH {
            keep(store, std::mem::take(&mut batch)).await;
        }
    }
    if !batch.is_empty() {
        keep(store, batch).await;
    }
}

async fn keep(store: &Store, articles: Vec<Article>) {
    let (source, now) = (articles[0].source.clone(), articles[0].first_seen);
    let admissions: Vec<_> = articles
        .iter()
        .map(|a| Admission { story: a.id.clone().into(), recommended: Vec::new(), completed: true })
        .collect();
    let decide = Box::new(|article: Article, _: &_| Intent::Insert(Box::new(article)));
    store
        .apply(PollRecord { source, state: SourceState::default(), articles, template: None, now }, decide)
        .await
        .unwrap();
    store.recommend(admissions, now).await.unwrap();
}

fn arranged(stories: Vec<Story>) -> Vec<Story> {
    let mut pool = Pool::new(Arrangement { order: Order::Best, per_source: Some(3), limit: 50 });
    stories.into_iter().for_each(|story| pool.add(story, 0));
    pool.arranged()
}

/// Reading the window of the order `best`, ordering it, and finding what a day's digest is made of.
pub(crate) fn best(archive: &Archive) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = Store::open(&Settings { path: folder.path().join("feeds.db"), ..Settings::default() }).unwrap();
    runtime.block_on(fill(&store, archive));
    let window = Pool::new(Arrangement { order: Order::Best, per_source: None, limit: 50 }).window();
    let read = || runtime.block_on(store.stories_in(&Shelf::All, window, 0)).unwrap();
    let window = read();
    measured("order: reading the 1,000 that are weighed", archive, || drop(black_box(read())));
    let copies = std::cell::RefCell::new(vec![window; TIMES]);
    measured("order: the best 50 of them", archive, || {
        assert_eq!(arranged(copies.borrow_mut().pop().unwrap()).len(), 50);
    });
    let end: DateTime<Utc> = crate::now();
    let day = || runtime.block_on(store.admitted_between(end - chrono::TimeDelta::hours(24), end, None, 500)).unwrap();
    assert!(!day().is_empty());
    measured("order: the first 500 admitted in a day", archive, || drop(black_box(day())));
}

/// Wall time: the store reads on threads of its own, and nothing else runs.
fn measured(what: &str, archive: &Archive, mut run: impl FnMut()) {
    let before = std::time::Instant::now();
    (0..TIMES).for_each(|_| run());
    crate::line(what, archive.len(), before.elapsed().as_nanos() as u64, TIMES);
}
