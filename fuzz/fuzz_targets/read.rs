//! A feed, a list or a page out of anything: within the limits, and the same when read twice.

#![no_main]

use chrono::{DateTime, Utc};
use feedloom::model::{Entry, Reading};
use feedloom::read::{Input, ListRecipe, detect, opml, read};
use feedloom::text::Pick;
use libfuzzer_sys::fuzz_target;
use url::Url;

/// Bytes of a text, as the library cuts it.
const MOST_TEXT: usize = 2 << 20;

fuzz_target!(|bytes: &[u8]| {
    let url = Url::parse("https://a.example/dir/feed").unwrap();
    let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
    let input = Input { body: bytes, content_type: None, url: &url, lang: None, tz: chrono_tz::UTC, day_first: None, now };
    let first = read(&input, None);
    assert_eq!(first, read(&input, None), "read twice");
    if let Ok(reading) = &first {
        within(reading, bytes.len());
    }
    let mut carried = ListRecipe::new("data[*]").unwrap();
    carried.within = Some(Pick::parse("script").unwrap());
    let recipes = ["li, article", "data.items[*]"].map(|item| ListRecipe::new(item).unwrap());
    for recipe in recipes.iter().chain([&carried]) {
        if let Ok(reading) = read(&input, Some(recipe)) {
            within(&reading, bytes.len());
        }
    }
    if let Some(found) = detect(&input) {
        assert!(!found.reading.entries.is_empty());
        within(&found.reading, bytes.len());
    }
    let _ = opml(bytes);
});

fn within(reading: &Reading, given: usize) {
    assert!(reading.entries.len() <= 10_000);
    assert!(reading.notes.len() <= 100);
    let said: usize = reading.entries.iter().map(size).sum();
    // Entities, charsets and addresses made absolute widen a text; nothing multiplies it.
    assert!(said <= given * 40 + 100_000, "{said} bytes out of {given}");
    for entry in &reading.entries {
        for date in [entry.published, entry.updated].into_iter().flatten() {
            assert!(date > DateTime::<Utc>::MIN_UTC && date < DateTime::<Utc>::MAX_UTC);
        }
    }
}

fn size(entry: &Entry) -> usize {
    let texts =
        [&entry.id, &entry.link, &entry.title, &entry.summary, &entry.content, &entry.date_written, &entry.base];
    let texts = texts.into_iter().flatten().map(|t| {
        assert!(t.len() <= MOST_TEXT);
        t.len()
    });
    let parts = [entry.links.len(), entry.authors.len(), entry.categories.len(), entry.enclosures.len()];
    assert!(parts.iter().all(|n| *n <= 1_000), "{parts:?}");
    let people = entry.authors.iter().flat_map(|a| [&a.name, &a.email, &a.url]).flatten().map(String::len);
    texts.sum::<usize>()
        + people.sum::<usize>()
        + entry.categories.iter().map(String::len).sum::<usize>()
        + entry.links.iter().map(|l| l.href.len()).sum::<usize>()
}
