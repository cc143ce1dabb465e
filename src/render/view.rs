//! An entry as all formats write it: every text without illegal characters, every address checked.

use super::{Site, body, plain, xml};
use chrono::{DateTime, Utc};

use crate::model::{Digest, Edition, EditionEntry, Episode, Image, Lang};

/// A link with its title.
pub(super) struct Titled {
    pub(super) href: String,
    pub(super) title: String,
}

/// What an entry is.
pub(super) enum Of<'a> {
    /// One story.
    Story(&'a EditionEntry),
    /// The best of a day.
    Digest(&'a Digest),
}

/// What the three formats say of an entry.
pub(super) struct View<'a> {
    /// The entry itself, for what only one format says.
    pub(super) of: Of<'a>,
    /// Its language.
    pub(super) lang: &'a Lang,
    /// The date it is listed under.
    pub(super) published: DateTime<Utc>,
    /// When it last changed for real.
    pub(super) updated: DateTime<Utc>,
    /// Its emitted id.
    pub(super) id: String,
    /// Title; empty where there is none.
    pub(super) title: String,
    /// The title, or what stands for it. Never empty.
    pub(super) called: String,
    /// The original; our page where its address cannot be linked to.
    pub(super) link: String,
    /// Standfirst or first lines, plain text.
    pub(super) summary: Option<String>,
    /// The body with all that stands around it, HTML.
    pub(super) content: String,
    /// Byline; the outlet where there is none. Never empty.
    pub(super) authors: Vec<String>,
    /// Tags as shown.
    pub(super) tags: Vec<String>,
    /// The outlet's name and site.
    pub(super) outlet: (String, Option<String>),
    /// The original and the other copies.
    pub(super) via: Vec<Titled>,
    /// The recommendations, where they stand as links.
    pub(super) related: Vec<Titled>,
    /// The picture, with a checked address.
    pub(super) image: Option<(String, &'a Image)>,
    /// Attached files.
    pub(super) files: Vec<File>,
}

/// An attached file, with a checked address.
pub(super) struct File {
    pub(super) url: String,
    pub(super) media_type: String,
    pub(super) length: Option<u64>,
    pub(super) episode: Episode,
}

/// What a file is called whose type nobody gave: the formats require one.
const UNKNOWN_TYPE: &str = "application/octet-stream";

impl<'a> View<'a> {
    /// The views of all that an edition holds, in its order.
    pub(super) fn all(edition: &'a Edition, site: &'a Site) -> impl Iterator<Item = Self> {
        let stories = edition.entries.iter().map(|entry| Self::of_story(entry, edition, site));
        stories.chain(edition.digests.iter().map(|digest| Self::of_digest(digest, edition, site)))
    }

    fn of_digest(digest: &'a Digest, edition: &'a Edition, site: &Site) -> Self {
        let ours = legal(&site.title);
        Self {
            of: Of::Digest(digest),
            lang: &edition.lang,
            published: digest.published,
            updated: digest.published,
            id: legal(&format!("tag:{},{}:digest/{}/{}", site.id, digest.day.format("%Y"), edition.path, digest.day)),
            title: legal(&digest.title),
            called: legal(&digest.title),
            link: site.address(&edition.place_of(digest.day)),
            summary: Some(legal(&plain::titles(digest))).filter(|s| !s.is_empty()),
            content: legal(&body::digest_in_feed(digest, edition)),
            authors: vec![ours.clone()],
            tags: digest.tags().into_iter().map(|t| legal(t.shown())).collect(),
            outlet: (ours, None),
            via: Vec::new(),
            related: Vec::new(),
            image: None,
            files: Vec::new(),
        }
    }

    fn of_story(entry: &'a EditionEntry, edition: &Edition, site: &Site) -> Self {
        let link = entry.url.as_deref().and_then(body::href).unwrap_or_else(|| legal(&entry.page));
        let outlet = outlet(entry, site, &link);
        let mut authors: Vec<String> = entry.byline.iter().map(|b| legal(b)).filter(|b| !b.is_empty()).collect();
        if authors.is_empty() {
            authors.push(outlet.0.clone());
        }
        let image = entry.image.as_ref();
        let title = legal(entry.title.trim());
        Self {
            of: Of::Story(entry),
            lang: &entry.lang,
            published: entry.published,
            updated: entry.updated,
            id: legal(&entry.uri),
            called: if title.is_empty() { legal(&plain::title_or_words(entry)) } else { title.clone() },
            title,
            summary: plain::summary(entry).map(|s| legal(&s)),
            content: legal(&body::in_feed(entry, edition, site)),
            authors,
            tags: entry.tags.iter().map(|t| legal(t.shown())).collect(),
            via: via(entry, &link),
            related: related(entry, site),
            image: image.and_then(|i| body::href(&i.url).map(|url| (url, i))),
            files: entry.enclosures.iter().filter_map(file).collect(),
            link,
            outlet,
        }
    }
}

/// A text without illegal characters.
pub(super) fn legal(text: &str) -> String {
    xml::legal(text).into_owned()
}

/// The outlet's name and site. The name falls back to the original's host: a reader is never left without a credit.
fn outlet(entry: &EditionEntry, site: &Site, link: &str) -> (String, Option<String>) {
    let original = url::Url::parse(link).ok();
    let host = original.as_ref().and_then(|u| u.host_str()).unwrap_or(&site.title);
    let name = legal(entry.outlet.name.trim());
    let home = entry.outlet.url.as_deref().and_then(body::href);
    let home = home.or_else(|| original.as_ref()?.join("/").ok().map(Into::into));
    (if name.is_empty() { host.to_owned() } else { name }, home)
}

fn via(entry: &EditionEntry, link: &str) -> Vec<Titled> {
    let origin = body::other_origin(entry).map(|o| (o.name.as_str(), o.url.as_deref()));
    let others = entry.others.iter().map(|o| (o.outlet.name.as_str(), o.url.as_deref()));
    let whole = entry.excerpt_of.as_ref().map(|w| (w.outlet.name.as_str(), w.url.as_deref()));
    let mut links: Vec<Titled> = Vec::new();
    for (name, url) in origin.into_iter().chain(whole).chain(others) {
        let Some(href) = url.and_then(body::href) else { continue };
        if href != link && links.iter().all(|l| l.href != href) {
            links.push(Titled { href, title: legal(name) });
        }
    }
    links
}

fn related(entry: &EditionEntry, site: &Site) -> Vec<Titled> {
    let list = if site.recommended_as_links { entry.recommended.as_slice() } else { &[] };
    list.iter().map(|r| Titled { href: body::original(r, site), title: legal(body::title_of(r)) }).collect()
}

fn file(enclosure: &crate::model::Enclosure) -> Option<File> {
    let given = enclosure.media_type.as_deref().map(|t| t.split(';').next().unwrap_or_default().trim());
    let given = given.filter(|t| is_media_type(t));
    Some(File {
        url: body::href(&enclosure.url)?,
        media_type: given.unwrap_or(UNKNOWN_TYPE).to_owned(),
        length: enclosure.length,
        episode: enclosure.episode.clone(),
    })
}

/// A media type without parameters (RFC 6838, 4.2).
fn is_media_type(written: &str) -> bool {
    let is_name = |name: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
        (1..=127).contains(&name.len()) && name.bytes().all(fits)
    };
    written.split_once('/').is_some_and(|(kind, sort)| is_name(kind) && is_name(sort))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ShownBody;
    use crate::render::sample::{assert_well_formed, digest, edition, entry, hostile, site};
    use crate::render::{atom, json_feed, rss};

    #[test]
    fn a_digest_is_an_entry_with_an_address_of_its_own() {
        let cut =
            EditionEntry { body: ShownBody::Excerpt("Premières lignes.".into()), standfirst: None, ..entry("fr") };
        let edition = Edition {
            digests: vec![digest(vec![cut, entry("ar")])],
            path: "matin".into(),
            ..edition("fr", Vec::new())
        };
        let site = site();
        let views: Vec<_> = View::all(&edition, &site).collect();
        let [view] = views.as_slice() else { panic!("one entry") };
        assert_eq!(view.id, "tag:example.org,2026:digest/matin/2026-11-24");
        assert_eq!(view.link, "https://feeds.example.org/matin/2026-11-24");
        assert_eq!(view.authors, ["Perspectives"]);
        assert_eq!(view.tags, ["Libération_Palestine", "تحرير"], "each once");
        assert_eq!(view.summary.as_deref(), Some("L’étau & la « trêve » < demain · الهدنة في غزة"));
        for part in [
            "<h2><a href=\"https://agence-sud.example/a?x=1&amp;y=2\">L’étau &amp; la « trêve » &lt; demain</a></h2>",
            "Également publié par <a href=\"https://copie.example/1\">",
            "<a href=\"https://feeds.example.org/story/aaaaaaaaaaaaaaaa\">sur notre site</a>",
            "<p>Premières lignes.</p>",
            "<h2 lang=\"ar\" dir=\"rtl\">",
        ] {
            assert!(view.content.contains(part), "{part} in {}", view.content);
        }
        let arabic = Edition { lang: Lang::parse("ar").unwrap(), ..edition.clone() };
        let content = View::all(&arabic, &site).next().unwrap().content;
        assert!(content.starts_with("<div lang=\"ar\" dir=\"rtl\">"), "{content}");
    }

    #[test]
    fn a_hostile_digest_leaves_readable_feeds() {
        let mut bad = digest(vec![hostile()]);
        bad.title = "\u{8}]]> &amp; <b>bold\u{0}".into();
        let edition = Edition { digests: vec![bad], ..edition("fr", Vec::new()) };
        for bytes in [rss(&edition, &site()), atom(&edition, &site())] {
            assert_well_formed(&bytes);
        }
        let json: serde_json::Value = serde_json::from_slice(&json_feed(&edition, &site())).unwrap();
        assert_eq!(json["items"][0]["title"], "]]> &amp; <b>bold");
        assert!(json["items"][0].get("_feedloom").is_none() && json["items"][0]["_digest"][0]["url"].is_string());
    }
}
