//! Extraction: the article of a page, told by one parse of it and by what the pages of its site share. Metadata first, then
//! the element that holds the text, then its edges.

mod anchors;
mod blocks;
mod body;
mod boxes;
mod credits;
mod dates;
mod edges;
mod finish;
mod foot;
mod foreign;
mod front;
mod guard;
mod head;
mod home;
mod jsonld;
#[cfg(test)]
mod model_shapes;
mod noted;
mod opened;
mod outlet;
mod prune;
mod recipe;
mod refuse;
pub mod report;
#[cfg(test)]
mod shapes;
mod shared;
mod sighting;
mod signed;
mod spread;
mod standfirst;
mod template;
#[cfg(test)]
mod tests;
mod titles;
mod told;
mod tree;
mod wholes;
mod words;
mod write;

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use scraper::Html;
use url::Url;

use crate::model::{Cuts, Entry, Image, Lang, Outlet};

use guard::Ready;
use opened::Opened;

pub use recipe::{Drop, Recipe};
pub use refuse::ExtractError;
pub use sighting::Sighting;
pub use template::Template;

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
    /// Keys of the recipe that gave nothing here; what was found without them stands in their place.
    pub missed: Vec<&'static str>,
    /// What was left out of its body, and how it was read.
    pub cuts: Cuts,
    /// How sure it is that this is the article and all of it, 0 to 1.
    pub confidence: f32,
}

/// Reads the article of a page of which nothing else is known.
///
/// # Errors
/// Where the page is no article: it is empty, an error, a login, a wall.
pub fn extract(page: &Page<'_>, recipe: &Recipe) -> Result<Extract, ExtractError> {
    let mut found = extract_together(&[*page], recipe, &mut Template::default());
    found.pop().unwrap_or(Err(ExtractError::Empty))
}

/// Bytes of pages, without their scripts, whose trees are held at one time: a tree is about ten times its page.
const MOST_TREES: usize = 2 << 20;

/// Reads the articles of some pages, each by what it shares with the others and with those that `template` has seen before;
/// `template` then has seen these too. The answers are in the order of the pages, each with its own error where it is no
/// article. Large pages are parsed twice, so that their trees need not be held together.
#[must_use]
pub fn extract_together(
    pages: &[Page<'_>],
    recipe: &Recipe,
    template: &mut Template,
) -> Vec<Result<Extract, ExtractError>> {
    let pages: Vec<(&Page<'_>, Ready)> = pages.iter().map(|p| (p, guard::ready(p.html))).collect();
    let size: usize = pages.iter().map(|(_, ready)| ready.html.len()).sum();
    if size > MOST_TREES && pages.len() > 1 {
        for (page, ready) in &pages {
            learn(template, &Opened::of(page, recipe, &ready.data, &parse(page, recipe, ready)));
        }
        let finish = |(page, ready): &(&Page<'_>, Ready)| {
            let html = parse(page, recipe, ready);
            finish::finish(page, recipe, Opened::of(page, recipe, &ready.data, &html), template)
        };
        return pages.iter().map(finish).collect();
    }
    let parsed: Vec<Html> = pages.iter().map(|(page, ready)| parse(page, recipe, ready)).collect();
    let laid = pages.iter().zip(&parsed);
    let opened: Vec<Opened<'_>> =
        laid.map(|((page, ready), html)| Opened::of(page, recipe, &ready.data, html)).collect();
    opened.iter().for_each(|opened| learn(template, opened));
    pages.iter().zip(opened).map(|((page, _), opened)| finish::finish(page, recipe, opened, template)).collect()
}

fn learn(template: &mut Template, opened: &Opened<'_>) {
    if !opened.blocks.is_empty() {
        template.learn(opened.sighting.clone());
    }
}

/// The tree of a page, with the text that only its data tell.
fn parse(page: &Page<'_>, recipe: &Recipe, ready: &Ready) -> Html {
    let html = Html::parse_document(&ready.html);
    if !ready.data.iter().any(|data| data.contains("articleBody")) {
        return html;
    }
    let told = told::page_with_told(&ready.html, &Opened::of(page, recipe, &ready.data, &html));
    told.map_or(html, |told| Html::parse_document(&told))
}
