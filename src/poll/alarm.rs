//! When a change of state is told. Trouble is told when it is first seen, recovery when it has lasted; a source that goes to and
//! fro between the two is told of once.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{Health, HealthState};

/// Polls in a row in one state that make it last; or two of them that lie so far apart.
const LASTS: u32 = 3;
const LASTS_FOR: TimeDelta = TimeDelta::hours(6);
/// Of a source that was told of so often within a day a state has to last twice as long, of one that was told of twice as often
/// four times, and so on.
const OFTEN: usize = 4;
const MOST_DOUBLINGS: usize = 5;
const DAY: TimeDelta = TimeDelta::days(1);
/// Times that are remembered.
const MOST_TIMES: usize = OFTEN * (MOST_DOUBLINGS + 1);

/// What was told of a source's state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Alarm {
    /// The state that was last told; nothing told means that all is well.
    told: Option<HealthState>,
    /// Polls in a row in the present state.
    polls: u32,
    /// What was told since all was well.
    trouble: Vec<HealthState>,
    /// When something was told lately.
    times: Vec<DateTime<Utc>>,
}

impl Alarm {
    /// Takes in the state after a poll. Gives the state that was told before, where the new one is to be told.
    pub(super) fn observe(
        &mut self,
        before: Option<HealthState>,
        after: &Health,
        now: DateTime<Utc>,
    ) -> Option<HealthState> {
        let state = after.state;
        self.polls = if before == Some(state) { self.polls.saturating_add(1) } else { 1 };
        let was = self.told.unwrap_or(HealthState::Ok);
        if state == was {
            return None;
        }
        self.times.retain(|time| now - *time < DAY);
        let lasting = LASTS << (self.times.len() / OFTEN).min(MOST_DOUBLINGS);
        let lasts = self.polls >= lasting || self.polls > 1 && now - after.since >= LASTS_FOR;
        let news = is_urgent(state) && !self.trouble.contains(&state);
        if !lasts && !news {
            return None;
        }
        self.told = Some(state);
        if state == HealthState::Ok {
            self.trouble.clear();
        } else if !self.trouble.contains(&state) {
            self.trouble.push(state);
        }
        if self.times.len() == MOST_TIMES {
            self.times.remove(0);
        }
        self.times.push(now);
        Some(was)
    }
}

/// What somebody has to look at. The others may pass, or need nobody.
fn is_urgent(state: HealthState) -> bool {
    matches!(state, HealthState::Silent | HealthState::Blocked | HealthState::Broken | HealthState::Gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use HealthState::{Blocked, Broken, Failing, Gone, Moved, Ok, Silent, Slow};

    /// What is told over polls that lie so many minutes apart, each as the number of the poll and the state.
    fn told(every: i64, states: &[HealthState]) -> Vec<(usize, HealthState)> {
        let (mut alarm, mut before): (Alarm, Option<Health>) = Default::default();
        let mut all = Vec::new();
        for (n, state) in states.iter().enumerate() {
            let now = DateTime::UNIX_EPOCH + TimeDelta::minutes(every) * i32::try_from(n).unwrap();
            let since = before.as_ref().filter(|h| h.state == *state).map_or(now, |h| h.since);
            let health = Health { state: *state, since, error: None, failures: 0 };
            let was = before.as_ref().map(|h| h.state);
            all.extend(alarm.observe(was, &health, now).map(|_| (n, *state)));
            before = Some(health);
        }
        all
    }

    #[test]
    fn each_change_is_told_once() {
        for (what, states, expected) in [
            ("all is well", &[Ok; 9][..], &[][..]),
            ("trouble at once", &[Ok, Broken, Broken, Broken, Broken], &[(1, Broken)]),
            ("from the start", &[Blocked, Blocked, Blocked, Blocked], &[(0, Blocked)]),
            ("recovery when it lasts", &[Broken, Ok, Ok, Ok, Ok, Ok], &[(0, Broken), (3, Ok)]),
            ("flickering", &[Ok, Broken, Ok, Broken, Ok, Ok, Broken, Ok, Broken], &[(1, Broken)]),
            ("one error", &[Ok, Failing, Ok, Failing, Failing, Ok], &[]),
            ("errors that last", &[Ok, Failing, Failing, Failing, Failing], &[(3, Failing)]),
            ("one trouble after the other", &[Failing, Blocked, Broken, Gone], &[(1, Blocked), (2, Broken), (3, Gone)]),
            (
                "to and fro between troubles",
                &[Blocked, Failing, Blocked, Broken, Blocked, Failing],
                &[(0, Blocked), (3, Broken)],
            ),
            (
                "the last one counts",
                &[Blocked, Broken, Blocked, Blocked, Blocked],
                &[(0, Blocked), (1, Broken), (4, Blocked)],
            ),
            ("slow and moved can wait", &[Slow, Ok, Slow, Slow, Slow, Moved, Moved, Moved], &[(4, Slow), (7, Moved)]),
            ("again after recovery", &[Silent, Ok, Ok, Ok, Silent], &[(0, Silent), (3, Ok), (4, Silent)]),
        ] {
            assert_eq!(told(10, states), expected, "{what}");
        }
    }

    #[test]
    fn two_polls_far_apart_are_lasting_too() {
        assert_eq!(told(6 * 60, &[Ok, Failing, Failing, Failing]), [(2, Failing)]);
        assert_eq!(told(6 * 60, &[Ok, Failing, Ok, Failing, Ok]), []);
    }

    #[test]
    fn a_flapping_source_does_not_flood_however_it_flaps() {
        for well in 1..60 {
            let period: Vec<HealthState> = [Broken].into_iter().chain(vec![Ok; well]).collect();
            // A day of polls, one a minute.
            let states: Vec<HealthState> = period.iter().copied().cycle().take(24 * 60).collect();
            let times = told(1, &states).len();
            assert!(times <= 2 * MOST_TIMES, "{times} in a day with {well} good ones between");
        }
    }
}
