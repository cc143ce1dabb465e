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
