//! Sends what is to be told, beside the rounds: whoever is slow to take it holds up no poll.

use std::sync::Arc;
use std::time::Duration;

use super::Shared;

/// How often it is looked for letters: one question to the store.
const LOOKED: Duration = Duration::from_secs(1);
/// After the store could not be asked.
const NOT_ASKED: Duration = Duration::from_secs(30);

/// Sends until the process stops; what is on its way then is waited for.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut pause = LOOKED;
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        let state = shared.state.load_full();
        pause = match state.poller.send_alerts().await {
            Ok(_) => LOOKED,
            Err(error) => {
                tracing::error!("store: what is to be told waits: {error}");
                NOT_ASKED
            }
        };
    }
}
