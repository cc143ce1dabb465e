//! feed-rs behind our own guard: it reads only what was made ready for it, and invents nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::model;
use feed_rs::parser::Builder;

use super::{Input, MOST_ENTRIES, ReadError};
use crate::model::{DocumentKind, Enclosure, Entry, FeedHead, Lang, Link, Person, Reading};
use crate::text::{DateContext, parse_date};

pub(super) fn read(text: &str, kind: DocumentKind, input: &Input<'_>) -> Result<Reading, ReadError> {
    let feed = parse(text, input)?;
    let lang = feed.language.as_deref().and_then(Lang::parse).or_else(|| input.lang.cloned());
    let head = FeedHead {
        title: feed.title.map(|t| t.content),
        link: feed.links.iter().find(|l| is_alternate(l)).map(|l| l.href.clone()),
        subtitle: feed.description.map(|t| t.content),
        updated: feed.updated.or(feed.published),
        lang: lang.clone(),
        language_written: feed.language,
        links: feed.links.into_iter().map(link).collect(),
        ttl_minutes: feed.ttl.map(u64::from),
        ..FeedHead::default()
    };
    let entries = feed.entries.into_iter().take(MOST_ENTRIES).map(|e| entry(e, lang.clone())).collect();
    Ok(Reading { kind, head, entries, notes: Vec::new() })
}

fn parse(xml: &str, input: &Input<'_>) -> Result<model::Feed, ReadError> {
    let (lang, tz, now) = (input.lang.cloned(), input.tz, input.now);
    let dates = move |written: &str| {
        let ctx = DateContext { lang: lang.as_ref(), tz, now, day_first: None };
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

fn is_alternate(link: &model::Link) -> bool {
    link.rel.as_deref().is_none_or(|r| r == "alternate")
}

fn entry(entry: model::Entry, lang: Option<Lang>) -> Entry {
    let enclosures = entry.links.iter().filter(|l| l.rel.as_deref() == Some("enclosure"));
    let enclosures = enclosures
        .map(|l| Enclosure { url: l.href.clone(), media_type: l.media_type.clone(), length: l.length })
        .collect();
    Entry {
        id: Some(entry.id).filter(|id| !id.is_empty()),
        link: entry.links.iter().find(|l| is_alternate(l)).map(|l| l.href.clone()),
        title: entry.title.map(|t| t.content),
        summary: entry.summary.map(|t| t.content),
        content: entry.content.and_then(|c| c.body),
        authors: entry
            .authors
            .into_iter()
            .map(|p| Person { name: Some(p.name.unwrap_or_default()), email: p.email, url: p.uri })
            .collect(),
        categories: entry.categories.into_iter().map(|c| c.term).collect(),
        enclosures,
        published: entry.published,
        updated: entry.updated,
        lang,
        links: entry.links.into_iter().map(link).collect(),
        ..Entry::default()
    }
}

fn link(link: model::Link) -> Link {
    Link {
        rel: link.rel.unwrap_or_else(|| "alternate".to_owned()),
        href: link.href,
        title: link.title,
        media_type: link.media_type,
    }
}
