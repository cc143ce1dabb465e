//! Polls over days: what a source does in between costs no article and no needless question.

use std::time::Duration;

use feedloom::demo::Reply;
use feedloom::model::HealthState;
use feedloom::poll::Ended;

use crate::support::House;

const HOUR: Duration = Duration::from_secs(3600);

/// A feed of entries written as (guid, title, description).
fn feed(entries: &[(&str, &str, &str)]) -> Reply {
    let items: String = entries
        .iter()
        .map(|(guid, title, text)| {
            format!(
                "<item><title>{title}</title><link>/{guid}</link><guid isPermaLink='false'>{guid}</guid><description>{text}</description></item>"
            )
        })
        .collect();
    Reply::new("application/rss+xml", format!("<rss version='2.0'><channel><title>G</title>{items}</channel></rss>"))
}

/// A feed of entries written as (guid, link, title, description).
fn linked(entries: &[(&str, &str, &str, &str)]) -> Reply {
    let items: String = entries
        .iter()
        .map(|(guid, link, title, text)| {
            format!(
                "<item><title>{title}</title><link>{link}</link><guid isPermaLink='false'>{guid}</guid><description>{text}</description></item>"
            )
        })
        .collect();
    Reply::new("application/rss+xml", format!("<rss version='2.0'><channel><title>G</title>{items}</channel></rss>"))
}

/// A page whose body is long, and tells its name.
fn page(title: &str) -> Reply {
    let paragraph = |n: usize| {
        format!(
            "<p>Le paragraphe numéro {n} de {title} raconte ce qui s’est passé hier au port, avec assez de mots pour être lu comme un vrai texte, et il dit encore que {title} compte {n} quais.</p>"
        )
    };
    let body: String = (1..9).map(paragraph).collect();
    Reply::new(
        "text/html; charset=utf-8",
        format!(
            "<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"
        ),
    )
}

fn asked(house: &House, path: &str) -> usize {
    house.origin.requests().iter().filter(|s| s.path == path).count()
}

async fn text(house: &House) -> String {
    house.get("/all.json").await
}

const PAGES: &str = "[source.a]\nurl = \"{origin}/feed\"\nread = \"page\"\nrepublish = \"full\"\n";

#[tokio::test]
async fn a_text_read_on_a_page_is_not_replaced_by_a_teaser() {
    let house = House::with(PAGES).await;
    house.origin.set("/feed", feed(&[("1", "Le port", "Un chapeau de quelques mots sur le port.")]));
    house.origin.set("/1", page("Le port"));
    house.round().await;
    assert!(text(&house).await.contains("paragraphe numéro 8"));
    house.origin.set("/feed", feed(&[("1", "Le port", "Un autre chapeau de quelques mots sur le port.")]));
    house.origin.set("/1", Reply::status(500));
    for _ in 0..5 {
        house.pass(24 * HOUR);
        house.round().await;
        assert!(text(&house).await.contains("paragraphe numéro 8"));
        assert_eq!(house.items("all").await.len(), 1);
    }
    assert_eq!(asked(&house, "/1"), 4, "once well, and three times in vain");
}

#[tokio::test]
async fn what_comes_under_another_id_with_the_text_of_its_page_is_kept_once() {
    let house = House::with(PAGES).await;
    house.origin.set("/1", page("Le port"));
    for n in ["a", "b", "c"] {
        house.origin.set("/feed", linked(&[(n, "/1", "Le port", &format!("Un chapeau {n} sur le port."))]));
        assert_eq!(house.round().await[0].error, None, "{n}");
        assert_eq!(house.items("all").await.len(), 1);
        house.pass(24 * HOUR);
    }
}

#[tokio::test]
async fn what_cannot_be_stored_of_one_source_is_its_own_trouble() {
    let house = House::with("[source.a]\nurl = \"{origin}/a\"\n[source.b]\nurl = \"{origin}/b\"\n").await;
    let base = rusqlite::Connection::open(house.file().with_file_name("feeds.db")).unwrap();
    base.execute_batch("CREATE UNIQUE INDEX no_title_twice ON article (title)").unwrap();
    house.origin.set("/a", feed(&[("1", "Un", "Un texte du port."), ("2", "Un", "Un tout autre texte, de la gare.")]));
    house.origin.set("/b", feed(&[("3", "Trois", "Un troisième texte.")]));
    let reports = house.round().await;
    let told: Vec<_> = reports.iter().map(|r| (r.ended, r.health, r.inserted)).collect();
    assert_eq!(told, [(Ended::Failed, HealthState::Failing, 0), (Ended::Read, HealthState::Ok, 1)]);
    assert!(reports[0].error.as_ref().is_some_and(|e| e.starts_with("what it gave was not stored: ")), "{reports:?}");
    assert!(house.get("/status").await.contains("not stored"));
    base.execute_batch("DROP INDEX no_title_twice").unwrap();
    house.pass(24 * HOUR);
    assert_eq!(house.round().await[0].inserted, 2);
}

#[tokio::test]
async fn a_page_that_fails_is_tried_a_few_times_by_however_many_processes() {
    let mut house = House::with(PAGES).await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.origin.set("/feed", feed(&[("1", "Le port", ""), ("2", "La gare", "Un chapeau sur la gare.")]));
    house.origin.set("/1", Reply::status(500));
    house.origin.set("/2", Reply::status(500));
    for _ in 0..6 {
        // A poller of its own each time, as cron would have it.
        house.reload(&file).await;
        house.round().await;
        house.pass(24 * HOUR);
    }
    assert_eq!((asked(&house, "/1"), asked(&house, "/2")), (3, 3));
    assert_eq!(house.items("all").await.len(), 2);
    let last = house.origin.requests().into_iter().rfind(|s| s.path == "/feed").unwrap();
    assert_eq!(last.status, 304, "nothing waits any more");
}

#[tokio::test]
async fn what_is_not_wanted_is_read_once() {
    let mut house = House::with(&format!("{PAGES}only = \"gare\"\n")).await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    for path in ["/1", "/2", "/3"] {
        house.origin.set(path, page(&format!("Le port {path}")));
    }
    let entries = [("1", "Un", "a"), ("2", "Deux", "b"), ("3", "Trois", "c")];
    house.origin.set("/feed", feed(&entries[..2]));
    house.round().await;
    house.origin.set("/feed", feed(&entries));
    house.pass(24 * HOUR);
    house.round().await;
    assert_eq!((asked(&house, "/1"), asked(&house, "/3")), (1, 1));
    assert!(house.items("all").await.is_empty());
    // Another `only` may want what is still there.
    house.reload(&file.replace("\"gare\"", "\"port\"")).await;
    house.origin.set("/feed", feed(&[entries[1], entries[0]]));
    house.pass(24 * HOUR);
    house.round().await;
    assert_eq!(house.items("all").await.len(), 1, "one story, told twice");
}

#[tokio::test]
async fn a_list_whose_teasers_change_reads_no_page_twice() {
    let list =
        "[source.a]\nurl = \"{origin}/list\"\nread = \"page\"\n[source.a.list]\nitem = \"li\"\nsummary = \"p\"\n";
    let house = House::with(list).await;
    house.origin.set("/1", page("Le port"));
    for hours in 1..4 {
        let html = format!(
            "<html><body><ul><li><h2><a href='/1'>Le port</a></h2><p>Il y a {hours} heures</p></li></ul></body></html>"
        );
        house.origin.set("/list", Reply::new("text/html", html));
        let reports = house.round().await;
        assert_eq!(reports[0].error, None);
        house.pass(24 * HOUR);
    }
    assert_eq!(asked(&house, "/1"), 1);
}

#[tokio::test]
async fn a_source_that_comes_back_as_it_was_is_well() {
    let house = House::with("[source.a]\nurl = \"{origin}/feed\"\n").await;
    let good = feed(&[("1", "Un", "Un texte.")]);
    house.origin.set("/feed", good.clone());
    house.round().await;
    house.origin.set("/feed", Reply::new("text/html", "<html><body><h1>Maintenance</h1></body></html>"));
    house.pass(24 * HOUR);
    assert_eq!(house.round().await[0].health, HealthState::Broken);
    house.origin.set("/feed", good);
    house.pass(24 * HOUR);
    let back = house.round().await;
    assert_eq!((back[0].ended, back[0].health), (Ended::NotModified, HealthState::Ok));
    assert!(!house.get("/status").await.contains("not a feed"), "nor does the page say so any more");
}

#[tokio::test]
async fn a_page_is_not_asked_by_what_its_feed_was_known_by() {
    let house = House::with("[source.a]\nurl = \"{origin}/\"\n").await;
    let home = Reply::new(
        "text/html",
        "<html><head><link rel='alternate' type='application/rss+xml' href='/feed'></head><body></body></html>",
    );
    house.origin.set("/", home);
    house.origin.set("/feed", feed(&[("1", "Un", "Un texte.")]));
    house.round().await;
    house.pass(24 * HOUR);
    house.round().await;
    house.origin.set("/feed", Reply::status(410));
    house.pass(24 * HOUR);
    house.round().await;
    house.origin.forget_requests();
    house.pass(24 * HOUR);
    house.round().await;
    let first = house.origin.requests().remove(0);
    assert_eq!(first.path, "/");
    assert!(first.header("if-none-match").is_none() && first.header("if-modified-since").is_none());
}

#[tokio::test]
async fn a_list_in_the_file_takes_the_place_of_a_feed_that_was_found() {
    let mut house = House::with("[source.a]\nurl = \"{origin}/\"\n").await;
    let home = Reply::new(
        "text/html",
        "<html><head><link rel='alternate' type='application/rss+xml' href='/feed'></head><body><ul><li><a href='/2'>Deux</a></li></ul></body></html>",
    );
    house.origin.set("/", home);
    house.origin.set("/feed", feed(&[("1", "Un", "Un texte.")]));
    house.round().await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.reload(&format!("{file}[source.a.list]\nitem = \"li\"\n")).await;
    house.pass(24 * HOUR);
    house.origin.set("/2", page("Deux"));
    house.round().await;
    assert!(text(&house).await.contains("Deux"));
}

#[tokio::test]
async fn an_undated_entry_keeps_its_date_and_a_new_address_asks_anew() {
    let mut house = House::with("[source.a]\nurl = \"{origin}/feed\"\n").await;
    house.origin.set("/feed", feed(&[("1", "Un", "Un texte.")]));
    house.round().await;
    let date = house.items("all").await[0]["date_published"].clone();
    house.pass(24 * HOUR);
    house.origin.set("/feed", feed(&[("1", "Un", "Un texte corrigé depuis.")]));
    house.round().await;
    assert_eq!(house.items("all").await[0]["date_published"], date);
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.origin.set("/other", feed(&[("1", "Un", "Un texte corrigé depuis."), ("2", "Deux", "Tout autre chose.")]));
    house.origin.forget_requests();
    house.reload(&file.replace("/feed\"", "/other\"")).await;
    house.round().await;
    let seen = house.origin.requests().remove(0);
    assert!(seen.path == "/other" && seen.header("if-none-match").is_none());
    assert_eq!(house.items("all").await.len(), 2);
}
#[tokio::test]
async fn a_public_copy_leads_before_a_private_one() {
    let sources = "[source.a]\nurl = \"{origin}/a\"\nrepublish = \"private\"\n[source.b]\nurl = \"{origin}/b\"\n";
    let house = House::with(sources).await;
    let words = "Le port de la ville a rouvert hier après trois semaines de travaux sur ses quais. ".repeat(3);
    house.origin.set("/a", feed(&[("1", "Le port", &words)]));
    house.origin.set("/b", feed(&[("2", "Le port", &words)]));
    house.round().await;
    let items = house.items("all").await;
    assert_eq!(items.len(), 1, "what is public is not hidden behind what is not");
    assert!(!items[0].to_string().contains("\"others\""), "nor does it name who is not: {}", items[0]);
}

#[tokio::test]
async fn what_the_pages_of_a_source_share_is_no_text_and_stays_known() {
    const PLEA: &str = "Le Quai vit de celles et ceux qui le lisent, sans actionnaire et sans réclame, et c’est pourquoi il peut dire ce que d’autres taisent.";
    // Texts so different that none is the copy of another.
    let with_plea = |n: usize, title: &str| {
        let paragraph = |p: usize| {
            let words: Vec<String> = (0..30).map(|w| format!("mot{n}x{p}x{w}")).collect();
            format!("<p>Le texte {n} dit ceci au paragraphe {p} : {}.</p>", words.join(" "))
        };
        let body: String = (1..5).map(paragraph).collect();
        let html = format!(
            "<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}<p>{PLEA}</p>{}</article></body></html>",
            paragraph(5)
        );
        Reply::new("text/html; charset=utf-8", html)
    };
    let mut house = House::with(PAGES).await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    let entries: Vec<(String, String)> = (1..6).map(|n| (n.to_string(), format!("Le port n° {n}"))).collect();
    let upto = |n: usize| feed(&entries[..n].iter().map(|(g, t)| (g.as_str(), t.as_str(), "")).collect::<Vec<_>>());
    for (guid, title) in &entries {
        house.origin.set(&format!("/{guid}"), with_plea(guid.parse().unwrap(), title));
    }
    house.origin.set("/feed", upto(4));
    house.round().await;
    let told = text(&house).await;
    assert!(told.contains("texte 1 dit ceci au paragraphe 5") && !told.contains("Le Quai vit"), "{told}");
    // A poller of its own, as cron would have it: the template comes from the store.
    house.reload(&file).await;
    house.origin.set("/feed", upto(5));
    house.pass(24 * HOUR);
    house.round().await;
    let told = text(&house).await;
    assert!(told.contains("texte 5 dit ceci au paragraphe 5") && !told.contains("Le Quai vit"), "{told}");
}

#[tokio::test]
async fn a_selector_that_finds_nothing_is_told_and_the_text_is_found_without_it() {
    let house = House::with(&format!("{PAGES}[source.a.page]\nbody = \".gone\"\ntitle = \"h1\"\n")).await;
    house.origin.set("/feed", feed(&[("1", "Le port", ""), ("2", "La gare", "")]));
    house.origin.set("/1", page("Le port"));
    house.origin.set("/2", page("La gare"));
    let reports = house.round().await;
    assert_eq!(reports[0].notes, ["page.body found nothing on 2 of 2 pages"]);
    assert!(text(&house).await.contains("paragraphe numéro 8"));
}

/// Three entries, each with words of its own.
fn three() -> Reply {
    feed(&[
        ("1", "Le port rouvre demain", "Les dockers reprennent lundi les chargements de céréales."),
        ("2", "Une gare sans trains", "Aucune rame régionale avant jeudi, annonce la compagnie."),
        ("3", "Trois candidats au marché", "Un boulanger, une fleuriste et un maraîcher se présentent."),
    ])
}

/// That each of the three is a story of its own, with the text of the feed.
async fn told_by_the_feed(house: &House, of: &str) {
    let items = house.items("all").await;
    assert_eq!(items.len(), 3, "{of}: {items:?}");
    for words in ["céréales", "rame régionale", "fleuriste"] {
        assert_eq!(items.iter().filter(|item| item.to_string().contains(words)).count(), 1, "{of}: {words}");
    }
    assert!(!text(house).await.contains("paragraphe numéro"), "{of}");
}

#[tokio::test]
async fn a_page_that_several_entries_lead_to_is_the_article_of_none() {
    let home = || page("Bienvenue au journal");
    let there = |to: &str| Reply::redirect(302, to);
    for (of, replies) in [
        ("the front page", vec![("/", home()), ("/1", there("/")), ("/2", there("/")), ("/3", there("/"))]),
        ("another page", vec![("/h", home()), ("/1", there("/h")), ("/2", there("/h")), ("/3", there("/h"))]),
        (
            "consent",
            vec![
                ("/c?to=/1", home()),
                ("/c?to=/2", home()),
                ("/c?to=/3", home()),
                ("/1", there("/c?to=/1")),
                ("/2", there("/c?to=/2")),
                ("/3", there("/c?to=/3")),
            ],
        ),
        ("one text", vec![("/1", home()), ("/2", home()), ("/3", home())]),
    ] {
        let house = House::with(PAGES).await;
        house.origin.set("/feed", three());
        for (path, reply) in replies {
            house.origin.set(path, reply);
        }
        for _ in 0..5 {
            house.round().await;
            told_by_the_feed(&house, of).await;
            house.pass(24 * HOUR);
        }
        assert_eq!(asked(&house, "/2"), 3, "{of}: tried a few times");
    }
}

#[tokio::test]
async fn a_page_that_names_one_of_the_entries_that_lead_to_it_is_the_article_of_that() {
    let house = House::with(PAGES).await;
    house.origin.set("/feed", three());
    house.origin.set("/1", page("Le port rouvre demain"));
    house.origin.set("/2", Reply::redirect(301, "/1"));
    house.origin.set("/3", Reply::status(404));
    house.round().await;
    let items = house.items("all").await;
    let long = |n: &str| items.iter().filter(|item| item.to_string().contains(&format!("numéro 8 de {n}"))).count();
    assert_eq!((items.len(), long("Le port")), (3, 1), "{items:?}");
}

#[tokio::test]
async fn a_page_that_an_entry_of_yesterday_led_to_is_not_the_article_of_todays() {
    for (of, first, second) in [
        ("one text", page("Bienvenue au journal"), page("Bienvenue au journal")),
        ("one place", Reply::redirect(302, "/h"), Reply::redirect(302, "/h")),
    ] {
        let house = House::with(PAGES).await;
        house.origin.set("/1", first);
        house.origin.set("/2", second);
        house.origin.set("/h", page("Bienvenue au journal numéro un"));
        house.origin.set("/feed", feed(&[("1", "Le port rouvre", "Un paragraphe du journal.")]));
        house.round().await;
        house.pass(24 * HOUR);
        house.origin.set("/h", page("Bienvenue au journal numéro deux"));
        house.origin.set("/feed", feed(&[("2", "Une gare sans trains", "Un paragraphe du journal de la gare.")]));
        house.round().await;
        let items = house.items("all").await;
        assert_eq!(items.len(), 2, "{of}: {items:?}");
        let gare = items.iter().find(|item| item["title"] == "Une gare sans trains").unwrap().to_string();
        assert!(gare.contains("journal de la gare") && !gare.contains("numéro 8"), "{of}: {gare}");
    }
}

#[tokio::test]
async fn what_several_entries_link_is_asked_for_none_of_them() {
    let house = House::with(PAGES).await;
    house.origin.set("/notes", page("Journal des versions"));
    let entry = |n: &'static str, link: &'static str, text: &'static str| (n, link, n, text);
    let all = [
        entry("Version une", "/notes#1", "Le port est ouvert."),
        entry("Version deux", "/notes#2", "La gare est fermée."),
        entry("Version trois", "/notes?utm_source=x", "Le marché se tient lundi."),
    ];
    for upto in 2..=3 {
        house.origin.set("/feed", linked(&all[..upto]));
        assert_eq!(house.round().await[0].error, None);
        assert_eq!(house.items("all").await.len(), upto);
        house.pass(24 * HOUR);
    }
    assert_eq!(house.origin.requests().iter().filter(|seen| seen.path.starts_with("/notes")).count(), 0);
}

#[tokio::test]
async fn the_only_feed_of_a_page_is_read_though_its_name_speaks_of_comments() {
    let house = House::with("[source.a]\nurl = \"{origin}/deep/page\"\n").await;
    let home = "<html><head><link rel='alternate' type='application/rss+xml' title='Why we comment on news' href='/deep/a'></head><body></body></html>";
    house.origin.set("/deep/page", Reply::new("text/html", home));
    house.origin.set("/deep/a", feed(&[("1", "Un", "Un texte.")]));
    let reports = house.round().await;
    assert_eq!((reports[0].error.as_deref(), reports[0].inserted), (None, 1));
}

#[tokio::test]
async fn the_page_of_an_entry_that_changes_at_every_poll_is_asked_ever_less() {
    type Entry = fn(usize) -> (String, String, String);
    let teaser: Entry = |n| ("g".into(), "Le port".into(), format!("Un chapeau, lu {n} fois."));
    let title: Entry = |n| ("g".into(), format!("Le port ({n} commentaires)"), "Un chapeau.".into());
    let both: Entry = |n| (format!("g{n}"), "Le port".into(), format!("Un chapeau, lu {n} fois."));
    for (of, entry) in [("teaser", teaser), ("title", title), ("id and teaser", both)] {
        let house = House::with(PAGES).await;
        house.origin.set("/1", page("Le port"));
        for n in 0..96 {
            let (guid, title, teaser) = entry(n);
            house.origin.set("/feed", linked(&[(&guid, "/1", &title, &teaser)]));
            house.round().await;
            let items = house.items("all").await;
            assert_eq!(items.len(), 1, "{of}");
            assert_eq!(items[0]["title"], title.as_str(), "{of}: what the feed says is taken at once");
            house.pass(HOUR / 4);
        }
        assert!(text(&house).await.contains("paragraphe numéro 8"), "{of}");
        let asked: Vec<u16> =
            house.origin.requests().iter().filter(|seen| seen.path == "/1").map(|seen| seen.status).collect();
        assert_eq!(asked, [200, 304, 304, 304, 304, 304, 304], "{of}");
        // A text that changed is taken when its page is asked.
        house.origin.set("/1", page("Le phare"));
        house.pass(24 * HOUR);
        let (guid, title, teaser) = entry(97);
        house.origin.set("/feed", linked(&[(&guid, "/1", &title, &teaser)]));
        house.round().await;
        assert!(text(&house).await.contains("numéro 8 de Le phare"), "{of}");
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_read_is_not_asked_at_every_change_of_its_entry() {
    let house = House::with(PAGES).await;
    house.origin.set("/1", Reply::status(500));
    for n in 0..96 {
        let teaser = format!("Un chapeau, lu {n} fois.");
        house.origin.set("/feed", linked(&[("g", "/1", "Le port", &teaser)]));
        house.round().await;
        assert!(text(&house).await.contains(&teaser));
        house.pass(HOUR / 4);
    }
    assert!(asked(&house, "/1") < 10, "{}", asked(&house, "/1"));
}

#[tokio::test]
async fn what_comes_again_under_another_id_is_nothing_new() {
    for (of, read, entry) in [
        ("a link", "page", "<link>/1</link>"),
        ("a link", "feed", "<link>/1</link>"),
        ("a file", "feed", "<enclosure url='/a.mp3' type='audio/mpeg' length='7'/>"),
    ] {
        let house = House::with(&format!("[source.a]\nurl = \"{{origin}}/feed\"\nread = \"{read}\"\n")).await;
        house.origin.set("/1", page("Le port"));
        let text = "Les dockers du port reprennent lundi les chargements de céréales, après dix jours de grève et une longue nuit de négociations avec la direction, qui promet des embauches.";
        for n in 0..20 {
            let guid = format!("<guid isPermaLink='false'>{n}</guid>");
            let item = format!("<item><title>Le port</title>{guid}{entry}<description>{text}</description></item>");
            let feed = format!("<rss version='2.0'><channel><title>G</title>{item}</channel></rss>");
            house.origin.set("/feed", Reply::new("application/rss+xml", feed));
            house.round().await;
            house.pass(HOUR);
        }
        assert_eq!(house.items("all").await.len(), 1, "{of}");
        let state = house.store.source_state(&house.state.config.sources[0].name).await.unwrap();
        let per_day = feedloom::poll::rhythm(Some(&state)).per_hour() * 24.0;
        assert!(per_day < 2.0, "{of}, {read}: {per_day}");
        assert_eq!(state.last_new, Some(crate::support::start()), "{of}, {read}");
        assert!(asked(&house, "/1") <= 1, "{of}, {read}");
    }
}
