//! From the file to running parts.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::Clock;
use crate::config::{self, Config, Diagnostics, Warning};
use crate::fetch::Client;
use crate::model::SourceName;
use crate::poll::{self, Moves, Poller, Rules, Source};
use crate::publish::{self, Publisher};
use crate::schedule::Pace;
use crate::store::{SourceState, Store, StoreError};

/// How long after its own date a copy may reach us, beyond the time that two copies may lie apart.
const LATE_COPIES: TimeDelta = TimeDelta::days(14);

/// Asks the environment. Made in main, passed down.
pub type Env = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// A configuration file, read.
pub struct Loaded {
    /// What it means.
    pub config: Config,
    /// What is odd about it without being wrong.
    pub warnings: Vec<Warning>,
}

impl Loaded {
    /// Says the warnings in the log.
    pub fn log_warnings(&self) {
        for warning in &self.warnings {
            tracing::warn!("{warning}");
        }
    }
}

/// A file that is wrong: every mistake, with its place.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Wrong(pub Diagnostics);

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("configuration {0}")]
pub struct Unread(pub String);

/// Reads a configuration file.
///
/// # Errors
/// [`Wrong`] with every mistake; [`Unread`] where the file cannot be read.
pub fn load(path: &Path, env: &Env) -> anyhow::Result<Loaded> {
    let bytes = std::fs::read(path).with_context(|| Unread(path.display().to_string()))?;
    let text = config::text(bytes, path).map_err(Wrong)?;
    let (config, warnings) = config::load(&text, path, &|name| env(name)).map_err(Wrong)?;
    Ok(Loaded { config, warnings })
}

/// Everything that a change of the file replaces, whole.
pub struct State {
    /// The file as it was read.
    pub config: Config,
    /// The inward half.
    pub poller: Poller,
    /// The outward half.
    pub publisher: Publisher,
}

impl State {
    /// Builds the parts over a store.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(config: Config, store: Store, clock: Clock) -> anyhow::Result<Self> {
        let poller = poller(&config, store.clone(), clock.clone())?;
        let publisher = Publisher::new(store, publish_settings(&config), clock);
        Ok(Self { config, poller, publisher })
    }

    /// The parts of a new file beside the old ones; what was learnt of the stories is kept.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn renewed(&self, config: Config, store: Store, clock: Clock) -> anyhow::Result<Self> {
        let poller = poller(&config, store, clock)?.in_place_of(&self.poller);
        let publisher = self.publisher.with_settings(publish_settings(&config));
        Ok(Self { config, poller, publisher })
    }

    /// Removes what is older than the file says, and the fingerprints of texts too old to be copied any more; tells how many
    /// articles were removed.
    ///
    /// # Errors
    /// When the store fails; what was removed by then stays removed.
    pub async fn purge(&self, store: &Store, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let window = TimeDelta::from_std(self.config.dedup.within).ok().and_then(|w| w.checked_add(&LATE_COPIES));
        if let Some(before) = window.and_then(|window| now.checked_sub_signed(window)) {
            store.forget_fingerprints(before).await?;
        }
        let keep = self.config.store.keep.and_then(|keep| TimeDelta::from_std(keep).ok());
        let Some(before) = keep.and_then(|keep| now.checked_sub_signed(keep)) else { return Ok(0) };
        let purged = store.purge(before).await?;
        if purged > 0 {
            tracing::info!("{purged} articles older than {} removed", before.format("%Y-%m-%d"));
        }
        Ok(purged)
    }

    /// Sets the pace of all learnt intervals anew, by what is remembered of the sources: together they keep to the budget.
    pub fn keep_pace(&self, states: &HashMap<SourceName, SourceState>) {
        let sources: Vec<_> = self
            .config
            .sources
            .iter()
            .filter(|source| source.polled)
            .map(|source| (source.schedule, poll::rhythm(states.get(&source.name))))
            .collect();
        self.poller.keep_pace(Pace::within(self.config.budget, &sources));
    }

    /// The source of a name.
    #[must_use]
    pub fn source(&self, name: &SourceName) -> Option<&Source> {
        self.config.sources.iter().find(|s| s.name == *name)
    }
}

fn poller(config: &Config, store: Store, clock: Clock) -> anyhow::Result<Poller> {
    let asked = config.sources.iter().map(|s| &s.url).chain(&config.alerts.to);
    let mut ports: Vec<u16> = asked.filter_map(url::Url::port_or_known_default).collect();
    ports.sort_unstable();
    ports.dedup();
    let client = Client::new(&config.fetch, &ports).context("HTTP client")?;
    let moves = Moves::new(config.confirm_move, &config.sources);
    let (tagging, alerts) = (config.tagging.clone(), config.alerts.clone());
    let rules = Rules { tagging, dedup: config.dedup, moves, alerts };
    Ok(Poller::new(store, client, rules, clock))
}

/// What `publish` needs of a file.
fn publish_settings(config: &Config) -> publish::Settings {
    let sources = config
        .sources
        .iter()
        .map(|s| {
            let rights = publish::SourceRights { republish: s.republish, private: s.private };
            (s.name.clone(), (rights, s.outlet.clone(), s.url.to_string()))
        })
        .collect();
    publish::Settings {
        site: config.site.clone(),
        tz: config.tz,
        hide: config.hide.clone(),
        feeds: config.feeds.clone(),
        tagging: config.tagging.clone(),
        defaults: config.defaults.clone(),
        recommend: config.recommend.clone(),
        credit_others: config.credit_others,
        settle: config.settle,
        sources,
    }
}
