//! The text to the structs of `raw`, with every mistake of form: the parser goes on after a mistake of syntax, and where
//! serde stops at a key or a value, that one is taken out and the rest is read again.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::raw;
use super::said::{Said, nearest};

/// How often the rest is read again: mistakes of kind and unknown keys.
const MOST_ROUNDS: usize = 100;

/// What was read, and what is known to be missing from it because it was wrong.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) file: raw::File,
    /// Paths of keys that were told and taken out: `site.base`.
    pub(super) taken_out: Vec<String>,
    /// Whether the syntax holds: else what seems missing may only not have been understood.
    pub(super) sound: bool,
}

impl Reading {
    /// Whether a key that is not there was left out, and not only taken out for a mistake that is told already.
    pub(super) fn lacks(&self, path: &str) -> bool {
        self.sound && !self.taken_out.iter().any(|out| path == out || path.starts_with(&format!("{out}.")))
    }
}

/// Reads the file as far as it goes.
pub(super) fn read(said: &mut Said<'_>) -> Reading {
    let source = said.source();
    let (mut table, errors) = DeTable::parse_recoverable(&source.text);
    let mut lines = Vec::new();
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let line = source.text.get(..span.start).map_or(0, |before| before.matches('\n').count());
        // One slip makes the parser stumble several times on its line.
        if !lines.contains(&line) {
            lines.push(line);
            let (message, hint) = syntax(error.message(), source.text.get(span.clone()).unwrap_or_default());
            said.wrong(span, message, hint);
        }
    }
    if errors.iter().any(|e| e.message().starts_with("unclosed") || e.message().starts_with("invalid multi-line")) {
        return Reading::default();
    }
    let mut taken_out = Vec::new();
    for _ in 0..MOST_ROUNDS {
        match raw::File::deserialize(toml::Deserializer::from(table.clone())) {
            Ok(file) => return Reading { file, taken_out, sound: errors.is_empty() },
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                let mut path = Vec::new();
                let found = take_out(table.get_mut(), &span, &mut path);
                let (message, hint) = form(error.message(), &path);
                said.wrong(span, message, hint);
                if !found {
                    break;
                }
                taken_out.push(path.join("."));
            }
        }
    }
    Reading { taken_out, ..Reading::default() }
}

/// Takes the key or value at a place out of a table; `path` becomes the keys that lead there.
fn take_out(table: &mut DeTable<'_>, span: &Range<usize>, path: &mut Vec<String>) -> bool {
    let at_key = table.iter().find(|(k, v)| k.span() == *span || v.span() == *span).map(|(k, _)| k.clone());
    if let Some(key) = at_key {
        path.push(key.get_ref().to_string());
        table.remove::<str>(key.get_ref());
        return true;
    }
    for (key, value) in table.iter_mut() {
        path.push(key.get_ref().to_string());
        if take_out_of(value, span, path) {
            return true;
        }
        path.pop();
    }
    false
}

fn take_out_of(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>, path: &mut Vec<String>) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => take_out(table, span, path),
        DeValue::Array(list) => {
            if let Some(at) = list.iter().position(|v| v.span() == *span) {
                let others = list.iter().enumerate().filter(|(i, _)| *i != at);
                *list = others.map(|(_, v)| v.clone()).collect::<DeArray<'_>>();
                return true;
            }
            list.iter_mut().any(|v| take_out_of(v, span, path))
        }
        _ => false,
    }
}

fn syntax(message: &str, written: &str) -> (String, Option<String>) {
    let (what, expected) = message.split_once(", expected ").map_or((message, None), |(w, e)| (w, Some(e)));
    match what {
        "duplicate key" => (format!("`{written}` stands here a second time"), Some("keep one of the two".to_owned())),
        "string values must be quoted" => (
            format!("`{written}` is a text without quotes"),
            Some(format!("write '{}'", written.trim().replace('\'', ""))),
        ),
        _ => (what.to_owned(), expected.map(|e| format!("expected {e}"))),
    }
}

/// What serde says, in words for people. `path` leads to the key or value.
fn form(message: &str, path: &[String]) -> (String, Option<String>) {
    let key = path.last().map_or("the file", String::as_str);
    let place = match path.split_last() {
        Some((_, [])) | None => "at the top of the file".to_owned(),
        Some((_, outer)) => format!("in [{}]", outer.join(".")),
    };
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let known: Vec<&str> = rest.split('`').skip(3).step_by(2).collect();
        let hint = match nearest(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the keys there are: {}", known.join(", ")),
        };
        return (format!("`{key}` is not a key {place}"), Some(hint));
    }
    let Some((found, wanted)) = message.split_once(", expected ") else {
        return (format!("`{key}`: {message}"), None);
    };
    let found = found.trim_start_matches("invalid type: ").trim_start_matches("invalid value: ");
    (format!("`{key}` is {}", kind(found)), Some(format!("write {}", wanted_kind(wanted))))
}

fn kind(found: &str) -> String {
    let (name, value) = found.split_once(' ').unwrap_or((found, ""));
    let name = match name {
        "string" => "the text",
        "integer" => "the number",
        "floating" => return value.replacen("point", "the number", 1),
        "boolean" => "the switch",
        "sequence" => "a list",
        "map" => "a table",
        other => other,
    };
    format!("{name} {value}").trim_end().to_owned()
}

fn wanted_kind(wanted: &str) -> &str {
    match wanted {
        "a string" | "string" => "a text in 'quotes'",
        "a sequence" => "a list: ['one', 'two']",
        "a map" => "a table",
        "i64" => "a whole number, without quotes",
        "f64" | "f32" => "a number, without quotes",
        other => other,
    }
}
