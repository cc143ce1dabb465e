//! What is made once a day: at which instant.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Minutes that a clock may skip: a whole day was, where the date line moved.
const LONGEST_GAP: i64 = 26 * 60;
/// A digest of a day that was missed is made later, for so many days back.
pub const MOST_MISSED: u64 = 7;

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Daily(NaiveTime);

impl Daily {
    /// Reads `07:00`. `None`: it is no time of day.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        NaiveTime::parse_from_str(written, "%H:%M").ok().map(Self)
    }

    /// The instant on a day. Where clocks skip that time, the first instant after the gap; where they show it twice, the first.
    #[must_use]
    pub fn on(self, day: NaiveDate, tz: Tz) -> DateTime<Utc> {
        let local = day.and_time(self.0);
        let shown =
            |minutes| tz.from_local_datetime(&local.checked_add_signed(TimeDelta::minutes(minutes))?).earliest();
        (0..=LONGEST_GAP).find_map(shown).map_or_else(|| local.and_utc(), |instant| instant.to_utc())
    }

    /// The last day whose instant has come.
    #[must_use]
    pub fn last(self, now: DateTime<Utc>, tz: Tz) -> NaiveDate {
        // No zone is further than a day from UTC.
        let today = now.date_naive();
        let latest = today.succ_opt().unwrap_or(today);
        let before = |days| latest.checked_sub_days(Days::new(days));
        (0..=3).filter_map(before).find(|day| self.on(*day, tz) <= now).unwrap_or(today)
    }

    /// The first instant after another; `None` at the end of the calendar.
    #[must_use]
    pub fn next(self, after: DateTime<Utc>, tz: Tz) -> Option<DateTime<Utc>> {
        let last = self.last(after, tz);
        let later = |days| last.checked_add_days(Days::new(days)).map(|day| self.on(day, tz));
        (0..=3).filter_map(later).find(|instant| *instant > after)
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America, Europe, Pacific};

    use super::*;

    fn instant(written: &str) -> DateTime<Utc> {
        written.parse().unwrap()
    }

    #[test]
    fn times_of_day_are_read() {
        for right in ["07:00", "7:00", "00:00", "23:59"] {
            assert!(Daily::parse(right).is_some(), "{right}");
        }
        for wrong in ["25:00", "24:00", "07:60", "7", "07h00", "07:00:00", "7 am", "", "-1:00", "07:00 18:00"] {
            assert_eq!(Daily::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_day_has_its_instant() {
        for (time, tz, day, expected) in [
            ("07:00", Europe::Paris, "2026-03-28", "2026-03-28T06:00:00Z"),
            ("07:00", Europe::Paris, "2026-03-29", "2026-03-29T05:00:00Z"),
            // 02:30 is skipped: 03:00 summer time comes next.
            ("02:30", Europe::Paris, "2026-03-29", "2026-03-29T01:00:00Z"),
            ("03:00", Europe::Paris, "2026-03-29", "2026-03-29T01:00:00Z"),
            // 02:30 comes twice.
            ("02:30", Europe::Paris, "2026-10-25", "2026-10-25T00:30:00Z"),
            ("00:00", America::Santiago, "2026-09-06", "2026-09-06T04:00:00Z"),
            // The day that Samoa skipped.
            ("07:00", Pacific::Apia, "2011-12-30", "2011-12-30T10:00:00Z"),
            ("07:00", Tz::UTC, "2026-06-03", "2026-06-03T07:00:00Z"),
        ] {
            let daily = Daily::parse(time).unwrap();
            assert_eq!(daily.on(day.parse().unwrap(), tz), instant(expected), "{time} {tz} {day}");
        }
    }

    #[test]
    fn the_last_day_and_the_next_instant_meet() {
        for tz in [Europe::Paris, America::St_Johns, Pacific::Kiritimati, Tz::UTC] {
            for time in ["00:00", "02:30", "07:00", "23:59"] {
                let daily = Daily::parse(time).unwrap();
                let mut now = instant("2026-03-07T00:00:00Z");
                let mut seen = Vec::new();
                while now < instant("2026-11-10T00:00:00Z") {
                    let (last, next) = (daily.last(now, tz), daily.next(now, tz).unwrap());
                    assert!(daily.on(last, tz) <= now && next > now, "{time} {tz} {now}");
                    assert_eq!(daily.last(next, tz), last.succ_opt().unwrap(), "{time} {tz} {now}");
                    assert_eq!(daily.last(next - TimeDelta::seconds(1), tz), last);
                    seen.push(last);
                    now = next;
                }
                assert!(
                    seen.windows(2).all(|w| w[0].succ_opt() == Some(w[1])),
                    "{time} {tz}: no day twice, none left out"
                );
            }
        }
    }

    #[test]
    fn the_ends_of_the_calendar_break_nothing() {
        let daily = Daily::parse("07:00").unwrap();
        for end in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            for tz in [Tz::UTC, Pacific::Kiritimati, America::St_Johns] {
                let _day = daily.last(end, tz);
                let _instant = daily.next(end, tz);
            }
        }
    }
}
