//! An explanation as text for a terminal.

use std::fmt::Write;

use chrono_tz::Tz;

use super::reasons::{self, Fact};
use super::words::reasons::ENGLISH;
use crate::model::{Ended, Explanation, Trace, Unknown};

/// Columns of the labels, and of a line of a query.
const LABEL: usize = 24;
const QUERY: usize = 88;
/// Terms of a query that are told one by one.
const MOST_TERMS: usize = 40;

const BOLD: &str = "\x1b[1m";
const GREEN: &str = "\x1b[32m";
const RED: &str = "\x1b[31m";
const PLAIN: &str = "\x1b[0m";

/// An explanation as lines of text, with colours: whoever writes it where there are none takes them out.
#[must_use]
pub fn explained(explanation: &Explanation, tz: Tz) -> String {
    let mut out = String::new();
    let title = if explanation.title.is_empty() { "(no title)" } else { &explanation.title };
    line(&mut out, &format!("{BOLD}{}{PLAIN}", shown(title)));
    line(&mut out, &format!("story {}  {}", explanation.story, shown(&explanation.page)));
    if explanation.article.as_str() != explanation.story.as_str() {
        line(&mut out, &format!("article {}", explanation.article));
    }
    line(&mut out, &format!("id in feeds {}", shown(&explanation.uri)));
    for section in reasons::sections(explanation, tz, ENGLISH) {
        line(&mut out, "");
        line(&mut out, &format!("{BOLD}{}{PLAIN}", section.title));
        if section.facts.is_empty() {
            line(&mut out, &format!("  {}", ENGLISH.none));
        }
        section.facts.iter().for_each(|fact| tell(&mut out, fact));
    }
    out
}

/// Why nothing is kept under what was asked for: a sentence, then what `only` said of it.
#[must_use]
pub fn unknown(unknown: &Unknown, tz: Tz) -> String {
    let mut out = String::new();
    let Unknown { asked, looked_for, seen } = unknown;
    let Some(seen) = seen else {
        let looked = looked_for.join("; ");
        return shown(&format!("nothing is kept of {asked}, and it was never seen: looked for {looked}"));
    };
    let at = seen.at.map(|at| format!(" on {}", reasons::moment(at, tz))).unwrap_or_default();
    let named = seen.title.as_ref().map(|title| format!(" (“{title}”)")).unwrap_or_default();
    let ended = match (seen.ended, &seen.why) {
        (Ended::Purged, _) => "was kept, and removed when it was older than `keep`".to_owned(),
        (Ended::Skipped, Some(why)) => format!("was not taken: {why}"),
        (Ended::Skipped, None) => "was not taken; why was not noted".to_owned(),
    };
    let source = &seen.source;
    out.push_str(&shown(&format!("{asked}{named} came from source {source}{at} and {ended}")));
    if let Some(only) = &seen.only {
        out.push('\n');
        query(&mut out, only, 2);
    }
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn tell(out: &mut String, fact: &Fact<'_>) {
    let label = shown(&fact.label);
    let room = LABEL.saturating_sub(columns(&label)).max(1);
    line(out, &format!("  {label}{}{}", " ".repeat(room), shown(&fact.text)));
    for under in &fact.under {
        line(out, &format!("{}{}", " ".repeat(LABEL + 2), shown(under)));
    }
    fact.queries.iter().for_each(|trace| query(out, trace, LABEL + 2));
}

/// A query, with `+` under the terms that hold and `-` under those that do not, then each term in words.
fn query(out: &mut String, trace: &Trace, indent: usize) {
    let margin = " ".repeat(indent);
    for (text, marks) in marked(trace) {
        line(out, &format!("{margin}{text}"));
        if !marks.trim().is_empty() {
            line(out, &format!("{margin}{}", coloured(&marks)));
        }
    }
    // Of words that are nowhere the marks say all there is to say.
    let terms: Vec<_> =
        reasons::terms(trace, ENGLISH).into_iter().filter(|(_, _, why)| why != ENGLISH.terms.fails).collect();
    for (written, held, why) in terms.iter().take(MOST_TERMS) {
        let (colour, sign) = if *held { (GREEN, '+') } else { (RED, '-') };
        line(out, &format!("{margin}{colour}{sign}{PLAIN} {}  {}", shown(written), shown(why)));
    }
    if terms.len() > MOST_TERMS {
        line(out, &format!("{margin}{}", (ENGLISH.terms.more)(terms.len() - MOST_TERMS)));
    }
}

/// The query in lines that fit, each with its marks.
fn marked(trace: &Trace) -> Vec<(String, String)> {
    let mut lines = vec![(String::new(), String::new())];
    let mut terms = trace.terms.iter().peekable();
    for (at, c) in trace.query.char_indices() {
        while terms.peek().is_some_and(|term| term.span.end <= at) {
            terms.next();
        }
        let within = terms.peek().filter(|term| term.span.contains(&at));
        let full = lines.last().is_some_and(|(text, _)| columns(text) >= QUERY);
        if c == '\n' || full && c.is_whitespace() {
            lines.push((String::new(), String::new()));
            continue;
        }
        let Some((text, marks)) = lines.last_mut() else { continue };
        let mark = within.map_or(' ', |term| if term.held { '+' } else { '-' });
        let c = if c.is_control() { ' ' } else { c };
        text.push(c);
        marks.extend(std::iter::repeat_n(mark, width(c)));
    }
    lines.retain(|(text, _)| !text.trim().is_empty());
    lines
}

fn coloured(marks: &str) -> String {
    let mut out = String::new();
    let mut last = ' ';
    for mark in marks.trim_end().chars() {
        if mark != last {
            out.push_str(match mark {
                '+' => GREEN,
                '-' => RED,
                _ => PLAIN,
            });
            last = mark;
        }
        out.push(mark);
    }
    let _ = write!(out, "{PLAIN}");
    out
}

/// What others wrote must not move the cursor, nor turn the line round.
fn shown(text: &str) -> String {
    let unseen = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if unseen(c) { '\u{fffd}' } else { c }).collect()
}

fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Columns that a character takes: marks none, those of East Asia two.
fn width(c: char) -> usize {
    match c {
        _ if unicode_normalization::char::is_combining_mark(c) => 0,
        '\u{200b}'..='\u{200f}' => 0,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' => 2,
        '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TracedTerm;
    use crate::query::{Fields, Query, Subject};

    fn trace(text: &str) -> Trace {
        let fields = Fields { title: "加沙 Cessez-le-feu à Gaza", lang: "fr", ..Fields::default() };
        Query::parse(text).unwrap().trace(&Subject::new(fields))
    }

    #[test]
    fn marks_stand_under_their_terms_whatever_the_script() {
        for (text, lines) in [
            ("gaza -lang:en", &[("gaza -lang:en", "++++  -------")][..]),
            ("加沙 OR «à gaza» (oslo)", &[("加沙 OR «à gaza» (oslo)", "++++    ++++++++  ----")]),
            ("gaza\n  OR\toslo\n", &[("gaza", "++++"), ("  OR oslo", "     ----")]),
            ("e\u{301}te OR غَزَّة", &[("e\u{301}te OR غَزَّة", "---    ---")]),
        ] {
            let marked = marked(&trace(text));
            let marked: Vec<_> = marked.iter().map(|(text, marks)| (text.as_str(), marks.trim_end())).collect();
            assert_eq!(marked, lines, "{text}");
        }
    }

    #[test]
    fn a_long_query_is_told_in_lines_that_fit() {
        let text = vec!["gaza"; 100].join(" OR ");
        let lines = marked(&trace(&text));
        assert!(lines.len() > 5 && lines.iter().all(|(text, _)| columns(text) < QUERY + 8));
        let marks: usize = lines.iter().map(|(_, marks)| marks.matches('+').count()).sum();
        assert_eq!(marks, 400);
        let mut out = String::new();
        query(&mut out, &trace(&text), 0);
        assert!(out.ends_with("and 60 more terms\n"));
    }

    #[test]
    fn a_trace_that_does_not_fit_its_query_breaks_nothing() {
        let term = TracedTerm { span: 1..99, held: true, wanted: true, found: Vec::new() };
        let broken = Trace { query: "é".into(), held: true, terms: vec![term] };
        let mut out = String::new();
        query(&mut out, &broken, 0);
        assert!(out.contains('é'));
    }

    #[test]
    fn what_others_wrote_moves_no_cursor() {
        assert_eq!(shown("a\u{1b}[2Jb\u{202e}c\n"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}");
    }
}
