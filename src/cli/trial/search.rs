//! What `try` asks, one request after the other: the address, the feeds that it leads to, its list, the API and the
//! sitemaps of its site.

use std::collections::{HashSet, VecDeque};

use anyhow::bail;
use chrono_tz::Tz;
use url::Url;

use crate::clock::Clock;
use crate::fetch::{Accept, Answer, Client, FetchError, Request};
use crate::model::{Document, DocumentKind, Entry, Reading};
use crate::read::{self, Found, Input, Leads, ReadError};
use crate::text;

/// Requests of one `try`, and those of them by which a feed is looked for.
const MOST_ASKED: usize = 22;
const MOST_ASKED_FOR_FEEDS: usize = 16;
/// Feeds that are named in a page and asked; of those the ones that a page about feeds links to.
const MOST_FEEDS: usize = 5;
const MOST_LINKED: usize = 3;
/// Sitemaps of one index that are asked.
const MOST_SITEMAPS: usize = 3;
/// Characters of a line that says what came back.
const LONGEST_LINE: usize = 240;
/// Where sitemaps usually are, those of news first.
const SITEMAPS: [&str; 4] = ["/sitemap-news.xml", "/news-sitemap.xml", "/sitemap.xml", "/sitemap_index.xml"];

/// What an address gives.
pub(super) struct Tried {
    pub(super) document: Document,
    /// What the page or the feed calls itself.
    pub(super) title: Option<String>,
    pub(super) reading: Reading,
    /// How its list is read, where it is one.
    pub(super) list: Vec<(&'static str, String)>,
    /// Whether its dates name no zone and are in UTC.
    pub(super) utc: bool,
    /// Whether it is an index, and what was read stands in the sitemaps that it names.
    pub(super) index: bool,
}

impl Tried {
    fn feed(document: Document, reading: Reading) -> Self {
        let title = reading.head.title.clone();
        Self { document, title, reading, list: Vec::new(), utc: false, index: false }
    }

    fn list(document: Document, found: Found, title: Option<String>) -> Self {
        let utc = found.keys.iter().any(|(_, path)| path == "date_gmt");
        let title = title.or_else(|| found.reading.head.title.clone());
        Self { document, title, reading: found.reading, list: found.keys, utc, index: false }
    }
}

/// A question that led to nothing.
enum Miss {
    /// The server says that it is not there.
    Absent(String),
    /// It does not answer, or has enough of questions.
    Failed(String),
}

pub(super) struct Search<'a> {
    client: &'a Client,
    tz: Tz,
    asked: HashSet<Url>,
    /// Whether a server failed or refused: nothing is guessed any more.
    tired: bool,
    /// What was asked and came to nothing.
    misses: Vec<String>,
    /// Those of them that the page itself named.
    notes: Vec<String>,
}

impl<'a> Search<'a> {
    pub(super) fn new(client: &'a Client, tz: Tz) -> Self {
        Self { client, tz, asked: HashSet::new(), tired: false, misses: Vec::new(), notes: Vec::new() }
    }

    /// What an address gives: itself, the feed of its page, its list of articles, or what the site has in their place.
    pub(super) async fn run(mut self, url: Url) -> anyhow::Result<Tried> {
        let page = match self.ask(url.clone()).await {
            Ok(document) => document,
            Err(Miss::Absent(why) | Miss::Failed(why)) => bail!("{why}"),
        };
        let (why, title) = match read::read(&self.input(&page), None) {
            Ok(reading) if is_usable(&reading) => return Ok(Tried::feed(page, reading)),
            Ok(reading) => (format!("it is there, but has no entries {:?}", reading.notes), None),
            Err(ReadError::SitemapIndex { sitemaps }) => {
                let why = format!("{url}: none of its sitemaps gives entries");
                return match self.index(page, sitemaps).await {
                    Some(found) => Ok(self.noted(found)),
                    None => bail!("{}", self.told(&why)),
                };
            }
            Err(ReadError::NotAFeed { kind, title, .. }) => {
                let error = ReadError::NotAFeed { kind, title: title.clone(), feeds: Vec::new() };
                (error.to_string(), title)
            }
            Err(error) => (error.to_string(), None),
        };
        if !self.is_page(&page) {
            return match read::detect(&self.input(&page)).filter(|found| !found.unproved) {
                Some(found) => Ok(Tried::list(page, found, None)),
                None => bail!("{url}: {why}"),
            };
        }
        match self.of_page(page, title).await {
            Some(found) => Ok(self.noted(found)),
            None => bail!("{}", self.told(&format!("{url}: {why}"))),
        }
    }

    /// What a page leads to. Its feed comes first, as it is made to be read. Then on the front of a site its API, which has the
    /// texts too; on any other page the list that can be seen there, which is a part of the site and was asked for. What
    /// only says what the whole site has comes last.
    async fn of_page(&mut self, page: Document, title: Option<String>) -> Option<Tried> {
        let leads = read::leads(&self.input(&page), page.link_header.as_deref());
        let api = leads.wordpress.as_ref().and_then(read::wordpress_list);
        let root = leads.wordpress.as_ref().and_then(|api| api.path().trim_end_matches('/').strip_suffix("wp-json"));
        let front = page.url.query().is_none() && [Some("/"), root].contains(&Some(page.url.path()));
        if let Some(found) = self.feed(&page.url, leads).await {
            return Some(found);
        }
        if front && let Some(found) = self.wordpress(api.clone(), title.clone()).await {
            return Some(found);
        }
        if let Some(found) = read::detect(&self.input(&page))
            && self.is_proved(&found).await
        {
            return Some(Tried::list(page, found, title));
        }
        if let Some(found) = self.wordpress(api.filter(|_| !front), title.clone()).await {
            return Some(found);
        }
        let mut found = self.sitemap(&page.url).await?;
        found.title = title.or(found.title);
        Some(found)
    }

    /// The feed of a page: as named, as linked, at the usual places, and that of its comments if no other is named.
    async fn feed(&mut self, page: &Url, leads: Leads) -> Option<Tried> {
        let comments = usize::from(leads.announced.is_empty() && leads.linked.is_empty());
        let announced = leads.announced.clone();
        let mut meagre = None;
        let named = leads.announced.into_iter().chain(leads.linked).take(MOST_FEEDS).map(|url| (url, true, true));
        let last = leads.comments.into_iter().take(comments).map(|url| (url, true, false));
        let mut places: VecDeque<(Url, bool, bool)> = named.collect();
        // The page is asked already, and its comments are still to be.
        let left = MOST_ASKED_FOR_FEEDS.saturating_sub(2 + places.len());
        let guessed = read::usual_places(page).into_iter().take(left).map(|url| (url, false, false));
        places.extend(guessed.chain(last));
        while let Some((place, named, leading)) = places.pop_front() {
            if meagre.is_some() && !announced.contains(&place) {
                break;
            }
            if !named && (self.tired || self.asked.len() >= MOST_ASKED_FOR_FEEDS) {
                continue;
            }
            let Some(document) = self.tell(place.clone(), named).await else { continue };
            match read::read(&self.input(&document), None) {
                Ok(reading) if is_feed(&reading) => {
                    let others = announced.len() > 1 && announced.contains(&place);
                    if others && read::is_meagre(&reading) {
                        meagre = meagre.or(Some((place, Tried::feed(document, reading))));
                        continue;
                    }
                    self.beside(&place, &announced);
                    return Some(Tried::feed(document, reading));
                }
                Ok(_) => self.miss(named, format!("{place}: it has no entries")),
                Err(ReadError::NotAFeed { .. }) if leading => {
                    // A page about feeds: what it links to.
                    let further = read::leads(&self.input(&document), document.link_header.as_deref());
                    let further = further.announced.into_iter().chain(further.linked).take(MOST_LINKED);
                    for url in further.collect::<Vec<_>>().into_iter().rev() {
                        places.push_front((url, true, false));
                    }
                    self.miss(named, format!("{place}: it is a page"));
                }
                Err(error) => self.miss(named, format!("{place}: {error}")),
            }
        }
        let (place, found) = meagre?;
        self.beside(&place, &announced);
        Some(found)
    }

    /// Notes the feeds that a page announces beside the one that is taken.
    fn beside(&mut self, taken: &Url, announced: &[Url]) {
        let others = announced.iter().filter(|url| *url != taken).take(MOST_FEEDS);
        self.notes.extend(others.map(|url| text::excerpt(&format!("the page announces {url} too"), LONGEST_LINE)));
    }

    async fn wordpress(&mut self, list: Option<Url>, title: Option<String>) -> Option<Tried> {
        let list = list?;
        let document = self.tell(list.clone(), true).await?;
        match read::wordpress(&Input { tz: Tz::UTC, ..self.input(&document) }) {
            Some(found) => Some(Tried::list(document, found, title)),
            None => {
                self.miss(true, format!("{list}: it lists no articles"));
                None
            }
        }
    }

    /// Whether the addresses of a list lead somewhere, where nothing but a request can tell.
    async fn is_proved(&mut self, found: &Found) -> bool {
        let first = found.reading.entries.iter().find_map(|e| Url::parse(e.link.as_deref()?).ok());
        match first {
            _ if !found.unproved => true,
            Some(url) => self.tell(url, true).await.is_some(),
            None => false,
        }
    }

    /// The sitemaps of a site, as its `robots.txt` names them, and where they usually are.
    async fn sitemap(&mut self, page: &Url) -> Option<Tried> {
        if self.tired {
            return None;
        }
        let robots = page.join("/robots.txt").ok()?;
        let named = match self.tell(robots.clone(), false).await {
            Some(document) => read::sitemaps_of_robots(&text::decode(&document.body, None).text, &robots),
            None => Vec::new(),
        };
        let named = named.into_iter().take(MOST_SITEMAPS).map(|url| (url, true));
        let guessed = SITEMAPS.iter().filter_map(|path| Some((page.join(path).ok()?, false)));
        for (place, named) in named.chain(guessed).collect::<Vec<_>>() {
            if self.tired && !named {
                break;
            }
            let Some(document) = self.tell(place.clone(), named).await else { continue };
            match read::read(&self.input(&document), None) {
                Ok(reading) if is_usable(&reading) => return Some(Tried::feed(document, reading)),
                Ok(reading) => {
                    let notes = reading.notes.first().map(String::as_str).unwrap_or_default();
                    self.miss(named, format!("{place}: it has no entries {notes}"));
                }
                Err(ReadError::SitemapIndex { sitemaps }) => {
                    if let Some(found) = self.index(document, sitemaps).await {
                        return Some(found);
                    }
                }
                Err(error) => self.miss(named, format!("{place}: {error}")),
            }
        }
        None
    }

    /// What the sitemaps of an index give.
    async fn index(&mut self, document: Document, sitemaps: Vec<String>) -> Option<Tried> {
        let mut readings = Vec::new();
        for url in sitemaps.iter().filter_map(|s| Url::parse(s).ok()).take(MOST_SITEMAPS) {
            let Some(sitemap) = self.tell(url.clone(), true).await else { continue };
            match read::read(&self.input(&sitemap), None) {
                Ok(reading) => readings.push(reading),
                Err(error) => self.miss(true, format!("{url}: {error}")),
            }
        }
        let reading = read::join(readings).filter(is_usable)?;
        Some(Tried { index: true, ..Tried::feed(document, reading) })
    }

    /// Asks, once, as long as there are requests left; a miss is noted.
    async fn tell(&mut self, url: Url, named: bool) -> Option<Document> {
        if self.asked.len() >= MOST_ASKED || self.asked.contains(&url) {
            return None;
        }
        match self.ask(url).await {
            Ok(document) => Some(document),
            Err(Miss::Absent(why)) => {
                self.miss(named, why);
                None
            }
            Err(Miss::Failed(why)) => {
                self.tired = true;
                self.miss(named, why);
                None
            }
        }
    }

    async fn ask(&mut self, url: Url) -> Result<Document, Miss> {
        self.asked.insert(url.clone());
        let request = Request::new(url.clone(), Accept::Feed);
        match self.client.get(request, Clock::system().now()).await {
            // Nothing is described by a part of a page.
            Ok(Answer::Document { document: Document { broken_off: Some(why), .. }, .. }) => Err(Miss::Failed(why)),
            Ok(Answer::Document { document, .. }) => {
                self.asked.insert(document.url.clone());
                Ok(document)
            }
            Ok(Answer::NotModified { .. }) => Err(Miss::Absent(format!("{url}: 304 to an unconditional request"))),
            Err(error @ FetchError::Status { status: 400..=428 | 430..=499, wall: false, .. }) => {
                Err(Miss::Absent(format!("{url}: {error}")))
            }
            Err(error) => Err(Miss::Failed(format!("{url}: {error}"))),
        }
    }

    fn miss(&mut self, named: bool, why: String) {
        let why = text::excerpt(&text::one_line(&why), LONGEST_LINE);
        if named {
            self.notes.push(why.clone());
        }
        self.misses.push(why);
    }

    /// The finding, with what the page named and what came to nothing.
    fn noted(self, mut found: Tried) -> Tried {
        found.reading.notes.extend(self.notes);
        found
    }

    /// Why there is nothing: one line for what was asked, and one for each further question.
    fn told(&self, why: &str) -> String {
        let mut lines = vec![text::excerpt(&text::one_line(why), LONGEST_LINE)];
        lines.extend(self.misses.iter().map(|miss| format!("  {miss}")));
        lines.push("  no list of articles was found in it: describe it in [source.NAME.list]".to_owned());
        lines.join("\n")
    }

    fn input<'b>(&self, document: &'b Document) -> Input<'b> {
        Input {
            body: &document.body,
            content_type: document.content_type.as_deref(),
            url: &document.url,
            lang: None,
            day_first: None,
            tz: self.tz,
            now: document.fetched_at,
        }
    }

    fn is_page(&self, document: &Document) -> bool {
        read::kind(&self.input(document)) == DocumentKind::Html
    }
}

/// Whether there is something in a reading: an entry with an address or a text.
fn is_usable(reading: &Reading) -> bool {
    let says = |e: &Entry| [&e.title, &e.summary, &e.content].into_iter().flatten().any(|t| !t.trim().is_empty());
    // JSON with `items` may be something else than a feed: its entries lead nowhere then.
    let leads = |e: &Entry| reading.kind != DocumentKind::JsonFeed || e.link.is_some() || e.content.is_some();
    let usable = |e: &Entry| (says(e) && leads(e)) || !e.enclosures.is_empty();
    reading.entries.iter().any(usable)
}

fn is_feed(reading: &Reading) -> bool {
    matches!(reading.kind, DocumentKind::Rss | DocumentKind::Atom | DocumentKind::JsonFeed) && is_usable(reading)
}
