//! Lists and pages that lead further: the next pages at the first visit, and the feed of a page that names none.

use std::time::Duration;

use feedloom::demo::Reply;
use feedloom::model::HealthState;
use feedloom::poll::{Ended, Report};

use crate::support::House;

const LIST: &str =
    "[source.a]\nurl = \"{origin}/list\"\nread = \"feed\"\n[source.a.list]\nitem = 'li'\nnext = 'a.next @href'\n";

/// A page that lists articles by number, and may have a next one.
fn list(numbers: std::ops::Range<usize>, next: Option<&str>) -> Reply {
    let pieces: String = numbers.map(|n| format!("<li><a href=/{n}.html>Le titre numéro {n}</a>")).collect();
    let next = next.map(|href| format!("<a class=next href='{href}'>suite</a>")).unwrap_or_default();
    Reply::new("text/html; charset=utf-8", format!("<html><ul>{pieces}</ul>{next}</html>"))
}

fn rss(title: &str, entries: usize) -> Reply {
    let one = |n| format!("<item><title>{title} {n}</title><link>/{n}</link></item>");
    let items: String = (0..entries).map(one).collect();
    Reply::new(
        "application/rss+xml",
        format!("<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>"),
    )
}

fn html(inside: &str) -> Reply {
    Reply::new("text/html", format!("<!doctype html><html><head><title>T</title>{inside}"))
}

fn asked(house: &House) -> Vec<String> {
    let asked = house.origin.requests().into_iter().map(|s| s.path).collect();
    house.origin.forget_requests();
    asked
}

async fn poll(house: &House) -> Report {
    house.pass(Duration::from_secs(24 * 3600));
    house.round().await.remove(0)
}

#[tokio::test]
async fn the_next_pages_of_a_list_are_read_at_the_first_visit_only() {
    let house = House::with(LIST).await;
    house.origin.set("/list", list(0..3, Some("?p=2#top")));
    house.origin.set("/list?p=2", list(2..5, Some("/list?p=3")));
    house.origin.set("/list?p=3", list(5..6, Some("/list")));
    let report = poll(&house).await;
    assert_eq!((report.inserted, report.entries), (6, 6), "{report:?}");
    assert_eq!(asked(&house), ["/list", "/list?p=2", "/list?p=3"], "no address twice");
    house.origin.set("/list", list(0..4, Some("?p=2")));
    assert_eq!(poll(&house).await.ended, Ended::Read);
    assert_eq!(asked(&house), ["/list"]);
    assert_eq!(house.items("all").await.len(), 6);
}

#[tokio::test]
async fn a_walk_ends_where_nothing_new_comes_and_loses_nothing_where_a_page_fails() {
    let cases: [(&str, Reply, usize, usize, bool); 5] = [
        ("a 304 that nobody asked for", Reply::status(304), 3, 2, true),
        ("the same again", list(0..3, Some("?p=3")), 3, 2, false),
        ("a page that fails", Reply::status(500), 3, 2, true),
        ("a page that is none", Reply::new("text/html", "<p>Down"), 3, 2, true),
        ("another site", list(3..4, Some("http://other.example/list")), 4, 2, false),
    ];
    for (what, second, entries, requests, noted) in cases {
        let house = House::with(LIST).await;
        house.origin.set("/list", list(0..3, Some("?p=2")));
        house.origin.set("/list?p=2", second);
        house.origin.set("/list?p=3", list(8..9, None));
        let report = poll(&house).await;
        assert_eq!((report.entries, report.health), (entries, HealthState::Ok), "{what}: {report:?}");
        assert_eq!(asked(&house).len(), requests, "{what}");
        assert_eq!(report.notes.iter().any(|n| n.starts_with("next page /list")), noted, "{what}: {report:?}");
    }
}

#[tokio::test]
async fn a_next_page_that_sends_to_another_site_is_not_read() {
    let house = House::with(LIST).await;
    let elsewhere = house.origin.url("/elsewhere").replace("127.0.0.1", "localhost");
    house.origin.set("/list", list(0..3, Some("?p=2")));
    house.origin.set("/list?p=2", Reply::redirect(302, &elsewhere));
    house.origin.set("/elsewhere", list(5..9, None));
    assert_eq!(poll(&house).await.entries, 3);
}

#[tokio::test]
async fn a_walk_is_bounded_and_goes_on_until_every_page_was_read() {
    let house = House::with(&format!("per_host = 8\n{}", LIST.replace("\"feed\"", "\"page\""))).await;
    for n in 1..=12 {
        let page = list(n * 7..n * 7 + 7, Some(&format!("/list?p={}", n + 1)));
        house.origin.set(&if n == 1 { "/list".to_owned() } else { format!("/list?p={n}") }, page);
    }
    let text = "Une phrase assez longue pour être lue comme le texte d’un article du port. ".repeat(4);
    for n in 7..90 {
        house.origin.set(
            &format!("/{n}.html"),
            html(&format!("</head><h1>Le titre {n}</h1><article><p>{n} {text}</p></article>")),
        );
    }
    let report = poll(&house).await;
    assert_eq!((report.entries, report.waiting), (70, 10), "{report:?}");
    assert_eq!(asked(&house).iter().filter(|p| p.starts_with("/list")).count(), 10);
    let report = poll(&house).await;
    assert_eq!((report.entries, report.waiting, report.inserted + report.joined), (70, 0, 10), "{report:?}");
    assert_eq!(asked(&house).iter().filter(|p| p.starts_with("/list")).count(), 10);
    poll(&house).await;
    assert_eq!(asked(&house), ["/list"]);
}

#[tokio::test]
async fn fewer_than_expected_is_no_first_visit() {
    let house = House::with(&format!("{LIST}expect = 3\n")).await;
    house.origin.set("/list", list(0..1, Some("?p=2")));
    house.origin.set("/list?p=2", list(3..9, None));
    assert_eq!(poll(&house).await.health, HealthState::Broken);
    assert_eq!(asked(&house), ["/list"]);
    house.origin.set("/list", list(0..3, Some("?p=2")));
    assert_eq!(poll(&house).await.entries, 9);
}

#[tokio::test]
async fn a_list_in_json_has_next_pages_and_a_feed_has_none() {
    let house = House::with(
        "[source.a]\nurl = \"{origin}/api\"\n[source.a.list]\nitem = 'list[*]'\nlink = '/a/{id}'\ntitle = 'name'\nbody = 'text'\nnext = 'more'\n",
    )
    .await;
    let page = |n: usize| {
        let one = format!("{{\"id\": {n}, \"name\": \"Titre {n}\", \"text\": \"Le texte {n}.\"}}");
        Reply::new("application/json", format!("{{\"list\": [{one}], \"more\": \"/api?p={}\"}}", n + 1))
    };
    house.origin.set("/api", page(1));
    house.origin.set("/api?p=2", page(2));
    house.origin.set("/api?p=3", Reply::new("application/json", "{\"list\": [], \"more\": \"/api?p=4\"}"));
    let report = poll(&house).await;
    assert_eq!((report.inserted, asked(&house).len()), (2, 3), "{report:?}");

    let house = House::with("[source.a]\nurl = \"{origin}/feed\"\n[source.a.list]\nitem = 'li'\nnext = 'a'\n").await;
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><link rel='next' href='/feed?p=2'/><entry><id>x:1</id><title>Un</title><link href='/1'/><content>x</content></entry></feed>";
    house.origin.set("/feed", Reply::new("application/atom+xml", atom));
    house.origin.set("/1", html("<p>Un"));
    poll(&house).await;
    assert!(!asked(&house).contains(&"/feed?p=2".to_owned()));
}

#[tokio::test]
async fn the_feed_of_a_page_is_found_wherever_it_is_named() {
    let link = |href: &str| format!("<link rel=alternate type=application/rss+xml href={href}>");
    let cases: [(&str, Reply, &[&str]); 6] = [
        ("in the head", html(&link("/f")), &["/", "/f"]),
        (
            "in the Link header",
            html("")
                .header("Link", "</x>; rel=preload")
                .header("Link", "</f>; rel=\"alternate\"; type=\"application/rss+xml\""),
            &["/", "/f"],
        ),
        ("linked in the page", html("<a href=/flux.rss>RSS</a>"), &["/", "/flux.rss"]),
        (
            "the first is gone, the second empty",
            html(&(link("/gone") + &link("/empty") + &link("/f"))),
            &["/", "/gone", "/empty", "/f"],
        ),
        ("nowhere", html("<p>x"), &["/", "/feed", "/feed/", "/rss.xml"]),
        ("comments last", html(&link("/comments/feed")), &["/", "/feed", "/feed/", "/rss.xml"]),
    ];
    for (what, page, requests) in cases {
        let house = House::with("[source.a]\nurl = \"{origin}/\"\n").await;
        house.origin.set("/", page);
        for path in ["/f", "/flux.rss", "/rss.xml", "/comments/feed"] {
            house.origin.set(path, rss(path, 2));
        }
        house.origin.set("/empty", rss("Vide", 0));
        let report = poll(&house).await;
        assert_eq!((report.inserted, report.health), (2, HealthState::Ok), "{what}: {report:?}");
        assert_eq!(asked(&house), requests, "{what}");
        // From now on the feed itself is asked.
        poll(&house).await;
        assert_eq!(asked(&house), requests[requests.len() - 1..], "{what}");
    }
}

#[tokio::test]
async fn a_page_without_a_feed_is_not_searched_for_ever() {
    let house = House::with("[source.a]\nurl = \"{origin}/\"\n").await;
    house.origin.set("/", html("<p>x"));
    let counts: Vec<usize> = {
        let mut counts = Vec::new();
        for _ in 0..3 {
            assert_eq!(poll(&house).await.health, HealthState::Broken);
            counts.push(asked(&house).len());
        }
        counts
    };
    assert_eq!(counts, [9, 9, 1]);
    // A server that has had enough is left alone.
    for tired in [Reply::status(429), Reply::status(403).header("cf-mitigated", "challenge")] {
        let house = House::with("[source.a]\nurl = \"{origin}/\"\n").await;
        house.origin.set("/", html("<p>x"));
        house.origin.set("/feed", tired);
        poll(&house).await;
        assert_eq!(asked(&house), ["/", "/feed"]);
    }
}

#[tokio::test]
async fn comments_never_stand_in_for_a_feed_that_is_named() {
    let link = |href: &str| format!("<link rel=alternate type=application/rss+xml href={href}>");
    for (what, feed) in [("gone", Reply::status(404)), ("closed", Reply::status(403)), ("empty", rss("Vide", 0))] {
        let house = House::with("[source.a]\nurl = \"{origin}/\"\n").await;
        house.origin.set("/", html(&(link("/f") + &link("/comments/feed"))));
        house.origin.set("/f", feed);
        house.origin.set("/comments/feed", rss("Avis", 2));
        assert_eq!(poll(&house).await.inserted, 0, "{what}");
        assert!(!asked(&house).contains(&"/comments/feed".to_owned()), "{what}");
    }
}

#[tokio::test]
async fn an_announced_feed_of_one_entry_gives_way_to_a_fuller_one() {
    let link = |href: &str| format!("<link rel=alternate type=application/rss+xml href={href}>");
    for (what, second, inserted, places) in [
        ("fuller", rss("Tout", 9), 9, &["/", "/f", "/g"][..]),
        ("as meagre", rss("Avis", 1), 1, &["/", "/f", "/g"]),
        ("closed", Reply::status(503), 1, &["/", "/f", "/g"]),
    ] {
        let house = House::with("[source.a]\nurl = \"{origin}/\"\n").await;
        house.origin.set("/", html(&(link("/f") + &link("/g") + "<a href=/h.rss>RSS</a>")));
        house.origin.set("/f", rss("Annonces", 1));
        house.origin.set("/g", second);
        house.origin.set("/h.rss", rss("Sport", 9));
        assert_eq!(
            (poll(&house).await.inserted, &*asked(&house)),
            (inserted, &*places.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>()),
            "{what}"
        );
        // From then on it alone is asked.
        poll(&house).await;
        assert_eq!(asked(&house), [if inserted == 9 { "/g" } else { "/f" }], "{what}");
    }
}

#[tokio::test]
async fn a_feed_that_was_found_and_moves_is_found_again() {
    let link = |href: &str| html(&format!("<link rel=alternate type=application/rss+xml href={href}>"));
    let cases: [(&str, Reply, &str, Reply, Reply, &str); 4] = [
        ("announced, and moved", link("/f"), "/f", Reply::status(404), link("/g"), "/g"),
        ("announced, and a page now", link("/f"), "/f", html("<p>x"), link("/g"), "/g"),
        (
            "at a usual place, closed for a while",
            html("<p>x"),
            "/rss.xml",
            Reply::status(403),
            html("<p>x"),
            "/rss.xml",
        ),
        ("at a usual place, and moved", html("<p>x"), "/rss.xml", Reply::status(404), html("<p>x"), "/atom.xml"),
    ];
    for (what, page, place, fault, page_then, place_then) in cases {
        let house = House::with("[source.a]\nurl = \"{origin}/\"\n").await;
        house.origin.set("/", page);
        house.origin.set(place, rss("Port", 2));
        assert_eq!(poll(&house).await.inserted, 2, "{what}");
        house.origin.set(place, fault);
        assert_ne!(poll(&house).await.health, HealthState::Ok, "{what}");
        house.origin.set("/", page_then);
        house.origin.set(place_then, rss("Port", 3));
        assert_eq!(poll(&house).await.inserted, 1, "{what}: {:?}", asked(&house));
    }
    // Where it has not moved, the places are not asked for ever, and a server that is asked too often is left alone.
    let house = House::with("[source.a]\nurl = \"{origin}/\"\n").await;
    house.origin.set("/", html("<p>x"));
    house.origin.set("/rss.xml", rss("Port", 2));
    poll(&house).await;
    asked(&house);
    let mut counts = Vec::new();
    for status in [429, 404, 404, 404, 404] {
        house.origin.set("/rss.xml", Reply::status(status));
        poll(&house).await;
        counts.push(asked(&house).len());
    }
    assert_eq!(counts, [1, 1, 9, 1, 1]);
}

#[tokio::test]
async fn the_address_of_a_feed_that_was_read_is_not_left_for_what_a_page_links_to() {
    let house = House::with("[source.a]\nurl = \"{origin}/depeches.php\"\n").await;
    house.origin.set("/depeches.php", rss("Port", 2));
    assert_eq!(poll(&house).await.inserted, 2);
    house.origin.set("/depeches.php", html("<a href=/sport.rss>RSS sport</a>"));
    house.origin.set("/sport.rss", rss("Sport", 2));
    asked(&house);
    assert_eq!(poll(&house).await.health, HealthState::Broken);
    assert_eq!(asked(&house), ["/depeches.php"]);
    house.origin.set("/depeches.php", rss("Port", 3));
    assert_eq!(poll(&house).await.inserted, 1);
}

#[tokio::test]
async fn an_address_that_is_corrected_is_new() {
    let mut house = House::with("[source.a]\nurl = \"{origin}/\"\n").await;
    house.origin.set("/", html("<p>x"));
    for _ in 0..3 {
        poll(&house).await;
    }
    house.origin.set("/actu/", html("<p>x"));
    house.origin.set("/actu/feed", rss("Port", 2));
    let file =
        std::fs::read_to_string(house.file()).unwrap().replace(&house.origin.url("/"), &house.origin.url("/actu/"));
    house.reload(&file).await;
    assert_eq!(poll(&house).await.inserted, 2);
}
