//! Which tags have a page; and the tags of stored articles, made anew when the file has changed.

use std::collections::HashSet;

use super::Publisher;
use crate::model::{EditionEntry, SourceName, Tag};
use crate::store::{ExportedArticle, Retagging, StoreError};
use crate::tag::{self, Pages};

/// Articles that get their tags anew at a time.
const BATCH: usize = 200;
/// The log tells how far it has come whenever so many more articles are done.
const TOLD_EVERY: usize = 10_000;

/// What came of a piece of retagging.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retagged {
    /// Whether there is more to do.
    pub more: bool,
    /// How many articles have other tags now.
    pub changed: usize,
}

/// How far giving stored articles their tags anew has come in this process.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The newest publisher that has begun: an older one does not undo its work.
    generation: u64,
    seen: usize,
    changed: usize,
}

impl Publisher {
    /// Gives a batch of stored articles the tags that the file as it is now would give them, where they have those of an
    /// older one. Goes on where it stopped, also after a restart; costs one look-up when nothing has changed. To be called
    /// until there is no more to do, then [`Publisher::renew`].
    ///
    /// # Errors
    /// When the store fails; what was done stays.
    pub async fn retag(&self) -> Result<Retagged, StoreError> {
        let mut progress = self.retagging.lock().await;
        if progress.generation > self.generation {
            return Ok(Retagged::default());
        }
        progress.begin(self.generation);
        let Some(after) = self.store.tagged_upto(self.tagged_by).await? else { return Ok(Retagged::default()) };
        let batch = self.store.articles(Some(after), BATCH).await?;
        let last = batch.len() < BATCH;
        let upto = batch.last().map_or(after, |a| a.position);
        let (settings, seen) = (self.settings.clone(), batch.len());
        // Folding is work for a core: it must not hold up what waits for the network.
        let made = tokio::task::spawn_blocking(move || {
            let retagged = batch.iter().map(|a| {
                let ExportedArticle { position, article, .. } = a;
                (*position, article.entry_hash, tag::of_article(article, &settings.tagging))
            });
            retagged.collect()
        });
        let articles = made.await.map_err(|_broke_off| StoreError::BrokeOff)?;
        let retagging = Retagging { rules: self.tagged_by, after, upto, last, articles };
        let changed = self.store.retag(retagging).await?;
        progress.tell(seen, changed, last);
        Ok(Retagged { more: !last, changed })
    }

    /// The tags that have a page and that everybody may see, most used first. Where stories wait before they are published, a tag
    /// that only such carry waits with them.
    pub(super) async fn tags(&self, limit: usize) -> Result<Vec<(Tag, u64)>, StoreError> {
        let tags = self.used_tags(limit).await?;
        if !self.settles() {
            return Ok(tags);
        }
        let shown = self.store.tags_that_show(tags.iter().map(|(tag, _)| tag.key().to_owned()).collect()).await?;
        Ok(tags.into_iter().filter(|(tag, _)| shown.contains(tag.key())).collect())
    }

    async fn used_tags(&self, limit: usize) -> Result<Vec<(Tag, u64)>, StoreError> {
        let declared = || self.settings.tagging.declared.iter().cloned().collect();
        let all = self.settings.tagging.pages == Pages::All;
        let known: Vec<SourceName> = self.settings.sources.keys().cloned().collect();
        let mut hidden = self.store.tags_owed_to(&self.private(), &known).await?;
        for (key, stories) in self.withdrawn_of_tags().into_iter().chain(self.still_withdrawn_of_tags().await?) {
            *hidden.entry(key).or_default() += stories;
        }
        if hidden.is_empty() {
            return self.store.tags_with_page(declared(), all, limit).await;
        }
        let mut tags = self.store.tags_with_page(declared(), all, limit.saturating_add(hidden.len())).await?;
        for (tag, stories) in &mut tags {
            *stories = stories.saturating_sub(hidden.get(tag.key()).copied().unwrap_or(0));
        }
        tags.retain(|(_, stories)| *stories > 0);
        tags.sort_by(|(a, of_a), (b, of_b)| of_b.cmp(of_a).then_with(|| a.key().cmp(b.key())));
        tags.truncate(limit);
        Ok(tags)
    }

    /// A tag that has a page, by its key.
    pub(super) async fn tag_with_page(&self, key: &str) -> Result<Option<Tag>, StoreError> {
        let Some(tag) = self.store.tag(key).await? else { return Ok(None) };
        let pages = self.pages(HashSet::from([key.to_owned()])).await?;
        Ok(pages.contains(key).then_some(tag))
    }

    /// Says of each entry which of its tags have a page.
    pub(super) async fn link_tags(&self, entries: &mut [EditionEntry]) -> Result<(), StoreError> {
        let keys = entries.iter().flat_map(|e| &e.tags).map(|tag| tag.key().to_owned());
        let pages = self.pages(keys.collect()).await?;
        for entry in entries.iter_mut() {
            let linked = entry.tags.iter().map(Tag::key).filter(|key| pages.contains(*key));
            entry.tag_pages = linked.map(str::to_owned).collect();
        }
        self.unlink_hidden(entries).await
    }

    /// A tag that only hidden stories have is nobody's page.
    async fn unlink_hidden(&self, entries: &mut [EditionEntry]) -> Result<(), StoreError> {
        if !entries.iter().any(|entry| entry.hidden && !entry.tag_pages.is_empty()) {
            return Ok(());
        }
        let seen: HashSet<String> =
            self.tags(super::editions::ALL_TAGS).await?.into_iter().map(|(tag, _)| tag.key().to_owned()).collect();
        for entry in entries.iter_mut().filter(|entry| entry.hidden) {
            entry.tag_pages.retain(|key| seen.contains(key));
        }
        Ok(())
    }

    /// Those of these keys whose tags have a page.
    async fn pages(&self, keys: HashSet<String>) -> Result<HashSet<String>, StoreError> {
        let tagging = &self.settings.tagging;
        let (mut pages, others): (HashSet<_>, HashSet<_>) =
            keys.into_iter().partition(|key| tagging.declared.contains(key));
        if tagging.pages == Pages::All && !others.is_empty() {
            pages.extend(self.store.have_earned_pages(others).await?);
        }
        Ok(pages)
    }
}

impl Progress {
    fn begin(&mut self, generation: u64) {
        if self.generation != generation {
            *self = Self { generation, ..Self::default() };
        }
    }

    fn tell(&mut self, seen: usize, changed: usize, last: bool) {
        let before = self.seen / TOLD_EVERY;
        self.seen += seen;
        self.changed += changed;
        if last && self.seen > 0 {
            tracing::info!("tags: {} stored articles looked at, {} have others now", self.seen, self.changed);
            *self = Self { generation: self.generation, ..Self::default() };
        } else if self.seen / TOLD_EVERY > before {
            tracing::info!("tags: {} stored articles looked at so far, {} have others now", self.seen, self.changed);
        }
    }
}
