//! One story once, whoever tells it and in whatever order its copies come.

use std::ops::Range;
use std::time::Duration;

use feedloom::demo::Reply;
use serde_json::Value;

use crate::support::House;

const THREE: &str = r#"
[source.a]
url = "{origin}/a"
outlet = "Agence A"
[source.b]
url = "{origin}/b"
outlet = "Le B"
[source.c]
url = "{origin}/c"
outlet = "C"
rank = 1
"#;

/// Words that no other text has; two ranges of one text share what overlaps.
fn prose(text: usize, words: Range<usize>) -> String {
    words.map(|n| format!("mot{} ", (n * 7919 + text * 104_729) % 1_000_003)).collect()
}

/// A feed of entries written as (address, title, text).
fn feed(entries: &[(&str, &str, &str)]) -> Reply {
    let item = |(url, title, text): &(&str, &str, &str)| {
        let url = url.replace('&', "&amp;");
        format!(
            "<item><title>{title}</title><link>{url}</link><guid>{url}</guid><description>{text}</description></item>"
        )
    };
    let items: String = entries.iter().map(item).collect();
    Reply::new("application/rss+xml", format!("<rss version='2.0'><channel><title>G</title>{items}</channel></rss>"))
}

fn titles(items: &[Value]) -> Vec<&str> {
    let mut titles: Vec<&str> = items.iter().map(|i| i["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    titles
}

/// Outlets and kinds of the others that tell an item, in order.
fn others(item: &Value) -> Vec<(String, String)> {
    let others = item["_feedloom"]["others"].as_array().cloned().unwrap_or_default();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    others.iter().map(|o| (text(&o["title"]), text(&o["kind"]))).collect()
}

async fn item(house: &House, title: &str) -> Value {
    let items = house.items("all").await;
    items.iter().find(|i| i["title"] == title).unwrap_or_else(|| panic!("{title} among {:?}", titles(&items))).clone()
}

fn copy(title: &str) -> (String, String) {
    (title.to_owned(), "copy".to_owned())
}

#[tokio::test]
async fn nine_entries_that_are_six_stories() {
    let house = House::with(THREE).await;
    let wire = prose(1, 0..250);
    let reworked = format!("(Agence) {} {}", prose(1, 0..230), prose(9, 0..12));
    house.origin.set(
        "/a",
        feed(&[
            ("https://outlet.example/gaza?utm_source=rss&utm_medium=feed", "Gaza : la trêve", &wire),
            ("https://outlet.example/revue", "Revue de presse", &prose(2, 0..200)),
            ("https://outlet.example/budget", "Le budget", &prose(3, 0..200)),
        ]),
    );
    house.origin.set(
        "/b",
        feed(&[
            ("http://www.outlet.example/gaza?xtor=RSS-1", "Gaza : la trêve", &prose(1, 0..60)),
            ("https://b.example/revue", "Revue de presse", &prose(4, 0..200)),
            ("https://b.example/port", "Le port", &prose(5, 0..200)),
        ]),
    );
    house.origin.set(
        "/c",
        feed(&[
            ("https://c.example/une-treve", "Une trêve annoncée", &reworked),
            ("https://c.example/vent", "Le vent", &prose(6, 0..200)),
            ("https://c.example/greve", "Le port en grève", &prose(5, 0..200)),
        ]),
    );
    house.round().await;
    let items = house.items("all").await;
    let expected =
        ["Le budget", "Le port en grève", "Le vent", "Revue de presse", "Revue de presse", "Une trêve annoncée"];
    assert_eq!(titles(&items), expected, "the lowest rank leads");
    let mut of_wire = others(&item(&house, "Une trêve annoncée").await);
    of_wire.sort();
    assert_eq!(of_wire, [copy("Gaza : la trêve"), copy("Gaza : la trêve")]);
    assert_eq!(others(&item(&house, "Le port en grève").await), [copy("Le port")]);
    for alone in
        items.iter().filter(|i| ["Le budget", "Le vent", "Revue de presse"].contains(&i["title"].as_str().unwrap()))
    {
        assert!(others(alone).is_empty(), "{alone}");
    }
}

#[tokio::test]
async fn two_stories_that_turn_out_to_be_one_keep_the_elders_id() {
    let house = House::with(THREE).await;
    let (begins, ends) = (prose(1, 0..200), prose(1, 150..350));
    house.origin.set("/a", feed(&[("https://a.example/1", "Premier", &begins)]));
    house.round().await;
    house.pass(Duration::from_secs(600));
    house.origin.set("/b", feed(&[("https://b.example/1", "Second", &ends)]));
    house.round().await;
    let (elder, younger) = (item(&house, "Premier").await, item(&house, "Second").await);
    assert_eq!(house.items("all").await.len(), 2);
    house.pass(Duration::from_secs(600));
    // A higher number ranks behind: what stands in the feeds stays as it is.
    let mut file = std::fs::read_to_string(house.file()).unwrap();
    file = file.replace("rank = 1", "rank = 200");
    let mut house = house;
    house.reload(&file).await;
    house.origin.set("/c", feed(&[("https://c.example/1", "Tout", &prose(1, 50..300))]));
    house.round().await;
    let items = house.items("all").await;
    assert_eq!(items.len(), 1, "{:?}", titles(&items));
    let one = &items[0];
    for kept in ["id", "url", "title", "date_published", "date_modified"] {
        assert_eq!(one[kept], elder[kept], "{kept}: nothing is emitted again");
    }
    let mut told = others(one);
    told.sort();
    assert_eq!(told, [copy("Second"), copy("Tout")]);
    let page = |item: &Value| item["_feedloom"]["page"].as_str().unwrap().replace("https://feeds.example", "");
    assert_eq!(house.get(&page(&younger)).await, format!("moved to {}", page(&elder)));
    // Once more, and after the file was read anew: the same bytes.
    let before = house.get("/all.rss").await;
    house.round().await;
    house.reload(&file).await;
    assert_eq!(house.get("/all.rss").await, before);
}

#[tokio::test]
async fn a_review_that_holds_two_articles_makes_them_no_one_story() {
    let house = House::with(THREE).await;
    let (one, other) = (prose(1, 0..150), prose(2, 0..150));
    house.origin.set("/a", feed(&[("https://a.example/1", "Un", &one), ("https://a.example/2", "Deux", &other)]));
    house.origin.set("/b", feed(&[("https://b.example/1", "Revue", &format!("{one} {other}"))]));
    house.round().await;
    let items = house.items("all").await;
    assert_eq!(titles(&items), ["Deux", "Revue", "Un"], "nor is it a copy of either");
    let mut told = others(&item(&house, "Revue").await);
    told.sort();
    assert_eq!(told, ["Deux", "Un"].map(|title| (title.to_owned(), "excerpt".to_owned())));
}

#[tokio::test]
async fn a_summary_with_half_of_each_of_two_dispatches_hides_neither() {
    let house = House::with(THREE).await;
    let half = |text: usize| prose(text, 0..110);
    let summary = format!("Bonsoir. {}{}", half(1), half(2));
    for (source, title, text) in
        [("a", "Un", &prose(1, 0..220)), ("b", "Le soir", &summary), ("c", "Deux", &prose(2, 0..220))]
    {
        house.origin.set(&format!("/{source}"), feed(&[(&format!("https://{source}.example/1"), title, text)]));
        house.round().await;
    }
    let items = house.items("all").await;
    assert!(titles(&items).contains(&"Deux"), "{:?}", titles(&items));
    assert!(others(&item(&house, "Deux").await).iter().all(|(_, kind)| kind != "copy"));
}

#[tokio::test]
async fn episodes_that_say_the_same_are_each_told() {
    let house = House::with(THREE).await;
    for newest in [2, 3] {
        let item = |n: usize| {
            format!(
                "<item><title>Le journal</title><link>https://a.example/journal</link><guid>{n}</guid><description>Toutes les \
                 heures, les informations de la rédaction.</description><enclosure url='https://a.example/{n}.mp3' \
                 type='audio/mpeg' length='1'/></item>"
            )
        };
        let items: String = (0..=newest).rev().map(item).collect();
        let feed = format!("<rss version='2.0'><channel><title>G</title>{items}</channel></rss>");
        house.origin.set("/a", Reply::new("application/rss+xml", feed));
        house.round().await;
        assert_eq!(house.items("all").await.len(), newest + 1);
        house.pass(Duration::from_secs(600));
    }
}

#[tokio::test]
async fn a_flash_that_grows_into_a_known_text_joins_its_story() {
    let house = House::with(THREE).await;
    let wire = prose(1, 0..250);
    house.origin.set("/a", feed(&[("https://a.example/flash", "Urgent", "Une trêve est annoncée à Gaza.")]));
    house.round().await;
    house.pass(Duration::from_secs(600));
    house.origin.set("/b", feed(&[("https://b.example/1", "La trêve", &wire)]));
    house.round().await;
    assert_eq!(house.items("all").await.len(), 2);
    house.pass(Duration::from_secs(600));
    house.origin.set("/a", feed(&[("https://a.example/flash", "Urgent : une trêve", &wire)]));
    house.round().await;
    let items = house.items("all").await;
    assert_eq!(titles(&items), ["Urgent : une trêve"]);
    assert_eq!(others(&items[0]), [copy("La trêve")]);
}

#[tokio::test]
async fn an_excerpt_that_came_first_stands_and_names_its_whole() {
    let house = House::with(THREE).await;
    let brief = prose(1, 300..400);
    house.origin.set("/a", feed(&[("https://a.example/breve", "La brève", &brief)]));
    house.round().await;
    house.pass(Duration::from_secs(600));
    house.origin.set("/b", feed(&[("https://b.example/direct", "Le direct", &prose(1, 0..1_200))]));
    house.round().await;
    assert_eq!(titles(&house.items("all").await), ["La brève", "Le direct"], "a live page swallows no brief");
    let (part, whole) = (item(&house, "La brève").await, item(&house, "Le direct").await);
    assert_eq!(others(&whole), [("La brève".to_owned(), "excerpt".to_owned())]);
    assert_eq!(part["_feedloom"]["excerpt_of"]["title"], "Le direct");
    let recommended = (&part["_recommended"], &whole["_recommended"]);
    assert!(recommended.0.is_null() && recommended.1.is_null(), "one text is not to be read twice: {recommended:?}");
    let html = |item: &Value| item["content_html"].as_str().unwrap().to_owned();
    assert!(
        html(&part)
            .contains("Extrait de <a href=\"https://b.example/direct\"><bdi>Le direct</bdi></a> (<bdi>Le B</bdi>)"),
        "{}",
        html(&part)
    );
    assert!(
        html(&whole).contains("Extrait publié par <a href=\"https://a.example/breve\"><bdi>Agence A</bdi>"),
        "{}",
        html(&whole)
    );
    let explained = async |item: &Value| {
        let page = item["_feedloom"]["page"].as_str().unwrap().replace("https://feeds.example", "");
        house.get(&page.replace("/story/", "/explain/")).await
    };
    let (of_part, of_whole) = (explained(&part).await, explained(&whole).await);
    assert!(of_part.contains("fait partie de") && of_part.contains("“Le direct”"), "{of_part}");
    assert!(of_whole.contains("contient") && of_whole.contains("“La brève”"), "{of_whole}");
    // One that comes afterwards is no entry of its own.
    house.origin.set("/c", feed(&[("https://c.example/breve", "Autre brève", &prose(1, 700..800))]));
    house.round().await;
    assert_eq!(house.items("all").await.len(), 2);
    let page = house.get(&whole["_feedloom"]["page"].as_str().unwrap().replace("https://feeds.example", "")).await;
    assert!(page.contains("Extrait publié par"), "{page}");
}

#[tokio::test]
async fn copies_and_corrections_arrive_before_a_story_is_published() {
    let house = House::with(&format!("{THREE}[stories]\nsettle = \"10m\"\n")).await;
    let wire = prose(1, 0..250);
    let tagged = |html: &str| html.contains("/tag/treve");
    house.origin.set("/a", feed(&[("https://a.example/1", "La treve", &format!("{wire} #Trêve"))]));
    house.round().await;
    for path in ["/", "/feeds.opml"] {
        assert!(!tagged(&house.get(path).await), "{path} leads to a tag that shows nothing yet");
    }
    assert!(house.items("all").await.is_empty() && !house.get("/search?q=treve").await.contains("La treve</a>"));
    assert_eq!(house.state.publisher.due().await.unwrap(), Some(house.clock.now() + chrono::TimeDelta::minutes(10)));
    house.pass(Duration::from_secs(300));
    house.origin.set("/a", feed(&[("https://a.example/1", "La trêve", &format!("{wire} #Trêve"))]));
    house.origin.set("/c", feed(&[("https://c.example/1", "Trêve à Gaza", &wire)]));
    house.round().await;
    assert!(house.items("all").await.is_empty());
    house.pass(Duration::from_secs(300));
    house.state.publisher.renew().await.unwrap();
    let items = house.items("all").await;
    assert_eq!(titles(&items), ["Trêve à Gaza"]);
    assert!(tagged(&house.get("/").await) && tagged(&house.get("/feeds.opml").await));
    assert!(house.get("/search?q=treve").await.contains("Trêve à Gaza</a>"));
    assert_eq!(others(&items[0]), [copy("La trêve")]);
    assert_eq!(items[0]["date_published"], items[0]["date_modified"], "nobody has seen it before");
    assert_eq!(house.state.publisher.due().await.unwrap(), None);
}

#[tokio::test]
async fn the_first_leads_for_good_where_the_file_says_so() {
    let house = House::with(&format!("{THREE}[stories]\nlead = \"first\"\n")).await;
    let wire = prose(1, 0..250);
    house.origin.set("/a", feed(&[("https://a.example/1", "Premier", &wire)]));
    house.origin.set("/c", feed(&[("https://c.example/1", "Mieux placé", &wire)]));
    house.round().await;
    assert_eq!(titles(&house.items("all").await), ["Premier"]);
}

#[tokio::test]
async fn the_sample_site_has_an_excerpt_under_its_whole() {
    let house = House::sample().await;
    house.round().await;
    let whole = item(&house, "Palestine\u{a0}: des cartes dessinées de mémoire pour des villages disparus").await;
    let part = "En bref : six cents villages de Palestine, de mémoire";
    assert_eq!(others(&whole), [(part.to_owned(), "excerpt".to_owned())]);
    assert!(house.items("all").await.iter().all(|i| i["title"] != part));
}

#[tokio::test]
async fn entries_of_one_document_that_share_an_id_are_each_taken() {
    const TITLES: [&str; 4] = ["Alpha", "Beta", "Gamma", "Delta"];
    let entry = |case: &str, n: usize| {
        let text = if case.ends_with("short") { prose(n, 0..12) } else { prose(n, 0..150) };
        let (guid, link) = match case.trim_end_matches(" short") {
            "constant guid" => ("<guid isPermaLink='false'>1</guid>", format!("/{n}")),
            "constant guid, front page" => ("<guid isPermaLink='false'>1</guid>", "/".to_owned()),
            "front page" => ("", "/".to_owned()),
            "anchors" => ("", format!("/page#{n}")),
            _ => ("", "/page".to_owned()),
        };
        format!("<item><title>{}</title>{guid}<link>{link}</link><description>{text}</description></item>", TITLES[n])
    };
    let document = |case: &str, order: &[usize]| {
        let items: String = order.iter().map(|n| entry(case, *n)).collect();
        Reply::new(
            "application/rss+xml",
            format!("<rss version='2.0'><channel><title>G</title>{items}</channel></rss>"),
        )
    };
    for case in ["constant guid", "constant guid, front page", "front page", "anchors", "one page"] {
        for case in [case.to_owned(), format!("{case} short")] {
            let house = House::with("[source.a]\nurl = \"{origin}/a\"\n").await;
            let mut first = Vec::new();
            for order in [[0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]] {
                house.origin.set("/a", document(&case, &order));
                house.round().await;
                house.pass(Duration::from_secs(8 * 24 * 3600));
                let items = house.items("all").await;
                let mut told: Vec<(String, String)> =
                    items.iter().map(|i| (i["title"].to_string(), i["id"].to_string())).collect();
                told.sort();
                assert_eq!(told.len(), 4, "{case}: {told:?}");
                first.extend(first.is_empty().then(|| told.clone()).into_iter().flatten());
                assert_eq!(told, first, "{case}");
            }
        }
    }
    // The same entry twice, and one in two versions, are one.
    let house = House::with("[source.a]\nurl = \"{origin}/a\"\n").await;
    let twice = entry("front page", 0).repeat(2);
    let version =
        |title: &str| format!("<item><title>{title}</title><guid>/x</guid><description>Texte.</description></item>");
    let items = format!("{twice}{}{}", version("Une version"), version("Une autre"));
    let reply = Reply::new(
        "application/rss+xml",
        format!("<rss version='2.0'><channel><title>G</title>{items}</channel></rss>"),
    );
    house.origin.set("/a", reply);
    house.round().await;
    assert_eq!(titles(&house.items("all").await), ["Alpha", "Une version"]);
}

#[tokio::test]
async fn a_text_that_a_hundred_outlets_print_is_one_story() {
    let sources: String = (0..100).map(|n| format!("[source.s{n}]\nurl = \"{{origin}}/{n}\"\n")).collect();
    let house = House::with(&sources).await;
    let wire = prose(1, 0..160);
    for n in 0..100 {
        let (url, title) = (format!("https://s{n}.example/a"), format!("Titre {n}"));
        house.origin.set(&format!("/{n}"), feed(&[(&url, &title, &format!("{wire}{}", prose(10 + n, 0..12)))]));
    }
    house.round().await;
    let items = house.items("all").await;
    assert_eq!(items.len(), 1, "{:?}", titles(&items));
}

/// A feed of entries without an id of their own, written as (address, title, text).
fn without_ids(entries: &[(&str, &str, &str)]) -> Reply {
    let text = String::from_utf8(feed(entries).body.to_vec()).unwrap();
    let text = text.split("<guid>").map(|part| part.split_once("</guid>").map_or(part, |(_, rest)| rest));
    let text = text.collect::<String>().replace("<link></link>", "");
    Reply::new("application/rss+xml", text)
}

#[tokio::test]
async fn an_article_that_two_sources_give_without_an_id_is_one_story() {
    let house = House::with(THREE).await;
    let [long, short, bare] = [prose(1, 0..80), prose(2, 0..30), prose(3, 0..80)];
    let both = [
        ("https://outlet.example/1", "Un", &*long),
        ("https://outlet.example/2", "Deux", &*short),
        ("", "Trois", &*bare),
    ];
    house.origin.set("/a", without_ids(&both));
    house.origin.set("/b", without_ids(&both));
    house.origin.set("/c", without_ids(&[]));
    house.round().await;
    house.origin.set("/c", without_ids(&both));
    house.pass(Duration::from_secs(86_400));
    house.round().await;
    let items = house.items("all").await;
    assert_eq!(titles(&items), ["Deux", "Trois", "Un"]);
    for item in &items {
        assert_eq!(others(item).len(), 2, "{item}");
    }
    // What each gave is known again.
    house.pass(Duration::from_secs(86_400));
    house.round().await;
    assert_eq!(house.items("all").await, items);
}

#[tokio::test]
async fn what_a_list_has_stays_when_it_is_completed() {
    let house = House::with(THREE).await;
    // Words of one subject, in an order of their own, and words that nobody else has.
    let about = |n: usize, of_it: usize| {
        let shared: String = (0..of_it).map(|w| format!("sujet{} ", w * (2 * n + 3) % 61)).collect();
        format!("{shared}{}", prose(50 + n, 0..40))
    };
    let written: Vec<String> = (0..9).map(|n| about(n, if n == 1 { 12 } else { 50 })).collect();
    let feed_of = |which: &[usize], source: &str| {
        let entries: Vec<(String, String, &str)> = which
            .iter()
            .map(|n| (format!("https://{source}.example/{n}"), format!("Titre {n}"), &*written[*n]))
            .collect();
        feed(&entries.iter().map(|(url, title, text)| (&**url, &**title, *text)).collect::<Vec<_>>())
    };
    let list = async || -> Vec<String> {
        let recommended = item(&house, "Titre 0").await["_recommended"].as_array().cloned().unwrap_or_default();
        recommended.iter().map(|r| r["title"].as_str().unwrap().to_owned()).collect()
    };
    house.origin.set("/a", feed_of(&[0], "a"));
    house.origin.set("/b", feed_of(&[1], "b"));
    house.origin.set("/c", feed_of(&[], "c"));
    house.round().await;
    assert_eq!(list().await, ["Titre 1"], "the only one there is");
    house.pass(Duration::from_secs(3_600));
    house.origin.set("/a", feed_of(&[0, 2, 3, 4], "a"));
    house.origin.set("/b", feed_of(&[1, 5, 6], "b"));
    house.origin.set("/c", feed_of(&[7, 8], "c"));
    house.round().await;
    let completed = list().await;
    assert_eq!((completed.len(), completed[0].as_str()), (5, "Titre 1"), "{completed:?}");
    let of_b = ["Titre 1", "Titre 5", "Titre 6"];
    assert!(completed.iter().filter(|title| of_b.contains(&title.as_str())).count() <= 2, "{completed:?}");
}

#[tokio::test]
async fn without_news_no_list_is_completed() {
    let mut house = House::with(&format!("{THREE}[recommend]\ncount = 2\n")).await;
    let entries = |which: Range<usize>, source: &str| {
        let told = |n: usize| format!("sujet{} sujet{} sujet {}", n % 7, n % 5, prose(50 + n, 0..40));
        let entries: Vec<(String, String, String)> =
            which.map(|n| (format!("https://{source}.example/{n}"), format!("Titre {n}"), told(n))).collect();
        feed(&entries.iter().map(|(url, title, text)| (&**url, &**title, &**text)).collect::<Vec<_>>())
    };
    let lengths = async |house: &House| -> Vec<usize> {
        let of = |item: &Value| item["_recommended"].as_array().map_or(0, Vec::len);
        house.items("all").await.iter().filter(|item| item["title"] != "Titre 10").map(of).collect()
    };
    for (source, which) in [("a", 0..4), ("b", 4..8), ("c", 8..10)] {
        house.origin.set(&format!("/{source}"), entries(which, source));
    }
    house.round().await;
    assert_eq!(lengths(&house).await, [2; 10]);
    // Lists may be longer from now on, but an emitted one changes with news only.
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.reload(&file.replace("count = 2", "count = 3")).await;
    house.restart();
    house.round().await;
    assert_eq!(lengths(&house).await, [2; 10]);
    house.origin.set("/c", entries(8..11, "c"));
    house.pass(Duration::from_secs(3_600));
    house.round().await;
    assert_eq!(lengths(&house).await, [3; 10]);
}

#[tokio::test]
async fn what_has_no_title_is_recommended_by_its_first_words() {
    let house =
        House::with("[source.a]\nurl = \"{origin}/a\"\n[source.b]\nurl = \"{origin}/b\"\nrepublish = \"link\"\n").await;
    let feed = |guid: &str, title: &str, words: &str| {
        let item = format!(
            "<item>{title}<guid isPermaLink='false'>{guid}</guid><link>https://p.example/{guid}</link><category>Port</category>\
             <description>{words} raconte la grève des dockers de Bizerte.</description></item>"
        );
        Reply::new("application/rss+xml", format!("<rss version='2.0'><channel><title>P</title>{item}</channel></rss>"))
    };
    house.origin.set("/a", feed("1", "", "Zoé"));
    house.origin.set("/b", feed("2", "", "Personne"));
    house.round().await;
    let items = house.items("all").await;
    let recommended =
        |item: &serde_json::Value| item["_recommended"][0]["title"].as_str().unwrap_or_default().to_owned();
    let mut names: Vec<String> = items.iter().map(recommended).collect();
    names.sort();
    assert!(names[1].starts_with("Zoé raconte la grève"), "{names:?}");
    assert!(!names[0].contains("Personne"), "its text may not leave: {names:?}");
    let page = house.get(&format!("/story/{}", items[0]["id"].as_str().unwrap().rsplit('/').next().unwrap())).await;
    let other = house.get(&format!("/story/{}", items[1]["id"].as_str().unwrap().rsplit('/').next().unwrap())).await;
    assert!(page.contains(">Zoé raconte") || other.contains(">Zoé raconte"), "{page}");
}
