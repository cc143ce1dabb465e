//! What may be asked at all: schemes, ports, and no address of an inner network, in whatever spelling.
//!
//! A resolver hook alone is passed by for literal addresses (measured), so the host of every hop is checked before it is
//! asked, the answers of a name when it is resolved, and the peer after connecting.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::{FetchError, Network, Settings};

/// IPv4 ranges that are not of the public internet (RFC 6890 and the IANA special-purpose registry).
const INNER_V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Whether an address is of the public internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match embedded(v6) {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    INNER_V4.iter().all(|(net, prefix)| (address.to_bits() ^ Ipv4Addr::from(*net).to_bits()) >> (32 - prefix) != 0)
}

/// Only 2000::/3 is given out as global unicast (RFC 4291, IANA); out of it come Teredo and the other protocol assignments
/// (2001::/23), documentation (2001:db8::/32, 3fff::/20).
fn is_public_v6(address: Ipv6Addr) -> bool {
    let s = address.segments();
    match (s[0], s[1]) {
        (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff) => false,
        (first, _) => first & 0xe000 == 0x2000,
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped, NAT64 (RFC 6052), 6to4 (RFC 3056).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = address.segments();
    let pair = |high: u16, low: u16| Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(pair(high, low)),
        [0x2002, high, low, ..] => Some(pair(high, low)),
        _ => None,
    }
}

/// What the settings allow to be asked.
#[derive(Debug)]
pub(super) struct Guard {
    ports: Vec<u16>,
    networks: Vec<Network>,
}

impl Guard {
    pub(super) fn new(settings: &Settings, source_ports: &[u16]) -> Self {
        let ports = settings.ports.iter().chain(source_ports).copied().collect();
        Self { ports, networks: settings.private_networks.clone() }
    }

    /// Whether an address may be asked.
    pub(super) fn allows(&self, address: IpAddr) -> bool {
        let listed = |a: IpAddr| self.networks.iter().any(|n| n.contains(a));
        let inside = match address {
            IpAddr::V6(v6) => embedded(v6).map(IpAddr::V4),
            IpAddr::V4(_) => None,
        };
        is_public(address) || listed(address) || inside.is_some_and(listed)
    }

    /// Checks all that can be told from an address as written.
    pub(super) fn check(&self, url: &Url) -> Result<(), FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::Scheme { scheme: url.scheme().to_owned() });
        }
        let host = super::host_of(url);
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Userinfo { host });
        }
        match url.port_or_known_default() {
            Some(port) if self.ports.contains(&port) => {}
            port => return Err(FetchError::Port { host, port: port.unwrap_or(0) }),
        }
        let literal = match url.host() {
            Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
            Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(FetchError::Scheme { scheme: url.scheme().to_owned() }),
        };
        if self.allows(literal) { Ok(()) } else { Err(FetchError::Inner { host, address: literal }) }
    }
}

/// A name was refused because one of its answers is of an inner network.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("address {0} is of an inner network")]
pub(super) struct Refused(pub(super) IpAddr);

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(networks: &[&str]) -> Guard {
        let private_networks = networks.iter().map(|n| Network::parse(n).unwrap()).collect();
        Guard::new(&Settings { private_networks, ..Settings::default() }, &[])
    }

    #[test]
    fn inner_addresses_are_known_in_every_range() {
        let inner = "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.0.2 \
            169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 \
            198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 \
            :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 \
            64:ff9b:1:7f00:0:100:: 100::1 2001::1 2001:0:4136:e378::1 2001:10::1 2001:1ff::1 2001:db8::1 2002:7f00:1::1 \
            2002:a00:1::1 2002:c0a8:101:: 3fff::1 3fff:fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 febf::1 fec0::1 \
            ff02::1 ff0e::1 4000::1";
        for written in inner.split_whitespace() {
            assert!(!is_public(written.parse().unwrap()), "{written} is inner");
        }
        let outer = "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 128.0.0.1 169.253.0.1 \
            172.15.255.255 172.32.0.0 192.0.1.1 192.167.0.1 198.17.255.255 198.20.0.0 223.255.255.255 \
            2606:4700::1111 2a00:1450::1 2001:200::1 2001:4860::8888 ::ffff:8.8.8.8 64:ff9b::808:808 \
            2002:808:808::1 3ffe::1 3fff:1000::1";
        for written in outer.split_whitespace() {
            assert!(is_public(written.parse().unwrap()), "{written} is public");
        }
    }

    #[test]
    fn spellings_of_an_inner_address_are_refused() {
        let guard = guard(&["127.0.0.1/32"]);
        for host in [
            "127.0.0.2",
            "2130706434",
            "0177.0.0.2",
            "0x7f.2",
            "127.2",
            "127.0.0.2.",
            "１２７.0.0.2",
            "[::1]",
            "[::ffff:127.0.0.2]",
            "[::ffff:7f00:2]",
            "[64:ff9b::7f00:2]",
            "0.0.0.0",
            "0",
            "169.254.169.254",
        ] {
            let url = Url::parse(&format!("http://{host}/")).unwrap();
            assert!(matches!(guard.check(&url), Err(FetchError::Inner { .. })), "{host}");
        }
        for fine in ["http://127.0.0.1/", "http://[::ffff:127.0.0.1]/", "https://example.org/", "http://93.184.216.34/"]
        {
            assert!(guard.check(&Url::parse(fine).unwrap()).is_ok(), "{fine}");
        }
    }

    #[test]
    fn schemes_ports_and_names_in_addresses_are_checked() {
        let guard = guard(&[]);
        let check = |u: &str| guard.check(&Url::parse(u).unwrap());
        for bad in ["file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "data:text/html,x"] {
            assert!(matches!(check(bad), Err(FetchError::Scheme { .. })), "{bad}");
        }
        assert!(matches!(check("http://example.org:22/"), Err(FetchError::Port { port: 22, .. })));
        assert!(matches!(check("http://example.org@127.0.0.2/"), Err(FetchError::Userinfo { .. })));
        assert!(matches!(check("http://:pw@example.org/"), Err(FetchError::Userinfo { .. })));
    }
}
