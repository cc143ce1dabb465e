//! A body that is spread over several boxes of one look, and a page on which another article follows.

use super::blocks::Block;
use super::body::{self, Body};
use super::boxes;
use super::tree::{Kind, Tree};

/// Children of one element that are looked at.
const MOST_CHILDREN: usize = 2_000;

/// Class words that are compared.
const MOST_CLASSES: usize = 30;

/// Headings after the title that may be those of other articles.
const MOST_RIVALS: usize = 20;

/// Takes in the boxes of the same look beside the one that was found, and ends before the next article.
pub(super) fn settle(tree: &Tree<'_>, blocks: &[Block], found: Body, title: Option<usize>) -> Body {
    let mut body = widen(tree, blocks, found, title);
    if let Some(end) = title.and_then(|t| next_article(tree, blocks, &body, t)) {
        body.lines.end = end;
    }
    body
}

/// A theme that sets advertising or pictures between the paragraphs closes the box of the body before them, and opens
/// another one of the same class after.
fn widen(tree: &Tree<'_>, blocks: &[Block], found: Body, title: Option<usize>) -> Body {
    let parent = tree.cells[found.at].parent;
    if parent == found.at || matches!(tree.name(found.at), "body" | "html" | "article" | "main" | "td" | "li" | "p") {
        return found;
    }
    let mut lines = found.lines.clone();
    for child in children(tree, parent) {
        let cell = &tree.cells[child];
        if child == found.at || cell.gone || cell.kind != Kind::Block || !same_look(tree, child, found.at) {
            continue;
        }
        let inside = body::lines(tree, blocks, child);
        let after_title = title.is_none_or(|t| inside.start > t);
        let first = blocks[inside.clone()].iter().find(|b| !b.media);
        let labelled = first.is_some_and(|b| boxes::is_label(tree, b));
        let mut prose = blocks[inside.clone()].iter().filter(|b| b.is_prose() && !b.card);
        if after_title && !labelled && prose.next().is_some() {
            lines = lines.start.min(inside.start)..lines.end.max(inside.end);
        }
    }
    if lines == found.lines { found } else { Body { at: parent, lines, score: found.score } }
}

fn children<'t>(tree: &'t Tree<'_>, parent: usize) -> impl Iterator<Item = usize> + 't {
    let end = tree.cells[parent].end;
    std::iter::successors((parent + 1 < end).then_some(parent + 1), move |c| {
        let next = tree.cells[*c].end;
        (next < end).then_some(next)
    })
    .take(MOST_CHILDREN)
}

/// Whether two elements are of one name and, but for numbers of their own, of one class.
fn same_look(tree: &Tree<'_>, a: usize, b: usize) -> bool {
    let classes = |i| tree.attr(i, "class").unwrap_or_default().split_ascii_whitespace().take(MOST_CLASSES);
    let most = classes(a).count().max(classes(b).count());
    let shared = classes(a).filter(|w| classes(b).any(|x| x == *w)).count();
    tree.name(a) == tree.name(b) && most > 0 && shared * 3 >= most * 2
}

/// The line at which another article begins whose box is made like that of the first.
fn next_article(tree: &Tree<'_>, blocks: &[Block], body: &Body, title: usize) -> Option<usize> {
    let first = blocks.get(title).filter(|b| b.heading)?;
    let level = tree.name(first.owner);
    let rivals = (body.lines.start.max(title + 1)..body.lines.end)
        .filter(|i| blocks[*i].heading && tree.name(blocks[*i].owner) == level && blocks[*i].text != first.text)
        .take(MOST_RIVALS);
    for rival in rivals {
        // The boxes in which they stand apart.
        let around = std::iter::once(blocks[rival].owner).chain(tree.up(blocks[rival].owner));
        let Some(theirs) = around.take_while(|i| !tree.inside(*i).contains(&first.first)).last() else { continue };
        let parent = tree.cells[theirs].parent;
        let Some(ours) = tree.up(first.first).find(|i| tree.cells[*i].parent == parent) else { continue };
        let alike = tree.name(ours) == tree.name(theirs)
            // Chapters of one article stand in boxes of one look too, under headings of a lower level.
            && (tree.name(ours) == "article" || level == "h1" && same_look(tree, ours, theirs))
            && tree.cells[theirs].kind == Kind::Block;
        let told = |i: usize| blocks[body::lines(tree, blocks, i)].iter().filter(|b| b.is_prose()).count() >= 2;
        if alike && told(theirs) && told(ours) {
            return Some(body::lines(tree, blocks, ours).end);
        }
    }
    None
}
