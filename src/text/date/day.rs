//! The day: in numbers, with the month as a word, or told from today.

use chrono::{Datelike, Days, Duration, Months, NaiveDate};

use super::clock::Clock;
use super::tokens::Token;
use super::words::{Meaning, Unit};

const YEARS: std::ops::RangeInclusive<i64> = 1000..=2999;

/// What is known besides the words.
pub(super) struct Around {
    pub(super) today: NaiveDate,
    pub(super) day_first: Option<bool>,
}

fn date(year: i64, month: i64, day: i64) -> Option<NaiveDate> {
    let year = i32::try_from(year).ok()?;
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

/// Two digits mean the year nearest to now, at most twenty years ahead.
fn whole_year(value: i64, digits: usize, around: &Around) -> Option<i64> {
    match digits {
        4 => YEARS.contains(&value).then_some(value),
        2 => {
            let now = i64::from(around.today.year());
            let year = now - now.rem_euclid(100) + value;
            Some(if year > now + 20 { year - 100 } else { year })
        }
        _ => None,
    }
}

/// Whether nothing stands in the text but what was used and what says nothing.
pub(super) fn strict(tokens: &[Token]) -> bool {
    tokens.iter().all(|t| t.used || t.is_filler())
}

/// Any way in which a day may be written; a compact form may hold the time too.
pub(super) fn find(tokens: &mut [Token], around: &Around) -> Option<(NaiveDate, Option<Clock>)> {
    if let Some(found) = compact(tokens, around) {
        return Some(found);
    }
    let day = numeric(tokens, around)
        .or_else(|| month_word(tokens, around))
        .or_else(|| near_today(tokens, around))
        .or_else(|| partial(tokens, around))?;
    Some((day, None))
}

/// `20260302`, `20260302T100000`, `20260302100000`, `2026-061`, `2026-W10-1`.
fn compact(tokens: &mut [Token], around: &Around) -> Option<(NaiveDate, Option<Clock>)> {
    let (i, value, digits) = tokens.iter().enumerate().find_map(|(i, t)| {
        let (value, digits) = t.number().filter(|(_, d)| matches!(d, 8 | 12 | 14))?;
        (!t.used).then_some((i, value, digits))
    })?;
    let tail = 10_i64.pow(u32::try_from(digits - 8).ok()?);
    let number = value / tail;
    let year = whole_year(number / 10_000, 4, around)?;
    let day = date(year, number / 100 % 100, number % 100)?;
    tokens[i].used = true;
    let clock = match digits {
        8 => short_time(tokens, i + 1),
        12 => time(value % tail * 100),
        _ => time(value % tail),
    };
    strict(tokens).then_some((day, clock))
}

/// The `T1000` or `T100000` after a date.
pub(super) fn short_time(tokens: &mut [Token], i: usize) -> Option<Clock> {
    let t = tokens.get(i)?;
    let (value, digits) = tokens.get(i + 1).filter(|n| n.glued && !n.used)?.number()?;
    if !t.glued || t.used || !t.means(|m| m == Meaning::TimeMark) {
        return None;
    }
    let mut clock = match digits {
        2 if !tokens.get(i + 2).is_some_and(|t| t.is(':')) => time(value * 10_000),
        4 => time(value * 100),
        6 => time(value),
        _ => None,
    }?;
    let mut end = i + 2;
    if let Some((seconds, after)) = super::clock::zone(tokens, end) {
        clock.zone = Some(seconds);
        end = after;
    }
    tokens[i..end].iter_mut().for_each(|t| t.used = true);
    Some(clock)
}

fn time(hhmmss: i64) -> Option<Clock> {
    let part = |v: i64| u32::try_from(v).ok();
    let clock = Clock {
        hour: part(hhmmss / 10_000)?,
        minute: part(hhmmss / 100 % 100)?,
        second: part(hhmmss % 100)?,
        nano: 0,
        zone: None,
    };
    (clock.hour < 24 && clock.minute < 60 && clock.second <= 60).then_some(clock)
}

/// `2026-03-02`, `02/03/2026`, `2.3.26`.
fn numeric(tokens: &mut [Token], around: &Around) -> Option<NaiveDate> {
    for i in 0..tokens.len().saturating_sub(4) {
        let Some(sign) = ['-', '/', '.'].into_iter().find(|s| tokens[i + 1].is(*s) && tokens[i + 3].is(*s)) else {
            continue;
        };
        let run_on = |at: Option<usize>| at.and_then(|at| tokens.get(at)).is_some_and(|t| t.is(sign));
        let before = tokens[i].glued && i >= 2 && run_on(i.checked_sub(1)) && tokens[i - 2].number().is_some();
        let after = run_on(Some(i + 5)) && tokens.get(i + 6).is_some_and(|t| t.glued && t.number().is_some());
        let parts = [&tokens[i], &tokens[i + 2], &tokens[i + 4]].map(|t| t.number().filter(|_| !t.used));
        let [Some(a), Some(b), Some(c)] = parts else { continue };
        if before || after {
            continue;
        }
        let iso = sign == '-' && tokens.get(i + 5).is_some_and(|t| t.glued && t.means(|m| m == Meaning::TimeMark));
        let found = if iso && a.1 == 2 { year_first(a, b, c, around) } else { three(a, b, c, sign, around) };
        if found.is_some() {
            let shy = a.1 != 4 && c.1 != 4 && !iso;
            tokens[i..i + 5].iter_mut().for_each(|t| t.used = true);
            return found.filter(|_| !shy || strict(tokens));
        }
    }
    None
}

type Number = (i64, usize);

fn three(a: Number, b: Number, c: Number, sign: char, around: &Around) -> Option<NaiveDate> {
    if a.1 == 4 || (a.0 > 31 && a.1 == 2) {
        return year_first(a, b, c, around);
    }
    let year = whole_year(c.0, c.1, around)?;
    let day_first = if sign == '.' { Some(true) } else { around.day_first };
    match (a.0, b.0, day_first) {
        (13.., _, _) => date(year, b.0, a.0),
        (_, 13.., _) => date(year, a.0, b.0),
        (_, _, Some(true)) => date(year, b.0, a.0),
        (_, _, Some(false)) => date(year, a.0, b.0),
        (a, b, None) => (a == b).then(|| date(year, b, a))?,
    }
}

/// A day that its month has not is counted on into the next: programs that write dates so mean that.
fn year_first(a: Number, b: Number, c: Number, around: &Around) -> Option<NaiveDate> {
    let year = whole_year(a.0, a.1, around)?;
    let (month, day) = if b.0 > 12 { (c.0, b.0) } else { (b.0, c.0) };
    if !(29..=32).contains(&day) {
        return date(year, month, day);
    }
    date(year, month, 28)?.checked_add_days(Days::new(u64::try_from(day - 28).ok()?))
}

/// `3 juin 2026`, `June 3rd, 2026`, `03-Jun-26`, `Sun Jan 4 16:29:06 PST 2004`, `3 juin`.
fn month_word(tokens: &mut [Token], around: &Around) -> Option<NaiveDate> {
    let is_month = |t: &Token| !t.used && t.means(|m| matches!(m, Meaning::Month(_)));
    let sure = |t: &Token| is_month(t) && !t.means(|m| m == Meaning::Weekday);
    let at = tokens.iter().position(sure).or_else(|| tokens.iter().rposition(is_month))?;
    let month = tokens[at].meanings().iter().find_map(|m| match m {
        Meaning::Month(month) => Some(i64::from(*month)),
        _ => None,
    })?;
    let is_day = |n: Number| n.1 <= 2 && (1..=31).contains(&n.0);
    let before = near(tokens, (0..at).rev());
    let after = near(tokens, at + 1..tokens.len());
    let day = before.filter(|(_, n)| is_day(*n)).or(after.filter(|(_, n)| is_day(*n)));
    tokens[at].used = true;
    if let Some((i, _)) = day {
        tokens[i].used = true;
    }
    let year = year_near(tokens, at, before.map(|(i, _)| i), around);
    match (day, year) {
        (Some((_, (day, _))), Some(year)) => date(year, month, day),
        (None, Some(year)) => date(year, month, 1).filter(|_| strict(tokens)),
        (Some((_, (day, _))), None) if strict(tokens) => last_occurrence(month, day, around),
        _ => None,
    }
}

/// The first unused number in that direction, with nothing between that says something.
fn near(tokens: &[Token], way: impl Iterator<Item = usize>) -> Option<(usize, Number)> {
    for i in way {
        let token = &tokens[i];
        match token.number() {
            Some(number) if !token.used => return Some((i, number)),
            _ if token.used || token.is_filler() => {}
            _ => return None,
        }
    }
    None
}

fn year_near(tokens: &mut [Token], month: usize, before: Option<usize>, around: &Around) -> Option<i64> {
    let four = |t: &Token| !t.used && t.number().is_some_and(|(v, d)| d == 4 && YEARS.contains(&v));
    let at = (month + 1..tokens.len())
        .find(|i| four(&tokens[*i]))
        .or_else(|| (0..month).rev().find(|i| four(&tokens[*i])))
        .or_else(|| near(tokens, month + 1..tokens.len()).map(|(i, _)| i))
        .or_else(|| before.filter(|i| !tokens[*i].used))?;
    let (value, digits) = tokens[at].number()?;
    let year = whole_year(value, digits, around)?;
    tokens[at].used = true;
    Some(year)
}

/// A day without its year: the last one, or one of the next week.
fn last_occurrence(month: i64, day: i64, around: &Around) -> Option<NaiveDate> {
    let latest = around.today.checked_add_days(Days::new(7))?;
    let year = i64::from(latest.year());
    // A 29th of February may lie up to eight years back.
    (0..=8).filter_map(|back| date(year - back, month, day)).find(|d| *d <= latest)
}

/// `hier`, `today`.
fn near_today(tokens: &mut [Token], around: &Around) -> Option<NaiveDate> {
    let (i, back) = tokens.iter().enumerate().find_map(|(i, t)| {
        t.meanings().iter().find_map(|m| match m {
            Meaning::Today(back) => Some((i, *back)),
            _ => None,
        })
    })?;
    tokens[i].used = true;
    strict(tokens).then(|| around.today.checked_sub_signed(Duration::days(back)))?
}

/// `2026-03`, `2026-061`, `2026-W10-1`, `2026`: only where nothing else is written.
fn partial(tokens: &mut [Token], around: &Around) -> Option<NaiveDate> {
    let numbers: Vec<Number> = tokens.iter().filter(|t| !t.used).filter_map(Token::number).collect();
    let week = tokens.len() > 2 && tokens[1].is('-') && matches!(tokens[2].kind, super::tokens::Kind::Word(_));
    let only = tokens.iter().all(|t| t.used || t.number().is_some() || t.is('-'));
    match numbers[..] {
        [(year, 4), (week_of, 2), (weekday, 1)] if week => {
            let weekday = chrono::Weekday::try_from(u8::try_from(weekday.checked_sub(1)?).ok()?).ok()?;
            let year = whole_year(year, 4, around)?;
            NaiveDate::from_isoywd_opt(i32::try_from(year).ok()?, u32::try_from(week_of).ok()?, weekday)
        }
        [(year, 4), (month, 2)] if only => date(whole_year(year, 4, around)?, month, 1),
        [(year, 4), (day, 3)] if only => {
            let year = i32::try_from(whole_year(year, 4, around)?).ok()?;
            NaiveDate::from_yo_opt(year, u32::try_from(day).ok()?)
        }
        [(year, 4)] if only && tokens.len() == 1 => date(whole_year(year, 4, around)?, 1, 1),
        _ => None,
    }
}

/// `il y a 2 heures`, `3 days ago`: how long ago.
pub(super) fn ago(tokens: &[Token]) -> Option<Ago> {
    let mark = tokens.iter().position(|t| t.means(|m| m == Meaning::Ago))?;
    let unit = |t: &Token| {
        t.meanings().iter().find_map(|m| match m {
            Meaning::Unit(unit, count) => Some((*unit, *count)),
            _ => None,
        })
    };
    let mut ago = Ago::default();
    let mut found = false;
    let mut pairs = |range: std::ops::Range<usize>| {
        let mut number = None;
        for token in &tokens[range] {
            if let Some((value, _)) = token.number() {
                number = Some(value);
            } else if let Some((unit, count)) = unit(token) {
                ago.add(unit, number.take().unwrap_or(1).saturating_mul(count));
                found = true;
            } else if !token.means(|m| m == Meaning::One) && !token.is_filler() {
                break;
            }
        }
        found
    };
    (pairs(mark + 1..tokens.len()) || pairs(start_of_run(tokens, mark)..mark)).then_some(ago)
}

/// Where the run of numbers and units that ends at `end` starts.
fn start_of_run(tokens: &[Token], end: usize) -> usize {
    let fits = |t: &Token| t.number().is_some() || t.means(|m| matches!(m, Meaning::Unit(..) | Meaning::One));
    end - tokens[..end].iter().rev().take_while(|t| fits(t)).count()
}

/// A distance from now.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ago {
    pub(super) months: i64,
    pub(super) seconds: i64,
}

impl Ago {
    fn add(&mut self, unit: Unit, count: i64) {
        let (months, seconds) = match unit {
            Unit::Second => (0, 1),
            Unit::Minute => (0, 60),
            Unit::Hour => (0, 3600),
            Unit::Day => (0, 86_400),
            Unit::Week => (0, 7 * 86_400),
            Unit::Month => (1, 0),
            Unit::Year => (12, 0),
        };
        self.months = self.months.saturating_add(count.saturating_mul(months));
        self.seconds = self.seconds.saturating_add(count.saturating_mul(seconds));
    }

    /// The instant that lies so far back.
    pub(super) fn before<Z: chrono::TimeZone>(self, now: chrono::DateTime<Z>) -> Option<chrono::DateTime<Z>> {
        let months = Months::new(u32::try_from(self.months).ok()?);
        now.checked_sub_months(months)?.checked_sub_signed(Duration::try_seconds(self.seconds)?)
    }
}
