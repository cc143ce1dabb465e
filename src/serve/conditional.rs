//! Conditional requests (RFC 9110, 13).

use axum::http::{HeaderMap, HeaderName, header};
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};

/// Tags of one condition that are looked at.
const TAGS: usize = 64;

/// What the conditions of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// Answer as usual.
    Send,
    /// The client has it.
    NotModified,
    /// The client wants another state of it than there is.
    Failed,
}

/// Weighs the conditions in the order of 13.2.2.
pub(super) fn condition(headers: &HeaderMap, etag: &str, last_modified: Option<DateTime<Utc>>) -> Condition {
    let changed = last_modified.map(|d| d.trunc_subsecs(0));
    let since = |name: HeaderName| changed.zip(headers.get(name)?.to_str().ok().and_then(read_date));
    if let Some(tags) = tags(headers, header::IF_MATCH) {
        // Strong comparison: a weak tag never matches.
        if !tags.iter().any(|t| t == "*" || t == etag) {
            return Condition::Failed;
        }
    } else if let Some((changed, asked)) = since(header::IF_UNMODIFIED_SINCE)
        && changed > asked
    {
        return Condition::Failed;
    }
    if let Some(tags) = tags(headers, header::IF_NONE_MATCH) {
        let weak = |t: &String| t == "*" || t.trim_start_matches("W/") == etag;
        return if tags.iter().any(weak) { Condition::NotModified } else { Condition::Send };
    }
    match since(header::IF_MODIFIED_SINCE) {
        Some((changed, asked)) if changed <= asked => Condition::NotModified,
        _ => Condition::Send,
    }
}

/// The entity tags of a header, `*` among them; `None` where it was not sent. Quotes are read, as a tag may hold a comma.
fn tags(headers: &HeaderMap, name: HeaderName) -> Option<Vec<String>> {
    let mut values = headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).peekable();
    values.peek()?;
    let mut tags = Vec::new();
    for value in values {
        let mut rest = value;
        while tags.len() < TAGS {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            let start = if rest.starts_with("W/") { 2 } else { 0 };
            let end = match rest[start..].strip_prefix('"') {
                Some(inside) => inside.find('"').map(|i| start + i + 2),
                None => Some(rest.find(',').unwrap_or(rest.len())),
            };
            match end {
                Some(end) if end > 0 => {
                    tags.push(rest[..end].trim_end().to_owned());
                    rest = &rest[end..];
                }
                _ => break,
            }
        }
    }
    Some(tags)
}

/// A date as HTTP writes it (RFC 9110, 5.6.7).
pub(super) fn write_date(date: DateTime<Utc>) -> String {
    date.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The three forms that a server must read.
fn read_date(text: &str) -> Option<DateTime<Utc>> {
    let forms = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    forms.iter().find_map(|f| NaiveDateTime::parse_from_str(text.trim(), f).ok()).map(|d| d.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ETAG: &str = "\"abc-gz\"";

    fn weighed(pairs: &[(HeaderName, &str)]) -> Condition {
        let headers = pairs.iter().map(|(n, v)| (n.clone(), v.parse().unwrap())).collect();
        condition(&headers, ETAG, Some("1994-11-06T08:49:37.900Z".parse().unwrap()))
    }

    #[test]
    fn if_none_match_takes_lists_stars_and_weak_tags() {
        let inm = |v| weighed(&[(header::IF_NONE_MATCH, v)]);
        for same in ["\"abc-gz\"", "W/\"abc-gz\"", "*", "\"x,y\", \"abc-gz\"", "\"x\",W/\"abc-gz\" ,\"z\""] {
            assert_eq!(inm(same), Condition::NotModified, "{same}");
        }
        for other in ["\"abc\"", "abc-gz", "", "\"abc-gz", "\"abc-gz\"x\"", "W/"] {
            let expected = if other == "\"abc-gz\"x\"" { Condition::NotModified } else { Condition::Send };
            assert_eq!(inm(other), expected, "{other}");
        }
    }

    #[test]
    fn the_date_counts_only_without_a_tag() {
        let at = |v| weighed(&[(header::IF_MODIFIED_SINCE, v)]);
        assert_eq!(at("Sun, 06 Nov 1994 08:49:37 GMT"), Condition::NotModified);
        assert_eq!(at("Sunday, 06-Nov-94 08:49:37 GMT"), Condition::NotModified);
        assert_eq!(at("Sun Nov  6 08:49:37 1994"), Condition::NotModified);
        assert_eq!(at("Sun, 06 Nov 1994 08:49:36 GMT"), Condition::Send);
        assert_eq!(at("yesterday"), Condition::Send);
        let both = [(header::IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT"), (header::IF_NONE_MATCH, "\"old\"")];
        assert_eq!(weighed(&both), Condition::Send);
        assert_eq!(write_date("1994-11-06T08:49:37Z".parse().unwrap()), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn a_state_that_is_not_there_fails() {
        assert_eq!(weighed(&[(header::IF_MATCH, "\"old\"")]), Condition::Failed);
        assert_eq!(weighed(&[(header::IF_MATCH, "W/\"abc-gz\"")]), Condition::Failed);
        assert_eq!(weighed(&[(header::IF_MATCH, "\"old\", \"abc-gz\"")]), Condition::Send);
        assert_eq!(weighed(&[(header::IF_UNMODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:36 GMT")]), Condition::Failed);
    }
}
