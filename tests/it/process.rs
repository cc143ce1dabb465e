//! The binary as a person or a service manager meets it: exit codes, signals, reload.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use feedloom::model::{ArticleId, Identity, SourceName};

/// How long something may take before the test gives up; far more than it ever takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn feedloom() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    command.env_clear().env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    feedloom().args(arguments).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A daemon that is ended with the test.
pub(crate) struct Daemon {
    child: Child,
    lines: mpsc::Receiver<String>,
    address: String,
}

impl Daemon {
    pub(crate) fn start(config: &Path, command: &str) -> Self {
        Self::logging(config, command, "info")
    }

    /// One that says as much as `level` lets it.
    pub(crate) fn logging(config: &Path, command: &str, level: &str) -> Self {
        Self::started(feedloom().env("RUST_LOG", level).args(["--config", config.to_str().unwrap(), command]))
    }

    fn started(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let (send, lines) = mpsc::channel();
        let stderr = child.stderr.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let mut daemon = Self { child, lines, address: String::new() };
        let line = daemon.says("listening on http://");
        let address = line.split("http://").nth(1).unwrap().trim_end_matches('/').to_owned();
        daemon.address = address;
        daemon
    }

    /// Waits for a line that holds `words`.
    fn says(&self, words: &str) -> String {
        let until = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            if line.contains(words) {
                return line;
            }
            seen.push(line);
        }
        panic!("`{words}` was not said; said:\n{}", seen.join("\n"));
    }

    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    }

    /// Sends a whole request that asks for the connection to be closed; status and answer.
    pub(crate) fn send(&self, request: &str) -> (u16, String) {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = text(&answer);
        let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        (status, answer)
    }

    /// All that it has said since it was last listened to, once it has ended.
    pub(crate) fn said(&self) -> String {
        self.lines.iter().collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    pub(crate) fn wait(&mut self) -> i32 {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(Instant::now() < until, "did not end");
            std::thread::yield_now();
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn config(folder: &Path, more: &str) -> PathBuf {
    let file = folder.join("feeds.toml");
    let text = format!(
        "[site]\nbase = \"https://feeds.example\"\nlisten = \"127.0.0.1:0\"\n[store]\npath = \"feeds.db\"\n{more}"
    );
    std::fs::write(&file, text).unwrap();
    file
}

/// Replaces the file as editors do: a new file, renamed over the old.
fn replace(file: &Path, text: &str) {
    let new = file.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(&new, file).unwrap();
}

#[test]
fn a_socket_of_the_service_manager_is_listened_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut command = Command::new("sh");
    command.env_clear().env("RUST_LOG", "info").args([
        "-c",
        "export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$0\" --config \"$1\" serve 3<&0 </dev/null",
        env!("CARGO_BIN_EXE_feedloom"),
        file.to_str().unwrap(),
    ]);
    let daemon = Daemon::started(command.stdin(Stdio::from(std::os::fd::OwnedFd::from(listener))));
    assert_eq!(daemon.address, address);
    assert_eq!(daemon.get("/healthz").0, 200);
}

#[test]
fn a_wrong_file_is_told_whole_and_nothing_starts() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "[source.a]\nurl = \"not a url\"\nevrey = \"5m\"\n[feed.x]\nselect = 'tga:y'\n");
    for command in ["check", "run", "poll", "serve"] {
        let out = run(&["--config", file.to_str().unwrap(), command]);
        assert_eq!(out.status.code(), Some(2), "{command}: {}", text(&out.stderr));
        let said = text(&out.stderr);
        for words in ["feeds.toml:7", "feeds.toml:8", "feeds.toml:10", "every", "tag:"] {
            assert!(said.contains(words), "{command}: no `{words}` in:\n{said}");
        }
    }
    assert!(!folder.path().join("feeds.db").exists());
}

#[test]
fn no_file_is_exit_2_and_a_strange_store_exit_1_untouched() {
    let out = run(&["--config", "/nowhere/feeds.toml", "check"]);
    assert_eq!(out.status.code(), Some(2));
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "");
    let store = folder.path().join("feeds.db");
    std::fs::write(&store, b"this is not a database, but somebody's file").unwrap();
    let out = run(&["--config", file.to_str().unwrap(), "poll"]);
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    assert!(text(&out.stderr).contains("feeds.db"));
    assert_eq!(std::fs::read(&store).unwrap(), b"this is not a database, but somebody's file");
}

#[test]
fn what_is_only_read_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "[source.a]\nurl = \"http://127.0.0.1:9/feed\"\n");
    for command in
        [&["status"][..], &["search", "port"], &["export", "articles"], &["explain", "x"], &["backup", "c.db"]]
    {
        let out = run(&[&["--config", file.to_str().unwrap()], command].concat());
        assert_eq!(out.status.code(), Some(1), "{command:?}: {}", text(&out.stderr));
        assert!(text(&out.stderr).contains("feeds.db is not there"), "{command:?}: {}", text(&out.stderr));
    }
    assert!(!folder.path().join("feeds.db").exists());
    let said = run(&["--config", file.to_str().unwrap(), "check"]);
    assert!(text(&said.stdout).ends_with(": fine: 1 source, 0 tag rules, 0 feeds\n"), "{}", text(&said.stdout));
}

#[test]
fn some_failed_sources_are_exit_3() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(
        folder.path(),
        "[fetch]\nprivate_networks = [\"127.0.0.1/32\"]\n[source.down]\nurl = \"http://127.0.0.1:9/feed\"\n",
    );
    let dry = run(&["--config", file.to_str().unwrap(), "poll", "--dry"]);
    assert_eq!((dry.status.code(), text(&dry.stdout).as_str()), (Some(0), "down\thttp://127.0.0.1:9/feed\n"));
    assert!(!folder.path().join("feeds.db").exists(), "nothing is written");
    let out = run(&["--config", file.to_str().unwrap(), "poll", "--json"]);
    assert_eq!(out.status.code(), Some(3), "{}", text(&out.stderr));
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((report["source"].as_str(), report["health"].as_str()), (Some("down"), Some("failing")));
    let next = run(&["--config", file.to_str().unwrap(), "schedule", "--json"]);
    let next: serde_json::Value = serde_json::from_slice(&next.stdout).unwrap();
    assert_eq!((next["next"].as_str(), next["why"].as_str()), (report["next_due"].as_str(), Some("back_off")));
    let again = run(&["--config", file.to_str().unwrap(), "poll"]);
    assert_eq!(again.status.code(), Some(0), "nothing is due: {}", text(&again.stdout));
    let status = run(&["--config", file.to_str().unwrap(), "status"]);
    assert_eq!(status.status.code(), Some(3), "{}", text(&status.stderr));
    assert!(text(&status.stdout).starts_with("down: failing since 20"), "{}", text(&status.stdout));
    let status = run(&["--config", file.to_str().unwrap(), "status", "--json"]);
    let lines: Vec<serde_json::Value> =
        text(&status.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [down] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((down["health"]["state"].as_str(), down["polls"].as_u64()), (Some("failing"), Some(1)));
}

#[test]
fn the_daemon_reloads_what_is_right_refuses_what_is_wrong_and_ends_on_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "[feed.un]\ntitle = \"Un\"\n");
    let good = std::fs::read_to_string(&file).unwrap();
    let mut daemon = Daemon::start(&file, "run");
    assert_eq!(daemon.get("/un.rss").0, 200);
    assert_eq!(daemon.get("/readyz").0, 200);
    replace(&file, &format!("{good}[feed.deux]\nselct = 'x'\n"));
    daemon.says("configuration refused");
    let hint = daemon.says("selct");
    assert!(hint.contains("selct"), "{hint}");
    assert_eq!((daemon.get("/un.rss").0, daemon.get("/deux.rss").0), (200, 404));
    replace(&file, &format!("{good}[feed.deux]\ntitle = \"Deux\"\n"));
    daemon.says("configuration reloaded");
    assert_eq!((daemon.get("/un.rss").0, daemon.get("/deux.rss").0), (200, 200));
    std::fs::write(&file, &good).unwrap();
    daemon.signal("HUP");
    daemon.says("configuration reloaded");
    assert_eq!(daemon.get("/deux.rss").0, 404);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), 0);
}

#[cfg(unix)]
#[test]
fn a_file_behind_links_is_watched() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "");
    let good = std::fs::read_to_string(&file).unwrap();
    let version = |n: usize| {
        let real = folder.path().join(format!("..v{n}"));
        std::fs::create_dir(&real).unwrap();
        std::fs::write(real.join("feeds.toml"), format!("{good}[feed.v{n}]\ntitle = \"V\"\n")).unwrap();
        symlink(format!("..v{n}"), folder.path().join("..next")).unwrap();
        std::fs::rename(folder.path().join("..next"), folder.path().join("..data")).unwrap();
    };
    version(1);
    std::fs::remove_file(&file).unwrap();
    symlink("..data/feeds.toml", &file).unwrap();
    let mut daemon = Daemon::start(&file, "run");
    assert_eq!(daemon.get("/v1.rss").0, 200);
    for n in 2..4 {
        // As Kubernetes renews a ConfigMap: another folder, to which a link leads.
        version(n);
        daemon.says("configuration reloaded");
        std::fs::remove_dir_all(folder.path().join(format!("..v{}", n - 1))).unwrap();
        assert_eq!(daemon.get(&format!("/v{n}.rss")).0, 200);
    }
    std::fs::write(folder.path().join("..v3/feeds.toml"), format!("{good}[feed.v9]\ntitle = \"V\"\n")).unwrap();
    daemon.says("configuration reloaded");
    assert_eq!(daemon.get("/v9.rss").0, 200);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), 0);
}

#[test]
fn serve_shows_what_a_poll_beside_it_stored() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "");
    let daemon = Daemon::start(&file, "serve");
    let (_, before) = daemon.get("/all.rss");
    assert!(!before.contains("Nouvelle"));
    let articles = folder.path().join("articles.jsonl");
    let line = r#"{"id":"1","source":"a","url":"https://a.example/1","title":"Nouvelle","text":"Un texte assez long.","published":"2026-06-01T10:00:00Z","lang":"fr","tags":["Presse"]}"#;
    std::fs::write(&articles, line).unwrap();
    let out = run(&["--config", file.to_str().unwrap(), "import", "articles", articles.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let until = Instant::now() + PATIENCE;
    while !daemon.get("/all.rss").1.contains("Nouvelle") {
        assert!(Instant::now() < until, "the server never showed what was imported");
        std::thread::yield_now();
    }
}

#[test]
fn subscriptions_come_in_as_source_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.opml");
    std::fs::write(&file, r#"<opml version="2.0"><body><outline text="Presse"><outline text="L’Agence" xmlUrl="https://a.example/rss"/></outline></body></opml>"#).unwrap();
    let out = run(&["import", "opml", file.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let blocks = text(&out.stdout);
    let config = config(folder.path(), &blocks);
    let out = run(&["--config", config.to_str().unwrap(), "check"]);
    assert_eq!(out.status.code(), Some(0), "{}\n{blocks}", text(&out.stderr));
    let out = run(&["--config", config.to_str().unwrap(), "export", "opml"]);
    let exported = text(&out.stdout);
    let folder = exported.find(r#"<outline text="Presse" title="Presse">"#);
    let feed = exported.find(r#"xmlUrl="https://a.example/rss" htmlUrl="https://a.example/""#);
    assert!(folder.is_some() && folder < feed, "{exported}");
}

#[test]
fn what_cannot_be_asked_or_read_is_said() {
    let out = run(&["try", "ftp://a.example/rss"]);
    assert!(text(&out.stderr).contains("only http and https"), "{}", text(&out.stderr));
    assert_ne!(out.status.code(), Some(0));
    let folder = tempfile::tempdir().unwrap();
    let (feed, absent) = (folder.path().join("f.xml"), folder.path().join("absent.xml"));
    std::fs::write(&feed, "<rss><channel><item><title>T</title></item></channel></rss>").unwrap();
    for json in [&["read"][..], &["read", "--json"]] {
        let files = [absent.to_str().unwrap(), feed.to_str().unwrap()];
        assert_eq!(run(&[json, &files].concat()).status.code(), run(&["read", files[0]]).status.code());
        let out = run(&[json, &files[1..]].concat());
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    }
    let out = run(&["read", "--json", absent.to_str().unwrap(), feed.to_str().unwrap()]);
    assert_eq!((out.status.code(), text(&out.stdout).lines().count()), (Some(1), 2), "{}", text(&out.stderr));
}

#[test]
fn site_rules_come_in_as_source_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules");
    std::fs::create_dir(&rules).unwrap();
    let run_on = |path: &Path| run(&["import", "site-rules", path.to_str().unwrap()]);
    for path in [&rules, &folder.path().join("absent")] {
        assert_eq!(run_on(path).status.code(), Some(2), "{}", path.display());
    }
    let site = "title: //h1\nbody: //div[contains(@class, 'body')]\nauthor: //a/text()\nstrip_id_or_class: \"ads\"\n";
    for name in ["www.journal.example.txt", ".journal.example.txt", "gazette.example.txt"] {
        std::fs::write(rules.join(name), site).unwrap();
    }
    std::fs::write(rules.join("broken.example.txt"), [0xff, 0, 1]).unwrap();
    let out = run_on(&rules);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert_eq!(text(&out.stderr), "3 files, 9 rules kept, 3 left out, 1 other files not used\n");
    let blocks = text(&out.stdout);
    for said in
        ["[source.journal]", "[source.journal-2.page]", "text() cannot be selected", "# broken.example.txt: is no text"]
    {
        assert!(blocks.contains(said), "{said}: {blocks}");
    }
    let config = config(folder.path(), &blocks);
    let out = run(&["--config", config.to_str().unwrap(), "check"]);
    assert_eq!(out.status.code(), Some(0), "{}\n{blocks}", text(&out.stderr));
}

#[test]
fn what_is_too_old_is_removed_and_a_wrong_name_is_exit_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "keep = \"2y\"\n");
    let articles = folder.path().join("articles.jsonl");
    let line = |id: u8, date: &str| {
        format!(
            "{{\"id\":\"{id}\",\"source\":\"a\",\"title\":\"T {id}\",\"text\":\"Le texte\u{2028}numéro {id}.\",\"published\":\"{date}\"}}\n"
        )
    };
    std::fs::write(&articles, line(1, "2015-06-01T10:00:00Z") + &line(2, "2026-06-01T10:00:00Z")).unwrap();
    let file = file.to_str().unwrap();
    let import = ["--config", file, "import", "articles", articles.to_str().unwrap()];
    // As programs that know more line ends than one count them.
    let lines = |out: &str| out.split(['\n', '\u{85}', '\u{2028}']).filter(|l| !l.is_empty()).count();
    let count = || lines(&text(&run(&["--config", file, "export", "articles"]).stdout));
    for _ in 0..2 {
        assert_eq!(run(&import).status.code(), Some(0));
        assert_eq!(count(), 2, "the same articles are imported once");
    }
    assert_eq!(run(&["--config", file, "poll"]).status.code(), Some(0));
    assert_eq!(count(), 2, "nobody has read the elder yet");
    let store = rusqlite::Connection::open(folder.path().join("feeds.db")).unwrap();
    store.execute("UPDATE story SET first_seen = date", []).unwrap();
    assert_eq!(run(&["--config", file, "poll"]).status.code(), Some(0));
    assert_eq!(count(), 1);
    let out = run(&["--config", file, "poll", "--source", "b"]);
    assert_eq!(out.status.code(), Some(2), "{}", text(&out.stderr));
}

#[test]
fn articles_of_others_and_our_own_export_come_in() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let lines = [
        "\u{feff}{\"id\":\"1\",\"source\":\"a\",\"url\":\"https://a.example/1\",\"title\":\"Pain & roses\",\"standfirst\":\"Un chapeau.\",\
         \"html\":\"<p>Le texte &amp; le reste.</p>\",\"author\":\"Anne Lys\",\"published\":\"2026-05-20\",\"tags\":[\"Presse\"]}",
        "{\"id\":2,\"source\":\"a\",\"title\":\"Deux\",\"text\":\"Deuxième texte.\",\"published\":\"Wed, 20 May 2026 10:00:00 +0200\",\"tags\":null}",
        "{\"id\":\"3\",\"source\":\"a\",\"title\":\"Trois\",\"text\":\"Troisième texte.\",\"published\":\"2026-05-20 10:00:00\",\"lang\":null}",
        "{\"source\":\"a\",\"url\":\"https://a.example/4\",\"title\":\"Quatre\",\"text\":\"Quatrième texte.\",\"published\":\"2026-05-20\"}",
    ];
    let exported = |folder: &Path, articles: &str| {
        let file = config(folder, "");
        let path = folder.join("articles.jsonl");
        std::fs::write(&path, articles).unwrap();
        let out = run(&["--config", file.to_str().unwrap(), "import", "articles", path.to_str().unwrap()]);
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
        text(&run(&["--config", file.to_str().unwrap(), "export", "articles"]).stdout)
    };
    let first = exported(one.path(), &lines.join("\n"));
    for said in [
        "\"published\":\"2026-05-20T08:00:00Z\"",
        "\"author\":\"Anne Lys\"",
        "\"standfirst\":\"Un chapeau.\"",
        "\"id\":\"2\"",
        "\"guid\":null",
        "\"outlet\":{\"name\":\"a\"",
    ] {
        assert!(first.contains(said), "{said}: {first}");
    }
    // As a poll would make it: by its address.
    let by_address = SourceName::new("a").map(|a| ArticleId::of(&a, &Identity::Url("a.example/4".into()))).unwrap();
    assert!(first.contains(&format!("\"article\":\"{by_address}\"")), "{first}");
    // What else is ours comes back, however it came to be so.
    let ours = first
        .replace("\"body\":\"feed\"", "\"body\":\"page\"")
        .replace("\"origin\":null", "\"origin\":{\"name\":\"Agence Sud\",\"url\":null}")
        .replace("\"given\":{\"categories\"", "\"given\":{\"keywords\"")
        .replace("\"origin\":\"feed\"", "\"origin\":\"page\"")
        .replace("\"republish\":null", "\"republish\":\"private\"")
        .replace(by_address.as_str(), "aaaaaaaaaaaaaaaa");
    let back = exported(two.path(), &ours);
    assert_eq!(back.lines().count(), 4);
    for said in ["\"body\":\"page\"", "Agence Sud", "\"origin\":\"page\"", "\"private\"", "aaaaaaaaaaaaaaaa"] {
        assert_eq!(back.matches(said).count(), ours.matches(said).count(), "{said}: {back}");
    }
    let copy = two.path().join("copy.db");
    let file = config(two.path(), "");
    let out = run(&["--config", file.to_str().unwrap(), "backup", copy.to_str().unwrap()]);
    assert!(out.status.success() && std::fs::metadata(&copy).unwrap().len() > 0, "{}", text(&out.stderr));
    let three = tempfile::tempdir().unwrap();
    assert_eq!(exported(three.path(), &first), first);
}

/// As on a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_log_that_cannot_be_written_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "[source.down]\nurl = \"http://127.0.0.1:9/feed\"\n");
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = feedloom();
    command.env("RUST_LOG", "trace").args(["--config", file.to_str().unwrap(), "poll"]);
    let status = command.stderr(full()).stdout(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(3));
}

/// See `main`; with it what large documents took is the system's again.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn memory_is_given_back_by_a_fixed_size() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "");
    let daemon = Daemon::start(&file, "run");
    let environment = std::fs::read_to_string(format!("/proc/{}/environ", daemon.child.id())).unwrap();
    assert!(environment.split('\0').any(|one| one == "MALLOC_MMAP_THRESHOLD_=1048576"), "{environment}");
}

#[test]
fn a_daemon_ends_in_time_while_a_server_hangs() {
    let hanging = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let more = format!(
        "[fetch]\nprivate_networks = [\"127.0.0.1/32\"]\ntimeout = \"5m\"\nfirst_byte = \"5m\"\n[source.a]\nurl = \"http://{}/feed\"\n",
        hanging.local_addr().unwrap()
    );
    let file = config(folder.path(), &more);
    let mut daemon = Daemon::start(&file, "run");
    let _asked = hanging.accept().unwrap();
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), 0);
}

#[test]
fn a_running_daemon_shows_what_another_process_stored() {
    let folder = tempfile::tempdir().unwrap();
    let file = config(folder.path(), "");
    let daemon = Daemon::start(&file, "run");
    let articles = folder.path().join("articles.jsonl");
    let line = r#"{"id":"1","source":"a","title":"Nouvelle","text":"Un texte assez long.","published":"2026-06-01T10:00:00Z"}"#;
    std::fs::write(&articles, line).unwrap();
    let out = run(&["--config", file.to_str().unwrap(), "import", "articles", articles.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let until = Instant::now() + PATIENCE;
    while !daemon.get("/all.rss").1.contains("Nouvelle") {
        assert!(Instant::now() < until, "the daemon never showed what was imported");
        std::thread::yield_now();
    }
}
