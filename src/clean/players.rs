//! Players in frames, which no feed reader shows, as links to what they play.

use url::Url;

use super::line::entities;
use crate::text::markup::{Markup, attributes};

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

/// Where the address of a frame may stand.
const ADDRESSES: [&str; 4] = ["src", "data-src", "data-lazy-src", "data-litespeed-src"];

/// A link in place of a frame that holds a player; `None` for other frames. The frame itself stays, for the sanitiser to
/// take with its content.
pub(super) fn player(html: &str, tag: &Markup<'_>) -> Option<String> {
    let all = attributes(html, tag);
    let get = |wanted: &str| all.iter().find(|(n, _)| n.eq_ignore_ascii_case(wanted)).map(|(_, v)| entities(v));
    let address = if tag.name.eq_ignore_ascii_case("amp-youtube") {
        format!("https://www.youtube.com/embed/{}", get("data-videoid").filter(|id| is_id(id))?)
    } else {
        ADDRESSES.iter().filter_map(|name| get(name)).find(|v| !v.is_empty() && !v.starts_with("about:"))?
    };
    let shown = opened(address.trim())?;
    let safe = shown.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    Some(format!("<p><a href=\"{safe}\">{safe}</a></p>{}", &html[tag.start..tag.end]))
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
        Some(id) if host.contains("youtube") => Some(format!("https://www.youtube.com/watch?v={id}")),
        _ => Some(url.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::markup::next_markup;

    #[test]
    fn players_become_links_and_other_frames_do_not() {
        for (written, link) in [
            ("<iframe src='https://www.youtube.com/embed/abc?rel=0'>", Some("https://www.youtube.com/watch?v=abc")),
            ("<iframe data-src=//www.youtube-nocookie.com/embed/a-b_c>", Some("https://www.youtube.com/watch?v=a-b_c")),
            (
                "<iframe src='https://www.youtube.com/embed/videoseries?list=x'>",
                Some("https://www.youtube.com/embed/videoseries?list=x"),
            ),
            (
                "<iframe src='https://player.vimeo.com/video/1?a=1&amp;b=2'>",
                Some("https://player.vimeo.com/video/1?a=1&b=2"),
            ),
            ("<iframe src='https://tube.example/videos/embed/1-2'>", Some("https://tube.example/videos/embed/1-2")),
            ("<amp-youtube data-videoid=abc>", Some("https://www.youtube.com/watch?v=abc")),
            ("<amp-youtube data-videoid='a\"b'>", None),
            ("<iframe src=/ad>", None),
            ("<iframe src='https://x.example/?youtube.com/'>", None),
            ("<iframe src='https://notyoutube.com/embed/x'>", None),
            ("<iframe src='javascript:alert(1)//youtube.com/'>", None),
            ("<iframe src='about:blank' data-src='https://soundcloud.com/x'>", Some("https://soundcloud.com/x")),
        ] {
            let made = player(written, &next_markup(written, 0).unwrap());
            let wanted =
                link.map(|l| l.replace('&', "&amp;")).map(|l| format!("<p><a href=\"{l}\">{l}</a></p>{written}"));
            assert_eq!(made, wanted, "{written}");
        }
    }
}
