//! `status`: how the sources are doing, and what is being worked on. The owner's view: private sources are in it.

use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use super::{Done, kept_store, out};
use crate::clock::Clock;
use crate::daemon::{Env, State, load};
use crate::model::HealthState;
use crate::publish::{Background, SourceStatus};

/// What `status` takes.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// One JSON object a source
    #[arg(long)]
    json: bool,
}

/// A line of its own, where something is being worked on.
#[derive(Debug, Serialize)]
struct Working<'a> {
    background: &'a Background,
}

pub(super) async fn run(path: &Path, env: &Env, args: &StatusArgs) -> anyhow::Result<Done> {
    let loaded = load(path, env)?;
    let store = kept_store(&loaded.config.store)?;
    let state = State::new(loaded.config, store.clone(), Clock::system())?;
    let status = state.publisher.status().await.context("store")?;
    drop(state);
    store.close().await?;
    for source in &status.sources {
        if args.json {
            out::json(source)?;
        } else {
            out::line(&text(source))?;
        }
    }
    for background in &status.background {
        if args.json {
            out::json(&Working { background })?;
        } else {
            out::line(work(background).as_str())?;
        }
    }
    let wanting = |s: &SourceStatus| s.state().is_ill() || s.state() == HealthState::Silent;
    Ok(if status.sources.iter().any(wanting) { Done::SomeFailed } else { Done::Fine })
}

fn text(status: &SourceStatus) -> String {
    let when =
        |t: Option<DateTime<Utc>>| t.map_or_else(|| "never".to_owned(), |t| t.format("%Y-%m-%d %H:%M:%S").to_string());
    let health = match &status.health {
        None => "not polled yet".to_owned(),
        Some(h) if h.state == HealthState::Ok => "ok".to_owned(),
        Some(h) => {
            format!("{} since {}: {}", h.state, when(Some(h.since)), h.error.as_deref().unwrap_or_default())
        }
    };
    let SourceStatus { source, polls, not_modified, articles, .. } = status;
    let entries = status.entries.map(|n| format!(", usually {n} entries")).unwrap_or_default();
    let mut text = format!(
        "{source}: {health}; polled {} ({polls} polls, {not_modified} unchanged), next {}; {articles} articles{entries}",
        when(status.last_polled),
        when(status.next_due)
    );
    if let Some(block) = &status.proposal {
        text.push_str("\n  this would read its list again:\n");
        text.extend(block.lines().map(|line| format!("    {line}\n")));
        text.truncate(text.trim_end().len());
    }
    text
}

fn work(background: &Background) -> String {
    match background {
        Background::Search => "in the background: older stories are taken in for the search".to_owned(),
        Background::Feed(slug) => format!("in the background: feed `{slug}` asks all stories its new query"),
        Background::Tags => "in the background: stored articles get their tags anew".to_owned(),
    }
}
