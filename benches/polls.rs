//! What polling costs: the first poll of so many sources with everything on, and the poll that finds them all unchanged, beside
//! a bare loop of conditional requests with its validators in SQLite. One run, each part in a process of its own, the server too.
//!
//! `cargo bench --bench polls` shows 1,000 sources and 10,000; `cargo bench --bench polls -- 200` so many.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    dead_code,
    reason = "a bench prints, fails by panicking and reads what the system says of the process; the archive has more than is used"
)]

#[path = "scale/archive.rs"]
mod archive;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use feedloom::clock::Clock;
use feedloom::daemon::{Env, State, load};
use feedloom::poll::Ended;
use feedloom::store::Store;
use futures_util::StreamExt;
use reqwest::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use rusqlite::{Connection, OptionalExtension, params};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::archive::Archive;

/// Entries of a feed, and bytes of an entry's text: together the 56 kB of an ordinary feed.
const ENTRIES: usize = 35;
const TEXT: usize = 1_450;
/// How often what has not changed is asked for: one time is too short to be measured in hundredths of a second.
const UNCHANGED: usize = 10;
/// Polls at one time.
const AT_ONCE: usize = 16;
/// What this process is: the server, the bare loop, the bare loop that is durable, or feedloom.
const PART: &str = "FEEDLOOM_BENCH_PART";

fn main() {
    let args: Vec<usize> = std::env::args().filter_map(|a| a.replace('_', "").parse().ok()).collect();
    match std::env::var(PART).as_deref() {
        Ok("server") => runtime().block_on(serve()),
        Ok("bare") => runtime().block_on(bare(args[0], args[1] as u16, "normal")),
        Ok("durable") => runtime().block_on(bare(args[0], args[1] as u16, "full")),
        Ok("feedloom") => runtime().block_on(feedloom(args[0], args[1] as u16)),
        _ => {
            println!("{:<44} {:>10} {:>14} {:>12}", "step", "sources", "CPU a source", "peak");
            let sizes = if args.is_empty() { vec![1_000, 10_000] } else { args };
            sizes.into_iter().for_each(measured);
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Starts a server, then both pollers over it, one after the other.
fn measured(sources: usize) {
    let me = || Command::new(std::env::current_exe().unwrap());
    let mut server = me().env(PART, "server").stdout(Stdio::piped()).stdin(Stdio::piped()).spawn().unwrap();
    let mut port = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
    for part in ["bare", "durable", "feedloom"] {
        let ended = me().args([&sources.to_string(), port.trim()]).env(PART, part).stderr(Stdio::inherit()).output();
        let ended = ended.unwrap();
        assert!(ended.status.success(), "{part}");
        std::io::stdout().write_all(&ended.stdout).unwrap();
    }
    server.kill().unwrap();
    server.wait().unwrap();
}

/// Each source is a host of its own, as on the web.
fn host(n: usize) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 1, 0, 0)) + n as u32)
}

fn now() -> DateTime<Utc> {
    "2026-06-03T12:00:00Z".parse().unwrap()
}

/// Gives each host a feed of its own; what is asked with the right validator has not changed.
async fn serve() {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    let archive = Arc::new(Archive::new(1_000_000, now()));
    // The system's default backlog of pending connections is enough: at most sixteen are asked at one time.
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        tokio::spawn(answer(socket, archive.clone()));
    }
}

async fn answer(mut socket: TcpStream, archive: Arc<Archive>) -> Option<()> {
    let SocketAddr::V4(here) = socket.local_addr().ok()? else { return None };
    let n = u32::from(*here.ip()) - u32::from(host(0));
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut piece = [0; 4096];
        let read = socket.read(&mut piece).await.ok().filter(|read| *read > 0)?;
        head.extend_from_slice(&piece[..read]);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    // From one poll to the next, an hour later, no connection stays: neither poller finds one open.
    let validators = format!("ETag: \"{n}\"\r\nLast-Modified: Wed, 03 Jun 2026 10:00:00 GMT\r\nConnection: close\r\n");
    let out = if head.contains(&format!("if-none-match: \"{n}\"")) {
        format!("HTTP/1.1 304 Not Modified\r\n{validators}\r\n")
    } else {
        let body = feed(&archive, n as usize);
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n{validators}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    socket.write_all(out.as_bytes()).await.ok()
}

/// The text with the little words of French in place of the shortest of the archive, so that its language can be told.
fn in_french(text: &str) -> String {
    const LITTLE: [&str; 24] = [
        "de", "la", "le", "et", "les", "des", "en", "un", "du", "une", "que", "est", "pour", "qui", "dans", "par",
        "plus", "au", "sur", "ne", "se", "ce", "avec", "cette",
    ];
    let word = |word: &str| {
        let plain = word.trim_end_matches('.');
        let at = plain.bytes().map(usize::from).sum::<usize>() % LITTLE.len();
        if plain.chars().count() <= 4 { word.replace(plain, LITTLE[at]) } else { word.to_owned() }
    };
    let lines = text.lines().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

fn feed(archive: &Archive, n: usize) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>\
         <title>Source {n}</title><link>http://{}/</link><description>d</description><language>fr</language>",
        host(n)
    );
    for entry in 0..ENTRIES {
        // Spread over the archive, so that subjects meet and dates are of the last days.
        let made = archive.article(1_000_000 - 1 - entry * 10_000 - n);
        let text: String = made.text.char_indices().take_while(|(at, _)| *at < TEXT).map(|(_, c)| c).collect();
        let text = in_french(&text);
        let body: String = text.lines().map(|line| format!("<p>{line} <a href=\"/{entry}\">lire</a></p>")).collect();
        let tags: String = made.tags.iter().map(|tag| format!("<category>{tag}</category>")).collect();
        let date = made.date.to_rfc2822();
        let _ = write!(
            out,
            "<item><title>{}</title><link>http://{}/{entry}</link><guid isPermaLink=\"false\">urn:{n}:{entry}</guid>\
             <pubDate>{date}</pubDate>{tags}<content:encoded><![CDATA[{body}]]></content:encoded></item>",
            made.title,
            host(n)
        );
    }
    out + "</channel></rss>"
}

/// The loop that anybody would write first: ask with what SQLite remembers, remember what came. `synchronous`: `full` has it on
/// disk before it goes on, as feedloom has; with `normal` a power cut takes back what was remembered last.
async fn bare(sources: usize, port: u16, synchronous: &str) {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Connection::open(folder.path().join("bare.db")).unwrap();
    store.pragma_update(None, "journal_mode", "wal").unwrap();
    store.pragma_update(None, "synchronous", synchronous).unwrap();
    store
        .execute_batch(
            "CREATE TABLE source (n INTEGER PRIMARY KEY, etag TEXT, modified TEXT, body INTEGER, polled INTEGER)",
        )
        .unwrap();
    let store = Mutex::new(store);
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let ask = |n: usize| {
        let (store, client) = (&store, &client);
        async move {
            let known: Option<(String, String)> = store
                .lock()
                .unwrap()
                .prepare_cached("SELECT etag, modified FROM source WHERE n = ?1")
                .unwrap()
                .query_row([n as i64], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
                .unwrap();
            let mut request = client.get(format!("http://{}:{port}/feed", host(n)));
            if let Some((etag, modified)) = &known {
                request = request.header(IF_NONE_MATCH, etag).header(IF_MODIFIED_SINCE, modified);
            }
            let response = request.send().await.unwrap();
            let text = |name| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
            let (etag, modified, status) = (text(ETAG), text(LAST_MODIFIED), response.status().as_u16());
            let bytes = response.bytes().await.unwrap().len();
            store
                .lock()
                .unwrap()
                .prepare_cached("REPLACE INTO source VALUES (?1, ?2, ?3, ?4, ?5)")
                .unwrap()
                .execute(params![n as i64, etag, modified, bytes as i64, n as i64])
                .unwrap();
            status
        }
    };
    for (step, times, expected) in [("first request", 1, 200), ("unchanged", UNCHANGED, 304)] {
        let before = cpu();
        for _ in 0..times {
            let polls = futures_util::stream::iter((0..sources).map(&ask)).buffer_unordered(AT_ONCE);
            let seen: usize = polls.filter(|status| std::future::ready(*status == expected)).count().await;
            assert_eq!(seen, sources);
        }
        line(&format!("bare loop ({synchronous}): {step}"), sources, (cpu() - before) / times as u64);
    }
}

async fn feedloom(sources: usize, port: u16) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feeds.toml");
    std::fs::write(&file, config(sources, port, folder.path())).unwrap();
    let env: Env = Arc::new(|_| None);
    let loaded = load(&file, &env).unwrap();
    let clock = Clock::fixed(now());
    let store = Store::open(&loaded.config.store).unwrap();
    let state = State::new(loaded.config, store.clone(), clock.clone()).unwrap();
    for (step, times, expected) in [("first poll", 1, Ended::Read), ("unchanged poll", UNCHANGED, Ended::NotModified)] {
        let before = cpu();
        for _ in 0..times {
            let polls = state.config.sources.iter().map(|source| state.poller.poll(source, false));
            let mut polls = futures_util::stream::iter(polls).buffer_unordered(AT_ONCE);
            while let Some(report) = polls.next().await {
                let report = report.unwrap();
                assert_eq!(report.ended, expected, "{:?}", report.error);
            }
        }
        line(&format!("feedloom: {step}"), sources, (cpu() - before) / times as u64);
        let before = cpu();
        state.publisher.renew().await.unwrap();
        state.publisher.settled().await;
        line(&format!("feedloom: publishing after the {step}"), sources, cpu() - before);
        clock.advance(std::time::Duration::from_secs(86_400));
    }
    store.close().await.unwrap();
}

/// All that a site uses: rules for tags, feeds of several kinds, recommendations, copies.
fn config(sources: usize, port: u16, folder: &std::path::Path) -> String {
    let archive = Archive::new(1_000_000, now());
    let mut file = format!(
        "[site]\nbase = \"https://feeds.example\"\ntitle = \"Bench\"\nlang = \"fr\"\n[store]\npath = {:?}\n\
         [fetch]\nprivate_networks = [\"127.0.0.0/8\"]\nper_second = 10000\n[feed.everything]\n[feed.week]\nselect = \"age:<7d lang:fr\"\n\
         [feed.best]\norder = \"best\"\n[feed.subject]\nselect = \"tag:Sujet_7 OR tag:Sujet_8\"\n[tags]\n",
        folder.join("feeds.db").display().to_string()
    );
    for n in 0..100 {
        let words: Vec<String> = archive.article(n).title.split(' ').take(3).map(str::to_owned).collect();
        let _ = writeln!(file, "\"Règle {n}\" = '{} OR \"{}\"'", words[0], words[1..].join(" "));
    }
    for n in 0..sources {
        let _ = writeln!(file, "[source.source-{n}]\nurl = \"http://{}:{port}/feed\"", host(n));
    }
    file
}

/// CPU time of all threads of the process so far, in nanoseconds.
fn cpu() -> u64 {
    let read = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = read.rsplit(')').next().unwrap().split_whitespace().collect();
    // User and system time, in hundredths of a second on every Linux of today.
    (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) * 10_000_000
}

/// Prints one line of the table.
fn line(step: &str, sources: usize, spent_ns: u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    let peak: f64 = peak.trim().trim_end_matches("kB").trim().parse().unwrap();
    let each = spent_ns as f64 / sources as f64 / 1_000_000.0;
    println!("{step:<44} {sources:>10} {each:>11.3} ms {:>8.1} MiB", peak / 1024.0);
}
