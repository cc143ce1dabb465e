//! What a revision changes of an article.

use crate::model::{Article, TagOrigin};

use super::labels;

/// What of an article differs from what was kept.
#[derive(Default)]
pub(super) struct Change {
    /// Body or plain text.
    pub(super) content: bool,
    /// What is shown beside the body: standfirst, names, picture, files.
    around: bool,
    /// What other stories show of it when they recommend it or credit it.
    pub(super) head: bool,
    /// Tags.
    pub(super) tags: bool,
}

impl Change {
    pub(super) fn between(old: &Article, new: &Article) -> Self {
        let spelt = |a: &Article| {
            let given = labels::spelt(&a.tags).into_iter();
            given.filter(|(.., origin)| *origin != TagOrigin::Learned).collect::<Vec<_>>()
        };
        Self {
            content: old.body != new.body || old.text != new.text,
            around: old.standfirst != new.standfirst
                || old.byline != new.byline
                || old.image != new.image
                || old.enclosures != new.enclosures
                || old.provenance.origin != new.provenance.origin,
            head: old.title != new.title
                || old.url != new.url
                || old.lang != new.lang
                || old.provenance.outlet != new.provenance.outlet,
            tags: spelt(old) != spelt(new),
        }
    }

    /// Whether readers should be told that it was updated. New tags alone are not worth that.
    pub(super) fn is_real(&self) -> bool {
        self.content || self.around || self.head
    }

    pub(super) fn any(&self) -> bool {
        self.is_real() || self.tags
    }
}
