//! What a source usually does: how many entries its document has, how long it pauses, how fast it answers. What is far from
//! it is its state.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::alarm::Alarm;
use super::timing;
use crate::fetch::{Freshness, Speed};
use crate::store::SourceState;

/// Documents after which it is known how many entries there usually are, and the fewest entries that are a habit.
const LEARNT_DOCUMENTS: u32 = 3;
const LEAST_USUAL: u32 = 6;
/// Where there were so many, that there are none is told after the first document.
const LEAST_ANY: u32 = 2;
/// Fewer than the usual by this factor is no habit any more.
const FEWER: u32 = 3;
/// What lasts so long has become the habit; that there is nothing at all never does.
const ACCEPTED: TimeDelta = TimeDelta::days(7);
/// What passed by itself so often belongs to the habit.
const PASSED: u32 = 2;
/// Pauses after which it is known how long they are, and hours that are never too long.
const LEARNT_PAUSES: u32 = 6;
const LEAST_SILENCE: f64 = 72.0;
/// A pause is too long that is so many times the longest, and lies so many deviations above the mean: of pauses of any length,
/// as a random process has them, one in eight thousand does.
const LONGER: f64 = 2.0;
const DEVIATIONS: f64 = 8.0;
/// How much the newest pause and the newest answer weigh, and what is left of the longest pause after each further one.
const NEWEST_PAUSE: f64 = 0.15;
const NEWEST_ANSWER: f64 = 0.1;
const LONGEST_LEFT: f64 = 0.98;
/// A pause in which nobody looked for so long tells nothing.
const UNWATCHED: TimeDelta = TimeDelta::days(2);
/// Of one answer no more is learnt than so many times the usual.
const MOST_LEARNT: f64 = 2.0;
/// Answers after which it is known how fast they come, what is never slow, and how many times the usual is.
const LEARNT_ANSWERS: u32 = 5;
const NEVER_SLOW: f64 = 3.0;
const SLOWER: f64 = 8.0;
const HOUR: f64 = 3600.0;

/// What was learnt of a source, and what was told of it. Kept with its state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Habit {
    /// Whole documents that were read.
    documents: u32,
    /// While there are fewer entries than usual: since when, and how few at the least.
    low: Option<(DateTime<Utc>, u32)>,
    /// How often there were too few and it passed by itself, and the fewest there were.
    passed: u32,
    fewest: u32,
    /// Pauses that were watched, the mean of the last ones and their variance in hours, and the longest.
    pauses: u32,
    pause: f64,
    variance: f64,
    longest: f64,
    /// Answers, and how many seconds they usually take.
    answers: u32,
    takes: f64,
    /// How fast it answered when it was last asked, or what kept it from that.
    pub(super) speed: Speed,
    /// What was told of its state.
    pub(super) alarm: Alarm,
}

impl Habit {
    /// What is known of a source; what cannot be read back is learnt anew.
    pub(super) fn of(state: &SourceState) -> Self {
        timing::read(&state.habit).unwrap_or_default()
    }

    pub(super) fn written(&self) -> String {
        timing::written(self)
    }

    /// Forgets what belongs to the address that a source had before.
    pub(super) fn at_another_address(self) -> Self {
        Self { alarm: self.alarm, ..Self::default() }
    }

    /// Why a whole document with so many entries is not what is usual; `None` where it is. `usual`: as many as there usually
    /// are.
    pub(super) fn too_few(&mut self, entries: usize, usual: Option<u32>, now: DateTime<Utc>) -> Option<String> {
        let entries = u32::try_from(entries).unwrap_or(u32::MAX);
        let usual = usual.filter(|usual| *usual > 0 && self.documents > 0)?;
        let none = entries == 0 && (usual >= LEAST_ANY || self.documents >= LEARNT_DOCUMENTS);
        let few = self.documents >= LEARNT_DOCUMENTS && usual >= LEAST_USUAL;
        let few = few && entries.saturating_mul(FEWER) < usual;
        let habit = self.passed >= PASSED && entries >= self.fewest;
        if habit || !(none || few) {
            return None;
        }
        let (since, fewest) = self.low.map_or((now, entries), |(since, fewest)| (since, fewest.min(entries)));
        self.low = Some((since, fewest));
        if entries > 0 && self.has_settled(now) {
            return None;
        }
        Some(match entries {
            0 => format!("no entries, usually {usual}: what was published stays"),
            1 => format!("1 entry, usually {usual}: what was published stays"),
            n => format!("{n} entries, usually {usual}: what was published stays"),
        })
    }

    /// Whether the last document that was read had too few entries: one that has not changed since has them still.
    pub(super) fn is_low(&self) -> bool {
        self.low.is_some()
    }

    /// Whether there have been too few for so long that it is what is usual from now on; how many there are is learnt anew.
    pub(super) fn has_settled(&mut self, now: DateTime<Utc>) -> bool {
        let settled = self.low.is_some_and(|(since, fewest)| fewest > 0 && now - since >= ACCEPTED);
        if settled {
            (self.documents, self.low) = (0, None);
        }
        settled
    }

    /// Takes in that the document is still what it was: that confirms how many entries there usually are.
    pub(super) fn confirmed(&mut self) {
        if self.documents > 0 && self.low.is_none() {
            self.documents = self.documents.saturating_add(1).min(self.documents.max(LEARNT_DOCUMENTS));
        }
    }

    /// Takes in a whole document that has what it should; gives how many entries there usually are.
    pub(super) fn whole(&mut self, entries: usize, usual: Option<u32>) -> u32 {
        let entries = u32::try_from(entries).unwrap_or(u32::MAX);
        if let Some((_, fewest)) = self.low.take() {
            self.fewest = if self.passed == 0 { fewest } else { self.fewest.min(fewest) };
            self.passed = self.passed.saturating_add(1);
        }
        self.documents = self.documents.saturating_add(1);
        match usual.filter(|_| self.documents > 1) {
            // A quarter of the way towards it, and at least one.
            Some(usual) if entries > usual => usual + (entries - usual).div_ceil(4),
            Some(usual) => usual - (usual - entries).div_ceil(4),
            None => entries,
        }
    }

    /// Takes in that there is something new. `before`: how the source was when it was last asked.
    pub(super) fn news(&mut self, before: &SourceState, now: DateTime<Utc>) {
        let well = before.health.as_ref().is_none_or(|h| !h.state.is_ill());
        let watched = before.last_polled.is_some_and(|polled| now - polled < UNWATCHED);
        let Some(pause) = before.last_new.map(|new| hours(new, now)).filter(|_| well && watched) else { return };
        self.pauses = self.pauses.saturating_add(1);
        if self.pauses == 1 {
            (self.pause, self.longest) = (pause, pause);
            return;
        }
        // West (1979): mean and variance that forget.
        let off = pause - self.pause;
        self.pause += NEWEST_PAUSE * off;
        self.variance = (1.0 - NEWEST_PAUSE) * (self.variance + NEWEST_PAUSE * off * off);
        self.longest = pause.max(self.longest * LONGEST_LEFT);
    }

    /// Why there should have been something new by now; `None` where there need not.
    pub(super) fn silent(&self, last_new: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<String> {
        let last_new = last_new.filter(|_| self.pauses >= LEARNT_PAUSES)?;
        let improbable = self.pause + DEVIATIONS * self.variance.max(0.0).sqrt();
        let most = LEAST_SILENCE.max(self.longest * LONGER).max(improbable);
        let day = last_new.format("%Y-%m-%d");
        (hours(last_new, now) > most)
            .then(|| format!("nothing new since {day}; its longest pause was {}", span(self.longest)))
    }

    /// Takes in how fast an answer was; why that is slow, where it is. `most`: as long as one may take.
    pub(super) fn answered(&mut self, fresh: &Freshness, most: Duration) -> Option<String> {
        let (took, most) = (fresh.took.as_secs_f64(), most.as_secs_f64());
        self.speed = fresh.speed;
        let usual = self.takes;
        let known = self.answers >= LEARNT_ANSWERS;
        self.answers = self.answers.saturating_add(1);
        // What is slow for a while must not be usual before anybody was told.
        let new = took.min((usual * MOST_LEARNT).max(NEVER_SLOW / SLOWER));
        self.takes = if self.answers == 1 { took } else { usual + (new - usual) * NEWEST_ANSWER };
        if took * 2.0 >= most {
            return Some(format!("it answers after {took:.1} s; {most:.0} s is the limit"));
        }
        (known && took >= NEVER_SLOW && took >= usual * SLOWER)
            .then(|| format!("it answers after {took:.1} s, usually after {usual:.1} s"))
    }
}

fn hours(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    (to - from).to_std().unwrap_or_default().as_secs_f64() / HOUR
}

fn span(hours: f64) -> String {
    if hours < 48.0 { format!("{hours:.0} h") } else { format!("{:.0} days", hours / 24.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Health, HealthState};

    fn at(hours: f64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_445_600, 0).unwrap() + TimeDelta::seconds((hours * HOUR) as i64)
    }

    /// A habit of documents with so many entries each, and how many are usual then.
    fn of_documents(entries: &[usize]) -> (Habit, Option<u32>) {
        let mut habit = Habit::default();
        let usual = entries.iter().fold(None, |usual, n| Some(habit.whole(*n, usual)));
        (habit, usual)
    }

    #[test]
    fn a_document_that_stays_as_it_is_confirms_what_is_usual() {
        let (mut habit, usual) = of_documents(&[20]);
        assert_eq!(habit.too_few(3, usual, at(0.0)), None, "one document is no habit");
        (0..2).for_each(|_| habit.confirmed());
        assert!(habit.too_few(3, usual, at(1.0)).is_some());
        habit.confirmed();
        assert!(habit.too_few(3, usual, at(2.0)).is_some(), "what is too few is not confirmed");
        let mut unknown = Habit::default();
        (0..9).for_each(|_| unknown.confirmed());
        assert_eq!(unknown, Habit::default());
    }

    #[test]
    fn fewer_entries_than_usual_are_told_once_the_usual_is_known() {
        for (seen, entries, broken) in [
            (&[20, 20, 20][..], 6, true),
            (&[20, 20, 20], 7, false),
            (&[20, 20, 20], 0, true),
            (&[20], 6, false),
            (&[20], 0, true),
            (&[1], 0, false),
            (&[1, 1, 1], 0, true),
            (&[5, 5, 5], 1, false),
            (&[], 0, false),
            (&[0, 0, 0, 0], 0, false),
            (&[10, 20, 30, 40], 3, true),
        ] {
            let (mut habit, usual) = of_documents(seen);
            let why = habit.too_few(entries, usual, at(0.0));
            assert_eq!((why.is_some(), habit.is_low()), (broken, broken), "{entries} after {seen:?}: {why:?}");
        }
        let (mut habit, usual) = of_documents(&[20, 20, 20]);
        assert!(habit.too_few(1, usual, at(0.0)).unwrap().starts_with("1 entry, usually 20"));
    }

    #[test]
    fn what_lasts_a_week_is_the_new_habit_unless_it_is_nothing() {
        let (mut habit, usual) = of_documents(&[20, 20, 20]);
        assert!(habit.too_few(4, usual, at(0.0)).is_some());
        assert!(habit.too_few(4, usual, at(167.0)).is_some());
        assert_eq!(habit.too_few(4, usual, at(168.0)), None);
        assert_eq!(habit.whole(4, usual), 4, "learnt anew");
        let (mut habit, usual) = of_documents(&[20, 20, 20]);
        assert!(habit.too_few(0, usual, at(0.0)).is_some());
        assert!(habit.too_few(0, usual, at(9000.0)).is_some());
    }

    #[test]
    fn what_lasts_a_week_without_a_change_is_the_new_habit_too() {
        let (mut habit, usual) = of_documents(&[20, 20, 20]);
        assert!(habit.too_few(4, usual, at(0.0)).is_some());
        assert!(!habit.has_settled(at(167.0)) && habit.is_low());
        assert!(habit.has_settled(at(168.0)) && !habit.is_low());
        assert_eq!((habit.too_few(4, usual, at(169.0)), habit.whole(4, usual)), (None, 4), "learnt anew");
        let (mut habit, usual) = of_documents(&[20, 20, 20]);
        assert!(habit.too_few(0, usual, at(0.0)).is_some());
        assert!(!habit.has_settled(at(9000.0)));
    }

    #[test]
    fn what_passes_by_itself_again_and_again_belongs_to_the_habit() {
        let (mut habit, mut usual) = of_documents(&[20, 20, 20]);
        for dip in 0..2 {
            assert!(habit.too_few(2, usual, at(0.0)).is_some(), "{dip}");
            usual = Some(habit.whole(20, usual));
        }
        assert_eq!((usual, habit.too_few(2, usual, at(0.0))), (Some(20), None));
        assert!(habit.too_few(1, usual, at(0.0)).is_some(), "fewer than ever");
    }

    #[test]
    fn the_usual_follows_slowly() {
        let (_, usual) = of_documents(&[20, 40, 40]);
        assert_eq!(usual, Some(29));
        let (_, usual) = of_documents(&[20; 1].iter().chain(&[10; 20]).copied().collect::<Vec<_>>());
        assert_eq!(usual, Some(10));
    }

    /// A habit of pauses of so many hours, and when the last thing was new.
    fn of_pauses(pauses: &[f64]) -> (Habit, f64) {
        let (mut habit, mut last) = (Habit::default(), 0.0);
        for pause in pauses {
            let now = last + pause;
            let before = SourceState {
                last_new: Some(at(last)),
                last_polled: Some(at(now - 0.5)),
                health: Some(Health { state: HealthState::Ok, since: at(0.0), error: None, failures: 0 }),
                ..SourceState::default()
            };
            habit.news(&before, at(now));
            last = now;
        }
        (habit, last)
    }

    #[test]
    fn silence_is_measured_by_the_sources_own_pauses() {
        let weekdays: Vec<f64> = (0..20).flat_map(|_| [24.0, 24.0, 24.0, 24.0, 72.0]).collect();
        for (what, pauses, fine, silent) in [
            ("each hour", vec![1.0; 50], 71.0, 73.0),
            ("each day", vec![24.0; 30], 71.0, 73.0),
            ("each week", vec![168.0; 12], 335.0, 337.0),
            ("on weekdays", weekdays, 140.0, 300.0),
        ] {
            let (habit, last) = of_pauses(&pauses);
            let told = |pause: f64| habit.silent(Some(at(last)), at(last + pause));
            assert_eq!(told(fine), None, "{what}");
            assert!(told(silent).is_some(), "{what}");
        }
        let (young, last) = of_pauses(&[1.0; 5]);
        assert_eq!(young.silent(Some(at(last)), at(last + 9000.0)), None, "nobody knows its habit yet");
    }

    #[test]
    fn pauses_as_a_random_process_has_them_are_seldom_called_silence() {
        let mut random = fastrand::Rng::with_seed(7);
        for mean in [30.0, 100.0] {
            let pauses: Vec<f64> = (0..3000).map(|_| -mean * (1.0 - random.f64()).ln()).collect();
            let wrong = (20..pauses.len())
                .step_by(10)
                .filter(|n| {
                    let (habit, last) = of_pauses(&pauses[n.saturating_sub(60)..*n]);
                    habit.silent(Some(at(last)), at(last + pauses[*n])).is_some()
                })
                .count();
            assert!(wrong <= 1, "{wrong} of 298 pauses with a mean of {mean} h");
        }
    }

    #[test]
    fn a_pause_in_which_nobody_looked_or_nothing_came_is_not_learnt() {
        let (habit, last) = of_pauses(&[1.0; 10]);
        let ill = Health { state: HealthState::Failing, since: at(0.0), error: None, failures: 9 };
        let asked = |hours: f64, health| SourceState {
            last_new: Some(at(last)),
            last_polled: Some(at(last + hours)),
            health,
            ..SourceState::default()
        };
        for before in [asked(1.0, None), asked(999.5, Some(ill))] {
            let mut other = habit.clone();
            other.news(&before, at(last + 1000.0));
            assert_eq!(other, habit);
        }
    }

    #[test]
    fn slow_is_near_the_limit_or_far_from_the_usual() {
        let answered = |habit: &mut Habit, ms| {
            let fresh = Freshness { took: Duration::from_millis(ms), speed: Speed::Slow, ..Freshness::default() };
            let told = habit.answered(&fresh, Duration::from_secs(20));
            assert_eq!(habit.speed, Speed::Slow, "for the next poll");
            told
        };
        let mut habit = Habit::default();
        assert!(answered(&mut habit, 10_000).is_some(), "half of the time that there is");
        let mut habit = Habit::default();
        for _ in 0..LEARNT_ANSWERS {
            assert_eq!(answered(&mut habit, 200), None);
        }
        for (took, slow) in [(2_900, false), (3_100, true), (200, false)] {
            let why = answered(&mut habit.clone(), took);
            assert_eq!(why.is_some(), slow, "{took} ms: {why:?}");
        }
        // It is told after three polls; what stays so is usual in the end.
        let mut slow = || answered(&mut habit, 5_000).is_some();
        assert!((0..4).all(|_| slow()));
        assert!(!(0..60).all(|_| slow()));
    }
}
