//! Keeps what a poll has to tell of an entry beside its article, for `explain`.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use url::Url;

use crate::model::{Article, ArticleId, Cuts, Trace};
use crate::text::{head, url_key};

use super::entries::Incoming;
use super::{StoreError, rows};

/// The most characters kept of the title of what was not taken.
const MOST_TITLE: usize = 300;
/// The most bytes kept of what `only` said of it.
const MOST_ONLY: usize = 4_096;

/// What a poll has to tell of an entry beside its article.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// What was left out of the article.
    pub cuts: Cuts,
    /// What `only` said of it, where that refused it.
    pub only: Option<Trace>,
    /// Why it is not taken, where it is not.
    pub skipped: Option<String>,
    /// The canonical key of its address, where that is known already.
    pub url_key: Option<String>,
}

/// What is told of an entry, before the decision takes its article.
pub(super) struct Telltale {
    told: Told,
    url: Option<String>,
    title: String,
    url_key: Option<String>,
    led_from: Option<String>,
}

impl Telltale {
    pub(super) fn of(article: &Article, told: Told) -> Self {
        let read = || article.url.as_deref().and_then(|url| Url::parse(url).ok()).map(|url| url_key(&url));
        let link = told.url_key.clone().or_else(read);
        let led_from = link.clone().filter(|key| article.url_key.as_ref() != Some(key));
        let title = head(&article.title, MOST_TITLE).to_owned();
        Self { told, url: article.url.clone(), title, url_key: link.or_else(|| article.url_key.clone()), led_from }
    }

    /// Notes it with the article that was stored. What was said before goes, unless both entry and article are new.
    pub(super) fn stored(
        &self,
        conn: &Connection,
        source: i64,
        entry: &Incoming,
        (kept, is_new): (&ArticleId, bool),
    ) -> Result<(), StoreError> {
        let article = "(SELECT n FROM article WHERE id = ?1)";
        if !is_new {
            conn.prepare_cached("DELETE FROM skipped WHERE source = ?1 AND id = ?2")?
                .execute(params![source, entry.id.as_str()])?;
            conn.prepare_cached(&format!("DELETE FROM cut WHERE article = {article}"))?.execute([kept.as_str()])?;
        }
        if let Some(told) = self.told.cuts.kept() {
            conn.prepare_cached(&format!("INSERT OR REPLACE INTO cut (article, told) VALUES ({article}, ?2)"))?
                .execute(params![kept.as_str(), told])?;
        }
        if let Some(key) = &self.led_from {
            let sql = format!("INSERT OR IGNORE INTO led_from (url_key, article) VALUES (?2, {article})");
            conn.prepare_cached(&sql)?.execute(params![kept.as_str(), key])?;
        }
        Ok(())
    }

    /// Notes that it was not taken, where the poll says why.
    pub(super) fn skipped(
        &self,
        conn: &Connection,
        source: i64,
        entry: &ArticleId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let Some(why) = &self.told.skipped else { return Ok(()) };
        let only = self.told.only.as_ref().map(rows::written_json).transpose()?.filter(|json| json.len() <= MOST_ONLY);
        conn.prepare_cached("DELETE FROM skipped WHERE source = ?1 AND id = ?2")?
            .execute(params![source, entry.as_str()])?;
        conn.prepare_cached(
            "INSERT INTO skipped (source, id, url_key, url, title, why, only_said, seen)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            source,
            entry.as_str(),
            self.url_key,
            self.url,
            self.title,
            why,
            only,
            rows::micros(now)
        ])?;
        Ok(())
    }
}

/// Takes away what was told of an article that is purged.
pub(super) fn forget(conn: &Connection, n: i64) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM cut WHERE article = ?1")?.execute([n])?;
    Ok(())
}
