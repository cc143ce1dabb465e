//! Categories of a document that are lists.

use super::Raw;
use crate::clean;
use crate::text::Listing;

/// What the categories of a document say of each other.
pub(super) fn listing(raws: &[Raw]) -> Listing {
    Listing::of(raws.iter().flat_map(|raw| &raw.entry.categories).map(String::as_str))
}

/// Parts the categories of an entry that are lists, in the light of all of its document.
pub(super) fn parted(mut raw: Raw, listing: &Listing) -> Raw {
    let written: Vec<String> = raw.entry.categories.iter().map(|category| clean::line(category)).collect();
    let parts = written.iter().flat_map(|category| listing.parts(category, written.len() == 1));
    raw.entry.categories = parts.map(str::to_owned).collect();
    raw
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::super::Source;
    use super::*;
    use crate::model::{Entry, SourceName};

    #[test]
    fn a_list_is_one_where_the_document_says_so() {
        let entry = |n: &str, categories: &[&str]| Entry {
            id: Some(n.into()),
            title: Some(n.into()),
            categories: categories.iter().map(ToString::to_string).collect(),
            ..Entry::default()
        };
        let entries = [
            entry("1", &["Mer, <b>Port</b>, Grève"]),
            entry("2", &["Grève, Mer, Gaza"]),
            entry("3", &["Paris, Île-de-France, France"]),
            entry("4", &["Dupont,Jean", "Mer"]),
            entry("5", &["Port,Behind the Scenes,Musik", "Arts &amp; métiers"]),
        ];
        let url = Url::parse("https://a.test/feed").unwrap();
        let source = Source::usual(SourceName::new("a").unwrap(), url.clone(), chrono_tz::Tz::UTC);
        let raws: Vec<Raw> = entries.into_iter().filter_map(|entry| Raw::new(&source, entry, &url)).collect();
        let listing = listing(&raws);
        let read: Vec<String> = raws.into_iter().map(|raw| parted(raw, &listing).entry.categories.join("|")).collect();
        assert_eq!(
            read,
            [
                "Mer|Port|Grève",
                "Grève|Mer|Gaza",
                "Paris, Île-de-France, France",
                "Dupont,Jean|Mer",
                "Port|Behind the Scenes|Musik|Arts & métiers"
            ]
        );
    }
}
