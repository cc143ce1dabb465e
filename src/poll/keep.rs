//! The storing half of a poll: articles, validators, health and the time of the next one, together.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::habit::Habit;
use super::verdict::{Got, Verdict};
use super::{Ended, Gathered, PollError, Poller, Report, Source, decide, health};
use crate::extract::Template;
use crate::fetch::Freshness;
use crate::model::{Article, ArticleId, Document, Health, Intent, Known, Reading, StateChange, Validators};
use crate::schedule::{self, Outcome as Pace, Rhythm};
use crate::store::{Applied, PollRecord, SourceState, StoreError, Told};
use crate::text::Shingles;

/// Notes that are kept of a document, and the most characters of each.
const MOST_NOTES: usize = 12;
const LONGEST_NOTE: usize = 240;
/// The status of what is new since an earlier answer, and no more (RFC 3229).
const DELTA: u16 = 226;

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
        let mut rhythm = rhythm(state);
        let taken = gathered.told.values().filter(|told| told.skipped.is_none()).count();
        rhythm.observe(taken, now);
        let partial = document.status == DELTA;
        let (waiting, timeout) = (gathered.waiting, self.client.timeout());
        let got = Got { entries, taken, waiting, partial, freshness, timeout };
        let verdict = Verdict::of_document(source, state, &got, now);
        let (error, whole) = (verdict.error(), verdict.whole);
        let pace = if error.is_some() { Pace::Unchanged } else { Pace::Changed };
        let mut next =
            schedule::next(&source.schedule, &rhythm, pace, wait(freshness, &gathered.reading), fastrand::f64(), now);
        if gathered.waiting > 0 {
            next = next.min(now + source.schedule.shortest);
        }
        let discovered = (document.requested != source.url).then(|| document.requested.to_string());
        let health_state = verdict.health.state;
        let judged = self.judged(source, state, verdict, error.as_ref().map(|_| document)).await;
        let new_state = SourceState {
            validators: if whole { document.validators.clone() } else { Validators::default() },
            body_hash: whole.then_some(body_hash),
            rhythm: written(&rhythm),
            next_due: Some(next),
            last_polled: Some(now),
            last_new: if taken == 0 { state.last_new } else { Some(now) },
            polls: state.polls + 1,
            feed_url: discovered,
            notes: bounded(&gathered.reading.notes),
            ..judged
        };
        let new_state = self.announced(source, state, new_state, now);
        let told = told(&new_state);
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
            told,
        })
    }

    async fn apply(
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
        let verdict = Verdict::unchanged(source, &state, freshness, self.client.timeout(), now);
        let (health_state, error) = (verdict.health.state, verdict.error());
        let before = state;
        let state = SourceState {
            rhythm: written(&rhythm),
            next_due: Some(next),
            last_polled: Some(now),
            polls: before.polls + 1,
            not_modified: before.not_modified + 1,
            ..self.judged(source, &before, verdict, None).await
        };
        let state = self.announced(source, &before, state, now);
        let told = told(&state);
        self.store.record_poll(source.name.clone(), state).await?;
        Ok(Report {
            source: source.name.clone(),
            ended,
            health: health_state,
            error,
            entries: 0,
            inserted: 0,
            joined: 0,
            revised: 0,
            waiting: 0,
            notes: Vec::new(),
            next_due: Some(next),
            told,
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
        let said = health::said(error);
        let health = health::after(state.health.as_ref(), health_state, Some(said.clone()), now);
        let pace = Pace::Failed { failures: health.failures, failure: health::failure(error) };
        let rhythm = rhythm(&state);
        let next = schedule::next(&source.schedule, &rhythm, pace, asked, fastrand::f64(), now);
        // A feed that was found on a page and is no longer there is looked for again, as if the source were new.
        let lost = state.feed_url.is_some() && health::is_lost(error);
        let health = Health { failures: if lost { 1 } else { health.failures }, ..health };
        let mut verdict = Verdict { health, habit: Habit::of(&state), usual: state.usual_entries, whole: false };
        // What the feed was known by says nothing of the page.
        let state = if lost {
            let validators = Validators::default();
            (verdict.habit, verdict.usual) = (verdict.habit.at_another_address(), None);
            SourceState { feed_url: None, validators, body_hash: None, ..state }
        } else {
            state
        };
        let page = match error {
            PollError::List(_, page) => Some(&**page),
            _ => None,
        };
        let before = state;
        let state = SourceState {
            next_due: Some(next),
            last_polled: Some(now),
            polls: before.polls + 1,
            ..self.judged(source, &before, verdict, page).await
        };
        let state = self.announced(source, &before, state, now);
        let told = told(&state);
        self.store.record_poll(source.name.clone(), state).await?;
        Ok(Report {
            source: source.name.clone(),
            ended: Ended::Failed,
            health: health_state,
            error: Some(said),
            entries: 0,
            inserted: 0,
            joined: 0,
            revised: 0,
            waiting: 0,
            notes: Vec::new(),
            next_due: Some(next),
            told,
        })
    }
}

/// What is told with a poll.
fn told(state: &SourceState) -> Option<StateChange> {
    state.announce.as_ref().map(|announcement| announcement.change.clone())
}

/// The notes of a document, as many as are kept.
fn bounded(notes: &[String]) -> Vec<String> {
    notes.iter().take(MOST_NOTES).map(|note| note.chars().take(LONGEST_NOTE).collect()).collect()
}

/// What is known of a source's rhythm; what cannot be read back is learnt anew.
fn rhythm(state: &SourceState) -> Rhythm {
    serde_json::from_value(state.rhythm.clone()).unwrap_or_default()
}

fn written(rhythm: &Rhythm) -> serde_json::Value {
    serde_json::to_value(rhythm).unwrap_or_default()
}

/// How long the answer and the document ask to be left alone; the longer counts.
fn wait(freshness: &Freshness, reading: &Reading) -> Option<Duration> {
    let ttl = reading.head.ttl_minutes.map(|m| Duration::from_secs(m.saturating_mul(60)));
    freshness.asked_to_wait.max(ttl)
}
