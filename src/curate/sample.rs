//! Stories to arrange in tests.

use chrono::{DateTime, Utc};

use crate::model::{
    Article, ArticleId, BodyFrom, CleanHtml, Copied, CopyKind, Identity, Outlet, Provenance, SourceName, Story, StoryId,
};

/// When all of them were written.
pub(super) fn written() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}

fn outlet(name: &str) -> Outlet {
    Outlet { name: name.into(), url: None }
}

/// A story of a few words that one source tells; its outlet is called as the source, in capitals.
pub(super) fn story(guid: &str, source: &str) -> Story {
    let id = ArticleId::of(&SourceName::new("founder").unwrap(), &Identity::Guid(guid.into()));
    let lead = Article {
        id: id.clone(),
        source: SourceName::new(source).unwrap(),
        guid: Some(guid.into()),
        url: Some(format!("https://{source}.example/{guid}")),
        url_key: None,
        rank: 100,
        republish: None,
        entry_hash: 1,
        provenance: Provenance { outlet: outlet(&source.to_uppercase()), origin: None, via: Vec::new() },
        title: format!("Titre {guid}"),
        standfirst: Some("Le chapô.".into()),
        byline: Vec::new(),
        body: CleanHtml::vouched("<p>Le texte.</p>".into()),
        text: "Le texte.".into(),
        body_from: BodyFrom::Feed,
        image: None,
        enclosures: Vec::new(),
        lang: None,
        published: None,
        updated: None,
        first_seen: written(),
        tags: Vec::new(),
        given: Default::default(),
    };
    Story {
        id: StoryId::from(id),
        lead,
        others: Vec::new(),
        excerpt_of: None,
        tags: Vec::new(),
        date: written(),
        first_seen: written(),
        changed: written(),
    }
}

/// Another article of a story.
pub(super) fn copy(source: &str, name: &str, kind: CopyKind) -> Copied {
    let source = SourceName::new(source).unwrap();
    let article = ArticleId::of(&source, &Identity::Guid(name.into()));
    Copied { article, source, outlet: outlet(name), title: String::new(), url: None, kind, came_as_private: false }
}
