//! What the words of dates mean, by language: `config/dates.toml`.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::super::fold;

const TABLE: &str = include_str!("../../../config/dates.toml");

/// What a word means in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Month(u32),
    Weekday,
    Filler,
    /// The `T` before the time in ISO 8601.
    TimeMark,
    Ordinal,
    Am,
    Pm,
    HourSign,
    Today(i64),
    Now,
    Ago,
    One,
    Unit(Unit, i64),
    Zone(i32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// A spelling of one word or more.
#[derive(Debug)]
pub(super) struct Spelling {
    /// The words after the first.
    pub(super) rest: Vec<String>,
    pub(super) lang: String,
    pub(super) meaning: Meaning,
}

/// Spellings by their first word.
pub(super) type Lexicon = HashMap<String, Vec<Spelling>>;

/// The compiled table; made at the first use.
pub(super) fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(|| compile(TABLE).unwrap_or_default())
}

/// Letters of a folded text in runs: the form in which spellings are compared.
fn letters(text: &str) -> Vec<String> {
    fold(text)
        .replace(['\'', '’'], "")
        .split(|c: char| !super::is_letter(c))
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

fn compile(table: &str) -> Result<Lexicon, toml::de::Error> {
    let table: toml::Table = toml::from_str(table)?;
    let mut lexicon = Lexicon::new();
    let mut add = |lang: &str, spelling: &str, meaning: Meaning| {
        let mut words = letters(spelling).into_iter();
        if let Some(first) = words.next() {
            let rest = words.collect();
            lexicon.entry(first).or_default().push(Spelling { rest, lang: lang.to_owned(), meaning });
        }
    };
    for (lang, entries) in &table {
        for (key, value) in entries.as_table().into_iter().flatten() {
            if lang == "zones" {
                let minutes = value.as_integer().and_then(|m| i32::try_from(m).ok());
                minutes.into_iter().for_each(|m| add("any", key, Meaning::Zone(m * 60)));
            } else if let Some(months) = value.as_array() {
                for (month, spellings) in (1..).zip(months) {
                    let spellings = spellings.as_str().unwrap_or_default();
                    spellings.split(',').for_each(|s| add(lang, s, Meaning::Month(month)));
                }
            } else if let (Some(meaning), Some(spellings)) = (meaning(key), value.as_str()) {
                spellings.split(',').for_each(|s| add(lang, s, meaning));
            }
        }
    }
    for spellings in lexicon.values_mut() {
        spellings.sort_by_key(|s| std::cmp::Reverse(s.rest.len()));
    }
    Ok(lexicon)
}

fn meaning(key: &str) -> Option<Meaning> {
    Some(match key {
        "weekdays" => Meaning::Weekday,
        "filler" => Meaning::Filler,
        "time_mark" => Meaning::TimeMark,
        "ordinal" => Meaning::Ordinal,
        "am" => Meaning::Am,
        "pm" => Meaning::Pm,
        "hour" => Meaning::HourSign,
        "today" => Meaning::Today(0),
        "yesterday" => Meaning::Today(1),
        "before_yesterday" => Meaning::Today(2),
        "now" => Meaning::Now,
        "ago" => Meaning::Ago,
        "one" => Meaning::One,
        "second" => Meaning::Unit(Unit::Second, 1),
        "minute" => Meaning::Unit(Unit::Minute, 1),
        "hours" => Meaning::Unit(Unit::Hour, 1),
        "day" => Meaning::Unit(Unit::Day, 1),
        "week" => Meaning::Unit(Unit::Week, 1),
        "month" => Meaning::Unit(Unit::Month, 1),
        "year" => Meaning::Unit(Unit::Year, 1),
        "two_minutes" => Meaning::Unit(Unit::Minute, 2),
        "two_hours" => Meaning::Unit(Unit::Hour, 2),
        "two_days" => Meaning::Unit(Unit::Day, 2),
        "two_weeks" => Meaning::Unit(Unit::Week, 2),
        "two_months" => Meaning::Unit(Unit::Month, 2),
        "two_years" => Meaning::Unit(Unit::Year, 2),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let table: toml::Table = toml::from_str(TABLE).unwrap();
        for (lang, entries) in &table {
            for (key, value) in entries.as_table().unwrap() {
                let months = value.as_array().is_none_or(|m| m.is_empty() || m.len() == 12);
                assert!(months, "{lang}.{key}");
                assert!(lang == "zones" || key == "months" || meaning(key).is_some(), "{lang}.{key}");
            }
        }
        assert!(lexicon().len() > 400);
    }
}
