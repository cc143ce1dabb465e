//! Dates as people and programs write them: the formats' own, their usual faults, and prose in several languages.

mod ago;
mod clock;
mod day;
mod epoch;
mod order;
mod tokens;
mod words;

use std::borrow::Cow;

use chrono::{DateTime, Datelike, Duration, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::model::Lang;
use clock::Clock;
use tokens::Token;
pub use tokens::ascii_digit;
use words::{Meaning, Zone};

pub use order::day_first;

/// Bytes of a date with comments.
const LONGEST_COMMENTED: usize = 400;

/// What a written date leaves unsaid.
#[derive(Debug, Clone, Copy)]
pub struct DateContext<'a> {
    /// The language of the text around it.
    pub lang: Option<&'a Lang>,
    /// The zone where it is not written.
    pub tz: Tz,
    /// Now, for `yesterday` and for days without a year.
    pub now: DateTime<Utc>,
    /// Whether `02/03/2026` is the second of March, where that is known of the source.
    pub day_first: Option<bool>,
}

/// Reads a date. `None` where the text holds none: a date is never made out of words that say none.
#[must_use]
pub fn parse_date(written: &str, ctx: &DateContext<'_>) -> Option<DateTime<FixedOffset>> {
    let written = written.trim();
    let exact = DateTime::parse_from_rfc3339(written).ok().or_else(|| rfc2822(written)).or_else(|| commented(written));
    // A second too many is counted on, below.
    let read = match exact.filter(|d| d.timestamp_subsec_nanos() < 1_000_000_000) {
        Some(exact) => exact,
        None => in_words(written, ctx)?,
    };
    day::YEARS.contains(&i64::from(read.year())).then_some(read)
}

fn in_words(written: &str, ctx: &DateContext<'_>) -> Option<DateTime<FixedOffset>> {
    if let Some(instant) = epoch::read(written) {
        return Some(instant.fixed_offset());
    }
    let (text, tz) = place(written);
    let lang = ctx.lang.map(Lang::primary);
    let tokens = tokens::tokens(&text, lang)?;
    let ctx = DateContext { tz: tz.unwrap_or(ctx.tz), ..*ctx };
    let day_first = ctx.day_first.or_else(|| ctx.lang.map(order::of_language));
    let read = |tokens: &[Token]| of_tokens(tokens.to_vec(), &ctx, day_first);
    let marked = |t: &Token, mark: Meaning| t.means(|m| m == mark);
    let starts: Vec<usize> = (0..tokens.len())
        .filter(|i| marked(&tokens[*i], Meaning::Published) || marked(&tokens[*i], Meaning::Updated))
        .collect();
    let ends = starts.iter().copied().chain([tokens.len()]);
    let parts = [0].into_iter().chain(starts.iter().copied()).zip(ends).map(|(from, to)| &tokens[from..to]);
    let dated: Vec<(&[Token], DateTime<FixedOffset>)> = parts.filter_map(|part| Some((part, read(part)?))).collect();
    let published = dated.iter().find(|(part, _)| marked(&part[0], Meaning::Published));
    let plain = dated.iter().find(|(part, _)| !marked(&part[0], Meaning::Updated));
    let is_first = |part: &[Token]| part.len() < tokens.len() && part.as_ptr() == tokens.as_ptr();
    match dated[..] {
        // What follows it is of another time.
        [(first, date), ..] if is_first(first) && !marked(&first[0], Meaning::Updated) => Some(date),
        [] | [_] => read(&tokens),
        [(_, first), ..] => Some(published.or(plain).map_or(first, |(_, date)| *date)),
    }
}

/// A date in tokens that speak of one only.
fn of_tokens(mut tokens: Vec<Token>, ctx: &DateContext<'_>, day_first: Option<bool>) -> Option<DateTime<FixedOffset>> {
    let now = ctx.now.with_timezone(&ctx.tz);
    let says_now = |t: &Token| t.means(|m| m == Meaning::Now);
    if tokens.iter().any(says_now) && tokens.iter().all(|t| says_now(t) || t.is_filler()) {
        return Some(now.fixed_offset());
    }
    if let Some(ago) = ago::ago(&tokens) {
        return ago.before(now).map(|d| d.fixed_offset());
    }
    let short = (0..tokens.len()).find_map(|i| day::short_time(&mut tokens, i));
    let mut clock = short;
    if short.is_none() {
        clock = clock::find(&mut tokens).ok()?;
    }
    let found = day::find(&mut tokens, &day::Around { today: now.date_naive(), day_first })?;
    clock = clock.or(found.clock);
    if clock.is_none()
        && let Some((_, named)) = clock::by_name(&tokens).filter(|_| tokens.iter().all(|t| t.used || t.is_filler()))
    {
        clock = Some(named);
    }
    if clock.is_none_or(|c| c.zone.is_none())
        && let Some(zone) = clock::zone_after(&tokens, found.end(), clock.is_some())
    {
        clock = Some(Clock { zone: Some(zone), ..clock.unwrap_or(Clock::at(0, 0, 0)) });
    }
    at(found.day, clock, ctx.tz)
}

/// A date as RSS wants it. Only with a year and a zone that leave nothing to interpret: the rest is for the tokens.
fn rfc2822(written: &str) -> Option<DateTime<FixedOffset>> {
    let mut back = written.rsplit(' ');
    let (zone, time, year) = (back.next()?, back.next()?, back.next()?);
    let exact = zone == "GMT" || (zone.len() == 5 && zone.starts_with(['+', '-']));
    if !exact || year.len() != 4 || time.len() != 8 || time.ends_with("60") {
        return None;
    }
    DateTime::parse_from_rfc2822(written).ok()
}

/// A date of RFC 822 with comments in brackets inside of it: `9(th) Feb(ruary) 2006 23:59:45 +0000`.
fn commented(written: &str) -> Option<DateTime<FixedOffset>> {
    if written.len() > LONGEST_COMMENTED || !written.contains('(') {
        return None;
    }
    let (mut bare, mut depth, mut chars) = (String::new(), 0_usize, written.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' if depth > 0 => _ = chars.next(),
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => bare.push(c),
            _ => {}
        }
        if c == ')' && depth == 0 {
            bare.push(' ');
        }
    }
    rfc2822(&bare.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ","))
}

/// A zone that is named by its place (`Europe/Paris`, or in brackets as RFC 9557 has it), and the text without it.
fn place(written: &str) -> (Cow<'_, str>, Option<Tz>) {
    let edges = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | '(' | ')' | ',');
    let mut words = written.split(edges).filter(|w| w.contains('/') && w.starts_with(|c: char| c.is_ascii_uppercase()));
    match words.find_map(|w| Some((w, w.parse::<Tz>().ok()?))) {
        Some((word, tz)) => (Cow::Owned(written.replacen(word, " ", 1)), Some(tz)),
        None => (Cow::Borrowed(written), None),
    }
}

fn at(day: NaiveDate, clock: Option<Clock>, tz: Tz) -> Option<DateTime<FixedOffset>> {
    let clock = clock.unwrap_or(Clock::at(0, 0, 0));
    // Counted on from midnight, so that one too many (24:00, 60 seconds) is the next.
    let seconds = i64::from(clock.hour) * 3600 + i64::from(clock.minute) * 60 + i64::from(clock.second);
    let time = day
        .and_hms_opt(0, 0, 0)?
        .checked_add_signed(Duration::seconds(seconds) + Duration::nanoseconds(i64::from(clock.nano)))?;
    match clock.zone {
        Some(Zone::East(seconds)) => FixedOffset::east_opt(seconds)?.from_local_datetime(&time).single(),
        Some(Zone::Place(place)) => local(time, place),
        None => local(time, tz),
    }
}

/// A local time that a change of clocks leaves out counts from before the change; of two, the first is meant.
fn local(time: NaiveDateTime, tz: Tz) -> Option<DateTime<FixedOffset>> {
    let found = match tz.from_local_datetime(&time) {
        LocalResult::Single(t) | LocalResult::Ambiguous(t, _) => t,
        LocalResult::None => tz.from_local_datetime(&time.checked_add_signed(Duration::hours(1))?).earliest()?,
    };
    Some(found.fixed_offset())
}

#[cfg(test)]
mod tests;
