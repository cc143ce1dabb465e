//! Dates as people and programs write them: the formats' own, their usual faults, and prose in several languages.

mod clock;
mod day;
mod tokens;
mod words;

use chrono::{DateTime, Duration, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::model::Lang;
use clock::Clock;
use tokens::{Token, is_letter};
use words::Meaning;

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
    if let Ok(exact) = DateTime::parse_from_rfc3339(written.trim()) {
        return Some(exact);
    }
    if let Some(exact) = rfc2822(written.trim()) {
        return Some(exact);
    }
    let lang = ctx.lang.map(Lang::primary);
    let mut tokens = tokens::tokens(written, lang)?;
    if let Some(instant) = epoch(&tokens) {
        return Some(instant.fixed_offset());
    }
    let now = ctx.now.with_timezone(&ctx.tz);
    if tokens.iter().any(|t| t.means(|m| m == Meaning::Now)) && day::strict(&without_now(&tokens)) {
        return Some(now.fixed_offset());
    }
    if let Some(ago) = day::ago(&tokens) {
        return ago.before(now).map(|d| d.fixed_offset());
    }
    let short = (0..tokens.len()).find_map(|i| day::short_time(&mut tokens, i));
    let written_clock = if short.is_some() { None } else { clock::find(&mut tokens) };
    let around =
        day::Around { today: now.date_naive(), day_first: ctx.day_first.or_else(|| ctx.lang.and_then(day_first)) };
    let (day, compact) = day::find(&mut tokens, &around)?;
    at(day, written_clock.or(short).or(compact), ctx.tz)
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

fn without_now(tokens: &[Token]) -> Vec<Token> {
    tokens.iter().filter(|t| !t.means(|m| m == Meaning::Now)).cloned().collect()
}

/// Who writes the month first: the United States and who follows them; English without a country is theirs in feeds.
fn day_first(lang: &Lang) -> Option<bool> {
    Some(!matches!(lang.as_str(), "en" | "en-US" | "en-PH"))
}

/// Seconds or milliseconds since 1970, where the number can only be that.
fn epoch(tokens: &[Token]) -> Option<DateTime<Utc>> {
    let (first, rest) = tokens.split_first()?;
    let (value, digits) = first.number()?;
    let fraction = rest.is_empty() || (rest.len() == 2 && rest[0].is('.') && rest[1].number().is_some());
    match (digits, fraction) {
        (9 | 10, true) => DateTime::from_timestamp(value, 0),
        (13, true) => DateTime::from_timestamp_millis(value),
        (16, true) => DateTime::from_timestamp_micros(value),
        _ => None,
    }
}

fn at(day: NaiveDate, clock: Option<Clock>, tz: Tz) -> Option<DateTime<FixedOffset>> {
    let Some(clock) = clock else { return local(day.and_hms_opt(0, 0, 0)?, tz) };
    // Counted on from midnight, so that one too many (24:00, 60 seconds) is the next.
    let seconds = i64::from(clock.hour) * 3600 + i64::from(clock.minute) * 60 + i64::from(clock.second);
    let time = day
        .and_hms_opt(0, 0, 0)?
        .checked_add_signed(Duration::seconds(seconds) + Duration::nanoseconds(i64::from(clock.nano)))?;
    match clock.zone {
        Some(seconds) => FixedOffset::east_opt(seconds)?.from_local_datetime(&time).single(),
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(written: &str, lang: &str) -> Option<String> {
        let lang = Lang::parse(lang);
        let now = Utc.with_ymd_and_hms(2026, 6, 10, 12, 0, 0).unwrap();
        let ctx = DateContext { lang: lang.as_ref(), tz: Tz::Europe__Paris, now, day_first: None };
        parse_date(written, &ctx).map(|d| d.format("%Y-%m-%dT%H:%M:%S%:z").to_string())
    }

    fn all(lang: &str, cases: &[(&str, &str)]) {
        for (written, wanted) in cases {
            let wanted = (!wanted.is_empty()).then_some(*wanted);
            assert_eq!(read(written, lang).as_deref(), wanted, "{written}");
        }
    }

    #[test]
    fn the_formats_of_feeds() {
        all(
            "",
            &[
                ("Mon, 02 Mar 2026 10:00:00 +0100", "2026-03-02T10:00:00+01:00"),
                ("2 Mar 26 10:00 EST", "2026-03-02T10:00:00-05:00"),
                ("Wed, 02 Mar 2026 10:00:00 GMT+2", "2026-03-02T10:00:00+02:00"),
                ("Sun Jan 4 16:29:06 PST 2004", "2004-01-04T16:29:06-08:00"),
                ("Mon, 02 Mar 2026 24:00:00 GMT", "2026-03-03T00:00:00+00:00"),
                ("2026-03-02T10:00:00.123+0100", "2026-03-02T10:00:00+01:00"),
                ("2026-03-02 10:00:00", "2026-03-02T10:00:00+01:00"),
                ("2026-03-02T10:00Z", "2026-03-02T10:00:00+00:00"),
                ("20260302T100000Z", "2026-03-02T10:00:00+00:00"),
                ("2002-12-31T192030+01:00", "2002-12-31T19:20:30+01:00"),
                ("2026-06-31T10:00:60Z", "2026-07-01T10:01:00+00:00"),
                ("26-03-02T10:00:00Z", "2026-03-02T10:00:00+00:00"),
                ("2026-03", "2026-03-01T00:00:00+01:00"),
                ("2026-061", "2026-03-02T00:00:00+01:00"),
                ("2026-W10-1", "2026-03-02T00:00:00+01:00"),
                ("1772442000", "2026-03-02T09:00:00+00:00"),
                ("1772442000000", "2026-03-02T09:00:00+00:00"),
                ("March 2, 2026", "2026-03-02T00:00:00+01:00"),
                ("Monday, March 2nd, 2026 at 3:05 p.m.", "2026-03-02T15:05:00+01:00"),
                ("2004년 05월 28일  오후 11:23:17", "2004-05-28T23:23:17+02:00"),
                ("2026年3月2日 10時05分", "2026-03-02T10:05:00+01:00"),
                ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T12:00:00-05:00"),
                ("2004-július-13T9:15-05:00", "2004-07-13T09:15:00-05:00"),
            ],
        );
    }

    #[test]
    fn prose_in_french() {
        all(
            "fr",
            &[
                ("3 juin 2026 à 14h30", "2026-06-03T14:30:00+02:00"),
                ("Publié le mercredi 3 juin 2026 à 9 h", "2026-06-03T09:00:00+02:00"),
                ("1er février 2026", "2026-02-01T00:00:00+01:00"),
                ("lun., 02 mars 2026", "2026-03-02T00:00:00+01:00"),
                ("mar. 3 mars 2026, 8h05", "2026-03-03T08:05:00+01:00"),
                ("le 5 déc. 2025 à 9 h 05", "2025-12-05T09:05:00+01:00"),
                ("02/03/2026", "2026-03-02T00:00:00+01:00"),
                ("02/03/2026 10:00", "2026-03-02T10:00:00+01:00"),
                ("hier à 9 h", "2026-06-09T09:00:00+02:00"),
                ("avant-hier", "2026-06-08T00:00:00+02:00"),
                ("Aujourd’hui, 10:15", "2026-06-10T10:15:00+02:00"),
                ("il y a 2 heures", "2026-06-10T12:00:00+02:00"),
                ("Il y a une semaine", "2026-06-03T14:00:00+02:00"),
                ("3 juin", "2026-06-03T00:00:00+02:00"),
                ("24 décembre", "2025-12-24T00:00:00+01:00"),
                ("juin 2026", "2026-06-01T00:00:00+02:00"),
                ("Lundi 2 mars 2026 - 10:00", "2026-03-02T10:00:00+01:00"),
                ("Le 3 juin 2026 à 14 h 30 min", "2026-06-03T14:30:00+02:00"),
                ("Il y a 5 min", "2026-06-10T13:55:00+02:00"),
                ("Publié par A. Dupont le 03.06.26 à 10:00", ""),
                ("Wed Jun 03 2026 10:00:00 GMT+0200 (heure d’été d’Europe centrale)", "2026-06-03T10:00:00+02:00"),
            ],
        );
    }

    #[test]
    fn prose_in_other_languages() {
        all(
            "ar",
            &[
                ("٣ يونيو ٢٠٢٦", "2026-06-03T00:00:00+02:00"),
                ("الأربعاء 3 حزيران 2026 - 14:30", "2026-06-03T14:30:00+02:00"),
                ("2 كانون الثاني 2026", "2026-01-02T00:00:00+01:00"),
                ("15 تشرين الأول 2025", "2025-10-15T00:00:00+02:00"),
                ("3 جوان 2026 10:30 م", "2026-06-03T22:30:00+02:00"),
                ("منذ ساعتين", "2026-06-10T12:00:00+02:00"),
                ("منذ 3 أيام", "2026-06-07T14:00:00+02:00"),
                ("أمس", "2026-06-09T00:00:00+02:00"),
            ],
        );
        all(
            "en",
            &[
                ("June 3, 2026, 10:00 AM", "2026-06-03T10:00:00+02:00"),
                ("May 3", "2026-05-03T00:00:00+02:00"),
                ("03-Jun-26", "2026-06-03T00:00:00+02:00"),
                ("3 days ago", "2026-06-07T14:00:00+02:00"),
                ("an hour ago", "2026-06-10T13:00:00+02:00"),
            ],
        );
        all("en", &[("06/03/2026", "2026-06-03T00:00:00+02:00"), ("Yesterday at 9:30am", "2026-06-09T09:30:00+02:00")]);
        all("en-GB", &[("06/03/2026", "2026-03-06T00:00:00+01:00")]);
        all(
            "es",
            &[("3 de junio de 2026", "2026-06-03T00:00:00+02:00"), ("hace 2 horas", "2026-06-10T12:00:00+02:00")],
        );
        all(
            "de",
            &[
                ("3. Juni 2026, 14.30 Uhr", "2026-06-03T14:30:00+02:00"),
                ("vor 2 Tagen", "2026-06-08T14:00:00+02:00"),
                ("Stand: 01.06.2026, 15:00 Uhr", "2026-06-01T15:00:00+02:00"),
            ],
        );
        all(
            "it",
            &[
                ("3 giugno 2026 alle 14:30", "2026-06-03T14:30:00+02:00"),
                ("2 ore fa", "2026-06-10T12:00:00+02:00"),
                ("un'ora fa", "2026-06-10T13:00:00+02:00"),
            ],
        );
        all("pt", &[("3 de março de 2026", "2026-03-03T00:00:00+01:00"), ("há 2 horas", "2026-06-10T12:00:00+02:00")]);
        all(
            "nl",
            &[("3 mei 2026 om 14.30 uur", "2026-05-03T14:30:00+02:00"), ("gisteren", "2026-06-09T00:00:00+02:00")],
        );
        all(
            "ru",
            &[
                ("3 июня 2026 г., 14:30", "2026-06-03T14:30:00+02:00"),
                ("вчера в 10:30", "2026-06-09T10:30:00+02:00"),
                ("2 часа назад", "2026-06-10T12:00:00+02:00"),
            ],
        );
    }

    #[test]
    fn words_without_a_date_give_none() {
        for lang in ["", "en", "fr", "ar"] {
            for text in [
                "",
                "hello",
                "may",
                "March for peace",
                "The May 68 movement and 5 others",
                "12",
                "3.14",
                "10:30",
                "192.168.10.12",
                "article 49",
                "Second place",
                "il y a quelqu'un",
                "hier encore, j'avais vingt ans",
                "32 mars 2026",
                "31/02/2026",
                "version 1.2.3",
                "+33 1 02 03 04 05",
            ] {
                assert_eq!(read(text, lang), None, "{text} ({lang})");
            }
        }
    }

    #[test]
    fn an_order_that_nothing_tells_is_not_guessed() {
        assert_eq!(read("02/03/2026", ""), None);
        assert_eq!(read("23/03/2026", "").as_deref(), Some("2026-03-23T00:00:00+01:00"));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}", shaped in "[0-9]{1,14}[-/:. T+]{1,2}[0-9]{1,9}[-/:. T+a-z]{0,3}[0-9]{0,20}( ago| il y a|mars|:)?") {
            let _ = (read(&text, "fr"), read(&shaped, ""), read(&format!("il y a {shaped} ans"), "fr"));
        }
    }
}
