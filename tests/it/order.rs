//! The order of a document stands wherever its dates say nothing: in lists, tags, searches, over restarts and later polls.

use std::time::Duration;

use feedloom::demo::Reply;

use crate::support::House;

const DAY: Duration = Duration::from_secs(24 * 3600);
const SOURCES: &str = "[source.a]\nurl = \"{origin}/a\"\n[feed.matin]\ndigest = \"08:00\"\n";

/// A feed of entries by number, the newest first. Of each a date may be told, as it is written.
fn feed(numbers: &[u32], date: impl Fn(u32) -> Option<&'static str>) -> Reply {
    let item = |n: &u32| {
        let date = date(*n).map(|date| format!("<pubDate>{date}</pubDate>")).unwrap_or_default();
        format!(
            "<item><title>Le port, numéro {n}</title><link>/{n}</link><category>Port</category>{date}\
             <description>Au quai {n}, {} bateaux attendent la marée depuis hier.</description></item>",
            n * 37
        )
    };
    let items: String = numbers.iter().map(item).collect();
    let head =
        "<rss version='2.0'><channel><title>P</title><link>https://p.example/</link><description>d</description>";
    Reply::new("application/rss+xml", format!("{head}{items}</channel></rss>"))
}

async fn numbers(house: &House, path: &str) -> Vec<u32> {
    let text = house.get(path).await;
    let feed: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}: {text}"));
    let title = |item: &serde_json::Value| item["title"].as_str()?.rsplit(' ').next()?.parse().ok();
    feed["items"].as_array().unwrap().iter().filter_map(title).collect()
}

/// Polls such a feed twice, with a restart between, and looks at its order everywhere.
async fn stays_in_order(date: fn(u32) -> Option<&'static str>) {
    let mut house = House::with(SOURCES).await;
    let everywhere = ["/all.json", "/tag/port.json", "/search.json?q=port&order=date"];
    house.origin.set("/a", feed(&[9, 8, 7, 6, 5, 4, 3, 2, 1], date));
    house.round().await;
    for path in everywhere {
        assert_eq!(numbers(&house, path).await, [9, 8, 7, 6, 5, 4, 3, 2, 1], "{path}");
    }
    let before: Vec<String> =
        vec![house.get("/all.rss").await, house.get("/all.atom").await, house.get("/tag/port").await];
    assert!(!before[1].contains("00."), "dates are in whole seconds");
    house.pass(Duration::from_secs(3600));
    house.restart();
    for source in &house.state.config.sources {
        house.state.poller.poll(source, true).await.unwrap();
    }
    house.state.publisher.renew().await.unwrap();
    let after: Vec<String> =
        vec![house.get("/all.rss").await, house.get("/all.atom").await, house.get("/tag/port").await];
    assert_eq!(before, after);
    house.origin.set("/a", feed(&[12, 11, 10, 9, 8, 7, 6, 5], date));
    house.pass(Duration::from_secs(3600));
    house.round().await;
    for path in everywhere {
        assert_eq!(numbers(&house, path).await, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], "{path}");
    }
    house.pass(DAY);
    house.round().await;
    let digest = house.get("/matin.json").await;
    let at: Vec<usize> = (1..=12).rev().map(|n| digest.find(&format!("numéro {n}<")).unwrap()).collect();
    assert!(at.is_sorted(), "{digest}");
}

#[tokio::test]
async fn what_has_no_date_stands_in_the_order_of_its_document() {
    stays_in_order(|_| None).await;
}

#[tokio::test]
async fn what_has_a_day_only_stands_in_the_order_of_its_document() {
    stays_in_order(|_| Some("Tue, 02 Jun 2026 00:00:00 GMT")).await;
}

#[tokio::test]
async fn what_has_a_date_stands_by_it_wherever_its_document_tells_it() {
    let house = House::with(SOURCES).await;
    let dates = ["Wed, 03 Jun 2026 11:59:58 GMT", "Wed, 03 Jun 2026 11:59:59 GMT", "Wed, 03 Jun 2026 11:59:57 GMT"];
    house.origin.set("/a", feed(&[0, 1, 2], |n| dates.get(n as usize).copied()));
    house.round().await;
    assert_eq!(numbers(&house, "/all.json").await, [1, 0, 2]);
}

#[tokio::test]
async fn what_is_dated_about_the_poll_or_ahead_stands_in_the_order_of_its_document() {
    for date in ["Wed, 03 Jun 2026 12:00:00 GMT", "Wed, 03 Jun 2026 14:00:00 GMT"] {
        let house = House::with(SOURCES).await;
        house.origin.set("/a", feed(&[5, 4, 3, 2, 1, 0], |_| Some(date)));
        house.round().await;
        assert_eq!(numbers(&house, "/all.json").await, [5, 4, 3, 2, 1, 0], "{date}");
    }
}
