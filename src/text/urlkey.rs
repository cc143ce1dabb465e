//! One key for all addresses of one article. A key only: never emitted as a link.

use url::Url;

/// The canonical key of an address: scheme, `www.`, fragment, default index, trailing slash and tracking parameters do not
/// matter; the order of parameters neither.
#[must_use]
pub fn url_key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_start_matches("www.");
    let mut pairs: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(k, _)| !k.starts_with("utm_") && k != "xtor")
        .map(|(k, v)| (k.into_owned(), v.into_owned()))
        .collect();
    pairs.sort();
    let mut key = format!("{host}{}", url.path().trim_end_matches('/'));
    for (i, (k, v)) in pairs.iter().enumerate() {
        key.push(if i == 0 { '?' } else { '&' });
        key.push_str(&format!("{k}={v}"));
    }
    key
}
