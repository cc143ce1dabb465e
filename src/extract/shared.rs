//! Of what other pages of the site have too, what goes and what is the article's all the same.

use std::collections::HashSet;
use std::ops::Range;

use super::blocks::Block;
use super::boxes;
use super::tree::Tree;
use super::words::{WORDS, bare};

/// Leaves out what other pages of the site have too. The head of a table or a point of a list may well say the same in many
/// articles: it stays where the rest of its table or list is the article's own, a heading where what follows it stays, and a
/// short sentence where it stands between two paragraphs of the text.
pub(super) fn drop_shared(tree: &Tree<'_>, blocks: &mut [Block], lines: &Range<usize>) {
    /// Lines from a sentence to the paragraph before or after it.
    const NEAR: usize = 4;
    let list = |i: usize| {
        let is_list = |at: &usize| matches!(tree.name(*at), "table" | "ul" | "ol" | "dl" | "pre" | "p");
        std::iter::once(blocks[i].owner)
            .chain(tree.up(blocks[i].owner))
            .find(is_list)
            .filter(|at| tree.inside(*at).len() > 1)
    };
    let kept: Vec<usize> = lines.clone().filter(|i| !blocks[*i].gone && !blocks[*i].media).collect();
    let with_links: HashSet<usize> = kept.iter().filter(|i| blocks[**i].is_link()).filter_map(|i| list(*i)).collect();
    // In a list of links a text in the place of the site's is a teaser.
    let is_own = |i: usize, list: &usize| !blocks[i].shared || blocks[i].placed && !with_links.contains(list);
    let own: HashSet<usize> = kept
        .iter()
        .filter(|i| !blocks[**i].is_link())
        .filter_map(|i| list(*i).filter(|list| is_own(*i, list)))
        .collect();
    let mut goes = Vec::new();
    let mut follows = false;
    for (n, i) in kept.iter().enumerate().rev() {
        let block = &blocks[*i];
        let among = !block.is_link() && list(*i).is_some_and(|at| own.contains(&at));
        let heads = (block.heading || boxes::is_strong(tree, block)) && !block.is_link();
        let own = |i: &&usize| !blocks[**i].shared;
        let before = kept[n.saturating_sub(NEAR)..n].iter().rev().find(own);
        let after = kept[n + 1..].iter().take(NEAR).find(own);
        let said = before.zip(after).is_some_and(|(a, b)| is_said(tree, blocks, (*a, *i, *b)));
        let stays = !block.shared || among || said || heads && follows;
        if !stays {
            goes.push(*i);
        }
        follows = stays;
    }
    let pictures = lines.clone().filter(|i| blocks[*i].media && blocks[*i].shared);
    for i in goes.into_iter().chain(pictures.collect::<Vec<_>>()) {
        blocks[i].gone = true;
    }
}

/// Whether a line is a short sentence between two paragraphs of the article's own that look as it does. What sites put there
/// is no sentence, or it asks for something.
fn is_said(tree: &Tree<'_>, blocks: &[Block], (before, line, after): (usize, usize, usize)) -> bool {
    let block = &blocks[line];
    let parent = |i: usize| tree.up(blocks[i].owner).next();
    let beside = |i: usize| {
        blocks[i].ends_sentence() && tree.name(blocks[i].owner) == tree.name(block.owner) && parent(i) == parent(line)
    };
    let said = bare(&block.text);
    let asks = [&WORDS.newsletter, &WORDS.plea, &WORDS.share, &WORDS.noise, &WORDS.related, &WORDS.comments]
        .iter()
        .any(|list| list.begins(&said).is_some());
    !block.is_prose() && block.linked == 0 && block.ends_sentence() && !asks && beside(before) && beside(after)
}
