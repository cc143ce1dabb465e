//! `[site]`, `[store]`, `[stories]` and `[recommend]`.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;
use toml::Spanned;
use url::Url;

use super::names::{Known, Use};
use super::raw::{self, Text};
use super::read::Reading;
use super::said::Said;
use crate::dedup::LeadBy;
use crate::model::Lang;
use crate::query::Query;
use crate::recommend::{From, Weights};
use crate::{dedup, recommend, store};

/// The longest that a story may wait to be published.
const LONGEST_SETTLE: Duration = Duration::from_secs(7 * 24 * 3600);
/// Where the server listens unless the file says otherwise: on this machine, behind a proxy.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8420);
/// The language of our own words unless the file says otherwise.
const LANG: &str = "en";
/// The most recommendations under one article.
pub(super) const MOST_RECOMMENDED: i64 = 50;
const HOUR: Duration = Duration::from_secs(3600);

/// `[site]`, as far as it is right.
pub(super) struct Site {
    pub(super) title: Option<String>,
    pub(super) id: Option<String>,
    pub(super) base: Option<Url>,
    pub(super) lang: Lang,
    pub(super) tz: Tz,
    pub(super) contact: Option<String>,
    pub(super) listen: SocketAddr,
}

/// `[site]`. `None` never: the usual language is one.
pub(super) fn site(reading: &Reading, said: &mut Said<'_>) -> Option<Site> {
    let raw = &reading.file.site;
    if raw.base.is_none() && reading.lacks("site.base") {
        let text = &said.source().text;
        let header = text.find("[site]").map_or(0..0, |at| at..at + "[site]".len());
        let hint = "write the public address: base = \"https://feeds.example.org\"";
        said.wrong(header, "`base` is not given in [site]", hint);
    }
    Some(Site {
        title: raw.title.as_ref().and_then(|t| said.line(t)),
        id: raw.id.as_ref().and_then(|i| id(i, said)),
        base: raw.base.as_ref().and_then(|b| base(b, "base", said)),
        lang: raw.lang.as_ref().and_then(|l| said.lang(l)).or_else(|| Lang::parse(LANG))?,
        tz: raw.tz.as_ref().and_then(|t| said.tz(t)).unwrap_or(Tz::UTC),
        contact: raw.contact.as_ref().and_then(|c| contact(c, said)),
        listen: raw.listen.as_ref().and_then(|l| listen(l, said)).unwrap_or(LISTEN),
    })
}

/// An address that others stand below.
pub(super) fn base(written: &Text, key: &str, said: &mut Said<'_>) -> Option<Url> {
    let mut url = said.url(written)?;
    if url.query().is_some() || url.fragment().is_some() {
        let message = format!("`{key}` has more than a path");
        said.wrong(written.span(), message, "take away what follows `?` or `#`");
        return None;
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Some(url)
}

/// The id of a site whose file names none: the host of its address.
pub(super) fn id_of(base: &Url) -> String {
    base.host_str().unwrap_or_default().chars().map(|c| if in_id(c) { c } else { '-' }).collect()
}

fn in_id(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-')
}

/// The authority of a tag URI (RFC 4151): a host name, or a mail address.
fn id(written: &Text, said: &mut Said<'_>) -> Option<String> {
    let id = written.get_ref().trim().to_ascii_lowercase();
    let (name, host) = id.split_once('@').unwrap_or(("x", &id));
    let fine = |part: &str| !part.is_empty() && part.chars().all(|c| in_id(c) || c == '_');
    if !fine(name) || !fine(host) || id.len() > 253 {
        said.wrong(written.span(), format!("`{id}` cannot be a site's id"), "write a host name: \"feeds.example.org\"");
        return None;
    }
    Some(id)
}

/// Goes into a header of every request.
fn contact(written: &Text, said: &mut Said<'_>) -> Option<String> {
    let raw = written.get_ref().trim();
    let reached = raw.contains('@') || raw.starts_with("http://") || raw.starts_with("https://");
    if !reached || !raw.bytes().all(|b| b.is_ascii_graphic()) || raw.len() > 200 {
        let hint = "write a mail address or the address of a page: \"redaction@example.org\"";
        said.wrong(written.span(), format!("`{raw}` cannot be a contact"), hint);
        return None;
    }
    Some(raw.to_owned())
}

fn listen(written: &Text, said: &mut Said<'_>) -> Option<SocketAddr> {
    let raw = written.get_ref().trim();
    let parsed = raw.parse().ok();
    if parsed.is_none() {
        let port = raw.rsplit(':').next().and_then(|p| p.parse::<u16>().ok()).unwrap_or(LISTEN.port());
        let hint = format!("write address and port: \"127.0.0.1:{port}\" for this machine, \"0.0.0.0:{port}\" for all");
        said.wrong(written.span(), format!("`{raw}` is nothing to listen on"), hint);
    }
    parsed
}

pub(super) fn store(raw: &raw::Store, folder: &Path, said: &mut Said<'_>) -> store::Settings {
    let mut settings = store::Settings::default();
    if let Some(path) = &raw.path {
        if path.get_ref().trim().is_empty() {
            said.wrong(path.span(), "`path` is empty", "write where the database is: \"feeds.db\"");
        }
        settings.path = path.get_ref().into();
    }
    settings.path = folder.join(settings.path);
    if let Some(keep) = &raw.keep {
        settings.keep = match keep.get_ref().trim() {
            "forever" => None,
            _ => said.duration(keep, HOUR).or(settings.keep),
        };
    }
    settings
}

pub(super) fn dedup(raw: &raw::Stories, said: &mut Said<'_>) -> dedup::Settings {
    let mut settings = dedup::Settings::default();
    if let Some(within) = raw.within.as_ref().and_then(|w| said.duration(w, HOUR)) {
        settings.within = within;
    }
    let choices = [("original", LeadBy::Original), ("rank", LeadBy::Rank), ("first", LeadBy::First)];
    if let Some(lead) = raw.lead.as_ref().and_then(|l| said.one_of(l, "lead", &choices)) {
        settings.lead = lead;
    }
    settings
}

/// How long a new story waits before it is published.
pub(super) fn settle(raw: &raw::Stories, said: &mut Said<'_>) -> TimeDelta {
    let settle = raw.settle.as_ref().and_then(|s| said.duration(s, Duration::ZERO).map(|d| (s, d)));
    settle.map_or(TimeDelta::zero(), |(written, settle)| {
        if settle > LONGEST_SETTLE {
            said.wrong(written.span(), "`settle` is longer than a week", "hours are enough for copies to arrive");
        }
        TimeDelta::from_std(settle).unwrap_or(TimeDelta::zero())
    })
}

/// Whether the other outlets of a story are named.
pub(super) fn credit_others(raw: &raw::Stories, said: &mut Said<'_>) -> bool {
    let others = raw.others.as_ref();
    others.and_then(|o| said.one_of(o, "others", &[("credit", true), ("hide", false)])).unwrap_or(true)
}

pub(super) fn recommend(file: &raw::File, known: &Known, said: &mut Said<'_>) -> recommend::Settings {
    let raw = &file.recommend;
    let usual = recommend::Settings::default();
    let (show_body, show_links) = match &raw.show {
        Some(show) => {
            let words = [("body", "body"), ("links", "links")];
            let shown: Vec<&str> = show.iter().filter_map(|s| said.one_of(s, "show", &words)).collect();
            (shown.contains(&"body"), shown.contains(&"links"))
        }
        None => (usual.show_body, usual.show_links),
    };
    recommend::Settings {
        title: raw.title.as_ref().and_then(|t| said.line(t)),
        count: raw.count.as_ref().and_then(|n| said.count(n, "count", 0..=MOST_RECOMMENDED)).unwrap_or(usual.count),
        within: raw.within.as_ref().and_then(|w| said.duration(w, HOUR)).unwrap_or(usual.within),
        by: raw.by.as_ref().and_then(|b| weights(b, said)).unwrap_or(usual.by),
        variety: raw.variety.as_ref().and_then(|v| said.share(v, "variety")).unwrap_or(usual.variety),
        from: raw.from.as_ref().and_then(|f| from(f, known, said)).unwrap_or(usual.from),
        from_of: from_of(file, known, said),
        show_body,
        show_links,
    }
}

/// A part that is not named counts nothing.
fn weights(raw: &Spanned<raw::By>, said: &mut Said<'_>) -> Option<Weights> {
    let by = raw.get_ref();
    let mut weight = |written: &Option<Spanned<f64>>, key| match written {
        Some(written) => said.share(written, key),
        None => Some(0.0),
    };
    let (text, tags, recent) = (weight(&by.text, "text"), weight(&by.tags, "tags"), weight(&by.recent, "recent"));
    let weights = Weights { text: text?, tags: tags?, recent: recent? };
    if weights.text + weights.tags + weights.recent <= 0.0 {
        said.wrong(raw.span(), "`by` counts nothing", "write for example { text = 0.6, tags = 0.3, recent = 0.1 }");
        return None;
    }
    Some(weights)
}

/// The `from` of each feed that has one.
fn from_of(file: &raw::File, known: &Known, said: &mut Said<'_>) -> BTreeMap<String, From> {
    let written =
        file.feed.iter().filter_map(|(slug, feed)| Some((slug, feed.recommend.as_ref()?.get_ref().from.as_ref()?)));
    written.filter_map(|(slug, written)| Some((slug.get_ref().clone(), from(written, known, said)?))).collect()
}

/// What nobody may see.
pub(super) fn hide(raw: &raw::Site, known: &Known, said: &mut Said<'_>) -> Option<Query> {
    let written = raw.hide.as_ref()?;
    let query = said.query(written)?;
    known.check(&query, written, Use::Hide, said);
    Some(query)
}

fn from(written: &Text, known: &Known, said: &mut Said<'_>) -> Option<From> {
    match written.get_ref().trim() {
        "site" => Some(From::Site),
        "feed" => Some(From::Feed),
        _ => {
            let query = said.query(written)?;
            known.check(&query, written, Use::From, said);
            Some(From::Query(Box::new(query)))
        }
    }
}
