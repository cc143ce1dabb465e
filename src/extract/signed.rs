//! Names that stand without a word before them: beside the date, or alone under the text.

use super::blocks::Block;
use super::credits::after_byline;
use super::tree::{Tree, is_dense};
use super::words::{WORDS, bare};

/// Signs between the parts of a credit line.
const SIGNS: [&str; 8] = [" | ", " • ", " · ", " – ", " — ", " - ", " / ", ", "];

/// Longest name that is told by its place.
const LONGEST: usize = 45;

/// Small words of names.
#[rustfmt::skip]
const PARTICLES: [&str; 26] = [
    "de", "du", "des", "d", "la", "le", "les", "van", "von", "der", "den", "zu", "da", "dos", "di", "del", "della", "el", "al",
    "ben", "bin", "ibn", "y", "e", "et", "ter",
];

/// Parts of a line: its texts as the elements divide them, again at the signs between.
fn parts(tree: &Tree<'_>, block: &Block) -> Vec<String> {
    let mut found = Vec::new();
    let shown = (block.first..block.end).filter(|i| !tree.cells[*i].gone && !leads_to_section(tree, *i));
    for text in shown.filter_map(|i| tree.text(i)) {
        let mut rest = vec![crate::text::one_line(text)];
        for sign in SIGNS {
            rest = rest.iter().flat_map(|p| p.split(sign)).map(str::to_owned).collect();
        }
        found.extend(rest.into_iter().map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()));
    }
    found
}

/// Whether a text is a link to a list of articles: a section, a topic.
fn leads_to_section(tree: &Tree<'_>, at: usize) -> bool {
    const LISTS: [&str; 9] = [
        "/category/",
        "/categories/",
        "/categorie/",
        "/tag/",
        "/tags/",
        "/topic/",
        "/topics/",
        "/section/",
        "/rubrique/",
    ];
    let link = tree.up(at).take(NEAR).find_map(|i| tree.attr(i, "href").filter(|_| tree.name(i) == "a"));
    let tagged = || tree.up(at).take(NEAR).any(|i| tree.attr(i, "rel").is_some_and(|r| r.contains("tag")));
    link.is_some_and(|href| tagged() || LISTS.iter().any(|l| href.contains(l)) || is_slug(href, tree.text(at)))
}

/// Elements from a link down to its text.
const NEAR: usize = 3;

/// Whether an address is no more than the words of its text at the root of the site: `/world-news` is no person.
fn is_slug(href: &str, text: Option<&str>) -> bool {
    let path = href.trim_end_matches('/');
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.find('/').map_or("", |i| &rest[i..]));
    let words = bare(text.unwrap_or_default()).replace(' ', "-");
    !words.is_empty() && path.strip_prefix('/') == Some(&*words)
}

/// The name that a part of a line is, or that follows `par` in it.
fn name_in(part: &str, sites: &[String]) -> Option<String> {
    if let Some(name) = after_byline(part).filter(|n| is_dense_name(n)) {
        return Some(name);
    }
    let words: Vec<&str> = part.split_whitespace().collect();
    // `Text Size` is a tool.
    let credits = |w: &str| WORDS.byline.is(&bare(w)) && (w.ends_with(':') || bare(w) != "text");
    let by = words.iter().rposition(|w| credits(w));
    // `Von Lukas Brandt am 26. Mai`: the name ends where the capitals do.
    let mut name: Vec<&str> = match by {
        Some(by) => words[by + 1..].iter().take_while(|w| is_capital(w)).copied().collect(),
        None => words,
    };
    while by.is_some() && name.last().is_some_and(|w| is_particle(w)) {
        name.pop();
    }
    let name = name.join(" ");
    is_name(&name, sites).then_some(name)
}

/// A name in a script without spaces: a few signs, nothing else.
fn is_dense_name(text: &str) -> bool {
    (2..=10).contains(&text.chars().count()) && text.chars().all(|c| is_dense(c) || matches!(c, ' ' | '\u{3000}'))
}

pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&bare(word).as_str())
}

/// Whether a word may be one of a name: it has a capital, or its script has none, or it is a small word of names.
fn is_capital(word: &str) -> bool {
    let first = word.chars().find(|c| c.is_alphanumeric());
    is_particle(word)
        || first.is_some_and(|c| c.is_alphabetic() && !c.is_lowercase())
        || word.split_once(['\'', '’']).is_some_and(|(_, n)| n.starts_with(char::is_uppercase))
}

/// Two to four words with capitals, where the script has any.
fn is_name(text: &str, sites: &[String]) -> bool {
    let said = bare(text);
    let letter = |c: char| c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '.' | ' ' | '\u{a0}');
    let words: Vec<&str> = text.split_whitespace().collect();
    (2..=4).contains(&words.len())
        && text.chars().count() <= LONGEST
        && text.chars().all(letter)
        && words.iter().all(|w| is_capital(w))
        && !words.iter().all(|w| is_particle(w))
        && !sites.contains(&said)
        && WORDS.dated.begins(&said).is_none()
        && ![&WORDS.share, &WORDS.noise, &WORDS.related, &WORDS.tags, &WORDS.newsletter, &WORDS.comments]
            .iter()
            .any(|l| l.begins(&said).is_some())
}

/// Names that stand beside a date, on its line or on the line before or after it.
pub(super) fn beside_date(
    tree: &Tree<'_>,
    lines: &[Block],
    is_date: &dyn Fn(&str) -> bool,
    sites: &[String],
) -> Vec<String> {
    /// Longer lines are text.
    const LONGEST_LINE: usize = 160;
    let near: Vec<Option<Vec<String>>> = lines
        .iter()
        .map(|b| (!b.media && !b.heading && b.weight <= LONGEST_LINE && !b.ends_sentence()).then(|| parts(tree, b)))
        .collect();
    let dated = |i: usize| near.get(i).and_then(Option::as_ref).is_some_and(|p| p.iter().any(|p| is_date(p)));
    for (i, parts) in near.iter().enumerate() {
        let Some(parts) = parts else { continue };
        let names: Vec<String> = parts.iter().filter_map(|p| name_in(p, sites)).collect();
        let alone = parts.len() == names.len();
        let credited = after_byline(&lines[i].text).is_some();
        if !names.is_empty() && (dated(i) || credited || (alone && (dated(i + 1) || i > 0 && dated(i - 1)))) {
            return names;
        }
    }
    Vec::new()
}

/// The last line of a text where it is only a name: who signed it. `lines` are those that are kept.
pub(super) fn signature(tree: &Tree<'_>, blocks: &[Block], kept: &[usize], sites: &[String]) -> Option<usize> {
    let [.., before, last] = kept else { return None };
    let (before, line) = (&blocks[*before], &blocks[*last]);
    let plain = !line.heading && !line.media && !matches!(tree.name(line.owner), "li" | "td" | "th" | "blockquote");
    let cased = line.text.chars().any(char::is_uppercase);
    (plain && cased && before.ends_sentence() && is_name(&line.text, sites)).then_some(*last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_sections() {
        for name in ["Claire Benhamou", "Hélène Roux-Dumas", "Yann Le Bihan", "Jeanne d’Arc", "ليلى حداد"] {
            assert!(is_name(name, &[]), "{name}");
        }
        for none in
            ["Monde", "Temps de lecture", "Lire aussi", "Faits divers", "3 juin 2026", "La fin du monde", "Le 3 Mai"]
        {
            assert!(!is_name(none, &[]), "{none}");
        }
        assert!(!is_name("Le Fil Rouge", &["le fil rouge".to_owned()]));
        assert_eq!(name_in("Publié le 3 juin à 14h30 par Marie Curie", &[]).as_deref(), Some("Marie Curie"));
        assert_eq!(name_in("取材・文：浅井リナ", &[]).as_deref(), Some("浅井リナ"));
        assert_eq!(name_in("Von Lukas Brandt am 26. Mai 2026", &[]).as_deref(), Some("Lukas Brandt"));
    }
}
