//! Tags from the sources' documents to pages and feeds, and what a change of the file makes of them.

use std::fmt::Write;

use feedloom::clock::Clock;
use feedloom::daemon::{State, load};
use feedloom::demo::Reply;
use feedloom::model::{Tag, TagOrigin, Tagged};
use feedloom::store::{Retagging, Shelf};

use crate::support::{House, env, start};

const SOURCE: &str = "[source.a]\nurl = \"{origin}/a\"\n";

/// An entry: its number, its text, its categories.
fn entry(n: usize, text: &str, categories: &[&str]) -> String {
    let categories: String = categories.iter().fold(String::new(), |mut all, c| {
        let _ = write!(all, "<category>{c}</category>");
        all
    });
    format!(
        "<item><title>Titre {n}</title><guid>{n}</guid><link>https://x.example/{n}</link><description>Numéro {n} : {text}</description>\
         {categories}<pubDate>Wed, 03 Jun 2026 09:00:00 GMT</pubDate></item>"
    )
}

fn serve(house: &House, path: &str, entries: &[String]) {
    let feed = format!("<rss version='2.0'><channel><title>G</title>{}</channel></rss>", entries.concat());
    house.origin.set(path, Reply::new("application/rss+xml", feed));
}

/// The file of a house with other lines after those that it has.
async fn reload(house: &mut House, file: &str, rest: &str) {
    house.reload(&format!("{file}\n{rest}")).await;
}

fn file_of(house: &House) -> String {
    std::fs::read_to_string(house.file()).unwrap()
}

async fn tags_of(house: &House, number: usize) -> Vec<String> {
    let items = house.items("all").await;
    let item = items.iter().find(|i| i["title"] == format!("Titre {number}")).unwrap();
    item["tags"].as_array().map(|t| t.iter().map(|t| t.as_str().unwrap().to_owned()).collect()).unwrap_or_default()
}

#[tokio::test]
async fn a_changed_file_reaches_what_is_stored_and_updates_nothing() {
    let mut house = House::with(SOURCE).await;
    let categories = ["Mer", "Sel", "Vent", "Actualités"];
    serve(&house, "/a", &[entry(1, "la trêve à Gaza #Vague", &categories), entry(2, "le pain", &["Mer"])]);
    let file = file_of(&house);
    reload(&mut house, &file, "[tagging]\nmost = 2\n").await;
    house.round().await;
    assert_eq!(tags_of(&house, 1).await, ["Vague", "Mer"]);
    let dates = |items: &[serde_json::Value]| {
        items.iter().map(|i| (i["id"].clone(), i["date_modified"].clone())).collect::<Vec<_>>()
    };
    let before = dates(&house.items("all").await);

    let rules =
        "[tags]\n\"Palestine\" = 'gaza'\n[tagging]\ndrop = [\"Actualités\"]\naliases = { \"Océan\" = [\"mer\"] }\n";
    reload(&mut house, &file, rules).await;
    assert_eq!(tags_of(&house, 1).await, ["Palestine", "Vague", "Océan", "Sel", "Vent"], "also what `most` had cut");
    assert_eq!(tags_of(&house, 2).await, ["Océan"]);
    assert_eq!(house.items("tag/ocean").await.len(), 2);
    assert_eq!(house.items("tag/palestine").await.len(), 1);
    assert_eq!(house.get("/tag/mer").await, "moved to /tag/ocean");
    assert_eq!(dates(&house.items("all").await), before, "nothing is called updated");

    let (revision, bytes) = (house.store.revision(), house.get("/all.atom").await);
    reload(&mut house, &file, rules).await;
    assert_eq!((house.store.revision(), house.get("/all.atom").await), (revision, bytes), "the same file does nothing");

    reload(&mut house, &file, "[tagging]\norigins = [\"feed\"]\n").await;
    assert_eq!(tags_of(&house, 1).await, categories, "as they came");
    assert_eq!(house.get("/tag/ocean").await, "missing");
}

#[tokio::test]
async fn a_restart_goes_on_where_it_stopped() {
    let mut house = House::with(SOURCE).await;
    let entries: Vec<String> = (0..450).map(|n| entry(n, &format!("mot{n} gaza"), &[])).collect();
    serve(&house, "/a", &entries);
    house.round().await;
    let file = file_of(&house);
    reload(&mut house, &file, "[tags]\n\"Palestine\" = 'gaza'\n").await;
    let shelf = Shelf::Tag("palestine".into());
    assert_eq!(house.store.count_in(&shelf).await.unwrap(), 200, "a batch at a time");
    for expected in [400, 450] {
        let loaded = load(&house.file(), &env()).unwrap_or_else(|e| panic!("{e}"));
        let again = State::new(loaded.config, house.store.clone(), Clock::fixed(start())).unwrap();
        let done = again.publisher.retag().await.unwrap();
        assert_eq!((done.more, house.store.count_in(&shelf).await.unwrap()), (expected < 450, expected));
    }
    assert_eq!(house.state.publisher.retag().await.unwrap().changed, 0);
}

#[tokio::test]
async fn what_an_older_file_would_give_is_not_given_back() {
    let house = House::with(SOURCE).await;
    serve(&house, "/a", &[entry(1, "gaza", &["Mer"])]);
    house.round().await;
    let text = format!("{}[tags]\n\"Palestine\" = 'gaza'\n", file_of(&house));
    std::fs::write(house.file(), text).unwrap();
    let loaded = load(&house.file(), &env()).unwrap_or_else(|e| panic!("{e}"));
    let newer = house.state.renewed(loaded.config, house.store.clone(), house.clock.clone()).unwrap();
    newer.publisher.renew().await.unwrap();
    // A poll that began by the older file ends, and its publisher looks once more.
    serve(&house, "/a", &[entry(1, "gaza", &["Mer"]), entry(2, "gaza encore", &[])]);
    house.pass(std::time::Duration::from_secs(3 * 3600));
    house.round().await;
    assert_eq!(house.store.count_in(&Shelf::Tag("palestine".into())).await.unwrap(), 1);
    newer.publisher.renew().await.unwrap();
    assert_eq!(house.store.count_in(&Shelf::Tag("palestine".into())).await.unwrap(), 2);
}

#[tokio::test]
async fn other_spellings_and_old_names_lead_to_the_one_address() {
    let tagging = "[tagging]\naliases = { \"Libération_Palestine\" = [\"FreePalestine\"], \"FreePalestine\" = [\"Palestine libre\"] }\n";
    let house = House::with(&format!("{SOURCE}{tagging}")).await;
    serve(&house, "/a", &[entry(1, "un #FreePalestine", &[]), entry(2, "deux #PALESTINE_LIBRE", &[])]);
    house.round().await;
    for ending in ["", ".rss", ".atom", ".json"] {
        let one = format!("/tag/liberation_palestine{ending}");
        for old in
            ["freepalestine", "palestine_libre", "Palestine-Libre", "LIBÉRATION_PALESTINE", "Libération Palestine"]
        {
            assert_eq!(house.get(&format!("/tag/{old}{ending}")).await, format!("moved to {one}"), "{old}");
        }
        assert!(house.get(&one).await.contains("Titre 1"), "{one}");
    }
    assert_eq!(house.items("tag/liberation_palestine").await.len(), 2);
}

#[tokio::test]
async fn names_that_end_with_a_sign_are_tags_of_their_own() {
    let house = House::with(SOURCE).await;
    let written = ["C", "C++", "C#", "Disney", "Disney+", "سلام"];
    let entries: Vec<String> = (0..).zip(written).map(|(n, tag)| entry(n, &format!("texte{n}"), &[tag])).collect();
    serve(&house, "/a", &[entries.concat(), entry(9, "en C #C++ et #C#", &[])]);
    house.round().await;
    for (tag, encoded, titles) in [
        ("c", "c", vec!["Titre 0", "Titre 9"]),
        ("c++", "c++", vec!["Titre 1"]),
        ("c#", "c%23", vec!["Titre 2"]),
        ("disney", "disney", vec!["Titre 3"]),
        ("disney+", "disney+", vec!["Titre 4"]),
    ] {
        let items = house.items(&format!("tag/{tag}")).await;
        let mut found: Vec<&str> = items.iter().filter_map(|i| i["title"].as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, titles, "{tag}");
        let feed: serde_json::Value = serde_json::from_str(&house.get(&format!("/tag/{tag}.json")).await).unwrap();
        assert_eq!(feed["feed_url"], format!("https://feeds.example/tag/{encoded}.json"));
        assert!(house.get("/tags").await.contains(&format!("href=\"/tag/{encoded}\"")), "{tag}");
        let asked = url::form_urlencoded::byte_serialize(format!("tag:{tag}").as_bytes()).collect::<String>();
        let found: serde_json::Value =
            serde_json::from_str(&house.get(&format!("/search.json?q={asked}")).await).unwrap();
        assert_eq!(found["items"].as_array().map(Vec::len), Some(titles.len()), "{asked}");
    }
    for (path, to) in
        [("C++.rss", "c++.rss"), ("C♯", "c%23"), ("Disney +", "disney+"), ("سَـلام", "%D8%B3%D9%84%D8%A7%D9%85")]
    {
        assert_eq!(house.get(&format!("/tag/{path}")).await, format!("moved to /tag/{to}"), "{path}");
    }
}

#[tokio::test]
async fn tags_that_were_stored_under_the_key_of_another_get_their_own() {
    let mut house = House::with(SOURCE).await;
    serve(&house, "/a", &[entry(1, "un", &["C++"]), entry(2, "deux", &["C#", "C"])]);
    house.round().await;
    let key_of_before = |shown: &str| Tagged { tag: Tag::from_parts(shown, "c"), origin: TagOrigin::Feed };
    let articles = house.store.articles(None, 9).await.unwrap();
    let stored = articles.iter().zip(["C++", "C#"]);
    let articles = stored.map(|(a, shown)| (a.position, a.article.entry_hash, vec![key_of_before(shown)])).collect();
    house.store.retag(Retagging { rules: 1, after: 0, upto: 2, last: true, articles }).await.unwrap();
    house.restart();
    assert_eq!(house.items("tag/c").await.len(), 2);
    house.round().await;
    for (tag, stories) in [("c", 1), ("c++", 1), ("c#", 1)] {
        assert_eq!(house.items(&format!("tag/{tag}")).await.len(), stories, "{tag}");
    }
}

#[tokio::test]
async fn the_most_frequent_spelling_names_the_page() {
    let house = House::with(SOURCE).await;
    serve(&house, "/a", &[entry(1, "#GAZA", &[])]);
    house.round().await;
    assert!(house.get("/tag/gaza").await.contains("<h1>#GAZA</h1>"));
    serve(&house, "/a", &[entry(1, "#GAZA", &[]), entry(2, "#Gaza encore", &[]), entry(3, "#Gaza toujours", &[])]);
    house.pass(std::time::Duration::from_secs(3 * 3600));
    house.round().await;
    assert!(house.get("/tag/gaza").await.contains("<h1>#Gaza</h1>"));
    assert!(house.get("/tags").await.contains("#Gaza"));
    assert_eq!(tags_of(&house, 1).await, ["GAZA"], "an article keeps what it wrote");
}

#[tokio::test]
async fn a_flood_of_invented_hashtags_makes_no_flood_of_pages() {
    let house = House::with(&format!(
        "{SOURCE}[source.b]\nurl = \"{{origin}}/b\"\n[feed.x]\nselect = 'tag:i0t7'\n[tagging]\nmost = 50\n"
    ))
    .await;
    let invented = |n: usize| (0..50).fold(String::new(), |all, i| format!("{all} #i{n}t{i}"));
    let flood: Vec<String> = (0..40).map(|n| entry(n, &format!("mot{n} autre{n}{}", invented(n)), &[])).collect();
    serve(&house, "/a", &flood);
    serve(&house, "/b", &[entry(100, "honnête #Mer #Sel", &[]), entry(101, "aussi #i0t49 #Mer", &[])]);
    house.round().await;
    let pages = house.get("/tags").await.matches("rel=\"tag\"").count();
    assert!((100..=110).contains(&pages), "{pages} pages of 2,002 tags");
    for (tag, there) in [("mer", true), ("sel", true), ("i0t49", true), ("i0t7", true), ("i0t48", false)] {
        for ending in ["", ".rss", ".json"] {
            let got = house.get(&format!("/tag/{tag}{ending}")).await;
            assert_eq!(got != "missing", there, "{tag}{ending}");
        }
    }
    // It is still shown, and leads nowhere; its category stays in the feeds.
    let shown = tags_of(&house, 0).await;
    assert!(shown.len() == 50 && shown.contains(&"i0t48".to_owned()));
    let page = house.get("/all").await;
    assert!(page.contains("<span><bdi>#i0t48</bdi></span>") && !page.contains("/tag/i0t48"));
    assert!(page.contains("href=\"/tag/i0t49\""));
    assert!(!house.get("/feeds.opml").await.contains("i0t48"));
}

#[tokio::test]
async fn listed_pages_are_those_of_the_file() {
    let sources = "[source.a]\nurl = \"{origin}/a\"\ntags = [\"Télé\"]\n";
    let rest = "[tags]\n\"Palestine\" = 'gaza'\n[feed.x]\nselect = 'tag:Vent'\n";
    let mut house = House::with(&format!("{sources}{rest}")).await;
    serve(&house, "/a", &[entry(1, "gaza #Mer #Sel #Vent #Pluie", &[])]);
    house.round().await;
    let there = async |house: &House| {
        let mut there = Vec::new();
        for tag in ["mer", "sel", "vent", "pluie", "palestine", "tele"] {
            if house.get(&format!("/tag/{tag}")).await != "missing" {
                there.push(tag);
            }
        }
        there
    };
    assert_eq!(there(&house).await.len(), 6, "a site of one source has all its tags");
    let file = file_of(&house);
    reload(&mut house, &file, "[tagging]\npages = \"listed\"\naliases = { Sel = [\"Sels\"] }\n").await;
    assert_eq!(there(&house).await, ["sel", "vent", "palestine", "tele"]);
    assert!(!house.get("/").await.contains("/tag/mer") && house.get("/").await.contains("/tag/sel"));
    assert_eq!(tags_of(&house, 1).await, ["Télé", "Palestine", "Mer", "Sel", "Vent", "Pluie"]);
}

#[tokio::test]
async fn what_like_stories_carry_is_learnt_where_the_file_asks_for_it() {
    for learn in [false, true] {
        let house = House::with(&format!("{SOURCE}[tagging]\nlearn = {learn}\n")).await;
        let text = |n: usize| {
            let own = (0..30).fold(String::new(), |all, i| format!("{all} propre{n}x{i}"));
            format!("pêcheurs chalutiers harengs quotas filets criée marins{own}")
        };
        let carry: Vec<String> = (0..6).map(|n| entry(n, &text(n), &["Pêche", &format!("Lieu{n}")])).collect();
        serve(&house, "/a", &carry);
        house.round().await;
        serve(&house, "/a", &[carry.concat(), entry(50, &text(50), &["Océan"])]);
        house.pass(std::time::Duration::from_secs(3 * 3600));
        house.round().await;
        let expected: &[&str] = if learn { &["Océan", "Pêche"] } else { &["Océan"] };
        assert_eq!(tags_of(&house, 50).await, expected);
        assert_eq!(house.items("tag/peche").await.len(), if learn { 7 } else { 6 });
        let articles = house.store.articles(None, 99).await.unwrap();
        let learned: Vec<_> = articles
            .iter()
            .flat_map(|a| &a.article.tags)
            .filter(|t| t.origin == TagOrigin::Learned)
            .map(|t| t.tag.shown())
            .collect();
        assert_eq!(learned, &expected[1..]);
        let story = house.store.story(articles[6].story.as_str()).await.unwrap().unwrap();
        let learnt = house.state.publisher.learnt(&story).await.unwrap();
        assert_eq!(learnt.iter().map(|l| l.tag.clone()).collect::<Vec<Tag>>().len(), usize::from(learn));
        assert!(learnt.iter().all(|l| l.from.len() == 6 && l.confidence > 0.9), "{learnt:?}");
        let before = house.get("/all.rss").await;
        house.pass(std::time::Duration::from_secs(3 * 3600));
        house.round().await;
        assert_eq!(house.get("/all.rss").await, before);
    }
}

#[tokio::test]
async fn redirects_stay_below_the_path_of_the_site() {
    let mut house = House::with("[source.a]\nurl = \"{origin}/a\"\n").await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.reload(&file.replace("https://feeds.example", "https://feeds.example/fils")).await;
    for (path, to) in [
        ("/tag/Le-Port", "/fils/tag/le_port"),
        ("/tag/Le Port/", "/fils/tag/Le%20Port"),
        ("/search/?q=le+port&page=2", "/fils/search?q=le+port&page=2"),
        ("/tags/", "/fils/tags"),
    ] {
        assert_eq!(house.get(path).await, format!("moved to {to}"), "{path}");
    }
}
