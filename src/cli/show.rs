//! Commands that show something: `check`, `status`, `demo`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde::Serialize;

use super::out;
use crate::daemon::{Env, load};
use crate::demo;
use crate::model::{Health, HealthState};
use crate::store::Store;

/// What `status` takes.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// One JSON object a source
    #[arg(long)]
    json: bool,
}

/// What `demo` takes.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// The port to serve on [default: 8420, or any free one]
    #[arg(long)]
    port: Option<u16>,
    /// A folder to keep the demo's file and store in [default: a temporary one]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// Reads the file; the mistakes are the error.
pub(super) fn check(path: &Path, env: &Env) -> anyhow::Result<()> {
    let loaded = load(path, env)?;
    for warning in &loaded.warnings {
        out::line(&format!("warning: {warning}"))?;
    }
    let config = loaded.config;
    out::line(&format!(
        "{}: fine: {} sources, {} tag rules, {} feeds",
        path.display(),
        config.sources.len(),
        config.tagging.rules.len(),
        config.feeds.len()
    ))?;
    Ok(())
}

#[derive(Debug, Serialize)]
struct StatusLine {
    source: String,
    url: String,
    health: Option<Health>,
    last_polled: Option<chrono::DateTime<chrono::Utc>>,
    next_due: Option<chrono::DateTime<chrono::Utc>>,
    polls: u64,
    not_modified: u64,
}

pub(super) async fn status(path: &Path, env: &Env, args: &StatusArgs) -> anyhow::Result<()> {
    let loaded = load(path, env)?;
    let store =
        Store::open(&loaded.config.store).with_context(|| format!("store {}", loaded.config.store.path.display()))?;
    for source in &loaded.config.sources {
        let state = store.source_state(&source.name).await.context("store")?;
        let line = StatusLine {
            source: source.name.to_string(),
            url: source.url.to_string(),
            next_due: state.due(),
            health: state.health,
            last_polled: state.last_polled,
            polls: state.polls,
            not_modified: state.not_modified,
        };
        if args.json {
            out::json(&line)?;
        } else {
            out::line(&text(&line))?;
        }
    }
    store.close().await?;
    Ok(())
}

fn text(line: &StatusLine) -> String {
    let when = |t: Option<chrono::DateTime<chrono::Utc>>| {
        t.map_or_else(|| "never".to_owned(), |t| t.format("%Y-%m-%d %H:%M:%S").to_string())
    };
    let health = match &line.health {
        None => "not polled yet".to_owned(),
        Some(h) if h.state == HealthState::Ok => "ok".to_owned(),
        Some(h) => {
            let state = format!("{:?}", h.state).to_lowercase();
            format!("{state} since {}: {}", when(Some(h.since)), h.error.as_deref().unwrap_or_default())
        }
    };
    let StatusLine { source, polls, not_modified, .. } = line;
    format!(
        "{source}: {health}; polled {} ({polls} polls, {not_modified} unchanged), next {}",
        when(line.last_polled),
        when(line.next_due)
    )
}

pub(super) async fn demo(env: &Env, args: &DemoArgs) -> anyhow::Result<()> {
    demo::run(env.clone(), args.port, args.folder.as_deref(), out::line).await
}
