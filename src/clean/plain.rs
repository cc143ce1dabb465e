//! Clean HTML as plain text, and plain text as clean HTML.

use std::borrow::Cow;

use crate::model::CleanHtml;
use crate::text::bytes::{any_byte, any_pair};
use crate::text::markup::{MarkupKind, next_markup};

/// The text of a clean body: paragraphs on lines, no-break spaces and typography as they are.
#[must_use]
pub fn plain(html: &CleanHtml) -> String {
    let html = html.as_str();
    let mut out = String::with_capacity(html.len());
    let (mut at, mut pre) = (0, 0_usize);
    // How a word is read stands beside it, and is not read itself.
    let mut readings = 0_usize;
    while let Some(tag) = next_markup(html, at) {
        if readings == 0 {
            text(&html[at..tag.start], pre > 0, &mut out);
        }
        at = tag.end;
        match (tag.name, tag.kind) {
            ("pre", MarkupKind::Open) => pre += 1,
            ("pre", MarkupKind::Close) => pre = pre.saturating_sub(1),
            ("rt" | "rp", MarkupKind::Open) => readings += 1,
            ("rt" | "rp", MarkupKind::Close) => readings = readings.saturating_sub(1),
            // A list of hashtags as links: each is one, though no space parts them.
            ("a", MarkupKind::Open) if html[at..].starts_with(['#', '＃']) => space(&mut out),
            _ => {}
        }
        match tag.name {
            "td" | "th" if tag.kind == MarkupKind::Close => space(&mut out),
            "td" | "th" => {}
            name if is_inline(name) => {}
            _ => line_break(&mut out),
        }
    }
    text(&html[at..], pre > 0, &mut out);
    out.truncate(out.trim_end().len());
    out
}

/// Elements that stand in a line; all others begin a new one.
fn is_inline(name: &str) -> bool {
    const NAMES: [&str; 34] = [
        "a", "abbr", "audio", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "i", "img", "ins", "kbd",
        "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strong", "sub", "sup", "time",
        "track", "u", "var", "wbr",
    ];
    NAMES.contains(&name)
}

fn line_break(out: &mut String) {
    let kept = out.trim_end_matches([' ', '\t']).len();
    out.truncate(kept);
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

fn space(out: &mut String) {
    if !out.is_empty() && !out.ends_with([' ', '\n']) {
        out.push(' ');
    }
}

fn text(written: &str, pre: bool, out: &mut String) {
    if written.is_empty() {
        return;
    }
    let read = if written.contains('&') {
        // The sanitiser writes these four and no other.
        let read = written.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        Cow::Owned(read)
    } else {
        Cow::Borrowed(written)
    };
    let gap = |b: u8| (b == b'\t') | (b == b'\n') | (b == b'\r') | (b == b'\x0c');
    if !pre && !any_byte(read.as_bytes(), gap) && !any_pair(read.as_bytes(), |a, b| (a == b' ') & (b == b' ')) {
        // Its words are parted as they are to be.
        let words = read.strip_prefix(' ');
        if words.is_some() {
            space(out);
        }
        return out.push_str(words.unwrap_or(&read));
    }
    let mut rest = &*read;
    while let Some(at) = rest.bytes().position(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'\n' if pre => line_break(out),
            b'\t' | b' ' if pre => out.push(' '),
            _ => space(out),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// Plain text as a clean body: every line that is not empty becomes a paragraph.
#[must_use]
pub fn from_text(plain: &str) -> CleanHtml {
    let mut out = String::with_capacity(plain.len() + plain.len() / 8);
    for line in super::line::legal(plain).lines().map(str::trim).filter(|l| !l.is_empty()) {
        let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        out.push_str("<p>");
        out.push_str(&line);
        out.push_str("</p>");
    }
    CleanHtml::vouched(out)
}

/// Lines as long as this were broken by a program, to fit: a person ends a line where something ends.
const WRAPPED: usize = 60;

/// The body that a source gives, where it is plain text in lines: blank lines part paragraphs, and shorter lines stay lines, as
/// far as it was not a program that broke them. Where words in it are marked up, the blank lines part it. Anything else is left as it is.
#[must_use]
pub fn in_lines(text: &str) -> Cow<'_, str> {
    let lines: Vec<&str> = text.trim().lines().map(str::trim).collect();
    let marked_up = text.contains('<');
    if lines.len() < 2 || marked_up && !is_of_words(text) {
        return Cow::Borrowed(text);
    }
    let paragraphs: Vec<&[&str]> = lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty()).collect();
    if marked_up && paragraphs.len() < 2 {
        return Cow::Borrowed(text);
    }
    let paragraphs = paragraphs.into_iter().map(|lines| {
        let broken = lines.iter().rev().skip(1).all(|line| line.chars().count() >= WRAPPED);
        format!("<p>{}</p>", lines.join(if broken || marked_up { "\n" } else { "<br>" }))
    });
    Cow::Owned(paragraphs.collect())
}

/// Whether all that is marked up of a text is words within a line.
fn is_of_words(text: &str) -> bool {
    let name = |tag: &str| {
        let tag = tag.strip_prefix('/').unwrap_or(tag);
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        tag[..end].to_ascii_lowercase()
    };
    text.split('<')
        .skip(1)
        .all(|tag| matches!(&*name(tag), "a" | "b" | "i" | "em" | "strong" | "u" | "s" | "sub" | "sup"))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    proptest::proptest! {
        #[test]
        fn one_space_parts_words_as_many_do(body in "(<b>|</b>|<p>|a|é|&lt;| ){0,20}") {
            let wider = CleanHtml::vouched(body.replace(' ', " \n "));
            proptest::prop_assert_eq!(plain(&CleanHtml::vouched(body)), plain(&wider));
        }
    }

    #[test]
    fn paragraphs_stand_on_lines() {
        let base = Url::parse("https://a.example/").unwrap();
        let html = "<h2>Un titre</h2><p>«&nbsp;Oui\u{202f}!&nbsp;» dit <b>la</b>\n mère&nbsp;: a &lt; b &amp;amp; c</p>\
                    un<br>deux<ul><li>x</li><li>y</li></ul><table><tr><td>1</td><td>2</td></tr></table><pre>a\n  b</pre>";
        assert_eq!(
            plain(&crate::clean::clean(html, &base)),
            "Un titre\n«\u{a0}Oui\u{202f}!\u{a0}» dit la mère\u{a0}: a < b &amp; c\nun\ndeux\nx\ny\n1 2\na\n  b"
        );
    }

    #[test]
    fn how_words_are_read_is_left_out() {
        let base = Url::parse("https://a.example/").unwrap();
        for html in [
            "<ruby>会議<rp>(</rp><rt>かいぎ</rt><rp>)</rp></ruby>を開いた",
            "<ruby><rb>会議</rb><rt>かいぎ</rt></ruby>を開いた",
            "<ruby>会<rt>かい</rt>議<rt>ぎ</ruby>を開いた",
        ] {
            let cleaned = crate::clean::clean(html, &base);
            assert_eq!(plain(&cleaned), "会議を開いた");
            assert!(cleaned.as_str().contains("ぎ</rt>"));
        }
    }

    #[test]
    fn a_plain_text_keeps_its_lines() {
        let long = "Une ligne qu’un programme a coupée parce qu’elle ne tenait pas dans sa colonne";
        for (written, read) in [
            (
                "Une visite.\r\n\r\n  Chapitres :\n0:00 Arrivée\n1:30 Départ\n",
                "<p>Une visite.</p><p>Chapitres :<br>0:00 Arrivée<br>1:30 Départ</p>",
            ),
            (&*format!("{long}\net sa fin."), &*format!("<p>{long}\net sa fin.</p>")),
            ("\n  Une seule ligne &amp; rien d’autre.\n", "\n  Une seule ligne &amp; rien d’autre.\n"),
            (
                "Voir <a href='/1'>le\nport</a>.\n\nEt <b>la</b> mer.",
                "<p>Voir <a href='/1'>le\nport</a>.</p><p>Et <b>la</b> mer.</p>",
            ),
            ("Voir <a href='/1'>le port</a>\net la mer", "Voir <a href='/1'>le port</a>\net la mer"),
            ("Un<br>deux\n\ntrois <b>x</b>", "Un<br>deux\n\ntrois <b>x</b>"),
            ("<p>Un</p>\n\n<p>Deux</p>", "<p>Un</p>\n\n<p>Deux</p>"),
        ] {
            assert_eq!(in_lines(written), read);
        }
    }

    #[test]
    fn no_line_ends_between_the_items_of_a_list() {
        let base = Url::parse("https://a.example/").unwrap();
        let clean = |html: &str| crate::clean::clean(html, &base).to_string();
        assert_eq!(
            clean("<ul><li>un<br>deux</li><br><li>trois</li><br></ul>"),
            "<ul><li>un<br>deux</li><li>trois</li></ul>"
        );
        assert_eq!(clean("<ul>un<br>deux</ul>"), "<ul>un deux</ul>");
    }

    #[test]
    fn hashtags_that_are_links_stand_apart() {
        let base = Url::parse("https://a.example/").unwrap();
        let html = "<p>Voir<a href='/1'>#Gaza</a><a href='/2'>#Rafah</a> <a href='/3'>#Sud</a>, <a href='/4'>un</a><a href='/5'>mot</a></p>";
        assert_eq!(plain(&crate::clean::clean(html, &base)), "Voir #Gaza #Rafah #Sud, unmot");
    }

    #[test]
    fn text_becomes_paragraphs_and_back() {
        let text = "a < b & c\n«\u{a0}d\u{a0}»";
        assert_eq!(from_text(text).as_str(), "<p>a &lt; b &amp; c</p><p>«\u{a0}d\u{a0}»</p>");
        assert_eq!(plain(&from_text(text)), text);
    }
}
