//! What is to be told of the sources' states: kept for the feed of changes, and queued for whoever is to be alerted, in the
//! transaction of the poll that saw it.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{HealthState, StateChange};

use super::{Store, StoreError, rows};

/// Changes that are kept, and letters that may wait; the oldest give way.
const MOST_CHANGES: i64 = 500;
const MOST_LETTERS: i64 = 1000;

/// The keys of what was told of the source of a change.
const OF_SOURCE: &str =
    "SELECT told.id FROM state_change this JOIN state_change told ON told.source = this.source WHERE this.id = ?1";

/// A change of a source's state that is told, and what is sent about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The change.
    pub change: StateChange,
    /// What is sent.
    pub letters: Vec<Letter>,
}

/// Something to be sent to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// To whom, as those who send it know them: an address may be a secret, and is not kept.
    pub recipient: String,
    /// The text.
    pub body: String,
}

/// A letter that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The id of the change that it is about: the same however often it is sent.
    pub key: String,
    /// The source that it is about; `None` where that is not kept any more.
    pub source: Option<String>,
    /// The letter.
    pub letter: Letter,
    /// When it was queued.
    pub made: DateTime<Utc>,
    /// How often it was tried, this time included.
    pub tries: u32,
}

impl Store {
    /// The recipients whom a letter is due for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn recipients(&self, now: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        self.read(move |conn| {
            let mut read =
                conn.prepare_cached("SELECT recipient FROM outbox WHERE due <= ?1 GROUP BY recipient ORDER BY min(n)")?;
            Ok(read.query_map([rows::micros(now)], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Takes the letters that are due for a recipient, at most so many. Until `again` nobody else takes them, in this process
    /// or another; then they are due again, unless they were [sent](Self::letter_sent) or [put off](Self::letter_put_off).
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn take_letters(
        &self,
        recipient: String,
        limit: usize,
        now: DateTime<Utc>,
        again: DateTime<Utc>,
    ) -> Result<Vec<Waiting>, StoreError> {
        self.write(move |conn| {
            let mut take = conn.prepare_cached(
                "UPDATE outbox SET due = ?1, tries = tries + 1
                 WHERE n IN (SELECT n FROM outbox WHERE due <= ?2 AND recipient = ?4 ORDER BY due, n LIMIT ?3)
                 RETURNING key, recipient, body, made, tries,
                     (SELECT source FROM state_change WHERE id = key) AS source, n",
            )?;
            let due = params![rows::micros(again), rows::micros(now), rows::count(limit), recipient];
            let taken = take.query_map(due, |row| Ok((row.get::<_, i64>("n")?, waiting(row)?)))?;
            let mut taken = taken.collect::<Result<Vec<_>, _>>()?;
            taken.sort_by_key(|(n, _)| *n);
            Ok(taken.into_iter().map(|(_, waiting)| waiting).collect())
        })
        .await
    }

    /// A letter has arrived, or is given up.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn letter_sent(&self, key: String, recipient: String) -> Result<(), StoreError> {
        self.write(move |conn| {
            let mut remove = conn.prepare_cached("DELETE FROM outbox WHERE key = ?1 AND recipient = ?2")?;
            remove.execute([key, recipient])?;
            Ok(())
        })
        .await
    }

    /// A letter is to be tried again at an instant; what happened to its source later is told after it.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn letter_put_off(&self, key: String, recipient: String, due: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |conn| {
            let sql = format!(
                "UPDATE outbox SET due = iif(key = ?1, ?3, max(due, ?3))
                 WHERE recipient = ?2 AND (key = ?1 OR key IN ({OF_SOURCE}))"
            );
            conn.prepare_cached(&sql)?.execute(params![key, recipient, rows::micros(due)])?;
            Ok(())
        })
        .await
    }

    /// The last changes of sources' states that were told, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn state_changes(&self) -> Result<Vec<StateChange>, StoreError> {
        self.read(|conn| {
            let mut read = conn.prepare_cached(
                "SELECT id, source, was, state, at, error FROM state_change ORDER BY n DESC LIMIT ?1",
            )?;
            Ok(read.query_map([MOST_CHANGES], change)?.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Keeps a change and queues its letters. What was told before, by another process too, is not told again.
pub(super) fn announce(conn: &Connection, announcement: &Announcement) -> Result<(), StoreError> {
    let Announcement { change, letters } = announcement;
    let mut last = conn.prepare_cached("SELECT state FROM state_change WHERE source = ?1 ORDER BY n DESC LIMIT 1")?;
    let last: Option<String> = last.query_row([change.source.as_str()], |row| row.get(0)).optional()?;
    if last.as_deref() == Some(change.state.name()) {
        return Ok(());
    }
    let new = conn
        .prepare_cached(
            "INSERT OR IGNORE INTO state_change (id, source, was, state, at, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            change.id,
            change.source.as_str(),
            change.was.name(),
            change.state.name(),
            rows::micros(change.at),
            change.error,
        ])?;
    if new == 0 {
        return Ok(());
    }
    conn.prepare_cached("DELETE FROM state_change WHERE n <= ?1 - ?2")?
        .execute([conn.last_insert_rowid(), MOST_CHANGES])?;
    for Letter { recipient, body } in letters {
        let sql = format!(
            "INSERT OR IGNORE INTO outbox (key, recipient, body, made, due) VALUES (?1, ?2, ?3, ?4, max(?4, ifnull(
                 (SELECT max(due) FROM outbox WHERE recipient = ?2 AND key IN ({OF_SOURCE})), ?4)))"
        );
        let mut queue = conn.prepare_cached(&sql)?;
        queue.execute(params![change.id, recipient, body, rows::micros(change.at)])?;
    }
    conn.prepare_cached("DELETE FROM outbox WHERE n <= (SELECT max(n) FROM outbox) - ?1")?.execute([MOST_LETTERS])?;
    Ok(())
}

fn waiting(row: &Row<'_>) -> rusqlite::Result<Waiting> {
    let letter = Letter { recipient: row.get(1)?, body: row.get(2)? };
    Ok(Waiting { key: row.get(0)?, source: row.get(5)?, letter, made: rows::time(row, 3)?, tries: row.get(4)? })
}

fn change(row: &Row<'_>) -> rusqlite::Result<StateChange> {
    Ok(StateChange {
        id: row.get(0)?,
        source: rows::source_name(row, 1)?,
        was: state(row, 2)?,
        state: state(row, 3)?,
        at: rows::time(row, 4)?,
        error: row.get(5)?,
    })
}

fn state(row: &Row<'_>, at: usize) -> rusqlite::Result<HealthState> {
    let name = row.get_ref(at)?.as_str()?;
    rows::read(at, "state of a source", HealthState::ALL.into_iter().find(|state| state.name() == name))
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::super::{Batch, PollRecord, SourceState};
    use super::*;

    fn announcement(id: &str, to: &[&str]) -> Announcement {
        let even = id.parse::<u32>().unwrap() % 2 == 0;
        Announcement {
            change: StateChange {
                id: id.into(),
                source: source("a"),
                was: HealthState::Ok,
                state: if even { HealthState::Ok } else { HealthState::Silent },
                at: at(0),
                error: Some("nothing new".into()),
            },
            letters: to.iter().map(|to| Letter { recipient: (*to).into(), body: format!("{id} to {to}") }).collect(),
        }
    }

    async fn told(store: &Store, announcement: Announcement) {
        let state = SourceState { announce: Some(announcement), ..SourceState::default() };
        store.record_poll(source("a"), state).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_told_is_kept_once_and_sent_until_it_arrives() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        for _ in 0..2 {
            told(&store, announcement("1", &["x", "y"])).await;
        }
        // Another process saw the same a little later.
        told(&store, announcement("3", &["x", "y"])).await;
        assert_eq!(store.state_changes().await.unwrap(), [announcement("1", &[]).change]);
        assert_eq!(store.source_state(&source("a")).await.unwrap().announce, None, "told with that poll only");
        let take = |now, again| store.take_letters("y".into(), 9, at(now), at(again));
        assert_eq!(store.recipients(at(0)).await.unwrap(), ["x", "y"]);
        let first = take(0, 2).await.unwrap();
        assert_eq!(first.iter().map(|w| w.letter.body.as_str()).collect::<Vec<_>>(), ["1 to y"]);
        assert_eq!(take(1, 3).await.unwrap(), [], "somebody has it in hand");
        assert_eq!(store.recipients(at(1)).await.unwrap(), ["x"]);
        store.letter_sent("1".into(), "x".into()).await.unwrap();
        let second = take(2, 3).await.unwrap();
        assert_eq!((second.len(), second[0].letter.recipient.as_str(), second[0].tries), (1, "y", 2), "never heard of");
        store.letter_put_off("1".into(), "y".into(), at(60)).await.unwrap();
        assert_eq!(take(59, 61).await.unwrap(), []);
        assert_eq!(take(60, 61).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn what_happened_first_is_told_first() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        told(&store, announcement("1", &["x"])).await;
        assert_eq!(store.take_letters("x".into(), 9, at(0), at(30)).await.unwrap().len(), 1);
        store.letter_put_off("1".into(), "x".into(), at(60)).await.unwrap();
        told(&store, announcement("2", &["x", "y"])).await;
        assert_eq!(store.recipients(at(59)).await.unwrap(), ["y"], "who has the first is told the second");
        let both = store.take_letters("x".into(), 9, at(60), at(90)).await.unwrap();
        assert_eq!(both.iter().map(|w| w.key.as_str()).collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(both[0].source.as_deref(), Some("a"));
        // The second is put off with the first, the first not with the second.
        store.letter_put_off("1".into(), "x".into(), at(200)).await.unwrap();
        assert_eq!(
            (store.recipients(at(199)).await.unwrap(), store.recipients(at(200)).await.unwrap().len()),
            (vec!["y".to_owned()], 2)
        );
    }

    #[tokio::test]
    async fn a_poll_that_is_not_stored_tells_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let record = PollRecord {
            source: source("a"),
            state: SourceState { announce: Some(announcement("1", &["x"])), ..SourceState::default() },
            articles: Batch::of([article("a", "1")]).unwrap(),
            told: Default::default(),
            template: None,
            tagged_by: 0,
            now: at(0),
        };
        let broken = store.apply(record.clone(), Box::new(|_, _, _| panic!("breaks off"))).await;
        assert_eq!(broken, Err(StoreError::BrokeOff));
        assert_eq!((store.state_changes().await.unwrap().len(), store.recipients(at(9)).await.unwrap().len()), (0, 0));
        store.apply(record, new_or_skip()).await.unwrap();
        assert_eq!((store.state_changes().await.unwrap().len(), store.recipients(at(9)).await.unwrap().len()), (1, 1));
    }

    #[tokio::test]
    async fn neither_list_grows_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let all = (0..MOST_CHANGES + 50).map(|n| told(&store, announcement(&n.to_string(), &["x", "y", "z"])));
        futures_util::future::join_all(all).await;
        assert_eq!(store.state_changes().await.unwrap().len(), usize::try_from(MOST_CHANGES).unwrap());
        let mut letters = 0;
        for recipient in store.recipients(at(0)).await.unwrap() {
            letters += store.take_letters(recipient, 9999, at(0), at(1)).await.unwrap().len();
        }
        assert_eq!(letters, usize::try_from(MOST_LETTERS).unwrap());
    }
}
