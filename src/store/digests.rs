//! Digests: once made they stand. Only a story that is removed leaves them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::model::{
    Article, ArticleId, BodyFrom, CleanHtml, Copied, Given, Lang, Provenance, Republish, SourceName, Story, StoryId,
    Tagged,
};

use super::{Store, StoreError, pack, rows, stories, touch};

/// The most stories of a digest.
const STORIES: usize = 1_000;

/// The digest of a feed for a day.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptDigest {
    /// The slug of its feed.
    pub feed: String,
    /// Its day, in the site's time zone.
    pub day: NaiveDate,
    /// The instant for which it was made.
    pub due: DateTime<Utc>,
    /// Its title, as it was.
    pub title: String,
    /// Its stories in their order, as they were, without pictures and attached files.
    pub stories: Vec<Story>,
}

/// What is kept of a story beside body and text.
#[derive(Serialize, Deserialize)]
struct Shown {
    article: ArticleId,
    source: SourceName,
    url: Option<String>,
    rank: u32,
    republish: Option<Republish>,
    provenance: Provenance,
    title: String,
    standfirst: Option<String>,
    byline: Vec<String>,
    body_from: BodyFrom,
    lang: Option<Lang>,
    own_tags: Vec<Tagged>,
    others: Vec<Copied>,
    tags: Vec<Tagged>,
    date: DateTime<Utc>,
    first_seen: DateTime<Utc>,
    changed: DateTime<Utc>,
}

impl Store {
    /// Keeps a digest, unless there is one of its feed and day already; tells whether it was kept. One without stories is
    /// kept too: its day is done.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn keep_digest(&self, digest: KeptDigest) -> Result<bool, StoreError> {
        self.write(move |conn| keep(conn, &digest)).await
    }

    /// The days for which digests of a feed were made, those of `since` and later, each with its instant.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn digest_days(
        &self,
        feed: &str,
        since: NaiveDate,
    ) -> Result<BTreeMap<NaiveDate, DateTime<Utc>>, StoreError> {
        let feed = feed.to_owned();
        self.read(move |conn| {
            let mut read = conn.prepare_cached("SELECT day, due FROM digest WHERE feed = ?1 AND day >= ?2")?;
            let found =
                read.query_map(params![feed, written(since)], |row| Ok((rows::day(row, 0)?, rows::time(row, 1)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The last digests of a feed that have stories, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn digests(&self, feed: &str, most: usize) -> Result<Vec<KeptDigest>, StoreError> {
        let feed = feed.to_owned();
        self.read(move |conn| {
            let mut read = conn.prepare_cached(
                "SELECT feed, day, due, title FROM digest d
                 WHERE feed = ?1 AND EXISTS (SELECT 1 FROM digest_story s WHERE s.feed = d.feed AND s.day = d.day)
                 ORDER BY day DESC LIMIT ?2",
            )?;
            let found = read.query_map(params![feed, rows::count(most)], head)?.collect::<Result<Vec<_>, _>>()?;
            found.into_iter().map(|digest| filled(conn, digest)).collect()
        })
        .await
    }

    /// The digest of a feed and a day.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn digest(&self, feed: &str, day: NaiveDate) -> Result<Option<KeptDigest>, StoreError> {
        let feed = feed.to_owned();
        self.read(move |conn| {
            let found = conn
                .prepare_cached("SELECT feed, day, due, title FROM digest WHERE feed = ?1 AND day = ?2")?
                .query_row(params![feed, written(day)], head)
                .optional()?;
            found.map(|digest| filled(conn, digest)).transpose()
        })
        .await
    }

    /// Stories admitted from one instant until before another, in the order of their admission, after the last that was given;
    /// at most 1000 at a time, each with the instant.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn admitted_between(
        &self,
        from: DateTime<Utc>,
        before: DateTime<Utc>,
        last: Option<(DateTime<Utc>, StoryId)>,
        limit: usize,
    ) -> Result<Vec<(DateTime<Utc>, StoryId)>, StoreError> {
        self.read(move |conn| {
            let mut read = conn.prepare_cached(
                "SELECT admitted, id FROM story
                 WHERE admitted IS NOT NULL AND redirect_to IS NULL AND (admitted, id) > (?1, ?2) AND admitted < ?3
                 ORDER BY admitted, id LIMIT ?4",
            )?;
            let (after, id) = last.as_ref().map_or((from, ""), |(at, id)| (*at, id.as_str()));
            let limit = rows::count(limit.min(stories::AT_ONCE));
            let bounds = params![rows::micros(after), id, rows::micros(before), limit];
            let found = read.query_map(bounds, |row| Ok((rows::time(row, 0)?, rows::story_id(row, 1)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn written(day: NaiveDate) -> String {
    day.format("%Y-%m-%d").to_string()
}

fn keep(conn: &Connection, digest: &KeptDigest) -> Result<bool, StoreError> {
    let day = written(digest.day);
    let new = conn
        .prepare_cached("INSERT INTO digest (feed, day, due, title) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
        .execute(params![digest.feed, day, rows::micros(digest.due), digest.title])?;
    if new == 0 {
        return Ok(false);
    }
    for (position, story) in digest.stories.iter().take(STORIES).enumerate() {
        let packed = pack::pack(story.lead.body.as_str(), &story.lead.text);
        // A story that is gone meanwhile is left out.
        conn.prepare_cached(
            "INSERT INTO digest_story (feed, day, position, story, shown, packed)
             SELECT ?1, ?2, ?3, id, ?5, ?6 FROM story WHERE id = ?4",
        )?
        .execute(params![
            digest.feed,
            day,
            rows::count(position),
            story.id.as_str(),
            rows::written_json(&shown(story))?,
            packed
        ])?;
    }
    if !digest.stories.is_empty() {
        touch::feed(conn, &digest.feed)?;
    }
    Ok(true)
}

fn shown(story: &Story) -> Shown {
    let lead = &story.lead;
    Shown {
        article: lead.id.clone(),
        source: lead.source.clone(),
        url: lead.url.clone(),
        rank: lead.rank,
        republish: lead.republish,
        provenance: lead.provenance.clone(),
        title: lead.title.clone(),
        standfirst: lead.standfirst.clone(),
        byline: lead.byline.clone(),
        body_from: lead.body_from,
        lang: lead.lang.clone(),
        own_tags: lead.tags.clone(),
        others: story.others.clone(),
        tags: story.tags.clone(),
        date: story.date,
        first_seen: story.first_seen,
        changed: story.changed,
    }
}

fn head(row: &Row<'_>) -> rusqlite::Result<KeptDigest> {
    Ok(KeptDigest {
        feed: row.get(0)?,
        day: rows::day(row, 1)?,
        due: rows::time(row, 2)?,
        title: row.get(3)?,
        stories: Vec::new(),
    })
}

fn filled(conn: &Connection, mut digest: KeptDigest) -> Result<KeptDigest, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT story, shown, packed FROM digest_story WHERE feed = ?1 AND day = ?2 ORDER BY position LIMIT ?3",
    )?;
    let found = read.query_map(params![digest.feed, written(digest.day), rows::count(STORIES)], story)?;
    digest.stories = found.collect::<Result<_, _>>()?;
    Ok(digest)
}

fn story(row: &Row<'_>) -> rusqlite::Result<Story> {
    let shown: Shown = rows::json(row, 1)?;
    let (body, text) = rows::packed(row, 2)?;
    let lead = Article {
        id: shown.article,
        source: shown.source,
        guid: None,
        url: shown.url,
        url_key: None,
        rank: shown.rank,
        republish: shown.republish,
        entry_hash: 0,
        provenance: shown.provenance,
        title: shown.title,
        standfirst: shown.standfirst,
        byline: shown.byline,
        body: CleanHtml::vouched(body),
        text,
        body_from: shown.body_from,
        image: None,
        enclosures: Vec::new(),
        lang: shown.lang,
        published: Some(shown.date),
        updated: None,
        first_seen: shown.first_seen,
        tags: shown.own_tags,
        given: Given::default(),
    };
    Ok(Story {
        id: rows::story_id(row, 0)?,
        lead,
        others: shown.others,
        excerpt_of: None,
        tags: shown.tags,
        date: shown.date,
        first_seen: shown.first_seen,
        changed: shown.changed,
    })
}

/// Takes a story, and those that became one with it, out of every digest.
pub(super) fn withdraw(conn: &Connection, story: &str) -> Result<(), StoreError> {
    const OF_IT: &str = "story IN (SELECT id FROM story WHERE id = ?1 OR redirect_to = ?1)";
    let feeds = {
        let mut read = conn.prepare_cached(&format!("SELECT DISTINCT feed FROM digest_story WHERE {OF_IT}"))?;
        read.query_map([story], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?
    };
    conn.prepare_cached(&format!("DELETE FROM digest_story WHERE {OF_IT}"))?.execute([story])?;
    feeds.iter().try_for_each(|feed| touch::feed(conn, feed))
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::super::{Admission, Shelf, Shelving, merge};
    use super::*;

    fn day(written: &str) -> NaiveDate {
        written.parse().unwrap()
    }

    async fn digest_of(store: &Store, date: &str, of: &[&Article]) -> KeptDigest {
        let ids: Vec<_> = of.iter().map(|a| story_of(a)).collect();
        let stories = store.stories(&ids).await.unwrap();
        KeptDigest { feed: "matin".into(), day: day(date), due: at(60), title: format!("Matin {date}"), stories }
    }

    #[tokio::test]
    async fn a_digest_is_made_once_and_stays_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let (first, second) = (article("a", "1"), article("b", "2"));
        poll(&store, vec![first.clone()], new_or_skip()).await;
        poll(&store, vec![second.clone()], joins(story_of(&first), false)).await;
        let shelf = Shelf::Feed("matin".into());
        store.shelve(vec![Shelving { story: story_of(&first), feeds: vec!["matin".into()] }]).await.unwrap();
        let before = store.revision_of(&shelf).await.unwrap();
        let made = digest_of(&store, "2026-09-21", &[&first]).await;
        assert!(store.keep_digest(made.clone()).await.unwrap());
        assert!(store.revision_of(&shelf).await.unwrap() > before, "the feed shows something new");
        let other = KeptDigest { title: "Autre".into(), stories: Vec::new(), ..made.clone() };
        assert!(!store.keep_digest(other).await.unwrap());

        let mut renamed = first.clone();
        renamed.title = "Autre titre".into();
        poll_at(&store, vec![renamed], revises(), at(5)).await;
        let kept = store.digest("matin", day("2026-09-21")).await.unwrap().unwrap();
        assert_eq!((kept.title.as_str(), kept.due, kept.stories.len()), ("Matin 2026-09-21", at(60), 1));
        let (was, is) = (&made.stories[0], &kept.stories[0]);
        assert_eq!((&is.id, &is.lead.title, &is.others, &is.tags), (&was.id, &was.lead.title, &was.others, &was.tags));
        assert_eq!((&is.lead.body, &is.lead.text, is.date), (&was.lead.body, &was.lead.text, was.date));
        assert_eq!((is.lead.came_as_private(), &is.lead.tags), (was.lead.came_as_private(), &was.lead.tags));
    }

    #[tokio::test]
    async fn the_last_ones_with_stories_are_given_newest_first() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let one = article("a", "1");
        poll(&store, vec![one.clone()], new_or_skip()).await;
        for (date, of) in [("2026-09-19", vec![&one]), ("2026-09-20", vec![]), ("2026-09-21", vec![&one])] {
            let digest = digest_of(&store, date, &of).await;
            store.keep_digest(digest).await.unwrap();
        }
        let days = |found: Vec<KeptDigest>| found.iter().map(|d| written(d.day)).collect::<Vec<_>>();
        assert_eq!(days(store.digests("matin", 9).await.unwrap()), ["2026-09-21", "2026-09-19"]);
        assert_eq!(days(store.digests("matin", 1).await.unwrap()), ["2026-09-21"]);
        assert!(store.digests("soir", 9).await.unwrap().is_empty());
        let made = store.digest_days("matin", day("2026-09-20")).await.unwrap();
        assert_eq!(made.into_iter().collect::<Vec<_>>(), [(day("2026-09-20"), at(60)), (day("2026-09-21"), at(60))]);
    }

    #[tokio::test]
    async fn what_is_removed_leaves_with_all_that_became_one_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let old = Article { published: Some(at(-9000)), first_seen: at(-9000), ..article("a", "1") };
        let twin = Article { published: Some(at(-8999)), first_seen: at(-8998), ..article("b", "2") };
        let new = article("c", "3");
        for one in [&old, &twin, &new] {
            poll(&store, vec![one.clone()], new_or_skip()).await;
        }
        store.shelve(vec![Shelving { story: story_of(&new), feeds: vec!["matin".into()] }]).await.unwrap();
        let digest = digest_of(&store, "2026-09-21", &[&old, &twin, &new]).await;
        store.keep_digest(digest).await.unwrap();
        let (one, other) = (story_of(&twin), story_of(&old));
        store.write(move |conn| merge::merge(conn, &one, &other)).await.unwrap();
        assert_eq!(store.digests("matin", 9).await.unwrap()[0].stories.len(), 3, "a digest stays as it was");
        let before = store.revision_of(&Shelf::Feed("matin".into())).await.unwrap();
        assert!(store.purge(at(-5000)).await.unwrap() > 0);
        let left = &store.digests("matin", 9).await.unwrap()[0].stories;
        assert_eq!(left.iter().map(|s| s.id.clone()).collect::<Vec<_>>(), [story_of(&new)]);
        assert!(store.revision_of(&Shelf::Feed("matin".into())).await.unwrap() > before);
    }

    #[tokio::test]
    async fn each_admission_falls_between_two_instants_only() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let articles: Vec<_> = (0..7).map(|i| article("a", &i.to_string())).collect();
        poll(&store, articles.clone(), new_or_skip()).await;
        // The last one is not admitted at all.
        for (i, one) in articles.iter().take(6).enumerate() {
            let admission = Admission { story: story_of(one), recommended: Vec::new(), completed: false };
            store.recommend(vec![admission], at(i64::try_from(i).unwrap() / 2)).await.unwrap();
        }
        for (from, before, expected) in [(0, 3, 6), (1, 2, 2), (-1, 1, 2), (3, 9, 0), (1, 1, 0), (2, 1, 0)] {
            let (mut last, mut found) = (None, Vec::new());
            while let batch = store.admitted_between(at(from), at(before), last.clone(), 1).await.unwrap()
                && let Some(one) = batch.last()
            {
                last = Some(one.clone());
                found.extend(batch);
            }
            assert_eq!(found.len(), expected, "{from} {before}");
            assert!(found.windows(2).all(|w| w[0] < w[1]));
        }
    }
}
