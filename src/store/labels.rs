//! Writes tags: those of an article as it has them, those of a story as the union, and the counters.

use std::collections::{BTreeSet, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{TagOrigin, Tagged};

use super::{StoreError, articles, rows, tag_pages, touch};

/// The most tags that are kept of one article.
const MOST: usize = 64;

/// Notes the tags of an article, each key once, in their order.
pub(super) fn put(conn: &Connection, source: i64, article: i64, tags: &[Tagged]) -> Result<(), StoreError> {
    let mut insert = conn.prepare_cached(
        "INSERT INTO article_tag (article, position, tag, shown, origin) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut spell = conn.prepare_cached(
        "INSERT INTO tag_spelling (tag, shown, uses) VALUES (?1, ?2, 1) ON CONFLICT DO UPDATE SET uses = uses + 1",
    )?;
    for (position, tagged) in distinct(tags).into_iter().enumerate() {
        let (key, shown) = (tagged.tag.key(), tagged.tag.shown());
        insert.execute(params![article, rows::count(position), key, shown, rows::written_origin(tagged.origin)])?;
        let shown_so = tag_pages::carried(conn, source, tagged)?;
        spell.execute([key, shown])?;
        // One use more of the most frequent spelling changes nothing.
        if !shown_so {
            respell(conn, key)?;
        }
    }
    Ok(())
}

/// Takes the tags of an article away.
pub(super) fn take(conn: &Connection, article: i64) -> Result<(), StoreError> {
    let had = {
        let mut read = conn.prepare_cached("SELECT tag, shown FROM article_tag WHERE article = ?1")?;
        let had = read.query_map([article], |row| Ok((row.get(0)?, row.get(1)?)))?;
        had.collect::<Result<Vec<(String, String)>, _>>()?
    };
    conn.prepare_cached("DELETE FROM article_tag WHERE article = ?1")?.execute([article])?;
    for (key, shown) in had {
        conn.prepare_cached("UPDATE tag_spelling SET uses = uses - 1 WHERE tag = ?1 AND shown = ?2")?
            .execute([&key, &shown])?;
        conn.prepare_cached("DELETE FROM tag_spelling WHERE tag = ?1 AND shown = ?2 AND uses <= 0")?
            .execute([&key, &shown])?;
        respell(conn, &key)?;
    }
    Ok(())
}

/// The tags as they are kept: each key once, a bounded number.
fn distinct(tags: &[Tagged]) -> Vec<&Tagged> {
    let mut seen = HashSet::new();
    tags.iter().filter(|t| seen.insert(t.tag.key())).take(MOST).collect()
}

/// The tags of an article, in their order.
pub(super) fn of_article(conn: &Connection, n: i64) -> Result<Vec<Tagged>, StoreError> {
    let mut read =
        conn.prepare_cached("SELECT shown, tag, origin FROM article_tag WHERE article = ?1 ORDER BY position")?;
    Ok(read.query_map([n], |row| articles::tagged(row, 0))?.collect::<Result<_, _>>()?)
}

/// The tags of each of these articles, in their order.
pub(super) fn of_articles(conn: &Connection, articles: &[i64]) -> Result<Vec<Vec<Tagged>>, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT t.shown, t.tag, t.origin, j.key, t.position
         FROM json_each(?1) j CROSS JOIN article_tag t ON t.article = j.value",
    )?;
    let found = read.query_map([rows::written_json(&articles)?], |row| {
        Ok((row.get::<_, i64>(3)?, row.get::<_, i64>(4)?, articles::tagged(row, 0)?))
    })?;
    let mut found = found.collect::<Result<Vec<_>, _>>()?;
    found.sort_by_key(|(article, position, _)| (*article, *position));
    let mut tags = vec![Vec::new(); articles.len()];
    for (article, _, tagged) in found {
        if let Some(of_article) = usize::try_from(article).ok().and_then(|at| tags.get_mut(at)) {
            of_article.push(tagged);
        }
    }
    Ok(tags)
}

/// Tags as they are kept: two lists that give the same are the same.
pub(super) fn spelt(tags: &[Tagged]) -> Vec<(String, String, TagOrigin)> {
    let kept = distinct(tags).into_iter();
    kept.map(|t| (t.tag.key().to_owned(), t.tag.shown().to_owned(), t.origin)).collect()
}

/// The learnt ones among some tags.
pub(super) fn learned(tags: &[Tagged]) -> impl Iterator<Item = &Tagged> {
    tags.iter().filter(|t| t.origin == TagOrigin::Learned)
}

/// The keys of the tags of all the articles of a story.
pub(super) fn of_story(conn: &Connection, story: &str) -> Result<BTreeSet<String>, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT DISTINCT t.tag FROM article a JOIN article_tag t ON t.article = a.n WHERE a.story = ?1",
    )?;
    let keys = read.query_map([story], |row| row.get(0))?;
    Ok(keys.collect::<Result<_, _>>()?)
}

/// Puts a story on the shelves of the tags that it has now and takes it off those that it had before. Where it stands newly,
/// [`touch::story`] has to tell.
pub(super) fn reshelve(conn: &Connection, story: &str, date: i64, before: &BTreeSet<String>) -> Result<(), StoreError> {
    let now = of_story(conn, story)?;
    for key in now.difference(before) {
        conn.prepare_cached("INSERT INTO story_tag (tag, date, story) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
            .execute(params![key, date, story])?;
        conn.prepare_cached("UPDATE tag SET stories = stories + 1 WHERE key = ?1")?.execute([key])?;
    }
    for key in before.difference(&now) {
        conn.prepare_cached("DELETE FROM story_tag WHERE tag = ?1 AND date = ?2 AND story = ?3")?
            .execute(params![key, date, story])?;
        conn.prepare_cached("UPDATE tag SET stories = stories - 1 WHERE key = ?1")?.execute([key])?;
        touch::tag(conn, key)?;
        tag_pages::forget_unused(conn, key)?;
    }
    Ok(())
}

/// Puts a story that is new on the shelves of the tags of its only article, and tells them so.
pub(super) fn shelve_new(
    conn: &Connection,
    (story, date): (&str, i64),
    tags: &[Tagged],
    revision: i64,
) -> Result<(), StoreError> {
    let mut put =
        conn.prepare_cached("INSERT INTO story_tag (tag, date, story) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
    let mut tell = conn.prepare_cached("UPDATE tag SET stories = stories + 1, revision = ?2 WHERE key = ?1")?;
    for tagged in distinct(tags) {
        put.execute(params![tagged.tag.key(), date, story])?;
        tell.execute(params![tagged.tag.key(), revision])?;
    }
    Ok(())
}

/// A tag is shown in its most frequent spelling; among equals in the one that it has.
fn respell(conn: &Connection, key: &str) -> Result<(), StoreError> {
    let best: Option<String> = conn
        .prepare_cached(
            "SELECT s.shown FROM tag_spelling s JOIN tag t ON t.key = s.tag WHERE s.tag = ?1
             ORDER BY s.uses DESC, s.shown <> t.shown, s.shown LIMIT 1",
        )?
        .query_row([key], |row| row.get(0))
        .optional()?;
    let Some(best) = best else { return Ok(()) };
    let changed = conn
        .prepare_cached("UPDATE tag SET shown = ?1 WHERE key = ?2 AND shown <> ?1")?
        .execute([best.as_str(), key])?;
    if changed > 0 { touch::tag(conn, key) } else { Ok(()) }
}
