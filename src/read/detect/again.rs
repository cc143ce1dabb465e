//! A list that is known by what it held before: found again on a page that was made anew.

use std::collections::HashSet;

use url::Url;

use super::spots::Spots;
use super::{Found, detect_by};
use crate::model::Entry;
use crate::read::Input;
use crate::text::{fold, url_key, words};

/// Entries of old that have to be among those that a description gives, where as many are known.
const PROOF: usize = 2;
/// A title of fewer words and characters may be anybody's.
const TITLE_WORDS: usize = 2;
const TITLE_CHARACTERS: usize = 8;

/// What a list held.
#[derive(Debug, Clone, Default)]
pub struct Remembered {
    titles: HashSet<String>,
    links: HashSet<String>,
    entries: usize,
}

impl Remembered {
    /// Takes in an entry: its title and the canonical keys of its addresses.
    pub fn add(&mut self, title: &str, links: impl IntoIterator<Item = String>) {
        self.titles.extend(told(title));
        self.links.extend(links);
        self.entries += 1;
    }

    fn knows(&self, title: &str, link: Option<&Url>) -> bool {
        told(title).is_some_and(|title| self.titles.contains(&title))
            || link.is_some_and(|link| self.links.contains(&url_key(link)))
    }

    fn holds(&self, entry: &Entry) -> bool {
        let link = entry.link.as_deref().and_then(|link| Url::parse(link).ok());
        self.knows(entry.title.as_deref().unwrap_or_default(), link.as_ref())
    }

    /// The addresses of a page whose stories are known.
    pub(super) fn found_among(&self, spots: &Spots<'_>) -> HashSet<String> {
        let known = spots.stories.iter().filter(|s| self.knows(&s.title, Url::parse(&s.href).ok().as_ref()));
        known.map(|story| story.href.clone()).collect()
    }
}

/// A title as it is compared; `None` where it says too little.
fn told(title: &str) -> Option<String> {
    let folded = fold(title);
    let parts: Vec<&str> = words(&folded).collect();
    let told = parts.join(" ");
    (parts.len() >= TITLE_WORDS || told.chars().count() >= TITLE_CHARACTERS).then_some(told)
}

/// Finds a list again by what it held before. `least`: fewer entries are no better than what there is. `None` where nothing
/// is found that gives some of the entries of old.
#[must_use]
pub fn detect_again(input: &Input<'_>, before: &Remembered, least: usize) -> Option<Found> {
    let found = detect_by(input, Some(before))?;
    let known = found.reading.entries.iter().filter(|entry| before.holds(entry)).count();
    let proved = before.entries > 0 && known >= PROOF.min(before.entries);
    (proved && !found.unproved && found.reading.entries.len() >= least).then_some(found)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    /// The links that are found again on a page, out of three entries of old.
    fn again(body: &str, least: usize) -> Option<Vec<String>> {
        let url = Url::parse("https://le-quai.example/actu").unwrap();
        let input = Input {
            body: body.as_bytes(),
            content_type: None,
            url: &url,
            lang: None,
            tz: Tz::UTC,
            day_first: None,
            now: chrono::DateTime::UNIX_EPOCH,
        };
        let mut before = Remembered::default();
        for n in 1..=3 {
            let old = Url::parse(&format!("https://le-quai.example/{n}?utm_source=x")).unwrap();
            before.add(&format!("Le quai nº {n} : « rouvert »"), [url_key(&old)]);
        }
        let found = detect_again(&input, &before, least)?;
        Some(found.reading.entries.into_iter().filter_map(|e| e.link).collect())
    }

    /// The link and the title of a piece.
    type Piece<'a> = &'a dyn Fn(usize) -> (String, String);

    /// Lists of so many, each in a box of its own.
    fn page(lists: &[(usize, Piece<'_>)]) -> String {
        let list = |((count, one), class): (&(usize, Piece<'_>), &str)| {
            let pieces = (1..=*count).map(|n| {
                let (link, title) = one(n);
                format!("<div><h2><a href='{link}'>{title}</a></h2></div>")
            });
            format!("<section class={class}>{}</section>", pieces.collect::<String>())
        };
        let lists: String = lists.iter().zip(["ticker", "river"]).map(list).collect();
        format!("<html><body>{lists}</body></html>")
    }

    #[test]
    fn a_list_is_known_by_titles_or_by_addresses_however_large_another_is() {
        let titles = |n: usize| (format!("/neu/{n}"), format!("LE QUAI nº {n} - rouvert"));
        let links = |n: usize| (format!("/{n}"), format!("Un titre tout autre pour le numéro {n}"));
        let other = |n: usize| (format!("/o/{n}"), format!("Une autre histoire, la {n}e de la série du jour"));
        for (what, one) in [("titles", &titles as Piece<'_>), ("links", &links)] {
            let found = again(&page(&[(20, &other), (5, one)]), 1).unwrap_or_else(|| panic!("{what}"));
            let expected: Vec<_> = (1..=5).map(|n| format!("https://le-quai.example{}", one(n).0)).collect();
            assert_eq!(found, expected, "{what}");
            assert_eq!(again(&page(&[(20, &other), (5, one)]), 6), None, "{what}: no more than there is");
        }
        assert_eq!(again(&page(&[(20, &other)]), 1), None);
        let json: Vec<_> = (1..=5).map(|n| serde_json::json!({"url": titles(n).0, "title": titles(n).1})).collect();
        assert_eq!(again(&serde_json::json!({ "items": json }).to_string(), 1).map(|l| l.len()), Some(5));
    }
}
