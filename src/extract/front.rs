//! Where the article begins inside its element.

use std::ops::Range;

use super::blocks::Block;
use super::edges::{Page, is_caption, is_logo, is_noise, is_notice, same_title};
use super::tree::Tree;
use super::wholes::Wholes;
use super::words::bare;
use crate::text::{is_film, may_play};

/// The longest score, or number with its unit.
const LONGEST_FIGURE: usize = 20;
/// A film so many lines above the title is the article's.
const NEAR: usize = 4;

/// Leaves out what stands before the article in its lines.
pub(super) fn trim_front(tree: &Tree<'_>, blocks: &mut [Block], lines: &Range<usize>, page: &Page<'_>) {
    let first_prose =
        lines.clone().find(|i| blocks[*i].is_prose() && !is_noise(&blocks[*i], page)).unwrap_or(lines.end);
    let title = lines
        .clone()
        .take(60)
        .filter(|i| *i <= first_prose + 3)
        .rfind(|i| (blocks[*i].heading || *i < first_prose) && same_title(&bare(&blocks[*i].text), &page.title));
    let from = title.filter(|t| *t <= first_prose).map_or(lines.start, |t| t + 1);
    let film = (lines.start..from).rev().take(NEAR).find(|i| is_film_of_it(tree, &blocks[*i]));
    for i in (lines.start..from).filter(|i| Some(*i) != film) {
        blocks[i].gone = true;
    }
    let wholes = Wholes::of(tree, blocks, from..lines.end);
    let mut i = from;
    while i < lines.end {
        if let Some(whole) = wholes.begins(blocks, i) {
            if !whole.is_furniture(blocks, page, i > first_prose) {
                return trim_after_standfirst(tree, blocks, whole.lines.end..lines.end, (&wholes, page));
            }
            blocks[whole.lines.clone()].iter_mut().for_each(|b| b.gone = true);
            i = whole.lines.end;
            continue;
        }
        let block = &blocks[i];
        let goes = if block.media {
            block.shared || is_logo(tree, block, page)
        } else if is_noise(block, page) || is_notice(block) || Some(i) == title || block.shared {
            true
        } else if block.is_link() {
            i < first_prose && block.weight < 250
        } else {
            let label = block.text.ends_with([':', '：']);
            let short = block.weight < 25 && !block.heading && (label || !block.ends_sentence());
            let listed = matches!(tree.name(block.owner), "li" | "td" | "th" | "dt" | "dd" | "blockquote" | "pre");
            let broken = blocks.get(i + 1).is_some_and(|b| b.owner == block.owner);
            i < first_prose && short && !listed && !broken && !is_caption(tree, block) && i < from + 6
        };
        if goes {
            blocks[i].gone = true;
        } else if !blocks[i].media && !is_caption(tree, &blocks[i]) {
            return trim_after_standfirst(tree, blocks, i + 1..lines.end, (&wholes, page));
        }
        i += 1;
    }
}

/// Who wrote it, when, and where to share it may stand after the standfirst.
fn trim_after_standfirst(
    tree: &Tree<'_>,
    blocks: &mut [Block],
    lines: Range<usize>,
    (wholes, page): (&Wholes<'_, '_>, &Page<'_>),
) {
    /// Lines after the first that may be no text yet.
    const MOST: usize = 8;
    let mut i = lines.start;
    while i < lines.end.min(lines.start + MOST) {
        if let Some(whole) = wholes.begins(blocks, i) {
            let goes = whole.is_furniture(blocks, page, true);
            if !goes && blocks[whole.lines.clone()].iter().any(Block::is_prose) {
                return;
            }
            blocks[whole.lines.clone()].iter_mut().for_each(|b| b.gone |= goes);
            i = whole.lines.end;
            continue;
        }
        if is_figure(tree, blocks, i, page) {
            i += 1;
            continue;
        }
        let film = blocks[i].is_link() && leads_to_film(tree, &blocks[i]);
        let block = &mut blocks[i];
        if block.media {
            block.gone |= block.shared || is_logo(tree, block, page);
        } else if block.heading || (block.is_prose() && !is_noise(block, page)) {
            return;
        } else if is_noise(block, page) || (block.is_link() && block.weight < 120 && !film) {
            block.gone = true;
        }
        i += 1;
    }
}

/// Whether a line is a film, and no other page's.
fn is_film_of_it(tree: &Tree<'_>, block: &Block) -> bool {
    block.media && !block.shared && (block.first..block.end).any(|i| tree.name(i) == "video" || may_play(tree.name(i)))
}

/// Whether a line is a score or a number that the text tells: a paragraph of its own between two of the text. Counters of views and
/// comments stand beside the text, or are named.
fn is_figure(tree: &Tree<'_>, blocks: &[Block], line: usize, page: &Page<'_>) -> bool {
    let is_bare = |block: &Block| tree.name(block.owner) == "p" && tree.class_words(block.owner).is_empty();
    let is_number = |block: &Block| {
        let said = block.text.trim();
        !block.media
            && block.linked == 0
            && said.chars().count() <= LONGEST_FIGURE
            && said.starts_with(char::is_numeric)
            && !said.chars().any(char::is_alphabetic)
            && !is_hour(said)
            && !(page.is_date)(said)
    };
    let block = &blocks[line];
    if !is_bare(block) || !is_number(block) || block.shared || block.told {
        return false;
    }
    let parent = tree.up(block.owner).next();
    let of_text = |other: &&Block| !other.gone && !is_number(other);
    let is_text = |other: &Block| is_bare(other) && other.is_prose() && tree.up(other.owner).next() == parent;
    let before = blocks[..line].iter().rev().take(NEAR).find(of_text);
    let after = blocks[line + 1..].iter().take(NEAR).find(of_text);
    before.is_some_and(is_text) && after.is_some_and(is_text)
}

/// `08:30` is when something was said.
fn is_hour(said: &str) -> bool {
    let digits = |part: &str| part.chars().count() == 2 && part.chars().all(char::is_numeric);
    said.split_once([':', 'h']).is_some_and(|(hours, minutes)| digits(hours) && digits(minutes))
}

/// Whether a line is a link to a film, which belongs to the text as the film itself would.
fn leads_to_film(tree: &Tree<'_>, block: &Block) -> bool {
    let around = tree.up(block.first).take_while(|i| *i >= block.owner);
    around.chain(block.first..block.end).filter_map(|i| tree.attr(i, "href")).any(is_film)
}
