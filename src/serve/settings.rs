//! What the door bears.

use std::time::Duration;

/// What the door bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Connections open at one time; others wait in the system's queue.
    pub connections: usize,
    /// Requests answered at one time; others are told to come again.
    pub concurrency: usize,
    /// How long a client may take for the head of a request, and stay silent between two.
    pub header_timeout: Duration,
    /// How long an answer may take to be found.
    pub answer_timeout: Duration,
    /// How long one connection may live: bounds what a client that reads a byte a minute can hold.
    pub connection_lifetime: Duration,
    /// How long a connection that is asked to end may take to finish what it is doing.
    pub grace: Duration,
    /// Bytes of a request's address.
    pub uri_bytes: usize,
    /// Bytes of a request's head; at least 8192, which the parser needs.
    pub header_bytes: usize,
    /// Headers of a request.
    pub headers: usize,
    /// Bodies that are read at one time.
    pub bodies: usize,
    /// How long another one waits for its turn before it is told to come again.
    pub body_wait: Duration,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connections: 1_024,
            concurrency: 256,
            header_timeout: Duration::from_secs(15),
            answer_timeout: Duration::from_secs(20),
            connection_lifetime: Duration::from_secs(15 * 60),
            grace: Duration::from_secs(8),
            uri_bytes: 4_096,
            header_bytes: 32 * 1_024,
            headers: 100,
            bodies: 4,
            body_wait: Duration::from_secs(3),
            body_timeout: Duration::from_secs(20),
        }
    }
}
