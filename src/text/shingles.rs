//! Five-word shingles: what says that two texts are one (see docs/decisions).

use super::{fold, words};

/// The words that make a shingle.
const WIDTH: usize = 5;

/// A 64-bit hash, the same on every machine.
#[must_use]
pub fn hash(bytes: &[u8]) -> u64 {
    let digest = blake3::hash(bytes);
    let mut first = [0; 8];
    first.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_be_bytes(first)
}

/// The shingles of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shingles {
    /// All of them, sorted, each once.
    pub all: Vec<u64>,
    /// Hash of the folded words in order: equal for the same text.
    pub text_hash: u64,
    /// How many words the text has.
    pub words: usize,
}

impl Shingles {
    /// Folds a text and takes its shingles.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let folded = fold(text);
        let words: Vec<&str> = words(&folded).collect();
        let mut all: Vec<u64> = words.windows(WIDTH).map(|w| hash(w.join(" ").as_bytes())).collect();
        all.sort_unstable();
        all.dedup();
        Self { all, text_hash: hash(words.join(" ").as_bytes()), words: words.len() }
    }

    /// The keys by which copies are looked up: the shingles whose hash is below an eighth of all hashes, but at least the
    /// 16 smallest.
    #[must_use]
    pub fn sample(&self) -> &[u64] {
        let below = self.all.partition_point(|h| *h < u64::MAX / 8);
        &self.all[..below.max(16).min(self.all.len())]
    }
}
