//! The standfirst: the sentence or two between title and body that say what it is about.

use super::blocks::{Block, sentences};
use super::edges::{Page, hashtag_line, is_caption, is_logo, same_title};
use super::head::Head;
use super::tree::{Kind, Tree};
use super::words::{WORDS, bare};

/// Its length.
const SHORTEST: usize = 25;
const LONGEST: usize = 700;

/// Class words of elements that hold one.
#[rustfmt::skip]
const NAMES: [&str; 25] = [
    "chapo", "chapeau", "chapô", "standfirst", "deck", "dek", "subtitle", "subheading", "subheadline", "subhead", "lede", "hat",
    "summary", "abstract", "lead", "excerpt", "teaser", "introduction", "intro", "sapo", "vorspann", "sottotitolo", "entradilla",
    "bajada", "tagline",
];

/// The line that is the standfirst: the line's number. `first` is the first line of the body that is kept, `title` that of
/// the title, `said` what the page and the feed say of the article.
pub(super) fn find(
    tree: &Tree<'_>,
    blocks: &[Block],
    title: Option<usize>,
    lines: &std::ops::Range<usize>,
    said: &[String],
    page: &Page<'_>,
) -> Option<usize> {
    let kept: Vec<usize> = lines
        .clone()
        .filter(|i| !blocks[*i].gone && !blocks[*i].media && !is_caption(tree, &blocks[*i]))
        .take(4)
        .collect();
    let first = *kept.first()?;
    let fits = |i: usize| {
        let b = &blocks[i];
        let said = bare(&b.text);
        !b.media
            && !b.text.ends_with(':')
            && (b.ends_sentence() || b.weight >= 60)
            && WORDS.notice.begins(&said).is_none()
            && !page.authors.iter().any(|a| said.starts_with(a.as_str()))
            && (SHORTEST..=LONGEST).contains(&b.weight)
            && !b.is_link()
            && hashtag_line(&b.text).is_none()
            && !same_title(&said, &page.title)
    };
    let from = title.map_or(lines.start.min(first), |t| t + 1);
    let before = from.min(first)..first;
    // Named after what it is.
    let named = before.clone().chain(kept.iter().copied().take(2)).find(|i| fits(*i) && is_named(tree, blocks, *i));
    if named.is_some() {
        return named;
    }
    // What the page or the feed says of the article, word for word.
    let quoted = before.clone().chain(kept.iter().copied().take(1)).find(|i| {
        let text = bare(&blocks[*i].text);
        fits(*i) && said.contains(&text) && (*i < first || kept.len() > 1)
    });
    if quoted.is_some() {
        return quoted;
    }
    let body = *kept.get(1)?;
    let shape = model_shape(tree, blocks, title, page, &kept);
    let reads = blocks[first].is_prose() || blocks[first].heading || is_marked(tree, &blocks[first]);
    if blocks[body].heading || !reads && !shape {
        return left_before(blocks, before, &fits);
    }
    let one = sentences(&blocks[first].text) <= 2 && fits(first) && !listed(tree, blocks, &kept);
    let follows = title.is_some_and(|t| t < first);
    if let Some(line) = left_before(blocks, before.clone(), &fits) {
        return Some(line);
    }
    if one && follows && (set_apart(tree, blocks, &kept) || credited_after(blocks, first, body, page) || shape) {
        return Some(first);
    }
    None
}

/// A sentence between the title and the element of the body.
fn left_before(blocks: &[Block], before: std::ops::Range<usize>, fits: &dyn Fn(usize) -> bool) -> Option<usize> {
    before.filter(|i| !blocks[*i].gone && fits(*i)).find(|i| {
        let b = &blocks[*i];
        b.weight >= 50 && b.ends_sentence() && b.linked == 0
    })
}

fn is_named(tree: &Tree<'_>, blocks: &[Block], at: usize) -> bool {
    let owner = blocks[at].owner;
    std::iter::once(owner).chain(tree.up(owner).take(2)).any(|i| {
        // The element holds little else.
        let alone =
            blocks.iter().filter(|b| b.first >= i && b.first < tree.cells[i].end && !b.media && b.weight > 40).count()
                <= 2;
        let item = tree.attr(i, "itemprop").is_some_and(|p| p == "description" || p == "alternativeHeadline");
        alone && (item || tree.class_words(i).iter().any(|w| NAMES.contains(&w.as_str())))
    })
}

/// Whether all of a line is strong or emphasised.
fn is_marked(tree: &Tree<'_>, block: &Block) -> bool {
    let strong = |at: usize| {
        tree.up(at)
            .take_while(|i| *i >= block.owner && tree.cells[*i].kind == Kind::Inline)
            .any(|i| matches!(tree.name(i), "strong" | "b" | "em" | "i" | "big"))
    };
    (block.first..block.end).filter(|i| tree.text(*i).is_some_and(|t| !t.trim().is_empty())).all(strong)
}

/// Whether the first line is an item or a quotation. A quotation that quotes nobody is only a look.
fn listed(tree: &Tree<'_>, blocks: &[Block], kept: &[usize]) -> bool {
    let quote = |i: usize| {
        std::iter::once(blocks[i].owner)
            .chain(tree.up(blocks[i].owner))
            .take(2)
            .any(|u| matches!(tree.name(u), "blockquote" | "dd"))
    };
    if quote(kept[0]) {
        return blocks[kept[0]].text.starts_with(['«', '“', '„', '"', '‘']) || kept[1..].iter().any(|i| quote(*i));
    }
    matches!(tree.name(blocks[kept[0]].owner), "li" | "dt" | "figcaption" | "pre")
}

/// Whether the first line is set otherwise than those that follow: strong, a heading, or in an element of its own kind.
fn set_apart(tree: &Tree<'_>, blocks: &[Block], kept: &[usize]) -> bool {
    let first = &blocks[kept[0]];
    let rest: Vec<&Block> = kept[1..].iter().map(|i| &blocks[*i]).filter(|b| b.is_prose()).collect();
    if rest.is_empty() {
        return false;
    }
    if first.heading {
        return first.ends_sentence() && first.weight >= 50;
    }
    if is_marked(tree, first) && !rest.iter().any(|b| is_marked(tree, b)) {
        return first.weight >= 40;
    }
    let look = |b: &Block| (tree.name(b.owner), tree.attr(b.owner, "class"), tree.attr(b.owner, "style"));
    let parent = |b: &Block| tree.cells[b.owner].parent;
    let same = |a: &Block, b: &Block| look(a) == look(b) && (parent(a) == parent(b) || a.owner == b.owner);
    rest.len() >= 2
        && rest.windows(2).all(|w| same(w[0], w[1]))
        && !same(first, rest[0])
        && first.owner != rest[0].owner
        && first.ends_sentence()
}

/// Whether who wrote it, or when, stands between it and the text.
fn credited_after(blocks: &[Block], first: usize, body: usize, page: &Page<'_>) -> bool {
    blocks[first + 1..body].iter().any(|b| {
        let said = bare(&b.text);
        !b.media
            && b.weight <= 120
            && (page.authors.iter().any(|a| said.contains(a.as_str())) || (page.is_date)(&b.text))
    })
}

/// A mark of the house or a hashtag before the title, one sentence after it, then paragraphs of more.
fn model_shape(tree: &Tree<'_>, blocks: &[Block], title: Option<usize>, page: &Page<'_>, kept: &[usize]) -> bool {
    let Some(title) = title else { return false };
    let marked = blocks[title.saturating_sub(4)..title]
        .iter()
        .any(|b| if b.media { is_logo(tree, b, page) } else { hashtag_line(&b.text).is_some() });
    let rest = kept[1..].iter().filter(|i| blocks[**i].is_prose() && sentences(&blocks[**i].text) >= 2).count();
    marked && rest >= 1 && sentences(&blocks[kept[0]].text) == 1
}

/// What the page and the feed say of the article, bare.
pub(super) fn said(head: &Head<'_>, data: &super::jsonld::Data, summary: Option<&str>) -> Vec<String> {
    let plain = |html: &str| {
        let read: String = scraper::Html::parse_fragment(html).root_element().text().collect();
        bare(&read)
    };
    [head.one(&["description"]), head.one(&["og:description"]), data.description.as_deref(), summary]
        .into_iter()
        .flatten()
        .filter(|s| s.len() < 4 * LONGEST)
        .map(plain)
        .filter(|s| s.chars().count() >= SHORTEST)
        .collect()
}
