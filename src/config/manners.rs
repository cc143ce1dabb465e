//! `[fetch]`: manners and limits of every request.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;

use super::raw::{self, Text};
use super::said::Said;
use crate::fetch;

/// Requests at one time to one host, and that begin there in a second: more is no manners.
const MOST_PER_HOST: i64 = 8;
const MOST_PER_HOST_SECOND: i64 = 1000;
/// Requests at one time in all, and that begin in a second in all.
const MOST_AT_ONCE: i64 = 256;
const MOST_PER_SECOND: i64 = 10_000;
const MOST_REDIRECTS: i64 = 20;
const MOST_RATIO: i64 = 1000;
/// Bytes of a body, and of the headers of an answer: of these the library below takes no more.
const SIZES: RangeInclusive<u64> = 1000..=1_000_000_000;
const HEADERS: RangeInclusive<u64> = 1000..=256_000;
/// The shortest time that a limit may be.
const SHORTEST: Duration = Duration::from_millis(10);
/// The port of name servers.
const DNS: u16 = 53;

pub(super) fn fetch(raw: &raw::Fetch, contact: Option<String>, said: &mut Said<'_>) -> fetch::Settings {
    let usual = fetch::Settings::default();
    let ports = raw.ports.as_ref().map(|ports| {
        let ports = ports.iter().filter_map(|p| said.count(p, "port", 1..=65535));
        ports.filter_map(|p| u16::try_from(p).ok()).collect()
    });
    let private_networks = raw.private_networks.iter().flatten().filter_map(|n| network(n, said)).collect();
    let spacing = raw.spacing.as_ref().and_then(|s| said.duration(s, Duration::ZERO));
    let mut time =
        |written: &Option<Text>, usual| written.as_ref().and_then(|t| said.duration(t, SHORTEST)).unwrap_or(usual);
    let timeout = time(&raw.timeout, usual.timeout);
    let connect = time(&raw.connect, usual.connect);
    let first_byte = time(&raw.first_byte, usual.first_byte);
    let idle = time(&raw.idle, usual.idle);
    let mut count = |written: &Option<Spanned<i64>>, key, bounds, usual| {
        written.as_ref().and_then(|n| said.count(n, key, bounds)).unwrap_or(usual)
    };
    fetch::Settings {
        timeout,
        connect,
        first_byte,
        idle,
        ratio: count(&raw.ratio, "ratio", 1..=MOST_RATIO, usual.ratio as usize) as u64,
        redirects: count(&raw.redirects, "redirects", 0..=MOST_REDIRECTS, usual.redirects),
        per_host: count(&raw.per_host, "per_host", 1..=MOST_PER_HOST, usual.per_host),
        per_host_second: count(
            &raw.per_host_second,
            "per_host_second",
            1..=MOST_PER_HOST_SECOND,
            usual.per_host_second,
        ),
        at_once: count(&raw.at_once, "at_once", 1..=MOST_AT_ONCE, usual.at_once),
        per_second: count(&raw.per_second, "per_second", 1..=MOST_PER_SECOND, usual.per_second),
        max_size: raw.max_size.as_ref().and_then(|s| said.size(s, SIZES)),
        max_headers: raw.max_headers.as_ref().and_then(|s| said.size(s, HEADERS)).unwrap_or(usual.max_headers),
        spacing,
        dns: raw.dns.as_ref().and_then(|d| name_server(d, said)),
        ports: ports.unwrap_or(usual.ports),
        private_networks,
        contact,
    }
}

fn network(written: &Text, said: &mut Said<'_>) -> Option<fetch::Network> {
    let network = fetch::Network::parse(written.get_ref());
    if network.is_none() {
        let raw = written.get_ref();
        said.wrong(
            written.span(),
            format!("`{raw}` is not a network"),
            "write \"127.0.0.1/32\", \"10.0.0.0/8\", \"fd00::/8\"",
        );
    }
    network
}

/// An address, with a port where it is not the usual one.
fn name_server(written: &Text, said: &mut Said<'_>) -> Option<SocketAddr> {
    let raw = written.get_ref().trim();
    let bare = || raw.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, DNS));
    let server = raw.parse::<SocketAddr>().ok().or_else(bare);
    if server.is_none() {
        let hint = "write its address: \"127.0.0.1:5353\", \"9.9.9.9\", \"[::1]:53\"";
        said.wrong(written.span(), format!("`{raw}` is not the address of a name server"), hint);
    }
    server
}
