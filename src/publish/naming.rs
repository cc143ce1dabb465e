//! Names in a search: those that the file replaces by others, and those that nothing has.

use super::Publisher;
use super::editions::ALL_TAGS;
use crate::model::{Mistake, SourceName, Tag, Wrong};
use crate::query::Query;
use crate::store::StoreError;
use crate::text::{fold, nearest, tag_key};

/// Names that nothing has, of each kind, of which the nearest is looked for.
const UNKNOWN: usize = 10;

impl Publisher {
    /// A query with the tags that are given in place of those that it names. What it asks of a feed that is not there, or that has a
    /// key, holds of nothing.
    pub(super) fn as_named(&self, query: Query) -> Query {
        let open = |name: &str| self.settings.feeds.iter().any(|f| f.key.is_none() && f.slug == name);
        query.renamed(&|tag| self.settings.tagging.aliases.get(tag).map(|tag| tag.key().to_owned()), &open)
    }

    /// Feeds that are not there; one with a key is not there for who does not give it.
    pub(super) fn unknown_feeds(&self, query: &Query) -> Vec<Mistake> {
        let known: Vec<&str> =
            self.settings.feeds.iter().filter(|f| f.key.is_none()).map(|f| f.slug.as_str()).collect();
        let names = query.names().feeds.into_iter();
        let unknown = names.filter(|(name, _)| !known.contains(&name.to_lowercase().as_str()));
        unknown
            .take(UNKNOWN)
            .map(|(name, span)| Mistake::new(span, format!("feed `{name}` is not known")).near(&name, &known))
            .collect()
    }

    /// Sources, outlets and tags that nothing has. Where something was found, names that may have been in the file once are not
    /// looked into.
    pub(super) async fn unknown(&self, query: &Query, nothing_found: bool) -> Result<Vec<Mistake>, StoreError> {
        let mut notes = self.unknown_sources(query, nothing_found).await?;
        if nothing_found {
            notes.extend(self.unknown_outlets(query).await?);
        }
        notes.extend(self.unknown_tags(query, nothing_found).await?);
        Ok(notes)
    }

    async fn unknown_sources(&self, query: &Query, nothing_found: bool) -> Result<Vec<Mistake>, StoreError> {
        let known = self.settings.sources.keys().filter(|name| !self.is_private(name));
        let known: Vec<&str> = known.map(SourceName::as_str).collect();
        let mut unknown = query.names().sources;
        unknown.retain(|(name, _)| !known.iter().any(|k| fold(k) == fold(name)));
        if !unknown.is_empty() && !nothing_found {
            let stored = self.store.source_states().await?;
            unknown.retain(|(name, _)| !stored.iter().any(|(k, _)| fold(k.as_str()) == fold(name)));
        }
        let told = unknown.into_iter().take(UNKNOWN);
        Ok(told
            .map(|(name, span)| Mistake::new(span, format!("source `{name}` is not known")).near(&name, &known))
            .collect())
    }

    /// An outlet that the file does not name is called what its feed calls itself.
    async fn unknown_outlets(&self, query: &Query) -> Result<Vec<Mistake>, StoreError> {
        let names = query.names().outlets;
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let told = self.store.outlets().await?;
        let told = told.iter().map(|(name, outlet)| (name, outlet.name.as_str()));
        let declared = self.settings.sources.iter().map(|(name, (_, outlet, _))| (name, outlet.name.as_str()));
        let shown = told
            .chain(declared)
            .filter(|(name, _)| !self.is_private(name) && self.settings.sources.contains_key(*name));
        let known: Vec<&str> = shown.map(|(_, outlet)| outlet).collect();
        let unknown = names.into_iter().filter(|(name, _)| !known.iter().any(|k| fold(k) == fold(name)));
        let unknown = unknown.take(UNKNOWN);
        let told = |(name, span): (String, _)| {
            Mistake::new(span, format!("no story is told by outlet `{name}`")).near(&name, &known)
        };
        Ok(unknown.map(told).collect())
    }

    /// Tags that no story has that may be seen, among the many that are known.
    async fn unknown_tags(&self, query: &Query, nothing_found: bool) -> Result<Vec<Mistake>, StoreError> {
        let mut named = query.names().tags;
        let given = |name: &str| {
            let key = tag_key(name);
            self.settings.tagging.aliases.get(&key).map_or(key.clone(), |tag| tag.key().to_owned())
        };
        if !nothing_found {
            let mut unknown = Vec::new();
            for (name, span) in named.into_iter().take(UNKNOWN) {
                if self.store.tag(&given(&name)).await?.is_none() {
                    unknown.push((name, span));
                }
            }
            named = unknown;
        }
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let tags = self.tags(ALL_TAGS).await?;
        let known: Vec<&str> = tags.iter().map(|(tag, _)| Tag::shown(tag)).collect();
        named.retain(|(name, _)| !tags.iter().any(|(tag, _)| tag.key() == given(name)));
        let told = named.into_iter().take(UNKNOWN);
        Ok(told
            .map(|(name, span)| Mistake::new(span, format!("no story has the tag `{name}`")).near(&name, &known))
            .collect())
    }
}

/// Proposes the name that may have been meant.
trait Near {
    fn near(self, written: &str, known: &[&str]) -> Self;
}

impl Near for Mistake {
    fn near(self, written: &str, known: &[&str]) -> Self {
        match nearest(written, known.iter().copied()) {
            Some(name) => self.of(Wrong::NotThere).proposing(name),
            None => self.of(Wrong::NotThere),
        }
    }
}
