//! The list of articles in a document that nobody has described. In a page: the block that repeats itself, with a title and
//! a link in each piece (what schema.org data names as the page's list decides where there are several), or JSON that the page
//! carries. In JSON: the array of objects with a title and an address.

mod carried;
mod fields;
mod picks;
mod places;
mod spots;

use std::collections::HashSet;

use scraper::{Html, Selector};
use serde_json::Value;
use url::Url;

use self::carried::Around;
use self::picks::Pieces;
use self::spots::{Spots, is_heading, text_of, without_fragment};
use super::list::{DEEPEST, ListRecipe, raw, shallow};
use super::paths::{Path, Place};
use super::{Input, sniff, state};
use crate::model::{DocumentKind, Entry, Lang, Mistake, Reading};
use crate::text::{DateContext, Pick, decode, fold, words};

/// Fewer pieces are no list.
const LEAST: usize = 4;
/// More pieces say nothing more.
const MOST_COUNTED: usize = 30;
/// Lists that are tried out, the best first.
const MOST_TRIED: usize = 8;
/// JSON that says so much more of the entries is the better description of a list.
const MORE: f64 = 1.25;
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
    let decoded = decode(input.body, input.content_type);
    let text = decoded.text.as_ref();
    if text.trim_start().starts_with(['{', '[']) {
        let values = state::values([text].into_iter());
        let dates = input.dates(None, None);
        let shown = HashSet::new();
        return carried::find(&values, &Around { input, base: input.url, dates, within: None, shown: &shown });
    }
    if sniff::kind(text) != DocumentKind::Html {
        return None;
    }
    let shallow = shallow(text, DEEPEST);
    let html = Html::parse_document(shallow.as_deref().unwrap_or(text));
    let lang = html.root_element().attr("lang").and_then(Lang::parse);
    let base = Pick::parse("base[href] @href").ok()?.first(html.root_element());
    let base = base.and_then(|b| input.url.join(&b).ok()).unwrap_or_else(|| input.url.clone());
    let dates = input.dates(lang.as_ref(), None);
    let seen = in_markup(&html, &base, input, dates);
    let carried = places::carried(&html, &base, input, dates);
    // What can be seen is what whoever gave this address means. JSON is the better description only where it is the
    // same list and says more of it.
    match (seen, carried) {
        (Some(seen), Some(carried)) if same_list(&seen, &carried) && says(&carried) > says(&seen) * MORE => {
            Some(carried)
        }
        (Some(seen), _) => Some(seen),
        (None, carried) => carried,
    }
}

/// Whether one list has at least half of the other's entries.
fn same_list(one: &Found, other: &Found) -> bool {
    let links: HashSet<&str> = other.reading.entries.iter().filter_map(|e| e.link.as_deref()).collect();
    let shared = one.reading.entries.iter().filter_map(|e| e.link.as_deref()).filter(|l| links.contains(l)).count();
    2 * shared >= one.reading.entries.len() && !other.unproved
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
fn in_markup(html: &Html, base: &Url, input: &Input<'_>, dates: DateContext<'_>) -> Option<Found> {
    let spots = Spots::of(html, base);
    let named = named(html, base);
    let mut groups: Vec<(f64, Vec<usize>)> =
        spots.groups(LEAST).into_iter().map(|group| (score(&spots, &group, &named), group)).collect();
    groups.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    groups.iter().take(MOST_TRIED).find_map(|(_, group)| {
        let pieces = Pieces { html, spots: &spots, at: group, base, dates };
        try_out(&pieces, input)
    })
}

/// How much a group looks like the list of the page.
fn score(spots: &Spots<'_>, group: &[usize], named: &HashSet<String>) -> f64 {
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
    // What is told outweighs what can be seen.
    let named = 1.0 + 9.0 * share(&|at| spots.story(at).is_some_and(|s| named.contains(&s.href)));
    let aside = if first.is_some_and(|f| f.aside) { 0.2 } else { 1.0 };
    let own = share(&|at| {
        let text = spots.inside(at).next().map(|s| text_of(s.element));
        spots.story(at).zip(text).is_some_and(|(story, text)| text.contains(&story.title))
    });
    group.len().min(MOST_COUNTED) as f64 * titles * looks * named * aside * own
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
    let sure = right >= LEAST && right * 4 >= entries.len() * 3 && right * 4 >= stories.len() * 3;
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

/// The addresses of the pieces of an `ItemList` or a `Blog`.
fn listed(value: &Value, base: &Url, found: &mut HashSet<String>) {
    let is = |name: &str| match &value["@type"] {
        Value::String(one) => one == name,
        Value::Array(many) => many.iter().any(|v| v == name),
        _ => false,
    };
    let pieces = if is("ItemList") {
        &value["itemListElement"]
    } else if is("Blog") {
        &value["blogPost"]
    } else {
        return;
    };
    for piece in pieces.as_array().map(Vec::as_slice).unwrap_or_default().iter().take(MOST_VALUES) {
        let places =
            [&piece["url"], &piece["item"]["url"], &piece["item"]["@id"], &piece["item"], &piece["@id"], piece];
        let url = places.iter().find_map(|v| base.join(v.as_str()?).ok());
        found.extend(url.map(|u| String::from(without_fragment(u))));
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use chrono_tz::Tz;

    use super::*;

    fn found(html: &str) -> Option<Found> {
        let url = Url::parse("https://example.org/actu/").unwrap();
        let now = chrono::Utc.with_ymd_and_hms(2026, 6, 10, 12, 0, 0).unwrap();
        detect(&Input { body: html.as_bytes(), content_type: None, url: &url, lang: None, tz: Tz::UTC, now })
    }

    fn keys(html: &str) -> Vec<(&'static str, String)> {
        found(html).unwrap_or_else(|| panic!("nothing found in {html}")).keys
    }

    fn wanted(keys: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        keys.iter().map(|(k, w)| (*k, (*w).to_owned())).collect()
    }

    const TITLES: [&str; 5] = [
        "Une collecte pour les dockers",
        "Le quai des réfugiés rouvert",
        "La grue historique sauvée hier",
        "Les pêcheurs de Gaza racontent",
        "Une radio sur les quais",
    ];
    const NAV: &str = "<!doctype html><html lang=fr><body><nav><ul><li><a href=/1>Toute la vie politique</a><li><a href=/2>Tout le monde arabe</a>
        <li><a href=/3>Toute la vie des ports</a><li><a href=/4>Toutes nos vidéos du jour</a><li><a href=/5>Tous les autres sujets</a></ul></nav>";
    const FOOT: &str =
        "<div class=site-footer><p><a href=/a>Qui nous sommes vraiment</a><p><a href=/b>Toutes nos mentions légales</a>
        <p><a href=/c>Nous écrire une lettre</a><p><a href=/d>Faire un petit don</a></div>";

    fn page(piece: impl Fn(usize, &str) -> String) -> String {
        let pieces: String = TITLES.iter().enumerate().map(|(n, title)| piece(n, title)).collect();
        format!("{NAV}<main><h1>Les actualités de notre port</h1><div class=liste>{pieces}</div></main>{FOOT}")
    }

    #[test]
    fn cards_are_described_whole() {
        let html = page(|n, title| {
            format!("<div class='card card-{n}'><a href=/art/{n}><img src=/{n}.jpg></a><div class=meta><a href=/rubrique/x>Notre vie au port</a></div>
                <h2><a href=/art/{n}>{title}</a></h2><p class=chapo>Un chapeau qui dit en une ligne ce que dira l’article.</p>
                <span class=date>{} juin 2026 à 9h</span><a href=/art/{n}>Lire la suite</a></div>", n + 1)
        });
        let found = found(&html).unwrap();
        let all = [
            ("item", "div.card"),
            ("link", "h2 a @href"),
            ("title", "h2"),
            ("summary", "p.chapo"),
            ("image", "img"),
            ("date", "span.date"),
        ];
        assert_eq!(found.keys, wanted(&all));
        assert_eq!(found.reading.entries.len(), 5);
        assert!(
            found.reading.entries.iter().all(|e| e.published.is_some() && e.summary.is_some() && e.image.is_some())
        );
        assert_eq!(found.reading.entries[4].link.as_deref(), Some("https://example.org/art/4"));
    }

    #[test]
    fn lists_of_other_makes_are_found() {
        let bare = page(|n, title| format!("<li><a href={n}>{title}</a>"));
        assert_eq!(keys(&bare), wanted(&[("item", "div.liste > li"), ("link", "a @href"), ("title", "a")]));
        let whole = page(|n, title| {
            format!("<a class=teaser href=/x/{n}><h3>{title}</h3><time datetime=2026-06-0{}>hier</time></a>", n + 1)
        });
        assert_eq!(keys(&whole), wanted(&[("item", "a.teaser"), ("title", "h3"), ("date", "time")]));
        let apart = page(|n, title| format!("<section><h3>{title}</h3><p><a href=/x/{n}>Lire la suite</a></section>"));
        assert_eq!(keys(&apart), wanted(&[("item", "section"), ("link", "a @href"), ("title", "h3")]));
    }

    #[test]
    fn schema_org_says_which_of_two_lists() {
        let side: String = (0..9)
            .map(|n| format!("<article class=vu><h3><a href=/vu/{n}>Un article que tous ont lu {n}</a></h3><time>{} juin 2026</time></article>", n + 1))
            .collect();
        let list = page(|n, title| format!("<p class=ligne><a href=/art/{n}#x>{title}</a></p>"))
            .replace("</main>", &format!("{side}</main>"));
        assert_eq!(keys(&list)[0].1, "article.vu");
        let data = r#"<script type="application/ld+json">{"@graph":[{"@type":"CollectionPage","mainEntity":{"@type":["ItemList"],"itemListElement":[
            {"@type":"ListItem","url":"/art/0"},{"item":"https://example.org/art/1"},{"item":{"@id":"/art/2"}},{"item":{"url":"../art/3"}},{"url":"/art/4"}]}}]}</script>"#;
        let told = list.replace("</main>", &format!("{data}</main>"));
        assert_eq!(keys(&told)[0].1, "p.ligne");
    }

    #[test]
    fn what_is_no_list_gives_none() {
        let few = format!(
            "{NAV}<main><h2><a href=/x>Un seul titre ici</a></h2><h2><a href=/y>Et un autre titre</a></h2></main>{FOOT}"
        );
        let same = page(|n, _| format!("<li><a href=/x/{n}>Lire la suite</a>"));
        let deep = format!("<html>{}<a href=/x>Un titre assez long</a>", "<div>".repeat(20_000));
        for html in [few.as_str(), &same, &deep, "", "<rss></rss>", "<html><form><input></form>"] {
            assert!(found(html).is_none(), "{:.80}", html);
        }
    }
}
