//! One key for all addresses of one article. A key only: never emitted as a link.

use std::collections::HashSet;
use std::sync::LazyLock;

use url::Url;

/// How many redirectors and caches are unwrapped, one inside the other.
const MOST_WRAPS: usize = 3;
/// Parameters beyond so many are not looked at.
const MOST_PARAMETERS: usize = 100;

/// Redirectors: end of the host, path, the parameter that holds the address.
const REDIRECTORS: [(&str, &str, &str); 12] = [
    ("google.", "/url", "q"),
    ("google.", "/url", "url"),
    ("facebook.com", "/l.php", "u"),
    ("instagram.com", "/", "u"),
    ("out.reddit.com", "", "url"),
    ("t.umblr.com", "/redirect", "z"),
    ("youtube.com", "/redirect", "q"),
    ("duckduckgo.com", "/l/", "uddg"),
    ("slack-redir.net", "/link", "url"),
    ("steamcommunity.com", "/linkfilter/", "url"),
    ("vk.com", "/away.php", "to"),
    ("exit.sc", "/", "url"),
];

/// Parameters that do not tell articles apart.
static TRACKING: LazyLock<Tracking> = LazyLock::new(|| Tracking::read(include_str!("../../config/tracking.txt")));

struct Tracking {
    names: HashSet<&'static str>,
    pairs: HashSet<(&'static str, &'static str)>,
    beginnings: Vec<&'static str>,
}

impl Tracking {
    fn read(list: &'static str) -> Self {
        let mut read = Self { names: HashSet::new(), pairs: HashSet::new(), beginnings: Vec::new() };
        for line in list.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            if let Some(beginning) = line.strip_suffix('*') {
                read.beginnings.push(beginning);
            } else if let Some(pair) = line.split_once('=') {
                read.pairs.insert(pair);
            } else {
                read.names.insert(line);
            }
        }
        read
    }

    fn has(&self, name: &str, value: &str) -> bool {
        // Escaped once more than it should be: `?a=1&amp;utm_source=b`.
        let name = name.strip_prefix("amp;").unwrap_or(name);
        let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
        self.names.contains(&*name)
            || self.pairs.contains(&(&*name, &*value))
            || self.beginnings.iter().any(|b| name.starts_with(b))
    }
}

/// The canonical key of an address. Scheme, user, default port, `www.`, `m.` and `amp.`, fragment (but for `#!`), default
/// index, trailing and doubled slashes, the spelling of percent escapes, the order of parameters, tracking parameters and
/// session ids do not matter; redirectors and caches of accelerated pages are unwrapped.
#[must_use]
pub fn url_key(url: &Url) -> String {
    let mut inner = None;
    for _ in 0..MOST_WRAPS {
        match unwrapped(inner.as_ref().unwrap_or(url)) {
            Some(next) => inner = Some(next),
            None => break,
        }
    }
    let url = inner.as_ref().unwrap_or(url);
    let mut key = host(url.host_str().unwrap_or_default()).to_owned();
    if let Some(port) = url.port() {
        key.push_str(&format!(":{port}"));
    }
    key.push_str(&path(url.path()));
    key.push_str(&query(url));
    if let Some(route) = url.fragment().filter(|f| f.starts_with('!')) {
        key.push('#');
        key.push_str(route);
    }
    key
}

/// The registrable domain of an address by its key; `None` where it has none: an address by number, a host of the house.
#[must_use]
pub fn site_of_key(key: &str) -> Option<&str> {
    let host = &key[..key.find(['/', '?', '#', ':']).unwrap_or(key.len())];
    let by_number = host.parse::<std::net::Ipv4Addr>().is_ok() || host.starts_with('[');
    if by_number { None } else { psl::domain_str(host) }
}

/// The address inside a redirector's or a cache's.
fn unwrapped(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let bare = host.strip_prefix("www.").unwrap_or(host);
    for (of, path, parameter) in REDIRECTORS {
        let here = if of.ends_with('.') {
            bare.starts_with(of) || bare == "news.google.com" && of == "google."
        } else {
            bare == of || bare.ends_with(&format!(".{of}"))
        };
        // `instagram.com/?u=` is the redirector's own host only.
        if here && (path.is_empty() || url.path() == path) && (of != "instagram.com" || bare.starts_with("l.")) {
            let wrapped = url.query_pairs().find(|(name, _)| name == parameter).map(|(_, value)| value);
            if let Some(found) = wrapped.and_then(|value| web(&value)) {
                return Some(found);
            }
        }
    }
    // https://a-example.cdn.ampproject.org/v/s/a.example/x, https://www.google.com/amp/s/a.example/x: `s` is https.
    let cache = host.ends_with(".cdn.ampproject.org") || host.ends_with(".bing-amp.com");
    let viewer = (bare.starts_with("google.") || bare == "bing.com") && url.path().starts_with("/amp/");
    if !cache && !viewer {
        return None;
    }
    let rest = url.path().trim_start_matches('/').split_once('/')?.1;
    let rest = rest.strip_prefix("s/").unwrap_or(rest);
    let mut found = web(&format!("https://{rest}")).filter(|u| u.host_str().is_some_and(|h| h.contains('.')))?;
    found.set_query(url.query());
    Some(found)
}

fn web(address: &str) -> Option<Url> {
    Url::parse(address).ok().filter(|u| matches!(u.scheme(), "http" | "https"))
}

/// The host without what stands for the same site: `www.`, the mobile and the accelerated edition.
fn host(host: &str) -> &str {
    let mut host = host.trim_end_matches('.');
    while let Some(rest) = ["www.", "m.", "mobile.", "amp."].iter().find_map(|p| host.strip_prefix(p)) {
        // `m.example` is a site of its own.
        if !rest.contains('.') {
            break;
        }
        host = rest;
    }
    host
}

fn path(path: &str) -> String {
    let decoded = unreserved(path);
    let mut parts: Vec<&str> = decoded.split('/').filter(|part| !part.is_empty()).collect();
    if let Some(last) = parts.last_mut() {
        *last = last.split_once(';').filter(|(_, p)| is_session(p)).map_or(*last, |(name, _)| name);
        // Set behind an address that had no `?`: `/x&utm_source=b`.
        let tracks = |pair: &str| pair.split_once('=').is_some_and(|(name, value)| TRACKING.has(name, value));
        *last = last.split_once('&').filter(|(_, rest)| rest.split('&').all(tracks)).map_or(*last, |(name, _)| name);
    }
    if parts.len() > 1 && parts.first() == Some(&"amp") {
        parts.remove(0);
    }
    while parts.len() > 1 && parts.last() == Some(&"amp") {
        parts.pop();
    }
    let index = |part: &&str| {
        let name =
            part.rsplit_once('.').filter(|(_, ending)| matches!(*ending, "html" | "htm" | "php" | "asp" | "aspx"));
        name.is_some_and(|(name, _)| matches!(name, "index" | "default"))
    };
    if parts.last().is_some_and(index) {
        parts.pop();
    }
    let mut out: String = parts.iter().flat_map(|part| ["/", part]).collect();
    for (accelerated, plain) in [(".amp.html", ".html"), (".amp.htm", ".htm"), (".amp", "")] {
        if let Some(rest) = out.strip_suffix(accelerated) {
            out = format!("{rest}{plain}");
            break;
        }
    }
    out
}

fn is_session(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
    matches!(name.as_str(), "jsessionid" | "phpsessid" | "sid" | "sessionid")
}

/// Percent escapes of unreserved characters decoded, the others in capitals (RFC 3986, 6.2.2).
fn unreserved(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                    out.push(char::from(byte));
                } else {
                    out.push_str(&format!("%{byte:02X}"));
                }
                rest = &rest[at + 3..];
            }
            None => {
                out.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The parameters that count, in order of their names.
fn query(url: &Url) -> String {
    let tracking = &*TRACKING;
    let mut pairs: Vec<_> = url
        .query_pairs()
        .take(MOST_PARAMETERS)
        .filter(|(name, value)| !(name.is_empty() && value.is_empty() || tracking.has(name, value)))
        .collect();
    if pairs.is_empty() {
        return String::new();
    }
    pairs.sort();
    let written = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("?{written}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> String {
        url_key(&Url::parse(address).unwrap())
    }

    #[test]
    fn addresses_of_one_article_have_one_key() {
        for (key_of, addresses) in [
            (
                "https://a.example/x",
                &[
                    "http://a.example/x",
                    "HTTPS://WWW.A.Example:443/x/",
                    "https://user:pw@a.example/x",
                    "https://m.a.example/x",
                    "https://amp.a.example/x",
                    "https://www.m.a.example//x",
                    "https://a.example./x",
                    "https://a.example/y/../x",
                    "https://a.example/%78",
                    "https://a.example/x#comments",
                    "https://a.example/x?",
                    "https://a.example/x?utm_source=rss&utm_medium=feed",
                    "https://a.example/x?xtor=RSS-1#xtor=RSS-1",
                    "https://a.example/x?at_medium=RSS&at_campaign=1",
                    "https://a.example/x?ref=rss&fbclid=1&GCLID=2",
                    "https://a.example/x;jsessionid=1A2B",
                    "https://a.example/x?PHPSESSID=77",
                    "https://a.example/amp/x",
                    "https://a.example/x/amp/",
                    "https://a.example/x?amp=1",
                    "https://a.example/x.amp",
                    "https://a.example/x/index.html",
                    "https://a-example.cdn.ampproject.org/v/s/a.example/x?amp_js_v=0.1",
                    "https://a-example.cdn.ampproject.org/c/a.example/x",
                    "https://www.google.com/amp/s/a.example/x",
                    "https://www.google.fr/url?sa=t&url=https%3A%2F%2Fa.example%2Fx%3Futm_source%3Dg",
                    "https://www.google.com/url?q=https://a.example/x",
                    "https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2Fx&h=1",
                ][..],
            ),
            ("https://a.example/?b=2&a=1", &["https://a.example/index.php?a=1&b=2", "https://a.example?a=1&&b=2"]),
            (
                "https://xn--mnchen-3ya.example/%C3%A9?q=a+b",
                &["https://münchen.example/é?q=a%20b", "https://MÜNCHEN.example/%c3%a9?q=a+b"],
            ),
            ("https://a.example/x.html", &["https://a.example/x.amp.html"]),
            ("https://a.example/print", &["https://a.example/print?print=1", "https://a.example/print?format=print"]),
            (
                "https://a.example/x?a=1",
                &["https://a.example/x?a=1&amp;utm_source=b", "https://a.example/x?a=1&srsltid=2"],
            ),
            (
                "https://a.example/x",
                &["https://a.example/x&utm_source=b&xtor=RSS-1", "https://news.google.com/url?url=https://a.example/x"],
            ),
            ("https://a.example/", &["https://a.example", "https://a.example/index.html"]),
        ] {
            for address in addresses {
                assert_eq!(key(address), key(key_of), "{address}");
            }
        }
    }

    #[test]
    fn other_articles_have_other_keys() {
        for (a, b) in [
            ("https://a.example/x", "https://a.example/X"),
            ("https://a.example/x", "https://a.example/x.html"),
            ("https://a.example/x?page=2", "https://a.example/x"),
            ("https://a.example/?p=1", "https://a.example/?p=2"),
            ("https://a.example/#!/x", "https://a.example/#!/y"),
            ("https://a.example/x?ref=main", "https://a.example/x"),
            ("https://a.example:8443/x", "https://a.example/x"),
            ("https://news.a.example/x", "https://a.example/x"),
            ("https://m.example/x", "https://example/x"),
            ("https://a.example/a%2Fb", "https://a.example/a/b"),
            ("https://a.example/?a=b%26c=d", "https://a.example/?a=b&c=d"),
            ("https://feedproxy.google.com/~r/f/~3/abc/x", "https://feedproxy.google.com/~r/f/~3/abd/x"),
            ("https://a.example/amp", "https://a.example/"),
            ("https://a.example/x&y=1", "https://a.example/x"),
            ("https://a.example/x?format=pdf", "https://a.example/x"),
        ] {
            assert_ne!(key(a), key(b), "{a} {b}");
        }
    }

    #[test]
    fn odd_addresses_have_keys_too() {
        let long = format!("https://a.example/{}?{}", "%".repeat(10_000), "a=1&".repeat(10_000));
        for odd in
            ["mailto:a@b.example", "data:,x", "https://www.google.com/url?q=javascript:x", "https://[::1]/%zz%é", &long]
        {
            assert!(!key(odd).is_empty(), "{odd:.40}");
        }
        assert_eq!(key("https://www.google.com/url?q=javascript:x"), "google.com/url?q=javascript%3Ax");
    }
}
