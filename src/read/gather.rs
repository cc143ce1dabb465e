//! From the tree to drafts: every age and dialect of RSS and Atom under one set of names.

use std::borrow::Cow;

use url::Url;

use super::construct::{construct, origin};
use super::draft::{Draft, DraftCategory, DraftFeed, DraftLink, is_web};
use super::media::Pictures;
use super::names::Ns;
use super::tree::{Element, Tree};
use super::{FEW, LONGEST_BASE, LONGEST_LANGUAGE, MOST_ENTRIES, MOST_IN_ALL, MOST_LINE, MOST_PARTS, MOST_TEXT};
use super::{bounded, canon, episode, note, person};
use crate::model::{DocumentKind, Person};
use crate::text::one_line;

/// The rank of what is a summary only where there is no other.
const SUBTITLE: u8 = 9;

/// What is handed down from element to element.
#[derive(Debug, Clone, Default)]
struct Around {
    base: Option<Url>,
    language: Option<String>,
}

pub(super) fn gather(tree: &mut Tree<'_>, kind: DocumentKind, url: &Url) -> DraftFeed {
    let (mut notes, children) = (std::mem::take(&mut tree.notes), std::mem::take(&mut tree.root.children));
    let tree = &*tree;
    let mut walk =
        Walk { tree, url, notes: &mut notes, head: Gathering::default(), entries: Vec::new(), cut: 0, parts: 0 };
    walk.frame(&tree.root, children, &Around::default());
    let (head, entries, cut) = (walk.head, walk.entries, walk.cut + tree.beyond);
    if cut > 0 {
        note(&mut notes, format!("{} entries cut to {MOST_ENTRIES}", cut + MOST_ENTRIES));
    }
    let head = head.finish(&mut notes);
    DraftFeed { kind, head, entries, notes }
}

struct Walk<'t, 'a> {
    tree: &'t Tree<'a>,
    url: &'t Url,
    notes: &'t mut Vec<String>,
    head: Gathering,
    entries: Vec<Draft>,
    cut: usize,
    parts: usize,
}

impl<'a> Walk<'_, 'a> {
    /// What the element says for all that is in it.
    fn around<'x>(&self, element: &Element<'a>, around: &'x Around) -> Cow<'x, Around> {
        if element.written.is_empty() {
            return Cow::Borrowed(around);
        }
        let mut inner = Cow::Borrowed(around);
        if let Some(written) = element.filled("xml:base")
            && let Ok(base) = around.base.as_ref().unwrap_or(self.url).join(&written)
            && !base.cannot_be_a_base()
            && base.as_str().len() <= LONGEST_BASE
        {
            inner.to_mut().base = Some(base);
        }
        if let Some(language) = element.filled("xml:lang").filter(|l| l.len() <= LONGEST_LANGUAGE) {
            inner.to_mut().language = Some(language);
        }
        inner
    }

    /// A frame (`rss`, `RDF`, `channel`, `feed`): its entries, wherever they stand, and what else is said of the feed. What has
    /// been read needs no memory any more.
    fn frame(&mut self, element: &Element<'a>, children: Vec<Element<'a>>, around: &Around) {
        let around = self.around(element, around);
        if is_entry(element) {
            return self.entry(element, &children, &around);
        }
        self.head.draft.language = self.head.draft.language.take().or_else(|| around.language.clone());
        self.head.attributes(element, &around);
        for mut child in children {
            let frame = matches!(child.name.as_ref(), "channel" | "rss" | "feed" | "rdf" | "items" | "item" | "entry");
            if frame && matches!(child.ns, Ns::Core | Ns::Rdf) {
                let inside = std::mem::take(&mut child.children);
                self.frame(&child, inside, &around);
            } else {
                let inner = self.around(&child, &around);
                self.head.take(self.tree, &child, &inner, self.notes);
            }
        }
    }

    fn entry(&mut self, element: &Element<'a>, children: &[Element<'a>], around: &Around) {
        if self.entries.len() == MOST_ENTRIES {
            self.cut += 1;
            return;
        }
        let mut gathering = Gathering::default();
        gathering.draft.base.clone_from(&around.base);
        gathering.draft.language.clone_from(&around.language);
        gathering.attributes(element, around);
        for child in children {
            let inner = self.around(child, around);
            gathering.take(self.tree, child, &inner, self.notes);
        }
        let mut draft = gathering.finish(self.notes);
        self.parts += draft.links.len() + draft.categories.len();
        if self.parts > MOST_IN_ALL {
            note(self.notes, format!("more than {MOST_IN_ALL} links and categories: of each further entry {FEW}"));
            draft.links.truncate(FEW);
            draft.categories.truncate(FEW);
        }
        self.entries.push(draft);
    }
}

fn is_entry(element: &Element<'_>) -> bool {
    element.ns == Ns::Core && matches!(element.name.as_ref(), "item" | "entry")
}

/// An entry or a head in the making: what counts only if nothing better comes is kept apart.
#[derive(Debug, Default)]
struct Gathering {
    draft: Draft,
    /// `rdf:about` of RSS 1.0.
    about: Option<String>,
    second_title: Option<String>,
    created: Option<String>,
    /// Summaries in their order; the best are first.
    summaries: Vec<(u8, String)>,
    /// What Media RSS says beside a file, not of a group: of a picture that is its caption.
    beside_media: Option<String>,
    /// Who wrote the feed that it was taken from (RFC 4287, 4.2.11).
    source_authors: Vec<Person>,
    pictures: Pictures,
}

impl Gathering {
    /// What stands in the attributes: RDF's name of the thing; address and date of CDF.
    fn attributes(&mut self, element: &Element<'_>, around: &Around) {
        self.about = self.about.take().or_else(|| element.filled("rdf:about"));
        if let Some(href) = element.filled("href") {
            self.draft.links.push(DraftLink::new("alternate", href, around.base.clone()));
        }
        self.draft.updated = self.draft.updated.take().or_else(|| element.filled("lastmod"));
    }

    fn take<'a>(&mut self, tree: &Tree<'a>, element: &Element<'a>, around: &Around, notes: &mut Vec<String>) {
        if self.draft.wishes.take(tree, element) {
            return;
        }
        match element.ns {
            Ns::Core => self.core(tree, element, around, notes),
            Ns::Dc | Ns::DcTerms => self.dublin_core(tree, element),
            Ns::Itunes => self.itunes(tree, element, around),
            Ns::Media => {
                self.media_texts(tree, element, false, 0);
                self.pictures.media(element, around.base.as_ref(), &mut self.draft.links, 0);
            }
            Ns::Content if element.name == "encoded" => self.content(tree, element, around),
            Ns::Xhtml if matches!(element.name.as_ref(), "body" | "div") => self.content(tree, element, around),
            Ns::Wfw if element.name.eq_ignore_ascii_case("commentrss") => {
                self.text_link(tree, element, "replies", around)
            }
            Ns::FeedBurner if element.name == "origlink" => self.text_link(tree, element, "canonical", around),
            _ => {}
        }
    }

    fn core<'a>(&mut self, tree: &Tree<'a>, element: &Element<'a>, around: &Around, notes: &mut Vec<String>) {
        let draft = &mut self.draft;
        match element.name.as_ref() {
            "title" => keep(&mut draft.title, construct(tree, element)),
            "id" => keep(&mut draft.id, tree.text(element)),
            "guid" if draft.id.is_none() => {
                draft.id = tree.text(element);
                let denied = element.filled("ispermalink").is_some_and(|v| v.eq_ignore_ascii_case("false"));
                let claimed = element.filled("ispermalink").is_some_and(|v| v.eq_ignore_ascii_case("true"));
                let address = |id: &str| is_web(id) || id.starts_with('/') || (claimed && !id.contains([':', ' ']));
                draft.id_is_permalink = !denied && draft.id.as_deref().is_some_and(address);
            }
            "link" => self.link(tree, element, around),
            "description" | "summary" | "abstract" | "tagline" | "subtitle" => {
                self.summary(0, construct(tree, element))
            }
            "content" | "body" | "fullitem" | "encoded" => self.content(tree, element, around),
            "pubdate" | "published" | "issued" => keep(&mut draft.published, tree.text(element)),
            // Of two, the later in the document was added by the later program.
            "updated" | "modified" | "lastbuilddate" => draft.updated = tree.text(element).or(draft.updated.take()),
            "created" | "date" => keep(&mut self.created, tree.text(element)),
            "author" | "creator" => self.author(tree, element),
            "category" | "keywords" => self.category(tree, element),
            "tags" => self.list(&tree.text(element).unwrap_or_default()),
            "categories" | "authors" | "links" => {
                // A frame of one's own invention around many of a kind.
                for child in element.children.iter().filter(|c| c.ns == Ns::Core && c.name != element.name) {
                    match child.name.as_ref() {
                        "category" => self.category(tree, child),
                        "author" => self.author(tree, child),
                        "link" => self.link(tree, child, around),
                        _ => {}
                    }
                }
            }
            "enclosure" => self.enclosure(element, around, notes),
            "source" => {
                draft.origin = draft.origin.take().or_else(|| origin(tree, element));
                let authors = element.children.iter().filter(|c| c.is(Ns::Core, "author")).take(MOST_PARTS);
                authors
                    .filter_map(|c| person::of_element(tree, c))
                    .for_each(|p| person::add(&mut self.source_authors, p));
            }
            "comments" => self.text_link(tree, element, "replies", around),
            "language" => draft.language = tree.text(element).or(draft.language.take()),
            "image" | "logo" | "icon" | "thumbnail" => {
                let url = element.child(Ns::Core, "url").and_then(|u| tree.text(u));
                let url = url.or_else(|| tree.text(element)).or_else(|| element.address());
                self.pictures.plain(url, around.base.as_ref());
            }
            _ => {}
        }
    }

    fn dublin_core<'a>(&mut self, tree: &Tree<'a>, element: &Element<'a>) {
        let draft = &mut self.draft;
        match element.name.as_ref() {
            "title" => keep(&mut self.second_title, tree.text(element)),
            "creator" | "author" => self.author(tree, element),
            "subject" => self.category(tree, element),
            "description" => self.summary(1, tree.text(element)),
            "abstract" => self.summary(SUBTITLE, tree.text(element)),
            "date" | "modified" => draft.updated = tree.text(element).or(draft.updated.take()),
            "issued" => keep(&mut draft.published, tree.text(element)),
            "created" => keep(&mut self.created, tree.text(element)),
            "language" => draft.language = tree.text(element).or(draft.language.take()),
            _ => {}
        }
    }

    fn itunes<'a>(&mut self, tree: &Tree<'a>, element: &Element<'a>, around: &Around) {
        match element.name.as_ref() {
            "author" => self.author(tree, element),
            "summary" => self.summary(2, tree.text(element)),
            "subtitle" => self.summary(SUBTITLE, tree.text(element)),
            "title" => keep(&mut self.second_title, tree.text(element)),
            "image" => self.pictures.plain(element.address().or_else(|| tree.text(element)), around.base.as_ref()),
            "keywords" => self.list(&tree.text(element).unwrap_or_default()),
            "category" => {
                self.add_category(&element.filled("text").unwrap_or_default(), None);
                for child in element.children.iter().filter(|c| c.is(Ns::Itunes, "category")) {
                    self.add_category(&child.filled("text").unwrap_or_default(), None);
                }
            }
            _ => episode::take(&mut self.draft.episode, tree, element),
        }
    }

    /// Titles, descriptions and keywords of Media RSS, in groups too.
    fn media_texts<'a>(&mut self, tree: &Tree<'a>, element: &Element<'a>, grouped: bool, depth: usize) {
        match element.name.as_ref() {
            "title" => keep(&mut self.second_title, tree.text(element)),
            "description" if grouped => self.summary(4, tree.text(element)),
            "description" => keep(&mut self.beside_media, tree.text(element)),
            "category" => self.category(tree, element),
            "group" | "content" if depth < 4 => {
                for child in element.children.iter().filter(|c| c.ns == Ns::Media) {
                    self.media_texts(tree, child, grouped || element.name == "group", depth + 1);
                }
            }
            _ => {}
        }
    }

    fn link<'a>(&mut self, tree: &Tree<'a>, element: &Element<'a>, around: &Around) {
        if self.draft.links.len() >= MOST_PARTS {
            return;
        }
        let Some(href) = element.address().or_else(|| tree.text(element)) else { return };
        let rel = element.filled("rel").map_or_else(|| "alternate".to_owned(), |r| r.to_ascii_lowercase());
        // RFC 4287, 4.2.7.2: a registered name and its address are the same.
        let rel = rel.rsplit_once("/relation/").map_or(rel.as_str(), |(_, name)| name).to_owned();
        self.draft.links.push(DraftLink {
            rel,
            href,
            title: element.filled("title"),
            media_type: element.filled("type"),
            length: element.filled("length").and_then(|l| l.parse().ok()),
            base: around.base.clone(),
        });
    }

    fn text_link<'a>(&mut self, tree: &Tree<'a>, element: &Element<'a>, rel: &str, around: &Around) {
        if let Some(href) = tree.text(element).filter(|_| self.draft.links.len() < MOST_PARTS) {
            self.draft.links.push(DraftLink::new(rel, href, around.base.clone()));
        }
    }

    fn enclosure(&mut self, element: &Element<'_>, around: &Around, notes: &mut Vec<String>) {
        let Some(href) = element.address() else { return note(notes, "enclosure without address") };
        if self.draft.links.len() < MOST_PARTS {
            self.draft.links.push(DraftLink {
                media_type: element.filled("type"),
                length: element.filled("length").and_then(|l| l.parse().ok()),
                ..DraftLink::new("enclosure", href, around.base.clone())
            });
        }
    }

    fn author<'a>(&mut self, tree: &Tree<'a>, element: &Element<'a>) {
        if let Some(person) = person::of_element(tree, element).filter(|_| self.draft.authors.len() < MOST_PARTS) {
            person::add(&mut self.draft.authors, person);
        }
    }

    fn category<'a>(&mut self, tree: &Tree<'a>, element: &Element<'a>) {
        match (element.filled("term"), element.filled("label")) {
            (Some(term), label) => self.add_category(&term, label),
            (None, Some(label)) => self.add_category(&label, None),
            (None, None) => {
                // `dc:subject` in RDF's long form holds a topic with its value.
                let inner = || element.children.iter().find_map(|c| c.child(Ns::Rdf, "value").or(Some(c)));
                let text = tree.text(element).or_else(|| inner().and_then(|c| tree.text(c)));
                self.add_category(&text.unwrap_or_default(), None);
            }
        }
    }

    /// Words with commas between them.
    fn list(&mut self, words: &str) {
        words.split(',').for_each(|word| self.add_category(word, None));
    }

    fn add_category(&mut self, term: &str, label: Option<String>) {
        let category = DraftCategory { term: one_line(term), label: label.map(|l| one_line(&l)) };
        let categories = &mut self.draft.categories;
        if !category.term.is_empty() && categories.len() < MOST_PARTS && !categories.contains(&category) {
            categories.push(category);
        }
    }

    fn summary(&mut self, rank: u8, text: Option<String>) {
        if let Some(text) = text.filter(|_| self.summaries.len() < 8) {
            self.summaries.push((rank, text));
        }
    }

    fn content<'a>(&mut self, tree: &Tree<'a>, element: &Element<'a>, around: &Around) {
        if let Some(src) = element.filled("src") {
            let media_type = element.filled("type");
            let rel = if media_type.as_deref().is_none_or(|t| t.contains("html")) { "content" } else { "enclosure" };
            self.draft.links.push(DraftLink { media_type, ..DraftLink::new(rel, src, around.base.clone()) });
        }
        let text = construct(tree, element);
        let longer = |old: &String| text.as_ref().is_some_and(|new| new.len() > old.len());
        if self.draft.content.as_ref().is_none_or(longer) && text.is_some() {
            self.draft.content = text;
            self.draft.base.clone_from(&around.base);
        }
    }

    fn finish(mut self, notes: &mut Vec<String>) -> Draft {
        let mut draft = self.draft;
        draft.title = draft.title.or(self.second_title);
        draft.published = draft.published.or_else(|| self.created.filter(|_| draft.updated.is_none()));
        draft.id = draft.id.or_else(|| self.about.clone());
        let told = draft.content.is_some() || !self.summaries.is_empty();
        match self.beside_media {
            Some(caption) if told && self.pictures.has_content() => self.pictures.describe(&caption),
            beside => self.summaries.extend(beside.map(|text| (4, text))),
        }
        draft.authors = if draft.authors.is_empty() { self.source_authors } else { draft.authors };
        self.summaries.sort_by_key(|(rank, _)| *rank);
        let mut summaries = self.summaries.into_iter();
        draft.summary = summaries.next().map(|(_, text)| text);
        // A second, longer text is the content where nothing is called so; a subtitle never is.
        let longest = summaries.filter(|(rank, _)| *rank != SUBTITLE).map(|(_, text)| text).max_by_key(String::len);
        let longer = |t: &String| draft.summary.as_ref().is_none_or(|s| t.len() > s.len());
        draft.content = draft.content.or_else(|| longest.filter(longer));
        draft.image = self.pictures.best();
        draft.links.retain(|l| l.href.len() <= MOST_LINE);
        draft.choose_link(self.about);
        // Most have one, and room for four; of ten thousand entries that is much.
        draft.links.shrink_to_fit();
        let mut cut = |text: &mut Option<String>, most: usize| *text = text.take().map(|t| bounded(t, most, notes));
        for line in [&mut draft.id, &mut draft.title, &mut draft.published, &mut draft.updated, &mut draft.language] {
            cut(line, MOST_LINE);
        }
        cut(&mut draft.summary, MOST_TEXT);
        cut(&mut draft.content, MOST_TEXT);
        draft.summary = draft.summary.map(canon::legal);
        draft.content = draft.content.map(canon::legal);
        draft
    }
}

fn keep(slot: &mut Option<String>, found: Option<String>) {
    if slot.is_none() {
        *slot = found;
    }
}
