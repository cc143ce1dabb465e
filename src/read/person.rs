//! People, as feeds write them.

use std::sync::OnceLock;

use regex::Regex;

use super::names::Ns;
use super::tree::{Element, Tree};
use crate::model::Person;
use crate::text::one_line;

fn mail() -> Option<&'static Regex> {
    static MAIL: OnceLock<Option<Regex>> = OnceLock::new();
    MAIL.get_or_init(|| Regex::new(r"(?:mailto:)?([\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+)").ok()).as_ref()
}

/// `Name`, `mail (Name)`, `Name <mail>`, `Name (mail)`, `mail`. `None` for nothing.
pub(super) fn parse(written: &str) -> Option<Person> {
    let written = one_line(written);
    let found = written.contains('@').then(|| mail()?.captures(&written)).flatten();
    let (name, email) = match &found {
        Some(found) => {
            let whole = found.get(0).map_or(0..0, |m| m.range());
            let (before, after) = (&written[..whole.start], &written[whole.end..]);
            let before = before.trim_end_matches(['(', '<', '[']).trim_end_matches("&lt;");
            let opened = before.len() < whole.start;
            let after =
                if opened { after.trim_start_matches([')', '>', ']']).trim_start_matches("&gt;") } else { after };
            let left = one_line(&format!("{before} {after}"));
            let left = left.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '-' | '<' | '>' | '"'));
            (unwrapped(left).to_owned(), found.get(1).map(|m| m.as_str().to_owned()))
        }
        None => (written.clone(), None),
    };
    let name = Some(name).filter(|n| !n.is_empty());
    (name.is_some() || email.is_some()).then_some(Person { name, email, url: None })
}

/// Without the brackets around the whole.
fn unwrapped(name: &str) -> &str {
    let inside = name.strip_prefix('(').and_then(|n| n.strip_suffix(')'));
    inside.filter(|n| !n.contains(['(', ')'])).unwrap_or(name).trim()
}

/// The person that an `author` element names, in its own elements or in its text.
pub(super) fn of_element<'a>(tree: &Tree<'a>, element: &Element<'a>) -> Option<Person> {
    let part = |names: &[&str]| {
        let found = element.children.iter().find(|c| names.contains(&c.name.as_ref()) && tree.text(c).is_some());
        found.and_then(|c| tree.text(c)).map(|t| one_line(&t))
    };
    let name = part(&["name"]);
    let email = part(&["email"]).map(|e| e.trim_start_matches("mailto:").to_owned());
    let url = part(&["uri", "url", "homepage"]);
    if name.is_some() || email.is_some() || url.is_some() {
        let from_name = name.as_deref().filter(|_| email.is_none()).and_then(parse);
        return match from_name {
            Some(person) => Some(Person { url, ..person }),
            None => Some(Person { name, email, url }),
        };
    }
    // RSS 1.0 in RDF's long form: dc:creator holds a foaf:Person or an rdf:Description.
    let text =
        tree.text(element).or_else(|| element.children.iter().find(|c| c.ns == Ns::Rdf).and_then(|c| tree.text(c)));
    parse(&text?)
}

/// Adds a person, or what is new of a known one.
pub(super) fn add(people: &mut Vec<Person>, person: Person) {
    let same = |a: &Option<String>, b: &Option<String>| match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => false,
    };
    match people.iter_mut().find(|p| same(&p.name, &person.name) || same(&p.email, &person.email)) {
        Some(known) => {
            known.name = known.name.take().or(person.name);
            known.email = known.email.take().or(person.email);
            known.url = known.url.take().or(person.url);
        }
        None => people.push(person),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_name_and_mail_apart() {
        let read = |w: &str| parse(w).map(|p| (p.name.unwrap_or_default(), p.email.unwrap_or_default()));
        let wanted = Some(("A. Name".to_owned(), "a@example.org".to_owned()));
        for written in [
            "a@example.org (A. Name)",
            "A. Name <a@example.org>",
            "A. Name (a@example.org)",
            "A. Name, mailto:a@example.org",
            "A. Name a@example.org",
        ] {
            assert_eq!(read(written), wanted, "{written}");
        }
        assert_eq!(read("Name (Paris)"), Some(("Name (Paris)".to_owned(), String::new())));
        assert_eq!(read("a@example.org"), Some((String::new(), "a@example.org".to_owned())));
        assert_eq!(read("  "), None);
    }

    #[test]
    fn one_person_is_kept_once() {
        let mut people = Vec::new();
        add(&mut people, Person { name: Some("A".into()), ..Person::default() });
        add(&mut people, Person { name: Some("a".into()), email: Some("a@b.c".into()), url: None });
        assert_eq!(people, [Person { name: Some("A".into()), email: Some("a@b.c".into()), url: None }]);
    }
}
