//! Names for sources that nobody has named yet.

use std::collections::HashSet;

use url::Url;

use crate::text::fold;

/// The longest title that makes a good name, in characters.
const LONGEST: usize = 30;

/// A name that no other source has: of its title where that is short, else of its host.
pub(super) fn source_name(title: &str, url: &Url, taken: &mut HashSet<String>) -> String {
    let host = url.host_str().unwrap_or_default();
    let site = match url.host() {
        Some(url::Host::Domain(name)) => psl::domain_str(name).and_then(|d| d.split('.').next()).unwrap_or(host),
        _ => host,
    };
    let words = plain(title);
    let short = Some(words).filter(|w| !w.is_empty() && w.chars().count() <= LONGEST);
    let first = [short, Some(plain(site))].into_iter().flatten().find(|n| !n.is_empty());
    let first = first.unwrap_or_else(|| "source".to_owned());
    let mut name = first.clone();
    let mut number = 2;
    while !taken.insert(name.clone()) {
        name = format!("{first}-{number}");
        number += 1;
    }
    name
}

/// Folded words joined by hyphens.
fn plain(text: &str) -> String {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_each_its_own() {
        let mut taken = HashSet::new();
        let mut name = |title: &str, url: &str| source_name(title, &Url::parse(url).unwrap(), &mut taken);
        assert_eq!(name("L’Agence Sud", "https://www.agence.example/rss"), "l-agence-sud");
        assert_eq!(name("L’Agence Sud", "https://other.example/rss"), "l-agence-sud-2");
        let long = "Le Monde.fr - Actualités et Infos en France et dans le monde";
        assert_eq!(name(long, "https://www.lemonde.fr/rss"), "lemonde");
        assert_eq!(name("", "http://127.0.0.1/rss"), "127-0-0-1");
        assert_eq!(name("وكالة الجنوب", "https://x.example/"), "وكالة-الجنوب");
    }
}
