//! The one client against servers that misbehave: each line of the table of conformance is a test named by it. Limits are
//! set to milliseconds, so that nothing waits.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use feedloom::fetch::{Accept, Answer, Client, Disposition, FetchError, Network, Post, Request, Settings};
use feedloom::model::Document;
use tokio::time::Instant;
use url::Url;

use crate::rogue::{Act, Rogue, ips, name_server};

/// Only 127.0.0.1 may be asked; 127.0.0.2 is an inner address like any other.
fn settings() -> Settings {
    Settings {
        private_networks: vec![Network::parse("127.0.0.1/32").unwrap()],
        contact: Some("ops@example.org".into()),
        per_host_second: 1000,
        per_second: 10_000,
        ..Settings::default()
    }
}

fn client(settings: &Settings, ports: &[SocketAddr]) -> Client {
    Client::new(settings, &ports.iter().map(SocketAddr::port).collect::<Vec<_>>()).unwrap()
}

fn request(url: &str, accept: Accept) -> Request {
    Request::new(Url::parse(url).unwrap(), accept)
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_445_600, 0).unwrap()
}

async fn ask(client: &Client, url: &str, accept: Accept) -> Result<Document, FetchError> {
    match client.get(request(url, accept), now()).await? {
        Answer::Document { document, .. } => Ok(document),
        Answer::NotModified { .. } => panic!("not modified"),
    }
}

async fn feed(client: &Client, url: &str) -> Result<Document, FetchError> {
    ask(client, url, Accept::Feed).await
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

// -- H: what is sent ---------------------------------------------------------------------------------------------------

#[tokio::test]
async fn h01_to_h11_the_request_says_who_asks_and_nothing_else() {
    let rogue = Rogue::start(|asked| match asked.path.as_str() {
        "/a?q=%41&e=&%e9" => Act::to(302, "/b?x=%2F&y="),
        _ => Act::answer("200 OK\r\nSet-Cookie: a=b; Path=/", "<rss/>"),
    })
    .await;
    let client = client(&settings(), &[rogue.addr]);
    for _ in 0..2 {
        feed(&client, &rogue.url("/a?q=%41&e=&%e9#part")).await.unwrap();
    }
    assert_eq!(rogue.paths(), ["/a?q=%41&e=&%e9", "/b?x=%2F&y=", "/a?q=%41&e=&%e9", "/b?x=%2F&y="], "H09, H10, H11");
    for asked in rogue.asked() {
        let head = asked.head;
        assert!(head.starts_with("GET "), "H10: {head}");
        let agent = concat!("feedloom/", env!("CARGO_PKG_VERSION"), " (+ops@example.org)");
        assert_eq!(header(&head, "user-agent"), Some(agent), "H01, H02");
        for never in ["cookie", "referer", "range", "authorization", "if-none-match", "from"] {
            assert_eq!(header(&head, never), None, "H03, H04, H05");
        }
        assert_eq!(header(&head, "accept-encoding"), Some("gzip, br, zstd, deflate"), "H06, H07");
        let accept = header(&head, "accept").unwrap();
        assert!(accept.contains("application/rss+xml") && accept.contains("application/atom+xml"), "H08: {accept}");
    }
}

#[tokio::test]
async fn h12_credentials_go_to_their_own_origin_only() {
    let other = Rogue::start(|_| Act::answer("200 OK", "there")).await;
    let away = other.url("/");
    let rogue = Rogue::start(move |asked| match asked.path.as_str() {
        "/away" => Act::to(302, &away),
        "/near" => Act::to(302, "/end"),
        _ => Act::answer("200 OK", "here"),
    })
    .await;
    let client = client(&settings(), &[rogue.addr, other.addr]);
    for path in ["/away", "/near"] {
        let mut asks = request(&rogue.url(path), Accept::Feed);
        asks.headers.push(("Authorization".into(), "Basic c2VjcmV0".into()));
        client.get(asks, now()).await.unwrap();
    }
    assert!(rogue.asked().iter().all(|asked| header(&asked.head, "authorization").is_some()));
    assert_eq!(header(&other.asked()[0].head, "authorization"), None);
}

// -- R: where redirects lead -------------------------------------------------------------------------------------------

#[tokio::test]
async fn r07_r08_r09_redirects_without_end_are_cut() {
    let rogue = Rogue::start(|asked| {
        let (kind, n) = asked.path[1..].split_once('/').unwrap_or((&asked.path[1..], "0"));
        let n: u32 = n.parse().unwrap();
        match kind {
            "loop" => Act::to(302, &format!("/loop/{}", 1 - n)),
            "chain" if n < 40 => Act::to(301, &format!("/chain/{}", n + 1)),
            "self" => Act::to(301, "/self#there"),
            _ => Act::answer("200 OK", "here"),
        }
    })
    .await;
    let client = client(&settings(), &[rogue.addr]);
    for (path, most) in [("/loop/0", 2), ("/chain/0", 11), ("/self", 1)] {
        let before = rogue.asked().len();
        let error = feed(&client, &rogue.url(path)).await.unwrap_err();
        assert!(matches!(error, FetchError::Circle { .. } | FetchError::Redirects { .. }), "{path}: {error}");
        assert_eq!(rogue.asked().len() - before, most, "{path}");
    }
    let short = Settings { redirects: 2, ..settings() };
    let error = feed(&self::client(&short, &[rogue.addr]), &rogue.url("/chain/0")).await.unwrap_err();
    assert!(matches!(error, FetchError::Redirects { most: 2, .. }), "{error}");
}

#[tokio::test]
async fn r05_who_is_led_on_does_not_queue_again_at_each_hop() {
    let rogue = Rogue::start(|asked| match asked.path.as_str() {
        "/moved" => Act::to(301, "/on"),
        "/on" => Act::to(308, "/there"),
        _ => Act::answer("200 OK", "<rss/>"),
    })
    .await;
    let client = client(&Settings { per_host: 1, ..settings() }, &[rogue.addr]);
    let urls = ["/moved", "/b", "/c"].map(|path| rogue.url(path));
    let [moved, b, c] = urls.each_ref().map(|url| feed(&client, url));
    let (moved, b, c) = tokio::join!(moved, b, c);
    assert!(moved.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(rogue.paths(), ["/moved", "/on", "/there", "/b", "/c"]);
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_an_error() {
    let places = [
        "",
        "file:///etc/passwd",
        "data:text/xml,<rss/>",
        "http://",
        "http://[::1",
        "gopher://127.0.0.1/",
        "//",
        "ftp:",
    ];
    let rogue = Rogue::start(move |asked| match places.get(asked.path[1..].parse::<usize>().unwrap_or(99)) {
        Some(&"") => Act::answer("302 Found", "<rss/>"),
        Some(place) => Act::to(302, place),
        None => Act::answer("300 Multiple Choices", "<rss/>"),
    })
    .await;
    let client = client(&settings(), &[rogue.addr]);
    for n in 0..=places.len() {
        assert!(feed(&client, &rogue.url(&format!("/{n}"))).await.is_err(), "{:?}", places.get(n));
    }
}

/// An inner address in every spelling; `{}` is the port.
const INNER: [(&str, &str); 22] = [
    ("r10", "http://127.0.0.2:{}/"),
    ("r10", "http://10.0.0.1:{}/"),
    ("r10", "http://169.254.169.254:{}/latest"),
    ("r12", "http://[::1]:{}/"),
    ("r12", "http://[fe80::1]:{}/"),
    ("r13", "http://[::ffff:127.0.0.2]:{}/"),
    ("r13", "http://[::ffff:7f00:2]:{}/"),
    ("r13", "http://[64:ff9b::7f00:2]:{}/"),
    ("r13", "http://[2002:7f00:2::]:{}/"),
    ("r14", "http://2130706434:{}/"),
    ("r15", "http://0177.0.0.2:{}/"),
    ("r15", "http://0x7f000002:{}/"),
    ("r15", "http://0x7f.0.0.2:{}/"),
    ("r15", "http://127.2:{}/"),
    ("r15", "http://127.0.0.2.:{}/"),
    ("r15", "http://１２７.0.0.2:{}/"),
    ("r15", "http://127。0。0。2:{}/"),
    ("r16", "http://0.0.0.0:{}/"),
    ("r16", "http://0:{}/"),
    ("r17", "http://127.0.0.1@127.0.0.2:{}/"),
    ("r17", "http://example.org:80@127.0.0.2:{}/"),
    ("r17", "http://127.0.0.2:{}\\@127.0.0.1/"),
];

/// Asks what leads to an inner address, by a status or straight, and counts the canary's requests: there are none.
async fn refuses(status: Option<u16>, rows: &[&str]) {
    let canary = Rogue::canary().await;
    let port = canary.addr.port().to_string();
    let places: Vec<String> =
        INNER.iter().filter(|(row, _)| rows.contains(row)).map(|(_, url)| url.replace("{}", &port)).collect();
    assert!(!places.is_empty());
    let to = places.clone();
    let rogue = Rogue::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => Act::answer("404 X", ""),
        path => Act::to(status.unwrap_or(302), &to[path[1..].parse::<usize>().unwrap()]),
    })
    .await;
    let client = client(&settings(), &[rogue.addr, canary.addr]);
    for (n, place) in places.iter().enumerate() {
        let url = if status.is_some() { rogue.url(&format!("/{n}")) } else { place.clone() };
        for accept in [Accept::Feed, Accept::Page, Accept::Image, Accept::Robots] {
            let error = ask(&client, &url, accept).await.unwrap_err();
            assert_eq!(error.disposition(), Disposition::Refused, "{place}: {error}");
        }
        let error = client.post(post(&url), now()).await.unwrap_err();
        let refused = error.disposition() == Disposition::Refused || status.is_some_and(|s| error.status() == Some(s));
        assert!(refused, "{place}: {error}");
        let error = client.post_on(post(&url), None, now()).await.unwrap_err();
        let refused = error.disposition() == Disposition::Refused || error.status() == status;
        assert!(refused, "{place}: {error}");
    }
    assert_eq!(canary.asked().len(), 0);
}

fn post(url: &str) -> Post {
    Post {
        url: Url::parse(url).unwrap(),
        content_type: "application/x-www-form-urlencoded".into(),
        headers: Vec::new(),
        body: Bytes::from_static(b"hub.mode=subscribe"),
    }
}

#[tokio::test]
async fn r10_redirect_to_a_private_v4() {
    refuses(Some(302), &["r10"]).await;
}

#[tokio::test]
async fn r11_permanent_redirect_to_a_private_v4() {
    refuses(Some(301), &["r10"]).await;
    refuses(Some(307), &["r10"]).await;
    refuses(Some(308), &["r10"]).await;
}

#[tokio::test]
async fn r12_redirect_to_v6() {
    refuses(Some(302), &["r12"]).await;
}

#[tokio::test]
async fn r13_redirect_to_a_v4_inside_a_v6() {
    refuses(Some(302), &["r13"]).await;
}

#[tokio::test]
async fn r14_redirect_to_a_decimal_address() {
    refuses(Some(302), &["r14"]).await;
}

#[tokio::test]
async fn r15_redirect_to_an_octal_or_otherwise_odd_address() {
    refuses(Some(302), &["r15"]).await;
}

#[tokio::test]
async fn r16_redirect_to_zero() {
    refuses(Some(302), &["r16"]).await;
}

#[tokio::test]
async fn r17_redirect_by_the_userinfo_trick() {
    refuses(Some(302), &["r17"]).await;
}

#[tokio::test]
async fn r10_to_r17_straight() {
    refuses(None, &["r10", "r12", "r13", "r14", "r15", "r16", "r17"]).await;
}

// -- Names -------------------------------------------------------------------------------------------------------------

#[tokio::test]
async fn names_lead_to_no_inner_address() {
    let canary = Rogue::canary().await;
    let good = Rogue::start(|_| Act::answer("200 OK", "here")).await;
    let dns = name_server(|name, n| match name {
        "good.test" => ips(&["127.0.0.1"]),
        "alias.test" => vec![crate::rogue::Told::Alias("good.test")],
        "mixed.test" => ips(&["127.0.0.1", "127.0.0.2"]),
        "six.test" => ips(&["::ffff:127.0.0.2"]),
        "nat.test" => ips(&["127.0.0.1", "64:ff9b::7f00:2"]),
        "local.test" => ips(&["127.0.0.1", "::1"]),
        "cname.test" => vec![crate::rogue::Told::Alias("inner.test")],
        "inner.test" => ips(&["127.0.0.2"]),
        // Another answer each time it is asked: whichever is looked at is the one that is used.
        "rebind.test" if n == 0 => ips(&["127.0.0.1"]),
        "rebind.test" => ips(&["127.0.0.2"]),
        _ => Vec::new(),
    })
    .await;
    let settings = Settings { dns: Some(dns), ..settings() };
    let client = client(&settings, &[good.addr, canary.addr]);
    let url = |name: &str| format!("http://{name}:{}/", good.addr.port());
    for name in ["good.test", "GOOD.test.", "alias.test"] {
        assert!(feed(&client, &url(name)).await.is_ok(), "{name}");
    }
    for name in ["mixed.test", "six.test", "nat.test", "local.test", "cname.test", "inner.test"] {
        let error = feed(&client, &format!("http://{name}:{}/", canary.addr.port())).await.unwrap_err();
        assert!(matches!(error, FetchError::Inner { .. }), "{name}: {error}");
    }
    let error = feed(&client, &url("none.test")).await.unwrap_err();
    assert!(matches!(error, FetchError::Dns { .. }), "{error}");
    // The port is the canary's: a second look-up between check and connection would reach it.
    let rebind = format!("http://rebind.test:{}/", canary.addr.port());
    let error = feed(&client, &rebind).await.unwrap_err();
    assert!(matches!(error, FetchError::Connect { .. }), "{error}");
    let error = feed(&client, &rebind).await.unwrap_err();
    assert!(matches!(error, FetchError::Inner { .. }), "nobody answered, so it is looked up again: {error}");
    assert_eq!(canary.asked().len(), 0);
}

// -- B: bodies and servers without end ---------------------------------------------------------------------------------

/// A hundredth of the usual patience.
fn impatient() -> Settings {
    let ms = Duration::from_millis;
    Settings { timeout: ms(300), connect: ms(100), first_byte: ms(200), idle: ms(100), ..settings() }
}

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n<rss>";

#[tokio::test]
async fn b01_b02_drip_and_silence_are_given_up() {
    let ms = Duration::from_millis;
    let rogue = Rogue::start(move |asked| match asked.path.as_str() {
        "/silent" => Act::Hang(Vec::new()),
        "/stops-in-the-head" => Act::Hang(b"HTTP/1.1 200 OK\r\nX: y".to_vec()),
        "/stops" => Act::Hang(HEAD.to_vec()),
        "/drip" => Act::Drip(HEAD.to_vec(), b" ".to_vec(), ms(20)),
        "/drips-a-head" => Act::Drip(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), b"y".to_vec(), ms(20)),
        _ => Act::Drip(
            b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec(),
            b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec(),
            ms(20),
        ),
    })
    .await;
    // Each with a client of its own: none gives way to another.
    let clients = [(); 6].map(|()| client(&impatient(), &[rogue.addr]));
    let paths = ["/silent", "/stops-in-the-head", "/stops", "/drip", "/drips-a-head", "/early-hints"];
    let all = paths.map(|path| rogue.url(path));
    let answers = futures_util::future::join_all(all.iter().zip(&clients).map(|(url, client)| feed(client, url))).await;
    for (path, answer) in paths.iter().zip(answers) {
        // What came before it stopped is there (on a busy machine a drip may stop, too); of what was held for too long nothing is.
        match answer {
            Ok(document) => assert!(["/stops", "/drip"].contains(path) && document.broken_off.is_some(), "{path}"),
            Err(error) => assert!(matches!(error, FetchError::Timeout { .. }), "{path}: {error:?}"),
        }
    }
    rogue.settled().await;
    for asked in rogue.asked() {
        assert!(asked.held.unwrap() < ms(800), "{} was held for {:?}", asked.path, asked.held);
    }
}

#[tokio::test]
async fn b03_an_endless_body_is_cut() {
    let rogue = Rogue::start(|asked| match asked.path.as_str() {
        "/announced" => Act::Hang(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec()),
        "/chunked" => {
            let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            Act::Drip(head, [b"4000\r\n".as_slice(), &[b'x'; 0x4000], b"\r\n"].concat(), Duration::ZERO)
        }
        _ => Act::Drip(HEAD.to_vec(), vec![b'x'; 0x4000], Duration::ZERO),
    })
    .await;
    let small = Settings { max_size: Some(1 << 20), ..settings() };
    let client = client(&small, &[rogue.addr]);
    for path in ["/announced", "/chunked", "/plain"] {
        let error = feed(&client, &rogue.url(path)).await.unwrap_err();
        assert!(matches!(error, FetchError::TooBig { most: 1_048_576, .. }), "{path}: {error}");
    }
    rogue.settled().await;
    let taken = rogue.asked().iter().map(|asked| asked.sent).max().unwrap();
    assert!(taken < 16 << 20, "{taken} bytes with all that the connections buffer");
}

#[tokio::test]
async fn b03_feeds_may_have_16_mib_and_pages_8() {
    let rogue = Rogue::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Act::answer("404 X", ""),
        path => Act::Hang(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", &path[1..]).into_bytes()),
    })
    .await;
    let client = client(&Settings { idle: Duration::from_millis(30), ..settings() }, &[rogue.addr]);
    for (size, accept, fits) in [
        (16 << 20, Accept::Feed, true),
        ((16 << 20) + 1, Accept::Feed, false),
        (8 << 20, Accept::Page, true),
        ((8 << 20) + 1, Accept::Page, false),
    ] {
        let answer = ask(&client, &rogue.url(&format!("/{size}")), accept).await;
        // It is waited for where it fits, in vain.
        let waited = match &answer {
            Ok(document) => document.broken_off.is_some(),
            Err(error) => matches!(error, FetchError::Timeout { .. }),
        };
        assert_eq!(waited, fits, "{size}: {answer:?}");
        assert_eq!(matches!(answer, Err(FetchError::TooBig { .. })), !fits, "{size}: {answer:?}");
    }
}

/// Zeros in a coding, 8 MiB of them.
pub(crate) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    e.write_all(plain).unwrap();
    e.finish().unwrap()
}

pub(crate) fn bomb(coding: &str) -> Vec<u8> {
    let zeros = vec![0; 8 << 20];
    match coding {
        "gzip" => gzip(&zeros),
        "deflate" => {
            let mut e = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            e.write_all(&zeros).unwrap();
            e.finish().unwrap()
        }
        "br" => {
            let mut out = Vec::new();
            brotli::CompressorWriter::new(&mut out, 1 << 16, 1, 22).write_all(&zeros).unwrap();
            out
        }
        _ => zstd::encode_all(zeros.as_slice(), 1).unwrap(),
    }
}

#[tokio::test]
async fn b04_b05_bombs_are_cut_in_every_coding() {
    let rogue = Rogue::start(|asked| {
        let coding = &asked.path[1..];
        Act::answer(&format!("200 OK\r\nContent-Encoding: {coding}"), bomb(coding))
    })
    .await;
    let client = client(&settings(), &[rogue.addr]);
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let error = feed(&client, &rogue.url(&format!("/{coding}"))).await.unwrap_err();
        assert!(matches!(error, FetchError::Bomb { ratio: 200, .. } | FetchError::TooBig { .. }), "{coding}: {error}");
    }
}

#[tokio::test]
async fn b06_headers_without_end_are_cut() {
    let line = || b"X-Y: zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\r\n".to_vec();
    let rogue = Rogue::start(move |asked| match asked.path.as_str() {
        "/endless" => Act::Drip(b"HTTP/1.1 200 OK\r\n".to_vec(), line().repeat(100), Duration::ZERO),
        "/one-without-end" => Act::Drip(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'z'; 4096], Duration::ZERO),
        "/many" => Act::answer(&format!("200 OK{}", "\r\nX-Y: z".repeat(5000)), "<rss/>"),
        "/large" => Act::answer(&format!("200 OK\r\nX: {}", "z".repeat(70_000)), "<rss/>"),
        _ => Act::answer(&format!("200 OK\r\nX: {}", "z".repeat(60_000)), "<rss/>"),
    })
    .await;
    let client = client(&settings(), &[rogue.addr]);
    for path in ["/endless", "/one-without-end", "/many", "/large"] {
        let error = feed(&client, &rogue.url(path)).await.unwrap_err();
        assert!(matches!(error, FetchError::Answer { .. } | FetchError::Headers { .. }), "{path}: {error}");
    }
    assert!(feed(&client, &rogue.url("/fits")).await.is_ok());
    rogue.settled().await;
    assert!(rogue.asked().iter().all(|asked| asked.sent < 8 << 20));
}

#[tokio::test]
async fn broken_answers_are_errors_and_odd_ones_are_not() {
    let raw = |bytes: &[u8]| Act::Say(bytes.to_vec());
    let rogue = Rogue::start(move |asked| match asked.path.as_str() {
        "/early" => {
            raw(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        "/longer" => raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more"),
        "/old" => raw(b"HTTP/1.0 200 OK\r\n\r\nok"),
        "/delta" => Act::answer("226 IM Used", "ok"),
        "/shorter" => raw(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok"),
        "/chunks" => raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok"),
        "/open-chunk" => raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"),
        "/lengths" => raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\nok"),
        "/icy" => raw(b"ICY 200 OK\r\n\r\nok"),
        "/none" => raw(b""),
        "/noise" => raw(&[0xff; 100]),
        "/upgrade" => raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nok"),
        "/gzip" => Act::answer("200 OK\r\nContent-Encoding: gzip", &bomb("gzip")[..1000]),
        _ => Act::answer("200 OK\r\nContent-Encoding: aes128gcm", "ok"),
    })
    .await;
    let client = client(&settings(), &[rogue.addr]);
    for path in ["/early", "/longer", "/old", "/delta"] {
        assert_eq!(feed(&client, &rogue.url(path)).await.map(|d| d.body), Ok(Bytes::from_static(b"ok")), "{path}");
    }
    for path in
        ["/shorter", "/chunks", "/open-chunk", "/lengths", "/icy", "/none", "/noise", "/upgrade", "/gzip", "/coding"]
    {
        match feed(&client, &rogue.url(path)).await {
            Ok(document) => assert!(document.broken_off.is_some() && document.validators.is_empty(), "{path}"),
            Err(error) => assert_eq!(error.disposition(), Disposition::Retry, "{path}: {error}"),
        }
    }
}

// -- P20, P21: how many at a time --------------------------------------------------------------------------------------

#[tokio::test]
async fn p20_two_are_on_their_way_to_one_host_and_the_slow_stand_aside() {
    let rogue = Rogue::start(|asked| match asked.path.starts_with("/slow") {
        true => Act::Hang(Vec::new()),
        false => Act::answer("200 OK", "<rss/>"),
    })
    .await;
    let names = name_server(|_, _| ips(&["127.0.0.1"])).await;
    let patient = Settings { dns: Some(names), timeout: Duration::from_secs(2), ..settings() };
    let client = client(&patient, &[rogue.addr]);
    // Names of many sites that lead to one machine.
    let url = |path: String, n: usize| format!("http://site{n}.test:{}{path}", rogue.addr.port());
    let quick: Vec<String> = (0..40).map(|n| url(format!("/{n}"), n)).collect();
    let answers = futures_util::future::join_all(quick.iter().map(|url| feed(&client, url))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert!(rogue.most_in_flight() <= 2, "{}", rogue.most_in_flight());
    let held: Vec<_> = (0..2)
        .map(|n| {
            let (client, url) = (client.clone(), url(format!("/slow{n}"), n));
            tokio::spawn(async move { feed(&client, &url).await })
        })
        .collect();
    while rogue.asked().len() < 42 {
        tokio::task::yield_now().await;
    }
    // Behind the two that hang: they step aside after a tenth of their time.
    let answers = futures_util::future::join_all(quick.iter().map(|url| feed(&client, url))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert!(held.iter().all(|slow| !slow.is_finished()), "the good ones do not wait for the slow");
    assert!(rogue.most_in_flight() <= 4, "{}", rogue.most_in_flight());
}

// -- robots.txt --------------------------------------------------------------------------------------------------------

#[tokio::test]
async fn pages_are_asked_where_robots_txt_allows_it_and_feeds_always() {
    let rogue = Rogue::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Act::answer("200 OK", "User-agent: *\nDisallow: /private\nAllow: /private/open"),
        _ => Act::answer("200 OK", "here"),
    })
    .await;
    let client = client(&settings(), &[rogue.addr]);
    assert!(feed(&client, &rogue.url("/private/feed")).await.is_ok());
    assert_eq!(rogue.paths(), ["/private/feed"], "the owner's own choice");
    let pages = ["/private/1", "/2", "/private/open", "/%70rivate"].map(|path| rogue.url(path));
    let answers = futures_util::future::join_all(pages.iter().map(|url| ask(&client, url, Accept::Page))).await;
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true, true, false]);
    assert_eq!(answers[0].as_ref().unwrap_err().disposition(), Disposition::Refused);
    let asked = rogue.paths();
    assert_eq!(asked.iter().filter(|path| *path == "/robots.txt").count(), 1, "once for all: {asked:?}");
    assert!(!asked.contains(&"/private/1".to_owned()));
}

#[tokio::test]
async fn a_robots_txt_that_is_missing_allows_and_one_that_fails_forbids() {
    let canary = Rogue::canary().await;
    let inner = canary.url("/robots.txt");
    for (what, allowed) in [
        ("404", true),
        ("403", true),
        ("500", false),
        ("503", false),
        ("429", false),
        ("hop", true),
        ("chain", true),
        ("inner", false),
        ("none", false),
        ("large", false),
    ] {
        let inner = inner.clone();
        let rogue = Rogue::start(move |asked| match (asked.path.as_str(), what) {
            ("/robots.txt", "hop") => Act::to(301, "/r1"),
            ("/r1" | "/r2" | "/r3" | "/r4", _) => {
                Act::to(302, &format!("/r{}", asked.path[2..].parse::<u8>().unwrap() + 1))
            }
            ("/r5", _) => Act::answer("200 OK", "user-agent: *\ndisallow: /other"),
            ("/robots.txt", "chain") => Act::to(302, "/robots.txt?1"),
            ("/robots.txt?1", _) => Act::to(302, "/robots.txt"),
            ("/robots.txt", "inner") => Act::to(302, &inner),
            ("/robots.txt", "none") => Act::Say(Vec::new()),
            // What comes first counts, and the rest is not read.
            ("/robots.txt", "large") => {
                let head = b"HTTP/1.1 200 OK\r\n\r\nuser-agent: *\ndisallow: /page\n".to_vec();
                Act::Drip(head, b"allow: /page\n".repeat(100), Duration::ZERO)
            }
            ("/robots.txt", status) => Act::answer(&format!("{status} X"), "user-agent: *\ndisallow: /"),
            _ => Act::answer("200 OK", "here"),
        })
        .await;
        let short = Settings { timeout: Duration::from_secs(2), ..settings() };
        let client = client(&short, &[rogue.addr, canary.addr]);
        let answer = ask(&client, &rogue.url("/page"), Accept::Page).await;
        if what == "large" {
            // 500 KiB of lines hold `allow: /page` too, which is as long and kinder.
            assert!(answer.is_ok(), "{answer:?}");
            let taken = rogue.asked()[0].sent;
            assert!(taken < 12 << 20, "{taken}");
            continue;
        }
        assert_eq!(answer.is_ok(), allowed, "{what}: {answer:?}");
        if !allowed {
            assert!(matches!(answer, Err(FetchError::Robots { passing: true, .. })), "{what}");
        }
    }
    assert_eq!(canary.asked().len(), 0);
}

#[tokio::test]
async fn pages_of_a_host_lie_as_far_apart_as_it_asks() {
    let rogue = Rogue::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Act::answer("200 OK", "user-agent: *\ncrawl-delay: 0.05"),
        _ => Act::answer("200 OK", "here"),
    })
    .await;
    let client = client(&settings(), &[rogue.addr]);
    let pages: Vec<String> = (0..4).map(|n| rogue.url(&format!("/{n}"))).collect();
    let began = Instant::now();
    let answers = futures_util::future::join_all(pages.iter().map(|url| ask(&client, url, Accept::Page))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert!(began.elapsed() >= Duration::from_millis(150));
    feed(&client, &rogue.url("/feed")).await.unwrap();
}
