//! A story as the queries of feeds see it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::Feed;
use crate::model::{Lang, Story, Trace};
use crate::query::{Ages, Columns, Fields, Query, Subject, Truth};

/// A story as the queries of feeds see it: by its lead, under the tags of all its copies, and from each source that tells it.
#[derive(Debug)]
pub struct Listed(Vec<Subject>);

impl Listed {
    /// Folds a story once, for any number of queries. `feeds` are the slugs of those that it stands in.
    #[must_use]
    pub fn new(story: &Story, feeds: &[String], now: DateTime<Utc>) -> Self {
        let lead = &story.lead;
        let tags: Vec<String> = story.tags.iter().map(|t| t.tag.key().to_owned()).collect();
        let byline = lead.byline.join(", ");
        let first = Subject::new(Fields {
            title: &lead.title,
            standfirst: lead.standfirst.as_deref().unwrap_or_default(),
            body: &lead.text,
            author: &byline,
            tags: &tags,
            source: lead.source.as_str(),
            outlet: &lead.provenance.outlet.name,
            url: lead.url.as_deref().unwrap_or_default(),
            lang: lead.lang.as_ref().map(Lang::as_str).unwrap_or_default(),
            image: lead.image.is_some(),
            date: story.date,
            now,
            copies: story.outlets() as u64,
            feeds,
        });
        let mut told = HashSet::from([(lead.source.as_str(), lead.provenance.outlet.name.as_str())]);
        let others = story.others.iter().map(|o| (o.source.as_str(), o.outlet.name.as_str()));
        let others: Vec<Subject> =
            others.filter(|other| told.insert(*other)).map(|(source, outlet)| first.told_by(source, outlet)).collect();
        Self(std::iter::once(first).chain(others).collect())
    }

    /// The slugs of the feeds that a story belongs to. A query may ask for other feeds (`feed:`): those are decided first.
    #[must_use]
    pub fn feeds(story: &Story, feeds: &[Feed], now: DateTime<Utc>) -> Vec<String> {
        Feeds::new(feeds).holding(&mut Self::new(story, &[], now))
    }

    /// A query asked term by term: by the source that it selects the story from, else by the one that most terms speak for.
    #[must_use]
    pub fn trace(&self, query: &Query) -> Option<Trace> {
        let traces = self.0.iter().map(|subject| query.trace(subject));
        // Of equals the first, which is the lead's.
        traces.rev().max_by_key(|trace| (trace.held, trace.terms.iter().filter(|t| t.helps()).count()))
    }

    /// Whether a query selects it.
    #[must_use]
    pub fn matches(&self, query: &Query) -> bool {
        self.0.iter().any(|subject| query.matches(subject))
    }

    /// Whether a query selects it at some age.
    fn truth(&self, query: &Query) -> Truth {
        self.0.iter().map(|subject| query.truth(subject)).max().unwrap_or(Truth::Never)
    }

    /// Lets `feed:` ask for these feeds.
    pub fn find_place_in(&mut self, feeds: &Feeds<'_>) {
        let holding = feeds.holding(self);
        self.stands_in(&holding, &[]);
    }

    /// Says in which feeds it stands, at any age and at some.
    fn stands_in(&mut self, always: &[String], sometimes: &[String]) {
        self.0.iter_mut().for_each(|subject| subject.stands_in(always, sometimes));
    }

    /// Its words and facts, for an index. `story` is what it was made of.
    #[must_use]
    pub fn columns(&self, story: &Story) -> Columns {
        let lead_tags: Vec<String> = story.lead.tags.iter().map(|t| t.tag.key().to_owned()).collect();
        let first = self.0.first();
        first.map(|first| first.columns(&self.0, &lead_tags)).unwrap_or_default()
    }
}

/// Curated feeds, each after those that it asks for (`feed:`).
#[derive(Debug)]
pub struct Feeds<'f> {
    feeds: Vec<&'f Feed>,
    /// Whether any of them asks for others: else nobody need be told where a story stands.
    ask: bool,
}

impl<'f> Feeds<'f> {
    /// All of these.
    #[must_use]
    pub fn new(feeds: &'f [Feed]) -> Self {
        Self::ordered(feeds, feeds.iter().map(|f| f.slug.as_str()).collect())
    }

    /// Those of a slug among them, and those that they ask for.
    #[must_use]
    pub fn needed(feeds: &'f [Feed], slugs: &[&'f str]) -> Self {
        Self::ordered(feeds, slugs.to_vec())
    }

    fn ordered(feeds: &'f [Feed], first: Vec<&'f str>) -> Self {
        let by_slug: HashMap<&str, &Feed> = feeds.iter().map(|f| (f.slug.as_str(), f)).collect();
        let mut ordered: Vec<&Feed> = Vec::new();
        let (mut begun, mut ask) = (HashSet::new(), false);
        // Circles are refused when the file is read; a feed that is begun is not begun again.
        let mut waiting: Vec<(&str, bool)> = first.into_iter().rev().map(|slug| (slug, false)).collect();
        while let Some((slug, asked)) = waiting.pop() {
            let Some(feed) = by_slug.get(slug).copied() else { continue };
            if asked {
                ordered.push(feed);
            } else if begun.insert(feed.slug.as_str()) {
                waiting.push((&feed.slug, true));
                for (name, _) in feed.select.iter().flat_map(|q| q.names().feeds) {
                    ask = true;
                    waiting.extend(by_slug.get(name.to_lowercase().as_str()).map(|f| (f.slug.as_str(), false)));
                }
            }
        }
        Self { feeds: ordered, ask }
    }

    /// The slugs of those that hold a story now.
    #[must_use]
    pub fn holding(&self, story: &mut Listed) -> Vec<String> {
        self.decide(story, |story, query| if story.matches(query) { Truth::Always } else { Truth::Never }).0
    }

    /// The slugs of those that can hold a story at some age: what is kept as rows.
    #[must_use]
    pub fn able_to_hold(&self, story: &mut Listed) -> Vec<String> {
        let (mut always, sometimes) = self.decide(story, Listed::truth);
        always.extend(sometimes);
        always
    }

    fn decide(&self, story: &mut Listed, ask: impl Fn(&Listed, &Query) -> Truth) -> (Vec<String>, Vec<String>) {
        let (mut always, mut sometimes) = (Vec::new(), Vec::new());
        for feed in &self.feeds {
            let truth = feed.select.as_ref().map_or(Truth::Always, |query| ask(story, query));
            match truth {
                Truth::Never => continue,
                Truth::Sometimes => sometimes.push(feed.slug.clone()),
                Truth::Always => always.push(feed.slug.clone()),
            }
            if self.ask {
                story.stands_in(&always, &sometimes);
            }
        }
        (always, sometimes)
    }

    /// The ages at which the feed of a slug holds the stories that it can hold.
    #[must_use]
    pub fn ages(&self, slug: &str) -> Ages {
        let mut known: HashMap<&str, Ages> = HashMap::new();
        for feed in &self.feeds {
            let of_feed = |name: &str| known.get(name).copied().unwrap_or(Ages::ANY);
            let ages = feed.select.as_ref().map_or(Ages::ANY, |query| query.ages(&of_feed));
            known.insert(&feed.slug, ages);
        }
        known.get(slug).copied().unwrap_or(Ages::ANY)
    }

    /// A hash of what the feed of a slug asks for, and of what the feeds ask for that it asks for.
    #[must_use]
    pub fn hash(&self, slug: &str) -> u64 {
        let mut known: HashMap<&str, u64> = HashMap::new();
        for feed in &self.feeds {
            let own = feed.select.as_ref().map_or(0, Query::hash);
            let mut asked: Vec<u64> = feed
                .select
                .iter()
                .flat_map(|q| q.names().feeds)
                .filter_map(|(name, _)| known.get(name.to_lowercase().as_str()).copied())
                .collect();
            asked.sort_unstable();
            let form = format!("{ROWS} {own:x} {asked:x?}");
            known.insert(&feed.slug, crate::text::hash(form.as_bytes()));
        }
        known.get(slug).copied().unwrap_or_default()
    }
}

/// What rows mean; to be raised when the same query gives other rows than before.
const ROWS: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curate::FeedText;

    fn feed(slug: &str, select: &str) -> Feed {
        Feed {
            slug: slug.into(),
            title: slug.into(),
            description: None,
            select: (!select.is_empty()).then(|| Query::parse(select).unwrap()),
            limit: 50,
            text: FeedText::Full,
            lang: Lang::parse("fr").unwrap(),
            key: None,
            recommend_count: None,
            order: crate::curate::Order::default(),
            per_source: None,
            digest: None,
        }
    }

    #[test]
    fn feeds_stand_after_those_that_they_ask_for() {
        let feeds = [feed("c", "feed:b OR feed:a"), feed("b", "-feed:a"), feed("a", "gaza"), feed("d", "")];
        let slugs = |feeds: &Feeds<'_>| feeds.feeds.iter().map(|f| f.slug.clone()).collect::<Vec<_>>();
        assert_eq!(slugs(&Feeds::new(&feeds)), ["a", "b", "c", "d"]);
        assert_eq!(slugs(&Feeds::needed(&feeds, &["b"])), ["a", "b"]);
        let circle = [feed("x", "feed:y"), feed("y", "feed:x")];
        assert_eq!(slugs(&Feeds::new(&circle)), ["y", "x"]);
    }

    #[test]
    fn a_feed_changes_with_the_feeds_that_it_asks_for() {
        let hash = |a: &str, slug: &str| {
            let feeds = [feed("b", "feed:a mer"), feed("a", a), feed("c", "mer")];
            Feeds::new(&feeds).hash(slug)
        };
        assert_eq!(hash("gaza", "b"), hash("GAZA", "b"));
        assert_ne!(hash("gaza", "b"), hash("rafah", "b"));
        assert_eq!(hash("gaza", "c"), hash("rafah", "c"));
        let feeds = [feed("b", "feed:a mer"), feed("a", "age:<7d")];
        assert!(Feeds::new(&feeds).ages("b").most.is_some());
    }
}
