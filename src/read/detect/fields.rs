//! Which fields of the objects of a list are the parts of an entry: told by their names, proved by their values.

use std::collections::HashSet;

use serde_json::Value;
use url::Url;

use super::MOST_COUNTED;
use super::carried::write_key;
use crate::read::paths::{Path, Place, date};
use crate::text::{DateContext, fold, one_line, words};

/// Fields of one object that are looked at, and how deep they lie.
const MOST_FIELDS: usize = 300;
const DEEPEST: usize = 5;
/// A summary has as many characters, a text as many.
const SUMMARY: usize = 40;
const BODY: usize = 300;
/// A title has no more characters, a name no more.
const LONGEST_TITLE: usize = 400;
const LONGEST_NAME: usize = 80;

/// Keys from an object down to a value; `None` stands for each piece of an array.
type Keys = Vec<Option<String>>;

/// A part of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Link,
    Title,
    Summary,
    Body,
    Image,
    Date,
    Author,
}

use Role::{Author, Body, Date, Image, Link, Summary, Title};

impl Role {
    const ALL: [(&'static str, Self); 7] = [
        ("link", Link),
        ("title", Title),
        ("summary", Summary),
        ("body", Body),
        ("image", Image),
        ("date", Date),
        ("author", Author),
    ];

    /// Names of fields, the likeliest first; a name that only holds one of them counts less.
    fn names(self) -> impl Iterator<Item = &'static str> {
        let names = match self {
            Link => {
                "htmlurl weburl canonicalurl permalink url link href canonical fullurl @id guid path pathname uri slug alias"
            }
            Title => "title headline headlines titre titulo titel name heading label",
            Summary => {
                "summary excerpt description standfirst dek deck subtitle subheadline abstract teaser lead lede chapo intro \
                 introduction snippet trailtext blurb resume"
            }
            Body => "contenthtml content bodyhtml body articlebody html fulltext text",
            Image => "image thumbnail picture photo cover visual img thumb media",
            Date => {
                "datepublished publishedat published publicationdate publishdate pubdate dategmt date datetime \
                 firstpublished createdat created datecreated timestamp time updatedat updated datemodified modified"
            }
            Author => "author authors byline creator writer auteur",
        };
        names.split_ascii_whitespace()
    }

    /// Whether a value is one of this part.
    fn fits(self, text: &str, base: &Url, dates: &DateContext<'_>) -> bool {
        let length = text.chars().count();
        let address = || base.join(text).ok().filter(|u| matches!(u.scheme(), "http" | "https"));
        match self {
            Link => {
                !text.contains(char::is_whitespace)
                    && !text.starts_with('#')
                    && address().is_some_and(|u| !is_media(&u) && !is_api(&u))
            }
            Title => (4..=LONGEST_TITLE).contains(&length) && !text.starts_with("http") && says_words(text),
            Summary => length >= SUMMARY && says_words(text),
            Body => length >= BODY && (text.contains("<p") || length >= 2 * BODY),
            Image => !text.contains(char::is_whitespace) && text.contains('/') && address().is_some(),
            Date => (4..=LONGEST_NAME).contains(&length) && date(text, dates).is_some(),
            Author => length <= LONGEST_NAME && !text.contains("://") && says_words(text),
        }
    }
}

fn says_words(text: &str) -> bool {
    words(&fold(text)).any(|w| w.chars().any(char::is_alphabetic))
}

/// Whether an address is one for programs.
fn is_api(url: &Url) -> bool {
    let part = |p: &str| matches!(p, "api" | "wp-json" | "jsonapi");
    url.host_str().is_some_and(|h| h.starts_with("api.")) || url.path_segments().is_some_and(|mut s| s.any(part))
}

fn is_media(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".webp", ".gif", ".svg", ".avif", ".mp3", ".mp4", ".js", ".css"]
        .iter()
        .any(|e| path.ends_with(e))
}

/// Where the parts of the entries are.
pub(super) struct Fields {
    found: Vec<(Role, &'static str, String, Path)>,
    link: (String, Place),
    /// Whether addresses are put together in a way that nothing in the page proves.
    pub(super) guessed: bool,
}

impl Fields {
    /// The fields of some objects. `None` where they have no titles or no addresses.
    pub(super) fn of(pieces: &[&Value], base: &Url, shown: &HashSet<String>, dates: &DateContext<'_>) -> Option<Self> {
        let pieces: Vec<&Value> = pieces.iter().take(MOST_COUNTED).copied().collect();
        let paths = paths(&pieces);
        let mut found = Vec::new();
        let mut link = None;
        for (key, role) in Role::ALL {
            let mut ranked: Vec<(usize, &Keys)> =
                paths.iter().filter_map(|path| Some((rank(role, path)?, path))).collect();
            ranked.sort_by_key(|(rank, path)| (*rank, path.len()));
            let (right, of) = if matches!(role, Link | Title | Body) { (4, 5) } else { (1, 2) };
            for (_, path) in ranked.into_iter().take(12) {
                let written = relative(path);
                let Ok(parsed) = Path::parse(&written) else { continue };
                let texts: Vec<Option<String>> = pieces.iter().map(|p| parsed.text(p).map(|t| one_line(&t))).collect();
                let fits = texts.iter().flatten().filter(|t| role.fits(t, base, dates)).count();
                let different = texts.iter().flatten().collect::<HashSet<_>>().len();
                let one_for_all = matches!(role, Link | Title) && different * 4 < fits * 3;
                if fits * of < pieces.len() * right || fits == 0 || one_for_all {
                    continue;
                }
                if role == Link {
                    let texts: Vec<String> = texts.into_iter().flatten().collect();
                    let Some((place, guessed)) = place(&written, &texts, base, shown) else { continue };
                    link = Some((Place::parse(&place).ok()?, place, guessed));
                } else {
                    found.push((role, key, written, parsed));
                }
                break;
            }
        }
        let (place, written, guessed) = link?;
        found.iter().any(|(role, ..)| *role == Title).then_some(Self { found, link: (written, place), guessed })
    }

    /// What an object says for a part that is no address.
    pub(super) fn text(&self, role: Role, piece: &Value) -> Option<String> {
        self.found.iter().find(|(r, ..)| *r == role)?.3.text(piece)
    }

    /// The address in an object, as written.
    pub(super) fn link(&self, piece: &Value) -> Option<String> {
        self.link.1.text(piece)
    }

    /// How many of some objects have a part.
    pub(super) fn share(&self, role: Role, pieces: &[&Value]) -> f64 {
        pieces.iter().filter(|p| self.text(role, p).is_some()).count() as f64 / pieces.len().max(1) as f64
    }

    /// The keys of the list and what to write; those that are found unsaid are left out.
    pub(super) fn keys(&self) -> Vec<(&'static str, String)> {
        let written = self.found.iter().map(|(_, key, written, _)| (*key, written.clone()));
        [("link", self.link.0.clone())].into_iter().chain(written).collect()
    }
}

/// How to write the address, given what stands in its field; whether that is a guess. A word alone is put where the links of
/// the page have it.
fn place(field: &str, texts: &[String], base: &Url, shown: &HashSet<String>) -> Option<(String, bool)> {
    let whole = |t: &&String| t.starts_with('/') || t.contains("://");
    if texts.iter().filter(whole).count() * 5 >= texts.len() * 4 {
        return Some((field.to_owned(), false));
    }
    let is_shown = |url: Option<Url>| url.is_some_and(|u| shown.contains(u.as_str()));
    if texts.iter().filter(|t| is_shown(base.join(t).ok())).count() * 2 >= texts.len() {
        return Some((field.to_owned(), false));
    }
    let own = base.origin().ascii_serialization();
    let mut shown_here: Vec<&str> = shown.iter().filter_map(|u| u.strip_prefix(own.as_str())).collect();
    // Of several that fit always the same, the shortest.
    shown_here.sort_unstable_by_key(|url| (url.len(), *url));
    for text in texts.iter().take(3) {
        for url in &shown_here {
            let Some((before, after)) = url.split_once(text.as_str()) else { continue };
            if !before.ends_with('/') || after.contains('/') && after != "/" {
                continue;
            }
            let there = texts.iter().filter(|t| shown.contains(&format!("{own}{before}{t}{after}"))).count();
            if there * 2 >= texts.len() {
                return Some((format!("{before}{{{field}}}{after}"), false));
            }
        }
    }
    // Nothing on the page tells; what stands below the list is the likeliest.
    let folder = base.path().trim_end_matches('/');
    Some((format!("{folder}/{{{field}}}"), true))
}

/// What only wraps a value.
const WRAPS: [&str; 10] = ["rendered", "value", "text", "simpletext", "runs", "raw", "plain", "html", "main", "basic"];
/// Objects that have titles, addresses and dates of their own.
const OTHERS: &str = "image images img author authors category categories tag tags section sections publisher source user \
    thumbnail media cover topics topic channel parent video logo comments related breadcrumb self";
/// Words in names of addresses that are not those of an article.
const NO_LINKS: &str = "image img thumb avatar video amp api comment logo icon self";

/// How likely a field is a part, the lowest the likeliest. `None` where it is not.
fn rank(role: Role, path: &[Option<String>]) -> Option<usize> {
    let plain: Vec<String> = path
        .iter()
        .flatten()
        .map(|k| k.chars().filter(|c| !matches!(c, '_' | '-')).collect::<String>().to_ascii_lowercase())
        .collect();
    let wraps = plain.iter().skip(1).rev().take_while(|k| WRAPS.contains(&k.as_str())).count();
    let (name, around) = plain.get(..plain.len() - wraps)?.split_last()?;
    let of_other = around.iter().any(|k| OTHERS.split_ascii_whitespace().any(|o| o == k));
    let by_name = |name: &str| {
        let at = role.names().position(|n| n == name).or_else(|| {
            let held = role.names().position(|n| n.len() > 3 && name.contains(n))?;
            Some(role.names().count() + held)
        });
        at.map(|at| at * 10 + path.len())
    };
    match role {
        Image | Author => {
            let at = plain.iter().find_map(|k| by_name(k))?;
            let last = plain.last()?.as_str();
            let ends = match role {
                Image => matches!(last, "url" | "src" | "href" | "sourceurl" | "contenturl") || by_name(last).is_some(),
                _ => matches!(last, "name" | "displayname" | "fullname") || by_name(last).is_some(),
            };
            ends.then_some(at)
        }
        Link => {
            let of_article = !NO_LINKS.split_ascii_whitespace().any(|n| name.contains(n)) && !of_other;
            by_name(name).filter(|_| of_article)
        }
        // Of the two dates of an entry the first one, unless there is no other.
        Title | Summary | Date | Body => by_name(name).filter(|_| !of_other),
    }
}

/// The paths to all values in some objects.
fn paths(pieces: &[&Value]) -> Vec<Keys> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for piece in pieces {
        let mut open: Vec<(&Value, Keys)> = vec![(piece, Vec::new())];
        let mut looked = 0;
        while let Some((value, path)) = open.pop() {
            looked += 1;
            if looked > MOST_FIELDS || path.len() > DEEPEST {
                continue;
            }
            let below = |key: Option<&String>| path.iter().cloned().chain([key.cloned()]).collect();
            match value {
                Value::Object(values) => open.extend(values.iter().rev().map(|(key, v)| (v, below(Some(key))))),
                Value::Array(values) => match values.first() {
                    Some(first @ Value::Object(_)) => open.push((first, below(None))),
                    Some(Value::String(_)) if seen.insert(path.clone()) => found.push(path),
                    _ => {}
                },
                Value::String(_) | Value::Number(_) if !path.is_empty() && seen.insert(path.clone()) => {
                    found.push(path)
                }
                _ => {}
            }
        }
    }
    found
}

fn relative(path: &[Option<String>]) -> String {
    let mut out = String::new();
    for key in path {
        match key {
            Some(key) => write_key(key, &mut out),
            None => out.push_str("[*]"),
        }
    }
    out.strip_prefix('.').map(str::to_owned).unwrap_or(out)
}
