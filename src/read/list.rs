//! Pages that list articles, read by selectors.

pub(super) mod beside;

use std::borrow::Cow;
use std::collections::HashSet;

use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::paths::{Around, Path, Paths, collect};
use super::{Input, MOST_LINE, MOST_TEXT, ReadError, bounded, note, state};
use crate::model::{DocumentKind, Entry, FeedHead, Image, Lang, Link, Mistake, Person, Reading};
use crate::text::{DateContext, Pick, cap_nesting, one_line, parse_date};

/// More matches than this are cut off, with a note: a list page has tens.
const MOST_ITEMS: usize = 1000;
/// Open elements at any place. Browsers stop at 512.
const DEEPEST: usize = 256;
/// Bytes of a page after which the rest is left out.
const MOST_BYTES: usize = 5 << 20;

/// A page that a tree can be made of in bounded time and depth.
pub(super) fn capped(text: &str) -> Cow<'_, str> {
    let end = (0..=MOST_BYTES.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    let capped = cap_nesting(&text[..end], DEEPEST);
    if end < text.len() { Cow::Owned(capped.into_owned()) } else { capped }
}

/// How a list page is read.
#[derive(Debug, Clone, PartialEq)]
pub struct ListRecipe {
    /// The selector of one entry, as written.
    pub item: String,
    /// `None` where it is a path.
    selector: Option<Selector>,
    /// Where the parts of a list in JSON are; its `item` is a path.
    pub paths: Option<Paths>,
    /// Where in a page the JSON is, if the list is read by paths and the document is a page.
    pub within: Option<Pick>,
    /// Where the address is; default: the first `a[href]`, or the piece itself where it is one.
    pub link: Option<Pick>,
    /// Where the title is; default: the first heading, else the text of the link.
    pub title: Option<Pick>,
    /// Where the summary is.
    pub summary: Option<Pick>,
    /// Where the picture is.
    pub image: Option<Pick>,
    /// Where the date is.
    pub date: Option<Pick>,
    /// Where the author is.
    pub author: Option<Pick>,
    /// Where the link to the next page is, in the whole page.
    pub next: Option<Pick>,
    /// How many entries the page has at least.
    pub expect: Option<usize>,
}

impl ListRecipe {
    /// A recipe of one selector; the rest is found by default.
    ///
    /// # Errors
    /// A mistake with its place, where it is no selector.
    pub fn new(item: &str) -> Result<Self, Mistake> {
        let paths = Path::is_meant(item).then(|| Paths::new(item)).transpose()?;
        let selector = match &paths {
            Some(_) => None,
            None => {
                Pick::parse(item)?;
                let not_css = |_syntax| Mistake::new(0..item.len(), format!("`{item}` is not a CSS selector"));
                Some(Selector::parse(item.trim()).map_err(not_css)?)
            }
        };
        Ok(Self {
            item: item.trim().to_owned(),
            selector,
            paths,
            within: None,
            link: None,
            title: None,
            summary: None,
            image: None,
            date: None,
            author: None,
            next: None,
            expect: None,
        })
    }
}

struct Page<'a> {
    base: Url,
    dates: DateContext<'a>,
    lang: Option<Lang>,
    anchor: Pick,
    heading: Pick,
}

impl Page<'_> {
    fn head(&self, root: ElementRef<'_>, input: &Input<'_>) -> Result<FeedHead, ReadError> {
        Ok(FeedHead {
            title: Pick::parse("title").map_err(|m| ReadError::Unreadable(m.message))?.first(root),
            link: Some(input.url.to_string()),
            lang: self.lang.clone(),
            language_written: root.attr("lang").map(str::to_owned),
            ..FeedHead::default()
        })
    }
}

pub(super) fn read(text: &str, recipe: &ListRecipe, input: &Input<'_>) -> Result<Reading, ReadError> {
    let mut notes = Vec::new();
    let capped = capped(text);
    if let Cow::Owned(_) = capped {
        note(
            &mut notes,
            "page cut to what can be read in time: tags too deep, too many, or with too many attributes left out",
        );
    }
    let html = Html::parse_document(&capped);
    let root = html.root_element();
    let lang = input.lang.cloned().or_else(|| root.attr("lang").and_then(Lang::parse));
    let parse = |css: &str| Pick::parse(css).map_err(|m| ReadError::Unreadable(m.message));
    let first = |css: &str| Ok::<_, ReadError>(parse(css)?.first(root));
    let base = super::base(input.url, first("base[href] @href")?.as_deref());
    let is_piece = |e: ElementRef<'_>| recipe.selector.as_ref().is_some_and(|selector| selector.matches(&e));
    let pieces = recipe.selector.iter().flat_map(|selector| html.select(selector)).take(MOST_ITEMS);
    let date_of =
        |piece| beside::Piece::of(piece, is_piece).first(recipe.date.as_ref()?).filter(|d| d.len() <= MOST_LINE);
    let written: Vec<String> = pieces.filter_map(date_of).collect();
    let page = Page {
        base,
        dates: input.dates_like(lang.as_ref(), written.iter().map(String::as_str)),
        lang: lang.clone(),
        anchor: parse("a[href]")?,
        heading: parse("h1, h2, h3, h4, h5, h6")?,
    };
    let Some(selector) = &recipe.selector else {
        return within(root, recipe, &page, input, notes);
    };
    let mut seen = HashSet::new();
    let mut entries = Vec::new();
    let mut matched = 0usize;
    for piece in html.select(selector) {
        matched += 1;
        if matched > MOST_ITEMS {
            note(&mut notes, format!("more than {MOST_ITEMS} matches of `{}` cut off", recipe.item));
            break;
        }
        let piece = beside::Piece::of(piece, is_piece);
        match entry(&piece, recipe, &page, &mut notes) {
            Ok(entry) => {
                if entry.link.clone().is_some_and(|link| seen.insert(link)) {
                    entries.push(entry);
                }
            }
            Err(missing) => note(&mut notes, format!("a match of `{}` has no {missing}", recipe.item)),
        }
    }
    if matched == 0 {
        return Err(ReadError::NoMatch { selector: recipe.item.clone() });
    }
    if let Some(expected) = recipe.expect.filter(|e| entries.len() < *e) {
        note(&mut notes, format!("{} entries instead of at least {expected}", entries.len()));
    }
    let next = recipe.next.as_ref().and_then(|pick| address_of(root, pick, &page));
    let links = next.map(|href| Link { rel: "next".to_owned(), href, ..Link::default() });
    let head = FeedHead { links: links.into_iter().collect(), ..page.head(root, input)? };
    Ok(Reading { kind: DocumentKind::Html, head, entries, notes, cut_off: false, half: false })
}

/// A list in the JSON that a page carries.
fn within(
    root: ElementRef<'_>,
    recipe: &ListRecipe,
    page: &Page<'_>,
    input: &Input<'_>,
    notes: Vec<String>,
) -> Result<Reading, ReadError> {
    let (Some(paths), Some(pick)) = (&recipe.paths, &recipe.within) else {
        let why = format!("`{}` is a path, and the document a page; write where in it the JSON is: `in`", recipe.item);
        return Err(ReadError::Unreadable(why));
    };
    let texts: Vec<String> = pick.elements(root).map(|found| raw(found, pick.attribute())).collect();
    let values = state::values(texts.iter().map(String::as_str));
    let around = Around { base: &page.base, input, head: page.head(root, input)? };
    collect(&values, recipe, paths, &around, notes)
}

/// The text of an element, or one of its attributes, as it stands there.
pub(super) fn raw(found: ElementRef<'_>, attribute: Option<&str>) -> String {
    match attribute {
        Some(name) => found.attr(name).unwrap_or_default().to_owned(),
        None => found.text().collect(),
    }
}

fn entry(
    whole: &beside::Piece<'_>,
    recipe: &ListRecipe,
    page: &Page<'_>,
    notes: &mut Vec<String>,
) -> Result<Entry, &'static str> {
    let piece = whole.element;
    let own = (piece.value().name() == "a" && piece.attr("href").is_some()).then_some(piece);
    let anchor = own.or_else(|| page.anchor.elements(piece).next());
    let link = match &recipe.link {
        Some(pick) => address_of(piece, pick, page),
        None => anchor.and_then(|a| web(page, a.attr("href")?)),
    }
    .ok_or("link")?;
    let title = match &recipe.title {
        Some(pick) => pick.first(piece),
        None => page.heading.first(piece).or_else(|| {
            let text = one_line(&anchor?.text().collect::<String>());
            (!text.is_empty()).then_some(text).or_else(|| anchor?.attr("title").map(one_line))
        }),
    };
    let title = bounded(title.filter(|t| !t.is_empty()).ok_or("title")?, MOST_LINE, notes);
    let date_written = recipe.date.as_ref().and_then(|pick| {
        whole.elements(pick).find_map(|found| match (pick.attribute(), found.attr("datetime")) {
            (None, Some(machine)) if parse_date(machine, &page.dates).is_some() => Some(machine.to_owned()),
            _ => pick.value(found),
        })
    });
    let date_written = date_written.map(|written| bounded(written, MOST_LINE, notes));
    let published = date_written.as_deref().and_then(|w| parse_date(w, &page.dates));
    if let (Some(written), None) = (&date_written, published) {
        note(notes, format!("date `{}` not read", crate::text::excerpt(written, 60)));
    }
    let author = recipe.author.as_ref().and_then(|pick| whole.first(pick)).map(|name| bounded(name, MOST_LINE, notes));
    Ok(Entry {
        link: Some(link),
        title: Some(title),
        summary: recipe.summary.as_ref().and_then(|p| whole.first(p)).map(|s| bounded(s, MOST_TEXT, notes)),
        authors: author.map(|name| Person { name: Some(name), ..Person::default() }).into_iter().collect(),
        image: recipe.image.as_ref().and_then(|pick| image(whole, pick, page)),
        published: published.map(|d| d.to_utc()),
        date_written,
        lang: page.lang.clone(),
        ..Entry::default()
    })
}

/// The address that a pick gives: its attribute, else the `href` of what it matched or holds.
fn address_of(piece: ElementRef<'_>, pick: &Pick, page: &Page<'_>) -> Option<String> {
    pick.elements(piece).find_map(|found| match pick.attribute() {
        Some(_) => web(page, &pick.value(found)?),
        None => {
            let inner = || page.anchor.elements(found).next().and_then(|a| a.attr("href"));
            web(page, found.attr("href").or_else(inner)?)
        }
    })
}

/// An address that can be fetched, absolute; a link within the page or to a script is none.
fn web(page: &Page<'_>, written: &str) -> Option<String> {
    let written = written.trim();
    let url = page.base.join(written).ok()?;
    let fetched = matches!(url.scheme(), "http" | "https") && !written.starts_with('#') && !written.is_empty();
    (fetched && written.len() <= MOST_LINE).then(|| url.into())
}

fn image(piece: &beside::Piece<'_>, pick: &Pick, page: &Page<'_>) -> Option<Image> {
    let found = piece.elements(pick).next()?;
    let img = match pick.attribute() {
        Some(_) => return Some(Image { url: web(page, &pick.value(found)?)?, ..Image::default() }),
        None if found.value().name() == "img" => found,
        None => found.descendent_elements().find(|e| e.value().name() == "img")?,
    };
    // Pages that load pictures late keep the address apart, and a placeholder in `src`.
    let first_of_set = |name: &str| img.attr(name).and_then(|s| s.split([' ', ',']).find(|u| !u.is_empty()));
    let source =
        ["data-src", "data-lazy-src", "data-original", "src"].into_iter().find_map(|name| web(page, img.attr(name)?));
    let size = |name: &str| img.attr(name).and_then(|v| v.trim_end_matches("px").parse().ok());
    Some(Image {
        url: source.or_else(|| web(page, first_of_set("srcset").or_else(|| first_of_set("data-srcset"))?))?,
        width: size("width"),
        height: size("height"),
        alt: img.attr("alt").filter(|alt| alt.len() <= MOST_LINE).map(one_line).filter(|a| !a.is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use chrono_tz::Tz;

    use super::*;

    fn read_page(html: &str, recipe: &ListRecipe) -> Result<Reading, ReadError> {
        let url = Url::parse("https://example.org/actu/").unwrap();
        let now = chrono::Utc.with_ymd_and_hms(2026, 6, 10, 12, 0, 0).unwrap();
        let input = Input {
            body: html.as_bytes(),
            content_type: Some("text/html"),
            url: &url,
            lang: None,
            tz: Tz::Europe__Paris,
            day_first: None,
            now,
        };
        super::super::read(&input, Some(recipe))
    }

    const PAGE: &str = r##"<!doctype html><html lang=fr><base href="/a/"><title>Actu</title>
        <article><a href="#top"></a><h2><a href="1">Un <b>titre</b></a></h2><time datetime="2026-06-03T14:30+02:00">hier</time><img data-src=i.jpg src="data:x" alt=" A  b "></article>
        <article><h2>Deux</h2><a href="/deux?x=1#c">lire</a><time>8 juin 2026 à 9 h</time></article>
        <article><h2>Encore un</h2><a href="/a/1">x</a></article>
        <article><h2>Sans lien</h2></article><article><a href="/vide"></a></article>
        <a class=next href="?page=2">suite</a>"##;

    #[test]
    fn reads_by_default_and_by_pick() {
        let mut recipe = ListRecipe::new("article").unwrap();
        recipe.link = Some(
            Pick::parse("h2 a @href, a[href^='/'] @href")
                .unwrap_or_else(|_| Pick::parse("a:not([href='#top'])").unwrap()),
        );
        recipe.date = Some(Pick::parse("time").unwrap());
        recipe.image = Some(Pick::parse("img").unwrap());
        recipe.next = Some(Pick::parse("a.next").unwrap());
        let reading = read_page(PAGE, &recipe).unwrap();
        let links: Vec<_> = reading.entries.iter().filter_map(|e| e.link.as_deref()).collect();
        assert_eq!(links, ["https://example.org/a/1", "https://example.org/deux?x=1#c"]);
        let [one, two] = &reading.entries[..] else { panic!() };
        assert_eq!((one.title.as_deref(), one.id.as_deref()), (Some("Un titre"), None));
        assert_eq!(one.published.map(|d| d.timestamp()), Some(1_780_489_800));
        assert_eq!(
            one.image.as_ref().map(|i| (i.url.as_str(), i.alt.as_deref())),
            Some(("https://example.org/a/i.jpg", Some("A b")))
        );
        assert_eq!(two.published.map(|d| d.to_rfc3339()).as_deref(), Some("2026-06-08T07:00:00+00:00"));
        assert_eq!(two.lang.as_ref().map(Lang::as_str), Some("fr"));
        assert_eq!(reading.head.links[0].href, "https://example.org/a/?page=2");
        assert_eq!(reading.notes.len(), 2, "{:?}", reading.notes);
    }

    #[test]
    fn dates_beside_the_pieces_tell_which_is_the_day() {
        let mut recipe = ListRecipe::new("dd").unwrap();
        recipe.date = Some(Pick::parse("dt").unwrap());
        let reading =
            read_page("<dl><dt>02/03/2026<dd><a href=/1>Un</a><dt>25/02/2026<dd><a href=/2>Deux</a></dl>", &recipe);
        let days: Vec<_> = reading.unwrap().entries.iter().map(|e| e.published.unwrap().to_rfc3339()).collect();
        assert_eq!(days, ["2026-03-01T23:00:00+00:00", "2026-02-24T23:00:00+00:00"]);
    }

    #[test]
    fn pieces_inside_of_each_other_do_not_multiply_a_long_text() {
        let open: String = (0..50).map(|n| format!("<div class=x><a href=/{n}>Titre {n}</a>")).collect();
        let long = "x ".repeat(50_000);
        let html = format!("{open}<p class=a>{long}</p><img src=/i alt='{long}'>");
        let mut recipe = ListRecipe::new("div.x").unwrap();
        let pick = |css: &str| Some(Pick::parse(css).unwrap());
        (recipe.author, recipe.date, recipe.image) = (pick(".a"), pick(".a"), pick("img"));
        let reading = read_page(&html, &recipe).unwrap();
        assert_eq!(reading.entries.len(), 50);
        let held: usize = reading.entries.iter().map(|e| format!("{e:?}").len()).sum();
        assert!(held < 50 * 3 * MOST_LINE, "{held}");
    }

    #[test]
    fn json_inside_a_page_is_read_by_paths() {
        let html = r#"<html lang=fr><title>T</title><script id=s type="application/json">{"list": [{"slug": "un", "t": "Un &amp; <b>deux</b>"}], "more": "?p=2"}</script>
            <script>window.a = {list: [{slug: 'deux', t: 'Deux'}, {slug: 'un', t: 'Again'}]}</script><div data-page='{"list": [{"slug": "x", "t": "X"}]}'></div>"#;
        let read = |within: &str| {
            let mut recipe = ListRecipe::new("list[*]").unwrap();
            recipe.within = Some(Pick::parse(within).unwrap());
            let paths = recipe.paths.as_mut().unwrap();
            paths.link = Some(super::super::Place::parse("/a/{slug}").unwrap());
            paths.title = Some(Path::parse("t").unwrap());
            paths.next = Some(super::super::Place::parse("more").unwrap());
            read_page(html, &recipe)
        };
        let reading = read("script").unwrap();
        let found: Vec<_> = reading.entries.iter().map(|e| (e.link.as_deref(), e.title.as_deref())).collect();
        let wanted = [
            (Some("https://example.org/a/un"), Some("Un &amp; <b>deux</b>")),
            (Some("https://example.org/a/deux"), Some("Deux")),
        ];
        assert_eq!(found, wanted);
        assert_eq!(reading.entries[0].lang.as_ref().map(Lang::as_str), Some("fr"));
        assert_eq!(reading.head.links[0].href, "https://example.org/actu/?p=2");
        assert_eq!((read("#s").unwrap().entries.len(), read("div @data-page").unwrap().entries.len()), (1, 1));
        assert!(matches!(read("title"), Err(ReadError::NoMatch { .. })));
        let paths = ListRecipe::new("list[*]").unwrap();
        assert!(matches!(read_page(html, &paths), Err(ReadError::Unreadable(why)) if why.contains("`in`")));
    }

    #[test]
    fn a_page_that_changed_is_an_error() {
        let recipe = ListRecipe::new(".teaser").unwrap();
        assert_eq!(read_page(PAGE, &recipe), Err(ReadError::NoMatch { selector: ".teaser".to_owned() }));
        assert!(ListRecipe::new("div >").is_err());
        assert!(ListRecipe::new("").is_err());
    }

    #[test]
    fn pages_made_to_harm_are_read_in_time() {
        let recipe = ListRecipe::new("p.x").unwrap();
        for (open, times) in [("<div>", 50_000), ("<svg><tr>", 50_000), ("<b>", 50_000), ("<p><b a=1><b a=2>", 5000)] {
            let blocks = "<p>x".repeat(5000);
            let html = format!("<html><p class=x><a href=/a>A</a></p>{}{blocks}", open.repeat(times));
            assert_eq!(read_page(&html, &recipe).map(|r| r.entries.len()), Ok(1), "{open}");
        }
        // Attributes are compared with one another, and each address is joined with the base.
        let attributes: String = (0..100_000).map(|n| format!("a{n}=1 ")).collect();
        let base = format!("<base href='https://b.example/{}/'>", "x".repeat(1 << 20));
        for (head, link) in [(format!("<p {attributes}>"), "https://example.org/a"), (base, "https://example.org/a")] {
            let html = format!("<html>{head}{}", "<p class=x><a href=/a>A</a></p>".repeat(900));
            let reading = read_page(&html, &recipe).unwrap();
            assert_eq!(reading.entries.iter().filter_map(|e| e.link.as_deref()).collect::<Vec<_>>(), [link]);
        }
    }
}
