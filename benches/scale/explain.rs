//! What an explanation costs: finding an article by its address, and the whole of it with its place in ten feeds.

use std::collections::HashMap;

use chrono::TimeDelta;
use feedloom::clock::Clock;
use feedloom::curate::{Defaults, Feed, FeedText};
use feedloom::model::Lang;
use feedloom::publish::{Explained, Publisher, Settings};
use feedloom::query::Query;
use feedloom::render::Site;
use feedloom::store::{Sought, Trail};
use feedloom::{recommend, text};

use crate::archive::{Archive, Chance};
use crate::stored::{fill, open, url};

/// Explanations that are asked for.
const ASKED: usize = 200;

pub(crate) fn explain(archive: &Archive) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        fill(&store, archive).await;
        let publisher = Publisher::new(store.clone(), published(), Clock::fixed(crate::now()));
        publisher.renew().await.unwrap();
        let mut chance = Chance::new(3);
        let some: Vec<String> = (0..ASKED)
            .map(|_| archive.article(chance.below(archive.len() as u64) as usize))
            .map(|made| url(&made.source, made.n))
            .collect();
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
        hide: None,
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
        tagging: feedloom::tag::Settings::default(),
        defaults: Defaults::default(),
        recommend: recommend::Settings::default(),
        settle: TimeDelta::zero(),
        credit_others: true,
        sources: HashMap::new(),
    }
}
