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
}

impl Mistake {
    /// A mistake without a hint.
    pub fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None }
    }

    /// The same mistake with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
