//! What was left out of an article when it was read.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Validators;

/// Stretches that are named; those left out after them are counted.
const MOST_PARTS: usize = 24;
/// Characters that are kept of the words of one stretch.
const MOST_WORDS: usize = 60;
/// Bytes of the validators that are kept of a page.
const MOST_VALIDATORS: usize = 700;
/// A page is asked again after so many hours however often it was, and the doublings that lead there.
const LONGEST_HOURS: i64 = 12;
const LONGEST_DOUBLED: u32 = 4;
/// Characters that are kept of why a page was not read.
const MOST_WHY: usize = 200;
/// Bytes of the JSON that is kept with an article.
const MOST_BYTES: usize = 2_048;

/// What was left out of an article when it was read: compact, for `explain`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cuts {
    /// How its page was read; `None` where it was not.
    pub page: Option<PageReading>,
    /// Why its page was not read when it was last asked; `None` where it was, or nobody asked.
    pub unread: Option<String>,
    /// What stood in the body and is no part of it, in the order of the page.
    pub parts: Vec<Cut>,
    /// How many lines of such stretches are not named here.
    pub more: usize,
    /// Elements that cleaning took out, by name, how many of each.
    pub elements: BTreeMap<String, usize>,
    /// When its page was asked, for the next time: nothing that anybody is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<PageAsked>,
}

/// When a page was asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageAsked {
    /// The last time.
    pub at: DateTime<Utc>,
    /// How many times.
    pub times: u32,
    /// What it was known by then.
    pub validators: Validators,
}

impl PageAsked {
    /// Of validators only those are kept that take little room.
    #[must_use]
    pub fn new(times: u32, validators: &Validators, at: DateTime<Utc>) -> Self {
        let Validators { etag, last_modified, of } = validators;
        let bytes: usize = [etag, last_modified, of].into_iter().flatten().map(String::len).sum();
        let validators = if bytes <= MOST_VALIDATORS { validators.clone() } else { Validators::default() };
        Self { at, times, validators }
    }

    /// Whether that is so lately that it is not asked again. Once it may be at any time, for a correction comes soon; then an
    /// hour after the last time, and from the fourth time on ever later.
    #[must_use]
    pub fn is_lately(&self, now: DateTime<Utc>) -> bool {
        let hours = match self.times {
            0 | 1 => return false,
            times => 1_i64 << times.saturating_sub(3).min(LONGEST_DOUBLED),
        };
        (now - self.at).abs() < TimeDelta::hours(hours.min(LONGEST_HOURS))
    }
}

/// How a page was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageReading {
    /// Whether its text was taken; else the source's own was kept.
    pub taken: bool,
    /// Whether the file names the element of the body.
    pub by_file: bool,
    /// How sure it is that this is the article and all of it, 0 to 1.
    pub confidence: f32,
    /// Characters of text on the page.
    pub characters: usize,
    /// Characters of them that are the article's body.
    pub kept: usize,
}

/// A stretch of a page that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// Why.
    pub kind: CutKind,
    /// Its first words.
    pub words: String,
    /// How many lines it has.
    pub lines: usize,
    /// How many characters.
    pub characters: usize,
}

/// Why a stretch of a page was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutKind {
    /// `drop` of the source's `page` in the file matches it.
    Recipe,
    /// Navigation, forms, what is hidden, boxes named after what they are.
    Furniture,
    /// It stands before the text: title, byline, date, buttons.
    Head,
    /// It says again what was said before.
    Repeated,
    /// A word over an advertisement, or a sentence of the text set large.
    Between,
    /// A box of something else: recommendations, newsletters, who wrote it.
    Box,
    /// Other pages of the site have it too.
    Template,
    /// It stands after the text.
    Foot,
    /// A picture that is a mark of the house or of its author.
    Logo,
    /// It is shown as the standfirst instead.
    Standfirst,
    /// It names who wrote it.
    Signature,
}

impl Cuts {
    /// Notes why its page was not read.
    #[must_use]
    pub fn unread(self, why: Option<&str>) -> Self {
        let bounded = |why: &str| why.chars().take(MOST_WHY).collect();
        Self { unread: why.map(bounded), ..self }
    }

    /// Adds a line that was left out; it continues the last stretch where that is of the same kind.
    pub fn line(&mut self, kind: CutKind, text: &str) {
        let characters = text.chars().count();
        let is_full = self.parts.len() >= MOST_PARTS;
        match self.parts.last_mut().filter(|last| last.kind == kind && self.more == 0) {
            Some(last) => {
                last.lines += 1;
                last.characters += characters;
                if last.words.is_empty() {
                    last.words = first_words(text);
                }
            }
            None if is_full => self.more += 1,
            None => self.parts.push(Cut { kind, words: first_words(text), lines: 1, characters }),
        }
    }

    /// As it is kept: JSON of at most 2 KB, for which the last stretches are counted only. `None` where there is nothing
    /// to tell.
    #[must_use]
    pub fn kept(&self) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        let mut cuts = self.clone();
        loop {
            let json = serde_json::to_string(&cuts).ok()?;
            if json.len() <= MOST_BYTES {
                return Some(json);
            }
            match cuts.parts.pop() {
                Some(part) => cuts.more += part.lines,
                None => drop(cuts.elements.pop_last()?),
            }
        }
    }
}

fn first_words(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(MOST_WORDS) {
        Some((end, _)) => {
            let cut = &text[..end];
            format!("{}…", cut.rsplit_once(char::is_whitespace).map_or(cut, |(words, _)| words))
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_kind_are_one_stretch() {
        let mut cuts = Cuts::default();
        for (kind, text) in [
            (CutKind::Head, ""),
            (CutKind::Head, "Partager"),
            (CutKind::Foot, "À lire aussi dans notre journal, tous les jours et partout où nous sommes lus"),
            (CutKind::Head, "x"),
        ] {
            cuts.line(kind, text);
        }
        let told: Vec<_> = cuts.parts.iter().map(|c| (c.words.as_str(), c.lines, c.characters)).collect();
        assert_eq!(
            told,
            [("Partager", 2, 8), ("À lire aussi dans notre journal, tous les jours et partout…", 1, 77), ("x", 1, 1)]
        );
    }

    #[test]
    fn what_is_kept_is_bounded_and_reads_back() {
        assert_eq!(Cuts::default().kept(), None);
        let mut cuts = Cuts::default();
        for i in 0..10_000 {
            let kind = if i % 2 == 0 { CutKind::Box } else { CutKind::Template };
            cuts.line(kind, &"\u{1}\"é".repeat(500));
        }
        cuts.elements = (0..500).map(|i| (format!("x-{i}"), i)).collect();
        cuts = cuts.unread(Some(&"\u{1}".repeat(9_999)));
        let kept = cuts.kept().unwrap();
        assert!(kept.len() <= MOST_BYTES, "{}", kept.len());
        let read: Cuts = serde_json::from_str(&kept).unwrap();
        assert_eq!(read.parts.iter().map(|p| p.lines).sum::<usize>() + read.more, 10_000);
        let mut small = Cuts::default();
        small.line(CutKind::Logo, "");
        assert_eq!(serde_json::from_str::<Cuts>(&small.kept().unwrap()).unwrap(), small);
    }
}
