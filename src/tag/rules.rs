//! The rules of `[tags]`, ready to be asked of many articles.

use std::collections::HashSet;

use crate::model::Tag;
use crate::query::{Gate, May, Query, Subject};
use crate::text;

/// The rules of `[tags]`. Of thousands only those are asked whose words stand in the text.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    all: Vec<(Tag, Query)>,
    gate: Gate,
    /// Keys of the tags that rules ask for.
    asked_for: HashSet<String>,
}

impl Rules {
    /// Rules in an order in which each stands after those whose tag it asks for.
    #[must_use]
    pub fn new(all: Vec<(Tag, Query)>) -> Self {
        let gate = Gate::new(all.iter().map(|(_, query)| query));
        let asked_for = all.iter().flat_map(|(_, query)| query.names().tags).map(|(name, _)| text::tag_key(&name));
        Self { asked_for: asked_for.collect(), all, gate }
    }

    /// The rules, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &(Tag, Query)> {
        self.all.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The tags of the rules that the subject meets, as `given` has them; each rule sees the tags of those before it.
    pub(super) fn tags(&self, mut subject: Subject, given: impl Fn(&Tag) -> Option<Tag>) -> Vec<Tag> {
        let mut may = self.gate.may_match(&subject);
        let mut tags = Vec::new();
        for (place, (tag, query)) in self.all.iter().enumerate() {
            let matches = match may[place] {
                May::Not => false,
                May::Perhaps => query.matches(&subject),
                May::Surely => true,
            };
            if matches && let Some(tag) = given(tag) {
                if self.asked_for.contains(tag.key()) {
                    subject.add_tag(&tag);
                    self.gate.tagged(tag.key(), &mut may);
                }
                tags.push(tag);
            }
        }
        tags
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::query::Fields;

    /// Asking each rule, one after the other.
    fn plainly(rules: &Rules, mut subject: Subject) -> Vec<Tag> {
        let mut tags = Vec::new();
        for (tag, query) in rules.iter() {
            if query.matches(&subject) {
                subject.add_tag(tag);
                tags.push(tag.clone());
            }
        }
        tags
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn all_at_once_is_one_after_the_other(
            asked in prop::collection::vec("-?(mer|gaz*|a|title:mer|tag:t[0-5]|/me[rt]/)( (OR )?-?(gaza|mer*|tag:t[0-5]|本))?", 1..12),
            body in "((mer|gaza|mère|amer|met|本|a|gazette)[ ’]){0,6}",
        ) {
            let rule = |(i, query): (usize, &String)| {
                Some((text::tag(&format!("t{i}"))?, Query::parse(query).ok()?))
            };
            let rules = Rules::new(asked.iter().enumerate().filter_map(rule).collect());
            let subject = Subject::new(Fields { title: "La mer", body: &body, ..Fields::default() });
            let fast = rules.tags(subject.clone(), |tag| Some(tag.clone()));
            prop_assert_eq!(fast, plainly(&rules, subject));
        }
    }
}
