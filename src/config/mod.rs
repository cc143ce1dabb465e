//! Words to settings: reads the file that a curator writes, tells every mistake in it with its place, and gives each step
//! what it may know. `raw` mirrors the file, `read` gets it there, `site`, `manners`, `sources`, `tags` and `feeds` say what the
//! values mean, `names` checks what queries ask for by name.

mod alerts;
mod diagnostics;
mod feeds;
mod manners;
mod names;
mod raw;
mod read;
mod said;
mod site;
mod sources;
mod tags;
mod values;
mod websub;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;

pub use diagnostics::{Diagnostic, Diagnostics, Warning};

use crate::{curate, dedup, fetch, poll, recommend, render, store, tag};
use said::Said;

/// Bytes that a file may have.
pub const MAX_LENGTH: usize = 16 << 20;

/// All that the file says, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The site.
    pub site: render::Site,
    /// Its time zone.
    pub tz: Tz,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// The store.
    pub store: store::Settings,
    /// Manners.
    pub fetch: fetch::Settings,
    /// The sources, in the order of the file.
    pub sources: Vec<poll::Source>,
    /// Tags.
    pub tagging: tag::Settings,
    /// Copies.
    pub dedup: dedup::Settings,
    /// Whether the other outlets of a story are credited.
    pub credit_others: bool,
    /// How long a new story waits before it is published.
    pub settle: TimeDelta,
    /// What to read next.
    pub recommend: recommend::Settings,
    /// What nobody may see.
    pub hide: Option<crate::query::Query>,
    /// The curated feeds that are served, in the order of the file.
    pub feeds: Vec<curate::Feed>,
    /// What all feeds have in common.
    pub defaults: curate::Defaults,
    /// Polls an hour that all learnt intervals together may come to.
    pub budget: u32,
    /// How long a new address of a source must have been named before it is taken.
    pub confirm_move: Duration,
    /// Who is told how sources are doing.
    pub alerts: poll::Alerts,
    /// What hubs are asked for.
    pub websub: crate::websub::Settings,
}

/// The text of a file.
///
/// # Errors
/// Where it is not UTF-8, as editors save it that know of one country alone.
pub fn text(bytes: Vec<u8>, path: &Path) -> Result<String, Diagnostics> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let mut said = Said::new(path.display().to_string(), text, &|_| None);
        said.wrong(at..at + 1, "file is not UTF-8", "save it as UTF-8");
        said.finish().err().unwrap_or_else(|| Diagnostics::new(Vec::new()))
    })
}

/// Reads the text of a file. `path` is where it stands: relative paths in it start from its folder. `env` reads the
/// environment.
///
/// # Errors
/// Every mistake, in the order of the file.
pub fn load(
    text: &str,
    path: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(Config, Vec<Warning>), Diagnostics> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let shown = path.display().to_string();
    if text.len() > MAX_LENGTH {
        let mut said = Said::new(shown, String::new(), env);
        said.wrong(0..0, format!("file is longer than {MAX_LENGTH} bytes"), "");
        return Err(said.finish().err().unwrap_or_else(|| Diagnostics::new(Vec::new())));
    }
    let mut said = Said::new(shown, text.to_owned(), env);
    let reading = read::read(&mut said);
    let folder = path.parent().unwrap_or(Path::new(""));
    let config = resolve(&reading, folder, &mut said);
    let warnings = said.finish()?;
    config.map(|config| (config, warnings)).ok_or_else(|| Diagnostics::new(Vec::new()))
}

/// The settings of every step; `None` only where a mistake was told.
fn resolve(reading: &read::Reading, folder: &Path, said: &mut Said<'_>) -> Option<Config> {
    let file = &reading.file;
    let site = site::site(reading, said)?;
    let store = site::store(&file.store, folder, said);
    // Who reads a log must find somebody to write to.
    let contact = site.contact.clone().or_else(|| site.base.as_ref().map(ToString::to_string));
    let fetch = manners::fetch(&file.fetch, contact, said);
    let known = names::Known::new(reading);
    let schedule = sources::schedule(&file.fetch, said);
    let base = sources::Usual { tz: site.tz, schedule, fetch: &fetch, folder };
    let sources = sources::sources(reading, &base, &known, said);
    let mut tagging = tags::tagging(file, &known, said);
    let dedup = site::dedup(&file.stories, said);
    let credit_others = site::credit_others(&file.stories, said);
    let settle = site::settle(&file.stories, said);
    let recommend = site::recommend(file, &known, said);
    let hide = site::hide(&file.site, &known, said);
    let defaults = curate::Defaults::default();
    let feeds =
        feeds::feeds(&file.feed, &feeds::Usual { lang: &site.lang, limit: defaults.limit, folder }, &known, said);
    tagging.declared.extend(tags::asked_for(feeds.iter()));
    let alerts = alerts::alerts(&file.alert, site.base.as_ref(), &fetch, folder, said);
    let websub = site.base.as_ref().and_then(|base| websub::websub(&file.websub, base, &fetch, said));
    let title = site.title;
    let site_settings = site.base.map(|base| render::Site {
        title: title.unwrap_or_else(|| base.host_str().unwrap_or_default().to_owned()),
        id: site.id.unwrap_or_else(|| site::id_of(&base)),
        base,
        lang: site.lang,
        recommended_in_body: recommend.show_body,
        recommended_as_links: recommend.show_links,
    });
    Some(Config {
        site: site_settings?,
        tz: site.tz,
        listen: site.listen,
        store,
        fetch,
        sources,
        tagging,
        dedup,
        credit_others,
        settle,
        recommend,
        hide,
        feeds,
        defaults,
        budget: sources::budget(&file.fetch, said),
        confirm_move: sources::confirm_move(&file.fetch, said),
        alerts,
        websub: websub?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::curate::{Daily, FeedText, Order};
    use crate::model::{Republish, Tag};
    use crate::poll::ReadMode;
    use crate::recommend::From;
    use crate::schedule::Every;

    #[test]
    fn what_is_hidden_is_so_at_any_time() {
        for (hide, told, hint) in [
            ("(port", "`(` is not closed", ""),
            ("port age:<1d", "`age:` means nothing in `hide`", "stays so"),
            ("feed:x", "`feed:` means nothing in `hide`", "what the feed selects"),
        ] {
            let file = FOUR_LINES.replace("[source", &format!("hide = '{hide}'\n[source")) + "[feed.x]\n";
            let wrong = load(&file, Path::new("feeds.toml"), &|_| None).unwrap_err().to_string();
            assert!(wrong.contains(told) && wrong.contains(hint), "{wrong}");
        }
        let file = FOUR_LINES.replace("[source", "hide = 'source:gone'\n[source");
        let load = |file: &str| load(file, Path::new("feeds.toml"), &|_| None).unwrap();
        assert!(load(&file).0.hide.is_some() && load(&file).1.is_empty());
        let [told] = &load(&file.replace("gone", "perspectivs")).1[..] else { panic!("nothing is told") };
        assert!(told.to_string().contains("did you mean `perspectives`?"), "{told}");
    }

    #[test]
    fn a_file_in_another_coding_is_told_by_its_place() {
        let path = Path::new("feeds.toml");
        let latin = b"[site]\ntitle = \"\xe9t\xe9\"\n";
        let wrong = text(latin.to_vec(), path).unwrap_err();
        let [told] = wrong.iter().collect::<Vec<_>>()[..] else { panic!("{wrong}") };
        assert_eq!((told.line(), told.column(), told.hint()), (2, 10, Some("save it as UTF-8")));
        let utf16: Vec<u8> = "\u{feff}[site]\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(text(utf16, path).unwrap_err().to_string().contains("1:1"));
        assert_eq!(text("é".into(), path).unwrap(), "é");
    }

    const FOUR_LINES: &str =
        "[site]\nbase = \"https://feeds.example.org\"\n[source.perspectives]\nurl = \"https://perspectives.example\"\n";

    const EVERY_KEY: &str = r#"
[site]
base = "https://a.example/feeds"
title = "A"
id = "a.example"
lang = "fr-ca"
tz = "europe/paris"
contact = "a@a.example"
listen = "[::1]:80"
hide = 'url:/retire/ OR source:gone'
[store]
path = "/var/x.db"
keep = "forever"
[fetch]
every = "1h"
between = ["1m", "2h"]
timeout = "5s"
connect = "1s"
first_byte = "2s"
idle = "50ms"
max_size = "1 MB"
ratio = 100
max_headers = "16 kB"
redirects = 5
per_host = 3
per_host_second = 4
at_once = 8
per_second = 20
spacing = "0s"
dns = "127.0.0.1:5353"
ports = [8080]
private_networks = ["127.0.0.1/32"]
budget = 600
confirm_move = "2s"
[source.b]
url = "http://127.0.0.1:9/"
outlet = "B"
lang = "ar"
tz = "Africa/Tunis"
dates = "month-first"
every = "auto"
read = "page"
republish = "excerpt"
tags = ["Un deux"]
rank = 1
only = 'lang:fr age:<7d'
headers = { Cookie = "env:SET", Accept-Language = "fr" }
list = { item = 'article', link = 'a @href', title = 'h2', summary = 'p', image = 'img @src', date = 'time', author = 'i', next = 'a.next', expect = 5 }
page = { body = 'div', drop = ['.a', '/^Lire/'], tags = 'a', origin = 'b', title = 'h1', standfirst = 'p', date = 'time', author = 'i', image = 'img @src' }
[tags]
"B" = 'tag:A OR b'
"A" = 'a source:b'
[tagging]
origins = ["rules"]
aliases = { A = ["Aa"], Aa = ["Aaa"] }
drop = ["x"]
most = 3
pages = "listed"
learn = true
confidence = 0.7
[stories]
within = "3650d"
others = "hide"
[recommend]
title = "R"
count = 10
within = "3650d"
by = { text = 1.0, tags = 0 }
variety = 1
from = 'tag:A'
show = ["links"]
[feed.c]
title = "C"
description = "D"
select = 'tag:A -feed:d'
limit = 7
text = "link"
lang = "ar"
key = "env:SET"
recommend = { count = 0, from = "feed" }
[feed.d]
order = "best"
per_source = 3
digest = "7:00"
[alert]
when = ["ok", "slow", "silent", "failing", "blocked", "broken", "moved", "gone"]
to = ["https://hooks.example/a", "env:HOOK"]
[websub]
subscribe = false
callback = "https://push.example/x"
sha1 = true
lease = "2d"
"#;

    /// What is written after the site, the line of the mistake, a part of the message and of the hint.
    const IN_THE_FILE: &[(&str, usize, &str, &str)] = &[
        ("[sources.x]\nurl = 'x'", 1, "`sources` is not a key at the top", "did you mean `source`?"),
        ("[alert]\nwhen = ['brokn']", 2, "`brokn` is not known as `when`", "did you mean \"broken\"?"),
        ("[alert]\nto = ['mailto:a@b.example']", 2, "cannot be asked", "only http: and https:"),
        ("[alert]\nto = ['env:SET']", 2, "what env:SET holds is not an address", "https://"),
        ("[feed.x]\nlang = 'french'", 2, "`french` is not a language tag", "did you mean \"fr\"?"),
        ("[feed.x]\nselect = 'lang:arabic'", 2, "`arabic` is not a language", "did you mean `lang:ar`?"),
        ("[feed.x]\ndigst = '07:00'", 2, "`digst` is not a key in [feed.x]", "did you mean `digest`?"),
        ("[feed.x]\nhook = 'x'", 2, "`hook` is not a key in [feed.x]", "the keys there are: title"),
        ("[feed.x]\ndigest = '25:00'", 2, "`25:00` is not a time of day", "\"07:00\""),
        ("[feed.x]\ndigest = '07:00 18:00'", 2, "is not a time of day", "\"07:00\""),
        ("[feed.x]\ndigest = ['07:00']", 2, "`digest` is a list", "a text in 'quotes'"),
        ("[feed.x]\ndigest = 7", 2, "`digest` is the number `7`", "a text in 'quotes'"),
        ("[feed.x]\ndigest = '07:00'\nrecommend = { count = 3 }", 3, "means nothing in a digest", "one of the two"),
        ("[feed.x]\norder = 'bset'", 2, "`bset` is not known as `order`", "did you mean \"best\"?"),
        ("[feed.x]\norder = 'popular'", 2, "`popular` is not known as `order`", "write \"new\" or \"best\""),
        ("[feed.x]\nper_source = 0", 2, "`per_source` is 0", "between 1 and 20"),
        ("[feed.x]\nper_source = 21", 2, "`per_source` is 21", "between 1 and 20"),
        ("[fetch]\nper_host = '1'", 2, "`per_host` is the text \"1\"", "a whole number, without quotes"),
        ("[fetch]\nper_host = 0", 2, "`per_host` is 0", "between 1 and 8"),
        ("[fetch]\nspacing = '1'", 2, "`1` is not a duration", "\"1s\""),
        ("[fetch]\nredirects = 21", 2, "`redirects` is 21", "between 0 and 20"),
        ("[fetch]\ndns = 'dns.example'", 2, "`dns.example` is not the address of a name server", "\"127.0.0.1:5353\""),
        ("[fetch]\nmax_headers = '1 MB'", 2, "`1 MB` is too small or too large", "between 1 kB"),
        ("[fetch]\nports = [80, 'x']", 2, "`ports` is the text", "whole number"),
        ("[fetch]\ntimeout = '20'", 2, "`20` is not a duration", "\"20s\""),
        ("[fetch]\nmax_size = '10'", 2, "`10` is not a size", "10 MB"),
        ("[fetch]\nbudget = 0", 2, "`budget` is 0", "between 1 and 1000000"),
        ("[fetch]\nconfirm_move = '0s'", 2, "`0s` is too short", "the least is 1s"),
        ("[fetch]\nbetween = ['2h', '1h']", 2, "begins with the longer", "shorter one first"),
        ("[fetch]\nprivate_networks = ['localhost']", 2, "`localhost` is not a network", "127.0.0.1/32"),
        ("[stories]\nothers = 'separate'", 2, "`separate` is not known", "\"credit\" or \"hide\""),
        ("[stories]\nlead = 'orginal'", 2, "`orginal` is not known", "did you mean \"original\"?"),
        ("[stories]\nsettle = '10'", 2, "`10` is not a duration", ""),
        ("[stories]\nsettle = '30d'", 2, "longer than a week", "hours are enough"),
        ("[feed.Méd]", 1, "`Méd` cannot be an address", "[feed.med]"),
        ("[feed.all]", 1, "`all` is an address of ours", "[feed.all-2]"),
        (
            "[feed.x]\nselect = 'source:perspective'\n[source.perspectives]\nurl = 'https://b.example'",
            2,
            "source `perspective` is not in the file",
            "`perspectives`",
        ),
        ("[feed.x]\nselect = 'feed:y'", 2, "feed `y` is not in the file", "there are: x"),
        ("[feed.x]\nselect = 'feed:y'\n[feed.y]\nselect = 'feed:x'", 1, "in a circle: x -> y -> x", "take one `feed:`"),
        ("[feed.x]\nkey = 'geheim123'", 2, "secret stands in the file", "env:NAME"),
        ("[feed.x]\nselect = \"\"\"\na\ntag:(b)\"\"\"", 4, "`tag:` is followed by nothing", "write a tag"),
        (
            "[tags]\nMediterranee = 'mer'\n[feed.x]\nselect = 'tag:Méditeranée'",
            4,
            "nearly `Mediterranee`",
            "did you mean tag:Mediterranee?",
        ),
        ("[tags]\na = 'tag:b'\nb = 'tag:a'", 2, "in a circle: a -> b -> a", "take one `tag:`"),
        ("[tags]\na = 'age:<7d'", 2, "`age:` means nothing in a tag rule", "`select` of a feed"),
        ("[tags]\na = 'feed:x'", 2, "`feed:` means nothing here", "later"),
        ("[tags]\né = 'x'\ne = 'y'", 3, "has a rule already", "OR"),
        ("[tagging]\naliases = { a = ['b'] }\n[feed.x]\nselect = 'tag:b'", 4, "another spelling of `a`", "tag:a"),
        ("[tagging]\ndrop = ['b']\n[feed.x]\nselect = 'tag:b'", 4, "is in `drop`", "one of the two"),
        ("[tagging]\naliases = { a = ['b'], b = ['c'], c = ['a'] }", 2, "lead back to it", "circle"),
        ("[tagging]\naliases = { a = ['b'], b = ['c'] }\n[feed.x]\nselect = 'tag:c'", 4, "spelling of `a`", "tag:a"),
        ("[tagging]\naliases = { a = ['b'], c = ['b'] }", 2, "a spelling of two tags", "one of the two"),
        ("[tagging]\npages = 'some'", 2, "`some` is not known", "\"listed\""),
        ("[tagging]\nconfidence = 2", 2, "`confidence` is 2", "between 0 and 1"),
        ("[tagging]\norigins = ['rule']", 2, "`rule` is not known", "\"rules\""),
        ("[recommend]\nby = { text = 0 }", 2, "`by` counts nothing", "text = 0.6"),
        ("[recommend]\nvariety = 2", 2, "`variety` is 2", "between 0 and 1"),
        ("[recommend]\nfrom = 'sito:x'", 2, "`sito:` is not a field", "fields are"),
        ("[feed.x]\nrecommend = { from = 'sito:x' }", 2, "`sito:` is not a field", "fields are"),
        ("[websub]\nlease = '1s'", 2, "`1s` is too short", "the least is 1m"),
        ("[websub]\ncallback = 'https://a.example/?x'", 2, "`callback` has more than a path", "take away"),
        ("a = 1\na = 2", 2, "`a` stands here a second time", "keep one"),
    ];
    /// The same inside a source.
    const IN_A_SOURCE: &[(&str, usize, &str, &str)] = &[
        ("tz = 'Paris'", 3, "`Paris` is not a time zone", "did you mean \"Europe/Paris\"?"),
        ("tz = 'buenos aires'", 3, "is not a time zone", "did you mean \"America/Argentina/Buenos_Aires\"?"),
        ("list = { link = 'a' }", 3, "list has no `item`", "item = 'article'"),
        ("list = { item = 'a', link = 'h2 >' }", 3, "`h2 >` is not a CSS selector", ""),
        ("list = { item = 'a[*]', date = 'b[' }", 3, "`b[` is not a JSON path", "data.items[*]"),
        ("list = { item = 'a', in = 'script' }", 3, "`in` of a list is for JSON", "'props.articles[*]'"),
        ("list = { item = 'a[*]', in = 'script >' }", 3, "`script >` is not a CSS selector", ""),
        ("list = { item = 'a[*]', link = '/a/{b[}' }", 3, "`b[` is not a JSON path", "data.items[*]"),
        ("list = { item = 'a', next = 'a.next >' }", 3, "`a.next >` is not a CSS selector", ""),
        ("list = { item = 'a', body = 'p' }", 3, "`body` of a list is for JSON", "[source.NAME.page]"),
        ("page = { drop = ['/(/'] }", 3, "not a regular expression", "/words/"),
        ("headers = { Cookie = 'x=1' }", 3, "secret stands in the file", "env:NAME"),
        ("headers = { Host = 'x' }", 3, "is ours to send", "take it away"),
        ("only = 'copies:>2'", 3, "`copies:` means nothing here", "select"),
        ("dates = 'day_first'", 3, "`day_first` is not known as `dates`", "\"day-first\""),
        ("read = 'pages'", 3, "`pages` is not known as `read`", "\"page\""),
        ("lang = 'français'", 3, "is not a language tag", "\"fr\""),
        ("title = 'x'\noutlet = 'y'", 3, "both name who publishes", "keep `outlet`"),
        ("next = 'a.next @href'", 3, "`next` is not a key in [source.ab]", ""),
    ];

    fn env(name: &str) -> Option<String> {
        match name {
            "SET" => Some("a-long-secret".to_owned()),
            "HOOK" => Some("https://hooks.example/secret".to_owned()),
            _ => None,
        }
    }

    fn read(text: &str) -> Result<(Config, Vec<Warning>), Diagnostics> {
        load(text, Path::new("/etc/feedloom/feeds.toml"), &env)
    }

    fn good(text: &str) -> Config {
        read(text).unwrap_or_else(|d| panic!("{d}")).0
    }

    /// What is told of a file that has its site: line, message, hint.
    fn told(rest: &str) -> Vec<(usize, String, String)> {
        let text = format!("site.base = 'https://a.example'\n{rest}");
        let wrong = read(&text).err().unwrap_or_else(|| panic!("`{rest}` is taken"));
        wrong.iter().map(|d| (d.line() - 1, d.message().to_owned(), d.hint().unwrap_or_default().to_owned())).collect()
    }

    #[test]
    fn four_lines_are_a_file() {
        let config = good(FOUR_LINES);
        assert_eq!((config.site.title.as_str(), config.site.id.as_str()), ("feeds.example.org", "feeds.example.org"));
        assert_eq!(config.site.base.as_str(), "https://feeds.example.org/");
        assert_eq!(config.listen.to_string(), "127.0.0.1:8420");
        assert_eq!(config.store.path, Path::new("/etc/feedloom/feeds.db"));
        let source = &config.sources[0];
        assert_eq!((source.name.as_str(), source.rank, source.read), ("perspectives", 100, ReadMode::Usual));
        assert_eq!((source.outlet.name.as_str(), source.outlet_named), ("perspectives.example", false));
        assert!(source.polled && !source.private && config.credit_others && config.feeds.is_empty());
    }

    #[test]
    fn the_example_is_right() {
        let text = include_str!("../../feeds.example.toml");
        let (config, warnings) = load(text, Path::new("feeds.example.toml"), &env).unwrap_or_else(|d| panic!("{d}"));
        assert!(warnings.is_empty(), "{warnings:?}");
        assert!(config.sources.len() >= 6 && config.feeds.len() >= 3 && config.tagging.rules.len() == 4);
        // What stands behind `#` is right as well.
        let off = regex::Regex::new(r"(?m)^# +(\[[a-z.-]+\]( +#.*)?$|[a-z]+ += )").unwrap();
        let whole = off.replace_all(text, "$1");
        let (config, warnings) = read(&whole).unwrap_or_else(|d| panic!("{d}"));
        assert_eq!(warnings.len(), 2, "two secrets are not set: {warnings:?}");
        assert!(config.sources.iter().any(|s| s.list.is_some() && s.recipe.drop.len() == 2));
    }

    #[test]
    fn every_key_arrives() {
        let config = good(EVERY_KEY);
        assert_eq!((config.site.base.as_str(), config.site.lang.as_str()), ("https://a.example/feeds/", "fr-CA"));
        assert!(config.tz == Tz::Europe__Paris && config.listen.port() == 80 && !config.credit_others);
        assert!(!config.site.recommended_in_body && config.site.recommended_as_links);
        assert!(config.store.keep.is_none() && config.store.path == Path::new("/var/x.db"));
        assert_eq!((config.fetch.max_size, config.fetch.ports.as_slice()), (Some(1_000_000), [8080].as_slice()));
        let f = &config.fetch;
        assert_eq!([f.timeout, f.connect, f.first_byte].map(|d| d.as_secs()), [5, 1, 2]);
        assert_eq!(
            (f.idle, f.spacing, f.dns),
            (Duration::from_millis(50), Some(Duration::ZERO), "127.0.0.1:5353".parse().ok())
        );
        assert_eq!((f.ratio, f.max_headers), (100, 16_000));
        assert_eq!([f.redirects, f.per_host, f.per_host_second, f.at_once, f.per_second], [5, 3, 4, 8, 20]);
        assert_eq!(f.contact.as_deref(), Some("a@a.example"));
        assert_eq!((config.budget, config.confirm_move), (600, Duration::from_secs(2)));
        let source = &config.sources[0];
        assert_eq!((source.schedule.every, source.schedule.longest), (Every::Auto, Duration::from_secs(7200)));
        assert_eq!(source.schedule.unconditional, Duration::from_secs(60), "the file's word goes before our own floor");
        assert!(!source.private && source.republish == Some(Republish::Excerpt), "the file's word stands");
        assert_eq!((source.headers.len(), source.recipe.day_first), (2, Some(false)));
        assert!(source.list.as_ref().is_some_and(|l| l.expect == Some(5) && l.author.is_some() && l.next.is_some()));
        assert!(source.recipe.image.is_some() && source.recipe.drop.len() == 2 && source.only.is_some());
        let rules: Vec<&str> = config.tagging.rules.iter().map(|(tag, _)| tag.shown()).collect();
        assert_eq!(rules, ["A", "B"], "a rule stands after those it asks for");
        assert!(config.tagging.aliases["aa"].shown() == "A" && config.tagging.drop.contains("x"));
        assert_eq!(config.tagging.aliases["aaa"].shown(), "A", "renamings are followed to the last");
        assert_eq!(config.tagging.sources.values().flatten().map(Tag::shown).collect::<Vec<_>>(), ["Un_deux"]);
        let mut declared: Vec<_> = config.tagging.declared.iter().map(String::as_str).collect();
        declared.sort_unstable();
        assert_eq!(declared, ["a", "b", "un_deux"]);
        assert!(
            config.tagging.pages == tag::Pages::Listed && config.tagging.learn.is_some_and(|l| l.confidence == 0.7)
        );
        assert!(matches!(&config.recommend.from, From::Query(q) if q.as_str() == "tag:A"));
        assert!(matches!(config.recommend.from_of["c"], From::Feed) && config.recommend.from_of.len() == 1);
        assert!(config.recommend.by.recent == 0.0 && config.recommend.count == 10);
        let feed = &config.feeds[0];
        assert_eq!((feed.limit, feed.text, feed.recommend_count), (7, FeedText::Link, Some(0)));
        assert_eq!(feed.key.as_deref(), Some("a-long-secret"));
        assert_eq!((feed.order, feed.per_source, feed.digest), (Order::New, None, None));
        let digest = &config.feeds[1];
        assert_eq!((digest.title.as_str(), digest.text, digest.per_source), ("D", FeedText::Summary, Some(3)));
        assert_eq!((digest.order, digest.digest), (Order::Best, Daily::parse("07:00")));
        assert!(!config.websub.subscribe && config.websub.sha1 && config.websub.lease.as_secs() == 2 * 86_400);
        assert_eq!(config.websub.callback.as_str(), "https://push.example/x/");
    }

    #[test]
    fn ten_mistakes_are_ten_diagnostics() {
        let text = r#"[site]
bas = "https://a.example"
base = "feeds.example.org"
tz = "Europe/Pariss"
[fetch]
timeout = 20
[source."a b"]
urll = "https://b.example"
url = "https://b.example"
only = 'titel:x'
[source.c]
[feed.status]
select = 'source:d'
[feed.e]
limit = "fifty"
[stories]
others = "separate"
"#;
        let wrong = read(text).unwrap_err();
        let lines: Vec<usize> = wrong.iter().map(Diagnostic::line).collect();
        assert_eq!(lines, [2, 3, 4, 6, 7, 8, 10, 11, 12, 13, 15, 17], "{wrong}");
        let shown = wrong.to_string();
        assert!(shown.contains("/etc/feedloom/feeds.toml:10:9") && shown.contains("12 mistakes"), "{shown}");
        assert!(!shown.contains('\u{1b}') && wrong.render(true).contains('\u{1b}'));
        let first = &wrong.json()[0];
        assert_eq!((first["line"].as_u64(), first["column"].as_u64()), (Some(2), Some(1)));
        assert_eq!(first["hint"], "did you mean `base`?");
    }

    #[test]
    fn each_mistake_says_what_to_write() {
        let source = "[source.ab]\nurl = 'https://b.example/'\n";
        for (rest, line, message, hint) in IN_THE_FILE {
            let told = told(rest);
            assert!(
                told.iter().any(|(l, m, h)| l == line && m.contains(message) && h.contains(hint)),
                "{rest}\n{line} {message} {hint}\n{told:?}"
            );
        }
        for (rest, line, message, hint) in IN_A_SOURCE {
            let told = told(&format!("{source}{rest}"));
            assert_eq!(told.len(), 1, "{told:?}");
            let (l, m, h) = &told[0];
            assert!(l == line && m.contains(message) && h.contains(hint), "{rest}: {told:?}");
        }
    }

    #[test]
    fn an_unset_secret_disables_what_it_guards() {
        let text = format!("{FOUR_LINES}headers = {{ Cookie = 'env:UNSET' }}\n[feed.a]\nkey = 'file:none'\n[feed.b]\n");
        let (config, warnings) = read(&text).unwrap();
        assert!(!config.sources[0].polled && config.sources[0].private);
        assert_eq!(config.feeds.iter().map(|f| f.slug.as_str()).collect::<Vec<_>>(), ["b"]);
        let lines: Vec<usize> = warnings.iter().map(|w| w.diagnostic().line()).collect();
        assert_eq!(lines, [5, 7]);
        assert!(warnings[0].to_string().contains("source `perspectives` is not polled: the environment has no UNSET"));
        assert!(warnings[1].render(false).contains("warning: feed `a` is not served"));
    }

    #[test]
    fn the_sample_site_is_read_without_a_word() {
        let text = include_str!("../../config/demo/feeds.toml")
            .replace("{{listen}}", "127.0.0.1:8420")
            .replace("{{origin}}", "http://127.0.0.1:8421")
            .replace("{{store}}", "/tmp/feeds.db");
        let (config, warnings) = read(&text).unwrap_or_else(|d| panic!("{d}"));
        assert!(warnings.is_empty() && config.sources.len() >= 8, "{warnings:?}");
        assert!(config.sources.iter().all(|s| s.schedule.every == Every::Fixed(Duration::from_secs(3))));
    }

    #[test]
    fn deep_nesting_is_refused_and_breaks_nothing() {
        let deep = |open: &str, n: usize, close: &str| format!("{}{}", open.repeat(n), close.repeat(n));
        for text in [
            format!("x = {}", deep("[", 100_000, "]")),
            format!("x = {}", deep("{a=", 100_000, "}")),
            format!("[source.{}b]\nc = 1", deep("a.", 50_000, "")),
            format!("source.{}b = 1", deep("a.", 50_000, "")),
        ] {
            assert!(!read(&text).unwrap_err().is_empty());
        }
    }

    #[test]
    fn what_is_not_understood_is_not_called_missing() {
        let told = told("[source.a\nurl = 'https://b.example'\n[feed.x]\nselect = 'source:a'");
        assert_eq!(told.len(), 1, "{told:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_breaks_it(parts in proptest::collection::vec(
            prop_oneof![
                r#"\[(site|source\.a|feed\.[a-zé]|tags|tagging|recommend|source\.a\.list)\]\n"#,
                r#"(base|url|select|only|item|by|every|aliases|drop|limit) = ("[^"]{0,9}"|'[^']{0,9}'|\[.{0,5}\]|\{.{0,5}\}|-?[0-9]{1,20}|\PC{0,9})\n"#,
                r#"\PC{0,12}\n?"#,
            ], 0..12)) {
            let text = parts.concat();
            if let Err(wrong) = read(&text) {
                prop_assert!(!wrong.is_empty());
                prop_assert!(!wrong.render(true).is_empty());
                prop_assert!(wrong.json().is_array());
            }
        }
    }
}
