//! What a page says of itself in `meta`, `link`, microdata and rel, once round the tree.

use std::collections::HashMap;

use super::tree::Tree;

/// Values of one name that are kept.
const MOST_VALUES: usize = 50;

/// What was said.
#[derive(Debug, Default)]
pub(super) struct Head<'a> {
    meta: HashMap<String, Vec<&'a str>>,
    /// The whole `<title>`.
    pub(super) title: Option<String>,
    /// `<html lang>`.
    pub(super) lang: Option<&'a str>,
    /// `link rel=canonical`.
    pub(super) canonical: Option<&'a str>,
    /// Elements with `itemprop`, `rel=author`, `rel=tag` and `time`, in document order.
    pub(super) marked: Vec<(Mark, usize)>,
}

/// What an element is marked as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Author,
    Published,
    Updated,
    Headline,
    Description,
    Tag,
    Time,
}

impl<'a> Head<'a> {
    /// Reads a page.
    pub(super) fn of(tree: &Tree<'a>) -> Self {
        let mut head = Self::default();
        for at in 0..tree.cells.len() {
            let Some(element) = tree.element(at) else { continue };
            match element.name() {
                "meta" => head.meta(
                    element.attr("property"),
                    element.attr("name"),
                    element.attr("itemprop"),
                    element.attr("content"),
                ),
                "title" if head.title.is_none() => {
                    let title = tree.whole_text(at);
                    head.title = (!title.is_empty()).then_some(title);
                }
                "html" => head.lang = element.attr("lang").or_else(|| element.attr("xml:lang")),
                "link" if head.canonical.is_none() && has_word(element.attr("rel"), "canonical") => {
                    head.canonical = element.attr("href");
                }
                _ => {}
            }
            if let Some(mark) = mark(tree, at) {
                head.marked.push((mark, at));
            }
        }
        head
    }

    fn meta(&mut self, property: Option<&str>, name: Option<&str>, item: Option<&str>, content: Option<&'a str>) {
        let Some(content) = content.map(str::trim).filter(|c| !c.is_empty()) else { return };
        for key in [property, name, item].into_iter().flatten() {
            for key in key.split_ascii_whitespace() {
                let all = self.meta.entry(key.to_ascii_lowercase()).or_default();
                if all.len() < MOST_VALUES {
                    all.push(content);
                }
            }
        }
    }

    /// The first value of the first name that has one.
    pub(super) fn one(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|n| self.meta.get(*n)?.first().copied())
    }

    /// All values of all names.
    pub(super) fn all(&self, names: &[&str]) -> Vec<&'a str> {
        names.iter().filter_map(|n| self.meta.get(*n)).flatten().copied().collect()
    }

    /// Elements with a mark.
    pub(super) fn with(&self, wanted: Mark) -> impl Iterator<Item = usize> + '_ {
        self.marked.iter().filter(move |(m, _)| *m == wanted).map(|(_, at)| *at)
    }
}

fn has_word(value: Option<&str>, word: &str) -> bool {
    value.is_some_and(|v| v.split_ascii_whitespace().any(|w| w.eq_ignore_ascii_case(word)))
}

fn mark(tree: &Tree<'_>, at: usize) -> Option<Mark> {
    let element = tree.element(at)?;
    let item = element.attr("itemprop").unwrap_or_default();
    if !item.is_empty() && element.name() != "meta" {
        for word in item.split_ascii_whitespace() {
            match word {
                "author" | "creator" => return Some(Mark::Author),
                "datePublished" | "dateCreated" => return Some(Mark::Published),
                "dateModified" => return Some(Mark::Updated),
                "headline" => return Some(Mark::Headline),
                "description" | "alternativeHeadline" => return Some(Mark::Description),
                _ => {}
            }
        }
    }
    let rel = element.attr("rel");
    if rel.is_some() && element.name() == "a" {
        if has_word(rel, "author") {
            return Some(Mark::Author);
        }
        if has_word(rel, "tag") {
            return Some(Mark::Tag);
        }
    }
    (element.name() == "time").then_some(Mark::Time)
}
