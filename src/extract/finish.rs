//! From a page in lines to its article: where the body is, what of it goes, and what is said around it.

use scraper::{ElementRef, Html};

use super::blocks::Block;
use super::head::Head;
use super::jsonld::Data;
use super::noted::Noted;
use super::opened::Opened;
use super::tree::Tree;
use super::words::{self, bare};
use super::{
    Extract, ExtractError, Page, Recipe, Template, body, credits, dates, edges, outlet, refuse, signed, spread,
    standfirst, titles, told, tree, write,
};
use crate::model::{CutKind, Cuts, Lang, PageReading};
use crate::text::{DateContext, Pick, detect, head, parse_date};

/// Characters after which the language is told from a beginning.
const TELLS_LANGUAGE: usize = 2_000;

/// Lines after the title in which its author may be named.
const CREDITS: usize = 6;

/// Text under which a found body is none.
const SHORTEST_BODY: usize = 80;

/// Finds the article of a page that was opened, by what its site's pages share.
pub(super) fn finish(
    page: &Page<'_>,
    recipe: &Recipe,
    opened: Opened<'_>,
    template: &Template,
) -> Result<Extract, ExtractError> {
    if page.html.trim().is_empty() {
        return Err(ExtractError::Empty);
    }
    let Opened { html, tree, head, data, whole, mut blocks, recipe_body, dropped, sighting } = opened;
    let shared = template.shared(&sighting);
    shared.mark(&mut blocks);
    told::mark(&mut blocks, data.body.as_deref(), page.entry);
    let said = Said::of(page, recipe, &shared.sites, (head, data), html, (&tree, &whole));
    let titled = said.title.as_deref().map(bare).unwrap_or_default();
    let heading = blocks.iter().position(|b| b.heading && edges::same_title(&bare(&b.text), &titled));
    let by_recipe = recipe_body.and_then(|at| body::of(&tree, &blocks, at));
    let by_file = by_recipe.is_some();
    let body_missed = recipe.body.is_some() && by_recipe.is_none();
    let found =
        by_recipe.or_else(|| body::find(&tree, &blocks, heading).map(|f| spread::settle(&tree, &blocks, f, heading)));
    let prose = |f: &body::Body| blocks[f.lines.clone()].iter().filter(|b| b.is_prose()).map(|b| b.weight).sum();
    let prose: usize = found.as_ref().map_or(0, prose);
    if let Some(error) = refuse::refuse(&tree, said.title.as_deref(), prose, said.data.paid) {
        return Err(error);
    }
    let Some(found) = found else { return Err(ExtractError::NoText { title: said.title }) };
    let picture_is_shared = shared.picture;
    let parsed =
        Parsed { html, tree: &tree, whole: &whole, dropped: &dropped, found, by_file, prose, picture_is_shared };
    let mut extract = gather(page, recipe, &parsed, said, blocks)?;
    extract.missed = missed(page, recipe, html, body_missed, extract.lang.as_ref());
    Ok(extract)
}

/// The keys of the recipe that every page should answer and this one does not. Not all pages have a standfirst, a picture or
/// hashtags.
fn missed(page: &Page<'_>, recipe: &Recipe, html: &Html, body: bool, lang: Option<&Lang>) -> Vec<&'static str> {
    let ctx = DateContext { lang, tz: page.tz, now: page.now, day_first: recipe.day_first };
    let gives = |pick: &Pick| pick.first(html.root_element()).is_some_and(|found| !found.trim().is_empty());
    let dated = |pick: &Pick| pick.first(html.root_element()).is_some_and(|found| parse_date(&found, &ctx).is_some());
    [
        ("body", body),
        ("title", recipe.title.as_ref().is_some_and(|p| !gives(p))),
        ("author", recipe.author.as_ref().is_some_and(|p| !gives(p))),
        ("date", recipe.date.as_ref().is_some_and(|p| !dated(p))),
    ]
    .into_iter()
    .filter_map(|(key, missed)| missed.then_some(key))
    .collect()
}

/// What the page says of itself, before its text is looked at.
struct Said<'a> {
    head: Head<'a>,
    data: Data,
    sites: Vec<String>,
    title: Option<String>,
    lang: Option<Lang>,
}

impl<'a> Said<'a> {
    /// `sites`: what the site is called, as its pages' titles tell.
    fn of(
        page: &Page<'_>,
        recipe: &Recipe,
        sites: &[String],
        opened: (Head<'a>, Data),
        html: &Html,
        laid: (&Tree<'a>, &[Block]),
    ) -> Self {
        let ((head, data), (tree, lines)) = (opened, laid);
        let lang = outlet::lang(tree, &head, &data, page.lang);
        let mut sites = sites.to_vec();
        sites.extend(titles::sites(&head, &data, page.url.host_str().unwrap_or_default(), page.site_name));
        let given = page.entry.and_then(|e| e.title.as_deref());
        let title = picked(recipe.title.as_ref(), html)
            .or_else(|| titles::find(tree, &head, &data, &sites, given, lines))
            .or_else(|| given.map(str::to_owned));
        Self { head, data, sites, title, lang }
    }
}

/// A page in whose tree the body was found.
struct Parsed<'a, 't> {
    html: &'a Html,
    tree: &'t Tree<'a>,
    /// Its lines with what was pruned.
    whole: &'t [Block],
    /// Elements that the recipe left out.
    dropped: &'t [usize],
    found: body::Body,
    /// Whether the recipe named it.
    by_file: bool,
    prose: usize,
    /// Whether its picture is that of other pages too.
    picture_is_shared: bool,
}

impl Parsed<'_, '_> {
    /// How it was read, and what was left out.
    fn cuts(&self, noted: &Noted, blocks: &[Block], text: &str, titled: bool) -> Cuts {
        let page = PageReading {
            taken: true,
            by_file: self.by_file,
            confidence: self.confidence(titled),
            characters: self.whole.iter().map(|b| b.text.chars().count()).sum(),
            kept: text.chars().count(),
        };
        Cuts { page: Some(page), ..noted.cuts(self.tree, self.whole, blocks, self.dropped, &self.found) }
    }

    fn confidence(&self, titled: bool) -> f32 {
        let much = (self.prose as f32 / 1_500.0).min(1.0);
        let sure = (self.found.score as f32).clamp(0.0, 1.0);
        let title = if titled { 1.0 } else { 0.7 };
        (sure * (0.4 + 0.6 * much) * title).clamp(0.0, 1.0)
    }
}

fn picked(pick: Option<&Pick>, html: &Html) -> Option<String> {
    pick.and_then(|p| p.first(html.root_element()))
}

/// What a pick finds, and the link that it is, holds or stands in.
fn picked_link(pick: Option<&Pick>, html: &Html) -> Option<(String, Option<String>)> {
    let pick = pick?;
    let (found, value) = pick.elements(html.root_element()).find_map(|e| Some((e, pick.value(e)?)))?;
    let within = found.descendent_elements().chain(found.ancestors().filter_map(ElementRef::wrap));
    let link = within.filter(|e| e.value().name() == "a").find_map(|e| e.value().attr("href"));
    Some((value, link.map(str::to_owned)))
}

/// Trims the body that was found, and gathers the rest around it.
fn gather(
    page: &Page<'_>,
    recipe: &Recipe,
    parsed: &Parsed<'_, '_>,
    Said { head, data, sites, title, lang }: Said<'_>,
    mut blocks: Vec<Block>,
) -> Result<Extract, ExtractError> {
    let Parsed { html, tree, whole, found, picture_is_shared, .. } = parsed;
    let ctx = DateContext { lang: lang.as_ref(), tz: page.tz, now: page.now, day_first: recipe.day_first };
    let title_line = title_line(&blocks, found, &title.as_deref().map(bare).unwrap_or_default());
    let near_title = title_line.map_or(&[][..], |t| &blocks[t + 1..(t + 1 + CREDITS).min(blocks.len())]);
    let is_date = |text: &str| text.chars().any(char::is_numeric) && parse_date(text, &ctx).is_some();
    let begins = title_line.unwrap_or(found.lines.start);
    let place = blocks.get(begins).map_or(0, |b| b.first);
    let mut byline = named(recipe, html, || authors(tree, (&head, &data, &sites), (place, near_title), &is_date));
    let known = edges::Page {
        url: page.url,
        title: title.as_deref().map(bare).unwrap_or_default(),
        sites,
        authors: byline.iter().map(|a| bare(a)).collect(),
        is_date: &is_date,
    };
    let hashtags = hashtags(tree, whole, &blocks, title_line, &found.lines);
    let mut noted = edges::trim(tree, &mut blocks, &found.lines, &known);
    if byline.is_empty() && recipe.author.is_none() {
        byline = signed_under(tree, &mut blocks, &found.lines, &known);
        noted.note(CutKind::Signature, &blocks, &found.lines);
    }

    let standfirst = picked(recipe.standfirst.as_ref(), html).or_else(|| {
        let said = standfirst::said(&head, &data, page.entry.and_then(|e| e.summary.as_deref()));
        let line = standfirst::find(tree, &blocks, title_line, &found.lines, &said, &known)?;
        blocks[line].gone = true;
        Some(blocks[line].text.clone())
    });
    drop_repeated(&mut blocks, &found.lines, standfirst.as_deref().unwrap_or_default());
    noted.note(CutKind::Standfirst, &blocks, &found.lines);
    let text = write::text(tree, &blocks, &found.lines);
    if tree::weight(&text) < SHORTEST_BODY && standfirst.is_none() {
        return Err(ExtractError::NoText { title });
    }
    let near = near_line(whole, &blocks, begins);
    let dates = dates::dates(tree, &head, &data, whole, near, page.url, &ctx);
    let published = picked(recipe.date.as_ref(), html).and_then(|d| parse_date(&d, &ctx)).or(dates.published);
    let (keywords, tagged) = outlet::keywords(tree, &head, &data, html, recipe);
    let image = picked(recipe.image.as_ref(), html).and_then(|raw| outlet::picture(&raw, page.url));
    let declared = || outlet::shared_image(&head, &data, page.url).filter(|_| !picture_is_shared);
    let shown = || outlet::body_image(tree, &blocks[found.lines.clone()], page.url, &known);
    Ok(Extract {
        body_html: write::html(tree, &blocks, found.at, &found.lines),
        image: image.or_else(declared).or_else(shown),
        hashtags: hashtags.into_iter().chain(tagged).fold(Vec::new(), outlet::each_once),
        keywords,
        canonical: outlet::canonical(&head, page.url),
        site_name: outlet::site_name(&head, &data, page.site_name),
        origin: outlet::origin(tree, whole, found, picked_link(recipe.origin.as_ref(), html), page),
        confidence: parsed.confidence(title_line.is_some()),
        cuts: parsed.cuts(&noted, &blocks, &text, title_line.is_some()),
        byline,
        published,
        updated: dates.updated,
        missed: Vec::new(),
        lang: lang.or_else(|| detect(beginning(&text))),
        title,
        standfirst,
        text,
    })
}

/// The line of the title: the last before the running text begins, so that a breadcrumb that ends in it is not taken.
fn title_line(blocks: &[Block], found: &body::Body, title: &str) -> Option<usize> {
    let prose = found.lines.clone().find(|i| blocks[*i].is_prose()).unwrap_or(found.lines.start);
    let is = |i: &usize| !blocks[*i].media && edges::same_title(&bare(&blocks[*i].text), title);
    let until = (prose + 1).min(blocks.len());
    (0..until).rev().filter(is).find(|i| blocks[*i].heading).or_else(|| (0..until).rev().find(is))
}

/// Who wrote it, as the page says, or as stands beside the date. A name there may be that of a section of the site.
fn authors(
    tree: &Tree<'_>,
    (head, data, sites): (&Head<'_>, &Data, &[String]),
    near: (usize, &[Block]),
    is_date: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let found = credits::authors(tree, head, data, sites, near);
    if !found.is_empty() {
        return found;
    }
    let sections = head.all(&["article:section", "og:article:section", "section", "genre", "parsely-section"]);
    let no_names: Vec<String> = sites.iter().cloned().chain(sections.into_iter().map(bare)).collect();
    signed::beside_date(tree, near.1, is_date, &no_names)
}

/// Who wrote it, as the recipe says or as is found.
fn named(recipe: &Recipe, html: &Html, found: impl FnOnce() -> Vec<String>) -> Vec<String> {
    match &recipe.author {
        Some(pick) => pick.every(html.root_element()).iter().flat_map(|a| credits::split(a)).collect(),
        None => found(),
    }
}

/// Who signed the text at its foot; the line of the signature is left out.
fn signed_under(
    tree: &Tree<'_>,
    blocks: &mut [Block],
    lines: &std::ops::Range<usize>,
    known: &edges::Page<'_>,
) -> Vec<String> {
    /// Lines under the text in which a name may stand beside a date.
    const UNDER: usize = 3;
    let kept: Vec<usize> = lines.clone().filter(|i| !blocks[*i].gone && !blocks[*i].media).collect();
    if let Some(line) = signed::signature(tree, blocks, &kept, &known.sites) {
        blocks[line].gone = true;
        return vec![blocks[line].text.clone()];
    }
    // `Propos recueillis par Marie Curie` may be kept, being short and without a date.
    let credit = kept.last().copied().filter(|l| words::WORDS.byline.begins(&bare(&blocks[*l].text)).is_some());
    let under = credit.or_else(|| kept.last().map(|l| l + 1)).unwrap_or(lines.end)..lines.end;
    let under = under.start..under.end.min(under.start + UNDER);
    signed::beside_date(tree, &blocks[under], known.is_date, &known.sites)
}

/// The hashtags of the lines around the article, those in boxes named after tags too.
fn hashtags(
    tree: &Tree<'_>,
    whole: &[Block],
    blocks: &[Block],
    title: Option<usize>,
    lines: &std::ops::Range<usize>,
) -> Vec<String> {
    /// Lines before the title and after the body that may belong to it.
    const BEFORE: usize = 8;
    const AFTER: usize = 4;
    let from = near_line(whole, blocks, title.unwrap_or(lines.start).min(lines.start));
    let end = lines.end.checked_sub(1).map_or(0, |last| near_line(whole, blocks, last) + 1);
    let first = from.saturating_sub(BEFORE);
    let last = (end + AFTER).clamp(first, whole.len());
    let elsewhere = |b: &Block| {
        tree.up(b.first).any(|i| matches!(tree.name(i), "nav" | "aside") || tree.attr(i, "role") == Some("navigation"))
    };
    let around = whole.get(from).zip(lines.end.checked_sub(1).and_then(|l| blocks.get(l)));
    let around = around.and_then(|(a, b)| tree.up(a.first).find(|i| tree.inside(*i).contains(&b.first)));
    let last = whole[..last].partition_point(|b| around.is_none_or(|i| b.first < tree.cells[i].end)).max(first);
    whole[first..last]
        .iter()
        .enumerate()
        // A heading of the text may begin with `#`; one before the title is no heading of it.
        .filter(|(i, b)| !b.media && (!b.heading || first + i < from) && !elsewhere(b))
        .filter_map(|(_, b)| edges::hashtag_line(&b.text))
        .flatten()
        .fold(Vec::new(), outlet::each_once)
}

/// Leaves out a line that says the standfirst again.
fn drop_repeated(blocks: &mut [Block], lines: &std::ops::Range<usize>, standfirst: &str) {
    let said = bare(standfirst);
    for i in lines.clone().take(8) {
        if !said.is_empty() && bare(&blocks[i].text) == said {
            blocks[i].gone = true;
        }
    }
}

/// The line of `whole` that is line `near` of `blocks`.
fn near_line(whole: &[Block], blocks: &[Block], near: usize) -> usize {
    let first = blocks.get(near).map_or(0, |b| b.first);
    whole.partition_point(|b| b.first < first)
}

/// Enough of a text to tell its language by.
fn beginning(text: &str) -> &str {
    head(text, TELLS_LANGUAGE)
}
