//! Where the article begins and ends inside its element, and what stands in it that is not it. A word alone never
//! decides: it acts with the links, the box or the place beside it.

use std::ops::Range;

use super::blocks::Block;
use super::body;
use super::tree::{Tree, weight};
use super::words::{WORDS, bare};

/// Longest label over a block of something else.
const LONGEST_LABEL: usize = 70;

/// The share of the text over which no box is taken out for its label.
const LARGEST_BOX: f64 = 0.65;

/// What the trimming knows of the page.
pub(super) struct Page<'p> {
    /// The title, bare.
    pub(super) title: String,
    /// Names of the site, bare.
    pub(super) sites: Vec<String>,
    /// Names of who wrote it, bare.
    pub(super) authors: Vec<String>,
    /// Whether a short line is a date.
    pub(super) is_date: &'p dyn Fn(&str) -> bool,
}

/// The hashtags of a line that is nothing but hashtags, without `#`.
pub(super) fn hashtag_line(text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '|' | '·' | '•' | ';')) {
        if word.is_empty() {
            continue;
        }
        // `#un#deux` are two.
        let mut parts = word.split(['#', '＃']);
        if !parts.next()?.is_empty() {
            return None;
        }
        for tag in parts {
            let fine =
                tag.chars().all(|c| c.is_alphanumeric() || is_mark(c) || matches!(c, '_' | '-' | '·' | '\u{200c}'));
            if tag.is_empty() || !fine || !tag.chars().any(char::is_alphabetic) {
                return None;
            }
            found.push(tag.to_owned());
        }
    }
    (!found.is_empty()).then_some(found)
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// Leaves out all that stands in the lines of the body and is not it.
pub(super) fn trim(tree: &Tree<'_>, blocks: &mut [Block], lines: &Range<usize>, page: &Page<'_>) {
    trim_front(tree, blocks, lines, page);
    drop_repeated(blocks, lines);
    drop_boxes(tree, blocks, lines);
    trim_tail(tree, blocks, lines, page);
    drop_logos(tree, blocks, lines, page);
}

/// Whether a picture is a mark of the house, or of its author.
pub(super) fn is_logo(tree: &Tree<'_>, block: &Block, page: &Page<'_>) -> bool {
    let alt = tree.inside(block.first).find_map(|i| tree.attr(i, "alt")).unwrap_or_default();
    let said = bare(alt);
    let named = WORDS.logo.begins(&said).is_some()
        || said.split_whitespace().any(|w| WORDS.logo.is(w)) && said.len() < 60
        || (!said.is_empty() && page.sites.contains(&said));
    let file = tree.inside(block.first).find_map(|i| tree.attr(i, "src")).unwrap_or_default();
    let file = file.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let words = || tree.up(block.first).take(2).chain([block.first]).flat_map(|i| tree.class_words(i));
    named
        || file.starts_with("logo")
        || file.contains("-logo")
        || file.contains("_logo")
        || words().any(|w| matches!(w.as_str(), "logo" | "avatar" | "gravatar" | "emoji" | "icon"))
}

/// Whether a line says only who wrote something or when.
fn is_credit(text: &str, said: &str, page: &Page<'_>) -> bool {
    if page.authors.iter().any(|a| a == said || said.strip_prefix(a.as_str()).is_some_and(|r| r.len() < 12)) {
        return true;
    }
    if WORDS.byline.begins(said).is_some_and(|n| n < said.len()) && said.split_whitespace().count() <= 24 {
        let named = page.authors.iter().any(|a| !a.is_empty() && said.contains(a.as_str()));
        let capital = text.split_whitespace().nth(1).is_some_and(|w| w.chars().next().is_some_and(char::is_uppercase));
        if named || capital || (page.is_date)(text) {
            return true;
        }
    }
    WORDS.dated.begins(said).is_some() && text.chars().any(|c| c.is_ascii_digit()) && (page.is_date)(text)
        || (weight(text) <= 60 && (page.is_date)(text))
}

/// Whether a line is something that pages put before and after articles.
fn is_noise(block: &Block, page: &Page<'_>) -> bool {
    if block.media {
        return false;
    }
    if hashtag_line(&block.text).is_some() {
        return true;
    }
    if block.is_prose() && block.weight > 110 {
        return false;
    }
    let said = bare(&block.text);
    let only_shares = {
        let mut rest = said.as_str();
        while let Some(n) = WORDS.share.begins(rest) {
            rest = rest[n..].trim_start_matches(|c: char| !c.is_alphanumeric());
        }
        rest.len() * 4 <= said.len()
    };
    let alone = only_shares || said.chars().filter(|c| c.is_alphabetic()).count() == 0;
    let counted = said.trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
    alone
        || page.sites.contains(&said)
        || [&WORDS.share, &WORDS.noise, &WORDS.newsletter, &WORDS.tags, &WORDS.comments, &WORDS.related, &WORDS.author]
            .iter()
            .any(|l| l.is(&said) || (counted.len() < said.len() && l.is(counted)))
        || is_credit(&block.text, &said, page)
}

/// Whether two bare texts are the same title, give or take a little.
pub(super) fn same_title(a: &str, b: &str) -> bool {
    if a.is_empty() || b.is_empty() {
        return false;
    }
    a == b || (a.len().abs_diff(b.len()) * 5 < a.len().max(b.len()) && (a.starts_with(b) || b.starts_with(a)))
}

/// Leaves out what stands before the article in its lines.
fn trim_front(tree: &Tree<'_>, blocks: &mut [Block], lines: &Range<usize>, page: &Page<'_>) {
    let first_prose =
        lines.clone().find(|i| blocks[*i].is_prose() && !is_noise(&blocks[*i], page)).unwrap_or(lines.end);
    let title = lines
        .clone()
        .take(60)
        .filter(|i| *i <= first_prose + 3)
        .rfind(|i| (blocks[*i].heading || *i < first_prose) && same_title(&bare(&blocks[*i].text), &page.title));
    let from = title.filter(|t| *t <= first_prose).map_or(lines.start, |t| t + 1);
    for block in &mut blocks[lines.start..from] {
        block.gone = true;
    }
    for i in from..lines.end {
        let block = &blocks[i];
        let goes = if block.media {
            is_logo(tree, block, page)
        } else if is_noise(block, page) || Some(i) == title {
            true
        } else if block.is_link() {
            i < first_prose && block.weight < 250
        } else {
            let short = block.weight < 25 && !block.heading && !block.ends_sentence();
            let listed = matches!(tree.name(block.owner), "li" | "td" | "th" | "dt" | "dd" | "blockquote" | "pre");
            let broken = blocks.get(i + 1).is_some_and(|b| b.owner == block.owner);
            i < first_prose && short && !listed && !broken && !is_caption(tree, block) && i < from + 6
        };
        if goes {
            blocks[i].gone = true;
        } else if !blocks[i].media && !is_caption(tree, &blocks[i]) {
            trim_after_standfirst(tree, blocks, i + 1..lines.end, page);
            break;
        }
    }
}

/// Whether a line is the legend of a picture.
pub(super) fn is_caption(tree: &Tree<'_>, block: &Block) -> bool {
    std::iter::once(block.owner)
        .chain(tree.up(block.owner).take(2))
        .any(|i| matches!(tree.name(i), "figcaption" | "figure"))
}

/// Who wrote it, when, and where to share it may stand after the standfirst.
fn trim_after_standfirst(tree: &Tree<'_>, blocks: &mut [Block], lines: Range<usize>, page: &Page<'_>) {
    /// Lines after the first that may be no text yet.
    const MOST: usize = 8;
    for block in blocks[lines].iter_mut().take(MOST) {
        if block.media {
            block.gone |= is_logo(tree, block, page);
        } else if block.heading || (block.is_prose() && !is_noise(block, page)) {
            break;
        } else if is_noise(block, page) || (block.is_link() && block.weight < 120) {
            block.gone = true;
        }
    }
}

/// Leaves out what stands after the article in its lines.
fn trim_tail(tree: &Tree<'_>, blocks: &mut [Block], lines: &Range<usize>, page: &Page<'_>) {
    for i in lines.clone().rev() {
        let block = &blocks[i];
        if block.gone {
            continue;
        }
        let goes = if block.media {
            is_logo(tree, block, page) || !lines.clone().take_while(|j| *j < i).any(|j| blocks[j].is_prose())
        } else if block.heading || block.card || is_noise(block, page) {
            true
        } else if block.is_link() {
            !matches!(tree.name(block.owner), "p" | "td") || block.weight < 120
        } else {
            let label = block.weight < LONGEST_LABEL && block.text.ends_with(':');
            let said = bare(&block.text);
            let begins = [&WORDS.tags, &WORDS.share, &WORDS.newsletter, &WORDS.comments].iter().any(|l| {
                l.begins(&said).is_some_and(|n| n >= 4)
                    && block.weight < 200
                    && (block.linked > 0 || block.text.contains(':'))
            });
            let invites = [&WORDS.newsletter, &WORDS.share, &WORDS.comments]
                .iter()
                .any(|l| l.begins(&said).is_some_and(|n| n >= 6));
            let rights = block.weight < 80 && invites && !block.ends_sentence()
                || block.weight < 160 && (block.text.contains('©') || said.contains("all rights reserved"));
            label || begins || rights
        };
        if goes {
            blocks[i].gone = true;
        } else {
            break;
        }
    }
}

/// Leaves out labelled boxes: recommendations, newsletters, who wrote it, comments.
pub(super) fn drop_boxes(tree: &Tree<'_>, blocks: &mut [Block], lines: &Range<usize>) {
    let whole: usize = blocks[lines.clone()].iter().filter(|b| !b.gone).map(|b| b.weight).sum();
    let mut before = 0;
    for i in lines.clone() {
        if blocks[i].gone || blocks[i].media {
            continue;
        }
        before += blocks[i].weight;
        let Some(label) = label(tree, &blocks[i]) else { continue };
        match label {
            Label::Line => blocks[i].gone = true,
            Label::Over(links_only) => {
                let late = before * 2 > whole;
                if !drop_box(tree, blocks, lines, i, links_only, whole) {
                    let end = run_of_links(blocks, lines, i);
                    if end > i + 1 {
                        blocks[i..end].iter_mut().for_each(|b| b.gone = true);
                    } else if !links_only && late {
                        blocks[i].gone = true;
                    }
                }
            }
        }
    }
}

enum Label {
    /// `Lire aussi : <a>…</a>` on one line.
    Line,
    /// A label over other lines; whether it only counts over links.
    Over(bool),
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
        return Some(Label::Over(true));
    }
    let other = [&WORDS.newsletter, &WORDS.comments, &WORDS.author].iter().any(|l| l.is(&said));
    (other && (block.heading || is_strong(tree, block))).then_some(Label::Over(false))
}

fn is_strong(tree: &Tree<'_>, block: &Block) -> bool {
    tree.up(block.first).take_while(|i| *i >= block.owner).any(|i| matches!(tree.name(i), "strong" | "b"))
}

/// Leaves out the largest element that begins with the label, where it is a box; whether it did.
fn drop_box(
    tree: &Tree<'_>,
    blocks: &mut [Block],
    lines: &Range<usize>,
    label: usize,
    links_only: bool,
    whole: usize,
) -> bool {
    let mut found = None;
    for up in std::iter::once(blocks[label].owner).chain(tree.up(blocks[label].owner)) {
        let range = body::lines(tree, blocks, up);
        let starts =
            blocks[range.start.min(label)..label].iter().all(|b| b.gone || b.media) && range.start >= lines.start;
        let size: usize = blocks[range.clone()].iter().map(|b| b.weight).sum();
        if !starts || range.end > lines.end || size as f64 > whole as f64 * LARGEST_BOX {
            break;
        }
        if range.end > label + 1 {
            found = Some(range);
        }
    }
    let Some(range) = found else { return false };
    let inside = &blocks[label + 1..range.end];
    let links = inside.iter().filter(|b| b.linked > 0).count();
    let texts = inside.iter().filter(|b| !b.media && b.linked == 0).count();
    if links_only && (links == 0 || texts > links * 2 + 1) {
        return false;
    }
    blocks[range].iter_mut().for_each(|b| b.gone = true);
    true
}

/// One past the last line of the links, with their teasers, that follow a label.
fn run_of_links(blocks: &[Block], lines: &Range<usize>, label: usize) -> usize {
    let next = |from: usize| (from..lines.end).find(|j| !blocks[*j].media && !blocks[*j].gone);
    let is_link = |i: Option<usize>| i.is_some_and(|i| blocks[i].is_link());
    // A teaser stands between two links; then each link has one.
    let first = next(label + 1);
    // Nothing but lines with links down to the end: teasers, each with its "read on".
    let rest = &blocks[label + 1..lines.end];
    let linked = rest.iter().filter(|b| !b.media && !b.gone && b.linked > 0).count();
    if linked >= 2 && rest.iter().all(|b| b.media || b.gone || b.linked > 0 || b.weight < 40) {
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

/// Leaves out runs of long lines that were there before in the same order: pages repeat for small screens what they say on
/// large ones. A single line may well stand twice.
fn drop_repeated(blocks: &mut [Block], lines: &Range<usize>) {
    /// Shorter lines say nothing.
    const SHORTEST: usize = 60;
    let long: Vec<usize> =
        lines.clone().filter(|i| !blocks[*i].gone && !blocks[*i].media && blocks[*i].weight >= SHORTEST).collect();
    let mut seen: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    let before: Vec<Option<usize>> = long
        .iter()
        .enumerate()
        .map(|(n, i)| {
            let first = *seen.entry(blocks[*i].text.as_str()).or_insert(n);
            (first < n).then_some(first)
        })
        .collect();
    let follows = |a: Option<usize>, b: Option<usize>| matches!((a, b), (Some(a), Some(b)) if a + 1 == b);
    let goes: Vec<usize> = (0..long.len())
        .filter(|n| {
            let (last, next) = (n.checked_sub(1).and_then(|p| before[p]), before.get(n + 1).copied().flatten());
            follows(last, before[*n]) || follows(before[*n], next)
        })
        .map(|n| long[n])
        .collect();
    for i in goes {
        blocks[i].gone = true;
    }
}

/// Leaves out marks of the house wherever they stand.
fn drop_logos(tree: &Tree<'_>, blocks: &mut [Block], lines: &Range<usize>, page: &Page<'_>) {
    for i in lines.clone() {
        if blocks[i].media && is_logo(tree, &blocks[i], page) {
            blocks[i].gone = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_hashtags() {
        assert_eq!(hashtag_line("#Libération_Palestine"), Some(vec!["Libération_Palestine".to_owned()]));
        assert_eq!(hashtag_line(" #un  ＃deux, #三 "), Some(vec!["un".into(), "deux".into(), "三".into()]));
        assert_eq!(hashtag_line("#تحرير_فلسطين"), Some(vec!["تحرير_فلسطين".to_owned()]));
        for none in ["", "#", "#1", "# un", "un #deux", "#un deux", "C#"] {
            assert_eq!(hashtag_line(none), None, "{none}");
        }
    }
}
