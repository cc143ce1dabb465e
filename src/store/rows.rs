//! Values as the database keeps them.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::Row;
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::{ArticleId, BodyFrom, CopyKind, Republish, SourceName, StoryId, Tag, TagOrigin, Tagged};

use super::StoreError;

/// Where nothing was said.
const NOTHING: &str = "null";

pub(super) fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

pub(super) fn time(row: &Row<'_>, at: usize) -> rusqlite::Result<DateTime<Utc>> {
    read(at, "time", DateTime::from_timestamp_micros(row.get(at)?))
}

pub(super) fn maybe_time(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let Some(micros) = row.get::<_, Option<i64>>(at)? else { return Ok(None) };
    read(at, "time", DateTime::from_timestamp_micros(micros)).map(Some)
}

pub(super) fn day(row: &Row<'_>, at: usize) -> rusqlite::Result<NaiveDate> {
    read(at, "day", row.get_ref(at)?.as_str()?.parse().ok())
}

pub(super) fn hash(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(at)?.cast_unsigned())
}

pub(super) fn story_id(row: &Row<'_>, at: usize) -> rusqlite::Result<StoryId> {
    read(at, "story id", StoryId::parse(row.get_ref(at)?.as_str()?))
}

pub(super) fn maybe_story_id(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<StoryId>> {
    let Some(id) = row.get_ref(at)?.as_str_or_null()? else { return Ok(None) };
    read(at, "story id", StoryId::parse(id)).map(Some)
}

pub(super) fn article_id(row: &Row<'_>, at: usize) -> rusqlite::Result<ArticleId> {
    read(at, "article id", ArticleId::parse(row.get_ref(at)?.as_str()?))
}

pub(super) fn source_name(row: &Row<'_>, at: usize) -> rusqlite::Result<SourceName> {
    read(at, "source name", SourceName::new(row.get_ref(at)?.as_str()?))
}

pub(super) fn body_from(row: &Row<'_>, at: usize) -> rusqlite::Result<BodyFrom> {
    let found = match row.get_ref(at)?.as_str()? {
        "feed" => Some(BodyFrom::Feed),
        "page" => Some(BodyFrom::Page),
        _ => None,
    };
    read(at, "place of the body", found)
}

pub(super) fn written_body_from(from: BodyFrom) -> &'static str {
    match from {
        BodyFrom::Feed => "feed",
        BodyFrom::Page => "page",
    }
}

pub(super) fn kind(row: &Row<'_>, at: usize) -> rusqlite::Result<CopyKind> {
    let found = match row.get_ref(at)?.as_str()? {
        "lead" => Some(CopyKind::Lead),
        "copy" => Some(CopyKind::Copy),
        "excerpt" => Some(CopyKind::Excerpt),
        _ => None,
    };
    read(at, "kind of copy", found)
}

pub(super) fn written_kind(kind: CopyKind) -> &'static str {
    match kind {
        CopyKind::Lead => "lead",
        CopyKind::Copy => "copy",
        CopyKind::Excerpt => "excerpt",
    }
}

pub(super) fn republish(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Republish>> {
    let found = match row.get_ref(at)?.as_str_or_null()? {
        None => return Ok(None),
        Some("private") => Some(Republish::Private),
        Some("link") => Some(Republish::Link),
        Some("excerpt") => Some(Republish::Excerpt),
        Some("full") => Some(Republish::Full),
        Some(_) => None,
    };
    read(at, "right", found).map(Some)
}

pub(super) fn written_republish(republish: Republish) -> &'static str {
    match republish {
        Republish::Private => "private",
        Republish::Link => "link",
        Republish::Excerpt => "excerpt",
        Republish::Full => "full",
    }
}

fn origin(written: &str) -> Option<TagOrigin> {
    match written {
        "source" => Some(TagOrigin::Source),
        "rules" => Some(TagOrigin::Rules),
        "hashtags" => Some(TagOrigin::Hashtags),
        "feed" => Some(TagOrigin::Feed),
        "page" => Some(TagOrigin::Page),
        "learned" => Some(TagOrigin::Learned),
        _ => None,
    }
}

fn written_origin(origin: TagOrigin) -> &'static str {
    match origin {
        TagOrigin::Source => "source",
        TagOrigin::Rules => "rules",
        TagOrigin::Hashtags => "hashtags",
        TagOrigin::Feed => "feed",
        TagOrigin::Page => "page",
        TagOrigin::Learned => "learned",
    }
}

/// Tags as the row of an article has them: of each the shown form, the key and the origin.
pub(super) fn tags(row: &Row<'_>, at: usize) -> rusqlite::Result<Vec<Tagged>> {
    let written: Vec<(String, String, &str)> = match row.get_ref(at)?.as_str_or_null()? {
        Some(written) => serde_json::from_str(written).map_err(|e| broken(at, e))?,
        None => Vec::new(),
    };
    let tagged = |(shown, key, from)| {
        Ok(Tagged { tag: Tag::from_parts(shown, key), origin: read(at, "origin of a tag", origin(from))? })
    };
    written.into_iter().map(tagged).collect()
}

/// The same tags, to be written.
pub(super) fn written_tags(tags: &[&Tagged]) -> Result<Option<String>, StoreError> {
    let written: Vec<_> = tags.iter().map(|t| (t.tag.shown(), t.tag.key(), written_origin(t.origin))).collect();
    if written.is_empty() { Ok(None) } else { written_json(&written).map(Some) }
}

pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, at: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(at)?.as_str()?).map_err(|e| broken(at, e))
}

pub(super) fn maybe_json<T: DeserializeOwned>(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<T>> {
    row.get_ref(at)?.as_str_or_null()?.map(serde_json::from_str).transpose().map_err(|e| broken(at, e))
}

pub(super) fn written_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Database(format!("not written as JSON: {e}")))
}

pub(super) fn packed(row: &Row<'_>, at: usize) -> rusqlite::Result<(String, String)> {
    super::pack::unpack(row.get_ref(at)?.as_blob()?).map_err(|e| broken(at, e))
}

/// What others say in their own words, as they said it.
pub(super) fn words(row: &Row<'_>, at: usize) -> rusqlite::Result<String> {
    let said = row.get_ref(at)?.as_str()?;
    Ok(if said == NOTHING { String::new() } else { said.to_owned() })
}

/// Words as the database keeps them.
pub(super) fn said(words: &str) -> &str {
    if words.is_empty() { NOTHING } else { words }
}

/// A count as the database takes it.
pub(super) fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[derive(Debug)]
struct Misread(&'static str);

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a {}", self.0)
    }
}

impl std::error::Error for Misread {}

pub(super) fn read<T>(at: usize, what: &'static str, found: Option<T>) -> rusqlite::Result<T> {
    found.ok_or_else(|| broken(at, Misread(what)))
}

fn broken(at: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(at, Type::Text, Box::new(error))
}
