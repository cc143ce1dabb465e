//! Several categories that were written as one, with commas between them.

/// The most words and characters of a part: what is longer is a sentence.
const WORDS: usize = 5;
const CHARACTERS: usize = 40;

/// The parts of a category that is a list, else all of it. A name may hold a comma too (`Washington, D.C.`, `Dupont, Jean`): a
/// comma parts where nothing stands after it, or where there are three parts or more and none of them continues a name.
#[must_use]
pub fn listed(written: &str) -> Vec<&str> {
    for signs in [&[';', '；', '|', '｜', '、'][..], &[',', '،', '，']] {
        let parts = parts(written, signs);
        let short = |part: &&str| part.chars().count() <= CHARACTERS && part.split_whitespace().count() <= WORDS;
        if parts.len() < 2 || !parts.iter().all(short) {
            continue;
        }
        let is_list = !signs.contains(&',') || is_close(written, signs) || parts.len() > 2 && !is_name(&parts);
        if is_list {
            return parts;
        }
    }
    vec![written]
}

/// What stands between signs: neither within brackets nor within numbers.
fn parts<'t>(text: &'t str, signs: &[char]) -> Vec<&'t str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let digit = |c: Option<char>| c.is_some_and(char::is_numeric);
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            c if depth == 0
                && signs.contains(&c)
                && !(digit(text[..at].chars().next_back()) && digit(text[end..].chars().next())) =>
            {
                parts.push(&text[start..at]);
                start = end;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// Whether no space stands beside any of the commas.
fn is_close(text: &str, signs: &[char]) -> bool {
    let pieces: Vec<&str> = text.trim().split(signs).collect();
    pieces.iter().skip(1).all(|piece| !piece.starts_with(char::is_whitespace))
}

/// Whether parts with commas between them are one name: of a band or of an office (`Crosby, Stills & Nash`, `Trade, Transport and
/// Industry`), of somebody with years or a title (`King, Martin Luther, Jr.`), of a place in a state (`Austin, Travis, TX`).
fn is_name(parts: &[&str]) -> bool {
    const JOINING: [&str; 9] = ["and", "&", "et", "und", "y", "e", "or", "و", "en"];
    const CONTINUING: [&str; 8] = ["jr", "sr", "ii", "iii", "inc", "ltd", "llc", "co"];
    let Some(last) = parts.last() else { return false };
    let joins = last.split_whitespace().any(|word| JOINING.contains(&word.to_lowercase().as_str()));
    let continues = |part: &&str| {
        let bare = part.trim_end_matches('.').to_lowercase();
        CONTINUING.contains(&bare.as_str()) || part.starts_with(|c: char| c.is_ascii_digit())
    };
    let is_state = last.replace('.', "").chars().count() == 2 && last.chars().all(|c| c.is_uppercase() || c == '.');
    joins || is_state || parts.iter().skip(1).any(continues)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_parted_and_a_name_is_not() {
        for (written, read) in [
            ("youtube,interview,behind the scenes,milky chance", "youtube|interview|behind the scenes|milky chance"),
            ("one,two", "one|two"),
            ("salt, pepper, shaker, exciting", "salt|pepper|shaker|exciting"),
            ("Économie; Mer ; Port", "Économie|Mer|Port"),
            ("Mer | Port", "Mer|Port"),
            ("غزة، القدس، رفح", "غزة|القدس|رفح"),
            ("港口、船", "港口|船"),
            ("Gaza", "Gaza"),
            ("Washington, D.C.", "Washington, D.C."),
            ("Dupont, Jean", "Dupont, Jean"),
            ("Washington, D.C., USA; Paris", "Washington, D.C., USA|Paris"),
            ("Gowanus Canal (Brooklyn, NY)", "Gowanus Canal (Brooklyn, NY)"),
            ("King, Martin Luther, Jr.", "King, Martin Luther, Jr."),
            ("Smith, John, 1950-2001", "Smith, John, 1950-2001"),
            ("Crosby, Stills, Nash & Young", "Crosby, Stills, Nash & Young"),
            ("Commerce, Transport, et Industrie", "Commerce, Transport, et Industrie"),
            ("1,000 Islands", "1,000 Islands"),
            ("3,5 %", "3,5 %"),
            ("Arts & Entertainment", "Arts & Entertainment"),
            (
                "We dive into every subject known to man, talk about it, and go on",
                "We dive into every subject known to man, talk about it, and go on",
            ),
            (",,", ",,"),
            ("", ""),
        ] {
            assert_eq!(listed(written).join("|"), read, "{written}");
        }
    }
}
