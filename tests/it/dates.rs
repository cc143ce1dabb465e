//! Dates in numbers alone: which of day and month comes first is told for each source, and what was stored stays.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use feedloom::demo::Reply;
use feedloom::extract::{Page, Recipe, extract};
use feedloom::model::{Lang, Reading};
use feedloom::read::{self, Input, ListRecipe, Path};
use feedloom::text::Pick;
use url::Url;

use crate::support::{House, start};

fn read_as(body: &str, lang: &str, day_first: Option<bool>, list: Option<&ListRecipe>) -> Reading {
    let url = Url::parse("https://example.org/").unwrap();
    let lang = Lang::parse(lang);
    let now = start();
    let body = body.as_bytes();
    let input = Input { body, content_type: None, url: &url, lang: lang.as_ref(), tz: Tz::UTC, day_first, now };
    read::read(&input, list).unwrap()
}

fn days(reading: &Reading) -> Vec<String> {
    let day = |e: &feedloom::model::Entry| e.published.map_or("none".to_owned(), |d| d.format("%F").to_string());
    reading.entries.iter().map(day).collect()
}

fn rss(lang: &str, dates: &[&str]) -> String {
    let item = |(n, date): (usize, &&str)| {
        format!("<item><title>{n}</title><link>/{n}</link><pubDate>{date}</pubDate></item>")
    };
    let items: String = dates.iter().enumerate().map(item).collect();
    format!("<rss version='2.0'><channel><title>T</title>{lang}{items}</channel></rss>")
}

#[test]
fn every_kind_of_document_tells_its_order() {
    let dates = ["02/03/2026", "23/11/2025 10:00", "12/10/2025"];
    let wanted = ["2026-03-02", "2025-11-23", "2025-10-12"];
    assert_eq!(days(&read_as(&rss("", &dates), "", None, None)), wanted);

    let piece = |date: &&str| format!("<article><h2><a href='/{date}'>A title</a></h2><time>{date}</time></article>");
    let mut list = ListRecipe::new("article").unwrap();
    list.date = Some(Pick::parse("time").unwrap());
    let page = format!("<html><body>{}</body></html>", dates.iter().map(piece).collect::<String>());
    assert_eq!(days(&read_as(&page, "", None, Some(&list))), wanted);

    let mut json = ListRecipe::new("[*]").unwrap();
    json.paths.as_mut().unwrap().date = Some(Path::parse("date").unwrap());
    let piece = |date: &&str| format!("{{\"url\": \"/{date}\", \"title\": \"A\", \"date\": \"{date}\"}}");
    let text = format!("[{}]", dates.iter().map(piece).collect::<Vec<_>>().join(","));
    assert_eq!(days(&read_as(&text, "", None, Some(&json))), wanted);

    let piece = |date: &&str| format!("{{\"id\": \"{date}\", \"title\": \"A\", \"date_published\": \"{date}\"}}");
    let items = dates.iter().map(piece).collect::<Vec<_>>().join(",");
    let text = format!("{{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": [{items}]}}");
    assert_eq!(days(&read_as(&text, "", None, None)), wanted);
}

#[test]
fn the_file_then_the_dates_then_the_language_decide() {
    let one = |lang: &str, day_first| days(&read_as(&rss("", &["02/03/2026"]), lang, day_first, None)).remove(0);
    assert_eq!(one("", None), "none");
    assert_eq!(one("fr", None), "2026-03-02");
    assert_eq!(one("en", None), "2026-02-03");
    assert_eq!(one("en", Some(true)), "2026-03-02");
    assert_eq!(one("fr", Some(false)), "2026-02-03");
    // The language may be the feed's own word.
    let french = rss("<language>fr-FR</language>", &["02/03/2026"]);
    assert_eq!(days(&read_as(&french, "", None, None)), ["2026-03-02"]);
    // As days of March the first would lie ahead.
    let falling = rss("", &["03/12/2026", "02/28/2026", "02/03/2026"]);
    assert_eq!(days(&read_as(&falling, "", None, None)), ["2026-03-12", "2026-02-28", "2026-02-03"]);
    let falling = rss("", &["02/06/2026", "01/06/2026"]);
    assert_eq!(days(&read_as(&falling, "", None, None))[0], "none");
    let falling = rss("", &["05/03/2026", "12/02/2026", "11/01/2026"]);
    assert_eq!(days(&read_as(&falling, "", None, None)), ["2026-03-05", "2026-02-12", "2026-01-11"]);
    // The year first is no question of order.
    let plain = rss("<language>en</language>", &["2026/03/02", "2006/5/3 10:00:00", "2006/31/12"]);
    assert_eq!(days(&read_as(&plain, "", None, None)), ["2026-03-02", "2006-05-03", "2006-12-31"]);
}

#[tokio::test]
async fn a_stored_date_is_not_moved_by_the_entries_of_a_later_document() {
    let house = House::with("[source.a]\nurl = \"{origin}/feed\"\n").await;
    let entry = |guid: &str, date: &str, text: &str| {
        format!(
            "<item><title>{guid}</title><guid isPermaLink='false'>{guid}</guid><pubDate>{date}</pubDate><description>{text}</description></item>"
        )
    };
    let feed = |items: String| {
        Reply::new(
            "application/rss+xml",
            format!("<rss version='2.0'><channel><title>G</title>{items}</channel></rss>"),
        )
    };
    let dates = async || -> Vec<(String, String)> {
        let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().chars().take(10).collect::<String>();
        let items = house.items("all").await;
        items.iter().map(|i| (text(&i["title"]), text(&i["date_published"]))).collect()
    };
    let older = entry("old", "23/11/2025", "Un texte sur le port et ses quais.");
    house.origin.set("/feed", feed(entry("new", "02/03/2026", "Un texte sur la gare et ses trains.") + &older));
    house.round().await;
    assert!(dates().await.contains(&("new".into(), "2026-03-02".into())), "{:?}", dates().await);
    // Revised, where nothing tells the order any more; then where another order is told.
    for (text, other) in [
        ("Un autre texte sur la gare.", String::new()),
        ("Encore un texte.", entry("x", "11/23/2025", "Tout autre chose.")),
    ] {
        house.origin.set("/feed", feed(entry("new", "02/03/2026", text) + &other));
        house.pass(Duration::from_secs(24 * 3600));
        house.round().await;
        assert!(house.get("/all.json").await.contains(text));
        assert!(dates().await.contains(&("new".into(), "2026-03-02".into())), "{:?}", dates().await);
    }
}

#[test]
fn pages_are_read_in_the_order_that_the_file_says() {
    let text = "<p>Le port a rouvert ce matin après trois semaines de silence, et les pêcheurs ont repris la mer.</p>"
        .repeat(6);
    let html = format!("<html><h1>Le port</h1><p class=date>02/03/2026</p><article>{text}</article></html>");
    let url = Url::parse("https://example.org/a").unwrap();
    let page = Page { html: &html, url: &url, lang: None, tz: Tz::UTC, now: start(), entry: None, site_name: None };
    for (day_first, wanted) in [(Some(true), "2026-03-02"), (Some(false), "2026-02-03")] {
        let recipe = Recipe { day_first, date: Some(Pick::parse("p.date").unwrap()), ..Recipe::default() };
        let published = extract(&page, &recipe).unwrap().published.map(|d| d.format("%F").to_string());
        assert_eq!(published.as_deref(), Some(wanted));
    }
}

#[tokio::test]
async fn no_date_lies_ahead_after_the_clock_was_set_back() {
    let house = House::with("[source.a]\nurl = \"{origin}/feed\"\n").await;
    let items: String = (0..3)
        .map(|n| format!("<item><title>Titre {n}</title><guid isPermaLink='false'>{n}</guid><description>Le texte numéro {n}.</description></item>"))
        .collect();
    let feed = format!("<rss version='2.0'><channel><title>G</title>{items}</channel></rss>");
    house.origin.set("/feed", Reply::new("application/rss+xml", feed));
    house.round().await;
    let dates = async || -> Vec<DateTime<Utc>> {
        let items = house.items("all").await;
        let of = |item: &serde_json::Value, key: &str| item[key].as_str().unwrap().parse().unwrap();
        items.iter().flat_map(|item| [of(item, "date_published"), of(item, "date_modified")]).collect()
    };
    let before = dates().await;
    // Each a moment before the one above it.
    let lately = |date: &DateTime<Utc>| house.clock.now() - *date <= chrono::TimeDelta::seconds(1);
    assert!(before.len() == 6 && before.iter().all(lately) && before.is_sorted_by(|a, b| a >= b), "{before:?}");
    house.clock.set_back(std::time::Duration::from_secs(3600));
    let after = dates().await;
    assert!(after.len() == 6 && after.iter().all(|date| *date <= house.clock.now()), "{after:?}");
    let atom = house.get("/all.atom").await;
    let ahead = before[0].to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    assert!(!atom.contains(&ahead), "{atom}");
}
