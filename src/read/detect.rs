//! The list of articles in a document that nobody has described. In a page: the block that repeats itself, with a title and
//! a link in each piece (what schema.org data names as the page's list decides where there are several), or JSON that the page
//! carries. In JSON: the array of objects with a title and an address.

mod again;
mod carried;
mod fields;
mod opener;
mod picks;
mod places;
mod spots;
mod wordpress;

use std::collections::HashSet;

use scraper::{Html, Selector};
use serde_json::Value;
use url::Url;

pub use self::again::{Remembered, detect_again};
pub use self::wordpress::wordpress;

use self::carried::Around;
use self::picks::Pieces;
use self::spots::{Spots, is_heading, text_of, without_fragment};
use super::list::{ListRecipe, capped, raw};
use super::paths::{Path, Place};
use super::{Input, sniff, state};
use crate::model::{DocumentKind, Entry, Lang, Mistake, Reading};
use crate::text::{DateContext, Pick, decode, fold, words};

/// Fewer pieces are no list; of pieces that each have a heading or a date a few less will do.
const LEAST: usize = 4;
const FEWEST: usize = 3;
/// What pieces that are alike and do not stand together are worth.
const APART: f64 = 0.6;
/// How much more a list is worth that the page names as its own, and one that holds all that is known of old.
const NAMED: f64 = 9.0;
const KNOWN: f64 = 40.0;
/// More pieces say nothing more.
const MOST_COUNTED: usize = 30;
/// Lists that are tried out, the best first.
const MOST_TRIED: usize = 8;
/// Of two descriptions of one list the one that says so much more of the entries is the better.
const MORE: f64 = 1.25;
/// A list of fewer entries gives way to JSON that says so much more, be it the same list or not.
const FEW: usize = 8;
const MUCH_MORE: f64 = 3.0;
/// Values of one block of schema.org data that are looked at, and how deep.
const MOST_VALUES: usize = 5_000;
const DEEPEST_VALUE: usize = 12;

/// A list that was found in a document.
#[derive(Debug, Clone)]
pub struct Found {
    /// The keys of `[source.NAME.list]` and what to write, in the order of the file.
    pub keys: Vec<(&'static str, String)>,
    /// The same, ready to read with.
    pub recipe: ListRecipe,
    /// What it gives on this document: never nothing.
    pub reading: Reading,
    /// Whether addresses are put together in a way that nothing in the document proves: ask one of them.
    pub unproved: bool,
}

/// Finds the list of articles in a document. `None` where there is none.
#[must_use]
pub fn detect(input: &Input<'_>) -> Option<Found> {
    detect_by(input, None)
}

fn detect_by(input: &Input<'_>, before: Option<&Remembered>) -> Option<Found> {
    let decoded = decode(input.body, input.content_type);
    let text = decoded.text.as_ref();
    if text.trim_start().starts_with(['{', '[']) {
        let values = state::values([text].into_iter());
        let dates = either(input.dates(None, None));
        let shown = HashSet::new();
        return carried::find(&values, &Around { input, base: input.url, dates, within: None, shown: &shown });
    }
    if sniff::kind(text) != DocumentKind::Html {
        return None;
    }
    let html = Html::parse_document(&capped(text));
    let lang = html.root_element().attr("lang").and_then(Lang::parse);
    let base = Pick::parse("base[href] @href").ok()?.first(html.root_element());
    let base = super::base(input.url, base.as_deref());
    let dates = either(input.dates(lang.as_ref(), None));
    let seen = in_markup(&html, &base, input, dates, before);
    let carried = places::carried(&html, &base, input, dates);
    match (seen, carried) {
        (Some(seen), Some(carried)) if is_better(&carried, &seen) => Some(carried),
        (Some(seen), _) => Some(seen),
        (None, carried) => carried,
    }
}

/// Where dates are is told here, not what they say: which of day and month comes first is for the whole list to tell.
fn either(dates: DateContext<'_>) -> DateContext<'_> {
    DateContext { day_first: dates.day_first.or(Some(true)), ..dates }
}

/// Whether JSON is the better description. What can be seen is what whoever gave this address means: JSON has to be the same
/// list and say more of it, or say much more where what can be seen is only a few links beside a list that a browser draws.
fn is_better(carried: &Found, seen: &Found) -> bool {
    let (more, much) = (says(seen) * MORE, says(seen) * MUCH_MORE);
    let few = seen.reading.entries.len() < FEW;
    !carried.unproved && (says(carried) > more && same_list(seen, carried) || says(carried) > much && few)
}

/// Whether one list has at least half of the other's entries.
fn same_list(one: &Found, other: &Found) -> bool {
    let links: HashSet<&str> = other.reading.entries.iter().filter_map(|e| e.link.as_deref()).collect();
    let shared = one.reading.entries.iter().filter_map(|e| e.link.as_deref()).filter(|l| links.contains(l)).count();
    2 * shared >= one.reading.entries.len()
}

/// How much a list says of its entries.
fn says(found: &Found) -> f64 {
    let entries = found.reading.entries.iter().take(MOST_COUNTED);
    let has = |there: bool, weight: f64| if there { weight } else { 0.0 };
    let one = |e: &Entry| {
        1.0 + has(e.published.is_some(), 1.0)
            + has(e.summary.is_some(), 0.5)
            + has(e.content.is_some(), 0.5)
            + has(e.image.is_some(), 0.2)
    };
    entries.map(one).sum()
}

/// The block of a page that repeats itself.
fn in_markup(
    html: &Html,
    base: &Url,
    input: &Input<'_>,
    dates: DateContext<'_>,
    before: Option<&Remembered>,
) -> Option<Found> {
    let spots = Spots::of(html, base);
    // What the list is known by counts as if the page named it.
    let known = before.map(|before| before.found_among(&spots)).filter(|known| !known.is_empty());
    let (by_page, named) = (known.is_none(), known.unwrap_or_else(|| named(html, base)));
    // What is told outweighs what can be seen.
    let told = |group: &[usize]| {
        let is_named = |at: &&usize| spots.story(**at).is_some_and(|s| named.contains(&s.href));
        let n = group.iter().filter(is_named).count() as f64;
        let share = n / group.len().max(1) as f64;
        let all = (n / named.len().max(1) as f64).min(1.0);
        1.0 + if by_page { NAMED * share } else { KNOWN * all * share.sqrt() }
    };
    let sure = |at: &usize| spots.inside(*at).any(|s| is_heading(s.element) || s.element.value().name() == "time");
    let (together, apart) = spots.groups(FEWEST);
    let weighed = together.into_iter().map(|group| (1.0, group)).chain(apart.into_iter().map(|group| (APART, group)));
    let mut groups: Vec<(f64, Vec<usize>)> = weighed
        .filter(|(_, group)| group.len() >= LEAST || group.iter().all(sure))
        .map(|(weight, group)| (weight * score(&spots, &group) * told(&group), group))
        .collect();
    groups.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let pieces = |group| Pieces { html, spots: &spots, at: group, base, dates };
    let stories = |group: &[usize]| -> HashSet<&str> {
        group.iter().filter_map(|at| spots.story(*at)).map(|s| s.href.as_str()).collect()
    };
    let mut best: Option<(Found, &[usize])> = None;
    for (_, group) in groups.iter().take(MOST_TRIED) {
        match &best {
            None => best = try_out(&pieces(group), input).map(|found| (found, group.as_slice())),
            // Of two wrappings of the same stories the one that holds more of them.
            Some((found, of)) if stories(group) == stories(of) => {
                let other = try_out(&pieces(group), input).filter(|other| says(other) > says(found) * MORE);
                best = other.map(|other| (other, group.as_slice())).or(best);
            }
            Some(_) => {}
        }
    }
    best.map(|(found, group)| opener::with_opener(found, &pieces(group), input))
}

/// How much a group looks like the list of the page.
fn score(spots: &Spots<'_>, group: &[usize]) -> f64 {
    let share = |has: &dyn Fn(usize) -> bool| {
        let n = group.iter().filter(|at| has(**at)).count();
        n as f64 / group.len().max(1) as f64
    };
    let holds = |at: usize, names: &[&str]| spots.inside(at).any(|s| names.contains(&s.element.value().name()));
    let words_of = |at: usize| spots.story(at).map_or(0, |s| words(&fold(&s.title)).count().min(8));
    let titles = group.iter().map(|at| words_of(*at)).sum::<usize>() as f64 / (8 * group.len().max(1)) as f64;
    let first = group.first().and_then(|at| spots.all.get(*at));
    let longer = |at: usize| {
        let all: usize = spots.inside(at).take(1).flat_map(|s| s.element.text()).map(str::len).sum();
        spots.story(at).is_some_and(|s| all > s.title.len() + 60)
    };
    let looks = 1.0
        + share(&|at| spots.inside(at).any(|s| is_heading(s.element)))
        + share(&|at| holds(at, &["time"]) || spots.inside(at).any(says_date))
        + 0.5 * share(&longer)
        + 0.3 * share(&|at| holds(at, &["img"]))
        + 0.2 * f64::from(u8::from(first.is_some_and(|f| f.element.value().name() == "article")))
        // Of two wrappings of the same stories the one that has a name of its own.
        + 0.1 * f64::from(u8::from(first.is_some_and(|f| spots::stable_classes(f.element).next().is_some())));
    let aside = if first.is_some_and(|f| f.aside) { 0.2 } else { 1.0 };
    let own = share(&|at| {
        let text = spots.inside(at).next().map(|s| text_of(s.element));
        spots.story(at).zip(text).is_some_and(|(story, text)| text.contains(&story.title))
    });
    group.len().min(MOST_COUNTED) as f64 * titles * looks * aside * own
}

fn says_date(spot: &spots::Spot<'_>) -> bool {
    let parts = spot.element.value().classes().flat_map(|c| c.split(['-', '_']));
    parts.into_iter().any(|p| matches!(p, "date" | "time" | "published" | "datetime" | "timestamp" | "age"))
}

/// Makes the recipe, and reads the page with it: what gives nothing is no list.
fn try_out(pieces: &Pieces<'_, '_>, input: &Input<'_>) -> Option<Found> {
    let mut keys = vec![("item", pieces.item()?)];
    let picks = [
        ("link", pieces.link()),
        ("title", pieces.title()),
        ("summary", pieces.summary()),
        ("image", pieces.image()),
        ("date", pieces.date()),
    ];
    keys.extend(picks.into_iter().filter_map(|(key, pick)| Some((key, pick?))));
    let found = describe(keys, input)?;
    let stories: HashSet<&str> =
        pieces.at.iter().filter_map(|at| pieces.spots.story(*at)).map(|s| s.href.as_str()).collect();
    let meant = |link: &str| Url::parse(link).is_ok_and(|u| stories.contains(without_fragment(u).as_str()));
    let entries = &found.reading.entries;
    let right = entries.iter().filter(|e| e.link.as_deref().is_some_and(meant)).count();
    let sure = right >= FEWEST && right * 4 >= entries.len() * 3 && right * 4 >= stories.len() * 3;
    sure.then_some(found)
}

/// What some keys give, read as a poll reads it. `None` where that is nothing.
fn describe(keys: Vec<(&'static str, String)>, input: &Input<'_>) -> Option<Found> {
    let recipe = recipe(&keys).ok()?;
    let reading = super::read(input, Some(&recipe)).ok().filter(|r| !r.entries.is_empty())?;
    Some(Found { keys, recipe, reading, unproved: false })
}

fn recipe(keys: &[(&'static str, String)]) -> Result<ListRecipe, Mistake> {
    let written = |key: &str| keys.iter().find(|(k, _)| *k == key).map(|(_, w)| w.as_str());
    let pick = |key: &str| written(key).map(Pick::parse).transpose();
    let path = |key: &str| written(key).map(Path::parse).transpose();
    let mut recipe = ListRecipe::new(written("item").unwrap_or_default())?;
    match &mut recipe.paths {
        Some(paths) => {
            recipe.within = pick("in")?;
            paths.link = written("link").map(Place::parse).transpose()?;
            (paths.title, paths.summary, paths.body) = (path("title")?, path("summary")?, path("body")?);
            (paths.image, paths.date, paths.author) = (path("image")?, path("date")?, path("author")?);
        }
        None => {
            (recipe.link, recipe.title, recipe.summary) = (pick("link")?, pick("title")?, pick("summary")?);
            (recipe.image, recipe.date) = (pick("image")?, pick("date")?);
        }
    }
    Ok(recipe)
}

/// The addresses that schema.org data names as the list of the page.
fn named(html: &Html, base: &Url) -> HashSet<String> {
    let mut found = HashSet::new();
    let Ok(scripts) = Selector::parse(places::LINKED_DATA) else { return found };
    let texts: Vec<String> = html.select(&scripts).map(|script| raw(script, None)).collect();
    for data in &state::values(texts.iter().map(String::as_str)) {
        let mut left = vec![(data, 0usize)];
        let mut seen = 0;
        while let Some((value, depth)) = left.pop() {
            seen += 1;
            if seen > MOST_VALUES || depth > DEEPEST_VALUE {
                continue;
            }
            listed(value, base, &mut found);
            match value {
                Value::Array(values) => left.extend(values.iter().map(|v| (v, depth + 1))),
                Value::Object(values) => left.extend(values.values().map(|v| (v, depth + 1))),
                _ => {}
            }
        }
    }
    found
}

/// The addresses of the pieces of a list, and of articles that stand beside each other.
fn listed(value: &Value, base: &Url, found: &mut HashSet<String>) {
    const LISTS: [(&str, &str); 6] = [
        ("ItemList", "itemListElement"),
        ("Blog", "blogPost"),
        ("Blog", "blogPosts"),
        ("CollectionPage", "hasPart"),
        ("WebPage", "hasPart"),
        ("DataFeed", "dataFeedElement"),
    ];
    const ARTICLES: [&str; 4] = ["NewsArticle", "Article", "BlogPosting", "ReportageNewsArticle"];
    let is = |value: &Value, name: &str| match &value["@type"] {
        Value::String(one) => one == name,
        Value::Array(many) => many.iter().any(|v| v == name),
        _ => false,
    };
    let pieces = match value {
        Value::Array(values) => values.iter().filter(|v| ARTICLES.iter().any(|name| is(v, name))).collect(),
        _ => LISTS
            .iter()
            .filter(|(name, _)| is(value, name))
            .flat_map(|(_, key)| value[*key].as_array().map(Vec::as_slice).unwrap_or_default())
            .collect::<Vec<_>>(),
    };
    for piece in pieces.into_iter().take(MOST_VALUES) {
        let places = [
            &piece["url"],
            &piece["item"]["url"],
            &piece["item"]["@id"],
            &piece["item"],
            &piece["mainEntityOfPage"]["@id"],
            &piece["mainEntityOfPage"],
            &piece["@id"],
            piece,
        ];
        let url = places.iter().find_map(|v| base.join(v.as_str()?).ok());
        found.extend(url.map(|u| String::from(without_fragment(u))));
    }
}

#[cfg(test)]
mod tests;
