//! Before the sanitiser, on the string: pictures that scripts would have loaded get their address, pixels that only count
//! readers go, players become links, elements that mean what another one means get its name.

use std::ops::Range;

use super::line::entities;
use super::players::player;
use crate::text::markup::{Markup, MarkupKind, attributes, next_markup};
use crate::text::may_play;

/// Attributes that hold the address of a picture for a script to load, the usual ones first.
const LAZY: [&str; 10] = [
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-lazy",
    "data-orig-file",
    "data-full-src",
    "data-hi-res-src",
    "data-url",
    "data-image",
    "data-cfsrc",
];
const LAZY_SETS: [&str; 4] = ["data-srcset", "data-lazy-srcset", "data-sizes-srcset", "srcset"];

/// What is in the address of pictures that only count readers.
const COUNTERS: [&str; 22] = [
    "/~r/",
    "/~4/",
    "://pixel.",
    "stats.wordpress.com",
    "doubleclick.net",
    "feedsportal.com",
    "/pixel.gif",
    "/pixel.png",
    "/1x1.gif",
    "/1x1.png",
    "/count.gif",
    "google-analytics.com",
    "xiti.com",
    "scorecardresearch.com",
    "//px.ads",
    "facebook.com/tr?",
    "/piwik.php",
    "/matomo.php",
    "medium.com/_/stat",
    "quantserve.com",
    "republication-pixel",
    "//counter.",
];

/// Elements that outside their page mean no more than another one.
#[rustfmt::skip]
const RENAMED: [(&str, &str); 22] = [
    ("address", "div"), ("article", "div"), ("aside", "div"), ("dialog", "div"), ("fieldset", "div"), ("footer", "div"),
    ("form", "div"), ("header", "div"), ("hgroup", "div"), ("legend", "div"), ("main", "div"), ("nav", "div"),
    ("search", "div"), ("acronym", "abbr"), ("strike", "s"), ("tt", "code"), ("menu", "ul"), ("dir", "ul"),
    ("amp-audio", "audio"), ("amp-video", "video"), ("font", "span"), ("big", "span"),
];

/// Elements between a picture and what stands in for it.
const AROUND: [&str; 5] = ["a", "span", "picture", "source", "figure"];

/// The widest picture taken out of a `srcset`: readers show bodies in a column.
const WIDEST: f64 = 1600.0;

/// The largest width and height of a picture that nobody is to see, in CSS pixels.
const PIXEL: f32 = 2.0;

/// Rewrites what the sanitiser cannot see in one attribute. Its output is not safe, only readier.
pub(super) fn prepare(html: &str) -> String {
    let mut rewriter = Rewriter { out: String::with_capacity(html.len()), ..Rewriter::default() };
    let (mut at, mut kept) = (0, 0);
    while let Some(tag) = next_markup(html, at) {
        rewriter.between(&html[at..tag.start]);
        at = tag.end;
        let lower = tag.name.to_ascii_lowercase();
        if (tag.kind, &*lower) == (MarkupKind::Open, "noscript") {
            if let Some((inside, end)) = rewriter.until_end(html, &tag) {
                rewriter.out.push_str(&html[kept..tag.start]);
                rewriter.stand_in(&html[inside..end]);
                (kept, at) = (end, end);
            }
        } else if let Some(replacement) = rewriter.tag(html, &tag, &lower, &html[kept..tag.start]) {
            rewriter.out.push_str(&replacement);
            kept = tag.end;
        }
    }
    rewriter.out.push_str(&html[kept..]);
    rewriter.out
}

/// A picture as it is going to be written.
struct Picture {
    html: String,
    address: String,
    /// Whether its address is one, and not that of something to look at until a script has run.
    real: bool,
}

/// The picture that was written last, as long as nothing has been said after it.
struct Shown {
    at: Range<usize>,
    address: String,
    real: bool,
    /// Whether it stood in for one that a script would have loaded.
    stands_in: bool,
}

#[derive(Default)]
struct Rewriter {
    out: String,
    /// Inside of `picture`: the address that its sources give.
    picture: Option<Option<String>>,
    shown: Option<Shown>,
    /// Whether there is no end of `noscript` any more.
    endless: bool,
}

impl Rewriter {
    fn between(&mut self, text: &str) {
        if self.shown.is_some() && text.contains(|c: char| !c.is_whitespace()) {
            self.shown = None;
        }
    }

    /// What to write in place of a tag; what stands `before` it is written then.
    fn tag(&mut self, html: &str, tag: &Markup<'_>, lower: &str, before: &str) -> Option<String> {
        let replacement = match (tag.kind, lower) {
            (MarkupKind::Other, _) => return None,
            (MarkupKind::Open, "img" | "amp-img" | "amp-anim" | "image") => {
                self.out.push_str(before);
                if let Some(sign) = emoji(html, tag) {
                    self.shown = None;
                    return Some(sign);
                }
                self.show(image(html, tag, self.picture.clone().flatten()), false);
                return Some(String::new());
            }
            (MarkupKind::Close, "amp-img" | "amp-anim") => Some(String::new()),
            (MarkupKind::Open, "picture") => {
                self.picture = Some(None);
                None
            }
            (MarkupKind::Close, "picture") => {
                self.picture = None;
                None
            }
            (MarkupKind::Open, "source") if self.picture.is_some() => {
                self.candidate(html, tag);
                Some(String::new())
            }
            (MarkupKind::Open, name) if may_play(name) => player(html, tag),
            (kind, name) => RENAMED.iter().find(|(n, _)| *n == name).map(|(_, n)| renamed(html, tag, kind, n)),
        };
        if tag.kind == MarkupKind::Open && !AROUND.contains(&lower) {
            self.shown = None;
        }
        if replacement.is_some() {
            self.out.push_str(before);
        }
        replacement
    }

    /// Takes note of a source of a `picture`.
    fn candidate(&mut self, html: &str, tag: &Markup<'_>) {
        let set = attributes(html, tag)
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case("srcset") || n.eq_ignore_ascii_case("data-srcset"))
            .and_then(|(_, v)| best(&entities(v)));
        if let Some(picture) = &mut self.picture {
            *picture = picture.take().or(set);
        }
    }

    /// Where the content of a `noscript` and where it ends; `None` where it never does.
    fn until_end(&mut self, html: &str, tag: &Markup<'_>) -> Option<(usize, usize)> {
        const END: &[u8] = b"</noscript";
        if self.endless {
            return None;
        }
        let rest = &html.as_bytes()[tag.end..];
        let found = rest.windows(END.len()).position(|w| w.eq_ignore_ascii_case(END));
        self.endless = found.is_none();
        found.map(|i| (tag.end, next_markup(html, tag.end + i).map_or(html.len(), |end| end.end)))
    }

    /// The first picture for readers without scripts, in place of the one that a script would have loaded. The words there
    /// are mostly a plea to switch scripts on.
    fn stand_in(&mut self, inside: &str) {
        let mut at = 0;
        while let Some(tag) = next_markup(inside, at) {
            at = tag.end;
            if tag.kind == MarkupKind::Open && tag.name.eq_ignore_ascii_case("img") {
                return self.show(image(inside, &tag, None), true);
            }
        }
    }

    fn show(&mut self, picture: Option<Picture>, stands_in: bool) {
        let Some(picture) = picture else { return };
        if let Some(shown) = &self.shown {
            let same = shown.address == picture.address;
            if stands_in && picture.real && !shown.real {
                self.out.replace_range(shown.at.clone(), "");
            } else if stands_in || (shown.stands_in && (same || !picture.real)) {
                return;
            }
        }
        let start = self.out.len();
        self.out.push_str(&picture.html);
        let Picture { address, real, .. } = picture;
        self.shown = Some(Shown { at: start..self.out.len(), address, real, stands_in });
    }
}

fn renamed(html: &str, tag: &Markup<'_>, kind: MarkupKind, name: &str) -> String {
    if kind == MarkupKind::Close {
        return format!("</{name}>");
    }
    let mut out = format!("<{name}");
    for (attribute, value) in attributes(html, tag) {
        let lower = attribute.to_ascii_lowercase();
        if matches!(&*lower, "dir" | "lang" | "title" | "src" | "poster" | "width" | "height") {
            write(&mut out, &lower, value);
        }
    }
    out.push('>');
    out
}

/// Writes an attribute whose value is as it was written (entities and all).
fn write(out: &mut String, name: &str, value: &str) {
    out.push_str(&format!(" {name}=\"{}\"", value.replace('"', "&quot;")));
}

/// A picture as the sanitiser is to see it; `None` for one that only counts readers.
fn image(html: &str, tag: &Markup<'_>, from_picture: Option<String>) -> Option<Picture> {
    let all = attributes(html, tag);
    let get = |wanted: &str| all.iter().find(|(n, _)| n.eq_ignore_ascii_case(wanted)).map(|(_, v)| v.trim());
    if is_unseen(&get) {
        return None;
    }
    let src = get("src").unwrap_or_default();
    let lazy = LAZY
        .iter()
        .find_map(|n| get(n))
        .map(entities)
        .filter(|v| !v.is_empty() && !v.starts_with("data:"))
        .or_else(|| LAZY_SETS.iter().find_map(|n| best(&entities(get(n)?))))
        .or(from_picture);
    let (address, real) = match lazy {
        Some(lazy) if get("data-src").is_some() || is_placeholder(src) => (lazy, true),
        _ => (entities(src), !is_placeholder(src)),
    };
    if COUNTERS.iter().any(|c| address.contains(c)) {
        return None;
    }
    let mut out = "<img".to_owned();
    if !address.is_empty() {
        write(&mut out, "src", &address.replace('&', "&amp;"));
    }
    // Without one, programs that read aloud would spell the address.
    write(&mut out, "alt", get("alt").unwrap_or_default());
    for name in ["title", "width", "height", "dir", "lang"] {
        if let Some(value) = get(name) {
            write(&mut out, name, value);
        }
    }
    out.push('>');
    Some(Picture { html: out, address, real })
}

/// Classes of pictures that stand for one sign of a text.
const EMOJI: [&str; 4] = ["emoji", "wp-smiley", "custom-emoji", "emojione"];
/// Characters of what such a picture says.
const LONGEST_EMOJI: usize = 40;

/// What a picture says that stands for a sign of the text, as WordPress and Mastodon write them: outside their pages it would be
/// as large as any other.
fn emoji(html: &str, tag: &Markup<'_>) -> Option<String> {
    let all = attributes(html, tag);
    let get = |wanted: &str| all.iter().find(|(n, _)| n.eq_ignore_ascii_case(wanted)).map(|(_, v)| v.trim());
    let class = get("class").unwrap_or_default().split_whitespace().any(|c| EMOJI.contains(&c));
    let said = get("alt").filter(|alt| !alt.is_empty() && alt.chars().count() <= LONGEST_EMOJI)?;
    let is_one = class || get("src").is_some_and(|src| src.contains("/images/core/emoji/"));
    is_one.then(|| said.replace('<', "&lt;").replace('>', "&gt;"))
}

/// Whether a picture is given a size that nobody can see, by its attributes or its style.
fn is_unseen<'v>(get: &impl Fn(&str) -> Option<&'v str>) -> bool {
    let style = get("style").unwrap_or_default().to_ascii_lowercase();
    let styled = |name: &str| {
        let mut rules = style.split(';').filter_map(|rule| rule.split_once(':'));
        rules.find(|(n, _)| n.trim() == name).map(|(_, v)| v.trim().trim_end_matches("!important").trim())
    };
    let size = |name: &str| {
        let number = |v: &str| v.trim_end_matches("px").trim().parse::<f32>().ok();
        styled(name).and_then(number).or_else(|| get(name).and_then(number))
    };
    let unseen = |n: Option<f32>| n.is_some_and(|n| n <= PIXEL);
    match (size("width"), size("height")) {
        (None, one) | (one, None) => one.is_some_and(|n| n < PIXEL) || styled("display") == Some("none"),
        (width, height) => (unseen(width) && unseen(height)) || styled("display") == Some("none"),
    }
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
            (
                "<img src='/blank.gif' srcset='/s.jpg 300w, /m,1.jpg 900w, /l.jpg 3000w'>",
                "<img src=\"/m,1.jpg\" alt=\"\">",
            ),
            ("<img src='/real.jpg' srcset='/big.jpg 2x'>", "<img src=\"/real.jpg\" alt=\"\">"),
            (
                "<picture><source srcset='/p.webp 1x'><img alt=x></picture>",
                "<picture><img src=\"/p.webp\" alt=\"x\"></picture>",
            ),
            (
                "<amp-img src=/a.jpg width=600 height=400 layout=responsive></amp-img>",
                "<img src=\"/a.jpg\" alt=\"\" width=\"600\" height=\"400\">",
            ),
            ("<img src=/a.jpg height=40>", "<img src=\"/a.jpg\" alt=\"\" height=\"40\">"),
            ("<img src=/line.png width=600 height=2>", "<img src=\"/line.png\" alt=\"\" width=\"600\" height=\"2\">"),
        ] {
            assert_eq!(prepare(written), read, "{written}");
        }
    }

    #[test]
    fn a_picture_that_stands_for_a_sign_is_that_sign() {
        for (written, read) in [
            ("Bravo <img src='https://s.w.org/images/core/emoji/15/72x72/1f44f.png' alt='👏'>!", "Bravo 👏!"),
            (
                "<img class='wp-smiley' src=/s.png alt=':)'> <IMG CLASS='custom-emoji' src=/b.png alt=':blobcat:'>",
                ":) :blobcat:",
            ),
            ("<img class=emoji src=/s.png alt='<b>'>", "&lt;b&gt;"),
            ("<img class=emoji src=/s.png>", "<img src=\"/s.png\" alt=\"\">"),
        ] {
            assert_eq!(prepare(written), read, "{written}");
        }
    }

    #[test]
    fn pictures_that_nobody_is_to_see_go() {
        for written in [
            "<img src=/t.gif width=1 height='1'>",
            "<img src=/t.gif width=0>",
            "<img src=/t.gif height=1px>",
            "<img src=/t.gif style='height:1px; width:1px'>",
            "<img src=/t.gif style='display: none !important'>",
            "<img src='https://pixel.wp.com/b.gif?x'>",
            "<img src='https://counter.theconversation.com/content/1/count.gif'>",
            "<img src='https://www.facebook.com/tr?id=1'>",
            "<noscript><img src=/t.gif width=1 height=1></noscript>",
        ] {
            assert_eq!(prepare(written), "", "{written}");
        }
    }

    #[test]
    fn of_a_picture_and_its_stand_in_one_stays() {
        for (written, read) in [
            (
                "<img src=data:,x class=lazy><noscript><img src=/a.jpg alt=A></noscript>",
                "<img src=\"/a.jpg\" alt=\"A\">",
            ),
            ("<img data-src=/a.jpg><noscript><img src=/a.jpg></noscript>", "<img src=\"/a.jpg\" alt=\"\">"),
            ("<img src=/a-300.jpg>\n<noscript><img src=/a.jpg></noscript>", "<img src=\"/a-300.jpg\" alt=\"\">\n"),
            ("<noscript><img src=/a.jpg></noscript><img src=/lazy.gif>", "<img src=\"/a.jpg\" alt=\"\">"),
            ("<noscript><img src=/a.jpg></noscript><img data-src=/a.jpg>", "<img src=\"/a.jpg\" alt=\"\">"),
            (
                "<noscript><img src=/a.jpg></noscript><img src=/b.jpg>",
                "<img src=\"/a.jpg\" alt=\"\"><img src=\"/b.jpg\" alt=\"\">",
            ),
            (
                "<figure><a href=/x><img src=/blank.gif></a><NOSCRIPT><img src=/a.jpg></NoScript ><figcaption>c",
                "<figure><a href=/x></a><img src=\"/a.jpg\" alt=\"\"><figcaption>c",
            ),
            (
                "<img src=/spacer.gif><p>text</p><noscript><img src=/a.jpg></noscript>",
                "<img src=\"/spacer.gif\" alt=\"\"><p>text</p><img src=\"/a.jpg\" alt=\"\">",
            ),
            ("<noscript>Please enable <b>JavaScript</b>.</noscript>x", "x"),
            ("<noscript><img src=/a.jpg>", "<noscript><img src=\"/a.jpg\" alt=\"\">"),
            ("<img src=/a.jpg><img src=/a.jpg>", "<img src=\"/a.jpg\" alt=\"\"><img src=\"/a.jpg\" alt=\"\">"),
        ] {
            assert_eq!(prepare(written), read, "{written}");
        }
    }

    #[test]
    fn elements_get_the_name_of_what_they_mean() {
        assert_eq!(
            prepare("<Article class=x DIR=rtl lang=ar><font dir=ltr size=9>a</font><strike>b</strike></article>"),
            "<div dir=\"rtl\" lang=\"ar\"><span dir=\"ltr\">a</span><s>b</s></div>"
        );
    }
}
