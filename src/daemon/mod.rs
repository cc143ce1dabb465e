//! The process that stays: starts, listens to signals and to the file, reloads whole, stops in order.

mod alerts;
mod assemble;
mod hubs;
mod rounds;
mod watch;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use arc_swap::{ArcSwap, ArcSwapOption};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use listenfd::ListenFd;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub use assemble::{Env, Loaded, State, Unread, Wrong, load};
pub use hubs::{Delivery, Hubs};

use crate::clock::Clock;
use crate::publish;
use crate::serve::{self, Answer, Answers, Posted};
use crate::store::Store;

/// How long polls in flight and open connections get when the process is asked to stop: it is gone within ten seconds.
const GRACE: Duration = Duration::from_secs(8);

/// What the process is started with.
pub struct Options {
    /// The configuration file.
    pub config: PathBuf,
    /// The environment, for secrets.
    pub env: Env,
    /// The clock.
    pub clock: Clock,
    /// Whether sources are polled; else another process does that, and this one serves what is new.
    pub polls: bool,
    /// A socket that is already open; `None`: the file's `listen`.
    pub listener: Option<TcpListener>,
    /// Ends the process in order when cancelled, as SIGTERM does.
    pub stop: CancellationToken,
}

/// What all tasks of the process share.
/// Why the database cannot be read, shared between those who find out and those who tell.
type Damage = Arc<ArcSwapOption<String>>;

struct Shared {
    /// Why the database cannot be read any more, where that was seen.
    damage: Damage,
    state: ArcSwap<State>,
    store: Store,
    clock: Clock,
    stop: CancellationToken,
    reloaded: Notify,
    polls: bool,
    hubs: Hubs,
}

/// Runs until it is told to stop.
///
/// # Errors
/// When the file is wrong, the store cannot be opened, or the address cannot be listened on: before anything is started.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let loaded = load(&options.config, &options.env)?;
    loaded.log_warnings();
    let store =
        Store::open(&loaded.config.store).with_context(|| format!("store {}", loaded.config.store.path.display()))?;
    // Until the end, whichever way that comes.
    let _alone = options.polls.then(|| store.alone()).transpose().context("store")?;
    let listener = match options.listener {
        Some(listener) => listener,
        None => listener(loaded.config.listen).await?,
    };
    let address = listener.local_addr().context("listening socket")?;
    let state = State::new(loaded.config, store.clone(), options.clock.clone())?;
    state.publisher.recall().await.context("store")?;
    let shared = Arc::new(Shared {
        hubs: Hubs::new(store.clone(), options.clock.clone()),
        damage: Damage::default(),
        state: ArcSwap::from_pointee(state),
        store: store.clone(),
        clock: options.clock,
        stop: options.stop,
        reloaded: Notify::new(),
        polls: options.polls,
    });
    let told = told_to_stop();
    let watched = watch::start(shared.clone(), options.config, options.env).context("watch the configuration file")?;
    let serving = tokio::spawn(serve::serve(
        listener,
        Arc::new(Site(shared.clone())) as Arc<dyn Answers>,
        serve::Settings::default(),
        shared.stop.clone().cancelled_owned(),
    ));
    tracing::info!("listening on http://{address}/");
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    let rounds = tokio::spawn(rounds::run(shared.clone()));
    let alerts = tokio::spawn(alerts::run(shared.clone()));
    let asking = options.polls.then(|| tokio::spawn(hubs::run(shared.clone())));
    tokio::select! {
        () = told => {}
        () = shared.stop.cancelled() => {}
    }
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
    tracing::info!("stopping");
    shared.stop.cancel();
    drop(watched);
    let ended = async {
        let _ = rounds.await;
        let _ = alerts.await;
        let _ = serving.await;
        if let Some(asking) = asking {
            let _ = asking.await;
        }
    };
    if tokio::time::timeout(GRACE, ended).await.is_err() {
        tracing::warn!("gave up what was still in flight after {} s", GRACE.as_secs());
    }
    store.close().await.context("close the store")?;
    Ok(())
}

/// The socket that the service manager listens on for us (`LISTEN_FDS`), so that nobody is refused while we start anew; else one at
/// the address of the file.
async fn listener(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let given = ListenFd::from_env().take_tcp_listener(0).context("LISTEN_FDS: no TCP socket")?;
    let Some(given) = given else {
        return TcpListener::bind(address).await.with_context(|| format!("listen on {address}"));
    };
    given.set_nonblocking(true).context("LISTEN_FDS")?;
    TcpListener::from_std(given).context("LISTEN_FDS")
}

/// Waits for SIGTERM or Ctrl-C, which are heard from the call on: before anybody is asked anything.
#[cfg(unix)]
fn told_to_stop() -> BoxFuture<'static, ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    async fn heard(signal: Option<Signal>) {
        match signal {
            Some(mut signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }
    let [terminate, interrupt] = [SignalKind::terminate(), SignalKind::interrupt()].map(|kind| signal(kind).ok());
    async {
        tokio::select! {
            () = heard(terminate) => {}
            () = heard(interrupt) => {}
        }
    }
    .boxed()
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
fn told_to_stop() -> BoxFuture<'static, ()> {
    async { drop(tokio::signal::ctrl_c().await) }.boxed()
}

/// What the server asks: always the present state.
struct Site(Arc<Shared>);

impl Answers for Site {
    fn answer(&self, path: String, query: Option<String>) -> BoxFuture<'static, Answer> {
        let state = self.0.state.load_full();
        let shared = self.0.clone();
        async move {
            // A site may have pages there; a callback is told by its token.
            if shared.polls
                && let Some(answer) = shared.hubs.answer(&path, query.as_deref()).await
            {
                return answer;
            }
            match state.publisher.answer(&path, query.as_deref()).await {
                publish::Answer::Found(rendered) => Answer::Found(rendered),
                publish::Answer::Moved(to) => Answer::Moved(to),
                publish::Answer::Missing => Answer::Missing,
                publish::Answer::Gone => Answer::Gone,
                publish::Answer::Misread(wrong) => Answer::Misread(wrong),
                publish::Answer::Busy => Answer::Busy,
            }
        }
        .boxed()
    }

    fn takes(&self, path: String) -> BoxFuture<'static, Result<usize, u16>> {
        let shared = self.0.clone();
        async move {
            if !shared.polls {
                return Err(405);
            }
            shared.hubs.takes(&shared.state.load_full(), &path).await
        }
        .boxed()
    }

    fn missed(&self, path: String) -> BoxFuture<'static, ()> {
        let shared = self.0.clone();
        async move { shared.hubs.missed(&shared.state.load_full(), &path).await }.boxed()
    }

    fn take(&self, posted: Posted) -> BoxFuture<'static, u16> {
        let shared = self.0.clone();
        async move { shared.hubs.take(&shared.state.load_full(), posted).await }.boxed()
    }

    fn ready(&self) -> BoxFuture<'static, Result<(), String>> {
        let shared = self.0.clone();
        async move {
            shared.store.ping().await.map_err(|e| e.to_string())?;
            shared.damage.load().as_deref().map_or(Ok(()), |damage| Err(damage.clone()))
        }
        .boxed()
    }

    fn error_page(&self, status: u16) -> Option<String> {
        Some(self.0.state.load().publisher.error_page(status))
    }
}
