//! Kill -9 at any moment, a disk that is full, two that poll: nothing is lost, nothing comes twice, nobody is asked early.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OpenFlags};

use crate::process::{Daemon, config, feedloom, text};

/// Something is published so often.
const EVERY: Duration = Duration::from_millis(20);
/// Thousands of stories are published within this time, by a build that is not optimised.
const PUBLISHING: Duration = Duration::from_secs(180);
/// A source may be asked so much earlier than planned: times are kept in whole seconds.
const EARLY: f64 = 1.0;

/// A site of several feeds, over which numbered entries are spread as time passes. It remembers when it was asked for what.
struct Numbers {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    feeds: usize,
    began: Instant,
    /// How many there are for good; as long as it is nothing, as many as time gives.
    fixed: AtomicUsize,
    asked: Mutex<Vec<(usize, f64)>>,
    /// What was posted: the keys of the letters.
    posted: Mutex<Vec<String>>,
}

impl Numbers {
    fn start(feeds: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            feeds,
            began: Instant::now(),
            fixed: AtomicUsize::new(0),
            asked: Mutex::default(),
            posted: Mutex::default(),
        });
        let site = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let site = site.clone();
                std::thread::spawn(move || site.converse(stream));
            }
        });
        Self { address, shared }
    }

    /// Publishes nothing more; gives how many there are.
    fn stop(&self) -> usize {
        let all = self.shared.published();
        self.shared.fixed.store(all, Ordering::Release);
        all
    }

    /// When each feed was asked since the last time: seconds since 1970.
    fn asked(&self) -> Vec<(usize, f64)> {
        std::mem::take(&mut *self.shared.asked.lock().unwrap())
    }

    /// The file that reads it.
    fn file(&self, folder: &Path) -> PathBuf {
        let address = self.address;
        let source = |n: usize| format!("[source.s{n}]\nurl = \"http://{address}/{n}\"\n");
        let sources: String = (0..self.shared.feeds).map(source).collect();
        let fetch = "[fetch]\nevery = \"1s\"\nbetween = [\"1s\", \"2s\"]\nprivate_networks = [\"127.0.0.1/32\"]\nper_host = 8\n";
        let alert =
            format!("[source.gone]\nurl = \"http://{address}/gone\"\n[alert]\nto = [\"http://{address}/hook\"]\n");
        config(folder, &format!("{fetch}{sources}{alert}"))
    }
}

impl Shared {
    fn published(&self) -> usize {
        match self.fixed.load(Ordering::Acquire) {
            0 => usize::try_from(self.began.elapsed().as_millis() / EVERY.as_millis()).unwrap(),
            fixed => fixed,
        }
    }

    fn converse(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut stream = stream;
        loop {
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                match reader.read_line(&mut line) {
                    Ok(n) if n > 2 => head.push(line.trim().to_owned()),
                    Ok(2) => break,
                    _ => return,
                }
            }
            let value = |name: &str| {
                let lines = head.iter().filter_map(|line| line.split_once(": "));
                lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned()).next()
            };
            let mut body = vec![0; value("content-length").and_then(|l| l.parse().ok()).unwrap_or(0)];
            if reader.read_exact(&mut body).is_err() {
                return;
            }
            let path = head[0].split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
            let answer = match path.parse::<usize>() {
                Ok(feed) => {
                    self.asked.lock().unwrap().push((feed, now()));
                    self.feed(feed, value("if-none-match").as_deref())
                }
                Err(_) if path == "hook" => {
                    self.posted.lock().unwrap().extend(value("idempotency-key"));
                    "HTTP/1.1 204 X\r\n\r\n".to_owned()
                }
                Err(_) => "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n".to_owned(),
            };
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }

    fn feed(&self, feed: usize, known: Option<&str>) -> String {
        let numbers: Vec<usize> = (feed..self.published()).step_by(self.feeds).collect();
        let tag = format!("\"{}\"", numbers.len());
        if known == Some(&tag) {
            return format!("HTTP/1.1 304 X\r\nETag: {tag}\r\n\r\n");
        }
        let items: String = numbers.iter().map(|n| item(*n)).collect();
        let body = format!("<rss version='2.0'><channel><title>Feed {feed}</title>{items}</channel></rss>");
        let length = body.len();
        format!(
            "HTTP/1.1 200 X\r\nContent-Type: application/rss+xml\r\nETag: {tag}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    }
}

#[expect(clippy::disallowed_methods, reason = "what a daemon of its own process plans is checked by the same clock")]
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// An entry whose words no other has.
fn item(n: usize) -> String {
    let mut random = fastrand::Rng::with_seed(n as u64);
    let word = |random: &mut fastrand::Rng| (0..6).map(|_| random.lowercase()).collect::<String>();
    let words: Vec<String> = (0..24).map(|_| word(&mut random)).collect();
    let words = words.join(" ");
    format!(
        "<item><title>Number {n}</title><link>/n/{n}</link><guid isPermaLink='false'>{n}</guid><description>{words}</description></item>"
    )
}

fn look(folder: &Path) -> Connection {
    Connection::open_with_flags(folder.join("feeds.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// When each source is due by the store: seconds since 1970. Nothing where there is no store yet.
fn due(folder: &Path) -> HashMap<usize, f64> {
    let conn = look(folder);
    let Ok(mut read) = conn.prepare("SELECT name, next_due FROM source WHERE next_due IS NOT NULL AND name <> 'gone'")
    else {
        return HashMap::new();
    };
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
    read.query_map([], row)
        .unwrap()
        .map(|row| row.map(|(name, due)| (name[1..].parse().unwrap(), due as f64 / 1e6)).unwrap())
        .collect()
}

fn count(folder: &Path, sql: &str) -> i64 {
    look(folder).query_row(sql, [], |row| row.get(0)).unwrap()
}

/// A daemon that is killed after a while, and how long it took until it was ready, where it came to that.
fn short_life(file: &Path, life: Duration) -> Option<Duration> {
    let began = Instant::now();
    let mut child = feedloom()
        .args(["--config", file.to_str().unwrap(), "run"])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let stderr = child.stderr.take().unwrap();
    let ready = std::thread::spawn(move || {
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let ready = lines.any(|line| line.contains("listening on")).then(|| began.elapsed());
        let failed: Vec<String> = lines.filter(|l| l.contains("panicked") || l.contains("ERROR")).collect();
        assert!(failed.is_empty(), "{failed:?}");
        ready
    });
    // The end of its life is not an event that could be waited for.
    let end = began + life;
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        std::thread::park_timeout(left);
    }
    assert_eq!(child.try_wait().unwrap(), None, "it lives until it is killed");
    kill(&mut child);
    ready.join().unwrap()
}

fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Kills a daemon so many times, each life between the two bounds in milliseconds long; then lets one live until all is in.
#[expect(clippy::print_stdout, reason = "the long form is run for its figures")]
fn killed(times: usize, feeds: usize, lives: std::ops::Range<u64>) {
    let folder = tempfile::tempdir().unwrap();
    let site = Numbers::start(feeds);
    let file = site.file(folder.path());
    let mut random = fastrand::Rng::with_seed(8);
    let mut ready = Vec::new();
    let (mut requests, mut checked) = (0, 0);
    let mut in_time = |site: &Numbers, due: &HashMap<usize, f64>| {
        let mut first = HashMap::new();
        for (feed, at) in site.asked() {
            requests += 1;
            first.entry(feed).or_insert(at);
        }
        for (feed, at) in first {
            let Some(due) = due.get(&feed) else { continue };
            checked += 1;
            assert!(at >= due - EARLY, "feed {feed} was asked {:.2} s early", due - at);
        }
    };
    let mut planned = HashMap::new();
    for _ in 0..times {
        ready.extend(short_life(&file, Duration::from_millis(random.u64(lives.clone()))));
        in_time(&site, &planned);
        if folder.path().join("feeds.db").exists() {
            planned = due(folder.path());
        }
    }
    let all = site.stop();
    let mut daemon = Daemon::start(&file, "run");
    all_in(folder.path(), all);
    in_time(&site, &planned);
    for ending in ["rss", "atom", "json"] {
        parses(&daemon, &format!("/all.{ending}"));
    }
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), 0);
    let whole: String = look(folder.path()).query_row("PRAGMA quick_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    for sql in
        ["SELECT count(*) FROM article", "SELECT count(DISTINCT title) FROM article", "SELECT count(*) FROM story"]
    {
        assert_eq!(usize::try_from(count(folder.path(), sql)).unwrap(), all, "{sql}");
    }
    assert_eq!(count(folder.path(), "SELECT count(*) FROM state_change WHERE state = 'gone'"), 1, "told once");
    let mut posted = site.shared.posted.lock().unwrap().clone();
    posted.dedup();
    assert!(posted.len() <= 1, "{posted:?}");
    ready.sort();
    println!(
        "{times} kills, {} of them before it was ready; {all} numbers over {feeds} feeds, each once; {requests} requests, \
         {checked} first ones after a restart, none early; ready after {:?} (median), {:?} (worst)",
        times - ready.len(),
        ready.get(ready.len() / 2).copied().unwrap_or_default(),
        ready.last().copied().unwrap_or_default(),
    );
}

/// Waits until so many entries are stored, as long as more and more are. While thousands are being published, no source is asked.
fn all_in(folder: &Path, all: usize) {
    let (mut stored, mut until) = (0, Instant::now() + PUBLISHING);
    while stored < all {
        let now = usize::try_from(count(folder, "SELECT count(*) FROM entry")).unwrap();
        if now > stored {
            (stored, until) = (now, Instant::now() + PUBLISHING);
        }
        assert!(Instant::now() < until, "{stored} of {all}, and nothing comes any more");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// A feed is well-formed, and has each entry once; what is stored is published a moment later.
fn parses(daemon: &Daemon, path: &str) {
    let until = Instant::now() + PUBLISHING;
    loop {
        let (status, answer) = daemon.get(path);
        assert_eq!(status, 200);
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let url = "http://x.example/".parse().unwrap();
        let input = feedloom::read::Input {
            body: body.as_bytes(),
            content_type: None,
            url: &url,
            lang: None,
            tz: chrono_tz::UTC,
            day_first: None,
            now: chrono::DateTime::UNIX_EPOCH,
        };
        let reading = feedloom::read::read(&input, None).unwrap_or_else(|e| panic!("{path}: {e}"));
        let ids: std::collections::HashSet<_> = reading.entries.iter().filter_map(|e| e.id.clone()).collect();
        assert_eq!(ids.len(), reading.entries.len(), "{path}");
        assert!(reading.notes.is_empty(), "{path}: {:?}", reading.notes);
        if !ids.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "{path}: nothing of all that is stored is published");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

#[test]
fn a_few_kills_lose_and_double_nothing() {
    killed(4, 4, 60..350);
}

/// `cargo test --test it -- --ignored --nocapture kills`
#[test]
#[ignore = "takes a minute and a half; a short form stands above"]
fn many_kills_lose_and_double_nothing() {
    killed(200, 40, 5..700);
}

#[test]
fn a_second_daemon_on_one_database_is_refused_and_a_poll_beside_one_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let site = Numbers::start(2);
    site.shared.fixed.store(6, Ordering::Release);
    let file = site.file(folder.path());
    let daemon = Daemon::start(&file, "run");
    let second = feedloom().args(["--config", file.to_str().unwrap(), "run"]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(
        text(&second.stderr).contains("another feedloom polls for this database already"),
        "{}",
        text(&second.stderr)
    );
    let polls: Vec<Child> = (0..2)
        .map(|_| {
            let mut poll = feedloom();
            poll.args(["--config", file.to_str().unwrap(), "poll", "--force"])
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            poll.spawn().unwrap()
        })
        .collect();
    for mut poll in polls {
        assert_eq!(poll.wait().unwrap().code(), Some(3), "one source is gone");
    }
    drop(daemon);
    assert_eq!(count(folder.path(), "SELECT count(*) - count(DISTINCT title) FROM article"), 0);
    assert_eq!(count(folder.path(), "SELECT count(*) FROM state_change"), 1, "told once by however many");
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let site = Numbers::start(1);
    let file = site.file(folder.path());
    let poll = |limit: &str| {
        // Files may not grow beyond the limit, and whoever tries is told so instead of being ended.
        let script = format!("ulimit -f {limit}; exec \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_feedloom"), "--config", file.to_str().unwrap()]);
        command.args(["poll", "--force"]).env_clear().output().unwrap()
    };
    let articles = || count(folder.path(), "SELECT count(*) FROM article");
    site.shared.fixed.store(1, Ordering::Release);
    assert_eq!((poll("unlimited").status.code(), articles()), (Some(3), 1), "one source is gone");
    let before = due(folder.path());
    site.shared.fixed.store(300, Ordering::Release);
    let size = std::fs::metadata(folder.path().join("feeds.db")).unwrap().len();
    let full = poll(&(size / 1024 + 16).to_string());
    assert_eq!(full.status.code(), Some(1), "{}{}", text(&full.stdout), text(&full.stderr));
    assert!(text(&full.stderr).contains("store: database: "), "{}", text(&full.stderr));
    assert_eq!((articles(), due(folder.path())), (1, before), "neither half of it");
    assert_eq!((poll("unlimited").status.code(), articles()), (Some(3), 300));
}

#[test]
fn a_store_that_cannot_be_written_is_told_and_nothing_starts() {
    let folder = tempfile::tempdir().unwrap();
    let site = Numbers::start(1);
    let file = site.file(folder.path());
    let written = std::fs::read_to_string(&file).unwrap();
    // Where nobody may make a file, root included; and where there is nothing at all.
    for (place, why) in [("/proc/feeds.db", "cannot be opened"), ("/nowhere/feeds.db", "there is no folder /nowhere")] {
        std::fs::write(&file, written.replace("\"feeds.db\"", &format!("{place:?}"))).unwrap();
        for command in ["run", "poll"] {
            let out = feedloom().args(["--config", file.to_str().unwrap(), command]).output().unwrap();
            assert_eq!(out.status.code(), Some(1), "{command}");
            let said = text(&out.stderr);
            assert!(said.contains(place) && said.contains(why), "{command}: {said}");
        }
    }
    assert!(site.asked().is_empty());
}
