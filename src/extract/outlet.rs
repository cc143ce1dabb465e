//! What else is known of an article: its language, picture, keywords, its site, and who published it first.

use scraper::Html;
use url::Url;

use super::blocks::Block;
use super::body::Body;
use super::edges::{self, hashtag_line};
use super::head::{Head, Mark};
use super::jsonld::Data;
use super::tree::Tree;
use super::words::{WORDS, bare};
use super::{Page, Recipe};
use crate::model::{Image, Lang, Outlet};
use crate::text::one_line;

/// Keywords that are kept, and characters of one.
const MOST_KEYWORDS: usize = 50;
const LONGEST_KEYWORD: usize = 80;

/// Lines at the foot in which the origin is looked for.
const FOOT: usize = 12;

/// The language: what the page says of itself, unless it says the template's default.
pub(super) fn lang(tree: &Tree<'_>, head: &Head<'_>, data: &Data, given: Option<&Lang>) -> Option<Lang> {
    let content = head.one(&["content-language", "og:locale", "dc.language", "language"]);
    let article = (0..tree.cells.len()).find(|i| tree.name(*i) == "article").and_then(|i| tree.attr(i, "lang"));
    [article, head.lang, data.lang.as_deref(), content]
        .into_iter()
        .flatten()
        .find_map(Lang::parse)
        .or_else(|| given.cloned())
}

/// Adds a tag that is not there yet.
pub(super) fn each_once(mut all: Vec<String>, one: String) -> Vec<String> {
    if all.len() < MOST_KEYWORDS && !all.iter().any(|a| bare(a) == bare(&one)) {
        all.push(one);
    }
    all
}

/// Keywords, and of them those that are written as hashtags.
pub(super) fn keywords(
    tree: &Tree<'_>,
    head: &Head<'_>,
    data: &Data,
    html: &Html,
    recipe: &Recipe,
) -> (Vec<String>, Vec<String>) {
    let picked = recipe.tags.as_ref().map(|p| p.every(html.root_element())).unwrap_or_default();
    let lists = head.all(&["news_keywords", "keywords", "parsely-tags", "sailthru.tags"]);
    let from_lists = lists.iter().flat_map(|l| l.split([',', ';', '،', '、']));
    let tagged = head.all(&["article:tag", "og:article:tag"]);
    // One `article:tag` may hold them all.
    let tagged = tagged.iter().flat_map(|t| t.split(','));
    let marked: Vec<String> = head.with(Mark::Tag).map(|i| tree.whole_text(i)).collect();
    let mut keywords = Vec::new();
    let mut hashtags = Vec::new();
    let all = picked
        .iter()
        .map(String::as_str)
        .chain(tagged)
        .chain(marked.iter().map(String::as_str))
        .chain(data.keywords.iter().map(String::as_str))
        .chain(from_lists);
    for word in all {
        let word = one_line(word);
        if word.is_empty() || word.chars().count() > LONGEST_KEYWORD {
            continue;
        }
        match hashtag_line(&word) {
            Some(tags) => hashtags.extend(tags),
            None => keywords = each_once(keywords, word),
        }
    }
    (keywords, hashtags)
}

/// The address that the page gives itself, where it is one of the same site.
pub(super) fn canonical(head: &Head<'_>, url: &Url) -> Option<Url> {
    let written = head.canonical.or_else(|| head.one(&["og:url"]))?;
    let found = url.join(written).ok().filter(|u| matches!(u.scheme(), "http" | "https"))?;
    // The front page is no article's address.
    (found.path() != "/" || found.query().is_some() || url.path() == "/").then_some(found)
}

/// Name of the site.
pub(super) fn site_name(head: &Head<'_>, data: &Data, given: Option<&str>) -> Option<String> {
    given
        .or_else(|| head.one(&["og:site_name", "application-name"]))
        .or(data.publisher.as_deref())
        .map(one_line)
        .filter(|n| !n.is_empty())
}

fn absolute(raw: &str, url: &Url) -> Option<String> {
    let found = url.join(raw.trim()).ok()?;
    matches!(found.scheme(), "http" | "https").then(|| found.to_string())
}

/// A picture known by its address only.
pub(super) fn picture(raw: &str, url: &Url) -> Option<Image> {
    Some(Image { url: absolute(raw, url)?, ..Image::default() })
}

/// The picture that the page shares itself with, unless it is the mark of the house.
pub(super) fn shared_image(head: &Head<'_>, data: &Data, url: &Url) -> Option<Image> {
    let own = |raw: &str| {
        let file = raw.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        !(file.contains("logo") || file.contains("default") || file.contains("placeholder"))
    };
    let take = |raw: Option<&str>| raw.filter(|r| own(r)).and_then(|r| absolute(r, url));
    let number = |name: &str| head.one(&[name]).and_then(|v| v.trim_end_matches("px").parse().ok());
    if let Some(url) = take(head.one(&["og:image", "og:image:url", "og:image:secure_url"])) {
        let alt = head.one(&["og:image:alt", "twitter:image:alt"]).map(one_line);
        return Some(Image { url, width: number("og:image:width"), height: number("og:image:height"), alt });
    }
    if let Some(url) = take(data.image.as_deref()) {
        return Some(Image { url, width: data.image_size.0, height: data.image_size.1, alt: None });
    }
    let url = take(head.one(&["twitter:image", "twitter:image:src"]))?;
    Some(Image { url, ..Image::default() })
}

/// The first picture of the body that is no mark and no button.
pub(super) fn body_image(tree: &Tree<'_>, blocks: &[Block], url: &Url, known: &edges::Page<'_>) -> Option<Image> {
    /// Narrower ones are buttons.
    const NARROWEST: u32 = 100;
    blocks.iter().filter(|b| b.media && !b.gone && !edges::is_logo(tree, b, known)).find_map(|b| {
        let at = tree.inside(b.first).find(|i| matches!(tree.name(*i), "img" | "amp-img"))?;
        let size = |name: &str| tree.attr(at, name).and_then(|v| v.trim_end_matches("px").parse::<u32>().ok());
        if size("width").is_some_and(|w| w < NARROWEST) {
            return None;
        }
        let src = ["data-src", "data-lazy-src", "data-original", "src"]
            .iter()
            .find_map(|n| tree.attr(at, n).filter(|v| !v.starts_with("data:") && !v.is_empty()))?;
        let alt = tree.attr(at, "alt").map(one_line).filter(|a| !a.is_empty());
        Some(Image { url: absolute(src, url)?, width: size("width"), height: size("height"), alt })
    })
}

/// The outlet that the text says it was taken over from: a line `Source : X` with a link, at the foot or under the title.
pub(super) fn origin(
    tree: &Tree<'_>,
    blocks: &[Block],
    found: &Body,
    picked: Option<(String, Option<String>)>,
    page: &Page<'_>,
) -> Option<Outlet> {
    if let Some((picked, link)) = picked {
        let url = page
            .url
            .join(&picked)
            .ok()
            .filter(|u| (picked.starts_with("http") || picked.starts_with("//")) && u.has_host());
        let name = match &url {
            Some(url) => url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned(),
            None => name_after_label(&picked).unwrap_or_else(|| one_line(&picked)),
        };
        let link = link.and_then(|link| page.url.join(&link).ok());
        let elsewhere = |u: &Url| matches!(u.scheme(), "http" | "https") && u.host_str() != page.url.host_str();
        let url = url.or_else(|| link.filter(elsewhere));
        return (!name.is_empty()).then(|| Outlet { name, url: url.map(|u| u.to_string()) });
    }
    let range = tree.inside(found.at);
    let lines = blocks.partition_point(|b| b.first < range.start)..blocks.partition_point(|b| b.first < range.end);
    let foot = lines.end.saturating_sub(FOOT).max(lines.start)..(lines.end + FOOT / 2).min(blocks.len());
    let top = lines.start.saturating_sub(4)..(lines.start + 4).min(lines.end);
    foot.rev().chain(top).find_map(|i| named_origin(tree, &blocks[i], page.url))
}

fn name_after_label(text: &str) -> Option<String> {
    let said = bare(text);
    let n = WORDS.source.begins(&said)?;
    let words = said[..n].split_whitespace().count();
    let rest = text.split_whitespace().skip(words).collect::<Vec<_>>().join(" ");
    let name = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '：' | '.' | '(' | ')' | ','));
    (!name.is_empty()).then(|| name.to_owned())
}

/// Whether a line says in so many words that the text was published elsewhere, and nothing can be made of that: it stays.
pub(super) fn is_unread_credit(tree: &Tree<'_>, block: &Block, at: &Url) -> bool {
    let said = bare(&block.text);
    let label = WORDS.source.begins(&said).filter(|n| *n < said.len() && said[..*n].contains(' '));
    label.is_some() && !block.heading && named_origin(tree, block, at).is_none()
}

fn named_origin(tree: &Tree<'_>, block: &Block, at: &Url) -> Option<Outlet> {
    if block.media || block.weight > 160 || block.heading || tree.name(block.owner) == "pre" {
        return None;
    }
    // Who translated it may be said before.
    let last = block.text.rsplit_once(". ").map(|(_, last)| last);
    std::iter::once(&*block.text).chain(last).find_map(|said| labelled(tree, block, said, at))
}

fn labelled(tree: &Tree<'_>, block: &Block, text: &str, at: &Url) -> Option<Outlet> {
    let said = bare(text);
    let n = WORDS.source.begins(&said).filter(|n| *n < said.len())?;
    let is_said = |i: &usize| text.contains(&*tree.whole_text(*i));
    let link = (block.first.saturating_sub(3)..block.end)
        .find(|i| tree.name(*i) == "a" && tree.cells[*i].end > block.first && is_said(i));
    let link = link.or_else(|| tree.up(block.first).find(|i| tree.name(*i) == "a"));
    let url = link.and_then(|i| at.join(tree.attr(i, "href")?).ok()).filter(|u| matches!(u.scheme(), "http" | "https"));
    let linked = link.map(|i| tree.whole_text(i)).filter(|t| !t.is_empty());
    let rest = name_after_label(text);
    // `Source : X`, a longer phrase that needs no colon, or a word and nothing but the link.
    let only_link = linked.as_deref().zip(rest.as_deref()).is_some_and(|(link, rest)| bare(link) == bare(rest));
    if !said[..n].contains(' ') && !text.contains([':', '：']) && !only_link {
        return None;
    }
    let elsewhere = url.as_ref().is_none_or(|u| u.host_str() != at.host_str());
    let is_linked = linked.is_some();
    let name = linked.or(rest)?;
    // Without a link only a short name counts, and no date: `Source : AFP`.
    let is_name = name.split_whitespace().count() <= 5 && (is_linked || !name.contains(|c: char| c.is_ascii_digit()));
    let fits = url.is_some() && elsewhere || (url.is_none() && is_name);
    (fits && name.chars().count() <= LONGEST_KEYWORD)
        .then(|| Outlet { name: one_line(&name), url: url.map(|u| u.to_string()) })
}
