//! What is remembered of each source between polls, and which of its entries are old.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::model::{ArticleId, BodyFrom, Health, Offer, Pushed, SourceName, Validators};

use super::outbox::{self, Announcement};
use super::subscriptions::{self, PUSHED};
use super::{Store, StoreError, rows};

/// What is remembered of a source between polls. The default is that of one never polled. What is in the words of others is text
/// that the store gives back as it came; empty: nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceState {
    /// Validators of its last document.
    pub validators: Validators,
    /// Hash of the body of its last document.
    pub body_hash: Option<u64>,
    /// How it is doing; `None` before its first poll.
    pub health: Option<Health>,
    /// How often it publishes, in the words of `schedule`.
    pub rhythm: String,
    /// When it is to be asked next.
    pub next_due: Option<DateTime<Utc>>,
    /// When it was last asked.
    pub last_polled: Option<DateTime<Utc>>,
    /// When it last had something new.
    pub last_new: Option<DateTime<Utc>>,
    /// How many entries its document usually has.
    pub usual_entries: Option<u32>,
    /// How often it was asked.
    pub polls: u64,
    /// How often it answered that nothing changed.
    pub not_modified: u64,
    /// Its address at its last poll.
    pub url: Option<String>,
    /// The feed that its page announced, where its own address is a page.
    pub feed_url: Option<String>,
    /// What was odd in its last document, for people.
    pub notes: Vec<String>,
    /// Articles taken from it so far. Counted by the store; what is given here is not written.
    pub articles: u64,
    /// The address that has taken the place of the file's.
    pub moved: Option<Moved>,
    /// The address that seems to take its place.
    pub moving: Option<Moving>,
    /// Since when nothing has stood at its address (404).
    pub missing_since: Option<DateTime<Utc>>,
    /// What its last document asks of those who read it, in the words of `schedule`.
    pub asks: String,
    /// Why it is due when it is, in the words of `schedule`.
    pub why: String,
    /// What its last document offers by WebSub.
    pub offer: Option<Offer>,
    /// That a hub delivers what is new in it. Told by the store; what is given here is not written.
    pub pushed: Option<Pushed>,
    /// What is usual for it, in the words of `poll`.
    pub habit: String,
    /// A block for the file that would read its list again, where its own broke.
    pub proposal: Option<String>,
    /// What is to be told of its state with this poll: kept and queued together with the rest, and not read back.
    pub announce: Option<Announcement>,
}

/// An address that has taken the place of the file's. A change of the file's address undoes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The address of the file.
    pub from: String,
    /// The address that is asked.
    pub to: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// An address that a server names in place of the one that is asked, until it is certain that it means it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moving {
    /// The address.
    pub to: String,
    /// When it was first named.
    pub since: DateTime<Utc>,
    /// At how many polls in a row it was named and gave a feed.
    pub seen: u32,
    /// The source whose address it is: then it is not taken over.
    pub taken_by: Option<SourceName>,
}

/// By what an entry is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryKey {
    /// The id that the source gave it.
    pub guid: Option<String>,
    /// Canonical key of its address.
    pub url_key: Option<String>,
    /// The id of the article that it would make.
    pub id: ArticleId,
}

/// An entry that the source gave before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownEntry {
    /// The article that it became, or that was kept instead of it.
    pub id: ArticleId,
    /// Hash of the entry as it last came.
    pub entry_hash: u64,
    /// Where its body was read.
    pub body_from: BodyFrom,
    /// Whether it was seen only, and not taken.
    pub skipped: bool,
}

impl Store {
    /// What is remembered of a source.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn source_state(&self, source: &SourceName) -> Result<SourceState, StoreError> {
        let source = source.clone();
        let look = move |conn: &Connection| {
            let mut read = conn.prepare_cached(&ONE)?;
            let found = read.query_row([source.as_str()], |row| from_row(row).map(|(_, state)| state));
            Ok(found.optional()?.unwrap_or_default())
        };
        self.inner.readers.glance(look).await
    }

    /// What is remembered of every source that was ever polled, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn source_states(&self) -> Result<Vec<(SourceName, SourceState)>, StoreError> {
        self.read(|conn| {
            let mut read = conn.prepare_cached(&format!("SELECT {COLUMNS}, {PUSHED} FROM source ORDER BY name"))?;
            Ok(read.query_map([], from_row)?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Which of these entries the source gave before, in their order. One read; purged articles are still known.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn known_entries(
        &self,
        source: &SourceName,
        entries: Vec<EntryKey>,
    ) -> Result<Vec<Option<KnownEntry>>, StoreError> {
        let source = source.clone();
        self.read(move |conn| {
            let Some(source) = number(conn, &source)? else { return Ok(vec![None; entries.len()]) };
            entries.iter().map(|entry| known_entry(conn, source, entry)).collect()
        })
        .await
    }

    /// The newest articles of a source, at most so many: the title, and the canonical keys of its address and of those that
    /// led to it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_articles(
        &self,
        source: &SourceName,
        limit: usize,
    ) -> Result<Vec<(String, Vec<String>)>, StoreError> {
        let source = source.clone();
        self.read(move |conn| {
            let Some(source) = number(conn, &source)? else { return Ok(Vec::new()) };
            let mut read = conn.prepare_cached(
                "SELECT n, title, url_key FROM article WHERE source = ?1 AND story IS NOT NULL ORDER BY n DESC LIMIT ?2",
            )?;
            let found = read.query_map(params![source, rows::count(limit)], |row| {
                let link: Option<String> = row.get(2)?;
                Ok((row.get(0)?, (row.get(1)?, link.into_iter().collect())))
            })?;
            let mut articles = found.collect::<Result<BTreeMap<i64, (String, Vec<String>)>, _>>()?;
            // No index leads from an article here: one look at all of it.
            let eldest = articles.keys().next().copied().unwrap_or(i64::MAX);
            let mut led = conn.prepare_cached("SELECT article, url_key FROM led_from WHERE article >= ?1")?;
            for row in led.query_map([eldest], |row| Ok((row.get(0)?, row.get(1)?)))? {
                let (n, link): (i64, String) = row?;
                articles.entry(n).and_modify(|(_, links)| links.push(link));
            }
            let articles = articles.into_values().rev().collect();
            Ok(articles)
        })
        .await
    }

    /// Puts a source off without asking it: when it is due, and why then, in the words of `schedule`.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn postpone(&self, source: SourceName, due: DateTime<Utc>, why: String) -> Result<(), StoreError> {
        self.write(move |conn| {
            let n = number_or_new(conn, &source)?;
            conn.prepare_cached("UPDATE source SET next_due = ?2, why = ?3 WHERE n = ?1")?.execute(params![
                n,
                rows::micros(due),
                rows::said(&why)
            ])?;
            Ok(())
        })
        .await
    }
}

/// One source: asked at each poll.
static ONE: LazyLock<String> = LazyLock::new(|| format!("SELECT {COLUMNS}, {PUSHED} FROM source WHERE name = ?1"));

const COLUMNS: &str = "name, etag, last_modified, body_hash, health, rhythm, next_due, last_polled, last_new, \
     usual_entries, polls, not_modified, feed_url, articles, url, notes, moved, moving, missing_since, asks, why, habit, proposal, \
     offer, validated";

fn from_row(row: &Row<'_>) -> rusqlite::Result<(SourceName, SourceState)> {
    let state = SourceState {
        validators: Validators { etag: row.get(1)?, last_modified: row.get(2)?, of: row.get(24)? },
        body_hash: row.get::<_, Option<i64>>(3)?.map(i64::cast_unsigned),
        health: rows::maybe_json(row, 4)?,
        rhythm: rows::words(row, 5)?,
        next_due: rows::maybe_time(row, 6)?,
        last_polled: rows::maybe_time(row, 7)?,
        last_new: rows::maybe_time(row, 8)?,
        usual_entries: row.get(9)?,
        polls: row.get::<_, i64>(10)?.cast_unsigned(),
        not_modified: row.get::<_, i64>(11)?.cast_unsigned(),
        feed_url: row.get(12)?,
        articles: row.get::<_, i64>(13)?.cast_unsigned(),
        url: row.get(14)?,
        notes: rows::json(row, 15)?,
        moved: rows::maybe_json(row, 16)?,
        moving: rows::maybe_json(row, 17)?,
        missing_since: rows::maybe_time(row, 18)?,
        asks: rows::words(row, 19)?,
        why: rows::words(row, 20)?,
        habit: rows::words(row, 21)?,
        proposal: row.get(22)?,
        announce: None,
        offer: rows::maybe_json(row, 23)?,
        pushed: subscriptions::pushed(row, 25)?,
    };
    Ok((rows::source_name(row, 0)?, state))
}

/// Writes the whole state of a source.
pub(super) fn put_state(conn: &Connection, source: &SourceName, state: &SourceState) -> Result<(), StoreError> {
    let health = state.health.as_ref().map(rows::written_json).transpose()?;
    let notes = rows::written_json(&state.notes)?;
    let moved = state.moved.as_ref().map(rows::written_json).transpose()?;
    let moving = state.moving.as_ref().map(rows::written_json).transpose()?;
    let offer = state.offer.as_ref().map(rows::written_json).transpose()?;
    let mut put = conn.prepare_cached(
        "UPDATE source SET etag = ?2, last_modified = ?3, body_hash = ?4, health = ?5, rhythm = ?6, next_due = ?7,
             last_polled = ?8, last_new = ?9, usual_entries = ?10, polls = ?11, not_modified = ?12, feed_url = ?13, url = ?14,
             notes = ?15, moved = ?16, moving = ?17, missing_since = ?18, asks = ?19, why = ?20, habit = ?21, proposal = ?22,
             offer = ?23, validated = ?24
         WHERE name = ?1",
    )?;
    let mut put = || {
        put.execute(params![
            source.as_str(),
            state.validators.etag,
            state.validators.last_modified,
            state.body_hash.map(u64::cast_signed),
            health,
            rows::said(&state.rhythm),
            state.next_due.map(rows::micros),
            state.last_polled.map(rows::micros),
            state.last_new.map(rows::micros),
            state.usual_entries,
            state.polls.cast_signed(),
            state.not_modified.cast_signed(),
            state.feed_url,
            state.url,
            notes,
            moved,
            moving,
            state.missing_since.map(rows::micros),
            rows::said(&state.asks),
            rows::said(&state.why),
            rows::said(&state.habit),
            state.proposal,
            offer,
            state.validators.of,
        ])
    };
    if put()? == 0 {
        number_or_new(conn, source)?;
        put()?;
    }
    match &state.announce {
        Some(announcement) => outbox::announce(conn, announcement),
        None => Ok(()),
    }
}

pub(super) fn number(conn: &Connection, source: &SourceName) -> Result<Option<i64>, StoreError> {
    let mut read = conn.prepare_cached("SELECT n FROM source WHERE name = ?1")?;
    Ok(read.query_row([source.as_str()], |row| row.get(0)).optional()?)
}

/// The number of a source; one that is new gets it here.
pub(super) fn number_or_new(conn: &Connection, source: &SourceName) -> Result<i64, StoreError> {
    if let Some(n) = number(conn, source)? {
        return Ok(n);
    }
    conn.prepare_cached("INSERT INTO source (name) VALUES (?1)")?.execute([source.as_str()])?;
    Ok(conn.last_insert_rowid())
}

/// Numbers of sources that were looked up in one piece of work.
pub(super) type Numbers = HashMap<SourceName, i64>;

/// The number of a source, looked up once.
pub(super) fn number_in(conn: &Connection, known: &mut Numbers, source: &SourceName) -> Result<i64, StoreError> {
    if let Some(n) = known.get(source) {
        return Ok(*n);
    }
    let n = number_or_new(conn, source)?;
    known.insert(source.clone(), n);
    Ok(n)
}

fn known_entry(conn: &Connection, source: i64, entry: &EntryKey) -> Result<Option<KnownEntry>, StoreError> {
    let given = conn
        .prepare_cached(
            "SELECT coalesce(article, id), entry_hash, body_from, EXISTS (SELECT 1 FROM skipped s WHERE s.source = e.source
             AND s.id = e.id) FROM entry e WHERE e.source = ?1 AND e.id = ?2",
        )?
        .query_row(params![source, entry.id.as_str()], known_row)
        .optional()?;
    if given.is_some() {
        return Ok(given);
    }
    // Ids are made of the guid, else of the address; these help when the way they are made has changed. An address alone
    // does not tell the entries of a source with guids apart: many may point to one page.
    let (sql, key) = match (&entry.guid, &entry.url_key) {
        (Some(guid), _) => {
            ("SELECT id, entry_hash, body_from, 0 FROM article WHERE source = ?1 AND guid = ?2 LIMIT 1", guid)
        }
        (None, Some(url_key)) => (
            "SELECT id, entry_hash, body_from, 0 FROM article WHERE source = ?1 AND url_key = ?2 AND guid IS NULL LIMIT 1",
            url_key,
        ),
        (None, None) => return Ok(None),
    };
    Ok(conn.prepare_cached(sql)?.query_row(params![source, key], known_row).optional()?)
}

fn known_row(row: &Row<'_>) -> rusqlite::Result<KnownEntry> {
    Ok(KnownEntry {
        id: rows::article_id(row, 0)?,
        entry_hash: rows::hash(row, 1)?,
        body_from: rows::body_from(row, 2)?,
        skipped: row.get(3)?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::*;
    use crate::model::HealthState;
    use chrono::TimeDelta;

    #[tokio::test]
    async fn an_outlet_is_called_as_its_newest_article_calls_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        for (n, name) in [("1", "Avant"), ("2", "Après")] {
            let mut one = article("a", n);
            one.provenance.outlet.name = name.into();
            poll(&store, vec![one], new_or_skip()).await;
        }
        let told = store.outlets().await.unwrap();
        assert_eq!(
            told.into_iter().map(|(s, o)| (s.to_string(), o.name)).collect::<Vec<_>>(),
            [("a".into(), "Après".into())]
        );
    }

    #[tokio::test]
    async fn a_state_comes_back_as_it_was_given() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        assert_eq!(store.source_state(&source("a")).await.unwrap(), SourceState::default());
        let state = SourceState {
            validators: Validators {
                etag: Some("W/\"é\"".into()),
                last_modified: None,
                of: Some("https://a.example/feed".into()),
            },
            body_hash: Some(u64::MAX),
            health: Some(Health { state: HealthState::Broken, since: at(0), error: Some("x".into()), failures: 3 }),
            rhythm: "{\"seen\":[1.5,2]}".into(),
            next_due: Some(at(30)),
            last_polled: Some(at(1)),
            last_new: None,
            usual_entries: Some(35),
            polls: 7,
            not_modified: 5,
            feed_url: Some("https://a.example/feed".into()),
            notes: vec!["cut off after 3 entries".into()],
            articles: 0,
            url: Some("https://a.example/".into()),
            offer: Some(Offer { topic: "t".into(), hubs: vec!["h".into()], at: "t".into() }),
            pushed: None,
            moved: Some(Moved { from: "https://a.example/".into(), to: "https://b.example/".into(), at: at(2) }),
            moving: Some(Moving {
                to: "https://c.example/".into(),
                since: at(3),
                seen: 2,
                taken_by: Some(source("c")),
            }),
            missing_since: Some(at(4)),
            asks: "{\"ttl_minutes\":60}".into(),
            why: "\"ttl\"".into(),
            habit: String::new(),
            proposal: Some("[source.a.list]\n".into()),
            announce: None,
        };
        let revision = store.revision();
        store.record_poll(source("a"), state.clone()).await.unwrap();
        assert_eq!(store.source_states().await.unwrap(), [(source("a"), state)]);
        assert_eq!(store.revision(), revision, "no feed shows it");
    }

    #[test]
    fn beside_a_hub_there_is_one_poll_a_day() {
        let hour = |n: i64| at(0) + TimeDelta::hours(n);
        let health = |state| Some(Health { state, since: hour(0), error: None, failures: 0 });
        let pushed = |since, until| Some(Pushed { since: hour(since), until: hour(until) });
        let state = SourceState {
            next_due: Some(hour(11)),
            last_polled: Some(hour(10)),
            body_hash: Some(1),
            health: health(HealthState::Ok),
            ..SourceState::default()
        };
        let with = |change: &dyn Fn(&mut SourceState)| {
            let mut state = state.clone();
            change(&mut state);
            state.due()
        };
        assert_eq!(state.due(), Some(hour(11)));
        assert_eq!(with(&|s| s.pushed = pushed(5, 900)), Some(hour(34)));
        assert_eq!(with(&|s| s.pushed = pushed(9, 900)), Some(hour(25)), "a new hub has to prove itself");
        assert_eq!(with(&|s| s.pushed = pushed(5, 20)), Some(hour(20)), "when its lease ends it is polled as before");
        assert_eq!(with(&|s| s.pushed = pushed(5, 7)), Some(hour(11)), "its lease has ended");
        assert_eq!(with(&|s| s.pushed = pushed(10, 900)), Some(hour(11)), "not polled since it delivers");
        let later = with(&|s| (s.pushed, s.next_due) = (pushed(5, 900), Some(hour(100))));
        assert_eq!(later, Some(hour(100)), "the server's own word counts");
        assert_eq!(with(&|s| (s.pushed, s.body_hash) = (pushed(5, 900), None)), Some(hour(11)), "pages wait");
        for fine in [HealthState::Slow, HealthState::Silent, HealthState::Moved] {
            let fine = with(&|s| (s.pushed, s.health) = (pushed(5, 900), health(fine)));
            assert_eq!(fine, Some(hour(34)), "it answers");
        }
        let ill = with(&|s| (s.pushed, s.health) = (pushed(5, 900), health(HealthState::Failing)));
        assert_eq!(ill, Some(hour(11)));
    }
}
