//! What a poll did, for the log and the summary.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Source;
use crate::model::{HealthState, SourceName, StateChange};
use crate::schedule::Why;

/// How a poll ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The document was read.
    Read,
    /// The server said that nothing has changed (304).
    NotModified,
    /// The server sent the same bytes again.
    SameBytes,
    /// It failed; what was published stays.
    Failed,
    /// It was not asked: others of its host did not get through.
    PutOff,
}

/// What one poll did, for the log line, the summary and `--json`.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The source.
    pub source: SourceName,
    /// How it ended.
    pub ended: Ended,
    /// Its health after it.
    pub health: HealthState,
    /// What went wrong, for people.
    pub error: Option<String>,
    /// Entries in the document.
    pub entries: usize,
    /// Articles that founded a story.
    pub inserted: usize,
    /// Articles that joined a story as copies.
    pub joined: usize,
    /// Articles whose text really changed.
    pub revised: usize,
    /// Entries whose page could not be read, or not yet: they are tried again.
    pub waiting: usize,
    /// What was odd in the document.
    pub notes: Vec<String>,
    /// When it is due again.
    pub next_due: Option<DateTime<Utc>>,
    /// Why it is due then, and no sooner.
    pub why: Option<Why>,
    /// The change of its state that was told with this poll.
    pub told: Option<StateChange>,
    /// Whether its document offers something else by WebSub than before.
    #[serde(skip)]
    pub offers: bool,
}

impl Report {
    /// Of a poll that brought nothing and said nothing.
    pub(super) fn of(source: &Source, ended: Ended, health: HealthState) -> Self {
        Self {
            source: source.name.clone(),
            ended,
            health,
            error: None,
            entries: 0,
            inserted: 0,
            joined: 0,
            revised: 0,
            waiting: 0,
            notes: Vec::new(),
            next_due: None,
            why: None,
            told: None,
            offers: false,
        }
    }

    /// What to add about pages that were not read; nothing where all were.
    #[must_use]
    pub fn unread(&self) -> String {
        match self.waiting {
            0 => String::new(),
            1 => ", 1 page not read yet".to_owned(),
            n => format!(", {n} pages not read yet"),
        }
    }
}

pub(super) fn log(report: &Report, took: Duration) {
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let Report { source, entries, inserted, joined, revised, waiting, .. } = report;
    match &report.error {
        Some(error) => tracing::warn!(source.name = %source, duration_ms = ms, "{source}: {error}"),
        None if report.ended == Ended::Read => {
            tracing::info!(
                source.name = %source, duration_ms = ms, entries, inserted, joined, revised, waiting,
                "{source}: {entries} entries, {inserted} new, {joined} copies, {revised} revised{}", report.unread()
            );
        }
        None if report.ended == Ended::PutOff => {}
        None => tracing::info!(source.name = %source, duration_ms = ms, "{source}: unchanged"),
    }
    if let Some(StateChange { was, state, error, .. }) = &report.told {
        let why = error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        tracing::warn!(source.name = %source, source.state = %state, "{source}: {state} now, {was} before{why}");
    }
    for note in report.notes.iter().take(3) {
        tracing::debug!(source.name = %source, "{source}: {note}");
    }
}
