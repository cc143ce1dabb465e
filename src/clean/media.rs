//! Before the sanitiser, on the string: pictures that scripts would have loaded get their address, pixels that only count
//! readers go, players become links, layout elements become `div`.

use super::line::entities;
use crate::text::markup::{Markup, MarkupKind, attributes, next_markup};

/// Attributes that hold the address of a picture for a script to load, the usual ones first.
const LAZY: [&str; 9] = [
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-lazy",
    "data-orig-file",
    "data-full-src",
    "data-hi-res-src",
    "data-url",
    "data-image",
];
const LAZY_SETS: [&str; 4] = ["data-srcset", "data-lazy-srcset", "data-sizes-srcset", "srcset"];

/// Hosts and paths of pictures that only count readers.
const COUNTERS: [&str; 12] = [
    "/~r/",
    "/~4/",
    "pixel.wp.com",
    "stats.wordpress.com",
    "doubleclick.net",
    "feedsportal.com",
    "/pixel.gif",
    "/pixel.png",
    "google-analytics.com",
    "xiti.com",
    "scorecardresearch.com",
    "//px.ads",
];

/// Players whose address a reader can open.
const PLAYERS: [&str; 11] = [
    "youtube.com/",
    "youtube-nocookie.com/",
    "youtu.be/",
    "player.vimeo.com/",
    "dailymotion.com/",
    "soundcloud.com/",
    "open.spotify.com/",
    "podcasts.apple.com/",
    "peertube",
    "archive.org/",
    "ina.fr/",
];

/// Layout elements, which mean no more than `div` outside their page.
const LAYOUT: [&str; 12] = [
    "address", "article", "aside", "dialog", "fieldset", "footer", "form", "header", "hgroup", "main", "nav", "legend",
];

/// The widest picture taken out of a `srcset`: readers show bodies in a column.
const WIDEST: f64 = 1600.0;

/// Rewrites what the sanitiser cannot see in one attribute. Its output is not safe, only readier.
pub(super) fn prepare(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let (mut at, mut kept) = (0, 0);
    let mut picture: Option<Option<String>> = None;
    while let Some(tag) = next_markup(html, at) {
        at = tag.end;
        let lower = tag.name.to_ascii_lowercase();
        let replacement = match (tag.kind, &*lower) {
            (MarkupKind::Other, _) => None,
            (MarkupKind::Open, "picture") => {
                picture = Some(None);
                None
            }
            (MarkupKind::Close, "picture") => {
                picture = None;
                None
            }
            (MarkupKind::Open, "source") if picture.is_some() => {
                let set = attributes(html, &tag)
                    .iter()
                    .find(|(n, _)| matches!(&*n.to_ascii_lowercase(), "srcset" | "data-srcset"))
                    .and_then(|(_, v)| best(&entities(v)));
                if let Some(picture) = &mut picture {
                    *picture = picture.take().or(set);
                }
                Some(String::new())
            }
            (MarkupKind::Open, "img" | "amp-img" | "image") => Some(image(html, &tag, picture.clone().flatten())),
            (MarkupKind::Close, "amp-img") => Some(String::new()),
            (MarkupKind::Open, "iframe" | "amp-youtube") => player(html, &tag),
            (kind, name) if LAYOUT.contains(&name) => Some(layout(html, &tag, kind)),
            _ => None,
        };
        if let Some(replacement) = replacement {
            out.push_str(&html[kept..tag.start]);
            out.push_str(&replacement);
            kept = tag.end;
        }
    }
    out.push_str(&html[kept..]);
    out
}

fn layout(html: &str, tag: &Markup<'_>, kind: MarkupKind) -> String {
    if kind == MarkupKind::Close {
        return "</div>".to_owned();
    }
    let mut out = "<div".to_owned();
    for (name, value) in attributes(html, tag) {
        if matches!(&*name.to_ascii_lowercase(), "dir" | "lang") {
            write(&mut out, &name.to_ascii_lowercase(), value);
        }
    }
    out.push('>');
    out
}

/// Writes an attribute whose value is as it was written (entities and all).
fn write(out: &mut String, name: &str, value: &str) {
    out.push_str(&format!(" {name}=\"{}\"", value.replace('"', "&quot;")));
}

fn image(html: &str, tag: &Markup<'_>, from_picture: Option<String>) -> String {
    let all = attributes(html, tag);
    let get = |wanted: &str| all.iter().find(|(n, _)| n.eq_ignore_ascii_case(wanted)).map(|(_, v)| v.trim());
    let number = |name: &str| get(name).and_then(|v| v.trim_end_matches("px").parse::<f32>().ok());
    if number("width").is_some_and(|w| w <= 2.0) && number("height").is_some_and(|h| h <= 2.0) {
        return String::new();
    }
    let src = get("src").unwrap_or_default();
    let lazy = LAZY
        .iter()
        .find_map(|n| get(n))
        .map(entities)
        .filter(|v| !v.is_empty() && !v.starts_with("data:"))
        .or_else(|| LAZY_SETS.iter().find_map(|n| best(&entities(get(n)?))))
        .or(from_picture);
    let chosen = match lazy {
        Some(lazy) if get("data-src").is_some() || is_placeholder(src) => lazy,
        _ => entities(src),
    };
    if COUNTERS.iter().any(|c| chosen.contains(c)) {
        return String::new();
    }
    let mut out = "<img".to_owned();
    if !chosen.is_empty() {
        write(&mut out, "src", &chosen.replace('&', "&amp;"));
    }
    for name in ["alt", "title", "width", "height", "dir", "lang"] {
        if let Some(value) = get(name) {
            write(&mut out, name, value);
        }
    }
    out.push('>');
    out
}

fn is_placeholder(src: &str) -> bool {
    let name = src.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    src.is_empty()
        || src.starts_with("data:")
        || src.starts_with("about:")
        || ["placeholder", "blank.", "spacer", "1x1", "pixel", "lazy", "transparent", "loading", "grey.", "gray."]
            .iter()
            .any(|w| name.contains(w))
}

/// The best address of a `srcset`: the widest up to a bound.
fn best(set: &str) -> Option<String> {
    let mut found: Option<(f64, String)> = None;
    let mut rest = set.trim();
    while !rest.is_empty() {
        // An address may hold commas: a candidate ends at white space, its description at a comma.
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (address, after) = rest.split_at(end);
        let bare = address.trim_end_matches(',');
        let (description, next) =
            if bare.len() < address.len() { ("", after) } else { after.split_once(',').unwrap_or((after, "")) };
        let size = description.trim();
        let width = match size.strip_suffix('w').and_then(|n| n.trim().parse::<f64>().ok()) {
            Some(width) => width,
            None => size.strip_suffix('x').and_then(|n| n.parse::<f64>().ok()).unwrap_or(1.0) * 400.0,
        };
        let value = if width > WIDEST { 1.0 / width } else { width };
        if !bare.is_empty() && !bare.starts_with("data:") && found.as_ref().is_none_or(|(v, _)| value > *v) {
            found = Some((value, bare.to_owned()));
        }
        rest = next.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    }
    found.map(|(_, address)| address)
}

fn player(html: &str, tag: &Markup<'_>) -> Option<String> {
    let all = attributes(html, tag);
    let src = ["src", "data-src", "data-lazy-src"]
        .iter()
        .find_map(|wanted| {
            all.iter().find(|(n, v)| n.eq_ignore_ascii_case(wanted) && !v.is_empty() && *v != "about:blank")
        })?
        .1;
    let src = entities(src);
    if !PLAYERS.iter().any(|p| src.contains(p)) {
        return None;
    }
    let shown = match src.split_once("/embed/") {
        Some((head, id)) if head.contains("youtube") => {
            format!("https://www.youtube.com/watch?v={}", id.split(['?', '&', '/']).next().unwrap_or_default())
        }
        _ if src.starts_with("//") => format!("https:{src}"),
        _ => src,
    };
    let safe = shown.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    // The frame stays, for the sanitiser to take with its content.
    Some(format!("<p><a href=\"{safe}\">{safe}</a></p>{}", &html[tag.start..tag.end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_that_scripts_load_get_their_address() {
        for (written, read) in [
            (
                "<img src='data:image/gif;base64,R0' data-src='/a.jpg?x=1&amp;y=2' alt='un \"mot\"'>",
                "<img src=\"/a.jpg?x=1&amp;y=2\" alt=\"un &quot;mot&quot;\">",
            ),
            ("<img src='/blank.gif' srcset='/s.jpg 300w, /m,1.jpg 900w, /l.jpg 3000w'>", "<img src=\"/m,1.jpg\">"),
            ("<img src='/real.jpg' srcset='/big.jpg 2x'>", "<img src=\"/real.jpg\">"),
            (
                "<picture><source srcset='/p.webp 1x'><img alt=x></picture>",
                "<picture><img src=\"/p.webp\" alt=\"x\"></picture>",
            ),
            ("<img src=/t.gif width=1 height='1'>", ""),
            ("<img src='https://pixel.wp.com/b.gif?x'>", ""),
        ] {
            assert_eq!(prepare(written), read, "{written}");
        }
    }

    #[test]
    fn players_become_links() {
        let made = prepare("<iframe src='https://www.youtube.com/embed/abc?rel=0'></iframe>");
        assert!(made.contains("<a href=\"https://www.youtube.com/watch?v=abc\">"), "{made}");
        assert_eq!(prepare("<iframe src=/ad></iframe>"), "<iframe src=/ad></iframe>");
    }
}
