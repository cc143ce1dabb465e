//! OPML 1.0 and 2.0: the subscriptions of another reader.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::ReadError;
use crate::text::{decode, fold, one_line};

/// The most subscriptions of one file.
const MOST: usize = 20_000;
/// The deepest folder.
const DEEPEST: usize = 32;
/// The most folders and categories of one subscription.
const MOST_NAMES: usize = 32;

/// One feed that somebody reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its title; empty where there is none.
    pub title: String,
    /// Its address, http or https.
    pub url: String,
    /// The folders that it stands in, outermost first, then its categories (`category="/Monde/Arabe,presse"`), each once.
    pub folders: Vec<String>,
}

/// What an OPML file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outlines {
    /// The feeds, in its order, each address once.
    pub feeds: Vec<Subscription>,
    /// Outlines that are not among them: what each calls itself, and why.
    pub left_out: Vec<(String, &'static str)>,
}

/// Reads the feeds of an OPML file.
///
/// # Errors
/// When the file is not XML as far as its outlines go.
pub fn opml(bytes: &[u8]) -> Result<Outlines, ReadError> {
    let text = decode(bytes, None).text;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
    reader.config_mut().check_end_names = false;
    let mut found = Outlines::default();
    let mut seen = std::collections::HashSet::new();
    let mut folders: Vec<String> = Vec::new();
    loop {
        let (outline, opens) = match reader.read_event() {
            Ok(Event::Start(tag)) if is_outline(&tag) => (tag, true),
            Ok(Event::Empty(tag)) if is_outline(&tag) => (tag, false),
            Ok(Event::End(tag)) if tag.name().as_ref().eq_ignore_ascii_case("outline") => {
                folders.pop();
                continue;
            }
            Ok(Event::Eof) => return Ok(found),
            Ok(_) => continue,
            // What was read before the fault is not lost.
            Err(_) if !found.feeds.is_empty() => return Ok(found),
            Err(error) => return Err(ReadError::Unreadable(format!("OPML: {error}"))),
        };
        let title = attribute(&outline, "title").or_else(|| attribute(&outline, "text")).unwrap_or_default();
        if let Some(written) = attribute(&outline, "xmlUrl") {
            let left_out = match address(&written) {
                None => Some("its address is not one that can be asked"),
                Some(url) if !seen.insert(url.clone()) => Some("its address stands above already"),
                Some(url) => {
                    let categories = attribute(&outline, "category").unwrap_or_default();
                    let categories = categories.split([',', '/']).map(str::trim).map(str::to_owned);
                    let folders = names(folders.iter().cloned().chain(categories));
                    found.feeds.push(Subscription { title: title.clone(), url, folders });
                    None
                }
            };
            let called = if title.is_empty() { written } else { title.clone() };
            found.left_out.extend(left_out.map(|why| (called, why)));
        }
        if opens {
            folders.push(title);
        }
        if found.feeds.len() + found.left_out.len() >= MOST || folders.len() > DEEPEST {
            return Ok(found);
        }
    }
}

/// Names that say something, each once.
fn names(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    all.filter(|name| !name.is_empty() && seen.insert(fold(name))).take(MOST_NAMES).collect()
}

fn is_outline(tag: &BytesStart<'_>) -> bool {
    tag.name().as_ref().eq_ignore_ascii_case("outline")
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().with_checks(false).flatten().find(|a| a.key.as_ref().eq_ignore_ascii_case(name))?;
    let raw = found.value.into_owned();
    let value = quick_xml::escape::unescape(&raw).map_or_else(|_| raw.clone(), std::borrow::Cow::into_owned);
    let value = one_line(&value);
    (!value.is_empty()).then_some(value)
}

/// The address of a feed; `feed:` and `feed://` are spellings of http that readers use.
fn address(written: &str) -> Option<String> {
    let plain = match written.strip_prefix("feed:") {
        Some(rest) if rest.starts_with("//") => format!("http:{rest}"),
        Some(rest) => rest.to_owned(),
        None => written.strip_prefix("feed+").unwrap_or(written).to_owned(),
    };
    let url = url::Url::parse(&plain).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_nested_folders_and_odd_schemes() {
        let file = br#"<?xml version="1.0"?><opml version="1.0"><head><title>x</title></head><body>
            <outline text="Presse"><outline text="A &amp; B" xmlUrl="https://a.example/rss?x=1&amp;y=2"/>
              <outline title="Sud"><outline text="C" xmlurl="feed://c.example/rss" category="/Monde/Arabe, presse,sud,"/></outline></outline>
            <outline text="again" xmlUrl="https://a.example/rss?x=1&amp;y=2"/>
            <outline text="bad" xmlUrl="javascript:alert(1)"/><outline text="E" xmlUrl="feed+https://e.example/"/></body></opml>"#;
        let Outlines { feeds: found, left_out } = opml(file).unwrap();
        let left_out: Vec<_> = left_out.iter().map(|(name, why)| (name.as_str(), why.contains("above"))).collect();
        assert_eq!(left_out, [("again", true), ("bad", false)]);
        let urls: Vec<_> = found.iter().map(|s| s.url.as_str()).collect();
        assert_eq!(urls, ["https://a.example/rss?x=1&y=2", "http://c.example/rss", "https://e.example/"]);
        assert_eq!(found[0].title, "A & B");
        assert_eq!(found[1].folders, ["Presse", "Sud", "Monde", "Arabe"], "each once");
        assert!(found[2].folders.is_empty());
    }

    #[test]
    fn a_file_that_breaks_off_gives_what_it_had() {
        let found = opml(b"<opml><body><outline xmlUrl='https://a.example/'/><outline xmlUrl='https://b").unwrap();
        assert_eq!(found.feeds.len(), 1);
        assert_eq!(opml(b"not xml at all").unwrap(), Outlines::default());
    }
}
