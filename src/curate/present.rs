//! What of a story may leave the house, and in which form.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use url::Url;

use super::FeedText;
use crate::model::{BodyFrom, CleanHtml, Copied, EditionEntry, Lang, Recommendation, Republish, ShownBody, Story};
use crate::text::{excerpt, fold, head};

/// The most characters of an excerpt.
const EXCERPT: usize = 400;
/// Characters of a text that are kept for an excerpt of it: white space is folded when it is made.
const KEPT: usize = 4 * EXCERPT;

/// What an entry is shown within.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Part of every emitted id.
    pub site_id: &'a str,
    /// Public address, with trailing slash.
    pub base: &'a Url,
    /// Language of entries that have none of their own.
    pub lang: &'a Lang,
    /// Whether the outlets of other copies are named.
    pub credit_others: bool,
    /// The time now: what a clock wrote that has been set back since is shown with no later date.
    pub now: DateTime<Utc>,
}

/// What a source allows: what the file says, else what the source itself syndicates as it gave it, and text that we read
/// from its pages as an excerpt. A source that is read with a secret is private whatever else is said.
#[must_use]
pub fn rights(declared: Option<Republish>, private: bool, from: BodyFrom) -> Republish {
    match (private, declared, from) {
        (true, ..) => Republish::Private,
        (false, Some(declared), _) => declared,
        (false, None, BodyFrom::Feed) => Republish::Full,
        (false, None, BodyFrom::Page) => Republish::Excerpt,
    }
}

/// How many characters of a text may leave under some rights, by a feed that asks for all.
#[must_use]
pub fn leaves(rights: Republish, text: &str) -> usize {
    match rights {
        Republish::Full | Republish::Private => text.chars().count(),
        Republish::Excerpt => excerpt(text, EXCERPT).chars().count(),
        Republish::Link => 0,
    }
}

/// How much of a text may leave; `None`: not even that it is there.
fn cap(rights: Republish, keyed: bool) -> Option<FeedText> {
    match rights {
        Republish::Private if !keyed => None,
        Republish::Private | Republish::Full => Some(FeedText::Full),
        Republish::Excerpt => Some(FeedText::Summary),
        Republish::Link => Some(FeedText::Link),
    }
}

/// A story without what `rights` and the feed's `text` do not let [`present`] show today, to be kept for later: whatever it
/// may show then, it shows no more than today. `None` where nothing may be shown.
#[must_use]
pub fn keep(mut story: Story, rights: Republish, keyed: bool, text: FeedText) -> Option<Story> {
    let text = cap(rights, keyed)?.max(text);
    let lead = &mut story.lead;
    if text != FeedText::Full {
        lead.body = CleanHtml::default();
        lead.text = head(&lead.text, KEPT).to_owned();
        lead.enclosures = Vec::new();
    }
    if text == FeedText::Link {
        lead.text = String::new();
        lead.standfirst = None;
        lead.image = None;
    }
    Some(story)
}

/// A story cut to what `rights` and the feed's `text` allow; `keyed` tells a feed that asks for a secret, the only place
/// where private stories may stand. `None` where nothing may be shown. Which tags have a page is for the publisher to say.
#[must_use]
pub fn present(
    story: &Story,
    rights: Republish,
    keyed: bool,
    text: FeedText,
    recommended: Vec<Recommendation>,
    frame: &Frame<'_>,
) -> Option<EditionEntry> {
    let text = cap(rights, keyed)?.max(text);
    let lead = &story.lead;
    let shows_text = text != FeedText::Link;
    let body = match text {
        FeedText::Full if !lead.body.is_empty() => ShownBody::Full(lead.body.clone()),
        FeedText::Full | FeedText::Summary if !lead.text.trim().is_empty() => {
            ShownBody::Excerpt(excerpt(&lead.text, EXCERPT))
        }
        _ => ShownBody::Nothing,
    };
    let hidden = rights == Republish::Private;
    let page = lead.url.clone().filter(|_| hidden).unwrap_or_else(|| format!("{}story/{}", frame.base, story.id));
    Some(EditionEntry {
        story: story.id.clone(),
        uri: uri(story, frame.site_id),
        title: lead.title.clone(),
        url: lead.url.clone(),
        page,
        hidden,
        outlet: lead.provenance.outlet.clone(),
        origin: lead.provenance.origin.clone(),
        others: if frame.credit_others { others(story) } else { Vec::new() },
        excerpt_of: if frame.credit_others { story.excerpt_of.clone() } else { None },
        byline: lead.byline.clone(),
        standfirst: lead.standfirst.clone().filter(|_| shows_text),
        body,
        lang: lead.lang.clone().unwrap_or_else(|| frame.lang.clone()),
        tags: story.tags.iter().map(|t| t.tag.clone()).collect(),
        tag_pages: HashSet::new(),
        image: lead.image.clone().filter(|_| shows_text),
        enclosures: if text == FeedText::Full { lead.enclosures.clone() } else { Vec::new() },
        published: story.date.min(frame.now),
        updated: story.changed.max(story.date).min(frame.now),
        recommended: recommended.into_iter().map(|r| Recommendation { date: r.date.min(frame.now), ..r }).collect(),
    })
}

/// Who else tells it. What the outlet itself tells once more is no other's.
fn others(story: &Story) -> Vec<Copied> {
    let own = fold(&story.lead.provenance.outlet.name);
    story.others.iter().filter(|other| fold(&other.outlet.name) != own).cloned().collect()
}

/// The emitted id: a tag URI (RFC 4151) that no move of the site and no rebuilt database changes.
#[must_use]
pub fn uri(story: &Story, site_id: &str) -> String {
    format!("tag:{site_id},{}:story/{}", story.first_seen.format("%Y"), story.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Article, ArticleId, CleanHtml, Identity, Outlet, Provenance, SourceName, StoryId};

    fn story() -> Story {
        let source = SourceName::new("agence").unwrap();
        let id = ArticleId::of(&source, &Identity::Guid("1".into()));
        let seen = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let lead = Article {
            id: id.clone(),
            source,
            guid: Some("1".into()),
            url: Some("https://agence.example/1".into()),
            url_key: None,
            rank: 100,
            republish: None,
            entry_hash: 1,
            provenance: Provenance {
                outlet: Outlet { name: "Agence".into(), url: None },
                origin: None,
                via: vec!["https://agence.example/rss".into()],
            },
            title: "Titre".into(),
            standfirst: Some("Le chapô.".into()),
            byline: Vec::new(),
            body: CleanHtml::vouched("<p>Secret.</p>".into()),
            text: "Secret. ".repeat(200),
            body_from: BodyFrom::Page,
            image: None,
            enclosures: Vec::new(),
            lang: None,
            published: None,
            updated: None,
            first_seen: seen,
            tags: Vec::new(),
            given: Default::default(),
        };
        Story {
            id: StoryId::from(id),
            lead,
            others: Vec::new(),
            excerpt_of: None,
            tags: Vec::new(),
            date: seen,
            first_seen: seen,
            changed: seen,
        }
    }

    fn shown(rights: Republish, keyed: bool, text: FeedText) -> Option<EditionEntry> {
        let (base, lang) = (Url::parse("https://feeds.example/").unwrap(), Lang::parse("fr").unwrap());
        let frame =
            Frame { site_id: "feeds.example", base: &base, lang: &lang, credit_others: true, now: story().changed };
        present(&story(), rights, keyed, text, Vec::new(), &frame)
    }

    #[test]
    fn rights_cap_what_a_feed_asks_for() {
        let full = shown(Republish::Full, false, FeedText::Full).unwrap();
        assert_eq!(full.body, ShownBody::Full(CleanHtml::vouched("<p>Secret.</p>".into())));
        let ShownBody::Excerpt(first) = shown(Republish::Excerpt, false, FeedText::Full).unwrap().body else {
            panic!()
        };
        assert!(first.chars().count() <= EXCERPT + 1);
        let link = shown(Republish::Link, false, FeedText::Full).unwrap();
        assert_eq!((link.body, link.standfirst), (ShownBody::Nothing, None));
        let asked = shown(Republish::Full, false, FeedText::Link).unwrap();
        assert_eq!(asked.body, ShownBody::Nothing);
    }

    #[test]
    fn no_date_lies_ahead_where_the_clock_was_set_back() {
        let (base, lang) = (Url::parse("https://feeds.example/").unwrap(), Lang::parse("fr").unwrap());
        for seconds in [-3600, 0, 3600] {
            let now = story().date + chrono::TimeDelta::seconds(seconds);
            let frame = Frame { site_id: "feeds.example", base: &base, lang: &lang, credit_others: true, now };
            let shown = present(&story(), Republish::Full, false, FeedText::Full, Vec::new(), &frame).unwrap();
            let dated = story().date.min(now);
            assert_eq!((shown.published, shown.updated), (dated, dated), "{seconds}");
        }
    }

    #[test]
    fn what_is_kept_shows_the_same_and_never_more() {
        let (base, lang) = (Url::parse("https://feeds.example/").unwrap(), Lang::parse("fr").unwrap());
        let frame =
            Frame { site_id: "feeds.example", base: &base, lang: &lang, credit_others: true, now: story().changed };
        let rights = [Republish::Full, Republish::Excerpt, Republish::Link, Republish::Private];
        let texts = [FeedText::Full, FeedText::Summary, FeedText::Link];
        for (then, text, keyed) in rights.iter().flat_map(|r| texts.map(|t| (*r, t, *r == Republish::Private))) {
            let shown = |story: &Story, rights| present(story, rights, keyed, text, Vec::new(), &frame);
            let kept = keep(story(), then, keyed, text).unwrap();
            assert_eq!(shown(&kept, then), shown(&story(), then), "{then:?} {text:?}");
            // What a keyed feed may show of a private story is all of it.
            let then = if then == Republish::Private { Republish::Full } else { then };
            for later in [Republish::Full, Republish::Excerpt, Republish::Link] {
                assert_eq!(shown(&kept, later), shown(&story(), later.min(then)), "{then:?} {later:?} {text:?}");
            }
        }
        assert!(keep(story(), Republish::Private, false, FeedText::Link).is_none());
    }

    #[test]
    fn an_outlet_is_no_other_of_its_own_story() {
        let (base, lang) = (Url::parse("https://feeds.example/").unwrap(), Lang::parse("fr").unwrap());
        let frame =
            Frame { site_id: "feeds.example", base: &base, lang: &lang, credit_others: true, now: story().changed };
        let mut twice = story();
        let other = |name: &str| Copied {
            article: twice.lead.id.clone(),
            source: twice.lead.source.clone(),
            outlet: crate::model::Outlet { name: name.into(), url: None },
            title: String::new(),
            url: None,
            kind: crate::model::CopyKind::Copy,
            came_as_private: false,
        };
        twice.others = vec![other(&twice.lead.provenance.outlet.name.to_uppercase()), other("Le Phare")];
        let shown = present(&twice, Republish::Full, false, FeedText::Full, Vec::new(), &frame).unwrap();
        assert_eq!(shown.others.iter().map(|o| o.outlet.name.as_str()).collect::<Vec<_>>(), ["Le Phare"]);
    }

    #[test]
    fn private_stories_stand_in_keyed_feeds_only() {
        assert_eq!(shown(Republish::Private, false, FeedText::Full), None);
        assert!(shown(Republish::Private, true, FeedText::Full).is_some());
    }

    #[test]
    fn what_is_not_said_is_decided_by_where_the_text_was_read() {
        assert_eq!(rights(None, false, BodyFrom::Feed), Republish::Full);
        assert_eq!(rights(None, false, BodyFrom::Page), Republish::Excerpt);
        assert_eq!(rights(Some(Republish::Full), false, BodyFrom::Page), Republish::Full);
        assert_eq!(rights(Some(Republish::Full), true, BodyFrom::Feed), Republish::Private);
    }

    #[test]
    fn ids_do_not_depend_on_where_the_site_stands() {
        let entry = shown(Republish::Full, false, FeedText::Full).unwrap();
        assert_eq!(entry.uri, format!("tag:feeds.example,2026:story/{}", story().id));
    }
}
