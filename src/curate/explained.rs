//! Why an article is dated, known, led and republished as it is: the reasons of an explanation that nothing has to be looked
//! up for.

use std::collections::HashSet;

use url::Url;

use super::{Feed, Listed};
use crate::model::{
    Article, ArticleId, BodyFrom, Copied, CopyKind, DatedBy, KnownBy, LeadBy, Member, Overlap, Republish, RightsBy,
    SourceName, Story, StoryId, Tag, TagOrigin, TagReason, Tagged, Trace,
};
use crate::query::Query;

/// The most rules told of one tag.
const MOST_RULES: usize = 20;
/// Parts of the names of parameters whose values are no business of anybody.
const SECRETS: [&str; 9] = ["auth", "cookie", "key", "pass", "secret", "session", "sig", "token", "user"];

/// By what an article is known again.
#[must_use]
pub fn known_by(article: &Article) -> KnownBy {
    match (&article.guid, &article.url_key) {
        (Some(guid), _) if !guid.trim().is_empty() => KnownBy::Guid,
        (_, Some(_)) => KnownBy::Address,
        _ => KnownBy::Text,
    }
}

/// Why an article is listed under its date.
#[must_use]
pub fn dated_by(article: &Article) -> DatedBy {
    match article.published {
        None => DatedBy::FirstSeen,
        Some(published) if published > article.first_seen => DatedBy::StillToCome,
        Some(_) => DatedBy::Itself,
    }
}

/// Why so much of an article may leave: `declared` and `private` are what [`super::rights`] goes by.
#[must_use]
pub fn rights_by(declared: Option<Republish>, private: bool, from: BodyFrom) -> RightsBy {
    match (private || declared == Some(Republish::Private), declared, from) {
        (true, ..) => RightsBy::Private,
        (false, Some(_), _) => RightsBy::File,
        (false, None, BodyFrom::Feed) => RightsBy::Syndicated,
        (false, None, BodyFrom::Page) => RightsBy::ReadOnPage,
    }
}

/// Why the first of a story's articles leads it. `keys` are, for each article in the same order, the canonical keys of its
/// address and of the original that it names.
#[must_use]
pub fn lead_by(members: &[Member], keys: &[(Option<&str>, Option<&str>)]) -> LeadBy {
    let [lead, others @ ..] = members else { return LeadBy::Alone };
    let lead_key = keys.first().and_then(|(url, _)| *url);
    if others.is_empty() {
        LeadBy::Alone
    } else if lead_key.is_some() && keys.iter().skip(1).any(|(_, origin)| *origin == lead_key) {
        LeadBy::Named
    } else if others.iter().all(|other| (lead.private, lead.rank) < (other.private, other.rank)) {
        LeadBy::Rank
    } else {
        LeadBy::First
    }
}

/// Why a story has each of its tags. `tellers` are the outlets of its articles with their tags, the lead first; `rules` are
/// those of the file that may be told, each with the key of the tag that it gives.
#[must_use]
pub fn tag_reasons(
    tags: &[Tagged],
    tellers: &[(&str, &[Tagged])],
    rules: &[(String, &Query)],
    listed: &Listed,
) -> Vec<TagReason> {
    let has = |tagged: &[Tagged], tag: &Tag| tagged.iter().any(|t| t.tag == *tag);
    let reason = |tagged: &Tagged| {
        let by_lead = tellers.first().is_none_or(|(_, tags)| has(tags, &tagged.tag));
        let brought_by = tellers.iter().skip(1).find(|(_, tags)| !by_lead && has(tags, &tagged.tag));
        let asked = rules.iter().filter(|(key, _)| tagged.origin == TagOrigin::Rules && key == tagged.tag.key());
        TagReason {
            tag: tagged.tag.shown().to_owned(),
            key: tagged.tag.key().to_owned(),
            origin: tagged.origin,
            brought_by: brought_by.map(|(outlet, _)| (*outlet).to_owned()),
            rules: asked.take(MOST_RULES).filter_map(|(_, query)| listed.trace(query)).collect(),
        }
    };
    tags.iter().map(reason).collect()
}

/// What the public may not learn: names of private sources and their outlets, and of feeds with a key.
#[derive(Debug, Clone, Default)]
pub struct Hidden {
    /// Private sources.
    pub sources: Vec<SourceName>,
    /// Names of their outlets.
    pub outlets: Vec<String>,
    /// Slugs of feeds with a key.
    pub feeds: Vec<String>,
}

impl Hidden {
    /// Whether a query names something of it.
    #[must_use]
    pub fn is_named_by(&self, query: &Query) -> bool {
        let same = |a: &str, b: &str| crate::text::fold(a.trim()) == crate::text::fold(b.trim());
        let names = query.names();
        names.sources.iter().any(|(name, _)| self.sources.iter().any(|s| same(s.as_str(), name)))
            || names.outlets.iter().any(|(name, _)| self.outlets.iter().any(|o| same(o, name)))
            || names.feeds.iter().any(|(name, _)| self.feeds.iter().any(|f| same(f, name)))
    }
}

/// The query of a feed asked of a story, where it may be told: it names nothing hidden, and what may be seen of the story
/// explains the answer. Gives also whether it is hidden.
#[must_use]
pub fn told_query(feed: &Feed, listed: &Listed, selected: bool, hidden: &Hidden) -> (Option<Trace>, bool) {
    let Some(query) = &feed.select else { return (None, false) };
    let trace = listed.trace(query).filter(|trace| trace.held == selected && !hidden.is_named_by(query));
    let is_hidden = trace.is_none();
    (trace, is_hidden)
}

/// The story that holds a story's text, and those that its text holds, where they stand by themselves: as far as they may be
/// told, by the source of each and whether that was private.
pub fn overlaps(
    story: &Story,
    members: &HashSet<&ArticleId>,
    may_be_told: impl Fn(&SourceName, bool) -> bool,
) -> (Option<Overlap>, Vec<Overlap>) {
    let whole =
        story.excerpt_of.as_ref().filter(|whole| whole.admitted && may_be_told(&whole.source, whole.came_as_private));
    let whole = whole.map(|whole| Overlap {
        story: whole.story.clone(),
        outlet: whole.outlet.name.clone(),
        title: whole.title.clone(),
        url: whole.url.clone(),
    });
    let is_beside = |other: &&Copied| {
        let is_member = members.contains(&other.article);
        other.kind == CopyKind::Excerpt && !is_member && may_be_told(&other.source, other.came_as_private)
    };
    let held = story.others.iter().filter(is_beside).map(|other| Overlap {
        story: StoryId::from(other.article.clone()),
        outlet: other.outlet.name.clone(),
        title: other.title.clone(),
        url: other.url.clone(),
    });
    (whole, held.collect())
}

/// An address without what may be a secret: never user and password, nor the values of parameters that are called like one;
/// `bare` leaves host and path.
#[must_use]
pub fn without_secrets(written: &str, bare: bool) -> Option<String> {
    let mut url = Url::parse(written).ok()?;
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    if bare {
        url.set_query(None);
    } else if url.query().is_some() {
        let secret = |name: &str| SECRETS.iter().any(|part| name.to_lowercase().contains(part));
        let pairs: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| (name.to_string(), if secret(&name) { "…".to_owned() } else { value.to_string() }))
            .collect();
        let masked = pairs.iter().any(|(_, value)| value == "…");
        if masked {
            url.query_pairs_mut().clear().extend_pairs(pairs);
        }
    }
    Some(url.to_string().replace("=%E2%80%A6", "=…"))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::Identity;

    fn member(name: &str, rank: u32) -> Member {
        let source = SourceName::new(name).unwrap();
        Member {
            article: ArticleId::of(&source, &Identity::Guid(name.into())),
            source,
            outlet: name.into(),
            title: String::new(),
            url: None,
            kind: CopyKind::Copy,
            why: None,
            rank,
            private: false,
            first_seen: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_lead_leads_for_a_reason() {
        let of = |ranks: &[u32], keys: &[(Option<&str>, Option<&str>)]| {
            let members: Vec<Member> = ranks.iter().map(|r| member("a", *r)).collect();
            lead_by(&members, keys)
        };
        assert_eq!(of(&[9], &[(Some("a"), Some("a"))]), LeadBy::Alone);
        assert_eq!(of(&[9, 1], &[(Some("a"), None), (Some("b"), Some("a"))]), LeadBy::Named);
        assert_eq!(of(&[1, 9, 2], &[(None, None), (None, None), (None, None)]), LeadBy::Rank);
        assert_eq!(of(&[2, 2], &[(Some("a"), None), (Some("b"), Some("c"))]), LeadBy::First);
    }

    #[test]
    fn rights_are_told_with_their_reason() {
        for (declared, private, from, by) in [
            (None, false, BodyFrom::Feed, RightsBy::Syndicated),
            (None, false, BodyFrom::Page, RightsBy::ReadOnPage),
            (Some(Republish::Link), false, BodyFrom::Feed, RightsBy::File),
            (Some(Republish::Private), false, BodyFrom::Feed, RightsBy::Private),
            (Some(Republish::Full), true, BodyFrom::Feed, RightsBy::Private),
        ] {
            assert_eq!(rights_by(declared, private, from), by);
        }
    }

    #[test]
    fn what_is_hidden_is_known_in_any_spelling() {
        let hidden = Hidden {
            sources: vec![SourceName::new("Évasion").unwrap()],
            outlets: vec!["La Lettre".into()],
            feeds: vec!["abonnes".into()],
        };
        for (query, named) in [
            ("gaza", false),
            ("source:evasion", true),
            ("mer OR -(a source:autre OR source:ÉVASION)", true),
            ("outlet:\"la lettre\"", true),
            ("gaza -feed:Abonnes", true),
            ("evasion \"la lettre\" feed:autre", false),
        ] {
            assert_eq!(hidden.is_named_by(&Query::parse(query).unwrap()), named, "{query}");
        }
    }

    #[test]
    fn addresses_lose_their_secrets() {
        for (written, owners, public) in [
            ("https://u:p@a.example/rss?n=5#x", "https://a.example/rss?n=5", "https://a.example/rss"),
            ("https://a.example/rss?n=5&API_Key=s3", "https://a.example/rss?n=5&API_Key=…", "https://a.example/rss"),
            ("https://a.example/?access_token=s3", "https://a.example/?access_token=…", "https://a.example/"),
            ("https://a.example/é", "https://a.example/%C3%A9", "https://a.example/%C3%A9"),
        ] {
            assert_eq!(without_secrets(written, false).as_deref(), Some(owners), "{written}");
            assert_eq!(without_secrets(written, true).as_deref(), Some(public), "{written}");
        }
        assert_eq!(without_secrets("no address", false), None);
    }
}
