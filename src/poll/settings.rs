//! What the file says of one source.

use chrono_tz::Tz;
use url::Url;

use crate::extract;
use crate::model::{Lang, Outlet, Republish, SourceName};
use crate::query::Query;
use crate::read;
use crate::schedule;

/// Where the text of a source's articles is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReadMode {
    /// Where its kind has it: a sitemap gives no texts, a feed does.
    #[default]
    Usual,
    /// As the source gives it.
    Feed,
    /// On each article's page.
    Page,
    /// On the page where the source gives only a few lines.
    Auto,
}

/// The rank of a source whose rank is not given.
pub const USUAL_RANK: u32 = 100;

/// A place we poll.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its name for good.
    pub name: SourceName,
    /// Its address.
    pub url: Url,
    /// Who publishes it. Its name is the host of the address where the file names none.
    pub outlet: Outlet,
    /// Whether the file names the outlet; else the title that the source gives itself is the better name.
    pub outlet_named: bool,
    /// Its language, where the file says it.
    pub lang: Option<Lang>,
    /// The zone of its dates that name none.
    pub tz: Tz,
    /// How often it is asked.
    pub schedule: schedule::Settings,
    /// Where the text is read.
    pub read: ReadMode,
    /// How much may leave, where the file says it.
    pub republish: Option<Republish>,
    /// Whether it goes to keyed feeds only: the file says so, or it is read with a secret and the file says nothing else.
    pub private: bool,
    /// Whether it is asked at all: not while a secret that it is read with is not set.
    pub polled: bool,
    /// Of several copies of a story the one with the lowest rank leads.
    pub rank: u32,
    /// What is taken from it.
    pub only: Option<Query>,
    /// Headers sent with each request, secrets resolved.
    pub headers: Vec<(String, String)>,
    /// How its list page is read, where it has no feed.
    pub list: Option<read::ListRecipe>,
    /// How its articles' pages are read.
    pub recipe: extract::Recipe,
}

impl Source {
    /// Whether it is read with what nobody else may know: an address that it names may hold that too.
    #[must_use]
    pub fn has_secrets(&self) -> bool {
        self.private || !self.headers.is_empty()
    }

    /// A source that the file does not know, with the usual settings; its outlet is called as it is.
    #[must_use]
    pub fn usual(name: SourceName, url: Url, tz: Tz) -> Self {
        let outlet = Outlet { name: name.to_string(), url: None };
        Self {
            name,
            url,
            outlet,
            outlet_named: true,
            lang: None,
            tz,
            schedule: schedule::Settings::default(),
            read: ReadMode::default(),
            republish: None,
            private: false,
            polled: true,
            rank: USUAL_RANK,
            only: None,
            headers: Vec::new(),
            list: None,
            recipe: extract::Recipe::default(),
        }
    }
}
