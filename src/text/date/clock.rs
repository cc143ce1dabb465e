//! The time of day and its zone.

use super::tokens::Token;
use super::words::{Meaning, Unit};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// 24 stands for the end of the day.
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) nano: u32,
    /// Seconds east of Greenwich, where it is written.
    pub(super) zone: Option<i32>,
}

/// Finds the time of day and marks its tokens as used.
pub(super) fn find(tokens: &mut [Token]) -> Option<Clock> {
    let (mut clock, start, end) = (0..tokens.len()).find_map(|i| at(tokens, i))?;
    let mut end = half_of_day(tokens, start, end, &mut clock);
    if let Some((zone, after)) = zone(tokens, end) {
        clock.zone = Some(zone);
        end = after;
    }
    tokens[start..end].iter_mut().for_each(|t| t.used = true);
    // Programs that count wrongly are one too high; what is higher is no time.
    let valid = clock.minute <= 61 && clock.second <= 61 && clock.hour <= 25;
    valid.then_some(clock)
}

/// The time that starts at `i`, and where it ends.
fn at(tokens: &[Token], i: usize) -> Option<(Clock, usize, usize)> {
    let (hour, 1..=2) = tokens[i].number()? else { return None };
    let mut clock = Clock { hour: u32::try_from(hour).ok()?, minute: 0, second: 0, nano: 0, zone: None };
    let next = |k: usize| tokens.get(i + k);
    let two = |k: usize| next(k).and_then(Token::number).filter(|(_, digits)| *digits <= 2);
    let hour_sign = |k: usize| next(k).is_some_and(|t| t.means(|m| m == Meaning::HourSign));
    if let (true, Some((minute, _))) = (next(1)?.is(':'), two(2)) {
        clock.minute = u32::try_from(minute).ok()?;
        let mut end = i + 3;
        if let (true, Some((second, _))) = (next(3).is_some_and(|t| t.is(':')), two(4)) {
            clock.second = u32::try_from(second).ok()?;
            end = i + 5;
            let fraction = tokens.get(end + 1).filter(|t| t.glued).and_then(Token::number);
            if let (Some(true), Some((value, digits @ 1..=9))) =
                (tokens.get(end).map(|t| t.glued && (t.is('.') || t.is(','))), fraction)
            {
                clock.nano = u32::try_from(value * 10_i64.pow(9 - u32::try_from(digits).ok()?)).ok()?;
                end += 2;
            } else if tokens.get(end).is_some_and(|t| t.is('.')) && fraction.is_some() {
                end += 2;
            }
        } else if next(3).is_some_and(|t| t.is(':')) {
            end = i + 4;
        }
        return Some((clock, i, end));
    }
    if let (true, Some((minute, 2)), true) = (next(1)?.is('.'), two(2), hour_sign(3)) {
        clock.minute = u32::try_from(minute).ok()?;
        return Some((clock, i, i + 4));
    }
    if hour_sign(1) {
        let Some((minute, 2)) = two(2).filter(|(m, _)| *m < 60) else { return Some((clock, i, i + 2)) };
        if next(3).is_some_and(|t| t.glued && (t.is('/') || t.is('-') || t.is('.') || t.is(':'))) {
            return Some((clock, i, i + 2));
        }
        clock.minute = u32::try_from(minute).ok()?;
        let minutes = next(3).is_some_and(|t| t.means(|m| matches!(m, Meaning::Unit(Unit::Minute, _))));
        return Some((clock, i, if minutes { i + 4 } else { i + 3 }));
    }
    let half = |t: &Token| t.means(|m| matches!(m, Meaning::Am | Meaning::Pm));
    ((1..=12).contains(&hour) && half(next(1)?)).then_some((clock, i, i + 1))
}

/// Reads the half of the day, before or after the time; answers where the time ends.
fn half_of_day(tokens: &mut [Token], start: usize, end: usize, clock: &mut Clock) -> usize {
    let half = |t: &Token| {
        t.meanings().iter().find_map(|m| match m {
            Meaning::Am => Some(false),
            Meaning::Pm => Some(true),
            _ => None,
        })
    };
    let after = tokens.get(end).and_then(half);
    let before = start.checked_sub(1).and_then(|i| half(&tokens[i]));
    match after.or(before) {
        Some(true) if clock.hour < 12 => clock.hour += 12,
        Some(false) if clock.hour == 12 => clock.hour = 0,
        _ => {}
    }
    match (after, before) {
        (Some(_), _) => end + 1,
        (None, Some(_)) => {
            tokens[start - 1].used = true;
            end
        }
        _ => end,
    }
}

/// The zone that starts at `i` (after a space or an opening bracket), and where it ends.
pub(super) fn zone(tokens: &[Token], mut i: usize) -> Option<(i32, usize)> {
    while tokens.get(i).is_some_and(|t| t.is('(') || t.is('[') || t.is(',')) {
        i += 1;
    }
    if let Some(found) = offset(tokens, i) {
        return Some(found);
    }
    let named = tokens.get(i)?.meanings().iter().find_map(|m| match m {
        Meaning::Zone(seconds) => Some(*seconds),
        _ => None,
    })?;
    match offset(tokens, i + 1) {
        Some((more, end)) => Some((named + more, end)),
        None => Some((named, i + 1)),
    }
}

/// `+0100`, `+01:00`, `+01`, `-330`.
fn offset(tokens: &[Token], i: usize) -> Option<(i32, usize)> {
    let sign = match tokens.get(i)? {
        t if t.is('+') => 1,
        t if t.is('-') => -1,
        _ => return None,
    };
    let number = tokens.get(i + 1).filter(|t| t.glued || sign > 0)?;
    let (value, digits) = number.number()?;
    let value = i32::try_from(value).ok()?;
    let colon = tokens.get(i + 2).is_some_and(|t| t.is(':'));
    let (hours, minutes, end) = match (digits, colon) {
        (1..=2, true) => {
            let (minutes, 2) = tokens.get(i + 3)?.number()? else { return None };
            (value, i32::try_from(minutes).ok()?, i + 4)
        }
        (1..=2, false) => (value, 0, i + 2),
        (3..=4, false) => (value / 100, value % 100, i + 2),
        _ => return None,
    };
    let goes_on = tokens.get(end).is_some_and(|t| t.glued && (t.is('/') || t.is('-') || t.is('.')));
    (!goes_on && hours <= 24 && minutes < 60).then_some((sign * (hours * 3600 + minutes * 60), end))
}
