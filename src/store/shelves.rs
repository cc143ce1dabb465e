//! The orders in which stories are listed: all of them, those with a tag, those of a curated feed. Each is a cluster of
//! rows, newest first, so that reading it costs its length and not the size of the database.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Story, StoryId};
use crate::query::Columns;

use super::{Store, StoreError, refill, rows, search, stories, touch};

/// The most feeds of one story.
const FEEDS: usize = 1000;

/// A list of stories, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Shelf {
    /// All stories.
    All,
    /// Those with the tag of this key.
    Tag(String),
    /// Those of the curated feed of this slug.
    Feed(String),
}

/// The curated feeds that a story belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelving {
    /// The story.
    pub story: StoryId,
    /// The slugs of all its feeds.
    pub feeds: Vec<String>,
}

/// A story taken in: where it stands, and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its feeds.
    pub shelving: Shelving,
    /// Its words.
    pub columns: Columns,
}

impl Store {
    /// Stories of a shelf, newest date first, then by id; at most 1000 at a time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn stories_in(&self, shelf: &Shelf, limit: usize, offset: usize) -> Result<Vec<Story>, StoreError> {
        let shelf = shelf.clone();
        self.read(move |conn| {
            let ids = ids(conn, &shelf, limit.min(stories::AT_ONCE), offset)?;
            stories::load_all(conn, &ids)
        })
        .await
    }

    /// Whether a story of a feed has its date between two instants, both included.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn has_dated(&self, feed: &str, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<bool, StoreError> {
        let feed = feed.to_owned();
        self.read(move |conn| {
            let mut read =
                conn.prepare_cached("SELECT 1 FROM membership WHERE feed = ?1 AND date BETWEEN ?2 AND ?3 LIMIT 1")?;
            Ok(read.exists(params![feed, rows::micros(from), rows::micros(until)])?)
        })
        .await
    }

    /// Stories of a feed's shelf dated between two instants, both included, in the order of [`Store::stories_in`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn stories_dated(
        &self,
        feed: &str,
        (from, until): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Story>, StoreError> {
        let feed = feed.to_owned();
        let (from, until) = (from.map_or(i64::MIN, rows::micros), until.map_or(i64::MAX, rows::micros));
        self.read(move |conn| {
            let ids = {
                let mut read = conn.prepare_cached(
                    "SELECT story FROM membership WHERE feed = ?1 AND date BETWEEN ?2 AND ?3
                     ORDER BY date DESC, story LIMIT ?4 OFFSET ?5",
                )?;
                let window = params![feed, from, until, rows::count(limit.min(stories::AT_ONCE)), rows::count(offset)];
                read.query_map(window, |row| rows::story_id(row, 0))?.collect::<Result<Vec<_>, _>>()?
            };
            stories::load_all(conn, &ids)
        })
        .await
    }

    /// How many stories a shelf has.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count_in(&self, shelf: &Shelf) -> Result<u64, StoreError> {
        let shelf = shelf.clone();
        let (sql, key) = match shelf {
            Shelf::All => ("SELECT value FROM counter WHERE name = ?1", "stories".to_owned()),
            Shelf::Tag(key) => ("SELECT stories FROM tag WHERE key = ?1", key),
            Shelf::Feed(slug) => ("SELECT stories FROM feed WHERE slug = ?1", slug),
        };
        self.number(sql, key).await
    }

    /// The revision at which what a shelf shows last changed; 0 when it never had anything. Rendered bytes are good for
    /// as long as it stays.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn revision_of(&self, shelf: &Shelf) -> Result<u64, StoreError> {
        let shelf = shelf.clone();
        let (sql, key) = match shelf {
            Shelf::All => ("SELECT value FROM counter WHERE name = ?1", "revision".to_owned()),
            Shelf::Tag(key) => ("SELECT revision FROM tag WHERE key = ?1", key),
            Shelf::Feed(slug) => ("SELECT revision FROM feed WHERE slug = ?1", slug),
        };
        self.number(sql, key).await
    }

    async fn number(&self, sql: &'static str, key: String) -> Result<u64, StoreError> {
        self.read(move |conn| {
            let found: Option<i64> = conn.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?;
            Ok(found.unwrap_or_default().max(0).cast_unsigned())
        })
        .await
    }

    /// Says for each of these stories to which curated feeds it belongs, instead of what was said before.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn shelve(&self, shelvings: Vec<Shelving>) -> Result<(), StoreError> {
        self.write(move |conn| {
            let mut moves = Moves::default();
            shelvings.iter().try_for_each(|s| shelve(conn, s, &mut moves))?;
            tell(conn, &moves)
        })
        .await
    }

    /// The revision up to which all stories have been taken in.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn taken_in(&self) -> Result<u64, StoreError> {
        self.number("SELECT value FROM counter WHERE name = ?1", "taken_in".to_owned()).await
    }

    /// Takes stories in: shelves them and keeps their words; then all up to revision `upto` are taken in.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn take_in(&self, taken: Vec<Taken>, upto: u64) -> Result<(), StoreError> {
        self.write(move |conn| {
            let mut moves = Moves::default();
            // In the order of what is looked up and written by story.
            let mut shelvings: Vec<&Shelving> = taken.iter().map(|t| &t.shelving).collect();
            shelvings.sort_by(|a, b| a.story.cmp(&b.story));
            shelvings.into_iter().try_for_each(|shelving| shelve(conn, shelving, &mut moves))?;
            tell(conn, &moves)?;
            search::put(conn, &taken.iter().map(|t| (&t.shelving.story, &t.columns)).collect::<Vec<_>>())?;
            conn.prepare_cached("UPDATE counter SET value = max(value, ?1) WHERE name = 'taken_in'")?
                .execute([upto.cast_signed()])?;
            Ok(())
        })
        .await
    }

    /// The curated feeds whose stories are kept, each with the hash of the query that they were chosen by.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn feed_queries(&self) -> Result<Vec<(String, u64)>, StoreError> {
        self.read(|conn| {
            let mut read = conn.prepare_cached("SELECT slug, query FROM feed WHERE query IS NOT NULL ORDER BY slug")?;
            Ok(read.query_map([], |row| Ok((row.get(0)?, rows::hash(row, 1)?)))?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Forgets a feed that is no longer in the file. Its stories stay.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn drop_feed(&self, slug: &str) -> Result<(), StoreError> {
        let slug = slug.to_owned();
        self.write(move |conn| {
            refill::forget(conn, &slug)?;
            conn.prepare_cached("DELETE FROM membership WHERE feed = ?1")?.execute([&slug])?;
            if conn.prepare_cached("DELETE FROM feed WHERE slug = ?1")?.execute([&slug])? > 0 {
                touch::raise(conn)?;
            }
            Ok(())
        })
        .await
    }
}

/// The ids of the stories of a shelf, in its order.
pub(super) fn ids(conn: &Connection, shelf: &Shelf, limit: usize, offset: usize) -> Result<Vec<StoryId>, StoreError> {
    let (sql, key) = match shelf {
        Shelf::All => (
            "SELECT id FROM story WHERE redirect_to IS NULL AND ?1 IS NULL ORDER BY date DESC, id LIMIT ?2 OFFSET ?3",
            None,
        ),
        Shelf::Tag(key) => {
            ("SELECT story, date FROM story_tag WHERE tag = ?1 ORDER BY date DESC, story LIMIT ?2 OFFSET ?3", Some(key))
        }
        Shelf::Feed(slug) => {
            ("SELECT story FROM membership WHERE feed = ?1 ORDER BY date DESC, story LIMIT ?2 OFFSET ?3", Some(slug))
        }
    };
    let mut read = conn.prepare_cached(sql)?;
    let found = read.query_map(params![key, rows::count(limit), rows::count(offset)], |row| rows::story_id(row, 0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// By slug: how many stories a feed has gained, those that it lost taken off.
type Moves = BTreeMap<String, i64>;

/// Puts a story on the shelves of its feeds. Those that gained or lost it are still to be told.
fn shelve(conn: &Connection, shelving: &Shelving, moves: &mut Moves) -> Result<(), StoreError> {
    let id = shelving.story.as_str();
    let date: Option<i64> = conn
        .prepare_cached("SELECT date FROM story WHERE id = ?1 AND redirect_to IS NULL")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let Some(date) = date else { return Ok(()) };
    refill::forget_story(conn, id)?;
    let before = feeds_of(conn, id)?;
    let now: BTreeSet<String> = shelving.feeds.iter().take(FEEDS).cloned().collect();
    if before == now {
        return Ok(());
    }
    for slug in now.difference(&before) {
        if !moves.contains_key(slug) {
            conn.prepare_cached("INSERT INTO feed (slug) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([slug])?;
        }
        put_in(conn, slug, date, id)?;
        *moves.entry(slug.clone()).or_default() += 1;
    }
    for slug in before.difference(&now) {
        take_out(conn, slug, date, id)?;
        *moves.entry(slug.clone()).or_default() -= 1;
    }
    Ok(())
}

/// Tells each feed once that it has gained or lost stories.
fn tell(conn: &Connection, moves: &Moves) -> Result<(), StoreError> {
    moves.iter().try_for_each(|(slug, by)| count(conn, slug, *by))
}

fn count(conn: &Connection, slug: &str, by: i64) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE feed SET stories = stories + ?2 WHERE slug = ?1")?.execute(params![slug, by])?;
    touch::feed(conn, slug)
}

fn put_in(conn: &Connection, slug: &str, date: i64, story: &str) -> Result<(), StoreError> {
    conn.prepare_cached("INSERT INTO membership (feed, date, story) VALUES (?1, ?2, ?3)")?
        .execute(params![slug, date, story])?;
    Ok(())
}

fn take_out(conn: &Connection, slug: &str, date: i64, story: &str) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM membership WHERE feed = ?1 AND date = ?2 AND story = ?3")?
        .execute(params![slug, date, story])?;
    Ok(())
}

/// The slugs of the feeds of a story.
pub(super) fn feeds_of(conn: &Connection, story: &str) -> Result<BTreeSet<String>, StoreError> {
    let mut read = conn.prepare_cached("SELECT feed FROM membership WHERE story = ?1")?;
    Ok(read.query_map([story], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

pub(super) fn enter(conn: &Connection, slug: &str, date: i64, story: &str) -> Result<(), StoreError> {
    put_in(conn, slug, date, story)?;
    count(conn, slug, 1)
}

pub(super) fn leave(conn: &Connection, slug: &str, date: i64, story: &str) -> Result<(), StoreError> {
    take_out(conn, slug, date, story)?;
    count(conn, slug, -1)
}

/// Takes a story off all its feeds, and its words away.
pub(super) fn clear(conn: &Connection, story: &str, date: i64) -> Result<(), StoreError> {
    refill::forget_story(conn, story)?;
    search::take(conn, story)?;
    feeds_of(conn, story)?.iter().try_for_each(|slug| leave(conn, slug, date, story))
}

#[cfg(test)]
mod tests {
    use super::super::What;
    use super::super::samples::*;
    use super::*;

    #[tokio::test]
    async fn shelves_are_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let dated = |guid: &str, minutes| {
            let mut article = article("a", guid);
            article.published = Some(at(minutes));
            article
        };
        let articles = [dated("1", -30), dated("2", -10), dated("3", -20), dated("4", -10), dated("5", -40)];
        poll(&store, articles.to_vec(), new_or_skip()).await;
        let mut tied = [story_of(&articles[1]), story_of(&articles[3])];
        tied.sort();
        let [a, b] = tied;
        let newest = [a, b, story_of(&articles[2]), story_of(&articles[0]), story_of(&articles[4])];
        let in_palestine = |story: &StoryId| Shelving { story: story.clone(), feeds: vec!["palestine".into()] };
        store.shelve(newest.iter().map(in_palestine).collect()).await.unwrap();
        for shelf in [Shelf::All, Shelf::Tag("gaza".into()), Shelf::Feed("palestine".into())] {
            let found = store.stories_in(&shelf, 10, 0).await.unwrap();
            assert_eq!(found.iter().map(|s| s.id.clone()).collect::<Vec<_>>(), newest, "{shelf:?}");
            let middle = store.stories_in(&shelf, 2, 1).await.unwrap();
            assert_eq!(middle.iter().map(|s| s.id.clone()).collect::<Vec<_>>(), newest[1..3]);
            assert_eq!(store.count_in(&shelf).await.unwrap(), 5);
        }
    }

    #[tokio::test]
    async fn shelving_replaces_and_tells_the_shelf_that_lost() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let first = article("a", "1");
        poll(&store, vec![first.clone()], new_or_skip()).await;
        let shelve = |feeds: &[&str]| {
            let feeds = feeds.iter().map(|f| (*f).to_owned()).collect();
            store.shelve(vec![Shelving { story: story_of(&first), feeds }])
        };
        let (x, y) = (Shelf::Feed("x".into()), Shelf::Feed("y".into()));
        shelve(&["x"]).await.unwrap();
        let (all, of_x) = (store.revision(), store.revision_of(&x).await.unwrap());
        shelve(&["x"]).await.unwrap();
        assert_eq!((store.revision(), store.revision_of(&x).await.unwrap()), (all, of_x), "said twice: no change");
        shelve(&["y"]).await.unwrap();
        assert!(store.revision_of(&x).await.unwrap() > of_x);
        assert_eq!((store.count_in(&x).await.unwrap(), store.count_in(&y).await.unwrap()), (0, 1));
        store.begin_refill("y", u64::MAX).await.unwrap();
        let refill = store.refills().await.unwrap().into_iter().find(|r| r.what == What::Feed("y".into())).unwrap();
        store.finish_refill(refill).await.unwrap();
        assert_eq!(store.feed_queries().await.unwrap(), [("y".to_owned(), u64::MAX)]);
        store.drop_feed("y").await.unwrap();
        assert!(store.feed_queries().await.unwrap().is_empty());
        assert!(store.stories_in(&y, 9, 0).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn lists_read_rows_in_order_and_sort_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(open_in(folder.path()));
        let conn = Connection::open(folder.path().join("feeds.db")).unwrap();
        for sql in [
            "SELECT id FROM story WHERE redirect_to IS NULL AND ?1 IS NULL ORDER BY date DESC, id LIMIT ?2 OFFSET ?3",
            "SELECT story, date FROM story_tag WHERE tag = ?1 ORDER BY date DESC, story LIMIT ?2 OFFSET ?3",
            "SELECT story FROM membership WHERE feed = ?1 ORDER BY date DESC, story LIMIT ?2 OFFSET ?3",
            "SELECT id FROM story WHERE redirect_to IS NULL AND date >= ?1 AND (date > ?2 OR (date = ?2 AND id < ?3))
                 ORDER BY date, id DESC LIMIT ?4",
            "SELECT a.title FROM story s CROSS JOIN article a ON a.n = s.lead WHERE s.redirect_to IS NULL AND s.date >= ?1
                 AND (s.date > ?2 OR (s.date = ?2 AND s.id < ?3)) AND s.revision <= ?5 ORDER BY s.date, s.id DESC LIMIT ?4",
            "SELECT id, revision FROM story WHERE revision > ?1 AND redirect_to IS NULL ORDER BY revision LIMIT ?2",
            "SELECT id FROM story WHERE admitted IS NULL AND redirect_to IS NULL ORDER BY first_seen, id LIMIT ?1",
            "SELECT admitted, id FROM story
                 WHERE admitted IS NOT NULL AND redirect_to IS NULL AND (admitted, id) > (?1, ?2) AND admitted < ?3
                 ORDER BY admitted, id LIMIT ?4",
            "SELECT story FROM membership WHERE feed = ?1 AND date BETWEEN ?2 AND ?3 ORDER BY date DESC, story LIMIT ?4",
            "SELECT id FROM story WHERE redirect_to IS NULL AND date BETWEEN ?1 AND ?2 ORDER BY date DESC, id LIMIT ?3",
            "SELECT id FROM story WHERE redirect_to IS NULL AND date <= ?1 AND (date < ?1 OR id > ?2)
                 ORDER BY date DESC, id LIMIT ?3",
            "SELECT shown, key, stories FROM tag WHERE stories > 0 ORDER BY stories DESC, key LIMIT ?1",
        ] {
            let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let nothing = vec![rusqlite::types::Null; plan.parameter_count()];
            let steps: Vec<String> = plan
                .query_map(rusqlite::params_from_iter(nothing), |row| row.get(3))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            let steps = steps.join("; ");
            assert!(steps.contains("USING") && !steps.contains("TEMP B-TREE"), "{sql}: {steps}");
        }
    }
}
