//! Which stories stand under a tag. Those of the newest stories are gathered in a small table and go over into the large one in
//! the order of their tags, many at once: each by itself would touch a page of its own there. Who asks reads `story_tag`, which is
//! both.

use rusqlite::{Connection, OptionalExtension, ToSql, params, params_from_iter};

use super::{Store, StoreError, rows};

/// Rows that are gathered before they go over: the tags of some thousand stories.
const GATHERED: i64 = 1 << 15;
/// Rows that are written by one statement.
const ROWS: usize = 16;
/// Rows, or as many more as the last tag among them has, that go over in one piece of work, so that polls get their turn between.
const OVER_AT_ONCE: i64 = 1 << 13;

/// A row: the tag, the date of the story, and the story.
pub(super) type Under<'t> = (&'t str, i64, &'t str);

/// Puts stories under tags under which they do not stand yet.
pub(super) fn put<'t>(conn: &Connection, rows: impl IntoIterator<Item = Under<'t>>) -> Result<(), StoreError> {
    let mut rows: Vec<Under<'_>> = rows.into_iter().collect();
    // In the order in which they are kept: each stands near the one before.
    rows.sort_unstable_by(|a, b| (a.0, b.1, a.2).cmp(&(b.0, a.1, b.2)));
    // Many rows, of which none can fail: `ON CONFLICT DO NOTHING` would let one without a value fail, and keep what it has changed.
    let into = "INSERT OR IGNORE INTO story_tag_fresh (tag, date, story) VALUES";
    let values = ["(?, ?, ?)"; ROWS].join(", ");
    let mut many = conn.prepare_cached(&format!("{into} {values}"))?;
    let mut one = conn.prepare_cached(&format!("{into} (?, ?, ?)"))?;
    let mut written = 0;
    let (chunks, rest) = rows.as_chunks::<ROWS>();
    for rows in chunks {
        let values = rows.iter().flat_map(|(tag, date, story)| -> [&dyn ToSql; 3] { [tag, date, story] });
        written += many.execute(params_from_iter(values))?;
    }
    for row in rest {
        written += one.execute(*row)?;
    }
    count(conn, rows::count(written))
}

/// Takes a story away from under a tag.
pub(super) fn take(conn: &Connection, tag: &str, date: i64, story: &str) -> Result<(), StoreError> {
    for table in ["story_tag_fresh", "story_tag_kept"] {
        conn.prepare_cached(&format!("DELETE FROM {table} WHERE tag = ?1 AND date = ?2 AND story = ?3"))?
            .execute(params![tag, date, story])?;
    }
    Ok(())
}

/// Whether enough have gathered to go over.
pub(super) fn is_full(conn: &Connection) -> Result<bool, StoreError> {
    let mut read = conn.prepare_cached("SELECT value >= ?1 FROM counter WHERE name = 'fresh_tags'")?;
    Ok(read.query_row([GATHERED], |row| row.get(0)).optional()?.unwrap_or_default())
}

fn count(conn: &Connection, by: i64) -> Result<(), StoreError> {
    if by != 0 {
        conn.prepare_cached("UPDATE counter SET value = max(value + ?1, 0) WHERE name = 'fresh_tags'")?
            .execute([by])?;
    }
    Ok(())
}

/// Takes the first tags over into the large table; whether any are left.
fn settle_some(conn: &Connection) -> Result<bool, StoreError> {
    let upto: Option<String> = conn
        .prepare_cached("SELECT tag FROM story_tag_fresh ORDER BY tag LIMIT 1 OFFSET ?1")?
        .query_row([OVER_AT_ONCE - 1], |row| row.get(0))
        .optional()?;
    // Neither statement can fail at a later row: it would need to keep what it has changed before.
    let (over, gone) = match &upto {
        Some(_) => (" WHERE tag <= ?1", "DELETE FROM story_tag_fresh WHERE tag <= ?1"),
        None => (" WHERE ?1 IS NULL", "DELETE FROM story_tag_fresh WHERE ?1 IS NULL"),
    };
    conn.prepare_cached(&format!(
        "INSERT OR IGNORE INTO story_tag_kept (tag, date, story)
         SELECT tag, date, story FROM story_tag_fresh{over} ORDER BY tag, date DESC, story"
    ))?
    .execute([&upto])?;
    let gone = conn.prepare_cached(gone)?.execute([&upto])?;
    match upto {
        Some(_) => count(conn, -rows::count(gone))?,
        None => drop(conn.prepare_cached("UPDATE counter SET value = 0 WHERE name = 'fresh_tags'")?.execute([])?),
    }
    Ok(upto.is_some())
}

impl Store {
    /// Takes what was gathered over into the large table, some at a time.
    ///
    /// # Errors
    /// When it could not be written; what is over by then stays so.
    pub(super) async fn settle_tags(&self) -> Result<(), StoreError> {
        while self.write_again(settle_some).await? {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::super::{Shelf, Store};
    use super::*;

    /// Rows of the small table and of the large one.
    async fn held(store: &Store) -> (i64, i64) {
        let count = |conn: &Connection| {
            let of = |table: &str| conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0));
            Ok((of("story_tag_fresh")?, of("story_tag_kept")?))
        };
        store.read(count).await.unwrap()
    }

    async fn listed(store: &Store, key: &str) -> Vec<String> {
        let found = store.stories_in(&Shelf::Tag(key.to_owned()), 9, 0).await.unwrap();
        found.into_iter().map(|story| story.lead.guid.unwrap_or_default()).collect()
    }

    fn tagged(guid: &str, day: i64, written: &[&str]) -> crate::model::Article {
        crate::model::Article { published: Some(at(-day)), tags: tags(written), ..article("a", guid) }
    }

    #[tokio::test]
    async fn a_tag_lists_what_went_over_and_what_came_since_in_one_order() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        poll(&store, vec![tagged("1", 1, &["Gaza", "Rafah"]), tagged("3", 3, &["Gaza"])], new_or_skip()).await;
        assert_eq!(held(&store).await, (3, 0));
        store.settle_tags().await.unwrap();
        assert_eq!(held(&store).await, (0, 3));
        poll(&store, vec![tagged("2", 2, &["Gaza", "Port"]), tagged("4", 4, &["Gaza"])], new_or_skip()).await;
        assert_eq!(
            (held(&store).await, listed(&store, "gaza").await),
            ((3, 3), ["1", "2", "3", "4"].map(String::from).into())
        );
        // What loses a tag is found in either.
        poll(&store, vec![tagged("1", 1, &["Rafah"]), tagged("2", 2, &["Port"])], revises()).await;
        assert_eq!((held(&store).await, listed(&store, "gaza").await), ((2, 2), ["3", "4"].map(String::from).into()));
        assert_eq!((listed(&store, "rafah").await.len(), listed(&store, "port").await.len()), (1, 1));
    }

    #[tokio::test]
    async fn enough_goes_over_by_itself_and_some_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let fill = |conn: &Connection| {
            let tags: Vec<String> = (0..GATHERED / 4).map(|n| format!("t{n}")).collect();
            put(conn, tags.iter().flat_map(|tag| (0..4).map(move |date| (tag.as_str(), date, "s"))))
        };
        store.write(fill).await.unwrap();
        assert!(store.write_again(settle_some).await.unwrap(), "some are left");
        assert_eq!(held(&store).await, (GATHERED - OVER_AT_ONCE, OVER_AT_ONCE));
        assert!(!store.read(is_full).await.unwrap());
        store.write(|conn| put(conn, (0..OVER_AT_ONCE).map(|date| ("mer", date, "s")))).await.unwrap();
        poll(&store, vec![tagged("1", 1, &["Gaza"])], new_or_skip()).await;
        assert_eq!(held(&store).await, (0, GATHERED + OVER_AT_ONCE + 1));
        assert!(!store.read(is_full).await.unwrap());
    }
}
