//! The entries that each source gave, and which article stands for each.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Article, ArticleId, BodyFrom, Identity, KnownArticle};

use super::{StoreError, rows};

/// What an entry was before the decision.
pub(super) struct Incoming {
    pub(super) id: ArticleId,
    pub(super) entry_hash: u64,
    pub(super) body_from: BodyFrom,
    /// Whether it was given before; within, the article that it was found to be where that is another.
    pub(super) seen: Option<Option<String>>,
}

impl Incoming {
    /// The entry that an article was made of.
    pub(super) fn of(conn: &Connection, source: i64, article: &Article) -> Result<Self, StoreError> {
        let mut read = conn.prepare_cached("SELECT article FROM entry WHERE source = ?1 AND id = ?2")?;
        let seen = read.query_row(params![source, article.id.as_str()], |row| row.get(0)).optional()?;
        Ok(Self { id: article.id.clone(), entry_hash: article.entry_hash, body_from: article.body_from, seen })
    }
}

/// Notes that the source gave this entry, and which article stands for it.
pub(super) fn remember(
    conn: &Connection,
    source: i64,
    entry: &Incoming,
    article: &ArticleId,
) -> Result<(), StoreError> {
    let (hash, from) = (entry.entry_hash.cast_signed(), rows::written_body_from(entry.body_from));
    let row = params![source, entry.id.as_str(), (entry.id != *article).then(|| article.as_str()), hash, from];
    let write = match entry.seen {
        Some(_) => "UPDATE entry SET article = ?3, entry_hash = ?4, body_from = ?5 WHERE source = ?1 AND id = ?2",
        None => "INSERT INTO entry (source, id, article, entry_hash, body_from) VALUES (?1, ?2, ?3, ?4, ?5)",
    };
    conn.prepare_cached(write)?.execute(row)?;
    Ok(())
}

/// The ids of entries by which an article was given last, as far as its guid and its address tell.
pub(super) fn names(article: &KnownArticle) -> Vec<ArticleId> {
    let guid = article.guid.as_deref().map(|guid| Identity::Guid(guid.trim().to_owned()));
    let name = guid.or_else(|| article.url_key.clone().map(Identity::Url));
    name.map(|name| ArticleId::of(&article.source, &name)).into_iter().collect()
}

/// Forgets that an entry was found to be this article.
pub(super) fn forget_name(
    conn: &Connection,
    source: i64,
    entry: &ArticleId,
    article: &ArticleId,
) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM entry WHERE source = ?1 AND id = ?2 AND article = ?3")?.execute(params![
        source,
        entry.as_str(),
        article.as_str()
    ])?;
    Ok(())
}
