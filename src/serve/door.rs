//! One request, one answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{any, get};
use bytes::Bytes;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use super::accept::{Choice, choose};
use super::conditional::{Condition, condition, write_date};
use super::{Answer, Answers, Settings};
use crate::render::{Cache, Rendered, content_type};

/// What every answer says of itself. Pages load one stylesheet of ours and the articles' media, and nothing else; no
/// address of ours goes out as a referrer.
const GUARDS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; img-src https: http: data:; media-src https: http:; style-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::ACCEPT_RANGES, "none"),
];
const ALLOWED: &str = "GET, HEAD, OPTIONS";

pub(super) struct Door {
    pub(super) site: Arc<dyn Answers>,
    free: Semaphore,
    pub(super) bodies: Semaphore,
    /// Where bodies are being read, or wait to be.
    pub(super) boxes: Mutex<HashMap<String, Arc<Semaphore>>>,
    pub(super) settings: Settings,
}

/// The whole of what we answer, as a service without a network.
pub fn door(site: Arc<dyn Answers>, settings: &Settings) -> Router {
    let free = Semaphore::new(settings.concurrency);
    let bodies = Semaphore::new(settings.bodies);
    let door = Arc::new(Door { site, free, bodies, boxes: Mutex::default(), settings: settings.clone() });
    Router::new()
        .route("/healthz", get(healthy))
        .route("/readyz", get(ready))
        .route("/", any(asked))
        .route("/{*path}", any(asked))
        .layer(CatchPanicLayer::custom(|_| guarded(said(StatusCode::INTERNAL_SERVER_ERROR))))
        .with_state(door)
}

async fn healthy() -> Response {
    guarded(line(StatusCode::OK, "ok"))
}

async fn ready(State(door): State<Arc<Door>>) -> Response {
    let ready = tokio::time::timeout(door.settings.answer_timeout, door.site.ready()).await;
    guarded(match ready {
        Ok(Ok(())) => line(StatusCode::OK, "ready"),
        Ok(Err(why)) => line(StatusCode::SERVICE_UNAVAILABLE, &why),
        Err(_) => line(StatusCode::SERVICE_UNAVAILABLE, "no answer in time"),
    })
}

async fn asked(State(door): State<Arc<Door>>, path: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let (asked, body) = request.into_parts();
    let head = asked.method == Method::HEAD;
    let mut response = match asked.method {
        Method::GET | Method::HEAD => match path {
            Ok(Path(path)) => door.answer(format!("/{path}"), &asked).await,
            Err(_) if asked.uri.path() == "/" => door.answer("/".to_owned(), &asked).await,
            Err(_) => door.wrong(StatusCode::BAD_REQUEST),
        },
        Method::OPTIONS => preflight(),
        Method::POST => match path {
            Ok(Path(path)) => door.posted(format!("/{path}"), asked.headers, body).await,
            Err(_) => not_allowed(),
        },
        _ => not_allowed(),
    };
    if head {
        *response.body_mut() = Body::empty();
    }
    guarded(response)
}

impl Door {
    async fn answer(&self, path: String, asked: &Parts) -> Response {
        let sent = asked.uri.path_and_query().map_or(0, |p| p.as_str().len());
        if sent > self.settings.uri_bytes {
            return self.wrong(StatusCode::URI_TOO_LONG);
        }
        if !plain(&path) {
            return self.wrong(StatusCode::NOT_FOUND);
        }
        // A queue would only make the wait longer than the client's patience.
        let Ok(_permit) = self.free.try_acquire() else { return self.busy() };
        let query = asked.uri.query().map(str::to_owned);
        let answer = tokio::time::timeout(self.settings.answer_timeout, self.site.answer(path, query)).await;
        match answer {
            Ok(Answer::Found(rendered)) => self.found(rendered, &asked.headers).await,
            Ok(Answer::Moved(to)) => moved(&to),
            Ok(Answer::Missing) => self.wrong(StatusCode::NOT_FOUND),
            Ok(Answer::Gone) => self.wrong(StatusCode::GONE),
            Ok(Answer::Misread(wrong)) => line(StatusCode::BAD_REQUEST, &wrong),
            Ok(Answer::Said(text)) => plain_text(StatusCode::OK, text),
            Ok(Answer::Busy) | Err(_) => self.busy(),
        }
    }

    async fn found(&self, rendered: Arc<Rendered>, asked: &HeaderMap) -> Response {
        let choice = if rendered.compressible() { choose(asked) } else { Choice::Plain };
        if let Choice::Coded(coding) = choice
            && !rendered.made(coding)
        {
            let making = Arc::clone(&rendered);
            // If it fails, the form is made below, on this thread.
            let _ = tokio::task::spawn_blocking(move || making.coded(coding).is_some()).await;
        }
        let (body, etag, coding) = match choice {
            Choice::Nothing => return with(self.wrong(StatusCode::NOT_ACCEPTABLE), header::VARY, "Accept-Encoding"),
            Choice::Coded(coding) => match rendered.coded(coding) {
                Some(coded) => (&coded.body, &coded.etag, Some(coding)),
                None => (&rendered.body, &rendered.etag, None),
            },
            Choice::Plain => (&rendered.body, &rendered.etag, None),
        };
        match condition(asked, etag, rendered.last_modified) {
            Condition::Failed => self.wrong(StatusCode::PRECONDITION_FAILED),
            Condition::NotModified => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                kept(response, &rendered, etag)
            }
            Condition::Send => {
                let mut response = kept(sized(body.clone()), &rendered, etag);
                let headers = response.headers_mut();
                set(headers, header::CONTENT_TYPE, &rendered.content_type);
                if let Some(coding) = coding {
                    set(headers, header::CONTENT_ENCODING, coding.name());
                }
                if let Some(date) = rendered.last_modified {
                    set(headers, header::LAST_MODIFIED, &write_date(date));
                }
                let links = rendered.links.iter().filter_map(|l| HeaderValue::from_str(l).ok());
                headers.extend(links.map(|l| (header::LINK, l)));
                response
            }
        }
    }

    pub(super) fn busy(&self) -> Response {
        with(self.wrong(StatusCode::SERVICE_UNAVAILABLE), header::RETRY_AFTER, "5")
    }

    /// A status with the page that says so to a person.
    fn wrong(&self, status: StatusCode) -> Response {
        let Some(page) = self.site.error_page(status.as_u16()) else { return said(status) };
        let mut response = sized(page.into());
        *response.status_mut() = status;
        let response = with(response, header::CONTENT_TYPE, content_type::HTML);
        with(response, header::CACHE_CONTROL, &Cache::NoStore.header())
    }
}

/// Whether a decoded path is one that we could have given out.
pub(super) fn plain(path: &str) -> bool {
    !path.contains(|c: char| c.is_control() || c == '\\') && !path.split('/').any(|s| s == "." || s == "..")
}

/// What a 304 repeats of the 200 (RFC 9110, 15.4.5), with what browsers need to let a web reader see either.
fn kept(mut response: Response, rendered: &Rendered, etag: &str) -> Response {
    let headers = response.headers_mut();
    set(headers, header::ETAG, etag);
    set(headers, header::CACHE_CONTROL, &rendered.cache.header());
    if rendered.compressible() {
        set(headers, header::VARY, "Accept-Encoding");
    }
    if matches!(rendered.cache, Cache::Public(_)) && is_feed(&rendered.content_type) {
        set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Link");
    }
    response
}

fn is_feed(content_type: &str) -> bool {
    [content_type::RSS, content_type::ATOM, content_type::JSON_FEED, content_type::OPML].contains(&content_type)
}

fn moved(to: &str) -> Response {
    // One leading slash only: `//elsewhere.example` would lead to another host.
    let mut response = said(StatusCode::MOVED_PERMANENTLY);
    let (path, query) = to.split_once('?').map_or((to, None), |(path, query)| (path, Some(query)));
    if let Ok(mut url) = url::Url::parse("http://localhost/") {
        url.set_path(path.trim_start_matches(['/', '\\']));
        url.set_query(query);
        set(response.headers_mut(), header::LOCATION, &url[url::Position::BeforePath..]);
    }
    with(response, header::CACHE_CONTROL, &Cache::Public(3_600).header())
}

/// A web reader's browser asks before it sends a conditional request to another site (Fetch, CORS preflight). Saying yes
/// to all gives nothing away: the answer itself says whether it may be read.
fn preflight() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    set(headers, header::ALLOW, ALLOWED);
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD");
    set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, "If-None-Match, If-Modified-Since");
    set(headers, header::ACCESS_CONTROL_MAX_AGE, "86400");
    response
}

pub(super) fn not_allowed() -> Response {
    with(said(StatusCode::METHOD_NOT_ALLOWED), header::ALLOW, ALLOWED)
}

pub(super) fn said(status: StatusCode) -> Response {
    line(status, status.canonical_reason().unwrap_or("error"))
}

fn line(status: StatusCode, text: &str) -> Response {
    plain_text(status, format!("{text}\n"))
}

fn plain_text(status: StatusCode, text: String) -> Response {
    let mut response = sized(text.into());
    *response.status_mut() = status;
    let response = with(response, header::CONTENT_TYPE, "text/plain; charset=utf-8");
    with(response, header::CACHE_CONTROL, &Cache::NoStore.header())
}

/// A body with its length, which a HEAD keeps when the body goes.
fn sized(body: Bytes) -> Response {
    let length = body.len().to_string();
    with(Response::new(Body::from(body)), header::CONTENT_LENGTH, &length)
}

fn guarded(mut response: Response) -> Response {
    for (name, value) in GUARDS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn with(mut response: Response, name: HeaderName, value: &str) -> Response {
    set(response.headers_mut(), name, value);
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use futures_util::future::{BoxFuture, FutureExt};
    use tower::ServiceExt;

    use super::*;
    use crate::render::Coding;

    struct Sample(Arc<Rendered>);

    impl Answers for Sample {
        fn answer(&self, path: String, query: Option<String>) -> BoxFuture<'static, Answer> {
            let found = Arc::clone(&self.0);
            async move {
                match (path.as_str(), query.as_deref()) {
                    ("/all.rss" | "/tag/تحرير", None) => Answer::Found(found),
                    ("/old", _) => Answer::Moved("//tag/é b".into()),
                    ("/old/", Some(query)) => Answer::Moved(format!("/fils/old?{query}")),
                    ("/gone", _) => Answer::Gone,
                    ("/slow", _) => std::future::pending().await,
                    ("/said", Some(query)) => Answer::Said(query.to_owned()),
                    ("/bug", _) => panic!("a bug"),
                    _ => Answer::Missing,
                }
            }
            .boxed()
        }

        fn ready(&self) -> BoxFuture<'static, Result<(), String>> {
            async { Err("database: locked".to_owned()) }.boxed()
        }
    }

    fn feed() -> Arc<Rendered> {
        let body = "<rss>été</rss>".repeat(500);
        let changed = "2026-11-23T13:00:00Z".parse().ok();
        Arc::new(
            Rendered::new("application/rss+xml; charset=utf-8", body, Cache::Public(60))
                .changed(changed)
                .link("</hub>; rel=\"hub\""),
        )
    }

    async fn ask(method: &str, uri: &str, headers: &[(&str, &str)]) -> Response {
        let settings = Settings { answer_timeout: std::time::Duration::ZERO, ..Settings::default() };
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        door(Arc::new(Sample(feed())), &settings).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    fn said_of<'a>(response: &'a Response, name: &str) -> &'a str {
        response.headers().get(name).map_or("", |v| v.to_str().unwrap())
    }

    async fn body_of(response: Response) -> Bytes {
        to_bytes(response.into_body(), 1 << 20).await.unwrap()
    }

    #[tokio::test]
    async fn a_feed_comes_with_all_that_caches_and_readers_need() {
        let response = ask("GET", "/all.rss", &[]).await;
        assert_eq!(response.status(), 200);
        assert_eq!(said_of(&response, "content-type"), "application/rss+xml; charset=utf-8");
        assert_eq!(said_of(&response, "etag"), feed().etag);
        assert_eq!(said_of(&response, "last-modified"), "Mon, 23 Nov 2026 13:00:00 GMT");
        assert_eq!(said_of(&response, "cache-control"), "public, max-age=60, stale-if-error=86400");
        assert_eq!(said_of(&response, "vary"), "Accept-Encoding");
        assert_eq!(said_of(&response, "access-control-allow-origin"), "*");
        assert_eq!(said_of(&response, "x-content-type-options"), "nosniff");
        assert_eq!(said_of(&response, "link"), "</hub>; rel=\"hub\"");
        assert!(said_of(&response, "content-security-policy").starts_with("default-src 'none'"));
        assert_eq!(body_of(response).await, feed().body);
    }

    #[tokio::test]
    async fn coded_forms_have_their_own_validators() {
        let coded = feed().coded(Coding::Gzip).cloned().unwrap();
        let response = ask("GET", "/all.rss", &[("accept-encoding", "gzip")]).await;
        assert_eq!((said_of(&response, "content-encoding"), said_of(&response, "etag")), ("gzip", coded.etag.as_str()));
        assert_eq!(body_of(response).await, coded.body);
        let same = ask("GET", "/all.rss", &[("accept-encoding", "gzip"), ("if-none-match", &coded.etag)]).await;
        assert_eq!(same.status(), 304);
        assert_eq!(said_of(&same, "etag"), coded.etag);
        assert_eq!(said_of(&same, "vary"), "Accept-Encoding");
        assert_eq!(said_of(&same, "cache-control"), "public, max-age=60, stale-if-error=86400");
        assert!(same.headers().get("content-type").is_none() && body_of(same).await.is_empty());
        let other = ask("GET", "/all.rss", &[("if-none-match", &coded.etag)]).await;
        assert_eq!(other.status(), 200);
        assert_eq!(ask("GET", "/all.rss", &[("accept-encoding", "identity;q=0")]).await.status(), 406);
    }

    #[tokio::test]
    async fn head_is_get_without_the_body() {
        let (get, head) = (ask("GET", "/all.rss", &[]).await, ask("HEAD", "/all.rss", &[]).await);
        assert_eq!(get.headers(), head.headers());
        assert_eq!(said_of(&head, "content-length"), feed().body.len().to_string());
        assert!(body_of(head).await.is_empty());
    }

    #[tokio::test]
    async fn other_methods_are_told_which_are_allowed() {
        let response = ask("POST", "/all.rss", &[]).await;
        assert_eq!((response.status(), said_of(&response, "allow")), (StatusCode::METHOD_NOT_ALLOWED, ALLOWED));
        assert_eq!(ask("OPTIONS", "/all.rss", &[]).await.status(), 204);
    }

    #[tokio::test]
    async fn what_is_said_is_said_as_it_is() {
        let response = ask("GET", "/said?%3Cb%3E&a", &[("accept-encoding", "gzip")]).await;
        assert_eq!(
            (response.status(), said_of(&response, "content-type")),
            (StatusCode::OK, "text/plain; charset=utf-8")
        );
        assert_eq!(said_of(&response, "cache-control"), "no-store");
        assert_eq!(body_of(response).await, "%3Cb%3E&a");
    }

    #[tokio::test]
    async fn paths_are_decoded_once_and_kept_inside() {
        assert_eq!(ask("GET", "/tag/%D8%AA%D8%AD%D8%B1%D9%8A%D8%B1", &[]).await.status(), 200);
        for bad in ["/../all.rss", "/%2e%2e/all.rss", "/%252e%252e/all.rss", "/a%00b", "/a%5cb", "/missing"] {
            assert_eq!(ask("GET", bad, &[]).await.status(), 404, "{bad}");
        }
        assert_eq!(ask("GET", "/%ff", &[]).await.status(), 400);
        assert_eq!(ask("GET", &format!("/{}", "a".repeat(5_000)), &[]).await.status(), 414);
    }

    #[tokio::test]
    async fn moves_stay_on_the_site() {
        let response = ask("GET", "/old/?q=%C3%A9&x", &[]).await;
        assert_eq!(said_of(&response, "location"), "/fils/old?q=%C3%A9&x");
        let response = ask("GET", "/old", &[]).await;
        assert_eq!((response.status().as_u16(), said_of(&response, "location")), (301, "/tag/%C3%A9%20b"));
    }

    #[tokio::test]
    async fn trouble_is_told_and_never_kept() {
        for (path, status) in [("/gone", 410), ("/slow", 503), ("/bug", 500), ("/readyz", 503), ("/healthz", 200)] {
            let response = ask("GET", path, &[]).await;
            assert_eq!(response.status(), status, "{path}");
            assert_eq!(said_of(&response, "cache-control"), "no-store", "{path}");
            assert_eq!(said_of(&response, "x-content-type-options"), "nosniff", "{path}");
        }
        assert_eq!(body_of(ask("GET", "/readyz", &[]).await).await, "database: locked\n");
    }

    #[tokio::test]
    async fn who_comes_when_all_are_busy_is_told_to_come_again() {
        let settings = Settings { concurrency: 0, ..Settings::default() };
        let request = Request::builder().uri("/all.rss").body(Body::empty()).unwrap();
        let response = door(Arc::new(Sample(feed())), &settings).oneshot(request).await.unwrap();
        assert_eq!((response.status().as_u16(), said_of(&response, "retry-after")), (503, "5"));
    }
}
