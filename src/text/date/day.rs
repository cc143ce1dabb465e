//! The day: in numbers, with the month as a word, or told from today.

use chrono::{Datelike, Days, Duration, NaiveDate};

use super::clock::Clock;
use super::tokens::Token;
use super::words::{Meaning, Unit};

/// Years that a date may have. Those of other calendars (1447, 1405, 2569, 5786) lie outside: such a date is not understood,
/// rather than moved by centuries.
pub(super) const YEARS: std::ops::RangeInclusive<i64> = 1600..=2199;

/// What is known besides the words.
pub(super) struct Around {
    pub(super) today: NaiveDate,
    pub(super) day_first: Option<bool>,
}

/// A day, where it was found, and the time where it is one with it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) day: NaiveDate,
    pub(super) clock: Option<Clock>,
    /// The tokens that say it.
    used: Vec<usize>,
    /// Whether year, month and day are all written out: then what stands around it does not matter.
    complete: bool,
}

impl Found {
    fn new(day: NaiveDate, used: Vec<usize>, complete: bool) -> Self {
        Self { day, clock: None, used, complete }
    }

    fn start(&self) -> usize {
        self.used.iter().copied().min().unwrap_or(0)
    }

    /// The token after it.
    pub(super) fn end(&self) -> usize {
        self.used.iter().copied().max().map_or(0, |i| i + 1)
    }

    /// Whether nothing stands in the text but what was used and what says nothing.
    fn is_alone(&self, tokens: &[Token]) -> bool {
        tokens.iter().enumerate().all(|(i, t)| t.used || t.is_filler() || self.used.contains(&i))
    }
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

/// Any way in which a day may be written. Of several the first that is complete counts; one that is not complete counts only
/// where nothing else is said.
pub(super) fn find(tokens: &mut [Token], around: &Around) -> Option<Found> {
    let ways = [compact, numeric, signed, month_word, near_today, partial];
    let found = ways.into_iter().filter_map(|way: fn(&[Token], &Around) -> _| way(tokens, around));
    let fits = found.filter(|f| f.complete || f.is_alone(tokens));
    let found = fits.min_by_key(|f| (!f.complete, f.start()))?;
    found.used.iter().for_each(|i| tokens[*i].used = true);
    Some(found)
}

/// `20260302`, `20260302T100000`, `20260302100000`.
fn compact(tokens: &[Token], around: &Around) -> Option<Found> {
    let (i, value, digits) = tokens.iter().enumerate().find_map(|(i, t)| {
        let (value, digits) = t.number().filter(|(_, d)| matches!(d, 8 | 12 | 14))?;
        (!t.used).then_some((i, value, digits))
    })?;
    let tail = 10_i64.pow(u32::try_from(digits - 8).ok()?);
    let number = value / tail;
    let year = whole_year(number / 10_000, 4, around)?;
    let day = date(year, number / 100 % 100, number % 100)?;
    let clock = match digits {
        8 => None,
        12 => Some(time(value % tail * 100)?),
        _ => Some(time(value % tail)?),
    };
    Some(Found { clock, ..Found::new(day, vec![i], false) })
}

/// The `T1000` or `T100000` after a date.
pub(super) fn short_time(tokens: &mut [Token], i: usize) -> Option<Clock> {
    let t = tokens.get(i)?;
    let (value, digits) = tokens.get(i + 1).filter(|n| n.glued && !n.used)?.number()?;
    if i == 0 || !t.glued || t.used || !t.means(|m| m == Meaning::TimeMark) {
        return None;
    }
    let mut clock = match digits {
        2 if !tokens.get(i + 2).is_some_and(|t| t.is(':') || t.is('.')) => time(value * 10_000),
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
    let clock = Clock::at(part(hhmmss / 10_000)?, part(hhmmss / 100 % 100)?, part(hhmmss % 100)?);
    (clock.hour < 24 && clock.minute < 60 && clock.second <= 60).then_some(clock)
}

pub(super) type Number = (i64, usize);

/// Three numbers of a date with one sign between them: `2026-03-02`, `02/03/2026`, `2.3.26`; where they start, and the sign.
pub(super) fn three_numbers(tokens: &[Token], from: usize) -> Option<([Number; 3], usize, char)> {
    (from..tokens.len().saturating_sub(4)).find_map(|i| {
        let sign = ['-', '/', '.'].into_iter().find(|s| tokens[i + 1].is(*s) && tokens[i + 3].is(*s))?;
        let run_on = |at: Option<usize>| at.and_then(|at| tokens.get(at)).is_some_and(|t| t.is(sign));
        let before = tokens[i].glued && i >= 2 && run_on(i.checked_sub(1)) && tokens[i - 2].number().is_some();
        // `-05:00` is no fourth number but the zone.
        let zone = tokens.get(i + 7).is_some_and(|t| t.is(':'));
        let next = tokens.get(i + 6).is_some_and(|t| t.glued && t.number().is_some() && !t.used && !zone);
        let [a, b, c] = [i, i + 2, i + 4].map(|at| tokens[at].number().filter(|_| !tokens[at].used));
        let after = run_on(Some(i + 5)) && next;
        (!before && !after).then_some(([a?, b?, c?], i, sign))
    })
}

fn numeric(tokens: &[Token], around: &Around) -> Option<Found> {
    let mut from = 0;
    while let Some((numbers, i, sign)) = three_numbers(tokens, from) {
        let [a, b, c] = numbers;
        let iso = sign == '-' && tokens.get(i + 5).is_some_and(|t| t.glued && t.means(|m| m == Meaning::TimeMark));
        let year_first_short = iso && a.1 == 2 || (sign != '.' && a.1 == 2 && c.1 == 1);
        let day =
            if year_first_short { year_first(a, b, c, sign, around) } else { in_some_order(numbers, sign, around) };
        if let Some(day) = day {
            return Some(Found::new(day, (i..i + 5).collect(), a.1 == 4 || c.1 == 4 || iso));
        }
        from = i + 1;
    }
    None
}

fn in_some_order([a, b, c]: [Number; 3], sign: char, around: &Around) -> Option<NaiveDate> {
    if a.1 == 4 || (a.0 > 31 && a.1 == 2) {
        return year_first(a, b, c, sign, around);
    }
    if a.1 > 2 || b.1 > 2 {
        return None;
    }
    let year = whole_year(c.0, c.1, around)?;
    if sign == '-' && (a.1, c.1) == (2, 2) && year > i64::from(around.today.year()) + 1 {
        return year_first(a, b, c, sign, around);
    }
    // Who parts by points puts the day first.
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
/// The month may stand last where slashes part them and it cannot be otherwise.
fn year_first(a: Number, b: Number, c: Number, sign: char, around: &Around) -> Option<NaiveDate> {
    if b.1 > 2 || c.1 > 2 {
        return None;
    }
    let year = whole_year(a.0, a.1, around)?;
    let (month, day) = if b.0 > 12 && sign == '/' { (c.0, b.0) } else { (b.0, c.0) };
    if !(29..=32).contains(&day) {
        return date(year, month, day);
    }
    date(year, month, 28)?.checked_add_days(Days::new(u64::try_from(day - 28).ok()?))
}

/// `2026年3月2日`, `3월 2일`, `令和8年3月2日`: each number with the sign of what it is.
fn signed(tokens: &[Token], around: &Around) -> Option<Found> {
    let part = |at: usize, unit| {
        let number = tokens.get(at).filter(|t| !t.used)?.number()?;
        tokens.get(at + 1)?.means(|m| m == Meaning::Sign(unit)).then_some(number)
    };
    let month_at = (0..tokens.len()).find(|i| part(*i, Unit::Month).is_some_and(|(_, digits)| digits <= 2))?;
    let (month, _) = part(month_at, Unit::Month)?;
    let day = part(month_at + 2, Unit::Day).filter(|(_, digits)| *digits <= 2);
    let year_at = month_at.checked_sub(2);
    let year = year_at.and_then(|at| part(at, Unit::Year));
    let end = if day.is_some() { month_at + 4 } else { month_at + 2 };
    let Some((year, digits)) = year else {
        return Some(Found::new(last_occurrence(month, day?.0, around)?, (month_at..end).collect(), false));
    };
    let era = year_at.and_then(|at| at.checked_sub(1)).and_then(|at| {
        tokens[at].meanings().iter().find_map(|m| match m {
            Meaning::Era(before) => Some((at, *before)),
            _ => None,
        })
    });
    let (start, year) = match era {
        Some((at, before)) if digits <= 3 => (at, before + year),
        _ => (year_at?, whole_year(year, if digits == 2 { 0 } else { digits }, around)?),
    };
    let found = date(year, month, day.map_or(1, |(day, _)| day))?;
    Some(Found::new(found, (start..end).collect(), day.is_some()))
}

/// `3 juin 2026`, `June 3rd, 2026`, `03-Jun-26`, `Sun Jan 4 16:29:06 PST 2004`, `3 juin`, `juin 2026`.
fn month_word(tokens: &[Token], around: &Around) -> Option<Found> {
    let months = (0..tokens.len()).filter(|i| !tokens[*i].used && tokens[*i].month().is_some());
    let found: Vec<Found> = months.filter_map(|at| around_month(tokens, at, around)).collect();
    let complete = found.iter().find(|f| f.complete);
    complete.or_else(|| found.iter().find(|f| f.is_alone(tokens))).cloned()
}

fn around_month(tokens: &[Token], at: usize, around: &Around) -> Option<Found> {
    let month = tokens[at].month()?;
    let before = near(tokens, month, (0..at).rev());
    let after = near(tokens, month, at + 1..tokens.len());
    let beyond = |found: Option<(usize, Number)>| found.and_then(|(i, _)| near(tokens, month, i + 1..tokens.len()));
    let ahead = |found: Option<(usize, Number)>| found.and_then(|(i, _)| near(tokens, month, (0..i).rev()));
    let day_of = |found: Option<(usize, Number)>| found.filter(|(_, n)| n.1 <= 2 && (1..=31).contains(&n.0));
    let long = |found: Option<(usize, Number)>| found.filter(|(_, n)| n.1 == 4);
    let short = |found: Option<(usize, Number)>| found.filter(|(_, n)| n.1 == 2);
    // Day and year as they may stand around the month, the usual first.
    let whole = [
        (day_of(before), long(after)),
        (day_of(after), long(beyond(after))),
        (day_of(after), long(before)),
        (day_of(before), long(ahead(before))),
        (day_of(before), short(after)),
        (day_of(after), short(beyond(after))),
        (day_of(after), short(before)),
    ];
    for (day, year) in whole {
        let (Some((d, (day, _))), Some((y, (year, digits)))) = (day, year) else { continue };
        if tokens[at].doubtful && digits != 4 {
            continue;
        }
        if let Some(found) = whole_year(year, digits, around).and_then(|year| date(year, month, day)) {
            return Some(Found::new(found, vec![at, d, y], digits == 4));
        }
    }
    if tokens[at].doubtful {
        return None;
    }
    if let Some((y, (year, digits))) = long(after).or_else(|| long(before)) {
        return Some(Found::new(date(whole_year(year, digits, around)?, month, 1)?, vec![at, y], false));
    }
    let (d, (day, _)) = day_of(before).or_else(|| day_of(after))?;
    Some(Found::new(last_occurrence(month, day, around)?, vec![at, d], false))
}

/// The first unused number in that direction, with nothing between that says something else; the month may stand there in
/// two ways (`يونيو/حزيران`).
fn near(tokens: &[Token], month: i64, way: impl Iterator<Item = usize>) -> Option<(usize, Number)> {
    for i in way {
        let token = &tokens[i];
        match token.number() {
            Some(number) if !token.used => return Some((i, number)),
            // `mar` is a month or Tuesday: another month says something.
            _ if token.month().is_some_and(|other| other != month) => return None,
            _ if token.used || token.is_filler() || token.month().is_some() => {}
            _ => return None,
        }
    }
    None
}

/// A day without its year: the last one, or one of the next week.
fn last_occurrence(month: i64, day: i64, around: &Around) -> Option<NaiveDate> {
    let latest = around.today.checked_add_days(Days::new(7))?;
    let year = i64::from(latest.year());
    // A 29th of February may lie up to eight years back.
    (0..=8).filter_map(|back| date(year - back, month, day)).find(|d| *d <= latest)
}

/// `hier`, `today`.
fn near_today(tokens: &[Token], around: &Around) -> Option<Found> {
    let (i, back) = tokens.iter().enumerate().find_map(|(i, t)| {
        t.meanings().iter().find_map(|m| match m {
            Meaning::Today(back) => Some((i, *back)),
            _ => None,
        })
    })?;
    let day = around.today.checked_sub_signed(Duration::days(back))?;
    Some(Found::new(day, vec![i], false))
}

/// `2026-03`, `2026-061`, `2026-W10-1`, `2026W101`, `2026`, `-0312`: only where nothing else is written.
fn partial(tokens: &[Token], around: &Around) -> Option<Found> {
    let rest: Vec<usize> = (0..tokens.len()).filter(|i| !tokens[*i].used).collect();
    let touches = rest.iter().skip(1).all(|i| tokens[*i].glued || tokens[*i].means(|m| m == Meaning::TimeMark));
    let start = *rest.first()?;
    if start != 0 || !touches {
        return None;
    }
    let numbers: Vec<Number> = rest.iter().filter_map(|i| tokens[*i].number()).collect();
    let is_word = |t: &Token| t.number().is_none() && !t.is('-') && !t.means(|m| m == Meaning::TimeMark);
    let words = rest.iter().filter(|i| is_word(&tokens[**i])).count();
    let week = tokens.iter().skip(1).take(2).any(|t| t.glued && t.letter == Some('w'));
    let dashed = tokens[0].is('-');
    let day = match numbers[..] {
        [year, (week_of, 2), (weekday, 1)] if week && words == 1 => of_week(year, week_of, weekday, around),
        [year, (both, 3)] if week && words == 1 => of_week(year, both / 10, both % 10, around),
        [year, (week_of, 2)] if week && words == 1 => of_week(year, week_of, 1, around),
        _ if words > 0 => None,
        [(year, 4), (month, 2)] if !dashed => date(whole_year(year, 4, around)?, month, 1),
        [(year, 4), (day, 3)] if !dashed => of_year(whole_year(year, 4, around)?, day),
        [(both, 7)] if !dashed && rest.len() == 1 => of_year(whole_year(both / 1000, 4, around)?, both % 1000),
        [(year, 4)] if !dashed && rest.len() == 1 => date(whole_year(year, 4, around)?, 1, 1),
        // The short forms of ISO 8601 are dates of the past, or none.
        [(year, 2), (day, 3)] if !dashed => of_year(whole_year(year, 2, around)?, day).filter(|d| *d <= around.today),
        [(all, 6)] if rest.len() == 1 => {
            let year = whole_year(all / 10_000, 2, around)?;
            date(year, all / 100 % 100, all % 100).filter(|d| *d <= around.today)
        }
        [(both, 4)] if dashed && rest.len() == 2 => date(whole_year(both / 100, 2, around)?, both % 100, 1),
        [(year, 2), (month, 2)] if dashed && rest.len() == 4 => date(whole_year(year, 2, around)?, month, 1),
        [(year, 2)] if dashed && rest.len() == 2 => date(whole_year(year, 2, around)?, 1, 1),
        _ => None,
    }?;
    Some(Found::new(day, rest, false))
}

fn of_week(year: Number, week: i64, weekday: i64, around: &Around) -> Option<NaiveDate> {
    let weekday = chrono::Weekday::try_from(u8::try_from(weekday.checked_sub(1)?).ok()?).ok()?;
    let year = i32::try_from(whole_year(year.0, year.1, around).filter(|_| year.1 == 4)?).ok()?;
    NaiveDate::from_isoywd_opt(year, u32::try_from(week).ok()?, weekday)
}

fn of_year(year: i64, day: i64) -> Option<NaiveDate> {
    NaiveDate::from_yo_opt(i32::try_from(year).ok()?, u32::try_from(day).ok()?)
}
