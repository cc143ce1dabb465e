//! What is remembered of the pages of each source: its template.

use rusqlite::{Connection, params};

use super::{Store, StoreError, sources};
use crate::extract::{Sighting, Template};
use crate::model::SourceName;

impl Store {
    /// What the pages of a source have been seen to share. What cannot be read back is learnt anew.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn template(&self, source: &SourceName) -> Result<Template, StoreError> {
        let source = source.clone();
        self.read(move |conn| {
            let Some(source) = sources::number(conn, &source)? else { return Ok(Template::default()) };
            let seen = rows(conn, source)?;
            Ok(Template::of(seen.iter().filter_map(|(_, bytes)| Sighting::from_bytes(bytes)).collect()))
        })
        .await
    }
}

/// Keeps a template: what is no longer in it goes, what is new comes after the rest.
pub(super) fn put(conn: &Connection, source: &SourceName, template: &Template) -> Result<(), StoreError> {
    let Some(source) = sources::number(conn, source)? else { return Ok(()) };
    let mut wanted: Vec<Vec<u8>> = template.sightings().iter().map(Sighting::to_bytes).collect();
    for (n, bytes) in rows(conn, source)? {
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

fn rows(conn: &Connection, source: i64) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
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
