//! The storing half of a poll: articles, validators, health and the time of the next one, together.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Ended, Gathered, PollError, Poller, Report, Source, decide, health};
use crate::extract::Template;
use crate::fetch::Freshness;
use crate::model::{Article, ArticleId, Document, Health, HealthState, Intent, Known, Reading, Validators};
use crate::schedule::{self, Outcome as Pace, Rhythm};
use crate::store::{Applied, PollRecord, SourceState, StoreError, Told};
use crate::text::Shingles;

/// Notes that are kept of a document, and the most characters of each.
const MOST_NOTES: usize = 12;
const LONGEST_NOTE: usize = 240;

impl Poller {
    /// Stores what a poll gathered: articles, validators, health and the next time in one transaction.
    pub(super) async fn keep(
        &self,
        source: &Source,
        state: &SourceState,
        document: &Document,
        freshness: &Freshness,
        body_hash: u64,
        gathered: Gathered,
    ) -> Result<Report, PollError> {
        let now = self.clock.now();
        let entries = gathered.reading.entries.len();
        let short = source.list.as_ref().and_then(|l| l.expect).filter(|expect| entries < *expect);
        let error = short
            .map(|expect| format!("{entries} entries, fewer than the {expect} expected: what was published stays"));
        let whole = gathered.waiting == 0 && error.is_none();
        let mut rhythm = rhythm(state);
        let taken = gathered.told.values().filter(|told| told.skipped.is_none()).count();
        rhythm.observe(taken, now);
        let pace = if error.is_some() { Pace::Unchanged } else { Pace::Changed };
        let mut next =
            schedule::next(&source.schedule, &rhythm, pace, wait(freshness, &gathered.reading), fastrand::f64(), now);
        if gathered.waiting > 0 {
            next = next.min(now + source.schedule.shortest);
        }
        let discovered = (document.requested != source.url).then(|| document.requested.to_string());
        let health_state = if error.is_some() { HealthState::Broken } else { HealthState::Ok };
        let new_state = SourceState {
            validators: if whole { document.validators.clone() } else { Validators::default() },
            body_hash: whole.then_some(body_hash),
            health: Some(health::after(state.health.as_ref(), health_state, error.clone(), now)),
            rhythm: written(&rhythm),
            next_due: Some(next),
            last_polled: Some(now),
            last_new: if taken == 0 { state.last_new } else { Some(now) },
            // Learnt of whole documents only: before there was one, the next pages of a list are read too.
            usual_entries: if whole { u32::try_from(entries).ok() } else { state.usual_entries },
            polls: state.polls + 1,
            feed_url: discovered,
            notes: bounded(&gathered.reading.notes),
            ..state.clone()
        };
        let applied = self.apply(source, new_state, gathered.articles, gathered.told, gathered.template, now).await?;
        Ok(Report {
            source: source.name.clone(),
            ended: Ended::Read,
            health: health_state,
            error,
            entries,
            inserted: applied.inserted,
            joined: applied.joined,
            revised: applied.revised,
            waiting: gathered.waiting,
            notes: gathered.reading.notes,
            next_due: Some(next),
            offers: false,
        })
    }

    pub(super) async fn apply(
        &self,
        source: &Source,
        state: SourceState,
        articles: Vec<Article>,
        told: HashMap<ArticleId, Told>,
        template: Option<Template>,
        now: DateTime<Utc>,
    ) -> Result<Applied, StoreError> {
        let skipped: HashMap<ArticleId, String> =
            told.iter().filter_map(|(id, told)| Some((id.clone(), told.skipped.clone()?))).collect();
        let (source, tagged_by) = (source.name.clone(), self.tagged_by);
        let record = PollRecord { source, state, articles, told, template, tagged_by, now };
        let mut decide = decide(self.rules.dedup);
        let decide = move |article: Article, shingles: &Shingles, known: &Known| match skipped.get(&article.id) {
            Some(why) => Intent::Skip { id: article.id, why: why.clone() }.into(),
            None => decide(article, shingles, known),
        };
        self.store.apply(record, Box::new(decide)).await
    }

    pub(super) async fn unchanged(
        &self,
        source: &Source,
        state: SourceState,
        ended: Ended,
        freshness: &Freshness,
    ) -> Result<Report, StoreError> {
        let now = self.clock.now();
        let mut rhythm = rhythm(&state);
        rhythm.observe(0, now);
        let next =
            schedule::next(&source.schedule, &rhythm, Pace::Unchanged, freshness.asked_to_wait, fastrand::f64(), now);
        // Validators and hash are only ever kept of a document that was whole: it is back.
        let state = SourceState {
            health: Some(health::after(state.health.as_ref(), HealthState::Ok, None, now)),
            rhythm: written(&rhythm),
            next_due: Some(next),
            last_polled: Some(now),
            polls: state.polls + 1,
            not_modified: state.not_modified + 1,
            ..state
        };
        self.store.record_poll(source.name.clone(), state).await?;
        Ok(Report {
            source: source.name.clone(),
            ended,
            health: HealthState::Ok,
            error: None,
            entries: 0,
            inserted: 0,
            joined: 0,
            revised: 0,
            waiting: 0,
            notes: Vec::new(),
            next_due: Some(next),
            offers: false,
        })
    }

    pub(super) async fn failed(
        &self,
        source: &Source,
        state: SourceState,
        error: &PollError,
    ) -> Result<Report, StoreError> {
        let now = self.clock.now();
        let (health_state, asked) = health::of(error);
        let health = health::after(state.health.as_ref(), health_state, Some(error.to_string()), now);
        let pace = Pace::Failed { failures: health.failures, failure: health::failure(error) };
        let rhythm = rhythm(&state);
        let next = schedule::next(&source.schedule, &rhythm, pace, asked, fastrand::f64(), now);
        // A feed that was found on a page and is no longer there is looked for again, as if the source were new.
        let lost = state.feed_url.is_some() && health::is_lost(error);
        let health = Health { failures: if lost { 1 } else { health.failures }, ..health };
        // What the feed was known by says nothing of the page.
        let state = if lost {
            let validators = Validators::default();
            SourceState { feed_url: None, validators, body_hash: None, usual_entries: None, ..state }
        } else {
            state
        };
        let state = SourceState {
            health: Some(health),
            next_due: Some(next),
            last_polled: Some(now),
            polls: state.polls + 1,
            ..state
        };
        self.store.record_poll(source.name.clone(), state).await?;
        Ok(Report {
            source: source.name.clone(),
            ended: Ended::Failed,
            health: health_state,
            error: Some(error.to_string()),
            entries: 0,
            inserted: 0,
            joined: 0,
            revised: 0,
            waiting: 0,
            notes: Vec::new(),
            next_due: Some(next),
            offers: false,
        })
    }
}

/// The notes of a document, as many as are kept.
fn bounded(notes: &[String]) -> Vec<String> {
    notes.iter().take(MOST_NOTES).map(|note| note.chars().take(LONGEST_NOTE).collect()).collect()
}

/// What is known of a source's rhythm; what cannot be read back is learnt anew.
pub(super) fn rhythm(state: &SourceState) -> Rhythm {
    serde_json::from_value(state.rhythm.clone()).unwrap_or_default()
}

pub(super) fn written(rhythm: &Rhythm) -> serde_json::Value {
    serde_json::to_value(rhythm).unwrap_or_default()
}

/// How long the answer and the document ask to be left alone; the longer counts.
fn wait(freshness: &Freshness, reading: &Reading) -> Option<Duration> {
    let ttl = reading.head.ttl_minutes.map(|m| Duration::from_secs(m.saturating_mul(60)));
    freshness.asked_to_wait.max(ttl)
}
