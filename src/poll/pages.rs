//! The pages of new entries: each asked once, a bounded number at a poll, read off the async threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use tokio::time::Instant;
use url::Url;

use super::make::Pending;
use super::{PollError, Poller, Raw, ReadMode, Source, whose};
use crate::extract::{Extract, ExtractError, Page, Template, extract_together};
use crate::fetch::{Accept, Answer, FetchError, Request, is_wall_page};
use crate::model::{BodyFrom, Document, Entry, Validators};
use crate::text;

/// The most pages that one poll asks for; the rest waits for the next.
const PAGES_PER_POLL: usize = 60;
/// Pages of one poll in flight at one time; the client's limit per host is lower.
const AT_ONCE: usize = 8;
/// Pages that are read together, each the better for the others; and bytes of them, over which the next ones wait.
const TOGETHER: usize = 8;
const MOST_TOGETHER: usize = 8 << 20;
/// How long one poll goes on asking for pages: of a host that wants to be asked rarely the rest waits for the next.
const LONGEST: Duration = Duration::from_secs(60);
/// Polls at which a page is tried before the article is taken with what the source itself gave.
const MOST_ATTEMPTS: u8 = 3;
/// Articles of a source whose pages are compared with those that stand elsewhere than was said.
const NEWEST: usize = 100;
/// A body of fewer characters is a teaser: with `read = "auto"` its page is read.
const SHORT: usize = 600;

/// Told apart by this, the hash of an entry tells at the next poll how often its page has been tried: it outlives the
/// process, and an entry so marked is taken for changed.
const TRIED: u64 = 0x9e37_79b9_7f4a_7c15;

fn marked(entry_hash: u64, tries: u8) -> u64 {
    entry_hash ^ TRIED.wrapping_mul(u64::from(tries))
}

/// How often the page of an entry, as the entry now is, has been tried without success.
fn tries(raw: &Raw) -> u8 {
    let known = raw.known.as_ref().map(|k| k.entry_hash);
    (1..MOST_ATTEMPTS).find(|tries| known == Some(marked(raw.entry_hash, *tries))).unwrap_or(0)
}

/// Entries with their pages.
pub(super) struct Fetched {
    /// The entries with what was read, in their order.
    pub(super) raws: Vec<Raw>,
    /// How many wait for the next poll.
    pub(super) waiting: usize,
    /// What the source's pages share, where some were read.
    pub(super) template: Option<Template>,
    /// What its selectors did not find.
    pub(super) notes: Vec<String>,
}

/// Reads the pages that the entries need: a few at a time, since pages of one site explain each other.
pub(super) async fn fetch(
    poller: &Poller,
    source: &Source,
    fresh: Vec<Raw>,
    force: bool,
) -> Result<Fetched, PollError> {
    let began = Instant::now();
    let fresh = fresh.into_iter().map(|raw| Raw { tried: tries(&raw), ..raw }).collect();
    let mut fresh = poller.recalled(source, fresh, force).await?;
    for raw in fresh.iter_mut().filter(|raw| raw.shares && wants_page(source, raw)) {
        unread(source, raw, &Unread { again: Again::Never, ..Unread::said("its address is no article's alone") });
    }
    let stands = |raw: &Raw| raw.kept.as_ref().is_some_and(|kept| kept.stands);
    let is_asked = |raw: &Raw| may_be_asked(source, raw) && !stands(raw);
    let page = |raw: &Raw| raw.url.as_deref().filter(|_| is_asked(raw)).and_then(|u| Url::parse(u).ok());
    let (mut asked, all) = (0, fresh.len());
    fresh.retain(|raw| {
        asked += usize::from(page(raw).is_some());
        asked <= PAGES_PER_POLL || page(raw).is_none()
    });
    let mut waiting = all - fresh.len();
    if asked == 0 {
        return Ok(Fetched { raws: fresh, waiting, template: None, notes: Vec::new() });
    }
    let mut template = poller.store.template(&source.name).await?;
    // Each begins to wait when it is its turn: one that waits takes several times the room of its entry.
    let asks = futures_util::stream::iter(fresh).map(|raw| one(poller, source, page(&raw), raw, began));
    let mut answers = std::pin::pin!(asks.buffered(AT_ONCE));
    let (mut raws, mut together, mut bytes) = (Vec::new(), Vec::new(), 0);
    while let Some(answer) = answers.next().await {
        if matches!(&answer.page, Some(Err(unread)) if unread.again == Again::Later) {
            waiting += 1;
            continue;
        }
        let more = answer.page.as_ref().and_then(|p| p.as_ref().ok()).map_or(0, |document| document.body.len());
        if together.len() >= TOGETHER || bytes + more > MOST_TOGETHER && !together.is_empty() {
            (template, bytes) = (read(poller, source, std::mem::take(&mut together), template, &mut raws).await?, 0);
        }
        bytes += more;
        together.push(answer);
    }
    template = read(poller, source, together, template, &mut raws).await?;
    raws = theirs(poller, source, raws).await?;
    waiting += raws.iter().filter(|raw| raw.waits).count();
    let notes = missed(&raws);
    Ok(Fetched { raws, waiting, template: Some(template), notes })
}

/// Takes from entries the pages that are not theirs.
async fn theirs(poller: &Poller, source: &Source, raws: Vec<Raw>) -> Result<Vec<Raw>, PollError> {
    let permit = poller.cores.clone().acquire_owned().await;
    let of = source.clone();
    let judged = tokio::task::spawn_blocking(move || {
        let judged = whose::judge(&of, &raws);
        drop(permit);
        (raws, judged)
    });
    let (mut raws, (mut wrong, suspects)) = judged.await?;
    if !suspects.is_empty() {
        let texts = suspects.iter().map(|suspect| suspect.text_hash).collect();
        let newest = if suspects.iter().any(whose::Suspect::is_elsewhere) { NEWEST } else { 0 };
        let earlier = poller.store.read_pages(&source.name, texts, newest).await?;
        whose::compare(&raws, &suspects, &earlier, &mut wrong);
    }
    for (raw, why) in raws.iter_mut().zip(wrong) {
        if let Some(why) = why {
            raw.page = None;
            unread(source, raw, &Unread::said(why));
        }
    }
    Ok(raws)
}

/// Selectors rot: which of them found nothing, and on how many of the pages.
fn missed(raws: &[Raw]) -> Vec<String> {
    let pages: Vec<&Extract> = raws.iter().filter_map(|raw| raw.page.as_deref().map(|(page, _)| page)).collect();
    let mut keys: Vec<(&str, usize)> = Vec::new();
    for key in pages.iter().flat_map(|page| &page.missed) {
        match keys.iter_mut().find(|(known, _)| known == key) {
            Some((_, times)) => *times += 1,
            None => keys.push((key, 1)),
        }
    }
    keys.iter().map(|(key, times)| format!("page.{key} found nothing on {times} of {} pages", pages.len())).collect()
}

/// Whether pages of a source are read at all.
pub(super) fn are_read(source: &Source) -> bool {
    matches!(source.read, ReadMode::Page | ReadMode::Auto)
}

pub(super) fn wants_page(source: &Source, raw: &Raw) -> bool {
    match source.read {
        ReadMode::Usual | ReadMode::Feed => false,
        ReadMode::Page => true,
        ReadMode::Auto => raw.feed_text().chars().count() < SHORT,
    }
}

/// Whether its page may be asked for it.
pub(super) fn may_be_asked(source: &Source, raw: &Raw) -> bool {
    !raw.shares && raw.url.is_some() && wants_page(source, raw)
}

/// An entry, and what came back for its page, where it wants one.
struct Asked {
    raw: Raw,
    page: Option<Result<Document, Unread>>,
}

async fn one(poller: &Poller, source: &Source, page: Option<Url>, mut raw: Raw, began: Instant) -> Asked {
    let page = match page {
        Some(_) if began.elapsed() > LONGEST => Some(Err(Unread { again: Again::Later, ..Unread::said("no time") })),
        Some(url) => {
            let validators = raw.kept.as_ref().map(|kept| kept.validators()).unwrap_or_default();
            let page = ask(poller, source, url, validators).await;
            let now = poller.clock.now();
            match page {
                Ok(Came::Document(document)) => {
                    raw.is_asked(&document.validators, now);
                    Some(Ok(*document))
                }
                Ok(Came::AsBefore(validators)) => {
                    raw.is_asked(&validators, now);
                    raw.kept.iter_mut().for_each(|kept| kept.stands = true);
                    None
                }
                Err(error) => {
                    raw.is_asked(&raw.kept.as_ref().map(|kept| kept.validators()).unwrap_or_default(), now);
                    Some(Err(error))
                }
            }
        }
        None => None,
    };
    Asked { raw, page }
}

/// What a server answered.
enum Came {
    Document(Box<Document>),
    /// The page is as it was.
    AsBefore(Validators),
}

/// An entry whose page was not read.
fn unread(source: &Source, raw: &mut Raw, error: &Unread) {
    let name = &source.name;
    let shown = raw.url.as_deref().and_then(|u| Url::parse(u).ok()).map(shown).unwrap_or_default();
    tracing::info!(source.name = %name, "{name}: page {shown} was not read: {}", error.said);
    raw.unread = Some(error.said.clone());
    let tries = if error.again == Again::Never { MOST_ATTEMPTS } else { raw.tried + 1 };
    raw.waits = tries < MOST_ATTEMPTS;
    // What was read on a page once is not replaced by the few lines that the source itself gives.
    if let Some(kept) = &mut raw.kept {
        kept.stands = true;
    }
    let kept = raw.read_before().is_none() && raw.known.as_ref().is_some_and(|k| k.body_from == BodyFrom::Page);
    let empty = raw.feed_text().trim().is_empty();
    raw.pending = match (kept, empty, raw.waits) {
        _ if raw.read_before().is_some() => Pending::Nothing,
        (true, ..) | (false, true, true) => Pending::All,
        // No text, and a link that leads nowhere, however often it was tried: no article.
        (false, true, false) if error.gone || raw.is_bare() => Pending::All,
        (false, false, true) => Pending::Page,
        (false, _, false) => Pending::Nothing,
    };
    if raw.waits {
        raw.entry_hash = marked(raw.entry_hash, tries);
    }
}

/// Why a page was not read.
struct Unread {
    said: String,
    /// Whether the server says that there is no such page.
    gone: bool,
    /// What asking again would give.
    again: Again,
}

/// Whether a page is asked for again at the next poll.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    /// A few times.
    Tried,
    /// Nobody has asked for it yet: it is not counted.
    Later,
    /// It would not change.
    Never,
}

impl Unread {
    fn said(why: impl std::fmt::Display) -> Self {
        Self { said: why.to_string(), gone: false, again: Again::Tried }
    }
}

fn unanswered(error: FetchError) -> Unread {
    let gone = matches!(error, FetchError::Status { status: 404 | 410, .. });
    let again = match error {
        FetchError::Crowded { .. } => Again::Later,
        FetchError::Robots { passing: false, .. } | FetchError::Status { status: 401 | 410 | 451, .. } => Again::Never,
        _ => Again::Tried,
    };
    Unread { said: error.to_string(), gone, again }
}

async fn ask(poller: &Poller, source: &Source, url: Url, validators: Validators) -> Result<Came, Unread> {
    // Credentials belong to the source's own site.
    let own = url.origin() == source.url.origin();
    let headers = if own { source.headers.clone() } else { Vec::new() };
    let conditional = !validators.is_empty();
    let request = Request { headers, validators, ..Request::new(url, Accept::Page) };
    match poller.client.get(request, poller.clock.now()).await.map_err(unanswered)? {
        Answer::Document { document, .. } if is_wall_page(&document.body) => {
            Err(Unread::said("a wall against robots stands before it"))
        }
        Answer::Document { document, .. } => Ok(Came::Document(Box::new(document))),
        Answer::NotModified { validators, .. } if conditional => Ok(Came::AsBefore(validators)),
        Answer::NotModified { .. } => Err(Unread::said("304 to an unconditional request")),
    }
}

/// Reads pages off the async threads, and adds their entries to `raws`. Gives the template with what it has learnt.
async fn read(
    poller: &Poller,
    source: &Source,
    together: Vec<Asked>,
    template: Template,
    raws: &mut Vec<Raw>,
) -> Result<Template, PollError> {
    let permit = poller.cores.clone().acquire_owned().await;
    let (of, now) = (source.clone(), poller.clock.now());
    let (together, found, template) = tokio::task::spawn_blocking(move || {
        let mut learnt = template.clone();
        let all: Vec<&Asked> = together.iter().collect();
        let found = or_alone(&all, |some| extract_all(&of, some, &mut learnt, now));
        drop(permit);
        // What was learnt while a parser broke may be half a page.
        let template = if found.iter().all(Option::is_some) { learnt } else { template };
        (together, found, template)
    })
    .await?;
    let mut found = found.into_iter();
    for Asked { mut raw, page } in together {
        match page {
            None => {}
            Some(Err(error)) => unread(source, &mut raw, &error),
            Some(Ok(document)) => match found.next() {
                Some(Some(Ok(found))) => raw.page = Some(Box::new((found, document.url))),
                Some(Some(Err(error))) => unread(source, &mut raw, &Unread::said(error)),
                Some(None) | None => unread(source, &mut raw, &Unread::said("the parser gave up")),
            },
        }
        raws.push(raw);
    }
    Ok(template)
}

/// The answers for all asked together; where a parser breaks on one of them, for each alone, so that it costs the others
/// nothing but what they would have told of each other. `None` for the one that breaks it.
fn or_alone<T, A>(all: &[&T], mut read: impl FnMut(&[&T]) -> Vec<A>) -> Vec<Option<A>> {
    let mut caught = |some: &[&T]| catch_unwind(AssertUnwindSafe(|| read(some)));
    match caught(all) {
        Ok(found) => found.into_iter().map(Some).collect(),
        Err(_) => all
            .iter()
            .flat_map(|one| caught(&[one]).map_or_else(|_| vec![None], |a| a.into_iter().map(Some).collect()))
            .collect(),
    }
}

/// The articles of the pages that came back, in their order.
fn extract_all(
    source: &Source,
    together: &[&Asked],
    template: &mut Template,
    now: DateTime<Utc>,
) -> Vec<Result<Extract, ExtractError>> {
    let documents: Vec<(&Entry, &Document)> =
        together.iter().filter_map(|a| Some((&a.raw.entry, a.page.as_ref()?.as_ref().ok()?))).collect();
    let decoded: Vec<_> = documents.iter().map(|(_, d)| text::decode(&d.body, d.content_type.as_deref())).collect();
    let pages: Vec<Page<'_>> = documents
        .iter()
        .zip(&decoded)
        .map(|((entry, document), decoded)| Page {
            html: &decoded.text,
            url: &document.url,
            lang: source.lang.as_ref().or(entry.lang.as_ref()),
            tz: source.tz,
            now,
            entry: Some(entry),
            site_name: Some(&source.outlet.name),
        })
        .collect();
    extract_together(&pages, &source.recipe, template)
}

/// An address as logs show it: without its query, which may hold a secret.
fn shown(mut url: Url) -> String {
    url.set_query(None);
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_breaks_a_parser_costs_its_neighbours_nothing() {
        let read = |some: &[&i32]| -> Vec<i32> {
            assert!(!some.contains(&&2), "a parser broke");
            some.iter().map(|n| **n * 10).collect()
        };
        assert_eq!(or_alone(&[&1, &3], read), [Some(10), Some(30)]);
        assert_eq!(or_alone(&[&1, &2, &3], read), [Some(10), None, Some(30)]);
    }
}
