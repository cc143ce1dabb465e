//! What goes to standard output and standard error. A closed pipe is the reader's right, not our failure.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::daemon::Wrong;

/// Writes one line.
pub(super) fn line(text: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Writes text that has colours; they are left out where none can be shown, or `NO_COLOR` says so.
pub(super) fn coloured(text: &str) -> io::Result<()> {
    write!(anstream::stdout().lock(), "{text}")
}

/// Writes one JSON value on a line.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(&one_line(serde_json::to_string(value)?))?;
    Ok(())
}

/// A JSON value as one line for every reader: what ends a line by the rules of Unicode alone (NEL, LS, PS) is escaped, as
/// many programs split text there.
pub(super) fn one_line(json: String) -> String {
    const ENDS: [(char, &str); 3] = [('\u{85}', "\\u0085"), ('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029")];
    ENDS.iter().fold(json, |json, (end, escaped)| if json.contains(*end) { json.replace(*end, escaped) } else { json })
}

/// Says something beside the answer, to people.
pub(super) fn note(text: &str) {
    // Nothing is left to do when standard error is closed.
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Says what failed.
pub(super) fn fail(error: &anyhow::Error, code: u8) -> ExitCode {
    let mut err = anstream::stderr().lock();
    // Nothing is left to do when standard error is closed too.
    let _ = match error.downcast_ref::<Wrong>() {
        Some(Wrong(diagnostics)) => writeln!(err, "{}", diagnostics.render(true)),
        None => writeln!(err, "feedloom: {error:#}"),
    };
    ExitCode::from(code)
}

/// Whether the reader of our output has gone away.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|e| e.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// A progress bar where a person waits; nothing where standard error is not a terminal.
pub(super) fn bar(length: u64, what: &'static str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len} {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style).with_prefix(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_line_for_every_reader() {
        let value = serde_json::json!({ "a\u{2028}": "b\u{85}c\u{2029}\n\u{b}\u{c}d…\u{e2}\u{80}" });
        let line = one_line(value.to_string());
        let ends = ['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];
        assert!(!line.contains(ends), "{line}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap(), value);
    }
}
