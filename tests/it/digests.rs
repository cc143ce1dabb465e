//! The order of feeds, and digests: what a subscriber receives in the morning, whatever happened in the night.

use std::time::Duration;

use feedloom::demo::Reply;
use feedloom::publish::Answer;
use feedloom::render::Cache;
use feedloom::store::KeptDigest;

use crate::safe;
use crate::support::House;

const HOUR: Duration = Duration::from_secs(3600);

/// Two sources and a digest in Paris.
const MORNING: &str = r#"
[source.a]
url = "{origin}/a"
outlet = "Agence"
[source.b]
url = "{origin}/b"
outlet = "Baie"
[feed.matin]
select = 'texte'
digest = "07:00"
order = "best"
limit = 3
"#;

/// An entry: guid, date, title, tags, description.
struct Entry<'a>(&'a str, &'a str, &'a str, &'a [&'a str], &'a str);

fn feed(entries: &[Entry<'_>]) -> Reply {
    let item = |Entry(guid, date, title, tags, text): &Entry<'_>| {
        let tags: String = tags.iter().map(|t| format!("<category>{t}</category>")).collect();
        format!(
            "<item><title><![CDATA[{title}]]></title><guid isPermaLink='false'>{guid}</guid><link>https://x.example/{guid}</link>\
             <pubDate>{date}</pubDate>{tags}<description><![CDATA[{text}]]></description></item>"
        )
    };
    let items: String = entries.iter().map(item).collect();
    Reply::new("application/rss+xml", format!("<rss version='2.0'><channel><title>F</title>{items}</channel></rss>"))
}

/// A house in Paris.
async fn paris(file: &str) -> House {
    let mut house = House::with(file).await;
    let text = std::fs::read_to_string(house.file()).unwrap();
    house.reload(&text.replacen("lang = \"fr\"\n", "lang = \"fr\"\ntz = \"Europe/Paris\"\n", 1)).await;
    house
}

async fn renew_at(house: &House, instant: &str) {
    house.pass_until(instant);
    house.state.publisher.renew().await.unwrap();
}

const FORMS: [&str; 4] = ["/matin.rss", "/matin.atom", "/matin.json", "/matin"];

async fn bytes(house: &House) -> Vec<String> {
    let mut bytes = Vec::new();
    for path in FORMS.into_iter().chain(["/matin/2026-10-24", "/matin/2026-10-25"]) {
        bytes.push(house.get(path).await);
    }
    bytes
}

const FRIDAY: &str = "Fri, 23 Oct 2026 09:00:00 GMT";
const SATURDAY: &str = "Sat, 24 Oct 2026 12:00:00 GMT";
const LONG: &str =
    "Un texte assez long pour être lu jusqu’au bout, qui dit ce qui s’est passé et ce que l’on en sait. ";

/// What a feed reader sees of the last digest.
async fn reads_back(house: &House) {
    for path in ["/matin.rss", "/matin.atom", "/matin.json"] {
        let read = feed_rs::parser::parse(house.get(path).await.as_bytes()).unwrap();
        let heads: Vec<_> = read.entries.iter().map(|e| (e.id.as_str(), e.published.unwrap().to_rfc3339())).collect();
        assert_eq!(
            heads[0],
            ("tag:feeds.example,2026:digest/matin/2026-10-25", "2026-10-25T06:00:00+00:00".into()),
            "{path}"
        );
        assert_eq!(heads.len(), 2);
        assert_eq!(read.entries[0].links[0].href, "https://feeds.example/matin/2026-10-25");
    }
}

#[tokio::test]
async fn a_digest_comes_at_its_time_and_stays_as_it_was() {
    let mut house = paris(MORNING).await;
    house.pass_until("2026-10-23T10:00:00Z");
    house.origin.set("/a", feed(&[Entry("1", FRIDAY, "Un", &["Port"], "Un texte du vendredi.")]));
    house.round().await;
    renew_at(&house, "2026-10-24T04:59:59Z").await;
    assert!(house.items("matin").await.is_empty());
    renew_at(&house, "2026-10-24T05:00:00Z").await;
    assert_eq!(house.items("matin").await.len(), 1, "07:00 in summer");

    house.pass_until("2026-10-24T13:00:00Z");
    house.origin.set(
        "/a",
        feed(&[
            Entry("2", SATURDAY, "Deux", &["Port", "Grève"], "Un texte court du samedi."),
            Entry("3", SATURDAY, "Trois", &["Mer"], "Rien de ce que le fil demande."),
            Entry("4", SATURDAY, "Quatre", &["Port"], "Un autre texte court, du samedi aussi, un peu plus long."),
        ]),
    );
    let own = format!("Le texte de la baie. {}", LONG.repeat(20));
    house.origin.set("/b", feed(&[Entry("5", SATURDAY, "Cinq", &["Port"], &own)]));
    house.round().await;
    // Clocks are set back in the night.
    renew_at(&house, "2026-10-25T05:59:59Z").await;
    assert_eq!(house.items("matin").await.len(), 1);
    renew_at(&house, "2026-10-25T06:00:00Z").await;
    let items = house.items("matin").await;
    assert_eq!(items.len(), 2, "07:00 in winter");
    assert_eq!(items[0]["id"], "tag:feeds.example,2026:digest/matin/2026-10-25");
    assert_eq!(items[1]["id"], "tag:feeds.example,2026:digest/matin/2026-10-24");
    assert_eq!(items[0]["title"], "Matin · 25\u{a0}octobre 2026");
    assert_eq!(items[0]["url"], "https://feeds.example/matin/2026-10-25");
    assert_eq!(items[0]["date_published"], "2026-10-25T06:00:00Z");
    let told: Vec<_> = items[0]["_digest"].as_array().unwrap().iter().map(|s| s["title"].as_str().unwrap()).collect();
    assert_eq!(told, ["Cinq", "Quatre", "Deux"], "the whole text first, nothing of yesterday, nothing unselected");
    assert_eq!(items[0]["tags"][0], "Port");
    let html = items[0]["content_html"].as_str().unwrap();
    assert!(html.contains("<a href=\"https://x.example/5\">Cinq</a>") && html.contains("https://feeds.example/story/"));
    assert!(html.contains("Un texte court du samedi.") && html.len() < own.len(), "first lines only: {html}");

    reads_back(&house).await;
    for page in ["/matin", "/matin/2026-10-25"] {
        safe::page(&house.get(page).await).unwrap();
    }

    let before = bytes(&house).await;
    house.origin.set("/b", feed(&[Entry("5", SATURDAY, "Cinq, corrigé", &["Autre"], &own)]));
    house.restart();
    house.round().await;
    assert!(house.get("/all.rss").await.contains("Cinq, corrigé"), "the story itself is corrected");
    renew_at(&house, "2026-10-25T22:00:00Z").await;
    assert!(bytes(&house).await == before, "a digest is not");
    // Two days without stories, one of them slept through.
    renew_at(&house, "2026-10-27T09:00:00Z").await;
    assert!(bytes(&house).await == before);
    assert_eq!(house.get("/matin/2026-10-26").await, "missing");
    assert!(house.get("/feeds.opml").await.contains("/matin.rss"));
}

#[tokio::test]
async fn a_digest_that_was_missed_is_made_later_as_it_would_have_been() {
    let early = paris(MORNING).await;
    let mut late = paris(MORNING).await;
    for house in [&early, &late] {
        house.pass_until("2026-10-23T10:00:00Z");
        house.origin.set("/a", feed(&[Entry("1", FRIDAY, "Un", &[], "Un texte du vendredi.")]));
        house.round().await;
    }
    for day in ["2026-10-24T05:00:00Z", "2026-10-25T06:00:00Z", "2026-10-26T06:00:00Z"] {
        renew_at(&early, day).await;
    }
    late.pass_until("2026-10-26T11:23:00Z");
    late.restart();
    late.origin.set("/a", feed(&[Entry("2", SATURDAY, "Deux", &[], "Un texte du samedi, lu lundi.")]));
    late.round().await;
    assert!(bytes(&late).await == bytes(&early).await);
    renew_at(&late, "2026-10-27T06:00:00Z").await;
    assert!(
        late.items("matin").await[0]["content_html"].as_str().unwrap().contains("lu lundi"),
        "it waits for its turn"
    );
    // After a long silence the last week is made up for, and no more.
    renew_at(&late, "2027-03-01T06:00:00Z").await;
    assert_eq!(late.items("matin").await.len(), 2);
}

#[tokio::test]
async fn who_changes_the_hour_gets_every_story_once() {
    let mut house = paris(MORNING).await;
    let text = std::fs::read_to_string(house.file()).unwrap();
    house.pass_until("2026-10-23T10:00:00Z");
    for (i, (at, hour)) in [
        ("2026-10-23T16:00:00Z", "07:00"),
        ("2026-10-24T16:00:00Z", "18:00"),
        ("2026-10-25T18:00:00Z", "18:00"),
        ("2026-10-26T04:00:00Z", "06:30"),
        ("2026-10-27T09:00:00Z", "06:30"),
    ]
    .into_iter()
    .enumerate()
    {
        house.pass_until(at);
        let (guid, title) = (format!("g{i}"), format!("Titre {i}"));
        let own = format!("Un texte numéro {i}, et rien d’autre.");
        house.origin.set("/a", feed(&[Entry(&guid, FRIDAY, &title, &[], &own)]));
        house.reload(&text.replace("07:00", hour)).await;
        house.round().await;
    }
    renew_at(&house, "2026-10-28T12:00:00Z").await;
    let mut told: Vec<String> = Vec::new();
    for item in house.items("matin").await.iter().rev() {
        told.extend(item["_digest"].as_array().unwrap().iter().map(|s| s["title"].as_str().unwrap().to_owned()));
    }
    told.sort();
    assert_eq!(told, ["Titre 0", "Titre 1", "Titre 2", "Titre 3", "Titre 4"]);
}

#[tokio::test]
async fn rights_and_withdrawals_reach_into_old_digests() {
    let mut house = paris(
        "[source.a]\nurl = \"{origin}/a\"\nrepublish = \"full\"\n[source.b]\nurl = \"{origin}/b\"\n[feed.matin]\ndigest = \"07:00\"\ntext = \"full\"\n",
    )
    .await;
    let text = std::fs::read_to_string(house.file()).unwrap();
    house.pass_until("2026-10-23T10:00:00Z");
    let whole = format!("<p>Début. {}</p><p>La fin du texte.</p>", LONG.repeat(8));
    house.origin.set("/a", feed(&[Entry("1", FRIDAY, "Titre A", &["Port"], &whole)]));
    house.origin.set("/b", feed(&[Entry("2", FRIDAY, "Titre B", &["Mer"], "Une tout autre affaire.")]));
    house.round().await;
    renew_at(&house, "2026-10-24T05:00:00Z").await;
    let doors = ["/matin.rss", "/matin.atom", "/matin.json", "/matin/2026-10-24"];
    for door in doors {
        let found = house.get(door).await;
        assert!(found.contains("La fin du texte.") && found.contains("Titre B"), "{door}: {found}");
    }
    house.reload(&text.replace("\"full\"\n[source.b]", "\"link\"\n[source.b]\nrepublish = \"private\"")).await;
    for door in doors.into_iter().chain(["/matin"]) {
        let found = house.get(door).await;
        assert!(found.contains("Titre A") && !found.contains("Début"), "{door}: {found}");
        assert!(!found.contains("Titre B") && !found.contains("Mer"), "{door}: {found}");
    }
    house.reload(&text).await;
    assert!(house.get("/matin.rss").await.contains("Titre B"), "it was private for a while");
    // What is purged leaves, and an empty digest with it.
    house.store.purge("2026-10-24T00:00:00Z".parse().unwrap()).await.unwrap();
    house.state.publisher.renew().await.unwrap();
    assert!(house.items("matin").await.is_empty());
    assert_eq!(house.get("/matin/2026-10-24").await, "missing");
}

#[tokio::test]
async fn a_digest_with_a_key_opens_for_who_has_it() {
    let house = paris(
        "[source.a]\nurl = \"{origin}/a\"\nrepublish = \"private\"\n[feed.matin]\ndigest = \"07:00\"\nkey = \"env:FEED_KEY\"\n[feed.soir]\ndigest = \"07:00\"\n",
    )
    .await;
    house.pass_until("2026-10-23T10:00:00Z");
    house.origin.set("/a", feed(&[Entry("1", FRIDAY, "Confidentiel", &["Filtré"], "Un texte du vendredi.")]));
    house.round().await;
    renew_at(&house, "2026-10-24T05:00:00Z").await;
    for path in FORMS.into_iter().chain(["/matin/2026-10-24", "/matin/2026-10-23"]) {
        assert_eq!(house.get(path).await, "missing", "{path}");
        assert_eq!(house.get(&format!("{path}?key=wrong")).await, "missing", "{path}");
    }
    for path in FORMS.into_iter().chain(["/matin/2026-10-24"]) {
        let Answer::Found(found) = house.state.publisher.answer(path, Some("key=sesame-ouvre-toi")).await else {
            panic!("{path} does not open");
        };
        assert!(String::from_utf8_lossy(&found.body).contains("Confidentiel"), "{path}");
        assert_eq!(found.cache, Cache::Private, "{path}");
    }
    assert!(house.items("soir").await.is_empty(), "the feed without a key has nothing to tell");
    assert_eq!(house.get("/soir/2026-10-24").await, "missing");
}

#[tokio::test]
async fn a_digest_may_ask_for_an_age() {
    let house = paris(&MORNING.replace("'texte'", "'age:<24h'")).await;
    house.pass_until("2026-10-24T10:00:00Z");
    let old = Entry("1", "Wed, 21 Oct 2026 10:00:00 GMT", "Vieux", &[], "Un texte de mercredi.");
    house.origin.set("/a", feed(&[old, Entry("2", SATURDAY, "Neuf", &[], "Une affaire du samedi.")]));
    house.round().await;
    renew_at(&house, "2026-10-25T06:00:00Z").await;
    let before = house.found("/matin.rss").await;
    let text = String::from_utf8(before.body.to_vec()).unwrap();
    assert!(text.contains("Neuf") && !text.contains("Vieux"), "{text}");
    house.pass(48 * HOUR);
    house.state.publisher.renew().await.unwrap();
    assert_eq!(house.found("/matin.rss").await.etag, before.etag, "what was young then stays");
}

#[tokio::test]
async fn no_title_runs_in_a_digest() {
    let house =
        paris(&MORNING.replace("limit = 3", "text = \"full\"\ntitle = \"Matin <img src=x onerror=alert(1)>\"")).await;
    house.pass_until("2026-10-23T10:00:00Z");
    house.origin.set(
        "/a",
        feed(&[
            Entry(
                "1",
                FRIDAY,
                "<script>alert(1)</script> &lt;img src=x onerror=alert(2)&gt;",
                &["<b>x</b>"],
                "Un texte <b onclick='x()'>gras</b>.",
            ),
            Entry(
                "javascript:alert(1)\"onload=\"x",
                FRIDAY,
                "\"><svg onload=alert(1)>",
                &["a\"b"],
                "Un texte. <a href='javascript:x()'>lien</a>",
            ),
        ]),
    );
    house.round().await;
    renew_at(&house, "2026-10-24T05:00:00Z").await;
    let items = house.items("matin").await;
    assert_eq!(items[0]["_digest"].as_array().unwrap().len(), 2);
    safe::fed(items[0]["content_html"].as_str().unwrap()).unwrap();
    let read = feed_rs::parser::parse(house.get("/matin.rss").await.as_bytes()).unwrap();
    safe::text(&read.entries[0].title.as_ref().unwrap().content).unwrap();
    let body = read.entries[0].content.as_ref().unwrap().body.as_deref().unwrap();
    safe::fed(body).unwrap();
    for page in ["/matin", "/matin/2026-10-24"] {
        safe::page(&house.get(page).await).unwrap();
    }
}

#[tokio::test]
async fn the_best_is_calm_and_no_source_fills_it() {
    let mut house = House::with(
        "[source.a]\nurl = \"{origin}/a\"\noutlet = \"A\"\n[source.b]\nurl = \"{origin}/b\"\noutlet = \"B\"\n[source.c]\nurl = \"{origin}/c\"\noutlet = \"C\"\n\
         [feed.meilleur]\norder = \"best\"\n[feed.neuf]\nper_source = 2\nlimit = 4\n",
    )
    .await;
    let wire = format!("Le port a rouvert hier. {}", LONG.repeat(4));
    let briefs: Vec<(String, String)> = (0..6_usize)
        .map(|i| (format!("Brève {i}"), format!("Une dépêche numéro {i} sur {}.", "ouabcdef".repeat(i + 1))))
        .collect();
    let eleven = "Wed, 03 Jun 2026 11:00:00 GMT";
    let mut flood: Vec<Entry<'_>> = briefs.iter().map(|(title, own)| Entry(title, eleven, title, &[], own)).collect();
    let old = "Wed, 03 Jun 2026 02:00:00 GMT";
    flood.push(Entry("w", old, "La dépêche", &["Port"], &wire));
    house.origin.set("/a", feed(&flood));
    house.origin.set("/b", feed(&[Entry("w2", old, "La dépêche", &["Port"], &wire)]));
    house.origin.set("/c", feed(&[Entry("w3", old, "La dépêche", &["Port"], &wire)]));
    house.round().await;
    let titles = async |house: &House, feed: &str| -> Vec<String> {
        house.items(feed).await.iter().map(|i| i["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles(&house, "meilleur").await[0], "La dépêche", "three tell it");
    let told = titles(&house, "neuf").await;
    let briefs = told.iter().filter(|t| t.starts_with("Brève")).count();
    assert!(briefs <= 2, "{told:?}");

    let dates = async |house: &House| -> Vec<(String, String)> {
        let items = house.items("meilleur").await;
        let of = |i: &serde_json::Value, key: &str| i[key].as_str().unwrap().to_owned();
        let mut dates: Vec<_> =
            items.iter().map(|i| (of(i, "id"), of(i, "date_published") + &of(i, "date_modified"))).collect();
        dates.sort();
        dates
    };
    let (before, order) = (dates(&house).await, titles(&house, "meilleur").await);
    let forms = ["/meilleur.rss", "/meilleur.atom", "/meilleur.json", "/neuf.rss", "/meilleur"];
    let mut old_bytes = Vec::new();
    for path in forms {
        old_bytes.push(house.get(path).await);
    }
    house.pass(30 * HOUR);
    house.restart();
    house.round().await;
    for (path, old) in forms.iter().zip(&old_bytes) {
        assert!(house.get(path).await == *old, "{path} changed by time alone");
    }
    house.origin.set(
        "/b",
        feed(&[Entry("n", "Thu, 04 Jun 2026 17:00:00 GMT", "Neuf", &[], "Un texte tout neuf, d’ailleurs.")]),
    );
    house.round().await;
    let after = titles(&house, "meilleur").await;
    assert_eq!(
        after.iter().filter(|t| *t != "Neuf").cloned().collect::<Vec<_>>(),
        order,
        "the others stay in their order"
    );
    let kept: Vec<_> = dates(&house).await.into_iter().filter(|d| before.contains(d)).collect();
    assert_eq!(kept, before, "ids and dates stay");
}

#[tokio::test]
async fn the_daemon_makes_a_digest_at_its_time_though_no_source_has_anything_new() {
    use feedloom::daemon::{Options, run};
    use tokio_util::sync::CancellationToken;
    let house = paris(MORNING).await;
    house.pass_until("2026-10-24T10:00:00Z");
    house.origin.set("/a", feed(&[Entry("1", FRIDAY, "Un", &[], "Un texte du vendredi.")]));
    house.round().await;
    house.pass_until("2026-10-25T05:59:59Z");
    let stop = CancellationToken::new();
    let daemon = tokio::spawn(run(Options {
        config: house.file(),
        env: crate::support::env(),
        clock: house.clock.clone(),
        polls: true,
        listener: Some(tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap()),
        stop: stop.clone(),
    }));
    let (yesterday, today) = ("2026-10-24".parse().unwrap(), "2026-10-25".parse().unwrap());
    let made = async |day| {
        for _ in 0..500 {
            if let Some(digest) = house.store.digest("matin", day).await.unwrap() {
                return digest;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no digest of {day}");
    };
    made(yesterday).await;
    // At its start it publishes whatever the hour; that must be over.
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(house.store.digest("matin", today).await.unwrap(), None, "not before its time");
    house.pass(Duration::from_secs(1));
    assert_eq!(made(today).await.stories.len(), 1);
    stop.cancel();
    daemon.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_digest_of_a_day_to_come_keeps_no_day_from_its_own() {
    let house = paris(MORNING).await;
    let (day, due) = ("2030-01-01".parse().unwrap(), "2030-01-01T06:00:00Z".parse().unwrap());
    let wrong = KeptDigest { feed: "matin".into(), day, due, title: String::new(), stories: Vec::new() };
    house.store.keep_digest(wrong).await.unwrap();
    house.pass_until("2026-10-23T10:00:00Z");
    house.origin.set("/a", feed(&[Entry("1", FRIDAY, "Un", &["Port"], "Un texte du vendredi.")]));
    house.round().await;
    renew_at(&house, "2026-10-24T05:00:00Z").await;
    assert_eq!(house.items("matin").await.len(), 1);
}

#[tokio::test]
async fn a_feed_that_asks_for_one_that_asks_for_an_age_grows_old_however_it_is_written() {
    let file =
        "[source.a]\nurl = \"{origin}/a\"\n[feed.jour]\nselect = 'age:<1d'\n[feed.fil]\nselect = 'feed:Jour texte'\n";
    let house = paris(file).await;
    house.pass_until("2026-10-23T10:00:00Z");
    house.origin.set("/a", feed(&[Entry("1", FRIDAY, "Un", &["Port"], "Un texte du vendredi.")]));
    house.round().await;
    assert_eq!(house.items("fil").await.len(), 1);
    house.pass(48 * HOUR);
    assert!(house.items("fil").await.is_empty());
}
