//! Any bytes whatever: an answer within the limits, soon, on a small stack, and without more memory than a few times the
//! document.

use chrono::DateTime;
use feedloom::model::{Entry, Reading};
use feedloom::read::{Input, ListRecipe, detect, opml, read};
use feedloom::text::Pick;
use feedloom::{clean, extract};
use proptest::prelude::*;
use url::Url;

use crate::safe;

/// The stack of a thread of the blocking pool.
const STACK: usize = 2 << 20;

fn input<'a>(body: &'a [u8], url: &'a Url) -> Input<'a> {
    Input {
        body,
        content_type: None,
        url,
        lang: None,
        tz: chrono_tz::UTC,
        day_first: None,
        now: crate::support::start(),
    }
}

/// Bytes of all texts of an entry.
fn size(entry: &Entry) -> usize {
    let Entry { id, link, title, summary, content, date_written, base, .. } = entry;
    let texts = [id, link, title, summary, content, date_written, base].into_iter().flatten().map(String::len);
    let people = entry.authors.iter().flat_map(|a| [&a.name, &a.email, &a.url]).flatten().map(String::len);
    let links = entry.links.iter().map(|l| l.href.len());
    let files = entry.enclosures.iter().map(|e| e.url.len());
    let categories = entry.categories.iter().map(String::len);
    texts.chain(people).chain(links).chain(files).chain(categories).sum()
}

fn within(reading: &Reading, given: usize) {
    assert!(reading.entries.len() <= 10_000 && reading.notes.len() <= 100);
    let said: usize = reading.entries.iter().map(size).sum();
    assert!(said <= given * 8 + 100_000, "{said} bytes out of {given}");
    for date in reading.entries.iter().flat_map(|e| [e.published, e.updated]).flatten() {
        assert!(date > DateTime::UNIX_EPOCH - chrono::TimeDelta::days(4_000_000), "{date}");
    }
}

/// Puts a document through all that reads documents.
fn through_all(bytes: &[u8]) {
    let url = Url::parse("https://a.example/dir/feed").unwrap();
    let input = input(bytes, &url);
    let first = read(&input, None);
    assert_eq!(first, read(&input, None), "read twice");
    let recipes = ["li, article", "data.items[*]"].map(|item| ListRecipe::new(item).unwrap());
    let mut carried = ListRecipe::new("data[*]").unwrap();
    carried.within = Some(Pick::parse("script").unwrap());
    let lists = recipes.iter().chain([&carried]).map(|recipe| read(&input, Some(recipe)));
    for reading in lists.chain([first]).flatten().chain(detect(&input).map(|f| f.reading)) {
        within(&reading, bytes.len());
    }
    let _ = opml(bytes);
    let html = String::from_utf8_lossy(bytes);
    let page = extract::Page {
        html: &html,
        url: &url,
        lang: None,
        tz: chrono_tz::UTC,
        now: input.now,
        entry: None,
        site_name: None,
    };
    if let Ok(found) = extract::extract(&page, &extract::Recipe::default()) {
        assert!((0.0..=1.0).contains(&found.confidence));
        safe::body(clean::clean(&found.body_html, &url).as_str()).unwrap();
    }
    let once = clean::clean(&html, &url);
    safe::body(once.as_str()).unwrap();
    assert_eq!(clean::clean(once.as_str(), &url), once, "cleaned twice");
    safe::line(&clean::line(&html)).unwrap();
}

/// What documents of every kind are made of.
#[rustfmt::skip]
const PIECES: [&str; 88] = [
    "<?xml version=\"1.0\"?>", "<rss version=\"2.0\">", "<channel>", "<item>", "</item>", "<title>", "</title>", "<link>",
    "</link>", "<description>", "</description>", "<pubDate>", "</pubDate>", "Wed, 03 Jun 2026 10:00:00 GMT", "<guid>",
    "<![CDATA[", "]]>", "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:base=\"/b/\">", "<entry>", "</entry>", "<content type=\"xhtml\">",
    "<div xmlns=\"http://www.w3.org/1999/xhtml\">", "<updated>", "2026-06-03T10:00:00Z", "<author><name>A</name></author>",
    "<category term=\"t\"/>", "<enclosure url=\"/a.mp3\"/>", "<media:content url=\"/p.jpg\"/>", "<source>", "<!DOCTYPE x [<!ENTITY e \"x\">]>",
    "&e;", "&amp;", "&nbsp;", "&#0;", "&#xD800;", "&eacute;", "{", "}", "[", "]", ":", ",", "\"version\"", "\"https://jsonfeed.org/version/1.1\"",
    "\"items\"", "\"id\"", "\"title\"", "\"content_html\"", "\"data\"", "\"url\"", "\"\\ud800\"", "1e999", "null", "<html>", "<head>",
    "<base href=/b/>", "<body>", "<ul>", "<li>", "<a href=/2026/06/un>", "</a>", "<h2>", "</h2>", "<time datetime=2026-06-03>",
    "<article class=card>", "</article>", "<img src=/a.jpg>", "<p>", "</p>", "<table><tr><td>", "</table>", "<svg>", "<style>",
    "<script type=\"application/ld+json\">", "</script>", "<meta property=\"og:title\" content=\"x\">", "<noscript>", "</noscript>",
    "<urlset>", "<url><loc>/x</loc></url>", "<opml><body><outline xmlUrl=\"/f\"/>", "Le port de la ville a rouvert hier après trois semaines.",
    "\u{0}\u{fffe}\u{202e}", "<!--", "<script>window.__STATE__=", "(function(a,b){return {data:[a,a,{title:b}]}}(", "JSON.parse(\"", "))",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn mixtures_are_answered_within_the_limits(
        picks in proptest::collection::vec(any::<prop::sample::Index>(), 0..60),
        free in proptest::collection::vec(any::<u8>(), 0..40),
        at in any::<prop::sample::Index>(),
    ) {
        let mut bytes: Vec<u8> = picks.iter().flat_map(|p| p.get(&PIECES).bytes()).collect();
        let at = at.index(bytes.len() + 1);
        bytes.splice(at..at, free);
        through_all(&bytes);
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300), mark in 0_usize..4) {
        let marks: [&[u8]; 4] = [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"<rss><channel>"];
        through_all(&[marks[mark], &bytes].concat());
    }
}

#[test]
fn nothing_multiplies_a_document() {
    let url = Url::parse("https://a.example/feed").unwrap();
    let long = "x".repeat(200_000);
    let entries = "<entry><link href='a'/><link href='b'/></entry>".repeat(500);
    let atom = |attributes: &str, people: &str| {
        format!("<feed xmlns=\"http://www.w3.org/2005/Atom\" {attributes}>{people}{entries}</feed>")
    };
    let items = "{\"title\":\"t\"},".repeat(500);
    let billion: String = (1..9).map(|n| format!("<!ENTITY e{n} '{}'>", format!("&e{};", n - 1).repeat(10))).collect();
    for (what, document) in [
        ("a long base", atom(&format!("xml:base='https://b.example/{long}/'"), "")),
        ("a long language", atom(&format!("xml:lang='{long}'"), "")),
        ("a long name", atom("", &format!("<author><name>{long}</name></author>"))),
        ("many names", atom("", &format!("<author><name>{}</name></author>", &long[..3_000]).repeat(150))),
        (
            "a long name in JSON",
            format!(
                "{{\"version\":\"https://jsonfeed.org/version/1.1\",\"author\":{{\"name\":\"{long}\"}},\"items\":[{items}null]}}"
            ),
        ),
        (
            "entities of entities",
            format!(
                "<!DOCTYPE rss [<!ENTITY e0 '{}'>{billion}]><rss><channel><item><title>&e8;</title></item></channel></rss>",
                &long[..100]
            ),
        ),
    ] {
        let reading = read(&input(document.as_bytes(), &url), None).unwrap();
        assert!(!reading.entries.is_empty(), "{what}");
        let said: usize = reading.entries.iter().map(size).sum();
        assert!(said <= document.len() * 8, "{what}: {said} bytes out of {}", document.len());
    }
    let base = Url::parse(&format!("https://a.example/{}/", "y".repeat(4_000))).unwrap();
    let body = "<a href=x>y</a>".repeat(4_000);
    assert!(clean::clean(&body, &base).as_str().len() < 6 << 20);
}

#[test]
fn hostile_bodies_are_cleaned_soon_and_on_a_small_stack() {
    const BYTES: usize = 8_000;
    let attributes: String = (0..5_000).map(|i| format!("a{i}=1 ")).collect();
    let mut bodies: Vec<String> = HOSTILE.iter().map(|unit| unit.repeat(BYTES / unit.len())).collect();
    bodies.push(format!("<p {attributes}>x"));
    bodies.push((0..2_000).map(|i| format!("<b id={i}><p>x")).collect());
    let cleaning = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let base = Url::parse("https://a.example/").unwrap();
        for body in bodies {
            let out = clean::clean(&body, &base);
            assert!(out.as_str().len() < BYTES * 12, "{}", &body[..20]);
        }
    });
    cleaning.unwrap().join().unwrap();
}

/// Pieces that cost more the more of them there are, where nobody looks after it.
#[rustfmt::skip]
const HOSTILE: [&str; 46] = [
    "<b>", "<", "&", "&lt;", "<div>", "<table>", "<blockquote>", "<a>", "<a href=x>", "<font>", "<br>", "<br>\u{a0}", "<table><tr><td>",
    "<select>", "<svg>", "<math>", "<i><p>", "<b><i></b>x", "<a><b><i><u><s><p>", "<img src='a&amp;b'>", "<noscript>", "<script>",
    "<style>", "<textarea>", "<!--", "<![CDATA[", "</x", "<x a='", "<a b=\"", "<iframe src=https://youtube.com/embed/x>", "<template>",
    "<ruby><rt>", "<ul><li>", "<dl><dd>", "<button>", "<svg><title>", "<math><mi><b>", "<video>", "<span lang=x>", "<table>x",
    "<table><b>x", "<b><p></b></p>", "<a><div></a></div>", "<frameset>", "\u{a0}", "<h1><h2>",
];
