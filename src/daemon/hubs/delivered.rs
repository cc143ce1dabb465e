//! What hubs deliver: whether it is taken, and where it waits until it is taken in.

use std::collections::{HashSet, VecDeque};
use std::sync::PoisonError;

use bytes::Bytes;
use url::Url;

use super::{Hubs, may_subscribe, token_of};
use crate::daemon::State;
use crate::fetch::{BodyError, uncoded};
use crate::model::{Document, Secret, SourceName, Subscription, Validators};
use crate::serve::Posted;
use crate::text::hash;
use crate::websub::{self, Signed};

/// Bytes of one delivery.
const LONGEST: usize = 8 << 20;
/// How many times its size a delivery may decompress to, once it is larger than 1 MiB.
const RATIO: u64 = 200;
/// Deliveries that wait, and their bytes: who comes later is told to come again.
const MOST_WAITING: usize = 256;
const MOST_BYTES: usize = 16 << 20;

/// Something that a hub delivered, its signature checked.
#[derive(Debug)]
pub struct Delivery {
    /// Whose callback it came to.
    pub source: SourceName,
    /// What came, as if it had been fetched.
    pub document: Document,
    hash: u64,
}

/// What waits to be taken in.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    deliveries: VecDeque<Delivery>,
    closed: bool,
}

impl Hubs {
    /// The eldest delivery for a source that is not busy.
    #[must_use]
    pub fn next(&self, busy: &HashSet<SourceName>) -> Option<Delivery> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let at = waiting.deliveries.iter().position(|delivery| !busy.contains(&delivery.source))?;
        waiting.deliveries.remove(at)
    }

    /// Whether a callback takes something, and how many bytes.
    ///
    /// # Errors
    /// The status that says why not.
    pub async fn takes(&self, state: &State, path: &str) -> Result<usize, u16> {
        let Some(token) = token_of(path) else { return Err(if names_us(path) { 404 } else { 405 }) };
        self.live(state, token).await.map(|_| LONGEST)
    }

    /// Hears that something that was to come to a callback did not arrive. Its hub may think that it did.
    pub async fn missed(&self, state: &State, path: &str) {
        let Some(token) = token_of(path) else { return };
        if let Ok(one) = self.live(state, token).await {
            tracing::warn!(source.name = %one.source, "{}: something that its hub delivered did not arrive", one.source);
            self.doubt(one.source).await;
        }
    }

    /// Takes what came to a callback: who sent it is told by the callback alone, whatever it says of itself.
    pub async fn take(&self, state: &State, posted: Posted) -> u16 {
        let Some(token) = token_of(&posted.path) else { return 404 };
        let one = match self.live(state, token).await {
            Ok(one) => one,
            Err(status) => return status,
        };
        let name = one.source.clone();
        let signed =
            |body: &[u8]| websub::signed(posted.values("x-hub-signature"), &one.secret, body, state.config.websub.sha1);
        let plain = match plain(&posted).await {
            Ok(plain) => plain,
            Err(error) => {
                tracing::warn!(source.name = %name, "{name}: what its hub delivered is not taken: {error}");
                self.doubt(name).await;
                return status_of(&error);
            }
        };
        // What is signed is what was sent; some sign what they compressed.
        let signed = match (&plain, signed(&posted.body)) {
            (Some(plain), found) if found != Signed::Right => signed(plain),
            (_, found) => found,
        };
        let why = match signed {
            Signed::Right => return self.queue(one, plain, posted).await,
            Signed::Weak => "is signed by SHA-1 alone ([websub] sha1 = true takes that)",
            Signed::Wrong => "has a wrong signature",
            Signed::Missing => "is not signed",
        };
        tracing::warn!(source.name = %name, "{name}: what its hub delivered {why}: it is not taken");
        self.doubt(name).await;
        403
    }

    /// The subscription of a token whose source is in the file.
    async fn live(&self, state: &State, token: Secret) -> Result<Subscription, u16> {
        let found = self.store.subscription(token).await.map_err(|error| {
            tracing::error!("store: a callback could not be looked up: {error}");
            503_u16
        })?;
        let one = found.ok_or(404_u16)?;
        websub::admits(&one, self.clock.now())?;
        let wanted = state.config.websub.subscribe && state.source(&one.source).is_some_and(may_subscribe);
        if wanted { Ok(one) } else { Err(410) }
    }

    async fn queue(&self, one: Subscription, plain: Option<Bytes>, posted: Posted) -> u16 {
        let at = match self.store.source_state(&one.source).await {
            Ok(state) => state.offer.filter(|offer| offer.topic == one.topic).map_or(one.topic, |offer| offer.at),
            Err(_) => return 503,
        };
        let Ok(url) = Url::parse(&at) else { return 404 };
        let header = |name: &str| posted.values(name).next().map(str::to_owned);
        let document = Document {
            requested: url.clone(),
            url,
            status: 200,
            content_type: header("content-type"),
            content_language: header("content-language"),
            // Its links say nothing about where it came from.
            link_header: None,
            delta: false,
            broken_off: None,
            validators: Validators::default(),
            fetched_at: self.clock.now(),
            body: plain.unwrap_or(posted.body),
        };
        let delivery = Delivery { source: one.source.clone(), hash: hash(&document.body), document };
        if self.hold(delivery) {
            self.heard.notify_one();
            return 202;
        }
        tracing::warn!("{}: a delivery finds no room: its hub is told to come again", one.source);
        self.doubt(one.source).await;
        503
    }

    /// Takes nothing more: who comes later is told to come again.
    pub fn close(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
    }

    /// Holds a delivery; one that waits already is not held twice. `false` where there is no room.
    fn hold(&self, delivery: Delivery) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.closed {
            return false;
        }
        let waiting = &mut waiting.deliveries;
        if waiting.iter().any(|other| other.hash == delivery.hash && other.source == delivery.source) {
            return true;
        }
        let bytes: usize = waiting.iter().map(|delivery| delivery.document.body.len()).sum();
        if waiting.len() >= MOST_WAITING || bytes + delivery.document.body.len() > MOST_BYTES {
            return false;
        }
        waiting.push_back(delivery);
        true
    }
}

/// What came without its coding; `None` where it came in none.
async fn plain(posted: &Posted) -> Result<Option<Bytes>, BodyError> {
    let coding = posted.values("content-encoding").collect::<Vec<_>>().join(",");
    if coding.trim().is_empty() || coding.trim().eq_ignore_ascii_case("identity") {
        return Ok(None);
    }
    let body = posted.body.clone();
    let uncoded = tokio::task::spawn_blocking(move || uncoded(&coding, &body, LONGEST as u64, RATIO));
    let broke_off = |_| Err(BodyError::Broken("decompressing broke off".to_owned()));
    uncoded.await.unwrap_or_else(broke_off).map(|plain| Some(plain.into()))
}

fn status_of(error: &BodyError) -> u16 {
    match error {
        BodyError::TooBig | BodyError::Bomb => 413,
        BodyError::Coding(_) => 415,
        BodyError::Broken(_) => 400,
    }
}

/// Whether a path is one of a callback, whatever stands before it: a proxy may leave the path of the site there.
fn names_us(path: &str) -> bool {
    path.rsplit_once("/hub/").is_some_and(|(_, rest)| !rest.is_empty())
}
