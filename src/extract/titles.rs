//! The title, without the name of the site.

use super::blocks::Block;
use super::head::{Head, Mark};
use super::jsonld::Data;
use super::tree::{Tree, is_dense};
use super::words::bare;
use crate::text::one_line;

/// Signs that stand between a title and the name of a site.
pub(super) const SIGNS: [&str; 12] =
    [" | ", " - ", " – ", " — ", " :: ", " » ", " « ", " · ", " • ", " / ", " : ", "｜"];

/// Longest heading taken for a title.
const LONGEST: usize = 300;

/// Bytes of a title in the head that are looked at: it is tried at every sign in it.
const LONGEST_SAID: usize = 2_000;

/// What is known of the name of the site, bare.
pub(super) fn sites(head: &Head<'_>, data: &Data, host: &str, given: Option<&str>) -> Vec<String> {
    let mut names: Vec<String> =
        [given, head.one(&["og:site_name", "application-name", "apple-mobile-web-app-title", "twitter:site"])]
            .into_iter()
            .flatten()
            .chain(data.publisher.as_deref())
            .map(|n| bare(n.trim_start_matches('@')))
            .collect();
    let host = host.trim_start_matches("www.");
    names.push(bare(host));
    names.push(bare(host.rsplit_once('.').map_or(host, |(h, _)| h)));
    names.retain(|n| !n.is_empty());
    names.dedup();
    names
}

/// The title of the article, from most to least trusted. `given`: the title under which it was listed.
pub(super) fn find(
    tree: &Tree<'_>,
    head: &Head<'_>,
    data: &Data,
    sites: &[String],
    given: Option<&str>,
    lines: &[Block],
) -> Option<String> {
    let said: Vec<String> = [
        head.one(&["og:title", "twitter:title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title"]),
        data.headline.as_deref(),
        head.title.as_deref(),
    ]
    .into_iter()
    .flatten()
    .map(plain)
    .filter(|t| !t.is_empty())
    .collect();
    let bares: Vec<String> = said.iter().map(String::as_str).chain(given).map(bare).collect();
    let headings: Vec<String> = (0..tree.cells.len())
        .filter(|i| tree.name(*i) == "h1")
        .chain(head.with(Mark::Headline))
        .chain((0..tree.cells.len()).filter(|i| matches!(tree.name(*i), "h2" | "h3")).take(12))
        .map(|i| tree.whole_text(i))
        .filter(|t| !t.is_empty() && t.chars().count() <= LONGEST)
        .collect();
    // A heading that the page's other titles contain is the title as the reader sees it.
    let agreed = headings.iter().filter(|h| {
        let h = bare(h);
        // A single word of a long title is a kicker.
        let enough = |t: &str| h.len() * 4 >= t.len() || h.split_whitespace().count() >= 3;
        h.chars().count() >= 4 && !sites.contains(&h) && bares.iter().any(|t| t.contains(h.as_str()) && enough(t))
    });
    // The longest, so that a kicker that is in the title too is not taken for it.
    if let Some(best) = agreed.max_by_key(|h| h.chars().count()) {
        return Some(best.clone());
    }
    if let Some(listed) = given.and_then(|g| line_of(g, lines)) {
        return Some(listed);
    }
    let alone: Vec<usize> = (0..tree.cells.len()).filter(|i| tree.name(*i) == "h1").collect();
    if alone.is_empty()
        && let Some(part) = said.iter().find_map(|t| line_of_part(t, sites, lines))
    {
        return Some(part);
    }
    let first = said.first().map(|t| without_site(t, sites));
    match (alone.as_slice(), first) {
        ([], Some(title)) => Some(title),
        ([one, ..], title) => {
            let heading = tree.whole_text(*one);
            let known = bare(&heading);
            let fits = !known.is_empty() && !sites.contains(&known) && heading.chars().count() <= LONGEST;
            let shared = title.as_ref().is_some_and(|t| overlap(&known, &bare(t)) >= 0.5);
            // A heading that shares nothing with the titles may be the site's own.
            if fits && (title.is_none() || shared || alone.len() == 1 && known.split_whitespace().count() >= 4) {
                Some(heading)
            } else {
                title.or(fits.then_some(heading))
            }
        }
        ([], None) => headings.into_iter().next(),
    }
}

/// Fewest words of a line that is known for a title by its words alone.
const FEWEST_WORDS: usize = 3;

/// The line of the page that says the title under which it was listed, or goes on where that was cut short.
fn line_of(given: &str, lines: &[Block]) -> Option<String> {
    let known = bare(given);
    if known.split_whitespace().count() < FEWEST_WORDS {
        return None;
    }
    let cut = given.trim_end().ends_with('…') || given.trim_end().ends_with("...");
    let fits = |b: &&Block| b.text.chars().count() <= LONGEST && (bare(&b.text) == known);
    let goes_on = |b: &&Block| cut && b.text.chars().count() <= LONGEST && bare(&b.text).starts_with(&known);
    lines.iter().find(fits).or_else(|| lines.iter().find(goes_on)).map(|b| b.text.clone())
}

/// The line of the page that is one side of a title, the other side being the site or a section.
fn line_of_part(title: &str, sites: &[String], lines: &[Block]) -> Option<String> {
    let mut parts: Vec<String> = SIGNS
        .iter()
        .flat_map(|s| title.match_indices(s).map(|(i, s)| (i, i + s.len())))
        .flat_map(|(end, start)| [bare(&title[..end]), bare(&title[start..])])
        .filter(|p| p.split_whitespace().count() >= FEWEST_WORDS && !sites.contains(p))
        .collect();
    parts.sort_by_key(|p| std::cmp::Reverse(p.len()));
    parts.truncate(MOST_PARTS);
    parts.retain(|p| p.len() * 2 >= title.len());
    if parts.is_empty() {
        return None;
    }
    let said: Vec<(String, &str)> =
        lines.iter().filter(|b| b.linked == 0 && !b.media).map(|b| (bare(&b.text), b.text.as_str())).collect();
    parts.iter().find_map(|part| said.iter().find(|(bare, _)| bare == part)).map(|(_, text)| (*text).to_owned())
}

/// Ways to split a title that are tried.
const MOST_PARTS: usize = 8;

fn overlap(a: &str, b: &str) -> f64 {
    let words: Vec<&str> = a.split_whitespace().collect();
    let shared = words.iter().filter(|w| b.split_whitespace().any(|x| x == **w)).count();
    shared as f64 / words.len().max(1) as f64
}

/// Titles in `meta` and JSON-LD are often escaped once too often.
fn plain(title: &str) -> String {
    let title = &title[..title.floor_char_boundary(LONGEST_SAID)];
    if !title.contains('&') && !title.contains('<') {
        return one_line(title);
    }
    let read: String = scraper::Html::parse_fragment(title).root_element().text().collect();
    one_line(&read)
}

/// `Titre | Site` and `Site - Titre` without the site.
pub(super) fn without_site(title: &str, sites: &[String]) -> String {
    let is_site = |part: &str| {
        let part = bare(part);
        let tight: String = part.chars().filter(|c| c.is_alphanumeric()).collect();
        sites.iter().any(|s| {
            let name: String = s.chars().filter(|c| c.is_alphanumeric()).collect();
            *s == part
                || (!tight.is_empty()
                    && (tight == name
                        || (name.len() > 3
                            && tight.len() > 3
                            && tight.len() < 40
                            && (tight.contains(&name) || name.starts_with(&tight)))))
        })
    };
    let mut title = title.trim().to_owned();
    // `Titre - Rubrique | Site` has two.
    for _ in 0..2 {
        let last = SIGNS.iter().filter_map(|s| title.rfind(s).map(|i| (i, s.len()))).max();
        if let Some((i, n)) = last
            && is_site(&title[i + n..])
        {
            title.truncate(i);
            continue;
        }
        let first = SIGNS.iter().filter_map(|s| title.find(s).map(|i| (i, s.len()))).min();
        if let Some((i, n)) = first
            && is_site(&title[..i])
        {
            title = title[i + n..].trim().to_owned();
        }
    }
    // A site that is not known by name: a short last part after a bar, where the title is long.
    for sign in [" | ", " — ", " – ", " :: ", " - "] {
        if let Some(i) = title.rfind(sign) {
            let (head, tail) = (word_count(&title[..i]), word_count(&title[i + sign.len()..]));
            if tail <= if sign == " | " { 5 } else { 3 } && head >= 4 && head > tail * 2 && sites.len() <= 2 {
                title.truncate(i);
                break;
            }
        }
    }
    title.trim().to_owned()
}

/// How many words a text has; scripts without spaces have one for every two signs.
fn word_count(text: &str) -> usize {
    text.split_whitespace().map(|w| w.chars().filter(|c| is_dense(*c)).count().div_ceil(2).max(1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_is_taken_off() {
        let sites =
            vec!["le journal du port".to_owned(), "journalduport.example".to_owned(), "journalduport".to_owned()];
        for (written, read) in [
            ("Un titre | Le Journal du Port", "Un titre"),
            ("Un titre - avec tiret - Le Journal du Port", "Un titre - avec tiret"),
            ("Le Journal du Port : Un titre", "Un titre"),
            ("Un titre – journalduport.example", "Un titre"),
            ("Gaza - le port rouvre", "Gaza - le port rouvre"),
            ("Le port | un film", "Le port | un film"),
        ] {
            assert_eq!(without_site(written, &sites), read);
        }
        let dense = "小学校の校長は去年と同じように帳簿を調べている | 埠頭新聞";
        assert_eq!(without_site(dense, &[]), "小学校の校長は去年と同じように帳簿を調べている");
    }
}
