//! What a source gives again: corrected, under another name, or by turns.

use std::time::Duration;

use feedloom::demo::Reply;
use serde_json::Value;

use crate::support::House;

const ONE: &str = "[source.a]\nurl = \"{origin}/a\"\n";

/// A feed of items, each as it is written.
fn feed(items: impl IntoIterator<Item = String>) -> Reply {
    let items: String = items.into_iter().map(|item| format!("<item>{item}</item>")).collect();
    let text = format!(
        "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel><title>A</title>{items}</channel></rss>"
    );
    Reply::new("application/rss+xml", text)
}

fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", text.replace('&', "&amp;"))
}

/// Polls a document after half an hour; the items that are published then.
async fn after(house: &House, items: impl IntoIterator<Item = String>) -> Vec<Value> {
    house.pass(Duration::from_secs(1800));
    house.origin.set("/a", feed(items));
    house.round().await;
    house.items("all").await
}

#[tokio::test]
async fn a_corrected_picture_is_taken_over_and_updates_nothing() {
    let house = House::with(ONE).await;
    let with = |picture: &str| {
        let picture = if picture.is_empty() {
            String::new()
        } else {
            format!("<media:content url='https://a.example/{picture}' medium='image'/>")
        };
        [element("guid", "1") + &element("title", "Le port") + &element("description", "Un texte.") + &picture]
    };
    let first = after(&house, with("old.jpg")).await.remove(0);
    for (given, shown) in [
        ("new.jpg?t=1", Some("https://a.example/new.jpg?t=1")),
        // The same in another size.
        ("new-300x200.jpg?t=2", Some("https://a.example/new.jpg?t=1")),
        ("", None),
        ("late.jpg", Some("https://a.example/late.jpg")),
    ] {
        let item = after(&house, with(given)).await.remove(0);
        assert_eq!(item["image"].as_str(), shown, "{given}");
        assert_eq!(item["content_html"].as_str().unwrap().matches("<img").count(), usize::from(shown.is_some()));
        assert_eq!((&item["id"], &item["date_modified"]), (&first["id"], &first["date_modified"]), "{given}");
    }
}

/// Words that no other text has.
fn prose(text: usize, words: usize) -> String {
    (0..words).map(|n| format!("mot{} ", (n * 7919 + text * 104_729) % 1_000_003)).collect()
}

/// A day of May at noon, and so many seconds.
fn day(n: usize, seconds: usize) -> String {
    element("pubDate", &format!("2026-05-{n:02}T12:00:{seconds:02}Z"))
}

async fn stored(house: &House) -> usize {
    house.store.articles(None, 1000).await.unwrap().len()
}

#[tokio::test]
async fn an_entry_that_has_another_id_or_address_at_each_poll_is_one_article() {
    let house = House::with(ONE).await;
    let episode = |poll: usize, n: usize| {
        let file = format!("<enclosure url='https://a.example/{n}.mp3' length='1' type='audio/mpeg'/>");
        element("guid", &format!("{poll}-{n}"))
            + &element("title", &format!("Épisode {n}"))
            + &day(n, 0)
            + &file
            + &element("description", "Le même texte de chaque semaine.")
    };
    let undated = |poll: usize, n: usize| {
        element("link", &format!("https://a.example/{n}?_={poll}&utm_source=rss{poll}"))
            + &element("title", &format!("Note {n}"))
            + &element("description", &prose(n, 80))
    };
    // Two of one title and text stand in one document: they are two.
    let twins = |poll: usize, n: usize| {
        element("guid", &format!("twin-{poll}-{n}"))
            + &element("title", "Avis")
            + &element("description", "Le bureau est fermé ce matin.")
    };
    let document = |poll| {
        let all = (1..4).flat_map(move |n| [episode(poll, n), undated(poll, n)]);
        all.chain((0..2).map(move |n| twins(poll, n)))
    };
    let first = after(&house, document(0)).await;
    let count = stored(&house).await;
    for poll in 1..5 {
        let bytes = house.found("/all.json").await.etag.clone();
        assert_eq!(after(&house, document(poll)).await, first, "poll {poll}");
        assert_eq!(stored(&house).await, count, "poll {poll}");
        assert_eq!(house.found("/all.json").await.etag, bytes);
    }
    // One that is dated otherwise is another.
    let daily = |n: usize| {
        [element("guid", &format!("d{n}"))
            + &element("title", "Météo")
            + &day(n, 0)
            + &element("description", &prose(50, 20))]
    };
    after(&house, daily(1)).await;
    after(&house, daily(2)).await;
    assert_eq!(stored(&house).await, count + 2);
}

#[tokio::test]
async fn a_site_that_has_new_addresses_brings_nothing_twice() {
    let house = House::with(ONE).await;
    let kinds = |site: &'static str| {
        (1..21).map(move |n| {
            let place = format!("https://a.example/{site}/{n}");
            let named = element("guid", &place) + &element("link", &place) + &day(n, 7);
            named
                + &match n % 3 {
                    0 => element("title", &format!("Le conseil vote le pont {n}")),
                    1 => element("title", &format!("Séance {n}")) + &element("description", "Compte rendu joint."),
                    _ => element("description", &prose(n, 9)),
                }
        })
    };
    let old = after(&house, kinds("alt")).await;
    let new = after(&house, kinds("neu")).await;
    assert_eq!((old.len(), new.len(), stored(&house).await), (20, 20, 20));
    for (old, new) in old.iter().zip(&new) {
        assert_eq!((&old["id"], &old["date_modified"]), (&new["id"], &new["date_modified"]));
        assert_eq!(old["url"].as_str().unwrap().replace("/alt/", "/neu/"), new["url"].as_str().unwrap());
    }
    assert_eq!(after(&house, kinds("neu")).await, new);
}

#[tokio::test]
async fn rows_of_one_template_are_each_an_article() {
    let house = House::with(ONE).await;
    let row = |guid: &str, seconds: usize, text: &str| {
        element("guid", guid) + &element("title", "Résultats") + &day(3, seconds) + &element("description", text)
    };
    after(&house, [row("1", 0, "Trois buts à un.")]).await;
    // The first stands there still.
    after(&house, [row("2", 0, "Deux buts partout."), row("1", 0, "Trois buts à un.")]).await;
    assert_eq!(stored(&house).await, 2);
    // Another second; and a text that says something else under the title and the date of two that have gone.
    after(&house, [row("3", 1, "Trois buts à un."), row("4", 0, "Aucun but ce soir, malgré la pluie.")]).await;
    assert_eq!(stored(&house).await, 4);
}

#[tokio::test]
async fn a_text_that_comes_by_turns_or_changes_each_time_is_seldom_an_update() {
    let house = House::with(ONE).await;
    let note = |text: String| [element("guid", "1") + &element("title", "Note") + &element("description", &text)];
    let said = |item: &Value| (item["date_modified"].clone(), item["content_html"].as_str().unwrap().to_owned());
    after(&house, note(prose(1, 40) + "servi par web01")).await;
    let second = said(&after(&house, note(prose(1, 40) + "servi par web02")).await.remove(0));
    for turn in 1..4 {
        let item =
            said(&after(&house, note(format!("{}servi par web0{}", prose(1, 40), turn % 2 + 1))).await.remove(0));
        assert_eq!(item.0, second.0, "a version that was there before");
        assert!(item.1.contains(&format!("web0{}", turn % 2 + 1)), "but it is shown");
    }
    let mut dates = Vec::new();
    for n in 0..12 {
        dates.push(said(&after(&house, note(format!("{}engendré en 0,2{n} s", prose(1, 40)))).await.remove(0)).0);
    }
    dates.dedup();
    // Six hours of a poll each half hour: the first corrections, then one an hour.
    assert!((6..=8).contains(&dates.len()), "{dates:?}");
    house.pass(Duration::from_secs(30 * 3600));
    let late = said(&after(&house, note(prose(2, 40))).await.remove(0));
    assert_ne!(Some(&late.0), dates.last(), "a true correction is told");
}
