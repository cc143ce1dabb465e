//! `try`: what an address gives.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, bail};
use chrono_tz::Tz;
use clap::Args;
use url::Url;

use super::naming::source_name;
use super::{config_path, out};
use crate::clock::Clock;
use crate::daemon::{Env, load};
use crate::fetch::{self, Accept, Answer, Client, Network, Request};
use crate::model::{Document, Reading, Validators};
use crate::read::{self, Found, Input, ReadError};
use crate::{clean, text};

/// Entries that are shown.
const SHOWN: usize = 10;
/// Announced feeds that are asked.
const MOST_FEEDS: usize = 5;

/// What `try` takes.
#[derive(Debug, Args)]
pub(super) struct TryArgs {
    /// The address of a feed, or of a site
    url: Url,
    /// An inner address that may be asked all the same, such as 127.0.0.1/32
    #[arg(long, value_name = "NETWORK", value_parser = network)]
    private_network: Vec<Network>,
}

fn network(written: &str) -> Result<Network, String> {
    Network::parse(written).ok_or_else(|| format!("`{written}` is not a network; write 127.0.0.1/32"))
}

/// What an address gives.
struct Tried {
    document: Document,
    reading: Reading,
    /// How its list is read, where it has no feed.
    list: Option<Found>,
}

pub(super) async fn run(config: Option<&Path>, env: &Env, args: &TryArgs) -> anyhow::Result<()> {
    // The manners of the file where there is one; a file is not needed to try an address.
    let (mut settings, tz) = match config_path(config, env) {
        Ok(path) => load(&path, env).map(|l| (l.config.fetch, l.config.tz))?,
        Err(error) if config.is_some() => return Err(error),
        Err(_) => (fetch::Settings::default(), Tz::UTC),
    };
    settings.private_networks.extend(&args.private_network);
    let ports: Vec<u16> = args.url.port_or_known_default().into_iter().collect();
    let client = Client::new(&settings, &ports).context("HTTP client")?;
    let tried = follow(&client, args.url.clone(), tz).await?;
    let reading = &tried.reading;
    if reading.entries.is_empty() {
        bail!("{}: it is there, but has no entries {:?}", tried.document.requested, reading.notes);
    }
    out::line(&block(&tried))?;
    out::line(&format!("# {} entries:", reading.entries.len()))?;
    for entry in reading.entries.iter().take(SHOWN) {
        let date =
            entry.published.map_or_else(|| "undated         ".to_owned(), |d| d.format("%Y-%m-%d %H:%M").to_string());
        let title = entry.title.as_deref().map(clean::line).unwrap_or_default();
        out::line(&format!("#   {date}  {}", text::excerpt(&title, 90)))?;
    }
    for note in &reading.notes {
        out::line(&format!("# note: {note}"))?;
    }
    Ok(())
}

/// Asks an address; where it is a page, the feeds that it announces, in their order, then its list of articles.
async fn follow(client: &Client, url: Url, tz: Tz) -> anyhow::Result<Tried> {
    let first = ask(client, url.clone()).await?;
    let (error, feeds) = match read::read(&input(&first, tz), None) {
        Ok(reading) => return Ok(Tried { document: first, reading, list: None }),
        Err(ReadError::NotAFeed { feeds, kind, title }) => {
            (ReadError::NotAFeed { kind, title, feeds: Vec::new() }, feeds)
        }
        Err(ReadError::SitemapIndex { sitemaps }) => return index(client, first, &sitemaps, tz).await,
        Err(error) => bail!("{url}: {error}"),
    };
    let mut asked = Vec::new();
    for feed in feeds.iter().filter_map(|f| Url::parse(f).ok()).take(MOST_FEEDS) {
        // A feed that is announced and gone is not the end: there may be another, or a list.
        match ask(client, feed.clone()).await {
            Ok(document) => match read::read(&input(&document, tz), None) {
                Ok(reading) if !reading.entries.is_empty() => return Ok(Tried { document, reading, list: None }),
                Ok(_) => asked.push(format!("{feed} has no entries")),
                Err(error) => asked.push(format!("{feed}: {error}")),
            },
            Err(error) => asked.push(format!("{error:#}")),
        }
    }
    if let Some(found) = read::detect(&input(&first, tz)) {
        let mut reading = found.reading.clone();
        reading.notes.extend(asked);
        return Ok(Tried { document: first, reading, list: Some(found) });
    }
    let feeds = if asked.is_empty() { "it announces none".to_owned() } else { asked.join("; ") };
    bail!("{url}: {error}; {feeds}; no list of articles was found in it: describe it in [source.NAME.list]")
}

/// What the sitemaps of an index give.
async fn index(client: &Client, document: Document, sitemaps: &[String], tz: Tz) -> anyhow::Result<Tried> {
    let (mut readings, mut notes) = (Vec::new(), Vec::new());
    for url in sitemaps.iter().filter_map(|s| Url::parse(s).ok()) {
        let asked = ask(client, url.clone()).await.map(|d| read::read(&input(&d, tz), None));
        match asked {
            Ok(Ok(reading)) => readings.push(reading),
            Ok(Err(error)) => notes.push(format!("{url}: {error}")),
            Err(error) => notes.push(format!("{error:#}")),
        }
    }
    let Some(mut reading) = read::join(readings) else {
        bail!("{}: none of its sitemaps can be read: {}", document.requested, notes.join("; "))
    };
    reading.notes.extend(notes);
    Ok(Tried { document, reading, list: None })
}

async fn ask(client: &Client, url: Url) -> anyhow::Result<Document> {
    let request =
        Request { url: url.clone(), validators: Validators::default(), headers: Vec::new(), accept: Accept::Feed };
    match client.get(request, Clock::system().now()).await.with_context(|| url.to_string())? {
        Answer::Document { document, .. } => Ok(document),
        Answer::NotModified { .. } => bail!("{url}: 304 to an unconditional request"),
    }
}

fn input(document: &Document, tz: Tz) -> Input<'_> {
    Input {
        body: &document.body,
        content_type: document.content_type.as_deref(),
        url: &document.url,
        lang: None,
        tz,
        day_first: None,
        now: document.fetched_at,
    }
}

/// A block for the file.
fn block(tried: &Tried) -> String {
    let url = &tried.document.requested;
    let title = tried.reading.head.title.as_deref().map(clean::line).unwrap_or_default();
    let name = key(&source_name(&title, url, &mut HashSet::new()));
    let mut lines = vec![format!("[source.{name}]"), format!("url = {}", value(url.as_str()))];
    if !title.is_empty() {
        lines.push(format!("title = {}", value(&title)));
    }
    if let Some(found) = &tried.list {
        lines.push(format!("\n  [source.{name}.list]"));
        lines.extend(found.keys.iter().map(|(key, pick)| format!("  {key:<7} = {}", value(pick))));
    }
    lines.join("\n") + "\n"
}

/// A text as TOML has it; selectors stand in single quotes, where nothing is escaped.
fn value(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A bare key where it can be one.
fn key(name: &str) -> String {
    let bare = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if bare && !name.is_empty() { name.to_owned() } else { value(name) }
}
