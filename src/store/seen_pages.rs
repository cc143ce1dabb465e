//! What is remembered of the pages of each source: its template, and what was read on which.

use rusqlite::{Connection, Row, params};

use super::{Store, StoreError, rows, sources};
use crate::extract::{Sighting, Template};
use crate::model::{ArticleId, Provenance, SourceName};

/// Articles given of one text: the newest.
const ALIKE: i64 = 8;

/// Articles with their titles.
type Titled = Vec<(ArticleId, String)>;

/// An article that was read on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadPage {
    /// The article.
    pub id: ArticleId,
    /// Its title.
    pub title: String,
    /// Its address, as its source gave it.
    pub url: Option<String>,
    /// Where the page stood.
    pub place: Option<String>,
    /// Hash of its text.
    pub text_hash: u64,
}

impl Store {
    /// For each of these addresses, by its canonical key, the articles of a source that have it or were led to from it, and their
    /// titles: the newest.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn articles_at(&self, source: &SourceName, url_keys: Vec<String>) -> Result<Vec<Titled>, StoreError> {
        let source = source.clone();
        self.read(move |conn| {
            let Some(source) = sources::number(conn, &source)? else { return Ok(vec![Vec::new(); url_keys.len()]) };
            let mut read = conn.prepare_cached(
                "SELECT id, title FROM article WHERE n IN (SELECT n FROM article WHERE url_key = ?1
                 UNION SELECT article FROM led_from WHERE url_key = ?1) AND +source = ?2 AND story IS NOT NULL
                 ORDER BY n DESC LIMIT ?3",
            )?;
            let mut at = |key: &String| -> Result<Titled, StoreError> {
                let titled = |row: &Row<'_>| Ok((rows::article_id(row, 0)?, row.get(1)?));
                let found = read.query_map(params![key, source, ALIKE], titled)?;
                Ok(found.collect::<Result<_, _>>()?)
            };
            url_keys.iter().map(&mut at).collect()
        })
        .await
    }

    /// The articles of a source that were read on pages and have one of these texts, and the newest, at most so many.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read_pages(
        &self,
        source: &SourceName,
        texts: Vec<u64>,
        newest: usize,
    ) -> Result<Vec<ReadPage>, StoreError> {
        let source = source.clone();
        self.read(move |conn| {
            let Some(source) = sources::number(conn, &source)? else { return Ok(Vec::new()) };
            let read = "SELECT id, title, url, provenance, text_hash FROM article
                        WHERE body_from = 'page' AND story IS NOT NULL AND";
            // By the text, not by the source: a source has many articles.
            let told = format!("{read} text_hash = ?2 AND +source = ?1 ORDER BY n DESC LIMIT ?3");
            let mut told = conn.prepare_cached(&told)?;
            let mut pages = Vec::new();
            for text in texts {
                let found = told.query_map(params![source, text.cast_signed(), ALIKE], read_page)?;
                pages.extend(found.collect::<Result<Vec<_>, _>>()?);
            }
            let mut last = conn.prepare_cached(&format!("{read} source = ?1 ORDER BY n DESC LIMIT ?2"))?;
            let found = last.query_map(params![source, rows::count(newest)], read_page)?;
            pages.extend(found.collect::<Result<Vec<_>, _>>()?);
            Ok(pages)
        })
        .await
    }

    /// What the pages of a source have been seen to share. What cannot be read back is learnt anew.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn template(&self, source: &SourceName) -> Result<Template, StoreError> {
        let source = source.clone();
        self.read(move |conn| {
            let Some(source) = sources::number(conn, &source)? else { return Ok(Template::default()) };
            let seen = sightings(conn, source)?;
            Ok(Template::of(seen.iter().filter_map(|(_, bytes)| Sighting::from_bytes(bytes)).collect()))
        })
        .await
    }
}

fn read_page(row: &Row<'_>) -> rusqlite::Result<ReadPage> {
    let followed = rows::json::<Provenance>(row, 3)?.via;
    Ok(ReadPage {
        id: rows::article_id(row, 0)?,
        title: row.get(1)?,
        url: row.get(2)?,
        place: followed.into_iter().nth(1),
        text_hash: rows::hash(row, 4)?,
    })
}

/// Keeps a template: what is no longer in it goes, what is new comes after the rest.
pub(super) fn put(conn: &Connection, source: &SourceName, template: &Template) -> Result<(), StoreError> {
    let Some(source) = sources::number(conn, source)? else { return Ok(()) };
    let mut wanted: Vec<Vec<u8>> = template.sightings().iter().map(Sighting::to_bytes).collect();
    for (n, bytes) in sightings(conn, source)? {
        match wanted.iter().position(|w| *w == bytes) {
            Some(at) => {
                wanted.remove(at);
            }
            None => {
                conn.prepare_cached("DELETE FROM seen_page WHERE n = ?1")?.execute([n])?;
            }
        }
    }
    for bytes in wanted {
        conn.prepare_cached("INSERT INTO seen_page (source, sighting) VALUES (?1, ?2)")?
            .execute(params![source, bytes])?;
    }
    Ok(())
}

fn sightings(conn: &Connection, source: i64) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let mut read = conn.prepare_cached("SELECT n, sighting FROM seen_page WHERE source = ?1 ORDER BY n")?;
    let found = read.query_map([source], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::super::{Batch, PollRecord, SourceState};
    use super::*;
    use crate::extract::{Page, Recipe, extract_together};

    /// A template that has seen so many pages.
    fn seen(pages: std::ops::Range<usize>, mut template: Template) -> Template {
        for n in pages {
            let url = url::Url::parse(&format!("https://a.example/{n}")).unwrap();
            let html = format!(
                "<title>Page {n}</title><p>Une phrase du texte numéro {n}, et rien d’autre.</p><p>Lire le journal</p>"
            );
            let page = Page {
                html: &html,
                url: &url,
                lang: None,
                tz: chrono_tz::UTC,
                now: at(0),
                entry: None,
                site_name: None,
            };
            let _ = extract_together(&[page], &Recipe::default(), &mut template);
        }
        template
    }

    #[tokio::test]
    async fn a_template_is_kept_with_its_poll_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        assert_eq!(store.template(&source("a")).await.unwrap(), Template::default());
        let mut template = Template::default();
        for upto in [3, 40, 41] {
            template = seen(0..upto, template);
            let state = SourceState::default();
            let record = PollRecord {
                source: source("a"),
                state,
                articles: Batch::default(),
                told: Default::default(),
                template: Some(template.clone()),
                tagged_by: 0,
                now: at(0),
            };
            store.apply(record, new_or_skip()).await.unwrap();
            assert_eq!(store.template(&source("a")).await.unwrap(), template, "{upto}");
        }
        assert!(template.sightings().len() <= 32);
        assert_eq!(store.template(&source("b")).await.unwrap(), Template::default());
    }
}
