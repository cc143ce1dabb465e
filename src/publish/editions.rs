//! Editions: what stands at an address, made of stories.

use url::form_urlencoded;

use super::address::{Address, Format};
use super::chosen::is_timed;
use super::{FRESH_SECS, Publisher};
use crate::curate::{Arrangement, FeedText, Order};
use crate::model::{Edition, EditionEntry, Lang, Recommendation, StoryId};
use crate::render::{self, Cache, Rendered, content_type, pages};
use crate::store::{Shelf, StoreError};
use crate::text::{Phrase, phrase};

/// Stories on the front page.
const NEWEST: usize = 20;
/// Tags on the front page, and on the page of tags.
const MOST_TAGS: usize = 60;
pub(super) const ALL_TAGS: usize = 2_000;

/// What an edition is made by.
pub(super) struct Plan<'a> {
    pub(super) path: String,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) lang: &'a Lang,
    pub(super) shelf: Shelf,
    pub(super) arrangement: Arrangement,
    pub(super) text: FeedText,
    /// Its key, where it asks for one.
    pub(super) key: Option<&'a str>,
    recommended: usize,
    /// Whether it gives digests.
    digests: bool,
    /// The slug of a feed whose query asks for the age of a story, which no shelf can hold.
    pub(super) timed: Option<String>,
}

impl Plan<'_> {
    /// Whether only who has its key may see it.
    pub(super) fn keyed(&self) -> bool {
        self.key.is_some()
    }
}

impl Publisher {
    /// Makes what stands at an address. `None`: nothing does.
    pub(super) async fn make(&self, address: &Address) -> Result<Option<Rendered>, StoreError> {
        let site = &self.settings.site;
        Ok(match address {
            Address::Style => Some(Rendered::new(content_type::CSS, pages::STYLE, Cache::Public(86_400))),
            Address::Icon => Some(Rendered::new(content_type::ICON, pages::ICON, Cache::Public(604_800))),
            Address::Robots => Some(Rendered::new(content_type::TEXT, pages::robots(site), Cache::Public(86_400))),
            Address::Home => Some(self.home().await?),
            Address::Tags => {
                let tags = self.tags(ALL_TAGS).await?;
                Some(self.page(pages::tags(site, &tags), None, Cache::Public(FRESH_SECS)))
            }
            Address::Opml => Some(self.opml().await?),
            Address::Status => Some(self.status_page().await?),
            Address::StatusFeed => Some(self.status_feed().await?),
            Address::Story(id) => self.story(id).await?,
            Address::Search(_) | Address::Personal(_) | Address::Explain(_) => None,
            Address::Shelf { name, format } => match self.shelf_plan(name) {
                Some(plan) => Some(
                    self.feed(plan, *format, if name == "all" { pages::Kind::All } else { pages::Kind::Feed }).await?,
                ),
                None => None,
            },
            Address::Digest { feed, day } => match self.shelf_plan(feed) {
                Some(plan) => self.digest_page(&plan, *day).await?,
                None => None,
            },
            Address::Tag { key, format, .. } => match self.tag_plan(key).await? {
                Some(plan) => self.tag_feed(plan, *format).await?,
                None => None,
            },
        })
    }

    fn shelf_plan(&self, name: &str) -> Option<Plan<'_>> {
        let settings = &self.settings;
        if name == "all" {
            return Some(self.all_plan());
        }
        let feed = settings.feeds.iter().find(|f| f.slug == name)?;
        Some(Plan {
            path: name.to_owned(),
            title: feed.title.clone(),
            description: feed.description.clone(),
            lang: &feed.lang,
            shelf: Shelf::Feed(feed.slug.clone()),
            arrangement: feed.arrangement(),
            text: feed.text,
            key: feed.key.as_deref(),
            recommended: feed.recommend_count.unwrap_or(settings.recommend.count),
            digests: feed.digest.is_some(),
            timed: is_timed(feed, &settings.feeds).then(|| feed.slug.clone()),
        })
    }

    async fn tag_plan(&self, key: &str) -> Result<Option<Plan<'_>>, StoreError> {
        let Some(tag) = self.tag_with_page(key).await? else { return Ok(None) };
        Ok(Some(Plan {
            path: format!("tag/{key}"),
            title: format!("#{}", tag.shown()),
            description: None,
            lang: &self.settings.site.lang,
            shelf: Shelf::Tag(key.to_owned()),
            arrangement: newest(self.settings.defaults.limit),
            text: FeedText::Full,
            key: None,
            recommended: self.settings.recommend.count,
            digests: false,
            timed: None,
        }))
    }

    async fn edition(&self, plan: &Plan<'_>) -> Result<Edition, StoreError> {
        let stories = self.arranged(plan).await?;
        let ids: Vec<StoryId> = stories.iter().map(|s| s.id.clone()).collect();
        let own = self.settings.recommend.from_of.contains_key(&plan.path).then_some(plan.path.as_str());
        let mut recommended = self.recommendations(own, &ids).await?;
        let mut entries: Vec<EditionEntry> = Vec::with_capacity(stories.len());
        for story in stories {
            let mut list = recommended.remove(&story.id).unwrap_or_default();
            list.truncate(plan.recommended);
            entries.extend(self.shown(story, plan, list));
        }
        self.link_tags(&mut entries).await?;
        Ok(Edition { changed: entries.iter().map(|e| e.updated).max(), entries, ..self.empty(plan) })
    }

    /// An edition of nothing.
    pub(super) fn empty(&self, plan: &Plan<'_>) -> Edition {
        Edition {
            path: plan.path.clone(),
            opened_by: plan
                .key
                .map(|key| form_urlencoded::Serializer::new(String::new()).append_pair("key", key).finish()),
            title: plan.title.clone(),
            description: plan.description.clone(),
            lang: plan.lang.clone(),
            changed: None,
            recommended_heading: self.heading(plan.lang),
            entries: Vec::new(),
            digests: Vec::new(),
        }
    }

    pub(super) fn heading(&self, lang: &Lang) -> String {
        self.settings.recommend.title.clone().unwrap_or_else(|| phrase(Phrase::Recommended, lang).to_owned())
    }

    async fn feed(&self, plan: Plan<'_>, format: Format, kind: pages::Kind) -> Result<Rendered, StoreError> {
        let edition = if plan.digests { self.digests(&plan).await? } else { self.edition(&plan).await? };
        self.written(plan.keyed(), edition, format, kind).await
    }

    /// A tag that nobody may see is not there.
    async fn tag_feed(&self, plan: Plan<'_>, format: Format) -> Result<Option<Rendered>, StoreError> {
        let edition = self.edition(&plan).await?;
        if edition.entries.is_empty() {
            return Ok(None);
        }
        self.written(plan.keyed(), edition, format, pages::Kind::Tag).await.map(Some)
    }

    pub(super) async fn written(
        &self,
        for_one: bool,
        edition: Edition,
        format: Format,
        kind: pages::Kind,
    ) -> Result<Rendered, StoreError> {
        let (settings, changed) = (self.settings.clone(), edition.changed);
        let cache = if for_one { Cache::Private } else { Cache::Public(FRESH_SECS) };
        let own = format!("<{}>; rel=\"self\"", settings.site.feed_address(&edition.place(), format.ending()));
        let rendered = tokio::task::spawn_blocking(move || {
            let site = &settings.site;
            let (content_type, bytes) = match format {
                Format::Rss => (content_type::RSS, render::rss(&edition, site)),
                Format::Atom => (content_type::ATOM, render::atom(&edition, site)),
                Format::Json => (content_type::JSON_FEED, render::json_feed(&edition, site)),
                Format::Page => (content_type::HTML, pages::feed(site, settings.tz, &edition, kind).into_bytes()),
            };
            Rendered::new(content_type, bytes, cache).changed(changed).link(own)
        });
        rendered.await.map_err(|_broke_off| StoreError::BrokeOff)
    }

    async fn home(&self) -> Result<Rendered, StoreError> {
        let settings = &self.settings;
        let plan = Plan { arrangement: newest(NEWEST), ..self.all_plan() };
        let newest = self.edition(&plan).await?;
        let feeds: Vec<(String, String)> =
            settings.feeds.iter().filter(|f| f.key.is_none()).map(|f| (f.title.clone(), f.slug.clone())).collect();
        let tags = self.tags(MOST_TAGS).await?;
        let html = pages::home(&settings.site, settings.tz, &feeds, &tags, &newest);
        Ok(self.page(html, newest.changed, Cache::Public(FRESH_SECS)))
    }

    pub(super) fn all_plan(&self) -> Plan<'_> {
        let site = &self.settings.site;
        Plan {
            path: "all".to_owned(),
            title: site.title.clone(),
            description: None,
            lang: &site.lang,
            shelf: Shelf::All,
            arrangement: newest(self.settings.defaults.limit),
            text: FeedText::Full,
            key: None,
            recommended: self.settings.recommend.count,
            digests: false,
            timed: None,
        }
    }

    async fn story(&self, id: &str) -> Result<Option<Rendered>, StoreError> {
        let Some(story) = self.store.story(id).await? else { return Ok(None) };
        if self.store.admitted(std::slice::from_ref(&story.id)).await?.is_empty() {
            return Ok(None);
        }
        let recommended = self.recommended_now(&story.id).await?;
        let alongside = self.told_alongside(&story).await?;
        let plan = self.all_plan();
        let Some(mut entry) = self.shown(story, &plan, recommended) else { return Ok(None) };
        self.link_tags(std::slice::from_mut(&mut entry)).await?;
        let heading = self.heading(&entry.lang);
        let html = pages::story(&self.settings.site, self.settings.tz, &entry, &heading, &alongside);
        Ok(Some(self.page(html, Some(entry.updated), Cache::Public(FRESH_SECS))))
    }

    /// What is most like a story now, as its page shows it.
    pub(super) async fn recommended_now(&self, story: &StoryId) -> Result<Vec<Recommendation>, StoreError> {
        let fresh = self.fresh(story).await?.into_iter();
        Ok(self.worded(fresh.map(|(pick, lead)| (pick.story, pick.score, pick.why, lead))))
    }

    /// The place of a story in a feed as it is shown now, from 1.
    pub(super) async fn place_in(&self, name: &str, story: &StoryId) -> Result<Option<usize>, StoreError> {
        let Some(plan) = self.shelf_plan(name) else { return Ok(None) };
        let edition = self.edition(&plan).await?;
        Ok(edition.entries.iter().position(|entry| entry.story == *story).map(|at| at + 1))
    }

    async fn opml(&self) -> Result<Rendered, StoreError> {
        let site = &self.settings.site;
        let mut feeds = vec![(site.title.clone(), "all".to_owned())];
        feeds.extend(self.settings.feeds.iter().filter(|f| f.key.is_none()).map(|f| (f.title.clone(), f.slug.clone())));
        let tags = self.tags(MOST_TAGS).await?;
        feeds.extend(tags.iter().map(|(tag, _)| (format!("#{}", tag.shown()), format!("tag/{}", tag.key()))));
        let bytes = render::opml::feeds(site, &feeds);
        Ok(Rendered::new(content_type::OPML, bytes, Cache::Public(FRESH_SECS)))
    }
}

/// The newest so many.
fn newest(limit: usize) -> Arrangement {
    Arrangement { order: Order::New, per_source: None, limit }
}
