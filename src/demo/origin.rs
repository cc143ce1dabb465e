//! A scripted site on a loopback address: what `demo` polls, and what the end-to-end tests poll.
//!
//! It speaks just enough HTTP/1.1 to be asked by a real client, and gives byte for byte what it was told to give,
//! malformed answers included: that is why it does not stand on a web framework.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::DateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::site::{Documents, Published};
use super::template::rfc822;

/// Connections at one time; further ones are closed.
const MAX_CONNECTIONS: usize = 256;
/// Requests on one connection.
const MAX_REQUESTS: usize = 1000;
/// Bytes of a request's head.
const MAX_HEAD: usize = 64 << 10;
/// Requests that are remembered.
const MAX_SEEN: usize = 10_000;
/// How long a connection may stand idle.
const IDLE: Duration = Duration::from_secs(30);
/// What the origin says was last changed so long before its `base` changes by a second each time.
const LAST_MODIFIED_BEFORE: chrono::Duration = chrono::Duration::hours(1);

/// What a path answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// `Content-Type`; none is sent when it is empty.
    pub content_type: String,
    /// The body.
    pub body: Bytes,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// Whether `ETag` and `Last-Modified` are sent, and requests that name them answered with 304.
    pub validators: bool,
    /// How long the answer waits.
    pub delay: Option<Duration>,
    /// Sent instead of all the rest, byte for byte; then the connection is closed.
    pub raw: Option<Vec<u8>>,
}

impl Reply {
    /// A 200 with validators.
    #[must_use]
    pub fn new(content_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            status: 200,
            content_type: content_type.to_owned(),
            body: body.into(),
            headers: Vec::new(),
            validators: true,
            delay: None,
            raw: None,
        }
    }

    /// A status with a short text.
    #[must_use]
    pub fn status(status: u16) -> Self {
        let body = format!("{status} {}\n", reason(status));
        Self { status, validators: false, ..Self::new("text/plain; charset=utf-8", body) }
    }

    /// A redirect.
    #[must_use]
    pub fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).header("Location", to)
    }

    /// Bytes that need not be HTTP at all.
    #[must_use]
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { raw: Some(bytes.into()), ..Self::status(200) }
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Answered late.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its method.
    pub method: String,
    /// Its target as sent: path and query.
    pub path: String,
    /// Its headers in their order, names as sent.
    pub headers: Vec<(String, String)>,
    /// The status that it was answered with; 0 for a raw answer.
    pub status: u16,
}

impl Seen {
    /// The first header of that name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

/// The running site. It ends when it is stopped or dropped.
#[derive(Debug)]
pub struct Origin {
    addr: SocketAddr,
    shared: Arc<Shared>,
    task: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    addr: SocketAddr,
    documents: Documents,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    replies: HashMap<String, Reply>,
    seen: VecDeque<Seen>,
    published: usize,
    /// By path: the validator last sent, and how many times it has changed.
    versions: HashMap<String, (String, u32)>,
}

impl Origin {
    /// Starts on an address (port 0: any free one) with the documents it serves.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(addr: SocketAddr, documents: Documents) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared { addr, documents, state: Mutex::default() });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { addr, shared, task: Mutex::new(Some(task)) })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The full address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// From now on a path answers this, whatever the documents say.
    pub fn set(&self, path: &str, reply: Reply) {
        self.shared.state().replies.insert(path.to_owned(), reply);
    }

    /// A path answers its document again.
    pub fn reset(&self, path: &str) {
        self.shared.state().replies.remove(path);
    }

    /// What a path would answer now.
    #[must_use]
    pub fn reply(&self, path: &str) -> Reply {
        self.shared.reply(&self.shared.state(), path)
    }

    /// The requests so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Seen> {
        self.shared.state().seen.iter().cloned().collect()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.shared.state().seen.clear();
    }

    /// Puts the next prepared article into its feed or list. `None` when all are out.
    pub fn publish_next(&self) -> Option<Published> {
        let mut state = self.shared.state();
        let published = self.shared.documents.prepared(state.published + 1)?;
        state.published += 1;
        Some(published)
    }

    /// Closes the listener and every connection.
    pub async fn stop(&self) {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            task.abort();
            // The error says that it was cancelled, as asked.
            let _cancelled = task.await;
        }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        if let Some(task) = self.task.get_mut().unwrap_or_else(PoisonError::into_inner) {
            task.abort();
        }
    }
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reply(&self, state: &State, target: &str) -> Reply {
        let path = target.split(['?', '#']).next().unwrap_or(target);
        if let Some(reply) = state.replies.get(target).or_else(|| state.replies.get(path)) {
            return reply.clone();
        }
        let base = format!("http://{}", self.addr);
        self.documents.reply(path, &base, state.published).unwrap_or_else(|| Reply::status(404))
    }

    fn answer(&self, mut request: Seen) -> Answer {
        let mut state = self.state();
        let reply = self.reply(&state, &request.path);
        let (bytes, status) = match reply.raw {
            Some(raw) => (raw, 0),
            None => self.compose(&mut state, &request, reply.clone()),
        };
        let close = status == 0 || request.header("connection").is_some_and(|c| c.eq_ignore_ascii_case("close"));
        // The body of a request is nobody's business here: what follows on that connection cannot be told from it.
        let close = close || request.header("content-length").is_some_and(|l| l != "0");
        request.status = status;
        if state.seen.len() >= MAX_SEEN {
            state.seen.pop_front();
        }
        state.seen.push_back(request);
        Answer { bytes, delay: reply.delay, close }
    }

    fn compose(&self, state: &mut State, request: &Seen, reply: Reply) -> (Vec<u8>, u16) {
        let mut status = reply.status;
        let mut headers = reply.headers;
        if !reply.content_type.is_empty() {
            headers.push(("Content-Type".to_owned(), reply.content_type));
        }
        if reply.validators {
            let (tag, modified) = self.validators(state, &request.path, &reply.body);
            if status == 200 && unchanged(request, &tag, modified) {
                status = 304;
            }
            headers.push(("ETag".to_owned(), tag));
            headers.push(("Last-Modified".to_owned(), rfc822(modified)));
        }
        let bodiless = status == 304 || status == 204;
        if !bodiless {
            headers.push(("Content-Length".to_owned(), reply.body.len().to_string()));
        }
        let mut bytes = format!("HTTP/1.1 {status} {}\r\n", reason(status)).into_bytes();
        for (name, value) in headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        if !bodiless && request.method != "HEAD" {
            bytes.extend_from_slice(&reply.body);
        }
        (bytes, status)
    }

    /// A strong validator of the bytes, and a date that moves when they do. The clock has no part in it.
    fn validators(&self, state: &mut State, path: &str, body: &[u8]) -> (String, DateTime<chrono::Utc>) {
        let hash = blake3::hash(body).to_hex();
        let tag = format!("\"{}\"", hash.get(..16).unwrap_or(&hash));
        let version = state.versions.entry(path.to_owned()).or_insert_with(|| (tag.clone(), 0));
        if version.0 != tag {
            *version = (tag.clone(), version.1.saturating_add(1));
        }
        let since = chrono::Duration::seconds(i64::from(version.1));
        (tag, self.documents.base() - LAST_MODIFIED_BEFORE + since)
    }
}

/// RFC 9110, section 13.1: `If-Modified-Since` counts only without `If-None-Match`.
fn unchanged(request: &Seen, tag: &str, modified: DateTime<chrono::Utc>) -> bool {
    if let Some(tags) = request.header("if-none-match") {
        return tags.split(',').map(str::trim).any(|t| t == "*" || t.trim_start_matches("W/") == tag);
    }
    let since = request.header("if-modified-since").and_then(|since| DateTime::parse_from_rfc2822(since).ok());
    since.is_some_and(|since| since.timestamp() >= modified.timestamp())
}

struct Answer {
    bytes: Vec<u8>,
    delay: Option<Duration>,
    close: bool,
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted && connections.len() < MAX_CONNECTIONS {
                connections.spawn(converse(stream, Arc::clone(&shared)));
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn converse(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut buffer = Vec::new();
    for _ in 0..MAX_REQUESTS {
        let Some(request) = next_request(&mut stream, &mut buffer).await else { return };
        let answer = shared.answer(request);
        if let Some(delay) = answer.delay {
            sleep(delay).await;
        }
        if stream.write_all(&answer.bytes).await.is_err() {
            return;
        }
        if answer.close {
            // A client that has gone already needs no farewell.
            let _gone = stream.shutdown().await;
            return;
        }
    }
}

/// The next request on a connection. `None` when it has ended, stands idle, or does not speak HTTP.
async fn next_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Seen> {
    loop {
        if let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            let head: Vec<u8> = buffer.drain(..end + 4).collect();
            return parse(&String::from_utf8_lossy(&head));
        }
        if buffer.len() > MAX_HEAD {
            return None;
        }
        let read = timeout(IDLE, stream.read_buf(buffer)).await.ok()?.ok()?;
        if read == 0 {
            return None;
        }
    }
}

fn parse(head: &str) -> Option<Seen> {
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let header = |line: &str| line.split_once(':').map(|(n, v)| (n.to_owned(), v.trim().to_owned()));
    let headers = lines.filter_map(header).collect();
    Some(Seen { method, path, headers, status: 0 })
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        410 => "Gone",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    async fn origin() -> Origin {
        let base = Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap();
        Origin::start("127.0.0.1:0".parse().unwrap(), Documents::sample(base)).await.unwrap()
    }

    /// Sends a head, reads what comes until the connection is closed.
    async fn ask(origin: &Origin, head: &str) -> String {
        let mut stream = TcpStream::connect(origin.addr()).await.unwrap();
        let head = format!("{head}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn header(answer: &str, name: &str) -> String {
        let found = answer.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(": "));
        found.unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn validators_are_honoured_until_something_is_published() {
        let origin = origin().await;
        let get = "GET /agence-sud/feed.xml HTTP/1.1\r\nHost: x";
        let first = ask(&origin, get).await;
        assert!(first.starts_with("HTTP/1.1 200 OK\r\n"), "{first}");
        let (tag, modified) = (header(&first, "ETag"), header(&first, "Last-Modified"));
        assert_eq!(modified, "Sun, 01 Mar 2026 11:00:00 GMT");
        let by_tag = format!("{get}\r\nIf-None-Match: {tag}\r\nIf-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT");
        let by_date = format!("{get}\r\nIf-Modified-Since: {modified}");
        for head in [&by_tag, &by_date] {
            let again = ask(&origin, head).await;
            assert!(again.starts_with("HTTP/1.1 304 ") && again.ends_with("\r\n\r\n"), "{again}");
            assert_eq!(header(&again, "ETag"), tag);
        }
        while origin.publish_next().is_some_and(|published| published.source != "agence-sud") {}
        for head in [&by_tag, &by_date] {
            assert!(ask(&origin, head).await.starts_with("HTTP/1.1 200 "), "changed");
        }
        let seen = origin.requests();
        assert_eq!(seen.iter().map(|s| s.status).collect::<Vec<_>>(), [200, 304, 304, 200, 200]);
        assert_eq!(seen.get(1).and_then(|s| s.header("IF-NONE-MATCH")), Some(tag.as_str()));
        assert_eq!(seen.first().map(|s| (s.method.as_str(), s.path.as_str())), Some(("GET", "/agence-sud/feed.xml")));
    }

    #[tokio::test]
    async fn a_path_answers_what_it_was_told() {
        let origin = origin().await;
        let path = "/agence-sud/feed.xml";
        let get = format!("GET {path}?utm_source=x HTTP/1.1\r\nHost: x");
        origin.set(path, Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"));
        assert!(ask(&origin, &get).await.ends_with("\r\n\r\nshort"));
        origin.set(path, Reply::redirect(308, "/elsewhere").header("Retry-After", "5"));
        let moved = ask(&origin, &get).await;
        assert!(moved.starts_with("HTTP/1.1 308 ") && header(&moved, "Location") == "/elsewhere", "{moved}");
        assert_eq!(header(&moved, "Retry-After"), "5");
        origin.reset(path);
        let head = ask(&origin, &format!("HEAD {path} HTTP/1.1\r\nHost: x")).await;
        assert!(head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"), "{head}");
        assert_eq!(header(&head, "Content-Length"), origin.reply(path).body.len().to_string());
        assert!(ask(&origin, "GET /nowhere HTTP/1.1").await.starts_with("HTTP/1.1 404 "));
    }

    #[tokio::test]
    async fn a_connection_is_used_again_and_ends_when_the_origin_stops() {
        let origin = origin().await;
        origin.set("/a", Reply::new("text/plain", "first"));
        let mut stream = TcpStream::connect(origin.addr()).await.unwrap();
        let mut answer = Vec::new();
        for _ in 0..2 {
            stream.write_all(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
            answer.clear();
            while !answer.ends_with(b"first") {
                assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
            }
        }
        origin.stop().await;
        assert_eq!(stream.read_buf(&mut answer).await.unwrap_or(0), 0);
        assert!(TcpStream::connect(origin.addr()).await.is_err());
    }
}
