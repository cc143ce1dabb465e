//! `poll`: what is due, once.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, bail};
use clap::Args;
use futures_util::StreamExt;

use super::{Done, Misused, out};
use crate::clock::Clock;
use crate::daemon::{Env, State, load};
use crate::model::SourceName;
use crate::poll::{Ended, Report, Source};
use crate::schedule;
use crate::store::{SourceState, Store};

/// Polls at one time. How many requests are on their way is for the client to say; many that hang hold up none that does not.
const AT_ONCE: usize = 128;

/// What `poll` takes.
#[derive(Debug, Args)]
pub(super) struct PollArgs {
    /// Only this source (may be given several times)
    #[arg(long, value_name = "NAME")]
    source: Vec<String>,
    /// Also what is not due, without validators
    #[arg(long)]
    force: bool,
    /// Show what would be polled, and ask nobody
    #[arg(long)]
    dry: bool,
    /// One JSON object a source
    #[arg(long)]
    json: bool,
}

pub(super) async fn poll(path: &Path, env: &Env, args: PollArgs) -> anyhow::Result<Done> {
    let loaded = load(path, env)?;
    loaded.log_warnings();
    let clock = Clock::system();
    if args.dry && !loaded.config.store.path.exists() {
        // Nothing was polled yet: all is due, and no store is made to say so.
        return dry(&due(&loaded.config.sources, &HashMap::new(), &clock, &args)?);
    }
    let today = clock.now().format("%Y-%m-%d");
    anyhow::ensure!(args.dry || clock.is_set(), "the clock says {today}, which cannot be: nothing was polled");
    let store =
        Store::open(&loaded.config.store).with_context(|| format!("store {}", loaded.config.store.path.display()))?;
    // What another process asks just now is not due afterwards.
    let _turn = if args.dry { None } else { Some(store.turn().await.context("store")?) };
    let state = State::new(loaded.config, store.clone(), clock.clone())?;
    let states = store.source_states().await?.into_iter().collect();
    state.keep_pace(&states);
    let sources = due(&state.config.sources, &states, &clock, &args)?;
    if args.dry {
        store.close().await?;
        return dry(&sources);
    }
    let bar = out::bar(sources.len() as u64, "polling");
    let mut reports = Vec::with_capacity(sources.len());
    let polls = sources.iter().map(|source| state.poller.poll(source, args.force));
    let mut polls = futures_util::stream::iter(polls).buffer_unordered(AT_ONCE);
    while let Some(report) = polls.next().await {
        let report = report.context("store")?;
        bar.inc(1);
        bar.set_message(report.source.to_string());
        reports.push(report);
    }
    drop(polls);
    bar.finish_and_clear();
    state.poller.send_alerts().await.context("store")?;
    state.purge(&store, clock.now()).await.context("store")?;
    while state.publisher.retag().await.context("store")?.more {}
    state.publisher.renew().await.context("store")?;
    state.publisher.settled().await;
    store.close().await?;
    reports.sort_by(|a, b| a.source.cmp(&b.source));
    summary(&reports, args.json)?;
    let failed = reports.iter().any(|r| r.health.is_ill());
    Ok(if failed { Done::SomeFailed } else { Done::Fine })
}

fn dry(sources: &[Source]) -> anyhow::Result<Done> {
    for source in sources {
        out::line(&format!("{}\t{}", source.name, source.url))?;
    }
    Ok(Done::Fine)
}

fn due(
    all: &[Source],
    states: &HashMap<SourceName, SourceState>,
    clock: &Clock,
    args: &PollArgs,
) -> anyhow::Result<Vec<Source>> {
    for name in &args.source {
        if !all.iter().any(|s| s.name.as_str() == name) {
            let near = all.iter().map(|s| s.name.as_str()).min_by_key(|n| strsim::levenshtein(n, name));
            bail!(Misused(format!(
                "source `{name}` is not in the file{}",
                near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default()
            )));
        }
    }
    let now = clock.exact();
    // What was planned by a clock that has been set back since, or for another address, does not count.
    let same = |s: &Source, state: &SourceState| state.url.as_deref().is_none_or(|url| url == s.url.as_str());
    let planned = |s: &Source| {
        let state = states.get(&s.name).filter(|state| same(s, state))?;
        schedule::planned(state.next_due, state.last_polled, now)
    };
    let is_due = |s: &Source| planned(s).is_none_or(|due| due <= now);
    let named = |s: &Source| args.source.is_empty() || args.source.iter().any(|n| n == s.name.as_str());
    Ok(all.iter().filter(|s| s.polled && named(s) && (args.force || is_due(s))).cloned().collect())
}

fn summary(reports: &[Report], json: bool) -> anyhow::Result<()> {
    if json {
        return reports.iter().try_for_each(out::json);
    }
    for report in reports {
        let Report { source, entries, inserted, joined, revised, .. } = report;
        let what = match (&report.error, report.ended) {
            (Some(error), _) => error.clone(),
            (None, Ended::Read) => {
                format!("{entries} entries: {inserted} new, {joined} copies, {revised} revised{}", report.unread())
            }
            (None, Ended::PutOff) => "put off: nobody gets through to its host".to_owned(),
            (None, _) => "unchanged".to_owned(),
        };
        out::line(&format!("{source}: {what}"))?;
    }
    let failed = reports.iter().filter(|r| r.error.is_some()).count();
    let new: usize = reports.iter().map(|r| r.inserted).sum();
    let copies: usize = reports.iter().map(|r| r.joined).sum();
    out::line(&format!("{} polled, {failed} failed; {new} new stories, {copies} copies folded in", reports.len()))?;
    Ok(())
}
