//! `import`: articles as JSON Lines, subscriptions as OPML, and the rules of others for pages.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde::Deserialize;
use url::Url;

use super::naming::source_name;
use super::{out, site_rules};
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon::{Env, State, load};
use crate::model::{Article, Entry, Lang, Person, SourceName};
use crate::poll::{Raw, Source, decide, make};
use crate::read;
use crate::store::{Batch, PollRecord, Store};
use crate::text::{DateContext, parse_date};

/// Articles stored in one transaction.
const BATCH: usize = 200;

/// What can be brought in.
#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// Articles, one JSON object a line: id, source, url, title, standfirst, text or html, author, published, lang, tags
    Articles {
        /// The file
        file: PathBuf,
    },
    /// An OPML file: prints a source block for each feed, ready for the configuration
    Opml {
        /// The file
        file: PathBuf,
    },
    /// Site files of Full-Text RSS (example.org.txt): prints a source block for each, its rules in CSS
    SiteRules {
        /// The folder
        folder: PathBuf,
    },
}

/// One article as it comes, from us ([`super::export`]) or from others.
#[derive(Debug, Deserialize)]
struct Line {
    id: Name,
    source: String,
    url: Option<String>,
    title: Option<String>,
    standfirst: Option<String>,
    text: Option<String>,
    html: Option<String>,
    author: Option<String>,
    published: Option<String>,
    lang: Option<String>,
    tags: Option<Vec<Name>>,
}

/// What is a text in one file, a number or an object in another.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Number(i64),
    Tag { shown: String },
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        match name {
            Name::Text(text) | Name::Tag { shown: text } => text,
            Name::Number(number) => number.to_string(),
        }
    }
}

pub(super) async fn run(config: impl FnOnce() -> anyhow::Result<PathBuf>, env: &Env, what: What) -> anyhow::Result<()> {
    match what {
        What::Articles { file } => articles(&config()?, env, &file).await,
        What::Opml { file } => opml(&file),
        What::SiteRules { folder } => site_rules::run(&folder),
    }
}

async fn articles(path: &Path, env: &Env, file: &Path) -> anyhow::Result<()> {
    let loaded = load(path, env)?;
    loaded.log_warnings();
    let clock = Clock::system();
    let store =
        Store::open(&loaded.config.store).with_context(|| format!("store {}", loaded.config.store.path.display()))?;
    let input = std::fs::File::open(file).with_context(|| file.display().to_string())?;
    let bar = out::bar(0, "importing");
    let mut batch: Vec<(SourceName, Article)> = Vec::new();
    let mut count = 0_usize;
    for (number, line) in BufReader::new(input).lines().enumerate() {
        let line = line.with_context(|| format!("{}:{}", file.display(), number + 1))?;
        let line = line.trim_start_matches('\u{feff}');
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(line).with_context(|| format!("{}:{}", file.display(), number + 1))?;
        let Some(source) = source(&loaded.config, &line) else {
            bail!("{}:{}: `{}` cannot be the name of a source", file.display(), number + 1, line.source);
        };
        let Some(article) = article(&loaded.config, &source, line, clock.now()) else { continue };
        if batch.len() >= BATCH || batch.last().is_some_and(|(s, _)| *s != source.name) {
            count += flush(&store, &loaded.config, &mut batch, clock.now()).await?;
            bar.set_position(count as u64);
        }
        batch.push((source.name, article));
    }
    count += flush(&store, &loaded.config, &mut batch, clock.now()).await?;
    bar.finish_and_clear();
    let state = State::new(loaded.config, store.clone(), clock)?;
    state.publisher.renew().await.context("store")?;
    store.close().await?;
    tracing::info!("{count} articles imported");
    Ok(())
}

/// The source of a line: as the file has it, else one with the usual settings.
fn source(config: &Config, line: &Line) -> Option<Source> {
    let name = SourceName::new(&line.source)?;
    if let Some(source) = config.sources.iter().find(|s| s.name == name) {
        return Some(source.clone());
    }
    let url = line.url.as_deref().and_then(|u| Url::parse(u).ok()).unwrap_or_else(|| config.site.base.clone());
    Some(Source::usual(name, url, config.tz))
}

fn article(config: &Config, source: &Source, line: Line, now: DateTime<Utc>) -> Option<Article> {
    let lang = line.lang.as_deref().and_then(Lang::parse);
    let read = DateContext { lang: lang.as_ref(), tz: source.tz, now, day_first: source.recipe.day_first };
    let published = line.published.as_deref().and_then(|date| parse_date(date, &read));
    let author = line.author.map(|name| Person { name: Some(name), ..Person::default() });
    let entry = Entry {
        id: Some(line.id.into()),
        link: line.url,
        title: line.title.map(|t| escape(&t)),
        summary: line.standfirst.map(|t| escape(&t)),
        content: line.html.or_else(|| line.text.map(|t| crate::clean::from_text(&t).to_string())),
        authors: author.into_iter().collect(),
        published: published.map(|date| date.to_utc()),
        categories: line.tags.into_iter().flatten().map(String::from).collect(),
        lang,
        ..Entry::default()
    };
    let document = config.site.base.clone();
    let raw = Raw::new(source, entry, &document)?;
    make(source, &raw, &document, &config.tagging, now)
}

/// Titles come as plain text, entries' titles are HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

async fn flush(
    store: &Store,
    config: &Config,
    batch: &mut Vec<(SourceName, Article)>,
    now: DateTime<Utc>,
) -> anyhow::Result<usize> {
    let Some((source, _)) = batch.first() else { return Ok(0) };
    let source = source.clone();
    let articles: Vec<Article> = batch.drain(..).map(|(_, a)| a).collect();
    let count = articles.len();
    let state = store.source_state(&source).await.context("store")?;
    store
        .apply(
            PollRecord {
                source,
                state,
                articles: Batch::of(articles).context("store")?,
                told: Default::default(),
                template: None,
                tagged_by: config.tagging.hash(),
                now,
            },
            decide(config.dedup),
        )
        .await
        .context("store")?;
    Ok(count)
}

fn opml(file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read(file).with_context(|| file.display().to_string())?;
    let subscriptions = read::opml(&text).with_context(|| file.display().to_string())?;
    if subscriptions.is_empty() {
        bail!("{}: no outline with an xmlUrl", file.display());
    }
    let mut names = std::collections::HashSet::new();
    let mut sources = toml::Table::new();
    for subscription in subscriptions {
        let Ok(url) = Url::parse(&subscription.url) else { continue };
        let name = source_name(&subscription.title, &url, &mut names);
        let mut source = toml::Table::new();
        source.insert("url".into(), subscription.url.into());
        if !subscription.title.is_empty() {
            source.insert("title".into(), subscription.title.into());
        }
        if !subscription.folders.is_empty() {
            source.insert("tags".into(), subscription.folders.into());
        }
        sources.insert(name, source.into());
    }
    let mut all = toml::Table::new();
    all.insert("source".into(), sources.into());
    out::line(&toml::to_string(&all)?)?;
    Ok(())
}
