//! What `[site] hide` takes down is nowhere, and its address says that it is gone.

use feedloom::demo::Reply;
use feedloom::publish::Explained;
use feedloom::store::Order;

use crate::support::House;

const SOURCES: &str = "[source.a]\nurl = \"{origin}/a\"\n[source.b]\nurl = \"{origin}/b\"\n[feed.port]\nselect = 'port'\n\
     [feed.matin]\ndigest = \"13:00\"\n[feed.cle]\nkey = \"env:FEED_KEY\"\n";

fn feed(items: &[(&str, &str, &str)]) -> Reply {
    let one = |(guid, title, tag): &(&str, &str, &str)| {
        format!(
            "<item><title>{title}</title><link>https://p.example/{guid}</link><category>{tag}</category><description>Les grues \
             du port de Bizerte et les dockers de la marine attendent {guid} {title} au quai.</description></item>"
        )
    };
    let items: String = items.iter().map(one).collect();
    Reply::new("application/rss+xml", format!("<rss version='2.0'><channel><title>P</title>{items}</channel></rss>"))
}

async fn id_of(house: &House, title: &str) -> String {
    let items = house.items("all").await;
    let item = items.iter().find(|item| item["title"] == title).unwrap();
    item["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

async fn tells_nothing(house: &House, paths: &[&str]) {
    for path in paths {
        let text = house.get(path).await;
        assert!(!text.contains("Faute") && !text.contains("Erreur"), "{path}: {text}");
    }
}

#[tokio::test]
async fn what_the_file_hides_is_nowhere() {
    let mut house = House::with(SOURCES).await;
    house
        .origin
        .set("/a", feed(&[("1", "Port calme", "Port"), ("2", "Faute grave", "Erreur"), ("3", "Port plein", "Port")]));
    house.origin.set("/b", feed(&[("4", "Port gris", "Port"), ("5", "Faute bis", "Port")]));
    house.round().await;
    house.pass_until("2026-06-03T13:00:01Z");
    house.round().await;
    let everywhere = [
        "/",
        "/all.rss",
        "/all.atom",
        "/all.json",
        "/port.rss",
        "/port",
        "/tag/port",
        "/tag/port.atom",
        "/tags",
        "/matin.json",
        "/matin/2026-06-03",
        "/search?q=quai",
        "/search.rss?q=quai",
        "/for?tags=port",
        "/cle.rss?key=sesame-ouvre-toi",
        "/feeds.opml",
    ];
    let (fault, calm) = (id_of(&house, "Faute grave").await, id_of(&house, "Port calme").await);
    let story = format!("/story/{calm}");
    assert!(house.get(&story).await.contains("Faute"), "recommended: nothing is shown otherwise");
    assert!(house.get("/tags").await.contains("Erreur"));
    let file = std::fs::read_to_string(house.file()).unwrap();
    let hiding = file.replace("lang = \"fr\"\n", "lang = \"fr\"\nhide = 'title:faute'\n");
    house.reload(&hiding).await;
    tells_nothing(&house, &everywhere).await;
    tells_nothing(&house, &[&story]).await;
    assert_eq!(house.get(&format!("/story/{fault}")).await, "gone");
    assert_eq!(house.get(&format!("/explain/{fault}")).await, "gone");
    assert_eq!(house.get("/tag/erreur").await, "missing");
    assert!(house.get("/tag/port").await.contains("Port gris"));
    let found = house.state.publisher.search_for("quai", Order::Best, 0, 10).await.unwrap().unwrap();
    assert_eq!(found.stories.len(), 3);
    let Explained::Known(known) = house.state.publisher.explain(&fault).await.unwrap() else { panic!() };
    let why = serde_json::to_value(&known.feeds[0]).unwrap();
    assert_eq!((&why["feed"], &why["standing"]), (&"all".into(), &"hidden".into()));
    assert!(why["query"]["held"].as_bool().unwrap(), "{why}");
    // What comes later is hidden as well, over a restart too.
    house.restart();
    house.state.publisher.recall().await.unwrap();
    tells_nothing(&house, &["/all.rss", "/all.json", "/tags", &story]).await;
    house.origin.set("/b", feed(&[("6", "Port neuf", "Port"), ("7", "Faute ter", "Port")]));
    house.round().await;
    let all = house.get("/all.rss").await;
    assert!(all.contains("Port neuf") && !all.contains("Faute"), "{all}");
    // Without the line they are back.
    house.reload(&file).await;
    assert!(
        house.get("/all.rss").await.contains("Faute ter")
            && house.get(&format!("/story/{fault}")).await.contains("Faute")
    );
    assert!(house.get("/tag/erreur").await.contains("Faute grave"));
}
