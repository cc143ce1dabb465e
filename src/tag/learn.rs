//! Tags learnt from the stories that are most like a new one (nearest neighbours): no training, and each can name the stories
//! that it comes from.

use std::collections::HashMap;

use super::Settings as Tagging;
use crate::model::{StoryId, Tag, TagOrigin, Tagged};

/// Stories that a tag must come from: one alone proves nothing.
const FEWEST: usize = 2;

/// When a tag is learnt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// How many of the likest stories are asked.
    pub neighbours: usize,
    /// The share of their likeness, 0 to 1, that must speak for a tag.
    pub confidence: f32,
    /// Stories that must carry a tag before it is learnt for others.
    pub carried: u64,
    /// The most tags learnt for one story.
    pub most: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { neighbours: 20, confidence: 0.6, carried: 5, most: 3 }
    }
}

/// A story that is like the one in question.
#[derive(Debug, Clone, Copy)]
pub struct Neighbour<'a> {
    /// The story.
    pub story: &'a StoryId,
    /// How alike the two are, 0 to 1.
    pub likeness: f32,
    /// Its tags.
    pub tags: &'a [Tagged],
}

/// A tag that like stories carry.
#[derive(Debug, Clone, PartialEq)]
pub struct Learnt {
    /// The tag.
    pub tag: Tag,
    /// The share of the neighbours' likeness that speaks for it, 0 to 1.
    pub confidence: f32,
    /// The stories that it comes from, the likest first.
    pub from: Vec<StoryId>,
}

/// What like stories teach: the surest first. Only what others gave them counts, never what they learnt themselves; aliases
/// are resolved and dropped tags left out; never a tag of `own`. `carried` tells how many stories carry the tag of a key.
#[must_use]
pub fn learn(
    neighbours: &[Neighbour<'_>],
    own: &[Tagged],
    carried: &dyn Fn(&str) -> u64,
    tagging: &Tagging,
    settings: &Settings,
) -> Vec<Learnt> {
    let mut nearest: Vec<&Neighbour<'_>> = neighbours.iter().filter(|n| n.likeness > 0.0).collect();
    nearest.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then_with(|| a.story.cmp(b.story)));
    nearest.truncate(settings.neighbours);
    let all: f32 = nearest.iter().map(|n| n.likeness).sum();
    let mut votes: HashMap<String, (Tag, f32, Vec<StoryId>)> = HashMap::new();
    for neighbour in nearest {
        for tagged in neighbour.tags.iter().filter(|t| t.origin != TagOrigin::Learned) {
            let Some(tag) = tagging.settled(&tagged.tag) else { continue };
            let (_, sum, from) = votes.entry(tag.key().to_owned()).or_insert_with(|| (tag, 0.0, Vec::new()));
            // Two tags of one story may be spellings of one.
            if from.last() != Some(neighbour.story) {
                *sum += neighbour.likeness;
                from.push(neighbour.story.clone());
            }
        }
    }
    let sure = votes.into_values().filter_map(|(tag, sum, from)| {
        let confidence = sum / all.max(f32::MIN_POSITIVE);
        let new = own.iter().all(|t| t.tag != tag);
        let enough =
            from.len() >= FEWEST && confidence >= settings.confidence && carried(tag.key()) >= settings.carried;
        (new && enough).then_some(Learnt { tag, confidence, from })
    });
    let mut sure: Vec<Learnt> = sure.collect();
    sure.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| a.tag.key().cmp(b.tag.key())));
    sure.truncate(settings.most);
    sure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ArticleId, Identity, SourceName};
    use crate::text;

    fn story(n: usize) -> StoryId {
        ArticleId::of(&SourceName::new("a").unwrap(), &Identity::Guid(n.to_string())).into()
    }

    fn tags(written: &str, origin: TagOrigin) -> Vec<Tagged> {
        written.split_whitespace().map(|w| Tagged { tag: text::tag(w).unwrap(), origin }).collect()
    }

    /// What is learnt from stories of these likenesses and tags; `mer` and `eau` are carried by many.
    fn learnt(of: &[(f32, &str)], own: &str, tagging: &Tagging) -> Vec<(String, usize, f32)> {
        let stories: Vec<_> = (0..of.len()).map(story).collect();
        let all: Vec<_> = of.iter().map(|(_, written)| tags(written, TagOrigin::Feed)).collect();
        let neighbours: Vec<_> = of
            .iter()
            .enumerate()
            .map(|(i, (likeness, _))| Neighbour { story: &stories[i], likeness: *likeness, tags: &all[i] })
            .collect();
        let carried = |key: &str| if key == "rare" { 4 } else { 5 };
        let found = learn(&neighbours, &tags(own, TagOrigin::Feed), &carried, tagging, &Settings::default());
        found.into_iter().map(|l| (l.tag.shown().to_owned(), l.from.len(), l.confidence)).collect()
    }

    #[test]
    fn what_most_of_the_likest_carry_is_learnt() {
        let plain = Tagging::default();
        let names = |of: &[(f32, &str)], own: &str| {
            learnt(of, own, &plain).into_iter().map(|(shown, ..)| shown).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(&[(0.9, "Mer Eau"), (0.8, "Mer"), (0.1, "Sel")], ""), "Mer");
        assert_eq!(names(&[(0.9, "Mer Eau"), (0.8, "mer eau"), (0.7, "Mer")], ""), "Mer Eau");
        assert_eq!(names(&[(0.9, "Mer"), (0.8, "Mer")], "MER"), "", "it has it");
        assert_eq!(names(&[(0.9, "Mer")], ""), "", "one alone");
        assert_eq!(names(&[(0.9, "Rare"), (0.8, "Rare")], ""), "", "too few carry it");
        assert_eq!(names(&[(0.5, "Mer"), (0.5, "Mer"), (0.5, "x"), (0.5, "y")], ""), "", "half is not enough");
        assert_eq!(names(&[(0.0, "Mer"), (f32::NAN, "Mer")], ""), "");
        assert_eq!(names(&[(0.9, "a b c d"), (0.9, "a b c d")], ""), "a b c", "a few at most");
        assert_eq!(names(&[], ""), "");
    }

    #[test]
    fn aliases_are_followed_and_dropped_tags_never_come_back() {
        let tagging = Tagging {
            aliases: [("ocean".to_owned(), text::tag("Mer").unwrap())].into(),
            drop: ["sel".to_owned()].into(),
            ..Tagging::default()
        };
        let found = learnt(&[(0.5, "Océan Mer Sel"), (0.5, "Océan Sel"), (0.2, "")], "", &tagging);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0.as_str(), found[0].1), ("Mer", 2));
        assert!((found[0].2 - 1.0 / 1.2).abs() < 1e-6, "a story speaks once: {found:?}");
    }

    #[test]
    fn what_was_learnt_teaches_nothing() {
        let (a, b) = (story(1), story(2));
        let learned = tags("Mer", TagOrigin::Learned);
        let like = |story| Neighbour { story, likeness: 0.9, tags: &learned };
        assert_eq!(learn(&[like(&a), like(&b)], &[], &|_| 9, &Tagging::default(), &Settings::default()), []);
    }
}
