//! `[websub]`.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use url::{Host, Url};

use super::raw;
use super::said::Said;
use super::site;
use crate::fetch;
use crate::websub::Settings;

/// The shortest lease that is asked for.
const SHORTEST_LEASE: Duration = Duration::from_secs(60);

/// `[websub]`: hubs are asked where they can reach us, unless the file says otherwise.
pub(super) fn websub(raw: &raw::Websub, base: &Url, fetch: &fetch::Settings, said: &mut Said<'_>) -> Option<Settings> {
    let callback = match &raw.callback {
        Some(written) => site::base(written, "callback", said)?,
        None => base.clone(),
    };
    let usual = Settings::usual(callback);
    Some(Settings {
        subscribe: raw.subscribe.unwrap_or_else(|| is_reached(&usual.callback, fetch)),
        sha1: raw.sha1.unwrap_or(usual.sha1),
        lease: raw.lease.as_ref().and_then(|l| said.duration(l, SHORTEST_LEASE)).unwrap_or(usual.lease),
        ..usual
    })
}

/// Whether a hub may reach an address: by a public name over https, or inside a network that we may ask ourselves.
fn is_reached(callback: &Url, fetch: &fetch::Settings) -> bool {
    let inside = |address: IpAddr| fetch.private_networks.iter().any(|network| network.contains(address));
    match callback.host() {
        Some(Host::Domain(name)) if name == "localhost" || name.ends_with(".localhost") => {
            inside(Ipv4Addr::LOCALHOST.into())
        }
        Some(Host::Domain(name)) => callback.scheme() == "https" && name.contains('.'),
        Some(Host::Ipv4(address)) => inside(address.into()),
        Some(Host::Ipv6(address)) => inside(address.into()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hubs_are_asked_where_they_reach_us() {
        let fetch = |networks: &[&str]| fetch::Settings {
            private_networks: networks.iter().filter_map(|n| fetch::Network::parse(n)).collect(),
            ..fetch::Settings::default()
        };
        let inner = ["127.0.0.1/32", "fd00::/8"];
        for (base, without, with) in [
            ("https://feeds.example.org/", true, true),
            ("http://feeds.example.org/", false, false),
            ("https://intranet/", false, false),
            ("http://127.0.0.1:8420/", false, true),
            ("http://localhost:8420/", false, true),
            ("http://[fd00::1]/", false, true),
            ("http://192.168.1.2/", false, false),
        ] {
            let base = Url::parse(base).unwrap();
            assert_eq!((is_reached(&base, &fetch(&[])), is_reached(&base, &fetch(&inner))), (without, with), "{base}");
        }
    }
}
