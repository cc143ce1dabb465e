//! The versions that an article had: which of them readers are told of.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, params};

use crate::model::Article;

use super::{StoreError, change, rows};

/// Versions remembered of an article, the newest.
const MOST: i64 = 16;
/// So many versions within [`LATELY`] are corrections; those that follow are told at most once in [`APART`].
const CORRECTIONS: i64 = 3;
const LATELY: TimeDelta = TimeDelta::days(1);
const APART: TimeDelta = TimeDelta::hours(1);

/// Notes that an article, by its number, says something else now, and gives whether readers are to be told: not of a version
/// that it had before (two servers may give it by turns), and seldom of what changes whenever it is asked for. `told` is when
/// they last were.
pub(super) fn is_news(
    conn: &Connection,
    n: i64,
    (old, new): (&Article, &Article),
    told: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let hash = change::version(new).cast_signed();
    if conn.prepare_cached("SELECT 1 FROM version WHERE article = ?1 AND hash = ?2")?.exists([n, hash])? {
        return Ok(false);
    }
    let lately: i64 = conn
        .prepare_cached("SELECT count(*) FROM version WHERE article = ?1 AND seen > ?2")?
        .query_row(params![n, rows::micros(now - LATELY)], |row| row.get(0))?;
    let mut put = conn.prepare_cached("INSERT OR IGNORE INTO version (article, hash, seen) VALUES (?1, ?2, ?3)")?;
    put.execute(params![n, change::version(old).cast_signed(), 0])?;
    put.execute(params![n, hash, rows::micros(now)])?;
    conn.prepare_cached(
        "DELETE FROM version WHERE article = ?1 AND hash NOT IN
             (SELECT hash FROM version WHERE article = ?1 ORDER BY seen DESC LIMIT ?2)",
    )?
    .execute([n, MOST])?;
    Ok(lately < CORRECTIONS || now - told >= APART)
}

/// Takes away the versions of an article that is purged.
pub(super) fn forget(conn: &Connection, n: i64) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM version WHERE article = ?1")?.execute([n])?;
    Ok(())
}
