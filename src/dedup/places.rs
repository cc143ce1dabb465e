//! Which names and numbers stand where: between the everyday words of a text, which reports by one template have in common.
//! What stands there in another report is other; in a copy it is the same, however it was cut and edited.

use super::particulars::{number, runs};
use super::sentences::sentences;
use crate::text::{fold, is_hashed_stop_word, run_hash, word_hash};

/// Everyday words before a place, and after it, by which it is known.
const AROUND: usize = 2;
/// Before the first word of a sentence and after its last.
const EDGE: u64 = 0;
/// Two texts have other names at their common places where so many names and numbers stand there, so many of the names are other,
/// and no more than half of all is the same. In 2,700 pairs of copies each name that had its place in both was the same; numbers
/// an update has others.
const FEWEST: usize = 4;
const OTHER_NAMES: usize = 2;
/// Of two days less than this of all is the same; or no more than half, and so many are other, a name among them.
const SAME_ANOTHER_DAY: f64 = 2.0 / 3.0;
const OTHERS: usize = 3;
/// More names than one in so many words are none.
const NAMES_AMONG_WORDS: usize = 2;

/// What stands between two everyday words.
#[derive(Debug, Default, Clone)]
struct Place {
    /// The words around it.
    around: u64,
    /// Each as a number, sorted.
    names: Vec<u64>,
    numbers: Vec<u64>,
}

/// The places of a text at which names or numbers stand, in the order of the words around them.
pub(super) struct Places(Vec<Place>);

impl Places {
    /// Of a text.
    pub(super) fn of(text: &str) -> Self {
        let (mut all, mut words, mut names) = (Vec::new(), 0, 0);
        for sentence in sentences(text) {
            let before = all.len();
            words += take(sentence, &mut all);
            names += all[before..].iter().map(|place: &Place| place.names.len()).sum::<usize>();
        }
        // Where Every Other Word Has a Capital it names nothing.
        if names * NAMES_AMONG_WORDS > words + names {
            all.clear();
        }
        all.sort_unstable_by_key(|place| place.around);
        let alone = all.chunk_by(|a, b| a.around == b.around).filter(|here| here.len() == 1);
        Self(alone.flatten().cloned().collect())
    }

    /// Whether at the places that two texts have in common stand other names. `days`: whether they are of two days.
    pub(super) fn hold_others(&self, others: &Self, days: bool) -> bool {
        let (mut names, mut numbers) = ((0, 0), (0, 0));
        for place in &self.0 {
            let Ok(at) = others.0.binary_search_by_key(&place.around, |other| other.around) else { continue };
            let there = &others.0[at];
            for (sum, one, other) in
                [(&mut names, &place.names, &there.names), (&mut numbers, &place.numbers, &there.numbers)]
            {
                *sum = (sum.0 + one.len().min(other.len()), sum.1 + equal(one, other));
            }
        }
        let (all, same) = (names.0 + numbers.0, names.1 + numbers.1);
        let other_names = names.0 - names.1;
        let half = same * 2 <= all;
        let another_day = || match half {
            true => other_names > 0 && all - same >= OTHERS,
            false => other_names >= OTHER_NAMES && (same as f64) < all as f64 * SAME_ANOTHER_DAY,
        };
        all >= FEWEST && (half && other_names >= OTHER_NAMES || days && another_day())
    }
}

/// Takes the places of a sentence; how many everyday words it has.
fn take(sentence: &str, all: &mut Vec<Place>) -> usize {
    let runs: Vec<&str> = runs(sentence).collect();
    let mut words = vec![EDGE; AROUND];
    // What stands after so many words.
    let mut held: Vec<(usize, Place)> = Vec::new();
    let mut rest = runs.as_slice();
    let mut first = true;
    while let [run, after @ ..] = rest {
        rest = after;
        let begins = run.chars().next().unwrap_or(' ');
        let is_number = begins.is_numeric();
        if !is_number && !begins.is_alphabetic() {
            continue;
        }
        let (name, value) = if is_number {
            let (number, _, after) = number(run, after);
            rest = after;
            (false, word_hash(&number))
        } else {
            let folded = fold(run);
            let hash = word_hash(&folded);
            let capital = |run: &&str| run.starts_with(char::is_uppercase);
            // The first word of a sentence has a capital anyhow; a name goes on, or meets another ("Brest - Lens").
            let goes_on = || matches!(after, [" " | "-" | " - " | " – ", next, ..] if capital(next));
            let name = begins.is_uppercase() && (!first || goes_on() && !is_hashed_stop_word(hash, &folded));
            if !name {
                words.push(hash);
            }
            (name, hash)
        };
        first = false;
        if is_number || name {
            if held.last().is_none_or(|(at, _)| *at != words.len()) {
                held.push((words.len(), Place::default()));
            }
            let place = held.last_mut().map(|(_, place)| if name { &mut place.names } else { &mut place.numbers });
            place.into_iter().for_each(|values| values.push(value));
        }
    }
    let count = words.len() - AROUND;
    words.extend([EDGE; AROUND]);
    for (at, mut place) in held {
        place.around = run_hash(&words[at - AROUND..at + AROUND]);
        place.names.sort_unstable();
        place.numbers.sort_unstable();
        all.push(place);
    }
    count
}

/// How many two sorted lists have in common.
fn equal(one: &[u64], other: &[u64]) -> usize {
    let mut rest = other;
    let mut equal = 0;
    for value in one {
        rest = &rest[rest.partition_point(|other| other < value)..];
        if rest.first() == Some(value) {
            equal += 1;
            rest = &rest[1..];
        }
    }
    equal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold_others(one: &str, other: &str) -> [bool; 2] {
        [false, true].map(|days| Places::of(one).hold_others(&Places::of(other), days))
    }

    #[test]
    fn reports_by_one_template_hold_others_at_the_same_places() {
        let death = |name: &str, age: u32, day: u32, town: &str, home: &str| {
            format!(
                "{name}, {age} ans, nous a quittés le {day} novembre. La cérémonie sera célébrée à 16 h en l'église de {town}. \
                 La famille remercie le personnel de l'Ehpad {home} pour son dévouement. Cet avis tient lieu de faire-part."
            )
        };
        let one = death("Denise Morvan", 82, 1, "Plabennec", "de Kersalic");
        assert_eq!(hold_others(&one, &death("Paul Le Bihan", 84, 4, "Plabennec", "de Kersalic")), [true, true]);
        assert_eq!(hold_others(&one, &death("Denise Cariou", 82, 4, "Guipavas", "de Kersalic")), [false, true]);
        assert_eq!(hold_others(&one, &death("Denise Morvan", 83, 2, "Plabennec", "de Kersalic")), [false, false]);
        let traffic = |line: &str, from: &str, to: &str, hour: &str| {
            format!(
                "Le trafic est interrompu sur la ligne {line} du RER entre {from} et {to} en raison d'un incident. La reprise est estimée à {hour}."
            )
        };
        let [one, other] = [traffic("A", "Denfert", "Melun", "21 h 25"), traffic("C", "Nation", "Melun", "12 h 21")];
        assert_eq!(hold_others(&one, &other), [true, true]);
        let sheet = |teams: &str, by: &str| format!("{teams} (mi-temps : 0-1). Buts : {by}. Spectateurs : 12 000.");
        let other = sheet("Lens - Lyon : 2-1", "Diallo (59e)");
        assert_eq!(hold_others(&sheet("Brest - Metz : 0-1", "Koné (23e)"), &other), [true, true]);
        assert_eq!(hold_others(&other, &sheet("Lens - Lyon : 3-1", "Diallo (59e)")), [false, false], "it goes on");
    }

    #[test]
    fn copies_hold_the_same() {
        let text = "La société Vale do Cedro a perdu 17 % à la Bourse de São Paulo, a indiqué mardi Romário Teles. Le barrage \
                    d'Itabirinha a fait 38 morts. Plus de 240 pompiers sont sur place, selon le colonel Anderson Freitas.";
        let update =
            text.replace("38", "52").replace("240", "310").replace("17 %", "21 %").replace("Romário Teles", "M. Teles");
        let cut = text.replace("São Paulo, a indiqué mardi Romário Teles", "Londres");
        for copy in [update, cut, text.to_lowercase(), text.to_uppercase(), String::new()] {
            assert_eq!(hold_others(text, &copy), [false, false], "{copy}");
        }
        assert_eq!(Places::of("Le Maire De Lyon Parle Du Budget").0.len(), 0);
    }
}
