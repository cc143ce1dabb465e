//! Polite polling, row by row of the table of conformance: validators, when to ask again, moves and ends. Each row is asked of
//! the scripted origin, by a clock that stands still.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use feedloom::demo::Reply;
use feedloom::model::{HealthState, SourceName};
use feedloom::poll::Ended;
use feedloom::schedule::Why;
use feedloom::store::SourceState;

use crate::rogue::{Act, Rogue, rss};
use crate::support::House;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A source that is asked as fast as the file can say.
const FAST: &str =
    "between = [\"1s\", \"2s\"]\nconfirm_move = \"2s\"\nper_host = 8\n[source.a]\nurl = \"{origin}/a\"\n";

/// A house with so many sources, `s0` and on, that are asked as fast as the file can say.
async fn fast(sources: usize) -> House {
    let head = FAST.split("[source").next().unwrap().to_owned();
    House::with(&(0..sources).fold(head, |file, n| file + &format!("[source.s{n}]\nurl = \"{{origin}}/s{n}\"\n"))).await
}

/// Polls one of its sources, due or not.
async fn poll_nth(house: &House, n: usize) -> feedloom::poll::Report {
    house.state.poller.poll(&house.state.config.sources[n], false).await.unwrap()
}

/// A feed with so many entries, and more in its channel.
fn channel(more: &str, entries: usize) -> String {
    let items: String = (0..entries)
        .map(|n| format!("<item><title>T{n}</title><link>/{n}</link><guid isPermaLink='false'>g{n}</guid></item>"))
        .collect();
    format!("<rss version='2.0'><channel><title>G</title>{more}{items}</channel></rss>")
}

/// A feed with so many entries, and neither validators nor anything else in its headers.
fn bare(entries: usize) -> Reply {
    Reply { validators: false, ..Reply::new("application/rss+xml", channel("", entries)) }
}

fn page(html: &str) -> Reply {
    Reply { validators: false, ..Reply::new("text/html", format!("<html><head>{html}</head><body><p>x</body></html>")) }
}

fn name(name: &str) -> SourceName {
    SourceName::new(name).unwrap()
}

async fn state(house: &House, of: &str) -> SourceState {
    house.store.source_state(&name(of)).await.unwrap()
}

/// Polls one source, due or not.
async fn poll(house: &House) -> feedloom::poll::Report {
    poll_nth(house, 0).await
}

/// Lets so many seconds pass, in which each source is asked when it is due, and no sooner.
async fn watch(house: &House, seconds: u64) {
    let end = house.clock.now() + TimeDelta::seconds(i64::try_from(seconds).unwrap());
    for _ in 0..200 {
        let now = house.clock.now();
        let mut next: Option<(DateTime<Utc>, usize)> = None;
        for (i, source) in house.state.config.sources.iter().enumerate() {
            let due = house.store.source_state(&source.name).await.unwrap().next_due.unwrap_or(now);
            next = Some(next.map_or((due, i), |first| first.min((due, i))));
        }
        let (due, i) = next.unwrap();
        // The clock knows whole seconds only.
        let due = DateTime::from_timestamp(due.timestamp() + i64::from(due.timestamp_subsec_nanos() > 0), 0).unwrap();
        if due >= end {
            house.pass((end - now).to_std().unwrap());
            return;
        }
        house.pass((due - now).to_std().unwrap_or_default());
        house.state.poller.poll(&house.state.config.sources[i], false).await.unwrap();
    }
    panic!("a hot loop");
}

fn asked(house: &House, path: &str) -> usize {
    house.origin.requests().iter().filter(|seen| seen.path == path).count()
}

/// The paths of the last requests.
fn last(house: &House, count: usize) -> Vec<String> {
    let paths: Vec<String> = house.origin.requests().into_iter().map(|seen| seen.path).collect();
    paths[paths.len().saturating_sub(count)..].to_vec()
}

/// What was sent back of each answer at the next request: (`If-None-Match`, `If-Modified-Since`).
async fn sent_back(answers: Vec<(&str, Reply)>) -> Vec<(String, Option<String>, Option<String>)> {
    let house = House::with(FAST).await;
    let mut sent = Vec::new();
    for (row, answer) in answers {
        house.origin.set("/a", answer);
        poll(&house).await;
        house.pass(Duration::from_secs(60));
        let state = state(&house, "a").await;
        sent.push((row.to_owned(), state.validators.etag, state.validators.last_modified));
    }
    // What is kept is what goes out: the requests say so.
    let seen: Vec<_> = house
        .origin
        .requests()
        .iter()
        .map(|s| (s.header("if-none-match").map(str::to_owned), s.header("if-modified-since").map(str::to_owned)))
        .collect();
    for (kept, seen) in sent.iter().zip(&seen[1..]) {
        assert_eq!((&kept.1, &kept.2), (&seen.0, &seen.1), "{}", kept.0);
    }
    sent
}

#[tokio::test]
async fn v01_to_v07_validators_come_back_byte_for_byte_and_the_newest() {
    let tag = |n, tag: &str| bare(n).header("ETag", tag);
    let date = |n, date: &str| bare(n).header("Last-Modified", date);
    let etags = sent_back(vec![
        ("V01 strong", tag(1, "\"abc\"")),
        ("V02 changed", tag(2, "\"abd\"")),
        ("V03 weak", tag(3, "W/\"abd\"")),
        ("V04 odd characters", tag(4, "\"a,b é{}'~ \\ --gzip\"")),
        ("V05 unquoted", tag(5, "abc-1/2")),
    ])
    .await;
    let kept: Vec<_> = etags.iter().map(|(_, etag, _)| etag.as_deref().unwrap()).collect();
    assert_eq!(kept, ["\"abc\"", "\"abd\"", "W/\"abd\"", "\"a,b é{}'~ \\ --gzip\"", "abc-1/2"]);
    let dates = sent_back(vec![
        ("V06 a date", date(1, "Mon, 01 Jun 2026 10:00:00 GMT")),
        ("V07 an odd one", date(2, "Monday, 1. June 2026 10:00 CEST")),
    ])
    .await;
    let kept: Vec<_> = dates.iter().map(|(_, _, date)| date.as_deref().unwrap()).collect();
    assert_eq!(kept, ["Mon, 01 Jun 2026 10:00:00 GMT", "Monday, 1. June 2026 10:00 CEST"]);
}

#[tokio::test]
async fn v08_to_v13_both_go_out_each_moves_by_itself_and_what_is_taken_away_is_not_sent() {
    let (june, july) = ("Mon, 01 Jun 2026 10:00:00 GMT", "Wed, 01 Jul 2026 10:00:00 GMT");
    let both = |n, tag: &str, date: &str| bare(n).header("ETag", tag).header("Last-Modified", date);
    let not_modified = Reply { content_type: String::new(), ..Reply::status(304) };
    let kept = sent_back(vec![
        ("V08 both", both(1, "\"1\"", june)),
        ("V09 the tag moves", both(2, "\"2\"", june)),
        ("V10 the date moves", both(3, "\"2\"", july)),
        ("V11 a 304 with a newer tag", not_modified.header("ETag", "\"3\"")),
        ("V13 taken away", bare(4)),
        ("V12 none given", bare(5)),
    ])
    .await;
    let some = |s: &str| Some(s.to_owned());
    let expected = [
        (some("\"1\""), some(june)),
        (some("\"2\""), some(june)),
        (some("\"2\""), some(july)),
        (some("\"3\""), some(july)),
        (None, None),
        (None, None),
    ];
    for ((row, etag, date), expected) in kept.into_iter().zip(expected) {
        assert_eq!((etag, date), expected, "{row}");
    }
}

#[tokio::test]
async fn v14_to_v16_nothing_is_kept_of_an_error_a_cut_off_or_an_unreadable_body_and_nothing_is_lost() {
    let cut_off = |declared: usize, body: &str| {
        Reply::raw(format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: \"bad\"\r\nContent-Length: {declared}\r\n\r\n{body}"
        ))
    };
    let whole = channel("", 3);
    let half = &whole[..whole.len() - 60];
    let in_title = &whole[..=whole.find("T2").unwrap()];
    let never_closed = channel("", 1).replace("</channel>", "<item><title>T2</wrong></channel>");
    let rows = [
        ("V14", Reply::status(500).header("ETag", "\"bad\"")),
        ("V15", cut_off(whole.len(), half)),
        ("V15, by a server that does not notice", cut_off(half.len(), half)),
        ("V15, inside of what it would be known by", cut_off(in_title.len(), in_title)),
        ("V16, an element that is never closed", cut_off(never_closed.len(), &never_closed)),
        ("V16", Reply { body: "<<<not a feed".into(), ..bare(1) }.header("ETag", "\"bad\"")),
    ];
    let house = fast(rows.len()).await;
    for (n, (row, answer)) in rows.into_iter().enumerate() {
        let (path, source) = (format!("/s{n}"), format!("s{n}"));
        let kept = async || state(&house, &source).await.validators.etag;
        house.origin.set(&path, bare(1).header("ETag", "\"good\""));
        poll_nth(&house, n).await;
        house.origin.set(&path, answer);
        poll_nth(&house, n).await;
        assert_eq!(kept().await.as_deref(), Some("\"good\""), "{row}");
        house.origin.set(&path, bare(3).header("ETag", "\"bad\""));
        poll_nth(&house, n).await;
        let seen = house.origin.requests().pop().unwrap();
        assert_eq!(seen.header("if-none-match"), Some("\"good\""), "{row}");
        assert_eq!(state(&house, &source).await.articles, 3, "{row}: none is lost");
        assert_eq!(kept().await.as_deref(), Some("\"bad\""), "{row}: whole now");
    }
}

#[tokio::test]
async fn v17_a_stable_feed_is_asked_conditionally_always() {
    let mut house = House::with(FAST).await;
    house.origin.set("/a", Reply::new("application/rss+xml", channel("", 2)));
    watch(&house, 6).await;
    house.restart();
    watch(&house, 6).await;
    let seen = house.origin.requests();
    assert!(seen.len() >= 4 && seen[0].header("if-none-match").is_none());
    assert!(seen[1..].iter().all(|s| s.status == 304 && s.header("if-modified-since").is_some()), "{seen:?}");
}

/// A row, what a source answers in turn, for how many seconds it is left alone after that, within how many more it is asked
/// again, and why.
type Wait<'a> = (&'a str, Vec<Reply>, u64, u64, Why);

/// Plans are kept (see P22 and P23): when a source is due tells how long it is silent.
async fn waits(cases: Vec<Wait<'_>>) {
    let house = fast(cases.len()).await;
    house.pass(Duration::from_secs(60));
    for (n, (row, answers, wait, more, why)) in cases.into_iter().enumerate() {
        for answer in answers {
            house.origin.set(&format!("/s{n}"), answer);
            poll_nth(&house, n).await;
        }
        let state = state(&house, &format!("s{n}")).await;
        let due = (state.next_due.unwrap() - house.clock.now()).to_std().unwrap();
        assert!((wait..=wait + more).contains(&due.as_secs()), "{row}: {due:?}");
        assert_eq!(feedloom::poll::why(&state), Some(why), "{row}");
    }
}

#[tokio::test]
async fn p01_to_p03_retry_after_is_waited_for() {
    let date = Reply::status(429)
        .header("Date", "Wed, 03 Jun 2026 09:00:00 GMT")
        .header("Retry-After", "Wed, 03 Jun 2026 09:30:00 GMT");
    waits(vec![
        ("P01", vec![Reply::status(429).header("Retry-After", "300")], 300, 30, Why::RetryAfter),
        ("P02", vec![date], 1800, 180, Why::RetryAfter),
        ("P03", vec![Reply::status(503).header("Retry-After", "120")], 120, 12, Why::RetryAfter),
    ])
    .await;
}

#[tokio::test]
async fn p04_to_p10_what_says_how_long_it_stays_is_left_alone_so_long_and_what_a_document_asks_for_outlives_a_304() {
    let max_age = |answer: Reply| answer.header("Cache-Control", "public, max-age=600").header("Age", "60");
    let tagged = bare(1).header("ETag", "\"1\"");
    let expires =
        bare(1).header("Date", "Wed, 03 Jun 2026 09:00:00 GMT").header("Expires", "Wed, 03 Jun 2026 10:00:00 GMT");
    let feed = |more: &str| Reply::new("application/rss+xml", channel(more, 1));
    let daily = "<sy:updatePeriod xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>daily</sy:updatePeriod>";
    let ttl = feed("<ttl>60</ttl>");
    // It is Wednesday, one minute past twelve.
    let hours = feed("<skipHours><hour>12</hour><hour>13</hour><hour>14</hour></skipHours>");
    let days = feed("<skipDays><day>Wednesday</day><day>Thursday</day></skipDays>");
    let all: String = (0..24).map(|hour| format!("<hour>{hour}</hour>")).collect();
    waits(vec![
        ("P04", vec![max_age(bare(1))], 540, 54, Why::MaxAge),
        ("P05", vec![tagged, max_age(Reply::status(304))], 540, 54, Why::MaxAge),
        ("P06", vec![expires], HOUR, 360, Why::MaxAge),
        ("P07", vec![ttl.clone()], HOUR, 360, Why::Ttl),
        ("P07, said before a 304", vec![ttl.clone(), ttl], HOUR, 360, Why::Ttl),
        ("P08", vec![feed(daily)], DAY, DAY / 10, Why::Ttl),
        ("P09", vec![hours], 3 * HOUR - 60, 600, Why::Skip),
        ("P09, all of them", vec![feed(&format!("<skipHours>{all}</skipHours>"))], DAY, 60, Why::Skip),
        ("P10", vec![days], 36 * HOUR - 60, 600, Why::Skip),
    ])
    .await;
}

#[tokio::test]
async fn our_own_floors_count_where_the_file_says_nothing() {
    let date = bare(1).header("Last-Modified", "Fri, 29 May 2026 12:00:00 GMT");
    for (row, first, then, wait, why) in [
        ("no validators, nothing new", bare(1), bare(4), HOUR, Why::Unconditional),
        ("changed five days ago", date.clone(), date, 12 * HOUR, Why::LastModified),
    ] {
        let house = House::with("[source.a]\nurl = \"{origin}/a\"\n").await;
        house.origin.set("/a", first);
        poll(&house).await;
        house.origin.set("/a", then);
        poll(&house).await;
        let report = poll(&house).await;
        let due = (report.next_due.unwrap() - house.clock.now()).to_std().unwrap().as_secs();
        assert!((wait..=wait + wait / 10).contains(&due) && report.why == Some(why), "{row}: {due} {:?}", report.why);
    }
}

#[tokio::test]
async fn what_is_all_new_is_asked_twice_as_soon() {
    let house = House::with("[source.a]\nurl = \"{origin}/a\"\n").await;
    let other =
        channel("", 3).replace("'false'>g", "'false'>h").replace("<link>/", "<link>/new").replace(">T", ">New ");
    let mut due = Vec::new();
    for body in [channel("", 3), channel("", 4), other] {
        fastrand::seed(1);
        house.origin.set("/a", Reply::new("application/rss+xml", body));
        due.push(poll(&house).await.next_due.unwrap() - house.clock.now());
    }
    assert!(due[2] * 3 < due[0] * 2 && due[1] * 3 > due[0] * 2, "{due:?}");
}

#[tokio::test]
async fn p11_what_is_gone_is_asked_at_most_once_more() {
    let house = House::with(FAST).await;
    house.origin.set("/a", Reply::status(410));
    watch(&house, 6 * DAY).await;
    assert_eq!((asked(&house, "/a"), state(&house, "a").await.health.unwrap().state), (1, HealthState::Gone));
    watch(&house, 14 * DAY).await;
    assert_eq!(asked(&house, "/a"), 2);
    house.origin.set("/a", bare(2));
    house.pass(Duration::from_secs(14 * DAY));
    assert_eq!(poll(&house).await.health, HealthState::Ok);
}

#[tokio::test]
async fn what_is_missing_for_two_weeks_is_gone_and_back_when_it_is_back() {
    let house = House::with("[source.a]\nurl = \"{origin}/a\"\n").await;
    house.origin.set("/a", bare(1));
    poll(&house).await;
    house.origin.set("/a", Reply::status(404));
    for (days, expected) in [(1, HealthState::Failing), (13, HealthState::Failing), (1, HealthState::Gone)] {
        house.pass(Duration::from_secs(days * DAY));
        assert_eq!(poll(&house).await.health, expected, "after {days} days more");
    }
    let due = state(&house, "a").await.next_due.unwrap() - house.clock.now();
    assert!(due >= TimeDelta::days(7), "{due}");
    house.origin.set("/a", bare(2));
    house.pass(Duration::from_secs(30 * DAY));
    assert_eq!(poll(&house).await.health, HealthState::Ok);
    assert_eq!(state(&house, "a").await.missing_since, None);
}

#[tokio::test]
async fn p12_an_absurd_max_age_is_bounded_and_costs_no_other_source() {
    let sources = format!("{FAST}[source.b]\nurl = \"{{origin}}/b\"\n");
    let house = House::with(&sources).await;
    house.origin.set("/a", bare(1).header("Cache-Control", "max-age=99999999999999999999999"));
    house.origin.set("/b", bare(1));
    watch(&house, 8).await;
    assert!(asked(&house, "/a") == 1 && asked(&house, "/b") >= 3);
    let due = state(&house, "a").await.next_due.unwrap() - house.clock.now();
    assert!(due > TimeDelta::hours(23) && due < TimeDelta::hours(27), "{due}");
}

#[tokio::test]
async fn p13_to_p17_what_fails_again_and_again_is_asked_less_and_less() {
    let rows = [
        ("P13", Reply::status(429)),
        ("P14", Reply::status(500)),
        ("P15", Reply::status(404)),
        ("P16", Reply::status(403)),
        ("P17", Reply::raw("")),
        ("a control", bare(1)),
    ];
    fastrand::seed(11);
    let house = fast(rows.len()).await;
    for (n, (_, answer)) in rows.iter().enumerate() {
        house.origin.set(&format!("/s{n}"), answer.clone());
    }
    watch(&house, 24).await;
    let control = asked(&house, "/s5");
    for (n, (row, _)) in rows[..5].iter().enumerate() {
        let asked = asked(&house, &format!("/s{n}"));
        assert!(asked >= 1 && asked * 4 <= control * 3, "{row}: {asked} of {control}");
    }
}

#[tokio::test]
async fn p18_junk_in_retry_after_is_bounded_and_no_hot_loop() {
    let junk = ["-5", "soon", "1e9", "99999999999999999999999", "Mon, 32 Foo 2026", ""];
    let house = fast(junk.len()).await;
    for (n, junk) in junk.into_iter().enumerate() {
        house.origin.set(&format!("/s{n}"), Reply::status(429).header("Retry-After", junk));
        let report = poll_nth(&house, n).await;
        let due = report.next_due.unwrap() - house.clock.now();
        assert!(due >= TimeDelta::seconds(1) && due <= TimeDelta::days(8), "{junk}: {due}");
    }
}

#[tokio::test]
async fn p19_after_one_error_the_next_poll_works() {
    let house = House::with(FAST).await;
    house.origin.set("/a", bare(1));
    poll(&house).await;
    house.origin.set("/a", Reply::status(500));
    watch(&house, 3).await;
    house.origin.set("/a", bare(2));
    watch(&house, 10).await;
    let state = state(&house, "a").await;
    assert_eq!((state.health.map(|h| (h.state, h.failures)), state.articles), (Some((HealthState::Ok, 0)), 2));
}

#[tokio::test]
async fn p22_and_p23_a_restart_keeps_validators_and_asks_nothing_fresh() {
    let mut house = House::with("[source.a]\nurl = \"{origin}/a\"\n").await;
    house.origin.set("/a", Reply::new("application/rss+xml", channel("", 2)));
    poll(&house).await;
    let due = state(&house, "a").await.next_due;
    for _ in 0..10 {
        house.restart();
        house.pass(Duration::from_secs(60));
        watch(&house, 60).await;
    }
    assert_eq!((asked(&house, "/a"), state(&house, "a").await.next_due), (1, due));
    watch(&house, 2 * HOUR).await;
    assert_eq!(house.origin.requests()[1].status, 304);
}

#[tokio::test]
async fn r01_r02_and_r05_permanent_redirects_are_adopted_after_three_polls_and_undone_by_the_file() {
    let mut house = fast(3).await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.origin.set("/s0", Reply::redirect(301, "/new0"));
    house.origin.set("/s1", Reply::redirect(308, "/new1"));
    house.origin.set("/s2", Reply::redirect(301, "/between"));
    house.origin.set("/between", Reply::redirect(308, "/new2"));
    for (n, row) in ["R01", "R02", "R05"].into_iter().enumerate() {
        let (source, old, new) = (format!("s{n}"), format!("/s{n}"), format!("/new{n}"));
        house.origin.set(&new, Reply::new("application/rss+xml", channel("", 2)));
        poll_nth(&house, n).await;
        house.pass(Duration::from_secs(1));
        poll_nth(&house, n).await;
        let moving = state(&house, &source).await.moving.unwrap();
        assert_eq!((moving.to, moving.seen), (house.origin.url(&new), 2), "{row}: not yet");
        house.pass(Duration::from_secs(1));
        poll_nth(&house, n).await;
        let moved = state(&house, &source).await.moved.unwrap();
        assert_eq!((moved.from, moved.to), (house.origin.url(&old), house.origin.url(&new)), "{row}");
        poll_nth(&house, n).await;
        assert_eq!(last(&house, 2), [new.clone(), new], "{row}: asked there at once");
        assert_eq!(house.origin.requests().last().unwrap().status, 304, "{row}");
    }
    // Another address in the file undoes it, and so does the old one after that.
    house.origin.set("/c", bare(1));
    house.origin.forget_requests();
    house.reload(&file.replace("/s0\"", "/c\"")).await;
    poll(&house).await;
    house.reload(&file).await;
    poll(&house).await;
    assert_eq!(last(&house, 9), ["/c", "/s0", "/new0"]);
    assert_eq!(state(&house, "s0").await.moved, None);
}

#[tokio::test]
async fn r03_and_r04_passing_redirects_change_nothing_and_a_permanent_one_needs_its_time() {
    let house = fast(3).await;
    house.origin.set("/new", bare(1));
    let rows = [("R03", 302, 60), ("R04", 307, 60), ("R01, within a second", 301, 0)];
    for (n, (row, status, seconds)) in rows.into_iter().enumerate() {
        house.origin.set(&format!("/s{n}"), Reply::redirect(status, "/new"));
        for _ in 0..4 {
            poll_nth(&house, n).await;
            house.pass(Duration::from_secs(seconds));
        }
        let moved = state(&house, &format!("s{n}")).await.moved;
        assert_eq!((asked(&house, &format!("/s{n}")), moved), (4, None), "{row}");
    }
}

#[tokio::test]
async fn r06_of_a_mixed_chain_only_the_permanent_beginning_is_adopted() {
    let house = House::with(FAST).await;
    house.origin.set("/a", Reply::redirect(301, "/b"));
    house.origin.set("/b", Reply::redirect(302, "/new"));
    house.origin.set("/new", bare(1));
    for _ in 0..4 {
        poll(&house).await;
        house.pass(Duration::from_secs(2));
    }
    assert_eq!(state(&house, "a").await.moved.unwrap().to, house.origin.url("/b"));
    assert_eq!(last(&house, 2), ["/b", "/new"]);
}

#[tokio::test]
async fn a_move_is_not_adopted_to_what_is_no_feed_nor_to_the_address_of_another_source() {
    let sources = format!("{FAST}[source.b]\nurl = \"{{origin}}/b\"\n[source.c]\nurl = \"{{origin}}/c\"\n");
    let house = House::with(&sources).await;
    let round = async |times: usize| {
        for _ in 0..times {
            house.round().await;
            house.pass(Duration::from_secs(2));
        }
    };
    house.origin.set("/a", Reply::redirect(301, "/b"));
    house.origin.set("/b", bare(1));
    house.origin.set("/c", Reply::redirect(301, "/login"));
    house.origin.set("/login", page("<title>Log in</title>"));
    round(3).await;
    assert_eq!((state(&house, "a").await.moved, state(&house, "c").await.moved), (None, None));
    assert_eq!(state(&house, "a").await.moving.unwrap().taken_by, Some(name("b")), "and it is told why");
    // Nor to where another has moved to.
    house.origin.set("/a", Reply::redirect(301, "/new"));
    house.origin.set("/c", Reply::redirect(301, "/new"));
    house.origin.set("/new", bare(2));
    round(3).await;
    let moved = [state(&house, "a").await.moved.is_some(), state(&house, "c").await.moved.is_some()];
    assert_eq!(moved, [true, false]);
}

#[tokio::test]
async fn r18_a_login_page_in_the_place_of_a_feed_does_not_take_its_place() {
    let announces = page("<link rel='alternate' type='application/rss+xml' href='/other'>");
    let house = fast(3).await;
    house.origin.set("/other", bare(3));
    house.origin.set("/login", announces.clone());
    let rows = [("R18", Some(301)), ("R18, for a while", Some(302)), ("in its place", None)];
    for (n, (row, redirect)) in rows.into_iter().enumerate() {
        let path = format!("/s{n}");
        house.origin.set(&path, bare(1));
        poll_nth(&house, n).await;
        match redirect {
            Some(status) => house.origin.set(&path, Reply::redirect(status, "/login")),
            None => house.origin.set(&path, announces.clone()),
        }
        assert_eq!(poll_nth(&house, n).await.health, HealthState::Broken, "{row}");
        assert_eq!(state(&house, &format!("s{n}")).await.articles, 1, "{row}: nothing is taken from there");
        house.origin.set(&path, bare(2));
        assert_eq!(poll_nth(&house, n).await.health, HealthState::Ok, "{row}: the address survives");
        let state = state(&house, &format!("s{n}")).await;
        assert_eq!(state.articles, 2, "{row}");
        assert_eq!((state.feed_url, state.moved, state.moving), (None, None, None), "{row}");
    }
}

#[tokio::test]
async fn r18_a_login_page_at_the_very_first_poll_does_not_take_its_place_either() {
    let announces = page("<link rel='alternate' type='application/rss+xml' href='/other'>");
    for (row, status, stays) in [("for once", 301, false), ("for good", 301, true), ("for a while", 302, true)] {
        let house = House::with(FAST).await;
        house.origin.set("/a", Reply::redirect(status, "/home"));
        house.origin.set("/home", announces.clone());
        house.origin.set("/other", bare(3).header("ETag", "\"other\""));
        assert_eq!(poll(&house).await.inserted, 3, "{row}: read meanwhile");
        assert!(state(&house, "a").await.validators.is_empty(), "{row}: which says nothing of the address");
        if !stays {
            house.origin.set("/a", bare(4));
        }
        for _ in 0..2 {
            house.pass(Duration::from_secs(60));
            poll(&house).await;
        }
        let state = state(&house, "a").await;
        // Who reads the page of a site has its feed looked for, wherever the page is.
        assert_eq!(state.feed_url, stays.then(|| house.origin.url("/other")), "{row}");
        assert_eq!((state.moved, state.articles), (None, if stays { 3 } else { 4 }), "{row}");
    }
}

#[tokio::test]
async fn a_page_that_stays_in_the_place_of_a_feed_leads_to_the_feed_it_announces() {
    let announces = page("<link rel='alternate' type='application/rss+xml' href='/other'>");
    for (row, answer, adopted) in [
        ("in its place", announces.clone(), true),
        ("moved for good", Reply::redirect(301, "/home"), true),
        ("for a while", Reply::redirect(302, "/home"), false),
    ] {
        let house = House::with(FAST).await;
        house.origin.set("/a", bare(1));
        poll(&house).await;
        house.origin.set("/a", answer);
        house.origin.set("/home", announces.clone());
        house.origin.set("/other", bare(3));
        for _ in 0..3 {
            house.pass(Duration::from_secs(60));
            poll(&house).await;
        }
        let state = state(&house, "a").await;
        let moved = state.moved.map(|moved| moved.to);
        assert_eq!(moved, adopted.then(|| house.origin.url("/other")), "{row}");
        assert_eq!(state.articles, if adopted { 3 } else { 1 }, "{row}");
    }
}

#[tokio::test]
async fn a_wall_in_the_place_of_a_feed_blocks_it() {
    let house = House::with(FAST).await;
    house.origin.set("/a", bare(2));
    poll(&house).await;
    let wall = "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>";
    house.origin.set("/a", Reply::new("text/html", wall));
    house.pass(Duration::from_secs(2));
    poll(&house).await;
    let state = state(&house, "a").await;
    assert_eq!((state.health.unwrap().state, state.articles), (HealthState::Blocked, 2));
}

#[tokio::test]
async fn a_wall_in_the_place_of_a_page_is_no_article() {
    let house = House::with(&format!("{FAST}read = \"page\"\n")).await;
    let link = house.origin.url("/page");
    let item = format!("<item><title>Le port</title><link>{link}</link><description>En bref.</description></item>");
    let feed = format!("<rss version='2.0'><channel><title>G</title>{item}</channel></rss>");
    house.origin.set("/a", Reply::new("application/rss+xml", feed));
    let words =
        "<p>This site is protected against what asks too much, which makes it slow for everybody else.</p>".repeat(20);
    let wall =
        format!("<html><head><title>One moment</title></head><body>{words}<script id=\"anubis_challenge\"></script>");
    house.origin.set("/page", Reply::new("text/html", wall));
    for _ in 0..6 {
        poll(&house).await;
        house.pass(Duration::from_secs(3));
    }
    assert!(asked(&house, "/page") > 0);
    house.state.publisher.renew().await.unwrap();
    let items = house.items("all").await;
    assert!(items.iter().all(|item| !item["content_html"].as_str().unwrap().contains("protected")), "{items:?}");
    assert_eq!(items.len(), 1, "what the feed says is told");
}

#[tokio::test]
async fn a_feed_without_entries_speaks_for_no_address() {
    let house = House::with(FAST).await;
    house.origin.set("/a", Reply::redirect(301, "/new"));
    house.origin.set("/new", bare(0));
    for _ in 0..6 {
        poll(&house).await;
        house.pass(Duration::from_secs(2));
    }
    assert_eq!((asked(&house, "/a"), state(&house, "a").await.moved), (6, None));
}

#[tokio::test]
async fn what_has_moved_and_is_lost_there_is_asked_where_the_file_says() {
    let house = House::with(FAST).await;
    house.origin.set("/a", Reply::redirect(301, "/new"));
    house.origin.set("/new", bare(1));
    for _ in 0..3 {
        poll(&house).await;
        house.pass(Duration::from_secs(2));
    }
    assert!(state(&house, "a").await.moved.is_some());
    house.origin.set("/new", Reply::status(410));
    house.origin.set("/a", bare(2));
    poll(&house).await;
    watch(&house, 6).await;
    let state = state(&house, "a").await;
    assert_eq!((state.moved, state.health.map(|h| h.state)), (None, Some(HealthState::Ok)));
    assert_eq!(last(&house, 1), ["/a"]);
}

#[tokio::test]
async fn a_host_that_nobody_gets_through_to_is_left_alone() {
    let sources: String = (0..7).map(|n| format!("[source.s{n}]\nurl = \"{{origin}}/{n}\"\n")).collect();
    let house = House::with(&sources).await;
    house.origin.stop().await;
    let reports = house.round().await;
    let ended: Vec<_> = reports.iter().map(|report| report.ended).collect();
    assert_eq!(ended[..5], [Ended::Failed; 5]);
    assert_eq!(ended[5..], [Ended::PutOff; 2]);
    let kept = state(&house, "s6").await;
    assert_eq!((kept.next_due, feedloom::poll::why(&kept)), (reports[6].next_due, Some(Why::Circuit)));
    assert_eq!((kept.last_polled, kept.health), (None, None), "nothing is said of it");
}

#[tokio::test]
async fn how_fast_a_source_was_is_known_to_the_next_process() {
    let patience = std::sync::atomic::AtomicUsize::new(1);
    let rogue = Rogue::start(move |_| match patience.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)) {
        Ok(_) => Act::Hang(Vec::new()),
        Err(_) => Act::answer("200 OK\r\nContent-Type: application/rss+xml", rss(&["a"])),
    })
    .await;
    let file = format!("timeout = \"1s\"\nidle = \"1s\"\n[source.a]\nurl = \"{}\"\n", rogue.url("/a"));
    let mut house = House::with(&file).await;
    assert_eq!(poll(&house).await.ended, Ended::Failed);
    house.restart();
    assert!(state(&house, "a").await.habit.contains("\"speed\":\"Hangs\""));
    assert_eq!(poll(&house).await.ended, Ended::Read);
    assert!(state(&house, "a").await.habit.contains("\"speed\":\"Quick\""));
}
