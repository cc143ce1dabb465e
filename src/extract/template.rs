//! What the pages of one site share: a line that stands on several of them belongs to the site and not to an article, and so
//! does what stands in a place where most lines do. An article that was fetched twice must not wipe itself out, so a page
//! never counts for its twin.

use std::collections::HashMap;

use super::blocks::Block;
use super::sighting::{Line, Sighting};
use super::titles::SIGNS;
use super::words::bare;

/// Pages that are remembered: the newest. What an old design shared is forgotten with its pages.
const MOST_PAGES: usize = 32;

/// Of two pages that share more than this part of the paragraphs of the shorter one is the other, fetched again.
const TWIN: f64 = 0.8;
/// On how many pages a paragraph tells nothing of twins, being the site's own.
const COMMON: u32 = 3;

/// Pages, lines and the part of them that is shared, that make a place one of the site.
const PLACE_PAGES: u32 = 3;
const PLACE_LINES: u32 = 6;
const PLACE_SHARED: f64 = 0.6;

/// The pages of a source that have been seen, newest last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    pages: Vec<Sighting>,
}

impl Template {
    /// The template that pages of a source make, the newest last.
    #[must_use]
    pub fn of(sightings: Vec<Sighting>) -> Self {
        let mut template = Self::default();
        for sighting in sightings {
            template.learn(sighting);
        }
        template
    }

    /// The pages, newest last.
    #[must_use]
    pub fn sightings(&self) -> &[Sighting] {
        &self.pages
    }

    /// Takes a page in. One that was seen before, or its twin, is replaced.
    pub(super) fn learn(&mut self, sighting: Sighting) {
        let twins = Seen::of(&self.pages, sighting.site).twins(&sighting);
        let mut at = 0;
        self.pages.retain(|_| {
            at += 1;
            twins & bit(at - 1) == 0
        });
        if self.pages.len() >= MOST_PAGES {
            self.pages.remove(0);
        }
        self.pages.push(sighting);
    }

    /// What a page has in common with the others of its site.
    pub(super) fn shared(&self, sighting: &Sighting) -> Shared {
        let seen = Seen::of(&self.pages, sighting.site);
        let others = seen.all & !seen.twins(sighting);
        let n = others.count_ones();
        if n == 0 {
            return Shared::default();
        }
        let places = seen.places(others);
        let on = |line: &Line| (seen.lines.get(&line.words).copied().unwrap_or_default() & others).count_ones();
        let in_place = |line: &Line| places.get(&line.element()).is_some_and(|p| p.is_shared());
        let says = |line: &Line| on(line) >= least(n, *line);
        let lines: Vec<bool> = sighting.lines.iter().map(|l| in_place(l) || says(l)).collect();
        // Where most paragraphs are on other pages too, those show this article below theirs: it is no less the article.
        let long = || sighting.lines.iter().zip(&lines).filter(|(l, _)| l.is_long());
        let heavy = long().filter(|(_, shared)| **shared).count() * 3 > long().count() * 2;
        let lines = sighting.lines.iter().zip(lines.iter().copied());
        let lines = lines.map(|(l, shared)| match shared && !(heavy && l.is_long() && on(l) * 2 <= n) {
            true if says(l) => Share::Words,
            true => Share::Place,
            false => Share::Nothing,
        });
        let with = |wanted: &dyn Fn(&Sighting) -> bool| {
            self.pages.iter().enumerate().filter(|(i, p)| others & bit(*i) != 0 && wanted(p)).count() as u32
        };
        let same_picture = with(&|p| p.picture == sighting.picture);
        Shared {
            lines: lines.collect(),
            picture: sighting.picture != 0 && same_picture >= 2 && same_picture * 2 >= n,
            sites: self.sites(&sighting.title, others),
        }
    }

    /// What the site is called: what most of its titles end in, or all but all begin with.
    fn sites(&self, title: &str, others: u64) -> Vec<String> {
        let others: Vec<&Sighting> =
            self.pages.iter().enumerate().filter(|(i, _)| others & bit(*i) != 0).map(|(_, p)| p).collect();
        let ends = |title: &str| parts(title).pop();
        let begins = |title: &str| parts(title).into_iter().next();
        let n = others.len();
        let mut found = Vec::new();
        if let Some(end) = ends(title) {
            let same = others.iter().filter(|p| ends(&p.title).as_ref() == Some(&end)).count();
            found.extend((same * 2 >= n && (same >= 2 || n == 1)).then_some(end));
        }
        if let Some(begin) = begins(title) {
            let same = others.iter().filter(|p| begins(&p.title).as_ref() == Some(&begin)).count();
            found.extend((same >= 2 && same * 10 >= n * 9).then_some(begin));
        }
        found
    }
}

/// On how many of `n` other pages a line must stand to be the site's. Paragraphs more often, and never on one alone: agencies
/// tell what came before in the same words again. Links least: of two articles that recommend the same third neither is it.
fn least(n: u32, line: Line) -> u32 {
    match (n, line.is_long()) {
        (..=3, false) => 1,
        (..=9, false) if line.is_linked() => 1,
        (..=9, false) | (..=5, true) => 2,
        (_, false) if line.is_linked() => 2,
        (_, false) => 3.max(n / 10),
        (..=9, true) => 3,
        (_, true) => 4.max(n / 4),
    }
}

/// The parts of a title between the signs that stand before the name of a site, bare; none where there is no such sign.
fn parts(title: &str) -> Vec<String> {
    let mut parts = vec![title];
    for sign in SIGNS {
        parts = parts.into_iter().flat_map(|p| p.split(sign)).collect();
    }
    let parts: Vec<String> = parts.into_iter().map(bare).filter(|p| !p.is_empty()).collect();
    if parts.len() < 2 { Vec::new() } else { parts }
}

fn bit(page: usize) -> u64 {
    1 << (page % 64)
}

/// The pages of one site, by their lines. A set of pages is a number with one bit for each.
struct Seen<'a> {
    pages: Vec<(usize, &'a Sighting)>,
    all: u64,
    /// On which pages a line stands.
    lines: HashMap<u32, u64>,
}

/// How many lines a place has had, how many of them stood on two pages, and how many are paragraphs of one page alone.
#[derive(Default)]
struct Place {
    pages: u64,
    lines: u32,
    shared: u32,
    own: u32,
}

impl Place {
    fn is_shared(&self) -> bool {
        self.pages.count_ones() >= PLACE_PAGES
            && self.lines >= PLACE_LINES
            && f64::from(self.shared) >= f64::from(self.lines) * PLACE_SHARED
            // A theme that puts all it has into paragraphs has the text there too.
            && self.own <= self.shared
    }
}

impl<'a> Seen<'a> {
    fn of(pages: &'a [Sighting], site: u32) -> Self {
        let pages: Vec<_> = pages.iter().enumerate().filter(|(_, p)| p.site == site).collect();
        let mut lines: HashMap<u32, u64> = HashMap::new();
        for (i, page) in &pages {
            for line in &page.lines {
                *lines.entry(line.words).or_default() |= bit(*i);
            }
        }
        let all = pages.iter().fold(0, |all, (i, _)| all | bit(*i));
        Self { pages, all, lines }
    }

    /// The pages that are this one, or the same article: of one address, of one title, or of mostly the same paragraphs.
    fn twins(&self, sighting: &Sighting) -> u64 {
        let mut twins = 0;
        let long = |page: &Sighting| page.lines.iter().filter(|l| l.is_long()).count();
        // What many pages say is the site's.
        let telling = |words: u32| self.lines.get(&words).is_none_or(|on| on.count_ones() < COMMON);
        let own: Vec<u32> =
            sighting.lines.iter().filter(|l| l.is_long() && telling(l.words)).map(|l| l.words).collect();
        for (i, page) in &self.pages {
            let same = own.iter().filter(|w| self.lines.get(w).is_some_and(|on| on & bit(*i) != 0)).count();
            let few = own.len().min(long(page)) as f64;
            let titled = !page.title.is_empty() && page.title == sighting.title;
            let twin = page.page == sighting.page
                || (titled && (same >= 1 || own.is_empty()))
                || (same >= 3 && same as f64 > few * TWIN);
            twins |= if twin { bit(*i) } else { 0 };
        }
        twins
    }

    fn places(&self, others: u64) -> HashMap<u32, Place> {
        let mut places: HashMap<u32, Place> = HashMap::new();
        for (i, page) in self.pages.iter().filter(|(i, _)| others & bit(*i) != 0) {
            for line in &page.lines {
                let on = self.lines.get(&line.words).map_or(0, |on| (on & others).count_ones());
                let place = places.entry(line.element()).or_default();
                place.pages |= bit(*i);
                place.lines += 1;
                place.shared += u32::from(on > 1);
                place.own += u32::from(on <= 1 && line.is_long());
            }
        }
        places
    }
}

/// What a line has in common with those of other pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    Nothing,
    Place,
    Words,
}

/// What a page has in common with others of its site.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// What of each of its lines.
    lines: Vec<Share>,
    /// Whether its picture.
    pub(super) picture: bool,
    /// What the site is called, bare.
    pub(super) sites: Vec<String>,
}

impl Shared {
    /// Marks the lines.
    pub(super) fn mark(&self, blocks: &mut [Block]) {
        for (block, shared) in blocks.iter_mut().zip(&self.lines) {
            block.shared = *shared != Share::Nothing;
            block.placed = *shared == Share::Place;
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};
    use url::Url;

    use super::super::{Page, Recipe, Template, extract_together};

    /// A paragraph that no other page has.
    fn own(page: usize, n: usize) -> String {
        let word = ["port", "pont", "marché", "jardin", "musée", "lycée", "phare"][(page * 3 + n) % 7];
        format!(
            "Le {word} de la commune {page} a rouvert au jour {n}, et les gens du quai {page}{n} sont venus le voir."
        )
    }

    /// The texts of pages of one site whose bodies are given.
    fn texts(bodies: &[String]) -> Vec<String> {
        let named = |(n, body): (usize, &String)| {
            let title = format!("Un titre à elle pour la page {n}");
            let html = format!("<title>{title}</title><div><h1>{title}</h1><div class=body>{body}</div></div>");
            (html, Url::parse(&format!("https://quai.example/{n}")).unwrap())
        };
        let pages: Vec<(String, Url)> = bodies.iter().enumerate().map(named).collect();
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap();
        let page = |(html, url)| Page { html, url, lang: None, tz: chrono_tz::UTC, now, entry: None, site_name: None };
        let pages: Vec<Page<'_>> = pages.iter().map(|(html, url)| page((html, url))).collect();
        let found = extract_together(&pages, &Recipe::default(), &mut Template::default());
        found.into_iter().map(|found| found.unwrap().text).collect()
    }

    #[test]
    fn what_articles_of_a_site_say_alike_is_theirs() {
        let p = |page: usize, n: usize| format!("<p>{}</p>", own(page, n));
        let between =
            |page: usize, middle: &str| format!("{}{}{middle}{}{}", p(page, 0), p(page, 1), p(page, 2), p(page, 3));
        let row = |page: usize| {
            format!(
                "<table><tr><td>Calories</td><td>{page}50 kcal</td></tr><tr><td>Sel</td><td>0 g</td></tr><tr><td>Durée</td><td>2 h</td></tr></table>"
            )
        };
        let linked = |page: usize, n: usize| format!("<p>{} On l’a <a href=/x>lu</a>.</p>", own(page, n));
        let section = |page: usize, n: usize, name: &str| {
            format!("<section><h2>{name}</h2>{}{}</section>", linked(page, n), p(page, n + 9))
        };
        type Make<'m> = &'m dyn Fn(usize) -> String;
        let cases: [(&str, Make<'_>, &[&str]); 8] = [
            (
                "questions",
                &|n| between(n, &format!("<p><b>Pourquoi le quai ?</b></p>{}", p(n, 7))),
                &["Pourquoi le quai ?"],
            ),
            ("speakers", &|n| between(n, &format!("<p><b>Le Quai</b></p>{}", p(n, 7))), &["Le Quai"]),
            (
                "steps",
                &|n| between(n, "<p>Préchauffer le four.</p><p>Bien mélanger.</p>"),
                &["Préchauffer le four.", "Bien mélanger."],
            ),
            (
                "lines of a paragraph",
                &|n| between(n, &format!("<p>1 oignon<br>Sel, poivre<br>{n}50 g de riz</p>")),
                &["1 oignon", "Sel, poivre"],
            ),
            ("a table", &|n| between(n, &row(n)), &["Calories", "50 kcal", "0 g", "2 h"]),
            ("a table at the end", &|n| between(n, "") + &row(n), &["Calories", "50 kcal", "0 g", "2 h"]),
            (
                "sections",
                &|n| between(n, "") + &section(n, 4, "Le contexte") + &section(n, 5, "Et après"),
                &["Le contexte", "Et après", "quai 04", "quai 013", "quai 05"],
            ),
            (
                "a last part",
                &|n| between(n, "") + "<h2>Et après</h2>" + &linked(n, 4) + &linked(n, 5),
                &["Et après", "quai 04", "quai 05"],
            ),
        ];
        for (name, make, wanted) in cases {
            for pages in [2, 4, 8] {
                let found = texts(&(0..pages).map(make).collect::<Vec<_>>());
                for said in wanted {
                    assert!(found[0].contains(said), "{name}, {pages} pages, `{said}`: {}", found[0]);
                }
            }
        }
    }

    #[test]
    fn the_picture_and_the_name_of_a_site_are_no_article_s() {
        let html = |n: usize| {
            let text: String = (0..4).map(|k| format!("<p>{}</p>", own(n, k))).collect();
            format!(
                "<title>Ville {n} - Encres et marées du soir</title><meta property=og:image content=https://i.example/all.jpg>{text}"
            )
        };
        let pages: Vec<String> = (0..5).map(html).collect();
        let urls: Vec<Url> = (0..5).map(|n| Url::parse(&format!("https://quai.example/{n}")).unwrap()).collect();
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap();
        let page = |(html, url)| Page { html, url, lang: None, tz: chrono_tz::UTC, now, entry: None, site_name: None };
        let pages: Vec<Page<'_>> = pages.iter().map(String::as_str).zip(&urls).map(page).collect();
        let read = |pages: &[Page<'_>]| extract_together(pages, &Recipe::default(), &mut Template::default());
        let (alone, together) = (read(&pages[..1]), read(&pages));
        let said = |found: &[Result<_, _>]| {
            let found: &super::super::Extract = found[0].as_ref().unwrap();
            (found.image.is_some(), found.title.clone())
        };
        assert!(said(&alone).0);
        assert_eq!(said(&together), (false, Some("Ville 0".to_owned())));
    }

    #[test]
    fn what_a_site_puts_between_paragraphs_goes() {
        for plea in [
            "<p>Soutenez-nous !</p>",
            "<p>Le journal du quai vous parle</p>",
            "<h3>Nos choix</h3><p><a href=/1>Le phare rouvre au printemps</a></p><p><a href=/2>La gare ferme</a></p>",
            "<ul><li><a href=/1>Le phare rouvre</a> mardi</li><li>Nos choix de la semaine</li></ul>",
        ] {
            let page = |n: usize| format!("<p>{}</p><p>{}</p>{plea}<p>{}</p>", own(n, 0), own(n, 1), own(n, 2));
            for pages in [2, 4, 8] {
                let found = texts(&(0..pages).map(page).collect::<Vec<_>>());
                assert_eq!(found[0].lines().collect::<Vec<_>>(), [own(0, 0), own(0, 1), own(0, 2)], "{plea}, {pages}");
            }
        }
    }
}
