//! What `explain` asks: where something is, and what became of it.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{
    Article, ArticleId, Cuts, Ended, FoundBy, Identity, Member, Provenance, Republish, Seen, SourceName, StoryId,
    Tagged,
};

use super::{Store, StoreError, articles, rows};

/// The most redirects and articles beside the lead told of one story.
const MOST: i64 = 200;

/// What somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// The id of a story or an article.
    Id(String),
    /// An address: its canonical key, and as it was written.
    Address {
        /// The key.
        key: String,
        /// As written.
        written: String,
    },
    /// The id that a source gave.
    Guid(String),
}

/// Where it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Trail {
    /// In a story.
    Kept {
        /// By what it was found.
        found_by: FoundBy,
        /// The story.
        story: StoryId,
        /// The article, where one was asked for.
        article: Option<ArticleId>,
    },
    /// Seen, and not kept.
    Seen(Seen),
    /// Nowhere.
    Nothing,
}

/// A story's articles, and what became of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Telling {
    /// Its articles, the lead first, then eldest first, each with its tags and the canonical key of its address and of the
    /// original that it names; at most 200.
    pub members: Vec<Teller>,
    /// Ids that lead to it; at most 200.
    pub redirects: Vec<StoryId>,
    /// When its recommendations were fixed.
    pub admitted: Option<DateTime<Utc>>,
    /// Whether they were completed since.
    pub completed: bool,
}

/// An article of a story.
#[derive(Debug, Clone, PartialEq)]
pub struct Teller {
    /// How it stands there.
    pub member: Member,
    /// Its tags.
    pub tags: Vec<Tagged>,
    /// Canonical key of its address.
    pub url_key: Option<String>,
    /// Canonical key of the original that it names.
    pub origin_key: Option<String>,
}

/// An article, and what its poll told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Traced {
    /// The article.
    pub article: Article,
    /// Hash of its folded text.
    pub text_hash: u64,
    /// What was left out of it.
    pub cuts: Option<Cuts>,
    /// What was odd in its source's last document.
    pub notes: Vec<String>,
}

impl Store {
    /// Where something is that somebody looks for. What is kept goes before what was only seen.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn trail(&self, sought: Sought) -> Result<Trail, StoreError> {
        self.read(move |conn| match &sought {
            Sought::Id(id) => by_id(conn, id),
            Sought::Address { key, written } => by_address(conn, key, written),
            Sought::Guid(guid) => by_guid(conn, guid),
        })
        .await
    }

    /// The articles of a story, and what became of it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn telling(&self, story: &StoryId) -> Result<Telling, StoreError> {
        let story = story.clone();
        self.read(move |conn| {
            let stands = conn
                .prepare_cached("SELECT admitted, completed = 1 FROM story WHERE id = ?1")?
                .query_row([story.as_str()], |row| Ok((rows::maybe_time(row, 0)?, row.get(1)?)))
                .optional()?;
            let (admitted, completed) = stands.unwrap_or_default();
            let mut read = conn.prepare_cached("SELECT id FROM story WHERE redirect_to = ?1 ORDER BY id LIMIT ?2")?;
            let redirects = read.query_map(params![story.as_str(), MOST], |row| rows::story_id(row, 0))?;
            let redirects = redirects.collect::<Result<_, _>>()?;
            Ok(Telling { members: tellers(conn, &story)?, redirects, admitted, completed })
        })
        .await
    }

    /// An article, and what its poll told of it. `None` where it is not kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn traced(&self, article: &ArticleId) -> Result<Option<Traced>, StoreError> {
        let article = article.clone();
        self.read(move |conn| {
            let found = conn
                .prepare_cached(
                    "SELECT a.n, a.text_hash, c.told, s.notes FROM article a JOIN source s ON s.n = a.source
                         LEFT JOIN cut c ON c.article = a.n WHERE a.id = ?1",
                )?
                .query_row([article.as_str()], |row| {
                    let n: i64 = row.get(0)?;
                    Ok((n, rows::hash(row, 1)?, rows::maybe_json(row, 2)?, rows::json(row, 3)?))
                })
                .optional()?;
            let Some((n, text_hash, cuts, notes)) = found else { return Ok(None) };
            let kept = articles::by_number(conn, n)?;
            Ok(kept.map(|kept| Traced { article: kept.article, text_hash, cuts, notes }))
        })
        .await
    }
}

fn by_id(conn: &Connection, id: &str) -> Result<Trail, StoreError> {
    let story = conn
        .prepare_cached("SELECT coalesce(redirect_to, id), redirect_to IS NOT NULL FROM story WHERE id = ?1")?
        .query_row([id], |row| Ok((rows::story_id(row, 0)?, row.get(1)?)))
        .optional()?;
    if let Some((story, redirects)) = story {
        let found_by = if redirects { FoundBy::Redirect } else { FoundBy::Story };
        // The founder's id is the story's: who asks for either asks for the story.
        return Ok(Trail::Kept { found_by, story, article: None });
    }
    Ok(article_of_id(conn, id, FoundBy::Article)?.or(entry_of_id(conn, id)?).unwrap_or(Trail::Nothing))
}

fn by_address(conn: &Connection, key: &str, written: &str) -> Result<Trail, StoreError> {
    let sql = "SELECT a.id FROM article a WHERE a.url_key = ?1
               UNION SELECT a.id FROM led_from l JOIN article a ON a.n = l.article WHERE l.url_key = ?1 LIMIT ?2";
    let mut purged = None;
    for id in ids(conn, sql, params![key, MOST])? {
        match article_of_id(conn, &id, FoundBy::Address)? {
            Some(kept @ Trail::Kept { .. }) => return Ok(kept),
            seen => purged = seen.or(purged),
        }
    }
    let guid = by_guid(conn, written)?;
    if matches!(guid, Trail::Kept { .. }) {
        return Ok(guid);
    }
    if let Some(skipped) = skipped(conn, "url_key = ?1 ORDER BY k.seen DESC", params![key])? {
        return Ok(Trail::Seen(skipped));
    }
    if guid != Trail::Nothing {
        return Ok(guid);
    }
    // Without an id of its own an entry is known by its address, whichever source gave it.
    let Some(any) = SourceName::new("any") else { return Ok(Trail::Nothing) };
    let id = ArticleId::of(&any, &Identity::Url(key.to_owned()));
    Ok(entry_of_id(conn, id.as_str())?.or(purged).unwrap_or(Trail::Nothing))
}

fn by_guid(conn: &Connection, guid: &str) -> Result<Trail, StoreError> {
    let sql = "SELECT a.id FROM source s JOIN article a ON a.source = s.n AND a.guid = ?1 ORDER BY a.n DESC LIMIT ?2";
    let mut seen = None;
    for id in ids(conn, sql, params![guid, MOST])? {
        match article_of_id(conn, &id, FoundBy::Guid)? {
            Some(kept @ Trail::Kept { .. }) => return Ok(kept),
            other => seen = other.or(seen),
        }
    }
    if let Some(seen) = seen {
        return Ok(seen);
    }
    let sources = {
        let mut read = conn.prepare_cached("SELECT name FROM source")?;
        read.query_map([], |row| rows::source_name(row, 0))?.collect::<Result<Vec<_>, _>>()?
    };
    for source in sources {
        let id = ArticleId::of(&source, &Identity::Guid(guid.to_owned()));
        if let Some(found) = entry_of_id(conn, id.as_str())? {
            return Ok(found);
        }
    }
    Ok(Trail::Nothing)
}

fn ids(conn: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<Vec<String>, StoreError> {
    let mut read = conn.prepare_cached(sql)?;
    Ok(read.query_map(values, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// An article, kept or purged.
fn article_of_id(conn: &Connection, id: &str, found_by: FoundBy) -> Result<Option<Trail>, StoreError> {
    let found = conn
        .prepare_cached(
            "SELECT a.id, a.story, s.name, a.first_seen FROM article a JOIN source s ON s.n = a.source WHERE a.id = ?1",
        )?
        .query_row([id], |row| {
            let (article, story) = (rows::article_id(row, 0)?, rows::maybe_story_id(row, 1)?);
            Ok((article, story, rows::source_name(row, 2)?, rows::time(row, 3)?))
        })
        .optional()?;
    let Some((article, story, source, at)) = found else { return Ok(None) };
    Ok(Some(match story {
        Some(story) => Trail::Kept { found_by, story, article: Some(article) },
        None => Trail::Seen(Seen {
            source,
            ended: Ended::Purged,
            at: Some(at),
            title: None,
            url: None,
            why: None,
            only: None,
        }),
    }))
}

/// An entry that was found to be another article, or was not taken.
fn entry_of_id(conn: &Connection, id: &str) -> Result<Option<Trail>, StoreError> {
    let found: Option<(Option<String>, SourceName)> = conn
        .prepare_cached(
            "SELECT e.article, s.name FROM source s JOIN entry e ON e.source = s.n AND e.id = ?1
             ORDER BY e.article IS NULL LIMIT 1",
        )?
        .query_row([id], |row| Ok((row.get(0)?, rows::source_name(row, 1)?)))
        .optional()?;
    let Some((article, source)) = found else { return Ok(None) };
    if let Some(article) = article {
        return article_of_id(conn, &article, FoundBy::Entry);
    }
    let skipped = skipped(conn, "id = ?1 AND s.name = ?2", params![id, source.as_str()])?;
    Ok(Some(Trail::Seen(skipped.unwrap_or(Seen {
        source,
        ended: Ended::Skipped,
        at: None,
        title: None,
        url: None,
        why: None,
        only: None,
    }))))
}

fn skipped(conn: &Connection, by: &str, values: impl rusqlite::Params) -> Result<Option<Seen>, StoreError> {
    let sql = format!(
        "SELECT s.name, k.seen, k.title, k.url, k.why, k.only_said FROM skipped k JOIN source s ON s.n = k.source
         WHERE k.{by} LIMIT 1"
    );
    let found = conn.prepare_cached(&sql)?.query_row(values, |row| {
        Ok(Seen {
            source: rows::source_name(row, 0)?,
            ended: Ended::Skipped,
            at: Some(rows::time(row, 1)?),
            title: Some(row.get(2)?).filter(|title: &String| !title.is_empty()),
            url: row.get(3)?,
            why: row.get(4)?,
            only: rows::maybe_json(row, 5)?,
        })
    });
    Ok(found.optional()?)
}

fn tellers(conn: &Connection, story: &StoryId) -> Result<Vec<Teller>, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT a.id, s.name, a.provenance, a.title, a.url, a.kind, a.why, a.rank, a.first_seen, a.url_key,
             a.origin_key, a.tags, a.republish
         FROM article a JOIN source s ON s.n = a.source JOIN story t ON t.id = a.story
         WHERE a.story = ?1 ORDER BY a.n <> t.lead, a.date, a.id LIMIT ?2",
    )?;
    // The lead, and as many others as a story credits.
    let found = read.query_map(params![story.as_str(), MOST + 1], teller)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn teller(row: &Row<'_>) -> rusqlite::Result<Teller> {
    let provenance: Provenance = rows::json(row, 2)?;
    let member = Member {
        article: rows::article_id(row, 0)?,
        source: rows::source_name(row, 1)?,
        outlet: provenance.outlet.name,
        title: row.get(3)?,
        url: row.get(4)?,
        kind: rows::kind(row, 5)?,
        why: row.get(6)?,
        rank: row.get(7)?,
        private: rows::republish(row, 12)? == Some(Republish::Private),
        first_seen: rows::time(row, 8)?,
    };
    Ok(Teller { member, tags: rows::tags(row, 11)?, url_key: row.get(9)?, origin_key: row.get(10)? })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::samples::*;
    use super::super::{Batch, PollRecord, SourceState, Told, merge};
    use super::*;
    use crate::model::{CutKind, Intent, Known, Trace, TracedTerm};
    use crate::text::Shingles;

    async fn told(store: &Store, article: Article, told: Told) {
        let skipped = told.skipped.clone();
        let record = PollRecord {
            source: article.source.clone(),
            state: SourceState { notes: vec!["odd".into()], ..SourceState::default() },
            told: HashMap::from([(article.id.clone(), told)]),
            articles: Batch::of([article]).unwrap(),
            template: None,
            tagged_by: 0,
            now: at(0),
        };
        let decide = move |article: Article, _: &Shingles, known: &Known| match (&skipped, &known.same) {
            (Some(why), _) => Intent::Skip { id: article.id, why: why.clone() }.into(),
            (None, Some(_)) => Intent::Revise(Box::new(article)).into(),
            (None, None) => Intent::Insert(Box::new(article)).into(),
        };
        store.apply(record, Box::new(decide)).await.unwrap();
    }

    fn cuts(words: &str) -> Cuts {
        let mut cuts = Cuts::default();
        cuts.line(CutKind::Foot, words);
        cuts
    }

    fn address(written: &str) -> Sought {
        Sought::Address { key: written.trim_start_matches("https://").into(), written: written.into() }
    }

    #[tokio::test]
    async fn whatever_names_an_article_leads_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let founder = article("a", "1");
        let canonical = Article { url_key: Some("b.example/canonical".into()), ..article("b", "urn:2") };
        told(&store, founder.clone(), Told { cuts: cuts("Partager"), ..Told::default() }).await;
        told(&store, canonical.clone(), Told::default()).await;
        poll(&store, vec![article("c", "3")], joins(story_of(&founder), false)).await;
        let copy = article("c", "3");
        let [one, two] = [&founder, &canonical].map(story_of);
        for (sought, found_by, story, article) in [
            (Sought::Id(founder.id.to_string()), FoundBy::Story, &one, None),
            (Sought::Id(copy.id.to_string()), FoundBy::Article, &one, Some(&copy)),
            (address("https://a.example/1"), FoundBy::Address, &one, Some(&founder)),
            (address("https://b.example/canonical"), FoundBy::Address, &two, Some(&canonical)),
            (address("https://b.example/urn:2"), FoundBy::Address, &two, Some(&canonical)),
            (Sought::Guid("urn:2".into()), FoundBy::Guid, &two, Some(&canonical)),
        ] {
            let article = article.map(|a: &Article| a.id.clone());
            let wanted = Trail::Kept { found_by, story: story.clone(), article };
            assert_eq!(store.trail(sought.clone()).await.unwrap(), wanted, "{sought:?}");
        }
        for nothing in [Sought::Id("../etc".into()), Sought::Guid("urn:3".into()), address("https://c.example/none")] {
            assert_eq!(store.trail(nothing).await.unwrap(), Trail::Nothing);
        }
        let (a, b) = (one.clone(), two.clone());
        store.write(move |conn| merge::merge(conn, &a, &b)).await.unwrap();
        let (stays, goes) = (one.clone().min(two.clone()), one.clone().max(two.clone()));
        let wanted = Trail::Kept { found_by: FoundBy::Redirect, story: stays.clone(), article: None };
        assert_eq!(store.trail(Sought::Id(goes.to_string())).await.unwrap(), wanted);
        let telling = store.telling(&stays).await.unwrap();
        assert_eq!((telling.redirects, telling.members.len(), telling.admitted), (vec![goes], 3, None));
        assert_eq!(telling.members[0].tags, founder.tags);
    }

    #[tokio::test]
    async fn what_was_left_out_is_kept_with_the_article_and_goes_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let first = article("a", "1");
        told(&store, first.clone(), Told { cuts: cuts("Partager"), ..Told::default() }).await;
        let traced = store.traced(&first.id).await.unwrap().unwrap();
        assert_eq!((&traced.article, traced.cuts), (&first, Some(cuts("Partager"))));
        assert_eq!(traced.notes, ["odd"]);
        let revised = Article { title: "Autre".into(), ..first.clone() };
        told(&store, revised, Told { cuts: cuts("Imprimer"), ..Told::default() }).await;
        assert_eq!(store.traced(&first.id).await.unwrap().unwrap().cuts, Some(cuts("Imprimer")));
        store.purge(at(1)).await.unwrap();
        assert_eq!(store.traced(&first.id).await.unwrap(), None);
        let left: i64 = store.read(|c| Ok(c.query_row("SELECT count(*) FROM cut", [], |r| r.get(0))?)).await.unwrap();
        assert_eq!(left, 0);
        for sought in [Sought::Id(first.id.to_string()), address("https://a.example/1"), Sought::Guid("1".into())] {
            let Trail::Seen(seen) = store.trail(sought.clone()).await.unwrap() else { panic!("{sought:?}") };
            assert_eq!((seen.ended, seen.at, seen.source.as_str()), (Ended::Purged, Some(at(0)), "a"));
        }
    }

    #[tokio::test]
    async fn what_was_not_taken_says_why_until_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let one = article("a", "1");
        let term = TracedTerm { span: 0..7, held: false, wanted: true, found: vec!["en".into()] };
        let only = Trace { query: "lang:fr".into(), held: false, terms: vec![term] };
        let why = Told { only: Some(only.clone()), skipped: Some("not wanted".into()), ..Told::default() };
        told(&store, one.clone(), why).await;
        let all = [Sought::Id(one.id.to_string()), address("https://a.example/1"), Sought::Guid("1".into())];
        for sought in all.clone() {
            let Trail::Seen(seen) = store.trail(sought.clone()).await.unwrap() else { panic!("{sought:?}") };
            assert_eq!(
                (seen.ended, seen.why.as_deref(), seen.only),
                (Ended::Skipped, Some("not wanted"), Some(only.clone()))
            );
            assert_eq!((seen.title.as_deref(), seen.url.as_deref()), (Some("Titre 1"), one.url.as_deref()));
        }
        told(&store, one.clone(), Told::default()).await;
        for sought in all {
            assert!(matches!(store.trail(sought).await.unwrap(), Trail::Kept { .. }));
        }
        let left: i64 =
            store.read(|c| Ok(c.query_row("SELECT count(*) FROM skipped", [], |r| r.get(0))?)).await.unwrap();
        assert_eq!(left, 0);
    }
}
