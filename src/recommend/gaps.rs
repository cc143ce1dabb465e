//! Slots with the class of each, as a list keeps them: the gaps between them in about as few bits as gaps of that size need
//! (Golomb 1966; with powers of two: Rice 1979), and one or a few bits for the class, as low ones are the most frequent.

use super::index::number;

/// Bytes of a list that need no memory of their own.
const SHORT: usize = 15;
/// A gap of so many times the usual one, or more, is written out ...
const FAR: u32 = 12;
/// ... with all bits of a slot.
const SLOT_BITS: u32 = 28;
/// The highest class.
const HIGHEST: u32 = 7;
/// Bytes from which on it is looked again what the usual gap is, whenever they have doubled.
const AGAIN: usize = 32;

/// Slots that rise, each with a class. The last byte says what the usual gap is (its upper five bits: a power of two) and how many
/// bits of the one before are free: who adds a slot touches the end alone.
#[derive(Debug)]
pub(super) enum Gaps {
    Short(u8, [u8; SHORT]),
    Long(Vec<u8>),
}

impl Default for Gaps {
    fn default() -> Self {
        Self::Short(0, [0; SHORT])
    }
}

impl Gaps {
    /// Slots that rise, each with a class.
    pub(super) fn of(all: &[(u32, u8)]) -> Self {
        let mut gaps = Self::default();
        gaps.replace_end(0, &[usual(all) << 3]);
        let mut before = 0;
        for (slot, class) in all {
            gaps.write(slot - before, *class);
            before = *slot;
        }
        gaps
    }

    /// Adds a slot after the last one.
    pub(super) fn push(&mut self, last: u32, (slot, class): (u32, u8)) {
        let before = self.read().len();
        if before == 0 {
            *self = Self::of(&[(slot, class)]);
            return;
        }
        self.write(slot.saturating_sub(last), class);
        let now = self.read().len();
        if now >= AGAIN && now.ilog2() > before.ilog2() {
            let all: Vec<_> = self.slots().collect();
            if self.read().last().is_some_and(|head| head >> 3 != usual(&all)) {
                *self = Self::of(&all);
            }
        }
    }

    /// All of them.
    pub(super) fn slots(&self) -> Slots<'_> {
        let Some((head, bytes)) = self.read().split_last() else { return Slots::default() };
        let end = (bytes.len() * 8).saturating_sub(usize::from(head & 7));
        Slots { bytes, at: 0, end, usual: u32::from(head >> 3), slot: 0 }
    }

    /// Their bytes.
    pub(super) fn read(&self) -> &[u8] {
        match self {
            Self::Short(len, bytes) => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Self::Long(bytes) => bytes,
        }
    }

    fn write(&mut self, gap: u32, class: u8) {
        let usual = self.read().last().map_or(0, |head| u32::from(head >> 3));
        let times = gap >> usual;
        // From the lowest bit on: as many ones as the usual gap fits, a zero, what is left.
        let (mut code, mut width) = if times < FAR {
            let left = u64::from(gap & ((1 << usual) - 1));
            (ones(times) | (left << (times + 1)), times + 1 + usual)
        } else {
            (ones(FAR) | (u64::from(gap) << FAR), FAR + SLOT_BITS)
        };
        let class = u32::from(class).min(HIGHEST);
        code |= ones(class) << width;
        width += (class + 1).min(HIGHEST);
        self.write_bits(code, width);
    }

    /// Writes so many bits of a code, from the lowest on, after the last one.
    fn write_bits(&mut self, code: u64, width: u32) {
        let all = self.read();
        let Some((head, written)) = all.split_last() else { return };
        let (begun, bits) = match (written.last(), u32::from(head & 7)) {
            (Some(begun), free) if free > 0 => (u64::from(*begun), 8 - free),
            _ => (0, 0),
        };
        let kept = written.len() - usize::from(bits > 0);
        let (code, width) = (begun | (code << bits), bits + width);
        // No code has more than 47 bits: there is room for the last byte.
        let (mut end, count) = (code.to_le_bytes(), width.div_ceil(8));
        if let Some(last) = end.get_mut(count as usize) {
            *last = (head & !7) | ((count * 8 - width) & 7) as u8;
        }
        self.replace_end(kept, end.get(..=count as usize).unwrap_or_default());
    }

    /// Puts a few bytes in place of what stands after the first ones.
    fn replace_end(&mut self, kept: usize, end: &[u8]) {
        match self {
            Self::Short(len, bytes) => {
                let whole = kept + end.len();
                match (bytes.get_mut(kept..whole), u8::try_from(whole)) {
                    (Some(place), Ok(whole)) => {
                        place.copy_from_slice(end);
                        *len = whole;
                    }
                    _ => {
                        let mut long = Vec::with_capacity(SHORT * 2);
                        long.extend_from_slice(bytes.get(..kept).unwrap_or_default());
                        long.extend_from_slice(end);
                        *self = Self::Long(long);
                    }
                }
            }
            Self::Long(bytes) => {
                bytes.truncate(kept);
                if bytes.capacity() < kept + end.len() {
                    // By an eighth: lists of common words are long, and what they do not fill is lost.
                    bytes.reserve_exact(kept / 8 + 8);
                }
                bytes.extend_from_slice(end);
            }
        }
    }
}

/// The usual gap between slots, as a power of two.
fn usual(all: &[(u32, u8)]) -> u8 {
    let (Some((first, _)), Some((last, _))) = (all.first(), all.last()) else { return 0 };
    let mean = (last - first) / number(all.len() - 1).max(1);
    // Of gaps that chance made half are shorter than ln 2 of the mean.
    ((mean / 16 * 11 + mean % 16 * 11 / 16).max(1).ilog2() & 0x1f) as u8
}

/// So many ones, from the lowest bit on.
fn ones(count: u32) -> u64 {
    (1 << count) - 1
}

/// Slots with the class of each, on the way through them.
#[derive(Debug, Default)]
pub(super) struct Slots<'a> {
    bytes: &'a [u8],
    /// The bit where the next begins, and where there is none.
    at: usize,
    end: usize,
    usual: u32,
    slot: u32,
}

impl Slots<'_> {
    /// The bits from the next on; all those of one slot are among them.
    fn bits(&self) -> u64 {
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        let bits = match rest.first_chunk() {
            Some(whole) => u64::from_le_bytes(*whole),
            None => rest.iter().rev().fold(0, |bits, byte| (bits << 8) | u64::from(*byte)),
        };
        bits >> (self.at % 8)
    }
}

impl Iterator for Slots<'_> {
    type Item = (u32, u8);

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let bits = self.bits();
        let times = bits.trailing_ones();
        let (gap, width) = if times < FAR {
            ((u64::from(times) << self.usual) | ((bits >> (times + 1)) & ones(self.usual)), times + 1 + self.usual)
        } else {
            ((bits >> FAR) & ones(SLOT_BITS), FAR + SLOT_BITS)
        };
        let class = (bits >> width).trailing_ones().min(HIGHEST);
        self.at += (width + (class + 1).min(HIGHEST)) as usize;
        self.slot = self.slot.saturating_add(u32::try_from(gap).unwrap_or(u32::MAX));
        Some((self.slot, (class & 7) as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::super::postings::MOST_SLOTS;
    use super::*;

    /// Gaps up to a bound, drawn by chance, and mostly low classes.
    fn drawn(count: u32, most: u32, from: u32) -> Vec<(u32, u8)> {
        let (mut mixed, mut slot) = (u64::from(count) + 9, from);
        let draw = |_| {
            mixed = mixed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            slot += 1 + (mixed >> 33) as u32 % most;
            (slot, ((mixed >> 20) as u8 & 15).saturating_sub(8))
        };
        (0..count).map(draw).collect()
    }

    #[test]
    fn slots_come_back_as_they_were_given() {
        let bursts = [drawn(900, 2, 0), drawn(30, 4_000_000, 3_000), drawn(900, 300, 190_000_000)].concat();
        let far = vec![(0, 7), (MOST_SLOTS - 2, 0), (MOST_SLOTS - 1, 7)];
        for all in [vec![], vec![(0, 0)], far, drawn(1, 9, 77), drawn(5_000, 1, 0), drawn(5_000, 800, 5), bursts] {
            let (mut one_by_one, mut last) = (Gaps::default(), 0);
            for (count, slot) in all.iter().enumerate() {
                one_by_one.push(last, *slot);
                last = slot.0;
                if count % 97 == 0 {
                    assert!(one_by_one.slots().eq(all[..=count].iter().copied()), "{count} of {}", all.len());
                }
            }
            assert!(one_by_one.slots().eq(all.iter().copied()) && Gaps::of(&all).slots().eq(all.iter().copied()));
        }
    }

    #[test]
    fn gaps_of_four_hundred_take_a_byte_and_a_half() {
        let all = drawn(10_000, 800, 0);
        let mut gaps = Gaps::default();
        all.iter().fold(0, |last, slot| {
            gaps.push(last, *slot);
            slot.0
        });
        assert!(size_of::<Gaps>() == 24 && gaps.read().len() < 17_000, "{}", gaps.read().len());
    }
}
