//! Which article of a story is shown.

use url::Url;

use super::LeadBy;
use crate::model::{Article, ArticleId, KnownStory};
use crate::text::url_key;

/// An article that may lead, as far as that matters.
struct Standing<'a> {
    id: &'a ArticleId,
    url_key: Option<&'a str>,
    /// A copy that everybody may see goes before one that few may; then the lower rank.
    rank: (bool, u32),
}

impl<'a> Standing<'a> {
    fn of(article: &'a Article) -> Self {
        let rank = (article.came_as_private(), article.rank);
        Self { id: &article.id, url_key: article.url_key.as_deref(), rank }
    }

    fn lead_of(story: &'a KnownStory) -> Self {
        let rank = (story.lead_private, story.lead_rank);
        Self { id: &story.lead, url_key: story.lead_url_key.as_deref(), rank }
    }

    /// Whether it leads in place of another: it is the original that a member names; else it ranks before the other, and
    /// that is nobody's named original.
    fn goes_before(&self, other: &Self, origins: &[&str], by: LeadBy) -> bool {
        let named = |key: Option<&str>| by == LeadBy::Original && key.is_some_and(|key| origins.contains(&key));
        by != LeadBy::First && (named(self.url_key) || self.rank < other.rank) && !named(other.url_key)
    }
}

/// Whether a new copy takes the lead of a story.
pub(super) fn takes_the_lead(article: &Article, story: &KnownStory, by: LeadBy) -> bool {
    let own = origin(article);
    let origins: Vec<&str> = story.origins.iter().map(String::as_str).chain(own.as_deref()).collect();
    Standing::of(article).goes_before(&Standing::lead_of(story), &origins, by)
}

/// Whether a copy may take the place of a lead that is only its beginning: the file prefers no other.
pub(super) fn may_replace(article: &Article, story: &KnownStory, by: LeadBy) -> bool {
    let (new, lead) = (Standing::of(article), Standing::lead_of(story));
    let named = lead.url_key.is_some_and(|key| story.origins.iter().any(|origin| origin == key));
    by != LeadBy::First && new.rank <= lead.rank && !(named && by == LeadBy::Original)
}

/// The article that leads stories which turn out to be one, together with the article that shows it; `None`: the elder's
/// lead stays.
pub(super) fn of_merged(article: &Article, stories: &[&KnownStory], by: LeadBy) -> Option<ArticleId> {
    let own = origin(article);
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

/// Key of the address that an article names as its origin.
fn origin(article: &Article) -> Option<String> {
    let named = article.provenance.origin.as_ref()?.url.as_deref()?;
    Url::parse(named).ok().map(|url| url_key(&url))
}
