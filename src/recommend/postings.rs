//! Who holds a word, as it is kept: one story or a few beside each other, many in a list of gaps.

use super::gaps::{Gaps, Slots};
use super::index::number;

/// Slots that fit beside a class.
pub(super) const MOST_SLOTS: u32 = 1 << 28;
/// A word may become rarer by so much before its list is found to lack something. What stands in lists for that is read by nobody
/// until then: with 2 it was half of all in an archive whose subjects have some hundred stories each.
const ROOM: f64 = 1.5;

/// Classes of how often a word stands in a text: from which weight on (see `Entry::weight`), and what it counts.
pub(super) const CLASSES: [(f64, f32); 8] =
    [(0.0, 1.0), (1.5, 1.69), (2.0, 2.1), (2.3, 2.5), (2.7, 2.95), (3.1, 3.4), (3.6, 3.9), (4.2, 4.7)];
/// Bits of a class.
const CLASS_BITS: u32 = 3;
/// Holders of a word that need no list: most words are held by fewer.
const FEW: usize = 3;

/// Who holds a word: one story (its slot and class), or with the highest bit the place of several, with the next one of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held(u32);

const SEVERAL: u32 = 1 << 31;
const LISTED: u32 = 1 << 30;

/// The same, told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    One((u32, u8)),
    Few(usize),
    Listed(usize),
}

impl Held {
    pub(super) fn by(only: (u32, u8)) -> Self {
        Self(written(only))
    }

    pub(super) fn few(place: u32) -> Self {
        Self(SEVERAL | place)
    }

    pub(super) fn listed(place: usize) -> Self {
        Self(SEVERAL | LISTED | number(place))
    }

    pub(super) fn who(self) -> Who {
        let place = (self.0 & !(SEVERAL | LISTED)) as usize;
        match (self.0 & SEVERAL, self.0 & LISTED) {
            (0, _) => Who::One(posting(self.0)),
            (_, 0) => Who::Few(place),
            _ => Who::Listed(place),
        }
    }
}

/// The holders of words that two or three stories hold, at places that are used again.
#[derive(Debug, Default)]
pub(super) struct Fews {
    places: Vec<[u32; FEW]>,
    free: Vec<u32>,
}

/// Where no further holder stands.
const NOBODY: u32 = u32::MAX;

/// The holders of a word.
#[derive(Debug, Default)]
pub(super) struct List {
    /// How many stories hold it, listed or not.
    pub(super) stories: u32,
    /// The last slot listed, and in the lowest four bits one more than the highest class that was left out.
    last: u32,
    postings: Gaps,
}

impl Fews {
    /// Puts two holders at a place, and gives it.
    pub(super) fn pair(&mut self, one: (u32, u8), other: (u32, u8)) -> u32 {
        let pair = [written(one), written(other), NOBODY];
        match self.free.pop() {
            Some(place) => {
                self.places[place as usize] = pair;
                place
            }
            None => {
                self.places.push(pair);
                number(self.places.len() - 1)
            }
        }
    }

    /// The holders at a place, by rising slots.
    pub(super) fn holders(&self, place: usize) -> &[u32] {
        let holders = self.places.get(place).map_or(&[][..], |place| &place[..]);
        let end = holders.iter().position(|holder| *holder == NOBODY).unwrap_or(holders.len());
        &holders[..end]
    }

    /// Puts a holder to others, unless there is no room for it.
    pub(super) fn add(&mut self, place: usize, holder: (u32, u8)) -> bool {
        let free = self.places.get_mut(place).and_then(|place| place.iter_mut().find(|other| **other == NOBODY));
        free.map(|free| *free = written(holder)).is_some()
    }

    /// Takes the holder in a slot away; where only one is left that one is given, and the place is free.
    pub(super) fn take(&mut self, place: usize, slot: u32) -> Option<(u32, u8)> {
        let holders = self.places.get_mut(place)?;
        let at = holders.iter().position(|holder| *holder != NOBODY && posting(*holder).0 == slot)?;
        holders[at..].rotate_left(1);
        holders[FEW - 1] = NOBODY;
        let [last, NOBODY, _] = *holders else { return None };
        self.clear(place);
        Some(posting(last))
    }

    pub(super) fn clear(&mut self, place: usize) {
        if let Some(holders) = self.places.get_mut(place) {
            *holders = [NOBODY; FEW];
            self.free.push(number(place));
        }
    }
}

/// The listed holders of a word on the way through them; slots rise.
#[derive(Debug, Default)]
pub(super) struct Holders<'a> {
    few: &'a [u32],
    postings: Slots<'a>,
    /// The next of them.
    at: Option<(u32, u8)>,
    /// The lowest class that counts.
    least: u8,
}

impl<'a> Holders<'a> {
    pub(super) fn one(only: (u32, u8)) -> Self {
        Self { at: Some(only), ..Self::default() }
    }

    pub(super) fn few(few: &'a [u32]) -> Self {
        let mut holders = Self { few, ..Self::default() };
        holders.step();
        holders
    }

    pub(super) fn listed(list: &'a List, least: u8) -> Self {
        let mut holders = Self { postings: list.postings.slots(), least, ..Self::default() };
        holders.step();
        holders
    }

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
        self.at = match self.few.split_first() {
            Some((next, rest)) => {
                self.few = rest;
                Some(posting(*next))
            }
            None => self.postings.next(),
        };
    }
}

impl List {
    /// A list of all holders of a word so far.
    pub(super) fn of(few: &[u32]) -> Self {
        let all: Vec<(u32, u8)> = few.iter().map(|holder| posting(*holder)).collect();
        let last = all.last().map_or(0, |(slot, _)| *slot) << 4;
        Self { stories: number(few.len()), last, postings: Gaps::of(&all) }
    }

    /// One more than the highest class that was left out; 0: none was.
    pub(super) fn lost(&self) -> u8 {
        (self.last & 0xf) as u8
    }

    fn lose(&mut self, class: u8) {
        self.last = (self.last & !0xf) | u32::from(self.lost().max(class + 1));
    }

    pub(super) fn add(&mut self, (slot, class): (u32, u8), most: &[f64; CLASSES.len()], alive: impl Fn(u32) -> bool) {
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
        self.postings.push(self.last >> 4, (slot, class));
        self.last = (slot << 4) | (self.last & 0xf);
    }

    /// Leaves out the stories that are gone and those that no longer count.
    fn thin_out(&mut self, least: u8, alive: impl Fn(u32) -> bool) {
        let (mut kept, mut highest) = (Vec::new(), None);
        for (slot, class) in self.postings.slots() {
            match (alive(slot), class >= least) {
                (true, true) => kept.push((slot, class)),
                (true, false) => highest = highest.max(Some(class)),
                (false, _) => {}
            }
        }
        self.postings = Gaps::of(&kept);
        self.last = (kept.last().map_or(0, |(slot, _)| *slot) << 4) | (self.last & 0xf);
        if let Some(class) = highest {
            self.lose(class);
        }
    }

    /// What is listed, as it is kept.
    pub(super) fn bytes(&self) -> &[u8] {
        self.postings.read()
    }
}

fn written((slot, class): (u32, u8)) -> u32 {
    (slot << CLASS_BITS) | u32::from(class)
}

fn posting(number: u32) -> (u32, u8) {
    (number >> CLASS_BITS, (number & 0x7) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_small() {
        assert!(size_of::<List>() <= 32, "{}", size_of::<List>());
        assert_eq!(size_of::<(u32, Held)>(), 8);
        assert_eq!(size_of::<[u32; FEW]>(), 12);
    }

    #[test]
    fn few_holders_stand_at_a_place_that_is_used_again() {
        let mut few = Fews::default();
        let slots = |few: &Fews, place: usize| few.holders(place).iter().map(|h| posting(*h)).collect::<Vec<_>>();
        let (place, other) = (few.pair((0, 7), (3, 1)), few.pair((5, 0), (MOST_SLOTS - 1, 7)));
        let at = place as usize;
        assert!(few.add(at, (9, 2)) && !few.add(at, (12, 0)), "three have room");
        assert_eq!(slots(&few, at), [(0, 7), (3, 1), (9, 2)]);
        assert_eq!(few.take(at, 4), None, "who does not stand there");
        assert_eq!(few.take(at, 3), None);
        assert_eq!(slots(&few, at), [(0, 7), (9, 2)]);
        assert_eq!(few.take(at, 0), Some((9, 2)));
        assert_eq!(few.pair((20, 0), (21, 0)), place);
        assert_eq!(slots(&few, other as usize), [(5, 0), (MOST_SLOTS - 1, 7)]);
    }
}
