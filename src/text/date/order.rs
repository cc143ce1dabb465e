//! Whether `02/03/2026` is the second of March or the third of February: told by the other dates of the same hand.

use chrono::{DateTime, Duration, Utc};

use super::{DateContext, day, parse_date, tokens};
use crate::model::Lang;

/// Dates of one document that are looked at.
const MOST: usize = 2_000;
/// How far ahead of now a date may lie: clocks and zones differ.
const AHEAD: Duration = Duration::hours(36);

/// Who writes the month first: the United States and who follows them; English without a country is theirs in feeds.
pub(super) fn of_language(lang: &Lang) -> bool {
    !matches!(lang.as_str(), "en" | "en-US" | "en-PH")
}

/// How a date in numbers may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    DayFirst,
    MonthFirst,
    Either,
}

/// How the numbers of a date may be read; `None` where it is no date of three numbers with the year at the end.
fn reading(written: &str) -> Option<Reading> {
    let signs = written.chars().filter(|c| matches!(c, '/' | '-' | '／')).count();
    if signs < 2 || written.as_bytes().iter().take(4).all(u8::is_ascii_digit) {
        return None;
    }
    let tokens = tokens::tokens(written, None)?;
    let ([a, b, c], _, sign) = day::three_numbers(&tokens, 0)?;
    if sign == '.' || a.1 > 2 || b.1 > 2 || !(c.1 == 4 || (c.1 == 2 && a.0 <= 31)) {
        return None;
    }
    match (a.0, b.0) {
        (13..=31, 1..=12) => Some(Reading::DayFirst),
        (1..=12, 13..=31) => Some(Reading::MonthFirst),
        (1..=12, 1..=12) if a.0 != b.0 => Some(Reading::Either),
        _ => None,
    }
}

/// Whether the dates of one document put the day first, where that is to be told of them.
///
/// What `ctx` says decides first. Then a date that can be read one way only tells for all, unless another contradicts it. Then
/// the country of the language, or a language other than English. Then what keeps the dates from lying in the future, or puts
/// the newest (or the oldest) first, where the other way does not. `None` where all of it leaves it open.
#[must_use]
pub fn day_first<'a>(written: impl IntoIterator<Item = &'a str>, ctx: &DateContext<'_>) -> Option<bool> {
    if ctx.day_first.is_some() {
        return ctx.day_first;
    }
    let all = written.into_iter().take(MOST).filter_map(|w| Some((w, reading(w)?)));
    let all: Vec<(&str, Reading)> = all.collect();
    if all.is_empty() {
        return None;
    }
    let any = |wanted| all.iter().any(|(_, r)| *r == wanted);
    match (any(Reading::DayFirst), any(Reading::MonthFirst)) {
        (true, false) => return Some(true),
        (false, true) => return Some(false),
        _ => {}
    }
    if let Some(lang) = ctx.lang.filter(|l| l.as_str() != "en") {
        return Some(of_language(lang));
    }
    let likely =
        |day_first| likelihood(all.iter().map(|(w, _)| *w), &DateContext { day_first: Some(day_first), ..*ctx });
    let (day, month) = (likely(true), likely(false));
    let told = |day: bool, month: bool| (day != month).then_some(day);
    told(day.past, month.past).or_else(|| told(day.sorted, month.sorted))
}

/// What speaks for an order.
struct Likely {
    /// No date lies in the future.
    past: bool,
    /// There are three dates or more, and they rise or fall.
    sorted: bool,
}

fn likelihood<'a>(written: impl Iterator<Item = &'a str>, ctx: &DateContext<'_>) -> Likely {
    let dates: Vec<DateTime<Utc>> = written.filter_map(|w| parse_date(w, ctx)).map(|d| d.to_utc()).collect();
    let latest = ctx.now.checked_add_signed(AHEAD).unwrap_or(ctx.now);
    Likely {
        past: dates.iter().all(|d| *d <= latest),
        sorted: dates.len() > 2 && (dates.is_sorted() || dates.is_sorted_by(|a, b| a >= b)),
    }
}
