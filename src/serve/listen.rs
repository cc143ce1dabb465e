//! Connections: taken in, bounded in number and time, let go.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Answers, Settings, door};

/// How long to wait when the system has no room for another connection (no free descriptor): closing others frees some.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Serves until `shutdown` is ready, then takes no more connections and returns when the open ones have finished what
/// they were doing. The caller bounds that wait.
///
/// # Errors
/// None today: trouble with one connection ends that connection only.
pub async fn serve(
    listener: TcpListener,
    site: Arc<dyn Answers>,
    settings: Settings,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let app = door(site, &settings);
    let slots = Arc::new(Semaphore::new(settings.connections));
    let (open, closing) = (TaskTracker::new(), CancellationToken::new());
    tokio::pin!(shutdown);
    loop {
        let taken = tokio::select! {
            () = &mut shutdown => break,
            taken = take(&listener, &slots) => taken,
        };
        let Some((stream, slot)) = taken else { continue };
        let (app, settings, closing) = (app.clone(), settings.clone(), closing.clone());
        open.spawn(async move {
            connection(stream, app, &settings, closing).await;
            drop(slot);
        });
    }
    drop(listener);
    closing.cancel();
    open.close();
    open.wait().await;
    Ok(())
}

async fn take(listener: &TcpListener, slots: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Answers are written whole; waiting for more to send would only delay them.
            let _ = stream.set_nodelay(true);
            Some((stream, slot))
        }
        // The client went away before we took it in.
        Err(e) if matches!(e.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => None,
        Err(e) => {
            tracing::warn!(error = %e, "connections cannot be taken in");
            tokio::time::sleep(NO_ROOM).await;
            None
        }
    }
}

/// One connection, from its first byte to its last. HTTP/1 only: the detection of HTTP/2 waits for the first bytes without
/// a limit, and proxies speak HTTP/1 to what stands behind them.
async fn connection<I>(io: I, app: Router, settings: &Settings, closing: CancellationToken)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(settings.header_timeout)
        .max_buf_size(settings.header_bytes)
        .max_headers(settings.headers);
    let serving = builder.serve_connection(TokioIo::new(io), TowerToHyperService::new(app));
    tokio::pin!(serving);
    tokio::select! {
        // What goes wrong here is the client's: it went away, was silent too long, or spoke no HTTP.
        ended = serving.as_mut() => {
            if let Err(e) = ended {
                tracing::debug!(error = %e, "connection ended early");
            }
            return;
        }
        () = closing.cancelled() => {}
        () = tokio::time::sleep(settings.connection_lifetime) => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(settings.grace, serving).await;
}

#[cfg(test)]
mod tests {
    use futures_util::future::{BoxFuture, FutureExt};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::serve::Answer;

    struct Nothing;

    impl Answers for Nothing {
        fn answer(&self, _: String, _: Option<String>) -> BoxFuture<'static, Answer> {
            async { Answer::Missing }.boxed()
        }
        fn ready(&self) -> BoxFuture<'static, Result<(), String>> {
            async { Ok(()) }.boxed()
        }
    }

    /// What comes back on one connection that the client leaves open.
    async fn spoken(sent: &[u8], settings: &Settings) -> String {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        let app = door(Arc::new(Nothing), settings);
        client.write_all(sent).await.unwrap();
        connection(server, app, settings, CancellationToken::new()).await;
        let mut back = Vec::new();
        client.read_to_end(&mut back).await.unwrap();
        String::from_utf8(back).unwrap()
    }

    #[tokio::test]
    async fn a_client_that_does_not_finish_is_let_go() {
        let settings = Settings { header_timeout: Duration::from_millis(1), ..Settings::default() };
        assert_eq!(spoken(b"", &settings).await, "");
        assert_eq!(spoken(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ", &settings).await, "");
        let both = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /readyz HTTP/1.1\r\nhost: x\r\n\r\n";
        assert_eq!(spoken(both, &settings).await.matches("HTTP/1.1 200 OK").count(), 2);
    }

    #[tokio::test]
    async fn too_large_a_head_is_refused() {
        let head = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "a".repeat(100_000));
        assert!(spoken(head.as_bytes(), &Settings::default()).await.starts_with("HTTP/1.1 431"));
    }

    #[tokio::test]
    async fn shutting_down_waits_for_nobody_idle() {
        let settings = Settings { grace: Duration::from_millis(1), ..Settings::default() };
        let (_client, server) = tokio::io::duplex(1024);
        let closing = CancellationToken::new();
        closing.cancel();
        connection(server, door(Arc::new(Nothing), &settings), &settings, closing).await;
    }
}
