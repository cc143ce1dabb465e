//! Where the body is: the element whose lines are most nearly all the running text of the page, and nothing else.

use super::blocks::Block;
use super::edges::{is_consent, is_notice};
use super::tree::{Kind, Tree};

/// Class words of elements that hold a body, and how much they are believed.
const NAMED: [(&[&str], f64); 12] = [
    (&["articlebody"], 1.12),
    (&["article", "body"], 1.12),
    (&["article", "content"], 1.1),
    (&["entry", "content"], 1.12),
    (&["post", "content"], 1.1),
    (&["post", "body"], 1.12),
    (&["story", "body"], 1.12),
    (&["article", "text"], 1.1),
    (&["blog", "content"], 1.08),
    (&["single", "content"], 1.08),
    (&["post", "entry"], 1.08),
    (&["rich", "text"], 1.06),
];

/// A run of lines, and how sure it is.
#[derive(Debug, Clone)]
pub(super) struct Body {
    /// The element.
    pub(super) at: usize,
    /// Its lines.
    pub(super) lines: std::ops::Range<usize>,
    /// 0 to 1 and a little more.
    pub(super) score: f64,
}

/// What a line says for or against the element that it stands in.
fn value(block: &Block) -> (f64, f64) {
    let weight = block.weight as f64;
    if block.media {
        (0.0, 0.0)
    } else if block.card || block.shared {
        (0.0, weight * 0.5)
    } else if block.is_prose() {
        if is_notice(block) || is_consent(block) { (0.0, 0.0) } else { (weight, 0.0) }
    } else if block.is_link() {
        (0.0, weight + 20.0)
    } else if block.heading {
        (0.0, 0.0)
    } else if weight >= 45.0 {
        (weight * 0.5, 0.0)
    } else {
        (0.0, 12.0)
    }
}

/// The lines inside an element.
pub(super) fn lines(tree: &Tree<'_>, blocks: &[Block], at: usize) -> std::ops::Range<usize> {
    let range = tree.inside(at);
    blocks.partition_point(|b| b.first < range.start)..blocks.partition_point(|b| b.first < range.end)
}

/// How much an element gains that has the first running text after the title.
const BEGINS: f64 = 1.1;

/// How much an element loses that has nothing of what is told elsewhere.
const TOLD: f64 = 0.4;

/// The element that is the body; `None` where there is no running text. `title`: the line of the title.
pub(super) fn find(tree: &Tree<'_>, blocks: &[Block], title: Option<usize>) -> Option<Body> {
    let begins = title.and_then(|t| (t..blocks.len()).find(|i| value(&blocks[*i]).0 > 0.0 && blocks[*i].is_prose()));
    let mut good = vec![0.0];
    let mut bad = vec![0.0];
    for block in blocks {
        let (g, b) = value(block);
        good.push(good.last().copied().unwrap_or(0.0) + g);
        bad.push(bad.last().copied().unwrap_or(0.0) + b);
    }
    let whole = *good.last()?;
    if whole <= 0.0 {
        return None;
    }
    let mut told = vec![0.0];
    for block in blocks {
        told.push(told.last().copied().unwrap_or(0.0) + if block.told { block.weight as f64 } else { 0.0 });
    }
    let all_told = told.last().copied().unwrap_or(0.0);
    let mut best: Option<Body> = None;
    for at in 0..tree.cells.len() {
        let cell = &tree.cells[at];
        if cell.kind != Kind::Block || cell.gone || cell.end - at < 2 {
            continue;
        }
        let lines = lines(tree, blocks, at);
        let g = good[lines.end] - good[lines.start];
        if g < whole * 0.1 {
            continue;
        }
        let b = bad[lines.end] - bad[lines.start];
        let (precision, recall) = (g / (g + b), g / whole);
        let score = 2.0 * precision * recall / (precision + recall)
            * believed(tree, at)
            * if all_told > 0.0 { 1.0 - TOLD * (1.0 - (told[lines.end] - told[lines.start]) / all_told) } else { 1.0 }
            * if begins.is_some_and(|b| lines.contains(&b)) { BEGINS } else { 1.0 };
        // Of two elements with the same lines the inner one.
        if best.as_ref().is_none_or(|x| score >= x.score) {
            best = Some(Body { at, lines, score });
        }
    }
    best
}

fn believed(tree: &Tree<'_>, at: usize) -> f64 {
    if tree
        .attr(at, "itemprop")
        .is_some_and(|p| p.split_ascii_whitespace().any(|w| w == "articleBody" || w == "reviewBody"))
    {
        return 1.15;
    }
    let words = tree.class_words(at);
    let named = NAMED
        .iter()
        .filter(|(names, _)| names.iter().all(|n| words.iter().any(|w| w == n)))
        .map(|(_, b)| *b)
        .fold(1.0, f64::max);
    let tag: f64 = match tree.name(at) {
        "article" => 1.06,
        "main" => 1.02,
        _ if tree.attr(at, "role") == Some("main") => 1.02,
        "td" | "li" | "blockquote" | "p" | "ul" | "ol" | "tr" | "tbody" => 0.95,
        _ => 1.0,
    };
    named.max(tag)
}

/// The element that a recipe names, where it gives a text.
pub(super) fn of(tree: &Tree<'_>, blocks: &[Block], at: usize) -> Option<Body> {
    let lines = lines(tree, blocks, at);
    let (mut good, mut bad) = (0.0, 0.0);
    for block in &blocks[lines.clone()] {
        let (g, b) = value(block);
        good += g;
        bad += b;
    }
    (good > 0.0 && good > bad).then_some(Body { at, lines, score: 1.0 })
}
