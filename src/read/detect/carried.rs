//! Lists in JSON that nobody has described: the arrays of objects that have a title, an address and, at best, a date.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use url::Url;

use super::fields::{Fields, Role};
use super::spots::leads_to_many;
use super::{Found, MOST_COUNTED, describe};
use crate::read::discover::same_site;
use crate::read::paths::Path;
use crate::read::{Input, MOST_LINE};
use crate::text::{DateContext, fold, words};

/// Fewer pieces are no list.
const LEAST: usize = 3;
/// Values that are looked at, and how deep.
const MOST_VALUES: usize = 300_000;
const DEEPEST: usize = 24;
/// Lists that are compared, and those that are tried out, the best first.
const MOST_LISTS: usize = 400;
const MOST_TRIED: usize = 6;
/// A list whose pieces have neither date nor summary is a menu, unless its titles have so many words on average.
const MENU_WORDS: usize = 4;
/// Kinds of schema.org data that list what is no article.
const NO_LISTS: [&str; 4] = ["BreadcrumbList", "SiteNavigationElement", "FAQPage", "Organization"];
/// What names the kind of an object.
const KINDS: [&str; 3] = ["__typename", "@type", "type"];

/// Where the values are, and what is around them.
pub(super) struct Around<'a> {
    pub(super) input: &'a Input<'a>,
    /// What addresses are relative to.
    pub(super) base: &'a Url,
    pub(super) dates: DateContext<'a>,
    /// Where in the page the values are: what to write as `in`. `None` where the document itself is JSON.
    pub(super) within: Option<String>,
    /// Addresses that the page links to.
    pub(super) shown: &'a HashSet<String>,
}

/// The pieces of one list and the ways to write where they are, the best last.
struct List<'v> {
    pieces: Vec<&'v Value>,
    paths: Vec<String>,
}

/// The best list in some values, as far as one is found.
pub(super) fn find(values: &[Value], around: &Around<'_>) -> Option<Found> {
    let mut scored: Vec<(f64, List<'_>, Fields)> = lists(values)
        .into_iter()
        .filter_map(|list| {
            let fields = Fields::of(&list.pieces, around.base, around.shown, &around.dates)?;
            Some((score(&list.pieces, &fields, around), list, fields)).filter(|(score, ..)| *score > 0.0)
        })
        .collect();
    scored.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
    scored.iter().take(MOST_TRIED).find_map(|(_, list, fields)| try_out(values, list, fields, around))
}

fn try_out(values: &[Value], list: &List<'_>, fields: &Fields, around: &Around<'_>) -> Option<Found> {
    let same = |written: &&String| {
        let Ok(path) = Path::parse(written) else { return false };
        let nodes: Vec<&Value> = values.iter().flat_map(|value| path.values(value)).collect();
        nodes.len() == list.pieces.len() && nodes.iter().zip(&list.pieces).all(|(a, b)| std::ptr::eq(*a, *b))
    };
    let item = list.paths.iter().rev().find(same)?;
    let mut keys: Vec<(&'static str, String)> = around.within.iter().map(|within| ("in", within.clone())).collect();
    keys.push(("item", short(item)));
    keys.extend(fields.keys());
    let found = describe(keys, around.input)?;
    let least = list.pieces.len().min(LEAST.max(list.pieces.len() / 2));
    let fetched = found.reading.entries.iter().filter(|e| e.link.as_deref().is_some_and(|l| l.starts_with("http")));
    (fetched.count() >= least).then_some(Found { unproved: fields.guessed, ..found })
}

/// `$.` is left out where a path is known for one all the same.
fn short(path: &str) -> String {
    let rest = path.strip_prefix("$.").or_else(|| path.strip_prefix('$').filter(|rest| rest.starts_with('[')));
    rest.filter(|rest| rest.contains("[*]") && !rest.starts_with('.')).unwrap_or(path).to_owned()
}

fn score(pieces: &[&Value], fields: &Fields, around: &Around<'_>) -> f64 {
    let counted: Vec<&Value> = pieces.iter().take(MOST_COUNTED).copied().collect();
    let share = |role: Role| fields.share(role, &counted);
    let titles: Vec<String> = counted.iter().filter_map(|p| fields.text(Role::Title, p)).collect();
    let length: usize = titles.iter().map(|t| words(&fold(t)).take(8).count()).sum();
    let told = share(Role::Date) + share(Role::Summary) + share(Role::Body);
    if told == 0.0 && length < MENU_WORDS * titles.len() {
        return 0.0;
    }
    let links: Vec<Url> = counted.iter().filter_map(|p| around.base.join(&fields.link(p)?).ok()).collect();
    let part = |is: &dyn Fn(&Url) -> bool| links.iter().filter(|u| is(u)).count() as f64 / links.len().max(1) as f64;
    if part(&leads_to_many) > 0.5 {
        return 0.0;
    }
    let shown = part(&|url| around.shown.contains(url.as_str()));
    let own = 0.2 + 0.8 * part(&|url| same_site(url, around.base));
    let looks =
        1.0 + share(Role::Date) + 0.5 * share(Role::Summary) + 0.5 * share(Role::Body) + 0.3 * share(Role::Image);
    let spoken = 0.3 + length as f64 / (8 * titles.len().max(1)) as f64;
    counted.len() as f64 * looks * own * spoken * (1.0 + 2.0 * shown)
}

/// Everything in some values that may be a list: arrays, and objects with many objects of one kind.
fn lists(values: &[Value]) -> Vec<List<'_>> {
    let mut found = Lists::default();
    if values.len() >= LEAST {
        found.add(values.iter().collect(), &["$".to_owned()]);
    }
    let mut left = MOST_VALUES;
    for root in values {
        let mut open: Vec<(&Value, Vec<Step<'_>>)> = vec![(root, Vec::new())];
        while let Some((value, path)) = open.pop() {
            let Some(rest) = left.checked_sub(1) else { return found.done() };
            left = rest;
            if path.len() > DEEPEST || is_no_list(value) {
                continue;
            }
            let children: Vec<(Step<'_>, &Value)> = match value {
                Value::Array(values) => values.iter().enumerate().map(|(n, v)| (Step::At(n), v)).collect(),
                Value::Object(values) => values.iter().map(|(k, v)| (Step::Key(k), v)).collect(),
                _ => continue,
            };
            let objects: Vec<&Value> = children.iter().map(|(_, v)| *v).filter(|v| v.is_object()).collect();
            if objects.len() >= LEAST && (2 * objects.len() >= children.len() || is_kinded(&objects)) {
                found.container(objects, children.len(), &path);
            } else if !objects.is_empty() && path.iter().any(|s| matches!(s, Step::At(_))) && value.is_array() {
                found.part(objects, &path);
            }
            open.extend(children.into_iter().rev().filter(|(_, v)| v.is_array() || v.is_object()).map(|(step, v)| {
                let path = path.iter().copied().chain([step]).collect();
                (v, path)
            }));
        }
    }
    found.done()
}

fn is_no_list(value: &Value) -> bool {
    value.get("@type").and_then(Value::as_str).is_some_and(|kind| NO_LISTS.contains(&kind))
}

fn is_kinded(objects: &[&Value]) -> bool {
    objects.iter().all(|o| KINDS.iter().any(|key| o.get(*key).is_some_and(Value::is_string)))
}

#[derive(Clone, Copy)]
enum Step<'v> {
    Key(&'v str),
    At(usize),
}

impl Step<'_> {
    fn write(self, any: bool, out: &mut String) {
        match self {
            Self::At(_) if any => out.push_str("[*]"),
            Self::At(n) => out.push_str(&format!("[{n}]")),
            Self::Key(key) => write_key(key, out),
        }
    }
}

/// `.key`, or `['odd key']` (RFC 9535, 2.3.1 and 2.5.1).
pub(super) fn write_key(key: &str, out: &mut String) {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !key.is_empty() && key.chars().all(plain) && !key.starts_with(|c: char| c.is_ascii_digit()) {
        out.push('.');
        out.push_str(key);
    } else {
        out.push_str(&format!("['{}']", key.replace('\\', "\\\\").replace('\'', "\\'")));
    }
}

fn written(path: &[Step<'_>], any: bool) -> String {
    path.iter().fold("$".to_owned(), |mut out, step| {
        step.write(any, &mut out);
        out
    })
}

/// Lists by the path that leads to them; what stands on like paths is one list too.
#[derive(Default)]
struct Lists<'v> {
    all: Vec<List<'v>>,
    alike: HashMap<String, usize>,
}

impl<'v> Lists<'v> {
    fn add(&mut self, pieces: Vec<&'v Value>, paths: &[String]) {
        if self.all.len() < MOST_LISTS {
            self.all.push(List { pieces, paths: paths.to_vec() });
        }
    }

    /// A list at one place, and those of its pieces that are of one kind.
    fn container(&mut self, objects: Vec<&'v Value>, of: usize, path: &[Step<'v>]) {
        let (exact, any) = (written(path, false), written(path, true));
        let last = path.iter().rev().find_map(|s| if let Step::Key(key) = s { Some(*key) } else { None });
        let ends_in_key = matches!(path.last(), Some(Step::Key(_)));
        let anywhere = last.filter(|_| ends_in_key).map(|key| {
            let mut out = "$.".to_owned();
            write_key(key, &mut out);
            if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                out
            } else {
                out.replacen("$.[", "$..[", 1)
            }
        });
        // An address without numbers says where it is and stays; one with numbers changes with the page.
        let mut places = vec![exact.clone()];
        if exact != any {
            places.push(any.clone());
            places.extend(anywhere);
        }
        let with = |end: &str| places.iter().map(|p| format!("{p}{end}")).collect::<Vec<_>>();
        if objects.len() == of {
            self.add(objects.clone(), &with("[*]"));
        }
        for key in KINDS {
            let mut kinds: Vec<&str> = objects.iter().filter_map(|o| o.get(key)?.as_str()).collect();
            kinds.sort_unstable();
            kinds.dedup();
            if kinds.len() < 2 && objects.len() == of {
                continue;
            }
            for kind in kinds.into_iter().take(MOST_COUNTED) {
                let of_kind: Vec<&Value> =
                    objects.iter().copied().filter(|o| o.get(key).and_then(Value::as_str) == Some(kind)).collect();
                if of_kind.len() >= LEAST && kind.len() < MOST_LINE {
                    let mut name = "@".to_owned();
                    write_key(key, &mut name);
                    let kind = kind.replace('\\', "\\\\").replace('\'', "\\'");
                    self.add(of_kind, &with(&format!("[?{name}=='{kind}']")));
                }
            }
        }
        if exact != any {
            self.part(objects, path);
        }
    }

    /// Pieces that are one list with those on like paths.
    fn part(&mut self, objects: Vec<&'v Value>, path: &[Step<'v>]) {
        let any = written(path, true) + "[*]";
        match self.alike.get(&any) {
            Some(at) => self.all[*at].pieces.extend(objects),
            None if self.all.len() < MOST_LISTS => {
                self.alike.insert(any.clone(), self.all.len());
                self.all.push(List { pieces: objects, paths: vec![any] });
            }
            None => {}
        }
    }

    fn done(self) -> Vec<List<'v>> {
        self.all.into_iter().filter(|list| list.pieces.len() >= LEAST).collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::super::detect;
    use super::*;

    const URL: &str = "https://example.org/actu/";

    fn found(text: &str) -> Option<Found> {
        let url = Url::parse(URL).unwrap();
        let now = "2026-06-10T12:00:00Z".parse().unwrap();
        detect(&Input {
            body: text.as_bytes(),
            content_type: None,
            url: &url,
            lang: None,
            tz: Tz::UTC,
            day_first: None,
            now,
        })
    }

    /// The block as it would be written, and the first address.
    fn block(text: &str) -> (String, String) {
        let found = found(text).unwrap_or_else(|| panic!("nothing found in {text}"));
        let keys: Vec<String> = found.keys.iter().map(|(key, written)| format!("{key}={written}")).collect();
        (keys.join(" "), found.reading.entries[0].link.clone().unwrap())
    }

    /// Three objects; `%n` stands for a number, `%t` for a title.
    fn objects(one: &str) -> String {
        let titles =
            ["Une collecte pour les dockers", "Le quai des réfugiés rouvert", "Les pêcheurs de Gaza racontent"];
        let each = |(n, title): (usize, &&str)| one.replace("%n", &n.to_string()).replace("%t", title);
        titles.iter().enumerate().map(each).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn what_pages_carry_is_described() {
        let plain = objects(r#"{"headline": "%t", "url": "/a/%n", "date": "2026-06-0%n", "image": {"src": "/i/%n.jpg"}, "author": {"name": "A. B.", "url": "/x"}}"#).replace("-00", "-09");
        let menu = r#"[{"title": "Accueil", "url": "/"}, {"title": "Monde", "url": "/m"}, {"title": "Sport", "url": "/s"}, {"title": "Tout", "url": "/t"}]"#;
        let apollo = objects(
            r#""Article:%n": {"__typename": "Article", "title": "%t", "path": "/a/%n", "created": "2026-06-09"}"#,
        );
        let cases: &[(String, &str)] = &[
            (
                format!(r#"<script id="__NEXT_DATA__" type="application/json">{{"props": {{"pageProps": {{"menu": {menu}, "articles": [{plain}]}}}}}}</script>"#),
                "in=script#__NEXT_DATA__ item=props.pageProps.articles[*] link=url title=headline image=image.src date=date author=author.name",
            ),
            (
                format!("<script>window.__STATE__ = {{\"news\": {{\"items\": [{plain}]}}}};</script>"),
                "in=script item=news.items[*] link=url title=headline image=image.src date=date author=author.name",
            ),
            (
                format!("<script>window.__APOLLO_STATE__ = {{{apollo}, \"Tag:1\": {{\"__typename\": \"Tag\", \"title\": \"x\"}}}};</script>"),
                "in=script item=$[?@.__typename=='Article'] link=path title=title date=created",
            ),
            (
                format!(r#"<script type="application/json">{{"queries": [{{"x": 1}}, {{"data": {{"list": [{plain}]}}}}]}}</script>"#),
                "in=script[type='application/json'] item=$..list[*] link=url title=headline image=image.src date=date author=author.name",
            ),
            (
                format!("<div id=app data-page='{{\"props\": [{plain}]}}'></div>"),
                "in=div#app @data-page item=props[*] link=url title=headline image=image.src date=date author=author.name",
            ),
            (
                format!(r#"<script type="application/ld+json">{{"@type": "ItemList", "itemListElement": [{}]}}</script>"#, objects(r#"{"@type": "ListItem", "item": {"@type": "NewsArticle", "url": "https://example.org/a/%n", "name": "%t", "datePublished": "2026-06-09"}}"#)),
                "in=script[type='application/ld+json'] item=itemListElement[*] link=item.url title=item.name date=item.datePublished",
            ),
            (
                format!(r#"<script type="application/ld+json">{{"@graph": [{{"@type": "Organization", "name": "Le journal du port", "url": "/"}}, {}]}}</script>"#, objects(r#"{"@type": "NewsArticle", "url": "/a/%n", "headline": "%t", "datePublished": "2026-06-09"}"#)),
                "in=script[type='application/ld+json'] item=$['@graph'][?@['@type']=='NewsArticle'] link=url title=headline date=datePublished",
            ),
            (
                objects(r#"<script type="application/ld+json">{"@type": "NewsArticle", "url": "/a/%n", "headline": "%t", "datePublished": "2026-06-09"}</script>"#).replace("</script>,", "</script>"),
                "in=script[type='application/ld+json'] item=$ link=url title=headline date=datePublished",
            ),
        ];
        for (inside, wanted) in cases {
            let html = format!("<!doctype html><html lang=fr><body><h1>Actu</h1>{inside}</body></html>");
            assert_eq!(block(&html), ((*wanted).to_owned(), "https://example.org/a/0".to_owned()), "{inside}");
        }
    }

    #[test]
    fn answers_of_an_api_are_described() {
        let plain = objects(r#"{"attributes": {"title": {"rendered": "%t"}, "link": "https://example.org/a/%n", "content": "<p>BODY", "published_at": 1780489800}}"#)
            .replace("BODY", &"Un texte assez long. ".repeat(20));
        let keys = "item=data[*] link=attributes.link title=attributes.title.rendered body=attributes.content date=attributes.published_at";
        assert_eq!(block(&format!(r#"{{"data": [{plain}], "meta": {{}}}}"#)).0, keys);
        let two = objects(
            r#"{"url": "https://api.example.org/a/%n", "html_url": "https://example.org/a/%n", "title": "%t", "created_utc": 1780489800.0, "user": {"name": "x", "html_url": "/u"}}"#,
        );
        assert_eq!(block(&format!("[{two}]")).0, "item=[*] link=html_url title=title date=created_utc");
        let node = objects(
            r#"{"type": "node", "id": "%n", "attributes": {"title": "%t", "path": {"alias": "/a/%n"}, "created": "2026-06-09"}, "links": {"self": {"href": "https://example.org/jsonapi/%n"}}}"#,
        );
        assert_eq!(
            block(&format!(r#"{{"data": [{node}]}}"#)).0,
            "item=data[*] link=attributes.path.alias title=attributes.title date=attributes.created"
        );
        let top = objects(r#"{"name": "%t", "permalink": "/a/%n"}"#);
        assert_eq!(block(&format!("[{top}]")).0, "item=[*] link=permalink title=name");
    }

    #[test]
    fn of_two_places_that_fit_it_is_always_the_same() {
        let slugs = ["quai", "grue", "phare", "port"];
        let one = |s: &&str| format!(r#"{{"title": "Un titre assez long du {s}", "slug": "{s}"}}"#);
        let link = |s: &&str| format!("<a href=/lettre/{s}>.</a><a href=/a/{s}>.</a><a href=/b/{s}>.</a>");
        let list = slugs.iter().map(one).collect::<Vec<_>>().join(",");
        let links: String = slugs.iter().map(link).collect();
        for _ in 0..16 {
            let keys = found(&format!("<html>{links}<script>x = [{list}]</script>")).unwrap().keys;
            assert!(keys.contains(&("link", "/a/{slug}".to_owned())), "{keys:?}");
        }
    }

    #[test]
    fn an_address_of_a_word_is_put_together_as_the_page_has_it() {
        let list = objects(r#"{"title": "%t", "slug": "mot-%n", "date": "2026-06-09"}"#);
        let page = |links: &str| {
            format!(r#"<!doctype html><p>x{links}<script type="application/json">{{"list": [{list}]}}</script>"#)
        };
        let shown = found(&page("<a href=/vie/mot-0.html>x</a><a href=/vie/mot-2.html>x</a>")).unwrap();
        assert_eq!((shown.keys[2].1.as_str(), shown.unproved), ("/vie/{slug}.html", false));
        assert_eq!(shown.reading.entries[1].link.as_deref(), Some("https://example.org/vie/mot-1.html"));
        let guessed = found(&page("")).unwrap();
        assert_eq!((guessed.keys[2].1.as_str(), guessed.unproved), ("/actu/{slug}", true));
    }

    #[test]
    fn what_is_no_list_of_articles_gives_none() {
        for list in [
            objects(r#"{"title": "Menu %n", "url": "/m/%n"}"#),
            objects(r#"{"title": "%t", "url": "/tag/%n", "date": "2026-06-09"}"#),
            objects(r#"{"title": "%t", "url": "/same", "date": "2026-06-09"}"#),
            objects(r#"{"title": "%t", "url": "/i/%n.jpg", "date": "2026-06-09"}"#),
            objects(r#"{"title": "%t", "image": {"url": "/a/%n"}, "date": "2026-06-09"}"#),
            objects(r#"{"title": "%t", "url": "javascript:%n", "date": "2026-06-09"}"#),
            "[[[1, {}]]]".to_owned(),
        ] {
            let text = format!(r#"{{"list": [{list}]}}"#);
            assert!(found(&text).is_none(), "{text}");
        }
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert!(found(&deep).is_none());
    }

    #[test]
    fn what_can_be_seen_is_told_by_what_is_carried_only_where_that_says_more() {
        let state = |date: &str| {
            let list = objects(&format!(r#"{{"title": "%t", "url": "/a/%n"{date}}}"#))
                + r#",{"title": "Une radio sur les quais", "url": "/a/3"}"#;
            let seen: String =
                objects("<li><a href=/a/%n>%t</a>").replace(',', "") + "<li><a href=/a/3>Une radio sur les quais</a>";
            found(&format!("<!doctype html><ul>{seen}</ul><script>x = {{\"list\": [{list}]}}</script>")).unwrap().keys
                [0]
            .0
        };
        assert_eq!((state(""), state(r#", "date": "2026-06-09""#)), ("item", "in"));
        let most_read: String =
            (0..4).map(|n| format!("<li><a href=/lu/{n}>Un article que tous ont lu {n}</a>")).collect();
        let drawn = |times: usize| {
            let one = |n: usize| {
                format!("{{title: 'Une dépêche de la rade numéro {n}', url: '/a/{n}', date: '2026-06-09'}},")
            };
            let list: String = (0..times).map(one).collect();
            found(&format!("<!doctype html><ul>{most_read}</ul><script>x = {{list: [{list}]}}</script>")).unwrap().keys
                [0]
            .0
        };
        assert_eq!((drawn(4), drawn(12)), ("item", "in"));
    }
}
