//! Search, and the rows behind queries: what a reader finds, and what a change of the file does to feeds.

use std::time::Duration;

use feedloom::demo::Reply;
use feedloom::store::{Number, Order};

use crate::safe;
use crate::support::House;

/// A feed document of items: guid, title, text, and how many hours old.
fn feed(items: &[(&str, &str, &str, i64)]) -> String {
    let mut out = String::from(
        "<rss version=\"2.0\"><channel><title>Journal du Port</title><link>https://a.example/</link><description>d</description><language>fr</language>",
    );
    for (guid, title, text, hours) in items {
        let date = (crate::support::start() - chrono::TimeDelta::hours(*hours)).to_rfc2822();
        out.push_str(&format!(
            "<item><guid isPermaLink=\"false\">{guid}</guid><link>https://a.example/{guid}</link><title>{title}</title>\
             <pubDate>{date}</pubDate><category>Gaza</category><description>{text}</description></item>"
        ));
    }
    out + "</channel></rss>"
}

const THREE: &str = "[source.a]\nurl = \"{origin}/a\"\n[source.excerpts]\nurl = \"{origin}/b\"\nrepublish = \"link\"\n\
    [source.secrete]\nurl = \"{origin}/c\"\noutlet = \"Lettre Secrète\"\nrepublish = \"private\"\n";

async fn three() -> House {
    let house = House::with(THREE).await;
    let a = [
        (
            "a1",
            "Première trêve",
            "Dans un texte assez long, les délégations disent que les pourparlers reprennent lundi au bord du lac.",
            1,
        ),
        (
            "a2",
            "Une élection",
            "Le dépouillement dure : un autre texte, long lui aussi, compte les bulletins du scrutin de la capitale.",
            30,
        ),
    ];
    let b = [(
        "b1",
        "Ailleurs",
        "La récolte des oliviers commence sous la pluie, et ce texte qui parle d'elle est long comme le jour.",
        2,
    )];
    let c = [(
        "c1",
        "Confidences",
        "Ce que personne ne doit lire : texte long et secret sur des pourparlers menés dans une cave de banlieue.",
        3,
    )];
    for (path, items) in [("/a", &a[..]), ("/b", &b), ("/c", &c)] {
        house.origin.set(path, Reply::new("application/rss+xml", feed(items)));
    }
    house.round().await;
    house
}

async fn titles(house: &House, query: &str) -> Vec<String> {
    let found = house.state.publisher.search_for(query, Order::Best, 0, 20).await.unwrap();
    found.unwrap_or_else(|m| panic!("{query}: {m:?}")).stories.into_iter().map(|(entry, _)| entry.title).collect()
}

#[tokio::test]
async fn a_search_finds_what_may_be_shown() {
    let house = three().await;
    let page = house.get("/search?q=POURPARLERS").await;
    safe::page(&page).unwrap();
    for part in ["1 article<", "<mark>pourparlers</mark>", "Première trêve", "/search.rss?q=POURPARLERS", "noindex"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("Confidences") && !page.contains("Secrète"), "{page}");
    // The text of a source that gives links alone is found and not shown.
    let link = house.get("/search?q=oliviers").await;
    assert!(link.contains("Ailleurs") && !link.contains("qui parle"), "{link}");
    assert_eq!(titles(&house, "tag:gaza -ailleurs age:<1d").await, ["Première trêve"]);
    let empty = house.get("/search").await;
    assert!(empty.contains("<form") && !empty.contains("class=\"number\""), "{empty}");
    safe::page(&house.get("/").await).unwrap();
    assert!(house.get("/").await.contains("name=\"q\""));
}

#[tokio::test]
async fn a_search_is_a_feed_too() {
    let house = three().await;
    let json: serde_json::Value = serde_json::from_str(&house.get("/search.json?q=texte+long").await).unwrap();
    let titles: Vec<_> = json["items"].as_array().unwrap().iter().map(|i| i["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Première trêve", "Ailleurs", "Une élection"], "the newest first");
    assert_eq!(json["feed_url"], "https://feeds.example/search.json?q=texte+long");
    for (ending, own) in [("rss", "search.rss?q=texte+long"), ("atom", "search.atom?q=texte+long")] {
        let feed = house.get(&format!("/search.{ending}?q=texte+long")).await;
        assert!(feed.contains(own) && feed.contains("Une élection"), "{feed}");
    }
    assert_eq!(house.get("/search.rss").await, "missing");
    // Who subscribes to a mistake learns of it at once.
    for (asked, told) in
        [("titel:x", "did you mean `title:`?"), ("(port", "is not closed"), ("feed:autre", "feed `autre` is not known")]
    {
        let wrong = house.get(&format!("/search.json?q={asked}")).await;
        assert!(wrong.starts_with("misread: ") && wrong.contains(told), "{wrong}");
    }
}

#[tokio::test]
async fn a_name_is_found_by_its_other_spellings_and_a_wrong_one_told() {
    let mut house = three().await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    let more = "[feed.monde]\ntitle = \"M\"\n[tagging]\naliases = { Gaza = [\"Ghazza\"] }\n";
    house.reload(&format!("{file}{more}")).await;
    assert_eq!(titles(&house, "tag:ghazza age:<1d").await, ["Première trêve", "Ailleurs"]);
    let notes = async |query: &str| -> Vec<String> {
        let found = house.state.publisher.search_for(query, Order::Best, 0, 20).await.unwrap();
        let notes = found.map_or_else(|wrong| wrong, |found| found.notes);
        notes.iter().map(|note| format!("{} {}", note.message, note.hint.as_deref().unwrap_or_default())).collect()
    };
    for (query, told) in [
        ("source:excerpt", "source `excerpt` is not known did you mean `excerpts`?"),
        ("source:excerpt OR texte", "source `excerpt` is not known did you mean `excerpts`?"),
        ("outlet:\"Lettre Secrete X\"", "no story is told by outlet `Lettre Secrete X` "),
        ("outlet:\"Journal du Prt\"", "no story is told by outlet `Journal du Prt` did you mean `Journal du Port`?"),
        ("tag:Gasa OR texte", "no story has the tag `Gasa` did you mean `Gaza`?"),
        ("feed:mond", "feed `mond` is not known did you mean `monde`?"),
    ] {
        assert_eq!(notes(query).await, [told], "{query}");
    }
    for query in ["source:a", "tag:ghazza", "texte", "outlet:\"Journal du Port\""] {
        assert!(notes(query).await.is_empty(), "{query}: {:?}", notes(query).await);
    }
    // A feed that is not there holds nothing, and spoils nothing.
    let page = house.get("/search?q=feed:mond+OR+pourparlers").await;
    assert!(page.contains("Première trêve") && page.contains("vouliez-vous dire «\u{a0}monde\u{a0}»"), "{page}");
}

#[tokio::test]
async fn mistakes_and_unknown_names_are_told() {
    let house = three().await;
    for (query, told) in [
        ("titel:x", "vouliez-vous dire «\u{a0}title:\u{a0}»\u{a0}?"),
        ("titel:x", "titel:x\n^^^^^^"),
        ("feed:autre", "«\u{a0}autre\u{a0}» n’existe pas ici"),
        ("source:secrete mer", "«\u{a0}secrete\u{a0}» n’existe pas ici"),
        (
            "tag:Gasa",
            "«\u{a0}Gasa\u{a0}» n’existe pas ici\u{a0}: <span class=\"hint\">vouliez-vous dire «\u{a0}Gaza\u{a0}»\u{a0}?",
        ),
        ("\"mer", "n’est pas fermé"),
        ("Trêve : première ?", "Première trêve"),
        ("Trêve : première ?", "«\u{a0}:\u{a0}» n’a pas été compris"),
        ("https://a.example/a1", "Première trêve"),
    ] {
        let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let page = house.get(&format!("/search?q={encoded}")).await;
        safe::page(&page).unwrap_or_else(|e| panic!("{query}: {e}"));
        assert!(page.contains(told), "{query}: no {told} in {page}");
    }
}

#[tokio::test]
async fn nothing_that_is_asked_breaks_or_hangs_it() {
    let house = three().await;
    let many = |n: usize, with: &str| (0..n).map(|i| format!("mot{i}")).collect::<Vec<_>>().join(with);
    let deep = format!("{}texte{}", "(".repeat(60), ")".repeat(60));
    for query in [
        many(1500, " OR "),
        many(1500, " -"),
        many(1500, " "),
        deep,
        "-".repeat(40) + "texte",
        "\"".repeat(1000),
        "a".repeat(16 * 1024),
        "漢".repeat(5000),
        format!("\"{}\"", many(1500, " ")),
        "NEAR(texte long) OR title:\"*\"".into(),
        "texte\u{0}long".into(),
        "x".repeat(20_000),
    ] {
        let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        for address in ["/search?q=", "/search.json?q=", "/search?page=99999999999999999999&q="] {
            let page = house.get(&format!("{address}{encoded}")).await;
            assert!(page != "busy" && page != "missing", "{}: {page}", query.chars().take(40).collect::<String>());
        }
    }
    assert_eq!(titles(&house, "(texte long) OR (and or not)").await.len(), 3);
}

#[tokio::test]
async fn the_rows_of_a_feed_follow_its_query_and_time() {
    let feeds = "[feed.jour]\nselect = \"age:<1d\"\n[feed.vieux]\nselect = \"age:>1d gaza\"\n[feed.ailleurs]\nselect = \"feed:jour -election\"\n\
        [feed.mot]\nselect = \"pourparlers\"\n";
    let mut house = three().await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.reload(&format!("{file}{feeds}")).await;
    let of = |items: Vec<serde_json::Value>| -> Vec<String> {
        items.iter().map(|i| i["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of(house.items("jour").await), ["Première trêve", "Ailleurs"]);
    assert_eq!(of(house.items("ailleurs").await), ["Première trêve", "Ailleurs"]);
    assert_eq!(of(house.items("mot").await), ["Première trêve"]);
    assert!(of(house.items("vieux").await).is_empty(), "`gaza` is a tag here and no word");
    house.reload(&format!("{file}{}", feeds.replace("age:>1d gaza", "age:>1d tag:gaza"))).await;
    assert_eq!(of(house.items("vieux").await), ["Une élection"]);
    // Time alone moves them, to the second: the elder of the two is 2 h old, or a part of a second less (see `Article::place`).
    let second = Duration::from_secs(1);
    house.pass(Duration::from_secs(22 * 3600) - second);
    assert_eq!(of(house.items("jour").await), ["Première trêve", "Ailleurs"]);
    house.pass(second + second);
    assert_eq!(of(house.items("jour").await), ["Première trêve"]);
    house.pass(second);
    assert_eq!(of(house.items("vieux").await), ["Ailleurs", "Une élection"]);
    house.pass(Duration::from_secs(1799));
    assert_eq!(of(house.items("jour").await), ["Première trêve"]);
    assert_eq!(of(house.items("vieux").await), ["Ailleurs", "Une élection"]);
    assert_eq!(titles(&house, "feed:jour").await, ["Première trêve"]);
    // Another query of a feed that others ask for.
    house.reload(&format!("{file}{}", feeds.replace("age:<1d", "oliviers").replace("pourparlers", "bulletins"))).await;
    assert_eq!(of(house.items("ailleurs").await), ["Ailleurs"]);
    assert_eq!(of(house.items("mot").await), ["Une élection"]);
}

#[tokio::test]
async fn a_restart_takes_nothing_in_again() {
    let house = three().await;
    let taken = house.store.taken_in().await.unwrap();
    assert!(house.store.changed_since(taken, 10).await.unwrap().stories.is_empty());
    assert!(house.store.refills().await.unwrap().is_empty());
    let revision = house.store.revision();
    // The parts of another process over the same store.
    let loaded = feedloom::daemon::load(&house.file(), &crate::support::env()).unwrap();
    let state = feedloom::daemon::State::new(loaded.config, house.store.clone(), house.clock.clone()).unwrap();
    state.publisher.renew().await.unwrap();
    assert_eq!(house.store.revision(), revision);
    let found = state.publisher.search_for("texte", Order::Best, 0, 2).await.unwrap().unwrap();
    assert_eq!((found.stories.len(), found.more, found.number), (2, true, Number::About(3)));
}

/// A database of an earlier version holds stories and no words.
#[tokio::test]
async fn an_older_database_is_filled() {
    let mut house = three().await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.reload(&format!("{file}[feed.f]\nselect = \"pourparlers\"\n")).await;
    let database = house.file().with_file_name("feeds.db");
    let older = rusqlite::Connection::open(&database).unwrap();
    older
        .execute_batch(
            "DROP TABLE search; DROP TABLE search_row; DROP TABLE refill; DROP TABLE refilled;
             DELETE FROM counter WHERE name = 'taken_in'; UPDATE feed SET query = 1;",
        )
        .unwrap();
    older.execute_batch(include_str!("../../src/store/migrations/004-search.sql")).unwrap();
    drop(older);
    let loaded = feedloom::daemon::load(&house.file(), &crate::support::env()).unwrap();
    let store = feedloom::store::Store::open(&loaded.config.store).unwrap();
    assert_eq!(store.taken_in().await.unwrap(), store.revision());
    let state = feedloom::daemon::State::new(loaded.config, store.clone(), house.clock.clone()).unwrap();
    let before = state.publisher.search_for("texte", Order::Best, 0, 9).await.unwrap().unwrap();
    assert!(before.filling && before.stories.is_empty());
    state.publisher.renew().await.unwrap();
    let after = state.publisher.search_for("texte", Order::Best, 0, 9).await.unwrap().unwrap();
    assert_eq!((after.filling, after.number), (false, Number::Exactly(3)));
}

#[tokio::test]
async fn a_large_archive_is_asked_again_in_the_background() {
    let mut house = House::with("[source.a]\nurl = \"{origin}/a\"\n[feed.f]\nselect = \"pair\"\n").await;
    let parity = |i: usize| if i.is_multiple_of(2) { "pair" } else { "impair" };
    let number = |i: usize| format!("un{:x}", i * 7919);
    let text = |i: usize| (0..9).map(|k| number(i * 9 + k)).collect::<Vec<_>>().join(" ");
    let items: Vec<_> =
        (0..1_300).map(|i| (format!("n{i}"), format!("{} {}", parity(i), number(i)), text(i))).collect();
    let items: Vec<_> = items.iter().map(|(g, t, x)| (g.as_str(), t.as_str(), x.as_str(), 1)).collect();
    house.origin.set("/a", Reply::new("application/rss+xml", feed(&items)));
    house.round().await;
    let held = house.store.count_in(&feedloom::store::Shelf::All).await.unwrap();
    let pairs = house.store.count_in(&feedloom::store::Shelf::Feed("f".into())).await.unwrap();
    assert!(held >= 1_000 && pairs == held / 2, "{held} {pairs}");
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.reload(&file.replace("\"pair\"", "\"impair\"")).await;
    house.state.publisher.settled().await;
    assert!(house.store.refills().await.unwrap().is_empty());
    assert_eq!(house.store.count_in(&feedloom::store::Shelf::Feed("f".into())).await.unwrap(), held - pairs);
    assert!(house.items("f").await.iter().all(|i| i["title"].as_str().unwrap().starts_with("impair")));
    let found = house.state.publisher.search_for("title:pair", Order::Newest, 0, 20).await.unwrap().unwrap();
    assert_eq!((found.stories.len(), found.more), (20, true));
}

#[tokio::test]
async fn an_address_in_any_spelling_finds_its_story() {
    let house = three().await;
    for asked in [
        "https://a.example/a1",
        "https://a.example/a1?utm_source=x&fbclid=1#y",
        "http://www.a.example/a1/#commentaires",
        "a.example/a1?utm_campaign=z",
    ] {
        let q: String = url::form_urlencoded::byte_serialize(asked.as_bytes()).collect();
        let page = house.get(&format!("/search?q={q}")).await;
        assert!(page.contains("Première trêve") && !page.contains("Une élection"), "{asked}: {page}");
        safe::page(&page).unwrap();
    }
    // What nobody may see is not there, nor is what there is not.
    for asked in ["https://a.example/c1?utm_source=x", "https://a.example/absent?utm_source=x"] {
        let q: String = url::form_urlencoded::byte_serialize(asked.as_bytes()).collect();
        assert!(house.get(&format!("/search?q={q}")).await.contains("Rien n’a été trouvé"), "{asked}");
    }
    let of_ours = house.items("all").await[0]["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let page = house.get(&format!("/search?q=https%3A%2F%2Ffeeds.example%2Fstory%2F{of_ours}%3Futm_source%3Dx")).await;
    assert!(page.contains("1 article<"), "{page}");
}

#[tokio::test]
async fn what_comes_while_somebody_reads_on_is_not_shown_twice() {
    let house = House::with("[source.a]\nurl = \"{origin}/a\"\n").await;
    let named: Vec<(String, String, String)> = (0..70)
        .map(|n| {
            let own: String = (0..25).map(|i| format!("propre{n}x{i} ")).collect();
            (format!("n{n}"), format!("Navire {n}"), format!("Le navire {own}"))
        })
        .collect();
    let upto = |newest: usize| {
        let items = named[..newest].iter().zip((0..80).rev());
        let items: Vec<_> = items.map(|((g, t, x), age)| (g.as_str(), t.as_str(), x.as_str(), age)).collect();
        Reply::new("application/rss+xml", feed(&items))
    };
    house.origin.set("/a", upto(50));
    house.round().await;
    let titles_of = |page: &str| -> Vec<String> {
        let parts = page.split("<h2").skip(1);
        parts.filter_map(|part| part.split_once("Navire ")?.1.split_once('<').map(|(n, _)| n.to_owned())).collect()
    };
    let link = |page: &str, rel: &str| -> Option<String> {
        let at = page.split_once(&format!("rel=\"{rel}\" href=\""))?.1.split_once('"')?.0;
        Some(at.replace("&amp;", "&"))
    };
    for asked in ["navire", "-absent"] {
        let mut page = house.get(&format!("/search?q={asked}")).await;
        let mut seen = titles_of(&page);
        assert_eq!(seen.len(), 20, "{page}");
        // Between two pages more comes on top.
        house.pass(Duration::from_secs(3 * 3600));
        house.origin.set("/a", upto(if asked == "navire" { 60 } else { 70 }));
        house.round().await;
        let first = page.clone();
        while let Some(next) = link(&page, "next") {
            page = house.get(&next).await;
            seen.extend(titles_of(&page));
            let before = house.get(&link(&page, "prev").unwrap()).await;
            assert!(seen.len() != 40 || titles_of(&before) == titles_of(&first), "{before}");
        }
        let expected = if asked == "navire" { 50 } else { 60 };
        let distinct: std::collections::HashSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (expected, expected), "{asked}: {seen:?}");
    }
    for page in ["as_of=x", "as_of=", "as_of=9999-12-31T23:59:59Z", "page=2&as_of=0000-01-01T00:00:00Z"] {
        safe::page(&house.get(&format!("/search?q=navire&{page}")).await).unwrap();
    }
}
