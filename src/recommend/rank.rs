//! Chooses among the stories of the index.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Settings;
use super::index::{Index, Kept, Packed, Place, Shelf};
use super::near::{lent, meet, products};
use crate::model::{StoryId, Why};
use crate::text::{fold, is_stop_word};

/// Words of the story that others are looked up by.
const QUERY_WORDS: usize = 64;
/// Stories that are compared word by word.
const POOL: usize = 50;
/// Stories of one tag that are looked at, the newest.
const PER_TAG: usize = 200;
/// Time in which freshness falls to a third.
const FRESH_DAYS: f64 = 14.0;
/// Shared tags count half when they weigh so much together.
const TAG_HALF: f64 = 4.0;
/// How far the widest variety goes: nearness must still count.
const VARIETY: f64 = 0.75;
/// Stories of one source in a list where variety is wanted.
const PER_SOURCE: usize = 2;
/// A list shorter than this is filled up with what shares any word.
const FEWEST: usize = 3;
/// Scores nearer to each other than one part of this are even.
const EVEN: f64 = 1e9;
/// Tags and words named as reasons.
const REASONS: usize = 4;
/// What a word must weigh to be named, as a share of the heaviest.
const LEAST_REASON: f32 = 0.15;

/// A story worth reading next.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    /// The story.
    pub story: StoryId,
    /// How strongly, 0 to 1.
    pub score: f32,
    /// Why; never empty.
    pub why: Why,
}

/// A story under consideration.
struct Candidate<'a> {
    place: Place,
    kept: &'a Kept,
    likeness: f64,
    tags: f64,
    score: f64,
}

/// A story by what it seems to score.
struct Guess {
    score: f64,
    place: Place,
}

/// One question to the index.
struct Question<'a> {
    index: &'a Index,
    place: Place,
    me: &'a Kept,
    shelf: &'a Shelf,
    now: DateTime<Utc>,
    settings: &'a Settings,
    allowed: Option<&'a dyn Fn(&StoryId) -> bool>,
}

impl Index {
    /// At most `count` stories to read after this one, the best first. Never itself, none older than the settings say, none
    /// that `allowed` refuses; the same stories give the same list, in whatever order they came.
    #[must_use]
    pub fn recommend(
        &self,
        story: &StoryId,
        now: DateTime<Utc>,
        settings: &Settings,
        count: usize,
        allowed: Option<&dyn Fn(&StoryId) -> bool>,
    ) -> Vec<Pick> {
        let Some((place, me, shelf)) = self
            .place(story)
            .and_then(|place| Some((place, self.kept(place)?, self.shelves.get(place.shelf as usize)?)))
        else {
            return Vec::new();
        };
        let question = Question { index: self, place, me, shelf, now, settings, allowed };
        let mut pool = question.pool();
        let alike = question.weigh(&mut pool);
        let order = question.choose(&pool, &alike, count);
        let mut picks: Vec<Pick> = order.iter().filter_map(|i| pool.get(*i)).map(|c| question.pick(c)).collect();
        picks.retain(|pick| explained(&pick.why));
        if picks.len() < count.min(FEWEST) {
            question.fill(&mut picks, count.min(FEWEST));
        }
        picks
    }
}

impl<'a> Question<'a> {
    /// Whether a story may be recommended at all.
    fn may(&self, place: Place, kept: &Kept) -> bool {
        let within = chrono::Duration::from_std(self.settings.within).unwrap_or(chrono::Duration::MAX);
        let eldest = self.now.checked_sub_signed(within).unwrap_or(DateTime::<Utc>::MIN_UTC);
        place != self.place && kept.date >= eldest
    }

    /// The stories that seem nearest, by text and by tags.
    fn pool(&self) -> Vec<Candidate<'a>> {
        let tags = self.sharing_tags();
        let mut nearest = Nearest { heap: BinaryHeap::new() };
        let mut consider = |place: Place, cosine: f64, tags: f64| {
            // Most need not be looked at: even as fresh as can be they would not come in.
            if !nearest.takes(self.score(cosine, tags, 1.0)) {
                return;
            }
            let Some(kept) = self.index.kept(place).filter(|kept| self.may(place, kept)) else { return };
            let score = self.score(cosine, tags, self.freshness(kept.date));
            if nearest.takes(score) && self.allowed.is_none_or(|allowed| allowed(&kept.story)) {
                nearest.take(Guess { score, place });
            }
        };
        let cosines = self.cosines();
        for (slot, cosine) in cosines.iter().enumerate().filter(|(_, c)| **c > 0.0) {
            let place = self.beside(slot);
            if !tags.contains_key(&place) {
                consider(place, f64::from(*cosine), 0.0);
            }
        }
        for (place, weight) in &tags {
            let here = place.shelf == self.place.shelf;
            let cosine = if here { cosines.get(place.slot as usize).copied().unwrap_or_default() } else { 0.0 };
            consider(*place, f64::from(cosine), damped(*weight));
        }
        let candidate = |Reverse(Guess { place, .. })| {
            let tags = damped(tags.get(&place).copied().unwrap_or_default());
            Some(Candidate { place, kept: self.index.kept(place)?, likeness: 0.0, tags, score: 0.0 })
        };
        let mut pool: Vec<Candidate<'a>> = nearest.heap.into_iter().filter_map(candidate).collect();
        pool.sort_unstable_by(|a, b| a.kept.story.cmp(&b.kept.story));
        pool
    }

    fn beside(&self, slot: usize) -> Place {
        Place { shelf: self.place.shelf, slot: u32::try_from(slot).unwrap_or(u32::MAX) }
    }

    /// Stories of any language that share tags, with the weight of these.
    fn sharing_tags(&self) -> HashMap<Place, f64> {
        let mut found = HashMap::new();
        for tag in &self.me.tags {
            let weight = f64::from(self.index.tag_weight(*tag));
            let Some(list) = self.index.tag_lists.get(*tag as usize) else { continue };
            for (_, story) in list.stories.iter().rev().take(PER_TAG) {
                if let Some(place) = self.index.place(story) {
                    *found.entry(place).or_default() += weight;
                }
            }
        }
        found
    }

    /// About the cosine of the angle to each story of the same language, by slot.
    fn cosines(&self) -> Vec<f32> {
        let weight = |p: &Packed| p.weight() * self.shelf.inverse(p.number());
        let mut heaviest: Vec<&Packed> = self.me.vector.iter().collect();
        heaviest.sort_unstable_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.cmp(b)));
        let mut dots = vec![0.0_f32; self.shelf.slots.len()];
        for packed in heaviest.into_iter().take(QUERY_WORDS) {
            let inverse = self.shelf.inverse(packed.number());
            let lent = packed.weight() * inverse * inverse;
            let list = self.shelf.words.get(packed.number() as usize).map_or(&[][..], |w| &w.list);
            for holder in list.iter().filter(|_| lent > 0.0) {
                if let Some(dot) = dots.get_mut(holder.number() as usize) {
                    *dot += lent * holder.weight();
                }
            }
        }
        let mine = self.shelf.length(&self.me.vector);
        for (dot, length) in dots.iter_mut().zip(&self.shelf.lengths) {
            *dot = (*dot / (mine * length).max(f32::MIN_POSITIVE)).min(1.0);
        }
        dots
    }

    /// The score of a story, 0 to 1.
    fn score(&self, likeness: f64, tags: f64, fresh: f64) -> f64 {
        let by = self.settings.by;
        let (text, tag, recent) = (part(by.text), part(by.tags), part(by.recent));
        let all = text + tag + recent;
        if all <= 0.0 { likeness } else { (text * likeness + tag * tags + recent * fresh) / all }
    }

    fn freshness(&self, date: DateTime<Utc>) -> f64 {
        let age = (self.now - date).to_std().unwrap_or(Duration::ZERO);
        (-age.as_secs_f64() / (FRESH_DAYS * 24.0 * 3600.0)).exp()
    }

    /// Compares the pool word by word, and gives how alike its stories are to each other.
    fn weigh(&self, pool: &mut [Candidate<'a>]) -> Vec<Vec<f64>> {
        let mut words: Vec<(u32, usize, f64)> = Vec::new();
        self.unit(self.place, self.me, 0, &mut words);
        for (i, candidate) in pool.iter().enumerate() {
            self.unit(candidate.place, candidate.kept, i + 1, &mut words);
        }
        let alike = products(words, pool.len() + 1);
        for (i, likeness) in lent(&alike).into_iter().enumerate() {
            if let Some(candidate) = pool.get_mut(i) {
                candidate.likeness = likeness;
                let score = self.score(likeness, candidate.tags, self.freshness(candidate.kept.date));
                // Sums depend on the order of their parts in the last digits; the list must not.
                candidate.score = (score * EVEN).round() / EVEN;
            }
        }
        alike
    }

    /// Adds a story's vector of length 1 as word, row and weight; of another language: nothing to compare.
    fn unit(&self, place: Place, kept: &Kept, row: usize, words: &mut Vec<(u32, usize, f64)>) {
        if place.shelf != self.place.shelf {
            return;
        }
        let weight = |p: &Packed| f64::from(p.weight()) * f64::from(self.shelf.inverse(p.number()));
        let length = kept.vector.iter().map(|p| weight(p).powi(2)).sum::<f64>().sqrt();
        let unit = kept.vector.iter().map(|p| (p.number(), row, weight(p) / length));
        words.extend(unit.filter(|(_, _, weight)| *weight > 0.0));
    }

    /// Which of the pool, in order.
    fn choose(&self, pool: &[Candidate<'a>], alike: &[Vec<f64>], count: usize) -> Vec<usize> {
        let mut left: Vec<usize> = (0..pool.len()).filter(|i| pool[*i].likeness > 0.0 || pool[*i].tags > 0.0).collect();
        left.sort_unstable_by(|a, b| best_first(&pool[*a], &pool[*b]));
        let variety = f64::from(self.settings.variety).clamp(0.0, 1.0) * VARIETY;
        if variety <= 0.0 || left.is_empty() {
            left.truncate(count);
            return left;
        }
        let mut chosen: Vec<usize> = Vec::new();
        let mut per_source: HashMap<u32, usize> = HashMap::new();
        while chosen.len() < count {
            let worth = |i: usize| {
                let nearest = chosen.iter().map(|c| alike[i + 1][c + 1]).fold(0.0, f64::max);
                (1.0 - variety) * pool[i].score - variety * nearest
            };
            let full = |i: &usize| per_source.get(&pool[*i].kept.source).is_some_and(|n| *n >= PER_SOURCE);
            // `left` is in order, and `>` keeps the first of equals. A source that has its two waits until no other is left.
            let best = |only: &dyn Fn(usize) -> bool| {
                let mut best: Option<(usize, f64)> = None;
                for (at, i) in left.iter().enumerate().filter(|(_, i)| only(**i)) {
                    let worth = worth(*i);
                    if best.is_none_or(|(_, w)| worth > w) {
                        best = Some((at, worth));
                    }
                }
                best
            };
            let Some((at, _)) = best(&|i| !full(&i)).or_else(|| best(&|_| true)) else { break };
            let taken = left.remove(at);
            *per_source.entry(pool[taken].kept.source).or_default() += 1;
            chosen.push(taken);
        }
        chosen
    }

    fn pick(&self, candidate: &Candidate<'_>) -> Pick {
        #[expect(clippy::cast_possible_truncation, reason = "for people")]
        let score = candidate.score.clamp(0.0, 1.0) as f32;
        Pick { story: candidate.kept.story.clone(), score, why: self.why(candidate.place, candidate.kept) }
    }

    /// What two stories share, the heaviest first.
    fn why(&self, place: Place, kept: &Kept) -> Why {
        let mut tags: Vec<u32> = self.me.tags.iter().copied().filter(|t| kept.tags.contains(t)).collect();
        tags.sort_by(|a, b| self.index.tag_weight(*b).total_cmp(&self.index.tag_weight(*a)));
        let shown = |t: &u32| self.index.tag_lists.get(*t as usize).map(|l| l.shown.clone());
        let tags = tags.iter().filter_map(shown).take(REASONS).collect();
        let terms = if place.shelf == self.place.shelf { self.shared_words(kept) } else { Vec::new() };
        Why { tags, terms }
    }

    fn shared_words(&self, kept: &Kept) -> Vec<String> {
        let mut shared: Vec<(bool, f32, &str)> = Vec::new();
        for (a, b) in meet(&self.me.vector, &kept.vector, |p| p.number()) {
            let Some(word) = self.shelf.words.get(a.number() as usize) else { continue };
            if is_stop_word(&fold(&word.shown)) {
                continue;
            }
            let says = word.shown.chars().filter(|c| c.is_alphabetic()).count() >= 3 || !word.shown.is_ascii();
            shared.push((says, a.weight() * b.weight() * self.shelf.inverse(a.number()).powi(2), &word.shown));
        }
        shared.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(b.2)));
        let least = shared.first().map_or(0.0, |(_, heaviest, _)| heaviest * LEAST_REASON);
        shared.retain(|(_, weight, _)| *weight >= least);
        shared.into_iter().take(REASONS).map(|(_, _, word)| word.to_owned()).collect()
    }

    /// A list that would be too short: what shares any word of the language, the most first, then the newest.
    fn fill(&self, picks: &mut Vec<Pick>, count: usize) {
        let mut shared: HashMap<u32, usize> = HashMap::new();
        for packed in &self.me.vector {
            for holder in self.shelf.words.get(packed.number() as usize).map_or(&[][..], |w| &w.list) {
                *shared.entry(holder.number()).or_default() += 1;
            }
        }
        let mut found: Vec<(usize, Place, &Kept)> = shared
            .into_iter()
            .filter_map(|(slot, words)| {
                let place = Place { shelf: self.place.shelf, slot };
                let kept = self.index.kept(place)?;
                self.may(place, kept).then_some((words, place, kept))
            })
            .collect();
        found.sort_unstable_by(|a, b| {
            b.0.cmp(&a.0).then(b.2.date.cmp(&a.2.date)).then_with(|| a.2.story.cmp(&b.2.story))
        });
        for (_, place, kept) in found {
            if picks.len() >= count {
                break;
            }
            let new = picks.iter().all(|p| p.story != kept.story);
            if new && self.allowed.is_none_or(|allowed| allowed(&kept.story)) {
                let why = self.why(place, kept);
                if explained(&why) {
                    picks.push(Pick { story: kept.story.clone(), score: 0.0, why });
                }
            }
        }
    }
}

fn best_first(a: &Candidate<'_>, b: &Candidate<'_>) -> Ordering {
    b.score.total_cmp(&a.score).then(b.kept.date.cmp(&a.kept.date)).then_with(|| a.kept.story.cmp(&b.kept.story))
}

/// Shared tags, from 0 to 1: the first ones count most.
fn damped(weight: f64) -> f64 {
    weight / (weight + TAG_HALF)
}

/// A weight that can be used.
fn part(weight: f32) -> f64 {
    if weight.is_finite() { f64::from(weight).max(0.0) } else { 0.0 }
}

/// The best guesses so far.
struct Nearest {
    heap: BinaryHeap<Reverse<Guess>>,
}

impl Nearest {
    fn takes(&self, score: f64) -> bool {
        self.heap.len() < POOL || self.heap.peek().is_some_and(|Reverse(worst)| score >= worst.score)
    }

    fn take(&mut self, guess: Guess) {
        self.heap.push(Reverse(guess));
        if self.heap.len() > POOL {
            self.heap.pop();
        }
    }
}

impl PartialEq for Guess {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Guess {}
impl PartialOrd for Guess {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Guess {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then_with(|| other.place.cmp(&self.place))
    }
}

/// A list is shorter rather than hold what nothing speaks for: words that every text shares are no reason.
fn explained(why: &Why) -> bool {
    !(why.tags.is_empty() && why.terms.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::{Doc, Weights};
    use super::*;
    use crate::model::{ArticleId, Identity, Lang, SourceName, Tag};

    fn id(name: &str) -> StoryId {
        ArticleId::of(&SourceName::new("s").unwrap(), &Identity::Guid(name.into())).into()
    }

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_445_600, 0).unwrap() + chrono::Duration::days(n)
    }

    struct Row {
        name: String,
        lang: &'static str,
        text: String,
        tags: Vec<Tag>,
        source: &'static str,
        day: i64,
    }

    fn row(name: &str, text: &str) -> Row {
        let (lang, source) = ("en", "s");
        Row { name: name.into(), lang, text: text.into(), tags: Vec::new(), source, day: 0 }
    }

    fn tagged(mut row: Row, tags: &[&str]) -> Row {
        row.tags = tags.iter().map(|t| Tag::from_parts(*t, t.to_lowercase())).collect();
        row
    }

    fn index<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Index {
        let mut index = Index::new();
        for row in rows {
            index.insert(&Doc {
                story: id(&row.name),
                lang: Lang::parse(row.lang),
                title: "",
                text: &row.text,
                tags: &row.tags,
                source: SourceName::new(row.source).unwrap(),
                date: day(row.day),
            });
        }
        index
    }

    fn by(text: f32, tags: f32, recent: f32, variety: f32) -> Settings {
        Settings { by: Weights { text, tags, recent }, variety, ..Settings::default() }
    }

    fn ask(index: &Index, name: &str, settings: &Settings, count: usize) -> Vec<Pick> {
        index.recommend(&id(name), day(1), settings, count, None)
    }

    fn is(picks: &[Pick], names: &[&str]) -> bool {
        picks.iter().map(|p| p.story.clone()).collect::<Vec<_>>() == names.iter().map(|n| id(n)).collect::<Vec<_>>()
    }

    fn news() -> Vec<Row> {
        vec![
            row("strike1", "Dockers strike in the harbour of Marseille over wages and pensions"),
            row("strike2", "Marseille harbour blocked as dockers strike again for their wages"),
            row("strike3", "Dockers end their strike, Marseille ferries leave"),
            row("moon1", "A rocket carries a probe to the far side of the moon"),
            row("moon2", "The lunar probe sends pictures from the far side of the moon"),
            row("bread", "The price of bread rises with the price of wheat"),
        ]
    }

    #[test]
    fn the_nearest_come_first_with_their_reason() {
        let picks = ask(&index(&news()), "strike1", &by(1.0, 0.0, 0.0, 0.0), 2);
        assert!(is(&picks, &["strike2", "strike3"]), "{picks:?}");
        assert!(picks[0].score > picks[1].score && picks[0].score <= 1.0);
        for word in ["Marseille", "harbour", "wages"] {
            assert!(picks[0].why.terms.contains(&word.to_owned()), "{:?}", picks[0].why);
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let rows = news();
        let (there, back) = (index(&rows), index(rows.iter().rev()));
        let mut again = index(&rows);
        for row in &rows {
            again.remove(&id(&row.name));
            assert!(!again.contains(&id(&row.name)));
        }
        assert!(again.is_empty() && ask(&again, "moon1", &by(1.0, 0.0, 0.0, 0.0), 5).is_empty());
        for settings in [by(1.0, 0.0, 0.0, 0.0), Settings::default()] {
            for row in &rows {
                let picks = ask(&there, &row.name, &settings, 5);
                assert_eq!(picks, ask(&back, &row.name, &settings, 5), "{}", row.name);
            }
        }
    }

    #[test]
    fn neither_itself_nor_the_old_nor_the_forbidden_nor_the_removed() {
        let mut rows = news();
        rows[2].day = -100;
        let mut index = index(&rows);
        let settings = by(1.0, 0.0, 0.0, 0.0);
        let picks = ask(&index, "strike1", &settings, 10);
        assert!(picks.iter().all(|p| p.story != id("strike1") && p.story != id("strike3")), "{picks:?}");
        let allowed = |s: &StoryId| *s != id("strike2");
        let picks = index.recommend(&id("strike1"), day(1), &settings, 10, Some(&allowed));
        assert!(picks.iter().all(|p| p.story != id("strike2")), "{picks:?}");
        index.remove(&id("strike2"));
        let picks = ask(&index, "strike1", &settings, 10);
        assert!(picks.iter().all(|p| p.story != id("strike2")), "{picks:?}");
        assert!(ask(&index, "unknown", &settings, 10).is_empty());
    }

    #[test]
    fn shared_tags_count_the_rare_ones_more() {
        let mut rows = vec![tagged(row("a", "one text of its own"), &["Rare", "News"])];
        rows.push(tagged(row("b", "completely different words"), &["Rare"]));
        rows.push(tagged(row("c", "again something else entirely"), &["News"]));
        for i in 0..20 {
            rows.push(tagged(row(&format!("n{i}"), &format!("filler{i} stuff{i}")), &["News"]));
        }
        let picks = ask(&index(&rows), "a", &by(0.5, 0.5, 0.0, 0.0), 3);
        assert_eq!(picks[0].story, id("b"));
        assert_eq!(picks[0].why, Why { tags: vec!["Rare".into()], terms: Vec::new() });
        assert!(picks[0].score > 1.5 * picks[1].score, "{picks:?}");
    }

    #[test]
    fn the_newer_of_equals_comes_first() {
        let mut rows = vec![row("a", "red green blue"), row("b", "red green blue"), row("c", "red green blue")];
        rows[1].day = -40;
        let picks = ask(&index(&rows), "a", &by(0.9, 0.0, 0.1, 0.0), 3);
        assert!(is(&picks, &["c", "b"]) && picks[0].score > picks[1].score, "{picks:?}");
    }

    #[test]
    fn languages_mix_by_tags_only() {
        let mut rows = news();
        let mut french = tagged(row("fr", "Marseille harbour dockers strike wages"), &["Port"]);
        french.lang = "fr";
        rows.push(french);
        rows[0] = tagged(row("strike1", &rows[0].text), &["Port"]);
        let index = index(&rows);
        let picks = ask(&index, "strike1", &by(1.0, 0.1, 0.0, 0.0), 10);
        assert!(is(&picks[..2], &["strike2", "strike3"]), "{picks:?}");
        let found = picks.iter().find(|p| p.story == id("fr")).unwrap();
        assert_eq!(found.why, Why { tags: vec!["Port".into()], terms: Vec::new() });
        let picks = ask(&index, "strike2", &by(1.0, 0.1, 0.0, 0.0), 10);
        assert!(picks.iter().all(|p| p.story != id("fr")), "{picks:?}");
    }

    #[test]
    fn variety_spreads_sources_and_subjects() {
        let mut rows = vec![row("a", "dockers strike harbour marseille ferry wages")];
        for i in 0..4 {
            rows.push(row(&format!("same{i}"), "dockers strike harbour marseille ferry"));
        }
        for (name, text) in [("other1", "ferry wages rise"), ("other2", "strike wages talks")] {
            rows.push(Row { source: "t", ..row(name, text) });
        }
        let index = index(&rows);
        let close = ask(&index, "a", &by(1.0, 0.0, 0.0, 0.0), 4);
        assert!(close.iter().all(|p| (0..4).any(|i| p.story == id(&format!("same{i}")))), "{close:?}");
        let varied = ask(&index, "a", &by(1.0, 0.0, 0.0, 0.6), 4);
        let from_s = varied.iter().filter(|p| (0..4).any(|i| p.story == id(&format!("same{i}")))).count();
        assert_eq!((varied.len(), from_s), (4, 2), "{varied:?}");
        let all = ask(&index, "a", &by(1.0, 0.0, 0.0, 0.6), 6);
        assert_eq!(all.len(), 6, "the cap gives way where nothing else is left");
    }

    #[test]
    fn short_lists_are_filled_and_every_pick_has_a_reason() {
        let mut rows: Vec<Row> =
            (0..40).map(|i| row(&format!("r{i}"), &format!("talk thing number{i} word{i}"))).collect();
        rows.push(row("alone", "talk single odd subject"));
        rows.push(row("mute", "漢"));
        let index = index(&rows);
        let picks = ask(&index, "alone", &Settings::default(), 5);
        assert_eq!(picks.len(), 3, "{picks:?}");
        for name in ["alone", "r1", "mute"] {
            for pick in ask(&index, name, &Settings::default(), 5) {
                assert!(!pick.why.tags.is_empty() || !pick.why.terms.is_empty(), "{name}: {pick:?}");
            }
        }
    }

    #[test]
    fn many_changes_leave_the_lists_right() {
        let subject = |i: usize| format!("subject{} theme{} common filler{i} plus word{i}", i % 700, i % 700);
        let rows: Vec<Row> = (0..2100).map(|i| row(&format!("r{i}"), &subject(i))).collect();
        let mut index = index(&rows);
        for i in (0..2100).filter(|i| i % 700 != 5 && i % 3 == 0) {
            index.remove(&id(&format!("r{i}")));
        }
        let picks = ask(&index, "r5", &by(1.0, 0.0, 0.0, 0.0), 2);
        let mut names = [id("r705"), id("r1405")];
        names.sort();
        assert_eq!(picks.iter().map(|p| p.story.clone()).collect::<Vec<_>>(), names);
        assert_eq!(picks[0].why.terms, ["subject5", "theme5"], "common words are no reason");
    }
}
