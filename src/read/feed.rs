//! feed-rs reads what was made ready for it; what its model has no place for is joined from the draft, by index.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::model;
use feed_rs::parser::Builder;

use super::draft::{Draft, DraftFeed};
use super::{Input, ReadError, address, build, canon, gather, media, note};
use crate::model::{DocumentKind, Enclosure, Entry, FeedHead, Image, Lang, Link, Outlet, Person, Reading};
use crate::text::{DateContext, excerpt, parse_date};

pub(super) fn read(text: &str, kind: DocumentKind, input: &Input<'_>) -> Result<Reading, ReadError> {
    let unreadable = || ReadError::Unreadable("no feed begins in it".to_owned());
    let mut tree = build::build(text).ok_or_else(unreadable)?;
    let draft = gather::gather(&mut tree, kind, input.url);
    drop(tree);
    let lang = draft.head.language.as_deref().and_then(Lang::parse);
    let feed = parse(&canon::write(&draft), input, lang.clone(), day_first(&draft))?;
    if feed.entries.len() != draft.entries.len() {
        return Err(ReadError::Unreadable(format!("{} of {} entries", feed.entries.len(), draft.entries.len())));
    }
    let DraftFeed { kind, head: head_draft, entries: drafts, mut notes } = draft;
    let (head, people) = head(&feed, head_draft, lang.or_else(|| input.lang.cloned()), input);
    let joined = feed.entries.into_iter().zip(drafts);
    let entries = joined.map(|(read, draft)| entry(read, draft, &head, &people, input, &mut notes)).collect();
    Ok(Reading { kind, head, entries, notes })
}

fn parse(xml: &str, input: &Input<'_>, lang: Option<Lang>, order: Option<bool>) -> Result<model::Feed, ReadError> {
    let (lang, tz, now) = (input.lang.cloned().or(lang), input.tz, input.now);
    let dates = move |written: &str| {
        let ctx = DateContext { lang: lang.as_ref(), tz, now, day_first: order };
        parse_date(written, &ctx).map(|d| d.to_utc())
    };
    let parser = Builder::new()
        .base_uri(Some(input.url.as_str()))
        .id_generator(|_, _, _| String::new())
        .sanitize_content(false)
        .timestamp_parser(dates)
        .build();
    match catch_unwind(AssertUnwindSafe(|| parser.parse(xml.as_bytes()))) {
        Ok(Ok(feed)) => Ok(feed),
        Ok(Err(error)) => Err(ReadError::Unreadable(error.to_string())),
        Err(_) => Err(ReadError::Unreadable("the parser gave up".to_owned())),
    }
}

/// Whether the dates of this feed put the day first: one that can be read only one way tells for all.
fn day_first(feed: &DraftFeed) -> Option<bool> {
    let drafts = feed.entries.iter().chain([&feed.head]);
    let written = drafts.flat_map(|d| [d.published.as_deref(), d.updated.as_deref()]).flatten();
    let mut told = None;
    for date in written {
        let mut parts = date.trim().split(['/', '-', '.', ' ']).map(|p| (p.parse::<u32>().unwrap_or(0), p.len()));
        let (Some((a, 1..=2)), Some((b, 1..=2)), Some((_, 4))) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let now = match (a, b) {
            (13..=31, 1..=12) => Some(true),
            (1..=12, 13..=31) => Some(false),
            _ => None,
        };
        match (told, now) {
            (Some(before), Some(now)) if before != now => return None,
            (None, Some(_)) => told = now,
            _ => {}
        }
    }
    told
}

/// What the feed says of itself, and the authors that it gives to entries without.
fn head(feed: &model::Feed, draft: Draft, lang: Option<Lang>, input: &Input<'_>) -> (FeedHead, Vec<Person>) {
    let mut links: Vec<Link> = feed.links.iter().cloned().map(link).collect();
    let main = (draft.has_link && !links.is_empty()).then(|| links.remove(0).href);
    let head = FeedHead {
        title: feed.title.as_ref().map(|t| t.content.clone()),
        link: main,
        subtitle: feed.description.as_ref().map(|t| t.content.clone()),
        // Atom has no date of publication for feeds; feed-rs leaves it out there.
        updated: feed.updated.or_else(|| date(draft.published.as_deref()?, lang.as_ref(), input)),
        lang,
        language_written: draft.language,
        image: draft.image.and_then(|i| absolute(i, input)),
        links,
        ttl_minutes: draft.ttl_minutes,
    };
    (head, feed.authors.iter().cloned().map(person).collect())
}

fn date(written: &str, lang: Option<&Lang>, input: &Input<'_>) -> Option<chrono::DateTime<chrono::Utc>> {
    parse_date(written, &input.dates(lang, None)).map(|d| d.to_utc())
}

fn entry(
    read: model::Entry,
    draft: Draft,
    head: &FeedHead,
    people: &[Person],
    input: &Input<'_>,
    notes: &mut Vec<String>,
) -> Entry {
    for (written, read) in [(&draft.published, read.published), (&draft.updated, read.updated)] {
        if let (Some(written), None) = (written, read) {
            note(notes, format!("date `{}` not read", excerpt(written, 60)));
        }
    }
    let mut links: Vec<model::Link> = read.links;
    let main = (draft.has_link && !links.is_empty()).then(|| links.remove(0).href);
    let (files, links): (Vec<_>, Vec<_>) = links.into_iter().partition(|l| l.rel.as_deref() == Some("enclosure"));
    let enclosures: Vec<Enclosure> = files
        .into_iter()
        .map(|l| Enclosure { url: l.href, media_type: l.media_type, length: l.length.filter(|n| *n > 0) })
        .collect();
    let picture =
        || enclosures.iter().find(|e| is_picture(e)).map(|e| Image { url: e.url.clone(), ..Image::default() });
    let image = draft.image.and_then(|i| absolute(i, input)).or_else(picture);
    let mut authors: Vec<Person> = read.authors.into_iter().map(person).collect();
    if authors.is_empty() {
        authors = people.to_vec();
    }
    Entry {
        id: Some(read.id).filter(|id| !id.is_empty()),
        id_is_permalink: draft.id_is_permalink,
        link: main,
        title: read.title.map(|t| t.content),
        summary: read.summary.map(|t| t.content),
        content: read.content.and_then(|c| c.body),
        authors,
        categories: read.categories.into_iter().map(shown).collect(),
        enclosures,
        image,
        published: read.published,
        updated: read.updated,
        date_written: draft.published.or(draft.updated),
        lang: draft.language.as_deref().and_then(Lang::parse).or_else(|| head.lang.clone()),
        origin: draft.origin.map(|o| Outlet { url: o.url.and_then(|u| address(input.url, &u)), ..o }),
        links: links.into_iter().map(link).collect(),
        base: draft.base.filter(|b| b != input.url).map(String::from),
    }
}

fn is_picture(enclosure: &Enclosure) -> bool {
    match enclosure.media_type.as_deref() {
        Some(media_type) if !media_type.is_empty() => media_type.starts_with("image"),
        _ => media::looks_like_picture(&enclosure.url),
    }
}

fn absolute(image: Image, input: &Input<'_>) -> Option<Image> {
    Some(Image { url: address(input.url, &image.url)?, ..image })
}

/// The term, unless it is made for machines and there is a label for people.
fn shown(category: model::Category) -> String {
    let machine = category.term.contains("://") || category.term.bytes().all(|b| b.is_ascii_digit());
    match category.label {
        Some(label) if machine && !label.is_empty() => label,
        _ => category.term,
    }
}

fn person(person: model::Person) -> Person {
    Person { name: person.name.filter(|n| !n.is_empty()), email: person.email, url: person.uri }
}

fn link(link: model::Link) -> Link {
    Link {
        rel: link.rel.unwrap_or_else(|| "alternate".to_owned()),
        href: link.href,
        title: link.title,
        media_type: link.media_type,
    }
}
