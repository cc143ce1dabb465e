//! Learnt tags: what the stories that are most like a new one carry, given to it when it comes.

use std::collections::{HashMap, HashSet};

use super::Publisher;
use crate::model::{Story, StoryId, TagOrigin, Tagged};
use crate::store::{Shelf, StoreError};
use crate::tag::learn::{Learnt, Neighbour, learn};

/// Teaches those of these stories that have not been admitted yet, each once; later they keep what they learnt. Does nothing
/// where the file does not ask for it.
pub(super) async fn teach(publisher: &Publisher, stories: &[Story]) -> Result<(), StoreError> {
    if publisher.settings.tagging.learn.is_none() {
        return Ok(());
    }
    let ids: Vec<StoryId> = stories.iter().map(|s| s.id.clone()).collect();
    let admitted = publisher.store.admitted(&ids).await?;
    let mut taught = Vec::new();
    let has_learnt = |s: &Story| s.tags.iter().any(|t| t.origin == TagOrigin::Learned);
    for story in stories.iter().filter(|s| !admitted.contains(&s.id) && !has_learnt(s)) {
        let tags: Vec<Tagged> = publisher.learnt(story).await?.into_iter().map(tagged).collect();
        if !tags.is_empty() {
            taught.push((story.id.clone(), tags));
        }
    }
    if !taught.is_empty() {
        publisher.store.learn(taught).await?;
    }
    Ok(())
}

fn tagged(learnt: Learnt) -> Tagged {
    Tagged { tag: learnt.tag, origin: TagOrigin::Learned }
}

impl Publisher {
    /// What the stories that are most like one teach about it now, the surest first, each tag with the stories that it comes
    /// from. Nothing where the file does not ask for it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn learnt(&self, story: &Story) -> Result<Vec<Learnt>, StoreError> {
        let Some(settings) = self.settings.tagging.learn else { return Ok(Vec::new()) };
        let near: HashMap<StoryId, f32> = self.nearest(story, settings.neighbours).await?.into_iter().collect();
        let ids: Vec<StoryId> = near.keys().cloned().collect();
        let stories = self.store.stories(&ids).await?;
        let neighbours: Vec<Neighbour<'_>> = stories
            .iter()
            // What stands under a private source is not told by a tag elsewhere.
            .filter(|s| !self.is_hidden(s))
            .filter_map(|s| Some(Neighbour { story: &s.id, likeness: *near.get(&s.id)?, tags: &s.lead.tags }))
            .collect();
        let own: Vec<Tagged> = story.tags.iter().filter(|t| t.origin != TagOrigin::Learned).cloned().collect();
        let keys: HashSet<&str> = neighbours.iter().flat_map(|n| n.tags).map(|t| t.tag.key()).collect();
        let mut carried = HashMap::new();
        for key in keys {
            carried.insert(key, self.store.count_in(&Shelf::Tag(key.to_owned())).await?);
        }
        let carried = |key: &str| carried.get(key).copied().unwrap_or_default();
        Ok(learn(&neighbours, &own, &carried, &self.settings.tagging, &settings))
    }
}
