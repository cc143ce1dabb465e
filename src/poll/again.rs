//! The pages of articles that are known. Each is read once; where its entry changes it is asked again, less and less often, and what
//! was read on it stands meanwhile.

use chrono::{DateTime, Utc};

use super::{Poller, Raw, Source, pages};
use crate::clean;
use crate::model::{BodyFrom, PageAsked, Validators};
use crate::store::{StoreError, Traced};
use crate::text::fold;

/// Told apart by this, the hash of an entry tells that it changed after its page was read last.
const PUT_OFF: u64 = 0xc2b2_ae3d_27d4_eb4f;

/// What is kept of an entry's article.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// The article, and what was left out of it.
    pub(super) traced: Traced,
    /// Whether it stands for the page now, which is not asked.
    pub(super) stands: bool,
}

impl Kept {
    /// What its page was known by, where its text was read there.
    pub(super) fn validators(&self) -> Validators {
        let read = self.traced.article.body_from == BodyFrom::Page;
        let asked = self.traced.cuts.as_ref().and_then(|cuts| cuts.asked.as_ref()).filter(|_| read);
        asked.map(|asked| asked.validators.clone()).unwrap_or_default()
    }
}

impl Raw {
    /// How often, and when, its page was asked.
    fn asked(&self) -> Option<&PageAsked> {
        self.kept.as_ref()?.traced.cuts.as_ref()?.asked.as_ref()
    }

    /// Notes that its page is asked now.
    pub(super) fn is_asked(&mut self, validators: &Validators, now: DateTime<Utc>) {
        let times = self.asked().map_or(0, |asked| asked.times);
        self.asked = Some(PageAsked::new(times.saturating_add(1), validators, now));
    }

    /// What was read on its page before, where that stands for it now.
    pub(super) fn read_before(&self) -> Option<&Traced> {
        let kept = self.kept.as_ref().filter(|kept| kept.stands)?;
        Some(&kept.traced).filter(|traced| traced.article.body_from == BodyFrom::Page)
    }
}

impl Poller {
    /// Recalls what is kept of the articles of entries that want their pages; what is not to be done now goes.
    pub(super) async fn recalled(&self, source: &Source, raws: Vec<Raw>, force: bool) -> Result<Vec<Raw>, StoreError> {
        let is_unknown = |raw: &Raw| raw.known.is_none() && !force && pages::may_be_asked(source, raw);
        let unknown = raws.iter().filter(|raw| is_unknown(raw));
        let keys: Vec<String> = unknown.map(|raw| raw.url_key.clone().unwrap_or_default()).collect();
        let mut there = match keys.is_empty() {
            true => Vec::new(),
            false => self.store.articles_at(&source.name, keys).await?,
        }
        .into_iter();
        let mut all = Vec::with_capacity(raws.len());
        for raw in raws {
            let id = match &raw.known {
                Some(known) if !known.skipped && pages::may_be_asked(source, &raw) => Some(known.id.clone()),
                None if is_unknown(&raw) => {
                    let title = fold(&clean::line(raw.entry.title.as_deref().unwrap_or_default()));
                    let same = |of: &str| !title.is_empty() && fold(of) == title;
                    there.next().into_iter().flatten().find(|(_, titled)| same(titled)).map(|(id, _)| id)
                }
                _ => None,
            };
            let traced = match &id {
                Some(id) => self.store.traced(id).await?,
                None => None,
            };
            match traced {
                Some(traced) => all.extend(recalling(raw, traced, force, self.clock.now())),
                None => all.push(raw),
            }
        }
        Ok(all)
    }
}

/// An entry with what is kept of its article. `None` where nothing is to be done now.
fn recalling(mut raw: Raw, traced: Traced, force: bool, now: DateTime<Utc>) -> Option<Raw> {
    // Another id for what has not changed.
    let article = &traced.article;
    let dated = raw.entry.published.is_none() || raw.entry.published == article.published;
    let same = raw.known.is_none() && dated && article.entry_hash == raw.entry_hash;
    let early = raw.tried == 0 && !force && !same && traced.is_asked_lately(now);
    let put_off = raw.entry_hash ^ PUT_OFF;
    if early && raw.known.as_ref().is_some_and(|known| known.entry_hash == put_off) {
        return None;
    }
    if early {
        raw.entry_hash = put_off;
    }
    raw.kept = Some(Box::new(Kept { traced, stands: early || same }));
    Some(raw)
}

impl Traced {
    /// Whether its page was asked so lately that it is not asked again.
    fn is_asked_lately(&self, now: DateTime<Utc>) -> bool {
        self.cuts.as_ref().and_then(|cuts| cuts.asked.as_ref()).is_some_and(|asked| asked.is_lately(now))
    }
}
