//! `backup`: a copy of the database, while a daemon works on it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::kept_store;
use crate::daemon::{Env, load};

/// What `backup` takes.
#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The file to write; one that is there is replaced once the copy is whole
    file: PathBuf,
}

pub(super) async fn run(path: &Path, env: &Env, args: &BackupArgs) -> anyhow::Result<()> {
    let settings = load(path, env)?.config.store;
    let store = kept_store(&settings)?;
    store.backup(&args.file).await?;
    store.close().await?;
    Ok(())
}
