//! The demo: the sample site, and the real daemon against it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Documents, Origin, config};
use crate::clock::Clock;
use crate::daemon::{self, Env, Options};

/// Where the demo serves when nobody says otherwise and it is free.
const PORT: u16 = 8420;
/// How often the sample site publishes something new.
const NEWS: Duration = Duration::from_secs(5);

/// Runs the demo until it is stopped. `say` shows a line to the person who waits.
///
/// # Errors
/// When no port is free, or the folder cannot be written to.
pub async fn run(
    env: Env,
    port: Option<u16>,
    folder: Option<&Path>,
    say: impl Fn(&str) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    let clock = Clock::system();
    let origin =
        Origin::start(([127, 0, 0, 1], 0).into(), Documents::sample(clock.now())).await.context("sample site")?;
    let listener = listen(port).await?;
    let address = listener.local_addr().context("listening socket")?;
    let temporary = Folder::new(folder)?;
    let file = temporary.path.join("feeds.toml");
    std::fs::write(&file, text(origin.addr(), address)).with_context(|| file.display().to_string())?;
    say(&format!("sample site  {}", origin.url("/")))?;
    say(&format!("its file     {}  (edit it: it is read again at once)", file.display()))?;
    say(&format!("pages        http://{address}/"))?;
    say(&format!("a tag        http://{address}/tag/liberation_palestine"))?;
    say(&format!("feeds        http://{address}/all.rss  .atom  .json"))?;
    say(&format!("all feeds    http://{address}/feeds.opml"))?;
    say(&format!("search       http://{address}/search?q=navire"))?;
    say(&format!(
        "one's own    http://{address}/for?tags=liberation_palestine  (or \"more like this\" under a story)"
    ))?;
    if let Some(article) = super::explained() {
        say(&format!("why is it so http://{address}/explain/{article}"))?;
    }
    say(&format!("health       http://{address}/status"))?;
    say("something new is published every few seconds; Ctrl-C ends it")?;
    let stop = CancellationToken::new();
    let options = Options { config: file, env, clock, polls: true, listener: Some(listener), stop: stop.clone() };
    let news = async {
        loop {
            tokio::time::sleep(NEWS).await;
            match origin.publish_next() {
                Some(published) => tracing::info!("the sample site publishes: {}", published.title),
                None => std::future::pending().await,
            }
        }
    };
    let ended = tokio::select! {
        ended = daemon::run(options) => ended,
        () = news => Ok(()),
    };
    origin.stop().await;
    ended
}

/// The file: its store lies beside it, wherever that is.
fn text(origin: SocketAddr, listen: SocketAddr) -> String {
    config(origin, listen, Path::new("feeds.db"))
}

async fn listen(port: Option<u16>) -> anyhow::Result<TcpListener> {
    if let Some(port) = port {
        return TcpListener::bind(("127.0.0.1", port)).await.with_context(|| format!("listen on 127.0.0.1:{port}"));
    }
    match TcpListener::bind(("127.0.0.1", PORT)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind(("127.0.0.1", 0)).await.context("listen on 127.0.0.1"),
    }
}

/// The demo's folder; a temporary one goes when the demo ends.
struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    fn new(named: Option<&Path>) -> anyhow::Result<Self> {
        let path = match named {
            Some(path) => path.to_owned(),
            None => std::env::temp_dir().join(format!("feedloom-demo-{}-{}", std::process::id(), fastrand::u32(..))),
        };
        std::fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
        Ok(Self { path, temporary: named.is_none() })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            // A folder that stays behind is the system's to sweep.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_lies_in_the_folder_that_is_named() {
        let addr = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        for folder in ["demo", "/tmp/demo"] {
            let file = Path::new(folder).join("feeds.toml");
            let (read, _) = crate::config::load(&text(addr(1), addr(2)), &file, &|_| None).unwrap();
            assert_eq!(read.store.path, Path::new(folder).join("feeds.db"));
        }
    }
}
