//! What leaves the house: nothing private by any door, nothing stale, nothing too early.

use std::time::Duration;

use feedloom::demo::Reply;
use feedloom::publish::Answer;
use feedloom::render::Cache;

use crate::support::House;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A feed of entries written as (guid, date, tag, description).
fn feed(title: &str, entries: &[(&str, &str, &str, &str)]) -> Reply {
    let items: String = entries
        .iter()
        .map(|(guid, date, tag, text)| {
            format!(
                "<item><title>Titre {guid}</title><guid isPermaLink='false'>{guid}</guid><link>/{guid}</link><pubDate>{date}</pubDate><category>{tag}</category><description>{text}</description></item>"
            )
        })
        .collect();
    let feed = format!("<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>");
    Reply::new("application/rss+xml", feed)
}

const NEW: &str = "Wed, 03 Jun 2026 10:00:00 GMT";
const OLD: &str = "Mon, 01 Jun 2026 10:00:00 GMT";
const TEXT: &str = "Le port de la ville a rouvert hier après trois semaines de travaux sur ses quais, dit le maire, et les bateaux de pêche y sont revenus les premiers avant le jour.";

#[tokio::test]
async fn a_private_source_is_named_nowhere() {
    let file = "[source.secrete]\nurl = \"{origin}/a\"\noutlet = \"Lettre Secrète\"\nrepublish = \"private\"\n[source.b]\nurl = \"{origin}/b\"\n";
    let house = House::with(file).await;
    let own = ("3", OLD, "Confidentiel", "Une tout autre affaire dont personne ne doit rien savoir.");
    house.origin.set("/a", feed("A", &[("1", OLD, "Filtré", TEXT), own]));
    house.origin.set("/b", feed("B", &[("2", NEW, "Port", TEXT)]));
    house.round().await;
    for door in ["/", "/all.rss", "/all.json", "/all", "/tags", "/feeds.opml", "/status", "/tag/port", "/tag/port.json"]
    {
        let text = house.get(door).await;
        for word in ["Secrète", "secrete", "Confidentiel", "Filtré", "Titre 1", "Titre 3"] {
            assert!(!text.contains(word), "{word} at {door}: {text}");
        }
    }
    assert!(house.get("/tags").await.contains("Port"));
    assert_eq!(
        (house.get("/tag/confidentiel").await, house.get("/tag/filtre.rss").await),
        ("missing".into(), "missing".into())
    );
}

#[tokio::test]
async fn what_the_file_makes_private_is_recommended_no_more() {
    let mut house = House::with("[source.a]\nurl = \"{origin}/a\"\n[source.b]\nurl = \"{origin}/b\"\n").await;
    house.origin.set("/a", feed("A", &[("1", OLD, "Port", "Le port accueille des bateaux de pêche et des navires.")]));
    house.origin.set("/b", feed("B", &[("2", NEW, "Port", "Au port, les navires attendent les dockers en grève.")]));
    house.round().await;
    let page = house.items("all").await[0]["_feedloom"]["page"].as_str().unwrap().to_owned();
    let path = page.strip_prefix("https://feeds.example").unwrap().to_owned();
    assert!(house.get(&path).await.contains("Titre 1"));
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.reload(&file.replace("/a\"\n", "/a\"\nrepublish = \"private\"\n")).await;
    for door in [path.as_str(), "/all.json", "/all.atom"] {
        assert!(!house.get(door).await.contains("Titre 1"), "{door}");
    }
}

#[tokio::test]
async fn who_asks_for_the_picture_of_a_site_gets_one() {
    let house = House::with("[source.a]\nurl = \"{origin}/a\"\n").await;
    let found = house.found("/favicon.ico").await;
    assert_eq!((found.content_type.as_str(), found.cache), ("image/vnd.microsoft.icon", Cache::Public(604_800)));
    assert!(found.body.starts_with(&[0, 0, 1, 0]) && found.body.len() < 2_000);
}

#[tokio::test]
async fn the_status_page_is_of_now() {
    let house = House::with("[source.a]\nurl = \"{origin}/a\"\n").await;
    house.origin.set("/a", feed("A", &[("1", OLD, "Port", TEXT)]));
    house.round().await;
    assert!(!house.get("/status").await.contains("503"));
    house.origin.set("/a", Reply::status(503));
    house.pass(DAY);
    house.round().await;
    assert!(house.get("/status").await.contains("503"));
}

#[tokio::test]
async fn a_story_is_shown_when_its_recommendations_are_fixed() {
    let house = House::with("[source.a]\nurl = \"{origin}/a\"\n").await;
    house.origin.set("/a", feed("A", &[("1", OLD, "Port", TEXT)]));
    house.round().await;
    let two = [("1", OLD, "Port", TEXT), ("2", NEW, "Port", "Au port, les dockers sont en grève depuis lundi.")];
    house.origin.set("/a", feed("A", &two));
    house.pass(DAY);
    house.state.poller.poll(&house.state.config.sources[0], false).await.unwrap();
    assert_eq!(house.items("tag/port").await.len(), 1, "the round is not over");
    house.state.publisher.renew().await.unwrap();
    assert_eq!(house.items("tag/port").await.len(), 2);
}

#[tokio::test]
async fn a_late_story_makes_a_feed_younger() {
    let house = House::with("[source.a]\nurl = \"{origin}/a\"\n").await;
    let modified = async || match house.state.publisher.answer("/all.rss", None).await {
        Answer::Found(found) => found.last_modified.unwrap(),
        other => panic!("{other:?}"),
    };
    house.origin.set("/a", feed("A", &[("1", NEW, "Port", TEXT)]));
    house.round().await;
    let before = modified().await;
    house.pass(DAY);
    house.round().await;
    assert_eq!(modified().await, before, "nothing has changed");
    house
        .origin
        .set("/a", feed("A", &[("1", NEW, "Port", TEXT), ("2", OLD, "Gare", "Une dépêche arrivée bien tard.")]));
    house.pass(DAY);
    house.round().await;
    assert!(modified().await > before, "who asks by date must not miss it");
}

#[tokio::test]
async fn what_came_as_private_stays_so_when_its_source_leaves_the_file() {
    let secret = "[source.a]\nurl = \"{origin}/a\"\nrepublish = \"private\"\n";
    let mut house = House::with(secret).await;
    house.origin.set("/a", feed("A", &[("1", OLD, "Port", TEXT)]));
    house.round().await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.reload(file.split("[source.a]").next().unwrap()).await;
    for door in ["/all.rss", "/", "/tag/port"] {
        assert!(!house.get(door).await.contains("Titre 1"), "{door}");
    }
    for door in ["/", "/tags", "/feeds.opml"] {
        assert!(!house.get(door).await.contains("Port"), "{door}: a tag that only it carries");
    }
}

#[tokio::test]
async fn a_copy_that_came_as_private_is_not_credited_when_its_source_leaves_the_file() {
    let long = (0..120).map(|n| format!("mot{n}")).collect::<Vec<_>>().join(" ");
    let public = "[source.a]\nurl = \"{origin}/a\"\noutlet = \"Le A\"\n";
    let secret = "[source.b]\nurl = \"{origin}/b\"\noutlet = \"Le Secret\"\nrepublish = \"private\"\n";
    let mut house = House::with(&format!("{public}{secret}")).await;
    house.origin.set("/a", feed("A", &[("1", OLD, "Port", &long)]));
    house.origin.set("/b", feed("B", &[("9", OLD, "Gare", &long)]));
    house.round().await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    for left in [file.clone(), file.split("[source.b]").next().unwrap().to_owned()] {
        house.reload(&left).await;
        let all = house.get("/all.json").await;
        assert!(all.contains("Titre 1") && !all.contains("Le Secret") && !all.contains("Gare"), "{all}");
    }
}

#[tokio::test]
async fn what_came_as_private_is_named_by_no_excerpt_and_no_list_when_its_source_leaves_the_file() {
    let words = |from: usize, to: usize| (from..to).map(|n| format!("mot{n}")).collect::<Vec<_>>().join(" ");
    let public = "[source.a]\nurl = \"{origin}/a\"\noutlet = \"Le A\"\n";
    let secret = "[source.b]\nurl = \"{origin}/b\"\noutlet = \"Le Secret\"\nrepublish = \"private\"\n";
    let mut house = House::with(&format!("{public}{secret}")).await;
    house.origin.set("/a", feed("A", &[("1", OLD, "Port", &words(0, 70))]));
    house.round().await;
    let like = "Au port, les dockers et les navires attendent la fin de la grève des remorqueurs.";
    house.origin.set("/b", feed("B", &[("9", NEW, "Gare", &words(0, 400)), ("8", NEW, "Port", like)]));
    house.round().await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    // For a while the file lets all of it leave.
    house.reload(&file.replace("\"private\"", "\"full\"")).await;
    let other = "Les navires restent au port : les remorqueurs sont en grève, les dockers aussi.";
    house.origin.set("/a", feed("A", &[("1", OLD, "Port", &words(0, 70)), ("2", NEW, "Port", other)]));
    house.pass(DAY);
    house.round().await;
    let all = house.get("/all.json").await;
    assert!(all.contains("excerpt_of") && all.matches("Titre 8").count() > 1, "{all}");
    let id = |title: &str| {
        let feed: serde_json::Value = serde_json::from_str(&all).unwrap();
        let items = feed["items"].as_array().unwrap();
        let item = items.iter().find(|item| item["title"] == title).unwrap();
        item["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    };
    let (one, two) = (id("Titre 1"), id("Titre 2"));
    house.reload(file.split("[source.b]").next().unwrap()).await;
    let pages = ["story", "explain"].into_iter().flat_map(|page| [&one, &two].map(|id| format!("/{page}/{id}")));
    let fixed = ["/all.json", "/all.rss", "/all.atom", "/", "/search?q=port", "/for?tags=port"].map(str::to_owned);
    for door in pages.chain(fixed) {
        let text = house.get(&door).await;
        assert!(text.contains("Titre"), "{door}: {text}");
        for word in ["Le Secret", "Titre 8", "Titre 9"] {
            assert!(!text.contains(word), "{word} at {door}: {text}");
        }
    }
}
