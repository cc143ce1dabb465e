//! A house to test in: a scripted origin, a store of its own, a clock that stands still, and no network.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use feedloom::clock::Clock;
use feedloom::daemon::{Env, State, load};
use feedloom::demo::{Documents, Origin};
use feedloom::poll::Report;
use feedloom::publish::Answer;
use feedloom::render::Rendered;
use feedloom::store::Store;

/// The time at which every test starts.
pub(crate) fn start() -> DateTime<Utc> {
    "2026-06-03T12:00:00Z".parse().unwrap()
}

/// What a site that stands on this machine is asked by: at once, and without pauses.
pub(crate) const AT_HOME: &str = "private_networks = [\"127.0.0.1/32\"]\nper_host_second = 1000\nper_second = 10000\n";

/// An environment with one secret in it.
pub(crate) fn env() -> Env {
    Arc::new(|name| (name == "FEED_KEY").then(|| "sesame-ouvre-toi".to_owned()))
}

/// The parts of the daemon, driven step by step.
pub(crate) struct House {
    pub(crate) origin: Origin,
    pub(crate) state: Arc<State>,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    folder: tempfile::TempDir,
}

impl House {
    /// The sample site and the file that reads it.
    pub(crate) async fn sample() -> Self {
        let origin = Origin::start(([127, 0, 0, 1], 0).into(), Documents::sample(start())).await.unwrap();
        let listen = ([127, 0, 0, 1], 8420).into();
        Self::over(origin, |origin, store| feedloom::demo::config(origin.addr(), listen, store)).await
    }

    /// An origin with nothing on it, and a file whose sources are given as TOML; `{origin}` stands for the origin's address.
    pub(crate) async fn with(sources: &str) -> Self {
        let origin = Origin::start(([127, 0, 0, 1], 0).into(), Documents::empty(start())).await.unwrap();
        Self::over(origin, |origin, store| {
            let head = format!(
                "[site]\nbase = \"https://feeds.example\"\ntitle = \"Test\"\nlang = \"fr\"\n[store]\npath = {:?}\n[fetch]\n{AT_HOME}",
                store.display().to_string()
            );
            head + &sources.replace("{origin}", &format!("http://{}", origin.addr()))
        })
        .await
    }

    async fn over(origin: Origin, config: impl FnOnce(&Origin, &std::path::Path) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("feeds.toml");
        std::fs::write(&file, config(&origin, &folder.path().join("feeds.db"))).unwrap();
        let loaded = load(&file, &env()).unwrap_or_else(|e| panic!("{e}"));
        let clock = Clock::fixed(start());
        let store = Store::open(&loaded.config.store).unwrap();
        let state = Arc::new(State::new(loaded.config, store.clone(), clock.clone()).unwrap());
        Self { origin, state, store, clock, folder }
    }

    /// Where its file is.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("feeds.toml")
    }

    /// Reads another file in place of the one it was started with.
    pub(crate) async fn reload(&mut self, text: &str) {
        std::fs::write(self.file(), text).unwrap();
        let loaded = load(&self.file(), &env()).unwrap_or_else(|e| panic!("{e}"));
        self.state = Arc::new(self.state.renewed(loaded.config, self.store.clone(), self.clock.clone()).unwrap());
        self.state.publisher.renew().await.unwrap();
    }

    /// Starts all but the origin and the clock anew over the same file and store.
    pub(crate) fn restart(&mut self) {
        let loaded = load(&self.file(), &env()).unwrap_or_else(|e| panic!("{e}"));
        self.store = Store::open(&loaded.config.store).unwrap();
        self.state = Arc::new(State::new(loaded.config, self.store.clone(), self.clock.clone()).unwrap());
    }

    /// Lets time pass until an instant.
    pub(crate) fn pass_until(&self, instant: &str) {
        let until: DateTime<Utc> = instant.parse().unwrap();
        self.pass((until - self.clock.now()).to_std().unwrap());
    }

    /// Polls every source once, then publishes.
    pub(crate) async fn round(&self) -> Vec<Report> {
        let mut reports = Vec::new();
        for source in &self.state.config.sources {
            reports.push(self.state.poller.poll(source, false).await.unwrap());
        }
        self.state.publisher.renew().await.unwrap();
        reports
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// What stands at an address.
    pub(crate) async fn get(&self, path: &str) -> String {
        let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        match self.state.publisher.answer(path, query).await {
            Answer::Found(found) => String::from_utf8(found.body.to_vec()).unwrap(),
            Answer::Moved(to) => format!("moved to {to}"),
            Answer::Missing => "missing".to_owned(),
            Answer::Gone => "gone".to_owned(),
            Answer::Misread(wrong) => format!("misread: {wrong}"),
            Answer::Busy => "busy".to_owned(),
        }
    }

    /// What stands at an address, with its validators.
    pub(crate) async fn found(&self, path: &str) -> Arc<Rendered> {
        match self.state.publisher.answer(path, None).await {
            Answer::Found(found) => found,
            other => panic!("{path}: {other:?}"),
        }
    }

    /// The items of a feed, as JSON Feed gives them.
    pub(crate) async fn items(&self, feed: &str) -> Vec<serde_json::Value> {
        let text = self.get(&format!("/{feed}.json")).await;
        let feed: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        feed["items"].as_array().cloned().unwrap_or_default()
    }
}
