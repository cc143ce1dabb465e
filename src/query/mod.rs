//! One query language for tag rules, `only`, `select`, `from`, the search box and `explain`.
//!
//! ```text
//! any   := all ("OR" all)*
//! all   := not ("AND"? not)*
//! not   := "-" not | "(" any ")" | term
//! term  := word | word "*" | "phrase" | field ":" value | "/" regex "/" "c"?
//! ```
//!
//! Accents and case do not matter, words match whole. `lex` parts the text, `parse` builds the tree, `term` reads one
//! term, `subject` holds an article ready to be asked, `eval` asks it. `maybe` asks it without its age, `trace` term by term;
//! `columns` is the article as an index of words takes it, `sieve` what such an index can answer of a query, `around` where a
//! text says it; `literals` tells which of many queries need not be asked.

mod around;
mod columns;
mod eval;
mod lex;
mod literals;
mod maybe;
mod normal;
mod parse;
mod sieve;
mod subject;
mod term;
mod trace;
mod tree;

use std::fmt;
use std::ops::Range;

pub use around::Around;
pub use columns::{Columns, Mark};
pub use literals::{Gate, May};
pub use maybe::{Ages, Truth};
pub use sieve::{Column, Sieve, Sifted};
pub use subject::{Fields, Subject};

use crate::model::Mistake;
use tree::{Named, Node, Term};

/// Bytes that a query may have.
pub const MAX_LENGTH: usize = 16 * 1024;

/// Terms that one regex costs as much as.
const REGEX_COST: usize = 16;

/// A query, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    text: String,
    root: Node,
}

/// What a query asks for by name, each with its bytes in the text, so that whoever knows the names can check them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Values of `source:`.
    pub sources: Vec<(String, Range<usize>)>,
    /// Values of `feed:`.
    pub feeds: Vec<(String, Range<usize>)>,
    /// Values of `tag:`, as written.
    pub tags: Vec<(String, Range<usize>)>,
    /// Values of `outlet:`.
    pub outlets: Vec<(String, Range<usize>)>,
    /// Places of `age:`.
    pub ages: Vec<Range<usize>>,
    /// Places of `copies:`.
    pub copies: Vec<Range<usize>>,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// All its mistakes, each with its bytes and, where one can be told, what to write instead.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        match Self::read(text) {
            (Some(query), mistakes) if mistakes.is_empty() => Ok(query),
            (_, mistakes) => Err(mistakes),
        }
    }

    /// Reads what somebody typed or pasted into a search box, with what is wrong with it as a query: what cannot be read asks
    /// for its words, and signs for nothing. `None` where nothing is left.
    #[must_use]
    pub fn read(text: &str) -> (Option<Self>, Vec<Mistake>) {
        if text.len() > MAX_LENGTH {
            let start = (0..=MAX_LENGTH).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
            let long = format!("query is longer than {MAX_LENGTH} bytes");
            return (None, vec![Mistake::new(start..text.len(), long).hint("split it into several tags or feeds")]);
        }
        let mut mistakes = Vec::new();
        let tokens = lex::tokens(text, &mut mistakes);
        let query = parse::parse(text, &tokens, &mut mistakes).map(|mut root| {
            root.turn(true);
            Self { text: text.to_owned(), root }
        });
        // What is not closed was told while parting the text; what the rest of it then looks like is no second mistake.
        mistakes.sort_by_key(|m| m.span.start);
        mistakes.dedup_by_key(|m| m.span.start);
        (query, mistakes)
    }

    /// The same query that asks for other tags, by their keys, where there are such, and for no feed but those that are there.
    #[must_use]
    pub fn renamed(mut self, tag: &dyn Fn(&str) -> Option<String>, has_feed: &dyn Fn(&str) -> bool) -> Self {
        self.root.walk_mut(&mut |term| match term {
            Term::Tag(name) => name.key = tag(&name.key).unwrap_or_else(|| std::mem::take(&mut name.key)),
            Term::Feed(name) if !has_feed(&name.key) => {
                // No feed has an empty name.
                name.key.clear();
                name.written.clear();
            }
            _ => {}
        });
        self
    }

    /// Whether a subject is selected.
    #[must_use]
    pub fn matches(&self, subject: &Subject) -> bool {
        eval::matches(&self.root, subject)
    }

    /// Whether a subject is selected at some time, whatever its age: a subject at whose age the answer turns is selected
    /// [`Truth::Sometimes`].
    #[must_use]
    pub fn truth(&self, subject: &Subject) -> Truth {
        maybe::truth(&self.root, subject)
    }

    /// Whether a subject can be selected at some time. Where not, no change of the clock selects it.
    #[must_use]
    pub fn could_match(&self, subject: &Subject) -> bool {
        self.truth(subject) != Truth::Never
    }

    /// The ages outside of which it selects nothing; `of_feed` gives those of a feed that it asks for.
    #[must_use]
    pub fn ages(&self, of_feed: &dyn Fn(&str) -> Ages) -> Ages {
        maybe::ages(&self.root, false, of_feed)
    }

    /// The text, as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How much asking it of a text costs, in terms; a regex, which reads all of the text, counts as many.
    #[must_use]
    pub fn cost(&self) -> usize {
        let mut cost = 0;
        self.root.walk(&mut |term| cost += if matches!(term, Term::Regex { .. }) { REGEX_COST } else { 1 });
        cost
    }

    /// Names and measures that it uses.
    #[must_use]
    pub fn names(&self) -> Names {
        let mut names = Names::default();
        self.root.walk(&mut |term| match term {
            Term::Source(n, _) => names.sources.push(named(n)),
            Term::Feed(n) => names.feeds.push(named(n)),
            Term::Tag(n) => names.tags.push(named(n)),
            Term::Outlet(n, _) => names.outlets.push(named(n)),
            Term::Age(_, _, span) => names.ages.push(span.clone()),
            Term::Copies(_, _, span) => names.copies.push(span.clone()),
            _ => {}
        });
        names
    }

    /// Whether its answer changes while the article stays as it is: it asks for `age:` or `copies:`.
    #[must_use]
    pub fn depends_on_time(&self) -> bool {
        let mut depends = false;
        self.root.walk(&mut |term| depends |= matches!(term, Term::Age(..) | Term::Copies(..)));
        depends
    }

    /// A hash of what it asks for: spaces, order, case and accents of words, and needless parentheses do not change it.
    #[must_use]
    pub fn hash(&self) -> u64 {
        crate::text::hash(normal::form(&self.root).as_bytes())
    }
}

fn named(name: &Named) -> (String, Range<usize>) {
    (name.written.clone(), name.span.clone())
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone};
    use proptest::prelude::*;

    use super::*;

    fn subject() -> Subject {
        let now = chrono::Utc.with_ymd_and_hms(2026, 6, 3, 12, 0, 0).unwrap();
        let tags = ["liberation_palestine".to_owned()];
        let feeds = ["palestine".to_owned()];
        Subject::new(Fields {
            title: "Cessez-le-feu à Gaza : l’accord d’Oslo",
            standfirst: "La mer, les migrants",
            body: "Les Palestiniens attendent. RSF s'inquiète. 停火協議在加沙生效 가자에서 휴전 الأسرى",
            author: "Rania Abouzeid",
            tags: &tags,
            source: "agence-sud",
            outlet: "Agence  Sud",
            url: "https://agence-sud.example/Monde/gaza-1",
            lang: "fr-CA",
            image: true,
            date: now - Duration::days(3),
            copies: 3,
            feeds: &feeds,
            now,
        })
    }

    const YES: &[&str] = &[
        "gaza",
        "GAZA",
        "palestin*",
        "\"cessez-le-feu\"",
        "cessez-le-feu",
        "\"le feu a gaza\"",
        "oslo",
        "accord",
        "«feu à gaza»",
        "„feu à gaza“",
        "„feu à gaza”",
        "»feu à gaza«",
        "「停火協議」",
        "mer»",
        "＃Libération_Palestine",
        "\"cessez le f*\"",
        "mer migrants",
        "mer AND migrants",
        "absent OR mer",
        "-absent",
        "mer -(absent OR parti)",
        "--mer",
        "title:gaza",
        "body:mer",
        "body:attendent",
        "author:rania",
        "author:\"rania abouzeid\"",
        "url:/monde/",
        "lang:fr",
        "lang:fr-CA",
        "source:Agence-Sud",
        "outlet:\"agence sud\"",
        "tag:Libération-Palestine",
        "tag:\"Libération Palestine\"",
        "#Libération_Palestine",
        "feed:palestine",
        "age:<7d",
        "age:>=72h",
        "words:>8",
        "copies:>2",
        "copies:<=3",
        "has:image",
        "/\\brsf\\b/",
        "/\\bRSF\\b/c",
        "title:/à Gaza/c",
        "加沙",
        "\"停火協議\"",
        "휴전",
        "الاسري",
        "\"الأسرى\"",
        "absent OR (mer (gaza OR absent))",
        "a OR b OR gaza absent OR mer",
    ];
    const NO: &[&str] = &[
        "gaz",
        "palestin",
        "title:mer",
        "body:oslo",
        "rania",
        "author:gaza",
        "\"gaza le feu\"",
        "\"oslo la mer\"",
        "lang:en",
        "lang:fr-FR",
        "source:agence",
        "outlet:Agence",
        "tag:Palestine",
        "feed:autre",
        "age:>7d",
        "words:>300",
        "copies:>3",
        "/\\brsf\\b/c",
        "/a Gaza/",
        "加法",
        "url:/sport/",
        "mer -migrants",
        "absent mer",
        "-gaza",
        "gaza absent OR parti",
    ];

    fn ask(text: &str) -> bool {
        Query::parse(text).unwrap_or_else(|m| panic!("{text}: {m:?}")).matches(&subject())
    }

    #[test]
    fn selects_what_it_says() {
        for yes in YES {
            assert!(ask(yes), "{yes}");
        }
        for no in NO {
            assert!(!ask(no), "{no}");
        }
    }

    /// Each operator of the language: what it selects, what it does not, and how it is written wrongly.
    #[test]
    fn each_operator_has_its_match_its_miss_and_its_mistake() {
        for (operator, yes, no, wrong) in [
            ("word", "Gaza", "Gaz", "!"),
            ("phrase", "\"cessez-le-feu\"", "\"feu cessez\"", "\"cessez"),
            ("beginning", "Palestin*", "Palestina*", "Pal*stin"),
            ("title:", "title:gaza", "title:mer", "title:"),
            ("body:", "body:mer", "body:oslo", "body:()"),
            ("author:", "author:rania", "author:gaza", "author: rania"),
            ("url:", "url:/monde/", "url:/sport/", "url:"),
            ("lang:", "lang:fr", "lang:en", "lang:français"),
            ("source:", "source:agence-sud", "source:agence", "source:agence*"),
            ("outlet:", "outlet:\"Agence Sud\"", "outlet:Agence", "outlet:\"\""),
            ("tag:", "tag:Libération_Palestine", "tag:Palestine", "tag:!!"),
            ("#", "#liberation-palestine", "#palestine", "#"),
            ("feed:", "feed:palestine", "feed:autre", "feed:pal*"),
            ("age:<", "age:<7d", "age:<1d", "age:7d"),
            ("age:>", "age:>1d", "age:>7d", "age:>lundi"),
            ("words:", "words:>3", "words:>300", "words:>many"),
            ("copies:", "copies:>2", "copies:>3", "copies:2"),
            ("has:", "has:image -absent", "-has:image", "has:video"),
            ("regex", "/\\bRSF\\b/", "/\\bR\\b/", "/(/"),
            ("regex with case", "/\\bRSF\\b/c", "/\\brsf\\b/c", "/rsf/x"),
            ("all", "gaza AND mer", "gaza AND absent", "gaza AND"),
            ("either", "absent OR mer", "absent OR parti", "OR mer"),
            ("not", "-absent", "-mer", "- mer"),
            ("group", "(absent OR mer) gaza", "(absent OR mer) parti", "(absent OR mer"),
        ] {
            assert!(ask(yes), "{operator} {yes}");
            assert!(!ask(no), "{operator} {no}");
            let told = mistakes(wrong);
            let place = Query::parse(wrong).unwrap_err()[0].drawn(wrong);
            assert!(place.contains('^') && !told[0].1.is_empty(), "{operator} {wrong}: {told:?}");
        }
    }

    #[test]
    fn a_tag_given_later_is_seen() {
        let mut subject = subject();
        let rule = Query::parse("tag:Proche_Orient").unwrap();
        assert!(!rule.matches(&subject));
        subject.add_tag(&crate::text::tag("Proche-Orient").unwrap());
        assert!(rule.matches(&subject));
    }

    #[test]
    fn what_is_too_deep_or_open_is_told_once() {
        for text in ["(".repeat(200), format!("{}port{}", "(".repeat(200), ")".repeat(200)), "((a ((b".into()] {
            assert_eq!(mistakes(&text).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_quotation_mark_within_a_hebrew_word_is_a_letter() {
        let army = Query::parse("צה\"ל \"דובר צה\"ל\"").unwrap();
        assert_eq!(army.root, Query::parse("צה״ל \"דובר צה״ל\"").unwrap().root);
        assert_eq!(Query::parse("port\"la mer\"").unwrap().root, Query::parse("port \"la mer\"").unwrap().root);
    }

    /// What is wrong, where, and what to write instead.
    fn mistakes(text: &str) -> Vec<(String, String, String)> {
        let wrong = Query::parse(text).err().unwrap_or_else(|| panic!("`{text}` is taken"));
        wrong.into_iter().map(|m| (text[m.span].to_owned(), m.message, m.hint.unwrap_or_default())).collect()
    }

    #[test]
    fn each_mistake_is_told_with_its_place() {
        for (text, place, message, hint) in [
            ("titel:Gaza", "titel:", "`titel:` is not a field", "did you mean `title:`?"),
            ("http://x", "http:", "not a field", "put quotes"),
            ("mer \"la", "\"la", "quotation mark is not closed", "end the phrase with `\"`"),
            ("a OR", "OR", "nothing stands after `OR`", "both sides"),
            ("OR a", "OR", "nothing stands before `OR`", "both sides"),
            ("a OR OR b", "OR", "nothing stands after `OR`", "both sides"),
            ("(a OR) b", "OR", "nothing stands after `OR`", "both sides"),
            ("a AND", "AND", "nothing stands after `AND`", "both sides"),
            ("(a b", "(", "`(` is not closed", "end the group"),
            ("a b)", ")", "`)` closes nothing", "take it away"),
            ("a ()", "()", "parentheses hold nothing", ""),
            ("a - b", "-", "`-` stands before nothing", "-mer"),
            ("a -", "-", "`-` stands before nothing", "-mer"),
            ("a NOT b", "NOT", "`NOT` is not a word", "write `-`"),
            ("pal*stine", "pal*stine", "`*` elsewhere", "Palestin*"),
            ("a !", "!", "holds no letter", "take it away"),
            ("title: gaza", "title:", "`title:` is followed by nothing", "right after the colon"),
            ("age:7d", "7d", "has no `<` or `>`", "age:<7d"),
            ("age:<7lunes", "<7lunes", "`7lunes` is not a duration", "age:<7d"),
            ("words:>beaucoup", ">beaucoup", "is not a whole number", "words:>300"),
            ("has:video", "video", "`has:video` is not known", "has:image"),
            ("lang:français", "français", "is not a language", "lang:fr"),
            ("/a(/", "/a(/", "regex cannot be read: unclosed group", ""),
            ("/abc", "/abc", "regex is not closed", "end it with `/`"),
            ("/abc/i", "i", "`i` after a regex is not known", "case matters"),
            ("tag:!!", "!!", "`!!` cannot be a tag", ""),
            ("", "", "query is empty", "leave it out"),
        ] {
            let told = mistakes(text);
            let (p, m, h) = &told[0];
            assert_eq!(told.len(), 1, "{text}: {told:?}");
            assert_eq!(p, place, "{text}");
            assert!(m.contains(message) && h.contains(hint), "{text}: {m} / {h}");
        }
    }

    #[test]
    fn what_is_pasted_into_a_search_box_asks_for_its_words() {
        for (text, same) in [
            ("Gaza : le port", Some("Gaza le port")),
            ("pêcheurs ?", Some("pêcheurs")),
            ("Exclusif: la grève", Some("Exclusif la grève")),
            ("Gaza:port en feu", Some("Gaza port en feu")),
            ("port - mer", Some("port mer")),
            ("\"la mer", Some("\"la mer\"")),
            ("(port OR mer", Some("port OR mer")),
            ("mer OR", Some("mer")),
            ("https://A.example/B-1?c=2 mer", Some("url:\"a.example/b-1?c=2\" mer")),
            ("age:3 mer", Some("mer")),
            ("mer age: 12", Some("mer age 12")),
            ("新聞:停火協議", Some("新聞 停火協議")),
            ("/mer [", Some("mer")),
            ("?", None),
            ("", None),
        ] {
            assert!(Query::parse(text).is_err(), "{text}");
            let (query, mistakes) = Query::read(text);
            let same = same.map(|same| Query::parse(same).unwrap().hash());
            assert_eq!(query.map(|q| q.hash()), same, "{text}");
            assert!(!mistakes.is_empty(), "{text}");
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let told = mistakes("titel:a (langue:fr OR) age:3d \"x");
        let places: Vec<&str> = told.iter().map(|(p, ..)| p.as_str()).collect();
        assert_eq!(places, ["titel:", "langue:", "OR", "3d", "\"x"]);
    }

    #[test]
    fn names_are_told_with_their_bytes() {
        let text = "tag:Presse (source:\"a\" OR -feed:f) outlet:O age:<1d copies:>2";
        let names = Query::parse(text).unwrap().names();
        assert_eq!(names.tags[0].0, "Presse");
        assert_eq!(&text[names.tags[0].1.clone()], "Presse");
        assert_eq!((names.sources[0].0.as_str(), &text[names.sources[0].1.clone()]), ("a", "\"a\""));
        assert_eq!((names.feeds[0].0.as_str(), names.outlets[0].0.as_str()), ("f", "O"));
        assert_eq!((&text[names.ages[0].clone()], &text[names.copies[0].clone()]), ("age:<1d", "copies:>2"));
    }

    #[test]
    fn the_hash_is_of_the_meaning() {
        let hash = |t: &str| Query::parse(t).unwrap().hash();
        assert_eq!(hash("Médite OR mer"), hash("MER  OR (medite OR mer)"));
        assert_eq!(hash("a AND (b c)"), hash("c b a"));
        assert_eq!(hash("--a"), hash("a"));
        assert_ne!(hash("a b"), hash("a OR b"));
        assert_ne!(hash("title:a"), hash("a"));
        assert_ne!(hash("\"a b\""), hash("a b"));
        assert!(Query::parse("a age:<1d").unwrap().depends_on_time());
        assert!(!Query::parse("a words:>10").unwrap().depends_on_time());
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let deep = |n: usize| format!("{}a{}", "(".repeat(n), ")".repeat(n));
        assert!(Query::parse(&deep(60)).is_ok());
        for text in [deep(65), deep(5000), "-".repeat(8000) + "a", "a ".repeat(MAX_LENGTH)] {
            let told = Query::parse(&text).unwrap_err();
            assert!(told.iter().any(|m| m.message.contains("than")), "{:?}", told[0]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_breaks_it(text in r#"([-()"/:*«» #]|OR|AND|a|é|中|title:|age:|<|7d|tag:|\PC){0,40}"#) {
            match Query::parse(&text) {
                Ok(query) => { let _ = (query.matches(&subject()), query.names(), query.hash()); }
                Err(mistakes) => {
                    prop_assert!(!mistakes.is_empty());
                    for m in mistakes {
                        prop_assert!(text.get(m.span.clone()).is_some(), "{:?}", m);
                    }
                }
            }
        }
    }
}
