//! How politely, and how far.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// A range of addresses, written `127.0.0.1/32` or `::1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `10.0.0.0/8`, `::1/128`, or a single address. `None` when it is neither.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        let (address, prefix) = match written.trim().split_once('/') {
            Some((address, prefix)) => (address.parse::<IpAddr>().ok()?, Some(prefix.parse::<u8>().ok()?)),
            None => (written.trim().parse::<IpAddr>().ok()?, None),
        };
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(most);
        (prefix <= most).then_some(Self { address, prefix })
    }

    /// Whether an address lies in the range.
    #[must_use]
    pub fn contains(&self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                self.prefix == 0 || (a.to_bits() ^ b.to_bits()) >> (32 - self.prefix) == 0
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => {
                self.prefix == 0 || (a.to_bits() ^ b.to_bits()) >> (128 - self.prefix) == 0
            }
            _ => false,
        }
    }
}

/// Manners and limits of every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// For a whole request, redirects and body included.
    pub timeout: Duration,
    /// Until a connection stands: name, connection and encryption.
    pub connect: Duration,
    /// From the beginning of a request until the head of its answer is there.
    pub first_byte: Duration,
    /// Between two pieces of a body.
    pub idle: Duration,
    /// Bytes of a body after decompression; `None`: as many as are usual for what is asked.
    pub max_size: Option<u64>,
    /// How many times its size a body may decompress to, once it is larger than 1 MiB.
    pub ratio: u64,
    /// Bytes of the headers of one answer.
    pub max_headers: u64,
    /// Redirects followed for one request.
    pub redirects: usize,
    /// Requests at one time to one host. As many again may be on their way there that take long.
    pub per_host: usize,
    /// Requests that begin in a second to one host.
    pub per_host_second: usize,
    /// Requests at one time in all.
    pub at_once: usize,
    /// Requests that begin in a second in all.
    pub per_second: usize,
    /// From one article page of a host to the next, which its `robots.txt` may lengthen; `None`: a second, and nothing between
    /// those of an inner address.
    pub spacing: Option<Duration>,
    /// The name server that is asked in place of the system's.
    pub dns: Option<SocketAddr>,
    /// Ports that may be asked, besides those of the sources' own addresses.
    pub ports: Vec<u16>,
    /// Inner addresses that may be asked all the same.
    pub private_networks: Vec<Network>,
    /// Mail or page of the operator, sent in `User-Agent` so that the sites we read can write.
    pub contact: Option<String>,
}

impl Settings {
    /// After how long a request counts as slow: a tenth of what it may take, but not before a second, which a busy machine may
    /// be the reason of.
    pub(super) fn slow(&self) -> Duration {
        (self.timeout / 10).max(Duration::from_secs(1)).min(self.timeout / 2)
    }

    /// After how long a request that hung the last time is not worth the wait of others that are merely slow.
    pub(super) fn overlong(&self) -> Duration {
        self.timeout / 2
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(20),
            idle: Duration::from_secs(10),
            max_size: None,
            ratio: 200,
            max_headers: 64 << 10,
            redirects: 10,
            per_host: 2,
            per_host_second: 7,
            at_once: 16,
            per_second: 50,
            spacing: None,
            dns: None,
            ports: vec![80, 443],
            private_networks: Vec::new(),
            contact: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_what_they_say() {
        let holds = |n: &str, a: &str| Network::parse(n).unwrap().contains(a.parse().unwrap());
        assert!(holds("127.0.0.1/32", "127.0.0.1") && !holds("127.0.0.1/32", "127.0.0.2"));
        assert!(holds("10.0.0.0/8", "10.200.3.4") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("fc00::/7", "fd12::1") && holds("0.0.0.0/0", "8.8.8.8") && !holds("0.0.0.0/0", "::1"));
        for bad in ["", "10.0.0.0/33", "localhost", "1.2.3/8"] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
