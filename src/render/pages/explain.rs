//! Why a story is what it is.

use chrono_tz::Tz;
use maud::{Markup, html};

use super::layout::{self, Head};
use crate::model::{Explanation, Lang, Trace};
use crate::render::reasons::{self, Fact};
use crate::render::words::reasons::{self as own_words, Reasons};
use crate::render::words::words;
use crate::render::{Site, body};

/// Terms of a query that are told one by one.
const MOST_TERMS: usize = 40;

/// The page that explains a story. Queries, and what the file calls things, stand as the file has them.
#[must_use]
pub fn explain(site: &Site, tz: Tz, explanation: &Explanation) -> String {
    let (words, own) = (words(&site.lang), own_words::reasons(&site.lang));
    let title = if explanation.title.is_empty() { explanation.story.as_str() } else { &explanation.title };
    let head = Head {
        lang: &site.lang,
        title: &format!("{} {title}", words.why),
        description: None,
        canonical: None,
        noindex: true,
        feed: None,
        atom: None,
    };
    let (lang, dir) = Lang::parse(own.code).map_or((None, None), |spoken| {
        let (_, dir) = body::turned(&site.lang, &spoken);
        ((spoken.primary() != site.lang.primary()).then_some(own.code), dir)
    });
    let content = html! {
        header.feed {
            h1 { (words.why) }
            p { a href=(site.local(&format!("story/{}", explanation.story))) { bdi { (title) } } }
        }
        div.explain lang=[lang] dir=[dir] {
            p { code { (explanation.uri) } }
            @for section in reasons::sections(explanation, tz, own) {
                section {
                    h2 { (section.title) }
                    @if section.facts.is_empty() { p { (own.none) } }
                    @else { dl { @for fact in &section.facts { (told(fact, own)) } } }
                }
            }
        }
    };
    layout::page(site, &head, words, &content)
}

fn told(fact: &Fact<'_>, own: &Reasons) -> Markup {
    let link = fact.link.as_deref().and_then(body::href);
    html! {
        dt {
            @match link {
                Some(href) => { a href=(href) { bdi { (fact.label) } } }
                None => { bdi { (fact.label) } }
            }
        }
        dd {
            bdi { (fact.text) }
            @for line in &fact.under { br; small { bdi { (line) } } }
            @for trace in &fact.queries { (query(trace, own)) }
        }
    }
}

/// A query with its terms marked, then each term in words.
fn query(trace: &Trace, own: &Reasons) -> Markup {
    let mut pieces: Vec<(&str, Option<bool>)> = Vec::new();
    let mut at = 0;
    for term in &trace.terms {
        pieces.push((trace.query.get(at..term.span.start).unwrap_or_default(), None));
        pieces.push((trace.query.get(term.span.clone()).unwrap_or_default(), Some(term.held)));
        at = term.span.end;
    }
    pieces.push((trace.query.get(at..).unwrap_or_default(), None));
    let terms = reasons::terms(trace, own);
    html! {
        p.query dir="ltr" {
            code {
                @for (piece, held) in pieces {
                    @match held {
                        Some(true) => { mark.held { (piece) } }
                        Some(false) => { mark.failed { (piece) } }
                        None => { (piece) }
                    }
                }
            }
        }
        ul.terms {
            @for (written, held, why) in terms.iter().take(MOST_TERMS) {
                li { @if *held { "✓ " } @else { "✗ " } code { bdi { (written) } } " " (why) }
            }
            @if terms.len() > MOST_TERMS { li { ((own.terms.more)(terms.len() - MOST_TERMS)) } }
        }
    }
}
