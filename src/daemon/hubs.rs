//! The subscriber at work: asks hubs, answers what they verify, and holds what they deliver until it is taken in.

mod delivered;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use url::Url;

pub use self::delivered::Delivery;
use self::delivered::Waiting;
use super::{Shared, State};
use crate::clock::Clock;
use crate::fetch::{Client, FetchError, Post};
use crate::model::{Offer, Secret, SourceName, Stage, Subscription};
use crate::poll::Source;
use crate::serve::Answer;
use crate::store::{Store, StoreError};
use crate::websub::{self, Mode, Request, Verdict};

/// Questions to hubs at one time. How many requests are on their way is for the client to say; many that hang hold up none that
/// does not.
const AT_ONCE: usize = 128;
/// The loop looks around at least so often, and after something happened at the earliest so much later.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
const BREATH: Duration = Duration::from_millis(200);
/// Characters of a token.
const TOKEN: usize = 32;

/// The subscriber's part of the process.
#[derive(Debug)]
pub struct Hubs {
    store: Store,
    clock: Clock,
    waiting: Mutex<Waiting>,
    /// Sources whose next poll is to be planned anew: their hub begins or ceases to deliver.
    changed: Mutex<HashSet<SourceName>>,
    heard: Notify,
    wake: Notify,
}

impl Hubs {
    /// A subscriber over a store.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        let (waiting, changed) = (Mutex::default(), Mutex::default());
        Self { store, clock, waiting, changed, heard: Notify::new(), wake: Notify::new() }
    }

    /// Says that a source may offer something else, or that the file has changed.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Until something was delivered, or a hub begins or ceases to deliver.
    pub async fn heard(&self) {
        self.heard.notified().await;
    }

    /// Sources whose next poll is to be planned anew.
    #[must_use]
    pub fn changed(&self) -> HashSet<SourceName> {
        std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks what is to be done, stores it, and gives the questions that are then to be asked, `room` at most, and when to look
    /// again.
    ///
    /// # Errors
    /// When the store fails; then nobody is to be asked.
    pub async fn look(&self, state: &State, room: usize) -> Result<(Vec<Request>, Option<DateTime<Utc>>), StoreError> {
        let held = self.store.subscriptions().await?;
        let offers = if state.config.websub.subscribe { self.store.offers().await? } else { Vec::new() };
        let sources: HashSet<&SourceName> =
            state.config.sources.iter().filter(|s| may_subscribe(s)).map(|s| &s.name).collect();
        let wanted: BTreeMap<SourceName, Offer> =
            offers.into_iter().filter(|(name, _)| sources.contains(name)).collect();
        let callback = state.config.websub.callback.as_str();
        let plan = websub::plan(&wanted, held, callback, &mut websub::draw, room, self.clock.now());
        if !plan.keep.is_empty() || !plan.forget.is_empty() {
            self.store.arrange(plan.keep, plan.forget).await?;
        }
        self.tell(plan.ended);
        Ok((plan.ask, plan.next))
    }

    /// Asks a hub, and keeps what comes of it.
    pub async fn ask(&self, client: &Client, form: String, request: Request) {
        let Request { subscription, mode } = request;
        let (name, now) = (subscription.source.clone(), self.clock.now());
        // The address of the source is the operator's word; all else is the document's.
        let known = self.store.source_state(&name).await.unwrap_or_default();
        let beside = known.url.and_then(|url| Url::parse(&url).ok());
        let hubs = known.offer.map_or(1, |offer| offer.hubs.len());
        let outcome = match Url::parse(&subscription.hub) {
            Ok(url) => {
                let content_type = "application/x-www-form-urlencoded".to_owned();
                let post = Post { url, content_type, headers: Vec::new(), body: Bytes::from(form) };
                client.post_on(post, beside.as_ref(), now).await
            }
            Err(_) => Err(FetchError::Scheme { scheme: String::new() }),
        };
        match &outcome {
            Ok(_) if mode == Mode::Subscribe => {
                tracing::info!(source.name = %name, "{name}: its hub was asked to deliver")
            }
            Ok(_) => tracing::info!(source.name = %name, "{name}: its hub was asked to deliver no more"),
            Err(error) => tracing::warn!(source.name = %name, "{name}: its hub was not asked: {error}"),
        }
        // What is to be waited for is not shortened by what is left of a second.
        let (jitter, now) = (fastrand::f64(), self.clock.exact());
        let change = move |one: &Subscription| {
            // It may have been verified while the answer was on its way.
            let open =
                matches!((one.stage, mode), (Stage::Asking, Mode::Subscribe) | (Stage::Leaving, Mode::Unsubscribe));
            let after = match &outcome {
                _ if !open => None,
                Ok(_) => websub::asked(one),
                Err(error) => {
                    let (why, wait) = (error.to_string(), error.retry_after());
                    let last = said_no(error) && (mode == Mode::Unsubscribe || websub::is_last(one, hubs));
                    Some(websub::refused(one.clone(), &why, wait, last, jitter, now))
                }
            };
            (after, ())
        };
        if let Err(error) = self.store.amend(subscription.token, change).await {
            tracing::error!("store: {name}: what its hub said was not kept: {error}");
        }
        self.wake();
    }

    /// What a callback answers to a hub that verifies or denies. `None` where the path is not one of a callback.
    pub async fn answer(&self, path: &str, query: Option<&str>) -> Option<Answer> {
        let token = token_of(path)?;
        Some(match self.verified(token, query.unwrap_or_default().to_owned()).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!("store: a verification was not kept: {error}");
                Answer::Busy
            }
        })
    }

    async fn verified(&self, token: Secret, query: String) -> Result<Answer, StoreError> {
        // Whoever guesses does not get as far as the writer.
        let Some(one) = self.store.subscription(token.clone()).await? else { return Ok(Answer::Missing) };
        let hubs = self.store.source_state(&one.source).await?.offer.map_or(1, |offer| offer.hubs.len());
        let now = self.clock.now();
        let change = move |one: &Subscription| match websub::verify(one, hubs, &query, now) {
            Verdict::Confirmed { challenge, now } => (Some(*now.clone()), (Answer::Said(challenge), Some(*now))),
            Verdict::Denied(now) => (Some(*now.clone()), (Answer::Said(String::new()), Some(*now))),
            Verdict::Unasked => (None, (Answer::Missing, None)),
        };
        let Some((answer, after)) = self.store.amend(token, change).await? else { return Ok(Answer::Missing) };
        if let Some(Subscription { source, stage, ends, said, .. }) = after {
            match (stage, ends, said) {
                (Stage::Active, Some(ends), _) => {
                    tracing::info!(source.name = %source, "{source}: its hub delivers until {}", ends.format("%F %T"));
                }
                (Stage::Resting, _, Some(why)) => tracing::warn!(source.name = %source, "{source}: {why}"),
                _ => tracing::info!(source.name = %source, "{source}: its hub delivers no more"),
            }
            self.tell([source]);
            self.wake();
        }
        Ok(answer)
    }

    /// What could not be taken may be missing: the source is polled as if there were no hub, until it delivers well again.
    async fn doubt(&self, source: SourceName) {
        match self.store.doubt(source.clone()).await {
            Ok(true) => self.tell([source]),
            Ok(false) => {}
            Err(error) => tracing::error!("store: {source}: that its hub is doubted was not kept: {error}"),
        }
    }

    /// Says that the next poll of sources is to be planned anew.
    pub(super) fn tell(&self, sources: impl IntoIterator<Item = SourceName>) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        let before = changed.len();
        changed.extend(sources);
        if changed.len() > before {
            self.heard.notify_one();
        }
    }
}

/// Asks hubs until the process stops.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut asking = JoinSet::new();
    while !shared.stop.is_cancelled() {
        let state = shared.state.load_full();
        let sleep = match shared.hubs.look(&state, room(&mut asking)).await {
            Ok((requests, next)) => {
                for request in requests {
                    let (shared, client) = (shared.clone(), state.poller.client().clone());
                    let form = request.form(&state.config.websub);
                    asking.spawn(async move { shared.hubs.ask(&client, form, request).await });
                }
                next.map_or(LONGEST_SLEEP, |next| (next - shared.clock.now()).to_std().unwrap_or_default())
            }
            Err(error) => {
                tracing::error!("store: what hubs are to be asked could not be looked up: {error}");
                LONGEST_SLEEP
            }
        };
        // A look costs more than a glance: what happens within a breath is looked at together.
        tokio::select! {
            () = shared.stop.cancelled() => {}
            () = tokio::time::sleep(BREATH) => {}
        }
        tokio::select! {
            () = shared.stop.cancelled() => {}
            () = shared.hubs.wake.notified() => {}
            Some(_) = asking.join_next(), if !asking.is_empty() => {}
            () = tokio::time::sleep(sleep.min(LONGEST_SLEEP)) => {}
        }
    }
}

/// How many questions may be asked now: those that were answered make room, all of them.
fn room(asking: &mut JoinSet<()>) -> usize {
    while asking.try_join_next().is_some() {}
    AT_ONCE.saturating_sub(asking.len())
}

/// What is private is nobody's business, a hub's neither.
fn may_subscribe(source: &Source) -> bool {
    source.polled && !source.private
}

/// Whether an answer means no, and not that the hub has trouble.
fn said_no(error: &FetchError) -> bool {
    match error {
        FetchError::Status { status, .. } => matches!(status, 400..=499) && !matches!(status, 408 | 425 | 429),
        FetchError::Scheme { .. }
        | FetchError::Port { .. }
        | FetchError::Inner { .. }
        | FetchError::Userinfo { .. } => true,
        _ => false,
    }
}

/// The token in the path of a callback.
fn token_of(path: &str) -> Option<Secret> {
    let (_, token) = path.rsplit_once("/hub/")?;
    let fine = token.len() == TOKEN && token.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    fine.then(|| Secret::new(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_that_were_answered_make_room() {
        let mut asking = JoinSet::new();
        (0..AT_ONCE).for_each(|_| drop(asking.spawn(async {})));
        for _ in 0..AT_ONCE {
            tokio::task::yield_now().await;
        }
        asking.spawn(std::future::pending());
        assert_eq!(room(&mut asking), AT_ONCE - 1);
    }
}
