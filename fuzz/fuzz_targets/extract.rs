//! An article out of any page: plain where it is plain, sure between nothing and wholly, and the same when read twice.

#![no_main]

use chrono::DateTime;
use feedloom::clean;
use feedloom::extract::{Page, Recipe, extract};
use libfuzzer_sys::fuzz_target;
use url::Url;

#[path = "../../tests/it/safe.rs"]
#[allow(dead_code, reason = "the suite uses the rest of it")]
mod safe;

fuzz_target!(|bytes: &[u8]| {
    let html = String::from_utf8_lossy(bytes);
    let url = Url::parse("https://a.example/dir/page").unwrap();
    let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
    let page = Page { html: &html, url: &url, lang: None, tz: chrono_tz::UTC, now, entry: None, site_name: None };
    let recipe = Recipe::default();
    let first = extract(&page, &recipe);
    assert_eq!(first, extract(&page, &recipe), "extracted twice");
    let Ok(found) = first else { return };
    assert!((0.0..=1.0).contains(&found.confidence), "{}", found.confidence);
    // Every sign of the text stood in the page, written out or as a reference.
    assert!(found.text.len() <= html.len() * 4, "{} bytes out of {}", found.text.len(), html.len());
    if !html.contains("&") {
        assert!(found.text.matches('<').count() <= html.matches('<').count());
    }
    let body = clean::clean(&found.body_html, &url);
    if let Err(why) = safe::body(body.as_str()) {
        panic!("{why}");
    }
});
