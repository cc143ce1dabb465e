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
        house.origin.set(path, page("Le port"));
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
async fn the_only_feed_of_a_page_is_read_though_its_name_speaks_of_comments() {
    let house = House::with("[source.a]\nurl = \"{origin}/deep/page\"\n").await;
    let home = "<html><head><link rel='alternate' type='application/rss+xml' title='Why we comment on news' href='/deep/a'></head><body></body></html>";
    house.origin.set("/deep/page", Reply::new("text/html", home));
    house.origin.set("/deep/a", feed(&[("1", "Un", "Un texte.")]));
    let reports = house.round().await;
    assert_eq!((reports[0].error.as_deref(), reports[0].inserted), (None, 1));
}
