//! The kept part of a page as HTML and as text.

use scraper::node::Element;

use super::blocks::Block;
use super::tree::{Kind, Tree};
use crate::text::players::{FRAMED, PLAYED};

/// Attributes that the sanitiser may want, besides those of players.
#[rustfmt::skip]
const ATTRIBUTES: [&str; 29] = [
    "href", "src", "srcset", "alt", "title", "width", "height", "dir", "lang", "colspan", "rowspan", "scope", "datetime", "start",
    "reversed", "value", "cite", "controls", "poster", "type", "data-src", "data-lazy-src", "data-original", "data-srcset",
    "data-lazy-srcset", "data-lazy", "data-orig-file", "data-full-src", "data-hi-res-src",
];

/// The lines that are kept, one a line; the legends of pictures stand with their pictures, in the markup.
pub(super) fn text(tree: &Tree<'_>, blocks: &[Block], lines: &std::ops::Range<usize>) -> String {
    let said = |b: &&Block| !b.gone && !b.media && !is_legend(tree, b);
    let kept: Vec<&str> = blocks[lines.clone()].iter().filter(said).map(|b| b.text.as_str()).collect();
    kept.join("\n")
}

/// Whether a line is what a picture shows, or who took it.
fn is_legend(tree: &Tree<'_>, block: &Block) -> bool {
    /// Longer ones are texts.
    const LONGEST: usize = 600;
    let around = || std::iter::once(block.owner).chain(tree.up(block.owner).take(2));
    if block.weight > LONGEST || around().any(|i| matches!(tree.name(i), "pre" | "td" | "th" | "li" | "dd")) {
        return false;
    }
    let named = |i: usize| tree.class_words(i).iter().any(|w| LEGENDS.contains(&w.as_str()));
    around().any(|i| matches!(tree.name(i), "figcaption" | "figure") || named(i))
}

/// Class words of elements that hold legends.
const LEGENDS: [&str; 9] =
    ["caption", "captions", "figcaption", "legend", "legende", "bildunterschrift", "didascalia", "copyright", "credit"];

/// The element of the body without what is left out.
pub(super) fn html(tree: &Tree<'_>, blocks: &[Block], at: usize, lines: &std::ops::Range<usize>) -> String {
    // Which nodes are kept: those of the kept lines, and what stands around them.
    let mut keep = vec![false; tree.cells.len()];
    for block in blocks[lines.clone()].iter().filter(|b| !b.gone) {
        for (i, kept) in keep.iter_mut().enumerate().take(block.end).skip(block.first) {
            *kept |= !tree.cells[i].gone;
        }
        for up in tree.up(block.first) {
            if keep[up] {
                break;
            }
            keep[up] = true;
        }
    }
    let mut out = String::new();
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut i = at;
    while i < tree.cells[at].end {
        close(&mut out, &mut open, i);
        let cell = &tree.cells[i];
        let name = tree.name(i);
        let flow = matches!(cell.kind, Kind::Break)
            || name == "hr"
            || (cell.kind == Kind::Text && !keep[i] && is_space(tree, i));
        if cell.gone || cell.kind == Kind::Unread && !(matches!(name, "source") && keep[i]) || !(keep[i] || flow) {
            i = cell.end;
            continue;
        }
        if let Some(text) = tree.text(i) {
            escape(text, &mut out);
        } else if let Some(element) = tree.element(i)
            && (i != at || !matches!(name, "body" | "html"))
        {
            tag(element, &mut out);
            if !matches!(name, "br" | "hr" | "img" | "source" | "track" | "wbr" | "col") {
                open.push((cell.end, name));
            }
        }
        i += 1;
    }
    close(&mut out, &mut open, usize::MAX);
    out
}

fn tag(element: &Element, out: &mut String) {
    out.push('<');
    out.push_str(element.name());
    for (attribute, value) in element.attrs().filter(|(n, _)| is_wanted(n)) {
        out.push(' ');
        out.push_str(attribute);
        out.push_str("=\"");
        escape(value, out);
        out.push('"');
    }
    out.push('>');
}

/// Whether the sanitiser may want an attribute.
fn is_wanted(name: &str) -> bool {
    ATTRIBUTES.contains(&name) || FRAMED.contains(&name) || PLAYED.contains(&name)
}

fn is_space(tree: &Tree<'_>, at: usize) -> bool {
    tree.text(at).is_some_and(|t| t.trim().is_empty())
}

fn close(out: &mut String, open: &mut Vec<(usize, &str)>, at: usize) {
    while open.last().is_some_and(|(end, _)| *end <= at) {
        if let Some((_, name)) = open.pop() {
            out.push_str("</");
            out.push_str(name);
            out.push('>');
        }
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}
