//! Asks a subject term by term, for `explain`: which held, and where.

use std::ops::Range;

use chrono::TimeDelta;

use super::subject::Subject;
use super::tree::{Node, Place, Term};
use super::{Query, eval, lex};
use crate::model::{Trace, TracedTerm};

/// The places that are told apart.
const PLACES: [(Place, &str); 3] = [(Place::Title, "title"), (Place::Body, "body"), (Place::Author, "author")];
/// Names that are listed where the one asked for is not among them.
const MOST_NAMES: usize = 20;

impl Query {
    /// Asks a subject, and tells of each term whether it held and where.
    #[must_use]
    pub fn trace(&self, subject: &Subject) -> Trace {
        let mut asked = Vec::new();
        wanted(&self.root, true, &mut asked);
        let terms = asked.into_iter().zip(self.spans()).map(|((term, wanted), span)| {
            let held = eval::holds(term, subject);
            TracedTerm { span, held, wanted, found: found(term, subject) }
        });
        Trace { query: self.text.clone(), held: self.matches(subject), terms: terms.collect() }
    }

    /// The bytes of each term, in the order of the text: a query without mistakes is as many terms as are written.
    fn spans(&self) -> Vec<Range<usize>> {
        let tokens = lex::tokens(&self.text, &mut Vec::new());
        tokens.into_iter().filter(|t| matches!(t.kind, lex::Kind::Term(_))).map(|t| t.span).collect()
    }
}

/// The terms in the order of the text, each with whether it is wanted. As deep as the parser allows.
fn wanted<'q>(node: &'q Node, want: bool, out: &mut Vec<(&'q Term, bool)>) {
    match node {
        Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| wanted(part, want, out)),
        Node::Not(part) => wanted(part, !want, out),
        Node::Term(term) => out.push((term, want)),
    }
}

/// Where the words of a term stand; for other terms what there is in place of what is asked for.
fn found(term: &Term, subject: &Subject) -> Vec<String> {
    let places = |within: Place, stands: &dyn Fn(Place) -> bool| -> Vec<String> {
        let looked = PLACES.iter().filter(|(place, _)| is_within(*place, within));
        looked.filter(|(place, _)| stands(*place)).map(|(_, name)| (*name).to_owned()).collect()
    };
    match term {
        Term::Words { place, words, prefix } => places(*place, &|p| subject.has_words(p, words, *prefix)),
        Term::Piece { place, text } => places(*place, &|p| subject.folded(p).contains(text.as_str())),
        Term::Regex { place, pattern } => places(*place, &|p| pattern.regex.is_match(subject.raw(p))),
        Term::Url(_) => one(&subject.url),
        Term::Lang(_) => one(&subject.lang),
        Term::Source(_, who) => one(subject.source(*who)),
        Term::Outlet(_, who) => one(subject.outlet(*who)),
        Term::Tag(name) => named(&name.key, &subject.tags),
        Term::Feed(name) => named(&name.key, &subject.feeds),
        Term::Age(..) => vec![age(subject.age)],
        Term::Length(..) => vec![subject.length().to_string()],
        Term::Copies(..) => vec![subject.copies.to_string()],
        Term::HasImage => Vec::new(),
    }
}

fn is_within(place: Place, asked: Place) -> bool {
    asked == place || asked == Place::Anywhere && place != Place::Author
}

/// The name that is asked for, where it is there; else those that are.
fn named(asked: &str, there: &[String]) -> Vec<String> {
    if there.iter().any(|name| name == asked) {
        return vec![asked.to_owned()];
    }
    there.iter().take(MOST_NAMES).cloned().collect()
}

fn one(value: &str) -> Vec<String> {
    if value.is_empty() { Vec::new() } else { vec![value.to_owned()] }
}

/// An age in the words of the language, to the minute.
fn age(age: TimeDelta) -> String {
    let minutes = age.num_minutes();
    let sign = if minutes < 0 { "-" } else { "" };
    let minutes = minutes.unsigned_abs();
    let parts = [(minutes / 1440, "d"), (minutes / 60 % 24, "h"), (minutes % 60, "m")];
    let written: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if written.is_empty() { "0m".to_owned() } else { format!("{sign}{}", written.join(" ")) }
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone};

    use super::*;
    use crate::query::Fields;

    fn subject() -> Subject {
        let now = chrono::Utc.with_ymd_and_hms(2026, 6, 3, 12, 0, 0).unwrap();
        let tags = ["liberation_palestine".to_owned(), "mer".to_owned()];
        let feeds = ["palestine".to_owned()];
        Subject::new(Fields {
            title: "Cessez-le-feu à Gaza",
            standfirst: "La mer, les migrants",
            body: "Les Palestiniens attendent à Gaza. 停火協議在加沙生效",
            author: "Rania Abouzeid",
            tags: &tags,
            source: "agence-sud",
            outlet: "Agence Sud",
            url: "https://agence-sud.example/Monde/gaza-1",
            lang: "fr-CA",
            image: true,
            date: now - Duration::minutes(3 * 1440 + 61),
            copies: 3,
            feeds: &feeds,
            now,
        })
    }

    /// Each term as written, whether it held, whether it was wanted, what was found.
    fn told(text: &str) -> Vec<(String, bool, bool, String)> {
        let trace = Query::parse(text).unwrap().trace(&subject());
        assert_eq!(trace.query, text);
        assert_eq!(trace.held, Query::parse(text).unwrap().matches(&subject()), "{text}");
        let term = |t: TracedTerm| (text[t.span].to_owned(), t.held, t.wanted, t.found.join(", "));
        trace.terms.into_iter().map(term).collect()
    }

    #[test]
    fn each_kind_of_term_tells_whether_it_held_and_where() {
        for (text, held, found) in [
            ("gaza", true, "title, body"),
            ("GAZ*", true, "title, body"),
            ("mer", true, "body"),
            ("oslo", false, ""),
            ("\"cessez le feu\"", true, "title"),
            ("\"feu le cessez\"", false, ""),
            ("title:gaza", true, "title"),
            ("title:mer", false, ""),
            ("body:gaza", true, "body"),
            ("body:cessez", false, ""),
            ("author:rania", true, "author"),
            ("author:gaza", false, ""),
            ("rania", false, ""),
            ("加沙", true, "body"),
            ("加法", false, ""),
            ("/à Gaza/c", true, "title, body"),
            ("title:/palestin/", false, ""),
            ("url:/monde/", true, "https://agence-sud.example/monde/gaza-1"),
            ("url:/sport/", false, "https://agence-sud.example/monde/gaza-1"),
            ("lang:fr", true, "fr-ca"),
            ("lang:en", false, "fr-ca"),
            ("source:agence-sud", true, "agence-sud"),
            ("source:autre", false, "agence-sud"),
            ("outlet:\"Agence Sud\"", true, "agence sud"),
            ("outlet:Autre", false, "agence sud"),
            ("tag:Libération_Palestine", true, "liberation_palestine"),
            ("#Presse", false, "liberation_palestine, mer"),
            ("feed:palestine", true, "palestine"),
            ("feed:autre", false, "palestine"),
            ("age:<7d", true, "3d 1h 1m"),
            ("age:<2d", false, "3d 1h 1m"),
            ("words:>3", true, "18"),
            ("words:>300", false, "18"),
            ("copies:>2", true, "3"),
            ("copies:>3", false, "3"),
            ("has:image", true, ""),
        ] {
            assert_eq!(told(text), [(text.to_owned(), held, true, found.to_owned())], "{text}");
        }
        let plain = Query::parse("has:image").unwrap().trace(&Subject::default());
        assert!(!plain.held && !plain.terms[0].held);
    }

    #[test]
    fn terms_keep_their_place_and_what_is_not_wanted_is_told() {
        let text = "mer -(Oslo OR -title:\"à Gaza\") AND (#presse OR «feu à gaza») -absent";
        let told = told(text);
        let short: Vec<_> = told.iter().map(|(t, held, wanted, _)| (t.as_str(), *held, *wanted)).collect();
        assert_eq!(
            short,
            [
                ("mer", true, true),
                ("Oslo", false, false),
                ("title:\"à Gaza\"", true, true),
                ("#presse", false, true),
                ("«feu à gaza»", true, true),
                ("absent", false, false),
            ]
        );
    }

    #[test]
    fn ages_are_told_as_they_are_asked_for() {
        for (minutes, told) in [(0, "0m"), (59, "59m"), (60, "1h"), (1501, "1d 1h 1m"), (-90, "-1h 30m")] {
            assert_eq!(age(TimeDelta::minutes(minutes)), told);
        }
    }
}
