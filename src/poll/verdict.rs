//! What a poll says of its source: how it is doing, against what is usual for it, and what is to be told of that.

use std::time::Duration;

use chrono::{DateTime, Utc};
use url::Url;

use super::habit::Habit;
use super::{Poller, Source, health};
use crate::fetch::Freshness;
use crate::model::{Document, Health, HealthState};
use crate::store::SourceState;
use crate::text::excerpt;

/// What a poll got.
pub(super) struct Got<'a> {
    /// Entries in the document, new or changed ones among them, and those whose pages were not read yet.
    pub(super) entries: usize,
    pub(super) taken: usize,
    pub(super) waiting: usize,
    /// Whether it is a part of what there is only, and has fewer entries by nature.
    pub(super) partial: bool,
    /// Why its answer ended before its end, where it did.
    pub(super) broken_off: Option<&'a str>,
    pub(super) freshness: &'a Freshness,
    /// How long an answer may take.
    pub(super) timeout: Duration,
}

/// How a source is doing after a poll.
pub(super) struct Verdict {
    pub(super) health: Health,
    pub(super) habit: Habit,
    /// How many entries there usually are.
    pub(super) usual: Option<u32>,
    /// Whether the document is done with: it need not be read again.
    pub(super) whole: bool,
}

impl Verdict {
    /// Of a document that could be read.
    pub(super) fn of_document(source: &Source, before: &SourceState, got: &Got<'_>, now: DateTime<Utc>) -> Self {
        let (entries, usual) = (got.entries, before.usual_entries);
        let mut habit = Habit::of(before);
        let slow = habit.answered(got.freshness, got.timeout);
        if got.taken > 0 {
            habit.news(before, now);
        }
        let last_new = if got.taken > 0 { Some(now) } else { before.last_new };
        // What the file expects is the contract; else what is usual.
        let expect = source.list.as_ref().and_then(|l| l.expect);
        let short = expect
            .filter(|expect| entries < *expect)
            .map(|expect| format!("{entries} entries, fewer than the {expect} expected: what was published stays"));
        let whole = got.waiting == 0 && short.is_none();
        let by_habit = expect.is_none() && !got.partial;
        let few = by_habit.then(|| habit.too_few(entries, usual, now)).flatten();
        let (state, said) = match (got.broken_off, short.or(few)) {
            (Some(reason), _) => (HealthState::Failing, Some(excerpt(reason, health::LONGEST_ERROR))),
            (None, Some(error)) => (HealthState::Broken, Some(error)),
            (None, None) => well(moved(source, before, got.freshness), habit.silent(last_new, now), slow),
        };
        // Learnt of whole documents only: before there was one, the next pages of a list are read too.
        let learnt = whole && !state.is_ill() && !got.partial;
        let usual = if learnt { Some(habit.whole(entries, usual)) } else { usual };
        Self { health: health::after(before.health.as_ref(), state, said, now), habit, usual, whole }
    }

    /// Of a document that has not changed. Validators and hash are kept only of one that was as it should be, or had fewer
    /// entries than usual.
    pub(super) fn unchanged(
        source: &Source,
        before: &SourceState,
        mut habit: Habit,
        freshness: &Freshness,
        timeout: Duration,
        now: DateTime<Utc>,
    ) -> Self {
        let slow = habit.answered(freshness, timeout);
        let is_low = habit.is_low() && !habit.has_settled(now);
        let low = before.health.as_ref().filter(|h| is_low && h.state == HealthState::Broken);
        let (state, said) = match low.and_then(|h| h.error.clone()) {
            Some(error) => (HealthState::Broken, Some(error)),
            None => {
                habit.confirmed();
                well(moved(source, before, freshness), habit.silent(before.last_new, now), slow)
            }
        };
        let health = health::after(before.health.as_ref(), state, said, now);
        Self { health, habit, usual: before.usual_entries, whole: true }
    }

    /// Why the poll has failed, where it has.
    pub(super) fn error(&self) -> Option<String> {
        self.health.error.clone().filter(|_| self.health.state.is_ill())
    }
}

impl Poller {
    /// The state of a source with what a poll says of it, but for its habit, which is not done with. `page`: the list that could
    /// not be read.
    pub(super) async fn judged(
        &self,
        source: &Source,
        before: &SourceState,
        verdict: &Verdict,
        page: Option<&Document>,
    ) -> SourceState {
        let proposal = match page {
            Some(page) => Box::pin(self.propose(source, page)).await,
            None => None,
        };
        let proposal = proposal.or_else(|| before.proposal.clone()).filter(|_| verdict.health.state.is_ill());
        let health = Some(verdict.health.clone());
        SourceState { health, usual_entries: verdict.usual, proposal, ..before.clone() }
    }

    /// A new state with its habit and what is to be told of it, now that the time of the next poll is known.
    pub(super) fn announced(
        &self,
        source: &Source,
        before: &SourceState,
        after: SourceState,
        mut habit: Habit,
        now: DateTime<Utc>,
    ) -> SourceState {
        let announce = self.announcement(source, before, &mut habit, &after, now);
        SourceState { habit: habit.written(), announce, ..after }
    }
}

/// The state of a source that gave what it should, and what there is to say of it.
fn well(moved: Option<String>, silent: Option<String>, slow: Option<String>) -> (HealthState, Option<String>) {
    match (moved, silent, slow) {
        (Some(where_to), ..) => (HealthState::Moved, Some(where_to)),
        (None, Some(why), _) => (HealthState::Silent, Some(why)),
        (None, None, Some(why)) => (HealthState::Slow, Some(why)),
        (None, None, None) => (HealthState::Ok, None),
    }
}

/// Where a source has moved to, or says that it has, without what may be a secret. A feed that was found on the source's page
/// moves as it likes.
fn moved(source: &Source, before: &SourceState, freshness: &Freshness) -> Option<String> {
    let adopted = before.moved.as_ref().and_then(|moved| Url::parse(&moved.to).ok());
    let said = freshness.moved.clone().filter(|_| before.feed_url.is_none());
    let words = if adopted.is_some() {
        "it has moved for good, and is asked at"
    } else {
        "it says that it has moved for good to"
    };
    let mut to = adopted.or(said)?;
    if source.has_secrets() {
        to.set_query(None);
        to.set_path("");
    }
    Some(format!("{words} {to}"))
}
