//! Several categories that were written as one, with commas between them. What is no name, and is written without spaces, in small
//! letters, or of what the document also has in other places, is a list.

use std::collections::HashMap;

use super::fold;

/// The most words and characters of a part: what is longer is a sentence.
const WORDS: usize = 5;
const CHARACTERS: usize = 40;

/// What parts the names of a list whatever they are, and what stands within names too.
const PLAIN: [char; 4] = [';', '；', '|', '｜'];
const COMMAS: [char; 4] = [',', '،', '，', '、'];
/// So many parts between commas are too many for the name of a place; fewer may be one, from the smaller to the larger.
const MANY: usize = 4;
/// Parts of a list that stand elsewhere too.
const FREE: usize = 2;

/// What the categories of a document say of each other.
#[derive(Debug, Default)]
pub struct Listing {
    /// By a part: a bit for each place from the end at which it stands in some category. The parts of a name keep theirs.
    places: HashMap<String, u32>,
}

impl Listing {
    /// Of all categories of a document, as they are written.
    #[must_use]
    pub fn of<'t>(all: impl Iterator<Item = &'t str> + Clone) -> Self {
        let mut listing = Self::default();
        if all.clone().any(|written| written.contains(COMMAS)) {
            for written in all {
                for (place, part) in parts(written, &COMMAS).into_iter().rev().enumerate() {
                    *listing.places.entry(fold(part)).or_default() |= 1 << place.min(31);
                }
            }
        }
        listing
    }

    /// The parts of a category that is a list, else all of it. `alone`: its entry has no other; whoever writes several writes
    /// one name in each. A name may hold a comma too (`Paris, Île-de-France, France`, `Dupont, Jean`).
    #[must_use]
    pub fn parts<'t>(&self, written: &'t str, alone: bool) -> Vec<&'t str> {
        for signs in [PLAIN, COMMAS] {
            let parts = parts(written, &signs);
            let short = |part: &&str| part.chars().count() <= CHARACTERS && part.split_whitespace().count() <= WORDS;
            if parts.len() < 2 || !parts.iter().all(short) {
                continue;
            }
            if signs == PLAIN || self.is_list(written, &parts, alone) {
                return parts;
            }
        }
        vec![written]
    }

    fn is_list(&self, written: &str, parts: &[&str], alone: bool) -> bool {
        if is_name(parts) {
            return false;
        }
        let is_free = |part: &&&str| self.places.get(&fold(part)).is_some_and(|places| places.count_ones() > 1);
        let begins = |is: fn(char) -> bool| parts.iter().skip(1).any(|part| part.starts_with(is));
        let (small, large) = (begins(char::is_lowercase), begins(char::is_uppercase));
        parts.iter().filter(is_free).count() >= FREE
            || match (parts.len(), is_close(written)) {
                (2, close) => alone && (close && small || !large && (close || written.contains('、'))),
                (_, true) => true,
                (many, false) => small || alone && (!large || many >= MANY),
            }
    }
}

/// The parts of a category that stands for itself.
#[must_use]
pub fn listed(written: &str) -> Vec<&str> {
    Listing::default().parts(written, true)
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

/// Whether no space stands behind any of the commas, where one is written.
fn is_close(text: &str) -> bool {
    let pieces: Vec<&str> = text.trim().split(COMMAS).collect();
    text.contains([',', '،']) && pieces.iter().skip(1).all(|piece| !piece.starts_with(char::is_whitespace))
}

/// Whether parts with commas between them are one name: of a band or of an office (`Crosby, Stills & Nash`, `Trade, Transport and
/// Industry`), of somebody with years or a title (`King, Martin Luther, Jr.`), of a place in a state (`Austin, Travis, TX`) or in
/// a province (`東京都、千代田区`).
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
    joins || is_state || is_within_another(parts) || parts.iter().skip(1).any(continues)
}

/// Whether places of East Asia stand within each other: each is of another kind, which its last sign says.
fn is_within_another(parts: &[&str]) -> bool {
    const KINDS: &str = "國国省都道府県县縣州市郡区區町鎮镇村";
    let kinds: Vec<char> = parts.iter().filter_map(|p| p.chars().next_back()).filter(|c| KINDS.contains(*c)).collect();
    kinds.len() > 1 && kinds.iter().zip(1..).all(|(kind, next)| !kinds[next..].contains(kind))
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
            ("東京都、千代田区", "東京都、千代田区"),
            ("中国、四川省、成都市", "中国、四川省、成都市"),
            ("北京市、上海市", "北京市|上海市"),
            ("Politique,Économie,Mer", "Politique|Économie|Mer"),
            ("Gaza, Rafah, Jérusalem, Naplouse", "Gaza|Rafah|Jérusalem|Naplouse"),
            ("Gaza, cessez-le-feu, Rafah", "Gaza|cessez-le-feu|Rafah"),
            ("Paris, Île-de-France, France", "Paris, Île-de-France, France"),
            ("Smith,John", "Smith,John"),
            ("Smith, John", "Smith, John"),
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

    #[test]
    fn what_stands_elsewhere_too_makes_a_list_and_what_keeps_its_place_a_name() {
        let all =
            ["Mer, Port, Grève", "Port", "Grève, Mer, Gaza", "Lyon, Rhône, France", "Paris, Seine, France", "France"];
        let listing = Listing::of(all.into_iter());
        for alone in [true, false] {
            assert_eq!(listing.parts(all[0], alone).len(), 3);
            assert_eq!(listing.parts(all[3], alone), [all[3]]);
        }
        // Whoever writes several writes one name in each, where nothing says otherwise.
        for (written, parts) in
            [("a,b", 1), ("غزة، القدس، رفح", 1), ("Gaza, Rafah, Jérusalem, Naplouse", 1), ("a, b, c", 3), ("A|B", 2)]
        {
            assert_eq!(Listing::default().parts(written, false).len(), parts, "{written}");
        }
    }
}
