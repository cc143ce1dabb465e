//! Feeds of one's own, what is told of the same event, and recommendations that outlive a restart.

use feedloom::clock::Clock;
use feedloom::daemon::{State, load};
use feedloom::demo::Reply;

use crate::support::{House, env, start};

/// A feed of entries written as (guid, tag, text).
fn feed(title: &str, entries: &[(&str, &str, &str)]) -> Reply {
    let items: String = entries
        .iter()
        .map(|(guid, tag, text)| {
            format!(
                "<item><title>Titre {guid}</title><guid isPermaLink='false'>{guid}</guid><link>https://x.example/{guid}</link><pubDate>Wed, 03 Jun 2026 10:00:00 GMT</pubDate><category>{tag}</category><description>{text}</description></item>"
            )
        })
        .collect();
    let feed = format!("<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>");
    Reply::new("application/rss+xml", feed)
}

/// The story of an item of JSON Feed.
fn story(item: &serde_json::Value) -> String {
    item["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

/// Two sources of the port and of the moon, one of them secret as well.
async fn port_and_moon() -> House {
    let file = "[source.a]\nurl = \"{origin}/a\"\n[source.b]\nurl = \"{origin}/b\"\n[source.s]\nurl = \"{origin}/s\"\noutlet = \"Lettre Secrète\"\nrepublish = \"private\"\n";
    let house = House::with(file).await;
    let a = [
        ("a1", "Port", "Les dockers du port bloquent les ferries et réclament une hausse de leurs salaires."),
        ("a2", "Espace", "La sonde lunaire envoie ses premières images de la face cachée de la Lune."),
        ("a3", "Cuisine", "Le prix du pain monte avec celui du blé, disent les boulangers du quartier."),
    ];
    let b = [
        ("b1", "Port", "Grève au port : les ferries restent à quai, les dockers veulent de meilleurs salaires."),
        ("b2", "Espace", "Sur la face cachée de la Lune, la sonde a trouvé de la glace, montrent ses images."),
        ("b3", "Port", "Le port agrandit ses quais pour accueillir des ferries plus longs et leurs voyageurs."),
    ];
    let s = [("s1", "Filtré", "Les dockers du port et les ferries : ce que personne ne doit savoir des salaires.")];
    house.origin.set("/a", feed("A", &a));
    house.origin.set("/b", feed("B", &b));
    house.origin.set("/s", feed("S", &s));
    house.round().await;
    house
}

async fn id_of(house: &House, title: &str) -> String {
    let items = house.items("all").await;
    story(items.iter().find(|item| item["title"] == title).unwrap())
}

#[tokio::test]
async fn a_feed_of_ones_own_is_read_back_in_three_formats_and_has_one_address() {
    let house = port_and_moon().await;
    let (port, moon) = (id_of(&house, "Titre a1").await, id_of(&house, "Titre a2").await);
    let asked = format!("/for.json?less={moon}&like={port}&tags=PORT,Port&utm_source=x");
    let json: serde_json::Value = serde_json::from_str(&house.get(&asked).await).unwrap();
    assert_eq!(json["feed_url"], format!("https://feeds.example/for.json?tags=port&like={port}&less={moon}"));
    let titles: Vec<&str> = json["items"].as_array().unwrap().iter().map(|i| i["title"].as_str().unwrap()).collect();
    assert!(titles.contains(&"Titre b1") && titles.contains(&"Titre b3"), "{titles:?}");
    assert!(!titles.contains(&"Titre a1") && !titles.contains(&"Titre a2"), "what it is made of is read: {titles:?}");
    for item in json["items"].as_array().unwrap() {
        assert!(item["content_html"].as_str().is_some_and(|html| html.contains("Source")), "{item}");
    }
    for ending in [".rss", ".atom"] {
        let bytes = house.get(&format!("/for{ending}?like={port}&tags=port&less={moon}")).await;
        let own = format!("https://feeds.example/for{ending}?tags=port&amp;like={port}&amp;less={moon}");
        assert!(bytes.contains(&own), "{bytes}");
        let read = feed_rs::parser::parse(bytes.as_bytes()).unwrap();
        assert_eq!(read.entries.len(), titles.len());
    }
}

#[tokio::test]
async fn the_page_of_a_profile_shows_its_parts_and_an_empty_one_how_to_begin() {
    let house = port_and_moon().await;
    let port = id_of(&house, "Titre a1").await;
    let page = house.get(&format!("/for?like={port}&tags=port,inconnu&less=aaaaaaaaaaaaaaaa")).await;
    for part in [
        "<meta name=\"robots\" content=\"noindex\">",
        "Titre a1",
        "#Port",
        "inconnu",
        "aaaaaaaaaaaaaaaa",
        "href=\"/for?tags=port\"",
        &format!("href=\"/for?like={port}\""),
        &format!("/for.atom?tags=port&amp;like={port}"),
        "Titre b1",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let empty = house.get("/for").await;
    assert!(empty.contains("sans compte ni cookie") && !empty.contains("Titre"), "{empty}");
    let json: serde_json::Value = serde_json::from_str(&house.get("/for.json").await).unwrap();
    assert_eq!(json["items"].as_array().map(Vec::len), Some(0));
    let page = house.get(&format!("/story/{port}")).await;
    assert!(page.contains(&format!("/for?like={port}")) && page.contains("/for?tags=port"), "{page}");
    let answer = house.state.publisher.answer("/for.rss", Some(&format!("like={port}"))).await;
    let feedloom::publish::Answer::Found(found) = answer else { panic!("{answer:?}") };
    assert!(found.cache.header().starts_with("private"), "{}", found.cache.header());
}

#[tokio::test]
async fn what_is_private_enters_no_personal_feed() {
    let house = port_and_moon().await;
    let port = id_of(&house, "Titre a1").await;
    let secret = house.store.articles(None, 100).await.unwrap();
    let secret = secret.iter().find(|e| e.article.source.as_str() == "s").unwrap().story.to_string();
    for asked in [format!("like={port}&tags=port,filtre"), format!("like={secret}"), "tags=filtre".to_owned()] {
        for format in ["", ".rss", ".atom", ".json"] {
            let shown = house.get(&format!("/for{format}?{asked}")).await;
            for word in ["Secrète", "Titre s1", "personne ne doit", "Filtré"] {
                assert!(!shown.contains(word), "{word} in {format} of {asked}: {shown}");
            }
        }
    }
    let json: serde_json::Value = serde_json::from_str(&house.get(&format!("/for.json?like={secret}")).await).unwrap();
    assert_eq!(json["items"].as_array().map(Vec::len), Some(0), "nor does it steer one");
}

#[tokio::test]
async fn restarting_and_filling_the_index_anew_changes_no_byte() {
    let house = House::sample().await;
    house.round().await;
    let first = story(&house.items("all").await[0]);
    let doors = [
        "/all.rss".to_owned(),
        "/all.atom".to_owned(),
        "/all.json".to_owned(),
        "/tag/liberation_palestine.json".to_owned(),
        format!("/story/{first}"),
        format!("/for.rss?like={first}"),
        format!("/for?tags=liberation_palestine&like={first}"),
    ];
    let mut before = Vec::new();
    for door in &doors {
        before.push(house.get(door).await);
    }
    // Another process on the same file, a little later: all is read from what was kept.
    let loaded = load(&house.file(), &env()).unwrap_or_else(|e| panic!("{e}"));
    let clock = Clock::fixed(start());
    let state = State::new(loaded.config, house.store.clone(), clock).unwrap();
    state.publisher.renew().await.unwrap();
    for (door, old) in doors.iter().zip(before) {
        let (path, query) = door.split_once('?').map_or((door.as_str(), None), |(path, query)| (path, Some(query)));
        let feedloom::publish::Answer::Found(found) = state.publisher.answer(path, query).await else {
            panic!("{door} is not there")
        };
        assert!(String::from_utf8_lossy(&found.body) == old, "{door} changed: {old}");
    }
}

#[tokio::test]
async fn an_event_told_in_other_words_is_named_beside_and_not_merged() {
    let house = port_and_moon().await;
    assert_eq!(house.items("all").await.len(), 6, "nothing was merged");
    let page = house.get(&format!("/story/{}", id_of(&house, "Titre a1").await)).await;
    let from = page.find("Aussi sur ce sujet").unwrap_or_else(|| panic!("{page}"));
    let until = page.find("Recommandé pour vous").unwrap_or(page.len());
    let beside = &page[from..until];
    assert!(beside.contains("Titre b1") && !beside.contains("Titre a3"), "{beside}");
}

#[tokio::test]
async fn recommendations_come_out_of_what_the_file_names() {
    let file = "[recommend]\nfrom = 'feed:port OR feed:lune'\n[source.a]\nurl = \"{origin}/a\"\n[source.b]\nurl = \"{origin}/b\"\n[feed.port]\nselect = 'tag:Port'\nrecommend = { from = \"feed\" }\n[feed.lune]\nselect = 'tag:Espace'\n[feed.tout]\nrecommend = { count = 9, from = \"site\" }\n";
    let mut house = House::with(file).await;
    let a = [
        ("a1", "Port", "Les dockers du port bloquent les ferries et réclament une hausse de leurs salaires."),
        ("a2", "Espace", "La sonde lunaire envoie ses premières images du port spatial et de la face cachée."),
        ("a3", "Cuisine", "Au port, les dockers mangent du pain dont la hausse pèse sur leurs salaires."),
    ];
    let b = [
        ("b1", "Port", "Grève au port : les ferries restent à quai, les dockers veulent de meilleurs salaires."),
        ("b2", "Cuisine", "Dans les ferries, les dockers et leurs salaires : ce que mange le port en grève."),
    ];
    house.origin.set("/a", feed("A", &a));
    house.origin.set("/b", feed("B", &b));
    house.round().await;
    let listed = |items: Vec<serde_json::Value>, title: &str| -> Vec<String> {
        let item = items.iter().find(|item| item["title"] == title).unwrap();
        let list = item["_recommended"].as_array().cloned().unwrap_or_default();
        let mut titles: Vec<String> = list.iter().map(|r| r["title"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    };
    assert_eq!(listed(house.items("port").await, "Titre a1"), ["Titre b1"], "the same feed");
    assert_eq!(listed(house.items("all").await, "Titre a1"), ["Titre a2", "Titre b1"], "what the query selects");
    assert_eq!(listed(house.items("tout").await, "Titre a1"), ["Titre a2", "Titre a3", "Titre b1", "Titre b2"], "any");
    let before = [house.get("/port.rss").await, house.get("/tout.json").await, house.get("/all.atom").await];
    house.round().await;
    // Saying it otherwise changes what is fixed from now on, not what was.
    let text = std::fs::read_to_string(house.file()).unwrap();
    house.reload(&text.replace("'feed:port OR feed:lune'", "\"feed\"")).await;
    assert_eq!([house.get("/port.rss").await, house.get("/tout.json").await, house.get("/all.atom").await], before);
    let page = house.get(&format!("/story/{}", id_of(&house, "Titre a1").await)).await;
    let list = &page[page.find("<aside").unwrap()..];
    assert!(
        list.contains("Titre b1") && list.contains("Titre a3"),
        "a page's list is fresh; it stands in `tout` too: {list}"
    );
}

#[tokio::test]
async fn the_best_is_what_is_told_in_other_words_too_and_stays_so() {
    let mut house = port_and_moon().await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.reload(&format!("{file}[feed.mieux]\norder = \"best\"\n")).await;
    let bread = "Le pain du quartier se vend plus cher, et les boulangers disent pourquoi. ".repeat(30);
    let a = [
        ("a4", "Cuisine", bread.as_str()),
        ("a5", "Rail", "Un train de fret a déraillé près de Valence : la ligne restera coupée trois jours."),
    ];
    let b = [("b5", "Drôme", "La ligne de Valence est coupée pour trois jours après qu'un train de fret a déraillé.")];
    house.origin.set("/a", feed("A", &a));
    house.origin.set("/b", feed("B", &b));
    house.pass(std::time::Duration::from_secs(24 * 3600));
    house.round().await;
    let titles = async |house: &House| {
        let items = house.items("mieux").await;
        items.iter().map(|i| i["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let told = titles(&house).await;
    let at = |title: &str| told.iter().position(|t| t == title).unwrap();
    assert!(at("Titre a5").max(at("Titre b5")) < at("Titre a4"), "two tell it, each in words of its own: {told:?}");
    let before = house.get("/mieux.rss").await;
    house.restart();
    house.state.publisher.renew().await.unwrap();
    assert!(house.get("/mieux.rss").await == before);
    // What nobody may see counts for nobody.
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.reload(&file.replacen("/b\"\n", "/b\"\nrepublish = \"private\"\n", 1)).await;
    let told = titles(&house).await;
    assert_eq!(told[0], "Titre a4", "{told:?}");
}

/// What still waits for its copies is led to by nothing: no list, no page of its own, no explanation.
#[tokio::test]
async fn what_waits_for_its_copies_is_shown_nowhere() {
    let file = "[stories]\nsettle = \"1h\"\n[source.a]\nurl = \"{origin}/a\"\n[source.b]\nurl = \"{origin}/b\"\n";
    let house = House::with(file).await;
    let a = [("a1", "Port", "Les dockers du port bloquent les ferries et réclament une hausse de leurs salaires.")];
    let b = [("b1", "Port", "Grève au port : les ferries restent à quai, les dockers veulent de meilleurs salaires.")];
    let words = |to: usize| (0..to).map(|n| format!("mot{n}")).collect::<Vec<_>>().join(" ");
    let (part, whole) = (words(70), words(400));
    let (a, b) = ([a[0], ("a2", "Gare", &*part)], [b[0], ("b2", "Gare", &*whole)]);
    house.origin.set("/a", feed("A", &a));
    house.origin.set("/b", feed("B", &[]));
    house.round().await;
    house.pass(std::time::Duration::from_secs(2 * 3600));
    house.origin.set("/b", feed("B", &b));
    house.round().await;
    assert_eq!(house.items("all").await.len(), 2);
    let page = house.get(&format!("/story/{}", id_of(&house, "Titre a1").await)).await;
    assert!(page.contains("Titre a1") && !page.contains("Titre b1"), "{page}");
    let all = house.get("/all.json").await;
    assert!(!all.contains("Titre b1") && !all.contains("Titre b2"), "{all}");
    let waiting = house.store.unadmitted(house.clock.now(), 9).await.unwrap();
    assert_eq!(waiting.len(), 2);
    for door in ["story", "explain"] {
        assert_eq!(house.get(&format!("/{door}/{}", waiting[0])).await, "missing", "{door}");
    }
    house.pass(std::time::Duration::from_secs(2 * 3600));
    house.state.publisher.renew().await.unwrap();
    assert_eq!(house.items("all").await.len(), 4);
    let gare = house.get("/tag/gare.json").await;
    assert!(gare.contains("excerpt_of"), "{gare}");
}
