//! `extract`: articles from pages on disk.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde::Deserialize;
use url::Url;

use super::out;
use crate::clock::Clock;
use crate::extract::{self, Page, Recipe};
use crate::model::Lang;
use crate::text;

/// What `extract` takes.
#[derive(Debug, Args)]
pub(super) struct ExtractArgs {
    /// A JSON array of {id, path, url, lang}
    #[arg(long)]
    list: PathBuf,
    /// Where the answers go: one JSON object a line
    #[arg(long)]
    out: PathBuf,
}

/// One page to read.
#[derive(Debug, Deserialize)]
struct Listed {
    id: String,
    path: PathBuf,
    url: Option<String>,
    lang: Option<String>,
}

pub(super) fn run(args: &ExtractArgs) -> anyhow::Result<()> {
    let list = std::fs::read(&args.list).with_context(|| args.list.display().to_string())?;
    let list: Vec<Listed> = serde_json::from_slice(&list).with_context(|| args.list.display().to_string())?;
    let out = File::create(&args.out).with_context(|| args.out.display().to_string())?;
    let mut out = BufWriter::new(out);
    let now = Clock::system().now();
    let unnamed = Url::parse("http://localhost/").context("address")?;
    let bar = out::bar(list.len() as u64, "extracting");
    for listed in list {
        let bytes = std::fs::read(&listed.path).with_context(|| listed.path.display().to_string())?;
        let url = listed.url.as_deref().and_then(|u| Url::parse(u).ok()).unwrap_or_else(|| unnamed.clone());
        let lang = listed.lang.as_deref().and_then(Lang::parse);
        let started = std::time::Instant::now();
        let decoded = text::decode(&bytes, None);
        let page = Page {
            html: &decoded.text,
            url: &url,
            lang: lang.as_ref(),
            tz: chrono_tz::UTC,
            now,
            entry: None,
            site_name: None,
        };
        let found = extract::extract(&page, &Recipe::default());
        let ms = started.elapsed().as_secs_f64() * 1_000.0;
        writeln!(out, "{}", extract::report::json_line(&listed.id, &found, ms))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    out.flush().context("write answers")?;
    Ok(())
}
