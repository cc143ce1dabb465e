//! Players that pages show in frames or in elements that a script fills, and where that which they play can be opened.

use url::Url;

/// Hosts whose frames are players that can be opened on their own.
const HOSTS: [&str; 16] = [
    "youtube.com",
    "youtube-nocookie.com",
    "youtu.be",
    "vimeo.com",
    "dailymotion.com",
    "geo.dailymotion.com",
    "soundcloud.com",
    "open.spotify.com",
    "embed.podcasts.apple.com",
    "podcasts.apple.com",
    "bandcamp.com",
    "deezer.com",
    "archive.org",
    "ina.fr",
    "arte.tv",
    "ausha.co",
];

/// Paths that tell a player on any host: PeerTube stands on thousands.
const PATHS: [&str; 1] = ["/videos/embed/"];

/// Elements that name what they play, the attributes in which they do, and what stands before it in the address.
const NAMED: [(&str, &str, &str); 4] = [
    ("amp-youtube", "data-videoid", "https://www.youtube.com/watch?v="),
    ("lite-youtube", "videoid", "https://www.youtube.com/watch?v="),
    ("amp-vimeo", "data-videoid", "https://vimeo.com/"),
    ("amp-dailymotion", "data-videoid", "https://www.dailymotion.com/video/"),
];

/// Attributes that may hold the address of a frame: scripts that wait for the reader to come near, or to consent, move it.
pub(crate) const FRAMED: [&str; 7] = [
    "src",
    "data-src",
    "data-lazy-src",
    "data-litespeed-src",
    "data-src-cmplz",
    "data-cmp-src",
    "data-cookieblock-src",
];

/// Attributes that may hold the name of what a player plays.
pub(crate) const PLAYED: [&str; 2] = ["data-videoid", "videoid"];

/// Whether an element may be a player.
#[must_use]
pub fn may_play(name: &str) -> bool {
    matches!(name, "iframe" | "amp-iframe") || NAMED.iter().any(|(known, ..)| *known == name)
}

/// Where that which an element plays can be opened, by its name in lower case and its attributes; `None` for what is no known
/// player.
#[must_use]
pub fn played(name: &str, get: impl Fn(&str) -> Option<String>) -> Option<String> {
    if let Some((_, attribute, before)) = NAMED.iter().find(|(known, ..)| *known == name) {
        return get(attribute).filter(|id| is_id(id)).map(|id| format!("{before}{id}"));
    }
    if !may_play(name) {
        return None;
    }
    FRAMED.iter().filter_map(|attribute| get(attribute)).find_map(|address| opened(address.trim()))
}

/// Whether an address leads to one film, and not to who shows it.
#[must_use]
pub fn is_film(address: &str) -> bool {
    let Some(url) = Url::parse(address.trim()).ok().filter(|u| matches!(u.scheme(), "http" | "https")) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default();
    let (host, path) = (host.trim_start_matches("www.").trim_start_matches("m."), url.path());
    let below =
        |starts: &[&str]| starts.iter().any(|start| path.strip_prefix(start).is_some_and(|rest| !rest.is_empty()));
    match host {
        "youtube.com" => path == "/watch" || below(&["/embed/", "/live/", "/shorts/"]),
        "youtu.be" | "dai.ly" => below(&["/"]),
        "vimeo.com" => path.trim_start_matches('/').starts_with(|c: char| c.is_ascii_digit()),
        "dailymotion.com" => below(&["/video/"]),
        _ => below(&["/videos/watch/", "/videos/embed/"]),
    }
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Where that which a frame plays can be opened.
fn opened(address: &str) -> Option<String> {
    let absolute = if address.starts_with("//") { format!("https:{address}") } else { address.to_owned() };
    let url = Url::parse(&absolute).ok().filter(|u| matches!(u.scheme(), "http" | "https"))?;
    let host = url.host_str()?;
    let within = |known: &str| host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if !HOSTS.into_iter().any(within) && !PATHS.iter().any(|p| url.path().contains(p)) {
        return None;
    }
    let id = url.path().strip_prefix("/embed/").and_then(|rest| rest.split('/').next());
    match id.filter(|id| is_id(id) && *id != "videoseries") {
        Some(id) if host.contains("youtube") => {
            let start = url.query_pairs().find(|(name, _)| name == "start").map(|(_, at)| at.into_owned());
            let start = start.filter(|at| (1..=6).contains(&at.len()) && at.bytes().all(|b| b.is_ascii_digit()));
            let start = start.filter(|at| at.bytes().any(|b| b != b'0')).map(|at| format!("&t={at}s"));
            Some(format!("https://www.youtube.com/watch?v={id}{}", start.unwrap_or_default()))
        }
        _ => Some(url.into()),
    }
}
