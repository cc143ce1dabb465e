//! What is arranged with hubs, and what sources offer.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{HealthState, Offer, Pushed, Secret, SourceName, Stage, Subscription};

use super::{SourceState, Store, StoreError, rows, sources};

/// That a hub delivers, of the source in the row: what is doubted does not count. The latest lease says until when, and its row
/// since when: of many rows the other columns are those of the one with the greatest value. (To sort them makes a table for each
/// source.)
pub(super) const PUSHED: &str = "(SELECT json_array(since, max(ends)) FROM subscription
     WHERE source = source.n AND stage = 'active' AND NOT doubted HAVING count(*) > 0)";

/// Beside a hub that delivers a source is polled once in so long, to see that nothing is missed.
const CHECK: TimeDelta = TimeDelta::days(1);
/// A hub may confirm and never deliver: after the last check that found nothing amiss the next one comes when so many times as
/// long has passed as it had been trusted by then.
const PROOF: i32 = 15;

impl SourceState {
    /// When it is to be asked next. While a hub delivers and all is well, a day after it was last asked, and sooner while the hub
    /// is new; but what came between the last poll and the first delivery is polled for.
    #[must_use]
    pub fn due(&self) -> Option<DateTime<Utc>> {
        let next = self.next_due?;
        let answers = |state| {
            use HealthState::{Moved, Ok, Silent, Slow};
            matches!(state, Ok | Slow | Silent | Moved)
        };
        let well = self.body_hash.is_some() && self.health.as_ref().is_some_and(|h| answers(h.state));
        Some(match (self.pushed, self.last_polled) {
            // Times have whole seconds: within one nobody knows which was first.
            (Some(pushed), Some(polled)) if well && polled >= pushed.since + TimeDelta::seconds(1) => {
                let wait = ((polled - pushed.since) * PROOF).min(CHECK);
                next.max((polled + wait).min(pushed.until))
            }
            _ => next,
        })
    }
}

const COLUMNS: &str =
    "source.name, token, secret, hub, topic, stage, asked, due, since, ends, failures, doubted, said, callback";

impl Store {
    /// What sources offered when they were last read, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn offers(&self) -> Result<Vec<(SourceName, Offer)>, StoreError> {
        self.read(|conn| {
            let mut read =
                conn.prepare_cached("SELECT name, offer FROM source WHERE offer IS NOT NULL ORDER BY name")?;
            let row = |row: &Row<'_>| Ok((rows::source_name(row, 0)?, rows::json(row, 1)?));
            Ok(read.query_map([], row)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// All subscriptions, those that have ended and are still known among them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError> {
        self.read(|conn| {
            let sql = format!(
                "SELECT {COLUMNS} FROM subscription JOIN source ON source.n = subscription.source ORDER BY subscription.n"
            );
            let mut read = conn.prepare_cached(&sql)?;
            Ok(read.query_map([], from_row)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The subscription of a callback.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn subscription(&self, token: Secret) -> Result<Option<Subscription>, StoreError> {
        self.read(move |conn| one(conn, &token)).await
    }

    /// Stores new and changed subscriptions, and forgets others, together.
    ///
    /// # Errors
    /// When it could not be written; then nothing was.
    pub async fn arrange(&self, keep: Vec<Subscription>, forget: Vec<Secret>) -> Result<(), StoreError> {
        self.write(move |conn| {
            keep.iter().try_for_each(|one| put(conn, one))?;
            let mut delete = conn.prepare_cached("DELETE FROM subscription WHERE token = ?1")?;
            forget.iter().try_for_each(|token| delete.execute([token.reveal()]).map(|_| ()))?;
            Ok(())
        })
        .await
    }

    /// Changes the subscription of a callback by what it is now: `change` gives what it becomes, `None` where it stays, and an
    /// answer. `None` where there is no such callback.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn amend<T, F>(&self, token: Secret, change: F) -> Result<Option<T>, StoreError>
    where
        F: FnOnce(&Subscription) -> (Option<Subscription>, T) + Send + 'static,
        T: Send + 'static,
    {
        self.write(move |conn| {
            let Some(before) = one(conn, &token)? else { return Ok(None) };
            let (after, answer) = change(&before);
            if let Some(after) = after {
                put(conn, &after)?;
            }
            Ok(Some(answer))
        })
        .await
    }

    /// Trusts the hub of a source no more, until it delivers something good. Tells whether that is new.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn doubt(&self, source: SourceName) -> Result<bool, StoreError> {
        self.write(move |conn| {
            let Some(n) = sources::number(conn, &source)? else { return Ok(false) };
            let mut doubt = conn.prepare_cached(
                "UPDATE subscription SET doubted = 1 WHERE source = ?1 AND stage = 'active' AND NOT doubted",
            )?;
            Ok(doubt.execute([n])? > 0)
        })
        .await
    }

    /// Trusts the hub of a source again, from now on. Tells whether that is new.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn trust(&self, source: SourceName, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.write(move |conn| {
            let Some(n) = sources::number(conn, &source)? else { return Ok(false) };
            let mut trust =
                conn.prepare_cached("UPDATE subscription SET doubted = 0, since = ?2 WHERE source = ?1 AND doubted")?;
            Ok(trust.execute(params![n, rows::micros(now)])? > 0)
        })
        .await
    }
}

/// What [`PUSHED`] gave.
pub(super) fn pushed(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Pushed>> {
    let times: Option<(Option<i64>, Option<i64>)> = rows::maybe_json(row, at)?;
    let time = |micros: Option<i64>| micros.and_then(DateTime::from_timestamp_micros);
    Ok(times.and_then(|(since, until)| Some(Pushed { since: time(since)?, until: time(until)? })))
}

fn one(conn: &Connection, token: &Secret) -> Result<Option<Subscription>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM subscription JOIN source ON source.n = subscription.source WHERE token = ?1");
    Ok(conn.prepare_cached(&sql)?.query_row([token.reveal()], from_row).optional()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Subscription> {
    Ok(Subscription {
        source: rows::source_name(row, 0)?,
        token: Secret::new(row.get::<_, String>(1)?),
        secret: Secret::new(row.get::<_, String>(2)?),
        hub: row.get(3)?,
        topic: row.get(4)?,
        stage: rows::read(5, "stage", stage(row.get_ref(5)?.as_str()?))?,
        asked: rows::time(row, 6)?,
        due: rows::time(row, 7)?,
        since: rows::maybe_time(row, 8)?,
        ends: rows::maybe_time(row, 9)?,
        failures: row.get(10)?,
        doubted: row.get(11)?,
        said: row.get(12)?,
        callback: row.get(13)?,
    })
}

fn put(conn: &Connection, one: &Subscription) -> Result<(), StoreError> {
    let source = sources::number_or_new(conn, &one.source)?;
    conn.prepare_cached(
        "INSERT INTO subscription (source, token, secret, hub, topic, stage, asked, due, since, ends, failures, doubted, said,
             callback)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         ON CONFLICT (token) DO UPDATE SET stage = excluded.stage, asked = excluded.asked, due = excluded.due,
             since = excluded.since, ends = excluded.ends, failures = excluded.failures, doubted = excluded.doubted,
             said = excluded.said",
    )?
    .execute(params![
        source,
        one.token.reveal(),
        one.secret.reveal(),
        one.hub,
        one.topic,
        written(one.stage),
        rows::micros(one.asked),
        rows::micros(one.due),
        one.since.map(rows::micros),
        one.ends.map(rows::micros),
        one.failures,
        one.doubted,
        one.said,
        one.callback,
    ])?;
    Ok(())
}

const STAGES: [(&str, Stage); 5] = [
    ("asking", Stage::Asking),
    ("resting", Stage::Resting),
    ("active", Stage::Active),
    ("leaving", Stage::Leaving),
    ("ended", Stage::Ended),
];

fn written(stage: Stage) -> &'static str {
    STAGES.iter().find(|(_, s)| *s == stage).map_or("ended", |(word, _)| word)
}

fn stage(word: &str) -> Option<Stage> {
    STAGES.iter().find(|(w, _)| *w == word).map(|(_, stage)| *stage)
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::*;

    fn subscription(token: &str, stage: Stage) -> Subscription {
        Subscription {
            token: Secret::new(token),
            secret: Secret::new("s"),
            callback: "https://me.example/".into(),
            source: source("a"),
            hub: "https://hub.example/".into(),
            topic: "https://a.example/feed".into(),
            stage,
            asked: at(0),
            due: at(60),
            since: Some(at(1)),
            ends: Some(at(90)),
            failures: 3,
            doubted: false,
            said: Some("x".into()),
        }
    }

    #[tokio::test]
    async fn subscriptions_come_back_as_they_were_given() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let all: Vec<_> = STAGES.iter().map(|(word, stage)| subscription(word, *stage)).collect();
        store.arrange(all.clone(), Vec::new()).await.unwrap();
        assert_eq!(store.subscriptions().await.unwrap(), all);
        assert_eq!(store.subscription(Secret::new("active")).await.unwrap().as_ref(), Some(&all[2]));
        assert_eq!(store.subscription(Secret::new("Active")).await.unwrap(), None);
        store.arrange(Vec::new(), vec![Secret::new("asking")]).await.unwrap();
        assert_eq!(store.subscriptions().await.unwrap(), all[1..]);
        let later = |one: &Subscription| (Some(Subscription { due: at(99), ..one.clone() }), one.failures);
        assert_eq!(store.amend(Secret::new("active"), later).await.unwrap(), Some(3));
        assert_eq!(store.subscription(Secret::new("active")).await.unwrap().unwrap().due, at(99));
        assert_eq!(store.amend(Secret::new("nobody"), later).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_source_knows_whether_a_hub_delivers() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let offer = Offer { topic: "t".into(), hubs: vec!["h".into()], at: "t".into() };
        let state = SourceState { offer: Some(offer.clone()), ..SourceState::default() };
        store.record_poll(source("a"), state).await.unwrap();
        store.record_poll(source("b"), SourceState::default()).await.unwrap();
        assert_eq!(store.offers().await.unwrap(), [(source("a"), offer)]);
        let pushed = || async { store.source_state(&source("a")).await.unwrap().pushed };
        assert_eq!(pushed().await, None);
        let newer = Subscription { since: Some(at(2)), ends: Some(at(200)), ..subscription("new", Stage::Active) };
        let asking = Subscription { ends: Some(at(900)), ..subscription("asking", Stage::Asking) };
        store.arrange(vec![subscription("old", Stage::Active), newer, asking], Vec::new()).await.unwrap();
        assert_eq!(pushed().await, Some(Pushed { since: at(2), until: at(200) }));
        assert!(store.doubt(source("a")).await.unwrap() && !store.doubt(source("a")).await.unwrap());
        assert_eq!(pushed().await, None);
        assert!(store.trust(source("a"), at(50)).await.unwrap() && !store.trust(source("a"), at(51)).await.unwrap());
        assert_eq!(pushed().await, Some(Pushed { since: at(50), until: at(200) }));
        assert!(!store.doubt(source("b")).await.unwrap() && !store.doubt(source("nobody")).await.unwrap());
    }
}
