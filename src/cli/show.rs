//! Commands that show something: `check`, `demo`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::out;
use crate::daemon::{Env, load};
use crate::demo;

/// What `demo` takes.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// The port to serve on [default: 8420, or any free one]
    #[arg(long)]
    port: Option<u16>,
    /// A folder to keep the demo's file and store in [default: a temporary one]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// Reads the file; the mistakes are the error.
pub(super) fn check(path: &Path, env: &Env) -> anyhow::Result<()> {
    let loaded = load(path, env)?;
    for warning in &loaded.warnings {
        out::line(&format!("warning: {warning}"))?;
    }
    let config = loaded.config;
    out::line(&format!(
        "{}: fine: {}, {}, {}",
        path.display(),
        many(config.sources.len(), "source"),
        many(config.tagging.rules.len(), "tag rule"),
        many(config.feeds.len(), "feed")
    ))?;
    Ok(())
}

/// So many of a thing.
fn many(n: usize, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}

pub(super) async fn demo(env: &Env, args: &DemoArgs) -> anyhow::Result<()> {
    demo::run(env.clone(), args.port, args.folder.as_deref(), out::line).await
}
