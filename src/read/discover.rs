//! Where the feed of a page may be: what its head, its headers and its links say, and the usual places.

use std::collections::HashSet;

use url::{Host, Url};

use super::Input;
use super::entities::decode as unescaped;
use super::markup::{Piece, Scanner, attribute};
use crate::model::{Link, Reading};
use crate::text::{decode, one_line};

/// More feeds than this are no choice.
const MOST_FEEDS: usize = 50;
/// Links of one `Link` header that are read, and its bytes.
const MOST_LINKS: usize = 100;
const MOST_HEADER: usize = 16 << 10;
/// Pieces of markup within a link that are looked at.
const MOST_INSIDE: usize = 12;
/// The most words of the name of a feed.
const MOST_NAME: usize = 6;
/// `Sitemap` lines of a `robots.txt` that are read.
const MOST_SITEMAPS: usize = 50;

/// Names under which feeds stand, where nobody says where they stand.
const USUAL: [&str; 8] = ["feed", "feed/", "rss.xml", "atom.xml", "feed.xml", "rss", "index.xml", "feed.json"];
/// The relation of the API of WordPress.
const WORDPRESS: &str = "https://api.w.org/";

/// What a page says about feeds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leads {
    /// Feeds that its head or its `Link` header announces, in their order.
    pub announced: Vec<Url>,
    /// Links of the page that look like feeds of its site.
    pub linked: Vec<Url>,
    /// Those of comments, announced or linked: the last to be asked.
    pub comments: Vec<Url>,
    /// The API of a WordPress site.
    pub wordpress: Option<Url>,
}

impl Leads {
    fn add(&mut self, url: Url, titles: &str, announced: bool) {
        let known = [&self.announced, &self.linked, &self.comments].into_iter().map(Vec::len).sum::<usize>();
        let twice = [&self.announced, &self.linked, &self.comments].into_iter().any(|l| l.contains(&url));
        if twice || known >= MOST_FEEDS {
            return;
        }
        let list = match (is_of_comments(&url, titles), announced) {
            (true, _) => &mut self.comments,
            (false, true) => &mut self.announced,
            (false, false) => &mut self.linked,
        };
        list.push(url);
    }
}

/// What a page and its `Link` header say about feeds.
#[must_use]
pub fn leads(page: &Input<'_>, link_header: Option<&str>) -> Leads {
    let text = decode(page.body, page.content_type);
    let mut leads = in_page(&text.text, page.url);
    for link in links(link_header.unwrap_or_default(), page.url) {
        let Ok(url) = Url::parse(&link.href) else { continue };
        let title = link.title.as_deref().unwrap_or_default();
        if is_feed(&link.rel, link.media_type.as_deref(), title, &url) {
            leads.add(url, title, true);
        } else if link.rel.split_ascii_whitespace().any(|r| r == WORDPRESS) {
            leads.wordpress.get_or_insert(url);
        }
    }
    leads
}

pub(super) fn in_page(html: &str, base: &Url) -> Leads {
    let base = base_of(html, base);
    let (mut leads, mut hidden) = (Leads::default(), None::<String>);
    let mut anchors: Vec<(Sure, Url, String)> = Vec::new();
    let mut pieces = Scanner::new(html);
    while let Some(piece) = pieces.next() {
        let (name, attributes) = match (piece, &hidden) {
            (Piece::End { name }, Some(within)) if name.eq_ignore_ascii_case(within) => {
                hidden = None;
                continue;
            }
            (Piece::Start { name, attributes, .. }, None) => (name.to_ascii_lowercase(), attributes),
            _ => continue,
        };
        let get = |key: &str| attribute(attributes, key).map(|v| one_line(&unescaped(v)));
        match name.as_str() {
            "script" | "style" | "template" => hidden = Some(name),
            "link" => {
                let (rel, title) = (get("rel").unwrap_or_default(), get("title").unwrap_or_default());
                let Some(url) = get("href").and_then(|h| feed_address(&base, &h)) else { continue };
                if is_feed(&rel, get("type").as_deref(), &title, &url) {
                    leads.add(url, &title, true);
                } else if rel.split_ascii_whitespace().any(|r| r == WORDPRESS) {
                    leads.wordpress.get_or_insert(url);
                }
            }
            "a" | "area" => {
                let called = [label(pieces.clone()), get("title").or_else(|| get("aria-label")).unwrap_or_default()];
                let is_called = called.iter().any(|said| is_called_rss(said));
                let said = [called.join(" "), get("class").unwrap_or_default()].join(" ");
                let written = get("href").unwrap_or_default();
                let Some(url) = feed_address(&base, &written).filter(|u| same_site(u, &base)) else { continue };
                let named = is_feed(&get("rel").unwrap_or_default(), get("type").as_deref(), &said, &url);
                let sure = match named || looks_like_feed(&url) {
                    true if named || says_feed(&said) || written.starts_with("feed") => Sure::Called,
                    true => Sure::Looks,
                    false if is_called => Sure::CalledOnly,
                    false => continue,
                };
                if anchors.len() < MOST_LINKS {
                    anchors.push((sure, url, said));
                }
            }
            _ => {}
        }
    }
    anchors.sort_by_key(|(sure, ..)| *sure);
    anchors.into_iter().for_each(|(_, url, said)| leads.add(url, &said, false));
    leads
}

/// What stands in a link, after its beginning: its words, and those of its pictures.
fn label<'a>(pieces: impl Iterator<Item = Piece<'a>>) -> String {
    let is_link = |name: &str| name.eq_ignore_ascii_case("a");
    let inside = pieces.take(MOST_INSIDE).take_while(|piece| match piece {
        Piece::Start { name, .. } | Piece::End { name } => !is_link(name),
        _ => true,
    });
    let said = inside.filter_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        Piece::Start { name, attributes, .. } if name.eq_ignore_ascii_case("img") => attribute(attributes, "alt"),
        _ => None,
    });
    one_line(&said.map(|text| unescaped(text).into_owned()).collect::<Vec<_>>().join(" "))
}

/// What tells that a link leads to a feed, the surest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sure {
    /// Its address looks like one, and it is called one.
    Called,
    /// Its address alone.
    Looks,
    /// Its words alone.
    CalledOnly,
}

/// What the addresses of a page are relative to, wherever its head says it.
pub(super) fn base_of(html: &str, url: &Url) -> Url {
    let base = Scanner::new(html)
        .map_while(|piece| match piece {
            Piece::Start { name, .. } if name.eq_ignore_ascii_case("body") => None,
            Piece::Start { name, attributes, .. } if name.eq_ignore_ascii_case("base") => Some(Some(attributes)),
            _ => Some(None),
        })
        .flatten()
        .find_map(|attributes| attribute(attributes, "href"));
    super::base(url, base.map(|href| one_line(&unescaped(href))).as_deref())
}

/// Whether a link with a relation is one to a feed.
fn is_feed(rel: &str, media_type: Option<&str>, title: &str, url: &Url) -> bool {
    let has = |name: &str| rel.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case(name));
    if has("feed") {
        return true;
    }
    let media_type = media_type.unwrap_or_default().to_ascii_lowercase();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let plain = matches!(essence, "" | "application/xml" | "text/xml" | "application/json" | "text/rss");
    let typed = ["rss", "atom", "rdf+xml", "feed+json"].iter().any(|t| essence.contains(t));
    has("alternate") && !has("stylesheet") && (typed || plain && (looks_like_feed(url) || says_feed(title)))
}

fn says_feed(said: &str) -> bool {
    said.split(|c: char| !c.is_alphanumeric())
        .any(|w| ["rss", "atom", "feed"].iter().any(|f| w.eq_ignore_ascii_case(f)))
}

/// Whether a link has the name of a feed (`Flux RSS`), and not a sentence about them.
fn is_called_rss(said: &str) -> bool {
    let words = || said.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words().any(|w| w.eq_ignore_ascii_case("rss")) && words().nth(MOST_NAME).is_none()
}

/// Whether a feed may be one of announcements only, where its page announces others.
#[must_use]
pub fn is_meagre(feed: &Reading) -> bool {
    feed.entries.len() == 1
}

/// By the look of an address: `/feed`, `/rss/monde`, `/flux.rss`, `/index.xml`, `?format=rss`.
#[must_use]
pub fn looks_like_feed(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let path = path.trim_end_matches('/');
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let called = |part: &str| matches!(part, "feed" | "feeds" | "rss" | "rss2" | "atom" | "rdf" | "xml");
    let in_folder = folder.rsplit('/').next().is_some_and(|last| matches!(last, "feed" | "feeds" | "rss" | "atom"));
    let by_query = url.query_pairs().take(MOST_LINKS).any(|(key, value)| {
        let value = value.to_ascii_lowercase();
        matches!(value.as_str(), "rss" | "rss2" | "atom" | "feed" | "rdf")
            && matches!(key.to_ascii_lowercase().as_str(), "feed" | "format" | "type" | "output" | "alt" | "view" | "f")
    });
    let listed = stem.contains("sitemap") || stem.contains("opensearch") || stem.contains("rsd");
    let by_name = match ending {
        "rss" | "atom" | "rdf" => true,
        "xml" => !listed,
        "json" => called(stem),
        "" | "php" | "aspx" | "asp" | "cgi" | "jsp" => called(stem) || (ending.is_empty() && in_folder),
        _ => false,
    };
    by_name || by_query
}

fn is_of_comments(url: &Url, titles: &str) -> bool {
    let word = |w: &str| {
        ["comment", "comments", "commentaires", "comentarios", "kommentare", "commenti", "replies"]
            .iter()
            .any(|c| w.eq_ignore_ascii_case(c))
    };
    let parts = url.path().split(|c: char| !c.is_alphanumeric());
    parts.chain(titles.split(|c: char| !c.is_alphanumeric())).any(word)
        || url.query().is_some_and(|q| q.contains("comments"))
}

/// An address that may be written for a feed reader: `feed://host/path`, `feed:https://host/path`, `feed+https://...`.
#[must_use]
pub fn feed_address(base: &Url, written: &str) -> Option<Url> {
    let written = written.trim();
    let scheme_of = |prefix: &str| {
        written.get(..prefix.len()).filter(|p| p.eq_ignore_ascii_case(prefix)).map(|_| &written[prefix.len()..])
    };
    let url = match (scheme_of("feed+"), scheme_of("feed:")) {
        (Some(rest), _) => Url::parse(rest),
        (None, Some(rest)) if rest.starts_with("//") => match base.scheme() {
            "https" => Url::parse(&format!("https:{rest}")),
            _ => Url::parse(&format!("http:{rest}")),
        },
        (None, Some(rest)) => Url::parse(rest),
        _ if written.is_empty() || written.starts_with('#') => return None,
        _ => base.join(written),
    };
    let mut url = url.ok().filter(|u| matches!(u.scheme(), "http" | "https"))?;
    url.set_fragment(None);
    Some(url)
}

/// Whether two addresses are of one site: of one host, or of hosts below one registered name.
#[must_use]
pub fn same_site(one: &Url, other: &Url) -> bool {
    match (one.host(), other.host()) {
        (Some(Host::Domain(a)), Some(Host::Domain(b))) => {
            a == b || psl::domain_str(a).is_some_and(|domain| psl::domain_str(b) == Some(domain))
        }
        (a, b) => a.is_some() && a == b,
    }
}

/// Where feeds usually stand: below an address first, then at its root.
#[must_use]
pub fn usual_places(url: &Url) -> Vec<Url> {
    let mut folder = url.clone();
    folder.set_query(None);
    folder.set_fragment(None);
    let path = folder.path().to_owned();
    let last = path.rsplit('/').next().unwrap_or_default();
    match last.contains('.') {
        // A file: what stands beside it.
        true => folder.set_path(&path[..path.len() - last.len()]),
        false => folder.set_path(&format!("{}/", path.trim_end_matches('/'))),
    }
    let mut seen = HashSet::new();
    let below = USUAL.iter().filter_map(|name| folder.join(name).ok());
    let at_root = USUAL.iter().filter_map(|name| folder.join(&format!("/{name}")).ok());
    below.chain(at_root).filter(|place| place != url && seen.insert(place.clone())).collect()
}

/// Where the newest articles of a WordPress site are, by the address of its API.
#[must_use]
pub fn wordpress_list(api: &Url) -> Option<Url> {
    const NEWEST: &str = "20";
    let route = |url: &Url| url.query_pairs().find(|(key, _)| key == "rest_route").map(|(_, value)| value.into_owned());
    let mut url = api.clone();
    match route(api) {
        // Sites without readable addresses: `?rest_route=/`.
        Some(route) => {
            let route = format!("{}/wp/v2/posts", route.trim_end_matches('/'));
            url.query_pairs_mut().clear().append_pair("rest_route", &route);
        }
        None => {
            url.set_path(&format!("{}/wp/v2/posts", api.path().trim_end_matches('/')));
            url.set_query(None);
        }
    }
    url.query_pairs_mut().append_pair("per_page", NEWEST);
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// The sitemaps that a `robots.txt` names, those of news first.
#[must_use]
pub fn sitemaps_of_robots(text: &str, base: &Url) -> Vec<Url> {
    let lines = text.trim_start_matches('\u{feff}').lines().filter_map(|line| line.split_once(':'));
    let named = lines.filter(|(key, _)| key.trim().eq_ignore_ascii_case("sitemap"));
    let urls = named.filter_map(|(_, value)| base.join(value.split('#').next()?.trim()).ok());
    let mut urls: Vec<Url> =
        urls.filter(|u| matches!(u.scheme(), "http" | "https") && u != base).take(MOST_SITEMAPS).collect();
    let mut seen = HashSet::new();
    urls.retain(|url| seen.insert(url.clone()));
    urls.sort_by_key(|url| !url.path().to_ascii_lowercase().contains("news"));
    urls
}

/// The links of a `Link` header (RFC 8288), read forgivingly.
fn links(header: &str, base: &Url) -> Vec<Link> {
    let link = |(target, parameters): (&str, Parameters)| {
        let get = |name: &str| parameters.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        Some(Link {
            rel: get("rel").unwrap_or_default(),
            href: feed_address(base, target)?.into(),
            title: get("title*").and_then(|t| extended(&t)).or_else(|| get("title")),
            media_type: get("type"),
        })
    };
    targets(header).into_iter().filter_map(link).collect()
}

/// Names and values beside a target.
pub(super) type Parameters = Vec<(String, String)>;

/// The targets of a `Link` header as they are written, with their parameters.
pub(super) fn targets(header: &str) -> Vec<(&str, Parameters)> {
    let end = (0..=header.len().min(MOST_HEADER)).rev().find(|i| header.is_char_boundary(*i)).unwrap_or(0);
    let mut rest = &header[..end];
    let mut found = Vec::new();
    while let Some((_, after)) = rest.split_once('<') {
        let Some((target, after)) = after.split_once('>') else { break };
        let (parameters, after) = parameters(after);
        rest = after;
        found.push((target, parameters));
        if found.len() == MOST_LINKS {
            break;
        }
    }
    found
}

/// The parameters of one link, and what comes after its comma.
fn parameters(text: &str) -> (Parameters, &str) {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(after) = rest.strip_prefix(';') {
        let end = after.find(['=', ';', ',']).unwrap_or(after.len());
        let name = after[..end].trim().to_ascii_lowercase();
        rest = &after[end..];
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            (value, rest) = parameter_value(after.trim_start());
        }
        if found.len() < MOST_LINKS {
            found.push((name, value));
        }
        rest = rest.trim_start();
    }
    (found, rest)
}

fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((n, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[n + 1..]),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

/// `UTF-8'fr'Actualit%C3%A9s` (RFC 8187).
fn extended(written: &str) -> Option<String> {
    let (charset, rest) = written.split_once('\'')?;
    let (_, value) = rest.split_once('\'')?;
    charset.eq_ignore_ascii_case("utf-8").then_some(())?;
    // A query decodes `%C3`; a plus is a plus.
    let query = format!("x={}", value.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(query.as_bytes()).next().map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(written: &str) -> Url {
        Url::parse(written).unwrap()
    }

    fn shown(urls: &[Url]) -> Vec<&str> {
        urls.iter().map(Url::as_str).collect()
    }

    fn page(html: &str, header: Option<&str>) -> Leads {
        let url = url("https://www.example.org/actu/");
        let now = chrono::DateTime::UNIX_EPOCH;
        let tz = chrono_tz::Tz::UTC;
        leads(
            &Input { body: html.as_bytes(), content_type: None, url: &url, lang: None, tz, day_first: None, now },
            header,
        )
    }

    #[test]
    fn what_the_head_announces() {
        for (link, wanted) in [
            ("rel='alternate feed' type='application/rss+xml; charset=utf-8' href=x", Some("x")),
            ("rel=ALTERNATE type=Application/Atom+XML href=/x", Some("/x")),
            ("rel=alternate type='application/rdf+xml' href='//www.example.org/x?a&amp;b'", Some("/x?a&b")),
            ("rel=feed href=x", Some("x")),
            ("rel='alternate' type='application/feed+json' href=x", Some("x")),
            ("rel='alternate' type='application/json' href=/wp-json/wp/v2/pages/2 title=JSON", None),
            ("rel='alternate' type='application/json' href=/feed.json", Some("/feed.json")),
            ("rel='alternate' type='application/json+oembed' href=/oembed?url=x", None),
            ("rel='alternate' href=/rss.xml", Some("/rss.xml")),
            ("rel='alternate' type=application/rss+xml href='feed://www.example.org/x'", Some("/x")),
            ("rel='alternate' type=application/rss+xml href='feed:https://www.example.org/x'", Some("/x")),
            ("rel='alternate' type=application/rss+xml href='feed+https://www.example.org/x'", Some("/x")),
            ("rel='alternate' type=application/rss+xml href='javascript:x'", None),
            ("rel='alternate' hreflang=en href=/en/", None),
            ("rel='alternate stylesheet' type=text/css href=/feed", None),
            ("rel='icon' type=image/png href=/rss.png", None),
        ] {
            let found = page(&format!("<head><link {link}><base target=_top><base href=/b/>"), None).announced;
            let wanted: Vec<Url> = wanted.iter().map(|w| url("https://www.example.org/b/").join(w).unwrap()).collect();
            assert_eq!(found, wanted, "{link}");
        }
    }

    #[test]
    fn a_link_that_is_called_rss_comes_last_however_its_address_looks() {
        let html =
            "<a href=/feed.xml>Nouvelles</a><a href=/flux>Flux RSS</a><a href=a.php title='S’abonner au flux RSS'></a>
            <a href=/b.php?id=3><img src=rss.png alt=RSS></a><a href=https://other.example/flux>RSS</a>
            <a href=/c><span class=icon></span><b>Fil</b> <i>RSS</i></a><a href=/e aria-label=RSS><svg></svg></a><a href=/f><i></i></a>RSS
            <a href=/d>Que sont les fils RSS, et comment s’en sert un lecteur</a><a href=/g class=rss>Contact</a>";
        let linked: Vec<_> = page(html, None).linked.iter().map(|u| u.path().to_owned()).collect();
        assert_eq!(linked, ["/feed.xml", "/flux", "/actu/a.php", "/b.php", "/c", "/e"]);
    }

    #[test]
    fn what_the_page_links_to_comes_after_and_comments_come_last() {
        let leads = page(
            "<link rel=alternate type=application/rss+xml title='Port &raquo; Comments Feed' href=/comments/feed/>
             <link rel=alternate type=application/rss+xml title=Port href=/feed/>
             <link rel='https://api.w.org/' href=https://www.example.org/wp-json/>
             <script>x = '<a href=/rss>'</script><!-- <a href=/rss> --><a href=/sitemap.xml>S</a><a href=/plan.xml>P</a>
             <a href=https://other.example/feed>Blog</a><a href=/flux><span></span></a><a title='Flux RSS' href=/monde.rss></a>
             <a href='https://feeds.example.org/all?format=rss'>RSS</a><a href=/a/feedback>F</a><a href=/rss/monde>Monde</a>",
            None,
        );
        assert_eq!(shown(&leads.announced), ["https://www.example.org/feed/"]);
        let linked = [
            "https://www.example.org/monde.rss",
            "https://feeds.example.org/all?format=rss",
            "https://www.example.org/plan.xml",
            "https://www.example.org/rss/monde",
        ];
        assert_eq!(shown(&leads.linked), linked);
        assert_eq!(shown(&leads.comments), ["https://www.example.org/comments/feed/"]);
        assert_eq!(leads.wordpress.as_ref().map(Url::as_str), Some("https://www.example.org/wp-json/"));
    }

    #[test]
    fn link_headers_are_read_as_they_are_written() {
        let header = r#"</a,b;c>; rel="preload"; as=style, <feed?x=1,2>;rel="alternate feed";type="application/rss+xml"; title="a \"b\", <c>"; title*=UTF-8'fr'Actualit%C3%A9s%2B+1 ,
            <https://www.example.org/wp-json/> ; rel="https://api.w.org/", <javascript:x>; rel=alternate, <//atom.example.org/>; REL=alternate; type=application/atom+xml; bare, <broken"#;
        let found = links(header, &url("https://www.example.org/actu/"));
        let wanted = [
            ("preload", "https://www.example.org/a,b;c", None, None),
            (
                "alternate feed",
                "https://www.example.org/actu/feed?x=1,2",
                Some("Actualités++1"),
                Some("application/rss+xml"),
            ),
            ("https://api.w.org/", "https://www.example.org/wp-json/", None, None),
            ("alternate", "https://atom.example.org/", None, Some("application/atom+xml")),
        ];
        let found: Vec<_> = found
            .iter()
            .map(|l| (l.rel.as_str(), l.href.as_str(), l.title.as_deref(), l.media_type.as_deref()))
            .collect();
        assert_eq!(found, wanted);
        let leads = page("<p>", Some(header));
        let feeds = ["https://www.example.org/actu/feed?x=1,2", "https://atom.example.org/"];
        assert_eq!(shown(&leads.announced), feeds);
        assert!(leads.wordpress.is_some());
    }

    #[test]
    fn the_usual_places_are_below_and_at_the_root() {
        let places = |u: &str| usual_places(&url(u)).iter().map(|p| p.path().to_owned()).collect::<Vec<_>>();
        let root = ["/feed", "/feed/", "/rss.xml", "/atom.xml", "/feed.xml", "/rss", "/index.xml", "/feed.json"];
        assert_eq!(places("https://example.org"), root);
        assert_eq!(places("https://example.org/index.html?x#y"), root);
        for section in ["https://example.org/actu", "https://example.org/actu/", "https://example.org/actu/i.php"] {
            let places = places(section);
            assert_eq!(
                (places.len(), places[0].as_str(), places[8].as_str()),
                (16, "/actu/feed", "/feed"),
                "{section}"
            );
        }
        assert!(!places("https://example.org/feed").contains(&"/feed".to_owned()));
    }

    #[test]
    fn the_lists_of_wordpress_and_of_robots() {
        let list = |api: &str| wordpress_list(&url(api)).map(String::from);
        assert_eq!(
            list("https://a.example/b/wp-json/").as_deref(),
            Some("https://a.example/b/wp-json/wp/v2/posts?per_page=20")
        );
        let by_route = "https://a.example/?rest_route=%2Fwp%2Fv2%2Fposts&per_page=20";
        assert_eq!(list("https://a.example/?rest_route=/").as_deref(), Some(by_route));
        let robots = "\u{feff}User-agent: *\nDisallow: /x\nSITEMAP : /sitemap.xml # all\r\nSitemap: https://cdn.example/news.xml\nSitemap: /sitemap.xml\nSitemap: ftp://x/";
        let found = sitemaps_of_robots(robots, &url("https://a.example/robots.txt"));
        assert_eq!(shown(&found), ["https://cdn.example/news.xml", "https://a.example/sitemap.xml"]);
    }

    #[test]
    fn one_site() {
        for (a, b, wanted) in [
            ("https://www.example.co.uk/x", "http://feeds.example.co.uk/", true),
            ("https://a.co.uk/", "https://b.co.uk/", false),
            ("http://127.0.0.1:1/", "http://127.0.0.1:2/", true),
            ("http://10.0.0.1/", "http://11.0.0.1/", false),
            ("https://user.github.io/", "https://other.github.io/", false),
        ] {
            assert_eq!(same_site(&url(a), &url(b)), wanted, "{a} {b}");
        }
    }
}
