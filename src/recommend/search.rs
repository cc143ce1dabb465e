//! The search for the stories that seem nearest: most are passed over by what they could score at best.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use chrono::{DateTime, Utc};

use super::Weights;
use super::index::Index;
use super::pool::{Allowed, damped, freshness, parts, score};

/// Of the pool one source has a third where others have enough, so that a flood of one subject leaves room.
pub(super) const OF_A_SOURCE: usize = 3;
/// Stories that are passed over together.
const LANES: usize = 16;
/// More than rounding adds to a score.
const ROUNDING: f64 = 1e-6;

/// A search for the stories that seem nearest, on its way from window to window.
pub(super) struct Search<'a> {
    index: &'a Index,
    by: Weights,
    now: DateTime<Utc>,
    allowed: &'a Allowed<'a>,
    nearest: Nearest,
}

impl<'a> Search<'a> {
    /// A search for so many stories.
    pub(super) fn new(
        index: &'a Index,
        by: Weights,
        now: DateTime<Utc>,
        allowed: &'a Allowed<'a>,
        most: usize,
    ) -> Self {
        Self { index, by, now, allowed, nearest: Nearest::new(most) }
    }

    /// The slots of those found, the nearest first.
    pub(super) fn best(self) -> Vec<u32> {
        self.nearest.best()
    }

    /// Looks at the stories of a window that share a tag (`tagged`) or a word, and leaves `dots` at zero.
    pub(super) fn window(&mut self, from: u32, dots: &mut [f32], lengths: &[f32], tagged: &[(u32, f64)]) {
        for (slot, tags) in tagged {
            let at = (slot - from) as usize;
            if let (Some(dot), Some(length)) = (dots.get_mut(at), lengths.get(at)) {
                self.look_at(*slot, std::mem::take(dot), *length, *tags);
            }
        }
        let mut floor = self.floor();
        for ((dots, lengths), from) in dots.chunks_mut(LANES).zip(lengths.chunks(LANES)).zip((from..).step_by(LANES)) {
            // Most need not be looked at: even as fresh as can be they would not come in.
            let near = |(dot, length): (&f32, &f32)| (*dot > 0.0) & (*dot >= floor * *length);
            if dots.iter().zip(lengths).fold(false, |any, pair| any | near(pair)) {
                for ((dot, length), slot) in dots.iter().zip(lengths).zip(from..) {
                    self.look_at(slot, *dot, *length, 0.0);
                }
                floor = self.floor();
            }
            dots.fill(0.0);
        }
    }

    /// Takes a story if it is near enough: `dot` stands for its words, `tags` for its tags.
    fn look_at(&mut self, slot: u32, dot: f32, length: f32, tags: f64) {
        // About the cosine of the angle to it.
        let cosine = (dot / length.max(f32::MIN_POSITIVE)).min(1.0);
        if cosine <= 0.0 && tags <= 0.0 {
            return;
        }
        let (cosine, tags) = (f64::from(cosine), damped(tags));
        if !self.nearest.may_take(score(self.by, cosine, tags, 1.0)) {
            return;
        }
        let Some(kept) = self.index.alive(slot) else { return };
        let score = score(self.by, cosine, tags, freshness(self.now, kept.date));
        let guess = Guess { score, slot, id: kept.id, source: kept.source };
        if self.nearest.takes(&guess) && self.allowed.holds(self.index, slot) {
            self.nearest.take(guess);
        }
    }

    /// A cosine that a story without shared tags must have to come in, or a little less.
    fn floor(&self) -> f32 {
        let [text, tag, recent] = parts(self.by);
        let sum = text + tag + recent;
        let (text, sum, fresh) = if sum > 0.0 { (text, sum, recent) } else { (1.0, 1.0, 0.0) };
        let missing = (self.nearest.least() - ROUNDING) * sum - fresh;
        #[expect(clippy::cast_possible_truncation, reason = "what rounding may add is taken off before")]
        let floor = (missing / text.max(f64::MIN_POSITIVE)).clamp(0.0, 2.0) as f32;
        floor
    }
}

/// The best guesses so far, of one source no more than its share, and what else is best for a pool that they do not fill.
struct Nearest {
    most: usize,
    best: Vec<Guess>,
    /// Where the worst of the best stands, once they are as many as may be.
    worst: Option<usize>,
    others: BinaryHeap<Reverse<Guess>>,
}

impl Nearest {
    fn new(most: usize) -> Self {
        Self { most, best: Vec::with_capacity(most), worst: None, others: BinaryHeap::new() }
    }

    /// What a guess must score to be taken, whatever its source.
    fn least(&self) -> f64 {
        self.worst.and_then(|at| self.best.get(at)).map_or(f64::NEG_INFINITY, |worst| worst.score)
    }

    fn may_take(&self, score: f64) -> bool {
        score >= self.least()
    }

    fn takes(&self, guess: &Guess) -> bool {
        let beats = |at: Option<usize>| at.and_then(|at| self.best.get(at)).is_none_or(|worst| guess > worst);
        if self.worst.is_some() {
            return beats(self.worst);
        }
        let is_other = self.others.len() < self.most || self.others.peek().is_none_or(|Reverse(worst)| guess > worst);
        is_other || beats(self.full(guess.source))
    }

    /// Where the worst of a source stands that has its share.
    fn full(&self, source: u32) -> Option<usize> {
        let of_source = || (0..).zip(&self.best).filter(|(_, guess)| guess.source == source);
        let full = of_source().count() >= self.most.div_ceil(OF_A_SOURCE);
        full.then(|| of_source().min_by(|a, b| a.1.cmp(b.1)).map(|(at, _)| at)).flatten()
    }

    fn take(&mut self, guess: Guess) {
        let gone = match self.full(guess.source).or(self.worst) {
            Some(at) => match self.best.get_mut(at) {
                Some(worst) if guess > *worst => std::mem::replace(worst, guess),
                _ => guess,
            },
            None => {
                self.best.push(guess);
                self.note_worst();
                return;
            }
        };
        self.note_worst();
        if self.worst.is_none() {
            self.others.push(Reverse(gone));
            if self.others.len() > self.most {
                self.others.pop();
            }
        }
    }

    fn note_worst(&mut self) {
        let worst = || (0..).zip(&self.best).min_by(|a, b| a.1.cmp(b.1)).map(|(at, _)| at);
        self.worst = (self.best.len() >= self.most).then(worst).flatten();
    }

    /// The slots of the best: first what each source may have, then whatever is best.
    fn best(mut self) -> Vec<u32> {
        self.best.sort_unstable_by(|a, b| b.cmp(a));
        let others = self.others.into_sorted_vec().into_iter().map(|Reverse(guess)| guess);
        self.best.into_iter().chain(others).take(self.most).map(|guess| guess.slot).collect()
    }
}

/// How a story seems to score.
struct Guess {
    score: f64,
    slot: u32,
    id: [u8; 10],
    source: u32,
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
