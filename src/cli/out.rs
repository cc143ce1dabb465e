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
    line(&serde_json::to_string(value)?)?;
    Ok(())
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
