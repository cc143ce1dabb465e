//! Asks a subject.

use chrono::TimeDelta;

use super::subject::Subject;
use super::tree::{Node, Term};

/// Whether a subject is what the tree asks for. As deep as the parser allows.
pub(super) fn matches(node: &Node, subject: &Subject) -> bool {
    match node {
        Node::All(parts) => parts.iter().all(|p| matches(p, subject)),
        Node::Any(parts) => parts.iter().any(|p| matches(p, subject)),
        Node::Not(part) => !matches(part, subject),
        Node::Term(term) => holds(term, subject),
    }
}

pub(super) fn holds(term: &Term, subject: &Subject) -> bool {
    match term {
        Term::Words { place, words, prefix } => subject.has_words(*place, words, *prefix),
        Term::Piece { place, text } => subject.folded(*place).contains(text.as_str()),
        Term::Regex { place, pattern } => pattern.regex.is_match(subject.raw(*place)),
        Term::Url(part) => subject.url.contains(part.as_str()),
        Term::Lang(lang) => {
            subject.lang.strip_prefix(lang.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        }
        Term::Source(name, who) => subject.source(*who) == name.key,
        Term::Outlet(name, who) => subject.outlet(*who) == name.key,
        Term::Tag(name) => subject.tags.contains(&name.key),
        Term::Feed(name) => subject.feeds.contains(&name.key),
        Term::Age(than, age, _) => than.holds(subject.age, TimeDelta::from_std(*age).unwrap_or(TimeDelta::MAX)),
        Term::Length(than, bound) => than.holds(subject.length(), *bound),
        Term::Copies(than, bound, _) => than.holds(subject.copies, *bound),
        Term::HasImage => subject.image,
    }
}
