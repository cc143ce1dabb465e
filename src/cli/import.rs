//! `import`: articles as JSON Lines, subscriptions as OPML, and the rules of others for pages.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde::Deserialize;
use url::Url;

use super::export::Kept;
use super::naming::source_name;
use super::{out, site_rules};
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon::{Env, State, load};
use crate::model::{Article, ArticleId, Entry, Lang, Person, Provenance, SourceName, TagOrigin, Tagged};
use crate::poll::{Raw, Source, decide, make};
use crate::read::{self, Outlines};
use crate::store::{Batch, PollRecord, Store};
use crate::tag;
use crate::text::{DateContext, is_tag, parse_date};

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
    /// As a poll would make it, where there is none.
    id: Option<Name>,
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
    Tag { shown: String, origin: Option<TagOrigin> },
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        match name {
            Name::Text(text) | Name::Tag { shown: text, .. } => text,
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
        // What only we write; the lines of others hold other things by these names.
        let kept: Option<Kept> = serde_json::from_str(line).ok();
        let line: Line = serde_json::from_str(line).with_context(|| format!("{}:{}", file.display(), number + 1))?;
        let Some(source) = source(&loaded.config, &line) else {
            bail!("{}:{}: `{}` cannot be the name of a source", file.display(), number + 1, line.source);
        };
        let Some(article) = article(&loaded.config, &source, line, kept, clock.now()) else { continue };
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

fn article(config: &Config, source: &Source, line: Line, kept: Option<Kept>, now: DateTime<Utc>) -> Option<Article> {
    let lang = line.lang.as_deref().and_then(Lang::parse);
    let read = DateContext { lang: lang.as_ref(), tz: source.tz, now, day_first: source.recipe.day_first };
    let published = line.published.as_deref().and_then(|date| parse_date(date, &read));
    let person = |name| Person { name: Some(name), ..Person::default() };
    let authors = match &kept {
        Some(kept) => kept.byline.iter().cloned().map(person).collect(),
        None => line.author.into_iter().map(person).collect(),
    };
    let tags = line.tags.unwrap_or_default();
    let learned = tags.iter().filter_map(learned).collect();
    let entry = Entry {
        id: kept.as_ref().map_or_else(|| line.id.map(String::from), |kept| kept.guid.clone()),
        link: line.url,
        title: line.title.map(|t| escape(&t)),
        summary: line.standfirst.map(|t| escape(&t)),
        content: line.html.or_else(|| line.text.map(|t| crate::clean::from_text(&t).to_string())),
        authors,
        published: published.map(|date| date.to_utc()),
        categories: tags.into_iter().map(|tag| crate::clean::line(&String::from(tag))).collect(),
        lang,
        ..Entry::default()
    };
    let document = config.site.base.clone();
    let raw = Raw::new(source, entry, &document).filter(|raw| !raw.is_bare())?;
    let article = make(source, &raw, &document, &config.tagging, now)?;
    Some(match kept {
        Some(kept) => as_kept(article, kept, learned, &config.tagging),
        None => article,
    })
}

/// An article that we had before, as it was.
fn as_kept(article: Article, kept: Kept, learned: Vec<Tagged>, tagging: &tag::Settings) -> Article {
    let mut article = Article {
        id: ArticleId::parse(kept.article.as_str()).unwrap_or(article.id),
        url_key: kept.url_key,
        provenance: Provenance { outlet: kept.outlet, origin: kept.origin, ..article.provenance },
        byline: kept.byline,
        image: kept.image,
        enclosures: kept.enclosures,
        first_seen: kept.first_seen.min(article.first_seen),
        updated: kept.updated.filter(|updated| *updated <= article.first_seen),
        body_from: kept.body,
        republish: kept.republish.or(article.republish),
        given: kept.given,
        tags: learned,
        ..article
    };
    article.tags = tag::of_article(&article, tagging);
    article
}

/// A tag that it learnt: it is made of nothing that the article came with.
fn learned(name: &Name) -> Option<Tagged> {
    let Name::Tag { shown, origin: Some(origin @ TagOrigin::Learned) } = name else { return None };
    Some(Tagged { tag: crate::text::tag(shown)?, origin: *origin })
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
    let outlines = read::opml(&text).with_context(|| file.display().to_string())?;
    if outlines.feeds.is_empty() {
        bail!("{}: no outline with an xmlUrl", file.display());
    }
    out::line(&blocks(outlines)?)?;
    Ok(())
}

/// A source block for each feed, in the order of the file, then what is left out of it, as comments.
fn blocks(outlines: Outlines) -> anyhow::Result<String> {
    let mut names = std::collections::HashSet::new();
    let mut all = String::new();
    for subscription in outlines.feeds {
        let Ok(mut url) = Url::parse(&subscription.url) else { continue };
        let name = source_name(&subscription.title, &url, &mut names);
        let secret = !url.username().is_empty() || url.password().is_some();
        if secret && (url.set_username("").is_err() || url.set_password(None).is_err()) {
            continue;
        }
        let mut source = toml::Table::new();
        source.insert("url".into(), url.to_string().into());
        if !subscription.title.is_empty() {
            source.insert("title".into(), subscription.title.into());
        }
        // A folder `2026` is no tag.
        let tags: Vec<String> = subscription.folders.into_iter().filter(|name| is_tag(name)).collect();
        if !tags.is_empty() {
            source.insert("tags".into(), tags.into());
        }
        let block =
            toml::Table::from_iter([("source".to_owned(), toml::Table::from_iter([(name, source.into())]).into())]);
        all += &toml::to_string(&block)?;
        if secret {
            all += "# Its address held a name and a password: put \"Basic \" and their base64 into the environment, and write\n";
            all += "# headers = { Authorization = \"env:NAME\" }\n";
        }
        all.push('\n');
    }
    for (called, why) in outlines.left_out {
        all += &format!("# left out: {}: {why}\n", crate::text::one_line(&called));
    }
    Ok(all.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opml_holds_becomes_blocks_that_can_be_read() {
        let file = r#"<opml><body><outline text="Zoé" xmlUrl="https://zoe.example/rss"/>
            <outline text="2026"><outline text="Agence" xmlUrl="https://user:pass@agence.example/rss" category="/Monde/24"/></outline>
            <outline text="Script" xmlUrl="javascript:alert(1)"/><outline text="Zo" xmlUrl="https://zoe.example/rss"/></body></opml>"#;
        let text = blocks(read::opml(file.as_bytes()).unwrap()).unwrap();
        assert!(text.find("[source.zoe]").unwrap() < text.find("[source.agence]").unwrap(), "{text}");
        assert!(!text.contains("pass@") && text.contains("# headers = { Authorization"), "{text}");
        assert!(
            text.contains("# left out: Script: ") && text.contains("# left out: Zo: its address stands above"),
            "{text}"
        );
        let whole = format!("[site]\nbase = \"https://feeds.example\"\n{text}");
        let (config, _) =
            crate::config::load(&whole, Path::new("feeds.toml"), &|_| None).unwrap_or_else(|wrong| panic!("{wrong}"));
        assert_eq!(config.sources.len(), 2);
        assert!(text.contains("tags = [\"Monde\"]"), "{text}");
    }
}
