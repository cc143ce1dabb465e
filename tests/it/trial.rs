//! `try`: the block that it prints, put into a file, gives the entries that it showed.

use std::process::{Command, Output};

use feedloom::demo::Reply;
use feedloom::poll::Ended;

use crate::support::House;

/// The zone in which the sample site writes its days.
const SITE: &str = "[site]\nbase = \"https://feeds.example\"\ntz = \"Europe/Paris\"\n";

async fn try_it(url: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("feeds.toml"), SITE).unwrap();
    command.env_clear().env("HOME", folder.path()).current_dir(folder.path());
    command.args(["try", url, "--private-network", "127.0.0.1/32"]);
    let run = move || (command.output().unwrap(), folder);
    tokio::task::spawn_blocking(run).await.unwrap().0
}

/// A file with one block in it.
fn file(house: &House, block: &str) -> String {
    let store = house.file().with_file_name("feeds.db");
    format!(
        "{SITE}[store]\npath = {:?}\n[fetch]\nprivate_networks = [\"127.0.0.1/32\"]\n{block}",
        store.display().to_string()
    )
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
    let text = String::from_utf8(try_it(&house.origin.url("/index.xml")).await.stdout).unwrap();
    assert!(text.contains("# 1 entries:") && text.contains("gone.xml"), "{text}");
    house.reload(&file(&house, &text)).await;
    house.round().await;
    assert_eq!(polled(&house).await, shown(&text));
    // The index is the same, its sitemap is not.
    house.origin.set("/news.xml", Reply::new("application/xml", second));
    let reports = house.round().await;
    assert_eq!((reports[0].inserted, reports[0].entries), (1, 2), "{reports:?}");
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
