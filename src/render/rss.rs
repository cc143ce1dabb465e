//! RSS 2.0, with the namespaces that readers look at: content, dc, atom, media, and itunes where something is to be heard.

use std::collections::BTreeMap;

use ::rss::extension::atom::{AtomExtension, Link};
use ::rss::extension::dublincore::DublinCoreExtension;
use ::rss::extension::itunes::ITunesItemExtension;
use ::rss::extension::{Extension, ExtensionMap};
use ::rss::{Category, Channel, Enclosure, Guid, Item, Source};

use super::view::{File, View, legal};
use super::{Site, dates, xml};
use crate::model::{Edition, Image};

/// Media RSS (Yahoo, 2004), as the readers know it.
const MEDIA: &str = "http://search.yahoo.com/mrss/";

/// An edition as RSS 2.0.
#[must_use]
pub fn rss(edition: &Edition, site: &Site) -> Vec<u8> {
    let own = site.feed_address(&edition.place(), ".rss");
    let itself =
        Link { href: own, rel: "self".into(), mime_type: Some("application/rss+xml".into()), ..Link::default() };
    let title = readable(&legal(&edition.title));
    let description = edition.description.as_deref().filter(|d| !d.trim().is_empty()).map(|d| readable(&legal(d)));
    let channel = Channel {
        link: site.address(&edition.place()),
        description: description.unwrap_or_else(|| title.clone()),
        title,
        language: Some(edition.lang.to_string()),
        last_build_date: edition.changed.map(dates::rfc822),
        generator: Some("feedloom".into()),
        items: View::all(edition, site).map(|view| item(&view, site)).collect(),
        atom_ext: Some(AtomExtension { links: vec![itself] }),
        namespaces: BTreeMap::from([("media".into(), MEDIA.into())]),
        ..Channel::default()
    };
    // Writing to memory does not fail, and the writer has no other error.
    channel.write_to(Vec::new()).unwrap_or_default()
}

fn item(view: &View<'_>, site: &Site) -> Item {
    // A description is HTML: plain text must be escaped once for that before the XML.
    let summary = view.summary.as_deref().map(|s| maud::html! { (s) }.into_string());
    let titled = !view.title.is_empty();
    Item {
        title: titled.then(|| readable(&view.title)),
        link: Some(view.link.clone()),
        // RSS requires a title or a description.
        description: summary.or_else(|| (!titled).then(|| view.content.clone())),
        categories: categories(view, site),
        enclosure: main_file(view).and_then(|at| view.files.get(at)).map(enclosure),
        guid: Some(Guid { value: view.id.clone(), permalink: false }),
        pub_date: Some(dates::rfc822(view.published)),
        source: view.outlet.1.clone().map(|url| Source { url, title: Some(readable(&view.outlet.0)) }),
        content: Some(view.content.clone()),
        extensions: media(view),
        atom_ext: links(view),
        itunes_ext: episode(view),
        dublin_core_ext: Some(DublinCoreExtension {
            creators: view.authors.iter().map(|a| readable(a)).collect(),
            languages: vec![view.lang.to_string()],
            ..DublinCoreExtension::default()
        }),
        ..Item::default()
    }
}

/// RSS leaves open whether a title or a name is text or HTML, and most readers take it for HTML: where they would see a tag
/// in it, it is escaped as HTML, as the feeds of most sites are. Elsewhere nobody sees a difference.
fn readable(text: &str) -> String {
    if xml::opens_tag(text) { maud::html! { (text) }.into_string() } else { text.to_owned() }
}

fn categories(view: &View<'_>, site: &Site) -> Vec<Category> {
    let domain = site.tags_scheme();
    view.tags.iter().map(|t| Category { name: t.clone(), domain: Some(domain.clone()) }).collect()
}

fn enclosure(file: &File) -> Enclosure {
    // The length is required; 0 is what RSS Advisory Board's profile asks for where it is not known.
    let length = file.length.unwrap_or(0).to_string();
    Enclosure { url: file.url.clone(), length, mime_type: file.media_type.clone() }
}

/// Where the file stands that is the enclosure: RSS has room for one, and what is to be heard or seen goes before a picture.
fn main_file(view: &View<'_>) -> Option<usize> {
    let recording = view.files.iter().position(|file| !file.media_type.starts_with("image/"));
    recording.or_else(|| (!view.files.is_empty()).then_some(0))
}

/// What the source said of an episode, as podcast readers look for it, and its picture.
fn episode(view: &View<'_>) -> Option<ITunesItemExtension> {
    let file = view.files.get(main_file(view)?)?;
    let is_heard = ["audio/", "video/"].iter().any(|kind| file.media_type.starts_with(kind));
    let said = &file.episode;
    let image = view.image.as_ref().map(|(url, _)| url.clone()).filter(|_| is_heard);
    (image.is_some() || !said.is_unknown()).then(|| ITunesItemExtension {
        image,
        duration: said.duration.map(|seconds| seconds.to_string()),
        season: said.season.map(|n| n.to_string()),
        episode: said.number.map(|n| n.to_string()),
        episode_type: said.kind.clone(),
        explicit: said.explicit.map(|explicit| explicit.to_string()),
        ..ITunesItemExtension::default()
    })
}

fn links(view: &View<'_>) -> Option<AtomExtension> {
    let of = |rel: &'static str| {
        move |l: &super::view::Titled| Link {
            href: l.href.clone(),
            rel: rel.into(),
            title: Some(l.title.clone()),
            mime_type: Some("text/html".into()),
            ..Link::default()
        }
    };
    let links: Vec<Link> = view.related.iter().map(of("related")).chain(view.via.iter().map(of("via"))).collect();
    (!links.is_empty()).then_some(AtomExtension { links })
}

/// The picture, and the files beside the enclosure.
fn media(view: &View<'_>) -> ExtensionMap {
    let picture = view.image.as_ref().map(|(url, image)| picture(url, image));
    let main = main_file(view);
    let files = view.files.iter().enumerate().filter(|(at, _)| Some(*at) != main).map(|(_, f)| {
        let mut attrs = BTreeMap::from([("url".into(), f.url.clone()), ("type".into(), f.media_type.clone())]);
        attrs.extend(f.length.map(|l| ("fileSize".into(), l.to_string())));
        Extension { name: "media:content".into(), attrs, ..Extension::default() }
    });
    let all: Vec<Extension> = picture.into_iter().chain(files).collect();
    if all.is_empty() {
        return ExtensionMap::new();
    }
    BTreeMap::from([("media".into(), BTreeMap::from([("content".into(), all)]))])
}

fn picture(url: &str, image: &Image) -> Extension {
    let mut attrs = BTreeMap::from([("url".into(), url.to_owned()), ("medium".into(), "image".into())]);
    attrs.extend(image.width.map(|w| ("width".into(), w.to_string())));
    attrs.extend(image.height.map(|h| ("height".into(), h.to_string())));
    let alt = image.alt.as_deref().map(legal).filter(|a| !a.is_empty()).map(|value| Extension {
        name: "media:description".into(),
        value: Some(value),
        attrs: BTreeMap::from([("type".into(), "plain".into())]),
        ..Extension::default()
    });
    let children = alt.map(|a| ("description".into(), vec![a])).into_iter().collect();
    Extension { name: "media:content".into(), attrs, children, ..Extension::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EditionEntry, Enclosure};
    use crate::render::sample::{edition, entry, hostile, site};

    fn parsed(edition: &Edition) -> Channel {
        Channel::read_from(rss(edition, &site()).as_slice()).unwrap()
    }

    #[test]
    fn reads_back_as_it_was_written() {
        let channel = parsed(&edition("fr", vec![entry("fr"), entry("ar")]));
        assert_eq!(channel.link, "https://feeds.example.org/tag/liberation_palestine");
        assert_eq!(channel.last_build_date.as_deref(), Some("Mon, 23 Nov 2026 13:00:00 +0000"));
        assert_eq!(channel.atom_ext.unwrap().links[0].href, "https://feeds.example.org/tag/liberation_palestine.rss");
        let item = &channel.items[0];
        assert_eq!(item.title.as_deref(), Some("L’étau & la « trêve » < demain"));
        assert_eq!(item.link.as_deref(), Some("https://agence-sud.example/a?x=1&y=2"));
        assert_eq!(item.categories[0].name, "Libération_Palestine");
        assert_eq!(item.categories[0].domain.as_deref(), Some("https://feeds.example.org/tag/"));
        let guid = item.guid.clone().unwrap();
        assert!(!guid.permalink && guid.value == "tag:example.org,2026:story/aaaaaaaaaaaaaaaa");
        assert_eq!(item.pub_date.as_deref(), Some("Mon, 23 Nov 2026 12:30:00 +0000"));
        assert_eq!(
            item.description.as_deref(),
            Some("Le chapô, <em>tel quel</em>.".replace('<', "&lt;").replace('>', "&gt;").as_str())
        );
        assert!(item.content.as_deref().unwrap().contains("<p>Le corps ]]&gt; de l’article</p>"));
        assert_eq!(item.source.as_ref().unwrap().url, "https://agence-sud.example/");
        let dc = item.dublin_core_ext.as_ref().unwrap();
        assert_eq!((dc.creators[0].as_str(), dc.languages[0].as_str()), ("Salma Éluard", "fr"));
        assert_eq!(item.enclosure.as_ref().unwrap().length, "0");
        let heard = item.itunes_ext.as_ref().unwrap();
        assert_eq!(
            (heard.duration.as_deref(), heard.episode.as_deref(), &heard.season),
            (Some("754"), Some("12"), &None)
        );
        assert_eq!((heard.explicit.as_deref(), heard.image.is_some()), (Some("false"), true));
        let links = &item.atom_ext.as_ref().unwrap().links;
        assert_eq!((links[0].rel.as_str(), links[0].title.as_deref()), ("related", Some("Après la trêve")));
        assert_eq!((links[1].rel.as_str(), links[1].href.as_str()), ("via", "https://copie.example/1"));
        assert_eq!(item.extensions["media"]["content"][0].attrs["url"], "https://agence-sud.example/p.jpg?a=1&b=2");
    }

    #[test]
    fn what_is_heard_is_the_enclosure_and_who_has_nothing_to_hear_is_no_podcast() {
        let mut shown = entry("fr");
        let picture = Enclosure {
            url: "https://a.example/p.png".into(),
            media_type: Some("image/png".into()),
            ..Enclosure::default()
        };
        shown.enclosures.insert(0, picture.clone());
        let item = &parsed(&edition("fr", vec![shown.clone()])).items[0];
        assert_eq!(item.enclosure.as_ref().unwrap().mime_type, "audio/mpeg");
        assert_eq!(item.extensions["media"]["content"][1].attrs["url"], "https://a.example/p.png");
        shown.enclosures = vec![picture];
        let written = String::from_utf8(rss(&edition("fr", vec![shown]), &site())).unwrap();
        assert!(written.contains("p.png") && !written.contains("itunes"), "{written}");
    }

    #[test]
    fn an_untitled_entry_has_a_description_only() {
        let channel = parsed(&edition("fr", vec![EditionEntry { title: String::new(), ..entry("fr") }]));
        assert_eq!(channel.items[0].title, None);
        assert!(channel.items[0].description.is_some());
    }

    #[test]
    fn hostile_text_leaves_a_readable_feed() {
        let bytes = rss(&edition("fr", vec![hostile()]), &site());
        crate::render::sample::assert_well_formed(&bytes);
        assert_eq!(
            Channel::read_from(bytes.as_slice()).unwrap().items[0].title.as_deref(),
            Some("]]&gt; &amp;amp; &lt;b&gt;bold")
        );
    }

    #[test]
    fn the_same_edition_gives_the_same_bytes() {
        let e = edition("fr", vec![entry("fr"), entry("ar")]);
        assert_eq!(rss(&e, &site()), rss(&e.clone(), &site()));
        let empty = Edition { changed: None, ..edition("fr", Vec::new()) };
        assert!(parsed(&empty).last_build_date.is_none());
    }
}
