//! How many requests are on their way at one time, in all and to one site, and how many begin in a second.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use url::{Host, Url};

/// Sites remembered; beyond, those that nobody waits for and that were not asked lately are forgotten.
const MOST_SITES: usize = 4096;
/// Requests that may begin to one site in a second, for each that may be on its way at one time.
const BEGUN_PER_SECOND: usize = 10;
const SECOND: Duration = Duration::from_secs(1);

/// The gates of all sites.
#[derive(Debug)]
pub(super) struct Gates {
    all: Arc<Semaphore>,
    per_site: usize,
    sites: Mutex<HashMap<String, Arc<Gate>>>,
}

#[derive(Debug)]
struct Gate {
    permits: Arc<Semaphore>,
    begun: Mutex<VecDeque<Instant>>,
}

/// Leave to ask; given back when dropped.
#[derive(Debug)]
pub(super) struct Leave {
    _site: Option<OwnedSemaphorePermit>,
    _all: Option<OwnedSemaphorePermit>,
}

impl Gates {
    pub(super) fn new(all: usize, per_site: usize) -> Self {
        let most = Semaphore::MAX_PERMITS;
        Self {
            all: Arc::new(Semaphore::new(all.clamp(1, most))),
            per_site: per_site.clamp(1, most),
            sites: Mutex::new(HashMap::new()),
        }
    }

    /// Waits for leave to ask a site. First the site's, then the common one: who waits for a busy site holds up no other.
    pub(super) async fn enter(&self, url: &Url) -> Leave {
        let gate = self.gate(site_key(url));
        // A semaphore that is never closed always gives.
        let site = Arc::clone(&gate.permits).acquire_owned().await.ok();
        let all = Arc::clone(&self.all).acquire_owned().await.ok();
        while let Some(later) = gate.begin(Instant::now(), self.per_site.saturating_mul(BEGUN_PER_SECOND)) {
            sleep_until(later).await;
        }
        Leave { _site: site, _all: all }
    }

    fn gate(&self, key: String) -> Arc<Gate> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if sites.len() >= MOST_SITES && !sites.contains_key(&key) {
            let now = Instant::now();
            sites.retain(|_, gate| gate.is_in_use() || gate.asked_since(now, SECOND));
        }
        let fresh = || Gate { permits: Arc::new(Semaphore::new(self.per_site)), begun: Mutex::default() };
        Arc::clone(sites.entry(key).or_insert_with(|| Arc::new(fresh())))
    }
}

impl Gate {
    /// Counts a request as begun, or says when to try again.
    fn begin(&self, now: Instant, most: usize) -> Option<Instant> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        while begun.front().is_some_and(|b| *b + SECOND <= now) {
            begun.pop_front();
        }
        match begun.front() {
            Some(eldest) if begun.len() >= most => Some(*eldest + SECOND),
            _ => {
                begun.push_back(now);
                None
            }
        }
    }

    /// Whether somebody asks its site or waits for it: leave given and leave waited for both hold the semaphore.
    fn is_in_use(&self) -> bool {
        Arc::strong_count(&self.permits) > 1
    }

    fn asked_since(&self, now: Instant, span: Duration) -> bool {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.back().is_some_and(|b| *b + span > now)
    }
}

/// What counts as one site: the registrable domain (or the address), and the port where it is not the usual one.
fn site_key(url: &Url) -> String {
    let name = match url.host() {
        Some(Host::Domain(name)) => psl::domain_str(name).unwrap_or(name).to_owned(),
        Some(literal) => literal.to_string(),
        None => String::new(),
    };
    match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn url(written: &str) -> Url {
        Url::parse(written).unwrap()
    }

    #[test]
    fn a_site_is_a_registrable_domain() {
        assert_eq!(site_key(&url("https://feeds.bbc.co.uk/a")), site_key(&url("http://www.bbc.co.uk/b")));
        assert_ne!(site_key(&url("https://a.co.uk/")), site_key(&url("https://b.co.uk/")));
        assert_ne!(site_key(&url("http://127.0.0.1:1/")), site_key(&url("http://127.0.0.1:2/")));
    }

    #[tokio::test]
    async fn one_site_is_asked_one_at_a_time_and_holds_up_no_other() {
        let gates = Gates::new(2, 1);
        let first = gates.enter(&url("http://a.test/")).now_or_never();
        assert!(first.is_some());
        let address = url("http://a.test/2");
        let mut second = std::pin::pin!(gates.enter(&address));
        assert!(futures_util::poll!(&mut second).is_pending());
        assert!(gates.enter(&url("http://b.test/")).now_or_never().is_some());
        drop(first);
        assert!(futures_util::poll!(&mut second).is_ready());
    }

    #[tokio::test]
    async fn a_site_in_use_is_not_forgotten() {
        let gates = Gates::new(MOST_SITES * 2, 1);
        let busy = gates.enter(&url("http://busy.test/")).await;
        for i in 0..MOST_SITES + 10 {
            gates.gate(format!("site{i}"));
        }
        assert!(gates.enter(&url("http://busy.test/")).now_or_never().is_none());
        assert!(gates.sites.lock().unwrap().len() <= MOST_SITES);
        drop(busy);
    }

    #[test]
    fn no_more_begin_in_a_second_than_may() {
        let gate = Gate { permits: Arc::new(Semaphore::new(1)), begun: Mutex::default() };
        let start = Instant::now();
        let mut at = start;
        let mut begun = Vec::new();
        while begun.len() < 25 {
            match gate.begin(at, BEGUN_PER_SECOND) {
                Some(later) => at = later,
                None => begun.push(at - start),
            }
            at += Duration::from_millis(7);
        }
        for window in begun.windows(BEGUN_PER_SECOND + 1) {
            assert!(window[BEGUN_PER_SECOND] - window[0] >= SECOND, "{begun:?}");
        }
    }
}
