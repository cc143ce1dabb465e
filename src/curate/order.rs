//! The order of a feed: the newest first, or the best.
//!
//! The best is told by many, recent and whole. Each part of a story's standing counts in doublings: one more is worth twice
//! as much, and a day of age takes one away. All stories grow old at the same pace, so that neither the time of day nor what
//! comes after changes the order of two stories: only what happens to them does.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet, VecDeque};

use crate::model::{Beside, CopyKind, SourceName, Story};
use crate::text::fold;

/// Entries in a row of which `per_source` speaks.
pub const IN_A_ROW: usize = 20;
/// The fewest stories that are weighed where the order is not the store's own.
const WINDOW: usize = 1_000;
/// How old a story is that counts half as much.
const HALF_SECS: f64 = 86_400.0;
/// What an excerpt counts beside a copy.
const EXCERPT: f64 = 0.5;
/// Tellers beyond so many count no more: five doublings.
const MOST_TELLERS: f64 = 32.0;
/// Bytes of a text that is whole: some 500 words. Bytes, as one of a script without spaces says as much in as many.
const WHOLE: f64 = 3_000.0;
/// Places at the top in which two stories of one subject do not stand beside each other.
const TOP: usize = 10;
/// What standing beside a story of the same subject costs there, in doublings.
const SAME_SUBJECT: f64 = 3.0;
/// Tags of a story that tell its subject.
const TAGS: usize = 20;

/// By what a feed is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The newest first.
    #[default]
    New,
    /// The best first, as told above.
    Best,
}

/// How the stories of a feed are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrangement {
    /// The order.
    pub order: Order,
    /// The most stories of one source in any twenty in a row; what finds no place within the limit is left out.
    pub per_source: Option<usize>,
    /// The most stories.
    pub limit: usize,
}

/// What a story stands on in the order `best`, each part in doublings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// How many tell it, each on its own account: none where only one does, one where two do, two where four do.
    pub told: f64,
    /// How much of it there is to read: none of a headline, one of a whole article.
    pub substance: f64,
    /// How recent it is: its date in days. Only differences count.
    pub recent: f64,
}

impl Standing {
    /// The standing of a story. `beside`: who else tells of the same event in words of their own.
    #[must_use]
    pub fn of(story: &Story, beside: &[Beside]) -> Self {
        let tellers = tellers(story, beside);
        let seconds = story.date.timestamp_millis() as f64 / 1_000.0;
        Self {
            told: tellers.min(MOST_TELLERS).log2(),
            substance: (story.lead.text.len() as f64 / WHOLE).min(1.0),
            recent: seconds / HALF_SECS,
        }
    }

    /// All parts together.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.told + self.substance + self.recent
    }
}

/// Outlets that tell a story, the lead's first. One outlet read through two sources counts once, and so does one source that
/// gives a text under two names: nobody makes a story great alone.
fn tellers(story: &Story, beside: &[Beside]) -> f64 {
    let mut outlets = HashSet::from([fold(&story.lead.provenance.outlet.name)]);
    let mut sources = HashSet::from([&story.lead.source]);
    let (excerpts, copies): (Vec<_>, Vec<_>) = story.others.iter().partition(|o| o.kind == CopyKind::Excerpt);
    let mut sum = 1.0;
    let mut count = |source, outlet: &str, weight| {
        let outlet = fold(outlet);
        if !outlets.contains(&outlet) && sources.insert(source) {
            outlets.insert(outlet);
            sum += weight;
        }
    };
    copies.iter().for_each(|copy| count(&copy.source, &copy.outlet.name, 1.0));
    beside.iter().for_each(|other| count(&other.source, &other.outlet, 1.0));
    excerpts.iter().for_each(|excerpt| count(&excerpt.source, &excerpt.outlet.name, EXCERPT));
    sum
}

/// Stories that ask for a place in a feed. However many do, only those are held that may get one.
#[derive(Debug)]
pub struct Pool {
    arrangement: Arrangement,
    candidates: Vec<Candidate>,
}

#[derive(Debug)]
struct Candidate {
    story: Story,
    /// By this it is placed in the order `best`.
    standing: f64,
}

impl Pool {
    /// A pool of none.
    #[must_use]
    pub fn new(arrangement: Arrangement) -> Self {
        Self { arrangement, candidates: Vec::new() }
    }

    /// How many of the newest stories of a feed are weighed.
    #[must_use]
    pub fn window(&self) -> usize {
        match self.arrangement {
            Arrangement { order: Order::New, per_source: None, limit } => limit,
            Arrangement { limit, .. } => WINDOW.max(limit.saturating_mul(2)),
        }
    }

    /// Whether so many are in it as are weighed of a feed.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.candidates.len() >= self.window()
    }

    /// Adds a story, each once. `beside` as for [`Standing::of`].
    pub fn add(&mut self, story: Story, beside: &[Beside]) {
        let standing = Standing::of(&story, beside).sum();
        self.candidates.push(Candidate { story, standing });
        if self.candidates.len() >= self.window().saturating_mul(2) {
            self.rank();
            self.candidates.truncate(self.window());
        }
    }

    fn rank(&mut self) {
        let order = self.arrangement.order;
        self.candidates.sort_by(|a, b| before(a, b, order));
    }

    /// The stories in their places.
    #[must_use]
    pub fn arranged(mut self) -> Vec<Story> {
        self.rank();
        self.candidates.truncate(self.window());
        let places = places(&self.candidates, self.arrangement);
        let mut candidates: Vec<Option<Candidate>> = self.candidates.into_iter().map(Some).collect();
        places.into_iter().filter_map(|at| candidates.get_mut(at)?.take()).map(|c| c.story).collect()
    }
}

fn before(a: &Candidate, b: &Candidate, order: Order) -> Ordering {
    let newest = || b.story.date.cmp(&a.story.date).then_with(|| a.story.id.cmp(&b.story.id));
    match order {
        Order::New => newest(),
        Order::Best => b.standing.total_cmp(&a.standing).then_with(newest),
    }
}

/// Who of the ranked candidates gets which place: the first that may stand there.
fn places(ranked: &[Candidate], arrangement: Arrangement) -> Vec<usize> {
    let Arrangement { order, per_source, limit } = arrangement;
    let sources = numbered(ranked);
    let subjects = if order == Order::Best { subjects(ranked) } else { Vec::new() };
    let alike = |a: usize, b: usize| match (subjects.get(a), subjects.get(b)) {
        (Some(a), Some(b)) => is_same_subject(a, b),
        _ => false,
    };
    let mut recent: VecDeque<usize> = VecDeque::with_capacity(IN_A_ROW);
    let mut counts = vec![0_usize; ranked.len()];
    let mut waiting: Vec<usize> = (0..ranked.len()).collect();
    let mut placed: Vec<usize> = Vec::with_capacity(limit.min(ranked.len()));
    while placed.len() < limit {
        let has_room = |at: usize| per_source.is_none_or(|most| counts[sources[at]] < most);
        let beside = placed.last().copied().filter(|_| placed.len() < TOP);
        let mut same_subject = None;
        let mut chosen = None;
        for (i, &at) in waiting.iter().enumerate().filter(|(_, at)| has_room(**at)) {
            if beside.is_some_and(|beside| alike(beside, at)) {
                same_subject.get_or_insert((i, at));
                continue;
            }
            chosen = Some(match same_subject {
                Some((i, same)) if ranked[same].standing - SAME_SUBJECT > ranked[at].standing => i,
                _ => i,
            });
            break;
        }
        let Some(i) = chosen.or(same_subject.map(|(i, _)| i)) else { break };
        let at = waiting.remove(i);
        placed.push(at);
        if recent.len() == IN_A_ROW - 1 {
            // The eldest of these would be the twenty-first in a row with the one after.
            recent.pop_front().into_iter().for_each(|gone| counts[gone] -= 1);
        }
        recent.push_back(sources[at]);
        counts[sources[at]] += 1;
    }
    placed
}

/// For each candidate the number of its source.
fn numbered(ranked: &[Candidate]) -> Vec<usize> {
    let mut numbers: HashMap<&SourceName, usize> = HashMap::new();
    let mut numbered = Vec::with_capacity(ranked.len());
    for candidate in ranked {
        let next = numbers.len();
        numbered.push(*numbers.entry(&candidate.story.lead.source).or_insert(next));
    }
    numbered
}

/// For each candidate the keys of the tags that tell its subject. One that all have tells nothing.
fn subjects(ranked: &[Candidate]) -> Vec<Vec<&str>> {
    fn keys(candidate: &Candidate) -> impl Iterator<Item = &str> {
        candidate.story.tags.iter().take(TAGS).map(|t| t.tag.key())
    }
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for key in ranked.iter().flat_map(keys) {
        *uses.entry(key).or_default() += 1;
    }
    let tells = |key: &&str| uses.get(key).is_some_and(|uses| *uses < ranked.len());
    ranked.iter().map(|c| keys(c).filter(tells).collect()).collect()
}

/// Whether two stories are of one subject: more than half of the tags of both are tags of each.
fn is_same_subject(a: &[&str], b: &[&str]) -> bool {
    let shared = a.iter().filter(|key| b.contains(key)).count();
    shared * 2 > a.len() + b.len() - shared
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    use super::*;
    use crate::curate::sample::{copy, story};
    use crate::model::{StoryId, Tagged};

    fn arranged(stories: &[Story], order: Order, per_source: Option<usize>, limit: usize) -> Vec<StoryId> {
        let mut pool = Pool::new(Arrangement { order, per_source, limit });
        stories.iter().for_each(|s| pool.add(s.clone(), &[]));
        pool.arranged().into_iter().map(|s| s.id).collect()
    }

    fn best(stories: &[Story]) -> Vec<StoryId> {
        arranged(stories, Order::Best, None, 50)
    }

    /// A story so many hours old.
    fn aged(name: &str, source: &str, hours: i64, tags: &[&str]) -> Story {
        let mut aged = story(name, source);
        aged.date -= TimeDelta::hours(hours);
        aged.tags = tags
            .iter()
            .map(|t| Tagged { tag: crate::text::tag(t).unwrap(), origin: crate::model::TagOrigin::Feed })
            .collect();
        aged
    }

    fn told_by(mut story: Story, others: &[(&str, &str, CopyKind)]) -> Story {
        story.others = others.iter().map(|(source, outlet, kind)| copy(source, outlet, *kind)).collect();
        story
    }

    #[test]
    fn tellers_count_each_on_its_own_account() {
        use CopyKind::{Copy, Excerpt};
        for (others, expected) in [
            (&[][..], 1.0),
            (&[("b", "B", Copy), ("c", "C", Copy), ("d", "D", Copy)], 4.0),
            (&[("b", "B", Excerpt), ("c", "C", Copy)], 2.5),
            // The copy counts, and not the excerpt that the same outlet gives too.
            (&[("b", "B", Excerpt), ("b2", "B", Copy)], 2.0),
            // The lead's own outlet, its own source, one source under many names.
            (&[("a2", "A", Copy), ("a", "Other", Copy)], 1.0),
            (&[("b", "B1", Copy), ("b", "B2", Copy), ("b", "B3", Copy)], 2.0),
            (&[("b", "Le Monde", Copy), ("c", "LE MONDE", Copy)], 2.0),
        ] {
            assert!((tellers(&told_by(story("1", "a"), others), &[]) - expected).abs() < 1e-9, "{others:?}");
        }
        let alone = Standing::of(&story("1", "a"), &[]);
        let beside = |source: &str, outlet: &str| Beside {
            source: SourceName::new(source).unwrap(),
            outlet: outlet.into(),
            came_as_private: false,
        };
        let three = [beside("b", "B"), beside("c", "C"), beside("d", "D"), beside("d", "E"), beside("a", "F")];
        assert!((Standing::of(&story("1", "a"), &three).told - alone.told - 2.0).abs() < 1e-9, "other words count too");
        let copied = told_by(story("1", "a"), &[("b", "B", Copy), ("c", "C", Excerpt)]);
        assert!((tellers(&copied, &three) - 4.0).abs() < 1e-9, "who copies and tells in other words counts once");
        let many: Vec<Beside> = (0..99).map(|n| beside(&format!("s{n}"), &n.to_string())).collect();
        assert!(Standing::of(&story("1", "a"), &many).told <= 5.0);
    }

    #[test]
    fn the_best_is_told_by_many_recent_and_whole() {
        let copies = [("x", "X", CopyKind::Copy), ("y", "Y", CopyKind::Copy), ("z", "Z", CopyKind::Copy)];
        let now = aged("now", "a", 0, &[]);
        let yesterday = told_by(aged("yesterday", "b", 30, &[]), &copies);
        let last_week = told_by(aged("last-week", "c", 7 * 24, &[]), &copies);
        let mut whole = aged("whole", "d", 2, &[]);
        whole.lead.text = "Un mot. ".repeat(500);
        let stories = [now, yesterday, last_week, whole];
        let id = |i: usize| stories[i].id.clone();
        assert_eq!(best(&stories), [id(3), id(1), id(0), id(2)]);
        assert_eq!(arranged(&stories, Order::New, None, 3), [id(0), id(3), id(1)]);
    }

    #[test]
    fn what_comes_after_moves_nothing_that_was_there() {
        let old: Vec<Story> = (0..40_i64).map(|i| aged(&i.to_string(), "a", i * 7 % 50, &[])).collect();
        let before = best(&old);
        let mut new = old.clone();
        new.push(aged("newer", "b", -30, &[]));
        let after: Vec<StoryId> = best(&new).into_iter().filter(|id| old.iter().any(|s| s.id == *id)).collect();
        assert_eq!(before, after);
    }

    #[test]
    fn one_subject_does_not_fill_the_top() {
        let tags = ["Monde", "Gaza", "Rafah"];
        let of_one = |name: &str, hours| aged(name, name, hours, &tags);
        let other = |name: &str, hours, tag| aged(name, name, hours, &["Monde", tag]);
        let stories = [of_one("a", 0), of_one("b", 1), of_one("c", 2), other("d", 20, "Climat"), other("e", 30, "Mer")];
        let order = best(&stories);
        let at = |i: usize| order.iter().position(|id| *id == stories[i].id).unwrap();
        assert_eq!((at(0), at(3), at(1), at(4), at(2)), (0, 1, 2, 3, 4));
        // What is worth an eighth is not lifted for it.
        let far = [of_one("a", 0), of_one("b", 1), other("d", 24 * 9, "Climat")];
        assert_eq!(best(&far)[1], far[1].id);
        // The tag that all have, as in the feed of a tag, is no subject.
        let plain: Vec<Story> = (0..4_i64).map(|i| aged(&i.to_string(), "a", i, &["Monde"])).collect();
        assert_eq!(best(&plain), plain.iter().map(|s| s.id.clone()).collect::<Vec<_>>());
    }

    #[test]
    fn a_pool_holds_no_more_than_may_get_a_place() {
        let mut pool = Pool::new(Arrangement { order: Order::Best, per_source: None, limit: 5 });
        let great = told_by(aged("great", "a", 40, &[]), &[("b", "B", CopyKind::Copy), ("c", "C", CopyKind::Copy)]);
        pool.add(great.clone(), &[]);
        for i in 0..4_000_i64 {
            pool.add(aged(&i.to_string(), "a", 20 + i % 40, &[]), &[]);
            assert!(pool.candidates.len() < 2 * WINDOW);
        }
        assert!(pool.is_full());
        assert!(pool.arranged().iter().any(|s| s.id == great.id));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_order_is_some_of_the_stories_each_once_and_the_same_at_every_try(
            seeds in proptest::collection::vec((0..6_u8, 0..100_i64, 0..4_usize, 0..5_usize), 0..120),
            best in any::<bool>(), per_source in proptest::option::of(1..8_usize), limit in 1..60_usize, turn in 0..120_usize
        ) {
            let names = ["b", "c", "d", "e"];
            let tags = ["Gaza", "Mer", "Climat", "Presse", "Monde"];
            let mut stories: Vec<Story> = seeds.iter().enumerate().map(|(i, (source, hours, others, tag))| {
                let others: Vec<_> = names[..*others].iter().map(|n| (*n, *n, CopyKind::Copy)).collect();
                told_by(aged(&i.to_string(), &format!("s{source}"), *hours, &tags[*tag..]), &others)
            }).collect();
            let order = if best { Order::Best } else { Order::New };
            let found = arranged(&stories, order, per_source, limit);
            prop_assert!(found.len() <= limit);
            let each: HashSet<&StoryId> = found.iter().collect();
            prop_assert_eq!(each.len(), found.len());
            let source = |id: &StoryId| stories.iter().find(|s| s.id == *id).map(|s| s.lead.source.clone());
            let sources: Vec<_> = found.iter().map(|id| source(id).unwrap()).collect();
            if let Some(most) = per_source {
                for row in sources.windows(IN_A_ROW.min(sources.len().max(1))) {
                    for one in row {
                        prop_assert!(row.iter().filter(|s| *s == one).count() <= most);
                    }
                }
            } else {
                prop_assert_eq!(found.len(), limit.min(stories.len()));
            }
            // In whatever order they are found.
            let turns = turn % stories.len().max(1);
            stories.rotate_left(turns);
            prop_assert_eq!(found, arranged(&stories, order, per_source, limit));
        }
    }

    #[test]
    fn dates_at_the_ends_of_time_are_ordered() {
        let mut ends = [story("1", "a"), story("2", "a"), story("3", "a")];
        ends[0].date = DateTime::<Utc>::MIN_UTC;
        ends[1].date = DateTime::<Utc>::MAX_UTC;
        assert_eq!(best(&ends), [ends[1].id.clone(), ends[2].id.clone(), ends[0].id.clone()]);
    }
}
