//! What comes by POST: taken where somebody wants it, in bounds, and never read for nobody.

use std::sync::{Arc, PoisonError};

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::sync::Semaphore;

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
        let mut missed = false;
        let read = self.taken(&path, headers, &mut body, &mut missed);
        let response = match tokio::time::timeout(self.settings.body_timeout, read).await {
            Ok(response) => response,
            Err(_elapsed) => said(StatusCode::REQUEST_TIMEOUT),
        };
        if missed {
            self.site.missed(path).await;
        }
        response
    }

    /// Reads a body that is wanted, and hands it over; `missed` says afterwards that it was wanted and did not get that far.
    async fn taken(&self, path: &str, headers: HeaderMap, body: &mut BodyDataStream, missed: &mut bool) -> Response {
        if !plain(path) {
            drain(body, DRAINED).await;
            return said(StatusCode::NOT_FOUND);
        }
        let most = match self.site.takes(path.to_owned()).await {
            Ok(most) => most,
            Err(status) => {
                drain(body, DRAINED).await;
                return self.refused(status);
            }
        };
        *missed = true;
        // One at a time in each box: who sends slowly there keeps nothing from arriving elsewhere.
        let alone = self.alone(path);
        let turn = async { (alone.acquire().await.ok(), self.bodies.acquire().await.ok()) };
        // Others are read in a moment; a longer queue would only make the wait longer than the client's patience.
        let Ok((Some(_alone), Some(_permit))) = tokio::time::timeout(self.settings.body_wait, turn).await else {
            drain(body, DRAINED).await;
            return self.busy();
        };
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
        match collect(body, announced.unwrap_or(0), most).await {
            Ok(body) => {
                *missed = false;
                self.refused(self.site.take(Posted { path: path.to_owned(), body, headers }).await)
            }
            Err(Unread::TooLong) => {
                drain(body, most.saturating_mul(DRAINED_OF_LONG)).await;
                said(StatusCode::PAYLOAD_TOO_LARGE)
            }
            Err(Unread::BrokeOff) => said(StatusCode::BAD_REQUEST),
        }
    }

    /// The turns at one box; those where nobody is any more are forgotten.
    fn alone(&self, path: &str) -> Arc<Semaphore> {
        let mut boxes = self.boxes.lock().unwrap_or_else(PoisonError::into_inner);
        boxes.retain(|_, turns| Arc::strong_count(turns) > 1);
        Arc::clone(boxes.entry(path.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(1))))
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
    use std::sync::Mutex;

    use axum::extract::Request;
    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;
    use tower::ServiceExt;

    use super::super::{Answer, Answers, Settings, door};
    use super::*;

    /// A box for eight bytes at `/in`, with what it missed.
    #[derive(Default)]
    struct Box8(Mutex<Vec<String>>);

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
                    "/in" | "/in2" => Ok(8),
                    "/over" => Err(410),
                    _ => Err(405),
                }
            }
            .boxed()
        }

        fn missed(&self, path: String) -> BoxFuture<'static, ()> {
            self.0.lock().unwrap().push(path);
            async {}.boxed()
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
        send_to(&Arc::default(), path, body, headers, settings).await
    }

    async fn send_to(
        site: &Arc<Box8>,
        path: &str,
        body: Body,
        headers: &[(&str, &str)],
        settings: &Settings,
    ) -> Response {
        post(&door(site.clone(), settings), path, body, headers).await
    }

    async fn post(door: &axum::Router, path: &str, body: Body, headers: &[(&str, &str)]) -> Response {
        let mut request = Request::builder().method("POST").uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        door.clone().oneshot(request.body(body).unwrap()).await.unwrap()
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
            ("/in", "1234567", &[("content-encoding", "gzip")], 403),
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
        let full = Settings { bodies: 0, body_wait: std::time::Duration::ZERO, ..Settings::default() };
        let response = send("/in", Body::from("x"), &[], &full).await;
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"5".parse().unwrap()));
        let broken = Body::from_stream(futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("gone"))]));
        assert_eq!(send("/in", broken, &[], &Settings::default()).await.status(), 400);
    }

    #[tokio::test]
    async fn one_too_many_waits_for_its_turn() {
        let door = door(Arc::<Box8>::default(), &Settings { bodies: 1, ..Settings::default() });
        let (sent, arrives) = tokio::sync::oneshot::channel::<()>();
        let slow = futures_util::stream::once(async {
            arrives.await.unwrap();
            Ok::<_, std::io::Error>(Bytes::from_static(b"1234567"))
        });
        let third = async {
            tokio::task::yield_now().await;
            sent.send(()).unwrap();
        };
        let second = post(&door, "/in", Body::from("1234567"), &[]);
        let (first, second, ()) = tokio::join!(post(&door, "/in", Body::from_stream(slow), &[]), second, third);
        assert_eq!((first.status().as_u16(), second.status().as_u16()), (403, 403), "both were read");
    }

    #[tokio::test]
    async fn who_sends_slowly_to_one_box_keeps_nothing_from_another() {
        let brief = std::time::Duration::from_millis(1);
        let door = door(Arc::<Box8>::default(), &Settings { body_wait: brief, ..Settings::default() });
        let silent = || Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        let mut slow: Vec<_> = (0..8).map(|_| Box::pin(post(&door, "/in", silent(), &[]))).collect();
        assert!(slow.iter_mut().all(|one| futures_util::FutureExt::now_or_never(one).is_none()));
        assert_eq!(post(&door, "/in", Body::from("1234567"), &[]).await.status(), 503);
        assert_eq!(post(&door, "/in2", Body::from("1234567"), &[]).await.status(), 403, "it was read");
    }

    #[tokio::test]
    async fn what_does_not_arrive_where_it_is_wanted_is_told() {
        let now = std::time::Duration::ZERO;
        let full = Settings { bodies: 0, body_wait: now, ..Settings::default() };
        let hasty = Settings { body_timeout: now, ..Settings::default() };
        let silent = || Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        for (path, body, settings, status, told) in [
            ("/in", Body::from("12345678"), Settings::default(), 403, false),
            ("/in", Body::from("123456789"), Settings::default(), 413, true),
            ("/in", Body::from("1"), full, 503, true),
            ("/in", silent(), hasty.clone(), 408, true),
            ("/over", silent(), hasty, 408, false),
            ("/over", Body::from("123456789"), Settings::default(), 410, false),
        ] {
            let site = Arc::<Box8>::default();
            assert_eq!(send_to(&site, path, body, &[], &settings).await.status(), status, "{path}");
            assert_eq!(site.0.lock().unwrap().len(), usize::from(told), "{path} {status}");
        }
    }
}
