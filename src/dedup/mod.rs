//! Decides whether a new article is a copy. Pure: `decide(article, known) -> Decision`.

mod formulas;
mod lead;
mod likeness;
mod own;
mod settings;

use chrono::{DateTime, TimeDelta, Utc};
pub use formulas::Repeated;
use formulas::{Formulas, Texts, is_notice};
pub use lead::{origin_key, outlet_key};
use likeness::{Beside, LONGER_THAN_FORMULAS, Likeness, Relation, tells, tells_with_title};
pub use own::is_of_one_article;
pub use settings::{LeadBy, Settings};
use url::Url;

use crate::model::{
    Article, ArticleId, Candidate, CopyKind, Decision, Enclosure, Intent, Known, KnownArticle, KnownStory, SourceName,
    StoryId,
};
use crate::text::{Shingles, fold, url_key};

/// The most candidates that are compared word by word; the most shared come first.
const MOST_COMPARED: usize = 20;
/// Of all shingles of a text and a copy so many shared: every other copy of it shares some of them.
const MORE_THAN_HALF: f64 = 0.5;
/// Of all shingles of two copies of one text so many are shared at least.
const SHARED_BY_COPIES: f64 = 0.10;
/// Stories that one article shows to be one with its own.
const MOST_MERGED: usize = 8;
/// Alike beyond doubt: nothing better is looked for in its story.
const BEYOND_DOUBT: f64 = 0.9;

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
                return Intent::Insert(Box::new(Article { id, ..article })).into();
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
    decision.holds = alike.held.into_iter().filter(|(_, story)| is_other(story)).map(|(id, _)| id).collect();
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

    /// Whether what it shares with another is a notice in the place of both.
    fn is_notice_beside(&self, title: &str, text: &str) -> bool {
        let shorter = if text.len() < self.article.text.len() { text } else { &self.article.text };
        !self.has_title(title) && is_notice(shorter, [&self.article.title, title])
    }

    fn beside(&self, other: &Candidate) -> Beside {
        let named = self.article.guid.is_some() || self.article.url_key.is_some();
        match other.source == self.article.source && named {
            true => Beside::SameSource,
            false => Beside::titled(self.has_title(&other.title)),
        }
    }

    fn near_in_time(&self, date: DateTime<Utc>, settings: &Settings) -> bool {
        let apart = (self.article.date() - date).abs();
        TimeDelta::from_std(settings.within).map_or(true, |within| apart <= within)
    }
}

/// A story that one of the candidates belongs to, and how much of that is shared.
struct Near {
    story: StoryId,
    /// The candidate, where it is a short part of the text.
    holds: Option<ArticleId>,
    score: f64,
    of_new: f64,
    /// Whether both texts are long enough to tell an article by themselves.
    long: bool,
    /// Of the candidate.
    shingles: Shingles,
}

/// How the candidates stand to a text, each story once.
struct Alike {
    /// Stories that tell the text, the most alike first.
    near: Vec<Near>,
    /// Stories whose text it is a part of, the most of it first.
    parts: Vec<Near>,
    /// Articles that are a part of it, with their stories.
    held: Vec<(ArticleId, StoryId)>,
}

impl Alike {
    fn of(new: &New<'_>, known: &Known, settings: &Settings, but: Option<&ArticleId>) -> Self {
        let mut alike = Self { near: Vec::new(), parts: Vec::new(), held: Vec::new() };
        let texts = Texts::of(known);
        let formulas = Formulas::of(new, known, &texts);
        let compared = known.candidates.iter().enumerate();
        let compared = compared.filter(|(_, c)| but != Some(&c.id) && c.kind != CopyKind::Excerpt);
        for (at, candidate) in compared.filter(|(_, c)| new.near_in_time(c.date, settings)).take(MOST_COMPARED) {
            // One copy that is alike beyond doubt speaks for its story.
            if alike.near.iter().any(|n| n.story == candidate.story && n.score >= BEYOND_DOUBT) {
                continue;
            }
            let beside = new.beside(candidate);
            let likeness = formulas.likeness(candidate, texts.at(at), beside);
            let relation = likeness.relation(beside);
            let is_notice = relation == Relation::Near && likeness.may_be_formula();
            let is_notice = is_notice && new.is_notice_beside(&candidate.title, &candidate.text);
            let other = new.is_another_episode(&candidate.source, candidate.recording.as_deref());
            if relation == Relation::Apart || other || is_notice || formulas.shares_an_end_alone(candidate) {
                continue;
            }
            let near = |score| {
                let (story, shingles) = (candidate.story.clone(), texts.at(at).clone());
                let holds = likeness.has_short_part().then(|| candidate.id.clone());
                Near { story, holds, score, of_new: likeness.of_new(), long: likeness.is_long(), shingles }
            };
            match relation {
                // What readers have seen of it stands; the whole comes to them too.
                Relation::Near if likeness.has_short_part() && known.is_published(&candidate.story) => {
                    alike.held.push((candidate.id.clone(), candidate.story.clone()));
                }
                Relation::Near => best_of(&mut alike.near, near(likeness.jaccard())),
                Relation::Part => best_of(&mut alike.parts, near(likeness.of_new())),
                Relation::Whole => alike.held.push((candidate.id.clone(), candidate.story.clone())),
                Relation::Apart => {}
            }
        }
        alike.hold_what_has_nothing_in_common();
        alike.near.sort_by(|a, b| b.score.total_cmp(&a.score));
        alike.parts.sort_by(|a, b| b.score.total_cmp(&a.score));
        alike
    }

    /// A page that holds whole articles which have nothing in common is none of them, but a page of its own.
    fn hold_what_has_nothing_in_common(&mut self) {
        let is_apart = |a: &Near| {
            let others = self.near.iter().filter(|b| b.holds.is_some() && b.story != a.story);
            let mut shared = others.map(|b| Likeness::of(&a.shingles, &b.shingles).jaccard());
            a.holds.is_some() && shared.any(|shared| shared < SHARED_BY_COPIES)
        };
        let apart: Vec<StoryId> = self.near.iter().filter(|a| is_apart(a)).map(|a| a.story.clone()).collect();
        for near in self.near.extract_if(.., |n| apart.contains(&n.story)) {
            self.held.extend(near.holds.map(|id| (id, near.story)));
        }
    }

    /// Whether a story that tells the text is one with the text's own: the two must share text with each other, as a review
    /// of the press may hold two articles that have nothing in common. More than half of a text cannot be shared with each
    /// of two that share nothing.
    fn is_one_with(&self, own: &StoryId, near: &Near) -> bool {
        let own = self.near.iter().find(|n| n.story == *own);
        let shared = own.map(|own| Likeness::of(&own.shingles, &near.shingles).jaccard());
        near.long && (near.score > MORE_THAN_HALF || shared.is_some_and(|shared| shared >= SHARED_BY_COPIES))
    }
}

fn best_of(found: &mut Vec<Near>, new: Near) {
    match found.iter_mut().find(|n| n.story == new.story) {
        Some(known) if known.score >= new.score => {}
        Some(known) => *known = new,
        None => found.push(new),
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
    let may_replace = || alone && !of.admitted && lead::may_replace(article, of, settings.lead);
    let is_whole = to_lead.is_some_and(|likeness| likeness.has_short_part());
    let outgrows = to_lead.is_some_and(|likeness| likeness.outgrows());
    match lead::takes_the_lead(article, of, settings.lead) {
        true => join(*kind, true),
        false if is_whole && may_replace() => join(CopyKind::Excerpt, true),
        false if outgrows && may_replace() => join(*kind, true),
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

/// Whether its source gives this short text under other titles too ("subscribe to read on"): then it tells nothing.
fn is_formula(new: &New<'_>, known: &Known) -> bool {
    let same = |k: &KnownArticle| k.source == new.article.source && k.text_hash == new.shingles.text_hash;
    new.shingles.words < LONGER_THAN_FORMULAS && known.same_text.iter().any(|k| same(k) && !new.has_title(&k.title))
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
        false => tells(words) && (words >= LONGER_THAN_FORMULAS || !new.is_notice_beside(&k.title, &k.text)),
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
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;
    use url::Url;

    use super::*;
    use crate::model::{BodyFrom, CleanHtml, Identity, Outlet, Provenance, SourceName};
    use crate::text::{hash, url_key};

    /// An article as a poll makes it: id by guid, else address, else text.
    fn article(source: &str, guid: &str, url: &str, title: &str, text: &str) -> Article {
        let source = SourceName::new(source).unwrap();
        let text_of = |s: &str| (!s.is_empty()).then(|| s.to_owned());
        let key = Url::parse(url).ok().map(|u| url_key(&u));
        let identity = match (text_of(guid), &key) {
            (Some(guid), _) => Identity::Guid(guid),
            (None, Some(key)) => Identity::Url(key.clone()),
            (None, None) => Identity::Text(Shingles::of(text).text_hash),
        };
        Article {
            id: ArticleId::of(&source, &identity),
            guid: text_of(guid),
            url: text_of(url),
            url_key: key,
            rank: 100,
            republish: None,
            entry_hash: hash(format!("{guid}|{url}|{title}|{text}").as_bytes()),
            provenance: Provenance {
                outlet: Outlet { name: source.to_string(), url: None },
                origin: None,
                via: vec![],
            },
            source,
            title: title.to_owned(),
            standfirst: None,
            byline: vec![],
            body: CleanHtml::default(),
            text: text.to_owned(),
            body_from: BodyFrom::Feed,
            image: None,
            enclosures: vec![],
            lang: None,
            published: None,
            updated: None,
            first_seen: day(1),
            tags: vec![],
            given: Default::default(),
        }
    }

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + n)
    }

    fn prose(seed: usize, words: std::ops::Range<usize>) -> String {
        words.map(|n| format!("mot{} ", (n * 7919 + seed * 104_729) % 1_000_003)).collect()
    }

    fn shared_keys(new: &Shingles, text: &str) -> u32 {
        let other = Shingles::of(text);
        new.sample().iter().filter(|k| other.sample().contains(k)).count() as u32
    }

    fn recording(a: &Article) -> Option<String> {
        Enclosure::recording(&a.enclosures).map(|file| file.url.clone())
    }

    fn known_article(a: &Article, story: &StoryId) -> KnownArticle {
        KnownArticle {
            id: a.id.clone(),
            source: a.source.clone(),
            story: Some(story.clone()),
            guid: a.guid.clone(),
            url_key: a.url_key.clone(),
            entry_hash: a.entry_hash,
            text_hash: Shingles::of(&a.text).text_hash,
            title: a.title.clone(),
            text: a.text.clone(),
            date: a.date(),
            recording: recording(a),
        }
    }

    /// What a store would know and do.
    #[derive(Default)]
    struct Shelf {
        kept: Vec<(Article, StoryId, CopyKind)>,
        leads: Vec<(StoryId, ArticleId)>,
        /// Whether what is kept has been published.
        admitted: bool,
        /// The decision on the last article.
        decided: Option<Decision>,
        /// What the articles that come together repeat.
        repeated: std::sync::Arc<[u64]>,
    }

    impl Shelf {
        fn known(&self, new: &Article) -> Known {
            let shingles = Shingles::of(&new.text);
            let of = |test: &dyn Fn(&Article) -> bool| -> Vec<KnownArticle> {
                let kept = self.kept.iter().filter(|(a, ..)| test(a));
                kept.map(|(a, story, _)| known_article(a, story)).collect()
            };
            let same = of(&|a| a.id == new.id || (a.source == new.source && a.guid.is_some() && a.guid == new.guid));
            let shared = |a: &Article| shared_keys(&shingles, &a.text);
            let candidates = self.kept.iter().filter(|(a, ..)| shared(a) > 0).map(|(a, story, kind)| Candidate {
                id: a.id.clone(),
                story: story.clone(),
                kind: *kind,
                source: a.source.clone(),
                url_key: a.url_key.clone(),
                outlet: a.provenance.outlet.name.clone(),
                title: a.title.clone(),
                text: a.text.clone(),
                date: a.date(),
                recording: recording(a),
                shared: shared(a),
            });
            let stories = self.leads.iter().map(|(id, lead)| {
                let (a, ..) = self.kept.iter().find(|(a, ..)| a.id == *lead).unwrap();
                let members = self.kept.iter().filter(|(_, story, _)| story == id);
                KnownStory {
                    id: id.clone(),
                    lead: lead.clone(),
                    lead_rank: a.rank,
                    lead_private: a.came_as_private(),
                    admitted: self.admitted,
                    first_seen: self
                        .kept
                        .iter()
                        .find(|(a, ..)| StoryId::from(a.id.clone()) == *id)
                        .unwrap()
                        .0
                        .first_seen,
                    lead_url_key: a.url_key.clone(),
                    lead_outlet: a.provenance.outlet.name.clone(),
                    origins: members.filter_map(|(a, ..)| origin_key(a)).collect(),
                }
            });
            Known {
                same: same.into_iter().next(),
                at_url: of(&|a| a.url_key.is_some() && a.url_key == new.url_key),
                same_text: of(&|a| Shingles::of(&a.text).text_hash == shingles.text_hash),
                candidates: candidates.collect(),
                stories: stories.collect(),
                repeated: self.repeated.clone(),
            }
        }

        fn put(&mut self, new: Article) -> Intent {
            let decision = decide(new.clone(), &Shingles::of(&new.text), &self.known(&new), &Settings::default());
            self.decided = Some(decision.clone());
            let intent = decision.intent;
            match intent.clone() {
                Intent::Insert(a) => {
                    assert!(self.kept.iter().all(|(k, ..)| k.id != a.id), "one id twice");
                    let story = StoryId::from(a.id.clone());
                    self.leads.push((story.clone(), a.id.clone()));
                    self.kept.push((*a, story, CopyKind::Lead));
                }
                Intent::Join { article, story, kind, leads, .. } => {
                    assert!(self.kept.iter().all(|(k, ..)| k.id != article.id), "one id twice");
                    if let Some(lead) = decision.lead.clone().or(leads.then(|| article.id.clone())) {
                        self.leads.iter_mut().find(|(id, _)| *id == story).unwrap().1 = lead;
                    }
                    self.kept.push((*article, story, kind));
                }
                Intent::Revise(a) => {
                    let known =
                        self.kept.iter_mut().find(|(k, ..)| k.id == a.id).expect("a revision of a known article");
                    known.0 = *a;
                }
                Intent::Skip { .. } => {}
            }
            intent
        }

        fn stories(&self) -> usize {
            self.kept.iter().map(|(_, story, _)| story).collect::<HashSet<_>>().len()
        }
    }

    fn why(intent: &Intent) -> &str {
        match intent {
            Intent::Join { why, .. } | Intent::Skip { why, .. } => why,
            Intent::Insert(_) => "insert",
            Intent::Revise(_) => "revise",
        }
    }

    #[test]
    fn nine_entries_that_are_six_stories() {
        let mut shelf = Shelf::default();
        let wire = prose(1, 0..250);
        let said: Vec<String> = [
            article("a", "1", "https://a.example/gaza?utm_source=rss", "Gaza : la trêve", &wire),
            article("a", "2", "https://a.example/revue", "Revue de presse", &prose(2, 0..200)),
            article("a", "3", "https://a.example/budget", "Budget", &prose(3, 0..200)),
            article("b", "", "http://www.a.example/gaza?xtor=RSS-1", "Gaza : la trêve", &prose(1, 0..40)),
            article("b", "", "https://b.example/revue", "Revue de presse", &prose(4, 0..200)),
            article("b", "", "https://b.example/port", "Le port", &prose(5, 0..200)),
            article("c", "x", "https://c.example/1", "Une trêve annoncée", &format!("(Agence) {wire}")),
            article("c", "y", "https://c.example/2", "Vent", &prose(6, 0..200)),
            article("c", "z", "https://c.example/3", "Le port en grève", &prose(5, 0..200)),
        ]
        .into_iter()
        .map(|a| why(&shelf.put(a)).to_owned())
        .collect();
        let apart = "insert";
        assert_eq!(said[..3], [apart; 3]);
        assert_eq!(said[3..6], ["same address", apart, apart]);
        assert_eq!(said[6..], ["1.00 of its text", apart, "same text"]);
        assert_eq!((shelf.kept.len(), shelf.stories()), (9, 6));
    }

    #[test]
    fn the_same_entry_again_is_known_and_a_changed_one_revised() {
        let mut shelf = Shelf::default();
        let first = article("a", "1", "https://a.example/x", "Titre", &prose(1, 0..200));
        shelf.put(first.clone());
        assert_eq!(why(&shelf.put(first.clone())), "unchanged");
        let mut spaced =
            article("a", "1", "https://a.example/x?utm_source=b", "Titre", &prose(1, 0..200).to_uppercase());
        spaced.first_seen = day(3);
        // Another entry, the same words: what else changed is the store's to see, and nothing is said to be updated.
        assert!(matches!(shelf.put(spaced), Intent::Revise(a) if a.id == first.id && a.updated.is_none()));
        assert_eq!(why(&shelf.put(article("a", "1", "https://a.example/x", "Titre", ""))), "came without its text");

        let mut later = article("a", "1", "https://a.example/y", "Autre titre", &prose(1, 0..220));
        later.first_seen = day(3);
        let Intent::Revise(revised) = shelf.put(later) else { panic!("not revised") };
        assert_eq!((&revised.id, revised.first_seen, revised.updated), (&first.id, day(1), Some(day(3))));
        assert_eq!(revised.date(), first.date());
        assert_eq!(shelf.stories(), 1);
    }

    #[test]
    fn an_address_used_again_is_a_new_article() {
        let mut shelf = Shelf::default();
        shelf.put(article("a", "direct", "https://a.example/direct", "Direct", &prose(1, 0..200)));
        let second = article("a", "direct", "https://a.example/direct", "Direct", &prose(2, 0..200));
        assert_eq!(why(&shelf.put(second.clone())), "insert");
        assert_eq!(why(&shelf.put(second)), "unchanged");
        let grown = article("a", "direct", "https://a.example/direct", "Direct", &prose(2, 0..260));
        assert_eq!(why(&shelf.put(grown)), "revise");
        // Another source's article at an address used again is no copy of what stood there before.
        let third = article("b", "", "https://a.example/direct", "Direct", &prose(3, 0..200));
        assert_eq!(why(&shelf.put(third)), "insert");
        assert_eq!(shelf.stories(), 3);
    }

    #[test]
    fn entries_of_one_page_and_of_a_front_page_stay_apart() {
        let mut shelf = Shelf::default();
        for n in 0..5 {
            let version = format!("https://a.example/changes#v{n}");
            let text = format!("Version {n}: {}", prose(n, 0..20));
            assert_eq!(why(&shelf.put(article("a", &version, &version, &format!("v{n}"), &text))), "insert");
            let front = article("b", &format!("{n}"), "https://b.example/", &format!("Brève {n}"), "");
            assert_eq!(why(&shelf.put(front)), "insert");
        }
        assert_eq!(why(&shelf.put(article("c", "", "https://b.example/", "Brève 9", ""))), "insert");
        let renewed =
            article("a", "new-id", "https://a.example/changes#v3", "v3", &format!("Version 3: {}", prose(3, 0..20)));
        assert_eq!(why(&shelf.put(renewed)), "revise");
    }

    #[test]
    fn another_source_gives_the_entries_of_one_page_each_to_its_own_story() {
        let mut shelf = Shelf::default();
        let entry = |source: &str, n: usize| {
            let version = format!("https://a.example/changes#v{n}");
            article(source, &version, &version, &format!("v{n}"), &format!("Version {n}: {}", prose(n, 0..20)))
        };
        for n in 0..5 {
            shelf.put(entry("a", n));
        }
        for n in [3, 1, 4] {
            let Intent::Join { story, .. } = shelf.put(entry("c", n)) else { panic!("v{n} is known") };
            assert_eq!(story, StoryId::from(entry("a", n).id), "v{n}");
        }
        assert_eq!(why(&shelf.put(entry("c", 6))), "insert", "none of those that stand there");
        assert_eq!(shelf.stories(), 6);
    }

    #[test]
    fn an_address_used_again_long_after_joins_by_title_or_text_only() {
        for (title, text, joins) in [
            ("Direct du 3 mai", "Le direct du jour, minute par minute, avec nos reporters.", false),
            ("Direct du 1er mars", "Autre chapô.", true),
            ("Redite", "Suivez la manifestation en direct avec nos envoyés.", true),
        ] {
            let mut shelf = Shelf::default();
            let old = "Suivez la manifestation en direct avec nos envoyés.";
            shelf.put(article("a", "1", "https://a.example/direct", "Direct du 1er mars", old));
            let mut later = article("b", "", "https://a.example/direct", title, text);
            later.first_seen = day(63);
            assert_eq!(matches!(shelf.put(later), Intent::Join { .. }), joins, "{title}");
        }
    }

    #[test]
    fn titles_and_texts_that_tell_nothing_merge_nothing() {
        let mut shelf = Shelf::default();
        let stub = "Cet article est réservé aux abonnés. Abonnez-vous dès un euro pour lire la suite de cet article.";
        let wall = prose(77, 0..110);
        let texts = ["", "Direct", "Lire la suite", stub, &wall];
        for (n, text) in texts.iter().enumerate() {
            for m in 0..3 {
                let (id, url) = (format!("{n}-{m}"), format!("https://a.example/{n}/{m}"));
                let title = if text.len() < 20 { "Revivez notre direct".to_owned() } else { format!("Article {m}") };
                assert_eq!(why(&shelf.put(article("a", &id, &url, &title, text))), "insert", "{text} {m}");
            }
        }
        let other = article("b", "", "https://b.example/1", "Revivez notre direct", &prose(9, 0..300));
        assert_eq!(why(&shelf.put(other)), "insert");
    }

    /// An episode: some words of its own, then what stands under all of them.
    fn episode(source: &str, n: usize, own: usize, closing: &str) -> Article {
        let text = format!("{}{closing}", prose(100 + n, 0..own));
        let (id, title) = (format!("e{n}"), format!("Épisode {n} : {}", prose(200 + n, 0..3)));
        article(source, &id, &format!("https://{source}.example/{n}"), &title, &text)
    }

    #[test]
    fn what_a_source_repeats_makes_no_two_of_its_articles_one() {
        // One after the other: how both end tells nothing; two stories with it make a formula of it.
        for (own, repeated) in [(40, 60), (60, 110), (17, 75)] {
            let mut shelf = Shelf::default();
            for n in 0..6 {
                assert_eq!(why(&shelf.put(episode("a", n, own, &prose(7, 0..repeated)))), "insert", "{own} {n}");
            }
        }
        // Longer, and with something of each in its midst.
        let long = |n: usize| format!("{} offre{n} {}", prose(7, 0..100), prose(7, 100..220));
        let episodes: Vec<Article> = (0..6).map(|n| episode("a", n, 50, &long(n))).collect();
        let shingles: Vec<Shingles> = episodes.iter().map(|a| Shingles::of(&a.text)).collect();
        let together = Repeated::of(episodes.iter().map(|a| &a.source).zip(&shingles));
        let mut shelf = Shelf { repeated: together.by(&episodes[0].source), ..Shelf::default() };
        for episode in episodes {
            assert_eq!(why(&shelf.put(episode)), "insert");
        }
        shelf.repeated = Default::default();
        assert_eq!(why(&shelf.put(episode("a", 9, 50, &long(9)))), "insert", "the stories tell");
        // The copy of one elsewhere is a copy of that one.
        let Intent::Join { story, .. } = shelf.put(episode("b", 3, 50, &long(3))) else { panic!("apart") };
        assert_eq!(story, StoryId::from(episode("a", 3, 50, "").id));
        // Where the first were taken for one, it ends after a few.
        let mut shelf = Shelf::default();
        let stories = (0..20).map(|n| shelf.put(episode("a", n, 30, &long(n)))).filter(|i| why(i) == "insert").count();
        assert!(stories >= 12, "{stories}");
    }

    #[test]
    fn a_notice_in_the_place_of_articles_makes_no_two_of_them_one() {
        let wall = "Cet article est réservé à nos abonnés. Il vous reste 80 % de l'article à découvrir. Profitez de l'offre dès \
            un euro le premier mois, sans engagement, et lisez la suite sur tous vos écrans.";
        let walls =
            "هذا المحتوى مخصص للمشتركين فقط. اشترك الآن لقراءة المقال كاملا والوصول إلى جميع مواد الموقع دون إعلانات";
        let titles = [
            "Budget : les députés votent",
            "Un séisme au Maroc",
            "Le Stade rennais s'impose",
            "La canicule s'installe",
        ];
        let others = ["الحكومة تعلن ميزانية العام", "زلزال عنيف في المغرب", "فوز كبير للمنتخب", "موجة حر"];
        for (wall, titles) in [(wall.to_owned(), titles), (wall.repeat(2), titles), (walls.to_owned(), others)] {
            let mut shelf = Shelf::default();
            for (title, source) in titles.iter().zip(["a", "b", "c", "d"]) {
                let url = format!("https://{source}.example/1");
                assert_eq!(why(&shelf.put(article(source, "1", &url, title, &wall))), "insert", "{title}");
            }
        }
        // A brief speaks of its titles, or of one of them; without words in either nobody can tell.
        let brief = "Le Stade rennais s'est imposé dimanche à Lorient devant vingt mille spectateurs, grâce à un but de la tête.";
        let in_arabic = "أعلنت السلطات أن الزلزال الذي ضرب المنطقة فجر اليوم خلف عشرات القتلى ومئات الجرحى في القرى الجبلية البعيدة";
        for (text, one, other) in [
            (brief, "Rennes bat Lorient", "Football : victoire rennaise"),
            (brief, "Ça joue", "Lorient perd"),
            (brief, "", ""),
            (in_arabic, "زلزال عنيف", "كارثة طبيعية"),
            (in_arabic, "كارثة طبيعية", "القتلى بالعشرات"),
        ] {
            let mut shelf = Shelf::default();
            shelf.put(article("a", "1", "https://a.example/1", one, text));
            let copy = article("b", "1", "https://b.example/1", other, text);
            assert!(matches!(shelf.put(copy), Intent::Join { .. }), "{one} {other}");
        }
    }

    #[test]
    fn the_rows_of_a_source_are_told_each_by_itself() {
        let day = |n: usize, words: usize| {
            let at = |seed: usize, from: usize, to: usize| prose(seed, from..to);
            let third = words / 3;
            let text =
                [at(1, 0, third), at(50 + n, 0, 3), at(1, third, 2 * third), at(50 + n, 3, 9), at(1, 70, 70 + third)];
            text.concat()
        };
        for (words, title) in [(36, Some("La météo du jour")), (75, None)] {
            let mut shelf = Shelf::default();
            for n in 0..4 {
                let (id, own) = (format!("{n}"), prose(60 + n, 0..4));
                let url = format!("https://a.example/{n}");
                let put = shelf.put(article("a", &id, &url, title.unwrap_or(&own), &day(n, words)));
                assert_eq!(why(&put), "insert", "{words} words, {n}");
            }
            // What another source has under the same title is that one.
            let url = "https://b.example/x";
            let other = shelf.put(article("b", "x", url, title.unwrap_or(&prose(62, 0..4)), &day(2, words)));
            assert!(matches!(other, Intent::Join { .. }), "{words}");
        }
    }

    #[test]
    fn episodes_with_the_same_words_are_as_many_as_recordings() {
        for text in ["Toutes les heures, les informations en direct de la rédaction.".to_owned(), prose(1, 0..80)] {
            // Pages of their own, or one for all; and once more under other ids.
            for page in ["https://a.example/{n}", "https://a.example/journal"] {
                let mut shelf = Shelf::default();
                let mut put = |source: &str, id: &str, n: usize| {
                    let url = page.replace("{n}", &format!("{id}{n}"));
                    let plain = article(source, &format!("{id}{n}"), &url, "Le journal", &text);
                    let url = format!("https://{}.example/{n}.mp3?utm_source={id}", if n < 9 { "a" } else { "c" });
                    shelf.put(Article { enclosures: vec![Enclosure { url, ..Enclosure::default() }], ..plain })
                };
                (0..4).for_each(|n| assert_eq!(why(&put("a", "x", n)), "insert", "{n}"));
                assert!(!matches!(put("a", "y", 2), Intent::Insert(_)), "the same episode under another id");
                assert!(matches!(put("b", "x", 9), Intent::Join { .. }), "from elsewhere it is a copy by its words");
                assert_eq!(why(&put("b", "x", 5)), "insert", "from the same host");
            }
        }
    }

    #[test]
    fn what_a_source_gives_again_at_another_address_is_one_story() {
        let versions = |old: String, new: String| {
            let mut shelf = Shelf::default();
            shelf.put(article("a", "1", "https://a.example/1", "Séisme : douze morts", &old));
            shelf.put(article("a", "2", "https://a.example/2", "Séisme : quinze morts", &new));
            shelf.stories()
        };
        let body = prose(1, 0..300);
        assert_eq!(
            versions(format!("{}{body}", prose(2, 0..60)), format!("{}{body}", prose(3, 0..60))),
            1,
            "a new top"
        );
        assert_eq!(versions(body.clone(), format!("{body}{}", prose(3, 0..100))), 1, "it has grown");
        let middle = |seed| format!("{}{}{}", prose(1, 0..110), prose(seed, 0..15), prose(1, 120..230));
        assert_eq!(versions(middle(2), middle(3)), 1, "another number in its midst");
    }

    #[test]
    fn what_is_repeated_is_in_a_large_part_of_the_texts() {
        let source = SourceName::new("a").unwrap();
        let repeated = |texts: &[String]| {
            let all: Vec<Shingles> = texts.iter().map(|t| Shingles::of(t)).collect();
            Repeated::of(all.iter().map(|s| (&source, s))).by(&source).len()
        };
        let with = |n: usize, of: usize| -> Vec<String> {
            let own = |i: usize| prose(10 + i, 0..80);
            (0..of).map(|i| if i < n { format!("{}{}", own(i), prose(1, 0..50)) } else { own(i) }).collect()
        };
        assert_eq!([repeated(&with(3, 3)), repeated(&with(3, 8)), repeated(&with(4, 20))], [0; 3]);
        assert_eq!([repeated(&with(4, 4)), repeated(&with(4, 16)), repeated(&with(20, 35))], [46; 3]);
        assert_eq!(repeated(&vec![prose(1, 0..100); 50]), 0, "one text, however often");
    }

    #[test]
    fn a_part_joins_as_an_excerpt_and_nothing_through_it() {
        let mut shelf = Shelf::default();
        let live = article("a", "live", "https://a.example/live", "Direct", &prose(1, 0..1500));
        shelf.put(live);
        let brief = article("b", "1", "https://b.example/1", "Brève", &prose(1, 300..400));
        let Intent::Join { kind, leads, why: said, .. } = shelf.put(brief) else { panic!("no excerpt") };
        assert_eq!((kind, leads, said.as_str()), (CopyKind::Excerpt, false, "1.00 of its text"));
        // Longer than the brief by half, and not in the live page: its own story.
        let own =
            article("c", "1", "https://c.example/1", "Article", &format!("{}{}", prose(1, 340..400), prose(2, 0..90)));
        assert_eq!(why(&shelf.put(own)), "insert");
        // The copy of an excerpt is an excerpt.
        let again = article("d", "1", "https://d.example/1", "Autre titre", &prose(1, 300..400));
        assert!(matches!(shelf.put(again), Intent::Join { kind: CopyKind::Excerpt, leads: false, .. }));
        // What holds older articles is its own story, and can say which they are.
        let short = article("e", "1", "https://e.example/1", "Court", &prose(5, 0..100));
        let long =
            article("f", "1", "https://f.example/1", "Long", &format!("{}{}", prose(6, 0..700), prose(5, 0..100)));
        shelf.put(short.clone());
        assert_eq!(why(&shelf.put(long)), "insert");
        let decided = shelf.decided.unwrap();
        assert_eq!((decided.holds, decided.merges), (vec![short.id], vec![]));
    }

    #[test]
    fn a_page_of_whole_articles_is_none_of_them() {
        for of in [2, 3] {
            let mut shelf = Shelf::default();
            let whole =
                |n: usize| article("a", &n.to_string(), &format!("https://a.example/{n}"), "Un", &prose(n, 0..200));
            let all: String = (0..of).map(|n| prose(n, 0..200)).collect();
            (0..of).for_each(|n| drop(shelf.put(whole(n))));
            let page =
                article("b", "1", "https://b.example/1", "Les textes du jour", &format!("{all}{}", prose(9, 0..30)));
            assert_eq!(why(&shelf.put(page)), "insert");
            let mut held = shelf.decided.clone().unwrap().holds;
            held.sort();
            let mut wholes: Vec<ArticleId> = (0..of).map(|n| whole(n).id).collect();
            wholes.sort();
            assert_eq!(held, wholes);
            // Its own copy is one.
            let again = article("c", "1", "https://c.example/1", "Lire aussi", &all);
            let Intent::Join { story, kind, .. } = shelf.put(again) else { panic!("a copy of the page") };
            assert_eq!((story.as_str(), kind), (shelf.leads[of].0.as_str(), CopyKind::Copy));
        }
    }

    #[test]
    fn the_whole_text_is_shown_and_not_its_beginning() {
        let (whole, beginning) = (prose(1, 0..250), prose(1, 0..90));
        let intents = |first: &str, second: &str, rank: u32, admitted: bool| {
            let mut shelf = Shelf { admitted, ..Shelf::default() };
            shelf.put(article("a", "1", "https://a.example/1", "Un", first));
            let second = Article { rank, ..article("b", "1", "https://b.example/1", "Deux", second) };
            match shelf.put(second) {
                Intent::Join { kind, leads, .. } => Some((kind, leads)),
                _ => {
                    assert_eq!(shelf.decided.unwrap().holds, [shelf.kept[0].0.id.clone()]);
                    None
                }
            }
        };
        assert_eq!(intents(&whole, &beginning, 1, false), Some((CopyKind::Excerpt, false)), "whatever its rank");
        assert_eq!(intents(&beginning, &whole, 100, false), Some((CopyKind::Excerpt, true)));
        assert_eq!(intents(&beginning, &whole, 100, true), None, "it has been seen: both stand");
        let most = prose(1, 0..160);
        assert_eq!(intents(&most, &whole, 100, false), Some((CopyKind::Copy, true)), "half as long again");
        assert_eq!(intents(&most, &whole, 100, true), Some((CopyKind::Copy, false)));
        assert_eq!(intents(&prose(1, 0..180), &whole, 100, false), Some((CopyKind::Copy, false)));
        assert_eq!(
            intents(&beginning, &whole, 200, false),
            Some((CopyKind::Copy, false)),
            "the file prefers the other"
        );
    }

    #[test]
    fn the_same_text_long_after_is_another_story() {
        let mut shelf = Shelf::default();
        let mut at = |n: i64, source: &str| {
            let mut a = article(source, "", &format!("https://{source}.example/{n}"), "Titre", &prose(1, 0..200));
            a.first_seen = day(n);
            why(&shelf.put(a)).to_owned()
        };
        assert_eq!(at(1, "a"), "insert");
        assert_eq!(at(10, "b"), "same text");
        assert_eq!(at(60, "c"), "insert");
    }

    #[test]
    fn the_named_original_leads_then_the_lowest_rank_then_the_first() {
        let text = prose(1, 0..200);
        let lead =
            |shelf: &Shelf| shelf.kept.iter().find(|(a, ..)| a.id == shelf.leads[0].1).unwrap().0.source.to_string();
        let mut shelf = Shelf::default();
        shelf.put(article("first", "", "https://first.example/1", "T", &text));
        shelf.put(article("second", "", "https://second.example/1", "T", &text));
        assert_eq!(lead(&shelf), "first");
        let mut ranked = article("ranked", "", "https://ranked.example/1", "T", &text);
        ranked.rank = 1;
        ranked.provenance.origin =
            Some(Outlet { name: "O".into(), url: Some("https://www.original.example/1".into()) });
        shelf.put(ranked);
        assert_eq!(lead(&shelf), "ranked");
        shelf.put(article("original", "", "https://original.example/1", "T", &text));
        assert_eq!(lead(&shelf), "original");
        let mut higher = article("higher", "", "https://higher.example/1", "T", &text);
        higher.rank = 0;
        shelf.put(higher);
        assert_eq!((lead(&shelf).as_str(), shelf.stories()), ("original", 1));
        // In whatever order they come, and by the outlet's name where no address is told.
        for url in [Some("https://o.example/1"), Some("https://o.example/"), None] {
            for order in ["abo", "aob", "bao", "boa", "oab", "oba"] {
                let mut shelf = Shelf::default();
                for name in order.chars().map(String::from) {
                    let mut told = article(&name, "", &format!("https://{name}.example/1"), "T", &text);
                    told.provenance.outlet.name = format!("Agence {name}");
                    let origin = Outlet { name: "AGENCE O".into(), url: url.map(str::to_owned) };
                    told.provenance.origin = (name == "a").then_some(origin);
                    shelf.put(told);
                }
                assert_eq!((lead(&shelf).as_str(), shelf.stories()), ("o", 1), "{order} {url:?}");
            }
        }
    }

    #[test]
    fn two_sources_without_ids_at_one_address_are_two_articles() {
        let mut shelf = Shelf::default();
        shelf.put(article("a", "", "https://x.example/1", "T", &prose(1, 0..100)));
        let copy = article("b", "", "https://x.example/1", "T", &prose(1, 0..100));
        assert_eq!(why(&shelf.put(copy.clone())), "same address");
        assert_eq!(why(&shelf.put(copy)), "unchanged");
        assert_eq!((shelf.kept.len(), shelf.stories()), (2, 1));
    }

    #[test]
    fn what_was_removed_stays_removed() {
        let mut shelf = Shelf::default();
        let old = article("a", "1", "https://a.example/1", "T", &prose(1, 0..100));
        shelf.put(old.clone());
        let mut known = shelf.known(&old);
        known.at_url.clear();
        known.same_text.clear();
        known.candidates.clear();
        let same = known.same.as_mut().unwrap();
        (same.story, same.text, same.entry_hash) = (None, String::new(), 0);
        assert_eq!(
            why(&decide(old.clone(), &Shingles::of(&old.text), &known, &Settings::default()).intent),
            "known, and removed since"
        );
        // Nor under another id and address, while it is near; another source may tell it.
        let gone = KnownArticle { text_hash: Shingles::of(&old.text).text_hash, ..known.same.take().unwrap() };
        known.same_text = vec![gone];
        let again = |source: &str, seen: i64| {
            let mut new = article(source, "2", "https://a.example/2", "Autre titre", &old.text);
            new.first_seen = day(seen);
            why(&decide(new, &Shingles::of(&old.text), &known, &Settings::default()).intent).to_owned()
        };
        assert_eq!([again("a", 2), again("a", 90), again("b", 2)], ["known, and removed since", "insert", "insert"]);
    }

    proptest! {
        #[test]
        fn any_two_texts_are_decided(a in "\\PC{0,80}", b in "\\PC{0,80}") {
            let mut shelf = Shelf::default();
            shelf.put(article("a", "1", "https://a.example/1", &b, &a));
            shelf.put(article("b", "2", "https://b.example/2", &a, &b));
            prop_assert_eq!(shelf.kept.len(), 2);
        }
    }
}
