//! What had been published at an instant: the pages of one search are of one.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::StoryId;

use super::{StoreError, rows};

/// Whether a story is published, and whether that came after an instant.
pub(super) fn stands(
    conn: &Connection,
    story: Option<&StoryId>,
    as_of: Option<DateTime<Utc>>,
) -> Result<(bool, bool), StoreError> {
    let Some(story) = story else { return Ok((false, false)) };
    let mut read = conn.prepare_cached("SELECT admitted FROM story WHERE id = ?1")?;
    let admitted: Option<i64> = read.query_row([story.as_str()], |row| row.get(0)).optional()?.flatten();
    let is_later = admitted.zip(as_of).is_some_and(|(admitted, as_of)| admitted > rows::micros(as_of));
    Ok((admitted.is_some(), is_later))
}

/// When the newest story was published.
pub(super) fn last_admitted(conn: &Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT admitted FROM story WHERE admitted IS NOT NULL AND redirect_to IS NULL ORDER BY admitted DESC LIMIT 1",
    )?;
    Ok(read.query_row([], |row| rows::maybe_time(row, 0)).optional()?.flatten())
}

/// Leaves out the rows of stories that were published after an instant, as far as rows are counted, before they are put in order:
/// what came since moves nothing.
pub(super) fn leave_out_later(
    conn: &Connection,
    as_of: Option<DateTime<Utc>>,
    rows: &mut Vec<i64>,
    most: usize,
) -> Result<(), StoreError> {
    if let Some(as_of) = as_of {
        let later = later(conn, as_of, most)?;
        rows.retain(|row| !later.contains(row));
    }
    Ok(())
}

/// The rows of the stories that were published after an instant, as far as rows are counted.
fn later(conn: &Connection, than: DateTime<Utc>, most: usize) -> Result<HashSet<i64>, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT r.n FROM story s JOIN search_row r ON r.story = s.id
         WHERE s.admitted > ?1 AND s.redirect_to IS NULL ORDER BY s.admitted LIMIT ?2",
    )?;
    let found = read.query_map(params![rows::micros(than), rows::count(most)], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}
