//! The words of many stories side by side.

use super::index::Index;
use super::vector::weight_of;

/// Bits of a word by which the sorting parts at a time.
const DIGIT: u32 = 11;
/// Where the word begins, and where the number ends.
const WORD: u32 = 24;
const END: u32 = 64;

/// A word of a row in one number, so that many are sorted fast: from the highest bits on its shelf, the word, the row and how
/// often it stands there. Languages have no word in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Held(u64);

impl Held {
    pub(super) fn new(shelf: usize, word: u32, row: u16, steps: u8) -> Self {
        Self(((shelf as u64) << 56) | (u64::from(word) << WORD) | (u64::from(row) << 8) | u64::from(steps))
    }

    /// Its shelf.
    fn shelf(self) -> usize {
        (self.0 >> 56) as usize
    }

    /// Its word.
    pub(super) fn word(self) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "the shelf stands above it")]
        let word = (self.0 >> WORD) as u32;
        word
    }

    /// Its row.
    fn row(self) -> usize {
        ((self.0 >> 8) & 0xffff) as usize
    }

    /// What the word weighs in its row.
    fn weight(self) -> f64 {
        weight_of((self.0 & 0xff) as u8)
    }
}

/// Sorts by shelf and word; of one word the rows keep their order. From the lowest digit to the highest (radix sort): words
/// are hashes, spread evenly.
pub(super) fn sort(words: &mut Vec<Held>) {
    let mut sorted = vec![Held(0); words.len()];
    let differ = words.first().map_or(0, |first| words.iter().fold(0, |differ, held| differ | (held.0 ^ first.0)));
    let mut at = vec![0_usize; 1 << DIGIT];
    for from in (WORD..END).step_by(DIGIT as usize) {
        let digit = |held: &Held| ((held.0 >> from) & ((1 << DIGIT) - 1)) as usize;
        if digit(&Held(differ)) == 0 {
            continue;
        }
        at.fill(0);
        words.iter().for_each(|held| at[digit(held)] += 1);
        let mut before = 0;
        for at in &mut at {
            before += std::mem::replace(at, before);
        }
        for held in &*words {
            let at = &mut at[digit(held)];
            sorted[*at] = *held;
            *at += 1;
        }
        std::mem::swap(words, &mut sorted);
    }
}

/// What the words weigh in each row: of each word the rows that hold it.
pub(super) struct Weighed {
    /// The rows and what the word weighs there, word after word.
    held: Vec<(usize, f64)>,
    /// Where each word ends.
    ends: Vec<usize>,
}

impl Weighed {
    /// Weighs sorted words so that the squares of each row add up to 1, but those of row 0, which are weighed already:
    /// `mine` has them in the order of its words.
    pub(super) fn new(index: &Index, words: &[Held], mut mine: impl Iterator<Item = f64>, rows: usize) -> Self {
        let mut all = Self { held: Vec::with_capacity(words.len()), ends: Vec::new() };
        let mut squares = vec![0.0_f64; rows];
        for words in words.chunk_by(|a, b| a.shelf() == b.shelf()) {
            let holders = || words.chunk_by(|a, b| a.word() == b.word());
            let Some(shelf) = words.first().and_then(|held| index.shelves.get(held.shelf())) else { continue };
            // What a word says is looked up once for all that hold it.
            let each: Vec<u32> = holders().filter_map(|held| held.first()).map(|held| held.word()).collect();
            let says = shelf.says(each.into_iter());
            for (holders, says) in holders().zip(says) {
                for holder in holders {
                    let row = holder.row();
                    let weight = if row == 0 { mine.next().unwrap_or(0.0) } else { holder.weight() * says };
                    if let Some(square) = squares.get_mut(row).filter(|_| weight > 0.0) {
                        *square += weight.powi(2);
                        all.held.push((row, weight));
                    }
                }
                all.ends.push(all.held.len());
            }
        }
        let lengths: Vec<f64> = squares.into_iter().map(|square| square.sqrt().max(f64::MIN_POSITIVE)).collect();
        for (row, weight) in all.held.iter_mut().filter(|(row, _)| *row > 0) {
            *weight /= lengths[*row];
        }
        all
    }

    /// Of each word the rows that hold it, rising, and what it weighs there.
    pub(super) fn words(&self) -> impl Iterator<Item = &[(usize, f64)]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.held.get(start..*end).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_is_that_of_the_numbers() {
        let mut mixed = 9_u64;
        for (many, mask) in [(0, 0), (1, u64::MAX), (3_000, u64::MAX), (500, 0x00ff_ffff_ffff_ffff), (500, 0xff_0000)] {
            let rows = (0..many).map(|row: u64| {
                mixed = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(row);
                // Rows rise, as they do where they are gathered.
                Held((mixed & mask & !0xff_ffff) | (row << 8) | (mixed & 0xff))
            });
            let mut words: Vec<Held> = rows.collect();
            let mut plainly = words.clone();
            plainly.sort_by_key(|held| (held.shelf(), held.word(), held.row()));
            sort(&mut words);
            assert_eq!(words, plainly);
        }
    }
}
