//! `try`: what an address gives, as a block for the file. No block is printed that was not read back, and gave entries.

mod search;

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, bail};
use chrono_tz::Tz;
use clap::Args;
use url::Url;

use self::search::{Search, Tried};
use super::naming::source_name;
use super::{config_path, out};
use crate::daemon::{Env, load};
use crate::fetch::{self, Client, Network};
use crate::model::Reading;
use crate::poll::input;
use crate::read::{list_block, toml_key, toml_text};
use crate::{clean, config, read, text};

/// Entries that are shown.
const SHOWN: usize = 10;
/// What a file has around a block.
const AROUND: &str = "[site]\nbase = \"https://feeds.example\"\n";

/// What `try` takes.
#[derive(Debug, Args)]
pub(super) struct TryArgs {
    /// The address of a feed, or of a site
    #[arg(value_parser = address)]
    url: Url,
    /// An inner address that may be asked all the same, such as 127.0.0.1/32
    #[arg(long, value_name = "NETWORK", value_parser = network)]
    private_network: Vec<Network>,
}

fn network(written: &str) -> Result<Network, String> {
    Network::parse(written).ok_or_else(|| format!("`{written}` is not a network; write 127.0.0.1/32"))
}

/// An address, as people write and copy it: `example.org`, `feed://example.org/rss`.
fn address(written: &str) -> Result<Url, String> {
    let other = written.split_once("://").map(|(scheme, _)| scheme.trim().to_ascii_lowercase());
    if let Some(scheme) = other.filter(|s| !matches!(s.as_str(), "http" | "https" | "feed") && !s.starts_with("feed")) {
        return Err(format!("`{scheme}://` is not asked, only http and https"));
    }
    let whole = Url::parse(written.trim()).ok().and_then(|url| read::feed_address(&url, url.as_str()));
    let bare = || Url::parse(&format!("https://{}", written.trim())).ok();
    whole.or_else(bare).ok_or_else(|| format!("`{written}` is not an address; write https://example.org/"))
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
    let tried = Search::new(&client, tz).run(args.url.clone()).await?;
    let block = block(&tried);
    let reading = read_back(&block, &tried, tz)?;
    out::line(&block)?;
    out::line(&format!("# {} entries:", reading.entries.len()))?;
    for entry in reading.entries.iter().take(SHOWN) {
        let date =
            entry.dated().map_or_else(|| "undated         ".to_owned(), |d| d.format("%Y-%m-%d %H:%M").to_string());
        let title = entry.title.as_deref().map(clean::line).unwrap_or_default();
        out::line(&format!("#   {date}  {}", text::excerpt(&title, 90)))?;
    }
    let mut notes = HashSet::new();
    for note in reading.notes.iter().chain(&tried.reading.notes).filter(|note| notes.insert(*note)) {
        out::line(&format!("# note: {}", text::one_line(note)))?;
    }
    Ok(())
}

/// What a block gives when it stands in a file.
fn read_back(block: &str, tried: &Tried, tz: Tz) -> anyhow::Result<Reading> {
    let text = format!("{AROUND}tz = \"{tz}\"\n{block}");
    let loaded = config::load(&text, Path::new("the block"), &|_| None);
    let (file, _warnings) = loaded.map_err(|wrong| anyhow::anyhow!("the block that was made is wrong: {wrong}"))?;
    let Some(source) = file.sources.first() else { bail!("the block that was made holds no source") };
    let document = &tried.document;
    let reading = match tried.index {
        // What stands in other documents was read as a poll reads it.
        true => tried.reading.clone(),
        false => read::read(&input(source, document, document.fetched_at), source.list.as_ref())
            .with_context(|| format!("{}: the block that was made does not fit", document.requested))?,
    };
    if reading.entries.is_empty() {
        bail!("{}: the block that was made gives no entries", document.requested);
    }
    Ok(reading)
}

/// A block for the file.
fn block(tried: &Tried) -> String {
    let url = &tried.document.requested;
    let title = tried.title.as_deref().map(clean::line).unwrap_or_default();
    let name = source_name(&title, url, &mut HashSet::new());
    let mut lines = vec![format!("[source.{}]", toml_key(&name)), format!("url = {}", toml_text(url.as_str()))];
    if !title.is_empty() {
        lines.push(format!("title = {}", toml_text(&title)));
    }
    if tried.utc {
        lines.push(format!("tz = {}", toml_text("UTC")));
    }
    let block = lines.join("\n") + "\n";
    if tried.list.is_empty() { block } else { block + "\n" + &list_block(&name, &tried.list) }
}
