//! How often a source has something new, and at which hours of the day.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

use super::Pace;

/// After so many hours what was seen counts half.
const HALF_LIFE: f64 = 10.0 * 24.0;
/// Of a source that nobody has watched yet we think: one entry in so many hours.
const PRIOR_HOURS: f64 = 12.0;
/// Entries in any three hours of the day by which a profile is drawn towards an even one.
const EVEN: f64 = 6.0;
/// New entries of one poll that count: more is an archive that moved.
const MOST_ENTRIES: usize = 500;
/// Hours between two polls that count: more is a clock that was set, or a source that was left alone.
const MOST_HOURS: f64 = 7.0 * 24.0;
/// Hours of the future that are looked at for an interval.
const MOST_AHEAD: usize = 24 * 40;
const HOUR: f64 = 3600.0;

/// New entries and hours watched, the older ones counting less.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rhythm {
    entries: f64,
    hours: f64,
    #[serde(with = "micros")]
    seen: Option<DateTime<Utc>>,
    /// The entries by the hour of the day, UTC; where there were none, nothing is written of them.
    #[serde(default, skip_serializing_if = "is_empty")]
    by_hour: [f32; 24],
}

/// An instant as a number, which is read and written at every poll; what was kept before is read in words too.
mod micros {
    use chrono::{DateTime, Utc};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Instant {
        Micros(i64),
        InWords(DateTime<Utc>),
    }

    #[expect(clippy::ref_option, reason = "serde asks for it")]
    pub(super) fn serialize<S: Serializer>(at: &Option<DateTime<Utc>>, to: S) -> Result<S::Ok, S::Error> {
        at.map(|at| at.timestamp_micros()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
        Ok(Option::<Instant>::deserialize(from)?.and_then(|at| match at {
            Instant::Micros(at) => DateTime::from_timestamp_micros(at),
            Instant::InWords(at) => Some(at),
        }))
    }
}

fn is_empty(by_hour: &[f32; 24]) -> bool {
    by_hour.iter().all(|entries| *entries == 0.0)
}

impl Default for Rhythm {
    fn default() -> Self {
        Self::NEW
    }
}

impl Rhythm {
    /// What is thought of a source that nobody has watched yet.
    pub const NEW: Self = Self { entries: 1.0, hours: PRIOR_HOURS, seen: None, by_hour: [0.0; 24] };

    /// Takes in what a poll found: for each new entry when it says that it appeared, which counts as far as it can be true.
    /// What the first poll finds says nothing: nobody knows since when it had been there.
    pub fn observe(&mut self, new_entries: &[Option<DateTime<Utc>>], now: DateTime<Utc>) {
        // A clock that was set back watches from now on.
        if let Some(seen) = self.seen.filter(|seen| *seen <= now) {
            let hours = ((now - seen).as_seconds_f64() / HOUR).min(MOST_HOURS);
            let left = 0.5_f64.powf(hours / HALF_LIFE);
            let new = &new_entries[..new_entries.len().min(MOST_ENTRIES)];
            #[expect(clippy::cast_precision_loss, reason = "at most 500")]
            let count = new.len() as f64;
            self.entries = self.entries * left + count;
            self.hours = self.hours * left + hours;
            for entries in &mut self.by_hour {
                *entries *= left as f32;
            }
            let mut undated = 0.0;
            for appeared in new {
                match appeared.filter(|appeared| *appeared > seen && *appeared <= now) {
                    Some(appeared) => self.add(appeared, 1.0),
                    None => undated += 1.0,
                }
            }
            self.spread(undated, seen, now);
        }
        self.seen = Some(now);
    }

    fn add(&mut self, at: DateTime<Utc>, entries: f64) {
        if let Some(hour) = self.by_hour.get_mut(at.hour() as usize) {
            *hour += entries as f32;
        }
    }

    /// Shares entries out evenly over the hours in which they may have appeared.
    fn spread(&mut self, entries: f64, from: DateTime<Utc>, to: DateTime<Utc>) {
        let whole = (to - from).as_seconds_f64();
        if entries == 0.0 || whole >= 24.0 * HOUR || whole <= 0.0 {
            // All hours alike: that says nothing of any.
            for hour in &mut self.by_hour {
                *hour += (entries / 24.0) as f32;
            }
            return;
        }
        let mut at = from;
        while at < to {
            let end = hour_after(at).min(to);
            self.add(at, entries * (end - at).as_seconds_f64() / whole);
            at = end;
        }
    }

    /// New entries an hour, as far as was seen, all hours of the day alike.
    #[must_use]
    pub fn per_hour(&self) -> f64 {
        let rate = self.entries / self.hours.max(1.0);
        if rate.is_finite() { rate.max(0.0) } else { 0.0 }
    }

    /// What each hour of the day has of the rate, seen together with the hours beside it; 1 on average.
    #[must_use]
    pub fn weights(&self) -> [f64; 24] {
        let of = |hour: usize| f64::from(self.by_hour.get(hour % 24).copied().unwrap_or_default());
        let mean = (0..24).map(of).sum::<f64>() / 24.0 * 3.0 + EVEN;
        std::array::from_fn(|hour| match of(hour + 23) + of(hour) + of(hour + 1) + EVEN {
            around if mean.is_finite() => around / mean,
            _ => 1.0,
        })
    }

    /// Polls an hour that its rhythm asks for, on average over the day.
    #[must_use]
    pub fn polls_per_hour(&self, pace: Pace) -> f64 {
        let rate = self.per_hour();
        self.weights().iter().map(|weight| pace.polls_per_hour(rate * weight)).sum::<f64>() / 24.0
    }

    /// The interval that its rhythm asks for from now on. At an hour that is like the ones that follow it is the inverse of
    /// the polls an hour; before the busy hours of the day it ends sooner, before the quiet ones later.
    #[must_use]
    pub fn interval(&self, pace: Pace, now: DateTime<Utc>) -> Duration {
        let (rate, weights) = (self.per_hour(), self.weights());
        let (mut at, mut due) = (now, 0.0);
        for _ in 0..MOST_AHEAD {
            let per_hour = pace.polls_per_hour(rate * weights.get(at.hour() as usize).copied().unwrap_or(1.0));
            let end = hour_after(at);
            let more = per_hour * (end - at).as_seconds_f64() / HOUR;
            if due + more >= 1.0 {
                let rest = (1.0 - due) / per_hour * HOUR;
                let passed = (at - now).to_std().unwrap_or_default();
                return Duration::try_from_secs_f64(rest).unwrap_or_default().saturating_add(passed);
            }
            due += more;
            at = end;
        }
        Duration::MAX
    }
}

/// The beginning of the next hour.
pub(super) fn hour_after(at: DateTime<Utc>) -> DateTime<Utc> {
    let into = i64::from(at.minute()) * 60 + i64::from(at.second());
    let rest = TimeDelta::seconds(3600 - into) - TimeDelta::nanoseconds(i64::from(at.nanosecond() % 1_000_000_000));
    at.checked_add_signed(rest).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A midnight.
    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_409_600, 0).unwrap() + TimeDelta::hours(hours)
    }

    fn interval(rhythm: &Rhythm, hour: i64) -> f64 {
        rhythm.interval(Pace::USUAL, at(hour)).as_secs_f64()
    }

    /// A source that has `new` entries at every poll, asked every `every` hours for 60 days.
    fn watched(new: usize, every: i64) -> Rhythm {
        let mut rhythm = Rhythm::default();
        for poll in 0..=(60 * 24 / every) {
            rhythm.observe(&vec![None; new], at(poll * every));
        }
        rhythm
    }

    #[test]
    fn the_rate_is_learnt_whatever_the_interval() {
        for (new, every, rate) in [(1, 1, 1.0), (6, 6, 1.0), (1, 24, 1.0 / 24.0), (20, 2, 10.0)] {
            let learnt = watched(new, every).per_hour();
            assert!((learnt / rate - 1.0).abs() < 0.1, "{new} in {every} h: {learnt}");
        }
    }

    #[test]
    fn four_times_the_entries_halve_the_interval() {
        let (slow, fast) = (interval(&watched(1, 1), 0), interval(&watched(4, 1), 0));
        assert!((slow / fast - 2.0).abs() < 0.05, "{slow} {fast}");
        let new = interval(&Rhythm::default(), 0);
        assert!((3500.0..3700.0).contains(&new), "{new}");
    }

    #[test]
    fn what_the_first_poll_finds_is_not_its_rhythm() {
        let mut rhythm = Rhythm::default();
        rhythm.observe(&[None; 400], at(0));
        assert!(rhythm.per_hour() < 0.1);
    }

    #[test]
    fn the_hours_of_a_day_are_learnt_from_dates_or_from_when_it_was_found() {
        for dated in [true, false] {
            let mut rhythm = Rhythm::default();
            for hour in 0..40 * 24 {
                let busy = matches!(hour % 24, 9..=11);
                let appeared = dated.then(|| at(hour) - TimeDelta::minutes(30));
                rhythm.observe(&vec![appeared; if busy { 4 } else { 0 }], at(hour));
            }
            let weights = rhythm.weights();
            assert!(weights[8] > 2.5 && weights[10] > 2.5 && weights[20] < 0.6, "{dated}: {weights:?}");
            assert!((weights.iter().sum::<f64>() - 24.0).abs() < 1e-3);
            let (busy, quiet) = (interval(&rhythm, 8), interval(&rhythm, 14));
            assert!(quiet > 1.7 * busy, "{dated}: {busy} {quiet}");
            // By night the next poll is not put off beyond the morning.
            let night = interval(&Rhythm { entries: rhythm.entries / 60.0, ..rhythm }, 5);
            let steady = quiet * 60.0_f64.sqrt();
            assert!(night < 0.9 * steady, "{dated}: {night} {steady}");
        }
    }

    #[test]
    fn dates_that_cannot_be_true_say_nothing_of_the_hour() {
        let mut rhythm = Rhythm::default();
        for day in 0..40 {
            rhythm.observe(&[Some(at(-500)), Some(at(9000)), None], at(day * 24));
        }
        assert!(rhythm.weights().iter().all(|w| (w - 1.0).abs() < 1e-3), "{:?}", rhythm.weights());
    }

    #[test]
    fn a_habit_is_forgotten() {
        let mut rhythm = watched(10, 1);
        for day in 61..121 {
            rhythm.observe(&[], at(day * 24));
        }
        assert!(rhythm.per_hour() < 0.2, "{}", rhythm.per_hour());
    }

    #[test]
    fn a_clock_that_is_set_spoils_nothing_and_what_was_kept_is_read_back() {
        let learnt = watched(1, 1);
        let (mut back, mut far) = (learnt, learnt);
        back.observe(&[None; 3], at(0));
        assert_eq!(back, Rhythm { seen: Some(at(0)), ..learnt }, "watched anew from there");
        back.observe(&[None], at(1));
        assert!((back.per_hour() / learnt.per_hour() - 1.0).abs() < 0.1);
        far.observe(&[], at(400 * 24));
        assert!(far.per_hour() > 0.3 * learnt.per_hour(), "{}", far.per_hour());
        let read: Rhythm = serde_json::from_str(&serde_json::to_string(&learnt).unwrap()).unwrap();
        let close = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(close(read.per_hour(), learnt.per_hour()) && read.seen == learnt.seen);
        assert!(read.weights().iter().zip(learnt.weights()).all(|(a, b)| close(*a, b)));
        let old: Rhythm = serde_json::from_str(r#"{"entries":2.0,"hours":5.0,"seen":null}"#).unwrap();
        assert!(old.weights().iter().all(|w| *w == 1.0), "kept before there were hours");
        let in_words = r#"{"entries":2.0,"hours":5.0,"seen":"2026-03-02T00:00:00Z"}"#;
        assert_eq!(serde_json::from_str::<Rhythm>(in_words).unwrap().seen, Some(at(0)), "kept in words once");
        let silent = serde_json::to_string(&Rhythm::NEW).unwrap();
        assert!(!silent.contains("by_hour"), "{silent}");
        assert_eq!(serde_json::from_str::<Rhythm>(&silent).unwrap(), Rhythm::NEW);
    }

    #[test]
    fn silence_and_nonsense_have_an_interval() {
        let silent = Rhythm { entries: 0.0, hours: 0.0, ..Rhythm::default() };
        assert_eq!(silent.interval(Pace::USUAL, at(0)), Duration::MAX);
        for odd in [f64::NAN, f64::INFINITY, -1.0] {
            let rhythm = Rhythm { entries: odd, by_hour: [odd as f32; 24], ..Rhythm::default() };
            assert_eq!(rhythm.interval(Pace::USUAL, at(0)), Duration::MAX, "{odd}");
        }
        assert!(Rhythm::default().interval(Pace::USUAL, DateTime::<Utc>::MAX_UTC) <= Duration::MAX);
    }
}
