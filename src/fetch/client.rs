//! The client: one request, its redirects and its answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use reqwest::StatusCode;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LINK, LOCATION,
};
use tokio::time::{Instant, timeout};
use url::Url;

use super::body::{Body, BodyError, RATIO};
use super::gate::Gates;
use super::guard::{Guard, Resolver};
use super::headers;
use super::{FetchError, Settings, host_of, install_tls};
use crate::model::{Document, Validators};

/// Until a connection stands, and between two pieces of an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an idle connection is kept for the next page of the same site.
const IDLE: Duration = Duration::from_secs(30);
/// Headers of the connection or of our own, which a source cannot set.
const OURS: [&str; 13] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "proxy-connection",
    "range",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// What is wanted back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// A feed, or a page that may lead to one.
    Feed,
    /// An article's page.
    Page,
    /// A picture.
    Image,
}

impl Accept {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Feed => {
                "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, \
                 application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
            }
            Self::Page => "text/html, application/xhtml+xml, application/xml;q=0.5, */*;q=0.1",
            Self::Image => "image/avif, image/webp, image/png, image/jpeg, image/*;q=0.8",
        })
    }
}

/// One question.
#[derive(Debug, Clone)]
pub struct Request {
    /// The address.
    pub url: Url,
    /// What the last answer from there was known by.
    pub validators: Validators,
    /// Headers of the source's own; they go to its own origin only.
    pub headers: Vec<(String, String)>,
    /// What is wanted back.
    pub accept: Accept,
}

/// What the server says about the next time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Freshness {
    /// How long it asks us not to come back: `max-age` less `Age`, or `Expires` less `Date`; a day at most.
    pub asked_to_wait: Option<Duration>,
    /// Where it wants to be asked from now on: the end of the permanent redirects (301, 308) that came first.
    pub moved: Option<Url>,
    /// How long the answer took, waiting for our own turn not counted.
    pub took: Duration,
}

/// What came back.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one exists at a time, and it is taken apart at once")]
pub enum Answer {
    /// A document.
    Document {
        /// The document.
        document: Document,
        /// When to come back.
        freshness: Freshness,
    },
    /// Nothing has changed.
    NotModified {
        /// The validators to keep.
        validators: Validators,
        /// When to come back.
        freshness: Freshness,
    },
}

/// The one client for all outgoing requests. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) http: reqwest::Client,
    pub(super) guard: Arc<Guard>,
    pub(super) gates: Gates,
    pub(super) settings: Settings,
}

/// Where one request has got to.
struct Trail {
    first: Url,
    at: Url,
    seen: Vec<Url>,
    permanent: bool,
    moved: Option<Url>,
}

enum Step {
    Arrived(Box<Answer>),
    Redirect { to: Url, permanent: bool },
}

impl Client {
    /// A client with these manners; `source_ports` are the ports of the sources' own addresses.
    ///
    /// # Errors
    /// Where the system gives no client.
    pub fn new(settings: &Settings, source_ports: &[u16]) -> Result<Self, FetchError> {
        Self::patient(settings, source_ports, PATIENCE)
    }

    fn patient(settings: &Settings, source_ports: &[u16], patience: Duration) -> Result<Self, FetchError> {
        install_tls();
        let guard = Arc::new(Guard::new(settings, source_ports));
        let plain = || plain_client(&guard, patience, &agent(settings.contact.as_deref()));
        let http = plain().build().or_else(|error| {
            // A machine without root certificates can still read http.
            tracing::warn!(error = %error, "tls: no root certificates, https sources will fail");
            plain().tls_certs_only([]).build()
        });
        let http = http.map_err(|e| FetchError::Setup { reason: e.to_string() })?;
        let gates = Gates::new(settings.at_once, settings.per_host);
        Ok(Self(Arc::new(Inner { http, guard, gates, settings: settings.clone() })))
    }

    /// How long a whole answer may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.0.settings.timeout
    }

    /// Asks, follows redirects, and reads the whole answer.
    ///
    /// # Errors
    /// Where nothing usable came back: see [`FetchError::disposition`].
    pub async fn get(&self, request: Request, now: DateTime<Utc>) -> Result<Answer, FetchError> {
        let own = own_headers(&request.headers)?;
        let mut trail = Trail::new(request.url.clone());
        let mut left = self.0.settings.timeout;
        loop {
            self.0.guard.check(&trail.at)?;
            let leave = self.0.gates.enter(&trail.at).await;
            let began = Instant::now();
            let step = timeout(left, self.step(&request, &own, &trail, now)).await;
            left = left.saturating_sub(began.elapsed());
            drop(leave);
            match step.map_err(|_elapsed| FetchError::Timeout { host: host_of(&trail.at) })?? {
                Step::Arrived(answer) => {
                    let took = self.0.settings.timeout.saturating_sub(left);
                    return Ok(answer.with_end(trail.moved, took));
                }
                Step::Redirect { to, permanent } => trail.follow(to, permanent, self.0.settings.redirects)?,
            }
        }
    }

    /// One request of the trail.
    async fn step(
        &self,
        request: &Request,
        own: &HeaderMap,
        trail: &Trail,
        now: DateTime<Utc>,
    ) -> Result<Step, FetchError> {
        let host = host_of(&trail.at);
        let sent = self.0.http.get(trail.at.clone()).headers(request_headers(request, own, trail)).send().await;
        let response = sent.map_err(|e| FetchError::from_reqwest(host.clone(), &e))?;
        if let Some(peer) = response.remote_addr()
            && !self.0.guard.allows(peer.ip())
        {
            return Err(FetchError::Inner { host, address: peer.ip() });
        }
        let status = response.status();
        let freshness =
            Freshness { asked_to_wait: headers::fresh_for(response.headers(), now), ..Freshness::default() };
        match status.as_u16() {
            304 if !request.validators.is_empty() => {
                let validators = headers::freshened(request.validators.clone(), response.headers());
                Ok(Step::Arrived(Box::new(Answer::NotModified { validators, freshness })))
            }
            301 | 302 | 303 | 307 | 308 => redirect(&trail.at, status, response.headers()),
            // 226 is a delta (RFC 3229): entries all the same.
            200 | 203 | 226 => {
                let document = self.document(request, trail, response, now).await?;
                Ok(Step::Arrived(Box::new(Answer::Document { document, freshness })))
            }
            other => Err(FetchError::Status {
                host,
                status: other,
                retry_after: headers::retry_after(response.headers(), now),
                wall: headers::is_wall(response.headers()),
            }),
        }
    }

    async fn document(
        &self,
        request: &Request,
        trail: &Trail,
        response: reqwest::Response,
        now: DateTime<Utc>,
    ) -> Result<Document, FetchError> {
        let head = response.headers().clone();
        let status = response.status().as_u16();
        let body = self.body(host_of(&trail.at), response).await?;
        Ok(Document {
            requested: request.url.clone(),
            url: trail.at.clone(),
            status,
            content_type: headers::lossy(&head, &CONTENT_TYPE),
            content_language: headers::lossy(&head, &CONTENT_LANGUAGE),
            link_header: headers::joined(&head, &LINK),
            body,
            validators: headers::validators(&head),
            fetched_at: now,
        })
    }

    async fn body(&self, host: String, response: reqwest::Response) -> Result<Bytes, FetchError> {
        let most = self.0.settings.max_size;
        let say = |host: &str, error: BodyError| {
            let host = host.to_owned();
            match error {
                BodyError::TooBig => FetchError::TooBig { host, most },
                BodyError::Bomb => FetchError::Bomb { host, ratio: RATIO },
                BodyError::Broken(reason) => FetchError::Answer { host, reason },
                BodyError::Coding(coding) => FetchError::Coding { host, coding },
            }
        };
        if response.content_length().is_some_and(|announced| announced > most) {
            return Err(FetchError::TooBig { host, most });
        }
        let codings: Vec<String> = response
            .headers()
            .get_all(CONTENT_ENCODING)
            .iter()
            .map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned())
            .collect();
        let mut body = Body::new(&codings.join(","), most).map_err(|e| say(&host, e))?;
        let mut stream = response.bytes_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|e| FetchError::from_reqwest(host.clone(), &e))?;
            body.feed(&chunk).map_err(|e| say(&host, e))?;
        }
        body.finish().map(Bytes::from).map_err(|e| say(&host, e))
    }
}

impl Answer {
    fn with_end(mut self, moved: Option<Url>, took: Duration) -> Self {
        match &mut self {
            Self::Document { freshness, .. } | Self::NotModified { freshness, .. } => {
                (freshness.moved, freshness.took) = (moved, took);
            }
        }
        self
    }
}

impl Trail {
    fn new(mut url: Url) -> Self {
        url.set_fragment(None);
        Self { first: url.clone(), seen: vec![url.clone()], at: url, permanent: true, moved: None }
    }

    fn follow(&mut self, mut to: Url, permanent: bool, most: usize) -> Result<(), FetchError> {
        to.set_fragment(None);
        if self.at.scheme() == "https" && to.scheme() == "http" {
            return Err(FetchError::Downgrade { host: host_of(&self.at) });
        }
        if self.seen.contains(&to) {
            return Err(FetchError::Circle { host: host_of(&to) });
        }
        if self.seen.len() > most {
            return Err(FetchError::Redirects { host: host_of(&self.first), most });
        }
        self.permanent &= permanent;
        if self.permanent {
            self.moved = Some(to.clone());
        }
        self.seen.push(to.clone());
        self.at = to;
        Ok(())
    }
}

fn redirect(from: &Url, status: StatusCode, head: &HeaderMap) -> Result<Step, FetchError> {
    let nowhere = || FetchError::Location { host: host_of(from), status: status.as_u16() };
    let written = headers::lossy(head, &LOCATION).ok_or_else(nowhere)?;
    let to = from.join(&written).map_err(|_not_an_address| nowhere())?;
    Ok(Step::Redirect { to, permanent: matches!(status.as_u16(), 301 | 308) })
}

/// Redirects, cookies, referer, proxies, repeats and decoding are all ours to decide: the library does none of them.
fn plain_client(guard: &Arc<Guard>, patience: Duration, agent: &str) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .dns_resolver(Resolver(Arc::clone(guard)))
        .no_proxy()
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .user_agent(agent)
        .connect_timeout(patience)
        .read_timeout(patience)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(1)
}

/// Who asks: name, version, and where to write.
fn agent(contact: Option<&str>) -> String {
    let name = concat!("feedloom/", env!("CARGO_PKG_VERSION"));
    let plain: String = contact.unwrap_or_default().chars().filter(|c| matches!(c, ' '..='~')).collect();
    match plain.trim() {
        "" => name.to_owned(),
        contact => format!("{name} (+{contact})"),
    }
}

/// The source's own headers, checked.
pub(super) fn own_headers(written: &[(String, String)]) -> Result<HeaderMap, FetchError> {
    let mut map = HeaderMap::new();
    for (name, value) in written {
        let wrong = || FetchError::Header { name: name.clone() };
        let known = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_bad| wrong())?;
        let mut value = HeaderValue::from_bytes(value.trim().as_bytes()).map_err(|_bad| wrong())?;
        if OURS.contains(&known.as_str()) {
            return Err(wrong());
        }
        value.set_sensitive(true);
        map.append(known, value);
    }
    Ok(map)
}

fn request_headers(request: &Request, own: &HeaderMap, trail: &Trail) -> HeaderMap {
    let mut map = HeaderMap::new();
    map.insert(ACCEPT, request.accept.header());
    map.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br, zstd, deflate"));
    // Both where both were given: a server that knows only one finds it (RFC 9110, 13.1.3 says which one counts).
    if let Some(etag) = request.validators.etag.as_deref().and_then(headers::sent_back) {
        map.insert(IF_NONE_MATCH, etag);
    }
    if let Some(date) = request.validators.last_modified.as_deref().and_then(headers::sent_back) {
        map.insert(IF_MODIFIED_SINCE, date);
    }
    if trail.at.origin() == trail.first.origin() {
        // In place of ours where a name is the same.
        map.extend(own.clone());
    }
    map
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Mutex;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::super::{Disposition, Network};
    use super::*;

    /// A server that says what it is told, byte for byte, and remembers what it was asked.
    struct Origin {
        base: String,
        port: u16,
        asked: Arc<Mutex<Vec<String>>>,
    }

    /// Pieces of an answer; an empty one means silence for ever.
    type Script = Vec<Vec<u8>>;

    impl Origin {
        async fn new(answer: impl Fn(&str, &str) -> Script + Send + Sync + 'static) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let base = format!("http://127.0.0.1:{port}");
            let asked = Arc::new(Mutex::new(Vec::new()));
            let (heads, answer, own) = (Arc::clone(&asked), Arc::new(answer), base.clone());
            tokio::spawn(async move {
                while let Ok((mut socket, _)) = listener.accept().await {
                    let (heads, answer, own) = (Arc::clone(&heads), Arc::clone(&answer), own.clone());
                    tokio::spawn(async move {
                        let mut head = Vec::new();
                        while !head.ends_with(b"\r\n\r\n") {
                            match socket.read_u8().await {
                                Ok(byte) => head.push(byte),
                                Err(_) => return,
                            }
                        }
                        let head = String::from_utf8_lossy(&head).into_owned();
                        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                        heads.lock().unwrap().push(head);
                        for piece in answer(&path, &own) {
                            if piece.is_empty() {
                                std::future::pending::<()>().await;
                            }
                            if socket.write_all(&piece).await.is_err() {
                                return;
                            }
                            tokio::task::yield_now().await;
                        }
                    });
                }
            });
            Self { base, port, asked }
        }

        fn asked(&self) -> Vec<String> {
            self.asked.lock().unwrap().clone()
        }
    }

    fn plain(head: &str, body: impl AsRef<[u8]>) -> Script {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        vec![[head.as_bytes(), body].concat()]
    }

    fn settings() -> Settings {
        Settings {
            private_networks: vec![Network::parse("127.0.0.1/32").unwrap()],
            timeout: Duration::from_secs(5),
            contact: Some("ops@example.org".into()),
            ..Settings::default()
        }
    }

    fn request(url: &str) -> Request {
        Request {
            url: Url::parse(url).unwrap(),
            validators: Validators::default(),
            headers: Vec::new(),
            accept: Accept::Feed,
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_445_600, 0).unwrap()
    }

    async fn get(origin: &Origin, path: &str) -> Result<Answer, FetchError> {
        let client = Client::new(&settings(), &[origin.port]).unwrap();
        client.get(request(&format!("{}{path}", origin.base)), now()).await
    }

    fn document(answer: Result<Answer, FetchError>) -> (Document, Freshness) {
        match answer.unwrap() {
            Answer::Document { document, freshness } => (document, freshness),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_document_comes_with_all_that_is_needed_to_read_it() {
        let origin = Origin::new(|_, _| {
            plain(
                "200 OK\r\nETag: W/\"x\"\r\nLast-Modified: yesterday\r\nContent-Type: text/xml; charset=x\r\n\
                 Content-Language: fr\r\nCache-Control: max-age=60\r\nSet-Cookie: a=b",
                "<rss/>",
            )
        })
        .await;
        let (doc, freshness) = document(get(&origin, "/a?q=%41&e=#frag").await);
        assert_eq!(&doc.body[..], b"<rss/>");
        assert_eq!(doc.validators.etag.as_deref(), Some("W/\"x\""));
        assert_eq!(doc.validators.last_modified.as_deref(), Some("yesterday"));
        assert_eq!(doc.content_type.as_deref(), Some("text/xml; charset=x"));
        assert_eq!(doc.content_language.as_deref(), Some("fr"));
        assert_eq!((doc.status, doc.fetched_at), (200, now()));
        assert_eq!(freshness, Freshness { asked_to_wait: Some(Duration::from_secs(60)), ..freshness.clone() });
        let head = origin.asked()[0].to_ascii_lowercase();
        assert!(head.starts_with("get /a?q=%41&e= http/1.1"), "{head}");
        assert!(head.contains(concat!("user-agent: feedloom/", env!("CARGO_PKG_VERSION"), " (+ops@example.org)\r\n")));
        assert!(head.contains("accept-encoding: gzip, br, zstd, deflate\r\n") && head.contains("application/atom+xml"));
        for never in ["cookie", "referer", "range", "if-none-match", "if-modified-since", "authorization"] {
            assert!(!head.contains(&format!("\r\n{never}:")), "{never} in {head}");
        }
    }

    #[tokio::test]
    async fn validators_are_sent_and_freshened() {
        let origin =
            Origin::new(|_, _| plain("304 Not Modified\r\nETag: \"2\"\r\nCache-Control: max-age=90", "")).await;
        let client = Client::new(&settings(), &[origin.port]).unwrap();
        let mut asks = request(&origin.base);
        asks.validators = Validators { etag: Some("\"1\"".into()), last_modified: Some("Mon, x".into()) };
        let Answer::NotModified { validators, freshness } = client.get(asks, now()).await.unwrap() else {
            panic!("a document came")
        };
        assert_eq!(validators, Validators { etag: Some("\"2\"".into()), last_modified: Some("Mon, x".into()) });
        assert_eq!(freshness.asked_to_wait, Some(Duration::from_secs(90)));
        let head = origin.asked()[0].to_ascii_lowercase();
        assert!(head.contains("if-none-match: \"1\"\r\n") && head.contains("if-modified-since: mon, x\r\n"), "{head}");
        let unasked = client.get(request(&origin.base), now()).await.unwrap_err();
        assert_eq!(unasked.status(), Some(304), "nothing to compare with: no answer");
    }

    #[tokio::test]
    async fn errors_say_how_long_to_wait() {
        let origin = Origin::new(|path, _| plain(&format!("{} X\r\nRetry-After: 120", &path[1..]), "error page")).await;
        for (status, disposition) in [
            ("429", Disposition::Blocked),
            ("503", Disposition::Retry),
            ("410", Disposition::Gone),
            ("404", Disposition::Retry),
            ("206", Disposition::Retry),
            ("204", Disposition::Retry),
            ("300", Disposition::Retry),
        ] {
            let error = get(&origin, &format!("/{status}")).await.unwrap_err();
            assert_eq!(error.disposition(), disposition, "{status}");
            assert_eq!(error.retry_after(), Some(Duration::from_secs(120)), "{status}");
        }
    }

    #[tokio::test]
    async fn redirects_are_followed_within_bounds() {
        let origin = Origin::new(|path, own| {
            let (kind, n) = path[1..].split_once('/').unwrap_or((&path[1..], "0"));
            let n: u32 = n.parse().unwrap_or(0);
            match kind {
                "chain" if n > 0 => plain(&format!("301 X\r\nLocation: /chain/{}", n - 1), ""),
                "mixed" if n == 2 => plain("308 X\r\nLocation: /mixed/1", ""),
                "mixed" if n == 1 => plain(&format!("302 X\r\nLocation: {own}/mixed/0"), ""),
                "loop" => plain(&format!("302 X\r\nLocation: /loop/{}", 1 - n), ""),
                "self" => plain("301 X\r\nLocation: /self#x", ""),
                "lost" => plain("302 X", ""),
                "file" => plain("302 X\r\nLocation: file:///etc/passwd", ""),
                "ends" => plain("302 X\r\nLocation: http://[::1", ""),
                _ => plain("200 OK", "here"),
            }
        })
        .await;
        let (doc, freshness) = document(get(&origin, "/chain/3").await);
        assert_eq!((doc.requested.path(), doc.url.path()), ("/chain/3", "/chain/0"));
        assert_eq!(freshness.moved.unwrap().path(), "/chain/0");
        let (_, freshness) = document(get(&origin, "/mixed/2").await);
        assert_eq!(freshness.moved.unwrap().path(), "/mixed/1", "only the permanent beginning");
        assert!(get(&origin, "/chain/10").await.is_ok());
        assert!(matches!(get(&origin, "/chain/11").await, Err(FetchError::Redirects { most: 10, .. })));
        assert!(matches!(get(&origin, "/loop/0").await, Err(FetchError::Circle { .. })));
        assert!(matches!(get(&origin, "/self").await, Err(FetchError::Circle { .. })));
        assert!(matches!(get(&origin, "/lost").await, Err(FetchError::Location { status: 302, .. })));
        assert!(matches!(get(&origin, "/ends").await, Err(FetchError::Location { status: 302, .. })));
        assert!(matches!(get(&origin, "/file").await, Err(FetchError::Scheme { .. })));
    }

    #[tokio::test]
    async fn no_redirect_leads_to_an_inner_address() {
        let canary = Origin::new(|_, _| plain("200 OK", "secret")).await;
        let port = canary.port;
        let origin = Origin::new(move |path, _| {
            plain(&format!("302 X\r\nLocation: http://{}:{port}/", path[1..].replace("at", "@")), "")
        })
        .await;
        let client = Client::new(&settings(), &[origin.port, canary.port]).unwrap();
        for host in [
            "127.0.0.2",
            "2130706434",
            "0177.0.0.2",
            "0x7f000002",
            "127.2",
            "[::1]",
            "[::ffff:127.0.0.2]",
            "0.0.0.0",
            "example.orgat127.0.0.1",
            "[::ffff:7f00:2]",
            "10.0.0.1",
        ] {
            let error = client.get(request(&format!("{}/{host}", origin.base)), now()).await.unwrap_err();
            assert_eq!(error.disposition(), Disposition::Refused, "{host}: {error}");
            let error = client.get(request(&format!("http://{}:{port}/", host.replace("at", "@"))), now()).await;
            assert_eq!(error.unwrap_err().disposition(), Disposition::Refused, "{host} straight");
        }
        assert_eq!(canary.asked().len(), 0);
        let error = client.get(request(&format!("{}/127.0.0.1", origin.base)), now()).await;
        assert!(error.is_ok(), "the listed address is asked: {error:?}");
    }

    #[tokio::test]
    async fn names_of_inner_addresses_are_refused() {
        let client = Client::new(&Settings { private_networks: Vec::new(), ..settings() }, &[9]).unwrap();
        let error = client.get(request("http://localhost:9/"), now()).await.unwrap_err();
        assert!(matches!(error, FetchError::Inner { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn own_headers_stay_at_their_origin() {
        let other = Origin::new(|_, _| plain("200 OK", "there")).await;
        let to = other.base.clone();
        let origin = Origin::new(move |path, _| match path {
            "/away" => plain(&format!("302 X\r\nLocation: {to}/"), ""),
            "/near" => plain("302 X\r\nLocation: /end", ""),
            _ => plain("200 OK", "here"),
        })
        .await;
        let client = Client::new(&settings(), &[origin.port, other.port]).unwrap();
        for path in ["/away", "/near"] {
            let mut asks = request(&format!("{}{path}", origin.base));
            for name in ["Authorization", "Cookie", "X-Key"] {
                asks.headers.push((name.into(), "secret".into()));
            }
            client.get(asks, now()).await.unwrap();
        }
        assert!(origin.asked().iter().all(|head| head.matches("secret").count() == 3), "{:?}", origin.asked());
        assert!(!other.asked()[0].contains("secret"));
        for bad in [("Host", "x"), ("Transfer-Encoding", "chunked"), ("a b", "x"), ("X", "a\r\nY: b")] {
            let mut asks = request(&origin.base);
            asks.headers.push((bad.0.into(), bad.1.into()));
            assert!(matches!(client.get(asks, now()).await, Err(FetchError::Header { .. })), "{bad:?}");
        }
    }

    #[tokio::test]
    async fn https_is_not_left_for_http() {
        let mut trail = Trail::new(Url::parse("https://example.org/").unwrap());
        let down = trail.follow(Url::parse("http://example.org/").unwrap(), true, 10);
        assert!(matches!(down, Err(FetchError::Downgrade { .. })));
        let mut trail = Trail::new(Url::parse("http://example.org/").unwrap());
        assert!(trail.follow(Url::parse("https://example.org/").unwrap(), true, 10).is_ok());
    }

    #[tokio::test]
    async fn large_bodies_are_cut() {
        let origin = Origin::new(|path, _| match path {
            "/announced" => vec![b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n".to_vec(), Vec::new()],
            "/endless" => {
                let mut script = vec![b"HTTP/1.1 200 OK\r\n\r\n".to_vec()];
                script.extend(std::iter::repeat_n(vec![b'x'; 1 << 16], 1000));
                script
            }
            "/bomb" => {
                let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
                e.write_all(&vec![0; 8 << 20]).unwrap();
                plain("200 OK\r\nContent-Encoding: gzip", e.finish().unwrap())
            }
            "/headers" => {
                let mut script = vec![b"HTTP/1.1 200 OK\r\n".to_vec()];
                script.extend(std::iter::repeat_n(b"X-Y: zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\r\n".repeat(1000), 1000));
                script
            }
            "/cut" => vec![b"HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 50\r\n\r\n<rss>".to_vec()],
            _ => vec![b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec()],
        })
        .await;
        let small = Settings { max_size: 2 << 20, ..settings() };
        let client = Client::new(&small, &[origin.port]).unwrap();
        let ask = async |path: &str| client.get(request(&format!("{}{path}", origin.base)), now()).await.unwrap_err();
        assert!(matches!(ask("/announced").await, FetchError::TooBig { .. }));
        assert!(matches!(ask("/endless").await, FetchError::TooBig { .. }));
        assert!(matches!(ask("/bomb").await, FetchError::Bomb { .. }));
        for broken in ["/headers", "/cut", "/chunks"] {
            let error = ask(broken).await;
            assert!(matches!(error, FetchError::Answer { .. }), "{broken}: {error:?}");
        }
    }

    #[tokio::test]
    async fn silence_is_given_up_and_so_is_slowness() {
        let origin = Origin::new(|path, _| match path {
            "/silent" => vec![Vec::new()],
            _ => vec![b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".to_vec(), Vec::new()],
        })
        .await;
        let patience = Duration::from_millis(200);
        let client = Client::patient(&settings(), &[origin.port], patience).unwrap();
        for path in ["/silent", "/stops"] {
            let error = client.get(request(&format!("{}{path}", origin.base)), now()).await.unwrap_err();
            assert!(matches!(error, FetchError::Timeout { .. }), "{path}: {error:?}");
        }
        let hurried = Settings { timeout: Duration::from_millis(300), ..settings() };
        let client = Client::new(&hurried, &[origin.port]).unwrap();
        let error = client.get(request(&format!("{}/stops", origin.base)), now()).await.unwrap_err();
        assert!(matches!(error, FetchError::Timeout { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn failures_to_connect_are_told_apart() {
        let client = Client::new(&settings(), &[1]).unwrap();
        let error = client.get(request("http://127.0.0.1:1/"), now()).await.unwrap_err();
        assert!(matches!(error, FetchError::Connect { .. }), "{error:?}");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            socket.read_u8().await.unwrap();
            socket.write_all(b"HTTP/1.1 400 no tls here\r\n\r\n").await.unwrap();
            std::future::pending::<()>().await;
        });
        let client = Client::new(&settings(), &[port]).unwrap();
        let error = client.get(request(&format!("https://127.0.0.1:{port}/")), now()).await.unwrap_err();
        assert!(matches!(error, FetchError::Tls { .. }), "{error:?}");
    }
}
