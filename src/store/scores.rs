//! The order of what was found: how much each is about what was asked for, and how new it is.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use crate::query::{Column, Fields, Sieve, Subject};

use super::StoreError;
use super::search::{PLACES, expression, walk};

/// Words that are weighed, and words of a phrase that are asked how common they are.
const WEIGHED: usize = 6;
/// How much more a word counts in the title than in the text.
const IN_TITLE: f64 = 4.0;
/// Of the score, so much goes with age; after so many seconds two thirds of that are gone.
const FRESHNESS: f64 = 0.4;
const FADES: f64 = 30.0 * 86_400.0;

/// How far is counted.
pub(super) struct Bounds {
    /// Matches that are counted, and of which the order is made; of more it is said that there are more.
    pub(super) counted: usize,
    /// The same of a phrase of common words: to find it, all stories with its words are looked into.
    pub(super) of_phrases: usize,
    /// The newest of these are put in the order of how much they are about what was asked.
    pub(super) ranked: usize,
    /// Stories that have a word at the most for its weight to be worth counting.
    pub(super) rare: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { counted: 10_000, of_phrases: 1_000, ranked: 500, rare: 4_000 }
    }
}

/// The phrases that are looked for, as far as they are weighed, each word of which many stories have.
pub(super) fn common_phrases<'s>(
    conn: &Connection,
    sieve: &'s Sieve,
    bounds: &Bounds,
) -> Result<Vec<&'s Sieve>, StoreError> {
    let mut common = Vec::new();
    for phrase in sieve.wanted().into_iter().take(WEIGHED) {
        let Sieve::Words { column, words, open } = phrase else { continue };
        let whole = words.len().saturating_sub(usize::from(*open));
        let mut is_common = words.len() > 1;
        for word in words.iter().take(whole.min(WEIGHED)) {
            let word = Sieve::Words { column: *column, words: vec![word.clone()], open: false };
            is_common = is_common && !is_rare(stories_with(conn, &word, bounds)?, bounds);
        }
        if is_common {
            common.push(phrase);
        }
    }
    Ok(common)
}

/// How many stories hold something, as far as it is counted.
fn stories_with(conn: &Connection, word: &Sieve, bounds: &Bounds) -> Result<usize, StoreError> {
    Ok(walk(conn, &expression(word), 0, i64::MAX, bounds.rare + 1)?.len())
}

fn is_rare(having: usize, bounds: &Bounds) -> bool {
    having <= bounds.rare
}

/// Puts the newest rows in the order of their scores. A word that few stories have is weighed by BM25, whose counting costs as
/// many steps as there are stories with the word; of a common one it is asked only whether the title has it, and so it is of a
/// phrase of common ones. `having`: how many stories hold what is looked for, where that is known.
pub(super) fn rank(
    conn: &Connection,
    (sieve, having): (&Sieve, Option<usize>),
    phrases: &[&Sieve],
    rows: &mut [i64],
    bounds: &Bounds,
) -> Result<(), StoreError> {
    let ranked = rows.len().min(bounds.ranked);
    let head = &mut rows[..ranked];
    let (Some(newest), Some(oldest)) = (head.first().copied(), head.last().copied()) else { return Ok(()) };
    let mut wanted = sieve.wanted();
    wanted.truncate(WEIGHED);
    if wanted.is_empty() || ranked < 2 {
        return Ok(());
    }
    let mut scores: HashMap<i64, f64> = head.iter().map(|row| (*row, 0.0)).collect();
    let all: i64 =
        conn.prepare_cached("SELECT value FROM counter WHERE name = 'stories'")?.query_row([], |row| row.get(0))?;
    let weight = |having: usize| (1.0 + all as f64 / having as f64).ln();
    let mut rare = Vec::new();
    for word in wanted {
        if phrases.contains(&word) {
            for row in titled(conn, word, head)? {
                scores.entry(row).and_modify(|score| *score += weight(bounds.rare + 1));
            }
            continue;
        }
        let having = match having {
            Some(having) if word == sieve => having.min(bounds.rare + 1),
            _ => stories_with(conn, word, bounds)?,
        };
        // BM25 gives nothing for a word that half of all stories have.
        if is_rare(having, bounds) && having as i64 * 4 <= all {
            rare.push(word.clone());
            continue;
        }
        for row in walk(conn, &expression(&in_title(word)), oldest, newest, bounds.ranked)? {
            scores.entry(row).and_modify(|score| *score += weight(having));
        }
    }
    if !rare.is_empty() {
        let ask = expression(&Sieve::Any(rare));
        let mut read = conn.prepare_cached(
            "SELECT rowid, bm25(search, ?4, 1, 1, 0) FROM search WHERE search MATCH ?1 AND rowid BETWEEN ?2 AND ?3",
        )?;
        let mut found = read.query((ask, oldest, newest, IN_TITLE))?;
        while let Some(row) = found.next()? {
            let (n, lower): (i64, f64) = (row.get(0)?, row.get(1)?);
            scores.entry(n).and_modify(|score| *score -= lower);
        }
    }
    let seconds = |row: i64| (row / PLACES) as f64;
    let score = |row: &i64| {
        let fresh = 1.0 - FRESHNESS + FRESHNESS * ((seconds(*row) - seconds(newest)) / FADES).exp();
        // A word more weighs more than a day less; among equals the newest is first.
        (scores.get(row).copied().unwrap_or_default() + 0.1) * fresh
    };
    head.sort_by(|a, b| score(b).total_cmp(&score(a)).then(b.cmp(a)));
    Ok(())
}

fn in_title(word: &Sieve) -> Sieve {
    match word {
        Sieve::Words { words, open, .. } => Sieve::Words { column: Column::Title, words: words.clone(), open: *open },
        other => other.clone(),
    }
}

/// Those rows whose story has a phrase in its title. The titles themselves are read: the index would look into all stories that
/// have its words.
fn titled(conn: &Connection, phrase: &Sieve, rows: &[i64]) -> Result<Vec<i64>, StoreError> {
    let Sieve::Words { words, open, .. } = phrase else { return Ok(Vec::new()) };
    let phrase = format!(" {}{}", words.join(" "), if *open { "" } else { " " });
    let mut read = conn.prepare_cached(
        "SELECT a.title FROM search_row r JOIN story t ON t.id = r.story JOIN article a ON a.n = t.lead WHERE r.n = ?1",
    )?;
    let mut titled = Vec::new();
    for row in rows {
        let title: Option<String> = read.query_row([row], |row| row.get(0)).optional()?;
        let subject = Subject::new(Fields { title: title.as_deref().unwrap_or_default(), ..Fields::default() });
        if format!(" {} ", subject.columns(&[], &[]).title).contains(&phrase) {
            titled.push(*row);
        }
    }
    Ok(titled)
}
