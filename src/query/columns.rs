//! An article as an index of words takes it: folded and parted as queries part it, so that both always agree.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;

use super::subject::Subject;
use super::term::unparted;
use super::tree::Place;
use crate::text::hash;

/// Words of a column that are found; the rest of a text longer than any novel is not.
const MOST_WORDS: usize = 100_000;
/// Bytes of a word by which it is found: longer ones are found by their beginnings.
pub(super) const WORD: usize = 64;

/// Bytes of the longest mark, and of what parts it from the next.
const LONGEST_MARK: usize = 18;

/// Stands between two parts of one column, which no phrase may bridge; words hold no `_`.
const GAP: &str = "_";

/// The words of an article by column, parted by spaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// Words of the title.
    pub title: String,
    /// Words of standfirst and body.
    pub body: String,
    /// Words of the names of its authors.
    pub author: String,
    /// What is true of it, as [`Mark`]s.
    pub marks: String,
}

impl Columns {
    /// Bytes of all of it.
    #[must_use]
    pub fn len(&self) -> usize {
        [&self.title, &self.body, &self.author, &self.marks].into_iter().map(String::len).sum()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A hash of all of it: the same columns need not be written again.
    #[must_use]
    pub fn hash(&self) -> u64 {
        hash([&*self.title, &*self.body, &*self.author, &*self.marks].join("\n").as_bytes())
    }
}

/// A fact of a story that a query may ask for, as a word of its own. What holds of a story for some readers only (a tag that a
/// copy brings, one source of several) has two marks: one for what may hold, one for what holds whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark<'a> {
    /// A source that tells it.
    Source(&'a str),
    /// The only source that tells it.
    OnlySource(&'a str),
    /// The source of its lead.
    LeadSource(&'a str),
    /// An outlet that tells it.
    Outlet(&'a str),
    /// The only outlet that tells it.
    OnlyOutlet(&'a str),
    /// A tag of one of its articles, by key.
    Tag(&'a str),
    /// A tag of its lead, by key.
    LeadTag(&'a str),
    /// Its language, or that without its region.
    Lang(&'a str),
    /// It has a picture.
    Image,
    /// It is there: every story has this one.
    Story,
}

impl Mark<'_> {
    /// Its word: a letter and a hash, as names may hold anything.
    #[must_use]
    pub fn word(self) -> String {
        let mut word = String::with_capacity(LONGEST_MARK);
        self.write(&mut word);
        word
    }

    fn write(self, out: &mut String) {
        let (letter, name) = match self {
            Self::Source(name) => ('s', name),
            Self::OnlySource(name) => ('r', name),
            Self::LeadSource(name) => ('l', name),
            Self::Outlet(name) => ('o', name),
            Self::OnlyOutlet(name) => ('p', name),
            Self::Tag(key) => ('t', key),
            Self::LeadTag(key) => ('u', key),
            Self::Lang(lang) => ('g', lang),
            Self::Image => return out.push_str("image"),
            Self::Story => return out.push_str("story"),
        };
        out.push(letter);
        HEXLOWER.encode_append(&hash(name.as_bytes()).to_be_bytes(), out);
    }
}

impl Subject {
    /// The columns of an article; `told` are all subjects of its story, one for each source that tells it, `lead_tags` the
    /// keys of the tags of the lead alone.
    #[must_use]
    pub fn columns(&self, told: &[Subject], lead_tags: &[String]) -> Columns {
        let [title, standfirst, body, author] = self.parts();
        let body = standfirst.chain(std::iter::once(GAP)).chain(body);
        Columns {
            title: column(title, self.folded(Place::Title)),
            body: column(body, self.folded(Place::Body)),
            author: column(author, self.folded(Place::Author)),
            marks: self.marks(told, lead_tags),
        }
    }

    fn marks(&self, told: &[Subject], lead_tags: &[String]) -> String {
        let mut marks = vec![Mark::Story, Mark::LeadSource(&self.source)];
        let sources: BTreeSet<&str> = told.iter().map(|t| t.source.as_str()).collect();
        let outlets: BTreeSet<&str> = told.iter().map(|t| t.outlet.as_str()).collect();
        marks.extend(sources.iter().map(|name| Mark::Source(name)));
        marks.extend(sources.first().filter(|_| sources.len() == 1).map(|name| Mark::OnlySource(name)));
        marks.extend(outlets.iter().map(|name| Mark::Outlet(name)));
        marks.extend(outlets.first().filter(|_| outlets.len() == 1).map(|name| Mark::OnlyOutlet(name)));
        marks.extend(self.tags.iter().map(|key| Mark::Tag(key)));
        marks.extend(lead_tags.iter().map(|key| Mark::LeadTag(key)));
        let ends = self.lang.match_indices('-').map(|(at, _)| at).chain(std::iter::once(self.lang.len()));
        marks.extend(ends.filter(|end| *end > 0).map(|end| Mark::Lang(&self.lang[..end])));
        marks.extend(self.image.then_some(Mark::Image));
        let mut words = String::with_capacity(marks.len() * LONGEST_MARK);
        for mark in marks {
            if !words.is_empty() {
                words.push(' ');
            }
            mark.write(&mut words);
        }
        words
    }
}

/// The words in their order, then each sign of the scripts that part no words, alone and with the one after it: any piece of
/// such a text is found by its pairs.
fn column<'w>(words: impl Iterator<Item = &'w str>, folded: &str) -> String {
    let mut out = String::with_capacity(folded.len());
    for word in words.take(MOST_WORDS) {
        out.push_str(cut(word));
        out.push(' ');
    }
    let mut signs = BTreeSet::new();
    let mut before: Option<usize> = None;
    // Such scripts begin at U+0E00: of most texts the bytes alone tell that there is none.
    let may_have_signs = folded.bytes().fold(false, |found, b| found | (b >= 0xe0));
    for (at, c) in folded.char_indices().take_while(|_| may_have_signs) {
        if !unparted(c) {
            before = None;
            continue;
        }
        let end = at + c.len_utf8();
        signs.insert(&folded[at..end]);
        signs.extend(before.map(|start| &folded[start..end]));
        before = Some(at);
        if signs.len() >= MOST_WORDS {
            break;
        }
    }
    if !signs.is_empty() {
        out.push_str(GAP);
        signs.into_iter().for_each(|sign| {
            out.push(' ');
            out.push_str(sign);
        });
    }
    out.truncate(out.trim_end().len());
    out
}

/// A word as it is kept.
pub(super) fn cut(word: &str) -> &str {
    let end = (0..=WORD.min(word.len())).rev().find(|&i| word.is_char_boundary(i)).unwrap_or(0);
    &word[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Fields;

    fn of(fields: Fields<'_>) -> Columns {
        let subject = Subject::new(fields);
        subject.columns(std::slice::from_ref(&subject), &[])
    }

    #[test]
    fn words_stand_in_order_and_parts_apart() {
        let columns = of(Fields {
            title: "L’Été à Gaza",
            standfirst: "Le chapô",
            body: "Du Moyen-Orient",
            author: "Rania A.",
            ..Fields::default()
        });
        assert_eq!((&*columns.title, &*columns.author), ("l ete a gaza", "rania a"));
        assert_eq!(columns.body, "le chapo _ du moyen orient");
    }

    #[test]
    fn signs_stand_in_pairs_and_alone() {
        let columns = of(Fields { title: "abc停火, 停 가자", ..Fields::default() });
        assert_eq!(columns.title, "abc 停 火 停 가자 _ 停 停火 火 가 가자 자");
    }

    #[test]
    fn long_words_and_long_texts_are_cut() {
        let word = "é".repeat(500_000);
        assert!(of(Fields { title: &word, ..Fields::default() }).title.len() <= WORD);
        let words = "mot ".repeat(MOST_WORDS + 9);
        assert_eq!(of(Fields { body: &words, ..Fields::default() }).body.split(' ').count(), MOST_WORDS);
        let signs: String = (0..60_000_u32).filter_map(|n| char::from_u32(0x2_0000 + n % 40_000)).collect();
        let many = of(Fields { body: &signs, ..Fields::default() });
        assert!(many.body.split(' ').count() <= 2 * MOST_WORDS + 1);
    }

    #[test]
    fn what_is_not_wanted_is_not_shown() {
        let lead = Subject::new(Fields { source: "dep", outlet: "Dépêche", ..Fields::default() });
        let copy = lead.told_by("b", "Le B");
        let selects = |query: &str| {
            let query = crate::query::Query::parse(query).unwrap();
            [&lead, &copy].iter().any(|subject| query.matches(subject))
        };
        for (query, selected) in [
            ("source:dep", true),
            ("source:b", true),
            ("-source:dep", false),
            ("-outlet:dépêche", false),
            ("-source:b -outlet:\"le b\"", true),
            ("-(mer OR source:dep)", false),
            ("-(-source:b)", true),
        ] {
            assert_eq!(selects(query), selected, "{query}");
        }
    }

    #[test]
    fn what_holds_whoever_asks_is_told_from_what_may() {
        let mut one = Subject::new(Fields { source: "A", outlet: "X", lang: "pt-BR", ..Fields::default() });
        one.tags = vec!["gaza".into(), "rafah".into()];
        let two = one.told_by("b", "X");
        let marks = one.columns(&[one.clone(), two], &["gaza".into()]).marks;
        let has = |mark: Mark<'_>| marks.split(' ').any(|m| m == mark.word());
        for mark in
            [Mark::Source("a"), Mark::Source("b"), Mark::LeadSource("a"), Mark::OnlyOutlet("x"), Mark::Tag("rafah")]
        {
            assert!(has(mark), "{mark:?}");
        }
        for mark in [Mark::LeadTag("gaza"), Mark::Lang("pt"), Mark::Lang("pt-br"), Mark::Story] {
            assert!(has(mark), "{mark:?}");
        }
        for mark in [Mark::OnlySource("a"), Mark::LeadTag("rafah"), Mark::LeadSource("b"), Mark::Image] {
            assert!(!has(mark), "{mark:?}");
        }
    }
}
