//! The words of one language: how many stories hold each, and those in which it weighs enough to look them up by.
//!
//! A word that many stories hold is listed only for those where it stands often: a posting that hardly moves a score costs
//! as much as one that decides it. Which postings count follows from the number of stories alone, so that neither the order
//! of arrival nor a new start changes a list; what is left out earlier and counts later is noticed.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::hint::black_box;

use super::index::number;
use super::postings::{CLASSES, Fews, Held, Holders, List, Who};
use super::vector::Entry;

/// What a word must weigh in a story, by how often it stands there and how rare it is: in a large archive, for a word that
/// stands once, to be held by one story in 400 ...
const LEAST: f64 = 6.0;
/// ... and in a smaller one by no more than so many.
const ALWAYS: f64 = 250.0;
/// Beyond this share of the stories of a language a word says nothing ...
const COMMON: f64 = 0.3;
/// ... once there are this many.
const COMMON_FROM: u32 = 20;

/// What words say that fewer stories hold is reckoned once for all of them.
const KNOWN: usize = 1_024;
/// Tables that the words are spread over. A table that grows is for a moment there twice, and what it leaves is kept by the
/// allocator for another of its size: small ones leave little.
const TABLES: usize = 16;

/// The stories of one language.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    pub(super) lang: Option<String>,
    /// How many stories stand on it.
    pub(super) stories: u32,
    /// How many are to stand on it: what counts among these is listed. More than that may come.
    expected: u32,
    words: [HashMap<u32, Held, Scatter>; TABLES],
    few: Fews,
    lists: Vec<List>,
}

/// Hashes the numbers of words. They are hashes already, of words that anybody may choose: only a secret is needed so that
/// nobody can choose words that stand in each other's way.
#[derive(Debug, Clone)]
struct Scatter(u64);

impl Default for Scatter {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0_u8))
    }
}

impl BuildHasher for Scatter {
    type Hasher = Scattered;

    fn build_hasher(&self) -> Scattered {
        Scattered(self.0)
    }
}

struct Scattered(u64);

impl Hasher for Scattered {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        // The finish of SplitMix64 (Steele, Lea and Flood 2014).
        let mut mixed = (self.0 ^ u64::from(number)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        self.0 = mixed ^ (mixed >> 31);
    }
}

impl Shelf {
    pub(super) fn new(lang: Option<&str>) -> Self {
        Self { lang: lang.map(str::to_owned), ..Self::default() }
    }

    /// An empty shelf for as many stories as stand on this one.
    pub(super) fn expected_again(&self) -> Self {
        Self { expected: self.stories, ..Self::new(self.lang.as_deref()) }
    }

    /// Adds a story; slots rise. `alive` tells the slots that still hold one.
    pub(super) fn add(&mut self, slot: u32, entries: &[Entry], alive: impl Fn(u32) -> bool) {
        self.stories += 1;
        let most = most_holders(self.stories.max(self.expected));
        self.fetch(entries);
        for entry in entries {
            let (new, table) = ((slot, class_of(*entry)), &mut self.words[table_of(entry.word)]);
            let Some(held) = table.get_mut(&entry.word) else {
                table.insert(entry.word, Held::by(new));
                continue;
            };
            match held.who() {
                Who::One(only) => *held = Held::few(self.few.pair(only, new)),
                Who::Few(at) if self.few.add(at, new) => {}
                Who::Few(at) => {
                    let mut list = List::of(self.few.holders(at));
                    list.add(new, &most, &alive);
                    self.few.clear(at);
                    *held = Held::listed(self.lists.len());
                    self.lists.push(list);
                }
                Who::Listed(at) => {
                    if let Some(list) = self.lists.get_mut(at) {
                        list.add(new, &most, &alive);
                    }
                }
            }
        }
    }

    /// Has come near what adding to these words will look at. Step by step for all: while one is fetched from far memory others are on
    /// their way.
    fn fetch(&self, entries: &[Entry]) {
        let held: Vec<Held> = entries.iter().filter_map(|entry| self.held(entry.word)).collect();
        let list = |held: Held| match held.who() {
            Who::Listed(at) => self.lists.get(at),
            _ => None,
        };
        let lists: Vec<&List> = held.into_iter().filter_map(list).collect();
        let places: Vec<&[u8]> = lists.into_iter().map(List::bytes).collect();
        black_box(places.into_iter().fold(0_u8, |all, bytes| all ^ bytes.last().copied().unwrap_or_default()));
    }

    /// Takes a story off; without its words, those go on counting it.
    pub(super) fn remove(&mut self, slot: u32, entries: Option<&[Entry]>) {
        self.stories = self.stories.saturating_sub(1);
        for entry in entries.unwrap_or_default() {
            let table = &mut self.words[table_of(entry.word)];
            let Some(held) = table.get_mut(&entry.word) else { continue };
            match held.who() {
                Who::One((only, _)) if only == slot => {
                    table.remove(&entry.word);
                }
                Who::One(_) => {}
                Who::Few(at) => {
                    if let Some(last) = self.few.take(at, slot) {
                        *held = Held::by(last);
                    }
                }
                Who::Listed(at) => {
                    if let Some(list) = self.lists.get_mut(at) {
                        list.stories = list.stories.saturating_sub(1);
                    }
                }
            }
        }
    }

    /// What a word says, whatever the text: much where few stories hold it, nothing where very many do.
    pub(super) fn inverse(&self, word: u32) -> f64 {
        self.inverse_of(self.holders(word))
    }

    fn inverse_of(&self, holders: u32) -> f64 {
        let is_common = self.stories > COMMON_FROM && f64::from(holders) > COMMON * f64::from(self.stories);
        if is_common { 0.0 } else { inverse(self.stories, f64::from(holders)) }
    }

    /// What each of many words says. Step by step for all: while one is fetched from far memory others are on their way.
    pub(super) fn says(&self, words: impl Iterator<Item = u32>) -> Vec<f64> {
        let held: Vec<Option<Held>> = words.map(|word| self.held(word)).collect();
        let holders: Vec<u32> = held.into_iter().map(|held| self.held_by(held)).collect();
        // Most words are held by few.
        let mut known = [f64::NAN; KNOWN];
        let says = holders.into_iter().map(|holders| match known.get_mut(holders as usize) {
            Some(known) if known.is_nan() => {
                *known = self.inverse_of(holders);
                *known
            }
            Some(known) => *known,
            None => self.inverse_of(holders),
        });
        says.collect()
    }

    fn holders(&self, word: u32) -> u32 {
        self.held_by(self.held(word))
    }

    fn held(&self, word: u32) -> Option<Held> {
        self.words[table_of(word)].get(&word).copied()
    }

    fn held_by(&self, held: Option<Held>) -> u32 {
        match held.map(Held::who) {
            None => 0,
            Some(Who::One(_)) => 1,
            Some(Who::Few(at)) => number(self.few.holders(at).len()),
            Some(Who::Listed(at)) => self.lists.get(at).map_or(0, |list| list.stories),
        }
    }

    /// The listed holders of a word. False beside them where some that should be listed are not.
    pub(super) fn listed(&self, word: u32) -> (Holders<'_>, bool) {
        match self.held(word).map(Held::who) {
            None => (Holders::default(), true),
            Some(Who::One(only)) => (Holders::one(only), true),
            Some(Who::Few(at)) => (Holders::few(self.few.holders(at)), true),
            Some(Who::Listed(at)) => {
                let Some(list) = self.lists.get(at) else { return (Holders::default(), true) };
                let least = least_class(self.stories, f64::from(list.stories));
                (Holders::listed(list, least), list.lost() <= least)
            }
        }
    }
}

/// The table of a word.
fn table_of(word: u32) -> usize {
    word as usize % TABLES
}

fn class_of(entry: Entry) -> u8 {
    let above = CLASSES.iter().skip(1).filter(|(from, _)| entry.weight() >= *from).count();
    u8::try_from(above).unwrap_or(0)
}

/// The lowest class in which a word that so many stories hold counts.
fn least_class(stories: u32, holders: f64) -> u8 {
    let below = most_holders(stories).iter().filter(|most| holders > **most).count();
    u8::try_from(below).unwrap_or(u8::MAX)
}

/// By how many stories a word may be held to count in a story where it is of a class.
fn most_holders(stories: u32) -> [f64; CLASSES.len()] {
    let least = (1.0 + f64::from(stories) / ALWAYS).ln().min(LEAST);
    // The word says ln(1 + stories / holders), times what its class counts.
    CLASSES.map(|(_, weight)| f64::from(stories) / (least / f64::from(weight)).exp_m1().max(f64::MIN_POSITIVE))
}

/// The logarithm of how rare something is.
pub(super) fn inverse(all: u32, holders: f64) -> f64 {
    if holders <= 0.0 { 0.0 } else { (1.0 + f64::from(all) / holders).ln() }
}

#[cfg(test)]
mod tests {
    use super::super::postings::MOST_SLOTS;
    use super::super::vector::Vector;
    use super::*;

    fn holders(shelf: &Shelf, word: u32) -> Vec<(u32, f32)> {
        let mut found = Vec::new();
        let (mut holders, whole) = shelf.listed(word);
        assert!(whole);
        holders.before(MOST_SLOTS, |slot, weight| found.push((slot, weight)));
        found
    }

    #[test]
    fn holders_are_listed_by_gap_and_class() {
        let mut shelf = Shelf::new(Some("en"));
        let (once, often) = (Vector::of("", "word"), Vector::of("", &"word ".repeat(30)));
        let slots = [0, 1, 2, 130, 20_000, 20_001, 3_000_000, MOST_SLOTS - 1];
        for (i, slot) in slots.iter().enumerate() {
            let vector = if i % 2 == 0 { &once } else { &often };
            shelf.add(*slot, vector.entries(), |_| true);
        }
        let word = once.entries()[0].word;
        let expected: Vec<(u32, f32)> =
            slots.iter().enumerate().map(|(i, slot)| (*slot, if i % 2 == 0 { 1.0 } else { 4.7 })).collect();
        assert_eq!(holders(&shelf, word), expected);
        shelf.remove(2, Some(once.entries()));
        assert_eq!((shelf.stories, shelf.holders(word)), (7, 7));
    }

    #[test]
    fn a_word_of_many_stories_is_listed_where_it_stands_often_and_what_is_missed_is_noticed() {
        let mut shelf = Shelf::new(None);
        let (once, often) = (Vector::of("", "word"), Vector::of("", &"word ".repeat(30)));
        let word = once.entries()[0].word;
        for slot in 0..10_000 {
            let vector = if slot % 100 == 0 { &often } else { &once };
            shelf.add(slot, vector.entries(), |_| true);
        }
        assert!(shelf.holders(word) == 10_000 && shelf.inverse(word) == 0.0);
        let other = Vector::of("", "other");
        for slot in 10_000..40_000 {
            shelf.add(slot, other.entries(), |_| true);
        }
        let found = holders(&shelf, word);
        assert!(
            (100..1_000).contains(&found.len()) && found.iter().all(|(_, weight)| *weight > 1.0),
            "{}",
            found.len()
        );
        let bytes = shelf.lists.iter().map(|list| list.bytes().len()).sum::<usize>();
        assert!(bytes < 2_000, "{bytes}");
        for slot in (0..10_000).filter(|slot| slot % 100 != 0) {
            shelf.remove(slot, Some(once.entries()));
        }
        assert!(!shelf.listed(word).1 || shelf.holders(word) == 100);
    }

    #[test]
    fn what_is_rare_again_is_not_answered_as_if_it_were_whole() {
        let mut shelf = Shelf::new(None);
        let once = Vector::of("", "word");
        let word = once.entries()[0].word;
        (0..2_000).for_each(|slot| shelf.add(slot, once.entries(), |_| true));
        (2_000..4_000).for_each(|slot| shelf.add(slot, Vector::of("", "other").entries(), |_| true));
        (0..1_900).for_each(|slot| shelf.remove(slot, Some(once.entries())));
        assert!(!shelf.listed(word).1, "a hundred stories hold it, and not all of them are listed");
    }

    #[test]
    fn what_counts_among_all_is_listed_from_the_first_on_where_their_number_is_known() {
        let twice = Vector::of("", "word word");
        let (word, other) = (twice.entries()[0].word, Vector::of("", "other"));
        let filled = |mut shelf: Shelf| {
            (0..2_000).for_each(|slot| shelf.add(slot, twice.entries(), |_| true));
            (2_000..40_000).for_each(|slot| shelf.add(slot, other.entries(), |_| true));
            shelf
        };
        let first = filled(Shelf::new(None));
        assert!(!first.listed(word).1, "a word of every story was left out while there were few");
        let again = filled(first.expected_again());
        assert_eq!((again.stories, holders(&again, word).len()), (40_000, 2_000));
    }

    #[test]
    fn holders_are_the_same_however_they_are_kept() {
        // Of each word one story, two, three, four: taken off again one after the other.
        let vectors: Vec<Vector> =
            (1..=4).map(|n| Vector::of("", ["elm oak ash yew", "oak ash yew", "ash yew", "yew"][n - 1])).collect();
        let words: Vec<u32> =
            ["elm", "oak", "ash", "yew"].iter().map(|word| Vector::of("", word).entries()[0].word).collect();
        let mut shelf = Shelf::new(None);
        (0..).zip(&vectors).for_each(|(slot, vector)| shelf.add(slot, vector.entries(), |_| true));
        let held = |shelf: &Shelf| words.iter().map(|word| shelf.holders(*word)).collect::<Vec<_>>();
        let listed = |shelf: &Shelf, word: usize| holders(shelf, words[word]).iter().map(|h| h.0).collect::<Vec<_>>();
        assert_eq!(held(&shelf), [1, 2, 3, 4]);
        assert_eq!(
            (0..4).map(|word| listed(&shelf, word)).collect::<Vec<_>>(),
            [vec![0], vec![0, 1], vec![0, 1, 2], vec![0, 1, 2, 3]]
        );
        shelf.remove(1, Some(vectors[1].entries()));
        assert_eq!(held(&shelf), [1, 1, 2, 3]);
        assert_eq!((listed(&shelf, 1), listed(&shelf, 2)), (vec![0], vec![0, 2]));
        shelf.remove(0, Some(vectors[0].entries()));
        assert_eq!(held(&shelf), [0, 0, 1, 2]);
        shelf.add(9, vectors[0].entries(), |_| true);
        assert_eq!(held(&shelf), [1, 1, 2, 3]);
        assert_eq!(listed(&shelf, 2), [2, 9]);
    }
}
