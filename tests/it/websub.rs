//! The subscriber's half of WebSub against a hub of our own. The cases of websub.rocks are named by their numbers (100 to 302);
//! beside them stand the sentences with MUST that it does not ask.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use feedloom::daemon::{Hubs, State};
use feedloom::demo::{Documents, Origin, Reply};
use feedloom::model::{SourceName, Stage, Subscription};
use feedloom::poll::{Ended, Report};
use feedloom::serve::{self, Answer, Answers, Posted};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use ring::hmac;
use tower::ServiceExt;

use crate::process::Daemon;
use crate::rogue::{Act, Rogue};
use crate::support::{House, start};

const DAY: Duration = Duration::from_secs(24 * 3600);
const SECOND: Duration = Duration::from_secs(1);
/// A hub that has been trusted for so long when the source is polled has proved itself: the next poll is a day later.
const PROVED: Duration = Duration::from_secs(2 * 3600);
/// The lease that the hub gives where a test does not say it: ten days.
const LEASE: u64 = 864_000;

/// A hub that notes what it is asked, and answers what it is told: 202, unless something else comes first.
#[derive(Clone, Default)]
struct Hub {
    base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    answers: Arc<Mutex<VecDeque<(String, u16, String)>>>,
    heard: Arc<tokio::sync::Notify>,
}

/// A question that came.
#[derive(Debug, Clone)]
struct Asked {
    path: String,
    form: BTreeMap<String, String>,
}

impl Asked {
    fn get(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }

    /// The path of the callback.
    fn callback(&self) -> &str {
        self.get("hub.callback").strip_prefix("https://feeds.example").unwrap()
    }
}

impl Hub {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hub = Self { base: format!("http://{}", listener.local_addr().unwrap()), ..Self::default() };
        let app = axum::Router::new().fallback(answer).with_state(hub.clone());
        tokio::spawn(async move { axum_serve(listener, app).await });
        hub
    }

    /// What it answers to the next question, at any path or at one; where it sends on to, or when it wants to be asked again.
    fn answers(&self, status: u16) {
        self.answers_at("", status, "");
    }

    fn answers_at(&self, path: &str, status: u16, location: &str) {
        self.answers.lock().unwrap().push_back((path.to_owned(), status, location.to_owned()));
    }

    fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

async fn answer(Shared(hub): Shared<Hub>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let body = to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let form = url::form_urlencoded::parse(&body).into_owned().collect();
    hub.asked.lock().unwrap().push(Asked { path: path.clone(), form });
    hub.heard.notify_one();
    let mut answers = hub.answers.lock().unwrap();
    let at = answers.iter().position(|(at, ..)| at.is_empty() || *at == path);
    let (_, status, location) = at.and_then(|at| answers.remove(at)).unwrap_or((path, 202, String::new()));
    drop(answers);
    let mut response = StatusCode::from_u16(status).unwrap().into_response();
    if !location.is_empty() {
        let name = if status == 429 { header::RETRY_AFTER } else { header::LOCATION };
        response.headers_mut().insert(name, location.parse().unwrap());
    }
    response
}

/// What `axum::serve` does, which this build has no need of.
async fn axum_serve(listener: tokio::net::TcpListener, app: axum::Router) {
    use hyper_util::rt::{TokioExecutor, TokioIo};
    while let Ok((stream, _)) = listener.accept().await {
        let service = hyper_util::service::TowerToHyperService::new(app.clone());
        tokio::spawn(async move {
            let serving = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let _ = serving.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// The door of the process, with nothing behind it but callbacks.
struct Front {
    hubs: Arc<Hubs>,
    state: Arc<State>,
}

impl Answers for Front {
    fn answer(&self, path: String, query: Option<String>) -> BoxFuture<'static, Answer> {
        let hubs = self.hubs.clone();
        async move { hubs.answer(&path, query.as_deref()).await.unwrap_or(Answer::Missing) }.boxed()
    }

    fn takes(&self, path: String) -> BoxFuture<'static, Result<usize, u16>> {
        let (hubs, state) = (self.hubs.clone(), self.state.clone());
        async move { hubs.takes(&state, &path).await }.boxed()
    }

    fn missed(&self, path: String) -> BoxFuture<'static, ()> {
        let (hubs, state) = (self.hubs.clone(), self.state.clone());
        async move { hubs.missed(&state, &path).await }.boxed()
    }

    fn take(&self, posted: Posted) -> BoxFuture<'static, u16> {
        let (hubs, state) = (self.hubs.clone(), self.state.clone());
        async move { hubs.take(&state, posted).await }.boxed()
    }

    fn ready(&self) -> BoxFuture<'static, Result<(), String>> {
        async { Ok(()) }.boxed()
    }
}

/// A house with a hub across the street.
struct Street {
    house: House,
    hub: Hub,
    hubs: Arc<Hubs>,
    door: axum::Router,
}

const ONE: &str = "[source.a]\nurl = \"{origin}/feed\"\n";

impl Street {
    async fn with(sources: &str) -> Self {
        let hub = Hub::start().await;
        let house = House::with(sources).await;
        let (hubs, door) = behind(&house);
        Self { house, hub, hubs, door }
    }

    /// A source whose feed announces the hub, polled, subscribed and verified.
    async fn subscribed() -> (Self, Asked) {
        let street = Self::with(ONE).await;
        street.publish(&[("1", "Un")]);
        street.house.round().await;
        let asked = street.subscribe().await;
        assert_eq!(street.verify(&asked, LEASE).await, (200, "challenge".to_owned()));
        // What came before it delivers is polled for, and that it delivers is proved.
        street.house.pass(PROVED);
        street.house.round().await;
        (street, asked)
    }

    /// The feed at `/feed`, which announces the hub and itself.
    fn publish(&self, entries: &[(&str, &str)]) {
        let links =
            format!("<atom:link rel='hub' href='{}/'/><atom:link rel='self' href='{}'/>", self.hub.base, self.topic());
        self.house.origin.set("/feed", Reply::new("application/rss+xml", rss(&links, entries)));
    }

    fn topic(&self) -> String {
        self.house.origin.url("/feed")
    }

    /// Does what is to be done now: asks all that is to be asked.
    async fn look(&self) -> Vec<Asked> {
        let (requests, _) = self.hubs.look(&self.house.state, 16).await.unwrap();
        for request in requests {
            let form = request.form(&self.house.state.config.websub);
            self.hubs.ask(self.house.state.poller.client(), form, request).await;
        }
        self.hub.asked()
    }

    /// The one question that is asked now.
    async fn subscribe(&self) -> Asked {
        let mut asked = self.look().await;
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert_eq!(asked[0].get("hub.mode"), "subscribe");
        asked.remove(0)
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let response = self.door.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        if status == 200 {
            assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
        }
        (status, String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap())
    }

    async fn says(&self, asked: &Asked, pairs: &[(&str, &str)]) -> (u16, String) {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.get(&format!("{}?{query}", asked.callback())).await
    }

    /// The hub verifies what it was asked for.
    async fn verify(&self, asked: &Asked, lease: u64) -> (u16, String) {
        let lease = lease.to_string();
        let (mode, topic) = (asked.get("hub.mode"), asked.get("hub.topic"));
        let pairs =
            [("hub.mode", mode), ("hub.topic", topic), ("hub.challenge", "challenge"), ("hub.lease_seconds", &lease)];
        self.says(asked, &pairs).await
    }

    async fn post(&self, callback: &str, body: impl Into<Bytes>, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::builder().method("POST").uri(callback);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.into())).unwrap();
        self.door.clone().oneshot(request).await.unwrap().status().as_u16()
    }

    /// The hub delivers, signed.
    async fn deliver(&self, asked: &Asked, body: &str) -> u16 {
        let signature = signature(hmac::HMAC_SHA256, "sha256", asked.get("hub.secret"), body);
        let headers = [("content-type", "application/rss+xml"), ("x-hub-signature", signature.as_str())];
        self.post(asked.callback(), body.to_owned(), &headers).await
    }

    /// Takes in what was delivered, and publishes.
    async fn take_in(&self) -> Vec<Report> {
        let mut reports = Vec::new();
        while let Some(delivery) = self.hubs.next(&HashSet::new()) {
            let source = self.house.state.source(&delivery.source).unwrap();
            reports.push(self.house.state.poller.deliver(source, delivery.document).await.unwrap());
        }
        self.house.state.publisher.renew().await.unwrap();
        reports
    }

    async fn titles(&self) -> Vec<String> {
        let items = self.house.items("all").await;
        let mut titles: Vec<String> = items.iter().map(|i| i["title"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    }

    async fn subscriptions(&self) -> Vec<Subscription> {
        self.house.store.subscriptions().await.unwrap()
    }

    /// How long until the source is polled again.
    async fn waits(&self) -> i64 {
        self.waits_of("a").await
    }

    async fn waits_of(&self, source: &str) -> i64 {
        let state = self.house.store.source_state(&name(source)).await.unwrap();
        (state.due().unwrap() - self.house.clock.now()).num_seconds()
    }

    async fn reload(&mut self, text: &str) {
        self.house.reload(text).await;
        (self.hubs, self.door) = behind(&self.house);
    }

    fn restart(&mut self) {
        self.house.restart();
        (self.hubs, self.door) = behind(&self.house);
    }
}

fn behind(house: &House) -> (Arc<Hubs>, axum::Router) {
    let hubs = Arc::new(Hubs::new(house.store.clone(), house.clock.clone()));
    let front = Front { hubs: hubs.clone(), state: house.state.clone() };
    (hubs, serve::door(Arc::new(front), &serve::Settings::default()))
}

fn name(source: &str) -> SourceName {
    SourceName::new(source).unwrap()
}

fn rss(links: &str, entries: &[(&str, &str)]) -> String {
    let items: String = entries
        .iter()
        .map(|(guid, title)| {
            format!("<item><title>{title}</title><link>/{guid}</link><guid isPermaLink='false'>{guid}</guid><description>Le texte de {title}.</description></item>")
        })
        .collect();
    format!(
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>G</title>{links}{items}</channel></rss>"
    )
}

fn atom(links: &str) -> String {
    format!(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>G</title><id>urn:g</id>{links}<entry><id>urn:1</id><title>Un</title><content>Le texte de Un.</content></entry></feed>"
    )
}

fn signature(method: hmac::Algorithm, named: &str, secret: &str, body: &str) -> String {
    let tag = hmac::sign(&hmac::Key::new(method, secret.as_bytes()), body.as_bytes());
    format!("{named}={}", data_encoding::HEXLOWER.encode(tag.as_ref()))
}

const HEADER: &str = "<{hub}/header>; rel=\"hub\", <{at}>; rel=\"self\"";
const IN_RSS: &str = "<atom:link rel='hub' href='{hub}/body'/><atom:link rel='self' href='{at}'/>";
const IN_ATOM: &str = "<link rel='hub' href='{hub}/body'/><link rel='self' href='{at}'/>";
const PAGE: &str = "<html><head><link rel='hub' href='{hub}/body'><link rel='self' href='{at}'></head><body><p>Une page.</p></body></html>";
const JSON: &str = r#"{"version":"https://jsonfeed.org/version/1.1","title":"G","feed_url":"{at}","hubs":[{"type":"WebSub","url":"{hub}/json"}],"items":[{"id":"1","title":"Un","content_text":"Le texte."}]}"#;

fn feed(links: &str) -> Reply {
    Reply::new("application/rss+xml", rss(links, &[("1", "Un")]))
}

/// Cases of discovery, each a source: its name is its path; what it answers, what then stands at `/NAME-2`, and the topic and
/// the path of the hub that it leads to.
fn cases() -> Vec<(&'static str, Reply, Option<Reply>, &'static str, &'static str)> {
    let page = |more: &str| Reply::new("text/html", PAGE.replace("</head>", &format!("{more}</head>")));
    let alternate = page("<link rel=alternate type=application/rss+xml href=/w101-page-2>");
    let apart = feed("").header("Link", "</w100-apart>; rel=self").header("link", "<{hub}/h>; rel=\"x hub\"");
    let disagrees = "<atom:link rel='hub' href='{hub}/body'/><atom:link rel='self' href='{at}/other'/>";
    // As it is written: hubs compare it letter by letter.
    let differs = "<atom:link rel='hub' href='{hub}/body'/><atom:link rel='self' href='{at}/feed?b=%7e&amp;c='/>";
    let relative = feed("").header("Link", "<?x>; rel=self, <{hub}/h>; rel=hub");
    let second = |links: &str| Some(feed(&links.replace("{at}", "{at}-2")));
    let bare = "<atom:link rel='hub' href='{hub}/body'/>";
    vec![
        ("w100", feed("").header("Link", HEADER), None, "/w100", "/header"),
        ("w100-apart", apart, None, "/w100-apart", "/h"),
        ("w101", page(""), None, "/w101", "/body"),
        // The page names its feed, which says nothing of hubs: the page is what is subscribed to.
        ("w101-page", alternate, Some(feed("")), "/w101-page", "/body"),
        ("w102", Reply::new("application/atom+xml", atom(IN_ATOM)), None, "/w102", "/body"),
        ("w103", feed(IN_RSS), None, "/w103", "/body"),
        ("w103-json", Reply::new("application/feed+json", JSON), None, "/w103-json", "/json"),
        ("w104", feed(disagrees).header("Link", HEADER), None, "/w104", "/header"),
        ("w200", feed(differs), None, "/w200/feed?b=%7e&c=", "/body"),
        ("w200-bare", feed(bare), None, "/w200-bare", "/body"),
        ("w201", Reply::redirect(302, "/w201-2"), second(IN_RSS), "/w201-2", "/body"),
        ("w202", Reply::redirect(301, "/w202-2"), second(IN_RSS), "/w202-2", "/body"),
        ("w202-relative", Reply::redirect(301, "/w202-relative-2"), Some(relative), "/w202-relative-2?x", "/h"),
    ]
}

#[tokio::test]
async fn cases_100_to_202_hub_and_topic_are_found() {
    let sources: String =
        cases().iter().map(|(name, ..)| format!("[source.{name}]\nurl = \"{{origin}}/{name}\"\n")).collect();
    let street = Street::with(&sources).await;
    for (name, first, second, ..) in cases() {
        let at = street.house.origin.url(&format!("/{name}"));
        let fill = |text: &str| text.replace("{hub}", &street.hub.base).replace("{at}", &at);
        for (path, reply) in [(format!("/{name}"), Some(first)), (format!("/{name}-2"), second)] {
            let Some(mut reply) = reply else { continue };
            reply.body = fill(std::str::from_utf8(&reply.body).unwrap()).into();
            reply.headers.iter_mut().for_each(|(_, value)| *value = fill(value));
            street.house.origin.set(&path, reply);
        }
    }
    street.house.round().await;
    let asked = street.look().await;
    let found: BTreeMap<String, &str> =
        asked.iter().map(|a| (a.get("hub.topic").replace(&street.house.origin.url(""), ""), a.path.as_str())).collect();
    let wanted: BTreeMap<String, &str> = cases().into_iter().map(|(.., topic, hub)| (topic.to_owned(), hub)).collect();
    assert_eq!((found, asked.len()), (wanted, cases().len()));
}

#[tokio::test]
async fn cases_203_and_204_the_hub_is_behind_a_redirect() {
    // Followed where method and body are kept, and not to an address that may not be asked.
    let cases = [
        ("w203", 307, "/elsewhere"),
        ("w204", 308, "/elsewhere"),
        ("found", 302, "/elsewhere"),
        ("inner", 307, "http://127.0.0.2/"),
        ("inner6", 308, "http://[::1]/"),
        ("scheme", 307, "file:///x"),
        ("port", 307, "http://localhost:9/"),
    ];
    let sources: String =
        cases.iter().map(|(name, ..)| format!("[source.{name}]\nurl = \"{{origin}}/{name}\"\n")).collect();
    let street = Street::with(&sources).await;
    for (name, status, to) in cases {
        let link = format!("<{}/{name}>; rel=hub", street.hub.base);
        street.house.origin.set(&format!("/{name}"), feed("").header("Link", &link));
        street.hub.answers_at(&format!("/{name}"), status, to);
    }
    street.house.round().await;
    let asked = street.look().await;
    let (sent_on, first): (Vec<_>, Vec<_>) = asked.iter().partition(|a| a.path == "/elsewhere");
    assert_eq!((first.len(), sent_on.len()), (7, 2));
    for one in sent_on {
        assert!(first.iter().any(|a| a.form == one.form), "the same is asked there");
        assert_eq!(street.verify(one, LEASE).await.0, 200);
    }
    for one in street.subscriptions().await {
        let followed = one.source.as_str().starts_with('w');
        assert_eq!(one.stage, if followed { Stage::Active } else { Stage::Resting }, "{}", one.source);
    }
}

#[tokio::test]
async fn case_205_a_verification_for_something_else_is_not_found() {
    let street = Street::with(ONE).await;
    street.publish(&[("1", "Un")]);
    street.house.round().await;
    let asked = street.subscribe().await;
    let topic = street.topic();
    let other = street.house.origin.url("/other");
    let base = [("hub.challenge", "c"), ("hub.lease_seconds", "60")];
    let says = |pairs: &[(&'static str, &str)]| pairs.iter().map(|(k, v)| (*k, (*v).to_owned())).collect::<Vec<_>>();
    for wrong in [
        says(&[("hub.mode", "subscribe"), ("hub.topic", &other)]),
        says(&[("hub.mode", "subscribe")]),
        says(&[("hub.mode", "unsubscribe"), ("hub.topic", &topic)]),
        says(&[("hub.mode", "denied"), ("hub.topic", &other)]),
        says(&[("hub.topic", &topic)]),
    ] {
        let pairs: Vec<(&str, &str)> = base.into_iter().chain(wrong.iter().map(|(k, v)| (*k, v.as_str()))).collect();
        assert_eq!(street.says(&asked, &pairs).await.0, 404, "{wrong:?}");
    }
    let strange = asked.callback().replace(|c: char| c.is_ascii_digit(), "a");
    let right = format!("hub.mode=subscribe&hub.topic={}&hub.challenge=c&hub.lease_seconds=60", topic);
    assert_eq!(street.get(&format!("{strange}?{right}")).await.0, 404, "an unknown callback");
    assert_eq!(street.get("/hub/").await.0, 404);
    assert_eq!(street.get(asked.callback()).await.0, 404, "nothing is said");
    assert_eq!(street.subscriptions().await[0].stage, Stage::Asking);
    assert_eq!(street.get(&format!("{}?{right}", asked.callback())).await, (200, "c".to_owned()));
}

#[tokio::test]
async fn case_300_a_delivery_is_answered_at_once_and_taken_as_a_fetched_document() {
    let (street, asked) = Street::subscribed().await;
    let before = street.house.store.source_state(&name("a")).await.unwrap();
    street.house.origin.forget_requests();
    // What it leaves out is not gone, and what it says of itself does not count.
    let links =
        "<atom:link rel='hub' href='https://evil.example/'/><atom:link rel='self' href='https://evil.example/feed'/>";
    assert_eq!(street.deliver(&asked, &rss(links, &[("2", "Deux"), ("1", "Un")])).await, 202);
    assert_eq!(street.titles().await, ["Un"], "it is answered before it is taken in");
    let reports = street.take_in().await;
    assert_eq!((reports[0].ended, reports[0].inserted, reports[0].entries), (Ended::Read, 1, 2));
    assert_eq!(street.titles().await, ["Deux", "Un"]);
    let items = street.house.items("all").await;
    let address =
        |title: &str| items.iter().find(|i| i["title"] == title).map(|i| i["url"].as_str().unwrap().to_owned());
    assert_eq!(address("Deux"), Some(street.house.origin.url("/2")), "relative to where the feed stands");
    let after = street.house.store.source_state(&name("a")).await.unwrap();
    assert_eq!(
        (&after.validators, after.body_hash, after.next_due, after.polls, after.usual_entries, &after.offer),
        (&before.validators, before.body_hash, before.next_due, before.polls, before.usual_entries, &before.offer)
    );
    assert!(street.house.origin.requests().is_empty(), "nobody was asked");
    // Delivered again, and found by the next poll: once.
    assert_eq!(street.deliver(&asked, &rss("", &[("2", "Deux")])).await, 202);
    street.take_in().await;
    street.publish(&[("2", "Deux"), ("1", "Un")]);
    street.house.pass(DAY);
    let polled = street.house.round().await;
    assert_eq!((polled[0].inserted + polled[0].revised, street.titles().await.len()), (0, 2));
}

#[tokio::test]
async fn cases_301_and_302_what_is_not_signed_rightly_is_not_taken() {
    let (street, asked) = Street::subscribed().await;
    let body = rss("", &[("9", "Faux")]);
    let secret = asked.get("hub.secret");
    let right = signature(hmac::HMAC_SHA256, "sha256", secret, &body);
    let wrong = [
        vec![],
        vec![("x-hub-signature", String::new())],
        vec![("x-hub-signature", signature(hmac::HMAC_SHA256, "sha256", "another", &body))],
        vec![("x-hub-signature", signature(hmac::HMAC_SHA256, "sha256", secret, "another"))],
        vec![("x-hub-signature", right.replace("sha256", "sha512"))],
        vec![("x-hub-signature", signature(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, "sha1", secret, &body))],
        vec![("x-hub-signature-256", right.clone())],
    ];
    for headers in wrong {
        let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        assert_eq!(street.post(asked.callback(), body.clone(), &headers).await, 403, "{headers:?}");
    }
    assert!(street.take_in().await.is_empty());
    assert_eq!(street.titles().await, ["Un"]);
    // A hub that does not sign well is not trusted: the source is polled as if there were none, until one does.
    assert!(street.waits().await < 24 * 3600);
    for (method, named) in [(hmac::HMAC_SHA384, "sha384"), (hmac::HMAC_SHA512, "sha512")] {
        let body = rss("", &[(named, named)]);
        let good = signature(method, named, secret, &body);
        assert_eq!(street.post(asked.callback(), body, &[("x-hub-signature", &good)]).await, 202);
    }
    assert_eq!(street.take_in().await.len(), 2);
    street.house.pass(PROVED);
    street.house.round().await;
    assert!(street.waits().await > 23 * 3600);
}

#[tokio::test]
async fn sha1_is_enough_only_where_the_file_says_so() {
    let (mut street, asked) = Street::subscribed().await;
    let file = std::fs::read_to_string(street.house.file()).unwrap();
    street.reload(&format!("{file}[websub]\nsha1 = true\n")).await;
    let body = rss("", &[("2", "Deux")]);
    let old = signature(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, "sha1", asked.get("hub.secret"), &body);
    assert_eq!(street.post(asked.callback(), body, &[("x-hub-signature", &old)]).await, 202);
    street.take_in().await;
    assert_eq!(street.titles().await, ["Deux", "Un"]);
}

#[tokio::test]
async fn callbacks_cannot_be_guessed_and_each_subscription_has_its_own() {
    let street = Street::with("[source.a]\nurl = \"{origin}/feed\"\n[source.b]\nurl = \"{origin}/feed?b\"\n").await;
    street.publish(&[("1", "Un")]);
    street.house.round().await;
    let asked = street.look().await;
    let of = |key: &str| asked.iter().map(|a| a.get(key).to_owned()).collect::<HashSet<_>>();
    assert_eq!((asked.len(), of("hub.callback").len(), of("hub.secret").len()), (2, 2, 2));
    for one in &asked {
        assert!(one.callback().len() == "/hub/".len() + 32, "128 bits: {}", one.callback());
        assert!(one.get("hub.secret").len() == 64 && one.get("hub.lease_seconds") == "864000");
    }
    // What was stored before the hub was asked is all that a verification is held against.
    let known: HashSet<String> =
        street.subscriptions().await.iter().map(|s| format!("/hub/{}", s.token.reveal())).collect();
    assert_eq!(known, asked.iter().map(|a| a.callback().to_owned()).collect());
}

#[tokio::test]
async fn the_hub_is_asked_after_the_subscription_is_stored() {
    let street = Street::with(ONE).await;
    street.publish(&[("1", "Un")]);
    street.house.round().await;
    let (requests, _) = street.hubs.look(&street.house.state, 16).await.unwrap();
    let stored = street.subscriptions().await;
    assert!(street.hub.asked().is_empty());
    assert_eq!((requests[0].subscription.clone(), Stage::Asking), (stored[0].clone(), stored[0].stage));
}

#[tokio::test]
async fn a_hub_may_verify_before_it_answers() {
    let street = Street::with(ONE).await;
    street.publish(&[("1", "Un")]);
    street.house.round().await;
    let request = street.hubs.look(&street.house.state, 16).await.unwrap().0.remove(0);
    let form = request.form(&street.house.state.config.websub);
    let asked = Asked { path: "/".into(), form: url::form_urlencoded::parse(form.as_bytes()).into_owned().collect() };
    assert_eq!(street.verify(&asked, LEASE).await.0, 200);
    street.hub.answers(500);
    street.hubs.ask(street.house.state.poller.client(), form, request).await;
    assert_eq!(street.subscriptions().await[0].stage, Stage::Active, "what it answers then changes nothing");
}

#[tokio::test]
async fn a_lease_is_renewed_in_time_under_a_new_callback() {
    let (street, first) = Street::subscribed().await;
    street.house.pass(8 * DAY - PROVED - SECOND);
    assert!(street.look().await.is_empty());
    street.house.pass(SECOND);
    let second = street.subscribe().await;
    assert!(second.callback() != first.callback() && second.get("hub.secret") != first.get("hub.secret"));
    assert_eq!(street.deliver(&second, &rss("", &[("2", "Deux")])).await, 404, "it is not verified yet");
    assert_eq!(street.verify(&second, LEASE).await.0, 200);
    // Both are good until the first one ends; then it is gone, and the hub may forget it.
    for asked in [&first, &second] {
        assert_eq!(street.deliver(asked, &rss("", &[("2", "Deux")])).await, 202);
    }
    street.take_in().await;
    street.house.pass(2 * DAY);
    street.look().await;
    assert_eq!(street.deliver(&first, &rss("", &[("3", "Trois")])).await, 410);
    assert_eq!(street.verify(&first, LEASE).await.0, 404);
    assert_eq!(street.deliver(&second, &rss("", &[("3", "Trois")])).await, 202);
    street.take_in().await;
    assert_eq!(street.titles().await, ["Deux", "Trois", "Un"]);
}

#[tokio::test]
async fn a_renewal_that_fails_is_tried_again_and_the_source_is_polled_when_the_lease_ends() {
    let (street, _) = Street::subscribed().await;
    street.house.pass(8 * DAY);
    for _ in 0..3 {
        street.hub.answers(503);
        assert_eq!(street.look().await.len(), 1);
        assert!(street.look().await.is_empty(), "not at once");
        street.house.pass(Duration::from_secs(60));
    }
    street.house.round().await;
    assert!(street.waits().await > 3600);
    street.house.pass(2 * DAY);
    street.look().await;
    assert!(street.waits().await <= 0, "nobody delivers any more");
    assert!(street.subscriptions().await.iter().all(|s| s.stage != Stage::Active));
}

#[tokio::test]
async fn beside_a_hub_that_delivers_there_is_one_poll_a_day() {
    let (street, asked) = Street::subscribed().await;
    assert_eq!(street.waits().await, 24 * 3600);
    street.house.pass(DAY);
    street.house.round().await;
    assert_eq!(street.waits().await, 24 * 3600);
    // What it should have delivered is found by the check: it is trusted no more, until it delivers.
    street.publish(&[("2", "Deux"), ("1", "Un")]);
    street.house.pass(DAY);
    let report = street.house.round().await.remove(0);
    let wait = (report.next_due.unwrap() - street.house.clock.now()).num_seconds();
    assert!(wait < 24 * 3600 && street.waits().await == wait, "{wait}");
    assert_eq!(street.deliver(&asked, &rss("", &[("3", "Trois")])).await, 202);
    street.take_in().await;
    street.house.pass(PROVED);
    street.house.round().await;
    assert_eq!(street.waits().await, 24 * 3600);
}

#[tokio::test]
async fn a_hub_that_confirms_and_never_delivers_is_found_out_soon() {
    let street = Street::with(ONE).await;
    street.publish(&[("1", "Un")]);
    street.house.round().await;
    let ordinary = street.waits().await;
    let asked = street.subscribe().await;
    street.verify(&asked, LEASE).await;
    street.house.pass(Duration::from_secs(ordinary.unsigned_abs()));
    street.house.round().await;
    let wait = street.waits().await;
    assert!((ordinary..24 * 3600).contains(&wait), "{wait}");
    street.publish(&[("2", "Deux"), ("1", "Un")]);
    street.house.pass(Duration::from_secs(wait.unsigned_abs()));
    street.house.round().await;
    assert_eq!(street.titles().await, ["Deux", "Un"]);
    assert!(street.waits().await < wait, "it is polled as if there were no hub");
}

#[tokio::test]
async fn what_came_before_the_first_delivery_is_polled_for() {
    let street = Street::with(ONE).await;
    street.publish(&[("1", "Un")]);
    street.house.round().await;
    let ordinary = street.waits().await;
    let asked = street.subscribe().await;
    street.verify(&asked, LEASE).await;
    assert_eq!(street.waits().await, ordinary);
    assert!(street.hubs.changed().contains(&name("a")), "its next poll is planned anew");
    street.publish(&[("2", "Deux"), ("1", "Un")]);
    street.house.pass(PROVED);
    street.house.round().await;
    assert_eq!((street.waits().await, street.titles().await.len()), (24 * 3600, 2), "and the hub is not to blame");
}

#[tokio::test]
async fn who_refuses_denies_or_keeps_silent_is_polled_as_before() {
    const HOWS: [&str; 5] = ["refuses", "fails", "silent", "denies", "takes-back"];
    let sources: String = HOWS.iter().map(|how| format!("[source.{how}]\nurl = \"{{origin}}/{how}\"\n")).collect();
    let street = Street::with(&sources).await;
    for how in HOWS {
        let link = format!("<{}/{how}>; rel=hub", street.hub.base);
        street.house.origin.set(&format!("/{how}"), feed("").header("Link", &link));
    }
    street.house.round().await;
    let mut ordinary = HashMap::new();
    for how in HOWS {
        ordinary.insert(how, street.waits_of(how).await);
    }
    street.hub.answers_at("/refuses", 403, "");
    street.hub.answers_at("/fails", 500, "");
    let asked: HashMap<String, Asked> = street.look().await.into_iter().map(|a| (a.path.clone(), a)).collect();
    let denies = async |how: &str| {
        let asked = &asked[how];
        let denied = [("hub.mode", "denied"), ("hub.topic", asked.get("hub.topic")), ("hub.reason", "no\nmore")];
        assert_eq!(street.says(asked, &denied).await, (200, String::new()));
    };
    denies("/denies").await;
    assert_eq!(street.verify(&asked["/takes-back"], LEASE).await.0, 200);
    denies("/takes-back").await;
    assert_eq!(street.deliver(&asked["/takes-back"], &rss("", &[("2", "Deux")])).await, 404);
    for how in HOWS {
        assert_eq!(street.waits_of(how).await, ordinary[how], "{how}");
    }
    // A hub that says no is asked again after a day, one that has trouble sooner, one that is silent when it counts as such.
    let again = async |passed: Duration| {
        street.house.pass(passed);
        street.look().await;
        street.house.pass(Duration::from_secs(20));
        let mut paths: Vec<String> = street.look().await.into_iter().map(|a| a.path).collect();
        paths.sort();
        paths
    };
    street.house.pass(3 * SECOND);
    assert!(street.look().await.is_empty(), "not at once");
    street.house.pass(10 * SECOND);
    assert_eq!(street.look().await.remove(0).path, "/fails");
    assert_eq!(again(Duration::from_secs(700)).await, ["/fails", "/silent"]);
    assert_eq!(again(2 * DAY).await, ["/fails", "/silent"], "they are still silent, and the others were asked before");
    assert_eq!(street.subscriptions().await.len(), 5);
}

#[tokio::test]
async fn of_several_hubs_the_next_is_asked_where_one_fails() {
    let street = Street::with(ONE).await;
    let link = format!("<{0}/one>; rel=hub, <{0}/two>; rel=hub, <{1}>; rel=self", street.hub.base, street.topic());
    street.house.origin.set("/feed", feed("").header("Link", &link));
    street.house.round().await;
    street.hub.answers(500);
    let first = street.subscribe().await;
    street.house.pass(Duration::from_secs(10));
    let second = street.subscribe().await;
    assert_eq!((first.path.as_str(), second.path.as_str()), ("/one", "/two"));
    assert_ne!(first.get("hub.secret"), second.get("hub.secret"), "a secret is shared with one hub");
    assert_eq!(street.verify(&first, LEASE).await.0, 404, "the first one was given up");
    assert_eq!(street.verify(&second, LEASE).await.0, 200);
}

#[tokio::test]
async fn a_hub_that_says_no_does_not_stand_before_the_next() {
    let street = Street::with(ONE).await;
    let hubs: String = ["http://127.0.0.2/inner", "{hub}/no", "{hub}/denies", "{hub}/yes"]
        .map(|hub| format!("<{hub}>; rel=hub, "))
        .concat();
    let link = hubs.replace("{hub}", &street.hub.base) + &format!("<{}>; rel=self", street.topic());
    street.house.origin.set("/feed", feed("").header("Link", &link));
    street.house.round().await;
    street.hub.answers_at("/no", 404, "");
    let mut paths = Vec::new();
    for _ in 0..5 {
        for asked in street.look().await {
            if asked.path == "/denies" {
                let denied = [("hub.mode", "denied"), ("hub.topic", asked.get("hub.topic"))];
                assert_eq!(street.says(&asked, &denied).await.0, 200);
            }
            paths.push(asked.path);
        }
        street.house.pass(Duration::from_secs(20));
    }
    assert_eq!(paths, ["/no", "/denies", "/yes"]);
    // Where none is left, the first is asked a day later.
    let alone = Street::with(ONE).await;
    alone.publish(&[("1", "Un")]);
    alone.house.round().await;
    alone.hub.answers(404);
    assert_eq!(alone.look().await.len(), 1);
    alone.house.pass(DAY - SECOND);
    assert!(alone.look().await.is_empty());
}

#[tokio::test]
async fn a_hub_that_asks_to_wait_is_not_asked_before() {
    let street = Street::with(ONE).await;
    street.publish(&[("1", "Un")]);
    street.house.round().await;
    street.house.pass(Duration::from_millis(900));
    street.hub.answers_at("", 429, "60");
    street.look().await;
    street.house.pass(Duration::from_millis(59_900));
    assert!(street.look().await.is_empty(), "a tenth of a second is left");
    street.house.pass(SECOND);
    assert_eq!(street.look().await.len(), 1);
}

#[tokio::test]
async fn a_compressed_delivery_is_taken_signed_as_it_was_sent_or_as_it_is_meant() {
    let (street, asked) = Street::subscribed().await;
    let packed = |title: &str| {
        let plain = rss("", &[(title, title)]);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut gzip, plain.as_bytes()).unwrap();
        (plain.into_bytes(), gzip.finish().unwrap())
    };
    let signed = |body: &[u8]| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, asked.get("hub.secret").as_bytes()), body);
        format!("sha256={}", data_encoding::HEXLOWER.encode(tag.as_ref()))
    };
    let post = async |body: &[u8], coding: &str, signature: &str| {
        let headers = [("content-encoding", coding), ("x-hub-signature", signature)];
        street.post(asked.callback(), body.to_vec(), &headers).await
    };
    let (plain, gzip) = packed("Deux");
    assert_eq!(post(&gzip, "gzip", &signed(&gzip)).await, 202);
    street.take_in().await;
    assert_eq!(post(&plain, "identity", &signed(&plain)).await, 202);
    let (plain, gzip) = packed("Trois");
    assert_eq!(post(&gzip, "x-gzip", &signed(&plain)).await, 202);
    street.take_in().await;
    assert_eq!(street.titles().await, ["Deux", "Trois", "Un"]);
    assert_eq!(street.waits().await, 24 * 3600);
    let (_, gzip) = packed("Faux");
    assert_eq!(post(&gzip, "gzip", &signed(b"another")).await, 403);
    for (body, coding, status) in [
        (&packed(&"x".repeat(9 << 20)).1, "gzip", 413),
        (&packed(&"x".repeat(3 << 20)).1, "gzip", 413),
        (&gzip, "compress", 415),
        (&gzip, "gzip, compress", 415),
        (&gzip[..gzip.len() / 2].to_vec(), "gzip", 400),
    ] {
        assert_eq!(post(body, coding, &signed(body)).await, status, "{coding}");
    }
    assert!(street.take_in().await.is_empty());
    assert!(street.waits().await < 24 * 3600, "what was not taken is polled for");
}

#[tokio::test]
async fn what_comes_while_the_process_ends_is_for_the_next_one() {
    let (mut street, asked) = Street::subscribed().await;
    assert_eq!(street.deliver(&asked, &rss("", &[("2", "Deux")])).await, 202);
    street.hubs.close();
    assert_eq!(street.deliver(&asked, &rss("", &[("3", "Trois")])).await, 503);
    street.take_in().await;
    street.restart();
    assert_eq!(street.deliver(&asked, &rss("", &[("3", "Trois")])).await, 202);
    street.take_in().await;
    assert_eq!(street.titles().await, ["Deux", "Trois", "Un"]);
}

#[tokio::test]
async fn who_leaves_the_file_is_unsubscribed() {
    let (mut street, asked) = Street::subscribed().await;
    let file = std::fs::read_to_string(street.house.file()).unwrap();
    street.reload(&file[..file.find("[source.a]").unwrap()]).await;
    assert_eq!(street.deliver(&asked, &rss("", &[("2", "Deux")])).await, 410, "before the hub is told, too");
    let goodbye = street.look().await.remove(0);
    assert_eq!((goodbye.get("hub.mode"), goodbye.callback()), ("unsubscribe", asked.callback()));
    assert_eq!(goodbye.get("hub.topic"), street.topic());
    assert_eq!(street.verify(&asked, LEASE).await.0, 404, "it is not wanted any more");
    assert_eq!(street.verify(&goodbye, LEASE).await, (200, "challenge".to_owned()));
    assert_eq!(street.verify(&goodbye, LEASE).await.0, 404, "once");
    assert_eq!(street.deliver(&asked, &rss("", &[("2", "Deux")])).await, 410);
    assert!(street.look().await.is_empty() && street.take_in().await.is_empty());
}

#[tokio::test]
async fn who_changes_topic_or_hub_is_subscribed_anew() {
    for (change, hub_path) in [("/feed", "/new"), ("/feed?new", "/")] {
        let (street, asked) = Street::subscribed().await;
        let links = format!(
            "<atom:link rel='hub' href='{}{hub_path}'/><atom:link rel='self' href='{}'/>",
            street.hub.base,
            street.house.origin.url(change)
        );
        street.house.origin.set("/feed", feed(&links));
        street.house.pass(DAY);
        street.house.round().await;
        let both = street.look().await;
        let modes: HashMap<&str, &Asked> = both.iter().map(|a| (a.get("hub.mode"), a)).collect();
        assert_eq!(both.len(), 2);
        assert_eq!((modes["unsubscribe"].callback(), modes["unsubscribe"].path.as_str()), (asked.callback(), "/"));
        let new = modes["subscribe"];
        assert_eq!((new.path.as_str(), new.get("hub.topic")), (hub_path, street.house.origin.url(change).as_str()));
        assert_eq!(street.verify(new, LEASE).await.0, 200);
        assert_eq!(street.deliver(&asked, &rss("", &[("8", "Vieux")])).await, 410);
    }
}

#[tokio::test]
async fn a_hub_may_be_named_for_the_first_time_by_an_answer_that_nothing_has_changed() {
    for unchanged in ["304 Not Modified", "200 OK"] {
        let hub = Hub::start().await;
        let link = format!("Link: <{}/>; rel=hub", hub.base);
        let rogue = Rogue::start(move |asked| {
            let body =
                if asked.before == 0 || unchanged.starts_with("200") { rss("", &[("1", "Un")]) } else { String::new() };
            match asked.before {
                0 => Act::answer("200 OK\r\nETag: \"1\"", body),
                1 => Act::answer(&format!("{unchanged}\r\n{link}"), body),
                _ => Act::answer(unchanged, body),
            }
        })
        .await;
        let house = House::with(&format!("[source.a]\nurl = \"{}\"\n", rogue.url("/feed"))).await;
        let (hubs, door) = behind(&house);
        let street = Street { house, hub, hubs, door };
        street.house.round().await;
        assert!(street.look().await.is_empty());
        street.house.pass(DAY);
        assert!(street.house.round().await[0].offers, "{unchanged}");
        let asked = street.subscribe().await;
        assert_eq!((asked.path.as_str(), asked.get("hub.topic")), ("/", rogue.url("/feed").as_str()));
        street.house.pass(DAY);
        assert!(!street.house.round().await[0].offers, "it need not say so again");
    }
}

#[tokio::test]
async fn a_document_that_names_no_hub_any_more_ends_it_and_an_error_does_not() {
    let (street, _) = Street::subscribed().await;
    for trouble in [Reply::status(500), Reply::new("text/html", "<h1>Maintenance</h1>"), Reply::new("text/xml", "")] {
        street.house.origin.set("/feed", trouble);
        street.house.pass(DAY);
        street.house.round().await;
        assert!(street.look().await.is_empty());
    }
    street.house.origin.set("/feed", feed(""));
    street.house.pass(DAY);
    street.house.round().await;
    assert_eq!(street.look().await[0].get("hub.mode"), "unsubscribe");
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    let street = Street::with(ONE).await;
    street.publish(&[("1", "Un")]);
    street.house.round().await;
    let asked = street.subscribe().await;
    let mut street = street;
    street.restart();
    assert!(street.look().await.is_empty(), "the hub was asked already");
    assert_eq!(street.verify(&asked, LEASE).await.0, 200);
    street.restart();
    assert!(street.look().await.is_empty());
    assert_eq!(street.deliver(&asked, &rss("", &[("2", "Deux")])).await, 202);
    street.take_in().await;
    assert_eq!(street.titles().await, ["Deux", "Un"]);
    street.house.pass(8 * DAY);
    street.restart();
    assert_ne!(street.subscribe().await.callback(), asked.callback(), "its lease is renewed");
}

#[tokio::test]
async fn content_belongs_to_the_callback_that_it_came_to() {
    let street = Street::with("[source.a]\nurl = \"{origin}/feed\"\n[source.b]\nurl = \"{origin}/b\"\n").await;
    street.publish(&[("1", "Un")]);
    let link = format!("<{}/>; rel=hub, <{}>; rel=self", street.hub.base, street.house.origin.url("/b"));
    street.house.origin.set("/b", Reply::new("application/rss+xml", rss("", &[("1", "Autre")])).header("Link", &link));
    street.house.round().await;
    let asked = street.look().await;
    let of = |topic: &str| asked.iter().find(|a| a.get("hub.topic").ends_with(topic)).unwrap();
    for one in &asked {
        street.verify(one, LEASE).await;
    }
    let body = rss("", &[("1", "Un"), ("2", "Deux")]);
    let signature = signature(hmac::HMAC_SHA256, "sha256", of("/b").get("hub.secret"), &body);
    let link = format!("<{}>; rel=self, <{}/>; rel=hub", street.topic(), street.hub.base);
    let headers = [("link", link.as_str()), ("x-hub-signature", &signature), ("content-type", "application/rss+xml")];
    assert_eq!(street.post(of("/feed").callback(), body.clone(), &headers).await, 403, "signed by another's secret");
    assert_eq!(street.post(of("/b").callback(), body, &headers).await, 202);
    let report = street.take_in().await.remove(0);
    assert_eq!(report.source.as_str(), "b");
}

#[tokio::test]
async fn what_is_delivered_is_read_by_its_own_charset_and_may_be_no_feed() {
    let (street, asked) = Street::subscribed().await;
    let secret = asked.get("hub.secret").to_owned();
    let latin: Vec<u8> = rss("", &[("2", "Été")]).chars().map(|c| u8::try_from(c).unwrap()).collect();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), &latin);
    let good = format!("sha256={}", data_encoding::HEXLOWER.encode(tag.as_ref()));
    let headers = [("content-type", "text/xml; charset=iso-8859-1"), ("x-hub-signature", good.as_str())];
    assert_eq!(street.post(asked.callback(), latin, &headers).await, 202);
    street.take_in().await;
    assert_eq!(street.titles().await, ["Un", "Été"]);
    for junk in ["", "<html><body>no</body></html>", "\u{0}\u{1}", "<rss>"] {
        assert_eq!(street.deliver(&asked, junk).await, 202, "{junk}");
        street.take_in().await;
        assert_eq!(street.titles().await.len(), 2, "{junk}");
    }
    let state = street.house.store.source_state(&name("a")).await.unwrap();
    assert_eq!(state.health.unwrap().state, feedloom::model::HealthState::Ok, "the source is not to blame");
    assert!(state.pushed.is_none(), "but its hub is");
}

#[tokio::test]
async fn a_short_delivery_breaks_no_contract() {
    let list = "[source.a]\nurl = \"{origin}/feed\"\n[source.a.list]\nitem = \"article\"\nexpect = 3\n";
    let street = Street::with(list).await;
    let page = |n: std::ops::Range<u8>| {
        let articles: String = n
            .map(|n| format!("<article><h2><a href='/{n}'>Titre {n}</a></h2><p>Le texte numéro {n}.</p></article>"))
            .collect();
        format!(
            "<html><head><link rel=hub href='{}/'><link rel=self href='{}'></head><body>{articles}</body></html>",
            street.hub.base,
            street.topic()
        )
    };
    street.house.origin.set("/feed", Reply::new("text/html", page(0..3)));
    street.house.round().await;
    let asked = street.subscribe().await;
    street.verify(&asked, LEASE).await;
    assert_eq!(street.deliver(&asked, &page(7..8)).await, 202);
    let report = street.take_in().await.remove(0);
    assert_eq!((report.ended, report.entries, report.health), (Ended::Read, 1, feedloom::model::HealthState::Ok));
}

#[tokio::test]
async fn floods_and_giants_are_told_to_come_again_or_not() {
    let (street, asked) = Street::subscribed().await;
    let giant = vec![b' '; (8 << 20) + 1];
    assert_eq!(street.waits().await, 24 * 3600);
    assert_eq!(street.post(asked.callback(), giant, &[("x-hub-signature", "sha256=00")]).await, 413);
    assert!(street.waits().await < 24 * 3600, "it may have held what is new: that is polled");
    let mut statuses = BTreeMap::new();
    for n in 0..300 {
        *statuses.entry(street.deliver(&asked, &format!("<rss><!-- {n} --></rss>")).await).or_insert(0) += 1;
    }
    assert_eq!(statuses, BTreeMap::from([(202, 256), (503, 44)]));
    assert_eq!(street.deliver(&asked, "<rss><!-- 7 --></rss>").await, 202, "what waits already is not held twice");
    assert!(street.waits().await < 24 * 3600, "something may be missing: it is polled");
    let mut taken = 0;
    while street.hubs.next(&HashSet::new()).is_some() {
        taken += 1;
    }
    assert_eq!(taken, 256);
    // Large ones are bounded by their bytes.
    let large = "x".repeat(3 << 20);
    let mut held = 0;
    for n in 0..6 {
        held += u32::from(street.deliver(&asked, &format!("{n}{large}")).await == 202);
    }
    assert_eq!(held, 5);
}

#[tokio::test]
async fn junk_callbacks_cost_little_and_change_nothing() {
    let (street, asked) = Street::subscribed().await;
    let before = street.subscriptions().await;
    for n in 0..10_000_u32 {
        // Most are not even formed as a token is.
        let path = if n % 20 == 0 { format!("/hub/{n:032x}") } else { format!("/hub/{n}-{}", "x".repeat(20)) };
        match n % 2 {
            0 => assert_eq!(street.post(&path, "x", &[]).await, 404, "{path}"),
            _ => assert_eq!(street.get(&format!("{path}?hub.mode=subscribe&hub.topic=x&hub.challenge=y")).await.0, 404),
        }
    }
    assert_eq!(street.post("/all.rss", "x", &[]).await, 405);
    assert_eq!(street.post("/hub/", "x", &[]).await, 405);
    assert_eq!(street.post(&asked.callback().to_uppercase().replace("HUB", "hub"), "x", &[]).await, 404);
    assert_eq!(street.subscriptions().await, before);
}

#[tokio::test]
async fn private_sources_and_files_that_say_no_ask_no_hub() {
    let private = "republish = \"private\"\n[source.b]\nurl = \"{origin}/feed?b\"\nheaders = { Cookie = \"env:FEED_KEY\" }\n[source.c]\nurl = \"{origin}/feed?c\"\n";
    let mut street = Street::with(&format!("{ONE}{private}[websub]\nsubscribe = false\n")).await;
    street.publish(&[("1", "Un")]);
    street.house.round().await;
    assert!(street.look().await.is_empty());
    let file = std::fs::read_to_string(street.house.file()).unwrap();
    street.reload(&file.replace("subscribe = false", "")).await;
    street.subscribe().await;
    assert_eq!(street.subscriptions().await[0].source, name("c"));
}

#[tokio::test]
async fn callbacks_stand_where_the_file_says() {
    let street =
        Street::with(&format!("{ONE}[websub]\ncallback = \"https://push.example/in\"\nlease = \"1d\"\n")).await;
    street.publish(&[("1", "Un")]);
    street.house.round().await;
    let asked = street.subscribe().await;
    let token = asked.get("hub.callback").strip_prefix("https://push.example/in/hub/").unwrap();
    assert_eq!(asked.get("hub.lease_seconds"), "86400");
    // A proxy may take the path of the site away, or leave it there.
    let query = format!("hub.mode=subscribe&hub.challenge=c&hub.topic={}", street.topic());
    for before in ["", "/in"] {
        assert_eq!(street.get(&format!("{before}/hub/{token}?{query}")).await.0, 200, "{before}");
    }
}

/// The daemon itself: from the first poll to a story on the site, over a restart, and no word of it in the log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_daemon_subscribes_takes_in_and_tells_nobody() {
    let hub = Hub::start().await;
    let origin = Origin::start(([127, 0, 0, 1], 0).into(), Documents::empty(start())).await.unwrap();
    let links =
        format!("<atom:link rel='hub' href='{}/'/><atom:link rel='self' href='{}'/>", hub.base, origin.url("/feed"));
    origin.set("/feed", Reply::new("application/rss+xml", rss(&links, &[("1", "Un")])));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feeds.toml");
    let text = format!(
        "[site]\nbase = \"https://feeds.example\"\nlisten = \"127.0.0.1:0\"\n[store]\npath = \"feeds.db\"\n[fetch]\nbetween = [\"1s\", \"2s\"]\nprivate_networks = [\"127.0.0.1/32\"]\n[source.a]\nurl = \"{}\"\n",
        origin.url("/feed")
    );
    std::fs::write(&file, text).unwrap();
    let mut daemon = Daemon::logging(&file, "run", "trace");
    hub.heard.notified().await;
    let asked = hub.asked().remove(0);
    let callback = asked.get("hub.callback").strip_prefix("https://feeds.example").unwrap().to_owned();
    let query =
        format!("hub.mode=subscribe&hub.topic={}&hub.challenge=a.b-c&hub.lease_seconds=864000", origin.url("/feed"));
    let (status, answer) = daemon.get(&format!("{callback}?{query}"));
    assert!(status == 200 && answer.ends_with("\r\n\r\na.b-c"), "{answer}");
    let deliver = |daemon: &Daemon, guid: &str, title: &str| {
        let body = rss("", &[(guid, title)]);
        let signature = signature(hmac::HMAC_SHA256, "sha256", asked.get("hub.secret"), &body);
        let head = format!(
            "POST {callback} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/rss+xml\r\nX-Hub-Signature: {signature}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        assert_eq!(daemon.send(&(head + &body)).0, 202);
        let until = std::time::Instant::now() + Duration::from_secs(30);
        while !daemon.get("/all.rss").1.contains(title) {
            assert!(std::time::Instant::now() < until, "it never showed what was delivered");
            std::thread::yield_now();
        }
    };
    deliver(&daemon, "2", "Deux");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), 0);
    let said = daemon.said();
    assert!(said.contains("its hub delivers until") && said.contains("1 new"), "{said}");
    let token = callback.rsplit('/').next().unwrap();
    for secret in [token, asked.get("hub.secret")] {
        assert!(!said.contains(secret), "a secret stands in the log");
    }
    let daemon = Daemon::logging(&file, "run", "info");
    deliver(&daemon, "3", "Trois");
    assert!(hub.asked().is_empty(), "it was asked once");
}
