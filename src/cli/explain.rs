//! `explain`: why a story is as it is.

use std::path::Path;

use anyhow::{Context, bail};
use clap::Args;

use super::{kept_store, out};
use crate::clock::Clock;
use crate::daemon::{Env, State, load};
use crate::publish::Explained;
use crate::render;

/// What `explain` takes.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Address of an article in any spelling, address of its page here, id of a story or an article, or the id in feeds
    #[arg(value_name = "URL|ID")]
    what: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(path: &Path, env: &Env, args: &ExplainArgs) -> anyhow::Result<()> {
    let loaded = load(path, env)?;
    let tz = loaded.config.tz;
    let store = kept_store(&loaded.config.store)?;
    let state = State::new(loaded.config, store.clone(), Clock::system())?;
    state.publisher.recall().await.context("store")?;
    state.publisher.learn().await.context("store")?;
    let explained = state.publisher.explain(&args.what).await.context("store")?;
    drop(state);
    store.close().await?;
    match explained {
        Explained::Known(explanation) if args.json => out::json(&explanation),
        Explained::Known(explanation) => Ok(out::coloured(&render::explained(&explanation, tz))?),
        Explained::Unknown(unknown) => {
            if args.json {
                out::json(&unknown)?;
            }
            bail!("{}", render::unknown(&unknown, tz).trim_end())
        }
    }
}
