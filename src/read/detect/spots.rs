//! A page laid out flat: its elements in their order, and the links that may be stories.

use std::collections::{HashMap, HashSet};

use scraper::{ElementRef, Html};
use url::Url;

use crate::text::{fold, one_line, words};

/// Elements that are looked at.
const MOST_ELEMENTS: usize = 40_000;
/// Links that are looked at.
const MOST_LINKS: usize = 3_000;
/// A piece of a list holds its link no deeper than this.
const LEVELS: usize = 10;
/// How far from a link that says only "read on" its heading may be.
const NEAR: usize = 4;
/// A title has as many words.
const TITLE_WORDS: usize = 3;
/// Of scripts that do not part words, a title has as many characters.
const TITLE_CHARACTERS: usize = 6;
/// What a heading says is a title with so many words, or characters of such scripts.
const HEADING_WORDS: usize = 2;
const HEADING_CHARACTERS: usize = 3;
/// A text that stands over as many different addresses is no title.
const REPEATED: usize = 3;
/// Elements that are called a frame of the page and hold more than half of its text hold the page; so many are measured.
const MOST_MEASURED: usize = 100;

/// Words of classes and ids of what frames a page.
const FRAMES: [&str; 14] = [
    "nav",
    "navbar",
    "navigation",
    "menu",
    "submenu",
    "footer",
    "breadcrumb",
    "breadcrumbs",
    "pagination",
    "pager",
    "cookie",
    "cookies",
    "comments",
    "share",
];
/// Words of what stands beside the list of a page.
const ASIDES: [&str; 4] = ["aside", "sidebar", "sidebars", "widget"];
/// Words by which a class tells what an element has or does, and not what it is: `comments-off`, `has-sidebar`.
const STATES: [&str; 12] =
    ["off", "on", "open", "closed", "enabled", "disabled", "has", "no", "with", "without", "is", "page"];
/// What begins the classes that a build makes up.
const BUILT: [&str; 6] = ["css", "sc", "svelte", "jsx", "astro", "emotion"];
/// Words of addresses and relations that lead to no story.
const NOT_STORIES: [&str; 9] =
    ["author", "auteur", "auteurs", "tag", "tags", "category", "categorie", "categories", "rubrique"];

/// An element and where it stands.
pub(super) struct Spot<'a> {
    pub(super) element: ElementRef<'a>,
    pub(super) parent: usize,
    /// One after its last descendant.
    pub(super) end: usize,
    /// Hash of the tags and classes that lead to it.
    pub(super) path: u64,
    /// Hash of its own tag and classes; none without classes.
    own: Option<u64>,
    /// In navigation, a footer and the like.
    framing: bool,
    pub(super) aside: bool,
}

/// A link that may be a story.
pub(super) struct Story {
    pub(super) at: usize,
    /// Absolute, without fragment.
    pub(super) href: String,
    pub(super) title: String,
    /// Whether the title is a heading.
    pub(super) headed: bool,
}

/// What stories an element holds.
#[derive(Clone, Copy, Default)]
struct Held {
    headed: Option<usize>,
    plain: Option<usize>,
    several_headed: bool,
    several_plain: bool,
}

pub(super) struct Spots<'a> {
    pub(super) all: Vec<Spot<'a>>,
    pub(super) stories: Vec<Story>,
    held: Vec<Held>,
}

impl<'a> Spots<'a> {
    pub(super) fn of(html: &'a Html, base: &Url) -> Self {
        let all = lay_out(html.root_element());
        let mut spots = Self { held: vec![Held::default(); all.len()], all, stories: Vec::new() };
        spots.stories = spots.find_stories(base);
        spots.hold();
        spots
    }

    /// The elements inside of one, itself first.
    pub(super) fn inside(&self, at: usize) -> impl Iterator<Item = &Spot<'a>> {
        self.all.get(at..self.all.get(at).map_or(at, |s| s.end)).unwrap_or_default().iter()
    }

    /// Places from an element up to the root, itself first.
    pub(super) fn upwards(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(at), |&i| self.all.get(i).map(|s| s.parent).filter(|&p| p != i))
    }

    /// The one story of an element. `None` where it holds none, or several.
    pub(super) fn story(&self, at: usize) -> Option<&Story> {
        let held = self.held.get(at)?;
        let one = match (held.headed, held.plain) {
            (Some(one), _) if !held.several_headed => one,
            (None, Some(one)) if !held.several_plain => one,
            _ => return None,
        };
        self.stories.get(one)
    }

    /// Elements of one story each, at least so many of them, that stand on like paths; and those that are alike and stand in
    /// different children of one element, as in columns.
    pub(super) fn groups(&self, least: usize) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
        let mut by_path: HashMap<(u64, &str), Vec<usize>> = HashMap::new();
        let mut by_look: HashMap<(u64, u64), Vec<usize>> = HashMap::new();
        for (at, spot) in self.all.iter().enumerate() {
            if spot.framing || self.story(at).is_none() {
                continue;
            }
            let parent = self.all.get(spot.parent);
            by_path.entry((parent.map_or(0, |p| p.path), spot.element.value().name())).or_default().push(at);
            if let (Some(own), Some(above)) =
                (spot.own.filter(|_| !spot.aside), parent.and_then(|p| self.all.get(p.parent)))
            {
                by_look.entry((above.path, own)).or_default().push(at);
            }
        }
        let distinct =
            |g: &[usize]| g.iter().filter_map(|&at| Some(&self.story(at)?.href)).collect::<HashSet<_>>().len();
        let mut groups: Vec<_> = by_path.into_values().filter(|g| distinct(g) >= least).collect();
        groups.sort_unstable();
        let known: HashSet<&[usize]> = groups.iter().map(Vec::as_slice).collect();
        let mut further: Vec<_> =
            by_look.into_values().filter(|g| distinct(g) >= least && !known.contains(g.as_slice())).collect();
        further.sort_unstable();
        (groups, further)
    }

    fn find_stories(&self, base: &Url) -> Vec<Story> {
        let links = self.all.iter().enumerate().filter(|(_, s)| !s.framing && s.element.value().name() == "a");
        let links: Vec<(usize, String)> =
            links.filter_map(|(at, s)| Some((at, story_address(s.element, base)?))).take(MOST_LINKS).collect();
        let mut stories: Vec<Story> = links.iter().map(|(at, href)| self.titled(*at, href.clone())).collect();
        let generic = repeated(&stories);
        let says_nothing = |s: &Story| !s.headed && (generic.contains(&s.title) || !is_title(&s.title, false));
        // Of a picture and a title that lead to the same place the title is enough.
        let titled: HashSet<String> = stories.iter().filter(|s| !says_nothing(s)).map(|s| s.href.clone()).collect();
        stories.retain(|s| !says_nothing(s) || !titled.contains(&s.href));
        // The only heading of the first rank is that of the page.
        let page = self.all.iter().filter(|s| s.element.value().name() == "h1").take(2).count() == 1;
        for story in stories.iter_mut().filter(|s| says_nothing(s)) {
            let heading = self.upwards(story.at).skip(1).take(NEAR).find_map(|at| self.bare_heading(at, page));
            (story.title, story.headed) = heading.map_or((String::new(), false), |title| (title, true));
        }
        let generic = repeated(&stories);
        stories.retain(|s| is_title(&s.title, s.headed) && !generic.contains(&s.title));
        stories
    }

    /// A link with the heading that it holds, or stands in, or with its own text.
    fn titled(&self, at: usize, href: String) -> Story {
        let within = self.inside(at).skip(1).find(|s| is_heading(s.element)).map(|s| text_of(s.element));
        let around = || self.upwards(at).skip(1).take(NEAR).any(|i| is_heading(self.all[i].element));
        let headed = within.is_some() || around();
        let title = within.unwrap_or_else(|| said(self.all[at].element));
        Story { at, href, title, headed }
    }

    /// The heading inside an element that is no link itself, nor that of the page.
    fn bare_heading(&self, at: usize, page: bool) -> Option<String> {
        let has_link = |s: &Spot<'_>| s.element.descendent_elements().any(|e| e.value().name() == "a");
        let of_page = |s: &Spot<'_>| page && s.element.value().name() == "h1";
        let heading = self.inside(at).find(|s| is_heading(s.element) && !of_page(s) && !has_link(s))?;
        Some(text_of(heading.element)).filter(|t| is_title(t, true))
    }

    fn hold(&mut self) {
        for (n, story) in self.stories.iter().enumerate() {
            let mut at = story.at;
            for _ in 0..LEVELS {
                let Some(held) = self.held.get_mut(at) else { break };
                let (one, several) = match story.headed {
                    true => (&mut held.headed, &mut held.several_headed),
                    false => (&mut held.plain, &mut held.several_plain),
                };
                *several |= one.is_some_and(|o| self.stories.get(o).is_some_and(|s| s.href != story.href));
                *one = one.or(Some(n));
                match self.all.get(at).map(|s| s.parent) {
                    Some(parent) if parent != at => at = parent,
                    _ => break,
                }
            }
            // What stands higher than a piece can reach holds who knows how many.
            while let Some(spot) = self.all.get(at)
                && spot.parent != at
                && !self.held[at].several_headed
            {
                at = spot.parent;
                (self.held[at].several_headed, self.held[at].several_plain) = (true, true);
            }
        }
    }
}

fn lay_out(root: ElementRef<'_>) -> Vec<Spot<'_>> {
    let mut all: Vec<Spot<'_>> = Vec::new();
    let mut open = vec![(root, 0)];
    let whole: usize = root.text().map(str::len).sum();
    let mut measured = 0;
    let mut holds_page = |element: ElementRef<'_>| {
        measured += 1;
        measured <= MOST_MEASURED && 2 * element.text().map(str::len).sum::<usize>() > whole
    };
    while let Some((element, parent)) = open.pop() {
        let at = all.len();
        if at == MOST_ELEMENTS {
            break;
        }
        let (above, framing, aside) =
            all.get(parent).map_or((0, false, false), |p: &Spot<'_>| (p.path, p.framing, p.aside));
        let name = element.value().name();
        let mut own = name.to_owned();
        stable_classes(element).for_each(|c| own.extend([".", c]));
        let path = crate::text::hash(format!("{above} {own}").as_bytes());
        let framing = framing || is_frame(element) || (is_called(element, &FRAMES) && !holds_page(element));
        let aside = aside || name == "aside" || (is_called(element, &ASIDES) && !holds_page(element));
        let own = (own.len() > name.len()).then(|| crate::text::hash(own.as_bytes()));
        all.push(Spot { element, parent, end: at + 1, path, own, framing, aside });
        let children: Vec<_> = element.child_elements().collect();
        open.extend(children.into_iter().rev().map(|child| (child, at)));
    }
    for at in (1..all.len()).rev() {
        let (end, parent) = (all[at].end, all[at].parent);
        all[parent].end = all[parent].end.max(end);
    }
    all
}

/// Classes that are the same in each piece, as far as their names tell: no numbers, nothing that says which one it is.
pub(super) fn stable_classes(element: ElementRef<'_>) -> impl Iterator<Item = &str> {
    const ONE_OF_MANY: [&str; 8] = ["odd", "even", "first", "last", "active", "featured", "sticky", "current"];
    let plain = |c: &&str| {
        c.starts_with(|c: char| c.is_ascii_alphabetic())
            && c.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'))
            && !c.split(['-', '_']).any(|word| ONE_OF_MANY.contains(&word))
            && !is_made_up(c)
    };
    element.attr("class").unwrap_or_default().split_ascii_whitespace().filter(plain)
}

/// Whether a class looks like one that a build makes up anew: `Card_title__xYzAb`, `sc-bdVaJa`, `kLmNoP`.
fn is_made_up(class: &str) -> bool {
    const HASH: usize = 5;
    let built = class.split_once('-').is_some_and(|(first, rest)| BUILT.contains(&first) && rest.len() >= HASH);
    let module = class.rsplit_once("__").is_some_and(|(name, hash)| {
        (HASH..=HASH + 3).contains(&hash.len()) && name.contains('_') && !name.contains("__")
    });
    built || module || class.split(['-', '_']).any(is_random)
}

/// Letters that are no words, by their cases and their vowels.
fn is_random(word: &str) -> bool {
    /// More consonants do not follow each other in a word.
    const CONSONANTS: usize = 4;
    let bytes = word.as_bytes();
    let turns = bytes.windows(2).filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase()).count();
    let large = bytes.iter().filter(|b| b.is_ascii_uppercase()).count();
    let mixed = turns > 1 && turns * 3 >= word.len()
        || turns > 0 && (large * 3 > word.len() || bytes.last().is_some_and(u8::is_ascii_uppercase));
    let silent = word.split(|c: char| "aeiouyAEIOUY".contains(c)).map(str::len).max().unwrap_or(0);
    mixed || silent > CONSONANTS
}

fn is_frame(element: ElementRef<'_>) -> bool {
    let value = element.value();
    let role = value.attr("role").unwrap_or_default();
    matches!(value.name(), "nav" | "footer" | "form" | "template" | "noscript" | "svg")
        || matches!(role, "navigation" | "contentinfo" | "menu" | "menubar")
}

/// Whether a class or the id of an element has one of some words.
fn is_called(element: ElementRef<'_>, words: &[&str]) -> bool {
    let value = element.value();
    let parts = |name: &str, of: &[&str]| {
        name.split(['-', '_']).any(|part| of.iter().any(|word| word.eq_ignore_ascii_case(part)))
    };
    !matches!(value.name(), "html" | "body" | "main" | "article")
        && value.classes().chain(value.id()).any(|name| parts(name, words) && !parts(name, &STATES))
}

pub(super) fn is_heading(element: ElementRef<'_>) -> bool {
    matches!(element.value().name(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// The text on one line.
pub(super) fn text_of(element: ElementRef<'_>) -> String {
    one_line(&element.text().collect::<String>())
}

/// What a link says: its text, else its `title`, which stands for a text that is cut short too.
fn said(link: ElementRef<'_>) -> String {
    let text = part(link).map_or_else(|| text_of(link), text_of);
    let whole = one_line(link.attr("title").unwrap_or_default());
    let cut = text.strip_suffix('…').or_else(|| text.strip_suffix("..."));
    match cut.map(|c| c.trim_end_matches(['…', '.', ' '])) {
        Some(cut) if whole.starts_with(cut) => whole,
        None if text.is_empty() => whole,
        _ => text,
    }
}

/// The part of a link that is its title, where it has several: `<span>3 juin</span><span>Le titre</span>`.
fn part(link: ElementRef<'_>) -> Option<ElementRef<'_>> {
    const TITLES: [&str; 5] = ["title", "titre", "headline", "heading", "titulo"];
    const INLINE: [&str; 10] = ["b", "i", "em", "strong", "u", "mark", "sup", "sub", "font", "q"];
    let mut within = link;
    for _ in 0..LEVELS {
        if within.children().any(|c| c.value().as_text().is_some_and(|t| !t.trim().is_empty())) {
            return None;
        }
        let parts: Vec<_> = within.child_elements().filter(|e| !text_of(*e).is_empty()).collect();
        match parts.as_slice() {
            [] => return None,
            [one] => within = *one,
            _ if parts.iter().any(|p| INLINE.contains(&p.value().name())) => return None,
            _ => {
                let named = parts.iter().copied().find(|p| is_called(*p, &TITLES));
                let longest = || parts.iter().copied().max_by_key(|p| text_of(*p).len());
                return named.or_else(longest).filter(|p| is_title(&text_of(*p), false));
            }
        }
    }
    None
}

/// Where a link leads, if that may be a story.
fn story_address(link: ElementRef<'_>, base: &Url) -> Option<String> {
    let written = link.attr("href")?.trim();
    let rel = link.attr("rel").unwrap_or_default();
    if written.starts_with('#') || rel.split_ascii_whitespace().any(|r| NOT_STORIES.contains(&r)) {
        return None;
    }
    let url = without_fragment(base.join(written).ok()?);
    let home = url.path() == "/" && url.query().is_none();
    let fetched = matches!(url.scheme(), "http" | "https");
    (fetched && !leads_to_many(&url) && !home && url != without_fragment(base.clone())).then(|| url.into())
}

/// Whether an address is that of an author, a tag and the like.
pub(super) fn leads_to_many(url: &Url) -> bool {
    url.path_segments().is_some_and(|mut s| s.any(|part| NOT_STORIES.contains(&part)))
}

pub(super) fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}

fn is_title(text: &str, headed: bool) -> bool {
    let folded = fold(text);
    // One syllable of Hangul says as much as a character of a script that does not part words.
    let dense = |c: &char| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}');
    let parted = text.is_ascii() || (text.contains(' ') && folded.chars().filter(dense).count() < TITLE_CHARACTERS);
    let least = match (parted, headed) {
        (true, false) => TITLE_WORDS,
        (true, true) => HEADING_WORDS,
        (false, false) => TITLE_CHARACTERS,
        (false, true) => HEADING_CHARACTERS,
    };
    let said = words(&folded).take(TITLE_CHARACTERS).count();
    said >= least || (!parted && folded.chars().filter(dense).count() >= least)
}

/// Texts that stand over several addresses: "Read on".
fn repeated(stories: &[Story]) -> HashSet<String> {
    let mut over: HashMap<&str, HashSet<&str>> = HashMap::new();
    for story in stories {
        over.entry(&story.title).or_default().insert(&story.href);
    }
    over.into_iter().filter(|(_, hrefs)| hrefs.len() >= REPEATED).map(|(title, _)| title.to_owned()).collect()
}
