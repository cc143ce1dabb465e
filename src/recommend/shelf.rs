//! The words of one language: how many stories hold each, and those in which it weighs enough to look them up by.
//!
//! A word that many stories hold is listed only for those where it stands often: a posting that hardly moves a score costs
//! as much as one that decides it. Which postings count follows from the number of stories alone, so that neither the order
//! of arrival nor a new start changes a list; what is left out earlier and counts later is noticed.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use super::vector::Entry;

/// Slots that fit beside a class.
pub(super) const MOST_SLOTS: u32 = 1 << 28;
/// What a word must weigh in a story, by how often it stands there and how rare it is: in a large archive, for a word that
/// stands once, to be held by one story in 400 ...
const LEAST: f64 = 6.0;
/// ... and in a smaller one by no more than so many.
const ALWAYS: f64 = 250.0;
/// A word may become rarer by so much before its list is found to lack something.
const ROOM: f64 = 2.0;
/// Beyond this share of the stories of a language a word says nothing ...
const COMMON: f64 = 0.3;
/// ... once there are this many.
const COMMON_FROM: u32 = 20;

/// Classes of how often a word stands in a text: from which weight on (see [`Entry::weight`]), and what it counts.
const CLASSES: [(f64, f32); 8] =
    [(0.0, 1.0), (1.5, 1.69), (2.0, 2.1), (2.3, 2.5), (2.7, 2.95), (3.1, 3.4), (3.6, 3.9), (4.2, 4.7)];
/// What words say that fewer stories hold is reckoned once for all of them.
const KNOWN: usize = 1_024;
/// Bits of a class.
const CLASS_BITS: u32 = 3;
/// Bytes of a list that need no memory of their own.
const FEW: usize = 15;

/// The stories of one language.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    pub(super) lang: Option<String>,
    /// How many stories stand on it.
    pub(super) stories: u32,
    words: HashMap<u32, Held, Scatter>,
    lists: Vec<List>,
}

/// Who holds a word: one story (its slot and class), or with the highest bit the place of its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held(u32);

const LISTED: u32 = 1 << 31;

/// The holders of a word.
#[derive(Debug, Default)]
struct List {
    /// How many stories hold it, listed or not.
    stories: u32,
    /// The last slot listed, and in the lowest four bits one more than the highest class that was left out.
    last: u32,
    postings: Bytes,
}

/// Gaps between slots with the class of each, as numbers of seven bits a byte.
#[derive(Debug)]
enum Bytes {
    Few(u8, [u8; FEW]),
    Many(Vec<u8>),
}

impl Default for Bytes {
    fn default() -> Self {
        Self::Few(0, [0; FEW])
    }
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

    /// Adds a story; slots rise. `alive` tells the slots that still hold one.
    pub(super) fn add(&mut self, slot: u32, entries: &[Entry], alive: impl Fn(u32) -> bool) {
        self.stories += 1;
        let most = most_holders(self.stories);
        for entry in entries {
            let new = (slot, class_of(*entry));
            let Some(held) = self.words.get_mut(&entry.word) else {
                self.words.insert(entry.word, Held::by(new));
                continue;
            };
            let at = held.list().unwrap_or_else(|only| {
                let mut list = List { stories: 1, ..List::default() };
                list.push(only);
                self.lists.push(list);
                *held = Held(LISTED | u32::try_from(self.lists.len() - 1).unwrap_or(0));
                self.lists.len() - 1
            });
            if let Some(list) = self.lists.get_mut(at) {
                list.add(new, &most, &alive);
            }
        }
    }

    /// Takes a story off; without its words, those go on counting it.
    pub(super) fn remove(&mut self, slot: u32, entries: Option<&[Entry]>) {
        self.stories = self.stories.saturating_sub(1);
        for entry in entries.unwrap_or_default() {
            match self.words.get(&entry.word).map(|held| held.list()) {
                Some(Ok(at)) => {
                    if let Some(list) = self.lists.get_mut(at) {
                        list.stories = list.stories.saturating_sub(1);
                    }
                }
                Some(Err((only, _))) if only == slot => {
                    self.words.remove(&entry.word);
                }
                _ => {}
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
        let held: Vec<Option<Held>> = words.map(|word| self.words.get(&word).copied()).collect();
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
        self.held_by(self.words.get(&word).copied())
    }

    fn held_by(&self, held: Option<Held>) -> u32 {
        match held.map(Held::list) {
            None => 0,
            Some(Err(_)) => 1,
            Some(Ok(at)) => self.lists.get(at).map_or(0, |list| list.stories),
        }
    }

    /// The listed holders of a word. False beside them where some that should be listed are not.
    pub(super) fn listed(&self, word: u32) -> (Holders<'_>, bool) {
        match self.words.get(&word).map(|held| held.list()) {
            None => (Holders::default(), true),
            Some(Err((slot, class))) => (Holders { at: Some((slot, class)), ..Holders::default() }, true),
            Some(Ok(at)) => {
                let Some(list) = self.lists.get(at) else { return (Holders::default(), true) };
                let least = least_class(self.stories, f64::from(list.stories));
                let mut holders = Holders { postings: list.postings(), at: None, least };
                holders.step();
                (holders, list.lost() <= least)
            }
        }
    }
}

/// The listed holders of a word on the way through them; slots rise.
#[derive(Debug, Default)]
pub(super) struct Holders<'a> {
    postings: Postings<'a>,
    /// The next of them.
    at: Option<(u32, u8)>,
    /// The lowest class that counts.
    least: u8,
}

impl Holders<'_> {
    /// Calls back with each up to a slot, and what the word counts there; goes on from there the next time.
    pub(super) fn before(&mut self, end: u32, mut found: impl FnMut(u32, f32)) {
        while let Some((slot, class)) = self.at.filter(|(slot, _)| *slot < end) {
            if class >= self.least
                && let Some((_, weight)) = CLASSES.get(usize::from(class))
            {
                found(slot, *weight);
            }
            self.step();
        }
    }

    fn step(&mut self) {
        self.at = self.postings.next();
    }
}

/// Slots with the class of each, as they are kept: their gaps.
#[derive(Debug, Default)]
struct Postings<'a> {
    bytes: &'a [u8],
    slot: u32,
}

impl Iterator for Postings<'_> {
    type Item = (u32, u8);

    fn next(&mut self) -> Option<Self::Item> {
        let (mut number, mut shift) = (0_u64, 0);
        loop {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 || shift >= 35 {
                break;
            }
            shift += 7;
        }
        self.slot = self.slot.saturating_add(u32::try_from(number >> CLASS_BITS).unwrap_or(u32::MAX));
        Some((self.slot, (number & 0x7) as u8))
    }
}

impl Held {
    fn by((slot, class): (u32, u8)) -> Self {
        Self((slot << CLASS_BITS) | u32::from(class))
    }

    /// The place of the list, or the only holder.
    fn list(self) -> Result<usize, (u32, u8)> {
        match self.0 & LISTED {
            0 => Err(posting(self.0)),
            _ => Ok((self.0 & !LISTED) as usize),
        }
    }
}

impl List {
    /// One more than the highest class that was left out; 0: none was.
    fn lost(&self) -> u8 {
        (self.last & 0xf) as u8
    }

    fn lose(&mut self, class: u8) {
        self.last = (self.last & !0xf) | u32::from(self.lost().max(class + 1));
    }

    fn add(&mut self, (slot, class): (u32, u8), most: &[f64; CLASSES.len()], alive: impl Fn(u32) -> bool) {
        self.stories += 1;
        let holders = f64::from(self.stories) / ROOM;
        if most.get(usize::from(class)).is_some_and(|most| holders <= *most) {
            self.push((slot, class));
        } else if class >= self.lost() {
            // The first of its class that no longer counts: nor do those before it.
            self.lose(class);
            let least = most.iter().filter(|most| holders > **most).count();
            self.thin_out(u8::try_from(least).unwrap_or(u8::MAX), alive);
        }
    }

    fn push(&mut self, (slot, class): (u32, u8)) {
        let gap = slot.saturating_sub(self.last >> 4);
        let mut number = (u64::from(gap) << CLASS_BITS) | u64::from(class);
        loop {
            let low = (number & 0x7f) as u8;
            number >>= 7;
            self.postings.push(if number == 0 { low } else { low | 0x80 });
            if number == 0 {
                break;
            }
        }
        self.last = (slot << 4) | (self.last & 0xf);
    }

    /// Leaves out the stories that are gone and those that no longer count.
    fn thin_out(&mut self, least: u8, alive: impl Fn(u32) -> bool) {
        let (mut kept, mut highest) = (Vec::new(), None);
        for (slot, class) in self.postings() {
            match (alive(slot), class >= least) {
                (true, true) => kept.push((slot, class)),
                (true, false) => highest = highest.max(Some(class)),
                (false, _) => {}
            }
        }
        self.postings = Bytes::default();
        self.last &= 0xf;
        kept.into_iter().for_each(|posting| self.push(posting));
        if let Some(class) = highest {
            self.lose(class);
        }
    }

    fn postings(&self) -> Postings<'_> {
        Postings { bytes: self.postings.read(), slot: 0 }
    }
}

impl Bytes {
    fn read(&self) -> &[u8] {
        match self {
            Self::Few(len, bytes) => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Self::Many(bytes) => bytes,
        }
    }

    fn push(&mut self, byte: u8) {
        match self {
            Self::Few(len, bytes) if usize::from(*len) < FEW => {
                if let Some(free) = bytes.get_mut(usize::from(*len)) {
                    *free = byte;
                    *len += 1;
                }
            }
            Self::Few(_, bytes) => {
                let mut many = Vec::with_capacity(FEW * 2);
                many.extend_from_slice(bytes);
                many.push(byte);
                *self = Self::Many(many);
            }
            Self::Many(bytes) => {
                if bytes.len() == bytes.capacity() {
                    // By an eighth: lists of common words are long, and what they do not fill is lost.
                    bytes.reserve_exact(bytes.len() / 8 + 8);
                }
                bytes.push(byte);
            }
        }
    }
}

fn posting(number: u32) -> (u32, u8) {
    (number >> CLASS_BITS, (number & 0x7) as u8)
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
    fn lists_are_small() {
        assert!(std::mem::size_of::<List>() <= 32, "{}", std::mem::size_of::<List>());
        assert_eq!(std::mem::size_of::<(u32, Held)>(), 8);
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
        let bytes = shelf.lists.iter().map(|l| l.postings.read().len()).sum::<usize>();
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
}
