//! Mistakes and warnings, shown where they stand.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::json;

/// Mistakes told of one file; the rest waits until these are gone.
pub(super) const MOST: usize = 100;
/// Columns of what is drawn.
const WIDTH: usize = 120;

/// The file that is spoken of.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
}

/// One thing to say of the file: where, what, and what to write instead.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    source: Arc<Source>,
    span: Range<usize>,
    warning: bool,
    message: String,
    hint: Option<String>,
}

impl Diagnostic {
    pub(super) fn new(source: &Arc<Source>, span: Range<usize>, message: String, hint: Option<String>) -> Self {
        let span = on_one_line(&source.text, span);
        Self { source: Arc::clone(source), span, warning: false, message, hint }
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to write instead, where it can be told.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Its line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.source.text[..self.span.start].matches('\n').count() + 1
    }

    /// Its column in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        let before = &self.source.text[..self.span.start];
        before.rsplit('\n').next().unwrap_or_default().chars().count() + 1
    }

    /// Its bytes in the file.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The line of the file with a caret, the message above and the hint below.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let level = if self.warning { Level::WARNING } else { Level::ERROR };
        // Only its own line is handed over: the whole file for each of many mistakes would be slow.
        let start = self.source.text[..self.span.start].rfind('\n').map_or(0, |n| n + 1);
        let end = self.source.text[start..].find('\n').map_or(self.source.text.len(), |n| start + n);
        let snippet = Snippet::source(&self.source.text[start..end])
            .path(self.source.path.as_str())
            .line_start(self.line())
            .annotation(AnnotationKind::Primary.span(self.span.start - start..self.span.end - start));
        let mut group = level.primary_title(self.message.as_str()).element(snippet);
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        renderer.term_width(WIDTH).render(&[group])
    }

    /// For machines.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        json!({
            "level": if self.warning { "warning" } else { "error" },
            "path": self.source.path,
            "line": self.line(),
            "column": self.column(),
            "start": self.span.start,
            "end": self.span.end,
            "message": self.message,
            "hint": self.hint,
        })
    }
}

impl fmt::Display for Diagnostic {
    /// On one line, for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.source.path, self.line(), self.column(), self.message)?;
        self.hint.iter().try_for_each(|hint| write!(f, " ({hint})"))
    }
}

/// The first line of a place, on character boundaries, at least a caret wide where there is anything to stand on.
fn on_one_line(text: &str, span: Range<usize>) -> Range<usize> {
    let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    let start = boundary(span.start);
    let line_end = text[start..].find(['\n', '\r']).map_or(text.len(), |n| start + n);
    let end = boundary(span.end).clamp(start, line_end);
    if end > start {
        return start..end;
    }
    let next = text[start..line_end].chars().next().map_or(0, char::len_utf8);
    start..start + next
}

/// All mistakes of a file.
#[derive(Debug, Clone)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    more: usize,
}

impl Diagnostics {
    pub(super) fn new(mut list: Vec<Diagnostic>) -> Self {
        list.sort_by_key(|d| (d.span.start, d.span.end));
        list.dedup_by(|b, a| a.span == b.span && a.message == b.message);
        let more = list.len().saturating_sub(MOST);
        list.truncate(MOST);
        Self { list, more }
    }

    /// The mistakes in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len() + self.more
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them with their lines and carets, and their number at the end.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let mut out = String::new();
        for diagnostic in &self.list {
            out.push_str(&diagnostic.render(colour));
            out.push_str("\n\n");
        }
        let path = self.list.first().map_or("file", |d| d.source.path.as_str());
        match self.len() {
            1 => out.push_str(&format!("{path} is refused: 1 mistake")),
            n if self.more > 0 => out.push_str(&format!("{path} is refused: {n} mistakes, the first {MOST} are shown")),
            n => out.push_str(&format!("{path} is refused: {n} mistakes")),
        }
        out
    }

    /// For machines: a list with an object for each.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        self.list.iter().map(Diagnostic::json).collect()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

/// Something that does not keep a file from being used.
#[derive(Debug, Clone)]
pub struct Warning(Diagnostic);

impl Warning {
    pub(super) fn new(diagnostic: Diagnostic) -> Self {
        Self(Diagnostic { warning: true, ..diagnostic })
    }

    /// What is said, and where.
    #[must_use]
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.0
    }

    /// With its line and caret.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        self.0.render(colour)
    }

    /// For machines.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        self.0.json()
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn diagnostic(text: &str, span: Range<usize>) -> Diagnostic {
        let source = Arc::new(Source { path: "feeds.toml".to_owned(), text: text.to_owned() });
        Diagnostic::new(&source, span, "`é` is wrong".to_owned(), Some("write `e`".to_owned()))
    }

    #[test]
    fn shows_line_and_caret() {
        let shown = diagnostic("a = 1\nbé = 'x'\n", 6..9);
        assert_eq!((shown.line(), shown.column()), (2, 1));
        let lines = shown.render(false);
        for part in ["error: `é` is wrong", "feeds.toml:2:1", "2 | bé = 'x'", "  | ^^\n", "help: write `e`"] {
            assert!(lines.contains(part), "{part} in\n{lines}");
        }
        assert!(!lines.contains('\u{1b}') && shown.render(true).contains('\u{1b}'));
        assert_eq!(shown.to_string(), "feeds.toml:2:1: `é` is wrong (write `e`)");
        assert_eq!(shown.json()["line"], 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_place_can_be_shown(text in "(\\PC|\n|\r|\t|é|中|\u{1b}){0,30}", a in 0_usize..60, b in 0_usize..60) {
            let shown = diagnostic(&text, a..b);
            prop_assert!(!shown.render(false).is_empty());
            prop_assert!(shown.line() >= 1 && shown.column() >= 1);
        }
    }
}
