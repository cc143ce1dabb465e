//! The revision: raised whenever something that a feed shows has changed, and noted at the story and at each shelf that
//! shows it, so that who keeps rendered bytes knows which of them are old.

use rusqlite::{Connection, params};

use super::{StoreError, labels, shelves};

/// Stories told at once that a story they recommend has changed.
const DEPENDENTS: i64 = 1000;

/// The present revision.
pub(super) fn revision(conn: &Connection) -> Result<u64, StoreError> {
    let now: i64 =
        conn.prepare_cached("SELECT value FROM counter WHERE name = 'revision'")?.query_row([], |row| row.get(0))?;
    Ok(now.cast_unsigned())
}

/// The next revision.
pub(super) fn raise(conn: &Connection) -> Result<i64, StoreError> {
    // Without RETURNING, as the writer asks.
    conn.prepare_cached("UPDATE counter SET value = value + 1 WHERE name = 'revision'")?.execute([])?;
    Ok(revision(conn)?.cast_signed())
}

/// What this story shows has changed, and so has what the shelves of its tags and feeds show: it is to be taken in anew.
pub(super) fn story(conn: &Connection, id: &str) -> Result<(), StoreError> {
    let revision = shown(conn, id)?;
    conn.prepare_cached("UPDATE story SET revision = ?1 WHERE id = ?2")?.execute(params![revision, id])?;
    Ok(())
}

/// Feeds show this story, or what they show with it, from now on; the story itself is what it was. Gives the revision.
pub(super) fn shown(conn: &Connection, id: &str) -> Result<i64, StoreError> {
    let revision = raise(conn)?;
    let mut of_tag = conn.prepare_cached("UPDATE tag SET revision = ?1 WHERE key = ?2")?;
    for key in labels::of_story(conn, id)? {
        of_tag.execute(params![revision, key])?;
    }
    let mut of_feed = conn.prepare_cached("UPDATE feed SET revision = ?1 WHERE slug = ?2")?;
    for slug in shelves::feeds_of(conn, id)? {
        of_feed.execute(params![revision, slug])?;
    }
    Ok(revision)
}

/// What the stories that recommend this one show of it has changed.
pub(super) fn recommenders(conn: &Connection, id: &str) -> Result<(), StoreError> {
    let mut found = conn.prepare_cached("SELECT DISTINCT story FROM recommendation WHERE to_story = ?1 LIMIT ?2")?;
    let stories = found.query_map(params![id, DEPENDENTS], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    stories.iter().try_for_each(|other| story(conn, other))
}

/// A shelf lost a story, or is called otherwise.
pub(super) fn tag(conn: &Connection, key: &str) -> Result<(), StoreError> {
    let revision = raise(conn)?;
    conn.prepare_cached("UPDATE tag SET revision = ?1 WHERE key = ?2")?.execute(params![revision, key])?;
    Ok(())
}

/// A shelf gained or lost a story.
pub(super) fn feed(conn: &Connection, slug: &str) -> Result<(), StoreError> {
    let revision = raise(conn)?;
    conn.prepare_cached("UPDATE feed SET revision = ?1 WHERE slug = ?2")?.execute(params![revision, slug])?;
    Ok(())
}

/// Adds to the counter of all stories.
pub(super) fn count_stories(conn: &Connection, by: i64) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE counter SET value = value + ?1 WHERE name = 'stories'")?.execute([by])?;
    Ok(())
}
