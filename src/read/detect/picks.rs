//! Selectors for the pieces of a list, each proved on all of them.

use std::collections::HashSet;

use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::spots::{Spots, is_heading, stable_classes, text_of, without_fragment};
use crate::read::list::beside::Piece;
use crate::text::{DateContext, Pick, parse_date};

/// A summary has as many characters.
const SUMMARY: usize = 40;
/// A date has no more.
const LONGEST_DATE: usize = 60;
/// Pieces on which a pick is proved, and elements of each.
const MOST_PIECES: usize = 60;
const MOST_ELEMENTS: usize = 120;
/// Different picks that are proved.
const MOST_CANDIDATES: usize = 40;
/// Parents that a selector may name.
const MOST_PARENTS: usize = 6;

/// The pieces of one list.
pub(super) struct Pieces<'a, 'b> {
    pub(super) html: &'a Html,
    pub(super) spots: &'b Spots<'a>,
    pub(super) at: &'b [usize],
    pub(super) base: &'b Url,
    pub(super) dates: DateContext<'b>,
}

impl<'a> Pieces<'a, '_> {
    fn each(&self) -> impl Iterator<Item = (usize, ElementRef<'a>)> {
        self.at.iter().take(MOST_PIECES).map(|&at| (at, self.spots.all[at].element))
    }

    /// A piece with what stands beside it.
    fn whole(&self, element: ElementRef<'a>) -> Piece<'a> {
        let pieces: HashSet<_> = self.each().map(|(_, e)| e.id()).collect();
        Piece::of(element, |e| pieces.contains(&e.id()))
    }

    /// The shortest selector that matches the pieces and, as far as can be, nothing else.
    pub(super) fn item(&self) -> Option<String> {
        let first = self.spots.all.get(*self.at.first()?)?;
        let name = first.element.value().name();
        let classes = stable_classes(first.element).map(|c| format!("{name}.{c}"));
        let simple = classes.take(MOST_CANDIDATES).chain([name.to_owned()]);
        let mut best: Option<(usize, String)> = None;
        let mut better = |extra: Option<usize>, selector: &str| {
            if let Some(extra) = extra
                && best.as_ref().is_none_or(|(least, _)| extra < *least)
            {
                best = Some((extra, selector.to_owned()));
            }
            best.clone()
        };
        for simple in simple {
            better(self.extra(&simple), &simple);
        }
        let (mut extra, mut selector) = better(None, "")?;
        let mut parent = first.parent;
        for _ in 0..MOST_PARENTS {
            if extra == 0 {
                break;
            }
            let element = self.spots.all.get(parent)?.element;
            let name = element.value().name();
            let class = stable_classes(element).next().map(|c| format!("{name}.{c}"));
            // The parents of the others may be called otherwise, or be no parents of theirs at all.
            let above = class.into_iter().chain([name.to_owned()]).map(|above| format!("{above} > {selector}"));
            let Some((found, longer)) = above.filter_map(|s| Some((self.extra(&s)?, s))).min_by_key(|(n, _)| *n) else {
                break;
            };
            (extra, selector) = (found, longer);
            better(Some(extra), &selector);
            parent = self.spots.all.get(parent)?.parent;
        }
        better(None, "").map(|(_, selector)| selector)
    }

    /// How many more elements than the pieces a selector matches; `None` where it does not match all of them.
    fn extra(&self, css: &str) -> Option<usize> {
        let selector = Selector::parse(css).ok()?;
        let matched: HashSet<_> = self.html.select(&selector).map(|e| e.id()).collect();
        let all = self.at.iter().all(|&at| matched.contains(&self.spots.all[at].element.id()));
        all.then(|| matched.len().saturating_sub(self.at.len()))
    }

    /// The link of each piece; `None` where the piece is one.
    pub(super) fn link(&self) -> Option<String> {
        let candidates = self.candidates(|at, piece| {
            let story = self.spots.story(at)?;
            let anchor = self.spots.all[story.at].element;
            let up: Vec<_> = self.spots.upwards(story.at).skip(1).map(|i| self.spots.all[i].element).collect();
            let up: Vec<_> = up.into_iter().take_while(|e| *e != piece).collect();
            let heading = up.iter().find(|e| is_heading(**e)).map(|h| format!("{} a @href", h.value().name()));
            let own = stable_classes(anchor).map(|c| format!("a.{c} @href"));
            let around = up.first().into_iter().flat_map(|p| {
                stable_classes(*p).map(|c| format!("{}.{c} a @href", p.value().name())).collect::<Vec<_>>()
            });
            Some(heading.into_iter().chain(own).chain(around).chain(["a @href".to_owned()]).collect())
        });
        let own = self.each().all(|(_, piece)| piece.value().name() == "a");
        self.best(candidates, 4, 5, |at, piece, pick| {
            let url = without_fragment(self.base.join(&pick.first(piece)?).ok()?);
            Some(url.as_str() == self.spots.story(at)?.href)
        })
        .filter(|_| !own)
    }

    pub(super) fn title(&self) -> Option<String> {
        let candidates = self.candidates(|at, piece| {
            let story = self.spots.story(at)?;
            let titled = |e: &ElementRef<'_>| text_of(*e) == story.title;
            let mut found: Vec<ElementRef<'_>> = self.spots.inside(at).map(|s| s.element).filter(titled).collect();
            found.retain(|e| *e != piece);
            // Of those that say the same the heading, the link, the innermost.
            found.reverse();
            found.sort_by_key(|e| (!is_heading(*e), e.value().name() != "a"));
            let link = self.spots.all[story.at].element;
            let by_attribute =
                (text_of(link) != story.title && link.attr("title").is_some()).then(|| "a @title".to_owned());
            Some(found.into_iter().take(MOST_ELEMENTS).flat_map(simple).chain(by_attribute).collect())
        });
        let title = |at| self.spots.story(at).map(|s| s.title.as_str());
        self.best(candidates, 4, 5, |at, piece, pick| Some(pick.first(piece).as_deref() == title(at)))
    }

    pub(super) fn date(&self) -> Option<String> {
        let candidates = self.candidates(|_, piece| {
            let short = |e: &ElementRef<'_>| e.text().map(str::len).sum::<usize>() <= LONGEST_DATE;
            let dated: Vec<_> = self.whole(piece).all().filter(short).take(MOST_ELEMENTS).collect();
            let mut dated: Vec<_> = dated.into_iter().filter(|e| *e != piece && self.is_date(*e)).collect();
            // Of those that say the same the innermost.
            dated.reverse();
            dated.sort_by_key(|e| (e.value().name() != "time", e.text().map(str::len).sum::<usize>()));
            Some(dated.into_iter().flat_map(simple).collect())
        });
        self.best(candidates, 1, 2, |_, piece, pick| self.whole(piece).elements(pick).next().map(|e| self.is_date(e)))
    }

    fn is_date(&self, element: ElementRef<'_>) -> bool {
        let machine = element.attr("datetime").is_some_and(|d| parse_date(d, &self.dates).is_some());
        machine || parse_date(&text_of(element), &self.dates).is_some()
    }

    pub(super) fn summary(&self) -> Option<String> {
        let candidates = self.candidates(|at, piece| {
            let whole = self.whole(piece);
            let texts = whole.all().filter(|e| *e != piece).take(MOST_ELEMENTS);
            let told =
                |e: &ElementRef<'_>| matches!(e.value().name(), "p" | "div" | "span" | "dd") && self.sums_up(at, *e);
            let mut texts: Vec<_> = texts.filter(told).collect();
            texts.sort_by_key(|e| e.value().name() != "p");
            Some(texts.into_iter().flat_map(simple).collect())
        });
        self.best(candidates, 1, 2, |at, piece, pick| {
            self.whole(piece).elements(pick).next().map(|e| self.sums_up(at, e))
        })
    }

    /// A text of some length that neither holds the title nor is it.
    fn sums_up(&self, at: usize, element: ElementRef<'_>) -> bool {
        let text = text_of(element);
        let holds = |e: ElementRef<'_>| is_heading(e) || matches!(e.value().name(), "time" | "img" | "ul" | "table");
        text.chars().count() >= SUMMARY
            && !element.descendent_elements().any(holds)
            && self.spots.story(at).is_some_and(|s| !text.contains(&s.title))
    }

    pub(super) fn image(&self) -> Option<String> {
        let shown = |e: ElementRef<'_>| ["src", "data-src", "srcset"].iter().any(|a| e.attr(a).is_some());
        self.best(vec!["img".to_owned()], 1, 2, |_, piece, pick| pick.elements(piece).next().map(shown))
    }

    /// What the pieces propose, each once, what the first ones propose first.
    fn candidates(&self, of: impl Fn(usize, ElementRef<'a>) -> Option<Vec<String>>) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for proposed in self.each().filter_map(|(at, piece)| of(at, piece)).flatten() {
            if all.len() < MOST_CANDIDATES && !all.contains(&proposed) {
                all.push(proposed);
            }
        }
        all
    }

    /// The pick that is right in the most pieces, if in so many of them; of equals the first.
    fn best(
        &self,
        candidates: Vec<String>,
        right: usize,
        of: usize,
        proof: impl Fn(usize, ElementRef<'a>, &Pick) -> Option<bool>,
    ) -> Option<String> {
        let mut best: Option<(usize, String)> = None;
        for written in candidates {
            let Ok(pick) = Pick::parse(&written) else { continue };
            let proved = self.each().filter(|(at, piece)| proof(*at, *piece, &pick) == Some(true)).count();
            if best.as_ref().is_none_or(|(most, _)| proved > *most) {
                best = Some((proved, written));
            }
        }
        best.filter(|(proved, _)| proved * of >= self.each().count() * right && *proved > 0).map(|(_, written)| written)
    }
}

/// An element by its classes, or by its name alone; what classes say of its look comes last.
fn simple(element: ElementRef<'_>) -> Vec<String> {
    let name = element.value().name();
    let alone = matches!(name, "time" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
    let (looks, classes): (Vec<&str>, Vec<&str>) = stable_classes(element).partition(|c| is_look(c));
    let with = |c: &str| format!("{name}.{c}");
    let mut all: Vec<String> = classes.into_iter().map(with).collect();
    all.insert(if alone { 0 } else { all.len() }, name.to_owned());
    all.extend(looks.into_iter().map(with));
    all
}

/// Whether a class says how something looks and not what it is, as those of utility style sheets do.
fn is_look(class: &str) -> bool {
    const LOOKS: [&str; 32] = [
        "flex",
        "grid",
        "block",
        "inline",
        "hidden",
        "font",
        "text",
        "bg",
        "border",
        "rounded",
        "shadow",
        "items",
        "justify",
        "gap",
        "space",
        "uppercase",
        "truncate",
        "relative",
        "absolute",
        "group",
        "order",
        "col",
        "row",
        "leading",
        "tracking",
        "line",
        "object",
        "overflow",
        "transition",
        "underline",
        "italic",
        "container",
    ];
    LOOKS.contains(&class.split('-').next().unwrap_or_default())
}
