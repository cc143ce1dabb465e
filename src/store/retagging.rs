//! Tags of stored articles, made anew: because the file has changed, or because the like of them taught more.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{StoryId, Tagged};

use super::{Store, StoreError, labels, touch};

/// Tags of some stored articles, made by the present rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Retagging {
    /// Hash of the rules.
    pub rules: u64,
    /// The position after which these articles stand, in the order of arrival.
    pub after: i64,
    /// The position of the last of them.
    pub upto: i64,
    /// Whether there are no more.
    pub last: bool,
    /// The articles by their position, each with the hash of the entry that its tags were made of, and all its tags.
    pub articles: Vec<(i64, u64, Vec<Tagged>)>,
}

impl Store {
    /// The position up to which stored articles have their tags by the rules of this hash; `None`: all have.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tagged_upto(&self, rules: u64) -> Result<Option<i64>, StoreError> {
        self.read(move |conn| {
            Ok(match standing(conn)? {
                Some((by, upto)) if by == rules.cast_signed() => upto,
                _ => Some(0),
            })
        })
        .await
    }

    /// Gives stored articles other tags, and notes how far that has come; tells how many had others before. What shows them
    /// is shown anew, and nothing is called updated for it. Stops before an article that has changed since it was read.
    ///
    /// # Errors
    /// When it could not be written; then none of it was.
    pub async fn retag(&self, mut retagging: Retagging) -> Result<usize, StoreError> {
        self.write(move |conn| {
            let mut changed = 0;
            for (n, entry, tags) in &retagging.articles {
                if !is_of_entry(conn, *n, *entry)? {
                    (retagging.upto, retagging.last) = (n - 1, false);
                    break;
                }
                changed += usize::from(retag(conn, *n, tags)?);
            }
            note(conn, &retagging)?;
            Ok(changed)
        })
        .await
    }

    /// Gives the leads of stories what was learnt for them, beside their other tags; tells how many got something.
    ///
    /// # Errors
    /// When it could not be written; then none of it was.
    pub async fn learn(&self, learnt: Vec<(StoryId, Vec<Tagged>)>) -> Result<usize, StoreError> {
        self.write(move |conn| {
            let mut changed = 0;
            let mut lead = conn.prepare_cached("SELECT lead FROM story WHERE id = ?1 AND redirect_to IS NULL")?;
            for (story, new) in &learnt {
                let Some(n) = lead.query_row([story.as_str()], |row| row.get(0)).optional()? else { continue };
                let tags = [labels::of_article(conn, n)?, new.clone()].concat();
                changed += usize::from(retag(conn, n, &tags)?);
            }
            Ok(changed)
        })
        .await
    }
}

/// What a poll brought was tagged by these rules: where others are wanted by now, its articles, from this one on, are to be
/// tagged anew.
pub(super) fn tagged_by(conn: &Connection, rules: u64, lowest: i64) -> Result<(), StoreError> {
    // The first articles of all: no others have to be looked at.
    conn.prepare_cached(
        "INSERT INTO tagging (one, rules) SELECT 1, ?1
         WHERE NOT EXISTS (SELECT 1 FROM tagging) AND NOT EXISTS (SELECT 1 FROM article WHERE n < ?2)",
    )?
    .execute(params![rules.cast_signed(), lowest])?;
    conn.prepare_cached("UPDATE tagging SET upto = min(coalesce(upto, ?2), ?2) WHERE rules <> ?1")?
        .execute(params![rules.cast_signed(), lowest - 1])?;
    Ok(())
}

/// The hash of the rules that were last wanted, and how far that came.
fn standing(conn: &Connection) -> Result<Option<(i64, Option<i64>)>, StoreError> {
    let mut read = conn.prepare_cached("SELECT rules, upto FROM tagging")?;
    Ok(read.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

fn note(conn: &Connection, done: &Retagging) -> Result<(), StoreError> {
    let rules = done.rules.cast_signed();
    // A poll by older rules may have come between, or another process been faster.
    let overtaken = |upto: Option<i64>| upto.is_none_or(|upto| upto < done.after);
    if standing(conn)?.is_some_and(|(by, upto)| by == rules && overtaken(upto)) {
        return Ok(());
    }
    let newest: Option<i64> = conn
        .prepare_cached("SELECT n FROM article WHERE story IS NOT NULL ORDER BY n DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let whole = done.last && newest.is_none_or(|newest| newest <= done.upto);
    conn.prepare_cached("INSERT OR REPLACE INTO tagging (one, rules, upto) VALUES (1, ?1, ?2)")?
        .execute(params![rules, (!whole).then_some(done.upto)])?;
    Ok(())
}

fn is_of_entry(conn: &Connection, n: i64, entry: u64) -> Result<bool, StoreError> {
    let mut read = conn.prepare_cached("SELECT 1 FROM article WHERE n = ?1 AND entry_hash = ?2")?;
    Ok(read.exists(params![n, entry.cast_signed()])?)
}

fn retag(conn: &Connection, n: i64, tags: &[Tagged]) -> Result<bool, StoreError> {
    let place: Option<(String, i64, i64)> = conn
        .prepare_cached("SELECT s.id, s.date, a.source FROM article a JOIN story s ON s.id = a.story WHERE a.n = ?1")?
        .query_row([n], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((story, date, source)) = place else { return Ok(false) };
    if labels::spelt(&labels::of_article(conn, n)?) == labels::spelt(tags) {
        return Ok(false);
    }
    let before = labels::of_story(conn, &story)?;
    labels::take(conn, n)?;
    labels::put(conn, source, n, tags)?;
    labels::reshelve(conn, &story, date, &before)?;
    touch::story(conn, &story)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::super::{Batch, PollRecord, Shelf, SourceState};
    use super::*;
    use crate::model::{Article, TagOrigin};
    use crate::text;

    fn retagging(rules: u64, (after, upto): (i64, i64), last: bool, written: &[&str]) -> Retagging {
        let articles = (after + 1..=upto).map(|n| (n, text::hash(n.to_string().as_bytes()), tags(written))).collect();
        Retagging { rules, after, upto, last, articles }
    }

    #[tokio::test]
    async fn other_tags_move_shelves_and_revision_but_no_date() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        poll(&store, vec![article("a", "1"), article("a", "2")], new_or_skip()).await;
        let id = story_of(&article("a", "1"));
        let (before, revision) = (store.story(id.as_str()).await.unwrap().unwrap(), store.revision());
        assert_eq!(store.tagged_upto(7).await.unwrap(), Some(0));
        assert_eq!(store.retag(retagging(7, (0, 1), false, &["Mer"])).await.unwrap(), 1);
        assert_eq!((store.tagged_upto(7).await.unwrap(), store.tagged_upto(8).await.unwrap()), (Some(1), Some(0)));
        let after = store.story(id.as_str()).await.unwrap().unwrap();
        assert_eq!((after.changed, after.date, after.tags[0].tag.shown()), (before.changed, before.date, "Mer"));
        assert_eq!(store.changed_since(revision, 9).await.unwrap().stories, std::slice::from_ref(&id));
        assert_eq!(store.count_in(&Shelf::Tag("gaza".into())).await.unwrap(), 1);
        assert_eq!(store.count_in(&Shelf::Tag("mer".into())).await.unwrap(), 1);

        let revision = store.revision();
        assert_eq!(store.retag(retagging(7, (1, 2), true, &["Gaza"])).await.unwrap(), 0, "it has them");
        assert_eq!((store.revision(), store.tagged_upto(7).await.unwrap()), (revision, None));
        assert_eq!(store.tagged_upto(8).await.unwrap(), Some(0), "other rules begin anew");
    }

    #[tokio::test]
    async fn what_comes_by_older_rules_meanwhile_is_tagged_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let by = |rules: u64, guid: &str, decide| {
            let (source, state) = (source("a"), SourceState::default());
            let articles = vec![article("a", guid)];
            store.apply(
                PollRecord {
                    source,
                    state,
                    articles: Batch::of(articles).unwrap(),
                    told: Default::default(),
                    template: None,
                    tagged_by: rules,
                    now: at(0),
                },
                decide,
            )
        };
        by(7, "1", new_or_skip()).await.unwrap();
        store.retag(retagging(7, (0, 1), true, &[])).await.unwrap();
        by(7, "2", new_or_skip()).await.unwrap();
        assert_eq!(store.tagged_upto(7).await.unwrap(), None, "by the same rules");
        by(6, "3", new_or_skip()).await.unwrap();
        assert_eq!(store.tagged_upto(7).await.unwrap(), Some(2));
        // A revision of an article that has been passed already, while the rest is under way.
        let revised = Article { tags: tags(&["Rafah"]), ..article("a", "1") };
        let record = PollRecord {
            source: source("a"),
            state: SourceState::default(),
            articles: Batch::of([revised]).unwrap(),
            told: Default::default(),
            template: None,
            tagged_by: 6,
            now: at(0),
        };
        store.apply(record, revises()).await.unwrap();
        store.retag(retagging(7, (2, 3), true, &[])).await.unwrap();
        assert_eq!(store.tagged_upto(7).await.unwrap(), Some(0), "what was passed is still to be done");
        by(6, "4", new_or_skip()).await.unwrap();
        store.retag(retagging(7, (0, 3), true, &[])).await.unwrap();
        assert_eq!(store.tagged_upto(7).await.unwrap(), Some(3), "one came while the last were made");
    }

    #[tokio::test]
    async fn an_article_that_changes_meanwhile_keeps_its_tags_and_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let all = ["1", "2", "3"].map(|guid| article("a", guid));
        poll(&store, all.to_vec(), new_or_skip()).await;
        let revised = Article { tags: tags(&["Rafah"]), entry_hash: 5, text: "Autre".into(), ..all[1].clone() };
        poll(&store, vec![revised], revises()).await;
        assert_eq!(store.retag(retagging(7, (0, 3), true, &["Mer"])).await.unwrap(), 1);
        let story = store.story(all[1].id.as_str()).await.unwrap().unwrap();
        assert_eq!((story.tags[0].tag.shown(), store.tagged_upto(7).await.unwrap()), ("Rafah", Some(1)));
    }

    #[tokio::test]
    async fn what_was_purged_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let old = Article { published: Some(at(-9000)), first_seen: at(-9000), ..article("a", "2") };
        poll(&store, vec![article("a", "1"), old], new_or_skip()).await;
        store.purge(at(-8000)).await.unwrap();
        store.retag(retagging(7, (0, 1), true, &["Mer"])).await.unwrap();
        assert_eq!(store.tagged_upto(7).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_was_learnt_stands_beside_and_stays_when_the_article_is_revised() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let first = article("a", "1");
        let id = story_of(&first);
        poll(&store, vec![first.clone()], new_or_skip()).await;
        let changed = store.story(id.as_str()).await.unwrap().unwrap().changed;
        let learned = |written: &str| Tagged { tag: text::tag(written).unwrap(), origin: TagOrigin::Learned };
        let learnt = vec![(id.clone(), vec![learned("Mer"), learned("gaza")])];
        assert_eq!(store.learn(learnt.clone()).await.unwrap(), 1);
        assert_eq!(store.learn(learnt).await.unwrap(), 0);
        let shown = |tags: &[Tagged]| tags.iter().map(|t| (t.tag.shown().to_owned(), t.origin)).collect::<Vec<_>>();
        let expected = [("Gaza".to_owned(), TagOrigin::Feed), ("Mer".to_owned(), TagOrigin::Learned)];
        let story = store.story(id.as_str()).await.unwrap().unwrap();
        assert_eq!((shown(&story.tags), story.changed), (expected.to_vec(), changed));
        assert_eq!(store.count_in(&Shelf::Tag("mer".into())).await.unwrap(), 1);

        assert_eq!(poll(&store, vec![first.clone()], revises()).await.revised, 0, "what was learnt is no revision");
        let other = Article { title: "Autre titre".into(), tags: tags(&["Rafah"]), ..first };
        assert_eq!(poll(&store, vec![other], revises()).await.revised, 1);
        let story = store.story(id.as_str()).await.unwrap().unwrap();
        assert_eq!(shown(&story.tags)[1], expected[1]);
    }
}
