//! Which sentences two texts have in common, and what the others say.

use super::formulas::is_notice;
use super::particulars::Particulars;
use crate::text::{Shingles, fold_spelling, head, run_hash, word_hash, words};

/// Words in a row that make two sentences one of a kind: a template changes what stands between them.
const ROW: usize = 5;
/// Characters of a text that are compared.
const LONGEST: usize = 200_000;
/// Words of the beginning of an article before a plea, and the most that the plea has for each of these.
const BEGINNING: usize = 18;
const PLEA: usize = 3;
/// Words of a page beside what it has of one article.
const MUCH: usize = 60;

/// The sentences of a text, as far as their ends can be told; of a very long text of its beginning.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = head(text, LONGEST);
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let ends = match c {
                '\n' | '。' | '！' | '？' | '؟' | '।' => true,
                '.' | '!' | '?' | '…' => chars.peek().is_none_or(|(_, next)| next.is_whitespace()),
                _ => false,
            };
            if ends {
                let (sentence, after) = rest.split_at(at + c.len_utf8());
                rest = after;
                return Some(sentence);
            }
        }
        Some(std::mem::take(&mut rest)).filter(|last| !last.is_empty())
    })
}

/// The sentences of a text that share a few words in a row with another text, and those that do not.
pub(super) fn shared_sentences<'t>(text: &'t str, other: &str) -> (Vec<&'t str>, Vec<&'t str>) {
    let others = rows(other);
    let is_shared = |sentence: &&str| rows(sentence).iter().any(|row| others.binary_search(row).is_ok());
    sentences(text).partition(is_shared)
}

/// The words of a text by `ROW`, each row as a number, sorted.
fn rows(text: &str) -> Vec<u64> {
    let folded = fold_spelling(head(text, LONGEST));
    let words: Vec<u64> = words(&folded).map(word_hash).collect();
    let mut rows: Vec<u64> = words.windows(ROW).map(run_hash).collect();
    rows.sort_unstable();
    rows
}

/// What a teaser has of the article that another gives as a whole: its beginning, without the plea to subscribe that follows, which
/// names nobody and speaks of neither title.
pub(super) fn beginning(teaser: &str, whole: &str, titles: [&str; 2]) -> Option<Shingles> {
    let (shared, plea) = shared_sentences(teaser, whole);
    // The plea comes last.
    let begins = shared.iter().zip(sentences(teaser)).all(|(shared, there)| std::ptr::eq(*shared, there));
    let (beginning, plea) = (shared.concat(), plea.concat());
    let own = Shingles::of(&beginning);
    let is_plea = || !Particulars::of(&plea).name_somebody() && is_notice(&plea, titles);
    let is_long = |own: usize| own >= BEGINNING && Shingles::of(&plea).words <= own * PLEA;
    let is_it = begins && is_long(own.words) && Particulars::of(&beginning).name_somebody() && is_plea();
    is_it.then_some(own)
}

/// Whether a text under a title is a page of many things, of which another is one: it tells much beside what they share, names
/// others there and says nothing of the other's title, and what they share says nothing of its own.
pub(super) fn tells_much_else((title, page): (&str, &str), (other_title, article): (&str, &str)) -> bool {
    let (shared, own) = shared_sentences(page, article);
    let own = own.concat();
    Shingles::of(&own).words >= MUCH
        && is_notice(&own, [other_title, other_title])
        && is_notice(&shared.concat(), [title, title])
        && Particulars::of(&own).name_others(&Particulars::of(article))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_they_do() {
        let of = |text: &'static str| sentences(text).collect::<Vec<_>>();
        assert_eq!(of("Il a 1.200 euros. Et toi ? Non…"), ["Il a 1.200 euros.", " Et toi ?", " Non…"]);
        assert_eq!(of("今日。明日"), ["今日。", "明日"]);
        assert_eq!(of("un\ndeux"), ["un\n", "deux"]);
    }
}
