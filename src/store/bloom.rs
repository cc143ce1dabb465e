//! A Bloom filter: it says of a key for certain that it was never put in, or that it may have been (Bloom 1970).

/// Places of a filter, as a power of two: 4 MiB of them, ten for each of three million keys.
const PLACES: u32 = 25;

/// Keys, of which only so much is kept that most others can be told from them.
pub(super) struct Bloom {
    bits: Box<[u64]>,
    empty: bool,
}

impl Bloom {
    /// One without keys.
    pub(super) fn new() -> Self {
        Self { bits: vec![0; 1 << (PLACES - u64::BITS.ilog2())].into(), empty: true }
    }

    /// Puts a key in.
    pub(super) fn insert(&mut self, key: i64) {
        for (word, bit) in places(key) {
            if let Some(word) = self.bits.get_mut(word) {
                *word |= bit;
            }
        }
        self.empty = false;
    }

    /// Whether a key may have been put in.
    pub(super) fn may_hold(&self, key: i64) -> bool {
        places(key).iter().all(|(word, bit)| self.bits.get(*word).is_none_or(|word| word & bit != 0))
    }

    /// Whether no key was put in.
    pub(super) fn is_empty(&self) -> bool {
        self.empty
    }
}

/// The two places of a key: its word, and its bit there.
fn places(key: i64) -> [(usize, u64); 2] {
    // Sampled keys are the lowest of all: their upper bits say little (Fibonacci hashing, Knuth 6.4).
    let mixed = key.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    [mixed, mixed.rotate_left(PLACES)].map(|of| {
        let place = of >> (u64::BITS - PLACES);
        ((place / u64::from(u64::BITS)) as usize, 1 << (place % u64::from(u64::BITS)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::hash;

    #[test]
    fn what_was_put_in_is_held_and_little_else() {
        // As sampled: below an eighth of all.
        let key = |i: u32| (hash(&i.to_le_bytes()) >> 3).cast_signed();
        let mut bloom = Bloom::new();
        assert!(bloom.is_empty() && !bloom.may_hold(key(0)));
        (0..1_000_000).for_each(|i| bloom.insert(key(i)));
        assert!(!bloom.is_empty() && (0..1_000_000).all(|i| bloom.may_hold(key(i))));
        let taken = (1_000_000..1_100_000).filter(|i| bloom.may_hold(key(*i))).count();
        assert!(taken < 1_000, "{taken} of a hundred thousand");
    }
}
