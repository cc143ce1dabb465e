//! Asking all stories again, in pieces, without anybody having to wait: the words of each where they are not there yet, the
//! query of a feed where it has changed. What is done is noted with each piece, so that a stop in the middle goes on later.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Story, StoryId};
use crate::query::Columns;

use super::{Store, StoreError, rows, search, shelves, stories, touch};

/// What is asked of all stories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Their words.
    Words,
    /// Whether they stand in the feed of this slug.
    Feed(String),
}

impl What {
    fn key(&self) -> String {
        match self {
            Self::Words => "search".into(),
            Self::Feed(slug) => format!("feed/{slug}"),
        }
    }

    fn read(key: &str) -> Self {
        key.strip_prefix("feed/").map_or(Self::Words, |slug| Self::Feed(slug.to_owned()))
    }
}

/// Where the asking stands: all stories as new as this one, or newer, have been asked.
pub type Position = Option<(DateTime<Utc>, StoryId)>;

/// Something that all stories are being asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refill {
    /// What.
    pub what: What,
    /// The hash of the query.
    pub query: u64,
    /// How far it has come.
    pub after: Position,
}

/// What a story answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refilled {
    /// The story.
    pub story: StoryId,
    /// In which of the feeds that were asked it stands.
    pub feeds: Vec<String>,
    /// Its words, where they were asked for.
    pub columns: Option<Columns>,
}

impl Store {
    /// What is being asked of all stories.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn refills(&self) -> Result<Vec<Refill>, StoreError> {
        self.read(|conn| {
            let mut read = conn.prepare_cached("SELECT what, query, date, story FROM refill ORDER BY what")?;
            let found = read.query_map([], |row| {
                let after = rows::maybe_time(row, 2)?.zip(rows::maybe_story_id(row, 3)?);
                Ok(Refill { what: What::read(row.get_ref(0)?.as_str()?), query: rows::hash(row, 1)?, after })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Begins to ask all stories whether they stand in a feed whose query has changed. Until all are asked the feed keeps
    /// the stories that it has; one that has none yet gets them as they come.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn begin_refill(&self, slug: &str, query: u64) -> Result<(), StoreError> {
        let slug = slug.to_owned();
        self.write(move |conn| {
            conn.prepare_cached("INSERT INTO feed (slug) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([&slug])?;
            forget(conn, &slug)?;
            conn.prepare_cached("INSERT INTO refill (what, query) VALUES (?1, ?2)")?
                .execute(params![What::Feed(slug).key(), query.cast_signed()])?;
            Ok(())
        })
        .await
    }

    /// Leaves it at what it was: the query of a feed is again the one that its stories were chosen by.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn cancel_refill(&self, slug: &str) -> Result<(), StoreError> {
        let slug = slug.to_owned();
        self.write(move |conn| forget(conn, &slug)).await
    }

    /// The next stories to be asked, the newest first; at most 1000 at a time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn stories_after(&self, after: Position, limit: usize) -> Result<Vec<Story>, StoreError> {
        self.read(move |conn| {
            let ids = {
                let mut read = conn.prepare_cached(
                    "SELECT id FROM story
                     WHERE redirect_to IS NULL AND date <= ?1 AND (date < ?1 OR id > ?2)
                     ORDER BY date DESC, id LIMIT ?3",
                )?;
                let (date, id) = match &after {
                    Some((date, id)) => (rows::micros(*date), id.as_str()),
                    None => (i64::MAX, ""),
                };
                let limit = rows::count(limit.min(stories::AT_ONCE));
                let found = read.query_map(params![date, id, limit], |row| rows::story_id(row, 0))?;
                found.collect::<Result<Vec<_>, _>>()?
            };
            stories::load_all(conn, &ids)
        })
        .await
    }

    /// Notes what stories answered to what was asked (`refills`), up to `after`; what another query has overtaken is left
    /// out, and so is what a story answered that has changed since the store was at revision `read`: it is asked by itself.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn refill(
        &self,
        refills: Vec<Refill>,
        answers: Vec<Refilled>,
        (after, read): (Position, u64),
    ) -> Result<(), StoreError> {
        self.write(move |conn| {
            let mut still = Vec::with_capacity(answers.len());
            for answer in &answers {
                if is_as_read(conn, &answer.story, read)? {
                    still.push(answer);
                }
            }
            let answers = still;
            let words: Vec<_> = answers.iter().filter_map(|a| Some((&a.story, a.columns.as_ref()?))).collect();
            search::put(conn, &words)?;
            for refill in &refills {
                if !goes_on(conn, refill)? {
                    continue;
                }
                if let What::Feed(slug) = &refill.what {
                    let is_new = is_new(conn, slug)?;
                    for answer in &answers {
                        note(conn, slug, &answer.story, answer.feeds.contains(slug), is_new)?;
                    }
                }
                let (date, story) = after.as_ref().map(|(date, id)| (rows::micros(*date), id.as_str())).unzip();
                conn.prepare_cached("UPDATE refill SET date = ?1, story = ?2 WHERE what = ?3")?.execute(params![
                    date,
                    story,
                    refill.what.key()
                ])?;
            }
            Ok(())
        })
        .await
    }

    /// All stories have been asked: the feed takes its new stories for the old ones.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn finish_refill(&self, refill: Refill) -> Result<(), StoreError> {
        self.write(move |conn| {
            if !goes_on(conn, &refill)? {
                return Ok(());
            }
            match &refill.what {
                What::Words => {
                    conn.prepare_cached("DELETE FROM refill WHERE what = ?1")?.execute([refill.what.key()])?;
                }
                What::Feed(slug) => {
                    change(conn, slug)?;
                    forget(conn, slug)?;
                    conn.prepare_cached("UPDATE feed SET query = ?2 WHERE slug = ?1")?
                        .execute(params![slug, refill.query.cast_signed()])?;
                    touch::feed(conn, slug)?;
                }
            }
            Ok(())
        })
        .await
    }
}

/// Whether it is still what is asked.
fn goes_on(conn: &Connection, refill: &Refill) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM refill WHERE what = ?1 AND query = ?2")?
        .exists(params![refill.what.key(), refill.query.cast_signed()])?)
}

/// Whether a story is as it was at a revision.
fn is_as_read(conn: &Connection, story: &StoryId, read: u64) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM story WHERE id = ?1 AND revision <= ?2")?
        .exists(params![story.as_str(), read.cast_signed()])?)
}

fn is_new(conn: &Connection, slug: &str) -> Result<bool, StoreError> {
    Ok(conn.prepare_cached("SELECT 1 FROM feed WHERE slug = ?1 AND query IS NULL")?.exists([slug])?)
}

fn note(conn: &Connection, slug: &str, story: &StoryId, stands: bool, is_new: bool) -> Result<(), StoreError> {
    let id = story.as_str();
    let date: Option<i64> = conn
        .prepare_cached("SELECT date FROM story WHERE id = ?1 AND redirect_to IS NULL")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let Some(date) = date else { return Ok(()) };
    let stood = conn
        .prepare_cached("SELECT 1 FROM membership WHERE feed = ?1 AND date = ?2 AND story = ?3")?
        .exists(params![slug, date, id])?;
    match (stood, stands) {
        (true, true) | (false, false) => {}
        (false, true) if is_new => shelves::enter(conn, slug, date, id)?,
        (true, false) if is_new => shelves::leave(conn, slug, date, id)?,
        _ => {
            conn.prepare_cached("INSERT OR REPLACE INTO refilled (feed, story, date, stands) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![slug, id, date, stands])?;
        }
    }
    Ok(())
}

fn change(conn: &Connection, slug: &str) -> Result<(), StoreError> {
    let came = conn
        .prepare_cached(
            "INSERT INTO membership (feed, date, story)
             SELECT feed, date, story FROM refilled WHERE feed = ?1 AND stands ON CONFLICT DO NOTHING",
        )?
        .execute([slug])?;
    let went = conn
        .prepare_cached(
            "DELETE FROM membership WHERE feed = ?1 AND EXISTS
                 (SELECT 1 FROM refilled r WHERE r.feed = ?1 AND r.story = membership.story AND NOT r.stands)",
        )?
        .execute([slug])?;
    conn.prepare_cached("UPDATE feed SET stories = stories + ?2 - ?3 WHERE slug = ?1")?.execute(params![
        slug,
        rows::count(came),
        rows::count(went)
    ])?;
    Ok(())
}

/// Drops what a feed was being asked, and what has been answered.
pub(super) fn forget(conn: &Connection, slug: &str) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM refilled WHERE feed = ?1")?.execute([slug])?;
    conn.prepare_cached("DELETE FROM refill WHERE what = ?1")?.execute([What::Feed(slug.to_owned()).key()])?;
    Ok(())
}

/// A story has been asked anew by itself: what it answered before does not count.
pub(super) fn forget_story(conn: &Connection, story: &str) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM refilled WHERE story = ?1")?.execute([story])?;
    Ok(())
}

/// From which date on the words of all stories are there; `None`: of all.
pub(super) fn since(conn: &Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    let found = conn
        .prepare_cached("SELECT coalesce(date, ?2) FROM refill WHERE what = ?1")?
        .query_row(params![What::Words.key(), i64::MAX], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(found.map(|micros| DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::<Utc>::MAX_UTC)))
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::super::{Shelf, Shelving};
    use super::*;

    fn feed(slug: &str) -> What {
        What::Feed(slug.into())
    }

    async fn asking(store: &Store, what: &What) -> Option<Refill> {
        store.refills().await.unwrap().into_iter().find(|r| r.what == *what)
    }

    async fn answer(store: &Store, refill: &Refill, stories: &[Story], stands: bool) {
        let feeds = if stands { vec!["f".to_owned()] } else { Vec::new() };
        let answers = stories.iter().map(|s| Refilled { story: s.id.clone(), feeds: feeds.clone(), columns: None });
        let after = stories.last().map(|s| (s.date, s.id.clone()));
        store.refill(vec![refill.clone()], answers.collect(), (after, store.revision())).await.unwrap();
    }

    #[tokio::test]
    async fn a_feed_keeps_its_stories_until_all_were_asked() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let articles: Vec<_> = (0..6)
            .map(|i| crate::model::Article { published: Some(at(-i / 2)), ..article("a", &i.to_string()) })
            .collect();
        poll(&store, articles.clone(), new_or_skip()).await;
        let shelf = Shelf::Feed("f".into());
        let held = || async { store.stories_in(&shelf, 9, 0).await.unwrap().len() as u64 };

        // A new feed shows what it has so far.
        store.begin_refill("f", 1).await.unwrap();
        let refill = asking(&store, &feed("f")).await.unwrap();
        let first = store.stories_after(None, 4).await.unwrap();
        answer(&store, &refill, &first, true).await;
        assert_eq!(held().await, 4);
        let again = asking(&store, &feed("f")).await.unwrap();
        let rest = store.stories_after(again.after.clone(), 4).await.unwrap();
        assert_eq!(first.iter().chain(&rest).map(|s| &s.id).collect::<std::collections::HashSet<_>>().len(), 6);
        answer(&store, &again, &rest, true).await;
        store.finish_refill(again).await.unwrap();
        assert_eq!((held().await, asking(&store, &feed("f")).await), (6, None));
        assert_eq!(store.feed_queries().await.unwrap(), [("f".to_owned(), 1)]);

        // A changed one keeps what it had, over a restart too.
        store.begin_refill("f", 2).await.unwrap();
        let refill = asking(&store, &feed("f")).await.unwrap();
        answer(&store, &refill, &first, false).await;
        assert_eq!(held().await, 6);
        store.close().await.unwrap();
        let store = open_in(folder.path());
        let held = || async { store.stories_in(&shelf, 9, 0).await.unwrap().len() as u64 };
        let goes_on = asking(&store, &feed("f")).await.unwrap();
        assert_eq!(goes_on.after, first.last().map(|s| (s.date, s.id.clone())));
        // A story that changes meanwhile is asked by itself, and what it said before does not count.
        store.shelve(vec![Shelving { story: first[0].id.clone(), feeds: vec!["f".into()] }]).await.unwrap();
        let revision = store.revision_of(&shelf).await.unwrap();
        store.finish_refill(goes_on.clone()).await.unwrap();
        assert_eq!((held().await, store.count_in(&shelf).await.unwrap()), (3, 3));
        assert!(store.revision_of(&shelf).await.unwrap() > revision);

        // A second change begins again; the first asks no longer.
        store.begin_refill("f", 3).await.unwrap();
        let overtaken = asking(&store, &feed("f")).await.unwrap();
        answer(&store, &overtaken, &first, true).await;
        store.begin_refill("f", 4).await.unwrap();
        answer(&store, &overtaken, &rest, true).await;
        store.finish_refill(overtaken).await.unwrap();
        assert_eq!(asking(&store, &feed("f")).await.map(|r| (r.query, r.after)), Some((4, None)));
        assert_eq!(held().await, 3);
        store.cancel_refill("f").await.unwrap();
        assert_eq!((asking(&store, &feed("f")).await, store.feed_queries().await.unwrap()[0].1), (None, 2));
    }

    #[tokio::test]
    async fn what_a_story_said_before_it_changed_is_not_noted() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let articles = ["1", "2"].map(|guid| article("a", guid));
        poll(&store, articles.to_vec(), new_or_skip()).await;
        store.begin_refill("f", 1).await.unwrap();
        let refill = asking(&store, &feed("f")).await.unwrap();
        let (read, stories) = (store.revision(), store.stories_after(None, 9).await.unwrap());
        let changed = crate::model::Article { title: "Autre".into(), ..articles[0].clone() };
        poll(&store, vec![changed], revises()).await;
        store.shelve(vec![Shelving { story: story_of(&articles[0]), feeds: Vec::new() }]).await.unwrap();
        let columns = Columns { title: "avant".into(), ..Columns::default() };
        let said =
            |s: &Story| Refilled { story: s.id.clone(), feeds: vec!["f".into()], columns: Some(columns.clone()) };
        let answers = stories.iter().map(said).collect();
        store.refill(vec![refill], answers, (None, read)).await.unwrap();
        let shelf = store.stories_in(&Shelf::Feed("f".into()), 9, 0).await.unwrap();
        assert_eq!(shelf.iter().map(|s| s.id.clone()).collect::<Vec<_>>(), [story_of(&articles[1])]);
        let rows =
            |conn: &Connection| Ok(conn.query_row("SELECT count(*) FROM search_row", [], |r| r.get::<_, i64>(0))?);
        assert_eq!(store.read(rows).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn words_are_there_from_a_date_on() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        poll(&store, vec![article("a", "1")], new_or_skip()).await;
        let refill = asking(&store, &What::Words).await.unwrap();
        assert!(store.read(since).await.unwrap() > Some(at(0)));
        let stories = store.stories_after(None, 9).await.unwrap();
        answer(&store, &refill, &stories, false).await;
        assert_eq!(store.read(since).await.unwrap(), Some(stories[0].date));
        store.finish_refill(refill).await.unwrap();
        assert_eq!(store.read(since).await.unwrap(), None);
    }
}
