//! The article that opens a list in another markup than the rest: larger, with a picture, in a block of its own.

use std::collections::HashSet;

use scraper::Selector;
use url::Url;

use super::picks::Pieces;
use super::spots::{Story, stable_classes, text_of, without_fragment};
use super::{Found, describe};
use crate::model::Entry;
use crate::read::Input;
use crate::text::{fold, words};

/// More than these are a list of their own.
const MOST_OPENERS: usize = 3;
/// How many levels above the list it stands, at most.
const LEVELS: usize = 4;

/// The same list with what opens it, where that can be proved on the page: every entry as before, and each opener with its
/// own title.
pub(super) fn with_opener(found: Found, pieces: &Pieces<'_, '_>, input: &Input<'_>) -> Found {
    let openers = openers(pieces);
    if openers.is_empty() || openers.len() > MOST_OPENERS {
        return found;
    }
    let mut selectors: Vec<String> = Vec::new();
    for (elements, _) in &openers {
        let Some(selector) = elements.iter().find_map(|at| selector(pieces, *at)) else { return found };
        selectors.push(selector);
    }
    let whole = |keys: &[(&'static str, String)]| {
        let item = |written: &String| format!("{written}, {}", selectors.join(", "));
        keys.iter().map(|(k, w)| (*k, if *k == "item" { item(w) } else { w.clone() })).collect::<Vec<_>>()
    };
    // What is found by default is found in markup of any kind.
    let fewer: Vec<_> = found.keys.iter().filter(|(key, _)| !matches!(*key, "link" | "title")).cloned().collect();
    let wanted: HashSet<(String, String)> = openers
        .iter()
        .filter_map(|(_, story)| pieces.spots.stories.get(*story))
        .map(|story| (story.href.clone(), story.title.clone()))
        .chain(found.reading.entries.iter().filter_map(told))
        .collect();
    [whole(&found.keys), whole(&fewer)]
        .into_iter()
        .filter_map(|keys| describe(keys, input))
        .find(|other| other.reading.entries.iter().filter_map(told).collect::<HashSet<_>>() == wanted)
        .unwrap_or(found)
}

/// The address and the title of an entry.
fn told(entry: &Entry) -> Option<(String, String)> {
    let url = without_fragment(Url::parse(entry.link.as_deref()?).ok()?);
    Some((url.into(), entry.title.clone().unwrap_or_default()))
}

/// Stories under a heading, before the first piece and near to it: the elements that hold one alone, the outermost first, and
/// which story.
fn openers(pieces: &Pieces<'_, '_>) -> Vec<(Vec<usize>, usize)> {
    let spots = pieces.spots;
    let Some(first) = pieces.at.first().copied() else { return Vec::new() };
    let known: HashSet<&str> =
        pieces.at.iter().filter_map(|at| spots.story(*at)).map(|story| story.href.as_str()).collect();
    let depths: HashSet<usize> = known.iter().filter_map(|href| depth(href)).collect();
    // What holds the list: its parent, and a few levels more.
    let around: Vec<usize> = spots.upwards(first).skip(1).take(LEVELS).collect();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for (n, story) in spots.stories.iter().enumerate().filter(|(_, s)| s.headed && s.at < first) {
        let up: Vec<usize> = spots.upwards(story.at).collect();
        let Some(meets) = up.iter().position(|at| around.contains(at)).filter(|meets| *meets > 0) else { continue };
        let element = up[meets - 1];
        if !is_article(pieces, element, story, &depths) {
            continue;
        }
        let alone = spots.story(element).is_some_and(|s| s.href == story.href);
        let aside = spots.all.get(element).is_none_or(|s| s.aside);
        let holds_page = spots.all.get(up[meets]).is_none_or(|s| matches!(s.element.value().name(), "html" | "body"));
        if alone && !aside && !holds_page && !known.contains(story.href.as_str()) && seen.insert(story.href.as_str()) {
            found.push((up[..meets].iter().rev().copied().collect(), n));
        }
    }
    found
}

/// Whether an element is an article and not the heading of a section or a notice: a title of some words, something besides it,
/// and an address of the same kind as those of the list.
fn is_article(pieces: &Pieces<'_, '_>, at: usize, story: &Story, depths: &HashSet<usize>) -> bool {
    const WORDS: usize = 4;
    const MORE: usize = 40;
    let pictured = pieces.spots.inside(at).any(|s| matches!(s.element.value().name(), "img" | "picture" | "time"));
    let told = pieces.spots.all.get(at).is_some_and(|s| text_of(s.element).len() >= story.title.len() + MORE);
    let titled = words(&fold(&story.title)).take(WORDS).count() == WORDS;
    titled && (pictured || told) && depth(&story.href).is_some_and(|depth| depths.contains(&depth))
}

/// How many parts the path of an address has.
fn depth(href: &str) -> Option<usize> {
    Some(Url::parse(href).ok()?.path_segments()?.filter(|part| !part.is_empty()).count())
}

/// A selector that matches an element and nothing else.
fn selector(pieces: &Pieces<'_, '_>, at: usize) -> Option<String> {
    let element = pieces.spots.all.get(at)?.element;
    let name = element.value().name();
    let plain = |id: &&str| id.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'));
    let classes = stable_classes(element).map(|c| format!("{name}.{c}"));
    let marked = element.value().classes().filter(|c| matches!(*c, "featured" | "first" | "sticky" | "lead"));
    let marked = marked.map(|c| format!("{name}.{c}")).collect::<Vec<_>>();
    let id = element.attr("id").filter(plain).map(|id| format!("{name}#{id}"));
    // A name alone would match who knows what on another day.
    classes.chain(marked).chain(id).find(|css| {
        let Ok(selector) = Selector::parse(css) else { return false };
        pieces.html.select(&selector).all(|e| e.id() == element.id())
    })
}
