//! In which language an article is.

use std::collections::HashSet;

use super::Source;
use super::make::Body;
use crate::extract::Extract;
use crate::model::{BodyFrom, Entry, Lang};
use crate::text::{by_script, detect, head, is_plainly};

/// So much of a text is enough to see that it is in the language that it should be in.
const AGREEING: usize = 400;
/// Texts shorter than this do not tell their language.
const TELLING: usize = 120;

/// The languages, by their two letters, that entries of one document declare and were found to be in.
pub(super) type Spoken = HashSet<String>;

/// The source's language where the file says it, else what the text itself shows, else what entry or page declare: feeds
/// declare their software's default too often to be believed first.
pub(super) fn language(
    source: &Source,
    (entry, page): (&Entry, Option<&Extract>),
    title: &str,
    body: &Body,
    spoken: &mut Spoken,
) -> Option<Lang> {
    if let Some(lang) = &source.lang {
        return Some(lang.clone());
    }
    let declared =
        page.filter(|_| body.from == BodyFrom::Page).and_then(|p| p.lang.clone()).or_else(|| entry.lang.clone());
    let beginning = head(&body.text, 2_000);
    let sample = format!("{title}. {} {beginning}", body.standfirst.as_deref().unwrap_or_default());
    let is = |lang: &Lang, detected: Option<Lang>| detected.is_some_and(|d| d.primary() == lang.primary());
    let detected = |most: usize| if sample.chars().count() >= TELLING { detect(head(&sample, most)) } else { None };
    // What is declared is most often so, and a few lines are enough to see that. Where it was so of another entry, its small
    // words are.
    if let Some(declared) = &declared {
        let lang = declared.primary();
        let plainly = spoken.contains(lang) && (is_plainly(head(&sample, AGREEING), lang) || is_plainly(&sample, lang));
        if plainly || is(declared, detected(AGREEING)) {
            if !plainly {
                spoken.insert(declared.primary().to_owned());
            }
            return Some(declared.clone());
        }
    }
    match (declared, detected(usize::MAX)) {
        (Some(declared), Some(detected)) if declared.primary() == detected.primary() => Some(declared),
        (_, Some(detected)) => Some(detected),
        (declared, None) => by_script(head(&sample, TELLING), declared.as_ref()).or(declared),
    }
}
