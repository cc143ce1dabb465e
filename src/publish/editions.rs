//! Editions: what stands at an address, made of stories.

use std::collections::HashMap;

use super::address::{Address, Format};
use super::{FRESH_SECS, Publisher};
use crate::curate::{self, Feed, FeedText, Frame, Listed};
use crate::model::{Edition, EditionEntry, HealthState, Lang, Recommendation, Republish, Story, StoryId, Tag};
use crate::query::Query;
use crate::render::{self, Cache, Rendered, content_type, pages};
use crate::store::{Shelf, StoreError};
use crate::text::{Phrase, phrase};

/// Stories on the front page.
const NEWEST: usize = 20;
/// Tags on the front page, and on the page of tags.
const MOST_TAGS: usize = 60;
pub(super) const ALL_TAGS: usize = 2_000;
/// Stories looked at, for each one shown, to make up for those that may not be shown.
const LOOKED_AT: usize = 5;

/// Stories looked at for a feed whose query asks for the age of a story, and those read at a time: its shelf holds all that it
/// can show at some time.
const LOOKED_AT_BY_AGE: usize = 2_000;
const PAGE_BY_AGE: usize = 50;

/// What an edition is made by.
pub(super) struct Plan<'a> {
    path: String,
    title: String,
    description: Option<String>,
    lang: &'a Lang,
    shelf: Shelf,
    limit: usize,
    text: FeedText,
    keyed: bool,
    recommended: usize,
    /// The slug of a feed whose query asks for the age of a story.
    timed: Option<String>,
}

impl Publisher {
    /// Makes what stands at an address. `None`: nothing does.
    pub(super) async fn make(&self, address: &Address) -> Result<Option<Rendered>, StoreError> {
        let (site, tz) = (&self.settings.site, self.settings.tz);
        Ok(match address {
            Address::Style => Some(Rendered::new(content_type::CSS, pages::STYLE, Cache::Public(86_400))),
            Address::Home => Some(self.home().await?),
            Address::Tags => {
                let tags = self.tags(ALL_TAGS).await?;
                Some(self.page(pages::tags(site, &tags), None, Cache::Public(FRESH_SECS)))
            }
            Address::Opml => Some(self.opml().await?),
            Address::Status => {
                let rows = self.status_rows().await?;
                Some(self.page(pages::status(site, tz, &rows), None, Cache::NoStore))
            }
            Address::Story(id) => self.story(id).await?,
            Address::Search(_) | Address::Personal(_) | Address::Explain(_) => None,
            Address::Shelf { name, format } => match self.shelf_plan(name) {
                Some(plan) => Some(
                    self.feed(plan, *format, if name == "all" { pages::Kind::All } else { pages::Kind::Feed }).await?,
                ),
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
            limit: feed.limit,
            text: feed.text,
            keyed: feed.key.is_some(),
            recommended: feed.recommend_count.unwrap_or(settings.recommend.count),
            timed: is_timed(feed, &settings.feeds).then(|| feed.slug.clone()),
        })
    }

    async fn tag_plan(&self, key: &str) -> Result<Option<Plan<'_>>, StoreError> {
        let Some(tag) = self.store.tag(key).await? else { return Ok(None) };
        Ok(Some(Plan {
            path: format!("tag/{key}"),
            title: format!("#{}", tag.shown()),
            description: None,
            lang: &self.settings.site.lang,
            shelf: Shelf::Tag(key.to_owned()),
            limit: self.settings.defaults.limit,
            text: FeedText::Full,
            keyed: false,
            recommended: self.settings.recommend.count,
            timed: None,
        }))
    }

    async fn edition(&self, plan: &Plan<'_>) -> Result<Edition, StoreError> {
        let mut entries: Vec<EditionEntry> = Vec::new();
        let (pages, size, shelf) = match &plan.timed {
            Some(_) => (LOOKED_AT_BY_AGE.div_ceil(PAGE_BY_AGE), PAGE_BY_AGE, &plan.shelf),
            None => (LOOKED_AT, plan.limit, &plan.shelf),
        };
        for page in 0..pages {
            let mut stories = self.standing(shelf, plan.timed.as_deref(), size, page * size).await?;
            let last = stories.len() < size;
            if let Some(slug) = plan.timed.as_ref().filter(|slug| !self.is_by_age_alone(slug)) {
                stories = self.belonging(stories, slug).await?;
            }
            let ids: Vec<StoryId> = stories.iter().map(|s| s.id.clone()).collect();
            // What is not admitted yet would be shown twice: without its recommendations, then with them.
            let admitted = self.store.admitted(&ids).await?;
            stories.retain(|s| admitted.contains(&s.id));
            let mut recommended = self.store.recommendations(&ids).await?;
            for story in stories {
                let mut list = recommended.remove(&story.id).unwrap_or_default();
                list.retain(|r| !self.is_private(&r.source));
                list.truncate(plan.recommended);
                entries.extend(self.shown(story, plan, list).filter(|entry| has_tag(entry, &plan.shelf)));
            }
            if last || entries.len() >= plan.limit {
                break;
            }
        }
        entries.truncate(plan.limit);
        Ok(Edition {
            path: plan.path.clone(),
            title: plan.title.clone(),
            description: plan.description.clone(),
            lang: plan.lang.clone(),
            changed: entries.iter().map(|e| e.updated).max(),
            recommended_heading: self.heading(plan.lang),
            entries,
        })
    }

    /// Those of some stories that belong to a feed now.
    async fn belonging(&self, stories: Vec<Story>, slug: &str) -> Result<Vec<Story>, StoreError> {
        let (settings, now, slug) = (self.settings.clone(), self.clock.now(), slug.to_owned());
        let asked = tokio::task::spawn_blocking(move || {
            let belongs = |story: &Story| Listed::feeds(story, &settings.feeds, now).contains(&slug);
            stories.into_iter().filter(belongs).collect()
        });
        asked.await.map_err(|_broke_off| StoreError::BrokeOff)
    }

    pub(super) fn shown(
        &self,
        mut story: Story,
        plan: &Plan<'_>,
        recommended: Vec<Recommendation>,
    ) -> Option<EditionEntry> {
        if !plan.keyed {
            self.without_private(&mut story);
        }
        let site = &self.settings.site;
        let frame =
            Frame { site_id: &site.id, base: &site.base, lang: &site.lang, credit_others: self.settings.credit_others };
        curate::present(&story, self.rights(&story.lead), plan.keyed, plan.text, recommended, &frame)
    }

    /// Who tells it too, and under which tags, is as private as the copy itself.
    pub(super) fn without_private(&self, story: &mut Story) {
        if story.others.iter().any(|other| self.is_private(&other.source)) {
            story.others.retain(|other| !self.is_private(&other.source));
            story.tags.clone_from(&story.lead.tags);
        }
    }

    pub(super) fn heading(&self, lang: &Lang) -> String {
        self.settings.recommend.title.clone().unwrap_or_else(|| phrase(Phrase::Recommended, lang).to_owned())
    }

    async fn feed(&self, plan: Plan<'_>, format: Format, kind: pages::Kind) -> Result<Rendered, StoreError> {
        let edition = self.edition(&plan).await?;
        self.written(plan.keyed, edition, format, kind).await
    }

    /// A tag that nobody may see is not there.
    async fn tag_feed(&self, plan: Plan<'_>, format: Format) -> Result<Option<Rendered>, StoreError> {
        let edition = self.edition(&plan).await?;
        if edition.entries.is_empty() {
            return Ok(None);
        }
        self.written(plan.keyed, edition, format, pages::Kind::Tag).await.map(Some)
    }

    pub(super) async fn written(
        &self,
        keyed: bool,
        edition: Edition,
        format: Format,
        kind: pages::Kind,
    ) -> Result<Rendered, StoreError> {
        let (settings, changed) = (self.settings.clone(), edition.changed);
        let cache = if keyed { Cache::Private } else { Cache::Public(FRESH_SECS) };
        let own = format!("<{}>; rel=\"self\"", settings.site.feed_address(&edition.path, format.ending()));
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
        let plan = Plan { limit: NEWEST, ..self.all_plan() };
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
            limit: self.settings.defaults.limit,
            text: FeedText::Full,
            keyed: false,
            recommended: self.settings.recommend.count,
            timed: None,
        }
    }

    async fn story(&self, id: &str) -> Result<Option<Rendered>, StoreError> {
        let Some(story) = self.store.story(id).await? else { return Ok(None) };
        let fresh = self.fresh(&story.id).await?.into_iter();
        // The index may still hold what the file has made private since.
        let recommended =
            fresh.filter(|(_, lead)| self.rights(lead) != Republish::Private).map(|(pick, lead)| Recommendation {
                story: pick.story,
                date: lead.date(),
                source: lead.source,
                title: lead.title,
                url: lead.url,
                outlet: lead.provenance.outlet.name,
                lang: lead.lang,
                score: pick.score,
                why: pick.why,
            });
        let plan = self.all_plan();
        let Some(entry) = self.shown(story, &plan, recommended.collect()) else { return Ok(None) };
        let heading = self.heading(&entry.lang);
        let html = pages::story(&self.settings.site, self.settings.tz, &entry, &heading);
        Ok(Some(self.page(html, Some(entry.updated), Cache::Public(FRESH_SECS))))
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

    /// The tags that everybody may see, most used first.
    pub(super) async fn tags(&self, limit: usize) -> Result<Vec<(Tag, u64)>, StoreError> {
        let private = self.private();
        if private.is_empty() {
            return self.store.tags(limit).await;
        }
        let hidden = self.store.tags_owed_to(&private).await?;
        let mut tags = self.store.tags(limit.saturating_add(hidden.len())).await?;
        for (tag, stories) in &mut tags {
            *stories = stories.saturating_sub(hidden.get(tag.key()).copied().unwrap_or(0));
        }
        tags.retain(|(_, stories)| *stories > 0);
        tags.sort_by(|(a, of_a), (b, of_b)| of_b.cmp(of_a).then_with(|| a.key().cmp(b.key())));
        tags.truncate(limit);
        Ok(tags)
    }

    async fn status_rows(&self) -> Result<Vec<pages::StatusRow>, StoreError> {
        let states: HashMap<_, _> = self.store.source_states().await?.into_iter().collect();
        let mut rows: Vec<_> = self
            .settings
            .sources
            .iter()
            .filter(|(name, _)| !self.is_private(name))
            .map(|(name, (_, outlet, _))| {
                let state = states.get(name);
                let health = state.and_then(|s| s.health.as_ref());
                pages::StatusRow {
                    name: name.to_string(),
                    outlet: outlet.name.clone(),
                    url: outlet.url.clone(),
                    state: health.map_or(HealthState::Ok, |h| h.state),
                    since: health.map(|h| h.since),
                    error: health.and_then(|h| h.error.clone()),
                    failures: health.map_or(0, |h| h.failures),
                    polled: state.and_then(|s| s.last_polled),
                    next: state.and_then(|s| s.next_due),
                    articles: state.map_or(0, |s| s.articles),
                }
            })
            .collect();
        rows.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(rows)
    }
}

/// Whether what a feed holds changes by time alone: it asks for an age, or for a feed that does.
pub(super) fn is_timed(feed: &Feed, feeds: &[Feed]) -> bool {
    let mut asked: Vec<&Feed> = vec![feed];
    let mut at = 0;
    while let Some(names) = asked.get(at).map(|f| f.select.as_ref().map(Query::names).unwrap_or_default()) {
        if !names.ages.is_empty() {
            return true;
        }
        // Each feed is looked at once, however they ask for each other.
        let more = feeds.iter().filter(|f| names.feeds.iter().any(|(name, _)| *name == f.slug));
        let more: Vec<&Feed> = more.filter(|f| !asked.iter().any(|a| a.slug == f.slug)).collect();
        asked.extend(more);
        at += 1;
    }
    false
}

/// A story stands under a tag only where it shows it.
fn has_tag(entry: &EditionEntry, shelf: &Shelf) -> bool {
    let Shelf::Tag(key) = shelf else { return true };
    entry.tags.iter().any(|tag| tag.key() == key)
}
