//! `try`: the block that it prints, put into a file, gives the entries that it showed.

use std::process::{Command, Output};

use feedloom::demo::Reply;
use feedloom::poll::Ended;

use crate::support::{AT_HOME, House};

/// The zone in which the sample site writes its days.
const SITE: &str = "[site]\nbase = \"https://feeds.example\"\ntz = \"Europe/Paris\"\n";

async fn try_it(url: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    let folder = tempfile::tempdir().unwrap();
    // A site that stands on this machine is asked without pauses.
    std::fs::write(folder.path().join("feeds.toml"), format!("{SITE}[fetch]\nper_host = 8\n{AT_HOME}")).unwrap();
    command.env_clear().env("HOME", folder.path()).current_dir(folder.path());
    command.args(["try", url, "--private-network", "127.0.0.1/32"]);
    let run = move || (command.output().unwrap(), folder);
    tokio::task::spawn_blocking(run).await.unwrap().0
}

/// A file with one block in it.
fn file(house: &House, block: &str) -> String {
    let store = house.file().with_file_name("feeds.db");
    format!("{SITE}[store]\npath = {:?}\n[fetch]\n{AT_HOME}{block}", store.display().to_string())
}

/// What `try` shows of each entry: its date and its title.
fn shown(out: &str) -> Vec<String> {
    let (_, entries) = out.split_once(" entries:\n").unwrap();
    let entries = entries.lines().filter(|l| !l.starts_with("# note"));
    let mut entries: Vec<_> = entries.map(|l| l.trim_start_matches("#   ").to_owned()).collect();
    entries.sort();
    entries
}

/// The same of what was polled.
async fn polled(house: &House) -> Vec<String> {
    let one = |item: &serde_json::Value| {
        let date = item["date_published"].as_str().unwrap().get(..16).unwrap().replace('T', " ");
        format!("{date}  {}", feedloom::text::excerpt(item["title"].as_str().unwrap(), 90))
    };
    let mut entries: Vec<_> = house.items("all").await.iter().map(one).collect();
    entries.sort();
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn the_block_of_each_site_of_the_demo_gives_the_same_entries() {
    let urls: Vec<String> = {
        let house = House::sample().await;
        let urls = house.state.config.sources.iter().map(|s| s.url.path().to_owned());
        urls.chain(["/agence-sud/".to_owned()]).collect()
    };
    let mut printed = 0;
    for path in urls {
        let mut house = House::sample().await;
        let out = try_it(&house.origin.url(&path)).await;
        let (text, said) = (String::from_utf8(out.stdout).unwrap(), String::from_utf8_lossy(&out.stderr).into_owned());
        if path.contains("radio-cap") || path.contains("le-matinal") {
            assert!(!out.status.success() && text.is_empty(), "{path}: {text}{said}");
            continue;
        }
        assert!(out.status.success(), "{path}: {said}");
        // Another store: the sample file's sources have not been polled into it.
        house.reload(&file(&house, &text)).await;
        let reports = house.round().await;
        let report = reports.first().unwrap_or_else(|| panic!("{path}: no source in\n{text}"));
        assert!(report.ended == Ended::Read && report.error.is_none(), "{path}: {report:?}\n{text}");
        assert_eq!(polled(&house).await, shown(&text), "{path}:\n{text}");
        printed += 1;
    }
    assert_eq!(printed, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_gives_the_news_of_its_sitemaps_each_time() {
    let mut house = House::with("").await;
    let news = |slug: &str| {
        format!(
            "<url><loc>{}</loc><news:news><news:publication_date>2026-06-03T10:00:00Z</news:publication_date><news:title>Titre {slug}</news:title></news:news></url>",
            house.origin.url(&format!("/{slug}.html"))
        )
    };
    let one = |path: &str| format!("<sitemap><loc>{}</loc></sitemap>", house.origin.url(path));
    let index = format!("<sitemapindex>{}{}</sitemapindex>", one("/gone.xml"), one("/news.xml"));
    let (first, second) = (format!("<urlset>{}", news("un")), format!("<urlset>{}{}", news("deux"), news("un")));
    house.origin.set("/index.xml", Reply::new("application/xml", index));
    house.origin.set("/news.xml", Reply::new("application/xml", first));
    for (slug, said) in [
        ("un", "Le port rouvre, dit ce que la page donne."),
        ("deux", "La récolte des olives commence sous une pluie fine."),
    ] {
        let text = format!("{said} ").repeat(9);
        let page = format!("<title>Titre {slug}</title><article><h1>Titre {slug}</h1><p>{text}</p></article>");
        house.origin.set(&format!("/{slug}.html"), Reply::new("text/html", page));
    }
    let text = String::from_utf8(try_it(&house.origin.url("/index.xml")).await.stdout).unwrap();
    assert!(text.contains("# 1 entries:") && text.contains("gone.xml"), "{text}");
    house.reload(&file(&house, &text)).await;
    house.round().await;
    assert_eq!(polled(&house).await, shown(&text));
    assert!(house.get("/all.rss").await.contains("que la page donne"), "a sitemap gives no texts");
    // The index is the same, its sitemap is not.
    house.origin.set("/news.xml", Reply::new("application/xml", second));
    let reports = house.round().await;
    assert_eq!((reports[0].inserted, reports[0].entries), (1, 2), "{reports:?}");
}

#[tokio::test]
async fn an_answer_in_json_is_a_list_like_another() {
    let house = House::with(
        "[source.api]\nurl = \"{origin}/api\"\n[source.api.list]\nitem = 'data[*]'\nlink = 'web'\ntitle = 'name'\nbody = 'html'\ndate = 'at'\n",
    )
    .await;
    let answer =
        r#"{"data": [{"web": "/un.html", "name": "Un", "html": "<p>Le texte.</p>", "at": "2026-06-03T10:00:00Z"}]}"#;
    house.origin.set("/api", Reply::new("application/json", answer));
    let reports = house.round().await;
    assert!(reports[0].error.is_none(), "{reports:?}");
    assert_eq!(polled(&house).await, ["2026-06-03 10:00  Un"]);
    assert!(house.items("all").await[0]["content_html"].as_str().unwrap().contains("Le texte."));
    assert_eq!(house.origin.requests().len(), 1, "its text is there: no page is asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_announced_feed_is_gone_the_list_is_described() {
    let mut house = House::sample().await;
    let home = house.origin.reply("/agence-sud/");
    house.origin.set("/agence-sud/feed.xml", Reply::status(404));
    let out = try_it(&house.origin.url("/agence-sud/")).await;
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.contains("item    = "), "{text}{}", String::from_utf8_lossy(&out.stderr));
    assert!(text.contains("# note: ") && text.contains("404"), "{text}");
    house.reload(&file(&house, &text)).await;
    let reports = house.round().await;
    let links = String::from_utf8(home.body.to_vec()).unwrap().matches("<li>").count();
    assert_eq!((reports[0].entries, shown(&text).len()), (links, links), "{text}");
}

/// A page with something in it.
fn html(inside: &str) -> Reply {
    let page = format!("<!doctype html><html lang=fr><head><title>Le Port</title>{inside}</html>");
    Reply::new("text/html; charset=utf-8", page)
}

fn rss(title: &str) -> Reply {
    let one = |n| {
        format!(
            "<item><title>{title} numéro {n}</title><link>/{n}</link><pubDate>Wed, 03 Jun 2026 10:0{n}:00 GMT</pubDate></item>"
        )
    };
    let items: String = (0..3).map(one).collect();
    Reply::new(
        "application/rss+xml",
        format!("<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>"),
    )
}

/// Three objects of a list in JSON; `%` stands for a number.
fn objects(one: &str) -> String {
    (1..4).map(|n| one.replace('%', &n.to_string())).collect::<Vec<_>>().join(",")
}

const ARTICLE: &str = r#"{"@type": "NewsArticle", "title": "Les dockers du quai % racontent", "url": "/a/%", "datePublished": "2026-06-0%T10:00:00Z"}"#;

type Site = Vec<(&'static str, Reply)>;
/// A site that has its articles in one place only: what it is, what is asked of it, and what stands in the block.
type Case = (&'static str, &'static str, Site, &'static str);

fn sites(origin: &str) -> Vec<Case> {
    [feeds(), apis(origin), carried(), sitemaps(origin)].concat()
}

fn feeds() -> Vec<Case> {
    vec![
        (
            "a Link header",
            "/",
            vec![
                ("/", html("").header("Link", "</f>; rel=alternate; type=\"application/rss+xml\"")),
                ("/f", rss("Flux")),
            ],
            "/f\"",
        ),
        (
            "the usual place below",
            "/monde/",
            vec![("/monde/", html("")), ("/monde/atom.xml", rss("Monde")), ("/feed", rss("Tout"))],
            "/monde/atom.xml\"",
        ),
        ("the usual place at the root", "/monde/", vec![("/monde/", html("")), ("/feed/", rss("Tout"))], "/feed/\""),
        (
            "a page about feeds",
            "/",
            vec![
                ("/", html("<a href=/rss>Nos flux</a>")),
                ("/rss", html("<a href=/flux/une.xml>La une</a>")),
                ("/flux/une.xml", rss("Une")),
            ],
            "/flux/une.xml\"",
        ),
        (
            "comments, where there is nothing else",
            "/",
            vec![("/", html("<a href=/comments/feed>RSS</a>")), ("/comments/feed", rss("Avis"))],
            "/comments/feed\"",
        ),
    ]
}

fn apis(origin: &str) -> Vec<Case> {
    let seen: String =
        objects("<li><a href=/a/%>Les dockers du quai % racontent</a><time datetime=2026-06-0%T10:00:00Z>%</time>");
    let post = r#"{"date_gmt": "2026-06-0%T10:00:00", "link": "ORIGIN/a/%", "title": {"rendered": "Un titre &amp; %"}, "content": {"rendered": "<p>Le texte du numéro %, en entier.</p>"}}"#;
    let posts = Reply::new("application/json", format!("[{}]", objects(post).replace("ORIGIN", origin)));
    let api = format!("<{origin}/wp-json/>; rel=\"https://api.w.org/\"");
    vec![
        (
            "the API of WordPress",
            "/",
            vec![
                ("/", html(&format!("<ul>{seen}</ul>")).header("Link", &api)),
                ("/wp-json/wp/v2/posts", posts.clone()),
            ],
            "tz = \"UTC\"",
        ),
        (
            "the API of WordPress for a part of the site",
            "/monde/",
            vec![("/monde/", html("").header("Link", &api)), ("/wp-json/wp/v2/posts", posts.clone())],
            "body    = \"content.rendered\"",
        ),
        (
            "what can be seen before the API",
            "/monde/",
            vec![("/monde/", html(&format!("<ul>{seen}</ul>")).header("Link", &api)), ("/wp-json/wp/v2/posts", posts)],
            "item    = \"li\"",
        ),
    ]
}

fn carried() -> Vec<Case> {
    let list = objects(ARTICLE);
    let ld = format!("<script type='application/ld+json'>{{\"@type\": \"Blog\", \"blogPost\": [{list}]}}</script>")
        .replace("\"title\"", "\"headline\"");
    let slug = list.replace("\"url\": \"/a/", "\"slug\": \"a");
    vec![
        (
            "embedded state",
            "/",
            vec![(
                "/",
                html(&format!(
                    "<script id=__NEXT_DATA__ type='application/json'>{{\"props\": {{\"list\": [{list}]}}}}</script>"
                )),
            )],
            "in      = \"script#__NEXT_DATA__\"\n  item    = \"props.list[*]\"",
        ),
        (
            "assigned state",
            "/",
            vec![("/", html(&format!("<script>window.__S__ = {{list: [{list}]}};</script>")))],
            "in      = \"script\"",
        ),
        (
            "state with words for addresses",
            "/monde",
            vec![("/monde", html(&format!("<script>x = [{slug}]</script>"))), ("/monde/a1", html("<p>x"))],
            "link    = \"/monde/{slug}\"",
        ),
        ("JSON-LD", "/", vec![("/", html(&ld))], "in      = \"script[type='application/ld+json']\""),
        (
            "the answer of an API",
            "/api",
            vec![(
                "/api",
                Reply::new("application/json", format!("{{\"items\": [{list}]}}").replace("\"title\"", "\"headline\"")),
            )],
            "item    = \"items[*]\"",
        ),
    ]
}

fn sitemaps(origin: &str) -> Vec<Case> {
    let news = objects(
        "<url><loc>/a/%</loc><news:news><news:publication_date>2026-06-0%T10:00:00Z</news:publication_date><news:title>Titre %</news:title></news:news></url>",
    );
    let sitemap = |inside: &str| Reply::new("application/xml", format!("<urlset>{inside}</urlset>"));
    let plain = sitemap("<url><loc>/a/1</loc></url>");
    let robots = |path: &str| {
        Reply::new("text/plain", format!("User-agent: *\nSitemap: {origin}/plain.xml\nSitemap: {origin}{path}\n"))
    };
    let index = Reply::new(
        "application/xml",
        format!("<sitemapindex><sitemap><loc>{origin}/deep/news.xml</loc></sitemap></sitemapindex>"),
    );
    vec![
        (
            "a sitemap of robots.txt",
            "/",
            vec![
                ("/", html("")),
                ("/robots.txt", robots("/deep/news.xml")),
                ("/plain.xml", plain.clone()),
                ("/deep/news.xml", sitemap(&news)),
            ],
            "/deep/news.xml\"",
        ),
        (
            "an index of robots.txt",
            "/",
            vec![
                ("/", html("")),
                ("/robots.txt", robots("/i.xml")),
                ("/plain.xml", plain),
                ("/i.xml", index),
                ("/deep/news.xml", sitemap(&news)),
            ],
            "/i.xml\"",
        ),
        (
            "a sitemap where they usually are",
            "/",
            vec![("/", html("")), ("/news-sitemap.xml", sitemap(&news))],
            "/news-sitemap.xml\"",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_one_place_only_is_found_there() {
    let count = sites("").len();
    for n in 0..count {
        let mut house = House::with("").await;
        let origin = house.origin.url("");
        let (what, path, site, wanted) = sites(&origin).swap_remove(n);
        for (path, reply) in site {
            house.origin.set(path, reply);
        }
        let out = try_it(&house.origin.url(path)).await;
        let (text, said) = (String::from_utf8(out.stdout).unwrap(), String::from_utf8_lossy(&out.stderr).into_owned());
        assert!(out.status.success(), "{what}: {said}");
        assert!(text.contains(wanted), "{what}:\n{text}");
        let asked = house.origin.requests().len();
        assert!(asked <= 22, "{what}: {asked} requests");
        // Pages of the articles are not there: their entries are what is compared.
        let block = text.replacen("]\nurl", "]\nread = \"feed\"\nurl", 1);
        house.reload(&file(&house, &block)).await;
        let reports = house.round().await;
        assert!(reports[0].ended == Ended::Read && reports[0].error.is_none(), "{what}: {reports:?}\n{text}");
        assert_eq!(polled(&house).await, shown(&text), "{what}:\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feeds_that_a_page_announces_besides_are_named() {
    let house = House::with("").await;
    let link = |href: &str| format!("<link rel=alternate type=application/rss+xml href={href}>");
    house.origin.set("/", html(&["/un", "/tout", "/son"].map(link).concat()));
    let one =
        "<rss version='2.0'><channel><title>Un</title><item><title>Avis</title><link>/1</link></item></channel></rss>";
    house.origin.set("/un", Reply::new("application/rss+xml", one));
    house.origin.set("/tout", rss("Tout"));
    let out = try_it(&house.origin.url("/")).await;
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.contains("/tout\"") && !text.contains("/un\""), "{text}");
    for other in ["/un", "/son"] {
        assert!(text.contains(&format!("# note: the page announces {} too", house.origin.url(other))), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_found_each_question_has_its_line() {
    let slug = objects(ARTICLE).replace("\"url\": \"/a/", "\"slug\": \"a");
    let cases: [(&str, Site, &[&str], std::ops::RangeInclusive<usize>); 5] = [
        (
            "/",
            vec![
                ("/", html("<link rel=alternate type=application/rss+xml href=/gone><a href=/comments/feed>RSS</a>")),
                ("/comments/feed", rss("Avis")),
            ],
            &["/gone: "],
            15..=15,
        ),
        (
            "/",
            vec![("/", html("<link rel=alternate type=application/rss+xml href=/gone>"))],
            &["(\"Le Port\")", "/gone: ", "/feed.json: ", "/robots.txt: ", "/sitemap_index.xml: "],
            15..=15,
        ),
        (
            "/monde/",
            vec![
                ("/monde/", html("")),
                ("/feed", Reply::new("application/rss+xml", "<rss><channel><title>T</title></channel></rss>")),
            ],
            &["/feed: it has no entries"],
            18..=22,
        ),
        ("/", vec![("/", html("")), ("/feed", Reply::status(429))], &["/feed: "], 2..=2),
        ("/monde", vec![("/monde", html(&format!("<script>x = [{slug}]</script>")))], &["/monde/a1: "], 18..=22),
    ];
    for (path, site, wanted, requests) in cases {
        let house = House::with("").await;
        site.into_iter().for_each(|(path, reply)| house.origin.set(path, reply));
        let out = try_it(&house.origin.url(path)).await;
        let said = String::from_utf8(out.stderr).unwrap();
        assert!(!out.status.success() && out.stdout.is_empty(), "{path}: {said}");
        assert!(wanted.iter().all(|w| said.contains(w)), "{path}: {said}");
        let asked = house.origin.requests();
        assert!(requests.contains(&asked.len()), "{path}: {} requests", asked.len());
        let mut paths: Vec<_> = asked.iter().map(|s| &s.path).collect();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), asked.len(), "{path}: nothing is asked twice");
        assert!(said.lines().count() <= 25 && said.lines().all(|l| l.len() < 300), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_is_not_described_by_the_part_that_came() {
    let whole: String = (0..12).map(|n| format!("<li><a href=/a/{n}>Les dockers du quai {n} racontent</a>")).collect();
    let page = format!("<html><title>Le Port</title><ul>{whole}</ul></html>");
    let feed = String::from_utf8(rss("Un").body.to_vec()).unwrap();
    for (body, kind) in [(page, "text/html"), (feed, "application/rss+xml")] {
        let house = House::with("").await;
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len() + 9);
        house.origin.set("/", Reply { raw: Some((head + &body).into_bytes()), ..Reply::new(kind, "") });
        let out = try_it(&house.origin.url("/")).await;
        let said = String::from_utf8(out.stderr).unwrap();
        assert!(!out.status.success() && out.stdout.is_empty(), "{kind}: {said}");
        assert!(said.contains("cannot be read"), "{kind}: {said}");
    }
}
