//! The sample site: a few invented outlets, each with its feed or list, its pages and its habits.

use chrono::{DateTime, Duration, Utc};

use super::articles::{ARTICLES, Article};
use super::origin::Reply;
use super::template::{Escape, Scope, fill, iso};

/// Links at the foot of a page.
const OTHERS: usize = 4;

const RSS: &str = "application/rss+xml; charset=utf-8";
const ATOM: &str = "application/atom+xml; charset=utf-8";
const JSON: &str = "application/feed+json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! file {
    ($path:literal) => {
        include_str!(concat!("../../config/demo/", $path))
    };
}

const PAGE: &str = file!("page.html");
const HOME: &str = file!("home.html");
const INDEX: &str = file!("index.html");

/// An outlet of the sample site. Its documents stand under its name: `/<name>/…`.
struct Outlet {
    name: &'static str,
    title: &'static str,
    lang: &'static str,
    read_on: &'static str,
    /// Path under the outlet, type, template.
    listing: (&'static str, &'static str, &'static str),
    /// For most articles, and for those that ask for the bare one.
    pages: [&'static str; 2],
    status: u16,
    validators: bool,
}

const fn outlet(
    name: &'static str,
    title: &'static str,
    lang: &'static str,
    listing: (&'static str, &'static str, &'static str),
) -> Outlet {
    let read_on = match lang.as_bytes() {
        b"ar" => "اقرأ أيضا",
        b"en" => "Read on",
        _ => "À lire aussi",
    };
    Outlet { name, title, lang, read_on, listing, pages: [PAGE, PAGE], status: 200, validators: true }
}

const OUTLETS: &[Outlet] = &[
    outlet("agence-sud", "Agence Sud", "fr", ("feed.xml", RSS, file!("agence-sud/feed.xml"))),
    outlet("perspectives-med", "Perspectives Med", "fr", ("atom.xml", ATOM, file!("perspectives-med/atom.xml"))),
    outlet("harbour-post", "The Harbour Post", "en", ("feed.json", JSON, file!("harbour-post/feed.json"))),
    Outlet {
        pages: [file!("journal-du-port/page.html"), file!("journal-du-port/bare.html")],
        ..outlet(
            "journal-du-port",
            "Journal du Port",
            "fr",
            ("actualites", HTML, file!("journal-du-port/actualites.html")),
        )
    },
    outlet("wikalat-janoub", "وكالة الجنوب", "ar", ("rss.xml", RSS, file!("wikalat-janoub/rss.xml"))),
    outlet("courrier-du-large", "Le Courrier du large", "fr", ("rss.xml", RSS, file!("courrier-du-large/rss.xml"))),
    // Cut off, with bare ampersands and elements left open, from a server that gives no validators.
    Outlet { validators: false, ..outlet("le-phare", "Le Phare", "fr", ("rss.xml", RSS, file!("le-phare/rss.xml"))) },
    Outlet {
        status: 500,
        validators: false,
        ..outlet("radio-cap", "Radio Cap", "fr", ("rss.xml", HTML, file!("radio-cap/error.html")))
    },
    // Its feed has become a page that asks for a password.
    outlet("le-matinal", "Le Matinal", "fr", ("rss.xml", HTML, file!("le-matinal/login.html"))),
];

/// What stands as it is: path, type, bytes.
const FILES: &[(&str, &str, &str)] = &[
    ("/images/port.svg", SVG, file!("images/port.svg")),
    ("/images/mer.svg", SVG, file!("images/mer.svg")),
    ("/images/oliviers.svg", SVG, file!("images/oliviers.svg")),
    ("/images/ville.svg", SVG, file!("images/ville.svg")),
    ("/images/presse.svg", SVG, file!("images/presse.svg")),
    ("/journal-du-port/logo.svg", SVG, file!("journal-du-port/logo.svg")),
    ("/le-phare/maquette.html", HTML, file!("le-phare/maquette.html")),
];

/// What the origin serves when it was not told otherwise.
#[derive(Debug, Clone)]
pub struct Documents {
    base: DateTime<Utc>,
    sample: bool,
}

/// A prepared article that has just come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The source it comes from.
    pub source: String,
    /// Its title.
    pub title: String,
    /// The path of its page.
    pub path: String,
}

impl Documents {
    /// The sample site. Its articles are dated back from `base`: the same `base`, the same bytes.
    #[must_use]
    pub fn sample(base: DateTime<Utc>) -> Self {
        Self { base, sample: true }
    }

    /// Nothing: every path answers 404 until it is set.
    #[must_use]
    pub fn empty(base: DateTime<Utc>) -> Self {
        Self { base, sample: false }
    }

    /// The moment from which all is dated.
    #[must_use]
    pub fn base(&self) -> DateTime<Utc> {
        self.base
    }

    /// The article that is the `n`-th to come out, counted from 1.
    pub(super) fn prepared(&self, n: usize) -> Option<Published> {
        let articles = ARTICLES.iter().filter(|_| self.sample).filter_map(|&(o, s, text)| Article::parse(o, s, text));
        articles.filter(|a| a.step > 0 && a.step == n).map(|a| published(&a)).next()
    }

    /// What stands at a path once so many of the prepared articles are out.
    pub(super) fn reply(&self, path: &str, site: &str, out: usize) -> Option<Reply> {
        if !self.sample {
            return None;
        }
        if let Some((_, content_type, bytes)) = FILES.iter().find(|(p, _, _)| *p == path) {
            return Some(Reply::new(content_type, *bytes));
        }
        if path == "/" {
            let outlets = OUTLETS.iter().map(|o| self.outlet_scope(o, site, &[]).text("listing", o.listing.0));
            let scope = Scope::default().list("outlets", outlets.collect());
            return Some(Reply::new(HTML, fill(INDEX, &scope, self.base, Escape::Xml)));
        }
        let (name, rest) = path.strip_prefix('/')?.split_once('/')?;
        let outlet = OUTLETS.iter().find(|o| o.name == name)?;
        let articles = articles(outlet, out);
        let scope = |articles: &[&Article]| self.outlet_scope(outlet, site, articles);
        let (listing, content_type, template) = outlet.listing;
        if rest == listing {
            let escape = if content_type == JSON { Escape::Json } else { Escape::Xml };
            let body = fill(template, &scope(&articles.iter().collect::<Vec<_>>()), self.base, escape);
            let reply = Reply::new(content_type, body);
            return Some(Reply { status: outlet.status, validators: outlet.validators, ..reply });
        }
        if rest.is_empty() {
            let body = fill(HOME, &scope(&articles.iter().collect::<Vec<_>>()), self.base, Escape::Xml);
            return Some(Reply::new(HTML, body));
        }
        let slug = rest.strip_suffix(".html")?;
        let article = articles.iter().find(|a| a.slug == slug)?;
        let others: Vec<&Article> = articles.iter().filter(|a| a.slug != slug).take(OTHERS).collect();
        let page = scope(&[article]).list("others", others.iter().map(|a| self.article_scope(a, site)).collect());
        let [usual, bare] = outlet.pages;
        let template = if article.bare { bare } else { usual };
        Some(Reply::new(HTML, fill(template, &page, self.base, Escape::Xml)))
    }

    fn outlet_scope(&self, outlet: &Outlet, site: &str, articles: &[&Article]) -> Scope {
        let home = format!("{site}/{}/", outlet.name);
        let newest = articles.iter().map(|a| a.age).min().unwrap_or_default();
        Scope::default()
            .text("base", site)
            .text("updated", iso(self.base - Duration::minutes(newest)))
            .text("self", format!("{home}{}", outlet.listing.0))
            .text("home", home)
            .text("outlet", outlet.title)
            .text("type", outlet.listing.1.split(';').next().unwrap_or_default())
            .text("lang", outlet.lang)
            .text("dir", if outlet.lang == "ar" { "rtl" } else { "ltr" })
            .text("read_on", outlet.read_on)
            .list("articles", articles.iter().enumerate().map(|(n, a)| self.nth_scope(n, a, site)).collect())
    }

    /// With what stands between two articles of a JSON list.
    fn nth_scope(&self, n: usize, article: &Article, site: &str) -> Scope {
        self.article_scope(article, site).list("separator", vec![Scope::default(); usize::from(n > 0)])
    }

    fn article_scope(&self, article: &Article, site: &str) -> Scope {
        let tag = |tag: &&str| {
            let shown = tag.replace('_', " ");
            Scope::default().text("tag", *tag).text("words", shown)
        };
        let image = article.image.map(|name| {
            Scope::default().text("src", format!("{site}/images/{name}.svg")).text("caption", article.caption)
        });
        let tags: Vec<Scope> = article.tags.iter().map(tag).collect();
        let quoted = article.tags.iter().map(|t| serde_json::Value::from(*t).to_string()).collect::<Vec<_>>();
        Scope::default()
            .text("title", article.title)
            .text("url", format!("{site}{}", published(article).path))
            .text("slug", article.slug)
            .text("author", article.author)
            .text("standfirst", article.standfirst)
            .html("body", article.body)
            .moment(self.base - Duration::minutes(article.age))
            .list("image", image.into_iter().collect())
            .list("hashtag", tags.iter().take(1).cloned().collect())
            .list("tags", tags)
            .list("tag_names", vec![Scope::default().verbatim("quoted", quoted.join(", "))])
    }
}

/// The articles of an outlet that are out, newest first.
fn articles(outlet: &Outlet, out: usize) -> Vec<Article> {
    let own = ARTICLES.iter().filter(|(name, _, _)| *name == outlet.name);
    let mut own: Vec<Article> = own.filter_map(|&(o, s, text)| Article::parse(o, s, text)).collect();
    own.retain(|a| a.step <= out);
    own.sort_by_key(|a| a.age);
    own
}

fn published(article: &Article) -> Published {
    let path = format!("/{}/{}.html", article.outlet, article.slug);
    Published { source: article.outlet.to_owned(), title: article.title.to_owned(), path }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    const SITE: &str = "http://127.0.0.1:4001";

    fn documents() -> Documents {
        Documents::sample(Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap())
    }

    fn body(path: &str, out: usize) -> String {
        String::from_utf8(documents().reply(path, SITE, out).unwrap_or_else(|| panic!("{path}")).body.to_vec()).unwrap()
    }

    #[test]
    fn every_address_in_a_document_stands_and_nothing_is_left_to_fill() {
        for outlet in OUTLETS {
            let listing = format!("/{}/{}", outlet.name, outlet.listing.0);
            let mut pages = vec![listing, format!("/{}/", outlet.name)];
            pages.extend(articles(outlet, 10).iter().map(|a| published(a).path));
            for page in pages {
                let text = body(&page, 10);
                assert!(!text.contains("{{") && !text.contains("}}\n"), "{page}: {text}");
                for address in text.split(SITE).skip(1) {
                    let end = address.find(['"', '<', '\\', '?', ')']).unwrap_or(address.len());
                    let known = documents().reply(&address[..end], SITE, 10).is_some();
                    assert!(known, "{page}: {}", &address[..end]);
                }
            }
        }
    }

    #[test]
    fn the_feeds_parse_except_the_broken_one() {
        for outlet in OUTLETS.iter().filter(|o| o.listing.1 == RSS || o.listing.1 == ATOM) {
            let text = body(&format!("/{}/{}", outlet.name, outlet.listing.0), 10);
            let mut reader = quick_xml::Reader::from_str(&text);
            reader.config_mut().enable_all_checks(true);
            let mut open = 0_i32;
            let read = loop {
                match reader.read_event() {
                    Ok(quick_xml::events::Event::Eof) => break open == 0,
                    Ok(quick_xml::events::Event::Start(_)) => open += 1,
                    Ok(quick_xml::events::Event::End(_)) => open -= 1,
                    Ok(_) => {}
                    Err(_) => break false,
                }
            };
            assert_eq!(read, outlet.name != "le-phare", "{}", outlet.name);
        }
        let json: serde_json::Value = serde_json::from_str(&body("/harbour-post/feed.json", 10)).unwrap();
        let item = &json["items"][4];
        assert_eq!(json["items"].as_array().map(Vec::len), Some(5));
        assert!(item["content_html"].as_str().unwrap().starts_with("<p>A rescue ship"), "{item}");
        assert_eq!(item["tags"], serde_json::json!(["Migration", "Rescue"]));
    }

    #[test]
    fn prepared_articles_come_out_one_after_the_other_on_top() {
        let mut count = 0;
        while let Some(next) = documents().prepared(count + 1) {
            let listing = OUTLETS.iter().find(|o| o.name == next.source).unwrap().listing;
            let path = format!("/{}/{}", next.source, listing.0);
            let (before, after) = (body(&path, count), body(&path, count + 1));
            assert!(!before.contains(&next.path) && after.contains(&next.path), "{}", next.path);
            assert!(documents().reply(&next.path, SITE, count).is_none());
            count += 1;
        }
        assert_eq!(count, 10);
    }

    #[test]
    fn the_model_page_has_its_parts_in_their_order() {
        for path in ["/journal-du-port/collecte-dockers.html", "/journal-du-port/quai-12-refugies.html"] {
            let page = body(path, 0);
            let mut from = page.find("<body>").unwrap();
            for part in ["#", "Logo Journal du Port", "<h1>", "«\u{a0}", "Partager", "Recommandé pour vous"] {
                // The bare page shares after the text, the other before it.
                from = if part == "Partager" { 0 } else { from };
                from += page[from..].find(part).unwrap_or_else(|| panic!("{path}: {part}"));
            }
            let bare = path.contains("quai-12");
            for element in ["<article", "<time", "<header"] {
                assert_eq!(page.contains(element), !bare, "{path}: {element}");
            }
        }
        assert!(body("/journal-du-port/collecte-dockers.html", 0).contains(">#Libération_Palestine</a>"));
    }

    #[test]
    fn the_listings_are_read_as_they_were_written() {
        use crate::read::{Input, ListRecipe, read};
        let url = url::Url::parse(SITE).unwrap();
        for outlet in OUTLETS {
            let path = format!("/{}/{}", outlet.name, outlet.listing.0);
            let reply = documents().reply(&path, SITE, 10).unwrap();
            let content_type = Some(reply.content_type.as_str());
            let (body, now) = (&reply.body, documents().base());
            let input =
                Input { body, content_type, url: &url, lang: None, tz: chrono_tz::Europe::Paris, day_first: None, now };
            let list = (outlet.name == "journal-du-port").then(|| {
                let mut list = ListRecipe::new("article.card").unwrap();
                list.date = crate::text::Pick::parse("time").ok();
                list
            });
            let expected = articles(outlet, 10);
            let read = match read(&input, list.as_ref()) {
                Ok(read) => read,
                Err(_) if expected.is_empty() => continue,
                Err(error) => panic!("{path}: {error}"),
            };

            let cut_off = usize::from(outlet.name == "le-phare");
            assert_eq!(read.entries.len(), expected.len() + cut_off, "{path}: {:?}", read.notes);
            for (entry, article) in read.entries.iter().zip(&expected) {
                let title = entry.title.clone().unwrap_or_default().replace("&amp;", "&");
                assert_eq!(title, article.title, "{path}");
                let date = documents().base() - Duration::minutes(article.age);
                assert_eq!(entry.published.map(|d| d.to_utc()), Some(date), "{path}: {title}");
            }
        }
    }
}
