//! Recommendations as they were fixed when a story was admitted.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Lang, Provenance, Recommendation, Republish, StoryId, Why};

use super::{Shelf, Store, StoreError, rows, shelves, touch};

/// The most recommendations kept for one story.
const MOST: usize = 100;
/// The most ids given at one time.
const AT_ONCE: usize = 10_000;
/// In place of whether a list stands: nobody has asked yet what an admitted story recommends.
const UNASKED: i64 = -1;

/// The recommendations that a story is admitted with, or completed by.
#[derive(Debug, Clone, PartialEq)]
pub struct Admission {
    /// The story.
    pub story: StoryId,
    /// What it recommends, in order: the story, the score, why.
    pub recommended: Vec<(StoryId, f32, Why)>,
    /// Whether the list stands from now on. One that does not can be completed once.
    pub completed: bool,
}

impl Store {
    /// What each of these stories recommends, shown as the recommended stories are now; those withdrawn are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn recommendations(
        &self,
        stories: &[StoryId],
    ) -> Result<HashMap<StoryId, Vec<Recommendation>>, StoreError> {
        self.recommendations_in(None, stories).await
    }

    /// The same for a feed that has lists of its own.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn recommendations_in(
        &self,
        feed: Option<&str>,
        stories: &[StoryId],
    ) -> Result<HashMap<StoryId, Vec<Recommendation>>, StoreError> {
        let (feed, stories) = (feed.map(str::to_owned), stories.to_vec());
        self.read(move |conn| {
            let mut all = HashMap::with_capacity(stories.len());
            for story in stories {
                let found = of_story(conn, &story, feed.as_deref())?;
                if !found.is_empty() {
                    all.insert(story, found);
                }
            }
            Ok(all)
        })
        .await
    }

    /// Those of the newest stories of a feed for which it has no list of its own yet, or only of what the feed `hidden` holds.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn lacking(&self, feed: &str, hidden: &str, limit: usize) -> Result<Vec<StoryId>, StoreError> {
        let (feed, hidden) = (feed.to_owned(), hidden.to_owned());
        self.read(move |conn| {
            let mut read = conn.prepare_cached(
                "SELECT m.story FROM
                     (SELECT story, date FROM membership WHERE feed = ?1 ORDER BY date DESC, story LIMIT ?2) m
                     JOIN story s ON s.id = m.story
                 WHERE s.admitted IS NOT NULL
                     AND NOT EXISTS (SELECT 1 FROM recommendation r WHERE r.story = m.story AND r.feed = ?1
                         AND NOT EXISTS (SELECT 1 FROM membership h WHERE h.story = r.to_story AND h.feed = ?3))
                 ORDER BY m.date DESC, m.story",
            )?;
            let limit = rows::count(limit.min(AT_ONCE));
            Ok(read.query_map(params![feed, limit, hidden], |row| rows::story_id(row, 0))?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Fixes what admitted stories recommend in a feed that has lists of its own, in place of what was fixed there.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn recommend_in(&self, feed: &str, admissions: Vec<Admission>) -> Result<(), StoreError> {
        let feed = feed.to_owned();
        self.write(move |conn| {
            for Admission { story, recommended, .. } in &admissions {
                let before = kept(conn, story.as_str(), Some(&feed))?;
                put(conn, story.as_str(), recommended, Some(&feed))?;
                if kept(conn, story.as_str(), Some(&feed))? != before {
                    touch::shown(conn, story.as_str())?;
                }
            }
            Ok(())
        })
        .await
    }

    /// The slugs of the feeds in which each of these stories stands, in order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn feeds_of(&self, stories: &[StoryId]) -> Result<HashMap<StoryId, Vec<String>>, StoreError> {
        let stories = stories.to_vec();
        self.read(move |conn| {
            let mut read = conn.prepare_cached("SELECT feed FROM membership WHERE story = ?1 ORDER BY feed")?;
            let mut all = HashMap::with_capacity(stories.len());
            for story in stories {
                let feeds = read.query_map([story.as_str()], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
                all.insert(story, feeds);
            }
            Ok(all)
        })
        .await
    }

    /// The stories of a feed dated `since` or later.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn members(&self, feed: &str, since: DateTime<Utc>) -> Result<HashSet<StoryId>, StoreError> {
        let feed = feed.to_owned();
        self.read(move |conn| {
            let mut read = conn.prepare_cached("SELECT story FROM membership WHERE feed = ?1 AND date >= ?2")?;
            let found = read.query_map(params![feed, rows::micros(since)], |row| rows::story_id(row, 0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Admits stories that have not been: feeds may show them. What they recommend is fixed when a feed first does.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn admit(&self, stories: Vec<StoryId>, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |conn| {
            let mut admit = conn.prepare_cached(
                "UPDATE story SET admitted = ?2, completed = ?3
                 WHERE id = ?1 AND admitted IS NULL AND redirect_to IS NULL",
            )?;
            let mut admitted = Vec::with_capacity(stories.len());
            for story in &stories {
                if admit.execute(params![story.as_str(), rows::micros(now), UNASKED])? > 0 {
                    admitted.push(story.as_str());
                }
            }
            if !admitted.is_empty() {
                touch::all_shown(conn, admitted.into_iter())?;
            }
            Ok(())
        })
        .await
    }

    /// Those of these stories that have been admitted without anybody having asked what they recommend, in their order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn unasked(&self, stories: &[StoryId]) -> Result<Vec<StoryId>, StoreError> {
        let stories = stories.to_vec();
        self.read(move |conn| unasked(conn, stories)).await
    }

    /// The newest stories of a shelf, in its order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn newest_in(&self, shelf: &Shelf, limit: usize) -> Result<Vec<StoryId>, StoreError> {
        let shelf = shelf.clone();
        self.read(move |conn| shelves::ids(conn, &shelf, limit.min(AT_ONCE), 0)).await
    }

    /// Fixes what stories recommend, and admits those that have not been. A list is fixed once and may be completed once, by
    /// an admission that says so; after that it stands and a further admission changes nothing.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn recommend(&self, admissions: Vec<Admission>, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |conn| admissions.iter().try_for_each(|admission| admit(conn, admission, now))).await
    }

    /// Stories that have not been admitted and were first seen at `until` or before, the eldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn unadmitted(&self, until: DateTime<Utc>, limit: usize) -> Result<Vec<StoryId>, StoreError> {
        self.read(move |conn| {
            let mut read = conn.prepare_cached(
                "SELECT id FROM story WHERE admitted IS NULL AND redirect_to IS NULL AND first_seen <= ?1
                 ORDER BY first_seen, id LIMIT ?2",
            )?;
            let limits = params![rows::micros(until), rows::count(limit.min(AT_ONCE))];
            Ok(read.query_map(limits, |row| rows::story_id(row, 0))?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// When the eldest of the stories that have not been admitted was first seen.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn eldest_unadmitted(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.read(move |conn| {
            let mut read = conn.prepare_cached(
                "SELECT first_seen FROM story WHERE admitted IS NULL AND redirect_to IS NULL ORDER BY first_seen LIMIT 1",
            )?;
            Ok(read.query_row([], |row| rows::time(row, 0)).optional()?)
        })
        .await
    }

    /// Those of these stories that have been admitted.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn admitted(&self, stories: &[StoryId]) -> Result<HashSet<StoryId>, StoreError> {
        let stories = stories.to_vec();
        self.read(move |conn| {
            let mut read = conn.prepare_cached("SELECT 1 FROM story WHERE id = ?1 AND admitted IS NOT NULL")?;
            let mut admitted = HashSet::with_capacity(stories.len());
            for story in stories {
                if read.exists([story.as_str()])? {
                    admitted.insert(story);
                }
            }
            Ok(admitted)
        })
        .await
    }

    /// Those of these stories that have not been admitted and were first seen after `settled`: they wait for their copies.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn waiting(&self, stories: Vec<StoryId>, settled: DateTime<Utc>) -> Result<HashSet<StoryId>, StoreError> {
        self.read(move |conn| {
            let mut read =
                conn.prepare_cached("SELECT 1 FROM story WHERE id = ?1 AND admitted IS NULL AND first_seen > ?2")?;
            let mut waiting = HashSet::new();
            for story in stories {
                if read.exists(params![story.as_str(), rows::micros(settled)])? {
                    waiting.insert(story);
                }
            }
            Ok(waiting)
        })
        .await
    }

    /// Stories admitted at `since` or later that may still be completed and recommend fewer than so many that `hidden` does not hold.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn incomplete(
        &self,
        since: DateTime<Utc>,
        fewer_than: usize,
        hidden: &str,
        limit: usize,
    ) -> Result<Vec<StoryId>, StoreError> {
        let hidden = hidden.to_owned();
        self.read(move |conn| {
            let mut read = conn.prepare_cached(
                "SELECT id FROM story
                 WHERE completed = 0 AND admitted IS NOT NULL AND redirect_to IS NULL
                     AND admitted >= ?1 AND (recommended < ?2 OR recommended < ?2 +
                         (SELECT count(*) FROM recommendation r JOIN membership m ON m.story = r.to_story AND m.feed = ?4
                          WHERE r.story = story.id AND r.feed IS NULL))
                 ORDER BY admitted, id LIMIT ?3",
            )?;
            let limits = params![rows::micros(since), rows::count(fewer_than), rows::count(limit.min(AT_ONCE)), hidden];
            Ok(read.query_map(limits, |row| rows::story_id(row, 0))?.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn unasked(conn: &Connection, stories: Vec<StoryId>) -> Result<Vec<StoryId>, StoreError> {
    let mut read = conn.prepare_cached("SELECT 1 FROM story WHERE id = ?1 AND completed = ?2")?;
    let asked = stories.into_iter().map(|story| Ok((read.exists(params![story.as_str(), UNASKED])?, story)));
    asked.filter_map(|found| found.map(|(unasked, story)| unasked.then_some(story)).transpose()).collect()
}

/// What a story recommends; of a feed's own lists, or of the usual ones.
fn of_story(conn: &Connection, story: &StoryId, feed: Option<&str>) -> Result<Vec<Recommendation>, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT t.id, a.title, a.url, a.provenance, t.date, a.lang, r.score, r.why, o.name, a.republish
         FROM recommendation r JOIN story t ON t.id = r.to_story JOIN article a ON a.n = t.lead
             JOIN source o ON o.n = a.source
         WHERE r.story = ?1 AND t.id <> ?1 AND r.feed IS ?2 ORDER BY r.position",
    )?;
    let found = read.query_map(params![story.as_str(), feed], |row| {
        let provenance: Provenance = rows::json(row, 3)?;
        Ok(Recommendation {
            story: rows::story_id(row, 0)?,
            source: rows::source_name(row, 8)?,
            came_as_private: rows::republish(row, 9)? == Some(Republish::Private),
            title: row.get(1)?,
            url: row.get(2)?,
            outlet: provenance.outlet.name,
            date: rows::time(row, 4)?,
            lang: row.get::<_, Option<String>>(5)?.as_deref().and_then(Lang::parse),
            score: row.get(6)?,
            why: rows::json(row, 7)?,
        })
    })?;
    let mut seen = HashSet::new();
    let mut list = Vec::new();
    for found in found {
        let found: Recommendation = found?;
        // Two that were recommended may have become one.
        if seen.insert(found.story.clone()) {
            list.push(found);
        }
    }
    Ok(list)
}

fn admit(conn: &Connection, admission: &Admission, now: DateTime<Utc>) -> Result<(), StoreError> {
    let story = admission.story.as_str();
    let stands: Option<(bool, i64)> = conn
        .prepare_cached("SELECT admitted IS NOT NULL, completed FROM story WHERE id = ?1 AND redirect_to IS NULL")?
        .query_row([story], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let first = stands.is_some_and(|(admitted, _)| !admitted);
    match stands {
        Some((false, _) | (true, UNASKED)) => {}
        Some((true, 0)) if admission.completed => {}
        _ => return Ok(()),
    }
    if first {
        touch::beside(conn, story)?;
    }
    let before = kept(conn, story, None)?;
    let position = put(conn, story, &admission.recommended, None)?;
    conn.prepare_cached(
        "UPDATE story SET admitted = coalesce(admitted, ?2), completed = ?3, recommended = ?4 WHERE id = ?1",
    )?
    .execute(params![story, rows::micros(now), admission.completed, rows::count(position)])?;
    // Feeds show admitted stories only, and their lists: their bytes are new, though the story's `changed` does not move.
    if first || kept(conn, story, None)? != before {
        touch::shown(conn, story)?;
    }
    Ok(())
}

/// Writes a list in place of the one that was there; gives its length.
fn put(
    conn: &Connection,
    story: &str,
    recommended: &[(StoryId, f32, Why)],
    feed: Option<&str>,
) -> Result<usize, StoreError> {
    conn.prepare_cached("DELETE FROM recommendation WHERE story = ?1 AND feed IS ?2")?.execute(params![story, feed])?;
    let mut seen = HashSet::from([story]);
    let mut length = 0;
    for (to, score, why) in recommended {
        if length >= MOST || !seen.insert(to.as_str()) {
            continue;
        }
        // A story that is gone meanwhile is left out; one that has become another stands for that.
        length += conn
            .prepare_cached(
                "INSERT INTO recommendation (story, position, to_story, score, why, feed)
                 SELECT ?1, (SELECT coalesce(max(position), -1) + 1 FROM recommendation WHERE story = ?1),
                     coalesce(redirect_to, id), ?3, ?4, ?5
                 FROM story WHERE id = ?2",
            )?
            .execute(params![story, to.as_str(), score, rows::written_json(why)?, feed])?;
    }
    Ok(length)
}

fn kept(conn: &Connection, story: &str, feed: Option<&str>) -> Result<Vec<(String, f64, String)>, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT to_story, score, why FROM recommendation WHERE story = ?1 AND feed IS ?2 ORDER BY position",
    )?;
    let found = read.query_map(params![story, feed], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Takes what a story recommends, and it out of every list, away.
pub(super) fn withdraw(conn: &Connection, story: &str) -> Result<(), StoreError> {
    touch::recommenders(conn, story)?;
    // Their lists are shorter by one now: they may be completed if they still can.
    conn.prepare_cached(
        "UPDATE story SET recommended = max(recommended - 1, 0)
         WHERE id IN (SELECT story FROM recommendation WHERE to_story = ?1 AND feed IS NULL)",
    )?
    .execute([story])?;
    conn.prepare_cached("DELETE FROM recommendation WHERE story = ?1 OR to_story = ?1")?.execute([story])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Shelving;
    use super::super::samples::*;
    use super::*;

    fn admission(story: &StoryId, to: &[&StoryId], completed: bool) -> Admission {
        let why = Why { tags: vec!["Gaza".into()], ..Why::default() };
        let recommended = to.iter().map(|to| ((*to).clone(), 0.5, why.clone())).collect();
        Admission { story: story.clone(), recommended, completed }
    }

    #[tokio::test]
    async fn a_feed_may_have_lists_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let articles: Vec<_> = (0..4).map(|i| article("a", &i.to_string())).collect();
        let ids: Vec<_> = articles.iter().map(story_of).collect();
        poll(&store, articles.clone(), new_or_skip()).await;
        store.recommend(vec![admission(&ids[0], &[&ids[1]], false)], at(1)).await.unwrap();
        store.recommend_in("f", vec![admission(&ids[0], &[&ids[2], &ids[3], &ids[0]], false)]).await.unwrap();
        for (feed, expected) in [(None, &ids[1..2]), (Some("f"), &ids[2..]), (Some("g"), &[])] {
            let lists = store.recommendations_in(feed, &ids).await.unwrap();
            let listed: Vec<_> = lists.get(&ids[0]).into_iter().flatten().map(|r| r.story.clone()).collect();
            assert_eq!(listed, expected, "{feed:?}");
        }
        let shelving = |story: &StoryId| Shelving { story: story.clone(), feeds: vec!["f".into(), "g".into()] };
        store.shelve(ids[..2].iter().map(shelving).collect()).await.unwrap();
        assert!(store.lacking("f", "hidden", 9).await.unwrap().is_empty(), "it has a list, or is not admitted");
        assert_eq!(store.lacking("g", "hidden", 9).await.unwrap(), ids[..1]);
        assert_eq!(store.feeds_of(&ids[..1]).await.unwrap()[&ids[0]], ["f", "g"]);
        assert_eq!(store.members("f", at(-9000)).await.unwrap().len(), 2);
        let revision = store.revision();
        store.recommend_in("f", vec![admission(&ids[0], &[&ids[2], &ids[3]], false)]).await.unwrap();
        assert_eq!(store.revision(), revision, "said twice: no change");
        store.recommend(vec![admission(&ids[0], &[&ids[3], &ids[1]], true)], at(2)).await.unwrap();
        assert_eq!(store.recommendations(&ids).await.unwrap()[&ids[0]].len(), 2);
        assert_eq!(store.recommendations_in(Some("f"), &ids).await.unwrap()[&ids[0]].len(), 2);
    }

    #[tokio::test]
    async fn a_story_may_be_admitted_before_it_is_asked_what_it_recommends() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let articles: Vec<_> = (0..2).map(|i| article("a", &i.to_string())).collect();
        let ids: Vec<_> = articles.iter().map(story_of).collect();
        poll(&store, articles, new_or_skip()).await;
        assert!(store.unasked(&ids).await.unwrap().is_empty(), "it is not admitted yet");
        store.admit(ids.clone(), at(1)).await.unwrap();
        assert_eq!(store.admitted(&ids).await.unwrap().len(), 2);
        assert_eq!(store.unasked(&ids).await.unwrap(), ids);
        assert_eq!(store.newest_in(&Shelf::All, 1).await.unwrap().len(), 1);
        assert!(store.incomplete(at(0), 9, "hidden", 9).await.unwrap().is_empty(), "there is no list to complete");
        let told = store.telling(&ids[0]).await.unwrap();
        assert_eq!((told.admitted, told.completed), (Some(at(1)), false));

        let revision = store.revision();
        store.admit(ids.clone(), at(5)).await.unwrap();
        assert_eq!(store.revision(), revision, "once is enough");
        store.recommend(vec![admission(&ids[0], &[&ids[1]], false)], at(7)).await.unwrap();
        store.admit(ids.clone(), at(8)).await.unwrap();
        assert_eq!(store.unasked(&ids).await.unwrap(), ids[1..]);
        assert_eq!(store.recommendations(&ids).await.unwrap()[&ids[0]].len(), 1);
        assert_eq!(store.telling(&ids[0]).await.unwrap().admitted, Some(at(1)), "it keeps its time");
        assert_eq!(store.incomplete(at(0), 9, "hidden", 9).await.unwrap(), ids[..1]);
    }

    #[tokio::test]
    async fn reasons_without_shares_are_still_read() {
        let old: Why = serde_json::from_str(r#"{"tags":["Gaza"],"terms":["port"]}"#).unwrap();
        assert_eq!(old, Why { tags: vec!["Gaza".into()], terms: vec!["port".into()], shares: Vec::new() });
        let why = Why { shares: vec![0.123, 0.5], ..old };
        assert_eq!(serde_json::from_str::<Why>(&serde_json::to_string(&why).unwrap()).unwrap(), why);
    }

    #[tokio::test]
    async fn a_list_is_fixed_once_and_completed_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let articles: Vec<_> = (0..4).map(|i| article("a", &i.to_string())).collect();
        let ids: Vec<_> = articles.iter().map(story_of).collect();
        poll(&store, articles.clone(), new_or_skip()).await;
        assert_eq!(store.unadmitted(at(1000), 10).await.unwrap().len(), 4);

        let changed = store.story(ids[0].as_str()).await.unwrap().unwrap().changed;
        store.recommend(vec![admission(&ids[0], &[&ids[0], &ids[1], &ids[1]], false)], at(1)).await.unwrap();
        assert!(!store.unadmitted(at(1000), 10).await.unwrap().contains(&ids[0]));
        let listed = |found: &HashMap<StoryId, Vec<Recommendation>>| {
            found.get(&ids[0]).map(|l| l.iter().map(|r| r.story.clone()).collect::<Vec<_>>()).unwrap_or_default()
        };
        let one = store.recommendations(&ids).await.unwrap();
        assert_eq!(listed(&one), [ids[1].clone()], "never itself, each once");
        assert_eq!((one[&ids[0]][0].outlet.as_str(), one[&ids[0]][0].title.as_str()), ("A", "Titre 1"));
        assert_eq!(one[&ids[0]][0].why.tags, ["Gaza"]);

        store.recommend(vec![admission(&ids[0], &[&ids[3]], false)], at(2)).await.unwrap();
        assert_eq!(listed(&store.recommendations(&ids).await.unwrap()), [ids[1].clone()], "it stands");
        assert_eq!(store.incomplete(at(0), 2, "hidden", 10).await.unwrap(), [ids[0].clone()]);
        assert!(
            store.incomplete(at(2), 2, "hidden", 10).await.unwrap().is_empty()
                && store.incomplete(at(0), 1, "hidden", 10).await.unwrap().is_empty()
        );
        store.recommend(vec![admission(&ids[0], &[&ids[1], &ids[2]], true)], at(3)).await.unwrap();
        store.recommend(vec![admission(&ids[0], &[], true)], at(4)).await.unwrap();
        assert_eq!(listed(&store.recommendations(&ids).await.unwrap()), [ids[1].clone(), ids[2].clone()]);
        assert!(store.incomplete(at(0), 9, "hidden", 10).await.unwrap().is_empty());
        assert_eq!(store.story(ids[0].as_str()).await.unwrap().unwrap().changed, changed);

        let before = store.changed_since(store.revision(), 9).await.unwrap();
        let mut renamed = articles[1].clone();
        renamed.title = "Autre titre".into();
        poll_at(&store, vec![renamed], revises(), at(5)).await;
        let after = store.changed_since(before.upto, 9).await.unwrap();
        assert!(after.stories.contains(&ids[0]), "it shows the new title");
        assert_eq!(store.recommendations(&ids[..1]).await.unwrap()[&ids[0]][0].title, "Autre titre");
    }
}
