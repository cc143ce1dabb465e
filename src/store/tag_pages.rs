//! Which tags may have a page of their own: those that the file gives, those that two sources carry, and of each source so many
//! more. A page that is there stays as long as the tag does: who subscribed to it keeps it.

use std::collections::HashSet;

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

use crate::model::Tag;

use super::{Store, StoreError, rows, tags, touch};

/// Pages of tags that one source alone carries: always so many, and one for so many of its articles where that is more.
const OWN: i64 = 100;
const ARTICLES_PER_OWN: i64 = 4;
/// Stories that are shown anew at once when their tag gets its page.
const SHOWN_ANEW: i64 = 100;

/// The tags of some keys: looked up one by one, however many other tags there are.
const DECLARED: &str = "SELECT t.shown, t.key, t.stories FROM json_each(?1) j CROSS JOIN tag t ON t.key = j.value
     WHERE t.stories > 0";
/// The tags that have earned a page, most used first.
const EARNED: &str =
    "SELECT shown, key, stories FROM tag WHERE stories > 0 AND page ORDER BY stories DESC, key LIMIT ?1";

impl Store {
    /// The tags that have a page and how many stories have each, most used first: those of these keys, and with `all` those
    /// that have earned one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tags_with_page(
        &self,
        declared: Vec<String>,
        all: bool,
        limit: usize,
    ) -> Result<Vec<(Tag, u64)>, StoreError> {
        let declared = rows::written_json(&declared)?;
        self.read(move |conn| {
            let limit = limit.min(tags::AT_ONCE);
            let row = |row: &Row<'_>| Ok((tags::tag(row)?, rows::hash(row, 2)?));
            let mut found: Vec<(Tag, u64)> = {
                let mut read = conn.prepare_cached(DECLARED)?;
                read.query_map(params![declared], row)?.collect::<Result<_, _>>()?
            };
            if all {
                let mut read = conn.prepare_cached(EARNED)?;
                let earned = read.query_map(params![rows::count(limit)], row)?;
                found.extend(earned.collect::<Result<Vec<_>, _>>()?);
            }
            found.sort_by(|(a, of_a), (b, of_b)| of_b.cmp(of_a).then_with(|| a.key().cmp(b.key())));
            found.dedup_by(|(a, _), (b, _)| a.key() == b.key());
            found.truncate(limit);
            Ok(found)
        })
        .await
    }

    /// Those of these keys whose tags have earned a page.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn have_earned_pages(&self, keys: HashSet<String>) -> Result<HashSet<String>, StoreError> {
        self.read(move |conn| {
            let mut read = conn.prepare_cached("SELECT 1 FROM tag WHERE key = ?1 AND page AND stories > 0")?;
            let mut earned = HashSet::new();
            for key in keys {
                if read.exists([&key])? {
                    earned.insert(key);
                }
            }
            Ok(earned)
        })
        .await
    }
}

/// What articles of a source bring to a tag that they carry.
pub(super) struct Brought<'a> {
    pub(super) tag: &'a Tag,
    /// Whether the file itself gives it to one of them.
    pub(super) by_the_file: bool,
    /// Its spellings, and how often each was used.
    pub(super) spellings: &'a [(String, i64)],
    /// How many new stories carry it.
    pub(super) stories: i64,
    /// The revision that the last of these got.
    pub(super) revision: i64,
}

/// Notes the tags that articles of one source carry: what is said of each is kept ready, and the tags with a page that the source
/// alone carries are counted here and written once.
pub(super) struct Carrying<'c> {
    conn: &'c Connection,
    source: i64,
    /// Tags of its own with a page: as many as are written, as there are, and as there may be.
    written: i64,
    own: i64,
    room: i64,
    more: CachedStatement<'c>,
    known: CachedStatement<'c>,
    known_more: CachedStatement<'c>,
    new: CachedStatement<'c>,
}

impl<'c> Carrying<'c> {
    /// The new articles of the source are counted before.
    pub(super) fn of(conn: &'c Connection, source: i64) -> Result<Self, StoreError> {
        let mut read = conn.prepare_cached("SELECT own_tags, max(?2, articles / ?3) FROM source WHERE n = ?1")?;
        let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let (written, room) =
            read.query_row(params![source, OWN, ARTICLES_PER_OWN], row).optional()?.unwrap_or_default();
        Ok(Self {
            conn,
            source,
            written,
            own: written,
            room,
            more: conn.prepare_cached(
                "UPDATE tag SET stories = stories + ?3, revision = max(revision, ?4), uses = uses + ?5
                 WHERE key = ?1 AND shown = ?2 AND source IS NULL AND page = 1",
            )?,
            known: conn.prepare_cached("SELECT source, page, shown FROM tag WHERE key = ?1")?,
            known_more: conn.prepare_cached(
                "UPDATE tag SET stories = stories + ?3, revision = max(revision, ?4), source = ?5, page = ?6,
                     uses = uses + ?7
                 WHERE key = ?1 AND shown = ?2",
            )?,
            new: conn.prepare_cached(
                "INSERT INTO tag (key, shown, stories, revision, source, page, uses) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?,
        })
    }

    /// Notes that they carry a tag. Gives how the tag is shown, of which spelling it counts the uses itself.
    pub(super) fn carried(&mut self, brought: &Brought<'_>) -> Result<String, StoreError> {
        let &Brought { tag, by_the_file, spellings, stories, revision } = brought;
        let (key, source) = (tag.key(), self.source);
        // Most that come have a page, are carried by several, and are spelt as they are shown.
        if let [(spelling, uses)] = spellings
            && self.more.execute(params![key, spelling, stories, revision, uses])? > 0
        {
            return Ok(spelling.clone());
        }
        let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let known: Option<(Option<i64>, bool, String)> = self.known.query_row([key], row).optional()?;
        let write = if known.is_some() { &mut self.known_more } else { &mut self.new };
        let (alone, page, shown) = known.unwrap_or_else(|| (Some(source), false, tag.shown().to_owned()));
        let shared = by_the_file || alone != Some(source);
        let own = !shared && !page && self.own < self.room;
        let uses = spellings.iter().find(|(spelling, _)| *spelling == shown).map_or(0, |(_, uses)| *uses);
        write.execute(params![
            key,
            shown,
            stories,
            revision,
            alone.filter(|_| !shared),
            page || shared || own,
            uses
        ])?;
        if let Some(alone) = alone.filter(|_| shared && page) {
            self.count(alone, -1)?;
        }
        if !page && (shared || own) {
            self.count(source, i64::from(own))?;
            shown_anew(self.conn, key)?;
        }
        Ok(shown)
    }

    fn count(&mut self, source: i64, by: i64) -> Result<(), StoreError> {
        if source != self.source {
            return count_own(self.conn, source, by);
        }
        self.own = (self.own + by).max(0);
        Ok(())
    }

    /// Writes how many tags of its own have a page now.
    pub(super) fn end(self) -> Result<(), StoreError> {
        count_own(self.conn, self.source, self.own - self.written)
    }
}

/// Forgets a tag that no story carries.
pub(super) fn forget_unused(conn: &Connection, key: &str) -> Result<(), StoreError> {
    let gone: Option<(Option<i64>, bool)> = conn
        .prepare_cached("SELECT source, page FROM tag WHERE key = ?1 AND stories <= 0")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if gone.is_some() {
        conn.prepare_cached("DELETE FROM tag WHERE key = ?1")?.execute([key])?;
    }
    match gone {
        Some((Some(source), true)) => count_own(conn, source, -1),
        _ => Ok(()),
    }
}

fn count_own(conn: &Connection, source: i64, by: i64) -> Result<(), StoreError> {
    if by != 0 {
        conn.prepare_cached("UPDATE source SET own_tags = max(own_tags + ?2, 0) WHERE n = ?1")?
            .execute(params![source, by])?;
    }
    Ok(())
}

/// Stories that carried the tag before link to its page now.
fn shown_anew(conn: &Connection, key: &str) -> Result<(), StoreError> {
    let mut read =
        conn.prepare_cached("SELECT story, date FROM story_tag WHERE tag = ?1 ORDER BY date DESC LIMIT ?2")?;
    let stories = read.query_map(params![key, SHOWN_ANEW], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    stories.iter().try_for_each(|story| touch::story(conn, story))
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::*;
    use crate::model::{Article, TagOrigin, Tagged};
    use crate::text;

    fn tagged(from: &str, guid: &str, written: &[&str]) -> Article {
        Article { tags: tags(written), ..article(from, guid) }
    }

    async fn with_page(store: &Store, declared: &[&str], all: bool) -> Vec<String> {
        let declared = declared.iter().map(|d| (*d).to_owned()).collect();
        let found = store.tags_with_page(declared, all, 10_000).await.unwrap();
        found.into_iter().map(|(tag, _)| tag.key().to_owned()).collect()
    }

    #[tokio::test]
    async fn one_source_gets_so_many_pages_and_two_sources_all() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let invented = |i: usize| format!("Inventé_{i:03}");
        let flood: Vec<Article> = (0..40)
            .map(|n| {
                let written: Vec<String> = (0..8).map(|i| invented(n * 8 + i)).collect();
                tagged("a", &n.to_string(), &written.iter().map(String::as_str).collect::<Vec<_>>())
            })
            .collect();
        poll(&store, flood, new_or_skip()).await;
        assert_eq!(with_page(&store, &[], true).await.len(), 100);
        assert_eq!(with_page(&store, &[], false).await, [""; 0]);
        assert_eq!(with_page(&store, &["invente_319"], false).await, ["invente_319"], "the file's word stands");

        // Another source carries one of those that have none: it gets one, and what shows it is shown anew.
        let before = store.revision();
        poll(&store, vec![tagged("b", "1", &["Inventé_319"])], new_or_skip()).await;
        assert!(with_page(&store, &[], true).await.contains(&"invente_319".to_owned()));
        let changed = store.changed_since(before, 99).await.unwrap().stories;
        assert!(changed.contains(&story_of(&article("a", "39"))), "{changed:?}");

        // One of its own becomes another's too: there is room for one more.
        poll(&store, vec![tagged("b", "2", &["Inventé_000"])], new_or_skip()).await;
        assert_eq!(with_page(&store, &[], true).await.len(), 101);
        poll(&store, vec![tagged("a", "new", &["Nouveau", "Trop"])], new_or_skip()).await;
        let found = with_page(&store, &[], true).await;
        assert!(found.len() == 102 && found.contains(&"nouveau".to_owned()), "{found:?}");
        let earned = ["nouveau", "trop", "invente_319"].map(str::to_owned).into();
        assert_eq!(store.have_earned_pages(earned).await.unwrap().len(), 2);
    }

    #[tokio::test]
    async fn declared_tags_are_looked_up_and_no_other_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let plan = |conn: &Connection| {
            let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {DECLARED}"))?;
            let steps = plan.query_map(["[]"], |row| row.get::<_, String>(3))?.collect::<Result<Vec<_>, _>>()?;
            Ok(steps.join("; "))
        };
        let plan = store.read(plan).await.unwrap();
        assert!(plan.contains("SEARCH t USING PRIMARY KEY") && !plan.contains("SCAN t"), "{plan}");
    }

    #[tokio::test]
    async fn what_the_file_gives_counts_for_no_source_and_what_is_gone_leaves_its_room() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let numbered = |what: &str, n: usize, origin| -> Vec<Tagged> {
            (0..n).map(|i| Tagged { tag: text::tag(&format!("{what}{i}")).unwrap(), origin }).collect()
        };
        let old = Article {
            published: Some(at(-9000)),
            first_seen: at(-9000),
            tags: numbered("a", 60, TagOrigin::Feed),
            ..article("a", "1")
        };
        let ruled = Article { tags: numbered("r", 60, TagOrigin::Rules), ..article("a", "2") };
        let more = Article { tags: numbered("b", 60, TagOrigin::Hashtags), ..article("a", "3") };
        poll(&store, vec![old, ruled, more], new_or_skip()).await;
        assert_eq!(with_page(&store, &[], true).await.len(), 160);
        store.purge(at(-8000)).await.unwrap();
        let again = Article { tags: numbered("c", 63, TagOrigin::Hashtags), ..article("a", "4") };
        poll(&store, vec![again], new_or_skip()).await;
        let found = with_page(&store, &[], true).await;
        assert_eq!(found.iter().filter(|k| k.starts_with(['b', 'c'])).count(), 100, "{found:?}");
    }
}
