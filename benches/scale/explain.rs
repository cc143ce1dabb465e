//! What an explanation costs: finding an article by its address, and the whole of it with its place in ten feeds.

use std::collections::HashMap;

use chrono::TimeDelta;
use feedloom::clock::Clock;
use feedloom::curate::{Defaults, Feed, FeedText};
use feedloom::model::{
    Article, ArticleId, BodyFrom, Cuts, Identity, Intent, Known, Lang, Outlet, Provenance, SourceName, TagOrigin,
    Tagged,
};
use feedloom::publish::{Explained, Publisher, Settings};
use feedloom::query::Query;
use feedloom::render::Site;
use feedloom::store::{PollRecord, Sought, SourceState, Store, Told, Trail};
use feedloom::{clean, recommend, text};

use crate::archive::{Archive, Chance, Made};

/// Articles of one poll, and explanations that are asked for.
const BATCH: usize = 500;
const ASKED: usize = 200;

pub(crate) fn explain(archive: &Archive) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let settings = feedloom::store::Settings { path: folder.path().join("feeds.db"), ..Default::default() };
        let store = Store::open(&settings).unwrap();
        fill(&store, archive).await;
        let publisher = Publisher::new(store.clone(), published(), Clock::fixed(crate::now()));
        publisher.renew().await.unwrap();
        let mut chance = Chance::new(3);
        let some: Vec<String> = (0..ASKED).map(|_| url(chance.below(archive.len() as u64) as usize)).collect();
        let before = crate::process_cpu();
        for url in &some {
            let key = text::url_key(&url::Url::parse(url).unwrap());
            let trail = store.trail(Sought::Address { key, written: url.clone() }).await.unwrap();
            assert!(matches!(trail, Trail::Kept { .. }));
        }
        crate::line("explain: finding by address", archive.len(), crate::process_cpu() - before, ASKED);
        let before = crate::process_cpu();
        for url in &some {
            assert!(matches!(publisher.explain(url).await.unwrap(), Explained::Known(_)));
        }
        crate::line("explain: the whole, ten feeds", archive.len(), crate::process_cpu() - before, ASKED);
    });
}

fn url(n: usize) -> String {
    format!("https://host-{}.example/article/{n}", n % 50)
}

async fn fill(store: &Store, archive: &Archive) {
    let mut articles = archive.articles().map(article).peekable();
    while articles.peek().is_some() {
        let articles: Vec<Article> = articles.by_ref().take(BATCH).collect();
        let told = |a: &Article| {
            let mut cuts = Cuts::default();
            cuts.line(feedloom::model::CutKind::Foot, "Partager");
            (a.id.clone(), Told { cuts, ..Told::default() })
        };
        let record = PollRecord {
            source: articles[0].source.clone(),
            state: SourceState::default(),
            told: articles.iter().map(told).collect::<HashMap<ArticleId, Told>>(),
            articles,
            template: None,
            now: crate::now(),
        };
        let insert = |article, _: &text::Shingles, _: &Known| Intent::Insert(Box::new(article)).into();
        store.apply(record, Box::new(insert)).await.unwrap();
    }
}

fn article(made: Made) -> Article {
    let source = SourceName::new(&made.source).unwrap();
    let url = url(made.n);
    let tags = made.tags.iter().map(|t| Tagged { tag: text::tag(t).unwrap(), origin: TagOrigin::Feed });
    Article {
        id: ArticleId::of(&source, &Identity::Guid(made.n.to_string())),
        guid: Some(made.n.to_string()),
        url_key: Some(text::url_key(&url::Url::parse(&url).unwrap())),
        url: Some(url),
        rank: 100,
        republish: None,
        entry_hash: made.n as u64,
        provenance: Provenance {
            outlet: Outlet { name: made.source, url: None },
            origin: None,
            via: vec!["https://host.example/rss".to_owned()],
        },
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
        first_seen: made.date + TimeDelta::minutes(5),
        tags: tags.collect(),
    }
}

fn published() -> Settings {
    let lang = Lang::parse("fr").unwrap();
    let feed = |n: usize| Feed {
        slug: format!("feed-{n}"),
        title: format!("Feed {n}"),
        description: None,
        select: Query::parse(&format!("tag:Mot_{n} OR tag:Sujet_{n} OR words:>{}", n * 100)).ok(),
        limit: 50,
        text: FeedText::Full,
        lang: lang.clone(),
        key: None,
        recommend_count: None,
        order: feedloom::curate::Order::default(),
        per_source: None,
        digest: None,
    };
    Settings {
        site: Site {
            title: "Scale".to_owned(),
            id: "feeds.example".to_owned(),
            base: url::Url::parse("https://feeds.example/").unwrap(),
            lang: lang.clone(),
            recommended_in_body: true,
            recommended_as_links: true,
        },
        tz: chrono_tz::UTC,
        feeds: (1..=10).map(feed).collect(),
        aliases: HashMap::new(),
        rules: Vec::new(),
        defaults: Defaults::default(),
        recommend: recommend::Settings::default(),
        settle: TimeDelta::zero(),
        credit_others: true,
        sources: HashMap::new(),
    }
}
