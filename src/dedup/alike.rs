//! How the texts that are known stand to a new one: which tell it, of which it is a part, which it holds.

use std::cell::OnceCell;

use super::formulas::{Formulas, Texts};
use super::likeness::{Beside, Likeness, Relation};
use super::particulars::tell_other_things;
use super::places::Places;
use super::sentences::{beginning, tells_much_else};
use super::{MOST_COMPARED, New, Settings};
use crate::model::{ArticleId, Candidate, CopyKind, Known, StoryId};
use crate::text::Shingles;

/// Of all shingles of a text and a copy so many shared: every other copy of it shares some of them.
const MORE_THAN_HALF: f64 = 0.5;
/// Of all shingles of two copies of one text so many are shared at least.
const SHARED_BY_COPIES: f64 = 0.10;
/// Of all shingles of two texts so many shared: no two reports of a row share so much, but for those of two days.
const MORE_THAN_REPORTS: f64 = 0.6;
/// Alike beyond doubt: nothing better is looked for in its story.
const BEYOND_DOUBT: f64 = 0.9;

/// A story that one of the candidates belongs to, and how much of that is shared.
pub(super) struct Near {
    pub(super) story: StoryId,
    /// Its candidates that are a part of the text, which is half as long again at least.
    pub(super) holds: Vec<(ArticleId, Shingles)>,
    /// Whether the candidate is less than half as long.
    short: bool,
    pub(super) score: f64,
    pub(super) of_new: f64,
    /// Whether both texts are long enough to tell an article by themselves.
    long: bool,
    /// Of the candidate.
    shingles: Shingles,
}

impl Near {
    fn of(candidate: &Candidate, text: &Shingles, likeness: &Likeness, score: f64) -> Self {
        Self {
            story: candidate.story.clone(),
            holds: likeness.outgrows().then(|| (candidate.id.clone(), text.clone())).into_iter().collect(),
            short: likeness.has_short_part(),
            score,
            of_new: likeness.of_new(),
            long: likeness.is_long(),
            shingles: text.clone(),
        }
    }
}

/// What a new article is compared by.
struct Compared<'a> {
    new: &'a New<'a>,
    known: &'a Known,
    texts: &'a Texts<'a>,
    /// The shingles of what stands beside the candidates, each taken when it is asked for.
    beside: Vec<OnceCell<Shingles>>,
    formulas: Formulas<'a>,
    /// Of the new text, taken when it is asked for.
    places: OnceCell<Places>,
}

impl<'a> Compared<'a> {
    fn of(new: &'a New<'a>, known: &'a Known, texts: &'a Texts<'a>) -> Self {
        let beside = known.beside.iter().map(|_| OnceCell::new()).collect();
        Self { new, known, texts, beside, formulas: Formulas::of(new, known, texts), places: OnceCell::new() }
    }

    /// How it stands to a candidate, whatever makes no two articles one left out; and whether that is another report of a row.
    fn with(&self, candidate: &Candidate, text: &Shingles) -> (Relation, Likeness, bool) {
        let beside = self.new.beside(candidate);
        let mut likeness = self.formulas.likeness(candidate, text, beside);
        let mut relation = likeness.relation(beside);
        if relation == Relation::Apart
            && let Some(of_teaser) = self.as_teaser(candidate, text, beside)
        {
            (relation, likeness) = (of_teaser.relation(beside), of_teaser);
        }
        let is_notice = || {
            let may_be = relation == Relation::Near && likeness.may_be_formula();
            may_be && self.new.is_notice_beside(&candidate.source, &candidate.title, &candidate.text, self.known)
        };
        let apart = relation == Relation::Apart
            || self.new.is_another_episode(&candidate.source, candidate.recording.as_deref())
            || is_notice()
            || self.formulas.shares_an_end_alone(candidate)
            || self.formulas.shares_background_alone(candidate);
        let is_report =
            !apart && (self.new.tells_another_day(candidate) || self.tells_other_things(candidate, beside, &likeness));
        (if apart || is_report { Relation::Apart } else { relation }, likeness, is_report)
    }

    /// How alike they are without the plea to subscribe that one of them ends with, whose source has not said it often enough to be
    /// known for it.
    fn as_teaser(&self, candidate: &Candidate, text: &Shingles, beside: Beside) -> Option<Likeness> {
        let (new, old) = (self.new.shingles, text);
        if beside == Beside::SameSource || !Likeness::of(new, old).may_be_teaser() {
            return None;
        }
        let (article, titles) = (self.new.article, [&*self.new.article.title, &*candidate.title]);
        match new.words > old.words {
            true => Some(Likeness::of(new, &beginning(&candidate.text, &article.text, titles)?)),
            false => Some(Likeness::of(&beginning(&article.text, &candidate.text, titles)?, old)),
        }
    }

    /// Whether one of both is a page that has a part of the other, and much else of which that says nothing.
    fn page(&self, candidate: &Candidate, likeness: &Likeness) -> Option<Page> {
        let new = (&*self.new.article.title, &*self.new.article.text);
        let old = (&*candidate.title, &*candidate.text);
        let [may_new, may_old] = likeness.may_be_pages();
        if may_new && tells_much_else(new, old) {
            return Some(Page::New);
        }
        (may_old && tells_much_else(old, new)).then_some(Page::Old)
    }

    fn places(&self) -> &Places {
        self.places.get_or_init(|| Places::of(&self.new.article.text))
    }

    fn tells_other_things(&self, candidate: &Candidate, beside: Beside, likeness: &Likeness) -> bool {
        let days = self.new.is_of_another_day(candidate);
        let (one, other) = (&*self.new.article.text, &*candidate.text);
        let most = if days { BEYOND_DOUBT } else { MORE_THAN_REPORTS };
        let shared = likeness.jaccard();
        shared < BEYOND_DOUBT && self.places().hold_others(&Places::of(other), days)
            || shared < most && tell_other_things(one, other, beside, days)
    }

    /// What else a candidate holds, where it is half as long again as the new text and holds that, or holds a good part of each.
    fn fellows(&self, candidate: &Candidate, text: &Shingles, likeness: &Likeness) -> Fellows {
        let (holds, is_half) = (likeness.is_outgrown(), likeness.is_half());
        if !holds && !is_half {
            return Fellows::None;
        }
        let others = self.known.candidates.iter().enumerate();
        let others = others.filter(|(_, c)| c.story == candidate.story && c.id != candidate.id);
        let others = others.map(|(at, c)| (c.kind == CopyKind::Excerpt, self.texts.at(at)));
        let beside = self.known.beside.iter().zip(&self.beside).filter(|(f, _)| f.story == candidate.story);
        let beside = beside.map(|(f, shingles)| (f.excerpt, shingles.get_or_init(|| Shingles::of(&f.text))));
        let is_fellow = |other: &Shingles| {
            let there = Likeness::of(other, text);
            (holds && there.is_outgrown() || is_half && there.is_half())
                && Likeness::of(self.new.shingles, other).jaccard() < SHARED_BY_COPIES
        };
        others.chain(beside).filter(|(_, text)| is_fellow(text)).fold(
            Fellows::None,
            |found, (excerpt, _)| match excerpt {
                true if found == Fellows::None => Fellows::Excerpts,
                true => found,
                false => Fellows::Tellings,
            },
        )
    }
}

/// Which of two texts is a page of many things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    New,
    Old,
}

/// What stands beside a text in one that is half as long again and holds both, though they share nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fellows {
    None,
    /// Excerpts of the story of that longer text.
    Excerpts,
    /// What the story tells.
    Tellings,
}

/// How the candidates stand to a text, each story once.
pub(super) struct Alike {
    /// Stories that tell the text, the most alike first.
    pub(super) near: Vec<Near>,
    /// Stories whose text it is a part of, the most of it first.
    pub(super) parts: Vec<Near>,
    /// Articles that are a part of it, with their stories.
    pub(super) held: Vec<(ArticleId, StoryId)>,
    /// Stories led by a page that holds it and other articles.
    pub(super) pages: Vec<StoryId>,
}

impl Alike {
    pub(super) fn of(new: &New<'_>, known: &Known, settings: &Settings, but: Option<&ArticleId>) -> Self {
        let mut alike = Self { near: Vec::new(), parts: Vec::new(), held: Vec::new(), pages: Vec::new() };
        let texts = Texts::of(known);
        let compared = Compared::of(new, known, &texts);
        let mut wholes: Vec<(&StoryId, &Shingles)> = Vec::new();
        let mut rows: Vec<&StoryId> = Vec::new();
        let candidates = known.candidates.iter().enumerate();
        let candidates = candidates.filter(|(_, c)| but != Some(&c.id) && new.near_in_time(c.date, settings));
        let (excerpts, others): (Vec<_>, Vec<_>) = candidates.partition(|(_, c)| c.kind == CopyKind::Excerpt);
        for (at, candidate) in others.into_iter().take(MOST_COMPARED) {
            // One copy that is alike beyond doubt speaks for its story, but for what the text holds of it.
            let is_spoken_for = alike.near.iter().any(|n| n.story == candidate.story && n.score >= BEYOND_DOUBT);
            if is_spoken_for && candidate.text.len() * 4 > new.article.text.len() * 3 {
                continue;
            }
            let (relation, likeness, is_report) = compared.with(candidate, texts.at(at));
            if is_report && candidate.source == new.article.source {
                rows.push(&candidate.story);
            }
            let near = |score| Near::of(candidate, texts.at(at), &likeness, score);
            let leads = known.leads(&candidate.id);
            let page = if relation == Relation::Near { compared.page(candidate, &likeness) } else { None };
            match relation {
                // A page that has a part of it, or it is one that has a part of this.
                _ if page == Some(Page::New) => alike.held.push((candidate.id.clone(), candidate.story.clone())),
                _ if page == Some(Page::Old) => alike.pages.extend(leads.then(|| candidate.story.clone())),
                // A page of several articles, and not this one alone.
                Relation::Near if compared.fellows(candidate, texts.at(at), &likeness) != Fellows::None => {
                    alike.pages.extend(leads.then(|| candidate.story.clone()));
                }
                // It stands in the story of another of them, which holds nothing of this one.
                Relation::Part
                    if !leads && compared.fellows(candidate, texts.at(at), &likeness) == Fellows::Tellings => {}
                // What readers have seen of it stands; the whole comes to them too.
                Relation::Near if likeness.has_short_part() && known.is_published(&candidate.story) => {
                    alike.held.push((candidate.id.clone(), candidate.story.clone()));
                }
                // Though near enough to be one text: who reads it there has read much else, and it makes nothing one with that.
                Relation::Near if likeness.is_short_part() => best_of(&mut alike.parts, near(likeness.of_new())),
                Relation::Near => best_of(&mut alike.near, near(likeness.jaccard())),
                Relation::Part => best_of(&mut alike.parts, near(likeness.of_new())),
                Relation::Whole => {
                    alike.held.push((candidate.id.clone(), candidate.story.clone()));
                    wholes.push((&candidate.story, texts.at(at)));
                }
                Relation::Apart => {}
            }
        }
        // Its source has another report there, of which what is near is a copy.
        alike.near.retain(|near| near.score >= BEYOND_DOUBT || !rows.contains(&&near.story));
        // The copy of an excerpt is one too, though its whole may have less of it.
        if alike.near.is_empty() && alike.parts.is_empty() {
            for (at, candidate) in excerpts.into_iter().take(MOST_COMPARED) {
                let (relation, likeness, _) = compared.with(candidate, texts.at(at));
                if relation == Relation::Near && likeness.of_new() >= MORE_THAN_HALF {
                    best_of(&mut alike.parts, Near::of(candidate, texts.at(at), &likeness, likeness.of_new()));
                }
            }
        }
        alike.hold_what_has_nothing_in_common(&wholes);
        alike.near.sort_by(|a, b| b.score.total_cmp(&a.score));
        alike.parts.sort_by(|a, b| b.score.total_cmp(&a.score));
        alike
    }

    /// A page that holds whole articles which have nothing in common is none of them, but a page of its own.
    fn hold_what_has_nothing_in_common(&mut self, wholes: &[(&StoryId, &Shingles)]) {
        let is_apart = |a: &Near| {
            let near = self.near.iter().flat_map(|b| b.holds.iter().map(move |(_, held)| (&b.story, held)));
            // A short one beside it makes a longer version no page of many.
            let wholes = wholes.iter().filter(|_| a.short).copied();
            let others = near.chain(wholes).filter(|(story, _)| **story != a.story);
            let mut shared = others.map(|(_, other)| Likeness::of(&a.shingles, other).jaccard());
            !a.holds.is_empty() && shared.any(|shared| shared < SHARED_BY_COPIES)
        };
        let apart: Vec<StoryId> = self.near.iter().filter(|a| is_apart(a)).map(|a| a.story.clone()).collect();
        for near in self.near.extract_if(.., |n| apart.contains(&n.story)) {
            self.held.extend(near.holds.into_iter().map(|(id, _)| (id, near.story.clone())));
        }
    }

    /// Whether a story that tells the text is one with the text's own: the two must share text with each other, as a review
    /// of the press may hold two articles that have nothing in common. More than half of a text cannot be shared with each
    /// of two that share nothing.
    pub(super) fn is_one_with(&self, own: &StoryId, near: &Near) -> bool {
        let own = self.near.iter().find(|n| n.story == *own);
        let shared = own.map(|own| Likeness::of(&own.shingles, &near.shingles).jaccard());
        near.long && (near.score > MORE_THAN_HALF || shared.is_some_and(|shared| shared >= SHARED_BY_COPIES))
    }
}

fn best_of(found: &mut Vec<Near>, mut new: Near) {
    match found.iter_mut().find(|n| n.story == new.story) {
        Some(known) if known.score >= new.score => known.holds.append(&mut new.holds),
        Some(known) => {
            new.holds.append(&mut known.holds);
            *known = new;
        }
        None => found.push(new),
    }
}
