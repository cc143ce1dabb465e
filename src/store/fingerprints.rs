//! Which articles hold a sampled shingle. The keys are hashes, of which a text brings dozens: they are gathered in a small table
//! first, and go over into the large one in the order of their keys.

use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::{Store, StoreError, pack, rows};

/// Keys that are gathered before they go over: a text has about one for eight words.
const GATHERED: i64 = 1 << 17;
/// Keys that go over in one piece of work, so that polls get their turn between.
const OVER_AT_ONCE: i64 = 1 << 13;
/// Keys that are written by one statement.
const ROWS: usize = 16;
/// `ROWS` of them.
const PUT_MANY: &str = "INSERT INTO fresh_fingerprint (h, article) VALUES (?1, ?17), (?2, ?17), (?3, ?17), (?4, ?17), \
     (?5, ?17), (?6, ?17), (?7, ?17), (?8, ?17), (?9, ?17), (?10, ?17), (?11, ?17), (?12, ?17), (?13, ?17), (?14, ?17), \
     (?15, ?17), (?16, ?17) ON CONFLICT DO NOTHING";
const PUT_ONE: &str = "INSERT INTO fresh_fingerprint (h, article) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

/// Notes that an article holds these.
pub(super) fn put(conn: &Connection, article: i64, keys: &[i64]) -> Result<(), StoreError> {
    let mut many = conn.prepare_cached(PUT_MANY)?;
    let mut one = conn.prepare_cached(PUT_ONE)?;
    let (chunks, rest) = keys.as_chunks::<ROWS>();
    for chunk in chunks {
        many.execute(params_from_iter(chunk.iter().chain([&article])))?;
    }
    for h in rest {
        one.execute([*h, article])?;
    }
    Ok(())
}

/// Forgets what the article of a text holds.
pub(super) fn take(conn: &Connection, article: i64, text: &str) -> Result<(), StoreError> {
    let mut fresh = conn.prepare_cached("DELETE FROM fresh_fingerprint WHERE h = ?1 AND article = ?2")?;
    let mut kept = conn.prepare_cached("DELETE FROM fingerprint WHERE h = ?1 AND article = ?2")?;
    for h in pack::keys(text) {
        if fresh.execute([h, article])? == 0 {
            kept.execute([h, article])?;
        }
    }
    Ok(())
}

/// Calls with each article that holds one of these, once for each; one that more than `common` articles hold counts for none.
pub(super) fn holders(
    conn: &Connection,
    keys: &[i64],
    common: usize,
    mut held: impl FnMut(i64),
) -> Result<(), StoreError> {
    let mut probe = conn.prepare_cached(
        "SELECT article FROM fingerprint WHERE h = ?1 UNION ALL SELECT article FROM fresh_fingerprint WHERE h = ?1 LIMIT ?2",
    )?;
    let mut found: Vec<i64> = Vec::with_capacity(common + 1);
    for h in keys {
        found.clear();
        let mut holders = probe.query(params![h, rows::count(common + 1)])?;
        while let Some(row) = holders.next()? {
            found.push(row.get(0)?);
        }
        if found.len() <= common {
            found.iter().for_each(|article| held(*article));
        }
    }
    Ok(())
}

/// Counts so many more; gives whether enough have gathered to go over.
pub(super) fn gathered(conn: &Connection, more: usize) -> Result<bool, StoreError> {
    if more == 0 {
        return Ok(false);
    }
    conn.prepare_cached("UPDATE counter SET value = value + ?1 WHERE name = 'fresh_fingerprints'")?
        .execute([rows::count(more)])?;
    let mut read = conn.prepare_cached("SELECT value >= ?1 FROM counter WHERE name = 'fresh_fingerprints'")?;
    Ok(read.query_row([GATHERED], |row| row.get(0))?)
}

impl Store {
    /// Takes what was gathered over into the large table, some at a time.
    ///
    /// # Errors
    /// When it could not be written; what is over by then stays so.
    pub(super) async fn settle_fingerprints(&self) -> Result<(), StoreError> {
        while self.write(settle_some).await? {}
        Ok(())
    }
}

/// Whether any are left.
fn settle_some(conn: &Connection) -> Result<bool, StoreError> {
    let mut after =
        conn.prepare_cached("SELECT h, article FROM fresh_fingerprint ORDER BY h, article LIMIT 1 OFFSET ?1")?;
    let end: Option<(i64, i64)> = after.query_row([OVER_AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (upto, article) = end.unwrap_or((i64::MAX, i64::MAX));
    conn.prepare_cached(
        "INSERT INTO fingerprint (h, article) SELECT h, article FROM fresh_fingerprint WHERE (h, article) < (?1, ?2)
         ORDER BY h, article ON CONFLICT DO NOTHING",
    )?
    .execute([upto, article])?;
    if end.is_some() {
        conn.prepare_cached("DELETE FROM fresh_fingerprint WHERE (h, article) < (?1, ?2)")?.execute([upto, article])?;
    } else {
        // Without a condition the whole table goes at once.
        conn.prepare_cached("DELETE FROM fresh_fingerprint")?.execute([])?;
        conn.prepare_cached("UPDATE counter SET value = 0 WHERE name = 'fresh_fingerprints'")?.execute([])?;
    }
    Ok(end.is_some())
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::*;
    use crate::model::Article;

    /// Rows of the small table and of the large one, and what is counted.
    async fn rows_of(store: &Store) -> (i64, i64, i64) {
        let count = |conn: &Connection| {
            let one = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
            Ok((
                one("SELECT count(*) FROM fresh_fingerprint")?,
                one("SELECT count(*) FROM fingerprint")?,
                one("SELECT value FROM counter WHERE name = 'fresh_fingerprints'")?,
            ))
        };
        store.read(count).await.unwrap()
    }

    async fn held(store: &Store, keys: Vec<i64>, common: usize) -> Vec<i64> {
        let look = move |conn: &Connection| {
            let mut found = Vec::new();
            holders(conn, &keys, common, |article| found.push(article))?;
            found.sort_unstable();
            Ok(found)
        };
        store.read(look).await.unwrap()
    }

    #[tokio::test]
    async fn what_goes_over_is_found_as_before_and_forgotten_whole() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let text: String = (0..300).map(|i| format!("mot{i} ")).collect();
        let old = Article { text, ..article("a", "1") };
        let keys = pack::keys(&old.text);
        assert!(keys.len() > ROWS && !keys.len().is_multiple_of(ROWS), "several statements are needed: {}", keys.len());
        poll(&store, vec![old.clone()], new_or_skip()).await;
        let all = keys.len() as i64;
        assert_eq!(rows_of(&store).await, (all, 0, all));
        store.settle_fingerprints().await.unwrap();
        assert_eq!(rows_of(&store).await, (0, all, 0));
        // A second holder of the same text is fresh while the first has gone over.
        let copy = Article { body: old.body.clone(), text: old.text.clone(), ..article("b", "2") };
        poll(&store, vec![copy], new_or_skip()).await;
        assert_eq!(held(&store, keys[..1].to_vec(), 2).await, [1, 2]);
        assert_eq!(held(&store, keys[..1].to_vec(), 1).await, [0; 0], "too common");
        // A new text takes the place of what has gone over, and of what has not.
        let revised =
            |a: &Article| Article { text: "un tout autre texte de quelques mots seulement".into(), ..a.clone() };
        poll(&store, vec![revised(&old), revised(&article("b", "2"))], revises()).await;
        assert_eq!(held(&store, keys, 9).await, [0; 0]);
        assert_eq!(rows_of(&store).await.1, 0);
    }

    #[tokio::test]
    async fn more_than_one_piece_of_work_takes_goes_over_also_where_all_hold_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let many = OVER_AT_ONCE * 2 + 5;
        let fill = move |conn: &Connection| (0..many).try_for_each(|article| put(conn, article, &[7, 7]));
        store.write(fill).await.unwrap();
        store.settle_fingerprints().await.unwrap();
        assert_eq!(rows_of(&store).await, (0, many, 0));
    }

    #[tokio::test]
    async fn enough_goes_over_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        store.write(|conn| gathered(conn, GATHERED as usize - 20).map(drop)).await.unwrap();
        poll(&store, vec![article("a", "1"), article("a", "2")], new_or_skip()).await;
        let (fresh, over, counted) = rows_of(&store).await;
        assert!(fresh == 0 && over > 0 && counted == 0, "{fresh} {over} {counted}");
    }
}
