//! `try`: what an address gives.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, bail};
use clap::Args;
use url::Url;

use super::naming::source_name;
use super::{config_path, out};
use crate::clock::Clock;
use crate::daemon::{Env, load};
use crate::fetch::{self, Accept, Answer, Client, Network, Request};
use crate::model::{Document, Reading, Validators};
use crate::read::{self, Input, ReadError};
use crate::{clean, text};

/// Entries that are shown.
const SHOWN: usize = 10;

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

pub(super) async fn run(config: Option<&Path>, env: &Env, args: &TryArgs) -> anyhow::Result<()> {
    // The manners of the file where there is one; a file is not needed to try an address.
    let mut settings = match config_path(config, env) {
        Ok(path) => load(&path, env)?.config.fetch,
        Err(error) if config.is_some() => return Err(error),
        Err(_) => fetch::Settings::default(),
    };
    settings.private_networks.extend(&args.private_network);
    let ports: Vec<u16> = args.url.port_or_known_default().into_iter().collect();
    let client = Client::new(&settings, &ports).context("HTTP client")?;
    let (document, reading) = follow(&client, args.url.clone()).await?;
    if reading.entries.is_empty() {
        bail!("{}: the feed is there, but has no entries", document.requested);
    }
    let block = block(&document.requested, &reading);
    out::line(&block)?;
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

/// Asks an address; where it is a page, the feeds that it announces, in their order.
async fn follow(client: &Client, url: Url) -> anyhow::Result<(Document, Reading)> {
    let first = ask(client, url.clone()).await?;
    let feeds = match read_one(&first) {
        Ok(reading) => return Ok((first, reading)),
        Err(ReadError::NotAFeed { feeds, .. }) if !feeds.is_empty() => feeds,
        Err(error @ ReadError::NotAFeed { .. }) => {
            bail!("{url}: {error}; it announces none: describe its list of articles in [source.NAME.list]")
        }
        Err(error) => bail!("{url}: {error}"),
    };
    for feed in feeds.iter().filter_map(|f| Url::parse(f).ok()) {
        let document = ask(client, feed).await?;
        if let Ok(reading) = read_one(&document) {
            return Ok((document, reading));
        }
    }
    bail!("{url}: announces {} feeds, none of which can be read", feeds.len())
}

async fn ask(client: &Client, url: Url) -> anyhow::Result<Document> {
    let request =
        Request { url: url.clone(), validators: Validators::default(), headers: Vec::new(), accept: Accept::Feed };
    match client.get(request, Clock::system().now()).await.with_context(|| url.to_string())? {
        Answer::Document { document, .. } => Ok(document),
        Answer::NotModified { .. } => bail!("{url}: 304 to an unconditional request"),
    }
}

fn read_one(document: &Document) -> Result<Reading, ReadError> {
    let input = Input {
        body: &document.body,
        content_type: document.content_type.as_deref(),
        url: &document.url,
        lang: None,
        tz: chrono_tz::UTC,
        now: document.fetched_at,
    };
    read::read(&input, None)
}

/// A block for the file.
fn block(url: &Url, reading: &Reading) -> String {
    let mut source = toml::Table::new();
    source.insert("url".into(), url.to_string().into());
    let title = reading.head.title.as_deref().map(clean::line).unwrap_or_default();
    if !title.is_empty() {
        source.insert("title".into(), title.clone().into());
    }
    let name = source_name(&title, url, &mut HashSet::new());
    let mut by_name = toml::Table::new();
    by_name.insert(name, source.into());
    let mut file = toml::Table::new();
    file.insert("source".into(), by_name.into());
    toml::to_string(&file).unwrap_or_default()
}
