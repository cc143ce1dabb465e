//! What is told of the text elsewhere, by the feed's entry and by the page's structured data: evidence of where it is, and
//! the text itself where the page does not show it.

use std::collections::HashSet;

use super::blocks::Block;
use super::guard;
use super::opened::Opened;
use super::tree::weight;
use crate::model::Entry;
use crate::text::{cap_nesting, fold, hash, words};

/// Shorter texts are descriptions.
const SHORTEST: usize = 400;
/// The same where the page shows no text.
const SHORTEST_ALONE: usize = 100;
/// How many times as much it must be as all running text of the page: what the page shows is the better one.
const TIMES: usize = 2;

/// The page with the text that its data tells set at its end; `None` where it shows enough itself, and where it says that the
/// text is paid for: then it is told to search engines, and not to readers.
pub(super) fn page_with_told(page: &str, opened: &Opened<'_>) -> Option<String> {
    let told = opened.data.body.as_deref().filter(|_| !opened.data.paid)?;
    let shown: usize = opened.blocks.iter().filter(|b| b.is_prose()).map(|b: &Block| b.weight).sum();
    let told = paragraphs(told);
    let least = if shown == 0 { SHORTEST_ALONE } else { SHORTEST.max(shown * TIMES) };
    if weight(&told) < least {
        return None;
    }
    // It may be nested as no page may.
    let told = guard::ready(&told).html;
    Some(format!("{page}<article itemprop=articleBody>{told}</article>"))
}

/// A text as it stands in data: plain, or HTML.
fn paragraphs(told: &str) -> String {
    if ["<p", "<br", "</", "<div"].iter().any(|tag| told.contains(tag)) {
        return told.to_owned();
    }
    let escape = |line: &str| line.replace('&', "&amp;").replace('<', "&lt;");
    told.lines().map(str::trim).filter(|l| !l.is_empty()).map(|l| format!("<p>{}</p>", escape(l))).collect()
}

/// Words that are compared at a time.
const RUN: usize = 4;
/// Bytes of a told text that are looked at.
const LONGEST: usize = 64 * 1024;

/// Open elements at any place of a told text.
const MOST_NESTED: usize = 64;

/// Marks the lines that are told elsewhere, so that the element that holds them is found.
pub(super) fn mark(blocks: &mut [Block], data: Option<&str>, entry: Option<&Entry>) {
    let fed = entry.into_iter().flat_map(|e| [e.content.as_deref(), e.summary.as_deref()]);
    let mut told = HashSet::new();
    for text in fed.chain([data]).flatten() {
        let end = (0..=LONGEST.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        let text = &text[..end];
        let plain = if text.contains('<') { plain(text) } else { text.to_owned() };
        told.extend(runs(&plain));
    }
    if told.is_empty() {
        return;
    }
    for block in blocks.iter_mut().filter(|b| b.is_prose()) {
        let own = runs(&block.text);
        let known = own.iter().filter(|run| told.contains(*run)).count();
        block.told = known > 0 && known * 2 >= own.len();
    }
}

fn plain(html: &str) -> String {
    scraper::Html::parse_fragment(&cap_nesting(html, MOST_NESTED)).root_element().text().collect::<Vec<_>>().join(" ")
}

/// Runs of words, hashed.
fn runs(text: &str) -> Vec<u64> {
    let folded = fold(text);
    let words: Vec<&str> = words(&folded).collect();
    words.windows(RUN).map(|run| hash(run.join(" ").as_bytes())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::read_with;
    use super::super::{ExtractError, Recipe};
    use super::*;

    const ONE: &str = "Le port a rouvert mardi matin après trois semaines de silence, et les premiers bateaux sont sortis avant l’aube. ";
    const OTHER: &str = "La bibliothèque fermera ses portes pendant l’été, le temps de refaire le toit que la tempête de mars avait emporté. ";

    /// Two texts with a long menu between them: one is the article, the other what readers wrote.
    fn two(first: &str, second: &str) -> String {
        let menu: String = (0..30).map(|n| format!("<li><a href=/{n}>Une rubrique du journal, la {n}</a>")).collect();
        let box_of =
            |text: &str, times: usize| format!("<div><p>{}</p><p>{}</p></div>", text.repeat(times), text.repeat(2));
        format!("<title>Nouvelles</title>{}<ul>{menu}</ul>{}", box_of(first, 2), box_of(second, 3))
    }

    #[test]
    fn the_entry_tells_which_of_two_texts_is_meant() {
        let entry = |meant: &str| Entry { summary: Some(format!("<p>{meant}[…]</p>")), ..Entry::default() };
        let read = |entry: &Entry| read_with(&two(ONE, OTHER), &Recipe::default(), Some(entry)).unwrap().text;
        assert!(read(&Entry::default()).contains("bibliothèque"), "the longer one, where nothing is told");
        for meant in [ONE, OTHER] {
            let text = read(&entry(meant));
            assert!(
                text.contains(meant.trim()) && !(text.contains(ONE.trim()) && text.contains(OTHER.trim())),
                "{text}"
            );
        }
    }

    #[test]
    fn a_text_that_only_the_data_tell_is_read() {
        let body = format!("{ONE}\n\n{OTHER}\n\nÀ l’ombre & sans bruit <ou presque>.");
        let page = |body: &str, shown: &str| {
            let data = serde_json::json!({"@type": "NewsArticle", "headline": "Le port", "articleBody": body});
            format!("<title>Le port</title><script type='application/ld+json'>{data}</script><div id=app>{shown}</div>")
        };
        let read = |html: &str| read_with(html, &Recipe::default(), None).map(|e| e.text);
        let lines = [ONE.trim(), OTHER.trim()].map(|l| l.repeat(2));
        let long = format!("{}\n\n{}\n\nÀ l’ombre & sans bruit <ou presque>.", lines[0], lines[1]);
        assert_eq!(read(&page(&long, "")).unwrap(), long.replace("\n\n", "\n"));
        assert_eq!(read(&page(&format!("{ONE}\n\n{OTHER}"), "")).unwrap(), format!("{}\n{}", ONE.trim(), OTHER.trim()));
        // What is paid for is told to search engines.
        let paid = page(&long, "").replace("\"@type\"", "\"isAccessibleForFree\":false,\"@type\"");
        assert!(matches!(read(&paid), Err(ExtractError::NoText { .. } | ExtractError::Empty)));
        // What is shown is better than what is told, and a description is no text.
        let shown = format!("<p>{}</p><p>{}</p>", ONE.repeat(3), ONE.repeat(2));
        assert!(!read(&page(&body, &shown)).unwrap().contains("ombre"));
        assert!(matches!(
            read(&page("Le port a rouvert.", "")),
            Err(ExtractError::NoText { .. } | ExtractError::Empty)
        ));
    }
}
