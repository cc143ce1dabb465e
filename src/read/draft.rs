//! What was gathered of a feed and of each entry, before dates and addresses are read.

use url::Url;

use super::wishes::Wishes;
use crate::model::{DocumentKind, Episode, Image, Outlet, Person};

/// A link as written, with what it is relative to.
#[derive(Debug, Clone, Default)]
pub(super) struct DraftLink {
    pub(super) rel: String,
    pub(super) href: String,
    pub(super) title: Option<String>,
    pub(super) media_type: Option<String>,
    pub(super) length: Option<u64>,
    /// Where it is not the address of the document.
    pub(super) base: Option<Url>,
}

impl DraftLink {
    pub(super) fn new(rel: &str, href: String, base: Option<Url>) -> Self {
        Self { rel: rel.to_owned(), href, base, ..Self::default() }
    }

    /// Whether it may lead to the article: an alternate that is a page, or does not say what it is.
    pub(super) fn is_page(&self) -> bool {
        let page = self.media_type.as_deref().is_none_or(|t| t.is_empty() || t.contains("html"));
        self.rel == "alternate" && page
    }
}

/// A category as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DraftCategory {
    pub(super) term: String,
    pub(super) label: Option<String>,
}

/// What an entry and a feed have in common.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) id: Option<String>,
    pub(super) id_is_permalink: bool,
    pub(super) title: Option<String>,
    /// The first is the link, where `has_link` says so.
    pub(super) links: Vec<DraftLink>,
    pub(super) has_link: bool,
    pub(super) published: Option<String>,
    pub(super) updated: Option<String>,
    pub(super) authors: Vec<Person>,
    pub(super) categories: Vec<DraftCategory>,
    pub(super) summary: Option<String>,
    pub(super) content: Option<String>,
    pub(super) image: Option<Image>,
    pub(super) origin: Option<Outlet>,
    pub(super) language: Option<String>,
    pub(super) episode: Episode,
    /// What its texts are relative to, where it is not the address of the document.
    pub(super) base: Option<Url>,
    pub(super) wishes: Wishes,
}

impl Draft {
    /// Puts the address of the article first: a page that is an alternate; else the id that says it is one; else what is left.
    pub(super) fn choose_link(&mut self, about: Option<String>) {
        let links = &mut self.links;
        let by_rel = |links: &[DraftLink], rel: &str| links.iter().position(|l| l.rel == rel);
        let page = links.iter().position(DraftLink::is_page);
        if let Some(at) = page {
            let link = links.remove(at);
            links.insert(0, link);
            self.has_link = true;
            return;
        }
        let id = self.id.clone().filter(|id| is_web(id));
        let named = self.id.clone().filter(|_| self.id_is_permalink).or_else(|| about.filter(|a| is_web(a)));
        if let Some(href) = named {
            links.insert(0, DraftLink::new("alternate", href, None));
            self.has_link = true;
        } else if let Some(at) = by_rel(links, "alternate").or_else(|| by_rel(links, "content")) {
            let link = links.remove(at);
            links.insert(0, link);
            self.has_link = true;
        } else if let Some(href) = id {
            links.insert(0, DraftLink::new("alternate", href, None));
            self.has_link = true;
        }
    }
}

pub(super) fn is_web(address: &str) -> bool {
    let head = address.get(..8).unwrap_or(address).to_ascii_lowercase();
    head.starts_with("http://") || head.starts_with("https://")
}

/// A feed before it is read.
#[derive(Debug)]
pub(super) struct DraftFeed {
    pub(super) kind: DocumentKind,
    pub(super) head: Draft,
    pub(super) entries: Vec<Draft>,
    pub(super) notes: Vec<String>,
}
