//! From an outcome to the time of the next request.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Every, Rhythm, Settings};

/// The longest that a server may make us wait.
const MOST_ASKED: Duration = Duration::from_secs(7 * 24 * 3600);
/// The longest wait after failures.
const MOST_BACK_OFF: Duration = Duration::from_secs(24 * 3600);
/// When something that is gone is looked for again.
const GONE: Duration = Duration::from_secs(7 * 24 * 3600);
/// The least wait after a refusal that does not say how long: asking on is what makes a block permanent.
const BLOCKED: Duration = Duration::from_secs(3600);
/// A wait is made longer by at most this share, so that sources do not stay in step.
const JITTER: f64 = 0.1;
/// Failures beyond which the wait grows no more.
const MOST_DOUBLINGS: u32 = 16;
/// No interval is shorter, whatever the file says.
const LEAST: Duration = Duration::from_secs(1);
/// Overdue sources that are asked in a second after a start.
const PER_SECOND: f64 = 5.0;

/// How a poll ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something was new.
    Changed,
    /// Nothing was.
    Unchanged,
    /// It failed.
    Failed {
        /// Failures in a row, this one included.
        failures: u32,
        /// What kind of failure.
        failure: Failure,
    },
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It may be over next time.
    Passing,
    /// The server refuses us.
    Blocked,
    /// It says that it is gone.
    Gone,
    /// We refuse to ask it, until the file changes.
    Refused,
}

/// When to ask next: the interval, or longer where the server asked for it or the last polls failed; and a little later
/// than that by `jitter`, a random number from 0 to 1. Never earlier.
#[must_use]
pub fn next(
    settings: &Settings,
    rhythm: &Rhythm,
    outcome: Outcome,
    asked_to_wait: Option<Duration>,
    jitter: f64,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.0 };
    let interval = match settings.every {
        Every::Fixed(every) => every,
        // Not `clamp`, which panics where the file has the two the wrong way round.
        Every::Auto => rhythm.interval().min(settings.longest).max(settings.shortest),
    }
    .max(LEAST);
    let own = match outcome {
        Outcome::Changed | Outcome::Unchanged => interval,
        Outcome::Failed { failure: Failure::Gone, .. } => GONE.max(interval),
        Outcome::Failed { failure: Failure::Refused, .. } => MOST_BACK_OFF.max(interval),
        Outcome::Failed { failure: Failure::Blocked, failures } if asked_to_wait.is_none() => {
            back_off(interval.max(BLOCKED), failures, jitter)
        }
        Outcome::Failed { failure: Failure::Passing | Failure::Blocked, failures } => {
            back_off(interval, failures, jitter)
        }
    };
    let wait = own.max(asked_to_wait.unwrap_or_default().min(MOST_ASKED));
    let wait = wait.saturating_add(scaled(wait, JITTER * jitter));
    chrono::Duration::from_std(wait)
        .ok()
        .and_then(|wait| now.checked_add_signed(wait))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Anything from the interval up to twice as much for each failure in a row, a day at most; but never less than the
/// interval itself.
fn back_off(interval: Duration, failures: u32, jitter: f64) -> Duration {
    let most = interval.saturating_mul(1 << failures.min(MOST_DOUBLINGS)).min(MOST_BACK_OFF).max(interval);
    interval.saturating_add(scaled(most - interval, jitter))
}

fn scaled(wait: Duration, by: f64) -> Duration {
    Duration::try_from_secs_f64(wait.as_secs_f64() * by).unwrap_or(wait)
}

/// After a start: how long the source at `index` of the `overdue` ones waits, so that they do not all go out at once.
#[must_use]
pub fn spread(overdue: usize, index: usize) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "a delay need not be exact")]
    let seconds = index.min(overdue) as f64 / PER_SECOND;
    Duration::from_secs_f64(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3600;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_445_600, 0).unwrap()
    }

    fn wait(settings: Settings, outcome: Outcome, asked: Option<u64>, jitter: f64) -> u64 {
        let due = next(&settings, &Rhythm::default(), outcome, asked.map(Duration::from_secs), jitter, now());
        u64::try_from((due - now()).num_seconds()).unwrap()
    }

    fn every(seconds: u64) -> Settings {
        Settings { every: Every::Fixed(Duration::from_secs(seconds)), ..Settings::default() }
    }

    fn failed(failures: u32, failure: Failure) -> Outcome {
        Outcome::Failed { failures, failure }
    }

    #[test]
    fn the_interval_is_kept_within_its_bounds() {
        assert_eq!(wait(every(600), Outcome::Changed, None, 0.0), 600);
        let narrow =
            |a, b| Settings { every: Every::Auto, shortest: Duration::from_secs(a), longest: Duration::from_secs(b) };
        assert_eq!(wait(narrow(1, 60), Outcome::Unchanged, None, 0.0), 60);
        assert_eq!(wait(narrow(9000, 9999), Outcome::Unchanged, None, 0.0), 9000);
        assert_eq!(wait(narrow(9000, 60), Outcome::Unchanged, None, 0.0), 9000, "bounds the wrong way round");
    }

    #[test]
    fn what_the_server_asks_for_wins_up_to_a_week() {
        assert_eq!(wait(every(600), Outcome::Unchanged, Some(1200), 0.0), 1200);
        assert_eq!(wait(every(600), Outcome::Unchanged, Some(60), 0.0), 600);
        assert_eq!(wait(every(600), failed(1, Failure::Blocked), Some(86400), 0.0), 86400);
        assert_eq!(wait(every(600), Outcome::Unchanged, Some(u64::MAX), 0.0), 7 * 24 * HOUR);
    }

    #[test]
    fn jitter_only_makes_it_later() {
        for jitter in [0.0, 0.3, 1.0, 7.0, -3.0, f64::NAN] {
            let got = wait(every(1000), Outcome::Unchanged, Some(2000), jitter);
            assert!((2000..=2200).contains(&got), "{jitter}: {got}");
        }
        assert_eq!(wait(every(1000), Outcome::Unchanged, None, 1.0), 1100);
    }

    #[test]
    fn failures_make_it_wait_longer_and_longer_up_to_a_day() {
        let waits: Vec<u64> = (1..12).map(|n| wait(every(600), failed(n, Failure::Passing), None, 1.0)).collect();
        assert_eq!(waits[0], 1320);
        assert!(waits.is_sorted() && waits[4] > 5 * HOUR, "{waits:?}");
        assert_eq!(*waits.last().unwrap(), 24 * HOUR * 11 / 10);
        assert_eq!(wait(every(600), failed(u32::MAX, Failure::Passing), None, 0.0), 600, "never earlier");
        assert_eq!(wait(every(7 * 24 * HOUR), failed(3, Failure::Passing), None, 0.0), 7 * 24 * HOUR);
    }

    #[test]
    fn each_kind_of_failure_has_its_wait() {
        assert!(wait(every(60), failed(1, Failure::Blocked), None, 0.0) >= HOUR);
        assert_eq!(wait(every(60), failed(1, Failure::Blocked), Some(300), 0.0), 300);
        assert_eq!(wait(every(60), failed(1, Failure::Gone), None, 0.0), 7 * 24 * HOUR);
        assert_eq!(wait(every(60), failed(1, Failure::Refused), None, 0.0), 24 * HOUR);
    }

    #[test]
    fn nothing_overflows() {
        let settings = Settings { every: Every::Fixed(Duration::MAX), ..Settings::default() };
        let far = next(&settings, &Rhythm::default(), failed(9, Failure::Passing), Some(Duration::MAX), 1.0, now());
        assert_eq!(far, DateTime::<Utc>::MAX_UTC);
        let zero = next(&every(0), &Rhythm::default(), Outcome::Changed, None, 0.0, now());
        assert!(zero > now(), "no hot loop");
    }

    #[test]
    fn a_start_is_spread() {
        assert_eq!(spread(1, 0), Duration::ZERO);
        assert_eq!(spread(1000, 999), Duration::from_millis(199_800));
        assert!(spread(10, usize::MAX) <= Duration::from_secs(2));
    }
}
