//! Atom (RFC 4287).

use std::collections::BTreeMap;

use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{
    Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Source, Text, TextType,
};
use chrono::{DateTime, SubsecRound, Utc};
use quick_xml::escape::escape;

use super::view::{Titled, View, legal};
use super::words::words;
use super::{Site, dates};
use crate::model::{Edition, HealthState, Image, Lang, StateChange};

const MEDIA: &str = "http://search.yahoo.com/mrss/";

/// An edition as Atom.
#[must_use]
pub fn atom(edition: &Edition, site: &Site) -> Vec<u8> {
    let feed = Feed {
        title: text(legal(&edition.title), None),
        id: feed_id(edition, site),
        // Required. An empty feed has never changed.
        updated: fixed(edition.changed.unwrap_or(DateTime::UNIX_EPOCH)),
        authors: vec![Person { name: legal(&site.title), uri: Some(site.base.to_string()), ..Person::default() }],
        generator: Some(Generator { value: "feedloom".into(), ..Generator::default() }),
        links: feed_links(edition, site),
        subtitle: edition.description.as_deref().map(|d| text(legal(d), None)),
        entries: View::all(edition, site).map(|view| entry(&view, site)).collect(),
        namespaces: BTreeMap::from([("media".into(), MEDIA.into())]),
        lang: Some(edition.lang.to_string()),
        ..Feed::default()
    };
    // Writing to memory does not fail, and the writer has no other error.
    feed.write_to(Vec::new()).unwrap_or_default()
}

/// Changes of the sources' states, the newest first, each with the outlet of its source.
#[must_use]
pub fn status_feed(changes: &[(StateChange, String)], site: &Site) -> Vec<u8> {
    let words = words(&site.lang);
    let link = |rel: &str, path: &str, kind: &str| Link {
        href: site.address(path),
        rel: rel.into(),
        mime_type: Some(kind.into()),
        ..Link::default()
    };
    let feed = Feed {
        title: text(legal(&format!("{} · {}", words.status.changes, site.title)), None),
        id: id_of(site, "status"),
        updated: fixed(changes.first().map_or(DateTime::UNIX_EPOCH, |(change, _)| change.at)),
        authors: vec![Person { name: legal(&site.title), uri: Some(site.base.to_string()), ..Person::default() }],
        generator: Some(Generator { value: "feedloom".into(), ..Generator::default() }),
        links: vec![link("alternate", "status", "text/html"), link("self", "status.atom", "application/atom+xml")],
        entries: changes.iter().map(|(change, outlet)| state_entry(change, outlet, site)).collect(),
        lang: Some(site.lang.to_string()),
        ..Feed::default()
    };
    // As above.
    feed.write_to(Vec::new()).unwrap_or_default()
}

fn state_entry(change: &StateChange, outlet: &str, site: &Site) -> Entry {
    let words = words(&site.lang);
    let (was, state) = (words.state(change.was), words.state(change.state));
    let why = change.error.as_ref().filter(|_| change.state != HealthState::Ok);
    let why = why.map(|why| format!("{}{why}", words.colon)).unwrap_or_default();
    let page = format!("{}#{}", site.address("status"), change.source);
    let category = Category { term: change.state.name().into(), ..Category::default() };
    Entry {
        title: text(legal(&format!("{outlet}{}{state}", words.colon)), None),
        id: legal(&format!("tag:{},{}:status/{}", site.id, change.at.format("%Y"), change.id)),
        updated: fixed(change.at),
        published: Some(fixed(change.at)),
        categories: vec![category],
        links: vec![Link {
            href: page,
            rel: "alternate".into(),
            mime_type: Some("text/html".into()),
            ..Link::default()
        }],
        content: Some(Content {
            value: Some(legal(&format!("{}{}{was} → {state}{why}", change.source, words.colon))),
            content_type: Some("text".into()),
            ..Content::default()
        }),
        ..Entry::default()
    }
}

/// The feed's id: a UUID of our own making (version 8, RFC 9562) from what never changes, the site's id and the feed's
/// path, so that a site that moves keeps its feeds.
fn feed_id(edition: &Edition, site: &Site) -> String {
    id_of(site, &edition.path)
}

fn id_of(site: &Site, path: &str) -> String {
    let hash = blake3::hash(format!("{}\0{path}", site.id).as_bytes());
    let mut id = [0_u8; 16];
    id.copy_from_slice(&hash.as_bytes()[..16]);
    id[6] = (id[6] & 0x0f) | 0x80;
    id[8] = (id[8] & 0x3f) | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&id);
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// One alternate only: newsboat takes the last one, whatever its type, for the site.
fn feed_links(edition: &Edition, site: &Site) -> Vec<Link> {
    let link = |rel: &str, ending: &str, kind: &str| Link {
        href: site.feed_address(&edition.place(), ending),
        rel: rel.into(),
        mime_type: Some(kind.into()),
        ..Link::default()
    };
    vec![link("alternate", "", "text/html"), link("self", ".atom", "application/atom+xml")]
}

fn entry(view: &View<'_>, site: &Site) -> Entry {
    let lang = view.lang;
    let scheme = site.tags_scheme();
    Entry {
        title: text(view.called.clone(), Some(lang)),
        id: view.id.clone(),
        updated: fixed(view.updated),
        authors: view.authors.iter().map(|name| Person { name: name.clone(), ..Person::default() }).collect(),
        categories: view
            .tags
            .iter()
            .map(|t| Category { term: t.clone(), scheme: Some(scheme.clone()), ..Category::default() })
            .collect(),
        links: links(view),
        published: Some(fixed(view.published)),
        source: source(view),
        summary: view.summary.clone().map(|s| text(s, Some(lang))),
        content: Some(Content {
            lang: Some(lang.to_string()),
            value: Some(view.content.clone()),
            content_type: Some("html".into()),
            ..Content::default()
        }),
        extensions: media(view),
        ..Entry::default()
    }
}

/// The article's link first: it is what readers open (RFC 4287, 4.1.1, and miniflux and NetNewsWire as read).
fn links(view: &View<'_>) -> Vec<Link> {
    let article = Link {
        href: view.link.clone(),
        rel: "alternate".into(),
        mime_type: Some("text/html".into()),
        hreflang: Some(view.lang.to_string()),
        ..Link::default()
    };
    let titled = |rel: &'static str| {
        move |l: &Titled| Link {
            href: l.href.clone(),
            rel: rel.into(),
            title: Some(l.title.clone()),
            mime_type: Some("text/html".into()),
            ..Link::default()
        }
    };
    let files = view.files.iter().map(|f| Link {
        href: f.url.clone(),
        rel: "enclosure".into(),
        mime_type: Some(f.media_type.clone()),
        length: f.length.map(|l| l.to_string()),
        ..Link::default()
    });
    let related = view.related.iter().map(titled("related"));
    let via = view.via.iter().map(titled("via"));
    std::iter::once(article).chain(related).chain(via).chain(files).collect()
}

/// The outlet, as the feed that the entry came from.
fn source(view: &View<'_>) -> Option<Source> {
    let home = view.outlet.1.clone()?;
    let link =
        Link { href: home.clone(), rel: "alternate".into(), mime_type: Some("text/html".into()), ..Link::default() };
    Some(Source {
        title: text(view.outlet.0.clone(), None),
        id: home,
        // The writer gives it always; the outlet has changed at the latest when it changed this.
        updated: fixed(view.updated),
        links: vec![link],
        ..Source::default()
    })
}

fn media(view: &View<'_>) -> ExtensionMap {
    let Some((url, image)) = &view.image else { return ExtensionMap::new() };
    BTreeMap::from([("media".into(), BTreeMap::from([("content".into(), vec![picture(url, image)])]))])
}

/// The writer takes the attributes of extensions as they are, so they are escaped here.
fn picture(url: &str, image: &Image) -> Extension {
    let mut attrs = BTreeMap::from([("url".into(), escape(url).into_owned()), ("medium".into(), "image".into())]);
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

fn text(value: String, lang: Option<&Lang>) -> Text {
    Text { value, lang: lang.map(Lang::to_string), r#type: TextType::Text, ..Text::default() }
}

/// In whole seconds, as in the other formats.
fn fixed(date: DateTime<Utc>) -> FixedDateTime {
    dates::four_digit_year(date).trunc_subsecs(0).fixed_offset()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{EditionEntry, ShownBody, Tag};
    use crate::render::sample::{assert_well_formed, edition, entry, hostile, site};

    fn parsed(edition: &Edition) -> Feed {
        Feed::read_from(atom(edition, &site()).as_slice()).unwrap()
    }

    #[test]
    fn changes_of_state_are_a_feed_whose_ids_stay() {
        let change = |id: &str, state, error: Option<&str>| StateChange {
            id: id.into(),
            source: crate::model::SourceName::new("sud").unwrap(),
            was: HealthState::Slow,
            state,
            at: "2026-06-03T12:00:00Z".parse().unwrap(),
            error: error.map(str::to_owned),
        };
        let changes = [
            (change("b", HealthState::Broken, Some("<b>&\u{1} no entries")), "Agence <Sud>".to_owned()),
            (change("a", HealthState::Ok, None), "Agence Sud".to_owned()),
        ];
        let bytes = status_feed(&changes, &site());
        assert_well_formed(&bytes);
        let feed = Feed::read_from(bytes.as_slice()).unwrap();
        assert_eq!(feed.updated.to_rfc3339(), "2026-06-03T12:00:00+00:00");
        let [broken, well] = &feed.entries[..] else { panic!("{feed:?}") };
        assert_eq!(
            (broken.id.as_str(), well.id.as_str()),
            ("tag:example.org,2026:status/b", "tag:example.org,2026:status/a")
        );
        assert_eq!(broken.title.value, "Agence <Sud>\u{a0}: à réparer");
        assert_eq!(broken.links[0].href, "https://feeds.example.org/status#sud");
        let said = broken.content.as_ref().and_then(|c| c.value.as_deref()).unwrap();
        assert!(said.contains("lente → à réparer\u{a0}: <b>&") && said.ends_with("no entries"), "{said}");
        assert_eq!(Feed::read_from(status_feed(&[], &site()).as_slice()).unwrap().entries.len(), 0);
    }

    #[test]
    fn reads_back_as_it_was_written() {
        let feed = parsed(&edition("fr", vec![entry("fr"), entry("ar")]));
        assert_eq!(feed.links[1].href, "https://feeds.example.org/tag/liberation_palestine.atom");
        assert_eq!(feed.updated.to_rfc3339(), "2026-11-23T13:00:00+00:00");
        let e = &feed.entries[0];
        assert_eq!(e.title.value, "L’étau & la « trêve » < demain");
        assert_eq!(e.title.lang.as_deref(), Some("fr"));
        assert_eq!(
            (e.links[0].rel.as_str(), e.links[0].href.as_str()),
            ("alternate", "https://agence-sud.example/a?x=1&y=2")
        );
        let rels: Vec<&str> = e.links.iter().map(|l| l.rel.as_str()).collect();
        assert_eq!(rels, ["alternate", "related", "via", "enclosure"]);
        assert_eq!(e.categories[0].term, "Libération_Palestine");
        assert_eq!(e.summary.as_ref().unwrap().value, "Le chapô, <em>tel quel</em>.");
        let content = e.content.as_ref().unwrap();
        assert_eq!((content.content_type.as_deref(), content.lang.as_deref()), (Some("html"), Some("fr")));
        assert!(content.value.as_deref().unwrap().contains("<p>Le corps ]]&gt; de l’article</p>"));
        assert_eq!(e.source.as_ref().unwrap().title.value, "Agence Sud");
        assert_eq!(e.authors[0].name, "Salma Éluard");
        assert_eq!(feed.entries[1].content.as_ref().unwrap().lang.as_deref(), Some("ar"));
        assert_eq!(e.extensions["media"]["content"][0].attrs["url"], "https://agence-sud.example/p.jpg?a=1&b=2");
    }

    #[test]
    fn an_untitled_entry_is_named_by_its_first_words() {
        let feed = parsed(&edition("fr", vec![EditionEntry { title: String::new(), ..entry("fr") }]));
        assert_eq!(feed.entries[0].title.value, "Le chapô, ‹em›tel quel‹/em›.");
    }

    #[test]
    fn hostile_text_leaves_a_readable_feed() {
        let bytes = atom(&edition("fr", vec![hostile()]), &site());
        assert_well_formed(&bytes);
        assert_eq!(Feed::read_from(bytes.as_slice()).unwrap().entries[0].title.value, "]]> &amp; <b>bold");
    }

    #[test]
    fn a_site_that_moves_keeps_its_feeds() {
        let e = edition("fr", Vec::new());
        let mut moved = site();
        moved.base = "https://elsewhere.example/".parse().unwrap();
        assert_eq!(feed_id(&e, &site()), feed_id(&e, &moved));
        assert_eq!(feed_id(&e, &site()), "urn:uuid:411c4cb0-1e88-8cb2-9002-75234db3ca4e");
        assert_eq!(atom(&e, &site()), atom(&e, &site()));
    }

    proptest! {
        #[test]
        fn whatever_a_source_says_reads_back_as_it_was_shown(text in "\\PC{0,40}", wild in any::<String>()) {
            let said = format!("{text}{wild}");
            let shown = crate::render::xml::legal(said.trim()).into_owned();
            let entry = EditionEntry {
                title: said.clone(),
                standfirst: Some(said.clone()),
                body: ShownBody::Excerpt(said.clone()),
                byline: vec![said.clone()],
                tags: vec![Tag::from_parts(said.clone(), "x")],
                ..entry("fr")
            };
            let edition = edition("fr", vec![entry]);
            for bytes in [crate::render::rss(&edition, &site()), atom(&edition, &site())] {
                assert_well_formed(&bytes);
            }
            let json: serde_json::Value = serde_json::from_slice(&crate::render::json_feed(&edition, &site())).unwrap();
            prop_assert_eq!(json["items"][0]["title"].as_str().unwrap_or(""), &shown);
            if !shown.is_empty() {
                let back = parsed(&edition);
                prop_assert_eq!(back.entries[0].title.value.trim(), shown.trim());
            }
        }
    }
}
