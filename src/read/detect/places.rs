//! Where a page may carry its list as JSON: scripts that hold data or assign it, and attributes.

use std::collections::HashSet;

use scraper::{ElementRef, Html};
use url::Url;

use super::carried::{self, Around};
use super::spots::without_fragment;
use super::{Found, says};
use crate::read::list::raw;
use crate::read::{Input, state};
use crate::text::DateContext;

/// The scripts of schema.org data.
pub(super) const LINKED_DATA: &str = "script[type='application/ld+json']";
/// Any script that assigns something.
const ANY_SCRIPT: &str = "script";
/// Places of one page that are looked at.
const MOST_PLACES: usize = 30;
/// Links of the page that are known.
const MOST_LINKS: usize = 5_000;
/// Elements whose attributes are looked at.
const MOST_ELEMENTS: usize = 100_000;
/// A list in an attribute has as many bytes.
const LEAST_BYTES: usize = 100;

/// The list in JSON that a page carries, the one that says the most.
pub(super) fn carried(html: &Html, base: &Url, input: &Input<'_>, dates: DateContext<'_>) -> Option<Found> {
    let shown = shown(html, base);
    let found = places(html).into_iter().filter_map(|(within, texts)| {
        let values = state::values(texts.iter().map(String::as_str));
        carried::find(&values, &Around { input, base, dates, within: Some(within), shown: &shown })
    });
    // Of equals the first.
    found.fold(None, |best: Option<Found>, found| match best {
        Some(best) if worth(&best) >= worth(&found) => Some(best),
        _ => Some(found),
    })
}

fn worth(found: &Found) -> f64 {
    says(found) * if found.unproved { 0.5 } else { 1.0 }
}

/// What the page links to.
fn shown(html: &Html, base: &Url) -> HashSet<String> {
    let elements = html.root_element().descendent_elements().filter(|e| e.value().name() == "a");
    let urls = elements.filter_map(|a| base.join(a.attr("href")?.trim()).ok());
    urls.take(MOST_LINKS).map(|url| without_fragment(url).into()).collect()
}

/// Places in the page, as `in` names them, with the texts there.
fn places(html: &Html) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |within: String, text: String| {
        if let Some((_, texts)) = found.iter_mut().find(|(w, _)| *w == within) {
            texts.push(text);
        } else if found.len() < MOST_PLACES {
            found.push((within, vec![text]));
        }
    };
    for element in html.root_element().descendent_elements().take(MOST_ELEMENTS) {
        if element.value().name() == "script" {
            let text = raw(element, None);
            if let Some(within) = script(element).filter(|_| text.contains(['{', '['])) {
                add(within, text);
            }
            continue;
        }
        let holds = |v: &str| v.len() >= LEAST_BYTES && v.trim_start().starts_with(['{', '[']);
        for (name, value) in element.value().attrs().filter(|(name, v)| plain(name) && holds(v)) {
            let tag = element.value().name();
            let which = element.attr("id").filter(|id| plain(id)).map_or(format!("[{name}]"), |id| format!("#{id}"));
            add(format!("{tag}{which} @{name}"), value.to_owned());
        }
    }
    found
}

/// How to name a script. `None` where it holds no text of its own.
fn script(element: ElementRef<'_>) -> Option<String> {
    let kind = element.attr("type").unwrap_or_default().trim().to_ascii_lowercase();
    let data = kind.contains("json");
    if element.attr("src").is_some() && !data {
        return None;
    }
    let id = element.attr("id").filter(|id| plain(id));
    Some(match id {
        _ if kind == "application/ld+json" => LINKED_DATA.to_owned(),
        Some(id) => format!("script#{id}"),
        None if data && element.attr("type").is_some_and(|t| !t.contains('\'')) => {
            format!("script[type='{}']", element.attr("type").unwrap_or_default())
        }
        None => ANY_SCRIPT.to_owned(),
    })
}

/// Whether a name can stand in a selector as it is.
fn plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}
