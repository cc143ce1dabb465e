//! The text that a page tells in its structured data only: its own is loaded by a script, or shown to those who pay.

use super::blocks::Block;
use super::opened::Opened;
use super::tree::weight;

/// Shorter texts are descriptions.
const SHORTEST: usize = 400;
/// How many times as much it must be as all running text of the page: what the page shows is the better one.
const TIMES: usize = 2;

/// The page with the text that its data tells set at its end; `None` where it shows enough itself.
pub(super) fn page_with_told(page: &str, opened: &Opened<'_>) -> Option<String> {
    let told = opened.data.body.as_deref()?;
    let shown: usize = opened.blocks.iter().filter(|b| b.is_prose()).map(|b: &Block| b.weight).sum();
    let told = paragraphs(told);
    if weight(&told) < SHORTEST.max(shown * TIMES) {
        return None;
    }
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
