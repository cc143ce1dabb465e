//! After the sanitiser, on its well-formed output: nothing empty, nothing that means nothing.

use std::borrow::Cow;

use super::line::legal;
use crate::text::markup::{Markup, MarkupKind, next_markup};

/// Line breaks in a row; more are a gap made by hand.
pub(super) const MOST_BREAKS: usize = 2;

/// Elements of a line that mean nothing when they are empty. White space in them stays: it parts words.
#[rustfmt::skip]
const INLINE: [&str; 25] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small",
    "span", "strong", "sub", "sup", "time", "u", "var",
];

/// Other elements that mean nothing when they are empty.
#[rustfmt::skip]
const BLOCKS: [&str; 25] = [
    "audio", "blockquote", "center", "details", "div", "dl", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "li",
    "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
];

/// An element that is being written.
struct Open<'a> {
    name: &'a str,
    /// Where its start tag begins in what is written.
    start: usize,
    /// Where its content begins.
    inner: usize,
    /// Whether anything is in it that can be seen.
    filled: bool,
    /// Whether its tags are written.
    tagged: bool,
}

impl Open<'_> {
    fn plays(&self) -> bool {
        matches!(self.name, "audio" | "video")
    }
}

struct Writer<'a> {
    out: String,
    open: Vec<Open<'a>>,
}

/// The body as it is kept: no-break spaces as themselves (XML knows no `&nbsp;`), nothing empty, no picture, link or player
/// without an address, no gap of many line breaks.
pub(super) fn finish(html: &str) -> String {
    let mut writer = Writer { out: String::with_capacity(html.len()), open: Vec::new() };
    let mut at = 0;
    while let Some(tag) = next_markup(html, at) {
        writer.text(&html[at..tag.start]);
        at = tag.end;
        let written = &html[tag.start..tag.end];
        match tag.kind {
            MarkupKind::Other => {}
            MarkupKind::Open => writer.start(&tag, written),
            MarkupKind::Close => writer.end(written),
        }
    }
    writer.text(&html[at..]);
    writer.out.trim().to_owned()
}

/// No-break spaces as themselves, and nothing that XML cannot carry.
fn spaced(written: &str) -> Cow<'_, str> {
    if written.contains('&') && written.contains("&nbsp;") {
        Cow::Owned(legal(&written.replace("&nbsp;", "\u{a0}")).into_owned())
    } else {
        legal(written)
    }
}

/// White space, and the signs that nobody sees.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

impl<'a> Writer<'a> {
    /// What is around something filled is filled already.
    fn mark(&mut self) {
        self.open.iter_mut().rev().take_while(|o| !o.filled).for_each(|o| o.filled = true);
    }

    fn start(&mut self, tag: &Markup<'a>, written: &str) {
        match tag.name {
            "img" if written.contains(" src=\"") => self.out.push_str(&spaced(written)),
            "img" => return,
            "br" => return self.line_break(),
            "wbr" => return self.out.push_str(written),
            "source" => return self.source(written),
            "hr" | "col" => self.out.push_str(written),
            name => return self.element(name, written),
        }
        self.mark();
    }

    fn element(&mut self, name: &'a str, written: &str) {
        let mut open = Open { name, start: self.out.len(), inner: 0, filled: false, tagged: true };
        open.tagged = match name {
            "a" => written.contains(" href=\""),
            "span" => written != "<span>",
            // Without an address it is one only if a source is still to come.
            _ if open.plays() => written.contains(" src=\""),
            _ => true,
        };
        let plays = open.plays();
        if open.tagged || plays {
            self.out.push_str(&spaced(written));
        }
        open.inner = self.out.len();
        let filled = plays && open.tagged;
        self.open.push(open);
        if filled {
            self.mark();
        }
    }

    fn source(&mut self, written: &str) {
        if !written.contains(" src=\"") {
            return;
        }
        if let Some(player) = self.open.iter_mut().rev().find(|o| o.plays()) {
            player.tagged = true;
            self.out.push_str(written);
            self.mark();
        }
    }

    fn line_break(&mut self) {
        // Between the items of a list, or the rows of a table, no line can end.
        let within = self.open.iter().rev().find(|open| open.tagged).map(|open| open.name);
        if matches!(within, Some("ol" | "ul" | "dl" | "table" | "thead" | "tbody" | "tfoot" | "tr")) {
            // It parts words all the same.
            if !self.out.ends_with([' ', '\n', '>']) {
                self.out.push(' ');
            }
            return;
        }
        let verbatim = self.open.iter().any(|o| o.name == "pre");
        let kept = self.out.trim_end_matches(is_blank).len();
        let mut before = &self.out[..kept];
        let mut breaks = 0;
        while !verbatim && let Some(rest) = before.trim_end_matches(is_blank).strip_suffix("<br>") {
            before = rest;
            breaks += 1;
            if breaks == MOST_BREAKS {
                // With the white space after it, which would be looked at again by all that follow.
                return self.out.truncate(kept);
            }
        }
        self.out.push_str("<br>");
    }

    fn end(&mut self, written: &str) {
        let Some(open) = self.open.pop() else { return };
        let inline = INLINE.contains(&open.name);
        if !open.tagged || (inline && !open.filled) {
            self.out.replace_range(open.start..open.inner, "");
        } else if open.filled || !BLOCKS.contains(&open.name) {
            self.out.push_str(written);
            if !inline && !BLOCKS.contains(&open.name) {
                self.mark();
            }
        } else {
            let breaks = self.out[open.start..].contains("<br>");
            self.out.truncate(open.start);
            if breaks {
                self.line_break();
            }
        }
    }

    fn text(&mut self, written: &str) {
        if written.is_empty() || self.is_fallback() {
            return;
        }
        let text = spaced(written);
        if text.contains(|c| !is_blank(c)) {
            self.mark();
        }
        self.out.push_str(&text);
    }

    /// Inside a player, what browsers without players would show: a link is worth keeping, "your browser cannot" is not.
    fn is_fallback(&self) -> bool {
        let player = self.open.iter().rposition(Open::plays);
        player.is_some_and(|i| !self.open[i..].iter().any(|o| o.name == "a" && o.tagged))
    }
}
