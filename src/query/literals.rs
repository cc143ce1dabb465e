//! Which of many queries may match a subject at all, told by one pass over its text: most queries can only match where one of
//! a few pieces of text stands, or under one of a few tags.

use std::collections::{BTreeMap, HashMap};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex_syntax::hir::{Class, Hir, HirKind};
use unicode_normalization::is_nfc;

use super::Query;
use super::subject::Subject;
use super::tree::{Node, Pattern, Place, Term};
use crate::text::fold;

/// Bytes of a piece that are looked for: what is longer is looked for by its beginning, so that at no place of a text more
/// pieces can end than this.
const LONGEST: usize = 64;
/// Bytes of all pieces up to which they are looked for by the dense automaton: for a few hundred pieces it takes a quarter of the
/// time and some hundred kilobytes; what has more no longer stays in near memory, where the contiguous one does.
const DENSE: usize = 8 << 10;
/// A piece of a regex that is shorter says too little.
const SHORTEST_OF_REGEX: usize = 3;
/// Characters of one place in a regex that are looked at.
const MOST_OF_CLASS: usize = 16;
/// What asking for a tag weighs against a piece of text, which weighs its bytes.
const TAG_WEIGHT: usize = 16;

/// What a query needs: at least one of these. `None`: it may match without any.
type Needs = Option<Vec<Need>>;

/// A condition without which a query does not match.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// This stands in the folded text.
    Piece {
        text: String,
        /// Whether a word begins, and ends, with it.
        begins: bool,
        ends: bool,
        /// Whether nothing else is asked: where it stands in title, standfirst or body, the query matches.
        enough: bool,
    },
    /// It has the tag of this key.
    Tag(String),
}

impl Need {
    fn weight(&self) -> usize {
        match self {
            Self::Piece { text, .. } => text.len(),
            Self::Tag(_) => TAG_WEIGHT,
        }
    }
}

/// What the words of a subject tell of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum May {
    /// It does not match.
    Not,
    /// It has to be asked.
    Perhaps,
    /// It matches.
    Surely,
}

/// Tells of many queries which may match.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    pieces: Option<AhoCorasick>,
    /// By piece: the queries that need it.
    by_piece: Vec<Vec<Use>>,
    /// By tag key: the queries that need it.
    by_tag: HashMap<String, Vec<usize>>,
    /// Whether a query has to be asked whatever stands in the text.
    always: Vec<May>,
}

/// A query that needs a piece, and how.
#[derive(Debug, Clone)]
struct Use {
    query: usize,
    begins: bool,
    ends: bool,
    enough: bool,
}

impl Gate {
    /// A gate of queries, known afterwards by their places.
    #[must_use]
    pub fn new<'q>(queries: impl IntoIterator<Item = &'q Query>) -> Self {
        let mut gate = Self::default();
        let mut pieces: BTreeMap<String, Vec<Use>> = BTreeMap::new();
        for (query, needs) in queries.into_iter().map(|q| q.needs()).enumerate() {
            gate.always.push(if needs.is_none() { May::Perhaps } else { May::Not });
            for need in needs.into_iter().flatten() {
                match need {
                    Need::Piece { text, begins, ends, enough } => {
                        pieces.entry(text).or_default().push(Use { query, begins, ends, enough });
                    }
                    Need::Tag(key) => gate.by_tag.entry(key).or_default().push(query),
                }
            }
        }
        let bytes: usize = pieces.keys().map(String::len).sum();
        let kind = if bytes <= DENSE { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let built = AhoCorasick::builder().kind(Some(kind)).build(pieces.keys());
        gate.by_piece = pieces.into_values().collect();
        match built {
            Ok(built) => gate.pieces = Some(built),
            // Too much to be looked for at once: each is asked then.
            Err(_too_large) => gate.always.fill(May::Perhaps),
        }
        gate
    }

    /// By place of each query: whether it may match the subject.
    #[must_use]
    pub fn may_match(&self, subject: &Subject) -> Vec<May> {
        let mut may = self.always.clone();
        for place in [Place::Anywhere, Place::Author] {
            let text = subject.folded(place);
            for found in self.pieces.iter().flat_map(|pieces| pieces.find_overlapping_iter(text)) {
                for used in self.by_piece.get(found.pattern().as_usize()).into_iter().flatten() {
                    let told = &mut may[used.query];
                    if *told != May::Surely {
                        let fits = used.fits(text.as_bytes(), found.start(), found.end());
                        // Of the author a query asks by name only.
                        *told = (*told).max(if place == Place::Author { fits.min(May::Perhaps) } else { fits });
                    }
                }
            }
        }
        subject.tags.iter().for_each(|key| self.tagged(key, &mut may));
        may
    }

    /// The same for a subject that has got one more tag.
    pub fn tagged(&self, key: &str, may: &mut [May]) {
        for query in self.by_tag.get(key).into_iter().flatten() {
            may[*query] = may[*query].max(May::Perhaps);
        }
    }
}

impl Use {
    /// What a piece found at these bytes tells.
    fn fits(&self, text: &[u8], start: usize, end: usize) -> May {
        let before = if self.begins { parted(text, start) } else { May::Surely };
        let after = if self.ends { parted(text, end) } else { May::Surely };
        before.min(after).min(if self.enough { May::Surely } else { May::Perhaps })
    }
}

/// Whether words are parted at a byte. Two ASCII letters or digits beside each other are of one word, another ASCII sign parts
/// words; of the rest only the query itself knows.
fn parted(text: &[u8], at: usize) -> May {
    let beside = at.checked_sub(1).and_then(|before| Some((text.get(before)?, text.get(at)?)));
    let Some((a, b)) = beside else { return May::Surely };
    match (a.is_ascii_alphanumeric(), b.is_ascii_alphanumeric()) {
        (true, true) => May::Not,
        (false, _) if a.is_ascii() => May::Surely,
        (_, false) if b.is_ascii() => May::Surely,
        _ => May::Perhaps,
    }
}

impl Query {
    /// What it needs to match anything.
    fn needs(&self) -> Needs {
        needs(&self.root)
    }
}

fn needs(node: &Node) -> Needs {
    match node {
        Node::All(parts) => {
            let mut best = parts.iter().filter_map(needs).max_by_key(|needs| worth(needs))?;
            for need in &mut best {
                if let Need::Piece { enough, .. } = need {
                    *enough = false;
                }
            }
            Some(best)
        }
        Node::Any(parts) => Some(parts.iter().map(needs).collect::<Option<Vec<_>>>()?.concat()),
        Node::Not(part) => match &**part {
            Node::Not(inner) => needs(inner),
            _ => None,
        },
        Node::Term(term) => of_term(term),
    }
}

/// How much is won by looking for these: the less that stands for them in other texts, the more.
fn worth(needs: &[Need]) -> (usize, std::cmp::Reverse<usize>) {
    (needs.iter().map(Need::weight).min().unwrap_or(0), std::cmp::Reverse(needs.len()))
}

fn of_term(term: &Term) -> Needs {
    match term {
        // What stands between the words of a phrase is not known: its longest word is.
        Term::Words { place, words, prefix } => {
            let (n, word) = words.iter().enumerate().max_by_key(|(_, word)| word.len())?;
            let alone = words.len() == 1 && *place == Place::Anywhere;
            piece(word, true, !(*prefix && n + 1 == words.len()), alone)
        }
        Term::Piece { place, text } => piece(text, false, false, *place == Place::Anywhere),
        Term::Regex { pattern, .. } => of_regex(pattern),
        Term::Tag(name) => Some(vec![Need::Tag(name.key.clone())]),
        _ => None,
    }
}

fn piece(text: &str, begins: bool, ends: bool, enough: bool) -> Needs {
    let cut = (0..=LONGEST.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    let whole = cut == text.len();
    let (ends, enough) = (ends && whole, enough && whole);
    (cut > 0).then(|| vec![Need::Piece { text: text[..cut].to_owned(), begins, ends, enough }])
}

fn of_regex(pattern: &Pattern) -> Needs {
    let mut parser = regex_syntax::ParserBuilder::new().case_insensitive(!pattern.case).build();
    of_hir(&parser.parse(pattern.regex.as_str()).ok()?)
}

/// What must stand in the folded text where a regex matches the text as it is. As deep as the parser of regexes allows.
fn of_hir(hir: &Hir) -> Needs {
    match hir.kind() {
        HirKind::Concat(parts) => of_row(parts),
        HirKind::Alternation(parts) => Some(parts.iter().map(of_hir).collect::<Option<Vec<_>>>()?.concat()),
        HirKind::Capture(group) => of_hir(&group.sub),
        HirKind::Repetition(repeated) if repeated.min > 0 => of_hir(&repeated.sub),
        HirKind::Literal(_) | HirKind::Class(_) => of_row(std::slice::from_ref(hir)),
        _ => None,
    }
}

/// The best of what must stand in one part of a row, or in several parts side by side.
fn of_row(parts: &[Hir]) -> Needs {
    let mut found: Vec<Vec<Need>> = Vec::new();
    let mut run = String::new();
    let end_of_run = |run: &mut String| {
        let text = std::mem::take(run);
        if text.len() >= SHORTEST_OF_REGEX { piece(&text, false, false, false) } else { None }
    };
    for part in parts {
        let folds_to = match part.kind() {
            HirKind::Look(_) | HirKind::Empty => continue,
            HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(runs),
            HirKind::Class(class) => one_folding(class).map(|folded| vec![folded]),
            _ => None,
        };
        let Some(folds_to) = folds_to else {
            found.extend(end_of_run(&mut run));
            if !matches!(part.kind(), HirKind::Class(_)) {
                found.extend(of_hir(part));
            }
            continue;
        };
        for (i, text) in folds_to.iter().enumerate() {
            if i > 0 {
                found.extend(end_of_run(&mut run));
            }
            run.push_str(text);
        }
    }
    found.extend(end_of_run(&mut run));
    found.into_iter().max_by_key(|needs| worth(needs))
}

/// Characters that fold alike whatever stands around them: ASCII, and Latin letters with accents.
fn folds_alone(c: char) -> bool {
    c.is_ascii() || matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// The folded stretches of a literal whose characters fold alone.
fn runs(literal: &str) -> Vec<String> {
    literal.split(|c| !folds_alone(c)).map(fold).collect()
}

/// What every character of a class folds to, where that is the same.
fn one_folding(class: &Class) -> Option<String> {
    let Class::Unicode(class) = class else { return None };
    let ranges = class.ranges();
    let all = || ranges.iter().flat_map(|range| range.start()..=range.end());
    if all().take(MOST_OF_CLASS + 1).count() > MOST_OF_CLASS {
        return None;
    }
    let mut foldings = all()
        // The text that a regex is asked of is composed: signs that composing replaces (the Kelvin) are not in it.
        .filter(|c| is_nfc(c.encode_utf8(&mut [0; 4])))
        .map(|c| folds_alone(c).then(|| fold(c.encode_utf8(&mut [0; 4]))));
    let first = foldings.next()??;
    foldings.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Fields;
    use super::*;

    fn query(text: &str) -> Query {
        Query::parse(text).unwrap_or_else(|m| panic!("{text}: {m:?}"))
    }

    fn pieces(text: &str) -> Option<Vec<String>> {
        let needs = query(text).needs()?;
        let shown = |need: Need| match need {
            Need::Piece { text, .. } => text,
            Need::Tag(key) => format!("#{key}"),
        };
        Some(needs.into_iter().map(shown).collect())
    }

    #[test]
    fn a_query_tells_what_it_needs() {
        for (text, needed) in [
            ("Gaza", "gaza"),
            ("Libér*", "liber"),
            ("\"le cessez-le-feu\"", "cessez"),
            ("mer migrants", "migrants"),
            ("Gaza OR Rafah", "gaza|rafah"),
            ("mer (Gaza OR Cisjordanie)", "gaza|cisjordanie"),
            ("Gaza -mer source:a lang:fr", "gaza"),
            ("--Gaza", "gaza"),
            ("日本語", "日本語"),
            ("tag:Liban OR Syrie", "#liban|syrie"),
            ("title:Gaza author:Abouzeid", "abouzeid"),
            ("/\\bRSF\\b/c", "rsf"),
            ("/palestin(e|ien)s?/", "palestin"),
            ("/[a-z]+ à Gaza/", " a gaza"),
            ("/(Gaza|Rafah) [0-9]+/", "gaza|rafah"),
            ("/(?:Œuvre|Straße)+/", "oeuvre|strasse"),
            ("/ski|kelvin/", "ski|kelvin"),
        ] {
            assert_eq!(pieces(text).map(|p| p.join("|")).as_deref(), Some(needed), "{text}");
        }
        for any in ["-Gaza", "source:a", "Gaza OR source:a", "Gaza OR -mer", "/[a-z]+/", "/ab/", "/(Gaza)?/", "/سلام/"]
        {
            assert_eq!(pieces(any), None, "{any}");
        }
    }

    #[test]
    fn words_inside_other_words_are_no_hit() {
        let queries = ["mer", "mer*", "\"la mer*\"", "-mer"].map(query);
        let gate = Gate::new(&queries);
        let may = |body: &str| gate.may_match(&Subject::new(Fields { body, ..Fields::default() }));
        use May::{Not, Perhaps, Surely};
        assert_eq!(may("un commerce"), [Not, Not, Not, Perhaps]);
        assert_eq!(may("une merveille"), [Not, Surely, Perhaps, Perhaps]);
        assert_eq!(may("l’amer, la mer"), [Surely, Surely, Perhaps, Perhaps]);
        assert_eq!(may("日mer"), [Perhaps, Perhaps, Perhaps, Perhaps], "what parts words there is not told by a sign");
    }

    #[test]
    fn tags_that_come_later_wake_those_that_need_them() {
        let queries = ["tag:Liban", "tag:Mer"].map(query);
        let gate = Gate::new(&queries);
        let subject = Subject::new(Fields { tags: &["mer".to_owned()], ..Fields::default() });
        let mut may = gate.may_match(&subject);
        assert_eq!(may, [May::Not, May::Perhaps]);
        gate.tagged("liban", &mut may);
        assert_eq!(may, [May::Perhaps, May::Perhaps]);
    }

    const WORDS: &str =
        "(mer|mère|Mers|gaza|GAZA|a|à|œuf|ſel|ski|Kelvin|K|straße|日本|本|ที่|ﬁn|l’eau|x\u{301}y|سلام|é\u{327}|ab1|1)";

    fn term() -> impl Strategy<Value = String> {
        prop_oneof![
            6 => WORDS.prop_map(|w: String| w),
            2 => WORDS.prop_map(|w: String| format!("{w}*")),
            1 => (WORDS, WORDS).prop_map(|(a, b)| format!("\"{a} {b}\"")),
            1 => WORDS.prop_map(|w: String| format!("title:{w}")),
            1 => WORDS.prop_map(|w: String| format!("author:{w}")),
            2 => (WORDS, "[a-z]{1,4}|\\.|s\\?|\\[ae\\]\\+|\\(a\\|mer\\)", "c?").prop_map(|(w, r, c)| format!("/{w}{r}/{c}")),
            1 => Just("tag:gaza".to_owned()),
            1 => Just("source:x".to_owned()),
        ]
    }

    fn asked() -> impl Strategy<Value = String> {
        term().prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..3).prop_map(|p| format!("({})", p.join(" OR "))),
                prop::collection::vec(inner.clone(), 1..3).prop_map(|p| format!("({})", p.join(" "))),
                inner.prop_map(|p| format!("-({p})")),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// By construction nothing that matches is ever left out, and nothing is sure that does not match.
        #[test]
        fn what_is_told_is_so(
            queries in prop::collection::vec(asked(), 1..6),
            parts in prop::collection::vec((WORDS, "[ \u{301}'’.\u{ad}-]?"), 0..12),
            tagged in any::<bool>(),
        ) {
            let queries: Vec<Query> = queries.iter().filter_map(|q| Query::parse(q).ok()).collect();
            let text: String = parts.iter().map(|(w, between)| format!("{w}{between}")).collect();
            let half = (0..=text.len() / 2).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
            let tags = if tagged { vec!["gaza".to_owned()] } else { Vec::new() };
            let fields = Fields { title: &text[..half], body: &text[half..], author: &text, tags: &tags, ..Fields::default() };
            let subject = Subject::new(fields);
            let may = Gate::new(&queries).may_match(&subject);
            for (query, may) in queries.iter().zip(may) {
                let matches = query.matches(&subject);
                prop_assert!(may == May::Perhaps || (may == May::Surely) == matches, "{} in {}: {:?}", query, text, may);
            }
        }
    }
}
