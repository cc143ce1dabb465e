//! Which articles hold a sampled shingle. The keys are hashes, of which a text brings dozens, and each would touch a page of its own
//! in the large table. Those of the newest texts stand in the file as one row for each article, and in the writer's memory in
//! order; many at once go over into the large table, in the order of their keys.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, params, params_from_iter};

use super::bloom::Bloom;
use super::pairs::Pairs;
use super::{Store, StoreError, pack, rows};

/// Keys that are gathered before they go over: a text has about one for eight words.
const GATHERED: usize = 1 << 17;
/// Keys that go over in one piece of work, so that polls get their turn between.
const OVER_AT_ONCE: usize = 1 << 13;
/// Keys that are written by one statement.
const ROWS: usize = 16;

/// The fresh keys, as the writer has them in memory.
#[derive(Default)]
pub(super) struct Fresh {
    /// The stamp that the file bears while it says the same; `None`: it is to be read.
    stamp: Option<i64>,
    /// Each key and who holds it.
    held: Pairs,
    /// What is going over into the large table.
    going: Option<Going>,
    /// What may be held at all, where the large table was empty at first and nobody else has written to it: most keys of an archive
    /// that fills need not be looked for. Given up when the first of its texts are forgotten.
    filling: Option<Bloom>,
    /// Whether the file says something else since it was read.
    changed: bool,
}

/// What is going over: of the articles up to this one the keys up to this pair.
#[derive(Clone, Copy)]
struct Going {
    last: i64,
    upto: (i64, i64),
}

impl Going {
    fn is_over(self, (h, article): (i64, i64)) -> bool {
        article <= self.last && (h, article) <= self.upto
    }
}

/// Does a piece of work with what is fresh. Another process, or work that was undone, leaves another stamp in the file: then all is
/// read anew.
pub(super) fn with<T>(
    fresh: &Mutex<Fresh>,
    conn: &Connection,
    work: impl FnOnce(&mut Fresh) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut fresh = fresh.lock().unwrap_or_else(PoisonError::into_inner);
    // Taken away until the work is done: work that breaks off leaves none.
    if fresh.stamp.take() != Some(stamp(conn)?) {
        *fresh = Fresh::read(conn)?;
    }
    fresh.changed = false;
    let done = work(&mut fresh)?;
    if fresh.changed {
        conn.prepare_cached("UPDATE fresh_state SET stamp = random()")?.execute([])?;
    }
    fresh.stamp = Some(stamp(conn)?);
    Ok(done)
}

fn stamp(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn.prepare_cached("SELECT stamp FROM fresh_state")?.query_row([], |row| row.get(0))?)
}

impl Fresh {
    fn read(conn: &Connection) -> Result<Self, StoreError> {
        let marks = conn
            .prepare_cached("SELECT last, h, article FROM fresh_state")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let going = match marks {
            (Some(last), Some(h), Some(article)) => Some(Going { last, upto: (h, article) }),
            _ => None,
        };
        let mut held = Pairs::default();
        let mut read = conn.prepare_cached("SELECT article, keys FROM fresh_text")?;
        let mut texts = read.query([])?;
        while let Some(row) = texts.next()? {
            let article: i64 = row.get(0)?;
            let (keys, _) = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?.as_chunks::<8>();
            let keys = keys.iter().map(|h| (i64::from_le_bytes(*h), article));
            held.extend(keys.filter(|key| going.is_none_or(|going| !going.is_over(*key))));
        }
        let filled = conn.prepare_cached("SELECT 1 FROM fingerprint LIMIT 1")?.exists([])?;
        let mut filling = (!filled).then(Bloom::new);
        held.all().iter().for_each(|(h, _)| filling.iter_mut().for_each(|filling| filling.insert(*h)));
        Ok(Self { held, going, filling, ..Self::default() })
    }

    /// Notes that an article that holds none holds these.
    pub(super) fn put(&mut self, conn: &Connection, article: i64, keys: &[i64]) -> Result<(), StoreError> {
        let mut keys: Vec<(i64, i64)> = keys.iter().map(|h| (*h, article)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.iter().for_each(|(h, _)| self.filling.iter_mut().for_each(|filling| filling.insert(*h)));
        // What goes over leaves with its article's row.
        if self.going.is_some_and(|going| article <= going.last) {
            return Self::keep(conn, keys.into_iter());
        }
        if !keys.is_empty() {
            let packed: Vec<u8> = keys.iter().flat_map(|(h, _)| h.to_le_bytes()).collect();
            conn.prepare_cached("INSERT INTO fresh_text (article, keys) VALUES (?1, ?2)")?
                .execute(params![article, packed])?;
            self.held.extend(keys);
            self.changed = true;
        }
        Ok(())
    }

    /// Forgets what the article of a text holds.
    pub(super) fn take(&mut self, conn: &Connection, article: i64, text: &str) -> Result<(), StoreError> {
        let mut kept = conn.prepare_cached("DELETE FROM fingerprint WHERE h = ?1 AND article = ?2")?;
        for h in self.held.take(&pack::keys(text), article) {
            kept.execute([h, article])?;
        }
        let rows = conn.prepare_cached("DELETE FROM fresh_text WHERE article = ?1")?.execute([article])?;
        self.changed |= rows > 0;
        Ok(())
    }

    /// Calls with each article that holds one of these, once for each; one that more than `common` articles hold counts for none.
    pub(super) fn holders(
        &self,
        conn: &Connection,
        keys: &[i64],
        common: usize,
        mut held: impl FnMut(i64),
    ) -> Result<(), StoreError> {
        let mut probe = conn.prepare_cached("SELECT article FROM fingerprint WHERE h = ?1 LIMIT ?2")?;
        let mut found: Vec<i64> = Vec::with_capacity(common + 1);
        for h in keys.iter().filter(|h| self.filling.as_ref().is_none_or(|filling| filling.may_hold(**h))) {
            found.clear();
            found.extend(self.held.beside(*h).take(common + 1));
            let mut holders = probe.query(params![h, rows::count(common + 1 - found.len())])?;
            while let Some(row) = holders.next()? {
                found.push(row.get(0)?);
            }
            if found.len() <= common {
                found.iter().for_each(|article| held(*article));
            }
        }
        Ok(())
    }

    /// Does without what it knows of an archive that has been filled.
    pub(super) fn filled(&mut self) {
        self.filling = self.filling.take().filter(Bloom::is_empty);
    }

    /// Writes keys into the large table.
    fn keep(conn: &Connection, mut keys: impl ExactSizeIterator<Item = (i64, i64)>) -> Result<(), StoreError> {
        // Not `ON CONFLICT DO NOTHING`: see `by_tag::put`.
        let into = "INSERT OR IGNORE INTO fingerprint (h, article) VALUES";
        let values = ["(?, ?)"; ROWS].join(", ");
        let mut many = conn.prepare_cached(&format!("{into} {values}"))?;
        let mut one = conn.prepare_cached(&format!("{into} (?, ?)"))?;
        while keys.len() >= ROWS {
            many.execute(params_from_iter(keys.by_ref().take(ROWS).flat_map(|(h, article)| [h, article])))?;
        }
        keys.try_for_each(|(h, article)| one.execute([h, article]).map(drop))?;
        Ok(())
    }

    /// Whether enough have gathered to go over.
    pub(super) fn is_full(&self) -> bool {
        self.held.len() >= GATHERED
    }

    /// Takes some over into the large table; whether any are left of those that were there when it began.
    fn settle_some(&mut self, conn: &Connection) -> Result<bool, StoreError> {
        let last = match self.going {
            Some(going) => Some(going.last),
            None => conn.prepare_cached("SELECT max(article) FROM fresh_text")?.query_row([], |row| row.get(0))?,
        };
        let Some(last) = last else { return Ok(false) };
        let some: Vec<(i64, i64)> =
            self.held.all().iter().filter(|(_, article)| *article <= last).take(OVER_AT_ONCE).copied().collect();
        Self::keep(conn, some.iter().copied())?;
        if let Some(upto) = some.last() {
            self.held.retain(|key| key.1 > last || key > *upto);
        }
        self.going = some.last().filter(|_| some.len() == OVER_AT_ONCE).map(|upto| Going { last, upto: *upto });
        self.changed = true;
        let mut mark = conn.prepare_cached("UPDATE fresh_state SET last = ?1, h = ?2, article = ?3")?;
        mark.execute(params![self.going.map(|g| g.last), self.going.map(|g| g.upto.0), self.going.map(|g| g.upto.1)])?;
        if self.going.is_none() {
            conn.prepare_cached("DELETE FROM fresh_text WHERE article <= ?1")?.execute([last])?;
        }
        Ok(self.going.is_some())
    }
}

impl Store {
    /// Takes what was gathered over into the large table, some at a time.
    ///
    /// # Errors
    /// When it could not be written; what is over by then stays so.
    pub(super) async fn settle_fingerprints(&self) -> Result<(), StoreError> {
        let some = || {
            let fresh = Arc::clone(&self.inner.fresh);
            self.write_again(move |conn| with(&fresh, conn, |fresh| fresh.settle_some(conn)))
        };
        while some().await? {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::*;
    use crate::model::Article;

    /// Keys that are fresh as the file has them, those in the large table, and whether any are going over.
    async fn kept(store: &Store) -> (usize, i64, bool) {
        let count = |conn: &Connection| {
            let fresh = Fresh::read(conn)?;
            let over = conn.query_row("SELECT count(*) FROM fingerprint", [], |row| row.get(0))?;
            Ok((fresh.held.len(), over, fresh.going.is_some()))
        };
        store.read(count).await.unwrap()
    }

    async fn within<T: Send + 'static>(
        store: &Store,
        work: impl FnOnce(&Connection, &mut Fresh) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let fresh = Arc::clone(&store.inner.fresh);
        store.write(move |conn| with(&fresh, conn, |fresh| work(conn, fresh))).await
    }

    async fn held(store: &Store, keys: Vec<i64>, common: usize) -> Vec<i64> {
        let look = move |conn: &Connection, fresh: &mut Fresh| {
            let mut found = Vec::new();
            fresh.holders(conn, &keys, common, |article| found.push(article))?;
            found.sort_unstable();
            Ok(found)
        };
        within(store, look).await.unwrap()
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
        let all = keys.len();
        assert_eq!(kept(&store).await, (all, 0, false));
        store.settle_fingerprints().await.unwrap();
        assert_eq!(kept(&store).await, (0, all as i64, false));

        assert!(within(&store, |_, fresh| Ok(fresh.filling.is_some())).await.unwrap());
        assert_eq!(held(&store, keys[..1].to_vec(), 2).await, [1]);
        within(&store, |_, fresh| {
            fresh.filled();
            Ok(())
        })
        .await
        .unwrap();
        assert!(within(&store, |_, fresh| Ok(fresh.filling.is_none())).await.unwrap(), "it has done its work");

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
        assert_eq!(kept(&store).await.1, 0);
    }

    #[tokio::test]
    async fn more_than_one_piece_of_work_takes_goes_over_also_where_all_hold_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let many = OVER_AT_ONCE as i64 * 2 + 5;
        let fill = move |conn: &Connection, fresh: &mut Fresh| {
            (0..many).try_for_each(|article| fresh.put(conn, article, &[7, 7]))
        };
        within(&store, fill).await.unwrap();
        store.settle_fingerprints().await.unwrap();
        assert_eq!(kept(&store).await, (0, many, false));
    }

    #[tokio::test]
    async fn what_is_half_over_is_found_once_changed_and_finished() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        // Three articles hold every key, so that the first piece ends within the holders of one.
        let keys: Vec<i64> = (-9_000..0).collect();
        let (low, high) = (vec![keys[0]], vec![keys[8_999]]);
        let fill =
            move |conn: &Connection, fresh: &mut Fresh| (1..=3).try_for_each(|article| fresh.put(conn, article, &keys));
        within(&store, fill).await.unwrap();
        assert!(within(&store, |conn, fresh| fresh.settle_some(conn)).await.unwrap());
        assert_eq!(kept(&store).await, (27_000 - OVER_AT_ONCE, OVER_AT_ONCE as i64, true));
        // What comes meanwhile stays, and what is put for an article of these does not leave with its row.
        let more = |conn: &Connection, fresh: &mut Fresh| {
            fresh.put(conn, 4, &[-9_000])?;
            fresh.put(conn, 3, &[5])
        };
        within(&store, more).await.unwrap();
        store.close().await.unwrap();

        let store = open_in(folder.path());
        assert_eq!(held(&store, low.clone(), 9).await, [1, 2, 3, 4]);
        assert_eq!(held(&store, high, 9).await, [1, 2, 3]);
        store.settle_fingerprints().await.unwrap();
        assert_eq!(kept(&store).await, (1, 27_001, false));
        assert_eq!(held(&store, low, 9).await, [1, 2, 3, 4]);
        assert_eq!(held(&store, vec![5], 9).await, [3]);
    }

    #[tokio::test]
    async fn what_was_undone_or_came_from_elsewhere_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (store, other) = (open_in(folder.path()), open_in(folder.path()));
        let put = |article| move |conn: &Connection, fresh: &mut Fresh| fresh.put(conn, article, &[7]);
        within(&store, put(1)).await.unwrap();
        let failing = |conn: &Connection, fresh: &mut Fresh| {
            fresh.put(conn, 2, &[7])?;
            Err::<(), _>(StoreError::Database("no".into()))
        };
        within(&store, failing).await.unwrap_err();
        let fresh = Arc::clone(&store.inner.fresh);
        let undone = store.write(move |conn| {
            with(&fresh, conn, |fresh| fresh.put(conn, 3, &[7]))?;
            Err::<(), _>(StoreError::Database("no".into()))
        });
        undone.await.unwrap_err();
        assert_eq!(held(&store, vec![7], 9).await, [1]);
        within(&other, put(4)).await.unwrap();
        within(&store, put(5)).await.unwrap();
        assert_eq!(held(&store, vec![7], 9).await, [1, 4, 5]);
        assert_eq!(held(&other, vec![7], 9).await, [1, 4, 5]);
        other.settle_fingerprints().await.unwrap();
        assert_eq!(held(&store, vec![7], 9).await, [1, 4, 5], "also what another took over");
    }

    #[tokio::test]
    async fn enough_goes_over_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let nearly = (0..GATHERED as i64 - 20).collect::<Vec<_>>();
        within(&store, move |conn, fresh| fresh.put(conn, 0, &nearly)).await.unwrap();
        poll(&store, vec![article("a", "1"), article("a", "2")], new_or_skip()).await;
        let (fresh, over, going) = kept(&store).await;
        assert!(fresh == 0 && over > GATHERED as i64 && !going, "{fresh} {over} {going}");
    }
}
