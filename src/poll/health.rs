//! How a source is doing after a poll.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{PollError, Source};
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
        PollError::Fetch(FetchError::GaveWay { .. }) => Failure::GaveWay,
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

/// What a failure says of itself, in one line for people: a part of it may be what a server said. Of the addresses that a source
/// names which is read with a secret only the hosts are told.
pub(super) fn said(source: &Source, error: &PollError) -> String {
    let said = error.to_string();
    let said = if source.has_secrets() { without_paths(&said) } else { said };
    excerpt(&said, LONGEST_ERROR)
}

/// A text without all that follows the hosts of the addresses in it.
fn without_paths(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + 3);
        out.push_str(before);
        let host = address.find(|c: char| c == '/' || c == '?' || c == '#' || ends(c)).unwrap_or(address.len());
        out.push_str(&address[..host]);
        rest = &address[address.find(ends).unwrap_or(address.len())..];
    }
    out + rest
}

/// Whether an address in a text ends before this.
fn ends(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | ',' | ';' | ')')
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
        let url = url::Url::parse("https://h/").unwrap();
        let source = Source::usual(crate::model::SourceName::new("a").unwrap(), url, chrono_tz::Tz::UTC);
        let told = said(&source, &PollError::Fetch(FetchError::Coding { host: "h".into(), coding }));
        assert!(told.starts_with("h: content coding `x [31m") && told.chars().count() <= LONGEST_ERROR + 1, "{told}");
        assert!(!told.contains(char::is_control), "{told}");
    }

    #[test]
    fn what_may_be_a_secret_is_not_told() {
        let announced = url::Url::parse("https://a.example:8080/feed/key?tok=secret").unwrap();
        let error = PollError::StandsIn { announced: announced.clone(), moving: None };
        let mut source = Source::usual(crate::model::SourceName::new("a").unwrap(), announced, chrono_tz::Tz::UTC);
        assert!(said(&source, &error).contains("https://a.example:8080/feed/key?tok=secret,"));
        source.private = true;
        assert!(said(&source, &error).contains("announces, https://a.example:8080, is"), "{}", said(&source, &error));
        for (text, told) in [("(http://a?b)", "(http://a)"), ("x://", "x://"), ("a ://b/c d", "a ://b d"), ("", "")] {
            assert_eq!(without_paths(text), told);
        }
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
