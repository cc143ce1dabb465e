//! The outward half of the flow: what has changed is shelved and admitted, editions are made, rendered once, and kept in
//! memory until they change.

mod address;
mod admit;
mod alongside;
mod asked;
mod chosen;
mod digests;
mod editions;
mod explain;
mod fixing;
mod kept;
mod learning;
mod likeness;
mod naming;
mod personal;
mod rights;
mod search;
mod shelving;
mod status;
mod tags;
mod waiting;
mod withdrawn;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::clock::Clock;
use crate::curate::{Defaults, Feed};
use crate::model::{Article, Outlet, SourceName, Story, StoryId, Tag};
use crate::query::Query;
use crate::recommend::{self, From, Pick};
use crate::render::{Cache, Rendered, Site, content_type, pages};
use crate::store::{Store, StoreError};
use crate::tag;

use address::Address;
pub use explain::Explained;
use kept::{Kept, dated, make_room};
pub use rights::SourceRights;
pub use search::Found;
pub use status::{Background, SourceStatus, Status};
pub use tags::Retagged;

/// What a feed's address ends with.
const ENDINGS: [&str; 3] = [".rss", ".atom", ".json"];
/// Seconds for which a reader may keep a feed without asking.
const FRESH_SECS: u32 = 300;

/// What stands at an address.
#[derive(Debug, Clone)]
pub enum Answer {
    /// This.
    Found(Arc<Rendered>),
    /// The same thing, at another address of ours: path and query, with the path of the site's base.
    Moved(String),
    /// Nothing.
    Missing,
    /// Nothing any more: the file hides it.
    Gone,
    /// Nothing can be: this is wrong with what was asked.
    Misread(String),
    /// It could not be looked up just now.
    Busy,
}

/// What is published, and how.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The site.
    pub site: Site,
    /// The time zone of dates on pages.
    pub tz: Tz,
    /// What nobody may see.
    pub hide: Option<Query>,
    /// The curated feeds.
    pub feeds: Vec<Feed>,
    /// How tags are given, and which have a page.
    pub tagging: tag::Settings,
    /// What feeds have in common.
    pub defaults: Defaults,
    /// Recommendations.
    pub recommend: recommend::Settings,
    /// How long a new story waits before it is published: copies and corrections arrive meanwhile.
    pub settle: TimeDelta,
    /// Whether other copies' outlets are named.
    pub credit_others: bool,
    /// Rights, outlet and address of each source.
    pub sources: HashMap<SourceName, (SourceRights, Outlet, String)>,
}

/// Publishes one configuration's feeds and pages over a store.
pub struct Publisher {
    store: Store,
    settings: Arc<Settings>,
    clock: Clock,
    /// Likeness of stories; it outlives a change of the file.
    index: Arc<RwLock<likeness::Known>>,
    /// One renewal at a time.
    renewing: Arc<tokio::sync::Mutex<admit::Progress>>,
    /// Hash of the rules that tags are given by.
    tagged_by: u64,
    /// How many publishers of other settings were before this one.
    generation: u64,
    /// How far giving stored articles their tags anew has come.
    retagging: Arc<tokio::sync::Mutex<tags::Progress>>,
    /// What asks all stories again in the background.
    refilling: Arc<tokio::sync::Mutex<Option<shelving::Refilling>>>,
    /// The revision that is published.
    published: Arc<AtomicU64>,
    withdrawn: withdrawn::Shared,
    kept: Mutex<HashMap<String, Kept>>,
    /// By the path of a feed whose stories are weighed: a revision of its shelf, and their order at that.
    orders: Mutex<HashMap<String, (u64, Vec<StoryId>)>>,
}

impl Publisher {
    /// A publisher that has published nothing yet.
    #[must_use]
    pub fn new(store: Store, settings: Settings, clock: Clock) -> Self {
        Self {
            store,
            tagged_by: settings.tagging.hash(),
            generation: 0,
            settings: Arc::new(settings),
            clock,
            index: Arc::default(),
            renewing: Arc::default(),
            retagging: Arc::default(),
            refilling: Arc::default(),
            published: Arc::default(),
            withdrawn: Arc::default(),
            kept: Mutex::default(),
            orders: Mutex::default(),
        }
    }

    /// A publisher of other settings over the same stories.
    #[must_use]
    pub fn with_settings(&self, settings: Settings) -> Self {
        let mut other = self.with_same_settings();
        other.tagged_by = settings.tagging.hash();
        other.generation += 1;
        other.settings = Arc::new(settings);
        other
    }

    /// The same publisher, for work that must own one.
    fn with_same_settings(&self) -> Self {
        Self {
            store: self.store.clone(),
            tagged_by: self.tagged_by,
            generation: self.generation,
            settings: self.settings.clone(),
            clock: self.clock.clone(),
            index: self.index.clone(),
            renewing: self.renewing.clone(),
            retagging: self.retagging.clone(),
            refilling: self.refilling.clone(),
            published: self.published.clone(),
            withdrawn: self.withdrawn.clone(),
            kept: Mutex::default(),
            orders: Mutex::default(),
        }
    }

    /// Takes in what has changed in the store: shelves it, fixes recommendations, makes the digests that are due, and renders
    /// what readers subscribe to. To be called at the end of a round of polls, when the file has changed, when another process
    /// has written, and at [`Publisher::next_digest`].
    ///
    /// # Errors
    /// When the store fails; what was published stays.
    pub async fn renew(&self) -> Result<(), StoreError> {
        // What is left to do is done in the background; of a small archive nothing is.
        self.retag().await?;
        let mut progress = self.renewing.lock().await;
        admit::admit(self, &mut progress).await?;
        digests::make_due(self).await?;
        let revision = self.store.revision();
        self.published.store(revision, Ordering::Release);
        drop(progress);
        for feed in self.renewed() {
            for ending in ENDINGS {
                let address = format!("/{feed}{ending}");
                if let Some(parsed) = Address::parse(&address) {
                    self.rendered(&address, &parsed).await?;
                }
            }
        }
        Ok(())
    }

    /// While what it gives is held, a renewal waits.
    #[cfg(test)]
    pub(crate) async fn held(&self) -> impl Drop + use<> {
        self.renewing.clone().lock_owned().await
    }

    /// The names of the feeds that are made whenever they change.
    fn renewed(&self) -> impl Iterator<Item = &str> {
        let open = self.settings.feeds.iter().filter(|f| f.key.is_none());
        std::iter::once("all").chain(open.map(|f| f.slug.as_str()))
    }

    fn is_renewed(&self, path: &str) -> bool {
        let feed = ENDINGS.iter().find_map(|ending| path.strip_suffix(ending)?.strip_prefix('/'));
        feed.is_some_and(|feed| self.renewed().any(|name| name == feed))
    }

    /// The answer to a request.
    pub async fn answer(&self, path: &str, query: Option<&str>) -> Answer {
        let Some(address) = Address::parse(path).or_else(|| Address::parse(path.trim_end_matches('/'))) else {
            return Answer::Missing;
        };
        match self.find(path, &address, query).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!("store: {path} could not be answered: {error}");
                Answer::Busy
            }
        }
    }

    async fn find(&self, path: &str, address: &Address, query: Option<&str>) -> Result<Answer, StoreError> {
        if let Some(name) = address.feed()
            && let Some(feed) = self.settings.feeds.iter().find(|f| f.slug == name)
            && !opens(feed, query)
        {
            return Ok(Answer::Missing);
        }
        if path.len() > 1 && path.ends_with('/') {
            let asked = query.map(|query| format!("?{query}")).unwrap_or_default();
            return Ok(Answer::Moved(self.settings.site.local(&[path.trim_matches('/'), &asked].concat())));
        }
        if let Some(to) = self.moved(address).await? {
            return Ok(Answer::Moved(self.settings.site.local(to.trim_start_matches('/'))));
        }
        if let Address::Story(id) | Address::Explain(id) = address
            && self.is_gone(id).await?
        {
            return Ok(Answer::Gone);
        }
        if address.is_asked() {
            return self.asked(address, query.unwrap_or_default()).await;
        }
        Ok(match self.rendered(path, address).await? {
            Some(rendered) => Answer::Found(rendered),
            None => Answer::Missing,
        })
    }

    /// The one address of what has several: other spellings of a tag, a story that turned out to be another's copy.
    async fn moved(&self, address: &Address) -> Result<Option<String>, StoreError> {
        Ok(match address {
            Address::Tag { key, written, format } => {
                let one = self.settings.tagging.aliases.get(key).map_or(key.as_str(), Tag::key);
                (one != written).then(|| address::tag_path(one, *format))
            }
            Address::Story(id) => match StoryId::parse(id) {
                Some(asked) => match self.store.story(asked.as_str()).await? {
                    Some(story) if story.id != asked => Some(format!("/story/{}", story.id)),
                    _ => None,
                },
                None => None,
            },
            _ => None,
        })
    }

    /// What stands at an address, out of memory while nothing has changed.
    async fn rendered(&self, path: &str, address: &Address) -> Result<Option<Arc<Rendered>>, StoreError> {
        // How sources are doing changes without any story.
        if matches!(address, Address::Status | Address::StatusFeed) {
            return Ok(self.make(address).await?.map(Arc::new));
        }
        let revision = self.published.load(Ordering::Acquire);
        let now = self.clock.now();
        let timed = self.is_timed(address);
        // What was made later than now was made by a clock that has been set back since: its dates may lie ahead.
        let ahead = |kept: &Kept| kept.made > now;
        let known = self
            .kept()
            .get(path)
            .filter(|kept| kept.revision == revision && !ahead(kept))
            .map(|kept| (kept.made, kept.rendered.clone()));
        if let Some((made, rendered)) = known
            && !(timed && self.has_aged(address.feed().unwrap_or_default(), made, now).await?)
        {
            return Ok(Some(rendered));
        }
        let shelf = match address.shelf() {
            Some(shelf) => Some(self.store.revision_of(&shelf).await?.max(self.withdrawn_at())),
            None => None,
        };
        if let Some(kept) = self.kept().get_mut(path)
            && shelf.is_some()
            && !timed
            && !ahead(kept)
            && kept.shelf == shelf
        {
            kept.revision = revision;
            return Ok(Some(kept.rendered.clone()));
        }
        let Some(made) = self.make(address).await? else {
            self.kept().remove(path);
            return Ok(None);
        };
        let mut kept = self.kept();
        let stays = self.is_renewed(path);
        make_room(&mut kept, path, made.body.len(), revision, stays);
        let rendered = Arc::new(match kept.remove(path) {
            // The same bytes keep their compressed forms and validators.
            Some(old) if old.rendered.etag == made.etag => {
                let rendered = old.rendered.clone();
                kept.insert(path.to_owned(), Kept { revision, shelf, made: now, stays, rendered: rendered.clone() });
                return Ok(Some(rendered));
            }
            old => dated(made, old.and_then(|old| old.rendered.last_modified), now),
        });
        kept.insert(path.to_owned(), Kept { revision, shelf, made: now, stays, rendered: rendered.clone() });
        Ok(Some(rendered))
    }

    /// Whether what stands at an address changes by time alone.
    fn is_timed(&self, address: &Address) -> bool {
        let Address::Shelf { name, .. } = address else { return false };
        let feeds = &self.settings.feeds;
        feeds.iter().any(|f| f.slug == *name && f.digest.is_none() && chosen::is_timed(f, feeds))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The page that a person sees with a status other than 200.
    #[must_use]
    pub fn error_page(&self, status: u16) -> String {
        pages::error(&self.settings.site, status)
    }

    fn page(&self, html: String, changed: Option<DateTime<Utc>>, cache: Cache) -> Rendered {
        Rendered::new(content_type::HTML, html, cache).changed(changed)
    }

    /// What is most like a story now, each with the lead that is shown for it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn fresh(&self, story: &StoryId) -> Result<Vec<(Pick, Article)>, StoreError> {
        let Some(story) = self.store.story(story.as_str()).await? else { return Ok(Vec::new()) };
        let picks = self.picks(&story, self.settings.recommend.count).await?;
        let ids: Vec<StoryId> = picks.iter().map(|p| p.story.clone()).collect();
        // What came just now is not known yet as hidden.
        let shown = self.store.stories(&ids).await?.into_iter().filter(|story| !self.is_withdrawn(story));
        let mut leads: HashMap<StoryId, Article> = shown.map(|s| (s.id, s.lead)).collect();
        Ok(picks.into_iter().filter_map(|pick| leads.remove(&pick.story).map(|lead| (pick, lead))).collect())
    }

    /// What is most like a story, out of those that `[recommend] from` names.
    async fn picks(&self, story: &Story, count: usize) -> Result<Vec<Pick>, StoreError> {
        let from = &self.settings.recommend.from;
        let feeds = match from {
            From::Feed => self.store.feeds_of(std::slice::from_ref(&story.id)).await?.remove(&story.id),
            From::Site | From::Query(_) => None,
        };
        self.picks_from(story, count, from, &feeds.unwrap_or_default()).await
    }

    async fn picks_from(
        &self,
        story: &Story,
        count: usize,
        from: &From,
        feeds: &[String],
    ) -> Result<Vec<Pick>, StoreError> {
        let allowed = self.allowed(from, feeds).await?;
        let kept = self.store.vectors(std::slice::from_ref(&story.id)).await?;
        let more = if self.settles() { count.saturating_add(waiting::MOST) } else { count };
        let more = if self.knows_withdrawn() { more } else { more.saturating_add(withdrawn::MOST) };
        let mut picks = self.ask(likeness::Asked::like(self, story, kept.get(&story.id), more), allowed).await?;
        self.leave_out_waiting(&mut picks, |pick| &pick.story).await?;
        self.leave_out_withdrawn(&mut picks, |pick| &pick.story).await?;
        picks.truncate(count);
        Ok(picks)
    }
}

/// Whether a request may see a feed: a keyed one asks for its key, compared in constant time.
fn opens(feed: &Feed, query: Option<&str>) -> bool {
    let Some(key) = &feed.key else { return true };
    let given = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).find(|(name, _)| name == "key");
    given.is_some_and(|(_, given)| blake3::hash(given.as_bytes()) == blake3::hash(key.as_bytes()))
}
