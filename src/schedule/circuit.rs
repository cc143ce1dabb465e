//! Hosts to which nobody gets through: one question tells for all their sources.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Settings;

/// Failures in a row, of whichever of its sources, after which a host is left alone.
const MOST_FAILURES: u32 = 5;
/// How long it is left alone; and no more of the longest learnt interval than so many.
const OPEN: Duration = Duration::from_secs(30 * 60);
const MOST_INTERVALS: u32 = 30;
/// When the others ask again while one source tries whether the host is back.
const PROBED: TimeDelta = TimeDelta::seconds(30);
/// A probe that was never heard of again holds nobody up longer.
const LOST: TimeDelta = TimeDelta::minutes(5);
/// Hosts remembered; those that fail beyond that many are asked as if they were well.
const MOST_HOSTS: usize = 10_000;

/// The circuits of all hosts. Open: nobody asks. Half open: one asks, and its answer counts for all.
#[derive(Debug, Default)]
pub struct Circuits {
    hosts: HashMap<String, Circuit>,
}

#[derive(Debug, Default)]
struct Circuit {
    failures: u32,
    open_until: Option<DateTime<Utc>>,
    probed_since: Option<DateTime<Utc>>,
}

impl Circuits {
    /// Whether a host may be asked now; if not, when to try again.
    ///
    /// # Errors
    /// The time of the next try.
    pub fn enter(&mut self, host: &str, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        let Some(circuit) = self.hosts.get_mut(host) else { return Ok(()) };
        let Some(until) = circuit.open_until else { return Ok(()) };
        // A clock that was set back must not keep it open for longer.
        let longest = now + TimeDelta::from_std(OPEN).unwrap_or_default();
        if until > now && until <= longest {
            return Err(until);
        }
        match circuit.probed_since {
            Some(since) if since <= now && now - since < LOST => Err(now + PROBED),
            _ => {
                circuit.probed_since = Some(now);
                Ok(())
            }
        }
    }

    /// Takes in how a question to a host ended: whether it was reached, whatever it answered.
    pub fn heard(&mut self, host: &str, reached: bool, settings: Settings, now: DateTime<Utc>) {
        if reached {
            self.hosts.remove(host);
            return;
        }
        if self.hosts.len() >= MOST_HOSTS && !self.hosts.contains_key(host) {
            return;
        }
        let circuit = self.hosts.entry(host.to_owned()).or_default();
        circuit.failures = circuit.failures.saturating_add(1);
        circuit.probed_since = None;
        if circuit.failures >= MOST_FAILURES {
            let open = OPEN.min(settings.longest.saturating_mul(MOST_INTERVALS));
            circuit.open_until = TimeDelta::from_std(open).ok().and_then(|open| now.checked_add_signed(open));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_445_600, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn failed(times: u32) -> Circuits {
        let mut circuits = Circuits::default();
        for _ in 0..times {
            circuits.heard("a", false, Settings::default(), at(0));
        }
        circuits
    }

    #[test]
    fn five_failures_in_a_row_open_it_for_half_an_hour() {
        assert_eq!(failed(4).enter("a", at(0)), Ok(()));
        let mut open = failed(5);
        assert_eq!(open.enter("a", at(1)), Err(at(30)));
        assert_eq!(open.enter("b", at(1)), Ok(()), "and no other host");
        let mut mixed = failed(4);
        mixed.heard("a", true, Settings::default(), at(0));
        mixed.heard("a", false, Settings::default(), at(0));
        assert_eq!(mixed.enter("a", at(0)), Ok(()), "not in a row");
    }

    #[test]
    fn one_tries_for_all() {
        let mut circuits = failed(5);
        assert_eq!(circuits.enter("a", at(30)), Ok(()));
        assert_eq!(circuits.enter("a", at(30)), Err(at(30) + PROBED));
        circuits.heard("a", false, Settings::default(), at(31));
        assert_eq!(circuits.enter("a", at(32)), Err(at(61)), "once more");
        assert_eq!(circuits.enter("a", at(61)), Ok(()));
        circuits.heard("a", true, Settings::default(), at(61));
        assert_eq!((circuits.enter("a", at(61)), circuits.enter("a", at(61))), (Ok(()), Ok(())));
        let mut lost = failed(5);
        assert_eq!(lost.enter("a", at(30)), Ok(()));
        assert_eq!(lost.enter("a", at(36)), Ok(()), "a probe that never came back");
    }

    #[test]
    fn the_file_and_the_clock_bound_it() {
        let quick = Settings::default().between(Duration::from_secs(1), Duration::from_secs(2));
        let mut circuits = failed(4);
        circuits.heard("a", false, quick, at(0));
        assert_eq!(circuits.enter("a", at(0)), Err(at(1)));
        let mut set_back = failed(5);
        assert_eq!(set_back.enter("a", at(-600)), Ok(()));
        for host in 0..MOST_HOSTS + 10 {
            circuits.heard(&host.to_string(), false, quick, at(0));
        }
        assert_eq!(circuits.hosts.len(), MOST_HOSTS);
    }
}
