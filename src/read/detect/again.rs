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
