//! Pictures and files of Media RSS and of the other places where feeds put them.

use std::cmp::Reverse;

use url::Url;

use super::draft::DraftLink;
use super::names::Ns;
use super::tree::Element;
use super::{MOST_LINE, MOST_PARTS};
use crate::model::Image;
use crate::text::{chosen, one_line};

/// Groups are not nested deeper.
const DEEPEST: usize = 4;

/// The pictures of an entry, with how good a choice each is.
#[derive(Debug, Default)]
pub(super) struct Pictures(Vec<(u8, Image)>);

impl Pictures {
    fn add(&mut self, rank: u8, href: &str, base: Option<&Url>, sized: Option<&Element<'_>>) {
        let url = base.and_then(|b| b.join(href).ok()).map_or_else(|| href.trim().to_owned(), String::from);
        if url.is_empty() || url.len() > MOST_LINE || self.0.len() >= MOST_PARTS {
            return;
        }
        let size = |name: &str| sized.and_then(|e| e.filled(name)).and_then(|v| v.parse().ok());
        self.0.push((rank, Image { url, width: size("width"), height: size("height"), alt: None }));
    }

    /// A picture of the entry itself, without size.
    pub(super) fn plain(&mut self, href: Option<String>, base: Option<&Url>) {
        if let Some(href) = href {
            self.add(1, &href, base, None);
        }
    }

    /// `media:content`, `media:thumbnail`, `media:group`. What is no picture becomes an enclosure.
    pub(super) fn media(
        &mut self,
        element: &Element<'_>,
        base: Option<&Url>,
        links: &mut Vec<DraftLink>,
        depth: usize,
    ) {
        match element.name.as_ref() {
            "thumbnail" => {
                if let Some(href) = element.address() {
                    self.add(2, &href, base, Some(element));
                }
            }
            "content" => {
                let kind = element.filled("type").unwrap_or_default();
                let medium = element.filled("medium").unwrap_or_default();
                match element.address() {
                    Some(href) if medium == "image" || kind.starts_with("image") || looks_like_picture(&href) => {
                        self.add(0, &href, base, Some(element));
                    }
                    Some(href) if links.len() < MOST_PARTS && links.iter().all(|l| l.href != href) => {
                        links.push(DraftLink {
                            media_type: Some(kind).filter(|k| !k.is_empty()),
                            length: element.filled("filesize").and_then(|l| l.parse().ok()),
                            ..DraftLink::new("enclosure", href, base.cloned())
                        });
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        if depth < DEEPEST {
            for child in element.children.iter().filter(|c| c.ns == Ns::Media) {
                self.media(child, base, links, depth + 1);
            }
        }
    }

    /// Whether one of them is a file of the entry.
    pub(super) fn has_content(&self) -> bool {
        self.0.iter().any(|(rank, _)| *rank == 0)
    }

    /// What can be seen on the files of the entry.
    pub(super) fn describe(&mut self, caption: &str) {
        let caption = Some(one_line(caption)).filter(|line| !line.is_empty() && line.len() <= MOST_LINE);
        for (_, image) in self.0.iter_mut().filter(|(rank, _)| *rank == 0) {
            image.alt = image.alt.take().or_else(|| caption.clone());
        }
    }

    /// The best kind, and of it the widest; of those that may stand for an article.
    pub(super) fn best(mut self) -> Option<Image> {
        self.0.sort_by_key(|(rank, image)| (*rank, Reverse(image.width)));
        chosen(self.0.into_iter().map(|(_, image)| image))
    }
}

/// By the ending of its path.
pub(super) fn looks_like_picture(href: &str) -> bool {
    let path = href.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"].iter().any(|e| path.ends_with(e))
}
