//! What the page itself says is no article: navigation, forms, what is hidden, boxes named after what they are. A name
//! only counts while the box holds a small part of the page's text, since themes give whole pages such names too.

use std::ops::Range;

use super::anchors::names;
use super::home::Home;
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
        sums[at] += running(tree, at);
        if at > 0 {
            sums[cell.parent] += sums[at];
        }
    }
    sums
}

/// How much running text a node itself is.
pub(super) fn running(tree: &Tree<'_>, at: usize) -> usize {
    let cell = &tree.cells[at];
    let own = tree.text(at).map_or(0, |text| weight(text.trim()));
    if cell.linked || own < 30 || tree.cells[cell.parent].kind == Kind::Unread { 0 } else { own }
}

/// Children of one kind from which on they are a list of cards.
const CARDS: usize = 3;

/// The share of the page's running text over which a list of cards is what the page is about.
const SMALL: f64 = 0.15;

/// Running text of one card at most.
const LARGEST_CARD: usize = 350;

/// The lists of cards: children of one kind, each with a linked heading and no more than a teaser.
fn cards(tree: &Tree<'_>, solid: &[usize], whole: f64, home: Option<&Home>) -> Vec<Range<usize>> {
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
        let small = solid[at] as f64 <= whole * SMALL || home.is_some_and(|home| home.is_apart(tree, at, solid[at]));
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

/// Leaves out what is no part of any article, and tells where lists of cards stand. `said`: the titles that the page gives
/// itself.
pub(super) fn prune(tree: &mut Tree<'_>, said: &[&str]) -> Vec<Range<usize>> {
    let solid = solid(tree);
    let whole = solid.first().copied().unwrap_or(0).max(1) as f64;
    let home = Home::of(tree, said);
    let titles: Vec<usize> = (0..tree.cells.len()).filter(|i| tree.name(*i) == "h1").collect();
    let mut at = 0;
    while at < tree.cells.len() {
        let cell = &tree.cells[at];
        let named = cell.node.is_element() && !matches!(tree.name(at), "html" | "body" | "main");
        if named && !cell.gone && cell.kind != Kind::Text {
            let share = solid[at] as f64 / whole;
            let first = titles.partition_point(|t| *t < at);
            let titled = titles.get(first).is_some_and(|t| *t < cell.end);
            let apart = || home.as_ref().is_some_and(|home| home.stands_without(tree, at, solid[at]));
            if is_chrome(tree, at, solid[at], share, titled)
                || !titled && share >= STAYS && apart() && is_aside(tree, at)
            {
                tree.leave_out(at);
                at = tree.cells[at].end;
                continue;
            }
        }
        at += 1;
    }
    cards(tree, &solid, whole, home.as_ref())
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
        "nav" | "footer" | "aside" => return is_beside(tree, at),
        "form" | "menu" => return !in_quote(tree, at),
        "svg" | "button" | "select" | "textarea" => return true,
        name if is_of_text(name) => return false,
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
    let words = names(tree, at);
    if words.iter().any(|w| SURELY.contains(&w.as_str())) {
        return !is_turned(&words);
    }
    words.iter().any(|w| CHROME.contains(&w.as_str())) && !words.iter().any(|w| NOT_CHROME.contains(&w.as_str()))
        || is_aside(tree, at)
}

/// Whether elements of a name are part of a text, whatever they are called.
fn is_of_text(name: &str) -> bool {
    matches!(
        name,
        "figure" | "figcaption" | "blockquote" | "p" | "a" | "img" | "picture" | "td" | "tr" | "table" | "tbody"
    )
}

/// Whether class words say that what they name is elsewhere: `has-sidebar`.
fn is_turned(words: &[String]) -> bool {
    words.iter().any(|w| matches!(w.as_str(), "has" | "no" | "with" | "without"))
}

/// Whether a `nav`, `footer` or `aside` is none of the text's own.
fn is_beside(tree: &Tree<'_>, at: usize) -> bool {
    let quoted = || tree.class_words(at).iter().any(|w| matches!(w.as_str(), "pullquote" | "pull" | "quote"));
    !(tree.name(at) == "aside" && (quoted() || is_notes(tree, at)) || in_quote(tree, at))
}

/// Class words of what stands beside an article or under it, however long it is.
#[rustfmt::skip]
const ASIDE: [&str; 22] = [
    "comments", "commentlist", "commentaires", "comentarios", "kommentare", "kommentarer", "disqus", "livefyre", "respond",
    "jetpackrelatedposts", "recommandations", "recommended", "recommendations", "related", "relatedposts", "sidebar",
    "outbrain", "taboola", "yarpp", "navigation", "navbar", "sponsored",
];

/// The same in two words.
const ASIDE_PAIRS: [[&str; 2]; 6] = [
    ["most", "read"],
    ["most", "popular"],
    ["side", "bar"],
    ["lire", "aussi"],
    ["articles", "lies"],
    ["articles", "similaires"],
];

/// Whether a box says that it is no part of the article: an aside, the comments, what else there is to read.
pub(super) fn is_aside(tree: &Tree<'_>, at: usize) -> bool {
    match tree.name(at) {
        "nav" | "footer" | "aside" => return is_beside(tree, at),
        "html" | "body" | "main" | "article" => return false,
        name if is_of_text(name) => return false,
        _ => {}
    }
    let comment = tree.attr(at, "itemtype").is_some_and(|t| t.ends_with("schema.org/Comment"));
    if comment || matches!(tree.attr(at, "role"), Some("navigation" | "complementary" | "contentinfo")) {
        return true;
    }
    let words = names(tree, at);
    let named = words.iter().any(|w| ASIDE.contains(&w.as_str()))
        || words.windows(2).any(|pair| ASIDE_PAIRS.iter().any(|known| pair == *known));
    named && !is_turned(&words)
}

/// Whether a box is named after what it is and opens with the words for it: under a short article the teasers are long.
fn is_labelled(tree: &Tree<'_>, at: usize) -> bool {
    if !names(tree, at).iter().any(|w| SURELY.contains(&w.as_str())) {
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

#[cfg(test)]
mod tests {
    use super::super::Recipe;
    use super::super::tests::read_with;

    const PROSE: &str = "Le port a rouvert mardi matin après trois semaines de silence, et les premiers bateaux sont sortis avant l’aube, le numéro";

    fn paragraphs(from: usize, to: usize) -> String {
        (from..to).map(|n| format!("<p>{PROSE} {n} en tête.</p>")).collect()
    }

    fn text(body: &str) -> String {
        read_with(&format!("<title>Le port rouvre ses quais</title>{body}"), &Recipe::default(), None).unwrap().text
    }

    /// Teasers, comments or paragraphs: far more than the article has.
    fn beside() -> [String; 3] {
        let teaser = |n| {
            format!(
                "<div><h3><a href=/{n}>Une autre nouvelle du jour {n}</a></h3><p>LÀ {PROSE} {n} d’ailleurs.</p></div>"
            )
        };
        let comment = |n| format!("<div><b>Paulo</b><p>LÀ {PROSE} {n}, dit-on.</p></div>");
        [(20..32).map(teaser).collect(), (20..32).map(comment).collect(), paragraphs(20, 32).replace("<p>", "<p>LÀ ")]
    }

    #[test]
    fn what_says_that_it_stands_beside_the_article_does_so_however_long_it_is() {
        let boxes = [
            "<aside>",
            "<aside id=sidebar>",
            "<nav>",
            "<footer>",
            "<div role=complementary>",
            "<div class=related-posts>",
            "<section id=comments>",
            "<ol class=commentlist>",
            "<div class=commentaires>",
            "<div class=most-read>",
            "<div itemscope itemtype=https://schema.org/Comment>",
        ];
        for (open, inner) in boxes.iter().flat_map(|open| beside().map(|inner| (open, inner))) {
            let name = open.trim_matches(['<', '>']).split(' ').next().unwrap();
            let aside = format!("{open}{inner}</{name}>");
            for html in [
                format!("<div><article><h1>Le port rouvre ses quais</h1>{}</article>{aside}</div>", paragraphs(0, 3)),
                format!("<div><div>{aside}</div><h2>Le port rouvre ses quais</h2>{}</div>", paragraphs(0, 3)),
                format!("<div><h1>Le port rouvre ses quais</h1>{}{aside}</div>", paragraphs(0, 3)),
            ] {
                let found = text(&html);
                assert_eq!((found.lines().count(), found.contains("LÀ")), (3, false), "{html}");
            }
        }
    }

    #[test]
    fn teasers_in_a_box_without_a_name_are_none_of_the_article() {
        let [teasers, ..] = beside();
        let html = format!(
            "<div><div><h1>Le port rouvre ses quais</h1>{}</div><div class=col-2>{teasers}</div></div>",
            paragraphs(0, 3)
        );
        assert!(!text(&html).contains("LÀ"));
        // What the article itself lists stays.
        let html =
            format!("<article><h1>Le port rouvre ses quais</h1>{}<div>{teasers}</div></article>", paragraphs(0, 3));
        assert_eq!(text(&html).matches("LÀ").count(), 12);
    }

    #[test]
    fn an_article_that_its_theme_calls_a_sidebar_is_read() {
        for html in [
            format!("<div class=sidebar><h1>Le port rouvre ses quais</h1>{}</div>", paragraphs(0, 9)),
            format!("<h1>Le port rouvre ses quais</h1><div class=sidebar>{}</div>", paragraphs(0, 9)),
            format!("<h1>Le port rouvre ses quais</h1><p>{PROSE} 99.</p><div class=related>{}</div>", paragraphs(0, 9)),
            format!("<aside>{}</aside><p>Voir aussi.</p>", paragraphs(0, 9)),
        ] {
            assert!(text(&html).lines().count() >= 9, "{html}");
        }
    }
}
