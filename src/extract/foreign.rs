//! What stands on a page beside its article names others, and other days: readers who comment, articles to read next.

use super::anchors::names;
use super::tree::Tree;

/// Class words of boxes that tell of others.
#[rustfmt::skip]
const FOREIGN: [&str; 16] = [
    "comment", "comments", "commentlist", "commentaires", "comentarios", "kommentare", "disqus", "livefyre", "respond",
    "jetpackrelatedposts", "recommendations", "recommended", "related", "relatedposts", "outbrain", "taboola",
];

/// Whether a node stands in a box that tells of others. What holds `place`, where the article begins, is none.
pub(super) fn is_foreign(tree: &Tree<'_>, at: usize, place: usize) -> bool {
    around(tree, at, place).any(|i| {
        tree.attr(i, "itemtype").is_some_and(|t| t.ends_with("schema.org/Comment"))
            || names(tree, i).iter().any(|w| FOREIGN.contains(&w.as_str()))
    })
}

/// Whether it stands in a list in a column beside the article. Outside of lists such columns tell of the article, too.
pub(super) fn is_listed_aside(tree: &Tree<'_>, at: usize, place: usize) -> bool {
    let mut around = around(tree, at, place);
    around.any(|i| matches!(tree.name(i), "li" | "article"))
        && around.any(|i| tree.name(i) == "aside" || names(tree, i).iter().any(|w| w == "sidebar"))
}

/// The boxes around a node that do not hold the article's beginning.
fn around<'t>(tree: &'t Tree<'_>, at: usize, place: usize) -> impl Iterator<Item = usize> + 't {
    let apart = move |i: &usize| !tree.inside(*i).contains(&place);
    std::iter::once(at).chain(tree.up(at)).take_while(apart).filter(|i| tree.element(*i).is_some())
}
