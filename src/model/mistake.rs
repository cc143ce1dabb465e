//! A mistake in something that a person wrote.

use std::ops::Range;

/// What is wrong with a text that a person wrote (a query, a selector, a duration), and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Bytes of that text that are wrong.
    pub span: Range<usize>,
    /// Lower-case fragment that names the object first: "`titel:` is not a field".
    pub message: String,
    /// What to write instead, where that can be said: "did you mean `title:`?".
    pub hint: Option<String>,
    /// Of which kind it is, for who tells it in other words.
    pub kind: Wrong,
    /// What may have been meant.
    pub near: Option<String>,
}

/// What kind of mistake one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wrong {
    /// It cannot be read.
    #[default]
    Unread,
    /// A quotation, a group or a regex that does not end.
    Unclosed,
    /// A word before a colon that names no field.
    NoField,
    /// A source, a feed or a tag that is not there.
    NotThere,
}

impl Mistake {
    /// A mistake without a hint.
    pub fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None, kind: Wrong::Unread, near: None }
    }

    /// The same mistake, of a kind.
    #[must_use]
    pub fn of(mut self, kind: Wrong) -> Self {
        self.kind = kind;
        self
    }

    /// The same mistake with what may have been meant.
    #[must_use]
    pub fn proposing(self, near: impl Into<String>) -> Self {
        let near = near.into();
        let hint = format!("did you mean `{near}`?");
        Self { near: Some(near), ..self }.hint(hint)
    }

    /// The part of the text that is wrong.
    #[must_use]
    pub fn part<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.span.clone()).unwrap_or_default()
    }

    /// The same mistake with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The line of the text that is wrong, with carets under the wrong part; of a long line only what stands around it.
    #[must_use]
    pub fn drawn(&self, text: &str) -> String {
        let start = (0..=self.span.start.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        let end = (start..=self.span.end.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(start);
        let signs = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<Vec<char>>();
        let (before, wrong, after) = (signs(&text[..start]), signs(&text[start..end]), signs(&text[end..]));
        let left = before.len().saturating_sub(AROUND);
        let width = wrong.len().min(AROUND);
        let (open, close) =
            (if left > 0 { "…" } else { "" }, if wrong.len() + after.len() > width + AROUND { "…" } else { "" });
        let shown = before[left..].iter().chain(wrong.iter().chain(&after).take(width + AROUND)).collect::<String>();
        let indent = " ".repeat(before.len() - left + open.chars().count());
        format!("{open}{shown}{close}\n{indent}{}", "^".repeat(width.max(1)))
    }
}

/// Characters shown on each side of what is wrong.
const AROUND: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_what_is_wrong() {
        let long = "é".repeat(100);
        for (text, span, drawn) in [
            ("titel:Gaza", 0..6, "titel:Gaza\n^^^^^^".to_owned()),
            ("été OR", 6..8, "été OR\n    ^^".to_owned()),
            ("", 0..0, "\n^".to_owned()),
            ("a\nb", 2..3, "a b\n  ^".to_owned()),
            (&*format!("{long}x{long}"), 200..201, format!("…{0}x{0}…\n{1}^", "é".repeat(40), " ".repeat(41))),
        ] {
            assert_eq!(Mistake::new(span, "").drawn(text), drawn);
        }
    }
}
