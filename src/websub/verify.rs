//! What a hub says to a callback by GET: that it wants a subscription confirmed, or that it denies one (WebSub, 5.2 and 5.3).

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};

use super::plan::{FIRST_WAIT, LONGEST_WAIT, REMEMBERED, is_last, said};
use crate::model::{Stage, Subscription};

/// The lease where a hub does not say it.
const USUAL_LEASE: u64 = 24 * 3600;
/// The longest lease that is believed: none is for ever.
const LONGEST_LEASE: u64 = 30 * 24 * 3600;
/// The share of a lease, in percent, after which it is renewed; where it is short sooner, so that so many seconds are left for
/// it, but not before half of it is over.
const RENEWED_AT: u64 = 80;
const LEFT: u64 = 60;

/// What a verification means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is what we asked for: the challenge goes back, and this is kept.
    Confirmed {
        /// What is sent back.
        challenge: String,
        /// The subscription as it is now.
        now: Box<Subscription>,
    },
    /// The hub denies it: that is kept.
    Denied(Box<Subscription>),
    /// We asked for no such thing.
    Unasked,
}

/// Weighs what a hub, one of so many that the source names, sent to the callback of a subscription.
#[must_use]
pub fn verify(one: &Subscription, hubs: usize, query: &str, now: DateTime<Utc>) -> Verdict {
    let get = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value)
    };
    if get("hub.topic").as_deref() != Some(one.topic.as_str()) {
        return Verdict::Unasked;
    }
    let challenge = get("hub.challenge").filter(|challenge| !challenge.is_empty()).map(Cow::into_owned);
    let lives = one.ends.is_some_and(|ends| ends > now);
    let after = match (get("hub.mode").as_deref(), one.stage) {
        (Some("subscribe"), Stage::Asking | Stage::Resting) => leased(one, get("hub.lease_seconds").as_deref(), now),
        // Its answer may have been lost, or it asks whether we are still there.
        (Some("subscribe"), Stage::Active) if lives => leased(one, get("hub.lease_seconds").as_deref(), now),
        (Some("unsubscribe"), Stage::Leaving) => {
            Subscription { stage: Stage::Ended, due: now + REMEMBERED, ..one.clone() }
        }
        (Some("denied"), stage @ (Stage::Asking | Stage::Resting | Stage::Active | Stage::Leaving)) => {
            let leaves = stage == Stage::Leaving;
            let stage = if leaves { Stage::Ended } else { Stage::Resting };
            let again = if is_last(one, hubs) { LONGEST_WAIT } else { FIRST_WAIT };
            let wait = if leaves { REMEMBERED } else { TimeDelta::from_std(again).unwrap_or(REMEMBERED) };
            let why = said(&format!("the hub denies it: {}", get("hub.reason").unwrap_or_default()));
            let failures = one.failures.saturating_add(1);
            let after = Subscription { stage, due: now + wait, since: None, failures, said: Some(why), ..one.clone() };
            return Verdict::Denied(Box::new(after));
        }
        _ => return Verdict::Unasked,
    };
    match challenge {
        Some(challenge) => Verdict::Confirmed { challenge, now: Box::new(after) },
        None => Verdict::Unasked,
    }
}

/// The subscription with the lease that the hub gives.
fn leased(one: &Subscription, written: Option<&str>, now: DateTime<Utc>) -> Subscription {
    let digits = written.map(str::trim).filter(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_digit()));
    let seconds = digits.map(|w| w.parse().unwrap_or(u64::MAX)).filter(|seconds| *seconds > 0);
    let seconds = seconds.unwrap_or(USUAL_LEASE).min(LONGEST_LEASE);
    let after = |seconds: u64| now + TimeDelta::seconds(seconds.cast_signed());
    Subscription {
        stage: Stage::Active,
        due: after((seconds * RENEWED_AT / 100).min(seconds.saturating_sub(LEFT)).max(seconds.div_ceil(2))),
        since: Some(one.since.unwrap_or(now)),
        ends: Some(after(seconds)),
        failures: 0,
        said: None,
        ..one.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::tests::{at, subscription};
    use super::*;

    fn asked(stage: Stage, query: &str) -> Verdict {
        let one = Subscription { stage, ends: Some(at(500)), ..subscription("a", stage) };
        verify(&one, 1, query, at(100))
    }

    const TOPIC: &str = "hub.topic=https%3A%2F%2Fa.example%2Ffeed%3Fx%3D1";

    #[test]
    fn what_was_asked_for_is_confirmed() {
        let query = format!("hub.mode=subscribe&{TOPIC}&hub.challenge=a%2Bb+c&hub.lease_seconds=1000&hub.x=y");
        for stage in [Stage::Asking, Stage::Resting, Stage::Active] {
            let Verdict::Confirmed { challenge, now } = asked(stage, &query) else { panic!("{stage:?}") };
            assert_eq!((challenge.as_str(), now.stage), ("a+b c", Stage::Active));
            assert_eq!((now.ends, now.due, now.since), (Some(at(1100)), at(900), Some(at(100))));
        }
        let query = format!("hub.mode=unsubscribe&{TOPIC}&hub.challenge=c");
        let Verdict::Confirmed { now, .. } = asked(Stage::Leaving, &query) else { panic!() };
        assert_eq!(now.stage, Stage::Ended);
    }

    #[test]
    fn what_was_not_asked_for_is_not() {
        let subscribe = format!("hub.mode=subscribe&{TOPIC}&hub.challenge=c&hub.lease_seconds=10");
        let unsubscribe = format!("hub.mode=unsubscribe&{TOPIC}&hub.challenge=c");
        for stage in [Stage::Leaving, Stage::Ended] {
            assert_eq!(asked(stage, &subscribe), Verdict::Unasked, "{stage:?}");
        }
        for stage in [Stage::Asking, Stage::Resting, Stage::Active, Stage::Ended] {
            assert_eq!(asked(stage, &unsubscribe), Verdict::Unasked, "{stage:?}");
        }
        for query in [
            "",
            "hub.mode=subscribe&hub.challenge=c",
            "hub.mode=subscribe&hub.topic=https://a.example/feed?x=2&hub.challenge=c",
            &subscribe.replace("challenge=c", "challenge="),
            &subscribe.replace("mode=subscribe", "mode=SUBSCRIBE"),
            &subscribe.replace("hub.mode=subscribe", "hub.mode=publish"),
            &subscribe.replace("feed", "Feed"),
        ] {
            assert_eq!(asked(Stage::Asking, query), Verdict::Unasked, "{query}");
        }
        let late = Subscription { ends: Some(at(100)), ..subscription("a", Stage::Active) };
        assert_eq!(verify(&late, 1, &subscribe, at(100)), Verdict::Unasked, "its lease has ended");
    }

    #[test]
    fn leases_are_finite_whatever_is_said() {
        for (written, seconds) in [
            ("60", 60),
            ("0", USUAL_LEASE),
            ("99999999999999999999999", LONGEST_LEASE),
            ("31536000", LONGEST_LEASE),
            ("-5", USUAL_LEASE),
            ("1e9", USUAL_LEASE),
            ("", USUAL_LEASE),
        ] {
            let query = format!("hub.mode=subscribe&{TOPIC}&hub.challenge=c&hub.lease_seconds={written}");
            let Verdict::Confirmed { now, .. } = asked(Stage::Asking, &query) else { panic!("{written}") };
            assert_eq!(now.ends, Some(at(100 + seconds.cast_signed())), "{written}");
            assert!(now.due > at(100), "{written}: no hot loop");
        }
    }

    #[test]
    fn a_short_lease_is_renewed_sooner() {
        for (seconds, renewed) in
            [(1, 1), (2, 1), (7, 4), (60, 30), (100, 50), (150, 90), (300, 240), (864_000, 691_200)]
        {
            let query = format!("hub.mode=subscribe&{TOPIC}&hub.challenge=c&hub.lease_seconds={seconds}");
            let Verdict::Confirmed { now, .. } = asked(Stage::Asking, &query) else { panic!("{seconds}") };
            assert_eq!(now.due, at(100 + renewed), "{seconds}");
        }
    }

    #[test]
    fn a_denial_is_noted_in_one_line() {
        let query = format!("hub.mode=denied&{TOPIC}&hub.reason=no%0A%1B%5B31m{}", "x".repeat(1_000));
        for stage in [Stage::Asking, Stage::Active] {
            let Verdict::Denied(now) = asked(stage, &query) else { panic!("{stage:?}") };
            let said = now.said.unwrap();
            assert_eq!((now.stage, now.since), (Stage::Resting, None));
            assert!(said.starts_with("the hub denies it: no [31m") && said.len() == 200, "{said}");
            assert!(now.due >= at(100 + 24 * 3600));
        }
        assert_eq!(asked(Stage::Ended, &query), Verdict::Unasked);
    }
}
