//! Writes tags: those of an article as it has them, those of a story as the union, and the counters.

use std::collections::{BTreeSet, HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Tag, TagOrigin, Tagged};

use super::tag_pages::{Brought, Carrying};
use super::{StoreError, by_tag, rows, tag_pages, touch};

/// The most tags that are kept of one article.
const MOST: usize = 64;

/// What the articles of one piece of work bring to their tags. A tag that many of them carry is told of all of them at once.
#[derive(Default)]
pub(super) struct Gathered {
    /// The source of all of them.
    source: Option<i64>,
    /// New articles of it.
    articles: i64,
    /// In the order in which they were first carried.
    tags: Vec<Carried>,
    /// Place of each key in `tags`.
    places: HashMap<String, usize>,
    /// New stories and their dates.
    stories: Vec<(String, i64)>,
}

/// One tag of them.
struct Carried {
    tag: Tag,
    /// Whether the file itself gives it to one of them.
    by_the_file: bool,
    /// Its spellings, and how often each was used.
    spellings: Vec<(String, i64)>,
    /// New stories that carry it, by their place.
    stories: Vec<usize>,
    /// The revision that the last of these got.
    revision: i64,
}

impl Gathered {
    /// Notes the tags of an article, each key once.
    pub(super) fn put(&mut self, conn: &Connection, source: i64, tags: &[Tagged]) -> Result<(), StoreError> {
        if self.source.is_some_and(|other| other != source) {
            self.flush(conn)?;
        }
        self.source = Some(source);
        for tagged in distinct(tags) {
            let shown = tagged.tag.shown();
            let carried = self.carried(&tagged.tag);
            carried.by_the_file |= matches!(tagged.origin, TagOrigin::Source | TagOrigin::Rules);
            match carried.spellings.iter_mut().find(|(spelling, _)| spelling == shown) {
                Some((_, uses)) => *uses += 1,
                None => carried.spellings.push((shown.to_owned(), 1)),
            }
        }
        Ok(())
    }

    /// Counts a new article of the source, after its tags.
    pub(super) fn count(&mut self) {
        self.articles += 1;
    }

    /// Shelves a new story, of one article: its tags are the article's, which were put before.
    pub(super) fn shelve(&mut self, story: &str, date: i64, tags: &[Tagged], revision: i64) {
        let place = self.stories.len();
        self.stories.push((story.to_owned(), date));
        for tagged in distinct(tags) {
            let carried = self.carried(&tagged.tag);
            carried.stories.push(place);
            carried.revision = revision;
        }
    }

    fn carried(&mut self, tag: &Tag) -> &mut Carried {
        let place = match self.places.get(tag.key()) {
            Some(place) => *place,
            None => {
                self.places.insert(tag.key().to_owned(), self.tags.len());
                self.tags.push(Carried {
                    tag: tag.clone(),
                    by_the_file: false,
                    spellings: Vec::new(),
                    stories: Vec::new(),
                    revision: 0,
                });
                self.tags.len() - 1
            }
        };
        &mut self.tags[place]
    }

    /// Writes what was gathered: before anything else looks at tags, and at the end.
    pub(super) fn flush(&mut self, conn: &Connection) -> Result<(), StoreError> {
        let Self { source: Some(source), articles, tags, stories, .. } = std::mem::take(self) else { return Ok(()) };
        if !stories.is_empty() {
            touch::count_stories(conn, rows::count(stories.len()))?;
        }
        if articles > 0 {
            conn.prepare_cached("UPDATE source SET articles = articles + ?2 WHERE n = ?1")?
                .execute([source, articles])?;
        }
        let mut carrying = Carrying::of(conn, source)?;
        let mut spell = conn.prepare_cached(
            "INSERT INTO tag_spelling (tag, shown, uses) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET uses = uses + excluded.uses",
        )?;
        for Carried { tag, by_the_file, spellings, stories, revision } in &tags {
            let (key, by_the_file, revision) = (tag.key(), *by_the_file, *revision);
            let brought = Brought { tag, by_the_file, spellings, stories: rows::count(stories.len()), revision };
            let shown = carrying.carried(&brought)?;
            let mut others = spellings.iter().filter(|(spelling, _)| *spelling != shown).peekable();
            // More uses of the most frequent spelling change nothing.
            let others_too = others.peek().is_some();
            for (spelling, uses) in others {
                spell.execute(params![key, spelling, uses])?;
            }
            if others_too {
                respell(conn, key)?;
            }
        }
        carrying.end()?;
        let under =
            tags.iter().flat_map(|carried| carried.stories.iter().map(move |place| (carried.tag.key(), *place)));
        let rows =
            under.filter_map(|(key, place)| stories.get(place).map(|(story, date)| (key, *date, story.as_str())));
        by_tag::put(conn, rows)
    }
}

/// Tags as the row of an article has them: each key once, in their order.
pub(super) fn written(tags: &[Tagged]) -> Result<Option<String>, StoreError> {
    rows::written_tags(&distinct(tags))
}

/// Notes the tags of one article that has none.
pub(super) fn put(conn: &Connection, source: i64, article: i64, tags: &[Tagged]) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE article SET tags = ?2 WHERE n = ?1")?.execute(params![article, written(tags)?])?;
    let mut gathered = Gathered::default();
    gathered.put(conn, source, tags)?;
    gathered.flush(conn)
}

/// Takes the tags of an article away.
pub(super) fn take(conn: &Connection, article: i64) -> Result<(), StoreError> {
    let had = of_article(conn, article)?;
    conn.prepare_cached("UPDATE article SET tags = NULL WHERE n = ?1 AND tags IS NOT NULL")?.execute([article])?;
    for Tagged { tag, .. } in had {
        let key = tag.key();
        let spelling = [key, tag.shown()];
        let most_frequent = conn
            .prepare_cached("UPDATE tag SET uses = max(uses - 1, 0) WHERE key = ?1 AND shown = ?2")?
            .execute(spelling)?;
        if most_frequent == 0 {
            conn.prepare_cached("UPDATE tag_spelling SET uses = uses - 1 WHERE tag = ?1 AND shown = ?2")?
                .execute(spelling)?;
            conn.prepare_cached("DELETE FROM tag_spelling WHERE tag = ?1 AND shown = ?2 AND uses <= 0")?
                .execute(spelling)?;
        }
        respell(conn, key)?;
    }
    Ok(())
}

/// The tags as they are kept: each key once, a bounded number.
fn distinct(tags: &[Tagged]) -> Vec<&Tagged> {
    let mut seen = HashSet::new();
    tags.iter().filter(|t| seen.insert(t.tag.key())).take(MOST).collect()
}

/// The tags of an article, in their order.
pub(super) fn of_article(conn: &Connection, n: i64) -> Result<Vec<Tagged>, StoreError> {
    let mut read = conn.prepare_cached("SELECT tags FROM article WHERE n = ?1")?;
    Ok(read.query_row([n], |row| rows::tags(row, 0)).optional()?.unwrap_or_default())
}

/// The keys of the tags of an article, in their order.
pub(super) fn keys_of(conn: &Connection, n: i64) -> Result<Vec<String>, StoreError> {
    Ok(of_article(conn, n)?.into_iter().map(|tagged| tagged.tag.key().to_owned()).collect())
}

/// Tags as they are kept: two lists that give the same are the same.
pub(super) fn spelt(tags: &[Tagged]) -> Vec<(String, String, TagOrigin)> {
    let kept = distinct(tags).into_iter();
    kept.map(|t| (t.tag.key().to_owned(), t.tag.shown().to_owned(), t.origin)).collect()
}

/// The learnt ones among some tags.
pub(super) fn learned(tags: &[Tagged]) -> impl Iterator<Item = &Tagged> {
    tags.iter().filter(|t| t.origin == TagOrigin::Learned)
}

/// The keys of the tags of all the articles of a story.
pub(super) fn of_story(conn: &Connection, story: &str) -> Result<BTreeSet<String>, StoreError> {
    let mut read = conn.prepare_cached("SELECT tags FROM article WHERE story = ?1 AND tags IS NOT NULL")?;
    let mut keys = BTreeSet::new();
    for tags in read.query_map([story], |row| rows::tags(row, 0))? {
        keys.extend(tags?.into_iter().map(|tagged| tagged.tag.key().to_owned()));
    }
    Ok(keys)
}

/// Puts a story on the shelves of the tags that it has now and takes it off those that it had before. Where it stands newly,
/// [`touch::story`] has to tell.
pub(super) fn reshelve(conn: &Connection, story: &str, date: i64, before: &BTreeSet<String>) -> Result<(), StoreError> {
    let now = of_story(conn, story)?;
    for key in now.difference(before) {
        by_tag::put(conn, std::iter::once((key.as_str(), date, story)))?;
        conn.prepare_cached("UPDATE tag SET stories = stories + 1 WHERE key = ?1")?.execute([key])?;
    }
    for key in before.difference(&now) {
        by_tag::take(conn, key, date, story)?;
        conn.prepare_cached("UPDATE tag SET stories = stories - 1 WHERE key = ?1")?.execute([key])?;
        touch::tag(conn, key)?;
        tag_pages::forget_unused(conn, key)?;
    }
    Ok(())
}

/// A tag is shown in its most frequent spelling, which stands with it; among equals in the one that it has.
fn respell(conn: &Connection, key: &str) -> Result<(), StoreError> {
    let better: Option<(String, i64, String, i64)> = conn
        .prepare_cached(
            "SELECT s.shown, s.uses, t.shown, t.uses FROM tag t JOIN tag_spelling s ON s.tag = t.key
             WHERE t.key = ?1 AND s.uses > t.uses ORDER BY s.uses DESC, s.shown LIMIT 1",
        )?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((shown, uses, before, of_before)) = better else { return Ok(()) };
    conn.prepare_cached("DELETE FROM tag_spelling WHERE tag = ?1 AND shown = ?2")?.execute([key, &shown])?;
    if of_before > 0 {
        conn.prepare_cached("INSERT INTO tag_spelling (tag, shown, uses) VALUES (?1, ?2, ?3)")?
            .execute(params![key, before, of_before])?;
    }
    conn.prepare_cached("UPDATE tag SET shown = ?2, uses = ?3 WHERE key = ?1")?.execute(params![key, shown, uses])?;
    touch::tag(conn, key)
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::super::{Decide, Store};
    use crate::model::{Article, Decision, Intent, Known};
    use crate::text::Shingles;

    /// All that is kept of tags but revisions, which count how often something changed.
    async fn kept(store: &Store) -> Vec<String> {
        let rows = |conn: &rusqlite::Connection| {
            let mut all = Vec::new();
            for sql in [
                "SELECT 'tag ' || key || ' ' || shown || ' ' || stories || ' ' || ifnull(source, '-') || ' ' || page FROM tag",
                "SELECT 'spelling ' || key || ' ' || shown || ' ' || uses FROM tag WHERE uses > 0
                 UNION ALL SELECT 'spelling ' || tag || ' ' || shown || ' ' || uses FROM tag_spelling ORDER BY 1",
                "SELECT 'story ' || tag || ' ' || date || ' ' || story FROM story_tag",
                "SELECT 'article ' || n || ' ' || tags FROM article",
                "SELECT 'source ' || name || ' ' || articles || ' ' || own_tags FROM source ORDER BY 1",
                "SELECT 'stories ' || value FROM counter WHERE name = 'stories'",
            ] {
                let mut read = conn.prepare(sql)?;
                all.extend(read.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?);
            }
            Ok(all)
        };
        store.read(rows).await.unwrap()
    }

    fn tagged(guid: &str, written: &[&str]) -> Article {
        Article { tags: tags(written), ..article("a", guid) }
    }

    #[tokio::test]
    async fn one_poll_leaves_the_same_tags_as_many() {
        let articles = || {
            vec![
                tagged("1", &["Gaza", "Rafah"]),
                tagged("2", &["GAZA", "Mer Rouge", "Rafah"]),
                tagged("joins 1", &["GAZA", "Port"]),
                tagged("3", &["Rafah", "rafah"]),
                tagged("4", &["gaza", "Port"]),
                tagged("5", &["GAZA"]),
            ]
        };
        let decide = || -> Decide {
            Box::new(|article: Article, shingles: &Shingles, known: &Known| match article.guid.as_deref() {
                Some("joins 1") => joins(story_of(&tagged("1", &[])), false)(article, shingles, known),
                _ => Decision::from(Intent::Insert(Box::new(article))),
            })
        };
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (at_once, one_by_one) = (open_in(folder.path()), open_in(other.path()));
        poll(&at_once, articles(), decide()).await;
        for article in articles() {
            poll(&one_by_one, vec![article], decide()).await;
        }
        let found = kept(&at_once).await;
        assert_eq!(found, kept(&one_by_one).await);
        assert!(found.contains(&"tag gaza GAZA 4 1 1".to_owned()), "{found:#?}");
        assert!(found.contains(&"stories 5".to_owned()) && found.contains(&"source a 6 4".to_owned()), "{found:#?}");
    }

    #[tokio::test]
    async fn what_is_revised_in_the_poll_that_brought_it_loses_its_old_tags() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let mut seen = 0;
        let decide: Decide = Box::new(move |article, _, _| {
            seen += 1;
            let article = Box::new(article);
            if seen == 1 { Intent::Insert(article) } else { Intent::Revise(article) }.into()
        });
        poll(&store, vec![tagged("1", &["Gaza", "Rafah"]), tagged("1", &["Gaza", "Port"])], decide).await;
        let found = kept(&store).await;
        let of_tags: Vec<_> = found.iter().filter(|row| row.starts_with("tag ")).cloned().collect();
        assert_eq!(of_tags, ["tag gaza Gaza 1 1 1", "tag port Port 1 1 1"]);
        assert!(found.contains(&"spelling gaza Gaza 1".to_owned()), "{found:#?}");
    }
}
