//! Why nothing came back, and what follows from it.

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use super::guard::Refused;
use super::names::NameError;

/// What a failure means for the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Ask again later.
    Retry,
    /// The server refuses us; ask again later, and say so.
    Blocked,
    /// It says that it is gone.
    Gone,
    /// We refuse to ask it: only a change of the file helps.
    Refused,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The client cannot be made.
    #[error("http client cannot be set up: {reason}")]
    Setup {
        /// What is missing.
        reason: String,
    },
    /// An address that is not http or https.
    #[error("scheme `{scheme}` cannot be asked, only http and https")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// A name or a password inside the address.
    #[error("{host}: address holds a user name or a password")]
    Userinfo {
        /// The host.
        host: String,
    },
    /// A port that is not listed.
    #[error("{host}: port {port} may not be asked (list it in fetch.ports)")]
    Port {
        /// The host.
        host: String,
        /// The port.
        port: u16,
    },
    /// An address of an inner network.
    #[error("{host}: address {address} is of an inner network (list it in fetch.private_networks to allow it)")]
    Inner {
        /// The host.
        host: String,
        /// The address.
        address: IpAddr,
    },
    /// A header that cannot be sent.
    #[error("header `{name}` cannot be sent")]
    Header {
        /// Its name.
        name: String,
    },
    /// A redirect from https to http.
    #[error("{host}: redirect leaves https for http")]
    Downgrade {
        /// The host that redirects.
        host: String,
    },
    /// Too many redirects.
    #[error("{host}: more than {most} redirects")]
    Redirects {
        /// The host that was asked first.
        host: String,
        /// How many are followed.
        most: usize,
    },
    /// Redirects that lead back.
    #[error("{host}: redirects go round in a circle")]
    Circle {
        /// The host that redirects.
        host: String,
    },
    /// A redirect that leads nowhere.
    #[error("{host}: redirect {status} without a usable address")]
    Location {
        /// The host.
        host: String,
        /// The status.
        status: u16,
    },
    /// A status that is no answer.
    #[error("{host}: status {status}{}", if *wall { ", from a wall against robots" } else { "" })]
    Status {
        /// The host.
        host: String,
        /// The status.
        status: u16,
        /// How long it asks us to wait.
        retry_after: Option<Duration>,
        /// Whether a wall against robots answered, not the site.
        wall: bool,
    },
    /// A name that does not resolve.
    #[error("{host}: name does not resolve: {reason}")]
    Dns {
        /// The host.
        host: String,
        /// What the resolver says.
        reason: String,
    },
    /// No connection.
    #[error("{host}: no connection: {reason}")]
    Connect {
        /// The host.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// No trusted connection.
    #[error("{host}: no trusted connection: {reason}")]
    Tls {
        /// The host.
        host: String,
        /// What is wrong with the certificate or the handshake.
        reason: String,
    },
    /// Too slow.
    #[error("{host}: no answer in time")]
    Timeout {
        /// The host.
        host: String,
    },
    /// Slow, while others waited for its place: next time it has one of those kept for the slow.
    #[error("{host}: slow, and it gave way to others who waited for the same host")]
    GaveWay {
        /// The host.
        host: String,
        /// Whether it hung the last time, and took very long again.
        hangs: bool,
    },
    /// An answer that breaks off or cannot be understood.
    #[error("{host}: answer cannot be read: {reason}")]
    Answer {
        /// The host.
        host: String,
        /// What is wrong.
        reason: String,
    },
    /// A connection that ended before anything of an answer came.
    #[error("{host}: answer cannot be read: {reason}")]
    Unheard {
        /// The host.
        host: String,
        /// What is wrong.
        reason: String,
    },
    /// Headers larger than we take.
    #[error("{host}: headers are larger than {most} bytes")]
    Headers {
        /// The host.
        host: String,
        /// How much we take.
        most: u64,
    },
    /// A page that `robots.txt` keeps for people, or whose `robots.txt` cannot be had.
    #[error("{host}: {}", if *.passing { "robots.txt cannot be had, so nothing is asked" } else { "robots.txt does not allow it" })]
    Robots {
        /// The host.
        host: String,
        /// Whether that will pass: there may be a rule, nobody knows.
        passing: bool,
    },
    /// A page of a host that asked to be left alone for a while.
    #[error("{host}: asked to be left alone for a while")]
    Quiet {
        /// The host.
        host: String,
    },
    /// A page of a host that many pages are wanted from.
    #[error("{host}: so many of its pages are wanted that this one waits")]
    Crowded {
        /// The host.
        host: String,
    },
    /// A body larger than we take.
    #[error("{host}: body is larger than {most} bytes")]
    TooBig {
        /// The host.
        host: String,
        /// How much we take.
        most: u64,
    },
    /// A body that decompresses to far more than it should.
    #[error("{host}: body decompresses to more than {ratio} times its size")]
    Bomb {
        /// The host.
        host: String,
        /// How many times its size we take.
        ratio: u64,
    },
    /// A content coding that we did not offer.
    #[error("{host}: content coding `{coding}` is unknown")]
    Coding {
        /// The host.
        host: String,
        /// The coding.
        coding: String,
    },
}

impl FetchError {
    /// What follows from it.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Setup { .. }
            | Self::Scheme { .. }
            | Self::Userinfo { .. }
            | Self::Port { .. }
            | Self::Inner { .. }
            | Self::Header { .. }
            | Self::Robots { passing: false, .. }
            | Self::Downgrade { .. } => Disposition::Refused,
            Self::Status { wall: true, .. } | Self::Status { status: 401 | 402 | 403 | 407 | 429 | 451, .. } => {
                Disposition::Blocked
            }
            Self::Status { status: 410, .. } => Disposition::Gone,
            _ => Disposition::Retry,
        }
    }

    /// How long the server asks us to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The status, where one came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } | Self::Location { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The host that nobody got through to, where it was that: whatever it would have answered.
    #[must_use]
    pub fn unreached(&self) -> Option<&str> {
        match self {
            Self::Dns { host, .. } | Self::Connect { host, .. } | Self::Tls { host, .. } => Some(host),
            _ => None,
        }
    }

    /// What looking a name up says.
    pub(super) fn from_name(host: String, error: &NameError) -> Self {
        match error.downcast_ref::<Refused>() {
            Some(Refused(address)) => Self::Inner { host, address: *address },
            None => Self::Dns { host, reason: error.to_string() },
        }
    }

    /// What the library says, in our words.
    pub(super) fn from_reqwest(host: String, error: &reqwest::Error) -> Self {
        let chain = || std::iter::successors(Some(error as &(dyn Error + 'static)), |e| beneath(*e)).take(16);
        if let Some(Refused(address)) = chain().find_map(|e| e.downcast_ref::<Refused>()) {
            return Self::Inner { host, address: *address };
        }
        let reason = chain().last().map(ToString::to_string).unwrap_or_default();
        if error.is_timeout() && !error.is_connect() {
            Self::Timeout { host }
        } else if error.is_dns() {
            Self::Dns { host, reason }
        } else if chain().any(|e| e.is::<rustls::Error>()) {
            Self::Tls { host, reason }
        } else if error.is_connect() {
            Self::Connect { host, reason }
        } else if error.is_request() && chain().any(is_closed) {
            Self::Unheard { host, reason }
        } else {
            Self::Answer { host, reason }
        }
    }
}

/// Whether a connection ended before anything came back.
fn is_closed(error: &(dyn Error + 'static)) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    let kinds = [BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof];
    let io = error.downcast_ref::<std::io::Error>();
    // The words of hyper, which keeps its kinds to itself.
    io.is_some_and(|io| kinds.contains(&io.kind())) || error.to_string() == "connection closed before message completed"
}

/// The error beneath: `io::Error` keeps its own inside, not as its source.
fn beneath<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    if let Some(io) = error.downcast_ref::<std::io::Error>()
        && let Some(inner) = io.get_ref()
    {
        return Some(inner);
    }
    error.source()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_its_consequence() {
        let status = |status| FetchError::Status { host: "h".into(), status, retry_after: None, wall: false };
        for blocked in [401, 403, 429, 451] {
            assert_eq!(status(blocked).disposition(), Disposition::Blocked, "{blocked}");
        }
        for retry in [404, 408, 500, 502, 503, 504, 304, 206] {
            assert_eq!(status(retry).disposition(), Disposition::Retry, "{retry}");
        }
        assert_eq!(status(410).disposition(), Disposition::Gone);
        let wall = FetchError::Status { host: "h".into(), status: 503, retry_after: None, wall: true };
        assert_eq!(wall.disposition(), Disposition::Blocked);
        assert_eq!(FetchError::Scheme { scheme: "file".into() }.disposition(), Disposition::Refused);
    }
}
