//! What the names of elements mean, whatever their prefix, age and spelling.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use super::entities::decode;
use super::markup::attributes;

const TABLE: &str = include_str!("../../config/namespaces.txt");
/// Declarations in force at a time; more are made only to harm.
const MOST_SCOPED: usize = 1000;

/// The vocabularies that are understood. RSS of any age and Atom are one: their names do not clash, and feeds mix them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Ns {
    Core,
    Dc,
    DcTerms,
    Content,
    Media,
    Itunes,
    Xhtml,
    Rdf,
    Sy,
    Wfw,
    FeedBurner,
    Other,
}

struct Known {
    by_address: HashMap<&'static str, Ns>,
    by_prefix: HashMap<&'static str, Ns>,
}

fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut known = Known { by_address: HashMap::new(), by_prefix: HashMap::new() };
        for line in TABLE.lines().filter(|l| !l.starts_with('#')) {
            let mut words = line.split(' ');
            let (Some(name), Some(prefix)) = (words.next(), words.next()) else { continue };
            let ns = vocabulary(name);
            known.by_prefix.insert(prefix, ns);
            known.by_address.extend(words.map(|address| (address, ns)));
        }
        known
    })
}

fn vocabulary(name: &str) -> Ns {
    match name {
        "core" => Ns::Core,
        "dc" => Ns::Dc,
        "dcterms" => Ns::DcTerms,
        "content" => Ns::Content,
        "media" => Ns::Media,
        "itunes" => Ns::Itunes,
        "xhtml" => Ns::Xhtml,
        "rdf" => Ns::Rdf,
        "sy" => Ns::Sy,
        "wfw" => Ns::Wfw,
        "feedburner" => Ns::FeedBurner,
        _ => Ns::Other,
    }
}

/// Namespaces are names and not addresses, but people write them as they write addresses.
fn by_address(written: &str) -> Option<Ns> {
    let plain = decode(written.trim()).to_ascii_lowercase();
    let plain = plain.strip_prefix("https://").or_else(|| plain.strip_prefix("http://")).unwrap_or(&plain);
    let plain = plain.strip_prefix("www.").unwrap_or(plain).trim_end_matches(['/', '#']);
    known().by_address.get(plain).copied()
}

/// The declarations in force.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    declared: Vec<(&'a str, Ns, usize)>,
}

impl<'a> Scope<'a> {
    /// Takes in what an element at this depth declares.
    pub(super) fn enter(&mut self, written: &'a str, depth: usize) {
        if !written.contains("xmlns") {
            return;
        }
        for (name, value) in attributes(written) {
            let Some(prefix) = name.strip_prefix("xmlns") else { continue };
            let prefix = prefix.trim_start_matches(':');
            let ns = by_address(value).or_else(|| known().by_prefix.get(prefix).copied());
            // A default namespace that nobody knows is a feed's own idea of what RSS should be called.
            let ns = ns.unwrap_or(if prefix.is_empty() { Ns::Core } else { Ns::Other });
            if self.declared.len() < MOST_SCOPED {
                self.declared.push((prefix, ns, depth));
            }
        }
    }

    /// Forgets what was declared at this depth and below.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.declared.last().is_some_and(|(_, _, d)| *d >= depth) {
            self.declared.pop();
        }
    }

    /// The vocabulary and the local name, in lower case.
    pub(super) fn name(&self, written: &'a str) -> (Ns, Cow<'a, str>) {
        let (prefix, local) = written.split_once(':').unwrap_or(("", written));
        let found = self.declared.iter().rev().find(|(p, _, _)| *p == prefix).map(|(_, ns, _)| *ns);
        let ns = found.unwrap_or_else(|| match prefix {
            "" => Ns::Core,
            prefix => known().by_prefix.get(prefix.to_ascii_lowercase().as_str()).copied().unwrap_or(Ns::Other),
        });
        (ns, lower(local))
    }
}

pub(super) fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_by_address_then_prefix() {
        let mut scope = Scope::default();
        let written =
            "xmlns='https://www.w3.org/2005/Atom/' xmlns:a=\"http://purl.org/dc/elements/1.1\" xmlns:media='urn:x'";
        scope.enter(written, 1);
        assert_eq!(scope.name("Entry"), (Ns::Core, "entry".into()));
        assert_eq!(scope.name("a:creator").0, Ns::Dc);
        assert_eq!(scope.name("media:thumbnail").0, Ns::Media);
        assert_eq!(scope.name("ITunes:author").0, Ns::Itunes);
        assert_eq!(scope.name("x:y").0, Ns::Other);
        scope.enter("xmlns='http://www.w3.org/1999/xhtml'", 2);
        assert_eq!(scope.name("div").0, Ns::Xhtml);
        scope.leave(2);
        assert_eq!(scope.name("div").0, Ns::Core);
        assert_eq!(by_address("http://backend.userland.com/rss2"), Some(Ns::Core));
    }
}
