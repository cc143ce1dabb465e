//! From an outcome to the time of the next request, and why it is then.

use std::time::Duration;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

use super::rhythm::hour_after;
use super::{Every, Pace, Rhythm, Settings};

/// The longest that a server may make us wait.
const MOST_ASKED: Duration = Duration::from_secs(7 * 24 * 3600);
/// The longest wait after failures; and no more of the longest learnt interval than so many.
const MOST_BACK_OFF: Duration = Duration::from_secs(24 * 3600);
const MOST_INTERVALS: u32 = 30;
/// When something that is gone is looked for again, the first time and at most.
const GONE: Duration = Duration::from_secs(7 * 24 * 3600);
const MOST_GONE: Duration = Duration::from_secs(28 * 24 * 3600);
/// The least wait after a refusal that does not say how long, and where nothing stands at the address: asking on is what
/// makes a block permanent, and what is missing seldom comes back by itself.
const REFUSED: Duration = Duration::from_secs(3600);
/// A wait is made longer by at most this share, so that sources do not stay in step.
const JITTER: f64 = 0.1;
/// Of the time since a document was changed this share is how long it is taken to stay as it is (RFC 9111, 4.2.2).
const HEURISTIC: f64 = 0.1;
/// Failures beyond which the wait grows no more.
const MOST_DOUBLINGS: u32 = 16;
/// No interval is shorter, whatever the file says.
const LEAST: Duration = Duration::from_secs(1);
/// What asks for all hours or days to be left out is asked after a day.
const ALL_SKIPPED: TimeDelta = TimeDelta::hours(24);
/// After hours that are left out, not all wait for the same second.
const AFTER_SKIPPED: f64 = 600.0;
/// A clock that went back by more than this was set: what was planned by it does not count.
const SET_BACK: TimeDelta = TimeDelta::minutes(1);

/// How a poll ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something may have been new, and something old was still there.
    Changed,
    /// All of it was new: something may have come and gone since the last poll.
    AllNew,
    /// Pages of what was new are still to be read.
    Waiting,
    /// Nothing had changed.
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
    /// It was not given all its time, because others of its host waited.
    GaveWay,
    /// Nothing stands at the address.
    Missing,
    /// The server refuses us.
    Blocked,
    /// It says that it is gone.
    Gone,
    /// We refuse to ask it, until the file changes.
    Refused,
}

/// What a document asks of those who read it. Kept until the next document: an answer that nothing has changed repeats it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asks {
    /// Minutes for which it asks to be left alone (`ttl`, `sy:`).
    pub ttl_minutes: Option<u64>,
    /// Hours at which it asks not to be asked, GMT: bit 0 is midnight.
    pub skip_hours: u32,
    /// Days on which it asks not to be asked, GMT: bit 0 is Monday.
    pub skip_days: u8,
}

/// Why a source is asked at its time, and no sooner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its rhythm.
    Rhythm,
    /// The interval that the file gives it.
    Every,
    /// It gives no validators, so that each question costs all of it.
    Unconditional,
    /// It was changed long ago, and says nothing else of when it will be again.
    LastModified,
    /// Pages of its new entries are still to be read.
    Pages,
    /// `Retry-After`.
    RetryAfter,
    /// `Cache-Control: max-age`, or `Expires`.
    MaxAge,
    /// `ttl`, or `sy:updatePeriod`.
    Ttl,
    /// `skipHours` or `skipDays`.
    Skip,
    /// It failed.
    BackOff,
    /// Nothing stands at its address.
    Missing,
    /// Its server refuses us.
    Blocked,
    /// It is gone.
    Gone,
    /// We refuse to ask it.
    Refused,
    /// Other sources of its host did not get through either.
    Circuit,
    /// Its hub delivers what is new: this is to see that nothing is missed.
    Hub,
}

impl Why {
    /// Whether a change of the file may have mended what it waits for: then it is asked at once. What its server asked for
    /// stands whatever the file says.
    #[must_use]
    pub fn may_be_mended(self) -> bool {
        !matches!(self, Self::RetryAfter | Self::MaxAge | Self::Ttl | Self::Skip | Self::Gone | Self::Circuit)
    }
}

/// All that counts for the time of the next poll.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// What the file says.
    pub settings: Settings,
    /// How often the source has something new.
    pub rhythm: &'a Rhythm,
    /// The pace of all learnt intervals.
    pub pace: Pace,
    /// How the poll ended.
    pub outcome: Outcome,
    /// Whether the next request will be conditional.
    pub conditional: bool,
    /// `Retry-After`.
    pub retry_after: Option<Duration>,
    /// `max-age` less `Age`, or `Expires` less `Date`.
    pub fresh_for: Option<Duration>,
    /// What the last document asks for.
    pub asks: Asks,
    /// When the document was changed, where no other header tells it apart or says how long it stays fresh.
    pub modified: Option<DateTime<Utc>>,
    /// How long the poll took, waiting for its turn included.
    pub took: Duration,
    /// A random number from 0 to 1.
    pub jitter: f64,
    /// The time.
    pub now: DateTime<Utc>,
}

/// When a source is asked next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The time.
    pub at: DateTime<Utc>,
    /// What makes it so late.
    pub why: Why,
}

/// When to ask next: after the interval, or later where the server asked for it or the last polls failed; and a little later
/// than that by chance. Never earlier.
#[must_use]
pub fn next(situation: &Situation<'_>) -> Due {
    let Situation { settings, asks, now, .. } = *situation;
    let jitter = if situation.jitter.is_finite() { situation.jitter.clamp(0.0, 1.0) } else { 0.0 };
    let (mut wait, mut why) = own(situation, jitter);
    // Our own guess is not the server's word: the file's longest interval goes before it.
    let guess = situation.modified.map(|modified| scaled((now - modified).to_std().unwrap_or_default(), HEURISTIC));
    let guess = guess.filter(|_| settings.every == Every::Auto).map(|guess| guess.min(settings.longest));
    let ttl = asks.ttl_minutes.map(|minutes| Duration::from_secs(minutes.saturating_mul(60)));
    let hints = [
        (guess, Why::LastModified),
        (ttl.filter(|_| situation.outcome != Outcome::Waiting), Why::Ttl),
        (situation.fresh_for, Why::MaxAge),
        (situation.retry_after, Why::RetryAfter),
    ];
    for (hint, reason) in hints {
        if let Some(hint) = hint.map(|hint| hint.min(MOST_ASKED)).filter(|hint| *hint > wait) {
            (wait, why) = (hint, reason);
        }
    }
    let wait = in_millis(wait.saturating_add(scaled(wait, JITTER * jitter)));
    let at = TimeDelta::from_std(wait).ok().and_then(|wait| now.checked_add_signed(wait));
    let at = at.unwrap_or(DateTime::<Utc>::MAX_UTC);
    match skipped(asks, at, jitter) {
        Some(later) => Due { at: later, why: Why::Skip },
        None => Due { at, why },
    }
}

/// How long we wait of our own accord.
fn own(situation: &Situation<'_>, jitter: f64) -> (Duration, Why) {
    let Situation { settings, outcome, .. } = *situation;
    let (interval, why) = interval(situation);
    let Outcome::Failed { failures, failure } = outcome else { return (interval, why) };
    let most = MOST_BACK_OFF.min(settings.longest.saturating_mul(MOST_INTERVALS));
    // Where many wait for one host, its polls lie further apart than the intervals say: a back-off shorter than that is none.
    let interval = interval.saturating_add(situation.took.min(most));
    // The file's word goes before our own floor.
    let refused = interval.max(REFUSED.min(settings.longest));
    match failure {
        // Next time it is asked beside the others, and has its time.
        Failure::GaveWay if failures <= 1 => (interval.min(settings.shortest.max(LEAST)), Why::BackOff),
        Failure::Passing | Failure::GaveWay => (back_off(interval, failures, most, jitter), Why::BackOff),
        Failure::Missing => (back_off(refused, failures, most, jitter), Why::Missing),
        Failure::Blocked if situation.retry_after.is_some() => {
            (back_off(interval, failures, most, jitter), Why::Blocked)
        }
        Failure::Blocked => (back_off(refused, failures, most, jitter), Why::Blocked),
        Failure::Gone => {
            let doublings = failures.saturating_sub(1).min(MOST_DOUBLINGS);
            (GONE.saturating_mul(1 << doublings).min(MOST_GONE).max(interval), Why::Gone)
        }
        // Where one answer of many leads may be an accident: a captive portal, a name server that errs.
        Failure::Refused => (back_off(interval, failures, most, jitter), Why::Refused),
    }
}

/// The interval of a source that is well.
fn interval(situation: &Situation<'_>) -> (Duration, Why) {
    let Situation { settings, rhythm, pace, outcome, now, .. } = *situation;
    let (shortest, waits) = (settings.shortest.max(LEAST), outcome == Outcome::Waiting);
    match settings.every {
        Every::Fixed(every) if waits => (every.min(shortest).max(LEAST), Why::Pages),
        Every::Fixed(every) => (every.max(LEAST), Why::Every),
        Every::Auto if waits => (shortest, Why::Pages),
        Every::Auto => {
            let learnt = rhythm.interval(pace, now);
            let learnt = if outcome == Outcome::AllNew { learnt / 2 } else { learnt };
            // Not `clamp`, which panics where the file has the two the wrong way round.
            let learnt = learnt.min(settings.longest).max(shortest);
            let costly = !situation.conditional && outcome == Outcome::Unchanged;
            match settings.unconditional.min(settings.longest) {
                floor if costly && learnt < floor => (floor, Why::Unconditional),
                _ => (learnt, Why::Rhythm),
            }
        }
    }
}

/// Twice the interval for each failure in a row, or as little as half of that by chance; but never less than the interval
/// itself. The first failure may have been an accident, the third is none: luck alone does not bring us back at once.
fn back_off(interval: Duration, failures: u32, most: Duration, jitter: f64) -> Duration {
    let most = interval.saturating_mul(1 << failures.min(MOST_DOUBLINGS)).min(most).max(interval);
    let least = interval.max(most / 2);
    least.saturating_add(scaled(most - least, jitter))
}

/// The first time after `at` that the document does not ask to be left out, where `at` is one that it does.
fn skipped(asks: Asks, at: DateTime<Utc>, jitter: f64) -> Option<DateTime<Utc>> {
    let is_left_out = |at: DateTime<Utc>| {
        asks.skip_hours >> at.hour() & 1 == 1 || asks.skip_days >> at.weekday().num_days_from_monday() & 1 == 1
    };
    if !is_left_out(at) {
        return None;
    }
    let mut hour = hour_after(at);
    for _ in 0..7 * 24 {
        if !is_left_out(hour) {
            return hour.checked_add_signed(TimeDelta::milliseconds((jitter * AFTER_SKIPPED * 1000.0) as i64));
        }
        hour = hour_after(hour);
    }
    at.checked_add_signed(ALL_SKIPPED)
}

/// In whole milliseconds, as it is kept: not shorter.
fn in_millis(wait: Duration) -> Duration {
    let over = u64::from(wait.subsec_nanos() % 1_000_000);
    wait.saturating_add(Duration::from_nanos(if over == 0 { 0 } else { 1_000_000 - over }))
}

fn scaled(wait: Duration, by: f64) -> Duration {
    Duration::try_from_secs_f64(wait.as_secs_f64() * by).unwrap_or(wait)
}

/// The time that was planned, as far as it counts: not where the clock has been set back since.
#[must_use]
pub fn planned(
    next_due: Option<DateTime<Utc>>,
    last_polled: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let set_back = last_polled.is_some_and(|polled| polled - now > SET_BACK);
    next_due.filter(|_| !set_back)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3600;
    const DAY: u64 = 24 * HOUR;
    const NEW: Rhythm = Rhythm::NEW;

    /// A Monday, 10:00.
    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_445_600, 0).unwrap()
    }

    fn after(settings: Settings, outcome: Outcome) -> Situation<'static> {
        Situation {
            settings,
            rhythm: &NEW,
            pace: Pace::USUAL,
            outcome,
            conditional: true,
            retry_after: None,
            fresh_for: None,
            asks: Asks::default(),
            modified: None,
            took: Duration::ZERO,
            jitter: 0.0,
            now: now(),
        }
    }

    fn wait(situation: Situation<'_>) -> (u64, Why) {
        let due = next(&situation);
        (u64::try_from((due.at - now()).num_seconds()).unwrap(), due.why)
    }

    fn every(seconds: u64) -> Settings {
        Settings { every: Every::Fixed(Duration::from_secs(seconds)), ..Settings::default() }
    }

    fn between(shortest: u64, longest: u64) -> Settings {
        Settings::default().between(Duration::from_secs(shortest), Duration::from_secs(longest))
    }

    fn failed(failures: u32, failure: Failure) -> Outcome {
        Outcome::Failed { failures, failure }
    }

    fn secs(seconds: u64) -> Option<Duration> {
        Some(Duration::from_secs(seconds))
    }

    #[test]
    fn the_interval_is_kept_within_its_bounds() {
        assert_eq!(wait(after(every(600), Outcome::Changed)), (600, Why::Every));
        assert_eq!(wait(after(between(1, 60), Outcome::Unchanged)), (60, Why::Rhythm));
        assert_eq!(wait(after(between(9000, 9999), Outcome::Unchanged)), (9000, Why::Rhythm));
        assert_eq!(wait(after(between(9000, 60), Outcome::Unchanged)).0, 9000, "bounds the wrong way round");
        let usual = wait(after(Settings::default(), Outcome::Unchanged)).0;
        assert!((3500..3700).contains(&usual));
        assert_eq!(wait(after(Settings::default(), Outcome::AllNew)).0, usual / 2);
        assert_eq!(wait(after(Settings::default(), Outcome::Waiting)), (900, Why::Pages));
        assert_eq!(wait(after(every(60), Outcome::Waiting)), (60, Why::Pages));
    }

    #[test]
    fn a_source_without_validators_is_asked_less_unless_the_file_says_otherwise() {
        let mut busy = Rhythm::default();
        for hour in 0..200 {
            busy.observe(&[None; 9], now() + TimeDelta::hours(hour));
        }
        let costly =
            |settings, outcome| wait(Situation { rhythm: &busy, conditional: false, ..after(settings, outcome) });
        assert_eq!(costly(Settings::default(), Outcome::Unchanged), (HOUR, Why::Unconditional));
        assert_eq!(costly(Settings::default(), Outcome::Changed), (900, Why::Rhythm));
        assert_eq!(costly(between(300, 7200), Outcome::Unchanged).1, Why::Rhythm);
        assert_eq!(costly(every(60), Outcome::Unchanged), (60, Why::Every));
    }

    #[test]
    fn what_the_server_asks_for_wins_up_to_a_week() {
        let fresh = |asked| wait(Situation { fresh_for: secs(asked), ..after(every(600), Outcome::Unchanged) });
        assert_eq!(fresh(1200), (1200, Why::MaxAge));
        assert_eq!(fresh(60), (600, Why::Every));
        assert_eq!(fresh(u64::MAX), (7 * DAY, Why::MaxAge));
        let refused = after(every(600), failed(1, Failure::Blocked));
        assert_eq!(wait(Situation { retry_after: secs(DAY), ..refused }), (DAY, Why::RetryAfter));
        let asks = |ttl_minutes| Asks { ttl_minutes: Some(ttl_minutes), ..Asks::default() };
        let ttl = |outcome, minutes| wait(Situation { asks: asks(minutes), ..after(between(1, 2), outcome) });
        assert_eq!(ttl(Outcome::Unchanged, 60), (HOUR, Why::Ttl));
        assert_eq!(ttl(failed(1, Failure::Passing), 60), (HOUR, Why::Ttl));
        assert_eq!(ttl(Outcome::Changed, u64::MAX), (7 * DAY, Why::Ttl));
        assert_eq!(ttl(Outcome::Waiting, 60), (1, Why::Pages));
    }

    #[test]
    fn a_tenth_of_the_time_since_the_last_change_is_a_guess_within_the_files_bounds() {
        let changed = |days, settings| {
            let modified = Some(now() - TimeDelta::days(days));
            wait(Situation { modified, ..after(settings, Outcome::Unchanged) })
        };
        assert_eq!(changed(5, Settings::default()), (12 * HOUR, Why::LastModified));
        assert_eq!(changed(100, Settings::default()), (24 * HOUR, Why::LastModified));
        assert_eq!(changed(100, between(1, 2)), (2, Why::Rhythm));
        assert_eq!(changed(100, every(60)), (60, Why::Every));
        assert_eq!(changed(-100, Settings::default()).1, Why::Rhythm, "a date in the future");
    }

    #[test]
    fn hours_and_days_are_left_out() {
        let at = |settings, skip_hours, skip_days| {
            let asks = Asks { skip_hours, skip_days, ..Asks::default() };
            wait(Situation { asks, ..after(settings, Outcome::Unchanged) })
        };
        let hours = |hours: &[u32]| hours.iter().fold(0, |mask, hour| mask | 1 << hour);
        assert_eq!(at(every(600), hours(&[10, 11]), 0), (2 * HOUR, Why::Skip));
        assert_eq!(at(every(600), hours(&[11]), 0), (600, Why::Every));
        assert_eq!(at(every(600), hours(&[10]), 0b10), (HOUR, Why::Skip));
        assert_eq!(at(every(600), 0, 0b1), (14 * HOUR, Why::Skip), "till Tuesday");
        assert_eq!(at(every(600), 0, 0b11_1111), ((5 * 24 + 14) * HOUR, Why::Skip), "till Sunday");
        assert_eq!(at(every(600), u32::MAX, 0), (600 + DAY, Why::Skip));
        assert_eq!(at(every(600), 0, u8::MAX), (600 + DAY, Why::Skip));
        let asks = Asks { skip_hours: hours(&[10]), ..Asks::default() };
        let late = wait(Situation { asks, jitter: 1.0, ..after(every(600), Outcome::Unchanged) });
        assert_eq!(late, (HOUR + 600, Why::Skip), "and not all at the same second");
    }

    #[test]
    fn jitter_only_makes_it_later() {
        for jitter in [0.0, 0.3, 1.0, 7.0, -3.0, f64::NAN] {
            let asked = Situation { fresh_for: secs(2000), jitter, ..after(every(1000), Outcome::Unchanged) };
            assert!((2000..=2200).contains(&wait(asked).0), "{jitter}: {:?}", wait(asked));
        }
        assert_eq!(wait(Situation { jitter: 1.0, ..after(every(1000), Outcome::Unchanged) }).0, 1100);
    }

    #[test]
    fn a_wait_is_kept_as_it_is_told() {
        for (nanos, millis) in [(1_000_000_000, 1000), (1_000_000_001, 1001), (1_999_999_999, 2000)] {
            assert_eq!(in_millis(Duration::from_nanos(nanos)), Duration::from_millis(millis));
        }
        assert_eq!(in_millis(Duration::MAX), Duration::MAX);
    }

    #[test]
    fn failures_make_it_wait_longer_and_longer_up_to_a_day() {
        let most =
            |settings, failures| wait(Situation { jitter: 1.0, ..after(settings, failed(failures, Failure::Passing)) });
        let waits: Vec<u64> = (1..12).map(|n| most(every(600), n).0).collect();
        assert_eq!(waits[0], 1320);
        assert!(waits.is_sorted() && waits[4] > 5 * HOUR, "{waits:?}");
        assert_eq!(*waits.last().unwrap(), DAY * 11 / 10);
        let least = |settings, failures| wait(after(settings, failed(failures, Failure::Passing)));
        assert_eq!(least(every(600), 1), (600, Why::BackOff), "never earlier");
        assert_eq!(least(every(600), 3).0, 2400, "however the dice fall");
        assert_eq!(least(every(600), u32::MAX).0, DAY / 2);
        assert_eq!(least(every(7 * DAY), 3).0, 7 * DAY);
        assert_eq!(most(between(1, 2), 16).0, 66, "in proportion to what the file says");
    }

    #[test]
    fn what_gave_way_to_others_is_soon_asked_again_once() {
        let gave_way = |failures| wait(after(between(60, 36_000), failed(failures, Failure::GaveWay)));
        assert_eq!(gave_way(1), (60, Why::BackOff));
        let passing = wait(after(between(60, 36_000), failed(2, Failure::Passing)));
        assert!(gave_way(2) == passing && passing.0 > 120, "{passing:?}");
    }

    #[test]
    fn failures_count_from_how_far_apart_the_polls_really_are() {
        let waited = |seconds, failures| {
            let took = Duration::from_secs(seconds);
            wait(Situation { took, ..after(between(1, 2), failed(failures, Failure::Passing)) }).0
        };
        assert_eq!([waited(0, 1), waited(14, 1), waited(14, 2)], [2, 16, 30]);
        assert_eq!(waited(HOUR, 1), 62, "within what the file says");
        let well = Situation { took: Duration::from_secs(14), ..after(between(1, 2), Outcome::Unchanged) };
        assert_eq!(wait(well), (2, Why::Rhythm));
    }

    #[test]
    fn each_kind_of_failure_has_its_wait() {
        let least = |settings, failures, failure| wait(after(settings, failed(failures, failure)));
        assert_eq!(least(every(60), 1, Failure::Blocked), (HOUR, Why::Blocked));
        assert_eq!(least(every(60), 1, Failure::Missing), (HOUR, Why::Missing));
        assert_eq!(least(between(1, 2), 1, Failure::Blocked), (2, Why::Blocked), "the file's word");
        let told = Situation { retry_after: secs(300), ..after(every(60), failed(1, Failure::Blocked)) };
        assert_eq!(wait(told), (300, Why::RetryAfter));
        assert_eq!(least(between(1, 2), 1, Failure::Gone), (7 * DAY, Why::Gone));
        assert_eq!(least(every(60), 9, Failure::Gone), (28 * DAY, Why::Gone));
        assert_eq!(least(between(1, 2), 1, Failure::Refused), (2, Why::Refused), "it may pass");
        assert_eq!(least(every(HOUR), 9, Failure::Refused), (DAY / 2, Why::Refused));
    }

    #[test]
    fn nothing_overflows() {
        let far = Situation {
            retry_after: Some(Duration::MAX),
            fresh_for: Some(Duration::MAX),
            asks: Asks { ttl_minutes: Some(u64::MAX), skip_hours: u32::MAX, skip_days: u8::MAX },
            modified: Some(DateTime::<Utc>::MIN_UTC),
            jitter: 1.0,
            ..after(every(u64::MAX), failed(9, Failure::Passing))
        };
        assert_eq!(next(&far).at, DateTime::<Utc>::MAX_UTC);
        let wide = Settings::default().between(Duration::ZERO, Duration::MAX);
        let late = Situation { now: DateTime::<Utc>::MAX_UTC, settings: wide, ..far };
        assert_eq!(next(&late).at, DateTime::<Utc>::MAX_UTC);
        assert!(wait(after(every(0), Outcome::Changed)).0 > 0, "no hot loop");
        assert!(wait(after(Settings::default().between(Duration::ZERO, Duration::ZERO), Outcome::Changed)).0 > 0);
    }

    #[test]
    fn a_plan_of_a_clock_that_was_set_back_does_not_count() {
        let at = |hours| Some(now() + TimeDelta::hours(hours));
        assert_eq!(planned(at(3), at(-1), now()), at(3));
        assert_eq!(planned(at(900 * 24), at(0), now()), at(900 * 24), "an interval of years");
        assert_eq!(planned(at(3), at(1), now()), None);
        assert_eq!(planned(None, at(-1), now()), None);
    }
}
