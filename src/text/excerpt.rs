//! Short forms of plain texts.

/// A text as one line: runs of white space and control characters become one space, no-break spaces stay.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    loop {
        let word = rest.as_bytes().iter().position(|b| !b.is_ascii_graphic()).unwrap_or(rest.len());
        out.push_str(&rest[..word]);
        let mut after = rest[word..].chars();
        let Some(c) = after.next() else { break };
        rest = after.as_str();
        let space = c == ' ' || c.is_control() || (c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}'));
        if !space {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.trim_end().to_owned()
}

/// The beginning of a text, at most so many characters.
#[must_use]
pub fn head(text: &str, most: usize) -> &str {
    // No character has less than a byte.
    if text.len() <= most {
        return text;
    }
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

/// The first lines of a text, at most `most` characters: cut at the end of a sentence where one ends in the second half,
/// else at a word, with an ellipsis.
#[must_use]
pub fn excerpt(text: &str, most: usize) -> String {
    let line = one_line(text);
    let Some((end, _)) = line.char_indices().nth(most) else { return line };
    let head = &line[..end];
    let sentence = head.char_indices().rfind(|(i, c)| {
        matches!(c, '.' | '!' | '?' | '…' | '。' | '؟' | '।')
            && line[i + c.len_utf8()..].starts_with([' ', '\u{a0}', '»', '”'])
    });
    match sentence {
        Some((i, c)) if i > head.len() / 2 => head[..i + c.len_utf8()].to_owned(),
        _ => match head.rfind(' ') {
            Some(i) if i > head.len() / 2 => {
                format!("{}…", head[..i].trim_end_matches([',', ';', ':', ' ', '\u{a0}', '\u{202f}']))
            }
            _ => format!("{head}…"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_has_whole_characters() {
        for (text, most, expected) in
            [("", 3, ""), ("été", 2, "ét"), ("été", 3, "été"), ("été", 9, "été"), ("漢字", 1, "漢"), ("a", 0, "")]
        {
            assert_eq!(head(text, most), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_line_is_what_its_characters_make_of_it(text in "[ab. \t\né\u{a0}\u{2003}\u{85}漢\u{7f}]{0,30}") {
            let parts = |c: char| c.is_control() || c.is_whitespace() && c != '\u{a0}';
            let mut by_characters = String::new();
            for c in text.trim().chars().map(|c| if parts(c) { ' ' } else { c }) {
                if c != ' ' || !by_characters.ends_with(' ') {
                    by_characters.push(c);
                }
            }
            proptest::prop_assert_eq!(one_line(&text), by_characters.trim_end());
        }
    }

    #[test]
    fn cuts_at_a_sentence_or_a_word() {
        assert_eq!(excerpt("Short.", 300), "Short.");
        assert_eq!(excerpt("One sentence here. Another that goes on and on.", 25), "One sentence here.");
        assert_eq!(excerpt("one two three four five six", 14), "one two three…");
        assert_eq!(excerpt("漢字漢字漢字漢字", 4), "漢字漢字…");
    }

    #[test]
    fn keeps_french_spaces() {
        assert_eq!(one_line("«\u{a0}Oui\u{202f}!\u{a0}»  \n dit-il "), "«\u{a0}Oui\u{202f}!\u{a0}» dit-il");
    }
}
