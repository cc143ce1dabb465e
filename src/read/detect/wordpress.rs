//! The newest articles of a WordPress site, as its API gives them.

use super::{Found, describe};
use crate::read::Input;

/// The keys, in their order; what stands in none of the entries is left out.
const KEYS: [(&str, &str); 6] = [
    ("link", "link"),
    ("title", "title.rendered"),
    ("summary", "excerpt.rendered"),
    ("body", "content.rendered"),
    ("date", "date_gmt"),
    ("date", "date"),
];

/// Describes the answer of `wp/v2/posts`. `None` where it is no such answer. A `date_gmt` names no zone: it is in UTC.
#[must_use]
pub fn wordpress(input: &Input<'_>) -> Option<Found> {
    let mut keys = vec![("item", "[*]".to_owned())];
    for (key, path) in KEYS {
        if keys.iter().any(|(k, _)| *k == key) {
            continue;
        }
        let with = keys.iter().cloned().chain([(key, path.to_owned())]).collect();
        // Without its title nothing is an entry yet.
        let told = match describe(with, input) {
            Some(found) => found.reading.entries.iter().any(|e| match key {
                "summary" => e.summary.is_some(),
                "body" => e.content.is_some(),
                "date" => e.published.is_some(),
                _ => true,
            }),
            None => key == "link",
        };
        if told {
            keys.push((key, path.to_owned()));
        }
    }
    let found = describe(keys, input)?;
    let whole = found.keys.iter().any(|(key, _)| *key == "title")
        && found.reading.entries.iter().all(|e| e.link.as_deref().is_some_and(|l| l.starts_with("http")));
    whole.then_some(found)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use url::Url;

    use super::*;

    fn keys(json: &str) -> Option<Vec<(&'static str, String)>> {
        let url = Url::parse("https://example.org/wp-json/wp/v2/posts").unwrap();
        let now = "2026-06-10T12:00:00Z".parse().unwrap();
        let input = Input {
            body: json.as_bytes(),
            content_type: None,
            url: &url,
            lang: None,
            tz: Tz::UTC,
            day_first: None,
            now,
        };
        wordpress(&input).map(|found| found.keys)
    }

    #[test]
    fn what_there_is_is_named() {
        let whole = r#"[{"id": 1, "date": "2026-06-03T12:00:00", "date_gmt": "2026-06-03T10:00:00", "link": "https://example.org/un/",
            "title": {"rendered": "Un &#8217; titre"}, "excerpt": {"rendered": "<p>Court</p>"}, "content": {"rendered": "<p>Long</p>", "protected": false}}]"#;
        let all = [
            ("item", "[*]"),
            ("link", "link"),
            ("title", "title.rendered"),
            ("summary", "excerpt.rendered"),
            ("body", "content.rendered"),
            ("date", "date_gmt"),
        ];
        assert_eq!(keys(whole).unwrap(), all.map(|(k, p)| (k, p.to_owned())));
        let little = r#"[{"date": "2026-06-03T12:00:00", "date_gmt": null, "link": "https://example.org/un/", "title": {"rendered": "Un"}}]"#;
        let few = [("item", "[*]"), ("link", "link"), ("title", "title.rendered"), ("date", "date")];
        assert_eq!(keys(little).unwrap(), few.map(|(k, p)| (k, p.to_owned())));
        for other in ["[]", r#"{"code": "rest_forbidden"}"#, r#"[{"link": "/x", "name": "X"}]"#, "<p>"] {
            assert_eq!(keys(other), None, "{other}");
        }
    }
}
