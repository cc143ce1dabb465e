//! Which article of a story is shown.

use url::Url;

use crate::model::{Article, KnownStory};
use crate::text::url_key;

/// Whether a new copy takes the lead: it is the original that a member names; else its source ranks before the lead's, and
/// the lead is nobody's named original, its own neither.
pub(super) fn takes_the_lead(article: &Article, story: &KnownStory) -> bool {
    let named = |key: Option<&str>| key.is_some_and(|key| story.origins.iter().any(|origin| origin == key));
    let lead = story.lead_url_key.as_deref();
    let its_origin = article.provenance.origin.as_ref().and_then(|o| o.url.as_deref());
    let its_origin = its_origin.and_then(|url| Url::parse(url).ok()).map(|url| url_key(&url));
    let comes_from_lead = lead.is_some() && its_origin.as_deref() == lead;
    let original = named(article.url_key.as_deref());
    !comes_from_lead && (original || (article.rank < story.lead_rank && !named(lead)))
}
