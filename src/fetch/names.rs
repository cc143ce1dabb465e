//! From names to addresses that may be asked: by the system's resolver, or by the name server of the file.
//!
//! What was looked up and let through is what is connected to, so that a second answer cannot slip in between (DNS
//! rebinding): it is kept for the while that a request takes, and looked at again when it is looked up again.

use std::collections::HashMap;
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::Instant;

use super::dns;
use super::guard::{Guard, Refused};

/// Answers of one name that are looked at.
const MOST_ADDRESSES: usize = 64;
/// Names remembered, and for how long.
const MOST_NAMES: usize = 4096;
const KEPT: Duration = Duration::from_secs(30);

/// What is known of names. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Names(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    guard: Arc<Guard>,
    server: Option<SocketAddr>,
    known: Mutex<Known>,
}

/// By name: since when it is known, and its addresses.
type Known = HashMap<String, (Instant, Arc<[IpAddr]>)>;

/// Why a name cannot be asked: [`Refused`], or what the resolver says.
pub(super) type NameError = Box<dyn Error + Send + Sync>;

impl Names {
    pub(super) fn new(guard: Arc<Guard>, server: Option<SocketAddr>) -> Self {
        Self(Arc::new(Inner { guard, server, known: Mutex::default() }))
    }

    /// The addresses of a name: all of them, or none when one of them may not be asked.
    pub(super) async fn addresses(&self, name: &str) -> Result<Arc<[IpAddr]>, NameError> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if let Some(known) = self.known(&name) {
            return Ok(known);
        }
        let found: Vec<IpAddr> = match self.0.server {
            Some(server) => dns::addresses(server, &name).await?,
            None => tokio::net::lookup_host((name.as_str(), 0)).await?.map(|a| a.ip()).collect(),
        };
        let found = checked(&self.0.guard, found)?;
        self.keep(name, &found);
        Ok(found)
    }

    /// Forgets a name: nobody answered at its addresses.
    pub(super) fn forget(&self, name: &str) {
        self.map().remove(&name.trim_end_matches('.').to_ascii_lowercase());
    }

    fn known(&self, name: &str) -> Option<Arc<[IpAddr]>> {
        let map = self.map();
        let (since, addresses) = map.get(name)?;
        (since.elapsed() < KEPT).then(|| Arc::clone(addresses))
    }

    fn keep(&self, name: String, found: &Arc<[IpAddr]>) {
        let mut map = self.map();
        if map.len() >= MOST_NAMES {
            map.retain(|_, (since, _)| since.elapsed() < KEPT);
        }
        if map.len() < MOST_NAMES {
            map.insert(name, (Instant::now(), Arc::clone(found)));
        }
    }

    fn map(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asked by the library whenever it opens a connection to a name.
impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.clone();
        Box::pin(async move {
            let found = names.addresses(name.as_str()).await?;
            let found: Vec<SocketAddr> = found.iter().map(|ip| SocketAddr::new(*ip, 0)).collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// All answers of a name, or none when one of them may not be asked.
fn checked(guard: &Guard, answers: Vec<IpAddr>) -> Result<Arc<[IpAddr]>, Refused> {
    match answers.iter().find(|address| !guard.allows(**address)) {
        Some(inner) => Err(Refused(*inner)),
        None => Ok(answers.into_iter().take(MOST_ADDRESSES).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Network, Settings};
    use super::*;

    #[test]
    fn one_inner_answer_refuses_the_name() {
        let private_networks = vec![Network::parse("127.0.0.1/32").unwrap()];
        let guard = Guard::new(&Settings { private_networks, ..Settings::default() }, &[]);
        let answers = |list: &[&str]| list.iter().map(|a| a.parse().unwrap()).collect::<Vec<IpAddr>>();
        assert!(checked(&guard, answers(&["8.8.8.8", "127.0.0.1"])).is_ok());
        let many = [answers(&["8.8.8.8"; 100]), answers(&["10.0.0.1"])].concat();
        for inner in [answers(&["8.8.8.8", "10.0.0.1"]), answers(&["8.8.8.8", "::ffff:10.0.0.1"]), many] {
            assert_eq!(checked(&guard, inner.clone()).err().map(|r| r.0), inner.last().copied());
        }
    }
}
