//! What stands in the headers of an answer: validators, freshness, how long to wait; and who asks for it.
//!
//! Numbers from the network saturate: one absurd `max-age` stopped the whole run of another reader (measured).

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use reqwest::header::{
    AGE, CACHE_CONTROL, CONTENT_ENCODING, DATE, ETAG, EXPIRES, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED,
    RETRY_AFTER,
};

use url::Url;

use crate::model::Validators;

/// Asks for what is new alone, and says that it is (RFC 3229, 10.5.3 and 10.5.2).
pub(super) const A_IM: HeaderName = HeaderName::from_static("a-im");
const IM: HeaderName = HeaderName::from_static("im");
/// The longest wait that a `max-age` or an `Expires` gets.
const MOST_FRESH: Duration = Duration::from_secs(24 * 3600);
/// The longest wait that a `Retry-After` gets.
const MOST_RETRY: Duration = Duration::from_secs(7 * 24 * 3600);
/// A validator longer than this is not kept: servers take no longer header (8 KiB in those in use).
const MOST_VALIDATOR: usize = 8 << 10;
/// Values of one header longer than this together are cut off.
const MOST_JOINED: usize = 16 << 10;
/// Bytes that are not UTF-8 are kept as the private-use characters of the `x-user-defined` encoding (WHATWG), so that they
/// go back as they came.
const BYTE_AS_CHAR: u32 = 0xf700;

/// The content codings of an answer, as one list.
pub(super) fn codings(headers: &HeaderMap) -> String {
    let named = headers.get_all(CONTENT_ENCODING).iter().map(|v| String::from_utf8_lossy(v.as_bytes()));
    named.collect::<Vec<_>>().join(",")
}

/// Who asks: name, version, and where to write.
pub(super) fn agent(contact: Option<&str>) -> String {
    let name = concat!("feedloom/", env!("CARGO_PKG_VERSION"));
    let plain: String = contact.unwrap_or_default().chars().filter(|c| matches!(c, ' '..='~')).collect();
    match plain.trim() {
        "" => name.to_owned(),
        contact => format!("{name} (+{contact})"),
    }
}

/// The validators of an answer, as sent, and the address that gave them.
pub(super) fn validators(headers: &HeaderMap, of: &Url) -> Validators {
    let (etag, last_modified) = (validator(headers, &ETAG), validator(headers, &LAST_MODIFIED));
    let given = etag.is_some() || last_modified.is_some();
    Validators { etag, last_modified, of: given.then(|| of.to_string()) }
}

/// The validators after a 304: new values replace the old, missing ones leave them (RFC 9111, 3.2 and 4.3.4).
pub(super) fn freshened(old: Validators, headers: &HeaderMap) -> Validators {
    let (etag, last_modified) = (validator(headers, &ETAG), validator(headers, &LAST_MODIFIED));
    Validators { etag: etag.or(old.etag), last_modified: last_modified.or(old.last_modified), of: old.of }
}

fn validator(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let bytes = headers.get(name)?.as_bytes();
    if bytes.is_empty() || bytes.len() > MOST_VALIDATOR {
        return None;
    }
    Some(match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| as_char(*b)).collect(),
    })
}

fn as_char(byte: u8) -> char {
    if byte.is_ascii() {
        char::from(byte)
    } else {
        char::from_u32(BYTE_AS_CHAR + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

/// A kept validator as it goes back: byte for byte as it came. `None` where it cannot stand in a header.
pub(super) fn sent_back(kept: &str) -> Option<HeaderValue> {
    let byte = |c: char| u8::try_from(u32::from(c).checked_sub(BYTE_AS_CHAR)?).ok().filter(|b| !b.is_ascii());
    if kept.chars().any(|c| byte(c).is_some()) {
        let bytes: Vec<u8> = kept.chars().filter_map(|c| byte(c).or(u8::try_from(c).ok())).collect();
        return HeaderValue::from_bytes(&bytes).ok();
    }
    HeaderValue::from_bytes(kept.as_bytes()).ok()
}

/// How long an answer stays fresh by its own word: `max-age` less `Age`, else `Expires` less `Date` (RFC 9111, 4.2).
pub(super) fn fresh_for(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let mut quoted = false;
    let mut outside = |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    };
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|v| v.to_str().ok());
    let directives: Vec<&str> = values.flat_map(|v| v.split(&mut outside).collect::<Vec<_>>()).map(str::trim).collect();
    let directives = || directives.iter().copied();
    let named = |d: &str, name: &str| d.split('=').next().is_some_and(|n| n.trim().eq_ignore_ascii_case(name));
    // With fields after it only these may not be kept (RFC 9111, 5.2.2.4).
    if directives().any(|d| d.eq_ignore_ascii_case("no-cache") || named(d, "no-store")) {
        return None;
    }
    let wait = match directives().find(|d| named(d, "max-age")) {
        Some(written) => {
            let most = seconds(written.split_once('=')?.1.trim().trim_matches('"'))?;
            let age = text(headers, &AGE).and_then(seconds).unwrap_or_default();
            most.saturating_sub(age)
        }
        None => {
            let expires = http_date(text(headers, &EXPIRES)?)?;
            let date = text(headers, &DATE).and_then(http_date).unwrap_or(now);
            (expires - date).to_std().ok()?
        }
    };
    (!wait.is_zero()).then_some(wait.min(MOST_FRESH))
}

/// How long an error asks us to wait (RFC 9110, 10.2.3); where it says so more than once, the longest.
pub(super) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    // The server's clock may be wrong: its own `Date` is what it counted from.
    let from = || text(headers, &DATE).and_then(http_date).unwrap_or(now);
    let until = |written: &str| (http_date(written)? - from()).to_std().ok();
    let all = headers.get_all(RETRY_AFTER).iter().filter_map(|value| value.to_str().ok().map(str::trim));
    let wait = all.filter_map(|written| seconds(written).or_else(|| until(written))).max()?;
    (!wait.is_zero()).then_some(wait.min(MOST_RETRY))
}

/// Whether an answer holds only what is new since the validators that were sent: by its status, or by what was done to it.
/// Some servers say 200 all the same.
pub(super) fn is_delta(status: u16, headers: &HeaderMap) -> bool {
    let mut done = headers.get_all(IM).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    status == 226 || done.any(|name| name.trim().eq_ignore_ascii_case("feed"))
}

/// Bytes of all headers together, as HTTP/1.1 writes them.
pub(super) fn size(headers: &HeaderMap) -> u64 {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>() as u64
}

/// A header as text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|t| !t.is_empty())
}

/// All values of a header in one line (RFC 9110, 5.3), so far as they are not absurdly long.
pub(super) fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut joined = String::new();
    for value in headers.get_all(name) {
        let value = String::from_utf8_lossy(value.as_bytes());
        if joined.len() + value.len() > MOST_JOINED {
            break;
        }
        joined.push_str(if joined.is_empty() { "" } else { ", " });
        joined.push_str(value.trim());
    }
    (!joined.is_empty()).then_some(joined)
}

/// A header as text, bytes that are not UTF-8 replaced.
pub(super) fn lossy(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = String::from_utf8_lossy(headers.get(name)?.as_bytes()).trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// Whole seconds, however many.
fn seconds(written: &str) -> Option<Duration> {
    let digits = !written.is_empty() && written.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| {
        Duration::from_secs(
            written.bytes().fold(0, |n: u64, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0'))),
        )
    })
}

/// A date in any of the three forms of RFC 9110, 5.6.7; the weekday is not believed.
fn http_date(written: &str) -> Option<DateTime<Utc>> {
    let rest = written.split_once(',').map_or(written, |(_, rest)| rest).trim();
    if let Some(bare) = rest.strip_suffix("GMT").or_else(|| rest.strip_suffix("UTC")) {
        let bare = bare.trim_end();
        let read = |form| NaiveDateTime::parse_from_str(bare, form).ok();
        let two_digits = bare.split([' ', '-']).nth(2).is_some_and(|year| year.len() == 2);
        let form = match (two_digits, bare.contains('-')) {
            (true, true) => "%d-%b-%y %H:%M:%S",
            (true, false) => "%d %b %y %H:%M:%S",
            (false, true) => "%d-%b-%Y %H:%M:%S",
            (false, false) => "%d %b %Y %H:%M:%S",
        };
        return read(form).map(|d| d.and_utc());
    }
    if let Ok(offset) = DateTime::parse_from_rfc2822(rest) {
        return Some(offset.to_utc());
    }
    let (_weekday, asctime) = rest.split_once(' ')?;
    NaiveDateTime::parse_from_str(asctime.trim(), "%b %e %H:%M:%S %Y").ok().map(|d| d.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &[u8])]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(v).unwrap())).collect()
    }

    fn now() -> DateTime<Utc> {
        http_date("Mon, 02 Mar 2026 10:00:00 GMT").unwrap()
    }

    #[test]
    fn validators_go_back_byte_for_byte() {
        let of = Url::parse("https://a.example/feed").unwrap();
        let odd: [&[u8]; 7] =
            [b"\"a\"", b"W/\"a\"", b"unquoted", b"\"a\\b'{}~\"", "\"é漢\"".as_bytes(), b"\"\xe9\xff x\"", b"\"a\"\"b"];
        for etag in odd {
            let kept = validators(&map(&[("etag", etag), ("last-modified", b"Sun, 31 Feb 2026")]), &of);
            assert_eq!(sent_back(kept.etag.as_deref().unwrap()).unwrap().as_bytes(), etag);
            assert_eq!(kept.last_modified.as_deref(), Some("Sun, 31 Feb 2026"));
        }
        assert!(validators(&map(&[("etag", b"")]), &of).is_empty());
        assert!(sent_back("a\nb").is_none());
    }

    #[test]
    fn several_values_make_one_line() {
        let name = HeaderName::from_static("link");
        let mut both = map(&[("link", b"<a>; rel=x")]);
        both.append(name.clone(), HeaderValue::from_static(" <b>; rel=y "));
        assert_eq!(joined(&both, &name).as_deref(), Some("<a>; rel=x, <b>; rel=y"));
        assert_eq!(joined(&map(&[]), &name), None);
        both.append(name.clone(), HeaderValue::from_bytes(&[b'x'; MOST_JOINED]).unwrap());
        assert_eq!(joined(&both, &name).map(|j| j.len()), Some(22));
    }

    #[test]
    fn a_304_freshens_and_forgets_nothing() {
        let old = Validators { etag: Some("\"1\"".into()), last_modified: Some("Mon".into()), of: None };
        let new = freshened(old, &map(&[("etag", b"\"2\"")]));
        assert_eq!((new.etag.as_deref(), new.last_modified.as_deref()), (Some("\"2\""), Some("Mon")));
    }

    #[test]
    fn freshness_is_what_the_answer_says() {
        let secs = |pairs: &[(&str, &[u8])]| fresh_for(&map(pairs), now()).map(|d| d.as_secs());
        assert_eq!(secs(&[("cache-control", b"public, max-age=600")]), Some(600));
        assert_eq!(secs(&[("cache-control", b"Max-Age = \"600\""), ("age", b"100")]), Some(500));
        assert_eq!(secs(&[("cache-control", b"no-cache=\"Set-Cookie, X\", max-age=60")]), Some(60));
        assert_eq!(secs(&[("cache-control", b"a=\"b, max-age=5\", max-age=60")]), Some(60));
        assert_eq!(secs(&[("cache-control", b"max-age=99999999999999999999999")]), Some(24 * 3600));
        assert_eq!(secs(&[("cache-control", b"max-age=60"), ("age", b"99999999999999999999999")]), None);
        for junk in ["max-age=-5", "max-age=", "max-age", "max-age=1e9", "max-age=abc", "no-cache, max-age=60"] {
            assert_eq!(secs(&[("cache-control", junk.as_bytes())]), None, "{junk}");
        }
        let expires: (&str, &[u8]) = ("expires", b"Mon, 02 Mar 2026 10:30:00 GMT");
        assert_eq!(secs(&[expires]), Some(1800));
        assert_eq!(secs(&[expires, ("date", b"Mon, 02 Mar 2026 10:20:00 GMT")]), Some(600), "a skewed clock");
        assert_eq!(secs(&[expires, ("cache-control", b"max-age=0")]), None);
        assert_eq!(secs(&[("expires", b"0")]), None);
        assert_eq!(secs(&[("expires", b"Thu, 01 Jan 1970 00:00:00 GMT")]), None);
        assert_eq!(secs(&[]), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let secs = |v: &str| retry_after(&map(&[("retry-after", v.as_bytes())]), now()).map(|d| d.as_secs());
        assert_eq!(secs("120"), Some(120));
        assert_eq!(secs("Mon, 02 Mar 2026 11:00:00 GMT"), Some(3600));
        assert_eq!(secs("99999999999999999999999"), Some(7 * 24 * 3600));
        assert_eq!(secs("Fri, 31 Dec 9999 23:59:59 GMT"), Some(7 * 24 * 3600));
        for junk in ["-5", "soon", "1e9", "12 minutes", "Mon, 02 Mar 2026", "0x10", "Mon, 02 Mar 2020 11:00:00 GMT"] {
            assert_eq!(secs(junk), None, "{junk}");
        }
        let twice =
            map(&[("retry-after", b"soon"), ("retry-after", b"60"), ("retry-after", b"120"), ("retry-after", b"1")]);
        assert_eq!(retry_after(&twice, now()), Some(Duration::from_secs(120)));
    }

    #[test]
    fn dates_have_three_forms() {
        let same = http_date("Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(same.is_some());
        for form in [
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06 Nov 1994 08:49:37 +0000",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 09:49:37 +0100",
        ] {
            assert_eq!(http_date(form), same, "{form}");
        }
    }
}
