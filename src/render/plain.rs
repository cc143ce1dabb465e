//! The first words of a body, for summaries and for titles where there is none.

use super::xml;
use crate::model::{CleanHtml, Digest, EditionEntry, ShownBody};
use crate::text;

/// Characters of a summary.
const SUMMARY: usize = 300;
/// Characters of a title made from the text.
const TITLE: usize = 80;
/// Titles that stand for a digest.
const TITLES: usize = 10;
/// Characters of a body that are looked at: enough for a summary, whatever the body's size.
const LOOKED_AT: usize = 1_000;
/// Elements that may stand within a word.
const WITHIN_WORDS: [&str; 22] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "i", "mark", "q", "rp", "rt", "ruby", "s", "small", "span",
    "strong", "sub", "sup", "u", "wbr",
];

/// What stands for the whole text in lists: the standfirst, else the first lines; `None` where there is neither.
pub(super) fn summary(entry: &EditionEntry) -> Option<String> {
    let standfirst = entry.standfirst.as_deref().map(text::one_line).filter(|s| !s.is_empty());
    standfirst.or_else(|| Some(text::excerpt(&first_lines(&entry.body), SUMMARY)).filter(|s| !s.is_empty()))
}

/// The title; the first words of the text where it has none; the outlet's name where it has no text either. For where a
/// title must be.
pub(super) fn title_or_words(entry: &EditionEntry) -> String {
    let title = xml::legal(entry.title.trim());
    if !title.trim().is_empty() {
        return title.into_owned();
    }
    match summary(entry) {
        // A text may speak of tags; a title that we make of it need not.
        Some(words) if xml::opens_tag(&words) => text::excerpt(&words.replace('<', "‹").replace('>', "›"), TITLE),
        Some(words) => text::excerpt(&words, TITLE),
        None => entry.outlet.name.clone(),
    }
}

/// What stands for a digest in lists: the first of its titles.
pub(super) fn titles(digest: &Digest) -> String {
    let titles: Vec<String> = digest.entries.iter().take(TITLES).map(title_or_words).collect();
    text::excerpt(&titles.join(" · "), SUMMARY)
}

/// Whether the body begins with the standfirst, so that it need not stand above it once more.
pub(super) fn begins_with_standfirst(entry: &EditionEntry) -> bool {
    let Some(standfirst) = &entry.standfirst else { return false };
    text::fold(&first_lines(&entry.body)).starts_with(&text::fold(&text::one_line(standfirst)))
}

fn first_lines(body: &ShownBody) -> String {
    match body {
        ShownBody::Full(html) => text::one_line(&of_html(html)),
        ShownBody::Excerpt(plain) => text::one_line(plain),
        ShownBody::Nothing => String::new(),
    }
}

/// The text at the beginning of sanitised HTML, without what stands in figures and how words are read. The sanitiser's serialiser writes each
/// tag whole, quotes each attribute and knows five entities, so that reading it back needs no parser.
fn of_html(html: &CleanHtml) -> String {
    let mut out = String::new();
    let (mut rest, mut beside) = (html.as_str(), 0_usize);
    let mut left = LOOKED_AT;
    while left > 0 {
        let (words, tag, after) = next_tag(rest);
        if beside == 0 {
            let taken: String = words.chars().take(left).collect();
            left -= taken.chars().count();
            out.push_str(&taken);
        }
        let Some(tag) = tag else { break };
        let name = name_of(tag);
        match (name, tag.starts_with('/')) {
            ("figure" | "rt" | "rp", false) => beside += 1,
            ("figure" | "rt" | "rp", true) => beside = beside.saturating_sub(1),
            _ if WITHIN_WORDS.contains(&name) => {}
            _ => out.push(' '),
        }
        rest = after;
    }
    ["&lt;", "<", "&gt;", ">", "&quot;", "\"", "&nbsp;", "\u{a0}", "&amp;", "&"]
        .chunks(2)
        .fold(out, |text, pair| text.replace(pair[0], pair[1]))
}

/// Whether a body is text with no paragraph, list or other block around it or in it.
pub(super) fn is_one_line(html: &CleanHtml) -> bool {
    let mut rest = html.as_str();
    if rest.trim().is_empty() {
        return false;
    }
    loop {
        let (_, tag, after) = next_tag(rest);
        let Some(tag) = tag else { return true };
        if !WITHIN_WORDS.contains(&name_of(tag)) && !matches!(name_of(tag), "br" | "img" | "time") {
            return false;
        }
        rest = after;
    }
}

/// The element's name in what stands within the angles of a tag.
fn name_of(tag: &str) -> &str {
    tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("")
}

/// The text before the next tag, what stands within its angles, and what follows.
fn next_tag(html: &str) -> (&str, Option<&str>, &str) {
    let Some(open) = html.find('<') else { return (html, None, "") };
    let mut quoted = false;
    let close = html[open..].char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == '>' && !quoted
    });
    match close {
        Some((len, _)) => (&html[..open], Some(&html[open + 1..open + len]), &html[open + len + 1..]),
        None => (&html[..open], None, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample::entry;

    fn with_body(html: &str) -> EditionEntry {
        EditionEntry { body: ShownBody::Full(CleanHtml::vouched(html.into())), standfirst: None, ..entry("fr") }
    }

    #[test]
    fn a_summary_is_the_text_without_markup_or_captions() {
        let e = with_body(
            "<figure><img src=\"x\" alt=\"a > b\"><figcaption>Photo</figcaption></figure><p>Un<em>e</em> &amp;lt; \
             &lt;deux&gt;</p><p>Trois.</p>",
        );
        assert_eq!(summary(&e).as_deref(), Some("Une &lt; <deux> Trois."));
        assert_eq!(summary(&with_body("<p></p>")), None);
        let ruby = with_body("<p>古い<ruby>港<rp>（</rp><rt>みなと</rt><rp>）</rp></ruby>を</p>");
        assert_eq!(summary(&ruby).as_deref(), Some("古い港を"));
    }

    #[test]
    fn long_bodies_are_not_read_whole() {
        let e = with_body(&format!("<p>{}</p>", "mot ".repeat(1_000_000)));
        let summary = summary(&e).unwrap();
        assert!(summary.ends_with("mot…") && summary.chars().count() <= SUMMARY + 1, "{summary}");
    }

    #[test]
    fn an_untitled_entry_is_named_by_its_first_words() {
        let e = EditionEntry { title: String::new(), ..with_body("<p>Une phrase courte.</p>") };
        assert_eq!(title_or_words(&e), "Une phrase courte.");
        let unseen = EditionEntry { title: "\u{8}\u{1}".into(), ..e.clone() };
        assert_eq!(title_or_words(&unseen), "Une phrase courte.");
        let nothing = EditionEntry { body: ShownBody::Nothing, ..e };
        assert_eq!(title_or_words(&nothing), "Agence Sud");
    }

    #[test]
    fn sees_a_standfirst_that_the_body_repeats() {
        let mut e = with_body("<p><strong>Le chapô  est là.</strong></p><p>Suite.</p>");
        e.standfirst = Some("Le chapô est là.".into());
        assert!(begins_with_standfirst(&e));
        e.standfirst = Some("Un autre.".into());
        assert!(!begins_with_standfirst(&e));
    }
}
