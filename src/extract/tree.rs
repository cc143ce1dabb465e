//! The page as a flat list in document order: one walk over the parsed tree, then arithmetic on ranges.

use std::collections::HashMap;
use std::ops::Range;

use scraper::node::Element;
use scraper::{ElementRef, Html, Node};

use crate::text::{may_play, played};

/// What an element does to the flow of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text itself.
    Text,
    /// Stands in a line.
    Inline,
    /// Begins and ends a line.
    Block,
    /// `h1` to `h6`.
    Heading,
    /// `br`.
    Break,
    /// Pictures and players.
    Media,
    /// Never shown, or nothing that is read.
    Unread,
}

/// One node.
#[derive(Debug)]
pub(super) struct Cell<'a> {
    pub(super) node: &'a Node,
    /// Index of the parent; its own for the root.
    pub(super) parent: usize,
    /// One past the last node inside.
    pub(super) end: usize,
    pub(super) kind: Kind,
    /// Whether it stands in a link.
    pub(super) linked: bool,
    /// Left out, with all that is in it.
    pub(super) gone: bool,
}

/// The nodes of a page in document order; the range from a node to its `end` is its subtree.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    pub(super) cells: Vec<Cell<'a>>,
}

impl<'a> Tree<'a> {
    /// Lists the nodes of a parsed page.
    pub(super) fn of(html: &'a Html) -> Self {
        let root = *html.root_element();
        let mut cells: Vec<Cell<'a>> = Vec::new();
        let mut at = root;
        let mut parent = 0;
        let mut linked = false;
        loop {
            let index = cells.len();
            let kind = kind(at.value());
            let own_link = at.value().as_element().is_some_and(|e| e.name() == "a");
            let inside = linked || own_link;
            cells.push(Cell { node: at.value(), parent, end: index + 1, kind, linked: inside, gone: false });
            if let Some(child) = at.first_child() {
                at = child;
                parent = index;
                linked = inside;
                continue;
            }
            loop {
                if at == root {
                    return Self { cells };
                }
                if let Some(next) = at.next_sibling() {
                    at = next;
                    break;
                }
                let Some(up) = at.parent() else { return Self { cells } };
                at = up;
                let end = cells.len();
                cells[parent].end = end;
                parent = cells[parent].parent;
                linked = cells[parent].linked;
            }
        }
    }

    pub(super) fn element(&self, at: usize) -> Option<&'a Element> {
        self.cells[at].node.as_element()
    }

    /// Whether an element is a player that cleaning makes a link of.
    pub(super) fn is_player(&self, at: usize) -> bool {
        self.cells[at].kind == Kind::Media && may_play(self.name(at))
    }

    /// Name of an element; empty for text.
    pub(super) fn name(&self, at: usize) -> &'a str {
        self.element(at).map_or("", |e| e.name())
    }

    pub(super) fn attr(&self, at: usize, name: &str) -> Option<&'a str> {
        self.element(at)?.attr(name)
    }

    /// The text of a text node.
    pub(super) fn text(&self, at: usize) -> Option<&'a str> {
        self.cells[at].node.as_text().map(|t| &**t)
    }

    /// A node and all in it.
    pub(super) fn inside(&self, at: usize) -> Range<usize> {
        at..self.cells[at].end
    }

    /// The ancestors of a node, nearest first.
    pub(super) fn up(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let mut at = at;
        std::iter::from_fn(move || {
            let parent = self.cells[at].parent;
            (parent != at).then(|| {
                at = parent;
                parent
            })
        })
    }

    /// Leaves a node out, with all that is in it.
    pub(super) fn leave_out(&mut self, at: usize) {
        let range = self.inside(at);
        for cell in &mut self.cells[range] {
            cell.gone = true;
        }
    }

    /// The words of class and id: split at signs and at capitals, in lower case.
    pub(super) fn class_words(&self, at: usize) -> Vec<String> {
        let Some(element) = self.element(at) else { return Vec::new() };
        [element.attr("class"), element.attr("id")].into_iter().flatten().flat_map(words_of).collect()
    }

    /// Where each element stands: for more than one `find`.
    pub(super) fn places(&self) -> HashMap<*const Element, usize> {
        let place = |(at, cell): (usize, &Cell<'a>)| Some((std::ptr::from_ref(cell.node.as_element()?), at));
        self.cells.iter().enumerate().filter_map(place).collect()
    }

    /// Where an element that a selector found stands.
    pub(super) fn find(&self, wanted: ElementRef<'_>) -> Option<usize> {
        let wanted: *const Element = wanted.value();
        self.cells.iter().position(|c| c.node.as_element().is_some_and(|e| std::ptr::eq(e, wanted)))
    }

    /// The text inside a node, on one line, whether left out or not; of a long one the beginning.
    pub(super) fn whole_text(&self, at: usize) -> String {
        let mut out = String::new();
        for i in self.inside(at) {
            // Elements nest, and each may be asked.
            if out.len() >= LONGEST_TEXT {
                break;
            }
            if let Some(text) = self.text(i) {
                out.push_str(&text[..text.floor_char_boundary(LONGEST_TEXT)]);
            } else if self.cells[i].kind != Kind::Inline {
                out.push(' ');
            }
        }
        crate::text::one_line(&out)
    }
}

/// The words of a class or an id.
pub(super) fn words_of(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut small = false;
    let mut open = false;
    for c in value.chars().take(LONGEST_CLASS) {
        // `mr-[--sidebar-width]` is a length and no sidebar.
        match c {
            '[' => open = true,
            ']' => open = false,
            c if c.is_whitespace() => open = false,
            _ if open => continue,
            _ => {}
        }
        if !c.is_alphanumeric() || (c.is_uppercase() && small) {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if !c.is_alphanumeric() {
                small = false;
                continue;
            }
        }
        small = c.is_lowercase();
        word.extend(c.to_lowercase());
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Bytes of the text of an element that are looked at, give or take one of its lines.
const LONGEST_TEXT: usize = 32 * 1024;
/// Characters of a class or id that are looked at.
const LONGEST_CLASS: usize = 300;

fn kind(node: &Node) -> Kind {
    let name = match node {
        Node::Text(_) => return Kind::Text,
        Node::Element(element) => element.name(),
        _ => return Kind::Unread,
    };
    match name {
        name if may_play(name) && plays(node) => Kind::Media,
        "br" => Kind::Break,
        "img" | "picture" | "video" | "audio" | "amp-img" => Kind::Media,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Kind::Heading,
        "a" | "abbr" | "acronym" | "b" | "bdi" | "bdo" | "big" | "cite" | "code" | "data" | "del" | "dfn" | "em"
        | "font" | "i" | "ins" | "kbd" | "label" | "mark" | "nobr" | "q" | "rp" | "rt" | "ruby" | "s" | "samp"
        | "small" | "span" | "strike" | "strong" | "sub" | "sup" | "time" | "tt" | "u" | "var" | "wbr" => Kind::Inline,
        "script" | "style" | "noscript" | "template" | "svg" | "math" | "iframe" | "object" | "embed" | "canvas"
        | "head" | "title" | "link" | "meta" | "button" | "select" | "textarea" | "input" | "option" | "map"
        | "dialog" | "source" | "track" => Kind::Unread,
        _ => Kind::Block,
    }
}

/// Whether a node is a player that cleaning makes a link of.
fn plays(node: &Node) -> bool {
    node.as_element().is_some_and(|e| played(e.name(), |name| e.attr(name).map(str::to_owned)).is_some())
}

/// How much reading a text is: characters, those of scripts that write a word in one or two counting three times.
pub(super) fn weight(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(|c| if is_dense(c) { 3 } else { 1 }).sum()
}

/// Han, kana, hangul.
pub(super) fn is_dense(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{2fa1f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_subtrees() {
        let html = Html::parse_document(
            "<body><div id=oneTwo class='a__b c-d mr-[--side-bar] [ e'><p>x <a href=#>y<b>z</b></a></p></div><p>w</p>",
        );
        let tree = Tree::of(&html);
        let div = (0..tree.cells.len()).find(|i| tree.name(*i) == "div").unwrap();
        assert_eq!(tree.whole_text(div), "x yz");
        assert_eq!(tree.class_words(div), ["a", "b", "c", "d", "mr", "e", "one", "two"]);
        let z = (0..tree.cells.len()).find(|i| tree.text(*i) == Some("z")).unwrap();
        assert!(tree.cells[z].linked);
        assert_eq!(tree.up(z).map(|i| tree.name(i)).collect::<Vec<_>>(), ["b", "a", "p", "div", "body", "html"]);
        let w = (0..tree.cells.len()).find(|i| tree.text(*i) == Some("w")).unwrap();
        assert!(!tree.cells[w].linked);
    }
}
