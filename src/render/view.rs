//! An entry as all formats write it: every text without illegal characters, every address checked.

use super::{Site, body, plain, xml};
use crate::model::{Edition, EditionEntry, Image};

/// A link with its title.
pub(super) struct Titled {
    pub(super) href: String,
    pub(super) title: String,
}

/// What the three formats say of an entry.
pub(super) struct View<'a> {
    /// The entry itself, for what needs no care: dates, numbers.
    pub(super) entry: &'a EditionEntry,
    /// Its emitted id.
    pub(super) id: String,
    /// Title; empty where there is none.
    pub(super) title: String,
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
}

/// What a file is called whose type nobody gave: the formats require one.
const UNKNOWN_TYPE: &str = "application/octet-stream";

impl<'a> View<'a> {
    /// The view of an entry of an edition.
    pub(super) fn of(entry: &'a EditionEntry, edition: &Edition, site: &Site) -> Self {
        let link = entry.url.as_deref().and_then(body::href).unwrap_or_else(|| legal(&entry.page));
        let outlet = outlet(entry, site, &link);
        let mut authors: Vec<String> = entry.byline.iter().map(|b| legal(b)).filter(|b| !b.is_empty()).collect();
        if authors.is_empty() {
            authors.push(outlet.0.clone());
        }
        let image = entry.image.as_ref();
        Self {
            entry,
            id: legal(&entry.uri),
            title: legal(entry.title.trim()),
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
