//! Purging, backup, and signs of life.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::fingerprints::Fresh;
use super::{
    Store, StoreError, admissions, alongside, articles, digests, fingerprints, labels, open, rows, shelves, telltale,
    touch, versions,
};

/// Stories purged in one piece of work, so that polls get their turn between.
const PURGED_AT_ONCE: i64 = 200;
/// Articles whose fingerprints go in one piece of work.
const FORGOTTEN_AT_ONCE: i64 = 500;

impl Store {
    /// Removes the stories dated and first seen before an instant, with their articles; gives the number of articles. Their ids, guids,
    /// addresses and text hashes stay, so that none comes back.
    ///
    /// # Errors
    /// When it could not be written; what was removed by then stays removed.
    pub async fn purge(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut purged = 0;
        loop {
            let fresh = Arc::clone(&self.inner.fresh);
            let some =
                move |conn: &Connection| fingerprints::with(&fresh, conn, |fresh| purge_some(conn, fresh, before));
            let (stories, articles) = self.write(some).await?;
            purged += articles;
            if stories < PURGED_AT_ONCE as usize {
                return Ok(purged);
            }
        }
    }

    /// Forgets the sampled shingles of articles that were first seen before an instant: no copy of them is looked for by
    /// likeness any more, by address and exact text it still is. Gives the number of articles.
    ///
    /// # Errors
    /// When it could not be written; what was forgotten by then stays so.
    pub async fn forget_fingerprints(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut all = 0;
        loop {
            let fresh = Arc::clone(&self.inner.fresh);
            let forget =
                move |conn: &Connection| fingerprints::with(&fresh, conn, |fresh| forget_some(conn, fresh, before));
            let some = self.write(forget).await?;
            all += some;
            if some < FORGOTTEN_AT_ONCE as usize {
                return Ok(all);
            }
        }
    }

    /// Writes a compact copy of the database as it is at one instant, whole or not at all; one that stands there before
    /// is replaced.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let (from, to) = (self.inner.path.clone(), to.to_owned());
        let writing = tokio::task::spawn_blocking(move || backup(&from, &to));
        writing.await.map_err(|_broke_off| StoreError::BrokeOff)?
    }

    /// A number that changes when another process has written to the file; [`Store::revision`] knows it from then on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn data_version(&self) -> Result<i64, StoreError> {
        // On the writing connection: the others would count our own writes too.
        self.look(|conn| Ok(conn.query_row("PRAGMA data_version", [], |row| row.get(0))?)).await
    }

    /// Reads the whole file for damage. Takes as long as that takes; readers and the writer go on meanwhile.
    ///
    /// # Errors
    /// With the first damage found.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.read(|conn| {
            let found: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if found == "ok" { Ok(()) } else { Err(StoreError::Damaged(found)) }
        })
        .await
    }

    /// Answered by the writer when all that queued before is done: it lives, and the file can be read.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.look(|conn| touch::revision(conn).map(drop)).await
    }
}

fn forget_some(conn: &Connection, fresh: &mut Fresh, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let old = {
        let mut read = conn.prepare_cached(
            "SELECT a.n, c.packed FROM article a JOIN content c ON c.article = a.n
             WHERE a.fingerprinted = 1 AND a.story IS NOT NULL AND a.first_seen < ?1 ORDER BY a.first_seen LIMIT ?2",
        )?;
        let found = read.query_map(params![rows::micros(before), FORGOTTEN_AT_ONCE], |row| {
            Ok((row.get::<_, i64>(0)?, rows::packed(row, 1)?.1))
        })?;
        found.collect::<Result<Vec<_>, _>>()?
    };
    fresh.filled();
    for (n, text) in &old {
        fresh.take(conn, *n, text)?;
        conn.prepare_cached("UPDATE article SET fingerprinted = 0 WHERE n = ?1")?.execute([n])?;
    }
    Ok(old.len())
}

fn purge_some(conn: &Connection, fresh: &mut Fresh, before: DateTime<Utc>) -> Result<(usize, usize), StoreError> {
    let old = {
        // Redirects go with the story that they lead to.
        let mut read = conn.prepare_cached(
            "SELECT id, date FROM story WHERE redirect_to IS NULL AND date < ?1 AND first_seen < ?1 ORDER BY date LIMIT ?2",
        )?;
        let found =
            read.query_map(params![rows::micros(before), PURGED_AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.collect::<Result<Vec<(String, i64)>, _>>()?
    };
    let mut articles = 0;
    for (story, date) in &old {
        articles += purge_story(conn, fresh, story, *date)?;
    }
    if !old.is_empty() {
        touch::raise(conn)?;
    }
    Ok((old.len(), articles))
}

fn purge_story(conn: &Connection, fresh: &mut Fresh, story: &str, date: i64) -> Result<usize, StoreError> {
    admissions::withdraw(conn, story)?;
    digests::withdraw(conn, story)?;
    touch::beside(conn, story)?;
    alongside::forget(conn, story)?;
    shelves::clear(conn, story, date)?;
    let tags = labels::of_story(conn, story)?;
    let numbers = {
        let mut read = conn.prepare_cached("SELECT n FROM article WHERE story = ?1")?;
        read.query_map([story], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?
    };
    for n in &numbers {
        if let Some(kept) = articles::by_number(conn, *n)? {
            // What is left cannot be verified against a text any more; the text's own hash stays.
            fresh.take(conn, *n, &kept.article.text)?;
        }
        labels::take(conn, *n)?;
        telltale::forget(conn, *n)?;
        versions::forget(conn, *n)?;
        conn.prepare_cached("DELETE FROM content WHERE article = ?1")?.execute([n])?;
        conn.prepare_cached(
            "UPDATE article SET story = NULL, excerpt_of = NULL, origin_key = NULL, why = NULL, url = NULL, title = '', standfirst = NULL,
                 byline = '', provenance = '', image = NULL, enclosures = '', lang = NULL, published = NULL,
                 updated = NULL, given = NULL
             WHERE n = ?1",
        )?
        .execute([n])?;
    }
    labels::reshelve(conn, story, date, &tags)?;
    conn.prepare_cached("DELETE FROM story WHERE id = ?1")?.execute([story])?;
    touch::count_stories(conn, -1)?;
    Ok(numbers.len())
}

fn backup(from: &Path, to: &Path) -> Result<(), StoreError> {
    let failed = |reason: String| StoreError::Backup { path: to.to_owned(), reason };
    let io = |e: std::io::Error| failed(e.to_string());
    let whole = |path: &Path| fs::canonicalize(path).ok();
    // The log of the database and the memory that its readers share lie beside it.
    let beside = |part: &str| {
        let mut path = from.as_os_str().to_owned();
        path.push(part);
        PathBuf::from(path)
    };
    if ["", "-wal", "-shm"].iter().any(|part| whole(&beside(part)).zip(whole(to)).is_some_and(|(a, b)| a == b)) {
        return Err(failed("it is the database itself".into()));
    }
    let mut partial = to.as_os_str().to_owned();
    partial.push(".part");
    let partial = PathBuf::from(partial);
    match fs::remove_file(&partial) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(io(e)),
        _ => {}
    }
    let Some(name) = partial.to_str() else { return Err(failed("the path is not UTF-8".into())) };
    let copied = (|| {
        open::reader(from)?.execute("VACUUM INTO ?1", [name]).map_err(|e| failed(e.to_string()))?;
        fs::File::open(&partial).and_then(|file| file.sync_all()).map_err(io)?;
        fs::rename(&partial, to).map_err(io)
    })();
    if copied.is_err() {
        // Half a copy must not be taken for one; if it cannot be removed either, the next backup tries again.
        let _left = fs::remove_file(&partial);
        return copied;
    }
    let folder = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::super::{Admission, EntryKey, Settings, Shelf, Shelving, Store};
    use super::*;
    use crate::model::{Article, Why};

    #[tokio::test]
    async fn fingerprints_go_and_the_article_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let (old, new) = (article("a", "1"), Article { first_seen: at(60), ..article("a", "2") });
        poll(&store, vec![old.clone(), new.clone()], new_or_skip()).await;
        let left = || {
            let conn = open::reader(&folder.path().join("feeds.db")).unwrap();
            conn.query_row("SELECT count(*), count(DISTINCT article) FROM fresh_text", [], |r| {
                Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?))
            })
            .unwrap()
        };
        assert_eq!(left().1, 2);
        assert_eq!(store.forget_fingerprints(at(30)).await.unwrap(), 1);
        assert_eq!(store.forget_fingerprints(at(30)).await.unwrap(), 0, "they are gone");
        assert_eq!(left().1, 1);
        assert_eq!(store.story(old.id.as_str()).await.unwrap().unwrap().lead.text, old.text);
        // A new text is compared again.
        let text = format!("{} et encore quelques mots", old.text);
        poll(&store, vec![Article { text, ..old }], revises()).await;
        assert_eq!(left().1, 2);
    }

    fn key(article: &Article) -> EntryKey {
        EntryKey { guid: article.guid.clone(), url_key: article.url_key.clone(), id: article.id.clone() }
    }

    #[tokio::test]
    async fn a_purged_article_is_still_known_and_never_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let old = Article { published: Some(at(-9000)), first_seen: at(-9000), ..article("a", "1") };
        // Of an old date, and seen for the first time: nobody has read it yet.
        let new = Article { published: Some(at(-9000)), tags: tags(&["Rafah"]), ..article("a", "2") };
        poll(&store, vec![old.clone(), new.clone()], new_or_skip()).await;
        store.shelve(vec![Shelving { story: story_of(&old), feeds: vec!["f".into()] }]).await.unwrap();
        let recommended = vec![(story_of(&old), 0.9, Why::default())];
        store.recommend(vec![Admission { story: story_of(&new), recommended, completed: false }], at(0)).await.unwrap();

        let before = store.revision();
        assert_eq!(store.purge(at(-8000)).await.unwrap(), 1);
        assert!(store.revision() > before);
        assert_eq!(store.story(old.id.as_str()).await.unwrap(), None);
        assert_eq!(store.tag("gaza").await.unwrap(), None);
        assert!(store.recommendations(&[story_of(&new)]).await.unwrap().is_empty());
        for shelf in [Shelf::All, Shelf::Feed("f".into()), Shelf::Tag("gaza".into())] {
            let left = usize::from(shelf == Shelf::All);
            assert_eq!(store.count_in(&shelf).await.unwrap(), left as u64, "{shelf:?}");
            assert_eq!(store.stories_in(&shelf, 9, 0).await.unwrap().len(), left, "{shelf:?}");
        }
        let known = store.known_entries(&old.source, vec![key(&old)]).await.unwrap();
        assert_eq!(known[0].as_ref().map(|k| k.entry_hash), Some(old.entry_hash));
        let insert = Box::new(|a, _: &_, _: &_| crate::model::Intent::Insert(Box::new(a)).into());
        assert_eq!(poll(&store, vec![old.clone()], insert).await.skipped, 1);
        assert_eq!(poll(&store, vec![old], revises()).await.skipped, 1);
        assert_eq!(store.purge(at(-8000)).await.unwrap(), 0);
        assert_eq!(store.articles(None, 9).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_backup_is_a_whole_database() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        poll(&store, vec![article("a", "1")], new_or_skip()).await;
        let copy = folder.path().join("copy.db");
        for _ in 0..2 {
            store.backup(&copy).await.unwrap();
        }
        store.check().await.unwrap();
        for own in ["feeds.db", "feeds.db-wal", "feeds.db-shm"] {
            assert!(store.backup(&folder.path().join(own)).await.is_err(), "never over itself: {own}");
        }
        assert!(matches!(store.backup(&folder.path().join("no/copy.db")).await, Err(StoreError::Backup { .. })));
        let restored = Store::open(&Settings { path: copy, ..Settings::default() }).unwrap();
        assert_eq!(restored.stories_in(&Shelf::All, 9, 0).await.unwrap()[0].lead, article("a", "1"));
    }

    #[tokio::test]
    async fn two_stores_share_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let (serving, polling) = (open_in(folder.path()), open_in(folder.path()));
        let version = serving.data_version().await.unwrap();
        poll(&serving, vec![article("a", "1")], new_or_skip()).await;
        assert_eq!(serving.data_version().await.unwrap(), version, "its own writes do not count");
        poll(&polling, vec![article("b", "1")], new_or_skip()).await;
        assert_ne!(serving.data_version().await.unwrap(), version);
        assert_eq!(serving.revision(), polling.revision());
        assert_eq!(serving.count_in(&Shelf::All).await.unwrap(), 2);

        let both = (0..40).map(|i| {
            let store = if i % 2 == 0 { serving.clone() } else { polling.clone() };
            tokio::spawn(async move { poll(&store, vec![article("c", &i.to_string())], new_or_skip()).await })
        });
        for answered in both.collect::<Vec<_>>() {
            assert_eq!(answered.await.unwrap().inserted, 1);
        }
        assert_eq!(polling.count_in(&Shelf::All).await.unwrap(), 42);
        let changes = serving.changed_since(0, 1000).await.unwrap();
        assert_eq!((changes.stories.len(), changes.upto), (42, polling.revision().max(serving.revision())));
    }

    #[tokio::test]
    async fn closing_leaves_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        poll(&store, vec![article("a", "1")], new_or_skip()).await;
        store.close().await.unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
