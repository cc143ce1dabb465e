//! Feeds whose every field wants to be more than text, through the whole flow: what is published of them is read again.

use feedloom::demo::Reply;
use quick_xml::Reader;
use quick_xml::events::Event;
use scraper::{Html, Selector};
use serde_json::{Value, json};

use crate::hostile::VECTORS;
use crate::safe;
use crate::support::House;

/// RSS, Atom, JSON Feed.
const FORMATS: usize = 3;

/// Words that differ from entry to entry, so that none is folded into another.
fn filler(n: usize) -> String {
    (0..24).map(|i| format!("mot{}x{} ", (n * 7919 + i * 104_729) % 99_991, (n + i) % 97)).collect()
}

/// What stands in a vector where an address stands; the vector itself where there is none.
fn address(vector: &str) -> String {
    let tree = Html::parse_fragment(vector);
    let mut elements = tree.root_element().descendants().filter_map(scraper::ElementRef::wrap);
    let found = elements.find_map(|e| ["href", "src", "data", "action", "content"].iter().find_map(|a| e.attr(a)));
    found.filter(|a| !a.is_empty()).unwrap_or(vector).to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// As CDATA, or escaped: the two ways of feeds.
fn xml(n: usize, text: &str) -> String {
    if n.is_multiple_of(2) { escaped(text) } else { format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>")) }
}

/// The vectors that a format is tried with: every format reads a part of them, so that the suite stays quick.
fn share(format: usize) -> impl Iterator<Item = (usize, &'static String)> {
    VECTORS.iter().enumerate().skip(format).step_by(FORMATS)
}

fn rss() -> Reply {
    let items: String = share(0)
        .map(|(n, v)| {
            let (text, url, id) = (xml(n, v), escaped(&address(v)), escaped(v));
            let body = xml(n, &format!("<p>{}</p>{v}", filler(n)));
            format!(
                "<item><title>{text}</title><link>{url}</link><guid isPermaLink=\"false\">{n} {id}</guid>\
                 <description>{text}</description><content:encoded>{body}</content:encoded><author>{text}</author>\
                 <dc:creator>{text}</dc:creator><category domain=\"{id}\">t{n} {text}</category><comments>{url}</comments>\
                 <enclosure url=\"{url}\" type=\"{id}\" length=\"{id}\"/><source url=\"{url}\">{text}</source>\
                 <media:content url=\"{url}\" medium=\"image\"><media:description>{text}</media:description></media:content>\
                 <atom:link rel=\"related\" href=\"{url}\" title=\"{id}\"/></item>"
            )
        })
        .collect();
    let all = xml(1, &VECTORS[..40].join(" "));
    Reply::new(
        "application/rss+xml",
        format!(
            "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
             xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel><title>{all}</title>\
             <link>javascript:alert(1)</link><description>{all}</description>{items}</channel></rss>"
        ),
    )
}

fn atom() -> Reply {
    let entries: String = share(1)
        .map(|(n, v)| {
            let (text, url, id) = (xml(n, v), escaped(&address(v)), escaped(v));
            let kind = ["html", "text"][n / 2 % 2];
            let body = xml(n, &format!("<p>{}</p>{v}", filler(n)));
            format!(
                "<entry><title type=\"{kind}\">{text}</title><id>{n} {id}</id><link href=\"{url}\" title=\"{id}\"/>\
                 <link rel=\"enclosure\" href=\"{url}\" type=\"{id}\"/><link rel=\"via\" href=\"{url}\" title=\"{id}\"/>\
                 <author><name>{text}</name><uri>{url}</uri><email>{id}</email></author><category term=\"t{n} {id}\" label=\"{id}\"/>\
                 <summary type=\"{kind}\">{text}</summary><content type=\"html\">{body}</content>\
                 <source><title type=\"{kind}\">{text}</title><id>{id}</id><link href=\"{url}\"/></source></entry>"
            )
        })
        .collect();
    let all = xml(0, &VECTORS[40..80].join(" "));
    Reply::new(
        "application/atom+xml",
        format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:base=\"javascript:alert(1)\"><title type=\"html\">{all}</title>\
             <subtitle>{all}</subtitle><link href=\"data:text/html,x\"/>{entries}</feed>"
        ),
    )
}

fn json_feed() -> Reply {
    let items: Vec<Value> = share(2)
        .map(|(n, v)| {
            let url = address(v);
            json!({
                "id": format!("{n} {v}"), "url": url, "external_url": url, "title": v, "summary": v, "language": v,
                "content_html": format!("<p>{}</p>{v}", filler(n)), "image": url, "banner_image": url,
                "authors": [{ "name": v, "url": url, "avatar": url }], "tags": [format!("t{n} {v}"), v],
                "attachments": [{ "url": url, "mime_type": v, "title": v }],
            })
        })
        .collect();
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1", "title": VECTORS[80..120].join(" "), "home_page_url": "vbscript:x",
        "items": items,
    });
    Reply::new("application/feed+json", feed.to_string())
}

#[tokio::test]
async fn no_field_of_rss_gets_out_as_more_than_text() {
    published(rss()).await;
}

#[tokio::test]
async fn no_field_of_atom_gets_out_as_more_than_text() {
    published(atom()).await;
}

#[tokio::test]
async fn no_field_of_json_feed_gets_out_as_more_than_text() {
    published(json_feed()).await;
}

/// Polls the feed, and looks at all that is published of it.
async fn published(feed: Reply) {
    let house =
        House::with("[source.a]\nurl = \"{origin}/feed\"\n[feed.each]\nselect = 'source:a'\nlimit = 1000\n").await;
    house.origin.set("/feed", feed);
    let reports = house.round().await;
    assert!(reports[0].inserted > VECTORS.len() / FORMATS * 9 / 10, "{reports:#?}");
    let mut wrong = Vec::new();
    let mut look = |door: &str, found: Result<(), String>| wrong.extend(found.err().map(|e| format!("{door}: {e}")));
    let mut pages: Vec<String> = ["/", "/all", "/tags", "/status"].map(str::to_owned).into();
    for feed in ["/each", &tag(&house).await] {
        look(feed, rss_feed(&house.get(&format!("{feed}.rss")).await));
        look(feed, atom_feed(&house.get(&format!("{feed}.atom")).await));
        let json: Value = serde_json::from_str(&house.get(&format!("{feed}.json")).await).unwrap();
        look(feed, json_value("", &json));
        let stories = json["items"].as_array().unwrap().iter().map(|i| i["_feedloom"]["page"].as_str().unwrap());
        pages.extend(stories.step_by(6).map(|p| p.trim_start_matches("https://feeds.example").to_owned()));
        pages.push(feed.to_owned());
    }
    look("/feeds.opml", xml_parts(&house.get("/feeds.opml").await, |_, _, text| safe::legal(text)));
    for page in pages {
        look(&page, safe::page(&house.get(&page).await));
    }
    assert!(wrong.is_empty(), "{}: {:#?}", wrong.len(), &wrong[..wrong.len().min(12)]);
}

/// The path of a tag that somebody tried to smuggle something into.
async fn tag(house: &House) -> String {
    let page = house.get("/tags").await;
    let links = Selector::parse("ul.tags a").unwrap();
    let page = Html::parse_document(&page);
    let tag = page.select(&links).find_map(|a| a.attr("href").filter(|h| h.starts_with("/tag/"))).unwrap();
    tag.to_owned()
}

/// Calls `check` with element, attribute and value of every attribute, and with element, nothing and text of every text.
fn xml_parts(written: &str, mut check: impl FnMut(&str, &str, &str) -> Result<(), String>) -> Result<(), String> {
    let mut reader = Reader::from_str(written);
    let mut open: Vec<(String, String)> = Vec::new();
    loop {
        let event = reader.read_event().map_err(|e| format!("not well-formed: {e}"))?;
        match &event {
            Event::Start(e) | Event::Empty(e) => {
                let name = e.name().as_ref().to_owned();
                for attribute in e.attributes() {
                    let attribute = attribute.map_err(|e| e.to_string())?;
                    let raw = attribute.value;
                    let value = quick_xml::escape::unescape(&raw).map_err(|e| e.to_string())?;
                    check(&name, attribute.key.as_ref(), &value)?;
                }
                if matches!(event, Event::Start(_)) {
                    open.push((name, String::new()));
                }
            }
            Event::Text(t) => add(&mut open, t),
            Event::CData(t) => add(&mut open, t),
            Event::GeneralRef(r) => {
                let reference = format!("&{};", &**r);
                add(&mut open, &quick_xml::escape::unescape(&reference).map_err(|e| e.to_string())?);
            }
            Event::End(_) => {
                let (name, text) = open.pop().unwrap_or_default();
                check(&name, "", &text)?;
            }
            Event::Eof => return Ok(()),
            Event::Decl(_) => {}
            other => return Err(format!("{other:?}")),
        }
    }
}

fn add(open: &mut [(String, String)], text: &str) {
    if let Some((_, all)) = open.last_mut() {
        all.push_str(text);
    }
}

fn rss_feed(written: &str) -> Result<(), String> {
    assert!(written.contains("<item>"));
    xml_parts(written, |element, attribute, value| {
        safe::legal(value)?;
        match (element, attribute) {
            ("description" | "content:encoded", "") => safe::fed(value),
            ("title" | "dc:creator" | "category" | "source", "") => safe::text(value),
            ("link", "") | (_, "url" | "href" | "domain") => safe::address(value, false),
            _ => safe::line(value),
        }
        .map_err(|e| format!("{element} {attribute}: {e}"))
    })
}

fn atom_feed(written: &str) -> Result<(), String> {
    assert!(written.contains("<entry>"));
    xml_parts(written, |element, attribute, value| {
        safe::legal(value)?;
        match (element, attribute) {
            ("content", "") => safe::fed(value),
            ("content" | "title" | "summary", "type") => {
                if matches!((element, value), ("content", "html") | ("title" | "summary", "text")) {
                    Ok(())
                } else {
                    Err(value.into())
                }
            }
            ("uri", "") | (_, "url" | "href" | "scheme") => safe::address(value, false),
            ("summary", "") => Ok(()),
            // Plain text by the format, and no less so to those who do not look at its type.
            _ => safe::line(value),
        }
        .map_err(|e| format!("{element} {attribute}: {e}"))
    })
}

fn json_value(key: &str, value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) => {
            safe::legal(text)?;
            match key {
                "content_html" => safe::fed(text),
                "url" | "home_page_url" | "feed_url" | "image" | "page" | "version" => safe::address(text, false),
                "summary" => Ok(()),
                _ => safe::line(text),
            }
            .map_err(|e| format!("{key}: {e}"))
        }
        Value::Array(all) => all.iter().try_for_each(|v| json_value(key, v)),
        Value::Object(all) => all.iter().try_for_each(|(k, v)| json_value(k, v)),
        _ => Ok(()),
    }
}
