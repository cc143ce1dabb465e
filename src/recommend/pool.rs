//! The few stories worth comparing word by word.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};

use super::index::{Index, WINDOW};
use super::postings::{Holders, MOST_SLOTS};
use super::search::Search;
use super::shelf::Shelf;
use super::vector::Vector;
use super::{Settings, Weights};
use crate::model::{Lang, StoryId, Tag};

/// Words that others are looked up by.
const QUERY_WORDS: usize = 64;
/// Stories that are compared word by word, at least, and for each that is wanted.
const POOL: usize = 50;
const POOL_EACH: usize = 3;
/// ... and at most: each is compared with each.
const MOST_POOL: usize = 1_000;
/// Stories of one tag that are looked at, the newest; of one source; and looked through for them.
const PER_TAG: usize = 200;
const PER_TAG_AND_SOURCE: usize = 40;
const TAG_DEPTH: usize = 4_000;
/// Stories that share any word, for lists that would be too short.
const SPARE: usize = 12;
/// Time in which freshness falls to a third, in seconds.
const FRESH_SECS: f64 = 14.0 * 86_400.0;
/// Shared tags count half when they weigh so much together.
const TAG_HALF: f64 = 4.0;
/// What dislike takes away, for each that is liked (Rocchio 1971; the usual ratio).
const UNLIKE: f64 = 0.25;

/// A story that says what is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// The story.
    pub story: &'a StoryId,
    /// Its language.
    pub lang: Option<&'a Lang>,
    /// Its words.
    pub vector: &'a Vector,
}

/// What is asked of the index: what is like one story, or like what a reader likes.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What the answers should be like: the story that is read, or those that a reader likes.
    pub like: &'a [Member<'a>],
    /// What they should not be like.
    pub unlike: &'a [Member<'a>],
    /// The tags of the story, or those that a reader follows.
    pub tags: &'a [Tag],
    /// Title and text of the story that is read, to name reasons by; `None` where nobody asks for reasons.
    pub told: Option<(&'a str, &'a str)>,
    /// The time that ages are counted from.
    pub now: DateTime<Utc>,
    /// How the answers are chosen.
    pub settings: &'a Settings,
    /// How many are wanted.
    pub count: usize,
}

/// The stories that seem nearest, still to be compared word by word.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    pub(super) near: Vec<StoryId>,
    /// What shares any word, the most first: for lists that would be too short.
    pub(super) spare: Vec<StoryId>,
}

impl Pool {
    /// Whose vectors are needed.
    #[must_use]
    pub fn stories(&self) -> Vec<StoryId> {
        self.near.iter().chain(&self.spare).cloned().collect()
    }
}

/// What is wanted in one language: words rising, with weights whose squares add up to 1.
pub(super) struct Centroid {
    pub(super) shelf: usize,
    pub(super) words: Vec<(u32, f64)>,
    /// What a word says there on average.
    says: f64,
}

/// What is asked for in one language, while it is added up.
#[derive(Default)]
struct Sum {
    words: Vec<(u32, f64)>,
    /// What a word says on average in each that is liked, and how many these are.
    says: f64,
    liked: f64,
}

/// Which stories may stand in a pool.
pub(super) struct Allowed<'a> {
    dates: RangeInclusive<i64>,
    not: HashSet<u32>,
    of: Option<&'a dyn Fn(&StoryId) -> bool>,
}

impl Index {
    /// The stories that seem nearest to what is asked for: none of those that it asks by, none older than the settings say,
    /// none that `allowed` refuses.
    #[must_use]
    pub fn candidates(&self, question: &Question<'_>, allowed: Option<&dyn Fn(&StoryId) -> bool>) -> Pool {
        let within = TimeDelta::from_std(question.settings.within).unwrap_or(TimeDelta::MAX);
        let eldest = question.now.checked_sub_signed(within).unwrap_or(DateTime::<Utc>::MIN_UTC);
        self.pool(question, question.settings.by, eldest.timestamp_micros()..=i64::MAX, allowed)
    }

    /// The stories dated between two instants whose texts seem nearest.
    pub(super) fn between(&self, question: &Question<'_>, from: DateTime<Utc>, to: DateTime<Utc>) -> Pool {
        let by = Weights { text: 1.0, tags: 0.0, recent: 0.0 };
        let near = self.pool(question, by, from.timestamp_micros()..=to.timestamp_micros(), None).near;
        Pool { near, spare: Vec::new() }
    }

    fn pool(
        &self,
        question: &Question<'_>,
        by: Weights,
        dates: RangeInclusive<i64>,
        of: Option<&dyn Fn(&StoryId) -> bool>,
    ) -> Pool {
        let asked = question.like.iter().chain(question.unlike);
        let not = asked.filter_map(|member| self.slot(member.story)).collect();
        let allowed = Allowed { dates, not, of };
        let mut words = self.looked_up(&self.centroids(question));
        let tagged = self.sharing(question.tags);
        let mut tagged = &tagged[..];
        let most = (question.count * POOL_EACH).clamp(POOL, MOST_POOL);
        let mut search = Search::new(self, by, question.now, &allowed, most);
        let mut dots = vec![0.0_f32; WINDOW.min(self.kept.len())];
        for ((lengths, span), from) in self.lengths.chunks(WINDOW).zip(&self.spans).zip((0..).step_by(WINDOW)) {
            let end = from + super::index::number(lengths.len());
            let (here, later) = tagged.split_at(tagged.partition_point(|(slot, _)| *slot < end));
            tagged = later;
            if span.1 < *allowed.dates.start() || span.0 > *allowed.dates.end() {
                words.iter_mut().for_each(|(holders, _)| holders.before(end, |_, _| {}));
                continue;
            }
            for (holders, lent) in &mut words {
                holders.before(end, |slot, weight| {
                    if let Some(dot) = dots.get_mut((slot - from) as usize) {
                        *dot += *lent * weight;
                    }
                });
            }
            search.window(from, &mut dots, lengths, here);
        }
        let near = search.best();
        let short = near.len() < question.count.max(SPARE);
        let spare = if short { self.sharing_any_word(question.like, &near, &allowed) } else { Vec::new() };
        let named = |slots: Vec<u32>| slots.into_iter().filter_map(|slot| self.name(slot)).collect();
        Pool { near: named(near), spare: named(spare) }
    }

    pub(super) fn name(&self, slot: u32) -> Option<StoryId> {
        self.alive(slot).map(|kept| StoryId::from_bytes(&kept.id))
    }

    /// What is wanted, by language: the mean of what is liked, less a part of the mean of what is not.
    pub(super) fn centroids(&self, question: &Question<'_>) -> Vec<Centroid> {
        let mut sums: BTreeMap<usize, Sum> = BTreeMap::new();
        let signs = [(question.like, 1.0), (question.unlike, -UNLIKE)];
        for (members, sign) in signs {
            let each = sign / f64::from(super::index::number(members.len()).max(1));
            for member in members {
                let Some(at) = self.shelf_of(member.lang) else { continue };
                let Some(shelf) = self.shelves.get(at) else { continue };
                let (unit, says) = unit(shelf, member.vector);
                let sum = sums.entry(at).or_default();
                sum.words.extend(unit.into_iter().map(|(word, weight)| (word, each * weight)));
                if sign > 0.0 {
                    sum.says += says;
                    sum.liked += 1.0;
                }
            }
        }
        let centroid = |(shelf, sum): (usize, Sum)| {
            let mut words = summed(sum.words);
            words.retain(|(_, weight)| *weight > 0.0);
            let length = words.iter().map(|(_, weight)| weight.powi(2)).sum::<f64>().sqrt();
            words.iter_mut().for_each(|(_, weight)| *weight /= length);
            Centroid { shelf, words, says: sum.says / f64::max(sum.liked, 1.0) }
        };
        sums.into_iter().map(centroid).collect()
    }

    /// The holders of the heaviest words, the heaviest first, and what each word lends to what a holder scores.
    fn looked_up(&self, centroids: &[Centroid]) -> Vec<(Holders<'_>, f32)> {
        let mut all = Vec::new();
        for centroid in centroids {
            let Some(shelf) = self.shelves.get(centroid.shelf) else { continue };
            let mut heaviest = centroid.words.clone();
            heaviest.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            for (word, weight) in heaviest.into_iter().take(QUERY_WORDS) {
                #[expect(clippy::cast_possible_truncation, reason = "near enough to choose by")]
                let lent = (weight * shelf.inverse(word) / centroid.says.max(f64::MIN_POSITIVE)) as f32;
                if lent > 0.0 {
                    let (holders, whole) = shelf.listed(word);
                    if !whole {
                        self.lacks();
                    }
                    all.push((holders, lent));
                }
            }
        }
        all
    }

    /// What the tags weigh that a story shares, of any language; slots rise.
    fn sharing(&self, tags: &[Tag]) -> Vec<(u32, f64)> {
        let mut found: Vec<(u32, f64)> = Vec::new();
        for tag in tags.iter().filter_map(|tag| self.tag(tag.key())) {
            let weight = self.tag_weight(tag);
            let (mut of_source, mut taken) = (vec![0_usize; self.sources()], 0);
            for slot in self.tagged(tag).take(TAG_DEPTH) {
                let Some(of_source) = self.alive(slot).and_then(|kept| of_source.get_mut(kept.source as usize)) else {
                    continue;
                };
                if *of_source >= PER_TAG_AND_SOURCE {
                    continue;
                }
                *of_source += 1;
                taken += 1;
                found.push((slot, weight));
                if taken >= PER_TAG {
                    break;
                }
            }
        }
        summed(found)
    }

    /// What shares any word of what is asked, the most words first, then the newest.
    fn sharing_any_word(&self, like: &[Member<'_>], near: &[u32], allowed: &Allowed<'_>) -> Vec<u32> {
        let mut shared: HashMap<u32, usize> = HashMap::new();
        for member in like {
            let Some(shelf) = self.shelf_of(member.lang).and_then(|at| self.shelves.get(at)) else { continue };
            for entry in member.vector.entries() {
                shelf.listed(entry.word).0.before(MOST_SLOTS, |slot, _| *shared.entry(slot).or_default() += 1);
            }
        }
        let near: HashSet<u32> = near.iter().copied().collect();
        let mut found: Vec<(usize, i64, [u8; 10], u32)> = shared
            .into_iter()
            .filter(|(slot, _)| !near.contains(slot))
            .filter_map(|(slot, words)| self.alive(slot).map(|kept| (words, kept.date, kept.id, slot)))
            .collect();
        found.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
        found.into_iter().map(|(.., slot)| slot).filter(|slot| allowed.holds(self, *slot)).take(SPARE).collect()
    }
}

impl Allowed<'_> {
    pub(super) fn holds(&self, index: &Index, slot: u32) -> bool {
        let dated = index.alive(slot).is_some_and(|kept| self.dates.contains(&kept.date));
        let may = |of: &dyn Fn(&StoryId) -> bool| index.name(slot).is_some_and(|story| of(&story));
        dated && !self.not.contains(&slot) && self.of.is_none_or(may)
    }
}

/// Each number once, rising, with the sum of what stood beside it, added up in the order in which it stood.
fn summed(mut numbers: Vec<(u32, f64)>) -> Vec<(u32, f64)> {
    numbers.sort_by_key(|(number, _)| *number);
    numbers.dedup_by(|later, first| {
        let is_same = later.0 == first.0;
        first.1 += if is_same { later.1 } else { 0.0 };
        is_same
    });
    numbers
}

/// A story's words by weight, the squares of which add up to 1; and what a word of it says on average.
fn unit(shelf: &Shelf, vector: &Vector) -> (Vec<(u32, f64)>, f64) {
    let says = shelf.says(vector.entries().iter().map(|e| e.word));
    let weighed = vector.entries().iter().zip(says).map(|(e, says)| (e.word, e.weight() * says));
    let mut words: Vec<(u32, f64)> = weighed.filter(|(_, weight)| *weight > 0.0).collect();
    let length = words.iter().map(|(_, weight)| weight.powi(2)).sum::<f64>().sqrt();
    words.iter_mut().for_each(|(_, weight)| *weight /= length);
    let plain = f64::from(vector.length());
    (words, if plain > 0.0 { length / plain } else { 0.0 })
}

/// The score of a story, 0 to 1.
pub(super) fn score(by: Weights, likeness: f64, tags: f64, fresh: f64) -> f64 {
    let [text, tag, recent] = parts(by);
    let all = text + tag + recent;
    if all <= 0.0 { likeness } else { (text * likeness + tag * tags + recent * fresh) / all }
}

/// The weights, where they can be used.
pub(super) fn parts(by: Weights) -> [f64; 3] {
    [by.text, by.tags, by.recent].map(|weight| if weight.is_finite() { f64::from(weight).max(0.0) } else { 0.0 })
}

/// 1 at this moment, falling with age.
pub(super) fn freshness(now: DateTime<Utc>, date: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "an age need not be exact")]
    let age = now.timestamp_micros().saturating_sub(date).max(0) as f64 / 1e6;
    (-age / FRESH_SECS).exp()
}

/// Shared tags, from 0 to 1: the first ones count most.
pub(super) fn damped(weight: f64) -> f64 {
    weight / (weight + TAG_HALF)
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use super::super::Doc;
    use super::super::search::OF_A_SOURCE;
    use super::*;
    use crate::model::{ArticleId, Identity, SourceName};

    /// The pool by looking at every story and sorting them all.
    fn plainly(index: &Index, question: &Question<'_>, may: &dyn Fn(&StoryId) -> bool) -> Vec<StoryId> {
        let mut dots = vec![0.0_f32; index.kept.len()];
        for (mut holders, lent) in index.looked_up(&index.centroids(question)) {
            holders.before(MOST_SLOTS, |slot, weight| dots[slot as usize] += lent * weight);
        }
        let tags: HashMap<u32, f64> = index.sharing(question.tags).into_iter().collect();
        let eldest = (question.now - question.settings.within).timestamp_micros();
        let mut all = Vec::new();
        for (slot, dot) in (0..).zip(dots) {
            let Some(kept) = index.alive(slot) else { continue };
            let (story, tags) = (StoryId::from_bytes(&kept.id), tags.get(&slot).copied().unwrap_or(0.0));
            let asked = question.like.iter().chain(question.unlike).any(|member| *member.story == story);
            if (dot > 0.0 || tags > 0.0) && !asked && kept.date >= eldest && may(&story) {
                let cosine = f64::from((dot / index.lengths[slot as usize]).min(1.0));
                let score = score(question.settings.by, cosine, damped(tags), freshness(question.now, kept.date));
                all.push((score, kept.id, kept.source, story));
            }
        }
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let most = (question.count * POOL_EACH).max(POOL);
        let mut of_source: HashMap<u32, usize> = HashMap::new();
        all.sort_by_cached_key(|(score, id, source, _)| {
            let of_source = of_source.entry(*source).or_default();
            *of_source += 1;
            (*of_source > most.div_ceil(OF_A_SOURCE), Reverse(score.to_bits()), *id)
        });
        all.into_iter().take(most).map(|(.., story)| story).collect()
    }

    #[test]
    fn what_is_passed_over_is_not_missed() {
        let mut chance = 7_u64;
        let mut below = |most: u64| {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (chance >> 33) % most
        };
        let (now, lang) = (DateTime::from_timestamp(1_772_445_600, 0).unwrap(), Lang::parse("en"));
        let mut index = Index::new();
        let mut rows = Vec::new();
        for n in 0..900 {
            let source = SourceName::new(&format!("s{}", below(9) * below(3))).unwrap();
            let story = StoryId::from(ArticleId::of(&source, &Identity::Guid(n.to_string())));
            let words: Vec<String> =
                (0..4 + below(40)).map(|_| format!("word{}", (1 + below(60)) * (1 + below(60)))).collect();
            let tag = format!("tag{}", below(5));
            let vector = Vector::of("", &words.join(" "));
            // About in order, as they come.
            let date = now - TimeDelta::hours((900 - n).max(0)) - TimeDelta::days(below(3).cast_signed());
            let doc =
                Doc { story: &story, lang: lang.as_ref(), tags: std::slice::from_ref(&tag), source: &source, date };
            index.insert(&doc, &vector, None);
            if n % 11 == 0 {
                index.remove(&story, Some(&vector));
            }
            rows.push((story, vector, Tag::from_parts(tag.clone(), tag)));
        }
        let weights = [(1.0, 0.0, 0.0), (0.6, 0.3, 0.1), (0.2, 0.0, 0.8), (0.0, 0.5, 0.5), (0.0, 0.0, 0.0)];
        for ((story, vector, tag), at) in rows.iter().zip(0..).step_by(23).take(20) {
            let (text, tags, recent) = weights[at % weights.len()];
            let within = std::time::Duration::from_secs([10, 20, 90][at % 3] * 86_400);
            let settings = Settings { by: Weights { text, tags, recent }, within, ..Settings::default() };
            let like = [Member { story, lang: lang.as_ref(), vector }];
            let (tags, count) = (std::slice::from_ref(tag), [5, 40][at % 2]);
            let question = Question { like: &like, unlike: &[], tags, told: None, now, settings: &settings, count };
            let may = |story: &StoryId| at % 4 > 0 || story.to_bytes()[0] > 32;
            let pool = index.candidates(&question, Some(&may));
            assert_eq!(pool.near, plainly(&index, &question, &may), "{at}");
            assert!(pool.near.len() > 10, "{at}: {}", pool.near.len());
        }
    }
}
