//! Reads stories.

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{ArticleId, Copied, Provenance, Republish, Story, StoryId, Tagged, Whole};

use super::{Store, StoreError, articles, rows};

/// Articles of one story of which it is noted what they hold.
const FOUND_BY: i64 = 32;

/// The most stories given at one time.
pub(super) const AT_ONCE: usize = 1000;
/// The most ids given at one time.
const IDS_AT_ONCE: usize = 10_000;
/// The most other articles credited.
const COPIES: i64 = 200;

/// Stories that changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Those that changed, in the order of their last change.
    pub stories: Vec<StoryId>,
    /// The revision up to which all are named: where to go on.
    pub upto: u64,
}

impl Store {
    /// The stories that changed after a revision, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn changed_since(&self, revision: u64, limit: usize) -> Result<Changes, StoreError> {
        self.read(move |conn| {
            let limit = limit.min(IDS_AT_ONCE);
            let mut read = conn.prepare_cached(
                "SELECT id, revision FROM story WHERE revision > ?1 AND redirect_to IS NULL ORDER BY revision LIMIT ?2",
            )?;
            let found = read.query_map(params![revision.cast_signed(), rows::count(limit)], |row| {
                Ok((rows::story_id(row, 0)?, rows::hash(row, 1)?))
            })?;
            let found = found.collect::<Result<Vec<_>, _>>()?;
            let upto = match found.last() {
                Some((_, last)) if found.len() == limit => *last,
                _ => super::touch::revision(conn)?.max(revision),
            };
            Ok(Changes { stories: found.into_iter().map(|(id, _)| id).collect(), upto })
        })
        .await
    }

    /// These stories in this order, each once; redirects are followed, what is not there is left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn stories(&self, ids: &[StoryId]) -> Result<Vec<Story>, StoreError> {
        let ids = ids.to_vec();
        self.read(move |conn| load_all(conn, &ids)).await
    }

    /// One story, by what somebody wrote as its id; a redirect is followed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn story(&self, id: &str) -> Result<Option<Story>, StoreError> {
        let Some(id) = StoryId::parse(id) else { return Ok(None) };
        self.read(move |conn| load(conn, &id)).await
    }

    /// Why each of its articles joined a story, eldest first, in the words of the decision.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn reasons(&self, story: &StoryId) -> Result<Vec<(ArticleId, String)>, StoreError> {
        let story = story.clone();
        self.read(move |conn| {
            let mut read = conn.prepare_cached(
                "SELECT id, why FROM article WHERE story = ?1 AND why IS NOT NULL ORDER BY n LIMIT ?2",
            )?;
            let found =
                read.query_map(params![story.as_str(), COPIES], |row| Ok((rows::article_id(row, 0)?, row.get(1)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// All ids, in an order of no meaning, after one of them; at most 10,000 at a time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn all_story_ids(&self, after: Option<StoryId>, limit: usize) -> Result<Vec<StoryId>, StoreError> {
        self.read(move |conn| {
            let mut read =
                conn.prepare_cached("SELECT id FROM story WHERE id > ?1 AND redirect_to IS NULL ORDER BY id LIMIT ?2")?;
            let after = after.as_ref().map_or("", StoryId::as_str);
            let limit = rows::count(limit.min(IDS_AT_ONCE));
            Ok(read.query_map(params![after, limit], |row| rows::story_id(row, 0))?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Stories dated `since` or later, the eldest first, after the date and id of one of them; at most 1000 at a time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn leads_since(
        &self,
        since: DateTime<Utc>,
        after: Option<(DateTime<Utc>, StoryId)>,
        limit: usize,
    ) -> Result<Vec<Story>, StoreError> {
        self.read(move |conn| load_all(conn, &ids_since(conn, since, after.as_ref(), limit)?)).await
    }
}

/// The ids of the stories dated `since` or later, as [`Store::leads_since`] gives them.
fn ids_since(
    conn: &Connection,
    since: DateTime<Utc>,
    after: Option<&(DateTime<Utc>, StoryId)>,
    limit: usize,
) -> Result<Vec<StoryId>, StoreError> {
    // The index is newest first with ids ascending; backwards it is eldest first with ids descending.
    let mut read = conn.prepare_cached(
        "SELECT id FROM story
         WHERE redirect_to IS NULL AND date >= ?1 AND (date > ?2 OR (date = ?2 AND id < ?3))
         ORDER BY date, id DESC LIMIT ?4",
    )?;
    let (date, id) = after.map_or((i64::MIN, ""), |(date, id)| (rows::micros(*date), id.as_str()));
    let floor = rows::micros(since).max(date);
    let asked = params![floor, date, id, rows::count(limit.min(AT_ONCE))];
    let found = read.query_map(asked, |row| rows::story_id(row, 0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// These stories in this order, each once; redirects are followed. All are read by one statement: to begin one costs as much as
/// several of its rows.
pub(super) fn load_all(conn: &Connection, ids: &[StoryId]) -> Result<Vec<Story>, StoreError> {
    let asked = rows::written_json(&ids.iter().map(StoryId::as_str).collect::<Vec<_>>())?;
    let mut found = {
        let mut read = conn.prepare_cached(&STORY)?;
        read.query_map([asked], Found::from_row)?.collect::<Result<Vec<_>, _>>()?
    };
    found.sort_by_key(|f| f.asked);
    for (id, _) in ids.iter().zip(0..).filter(|(_, at)| found.binary_search_by_key(at, |f| f.asked).is_err()) {
        if conn.prepare_cached("SELECT 1 FROM story WHERE id = ?1")?.exists([id.as_str()])? {
            return Err(StoreError::Damaged(format!("story {id}: its lead is missing")));
        }
    }
    let mut seen = HashSet::new();
    found.retain(|f| seen.insert(f.id.clone()));
    found.into_iter().map(|found| found.with_company(conn)).collect()
}

/// Notes that a story may have company from now on: what comes beside its lead, or as an excerpt of it.
pub(super) fn accompany(conn: &Connection, id: &str) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE story SET company = 1 WHERE id = ?1 AND company = 0")?.execute([id])?;
    Ok(())
}

/// Notes that the text of an article is a part of a story; false where that was known.
pub(super) fn hold(conn: &Connection, whole: &StoryId, part: i64) -> Result<bool, StoreError> {
    accompany(conn, whole.as_str())?;
    let noted = conn
        .prepare_cached("UPDATE article SET excerpt_of = ?1 WHERE n = ?2 AND excerpt_of IS NOT ?1")?
        .execute(params![whole.as_str(), part])?;
    Ok(noted > 0)
}

/// One story; a redirect is followed.
pub(super) fn load(conn: &Connection, id: &StoryId) -> Result<Option<Story>, StoreError> {
    Ok(load_all(conn, std::slice::from_ref(id))?.pop())
}

/// All of a story that has no company in one row: what few have (`others`, `excerpt_of`) is only looked for where it may be.
static STORY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {columns}, t.id, t.date, t.first_seen, t.changed, a.excerpt_of IS NOT NULL,
             t.company, j.key
         FROM json_each(?1) j CROSS JOIN story f ON f.id = j.value
             JOIN story t ON t.id = coalesce(f.redirect_to, f.id), {tables}
         WHERE a.n = t.lead AND a.story IS NOT NULL",
        columns = articles::COLUMNS,
        tables = articles::TABLES
    )
});

/// What [`STORY`] gives of one.
struct Found {
    /// Its place among those that were asked for.
    asked: i64,
    id: StoryId,
    date: DateTime<Utc>,
    first_seen: DateTime<Utc>,
    changed: DateTime<Utc>,
    is_part: bool,
    may_have_others: bool,
    lead: articles::Kept,
}

impl Found {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        const AT: usize = articles::WIDTH;
        Ok(Self {
            asked: row.get(AT + 6)?,
            id: rows::story_id(row, AT)?,
            date: rows::time(row, AT + 1)?,
            first_seen: rows::time(row, AT + 2)?,
            changed: rows::time(row, AT + 3)?,
            is_part: row.get(AT + 4)?,
            may_have_others: row.get(AT + 5)?,
            lead: articles::from_row(row)?,
        })
    }

    /// The whole story.
    fn with_company(self, conn: &Connection) -> Result<Story, StoreError> {
        let Self { id, date, first_seen, changed, lead, .. } = self;
        let others = if self.may_have_others { others(conn, &id, lead.n)? } else { Vec::new() };
        let tags = if others.is_empty() { lead.article.tags.clone() } else { tags(conn, &id, lead.n)? };
        let excerpt_of = if self.is_part { whole(conn, lead.n)? } else { None };
        Ok(Story { id, lead: lead.article, others, excerpt_of, tags, date, first_seen, changed })
    }
}

/// The other articles of a story, and the excerpts of it that stand as stories of their own.
const OTHERS: &str =
    "SELECT a.id, s.name, a.provenance, a.title, a.url, iif(a.story = ?1, a.kind, 'excerpt'), a.republish
     FROM article a JOIN source s ON s.n = a.source
     WHERE (a.story = ?1 AND a.n <> ?2) OR (a.excerpt_of = ?1 AND a.story <> ?1) ORDER BY a.date, a.id LIMIT ?3";

fn others(conn: &Connection, id: &StoryId, lead: i64) -> Result<Vec<Copied>, StoreError> {
    let mut read = conn.prepare_cached(OTHERS)?;
    let found = read.query_map(params![id.as_str(), lead, COPIES], |row| {
        let provenance: Provenance = rows::json(row, 2)?;
        Ok(Copied {
            article: rows::article_id(row, 0)?,
            source: rows::source_name(row, 1)?,
            outlet: provenance.outlet,
            title: row.get(3)?,
            url: row.get(4)?,
            kind: rows::kind(row, 5)?,
            came_as_private: rows::republish(row, 6)? == Some(Republish::Private),
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The story of which an article is a part that came before it.
pub(super) fn whole(conn: &Connection, article: i64) -> Result<Option<Whole>, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT t.id, s.name, a.provenance, a.title, a.url, a.republish, t.admitted IS NOT NULL
         FROM article p JOIN story w ON w.id = p.excerpt_of JOIN story t ON t.id = coalesce(w.redirect_to, w.id)
             JOIN article a ON a.n = t.lead JOIN source s ON s.n = a.source
         WHERE p.n = ?1 AND t.id <> p.story",
    )?;
    let found = read.query_row([article], |row| {
        let provenance: Provenance = rows::json(row, 2)?;
        Ok(Whole {
            story: rows::story_id(row, 0)?,
            source: rows::source_name(row, 1)?,
            outlet: provenance.outlet,
            title: row.get(3)?,
            url: row.get(4)?,
            admitted: row.get(6)?,
            came_as_private: rows::republish(row, 5)? == Some(Republish::Private),
        })
    });
    Ok(found.optional()?)
}

/// The tags of all the articles, the lead's first, each once.
fn tags(conn: &Connection, id: &StoryId, lead: i64) -> Result<Vec<Tagged>, StoreError> {
    let mut read = conn
        .prepare_cached("SELECT tags FROM article WHERE story = ?1 AND tags IS NOT NULL ORDER BY n <> ?2, date, id")?;
    let mut seen = HashSet::new();
    let mut tags: Vec<Tagged> = Vec::new();
    for found in read.query_map(params![id.as_str(), lead], |row| rows::tags(row, 0))? {
        tags.extend(found?.into_iter().filter(|tagged| seen.insert(tagged.tag.key().to_owned())));
    }
    Ok(tags)
}

/// Whether a source tells a story.
pub(super) fn is_told_by(conn: &Connection, story: &StoryId, source: i64) -> Result<bool, StoreError> {
    let mut read = conn.prepare_cached("SELECT 1 FROM article WHERE story = ?1 AND +source = ?2 LIMIT 1")?;
    Ok(read.exists(params![story.as_str(), source])?)
}

/// Whether a story has so many copies that those to come are found by them. What many more articles hold counts for a
/// formula: a text that a hundred outlets print must not become one.
pub(super) fn is_found_by_many(conn: &Connection, story: &str) -> Result<bool, StoreError> {
    let mut read = conn.prepare_cached("SELECT 1 FROM article WHERE story = ?1 LIMIT 1 OFFSET ?2")?;
    Ok(read.exists(params![story, FOUND_BY])?)
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::super::samples::{self, *};
    use super::*;
    use crate::model::Article;

    #[tokio::test]
    async fn statements_are_planned_once_whatever_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let articles: Vec<_> = (0..3).map(|i| article("a", &i.to_string())).collect();
        poll(&store, articles.clone(), new_or_skip()).await;
        let ids: Vec<StoryId> = articles.iter().map(story_of).collect();
        let planned_anew = |conn: &Connection, ids: &[StoryId]| {
            let mut sum = 0;
            for sql in [STORY.as_str(), OTHERS] {
                let mut read = conn.prepare(sql)?;
                for id in ids {
                    let list = format!("[\"{id}\"]");
                    let all = params![if sql == OTHERS { id.as_str() } else { &list }, 1, 9];
                    read.query(&all[..read.parameter_count()])?.next()?;
                }
                sum += read.get_status(StatementStatus::RePrepare);
            }
            Ok(sum)
        };
        let again = ids.clone();
        assert_eq!(store.read(move |conn| planned_anew(conn, &ids)).await.unwrap(), 0, "reading");
        assert_eq!(store.look(move |conn| planned_anew(conn, &again)).await.unwrap(), 0, "writing");
    }

    #[tokio::test]
    async fn a_story_without_its_lead_is_damage_and_one_that_is_not_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let (kept, torn) = (article("a", "1"), article("a", "2"));
        poll(&store, vec![kept.clone(), torn.clone()], new_or_skip()).await;
        store.write(|conn| Ok(conn.execute("DELETE FROM content WHERE article = 2", [])?)).await.unwrap();
        assert!(store.story(story_of(&kept).as_str()).await.unwrap().is_some());
        let found = store.story(story_of(&torn).as_str()).await;
        assert!(matches!(found, Err(StoreError::Damaged(_))), "{found:?}");
        assert_eq!(store.story(story_of(&article("a", "3")).as_str()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn stories_that_are_read_together_are_those_that_are_read_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let carried = [&["Gaza", "Rafah"][..], &[], &["Rafah", "Gaza", "Haïfa"], &["Acre"]];
        let carries =
            |(i, carried): (usize, &&[&str])| Article { tags: samples::tags(carried), ..article("a", &i.to_string()) };
        let articles: Vec<_> = carried.iter().enumerate().map(carries).collect();
        poll(&store, articles.clone(), new_or_skip()).await;
        let ids: Vec<StoryId> = articles.iter().map(story_of).collect();
        let mut alone = Vec::new();
        for id in &ids {
            alone.push(store.story(id.as_str()).await.unwrap().unwrap());
        }
        let shown = |s: &Story| s.tags.iter().map(|t| t.tag.shown().to_owned()).collect::<Vec<_>>();
        assert_eq!(alone.iter().map(shown).collect::<Vec<_>>(), carried);
        let unknown = story_of(&article("a", "unknown"));
        let asked = [&ids[2], &unknown, &ids[0], &ids[2], &ids[3], &ids[1]].map(Clone::clone);
        let expected = [&alone[2], &alone[0], &alone[3], &alone[1]];
        assert_eq!(store.stories(&asked).await.unwrap().iter().collect::<Vec<_>>(), expected);
        assert_eq!(store.stories(&[]).await.unwrap(), []);

        store.write(|conn| Ok(conn.execute("DELETE FROM content WHERE article = 1", [])?)).await.unwrap();
        let found = store.stories(&asked).await;
        assert!(matches!(found, Err(StoreError::Damaged(_))), "{found:?}");
    }

    #[tokio::test]
    async fn all_are_walked_in_batches() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        // Pairs of one date, so that the order needs the id too.
        let articles: Vec<_> = (0..10)
            .map(|i| {
                let mut article = article("a", &i.to_string());
                article.published = Some(at(-(i / 2)));
                article
            })
            .collect();
        poll(&store, articles, new_or_skip()).await;

        let (mut walked, mut after) = (Vec::new(), None);
        while let batch = store.leads_since(at(-3), after.clone(), 3).await.unwrap()
            && let Some(last) = batch.last()
        {
            after = Some((last.date, last.id.clone()));
            walked.extend(batch.into_iter().map(|s| (s.date, s.id)));
        }
        assert_eq!(walked.len(), 8);
        assert!(walked.windows(2).all(|w| w[0].0 <= w[1].0));

        let (mut ids, mut after) = (Vec::new(), None);
        while let batch = store.all_story_ids(after.clone(), 3).await.unwrap()
            && let Some(last) = batch.last()
        {
            after = Some(last.clone());
            ids.extend(batch);
        }
        assert_eq!(ids.len(), 10);

        let (mut seen, mut upto) = (0, 0);
        while let changes = store.changed_since(upto, 4).await.unwrap()
            && !changes.stories.is_empty()
        {
            upto = changes.upto;
            seen += changes.stories.len();
        }
        assert_eq!((seen, upto), (10, store.revision()));

        let (mut exported, mut after) = (Vec::new(), None);
        while let batch = store.articles(after, 4).await.unwrap()
            && let Some(last) = batch.last()
        {
            after = Some(last.position);
            exported.extend(batch.into_iter().map(|e| e.article.guid.unwrap()));
        }
        assert_eq!(exported, (0..10).map(|i| i.to_string()).collect::<Vec<_>>());

        let some = [ids[3].clone(), ids[1].clone(), ids[3].clone()];
        let found = store.stories(&some).await.unwrap();
        assert_eq!(found.iter().map(|s| &s.id).collect::<Vec<_>>(), [&ids[3], &ids[1]]);
        assert_eq!(store.story("../etc").await.unwrap(), None);
    }
}
