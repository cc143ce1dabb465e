//! An article made ready to be asked: folded once, its words sorted once, when many are asked for.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::model::Tag;
use crate::text::{Shingles, fold, fold_spelling, one_line, word_places};

use super::tree::{Place, Who};

/// What a query may ask of an article.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fields<'a> {
    /// Title, plain text.
    pub title: &'a str,
    /// Standfirst, plain text.
    pub standfirst: &'a str,
    /// Body, plain text.
    pub body: &'a str,
    /// Who wrote it.
    pub author: &'a str,
    /// Keys of its tags.
    pub tags: &'a [String],
    /// Name of its source.
    pub source: &'a str,
    /// Name of its outlet.
    pub outlet: &'a str,
    /// Its address.
    pub url: &'a str,
    /// Its language; empty where it is not known.
    pub lang: &'a str,
    /// Whether it has a picture.
    pub image: bool,
    /// The date it is listed under.
    pub date: DateTime<Utc>,
    /// How many articles its story has, itself included.
    pub copies: u64,
    /// Slugs of the feeds that it stands in.
    pub feeds: &'a [String],
    /// The time at which it is asked.
    pub now: DateTime<Utc>,
}

/// An article made ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// Title, standfirst, body, author as they stand, on lines.
    written: String,
    written_ends: [usize; 4],
    /// The same composed (NFC), once a regex asks.
    composed: OnceLock<(String, [usize; 4])>,
    /// The same folded.
    folded: String,
    folded_ends: [usize; 4],
    /// Bytes in `folded` of each word, in order.
    words: Vec<Range<u32>>,
    /// How many words there are up to the end of each part.
    word_ends: [usize; 4],
    /// How often a word was asked for.
    asked: Asked,
    /// Places in `words`, sorted by the word; once many words have been asked for.
    sorted: OnceLock<Vec<u32>>,
    pub(super) tags: Vec<String>,
    pub(super) source: String,
    pub(super) outlet: String,
    /// Source and outlet of the one that is shown, where it is told by another.
    shown: Option<(String, String)>,
    pub(super) url: String,
    pub(super) lang: String,
    pub(super) image: bool,
    pub(super) age: chrono::TimeDelta,
    pub(super) copies: u64,
    pub(super) feeds: Vec<String>,
    /// Slugs of the feeds in which it stands at some ages.
    pub(super) sometimes: Vec<String>,
}

/// Words that are looked for one after the other before it is worth to sort them all.
const UNSORTED: u32 = 16;

/// Counts, also where several ask at the same time.
#[derive(Debug, Default)]
struct Asked(AtomicU32);

impl Asked {
    fn once_more(&self) -> u32 {
        self.0.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }
}

impl Clone for Asked {
    fn clone(&self) -> Self {
        Self(AtomicU32::new(self.0.load(Ordering::Relaxed)))
    }
}

/// Bytes of one part that are looked at; longer ones are cut, so that a place in the text fits 32 bits.
const MAX_PART: usize = 16 << 20;

fn cut(text: &str) -> &str {
    let end = (0..=MAX_PART.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    &text[..end]
}

impl Subject {
    /// Folds an article.
    #[must_use]
    pub fn new(fields: Fields<'_>) -> Self {
        let parts = [fields.title, fields.standfirst, fields.body, fields.author].map(cut);
        let (written, written_ends) = lines(parts, str::to_owned);
        let (folded, folded_ends) = lines(parts, fold_spelling);
        let (words, word_ends) = places(&folded, folded_ends);
        Self {
            written,
            written_ends,
            composed: OnceLock::new(),
            folded,
            folded_ends,
            words,
            word_ends,
            asked: Asked::default(),
            sorted: OnceLock::new(),
            tags: fields.tags.to_vec(),
            source: fold(fields.source),
            outlet: fold(&one_line(fields.outlet)),
            shown: None,
            url: fields.url.to_lowercase(),
            lang: fields.lang.to_ascii_lowercase(),
            image: fields.image,
            age: fields.now - fields.date,
            copies: fields.copies,
            feeds: fields.feeds.iter().map(|f| f.to_lowercase()).collect(),
            sometimes: Vec::new(),
        }
    }

    /// The same as another source tells it.
    #[must_use]
    pub fn told_by(&self, source: &str, outlet: &str) -> Self {
        let shown = self.shown.clone().or_else(|| Some((self.source.clone(), self.outlet.clone())));
        Self { source: fold(source), outlet: fold(&one_line(outlet)), shown, ..self.clone() }
    }

    pub(super) fn source(&self, who: Who) -> &str {
        self.shown.as_ref().filter(|_| who == Who::Shown).map_or(&self.source, |(source, _)| source)
    }

    pub(super) fn outlet(&self, who: Who) -> &str {
        self.shown.as_ref().filter(|_| who == Who::Shown).map_or(&self.outlet, |(_, outlet)| outlet)
    }

    /// Says in which feeds it stands, by their slugs: at any age, and at some.
    pub fn stands_in(&mut self, always: &[String], sometimes: &[String]) {
        let lower = |slugs: &[String]| slugs.iter().map(|f| f.to_lowercase()).collect();
        (self.feeds, self.sometimes) = (lower(always), lower(sometimes));
    }

    /// Gives it one more tag, so that `tag:` in the rules that follow sees it.
    pub fn add_tag(&mut self, tag: &Tag) {
        if !self.tags.iter().any(|t| t == tag.key()) {
            self.tags.push(tag.key().to_owned());
        }
    }

    /// The words of title, standfirst, body and author, each in their order.
    pub(super) fn parts(&self) -> [impl Iterator<Item = &str>; 4] {
        let [title, standfirst, body, author] = self.word_ends;
        let of = |range: Range<usize>| self.words[range].iter().map(|place| word(&self.folded, place));
        [of(0..title), of(title..standfirst), of(standfirst..body), of(body..author)]
    }

    /// The shingles of the body, out of the words that were found in it already.
    #[must_use]
    pub fn shingles(&self) -> Shingles {
        let [_, standfirst, body, _] = self.folded_ends;
        let [_, _, words, _] = self.parts();
        Shingles::of_words(words, body - standfirst)
    }

    /// How many words the standfirst and the body have.
    pub(super) fn length(&self) -> u64 {
        (self.word_ends[2] - self.word_ends[0]) as u64
    }

    fn composed(&self) -> (String, [usize; 4]) {
        let mut start = 0;
        let parts = self.written_ends.map(|end| {
            let part = self.written.get(start..end.saturating_sub(1)).unwrap_or_default();
            start = end;
            part
        });
        lines(parts, |p| if is_nfc(p) { p.to_owned() } else { p.nfc().collect() })
    }

    /// A part of the text as it stands.
    pub(super) fn raw(&self, place: Place) -> &str {
        let (text, ends) = self.composed.get_or_init(|| self.composed());
        &text[stretch(*ends, place)]
    }

    /// A part of the folded text.
    pub(super) fn folded(&self, place: Place) -> &str {
        &self.folded[stretch(self.folded_ends, place)]
    }

    /// Whether these words stand one after another in one part of the text.
    pub(super) fn has_words(&self, place: Place, wanted: &[String], prefix: bool) -> bool {
        let Some(first) = wanted.first() else { return false };
        let places = stretch(self.word_ends, place);
        let open = prefix && wanted.len() == 1;
        let stands = |at: usize| wanted.len() == 1 || self.follows(at, wanted, prefix);
        if self.sorted.get().is_none() && self.asked.once_more() <= UNSORTED {
            let begins = |found: &str| if open { found.starts_with(first.as_str()) } else { found == first };
            return places.into_iter().any(|at| begins(word(&self.folded, &self.words[at])) && stands(at));
        }
        self.positions(first, open).iter().map(|&at| at as usize).any(|at| places.contains(&at) && stands(at))
    }

    /// Where a word, or a word that begins so, stands.
    fn positions(&self, wanted: &str, prefix: bool) -> &[u32] {
        let at = |i: &u32| word(&self.folded, &self.words[*i as usize]);
        let sorted = self.sorted.get_or_init(|| self.sorted());
        let from = sorted.partition_point(|i| at(i) < wanted);
        let found = &sorted[from..];
        let len = found.partition_point(|i| if prefix { at(i).starts_with(wanted) } else { at(i) == wanted });
        &found[..len]
    }

    fn sorted(&self) -> Vec<u32> {
        let mut sorted: Vec<u32> = (0..u32::try_from(self.words.len()).unwrap_or(u32::MAX)).collect();
        sorted.sort_unstable_by_key(|&i| word(&self.folded, &self.words[i as usize]));
        sorted
    }

    fn follows(&self, start: usize, wanted: &[String], prefix: bool) -> bool {
        let part_end = self.word_ends.into_iter().find(|&end| end > start).unwrap_or(0);
        if start + wanted.len() > part_end {
            return false;
        }
        wanted.iter().enumerate().skip(1).all(|(i, wanted_word)| {
            let found = word(&self.folded, &self.words[start + i]);
            let open = prefix && i + 1 == wanted.len();
            if open { found.starts_with(wanted_word.as_str()) } else { found == wanted_word }
        })
    }
}

fn word<'a>(folded: &'a str, place: &Range<u32>) -> &'a str {
    &folded[place.start as usize..place.end as usize]
}

/// Joins the parts by line breaks, and tells where each ends.
fn lines(parts: [&str; 4], form: impl Fn(&str) -> String) -> (String, [usize; 4]) {
    let mut all = String::new();
    let mut ends = [0; 4];
    for (part, end) in parts.into_iter().zip(&mut ends) {
        all.push_str(&form(part));
        all.push('\n');
        *end = all.len();
    }
    (all, ends)
}

fn places(folded: &str, ends: [usize; 4]) -> (Vec<Range<u32>>, [usize; 4]) {
    let mut places = Vec::with_capacity(folded.len() / 6);
    let mut word_ends = [0; 4];
    let mut start = 0;
    for (end, word_end) in ends.into_iter().zip(&mut word_ends) {
        for place in word_places(&folded[start..end]) {
            if let (Ok(from), Ok(to)) = (u32::try_from(start + place.start), u32::try_from(start + place.end)) {
                places.push(from..to);
            }
        }
        *word_end = places.len();
        start = end;
    }
    (places, word_ends)
}

/// The stretch of a place between the ends of title, standfirst, body, author.
fn stretch(ends: [usize; 4], place: Place) -> Range<usize> {
    let [title, _, body, author] = ends;
    match place {
        Place::Anywhere => 0..body,
        Place::Title => 0..title,
        Place::Body => title..body,
        Place::Author => body..author,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shingles_of_the_body_are_those_of_its_text() {
        for body in ["", "… !", "L’Été, à Gaza", "Un deux trois quatre cinq six sept\nhuit", "港口罢工，船 أنباء ё"]
        {
            let subject =
                Subject::new(Fields { title: "Titre", standfirst: "Chapeau long", body, ..Fields::default() });
            assert_eq!(subject.shingles(), Shingles::of(body), "{body}");
        }
    }
}
