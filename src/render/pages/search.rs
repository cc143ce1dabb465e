//! The search box and what it found.

use chrono_tz::Tz;
use maud::{Markup, html};

use super::feed;
use super::layout::{self, Head};
use crate::model::{Edition, Mistake};
use crate::render::Site;
use crate::render::words::{Words, words};

/// The page of a search: the box with what was asked, then the stories found, or what is wrong with the query. An empty
/// query shows the box alone.
#[must_use]
pub fn search(site: &Site, tz: Tz, query: &str, found: Result<&Edition, &[Mistake]>) -> String {
    let words = words(&site.lang);
    let head = Head {
        lang: &site.lang,
        title: words.search,
        description: None,
        canonical: None,
        // One page for each thing that can be asked: endless for a robot.
        noindex: true,
        feed: None,
    };
    let content = html! {
        header.feed {
            h1 { (words.search) }
            (form(site, query, words))
        }
        @match found {
            Err(mistakes) => {
                ul.mistakes {
                    @for mistake in mistakes {
                        li {
                            (mistake.message)
                            @if let Some(hint) = &mistake.hint { " " span.hint { (hint) } }
                        }
                    }
                }
            }
            Ok(_) if query.trim().is_empty() => {}
            Ok(edition) => { (feed::cards(site, tz, edition, words)) }
        }
    };
    layout::page(site, &head, words, &content)
}

fn form(site: &Site, query: &str, words: &Words) -> Markup {
    html! {
        form.search role="search" action=(site.local("search")) method="get" {
            input type="search" name="q" value=(query) aria-label=(words.search) dir="auto" maxlength="1000";
            button type="submit" { (words.search) }
        }
    }
}
