//! An article that is known: under which name it came, and what of it has changed.

use rusqlite::params;

use super::super::articles::{self, Kept};
use super::super::change::{self, Change};
use super::super::entries::Incoming;
use super::super::pack::Prepared;
use super::super::{StoreError, entries, labels, rows, sources, touch, versions};
use super::{CHANGED, Round};
use crate::model::{Article, ArticleId, CopyKind, Known};

/// How a source names an article that it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// As it did before.
    Known,
    /// By an id that is new.
    New,
}

impl Round<'_> {
    /// Whether an entry is a new name of an article that is known. Of the names that it was given after its first only the last is
    /// remembered, beside those that stand in the document: a source may give another one at each poll.
    pub(super) fn named(
        &mut self,
        source: i64,
        entry: &Incoming,
        article: Option<&ArticleId>,
        known: &Known,
    ) -> Result<Name, StoreError> {
        let (Some(id), None, Some(left)) = (article, &entry.seen, &mut self.left) else { return Ok(Name::Known) };
        left.found(id);
        let all = known.same.iter().chain(&known.at_url).chain(&known.same_text).chain(&known.left);
        for former in all.filter(|k| k.id == *id).take(1).flat_map(entries::names) {
            if former != *id && !left.holds(&former) {
                entries::forget_name(self.conn, source, &former, id)?;
            }
        }
        Ok(if entry.id == *id { Name::Known } else { Name::New })
    }

    /// Takes over what has changed of it; whether something has. `None` where there is no such article of the source.
    pub(super) fn revise(
        &mut self,
        article: &Article,
        prepared: &Prepared,
        name: Name,
    ) -> Result<Option<bool>, StoreError> {
        let Some(old) = articles::to_revise(self.conn, article)? else { return Ok(None) };
        let prepared = prepared.still(article)?;
        let mut article = change::settled(&old.article, article);
        if name == Name::New {
            article = change::renamed(&old.article, &article);
        }
        let article = &article;
        let change = Change::between(&old.article, article);
        let story = old.story.as_str();
        // Its first date stays: what a later document makes of it may depend on the entries around it.
        let published = old.article.published.or(article.published);
        let revised = Article { first_seen: old.article.first_seen, published, ..article.clone() };
        articles::update(self.conn, old.n, &revised, &prepared)?;
        self.tagged(old.n);
        if change.content {
            articles::replace_content(self.conn, self.fresh, old.n, &old.article.text, &prepared)?;
        }
        if change.tags {
            let before = labels::of_story(self.conn, story)?;
            labels::take(self.conn, old.n)?;
            // What was learnt of it is not the source's to take back.
            let learned: Vec<_> = labels::learned(&old.article.tags).cloned().collect();
            let source = sources::number_in(self.conn, &mut self.numbers, &article.source)?;
            labels::put(self.conn, source, old.n, &[article.tags.clone(), learned].concat())?;
            if let Some(row) = self.story_row(story)? {
                labels::reshelve(self.conn, story, row.date, &before)?;
            }
        }
        if !change.any() {
            return Ok(Some(false));
        }
        self.applied.revised += 1;
        if change.head {
            touch::beside(self.conn, story)?;
        }
        if old.kind == CopyKind::Lead && change.is_real {
            let is_moved = name == Name::New && !change.is_real_at(&old.article, article);
            if !is_moved && self.is_news(&old, article)? {
                self.conn
                    .prepare_cached(&format!("UPDATE story SET {CHANGED} WHERE id = ?2"))?
                    .execute(params![rows::micros(self.now), story])?;
            }
            if change.head {
                touch::recommenders(self.conn, story)?;
            }
        }
        self.touched(old.story)?;
        Ok(Some(true))
    }

    /// Whether readers are to be told of what an article that leads its story says now.
    fn is_news(&self, old: &Kept, new: &Article) -> Result<bool, StoreError> {
        let mut read = self.conn.prepare_cached("SELECT changed FROM story WHERE id = ?1")?;
        let told = read.query_row([old.story.as_str()], |row| rows::time(row, 0))?;
        versions::is_news(self.conn, old.n, (&old.article, new), told, self.now)
    }
}
