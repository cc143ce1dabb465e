//! What may leave, of which source: as the file says today, else as it said when the article came.

use super::Publisher;
use crate::model::{Article, BodyFrom, Copied, Republish, SourceName, Story};

/// What a source allows of its articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceRights {
    /// What the file says.
    pub republish: Option<Republish>,
    /// Whether it is read with a secret.
    pub private: bool,
}

impl Publisher {
    /// The sources that only keyed feeds may show, in order.
    pub(super) fn private(&self) -> Vec<SourceName> {
        let mut private: Vec<_> = self.settings.sources.keys().filter(|name| self.is_private(name)).cloned().collect();
        private.sort();
        private
    }

    /// A story of a private source stands in no list either.
    pub(super) fn is_private(&self, source: &SourceName) -> bool {
        let rights = self.settings.sources.get(source).map(|(rights, ..)| *rights);
        rights.is_some_and(|r| r.private || r.republish == Some(Republish::Private))
    }

    /// Whether only keyed feeds may tell of an article. What came as private stays so when its source leaves the file.
    pub(super) fn hides_from(&self, source: &SourceName, came_as_private: bool) -> bool {
        self.is_private(source) || came_as_private && !self.settings.sources.contains_key(source)
    }

    /// Whether only keyed feeds may tell of a copy.
    pub(super) fn hides_copy(&self, copy: &Copied) -> bool {
        self.hides_from(&copy.source, copy.came_as_private)
    }

    /// Whether nobody may see a story, or only who has a key.
    pub(super) fn is_hidden(&self, story: &Story) -> bool {
        self.rights(&story.lead) == Republish::Private || self.is_withdrawn(story)
    }

    pub(super) fn rights(&self, article: &Article) -> Republish {
        self.rights_of(&article.source, article.republish, article.body_from)
    }

    pub(super) fn rights_of(
        &self,
        source: &SourceName,
        came_under: Option<Republish>,
        body_from: BodyFrom,
    ) -> Republish {
        let known = self.settings.sources.get(source).map(|(rights, ..)| *rights);
        // What came under some right keeps it when its source leaves the file.
        let gone = SourceRights { republish: came_under, private: came_under == Some(Republish::Private) };
        let SourceRights { republish, private } = known.unwrap_or(gone);
        crate::curate::rights(republish, private, body_from)
    }
}
