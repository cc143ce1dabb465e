//! A request waits for its turn, and has its time: what is slow steps aside, or gives way.

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep_until, timeout};
use url::{Host, Url};

use super::client::{Client, late};
use super::gate::{Leave, Speed, TooFar};
use super::guard::is_public;
use super::places::Waits;
use super::{FetchError, host_of};

/// From one article page of a host to the next, where neither the file nor the host asks for more.
const SPACING: Duration = Duration::from_secs(1);
/// A request for whose place others wait steps aside after so long.
const PATIENCE: Duration = Duration::from_secs(1);

impl Client {
    /// Waits until the page of a host may be asked for, where it may be, and for leave to ask.
    pub(super) async fn page_leave(&self, page: &Url, now: DateTime<Utc>) -> Result<Leave, FetchError> {
        loop {
            let apart = self.turn(page, now).await?;
            let leave = self.0.gates.enter(page, Speed::Unknown, self.address(page)).await?;
            if self.0.gates.are_put_off(page) {
                return Err(FetchError::Quiet { host: host_of(page) });
            }
            if self.0.gates.begins_page(page, apart).await {
                return Ok(leave);
            }
        }
    }

    /// Waits until it is the turn of a page; gives how far the next must be.
    async fn turn(&self, page: &Url, now: DateTime<Utc>) -> Result<Duration, FetchError> {
        let asked = self.robots(page, now).await?;
        let usual = match self.0.settings.spacing {
            Some(spacing) => spacing,
            // Whom the file lists as inner is at home.
            None if is_public(self.address(page).await?) => SPACING,
            None => Duration::ZERO,
        };
        let apart = asked.max(usual);
        let host = || host_of(page);
        let turn = self.0.gates.turn(page, apart).await;
        turn.map(|()| apart).map_err(|TooFar| match self.0.gates.are_put_off(page) {
            true => FetchError::Quiet { host: host() },
            false => FetchError::Crowded { host: host() },
        })
    }

    /// Does one request at a checked address when its host and all others allow it, within the time that is left.
    pub(super) async fn in_turn<T>(
        &self,
        at: &Url,
        left: &mut Duration,
        asked: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let mut leave = self.0.gates.enter(at, Speed::Unknown, self.address(at)).await?;
        self.by_leave(at, left, &mut leave, &Waits::default(), asked).await
    }

    /// Does one request at a checked address by the leave that it has, within the time that is left.
    pub(super) async fn by_leave<T>(
        &self,
        at: &Url,
        left: &mut Duration,
        leave: &mut Leave,
        waits: &Waits,
        asked: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let began = Instant::now();
        let done = self.within(*left, leave, waits, at, asked).await;
        let took = began.elapsed().saturating_sub(waits.so_far());
        *left = left.saturating_sub(took);
        self.0.gates.note(at, self.how_fast(took, done.as_ref().err()));
        if let (Err(FetchError::Connect { .. } | FetchError::Timeout { .. }), Some(name)) = (&done, at.domain()) {
            self.0.names.forget(name);
        }
        done
    }

    /// What is known in this process of an address that was slow when it was last asked.
    #[must_use]
    pub fn speed(&self, url: &Url) -> Speed {
        self.0.gates.speed(url)
    }

    /// How fast an answer was that took so long, or a question that failed.
    pub(super) fn how_fast(&self, took: Duration, error: Option<&FetchError>) -> Speed {
        match error {
            Some(FetchError::Timeout { .. }) => Speed::Hangs,
            Some(FetchError::GaveWay { hangs: true, .. }) => Speed::Hangs,
            Some(FetchError::GaveWay { .. }) => Speed::Slow,
            _ if took > self.0.settings.slow() => Speed::Slow,
            _ => Speed::Quick,
        }
    }

    /// Waits so long. Where it becomes long, or others wait for its place, it steps aside. It gives way where it cannot and others
    /// wait for its place, or where another that steps aside takes the place that it has there; and, where it hung the last time
    /// and takes very long again, to others that are slow.
    async fn within<T>(
        &self,
        left: Duration,
        leave: &mut Leave,
        waits: &Waits,
        at: &Url,
        asked: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let mut asked = std::pin::pin!(asked);
        let (slow, overlong) = (self.0.settings.slow(), self.0.settings.overlong());
        let (began, patience) = (Instant::now(), slow.min(PATIENCE));
        let gave_way = |hangs| Err(FetchError::GaveWay { host: host_of(at), hangs });
        loop {
            let end = began + left + waits.so_far();
            tokio::select! {
                biased;
                done = &mut asked => return done,
                () = leave.lost() => return gave_way(false),
                () = sleep_until(end.min(Instant::now() + patience)) => {}
            }
            if Instant::now() >= began + left + waits.so_far() {
                return Err(late(&host_of(at)));
            }
            let took = began.elapsed().saturating_sub(waits.so_far());
            if took >= slow || leave.holds_up() {
                leave.step_aside(slow.saturating_sub(took));
            }
            if took >= slow && leave.holds_up() {
                return gave_way(false);
            }
            if took >= overlong && leave.holds_up_the_slow() {
                return gave_way(true);
            }
        }
    }

    /// The address by which a host is told from others: the first of its addresses.
    pub(super) async fn address(&self, url: &Url) -> Result<IpAddr, FetchError> {
        let host = || host_of(url);
        let name = match url.host() {
            Some(Host::Ipv4(v4)) => return Ok(v4.into()),
            Some(Host::Ipv6(v6)) => return Ok(v6.to_canonical()),
            Some(Host::Domain(name)) => name,
            None => return Err(FetchError::Scheme { scheme: url.scheme().to_owned() }),
        };
        let found = timeout(self.0.settings.connect, Box::pin(self.0.names.addresses(name))).await;
        let silent = || FetchError::Dns { host: host(), reason: "no answer in time".to_owned() };
        let found = found.map_err(|_elapsed| silent())?;
        let found = found.map_err(|error| FetchError::from_name(host(), &error))?;
        let nowhere = || FetchError::Dns { host: host(), reason: "the name has no address".to_owned() };
        found.iter().min().copied().ok_or_else(nowhere)
    }
}
