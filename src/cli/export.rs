//! `export`: articles as JSON Lines (the owner's door: everything), and the sources as OPML.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde::{Deserialize, Serialize};

use super::{kept_store, out};
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon::{Env, State, load};
use crate::model::{
    Article, ArticleId, BodyFrom, CopyKind, Enclosure, Given, Image, Outlet, Republish, StoryId, TagOrigin, Why,
};
use crate::poll::Source;
use crate::render::{self, opml::Listed};
use crate::store::{ExportedArticle, Store};

/// Articles read from the store at a time.
const BATCH: usize = 500;

/// What can be taken out.
#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// All articles, one JSON object a line, with their stories, tags and fresh recommendations
    Articles,
    /// The sources, for another feed reader
    Opml,
}

#[derive(Debug, Serialize)]
struct Line {
    id: String,
    source: String,
    url: Option<String>,
    title: String,
    standfirst: Option<String>,
    text: String,
    html: String,
    author: Option<String>,
    published: DateTime<Utc>,
    lang: Option<String>,
    story: StoryId,
    kind: CopyKind,
    excerpt_of: Option<StoryId>,
    tags: Vec<TagLine>,
    recommended: Vec<RecommendedLine>,
    #[serde(flatten)]
    kept: Kept,
}

/// What we keep of an article besides, so that it comes back as it was.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Its id for good.
    pub(super) article: ArticleId,
    /// The id that its source gave it, where it gave one.
    pub(super) guid: Option<String>,
    pub(super) url_key: Option<String>,
    pub(super) outlet: Outlet,
    pub(super) origin: Option<Outlet>,
    pub(super) byline: Vec<String>,
    pub(super) image: Option<Image>,
    pub(super) enclosures: Vec<Enclosure>,
    pub(super) updated: Option<DateTime<Utc>>,
    pub(super) first_seen: DateTime<Utc>,
    /// Where its text was read, and how much of it may leave where the file does not say: its rights depend on both.
    pub(super) body: BodyFrom,
    pub(super) republish: Option<Republish>,
    /// What its tags are made of.
    pub(super) given: Given,
}

impl Kept {
    fn of(article: &Article) -> Self {
        Self {
            article: article.id.clone(),
            guid: article.guid.clone(),
            url_key: article.url_key.clone(),
            outlet: article.provenance.outlet.clone(),
            origin: article.provenance.origin.clone(),
            byline: article.byline.clone(),
            image: article.image.clone(),
            enclosures: article.enclosures.clone(),
            updated: article.updated,
            first_seen: article.first_seen,
            body: article.body_from,
            republish: article.republish,
            given: article.given.clone(),
        }
    }
}

#[derive(Debug, Serialize)]
struct TagLine {
    shown: String,
    key: String,
    origin: TagOrigin,
}

#[derive(Debug, Serialize)]
struct RecommendedLine {
    id: String,
    story: StoryId,
    score: f32,
    why: Why,
}

pub(super) async fn run(path: &Path, env: &Env, what: What) -> anyhow::Result<()> {
    let loaded = load(path, env)?;
    if matches!(what, What::Opml) {
        return opml(&loaded.config).await;
    }
    let store = kept_store(&loaded.config.store)?;
    let state = State::new(loaded.config, store.clone(), Clock::system())?;
    state.publisher.renew().await.context("store")?;
    let mut after = None;
    loop {
        let batch = store.articles(after, BATCH).await.context("store")?;
        let Some(last) = batch.last() else { break };
        after = Some(last.position);
        for exported in batch {
            let line = line(&state, exported).await?;
            out::json(&line)?;
        }
    }
    store.close().await?;
    Ok(())
}

/// The sources, each as the file names its outlet, else as its feed names itself.
async fn opml(config: &Config) -> anyhow::Result<()> {
    let at = &config.store.path;
    let told = match at.exists() {
        true => {
            let store = Store::open(&config.store).with_context(|| format!("store {}", at.display()))?;
            let told = store.outlets().await.context("store")?;
            store.close().await?;
            told
        }
        false => HashMap::new(),
    };
    let title = |s: &Source| told.get(&s.name).filter(|_| !s.outlet_named).unwrap_or(&s.outlet).name.clone();
    let tags =
        |s: &Source| config.tagging.sources.get(&s.name).into_iter().flatten().map(|t| t.shown().to_owned()).collect();
    let listed = config.sources.iter().map(|s| Listed {
        name: s.name.to_string(),
        title: title(s),
        url: s.url.to_string(),
        page: told.get(&s.name).unwrap_or(&s.outlet).url.clone(),
        tags: tags(s),
    });
    out::line(String::from_utf8_lossy(&render::opml::sources(&config.site, listed.collect())).trim_end())?;
    Ok(())
}

async fn line(state: &State, exported: ExportedArticle) -> anyhow::Result<Line> {
    let ExportedArticle { article, story, kind, excerpt_of, .. } = exported;
    let recommended = state.publisher.fresh(&story).await?;
    let recommended = recommended
        .into_iter()
        .map(|(pick, lead)| RecommendedLine {
            id: lead.guid.clone().unwrap_or_else(|| lead.id.to_string()),
            story: pick.story,
            score: pick.score,
            why: pick.why,
        })
        .collect();
    let tags =
        article.tags.iter().map(|t| TagLine { shown: t.tag.shown().into(), key: t.tag.key().into(), origin: t.origin });
    let tags = tags.collect();
    let kept = Kept::of(&article);
    Ok(Line {
        id: article.guid.clone().unwrap_or_else(|| article.id.to_string()),
        source: article.source.to_string(),
        published: article.date(),
        url: article.url,
        title: article.title,
        standfirst: article.standfirst,
        text: article.text,
        html: article.body.to_string(),
        author: Some(article.byline.join(", ")).filter(|a| !a.is_empty()),
        lang: article.lang.map(|l| l.to_string()),
        excerpt_of,
        story,
        kind,
        tags,
        recommended,
        kept,
    })
}
