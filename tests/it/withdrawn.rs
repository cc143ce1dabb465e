//! What `[site] hide` takes down is nowhere, and its address says that it is gone.

use feedloom::daemon::load;
use feedloom::demo::Reply;
use feedloom::model::StoryId;
use feedloom::publish::{Answer, Explained};
use feedloom::store::{Number, Order};

use crate::support::{House, env};

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
    let query = format!("title:\"{title}\"");
    let found = house.state.publisher.search_for(&query, Order::Newest, 0, 99).await.unwrap().unwrap().stories;
    found.into_iter().find(|(entry, _)| entry.title == title).unwrap().0.story.to_string()
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

/// So many stories of the port, which are alike, and some that share less with them.
fn many(faults: usize, rest: usize) -> Reply {
    let faults = (0..faults).map(|n| (format!("f{n}"), format!("Quai calme, Faute {n}")));
    let rest = (0..rest).map(|n| (format!("p{n}"), format!("Quai calme {n}")));
    let one = ("one".to_owned(), "Faute, quai calme".to_owned());
    let items: Vec<(String, String)> = faults.chain(rest).chain([one]).collect();
    feed(&items.iter().map(|(guid, title)| (guid.as_str(), title.as_str(), "Port")).collect::<Vec<_>>())
}

fn hiding(house: &House, query: &str) -> String {
    let file = std::fs::read_to_string(house.file()).unwrap();
    file.replace("lang = \"fr\"\n", &format!("lang = \"fr\"\nhide = '{query}'\n"))
}

fn recommended(items: &[serde_json::Value], title: &str) -> Vec<String> {
    let item = items.iter().find(|item| item["title"] == title).unwrap();
    let list = item["_recommended"].as_array().cloned().unwrap_or_default();
    list.iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_hidden_leaves_its_place_to_the_next() {
    let mut house =
        House::with("[source.a]\nurl = \"{origin}/a\"\n[recommend]\ncount = 3\n[feed.port]\nlimit = 300\n").await;
    house.origin.set("/a", many(60, 200));
    house.round().await;
    let (fault, calm) = (id_of(&house, "Quai calme, Faute 1").await, id_of(&house, "Faute, quai calme").await);
    let story = format!("/story/{calm}");
    assert!(house.get(&story).await.contains("calme, Faute"), "nothing is shown otherwise");
    assert!(
        recommended(&house.items("port").await, "Faute, quai calme").iter().any(|title| title.contains("calme, Faute"))
    );
    house.reload(&hiding(&house, "title:\"calme faute\"")).await;
    house.state.publisher.renew().await.unwrap();
    assert_eq!(house.state.publisher.fresh(&StoryId::parse(&calm).unwrap()).await.unwrap().len(), 3);
    let shown = recommended(&house.items("port").await, "Faute, quai calme");
    assert!(shown.len() == 3 && shown.iter().all(|title| !title.contains("calme, Faute")), "{shown:?}");
    // To its owner neither, in a process that publishes nothing.
    house.restart();
    house.state.publisher.learn().await.unwrap();
    let Explained::Known(known) = house.state.publisher.explain(&calm).await.unwrap() else { panic!() };
    let told = serde_json::to_string(&known.recommended).unwrap();
    assert!(told.contains("Quai calme") && !told.contains("calme, Faute"), "{told}");
    let Explained::Known(known) = house.state.publisher.explain(&fault).await.unwrap() else { panic!() };
    assert!(serde_json::to_string(&known.feeds).unwrap().contains("hidden"));
}

#[tokio::test]
async fn what_is_hidden_is_known_before_all_have_been_asked() {
    let mut house = House::with("[source.a]\nurl = \"{origin}/a\"\n[recommend]\ncount = 3\n").await;
    house.origin.set("/a", many(1_300, 4));
    house.round().await;
    let calm = id_of(&house, "Faute, quai calme").await;
    let (before, hiding) = (house.state.clone(), hiding(&house, "title:\"calme faute\""));
    house.reload(&hiding).await;
    // Whoever still publishes by the file as it was before undoes nothing.
    before.publisher.renew().await.unwrap();
    assert!(!house.get(&format!("/story/{calm}")).await.contains("calme, Faute"));
    assert!(!house.get("/all.json").await.contains("calme, Faute"));
    house.state.publisher.settled().await;
    assert!(!house.get(&format!("/story/{calm}")).await.contains("calme, Faute"));
    // The hidden ones are not counted, and take nobody's place among those that are looked at.
    for query in ["source:a", "/port/", "port", "quai OR /x/"] {
        let found = house.state.publisher.search_for(query, Order::Newest, 0, 10).await.unwrap().unwrap();
        assert_eq!((found.stories.len(), found.number, found.looked), (5, Number::Exactly(5), None), "{query}");
    }
}

#[tokio::test]
async fn tags_do_not_count_what_is_to_be_hidden_before_it_was_asked() {
    let house = House::with("[source.a]\nurl = \"{origin}/a\"\n").await;
    house.origin.set(
        "/a",
        feed(&[("1", "Port calme", "Port"), ("2", "Faute grave", "Erreur"), ("3", "Faute au port", "Port")]),
    );
    house.round().await;
    let tags = house.get("/tags").await;
    assert!(tags.contains("Erreur") && tags.contains("<span class=\"count\">2</span>"), "{tags}");
    std::fs::write(house.file(), hiding(&house, "title:faute")).unwrap();
    let loaded = load(&house.file(), &env()).unwrap_or_else(|e| panic!("{e}"));
    let state = house.state.renewed(loaded.config, house.store.clone(), house.clock.clone()).unwrap();
    for _ in 0..2 {
        let Answer::Found(tags) = state.publisher.answer("/tags", None).await else { panic!("no tags") };
        let tags = String::from_utf8(tags.body.to_vec()).unwrap();
        assert!(!tags.contains("Erreur") && tags.contains("<span class=\"count\">1</span>"), "{tags}");
        state.publisher.renew().await.unwrap();
    }
}
