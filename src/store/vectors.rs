//! What the index of likeness needs of each story without reading its text.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{BodyFrom, Lang, Republish, SourceName, StoryId, Tagged};
use crate::text::hash;

use super::{Store, StoreError, rows, stories};

/// The most vectors given at one time.
const AT_ONCE: usize = 10_000;
/// The most tags of one story.
const TAGS: usize = 64;
/// Stories that led to one another.
const REDIRECTS: i64 = 1000;

/// A story without its text.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// Its id.
    pub story: StoryId,
    /// The date it is listed under.
    pub date: DateTime<Utc>,
    /// The language of its lead.
    pub lang: Option<Lang>,
    /// The source of its lead.
    pub source: SourceName,
    /// Where the lead's body was read.
    pub body_from: BodyFrom,
    /// What the lead's source allowed when it came.
    pub came_under: Option<Republish>,
    /// The keys of the tags of all its articles, the lead's first, with the source of each.
    pub tags: Vec<(String, SourceName)>,
    /// Other ids that lead to it.
    pub redirected: Vec<StoryId>,
    /// Its vector as it was kept last.
    pub vector: Option<StoredVector>,
    /// Stands for title, standfirst and text of its lead as they are now.
    pub of: u64,
}

/// A vector as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVector {
    /// Which analysis made it.
    pub form: u32,
    /// Stands for the text that it was made of: [`Outline::of`] at that time.
    pub of: u64,
    /// The words.
    pub words: Vec<u8>,
}

impl Store {
    /// Outlines of stories dated `since` or later that have not changed after revision `upto`, the eldest first, after the date and id
    /// of one of them; at most 1000.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn outlines_since(
        &self,
        since: DateTime<Utc>,
        upto: u64,
        after: Option<(DateTime<Utc>, StoryId)>,
        limit: usize,
    ) -> Result<Vec<Outline>, StoreError> {
        let upto = upto.min(i64::MAX as u64).cast_signed();
        self.read(move |conn| {
            // The index is newest first with ids ascending; backwards it is eldest first with ids descending.
            let mut read = conn.prepare_cached(&format!(
                "{OUTLINE} AND s.date >= ?1 AND (s.date > ?2 OR (s.date = ?2 AND s.id < ?3)) AND s.revision <= ?5
                 ORDER BY s.date, s.id DESC LIMIT ?4"
            ))?;
            let (date, id) = after.as_ref().map_or((i64::MIN, ""), |(date, id)| (rows::micros(*date), id.as_str()));
            let floor = rows::micros(since).max(date);
            let asked = params![floor, date, id, rows::count(limit.min(stories::AT_ONCE)), upto];
            let found = read.query_map(asked, lead)?.collect::<Result<Vec<_>, _>>()?;
            found.into_iter().map(|lead| lead.outline(conn)).collect()
        })
        .await
    }

    /// Outlines of these stories; what is not there, or leads to another, is left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn outlines(&self, ids: &[StoryId]) -> Result<Vec<Outline>, StoreError> {
        let ids = ids.to_vec();
        self.read(move |conn| outlines_of(conn, &ids)).await
    }

    /// The vectors of these stories, as they were kept last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn vectors(&self, ids: &[StoryId]) -> Result<HashMap<StoryId, Vec<u8>>, StoreError> {
        let ids: Vec<StoryId> = ids.iter().take(AT_ONCE).cloned().collect();
        self.read(move |conn| {
            let mut read = conn.prepare_cached("SELECT words FROM vector WHERE story = ?1")?;
            let mut found = HashMap::with_capacity(ids.len());
            for id in ids {
                let mut words = read.query_map([id.as_str()], |row| row.get::<_, Vec<u8>>(0))?;
                if let Some(words) = words.next().transpose()? {
                    found.insert(id, words);
                }
            }
            Ok(found)
        })
        .await
    }

    /// Keeps vectors, in place of those that were kept; no feed shows them, so that nothing has changed for readers.
    ///
    /// # Errors
    /// When they could not be written.
    pub async fn keep_vectors(&self, vectors: Vec<(StoryId, StoredVector)>) -> Result<(), StoreError> {
        self.write(move |conn| {
            let mut again = conn.prepare_cached("UPDATE vector SET form = ?2, of = ?3, words = ?4 WHERE story = ?1")?;
            // A story may have been purged meanwhile.
            let mut lives = conn.prepare_cached("SELECT 1 FROM story WHERE id = ?1")?;
            let mut keep =
                conn.prepare_cached("INSERT INTO vector (story, form, of, words) VALUES (?1, ?2, ?3, ?4)")?;
            for (story, StoredVector { form, of, words }) in vectors {
                let vector = params![story.as_str(), form, of.cast_signed(), words];
                if again.execute(vector)? == 0 && lives.exists([story.as_str()])? {
                    keep.execute(vector)?;
                }
            }
            Ok(())
        })
        .await
    }
}

/// Stories that lead nowhere else, as [`lead`] reads them.
const OUTLINE: &str =
    "SELECT s.id, s.date, a.lang, o.name, a.body_from, a.republish, a.title, a.standfirst, a.text_hash,
         v.form, v.of, v.words, s.lead, s.company, a.tags
     FROM story s CROSS JOIN article a ON a.n = s.lead CROSS JOIN source o ON o.n = a.source
         LEFT JOIN vector v ON v.story = s.id
     WHERE s.redirect_to IS NULL";

/// What is known of a story by its lead.
struct Lead {
    n: i64,
    has_company: bool,
    tags: Vec<Tagged>,
    outline: Outline,
}

fn lead(row: &Row<'_>) -> rusqlite::Result<Lead> {
    Ok(Lead { n: row.get(12)?, has_company: row.get(13)?, tags: rows::tags(row, 14)?, outline: outline(row)? })
}

impl Lead {
    /// The outline, under the tags of all articles of the story.
    fn outline(self, conn: &Connection) -> Result<Outline, StoreError> {
        let mut outline = self.outline;
        if self.has_company {
            outline.tags = tags(conn, &outline.story, self.n)?;
            outline.redirected = redirected(conn, &outline.story)?;
        } else {
            // Its lead is all that it ever had.
            let of_lead = self.tags.into_iter().map(|t| (t.tag.key().to_owned(), outline.source.clone()));
            outline.tags = of_lead.collect();
        }
        Ok(outline)
    }
}

fn outlines_of(conn: &Connection, ids: &[StoryId]) -> Result<Vec<Outline>, StoreError> {
    let mut read = conn.prepare_cached(&format!("{OUTLINE} AND s.id = ?1"))?;
    let mut outlines = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(lead) = read.query_row([id.as_str()], lead).optional()? {
            outlines.push(lead.outline(conn)?);
        }
    }
    Ok(outlines)
}

fn outline(row: &Row<'_>) -> rusqlite::Result<Outline> {
    let (title, standfirst): (String, Option<String>) = (row.get(6)?, row.get(7)?);
    let text: i64 = row.get(8)?;
    let written = [title.as_bytes(), standfirst.as_deref().unwrap_or_default().as_bytes(), &text.to_le_bytes()];
    let vector = match row.get::<_, Option<u32>>(9)? {
        Some(form) => Some(StoredVector { form, of: rows::hash(row, 10)?, words: row.get(11)? }),
        None => None,
    };
    Ok(Outline {
        story: rows::story_id(row, 0)?,
        date: rows::time(row, 1)?,
        lang: row.get::<_, Option<String>>(2)?.as_deref().and_then(Lang::parse),
        source: rows::source_name(row, 3)?,
        body_from: rows::body_from(row, 4)?,
        came_under: rows::republish(row, 5)?,
        tags: Vec::new(),
        redirected: Vec::new(),
        vector,
        of: hash(&written.join(&0)),
    })
}

fn tags(conn: &Connection, id: &StoryId, lead: i64) -> Result<Vec<(String, SourceName)>, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT a.tags, s.name FROM article a JOIN source s ON s.n = a.source
         WHERE a.story = ?1 AND a.tags IS NOT NULL ORDER BY a.n <> ?2, a.date, a.id",
    )?;
    let mut found = Vec::new();
    let mut rows = read.query(params![id.as_str(), lead])?;
    while let Some(row) = rows.next()?.filter(|_| found.len() < TAGS) {
        let source = rows::source_name(row, 1)?;
        found.extend(rows::tags(row, 0)?.into_iter().map(|t| (t.tag.key().to_owned(), source.clone())));
    }
    found.truncate(TAGS);
    Ok(found)
}

fn redirected(conn: &Connection, id: &StoryId) -> Result<Vec<StoryId>, StoreError> {
    let mut read = conn.prepare_cached("SELECT id FROM story WHERE redirect_to = ?1 LIMIT ?2")?;
    let found = read.query_map(params![id.as_str(), REDIRECTS], |row| rows::story_id(row, 0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::super::merge;
    use super::super::samples::*;
    use super::*;

    fn stored(of: u64, words: &[u8]) -> StoredVector {
        StoredVector { form: 1, of, words: words.to_vec() }
    }

    #[tokio::test]
    async fn a_vector_is_kept_as_long_as_its_story_and_tells_of_which_text_it_was_made() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let (first, other) = (article("a", "1"), article("b", "2"));
        poll(&store, vec![first.clone()], new_or_skip()).await;
        poll(&store, vec![other.clone()], new_or_skip()).await;
        let (a, b) = (story_of(&first), story_of(&other));
        let revision = store.revision();
        let [before] = &store.outlines(std::slice::from_ref(&a)).await.unwrap()[..] else { panic!() };
        assert_eq!((&before.vector, before.tags[0].0.as_str()), (&None, "gaza"));
        store.keep_vectors(vec![(a.clone(), stored(before.of, &[1])), (b.clone(), stored(0, &[2]))]).await.unwrap();
        assert_eq!(store.revision(), revision, "nothing that a feed shows");
        let kept = store.outlines_since(at(-9000), u64::MAX, None, 10).await.unwrap();
        let of_a = kept.iter().find(|o| o.story == a).unwrap();
        let earliest = store.changed_since(0, 1).await.unwrap();
        let unchanged = store.outlines_since(at(-9000), earliest.upto, None, 10).await.unwrap();
        assert_eq!(unchanged.iter().map(|o| &o.story).collect::<Vec<_>>(), [&a], "the other has changed later");
        assert_eq!(of_a.vector, Some(stored(of_a.of, &[1])));

        let revised = crate::model::Article { title: "Autre".into(), ..first.clone() };
        poll_at(&store, vec![revised], revises(), at(5)).await;
        let after = store.outlines(std::slice::from_ref(&a)).await.unwrap();
        assert_ne!(after[0].of, of_a.of);
        assert_eq!(store.vectors(&[a.clone(), b.clone()]).await.unwrap().len(), 2);

        let (one, other) = (a.clone(), b.clone());
        store.write(move |conn| merge::merge(conn, &one, &other)).await.unwrap();
        let one = store.outlines(&[a.clone(), b.clone()]).await.unwrap();
        assert_eq!(one.len(), 1);
        assert_eq!(one[0].redirected.len(), 1);
        store.purge(at(100)).await.unwrap();
        assert!(store.vectors(&[a, b]).await.unwrap().is_empty());
    }
}
