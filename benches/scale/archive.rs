//! A made-up archive of any size: words by Zipf's law, subjects that articles share, names that nobody wrote before.

use chrono::{DateTime, TimeDelta, Utc};

/// Words of the language.
const WORDS: usize = 40_000;
/// Subjects, and words that each prefers.
const SUBJECTS: u64 = 2_000;
const OF_SUBJECT: u64 = 120;
/// Words of an article: about 3,600 bytes.
const LENGTH: u64 = 520;
/// Sources, and hashtags.
const SOURCES: u64 = 200;
const TAGS: u64 = 3_000;
/// Articles of a day.
const A_DAY: i64 = 1_500;

/// The archive: the same articles at every run.
pub(crate) struct Archive {
    words: Vec<String>,
    /// Bounds of the words' shares, rising to 2^32.
    bounds: Vec<u64>,
    end: DateTime<Utc>,
    size: usize,
}

/// An article of it.
pub(crate) struct Made {
    pub(crate) n: usize,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) source: String,
    pub(crate) tags: Vec<String>,
    pub(crate) date: DateTime<Utc>,
}

/// Numbers that look like chance and are the same at every run (SplitMix64).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }
}

impl Archive {
    /// An archive of so many articles, the newest at `end`.
    pub(crate) fn new(size: usize, end: DateTime<Utc>) -> Self {
        let mut chance = Chance::new(1);
        let words = (0..WORDS).map(|n| word(n, &mut chance)).collect();
        let mut bounds = Vec::with_capacity(WORDS);
        let all: f64 = (0..WORDS).map(share).sum();
        let mut so_far = 0.0;
        for n in 0..WORDS {
            so_far += share(n);
            bounds.push((so_far / all * 4_294_967_296.0) as u64);
        }
        Self { words, bounds, end, size }
    }

    /// How many articles it has.
    pub(crate) fn len(&self) -> usize {
        self.size
    }

    /// All articles, the eldest first.
    pub(crate) fn articles(&self) -> impl Iterator<Item = Made> + '_ {
        (0..self.size).map(|n| self.article(n))
    }

    /// The article of a number; one beyond the end is newer than all.
    pub(crate) fn article(&self, n: usize) -> Made {
        let mut chance = Chance::new(n as u64 + 7);
        let subject = chance.below(SUBJECTS);
        let mut text = String::with_capacity(3_700);
        let name = self.name(&mut chance);
        for i in 0..LENGTH {
            let word = match chance.below(20) {
                0 => name.clone(),
                1 if i % 40 == 1 => self.name(&mut chance),
                1..=5 => {
                    self.words[(300 + (subject * 7919 + chance.below(OF_SUBJECT) * 104_729) % 30_000) as usize].clone()
                }
                _ => self.common(&mut chance).to_owned(),
            };
            text.push_str(&word);
            text.push_str(match i {
                i if i % 80 == 79 => ".\n",
                i if i % 14 == 13 => ". ",
                _ => " ",
            });
        }
        let title: Vec<&str> = text.split_whitespace().skip(3).take(9).collect();
        let title = title.join(" ");
        let tag = |chance: &mut Chance| format!("Mot_{}", (chance.below(TAGS) * chance.below(TAGS)) / TAGS);
        let tags = (0..1 + chance.below(4)).map(|_| tag(&mut chance)).chain([format!("Sujet_{subject}")]).collect();
        let ago = self.size as i64 - n as i64;
        Made {
            n,
            title,
            text,
            source: format!("source-{}", chance.below(SOURCES)),
            tags,
            date: self.end - TimeDelta::seconds(ago * 86_400 / A_DAY),
        }
    }

    fn common(&self, chance: &mut Chance) -> &str {
        let at = chance.below(1 << 32);
        &self.words[self.bounds.partition_point(|b| *b <= at).min(WORDS - 1)]
    }

    /// A name of two words, one of them new as often as not: a language never ends.
    fn name(&self, chance: &mut Chance) -> String {
        let n = WORDS as u64 + chance.below(1 << 20);
        word(n as usize, &mut Chance::new(n))
    }
}

/// Zipf's law, flattened at its head as in a real language.
fn share(n: usize) -> f64 {
    1.0 / (n as f64 + 2.7)
}

/// A word of syllables; the first ones are short, and some have accents.
fn word(n: usize, chance: &mut Chance) -> String {
    const ONSETS: [&str; 16] = ["b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "ch", "tr", "pl"];
    const VOWELS: [&str; 12] = ["a", "e", "i", "o", "u", "é", "è", "ou", "an", "on", "oi", "ê"];
    let mut word = String::new();
    let mut left = n as u64 + 1;
    while left > 0 || word.is_empty() {
        word.push_str(ONSETS[(left % 16) as usize]);
        word.push_str(VOWELS[(chance.next() % 12) as usize]);
        left /= 16;
    }
    word
}
