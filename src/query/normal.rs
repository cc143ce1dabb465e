//! One spelling for all queries that ask for the same.

use super::tree::{Node, Place, Term, Who};

/// The normal form: nested alls and anys flattened, parts sorted, doubles left out. For hashing, not for reading.
pub(super) fn form(node: &Node) -> String {
    match node {
        Node::All(_) => joined(node, "all"),
        Node::Any(_) => joined(node, "any"),
        Node::Not(part) => match &**part {
            Node::Not(inner) => form(inner),
            _ => format!("not({})", form(part)),
        },
        Node::Term(term) => term_form(term),
    }
}

fn joined(node: &Node, name: &str) -> String {
    let mut parts = Vec::new();
    flatten(node, name == "all", &mut parts);
    parts.sort();
    parts.dedup();
    match parts.as_slice() {
        [one] => one.clone(),
        _ => format!("{name}({})", parts.join(",")),
    }
}

fn flatten(node: &Node, all: bool, parts: &mut Vec<String>) {
    match node {
        Node::All(inner) if all => inner.iter().for_each(|p| flatten(p, all, parts)),
        Node::Any(inner) if !all => inner.iter().for_each(|p| flatten(p, all, parts)),
        _ => parts.push(form(node)),
    }
}

fn term_form(term: &Term) -> String {
    match term {
        Term::Words { place, words, prefix } => format!("{}words{words:?}{prefix}", place_form(*place)),
        Term::Piece { place, text } => format!("{}piece{text:?}", place_form(*place)),
        Term::Regex { place, pattern } => {
            format!("{}regex{:?}{}", place_form(*place), pattern.regex.as_str(), pattern.case)
        }
        Term::Url(part) => format!("url{part:?}"),
        Term::Lang(lang) => format!("lang{lang:?}"),
        Term::Source(name, Who::Any) => format!("source{:?}", name.key),
        Term::Source(name, Who::Shown) => format!("shown source{:?}", name.key),
        Term::Outlet(name, Who::Any) => format!("outlet{:?}", name.key),
        Term::Outlet(name, Who::Shown) => format!("shown outlet{:?}", name.key),
        Term::Tag(name) => format!("tag{:?}", name.key),
        Term::Feed(name) => format!("feed{:?}", name.key),
        Term::Age(than, age, _) => format!("age{}{}", than.sign(), age.as_secs()),
        Term::Length(than, bound) => format!("length{}{bound}", than.sign()),
        Term::Copies(than, bound, _) => format!("copies{}{bound}", than.sign()),
        Term::HasImage => "image".to_owned(),
    }
}

fn place_form(place: Place) -> &'static str {
    match place {
        Place::Anywhere => "",
        Place::Title => "title.",
        Place::Body => "body.",
        Place::Author => "author.",
    }
}
