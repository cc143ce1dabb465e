//! The numbers and names that a text tells. Two reports of a row (the weather, quakes, the lottery) share most of their
//! sentences, and few of the numbers and names in these; copies of one text share them, however it was cut and edited.

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::likeness::Beside;
use super::sentences::{sentences, shared_sentences};
use crate::text::{ascii_digit, fold, run_hash, word_hash, words};

/// Fewer names, or fewer of both, tell nothing.
const FEWEST_NAMES: usize = 2;
const FEWEST: usize = 6;
/// The same of two days, on which notices of a row say little (deaths, traffic).
const FEWEST_OF_DAYS: usize = 4;
/// So many names are several, and less than one in so many hardly one.
const SEVERAL_NAMES: usize = 3;
const OF_SEVERAL: usize = 5;
/// Words of a text without capitals that is no notice.
const LONGER_THAN_NOTICES: usize = 50;
/// Where there are no names, so many numbers do.
const MANY_NUMBERS: usize = 10;
/// A text with so many is no plea.
const MORE_THAN_A_PLEA: usize = 4;
/// More names than one in so many words are none.
const NAMES_AMONG_WORDS: usize = 2;
/// The most that are looked at, in the order of the text.
const MOST: usize = 5_000;
/// Of those in the sentences that two texts share so many are in both. Counted over whole texts, of pairs of articles of one
/// event that share text one in 530 has fewer (.47), of pairs of reports by nine templates 93 in 100; what each adds left out,
/// copies under footers and lists of the papers' own are told as before, and a third as many reports are taken for one.
const SHARED: f64 = 0.5;
/// The same of names alone, which an update leaves as they are, and of both where one source gives the two texts.
const SHARED_NAMES: f64 = 0.75;
const SHARED_IN_ONE_SOURCE: f64 = 0.6;
/// The same of numbers alone, and of those that stand at one place in both.
const SHARED_NUMBERS: f64 = 0.3;
/// Words before a number, and after it, by which its place is known.
const AROUND: usize = 2;

/// The numbers and names of a text, each sorted.
#[derive(Debug, Default)]
pub(super) struct Particulars {
    /// In one spelling: without what parts thousands and decimals. Hours are none, as every report of a row has the same.
    numbers: Vec<String>,
    /// The same by the words around each, where nothing else stands there.
    places: Vec<(u64, String)>,
    names: Vec<String>,
    words: usize,
    /// Words in a script that has capitals.
    cased: usize,
}

impl Particulars {
    /// Of a text; of a very long one its beginning.
    pub(super) fn of(text: &str) -> Self {
        let mut all = Self::default();
        sentences(text).for_each(|sentence| all.take(sentence));
        all.sorted()
    }

    /// Of the sentences that share a few words in a row with another text: what each adds for itself says nothing.
    pub(super) fn beside(text: &str, other: &str) -> Self {
        let mut all = Self::default();
        shared_sentences(text, other).0.into_iter().for_each(|sentence| all.take(sentence));
        all.sorted()
    }

    fn take(&mut self, sentence: &str) {
        let runs: Vec<&str> = runs(sentence).collect();
        // Each word as a number, and the numbers with how many words stand before them.
        let (mut words, mut numbers) = (Vec::new(), Vec::new());
        // The last letters, and what stands between them and what comes next.
        let (mut before, mut gap) = ("", "");
        let mut rest = runs.as_slice();
        while let [run, after @ ..] = rest {
            if self.numbers.len() + numbers.len() + self.names.len() >= MOST {
                break;
            }
            rest = after;
            let first = run.chars().next().unwrap_or(' ');
            if first.is_numeric() {
                let (number, is_hour, after) = number(run, after);
                rest = after;
                numbers.extend((!is_hour).then_some((words.len(), number)));
                (before, gap) = ("", "");
            } else if first.is_alphabetic() {
                let folded = fold(run);
                words.push(word_hash(&folded));
                self.words += 1;
                self.cased += usize::from(first.is_uppercase() || first.is_lowercase());
                if first.is_uppercase() && run.chars().count() > 2 && is_within_a_sentence(before, gap) {
                    self.names.push(folded);
                }
                (before, gap) = (run, "");
            } else {
                gap = run;
            }
        }
        for (at, number) in numbers {
            let around = &words[at.saturating_sub(AROUND)..words.len().min(at + AROUND)];
            if around.len() > AROUND {
                let place = run_hash(&[around, &[at.min(AROUND) as u64]].concat());
                self.places.push((place, number.clone()));
            }
            self.numbers.push(number);
        }
    }

    fn sorted(mut self) -> Self {
        // Where Every Other Word Has a Capital it names nothing.
        if self.names.len() * NAMES_AMONG_WORDS > self.words {
            self.names.clear();
        }
        self.places.sort_unstable();
        self.places.dedup();
        let alone = self.places.chunk_by(|a, b| a.0 == b.0).filter(|here| here.len() == 1);
        self.places = alone.flatten().cloned().collect();
        for all in [&mut self.numbers, &mut self.names] {
            all.sort_unstable();
            all.dedup();
        }
        self
    }

    /// Whether there are more than a notice has ("for subscribers only"), which is full of prices, hours and telephone numbers. Where
    /// no capital tells a name, a text that is longer than most notices does.
    pub(super) fn name_somebody(&self) -> bool {
        let has_no_capitals = self.cased * 10 < self.words;
        self.names.len() >= FEWEST_NAMES || has_no_capitals && self.words >= LONGER_THAN_NOTICES
    }

    /// Whether there are several names, and hardly one of them among the others.
    pub(super) fn name_others(&self, others: &Self) -> bool {
        let known = self.names.iter().filter(|name| others.names.binary_search(name).is_ok()).count();
        self.names.len() >= SEVERAL_NAMES && known * OF_SEVERAL < self.names.len()
    }

    /// Whether at most of the places that two texts have in common stand other numbers.
    fn figures_differ(&self, others: &Self) -> bool {
        let there = |place: u64| others.places.binary_search_by_key(&place, |(at, _)| *at).ok();
        let common = self.places.iter().filter_map(|(place, number)| Some((number, &others.places[there(*place)?].1)));
        let (all, equal) = common.fold((0, 0), |(all, equal), (a, b)| (all + 1, equal + usize::from(a == b)));
        all >= FEWEST && (equal as f64) < all as f64 * SHARED_NUMBERS
    }

    /// Whether there are more of both than a plea has.
    pub(super) fn tell(&self) -> bool {
        self.numbers.len() + self.names.len() >= MORE_THAN_A_PLEA
    }
}

/// Whether two texts that share sentences tell other things in these. `days`: whether they are of two days, whose figures differ
/// where the names are the same (the stock exchange, the weather of a town); an update comes within hours.
pub(super) fn tell_other_things(one: &str, other: &str, beside: Beside, days: bool) -> bool {
    let (shorter, longer) = if one.len() < other.len() { (one, other) } else { (other, one) };
    let own = Particulars::beside(shorter, longer);
    let (numbers, names) = (own.numbers.len(), own.names.len());
    let others = Particulars::of(longer);
    if days && own.figures_differ(&others) {
        return true;
    }
    let fewest = if days { FEWEST_OF_DAYS } else { FEWEST };
    if names < FEWEST_NAMES && numbers < MANY_NUMBERS || names + numbers < fewest {
        return false;
    }
    let shared = |own: &[String], others: &[String]| own.iter().filter(|one| others.binary_search(one).is_ok()).count();
    let (of_numbers, of_names) = (shared(&own.numbers, &others.numbers), shared(&own.names, &others.names));
    let fewer = |part: usize, of: usize, least: f64| (part as f64) < of as f64 * least;
    if days && numbers >= FEWEST && fewer(of_numbers, numbers, SHARED_NUMBERS) {
        return true;
    }
    // Written without capitals, or with nothing else: it names all the same.
    let nameless = others.names.is_empty();
    if names < FEWEST_NAMES || nameless {
        return numbers >= MANY_NUMBERS && fewer(of_numbers, numbers, SHARED_NUMBERS);
    }
    let least = if beside == Beside::SameSource { SHARED_IN_ONE_SOURCE } else { SHARED };
    fewer(of_names, names, SHARED_NAMES) && fewer(of_numbers + of_names, numbers + names, least)
}

/// A number that begins with these digits, whether it is an hour, and what comes after it.
pub(super) fn number<'r, 't>(digits: &str, mut rest: &'r [&'t str]) -> (String, bool, &'r [&'t str]) {
    let has = |run: &str, digits: usize| run.chars().all(char::is_numeric) && run.chars().count() == digits;
    let is_space = |gap: &str| matches!(gap, " " | "\u{a0}" | "\u{202f}");
    let is_h = |run: &str| matches!(run, "h" | "H");
    let mut all: String = digits.chars().map(ascii_digit).collect();
    let hour = match rest {
        [":", minutes, after @ ..] if has(minutes, 2) => Some((*minutes, after)),
        [h, minutes, after @ ..] if is_h(h) && has(minutes, 2) => Some((*minutes, after)),
        [a, h, b, minutes, after @ ..] if is_space(a) && is_h(h) && is_space(b) && has(minutes, 2) => {
            Some((*minutes, after))
        }
        [h, after @ ..] if is_h(h) => Some(("", after)),
        [gap, h, after @ ..] if is_space(gap) && is_h(h) => Some(("", after)),
        _ => None,
    };
    if let Some((minutes, after)) = hour {
        all.push('h');
        all.extend(minutes.chars().map(ascii_digit));
        return (all, true, after);
    }
    let in_thousands = digits.chars().count() <= 3;
    while let [gap, more, after @ ..] = rest
        && more.chars().all(char::is_numeric)
        && (matches!(*gap, "," | ".") || in_thousands && has(more, 3) && (is_space(gap) || matches!(*gap, "'" | "’")))
    {
        all.extend(more.chars().map(ascii_digit));
        rest = after;
    }
    (all, false, rest)
}

/// Whether two folded titles are one but for a number, and words beside it, that in each is the day of its date or the next to that
/// ("the weather of 5 November", in the evening before).
pub(super) fn titles_tell_days(one: (&str, DateTime<Utc>), other: (&str, DateTime<Utc>)) -> bool {
    let (a, b): (Vec<&str>, Vec<&str>) = (words(one.0).collect(), words(other.0).collect());
    if a.len() != b.len() {
        return false;
    }
    let day = |date: DateTime<Utc>, days| date.checked_add_signed(TimeDelta::days(days)).map(|date| date.day());
    let digits = |word: &str| word.trim_end_matches(char::is_alphabetic).parse::<u32>().ok();
    let tells = |word: &str, date| digits(word).is_some_and(|told| (-1..=1).any(|days| day(date, days) == Some(told)));
    let told =
        |at: usize| a.get(at).zip(b.get(at)).is_some_and(|(a, b)| a != b && tells(a, one.1) && tells(b, other.1));
    let mut differ = (0..a.len()).filter(|at| a[*at] != b[*at]).peekable();
    let is_one = differ.clone().count() < a.len();
    is_one && differ.peek().is_some() && differ.all(|at| told(at) || told(at + 1) || at > 0 && told(at - 1))
}

/// Whether a capital after these does not begin a sentence, nor stands among others.
fn is_within_a_sentence(before: &str, gap: &str) -> bool {
    matches!(gap, " " | "\u{a0}" | "'" | "’" | ", ") && before.ends_with(char::is_lowercase)
}

/// A text in runs of letters, of digits, and of what is neither.
pub(super) fn runs(text: &str) -> impl Iterator<Item = &str> {
    let class = |c: char| (c.is_numeric(), c.is_alphabetic());
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = class(rest.chars().next()?);
        let (run, after) = rest.split_at(rest.find(|c| class(c) != first).unwrap_or(rest.len()));
        rest = after;
        Some(run)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_told() {
        let of = |text: &str| {
            let Particulars { numbers, names, .. } = Particulars::of(text);
            numbers.into_iter().chain(names).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of("Un séisme de magnitude 6,2 a frappé Padang, Indonésie. Il était 15h30."), "62 indonesie padang");
        assert_eq!(of("Le préfet Élie Ghanem parle d'Alger. Personne d’autre."), "alger elie ghanem");
        assert_eq!(of("H1N1 ٣٤ 東京 ABC DEF"), "1 34");
        let spelt = "1 200 000 euros, 3.400 $, 8,5 % à 18 h, 18 h 30, 18:45 ou 9h, de 12 à 250 et 3-1";
        assert_eq!(of(spelt), "1 12 1200000 250 3 3400 85");
        assert_eq!(of("Le Maire De Lyon Parle Du Budget Et Des Écoles"), "");
        assert_eq!(of(""), "");
    }

    fn of_days(titles: [&str; 2], days: [&str; 2]) -> bool {
        let [a, b] = titles.map(fold);
        let [on, then] = days.map(|day| format!("2026-{day}T07:00:00Z").parse().unwrap());
        titles_tell_days((&a, on), (&b, then)) && titles_tell_days((&b, then), (&a, on))
    }

    #[test]
    fn a_title_tells_its_day() {
        let weather = |day: &str| format!("La météo du {day}");
        for (one, other) in [("5 novembre", "6 novembre"), ("lundi 5 novembre", "mardi 6 novembre"), ("5/11", "6/11")] {
            assert!(of_days([&weather(one), &weather(other)], ["11-05", "11-06"]), "{one}");
        }
        assert!(
            of_days([&weather("30 novembre"), &weather("1er décembre")], ["11-29", "11-30"]),
            "told the evening before"
        );
        assert!(of_days(["天气 5 日", "天气 6 日"], ["11-05", "11-06"]));
        for (one, other) in [("5 novembre", "5 novembre"), ("5 novembre", "6 novembre à Lyon"), ("5 novembre", "neige")]
        {
            assert!(!of_days([&weather(one), &weather(other)], ["11-05", "11-06"]), "{other}");
        }
        assert!(!of_days(["Séisme : 12 morts", "Séisme : 15 morts"], ["11-05", "11-06"]));
        assert!(!of_days(["La météo du 5 novembre", "Le temps du 6 novembre"], ["11-05", "11-06"]));
        assert!(!of_days(["5", "6"], ["11-05", "11-06"]) && !of_days(["", ""], ["11-05", "11-06"]));
    }

    #[test]
    fn figures_are_told_by_their_places() {
        // Small numbers, of which each is somewhere in the other report too.
        let weather = |degrees: [u32; 7]| {
            let towns = ["Lille", "Brest", "Nantes", "Rennes", "Lyon", "Nice", "Ajaccio"];
            let told = towns.iter().zip(degrees).map(|(town, n)| format!("{n} degrés à {town}"));
            format!("L'après-midi le mercure affichera vers 16h00 {}.", told.collect::<Vec<_>>().join(", "))
        };
        let (one, other) = (weather([5, 6, 7, 8, 9, 10, 11]), weather([6, 7, 8, 9, 10, 11, 5]));
        assert_eq!([true, false].map(|days| tell_other_things(&one, &other, Beside::OtherTitle, days)), [true, false]);
        let updated = weather([5, 6, 7, 8, 9, 10, 15]);
        assert!(!tell_other_things(&one, &updated, Beside::OtherTitle, true), "one figure was corrected");
    }

    /// Reports by one template, of two places and six numbers.
    fn report(places: [&str; 3], number: usize) -> String {
        let [a, b, c] = places;
        let [x, y, z] = [number, number + 1, number + 2];
        format!(
            "On a annoncé une secousse de magnitude {x} près de {a}, ressentie jusque dans la ville de {b}. L'épicentre a été \
             localisé à {y} kilomètres de la côte, à une profondeur de {z}, selon le service de {c}."
        )
    }

    /// Of no particulars.
    fn prose() -> String {
        " on ne sait rien de plus pour le moment et les secours sont en route vers les lieux du drame".repeat(4)
    }

    fn titled(text: &str) -> String {
        let word =
            |w: &str| w.chars().take(1).flat_map(char::to_uppercase).chain(w.chars().skip(1)).collect::<String>();
        text.split(' ').map(word).collect::<Vec<_>>().join(" ")
    }

    fn are_apart(a: &str, b: &str, beside: Beside) -> bool {
        tell_other_things(a, b, beside, false)
    }

    #[test]
    fn reports_are_apart_and_copies_are_not() {
        let one = report(["Padang", "Davao", "Palu"], 10);
        let other = report(["Iquique", "Arica", "Oaxaca"], 50);
        assert!(are_apart(&one, &other, Beside::OtherTitle));
        // What each adds for itself does not outvote what is shared.
        let more = " Lire aussi : le maire Jean Petit à Lens, le préfet Paul Roux à Metz, et Marie Blanc à Brest le 14 et le 15.";
        assert!(!are_apart(&one, &format!("{one}{more}"), Beside::OtherTitle));
        assert!(!are_apart(
            &format!("{one} Contact : rue Pasteur, Nice, téléphone 04 93 00 11 22."),
            &format!("{one}{more}"),
            Beside::SameSource
        ));
        // Other numbers alone are an update.
        assert!(!are_apart(&one, &report(["Padang", "Davao", "Palu"], 90), Beside::SameSource));
        // Those of another day are another report.
        let later = report(["Padang", "Davao", "Palu"], 90)
            .replace("secousse", "secousse de 20 secondes, de 8 à 9 heures 47, et");
        let today = later.replace("20", "31").replace("47", "12").replace("8 à 9", "14 à 16").replace('9', "7");
        assert_eq!(
            [false, true].map(|days| tell_other_things(&later, &today, Beside::OtherTitle, days)),
            [false, true]
        );
        // Names are names without capitals, and where every word has one.
        let far = format!("{}{}", report(["Iquique", "Arica", "Oaxaca"], 50), prose());
        assert!(are_apart(&one, &far, Beside::OtherTitle));
        for copy in [one.to_lowercase(), titled(&one), one.to_uppercase()] {
            assert!(!are_apart(&one, &(copy + &prose()), Beside::OtherTitle));
        }
        // The same numbers in other digits are the same.
        let arabic: String =
            one.chars().map(|c| c.to_digit(10).map_or(c, |d| char::from_u32(0x660 + d).unwrap())).collect();
        assert!(!are_apart(&one, &arabic, Beside::OtherTitle));
    }
}
