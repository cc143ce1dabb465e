//! The revision: raised whenever something that a feed shows has changed, and noted at the story and at each shelf that
//! shows it, so that who keeps rendered bytes knows which of them are old.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, labels, shelves};

/// Stories told at once that a story they recommend has changed.
const DEPENDENTS: i64 = 1000;

/// The present revision.
pub(super) fn revision(conn: &Connection) -> Result<u64, StoreError> {
    let now: i64 =
        conn.prepare_cached("SELECT value FROM counter WHERE name = 'revision'")?.query_row([], |row| row.get(0))?;
    Ok(now.cast_unsigned())
}

/// The next revision.
pub(super) fn raise(conn: &Connection) -> Result<i64, StoreError> {
    // Without RETURNING, as the writer asks.
    conn.prepare_cached("UPDATE counter SET value = value + 1 WHERE name = 'revision'")?.execute([])?;
    Ok(revision(conn)?.cast_signed())
}

/// What this story shows has changed, and so has what the shelves of its tags and feeds show: it is to be taken in anew.
pub(super) fn story(conn: &Connection, id: &str) -> Result<(), StoreError> {
    let revision = shown(conn, id)?;
    conn.prepare_cached("UPDATE story SET revision = ?1 WHERE id = ?2")?.execute(params![revision, id])?;
    Ok(())
}

/// Feeds show this story, or what they show with it, from now on; the story itself is what it was. Gives the revision.
pub(super) fn shown(conn: &Connection, id: &str) -> Result<i64, StoreError> {
    all_shown(conn, std::iter::once(id))
}

/// The same of many stories at once: each shelf is told once.
pub(super) fn all_shown<'i>(conn: &Connection, ids: impl Iterator<Item = &'i str>) -> Result<i64, StoreError> {
    let (mut tags, mut feeds) = (BTreeSet::new(), BTreeSet::new());
    let mut alone = conn.prepare_cached("SELECT lead FROM story WHERE id = ?1 AND NOT company")?;
    for id in ids {
        match alone.query_row([id], |row| row.get(0)).optional()? {
            Some(lead) => tags.extend(labels::keys_of(conn, lead)?),
            None => tags.extend(labels::of_story(conn, id)?),
        }
        feeds.extend(shelves::feeds_of(conn, id)?);
    }
    let revision = raise(conn)?;
    let mut of_tag = conn.prepare_cached("UPDATE tag SET revision = ?1 WHERE key = ?2")?;
    for key in tags {
        of_tag.execute(params![revision, key])?;
    }
    let mut of_feed = conn.prepare_cached("UPDATE feed SET revision = ?1 WHERE slug = ?2")?;
    for slug in feeds {
        of_feed.execute(params![revision, slug])?;
    }
    Ok(revision)
}

/// What the stories that recommend this one show of it has changed.
pub(super) fn recommenders(conn: &Connection, id: &str) -> Result<(), StoreError> {
    let mut found = conn.prepare_cached("SELECT DISTINCT story FROM recommendation WHERE to_story = ?1 LIMIT ?2")?;
    let stories = found.query_map(params![id, DEPENDENTS], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    stories.iter().try_for_each(|other| story(conn, other))
}

/// What the story of which this one holds a part, and those that hold a part of it, show of it has changed; and where those
/// stand that tell its event in words of their own.
pub(super) fn beside(conn: &Connection, id: &str) -> Result<(), StoreError> {
    let mut found = conn.prepare_cached(
        "SELECT story FROM article WHERE excerpt_of = ?1 AND story <> ?1
         UNION SELECT excerpt_of FROM article WHERE story = ?1 AND excerpt_of IS NOT NULL AND excerpt_of <> ?1
         UNION SELECT other FROM alongside WHERE story = ?1
         LIMIT ?2",
    )?;
    let stories = found.query_map(params![id, DEPENDENTS], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    stories.iter().try_for_each(|other| story(conn, other))
}

/// A shelf lost a story, or is called otherwise.
pub(super) fn tag(conn: &Connection, key: &str) -> Result<(), StoreError> {
    let revision = raise(conn)?;
    conn.prepare_cached("UPDATE tag SET revision = ?1 WHERE key = ?2")?.execute(params![revision, key])?;
    Ok(())
}

/// A shelf gained or lost a story.
pub(super) fn feed(conn: &Connection, slug: &str) -> Result<(), StoreError> {
    let revision = raise(conn)?;
    conn.prepare_cached("UPDATE feed SET revision = ?1 WHERE slug = ?2")?.execute(params![revision, slug])?;
    Ok(())
}

/// Adds to the counter of all stories.
pub(super) fn count_stories(conn: &Connection, by: i64) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE counter SET value = value + ?1 WHERE name = 'stories'")?.execute([by])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::super::{Decide, Shelf};
    use crate::model::{Article, ArticleId, Decision, Intent};

    fn holds(part: ArticleId) -> Decide {
        Box::new(move |article, _, _| Decision {
            holds: vec![part.clone()],
            ..Decision::from(Intent::Insert(Box::new(article)))
        })
    }

    fn joins_and_merges(own: &Article, other: &Article) -> Decide {
        let (own, other) = (story_of(own), story_of(other));
        Box::new(move |article, a, b| Decision {
            merges: vec![other.clone()],
            ..joins(own.clone(), false)(article, a, b)
        })
    }

    /// What a story shows of the one that it is a part of, or of its part, is shown anew when that changes: bytes that were
    /// kept are those that would be made now.
    #[tokio::test]
    async fn a_part_and_its_whole_show_each_other_as_they_are() {
        let whole = Article { first_seen: at(5), tags: tags(&["Whole"]), ..article("w", "1") };
        let part =
            Article { published: Some(at(-90)), first_seen: at(-90), tags: tags(&["Part"]), ..article("p", "2") };
        let elder = Article { tags: tags(&["Elder"]), ..article("e", "3") };
        let titled = |article: &Article| Article { title: "Autre titre".into(), ..article.clone() };
        for (change, shown_at) in [
            ("revised whole", "part"),
            ("revised part", "whole"),
            ("another lead", "part"),
            ("merged whole", "part"),
            ("purged part", "whole"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let store = open_in(folder.path());
            poll(&store, vec![part.clone(), elder.clone()], new_or_skip()).await;
            poll(&store, vec![whole.clone()], holds(part.id.clone())).await;
            let shelf = Shelf::Tag(shown_at.to_owned());
            let before = store.revision_of(&shelf).await.unwrap();
            match change {
                "revised whole" => drop(poll(&store, vec![titled(&whole)], revises()).await),
                "revised part" => drop(poll(&store, vec![titled(&part)], revises()).await),
                "another lead" => {
                    drop(poll(&store, vec![article("c", "4")], joins(story_of(&whole), true)).await);
                }
                "merged whole" => {
                    drop(poll(&store, vec![article("c", "4")], joins_and_merges(&elder, &whole)).await);
                    let shown = store.story(part.id.as_str()).await.unwrap().unwrap().excerpt_of.unwrap();
                    assert_eq!(shown.title, elder.title);
                }
                _ => assert_eq!(store.purge(at(-80)).await.unwrap(), 1),
            }
            assert!(store.revision_of(&shelf).await.unwrap() > before, "{change}");
        }
    }
}
