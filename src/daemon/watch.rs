//! Reloads on SIGHUP and when the file changes: the new state beside the old, swapped whole, or refused.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::{Env, Shared, load};

/// Editors write a file in several steps: changes within this time are one.
const SETTLE: Duration = Duration::from_millis(300);

/// Symbolic links that are followed, as the system does.
const MOST_STEPS: usize = 40;

/// Keeps the file watched while it lives.
pub(super) struct Watched {
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Names of files in watched folders.
type Names = Arc<Mutex<HashSet<OsString>>>;

/// The folders that are watched: those of the file and of each symbolic link on the way to it. Editors replace files, so that the
/// file itself cannot be watched, and what deploys files (ConfigMaps) replaces links.
struct Folders {
    watcher: notify::RecommendedWatcher,
    watched: HashSet<PathBuf>,
    names: Names,
}

impl Folders {
    /// Watches what leads to the file now. An error only where that is nothing at all.
    fn follow(&mut self, path: &Path) -> notify::Result<()> {
        let steps = steps(path);
        let folders: HashSet<PathBuf> = steps.iter().map(|(folder, _)| folder.clone()).collect();
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = steps.into_iter().map(|(_, name)| name).collect();
        for left in self.watched.difference(&folders) {
            // It may be gone.
            let _ = self.watcher.unwatch(left);
        }
        let mut outcome = Ok(());
        // A folder that was replaced by another of its name is watched anew, too.
        self.watched = folders
            .into_iter()
            .filter(|folder| match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => true,
                Err(error) => {
                    outcome = Err(error);
                    false
                }
            })
            .collect();
        if self.watched.is_empty() { outcome } else { Ok(()) }
    }
}

/// What leads to a file: each symbolic link on the way and the file itself, with the folders in which they stand.
fn steps(path: &Path) -> Vec<(PathBuf, OsString)> {
    let mut steps = Vec::new();
    let mut at = PathBuf::new();
    let parts = |path: &Path| path.components().map(|c| c.as_os_str().to_owned()).rev().collect::<Vec<_>>();
    let mut left = parts(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    while let Some(part) = left.pop() {
        match Path::new(&part).components().next() {
            Some(Component::Normal(_)) => {}
            Some(Component::ParentDir) => {
                at.pop();
                continue;
            }
            Some(Component::CurDir) | None => continue,
            Some(Component::RootDir | Component::Prefix(_)) => {
                at.push(part);
                continue;
            }
        }
        let here = at.join(&part);
        let link = std::fs::read_link(&here).ok().filter(|_| steps.len() < MOST_STEPS);
        if link.is_some() || left.is_empty() {
            steps.push((at.clone(), part));
        }
        match link {
            Some(link) => left.extend(parts(&link)),
            None => at = here,
        }
    }
    steps
}

/// Watches the file and SIGHUP.
pub(super) fn start(shared: Arc<Shared>, path: PathBuf, env: Env) -> notify::Result<Watched> {
    let (changed, mut changes) = mpsc::channel::<()>(1);
    let names = Names::default();
    let wanted = Arc::clone(&names);
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let reads = matches!(event.kind, notify::EventKind::Access(_));
        let wanted = wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if !reads && event.paths.iter().any(|p| p.file_name().is_some_and(|name| wanted.contains(name))) {
            // A full channel already announces a reload.
            let _ = changed.try_send(());
        }
    })?;
    let mut folders = Folders { watcher, watched: HashSet::new(), names };
    folders.follow(&path)?;
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
            // What leads to it may be another now.
            let _followed = folders.follow(&path);
            let bytes = std::fs::read(&path).ok();
            if asked || bytes != last {
                last = bytes;
                reload(&shared, &path, &env).await;
            }
        }
    });
    Ok(Watched { task })
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
