//! What queries may ask for by name, and whether they do.

use std::collections::{BTreeMap, BTreeSet};

use super::raw::Text;
use super::read::Reading;
use super::said::{Said, nearest};
use crate::query::Query;
use crate::text::{fold, tag_key};

/// What a query of the file is for: some fields mean nothing there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A rule of `[tags]`.
    Rule,
    /// `only` of a source.
    Only,
    /// `select` of a feed.
    Select,
    /// `from` of `[recommend]`.
    From,
    /// `hide` of `[site]`.
    Hide,
}

/// The names that the file gives.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Whether all of the file was understood: else a name may only seem to be missing.
    whole: bool,
    /// Sources, by their folded form.
    sources: BTreeMap<String, String>,
    feeds: BTreeSet<String>,
    /// Tags that are declared: shown form by key.
    tags: BTreeMap<String, String>,
    /// Other spellings: shown form of what is given instead, by key.
    aliases: BTreeMap<String, String>,
    /// Keys of tags that are never given.
    drop: BTreeSet<String>,
}

impl Known {
    pub(super) fn new(reading: &Reading) -> Self {
        let file = &reading.file;
        let mut known = Self { whole: reading.sound, ..Self::default() };
        for name in file.source.keys() {
            known.sources.insert(fold(name.get_ref()), name.get_ref().clone());
        }
        known.feeds = file.feed.keys().map(|f| f.get_ref().clone()).collect();
        for (shown, others) in &file.tagging.aliases {
            for other in others {
                known.aliases.insert(tag_key(other.get_ref()), shown.get_ref().clone());
            }
        }
        // Several renamings are followed to the last; a circle of them is told elsewhere.
        let next = known.aliases.clone();
        for shown in known.aliases.values_mut() {
            for _ in 0..next.len() {
                let Some(further) = next.get(&tag_key(shown)) else { break };
                shown.clone_from(further);
            }
        }
        known.drop = file.tagging.drop.iter().map(|d| tag_key(d.get_ref())).collect();
        let given = file.source.values().flat_map(|s| &s.tags);
        for tag in file.tags.keys().chain(file.tagging.aliases.keys()).chain(given) {
            known.tags.insert(tag_key(tag.get_ref()), tag.get_ref().clone());
        }
        known
    }

    /// Tells what a query asks for that is not there, or means nothing where it stands.
    pub(super) fn check(&self, query: &Query, written: &Text, used: Use, said: &mut Said<'_>) {
        let names = query.names();
        for (name, span) in &names.sources {
            if !self.whole || self.sources.contains_key(&fold(name)) {
                continue;
            }
            let span = said.within(written, span);
            if used == Use::Hide {
                // What has left the file is hidden by its name.
                if let Some((_, near)) = self.sources.iter().find(|(known, _)| nearly(&fold(name), known)) {
                    let hint = format!("did you mean `{near}`? One that has left the file is hidden all the same");
                    said.warn(span, format!("source `{name}` is not in the file"), hint);
                }
            } else {
                let hint = unknown(name, self.sources.values().map(String::as_str), "source");
                said.wrong(span, format!("source `{name}` is not in the file"), hint);
            }
        }
        for (name, span) in &names.feeds {
            let span = said.within(written, span);
            if matches!(used, Use::Rule | Use::Only) {
                said.wrong(span, "`feed:` means nothing here", "feeds are made of what is stored, later than this");
            } else if used == Use::Hide {
                said.wrong(span, "`feed:` means nothing in `hide`", "write what the feed selects");
            } else if self.whole && !self.feeds.contains(&name.to_lowercase()) {
                let hint = unknown(name, self.feeds.iter().map(String::as_str), "feed");
                said.wrong(span, format!("feed `{name}` is not in the file"), hint);
            }
        }
        for (name, span) in &names.tags {
            if let Some((message, hint)) = self.tag_mistake(name) {
                let span = said.within(written, span);
                said.wrong(span, message, hint);
            }
        }
        let later = "a tag does not come and go with time; ask for this in `select` of a feed";
        for span in names.ages.iter().filter(|_| used == Use::Rule) {
            let span = said.within(written, span);
            said.wrong(span, "`age:` means nothing in a tag rule", later);
        }
        for span in names.ages.iter().filter(|_| used == Use::Hide) {
            let span = said.within(written, span);
            let hint = "what is hidden stays so; ask for this in `select` of a feed, or shorten `keep` of [store]";
            said.wrong(span, "`age:` means nothing in `hide`", hint);
        }
        for span in names.copies.iter().filter(|_| matches!(used, Use::Rule | Use::Only)) {
            let span = said.within(written, span);
            said.wrong(span, "`copies:` means nothing here", "copies come later; ask for them in `select` of a feed");
        }
    }

    /// A tag that no article can have, or that is nearly a declared one.
    fn tag_mistake(&self, name: &str) -> Option<(String, String)> {
        let key = tag_key(name);
        if let Some(shown) = self.aliases.get(&key).filter(|shown| tag_key(shown) != key) {
            let message = format!("tag `{name}` is another spelling of `{shown}`, and no article has it");
            return Some((message, format!("write tag:{shown}")));
        }
        if self.drop.contains(&key) {
            return Some((
                format!("tag `{name}` is in `drop`, and no article has it"),
                "take it out of one of the two".to_owned(),
            ));
        }
        if self.tags.contains_key(&key) {
            return None;
        }
        let (_, shown) = self.tags.iter().find(|(declared, _)| nearly(&key, declared))?;
        let message = format!("tag `{name}` is nearly `{shown}`, and not declared");
        Some((message, format!("did you mean tag:{shown}? If it is another tag, declare it in [tags] too")))
    }
}

fn unknown<'k>(name: &str, known: impl Iterator<Item = &'k str> + Clone, what: &str) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let some: Vec<&str> = known.take(8).collect();
            if some.is_empty() { format!("the file has no {what}") } else { format!("there are: {}", some.join(", ")) }
        }
    }
}

/// A slip of the pen away: one sign in a word of five, two in a word of ten; other numbers are other tags.
fn nearly(a: &str, b: &str) -> bool {
    let digits = |s: &str| s.chars().filter(char::is_ascii_digit).collect::<String>();
    let shortest = a.chars().count().min(b.chars().count());
    let slips = match shortest {
        0..5 => 0,
        5..10 => 1,
        _ => 2,
    };
    slips > 0 && digits(a) == digits(b) && strsim::osa_distance(a, b) <= slips
}

/// Orders things so that each stands after those that it asks for, and otherwise as they came. What asks for itself in a
/// circle is given back instead: each circle once, by places in `asks`.
pub(super) fn ordered(asks: &[Vec<usize>]) -> Result<Vec<usize>, Vec<Vec<usize>>> {
    let mut order = Vec::with_capacity(asks.len());
    let mut circles = Vec::new();
    // 0: not seen, 1: on the way, 2: done.
    let mut state = vec![0_u8; asks.len()];
    for start in 0..asks.len() {
        if state[start] != 0 {
            continue;
        }
        state[start] = 1;
        let mut way = vec![(start, 0)];
        while let Some((at, next)) = way.last_mut() {
            let (at, asked) = (*at, asks[*at].get(*next).copied());
            *next += 1;
            match asked {
                None => {
                    state[at] = 2;
                    order.push(at);
                    way.pop();
                }
                Some(to) if state[to] == 1 => {
                    let from = way.iter().position(|(on, _)| *on == to).unwrap_or(0);
                    circles.push(way[from..].iter().map(|(on, _)| *on).collect());
                }
                Some(to) if state[to] == 0 => {
                    state[to] = 1;
                    way.push((to, 0));
                }
                Some(_) => {}
            }
        }
    }
    if circles.is_empty() { Ok(order) } else { Err(circles) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_tags() {
        assert!(nearly("liberation_palestin", "liberation_palestine") && nearly("mediteranee", "mediterranee"));
        for (a, b) in [("iran", "irak"), ("niger", "nigeria"), ("mars_2024_x", "mars_2025_x"), ("presse", "france")] {
            assert!(!nearly(a, b), "{a} {b}");
        }
    }

    #[test]
    fn what_is_asked_for_comes_before() {
        assert_eq!(ordered(&[vec![2], vec![], vec![1]]), Ok(vec![1, 2, 0]));
        assert_eq!(ordered(&[vec![1], vec![2], vec![1], vec![3]]), Err(vec![vec![1, 2], vec![3]]));
    }
}
