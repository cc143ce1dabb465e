//! Instants counted from 1970.

use chrono::{DateTime, Utc};

/// 1990, in seconds: a smaller count is a number like another.
const FIRST: i64 = 631_152_000;
/// 2200, in seconds.
const LAST: i64 = 7_258_118_400;

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, where the number can only be that; also as .NET writes it:
/// `/Date(1772442000000+0100)/`.
pub(super) fn read(written: &str) -> Option<DateTime<Utc>> {
    if let Some(inside) = written.trim_matches(['/', '\\']).strip_prefix("Date(").and_then(|w| w.strip_suffix(')')) {
        let digits = inside.split(['+', '-']).next()?;
        return DateTime::from_timestamp_millis(digits.parse().ok()?).filter(|_| digits.len() >= 12);
    }
    let (whole, fraction) = written.split_once('.').unwrap_or((written, "0"));
    let digits = |text: &str| !text.is_empty() && text.len() <= 19 && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.starts_with('0') {
        return None;
    }
    let value: i64 = whole.parse().ok()?;
    let scale = match whole.len() {
        9..=10 => 1,
        12..=13 => 1_000,
        15..=16 => 1_000_000,
        18..=19 => 1_000_000_000,
        _ => return None,
    };
    let seconds = value / scale;
    let below =
        if scale == 1 { format!("{fraction:0<9.9}").parse().ok()? } else { value % scale * (1_000_000_000 / scale) };
    let nanos = u32::try_from(below).ok()?;
    (FIRST..LAST).contains(&seconds).then(|| DateTime::from_timestamp(seconds, nanos))?
}
