//! A description of a list that broke, found again by what it held before.

use super::{Poller, Source, input};
use crate::model::Document;
use crate::read::{self, Remembered};

/// Articles by which a list is known.
const REMEMBERED: usize = 200;

impl Poller {
    /// A block for the file that reads the page of a list again. `None` where nothing on the page gives more than there is, or
    /// what it gives is not what was there before. Nothing follows from it: who keeps the file decides.
    pub(super) async fn propose(&self, source: &Source, page: &Document) -> Option<String> {
        let list = source.list.clone()?;
        let mut before = Remembered::default();
        match self.store.last_articles(&source.name, REMEMBERED).await {
            Ok(articles) => articles.into_iter().for_each(|(title, links)| before.add(&title, links)),
            Err(error) => {
                tracing::warn!("store: {}: nothing is proposed: {error}", source.name);
                return None;
            }
        }
        let permit = self.cores.clone().acquire_owned().await;
        let (source, page, now) = (source.clone(), page.clone(), self.clock.now());
        let found = tokio::task::spawn_blocking(move || {
            let input = input(&source, &page, now);
            let present = read::read(&input, Some(&list)).map_or(0, |reading| reading.entries.len());
            let least = list.expect.unwrap_or(0).max(present + 1);
            let keys = read::detect_again(&input, &before, least)?.keys;
            drop(permit);
            let expect = list.expect.map(|expect| format!("  expect  = {expect}\n")).unwrap_or_default();
            Some(read::list_block(source.name.as_str(), &keys) + &expect)
        });
        // A page that breaks a parser is described by nobody.
        found.await.ok().flatten()
    }
}
