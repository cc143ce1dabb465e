//! Labelled boxes in the text and after it: recommendations, newsletters, who wrote it, comments. A label acts with the
//! links under it, or with the element that it opens.

use std::ops::Range;

use super::blocks::Block;
use super::body;
use super::tree::Tree;
use super::words::{WORDS, bare};

/// Longest label over a block of something else.
pub(super) const LONGEST_LABEL: usize = 70;

/// Lines down to the end that may all be teasers.
const MOST_TEASERS: usize = 300;

/// The share of the text over which no box is taken out for its label.
const LARGEST_BOX: f64 = 0.65;

/// Leaves out labelled boxes: recommendations, newsletters, who wrote it, comments.
pub(super) fn drop_boxes(tree: &Tree<'_>, blocks: &mut [Block], lines: &Range<usize>) {
    let whole: usize = blocks[lines.clone()].iter().filter(|b| !b.gone).map(|b| b.weight).sum();
    let weights = Weights::of(blocks, whole);
    let mut before = 0;
    let mut kept = None;
    for i in lines.clone() {
        if blocks[i].gone || blocks[i].media {
            continue;
        }
        before += blocks[i].weight;
        let last = kept.replace(i);
        let Some(label) = label(tree, &blocks[i]) else { continue };
        match label {
            Label::Line => blocks[i].gone = true,
            Label::Over(wants) => {
                let late = before * 2 > whole;
                if !drop_box(tree, blocks, lines, (last, i), wants, &weights) {
                    let end = run_of_links(blocks, lines, i, wants);
                    if end > i + 1 {
                        blocks[i..end].iter_mut().for_each(|b| b.gone = true);
                    } else if wants == Wants::Nothing && late {
                        blocks[i].gone = true;
                    }
                }
            }
        }
        if blocks[i].gone {
            kept = last;
        }
    }
}

/// How much reading there is before each line, and all of the text.
struct Weights {
    before: Vec<usize>,
    whole: usize,
}

impl Weights {
    fn of(blocks: &[Block], whole: usize) -> Self {
        let mut sum = 0;
        let add = |b: &Block| {
            sum += b.weight;
            sum
        };
        Self { before: std::iter::once(0).chain(blocks.iter().map(add)).collect(), whole }
    }

    /// Whether lines are too much of the text to be a box in it.
    fn is_most(&self, lines: &Range<usize>) -> bool {
        (self.before[lines.end] - self.before[lines.start]) as f64 > self.whole as f64 * LARGEST_BOX
    }
}

enum Label {
    /// `Lire aussi : <a>…</a>` on one line.
    Line,
    /// A label over other lines.
    Over(Wants),
}

/// What must stand under a label for it to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    Nothing,
    /// Links, or texts with some in them.
    Links,
    /// Links and their teasers: the label may be any heading that articles of the site have in common.
    Teasers,
}

impl Wants {
    fn is_met(self, block: &Block) -> bool {
        if self == Self::Teasers { block.is_link() } else { block.linked > 0 }
    }
}

/// Whether a line opens a box of something else.
pub(super) fn is_label(tree: &Tree<'_>, block: &Block) -> bool {
    label(tree, block).is_some()
}

fn label(tree: &Tree<'_>, block: &Block) -> Option<Label> {
    let said = bare(&block.text);
    if let Some(n) = WORDS.related.begins(&said)
        && block.linked * 10 >= block.weight * 4
        && (n < said.len() || block.linked < block.weight)
        && block.weight < 400
    {
        return Some(Label::Line);
    }
    if block.weight > LONGEST_LABEL {
        return None;
    }
    let words = said.split_whitespace().count();
    let close = |n: Option<usize>| n.is_some_and(|n| n >= 4 && said[n..].split_whitespace().count() <= 4);
    let over = block.heading || block.text.ends_with(':') || is_strong(tree, block) || words <= 6;
    if !over || block.text.ends_with(['.', '?', '。']) && !block.heading {
        return None;
    }
    if close(WORDS.related.begins(&said)) {
        return Some(Label::Over(Wants::Links));
    }
    // What stands over links on every page of the site is a label, whatever it says.
    if block.shared {
        return Some(Label::Over(Wants::Teasers));
    }
    let counted = said.trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
    let other = [&WORDS.newsletter, &WORDS.comments, &WORDS.author].iter().any(|l| l.is(&said))
        || WORDS.comments.is(counted)
        || WORDS.comments.is(&format!("{counted}s"));
    (other && (block.heading || is_strong(tree, block))).then_some(Label::Over(Wants::Nothing))
}

/// Whether a line begins in bold.
pub(super) fn is_strong(tree: &Tree<'_>, block: &Block) -> bool {
    tree.up(block.first).take_while(|i| *i >= block.owner).any(|i| matches!(tree.name(i), "strong" | "b"))
}

/// Leaves out the largest element that begins with the label, where it is a box; whether it did. `last`: the line before the
/// label that is kept.
fn drop_box(
    tree: &Tree<'_>,
    blocks: &mut [Block],
    lines: &Range<usize>,
    (last, label): (Option<usize>, usize),
    wants: Wants,
    weights: &Weights,
) -> bool {
    let mut found = None;
    for up in std::iter::once(blocks[label].owner).chain(tree.up(blocks[label].owner)) {
        let range = body::lines(tree, blocks, up);
        let starts = last.is_none_or(|last| last < range.start) && range.start >= lines.start;
        if !starts || range.end > lines.end || weights.is_most(&range) {
            break;
        }
        if range.end > label + 1 {
            found = Some(range);
        }
    }
    let Some(range) = found else { return false };
    let inside = &blocks[label + 1..range.end];
    let links = inside.iter().filter(|b| wants.is_met(b)).count();
    let texts = inside.iter().filter(|b| !b.media && !wants.is_met(b)).count();
    if wants != Wants::Nothing && (links == 0 || texts > links * 2 + 1) {
        return false;
    }
    // A section of the text may well end in a link to what it tells of.
    if wants == Wants::Teasers && inside.iter().filter(|b| b.is_prose() && !b.shared).count() >= links {
        return false;
    }
    blocks[range].iter_mut().for_each(|b| b.gone = true);
    true
}

/// One past the last line of the links, with their teasers, that follow a label.
fn run_of_links(blocks: &[Block], lines: &Range<usize>, label: usize, wants: Wants) -> usize {
    let next = |from: usize| (from..lines.end).find(|j| !blocks[*j].media && !blocks[*j].gone);
    let is_link = |i: Option<usize>| i.is_some_and(|i| blocks[i].is_link());
    // A teaser stands between two links; then each link has one.
    let first = next(label + 1);
    // Nothing but lines with links down to the end: teasers, each with its "read on".
    let rest = &blocks[label + 1..lines.end];
    let rest = if rest.len() > MOST_TEASERS { &[] } else { rest };
    let linked = rest.iter().filter(|b| !b.media && !b.gone && wants.is_met(b)).count();
    if linked >= 2 && rest.iter().all(|b| b.media || b.gone || wants.is_met(b) || b.weight < 40) {
        return lines.end;
    }
    if !is_link(first) {
        return label;
    }
    let mut end = label + 1;
    let mut teasers = false;
    let mut at = first;
    while let Some(i) = at {
        if blocks[i].is_link() {
            end = i + 1;
            at = next(end);
            continue;
        }
        let after = next(i + 1);
        let last = after.is_none();
        let short = blocks[i].weight < 40 && !blocks[i].heading;
        let between = is_link(after);
        if between && (teasers || short || blocks[i].weight < 350) {
            teasers |= !short;
        } else if !(teasers && blocks[i.saturating_sub(1)].is_link() || short && last) {
            break;
        }
        end = i + 1;
        at = after;
    }
    end
}
