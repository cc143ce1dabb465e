//! Sitemaps with news (sitemaps.org 0.9, Google's `news:` and `image:`), and indexes of sitemaps. Read with the forgiving
//! scanner of feeds, as they are made by the same hands.

use chrono::{DateTime, Utc};
use url::Url;

use super::entities::decode;
use super::markup::{Piece, Scanner};
use super::{Input, MOST_ENTRIES, MOST_LINE, MOST_PARTS, ReadError, address, bounded, note};
use crate::model::{DocumentKind, Entry, FeedHead, Image, Lang, Reading};
use crate::text::{DateContext, one_line, parse_date};

/// Sitemaps of one index that are followed.
const MOST_FOLLOWED: usize = 3;
/// Sitemaps of one index that are looked at (sitemaps.org: at most 50,000).
const MOST_LISTED: usize = 50_000;

/// What stands in one `url` or `sitemap`: `loc`, `news/title`, `image/loc` ...
#[derive(Default)]
struct Record(Vec<(String, String)>);

impl Record {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }
}

pub(super) fn read(text: &str, input: &Input<'_>) -> Result<Reading, ReadError> {
    let dates = input.dates(None, None);
    let (mut notes, mut entries, mut untitled) = (Vec::new(), Vec::new(), 0usize);
    let mut listed: Vec<(bool, Option<DateTime<Utc>>, String)> = Vec::new();
    let mut outlet = None;
    records(text, |name, record| {
        let Some(url) = record.get("loc").and_then(|u| address(input.url, u)) else { return true };
        if name == "sitemap" {
            let of_news = url.to_ascii_lowercase().contains("news");
            listed.push((of_news, date(record.get("lastmod"), &dates), url));
            return listed.len() < MOST_LISTED;
        }
        outlet = outlet.take().or_else(|| record.get("news/name").map(one_line));
        match entry(record, url, input.url, &dates, &mut notes) {
            Some(entry) => entries.push(entry),
            None => untitled += 1,
        }
        entries.len() < MOST_ENTRIES && untitled < MOST_LISTED
    });
    if !listed.is_empty() {
        // Those of news first, then the newest; of equals the last: numbered parts grow at the end.
        listed.reverse();
        listed.sort_by_key(|(of_news, date, _)| std::cmp::Reverse((*of_news, *date)));
        let sitemaps = listed.into_iter().take(MOST_FOLLOWED).map(|(_, _, url)| url).collect();
        return Err(ReadError::SitemapIndex { sitemaps });
    }
    if untitled > 0 {
        note(&mut notes, format!("{untitled} addresses without a news:title left out"));
    }
    let lang = input.lang.cloned().or_else(|| entries.iter().find_map(|e: &Entry| e.lang.clone()));
    let link = input.url.join("/").ok().map(String::from);
    let head = FeedHead { title: outlet, link, lang, ..FeedHead::default() };
    Ok(Reading { kind: DocumentKind::Sitemap, head, entries, notes, cut_off: false, half: false })
}

/// Hands over each `url` and `sitemap`, closed or not, until that says it is enough.
fn records(text: &str, mut take: impl FnMut(&'static str, &Record) -> bool) {
    let mut open: Option<(&'static str, Record)> = None;
    let mut group = "";
    let mut value: Option<(String, String)> = None;
    for piece in Scanner::new(text) {
        match piece {
            Piece::Start { name, .. } => match (record_name(local(name)), local(name)) {
                (Some(kind), _) => {
                    if open.replace((kind, Record::default())).is_some_and(|(kind, record)| !take(kind, &record)) {
                        return;
                    }
                    (group, value) = ("", None);
                }
                (None, "news") => group = "news/",
                (None, "image") => group = "image/",
                (None, "video") => group = "video/",
                (None, name) => value = Some((format!("{group}{name}"), String::new())),
            },
            Piece::Text(text) => push(&mut value, &decode(text)),
            Piece::CData(text) => push(&mut value, text),
            Piece::End { name } => {
                if let (Some(value), Some((_, record))) = (value.take(), &mut open)
                    && record.0.len() < MOST_PARTS
                {
                    record.0.push((value.0, value.1.trim().to_owned()));
                }
                match local(name) {
                    "news" | "image" | "video" => group = "",
                    name if record_name(name).is_none() => {}
                    _ if open.take().is_some_and(|(kind, record)| !take(kind, &record)) => return,
                    _ => {}
                }
            }
            Piece::Doctype(_) | Piece::Aside => {}
        }
    }
    if let Some((kind, record)) = open {
        take(kind, &record);
    }
}

fn record_name(name: &str) -> Option<&'static str> {
    ["url", "sitemap"].into_iter().find(|n| *n == name)
}

fn push(value: &mut Option<(String, String)>, text: &str) {
    if let Some((_, value)) = value
        && value.len() < MOST_LINE
    {
        value.push_str(text);
    }
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn date(written: Option<&str>, dates: &DateContext<'_>) -> Option<DateTime<Utc>> {
    parse_date(written?, dates).map(|d| d.to_utc())
}

/// An address with a title; one without says nothing that could be shown.
fn entry(record: &Record, url: String, base: &Url, dates: &DateContext<'_>, notes: &mut Vec<String>) -> Option<Entry> {
    let title = one_line(record.get("news/title")?);
    let written = record.get("news/publication_date").or_else(|| record.get("lastmod"));
    let published = date(written, dates);
    if let (Some(written), None) = (written, published) {
        note(notes, format!("date `{}` not read", crate::text::excerpt(written, 60)));
    }
    let alt = record.get("image/title").or_else(|| record.get("image/caption")).map(one_line);
    let image = record.get("image/loc").and_then(|u| address(base, u));
    let keywords = record.get("news/keywords").unwrap_or_default().split(',').map(one_line);
    Some(Entry {
        link: Some(url),
        title: Some(bounded(title, MOST_LINE, notes)),
        published,
        updated: date(record.get("lastmod"), dates),
        date_written: written.map(str::to_owned),
        lang: record.get("news/language").and_then(Lang::parse),
        categories: keywords.filter(|k| !k.is_empty()).take(MOST_PARTS).collect(),
        image: image.map(|url| Image { url, alt, ..Image::default() }),
        ..Entry::default()
    })
}

/// The sitemaps of one index as one reading: an address that stands in several counts once.
#[must_use]
pub fn join(readings: Vec<Reading>) -> Option<Reading> {
    let mut seen = std::collections::HashSet::new();
    let mut joined: Option<Reading> = None;
    for reading in readings {
        let whole = joined.get_or_insert_with(|| Reading { entries: Vec::new(), notes: Vec::new(), ..reading.clone() });
        let fresh = reading.entries.into_iter().filter(|e| seen.insert(e.link.clone().or_else(|| e.id.clone())));
        whole.entries.extend(fresh);
        reading.notes.into_iter().for_each(|n| note(&mut whole.notes, n));
    }
    joined
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use chrono_tz::Tz;

    use super::*;

    fn read_text(text: &str) -> Result<Reading, ReadError> {
        let url = Url::parse("https://example.org/sitemap-news.xml").unwrap();
        let now = chrono::Utc.with_ymd_and_hms(2026, 6, 10, 12, 0, 0).unwrap();
        let input = Input {
            body: text.as_bytes(),
            content_type: None,
            url: &url,
            lang: None,
            tz: Tz::UTC,
            day_first: None,
            now,
        };
        super::super::read(&input, None)
    }

    #[test]
    fn reads_news_with_images() {
        let reading = read_text(
            "<?xml version='1.0'?><urlset xmlns:news='n'><url><loc> https://example.org/a?x=1&amp;y=2 </loc><lastmod>2026-06-09T10:00:00Z</lastmod>
             <news:news><news:publication><news:name>Le Port</news:name><news:language>fr</news:language></news:publication>
             <news:publication_date>2026-06-08</news:publication_date><news:title><![CDATA[Un &titre]]></news:title><news:keywords>Gaza, ports ,</news:keywords></news:news>
             <image:image><image:loc>/i.jpg</image:loc><image:title>Vue</image:title></image:image></url>
             <url><loc>https://example.org/vieux</loc></url><url><loc>/b</loc><n:news><n:title>Deux &amp; trois</n:title>",
        )
        .unwrap();
        let [a, b] = &reading.entries[..] else { panic!("{reading:?}") };
        assert_eq!(a.link.as_deref(), Some("https://example.org/a?x=1&y=2"));
        assert_eq!((a.title.as_deref(), reading.head.title.as_deref()), (Some("Un &titre"), Some("Le Port")));
        assert_eq!((a.published.unwrap().timestamp(), a.updated.unwrap().timestamp()), (1_780_876_800, 1_780_999_200));
        assert_eq!((a.lang.as_ref().map(Lang::as_str), a.categories.len()), (Some("fr"), 2));
        let image = a.image.as_ref().map(|i| (i.url.as_str(), i.alt.as_deref()));
        assert_eq!(image, Some(("https://example.org/i.jpg", Some("Vue"))));
        assert_eq!(b.link.as_deref(), Some("https://example.org/b"));
        assert!(reading.notes.iter().any(|n| n.starts_with("1 addresses")), "{:?}", reading.notes);
        assert_eq!(join(vec![reading.clone(), reading]).unwrap().entries.len(), 2);
    }

    #[test]
    fn an_index_names_its_newest() {
        let one =
            |name: &str, date: &str| format!("<sitemap><loc>/{name}.xml</loc><lastmod>{date}</lastmod></sitemap>");
        let index = [one("a", "2026-06-01"), one("b", "2026-06-09"), one("news", "2026-05-01"), one("c", "2026-06-08")]
            .concat();
        let Err(ReadError::SitemapIndex { sitemaps }) = read_text(&format!("<sitemapindex>{index}</sitemapindex>"))
        else {
            panic!()
        };
        assert_eq!(sitemaps, ["news", "b", "c"].map(|n| format!("https://example.org/{n}.xml")));
    }
}
