//! Tables, lists and quotations near the beginning of an article. A line of one says nothing by itself: a number in a table
//! is no count of comments. So each is kept or left out as one.

use std::ops::Range;

use super::blocks::Block;
use super::body;
use super::edges::{Page, is_noise, is_notice};
use super::tree::Tree;
use super::words::{WORDS, bare};

/// What may be one.
const NAMES: [&str; 7] = ["table", "dl", "ul", "ol", "menu", "blockquote", "pre"];

/// Where tables, lists and quotations are looked for.
pub(super) struct Wholes<'t, 'a> {
    tree: &'t Tree<'a>,
    lines: Range<usize>,
    /// Running text before each line of these.
    prose: Vec<usize>,
}

/// A table, a list or a quotation.
pub(super) struct Whole<'t, 'a> {
    tree: &'t Tree<'a>,
    at: usize,
    pub(super) lines: Range<usize>,
}

impl<'t, 'a> Wholes<'t, 'a> {
    /// In some lines.
    pub(super) fn of(tree: &'t Tree<'a>, blocks: &[Block], lines: Range<usize>) -> Self {
        let mut sum = 0;
        let add = |b: &Block| {
            sum += if b.is_prose() { b.weight } else { 0 };
            sum
        };
        let prose = std::iter::once(0).chain(blocks[lines.clone()].iter().map(add)).collect();
        Self { tree, lines, prose }
    }

    /// The largest that begins with a line. One that holds most of the running text is only how the page is laid out.
    pub(super) fn begins(&self, blocks: &[Block], line: usize) -> Option<Whole<'t, 'a>> {
        let owner = blocks[line].owner;
        let around =
            std::iter::once(owner).chain(self.tree.up(owner)).filter(|at| NAMES.contains(&self.tree.name(*at)));
        let found = around.map(|at| (at, body::lines(self.tree, blocks, at)));
        // A table of one line is a frame around a picture.
        let said = |lines: &Range<usize>| blocks[lines.clone()].iter().filter(|b| !b.media).nth(1).is_some();
        let is_set = |at: usize, lines: &Range<usize>| self.tree.name(at) != "table" || said(lines);
        let whole =
            |(at, lines): &(usize, Range<usize>)| lines.start == line && self.is_part(lines) && is_set(*at, lines);
        let (at, lines) = found.filter(whole).last()?;
        Some(Whole { tree: self.tree, at, lines })
    }

    fn is_part(&self, lines: &Range<usize>) -> bool {
        if lines.end > self.lines.end {
            return false;
        }
        let prose = |line: usize| self.prose[line - self.lines.start];
        let whole = prose(self.lines.end);
        (prose(lines.end) - prose(lines.start)) * 2 < whole
    }
}

/// How many lines of one speak for what.
#[derive(Default)]
struct Count {
    /// Share bars, credits, ways to other pages.
    furniture: usize,
    /// Links that may be either.
    links: usize,
    /// What other pages have too.
    shared: usize,
    /// Numbers and nothing else.
    numbers: usize,
    /// Dates.
    dates: usize,
    /// Anything else.
    own: usize,
}

impl Whole<'_, '_> {
    /// Whether it is no part of the text. `after`: whether it stands after the first paragraph of it.
    pub(super) fn is_furniture(&self, blocks: &[Block], page: &Page<'_>, after: bool) -> bool {
        let mut count = Count::default();
        for block in blocks[self.lines.clone()].iter().filter(|b| !b.gone && !b.media) {
            *self.kind(block, page, &mut count) += 1;
        }
        let Count { mut furniture, links, shared, numbers, mut dates, mut own } = count;
        match self.tree.name(self.at) {
            // Who said it, and when, may stand below.
            "blockquote" | "pre" => return own == 0 && (furniture > 0 || !after && links > 0),
            // Names that are led on from, with their numbers.
            "table" if numbers >= links => own += links,
            _ => furniture += links,
        }
        if !matches!(self.tree.name(self.at), "table" | "dl") && own + furniture > 0 {
            furniture += std::mem::take(&mut dates);
        }
        if own + furniture > 0 {
            return furniture >= own.max(1);
        }
        if shared > 0 && shared >= numbers + dates {
            return true;
        }
        let many = if dates > 0 { 3 } else { 2 };
        !(self.is_grid() || after && numbers + dates >= many)
    }

    fn kind<'c>(&self, block: &Block, page: &Page<'_>, count: &'c mut Count) -> &'c mut usize {
        let wordless = !block.text.chars().any(char::is_alphabetic);
        if block.shared {
            &mut count.shared
        } else if wordless && block.linked == 0 {
            &mut count.numbers
        } else if is_bare_date(block, page) {
            &mut count.dates
        } else if is_noise(block, page) || is_notice(block) {
            &mut count.furniture
        } else if block.is_link() {
            &mut count.links
        } else {
            &mut count.own
        }
    }

    /// Whether it is a table of more than one row and one column.
    fn is_grid(&self) -> bool {
        let rows = self.tree.inside(self.at).filter(|i| self.tree.name(*i) == "tr").count();
        self.tree.name(self.at) == "table" && rows >= 2 && self.lines.len() > rows
    }
}

/// Whether a line is a date, and does not say of what.
fn is_bare_date(block: &Block, page: &Page<'_>) -> bool {
    /// Longer ones tell something.
    const LONGEST: usize = 60;
    let said = bare(&block.text);
    let of_what = [&WORDS.dated, &WORDS.byline].iter().any(|list| list.begins(&said).is_some());
    block.weight <= LONGEST && block.linked == 0 && !of_what && (page.is_date)(&block.text)
}
