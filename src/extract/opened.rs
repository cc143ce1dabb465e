//! A page parsed and laid out in lines, before its article is looked for.

use scraper::Html;

use super::blocks::{self, Block};
use super::head::Head;
use super::jsonld::{self, Data};
use super::sighting::Sighting;
use super::tree::Tree;
use super::{Drop, Page, Recipe, prune};

/// A page whose article can be looked for.
pub(super) struct Opened<'a> {
    pub(super) html: &'a Html,
    pub(super) tree: Tree<'a>,
    pub(super) head: Head<'a>,
    pub(super) data: Data,
    /// Its lines with what was pruned.
    pub(super) whole: Vec<Block>,
    /// Its lines.
    pub(super) blocks: Vec<Block>,
    /// The element that the recipe names as the body.
    pub(super) recipe_body: Option<usize>,
    /// Elements that the recipe leaves out.
    pub(super) dropped: Vec<usize>,
    /// What is remembered of it.
    pub(super) sighting: Sighting,
}

impl<'a> Opened<'a> {
    /// Lays a parsed page out; `scripts` are its structured data.
    pub(super) fn of(page: &Page<'_>, recipe: &Recipe, scripts: &[String], html: &'a Html) -> Self {
        let mut tree = Tree::of(html);
        let recipe_body = recipe.body.as_ref().and_then(|p| p.elements(html.root_element()).find_map(|e| tree.find(e)));
        let dropped = drop_selected(&mut tree, html, recipe);
        let whole = blocks::blocks(&tree);
        let head = Head::of(&tree);
        let titles: Vec<&str> =
            head.one(&["og:title", "twitter:title"]).into_iter().chain(head.title.as_deref()).collect();
        let data = jsonld::read(scripts, &titles);
        let cards = prune::prune(&mut tree, &titles);
        let mut blocks = blocks::blocks(&tree);
        for block in &mut blocks {
            block.card = cards.iter().any(|c| c.contains(&block.first));
        }
        drop_worded(&mut blocks, recipe);
        let sighting = Sighting::of(page, &tree, &head, &data, &blocks);
        Self { html, tree, head, data, whole, blocks, recipe_body, dropped, sighting }
    }
}

/// Leaves out what the recipe's selectors match, and tells what that was.
fn drop_selected(tree: &mut Tree<'_>, html: &Html, recipe: &Recipe) -> Vec<usize> {
    let selectors = recipe.drop.iter().filter_map(|d| match d {
        Drop::Selector(s) => Some(s),
        Drop::Words(_) => None,
    });
    let mut found = selectors.flat_map(|s| html.select(s)).peekable();
    if found.peek().is_none() {
        return Vec::new();
    }
    let places = tree.places();
    let mut dropped = Vec::new();
    for at in found.filter_map(|element| places.get(&std::ptr::from_ref(element.value()))) {
        // What stands in another that goes is told with it.
        if !tree.cells[*at].gone {
            dropped.push(*at);
        }
        tree.leave_out(*at);
    }
    dropped
}

/// Leaves out the lines that the recipe's words match.
fn drop_worded(blocks: &mut [Block], recipe: &Recipe) {
    for drop in &recipe.drop {
        if let Drop::Words(words) = drop {
            blocks.iter_mut().filter(|b| words.is_match(&b.text)).for_each(|b| b.gone = true);
        }
    }
}
