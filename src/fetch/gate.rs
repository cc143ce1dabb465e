//! When a request may begin: how many are on their way at one time and how many begin in a second, in all and to one host,
//! and how far the article pages of one host lie apart.
//!
//! A host is a registrable domain and an address: many names may lead to one machine. Only the pages of one server are kept
//! apart as that server asks. A request that takes long steps aside: it leaves its place to others and takes one of those kept
//! for the slow. An address that was slow when it was last asked waits for such a place from the start, so that a few servers
//! that hang hold up nobody but each other. Where those places are taken and others wait, who has stepped aside longest gives way;
//! where none has, what takes long can be told that it holds up others. What was quick goes ahead of what nobody has asked yet,
//! and among the slow what answers in the end ahead of what hangs.

mod leave;
mod line;

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep_until};
use url::{Host, Url};

pub(super) use self::leave::Leave;
use self::leave::Stepped;
use self::line::Line;
use super::{FetchError, Settings};

/// Hosts remembered; beyond, those that nobody waits for and that were not asked lately are forgotten.
const MOST_HOSTS: usize = 4096;
/// Slow addresses remembered.
const MOST_SLOW: usize = 4096;
/// Places for slow requests in all, for each ordinary one; of one host there are as many as ordinary ones.
const SLOW_IN_ALL: usize = 3;
/// The longest time that an article page waits for its turn; those behind it are for the next poll.
const LONGEST_TURN: Duration = Duration::from_secs(60);
/// So much too early a page waits with its leave in hand; beyond, it leaves its place to others meanwhile.
const SHORT_WAIT: Duration = Duration::from_millis(100);
/// Pages of one server that refuse one after the other (403, 429, 503), after which the others wait, and how long.
const REFUSALS: usize = 3;
const REFUSED_PAGES: Duration = Duration::from_secs(15 * 60);
const SECOND: Duration = Duration::from_secs(1);

/// The gates of all hosts.
#[derive(Debug)]
pub(super) struct Gates {
    all: Arc<Gate>,
    per_host: usize,
    per_host_second: usize,
    hosts: Mutex<HashMap<String, Arc<Gate>>>,
    slow: Mutex<HashMap<u64, Speed>>,
}

/// How fast an address answered when it was last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Speed {
    /// It was never asked.
    #[default]
    Unknown,
    /// At once.
    Quick,
    /// It took long, or gave way to others before it was through.
    Slow,
    /// It did not answer in time.
    Hangs,
}

#[derive(Debug)]
struct Gate {
    places: Arc<Line>,
    /// Places of requests that take long.
    aside: Arc<Line>,
    /// Those that stepped aside, who has stood there longest first.
    stepped: Mutex<VecDeque<Weak<Stepped>>>,
    /// From one beginning to the next.
    apart: Duration,
    next: Mutex<Next>,
    /// Until when its host asks to be left alone.
    quiet: Mutex<Instant>,
    /// Pages refused one after the other.
    refusals: AtomicUsize,
}

/// When what comes next is due at a host.
#[derive(Debug)]
struct Next {
    request: Instant,
    /// The next turn of a page.
    page: Instant,
    /// The next page on the wire: the one before may have begun later than at its turn.
    sent: Instant,
}

/// The turn of a page is too far off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooFar;

impl Gates {
    pub(super) fn new(settings: &Settings) -> Self {
        let slow = settings.at_once.saturating_mul(SLOW_IN_ALL);
        Self {
            all: Arc::new(Gate::new(settings.at_once, slow, settings.per_second)),
            per_host: settings.per_host,
            per_host_second: settings.per_host_second,
            hosts: Mutex::default(),
            slow: Mutex::default(),
        }
    }

    /// Waits for the turn of an article page among those of its host.
    ///
    /// # Errors
    /// Where it would be too long.
    pub(super) async fn turn(&self, url: &Url, apart: Duration) -> Result<(), TooFar> {
        let at = self.gate(server_key(url)).turn(Instant::now(), apart).ok_or(TooFar)?;
        until(at).await;
        Ok(())
    }

    /// Lets an article page that has its turn and its leave begin, where the one before began long enough ago: that may
    /// have waited for its leave. Else it needs another turn.
    pub(super) async fn begins_page(&self, url: &Url, apart: Duration) -> bool {
        let at = self.gate(server_key(url)).page_begin(Instant::now(), apart);
        if let Some(at) = at {
            until(at).await;
        }
        at.is_some()
    }

    /// A page was answered, or refused: where its server says for how long, or refuses page after page, its pages wait.
    pub(super) fn page_answered(&self, url: &Url, error: Option<&FetchError>) {
        let refusals = &self.gate(server_key(url)).refusals;
        let wait = match error.and_then(FetchError::status) {
            Some(403 | 429 | 503) => {
                let so_far = refusals.fetch_add(1, Ordering::Relaxed) + 1;
                (so_far >= REFUSALS).then_some(REFUSED_PAGES)
            }
            _ => {
                refusals.store(0, Ordering::Relaxed);
                None
            }
        };
        if let Some(wait) = error.and_then(FetchError::retry_after).max(wait) {
            self.put_off_pages(url, wait);
        }
    }

    /// The host of an article page asks to be left alone for so long.
    pub(super) fn put_off_pages(&self, url: &Url, wait: Duration) {
        let gate = self.gate(server_key(url));
        let mut quiet = locked(&gate.quiet);
        *quiet = Instant::now().checked_add(wait).map_or(*quiet, |until| until.max(*quiet));
    }

    /// Whether it does, for longer than a page may wait: another page may have been told so while this one waited.
    pub(super) fn are_put_off(&self, url: &Url) -> bool {
        *locked(&self.gate(server_key(url)).quiet) > Instant::now() + LONGEST_TURN
    }

    /// Waits for leave to ask: a place at the host's name, one at its address, which is looked up in between, and one in all.
    /// Who waits for a busy host holds up no other. `speed`: what was known of the address before this process.
    ///
    /// # Errors
    /// Where the name has no address that may be asked.
    pub(super) async fn enter<E>(
        &self,
        url: &Url,
        speed: Speed,
        address: impl Future<Output = Result<IpAddr, E>>,
    ) -> Result<Leave, E> {
        let speed = Some(self.speed(url)).filter(|known| *known != Speed::Unknown).unwrap_or(speed);
        let mut leave = Leave::default();
        if matches!(url.host(), Some(Host::Domain(_))) {
            leave.place(self.gate(site_key(url)), speed).await;
        }
        leave.place(self.gate(address.await?.to_string()), speed).await;
        for host in &leave.held {
            host.gate.begin().await;
        }
        leave.place(Arc::clone(&self.all), speed).await;
        self.all.begin().await;
        Ok(leave)
    }

    /// Waits for leave to ask once more where the last request by this one was: its places are kept.
    pub(super) async fn again(&self, leave: Leave) -> Leave {
        for held in &leave.held {
            held.gate.begin().await;
        }
        leave
    }

    /// What is remembered of an address: whether it was slow.
    pub(super) fn speed(&self, url: &Url) -> Speed {
        locked(&self.slow).get(&number(url)).copied().unwrap_or_default()
    }

    /// Remembers an address that was slow, for as long as it is.
    pub(super) fn note(&self, url: &Url, speed: Speed) {
        let mut all = locked(&self.slow);
        match speed {
            Speed::Unknown | Speed::Quick => _ = all.remove(&number(url)),
            Speed::Slow | Speed::Hangs if all.len() < MOST_SLOW => _ = all.insert(number(url), speed),
            Speed::Slow | Speed::Hangs => {}
        }
    }

    fn gate(&self, key: String) -> Arc<Gate> {
        let mut hosts = locked(&self.hosts);
        if hosts.len() >= MOST_HOSTS && !hosts.contains_key(&key) {
            let now = Instant::now();
            hosts.retain(|_, gate| gate.is_in_use(now));
        }
        let fresh = || Arc::new(Gate::new(self.per_host, self.per_host, self.per_host_second));
        Arc::clone(hosts.entry(key).or_insert_with(fresh))
    }
}

impl Gate {
    fn new(places: usize, aside: usize, per_second: usize) -> Self {
        let now = Instant::now();
        let per_second = u32::try_from(per_second.max(1)).unwrap_or(u32::MAX);
        Self {
            places: Arc::new(Line::new(places)),
            aside: Arc::new(Line::new(aside)),
            stepped: Mutex::default(),
            apart: SECOND / per_second,
            next: Mutex::new(Next { request: now, page: now, sent: now }),
            quiet: Mutex::new(now),
            refusals: AtomicUsize::new(0),
        }
    }

    /// Waits until one more may begin.
    async fn begin(&self) {
        until(self.next_begin(Instant::now())).await;
    }

    /// When one more may begin: one follows the other evenly, so that what is late on its way does not meet the next handful.
    fn next_begin(&self, now: Instant) -> Instant {
        let mut next = locked(&self.next);
        let at = now.max(next.request);
        next.request = at + self.apart;
        at
    }

    /// When the next page may be asked for.
    fn turn(&self, now: Instant, apart: Duration) -> Option<Instant> {
        let mut next = locked(&self.next);
        let at = now.max(next.page).max(next.sent).max(*locked(&self.quiet));
        if at.duration_since(now) > LONGEST_TURN {
            return None;
        }
        next.page = at + apart;
        Some(at)
    }

    /// When a page that had its turn may go out, unless that is later than it should wait.
    fn page_begin(&self, now: Instant, apart: Duration) -> Option<Instant> {
        let mut next = locked(&self.next);
        let at = now.max(next.sent);
        if at.duration_since(now) > SHORT_WAIT {
            return None;
        }
        next.sent = at + apart;
        Some(at)
    }

    /// Whether somebody asks its host or waits for it, or must wait.
    fn is_in_use(self: &Arc<Self>, now: Instant) -> bool {
        let next = locked(&self.next);
        let due = next.request.max(next.page).max(next.sent);
        Arc::strong_count(self) > 1 || due > now || *locked(&self.quiet) > now
    }
}

/// The timer rounds up: what is due now does not ask it.
async fn until(at: Instant) {
    if at > Instant::now() {
        sleep_until(at).await;
    }
}

/// No panic leaves what is behind these locks half changed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn number(url: &Url) -> u64 {
    let mut hasher = DefaultHasher::new();
    url.as_str().hash(&mut hasher);
    hasher.finish()
}

/// What counts as one site: the registrable domain, or the address.
fn site_key(url: &Url) -> String {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            psl::domain_str(name).unwrap_or(name).to_owned()
        }
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => String::new(),
    }
}

/// What counts as one server, whose pages lie apart as it asks: what it asks for (robots.txt, `Retry-After`) it asks for itself
/// (RFC 9309 2.3), and not for others of its domain or address. No gate of a site has a scheme in its key.
fn server_key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let port = url.port_or_known_default().unwrap_or_default();
    format!("pages://{}:{port}", host.strip_prefix("www.").unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::FutureExt;

    use super::*;

    fn url(written: &str) -> Url {
        Url::parse(written).unwrap()
    }

    fn gates(at_once: usize, per_host: usize) -> Gates {
        let quick = usize::MAX;
        Gates::new(&Settings { at_once, per_host, per_second: quick, per_host_second: quick, ..Settings::default() })
    }

    async fn at(address: &str) -> Result<IpAddr, Infallible> {
        Ok(address.parse().unwrap())
    }

    async fn enter(gates: &Gates, written: &str, address: &str) -> Leave {
        gates.enter(&url(written), Speed::Unknown, at(address)).await.unwrap()
    }

    #[test]
    fn a_site_is_a_registrable_domain() {
        assert_eq!(site_key(&url("https://feeds.bbc.co.uk/a")), site_key(&url("http://www.bbc.co.uk.:8080/b")));
        assert_ne!(site_key(&url("https://a.co.uk/")), site_key(&url("https://b.co.uk/")));
        assert_eq!(site_key(&url("http://127.0.0.1:1/")), site_key(&url("http://127.1:2/")));
    }

    #[test]
    fn pages_lie_apart_on_the_wire_too() {
        let (gate, apart, now) = (Gate::new(1, 1, 1), Duration::from_secs(5), Instant::now());
        let later = |ms| now + Duration::from_millis(ms);
        assert_eq!((gate.turn(now, apart), gate.turn(now, apart)), (Some(now), Some(later(5_000))));
        assert_eq!(gate.page_begin(later(4_000), apart), Some(later(4_000)), "it waited for its leave");
        assert_eq!(gate.page_begin(later(5_001), apart), None, "the one before has just gone out");
        assert_eq!(gate.turn(later(5_001), apart), Some(later(10_000)));
        assert_eq!(gate.page_begin(later(8_950), apart), Some(later(9_000)), "it waits with its leave in hand");
    }

    #[test]
    fn a_server_that_refuses_page_after_page_is_left_alone_for_a_while() {
        let gates = gates(2, 1);
        let page = url("http://a.test/1");
        let refused = |status| FetchError::Status { host: "a.test".into(), status, retry_after: None, wall: false };
        for status in [403, 429, 404, 503, 403] {
            gates.page_answered(&page, Some(&refused(status)));
        }
        assert!(!gates.are_put_off(&page), "one answered in between");
        gates.page_answered(&page, Some(&refused(429)));
        assert!(gates.are_put_off(&page) && !gates.are_put_off(&url("http://b.test/1")));
    }

    #[tokio::test]
    async fn pages_of_a_host_that_asks_for_a_pause_wait_for_another_poll() {
        let gates = gates(2, 1);
        let turn = async |written: &str| gates.turn(&url(written), Duration::ZERO).await;
        assert_eq!(turn("http://a.test/1").await, Ok(()));
        gates.put_off_pages(&url("http://www.a.test/1"), Duration::from_secs(600));
        gates.put_off_pages(&url("http://www.a.test/1"), Duration::from_secs(1));
        assert_eq!((turn("http://a.test/2").await, turn("http://b.test/1").await), (Err(TooFar), Ok(())));
        assert!(gates.are_put_off(&url("http://a.test/3")) && !gates.are_put_off(&url("http://b.test/3")));
        // Others of the same domain or address asked for nothing.
        assert_eq!((turn("http://news.a.test/1").await, turn("http://a.test:8080/1").await), (Ok(()), Ok(())));
        gates.put_off_pages(&url("http://b.test/1"), Duration::MAX);
    }

    #[tokio::test]
    async fn one_host_is_asked_so_many_at_a_time_and_holds_up_no_other() {
        let gates = gates(2, 1);
        let first = enter(&gates, "http://a.test/", "192.0.2.1").now_or_never();
        assert!(first.is_some());
        let mut same_name = std::pin::pin!(enter(&gates, "http://www.a.test/2", "192.0.2.2"));
        let mut same_address = std::pin::pin!(enter(&gates, "http://b.test/", "192.0.2.1"));
        assert!(
            futures_util::poll!(&mut same_name).is_pending() && futures_util::poll!(&mut same_address).is_pending()
        );
        assert!(enter(&gates, "http://c.test/", "192.0.2.3").now_or_never().is_some());
        drop(first);
        assert!(futures_util::poll!(&mut same_name).is_ready() && futures_util::poll!(&mut same_address).is_ready());
    }

    #[tokio::test]
    async fn who_takes_long_steps_aside_and_next_time_stands_there_from_the_start() {
        let gates = gates(8, 2);
        let hangs = ["http://h.test/1", "http://h.test/2", "http://h.test/3"];
        let mut held = Vec::new();
        for written in &hangs[..2] {
            held.push(enter(&gates, written, "192.0.2.1").await);
        }
        let good = || enter(&gates, "http://h.test/good", "192.0.2.1").now_or_never();
        assert!(good().is_none(), "the host has no place");
        for (leave, written) in held.iter_mut().zip(hangs) {
            leave.step_aside(Duration::ZERO);
            gates.note(&url(written), Speed::Slow);
        }
        assert!(good().is_some());
        gates.note(&url(hangs[2]), Speed::Slow);
        assert!(enter(&gates, hangs[2], "192.0.2.1").now_or_never().is_none(), "the slow wait for each other");
        assert!(good().is_some(), "and hold up nobody else");
        let mut third = enter(&gates, "http://h.test/4", "192.0.2.1").await;
        third.step_aside(Duration::ZERO);
        assert!(third.held[0].is_ordinary(), "no more than so many stand aside");
        let fourth = enter(&gates, "http://h.test/5", "192.0.2.1").await;
        assert!(!third.holds_up(), "nobody waits");
        {
            let mut fifth = std::pin::pin!(enter(&gates, "http://h.test/6", "192.0.2.1"));
            assert!(futures_util::poll!(&mut fifth).is_pending() && third.holds_up());
            assert!(held.iter().all(|leave| !leave.holds_up()), "who stands aside is in nobody's way");
        }
        assert!(!third.holds_up(), "who waited has gone");
        drop(fourth);
        drop(held);
        gates.note(&url(hangs[2]), Speed::Quick);
        assert!(enter(&gates, hangs[2], "192.0.2.1").now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_has_stood_aside_longest_gives_way_to_who_turns_out_to_be_slow() {
        let gates = gates(8, 2);
        let [known, one, two] = ["http://h.test/known", "http://h.test/1", "http://h.test/2"];
        gates.note(&url(known), Speed::Slow);
        let known = enter(&gates, known, "192.0.2.1").await;
        let [mut one, mut two] = [enter(&gates, one, "192.0.2.1").await, enter(&gates, two, "192.0.2.1").await];
        let good = async || drop(enter(&gates, "http://h.test/good", "192.0.2.1").await);
        one.step_aside(Duration::ZERO);
        assert!(good().now_or_never().is_some(), "one has left its place");
        let other = enter(&gates, "http://h.test/3", "192.0.2.1").await;
        two.step_aside(Duration::ZERO);
        assert!(two.held[0].is_ordinary() && one.lost().now_or_never().is_none(), "nobody waits");
        let mut waits = std::pin::pin!(good());
        assert!(futures_util::poll!(&mut waits).is_pending());
        two.step_aside(Duration::ZERO);
        assert!(!two.holds_up() && !two.held[0].is_ordinary());
        assert!(one.lost().now_or_never().is_some() && known.lost().now_or_never().is_none());
        assert!(futures_util::poll!(&mut waits).is_ready(), "and has its place");
        // Who has ended gives way no more; what was known to be slow has its time.
        drop((one, two));
        let third = enter(&gates, "http://h.test/4", "192.0.2.1").await;
        let mut stepped = [other, third];
        let mut waits = std::pin::pin!(good());
        assert!(futures_util::poll!(&mut waits).is_pending());
        stepped.iter_mut().for_each(|leave| leave.step_aside(Duration::ZERO));
        assert!(futures_util::poll!(&mut waits).is_ready() && known.lost().now_or_never().is_none());
    }

    #[tokio::test]
    async fn what_was_quick_goes_ahead_and_what_answers_of_what_hangs() {
        let gates = gates(8, 1);
        let gates = &gates;
        let enter = |written: &'static str, speed| {
            Box::pin(async move { gates.enter(&url(written), speed, at("192.0.2.1")).await.unwrap() })
        };
        let first = enter("http://h.test/1", Speed::Unknown).await;
        let slow = enter("http://h.test/2", Speed::Hangs).await;
        gates.note(&url("http://h.test/hangs"), Speed::Hangs);
        let mut waits = [
            enter("http://h.test/new", Speed::Unknown),
            enter("http://h.test/hangs", Speed::Quick),
            enter("http://h.test/quick", Speed::Quick),
            enter("http://h.test/slow", Speed::Slow),
        ];
        let mut came = async || {
            let mut came = Vec::new();
            for waits in &mut waits {
                came.push(futures_util::poll!(waits).is_ready());
            }
            came
        };
        assert_eq!(came().await, [false; 4]);
        assert!(first.holds_up() && slow.holds_up_the_slow() && !first.holds_up_the_slow());
        drop((first, slow));
        assert_eq!(came().await, [false, false, true, true]);
    }

    #[tokio::test]
    async fn nobody_takes_the_place_of_who_had_not_its_time() {
        let gates = gates(8, 1);
        let mut young = enter(&gates, "http://h.test/1", "192.0.2.1").await;
        young.step_aside(Duration::from_secs(60));
        let mut other = enter(&gates, "http://h.test/2", "192.0.2.1").await;
        let mut waits = std::pin::pin!(enter(&gates, "http://h.test/3", "192.0.2.1"));
        assert!(futures_util::poll!(&mut waits).is_pending());
        other.step_aside(Duration::ZERO);
        assert!(other.holds_up() && young.lost().now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_host_in_use_is_not_forgotten() {
        let gates = gates(MOST_HOSTS * 2, 1);
        let busy = enter(&gates, "http://busy.test/", "192.0.2.1").await;
        for i in 0..MOST_HOSTS + 10 {
            gates.gate(format!("host{i}"));
        }
        assert!(enter(&gates, "http://busy.test/", "192.0.2.2").now_or_never().is_none());
        assert!(locked(&gates.hosts).len() <= MOST_HOSTS);
        drop(busy);
    }

    #[tokio::test]
    async fn p21_no_more_begin_in_a_second_than_may() {
        let gate = Gate::new(2, 2, 7);
        let start = Instant::now();
        let mut now = start;
        let mut begun = Vec::new();
        while begun.len() < 40 {
            let at = gate.next_begin(now);
            begun.push(at - start);
            // Sometimes late, sometimes many at once.
            now = at + Duration::from_millis([0, 7, 300, 0, 0, 900][begun.len() % 6]);
        }
        for window in begun.windows(9) {
            assert!(window[8] - window[0] >= SECOND, "{begun:?}");
        }
        let quick = Gate::new(2, 2, 7);
        let last = (0..100).map(|_| quick.next_begin(start)).max().unwrap() - start;
        assert!(last < Duration::from_secs(15), "a hundred sources of one host: {last:?}");
    }

    #[test]
    fn pages_of_a_host_lie_apart_and_wait_no_longer_than_a_minute() {
        let gate = Gate::new(2, 2, 7);
        let now = Instant::now();
        let turns: Vec<_> = (0..4).filter_map(|_| gate.turn(now, SECOND)).map(|at| (at - now).as_secs()).collect();
        assert_eq!(turns, [0, 1, 2, 3]);
        let later = now + Duration::from_secs(10);
        assert_eq!(gate.turn(later, Duration::from_secs(61)), Some(later), "nobody waits for turns that are over");
        assert_eq!(gate.turn(later, SECOND), None);
    }

    #[tokio::test]
    async fn a_turn_that_is_too_far_off_is_told() {
        let gates = gates(16, 2);
        let page = url("http://a.test/1");
        assert_eq!(gates.turn(&page, Duration::from_secs(61)).await, Ok(()));
        assert_eq!(gates.turn(&url("http://www.a.test/2"), SECOND).await, Err(TooFar));
        assert_eq!(gates.turn(&url("http://b.test/"), SECOND).await, Ok(()), "another host has its own turns");
    }
}
