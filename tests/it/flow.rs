//! The whole flow on the sample site: what a feed reader and a browser would receive.

use std::time::Duration;

use feedloom::demo::Reply;
use feedloom::model::HealthState;
use feedloom::poll::Ended;
use feedloom::store::Shelf;

use crate::support::House;

#[tokio::test]
async fn the_wire_story_stands_once_with_three_outlets() {
    let house = House::sample().await;
    house.round().await;
    let items = house.items("all").await;
    let wire: Vec<_> =
        items.iter().filter(|i| i["_feedloom"]["others"].as_array().is_some_and(|s| s.len() == 2)).collect();
    assert_eq!(wire.len(), 1, "one story with copies: {:#?}", items.iter().map(|i| &i["title"]).collect::<Vec<_>>());
    let html = wire[0]["content_html"].as_str().unwrap();
    assert!(html.contains("Également publié par"), "{html}");
}

#[tokio::test]
async fn every_entry_has_recommendations_with_reasons_and_never_itself() {
    let house = House::sample().await;
    house.round().await;
    for item in house.items("all").await {
        let recommended = item["_recommended"].as_array().unwrap_or_else(|| panic!("none under {}", item["title"]));
        assert!(!recommended.is_empty(), "none under {}", item["title"]);
        for one in recommended {
            let why = &one["why"];
            let reasons = why["tags"].as_array().map_or(0, Vec::len) + why["terms"].as_array().map_or(0, Vec::len);
            assert!(reasons > 0, "no reason: {one}");
            assert_ne!(one["title"], item["title"]);
        }
    }
}

/// Items of the same few words, each with one of its own, the newest first; every fourth under a tag.
fn many(items: usize) -> Reply {
    let item = |n: usize| {
        let tag = if n % 4 == 3 { "<category>Marée</category>" } else { "" };
        let minute = 59 - n % 60;
        format!(
            "<item><title>Le bateau {n} rentre au port</title><guid isPermaLink='false'>{n}</guid>{tag}\
             <pubDate>Wed, 03 Jun 2026 {:02}:{minute:02}:00 GMT</pubDate>\
             <description>Le bateau numéro {n} du patron Mot{n} rentre au port avec la marée, quai {n}.</description></item>",
            11 - n / 60
        )
    };
    let items: String = (0..items).map(item).collect();
    Reply::new("application/rss+xml", format!("<rss version='2.0'><channel><title>Port</title>{items}</channel></rss>"))
}

#[tokio::test]
async fn what_a_story_recommends_is_fixed_when_a_feed_first_shows_it() {
    let mut house = House::with("[source.a]\nurl = \"{origin}/feed\"\n").await;
    house.origin.set("/feed", many(120));
    house.round().await;
    let stories = house.store.stories_in(&Shelf::All, 200, 0).await.unwrap();
    let ids: Vec<_> = stories.iter().map(|story| story.id.clone()).collect();
    assert_eq!(ids.len(), 120);
    let unasked = house.store.unasked(&ids).await.unwrap();
    assert_eq!(unasked, ids[50..], "the fifty of /all.rss have their lists");
    let (all, tag) = (house.get("/all.rss").await, house.get("/tag/maree.rss").await);
    assert!(all.matches("rel=\"related\"").count() > 50 && tag.matches("rel=\"related\"").count() > 20);
    assert!(house.store.unasked(&ids).await.unwrap().len() < 70, "those of the tag too");
    // It stands: whatever comes later, and whoever asks.
    house.restart();
    house.state.publisher.renew().await.unwrap();
    assert_eq!(house.get("/tag/maree.rss").await, tag);
    assert_eq!(house.get("/all.rss").await, all);
}

#[tokio::test]
async fn a_tag_has_its_feed_and_page_and_one_address() {
    let house = House::sample().await;
    house.round().await;
    let page = house.get("/tag/liberation_palestine").await;
    assert!(page.contains("#Libération_Palestine") || page.contains("Libération_"), "{page}");
    assert_eq!(house.get("/tag/Libération-Palestine").await, "moved to /tag/liberation_palestine");
    let items = house.items("tag/liberation_palestine").await;
    assert!(items.len() >= 2);
    for item in items {
        let tags: Vec<_> = item["tags"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
        assert!(tags.contains(&"Libération_Palestine"), "{tags:?}");
    }
    assert_eq!(house.get("/tag/nobody_wrote_this").await, "missing");
}

#[tokio::test]
async fn an_arabic_article_runs_from_right_to_left() {
    let house = House::sample().await;
    house.round().await;
    let items = house.items("all").await;
    let arabic =
        items.iter().find(|i| i["language"].as_str().is_some_and(|l| l.starts_with("ar"))).expect("an Arabic item");
    assert!(arabic["content_html"].as_str().unwrap().contains("dir=\"rtl\""));
}

#[tokio::test]
async fn a_second_poll_asks_with_validators_and_changes_no_byte() {
    let house = House::sample().await;
    house.round().await;
    let paths = ["/all.rss", "/all.atom", "/all.json", "/tag/liberation_palestine.rss", "/all", "/"];
    let mut before = Vec::new();
    for path in paths {
        before.push(house.get(path).await);
    }
    house.origin.forget_requests();
    house.pass(Duration::from_secs(3 * 3600));
    let reports = house.round().await;
    assert!(reports.iter().all(|r| r.inserted + r.joined + r.revised == 0), "{reports:#?}");
    for seen in house.origin.requests() {
        let conditional = seen.header("if-none-match").is_some() || seen.header("if-modified-since").is_some();
        // One sample source gives no validators, two fail.
        let has_none = ["/le-phare", "/radio-cap", "/le-matinal"].iter().any(|p| seen.path.starts_with(p));
        assert!(conditional || has_none, "{} {} was asked without validators", seen.status, seen.path);
    }
    for (path, old) in paths.iter().zip(before) {
        assert!(house.get(path).await == old, "{path} changed");
    }
}

#[tokio::test]
async fn what_fails_costs_itself_only() {
    let house = House::with(
        r#"
        [source.good]
        url = "{origin}/good"
        [source.down]
        url = "http://127.0.0.1:9/feed"
        [source.error]
        url = "{origin}/500"
        [source.html]
        url = "{origin}/html"
        [source.empty]
        url = "{origin}/empty"
        [source.list]
        url = "{origin}/html"
          [source.list.list]
          item = "article.none"
        "#,
    )
    .await;
    use feedloom::demo::Reply;
    let feed = "<rss version='2.0'><channel><title>G</title><item><title>Un</title><guid>1</guid><description>Un texte.</description></item></channel></rss>";
    house.origin.set("/good", Reply::new("application/rss+xml", feed));
    house.origin.set("/500", Reply::status(500));
    house.origin.set("/html", Reply::new("text/html", "<html><body><h1>Not a feed</h1></body></html>"));
    house.origin.set("/empty", Reply::new("application/rss+xml", ""));
    let reports = house.round().await;
    let state = |name: &str| reports.iter().find(|r| r.source.as_str() == name).map(|r| (r.ended, r.health));
    assert_eq!(state("good"), Some((Ended::Read, HealthState::Ok)));
    assert_eq!(state("down"), Some((Ended::Failed, HealthState::Failing)));
    assert_eq!(state("error"), Some((Ended::Failed, HealthState::Failing)));
    for broken in ["html", "empty", "list"] {
        assert_eq!(state(broken), Some((Ended::Failed, HealthState::Broken)), "{broken}");
    }
    assert_eq!(house.items("all").await.len(), 1);
    let page = house.get("/status").await;
    assert!(page.contains("error") && page.contains("list"));
}

#[tokio::test]
async fn a_broken_answer_keeps_what_was_published() {
    use feedloom::demo::Reply;
    let house = House::with("[source.a]\nurl = \"{origin}/feed\"\n").await;
    let feed = "<rss version='2.0'><channel><title>G</title><item><title>Un</title><guid>1</guid><description>Un texte.</description></item></channel></rss>";
    house.origin.set("/feed", Reply::new("application/rss+xml", feed));
    house.round().await;
    let before = house.get("/all.rss").await;
    assert!(before.contains("Un texte."));
    for wrong in
        [Reply::status(503), Reply::new("text/html", "<h1>Maintenance</h1>"), Reply::new("application/rss+xml", "")]
    {
        house.origin.set("/feed", wrong);
        house.pass(Duration::from_secs(24 * 3600));
        house.round().await;
        assert_eq!(house.get("/all.rss").await, before);
    }
}

#[tokio::test]
async fn rights_hold_at_every_door() {
    use feedloom::demo::Reply;
    let house = House::with(
        r#"
        [source.link]
        url = "{origin}/feed-a"
        republish = "link"
        [source.secret]
        url = "{origin}/feed-b"
        republish = "private"
        [feed.tout]
        select = "texte"
        [feed.cle]
        select = "texte"
        key = "env:FEED_KEY"
        "#,
    )
    .await;
    let feed = |n: u8| {
        format!(
            "<rss version='2.0'><channel><title>G</title><item><title>Titre {n}</title><link>https://x.example/{n}</link><guid>{n}</guid><category>Mot {n}</category><description>Un texte numéro {n} qui ne doit pas sortir.</description></item></channel></rss>"
        )
    };
    house.origin.set("/feed-a", Reply::new("application/rss+xml", feed(1)));
    house.origin.set("/feed-b", Reply::new("application/rss+xml", feed(2)));
    house.round().await;
    let link = house.items("tout").await;
    let story = link[0]["_feedloom"]["story"]
        .as_str()
        .map_or_else(|| link[0]["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned(), ToOwned::to_owned);
    for door in ["/all.rss", "/all.atom", "/all.json", "/tout.rss", "/tout", "/", &format!("/story/{story}")] {
        let text = house.get(door).await;
        assert!(!text.contains("ne doit pas sortir"), "{door}: {text}");
        assert!(!text.contains("Titre 2"), "{door}: {text}");
        assert!(text.contains("Titre 1"), "{door}: {text}");
    }
    assert_eq!(house.get("/cle.rss").await, "missing");
    assert_eq!(house.get("/cle.rss?key=wrong").await, "missing");
    assert!(house.get("/cle.rss?key=sesame-ouvre-toi").await.contains("Un texte numéro 2"));
    assert!(!house.get("/feeds.opml").await.contains("cle"));
    // Who gave the key is led on with it; a private story and its tag have no page.
    let page = house.get("/cle?key=sesame-ouvre-toi").await;
    for there in [
        "href=\"/cle.rss?key=sesame-ouvre-toi\"",
        "cle.json?key=sesame-ouvre-toi\"",
        "<a href=\"https://x.example/2\">",
    ] {
        assert!(page.contains(there), "no {there} in {page}");
    }
    assert!(!page.contains("/story/") || page.contains(&format!("/story/{story}")), "{page}");
    assert!(!page.contains("/tag/mot_2") && page.contains("/tag/mot_1") && page.contains("noindex"), "{page}");
    for (feed, there) in [("cle.rss", "rss?key"), ("cle.atom", "atom?key"), ("cle.json", "json?key")] {
        let text = house.get(&format!("/{feed}?key=sesame-ouvre-toi")).await;
        assert!(text.contains(&format!("https://feeds.example/cle.{there}=sesame-ouvre-toi")), "{text}");
        assert!(text.matches("sesame").count() >= 2, "{text}");
    }
    for door in ["/all.rss", "/all.json", "/tout", "/", "/tags", "/feeds.opml", "/search?q=texte", "/status"] {
        assert!(!house.get(door).await.contains("sesame"), "{door}");
    }
}

#[tokio::test]
async fn pages_are_read_once_and_cut_to_an_excerpt_until_the_file_says_full() {
    let mut house = House::sample().await;
    let text = std::fs::read_to_string(house.file()).unwrap();
    house.reload(&text.replace("republish = \"full\"", "")).await;
    house.round().await;
    let is_page = |path: &str| path.starts_with("/journal-du-port/") && path.ends_with(".html");
    let pages = |house: &House| house.origin.requests().iter().filter(|s| is_page(&s.path)).count();
    assert!(pages(&house) >= 4);
    let cut = house.get("/all.rss").await;
    assert!(cut.contains("Lire l’article sur Journal du Port"), "{cut}");
    house.origin.forget_requests();
    house.pass(Duration::from_secs(24 * 3600));
    house.round().await;
    assert_eq!(pages(&house), 0, "a page is read once");
    house.reload(&text).await;
    let whole = house.get("/all.rss").await;
    assert!(whole.len() > cut.len() && !whole.contains("Lire l’article sur Journal du Port"));
}

#[tokio::test]
async fn a_feed_that_changed_says_so_whatever_the_dates_of_its_stories() {
    use feedloom::demo::Reply;
    let house = House::with("[source.a]\nurl = \"{origin}/feed\"\n").await;
    let entry = |guid: u8, hour: u8| {
        format!(
            "<item><title>Un {guid}</title><guid>{guid}</guid><description>Un texte {guid}.</description><pubDate>Wed, 03 Jun 2026 0{hour}:00:00 GMT</pubDate></item>"
        )
    };
    let serve = |entries: String| {
        let feed = format!("<rss version='2.0'><channel><title>G</title>{entries}</channel></rss>");
        house.origin.set("/feed", Reply::new("application/rss+xml", feed));
    };
    serve(entry(1, 9));
    house.round().await;
    let before = house.found("/all.rss").await;
    serve(entry(1, 9) + &entry(2, 6));
    house.pass(Duration::from_secs(3600));
    house.round().await;
    let after = house.found("/all.rss").await;
    assert_ne!(before.etag, after.etag);
    assert!(after.last_modified > before.last_modified, "who asks by date alone never sees the older story");
    house.pass(Duration::from_secs(3 * 3600));
    house.round().await;
    assert_eq!(house.found("/all.rss").await.last_modified, after.last_modified, "nothing has changed");
}

#[tokio::test]
async fn two_outlets_of_one_host_have_each_its_own_site() {
    use feedloom::demo::Reply;
    let house = House::with(
        "[source.a]\nurl = \"{origin}/a/feed\"\n[source.b]\nurl = \"{origin}/b/feed\"\n[source.c]\nurl = \"{origin}/c/feed\"\n",
    )
    .await;
    for (name, link) in [("a", "https://host.example/a/"), ("b", "/b/"), ("c", "javascript:alert(1)")] {
        let feed = format!(
            "<rss version='2.0'><channel><title>{name}</title><link>{link}</link><item><title>{name}</title><guid>{name}</guid><description>Texte {name}.</description></item></channel></rss>"
        );
        house.origin.set(&format!("/{name}/feed"), Reply::new("application/rss+xml", feed));
    }
    house.round().await;
    let mut sites: Vec<String> = Vec::new();
    for item in house.items("all").await {
        sites.push(item["_feedloom"]["outlet"]["url"].as_str().unwrap().to_owned());
    }
    sites.sort();
    assert_eq!(sites, [house.origin.url("/"), house.origin.url("/b/"), "https://host.example/a/".to_owned()]);
}

#[tokio::test]
async fn each_entry_of_a_feed_is_in_its_own_language_in_whatever_order_they_come() {
    let texts = [
        (
            "fr",
            "Le navire est parti du port avec des vivres pour les enfants, et nous ne savons pas encore quand il arrivera.",
        ),
        (
            "fr",
            "Les dockers du port ont refusé de charger les caisses, et le syndicat dit que la grève durera toute la semaine.",
        ),
        (
            "en",
            "The ship has left the port with food for the children, and we do not know yet when it will arrive at the coast.",
        ),
        (
            "ca",
            "El vaixell ha salpat del port amb queviures per als infants, i encara no sabem quan arribarà a la costa ni com.",
        ),
        (
            "ar",
            "غادرت السفينة الميناء وعلى متنها المؤن للأطفال، ولا نعرف بعد متى ستصل إلى الشاطئ ولا كيف ستدخل إلى المدينة.",
        ),
        ("fr", "Courte."),
    ];
    for reversed in [false, true] {
        let mut order: Vec<usize> = (0..texts.len()).collect();
        if reversed {
            order.reverse();
        }
        let item = |n: &usize| {
            format!("<item><guid>g{n}</guid><title>{n}</title><description>{0} {0}</description></item>", texts[*n].1)
        };
        let items: String = order.iter().map(item).collect();
        let feed =
            format!("<rss version='2.0'><channel><title>T</title><language>fr</language>{items}</channel></rss>");
        let house = House::with("[source.a]\nurl = \"{origin}/feed\"\n").await;
        house.origin.set("/feed", Reply::new("application/rss+xml; charset=utf-8", feed));
        house.round().await;
        let mut found: Vec<(String, String)> = house
            .items("all")
            .await
            .iter()
            .map(|item| (item["title"].as_str().unwrap().to_owned(), item["language"].as_str().unwrap().to_owned()))
            .collect();
        found.sort();
        let wanted: Vec<_> =
            texts.iter().enumerate().map(|(n, (lang, _))| (n.to_string(), (*lang).to_owned())).collect();
        assert_eq!(found, wanted, "reversed: {reversed}");
    }
}
