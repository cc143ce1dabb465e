//! `backup`: a copy of the database, while a daemon works on it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::Misused;
use crate::daemon::{Env, load};
use crate::store::Store;

/// What `backup` takes.
#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The file to write; one that is there is replaced once the copy is whole
    file: PathBuf,
}

pub(super) async fn run(path: &Path, env: &Env, args: &BackupArgs) -> anyhow::Result<()> {
    let settings = load(path, env)?.config.store;
    let at = settings.path.display().to_string();
    if !settings.path.exists() {
        anyhow::bail!(Misused(format!("store {at} is not there: nothing was polled yet")));
    }
    let store = Store::open(&settings).with_context(|| format!("store {at}"))?;
    store.backup(&args.file).await?;
    store.close().await?;
    Ok(())
}
