//! Who tells the event of a story in other words.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use super::Publisher;
use super::likeness::Asked;
use crate::model::{Article, CopyKind, Recommendation, Story, StoryId, Why};
use crate::recommend::{Alongside, Index, Question, Vector};
use crate::store::StoreError;

/// Stories of the same event that a page names.
const MOST_ALONGSIDE: usize = 8;

impl Publisher {
    /// The stories that tell the event of a story in other words, the nearest first. None of them may be private.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn alongside(&self, story: &Story) -> Result<Vec<Alongside>, StoreError> {
        self.alongside_among(story, &mut HashMap::new()).await
    }

    /// The same of one of many: vectors that are held are not read again, those that are read are held.
    pub(super) async fn alongside_among(
        &self,
        story: &Story,
        held: &mut HashMap<StoryId, Vector>,
    ) -> Result<Vec<Alongside>, StoreError> {
        let kept = self.store.vectors(std::slice::from_ref(&story.id)).await?;
        let asked = Arc::new(Asked::like(self, story, kept.get(&story.id), 0));
        let date = story.date;
        let settings = Arc::new(self.settings.recommend.clone());
        let choose = move |index: &Index, question: &Question<'_>| index.contemporaries(question, date);
        let pool = self.pool(&settings, &asked, held, choose).await?;
        let (known, vectors) = (Arc::clone(&self.index), std::mem::take(held));
        let comparing = tokio::task::spawn_blocking(move || {
            let known = known.read().unwrap_or_else(PoisonError::into_inner);
            (asked.with(&settings, |question| known.index.same_event(question, &pool, &vectors)), vectors)
        });
        let mut alongside;
        (alongside, *held) = comparing.await.map_err(|_broke_off| StoreError::BrokeOff)?;
        self.leave_out_waiting(&mut alongside, |alongside| &alongside.story).await?;
        self.leave_out_withdrawn(&mut alongside, |alongside| &alongside.story).await?;
        Ok(alongside)
    }

    /// The same as a story's page shows them.
    pub(super) async fn told_alongside(&self, story: &Story) -> Result<Vec<Recommendation>, StoreError> {
        let mut alongside = self.alongside(story).await?;
        // The text that holds this one, and those that it holds, are named as that.
        let whole = story.excerpt_of.as_ref().map(|whole| &whole.story);
        let parts = story.others.iter().filter(|other| other.kind == CopyKind::Excerpt);
        let parts: Vec<StoryId> = parts.map(|part| StoryId::from(part.article.clone())).collect();
        alongside.retain(|a| whole != Some(&a.story) && !parts.contains(&a.story));
        alongside.truncate(MOST_ALONGSIDE);
        let ids: Vec<StoryId> = alongside.iter().map(|a| a.story.clone()).collect();
        let mut leads: HashMap<StoryId, Article> =
            self.store.stories(&ids).await?.into_iter().map(|s| (s.id, s.lead)).collect();
        let told = alongside.into_iter().filter_map(|a| Some((leads.remove(&a.story)?, a)));
        Ok(self.worded(told.map(|(lead, a)| (a.story, a.likeness, Why::default(), lead))))
    }
}
