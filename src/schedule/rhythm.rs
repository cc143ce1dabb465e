//! How often a source has something new.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// After so many hours what was seen counts half.
const HALF_LIFE: f64 = 10.0 * 24.0;
/// Of a source that nobody has watched yet we think: one entry in so many hours.
const PRIOR_HOURS: f64 = 12.0;
/// The interval for a source with one entry an hour, in hours. One with a prior's worth is then asked every hour.
///
/// The delay over all sources is least, for a given number of requests, where the interval goes with the square root of the
/// time between entries (Cho and Garcia-Molina); in proportion to it, it is no better than a fixed one.
const AT_ONE_AN_HOUR: f64 = 0.289;
/// New entries of one poll that count: more is an archive that moved.
const MOST_ENTRIES: usize = 500;
const HOUR: f64 = 3600.0;

/// New entries and hours watched, the older ones counting less.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rhythm {
    entries: f64,
    hours: f64,
    seen: Option<DateTime<Utc>>,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self { entries: 1.0, hours: PRIOR_HOURS, seen: None }
    }
}

impl Rhythm {
    /// Takes in what a poll found. What the first one finds says nothing: nobody knows since when it had been there.
    pub fn observe(&mut self, new_entries: usize, now: DateTime<Utc>) {
        if let Some(seen) = self.seen {
            let hours = (now - seen).to_std().unwrap_or(Duration::ZERO).as_secs_f64() / HOUR;
            let left = 0.5_f64.powf(hours / HALF_LIFE);
            #[expect(clippy::cast_precision_loss, reason = "at most 500")]
            let new = new_entries.min(MOST_ENTRIES) as f64;
            self.entries = self.entries * left + new;
            self.hours = self.hours * left + hours;
        }
        self.seen = Some(self.seen.map_or(now, |seen| seen.max(now)));
    }

    /// New entries an hour, as far as was seen.
    #[must_use]
    pub fn per_hour(&self) -> f64 {
        let rate = self.entries / self.hours.max(1.0);
        if rate.is_finite() { rate.max(0.0) } else { 0.0 }
    }

    /// The interval that its rhythm asks for.
    #[must_use]
    pub fn interval(&self) -> Duration {
        let seconds = AT_ONE_AN_HOUR / self.per_hour().sqrt() * HOUR;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_445_600, 0).unwrap() + chrono::Duration::hours(hours)
    }

    /// A source that has `new` entries at every poll, asked every `every` hours for 60 days.
    fn watched(new: usize, every: i64) -> Rhythm {
        let mut rhythm = Rhythm::default();
        for poll in 0..=(60 * 24 / every) {
            rhythm.observe(new, at(poll * every));
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
        let (slow, fast) = (watched(1, 1).interval(), watched(4, 1).interval());
        assert!((slow.as_secs_f64() / fast.as_secs_f64() - 2.0).abs() < 0.05, "{slow:?} {fast:?}");
        let new = Rhythm::default().interval().as_secs();
        assert!((3500..3700).contains(&new), "{new}");
    }

    #[test]
    fn what_the_first_poll_finds_is_not_its_rhythm() {
        let mut rhythm = Rhythm::default();
        rhythm.observe(400, at(0));
        assert!(rhythm.per_hour() < 0.1);
    }

    #[test]
    fn a_habit_is_forgotten_and_a_clock_may_go_back() {
        let mut rhythm = watched(10, 1);
        for day in 61..121 {
            rhythm.observe(0, at(day * 24));
        }
        assert!(rhythm.per_hour() < 0.2, "{}", rhythm.per_hour());
        let before = rhythm;
        rhythm.observe(0, at(0));
        assert_eq!(rhythm, before);
        let read: Rhythm = serde_json::from_str(&serde_json::to_string(&rhythm).unwrap()).unwrap();
        assert_eq!(read, rhythm);
        let silent = Rhythm { entries: 0.0, hours: 0.0, seen: None };
        assert_eq!(silent.interval(), Duration::MAX);
    }
}
