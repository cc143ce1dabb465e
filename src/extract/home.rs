//! Where the article is at home: the smallest element that holds its title and running text after it. Once there is one,
//! what says that it stands beside an article does so, however much text it has.

use super::prune::{is_aside, running};
use super::tree::{Kind, Tree};
use super::words::bare;

/// Running text after the title from which an element is one with an article.
const ENOUGH: usize = 250;

/// How many times the article's text what stands beside it may have: where it has more it is the article after all.
const TIMES: usize = 10;

/// Characters of a title in common with a heading that make it the heading of the article.
const TELLING: usize = 10;

/// The title of the page, and the element of its article.
pub(super) struct Home {
    title: usize,
    at: usize,
    /// How much running text there is after the title and in no such box.
    text: usize,
}

impl Home {
    /// Looks for it. `said`: the titles that the page gives itself.
    pub(super) fn of(tree: &Tree<'_>, said: &[&str]) -> Option<Self> {
        let title = title(tree, said)?;
        // Running text up to each node that stands after the title and in no box beside the article.
        let mut text = vec![0; tree.cells.len() + 1];
        let mut at = title;
        while at < tree.cells.len() {
            let cell = &tree.cells[at];
            let skip = cell.gone || cell.kind == Kind::Unread || at > title && is_aside(tree, at);
            let end = if skip { cell.end } else { at + 1 };
            let sum = text[at] + if skip { 0 } else { running(tree, at) };
            text[at + 1..=end].fill(sum);
            at = end;
        }
        let at = tree.up(title).find(|i| text[tree.cells[*i].end] >= ENOUGH)?;
        Some(Self { title, at, text: text[tree.cells.len()] })
    }

    /// Whether an element without the title, and with `solid` running text, may stand beside the article.
    pub(super) fn stands_without(&self, tree: &Tree<'_>, at: usize, solid: usize) -> bool {
        !tree.inside(at).contains(&self.title) && solid <= self.text * TIMES
    }

    /// Whether an element stands outside that of the article.
    pub(super) fn is_apart(&self, tree: &Tree<'_>, at: usize, solid: usize) -> bool {
        !tree.inside(self.at).contains(&at) && self.stands_without(tree, at, solid)
    }
}

/// The heading that says what the page says it is called; else its only `h1`.
fn title(tree: &Tree<'_>, said: &[&str]) -> Option<usize> {
    let said: Vec<String> = said.iter().map(|t| bare(t)).collect();
    let named = |at: &usize| {
        let heading = bare(&tree.whole_text(*at));
        heading.chars().count() >= TELLING && said.iter().any(|t| t.contains(&heading))
    };
    let headings: Vec<usize> = (0..tree.cells.len()).filter(|i| tree.cells[*i].kind == Kind::Heading).collect();
    let first = |at: &&usize| tree.name(**at) == "h1";
    let found = headings
        .iter()
        .filter(first)
        .take(MOST)
        .find(|i| named(i))
        .or_else(|| headings.iter().take(MOST).find(|i| named(i)));
    let only = || {
        let mut firsts = headings.iter().filter(first);
        firsts.next().filter(|_| firsts.next().is_none())
    };
    found.or_else(only).copied()
}

/// Headings that are compared with the title.
const MOST: usize = 40;
