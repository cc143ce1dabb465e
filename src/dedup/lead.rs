//! Which article of a story is shown.

use url::Url;

use super::{LeadBy, is_of_one_article};
use crate::model::{Article, ArticleId, CopyKind, Known, KnownStory, StoryId};
use crate::text::{fold, url_key};

/// An article that may lead, as far as that matters.
struct Standing<'a> {
    id: &'a ArticleId,
    url_key: Option<&'a str>,
    outlet: String,
    /// A copy that everybody may see goes before one that few may; then the lower rank.
    rank: (bool, u32),
}

impl<'a> Standing<'a> {
    fn of(article: &'a Article) -> Self {
        let rank = (article.came_as_private(), article.rank);
        let outlet = outlet_key(&article.provenance.outlet.name);
        Self { id: &article.id, url_key: article.url_key.as_deref(), outlet, rank }
    }

    fn lead_of(story: &'a KnownStory) -> Self {
        let rank = (story.lead_private, story.lead_rank);
        let outlet = outlet_key(&story.lead_outlet);
        Self { id: &story.lead, url_key: story.lead_url_key.as_deref(), outlet, rank }
    }

    /// Whether it leads in place of another: it is the original that a member names; else it ranks before the other, and
    /// that is nobody's named original.
    fn goes_before(&self, other: &Self, origins: &[&str], by: LeadBy) -> bool {
        let named = |one: &Self| by == LeadBy::Original && one.is_named(origins);
        by != LeadBy::First && (named(self) || self.rank < other.rank) && !named(other)
    }

    fn is_named(&self, origins: &[&str]) -> bool {
        origins.iter().any(|origin| Some(*origin) == self.url_key || *origin == self.outlet)
    }
}

/// Whether a new copy takes the lead of a story.
pub(super) fn takes_the_lead(article: &Article, story: &KnownStory, by: LeadBy) -> bool {
    let own = origin_key(article);
    let origins: Vec<&str> = story.origins.iter().map(String::as_str).chain(own.as_deref()).collect();
    Standing::of(article).goes_before(&Standing::lead_of(story), &origins, by)
}

/// Whether a copy may take the place of a lead that is only its beginning: the file prefers no other. A short part is no copy
/// of its whole, so that its rank counts for nothing; but who may be seen by few does not replace who may be seen by all.
pub(super) fn may_replace(article: &Article, story: &KnownStory, by: LeadBy, short_part: bool) -> bool {
    let (new, lead) = (Standing::of(article), Standing::lead_of(story));
    let origins: Vec<&str> = story.origins.iter().map(String::as_str).collect();
    let named = lead.is_named(&origins);
    let ranks = if short_part { new.rank.0 <= lead.rank.0 } else { new.rank <= lead.rank };
    by != LeadBy::First && ranks && !(named && by == LeadBy::Original)
}

/// The article that leads stories which turn out to be one, together with the article that shows it; `None`: the elder's
/// lead stays.
pub(super) fn of_merged(article: &Article, stories: &[&KnownStory], by: LeadBy) -> Option<ArticleId> {
    let own = origin_key(article);
    let named = stories.iter().flat_map(|s| &s.origins).map(String::as_str);
    let origins: Vec<&str> = named.chain(own.as_deref()).collect();
    let mut eldest_first = stories.to_vec();
    eldest_first.sort_by(|a, b| (a.first_seen, &a.id).cmp(&(b.first_seen, &b.id)));
    let mut all = eldest_first.into_iter().map(Standing::lead_of).chain([Standing::of(article)]);
    let elder = all.next()?;
    let mut leads = None;
    for next in all {
        if next.goes_before(leads.as_ref().unwrap_or(&elder), &origins, by) {
            leads = Some(next);
        }
    }
    leads.map(|l| l.id.clone())
}

/// The copy in a story that a new article names as its original, where another leads that nobody names.
pub(super) fn named_by(article: &Article, story: &StoryId, known: &Known, by: LeadBy) -> Option<ArticleId> {
    let (origin, of) = (origin_key(article)?, known.stories.iter().find(|s| s.id == *story)?);
    let origins: Vec<&str> = of.origins.iter().map(String::as_str).chain([origin.as_str()]).collect();
    if by != LeadBy::Original || Standing::lead_of(of).is_named(&origins) {
        return None;
    }
    let members = known.candidates.iter().filter(|c| c.story == *story && c.kind == CopyKind::Copy);
    let mut named = members.filter(|c| c.url_key.as_ref() == Some(&origin) || outlet_key(&c.outlet) == origin);
    named.next().map(|c| c.id.clone())
}

/// What an article names as its origin: the key of its address, or the name of an outlet where no address of an article stands.
#[must_use]
pub fn origin_key(article: &Article) -> Option<String> {
    let origin = article.provenance.origin.as_ref()?;
    let key = origin.url.as_deref().and_then(|url| Url::parse(url).ok()).map(|url| url_key(&url));
    key.filter(|key| is_of_one_article(key)).or_else(|| (!origin.name.is_empty()).then(|| outlet_key(&origin.name)))
}

/// Stands for an outlet by its name, beside the keys of addresses, which hold no space.
#[must_use]
pub fn outlet_key(name: &str) -> String {
    format!("outlet {}", fold(name.trim()))
}
