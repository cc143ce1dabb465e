//! Gives an article its tags.

mod article;
mod hashtag;
pub mod learn;
mod rules;
mod settings;

use std::collections::{HashMap, HashSet};

pub use article::{of_article, of_subject, subject};
pub use hashtag::hashtags;
pub use rules::Rules;
pub use settings::{Pages, Settings};

use crate::model::{Tag, TagOrigin, Tagged};
use crate::query::Subject;
use crate::text;

/// Categories and keywords beyond so many are not looked at.
const MOST_WRITTEN: usize = 200;

/// What an article's tags are made of.
#[derive(Debug, Clone)]
pub struct Tagging<'a> {
    /// Tags of its source, from the file.
    pub source: &'a [Tag],
    /// What the rules are asked of.
    pub subject: Subject,
    /// Hashtags of its text and of its page's hashtag line.
    pub hashtags: &'a [Tag],
    /// Categories of its feed, as written.
    pub categories: &'a [String],
    /// Keywords of its page, as written.
    pub page: &'a [String],
}

/// The tags of an article: by the origins of the settings in their order, aliases resolved, dropped ones left out, each tag
/// once with its first origin, at most `most`. Rules see the tags of all other origins and of the rules before them, so that
/// `tag:` in a rule does not depend on the order of the origins.
#[must_use]
pub fn tags_of(input: Tagging<'_>, settings: &Settings) -> Vec<Tagged> {
    let written = |list: &[String]| -> Vec<Tag> {
        list.iter().take(MOST_WRITTEN).filter(|w| !w.contains("://")).filter_map(|w| text::tag(w)).collect()
    };
    let mut given: HashMap<TagOrigin, Vec<Tag>> = HashMap::new();
    for origin in settings.origins.iter().copied() {
        let tags = match origin {
            TagOrigin::Source => input.source.to_vec(),
            TagOrigin::Hashtags => input.hashtags.to_vec(),
            TagOrigin::Feed => written(input.categories),
            TagOrigin::Page => written(input.page),
            TagOrigin::Rules | TagOrigin::Learned => continue,
        };
        given.insert(origin, tags.iter().filter_map(|tag| settings.settled(tag)).collect());
    }
    if settings.origins.contains(&TagOrigin::Rules) && !settings.rules.is_empty() {
        let mut subject = input.subject;
        given.values().flatten().for_each(|tag| subject.add_tag(tag));
        given.insert(TagOrigin::Rules, settings.rules.tags(subject, |tag| settings.settled(tag)));
    }
    let mut seen = HashSet::new();
    let all = settings
        .origins
        .iter()
        .flat_map(|origin| given.remove(origin).into_iter().flatten().map(|tag| Tagged { tag, origin: *origin }));
    all.filter(|tagged| seen.insert(tagged.tag.key().to_owned())).take(settings.most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Query;

    fn tag(written: &str) -> Tag {
        text::tag(written).unwrap()
    }

    fn shown(tags: &[Tagged]) -> Vec<&str> {
        tags.iter().map(|t| t.tag.shown()).collect()
    }

    #[test]
    fn tags_come_by_origin_each_once() {
        let (source, found) = ([tag("Agence")], hashtags("#Gaza #FreePalestine #gaza"));
        let categories = ["GAZA".to_owned(), "À la une".to_owned(), "Proche Orient".to_owned(), "2024".to_owned()];
        let page = ["agence".to_owned(), "https://a.example/tag/x".to_owned(), "Rafah".to_owned()];
        let subject = Subject::default();
        let input = Tagging { source: &source, subject, hashtags: &found, categories: &categories, page: &page };
        let mut settings = Settings {
            aliases: [("freepalestine".to_owned(), tag("Libération_Palestine"))].into(),
            drop: ["a_la_une".to_owned()].into(),
            ..Settings::default()
        };
        let tags = tags_of(input.clone(), &settings);
        assert_eq!(shown(&tags), ["Agence", "Gaza", "Libération_Palestine", "Proche_Orient", "Rafah"]);
        assert_eq!((tags[0].origin, tags[1].origin), (TagOrigin::Source, TagOrigin::Hashtags));

        settings.origins = vec![TagOrigin::Feed, TagOrigin::Source];
        assert_eq!(shown(&tags_of(input.clone(), &settings)), ["GAZA", "Proche_Orient", "Agence"]);
        settings.most = 2;
        assert_eq!(tags_of(input, &settings).len(), 2);
    }

    #[test]
    fn rules_see_the_tags_of_the_others_and_of_rules_before() {
        let rule = |name: &str, asks: &str| (tag(name), query(asks));
        let found = hashtags("#Gaza");
        let subject = Subject::default();
        let input = Tagging { source: &[], subject, hashtags: &found, categories: &[], page: &[] };
        let settings = Settings {
            rules: Rules::new(vec![
                rule("Palestine", "gaza"),
                rule("Proche-Orient", "palestine"),
                rule("Mer", "marseille"),
            ]),
            ..Settings::default()
        };
        let tags = tags_of(input, &settings);
        assert_eq!(shown(&tags), ["Palestine", "Proche-Orient", "Gaza"]);
        assert_eq!(tags[1].origin, TagOrigin::Rules);
    }

    fn query(tag: &str) -> Query {
        Query::parse(&format!("tag:{tag}")).unwrap()
    }
}
