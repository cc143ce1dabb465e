//! Stories that tell the same event in other words: linked, never merged.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::index::Index;
use super::near::lent;
use super::pool::{Pool, Question};
use super::vector::Vector;
use crate::model::StoryId;

/// From this nearness on, neighbours' words lent, two stories tell one event (docs/decisions/005-same-event.md).
const SAME: f64 = 0.6;
/// Stories further apart in time than this tell another event, or of its return.
const APART: TimeDelta = TimeDelta::hours(72);

/// A story that tells the same event as another.
#[derive(Debug, Clone, PartialEq)]
pub struct Alongside {
    /// The story.
    pub story: StoryId,
    /// How alike the two are, 0 to 1.
    pub likeness: f32,
}

impl Index {
    /// The stories that may tell the event of a story of this date.
    #[must_use]
    pub fn contemporaries(&self, question: &Question<'_>, date: DateTime<Utc>) -> Pool {
        let from = date.checked_sub_signed(APART).unwrap_or(DateTime::<Utc>::MIN_UTC);
        let to = date.checked_add_signed(APART).unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.between(question, from, to)
    }

    /// Those of a pool of contemporaries that tell the event of the story that is asked about, the nearest first.
    #[must_use]
    pub fn same_event(
        &self,
        question: &Question<'_>,
        pool: &Pool,
        vectors: &HashMap<StoryId, Vector>,
    ) -> Vec<Alongside> {
        let candidates = self.gather(pool, vectors);
        let near = lent(&self.alike(question, &candidates));
        let found = candidates.iter().zip(near).filter(|(_, near)| *near >= SAME);
        let mut alongside: Vec<Alongside> = found
            .map(|(candidate, near)| {
                // Sums depend on the order of their parts in the last digits; the list must not.
                #[expect(clippy::cast_possible_truncation, reason = "for people: three digits")]
                let likeness = (near.clamp(0.0, 1.0) * 1000.0).round() as f32 / 1000.0;
                Alongside { story: candidate.story.clone(), likeness }
            })
            .collect();
        alongside.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then_with(|| a.story.cmp(&b.story)));
        alongside
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Doc, Member, Settings};
    use super::*;
    use crate::model::{ArticleId, Identity, Lang, SourceName};

    fn hour(n: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_445_600, 0).unwrap() + TimeDelta::hours(n)
    }

    #[test]
    fn one_event_in_other_words_is_told_from_another_of_its_kind() {
        let source = SourceName::new("s").unwrap();
        let id = |name: &str| StoryId::from(ArticleId::of(&source, &Identity::Guid(name.into())));
        let filler = (0..40).map(|i| {
            let text = format!("council number{i} votes budget{i} for the schools of town{i} after debate{i}");
            (format!("f{i}"), text, "en", i % 60)
        });
        let told = [
            (
                "fire",
                "A fire in the old harbour of Marseille destroyed three warehouses on Tuesday night, firefighters said",
                "en",
                0,
            ),
            (
                "same",
                "Three warehouses burnt down in Marseille: firefighters fought the harbour blaze through the night",
                "en",
                5,
            ),
            ("later", "Marseille harbour fire: firefighters say the three warehouses held timber", "en", 60),
            (
                "other",
                "A bakery in Lyon caught fire on Tuesday evening and nobody was hurt, wrote the mayor of the town",
                "en",
                3,
            ),
            (
                "year",
                "A fire in the old harbour of Marseille destroyed three warehouses on Tuesday night, firefighters said",
                "en",
                8_760,
            ),
            ("lang", "A fire in the old harbour of Marseille destroyed three warehouses", "fr", 1),
        ];
        let told = told.map(|(name, text, lang, at)| (name.to_owned(), text.to_owned(), lang, at));
        let (mut index, mut vectors) = (Index::new(), HashMap::new());
        for (name, text, lang, at) in filler.chain(told) {
            let (story, lang, vector) = (id(&name), Lang::parse(lang), Vector::of("", &text));
            let doc = Doc { story: &story, lang: lang.as_ref(), tags: &[], source: &source, date: hour(at) };
            index.insert(&doc, &vector, None);
            vectors.insert(story, vector);
        }
        let (story, lang, settings) = (id("fire"), Lang::parse("en"), Settings::default());
        let like = [Member { story: &story, lang: lang.as_ref(), vector: &vectors[&story] }];
        let question =
            Question { like: &like, unlike: &[], tags: &[], told: None, now: hour(0), settings: &settings, count: 5 };
        let pool = index.contemporaries(&question, hour(0));
        let mut found: Vec<StoryId> =
            index.same_event(&question, &pool, &vectors).into_iter().map(|alongside| alongside.story).collect();
        found.sort();
        let mut expected = [id("same"), id("later")];
        expected.sort();
        assert_eq!(found, expected);
    }
}
