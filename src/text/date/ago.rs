//! A distance from now: `il y a 2 heures`, `3 days ago`, `منذ ساعتين`.

use chrono::{DateTime, Duration, Months, TimeZone};

use super::tokens::Token;
use super::words::{Meaning, Unit};

/// How long ago, where the text says that and nothing else.
pub(super) fn ago(tokens: &[Token]) -> Option<Ago> {
    let mark = tokens.iter().position(is_mark)?;
    if tokens[mark + 1..].iter().any(is_mark) {
        return None;
    }
    let (before, after) = (distance(&tokens[..mark]), distance(&tokens[mark + 1..]));
    // The distance stands on one side, and on the other nothing that says something.
    match (before?, after?) {
        (Some(ago), None) | (None, Some(ago)) => Some(ago),
        _ => None,
    }
}

/// The distance that some tokens say, `Some(None)` where they say nothing, `None` where they say something else.
fn distance(tokens: &[Token]) -> Option<Option<Ago>> {
    let mut ago = Ago::default();
    let (mut number, mut one, mut smallest) = (None, false, None);
    for token in tokens {
        if let Some((value, digits)) = token.number() {
            if digits > 5 || number.replace(value).is_some() {
                return None;
            }
            one = false;
        } else if number.is_none() && !one && token.means(|m| m == Meaning::One) {
            // `an` is one in English and a year in French: the first of two is the number.
            one = true;
        } else if let Some((unit, own, lone)) = unit(token) {
            let count = match (number.take(), std::mem::take(&mut one)) {
                (Some(number), false) if own == 1 => number,
                (None, _) if own > 1 => own,
                (None, true) => 1,
                (None, false) if lone => 1,
                _ if token.is_filler() => continue,
                _ => return None,
            };
            // Days come before hours: otherwise it is no one distance.
            if smallest.replace(unit).is_some_and(|larger| unit >= larger) {
                return None;
            }
            ago.add(unit, count);
        } else if !is_between(token) {
            return None;
        }
    }
    number.is_none().then_some(smallest.map(|_| ago))
}

fn is_mark(token: &Token) -> bool {
    token.means(|m| m == Meaning::Ago)
}

/// What may stand between the parts of a distance; a point or another sign in a number makes it another number.
fn is_between(token: &Token) -> bool {
    let sign = [',', '(', ')', '|', '·', '•', '-', ':'].into_iter().any(|s| token.is(s) && !token.glued)
        || token.is(',')
        || (token.is('.') && token.glued);
    sign || (token.is_filler() && !token.meanings().is_empty())
}

/// The unit, how many of it the word itself says, and whether it may stand without a number.
fn unit(token: &Token) -> Option<(Unit, i64, bool)> {
    let lone = token.means(|m| matches!(m, Meaning::Lone(_)));
    token.meanings().iter().find_map(|m| match m {
        Meaning::Unit(unit, count) => Some((*unit, *count, lone)),
        Meaning::Lone(unit) => Some((*unit, 1, true)),
        _ => None,
    })
}

/// A distance from now.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ago {
    months: i64,
    seconds: i64,
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
    pub(super) fn before<Z: TimeZone>(self, now: DateTime<Z>) -> Option<DateTime<Z>> {
        let months = Months::new(u32::try_from(self.months).ok()?);
        now.checked_sub_months(months)?.checked_sub_signed(Duration::try_seconds(self.seconds)?)
    }
}
