//! OPML 2.0: our feeds for readers, our sources for other aggregators.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::Site;
use super::view::legal;

/// One line of an outline.
struct Outline {
    title: String,
    feed: String,
    page: Option<String>,
}

/// Our own feeds, each by title and path: what a reader subscribes to in one go.
#[must_use]
pub fn feeds(site: &Site, list: &[(String, String)]) -> Vec<u8> {
    let outlines = list.iter().map(|(title, path)| Outline {
        title: title.clone(),
        feed: site.address(&format!("{path}.rss")),
        page: Some(site.address(path)),
    });
    written(&site.title, outlines)
}

/// The sources that we read, each by name, title and address, under the title of the site.
#[must_use]
pub fn sources(site: &Site, list: &[(String, String, String)]) -> Vec<u8> {
    let outlines = list.iter().map(|(name, title, url)| Outline {
        title: if title.is_empty() { name.clone() } else { title.clone() },
        feed: url.clone(),
        page: None,
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
    for outline in outlines {
        let (title, feed) = (legal(&outline.title), legal(&outline.feed));
        let page = outline.page.as_deref().map(|p| ("htmlUrl", p));
        let attributes = [("text", title.as_str()), ("title", &title), ("type", "rss"), ("xmlUrl", &feed)];
        let element = BytesStart::new("outline").with_attributes(attributes.into_iter().chain(page));
        writer.write_event(Event::Empty(element))?;
    }
    writer.write_event(close("body"))?;
    writer.write_event(close("opml"))
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
        let source = ("agence-sud".to_owned(), String::new(), "https://agence-sud.example/f?a=1&b=2".to_owned());
        let text = String::from_utf8(sources(&site(), &[source])).unwrap();
        assert!(
            text.contains("text=\"agence-sud\"")
                && text.contains(&site().title)
                && text.contains("xmlUrl=\"https://agence-sud.example/f?a=1&amp;b=2\"")
        );
    }
}
