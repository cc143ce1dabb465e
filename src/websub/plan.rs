//! What is to be done about subscriptions, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Settings;
use crate::model::{Offer, Secret, SourceName, Stage, Subscription};

/// How long a verification is waited for before the hub counts as silent; one that comes later is good all the same, until
/// the hub is asked again.
const VERIFIED_WITHIN: TimeDelta = TimeDelta::minutes(10);
/// The wait after the first failure; it doubles with each further one.
pub(super) const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The longest wait, and the one after a refusal.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);
/// The longest wait that a hub may ask for.
const MOST_ASKED: Duration = Duration::from_secs(7 * 24 * 3600);
/// Doublings beyond which the wait grows no more.
const MOST_DOUBLINGS: u32 = 20;
/// How often a hub is asked to deliver no more; then the lease ends it.
const MOST_GOODBYES: u32 = 5;
/// A clock that went back by more than this was set.
const SET_BACK: TimeDelta = TimeDelta::minutes(1);
/// How long the callback of an ended subscription is known: it answers that it is gone.
pub(super) const REMEMBERED: TimeDelta = TimeDelta::days(30);
/// Ended subscriptions of one source that are known.
const MOST_ENDED: usize = 8;

/// What a hub is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// To deliver.
    Subscribe,
    /// To deliver no more.
    Unsubscribe,
}

/// A question to a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The subscription, as it was stored before the hub is asked.
    pub subscription: Subscription,
    /// What for.
    pub mode: Mode,
}

impl Request {
    /// What is sent, as a form.
    #[must_use]
    pub fn form(&self, settings: &Settings) -> String {
        let Subscription { token, secret, topic, callback: base, .. } = &self.subscription;
        let callback = format!("{base}{}hub/{}", if base.ends_with('/') { "" } else { "/" }, token.reveal());
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("hub.callback", &callback).append_pair("hub.topic", topic);
        match self.mode {
            Mode::Subscribe => form
                .append_pair("hub.mode", "subscribe")
                .append_pair("hub.lease_seconds", &settings.lease.as_secs().to_string())
                .append_pair("hub.secret", secret.reveal()),
            Mode::Unsubscribe => form.append_pair("hub.mode", "unsubscribe"),
        };
        form.finish()
    }
}

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Subscriptions that are new or changed, to be stored before anybody is asked.
    pub keep: Vec<Subscription>,
    /// Tokens of those that are to be forgotten.
    pub forget: Vec<Secret>,
    /// What hubs are then asked.
    pub ask: Vec<Request>,
    /// Sources for which something has ended.
    pub ended: BTreeSet<SourceName>,
    /// When there is something to do next.
    pub next: Option<DateTime<Utc>>,
}

/// What is to be done now, given what the sources offer and what is arranged; callbacks stand below `callback`, and `draw`
/// makes a new token and secret. At most `room` questions: what is left over is found again at the next look.
#[must_use]
pub fn plan(
    offers: &BTreeMap<SourceName, Offer>,
    held: Vec<Subscription>,
    callback: &str,
    draw: &mut dyn FnMut() -> Option<(Secret, Secret)>,
    room: usize,
    now: DateTime<Utc>,
) -> Plan {
    let mut by_source: BTreeMap<SourceName, Vec<Subscription>> = BTreeMap::new();
    offers.keys().for_each(|source| by_source.entry(source.clone()).or_default().clear());
    for one in held {
        by_source.entry(one.source.clone()).or_default().push(one);
    }
    let mut planning = Planning { plan: Plan::default(), callback, draw, room, now };
    for (source, held) in by_source {
        planning.source(&source, offers.get(&source), held);
    }
    planning.plan
}

struct Planning<'a> {
    plan: Plan,
    callback: &'a str,
    draw: &'a mut dyn FnMut() -> Option<(Secret, Secret)>,
    room: usize,
    now: DateTime<Utc>,
}

impl Planning<'_> {
    fn source(&mut self, source: &SourceName, offer: Option<&Offer>, held: Vec<Subscription>) {
        let held: Vec<_> = held.into_iter().map(|one| self.in_time(one)).collect();
        let named = |one: &Subscription| offer.is_some_and(|o| o.topic == one.topic && o.hubs.contains(&one.hub));
        let (wanted, unwanted): (Vec<_>, Vec<_>) =
            held.into_iter().partition(|one| named(one) && one.callback == self.callback);
        let mut ended = Vec::new();
        let (mut active, mut pending): (Option<Subscription>, Option<Subscription>) = (None, None);
        for one in wanted {
            match one.stage {
                Stage::Active if one.ends.is_none_or(|ends| ends <= self.now) => ended.push(self.end(one)),
                Stage::Active => {
                    self.wake(one.ends);
                    active = active.filter(|known| known.asked >= one.asked).or(Some(one));
                }
                Stage::Asking | Stage::Resting if pending.is_none() => pending = Some(one),
                Stage::Asking | Stage::Resting => self.plan.forget.push(one.token),
                // Wanted again: what was left is left, and a new one is made.
                Stage::Leaving => ended.extend(self.leave(one)),
                Stage::Ended => ended.push(one),
            }
        }
        for one in unwanted {
            match one.stage {
                Stage::Asking | Stage::Resting => self.plan.forget.push(one.token),
                Stage::Active => ended.extend(self.leave(Subscription { failures: 0, due: self.now, ..one })),
                Stage::Leaving => ended.extend(self.leave(one)),
                Stage::Ended => ended.push(one),
            }
        }
        self.forget(ended);
        if let Some(offer) = offer {
            self.pursue(source, offer, active, pending);
        }
    }

    /// A subscription that was made by a clock that has been set back since: as if it had been made now.
    fn in_time(&mut self, one: Subscription) -> Subscription {
        let ahead = one.asked - self.now;
        if ahead <= SET_BACK {
            return one;
        }
        let back = |time: Option<DateTime<Utc>>| time.and_then(|time| time.checked_sub_signed(ahead));
        let (since, ends) = (back(one.since), back(one.ends));
        let one = Subscription { asked: self.now, due: back(Some(one.due)).unwrap_or(self.now), since, ends, ..one };
        self.plan.keep.push(one.clone());
        one
    }

    /// Asks for what is wanted: for the first time, again, or for its renewal.
    fn pursue(
        &mut self,
        source: &SourceName,
        offer: &Offer,
        active: Option<Subscription>,
        pending: Option<Subscription>,
    ) {
        let since = active.as_ref().and_then(|active| active.since);
        let doubted = active.as_ref().is_some_and(|active| active.doubted);
        match (active, pending) {
            (_, Some(one)) if one.due > self.now => {
                self.wake(Some(one.due));
                // A gap between two leases is one.
                if one.since != since {
                    self.plan.keep.push(Subscription { since, ..one });
                }
            }
            (_, Some(one)) if one.stage == Stage::Asking => {
                let rested = refused(one, "the hub did not verify it in time", None, false, 0.0, self.now);
                self.wake(Some(rested.due));
                self.plan.keep.push(Subscription { since, ..rested });
            }
            (_, Some(one)) => {
                let at = usize::try_from(one.failures).unwrap_or(0) % offer.hubs.len().max(1);
                let hub = offer.hubs.get(at).cloned().unwrap_or(one.hub);
                self.ask(source, hub, offer, (since, doubted, one.failures), Some(one.token));
            }
            (Some(active), None) if active.due > self.now => self.wake(Some(active.due)),
            (Some(active), None) => self.ask(source, active.hub, offer, (since, doubted, 0), None),
            (None, None) => {
                let Some(hub) = offer.hubs.first().cloned() else { return };
                self.ask(source, hub, offer, (None, false, 0), None);
            }
        }
    }

    /// Asks a hub, under a callback of its own, in place of an earlier question.
    fn ask(
        &mut self,
        source: &SourceName,
        hub: String,
        offer: &Offer,
        (since, doubted, failures): (Option<DateTime<Utc>>, bool, u32),
        instead_of: Option<Secret>,
    ) {
        if self.room == 0 {
            return self.wake(Some(self.now));
        }
        let Some((token, secret)) = (self.draw)() else { return };
        let due = self.now + VERIFIED_WITHIN;
        let one = Subscription {
            token,
            secret,
            callback: self.callback.to_owned(),
            source: source.clone(),
            hub,
            topic: offer.topic.clone(),
            stage: Stage::Asking,
            asked: self.now,
            due,
            since,
            ends: None,
            failures,
            doubted,
            said: None,
        };
        self.wake(Some(due));
        self.plan.forget.extend(instead_of);
        self.send(one, Mode::Subscribe);
    }

    /// Asks the hub to deliver no more, some times; gives it back where it is over.
    fn leave(&mut self, one: Subscription) -> Option<Subscription> {
        if one.stage == Stage::Active {
            self.plan.ended.insert(one.source.clone());
        }
        if one.ends.is_none_or(|ends| ends <= self.now) || one.failures >= MOST_GOODBYES {
            return Some(self.end(one));
        }
        if one.due > self.now || self.room == 0 {
            self.wake(Some(one.due));
            if one.stage != Stage::Leaving {
                self.plan.keep.push(Subscription { stage: Stage::Leaving, ..one });
            }
            return None;
        }
        let due = self.now + VERIFIED_WITHIN;
        self.wake(one.ends.min(Some(due)));
        let failures = one.failures.saturating_add(1);
        self.send(Subscription { stage: Stage::Leaving, due, failures, ..one }, Mode::Unsubscribe);
        None
    }

    fn send(&mut self, subscription: Subscription, mode: Mode) {
        self.room = self.room.saturating_sub(1);
        self.plan.keep.push(subscription.clone());
        self.plan.ask.push(Request { subscription, mode });
    }

    fn end(&mut self, one: Subscription) -> Subscription {
        self.plan.ended.insert(one.source.clone());
        let one = Subscription { stage: Stage::Ended, due: self.now + REMEMBERED, ..one };
        self.plan.keep.push(one.clone());
        one
    }

    /// Of what has ended, the newest are known for a while.
    fn forget(&mut self, mut ended: Vec<Subscription>) {
        ended.sort_by_key(|one| std::cmp::Reverse(one.due));
        let old = ended.into_iter().enumerate().filter(|(n, one)| *n >= MOST_ENDED || one.due <= self.now);
        for (_, one) in old {
            self.plan.keep.retain(|kept| kept.token != one.token);
            self.plan.forget.push(one.token);
        }
    }

    fn wake(&mut self, at: Option<DateTime<Utc>>) {
        self.plan.next = self.plan.next.into_iter().chain(at).min();
    }
}

/// A subscription after the hub took the question; `None` where nothing changes by that.
#[must_use]
pub fn asked(one: &Subscription) -> Option<Subscription> {
    let said = one.said.is_some() && one.stage == Stage::Asking;
    said.then(|| Subscription { said: None, ..one.clone() })
}

/// Whether the hub of a subscription, of so many that its source names, is the last to be asked in turn: where it fails, no
/// other is left that may do.
#[must_use]
pub fn is_last(one: &Subscription, hubs: usize) -> bool {
    let asked = usize::try_from(one.failures).unwrap_or(0).saturating_add(1);
    asked % hubs.max(1) == 0
}

/// A subscription after the hub did not take the question: it is asked again, after a wait that grows, not before the hub
/// wants to be asked (`wait`), and a day later where it said no and no other hub is left (`said_no`). `jitter` is a random number from 0 to 1.
#[must_use]
pub fn refused(
    one: Subscription,
    why: &str,
    wait: Option<Duration>,
    said_no: bool,
    jitter: f64,
    now: DateTime<Utc>,
) -> Subscription {
    let leaving = one.stage == Stage::Leaving;
    let failures = if leaving { one.failures } else { one.failures.saturating_add(1) };
    let grown = FIRST_WAIT.saturating_mul(1 << failures.saturating_sub(1).min(MOST_DOUBLINGS)).min(LONGEST_WAIT);
    let own = if said_no { LONGEST_WAIT } else { grown };
    let own = own.mul_f64(1.0 + if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.0 } / 2.0);
    let wait = own.max(wait.unwrap_or_default().min(MOST_ASKED));
    let due = now + TimeDelta::from_std(wait).unwrap_or(VERIFIED_WITHIN);
    let stage = if leaving { Stage::Leaving } else { Stage::Resting };
    Subscription { stage, due, failures, said: Some(said(why)), ..one }
}

/// What somebody said, as it is kept: one line, not long.
pub(super) fn said(why: &str) -> String {
    const LONGEST: usize = 200;
    crate::text::one_line(why).chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

/// Whether what comes to a callback is taken, and the status that says it is not.
///
/// # Errors
/// 404 where nothing was verified; 410 where it is over.
pub fn admits(one: &Subscription, now: DateTime<Utc>) -> Result<(), u16> {
    match one.stage {
        Stage::Active if one.ends.is_some_and(|ends| ends > now) => Ok(()),
        Stage::Asking | Stage::Resting => Err(404),
        Stage::Active | Stage::Leaving | Stage::Ended => Err(410),
    }
}

#[cfg(test)]
pub(super) mod tests;
