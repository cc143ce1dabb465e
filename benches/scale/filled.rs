//! A store that holds the archive, with its shelves and words: filled by the store's own ways in, a thousand articles at a time.
//! What the inward half would decide is not asked (all are new), and the index of likeness is left empty. It is kept under
//! `target/tmp`, so that all steps look into the same one, and those of a later run too: `fill` makes it anew.

use std::path::PathBuf;

use chrono::TimeDelta;
use feedloom::clock::Clock;
use feedloom::curate::{Feeds, Listed};
use feedloom::daemon::{State, load};
use feedloom::model::{Article, Intent, StoryId};
use feedloom::store::{Admission, Shelving, Store, Taken};

use crate::archive::{Archive, Made};
use crate::stored::{article, record};

/// Articles at a time.
const BATCH: usize = 1_000;
/// Fingerprints older than this are forgotten, as the daemon does; so many articles apart.
const WINDOW: TimeDelta = TimeDelta::days(28);
const FORGET_EVERY: usize = 20_000;
const FILE: &str = r#"
[site]
base = "https://feeds.example"
title = "Scale"
lang = "fr"
[source.source-1]
url = "https://source-1.example/rss"
[feed.subject]
select = "tag:Sujet_7 OR tag:Sujet_8"
[feed.everything]
[feed.week]
select = "age:<7d lang:fr"
"#;

/// The parts of the daemon over a filled store.
pub(crate) struct Filled {
    pub(crate) state: State,
    pub(crate) store: Store,
    pub(crate) runtime: tokio::runtime::Runtime,
}

fn folder(size: usize) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("archive-{size}"))
}

/// CPU time of all threads that there are, in nanoseconds.
pub(crate) fn cpu() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let of = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
    let spent = |read: String| read.split_whitespace().next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    tasks.map(|task| spent(of(task.unwrap()))).sum()
}

/// The store of an archive as an earlier step left it; filled anew where there is none.
pub(crate) fn kept(archive: &Archive) -> Filled {
    if folder(archive.len()).join("full").exists() { open(archive) } else { filled(archive) }
}

fn open(archive: &Archive) -> Filled {
    let folder = folder(archive.len());
    let file = folder.join("feeds.toml");
    std::fs::write(&file, format!("{FILE}[store]\npath = {:?}\n", folder.join("feeds.db").display().to_string()))
        .unwrap();
    // A thread that ends takes what it has spent with it: see [`cpu`].
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_keep_alive(std::time::Duration::from_secs(86_400))
        .enable_all()
        .build()
        .unwrap();
    let loaded = load(&file, &(std::sync::Arc::new(|_: &str| None) as feedloom::daemon::Env)).unwrap();
    let store = Store::open(&loaded.config.store).unwrap();
    let state = State::new(loaded.config, store.clone(), Clock::fixed(crate::now())).unwrap();
    Filled { state, store, runtime }
}

/// The step that fills the store of an archive anew.
pub(crate) fn fill_anew(archive: &Archive) {
    filled(archive);
}

/// A store of an archive, made anew; tells what keeping words and shelves of a story costs.
fn filled(archive: &Archive) -> Filled {
    let folder = folder(archive.len());
    let _none = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let filled = open(archive);
    let (mut taking, mut newest) = (0, 0);
    for start in (0..archive.len()).step_by(BATCH) {
        let end = (start + BATCH).min(archive.len());
        let spent = filled.runtime.block_on(fill(&filled, (start..end).map(|n| archive.article(n))));
        taking += spent;
        newest = spent;
        if end.is_multiple_of(FORGET_EVERY) {
            let before = archive.article(end - 1).date - WINDOW;
            filled.runtime.block_on(filled.store.forget_fingerprints(before)).unwrap();
        }
    }
    crate::line("fill: taking a story in, all of them", archive.len(), taking, archive.len());
    crate::line("fill: taking a story in, the newest", archive.len(), newest, BATCH.min(archive.len()));
    let bytes = std::fs::metadata(folder.join("feeds.db")).unwrap().len();
    println!("{:<44} {:>10} {:>12} B", "fill: the file, each story", archive.len(), bytes / archive.len() as u64);
    std::fs::write(folder.join("full"), "").unwrap();
    filled
}

async fn fill(filled: &Filled, made: impl Iterator<Item = Made>) -> u64 {
    let articles: Vec<Article> = made.map(article).collect();
    let ids: Vec<StoryId> = articles.iter().map(|a| a.id.clone().into()).collect();
    let now = articles.last().unwrap().first_seen;
    record(&filled.store, articles, Box::new(|article, _, _| Intent::Insert(Box::new(article)).into()), now).await;
    let stories = filled.store.stories(&ids).await.unwrap();
    let before = cpu();
    let feeds = Feeds::new(&filled.state.config.feeds);
    let taken = stories.iter().map(|story| {
        let mut listed = Listed::new(story, &[], crate::now());
        let columns = listed.columns(story);
        Taken { shelving: Shelving { story: story.id.clone(), feeds: feeds.able_to_hold(&mut listed) }, columns }
    });
    let taken = taken.collect();
    filled.store.take_in(taken, 0).await.unwrap();
    let spent = cpu() - before;
    let admit = |story: StoryId| Admission { story, recommended: Vec::new(), completed: true };
    filled.store.recommend(ids.into_iter().map(admit).collect(), now).await.unwrap();
    spent
}
