//! Articles of a source whose entries its document holds no more: one of them may come again under another name.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params};

use crate::model::{Article, ArticleId, Known, KnownArticle};
use crate::text::fold;

use super::{StoreError, known, rows};

/// Articles that are looked through beside twice as many as the document has entries, and the most in all.
const BESIDE: usize = 64;
const MOST: usize = 4096;

/// What stands in a document, and which of the newest articles of its source do not.
#[derive(Debug)]
pub(super) struct Left {
    standing: HashSet<ArticleId>,
    /// By title and the second that it is dated: their numbers.
    dated: Option<HashMap<(String, i64), Vec<i64>>>,
}

impl Left {
    /// Of a document in which these entries stand, and these articles by them.
    pub(super) fn of(standing: HashSet<ArticleId>) -> Self {
        Self { standing, dated: None }
    }

    /// Whether an entry, or the article that it became, stands in the document.
    pub(super) fn holds(&self, id: &ArticleId) -> bool {
        self.standing.contains(id)
    }

    /// An entry of the document is this article.
    pub(super) fn found(&mut self, article: &ArticleId) {
        self.standing.insert(article.clone());
    }

    /// The articles of the source that a new one may be: those of its text, and the only one of its title and date.
    pub(super) fn like(
        &mut self,
        conn: &Connection,
        source: i64,
        article: &Article,
        known: &Known,
    ) -> Result<Vec<KnownArticle>, StoreError> {
        let of_text = known.same_text.iter().filter(|k| k.source == article.source && k.story.is_some()).cloned();
        let mut like: Vec<KnownArticle> = of_text.filter(|k| !self.holds(&k.id)).collect();
        let title = fold(article.title.trim());
        if let (Some(published), false) = (article.published, title.is_empty()) {
            let dated = match &mut self.dated {
                Some(dated) => dated,
                none => none.insert(dated(conn, source, 2 * self.standing.len() + BESIDE)?),
            };
            if let Some([n]) = dated.get(&(title, published.timestamp())).map(Vec::as_slice)
                && let Some(found) = known::by_number(conn, *n)?
                && !self.holds(&found.id)
                && like.iter().all(|k| k.id != found.id)
            {
                like.push(found);
            }
        }
        Ok(like)
    }
}

/// The newest articles of a source by title and second.
fn dated(conn: &Connection, source: i64, most: usize) -> Result<HashMap<(String, i64), Vec<i64>>, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT n, title, published FROM article WHERE source = ?1 AND story IS NOT NULL ORDER BY n DESC LIMIT ?2",
    )?;
    let mut dated: HashMap<_, Vec<i64>> = HashMap::new();
    let found = read.query_map(params![source, rows::count(most.min(MOST))], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, rows::maybe_time(row, 2)?))
    })?;
    for row in found {
        let (n, title, published) = row?;
        if let Some(published) = published {
            dated.entry((fold(title.trim()), published.timestamp())).or_default().push(n);
        }
    }
    Ok(dated)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::samples::*;
    use super::super::{Applied, Batch, PollRecord, SourceState, Store};
    use super::*;
    use crate::dedup::{self, decide};
    use crate::model::Identity;

    /// A poll of a whole document.
    async fn whole(store: &Store, articles: Vec<Article>) -> Applied {
        let standing = articles.iter().map(|article| article.id.clone()).collect();
        let record = PollRecord {
            source: source("a"),
            state: SourceState::default(),
            articles: Batch::of(articles).unwrap().beside(standing),
            told: HashMap::new(),
            template: None,
            tagged_by: 0,
            now: at(0),
        };
        let settings = dedup::Settings::default();
        let decide = move |article: Article, shingles: &_, known: &Known| decide(article, shingles, known, &settings);
        store.apply(record, Box::new(decide)).await.unwrap()
    }

    /// An article under another name.
    fn named(article: &Article, name: &str) -> Article {
        let id = ArticleId::of(&article.source, &Identity::Guid(name.into()));
        let entry_hash = crate::text::hash(name.as_bytes());
        let url = Some(format!("https://a.example/{name}"));
        Article {
            id,
            guid: Some(name.into()),
            url,
            url_key: Some(format!("a.example/{name}")),
            entry_hash,
            ..article.clone()
        }
    }

    #[tokio::test]
    async fn of_the_names_of_an_article_its_first_and_its_last_are_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let all = [article("a", "1"), article("a", "2")];
        whole(&store, all.to_vec()).await;
        for poll in 0..4 {
            let again = all.each_ref().map(|one| named(one, &format!("{poll}-{}", one.title)));
            let applied = whole(&store, again.to_vec()).await;
            assert_eq!((applied.inserted, applied.joined, applied.revised), (0, 0, 2), "at other addresses");
        }
        let entries =
            |conn: &Connection| Ok(conn.query_row("SELECT count(*) FROM entry", [], |row| row.get::<_, i64>(0))?);
        assert_eq!(store.read(entries).await.unwrap(), 4);
        let first = store.story(all[0].id.as_str()).await.unwrap().unwrap();
        assert_eq!(first.changed, first.date, "an address is no update");
        assert_eq!(first.lead.url.as_deref(), Some("https://a.example/3-Titre 1"));
    }

    #[tokio::test]
    async fn what_stands_in_the_document_is_no_other_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let one = Article { text: String::new(), ..article("a", "1") };
        whole(&store, vec![one.clone()]).await;
        assert_eq!(whole(&store, vec![named(&one, "2"), one.clone()]).await.inserted, 1);
        // Two have its title and its date: nobody knows which it is.
        assert_eq!(whole(&store, vec![named(&one, "3")]).await.inserted, 1);
    }
}
