//! Dates as the formats and the languages write them.

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use super::words::{Words, words};
use crate::model::Lang;

/// RFC 3339, in whole seconds.
pub(super) fn rfc3339(date: DateTime<Utc>) -> String {
    four_digit_year(date).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// RFC 822 with four-digit years, as RSS wants it.
pub(super) fn rfc822(date: DateTime<Utc>) -> String {
    four_digit_year(date).format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// The formats have four digits for a year; a source's date may have more.
pub(super) fn four_digit_year(date: DateTime<Utc>) -> DateTime<Utc> {
    if (1..=9999).contains(&date.year()) { date } else { DateTime::UNIX_EPOCH }
}

/// A day in words, marked up: `23 novembre 2026`.
pub(super) fn day(date: DateTime<Utc>, tz: Tz, words: &Words) -> Markup {
    let local = four_digit_year(date).with_timezone(&tz);
    html! { time datetime=(machine(date, tz)) { ((words.day)(local.day(), words.month(local.month()), local.year())) } }
}

/// A title with its day, as people write it in a language: `Matin · 3 juin 2026`.
#[must_use]
pub fn titled(title: &str, day: NaiveDate, lang: &Lang) -> String {
    let words = words(lang);
    format!("{title} · {}", (words.day)(day.day(), words.month(day.month()), day.year()))
}

/// A day and the time of day, marked up: `23 novembre 2026, 14:05`.
pub(super) fn moment(date: DateTime<Utc>, tz: Tz, words: &Words) -> Markup {
    let local = four_digit_year(date).with_timezone(&tz);
    html! {
        time datetime=(machine(date, tz)) {
            ((words.day)(local.day(), words.month(local.month()), local.year())) (words.comma) " "
            (local.format("%H:%M"))
        }
    }
}

fn machine(date: DateTime<Utc>, tz: Tz) -> String {
    four_digit_year(date).with_timezone(&tz).to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_in_the_language_and_the_zone() {
        let date = "2026-11-30T23:30:00Z".parse().unwrap();
        let written = |lang: &str, tz: Tz| day(date, tz, words(&Lang::parse(lang).unwrap())).into_string();
        assert_eq!(
            written("fr", chrono_tz::Europe::Paris),
            "<time datetime=\"2026-12-01T00:30:00+01:00\">1er\u{a0}décembre 2026</time>"
        );
        assert!(written("ar", Tz::UTC).contains("30\u{a0}نوفمبر 2026"));
        assert!(written("en", Tz::UTC).contains("30\u{a0}November 2026"));
        assert!(written("de", Tz::UTC).contains("30. November 2026"));
        assert!(written("es", Tz::UTC).contains("30 de noviembre de 2026"));
    }

    #[test]
    fn a_title_has_its_day() {
        let day = "2026-06-01".parse().unwrap();
        let written = |lang: &str| titled("M", day, &Lang::parse(lang).unwrap());
        assert_eq!(written("fr"), "M · 1er\u{a0}juin 2026");
        assert_eq!(written("ar"), "M · 1\u{a0}يونيو 2026");
        assert_eq!(written("en-GB"), "M · 1\u{a0}June 2026");
    }

    #[test]
    fn years_out_of_range_do_not_break_a_feed() {
        let far = DateTime::<Utc>::MAX_UTC;
        assert_eq!(rfc822(far), "Thu, 01 Jan 1970 00:00:00 +0000");
        assert_eq!(rfc3339(far), "1970-01-01T00:00:00Z");
        assert!(day(far, chrono_tz::Asia::Tokyo, words(&Lang::parse("fr").unwrap())).0.contains("1970"));
    }
}
