//! The one number by which all learnt intervals become longer together, so that they keep to a budget of requests.

use super::{Every, Rhythm, Settings};

/// Bisections: enough to tell any two paces apart that matter.
const STEPS: usize = 40;
/// The slowest pace, times the usual one.
const SLOWEST: f64 = 1e4;

/// The interval of a source with one entry an hour, in hours.
///
/// The delay over all sources is least, for a given number of requests, where the interval goes with the square root of the
/// time between entries (Sia and Cho; Cho and Garcia-Molina); in proportion to it, it is no better than a fixed one.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Pace(f64);

impl Pace {
    /// The pace while there is no reason for a slower one: a source with one entry in twelve hours is asked every hour.
    pub const USUAL: Self = Self(0.289);

    /// The pace at which sources are asked as often as their rhythms want, but together not more than `per_hour` times an
    /// hour. Fixed intervals do not count: they are the file's word.
    #[must_use]
    pub fn within(per_hour: u32, sources: &[(Settings, Rhythm)]) -> Self {
        let learnt: Vec<_> = sources
            .iter()
            .filter(|(settings, _)| settings.every == Every::Auto)
            .map(|(settings, rhythm)| {
                let bound = |interval: std::time::Duration| 3600.0 / interval.as_secs_f64().max(1.0);
                let shortest = bound(settings.shortest);
                (rhythm.polls_per_hour(Self(1.0)), bound(settings.longest).min(shortest), shortest)
            })
            .collect();
        let asked =
            |pace: f64| learnt.iter().map(|(polls, least, most)| (polls / pace).min(*most).max(*least)).sum::<f64>();
        let budget = f64::from(per_hour.max(1));
        if asked(Self::USUAL.0) <= budget {
            return Self::USUAL;
        }
        let (mut fast, mut slow) = (Self::USUAL.0, Self::USUAL.0 * SLOWEST);
        for _ in 0..STEPS {
            let middle = (fast * slow).sqrt();
            if asked(middle) > budget {
                fast = middle;
            } else {
                slow = middle;
            }
        }
        Self(slow)
    }

    /// Polls an hour of a source with so many entries an hour.
    pub(super) fn polls_per_hour(self, rate: f64) -> f64 {
        let polls = rate.max(0.0).sqrt() / self.0;
        if polls.is_finite() { polls } else { 0.0 }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::USUAL
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_409_600, 0).unwrap() + TimeDelta::hours(hours)
    }

    fn busy(entries: usize) -> Rhythm {
        let mut rhythm = Rhythm::default();
        for hour in 0..500 {
            rhythm.observe(&vec![None; entries], at(hour));
        }
        rhythm
    }

    fn hours(pace: Pace, rhythm: &Rhythm) -> f64 {
        rhythm.interval(pace, at(0)).as_secs_f64() / 3600.0
    }

    #[test]
    fn a_budget_makes_all_slower_in_the_same_measure_and_none_faster() {
        let wide = Settings::default().between(Duration::from_secs(1), Duration::from_secs(30 * 24 * 3600));
        let (slow, fast) = (Rhythm::default(), busy(4));
        let all: Vec<_> = (0..100).flat_map(|_| [(wide, slow), (wide, fast)]).collect();
        let usual = 100.0 / hours(Pace::USUAL, &slow) + 100.0 / hours(Pace::USUAL, &fast);
        assert_eq!(Pace::within(u32::MAX, &all), Pace::USUAL);
        let pace = Pace::within(200, &all);
        let polls = 100.0 / hours(pace, &slow) + 100.0 / hours(pace, &fast);
        assert!(usual > 600.0 && (polls - 200.0).abs() < 4.0, "{usual} {polls}");
        let ratio = |pace| hours(pace, &slow) / hours(pace, &fast);
        assert!((ratio(pace) - ratio(Pace::USUAL)).abs() < 0.01);
    }

    #[test]
    fn what_is_fixed_does_not_count_and_bounds_hold_before_any_budget() {
        let wide = Settings::default().between(Duration::from_secs(1), Duration::from_secs(30 * 24 * 3600));
        let fixed = Settings { every: Every::Fixed(Duration::from_secs(1)), ..wide };
        let both = [(wide, busy(4)), (fixed, Rhythm::default())];
        let pace = Pace::within(1, &both);
        assert!((hours(pace, &both[0].1) - 1.0).abs() < 0.02, "{}", hours(pace, &both[0].1));
        // No pace brings sources that are to be asked every two seconds under a budget of one poll an hour.
        let quick = Settings::default().between(Duration::from_secs(1), Duration::from_secs(2));
        let pace = Pace::within(1, &[(quick, busy(1)), (wide, busy(1))]);
        assert!(pace > Pace::USUAL && hours(pace, &busy(1)).is_finite());
        assert_eq!(Pace::within(0, &[]), Pace::USUAL);
    }
}
