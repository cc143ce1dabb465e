use proptest::prelude::*;

use super::*;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, 10, 12, 0, 0).unwrap()
}

fn read_in(written: &str, lang: &str, day_first: Option<bool>, tz: Tz) -> Option<DateTime<FixedOffset>> {
    let lang = Lang::parse(lang);
    parse_date(written, &DateContext { lang: lang.as_ref(), tz, now: now(), day_first })
}

fn read(written: &str, lang: &str) -> Option<DateTime<FixedOffset>> {
    read_in(written, lang, None, Tz::Europe__Paris)
}

/// `\u{2009}` as the character.
fn unescaped(written: &str) -> String {
    let mut parts = written.split("\\u{");
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}').unwrap();
        out.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        out.push_str(rest);
    }
    out
}

#[test]
fn dates_are_read_as_the_table_says() {
    let table = include_str!("../../../tests/fixtures/dates/written.tsv");
    let (mut cases, mut wrong) = (0, Vec::new());
    for line in table.lines().filter(|l| !l.starts_with("# ")) {
        let [lang, order, tz, written, wanted] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let day_first = match order {
            "day" => Some(true),
            "month" => Some(false),
            _ => None,
        };
        let tz = if tz.is_empty() { Tz::Europe__Paris } else { tz.parse().unwrap() };
        let read = read_in(&unescaped(written), lang, day_first, tz);
        let read = read.map_or("-".to_owned(), |d| d.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false));
        cases += 1;
        if read != wanted {
            wrong.push(format!("{written} ({lang}): {read}, not {wanted}"));
        }
    }
    assert!(wrong.is_empty() && cases > 1000, "{} of {cases}: {wrong:#?}", wrong.len());
}

/// What programs in the field write, in the letters of `strftime`.
const LAYOUTS: &str = "%a, %-d %b %Y %T %z|%a, %d %b %Y %T %z|%a, %d %b %Y %T GMT|%a, %d %b %Y %T|%a, %d %b %y %T UTC\
|%a, %d %b %Y %R %z|%a %d %b %Y %T %z|%a, %b %-d %Y %T %z|%a, %b %d, %Y %T|%a, %B %-d, %Y, %-I:%M %p UTC|%a, %-d %B %Y\
|%A, %-d %B %Y %T %z|%A, %B %-d, %Y %T|%A, %B %d, %Y - %-I:%M%P|%A, %B %-d, %Y|%A %d %B %Y %T|%a %b %e %T %Y\
|%a %b %d %T %z %Y|%a %b %-d %T UTC %Y|%a %b %-d, %Y %-I:%M %p|%Y-%m-%dT%TZ|%Y-%m-%dT%T%:z|%Y-%m-%dT%T%z\
|%Y-%m-%dT%T%::z|%Y-%m-%dT%T:%z|%Y-%m-%dT%T.000Z|%Y-%m-%dT%T|%Y-%m-%dT%R|%Y-%m-%dT%RZ|%Y-%m-%dT%R%:z|%Y-%m-%dT%T UTC\
|%Y-%-m-%-dT%T|%Y-%m-%d %T %z UTC|%Y-%m-%d %T%z|%Y-%m-%d %T.0|%Y-%m-%d %T|%Y-%m-%d %R|%Y-%m-%d at %T\
|%Y-%m-%d 00:00:00.0 %T.0 %z|%Y-%m-%d|%Y-%-m-%-d %T|%Y/%m/%d|%Y/%-m/%-d %T|%Y/%m/%d %R|%Y.%m.%d %T|%Y %B %d|%Y-%b-%d\
|%Y%m%d|%Y%m%d%H%M%S|%Y%m%dT%H%M%S|%Y%m%dT%H%M%SZ|%Y%m%dT%H%M|%d %b %Y|%-d %b %y|%d-%b-%Y|%d-%b-%y %R|%d %b %Y %T %z\
|%d %b %Y %T|%d %b %Y - %R|%d %b %Y, %R|%d/%b/%Y %T|%d/%b/%Y:%T %z|%d.%b.%Y|%-d %B, %Y|%-d %B %Y %T UTC|%d %B %Y %I:%M %p\
|%-dth of %B %Y|%-d, %B %Y|%b. %-d, %Y|%b %-d '%y|%b %d, %Y %R|%b %-d, %Y at %-I:%M %P|%b-%d-%Y|%B %-dth, %Y\
|%B %d, %Y %T %z|%B %-d, %Y, %-I:%M %p|%R %-d %b %Y|%R %d.%m.%Y|%-I:%M %p, %b %-d, %Y|%d.%m.%Y|%-d.%-m.%Y|%d.%m.%Y, %R\
|%d.%m.%Y %T|%d.%m.%y|%-d. %B %Y|%y-%-m-%-d %R|%y/%-m/%-d %R|%a, %Y-%m-%d %R|%Y-%m-%d (%a) %R|%a %d.%m.%Y %R\
|%a, %d %b %Y %-I:%M:%S %p %z|%a, %d %b %Y %T UTC+0000|%a, %d %b %Y %T GMT+0000 (GMT)|%a, %d %b %Y %T Europe/London\
|%a, %d %b %Y at %T UTC|%a, %d %b, %Y|%a. %-d %b. %Y|%a, %d-%b-%Y %T GMT|%Y-%m-%dT%H.%M.%SZ|%Y-%m-%d %Hh%M|%Y-%m-%d-%T\
|%Y-%m-%d_%R|%Y-%jT%RZ|%G-W%V-%u|%G-W%V-%uT%TZ|%Y年%-m月%-d日|%Y年%m月%d日 %H時%M分%S秒|%Y. %-m. %-d. %R|%s|%s000";

#[test]
fn layouts_of_programs_give_their_day() {
    let instant = Utc.with_ymd_and_hms(2026, 11, 5, 15, 4, 5).unwrap();
    let mut count = 0;
    for layout in LAYOUTS.split('|') {
        let written = instant.format(layout).to_string();
        let read = read_in(&written, "en", None, Tz::UTC);
        let time = layout.contains(['T', 'R', 'H', 'I', 's']);
        let wanted = if time { "2026-11-05T15:04" } else { "2026-11-05T00:00" };
        assert!(read.is_some_and(|d| d.to_rfc3339().starts_with(wanted)), "{layout}: {written}: {read:?}");
        count += 1;
    }
    assert_eq!(count, 110);
}

#[test]
fn the_order_of_day_and_month_is_told_by_the_other_dates() {
    let told = |lang: &str, dates: &[&str]| {
        let lang = Lang::parse(lang);
        let ctx = DateContext { lang: lang.as_ref(), tz: Tz::UTC, now: now(), day_first: None };
        day_first(dates.iter().copied(), &ctx)
    };
    for (lang, dates, wanted) in [
        ("", &["02/03/2026", "23/11/2025"][..], Some(true)),
        ("", &["02/03/2026", "11/23/2025 10:00"], Some(false)),
        ("", &["02/03/2026", "Mon, 23-11-2025 10:00"], Some(true)),
        // One of each: the dates do not tell.
        ("", &["02/03/2026", "23/11/2025", "11/23/2025"], None),
        ("", &["02/03/2026"], None),
        // The third of December is still to come.
        ("", &["03/12/2026", "02/03/2026"], Some(false)),
        ("", &["09/06/2026", "08/06/2026"], Some(true)),
        // The newest first, and the other way mixed.
        ("", &["05/03/2026", "12/02/2026", "11/01/2026"], Some(true)),
        ("", &["03/05/2026", "02/12/2026", "01/11/2026"], Some(false)),
        ("", &["02/03/2026", "2026-11-23", "23.11.2025"], None),
        // What a language says holds until a date contradicts it.
        ("fr", &["02/03/2026"], Some(true)),
        ("en-US", &["02/03/2026"], Some(false)),
        ("en-US", &["02/03/2026", "23/11/2025"], Some(true)),
        ("en", &["02/03/2026", "03/12/2026"], Some(false)),
        ("en", &["09/06/2026", "08/06/2026"], Some(true)),
        ("en", &["02/03/2026"], None),
        ("fr", &["2026/03/02", "Mon, 02 Mar 2026 10:00:00 GMT", ""], None),
    ] {
        assert_eq!(told(lang, dates), wanted, "{dates:?} ({lang})");
    }
    let ctx = DateContext { lang: None, tz: Tz::UTC, now: now(), day_first: Some(false) };
    assert_eq!(day_first(["23/11/2025"], &ctx), Some(false));
}

/// Twelve names of months of each language that has them.
static MONTHS: std::sync::LazyLock<Vec<(String, Vec<String>)>> = std::sync::LazyLock::new(months);

fn months() -> Vec<(String, Vec<String>)> {
    let table: toml::Table = toml::from_str(include_str!("../../../config/dates.toml")).unwrap();
    let first = |names: &toml::Value| names.as_str().unwrap().split(',').next().unwrap().to_owned();
    let of = |entries: &toml::Value| Some(entries.get("months")?.as_array()?.iter().map(first).collect());
    let all = table.iter().filter_map(|(lang, entries)| Some((lang.clone(), of(entries)?)));
    all.filter(|(_, months): &(String, Vec<String>)| !months.is_empty()).collect()
}

/// Words that stand around dates, and that a hasty reader takes for a part of one.
const WORDS: [&str; 60] = [
    "may",
    "march",
    "sat",
    "second",
    "today",
    "yesterday",
    "ago",
    "hour",
    "day",
    "week",
    "report",
    "the",
    "of",
    "and",
    "in",
    "mars",
    "avril",
    "été",
    "est",
    "et",
    "à",
    "hier",
    "il",
    "y",
    "mai",
    "um",
    "ist",
    "am Rhein",
    "vor",
    "gestern",
    "fa",
    "ore",
    "hoy",
    "hace",
    "set",
    "ago",
    "out",
    "seg",
    "ter",
    "om",
    "van",
    "den",
    "kl",
    "вчера",
    "час",
    "мая",
    "مايو",
    "منذ",
    "أمس",
    "ساعة",
    "昨日",
    "前",
    "updated",
    "Publié",
    "read",
    "by Jane Doe",
    "—",
    "|",
    "(photo)",
    "£",
];

#[test]
fn the_months_of_the_formats_are_read_in_every_language() {
    for (lang, _) in MONTHS.iter() {
        for month in 1..=12 {
            let date = Utc.with_ymd_and_hms(2025, month, 2, 10, 0, 0).unwrap();
            let written = date.format("%a, %d %b %Y %R GMT").to_string();
            assert_eq!(read(&written, lang).map(|d| d.to_utc()), Some(date), "{written} ({lang})");
        }
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![3 => prop::sample::select(&WORDS[..]).prop_map(str::to_owned), 1 => "[a-zé]{4,9}"]
}

proptest! {
    #[test]
    fn never_panics(
        text in "\\PC{0,60}",
        shaped in "[0-9]{1,14}[-/:. T+年月]{1,2}[0-9]{1,9}[-/:. T+a-z時分]{0,3}[0-9]{0,20}( ago| il y a|mars|:|日|前)?",
        lang in "(fr|en|ar|ja|de|es|)",
        first in proptest::option::of(any::<bool>()),
    ) {
        for written in [&text, &shaped, &format!("il y a {shaped} ans"), &format!("{shaped} {text}")] {
            let read = read_in(written, &lang, first, Tz::Asia__Kathmandu);
            prop_assert!(read.is_none_or(|d| day::YEARS.contains(&i64::from(d.year()))));
            let _open = day_first([written.as_str()], &DateContext { lang: None, tz: Tz::UTC, now: now(), day_first: None });
        }
    }

    #[test]
    fn words_say_no_date(
        words in proptest::collection::vec("[\\p{L}\\p{M}]{0,8}[ .,:;/|()+—-]{0,2}", 0..8),
        lang in "(fr|en|ar|ja|de|)",
    ) {
        let text = words.concat();
        let relative = |t: &Token| t.means(|m| matches!(m, Meaning::Today(_) | Meaning::Now | Meaning::Ago));
        let told = |t: &Token| t.number().is_some() || relative(t);
        let tokens = tokens::tokens(&text, Some(&lang)).unwrap_or_default();
        prop_assume!(!tokens.iter().any(told));
        prop_assert_eq!(read(&text, &lang), None);
    }

    #[test]
    fn what_is_written_is_read_back(seconds in 631_152_000_i64..2_145_916_800, layout in 0_usize..20, lang in any::<prop::sample::Index>()) {
        let date = Tz::Europe__Paris.timestamp_opt(seconds / 60 * 60, 0).unwrap();
        // The hour that comes twice is meant by nobody.
        prop_assume!(Tz::Europe__Paris.from_local_datetime(&date.naive_local()).single().is_some());
        let (lang, months) = lang.get(&MONTHS);
        let month = &months[date.month0() as usize];
        let numbers = |layout: &str| date.format(layout).to_string();
        let written = match layout {
            0 => format!("{} {month} {}", numbers("%-d"), numbers("%Y %R")),
            1 => format!("{} {month} {}", numbers("%d"), numbers("%Y, %T")),
            2 => format!("{month} {}", numbers("%-d, %Y %R")),
            3 => format!("{}. {month} {}", numbers("%-d"), numbers("%Y - %R")),
            4 => format!("{} {month} {}", numbers("%R, %d"), numbers("%Y")),
            5 => format!("{} {month} {}", numbers("%Y"), numbers("%d. %R")),
            6 => format!("{}-{month}-{}", numbers("%d"), numbers("%Y %R %z")),
            7 => format!("{} {month} {}", numbers("%-d"), numbers("%Y %-I:%M %P")),
            8 => numbers("%a, %d %b %Y %T %z"),
            9 => numbers("%Y-%m-%dT%T%:z"),
            10 => numbers("%Y-%m-%d %R"),
            11 => numbers("%Y/%-m/%-d %R"),
            12 => numbers("%d.%m.%Y %R"),
            13 => numbers("%Y年%-m月%-d日 %H時%M分"),
            14 => numbers("%s"),
            15 => numbers("%Y%m%dT%H%M%S%z"),
            16 => numbers("%Y-%jT%R%:z"),
            17 => numbers("%G-W%V-%uT%R%:z"),
            18 => numbers(if lang == "en" { "%m/%d/%Y %R" } else { "%d/%m/%Y %R" }),
            _ => numbers("%a %b %e %T %z %Y"),
        };
        prop_assert_eq!(read(&written, lang).map(|d| d.timestamp()), Some(date.timestamp()), "{} ({})", written, lang);
    }

    #[test]
    fn words_around_do_not_move_a_date(
        before in proptest::collection::vec(word(), 0..4),
        after in proptest::collection::vec(word(), 0..4),
        date in prop::sample::select(&[
            "2 March 2026", "2026-03-02T10:00:00Z", "2026-03-02", "2 mars 2026 à 14h30", "March 2, 2026 10:00 PM", "02/03/26",
            "Mon, 02 Mar 2026 10:00:00 GMT", "02.03.2026, 15:00", "٢ مارس ٢٠٢٦", "2026年3月2日 10:00", "3 days ago", "2 mars",
            "il y a 2 heures", "hier", "March 2026", "20260302",
        ][..]),
        lang in "(fr|en|ar|ja|de|es|)",
    ) {
        // A word that is a date, or a word of distance beside a distance, says something else.
        let near = ["ago", "il", "y", "منذ", "hace", "vor", "fa", "前", "ساعة", "час"];
        let distance = ["3 days ago", "il y a 2 heures"].contains(&date);
        let plain = |w: &&String| read(w, &lang).is_none() && !(distance && near.contains(&w.as_str()));
        let words = |words: &[String]| words.iter().filter(plain).cloned().collect::<Vec<_>>().join(" ");
        prop_assume!(read(&words(&before), &lang).is_none());
        let text = [&words(&before), date, &words(&after)].join(" ");
        let moved = read(&text, &lang);
        prop_assert!(moved.is_none() || moved == read(date, &lang), "{} ({}): {:?}", text, lang, moved);
    }
}
