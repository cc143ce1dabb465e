//! `extract`: articles from pages on disk.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde::Deserialize;
use url::Url;

use super::out;
use crate::clock::Clock;
use crate::extract::{self, Page, Recipe, Template};
use crate::model::Lang;
use crate::text;

/// The address of pages whose own is not given.
const UNNAMED: &str = "http://localhost/";

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
    let file = File::create(&args.out).with_context(|| args.out.display().to_string())?;
    let mut file = BufWriter::new(file);
    let bar = out::bar(list.len() as u64, "extracting");
    for pages in by_host(list) {
        let mut template = Template::default();
        for some in pages.chunks(AT_ONCE) {
            for line in answers(some, &mut template)? {
                writeln!(file, "{}", out::one_line(line))?;
            }
            bar.inc(some.len() as u64);
        }
    }
    bar.finish_and_clear();
    file.flush().context("write answers")?;
    Ok(())
}

/// Pages of one host that are in memory at one time.
const AT_ONCE: usize = 8;

/// The pages by their hosts, in the order of the first of each.
fn by_host(list: Vec<Listed>) -> Vec<Vec<(Listed, Url)>> {
    let mut hosts: Vec<Vec<(Listed, Url)>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for listed in list {
        let url = listed.url.as_deref().and_then(|u| Url::parse(u).ok());
        // A page that says not where it is from has no siblings.
        let host = url.as_ref().and_then(Url::host_str).map_or_else(|| format!("?{}", listed.id), str::to_owned);
        let Some(url) = url.or_else(|| Url::parse(UNNAMED).ok()) else { continue };
        let at = *known.entry(host).or_insert_with(|| {
            hosts.push(Vec::new());
            hosts.len() - 1
        });
        hosts[at].push((listed, url));
    }
    hosts
}

/// The articles of some pages of one host as lines of JSON, each with its share of the time.
fn answers(pages: &[(Listed, Url)], template: &mut Template) -> anyhow::Result<Vec<String>> {
    let read =
        |(listed, _): &(Listed, Url)| std::fs::read(&listed.path).with_context(|| listed.path.display().to_string());
    let bytes: Vec<Vec<u8>> = pages.iter().map(read).collect::<Result<_, _>>()?;
    let started = std::time::Instant::now();
    let decoded: Vec<_> = bytes.iter().map(|b| text::decode(b, None)).collect();
    let langs: Vec<_> = pages.iter().map(|(l, _)| l.lang.as_deref().and_then(Lang::parse)).collect();
    let now = Clock::system().now();
    let ready: Vec<Page<'_>> = pages
        .iter()
        .zip(&decoded)
        .zip(&langs)
        .map(|(((_, url), decoded), lang)| Page {
            html: &decoded.text,
            url,
            lang: lang.as_ref(),
            tz: chrono_tz::UTC,
            now,
            entry: None,
            site_name: None,
        })
        .collect();
    let found = extract::extract_together(&ready, &Recipe::default(), template);
    let ms = started.elapsed().as_secs_f64() * 1_000.0 / pages.len().max(1) as f64;
    Ok(pages.iter().zip(&found).map(|((listed, _), found)| extract::report::json_line(&listed.id, found, ms)).collect())
}
