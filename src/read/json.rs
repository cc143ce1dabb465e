//! JSON Feed 1.0 and 1.1, read leniently: numbers for texts, one for many, null for nothing, commas too many.

use serde_json::{Map, Value};
use url::Url;

use super::{
    Input, MOST_ENTRIES, MOST_LINE, MOST_PARTS, MOST_TEXT, ReadError, address, bounded, episode, inherited, members,
    note,
};
use crate::model::{DocumentKind, Enclosure, Entry, Episode, FeedHead, Image, Lang, Link, Person, Reading};
use crate::text::{DateContext, chosen, parse_date};

/// Minutes until a feed that says it has ended is asked again: a week.
const EXPIRED: u64 = 7 * 24 * 60;
/// JSON that is nested deeper is not read.
const DEEPEST: usize = 128;

type Object = Map<String, Value>;

pub(super) fn read(text: &str, input: &Input<'_>) -> Result<Reading, ReadError> {
    let mut notes = Vec::new();
    let ((value, length), cut_off) = match parsed_by(members::parse, text, &mut notes) {
        Ok(parsed) => (parsed, false),
        // What came whole before the end is whole.
        Err(error) => (whole_items(text).ok_or(error)?, true),
    };
    if cut_off {
        notes.push("document ends before it is finished".to_owned());
    }
    let Value::Object(mut feed) = value else {
        return Err(ReadError::Unreadable("the JSON is no object".to_owned()));
    };
    let Some(items) = feed.remove("items") else {
        return Err(ReadError::Unreadable("the JSON has no `items`".to_owned()));
    };
    if feed.get("version").and_then(Value::as_str).is_none_or(|v| !v.contains("jsonfeed.org/version")) {
        notes.push("JSON Feed without its version".to_owned());
    }
    let head = head(&feed, input);
    let feed_people = inherited(people(&feed, input.url).into_iter());
    let items = if let Value::Array(items) = items { items } else { Vec::new() };
    let written = items.iter().flat_map(|i| ["date_published", "date_modified"].map(|key| i.get(key)?.as_str()));
    let dates = input.dates_like(head.lang.as_ref(), written.flatten());
    if length > MOST_ENTRIES {
        notes.push(format!("{length} entries cut to {MOST_ENTRIES}"));
    }
    let mut entries = Vec::with_capacity(items.len());
    for item in items {
        if let Value::Object(item) = item {
            entries.push(entry(&item, &head, &feed_people, input.url, &dates, &mut notes));
        }
    }
    Ok(Reading { kind: DocumentKind::JsonFeed, head, entries, notes, cut_off, half: false })
}

/// A JSON document, mended where that makes it one.
pub(super) fn parsed(text: &str, notes: &mut Vec<String>) -> Result<Value, ReadError> {
    parsed_by(|text| serde_json::from_str(text), text, notes)
}

fn parsed_by<T>(parse: fn(&str) -> serde_json::Result<T>, text: &str, notes: &mut Vec<String>) -> Result<T, ReadError> {
    parse(text.trim()).or_else(|first| {
        let value = parse(&mended(text)).map_err(|_second| ReadError::Unreadable(first.to_string()))?;
        notes.push(format!("JSON mended: {first}"));
        Ok(value)
    })
}

fn head(feed: &Object, input: &Input<'_>) -> FeedHead {
    let written = string(feed, "language");
    let place = |key: &str| string(feed, key).and_then(|u| address(input.url, &u));
    let link = |rel: &str, href: String| Link { rel: rel.to_owned(), href, ..Link::default() };
    let mut links: Vec<Link> = place("feed_url").map(|u| link("self", u)).into_iter().collect();
    links.extend(place("next_url").map(|u| link("next", u)));
    for hub in list(feed, "hubs").iter().filter_map(Value::as_object) {
        let websub = string(hub, "type").is_some_and(|t| t.eq_ignore_ascii_case("WebSub"));
        links.extend(string(hub, "url").filter(|_| websub).map(|u| link("hub", u)));
    }
    FeedHead {
        title: string(feed, "title"),
        link: place("home_page_url"),
        subtitle: string(feed, "description"),
        updated: None,
        lang: written.as_deref().and_then(Lang::parse).or_else(|| input.lang.cloned()),
        language_written: written,
        image: place("icon").or_else(|| place("favicon")).map(|url| Image { url, ..Image::default() }),
        links,
        // A feed that says it has ended is looked at once in a while all the same: it may have said so by mistake.
        ttl_minutes: feed.get("expired").and_then(Value::as_bool).filter(|expired| *expired).map(|_| EXPIRED),
        ..FeedHead::default()
    }
}

fn entry(
    item: &Object,
    head: &FeedHead,
    feed_people: &[Person],
    base: &Url,
    dates: &DateContext<'_>,
    notes: &mut Vec<String>,
) -> Entry {
    let id = string(item, "id").filter(|id| !id.is_empty());
    let id_is_permalink = id.as_deref().is_some_and(|id| id.starts_with("http://") || id.starts_with("https://"));
    let mut place = |key: &str| string(item, key).and_then(|u| address(base, &bounded(u, MOST_LINE, notes)));
    let (url, external) = (place("url"), place("external_url"));
    let pictures = ["image", "banner_image"].map(|key| place(key).map(|url| Image { url, ..Image::default() }));
    let link = url.clone().or_else(|| external.clone()).or_else(|| id.clone().filter(|_| id_is_permalink));
    let links = external
        .filter(|_| url.is_some())
        .map(|href| Link { rel: "related".to_owned(), href, ..Link::default() })
        .into_iter()
        .collect();
    let mut date = |key: &str| {
        let written = string(item, key)?;
        let read = parse_date(&written, dates);
        if read.is_none() {
            note(notes, format!("date `{}` not read", crate::text::excerpt(&written, 60)));
        }
        read.map(|d| d.to_utc())
    };
    let (published, updated) = (date("date_published"), date("date_modified"));
    let content = string(item, "content_html").filter(|c| !c.is_empty());
    let content = content.or_else(|| string(item, "content_text").map(|text| as_html(&text)));
    let mut text = |t: Option<String>, most: usize| t.map(|t| bounded(t, most, notes));
    let mut authors = people(item, base);
    if authors.is_empty() {
        authors = feed_people.to_vec();
    }
    Entry {
        id: text(id, MOST_LINE),
        id_is_permalink,
        link,
        title: text(string(item, "title"), MOST_LINE),
        summary: text(string(item, "summary"), MOST_TEXT),
        content: text(content, MOST_TEXT),
        authors,
        categories: list(item, "tags").iter().filter_map(as_string).collect(),
        enclosures: list(item, "attachments").iter().filter_map(|a| enclosure(a.as_object()?, base)).collect(),
        image: chosen(pictures.into_iter().flatten()),
        published,
        updated,
        date_written: string(item, "date_published").or_else(|| string(item, "date_modified")),
        lang: string(item, "language").as_deref().and_then(Lang::parse).or_else(|| head.lang.clone()),
        origin: None,
        links,
        base: None,
    }
}

fn enclosure(attachment: &Object, base: &Url) -> Option<Enclosure> {
    Some(Enclosure {
        url: address(base, &string(attachment, "url")?)?,
        media_type: string(attachment, "mime_type"),
        length: string(attachment, "size_in_bytes").and_then(|n| n.parse().ok()),
        episode: Episode {
            duration: string(attachment, "duration_in_seconds").as_deref().and_then(episode::seconds),
            ..Episode::default()
        },
    })
}

/// `authors` of 1.1 or `author` of 1.0; a bare text is a name.
fn people(holder: &Object, base: &Url) -> Vec<Person> {
    let many = list(holder, "authors");
    let people = if many.is_empty() { list(holder, "author") } else { many };
    let person = |value: &Value| match value {
        Value::Object(author) => {
            let name = string(author, "name").filter(|n| !n.trim().is_empty());
            let url = string(author, "url").and_then(|u| address(base, &u));
            (name.is_some() || url.is_some()).then(|| Person { name, email: string(author, "email"), url })
        }
        other => as_string(other).map(|name| Person { name: Some(name), ..Person::default() }),
    };
    people.iter().filter_map(person).collect()
}

fn as_string(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn string(object: &Object, key: &str) -> Option<String> {
    object.get(key).and_then(as_string)
}

/// A list; one value that should have been a list counts as a list of one.
fn list<'a>(object: &'a Object, key: &str) -> &'a [Value] {
    let all: &[Value] = match object.get(key) {
        Some(Value::Array(values)) => values,
        Some(Value::Null) | None => &[],
        Some(one) => std::slice::from_ref(one),
    };
    &all[..all.len().min(MOST_PARTS)]
}

/// Plain text says no tags: its signs are escaped, its paragraphs kept.
pub(super) fn as_html(text: &str) -> String {
    let escaped = text.trim().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if !escaped.contains('\n') {
        return escaped;
    }
    let paragraphs = escaped.replace("\r\n", "\n");
    let paragraphs = paragraphs.split("\n\n").map(str::trim).filter(|p| !p.is_empty());
    paragraphs.map(|p| format!("<p>{}</p>\n", p.replace('\n', "<br>\n"))).collect()
}

/// A document that ends too soon, up to the last of its `items` that came whole; `None` where none did.
fn whole_items(text: &str) -> Option<(Value, usize)> {
    let text = text.trim();
    let (mut inside, mut escaped) = (false, false);
    // What is open: `{` or `[`. Nothing deeper is looked at than JSON is read.
    let mut open: Vec<u8> = Vec::new();
    let mut end = None;
    for (at, byte) in text.bytes().enumerate() {
        if inside {
            inside = byte != b'"' || escaped;
            escaped = byte == b'\\' && !escaped;
            continue;
        }
        match byte {
            b'"' => inside = true,
            b'{' | b'[' if open.len() == DEEPEST => return None,
            b'{' | b'[' => open.push(byte),
            b'}' | b']' => {
                open.pop()?;
                if byte == b'}' && open == b"{[" {
                    end = Some(at + 1);
                }
                if open.is_empty() {
                    // It is whole: something else is wrong with it.
                    return None;
                }
            }
            _ => {}
        }
    }
    let closed = format!("{}]}}", text.get(..end?)?);
    let (value, length) = members::parse(&closed).or_else(|_first| members::parse(&mended(&closed))).ok()?;
    matches!(&value, Value::Object(feed) if feed.get("items").is_some_and(|items| items.as_array().is_some_and(|i| !i.is_empty())))
        .then_some((value, length))
}

/// Control characters inside of texts escaped, commas before a closing bracket off.
fn mended(text: &str) -> String {
    let text = text.trim();
    let mut out = String::with_capacity(text.len());
    let (mut inside, mut escaped) = (false, false);
    let mut comma: Option<usize> = None;
    for c in text.chars() {
        if inside {
            match c {
                '"' if !escaped => inside = false,
                c if c.is_control() => {
                    // A backslash before a line end is no escape that JSON knows.
                    if escaped {
                        out.pop();
                    }
                    out.push_str(&format!("\\u{:04x}", c as u32));
                    escaped = false;
                    continue;
                }
                _ => {}
            }
            escaped = c == '\\' && !escaped;
            out.push(c);
            continue;
        }
        match c {
            '"' => (inside, comma) = (true, None),
            ',' => comma = Some(out.len()),
            ']' | '}' => {
                if let Some(at) = comma.take() {
                    out.truncate(at);
                }
            }
            c if c.is_whitespace() => {}
            _ => comma = None,
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use chrono_tz::Tz;

    use super::*;

    fn read_text(text: &str) -> Result<Reading, ReadError> {
        let url = Url::parse("https://example.org/feed.json").unwrap();
        let now = chrono::Utc.with_ymd_and_hms(2026, 6, 10, 12, 0, 0).unwrap();
        let input = Input { body: &[], content_type: None, url: &url, lang: None, tz: Tz::UTC, day_first: None, now };
        read(text, &input)
    }

    #[test]
    fn reads_what_is_not_quite_json_feed() {
        let text = "{\"version\": \"http://jsonfeed.org/version/1\", \"title\": null, \"author\": \"Editors\", \"language\": \"fr\",
            \"items\": [
              {\"id\": 7, \"url\": \"/a\", \"title\": \"A\ttab\", \"content_text\": \"1 < 2\n\nb\", \"tags\": \"one\", \"date_published\": \"2026-03-02 10:00\"},
              {\"id\": \"https://example.org/b\", \"content_html\": \"<p>b</p>\", \"authors\": [{\"name\": \"N\"}, {}],
               \"attachments\": [{\"url\": \"b.mp3\", \"size_in_bytes\": \"12\"}], \"external_url\": null},
              \"odd\", {},
            ],}";
        let reading = read_text(text).unwrap();
        assert_eq!(reading.entries.len(), 3);
        let [a, b, c] = &reading.entries[..] else { panic!() };
        assert_eq!((a.id.as_deref(), a.link.as_deref()), (Some("7"), Some("https://example.org/a")));
        assert_eq!(a.content.as_deref(), Some("<p>1 &lt; 2</p>\n<p>b</p>\n"));
        assert_eq!((a.title.as_deref(), &a.categories[..]), (Some("A\ttab"), &["one".to_owned()][..]));
        assert_eq!(a.authors[0].name.as_deref(), Some("Editors"));
        assert_eq!(a.published.map(|d| d.timestamp()), Some(1_772_445_600));
        assert_eq!((b.link.as_deref(), b.id_is_permalink), (Some("https://example.org/b"), true));
        assert_eq!((b.authors.len(), b.enclosures[0].length), (1, Some(12)));
        assert_eq!((c.id.as_deref(), c.lang.as_ref().map(Lang::as_str)), (None, Some("fr")));
        assert!(reading.notes.iter().any(|n| n.contains("mended")));
    }

    #[test]
    fn of_a_document_that_ends_too_soon_the_whole_items_are_read() {
        let whole = r#"{"version": "https://jsonfeed.org/version/1.1", "authors": [{"name": "N"}], "items": [
            {"id": "1", "content_text": "a } ] \" {", "authors": [{"name": "M"}]}, {"id": "2", "content_text": "b"},
            {"id": "3", "content_text": "c"}]}"#;
        let ids = |text: &str| {
            let reading = read_text(text).ok()?;
            Some((reading.entries.into_iter().filter_map(|e| e.id).collect::<Vec<_>>().concat(), reading.cut_off))
        };
        let cut = |before: &str| ids(whole.split_once(before).unwrap().0);
        assert_eq!(ids(whole), Some(("123".into(), false)));
        assert_eq!(cut("\"c\""), Some(("12".into(), true)));
        assert_eq!(cut(", {\"id\": \"2\""), Some(("1".into(), true)));
        for (at, _) in whole.char_indices() {
            let before = ids(&whole[..at]).map(|(ids, _)| ids).unwrap_or_default();
            assert!("123".starts_with(&before), "{at}: {before}");
        }
        assert_eq!(ids(&format!("{{\"items\": {}", "[".repeat(100_000))), None);
    }

    #[test]
    fn refuses_what_has_no_items() {
        assert!(matches!(
            read_text("{\"version\": \"https://jsonfeed.org/version/1.1\"}"),
            Err(ReadError::Unreadable(_))
        ));
        assert!(matches!(read_text("{\"items\": [1,"), Err(ReadError::Unreadable(_))));
    }
}
