//! `'h2 a @href'`: a CSS selector, and the attribute to take where it is not the text.

use scraper::{ElementRef, Selector};

use crate::model::Mistake;

/// What to take out of a piece of HTML: the text of the first match, or one of its attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    selector: Option<Selector>,
    attribute: Option<String>,
}

impl Pick {
    /// Reads `'h2 a @href'`, `'h2'`, or `'@href'` (an attribute of the piece itself).
    ///
    /// # Errors
    /// A mistake with its place, where the selector is not one.
    pub fn parse(written: &str) -> Result<Self, Mistake> {
        let (css, attribute) = match written.rsplit_once('@') {
            Some((css, name)) if !name.contains([']', '"', '\'']) => {
                let name = name.trim();
                let start = written.len() - name.len();
                if name.is_empty()
                    || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':'))
                {
                    return Err(Mistake::new(
                        start.min(written.len())..written.len(),
                        "attribute name after `@` is not one",
                    )
                    .hint("write the selector, a space, `@` and the attribute: 'h2 a @href'"));
                }
                (css, Some(name.to_ascii_lowercase()))
            }
            _ => (written, None),
        };
        let css = css.trim();
        let selector = if css.is_empty() && attribute.is_some() {
            None
        } else {
            Some(Selector::parse(css).map_err(|_syntax| {
                Mistake::new(0..css.len(), format!("`{css}` is not a CSS selector: {}", reason(css)))
            })?)
        };
        Ok(Self { selector, attribute })
    }

    /// All matches inside `piece`, in document order; `piece` itself where the pick names only an attribute.
    pub fn elements<'a>(&'a self, piece: ElementRef<'a>) -> Box<dyn Iterator<Item = ElementRef<'a>> + 'a> {
        match &self.selector {
            Some(selector) => Box::new(piece.select(selector)),
            None => Box::new(std::iter::once(piece)),
        }
    }

    /// All matches in `piece`, itself included where it is one.
    pub fn elements_from<'a>(&'a self, piece: ElementRef<'a>) -> impl Iterator<Item = ElementRef<'a>> + 'a {
        let own = self.selector.as_ref().is_some_and(|selector| selector.matches(&piece));
        own.then_some(piece).into_iter().chain(self.elements(piece))
    }

    /// The value of one match: its attribute, or its text on one line. `None` when empty.
    #[must_use]
    pub fn value(&self, found: ElementRef<'_>) -> Option<String> {
        let raw = match &self.attribute {
            Some(name) => found.value().attr(name)?.trim().to_owned(),
            None => super::one_line(&found.text().collect::<String>()),
        };
        (!raw.is_empty()).then_some(raw)
    }

    /// The value of the first match inside `piece` that has one.
    #[must_use]
    pub fn first(&self, piece: ElementRef<'_>) -> Option<String> {
        self.elements(piece).find_map(|e| self.value(e))
    }

    /// The values of all matches inside `piece`.
    #[must_use]
    pub fn every(&self, piece: ElementRef<'_>) -> Vec<String> {
        self.elements(piece).filter_map(|e| self.value(e)).collect()
    }

    /// The attribute that it takes, if it names one.
    #[must_use]
    pub fn attribute(&self) -> Option<&str> {
        self.attribute.as_deref()
    }
}

/// The parser says where it stumbled, not why: the likeliest reasons by the look of the selector.
fn reason(css: &str) -> &'static str {
    if css.is_empty() {
        "it is empty"
    } else if css.ends_with(['>', '+', '~', ',']) {
        "something is missing after the last sign"
    } else if css.matches('[').count() != css.matches(']').count() {
        "a bracket is not closed"
    } else if css.matches('(').count() != css.matches(')').count() {
        "a parenthesis is not closed"
    } else if css.contains("::") {
        "pseudo-elements match nothing in a document"
    } else {
        "it cannot be read"
    }
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    #[test]
    fn takes_text_or_attribute() {
        let html = Html::parse_fragment("<div><h2> A <b>title</b> <a href=' /x '>l</a></h2><a href=/y>m</a></div>");
        let root = html.root_element();
        let pick = |w: &str| Pick::parse(w).unwrap().first(root);
        assert_eq!(pick("h2").as_deref(), Some("A title l"));
        assert_eq!(pick("h2 a @href").as_deref(), Some("/x"));
        assert_eq!(Pick::parse("a @href").unwrap().every(root), ["/x", "/y"]);
        assert_eq!(pick("h3"), None);
    }

    #[test]
    fn refuses_what_is_no_selector() {
        for bad in ["div >", "", "h2 @", "h2 @a b", "p::before"] {
            assert!(Pick::parse(bad).is_err(), "{bad}");
        }
    }
}
