//! What a hub delivers goes the way of what is fetched, and what that means for the polls beside it.

use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::habit::Habit;
use super::timing;
use super::{Ended, PollError, Poller, Report, Source, follow, make, report, why};
use crate::fetch::{Client, Freshness, Held};
use crate::model::{Document, HealthState, Offer, Reading, Validators};
use crate::store::{SourceState, StoreError};
use crate::websub;

/// Whether all that is new should have been delivered before a poll at this time.
fn is_check(before: &SourceState, now: DateTime<Utc>) -> bool {
    before.pushed.is_some_and(|pushed| pushed.until > now && before.last_polled.is_some_and(|p| p > pushed.since))
}

/// What a source offers after it was read: what its document says; else what the page says that led there. What the page
/// said stays, as long as the feed that was found on it is read without it.
pub(super) fn offer(state: &SourceState, first: &Document, document: &Document, reading: &Reading) -> Option<Offer> {
    let found = websub::offer(document, Some(reading));
    let led = || if first.url == document.url { None } else { websub::offer(first, None) };
    let kept = || state.offer.clone().filter(|offer| state.feed_url.is_some() && offer.at != document.url.as_str());
    found.or_else(led).or_else(kept)
}

impl Poller {
    /// The client that polls; hubs are asked by it too.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What a poll means beside a hub that delivers: what it finds should have been delivered, and then the hub is trusted no
    /// more; where it finds nothing, the next poll is a day away.
    pub(super) async fn beside_hub(
        &self,
        source: &Source,
        before: &SourceState,
        report: Report,
    ) -> Result<Report, StoreError> {
        if before.pushed.is_none() {
            return Ok(report);
        }
        if report.inserted + report.joined > 0 && is_check(before, self.clock.now()) {
            self.store.doubt(source.name.clone()).await?;
            return Ok(report);
        }
        let next_due = self.store.source_state(&source.name).await?.due();
        Ok(Report { next_due, ..report })
    }

    /// Takes in a document that a hub delivered: read, looked up, cleaned, tagged and stored as a fetched one. Only what it
    /// holds counts: entries that it leaves out are not gone, a short one breaks no contract, and validators, health and the
    /// time of the next poll stay as the last poll left them. Nothing else may poll the source meanwhile.
    ///
    /// # Errors
    /// Only when the store fails; a document that cannot be read stands in the report, and its hub is trusted no more.
    pub async fn deliver(&self, source: &Source, document: Document) -> Result<Report, StoreError> {
        let started = std::time::Instant::now();
        let state = self.of_its_address(source, self.store.source_state(&source.name).await?);
        let report = match self.take(source, &state, document).await {
            Ok(report) => {
                if state.pushed.is_none() && report.entries > 0 {
                    self.store.trust(source.name.clone(), self.clock.now()).await?;
                }
                report
            }
            Err(PollError::Store(error)) if !error.is_of_what_was_given() => return Err(error),
            Err(error) => {
                self.store.doubt(source.name.clone()).await?;
                let error = Some(format!("what its hub delivered: {error}"));
                Report { ended: Ended::Failed, error, next_due: state.next_due, ..untouched(source, &state) }
            }
        };
        report::log(&report, started.elapsed());
        Ok(report)
    }

    async fn take(&self, source: &Source, state: &SourceState, document: Document) -> Result<Report, PollError> {
        let read = (document, Freshness::default(), Held::default());
        let (mut document, _, reading, in_work) = follow::read(self, source, state, read).await?;
        document.body = Bytes::new();
        let named = make::named(source, &reading, &document.url);
        let gathered = self.gather(&named, &document, reading, in_work, false).await?;
        let now = self.clock.now();
        let taken = gathered.told.values().filter(|told| told.skipped.is_none()).count();
        let mut rhythm = timing::rhythm(Some(state));
        let dated: Vec<_> = gathered.arrived.iter().map(|(_, dated)| *dated).collect();
        rhythm.observe(&dated, now);
        let mut habit = Habit::of(state);
        if taken > 0 {
            habit.news(state, now);
        }
        let mut new_state = SourceState {
            rhythm: timing::written(&rhythm),
            habit: habit.written(),
            last_new: if taken == 0 { state.last_new } else { Some(now) },
            ..state.clone()
        };
        if gathered.waiting > 0 {
            // Their pages are tried at the next poll, which must then see the whole document.
            let soon = now + source.schedule.shortest;
            new_state.validators = Validators::default();
            new_state.body_hash = None;
            new_state.next_due = Some(new_state.next_due.map_or(soon, |due| due.min(soon)));
        }
        let next_due = new_state.due();
        let (entries, waiting, notes) = (gathered.entries, gathered.waiting, gathered.reading.notes.clone());
        let articles = gathered.articles.of_news_alone();
        let applied = self.apply(source, new_state, articles, gathered.told, gathered.template, now).await?;
        Ok(Report {
            entries,
            inserted: applied.inserted,
            joined: applied.joined,
            revised: applied.revised,
            waiting,
            notes,
            next_due,
            ..untouched(source, state)
        })
    }
}

/// The report of a delivery that changed nothing.
fn untouched(source: &Source, state: &SourceState) -> Report {
    let health = state.health.as_ref().map_or(HealthState::Ok, |health| health.state);
    Report { next_due: state.due(), why: why(state), ..Report::of(source, Ended::Read, health) }
}
