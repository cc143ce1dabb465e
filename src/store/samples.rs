//! Stores and articles for the tests of this folder.

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::model::{
    Article, ArticleId, BodyFrom, CleanHtml, CopyKind, Given, Identity, Intent, Known, Outlet, Provenance, SourceName,
    StoryId, TagOrigin, Tagged,
};
use crate::text;
use crate::text::Shingles;

use super::{Admission, Applied, Batch, Decide, PollRecord, Settings, SourceState, Store};

/// A moment, so many minutes after a fixed one.
pub(super) fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + minutes * 60, 0).unwrap()
}

pub(super) fn open_in(folder: &Path) -> Store {
    Store::open(&Settings { path: folder.join("feeds.db"), ..Settings::default() }).unwrap()
}

pub(super) fn source(name: &str) -> SourceName {
    SourceName::new(name).unwrap()
}

/// An article of a source, with 40 words of its own that depend on the guid.
pub(super) fn article(from: &str, guid: &str) -> Article {
    let words: Vec<String> = (0..40).map(|i| format!("mot{i}{guid}")).collect();
    let text = words.join(" ");
    Article {
        id: ArticleId::of(&source(from), &Identity::Guid(guid.into())),
        source: source(from),
        guid: Some(guid.into()),
        url: Some(format!("https://{from}.example/{guid}")),
        url_key: Some(format!("{from}.example/{guid}")),
        rank: 10,
        republish: None,
        entry_hash: text::hash(guid.as_bytes()),
        provenance: Provenance {
            outlet: Outlet { name: from.to_uppercase(), url: None },
            origin: None,
            via: vec![format!("https://{from}.example/feed")],
        },
        title: format!("Titre {guid}"),
        standfirst: Some("Chapô".into()),
        byline: vec!["A. B.".into()],
        body: CleanHtml::vouched(format!("<p>{text}</p>")),
        text,
        body_from: BodyFrom::Feed,
        image: None,
        enclosures: Vec::new(),
        lang: None,
        published: Some(at(-60)),
        updated: None,
        first_seen: at(0),
        tags: tags(&["Gaza"]),
        given: Given::default(),
    }
}

pub(super) fn tags(written: &[&str]) -> Vec<Tagged> {
    written.iter().map(|w| Tagged { tag: text::tag(w).unwrap(), origin: TagOrigin::Feed }).collect()
}

pub(super) fn story_of(article: &Article) -> StoryId {
    article.id.clone().into()
}

/// Everything is new, unless it is known.
pub(super) fn new_or_skip() -> Decide {
    Box::new(|article, _: &Shingles, known: &Known| match &known.same {
        Some(_) => Intent::Skip { id: article.id, why: "known".into() }.into(),
        None => Intent::Insert(Box::new(article)).into(),
    })
}

/// Everything joins one story.
pub(super) fn joins(story: StoryId, leads: bool) -> Decide {
    Box::new(move |article, _, _| {
        Intent::Join {
            article: Box::new(article),
            story: story.clone(),
            kind: CopyKind::Copy,
            leads,
            why: "1.00 of its text".into(),
        }
        .into()
    })
}

pub(super) fn revises() -> Decide {
    Box::new(|article, _, _| Intent::Revise(Box::new(article)).into())
}

/// A story is published, with nothing recommended.
pub(super) async fn admit(store: &Store, story: &StoryId) {
    let admission = Admission { story: story.clone(), recommended: Vec::new(), completed: false };
    store.recommend(vec![admission], at(0)).await.unwrap();
}

pub(super) async fn poll(store: &Store, articles: Vec<Article>, decide: Decide) -> Applied {
    poll_at(store, articles, decide, at(0)).await
}

pub(super) async fn poll_at(store: &Store, articles: Vec<Article>, decide: Decide, now: DateTime<Utc>) -> Applied {
    let state = SourceState { last_polled: Some(now), polls: 1, ..SourceState::default() };
    let source = articles.first().map_or_else(|| source("a"), |a| a.source.clone());
    let (articles, told) = (Batch::of(articles).unwrap(), HashMap::new());
    let record = PollRecord { source, state, articles, told, template: None, tagged_by: 0, now };
    store.apply(record, decide).await.unwrap()
}
