//! What comes by POST: taken where somebody wants it, in bounds, and never read for nobody.

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use super::Posted;
use super::door::{Door, not_allowed, plain, said};

/// Bytes of a body that nobody wants which are read and thrown away, so that the answer arrives: a client that is still
/// writing when the connection closes may never see it.
const DRAINED: usize = 64 << 10;
/// The same of a body that is wanted and too long, as a multiple of what may come.
const DRAINED_OF_LONG: usize = 2;

/// Why a body was not taken.
enum Unread {
    TooLong,
    BrokeOff,
}

impl Door {
    pub(super) async fn posted(&self, path: String, headers: HeaderMap, body: Body) -> Response {
        let mut body = body.into_data_stream();
        let read = self.taken(path, headers, &mut body);
        match tokio::time::timeout(self.settings.body_timeout, read).await {
            Ok(response) => response,
            Err(_elapsed) => said(StatusCode::REQUEST_TIMEOUT),
        }
    }

    async fn taken(&self, path: String, headers: HeaderMap, body: &mut BodyDataStream) -> Response {
        if !plain(&path) {
            drain(body, DRAINED).await;
            return said(StatusCode::NOT_FOUND);
        }
        let most = match self.site.takes(path.clone()).await {
            Ok(most) => most,
            Err(status) => {
                drain(body, DRAINED).await;
                return self.refused(status);
            }
        };
        // A queue would only make the wait longer than the client's patience.
        let Ok(_permit) = self.bodies.try_acquire() else {
            drain(body, DRAINED).await;
            return self.busy();
        };
        // What is sent is what was signed: a coded form is somebody else's idea of it.
        let coded = |value: &str| !value.trim().is_empty() && !value.trim().eq_ignore_ascii_case("identity");
        if headers.get_all(header::CONTENT_ENCODING).iter().any(|v| v.to_str().map_or(true, coded)) {
            drain(body, DRAINED).await;
            return said(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
        match collect(body, announced.unwrap_or(0), most).await {
            Ok(body) => self.refused(self.site.take(Posted { path, body, headers }).await),
            Err(Unread::TooLong) => {
                drain(body, most.saturating_mul(DRAINED_OF_LONG)).await;
                said(StatusCode::PAYLOAD_TOO_LARGE)
            }
            Err(Unread::BrokeOff) => said(StatusCode::BAD_REQUEST),
        }
    }

    /// A status as a plain line.
    fn refused(&self, status: u16) -> Response {
        match StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR) {
            StatusCode::METHOD_NOT_ALLOWED => not_allowed(),
            StatusCode::SERVICE_UNAVAILABLE => self.busy(),
            status => said(status),
        }
    }
}

async fn collect(body: &mut BodyDataStream, announced: usize, most: usize) -> Result<Bytes, Unread> {
    let mut whole = BytesMut::with_capacity(announced.min(most));
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_client_left| Unread::BrokeOff)?;
        if whole.len() + piece.len() > most {
            return Err(Unread::TooLong);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

async fn drain(body: &mut BodyDataStream, most: usize) {
    let mut read = 0;
    while let Some(Ok(piece)) = body.next().await {
        read += piece.len();
        if read > most {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::extract::Request;
    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;
    use tower::ServiceExt;

    use super::super::{Answer, Answers, Settings, door};
    use super::*;

    struct Box8;

    impl Answers for Box8 {
        fn answer(&self, _: String, _: Option<String>) -> BoxFuture<'static, Answer> {
            async { Answer::Missing }.boxed()
        }

        fn ready(&self) -> BoxFuture<'static, Result<(), String>> {
            async { Ok(()) }.boxed()
        }

        fn takes(&self, path: String) -> BoxFuture<'static, Result<usize, u16>> {
            async move {
                match path.as_str() {
                    "/in" => Ok(8),
                    "/over" => Err(410),
                    _ => Err(405),
                }
            }
            .boxed()
        }

        fn take(&self, posted: Posted) -> BoxFuture<'static, u16> {
            async move {
                let signed = posted.values("x-signature").collect::<Vec<_>>().join("+");
                match (posted.body.len(), signed.as_str()) {
                    (8, "a+b") => 202,
                    (0, _) => 503,
                    _ => 403,
                }
            }
            .boxed()
        }
    }

    async fn send(path: &str, body: Body, headers: &[(&str, &str)], settings: &Settings) -> Response {
        let mut request = Request::builder().method("POST").uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        door(Arc::new(Box8), settings).oneshot(request.body(body).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_wanted_is_taken_within_bounds() {
        let settings = Settings::default();
        let signed = [("x-signature", "a"), ("X-Signature", "b")];
        for (path, body, headers, status) in [
            ("/in", "12345678", &signed[..], 202),
            ("/in", "1234567", &signed[..], 403),
            ("/in", "12345678", &[], 403),
            ("/in", "123456789", &signed[..], 413),
            ("/in", "", &[], 503),
            ("/in", "12345678", &[("content-encoding", "gzip")], 415),
            ("/in", "1234567", &[("content-encoding", "identity")], 403),
            ("/over", "12345678", &signed[..], 410),
            ("/all.rss", "x", &[], 405),
            ("/%ff", "x", &[], 405),
            ("/a%00b", "x", &[], 404),
            ("/", "x", &[], 405),
        ] {
            let response = send(path, Body::from(body), headers, &settings).await;
            assert_eq!(response.status(), status, "{path} {body}");
            assert_eq!(response.headers().contains_key("allow"), status == 405, "{path}");
            assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        }
    }

    #[tokio::test]
    async fn endless_and_silent_bodies_are_left() {
        let zeros = || std::iter::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[0; 512])));
        let endless = || Body::from_stream(futures_util::stream::iter(zeros()));
        for (path, status) in [("/in", 413), ("/over", 410), ("/x", 405)] {
            assert_eq!(send(path, endless(), &[], &Settings::default()).await.status(), status, "{path}");
        }
        let settings = Settings { body_timeout: std::time::Duration::ZERO, ..Settings::default() };
        let silent = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        assert_eq!(send("/in", silent, &[], &settings).await.status(), 408);
        let full = Settings { bodies: 0, ..Settings::default() };
        let response = send("/in", Body::from("x"), &[], &full).await;
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"5".parse().unwrap()));
        let broken = Body::from_stream(futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("gone"))]));
        assert_eq!(send("/in", broken, &[], &Settings::default()).await.status(), 400);
    }
}
