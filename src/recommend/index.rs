//! All stories that can be recommended: by language with lists from word to story, by tag, and what is asked of each most.
//!
//! TF-IDF cosine with full length normalisation found related stories better than the search engines' more-like-this on all
//! sets tried, and at a fraction of the cost (docs/decisions). What weighs how much follows from how many stories hold a word
//! at the time of asking, so that the order of arrival does not matter. The vectors themselves stay with the caller: here
//! are some 250 bytes a story.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::atomic::{self, AtomicBool};

use chrono::{DateTime, Utc};

use super::postings::MOST_SLOTS;
use super::shelf::{Shelf, inverse};
use super::vector::Vector;
use crate::model::{Lang, SourceName, StoryId};
use crate::text::hash;

/// Tags of a story that count.
const MOST_TAGS: usize = 32;
/// Slots that are looked at together, so that what is added up for them stays in the nearest memory.
pub(super) const WINDOW: usize = if cfg!(test) { 64 } else { 1 << 14 };
/// Languages told apart; stories of further ones stand among those of no language.
const MOST_SHELVES: usize = 256;
/// The index is worn when one slot in so many is empty, or the words of as many stories are counted wrongly.
const WORN: usize = 8;
/// Less wear than this is never worth the trouble.
const LEAST_WORN: usize = 200;

/// A story as the index takes it.
#[derive(Debug, Clone)]
pub struct Doc<'a> {
    /// Its id.
    pub story: &'a StoryId,
    /// Its language.
    pub lang: Option<&'a Lang>,
    /// The keys of its tags.
    pub tags: &'a [String],
    /// The source of its lead.
    pub source: &'a SourceName,
    /// The date it is listed under.
    pub date: DateTime<Utc>,
}

/// All stories that can be recommended.
#[derive(Debug, Default)]
pub struct Index {
    slots: HashMap<[u8; 10], u32>,
    pub(super) kept: Vec<Kept>,
    /// Length of each one's vector, all words weighing alike.
    pub(super) lengths: Vec<f32>,
    /// The eldest and the newest date that stood in each window.
    pub(super) spans: Vec<(i64, i64)>,
    pub(super) shelves: Vec<Shelf>,
    /// By the hash of its key: the place of a tag's list.
    tags: HashMap<u64, u32>,
    /// The stories of each tag, by slot, the newest last.
    tag_lists: Vec<Vec<u32>>,
    /// The tags of all stories, each at its place.
    tags_of: Vec<u32>,
    sources: HashMap<SourceName, u32>,
    /// Slots that are empty, and stories whose words are counted though they are gone.
    worn: usize,
    incomplete: AtomicBool,
}

/// A story as it is kept, in its slot.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) id: [u8; 10],
    pub(super) shelf: u8,
    /// How many tags it has; [`GONE`] once it is gone.
    tags: u8,
    tags_at: u32,
    pub(super) source: u32,
    /// Microseconds since 1970.
    pub(super) date: i64,
    /// The sum of its vector.
    sum: u32,
}

/// In place of the tags of a story that is gone: more than one can have.
const GONE: u8 = u8::MAX;

impl Kept {
    fn is_alive(&self) -> bool {
        self.tags != GONE
    }

    /// The eldest first; of one date by id.
    fn by_date(&self, other: &Self) -> Ordering {
        self.date.cmp(&other.date).then_with(|| other.id.cmp(&self.id))
    }
}

impl Index {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty index that will hold about as many stories of each language as another: what counts among so many is listed
    /// from the first story on.
    #[must_use]
    pub fn instead_of(other: &Self) -> Self {
        let expected = other.shelves.iter().enumerate().filter(|(at, shelf)| *at == 0 || shelf.stories > 0);
        Self { shelves: expected.map(|(_, shelf)| shelf.expected_again()).collect(), ..Self::default() }
    }

    /// How many stories it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether it holds a story.
    #[must_use]
    pub fn contains(&self, story: &StoryId) -> bool {
        self.slots.contains_key(&story.to_bytes())
    }

    /// How many stories carry the tag of a key.
    #[must_use]
    pub fn carriers(&self, tag: &str) -> usize {
        self.tag(tag).and_then(|at| self.tag_lists.get(at as usize)).map_or(0, Vec::len)
    }

    /// The date of the newest story.
    #[must_use]
    pub fn newest(&self) -> Option<DateTime<Utc>> {
        let dates = self.kept.iter().filter(|kept| kept.is_alive()).map(|kept| kept.date);
        dates.max().and_then(DateTime::from_timestamp_micros)
    }

    /// Whether it should be filled anew: much of it is empty, or a list was found to lack something.
    #[must_use]
    pub fn is_worn(&self) -> bool {
        self.incomplete.load(atomic::Ordering::Relaxed) || self.worn > LEAST_WORN.max(self.len() / WORN)
    }

    /// Takes a story in, in place of what it knew of it. `before`: the vector that it was last taken in with, if any; without
    /// the right one its old words go on being counted until the index is filled anew.
    pub fn insert(&mut self, doc: &Doc<'_>, vector: &Vector, before: Option<&Vector>) {
        let shelf = self.shelf_for(doc.lang);
        let id = doc.story.to_bytes();
        if let Some(slot) = self.slots.get(&id).copied() {
            let same = |kept: &Kept| kept.sum == vector.sum() && usize::from(kept.shelf) == shelf;
            if self.kept.get(slot as usize).is_some_and(same) {
                self.untag(slot);
                self.describe(slot, doc);
                return;
            }
            self.remove(doc.story, before);
        }
        let slot = number(self.kept.len());
        if slot >= MOST_SLOTS {
            return;
        }
        self.kept.push(Kept {
            id,
            shelf: u8::try_from(shelf).unwrap_or(0),
            tags: 0,
            tags_at: 0,
            source: 0,
            date: 0,
            sum: vector.sum(),
        });
        self.lengths.push(vector.length());
        self.slots.insert(id, slot);
        self.describe(slot, doc);
        let kept = &self.kept;
        if let Some(shelf) = self.shelves.get_mut(shelf) {
            shelf.add(slot, vector.entries(), |slot| kept.get(slot as usize).is_some_and(Kept::is_alive));
        }
    }

    /// Forgets a story; `before` as in [`Index::insert`].
    pub fn remove(&mut self, story: &StoryId, before: Option<&Vector>) {
        let Some(slot) = self.slots.remove(&story.to_bytes()) else { return };
        self.untag(slot);
        let Some(kept) = self.kept.get_mut(slot as usize) else { return };
        kept.tags = GONE;
        let right = before.filter(|vector| vector.sum() == kept.sum);
        self.worn += if right.is_some() { 1 } else { 2 };
        if let Some(shelf) = self.shelves.get_mut(usize::from(kept.shelf)) {
            shelf.remove(slot, right.map(Vector::entries));
        }
    }

    pub(super) fn slot(&self, story: &StoryId) -> Option<u32> {
        self.slots.get(&story.to_bytes()).copied()
    }

    /// The sources told apart so far.
    pub(super) fn sources(&self) -> usize {
        self.sources.len()
    }

    /// The story in a slot, if there is one.
    pub(super) fn alive(&self, slot: u32) -> Option<&Kept> {
        self.kept.get(slot as usize).filter(|kept| kept.is_alive())
    }

    /// The shelf of a language.
    pub(super) fn shelf_of(&self, lang: Option<&Lang>) -> Option<usize> {
        let primary = lang.map(Lang::primary);
        let at = self.shelves.iter().position(|s| s.lang.as_deref() == primary);
        at.or_else(|| (self.shelves.len() >= MOST_SHELVES).then_some(0))
    }

    /// The place of a tag's list.
    pub(super) fn tag(&self, key: &str) -> Option<u32> {
        self.tags.get(&hash(key.as_bytes())).copied()
    }

    /// The stories of a tag, by slot, the newest first.
    pub(super) fn tagged(&self, tag: u32) -> impl Iterator<Item = u32> {
        self.tag_lists.get(tag as usize).into_iter().flatten().rev().copied()
    }

    /// The tags of a story.
    pub(super) fn tags_of(&self, kept: &Kept) -> &[u32] {
        let from = kept.tags_at as usize;
        if !kept.is_alive() {
            return &[];
        }
        self.tags_of.get(from..from + usize::from(kept.tags)).unwrap_or_default()
    }

    /// What a shared tag says: much where few stories carry it.
    pub(super) fn tag_weight(&self, tag: u32) -> f64 {
        let carriers = self.tag_lists.get(tag as usize).map_or(0, Vec::len);
        inverse(number(self.len()), f64::from(number(carriers)))
    }

    /// Notes that a list was found to lack something.
    pub(super) fn lacks(&self) {
        self.incomplete.store(true, atomic::Ordering::Relaxed);
    }

    fn shelf_for(&mut self, lang: Option<&Lang>) -> usize {
        self.shelf_of(lang).unwrap_or_else(|| {
            if self.shelves.is_empty() && lang.is_some() {
                self.shelves.push(Shelf::new(None));
            }
            self.shelves.push(Shelf::new(lang.map(Lang::primary)));
            self.shelves.len() - 1
        })
    }

    /// Notes whose a story is, when it is dated, and its tags.
    fn describe(&mut self, slot: u32, doc: &Doc<'_>) {
        let next = number(self.sources.len());
        let source = match self.sources.get(doc.source) {
            Some(known) => *known,
            None => *self.sources.entry(doc.source.clone()).or_insert(next),
        };
        let tags = self.tag_numbers(doc.tags);
        let Some(kept) = self.kept.get_mut(slot as usize) else { return };
        (kept.source, kept.date) = (source, doc.date.timestamp_micros());
        let window = slot as usize / WINDOW;
        if self.spans.len() <= window {
            self.spans.resize(window + 1, (i64::MAX, i64::MIN));
        }
        if let Some((eldest, newest)) = self.spans.get_mut(window) {
            (*eldest, *newest) = (kept.date.min(*eldest), kept.date.max(*newest));
        }
        // The same tags stay where they are.
        let old = self.tags_of.get(kept.tags_at as usize..).and_then(|all| all.get(..tags.len()));
        if old != Some(&tags[..]) {
            kept.tags_at = number(self.tags_of.len());
            self.tags_of.extend_from_slice(&tags);
        }
        kept.tags = u8::try_from(tags.len()).unwrap_or(0);
        for tag in tags {
            let (at, lists) = (self.place_in(tag, slot), &mut self.tag_lists);
            if let (Err(at), Some(list)) = (at, lists.get_mut(tag as usize)) {
                list.insert(at, slot);
            }
        }
    }

    /// Takes a story out of the lists of its tags.
    fn untag(&mut self, slot: u32) {
        let Some(kept) = self.kept.get(slot as usize) else { return };
        for tag in self.tags_of(kept).to_vec() {
            let (at, lists) = (self.place_in(tag, slot), &mut self.tag_lists);
            if let (Ok(at), Some(list)) = (at, lists.get_mut(tag as usize)) {
                list.remove(at);
            }
        }
    }

    /// Where in a tag's list a story stands, or should.
    fn place_in(&self, tag: u32, slot: u32) -> Result<usize, usize> {
        let list = self.tag_lists.get(tag as usize).map_or(&[][..], Vec::as_slice);
        let Some(kept) = self.kept.get(slot as usize) else { return Err(list.len()) };
        list.binary_search_by(|other| {
            self.kept.get(*other as usize).map_or(Ordering::Less, |other| other.by_date(kept))
        })
    }

    /// The tags by number, each once.
    fn tag_numbers(&mut self, tags: &[String]) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(tags.len().min(MOST_TAGS));
        for tag in tags.iter().take(MOST_TAGS) {
            let next = number(self.tag_lists.len());
            let known = *self.tags.entry(hash(tag.as_bytes())).or_insert(next);
            if known == next {
                self.tag_lists.push(Vec::new());
            }
            if !numbers.contains(&known) {
                numbers.push(known);
            }
        }
        numbers
    }
}

/// Counts here stay far below: slots by `MOST_SLOTS`, the others by memory.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
