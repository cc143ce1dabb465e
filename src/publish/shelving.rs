//! Which curated feeds each story can stand in, and its words: kept as rows, renewed when the story changes. A feed whose query
//! has changed asks all stories again, a few in passing, the rest in the background.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

use super::withdrawn::{self, HIDDEN};
use super::{Publisher, Settings, admit};
use crate::clock::Clock;
use crate::curate::{Feeds, Listed};
use crate::model::Story;
use crate::store::{Position, Refill, Refilled, Shelf, Shelving, Store, StoreError, Taken, What};

/// Stories asked at a time.
const BATCH: usize = 250;
/// Batches asked while a renewal waits for them, so that a small archive is whole at once.
const IN_PASSING: usize = 4;
/// A feed of which time alone may change what it holds, nobody knows when, is made anew after so long.
const LOOKED_AT_AGAIN: TimeDelta = TimeDelta::seconds(15);
/// Batches after which the log tells how far it is.
const TOLD: usize = 40;

/// Where stories can stand, and their words. Gives the stories back.
pub(super) async fn listed(publisher: &Publisher, stories: Vec<Story>) -> Result<(Vec<Taken>, Vec<Story>), StoreError> {
    let now = publisher.clock.now();
    let settings = publisher.settings.clone();
    // Folding is work for a core: it must not hold up what waits for the network.
    let listing = tokio::task::spawn_blocking(move || {
        let feeds = Feeds::new(&settings.feeds);
        let taken = stories.iter().map(|story| {
            let mut listed = Listed::new(story, &[], now);
            let columns = listed.columns(story);
            let mut stands = feeds.able_to_hold(&mut listed);
            stands.extend(settings.hides(&listed).then(|| HIDDEN.to_owned()));
            Taken { shelving: Shelving { story: story.id.clone(), feeds: stands }, columns }
        });
        (taken.collect(), stories)
    });
    listing.await.map_err(|_broke_off| StoreError::BrokeOff)
}

/// Finds out whose query has changed since its shelf was filled: every story is to be asked again. Where none has been taken
/// in yet, each is asked when it is.
pub(super) async fn requery(publisher: &Publisher) -> Result<(), StoreError> {
    let (store, feeds) = (&publisher.store, Feeds::new(&publisher.settings.feeds));
    let hidden = publisher.settings.hide.iter().map(|hide| (HIDDEN, hide.hash()));
    let wanted: HashMap<&str, u64> =
        publisher.settings.feeds.iter().map(|f| (f.slug.as_str(), feeds.hash(&f.slug))).chain(hidden).collect();
    let stored: HashMap<String, u64> = store.feed_queries().await?.into_iter().collect();
    let mut asking: HashMap<String, u64> = HashMap::new();
    for refill in store.refills().await? {
        if let What::Feed(slug) = refill.what {
            asking.insert(slug, refill.query);
        }
    }
    for gone in stored.keys().chain(asking.keys()).filter(|slug| !wanted.contains_key(slug.as_str())) {
        store.drop_feed(gone).await?;
    }
    for (slug, hash) in wanted {
        match (stored.get(slug), asking.get(slug)) {
            (_, Some(asked)) if *asked == hash => {}
            (Some(filled), Some(_)) if *filled == hash => store.cancel_refill(slug).await?,
            (Some(filled), None) if *filled == hash => {}
            _ => store.begin_refill(slug, hash).await?,
        }
    }
    if store.taken_in().await? == 0 {
        for refill in store.refills().await? {
            store.finish_refill(refill).await?;
        }
    }
    Ok(())
}

/// Asks the first stories at once, and has the rest asked in the background.
pub(super) async fn refill(publisher: &Publisher) -> Result<(), StoreError> {
    let mut refilling = publisher.refilling.lock().await;
    match refilling.take() {
        Some(running) if running.serves(&publisher.settings) => {
            *refilling = Some(running);
            return Ok(());
        }
        // What was begun for other settings ends here; what it has done is kept.
        Some(other) => other.task.abort(),
        None => {}
    }
    let asking = Asking::of(publisher);
    for _ in 0..IN_PASSING {
        let Some(batch) = asking.next().await? else { return Ok(()) };
        if batch.stories.is_empty() {
            asking.finish(batch.refills).await?;
        } else {
            asking.ask(batch).await?;
        }
    }
    if publisher.store.refills().await?.is_empty() {
        return Ok(());
    }
    let (renewing, published) = (publisher.renewing.clone(), publisher.published.clone());
    let (settings, hidden) = (publisher.settings.clone(), publisher.withdrawn.clone());
    let task = tokio::spawn(async move {
        if let Err(error) = go_on(&asking, &renewing, &published, &hidden).await {
            tracing::error!("store: asking all stories again broke off, it goes on at the next renewal: {error}");
        }
    });
    *refilling = Some(Refilling { settings, task });
    Ok(())
}

/// Asks to the end. What is finished is published.
async fn go_on(
    asking: &Asking,
    renewing: &tokio::sync::Mutex<admit::Progress>,
    published: &AtomicU64,
    hidden: &withdrawn::Shared,
) -> Result<(), StoreError> {
    let (mut asked, mut batches) = (0, 0);
    while let Some(batch) = asking.next().await? {
        if batch.stories.is_empty() {
            let names = batch.names();
            let _no_renewal_meanwhile = renewing.lock().await;
            asking.finish(batch.refills).await?;
            withdrawn::renew(hidden, &asking.store).await?;
            published.fetch_max(asking.store.revision(), Ordering::AcqRel);
            tracing::info!("all stories were asked again: {names}");
            continue;
        }
        asked += batch.stories.len();
        if batches % TOLD == 0 {
            let all = asking.store.count_in(&Shelf::All).await?;
            tracing::info!("stories are asked again, {asked} of {all} so far: {}", batch.names());
        }
        batches += 1;
        asking.ask(batch).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// The task that asks all stories in the background, and the settings that it does so for.
#[derive(Debug)]
pub(super) struct Refilling {
    settings: Arc<Settings>,
    task: tokio::task::JoinHandle<()>,
}

impl Refilling {
    fn serves(&self, settings: &Arc<Settings>) -> bool {
        !self.task.is_finished() && Arc::ptr_eq(&self.settings, settings)
    }
}

/// What asks all stories.
struct Asking {
    store: Store,
    settings: Arc<Settings>,
    clock: Clock,
}

/// Some stories, and what is asked of them.
struct Batch {
    refills: Vec<Refill>,
    stories: Vec<Story>,
    /// The revision of the store before they were read.
    read: u64,
}

impl Batch {
    fn names(&self) -> String {
        let name = |refill: &Refill| match &refill.what {
            What::Words => "words for the search".to_owned(),
            What::Feed(slug) if slug == HIDDEN => "what is hidden".to_owned(),
            What::Feed(slug) => format!("feed {slug}"),
        };
        self.refills.iter().map(name).collect::<Vec<_>>().join(", ")
    }
}

impl Asking {
    fn of(publisher: &Publisher) -> Self {
        let Publisher { store, settings, clock, .. } = publisher;
        Self { store: store.clone(), settings: settings.clone(), clock: clock.clone() }
    }

    /// The stories to be asked next, by those that have come the least far; `None` when all is done.
    async fn next(&self) -> Result<Option<Batch>, StoreError> {
        let mut refills = self.store.refills().await?;
        // None has come less far than any; then the newest date, the first id.
        let far = |after: &Position| after.as_ref().map(|(date, id)| (std::cmp::Reverse(*date), id.clone()));
        let Some(least) = refills.iter().map(|r| far(&r.after)).min() else { return Ok(None) };
        refills.retain(|r| far(&r.after) == least);
        let after = refills.first().and_then(|r| r.after.clone());
        let read = self.store.revision();
        let stories = self.store.stories_after(after, BATCH).await?;
        Ok(Some(Batch { refills, stories, read }))
    }

    async fn ask(&self, batch: Batch) -> Result<(), StoreError> {
        let (settings, now) = (self.settings.clone(), self.clock.now());
        let after = batch.stories.last().map(|s| (s.date, s.id.clone()));
        let (refills, read) = (batch.refills.clone(), batch.read);
        let answers = tokio::task::spawn_blocking(move || {
            let words = batch.refills.iter().any(|r| r.what == What::Words);
            let slugs: Vec<&str> = batch
                .refills
                .iter()
                .filter_map(|r| if let What::Feed(slug) = &r.what { Some(slug.as_str()) } else { None })
                .collect();
            let feeds = Feeds::needed(&settings.feeds, &slugs);
            let hiding = slugs.contains(&HIDDEN);
            let answers = batch.stories.iter().map(|story| {
                let mut listed = Listed::new(story, &[], now);
                let columns = words.then(|| listed.columns(story));
                let mut stands = feeds.able_to_hold(&mut listed);
                stands.extend((hiding && settings.hides(&listed)).then(|| HIDDEN.to_owned()));
                Refilled { story: story.id.clone(), feeds: stands, columns }
            });
            answers.collect()
        });
        let answers = answers.await.map_err(|_broke_off| StoreError::BrokeOff)?;
        self.store.refill(refills, answers, (after, read)).await
    }

    async fn finish(&self, refills: Vec<Refill>) -> Result<(), StoreError> {
        for refill in refills {
            self.store.finish_refill(refill).await?;
        }
        Ok(())
    }
}

impl Publisher {
    /// Stories of a shelf. Where the age matters to the feed of a slug, those of the ages at which it can hold any.
    pub(super) async fn standing(
        &self,
        shelf: &Shelf,
        timed: Option<&str>,
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Story>, StoreError> {
        let Some(slug) = timed else { return self.store.stories_in(shelf, limit, offset).await };
        let (ages, now) = (Feeds::needed(&self.settings.feeds, &[slug]).ages(slug), self.clock.now());
        let before = |age: Option<TimeDelta>| age.and_then(|age| now.checked_sub_signed(age));
        self.store.stories_dated(slug, (before(ages.most), before(ages.least)), limit, offset).await
    }

    /// Whether time alone has changed what the feed of a slug holds, between two instants: a story has come of age, or is too old
    /// now. Where the ages do not tell, it is looked at again after a few seconds.
    pub(super) async fn has_aged(
        &self,
        slug: &str,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let ages = Feeds::needed(&self.settings.feeds, &[slug]).ages(slug);
        if from == to {
            return Ok(false);
        }
        if !ages.whole {
            return Ok(to - from > LOOKED_AT_AGAIN);
        }
        for bound in [ages.most, ages.least].into_iter().flatten() {
            let dates = from.checked_sub_signed(bound).zip(to.checked_sub_signed(bound));
            if let Some((after, upto)) = dates
                && self.store.has_dated(slug, after, upto).await?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether all that time has to do with a feed is that it holds stories of some ages.
    pub(super) fn is_by_age_alone(&self, slug: &str) -> bool {
        Feeds::needed(&self.settings.feeds, &[slug]).ages(slug).whole
    }

    /// Waits until what is asked of all stories in the background is answered: for a process that ends.
    pub async fn settled(&self) {
        let running = self.refilling.lock().await.take();
        if let Some(running) = running {
            // It says itself where it broke off.
            let _ended = running.task.await;
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        // The last publisher of a store takes with it what works for it.
        if Arc::strong_count(&self.refilling) == 1
            && let Some(running) = self.refilling.try_lock().ok().and_then(|mut running| running.take())
        {
            running.task.abort();
        }
    }
}
