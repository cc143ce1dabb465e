//! From an entry, and its page where it was read, to an article.

use chrono::{DateTime, Utc};
use url::Url;

use super::again::Kept;
use super::byline::byline;
use super::dated::{first_seen, published};
use super::given::given;
use super::spoken::{Spoken, language};
use super::{ReadMode, Source, origin};
use crate::clean;
use crate::dedup::is_of_one_article;
use crate::extract::Extract;
use crate::model::{
    Article, ArticleId, BodyFrom, CleanHtml, CutKind, Cuts, DocumentKind, Enclosure, Entry, Given, Identity, Image,
    Outlet, PageAsked, PageReading, Provenance, Reading, Republish,
};
use crate::query::{Query, Subject};
use crate::store::{KnownEntry, Told, Traced};
use crate::tag;
use crate::text::{Shingles, chosen, fold, hash, head, one_line, picture_key, url_key};

/// The longest name of an outlet, in characters.
const MOST_NAME: usize = 120;
/// Below this confidence a page's text is taken only where the feed gave none.
const SURE: f32 = 0.3;
/// A summary of more characters is a text, not a standfirst.
const LONGEST_STANDFIRST: usize = 600;
/// The most characters of why a page was not read.
const LONGEST_WHY: usize = 200;
/// The most characters of a title.
const LONGEST_TITLE: usize = 1_000;

/// An entry with what is known of it before any costly work.
#[derive(Debug, Clone)]
pub struct Raw {
    /// The article's id.
    pub id: ArticleId,
    /// The entry.
    pub entry: Entry,
    /// Its address, absolute, http or https.
    pub url: Option<String>,
    /// The address's canonical key.
    pub url_key: Option<String>,
    /// Hash of what the entry says, dates apart: feeds that write "now" at each poll say nothing new.
    pub entry_hash: u64,
    /// The same without its picture: such are kept of what was first read by a version that did not compare pictures.
    pub(super) words_hash: u64,
    /// Its page, where it was read, and where that stood.
    pub page: Option<Box<(Extract, Url)>>,
    /// How many entries stand before it in its document.
    pub behind: u32,
    /// What is known of it from an earlier poll.
    pub known: Option<KnownEntry>,
    /// What is kept of its article, where it wants a page.
    pub(super) kept: Option<Box<Kept>>,
    /// When its page was asked, where that was now.
    pub(super) asked: Option<PageAsked>,
    /// Why its page was not read, where it was to be.
    pub(super) unread: Option<String>,
    /// How often its page has been tried in vain.
    pub(super) tried: u8,
    /// Whether its address is that of other entries too, or the front page.
    pub(super) shares: bool,
    /// What is still to come of it.
    pub(super) pending: Pending,
    /// Whether its page is to be tried again at the next poll.
    pub(super) waits: bool,
}

/// Whether an entry is as whole as it will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Pending {
    /// It is.
    #[default]
    Nothing,
    /// Its page could not be read yet; it is taken with the source's own text meanwhile.
    Page,
    /// Its page could not be read, and there is nothing to take instead, or something better is kept already.
    All,
}

impl Raw {
    /// Takes an entry. `None` where it has nothing that an article could be made of, and leads nowhere.
    #[must_use]
    pub fn new(source: &Source, entry: Entry, document: &Url) -> Option<Self> {
        let base = entry.base.as_deref().and_then(|b| document.join(b).ok()).unwrap_or_else(|| document.clone());
        let permalink = entry.id.as_deref().filter(|_| entry.id_is_permalink);
        let url = entry.link.as_deref().or(permalink).and_then(|l| clean::address(l, &base));
        let url_key = url.as_deref().and_then(|u| Url::parse(u).ok()).map(|u| url_key(&u));
        if says_nothing(&entry) && url.is_none() {
            return None;
        }
        let title = entry.title.as_deref().unwrap_or_default().trim();
        let identity = match (&entry.id, &url_key) {
            (Some(guid), _) if !guid.trim().is_empty() => Identity::Guid(guid.trim().to_owned()),
            (_, Some(key)) if is_of_one_article(key) => Identity::Url(key.clone()),
            // The front page is the address of many articles.
            (_, Some(key)) if !title.is_empty() => Identity::Guid(format!("{key} {title}")),
            _ => Identity::Text(Shingles::of(&said(&entry)).text_hash),
        };
        let id = ArticleId::of(&source.name, &identity);
        let (url, url_key) = itself(&entry, &base).unwrap_or((url, url_key));
        // The teasers of a list are as they happen to be written today ("3 hours ago"): what counts is read on the page.
        let teaser = source.list.is_some() && source.read == ReadMode::Page;
        let (entry_hash, words_hash) = match (&entry.title, &entry.link) {
            (title, Some(link)) if teaser => {
                let hash = hash(format!("{link}\u{1f}{}", title.as_deref().unwrap_or_default()).as_bytes());
                (hash, hash)
            }
            _ => {
                let words = said(&entry);
                (hash(format!("{words}\u{1f}{}", pictured(&entry, document)).as_bytes()), hash(words.as_bytes()))
            }
        };
        Some(Self {
            id,
            entry,
            url,
            url_key,
            entry_hash,
            words_hash,
            page: None,
            behind: 0,
            known: None,
            kept: None,
            asked: None,
            unread: None,
            tried: 0,
            shares: false,
            pending: Pending::Nothing,
            waits: false,
        })
    }

    /// Whether it is an address and nothing else: what there is to tell stands on its page.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        says_nothing(&self.entry)
    }

    /// What the source itself gave as text: its content, or its summary where that is longer.
    #[must_use]
    pub fn feed_text(&self) -> &str {
        let content = self.entry.content.as_deref().unwrap_or_default();
        let summary = self.entry.summary.as_deref().unwrap_or_default();
        if content.len() >= summary.len() { content } else { summary }
    }
}

fn says_nothing(entry: &Entry) -> bool {
    let words = [&entry.title, &entry.summary, &entry.content].into_iter().flatten().any(|t| !t.trim().is_empty());
    !words && entry.enclosures.is_empty() && entry.image.is_none()
}

/// The address of an entry and its key, where its link leads through a counter of clicks (FeedBurner) and it tells the place itself
/// beside that.
fn itself(entry: &Entry, base: &Url) -> Option<(Option<String>, Option<String>)> {
    let told = entry.links.iter().find(|link| link.rel == "canonical")?;
    let url = clean::address(&told.href, base)?;
    let key = url_key(&Url::parse(&url).ok()?);
    is_of_one_article(&key).then_some((Some(url), Some(key)))
}

/// All that an entry says, dates apart.
fn said(entry: &Entry) -> String {
    let Entry { title, summary, content, link, categories, authors, enclosures, .. } = entry;
    let mut all: Vec<&str> =
        [title, link, summary, content].into_iter().map(|t| t.as_deref().unwrap_or_default()).collect();
    all.extend(categories.iter().map(String::as_str));
    all.extend(authors.iter().filter_map(|a| a.name.as_deref()));
    all.extend(enclosures.iter().map(|e| e.url.as_str()));
    all.join("\u{1f}")
}

/// Which picture an entry gives, whatever its address is today.
fn pictured(entry: &Entry, document: &Url) -> String {
    let address = entry.image.as_ref().and_then(|image| clean::address(&image.url, document));
    address.and_then(|address| picture_key(&address)).unwrap_or_default()
}

/// A body with where it was read.
pub(super) struct Body {
    html: CleanHtml,
    pub(super) text: String,
    pub(super) from: BodyFrom,
    pub(super) standfirst: Option<String>,
    /// What was left out of it.
    cuts: Cuts,
}

/// Makes an article: cleaned, with its tags. `None` where the source's `only` does not want it.
#[must_use]
pub fn make(
    source: &Source,
    raw: &Raw,
    document: &Url,
    tagging: &tag::Settings,
    now: DateTime<Utc>,
) -> Option<Article> {
    let (mut article, _) = article(source, raw, document, &mut Spoken::new(), now);
    article.tags = tag::of_article(&article, tagging);
    is_wanted(source, &article, now).then_some(article)
}

/// Makes an article of a poll, with its shingles, and tells what was left out of it and why only its entry is to be remembered,
/// where that is so: what is not remembered would be made, and its page read, at every poll anew.
pub(super) fn decided(
    source: &Source,
    raw: &Raw,
    document: &Url,
    tagging: &tag::Settings,
    spoken: &mut Spoken,
    now: DateTime<Utc>,
) -> (Article, Shingles, Told) {
    let (mut article, cuts) = article(source, raw, document, spoken, now);
    // Its words are looked for once: tags are made of them, and shingles.
    let asked = tag::subject(&article, &[], article.first_seen);
    let shingles = asked.shingles();
    article.tags = tag::of_subject(&article, asked, tagging);
    let mut told = Told { cuts, url_key: raw.url_key.clone(), ..Told::default() };
    if raw.pending == Pending::All {
        let why = raw.unread.as_ref().map(|why| format!(": {}", head(why, LONGEST_WHY))).unwrap_or_default();
        told.skipped = Some(format!("its page was not read{why}"));
    } else if !is_wanted(source, &article, now) {
        told.skipped = Some("not wanted by `only` of its source".to_owned());
        told.only = source.only.as_ref().map(|only| only.trace(&subject(&article, now)));
        // Another `only` may want it.
        let only = source.only.as_ref().filter(|_| !raw.waits);
        article.entry_hash ^= only.map_or(0, Query::hash);
    }
    if let (Some(_), Some(known)) = (&told.skipped, &raw.known) {
        article.body_from = known.body_from;
    }
    (article, shingles, told)
}

fn is_wanted(source: &Source, article: &Article, now: DateTime<Utc>) -> bool {
    source.only.as_ref().is_none_or(|only| only.matches(&subject(article, now)))
}

/// An article that has no tags yet, and what was left out of it.
fn article(source: &Source, raw: &Raw, document: &Url, spoken: &mut Spoken, now: DateTime<Utc>) -> (Article, Cuts) {
    let entry = &raw.entry;
    let page = raw.page.as_deref().map(|(p, _)| p);
    let before = raw.read_before().map(|traced| &traced.article);
    let mut body = body(source, raw, document);
    // What was told of it before holds until it is asked again.
    if raw.asked.is_some() || raw.unread.is_some() {
        body.cuts = body.cuts.unread(raw.unread.as_deref());
    }
    body.cuts.asked = raw.asked.clone().or(body.cuts.asked);
    let title = title(source, entry, page.and_then(|p| p.title.as_deref()).or(before.map(|b| &*b.title)));
    let spoken = before.and_then(|b| b.lang.clone()).or_else(|| language(source, (entry, page), &title, &body, spoken));
    let lang = source.lang.clone().or(spoken);
    let outlet = source.outlet.clone();
    let origin = page.and_then(|p| p.origin.clone()).or_else(|| before?.provenance.origin.clone());
    let origin = origin.or_else(|| entry.origin.clone());
    let origin = origin.map(|o| Outlet { name: head(&clean::line(&o.name), MOST_NAME).to_owned(), ..o });
    let origin = origin.filter(|o| !o.name.is_empty() && !origin::is_its_own(o, &title, entry, (document, &outlet)));
    let byline = byline(entry, page.map(|p| &p.byline).or(before.map(|b| &b.byline)), &outlet);
    let canonical = raw.page.as_deref().and_then(|(p, at)| p.canonical.as_ref().filter(|c| same_site(c, at)));
    let read_at = before.and_then(|b| b.provenance.via.get(1).cloned());
    let read_at = raw.page.as_deref().map(|(_, at)| at.to_string()).or(read_at);
    let via = std::iter::once(document.to_string()).chain(read_at).collect();
    let given = given(entry, page);
    let article = Article {
        id: raw.id.clone(),
        source: source.name.clone(),
        guid: entry.id.clone(),
        url: raw.url.clone(),
        url_key: canonical.map(url_key).or_else(|| before?.url_key.clone()).or_else(|| raw.url_key.clone()),
        rank: source.rank,
        republish: if source.private { Some(Republish::Private) } else { source.republish },
        entry_hash: raw.entry_hash,
        provenance: Provenance { outlet, origin, via },
        title,
        standfirst: body.standfirst,
        byline,
        body: body.html,
        text: body.text,
        body_from: body.from,
        image: image(entry, page, document).or_else(|| before?.image.clone()),
        enclosures: enclosures(entry, document),
        lang,
        published: published(raw).or_else(|| before?.published),
        updated: entry
            .updated
            .or_else(|| page?.updated.map(|d| d.to_utc()))
            .or_else(|| before?.updated)
            .filter(|u| *u <= now),
        first_seen: first_seen(raw, now),
        tags: Vec::new(),
        given: match before {
            Some(before) => Given { categories: given.categories, ..before.given.clone() },
            None => given,
        },
    };
    (article, body.cuts)
}

/// The body: the page's, unless the feed's own is fuller; never an emptier one than the feed gave.
fn body(source: &Source, raw: &Raw, document: &Url) -> Body {
    let entry = &raw.entry;
    if let Some(Traced { article, cuts, .. }) = raw.read_before() {
        let (html, text, standfirst) = (article.body.clone(), article.text.clone(), article.standfirst.clone());
        return Body { html, text, from: BodyFrom::Page, standfirst, cuts: cuts.clone().unwrap_or_default() };
    }
    let base = entry.base.as_deref().and_then(|b| document.join(b).ok());
    let base = base.or_else(|| raw.url.as_deref().and_then(|u| Url::parse(u).ok())).unwrap_or_else(|| document.clone());
    let (url, title) = (raw.url.as_deref().and_then(|u| Url::parse(u).ok()), entry.title.as_deref().map(clean::line));
    let own = clean::Own { url: url.as_ref(), title: title.as_deref().unwrap_or_default(), site: &source.outlet.name };
    let fed = clean::clean(&clean::in_lines(raw.feed_text()), &base);
    let elements = clean::removed(raw.feed_text(), &fed);
    let (fed, under) = clean::signed_off(fed, &own);
    let fed_text = clean::plain(&fed);
    let summary = entry.summary.as_deref().filter(|s| entry.content.is_some() && *s != raw.feed_text());
    let summary = summary.map(|s| one_line(&clean::plain(&clean::signed_off(clean::clean(s, &base), &own).0)));
    let summary = summary.filter(|s| !s.is_empty() && s.chars().count() <= LONGEST_STANDFIRST);
    let repeats = |s: &String| {
        let start: String = fold(s).chars().take(60).collect();
        fold(&fed_text).starts_with(start.trim_end_matches(['.', '…', ' ']))
    };
    let fed_standfirst = summary.filter(|s| !repeats(s));
    if let Some((page, at)) = raw.page.as_deref() {
        let html = clean::clean(&page.body_html, at);
        let text = clean::plain(&html);
        let fuller = text.chars().count() * 5 >= fed_text.chars().count() * 4;
        if !text.trim().is_empty() && (fed_text.trim().is_empty() || (fuller && page.confidence >= SURE)) {
            let standfirst = page.standfirst.as_deref().map(clean::line).filter(|s| !s.is_empty());
            let standfirst = standfirst.or(fed_standfirst);
            let cuts = Cuts { elements: clean::removed(&page.body_html, &html), ..page.cuts.clone() };
            return Body { html, text, from: BodyFrom::Page, standfirst, cuts };
        }
    }
    let before = raw.kept.as_ref().filter(|kept| kept.stands).and_then(|kept| kept.traced.cuts.clone());
    let Cuts { page, asked, unread, .. } =
        raw.page.as_deref().map(|(page, _)| page.cuts.clone()).or(before).unwrap_or_default();
    let page = page.map(|page| PageReading { taken: false, ..page });
    let mut cuts = Cuts { page, asked, unread, elements, ..Cuts::default() };
    under.iter().for_each(|line| cuts.line(CutKind::Foot, line));
    Body { html: fed, text: fed_text, from: BodyFrom::Feed, standfirst: fed_standfirst, cuts }
}

/// A list's title is a link's words and may be cut short: the page's own is better. A feed's title is meant to be one.
fn title(source: &Source, entry: &Entry, read: Option<&str>) -> String {
    let given = entry.title.as_deref().map(clean::line).unwrap_or_default();
    let read = read.map(clean::line).filter(|t| !t.is_empty());
    let cut = given.is_empty() || given.ends_with('…') || given.ends_with("...") || source.list.is_some();
    let title = match read {
        Some(read) if cut => read,
        _ => given,
    };
    head(&title, LONGEST_TITLE).to_owned()
}

fn image(entry: &Entry, page: Option<&Extract>, document: &Url) -> Option<Image> {
    let found = chosen(entry.image.iter().chain(page.and_then(|page| page.image.as_ref())).cloned())?;
    let url = clean::address(&found.url, document)?;
    Some(Image { url, alt: found.alt.as_deref().map(clean::line).filter(|a| !a.is_empty()), ..found })
}

fn enclosures(entry: &Entry, document: &Url) -> Vec<Enclosure> {
    let absolute = |e: &Enclosure| Some(Enclosure { url: clean::address(&e.url, document)?, ..e.clone() });
    entry.enclosures.iter().filter_map(absolute).take(50).collect()
}

/// A page may name another address of itself, on its own site, and not the site's front page.
fn same_site(canonical: &Url, page: &Url) -> bool {
    let domain = |u: &Url| u.host_str().map(|h| psl::domain_str(h).unwrap_or(h).to_owned());
    canonical.path() != "/" && domain(canonical) == domain(page)
}

/// What queries see of an article.
fn subject(article: &Article, now: DateTime<Utc>) -> Subject {
    let keys: Vec<String> = article.tags.iter().map(|t| t.tag.key().to_owned()).collect();
    tag::subject(article, &keys, now)
}

/// The source with what its feed says of itself: its site, since a host may have many; its name, where the file names no
/// outlet; and whether it gives texts.
pub(super) fn named(source: &Source, reading: &Reading, url: &Url) -> Source {
    let mut named = source.clone();
    if source.read == ReadMode::Usual && reading.kind == DocumentKind::Sitemap {
        named.read = ReadMode::Page;
    }
    let title = reading.head.title.as_deref().map(clean::line).filter(|t| !t.is_empty());
    if let (false, None, Some(title)) = (source.outlet_named, &source.list, title) {
        named.outlet.name = head(&title, MOST_NAME).to_owned();
    }
    let site = reading.head.link.as_deref().filter(|l| !l.trim().is_empty()).and_then(|l| clean::address(l, url));
    if let (None, Some(site)) = (&source.list, site) {
        named.outlet.url = Some(site);
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FeedHead, SourceName};

    fn at(day: &str) -> DateTime<Utc> {
        format!("{day}T12:00:00Z").parse().unwrap()
    }

    fn made(entry: Entry, known: Option<KnownEntry>) -> Article {
        let url = Url::parse("https://a.test/feed").unwrap();
        let source = Source::usual(SourceName::new("a").unwrap(), url.clone(), chrono_tz::Tz::UTC);
        let entry = Entry { title: Some("v1.2".into()), link: Some("/v1.2".into()), ..entry };
        let raw = Raw { known, ..Raw::new(&source, entry, &url).unwrap() };
        make(&source, &raw, &url, &tag::Settings::default(), at("2026-06-03")).unwrap()
    }

    #[test]
    fn the_first_day_that_programs_count_from_is_no_date() {
        for (date, told) in [
            ("1970-01-01", false),
            ("1969-12-31", false),
            ("1899-12-30", false),
            ("1900-01-01", false),
            ("0001-01-01", false),
            ("1970-07-21", true),
            ("1944-06-06", true),
        ] {
            let made = made(Entry { published: Some(at(date)), ..Entry::default() }, None);
            assert_eq!(made.published.is_some(), told, "{date}");
        }
    }

    #[test]
    fn a_category_that_is_a_sentence_gives_no_tag() {
        let categories = [
            "Washington, D.C.",
            "A show about everything, in which we dive into every subject",
            "Convention on the Rights of the Child",
        ];
        let made = made(Entry { categories: categories.map(Into::into).into(), ..Entry::default() }, None);
        let tags: Vec<&str> = made.tags.iter().map(|t| t.tag.shown()).collect();
        assert_eq!(tags, ["Washington,_D.C.", "Convention_on_the_Rights_of_the_Child"]);
    }

    #[test]
    fn what_is_the_entry_or_the_feed_itself_is_no_outlet() {
        for (name, url, told) in [
            ("Agence du Sud", Some("https://sud.test/feed"), true),
            ("Agence du Sud", Some("https://a.test/tag/agence"), true),
            ("Agence du Sud", None, true),
            ("V1.2", Some("https://a.test/t/1.rss"), false),
            ("www.a.test", None, false),
            ("Le fil", Some("https://a.test/feed"), false),
            ("Le fil", Some("/feed"), false),
        ] {
            let origin = Some(Outlet { name: name.into(), url: url.map(Into::into) });
            let made = made(Entry { origin, ..Entry::default() }, None);
            assert_eq!(made.provenance.origin.is_some(), told, "{name} {url:?}");
        }
    }

    #[test]
    fn a_mail_address_alone_is_no_author() {
        let author = |name: Option<&str>, mail: &str| crate::model::Person {
            name: name.map(Into::into),
            email: Some(mail.into()),
            url: None,
        };
        let authors = vec![
            author(None, "robot@a.test"),
            author(Some("robot@a.test"), "robot@a.test"),
            author(Some("Zoé"), "zoe@a.test"),
            author(Some("@zoe@a.social"), "z@a.test"),
        ];
        assert_eq!(made(Entry { authors, ..Entry::default() }, None).byline, ["Zoé", "@zoe@a.social"]);
    }

    #[test]
    fn a_name_is_no_credit_line_and_no_address() {
        for (written, read) in [
            ("By Jane Doe", Some("Jane Doe")),
            ("Par Zoé Martin", Some("Zoé Martin")),
            ("By Jane", Some("By Jane")),
            ("Bylinskaja Olga", Some("Bylinskaja Olga")),
            ("https://x.example/jane", None),
            ("www.x.example", None),
        ] {
            let authors = vec![crate::model::Person { name: Some(written.into()), email: None, url: None }];
            let byline = made(Entry { authors, ..Entry::default() }, None).byline;
            assert_eq!(byline.first().map(String::as_str), read, "{written}");
        }
    }

    #[test]
    fn what_stands_under_each_text_is_in_no_part_of_an_article() {
        let under =
            "<p>The post <a href='https://a.test/v1.2'>v1.2</a> appeared first on <a href='https://a.test/'>A</a>.</p>";
        let entry = Entry {
            content: Some(format!("<p>Un texte entier.</p>{under}")),
            summary: Some(format!("<p>Un résumé.</p>{under}")),
            ..Entry::default()
        };
        let found = made(entry.clone(), None);
        assert_eq!((found.body.as_str(), found.text.as_str()), ("<p>Un texte entier.</p>", "Un texte entier."));
        assert_eq!(found.standfirst.as_deref(), Some("Un résumé."));
        let url = Url::parse("https://a.test/feed").unwrap();
        let source = Source::usual(SourceName::new("a").unwrap(), url.clone(), chrono_tz::Tz::UTC);
        let entry = Entry { title: Some("v1.2".into()), link: Some("/v1.2".into()), ..entry };
        let raw = Raw::new(&source, entry, &url).unwrap();
        let cuts = article(&source, &raw, &url, &mut Spoken::new(), at("2026-06-03")).1;
        assert_eq!(cuts.parts.iter().map(|c| (c.kind, c.lines)).collect::<Vec<_>>(), [(CutKind::Foot, 1)]);
    }

    #[test]
    fn nothing_in_code_is_a_hashtag() {
        let html = "<p>#Port</p><pre><code>#include &lt;stdio.h&gt;<br>#define X</code></pre><p>Voir <code>#Quai</code>, #Quai.</p>";
        let found = made(Entry { content: Some(html.into()), ..Entry::default() }, None);
        assert_eq!(found.tags.iter().map(|t| t.tag.shown()).collect::<Vec<_>>(), ["Port", "Quai"]);
    }

    #[test]
    fn an_entry_that_is_counted_on_its_way_is_known_by_its_place() {
        let link = |href: &str| crate::model::Link { rel: "canonical".into(), href: href.into(), ..Default::default() };
        let at = |href: &str| made(Entry { links: vec![link(href)], ..Entry::default() }, None);
        let found = at("https://b.test/2026/port");
        assert_eq!(
            (found.url.as_deref(), found.url_key.as_deref()),
            (Some("https://b.test/2026/port"), Some("b.test/2026/port"))
        );
        assert_eq!(found.id, made(Entry::default(), None).id, "its id stays");
        assert_eq!(at("https://b.test/").url.as_deref(), Some("https://a.test/v1.2"), "the front page is no article");
    }

    #[test]
    fn the_pages_of_a_sitemap_are_read_unless_the_file_says_otherwise() {
        let url = Url::parse("https://a.test/sitemap.xml").unwrap();
        let usual = Source::usual(SourceName::new("a").unwrap(), url.clone(), chrono_tz::Tz::UTC);
        let reads = |source: &Source, kind| {
            let (head, entries, notes) = (FeedHead::default(), Vec::new(), Vec::new());
            named(source, &Reading { kind, head, entries, notes, cut_off: false, half: false }, &url).read
        };
        assert_eq!(reads(&usual, DocumentKind::Sitemap), ReadMode::Page);
        assert_eq!(reads(&usual, DocumentKind::Rss), ReadMode::Usual);
        let said = Source { read: ReadMode::Feed, ..usual };
        assert_eq!(reads(&said, DocumentKind::Sitemap), ReadMode::Feed);
    }

    #[test]
    fn an_entry_that_tells_only_of_a_change_is_dated_by_it_once() {
        let changed = |day| Entry { updated: Some(at(day)), ..Entry::default() };
        assert_eq!(made(changed("2026-05-01"), None).date(), at("2026-05-01"));
        assert_eq!(made(changed("2027-01-01"), None).date(), at("2026-06-03"), "never to come");
        let both = Entry { published: Some(at("2026-04-01")), ..changed("2026-05-01") };
        assert_eq!(made(both, None).date(), at("2026-04-01"));
        let id = ArticleId::of(&SourceName::new("a").unwrap(), &Identity::Url("a.test/v1.2".into()));
        let known = |skipped| KnownEntry { id: id.clone(), entry_hash: 1, body_from: BodyFrom::Feed, skipped };
        let again = made(changed("2026-05-01"), Some(known(false)));
        assert_eq!((again.published, again.updated), (None, Some(at("2026-05-01"))), "its place is settled");
        assert_eq!(made(changed("2026-05-01"), Some(known(true))).date(), at("2026-05-01"));
    }
}
