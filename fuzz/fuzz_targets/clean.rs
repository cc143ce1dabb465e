//! A body out of anything: safe, and as clean after one cleaning as after two.

#![no_main]

use feedloom::clean;
use libfuzzer_sys::fuzz_target;
use url::Url;

#[path = "../../tests/it/safe.rs"]
#[allow(dead_code, reason = "the suite uses the rest of it")]
mod safe;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let base = Url::parse("https://a.example/dir/page").unwrap();
    let once = clean::clean(&text, &base);
    if let Err(why) = safe::body(once.as_str()) {
        panic!("{why}");
    }
    assert_eq!(clean::clean(once.as_str(), &base), once, "cleaned twice");
    let plain = clean::plain(&once);
    assert!(!plain.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "{plain:?}");
    let line = clean::line(&text);
    assert!(!line.chars().any(char::is_control), "{line:?}");
    if let Some(address) = clean::address(&text, &base) {
        assert!(address.is_ascii() && (address.starts_with("http://") || address.starts_with("https://")), "{address}");
    }
});
