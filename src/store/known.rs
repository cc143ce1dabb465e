//! Gathers what is known of one new or changed article, for the decision.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{
    Article, Candidate, Enclosure, Fellow, Known, KnownArticle, KnownStory, Provenance, Republish, StoryId,
};

use super::entries::Incoming;
use super::fingerprints::Fresh;
use super::pack::Prepared;
use super::{StoreError, rows};

/// A key that more live articles than this have is boilerplate and says nothing (STORIES 1.2, trap d).
const COMMON: usize = 64;
/// Keys that a candidate must share.
const SHARED: u32 = 2;
/// A text of so few keys is short: one of them is enough to look closer.
const FEW: usize = 16;
/// Candidates given, those with most shared keys first.
const CANDIDATES: usize = 20;
/// Articles given at one address, or with one text: the newest.
const ALIKE: i64 = 8;
/// Articles given of a story of which a candidate may be a page of many things, and articles looked through for them.
const FELLOWS: usize = 4;
const LOOKED_THROUGH: i64 = 64;
/// The length of a text, measured by that of the article, from which it may have half of this and of another.
const PAGE: f64 = 0.8;
/// Addresses of originals given for one story.
const ORIGINS: i64 = 64;

/// A statement that gives known articles.
macro_rules! known {
    ($which:literal) => {
        concat!(
            "SELECT a.n, a.id, s.name, a.story, a.guid, a.url_key, a.entry_hash, a.text_hash, a.title, a.date, c.packed, ",
            "a.enclosures, a.published FROM article a JOIN source s ON s.n = a.source LEFT JOIN content c ON c.article = a.n ",
            $which
        )
    };
}

/// What is known of an article that `source` gives.
pub(super) fn gather(
    conn: &Connection,
    fresh: &Fresh,
    source: i64,
    prepared: &Prepared,
    entry: &Incoming,
) -> Result<Known, StoreError> {
    let article = &prepared.article;
    let (same, namesake) = same(conn, source, article, entry)?;
    let mut known = Known::default();
    if let Some(url_key) = &article.url_key {
        let mut read = conn.prepare_cached(known!("WHERE a.url_key = ?1 ORDER BY a.n DESC LIMIT ?2"))?;
        known.at_url = read.query_map(params![url_key, ALIKE], known_article)?.collect::<Result<_, _>>()?;
    }
    // All articles without text have the same text: none.
    if prepared.shingles.words > 0 {
        let mut read = conn.prepare_cached(known!("WHERE a.text_hash = ?1 ORDER BY a.n DESC LIMIT ?2"))?;
        let hash = prepared.shingles.text_hash.cast_signed();
        known.same_text = read.query_map(params![hash, ALIKE], known_article)?.collect::<Result<_, _>>()?;
    }
    // Not among the newest, perhaps; but its id is taken.
    if let Some(other) = namesake
        && !known.at_url.iter().chain(&known.same_text).any(|k| k.id == other.id)
    {
        let at_url = other.url_key.is_some() && other.url_key == article.url_key;
        if at_url { known.at_url.push(other) } else { known.same_text.push(other) }
    }
    if let Some(same) = &same {
        known.at_url.retain(|other| other.id != same.id);
        known.same_text.retain(|other| other.id != same.id);
    }
    if same.as_ref().is_none_or(|same| same.text_hash != prepared.shingles.text_hash) {
        known.candidates = candidates(conn, fresh, prepared)?;
        known.beside = beside(conn, &article.text, &known.candidates)?;
    }
    known.same = same;
    known.stories = stories(conn, &known)?;
    Ok(known)
}

/// What the source gave before under this id; and the article of another source that has it, where there is one: what has no
/// id of its own is known by its address or text, which others give too.
fn same(
    conn: &Connection,
    source: i64,
    article: &Article,
    entry: &Incoming,
) -> Result<(Option<KnownArticle>, Option<KnownArticle>), StoreError> {
    let by_id =
        conn.prepare_cached(known!("WHERE a.id = ?1"))?.query_row([article.id.as_str()], known_article).optional()?;
    let namesake = match by_id {
        Some(found) if found.source == article.source => return Ok((Some(found), None)),
        other => other,
    };
    if let Some(guid) = &article.guid {
        let by_guid = conn
            .prepare_cached(known!("WHERE a.source = ?1 AND a.guid = ?2 ORDER BY a.n DESC LIMIT 1"))?
            .query_row(params![source, guid], known_article)
            .optional()?;
        if by_guid.is_some() {
            return Ok((by_guid, namesake));
        }
    }
    // The entry was given before and found to be another article of this source.
    let Some(Some(other)) = &entry.seen else { return Ok((None, namesake)) };
    let seen = conn
        .prepare_cached(known!("WHERE a.source = ?1 AND a.id = ?2"))?
        .query_row(params![source, other], known_article)
        .optional()?;
    Ok((seen, namesake))
}

fn known_article(row: &Row<'_>) -> rusqlite::Result<KnownArticle> {
    let story = rows::maybe_story_id(row, 3)?;
    let lives = story.is_some();
    let text = if lives { rows::packed(row, 10)?.1 } else { String::new() };
    Ok(KnownArticle {
        id: rows::article_id(row, 1)?,
        source: rows::source_name(row, 2)?,
        story,
        guid: row.get(4)?,
        url_key: row.get(5)?,
        entry_hash: rows::hash(row, 6)?,
        text_hash: rows::hash(row, 7)?,
        title: row.get(8)?,
        text,
        date: rows::time(row, 9)?,
        published: rows::maybe_time(row, 12)?,
        recording: if lives { recording(row, 11)? } else { None },
    })
}

/// An article by its number.
pub(super) fn by_number(conn: &Connection, n: i64) -> Result<Option<KnownArticle>, StoreError> {
    let mut read = conn.prepare_cached(known!("WHERE a.n = ?1"))?;
    Ok(read.query_row([n], known_article).optional()?)
}

/// Articles that share keys, the most shared first, then the newest.
fn candidates(conn: &Connection, fresh: &Fresh, prepared: &Prepared) -> Result<Vec<Candidate>, StoreError> {
    let mut shared: HashMap<i64, u32> = HashMap::new();
    fresh.holders(conn, &prepared.keys, COMMON, |n| *shared.entry(n).or_default() += 1)?;
    let enough = if prepared.keys.len() <= FEW { 1 } else { SHARED };
    let mut best: Vec<(i64, u32)> = shared.into_iter().filter(|(_, count)| *count >= enough).collect();
    best.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(b.0.cmp(&a.0)));
    let mut read = conn.prepare_cached(
        "SELECT a.id, a.story, a.kind, a.title, c.packed, a.date, s.name, a.url_key, a.provenance, a.enclosures
         FROM article a JOIN content c ON c.article = a.n JOIN source s ON s.n = a.source
         WHERE a.n = ?1 AND a.story IS NOT NULL",
    )?;
    let mut candidates = Vec::new();
    for (n, shared) in best.into_iter().take(CANDIDATES) {
        let found = read
            .query_row([n], |row| {
                Ok(Candidate {
                    id: rows::article_id(row, 0)?,
                    story: rows::story_id(row, 1)?,
                    kind: rows::kind(row, 2)?,
                    source: rows::source_name(row, 6)?,
                    url_key: row.get(7)?,
                    outlet: outlet(row, 8)?,
                    title: row.get(3)?,
                    text: rows::packed(row, 4)?.1,
                    date: rows::time(row, 5)?,
                    recording: recording(row, 9)?,
                    shared,
                })
            })
            .optional()?;
        candidates.extend(found);
    }
    Ok(candidates)
}

/// What else stands in the stories of candidates that may be pages of many things, the lead first, and as an excerpt of them.
fn beside(conn: &Connection, text: &str, candidates: &[Candidate]) -> Result<Vec<Fellow>, StoreError> {
    let mut fellows = Vec::new();
    let mut seen = HashSet::new();
    let may_be_page = |c: &&Candidate| c.text.len() as f64 >= text.len() as f64 * PAGE;
    for story in candidates.iter().filter(may_be_page).map(|c| &c.story) {
        if !seen.insert(story) {
            continue;
        }
        let mut read = conn.prepare_cached(
            "SELECT a.id, a.n, a.story IS NOT ?1 OR a.kind = 'excerpt' FROM article a
             WHERE a.story = ?1 OR (a.excerpt_of = ?1 AND a.story IS NOT NULL)
             ORDER BY a.n IS NOT (SELECT lead FROM story WHERE id = ?1), a.n LIMIT ?2",
        )?;
        let all = read.query_map(params![story.as_str(), LOOKED_THROUGH], |row| {
            Ok((rows::article_id(row, 0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?))
        })?;
        let all = all.collect::<Result<Vec<_>, _>>()?;
        let others = all.into_iter().filter(|(id, ..)| !candidates.iter().any(|c| c.id == *id));
        let mut content = conn.prepare_cached("SELECT packed FROM content WHERE article = ?1")?;
        for (_, n, excerpt) in others.take(FELLOWS) {
            let found = content.query_row([n], |row| Ok(rows::packed(row, 0)?.1)).optional()?;
            fellows.extend(found.map(|text| Fellow { story: story.clone(), excerpt, text }));
        }
    }
    Ok(fellows)
}

fn recording(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    let enclosures: Vec<Enclosure> = rows::json(row, column)?;
    Ok(Enclosure::recording(&enclosures).map(|file| file.url.clone()))
}

fn outlet(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(rows::json::<Provenance>(row, column)?.outlet.name)
}

/// The stories that all these belong to, each once, in the order of the evidence.
fn stories(conn: &Connection, known: &Known) -> Result<Vec<KnownStory>, StoreError> {
    let named = known.same.iter().chain(&known.at_url).chain(&known.same_text).filter_map(|a| a.story.as_ref());
    let mut seen = HashSet::new();
    let mut stories = Vec::new();
    for id in named.chain(known.candidates.iter().map(|c| &c.story)) {
        if seen.insert(id.as_str()) {
            stories.extend(known_story(conn, id)?);
        }
    }
    Ok(stories)
}

/// Adds the stories of what the document holds no more.
pub(super) fn add_stories(conn: &Connection, known: &mut Known) -> Result<(), StoreError> {
    for id in known.left.iter().filter_map(|k| k.story.as_ref()) {
        if known.stories.iter().all(|story| story.id != *id) {
            known.stories.extend(known_story(conn, id)?);
        }
    }
    Ok(())
}

fn known_story(conn: &Connection, id: &StoryId) -> Result<Option<KnownStory>, StoreError> {
    let origins = {
        let mut read = conn.prepare_cached(
            "SELECT DISTINCT origin_key FROM article WHERE story = ?1 AND origin_key IS NOT NULL
             ORDER BY origin_key LIMIT ?2",
        )?;
        let found = read.query_map(params![id.as_str(), ORIGINS], |row| row.get(0))?;
        found.collect::<Result<Vec<String>, _>>()?
    };
    Ok(conn
        .prepare_cached("SELECT a.id, a.rank, a.url_key, a.republish, s.first_seen, s.admitted IS NOT NULL, a.provenance FROM story s JOIN article a ON a.n = s.lead WHERE s.id = ?1")?
        .query_row([id.as_str()], |row| {
            Ok(KnownStory {
                id: id.clone(),
                lead: rows::article_id(row, 0)?,
                lead_rank: row.get(1)?,
                lead_url_key: row.get(2)?,
                lead_outlet: outlet(row, 6)?,
                lead_private: rows::republish(row, 3)? == Some(Republish::Private),
                first_seen: rows::time(row, 4)?,
                admitted: row.get(5)?,
                origins,
            })
        })
        .optional()?)
}
