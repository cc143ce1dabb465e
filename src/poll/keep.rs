//! The storing half of a poll: articles, validators, health and the time of the next one, together.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::habit::Habit;
use super::timing::{self, Asked};
use super::verdict::{Got, Verdict};
use super::{Ended, Gathered, PollError, Poller, Report, Source, decide, health, moves};
use crate::extract::Template;
use crate::fetch::Freshness;
use crate::model::{Article, ArticleId, Document, Health, HealthState, Intent, Known, StateChange, Validators};
use crate::schedule::{Due, Failure, Outcome as Pace, Why};
use crate::store::{Applied, Batch, PollRecord, SourceState, StoreError, Told};
use crate::text::{Shingles, head};

/// Notes that are kept of a document, and the most characters of each.
const MOST_NOTES: usize = 12;
const LONGEST_NOTE: usize = 240;
/// After so long an address where nothing stands counts as gone.
const GIVEN_UP: TimeDelta = TimeDelta::days(14);

/// What counts for the time of the next poll, but for what is new.
struct Timing<'a> {
    source: &'a Source,
    before: &'a SourceState,
    /// How often it has failed, where its answer broke off.
    failures: Option<u32>,
    ill: bool,
    waiting: usize,
    asked: Asked,
    now: DateTime<Utc>,
}

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
        let entries = gathered.entries;
        let taken = gathered.told.values().filter(|told| told.skipped.is_none()).count();
        // What was cut off, or read elsewhere than where the source is asked next, says nothing of what is usual there. What has
        // never come otherwise is usual all the same.
        let cut_off = gathered.reading.cut_off && state.usual_entries.is_some();
        let broken_off = document.broken_off.as_deref();
        let partial = document.delta || gathered.provisional || cut_off || broken_off.is_some();
        let (waiting, timeout) = (gathered.waiting, self.client.timeout());
        let got = Got { entries, taken, waiting, partial, broken_off, freshness, timeout };
        let verdict = Verdict::of_document(source, state, &got, now);
        let (error, whole) = (verdict.error(), verdict.whole && !gathered.provisional);
        let failures = verdict.health.failures;
        let health_state = verdict.health.state;
        let judged = self.judged(source, state, &verdict, error.as_ref().map(|_| document)).await;
        let new_state = SourceState {
            validators: match whole {
                // What it was known by before it was cut off brings the whole of it. Cut off twice at the same place, it is
                // like that.
                _ if broken_off.is_some() => state.validators.clone(),
                true if gathered.reading.cut_off => state.validators.clone(),
                true => document.validators.clone(),
                false => Validators::default(),
            },
            body_hash: if broken_off.is_some() { state.body_hash } else { whole.then_some(body_hash) },
            asks: timing::asked(&gathered.reading.head),
            last_polled: Some(now),
            polls: state.polls + 1,
            notes: bounded(&gathered.reading.notes),
            missing_since: None,
            ..judged
        };
        let asked = Asked { fresh_for: freshness.asked_to_wait, ..Asked::default() };
        let failures = broken_off.map(|_| failures);
        let timing = Timing { source, before: state, failures, ill: error.is_some(), waiting, asked, now };
        let dated: Vec<_> = gathered.arrived.iter().map(|(_, dated)| *dated).collect();
        let (new_state, mut due) = self.timed(&timing, new_state, &dated, gathered.all_new);
        let new_state = self.announced(source, state, new_state, verdict.habit, now);
        let told = told(&new_state);
        let applied = self.apply(source, new_state, gathered.articles, gathered.told, gathered.template, now).await?;
        let is_new = |(id, dated): &(ArticleId, _)| applied.arrived.contains(id).then_some(*dated);
        let really: Vec<_> = gathered.arrived.iter().filter_map(is_new).collect();
        if really.len() < dated.len() {
            // Under new ids came what was known: that nobody could tell before it was compared.
            let stored = self.store.source_state(&source.name).await?;
            let (corrected, later) = self.timed(&timing, stored, &really, false);
            self.store.record_poll(source.name.clone(), corrected).await?;
            due = later;
        }
        Ok(Report {
            error,
            entries,
            inserted: applied.inserted,
            joined: applied.joined,
            revised: applied.revised,
            waiting: gathered.waiting,
            notes: gathered.reading.notes,
            next_due: Some(due.at),
            why: Some(due.why),
            told,
            ..Report::of(source, Ended::Read, health_state)
        })
    }

    /// When a source is asked next, where these entries are new and each says when it appeared.
    fn timed(
        &self,
        timing: &Timing<'_>,
        state: SourceState,
        arrived: &[Option<DateTime<Utc>>],
        all_new: bool,
    ) -> (SourceState, Due) {
        let Timing { source, before, failures, ill, waiting, asked, now } = *timing;
        let mut rhythm = timing::rhythm(Some(before));
        rhythm.observe(arrived, now);
        let pace = match (failures, waiting) {
            (Some(failures), _) => Pace::Failed { failures, failure: Failure::Passing },
            (None, 0) if ill || arrived.is_empty() => Pace::Unchanged,
            (None, 0) if all_new && before.usual_entries.is_some() => Pace::AllNew,
            (None, 0) => Pace::Changed,
            _ => Pace::Waiting,
        };
        let last_new = if arrived.is_empty() { before.last_new } else { Some(now) };
        let state = SourceState { rhythm: timing::written(&rhythm), last_new, ..state };
        let due = self.due(source, &state, &rhythm, pace, asked);
        (planned(state, due), due)
    }

    pub(super) async fn apply(
        &self,
        source: &Source,
        state: SourceState,
        articles: Batch,
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

    /// Notes a poll that found what was there before. `stored`: what is remembered of the source; `before`: that, with what the
    /// answer says of the next time; `habit`: what is usual for it.
    pub(super) async fn unchanged(
        &self,
        source: &Source,
        stored: &SourceState,
        before: &mut SourceState,
        habit: Habit,
        (ended, freshness): (Ended, &Freshness),
    ) -> Result<Report, StoreError> {
        self.weigh_move_again(source, before, freshness.moved.as_ref()).await?;
        let (before, now) = (&*before, self.clock.now());
        let mut rhythm = timing::rhythm(Some(before));
        rhythm.observe(&[], now);
        let verdict = Verdict::unchanged(source, before, habit, freshness, self.client.timeout(), now);
        let (health_state, error) = (verdict.health.state, verdict.error());
        let state = SourceState {
            rhythm: timing::written(&rhythm),
            last_polled: Some(now),
            polls: before.polls + 1,
            not_modified: before.not_modified + 1,
            missing_since: None,
            ..self.judged(source, before, &verdict, None).await
        };
        let asked = Asked { fresh_for: freshness.asked_to_wait, ..Asked::default() };
        let due = self.due(source, &state, &rhythm, Pace::Unchanged, asked);
        let state = self.announced(source, before, planned(state, due), verdict.habit, now);
        let told = told(&state);
        self.store.record_again(source.name.clone(), stored, state).await?;
        let (next_due, why) = (Some(due.at), Some(due.why));
        Ok(Report { error, next_due, why, told, ..Report::of(source, ended, health_state) })
    }

    /// Puts a source off without asking it: others of its host did not get through.
    pub(super) async fn put_off(
        &self,
        source: &Source,
        state: &SourceState,
        until: DateTime<Utc>,
    ) -> Result<Report, StoreError> {
        let due = Due { at: until, why: Why::Circuit };
        self.store.postpone(source.name.clone(), due.at, timing::written(&due.why)).await?;
        tracing::debug!(source.name = %source.name, "{}: put off, nobody gets through to its host", source.name);
        let health = state.health.as_ref().map_or(HealthState::Ok, |health| health.state);
        let (next_due, why) = (Some(due.at), Some(due.why));
        Ok(Report { next_due, why, ..Report::of(source, Ended::PutOff, health) })
    }

    pub(super) async fn failed(
        &self,
        source: &Source,
        state: SourceState,
        error: &PollError,
        took: Duration,
    ) -> Result<Report, StoreError> {
        let now = self.clock.now();
        let (health_state, retry_after) = health::of(error);
        let said = health::said(source, error);
        // Nothing has stood there for so long that it will not come back.
        let missing_since = state.missing_since.or_else(|| health::is_missing(error).then_some(now));
        let given_up = health::is_missing(error) && missing_since.is_some_and(|since| now - since >= GIVEN_UP);
        let health_state = if given_up { HealthState::Gone } else { health_state };
        let health = health::after(state.health.as_ref(), health_state, Some(said.clone()), now);
        // A feed that was found on a page, or that had moved, and is no longer there is looked for again, as if the source
        // were new.
        let lost = self.rules.moves.is_lost(&state, error, &health, now);
        let failures = if lost { 1 } else { health.failures };
        let failure = match health::failure(error) {
            Failure::Gone | Failure::Missing if lost => Failure::Passing,
            Failure::Missing if given_up => Failure::Gone,
            failure => failure,
        };
        let health = Health { failures, ..health };
        let mut verdict = Verdict { health, habit: Habit::of(&state), usual: state.usual_entries, whole: false };
        verdict.habit.speed = self.client.speed(&moves::address(source, &state));
        // What the feed was known by says nothing of the page.
        let before = if lost {
            (verdict.habit, verdict.usual) = (verdict.habit.at_another_address(), None);
            moves::back(state)
        } else {
            state
        };
        let moving = match error {
            PollError::StandsIn { moving, .. } if !lost => moving.clone(),
            _ => before.moving.clone(),
        };
        let page = match error {
            PollError::List(_, page) => Some(&**page),
            _ => None,
        };
        let state = SourceState {
            last_polled: Some(now),
            polls: before.polls + 1,
            missing_since: missing_since.filter(|_| !lost),
            moving,
            ..self.judged(source, &before, &verdict, page).await
        };
        let asked = Asked { retry_after, took, ..Asked::default() };
        let due = self.due(source, &state, &timing::rhythm(Some(&state)), Pace::Failed { failures, failure }, asked);
        let state = self.announced(source, &before, planned(state, due), verdict.habit, now);
        let told = told(&state);
        self.store.record_poll(source.name.clone(), state).await?;
        let (next_due, why) = (Some(due.at), Some(due.why));
        Ok(Report { error: Some(said), next_due, why, told, ..Report::of(source, Ended::Failed, health_state) })
    }
}

/// What is told with a poll.
fn told(state: &SourceState) -> Option<StateChange> {
    state.announce.as_ref().map(|announcement| announcement.change.clone())
}

/// The notes of a document, as many as are kept.
fn bounded(notes: &[String]) -> Vec<String> {
    notes.iter().take(MOST_NOTES).map(|note| head(note, LONGEST_NOTE).to_owned()).collect()
}

/// A state with the time of the next poll.
fn planned(state: SourceState, due: Due) -> SourceState {
    SourceState { next_due: Some(due.at), why: timing::written(&due.why), ..state }
}
