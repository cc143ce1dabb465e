//! Why a story is what it is: gathered for its owner, or cut to what everybody may know.

use std::collections::HashSet;

use url::Url;

use super::{Publisher, Settings, likeness};
use crate::curate::explained::{self, Hidden};
use crate::curate::{self, Feed, Listed};
use crate::dedup::outlet_key;
use crate::model::{
    Article, ArticleId, Copies, Cuts, Explanation, FeedReason, FoundBy, From, Left, Member, Overlap, Recommended,
    Republish, Standing, Story, StoryId, Tag, TagReason, Trace, Unknown,
};
use crate::query::Query;
use crate::render::{Cache, Rendered, Site, pages};
use crate::store::{Sought, StoreError, Telling, Traced, Trail};
use crate::text::url_key;

/// Feeds in which a story's place is looked up: each costs the reading of its edition.
const MOST_PLACES: usize = 16;

/// What there is to say of something that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Explained {
    /// Why it is as it is.
    Known(Box<Explanation>),
    /// Nothing is kept of it.
    Unknown(Box<Unknown>),
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    /// Whoever can read the file: all but secrets.
    Owner,
    /// Nothing that rights or keys hide.
    Anybody,
}

/// Where something was found.
struct Place {
    found_by: FoundBy,
    story: StoryId,
    article: Option<ArticleId>,
}

/// A story, the part of it that the asker may see, and what is hidden from the asker.
struct Sight {
    whole: Story,
    seen: Story,
    telling: Telling,
    hidden: Hidden,
}

impl Publisher {
    /// Explains what is found under an id, an address in any spelling, or a tag URI, to the owner: all but secrets. Writes
    /// nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn explain(&self, asked: &str) -> Result<Explained, StoreError> {
        let sought = sought(asked, &self.settings.site);
        let mut seen = None;
        for one in &sought {
            match self.store.trail(one.clone()).await? {
                Trail::Kept { found_by, story, article } => {
                    let place = Place { found_by, story, article };
                    if let Some(explanation) = self.explanation(place, Asker::Owner).await? {
                        return Ok(Explained::Known(Box::new(explanation)));
                    }
                }
                Trail::Seen(what) => seen = seen.or(Some(what)),
                Trail::Nothing => {}
            }
        }
        let looked_for = sought.iter().map(in_words).collect();
        Ok(Explained::Unknown(Box::new(Unknown { asked: asked.to_owned(), looked_for, seen })))
    }

    /// Fills the index of likeness, for a process that publishes nothing: what is recommended now is not known without.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn learn(&self) -> Result<(), StoreError> {
        likeness::fill(self, self.store.revision()).await
    }

    /// The page that explains a story to anybody.
    pub(super) async fn explain_page(&self, id: &str) -> Result<Option<Rendered>, StoreError> {
        let Trail::Kept { found_by, story, article } = self.store.trail(Sought::Id(id.to_owned())).await? else {
            return Ok(None);
        };
        let place = Place { found_by, story, article };
        let Some(explanation) = self.explanation(place, Asker::Anybody).await? else { return Ok(None) };
        let html = pages::explain(&self.settings.site, self.settings.tz, &explanation);
        Ok(Some(self.page(html, None, Cache::NoStore)))
    }

    /// The story of an article at an address in any spelling, or of a page of ours; `None` where not everybody may see that.
    pub(super) async fn story_at(&self, address: &str) -> Result<Option<Story>, StoreError> {
        let places = sought(address, &self.settings.site).into_iter().filter(|one| !matches!(one, Sought::Guid(_)));
        for one in places {
            let Trail::Kept { story, article, .. } = self.store.trail(one).await? else { continue };
            let Some(sight) = self.sight(&story, Asker::Anybody).await? else { continue };
            let mut members = sight.telling.members.iter();
            if article.is_none_or(|article| members.any(|t| t.member.article == article)) {
                return Ok(Some(sight.whole));
            }
        }
        Ok(None)
    }

    async fn explanation(&self, place: Place, asker: Asker) -> Result<Option<Explanation>, StoreError> {
        let Some(sight) = self.sight(&place.story, asker).await? else { return Ok(None) };
        let article = place.article.as_ref().unwrap_or(&sight.seen.lead.id);
        let Some(traced) = self.store.traced(article).await? else { return Ok(None) };
        let is_seen = sight.telling.members.iter().any(|t| t.member.article == traced.article.id);
        if asker == Asker::Anybody && (!is_seen || self.hides(&traced.article)) {
            return Ok(None);
        }
        let (seen, at) = (&sight.seen, self.clock.now());
        let admitted = sight.telling.admitted.is_some();
        let Asked { tags, selected, queries } = self.asked_of(&sight).await?;
        let feeds = self.feeds(seen, admitted, selected, queries, asker).await?;
        let beside = self.overlaps(&sight, asker);
        Ok(Some(Explanation {
            found_by: place.found_by,
            story: seen.id.clone(),
            article: traced.article.id.clone(),
            title: traced.article.title.clone(),
            uri: curate::uri(seen, &self.settings.site.id),
            page: self.settings.site.address(&format!("story/{}", seen.id)),
            at,
            cut: self.left(&traced, asker),
            from: self.from(traced, asker),
            tags,
            feeds,
            recommended: self.recommended(seen, &sight.telling, asker).await?,
            copies: copies(sight.telling, beside),
        }))
    }

    /// Stories that share text with one and stand beside it, as far as the asker may see them.
    fn overlaps(&self, sight: &Sight, asker: Asker) -> (Option<Overlap>, Vec<Overlap>) {
        let told = |source: &_, private| self.settings.credit_others && !self.hides_from(source, private);
        let members = sight.telling.members.iter().map(|teller| &teller.member.article).collect();
        explained::overlaps(&sight.seen, &members, |source, private| asker != Asker::Anybody || told(source, private))
    }

    /// A story with what the asker may see of it; `None` where that is nothing.
    async fn sight(&self, id: &StoryId, asker: Asker) -> Result<Option<Sight>, StoreError> {
        let Some(whole) = self.store.story(id.as_str()).await? else { return Ok(None) };
        let mut telling = self.store.telling(&whole.id).await?;
        let mut seen = whole.clone();
        let mut hidden = Hidden::default();
        if asker == Asker::Anybody {
            if self.is_hidden(&whole) || self.hides(&whole.lead) || telling.admitted.is_none() {
                return Ok(None);
            }
            let sources = &self.settings.sources;
            let private = sources.iter().filter(|(name, _)| self.is_private(name));
            hidden.outlets = private.map(|(_, (_, outlet, _))| outlet.name.clone()).collect();
            hidden.sources = self.private();
            hidden.feeds = self.settings.feeds.iter().filter(|f| f.key.is_some()).map(|f| f.slug.clone()).collect();
            // Who tells it too, and under which tags, is as private as the copy itself.
            let private = telling.members.iter().map(|t| &t.member).filter(|m| self.is_hidden_copy(m));
            let private: HashSet<ArticleId> = private.map(|m| m.article.clone()).collect();
            if !private.is_empty() {
                seen.others.retain(|other| !private.contains(&other.article));
                seen.tags.clone_from(&seen.lead.tags);
                telling.redirects.clear();
            }
            let lead = &whole.lead.id;
            let is_named = |article: &ArticleId| self.settings.credit_others || article == lead;
            telling.members.retain(|t| !private.contains(&t.member.article) && is_named(&t.member.article));
        }
        Ok(Some(Sight { whole, seen, telling, hidden }))
    }

    /// What came as private stays so when its source leaves the file.
    fn is_hidden_copy(&self, copy: &Member) -> bool {
        self.hides_from(&copy.source, copy.private)
    }

    fn hides(&self, article: &Article) -> bool {
        self.rights(article) == Republish::Private || self.is_private(&article.source)
    }

    fn from(&self, traced: Traced, asker: Asker) -> From {
        let Traced { article, text_hash, notes, .. } = traced;
        let rights = self.rights(&article);
        let known = self.settings.sources.get(&article.source);
        let (declared, private) = known.map_or((None, article.came_as_private()), |(r, ..)| (r.republish, r.private));
        let owner = asker == Asker::Owner;
        let followed = article.provenance.via.iter();
        From {
            in_file: known.is_some(),
            known_by: explained::known_by(&article),
            dated_by: explained::dated_by(&article),
            rights,
            rights_by: explained::rights_by(declared, private, article.body_from),
            followed: followed.filter_map(|via| explained::without_secrets(via, !owner || private)).collect(),
            date: article.date(),
            text_hash: format!("{text_hash:016x}"),
            source: article.source,
            outlet: article.provenance.outlet,
            original: article.provenance.origin,
            url: article.url,
            guid: article.guid.filter(|_| owner),
            url_key: article.url_key,
            first_seen: article.first_seen,
            published: article.published,
            updated: article.updated,
            body: article.body_from,
            language: article.lang.map(|lang| lang.to_string()),
            notes: if owner { notes } else { Vec::new() },
        }
    }

    /// What was left out. The words of it are the page's: they leave where the page's text may.
    fn left(&self, traced: &Traced, asker: Asker) -> Left {
        let rights = self.rights(&traced.article);
        let told = traced.cuts.clone().map(|cuts| Cuts { asked: None, ..cuts });
        let mut reading = told.filter(|cuts| *cuts != Cuts::default());
        if asker == Asker::Anybody && rights != Republish::Full {
            let parts = reading.iter_mut().flat_map(|cuts| &mut cuts.parts);
            parts.for_each(|part| part.words.clear());
        }
        let text = &traced.article.text;
        Left { reading, leaves: curate::leaves(rights, text), characters: text.chars().count() }
    }

    /// Asks the rules and the feeds. Folding is work for a core.
    async fn asked_of(&self, sight: &Sight) -> Result<Asked, StoreError> {
        let (whole, seen, hidden) = (sight.whole.clone(), sight.seen.clone(), sight.hidden.clone());
        let tellers = sight.telling.members.iter();
        let tellers: Vec<_> = tellers.map(|t| (t.member.outlet.clone(), t.tags.clone())).collect();
        let (settings, now) = (self.settings.clone(), self.clock.now());
        let asked = tokio::task::spawn_blocking(move || {
            let selected: HashSet<String> = Listed::feeds(&whole, &settings.feeds, now).into_iter().collect();
            let stands: Vec<String> = selected.iter().filter(|f| !hidden.feeds.contains(f)).cloned().collect();
            let listed = Listed::new(&seen, &stands, now);
            let rules = told_rules(&settings, &hidden);
            let tellers: Vec<_> = tellers.iter().map(|(outlet, tags)| (outlet.as_str(), tags.as_slice())).collect();
            let told = settings.feeds.iter().filter(|f| !hidden.feeds.contains(&f.slug));
            let query = |feed: &Feed| explained::told_query(feed, &listed, selected.contains(&feed.slug), &hidden);
            Asked {
                tags: explained::tag_reasons(&seen.tags, &tellers, &rules, &listed),
                queries: told.map(|feed| (feed.slug.clone(), query(feed))).collect(),
                selected,
            }
        });
        asked.await.map_err(|_broke_off| StoreError::BrokeOff)
    }

    /// How the story stands in the feed of everything and in each curated feed that the asker may know of.
    async fn feeds(
        &self,
        story: &Story,
        admitted: bool,
        selected: HashSet<String>,
        queries: Vec<(String, (Option<Trace>, bool))>,
        asker: Asker,
    ) -> Result<Vec<FeedReason>, StoreError> {
        let settings = &self.settings;
        let private = self.rights(&story.lead) == Republish::Private;
        let hidden = self.withdrawn_by(story);
        let is_hidden = hidden.is_some();
        let all = (curate::EVERYTHING.to_owned(), (hidden, false));
        let mut looked = 0;
        let mut reasons = Vec::with_capacity(queries.len() + 1);
        for (slug, (query, query_hidden)) in std::iter::once(all).chain(queries) {
            let feed = settings.feeds.iter().find(|f| f.slug == slug);
            let keyed = feed.is_some_and(|f| f.key.is_some());
            let is_selected = feed.is_none() || selected.contains(&slug);
            let mut position = None;
            let standing = match (is_selected, private && !keyed, admitted, looked < MOST_PLACES) {
                (false, ..) => Standing::NotSelected,
                _ if is_hidden => Standing::Hidden,
                (_, true, ..) => Standing::Private,
                (_, _, false, _) => Standing::NotAdmitted,
                (_, _, _, false) => Standing::Selected,
                _ => {
                    looked += 1;
                    position = self.place_in(&slug, &story.id).await?;
                    if position.is_some() { Standing::Shown } else { Standing::BeyondLimit }
                }
            };
            reasons.push(FeedReason {
                title: feed.map_or(&settings.site.title, |f| &f.title).clone(),
                limit: feed.map_or(settings.defaults.limit, |f| f.limit),
                keyed: keyed && asker == Asker::Owner,
                feed: slug,
                standing,
                position,
                query,
                query_hidden,
            });
        }
        Ok(reasons)
    }

    async fn recommended(&self, story: &Story, telling: &Telling, asker: Asker) -> Result<Recommended, StoreError> {
        let mut fixed = self.store.recommendations(std::slice::from_ref(&story.id)).await?;
        let mut fixed = fixed.remove(&story.id).unwrap_or_default();
        let mut fresh = self.recommended_now(&story.id).await?;
        match asker {
            Asker::Anybody => self.keep_shown([&mut fixed, &mut fresh].into_iter()).await?,
            Asker::Owner => self.leave_out_withdrawn(&mut fixed, |r| &r.story).await?,
        }
        Ok(Recommended { admitted: telling.admitted, completed: telling.completed, fixed, fresh })
    }
}

/// What the rules and the feeds answered.
struct Asked {
    tags: Vec<TagReason>,
    /// Slugs of the feeds that select the story, hidden ones too.
    selected: HashSet<String>,
    /// By the slug of each feed that may be told: its query, and whether that is hidden.
    queries: Vec<(String, (Option<Trace>, bool))>,
}

/// The rules of the file that may be told, each with the key of the tag that is given for its own.
fn told_rules<'s>(settings: &'s Settings, hidden: &Hidden) -> Vec<(String, &'s Query)> {
    let given = |key: &str| settings.tagging.aliases.get(key).map_or(key, Tag::key).to_owned();
    let told = settings.tagging.rules.iter().filter(|(_, query)| !hidden.is_named_by(query));
    told.map(|(tag, query)| (given(tag.key()), query)).collect()
}

fn copies(telling: Telling, (part_of, holds): (Option<Overlap>, Vec<Overlap>)) -> Copies {
    // A lead that is named by its outlet is named by its address too.
    let lead = telling.members.first().map(|t| (outlet_key(&t.member.outlet), t.url_key.clone()));
    let origin = |key: Option<String>| match (&lead, key) {
        (Some((outlet, url)), Some(key)) if key == *outlet => url.clone(),
        (_, key) => key,
    };
    let keys: Vec<_> = telling.members.iter().map(|t| (t.url_key.clone(), origin(t.origin_key.clone()))).collect();
    let keys: Vec<_> = keys.iter().map(|(url, origin)| (url.as_deref(), origin.as_deref())).collect();
    let articles: Vec<_> = telling.members.into_iter().map(|teller| teller.member).collect();
    Copies { lead_by: explained::lead_by(&articles, &keys), articles, redirects: telling.redirects, part_of, holds }
}

/// What somebody may mean by what they wrote, the likeliest first.
fn sought(asked: &str, site: &Site) -> Vec<Sought> {
    let asked = asked.trim();
    let guid = || Sought::Guid(asked.to_owned());
    let id = |id: &str| StoryId::parse(id).map(|id| Sought::Id(id.to_string()));
    if let Some(own) = id(asked) {
        return vec![own, guid()];
    }
    // The ids that our feeds emit; sources write tag URIs too.
    if asked.starts_with("tag:") {
        let own = asked.split_once(":story/").and_then(|(_, rest)| id(rest));
        return own.into_iter().chain([guid()]).collect();
    }
    let url = |written: &str| Url::parse(written).ok().filter(|u| matches!(u.scheme(), "http" | "https"));
    let bare = || asked.contains('.') && !asked.contains("://") && !asked.contains(char::is_whitespace);
    let Some(url) = url(asked).or_else(|| url(&format!("https://{asked}")).filter(|_| bare())) else {
        return vec![guid()];
    };
    let ours = url.host() == site.base.host() && url.port() == site.base.port();
    let path = url.path().strip_prefix(site.base.path()).filter(|_| ours);
    let own = path.and_then(|p| p.strip_prefix("story/").or_else(|| p.strip_prefix("explain/")));
    if let Some(own) = own.and_then(|own| id(own.trim_end_matches('/'))) {
        return vec![own];
    }
    vec![Sought::Address { key: url_key(&url), written: asked.to_owned() }]
}

fn in_words(sought: &Sought) -> String {
    match sought {
        Sought::Id(id) => format!("the id {id} of a story, an article or an entry"),
        Sought::Address { key, .. } => format!("an article at {key}"),
        Sought::Guid(guid) => format!("an article that its source calls {guid}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Lang;

    #[test]
    fn whatever_is_written_is_looked_for_as_what_it_may_be() {
        let site = Site {
            title: "T".into(),
            id: "feeds.example".into(),
            base: Url::parse("https://feeds.example:8443/rives/").unwrap(),
            lang: Lang::parse("fr").unwrap(),
            recommended_in_body: true,
            recommended_as_links: true,
        };
        let id = "abcdefghij234567";
        let own = Sought::Id(id.into());
        let guid = |written: &str| Sought::Guid(written.into());
        let address = |key: &str, written: &str| Sought::Address { key: key.into(), written: written.into() };
        let tag = format!("tag:feeds.example,2026:story/{id}");
        for (asked, wanted) in [
            (id, vec![own.clone(), guid(id)]),
            (&tag, vec![own.clone(), guid(&tag)]),
            ("tag:blogger.com,1999:blog-1.post-2", vec![guid("tag:blogger.com,1999:blog-1.post-2")]),
            ("https://feeds.example:8443/rives/story/abcdefghij234567", vec![own.clone()]),
            (" http://feeds.example:8443/rives/explain/abcdefghij234567/ ", vec![own]),
            (
                "https://feeds.example:8443/story/abcdefghij234567",
                vec![address(
                    "feeds.example:8443/story/abcdefghij234567",
                    "https://feeds.example:8443/story/abcdefghij234567",
                )],
            ),
            ("www.a.example/1/?utm_source=x", vec![address("a.example/1", "www.a.example/1/?utm_source=x")]),
            ("urn:uuid:1", vec![guid("urn:uuid:1")]),
            ("42", vec![guid("42")]),
            ("a b.c", vec![guid("a b.c")]),
            ("javascript:alert(1)", vec![guid("javascript:alert(1)")]),
            ("", vec![guid("")]),
        ] {
            assert_eq!(sought(asked, &site), wanted, "{asked}");
        }
    }
}
