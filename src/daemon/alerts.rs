//! Sends what is to be told, beside the rounds: whoever is slow to take it holds up no poll, and nobody else who is to be told.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::Shared;

/// How often it is looked for letters: one question to the store.
const LOOKED: Duration = Duration::from_secs(1);
/// After the store could not be asked.
const NOT_ASKED: Duration = Duration::from_secs(30);

/// Sends until the process stops; what is on its way then is waited for.
pub(super) async fn run(shared: Arc<Shared>) {
    let (mut pause, mut busy, mut under_way) = (LOOKED, HashSet::new(), JoinSet::new());
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => break,
            () = tokio::time::sleep(pause) => {}
        }
        while let Some(done) = under_way.try_join_next() {
            let told: Option<String> = done.ok();
            busy.retain(|recipient| told.as_ref() != Some(recipient));
        }
        if under_way.is_empty() {
            busy.clear();
        }
        let poller = shared.state.load_full().poller.clone();
        let due = match poller.to_be_told().await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!("store: what is to be told waits: {error}");
                pause = NOT_ASKED;
                continue;
            }
        };
        pause = LOOKED;
        for recipient in due {
            if busy.insert(recipient.clone()) {
                let poller = poller.clone();
                under_way.spawn(async move {
                    loop {
                        match poller.send_alerts_to(recipient.clone()).await {
                            Ok(0) => return recipient,
                            Ok(_) => {}
                            Err(error) => {
                                tracing::error!("store: what is to be told waits: {error}");
                                return recipient;
                            }
                        }
                    }
                });
            }
        }
    }
    while under_way.join_next().await.is_some() {}
}
