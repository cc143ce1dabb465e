//! Search: what somebody asks in the query language, as a page, as feeds, and for the command line.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use url::form_urlencoded;

use super::address::Format;
use super::withdrawn::HIDDEN;
use super::{Answer, FRESH_SECS, Publisher};
use crate::curate::{Feeds, Listed};
use crate::model::{Edition, EditionEntry, Mistake, ShownBody, Story};
use crate::query::{Around, Mark, Query, Sieve};
use crate::render::{Cache, Rendered, pages};
use crate::store::{Accept, Findings, Number, Order, Seek, StoreError};
use crate::text::{excerpt, fold};

/// Stories on a page.
const ON_A_PAGE: usize = 20;
/// Pages: who wants to see more asks more narrowly.
const MOST_PAGES: usize = 25;
/// Stories looked at for one search: fewer where the query is long, so that all of it stays within a bound.
const LOOKED_AT: usize = 1_000;
/// Terms of a query that all those stories are asked; a regex counts for many.
const TERMS: usize = 16;
/// Private sources that the index is told to leave out; the rights are asked of each story in any case.
const LEFT_OUT: usize = 64;
/// Characters of the lines around what was asked for.
const AROUND: usize = 280;
/// Letters of a query in the title of its feed.
const TITLE: usize = 80;

/// What a search found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The stories, cut to what may be shown, each with the lines that say what was asked for.
    pub stories: Vec<(EditionEntry, Option<Around>)>,
    /// Whether more follow.
    pub more: bool,
    /// How many there are.
    pub number: Number,
    /// Of how many of the newest stories it was asked, where that was not all.
    pub looked: Option<usize>,
    /// When the newest story was published of those that it was asked of: the pages that follow show none that came later.
    pub as_of: Option<DateTime<Utc>>,
    /// Whether stories are still being taken in, so that older ones cannot be found yet.
    pub filling: bool,
    /// What is odd about the query: names that nothing has.
    pub notes: Vec<Mistake>,
}

/// Which of the stories that are found are wanted.
struct Place {
    order: Order,
    skip: usize,
    take: usize,
}

/// A search as its address has it.
struct Asked {
    query: String,
    /// From 1.
    page: usize,
    /// The instant of the first page, where this is a further one.
    as_of: Option<DateTime<Utc>>,
}

impl Asked {
    fn read(query: &str) -> Self {
        let fields: HashMap<_, _> = form_urlencoded::parse(query.as_bytes()).into_owned().take(16).collect();
        let page = fields.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        let query = fields.get("q").map(|q| q.trim().to_owned()).unwrap_or_default();
        let as_of = fields.get("as_of").and_then(|at| DateTime::parse_from_rfc3339(at).ok()).map(|at| at.to_utc());
        Self { query, page: usize::clamp(page, 1, MOST_PAGES), as_of }
    }

    /// The path of a page, of what there was at an instant.
    fn path(&self, page: usize, as_of: Option<DateTime<Utc>>) -> String {
        let mut fields = form_urlencoded::Serializer::new(String::new());
        fields.append_pair("q", &self.query);
        if page > 1 {
            fields.append_pair("page", &page.to_string());
        }
        if let Some(at) = as_of {
            fields.append_pair("as_of", &at.to_rfc3339_opts(SecondsFormat::Micros, true));
        }
        format!("search?{}", fields.finish())
    }
}

impl Publisher {
    /// What a query finds.
    pub(super) async fn search(&self, query: &str, format: Format) -> Result<Answer, StoreError> {
        let asked = Asked::read(query);
        if format == Format::Page {
            return self.search_page(&asked).await.map(Answer::found);
        }
        if asked.query.is_empty() {
            return Ok(Answer::Missing);
        }
        let limit = self.settings.defaults.limit;
        let (entries, notes) = match self.search_for(&asked.query, Order::Newest, 0, limit).await? {
            Ok(found) => (found.stories.into_iter().map(|(entry, _)| entry).collect(), found.notes),
            // Who subscribed to it would wait for ever.
            Err(mistakes) => return Ok(Answer::Misread(told(&mistakes, "\n"))),
        };
        let edition = self.edition_of(&asked, entries, &notes);
        self.written(false, edition, format, pages::Kind::All).await.map(Answer::found)
    }

    fn edition_of(&self, asked: &Asked, entries: Vec<EditionEntry>, notes: &[Mistake]) -> Edition {
        let site = &self.settings.site;
        let said = told(notes, "; ");
        Edition {
            path: asked.path(1, None),
            opened_by: None,
            title: format!("{} · {}", excerpt(&asked.query, TITLE), site.title),
            description: Some(said).filter(|said| !said.is_empty()),
            lang: site.lang.clone(),
            changed: entries.iter().map(|e| e.updated).max(),
            recommended_heading: self.heading(&site.lang),
            entries,
            digests: Vec::new(),
        }
    }

    async fn search_page(&self, asked: &Asked) -> Result<Rendered, StoreError> {
        let (mut mistakes, mut found, mut read) = (Vec::new(), None, true);
        if !asked.query.is_empty() {
            let (query, wrong) = reading(&asked.query).await?;
            read = wrong.is_empty();
            mistakes = wrong;
            if let Some(query) = query {
                let place = Place { order: Order::Best, skip: (asked.page - 1) * ON_A_PAGE, take: ON_A_PAGE };
                let this = self.answer_to(query, place, asked.as_of).await?;
                mistakes.extend(this.notes.iter().cloned());
                found = Some(this);
            }
        }
        if found.as_ref().is_some_and(|found| found.stories.is_empty() && asked.page == 1)
            && let Some(at) = self.found_at(&asked.query).await?
        {
            (found, read) = (Some(at), false);
            mistakes.clear();
        }
        // Feeds are for queries: these are read to the letter.
        let feed = Some(asked.path(1, None)).filter(|_| read);
        let as_of = found.as_ref().and_then(|found| found.as_of);
        let shown = found.as_ref().map(|found| pages::Found {
            stories: &found.stories,
            number: match found.number {
                Number::Exactly(n) => pages::Number::Exactly(n),
                Number::About(n) => pages::Number::About(n),
                Number::MoreThan(n) => pages::Number::MoreThan(n),
            },
            looked: found.looked,
            filling: found.filling,
            feed: feed.as_deref(),
            before: (asked.page > 1).then(|| asked.path(asked.page - 1, as_of)),
            after: (found.more && asked.page < MOST_PAGES).then(|| asked.path(asked.page + 1, as_of)),
        });
        let page = pages::Search { query: &asked.query, mistakes: &mistakes, found: shown };
        let html = pages::search(&self.settings.site, self.settings.tz, &page);
        Ok(self.page(html, None, Cache::Public(FRESH_SECS)))
    }

    /// The stories that a query finds, as everybody may see them: `take` of them after the first `skip`. The inner error is
    /// all that is wrong with the query.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn search_for(
        &self,
        text: &str,
        order: Order,
        skip: usize,
        take: usize,
    ) -> Result<Result<Found, Vec<Mistake>>, StoreError> {
        match reading(text).await? {
            (Some(query), mistakes) if mistakes.is_empty() => {
                let unknown = self.unknown_feeds(&query);
                if !unknown.is_empty() {
                    return Ok(Err(unknown));
                }
                self.answer_to(query, Place { order, skip, take }, None).await.map(Ok)
            }
            (_, mistakes) => Ok(Err(mistakes)),
        }
    }

    /// A feed that is not there holds nothing.
    async fn answer_to(&self, query: Query, place: Place, as_of: Option<DateTime<Utc>>) -> Result<Found, StoreError> {
        let mut notes = self.unknown_feeds(&query);
        let query = self.as_named(query);
        let seek = Seek { as_of, ..self.seek(&query, place) };
        let sought = self.store.search(seek, self.accept(query.clone())).await?;
        notes.extend(self.unknown(&query, sought.number == Number::Exactly(0)).await?);
        let Findings { found, more, number, looked, as_of, since } = sought;
        let (mut entries, texts): (Vec<EditionEntry>, Vec<String>) = found.into_iter().unzip();
        self.link_tags(&mut entries).await?;
        let stories = tokio::task::spawn_blocking(move || {
            let around = |entry: &EditionEntry, text: &str| match &entry.body {
                ShownBody::Full(_) => query.around(text, AROUND),
                ShownBody::Excerpt(shown) => query.around(shown, AROUND),
                ShownBody::Nothing => None,
            };
            let stories = entries.into_iter().zip(texts).map(|(entry, text)| {
                let around = around(&entry, &text);
                (entry, around)
            });
            stories.collect()
        });
        let stories = stories.await.map_err(|_broke_off| StoreError::BrokeOff)?;
        Ok(Found { stories, more, number, looked, as_of, filling: since.is_some(), notes })
    }

    /// The story at an address in any spelling, as everybody may see it.
    async fn found_at(&self, address: &str) -> Result<Option<Found>, StoreError> {
        let Some(story) = self.story_at(address).await? else { return Ok(None) };
        let mut entries: Vec<EditionEntry> = self.shown(story, &self.all_plan(), Vec::new()).into_iter().collect();
        self.link_tags(&mut entries).await?;
        let entry = entries.pop();
        Ok(entry.map(|entry| Found {
            stories: vec![(entry, None)],
            more: false,
            number: Number::Exactly(1),
            looked: None,
            as_of: None,
            filling: false,
            notes: Vec::new(),
        }))
    }

    fn seek(&self, query: &Query, Place { order, skip, take }: Place) -> Seek {
        let feeds = &self.settings.feeds;
        let of_feed = |slug: &str| feeds.iter().find(|f| f.slug == *slug).map(|f| f.select.as_ref());
        let sifted = query.sifted(&of_feed);
        let private = self.private();
        let left_out = |name: &str| Sieve::mark(Mark::LeadSource(&fold(name))).opposite();
        let left_out = private.iter().take(LEFT_OUT).map(|name| left_out(name.as_str()));
        let shown = self.settings.hide.as_ref().map(Query::sifted_out);
        let all_shown = shown.as_ref().is_none_or(|shown| shown.exact);
        let left_out = left_out.chain(shown.map(|shown| shown.sieve));
        let sieve = match sifted.sieve {
            Sieve::Everything => Sieve::Everything,
            sieve => Sieve::all(std::iter::once(sieve).chain(left_out).collect()),
        };
        let names: Vec<String> = query.names().feeds.into_iter().map(|(name, _)| name.to_lowercase()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let asked = Feeds::needed(feeds, &names);
        let (ages, now) = (query.ages(&|slug| asked.ages(slug)), self.clock.now());
        Seek {
            sieve,
            exact: sifted.exact && all_shown,
            from: ages.most.and_then(|age| now.checked_sub_signed(age)),
            until: ages.least.and_then(|age| now.checked_sub_signed(age)),
            as_of: None,
            order,
            skip,
            take,
            hidden: HIDDEN.to_owned(),
            most: (LOOKED_AT * TERMS / query.cost().max(TERMS)).max(take.saturating_add(1)),
        }
    }

    /// Asks the query itself, of a story as everybody may see it; gives what is shown of it, and its text.
    fn accept(&self, query: Query) -> Accept<(EditionEntry, String)> {
        let (publisher, now) = (self.with_same_settings(), self.clock.now());
        let names: Vec<String> = query.names().feeds.into_iter().map(|(name, _)| name.to_lowercase()).collect();
        Box::new(move |story: Story| {
            let story = publisher.seen(story, false)?;
            let mut listed = Listed::new(&story, &[], now);
            if !names.is_empty() {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                listed.find_place_in(&Feeds::needed(&publisher.settings.feeds, &names));
            }
            if !listed.matches(&query) {
                return None;
            }
            let text = story.lead.text.clone();
            publisher.shown(story, &publisher.all_plan(), Vec::new()).map(|entry| (entry, text))
        })
    }
}

/// What somebody asks. Regexes take a while to build.
async fn reading(text: &str) -> Result<(Option<Query>, Vec<Mistake>), StoreError> {
    let text = text.to_owned();
    tokio::task::spawn_blocking(move || Query::read(&text)).await.map_err(|_broke_off| StoreError::BrokeOff)
}

/// Mistakes in words, with what to write instead.
fn told(mistakes: &[Mistake], between: &str) -> String {
    let said = mistakes.iter().map(|m| match &m.hint {
        Some(hint) => format!("{} ({hint})", m.message),
        None => m.message.clone(),
    });
    said.collect::<Vec<_>>().join(between)
}
