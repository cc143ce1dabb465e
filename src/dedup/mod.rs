//! Decides whether a new article is a copy. Pure: `decide(article, known) -> Decision`.

mod alike;
mod formulas;
mod lead;
mod likeness;
mod own;
mod particulars;
mod places;
mod sentences;
mod settings;

use std::collections::HashMap;

use alike::{Alike, Near};
use chrono::{DateTime, TimeDelta, Utc};
use formulas::is_notice;
pub use formulas::{Repeated, Together};
pub use lead::{origin_key, outlet_key};
use likeness::{Beside, LONGER_THAN_FORMULAS, Likeness, Relation, tells, tells_with_title};
pub use own::is_of_one_article;
use particulars::{Particulars, titles_tell_days};
pub use settings::{LeadBy, Settings};
use url::Url;

use crate::model::{
    Article, Candidate, CopyKind, Decision, Enclosure, Intent, Known, KnownArticle, KnownStory, SourceName, StoryId,
};
use crate::text::{Shingles, fold, url_key};

/// News of so many hours apart is not one dispatch that two papers took over.
const HOURS_APART: i64 = 12;
/// The most candidates that are compared word by word; the most shared come first.
const MOST_COMPARED: usize = 20;
/// Stories that one article shows to be one with its own.
const MOST_MERGED: usize = 8;

/// A new article with what is compared of it.
struct New<'a> {
    article: &'a Article,
    shingles: &'a Shingles,
    title: String,
}

/// What a new article joins, and why.
struct Joined {
    story: StoryId,
    kind: CopyKind,
    why: String,
}

/// Decides what becomes of an article that a source gave, out of the shingles of its text and what is known, the cheapest signs first: the id or address within its source, the
/// address elsewhere, the same text, a text that is alike. A title alone never makes a copy.
///
/// A text that is a part of an older one joins as an excerpt. An older text that is a part of the new one stays where it is
/// and is named in `holds`, and nothing joins a story through one of its excerpts: a live page holds ten briefs, which are
/// not one story. Two stories whose text one article tells are one.
#[must_use]
pub fn decide(article: Article, shingles: &Shingles, known: &Known, settings: &Settings) -> Decision {
    let new = New::of(&article, shingles);
    match own::verdict(&new, known, settings) {
        own::Verdict::Skip(why) => Intent::Skip { id: article.id.clone(), why: why.to_owned() }.into(),
        own::Verdict::Revise(k) => {
            let intent = Intent::Revise(Box::new(own::revised(&new, k)));
            // Equal words were compared when they came.
            match &k.story {
                Some(story) if k.text_hash != new.shingles.text_hash => {
                    let alike = Alike::of(&new, known, settings, Some(&k.id));
                    concerning(intent, &article, alike, Some(story), known, settings)
                }
                _ => intent.into(),
            }
        }
        own::Verdict::New | own::Verdict::Reused => {
            let alike = Alike::of(&new, known, settings, None);
            let (id, joined) = (own::free_id(&new, known), joined(&new, known, settings, &alike));
            if joined.is_none() && alike.near.is_empty() && alike.held.is_empty() {
                let intent = Intent::Insert(Box::new(Article { id, ..article }));
                return Decision { part_of: alike.pages.into_iter().next(), ..intent.into() };
            }
            let named = Article { id, ..article.clone() };
            let intent = stored(&named, &new, joined.as_ref(), &alike, known, settings);
            // An excerpt is told by its whole: it makes nothing one.
            let story = joined.filter(|j| j.kind != CopyKind::Excerpt).map(|j| j.story);
            concerning(intent, &named, alike, story.as_ref(), known, settings)
        }
    }
}

/// The decision with what it means for other stories than the article's own.
fn concerning(
    intent: Intent,
    article: &Article,
    alike: Alike,
    own: Option<&StoryId>,
    known: &Known,
    settings: &Settings,
) -> Decision {
    let mut decision = Decision::from(intent);
    if let Intent::Join { story, leads: false, .. } = &decision.intent {
        decision.lead = lead::named_by(article, story, known, settings.lead);
    }
    if let Some(own) = own {
        let others = alike.near.iter().filter(|n| n.story != *own && alike.is_one_with(own, n));
        decision.merges = others.map(|n| n.story.clone()).take(MOST_MERGED).collect();
        if !decision.merges.is_empty() {
            let is_one = |s: &&KnownStory| s.id == *own || decision.merges.contains(&s.id);
            let stories: Vec<&KnownStory> = known.stories.iter().filter(is_one).collect();
            decision.lead = lead::of_merged(article, &stories, settings.lead);
        }
    }
    let is_other = |story: &StoryId| own != Some(story) && !decision.merges.contains(story);
    let parts = alike.parts.into_iter().map(|part| part.story);
    decision.part_of = own.and(parts.chain(alike.pages).find(is_other));
    // A page that stands in the story of one of the articles that it holds: the others are no part of that story.
    let is_more_than = |near: &Near| own == Some(&near.story) && near.holds.iter().any(|(id, _)| known.leads(id));
    if matches!(decision.intent, Intent::Join { leads: false, .. }) && alike.near.iter().any(is_more_than) {
        return decision;
    }
    let near = alike.near.into_iter().flat_map(|n| n.holds.into_iter().map(move |(id, _)| (id, n.story.clone())));
    let held = alike.held.into_iter().chain(near).filter(|(_, story)| is_other(story));
    decision.holds = held.map(|(id, _)| id).collect();
    decision
}

impl<'a> New<'a> {
    fn of(article: &'a Article, shingles: &'a Shingles) -> Self {
        Self { article, shingles, title: fold(article.title.trim()) }
    }

    fn likeness(&self, text: &str) -> Likeness {
        Likeness::of(self.shingles, &Shingles::of(text))
    }

    /// Whether it has this title, and one at all.
    fn has_title(&self, title: &str) -> bool {
        !self.title.is_empty() && self.title == fold(title.trim())
    }

    /// Whether each has a recording of its own from one source or host: two episodes, which may have all their words in common.
    fn is_another_episode(&self, source: &SourceName, recording: Option<&str>) -> bool {
        let own = Enclosure::recording(&self.article.enclosures).map(|file| file.url.as_str());
        own.zip(recording).is_some_and(|(own, other)| match (Url::parse(own), Url::parse(other)) {
            (Ok(own), Ok(other)) => {
                (*source == self.article.source || own.host() == other.host()) && url_key(&own) != url_key(&other)
            }
            _ => *source == self.article.source && own != other,
        })
    }

    /// Whether what it shares with another is a notice in the place of both. Two sources may tell one thing under headlines
    /// in words of their own; they do not in what names nobody, or stands under several titles of one source.
    fn is_notice_beside(&self, source: &SourceName, title: &str, text: &str, known: &Known) -> bool {
        let shorter = if text.len() < self.article.text.len() { text } else { &self.article.text };
        let is_told =
            || *source != self.article.source && !is_given_again(known) && Particulars::of(shorter).name_somebody();
        !self.has_title(title) && is_notice(shorter, [&self.article.title, title]) && !is_told()
    }

    fn beside(&self, other: &Candidate) -> Beside {
        let named = self.article.guid.is_some() || self.article.url_key.is_some();
        match other.source == self.article.source && named {
            true => Beside::SameSource,
            false => Beside::titled(self.has_title(&other.title)),
        }
    }

    /// Whether it was told so much before or after another that this is no dispatch that two papers took over.
    fn is_of_another_day(&self, other: &Candidate) -> bool {
        (self.article.date() - other.date).abs() >= TimeDelta::hours(HOURS_APART)
    }

    /// Whether both titles are one but for the day that each tells: the next of a row, whoever prints it.
    fn tells_another_day(&self, other: &Candidate) -> bool {
        self.is_of_another_day(other)
            && titles_tell_days((&self.title, self.article.date()), (&fold(other.title.trim()), other.date))
    }

    fn near_in_time(&self, date: DateTime<Utc>, settings: &Settings) -> bool {
        let apart = (self.article.date() - date).abs();
        TimeDelta::from_std(settings.within).map_or(true, |within| apart <= within)
    }
}

fn stored(
    article: &Article,
    new: &New<'_>,
    joined: Option<&Joined>,
    alike: &Alike,
    known: &Known,
    settings: &Settings,
) -> Intent {
    let Some(Joined { story, kind, why }) = joined else { return Intent::Insert(Box::new(article.clone())) };
    let join = |kind, leads| {
        let (article, story, why) = (Box::new(article.clone()), story.clone(), why.clone());
        Intent::Join { article, story, kind, leads, why }
    };
    let known_story = known.stories.iter().find(|s| s.id == *story);
    let Some(of) = known_story.filter(|_| *kind != CopyKind::Excerpt) else { return join(*kind, false) };
    let lead = known.candidates.iter().find(|c| c.id == of.lead);
    let to_lead = lead.map(|lead| new.likeness(&lead.text));
    if to_lead.is_some_and(|likeness| likeness.is_short_part()) {
        // What stands at one address is one article, however much of it a source gives.
        let same_address = article.url_key.is_some() && article.url_key == of.lead_url_key;
        return join(if same_address { CopyKind::Copy } else { CopyKind::Excerpt }, false);
    }
    // Before anybody has seen the story, the whole text takes the place of one that gives its beginning; not a live page,
    // which holds other stories too.
    let alone = alike.near.len() == 1 && alike.held.is_empty();
    let may_replace = |short| alone && !of.admitted && lead::may_replace(article, of, settings.lead, short);
    let is_whole = to_lead.is_some_and(|likeness| likeness.has_short_part());
    let outgrows = to_lead.is_some_and(|likeness| likeness.outgrows());
    match lead::takes_the_lead(article, of, settings.lead) {
        true => join(*kind, true),
        false if is_whole && may_replace(true) => join(CopyKind::Excerpt, true),
        false if outgrows && may_replace(false) => join(*kind, true),
        false => join(*kind, false),
    }
}

fn joined(new: &New<'_>, known: &Known, settings: &Settings, alike: &Alike) -> Option<Joined> {
    let joined = by_address(new, known, settings);
    if joined.is_some() || is_formula(new, known) {
        return joined;
    }
    by_text(new, known, settings).or_else(|| by_likeness(alike))
}

/// Whether one source gives in several stories what an article shares with them.
fn is_given_again(known: &Known) -> bool {
    let mut stories: HashMap<&SourceName, &StoryId> = HashMap::new();
    let same = known.same_text.iter().filter_map(|k| Some((&k.source, k.story.as_ref()?)));
    let mut all = same.chain(known.candidates.iter().map(|c| (&c.source, &c.story)));
    all.any(|(source, story)| stories.insert(source, story).is_some_and(|before| before != story))
}

/// Whether its source gives this short text under other titles too ("subscribe to read on"): then it tells nothing. A dispatch that
/// is printed again within hours under another headline names somebody, and speaks of a headline.
fn is_formula(new: &New<'_>, known: &Known) -> bool {
    let same = |k: &&KnownArticle| k.source == new.article.source && k.text_hash == new.shingles.text_hash;
    let mut others = known.same_text.iter().filter(same).filter(|k| !new.has_title(&k.title)).peekable();
    new.shingles.words < LONGER_THAN_FORMULAS
        && others.peek().is_some()
        && (!Particulars::of(&new.article.text).name_somebody()
            || others.any(|k| {
                (new.article.date() - k.date).abs() >= TimeDelta::hours(HOURS_APART)
                    || is_notice(&new.article.text, [&new.article.title, &k.title])
            }))
}

/// Another source's article at the same address. Where several stories stand there (a change log), or what stands there is of
/// another time (a live page), title or text say which it is, and whether it is any.
fn by_address(new: &New<'_>, known: &Known, settings: &Settings) -> Option<Joined> {
    // The front page is the address of many articles.
    if !new.article.url_key.as_deref().is_some_and(own::is_of_one_article) {
        return None;
    }
    let is_other = |k: &KnownArticle| new.is_another_episode(&k.source, k.recording.as_deref());
    let elsewhere = known.at_url.iter().filter(|k| k.source != new.article.source && k.story.is_some() && !is_other(k));
    let elsewhere: Vec<(&KnownArticle, Likeness)> = elsewhere
        .take(MOST_COMPARED)
        .map(|k| (k, new.likeness(&k.text)))
        .filter(|(_, likeness)| !likeness.is_other())
        .collect();
    let is_it = |k: &KnownArticle, likeness: &Likeness| {
        let told = k.text_hash == new.shingles.text_hash && new.shingles.words > 0;
        told || new.has_title(&k.title) || likeness.relation(Beside::OtherTitle) != Relation::Apart
    };
    let alike = elsewhere.iter().rev().filter(|(k, likeness)| is_it(k, likeness));
    let alike = alike.max_by(|(_, a), (_, b)| a.jaccard().total_cmp(&b.jaccard()));
    let (first, _) = elsewhere.first()?;
    let alone = elsewhere.iter().all(|(k, _)| k.story == first.story) && new.near_in_time(first.date, settings);
    let found = alike.map(|(k, _)| *k).or(alone.then_some(*first))?;
    join(found, known, "same address")
}

/// An article with the same text: a long one, or one of the same title too.
fn by_text(new: &New<'_>, known: &Known, settings: &Settings) -> Option<Joined> {
    let words = new.shingles.words;
    let is_same = |k: &&KnownArticle| {
        k.text_hash == new.shingles.text_hash
            && new.near_in_time(k.date, settings)
            && !new.is_another_episode(&k.source, k.recording.as_deref())
    };
    let same = known.same_text.iter().filter(is_same);
    let enough = |k: &&KnownArticle| match new.has_title(&k.title) {
        true => tells_with_title(words),
        false => {
            tells(words)
                && (words >= LONGER_THAN_FORMULAS || !new.is_notice_beside(&k.source, &k.title, &k.text, known))
        }
    };
    same.filter(enough).find_map(|k| join(k, known, "same text"))
}

/// Joins the story of a known article, unless only its fingerprints outlived it.
fn join(k: &KnownArticle, known: &Known, why: &str) -> Option<Joined> {
    let story = k.story.clone()?;
    // The copy of an excerpt is an excerpt.
    let excerpt = known.candidates.iter().any(|c| c.id == k.id && c.kind == CopyKind::Excerpt);
    let kind = if excerpt { CopyKind::Excerpt } else { CopyKind::Copy };
    Some(Joined { story, kind, why: why.to_owned() })
}

/// The story whose text is most alike; else the one of which the new text is a part.
fn by_likeness(alike: &Alike) -> Option<Joined> {
    let near = alike.near.first().map(|n| (n, CopyKind::Copy));
    let (found, kind) = near.or_else(|| alike.parts.first().map(|n| (n, CopyKind::Excerpt)))?;
    Some(Joined { story: found.story.clone(), kind, why: format!("{:.2} of its text", found.of_new) })
}

#[cfg(test)]
mod tests;
