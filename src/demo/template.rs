//! Fills the documents of the sample site: values, lists, and dates counted back from a fixed moment.

use chrono::{DateTime, Datelike, Duration, SecondsFormat, Timelike, Utc};
use chrono_tz::Europe::Paris;

/// Lists within lists that a template may hold.
const MAX_DEPTH: usize = 4;
/// A minute count in a date is shorter than this many digits.
const MAX_DIGITS: usize = 6;

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// What a name stands for.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Plain text: escaped for the document it is put in.
    Text(String),
    /// Markup: put into HTML and XML as it is.
    Html(String),
    /// Put in as it is, wherever.
    Verbatim(String),
}

/// How values are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// For HTML and XML.
    Xml,
    /// For the inside of a JSON (and so of a TOML) string.
    Json,
}

/// Names that a template may use.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    values: Vec<(&'static str, Value)>,
    lists: Vec<(&'static str, Vec<Scope>)>,
}

impl Scope {
    pub(super) fn text(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, Value::Text(value.into())));
        self
    }

    pub(super) fn html(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, Value::Html(value.into())));
        self
    }

    pub(super) fn verbatim(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, Value::Verbatim(value.into())));
        self
    }

    pub(super) fn list(mut self, name: &'static str, scopes: Vec<Scope>) -> Self {
        self.lists.push((name, scopes));
        self
    }

    /// The three ways in which a moment is written.
    pub(super) fn moment(self, at: DateTime<Utc>) -> Self {
        self.text("date", iso(at)).text("rfc822", rfc822(at)).text("day", day(at))
    }
}

/// Fills a template: `{{name}}`, `{{#list}}…{{/list}}`, and `{{date-90}}` or `{{rfc822-90}}`: so many minutes before
/// `base`. A name that nobody knows stays as it is written, so that a test sees it.
pub(super) fn fill(template: &str, scope: &Scope, base: DateTime<Utc>, escape: Escape) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    write(template, &[scope], base, escape, &mut out);
    out
}

fn write(template: &str, scopes: &[&Scope], base: DateTime<Utc>, escape: Escape, out: &mut String) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        rest = tail;
        if let Some(name) = name.strip_prefix('#') {
            let end = format!("{{{{/{name}}}}}");
            let (inner, tail) = tail.split_once(&end).unwrap_or((tail, ""));
            rest = tail;
            for scope in list(scopes, name) {
                let mut inside = scopes.to_vec();
                inside.push(scope);
                if inside.len() <= MAX_DEPTH {
                    write(inner, &inside, base, escape, out);
                }
            }
        } else {
            match (value(scopes, name), past(name, base)) {
                (Some(value), _) => out.push_str(&escaped(value, escape)),
                (None, Some(date)) => out.push_str(&date),
                (None, None) => out.push_str(&format!("{{{{{name}}}}}")),
            }
        }
    }
    out.push_str(rest);
}

fn value<'a>(scopes: &[&'a Scope], name: &str) -> Option<&'a Value> {
    scopes.iter().rev().find_map(|s| s.values.iter().find(|(n, _)| *n == name)).map(|(_, v)| v)
}

fn list<'a>(scopes: &[&'a Scope], name: &str) -> &'a [Scope] {
    scopes.iter().rev().find_map(|s| s.lists.iter().find(|(n, _)| *n == name)).map_or(&[], |(_, l)| l)
}

fn escaped(value: &Value, escape: Escape) -> String {
    match (value, escape) {
        (Value::Verbatim(text), _) | (Value::Html(text), Escape::Xml) => text.clone(),
        (Value::Text(text), Escape::Xml) => {
            text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
        }
        (Value::Html(text) | Value::Text(text), Escape::Json) => {
            let quoted = serde_json::Value::from(text.as_str()).to_string();
            quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned()
        }
    }
}

/// `date-90` and `rfc822-90`.
fn past(name: &str, base: DateTime<Utc>) -> Option<String> {
    let (form, minutes) = name.split_once('-')?;
    let minutes: i64 = (minutes.len() < MAX_DIGITS).then(|| minutes.parse().ok())??;
    let at = base - Duration::minutes(minutes);
    match form {
        "date" => Some(iso(at)),
        "rfc822" => Some(rfc822(at)),
        _ => None,
    }
}

/// RFC 3339.
pub(super) fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// RFC 822 with a four-digit year, as RSS 2.0 has it.
pub(super) fn rfc822(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// As a French newspaper writes it, in its own zone.
fn day(at: DateTime<Utc>) -> String {
    let at = at.with_timezone(&Paris);
    let month = MONTHS.get(at.month0() as usize).unwrap_or(&"");
    let first = if at.day() == 1 { "er" } else { "" };
    format!("{}{first} {month} {} à {}h{:02}", at.day(), at.year(), at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn base() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 1, 12, 30, 0).unwrap()
    }

    #[test]
    fn values_lists_and_dates_are_filled() {
        let tag = |t: &str| Scope::default().text("tag", t);
        let article =
            Scope::default().text("title", "a & b").html("body", "<p>x</p>").list("tags", vec![tag("T"), tag("U")]);
        let scope = Scope::default().text("site", "S\"").list("articles", vec![article.clone(), article]);
        let xml = "{{#articles}}{{title}}{{body}}{{#tags}}[{{tag}} {{site}}]{{/tags}};{{/articles}}{{nobody}}";
        let one = "a &amp; b<p>x</p>[T S&quot;][U S&quot;];";
        assert_eq!(fill(xml, &scope, base(), Escape::Xml), format!("{one}{one}{{{{nobody}}}}"));
        assert_eq!(fill("\"{{site}}\"", &scope, base(), Escape::Json), "\"S\\\"\"");
        assert_eq!(
            fill("{{date-90}} {{rfc822-1}}", &scope, base(), Escape::Xml),
            "2026-03-01T11:00:00Z Sun, 01 Mar 2026 12:29:00 GMT"
        );
        assert_eq!(fill("a {{ b {{date-x}}", &scope, base(), Escape::Xml), "a {{ b {{date-x}}");
    }

    #[test]
    fn days_are_written_as_in_a_french_newspaper() {
        assert_eq!(day(base()), "1er mars 2026 à 13h30");
    }
}
