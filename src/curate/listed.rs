//! A story as the queries of feeds see it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::Feed;
use crate::model::{Lang, Story, Trace};
use crate::query::{Fields, Query, Subject};

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
        let mut tellers = vec![(lead.source.as_str(), lead.provenance.outlet.name.as_str())];
        tellers.extend(story.others.iter().map(|o| (o.source.as_str(), o.outlet.name.as_str())));
        tellers.dedup();
        let subject = |(source, outlet): (&str, &str)| {
            Subject::new(Fields {
                title: &lead.title,
                standfirst: lead.standfirst.as_deref().unwrap_or_default(),
                body: &lead.text,
                author: &byline,
                tags: &tags,
                source,
                outlet,
                url: lead.url.as_deref().unwrap_or_default(),
                lang: lead.lang.as_ref().map(Lang::as_str).unwrap_or_default(),
                image: lead.image.is_some(),
                date: story.date,
                now,
                copies: story.others.len() as u64 + 1,
                feeds,
            })
        };
        Self(tellers.into_iter().map(subject).collect())
    }

    /// The slugs of the feeds that a story belongs to. A query may ask for other feeds (`feed:`): those are decided first.
    #[must_use]
    pub fn feeds(story: &Story, feeds: &[Feed], now: DateTime<Utc>) -> Vec<String> {
        let plain = Self::new(story, &[], now);
        let mut decided: HashSet<&str> = HashSet::new();
        let mut belongs: Vec<String> = Vec::new();
        // Each pass decides at least one feed, as circles are refused when the file is read.
        for _ in 0..feeds.len() {
            for feed in feeds.iter().filter(|f| !decided.contains(f.slug.as_str())).collect::<Vec<_>>() {
                let asks: Vec<String> =
                    feed.select.iter().flat_map(|q| q.names().feeds).map(|(name, _)| name).collect();
                let selected = match &feed.select {
                    None => true,
                    Some(query) if asks.is_empty() => plain.matches(query),
                    Some(_) if !asks.iter().all(|a| decided.contains(a.as_str())) => continue,
                    Some(query) => Self::new(story, &belongs, now).matches(query),
                };
                decided.insert(&feed.slug);
                if selected {
                    belongs.push(feed.slug.clone());
                }
            }
        }
        belongs
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
}
