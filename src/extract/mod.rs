//! Extraction: the article of a page, told by one parse of it. Metadata first, then the element that holds the text, then
//! its edges.

mod blocks;
mod body;
mod credits;
mod edges;
mod guard;
mod head;
mod jsonld;
mod outlet;
mod prune;
mod recipe;
mod refuse;
pub mod report;
mod standfirst;
#[cfg(test)]
mod templates;
mod titles;
mod tree;
mod words;
mod write;

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use scraper::Html;
use url::Url;

use crate::model::{Entry, Image, Lang, Outlet};
use crate::text::{DateContext, detect};

use blocks::Block;
use head::Head;
use tree::Tree;
use words::bare;

pub use recipe::{Drop, Recipe};
pub use refuse::ExtractError;

/// A page, and what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The page, decoded.
    pub html: &'a str,
    /// Its address.
    pub url: &'a Url,
    /// Its language, where the source says so.
    pub lang: Option<&'a Lang>,
    /// The zone of its dates, where they do not say so.
    pub tz: Tz,
    /// Now.
    pub now: DateTime<Utc>,
    /// The entry that led to it.
    pub entry: Option<&'a Entry>,
    /// Name of the site, where it is known.
    pub site_name: Option<&'a str>,
}

/// What was read in a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Extract {
    /// Title, without the name of the site.
    pub title: Option<String>,
    /// Standfirst, plain text.
    pub standfirst: Option<String>,
    /// The body as the page has it: not sanitised.
    pub body_html: String,
    /// The body as plain text, paragraphs on lines, without the standfirst.
    pub text: String,
    /// Who wrote it.
    pub byline: Vec<String>,
    /// When it was published.
    pub published: Option<DateTime<FixedOffset>>,
    /// When it was changed.
    pub updated: Option<DateTime<FixedOffset>>,
    /// Its picture.
    pub image: Option<Image>,
    /// Its language.
    pub lang: Option<Lang>,
    /// Hashtags as written, without `#`.
    pub hashtags: Vec<String>,
    /// Keywords and tags of its metadata.
    pub keywords: Vec<String>,
    /// The address that it gives itself.
    pub canonical: Option<Url>,
    /// Name of the site.
    pub site_name: Option<String>,
    /// The outlet that it says it was taken over from.
    pub origin: Option<Outlet>,
    /// How sure it is that this is the article and all of it, 0 to 1.
    pub confidence: f32,
}

/// Characters after which the language is told from a beginning.
const TELLS_LANGUAGE: usize = 2_000;

/// Text under which a found body is none.
const SHORTEST_BODY: usize = 80;

/// Reads the article of a page.
///
/// # Errors
/// Where the page is no article: it is empty, an error, a login, a wall.
pub fn extract(page: &Page<'_>, recipe: &Recipe) -> Result<Extract, ExtractError> {
    if page.html.trim().is_empty() {
        return Err(ExtractError::Empty);
    }
    let ready = guard::ready(page.html);
    let data = jsonld::read(&ready.data);
    let html = Html::parse_document(&ready.html);
    let mut tree = Tree::of(&html);
    let head = Head::of(&tree);
    let lang = outlet::lang(&tree, &head, &data, page.lang);
    let sites = titles::sites(&head, &data, page.url.host_str().unwrap_or_default(), page.site_name);
    let root = html.root_element();
    let picked = |pick: &Option<crate::text::Pick>| pick.as_ref().and_then(|p| p.first(root));
    let title = picked(&recipe.title)
        .or_else(|| titles::find(&tree, &head, &data, &sites))
        .or_else(|| page.entry.and_then(|e| e.title.clone()));

    let recipe_body = recipe.body.as_ref().and_then(|p| p.elements(root).find_map(|e| tree.find(e)));
    drop_selected(&mut tree, &html, recipe);
    let whole = blocks::blocks(&tree);
    let cards = prune::prune(&mut tree);
    let mut blocks = blocks::blocks(&tree);
    for block in &mut blocks {
        block.card = cards.iter().any(|c| c.contains(&block.first));
    }
    drop_worded(&mut blocks, recipe);
    let found = recipe_body.and_then(|at| body::of(&tree, &blocks, at)).or_else(|| body::find(&tree, &blocks));
    let prose =
        found.as_ref().map_or(0, |f| blocks[f.lines.clone()].iter().filter(|b| b.is_prose()).map(|b| b.weight).sum());
    if let Some(error) = refuse::refuse(&tree, title.as_deref(), prose, data.paid) {
        return Err(error);
    }
    let Some(found) = found else { return Err(ExtractError::NoText { title }) };

    let ctx = DateContext { lang: lang.as_ref(), tz: page.tz, now: page.now, day_first: None };
    let authors = match &recipe.author {
        Some(pick) => pick.every(root).iter().flat_map(|a| credits::split(a)).collect(),
        None => credits::authors(&tree, &head, &data, &sites),
    };
    let is_date = |text: &str| text.chars().any(char::is_numeric) && crate::text::parse_date(text, &ctx).is_some();
    let known = edges::Page {
        title: title.as_deref().map(bare).unwrap_or_default(),
        sites,
        authors: authors.iter().map(|a| bare(a)).collect(),
        is_date: &is_date,
    };
    let title_line = title_line(&blocks, &found, &known.title);
    let hashtags = hashtags(&blocks, title_line, &found.lines);
    let origin = outlet::origin(&tree, &whole, &found, picked(&recipe.origin).as_deref(), page);
    edges::trim_front(&tree, &mut blocks, &found.lines, &known);
    edges::drop_repeated(&mut blocks, &found.lines);
    edges::drop_boxes(&tree, &mut blocks, &found.lines);
    edges::trim_tail(&tree, &mut blocks, &found.lines, &known);
    edges::drop_logos(&tree, &mut blocks, &found.lines, &known);

    let summary = page.entry.and_then(|e| e.summary.as_deref());
    let standfirst = picked(&recipe.standfirst).or_else(|| {
        let said = standfirst::said(&head, &data, summary);
        let line = standfirst::find(&tree, &blocks, title_line, &found.lines, &said, &known)?;
        blocks[line].gone = true;
        Some(blocks[line].text.clone())
    });
    if let Some(standfirst) = &standfirst {
        drop_repeated(&mut blocks, &found.lines, standfirst);
    }
    let text = write::text(&blocks, &found.lines);
    if tree::weight(&text) < SHORTEST_BODY && standfirst.is_none() {
        return Err(ExtractError::NoText { title });
    }
    let near = title_line.unwrap_or(found.lines.start);
    let written = credits::dates(&tree, &head, &data, &whole, near_line(&whole, &blocks, near), page.url, &ctx);
    let published = picked(&recipe.date).and_then(|d| crate::text::parse_date(&d, &ctx)).or(written.published);
    let (keywords, tagged) = outlet::keywords(&tree, &head, &data, &html, recipe);
    Ok(Extract {
        body_html: write::html(&tree, &blocks, found.at, &found.lines),
        image: outlet::image(&tree, &blocks, &head, &data, &found, picked(&recipe.image).as_deref(), page, &known),
        lang: lang.or_else(|| detect(text.get(..text.floor_char_boundary(TELLS_LANGUAGE)).unwrap_or(&text))),
        hashtags: hashtags.into_iter().chain(tagged).fold(Vec::new(), outlet::each_once),
        keywords,
        canonical: outlet::canonical(&head, page.url),
        site_name: outlet::site_name(&head, &data, page.site_name),
        origin,
        confidence: confidence(&found, prose, title_line.is_some()),
        byline: authors,
        published,
        updated: written.updated,
        title,
        standfirst,
        text,
    })
}

/// Leaves out what the recipe's selectors match.
fn drop_selected(tree: &mut Tree<'_>, html: &Html, recipe: &Recipe) {
    for selector in recipe.drop.iter().filter_map(|d| match d {
        Drop::Selector(s) => Some(s),
        Drop::Words(_) => None,
    }) {
        for element in html.select(selector) {
            if let Some(at) = tree.find(element) {
                tree.leave_out(at);
            }
        }
    }
}

/// Leaves out the lines that the recipe's words match.
fn drop_worded(blocks: &mut [Block], recipe: &Recipe) {
    for drop in &recipe.drop {
        if let Drop::Words(words) = drop {
            blocks.iter_mut().filter(|b| words.is_match(&b.text)).for_each(|b| b.gone = true);
        }
    }
}

/// The line of the title: the last before the running text begins, so that a breadcrumb that ends in it is not taken.
fn title_line(blocks: &[Block], found: &body::Body, title: &str) -> Option<usize> {
    let prose = found.lines.clone().find(|i| blocks[*i].is_prose()).unwrap_or(found.lines.start);
    let is = |i: &usize| !blocks[*i].media && edges::same_title(&bare(&blocks[*i].text), title);
    let until = (prose + 1).min(blocks.len());
    (0..until).rev().filter(is).find(|i| blocks[*i].heading).or_else(|| (0..until).rev().find(is))
}

/// The hashtags of the lines around the article.
fn hashtags(blocks: &[Block], title: Option<usize>, lines: &std::ops::Range<usize>) -> Vec<String> {
    /// Lines before the title that may belong to it.
    const BEFORE: usize = 8;
    let from = title.unwrap_or(lines.start).min(lines.start);
    blocks[from.saturating_sub(BEFORE)..lines.end]
        .iter()
        .filter(|b| !b.media)
        .filter_map(|b| edges::hashtag_line(&b.text))
        .flatten()
        .fold(Vec::new(), outlet::each_once)
}

/// Leaves out a line that says the standfirst again.
fn drop_repeated(blocks: &mut [Block], lines: &std::ops::Range<usize>, standfirst: &str) {
    let said = bare(standfirst);
    for i in lines.clone().take(8) {
        if bare(&blocks[i].text) == said {
            blocks[i].gone = true;
        }
    }
}

/// The line of `whole` that is line `near` of `blocks`.
fn near_line(whole: &[Block], blocks: &[Block], near: usize) -> usize {
    let first = blocks.get(near).map_or(0, |b| b.first);
    whole.partition_point(|b| b.first < first)
}

fn confidence(found: &body::Body, prose: usize, titled: bool) -> f32 {
    let much = (prose as f32 / 1_500.0).min(1.0);
    let sure = (found.score as f32).clamp(0.0, 1.0);
    let title = if titled { 1.0 } else { 0.7 };
    (sure * (0.4 + 0.6 * much) * title).clamp(0.0, 1.0)
}
