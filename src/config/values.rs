//! Texts of the file to values: durations, sizes, addresses, languages, names, selectors, secrets.

use std::io::Read;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use chrono_tz::Tz;
use toml::Spanned;
use url::Url;

use super::raw::Text;
use super::said::{Said, nearest};
use crate::model::{Lang, Mistake, Tag};
use crate::query::Query;
use crate::text;

/// Bytes of a secret in a file.
const MOST_SECRET: u64 = 64 * 1024;
/// Bytes of a title, a description, a contact.
const MOST_LINE: usize = 1000;
/// The longest duration: a hundred years.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 3600);
/// The shortest pause between two polls.
const SHORTEST_POLL: Duration = Duration::from_secs(1);

impl Said<'_> {
    /// A duration of at least `least`.
    pub(super) fn duration(&mut self, written: &Text, least: Duration) -> Option<Duration> {
        let raw = written.get_ref().trim();
        let Ok(duration) = humantime::parse_duration(raw) else {
            let hint = match raw.parse::<u64>() {
                Ok(number) => format!("say of what: \"{number}s\", \"{number}m\", \"{number}h\", \"{number}d\""),
                Err(_not_a_number) => "write for example \"90s\", \"15m\", \"6h\", \"30d\", \"2y\"".to_owned(),
            };
            self.wrong(written.span(), format!("`{raw}` is not a duration"), hint);
            return None;
        };
        let bounds = least..=LONGEST;
        if !bounds.contains(&duration) {
            let least = humantime::format_duration(least);
            self.wrong(
                written.span(),
                format!("`{raw}` is too short or too long"),
                format!("the least is {least}, the most 100 years"),
            );
            return None;
        }
        Some(duration)
    }

    /// `auto`, or a duration.
    pub(super) fn every(&mut self, written: &Text) -> Option<crate::schedule::Every> {
        use crate::schedule::Every;
        match written.get_ref().trim() {
            "auto" => Some(Every::Auto),
            _ => self.duration(written, SHORTEST_POLL).map(Every::Fixed),
        }
    }

    /// Two durations, the shorter first.
    pub(super) fn between(&mut self, written: &Spanned<Vec<Text>>) -> Option<(Duration, Duration)> {
        let [short, long] = written.get_ref().as_slice() else {
            self.wrong(written.span(), "`between` does not hold two durations", "write [\"5m\", \"12h\"]");
            return None;
        };
        let (shortest, longest) = (self.duration(short, SHORTEST_POLL), self.duration(long, SHORTEST_POLL));
        let (shortest, longest) = (shortest?, longest?);
        if shortest > longest {
            self.wrong(written.span(), "`between` begins with the longer duration", "write the shorter one first");
            return None;
        }
        Some((shortest, longest))
    }

    /// A number of bytes.
    pub(super) fn size(&mut self, written: &Text, bounds: RangeInclusive<u64>) -> Option<u64> {
        let raw = written.get_ref().trim();
        let Some(bytes) = parse_size(raw) else {
            self.wrong(
                written.span(),
                format!("`{raw}` is not a size"),
                "write for example \"500 kB\", \"10 MB\", \"1 GB\"",
            );
            return None;
        };
        if !bounds.contains(&bytes) {
            let (least, most) = (bounds.start() / 1000, bounds.end() / 1_000_000);
            self.wrong(
                written.span(),
                format!("`{raw}` is too small or too large"),
                format!("between {least} kB and {most} MB"),
            );
            return None;
        }
        Some(bytes)
    }

    /// A number within bounds.
    pub(super) fn count(&mut self, written: &Spanned<i64>, key: &str, bounds: RangeInclusive<i64>) -> Option<usize> {
        let number = *written.get_ref();
        if !bounds.contains(&number) {
            let hint = format!("between {} and {}", bounds.start(), bounds.end());
            self.wrong(written.span(), format!("`{key}` is {number}"), hint);
            return None;
        }
        usize::try_from(number).ok()
    }

    /// A part of the whole, 0 to 1.
    pub(super) fn share(&mut self, written: &Spanned<f64>, key: &str) -> Option<f32> {
        let number = *written.get_ref();
        if !(0.0..=1.0).contains(&number) {
            self.wrong(written.span(), format!("`{key}` is {number}"), "between 0 and 1");
            return None;
        }
        Some(number as f32)
    }

    /// An address of the web.
    pub(super) fn url(&mut self, written: &Text) -> Option<Url> {
        let raw = written.get_ref().trim();
        let parsed = Url::parse(raw);
        let hint = match &parsed {
            Ok(url) if !matches!(url.scheme(), "http" | "https") => "only http: and https: are asked",
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                "a secret is never written here: headers = { Authorization = \"env:NAME\" }"
            }
            Ok(url) if url.host_str().is_some_and(|h| !h.is_empty()) => return parsed.ok(),
            _ if raw.contains("://") => "write a whole address: \"https://example.org/feed\"",
            _ => {
                let guess = format!("write a whole address: \"https://{}\"", raw.trim_start_matches('/'));
                self.wrong(written.span(), format!("`{raw}` is not an address"), guess);
                return None;
            }
        };
        let shown = if raw.contains('@') { "address" } else { raw };
        self.wrong(written.span(), format!("`{shown}` cannot be asked"), hint);
        None
    }

    /// A language.
    pub(super) fn lang(&mut self, written: &Text) -> Option<Lang> {
        let raw = written.get_ref();
        let meant = match text::language(raw) {
            Ok(lang) => return Some(lang),
            Err(meant) => meant,
        };
        let hint = match meant {
            Some(tag) => format!("did you mean \"{tag}\"?"),
            None => "write for example \"fr\", \"ar\", \"pt-BR\"".to_owned(),
        };
        self.wrong(written.span(), format!("`{raw}` is not a language tag"), hint);
        None
    }

    /// A time zone.
    pub(super) fn tz(&mut self, written: &Text) -> Option<Tz> {
        let raw = written.get_ref().trim();
        let exact = chrono_tz::TZ_VARIANTS.iter().find(|tz| tz.name().eq_ignore_ascii_case(raw));
        if let Some(tz) = exact {
            return Some(*tz);
        }
        let names = || chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name());
        // Who leaves out the continent names the town.
        let town = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
        let asked = raw.rsplit('/').next().unwrap_or(raw).replace(' ', "_");
        let same = names().find(|name| town(name).eq_ignore_ascii_case(&asked));
        let like = || nearest(&asked, names().map(town)).and_then(|near| names().find(|name| town(name) == near));
        let near = same.or_else(|| if raw.contains('/') { nearest(raw, names()) } else { like() });
        let hint = match near {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "write a zone of the IANA list: \"Europe/Paris\", \"Africa/Tunis\", \"UTC\"".to_owned(),
        };
        self.wrong(written.span(), format!("`{raw}` is not a time zone"), hint);
        None
    }

    /// One line of plain text.
    pub(super) fn line(&mut self, written: &Text) -> Option<String> {
        let line = text::one_line(written.get_ref());
        let wrong = if line.is_empty() {
            "text is empty"
        } else if line.len() > MOST_LINE {
            "text is longer than 1000 bytes"
        } else if line.chars().any(char::is_control) {
            "text holds a control character"
        } else {
            return Some(line);
        };
        self.wrong(written.span(), wrong, "write one line, or leave the key out");
        None
    }

    /// One of some words.
    pub(super) fn one_of<T: Copy>(&mut self, written: &Text, key: &str, words: &[(&str, T)]) -> Option<T> {
        let raw = written.get_ref().trim();
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == raw) {
            return Some(*value);
        }
        let hint = match nearest(raw, words.iter().map(|(word, _)| *word)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("write {}", words.iter().map(|(w, _)| format!("\"{w}\"")).collect::<Vec<_>>().join(" or ")),
        };
        self.wrong(written.span(), format!("`{raw}` is not known as `{key}`"), hint);
        None
    }

    /// A tag.
    pub(super) fn tag(&mut self, written: &Text) -> Option<Tag> {
        let tag = text::tag(written.get_ref());
        if tag.is_none() {
            let raw = written.get_ref();
            self.wrong(
                written.span(),
                format!("`{raw}` cannot be a tag"),
                "a tag has at least one letter, and at most 100 characters",
            );
        }
        tag
    }

    /// Something that reads a text and tells the mistakes in it.
    pub(super) fn parsed<T>(&mut self, written: &Text, parse: impl Fn(&str) -> Result<T, Mistake>) -> Option<T> {
        match parse(written.get_ref()) {
            Ok(value) => Some(value),
            Err(mistake) => {
                self.wrong_within(written, mistake);
                None
            }
        }
    }

    /// A query.
    pub(super) fn query(&mut self, written: &Text) -> Option<Query> {
        match Query::parse(written.get_ref()) {
            Ok(query) => Some(query),
            Err(mistakes) => {
                mistakes.into_iter().for_each(|m| self.wrong_within(written, m));
                None
            }
        }
    }

    /// The secret that `env:NAME` or `file:PATH` points to.
    pub(super) fn secret(&mut self, written: &Text, folder: &Path) -> Secret {
        let raw = written.get_ref().trim();
        let found = if let Some(name) = raw.strip_prefix("env:") {
            (self.env)(name.trim()).ok_or_else(|| format!("the environment has no {}", name.trim()))
        } else if let Some(path) = raw.strip_prefix("file:") {
            read_secret(&folder.join(path.trim()))
        } else {
            return Secret::Written;
        };
        match found.map(|value| value.trim().to_owned()) {
            Ok(value) if value.is_empty() => Secret::Unset(format!("{raw} is empty")),
            Ok(value) => Secret::Set(value),
            Err(why) => Secret::Unset(why),
        }
    }
}

/// What a reference to a secret led to.
pub(super) enum Secret {
    /// The secret.
    Set(String),
    /// Nothing, and why.
    Unset(String),
    /// It is no reference: the text itself stands in the file.
    Written,
}

fn read_secret(path: &Path) -> Result<String, String> {
    let cannot = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let file = std::fs::File::open(path).map_err(cannot)?;
    if !file.metadata().map_err(cannot)?.is_file() {
        return Err(format!("{} is not a file", path.display()));
    }
    let mut value = String::new();
    file.take(MOST_SECRET).read_to_string(&mut value).map_err(cannot)?;
    Ok(value)
}

fn parse_size(raw: &str) -> Option<u64> {
    let split = raw.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(raw.len());
    let (number, unit) = raw.split_at(split);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "b" => 1_u32,
        "kb" | "k" => 1000,
        "mb" | "m" => 1_000_000,
        "gb" | "g" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    let bytes = number.parse::<f64>().ok()? * f64::from(factor);
    (bytes.is_finite() && bytes < 1e15).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        for (raw, bytes) in [("10 MB", 10_000_000), ("1.5kB", 1500), ("1 GiB", 1 << 30), ("12 b", 12)] {
            assert_eq!(parse_size(raw), Some(bytes), "{raw}");
        }
        for bad in ["10", "MB", "-1 MB", "10 MO", "1e3 MB", "1.2.3 MB", ""] {
            assert_eq!(parse_size(bad), None, "{bad}");
        }
    }
}
