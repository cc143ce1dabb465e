//! Entries of one document that share an id, and are articles of their own all the same: a constant guid, a page of many notes
//! with an anchor each, a feed that links its front page only.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::Source;
use super::make::Raw;
use crate::dedup::is_of_one_article;
use crate::model::{ArticleId, Entry};

/// Gives each of them an id of its own, out of its link as written, or of its title; what is given twice is left out. A list
/// names one article several times (picture, title, "read more"): there an address is an article.
pub(super) fn apart(source: &Source, raws: Vec<Raw>, document: &Url) -> Vec<Raw> {
    let mut names: HashMap<ArticleId, HashSet<String>> = HashMap::new();
    for raw in raws.iter().filter(|_| source.list.is_none()) {
        names.entry(raw.id.clone()).or_default().insert(name(raw));
    }
    let is_shared = |raw: &Raw| names.get(&raw.id).is_some_and(|names| names.len() > 1);
    let mut seen = HashSet::new();
    let apart =
        raws.into_iter().filter_map(|raw| if is_shared(&raw) { named(source, raw, document) } else { Some(raw) });
    apart.filter(|raw| seen.insert(raw.id.clone())).collect()
}

/// What tells an entry from others of its id. Two versions of one entry (RFC 4287, 4.1.1) have one link.
fn name(raw: &Raw) -> String {
    let has_id = raw.entry.id.as_ref().is_some_and(|id| !id.trim().is_empty());
    let anchor = raw.url.as_deref().and_then(|url| url.split_once('#')).map_or("", |(_, anchor)| anchor);
    match &raw.url_key {
        Some(key) if is_of_one_article(key) && (has_id || !anchor.is_empty()) => format!("{key}#{anchor}"),
        _ => raw.entry.title.as_deref().unwrap_or_default().trim().to_owned(),
    }
}

fn named(source: &Source, raw: Raw, document: &Url) -> Option<Raw> {
    let shared = raw.entry.id.as_deref().or(raw.url_key.as_deref()).unwrap_or_default().trim();
    let id = Some(format!("{shared} {}", name(&raw)));
    // The shared one may have been its link.
    let link = raw.url.clone().or_else(|| raw.entry.link.clone());
    Raw::new(source, Entry { id, id_is_permalink: false, link, ..raw.entry }, document)
}
