//! JSON Feed 1.1, with what no other format has room for in extensions of our own.

use serde::Serialize;

use super::view::{Of, View, legal};
use super::{Site, body, dates, plain};
use crate::model::{Copied, CopyKind, Edition, EditionEntry, Recommendation};

#[derive(Serialize)]
struct Feed<'a> {
    version: &'static str,
    title: String,
    home_page_url: String,
    feed_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    language: &'a str,
    authors: [Author; 1],
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Author {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
    content_html: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    date_published: String,
    date_modified: String,
    authors: Vec<Author>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    language: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment>,
    #[serde(rename = "_feedloom", skip_serializing_if = "Option::is_none")]
    story: Option<StoryExtension>,
    #[serde(rename = "_recommended", skip_serializing_if = "Vec::is_empty")]
    recommended: Vec<Recommended>,
    #[serde(rename = "_digest", skip_serializing_if = "Vec::is_empty")]
    digest: Vec<Digested>,
}

#[derive(Serialize)]
struct Attachment {
    url: String,
    mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_in_seconds: Option<u32>,
}

/// Where a story stands with us, whose it is and who else tells it.
#[derive(Serialize)]
struct StoryExtension {
    page: String,
    outlet: Author,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Author>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<Other>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt_of: Option<ExcerptOf>,
}

/// The story of which the text is a part.
#[derive(Serialize)]
struct ExcerptOf {
    page: String,
    outlet: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Other {
    outlet: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    kind: CopyKind,
}

/// A story of a digest.
#[derive(Serialize)]
struct Digested {
    id: String,
    url: String,
    title: String,
    source: String,
    page: String,
}

#[derive(Serialize)]
struct Recommended {
    url: String,
    title: String,
    source: String,
    date_published: String,
    tags: Vec<String>,
    score: f64,
    why: Reason,
}

#[derive(Serialize)]
struct Reason {
    tags: Vec<String>,
    terms: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shares: Vec<f64>,
}

/// An edition as JSON Feed 1.1.
#[must_use]
pub fn json_feed(edition: &Edition, site: &Site) -> Vec<u8> {
    let feed = Feed {
        version: "https://jsonfeed.org/version/1.1",
        title: legal(&edition.title),
        home_page_url: site.address(&edition.place()),
        feed_url: site.feed_address(&edition.place(), ".json"),
        description: edition.description.as_deref().map(legal),
        language: edition.lang.as_str(),
        authors: [Author { name: legal(&site.title), url: Some(site.base.to_string()) }],
        items: View::all(edition, site).map(|view| item(view, site)).collect(),
    };
    // Fails only for maps with keys that are not text, and there is no map.
    serde_json::to_vec(&feed).unwrap_or_default()
}

fn item<'a>(view: View<'a>, site: &Site) -> Item<'a> {
    let (story, recommended, digest) = match view.of {
        Of::Story(entry) => {
            let recommended = entry.recommended.iter().map(|r| recommended(r, site)).collect();
            (Some(extension(entry, site, view.outlet)), recommended, Vec::new())
        }
        Of::Digest(digest) => (None, Vec::new(), digest.entries.iter().map(digested).collect()),
    };
    Item {
        id: view.id,
        url: view.link,
        title: view.title,
        content_html: view.content,
        summary: view.summary,
        image: view.image.map(|(url, _)| url),
        date_published: dates::rfc3339(view.published),
        date_modified: dates::rfc3339(view.updated),
        authors: view.authors.into_iter().map(|name| Author { name, url: None }).collect(),
        tags: view.tags,
        language: view.lang.as_str(),
        attachments: view
            .files
            .into_iter()
            .map(|f| Attachment {
                url: f.url,
                mime_type: f.media_type,
                size_in_bytes: f.length,
                duration_in_seconds: f.episode.duration,
            })
            .collect(),
        story,
        recommended,
        digest,
    }
}

fn extension(entry: &EditionEntry, site: &Site, (name, url): (String, Option<String>)) -> StoryExtension {
    let origin = body::other_origin(entry);
    StoryExtension {
        page: legal(&entry.page),
        outlet: Author { name, url },
        origin: origin.map(|o| Author { name: legal(&o.name), url: o.url.as_deref().and_then(body::href) }),
        others: entry.others.iter().map(other).collect(),
        excerpt_of: entry.excerpt_of.as_ref().map(|whole| ExcerptOf {
            page: site.address(&format!("story/{}", whole.story)),
            outlet: legal(&whole.outlet.name),
            title: legal(&whole.title),
            url: whole.url.as_deref().and_then(body::href),
        }),
    }
}

fn digested(entry: &EditionEntry) -> Digested {
    Digested {
        id: legal(&entry.uri),
        url: entry.url.as_deref().and_then(body::href).unwrap_or_else(|| legal(&entry.page)),
        title: legal(&plain::title_or_words(entry)),
        source: legal(&entry.outlet.name),
        page: legal(&entry.page),
    }
}

fn other(copy: &Copied) -> Other {
    Other {
        outlet: legal(&copy.outlet.name),
        title: legal(&copy.title),
        url: copy.url.as_deref().and_then(body::href),
        kind: copy.kind,
    }
}

fn recommended(r: &Recommendation, site: &Site) -> Recommended {
    let all = |list: &[String]| list.iter().map(|s| legal(s)).collect::<Vec<_>>();
    Recommended {
        url: body::original(r, site),
        title: legal(body::title_of(r)),
        source: legal(&r.outlet),
        date_published: dates::rfc3339(r.date),
        tags: all(&r.why.tags),
        score: three_digits(r.score),
        why: Reason {
            tags: all(&r.why.tags),
            terms: all(&r.why.terms),
            shares: r.why.shares.iter().copied().map(three_digits).collect(),
        },
    }
}

/// Three digits say all that a score says, and stay the same where a sum is made in another order.
fn three_digits(score: f32) -> f64 {
    (f64::from(score) * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::model::EditionEntry;
    use crate::render::sample::{edition, entry, hostile, site};

    fn parsed(edition: &Edition) -> Value {
        serde_json::from_slice(&json_feed(edition, &site())).unwrap()
    }

    #[test]
    fn says_what_the_specification_wants() {
        let feed = parsed(&edition("fr", vec![entry("fr")]));
        assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
        assert_eq!(feed["feed_url"], "https://feeds.example.org/tag/liberation_palestine.json");
        let item = &feed["items"][0];
        assert_eq!(item["id"], "tag:example.org,2026:story/aaaaaaaaaaaaaaaa");
        assert_eq!(item["title"], "L’étau & la « trêve » < demain");
        assert_eq!(item["date_published"], "2026-11-23T12:30:00Z");
        assert_eq!(item["tags"][0], "Libération_Palestine");
        assert_eq!(item["authors"][0]["name"], "Salma Éluard");
        assert_eq!(item["attachments"][0]["mime_type"], "audio/mpeg");
        assert_eq!(item["_feedloom"]["others"][0]["outlet"], "Copie");
        let r = &item["_recommended"][0];
        assert_eq!(r["url"], "https://apres.example/treve");
        assert_eq!((r["score"].as_f64(), &r["why"]["tags"][0]), (Some(0.734), &Value::from("Libération_Palestine")));
        assert_eq!(r["why"]["shares"], serde_json::json!([0.4, 0.1]), "the tags' before the words'");
    }

    #[test]
    fn leaves_out_what_is_not_there_and_what_is_illegal() {
        let untitled = EditionEntry { title: String::new(), recommended: Vec::new(), ..entry("fr") };
        let feed = parsed(&edition("fr", vec![untitled, hostile()]));
        assert!(feed["items"][0].get("title").is_none() && feed["items"][0].get("_recommended").is_none());
        assert_eq!(feed["items"][1]["title"], "]]> &amp; <b>bold");
    }

    #[test]
    fn calls_an_untitled_recommendation_as_the_other_forms_do() {
        let mut e = entry("fr");
        e.recommended[0].title = String::new();
        let feed = parsed(&edition("fr", vec![e]));
        assert_eq!(feed["items"][0]["_recommended"][0]["title"], "Le Monde d’après");
    }
}
