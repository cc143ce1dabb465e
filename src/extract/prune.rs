//! What the page itself says is no article: navigation, forms, what is hidden, boxes named after what they are. A name
//! only counts while the box holds a small part of the page's text, since themes give whole pages such names too.

use std::ops::Range;

use super::tree::{Kind, Tree, weight};
use super::words::{WORDS, bare};

/// The share of the page's running text over which a box stays whatever it is called.
const STAYS: f64 = 0.35;

/// The same for boxes that say what they are.
const LABELLED_STAYS: f64 = 0.65;

/// Running text from which a hidden box may be part of the article.
const HIDDEN_TEXT: usize = 100;

/// Class words of boxes around the article.
#[rustfmt::skip]
const CHROME: [&str; 90] = [
    "ad", "ads", "adsbygoogle", "advert", "adverts", "advertisement", "advertising", "author", "authorbox", "banner", "bio",
    "breadcrumb", "breadcrumbs", "byline", "combx", "comment", "commentlist", "comments", "community", "consent", "cookie",
    "cookies", "copyright", "crumb", "crumbs", "cta", "disclaimer", "disqus", "donate", "donation", "emplaced", "footer", "gdpr",
    "interstitial", "legends", "livefyre", "login", "lightbox", "masthead", "mailchimp", "menu", "menus", "mega", "metadata",
    "modal", "nav", "navbar", "navigation", "newsletter", "newsletters", "outbrain", "overlay", "pager", "pagination",
    "partage", "partager", "popup", "popular", "postmeta", "promo", "promoted", "promotion", "rail", "rating", "reco",
    "recommandation", "recommandations", "recommande", "recommandes", "recommended", "recommendation", "recommendations",
    "related", "respond", "share", "sharebar", "sharedaddy", "sharing", "shoutbox", "sidebar", "skyscraper", "social", "sponsor",
    "sponsored", "subscribe", "subscription", "taboola", "tags", "toolbar", "yarpp",
];

/// Class words that take the meaning of a chrome word away.
#[rustfmt::skip]
const NOT_CHROME: [&str; 12] = [
    "has", "no", "with", "without", "content", "body", "main", "article", "entry", "elementor", "container", "wrapper",
];

/// Class words that name chrome whatever else stands beside them.
#[rustfmt::skip]
const SURELY: [&str; 42] = [
    "adsbygoogle", "advertisement", "authorbox", "breadcrumb", "breadcrumbs", "comments", "commentlist", "cookie", "cookies",
    "disqus", "jetpackrelatedposts", "lightbox", "mailchimp", "navbar", "navigation", "newsletter", "newsletters", "outbrain", "pagination",
    "partage", "popup", "postmeta", "reco", "recommande", "recommandations", "recommended", "recommendations", "related",
    "relatedposts", "respond", "sharebar", "sharedaddy", "sharing", "share", "sidebar", "social", "sponsored", "subscribe",
    "taboola", "yarpp", "toc", "byline",
];

/// Text inside each node that stands in no link, in runs long enough to be read.
fn solid(tree: &Tree<'_>) -> Vec<usize> {
    let mut sums = vec![0; tree.cells.len()];
    for at in (0..tree.cells.len()).rev() {
        let cell = &tree.cells[at];
        if let Some(text) = tree.text(at) {
            let own = weight(text.trim());
            if !cell.linked && own >= 30 && tree.cells[cell.parent].kind != Kind::Unread {
                sums[at] = own;
            }
        }
        if at > 0 {
            sums[cell.parent] += sums[at];
        }
    }
    sums
}

/// Children of one kind from which on they are a list of cards.
const CARDS: usize = 3;

/// The share of the page's running text over which a list of cards is what the page is about.
const SMALL: f64 = 0.15;

/// Running text of one card at most.
const LARGEST_CARD: usize = 350;

/// The lists of cards: children of one kind, each with a linked heading and no more than a teaser.
fn cards(tree: &Tree<'_>, solid: &[usize], whole: f64) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in 0..tree.cells.len() {
        if tree.cells[at].gone || tree.cells[at].kind != Kind::Block || matches!(tree.name(at), "html" | "body") {
            continue;
        }
        let mut child = at + 1;
        let mut cards: Vec<usize> = Vec::new();
        let mut others = 0;
        while child < tree.cells[at].end {
            let next = tree.cells[child].end;
            if tree.cells[child].kind == Kind::Block && !tree.cells[child].gone {
                if is_card(tree, child, solid[child]) {
                    cards.push(child);
                } else {
                    others += solid[child];
                }
            }
            child = next;
        }
        let same = cards.iter().all(|c| tree.name(*c) == tree.name(cards[0]));
        let small = solid[at] as f64 <= whole * SMALL;
        if cards.len() >= CARDS && same && small && others < cards.iter().map(|c| solid[*c]).sum::<usize>() {
            found.push(tree.inside(at));
        }
    }
    found
}

/// Whether an element is a teaser of something else: a heading that is a link, and little text.
fn is_card(tree: &Tree<'_>, at: usize, solid: usize) -> bool {
    if solid > LARGEST_CARD || tree.cells[at].end - at > 200 {
        return false;
    }
    let linked_heading = |i: usize| {
        tree.cells[i].kind == Kind::Heading
            && (tree.inside(i).any(|j| tree.text(j).is_some_and(|t| t.trim().len() > 10) && tree.cells[j].linked))
    };
    tree.inside(at).any(linked_heading)
}

/// Leaves out what is no part of any article, and tells where lists of cards stand.
pub(super) fn prune(tree: &mut Tree<'_>) -> Vec<Range<usize>> {
    let solid = solid(tree);
    let whole = solid.first().copied().unwrap_or(0).max(1) as f64;
    let titles: Vec<usize> = (0..tree.cells.len()).filter(|i| tree.name(*i) == "h1").collect();
    let mut at = 0;
    while at < tree.cells.len() {
        let cell = &tree.cells[at];
        let named = cell.node.is_element() && !matches!(tree.name(at), "html" | "body" | "main");
        if named && !cell.gone && cell.kind != Kind::Text {
            let share = solid[at] as f64 / whole;
            let first = titles.partition_point(|t| *t < at);
            let titled = titles.get(first).is_some_and(|t| *t < cell.end);
            if is_chrome(tree, at, solid[at], share, titled) {
                tree.leave_out(at);
                at = tree.cells[at].end;
                continue;
            }
        }
        at += 1;
    }
    cards(tree, &solid, whole)
}

fn is_chrome(tree: &Tree<'_>, at: usize, solid: usize, share: f64, titled: bool) -> bool {
    // What is hidden and full of text is a tab, or comes with a script; what is hidden and short is a label or a menu.
    if is_hidden(tree, at) && share < STAYS && solid < HIDDEN_TEXT {
        return true;
    }
    if share >= STAYS || titled {
        return !titled && share < LABELLED_STAYS && is_labelled(tree, at);
    }
    match tree.name(at) {
        "aside" if tree.class_words(at).iter().any(|w| matches!(w.as_str(), "pullquote" | "pull" | "quote")) => {
            return false;
        }
        "aside" if is_notes(tree, at) => return false,
        "nav" | "footer" | "aside" | "form" | "menu" => return !in_quote(tree, at),
        "svg" | "button" | "select" | "textarea" => return true,
        "figure" | "figcaption" | "blockquote" | "p" | "a" | "img" | "picture" | "td" | "tr" | "table" | "tbody" => {
            return false;
        }
        _ => {}
    }
    let role = tree.attr(at, "role").unwrap_or_default();
    if matches!(
        role,
        "navigation"
            | "complementary"
            | "banner"
            | "contentinfo"
            | "menu"
            | "menubar"
            | "dialog"
            | "alertdialog"
            | "search"
    ) {
        return true;
    }
    let words = tree.class_words(at);
    if words.iter().any(|w| SURELY.contains(&w.as_str())) {
        return !words.iter().any(|w| matches!(w.as_str(), "has" | "no" | "with" | "without"));
    }
    words.iter().any(|w| CHROME.contains(&w.as_str())) && !words.iter().any(|w| NOT_CHROME.contains(&w.as_str()))
}

/// Whether a box is named after what it is and opens with the words for it: under a short article the teasers are long.
fn is_labelled(tree: &Tree<'_>, at: usize) -> bool {
    if !tree.class_words(at).iter().any(|w| SURELY.contains(&w.as_str())) {
        return false;
    }
    let first = tree.inside(at).filter_map(|i| tree.text(i)).find(|t| !t.trim().is_empty());
    first.is_some_and(|t| WORDS.related.is(&bare(t)))
}

/// Whether an element holds the notes to which the text refers.
fn is_notes(tree: &Tree<'_>, at: usize) -> bool {
    let role = tree.attr(at, "role").unwrap_or_default();
    matches!(role, "doc-endnotes" | "doc-footnote")
        || tree.class_words(at).iter().any(|w| matches!(w.as_str(), "footnote" | "footnotes" | "endnote" | "endnotes"))
}

fn in_quote(tree: &Tree<'_>, at: usize) -> bool {
    tree.up(at).take(2).any(|i| matches!(tree.name(i), "blockquote" | "figure"))
}

fn is_hidden(tree: &Tree<'_>, at: usize) -> bool {
    let Some(element) = tree.element(at) else { return false };
    if element.attr("hidden").is_some() || element.attr("aria-hidden") == Some("true") {
        return true;
    }
    let style = element.attr("style").unwrap_or_default();
    if style.contains("none") || style.contains("hidden") {
        let tight: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        if tight.contains("display:none") || tight.contains("visibility:hidden") {
            return true;
        }
    }
    element.attr("class").is_some_and(|c| {
        c.split_ascii_whitespace().any(|w| {
            matches!(
                w,
                "sr-only" | "screen-reader-text" | "visually-hidden" | "visuallyhidden" | "hidden" | "noprint" | "hide"
            )
        })
    })
}
