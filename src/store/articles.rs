//! Articles as rows, and all of them in their order of arrival for `export`.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::dedup::origin_key;
use crate::model::{Article, ArticleId, CleanHtml, CopyKind, Given, Lang, Outlet, Provenance, SourceName, StoryId};

use super::fingerprints::Fresh;
use super::pack::Prepared;
use super::{Store, StoreError, labels, rows, stories};

/// The most articles given at one time.
const AT_ONCE: usize = 1000;

/// An article for `export`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedArticle {
    /// Its place in the order of arrival: where to go on.
    pub position: i64,
    /// The article.
    pub article: Article,
    /// Its story.
    pub story: StoryId,
    /// How it stands there.
    pub kind: CopyKind,
    /// The story of which its text is a part: its own where it is an excerpt there, else another.
    pub excerpt_of: Option<StoryId>,
}

impl Store {
    /// What the outlets of sources were called last, as far as the newest articles tell.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn outlets(&self) -> Result<HashMap<SourceName, Outlet>, StoreError> {
        /// Articles that are looked at.
        const NEWEST: i64 = 20_000;
        self.read(|conn| {
            // Of many rows the other columns are those of the one with the greatest number.
            let mut read = conn.prepare_cached(
                "SELECT s.name, a.provenance, max(a.n) FROM article a JOIN source s ON s.n = a.source
                 WHERE a.story IS NOT NULL AND a.n > (SELECT ifnull(max(n), 0) FROM article) - ?1 GROUP BY s.n",
            )?;
            let rows =
                read.query_map([NEWEST], |row| Ok((rows::source_name(row, 0)?, rows::json::<Provenance>(row, 1)?)))?;
            rows.map(|row| Ok(row.map(|(name, provenance)| (name, provenance.outlet))?)).collect()
        })
        .await
    }

    /// Articles in their order of arrival, after a position; at most 1000 at a time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn articles(&self, after: Option<i64>, limit: usize) -> Result<Vec<ExportedArticle>, StoreError> {
        self.read(move |conn| {
            let found = {
                let mut read = conn
                    .prepare_cached("SELECT n FROM article WHERE n > ?1 AND story IS NOT NULL ORDER BY n LIMIT ?2")?;
                let limit = rows::count(limit.min(AT_ONCE));
                let found = read.query_map(params![after.unwrap_or(i64::MIN), limit], |row| row.get(0))?;
                found.collect::<Result<Vec<i64>, _>>()?
            };
            let mut articles = Vec::with_capacity(found.len());
            for n in found {
                if let Some(Kept { n, article, story, kind }) = by_number(conn, n)? {
                    let excerpt_of = match kind {
                        CopyKind::Excerpt => Some(story.clone()),
                        _ => stories::whole(conn, n)?.map(|whole| whole.story),
                    };
                    articles.push(ExportedArticle { position: n, article, story, kind, excerpt_of });
                }
            }
            Ok(articles)
        })
        .await
    }
}

/// An article as it is kept, and its place.
pub(super) struct Kept {
    pub(super) n: i64,
    pub(super) article: Article,
    pub(super) story: StoryId,
    pub(super) kind: CopyKind,
}

/// The columns of an article `a`, its source `s` and its content `c`.
pub(super) const COLUMNS: &str = "a.n, a.id, s.name, a.guid, a.url, a.url_key, a.rank, a.entry_hash, a.provenance, a.title, \
     a.standfirst, a.byline, a.body_from, a.image, a.enclosures, a.lang, a.published, a.updated, a.first_seen, a.story, \
     a.kind, c.packed, a.republish, a.given, a.tags";
/// How many they are.
pub(super) const WIDTH: usize = 25;
/// What they are read from.
pub(super) const TABLES: &str = "article a JOIN source s ON s.n = a.source JOIN content c ON c.article = a.n";

/// An article that has not been purged, with its tags.
pub(super) fn by_number(conn: &Connection, n: i64) -> Result<Option<Kept>, StoreError> {
    Ok(conn
        .prepare_cached(&format!("SELECT {COLUMNS} FROM {TABLES} WHERE a.n = ?1 AND a.story IS NOT NULL"))?
        .query_row([n], from_row)
        .optional()?)
}

/// Whether an id is taken, by a purged article too.
pub(super) fn exists(conn: &Connection, id: &ArticleId) -> Result<bool, StoreError> {
    Ok(conn.prepare_cached("SELECT 1 FROM article WHERE id = ?1")?.exists([id.as_str()])?)
}

/// The article to be revised: a live one of the same source. Another source can never replace it.
pub(super) fn to_revise(conn: &Connection, article: &Article) -> Result<Option<Kept>, StoreError> {
    let mut read = conn.prepare_cached("SELECT n FROM article WHERE id = ?1")?;
    let n: Option<i64> = read.query_row([article.id.as_str()], |row| row.get(0)).optional()?;
    let Some(n) = n else { return Ok(None) };
    Ok(by_number(conn, n)?.filter(|kept| kept.article.source == article.source))
}

/// An article out of [`COLUMNS`].
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let (body, text) = rows::packed(row, 21)?;
    let tags = rows::tags(row, 24)?;
    // What it came with, where that was noted.
    let given: Option<Given> = rows::maybe_json(row, 23)?;
    let article = Article {
        id: rows::article_id(row, 1)?,
        source: rows::source_name(row, 2)?,
        guid: row.get(3)?,
        url: row.get(4)?,
        url_key: row.get(5)?,
        rank: row.get(6)?,
        republish: rows::republish(row, 22)?,
        entry_hash: rows::hash(row, 7)?,
        provenance: rows::json(row, 8)?,
        title: row.get(9)?,
        standfirst: row.get(10)?,
        byline: rows::json(row, 11)?,
        // The store only ever wrote what was `CleanHtml`.
        body: CleanHtml::vouched(body),
        text,
        body_from: rows::body_from(row, 12)?,
        image: rows::maybe_json(row, 13)?,
        enclosures: rows::json(row, 14)?,
        lang: row.get::<_, Option<String>>(15)?.as_deref().and_then(Lang::parse),
        published: rows::maybe_time(row, 16)?,
        updated: rows::maybe_time(row, 17)?,
        first_seen: rows::time(row, 18)?,
        given: given.unwrap_or_else(|| Given::of(&tags)),
        tags,
    };
    Ok(Kept { n: row.get(0)?, article, story: rows::story_id(row, 19)?, kind: rows::kind(row, 20)? })
}

/// How a new article stands in its story.
pub(super) struct Place<'a> {
    pub(super) story: &'a str,
    pub(super) kind: CopyKind,
    pub(super) why: Option<&'a str>,
}

/// Writes a new article with its content, fingerprints and tags; gives its number.
pub(super) fn insert(
    conn: &Connection,
    fresh: &mut Fresh,
    source: i64,
    article: &Article,
    prepared: &Prepared,
    place: &Place<'_>,
    gathered: &mut labels::Gathered,
) -> Result<i64, StoreError> {
    conn.prepare_cached(
        "INSERT INTO article (id, source, guid, url_key, text_hash, entry_hash, body_from, date, first_seen, story,
             kind, rank, origin_key, why, url, title, standfirst, byline, provenance, image, enclosures, lang,
             published, updated, republish, given, tags)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
             ?23, ?24, ?25, ?26, ?27)",
    )?
    .execute(params![
        article.id.as_str(),
        source,
        article.guid,
        article.url_key,
        prepared.shingles.text_hash.cast_signed(),
        article.entry_hash.cast_signed(),
        rows::written_body_from(article.body_from),
        rows::micros(article.place()),
        rows::micros(article.first_seen),
        place.story,
        rows::written_kind(place.kind),
        article.rank,
        origin_key(article),
        place.why,
        article.url,
        article.title,
        article.standfirst,
        rows::written_json(&article.byline)?,
        rows::written_json(&article.provenance)?,
        article.image.as_ref().map(rows::written_json).transpose()?,
        rows::written_json(&article.enclosures)?,
        article.lang.as_ref().map(Lang::as_str),
        article.published.map(rows::micros),
        article.updated.map(rows::micros),
        article.republish.map(rows::written_republish),
        rows::written_json(&article.given)?,
        labels::written(&article.tags)?,
    ])?;
    let n = conn.last_insert_rowid();
    put_content(conn, fresh, n, prepared)?;
    gathered.put(conn, source, &article.tags)?;
    gathered.count();
    Ok(n)
}

/// Writes the new state of a known article. Its id, source, first-seen and place stay.
pub(super) fn update(conn: &Connection, n: i64, article: &Article, prepared: &Prepared) -> Result<(), StoreError> {
    conn.prepare_cached(
        "UPDATE article SET guid = ?2, url_key = ?3, text_hash = ?4, entry_hash = ?5, body_from = ?6, date = ?7,
             rank = ?8, origin_key = ?9, url = ?10, title = ?11, standfirst = ?12, byline = ?13, provenance = ?14,
             image = ?15, enclosures = ?16, lang = ?17, published = ?18, updated = ?19, republish = ?20, given = ?21
         WHERE n = ?1",
    )?
    .execute(params![
        n,
        article.guid,
        article.url_key,
        prepared.shingles.text_hash.cast_signed(),
        article.entry_hash.cast_signed(),
        rows::written_body_from(article.body_from),
        rows::micros(article.place()),
        article.rank,
        origin_key(article),
        article.url,
        article.title,
        article.standfirst,
        rows::written_json(&article.byline)?,
        rows::written_json(&article.provenance)?,
        article.image.as_ref().map(rows::written_json).transpose()?,
        rows::written_json(&article.enclosures)?,
        article.lang.as_ref().map(Lang::as_str),
        article.published.map(rows::micros),
        article.updated.map(rows::micros),
        article.republish.map(rows::written_republish),
        rows::written_json(&article.given)?,
    ])?;
    Ok(())
}

/// Writes body, text and fingerprints in place of those that were.
pub(super) fn replace_content(
    conn: &Connection,
    fresh: &mut Fresh,
    n: i64,
    was: &str,
    prepared: &Prepared,
) -> Result<(), StoreError> {
    fresh.take(conn, n, was)?;
    conn.prepare_cached("DELETE FROM content WHERE article = ?1")?.execute([n])?;
    put_content(conn, fresh, n, prepared)?;
    conn.prepare_cached("UPDATE article SET fingerprinted = 1 WHERE n = ?1 AND fingerprinted = 0")?.execute([n])?;
    Ok(())
}

/// Writes body, text and fingerprints.
fn put_content(conn: &Connection, fresh: &mut Fresh, n: i64, prepared: &Prepared) -> Result<(), StoreError> {
    conn.prepare_cached("INSERT INTO content (article, packed) VALUES (?1, ?2)")?
        .execute(params![n, prepared.packed])?;
    fresh.put(conn, n, &prepared.keys)
}
