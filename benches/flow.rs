//! What the flow costs, step by step, each beside a baseline of the same run: machines differ, ratios less.
//!
//! `cargo bench` prints all; `cargo bench -- read` one group.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench fails by panicking, and divan makes public items")]

use std::fmt::Write;

use chrono::{DateTime, Utc};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use feedloom::query::{Fields, Query, Subject};
use feedloom::read::{Input, read};
use feedloom::text::{Shingles, fold};
use feedloom::{clean, extract};
use url::Url;

fn main() {
    divan::main();
}

fn now() -> DateTime<Utc> {
    "2026-06-03T12:00:00Z".parse().unwrap()
}

fn url() -> Url {
    Url::parse("https://agence.example/rss").unwrap()
}

/// A French paragraph that differs by its number.
fn paragraph(n: usize) -> String {
    format!(
        "<p>Au n° {n}, la récolte des oliviers commence «\u{a0}sous la pluie\u{a0}»\u{202f}; l’agence rappelle que {n} familles \
         attendent l’ouverture des routes, que l’hiver approche et que les équipes de la Croix-Rouge (CICR) y travaillent \
         depuis {} jours, sans relâche ni relève.</p>",
        n * 7 % 31
    )
}

/// An RSS document of so many items with full texts.
fn rss(items: usize) -> Vec<u8> {
    let mut out = String::from(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>\
         <title>Agence</title><link>https://agence.example/</link><description>d</description>",
    );
    for n in 0..items {
        let body: String = (0..10).map(|p| paragraph(n * 10 + p)).collect();
        let _ = write!(
            out,
            "<item><title>Dépêche n° {n}</title><link>https://agence.example/{n}</link><guid>urn:{n}</guid>\
             <pubDate>Wed, 03 Jun 2026 10:00:00 GMT</pubDate><category>Monde</category>\
             <content:encoded><![CDATA[{body}]]></content:encoded></item>"
        );
    }
    out.push_str("</channel></rss>");
    out.into_bytes()
}

fn page() -> String {
    let body: String = (0..40).map(paragraph).collect();
    format!(
        "<html lang=fr><head><title>Les oliviers | Agence</title></head><body><nav><a href=/>Accueil</a></nav><article><p>\
         <a href=/tag>#Libération_Palestine</a></p><h1>Les oliviers</h1>{body}</article><div><h2>Recommandé pour vous</h2>\
         <ul><li><a href=/1>Un</a></li><li><a href=/2>Deux</a></li></ul></div></body></html>"
    )
}

mod reading {
    use super::*;

    const ITEMS: usize = 2000;

    #[divan::bench]
    fn baseline_quick_xml_events(bencher: Bencher) {
        let bytes = rss(ITEMS);
        bencher.counter(BytesCount::of_slice(&bytes)).bench_local(|| {
            let mut reader = quick_xml::Reader::from_reader(bytes.as_slice());
            let mut buffer = Vec::new();
            let mut events = 0_usize;
            while !matches!(reader.read_event_into(&mut buffer).unwrap(), quick_xml::events::Event::Eof) {
                events += 1;
                buffer.clear();
            }
            events
        });
    }

    #[divan::bench]
    fn baseline_feed_rs_alone(bencher: Bencher) {
        let bytes = rss(ITEMS);
        bencher
            .counter(BytesCount::of_slice(&bytes))
            .bench_local(|| feed_rs::parser::parse(black_box(bytes.as_slice())).unwrap().entries.len());
    }

    #[divan::bench]
    fn document_to_entries(bencher: Bencher) {
        let (bytes, url) = (rss(ITEMS), url());
        let input = Input {
            body: &bytes,
            content_type: None,
            url: &url,
            lang: None,
            tz: chrono_tz::UTC,
            day_first: None,
            now: now(),
        };
        bencher
            .counter(BytesCount::of_slice(&bytes))
            .bench_local(|| read(black_box(&input), None).unwrap().entries.len());
    }
}

mod pages {
    use super::*;

    /// A page of which nothing else is known.
    fn plain<'a>(html: &'a str, url: &'a Url) -> extract::Page<'a> {
        extract::Page { html, url, lang: None, tz: chrono_tz::UTC, now: now(), entry: None, site_name: None }
    }

    #[divan::bench]
    fn baseline_html_tree(bencher: Bencher) {
        let html = page();
        bencher
            .counter(BytesCount::of_str(&html))
            .bench_local(|| scraper::Html::parse_document(black_box(&html)).tree.values().count());
    }

    #[divan::bench]
    fn page_to_article(bencher: Bencher) {
        let (html, url) = (page(), url());
        let page = plain(&html, &url);
        let recipe = extract::Recipe::default();
        bencher
            .counter(BytesCount::of_str(&html))
            .bench_local(|| extract::extract(black_box(&page), &recipe).unwrap().text.len());
    }

    #[divan::bench]
    fn eight_pages_of_one_site_together(bencher: Bencher) {
        let (html, url) = (page(), url());
        let pages: Vec<String> = (0..8).map(|n| html.replace("oliviers", &format!("oliviers {n}"))).collect();
        let urls: Vec<Url> = (0..8).map(|n| url.join(&n.to_string()).unwrap()).collect();
        let read: Vec<extract::Page<'_>> = pages.iter().zip(&urls).map(|(html, url)| plain(html, url)).collect();
        let recipe = extract::Recipe::default();
        bencher.counter(BytesCount::of_slice(pages.concat().as_bytes())).bench_local(|| {
            extract::extract_together(black_box(&read), &recipe, &mut extract::Template::default()).len()
        });
    }

    /// Half a megabyte of open tags: html5ever alone needs half a minute for it.
    #[divan::bench]
    fn a_hundred_thousand_open_tags(bencher: Bencher) {
        let (html, url) = (format!("<title>x</title>{}{}", "<div>".repeat(100_000), page()), url());
        bencher.bench_local(|| extract::extract(black_box(&plain(&html, &url)), &extract::Recipe::default()).is_ok());
    }

    #[divan::bench]
    fn eight_megabytes_of_paragraphs(bencher: Bencher) {
        let body: String = (0..)
            .map(paragraph)
            .scan(0, |n, p| {
                *n += p.len();
                (*n < 8 << 20).then_some(p)
            })
            .collect();
        let (html, url) = (format!("<title>x</title><article>{body}</article>"), url());
        bencher.bench_local(|| extract::extract(black_box(&plain(&html, &url)), &extract::Recipe::default()).is_ok());
    }

    #[divan::bench]
    fn body_through_the_sanitiser(bencher: Bencher) {
        let body: String = (0..40).map(paragraph).collect();
        let url = url();
        bencher.counter(BytesCount::of_str(&body)).bench_local(|| clean::clean(black_box(&body), &url).as_str().len());
    }
}

mod texts {
    use super::*;

    fn text() -> String {
        (0..12).map(paragraph).collect::<String>().replace("<p>", "").replace("</p>", "\n")
    }

    #[divan::bench]
    fn baseline_to_lowercase(bencher: Bencher) {
        let text = text();
        bencher.counter(BytesCount::of_str(&text)).bench_local(|| black_box(&text).to_lowercase().len());
    }

    #[divan::bench]
    fn folding(bencher: Bencher) {
        let text = text();
        bencher.counter(BytesCount::of_str(&text)).bench_local(|| fold(black_box(&text)).len());
    }

    #[divan::bench]
    fn fingerprints(bencher: Bencher) {
        let text = text();
        bencher.counter(BytesCount::of_str(&text)).bench_local(|| Shingles::of(black_box(&text)).sample().len());
    }

    #[divan::bench]
    fn twenty_queries_on_a_folded_article(bencher: Bencher) {
        let text = text();
        let subject = Subject::new(Fields {
            title: "Les oliviers",
            body: &text,
            lang: "fr",
            now: now(),
            date: now(),
            ..Fields::default()
        });
        let queries: Vec<Query> = (0..20)
            .map(|n| Query::parse(&format!("olivier* \"la pluie\" -mot{n} (CICR OR tag:x{n})")).unwrap())
            .collect();
        bencher.bench_local(|| queries.iter().filter(|q| q.matches(black_box(&subject))).count());
    }
}
