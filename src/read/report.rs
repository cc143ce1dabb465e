//! A reading as one line of JSON, for machines that compare.

use serde_json::{Value, json};

use super::ReadError;
use crate::model::{Entry, FeedHead, Link, Person, Reading};

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The line for one document: what was read, or why it could not be. What is absent is null.
#[must_use]
pub fn json_line(file: &str, result: &Result<Reading, ReadError>) -> String {
    match result {
        Ok(reading) => json!({
            "file": file,
            "ok": true,
            "error": null,
            "kind": reading.kind,
            "notes": reading.notes,
            "feed": head(&reading.head),
            "entries": reading.entries.iter().map(entry).collect::<Vec<_>>(),
        }),
        Err(error) => json!({ "file": file, "ok": false, "error": error.to_string(), "notes": [], "entries": [] }),
    }
    .to_string()
}

fn head(head: &FeedHead) -> Value {
    json!({
        "title": head.title,
        "link": head.link,
        "subtitle": head.subtitle,
        "updated": head.updated.map(|d| d.timestamp()),
        "language": head.language_written,
        "image": head.image.as_ref().map(|i| &i.url),
        "links": links(&head.links),
        "ttl_minutes": head.ttl_minutes,
        "skip_hours": (0..24).filter(|hour| head.skip_hours >> hour & 1 == 1).collect::<Vec<u32>>(),
        "skip_days": DAYS.iter().enumerate().filter(|(n, _)| head.skip_days >> n & 1 == 1).map(|(_, day)| day).collect::<Vec<_>>(),
    })
}

fn entry(entry: &Entry) -> Value {
    json!({
        "title": entry.title,
        // Where a feed gives no address, the id stands for it, as other readers have it.
        "link": entry.link.as_ref().or(entry.id.as_ref()),
        "id": entry.id,
        "id_is_permalink": entry.id_is_permalink,
        "published": entry.published.map(|d| d.timestamp()),
        "updated": entry.updated.map(|d| d.timestamp()),
        "date_written": entry.date_written,
        "summary": entry.summary,
        "content": entry.content,
        "authors": entry.authors.iter().map(person).collect::<Vec<_>>(),
        "tags": entry.categories,
        "enclosures": entry.enclosures.iter().map(|e| &e.url).collect::<Vec<_>>(),
        "image": entry.image.as_ref().map(|i| &i.url),
        "language": entry.lang,
        "origin": entry.origin.as_ref().map(|o| json!({ "name": o.name, "url": o.url })),
        "links": links(&entry.links),
        "base": entry.base,
    })
}

fn person(person: &Person) -> Value {
    json!({ "name": person.name, "email": person.email, "url": person.url })
}

fn links(links: &[Link]) -> Value {
    links.iter().map(|l| json!({ "rel": l.rel, "href": l.href, "title": l.title })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_for_each_document() {
        let line = json_line("a\nb", &Err(ReadError::Empty));
        assert!(!line.contains('\n'));
        let back: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&back["ok"], &back["error"]), (&json!(false), &json!("document is empty")));
    }
}
