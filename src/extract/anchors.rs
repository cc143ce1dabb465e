//! Ids that a generator made of the words of a heading, for links to lead there: they say what the text is about, and
//! nothing of what the element is.

use super::prune::running;
use super::tree::{Kind, Tree, words_of};

/// The words by which an element is named: those of its class, and those of its id where somebody gave it.
pub(super) fn names(tree: &Tree<'_>, at: usize) -> Vec<String> {
    let of_heading = || std::iter::once(at).chain(tree.up(at).take(NEAR)).any(|i| tree.cells[i].kind == Kind::Heading);
    if tree.attr(at, "id").is_some() && (of_heading() || is_section(tree, at)) {
        return words_of(tree.attr(at, "class").unwrap_or_default());
    }
    tree.class_words(at)
}

/// Elements from a heading down to one in its line.
const NEAR: usize = 3;

/// Running text from which a paragraph is one.
const PARAGRAPH: usize = 60;

/// Nodes of a section that are looked at.
const MOST: usize = 2_000;

/// Sections beside one that are looked at.
const MOST_BESIDE: usize = 100;

/// Whether an element is a section of the text: its id is of the words of its heading, paragraphs stand under that, and
/// the text goes on after it, or the sections beside it are made like it.
fn is_section(tree: &Tree<'_>, at: usize) -> bool {
    if !matches!(tree.name(at), "section" | "div") || !is_anchored(tree, at) {
        return false;
    }
    let parent = tree.cells[at].parent;
    let goes_on = from(tree, tree.cells[at].end, parent).next().is_some_and(|next| {
        tree.cells[next].kind == Kind::Heading
            || matches!(tree.name(next), "p" | "ul" | "ol" | "pre" | "table" | "figure" | "blockquote")
    });
    goes_on
        || children(tree, parent)
            .take(MOST_BESIDE)
            .any(|i| i != at && tree.name(i) == tree.name(at) && is_anchored(tree, i))
}

/// Whether the id of an element is of the words of the heading that it begins with, and most of its text in paragraphs.
fn is_anchored(tree: &Tree<'_>, at: usize) -> bool {
    let Some(id) = tree.attr(at, "id") else { return false };
    let Some(heading) = children(tree, at).next().filter(|i| tree.cells[*i].kind == Kind::Heading) else {
        return false;
    };
    let heading = words_of(&tree.whole_text(heading));
    if tree.inside(at).len() > MOST
        || !words_of(id).iter().all(|w| w.chars().all(char::is_numeric) || heading.contains(w))
    {
        return false;
    }
    let asks = |i: usize| matches!(tree.name(i), "form" | "input" | "textarea" | "button");
    let text = |range: std::ops::Range<usize>| range.map(|i| running(tree, i)).sum::<usize>();
    let paragraphs = children(tree, at).filter(|i| tree.name(*i) == "p").map(|i| text(tree.inside(i))).sum::<usize>();
    paragraphs >= PARAGRAPH && paragraphs * 2 >= text(tree.inside(at)) && !tree.inside(at).any(asks)
}

/// The elements right in an element.
fn children<'t>(tree: &'t Tree<'_>, at: usize) -> impl Iterator<Item = usize> + 't {
    from(tree, at + 1, at)
}

/// Those of them that stand from a node on.
fn from<'t>(tree: &'t Tree<'_>, first: usize, parent: usize) -> impl Iterator<Item = usize> + 't {
    let end = tree.cells[parent].end;
    std::iter::successors((first < end).then_some(first), move |child| {
        let next = tree.cells[*child].end;
        (next < end).then_some(next)
    })
    .filter(|i| tree.cells[*i].node.is_element())
}

#[cfg(test)]
mod tests {
    use super::super::Recipe;
    use super::super::tests::read_with;

    const PROSE: &str = "Le port a rouvert mardi matin après trois semaines de silence, et les premiers bateaux sont sortis avant l’aube.";

    fn text(inner: &str) -> String {
        let prose: String = (0..6).map(|n| format!("<p>{n}. {PROSE}</p>")).collect();
        let html = format!("<title>Le port</title><article><h1>Le port</h1>{prose}{inner}{prose}</article>");
        read_with(&html, &Recipe::default(), None).unwrap().text
    }

    #[test]
    fn an_id_made_of_a_heading_is_no_name() {
        for (id, heading) in [
            ("related-work", "Related work"),
            ("community", "The community"),
            ("Comments", "Comments on the law"),
            ("cookies-2", "Cookies"),
            ("share-price", "Share price"),
            ("navigation", "Navigation at night"),
        ] {
            for html in [
                format!("<h2 id={id}>{heading}</h2><p>ICI {PROSE}</p>"),
                format!("<h2><span class=mw-headline id={id}>{heading}</span></h2><p>ICI {PROSE}</p>"),
                format!("<section id={id}><h2>{heading}</h2><p>ICI {PROSE}</p></section>"),
                format!("<div class=section id={id}><h2>{heading}</h2><p>ICI {PROSE}</p></div>"),
            ] {
                let found = text(&html);
                assert!(found.contains("ICI") && found.lines().any(|l| l == heading), "{html}\n{found}");
            }
        }
    }

    #[test]
    fn an_id_that_somebody_gave_is_one() {
        for html in [
            format!("<div id=newsletter><h2>Our newsletter</h2><p>ICI {PROSE}</p><form><input></form></div>"),
            format!("<div id=comments><h2>Comments</h2><div>ICI {PROSE}</div></div>"),
            format!("<section id=related><p>ICI {PROSE}</p></section>"),
            "<div id=share><h2>Share</h2><p>ICI</p></div>".to_owned(),
        ] {
            assert!(!text(&html).contains("ICI"), "{html}");
        }
    }
}
