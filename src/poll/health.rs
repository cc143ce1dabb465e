//! How a source is doing after a poll.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::PollError;
use crate::fetch::{Disposition, FetchError};
use crate::model::{Health, HealthState};
use crate::schedule::Failure;
use crate::text::excerpt;

/// Characters of an error that are kept.
pub(super) const LONGEST_ERROR: usize = 300;

/// The health that a failure means, and how long the server asked us to stay away.
pub(super) fn of(error: &PollError) -> (HealthState, Option<Duration>) {
    match error {
        PollError::Fetch(error) => {
            let state = match error.disposition() {
                Disposition::Blocked => HealthState::Blocked,
                Disposition::Gone => HealthState::Gone,
                Disposition::Retry | Disposition::Refused => HealthState::Failing,
            };
            (state, error.retry_after())
        }
        PollError::Read(_) | PollError::List(..) | PollError::StandsIn { .. } => (HealthState::Broken, None),
        PollError::BrokenOff(_) | PollError::Store(_) | PollError::Stopped(_) => (HealthState::Failing, None),
    }
}

/// Whether nothing stands at the address.
pub(super) fn is_missing(error: &PollError) -> bool {
    matches!(error, PollError::Fetch(FetchError::Status { status: 404, wall: false, .. }))
}

/// Whether a failure says that there is no feed any more at an address that was found for one.
pub(super) fn is_lost(error: &PollError) -> bool {
    match error {
        PollError::Fetch(FetchError::Status { status, .. }) if matches!(status, 404 | 429) => *status == 404,
        error => of(error).0 != HealthState::Failing,
    }
}

/// What a failure means for the time of the next poll.
pub(super) fn failure(error: &PollError) -> Failure {
    match error {
        error if is_missing(error) => Failure::Missing,
        PollError::Fetch(error) => match error.disposition() {
            Disposition::Retry => Failure::Passing,
            Disposition::Blocked => Failure::Blocked,
            Disposition::Gone => Failure::Gone,
            Disposition::Refused => Failure::Refused,
        },
        PollError::Read(_)
        | PollError::List(..)
        | PollError::StandsIn { .. }
        | PollError::BrokenOff(_)
        | PollError::Store(_)
        | PollError::Stopped(_) => Failure::Passing,
    }
}

/// What a failure says of itself, in one line for people: a part of it may be what a server said.
pub(super) fn said(error: &PollError) -> String {
    excerpt(&error.to_string(), LONGEST_ERROR)
}

/// The row of health after a poll: `since` moves only when the state changes.
pub(super) fn after(before: Option<&Health>, state: HealthState, error: Option<String>, now: DateTime<Utc>) -> Health {
    let since = before.filter(|h| h.state == state).map_or(now, |h| h.since);
    let failures = if state.is_ill() { before.map_or(0, |h| h.failures).saturating_add(1) } else { 0 };
    Health { state, since, error, failures }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_one_short_line() {
        let coding = format!("x\u{1b}[31m\r\n{}", "y".repeat(9000));
        let told = said(&PollError::Fetch(FetchError::Coding { host: "h".into(), coding }));
        assert!(told.starts_with("h: content coding `x [31m") && told.chars().count() <= LONGEST_ERROR + 1, "{told}");
        assert!(!told.contains(char::is_control), "{told}");
    }

    #[test]
    fn since_moves_with_the_state_only() {
        let at = |s| DateTime::from_timestamp(s, 0).unwrap();
        let first = after(None, HealthState::Failing, Some("down".into()), at(10));
        let second = after(Some(&first), HealthState::Failing, Some("down".into()), at(20));
        assert_eq!((second.since, second.failures), (at(10), 2));
        let third = after(Some(&second), HealthState::Slow, Some("slow".into()), at(30));
        assert_eq!((third.since, third.failures), (at(30), 0), "it answers");
    }
}
