//! When a source is asked at another address than the file's: never because one answer says so.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{PollError, Poller, Source, health};
use crate::fetch::Disposition;
use crate::model::{Health, SourceName, Validators};
use crate::read::looks_like_feed;
use crate::store::{Moved, Moving, SourceState, StoreError};
use crate::text::url_key;

/// At how many polls a new address must have been named and have given a feed.
const POLLS: u32 = 3;

/// When a new address takes the place of a source's.
#[derive(Debug, Clone)]
pub struct Moves {
    /// How long a new address must have been named before it is taken.
    pub confirm: Duration,
    /// The sources by the keys of their addresses: none is taken over by another.
    pub addresses: HashMap<String, Vec<SourceName>>,
}

impl Default for Moves {
    fn default() -> Self {
        Self { confirm: Duration::from_secs(24 * 3600), addresses: HashMap::new() }
    }
}

impl Moves {
    /// The rules for these sources.
    #[must_use]
    pub fn new<'a>(confirm: Duration, sources: impl IntoIterator<Item = &'a Source>) -> Self {
        let mut addresses: HashMap<String, Vec<SourceName>> = HashMap::new();
        for source in sources {
            addresses.entry(url_key(&source.url)).or_default().push(source.name.clone());
        }
        Self { confirm, addresses }
    }

    /// Another source whose address in the file this is.
    fn source_at(&self, address: &Url, but: &SourceName) -> Option<SourceName> {
        let there = self.addresses.get(&url_key(address)).into_iter().flatten();
        there.filter(|name| *name != but).min().cloned()
    }

    /// What still holds of a move: nothing, once the file gives the new address to another source.
    pub(super) fn holds(&self, of: &SourceName, moved: &Moved) -> bool {
        Url::parse(&moved.to).is_ok_and(|to| self.source_at(&to, of).is_none())
    }

    /// Whether a failure says that there is no feed any more at an address that takes the place of the file's: what answers
    /// there says so, or nothing comes from there for as long as a move takes to be certain.
    pub(super) fn is_lost(&self, state: &SourceState, error: &PollError, health: &Health, now: DateTime<Utc>) -> bool {
        let replaced = state.feed_url.is_some() || state.moved.is_some();
        let silent = matches!(error, PollError::Fetch(error) if error.disposition() == Disposition::Retry);
        let long = TimeDelta::from_std(self.confirm).is_ok_and(|confirm| now - health.since >= confirm);
        replaced && (health::is_lost(error) || silent && health.failures >= POLLS && long)
    }

    /// What is known of a move once an address was named, and gave a feed, once more; and whether it is certain by now.
    fn weigh(&self, of: &SourceName, known: Option<&Moving>, to: &Url, now: DateTime<Utc>) -> (Moving, bool) {
        let same = known.filter(|known| known.to == to.as_str());
        let since = same.map_or(now, |known| known.since.min(now));
        let seen = same.map_or(0, |known| known.seen).saturating_add(1);
        let taken_by = self.source_at(to, of);
        let long_enough = TimeDelta::from_std(self.confirm).is_ok_and(|confirm| now - since >= confirm);
        let certain = seen >= POLLS && long_enough && taken_by.is_none();
        (Moving { to: to.to_string(), since, seen, taken_by }, certain)
    }
}

/// Where a source is asked: at the feed that was found on its page, else where it has moved to, else where the file says.
#[must_use]
pub fn address(source: &Source, state: &SourceState) -> Url {
    let kept = state.feed_url.as_deref().or(state.moved.as_ref().map(|moved| moved.to.as_str()));
    let mut url = kept.and_then(|url| Url::parse(url).ok()).unwrap_or_else(|| source.url.clone());
    // It is not sent, and what comes back has none.
    url.set_fragment(None);
    url
}

/// Whether the address of a source is that of a feed, so that a page there stands in its place: it gave one, or whoever
/// wrote it meant one.
pub(super) fn is_of_feed(state: &SourceState, asked: &Url) -> bool {
    state.usual_entries.is_some() && state.feed_url.is_none() || looks_like_feed(asked)
}

/// What is remembered of a source whose address was not the right one after all: it is asked again where the file says,
/// or at its page, and not by what the other was known by.
pub(super) fn back(state: SourceState) -> SourceState {
    let moved = state.moved.clone().filter(|_| state.feed_url.is_some());
    SourceState {
        feed_url: None,
        moved,
        moving: None,
        validators: Validators::default(),
        body_hash: None,
        usual_entries: None,
        asks: String::new(),
        ..state
    }
}

impl Poller {
    /// Takes in that the address that was asked, or the page there, named another one, which gave a feed; or that it named
    /// none. Whether the other address has taken its place now.
    pub(super) async fn weigh_move(
        &self,
        source: &Source,
        state: &mut SourceState,
        to: Option<&Url>,
    ) -> Result<bool, StoreError> {
        let Some(to) = to else {
            state.moving = None;
            return Ok(false);
        };
        let now = self.clock.now();
        let moves = &self.rules.moves;
        let (mut moving, mut certain) = moves.weigh(&source.name, state.moving.as_ref(), to, now);
        if certain && let Some(other) = self.is_taken(source, to).await? {
            (moving.taken_by, certain) = (Some(other), false);
        }
        if !certain {
            state.moving = Some(moving);
            return Ok(false);
        }
        let name = &source.name;
        let shown = if source.has_secrets() { to.origin().ascii_serialization() } else { to.to_string() };
        tracing::warn!(source.name = %name, "{name}: has moved for good: {shown} is asked from now on");
        state.moving = None;
        if state.feed_url.is_some() {
            state.feed_url = Some(to.to_string());
        } else {
            let moved = Moved { from: source.url.to_string(), to: to.to_string(), at: now };
            state.moved = (*to != source.url).then_some(moved);
        }
        Ok(true)
    }

    /// The same, where what was read before still stands there: a feed without entries speaks for no address.
    pub(super) async fn weigh_move_again(
        &self,
        source: &Source,
        state: &mut SourceState,
        to: Option<&Url>,
    ) -> Result<(), StoreError> {
        let has_entries = state.usual_entries.is_some_and(|usual| usual > 0);
        self.weigh_move(source, state, to.filter(|_| has_entries)).await.map(drop)
    }

    /// The source that is asked at an address although the file does not say so.
    async fn is_taken(&self, source: &Source, address: &Url) -> Result<Option<SourceName>, StoreError> {
        let key = url_key(address);
        let is_there =
            |kept: Option<&str>| kept.and_then(|url| Url::parse(url).ok()).is_some_and(|u| url_key(&u) == key);
        let known = |name: &SourceName| self.rules.moves.addresses.values().flatten().any(|known| known == name);
        let states = self.store.source_states().await?;
        Ok(states
            .into_iter()
            .find(|(name, state)| {
                let moved = state.moved.as_ref().map(|moved| moved.to.as_str());
                *name != source.name && (is_there(moved) || is_there(state.feed_url.as_deref())) && known(name)
            })
            .map(|(name, _)| name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::FetchError;
    use crate::model::HealthState;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_445_600, 0).unwrap() + TimeDelta::hours(hours)
    }

    fn url(written: &str) -> Url {
        Url::parse(written).unwrap()
    }

    fn name(name: &str) -> SourceName {
        SourceName::new(name).unwrap()
    }

    /// Whether a move is certain after each of these polls: the hour, and the address that was named.
    fn certain(polls: &[(i64, &str)]) -> Vec<bool> {
        let others = [("a", "https://a.test/feed"), ("b", "http://b.test/feed/")];
        let sources = others.map(|(n, u)| Source::usual(name(n), url(u), chrono_tz::Tz::UTC));
        let moves = Moves::new(Duration::from_secs(24 * 3600), &sources);
        let mut known = None;
        polls
            .iter()
            .map(|(hour, to)| {
                let (moving, certain) = moves.weigh(&name("a"), known.as_ref(), &url(to), at(*hour));
                known = Some(moving);
                certain
            })
            .collect()
    }

    #[test]
    fn a_source_is_asked_at_its_feed_else_where_it_moved_else_where_the_file_says() {
        let source = Source::usual(name("a"), url("https://a.test/#news"), chrono_tz::Tz::UTC);
        let moved = Some(Moved { from: String::new(), to: "https://b.test/".to_owned(), at: at(0) });
        let moved = SourceState { moved, ..SourceState::default() };
        let found = SourceState { feed_url: Some("https://b.test/feed".to_owned()), ..moved.clone() };
        for (state, asked) in
            [(SourceState::default(), "https://a.test/"), (moved, "https://b.test/"), (found, "https://b.test/feed")]
        {
            assert_eq!(address(&source, &state).as_str(), asked);
        }
    }

    #[test]
    fn what_fails_for_as_long_as_a_move_takes_is_lost() {
        let moved = Some(Moved { from: String::new(), to: "https://b.test/".to_owned(), at: at(0) });
        let moved = SourceState { moved, ..SourceState::default() };
        let dead = PollError::Fetch(FetchError::Dns { host: "b.test".into(), reason: "gone".into() });
        let refused = PollError::Fetch(FetchError::Port { host: "b.test".into(), port: 1 });
        let health = |failures| Health { state: HealthState::Failing, since: at(0), error: None, failures };
        let moves = Moves::default();
        let lost =
            |state: &SourceState, error, failures, hour| moves.is_lost(state, error, &health(failures), at(hour));
        assert!(lost(&moved, &dead, 3, 24) && !lost(&moved, &dead, 3, 23) && !lost(&moved, &dead, 2, 24));
        assert!(!lost(&moved, &refused, 9, 99), "it was not asked");
        assert!(!lost(&SourceState::default(), &dead, 9, 99), "there is no other address to ask");
    }

    #[test]
    fn a_move_is_certain_after_three_polls_over_a_day() {
        let new = "https://a.test/new";
        assert_eq!(certain(&[(0, new), (12, new), (24, new)]), [false, false, true]);
        assert_eq!(certain(&[(0, new), (30, new), (31, new)]), [false, false, true]);
        assert_eq!(certain(&[(0, new), (1, new), (2, new), (23, new)]), [false; 4]);
        let other = "https://a.test/other";
        assert_eq!(
            certain(&[(0, new), (20, other), (24, new), (30, new), (48, new)]),
            [false, false, false, false, true]
        );
        assert_eq!(certain(&[(0, new), (-500, new), (-499, new)]), [false; 3], "the clock was set back");
    }

    #[test]
    fn an_address_of_another_source_is_never_taken_and_ones_own_may_change_its_scheme() {
        let others = "https://www.b.test/feed";
        assert_eq!(certain(&[(0, others), (40, others), (80, others)]), [false; 3]);
        let own = "http://a.test/feed";
        assert_eq!(certain(&[(0, own), (40, own), (80, own)]), [false, false, true]);
        let sources = [("a", "https://a.test/feed"), ("b", "https://b.test/feed")];
        let sources = sources.map(|(n, u)| Source::usual(name(n), url(u), chrono_tz::Tz::UTC));
        let moves = Moves::new(Duration::ZERO, &sources);
        let to = |to: &str| Moved { from: String::new(), to: to.to_owned(), at: at(0) };
        assert!(
            moves.holds(&name("a"), &to("https://c.test/feed")) && moves.holds(&name("b"), &to("http://b.test/feed"))
        );
        assert!(!moves.holds(&name("a"), &to("http://b.test/feed")), "the file gives it to another since");
    }
}
