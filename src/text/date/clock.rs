//! The time of day and its zone.

use super::tokens::{Kind, Token, zone_of};
use super::words::{Meaning, Unit, Zone};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// 24 stands for the end of the day.
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) nano: u32,
    /// Where it is written.
    pub(super) zone: Option<Zone>,
}

impl Clock {
    pub(super) fn at(hour: u32, minute: u32, second: u32) -> Self {
        Self { hour, minute, second, nano: 0, zone: None }
    }
}

/// Finds the time of day and marks its tokens as used. `Err` where what stands there cannot be one.
pub(super) fn find(tokens: &mut [Token]) -> Result<Option<Clock>, Impossible> {
    let Some((mut clock, start, end)) = (0..tokens.len()).find_map(|i| at(tokens, i)) else {
        return Ok(None);
    };
    // Programs that keep day and time apart write midnight between them: 2026-03-02 00:00:00.0 10:00:00.0
    let (mut end, midnight) = (end, clock == Clock::at(0, 0, 0) && end > start + 5);
    if let Some((time, _, after)) = at(tokens, end.min(tokens.len() - 1)).filter(|_| midnight && end < tokens.len()) {
        (clock, end) = (time, after);
    }
    end = half_of_day(tokens, start, end, &mut clock);
    if let Some(after) = span(tokens, start, end) {
        end = after;
    } else if let Some((zone, after)) = zone(tokens, end) {
        clock.zone = Some(zone);
        end = after;
    } else if military(tokens, end) {
        clock.zone = Some(Zone::East(0));
        end += 1;
    }
    tokens[start..end].iter_mut().for_each(|t| t.used = true);
    // Programs that count wrongly are one too high; what is higher is no time.
    let valid = clock.minute <= 61 && clock.second <= 61 && clock.hour <= 25;
    if valid { Ok(Some(clock)) } else { Err(Impossible) }
}

/// Where the second time of `14:00-16:00` ends. It looks like an offset, and is one after a date of ISO 8601 and after
/// seconds.
fn span(tokens: &[Token], start: usize, end: usize) -> Option<usize> {
    let number = |at: usize| tokens.get(at).and_then(Token::number).is_some_and(|(_, digits)| digits <= 2);
    let sign = |at: usize, sign: char| tokens.get(at).is_some_and(|t| t.is(sign));
    let back = |n: usize| start.checked_sub(n).and_then(|i| tokens.get(i));
    let marked = back(1).is_some_and(|t| t.means(|m| m == Meaning::TimeMark));
    let year_first = back(5).and_then(Token::number).is_some_and(|(_, digits)| digits == 4);
    let time = sign(end, '-') && number(end + 1) && sign(end + 2, ':') && number(end + 3);
    (time && end == start + 3 && !marked && !year_first).then_some(end + 4)
}

/// What looks like a time and cannot be one.
#[derive(Debug)]
pub(super) struct Impossible;

/// `noon`, `minuit`: the token that says it.
pub(super) fn by_name(tokens: &[Token]) -> Option<(usize, Clock)> {
    let named = |t: &Token| match () {
        () if t.used => None,
        () if t.means(|m| m == Meaning::Noon) => Some(12),
        () if t.means(|m| m == Meaning::Midnight) => Some(0),
        () => None,
    };
    tokens.iter().enumerate().find_map(|(i, t)| Some((i, Clock::at(named(t)?, 0, 0))))
}

/// A letter of the armed forces at the very end, after seconds: RFC 822 has them, and RFC 2822 says that they tell no more
/// than that the time is universal.
fn military(tokens: &[Token], i: usize) -> bool {
    let seconds = i >= 5 && tokens[i - 2].is(':') && tokens[i - 4].is(':');
    seconds && i + 1 == tokens.len() && tokens[i].letter.is_some_and(|c| c != 'j')
}

/// The time that starts at `i`, and where it ends.
fn at(tokens: &[Token], i: usize) -> Option<(Clock, usize, usize)> {
    let (hour, 1..=2) = tokens[i].number()? else { return None };
    if tokens[i].used || is_offset(tokens, i) {
        return None;
    }
    let hour = u32::try_from(hour).ok()?;
    let next = |k: usize| tokens.get(i + k);
    let two = |k: usize| next(k).and_then(Token::number).filter(|(_, digits)| *digits <= 2);
    let hour_sign = |k: usize| next(k).is_some_and(|t| t.means(|m| m == Meaning::HourSign));
    if let Some(found) = with_signs(tokens, i, hour).or_else(|| with_points(tokens, i, hour)) {
        return Some(found);
    }
    if let (true, Some((minute, _))) = (next(1).is_some_and(|t| t.is(':')), two(2)) {
        let mut clock = Clock::at(hour, u32::try_from(minute).ok()?, 0);
        let mut end = i + 3;
        if let (true, Some((second, _))) = (next(3).is_some_and(|t| t.is(':')), two(4)) {
            clock.second = u32::try_from(second).ok()?;
            end = fraction(tokens, i + 5, &mut clock)?;
        } else if next(3).is_some_and(|t| t.is(':')) {
            end = i + 4;
        }
        if tokens.get(end).is_some_and(|t| t.means(|m| m == Meaning::HourSign)) {
            end += 1;
        }
        return Some((clock, i, end));
    }
    let called = i.checked_sub(1).is_some_and(|before| called(tokens, before));
    let half = |t: &Token| t.means(|m| matches!(m, Meaning::Am | Meaning::Pm));
    if let (true, Some((minute, 2))) = (next(1).is_some_and(|t| t.is('.')), two(2)) {
        let told = called || next(3).is_some_and(|t| half(t) || zone_of(t).is_some());
        if hour_sign(3) || (told && hour < 24 && minute < 60 && !runs_on(tokens, i + 3)) {
            let end = if hour_sign(3) { i + 4 } else { i + 3 };
            return Some((Clock::at(hour, u32::try_from(minute).ok()?, 0), i, end));
        }
    }
    // `alle 14`: the hour alone, with nothing after it that it could belong to.
    if called && hour < 24 && next(1).is_none_or(|t| [',', ';', ')', '|'].into_iter().any(|sign| t.is(sign))) {
        return Some((Clock::at(hour, 0, 0), i, i + 1));
    }
    if hour_sign(1) {
        let bare = Clock::at(hour, 0, 0);
        let Some((minute, 2)) = two(2).filter(|(m, _)| *m < 60) else { return Some((bare, i, i + 2)) };
        if runs_on(tokens, i + 3) || next(2).is_some_and(|t| t.used) {
            return Some((bare, i, i + 2));
        }
        let minutes = next(3).is_some_and(|t| t.means(|m| matches!(m, Meaning::Unit(Unit::Minute, _))));
        return Some((Clock::at(hour, u32::try_from(minute).ok()?, 0), i, if minutes { i + 4 } else { i + 3 }));
    }
    let twelve = |t: &Token| hour == 12 && t.means(|m| matches!(m, Meaning::Noon | Meaning::Midnight));
    let told = (1..=12).contains(&hour) && (half(next(1)?) || twelve(next(1)?));
    told.then_some((Clock::at(hour, 0, 0), i, i + 1))
}

/// The fraction of a second that may start at `i`, and where it ends.
fn fraction(tokens: &[Token], i: usize, clock: &mut Clock) -> Option<usize> {
    let point = tokens.get(i).is_some_and(|t| t.glued && (t.is('.') || t.is(',')));
    let digits = tokens.get(i + 1).filter(|t| point && t.glued).and_then(Token::number);
    match digits {
        Some((value, digits @ 1..=9)) => {
            clock.nano = u32::try_from(value * 10_i64.pow(9 - u32::try_from(digits).ok()?)).ok()?;
            Some(i + 2)
        }
        Some(_) => Some(i + 2),
        None => Some(i),
    }
}

/// Whether a date or another number goes on at `i`.
fn runs_on(tokens: &[Token], i: usize) -> bool {
    let sign = tokens.get(i).is_some_and(|t| t.glued && (t.is('/') || t.is('-') || t.is('.') || t.is(':')));
    sign && tokens.get(i + 1).is_some_and(|t| t.glued && t.number().is_some())
}

/// Whether a word that stands before times ends at `i`, or at the point after it.
fn called(tokens: &[Token], i: usize) -> bool {
    let word = |at: usize| tokens.get(at).is_some_and(|t| t.means(|m| m == Meaning::Clock));
    word(i) || (tokens.get(i).is_some_and(|t| t.is('.')) && i > 0 && word(i - 1))
}

/// Whether the number at `i` is the zone of a date: `2026-03-02+01:00`, `2026-03-02-05:00`.
fn is_offset(tokens: &[Token], i: usize) -> bool {
    let Some(sign) = i.checked_sub(1).and_then(|i| tokens.get(i)) else { return false };
    let year_first = i >= 6 && tokens[i - 2].glued && tokens[i - 6].number().is_some_and(|(_, digits)| digits == 4);
    let minutes = tokens.get(i + 2).and_then(Token::number).is_some_and(|(m, _)| m % 15 == 0);
    let seconds = tokens.get(i + 3).is_some_and(|t| t.is(':'));
    let dash = sign.is('-') && sign.glued && tokens[i].glued && year_first && tokens[i - 5].is('-');
    (sign.is('+') && tokens[i].glued) || (dash && minutes && !seconds)
}

/// `15.04.05` with the `T` before it or a zone after it: alone it might be a date.
fn with_points(tokens: &[Token], i: usize, hour: u32) -> Option<(Clock, usize, usize)> {
    let point = |at: usize| tokens.get(at).is_some_and(|t| t.glued && t.is('.'));
    let two = |at: usize| tokens.get(at).filter(|t| t.glued)?.number().filter(|(_, digits)| *digits == 2);
    let (Some((minute, _)), Some((second, _)), true) = (two(i + 2), two(i + 4), point(i + 1) && point(i + 3)) else {
        return None;
    };
    let after_mark = tokens[i].glued && i > 1 && tokens[i - 1].means(|m| m == Meaning::TimeMark);
    let told = after_mark || tokens.get(i + 5).and_then(zone_of).is_some();
    let clock = Clock::at(hour, u32::try_from(minute).ok()?, u32::try_from(second).ok()?);
    (told && hour < 24 && minute < 60 && second < 60).then_some((clock, i, i + 5))
}

/// `10時05分`, `下午3点`, `14시 30분`.
fn with_signs(tokens: &[Token], i: usize, hour: u32) -> Option<(Clock, usize, usize)> {
    let sign = |at: usize, unit| tokens.get(at).is_some_and(|t| t.means(|m| m == Meaning::Sign(unit)));
    let number = |at: usize| tokens.get(at).and_then(Token::number).filter(|(_, digits)| *digits <= 2);
    if !sign(i + 1, Unit::Hour) {
        return None;
    }
    let mut clock = Clock::at(hour, 0, 0);
    let (Some((minute, _)), true) = (number(i + 2), sign(i + 3, Unit::Minute)) else {
        return Some((clock, i, i + 2));
    };
    clock.minute = u32::try_from(minute).ok()?;
    let (Some((second, _)), true) = (number(i + 4), sign(i + 5, Unit::Second)) else {
        return Some((clock, i, i + 4));
    };
    clock.second = u32::try_from(second).ok()?;
    Some((clock, i, i + 6))
}

/// Reads the half of the day, before or after the time; answers where the time ends.
fn half_of_day(tokens: &mut [Token], start: usize, end: usize, clock: &mut Clock) -> usize {
    let half = |t: &Token| {
        t.meanings().iter().find_map(|m| match m {
            Meaning::Am | Meaning::Midnight => Some(false),
            Meaning::Pm | Meaning::Noon => Some(true),
            _ => None,
        })
    };
    // In German `am` is a word like another: it is a half of the day only where nothing follows that it could belong to.
    let goes_on = |i: usize| tokens.get(i).is_some_and(|t| matches!(t.kind, Kind::Word(_)) && zone_of(t).is_none());
    let word = |i: usize| tokens[i].means(|m| m == Meaning::Filler) && goes_on(i + 1);
    let after = tokens.get(end).and_then(half).filter(|_| !word(end));
    let before = start.checked_sub(1).and_then(|i| half(&tokens[i]));
    match after.or(before) {
        Some(true) if clock.hour < 12 => clock.hour += 12,
        Some(false) if clock.hour == 12 => clock.hour = 0,
        _ => {}
    }
    match (after, before) {
        // "a.m." ends with a point.
        (Some(_), _) => end + 1 + usize::from(tokens.get(end + 1).is_some_and(|t| t.is('.'))),
        (None, Some(_)) => {
            tokens[start - 1].used = true;
            end
        }
        _ => end,
    }
}

/// The zone that starts at `i` (after a space or an opening bracket), and where it ends.
pub(super) fn zone(tokens: &[Token], mut i: usize) -> Option<(Zone, usize)> {
    while tokens.get(i).is_some_and(|t| t.is('(') || t.is('[') || t.is(',') || t.is(':')) {
        i += 1;
    }
    // A sign written twice is meant once.
    if tokens.get(i).is_some_and(|t| t.is('-')) && tokens.get(i + 1).is_some_and(|t| t.glued && t.is('-')) {
        i += 1;
    }
    if let Some((seconds, end)) = offset(tokens, i) {
        return Some((Zone::East(seconds), end));
    }
    let named = tokens.get(i).filter(|t| !t.used).and_then(zone_of)?;
    // `UTC+1` is one hour east; after any other name the offset only says it in numbers.
    match offset(tokens, i + 1) {
        Some((more, end)) => Some((Zone::East(more), end)),
        None => Some((named, i + 1)),
    }
}

/// The zone after a date that stands after its time, or that has none: an offset in full, or a name.
pub(super) fn zone_after(tokens: &[Token], i: usize, has_time: bool) -> Option<Zone> {
    let named = tokens.get(i).filter(|t| !t.used).is_some_and(|t| zone_of(t).is_some());
    let sign = tokens.get(i).is_some_and(|t| !t.used && (t.glued || has_time) && (t.is('+') || t.is('-')));
    let (zone, end) = zone(tokens, i).filter(|_| named || sign)?;
    (named || end > i + 2 || tokens[i + 1].number().is_some_and(|(_, digits)| digits == 4)).then_some(zone)
}

/// `+0100`, `+01:00`, `+01`, `-330`.
fn offset(tokens: &[Token], i: usize) -> Option<(i32, usize)> {
    let sign = match tokens.get(i)? {
        t if t.is('+') => 1,
        t if t.is('-') => -1,
        _ => return None,
    };
    let number = tokens.get(i + 1).filter(|t| !t.used && (t.glued || sign > 0))?;
    let (value, digits) = number.number()?;
    let value = i32::try_from(value).ok()?;
    let colon = tokens.get(i + 2).is_some_and(|t| t.is(':'));
    let (hours, minutes, mut end) = match (digits, colon) {
        (1..=2, true) => {
            let (minutes, 2) = tokens.get(i + 3)?.number()? else { return None };
            (value, i32::try_from(minutes).ok()?, i + 4)
        }
        (1..=2, false) => (value, 0, i + 2),
        (3..=4, false) => (value / 100, value % 100, i + 2),
        _ => return None,
    };
    // Seconds of an offset say nothing.
    let seconds = tokens.get(end + 1).and_then(Token::number).is_some_and(|(_, digits)| digits == 2);
    if tokens.get(end).is_some_and(|t| t.glued && t.is(':')) && seconds {
        end += 2;
    }
    let goes_on = tokens.get(end).is_some_and(|t| t.glued && (t.is('/') || t.is('-') || t.is('.')));
    (!goes_on && hours <= 24 && minutes < 60).then_some((sign * (hours * 3600 + minutes * 60), end))
}
