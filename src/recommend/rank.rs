//! Compares the pool word by word, and chooses.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::held::{Held, Weighed, sort};
use super::index::{Index, Kept};
use super::near::{lent, meet, products};
use super::pool::{Pool, Question, damped, freshness, parts, score};
use super::vector::{Entry, Vector, shown};
use crate::model::{Lang, StoryId, Why};
use crate::text::{is_everyday, is_unparted};

/// How far the widest variety goes: nearness must still count.
const VARIETY: f64 = 0.75;
/// Stories of one source in a list, while others are left.
pub const PER_SOURCE: usize = 2;
/// A list shorter than this is filled up with what shares any word.
const FEWEST: usize = 3;
/// Scores nearer to each other than one part of this are even.
const EVEN: f64 = 1e9;
/// Tags and words named as reasons.
const REASONS: usize = 4;
/// What a word must weigh to be named, as a share of the heaviest.
const LEAST_REASON: f64 = 0.15;

/// A story worth reading next.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    /// The story.
    pub story: StoryId,
    /// How strongly, 0 to 1.
    pub score: f32,
    /// Why; never empty where the question can name reasons.
    pub why: Why,
}

/// A story under consideration.
pub(super) struct Candidate<'a> {
    pub(super) story: &'a StoryId,
    pub(super) kept: &'a Kept,
    pub(super) vector: &'a Vector,
    likeness: f64,
    tags: f64,
    score: f64,
    /// Whether it stands there only for a list that would be too short.
    spare: bool,
}

impl Index {
    /// At most as many stories as are asked for, the best first: at most two of a source while others are left, a list that
    /// would be too short filled up with what shares any word. `vectors` are those of the pool; a story whose vector is
    /// missing is left out. The same stories give the same list, in whatever order they came.
    #[must_use]
    pub fn rank(&self, question: &Question<'_>, pool: &Pool, vectors: &HashMap<StoryId, Vector>) -> Vec<Pick> {
        let mut candidates = self.gather(pool, vectors);
        let alike = self.weigh(question, &mut candidates);
        let mine = self.mine(question);
        let names = question.told.map(|(title, text)| {
            let words: Vec<u32> = mine.iter().flat_map(|(_, words)| words).map(|(entry, _)| entry.word).collect();
            shown(title, text, &words)
        });
        let named = |candidate: &Candidate<'_>| self.named(question, candidate, mine.as_ref(), names.as_ref());
        let (mut picks, left) = choose(question, &candidates, &alike, named);
        let fewest = question.count.min(FEWEST);
        if picks.len() < fewest {
            picks.extend(left.into_iter().filter_map(|i| candidates.get(i)).filter_map(named));
            picks.truncate(fewest);
        }
        picks
    }

    /// A candidate with its reasons, where anybody asks for them: without what nothing speaks for, a list is shorter rather than
    /// hold it.
    fn named(
        &self,
        question: &Question<'_>,
        candidate: &Candidate<'_>,
        mine: Option<&(usize, Vec<(Entry, f64)>)>,
        names: Option<&HashMap<u32, &str>>,
    ) -> Option<Pick> {
        let why = match names {
            Some(names) => self.why(question, candidate, &shared_words(mine, candidate), names),
            None => Why::default(),
        };
        #[expect(clippy::cast_possible_truncation, reason = "for people")]
        let score = candidate.score.clamp(0.0, 1.0) as f32;
        let empty = why.tags.is_empty() && why.terms.is_empty();
        (names.is_none() || !empty).then(|| Pick { story: candidate.story.clone(), score, why })
    }

    /// The pool with all that is known of it; the near ones first, in an order of their own.
    pub(super) fn gather<'a>(&'a self, pool: &'a Pool, vectors: &'a HashMap<StoryId, Vector>) -> Vec<Candidate<'a>> {
        let candidate = |story: &'a StoryId, spare| {
            let kept = self.alive(self.slot(story)?)?;
            let vector = vectors.get(story)?;
            Some(Candidate { story, kept, vector, likeness: 0.0, tags: 0.0, score: 0.0, spare })
        };
        let mut all: Vec<Candidate<'a>> = pool.near.iter().filter_map(|story| candidate(story, false)).collect();
        all.sort_unstable_by(|a, b| a.story.cmp(b.story));
        all.extend(pool.spare.iter().filter_map(|story| candidate(story, true)));
        all
    }

    /// How alike what is asked for and all candidates are to each other, word by word.
    pub(super) fn alike(&self, question: &Question<'_>, candidates: &[Candidate<'_>]) -> Vec<Vec<f64>> {
        let centroids = self.centroids(question);
        // What is wanted is row 0. Its weights are no steps: they stand aside, in the order of its words.
        let mine = centroids.iter().flat_map(|c| c.words.iter().map(|(word, _)| Held::new(c.shelf, *word, 0, 0)));
        let theirs = (1..).zip(candidates).flat_map(|(row, candidate)| {
            let shelf = usize::from(candidate.kept.shelf);
            candidate.vector.entries().iter().map(move |e| Held::new(shelf, e.word, row, e.steps()))
        });
        let mut words: Vec<Held> = mine.chain(theirs).collect();
        sort(&mut words);
        let weights = centroids.iter().flat_map(|c| &c.words).map(|(_, weight)| *weight);
        let rows = candidates.len() + 1;
        products(Weighed::new(self, &words, weights, rows).words(), rows)
    }

    /// Gives each candidate its score, and how alike they are to each other.
    fn weigh(&self, question: &Question<'_>, candidates: &mut [Candidate<'_>]) -> Vec<Vec<f64>> {
        let alike = self.alike(question, candidates);
        let asked: Vec<(u32, f64)> =
            question.tags.iter().filter_map(|t| self.tag(t.key())).map(|tag| (tag, self.tag_weight(tag))).collect();
        for (candidate, likeness) in candidates.iter_mut().zip(lent(&alike)) {
            let theirs = self.tags_of(candidate.kept);
            let shared: f64 = asked.iter().filter(|(tag, _)| theirs.contains(tag)).map(|(_, weight)| weight).sum();
            (candidate.likeness, candidate.tags) = (likeness, damped(shared));
            let fresh = freshness(question.now, candidate.kept.date);
            // Sums depend on the order of their parts in the last digits; the list must not.
            candidate.score = (score(question.settings.by, likeness, candidate.tags, fresh) * EVEN).round() / EVEN;
        }
        alike
    }

    /// What two stories share, the heaviest first, each with its share of the score.
    fn why(
        &self,
        question: &Question<'_>,
        candidate: &Candidate<'_>,
        shared: &[(u32, f64)],
        names: &HashMap<u32, &str>,
    ) -> Why {
        let theirs = self.tags_of(candidate.kept);
        let with_weight = |tag: &crate::model::Tag| {
            let at = self.tag(tag.key()).filter(|at| theirs.contains(at))?;
            Some((self.tag_weight(at), tag.key().to_owned(), tag.shown().to_owned()))
        };
        let mut tags: Vec<(f64, String, String)> = question.tags.iter().filter_map(with_weight).collect();
        tags.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        tags.dedup_by(|a, b| a.1 == b.1);
        let of_all_words = shared.iter().fold(0.0, |all, (_, weight)| all + weight);
        let lang = question.like.first().and_then(|me| me.lang).map(Lang::primary);
        let terms = telling(shared, names, lang);

        let [text, tag, recent] = parts(question.settings.by);
        let all = (text + tag + recent).max(f64::MIN_POSITIVE);
        let of_all_tags: f64 = tags.iter().map(|(weight, ..)| weight).sum();
        let share = |part: f64, weight: f64, of: f64| {
            let share = part / all / candidate.score.max(f64::MIN_POSITIVE) * weight / of.max(f64::MIN_POSITIVE);
            #[expect(clippy::cast_possible_truncation, reason = "for people: three digits")]
            let digits = (share.clamp(0.0, 1.0) * 1000.0).round() as f32;
            digits / 1000.0
        };
        let of_tags = tags.iter().take(REASONS).map(|(weight, ..)| share(tag * candidate.tags, *weight, of_all_tags));
        let of_terms = terms.iter().map(|(weight, _)| share(text * candidate.likeness, *weight, of_all_words));
        let shares = of_tags.chain(of_terms).collect();
        let tags = tags.into_iter().take(REASONS).map(|(.., shown)| shown).collect();
        Why { tags, terms: terms.into_iter().map(|(_, word)| word.to_owned()).collect(), shares }
    }

    /// The words of the story that is read, with what each says, and its shelf.
    fn mine(&self, question: &Question<'_>) -> Option<(usize, Vec<(Entry, f64)>)> {
        question.told?;
        let me = question.like.first()?;
        let at = self.shelf_of(me.lang)?;
        let says = self.shelves.get(at)?.says(me.vector.entries().iter().map(|e| e.word));
        Some((at, me.vector.entries().iter().copied().zip(says).collect()))
    }
}

/// The words that a candidate shares with the story that is read, each with what it weighs in both.
fn shared_words(mine: Option<&(usize, Vec<(Entry, f64)>)>, candidate: &Candidate<'_>) -> Vec<(u32, f64)> {
    let Some((_, mine)) = mine.filter(|(shelf, _)| *shelf == usize::from(candidate.kept.shelf)) else {
        return Vec::new();
    };
    meet(mine, candidate.vector.entries(), |(e, _)| e.word, |e| e.word)
        .map(|((mine, says), theirs)| (mine.word, mine.weight() * theirs.weight() * says.powi(2)))
        .collect()
}

/// Those of the shared words that say most of what both texts are about, as they are shown. `lang` is the texts'.
fn telling<'n>(shared: &[(u32, f64)], names: &HashMap<u32, &'n str>, lang: Option<&str>) -> Vec<(f64, &'n str)> {
    let named = shared.iter().filter_map(|(number, weight)| Some((*weight, *names.get(number)?)));
    let mut named: Vec<(f64, &str)> =
        named.filter(|(_, word)| says_something(word) && !is_everyday(word, lang)).collect();
    named.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let least = named.iter().map(|(weight, _)| *weight).fold(0.0, f64::max) * LEAST_REASON;
    named.retain(|(weight, _)| *weight >= least);
    named.truncate(REASONS);
    named
}

/// Whether a word may be a reason: it has three letters, or is short as a whole (`UN`, `G7`); numbers tell nothing by themselves.
fn says_something(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let is_short_name = || letters > 0 && word.chars().all(|c| c.is_uppercase() || c.is_numeric());
    letters >= 3 || word.chars().any(is_unparted) || is_short_name()
}

/// Which of the candidates, in order, passing over those that have no name; and the places of those that nothing was asked of.
fn choose<T>(
    question: &Question<'_>,
    pool: &[Candidate<'_>],
    alike: &[Vec<f64>],
    named: impl Fn(&Candidate<'_>) -> Option<T>,
) -> (Vec<T>, Vec<usize>) {
    let speaks = |c: &Candidate<'_>| !c.spare && (c.likeness > 0.0 || c.tags > 0.0);
    let mut left: Vec<usize> = pool.iter().enumerate().filter(|(_, c)| speaks(c)).map(|(i, _)| i).collect();
    left.sort_unstable_by(|a, b| best_first(&pool[*a], &pool[*b]));
    let variety = f64::from(question.settings.variety).clamp(0.0, 1.0) * VARIETY;
    let mut silent: Vec<usize> = (0..pool.len()).filter(|i| !speaks(&pool[*i])).collect();
    let mut chosen: Vec<T> = Vec::new();
    let mut per_source: HashMap<u32, usize> = HashMap::new();
    // How near each is to the nearest that was chosen.
    let mut nearest = vec![0.0_f64; pool.len()];
    while chosen.len() < question.count {
        let worth = |i: usize| (1.0 - variety) * pool[i].score - variety * nearest[i];
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
        let Some(name) = named(&pool[taken]) else { continue };
        *per_source.entry(pool[taken].kept.source).or_default() += 1;
        if variety > 0.0 {
            left.iter().for_each(|i| nearest[*i] = nearest[*i].max(alike[i + 1][taken + 1]));
        }
        chosen.push(name);
    }
    silent.extend(left);
    silent.sort_unstable();
    (chosen, silent)
}

fn best_first(a: &Candidate<'_>, b: &Candidate<'_>) -> Ordering {
    b.score.total_cmp(&a.score).then(b.kept.date.cmp(&a.kept.date)).then_with(|| a.story.cmp(b.story))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::super::{Doc, Member, Settings, Weights};
    use super::*;
    use crate::model::{ArticleId, Identity, Lang, SourceName, Tag};

    fn id(name: &str) -> StoryId {
        ArticleId::of(&SourceName::new("s").unwrap(), &Identity::Guid(name.into())).into()
    }

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_445_600, 0).unwrap() + chrono::Duration::days(n)
    }

    #[derive(Clone)]
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

    /// An index and what its caller keeps.
    #[derive(Default)]
    struct Shop {
        index: Index,
        rows: HashMap<StoryId, Row>,
        vectors: HashMap<StoryId, Vector>,
    }

    impl Shop {
        fn insert(&mut self, row: &Row) {
            let (story, lang) = (id(&row.name), Lang::parse(row.lang));
            let tags: Vec<String> = row.tags.iter().map(|t| t.key().to_owned()).collect();
            let source = SourceName::new(row.source).unwrap();
            let doc = Doc { story: &story, lang: lang.as_ref(), tags: &tags, source: &source, date: day(row.day) };
            let vector = Vector::of("", &row.text);
            self.index.insert(&doc, &vector, self.vectors.get(&story));
            self.rows.insert(story.clone(), row.clone());
            self.vectors.insert(story, vector);
        }

        fn remove(&mut self, name: &str) {
            self.index.remove(&id(name), self.vectors.remove(&id(name)).as_ref());
        }

        fn ask_of(&self, name: &str, settings: &Settings, count: usize, not: Option<&str>) -> Vec<Pick> {
            let story = id(name);
            let Some(row) = self.rows.get(&story) else { return Vec::new() };
            let (vector, lang) = (Vector::of("", &row.text), Lang::parse(row.lang));
            let question = Question {
                like: &[Member { story: &story, lang: lang.as_ref(), vector: &vector }],
                unlike: &[],
                tags: &row.tags,
                told: Some(("", &row.text)),
                now: day(1),
                settings,
                count,
            };
            let allowed = |s: &StoryId| not.is_none_or(|not| *s != id(not));
            let pool = self.index.candidates(&question, Some(&allowed));
            self.index.rank(&question, &pool, &self.vectors)
        }
    }

    fn index<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Shop {
        let mut shop = Shop::default();
        rows.into_iter().for_each(|row| shop.insert(row));
        shop
    }

    fn by(text: f32, tags: f32, recent: f32, variety: f32) -> Settings {
        Settings { by: Weights { text, tags, recent }, variety, ..Settings::default() }
    }

    fn ask(shop: &Shop, name: &str, settings: &Settings, count: usize) -> Vec<Pick> {
        shop.ask_of(name, settings, count, None)
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
            again.remove(&row.name);
            assert!(!again.index.contains(&id(&row.name)));
        }
        assert!(again.index.is_empty() && ask(&again, "moon1", &by(1.0, 0.0, 0.0, 0.0), 5).is_empty());
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
        let picks = index.ask_of("strike1", &settings, 10, Some("strike2"));
        assert!(picks.iter().all(|p| p.story != id("strike2")), "{picks:?}");
        index.remove("strike2");
        let picks = ask(&index, "strike1", &settings, 10);
        assert!(picks.iter().all(|p| p.story != id("strike2")), "{picks:?}");
        assert!(ask(&index, "unknown", &settings, 10).is_empty());
    }

    #[test]
    fn what_says_nothing_is_no_reason() {
        let told = ["Gaza", "really", "2026", "v1", "ab", "UN", "G7", "doctors", "mai", "港口"];
        let names: HashMap<u32, &str> = (0..).zip(told).collect();
        let shared: Vec<(u32, f64)> = (0..).take(told.len()).map(|n| (n, 1.0)).collect();
        let reasons = |lang| {
            let mut all: Vec<&str> =
                shared.iter().flat_map(|one| telling(&[*one], &names, lang)).map(|(_, w)| w).collect();
            all.sort_unstable();
            all
        };
        assert_eq!(reasons(Some("en")), ["G7", "Gaza", "UN", "doctors", "mai", "港口"]);
        assert_eq!(reasons(Some("fr")), ["G7", "Gaza", "UN", "doctors", "really", "港口"]);
    }

    #[test]
    fn what_nothing_speaks_for_takes_no_place_in_a_list() {
        let numbers: String = (0..30).map(|n| format!("{} ", 4_711 + n * 13)).collect();
        let mut rows = vec![row("a", &format!("{numbers} dockers harbour ferry wages"))];
        for n in 0..6 {
            rows.push(Row { source: ["t", "u", "v"][n % 3], ..row(&format!("table{n}"), &numbers) });
        }
        for (name, text) in
            [("x", "dockers meet"), ("y", "a ferry sinks"), ("z", "wages rise"), ("w", "harbour festival")]
        {
            rows.push(Row { source: name, ..row(name, text) });
        }
        let index = index(&rows);
        let picks = ask(&index, "a", &Settings::default(), 4);
        let mut named: Vec<_> = picks.iter().map(|pick| pick.story.clone()).collect();
        named.sort();
        let mut expected = ["x", "y", "z", "w"].map(id);
        expected.sort();
        assert_eq!(named, expected, "{picks:?}");
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
        assert_eq!((&picks[0].why.tags, picks[0].why.terms.len()), (&vec!["Rare".to_owned()], 0));
        assert_eq!(picks[0].why.shares, [1.0]);
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
        assert_eq!((&found.why.tags, found.why.terms.len()), (&vec!["Port".to_owned()], 0));
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
        for variety in [0.0, 0.6] {
            let varied = ask(&index, "a", &by(1.0, 0.0, 0.0, variety), 4);
            let from_s = varied.iter().filter(|p| (0..4).any(|i| p.story == id(&format!("same{i}")))).count();
            assert_eq!((varied.len(), from_s), (4, 2), "{varied:?}");
            let all = ask(&index, "a", &by(1.0, 0.0, 0.0, variety), 6);
            assert_eq!(all.len(), 6, "the cap gives way where nothing else is left");
        }
    }

    #[test]
    fn a_source_that_floods_owns_neither_lists_nor_tags() {
        let mut rows = vec![tagged(row("a", "dockers strike harbour marseille ferry wages"), &["Port"])];
        for i in 0..1_000 {
            let flood = row(&format!("flood{i}"), &format!("dockers strike harbour marseille ferry wages number{i}"));
            rows.push(tagged(Row { source: "flood", day: 1, ..flood }, &["Port"]));
        }
        for (source, text) in
            [("t", "dockers of the harbour"), ("u", "a ferry leaves the harbour"), ("v", "wages of dockers")]
        {
            rows.push(tagged(Row { source, ..row(source, text) }, &["Port"]));
        }
        let index = index(&rows);
        for settings in [Settings::default(), by(1.0, 0.0, 0.0, 0.0), by(0.0, 1.0, 0.0, 0.0)] {
            let picks = ask(&index, "a", &settings, 5);
            let others = picks.iter().filter(|p| ["t", "u", "v"].map(id).contains(&p.story)).count();
            assert_eq!((picks.len(), others), (5, 3), "{picks:?}");
        }
    }

    #[test]
    fn what_was_filled_anew_answers_as_what_grew() {
        let subject =
            |i: usize| format!("subject{} theme{} talk word{} of the day {}", i % 90, i % 70, i % 400, i * 7 % 33);
        let mut grown = Shop::default();
        for i in 0..1_500 {
            let name = format!("r{i}");
            grown.insert(&tagged(row(&name, &subject(i)), &[["Port", "Mer", "Ville"][i % 3]]));
            if i % 5 == 0 {
                // Told anew in other words, then under another tag.
                grown.insert(&row(&name, &subject(i + 1)));
                grown.insert(&tagged(Row { day: -1, ..row(&name, &subject(i + 1)) }, &["Mer"]));
            }
            if i % 7 == 0 {
                grown.remove(&name);
            }
        }
        let mut left: Vec<&Row> = grown.vectors.keys().filter_map(|story| grown.rows.get(story)).collect();
        left.sort_by(|a, b| b.text.cmp(&a.text));
        let anew = index(left);
        assert_eq!(anew.index.len(), grown.index.len());
        for i in (1..1_500).step_by(37).filter(|i| i % 7 != 0) {
            let name = format!("r{i}");
            assert_eq!(
                ask(&grown, &name, &Settings::default(), 6),
                ask(&anew, &name, &Settings::default(), 6),
                "{name}"
            );
        }
        assert!(grown.index.is_worn() && !anew.index.is_worn(), "more than an eighth of it is empty");
    }

    #[test]
    fn short_lists_are_filled_and_every_pick_has_a_reason() {
        let mut rows: Vec<Row> =
            (0..40).map(|i| row(&format!("r{i}"), &format!("quarrel thing number{i} word{i}"))).collect();
        rows.push(row("alone", "quarrel single odd subject"));
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
            index.remove(&format!("r{i}"));
        }
        let picks = ask(&index, "r5", &by(1.0, 0.0, 0.0, 0.0), 2);
        let mut names = [id("r705"), id("r1405")];
        names.sort();
        assert_eq!(picks.iter().map(|p| p.story.clone()).collect::<Vec<_>>(), names);
        assert_eq!(picks[0].why.terms, ["subject5", "theme5"], "common words are no reason");
    }
}
