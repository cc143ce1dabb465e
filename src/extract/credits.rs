//! Who wrote it, and when.

use chrono::{DateTime, Duration, FixedOffset};

use super::blocks::Block;
use super::edges::is_sentence;
use super::head::{Head, Mark};
use super::jsonld::Data;
use super::tree::{Tree, is_dense};
use super::words::{WORDS, bare};
use crate::text::{DateContext, one_line, parse_date};

/// Names that are kept, and characters of one.
const MOST_NAMES: usize = 20;
const LONGEST_NAME: usize = 80;

/// Characters of a text that may be a date.
const LONGEST_DATE: usize = 160;

/// Lines around the title in which dates and names are looked for.
const NEAR: usize = 14;

/// Who wrote it: structured data first, then marks, then words.
pub(super) fn authors(tree: &Tree<'_>, head: &Head<'_>, data: &Data, sites: &[String], near: &[Block]) -> Vec<String> {
    let fine = |names: Vec<String>| -> Vec<String> {
        let mut kept: Vec<String> = Vec::new();
        for name in names.iter().flat_map(|n| split(n)) {
            let known = bare(&name);
            if !known.is_empty()
                && !sites.contains(&known)
                && !kept.iter().any(|k| bare(k) == known)
                && kept.len() < MOST_NAMES
            {
                kept.push(name);
            }
        }
        kept
    };
    let written = |name: &&str| !name.starts_with("http") && !name.starts_with('/') && !name.contains('@');
    let meta = head.all(&[
        "author",
        "article:author",
        "parsely-author",
        "sailthru.author",
        "dc.creator",
        "dcterms.creator",
        "byl",
        "twitter:data1",
    ]);
    let meta: Vec<String> = match head.one(&["twitter:label1"]) {
        Some(label) if !WORDS.byline.is(&bare(label)) => {
            let not = head.one(&["twitter:data1"]).unwrap_or_default();
            meta.into_iter().filter(written).filter(|m| *m != not).map(str::to_owned).collect()
        }
        _ => meta.into_iter().filter(written).filter(|m| !m.contains("min")).map(str::to_owned).collect(),
    };
    let marked = || head.with(Mark::Author).take(MOST_NAMES).map(|i| marked_name(tree, i)).collect();
    let named = || class_names(tree);
    let from_data = fine(data.authors.clone());
    if !from_data.is_empty() {
        return from_data;
    }
    let by_meta = meta.clone();
    let from_meta = fine(meta);
    if !from_meta.is_empty() {
        return from_meta;
    }
    let written: Vec<String> = near.iter().filter(|b| is_byline(b)).map(|b| b.text.clone()).take(1).collect();
    let found = [marked(), written, named(), linked(tree)].into_iter().map(fine).find(|names| !names.is_empty());
    // Who writes alone under a name of their own is site and author in one.
    let own = || data.authors.iter().chain(&by_meta).flat_map(|n| split(n)).take(1).collect();
    found.unwrap_or_else(own)
}

/// `Par Marie Curie`, on a line of its own.
fn is_byline(block: &Block) -> bool {
    let name = after_byline(&block.text).and_then(|rest| rest.chars().next());
    block.weight <= 160
        && !is_sentence(&block.text)
        && name.is_some_and(|c| c.is_uppercase() || (c.is_alphabetic() && !c.is_lowercase()))
}

/// What follows the words that stand before a name: `par`, `写真と文・`.
pub(super) fn after_byline(line: &str) -> Option<String> {
    let folded = bare(line);
    let n = WORDS.byline.begins(&folded).filter(|n| *n < folded.len())?;
    let words = &folded[..n];
    if !words.chars().any(is_dense) {
        let rest = line.split_whitespace().skip(words.split_whitespace().count()).collect::<Vec<_>>().join(" ");
        return Some(rest.trim_start_matches([':', '\u{a0}', ' ', '：']).to_owned());
    }
    // Scripts without spaces: a sign must stand between, or it is the beginning of a word.
    let written = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let rest: String = written.chars().skip(words.chars().count()).collect();
    let name = rest.trim_start_matches(['・', '：', ':', '／', '/', '=', '＝', '◎', '●', ' ', '\u{3000}']);
    (name.len() < rest.len()).then(|| name.to_owned())
}

/// The text of a link to the page of an author.
fn linked(tree: &Tree<'_>) -> Vec<String> {
    let is_author =
        |href: &str| ["/author/", "/authors/", "/auteur/", "/auteurs/", "/autor/"].iter().any(|p| href.contains(p));
    (0..tree.cells.len())
        .filter(|i| !tree.cells[*i].gone && tree.attr(*i, "href").is_some_and(is_author))
        .map(|i| tree.whole_text(i))
        .find(|t| (1..=4).contains(&t.split_whitespace().count()))
        .into_iter()
        .collect()
}

fn marked_name(tree: &Tree<'_>, at: usize) -> String {
    let name = tree.inside(at).find(|i| tree.attr(*i, "itemprop").is_some_and(|p| p == "name"));
    match name {
        Some(i) => tree.attr(i, "content").map_or_else(|| tree.whole_text(i), one_line),
        None => tree.attr(at, "content").map_or_else(|| tree.whole_text(at), one_line),
    }
}

/// Names in elements that are called after what they hold.
fn class_names(tree: &Tree<'_>) -> Vec<String> {
    let mut found: Vec<(u8, String)> = Vec::new();
    for at in 0..tree.cells.len() {
        if tree.element(at).is_none_or(|e| e.attr("class").is_none()) {
            continue;
        }
        let words = tree.class_words(at);
        let has = |w: &str| words.iter().any(|x| x == w);
        let rank = match () {
            () if has("author") && has("name") || has("fn") && has("url") => 0,
            () if has("byline") || has("signature") || has("auteur") => 1,
            () if has("author") && !has("bio") && !has("box") => 2,
            () => continue,
        };
        let text = tree.whole_text(at);
        if !text.is_empty() && text.chars().count() <= LONGEST_NAME && found.len() < 50 {
            found.push((rank, text));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().take(1).map(|(_, n)| n).collect()
}

/// A credit line as names: `Par A et B`, `By A, B and C`.
pub(super) fn split(written: &str) -> Vec<String> {
    let mut line = one_line(&written.replace('\u{a0}', " "));
    // `Par A, publié le …`, `By A | 3 May`.
    for sign in [" | ", " • ", " · ", " – ", " — ", "\u{2028}"] {
        if let Some(i) = line.find(sign) {
            line.truncate(i);
        }
    }
    if let Some(rest) = after_byline(&line) {
        line = rest;
    }
    let mut names = Vec::new();
    for part in line.split([',', ';', '&', '/', '、', '،']) {
        let mut rest = part.trim().to_owned();
        for word in [" and ", " et ", " und ", " y ", " و "] {
            rest = rest.replace(word, "\n");
        }
        for name in rest.lines().map(str::trim) {
            let bare_name = name.trim_matches(['"', '“', '”', '*']).trim_start_matches("View all posts by ");
            let name = without_date(bare_name)
                .trim_start_matches("and ")
                .trim_start_matches("et ")
                .trim_matches(|c: char| c.is_whitespace() || c == ':');
            if is_name(name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

/// Whether a text may be somebody's name, and not a date, an address, a role without a name.
fn is_name(text: &str) -> bool {
    let said = bare(text);
    let address = text.contains("www.") || (text.contains('.') && !text.contains(' '));
    let nobody = ["admin", "administrator", "editor", "staff", "null", "undefined", "amp"].contains(&&*said);
    (2..=LONGEST_NAME).contains(&text.chars().count())
        && !text.chars().any(|c| c.is_ascii_digit())
        && !address
        && !nobody
        && !said.ends_with(" says")
        && text.split_whitespace().count() <= 6
        && !said.split_whitespace().any(|w| WORDS.role.is(w.trim_matches(['.', ',', '(', ')'])))
        && WORDS.dated.begins(&said).is_none_or(|n| n < 4)
        && !WORDS.noise.is(&said)
}

/// A name without the date that stands right behind it: `Ada Lovelace Dec 19`, `Ada LovelaceDecember 17`.
fn without_date(name: &str) -> &str {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Some(digit) = name.find(|c: char| c.is_ascii_digit()) else { return name };
    let month = MONTHS.iter().filter_map(|m| name[..digit].rfind(m)).max();
    month.map_or(name, |i| name[..i].trim_end())
}

/// When it was published and changed.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Dates {
    pub(super) published: Option<DateTime<FixedOffset>>,
    pub(super) updated: Option<DateTime<FixedOffset>>,
}

/// Reads the dates of a page: structured data, then `meta`, then `time`, then what is written near the title, then the
/// address. `near`: the line of the title, or the first line of the body.
pub(super) fn dates(
    tree: &Tree<'_>,
    head: &Head<'_>,
    data: &Data,
    blocks: &[Block],
    near: usize,
    url: &url::Url,
    ctx: &DateContext<'_>,
) -> Dates {
    let read = |written: &str| believed(written, ctx);
    let marked = |mark| {
        head.with(mark).find_map(|i| {
            ["datetime", "content"]
                .iter()
                .find_map(|a| tree.attr(i, a))
                .and_then(read)
                .or_else(|| read(&tree.whole_text(i)))
        })
    };
    let meta = |names: &[&str]| head.all(names).into_iter().find_map(read);
    let first = data.published.as_deref().and_then(read);
    let published = first
        .or_else(|| {
            meta(&[
                "article:published_time",
                "og:published_time",
                "og:article:published_time",
                "article:published",
                "datepublished",
                "rnews:datepublished",
            ])
        })
        .or_else(|| marked(Mark::Published))
        .or_else(|| {
            meta(&[
                "parsely-pub-date",
                "sailthru.date",
                "pubdate",
                "publish-date",
                "publishdate",
                "dc.date",
                "dc.date.issued",
                "dcterms.created",
                "dcterms.date",
                "date",
                "article.published",
                "cxenseparse:recs:publishtime",
                "citation_publication_date",
                "dc.date.created",
            ])
        })
        .or_else(|| time_near(tree, head, blocks, near, ctx))
        .or_else(|| named_date(tree, blocks, near, NEAR, ctx))
        .or_else(|| written_near(blocks, near, ctx))
        .or_else(|| named_date(tree, blocks, near, usize::MAX, ctx))
        .or_else(|| in_address(url, ctx));
    let updated = data
        .updated
        .as_deref()
        .and_then(read)
        .or_else(|| {
            meta(&["article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified"])
        })
        .or_else(|| marked(Mark::Updated));
    let updated = updated.filter(|u| published.is_none_or(|p| *u > p));
    Dates { published: published.or(updated), updated: updated.filter(|_| published.is_some()) }
}

/// A date that may be one: not of the future, not of before newspapers went on line.
fn believed(written: &str, ctx: &DateContext<'_>) -> Option<DateTime<FixedOffset>> {
    let written = written.trim();
    if written.is_empty() || written.len() > LONGEST_DATE || !written.chars().any(char::is_numeric) {
        return None;
    }
    let date = parse_date(written, ctx)?;
    let year = chrono::Datelike::year(&date);
    (year >= 1990 && date.to_utc() <= ctx.now + Duration::days(2)).then_some(date)
}

/// The `time` nearest the title.
fn time_near(
    tree: &Tree<'_>,
    head: &Head<'_>,
    blocks: &[Block],
    near: usize,
    ctx: &DateContext<'_>,
) -> Option<DateTime<FixedOffset>> {
    let place = blocks.get(near).map_or(0, |b| b.first);
    let mut all: Vec<usize> = head.with(Mark::Time).filter(|i| !tree.cells[*i].gone).collect();
    all.sort_by_key(|i| if *i >= place { i - place } else { (place - i) * 3 });
    all.iter().take(6).find_map(|i| {
        tree.attr(*i, "datetime").and_then(|d| believed(d, ctx)).or_else(|| believed(&tree.whole_text(*i), ctx))
    })
}

/// A date in an element that is called after what it holds, the nearest to the title and at most `within` lines from it.
fn named_date(
    tree: &Tree<'_>,
    blocks: &[Block],
    near: usize,
    within: usize,
    ctx: &DateContext<'_>,
) -> Option<DateTime<FixedOffset>> {
    /// Elements that are tried.
    const MOST: usize = 12;
    let place = blocks.get(near).map_or(0, |b| b.first);
    let is_named = |i: &usize| {
        let words = tree.class_words(*i);
        let dated = words.iter().any(|w| {
            matches!(
                w.as_str(),
                "date" | "datetime" | "dateline" | "datepublished" | "pubdate" | "published" | "posted" | "timestamp"
            )
        });
        dated
            && !words.iter().any(|w| {
                matches!(w.as_str(), "comment" | "card" | "related" | "event" | "today" | "todays" | "current")
            })
    };
    let classed = |i: &usize| tree.attr(*i, "class").is_some() && !tree.cells[*i].linked;
    let mut all: Vec<usize> = (0..tree.cells.len()).filter(classed).filter(is_named).collect();
    all.sort_by_key(|i| if *i >= place { i - place } else { (place - i) * 2 });
    all.retain(|i| blocks.partition_point(|b| b.first < *i).abs_diff(near) <= within);
    all.into_iter().take(MOST).find_map(|i| {
        let text = tree.whole_text(i);
        let parts = || tree.inside(i).filter_map(|t| believed(tree.text(t)?, ctx)).next();
        believed(&text, ctx).or_else(|| after_a_sign(&text, ctx)).or_else(parts)
    })
}

/// A date written in a short line near the title.
fn written_near(blocks: &[Block], near: usize, ctx: &DateContext<'_>) -> Option<DateTime<FixedOffset>> {
    let mut order: Vec<usize> = (0..blocks.len()).filter(|i| i.abs_diff(near) <= NEAR).collect();
    order.sort_by_key(|i| if *i >= near { i - near } else { (near - i) * 2 });
    order
        .into_iter()
        .map(|i| &blocks[i])
        .filter(|b| b.weight <= LONGEST_DATE && !b.is_prose())
        .find_map(|b| believed(&b.text, ctx).or_else(|| after_a_sign(&b.text, ctx)))
}

/// `Par Marie Curie, 3 juin 2026`, `Monde · 3 juin 2026`: a date after what else a line says.
fn after_a_sign(line: &str, ctx: &DateContext<'_>) -> Option<DateTime<FixedOffset>> {
    /// Signs of a line that are tried.
    const MOST: usize = 4;
    let signs = line.match_indices([',', '|', '•', '·', '–', '—', '、', '،', '/']).take(MOST);
    signs.filter_map(|(i, sign)| line.get(i + sign.len()..)).find_map(|rest| believed(rest, ctx))
}

/// `/2026/03/11/`.
fn in_address(url: &url::Url, ctx: &DateContext<'_>) -> Option<DateTime<FixedOffset>> {
    let parts: Vec<&str> = url.path_segments()?.collect();
    parts
        .windows(3)
        .find_map(|w| {
            let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
            (digits(w[0], 4) && digits(w[1], 2) && digits(w[2], 2)).then(|| format!("{}-{}-{}", w[0], w[1], w[2]))
        })
        .and_then(|d| believed(&d, ctx))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_lines_are_names() {
        assert_eq!(split("Par Marie Curie et Pierre Curie, publié le 3 mai 2026"), ["Marie Curie", "Pierre Curie"]);
        assert_eq!(
            split("By Ada Lovelace, Alan Turing and Grace Hopper | 3 May 2026"),
            ["Ada Lovelace", "Alan Turing", "Grace Hopper"]
        );
        assert_eq!(split("بقلم سلمى دراز"), ["سلمى دراز"]);
        assert_eq!(split("Joan\u{a0}Biskupic"), ["Joan Biskupic"]);
        assert_eq!(split("View all posts by Ray Ansari"), ["Ray Ansari"]);
        assert_eq!(split("Luke KimDecember 17"), ["Luke Kim"]);
        assert!(split("admin").is_empty() && split("page.head.author").is_empty());
    }
}
