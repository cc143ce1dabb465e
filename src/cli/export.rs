//! `export`: articles as JSON Lines (the owner's door: everything), and the sources as OPML.

use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde::Serialize;

use super::out;
use crate::clock::Clock;
use crate::daemon::{Env, State, load};
use crate::model::{CopyKind, StoryId, TagOrigin, Why};
use crate::render;
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
        let sources: Vec<_> = loaded
            .config
            .sources
            .iter()
            .map(|s| (s.name.to_string(), s.outlet.name.clone(), s.url.to_string()))
            .collect();
        out::line(String::from_utf8_lossy(&render::opml::sources(&sources)).trim_end())?;
        return Ok(());
    }
    let store =
        Store::open(&loaded.config.store).with_context(|| format!("store {}", loaded.config.store.path.display()))?;
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
    })
}
