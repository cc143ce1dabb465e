//! Reads tags.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Row};

use crate::model::{SourceName, Tag};

use super::{Store, StoreError, rows};

/// The most tags given at one time.
pub(super) const AT_ONCE: usize = 10_000;

impl Store {
    /// The tags and how many stories have each, most used first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tags(&self, limit: usize) -> Result<Vec<(Tag, u64)>, StoreError> {
        self.read(move |conn| {
            let mut read = conn.prepare_cached(
                "SELECT shown, key, stories FROM tag WHERE stories > 0 ORDER BY stories DESC, key LIMIT ?1",
            )?;
            let found =
                read.query_map([rows::count(limit.min(AT_ONCE))], |row| Ok((tag(row)?, rows::hash(row, 2)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Of each tag, how many of its stories owe it to these sources: their leads come from there, or only copies from there
    /// have the tag. Tags of which there is none are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tags_owed_to(&self, sources: &[SourceName]) -> Result<HashMap<String, u64>, StoreError> {
        let names = rows::written_json(&sources.iter().map(SourceName::as_str).collect::<Vec<_>>())?;
        self.read(move |conn| {
            let mut read = conn.prepare_cached(
                "WITH these AS (SELECT n FROM source WHERE name IN (SELECT value FROM json_each(?1)))
                 SELECT tag, count(*) FROM (
                     SELECT DISTINCT s.id, t.tag FROM story s JOIN article l ON l.n = s.lead
                         JOIN article a ON a.story = s.id JOIN article_tag t ON t.article = a.n
                     WHERE s.id IN (SELECT story FROM article WHERE source IN these AND story IS NOT NULL)
                         AND (l.source IN these OR NOT EXISTS
                             (SELECT 1 FROM article_tag own WHERE own.article = l.n AND own.tag = t.tag))
                 ) GROUP BY tag",
            )?;
            let found = read.query_map([names], |row| Ok((row.get(0)?, rows::hash(row, 1)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// A tag by its key, shown in its most frequent spelling; `None` when no story has it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tag(&self, key: &str) -> Result<Option<Tag>, StoreError> {
        let key = key.to_owned();
        self.read(move |conn| {
            let mut read = conn.prepare_cached("SELECT shown, key FROM tag WHERE key = ?1 AND stories > 0")?;
            Ok(read.query_row([key], tag).optional()?)
        })
        .await
    }
}

pub(super) fn tag(row: &Row<'_>) -> rusqlite::Result<Tag> {
    Ok(Tag::from_parts(row.get::<_, String>(0)?, row.get::<_, String>(1)?))
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::super::{Shelf, Store};
    use crate::model::Article;

    async fn shown(store: &Store) -> String {
        store.tag("gaza").await.unwrap().unwrap().shown().to_owned()
    }

    #[tokio::test]
    async fn the_most_frequent_spelling_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let tagged = |guid: &str, written: &[&str]| Article { tags: tags(written), ..article("a", guid) };
        poll(&store, vec![tagged("1", &["GAZA", "gaza", "Rafah"])], new_or_skip()).await;
        assert_eq!(shown(&store).await, "GAZA");
        let before = store.revision_of(&Shelf::Tag("gaza".into())).await.unwrap();
        poll(&store, vec![tagged("2", &["Gaza"])], new_or_skip()).await;
        assert_eq!(shown(&store).await, "GAZA", "among equals it stays");
        poll(&store, vec![tagged("3", &["Gaza"])], new_or_skip()).await;
        assert_eq!(shown(&store).await, "Gaza");
        assert!(store.revision_of(&Shelf::Tag("gaza".into())).await.unwrap() > before);
        let used: Vec<_> = store.tags(9).await.unwrap().into_iter().map(|(t, n)| (t.shown().to_owned(), n)).collect();
        assert_eq!(used, [("Gaza".to_owned(), 3), ("Rafah".to_owned(), 1)]);
    }
}
