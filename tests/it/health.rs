//! Sources under contract: how they are doing against what is usual for them, who is told of it, and how often.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use feedloom::demo::Reply;
use feedloom::model::HealthState::{self, Blocked, Broken, Failing, Gone, Moved, Ok, Silent};
use feedloom::poll::Report;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::House;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const SOURCE: &str = "[source.a]\nurl = \"{origin}/feed\"\noutlet = \"Agence\"\n";

/// Somebody who is told: answers with the given statuses, the last one for ever, and keeps what came.
struct Hook {
    address: String,
    got: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Hook {
    async fn new(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook?key=geheim", listener.local_addr().unwrap());
        let got = Arc::new(Mutex::new(Vec::new()));
        let kept = got.clone();
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut text = Vec::new();
                let (head, body) = loop {
                    socket.read_buf(&mut text).await.unwrap();
                    let whole = String::from_utf8_lossy(&text);
                    let Some((head, body)) = whole.split_once("\r\n\r\n") else { continue };
                    let length = header(head, "content-length").parse::<usize>().unwrap();
                    if body.len() >= length {
                        break (head.to_owned(), serde_json::from_str(body).unwrap());
                    }
                };
                let status = {
                    let mut kept = kept.lock().unwrap();
                    kept.push((head, body));
                    statuses.get(kept.len() - 1).or(statuses.last()).copied().unwrap_or(204)
                };
                let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { address, got }
    }

    /// What came since the last time it was asked: key and text.
    fn got(&self) -> Vec<(String, Value)> {
        let got = std::mem::take(&mut *self.got.lock().unwrap());
        got.into_iter().map(|(head, body)| (header(&head, "idempotency-key"), body)).collect()
    }

    fn states(&self) -> Vec<String> {
        self.got().iter().map(|(_, body)| body["state"].as_str().unwrap().to_owned()).collect()
    }
}

fn header(head: &str, name: &str) -> String {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned()).next().unwrap_or_default()
}

/// A feed of so many entries, from a number on.
fn feed(from: usize, count: usize) -> Reply {
    let items: String = (from..from + count)
        .map(|n| format!("<item><title>Titre {n}</title><link>/{n}</link><guid isPermaLink='false'>{n}</guid><description>Le texte numéro {n}.</description></item>"))
        .collect();
    Reply::new("application/rss+xml", format!("<rss version='2.0'><channel><title>G</title>{items}</channel></rss>"))
}

/// Some time later: one poll of the first source, and what is to be told is sent.
async fn after(house: &House, time: Duration, path: &str, reply: Reply) -> Report {
    house.pass(time);
    house.origin.set(path, reply);
    let mut reports = Vec::new();
    for source in &house.state.config.sources {
        reports.push(house.state.poller.poll(source, false).await.unwrap());
    }
    house.state.poller.send_alerts().await.unwrap();
    reports.remove(0)
}

/// How many stories are published.
async fn published(house: &House) -> usize {
    house.state.publisher.renew().await.unwrap();
    house.items("all").await.len()
}

#[tokio::test]
async fn trouble_is_told_once_to_all_who_are_to_know() {
    let hook = Hook::new(&[200]).await;
    let alert = format!("[alert]\nto = [\"{}\"]\nwhen = [\"blocked\", \"gone\", \"ok\"]\n", hook.address);
    let house = House::with(&format!("{SOURCE}{alert}")).await;
    after(&house, DAY, "/feed", feed(1, 3)).await;
    assert!(hook.got().is_empty(), "all is well from the start");
    for n in 0..5 {
        let report = after(&house, HOUR, "/feed", Reply::status(if n == 1 { 500 } else { 403 })).await;
        assert_eq!(report.told.is_some(), n == 0, "{n}: {report:?}");
    }
    let got = hook.got();
    let [(key, told)] = &got[..] else { panic!("{got:?}") };
    assert_eq!(
        (told["source"].as_str(), told["outlet"].as_str(), told["was"].as_str()),
        (Some("a"), Some("Agence"), Some("ok"))
    );
    assert_eq!(
        (told["state"].as_str(), told["status"].as_str()),
        (Some("blocked"), Some("https://feeds.example/status"))
    );
    assert_eq!(*key, format!("\"{}\"", told["id"].as_str().unwrap()));
    assert!(told["text"].as_str().unwrap().starts_with("a is blocked (was ok): 127.0.0.1"), "{told}");
    let times = ["at", "since", "next_poll", "last_new"].map(|key| told[key].as_str().unwrap().to_owned());
    assert!(times[0] == times[1] && times[2] > times[0] && times[3] < times[0], "{told}");

    // It comes and goes: nobody hears of that. Then it stays.
    for reply in [feed(1, 3), Reply::status(403), feed(1, 3), Reply::status(403)] {
        after(&house, HOUR, "/feed", reply).await;
    }
    assert!(hook.got().is_empty());
    for _ in 0..4 {
        after(&house, HOUR, "/feed", feed(1, 3)).await;
    }
    assert_eq!(hook.states(), ["ok"]);
    assert_eq!(after(&house, HOUR, "/feed", Reply::status(410)).await.health, Gone);
    assert_eq!(hook.states(), ["gone"]);

    let atom = house.get("/status.atom").await;
    let places: Vec<_> = ["gone", "ok", "blocked"].map(|state| atom.find(&format!("term=\"{state}\""))).into();
    assert!(places[0].is_some() && places.is_sorted(), "{places:?} in {atom}");
    assert_eq!(atom.matches("<entry>").count(), 3);
    assert_eq!(house.get("/status.atom").await, atom);
    assert!(house.get("/status").await.contains("disparue"));
}

#[tokio::test]
async fn a_letter_is_kept_until_it_arrives_and_keeps_its_key() {
    let hook = Hook::new(&[500, 503, 200]).await;
    let mut house = House::with(&format!("{SOURCE}[alert]\nto = [\"{}\"]\n", hook.address)).await;
    after(&house, HOUR, "/feed", Reply::status(403)).await;
    assert_eq!(hook.got.lock().unwrap().len(), 1);
    let send = async |house: &House, seconds: u64| {
        house.pass(Duration::from_secs(seconds));
        house.state.poller.send_alerts().await.unwrap()
    };
    assert_eq!(send(&house, 9).await, 0, "not yet");
    assert_eq!(hook.got.lock().unwrap().len(), 1);
    house.restart();
    assert_eq!((send(&house, 4).await, send(&house, 30).await, send(&house, 3600).await), (0, 1, 0));
    let keys: Vec<String> = hook.got().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| key.len() == 18 && *key == keys[0]), "{keys:?}");
}

#[tokio::test]
async fn who_never_answers_is_given_up_and_who_left_the_file_is_not_asked() {
    let hook = Hook::new(&[500]).await;
    let mut house = House::with(&format!("{SOURCE}[alert]\nto = [\"{}\"]\n", hook.address)).await;
    after(&house, HOUR, "/feed", Reply::status(403)).await;
    for _ in 0..40 {
        house.pass(6 * HOUR);
        house.state.poller.send_alerts().await.unwrap();
    }
    let tries = hook.got().len();
    assert!((10..=14).contains(&tries), "{tries}: three days, every six hours or so");
    house.state.poller.send_alerts().await.unwrap();
    assert!(hook.got().is_empty());
    after(&house, HOUR, "/feed", Reply::status(410)).await;
    assert_eq!(hook.got().len(), 1);
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.reload(file.split("[alert]").next().unwrap()).await;
    house.pass(HOUR);
    assert_eq!(house.state.poller.send_alerts().await.unwrap(), 0);
    assert!(hook.got().is_empty());
}

#[tokio::test]
async fn two_processes_send_a_letter_once() {
    let hook = Hook::new(&[200]).await;
    let house = House::with(&format!("{SOURCE}[alert]\nto = [\"{}\"]\n", hook.address)).await;
    house.origin.set("/feed", Reply::status(403));
    house.round().await;
    let other = feedloom::store::Store::open(&house.state.config.store).unwrap();
    let loaded = feedloom::daemon::load(&house.file(), &crate::support::env()).unwrap_or_else(|e| panic!("{e}"));
    let other = feedloom::daemon::State::new(loaded.config, other, house.clock.clone()).unwrap();
    let (one, two) = tokio::join!(house.state.poller.send_alerts(), other.poller.send_alerts());
    assert_eq!(one.unwrap() + two.unwrap(), 1);
    assert_eq!(hook.got().len(), 1);
}

#[tokio::test]
async fn fewer_entries_than_usual_are_broken_and_what_there_was_stays() {
    let house = House::with(SOURCE).await;
    for n in 1..=4 {
        assert_eq!(after(&house, DAY, "/feed", feed(n, 12)).await.health, Ok);
    }
    let before = published(&house).await;
    let broken = after(&house, DAY, "/feed", feed(100, 2)).await;
    assert_eq!((broken.health, broken.inserted), (Broken, 2), "{broken:?}");
    assert!(broken.error.unwrap().starts_with("2 entries, usually 12"));
    assert_eq!(published(&house).await, before + 2);
    let still = after(&house, DAY, "/feed", feed(100, 2)).await;
    assert_eq!(
        (still.health, house.origin.requests().last().unwrap().status),
        (Broken, 304),
        "asked by its validators"
    );
    let empty = after(&house, HOUR, "/feed", feed(1, 0)).await;
    assert!(empty.error.unwrap().starts_with("no entries, usually 12"));
    assert_eq!(published(&house).await, before + 2);
    assert_eq!(after(&house, HOUR, "/feed", feed(5, 12)).await.health, Ok);
    let delta = Reply { status: 226, ..feed(200, 1) };
    assert_eq!(after(&house, HOUR, "/feed", delta).await.health, Ok, "what is new, and nothing else");
    let delta = feed(201, 1).header("IM", "feed");
    assert_eq!(after(&house, HOUR, "/feed", delta).await.health, Ok, "the same by a server that says 200");
}

#[tokio::test]
async fn a_feed_that_never_ends_as_it_should_has_its_usual_length_too() {
    let cut = |reply: Reply| {
        let text = String::from_utf8(reply.body.to_vec()).unwrap();
        Reply { body: text.trim_end_matches("</channel></rss>").to_owned().into(), ..reply }
    };
    let house = House::with(SOURCE).await;
    assert_eq!(after(&house, DAY, "/feed", cut(feed(1, 12))).await.health, Ok);
    let name = &house.state.config.sources[0].name;
    assert_eq!(house.store.source_state(name).await.unwrap().usual_entries, Some(12));
    for n in 2..=4 {
        assert_eq!(after(&house, DAY, "/feed", feed(n, 12)).await.health, Ok);
    }
    assert_eq!(after(&house, DAY, "/feed", cut(feed(5, 2))).await.health, Ok, "the rest was cut off");
    assert_eq!(house.store.source_state(name).await.unwrap().usual_entries, Some(12));
}

#[tokio::test]
async fn silence_is_told_against_the_sources_own_habit() {
    let house = House::with(SOURCE).await;
    for n in 1..=8 {
        assert_eq!(after(&house, DAY, "/feed", feed(n, 5)).await.health, Ok);
    }
    let quiet: Vec<HealthState> = {
        let mut states = Vec::new();
        for _ in 0..5 {
            states.push(after(&house, DAY, "/feed", feed(8, 5)).await.health);
        }
        states
    };
    assert_eq!(quiet, [Ok, Ok, Ok, Silent, Silent]);
    let page = house.get("/status").await;
    assert!(page.contains("silencieuse") && page.contains("nothing new since 2026-06-11"), "{page}");
    let back = after(&house, DAY, "/feed", feed(9, 5)).await;
    assert_eq!((back.health, back.error), (Ok, None));
}

#[tokio::test]
async fn a_permanent_redirect_is_a_state_and_no_failure() {
    let house = House::with(SOURCE).await;
    house.origin.set("/new", feed(1, 3));
    let report = after(&house, DAY, "/feed", Reply::redirect(301, "/new")).await;
    assert_eq!((report.health, report.error, report.inserted), (Moved, None, 3));
    assert!(house.get("/status").await.contains("/new"));
    assert_eq!(after(&house, DAY, "/feed", Reply::redirect(302, "/new")).await.health, Ok);
    assert_eq!(after(&house, DAY, "/feed", Reply::status(500)).await.health, Failing);
}

#[tokio::test]
async fn of_a_private_source_only_its_owner_is_told() {
    let hook = Hook::new(&[200]).await;
    let sources = "[source.a]\nurl = \"{origin}/feed?token=geheim\"\noutlet = \"Verborgen\"\nrepublish = \"private\"\n[source.b]\nurl = \"{origin}/b\"\n";
    let house = House::with(&format!("{sources}[alert]\nto = [\"{}\"]\n", hook.address)).await;
    house.origin.set("/b", Reply::status(410));
    after(&house, HOUR, "/feed", Reply::status(403)).await;
    let told = hook.got();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|(_, body)| !body.to_string().contains("geheim")), "{told:?}");
    for path in ["/status", "/status.atom"] {
        let public = house.get(path).await;
        assert!(!public.contains("Verborgen") && !public.contains("geheim") && !public.contains(">a<"), "{public}");
        assert!(public.contains("127.0.0.1"), "the other one is there: {public}");
    }
    let all = house.state.publisher.status().await.unwrap();
    let (private, shown): (Vec<_>, Vec<_>) = all.sources.iter().partition(|s| s.private);
    assert_eq!((private[0].state(), shown[0].state()), (Blocked, Gone));
}

/// A page with a list of stories in one of two makes, and a box with others.
fn list(make: usize, stories: std::ops::Range<usize>) -> Reply {
    let one = |n: usize| match make {
        0 => format!("<li class=story><h2><a href='/{n}'>Le quai numéro {n} rouvre</a></h2><p>Chapeau {n}</p></li>"),
        _ => format!(
            "<div class='card'><div class=meta><time datetime='2026-06-0{}'>hier</time></div><h3><a href='/actu/{n}'>Le quai numéro {n} rouvre</a></h3></div>",
            n % 9 + 1
        ),
    };
    let list: String = stories.map(one).collect();
    let popular: String = (50..60).map(|n| format!("<article><h2><a href='/p/{n}'>Un tout autre sujet, le numéro {n} de la série</a></h2><time datetime='2026-06-01'>hier</time><p>Un chapeau plus long que les autres, pour que ce bloc ait meilleure mine que la liste {n}.</p></article>")).collect();
    let popular = if make == 0 { String::new() } else { popular };
    Reply::new(
        "text/html",
        format!(
            "<html lang=fr><head><title>P</title></head><body><section>{popular}</section><main>{list}</main></body></html>"
        ),
    )
}

const LIST: &str = "[source.\"le.port\"]\nurl = \"{origin}/list\"\nread = \"feed\"\n[source.\"le.port\".list]\nitem = 'li.story'\nexpect = 3\n";

#[tokio::test]
async fn a_broken_list_gets_a_proposal_that_reads_it_again() {
    let hook = Hook::new(&[200]).await;
    let mut house = House::with(&format!("{LIST}[alert]\nto = [\"{}\"]\n", hook.address)).await;
    assert_eq!(after(&house, DAY, "/list", list(0, 1..9)).await.error, None);
    assert_eq!(after(&house, DAY, "/list", list(1, 4..12)).await.health, Broken);
    let told = hook.got().remove(0).1;
    let block = told["proposal"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned();
    assert!(block.starts_with("  [source.\"le.port\".list]\n") && block.contains("expect  = 3"), "{block}");
    assert!(house.get("/status").await.contains("[source.&quot;le.port&quot;.list]"), "{}", house.get("/status").await);
    assert_eq!(published(&house).await, 8, "nothing is applied by itself");
    assert_eq!(after(&house, DAY, "/list", list(1, 4..12)).await.health, Broken);

    let file = std::fs::read_to_string(house.file()).unwrap();
    let (head, rest) = (file.split("[source.\"le.port\".list]").next().unwrap(), file.split("[alert]").nth(1).unwrap());
    house.reload(&format!("{head}{block}[alert]{rest}")).await;
    let mended = after(&house, DAY, "/list", list(1, 4..12)).await;
    assert_eq!((mended.health, mended.entries), (Ok, 8), "{mended:?}");
    assert!(published(&house).await > 8);
    let all = house.get("/all.json").await;
    assert!(all.contains("numéro 11 rouvre") && !all.contains("tout autre sujet"), "{all}");
    assert!(!house.get("/status").await.contains("<pre"), "nor is it proposed any more");
}

#[tokio::test]
async fn nothing_is_proposed_that_does_not_hold_what_was_there() {
    let house = House::with(LIST).await;
    after(&house, DAY, "/list", list(0, 1..9)).await;
    for (what, reply) in [
        ("other stories", list(1, 20..30)),
        ("none", Reply::new("text/html", "<html><body><h1>Maintenance</h1></body></html>")),
        ("too few, as many as the list has", list(0, 1..3)),
    ] {
        assert_eq!(after(&house, DAY, "/list", reply).await.health, Broken, "{what}");
        let status = house.state.publisher.status().await.unwrap();
        assert_eq!(status.sources[0].proposal, None, "{what}");
    }
}
