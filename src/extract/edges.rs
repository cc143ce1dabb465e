//! Where the article begins and ends inside its element, and what stands in it that is not it. A word alone never
//! decides: it acts with the links, the box or the place beside it.

use std::ops::Range;

use url::Url;

use super::blocks::Block;
use super::credits::after_byline;
use super::noted::Noted;
use super::tree::{Tree, is_dense, weight};
use super::words::{WORDS, bare};
use super::{boxes, foot, front, shared, signed};
use crate::model::CutKind;

/// What the trimming knows of the page.
pub(super) struct Page<'p> {
    /// Its address.
    pub(super) url: &'p Url,
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
    // `# Libération_Palestine`; without the `_` it would be a heading or a number.
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_direction(c));
    let text = match text.strip_prefix("# ") {
        Some(apart) if apart.contains('_') && !apart.contains(char::is_whitespace) => {
            return hashtag_line(&format!("#{apart}"));
        }
        _ => text,
    };
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

/// Marks that turn the direction of writing, invisible themselves.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// Leaves out all that stands in the lines of the body and is not it, and notes why.
pub(super) fn trim(tree: &Tree<'_>, blocks: &mut [Block], lines: &Range<usize>, page: &Page<'_>) -> Noted {
    let mut noted = Noted::of(blocks);
    front::trim_front(tree, blocks, lines, page);
    noted.note(CutKind::Head, blocks, lines);
    drop_repeated(blocks, lines);
    noted.note(CutKind::Repeated, blocks, lines);
    drop_between(tree, blocks, lines);
    noted.note(CutKind::Between, blocks, lines);
    boxes::drop_boxes(tree, blocks, lines);
    noted.note(CutKind::Box, blocks, lines);
    shared::drop_shared(tree, blocks, lines);
    noted.note(CutKind::Template, blocks, lines);
    foot::trim_foot(tree, blocks, lines, page);
    noted.note(CutKind::Foot, blocks, lines);
    drop_logos(tree, blocks, lines, page);
    noted.note(CutKind::Logo, blocks, lines);
    noted
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
        let named = page.authors.iter().any(|a| !a.is_empty() && said.contains(a.as_str()))
            || weight(text) <= 90 && text.chars().any(is_dense) && after_byline(text).is_some();
        let capital = !is_sentence(text)
            && text.split_whitespace().nth(1).is_some_and(|w| w.chars().next().is_some_and(char::is_uppercase));
        if named || capital || (page.is_date)(text) {
            return true;
        }
    }
    let dated = !tells_after_date(text) && (page.is_date)(text);
    dated && (weight(text) <= 60 || WORDS.dated.begins(said).is_some() && text.chars().any(|c| c.is_ascii_digit()))
        || is_credit_of_parts(text, page)
}

/// Whether a line ends as a sentence and has words in it that are no names: `By Monday, the water had reached the door.`
pub(super) fn is_sentence(text: &str) -> bool {
    /// Small words after the first; names have some too.
    const FEWEST: usize = 2;
    let small = |w: &&str| w.starts_with(char::is_lowercase) && !signed::is_particle(w) && !matches!(*w, "and" | "und");
    ends(text) && text.split_whitespace().skip(1).filter(small).count() >= FEWEST
}

/// `Le 3 mai 2026, tout a changé.`
fn tells_after_date(text: &str) -> bool {
    /// Hours and their zones are told in fewer words.
    const FEWEST: usize = 3;
    let after = text.rfind(char::is_numeric).map_or("", |i| &text[i..]);
    ends(text) && after.split_whitespace().skip(1).count() >= FEWEST
}

fn ends(text: &str) -> bool {
    text.trim_end().ends_with(['.', '!', '?', '…', '؟', '。'])
}

/// Whether somebody says it: `“Listen!”`.
fn is_quoted(text: &str) -> bool {
    text.starts_with(['“', '«', '"', '„', '「', '—', '–']) && text.ends_with(['”', '»', '"', '“', '」', '.', '!', '?'])
}

/// `3 juin 2026 — Marie Curie — Temps de lecture : 3 minutes`.
fn is_credit_of_parts(text: &str, page: &Page<'_>) -> bool {
    let parts: Vec<&str> = [" — ", " – ", " | ", " · ", " • "].iter().fold(vec![text], |parts, sign| {
        parts.iter().flat_map(|p| p.split(sign)).filter(|p| !p.trim().is_empty()).collect()
    });
    let credits = |part: &&str| {
        let said = bare(part);
        weight(part) <= 60 && (page.is_date)(part)
            || page.authors.contains(&said)
            || WORDS.noise.begins(&said).is_some_and(|n| n >= 5)
            || WORDS.byline.begins(&said).is_some() && page.authors.iter().any(|a| said.ends_with(a.as_str()))
    };
    (2..=6).contains(&parts.len()) && parts.iter().all(credits)
}

/// Whether a line is something that pages put before and after articles.
pub(super) fn is_noise(block: &Block, page: &Page<'_>) -> bool {
    if block.media {
        return false;
    }
    if hashtag_line(&block.text).is_some() {
        return true;
    }
    if block.is_prose() && block.weight > 110 {
        return false;
    }
    if is_quoted(&block.text) && block.linked == 0 {
        return false;
    }
    let said = bare(&block.text);
    let alone = only_shares(&said) || said.chars().filter(|c| c.is_alphabetic()).count() == 0;
    let counted = said.trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
    alone
        || page.sites.contains(&said)
        || [&WORDS.share, &WORDS.noise, &WORDS.newsletter, &WORDS.tags, &WORDS.comments, &WORDS.related, &WORDS.author]
            .iter()
            .any(|l| l.is(&said) || (counted.len() < said.len() && l.is(counted)))
        || is_credit(&block.text, &said, page)
}

/// Whether a bare text is all but made of the words of share bars.
fn only_shares(said: &str) -> bool {
    let mut rest = said;
    while let Some(n) = WORDS.share.begins(rest) {
        rest = rest[n..].trim_start_matches(|c: char| !c.is_alphanumeric());
    }
    rest.len() * 4 <= said.len()
}

/// Whether two bare texts are the same title, give or take a little.
pub(super) fn same_title(a: &str, b: &str) -> bool {
    if a.is_empty() || b.is_empty() {
        return false;
    }
    a == b || (a.len().abs_diff(b.len()) * 5 < a.len().max(b.len()) && (a.starts_with(b) || b.starts_with(a)))
}

/// Whether a line says under what conditions the text is shown: what is paid for, whose views these are.
pub(super) fn is_notice(block: &Block) -> bool {
    /// Longer ones are texts about such notices.
    const LONGEST: usize = 700;
    /// Characters in which it begins.
    const BEGINNING: usize = 80;
    if block.weight > LONGEST {
        return false;
    }
    let beginning: String = block.text.chars().take(BEGINNING).collect();
    let said = bare(&beginning);
    WORDS.notice.begins(&said).is_some_and(|n| {
        // A word alone may begin any sentence: `Hinweis:`, and not `Hinweis auf den Täter gab …`.
        let rest = said[n..].trim_start();
        said[..n].contains(' ') || rest.is_empty() || rest.starts_with([':', '：', '-', '–', '—', '.', '!'])
    })
}

/// Whether a line asks for leave to set cookies.
pub(super) fn is_consent(block: &Block) -> bool {
    /// Longer ones are texts about it.
    const LONGEST: usize = 1_200;
    !block.media && block.weight <= LONGEST && WORDS.consent.count_within(&bare(&block.text)) >= 2
}

/// Whether a line is the legend of a picture.
pub(super) fn is_caption(tree: &Tree<'_>, block: &Block) -> bool {
    std::iter::once(block.owner)
        .chain(tree.up(block.owner).take(2))
        .any(|i| matches!(tree.name(i), "figcaption" | "figure"))
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

/// Leaves out what themes set between paragraphs: the word over an advertisement, and sentences of the text set large.
fn drop_between(tree: &Tree<'_>, blocks: &mut [Block], lines: &Range<usize>) {
    /// Shorter ones may be said twice.
    const SHORTEST: usize = 25;
    /// Quotations that are looked for in the text.
    const MOST: usize = 40;
    let listed = |b: &Block| matches!(tree.name(b.owner), "li" | "td" | "th" | "dd" | "dt");
    let named = |i: usize| {
        matches!(tree.name(i), "blockquote" | "aside")
            || tree.class_words(i).iter().any(|w| matches!(w.as_str(), "pullquote" | "pull" | "exergue" | "accroche"))
    };
    let set_large =
        |b: &Block| b.weight >= SHORTEST && std::iter::once(b.owner).chain(tree.up(b.owner)).take(3).any(named);
    let is_noise = |b: &Block| {
        let said = bare(&b.text);
        let spoken = is_quoted(&b.text) || ends(&b.text) && !b.text.ends_with("...") && !b.text.ends_with('…');
        said.len() >= 5 && !spoken && WORDS.noise.is(&said) || b.is_link() && only_shares(&said)
    };
    let goes = |b: &Block| !b.gone && !b.media && !b.heading;
    let noise: Vec<usize> =
        lines.clone().filter(|i| goes(&blocks[*i]) && !listed(&blocks[*i]) && is_noise(&blocks[*i])).collect();
    let quotes: Vec<usize> = lines.clone().filter(|i| goes(&blocks[*i]) && set_large(&blocks[*i])).take(MOST).collect();
    let whole: Vec<(usize, String)> = match quotes.is_empty() {
        true => Vec::new(),
        false => lines.clone().filter(|i| goes(&blocks[*i])).map(|i| (i, bare(&blocks[i].text))).collect(),
    };
    let said_again = |i: &usize| {
        let said = bare(&blocks[*i].text);
        let again = |j: usize, line: &str| line.len() > said.len() || !set_large(&blocks[j]);
        whole.iter().any(|(j, line)| j != i && again(*j, line) && line.contains(&said))
    };
    let twice: Vec<usize> = quotes.into_iter().filter(said_again).collect();
    for i in noise.into_iter().chain(twice) {
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
        assert_eq!(hashtag_line("\u{200f}#تحرير_فلسطين"), Some(vec!["تحرير_فلسطين".to_owned()]));
        assert_eq!(hashtag_line("# un_deux"), Some(vec!["un_deux".to_owned()]));
        for none in ["", "#", "#1", "# un", "un #deux", "#un deux", "C#"] {
            assert_eq!(hashtag_line(none), None, "{none}");
        }
    }
}
