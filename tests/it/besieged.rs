//! Hostile sources among good ones, through the whole poll: what one source sends costs that source one poll, and nobody
//! else anything.

use std::collections::HashMap;
use std::process::Stdio;
use std::time::Duration;

use feedloom::demo::Reply;
use feedloom::model::HealthState;
use feedloom::poll::Ended;
use futures_util::future::join_all;

use crate::guarded::{bomb, gzip};
use crate::rogue::{Act, Asked, Rogue, rss};
use crate::support::{AT_HOME, House};

const HOSTILE: usize = 32;
const GOOD: usize = 100;
/// Nothing is held longer than this.
const LIMIT: Duration = Duration::from_secs(30);

fn head() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: \"x\"\r\n\r\n".to_vec()
}

fn whole(body: impl AsRef<[u8]>) -> Act {
    Act::answer("200 OK\r\nContent-Type: application/rss+xml", body)
}

/// Entities that are a thousand million characters.
fn laughs() -> String {
    let entities: String =
        (1..10).map(|n| format!("<!ENTITY l{n} '{}'>", format!("&l{};", n - 1).repeat(10))).collect();
    let feed = "<rss version='2.0'><channel><title>R</title><item><title>&l9;</title></item></channel></rss>";
    format!("<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY l0 'ha'>{entities}]>{feed}")
}

/// One entity of a hundred thousand characters, two thousand times.
fn quadratic() -> String {
    let (entity, uses) = ("a".repeat(100_000), "&a;".repeat(2_000));
    format!(
        "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a '{entity}'>]><rss version='2.0'><channel><title>R</title><item><title>x</title><description>{uses}</description></item></channel></rss>"
    )
}

/// What the n-th hostile source answers.
fn hostile(n: usize, asked: &Asked, canary: &str) -> Act {
    let pause = Duration::from_millis(50);
    let hint = b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec();
    let coded = |coding: &str| Act::answer(&format!("200 OK\r\nContent-Encoding: {coding}"), bomb(coding));
    match n {
        0 => Act::Hang(Vec::new()),
        1 => Act::Hang(b"HTTP/1.1 200 OK\r\nX: ".to_vec()),
        2 => Act::Hang(head()),
        3 => Act::Drip(head(), b" ".to_vec(), pause),
        4 => Act::Drip(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), b"y".to_vec(), pause),
        5 => Act::Drip(hint.clone(), hint, pause),
        6 => Act::Drip(head(), vec![b'x'; 0x4000], Duration::ZERO),
        7 => {
            let chunk = [b"4000\r\n".as_slice(), &[b'x'; 0x4000], b"\r\n"].concat();
            Act::Drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(), chunk, Duration::ZERO)
        }
        8 => coded("gzip"),
        9 => coded("deflate"),
        10 => coded("br"),
        11 => coded("zstd"),
        12 => Act::Drip(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-Y: zzzzzzzzzzzz\r\n".repeat(100), Duration::ZERO),
        13 => Act::answer(&format!("200 OK{}", "\r\nX-Y: z".repeat(5000)), rss(&["a"])),
        14 => Act::answer(&format!("200 OK\r\nX: {}", "z".repeat(1 << 20)), rss(&["a"])),
        15 => Act::to(302, if asked.path.ends_with('x') { "/h/15" } else { "/h/15?x" }),
        16 => Act::to(301, &format!("/h/16?{}", asked.path.len())),
        17 => Act::to(308, "/h/17"),
        18 => Act::to(302, canary),
        19 => Act::to(302, "http://[::1"),
        20 => Act::Say([b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", rss(&["a"]).as_bytes()].concat()),
        21 => Act::Say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec()),
        22 => Act::Say(b"ICY 200 OK\r\n\r\n<rss/>".to_vec()),
        23 => Act::Say(Vec::new()),
        24 => Act::Say(vec![0xff; 4096]),
        25 => whole(laughs()),
        26 => whole(quadratic()),
        27 => whole(external(canary)),
        28 => whole(format!("<rss version='2.0'><channel>{}", "<a>".repeat(100_000))),
        29 => whole(rss(&["même titre"; 4_000])),
        30 => whole(vec![0; 100_000]),
        _ => Act::answer(
            "200 OK\r\nContent-Length: 99999999999999999999999\r\nCache-Control: max-age=99999999999999999999999",
            "x",
        ),
    }
}

/// A feed that wants things of others: entities, a DTD, a stylesheet.
fn external(elsewhere: &str) -> String {
    format!(
        "<?xml version='1.0'?><?xml-stylesheet href='{elsewhere}s.xsl' type='text/xsl'?><!DOCTYPE rss SYSTEM '{elsewhere}d.dtd' [<!ENTITY e SYSTEM '{elsewhere}e'><!ENTITY f SYSTEM 'file:///etc/hostname'><!ENTITY % p SYSTEM '{elsewhere}p'> %p;]><rss version='2.0' xmlns:xi='http://www.w3.org/2001/XInclude'><channel><title>R</title><item><title>Un</title><guid>x1</guid><description>a &e; b &f; c <xi:include href='{elsewhere}i'/></description></item></channel></rss>"
    )
}

/// The most memory that a process has had, in KiB; 0 where the system does not say.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Runs `poll`; gives what it says and the most memory that it took.
async fn poll(file: &std::path::Path, more: &[&str]) -> (Vec<serde_json::Value>, u64) {
    let out = file.with_file_name("reports");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_feedloom"));
    command.env_clear().args(["--config", file.to_str().unwrap(), "poll", "--json"]).args(more);
    let mut child = command.stdout(std::fs::File::create(&out).unwrap()).stderr(Stdio::null()).spawn().unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = peak(child.id()).max(most);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let lines = std::fs::read_to_string(out).unwrap();
    (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), most)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b07_thirty_two_hostile_sources_among_a_hundred_good_ones() {
    let canary = Rogue::canary().await;
    let elsewhere = canary.url("/");
    let rogue = Rogue::start(move |asked| match asked.path[3..].split('?').next().unwrap().parse::<usize>() {
        Ok(n) if asked.path.starts_with("/h/") => hostile(n, asked, &elsewhere),
        Ok(n) => whole(rss(&[&format!("Article {n}")])),
        Err(_) => Act::answer("404 X", ""),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feeds.toml");
    let mut text = format!(
        "[site]\nbase = \"https://feeds.example\"\n[store]\npath = \"feeds.db\"\n[fetch]\n{AT_HOME}timeout = \"6s\"\nfirst_byte = \"2s\"\nidle = \"1s\"\n"
    );
    // Those that hang are spread among the good ones, as the names of the sources have it.
    for n in 0..GOOD {
        text.push_str(&format!("[source.s{n:03}]\nurl = \"{}\"\n", rogue.url(&format!("/g/{n}"))));
        if n < HOSTILE {
            text.push_str(&format!("[source.s{n:03}-h]\nurl = \"{}\"\n", rogue.url(&format!("/h/{n}"))));
        }
    }
    std::fs::write(&file, text).unwrap();
    let (_, usual) = poll(&file, &["--source", "s099"]).await;
    let (reports, most) = poll(&file, &["--force"]).await;
    assert_eq!(reports.len(), GOOD + HOSTILE);
    let of = |r: &serde_json::Value, key: &str| r[key].as_str().unwrap_or_default().to_owned();
    let ended: HashMap<String, String> = reports.iter().map(|r| (of(r, "source"), of(r, "ended"))).collect();
    for n in 0..GOOD {
        let name = format!("s{n:03}");
        let report = reports.iter().find(|r| r["source"] == name.as_str());
        assert_eq!(ended[&name], "read", "good {n}: {report:?}");
    }
    for n in (0..HOSTILE).filter(|n| !(25..30).contains(n)) {
        let name = format!("s{n:03}-h");
        // What breaks off after a whole entry gives that one.
        assert_eq!(ended[&name], if n == 20 { "read" } else { "failed" }, "hostile {n}");
        assert!(reports.iter().any(|r| r["source"] == name.as_str() && r["error"].is_string()), "hostile {n}");
    }
    rogue.settled().await;
    for asked in rogue.asked() {
        let held = asked.held.unwrap();
        assert!(held < LIMIT, "{} was held for {held:?}", asked.path);
    }
    // Four of ours (see P20); of a connection that is given up the server hears a little later.
    assert!(rogue.most_in_flight() <= 8, "{}", rogue.most_in_flight());
    assert_eq!(canary.asked().len(), 0);
    let growth = most.saturating_sub(usual);
    assert!(growth < 64 << 10, "{growth} KiB more than the {usual} KiB of one good source");
}

#[tokio::test]
async fn b08_nothing_that_a_document_names_is_asked() {
    let canary = Rogue::canary().await;
    let inner = canary.url("/");
    let rogue = Rogue::start(move |asked| match asked.path.as_str() {
        "/feed" => whole(external(&inner)),
        _ => Act::answer("404 X", ""),
    })
    .await;
    let house = House::with(&format!("[source.a]\nurl = \"{}\"\n", rogue.url("/feed"))).await;
    let reports = house.round().await;
    assert_eq!((reports[0].ended, reports[0].inserted), (Ended::Read, 1), "{reports:?}");
    assert_eq!((rogue.paths(), canary.asked().len()), (vec!["/feed".to_owned()], 0));
    let text = house.get("/all.json").await;
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    assert!(host.trim().is_empty() || !text.contains(host.trim()), "{text}");
}

/// A feed of entries with pages, so called.
fn paged(names: &[&str]) -> Reply {
    let item = |n: &&str| {
        format!(
            "<item><title>Titre {n}</title><link>/{n}</link><guid>/{n}</guid><description>Chapeau de {n}.</description></item>"
        )
    };
    let items: String = names.iter().map(item).collect();
    Reply::new("application/rss+xml", format!("<rss version='2.0'><channel><title>R</title>{items}</channel></rss>"))
}

fn page(name: &str) -> Reply {
    // Words of its own, so that none is the copy of another.
    let words: String = (0..60).map(|n| format!("{name}{n} ")).collect();
    let text = format!("<p>Le texte entier de {name} tient en peu de mots : {words}.</p>");
    Reply::new("text/html", format!("<html><body><article><h1>Titre {name}</h1>{text}</article></body></html>"))
}

const PAGES: &str = "[source.a]\nurl = \"{origin}/feed\"\nread = \"page\"\nrepublish = \"full\"\n";

fn asked(house: &House, path: &str) -> usize {
    house.origin.requests().iter().filter(|seen| seen.path == path).count()
}

#[tokio::test]
async fn a_page_that_robots_txt_keeps_is_never_asked_and_costs_no_article() {
    let house = House::with(PAGES).await;
    house.origin.set("/robots.txt", Reply::new("text/plain", "User-agent: feedloom\nDisallow: /kept"));
    house.origin.set("/feed", paged(&["kept", "open"]));
    house.origin.set("/kept", page("kept"));
    house.origin.set("/open", page("open"));
    for _ in 0..3 {
        house.round().await;
        house.pass(Duration::from_secs(8 * 24 * 3600));
    }
    let text = house.get("/all.json").await;
    assert!(text.contains("Chapeau de kept") && text.contains("Le texte entier de open"), "{text}");
    assert_eq!([asked(&house, "/kept"), asked(&house, "/open"), asked(&house, "/robots.txt")], [0, 1, 1]);
    let last = house.origin.requests().into_iter().rfind(|seen| seen.path == "/feed").unwrap();
    assert_eq!(last.status, 304, "nothing waits");
}

#[tokio::test]
async fn pages_wait_while_robots_txt_cannot_be_had() {
    let mut house = House::with(PAGES).await;
    house.origin.set("/robots.txt", Reply::status(503));
    house.origin.set("/feed", paged(&["one"]));
    house.origin.set("/one", page("one"));
    house.round().await;
    assert_eq!((asked(&house, "/one"), asked(&house, "/robots.txt")), (0, 1));
    assert!(house.get("/all.json").await.contains("Chapeau de one"));
    house.origin.reset("/robots.txt");
    // A process of its own, as cron would have it, asks anew.
    house.restart();
    house.pass(Duration::from_secs(8 * 24 * 3600));
    house.round().await;
    assert!(house.get("/all.json").await.contains("Le texte entier de one"));
}

#[tokio::test]
async fn pages_whose_turn_is_far_off_are_for_the_next_poll() {
    let mut house = House::with(&format!("spacing = \"1h\"\n{PAGES}")).await;
    house.origin.set("/feed", paged(&["one", "two", "three"]));
    for name in ["one", "two", "three"] {
        house.origin.set(&format!("/{name}"), page(name));
    }
    for read in 1..=3 {
        let reports = house.round().await;
        assert_eq!((reports[0].inserted, reports[0].waiting), (1, 3 - read), "{reports:?}");
        house.restart();
        house.pass(Duration::from_secs(8 * 24 * 3600));
    }
    let text = house.get("/all.json").await;
    assert!(["one", "two", "three"].iter().all(|name| text.contains(&format!("Le texte entier de {name}"))), "{text}");
    assert_eq!([asked(&house, "/one"), asked(&house, "/two"), asked(&house, "/three")], [1, 1, 1]);
}

#[tokio::test]
async fn h11_an_unchanged_feed_costs_one_question_and_what_is_identical_is_not_read() {
    let rogue = Rogue::start(|asked| match asked.path.as_str() {
        "/tagged" if asked.before > 0 => Act::answer("304 Not Modified", ""),
        "/tagged" => Act::answer("200 OK\r\nETag: \"1\"", rss(&["Un"])),
        _ => whole(rss(&["Deux"])),
    })
    .await;
    let sources =
        format!("[source.a]\nurl = \"{}\"\n[source.b]\nurl = \"{}\"\n", rogue.url("/tagged"), rogue.url("/bare"));
    let house = House::with(&sources).await;
    house.round().await;
    house.pass(Duration::from_secs(24 * 3600));
    let again = house.round().await;
    assert_eq!([again[0].ended, again[1].ended], [Ended::NotModified, Ended::SameBytes]);
    let mut paths = rogue.paths();
    paths.sort();
    assert_eq!(paths, ["/bare", "/bare", "/tagged", "/tagged"]);
    assert!(rogue.asked().iter().all(|asked| asked.head.starts_with("GET ")), "H10");
}

#[tokio::test]
async fn o01_to_o05_every_encoding_is_read_and_what_is_cut_keeps_its_whole_entries() {
    let feed = |declared: &str| rss(&["Élan à Tunis"]).replace("?>", &format!(" encoding='{declared}'?>"));
    let latin = |text: &str| text.chars().map(|c| c as u8).collect::<Vec<u8>>();
    let sixteen = |text: &str| {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    let bare = rss(&["Élan à Tunis"]);
    let cut = half(&rss(&["Un", "Deux", "Trois"])).to_owned();
    let bodies: HashMap<&str, (&str, Vec<u8>)> = HashMap::from([
        ("/declared", ("text/xml", latin(&feed("iso-8859-1")))),
        ("/header", ("application/rss+xml; charset=windows-1252", latin(&bare))),
        ("/mislabelled", ("application/rss+xml; charset=utf-8", latin(&feed("utf-8")))),
        ("/sixteen", ("application/xml", sixteen(&feed("utf-16")))),
        ("/utf8", ("application/rss+xml", feed("utf-8").into_bytes())),
        ("/cut", ("application/rss+xml", cut.into_bytes())),
    ]);
    let paths: Vec<&str> = bodies.keys().copied().collect();
    let rogue = Rogue::start(move |asked| match bodies.get(asked.path.as_str()) {
        Some((kind, body)) => Act::answer(&format!("200 OK\r\nContent-Type: {kind}"), body),
        None => Act::answer("404 X", ""),
    })
    .await;
    let sources: String = paths.iter().map(|p| format!("[source.{}]\nurl = \"{}\"\n", &p[1..], rogue.url(p))).collect();
    let house = House::with(&format!("{sources}[feed.x]\nselect = \"Élan\"\n")).await;
    for report in house.round().await {
        let cut = report.source.as_str() == "cut";
        assert_eq!(report.error, None, "{}", report.source);
        assert!(report.entries >= if cut { 2 } else { 1 }, "{}: {:?}", report.source, report.notes);
    }
    for whole in ["Un", "Deux"] {
        assert!(house.items("all").await.iter().any(|item| item["title"] == whole), "{whole}");
    }
    let text = house.get("/all.json").await;
    assert!(text.contains("Élan à Tunis") && !text.contains('\u{fffd}') && !text.contains("Ã"), "{text}");
}

/// The part of a feed that comes before its third entry.
fn half(feed: &str) -> &str {
    feed.split_once("<title>Trois").unwrap().0
}

#[tokio::test]
async fn of_an_answer_that_breaks_off_the_whole_entries_are_kept_and_it_is_asked_again_for_the_rest() {
    let feed = rss(&["Un", "Deux", "Trois"]);
    let length = feed.len();
    let head = |more: &str| format!("HTTP/1.1 200 OK\r\nETag: \"cut\"\r\n{more}\r\n\r\n");
    let rogue = Rogue::start(move |asked| {
        let said = |head: String, body: &[u8]| Act::Say([head.as_bytes(), body].concat());
        match (asked.path.as_str(), asked.before) {
            ("/length", 0) => said(head(&format!("Content-Length: {length}")), half(&feed).as_bytes()),
            ("/chunks", 0) => {
                let chunk = format!("{:x}\r\n{}", length, half(&feed));
                said(head("Transfer-Encoding: chunked"), chunk.as_bytes())
            }
            ("/packed", 0) => {
                let packed = gzip(feed.as_bytes());
                let came = &packed[..packed.len() - 24];
                said(head(&format!("Content-Encoding: gzip\r\nContent-Length: {}", packed.len())), came)
            }
            ("/packed-short", 0) => {
                let packed = gzip(feed.as_bytes());
                let came = &packed[..packed.len() - 24];
                said(head(&format!("Content-Encoding: gzip\r\nContent-Length: {}", came.len())), came)
            }
            ("/stalled", 0) => {
                Act::Hang([head(&format!("Content-Length: {length}")).as_bytes(), half(&feed).as_bytes()].concat())
            }
            // Of neither can be told what came whole.
            ("/json", 0) => {
                said(head("Content-Type: application/json\r\nContent-Length: 999"), b"{\"items\":[{\"id\":1")
            }
            ("/page", 0) => said(head("Content-Type: text/html\r\nContent-Length: 9999"), b"<html><a href=/x>Un</a>"),
            _ => Act::answer("200 OK\r\nETag: \"whole\"", feed.as_bytes()),
        }
    })
    .await;
    for name in ["length", "chunks", "packed", "packed-short", "stalled", "json", "page"] {
        let url = rogue.url(&format!("/{name}"));
        let house = House::with(&format!("idle = \"1s\"\n[source.{name}]\nurl = \"{url}\"\n")).await;
        let report = house.round().await.pop().unwrap();
        assert!(report.error.is_some() && report.health == HealthState::Failing, "{name}: {report:?}");
        let some = !matches!(name, "json" | "page");
        assert_eq!(house.items("all").await.len(), if some { 2 } else { 0 }, "{name}: {report:?}");
        house.pass(Duration::from_secs(8 * 24 * 3600));
        let report = house.round().await.pop().unwrap();
        assert_eq!((report.error, report.health, report.inserted), (None, HealthState::Ok, if some { 1 } else { 3 }));
        house.pass(Duration::from_secs(8 * 24 * 3600));
        house.round().await;
        let asked: Vec<_> = rogue.asked().into_iter().filter(|asked| asked.path == format!("/{name}")).collect();
        let known: Vec<bool> = asked.iter().map(|asked| asked.head.contains("if-none-match: \"whole\"")).collect();
        let delta: Vec<bool> = asked.iter().map(|asked| asked.head.contains("\r\na-im: feed\r\n")).collect();
        assert_eq!((known, delta), (vec![false, false, true], vec![false, false, true]), "{name}, H13");
    }
}

#[tokio::test]
async fn o06_to_o08_nothing_is_lost_after_a_broken_answer_and_equal_guids_stay_apart() {
    let rogue = Rogue::start(|asked| {
        let tag = |body: &[u8]| Act::answer("200 OK\r\nETag: \"same\"\r\nContent-Type: application/rss+xml", body);
        let one = rss(&["Un"]);
        let kept = asked.head.contains("\r\nif-none-match: \"same\"");
        match (asked.path.as_str(), asked.before) {
            // The tag of what could not be read is not believed: what stands behind it would be lost.
            ("/cut", 0) => {
                let head = b"HTTP/1.1 200 OK\r\nETag: \"same\"\r\nContent-Length: 9999\r\n\r\n";
                Act::Say([head.as_slice(), one.as_bytes()].concat())
            }
            ("/unreadable", 0) => tag(&[0; 100]),
            ("/error", 0) => Act::answer("500 X\r\nETag: \"same\"", one),
            ("/cut" | "/unreadable" | "/error", _) if kept => Act::answer("304 Not Modified", ""),
            ("/delta", 1) => Act::answer("226 IM Used\r\nETag: \"2\"", rss(&["Deux"])),
            // One guid, and two sources with texts of their own.
            ("/guid-a", _) => {
                tag(one.replace("Texte de Un.", "Le port de pêche a rouvert ses quais hier matin.").as_bytes())
            }
            ("/guid-b", _) => {
                tag(one.replace("Texte de Un.", "Une gare neuve sera bâtie à côté de la vieille.").as_bytes())
            }
            _ => tag(one.as_bytes()),
        }
    })
    .await;
    let names = ["cut", "unreadable", "error", "delta", "guid-a", "guid-b"];
    for group in [&names[..3], &names[3..4], &names[4..]] {
        let sources: String =
            group.iter().map(|n| format!("[source.{n}]\nurl = \"{}\"\n", rogue.url(&format!("/{n}")))).collect();
        let house = House::with(&sources).await;
        for _ in 0..3 {
            house.round().await;
            house.pass(Duration::from_secs(8 * 24 * 3600));
        }
        let items = house.items("all").await;
        assert_eq!(items.len(), group.len().max(2), "{group:?}: {items:?}");
    }
    for path in ["/cut", "/unreadable", "/error"] {
        let second = rogue.asked().into_iter().find(|a| a.path == path && a.before == 1).unwrap();
        assert!(!second.head.contains("if-none-match"), "V14, V15, V16: {path}");
    }
}

#[tokio::test]
async fn o10_to_o21_entities_do_not_multiply_and_each_entry_leaves_once() {
    let rogue = Rogue::start(|asked| match asked.path.as_str() {
        "/laughs" => whole(laughs()),
        "/quadratic" => whole(quadratic()),
        _ => whole(rss(&["<script>alert(1)</script>Un", "Un", "Un"])),
    })
    .await;
    let sources: String = ["laughs", "quadratic", "twice"]
        .map(|n| format!("[source.{n}]\nurl = \"{}\"\n", rogue.url(&format!("/{n}"))))
        .concat();
    let house = House::with(&sources).await;
    for _ in 0..2 {
        house.round().await;
        house.pass(Duration::from_secs(8 * 24 * 3600));
    }
    let feed = house.get("/all.rss").await;
    assert!(feed.len() < 4 << 20, "{} bytes", feed.len());
    assert!(!feed.contains("<script") && !feed.contains("&lt;script"), "{feed}");
    let items = house.items("all").await;
    let mut ids: Vec<_> = items.iter().map(|item| item["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), items.len());
}

#[tokio::test]
async fn of_servers_that_hang_on_one_host_those_that_others_wait_for_give_way() {
    let rogue = Rogue::start(|asked| match asked.path.as_str() {
        "/good" => whole(rss(&["Article"])),
        _ => Act::Hang(Vec::new()),
    })
    .await;
    let mut sources = "timeout = \"3s\"\n".to_owned();
    for n in 0..6 {
        sources.push_str(&format!("[source.a{n}]\nurl = \"{}\"\n", rogue.url(&format!("/hangs/{n}"))));
    }
    sources.push_str(&format!("[source.b]\nurl = \"{}\"\n", rogue.url("/good")));
    let house = House::with(&sources).await;
    let polls = house.state.config.sources.iter().map(|source| house.state.poller.poll(source, false));
    let reports: Vec<_> = join_all(polls).await.into_iter().map(Result::unwrap).collect();
    let of = |why: &str| reports.iter().filter(|r| r.error.as_ref().is_some_and(|error| error.contains(why))).count();
    // The first two stand aside and have all their time; of the last two, one is enough.
    let (gave_way, late) = (of("gave way"), of("no answer in time"));
    assert!(gave_way >= 3 && late >= 2 && gave_way + late == 6, "{reports:?}");
    assert_eq!(reports[6].ended, Ended::Read);
    rogue.settled().await;
    assert!(rogue.most_in_flight() <= 6, "{}", rogue.most_in_flight());
}

#[tokio::test]
async fn large_pages_that_lead_to_a_feed_that_hangs_hold_up_no_large_feed() {
    let padding = "<!-- -->".repeat(160_000);
    let page =
        format!("<html><head><link rel='alternate' type='application/rss+xml' href='/hangs'></head>{padding}</html>");
    let feed = rss(&["Article"]).replace("<item>", &format!("{padding}<item>"));
    let rogue = Rogue::start(move |asked| match asked.path.as_str() {
        "/hangs" => Act::Hang(Vec::new()),
        "/good" => Act::answer("200 OK\r\nContent-Type: application/rss+xml", &feed),
        _ => Act::answer("200 OK\r\nContent-Type: text/html", &page),
    })
    .await;
    let mut sources = "timeout = \"3s\"\nper_host = 8\n".to_owned();
    for n in 0..5 {
        sources.push_str(&format!("[source.a{n}]\nurl = \"{}\"\n", rogue.url(&format!("/page/{n}"))));
    }
    sources.push_str(&format!("[source.b]\nurl = \"{}\"\n", rogue.url("/good")));
    let house = House::with(&sources).await;
    let polls = house.state.config.sources.iter().map(|source| house.state.poller.poll(source, false));
    let reports: Vec<_> = join_all(polls).await.into_iter().map(Result::unwrap).collect();
    assert_eq!((reports[5].ended, reports[5].inserted), (Ended::Read, 1), "{reports:?}");
    assert!(reports[..5].iter().all(|report| report.error.is_some()), "{reports:?}");
}
