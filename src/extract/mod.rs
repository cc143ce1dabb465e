//! Extraction: the article of a page, told by one parse of it. Metadata first, then the element that holds the text, then
//! its edges.

mod blocks;
mod body;
mod boxes;
mod credits;
mod edges;
mod foot;
mod guard;
mod head;
mod jsonld;
mod outlet;
mod prune;
mod recipe;
mod refuse;
pub mod report;
#[cfg(test)]
mod shapes;
mod signed;
mod spread;
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
use crate::text::{DateContext, Pick, detect, parse_date};

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

/// Lines after the title in which its author may be named.
const CREDITS: usize = 6;

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
    let html = Html::parse_document(&ready.html);
    let mut tree = Tree::of(&html);
    let recipe_body = recipe.body.as_ref().and_then(|p| p.elements(html.root_element()).find_map(|e| tree.find(e)));
    drop_selected(&mut tree, &html, recipe);
    let whole = blocks::blocks(&tree);
    let said = Said::of(page, recipe, &ready.data, &html, &tree, &whole);
    let cards = prune::prune(&mut tree);
    let mut blocks = blocks::blocks(&tree);
    for block in &mut blocks {
        block.card = cards.iter().any(|c| c.contains(&block.first));
    }
    drop_worded(&mut blocks, recipe);
    let titled = said.title.as_deref().map(bare).unwrap_or_default();
    let heading = blocks.iter().position(|b| b.heading && edges::same_title(&bare(&b.text), &titled));
    let found = recipe_body.and_then(|at| body::of(&tree, &blocks, at)).or_else(|| body::find(&tree, &blocks, heading));
    let found = found.map(|f| if recipe_body.is_some() { f } else { spread::settle(&tree, &blocks, f, heading) });
    let prose = |f: &body::Body| blocks[f.lines.clone()].iter().filter(|b| b.is_prose()).map(|b| b.weight).sum();
    let prose: usize = found.as_ref().map_or(0, prose);
    if let Some(error) = refuse::refuse(&tree, said.title.as_deref(), prose, said.data.paid) {
        return Err(error);
    }
    let Some(found) = found else { return Err(ExtractError::NoText { title: said.title }) };
    finish(page, recipe, &Parsed { html: &html, tree: &tree, whole: &whole, found, prose }, said, blocks)
}

/// What the page says of itself, before its text is looked at.
struct Said<'a> {
    head: Head<'a>,
    data: jsonld::Data,
    sites: Vec<String>,
    title: Option<String>,
    lang: Option<Lang>,
}

impl<'a> Said<'a> {
    fn of(page: &Page<'_>, recipe: &Recipe, scripts: &[String], html: &Html, tree: &Tree<'a>, lines: &[Block]) -> Self {
        let data = jsonld::read(scripts);
        let head = Head::of(tree);
        let lang = outlet::lang(tree, &head, &data, page.lang);
        let sites = titles::sites(&head, &data, page.url.host_str().unwrap_or_default(), page.site_name);
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
    found: body::Body,
    prose: usize,
}

fn picked(pick: Option<&Pick>, html: &Html) -> Option<String> {
    pick.and_then(|p| p.first(html.root_element()))
}

/// Trims the body that was found, and gathers the rest around it.
fn finish(
    page: &Page<'_>,
    recipe: &Recipe,
    parsed: &Parsed<'_, '_>,
    said: Said<'_>,
    mut blocks: Vec<Block>,
) -> Result<Extract, ExtractError> {
    let Parsed { html, tree, whole, found, prose } = parsed;
    let Said { head, data, sites, title, lang } = said;
    let ctx = DateContext { lang: lang.as_ref(), tz: page.tz, now: page.now, day_first: recipe.day_first };
    let title_line = title_line(&blocks, found, &title.as_deref().map(bare).unwrap_or_default());
    let near_title = title_line.map_or(&[][..], |t| &blocks[t + 1..(t + 1 + CREDITS).min(blocks.len())]);
    let is_date = |text: &str| text.chars().any(char::is_numeric) && parse_date(text, &ctx).is_some();
    let mut byline = named(recipe, html, || {
        let found = credits::authors(tree, &head, &data, &sites, near_title);
        if found.is_empty() { signed::beside_date(tree, near_title, &is_date, &sites) } else { found }
    });
    let known = edges::Page {
        title: title.as_deref().map(bare).unwrap_or_default(),
        sites,
        authors: byline.iter().map(|a| bare(a)).collect(),
        is_date: &is_date,
    };
    let hashtags = hashtags(tree, whole, &blocks, title_line, &found.lines);
    let origin = outlet::origin(tree, whole, found, picked(recipe.origin.as_ref(), html).as_deref(), page);
    edges::trim(tree, &mut blocks, &found.lines, &known);
    if byline.is_empty() && recipe.author.is_none() {
        byline = signed_under(tree, &mut blocks, &found.lines, &known);
    }

    let summary = page.entry.and_then(|e| e.summary.as_deref());
    let standfirst = picked(recipe.standfirst.as_ref(), html).or_else(|| {
        let said = standfirst::said(&head, &data, summary);
        let line = standfirst::find(tree, &blocks, title_line, &found.lines, &said, &known)?;
        blocks[line].gone = true;
        Some(blocks[line].text.clone())
    });
    drop_repeated(&mut blocks, &found.lines, standfirst.as_deref().unwrap_or_default());
    let text = write::text(&blocks, &found.lines);
    if tree::weight(&text) < SHORTEST_BODY && standfirst.is_none() {
        return Err(ExtractError::NoText { title });
    }
    let near = near_line(whole, &blocks, title_line.unwrap_or(found.lines.start));
    let dates = credits::dates(tree, &head, &data, whole, near, page.url, &ctx);
    let published = picked(recipe.date.as_ref(), html).and_then(|d| parse_date(&d, &ctx)).or(dates.published);
    let (keywords, tagged) = outlet::keywords(tree, &head, &data, html, recipe);
    let image = picked(recipe.image.as_ref(), html)
        .and_then(|raw| outlet::picture(&raw, page.url))
        .or_else(|| outlet::shared_image(&head, &data, page.url))
        .or_else(|| outlet::body_image(tree, &blocks[found.lines.clone()], page.url, &known));
    Ok(Extract {
        body_html: write::html(tree, &blocks, found.at, &found.lines),
        image,
        hashtags: hashtags.into_iter().chain(tagged).fold(Vec::new(), outlet::each_once),
        keywords,
        canonical: outlet::canonical(&head, page.url),
        site_name: outlet::site_name(&head, &data, page.site_name),
        origin,
        confidence: confidence(found, *prose, title_line.is_some()),
        byline,
        published,
        updated: dates.updated,
        lang: lang.or_else(|| detect(beginning(&text))),
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
    text.char_indices().nth(TELLS_LANGUAGE).map_or(text, |(i, _)| &text[..i])
}

fn confidence(found: &body::Body, prose: usize, titled: bool) -> f32 {
    let much = (prose as f32 / 1_500.0).min(1.0);
    let sure = (found.score as f32).clamp(0.0, 1.0);
    let title = if titled { 1.0 } else { 0.7 };
    (sure * (0.4 + 0.6 * much) * title).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    const PROSE: &str = "Le port a rouvert mardi matin après trois semaines de silence, et les premiers bateaux sont sortis avant l’aube. \
        Sur le quai, une centaine de personnes les ont applaudis, sans que nul ne sache dire qui avait commencé, ni pourquoi.";

    fn read(html: &str) -> Result<Extract, ExtractError> {
        read_with(html, &Recipe::default(), None)
    }

    fn read_with(html: &str, recipe: &Recipe, entry: Option<&Entry>) -> Result<Extract, ExtractError> {
        let url = Url::parse("https://www.journal.example/2026/11/03/port").unwrap();
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap();
        let page = Page { html, url: &url, lang: None, tz: chrono_tz::Europe::Paris, now, entry, site_name: None };
        extract(&page, recipe)
    }

    fn long(html: &str) -> String {
        format!("{html}{}", format!("<p>{PROSE}</p>").repeat(1))
            + &(0..8).map(|i| format!("<p>{i}. {PROSE}</p>")).collect::<String>()
    }

    #[test]
    fn pages_that_are_no_article_are_refused() {
        let check = |html: &str| read(html).map(|e| e.text).unwrap_err();
        assert_eq!(check(" \n"), ExtractError::Empty);
        assert!(matches!(
            check(
                "<title>404 Not Found</title><h1>Not Found</h1><p>The requested URL was not found on this server.</p>"
            ),
            ExtractError::ErrorPage { .. }
        ));
        assert!(matches!(
            check(
                "<title>Page introuvable - Journal</title><h1>Oups</h1><p>La page que vous cherchez n’existe pas ou plus, elle a peut-être été déplacée.</p>"
            ),
            ExtractError::ErrorPage { .. }
        ));
        assert!(matches!(
            check(
                "<title>Just a moment...</title><p>Checking your browser before accessing the site. This may take a few seconds.</p>"
            ),
            ExtractError::BotWall { .. }
        ));
        assert!(matches!(
            check("<title>Connexion</title><h1>Connectez-vous pour continuer</h1><form><input type=password></form>"),
            ExtractError::Login { .. }
        ));
        let stub = format!(
            "<title>Le port</title><h1>Le port</h1><p>{PROSE}</p><div class=x>La suite est réservée à nos abonnés. Déjà abonné ?</div>"
        );
        assert!(matches!(check(&stub), ExtractError::Paywall { .. }));
        assert!(matches!(
            check("<title>Index</title><ul><li><a href=/a>Une rubrique</a><li><a href=/b>Une autre</a></ul>"),
            ExtractError::NoText { .. }
        ));
        for page in [
            include_str!("../../config/demo/le-matinal/login.html"),
            include_str!("../../config/demo/radio-cap/error.html"),
        ] {
            assert!(read(page).is_err());
        }
    }

    #[test]
    fn an_article_about_walls_is_one() {
        let html = long(
            "<title>404, une histoire</title><h1>404, une histoire</h1><p>Vérifiez que vous êtes humain, demandait la page, et déjà abonné ?</p>",
        );
        assert!(read(&html).is_ok());
    }

    #[test]
    fn metadata_is_read_from_where_it_is() {
        let html = long(
            "<html lang=fr-FR><title>Le port rouvre | Le Journal</title><meta property=og:title content='Le port rouvre'>\
            <meta property=og:site_name content='Le Journal'><meta property=og:image content=/i.jpg><meta property=og:image:width content=1200>\
            <meta property=article:published_time content='2026-11-03T08:30:00+01:00'><meta property=article:tag content='Port'>\
            <meta name=keywords content='Pêche, #Gens_de_mer, port'><link rel=canonical href=/2026/port>\
            <script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"author\":[{\"name\":\"Lina A.\"},{\"name\":\"Samir B.\"}],\"dateModified\":\"2026-11-03T10:00:00Z\"}</script>\
            <article><h1>Le port rouvre</h1>",
        ) + "<p>Source : <a href='https://agence.example/x'>Agence du Large</a></p></article>";
        let found = read(&html).unwrap();
        assert_eq!(found.title.as_deref(), Some("Le port rouvre"));
        assert_eq!(found.byline, ["Lina A.", "Samir B."]);
        assert_eq!(found.published.unwrap().to_rfc3339(), "2026-11-03T08:30:00+01:00");
        assert_eq!(found.updated.unwrap().to_rfc3339(), "2026-11-03T10:00:00+00:00");
        assert_eq!(found.keywords, ["Port", "Pêche"]);
        assert_eq!(found.hashtags, ["Gens_de_mer"]);
        assert_eq!(
            found.image.unwrap(),
            Image { url: "https://www.journal.example/i.jpg".into(), width: Some(1200), height: None, alt: None }
        );
        assert_eq!(found.canonical.unwrap().as_str(), "https://www.journal.example/2026/port");
        assert_eq!(
            found.origin.unwrap(),
            Outlet { name: "Agence du Large".into(), url: Some("https://agence.example/x".into()) }
        );
        assert_eq!(found.lang.unwrap().as_str(), "fr-FR");
        assert_eq!(found.site_name.as_deref(), Some("Le Journal"));
    }

    #[test]
    fn dates_are_found_in_words_and_in_the_address() {
        let html = long("<html lang=fr><title>Le port</title><h1>Le port</h1><p>Publié le 2 novembre 2026 à 18h05</p>");
        assert_eq!(read(&html).unwrap().published.unwrap().to_rfc3339(), "2026-11-02T18:05:00+01:00");
        let html = long("<title>Le port</title><h1>Le port</h1>");
        assert_eq!(read(&html).unwrap().published.unwrap().date_naive().to_string(), "2026-11-03");
    }

    #[test]
    fn a_recipe_is_believed_where_it_gives_a_text() {
        let html = long(
            "<title>Le port</title><div class=vide></div><div class=pub><p>Une réclame qui s’étale ici en toutes lettres, et sans honte.</p></div><div class=corps><p class=note>À noter que ceci est de trop dans le texte de cet article.</p>",
        ) + "</div>";
        let recipe = |body: &str| Recipe {
            body: Some(Pick::parse(body).unwrap()),
            drop: vec![Drop::parse(".note").unwrap(), Drop::parse("/^une réclame/").unwrap()],
            ..Recipe::default()
        };
        for body in [".corps", ".vide", ".absent"] {
            let found = read_with(&html, &recipe(body), None).unwrap();
            assert!(found.text.starts_with("Le port a rouvert"), "{body}: {}", found.text);
        }
    }

    #[test]
    fn the_summary_of_the_feed_tells_the_standfirst() {
        let html = long(
            "<title>Le port</title><h1>Le port</h1><p>Trois semaines de silence, puis un matin de novembre les moteurs sont repartis.</p>",
        );
        let entry = Entry {
            summary: Some(
                "<p>Trois semaines de silence, puis un matin de novembre les moteurs sont repartis.</p>".into(),
            ),
            ..Entry::default()
        };
        let found = read_with(&html, &Recipe::default(), Some(&entry)).unwrap();
        assert_eq!(
            found.standfirst.as_deref(),
            Some("Trois semaines de silence, puis un matin de novembre les moteurs sont repartis.")
        );
        assert!(found.text.starts_with("Le port a rouvert"));
    }

    #[test]
    fn hostile_pages_end_soon_on_a_small_stack() {
        let hostile = [
            "<div>".repeat(100_000) + PROSE,
            "<p><b><i><a href=x>".repeat(30_000),
            "<table><tr><td>".repeat(30_000) + PROSE,
            format!("<title>x</title><p>{PROSE}</p>{}", "<svg><style>".repeat(20_000)),
            (0..20_000).map(|i| format!("<li><a href=/{i}>Une page parmi d’autres, la {i}</a></li>")).collect(),
            "#a ".repeat(200_000),
            format!("<script type=application/ld+json>{}</script><p>{PROSE}", "[{".repeat(100_000)),
            format!("<div {}>{PROSE}", "a=b ".repeat(100_000)),
        ];
        for html in hostile {
            let small = std::thread::Builder::new().stack_size(2 << 20);
            let done = small.spawn(move || read(&html).map(|e| e.text.len())).unwrap().join();
            assert!(done.is_ok());
        }
    }

    #[test]
    fn markup_and_text_say_the_same() {
        let html = long(
            "<title>Le port</title><article><h1>Le port</h1><figure><img src=/a.jpg><figcaption>Le quai</figcaption></figure><p>Un <b>mot</b><br>et «&nbsp;un autre&nbsp;», à lire&nbsp;: <a href=/z title='a&quot;b'>ici</a>.</p>\
            <ul><li>premier point de la liste</li></ul><p class=share><a href=#>Partager</a></p>",
        ) + "</article>";
        let found = read(&html).unwrap();
        let clean = crate::clean::clean(&found.body_html, &Url::parse("https://www.journal.example/").unwrap());
        assert_eq!(crate::clean::plain(&clean), found.text);
        assert!(
            found.body_html.contains("<figure><img src=\"/a.jpg\"><figcaption>Le quai</figcaption></figure>"),
            "{}",
            found.body_html
        );
    }
}
