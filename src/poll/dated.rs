//! By which dates an article is listed.

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::Raw;

/// When it was first seen: a document tells the newest first, so that each of its new entries is seen a microsecond before the one
/// above it. What is known keeps the time that is kept of it.
pub(super) fn first_seen(raw: &Raw, now: DateTime<Utc>) -> DateTime<Utc> {
    let is_new = raw.known.as_ref().is_none_or(|known| known.skipped);
    if is_new { now - TimeDelta::microseconds(raw.behind.into()) } else { now }
}

/// When it was published: as entry or page say; where they tell only of a change, that, the first time it is taken. Every
/// later change would give it another place.
pub(super) fn published(raw: &Raw) -> Option<DateTime<Utc>> {
    let (entry, page) = (&raw.entry, raw.page.as_deref().map(|(page, _)| page));
    let told = entry.published.filter(is_a_date).or_else(|| page?.published.map(|d| d.to_utc()));
    let changed = || entry.updated.or_else(|| page?.updated.map(|d| d.to_utc()));
    told.or_else(|| changed().filter(is_a_date).filter(|_| raw.known.as_ref().is_none_or(|known| known.skipped)))
}

/// Whether a date tells anything: the first days that programs count from (1970 in Unix, 1899 and 1900 in spreadsheets, the year 1
/// in .NET) stand for none.
fn is_a_date(date: &DateTime<Utc>) -> bool {
    !matches!((date.year(), date.ordinal()), (..=1, _) | (1970 | 1900, 1..=2) | (1969 | 1899, 363..))
}
