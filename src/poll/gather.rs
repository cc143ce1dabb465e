//! What a document leads to: its entries looked up, the pages of the new ones read, articles made.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use tokio::sync::OwnedSemaphorePermit;

use super::spoken::Spoken;
use super::{PollError, Poller, Raw, Source, apart, categories, make, pages, whose};
use crate::extract::Template;
use crate::fetch::Held;
use crate::model::{ArticleId, Document, Reading};
use crate::store::{Batch, EntryKey, StoreError, Told};

/// The room that a document takes: for what is made of it, and, where it is large, for its bytes.
#[derive(Default)]
pub(super) struct InWork {
    _room: Option<OwnedSemaphorePermit>,
    pub(super) held: Held,
}

/// What a source's document led to, before it is stored.
pub(super) struct Gathered {
    /// What was read, without its entries.
    pub(super) reading: Reading,
    /// How many these were.
    pub(super) entries: usize,
    pub(super) articles: Batch,
    /// What there is to tell of each beside it; where it is why it was skipped, only its entry is remembered.
    pub(super) told: HashMap<ArticleId, Told>,
    /// The entries that nobody has seen before and that were taken, and when each says that it appeared.
    pub(super) arrived: Vec<(ArticleId, Option<DateTime<Utc>>)>,
    /// Whether there was no entry that had been seen before.
    pub(super) all_new: bool,
    /// Entries whose pages wait for the next poll.
    pub(super) waiting: usize,
    /// What the source's pages share, where some were read.
    pub(super) template: Option<Template>,
    /// Whether it was read elsewhere than where the source is asked next.
    pub(super) provisional: bool,
    /// The room that it takes.
    pub(super) _in_work: InWork,
}

impl Poller {
    /// Waits until there is room for what is made of a document, which is several times its size. It keeps its place among those
    /// that are in memory as long as its bytes are.
    pub(super) async fn in_work(&self, document: &Document, held: Held) -> InWork {
        InWork { _room: self.room.for_document(&document.body).await, held }
    }

    /// Looks every entry up before any other work is done for it, then makes articles of the new and changed ones.
    pub(super) async fn gather(
        &self,
        source: &Source,
        document: &Document,
        mut reading: Reading,
        in_work: InWork,
        force: bool,
    ) -> Result<Gathered, PollError> {
        let unknown = reading.entries.last().is_some_and(|last| last.id.is_none() && last.link.is_none());
        if reading.half && (document.broken_off.is_some() || unknown) {
            // It comes whole another time, and could not be told for the same then.
            reading.entries.pop();
        }
        let entries = reading.entries.len();
        let raws = std::mem::take(&mut reading.entries).into_iter();
        let raws = raws.filter_map(|entry| Raw::new(source, entry, &document.url));
        let raws = legible(source, raws.collect(), &mut reading.notes);
        let raws = apart::apart(source, raws, &document.url);
        let mut raws: Vec<Raw> = (0..).zip(raws).map(|(behind, raw)| Raw { behind, ..raw }).collect();
        if pages::are_read(source) {
            whose::note_shared(&mut raws);
        }
        let listing = categories::listing(&raws);
        let keys = raws
            .iter()
            .map(|raw| EntryKey { guid: raw.entry.id.clone(), url_key: raw.url_key.clone(), id: raw.id.clone() })
            .collect();
        let known = self.store.known_entries(&source.name, keys).await?;
        let all_new = known.iter().all(Option::is_none) && !known.is_empty();
        let whole = !(document.delta || reading.cut_off || reading.half || document.broken_off.is_some());
        let articles = known.iter().flatten().map(|known| known.id.clone());
        let standing: HashSet<ArticleId> = raws.iter().map(|raw| raw.id.clone()).chain(articles).collect();
        let fresh: Vec<Raw> = raws
            .into_iter()
            .zip(known)
            .filter(|(raw, known)| force || known.as_ref().is_none_or(|k| !is_settled(source, raw, k.entry_hash)))
            .map(|(raw, known)| Raw { known, ..categories::parted(raw, &listing) })
            .collect();
        // For as long as pages may take nobody should wait.
        let in_work = match fresh.iter().any(|raw| pages::wants_page(source, raw)) {
            true => InWork { held: in_work.held, ..InWork::default() },
            false => in_work,
        };
        let pages::Fetched { raws: ready, waiting, template, notes } = pages::fetch(self, source, fresh, force).await?;
        reading.notes.extend(notes);
        let new = ready.iter().filter(|raw| raw.known.is_none() && !raw.waits);
        let new: Vec<_> = new.map(|raw| (raw.id.clone(), raw.entry.dated())).collect();
        let (articles, told) = self.make_all(source, document, ready).await?;
        let articles = if whole { articles.beside(standing) } else { articles };
        let taken = |id: &ArticleId| told.get(id).is_some_and(|told| told.skipped.is_none());
        let arrived = new.into_iter().filter(|(id, _)| taken(id)).collect();
        Ok(Gathered {
            reading,
            entries,
            articles,
            told,
            arrived,
            all_new,
            waiting,
            template,
            provisional: false,
            _in_work: in_work,
        })
    }

    async fn make_all(
        &self,
        source: &Source,
        document: &Document,
        raws: Vec<Raw>,
    ) -> Result<(Batch, HashMap<ArticleId, Told>), PollError> {
        if raws.is_empty() {
            return Ok(Default::default());
        }
        let permit = self.cores.clone().acquire_owned().await;
        let (source, rules, now) = (source.clone(), self.rules.clone(), self.clock.now());
        let url = document.url.clone();
        let made = tokio::task::spawn_blocking(move || {
            let (mut all_told, mut spoken) = (HashMap::new(), Spoken::new());
            let mut articles = Batch::default();
            // Oldest first, so that of two copies in one document the elder founds the story. Each entry goes as its article comes.
            for raw in raws.into_iter().rev() {
                let (article, shingles, told) = make::decided(&source, &raw, &url, &rules.tagging, &mut spoken, now);
                all_told.insert(article.id.clone(), told);
                articles.push(article, shingles)?;
            }
            drop(permit);
            Ok::<_, StoreError>((articles, all_told))
        });
        Ok(made.await??)
    }
}

/// Leaves out those of which nothing could be told, an address alone where no pages are read, and says so. On a list such is a
/// picture's, or a button's.
fn legible(source: &Source, mut raws: Vec<Raw>, notes: &mut Vec<String>) -> Vec<Raw> {
    if pages::are_read(source) && source.list.is_none() {
        return raws;
    }
    let all = raws.len();
    raws.retain(|raw| !raw.is_bare());
    let bare = all - raws.len();
    if bare > 0 && source.list.is_none() {
        let name = &source.name;
        let note = format!("{bare} of {all} entries are an address alone; read = \"auto\" reads their pages");
        tracing::info!(source.name = %name, "{name}: {note}");
        notes.push(note);
    }
    raws
}

/// Whether an entry was dealt with when it last came: taken, or not wanted by the `only` that its source still has.
fn is_settled(source: &Source, raw: &Raw, known: u64) -> bool {
    let is = |hash: u64| known == hash || source.only.as_ref().is_some_and(|only| known == hash ^ only.hash());
    is(raw.entry_hash) || is(raw.words_hash)
}
