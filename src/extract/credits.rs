//! Who wrote it.

use super::blocks::Block;
use super::edges::is_sentence;
use super::foreign::is_foreign;
use super::head::{Head, Mark};
use super::jsonld::Data;
use super::tree::{Tree, is_dense};
use super::words::{WORDS, bare};
use crate::text::one_line;

/// Names that are kept, and characters of one.
const MOST_NAMES: usize = 20;
const LONGEST_NAME: usize = 80;

/// Who wrote it: structured data first, then marks, then words. `place`: where the article begins.
pub(super) fn authors(
    tree: &Tree<'_>,
    head: &Head<'_>,
    data: &Data,
    sites: &[String],
    (place, near): (usize, &[Block]),
) -> Vec<String> {
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
    let ours = |i: &usize| !is_foreign(tree, *i, place);
    let marked = || head.with(Mark::Author).filter(ours).take(MOST_NAMES).map(|i| marked_name(tree, i)).collect();
    let named = || class_names(tree, place);
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
        // `Text Size` is a tool, `Text: Jane Doe` a credit.
        let colon = || line.trim_start().chars().nth(words.chars().count()) == Some(':');
        if words == "text" && !colon() {
            return None;
        }
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
fn class_names(tree: &Tree<'_>, place: usize) -> Vec<String> {
    /// Names that are looked at.
    const MOST: usize = 50;
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
        if found.len() >= MOST || is_foreign(tree, at, place) {
            continue;
        }
        let text = tree.whole_text(at);
        if !text.is_empty() && text.chars().count() <= LONGEST_NAME {
            found.push((rank, text));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().take(1).map(|(_, n)| n).collect()
}

/// A credit line as names: `Par A et B`, `By A, B and C`.
pub(super) fn split(written: &str) -> Vec<String> {
    let mut line = one_line(&written.replace('\u{a0}', " ").replace("&amp;", "&"));
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
    // `Mac & i` is one name.
    let both = line.contains('&') && line.split('&').all(|n| !n.trim_start().starts_with(char::is_lowercase));
    let sign = |c: char| matches!(c, ',' | ';' | '/' | '、' | '،') || c == '&' && both;
    for part in line.split(sign) {
        let mut rest = part.trim().to_owned();
        for word in [" and ", " et ", " und ", " y ", " و "] {
            rest = rest.replace(word, "\n");
        }
        for name in rest.lines().map(str::trim) {
            let bare_name = name.trim_matches(['"', '“', '”', '*']).trim_start_matches("View all posts by ");
            let name = without_rest(without_date(bare_name))
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
        && !text.contains(':')
        && !is_phrase(text)
        && !nobody
        && !said.ends_with(" says")
        && text.split_whitespace().count() <= 6
        && !said.split_whitespace().any(|w| WORDS.role.is(w.trim_matches(['.', ',', '(', ')'])))
        && WORDS.dated.begins(&said).is_none_or(|n| n < 4)
        && !WORDS.noise.is(&said)
}

/// Whether a text is of some words without a single capital, where its script has any: `the free encyclopedia`.
fn is_phrase(text: &str) -> bool {
    text.split_whitespace().count() >= 3
        && text.chars().any(char::is_lowercase)
        && !text.chars().any(|c| c.is_alphabetic() && !c.is_lowercase())
}

/// A name without what is said after it: `Ada Lovelace on`, `Ada Lovelace @ada`, `Ada Lovelace avec AFP`.
fn without_rest(name: &str) -> &str {
    const WITH_MORE: [&str; 3] = ["for", "via", "avec"];
    /// What stands before a date or is one.
    #[rustfmt::skip]
    const LAST: [&str; 11] = [
        "on", "at", "am", "le", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ];
    let starts = name.match_indices(' ').map(|(i, _)| i);
    let is_end = |i: &usize| {
        let rest = &name[i + 1..];
        let word = rest.split(' ').next().unwrap_or_default();
        let last = rest.len() == word.len();
        word.contains('@') || WITH_MORE.contains(&word) || last && LAST.contains(&word)
    };
    starts.into_iter().find(is_end).map_or(name, |i| name[..i].trim_end())
}

/// A name without the date that stands right behind it: `Ada Lovelace Dec 19`, `Ada LovelaceDecember 17`.
fn without_date(name: &str) -> &str {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Some(digit) = name.find(|c: char| c.is_ascii_digit()) else { return name };
    let month = MONTHS.iter().filter_map(|m| name[..digit].rfind(m)).max();
    month.map_or(name, |i| name[..i].trim_end())
}

#[cfg(test)]
mod tests {
    use super::super::Recipe;
    use super::super::tests::read_with;
    use super::*;

    #[test]
    fn others_on_the_page_are_not_its_authors() {
        let read = |before: &str, after: &str| {
            let prose = "<p>Le port a rouvert mardi matin après trois semaines de silence, et les premiers bateaux sont sortis avant l’aube.</p>";
            let html = format!(
                "<title>Le port rouvre ses quais</title><meta property=article:section content='Middle East'><main><article><h1>Le port rouvre ses quais</h1>{before}<div>{}</div></article></main>{after}",
                prose.repeat(5)
            );
            read_with(&html, &Recipe::default(), None).unwrap().byline
        };
        for after in [
            "<div class=comments><div class=comment><span class=comment_author>Paulo</span><p>Merci à toutes et à tous.</p></div></div>",
            "<section id=comments><a rel=author href=/u/x>Ana Maria</a><p>Merci.</p></section>",
            "<aside class=related><a href=/y>Une autre</a> <span class=author>By Other Person</span></aside>",
        ] {
            assert!(read("", after).is_empty(), "{after}");
        }
        for before in [
            "<div><a href='/category/middle-east/'>North Africa</a> August 20, 2019</div>",
            "<p><a href=/world-news>World News</a> | August 20, 2019</p>",
            "<p>Middle East | August 20, 2019</p>",
            "<p>Text Size A</p>",
        ] {
            assert!(read(before, "").is_empty(), "{before}");
        }
        assert_eq!(read("<div><a href=/author/jane>Jane Doe</a> August 20, 2019</div>", ""), ["Jane Doe"]);
    }

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
        assert_eq!(split("Text: Max Muster, Foto: Eva Bild"), ["Max Muster"]);
        assert_eq!(split("Mac & i"), ["Mac & i"]);
        for two in ["Ada Lovelace & Alan Turing", "Ada Lovelace &amp; Alan Turing"] {
            assert_eq!(split(two), ["Ada Lovelace", "Alan Turing"]);
        }
        for rest in [
            " on March 4, 2016 10:00 am",
            " Tuesday, Aug. 17, 2010",
            " ada@site.example",
            " @ada",
            " avec AFP",
            " for The Site",
        ] {
            assert_eq!(split(&format!("By Ada Lovelace{rest}")), ["Ada Lovelace"], "{rest}");
        }
        assert_eq!(split("Le Corbusier"), ["Le Corbusier"]);
        assert!(after_byline("Text Size A").is_none() && split("From Wikipedia, the free encyclopedia").len() < 2);
        assert!(split("admin").is_empty() && split("page.head.author").is_empty());
    }
}
