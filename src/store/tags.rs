//! Reads tags.

use std::collections::{HashMap, HashSet};

use rusqlite::{OptionalExtension, Row};

use crate::model::{SourceName, Tag};

use super::{Store, StoreError, rows};

/// The most tags given at one time.
pub(super) const AT_ONCE: usize = 10_000;

/// What stories owe to articles that are hidden: all of these sources (?1), and what came as private from sources that the file
/// does not name (?2 are those that it does). They are found by what their sources have shown: all articles would be read
/// otherwise.
const OWED: &str = "WITH these AS (SELECT n FROM source WHERE name IN (SELECT value FROM json_each(?1))),
         gone AS (SELECT n FROM source WHERE name NOT IN (SELECT value FROM json_each(?2))),
         looked AS (SELECT n FROM these UNION SELECT n FROM gone),
         theirs AS (SELECT DISTINCT a.story AS id FROM looked CROSS JOIN entry e ON e.source = looked.n
             CROSS JOIN article a ON a.id = coalesce(e.article, e.id)
             WHERE a.source = looked.n AND a.story IS NOT NULL AND (a.source IN these OR a.republish = 'private'))
     SELECT tag, count(*) FROM (
         SELECT DISTINCT s.id, t.value ->> 1 AS tag FROM theirs CROSS JOIN story s ON s.id = theirs.id
             JOIN article l ON l.n = s.lead JOIN article a ON a.story = s.id JOIN json_each(a.tags) t
         WHERE l.source IN these OR (l.source IN gone AND l.republish = 'private')
             OR NOT EXISTS (SELECT 1 FROM json_each(l.tags) own WHERE own.value ->> 1 = t.value ->> 1)
     ) GROUP BY tag";

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

    /// Of each tag, how many of its stories owe it to these sources, or to what came as private from sources that are not
    /// `known` any more: their leads come from there, or only copies from there have the tag. Tags of which there is none are
    /// left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tags_owed_to(
        &self,
        sources: &[SourceName],
        known: &[SourceName],
    ) -> Result<HashMap<String, u64>, StoreError> {
        let names =
            |names: &[SourceName]| rows::written_json(&names.iter().map(SourceName::as_str).collect::<Vec<_>>());
        let (sources, known) = (names(sources)?, names(known)?);
        self.read(move |conn| {
            let mut read = conn.prepare_cached(OWED)?;
            let found = read.query_map([sources, known], |row| Ok((row.get(0)?, rows::hash(row, 1)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Those of these keys under which a story stands that has been admitted.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tags_that_show(&self, keys: Vec<String>) -> Result<HashSet<String>, StoreError> {
        self.read(move |conn| {
            let mut read = conn.prepare_cached(
                "SELECT 1 FROM story_tag t CROSS JOIN story s ON s.id = t.story
                 WHERE t.tag = ?1 AND s.admitted IS NOT NULL LIMIT 1",
            )?;
            let mut shown = HashSet::new();
            for key in keys {
                if read.exists([&key])? {
                    shown.insert(key);
                }
            }
            Ok(shown)
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

    #[tokio::test]
    async fn what_is_owed_is_found_without_reading_all_articles() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let private = |from: &str, guid: &str, written: &str| Article {
            tags: tags(&[written]),
            republish: Some(crate::model::Republish::Private),
            ..article(from, guid)
        };
        poll(&store, vec![private("a", "1", "Secret"), private("b", "2", "Parti")], new_or_skip()).await;
        poll(&store, vec![article("c", "3")], new_or_skip()).await;
        let owed = async |sources: &[&str], known: &[&str]| {
            let [sources, known] = [sources, known].map(|names| names.iter().map(|n| source(n)).collect::<Vec<_>>());
            let mut owed: Vec<_> = store.tags_owed_to(&sources, &known).await.unwrap().into_iter().collect();
            owed.sort();
            owed.into_iter().map(|(tag, n)| format!("{tag} {n}")).collect::<Vec<_>>()
        };
        assert_eq!(owed(&["a"], &["a", "b", "c"]).await, ["secret 1"]);
        assert_eq!(
            owed(&["a"], &["a"]).await,
            ["parti 1", "secret 1"],
            "b left the file, and so did c, which was public"
        );
        let plan = |conn: &rusqlite::Connection| {
            let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {}", super::OWED))?;
            let steps = plan.query_map(["[]", "[]"], |row| row.get::<_, String>(3))?.collect::<Result<Vec<_>, _>>()?;
            Ok(steps.join("; "))
        };
        let plan = store.read(plan).await.unwrap();
        for table in ["a", "e", "s", "l", "t"] {
            assert!(!plan.split("; ").any(|step| step == format!("SCAN {table}")), "{table}: {plan}");
        }
    }
}
