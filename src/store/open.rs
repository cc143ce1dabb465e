//! Opens the file: ours, of a version that we know, or new. Anything else is refused before it is touched.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

use super::StoreError;

/// "fdlm" in the header of every file of ours; the first migration sets it.
const APPLICATION_ID: u32 = 0x6664_6c6d;
/// Each file is one transaction; none is ever changed once released.
const MIGRATIONS: &[M<'_>] = &[
    M::up(include_str!("migrations/001-first.sql")),
    M::up(include_str!("migrations/002-seen-pages.sql")),
    M::up(include_str!("migrations/003-vectors.sql")),
    M::up(include_str!("migrations/004-search.sql")),
    M::up(include_str!("migrations/005-copies.sql")),
    M::up(include_str!("migrations/006-tags.sql")),
    M::up(include_str!("migrations/007-digests.sql")),
    M::up(include_str!("migrations/008-explain.sql")),
    M::up(include_str!("migrations/009-alongside.sql")),
    M::up(include_str!("migrations/010-moves.sql")),
    M::up(include_str!("migrations/011-subscriptions.sql")),
    M::up(include_str!("migrations/012-health.sql")),
    M::up(include_str!("migrations/013-fresh-fingerprints.sql")),
    M::up(include_str!("migrations/014-search-pieces.sql")),
    M::up(include_str!("migrations/015-fresh-texts.sql")),
    M::up(include_str!("migrations/016-company.sql")),
    M::up(include_str!("migrations/017-validated.sql")),
    M::up(include_str!("migrations/018-tags-beside.sql")),
    M::up(include_str!("migrations/019-fresh-tags.sql")),
    M::up(include_str!("migrations/020-spellings.sql")),
    M::up(include_str!("migrations/021-versions.sql")),
    M::up(include_str!("migrations/022-contents.sql")),
];
/// How long a connection waits for a lock that another process holds.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// Two processes may make one new file at the same time: the loser looks again.
const ATTEMPTS: usize = 5;
/// Statements kept ready by each connection.
const STATEMENTS: usize = 512;

/// Settings of each connection (FETCHING 5): the writer waits for the disk, so that what was answered is there after
/// a power cut, all but what it writes lightly; a schema that was tampered with runs no functions; damaged cells are found when read.
const PRAGMAS: &str = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; \
     PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -1500; \
     PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 67108864;";

/// Of the writing connection, in KiB: it looks every new text up, all over the file, and what some polls change stays there until it is
/// committed (a page that goes out before is written again when it changes again). What readers keep beside the system's own cache
/// gains them little, and there are several of them. None may be let spill over its size: SQLite takes that from the others.
const WRITER_PRAGMAS: &str = "PRAGMA cache_size = -12000;";

/// The writing connection, its schema brought up to date.
pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    check_header(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags).map_err(|e| unreadable(path, &e))?;
    conn.busy_timeout(LOCK_WAIT)?;
    check_schema(path, &conn)?;
    let mut outcome = Ok(());
    for _ in 0..ATTEMPTS {
        outcome = prepare(path, &mut conn);
        if outcome.is_ok() {
            break;
        }
        check_schema(path, &conn)?;
    }
    outcome?;
    conn.execute_batch(WRITER_PRAGMAS)?;
    plan_once(&conn)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

/// A connection that can only read.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|e| unreadable(path, &e))?;
    conn.busy_timeout(LOCK_WAIT)?;
    conn.execute_batch(PRAGMAS)?;
    plan_once(&conn)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

/// A statement is planned when it is prepared, whatever values are bound to it later. Else SQLite plans each that may use a
/// partial index anew whenever other values are bound, which costs more than running it.
fn plan_once(conn: &Connection) -> Result<(), StoreError> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn prepare(path: &Path, conn: &mut Connection) -> Result<(), StoreError> {
    let mode: String =
        conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(|e| unreadable(path, &e))?;
    if mode != "wal" {
        let reason = format!("write-ahead logging is not possible here (journal mode {mode})");
        return Err(StoreError::Unreadable { path: path.to_owned(), reason });
    }
    conn.execute_batch(PRAGMAS)?;
    conn.set_transaction_behavior(TransactionBehavior::Immediate);
    Migrations::from_slice(MIGRATIONS).to_latest(conn).map_err(|e| match e {
        rusqlite_migration::Error::RusqliteError { err, .. } => match StoreError::from(err) {
            StoreError::Database(why) => StoreError::Database(format!("schema not brought up to date: {why}")),
            other => other,
        },
        other => StoreError::Database(format!("schema not brought up to date: {other}")),
    })
}

/// Looks at the bytes, so that a file that is not ours is not even opened as a database, which would leave a log beside it.
fn check_header(path: &Path) -> Result<(), StoreError> {
    let unreadable = |e: std::io::Error| StoreError::Unreadable { path: path.to_owned(), reason: e.to_string() };
    let foreign = |found: &str| StoreError::Foreign { path: path.to_owned(), found: found.to_owned() };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return match path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => Err(StoreError::Unreadable {
                    path: path.to_owned(),
                    reason: format!("there is no folder {}", folder.display()),
                }),
                _ => Ok(()),
            };
        }
        Err(e) => return Err(unreadable(e)),
    };
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(foreign("not a file"));
    }
    let mut header = Vec::with_capacity(100);
    file.by_ref().take(100).read_to_end(&mut header).map_err(unreadable)?;
    if header.is_empty() {
        return Ok(());
    }
    if header.len() < 100 || !header.starts_with(b"SQLite format 3\0") {
        return Err(foreign("not an SQLite file"));
    }
    // Offsets as in "Database File Format", 1.3: schema cookie 40, user version 60, application id 68.
    let number = |at: usize| header[at..at + 4].iter().fold(0_u32, |n, b| n << 8 | u32::from(*b));
    judge(path, number(68), i64::from(number(60)), number(40) != 0)
}

/// Asks SQLite too: the newest header may still be in the log.
fn check_schema(path: &Path, conn: &Connection) -> Result<(), StoreError> {
    let number = |sql: &str| {
        conn.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(|e| match e.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            _ => unreadable(path, &e),
        })
    };
    // One transaction, so that all three are of one instant.
    conn.execute_batch("BEGIN")?;
    let found = (|| {
        let id = number("PRAGMA application_id")?;
        let version = number("PRAGMA user_version")?;
        let tables = number("SELECT EXISTS (SELECT 1 FROM sqlite_schema)")?;
        Ok::<_, StoreError>((id, version, tables))
    })();
    conn.execute_batch("COMMIT")?;
    let (id, version, tables) = found?;
    judge(path, u32::try_from(id & 0xffff_ffff).unwrap_or_default(), version, tables != 0)
}

fn judge(path: &Path, application: u32, version: i64, tables: bool) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as i64;
    match application {
        APPLICATION_ID if version > known => Err(StoreError::Newer { path: path.to_owned(), found: version, known }),
        APPLICATION_ID => Ok(()),
        0 if version == 0 && !tables => Ok(()),
        0 => Err(StoreError::Foreign { path: path.to_owned(), found: "an SQLite database of something else".into() }),
        other => Err(StoreError::Foreign {
            path: path.to_owned(),
            found: format!("an SQLite database of another program (application id {other:#x})"),
        }),
    }
}

fn unreadable(path: &Path, error: &rusqlite::Error) -> StoreError {
    StoreError::Unreadable { path: path.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::samples::*;
    use super::super::{Settings, Store};
    use super::*;
    use crate::model::{Article, TagOrigin};
    use crate::text::Shingles;

    fn try_open(path: &Path) -> Result<Store, StoreError> {
        Store::open(&Settings { path: path.to_owned(), ..Settings::default() })
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_newer_database_is_refused_and_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.db");
        open_in(folder.path()).close().await.unwrap();
        Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
        let before = (fs::read(&path).unwrap(), names(folder.path()));
        let refused = try_open(&path).unwrap_err();
        assert!(matches!(refused, StoreError::Newer { found: 99, .. }), "{refused}");
        assert_eq!((fs::read(&path).unwrap(), names(folder.path())), before);
    }

    #[tokio::test]
    async fn a_newer_version_still_in_the_log_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.db");
        open_in(folder.path()).close().await.unwrap();
        let newer = Connection::open(&path).unwrap();
        newer.execute_batch("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 99").unwrap();
        assert_eq!(
            fs::read(&path).unwrap()[60..64],
            (MIGRATIONS.len() as u32).to_be_bytes(),
            "the header in the file is the old one"
        );
        assert!(matches!(try_open(&path), Err(StoreError::Newer { .. })));
    }

    #[tokio::test]
    async fn a_database_of_the_first_version_keeps_its_stories() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.db");
        let mut old = Connection::open(&path).unwrap();
        Migrations::from_slice(&MIGRATIONS[..1]).to_latest(&mut old).unwrap();
        old.execute_batch(
            "INSERT INTO source (n, name) VALUES (1, 'a');
             INSERT INTO story (id, lead, date, first_seen, changed) VALUES ('aaaaaaaaaaaaaaaa', 1, 5, 5, 5);
             INSERT INTO entry VALUES (1, 'bbbbbbbbbbbbbbbb', NULL, 7, 'feed');",
        )
        .unwrap();
        drop(old);
        let store = try_open(&path).unwrap();
        assert_eq!(store.all_story_ids(None, 9).await.unwrap().len(), 1);
        assert_eq!(store.source_state(&source("a")).await.unwrap().notes, [""; 0]);
        let seen = store.trail(crate::store::Sought::Id("bbbbbbbbbbbbbbbb".into())).await.unwrap();
        assert!(matches!(seen, crate::store::Trail::Seen(_)), "{seen:?}");
    }

    #[tokio::test]
    async fn a_database_of_before_keeps_its_stories_and_the_pages_of_its_tags() {
        let folder = tempfile::tempdir().unwrap();
        let mut old = Connection::open(folder.path().join("feeds.db")).unwrap();
        Migrations::from_slice(&MIGRATIONS[..2]).to_latest(&mut old).unwrap();
        old.execute_batch(
            "INSERT INTO source (n, name) VALUES (1, 'a');
             INSERT INTO story (id, lead, date, first_seen, changed) VALUES ('aaaaaaaaaaaaaaaa', 1, 0, 0, 0);
             INSERT INTO article (n, id, source, text_hash, entry_hash, body_from, date, first_seen, story, kind, rank,
                 title, byline, provenance, enclosures)
             VALUES (1, 'aaaaaaaaaaaaaaaa', 1, 0, 0, 'feed', 0, 0, 'aaaaaaaaaaaaaaaa', 'lead', 1, 'T', '[]',
                 '{\"outlet\":{\"name\":\"A\",\"url\":null},\"origin\":null,\"via\":[]}', '[]');
             INSERT INTO article_tag VALUES (1, 1, 'sel', 'Sel \"\"', 'rules'), (1, 0, 'mer', 'Mer', 'feed');
             INSERT INTO tag (key, shown, stories) VALUES ('mer', 'Mer', 1);",
        )
        .unwrap();
        let packed = super::super::pack::Prepared::of(article("a", "1"), Shingles::of("")).unwrap().packed;
        old.execute("INSERT INTO content VALUES (1, ?1)", [packed]).unwrap();
        drop(old);
        let store = open_in(folder.path());
        let kept = store.articles(None, 9).await.unwrap().remove(0).article;
        let tags: Vec<_> = kept.tags.iter().map(|t| (t.tag.shown(), t.tag.key(), t.origin)).collect();
        assert_eq!(tags, [("Mer", "mer", TagOrigin::Feed), ("Sel \"\"", "sel", TagOrigin::Rules)]);
        assert_eq!((kept.given.categories, kept.given.hashtags.len()), (vec!["Mer".to_owned()], 0), "what they tell");
        assert_eq!(store.tags_with_page(Vec::new(), true, 9).await.unwrap().len(), 1);
        assert_eq!(store.tagged_upto(1).await.unwrap(), Some(0), "all is looked at once");
    }

    #[tokio::test]
    async fn a_database_of_before_knows_which_stories_have_company() {
        let folder = tempfile::tempdir().unwrap();
        let articles = ["1", "2", "3"].map(|guid| article("a", guid));
        let store = open_in(folder.path());
        poll(&store, articles.to_vec(), new_or_skip()).await;
        store.close().await.unwrap();
        let mut old = Connection::open(folder.path().join("feeds.db")).unwrap();
        // As the version before had it: the first has a copy, the second an excerpt that stands by itself.
        old.execute_batch(
            "ALTER TABLE story DROP COLUMN company; ALTER TABLE source DROP COLUMN validated;
             ALTER TABLE article DROP COLUMN tags; DROP TABLE version;
             DROP VIEW story_tag; DROP TABLE story_tag_fresh; ALTER TABLE story_tag_kept RENAME TO story_tag;
             DELETE FROM counter WHERE name = 'fresh_tags';
             CREATE TABLE article_tag (article INTEGER, position INTEGER, tag TEXT, shown TEXT, origin TEXT);
             PRAGMA user_version = 15;
             UPDATE article SET story = (SELECT story FROM article WHERE n = 1), kind = 'copy' WHERE n = 2;
             UPDATE article SET excerpt_of = (SELECT story FROM article WHERE n = 1) WHERE n = 3;",
        )
        .unwrap();
        Migrations::from_slice(MIGRATIONS).to_latest(&mut old).unwrap();
        drop(old);
        let store = open_in(folder.path());
        let [first, _, part] = articles.each_ref().map(story_of);
        let kinds: Vec<_> = store.story(first.as_str()).await.unwrap().unwrap().others.iter().map(|o| o.kind).collect();
        assert_eq!(kinds, [crate::model::CopyKind::Copy, crate::model::CopyKind::Excerpt]);
        assert!(store.story(part.as_str()).await.unwrap().unwrap().others.is_empty());
    }

    #[tokio::test]
    async fn fresh_keys_and_spellings_of_before_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut old = Connection::open(folder.path().join("feeds.db")).unwrap();
        Migrations::from_slice(&MIGRATIONS[..14]).to_latest(&mut old).unwrap();
        old.execute_batch(
            "INSERT INTO fingerprint VALUES (3, 1), (7, 1);
             INSERT INTO fresh_fingerprint VALUES (7, 2), (-9, 2), (7, 1);
             INSERT INTO tag (key, shown, stories) VALUES ('gaza', 'Gaza', 2), ('sel', 'Sel', 1);
             INSERT INTO tag_spelling VALUES ('gaza', 'GAZA', 1), ('gaza', 'Gaza', 2);",
        )
        .unwrap();
        drop(old);
        let store = open_in(folder.path());
        let rows = |sql: &'static str| {
            store.read(move |conn| {
                let mut read = conn.prepare(sql)?;
                Ok(read.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?)
            })
        };
        let kept = rows("SELECT h || ' ' || article FROM fingerprint").await.unwrap();
        assert_eq!(kept, ["-9 2", "3 1", "7 1", "7 2"]);
        assert_eq!(rows("SELECT shown || ' ' || uses FROM tag").await.unwrap(), ["Gaza 2", "Sel 0"]);
        assert_eq!(rows("SELECT shown || ' ' || uses FROM tag_spelling").await.unwrap(), ["GAZA 1"]);
        // Twice written as the other: that is shown now.
        let articles = ["1", "2"].map(|guid| Article { tags: tags(&["GAZA"]), ..article("a", guid) });
        poll(&store, articles.into(), new_or_skip()).await;
        assert_eq!(rows("SELECT shown || ' ' || uses FROM tag").await.unwrap(), ["GAZA 3", "Sel 0"]);
        assert_eq!(rows("SELECT shown || ' ' || uses FROM tag_spelling").await.unwrap(), ["Gaza 2"]);
    }

    #[test]
    fn what_is_not_ours_is_refused_and_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("other.db");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
        let named = folder.path().join("named.db");
        Connection::open(&named).unwrap().execute_batch("PRAGMA application_id = 7; CREATE TABLE t (x)").unwrap();
        let text = folder.path().join("feeds.toml");
        fs::write(&text, "[site]\n").unwrap();
        let before = names(folder.path());
        for path in [&other, &named, &text] {
            let bytes = fs::read(path).unwrap();
            let refused = try_open(path).unwrap_err();
            assert!(matches!(refused, StoreError::Foreign { .. }), "{refused}");
            assert_eq!(fs::read(path).unwrap(), bytes);
        }
        assert!(matches!(try_open(folder.path()), Err(StoreError::Foreign { .. })));
        assert!(matches!(try_open(&folder.path().join("no/feeds.db")), Err(StoreError::Unreadable { .. })));
        assert_eq!(names(folder.path()), before);
    }

    #[test]
    fn torn_files_are_errors_and_no_panic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.db");
        drop(writer(&path).unwrap());
        let whole = fs::read(&path).unwrap();
        for cut in [1, 99, 100, 4096, whole.len() / 2] {
            fs::write(&path, &whole[..cut]).unwrap();
            assert!(try_open(&path).is_err(), "cut at {cut}");
        }
        fs::write(&path, b"").unwrap();
        assert!(try_open(&path).is_ok(), "an empty file is a new database");
    }

    #[test]
    fn many_may_make_one_new_file_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.db");
        std::thread::scope(|scope| {
            let opening: Vec<_> = (0..8).map(|_| scope.spawn(|| writer(&path).map(drop))).collect();
            for one in opening {
                one.join().unwrap().unwrap();
            }
        });
    }
}
