//! `read`: feed documents from disk.

use std::path::PathBuf;

use clap::Args;
use url::Url;

use super::out;
use crate::clock::Clock;
use crate::model::Reading;
use crate::read::{self, Input};

/// What `read` takes.
#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    /// One JSON object a file, in their order
    #[arg(long)]
    json: bool,
    /// The address that the documents are taken to come from
    #[arg(long, default_value = "http://localhost/")]
    url: Url,
    /// The Content-Type that they are taken to have come with
    #[arg(long)]
    content_type: Option<String>,
    /// The documents
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &ReadArgs) -> anyhow::Result<()> {
    let now = Clock::system().now();
    let mut missing = None;
    for path in &args.files {
        let shown = path.to_string_lossy();
        let body = match std::fs::read(path) {
            Ok(body) => body,
            Err(error) if args.json => {
                let unreadable = Err(read::ReadError::Unreadable(error.to_string()));
                out::line(&out::one_line(read::json_line(&shown, &unreadable)))?;
                missing = missing.or(Some(anyhow::Error::new(error).context(shown.into_owned())));
                continue;
            }
            Err(error) => return Err(anyhow::Error::new(error).context(shown.into_owned())),
        };
        let content_type = args.content_type.as_deref();
        let input =
            Input { body: &body, content_type, url: &args.url, lang: None, tz: chrono_tz::UTC, day_first: None, now };
        let result = read::read(&input, None);
        if args.json {
            out::line(&out::one_line(read::json_line(&shown, &result)))?;
        } else {
            match result {
                Ok(reading) => show(&shown, &reading)?,
                Err(error) => out::line(&format!("{shown}: {error}"))?,
            }
        }
    }
    // The others have their lines all the same.
    missing.map_or(Ok(()), Err)
}

fn show(file: &str, reading: &Reading) -> std::io::Result<()> {
    let title = reading.head.title.as_deref().unwrap_or("(no title)");
    out::line(&format!("{file}: {:?}, {} entries: {title}", reading.kind, reading.entries.len()))?;
    for note in &reading.notes {
        out::line(&format!("  note: {note}"))?;
    }
    for entry in &reading.entries {
        let date = entry.dated().map_or_else(|| "undated".to_owned(), |d| d.format("%Y-%m-%d %H:%M").to_string());
        out::line(&format!("  {date}  {}", entry.title.as_deref().unwrap_or("(no title)")))?;
    }
    Ok(())
}
