//! `robots.txt` before article pages (RFC 9309): asked once a day for each origin. Addresses that the file names are the
//! owner's own choice, and asked without it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use url::Url;

use super::rules::Rules;
use super::{Accept, Answer, Client, FetchError, Request, host_of};

/// Bytes of a file that are read (RFC 9309, 2.5); what comes after them does not count.
pub(super) const MOST_READ: u64 = 500 << 10;
/// How long a file counts, and how long it counts that none could be had.
const KEPT: Duration = Duration::from_secs(24 * 3600);
const KEPT_UNREACHABLE: Duration = Duration::from_secs(15 * 60);
/// Origins remembered.
const MOST_ORIGINS: usize = 4096;

/// What is known of the origins.
#[derive(Debug, Default)]
pub(super) struct Robots(Mutex<HashMap<String, Arc<Known>>>);

/// The file of one origin; asked by the first who needs it, while the others wait.
#[derive(Debug)]
struct Known {
    since: Instant,
    said: OnceCell<Said>,
}

#[derive(Debug)]
enum Said {
    Rules(Rules),
    /// It cannot be had for reasons of the server: nothing may be asked (RFC 9309, 2.3.1.4).
    Unreachable,
}

impl Robots {
    fn known(&self, origin: String, now: Instant) -> Arc<Known> {
        let mut origins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if origins.len() >= MOST_ORIGINS && !origins.contains_key(&origin) {
            origins.retain(|_, known| !known.is_old(now) && known.said.initialized());
            if origins.len() >= MOST_ORIGINS {
                origins.clear();
            }
        }
        let fresh = || Arc::new(Known { since: now, said: OnceCell::new() });
        let known = origins.entry(origin).or_insert_with(fresh);
        if known.is_old(now) {
            *known = fresh();
        }
        Arc::clone(known)
    }
}

impl Known {
    fn is_old(&self, now: Instant) -> bool {
        let age = now.duration_since(self.since);
        match self.said.get() {
            Some(Said::Unreachable) => age > KEPT_UNREACHABLE,
            Some(Said::Rules(_)) => age > KEPT,
            None => false,
        }
    }
}

impl Client {
    /// How far apart the pages of an origin want to be asked, where this one may be asked at all.
    pub(super) async fn robots(&self, page: &Url, now: DateTime<Utc>) -> Result<Duration, FetchError> {
        let known = self.0.robots.known(page.origin().ascii_serialization(), Instant::now());
        let mut file = page.clone();
        file.set_path("/robots.txt");
        file.set_query(None);
        match known.said.get_or_init(|| self.said(file, now)).await {
            Said::Unreachable => Err(FetchError::Robots { host: host_of(page), passing: true }),
            Said::Rules(rules) => {
                let path = &page[url::Position::BeforePath..url::Position::AfterQuery];
                let allowed = rules.allow(path).then(|| rules.delay().unwrap_or_default());
                allowed.ok_or_else(|| FetchError::Robots { host: host_of(page), passing: false })
            }
        }
    }

    async fn said(&self, url: Url, now: DateTime<Utc>) -> Said {
        let host = host_of(&url);
        match self.robots_txt(url, now).await {
            Ok(Answer::Document { document, .. }) => Said::Rules(Rules::read(&document.body)),
            // There is none, or none that can be found: nothing is forbidden (RFC 9309, 2.3.1.2 and 2.3.1.3).
            Err(FetchError::Status { status: 204 | 400..=428 | 430..=499, .. })
            | Err(FetchError::Redirects { .. } | FetchError::Circle { .. } | FetchError::Location { .. }) => {
                Said::Rules(Rules::default())
            }
            Ok(Answer::NotModified { .. }) => Said::Unreachable,
            Err(error) => {
                tracing::info!("{host}: robots.txt cannot be had, so no page is asked for now: {error}");
                Said::Unreachable
            }
        }
    }

    /// The same client asks; boxed, as asking for a page is what leads here.
    fn robots_txt(&self, url: Url, now: DateTime<Utc>) -> BoxFuture<'_, Result<Answer, FetchError>> {
        self.get(Request::new(url, Accept::Robots), now).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_counts_for_a_day_and_its_absence_for_a_while() {
        let robots = Robots::default();
        let mut now = Instant::now();
        let at = |now| robots.known("https://a.example".to_owned(), now);
        let first = at(now);
        assert!(Arc::ptr_eq(&first, &at(now)), "one asks for all");
        first.said.set(Said::Rules(Rules::default())).unwrap();
        now += KEPT;
        assert!(Arc::ptr_eq(&first, &at(now)));
        now += Duration::from_secs(1);
        let second = at(now);
        assert!(!Arc::ptr_eq(&first, &second));
        second.said.set(Said::Unreachable).unwrap();
        now += KEPT_UNREACHABLE;
        assert!(Arc::ptr_eq(&second, &at(now)));
        now += Duration::from_secs(1);
        assert!(!Arc::ptr_eq(&second, &at(now)));
    }

    #[test]
    fn no_more_origins_are_remembered_than_may() {
        let robots = Robots::default();
        for i in 0..MOST_ORIGINS + 10 {
            robots.known(format!("https://{i}.example"), Instant::now());
        }
        assert!(robots.0.lock().unwrap().len() <= MOST_ORIGINS);
    }
}
