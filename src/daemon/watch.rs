//! Reloads on SIGHUP and when the file changes: the new state beside the old, swapped whole, or refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::{Env, Shared, load};

/// Editors write a file in several steps: changes within this time are one.
const SETTLE: Duration = Duration::from_millis(300);

/// Keeps the file watched while it lives.
pub(super) struct Watched {
    _watcher: notify::RecommendedWatcher,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Watches the folder of the file (editors replace files, so that the file itself cannot be watched) and SIGHUP.
pub(super) fn start(shared: Arc<Shared>, path: PathBuf, env: Env) -> notify::Result<Watched> {
    let (changed, mut changes) = mpsc::channel::<()>(1);
    let name = path.file_name().map(ToOwned::to_owned);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let reads = matches!(event.kind, notify::EventKind::Access(_));
        if !reads && event.paths.iter().any(|p| p.file_name() == name.as_deref()) {
            // A full channel already announces a reload.
            let _ = changed.try_send(());
        }
    })?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    let task = tokio::spawn(async move {
        #[cfg(unix)]
        let mut hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok();
        let mut last = std::fs::read(&path).ok();
        loop {
            #[cfg(unix)]
            let hung_up = async {
                match &mut hangup {
                    Some(signal) => signal.recv().await,
                    None => std::future::pending().await,
                }
            };
            #[cfg(not(unix))]
            let hung_up = std::future::pending::<Option<()>>();
            let asked = tokio::select! {
                _ = hung_up => true,
                change = changes.recv() => {
                    if change.is_none() {
                        return;
                    }
                    tokio::time::sleep(SETTLE).await;
                    while changes.try_recv().is_ok() {}
                    false
                }
            };
            let bytes = std::fs::read(&path).ok();
            if asked || bytes != last {
                last = bytes;
                reload(&shared, &path, &env).await;
            }
        }
    });
    Ok(Watched { _watcher: watcher, task })
}

/// Takes the file as it is now, or says why not and goes on with the last good one.
async fn reload(shared: &Shared, path: &Path, env: &Env) {
    // systemd takes a reload for begun only with the time of its clock (Type=notify-reload).
    if let Ok(since) = sd_notify::NotifyState::monotonic_usec_now() {
        let _ = sd_notify::notify(&[sd_notify::NotifyState::Reloading, since]);
    }
    let renewed = load(path, env).and_then(|loaded| {
        loaded.log_warnings();
        let old = shared.state.load();
        if loaded.config.listen != old.config.listen || loaded.config.store.path != old.config.store.path {
            tracing::warn!("`listen` and the store's `path` are read at the start only: restart to change them");
        }
        old.renewed(loaded.config, shared.store.clone(), shared.clock.clone())
    });
    match renewed {
        Ok(state) => {
            // A new feed is filled before anybody can ask for it.
            if let Err(error) = state.publisher.renew().await {
                tracing::error!("store: new feeds are not filled yet: {error}");
            }
            let (sources, feeds) = (state.config.sources.len(), state.config.feeds.len());
            shared.state.store(Arc::new(state));
            shared.reloaded.notify_one();
            shared.hubs.wake();
            tracing::info!("configuration reloaded: {sources} sources, {feeds} feeds");
        }
        Err(error) => tracing::error!("configuration refused, the last good one goes on:\n{error:#}"),
    }
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
}
