//! Stories that turn out to be one: the elder's id survives, the other's address leads to it.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::StoryId;

use super::{StoreError, alongside, labels, rows, shelves, stories, touch};

/// Makes one story of two. The one first seen keeps its id, date and lead; the articles of the other become its copies,
/// the other's id redirects, and nothing is said to be updated. Gives the survivor; `None` when one of them is not there or
/// they are one already.
pub(super) fn merge(conn: &Connection, one: &StoryId, other: &StoryId) -> Result<Option<StoryId>, StoreError> {
    let (Some(a), Some(b)) = (whole(conn, one)?, whole(conn, other)?) else { return Ok(None) };
    if a.id == b.id {
        return Ok(None);
    }
    let (elder, younger) = if (a.first_seen, &a.id) <= (b.first_seen, &b.id) { (a, b) } else { (b, a) };
    fold(conn, &elder, &younger)?;
    Ok(Some(elder.id))
}

struct Whole {
    id: StoryId,
    date: i64,
    first_seen: DateTime<Utc>,
}

fn whole(conn: &Connection, id: &StoryId) -> Result<Option<Whole>, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT coalesce(t.id, s.id), coalesce(t.date, s.date), coalesce(t.first_seen, s.first_seen)
         FROM story s LEFT JOIN story t ON t.id = s.redirect_to WHERE s.id = ?1",
    )?;
    let found = read.query_row([id.as_str()], |row| {
        Ok(Whole { id: rows::story_id(row, 0)?, date: row.get(1)?, first_seen: rows::time(row, 2)? })
    });
    Ok(found.optional()?)
}

fn fold(conn: &Connection, elder: &Whole, younger: &Whole) -> Result<(), StoreError> {
    let (stays, goes) = (elder.id.as_str(), younger.id.as_str());
    // Those who recommend the younger, or hold a part of it, show the elder from now on.
    touch::recommenders(conn, goes)?;
    touch::beside(conn, goes)?;
    alongside::fold(conn, stays, goes)?;
    let (tags, lost) = (labels::of_story(conn, stays)?, labels::of_story(conn, goes)?);
    conn.prepare_cached(
        "UPDATE article SET story = ?1, kind = CASE kind WHEN 'lead' THEN 'copy' ELSE kind END WHERE story = ?2",
    )?
    .execute([stays, goes])?;
    conn.prepare_cached("UPDATE article SET excerpt_of = ?1 WHERE excerpt_of = ?2")?.execute([stays, goes])?;
    stories::accompany(conn, stays)?;
    // The survivor first: a tag that both have must not lose its last story between.
    labels::reshelve(conn, stays, elder.date, &tags)?;
    labels::reshelve(conn, goes, younger.date, &lost)?;
    shelves::clear(conn, goes, younger.date)?;
    conn.prepare_cached("DELETE FROM recommendation WHERE story = ?1")?.execute([goes])?;
    conn.prepare_cached("UPDATE recommendation SET to_story = ?1 WHERE to_story = ?2")?.execute([stays, goes])?;
    // Redirects are one step long: those that led to the younger lead to the elder.
    conn.prepare_cached("UPDATE story SET redirect_to = ?1 WHERE id = ?2 OR redirect_to = ?2")?
        .execute(params![stays, goes])?;
    touch::count_stories(conn, -1)?;
    touch::story(conn, stays)
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::super::{Admission, Shelf, Shelving};
    use crate::model::{Article, Why};

    #[tokio::test]
    async fn the_elder_survives_and_the_other_redirects() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let elder = article("a", "1");
        let younger = Article { first_seen: at(5), tags: tags(&["gaza", "Rafah"]), ..article("b", "2") };
        let third = Article { first_seen: at(6), ..article("c", "3") };
        let [a, b, c] = [&elder, &younger, &third].map(story_of);
        for one in [&elder, &younger, &third] {
            poll(&store, vec![one.clone()], new_or_skip()).await;
        }
        store.shelve(vec![Shelving { story: b.clone(), feeds: vec!["f".into()] }]).await.unwrap();
        let to = |story: &crate::model::StoryId| (story.clone(), 0.5, Why::default());
        let admissions = [(&a, vec![to(&b)]), (&c, vec![to(&b), to(&a)])].map(|(story, recommended)| Admission {
            story: story.clone(),
            recommended,
            completed: false,
        });
        store.recommend(admissions.to_vec(), at(6)).await.unwrap();

        for survivor in [Some(a.clone()), None] {
            let (a, b) = (a.clone(), b.clone());
            let merged = store.write(move |conn| super::merge(conn, &b, &a)).await.unwrap();
            assert_eq!(merged, survivor, "the second time they are one already");
        }
        let story = store.story(b.as_str()).await.unwrap().unwrap();
        assert_eq!((&story.id, &story.lead, story.others[0].article.clone()), (&a, &elder, younger.id.clone()));
        assert_eq!(story.tags.iter().map(|t| t.tag.shown()).collect::<Vec<_>>(), ["Gaza", "Rafah"]);
        assert_eq!(store.stories(&[b.clone(), a.clone()]).await.unwrap().len(), 1);
        for (shelf, left) in [
            (Shelf::All, 2),
            (Shelf::Tag("gaza".into()), 2),
            (Shelf::Tag("rafah".into()), 1),
            (Shelf::Feed("f".into()), 0),
        ] {
            assert_eq!(store.count_in(&shelf).await.unwrap(), left, "{shelf:?}");
            assert_eq!(store.stories_in(&shelf, 9, 0).await.unwrap().len() as u64, left, "{shelf:?}");
        }
        let lists = store.recommendations(&[a.clone(), c.clone()]).await.unwrap();
        assert_eq!(lists.get(&a), None, "never itself");
        assert_eq!(lists[&c].iter().map(|r| &r.story).collect::<Vec<_>>(), [&a]);
        let joined = poll(&store, vec![article("d", "4")], joins(b.clone(), false)).await;
        assert_eq!(joined.stories[0], a, "who joins the younger joins the elder");

        // The redirect goes with the elder, and no list keeps it.
        assert_eq!(store.purge(at(100)).await.unwrap(), 4);
        assert_eq!(store.story(b.as_str()).await.unwrap(), None);
        assert_eq!(store.count_in(&Shelf::All).await.unwrap(), 0);
    }
}
