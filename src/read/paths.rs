//! Lists in JSON that is no JSON Feed: the answers of an API, or what a page carries, read by paths (RFC 9535).

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::Value;
use serde_json_path::JsonPath;
use url::Url;

use super::json::{as_html, parsed};
use super::list::ListRecipe;
use super::{Input, MOST_ENTRIES, MOST_LINE, MOST_PARTS, MOST_TEXT, ReadError, address, bounded, note};
use crate::model::{DocumentKind, Entry, FeedHead, Image, Link, Mistake, Person, Reading};
use crate::text::{DateContext, one_line, parse_date};

/// What tells a path from a CSS selector, of which it can be no part.
const EACH: &str = "[*]";

/// A path in a JSON document: `links.web`, `data.items[*]`, or in full `$.data.items[*]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Path(JsonPath);

impl Path {
    /// Whether an `item` is a path and not a selector.
    #[must_use]
    pub fn is_meant(item: &str) -> bool {
        item.contains(EACH) || item.trim_start().starts_with('$')
    }

    /// Reads a path.
    ///
    /// # Errors
    /// A mistake with its place.
    pub fn parse(written: &str) -> Result<Self, Mistake> {
        let prefix = match written.trim_start().chars().next() {
            Some('$') => "",
            Some('[') => "$",
            _ => "$.",
        };
        let whole = format!("{prefix}{}", written.trim());
        JsonPath::parse(&whole).map(Self).map_err(|error| {
            let space = written.len() - written.trim_start().len();
            let at = (error.position() + space).saturating_sub(prefix.len()).min(written.len());
            let at = (0..=at).rev().find(|i| written.is_char_boundary(*i)).unwrap_or(0);
            Mistake::new(at..written.len(), format!("`{written}` is not a JSON path"))
                .hint("write for example 'data.items[*]', 'links.web' or \"names['with-hyphen']\"")
        })
    }

    pub(super) fn values<'a>(&self, piece: &'a Value) -> Vec<&'a Value> {
        self.0.query(piece).all()
    }

    pub(super) fn text(&self, piece: &Value) -> Option<String> {
        self.values(piece).into_iter().flat_map(single).find_map(text)
    }
}

/// Where an address is: a path, or a text with paths in braces, as `/articles/{slug}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Place(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Written(String),
    Path(Path),
}

impl Place {
    /// Reads a path, or a text with paths in braces.
    ///
    /// # Errors
    /// A mistake with its place.
    pub fn parse(written: &str) -> Result<Self, Mistake> {
        if !written.contains('{') {
            return Ok(Self(vec![Part::Path(Path::parse(written)?)]));
        }
        let mut parts = Vec::new();
        let mut at = 0;
        while let Some(open) = written[at..].find('{').map(|n| at + n) {
            let Some(close) = written[open..].find('}').map(|n| open + n) else {
                return Err(Mistake::new(open..written.len(), "brace is not closed").hint("write '/articles/{slug}'"));
            };
            parts.push(Part::Written(written[at..open].to_owned()));
            let moved = |m: Mistake| Mistake { span: m.span.start + open + 1..m.span.end + open + 1, ..m };
            parts.push(Part::Path(Path::parse(&written[open + 1..close]).map_err(moved)?));
            at = close + 1;
        }
        parts.push(Part::Written(written[at..].to_owned()));
        Ok(Self(parts))
    }

    /// The address in a piece, as written. `None` where a path gives nothing.
    pub(super) fn text(&self, piece: &Value) -> Option<String> {
        self.0.iter().try_fold(String::new(), |whole, part| match part {
            Part::Written(written) => Some(whole + written),
            Part::Path(path) => Some(whole + &path.text(piece)?),
        })
    }
}

/// Where the parts of one entry are, in the piece that `item` gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    item: Path,
    /// Its address.
    pub link: Option<Place>,
    /// Its title.
    pub title: Option<Path>,
    /// Its summary.
    pub summary: Option<Path>,
    /// Its text: HTML, or plain.
    pub body: Option<Path>,
    /// Its picture: an address, or an object with one.
    pub image: Option<Path>,
    /// Its date: written, or in seconds or milliseconds since 1970.
    pub date: Option<Path>,
    /// Its authors: names, or objects with one.
    pub author: Option<Path>,
    /// The address of the next page, in the whole document.
    pub next: Option<Place>,
}

impl Paths {
    /// The usual places, for what is not said.
    ///
    /// # Errors
    /// A mistake with its place, where `item` is no path.
    pub fn new(item: &str) -> Result<Self, Mistake> {
        let item = Path::parse(item)?;
        Ok(Self {
            item,
            link: None,
            title: None,
            summary: None,
            body: None,
            image: None,
            date: None,
            author: None,
            next: None,
        })
    }
}

/// Reads a document that is JSON.
pub(super) fn read(text: &str, recipe: &ListRecipe, paths: &Paths, input: &Input<'_>) -> Result<Reading, ReadError> {
    let mut notes = Vec::new();
    let value = parsed(text, &mut notes)?;
    let head = FeedHead { lang: input.lang.cloned(), ..FeedHead::default() };
    collect(&[value], recipe, paths, &Around { base: input.url, input, head }, notes)
}

/// What stands around a list in JSON.
pub(super) struct Around<'a> {
    /// What its addresses are relative to.
    pub(super) base: &'a Url,
    pub(super) input: &'a Input<'a>,
    pub(super) head: FeedHead,
}

/// The entries in all of some values; one that holds no list is passed over.
pub(super) fn collect(
    values: &[Value],
    recipe: &ListRecipe,
    paths: &Paths,
    around: &Around<'_>,
    mut notes: Vec<String>,
) -> Result<Reading, ReadError> {
    let pieces: Vec<&Value> = values.iter().flat_map(|value| paths.item.values(value)).collect();
    if pieces.is_empty() {
        return Err(ReadError::NoMatch { selector: recipe.item.clone() });
    }
    if pieces.len() > MOST_ENTRIES {
        note(&mut notes, format!("{} entries cut to {MOST_ENTRIES}", pieces.len()));
    }
    let lang = around.head.lang.as_ref();
    let written: Vec<String> = pieces.iter().filter_map(|p| paths.date.as_ref()?.text(p)).collect();
    let dates = around.input.dates_like(lang, written.iter().map(String::as_str));
    let mut seen = HashSet::new();
    let mut entries = Vec::new();
    for piece in pieces.into_iter().take(MOST_ENTRIES) {
        match entry(piece, paths, around.base, &dates, &mut notes) {
            Ok(entry) if entry.link.clone().is_some_and(|link| seen.insert(link)) => {
                entries.push(Entry { lang: lang.cloned(), ..entry });
            }
            Ok(_) => {}
            Err(missing) => note(&mut notes, format!("a match of `{}` has no {missing}", recipe.item)),
        }
    }
    if let Some(expected) = recipe.expect.filter(|e| entries.len() < *e) {
        note(&mut notes, format!("{} entries instead of at least {expected}", entries.len()));
    }
    let next = paths.next.as_ref().and_then(|place| values.iter().find_map(|value| place.text(value)));
    let next = next.and_then(|written| address(around.base, &written));
    let mut head = around.head.clone();
    head.links.extend(next.map(|href| Link { rel: "next".to_owned(), href, ..Link::default() }));
    Ok(Reading { kind: DocumentKind::Json, head, entries, notes, cut_off: false, half: false })
}

fn entry(
    piece: &Value,
    paths: &Paths,
    base: &Url,
    dates: &DateContext<'_>,
    notes: &mut Vec<String>,
) -> Result<Entry, &'static str> {
    let usual = |key: &str| piece.get(key).and_then(text);
    let link = paths.link.as_ref().map_or_else(|| usual("url"), |place| place.text(piece));
    let link = link.and_then(|l| address(base, &l)).ok_or("link")?;
    let given = |path: &Option<Path>| path.as_ref().and_then(|p| p.text(piece));
    let body = given(&paths.body).map(|b| if b.contains('<') { b } else { as_html(&b) });
    let title = paths.title.as_ref().map_or_else(|| usual("title"), |path| path.text(piece));
    let title = title.map(|t| one_line(&t)).filter(|t| !t.is_empty());
    if title.is_none() && body.is_none() {
        return Err("title");
    }
    let date_written = given(&paths.date).map(|written| bounded(written, MOST_LINE, notes));
    let published = date_written.as_deref().and_then(|w| parse_date(w, dates)).map(|d| d.to_utc());
    if let (Some(written), None) = (&date_written, published) {
        note(notes, format!("date `{}` not read", crate::text::excerpt(written, 60)));
    }
    let image = paths.image.as_ref().and_then(|p| {
        let place = |v: &Value| text(v).or_else(|| ["url", "src", "href"].iter().find_map(|k| text(v.get(k)?)));
        p.values(piece).into_iter().flat_map(single).find_map(place)
    });
    let authors = paths.author.as_ref().map(|p| p.values(piece)).unwrap_or_default().into_iter().flat_map(single);
    let names = authors.filter_map(|v| text(v).or_else(|| text(v.get("name")?))).take(MOST_PARTS);
    let names: Vec<String> = names.map(|name| bounded(name, MOST_LINE, notes)).collect();
    Ok(Entry {
        link: Some(link),
        title: title.map(|t| bounded(t, MOST_LINE, notes)),
        summary: given(&paths.summary).map(|s| bounded(s, MOST_TEXT, notes)),
        content: body.map(|b| bounded(b, MOST_TEXT, notes)),
        authors: names.into_iter().map(|name| Person { name: Some(name), ..Person::default() }).collect(),
        image: image.and_then(|u| address(base, &u)).map(|url| Image { url, ..Image::default() }),
        published,
        date_written,
        ..Entry::default()
    })
}

/// A value, or the values of a list.
fn single(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A date as written.
pub(super) fn date(written: &str, dates: &DateContext<'_>) -> Option<DateTime<Utc>> {
    parse_date(written, dates).map(|d| d.to_utc())
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use chrono_tz::Tz;

    use super::*;

    fn read_text(text: &str, recipe: &ListRecipe) -> Result<Reading, ReadError> {
        let url = Url::parse("https://api.example.org/v1/latest").unwrap();
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
        super::super::read(&input, Some(recipe))
    }

    #[test]
    fn reads_by_paths() {
        let mut recipe = ListRecipe::new("data.items[*]").unwrap();
        let paths = recipe.paths.as_mut().unwrap();
        let path = |written: &str| Some(Path::parse(written).unwrap());
        paths.link = Some(Place::parse("links.web").unwrap());
        paths.next = Some(Place::parse("?page={data.next}").unwrap());
        (paths.title, paths.date) = (path("headline"), path("published_at"));
        (paths.body, paths.image, paths.author) = (path("body.html"), path("media['lead-image']"), path("by"));
        let text = r#"{"data": {"next": 2, "items": [
            {"links": {"web": "/a"}, "headline": " A\n b ", "published_at": 1780489800, "body": {"html": "1 > 0"}, "media": {"lead-image": {"url": "i.jpg"}}, "by": [{"name": "N"}, "M"]},
            {"links": {"web": "/a"}, "headline": "again"}, {"headline": "no link"},
            {"links": {"web": "https://example.org/b"}, "headline": "B", "published_at": "2026-06-03T12:30:00Z"}]}}"#;
        let reading = read_text(text, &recipe).unwrap();
        let [a, b] = &reading.entries[..] else { panic!("{reading:?}") };
        assert_eq!((a.link.as_deref(), a.title.as_deref()), (Some("https://api.example.org/a"), Some("A b")));
        assert_eq!((a.published, a.content.as_deref()), (b.published, Some("1 &gt; 0")));
        assert_eq!(a.image.as_ref().map(|i| i.url.as_str()), Some("https://api.example.org/v1/i.jpg"));
        assert_eq!(a.authors.len(), 2);
        assert_eq!(reading.head.links[0].href, "https://api.example.org/v1/latest?page=2");
        assert_eq!(reading.notes, ["a match of `data.items[*]` has no link"]);
    }

    #[test]
    fn the_document_and_the_recipe_must_agree() {
        let top = ListRecipe::new("[*]").unwrap();
        assert_eq!(read_text(r#"[{"url": "/x", "title": "X"}]"#, &top).unwrap().entries.len(), 1);
        // An object with `items` is no JSON Feed where the file says how it is read.
        let items = ListRecipe::new("items[*]").unwrap();
        assert_eq!(read_text(r#"{"items": [{"url": "/x", "title": "X"}]}"#, &items).unwrap().kind, DocumentKind::Json);
        assert!(matches!(read_text("[]", &top), Err(ReadError::NoMatch { .. })));
        assert!(matches!(read_text("<html><p>Down</p></html>", &top), Err(ReadError::Unreadable(_))));
        let css = ListRecipe::new("article").unwrap();
        assert!(matches!(read_text("[1]", &css), Err(ReadError::Unreadable(_))));
        assert_eq!(Path::parse("a.b[").unwrap_err().span.end, 4);
        assert_eq!(Place::parse("/a/{b[}/").unwrap_err().span, 5..6);
        assert_eq!(Place::parse("/a/{b").unwrap_err().span, 3..5);
    }

    #[test]
    fn dates_count_seconds_or_are_written() {
        let dates =
            DateContext { lang: None, tz: Tz::UTC, now: "2026-06-10T12:00:00Z".parse().unwrap(), day_first: None };
        let read = |written: &str| date(written, &dates).map(|d| d.timestamp());
        for written in ["1780489800", "1780489800000", "1780489800.0", "1780489800.25", "2026-06-03T12:30:00Z"] {
            assert_eq!(read(written), Some(1_780_489_800), "{written}");
        }
        assert_eq!(read("03.06.2026"), Some(1_780_444_800));
    }

    #[test]
    fn an_address_is_put_together() {
        let piece = serde_json::json!({"slug": "un", "id": 7, "at": {"year": "2026"}, "none": null});
        for (written, wanted) in [
            ("slug", Some("un")),
            ("/a/{slug}", Some("/a/un")),
            ("https://x.example/{at.year}/{slug}-{id}.html", Some("https://x.example/2026/un-7.html")),
            ("/a/{none}", None),
        ] {
            assert_eq!(Place::parse(written).unwrap().text(&piece).as_deref(), wanted, "{written}");
        }
    }
}
