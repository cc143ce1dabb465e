//! The client: one request, its redirects and its answer.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use reqwest::header::{CONTENT_LANGUAGE, CONTENT_TYPE, HeaderMap, LINK};
use tokio::time::{Instant, timeout};
use url::Url;

use super::body::{Body, BodyError};
use super::gate::{Gates, Leave, Speed};
use super::guard::Guard;
use super::headers;
use super::names::Names;
use super::places::{Places, Room, Waits};
use super::request::Request;
use super::robots::Robots;
use super::trail::{Redirect, Trail, own_headers, redirect, request_headers};
use super::walls::{is_wall, is_wall_page};
use super::warm::{IDLE, Warm};
use super::{Accept, Disposition, FetchError, Settings, host_of, install_tls};
use crate::model::{Document, Validators};

/// What the server says about the next time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Freshness {
    /// How long it asks us not to come back: `max-age` less `Age`, or `Expires` less `Date`; a day at most.
    pub asked_to_wait: Option<Duration>,
    /// Where it wants to be asked from now on: the end of the permanent redirects (301, 308) that came first.
    pub moved: Option<Url>,
    /// How long the answer took, waiting for our own turn not counted.
    pub took: Duration,
    /// How fast that is.
    pub speed: Speed,
}

/// A place among the large documents that may be in memory at one time; given back when dropped. A small one needs none.
#[derive(Debug, Clone, Default)]
pub struct Held(#[expect(dead_code, reason = "it is held")] Option<Arc<Room>>);

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
        /// The place of a large one, for as long as it is kept.
        held: Held,
    },
    /// Nothing has changed.
    NotModified {
        /// The validators to keep.
        validators: Validators,
        /// Where it was asked for in the end.
        url: Url,
        /// Its `Link` headers, joined.
        link_header: Option<String>,
        /// When to come back.
        freshness: Freshness,
    },
}

/// The one client for all outgoing requests. Cheap to clone; every clone shares the limits.
#[derive(Debug, Clone)]
pub struct Client(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) http: reqwest::Client,
    pub(super) guard: Arc<Guard>,
    pub(super) names: Names,
    pub(super) gates: Gates,
    pub(super) robots: Robots,
    warm: Warm,
    /// Places of large feeds, until they are taken in, and of large pages, until they are read.
    large: Places,
    large_pages: Places,
    pub(super) settings: Settings,
}

enum Step {
    Arrived(Box<Answer>),
    Redirect(Redirect),
}

impl Client {
    /// A client with these manners; `source_ports` are the ports of the sources' own addresses.
    ///
    /// # Errors
    /// Where the system gives no client.
    pub fn new(settings: &Settings, source_ports: &[u16]) -> Result<Self, FetchError> {
        install_tls();
        let guard = Arc::new(Guard::new(settings, source_ports));
        let names = Names::new(Arc::clone(&guard), settings.dns);
        let plain = || plain_client(&names, settings);
        let http = plain().build().or_else(|error| {
            // A machine without root certificates can still read http.
            tracing::warn!(error = %error, "tls: no root certificates, https sources will fail");
            plain().tls_certs_only([]).build()
        });
        let http = http.map_err(|e| FetchError::Setup { reason: e.to_string() })?;
        let (gates, robots) = (Gates::new(settings), Robots::default());
        let (large, large_pages, warm) = (Places::default(), Places::default(), Warm::default());
        Ok(Self(Arc::new(Inner {
            http,
            guard,
            names,
            gates,
            robots,
            warm,
            large,
            large_pages,
            settings: settings.clone(),
        })))
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
        let mut kept: Option<Leave> = None;
        let mut may_ask_again = !request.failed_before;
        loop {
            self.0.guard.check(&trail.at)?;
            let mut leave = match kept.take() {
                Some(leave) => self.0.gates.again(leave).await,
                None if request.accept == Accept::Page => Box::pin(self.page_leave(&trail.at, now)).await?,
                None => self.0.gates.enter(&trail.at, request.speed, self.address(&trail.at)).await?,
            };
            // On the heap: it goes through several hands, and would be copied at each.
            let waits = Waits::default();
            let step = Box::pin(self.step(&request, &own, &trail, now, &waits));
            let step = self.by_leave(&trail.at, &mut left, &mut leave, &waits, step).await;
            if trail.at != request.url {
                // Who leads to what is slow is slow.
                self.0.gates.note(&request.url, self.0.gates.speed(&trail.at));
            }
            if request.accept == Accept::Page {
                self.0.gates.page_answered(&trail.at, step.as_ref().err());
            }
            // A kept connection that was closed just then: the question was not heard, and is asked once more (RFC 9112, 9.3.1).
            if matches!(step, Err(FetchError::Unheard { .. })) && self.0.warm.took_away(&trail.at) && may_ask_again {
                (kept, may_ask_again) = (Some(leave), false);
                continue;
            }
            match step? {
                Step::Arrived(answer) => {
                    let took = self.0.settings.timeout.saturating_sub(left);
                    return Ok(answer.with_end(trail.moved, took, self.how_fast(took, None)));
                }
                Step::Redirect(to) => {
                    let from = trail.at.clone();
                    trail.follow(to, self.0.settings.redirects)?;
                    // Who waited for a host need not queue there again for each hop.
                    let there = request.accept == Accept::Feed && from.host() == trail.at.host();
                    kept = there.then_some(leave);
                }
            }
        }
    }

    /// Waits for the head of an answer, and checks who gave it.
    pub(super) async fn head(
        &self,
        host: &str,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, FetchError> {
        let host = || host.to_owned();
        let sent = timeout(self.0.settings.first_byte, request.send()).await;
        let sent = sent.map_err(|_elapsed| FetchError::Timeout { host: host() })?;
        let response = sent.map_err(|e| FetchError::from_reqwest(host(), &e))?;
        if let Some(peer) = response.remote_addr()
            && !self.0.guard.allows(peer.ip())
        {
            return Err(FetchError::Inner { host: host(), address: peer.ip() });
        }
        let most = self.0.settings.max_headers;
        if headers::size(response.headers()) > most {
            return Err(FetchError::Headers { host: host(), most });
        }
        Ok(response)
    }

    /// One request of the trail.
    async fn step(
        &self,
        request: &Request,
        own: &HeaderMap,
        trail: &Trail,
        now: DateTime<Utc>,
        waits: &Waits,
    ) -> Result<Step, FetchError> {
        let host = host_of(&trail.at);
        let asks = self.0.http.get(trail.at.clone()).headers(request_headers(request, own, trail));
        let response = self.head(&host, asks).await?;
        self.0.warm.answered(&trail.at);
        let status = response.status();
        let freshness =
            Freshness { asked_to_wait: headers::fresh_for(response.headers(), now), ..Freshness::default() };
        match status.as_u16() {
            304 if request.validators.are_of(&trail.at) => {
                let validators = headers::freshened(request.validators.clone(), response.headers());
                let link_header = headers::joined(response.headers(), &LINK);
                let url = trail.at.clone();
                Ok(Step::Arrived(Box::new(Answer::NotModified { validators, url, link_header, freshness })))
            }
            301 | 302 | 303 | 307 | 308 => redirect(&trail.at, status, response.headers()).map(Step::Redirect),
            // 226 is a delta (RFC 3229): entries all the same.
            200 | 203 | 226 if !is_wall(response.headers()) => {
                let (document, held) = Box::pin(self.document(request, trail, response, now, waits)).await?;
                Ok(Step::Arrived(Box::new(Answer::Document { document, freshness, held })))
            }
            _ => Err(self.refused(host, response, now).await),
        }
    }

    /// What an answer means that is none; where its headers do not say that a wall gave it, its page may.
    async fn refused(&self, host: String, response: reqwest::Response, now: DateTime<Utc>) -> FetchError {
        let refused = refusal(host.clone(), &response, now);
        let is_page = headers::lossy(response.headers(), &CONTENT_TYPE).is_some_and(|t| t.starts_with("text/html"));
        let is_known = refused.disposition() != Disposition::Retry;
        if is_page
            && !is_known
            && let FetchError::Status { wall: false, status, retry_after, .. } = refused
        {
            // Like a site's rules it is read as far as it may be long, and not for long.
            let page = self.body(host.clone(), Accept::Robots, None, response);
            let page = timeout(self.0.settings.idle, page).await;
            let wall = page.is_ok_and(|page| page.is_ok_and(|(page, ..)| is_wall_page(&page)));
            return FetchError::Status { host, status, retry_after, wall };
        }
        refused
    }

    async fn document(
        &self,
        request: &Request,
        trail: &Trail,
        response: reqwest::Response,
        now: DateTime<Utc>,
        waits: &Waits,
    ) -> Result<(Document, Held), FetchError> {
        let head = response.headers().clone();
        let status = response.status().as_u16();
        let places = match request.accept {
            _ if request.beside_another => None,
            Accept::Feed => Some((&self.0.large, waits)),
            _ => Some((&self.0.large_pages, waits)),
        };
        let (body, held, broken_off) = self.body(host_of(&trail.at), request.accept, places, response).await?;
        let document = Document {
            requested: request.url.clone(),
            url: trail.at.clone(),
            status,
            content_type: headers::lossy(&head, &CONTENT_TYPE),
            content_language: headers::lossy(&head, &CONTENT_LANGUAGE),
            link_header: headers::joined(&head, &LINK),
            body: body.into(),
            // What is known of the whole is not known of a part.
            validators: if broken_off.is_none() {
                headers::validators(&head, &trail.at)
            } else {
                Validators::default()
            },
            fetched_at: now,
            delta: headers::is_delta(status, &head),
            broken_off,
        };
        Ok((document, held))
    }

    /// A body, its place where it is large, and why it ended before its end, where it did and a part of it is of use.
    async fn body(
        &self,
        host: String,
        accept: Accept,
        places: Option<(&Places, &Waits)>,
        response: reqwest::Response,
    ) -> Result<(Vec<u8>, Held, Option<String>), FetchError> {
        let Settings { ratio, idle, .. } = self.0.settings;
        let most = accept.most(&self.0.settings);
        let say = |error: BodyError| {
            let host = host.clone();
            match error {
                BodyError::TooBig => FetchError::TooBig { host, most },
                BodyError::Bomb => FetchError::Bomb { host, ratio },
                BodyError::Broken(reason) => FetchError::Answer { host, reason },
                BodyError::Coding(coding) => FetchError::Coding { host, coding },
            }
        };
        // Of what a site allows the beginning counts, however long it is.
        let cuts = accept == Accept::Robots;
        if !cuts && response.content_length().is_some_and(|announced| announced > most) {
            return Err(say(BodyError::TooBig));
        }
        let mut body = Body::new(&headers::codings(response.headers()), most, ratio).map_err(say)?;
        let (mut room, began) = (Room::default(), Instant::now());
        let mut stream = response.bytes_stream();
        let broken_off = loop {
            let chunk = match timeout(idle, stream.next()).await {
                Ok(None) => break body.end().map_err(say).err(),
                Ok(Some(Ok(chunk))) => chunk,
                Ok(Some(Err(error))) => break Some(FetchError::from_reqwest(host.clone(), &error)),
                Err(_elapsed) => break Some(late(&host)),
            };
            match body.feed(&chunk) {
                Err(BodyError::TooBig) if cuts => break None,
                fed => fed.map_err(say)?,
            }
            if let Some((places, waits)) = places {
                places.make(&mut room, body.len(), waits).await;
                // What has its room, and comes slowly, leaves it to who waits for it.
                let took = began.elapsed().saturating_sub(waits.so_far());
                if took > self.0.settings.slow() && places.are_waited_for(&room) {
                    return Err(FetchError::GaveWay { host, hangs: false });
                }
            }
        };
        match broken_off {
            // The entries of a feed that came whole are entries.
            Some(error) if accept != Accept::Feed => Err(error),
            broken_off => Ok((body.bytes(), Held(Some(Arc::new(room))), broken_off.map(|error| error.to_string()))),
        }
    }
}

impl Answer {
    fn with_end(mut self, moved: Option<Url>, took: Duration, speed: Speed) -> Self {
        match &mut self {
            Self::Document { freshness, .. } | Self::NotModified { freshness, .. } => {
                (freshness.moved, freshness.took, freshness.speed) = (moved, took, speed);
            }
        }
        self
    }
}

pub(super) fn late(host: &str) -> FetchError {
    FetchError::Timeout { host: host.to_owned() }
}

/// A status that is no answer.
pub(super) fn refusal(host: String, response: &reqwest::Response, now: DateTime<Utc>) -> FetchError {
    FetchError::Status {
        host,
        status: response.status().as_u16(),
        retry_after: headers::retry_after(response.headers(), now),
        wall: is_wall(response.headers()),
    }
}

/// Redirects, cookies, referer, proxies, repeats and decoding are all ours to decide: the library does none of them.
fn plain_client(names: &Names, settings: &Settings) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .dns_resolver(names.clone())
        .no_proxy()
        // As browsers and curl read them (RFC 9112, 5.2 for folded lines).
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(true)
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .user_agent(headers::agent(settings.contact.as_deref()))
        .connect_timeout(settings.connect)
        .http2_max_header_list_size(u32::try_from(settings.max_headers).unwrap_or(u32::MAX))
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(settings.per_host)
}

#[cfg(test)]
mod tests {
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
            per_host_second: 1000,
            per_second: 1000,
            contact: Some("ops@example.org".into()),
            ..Settings::default()
        }
    }

    fn request(url: &str) -> Request {
        Request::new(Url::parse(url).unwrap(), Accept::Feed)
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
            Answer::Document { document, freshness, .. } => (document, freshness),
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
        asks.validators = Validators { etag: Some("\"1\"".into()), last_modified: Some("Mon, x".into()), of: None };
        let Answer::NotModified { validators, freshness, .. } = client.get(asks, now()).await.unwrap() else {
            panic!("a document came")
        };
        assert_eq!(
            validators,
            Validators { etag: Some("\"2\"".into()), last_modified: Some("Mon, x".into()), of: None }
        );
        assert_eq!(freshness.asked_to_wait, Some(Duration::from_secs(90)));
        let head = origin.asked()[0].to_ascii_lowercase();
        assert!(head.contains("if-none-match: \"1\"\r\n") && head.contains("if-modified-since: mon, x\r\n"), "{head}");
        let unasked = client.get(request(&origin.base), now()).await.unwrap_err();
        assert_eq!(unasked.status(), Some(304), "nothing to compare with: no answer");
    }

    #[tokio::test]
    async fn validators_go_to_the_address_that_gave_them() {
        let origin = Origin::new(|path, _| match path {
            "/away" => plain("302 X\r\nLocation: /b", ""),
            path => plain(&format!("200 OK\r\nETag: \"{path}\""), "here"),
        })
        .await;
        let client = Client::new(&settings(), &[origin.port]).unwrap();
        let (first, _) = document(client.get(request(&format!("{}/a", origin.base)), now()).await);
        assert_eq!(first.validators.of, Some(format!("{}/a", origin.base)));
        for path in ["/away", "/a"] {
            let asks = Request { validators: first.validators.clone(), ..request(&format!("{}{path}", origin.base)) };
            client.get(asks, now()).await.unwrap();
        }
        let sent: Vec<bool> = origin.asked().iter().map(|head| head.to_lowercase().contains("if-none-match")).collect();
        assert_eq!(sent, [false, false, false, true]);
    }

    #[tokio::test]
    async fn a_kept_connection_that_is_closed_under_a_question_is_no_failure() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&heard);
        tokio::spawn(async move {
            for connection in 0.. {
                let (mut socket, _) = listener.accept().await.unwrap();
                let log = Arc::clone(&log);
                tokio::spawn(async move {
                    for question in 0.. {
                        let mut head = Vec::new();
                        while !head.ends_with(b"\r\n\r\n") {
                            let Ok(byte) = socket.read_u8().await else { return };
                            head.push(byte);
                        }
                        log.lock().unwrap().push((connection, question));
                        if question > 0 || head.starts_with(b"GET /never") {
                            return;
                        }
                        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere").await.unwrap();
                    }
                });
            }
        });
        let client = Client::new(&settings(), &[port]).unwrap();
        let get = |path: &str| client.get(request(&format!("http://127.0.0.1:{port}{path}")), now());
        assert!(matches!(get("/never").await, Err(FetchError::Unheard { .. })));
        for _ in 0..2 {
            get("/").await.unwrap();
        }
        let never = Request { failed_before: true, ..request(&format!("http://127.0.0.1:{port}/never")) };
        assert!(matches!(client.get(never, now()).await, Err(FetchError::Unheard { .. })));
        let asked = [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)];
        assert_eq!(
            *heard.lock().unwrap(),
            asked,
            "a new one is asked once, and who failed before too, whoever else answers"
        );
    }

    #[tokio::test]
    async fn a_wall_is_told_by_its_headers_and_its_page_whatever_its_status() {
        let origin = Origin::new(|path, _| match path {
            "/mitigated" => plain("200 OK\r\ncf-mitigated: challenge", "<html>"),
            "/accepted" => plain("202 X\r\nsg-captcha: challenge", ""),
            "/page" => plain("503 X\r\nContent-Type: text/html", "<title>Just a moment...</title>"),
            _ => plain("503 X\r\nContent-Type: text/html\r\nRetry-After: 60", "<title>Sorry</title>"),
        })
        .await;
        for (path, disposition) in [
            ("/mitigated", Disposition::Blocked),
            ("/accepted", Disposition::Blocked),
            ("/page", Disposition::Blocked),
            ("/sorry", Disposition::Retry),
        ] {
            let error = get(&origin, path).await.unwrap_err();
            assert_eq!(error.disposition(), disposition, "{path}");
            assert_eq!(error.retry_after().is_some(), path == "/sorry");
        }
    }

    #[tokio::test]
    async fn a_page_that_asks_for_a_pause_speaks_for_its_host() {
        let origin = Origin::new(|path, _| match path {
            "/robots.txt" => plain("404 X", ""),
            _ => plain("429 X\r\nRetry-After: 3600", ""),
        })
        .await;
        let client = Client::new(&settings(), &[origin.port]).unwrap();
        let ask = |path: &str| {
            let page = Request { accept: Accept::Page, ..request(&format!("{}{path}", origin.base)) };
            client.get(page, now())
        };
        assert_eq!(ask("/1").await.unwrap_err().status(), Some(429));
        assert!(matches!(ask("/2").await, Err(FetchError::Quiet { .. })));
        assert!(!origin.asked().iter().any(|head| head.starts_with("GET /2 ")));
        let feed = client.get(request(&format!("{}/3", origin.base)), now()).await;
        assert_eq!(feed.unwrap_err().status(), Some(429), "its feed is another matter");
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
