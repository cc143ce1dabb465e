//! Collects what is to be said of a file.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use super::diagnostics::{Diagnostic, Diagnostics, Source, Warning};
use crate::model::Mistake;
pub(super) use crate::text::nearest;

/// Reads an environment variable.
pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// All that is said of a file, as it is found.
pub(super) struct Said<'a> {
    source: Arc<Source>,
    mistakes: Vec<Diagnostic>,
    warnings: Vec<Warning>,
    pub(super) env: Env<'a>,
}

impl<'a> Said<'a> {
    pub(super) fn new(path: String, text: String, env: Env<'a>) -> Self {
        Self { source: Arc::new(Source { path, text }), mistakes: Vec::new(), warnings: Vec::new(), env }
    }

    pub(super) fn source(&self) -> Arc<Source> {
        Arc::clone(&self.source)
    }

    pub(super) fn wrong(&mut self, span: Range<usize>, message: impl Into<String>, hint: impl IntoHint) {
        self.mistakes.push(Diagnostic::new(&self.source, span, message.into(), hint.into_hint()));
    }

    pub(super) fn warn(&mut self, span: Range<usize>, message: impl Into<String>, hint: impl IntoHint) {
        let diagnostic = Diagnostic::new(&self.source, span, message.into(), hint.into_hint());
        self.warnings.push(Warning::new(diagnostic));
    }

    /// A mistake inside a text of the file.
    pub(super) fn wrong_within(&mut self, text: &Spanned<String>, mistake: Mistake) {
        let span = self.within(text, &mistake.span);
        self.wrong(span, mistake.message, mistake.hint);
    }

    /// Bytes of the file that hold these bytes of a text.
    pub(super) fn within(&self, text: &Spanned<String>, inner: &Range<usize>) -> Range<usize> {
        let outer = text.span();
        let Some(written) = self.source.text.get(outer.clone()) else { return outer };
        let start = outer.start + offset(written, inner.start);
        let end = outer.start + offset(written, inner.end);
        start..end.max(start)
    }

    pub(super) fn finish(self) -> Result<Vec<Warning>, Diagnostics> {
        if self.mistakes.is_empty() { Ok(self.warnings) } else { Err(Diagnostics::new(self.mistakes)) }
    }
}

/// What may stand for a hint.
pub(super) trait IntoHint {
    fn into_hint(self) -> Option<String>;
}

impl IntoHint for &str {
    fn into_hint(self) -> Option<String> {
        (!self.is_empty()).then(|| self.to_owned())
    }
}

impl IntoHint for String {
    fn into_hint(self) -> Option<String> {
        Some(self)
    }
}

impl IntoHint for Option<String> {
    fn into_hint(self) -> Option<String> {
        self
    }
}

/// Where the byte `at` of a string's value stands in the string as written in TOML, quotes and escapes included.
fn offset(written: &str, at: usize) -> usize {
    let quote = ["'''", "\"\"\"", "'", "\""].into_iter().find(|q| written.starts_with(q)).unwrap_or("");
    let mut from = quote.len();
    if quote.len() == 3 {
        // A line break right after the opening is not part of the value.
        from += if written[3..].starts_with("\r\n") { 2 } else { usize::from(written[3..].starts_with('\n')) };
    }
    if !quote.starts_with('"') {
        return (from + at).min(written.len());
    }
    let mut value = 0;
    let mut rest = written[from..].char_indices();
    while value < at {
        let Some((_, c)) = rest.next() else { break };
        if c != '\\' {
            value += c.len_utf8();
            continue;
        }
        let digits = match rest.next() {
            Some((_, 'x')) => 2,
            Some((_, 'u')) => 4,
            Some((_, 'U')) => 8,
            _ => 0,
        };
        let code: String = rest.by_ref().take(digits).map(|(_, c)| c).collect();
        value += u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).map_or(1, char::len_utf8);
    }
    rest.next().map_or(written.len(), |(i, _)| from + i).min(written.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_text_is_found_in_the_file() {
        for (written, at, expected) in [
            ("'a b'", 2, "b"),
            ("\"a b\"", 2, "b"),
            (r#""\"é\" x""#, 5, "x"),
            (r#""\u00e9x""#, 2, "x"),
            ("'''\nab'''", 1, "b"),
            ("\"\"\"ab\"\"\"", 1, "b"),
        ] {
            assert!(written[offset(written, at)..].starts_with(expected), "{written} {at}");
        }
        assert_eq!(offset("'ab'", 90), 4);
    }

    #[test]
    fn the_nearest_name_is_proposed() {
        assert_eq!(nearest("republsh", ["republish", "read", "rank"]), Some("republish"));
        assert_eq!(nearest("sources", ["source", "store", "stories"]), Some("source"));
        assert_eq!(nearest("digest", ["title", "limit", "text"]), None);
    }
}
