//! What hubs deliver is taken in between polls, never beside a poll of the same source.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use super::{AT_ONCE, BROKE_OFF, NOT_STORED, Rounds};
impl Rounds {
    /// Starts to take in what waits.
    pub(super) fn take_in(&mut self) {
        let state = self.shared.state.load_full();
        while self.polls.len() < AT_ONCE
            && let Some(delivery) = self.shared.hubs.next(self.agenda.asked())
        {
            let Some(source) = state.source(&delivery.source).cloned() else { continue };
            self.agenda.begin(source.name.clone());
            let poller = state.poller.clone();
            self.polls.spawn(async move {
                let report = match AssertUnwindSafe(poller.deliver(&source, delivery.document)).catch_unwind().await {
                    Ok(Ok(report)) => Ok(report),
                    Ok(Err(error)) => {
                        tracing::error!("store: {}: nothing of what its hub delivered was kept: {error}", source.name);
                        Err(NOT_STORED)
                    }
                    Err(_said_by_the_panic) => {
                        tracing::error!("{}: what its hub delivered could not be taken in", source.name);
                        Err(BROKE_OFF)
                    }
                };
                (source.name, source.url, report)
            });
        }
    }

    /// Plans the next poll of sources anew whose hub begins or ceases to deliver.
    pub(super) async fn replan(&mut self) {
        for name in self.shared.hubs.changed() {
            if !self.shared.state.load().source(&name).is_some_and(|source| source.polled) {
                continue;
            }
            if self.agenda.asked().contains(&name) {
                self.outdated.insert(name);
                continue;
            }
            match self.shared.store.source_state(&name).await {
                Ok(state) => {
                    if let Some(due) = state.due() {
                        self.agenda.put(name, due);
                    }
                }
                Err(error) => tracing::error!("store: when {name} is due could not be read: {error}"),
            }
        }
    }

    /// Takes in all that was accepted before the process ends; what comes now is for the next one.
    pub(super) async fn finish_deliveries(&mut self) {
        self.shared.hubs.close();
        loop {
            while let Some(done) = self.polls.join_next().await {
                self.finish(done);
            }
            self.take_in();
            if self.polls.is_empty() {
                return;
            }
        }
    }
}
