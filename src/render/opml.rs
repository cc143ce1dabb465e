//! OPML 2.0: our feeds for readers, our sources for other aggregators.

use std::collections::HashMap;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::Site;
use super::view::legal;

/// One line of an outline.
struct Outline {
    title: String,
    feed: String,
    page: Option<String>,
    /// The folder that it stands in.
    folder: Option<String>,
    /// Its further names, with commas between them.
    category: Option<String>,
}

/// A source as others may subscribe to it.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// Its name in the file.
    pub name: String,
    /// Its title; may be empty.
    pub title: String,
    /// Its address.
    pub url: String,
    /// The address of its site.
    pub page: Option<String>,
    /// The tags that the file gives it: the first is its folder, the others its categories.
    pub tags: Vec<String>,
}

/// Our own feeds, each by title and path: what a reader subscribes to in one go.
#[must_use]
pub fn feeds(site: &Site, list: &[(String, String)]) -> Vec<u8> {
    let outlines = list.iter().map(|(title, path)| Outline {
        title: title.clone(),
        feed: site.address(&format!("{path}.rss")),
        page: Some(site.address(path)),
        folder: None,
        category: None,
    });
    written(&site.title, outlines)
}

/// The sources that we read, in folders, under the title of the site.
#[must_use]
pub fn sources(site: &Site, list: Vec<Listed>) -> Vec<u8> {
    // What parts categories and their levels is of none.
    let category = |tag: &String| tag.replace('/', "_").replace(',', "");
    let outlines = list.into_iter().map(|source| Outline {
        title: if source.title.is_empty() { source.name } else { source.title },
        feed: source.url,
        page: source.page,
        category: Some(source.tags.iter().skip(1).map(category).collect::<Vec<_>>().join(","))
            .filter(|c| !c.is_empty()),
        folder: source.tags.into_iter().next(),
    });
    written(&site.title, outlines)
}

fn written(title: &str, outlines: impl Iterator<Item = Outline>) -> Vec<u8> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to memory does not fail, and the writer has no other error.
    match outline(&mut writer, title, outlines) {
        Ok(()) => writer.into_inner(),
        Err(_) => Vec::new(),
    }
}

fn outline(
    writer: &mut Writer<Vec<u8>>,
    title: &str,
    outlines: impl Iterator<Item = Outline>,
) -> Result<(), std::io::Error> {
    let open = |name: &'static str| Event::Start(BytesStart::new(name));
    let close = |name: &'static str| Event::End(BytesEnd::new(name));
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    writer.write_event(Event::Start(BytesStart::new("opml").with_attributes([("version", "2.0")])))?;
    writer.write_event(open("head"))?;
    writer.create_element("title").write_text_content(BytesText::new(&legal(title)))?;
    writer.write_event(close("head"))?;
    writer.write_event(open("body"))?;
    // A folder stands where its first feed does.
    let mut folders: Vec<(Option<String>, Vec<Outline>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for outline in outlines {
        match outline.folder.clone() {
            Some(folder) => {
                let place = *places.entry(folder.clone()).or_insert(folders.len());
                if place == folders.len() {
                    folders.push((Some(folder), Vec::new()));
                }
                folders[place].1.push(outline);
            }
            None => folders.push((None, vec![outline])),
        }
    }
    for (folder, outlines) in folders {
        if let Some(folder) = &folder {
            let folder = legal(folder);
            let attributes = [("text", folder.as_str()), ("title", &folder)];
            writer.write_event(Event::Start(BytesStart::new("outline").with_attributes(attributes)))?;
        }
        feeds_of(writer, outlines)?;
        if folder.is_some() {
            writer.write_event(close("outline"))?;
        }
    }
    writer.write_event(close("body"))?;
    writer.write_event(close("opml"))
}

fn feeds_of(writer: &mut Writer<Vec<u8>>, outlines: Vec<Outline>) -> Result<(), std::io::Error> {
    for outline in outlines {
        let (title, feed) = (legal(&outline.title), legal(&outline.feed));
        let page = outline.page.as_deref().map(|p| ("htmlUrl", p));
        let attributes = [("text", title.as_str()), ("title", &title), ("type", "rss"), ("xmlUrl", &feed)];
        let category = outline.category.as_deref().map(legal);
        let category = category.as_deref().map(|c| ("category", c));
        let element = BytesStart::new("outline").with_attributes(attributes.into_iter().chain(page).chain(category));
        writer.write_event(Event::Empty(element))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample::{assert_well_formed, site};

    #[test]
    fn lists_feeds_and_sources() {
        let list = [("Palestine & « trêve »\u{8}".to_owned(), "palestine".to_owned())];
        let bytes = feeds(&site(), &list);
        assert_well_formed(&bytes);
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.contains(
                "<outline text=\"Palestine &amp; « trêve »\" title=\"Palestine &amp; « trêve »\" type=\"rss\" \
             xmlUrl=\"https://feeds.example.org/palestine.rss\" htmlUrl=\"https://feeds.example.org/palestine\"/>"
            ),
            "{text}"
        );
        let source = |name: &str, tags: &[&str]| Listed {
            name: name.to_owned(),
            url: format!("https://{name}.example/f?a=1&b=2"),
            page: Some(format!("https://{name}.example/")),
            tags: tags.iter().map(|t| (*t).to_owned()).collect(),
            ..Listed::default()
        };
        let list =
            vec![source("agence-sud", &["Presse", "AC/DC", "Mer"]), source("nord", &[]), source("est", &["Presse"])];
        let text = String::from_utf8(sources(&site(), list)).unwrap();
        assert!(
            text.contains("text=\"agence-sud\"")
                && text.contains(&site().title)
                && text.contains("xmlUrl=\"https://agence-sud.example/f?a=1&amp;b=2\"")
                && text.contains("htmlUrl=\"https://nord.example/\""),
            "{text}"
        );
        let read = crate::read::opml(text.as_bytes()).unwrap().feeds;
        let read: Vec<_> = read.iter().map(|s| (s.title.as_str(), s.folders.join(" "))).collect();
        let expected = [("agence-sud", "Presse AC_DC Mer"), ("est", "Presse"), ("nord", "")];
        assert_eq!(read, expected.map(|(name, folders)| (name, folders.to_owned())));
    }
}
