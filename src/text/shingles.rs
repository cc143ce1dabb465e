//! Five-word shingles: what says that two texts are one (see docs/decisions).

use super::words::is_unparted;
use super::{fold_spelling, words};

/// The words that make a shingle.
const WIDTH: usize = 5;
/// Of a longer text only so many words are compared: a book must not cost more than an article.
const MOST_WORDS: usize = 60_000;
/// Characters of a script without spaces that make two words: about two and a half are one (Chinese, Japanese, Thai).
const SIGNS_OF_TWO_WORDS: usize = 5;
/// One shingle in so many is a key.
const ONE_IN: u64 = 8;
/// Short texts give at least so many keys.
const LEAST_KEYS: usize = 16;
/// Long texts give at most so many: 1 in 8 of 4,000 words.
const MOST_KEYS: usize = 512;

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
    /// How many words the text has; of scripts that part none, about as many as it would have.
    pub words: usize,
    /// Whether most of it is in such a script.
    pub unparted: bool,
}

impl Shingles {
    /// Folds a text and takes its shingles: runs of five words, or the whole text where it has fewer. Scripts without spaces
    /// give runs of five characters.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let folded = fold_spelling(text);
        Self::of_words(words(&folded), folded.len())
    }

    /// The same of a text whose words are known, folded as by [`fold_spelling`]; `bytes`: about how long it is.
    #[must_use]
    pub fn of_words<'w>(words: impl Iterator<Item = &'w str>, bytes: usize) -> Self {
        let mut whole = String::with_capacity(bytes);
        let mut hashes = Vec::with_capacity((bytes / 5).min(MOST_WORDS));
        let (mut count, mut signs) = (0, 0);
        for word in words {
            signs += usize::from(word.chars().next().is_some_and(is_unparted));
            if count > 0 {
                whole.push(' ');
            }
            whole.push_str(word);
            if count < MOST_WORDS {
                hashes.push(word_hash(word));
            }
            count += 1;
        }
        let width = WIDTH.min(hashes.len()).max(1);
        let mut all: Vec<u64> = hashes.windows(width).map(run_hash).collect();
        all.sort_unstable();
        all.dedup();
        if all.len() < all.capacity() / 2 {
            all.shrink_to_fit();
        }
        let words = count - signs + (signs * 2).div_ceil(SIGNS_OF_TWO_WORDS);
        Self { all, text_hash: hash(whole.as_bytes()), words, unparted: signs * 2 > count }
    }

    /// The keys by which copies are looked up: the shingles whose hash is below an eighth of all hashes, but at least the
    /// 16 smallest and at most the 512 smallest. A threshold and not a number, so that the keys of a short and a long text
    /// that share a part fall on the same shingles.
    #[must_use]
    pub fn sample(&self) -> &[u64] {
        let below = self.all.partition_point(|h| *h < u64::MAX / ONE_IN);
        &self.all[..below.clamp(LEAST_KEYS, MOST_KEYS).min(self.all.len())]
    }
}

/// A 64-bit hash of a word, the same on every machine. FNV-1a: a word is a few bytes, a cryptographic hash would cost as much
/// as all the rest.
#[must_use]
pub fn word_hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// The hashes of a run of words as one, finished as in SplitMix64 (Steele, Lea and Flood 2014) so that every bit counts for
/// the sampling.
#[must_use]
pub fn run_hash(run: &[u64]) -> u64 {
    let mixed = run.iter().fold(0_u64, |h, word| (h.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(words: std::ops::Range<usize>) -> String {
        words.map(|n| format!("word{n} ")).collect()
    }

    #[test]
    fn the_same_words_are_the_same_text() {
        let (a, b) = (Shingles::of("L’Été, à Gaza !"), Shingles::of("l'ete a gaza"));
        assert_eq!(a, b);
        assert_eq!((a.words, a.all.len()), (4, 1));
        assert_ne!(a.text_hash, Shingles::of("l'ete gaza a").text_hash);
        let empty = Shingles::of(" … ");
        assert_eq!((empty.words, empty.all.len(), empty.sample().len()), (0, 0, 0));
        // Kept in databases and ids: it may never become another.
        assert_eq!(Shingles::of("a b c d e").text_hash, hash(b"a b c d e"));
        assert_eq!(Shingles::of("a b c d e").all, [11211907220307662286]);
    }

    #[test]
    fn keys_are_an_eighth_and_fall_on_the_same_shingles() {
        let long = Shingles::of(&numbered(0..2_000));
        let keys = long.sample().len();
        assert!((200..300).contains(&keys), "{keys}");
        let part = Shingles::of(&numbered(300..600));
        let shared = part.sample().iter().filter(|k| long.sample().contains(k)).count();
        assert!(shared >= part.sample().len() * 9 / 10, "{shared} of {}", part.sample().len());
        assert_eq!(Shingles::of(&numbered(0..20)).sample().len(), 16);
    }

    #[test]
    fn a_huge_text_is_bounded() {
        let huge = Shingles::of(&numbered(0..100_000));
        assert_eq!([Shingles::of("日本語日本語日本").words, Shingles::of("日 abc").words], [4, 2]);
        assert_eq!((huge.words, huge.all.len(), huge.sample().len()), (100_000, MOST_WORDS - 4, MOST_KEYS));
        assert_eq!(Shingles::of(&"a".repeat(1_000_000)).all.len(), 1);
        assert_eq!(Shingles::of(&"漢".repeat(300_000)).all.len(), 1);
    }
}
