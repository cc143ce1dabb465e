//! What the words of dates mean, by language: `config/dates.toml`.

use std::collections::HashMap;
use std::sync::OnceLock;

use chrono_tz::Tz;

use super::super::fold;

const TABLE: &str = include_str!("../../../config/dates.toml");

/// What a word means in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Month(u32),
    Weekday,
    Filler,
    /// What follows (or stands before it, where nothing follows) is when it was published.
    Published,
    /// What follows is when it was changed.
    Updated,
    /// The `T` before the time in ISO 8601.
    TimeMark,
    /// A word before a time.
    Clock,
    Ordinal,
    Am,
    Pm,
    Noon,
    Midnight,
    HourSign,
    Today(i64),
    Now,
    Ago,
    One,
    /// A unit, and how many of it the word itself says.
    Unit(Unit, i64),
    /// A unit that means one where no number stands before it.
    Lone(Unit),
    /// What stands after a number to say of what it is: 年, 月, 日, 時.
    Sign(Unit),
    /// The name of an era, and the year before its first.
    Era(i64),
    Zone(Zone),
}

/// A zone as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// Seconds east of Greenwich.
    East(i32),
    /// The clock of a place, summer time included.
    Place(Tz),
}

/// A unit of time, the smaller before the larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// The words of a spelling, folded: the form in which they are compared.
fn letters(text: &str) -> Vec<String> {
    let bare: String = text.chars().filter(|c| !super::tokens::is_silent(*c)).collect();
    let words = bare.split(|c: char| !super::tokens::is_letter(c)).filter(|w| !w.is_empty());
    words.map(fold).filter(|w| !w.is_empty()).collect()
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
                zone(value).into_iter().for_each(|zone| add("any", key, Meaning::Zone(zone)));
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
    Ok(lexicon)
}

fn zone(value: &toml::Value) -> Option<Zone> {
    match (value.as_integer(), value.as_str()) {
        (Some(minutes), _) => i32::try_from(minutes).ok().map(|m| Zone::East(m * 60)),
        (_, Some(place)) => place.parse().ok().map(Zone::Place),
        _ => None,
    }
}

fn meaning(key: &str) -> Option<Meaning> {
    Some(match key {
        "weekdays" => Meaning::Weekday,
        "filler" => Meaning::Filler,
        "published" => Meaning::Published,
        "updated" => Meaning::Updated,
        "time_mark" => Meaning::TimeMark,
        "clock" => Meaning::Clock,
        "ordinal" => Meaning::Ordinal,
        "am" => Meaning::Am,
        "pm" => Meaning::Pm,
        "noon" => Meaning::Noon,
        "midnight" => Meaning::Midnight,
        "hour" => Meaning::HourSign,
        "today" => Meaning::Today(0),
        "yesterday" => Meaning::Today(1),
        "before_yesterday" => Meaning::Today(2),
        "now" => Meaning::Now,
        "ago" => Meaning::Ago,
        "one" => Meaning::One,
        _ => match key.split_once('_') {
            Some(("two", of)) => Meaning::Unit(unit(of)?, 2),
            Some(("lone", of)) => Meaning::Lone(unit(of)?),
            Some(("sign", of)) => Meaning::Sign(unit(of)?),
            Some(("era", year)) => Meaning::Era(year.parse().ok()?),
            _ => Meaning::Unit(unit(key)?, 1),
        },
    })
}

fn unit(name: &str) -> Option<Unit> {
    Some(match name.trim_end_matches('s') {
        "second" => Unit::Second,
        "minute" => Unit::Minute,
        "hour" => Unit::Hour,
        "day" => Unit::Day,
        "week" => Unit::Week,
        "month" => Unit::Month,
        "year" => Unit::Year,
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
                let known = match lang.as_str() {
                    "zones" => zone(value).is_some(),
                    _ => key == "months" || meaning(key).is_some(),
                };
                assert!(known, "{lang}.{key}");
            }
        }
        assert!(lexicon().len() > 1500);
    }
}
