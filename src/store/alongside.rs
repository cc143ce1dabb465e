//! Stories that tell one event in words of their own: linked when the later of two is admitted, so that what is counted by it
//! stays whatever the index of likeness is made of later.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Beside, Provenance, Republish, StoryId};

use super::{Store, StoreError, rows, touch};

/// The most stories beside one that are given.
const MOST: i64 = 64;

impl Store {
    /// Links stories to those that tell their events in words of their own; what is gone meanwhile is left out.
    ///
    /// # Errors
    /// When it could not be written; then none of it was.
    pub async fn link_alongside(&self, found: Vec<(StoryId, Vec<StoryId>)>) -> Result<(), StoreError> {
        self.write(move |conn| {
            for (story, others) in &found {
                let Some(story) = standing(conn, story)? else { continue };
                for other in others {
                    if let Some(other) = standing(conn, other)?.filter(|other| *other != story)
                        && link(conn, &story, &other)?
                    {
                        // Who is told beside it may stand elsewhere in a feed now.
                        touch::story(conn, &story)?;
                        touch::story(conn, &other)?;
                    }
                }
            }
            Ok(())
        })
        .await
    }

    /// Who leads the stories that tell the events of these in words of their own, at most 64 for each. Stories beside which
    /// there is none are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn beside(&self, stories: &[StoryId]) -> Result<HashMap<StoryId, Vec<Beside>>, StoreError> {
        let stories = stories.to_vec();
        self.read(move |conn| {
            let mut read = conn.prepare_cached(
                "SELECT o.name, a.provenance, a.republish FROM alongside l JOIN story t ON t.id = l.other
                     JOIN article a ON a.n = t.lead JOIN source o ON o.n = a.source
                 WHERE l.story = ?1 ORDER BY l.other LIMIT ?2",
            )?;
            let mut all = HashMap::new();
            for story in stories {
                let found = read.query_map(params![story.as_str(), MOST], |row| {
                    let provenance: Provenance = rows::json(row, 1)?;
                    Ok(Beside {
                        source: rows::source_name(row, 0)?,
                        outlet: provenance.outlet.name,
                        came_as_private: rows::republish(row, 2)? == Some(Republish::Private),
                    })
                })?;
                let found = found.collect::<Result<Vec<_>, _>>()?;
                if !found.is_empty() {
                    all.insert(story, found);
                }
            }
            Ok(all)
        })
        .await
    }
}

/// The id of the story that stands for this one.
fn standing(conn: &Connection, story: &StoryId) -> Result<Option<String>, StoreError> {
    let mut read = conn.prepare_cached("SELECT coalesce(redirect_to, id) FROM story WHERE id = ?1")?;
    Ok(read.query_row([story.as_str()], |row| row.get(0)).optional()?)
}

/// Links two stories, both ways; tells whether they were not linked yet.
fn link(conn: &Connection, story: &str, other: &str) -> Result<bool, StoreError> {
    let mut link =
        conn.prepare_cached("INSERT INTO alongside (story, other) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    Ok(link.execute([story, other])? + link.execute([other, story])? > 0)
}

fn others(conn: &Connection, story: &str) -> Result<Vec<String>, StoreError> {
    let mut read = conn.prepare_cached("SELECT other FROM alongside WHERE story = ?1")?;
    Ok(read.query_map([story], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Stories turn out to be one: what told beside the one that goes tells beside the one that stays.
pub(super) fn fold(conn: &Connection, stays: &str, goes: &str) -> Result<(), StoreError> {
    for other in forget(conn, goes)? {
        if other != stays {
            link(conn, stays, &other)?;
        }
    }
    Ok(())
}

/// Takes the links of a story away; gives those that it was linked to.
pub(super) fn forget(conn: &Connection, story: &str) -> Result<Vec<String>, StoreError> {
    let others = others(conn, story)?;
    conn.prepare_cached("DELETE FROM alongside WHERE story = ?1")?.execute([story])?;
    let mut back = conn.prepare_cached("DELETE FROM alongside WHERE story = ?1 AND other = ?2")?;
    for other in &others {
        back.execute([other.as_str(), story])?;
    }
    Ok(others)
}

#[cfg(test)]
mod tests {
    use super::super::Shelf;
    use super::super::merge;
    use super::super::samples::*;
    use super::*;
    use crate::model::Article;

    async fn beside(store: &Store, story: &StoryId) -> Vec<String> {
        let mut found = store.beside(std::slice::from_ref(story)).await.unwrap();
        found.remove(story).unwrap_or_default().into_iter().map(|b| b.source.to_string()).collect()
    }

    #[tokio::test]
    async fn links_go_both_ways_and_follow_their_stories() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let old =
            Article { published: Some(at(-9000)), first_seen: at(-9000), tags: tags(&["Old"]), ..article("a", "1") };
        let [b, c] = [("b", 1), ("c", 2)].map(|(from, at_)| Article { first_seen: at(at_), ..article(from, "1") });
        poll(&store, vec![old.clone(), b.clone(), c.clone()], new_or_skip()).await;
        let [a, b, c] = [&old, &b, &c].map(story_of);
        let before = store.revision_of(&Shelf::Tag("old".into())).await.unwrap();
        let gone = story_of(&article("nobody", "9"));
        let found = vec![(b.clone(), vec![a.clone(), b.clone(), gone]), (c.clone(), vec![b.clone()])];
        store.link_alongside(found.clone()).await.unwrap();
        let revision = store.revision();
        assert!(store.revision_of(&Shelf::Tag("old".into())).await.unwrap() > before, "feeds weigh it anew");
        store.link_alongside(found).await.unwrap();
        assert_eq!(store.revision(), revision, "found again: no change");
        assert_eq!((beside(&store, &a).await, beside(&store, &c).await), (vec!["b".into()], vec!["b".to_owned()]));
        assert_eq!(beside(&store, &b).await.len(), 2);

        let (two, three) = (b.clone(), c.clone());
        store.write(move |conn| merge::merge(conn, &two, &three)).await.unwrap();
        assert_eq!((beside(&store, &b).await, beside(&store, &c).await), (vec!["a".into()], Vec::new()));
        store.purge(at(-8000)).await.unwrap();
        assert!(beside(&store, &b).await.is_empty());
        let left =
            |conn: &Connection| Ok(conn.query_row("SELECT count(*) FROM alongside", [], |r| r.get::<_, i64>(0))?);
        assert_eq!(store.read(left).await.unwrap(), 0);
    }
}
