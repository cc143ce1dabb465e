//! What is remembered of a page, so that other pages of its site can be compared with it: a few bytes for each line.

use url::Url;

use super::Page;
use super::blocks::Block;
use super::head::Head;
use super::jsonld::Data;
use super::outlet;
use super::tree::Tree;
use crate::text::players::PLAYED;
use crate::text::{hash, one_line, url_key};

/// Lines of a page that are remembered.
const MOST_LINES: usize = 1_000;
/// Bytes of a title that are remembered.
const LONGEST_TITLE: usize = 200;
/// Bits of a place that say what stands there: a paragraph of running text, or mostly links.
const LONG: u32 = 1;
const LINKED: u32 = 2;
/// Bytes of the classes of an element that are looked at.
const LONGEST_CLASSES: usize = 300;
/// Elements around a line that make its place.
const LEVELS: usize = 4;

/// What is remembered of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Hash of its host.
    pub(super) site: u32,
    /// Hash of the address that it gives itself.
    pub(super) page: u32,
    /// Hash of the picture that it is shared with; 0 for none.
    pub(super) picture: u32,
    /// Its whole `<title>`.
    pub(super) title: String,
    /// Its lines in their order.
    pub(super) lines: Vec<Line>,
}

/// A line of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// Hash of its words and of its place: what is a teaser on one page may be the text of another.
    pub(super) words: u32,
    /// Hash of its place, the elements around it with their classes; the lowest bits say what stands there.
    pub(super) place: u32,
}

impl Line {
    /// Its place, whatever stands in it.
    pub(super) fn element(self) -> u32 {
        self.place & !(LONG | LINKED)
    }

    /// Whether it is a paragraph of running text.
    pub(super) fn is_long(self) -> bool {
        self.place & LONG != 0
    }

    /// Whether it is mostly links.
    pub(super) fn is_linked(self) -> bool {
        self.place & LINKED != 0
    }
}

impl Sighting {
    pub(super) fn of(page: &Page<'_>, tree: &Tree<'_>, head: &Head<'_>, data: &Data, blocks: &[Block]) -> Self {
        let address = outlet::canonical(head, page.url).unwrap_or_else(|| page.url.clone());
        let picture = outlet::shared_image(head, data, page.url).map_or(0, |i| short(i.url.as_bytes()));
        let mut title = one_line(head.title.as_deref().unwrap_or_default());
        title.truncate(title.floor_char_boundary(LONGEST_TITLE));
        Self {
            site: site(page.url),
            page: short(url_key(&address).as_bytes()),
            picture,
            title,
            lines: blocks.iter().take(MOST_LINES).map(|b| line(tree, b)).collect(),
        }
    }

    /// As bytes, to be kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let numbers = [self.site, self.page, self.picture, self.title.len() as u32];
        let lines = self.lines.iter().flat_map(|l| [l.words, l.place]);
        let mut out = Vec::with_capacity(16 + self.title.len() + 8 * self.lines.len());
        out.extend(numbers.iter().flat_map(|n| n.to_le_bytes()));
        out.extend(self.title.bytes());
        out.extend(lines.flat_map(u32::to_le_bytes));
        out
    }

    /// Reads what `to_bytes` wrote; `None` for anything else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let number = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
        let end = 16 + usize::try_from(number(12)?).ok().filter(|n| *n <= LONGEST_TITLE)?;
        let title = std::str::from_utf8(bytes.get(16..end)?).ok()?.to_owned();
        let (lines, rest) = bytes.get(end..)?.as_chunks::<8>();
        if !rest.is_empty() || lines.len() > MOST_LINES {
            return None;
        }
        let half = |l: &[u8; 8], at: usize| u32::from_le_bytes([l[at], l[at + 1], l[at + 2], l[at + 3]]);
        let lines = lines.iter().map(|l| Line { words: half(l, 0), place: half(l, 4) }).collect();
        Some(Self { site: number(0)?, page: number(4)?, picture: number(8)?, title, lines })
    }
}

fn site(url: &Url) -> u32 {
    let host = url.host_str().unwrap_or_default();
    short(host.trim_start_matches("www.").as_bytes())
}

fn short(bytes: &[u8]) -> u32 {
    (hash(bytes) >> 32) as u32
}

fn line(tree: &Tree<'_>, block: &Block) -> Line {
    let mut said = String::new();
    for at in std::iter::once(block.owner).chain(tree.up(block.owner)).take(LEVELS) {
        look(tree, at, &mut said);
    }
    let place = short(said.as_bytes()) & !(LONG | LINKED);
    said.push('\n');
    if block.media {
        let address = |i| ["src", "data-src", "srcset"].iter().chain(&PLAYED).find_map(|a| tree.attr(i, a));
        said.push_str(tree.inside(block.first).find_map(address).unwrap_or_default());
    } else {
        said.push_str(&block.text);
    }
    Line {
        words: short(said.as_bytes()),
        place: place | if block.is_prose() { LONG } else { 0 } | if block.is_link() { LINKED } else { 0 },
    }
}

/// How an element looks: its name and its classes, without those that say which article it is or of what kind.
fn look(tree: &Tree<'_>, at: usize, out: &mut String) {
    let name = tree.name(at);
    out.push('<');
    out.push_str(name);
    if matches!(name, "html" | "body" | "main" | "article") {
        return;
    }
    let classes = tree.attr(at, "class").unwrap_or_default();
    let classes = &classes[..classes.floor_char_boundary(LONGEST_CLASSES)];
    for class in classes.split_ascii_whitespace().filter(|c| !is_numbered(c)) {
        out.push('.');
        out.push_str(class);
    }
}

/// Whether a class holds the number of an article, as in `post-1234`.
fn is_numbered(class: &str) -> bool {
    class.as_bytes().windows(3).any(|w| w.iter().all(u8::is_ascii_digit))
}
