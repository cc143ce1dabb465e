//! What belongs to a piece of a list and stands beside it: the term of a `dd`, the texts under a heading, the rows of a table
//! that follow the one with the title.

use scraper::ElementRef;

use crate::text::Pick;

/// Elements that are looked at beside one piece.
const MOST_BESIDE: usize = 4;

/// A piece of a list, with what stands beside it.
pub(in crate::read) struct Piece<'a> {
    pub(in crate::read) element: ElementRef<'a>,
    beside: Vec<ElementRef<'a>>,
}

impl<'a> Piece<'a> {
    /// A piece; `is_piece` tells where the next one begins.
    pub(in crate::read) fn of(element: ElementRef<'a>, is_piece: impl Fn(ElementRef<'a>) -> bool) -> Self {
        let after = || element.next_siblings().filter_map(ElementRef::wrap).take_while(|e| !is_piece(*e));
        let named = |e: &ElementRef<'_>, names: &[&str]| names.contains(&e.value().name());
        let beside = match element.value().name() {
            "dd" => {
                element.prev_siblings().filter_map(ElementRef::wrap).find(|e| named(e, &["dt"])).into_iter().collect()
            }
            "dt" => after().take_while(|e| named(e, &["dd"])).take(MOST_BESIDE).collect(),
            "tr" => after().take_while(|e| named(e, &["tr"])).take(MOST_BESIDE).collect(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                after().take_while(|e| named(e, &["p", "div", "span", "time", "ul"])).take(MOST_BESIDE).collect()
            }
            _ => Vec::new(),
        };
        Self { element, beside }
    }

    /// Everything in it and beside it, in the order in which it is looked at.
    pub(in crate::read) fn all(&self) -> impl Iterator<Item = ElementRef<'a>> {
        let beside = self.beside.iter().flat_map(|e| std::iter::once(*e).chain(e.descendent_elements()));
        self.element.descendent_elements().chain(beside)
    }

    /// What a pick matches: inside the piece, else beside it.
    pub(in crate::read) fn elements<'b>(&'b self, pick: &'b Pick) -> impl Iterator<Item = ElementRef<'b>> {
        let mut inside = pick.elements(self.element).peekable();
        let beside: &[ElementRef<'b>] = if inside.peek().is_some() { &[] } else { &self.beside };
        inside.chain(beside.iter().flat_map(|e| pick.elements_from(*e)))
    }

    /// The first value of a pick.
    pub(in crate::read) fn first(&self, pick: &Pick) -> Option<String> {
        self.elements(pick).find_map(|e| pick.value(e))
    }
}

#[cfg(test)]
mod tests {
    use scraper::{Html, Selector};

    use super::*;

    #[test]
    fn what_belongs_to_a_piece_is_looked_for_beside_it() {
        for (html, item, pick, wanted) in [
            ("<dl><dt>1<dd>a<dt>2<dd>b<dd>c</dl>", "dd", "dt", vec!["1", "2", "2"]),
            ("<dl><dt>1<dd>a<dt>2<dd>b<dd>c</dl>", "dt", "dd", vec!["a", "b"]),
            (
                "<table><tr class=t><td>1<tr><td class=d>a<tr class=t><td>2<tr class=t><td>3<tr><td class=d>c</table>",
                "tr.t",
                ".d",
                vec!["a", "", "c"],
            ),
            ("<h2>1</h2><p>a<h2>2</h2><hr><p>b<h2>3</h2><p><time>c</time>", "h2", "time, p", vec!["a", "", "c"]),
            ("<div class=t>1</div><p>a</p><div class=t>2</div>", "div.t", "p", vec!["", ""]),
            ("<h2>1 <i>x</i></h2><p><i>a</i>", "h2", "i", vec!["x"]),
        ] {
            let html = Html::parse_document(html);
            let (selector, pick) = (Selector::parse(item).unwrap(), Pick::parse(pick).unwrap());
            let found: Vec<String> = html
                .select(&selector)
                .map(|e| Piece::of(e, |e| selector.matches(&e)).first(&pick).unwrap_or_default())
                .collect();
            assert_eq!(found, wanted, "{item}");
        }
    }
}
