//! What a site repeats under article after article (the credits of a podcast, pleas to subscribe, how to listen) tells nothing of
//! any of them, and makes no two of them one.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::New;
use super::likeness::{Beside, LONGER_THAN_FORMULAS, Likeness, Relation, tells_with_title};
use super::particulars::Particulars;
use crate::model::{Candidate, Known, SourceName};
use crate::text::{Shingles, fold, fold_spelling, head, is_stop_word, run_hash, site_of_key, terms, word_hash, words};

/// A passage that stands in so many articles that a source gives at one time, and in so large a part of them, is repeated.
const REPEATED: usize = 4;
const PART_OF_ALL: usize = 4;
/// Words in a row by which two texts are laid beside each other.
const ROW: usize = 5;
/// Of a text so many shingles repeated, and more than two thirds of it: a version of one dispatch rather than an article with
/// formulas; the second where nearly all that a source gives are such.
const LONG: [usize; 2] = [200, 300];
/// Texts of one source that are looked at together, and shingles of each: what is repeated is short.
const MOST_TEXTS: usize = 200;
const MOST_SHINGLES: usize = 5_000;
/// A passage that a site gives in so many stories is one of its formulas for its own articles, and for those of others.
const OF_ITS_OWN: u32 = 2;
const OF_ALL: u32 = 4;
/// The same for one story under so many titles: what was taken for one ends there.
const TITLES: u32 = 8;
/// Words of its own that each of two articles has, where what they share at one end is a formula.
const OWN_WORDS: usize = 10;
/// Of two articles that share their background so much more each has before or after it, measured by that; so much of what stands
/// at that end is shared; and so much of what is shared may stand elsewhere.
const NEWS: f64 = 0.5;
const BACKGROUND: f64 = 0.6;
const STRAY: f64 = 0.05;
/// Words of a title that are looked for in a short text, and letters of each.
const MOST_TERMS: usize = 200;
/// Telling words of a title of which one alone may be in a text by chance.
const SEVERAL: usize = 3;
const STEM: usize = 5;

/// The texts that each source gives at one time, as far as they are looked at for what they repeat.
#[derive(Debug, Clone, Default)]
pub struct Together(HashMap<SourceName, Vec<Arc<Shingles>>>);

impl Together {
    /// One more comes.
    pub fn add(&mut self, source: &SourceName, shingles: &Arc<Shingles>) {
        if !self.0.contains_key(source) {
            self.0.insert(source.clone(), Vec::new());
        }
        if let Some(texts) = self.0.get_mut(source)
            && texts.len() < MOST_TEXTS
            && shingles.all.len() <= MOST_SHINGLES
        {
            texts.push(Arc::clone(shingles));
        }
    }
}

/// What each source repeats in the articles that it gives at one time.
#[derive(Debug, Default)]
pub struct Repeated(HashMap<SourceName, Arc<[u64]>>);

impl Repeated {
    /// Looks at all of them; texts that are equal count once.
    #[must_use]
    pub fn of(together: &Together) -> Self {
        let all = |texts: &[Arc<Shingles>]| repeated(texts.iter().map(|text| &**text).collect());
        let found = together.0.iter().map(|(source, texts)| (source.clone(), all(texts)));
        Self(found.filter(|(_, found)| !found.is_empty()).collect())
    }

    /// The shingles that a source repeats, sorted.
    #[must_use]
    pub fn by(&self, source: &SourceName) -> Arc<[u64]> {
        self.0.get(source).cloned().unwrap_or_default()
    }
}

fn repeated(mut texts: Vec<&Shingles>) -> Arc<[u64]> {
    texts.sort_unstable_by_key(|text| text.text_hash);
    texts.dedup_by_key(|text| text.text_hash);
    // Few sources repeat anything: their keys tell.
    if in_many(&texts, Shingles::sample).is_empty() {
        return Arc::default();
    }
    let found = in_many(&texts, |text| &text.all);
    match without_versions(&texts, &found) {
        Some(rest) => in_many(&rest, |text| &text.all).into(),
        None => found.into(),
    }
}

/// What stands in many of some texts, sorted.
fn in_many<'s>(texts: &[&'s Shingles], of: fn(&'s Shingles) -> &'s [u64]) -> Vec<u64> {
    let enough = REPEATED.max(texts.len().div_ceil(PART_OF_ALL));
    if texts.len() < enough {
        return Vec::new();
    }
    let mut all: Vec<u64> = texts.iter().flat_map(|text| of(text)).copied().collect();
    all.sort_unstable();
    let runs = all.chunk_by(|a, b| a == b).filter(|run| run.len() >= enough);
    runs.filter_map(|run| run.first().copied()).collect()
}

/// The texts without the versions of one dispatch, where there are some. A formula stands under nearly all that a source
/// gives: where few texts are seen, it is told by its length alone; where many are, whatever nearly all have is one.
fn without_versions<'s>(texts: &[&'s Shingles], found: &[u64]) -> Option<Vec<&'s Shingles>> {
    let parts: Vec<usize> = texts.iter().map(|text| common(&text.all, found).count()).collect();
    let [long, longer] = LONG.map(|long| {
        let is_version = |(text, part): &(&&Shingles, &usize)| **part > long && **part * 3 > text.all.len() * 2;
        texts.iter().zip(&parts).filter(|one| !is_version(one)).map(|(text, _)| *text).collect::<Vec<_>>()
    });
    let rest = if long.len() * PART_OF_ALL > texts.len() { long } else { longer };
    let few = texts.len() < TITLES as usize || rest.len() * PART_OF_ALL > texts.len();
    (rest.len() < texts.len() && few).then_some(rest)
}

/// The shingles of candidates, each taken when it is asked for.
pub(super) struct Texts<'k>(Vec<(&'k str, OnceCell<Shingles>)>);

impl<'k> Texts<'k> {
    pub(super) fn of(known: &'k Known) -> Self {
        Self(known.candidates.iter().map(|c| (c.text.as_str(), OnceCell::new())).collect())
    }

    /// Of the candidate at this place.
    pub(super) fn at(&self, place: usize) -> &Shingles {
        let (text, shingles) = &self.0[place];
        shingles.get_or_init(|| Shingles::of(text))
    }
}

/// The formulas of the site that a new article is from, as far as its text has them.
pub(super) struct Formulas<'a> {
    new: &'a New<'a>,
    site: Option<&'a str>,
    /// For articles of the same site, and for all others; sorted.
    own: Vec<u64>,
    all: Vec<u64>,
}

impl<'a> Formulas<'a> {
    pub(super) fn of(new: &'a New<'a>, known: &'a Known, texts: &Texts<'_>) -> Self {
        let site = new.article.url_key.as_deref().and_then(site_of_key);
        let repeated: Vec<u64> = common(&new.shingles.all, &known.repeated).collect();
        let mut formulas = Self { new, site, own: repeated.clone(), all: repeated };
        let of_site = |(_, c): &(usize, &Candidate)| formulas.is_of_site(c);
        let candidates: Vec<(usize, &Candidate)> = known.candidates.iter().enumerate().filter(of_site).collect();
        let (mut stories, mut titles) = (Vec::new(), Vec::new());
        let places: Vec<(u32, u32)> = candidates
            .iter()
            .map(|(_, c)| (place(&mut stories, c.story.as_str()), place(&mut titles, c.title.as_str())))
            .collect();
        if stories.len() < OF_ITS_OWN as usize && titles.len() < TITLES as usize {
            return formulas;
        }
        let mut held: Vec<(u64, u32, u32)> = Vec::new();
        for ((at, _), (story, title)) in candidates.into_iter().zip(places) {
            held.extend(common(&new.shingles.all, &texts.at(at).all).map(|shingle| (shingle, story, title)));
        }
        held.sort_unstable();
        for run in held.chunk_by(|a, b| a.0 == b.0) {
            let (stories, titles) = run.iter().fold((0_u32, 0_u32), |(s, t), (_, story, title)| (s | story, t | title));
            let (stories, titles) = (stories.count_ones(), titles.count_ones());
            let shingle = || run.iter().map(|held| held.0).take(1);
            if stories >= OF_ITS_OWN || titles >= TITLES {
                formulas.own.extend(shingle());
            }
            if stories >= OF_ALL {
                formulas.all.extend(shingle());
            }
        }
        formulas.own.sort_unstable();
        formulas.all.sort_unstable();
        formulas
    }

    fn is_of_site(&self, other: &Candidate) -> bool {
        let site = || other.url_key.as_deref().and_then(site_of_key);
        other.source == self.new.article.source || self.site.is_some() && site() == self.site
    }

    /// How alike a candidate is, its formulas left out.
    pub(super) fn likeness(&self, other: &Candidate, text: &Shingles, beside: Beside) -> Likeness {
        let formulas = if self.is_of_site(other) { &self.own } else { &self.all };
        let plain = Likeness::of(self.new.shingles, text);
        if formulas.is_empty() {
            return plain;
        }
        let new = without(self.new.shingles, formulas);
        let left = Likeness::of(&new, &without(text, formulas));
        // Where nothing is left, under one title the whole tells, and so does a text that is no formula by its length.
        let tells_all_the_same = beside == Beside::SameTitle && !left.tells();
        let is_no_formula = self.new.shingles.words > LONGER_THAN_FORMULAS && !tells_with_title(new.words);
        if tells_all_the_same || is_no_formula { plain } else { left }
    }

    /// Whether two articles, each with words of its own, share nothing but how they end, or how they begin: of two sources, where
    /// the titles differ, each has as many words of its own as they share, and what they share is a plea, which names little and
    /// speaks of neither title (papers of one group print one).
    pub(super) fn shares_an_end_alone(&self, other: &Candidate) -> bool {
        let of_one = other.source == self.new.article.source;
        let untitled = self.new.title.is_empty() || other.title.trim().is_empty();
        if untitled || !of_one && self.new.has_title(&other.title) {
            return false;
        }
        let (new, old) = (fold(&self.new.article.text), fold(&other.text));
        let (new, old): (Vec<&str>, Vec<&str>) = (words(&new).collect(), words(&old).collect());
        let begin = new.iter().zip(&old).take_while(|(a, b)| a == b).count();
        let end = new.iter().rev().zip(old.iter().rev()).take_while(|(a, b)| a == b).count();
        let shared = begin.max(end);
        let (own, beside) = if of_one { (OWN_WORDS, Beside::SameSource) } else { (shared, Beside::OtherTitle) };
        if shared > LONGER_THAN_FORMULAS || new.len().min(old.len()) < shared + own.max(OWN_WORDS) {
            return false;
        }
        let tells = || {
            let block = if end >= begin { &new[new.len() - shared..] } else { &new[..shared] }.join(" ");
            let told = Particulars::beside(&self.new.article.text, &block);
            told.tell() || !is_notice(&block, [&self.new.article.title, &other.title])
        };
        if !of_one && tells() {
            return false;
        }
        let own = |words: &[&str]| {
            let own = if end >= begin { &words[..words.len() - shared] } else { &words[shared..] };
            Shingles::of(&own.join(" "))
        };
        Likeness::of(&own(&new), &own(&old)).relation(beside) == Relation::Apart
    }

    /// Whether two articles, each with news of its own, share nothing but the background at one end of both: agencies repeat it under
    /// their dispatches day after day, with a signature, and numbers that grow. Not where two sources told it within hours, as
    /// papers begin a dispatch in their own words.
    pub(super) fn shares_background_alone(&self, other: &Candidate) -> bool {
        let of_one = self.new.beside(other) == Beside::SameSource;
        let apart = self.new.is_of_another_day(other);
        let untitled = self.new.title.is_empty() || other.title.trim().is_empty();
        if untitled || self.new.has_title(&other.title) || !(of_one || apart) {
            return false;
        }
        let (new, old) = (rows_of(&self.new.article.text), rows_of(&other.text));
        let (in_new, in_old) = (shared_places(&new, &old), shared_places(&old, &new));
        [false, true]
            .iter()
            .any(|&first| is_background(&in_new, new.len(), first) && is_background(&in_old, old.len(), first))
    }
}

/// The words of a text by five, in their order, each five as a number.
fn rows_of(text: &str) -> Vec<u64> {
    let folded = fold_spelling(text);
    let words: Vec<u64> = words(&folded).map(word_hash).collect();
    words.windows(ROW).map(run_hash).collect()
}

/// Where the rows of one text stand that another has too.
fn shared_places(rows: &[u64], other: &[u64]) -> Vec<usize> {
    let mut other = other.to_vec();
    other.sort_unstable();
    (0..rows.len()).filter(|at| other.binary_search(&rows[*at]).is_ok()).collect()
}

/// Whether what is shared of a text of so many rows stands at its end, or else at its beginning, beside enough that is not.
fn is_background(shared: &[usize], rows: usize, first: bool) -> bool {
    let stray = (shared.len() as f64 * STRAY) as usize;
    let edge = if first { shared.len().checked_sub(stray + 1) } else { Some(stray) };
    let Some(edge) = edge.and_then(|at| shared.get(at)) else { return false };
    let (own, block) = if first { (rows - edge - 1, edge + 1) } else { (*edge, rows - edge) };
    own as f64 >= block as f64 * NEWS && shared.len() as f64 >= block as f64 * BACKGROUND
}

/// Whether a short text says nothing of either of two titles: no article, but what stands in the place of one ("for subscribers
/// only"), whoever prints it. One word of several in both may be chance ("our offers", "an offer of peace"). A title without a
/// telling word says nothing of that.
pub(super) fn is_notice(text: &str, titles: [&str; 2]) -> bool {
    let text = fold(text);
    let numbers: Vec<&str> = words(&text).filter(|word| is_number(word)).collect();
    titles.iter().all(|title| {
        let title = fold(title);
        let telling: Vec<&str> = terms(&title).take(MOST_TERMS).filter(|term| tells_something(term)).collect();
        let is_said = |term: &&&str| if is_number(term) { numbers.contains(*term) } else { says(&text, stem(term)) };
        let said = telling.iter().filter(is_said).count();
        !telling.is_empty() && said < if telling.len() < SEVERAL { 1 } else { 2 }
    })
}

/// Whether a word of a text begins so; where words are written together, or with what goes before them, whether one has it.
fn says(text: &str, stem: &str) -> bool {
    let is_joined = stem.chars().any(|c| c >= '\u{590}');
    let begins = |at: usize| !text[..at].ends_with(char::is_alphanumeric);
    text.match_indices(stem).any(|(at, _)| is_joined || begins(at))
}

/// Whether a word of a title may stand for a subject: a number, a word of four letters, or of two in the scripts of the East.
fn tells_something(term: &str) -> bool {
    let letters = term.chars().count();
    let eastern = letters > 1 && term.chars().all(|c| c >= '\u{e00}');
    // One figure stands in any price or hour, and the year in any notice.
    (letters > 3 || eastern || letters > 1 && is_number(term)) && !is_stop_word(term) && !is_year(term)
}

fn is_number(term: &str) -> bool {
    term.chars().all(char::is_numeric)
}

fn is_year(term: &str) -> bool {
    is_number(term) && term.chars().count() == 4 && (term.starts_with("19") || term.starts_with("20"))
}

/// What the forms of a word have in common: its beginning, after the article that Arabic writes with it.
fn stem(term: &str) -> &str {
    let term = term.strip_prefix("ال").unwrap_or(term);
    head(term, STEM)
}

/// The place of something among at most 32 others, as a bit.
fn place<T: PartialEq + Copy>(all: &mut Vec<T>, one: T) -> u32 {
    let at = all.iter().position(|other| *other == one).unwrap_or_else(|| {
        all.push(one);
        all.len() - 1
    });
    1 << at.min(31)
}

/// What two sorted lists have in common.
fn common<'a>(a: &'a [u64], b: &'a [u64]) -> impl Iterator<Item = u64> + 'a {
    let mut rest = b;
    a.iter().copied().filter(move |x| {
        rest = &rest[rest.partition_point(|y| y < x)..];
        rest.first() == Some(x)
    })
}

fn without(text: &Shingles, formulas: &[u64]) -> Shingles {
    let mut rest = formulas;
    let mut all = text.all.clone();
    all.retain(|shingle| {
        rest = &rest[rest.partition_point(|other| other < shingle)..];
        rest.first() != Some(shingle)
    });
    // A run of words gives as many shingles as it has words, less four.
    let words = if all.is_empty() { 0 } else { text.words.min(all.len() + 4) };
    Shingles { words, all, ..text.clone() }
}
