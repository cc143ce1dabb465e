//! The few stories worth comparing word by word.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};

use super::index::Index;
use super::shelf::Shelf;
use super::vector::Vector;
use super::{Settings, Weights};
use crate::model::{Lang, StoryId, Tag};

/// Words that others are looked up by.
const QUERY_WORDS: usize = 64;
/// Stories that are compared word by word, at least, and for each that is wanted.
const POOL: usize = 50;
const POOL_EACH: usize = 3;
/// Of the pool one source has a third where others have enough, so that a flood of one subject leaves room.
const OF_A_SOURCE: usize = 3;
/// Stories of one tag that are looked at, the newest; of one source; and looked through for them.
const PER_TAG: usize = 200;
const PER_TAG_AND_SOURCE: usize = 40;
const TAG_DEPTH: usize = 4_000;
/// Stories that share any word, for lists that would be too short.
const SPARE: usize = 12;
/// Time in which freshness falls to a third, in seconds.
const FRESH_SECS: f64 = 14.0 * 86_400.0;
/// Shared tags count half when they weigh so much together.
const TAG_HALF: f64 = 4.0;
/// What dislike takes away, for each that is liked (Rocchio 1971; the usual ratio).
const UNLIKE: f64 = 0.25;

/// A story that says what is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// The story.
    pub story: &'a StoryId,
    /// Its language.
    pub lang: Option<&'a Lang>,
    /// Its words.
    pub vector: &'a Vector,
}

/// What is asked of the index: what is like one story, or like what a reader likes.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What the answers should be like: the story that is read, or those that a reader likes.
    pub like: &'a [Member<'a>],
    /// What they should not be like.
    pub unlike: &'a [Member<'a>],
    /// The tags of the story, or those that a reader follows.
    pub tags: &'a [Tag],
    /// Title and text of the story that is read, to name reasons by; `None` where nobody asks for reasons.
    pub told: Option<(&'a str, &'a str)>,
    /// The time that ages are counted from.
    pub now: DateTime<Utc>,
    /// How the answers are chosen.
    pub settings: &'a Settings,
    /// How many are wanted.
    pub count: usize,
}

/// The stories that seem nearest, still to be compared word by word.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    pub(super) near: Vec<StoryId>,
    /// What shares any word, the most first: for lists that would be too short.
    pub(super) spare: Vec<StoryId>,
}

impl Pool {
    /// Whose vectors are needed.
    #[must_use]
    pub fn stories(&self) -> Vec<StoryId> {
        self.near.iter().chain(&self.spare).cloned().collect()
    }
}

/// What is wanted in one language: words rising, with weights whose squares add up to 1.
pub(super) struct Centroid {
    pub(super) shelf: usize,
    pub(super) words: Vec<(u32, f64)>,
    /// What a word says there on average.
    says: f64,
}

/// How a story seems to score.
struct Guess {
    score: f64,
    slot: u32,
    id: [u8; 10],
}

/// Which stories may stand in a pool.
struct Allowed<'a> {
    dates: RangeInclusive<i64>,
    not: HashSet<u32>,
    of: Option<&'a dyn Fn(&StoryId) -> bool>,
}

impl Index {
    /// The stories that seem nearest to what is asked for: none of those that it asks by, none older than the settings say,
    /// none that `allowed` refuses.
    #[must_use]
    pub fn candidates(&self, question: &Question<'_>, allowed: Option<&dyn Fn(&StoryId) -> bool>) -> Pool {
        let within = TimeDelta::from_std(question.settings.within).unwrap_or(TimeDelta::MAX);
        let eldest = question.now.checked_sub_signed(within).unwrap_or(DateTime::<Utc>::MIN_UTC);
        self.pool(question, question.settings.by, eldest.timestamp_micros()..=i64::MAX, allowed)
    }

    /// The stories dated between two instants whose texts seem nearest.
    pub(super) fn between(&self, question: &Question<'_>, from: DateTime<Utc>, to: DateTime<Utc>) -> Pool {
        let by = Weights { text: 1.0, tags: 0.0, recent: 0.0 };
        let near = self.pool(question, by, from.timestamp_micros()..=to.timestamp_micros(), None).near;
        Pool { near, spare: Vec::new() }
    }

    fn pool(
        &self,
        question: &Question<'_>,
        by: Weights,
        dates: RangeInclusive<i64>,
        of: Option<&dyn Fn(&StoryId) -> bool>,
    ) -> Pool {
        let asked = question.like.iter().chain(question.unlike);
        let not = asked.filter_map(|member| self.slot(member.story)).collect();
        let allowed = Allowed { dates, not, of };
        let centroids = self.centroids(question);
        let (cosines, tags) = (self.cosines(&centroids), self.sharing(question.tags));
        let mut nearest = Nearest::new(POOL.max(question.count * POOL_EACH));
        for ((slot, kept), (cosine, tags)) in (0..).zip(&self.kept).zip(cosines.into_iter().zip(tags)) {
            if cosine <= 0.0 && tags <= 0.0 {
                continue;
            }
            // Most need not be looked at: even as fresh as can be they would not come in.
            let tags = damped(tags);
            if !kept.alive || !nearest.takes(score(by, f64::from(cosine), tags, 1.0), kept.source) {
                continue;
            }
            let score = score(by, f64::from(cosine), tags, freshness(question.now, kept.date));
            if nearest.takes(score, kept.source) && allowed.holds(self, slot) {
                nearest.take(&Guess { score, slot, id: kept.id }, kept.source);
            }
        }
        let near = nearest.best();
        let short = near.len() < question.count.max(SPARE);
        let spare = if short { self.sharing_any_word(question.like, &near, &allowed) } else { Vec::new() };
        let named = |slots: Vec<u32>| slots.into_iter().filter_map(|slot| self.name(slot)).collect();
        Pool { near: named(near), spare: named(spare) }
    }

    pub(super) fn name(&self, slot: u32) -> Option<StoryId> {
        self.alive(slot).map(|kept| StoryId::from_bytes(&kept.id))
    }

    /// What is wanted, by language: the mean of what is liked, less a part of the mean of what is not.
    pub(super) fn centroids(&self, question: &Question<'_>) -> Vec<Centroid> {
        let mut sums: BTreeMap<usize, (BTreeMap<u32, f64>, f64, f64)> = BTreeMap::new();
        let signs = [(question.like, 1.0), (question.unlike, -UNLIKE)];
        for (members, sign) in signs {
            let each = sign / f64::from(super::index::number(members.len()).max(1));
            for member in members {
                let Some(at) = self.shelf_of(member.lang) else { continue };
                let Some(shelf) = self.shelves.get(at) else { continue };
                let (unit, says) = unit(shelf, member.vector);
                let sum = sums.entry(at).or_default();
                for (word, weight) in unit {
                    *sum.0.entry(word).or_default() += each * weight;
                }
                if sign > 0.0 {
                    sum.1 += says;
                    sum.2 += 1.0;
                }
            }
        }
        let centroid = |(shelf, (words, says, members)): (usize, (BTreeMap<u32, f64>, f64, f64))| {
            let mut words: Vec<(u32, f64)> = words.into_iter().filter(|(_, weight)| *weight > 0.0).collect();
            let length = words.iter().map(|(_, weight)| weight.powi(2)).sum::<f64>().sqrt();
            words.iter_mut().for_each(|(_, weight)| *weight /= length);
            Centroid { shelf, words, says: says / f64::max(members, 1.0) }
        };
        sums.into_iter().map(centroid).collect()
    }

    /// About the cosine of the angle to each story, by slot.
    fn cosines(&self, centroids: &[Centroid]) -> Vec<f32> {
        let mut dots = vec![0.0_f32; self.kept.len()];
        for centroid in centroids {
            let Some(shelf) = self.shelves.get(centroid.shelf) else { continue };
            let mut heaviest = centroid.words.clone();
            heaviest.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            for (word, weight) in heaviest.into_iter().take(QUERY_WORDS) {
                #[expect(clippy::cast_possible_truncation, reason = "near enough to choose by")]
                let lent = (weight * shelf.inverse(word) / centroid.says.max(f64::MIN_POSITIVE)) as f32;
                if lent <= 0.0 {
                    continue;
                }
                let whole = shelf.each_holder(word, |slot, weight| {
                    if let Some(dot) = dots.get_mut(slot as usize) {
                        *dot += lent * weight;
                    }
                });
                if !whole {
                    self.lacks();
                }
            }
        }
        for (dot, kept) in dots.iter_mut().zip(&self.kept).filter(|(dot, _)| **dot > 0.0) {
            *dot = (*dot / kept.length.max(f32::MIN_POSITIVE)).min(1.0);
        }
        dots
    }

    /// What the tags weigh that each story shares, of any language, by slot.
    fn sharing(&self, tags: &[Tag]) -> Vec<f64> {
        let mut found = vec![0.0; self.kept.len()];
        for tag in tags.iter().filter_map(|tag| self.tag(tag.key())) {
            let weight = self.tag_weight(tag);
            let (mut of_source, mut taken): (HashMap<u32, usize>, usize) = (HashMap::new(), 0);
            for slot in self.tagged(tag).take(TAG_DEPTH) {
                let Some(kept) = self.alive(slot) else { continue };
                let of_source = of_source.entry(kept.source).or_default();
                if *of_source >= PER_TAG_AND_SOURCE {
                    continue;
                }
                *of_source += 1;
                taken += 1;
                if let Some(found) = found.get_mut(slot as usize) {
                    *found += weight;
                }
                if taken >= PER_TAG {
                    break;
                }
            }
        }
        found
    }

    /// What shares any word of what is asked, the most words first, then the newest.
    fn sharing_any_word(&self, like: &[Member<'_>], near: &[u32], allowed: &Allowed<'_>) -> Vec<u32> {
        let mut shared: HashMap<u32, usize> = HashMap::new();
        for member in like {
            let Some(shelf) = self.shelf_of(member.lang).and_then(|at| self.shelves.get(at)) else { continue };
            for entry in member.vector.entries() {
                shelf.each_holder(entry.word, |slot, _| *shared.entry(slot).or_default() += 1);
            }
        }
        let near: HashSet<u32> = near.iter().copied().collect();
        let mut found: Vec<(usize, i64, [u8; 10], u32)> = shared
            .into_iter()
            .filter(|(slot, _)| !near.contains(slot))
            .filter_map(|(slot, words)| self.alive(slot).map(|kept| (words, kept.date, kept.id, slot)))
            .collect();
        found.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
        found.into_iter().map(|(.., slot)| slot).filter(|slot| allowed.holds(self, *slot)).take(SPARE).collect()
    }
}

impl Allowed<'_> {
    fn holds(&self, index: &Index, slot: u32) -> bool {
        let dated = index.alive(slot).is_some_and(|kept| self.dates.contains(&kept.date));
        let may = |of: &dyn Fn(&StoryId) -> bool| index.name(slot).is_some_and(|story| of(&story));
        dated && !self.not.contains(&slot) && self.of.is_none_or(may)
    }
}

/// A story's words by weight, the squares of which add up to 1; and what a word of it says on average.
fn unit(shelf: &Shelf, vector: &Vector) -> (Vec<(u32, f64)>, f64) {
    let weighed = vector.entries().iter().map(|e| (e.word, e.weight() * shelf.inverse(e.word)));
    let mut words: Vec<(u32, f64)> = weighed.filter(|(_, weight)| *weight > 0.0).collect();
    let length = words.iter().map(|(_, weight)| weight.powi(2)).sum::<f64>().sqrt();
    words.iter_mut().for_each(|(_, weight)| *weight /= length);
    let plain = f64::from(vector.length());
    (words, if plain > 0.0 { length / plain } else { 0.0 })
}

/// The score of a story, 0 to 1.
pub(super) fn score(by: Weights, likeness: f64, tags: f64, fresh: f64) -> f64 {
    let [text, tag, recent] = parts(by);
    let all = text + tag + recent;
    if all <= 0.0 { likeness } else { (text * likeness + tag * tags + recent * fresh) / all }
}

/// The weights, where they can be used.
pub(super) fn parts(by: Weights) -> [f64; 3] {
    [by.text, by.tags, by.recent].map(|weight| if weight.is_finite() { f64::from(weight).max(0.0) } else { 0.0 })
}

/// 1 at this moment, falling with age.
pub(super) fn freshness(now: DateTime<Utc>, date: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "an age need not be exact")]
    let age = now.timestamp_micros().saturating_sub(date).max(0) as f64 / 1e6;
    (-age / FRESH_SECS).exp()
}

/// Shared tags, from 0 to 1: the first ones count most.
pub(super) fn damped(weight: f64) -> f64 {
    weight / (weight + TAG_HALF)
}

/// The best guesses so far, of all and of each source.
struct Nearest {
    most: usize,
    all: BinaryHeap<Reverse<Guess>>,
    by_source: Vec<BinaryHeap<Reverse<Guess>>>,
}

impl Nearest {
    fn new(most: usize) -> Self {
        Self { most, all: BinaryHeap::new(), by_source: Vec::new() }
    }

    fn takes(&self, score: f64, source: u32) -> bool {
        let of_source = self.by_source.get(source as usize);
        fits(&self.all, self.most, score)
            || of_source.is_none_or(|heap| fits(heap, self.most.div_ceil(OF_A_SOURCE), score))
    }

    fn take(&mut self, guess: &Guess, source: u32) {
        let at = source as usize;
        if self.by_source.len() <= at {
            self.by_source.resize_with(at + 1, BinaryHeap::new);
        }
        let of_source = self.by_source.get_mut(at).map(|heap| (heap, self.most.div_ceil(OF_A_SOURCE)));
        for (heap, most) in std::iter::once((&mut self.all, self.most)).chain(of_source) {
            heap.push(Reverse(Guess { ..*guess }));
            if heap.len() > most {
                heap.pop();
            }
        }
    }

    /// The slots of the best: first what each source may have, then whatever is best.
    fn best(self) -> Vec<u32> {
        let mut best: Vec<Guess> = self.by_source.into_iter().flatten().map(|Reverse(guess)| guess).collect();
        best.sort_unstable_by(|a, b| b.cmp(a));
        best.truncate(self.most);
        let mut slots: Vec<u32> = best.iter().map(|guess| guess.slot).collect();
        let mut others: Vec<Guess> = self.all.into_iter().map(|Reverse(guess)| guess).collect();
        others.sort_unstable_by(|a, b| b.cmp(a));
        for guess in others {
            if slots.len() >= self.most {
                break;
            }
            if !slots.contains(&guess.slot) {
                slots.push(guess.slot);
            }
        }
        slots
    }
}

fn fits(heap: &BinaryHeap<Reverse<Guess>>, most: usize, score: f64) -> bool {
    heap.len() < most || heap.peek().is_some_and(|Reverse(worst)| score >= worst.score)
}

impl PartialEq for Guess {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Guess {}
impl PartialOrd for Guess {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Guess {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then_with(|| other.id.cmp(&self.id))
    }
}
