//! What our pages say, a file for each language that they speak; English where there is none.

mod ar;
mod de;
mod en;
mod es;
mod fr;
mod it;
mod pt;

pub(super) mod personal;
pub(super) mod reasons;

use crate::model::{HealthState, Lang};

/// The words of the pages in one language.
pub(super) struct Words {
    /// The language itself.
    pub(super) code: &'static str,
    /// Between a label and what it announces; French sets a no-break space before it.
    pub(super) colon: &'static str,
    /// Between the items of a list in a sentence.
    pub(super) comma: &'static str,
    /// Name of the page of feeds on the home page.
    pub(super) feeds: &'static str,
    /// Heading of the list of tags.
    pub(super) tags: &'static str,
    /// Heading of the newest stories.
    pub(super) newest: &'static str,
    /// Link to all tags.
    pub(super) all_tags: &'static str,
    /// Link to the feed of everything.
    pub(super) everything: &'static str,
    /// Before the links to the three formats.
    pub(super) subscribe: &'static str,
    /// The search page and its button.
    pub(super) search: &'static str,
    /// What was found.
    pub(super) found: Found,
    /// What is wrong with a search; `None` where it is told as it is in the file.
    pub(super) mistakes: Option<Mistakes>,
    /// An edition without stories.
    pub(super) empty: &'static str,
    /// Before what two stories share.
    pub(super) shared: &'static str,
    /// Link to the page that explains a story, and its heading.
    pub(super) why: &'static str,
    /// Before the date of a real change.
    pub(super) updated: &'static str,
    /// From a digest to our page of a story.
    pub(super) here: &'static str,
    /// Heading of the attached files.
    pub(super) files: &'static str,
    /// The page of the sources' health, and its columns.
    pub(super) status: Status,
    /// What went wrong, by HTTP status: 404, 410, 503, any other.
    pub(super) wrong: [&'static str; 4],
    /// Link back to the site.
    pub(super) home: &'static str,
    /// Skip link for keyboards and screen readers.
    pub(super) skip: &'static str,
    months: [&'static str; 12],
    /// A day in words.
    pub(super) day: fn(u32, &str, i32) -> String,
}

/// The words around what was found.
pub(super) struct Found {
    /// So many stories, about so many, more than so many.
    pub(super) stories: fn(usize) -> String,
    pub(super) about: fn(usize) -> String,
    pub(super) more_than: fn(usize) -> String,
    /// Only so many of the newest were looked at.
    pub(super) looked: fn(usize) -> String,
    /// Older ones cannot be found yet.
    pub(super) filling: &'static str,
    /// Nothing at all.
    pub(super) nothing: &'static str,
    /// Links to the page before and to the one after.
    pub(super) before: &'static str,
    pub(super) after: &'static str,
}

/// What is wrong with a search, by its kind; each names the part.
pub(super) struct Mistakes {
    pub(super) unread: fn(&str) -> String,
    pub(super) unclosed: &'static str,
    pub(super) no_field: fn(&str) -> String,
    pub(super) not_there: fn(&str) -> String,
    /// What may have been meant.
    pub(super) near: fn(&str) -> String,
}

/// The words of the status page.
pub(super) struct Status {
    pub(super) title: &'static str,
    pub(super) source: &'static str,
    pub(super) state: &'static str,
    pub(super) polled: &'static str,
    pub(super) next: &'static str,
    pub(super) articles: &'static str,
    pub(super) since: &'static str,
    pub(super) failures: &'static str,
    /// In the order of [`HealthState::ALL`].
    states: [&'static str; 8],
    /// Entries in the last document, and the share of visits at which it had not changed.
    pub(super) entries: &'static str,
    pub(super) unchanged: &'static str,
    /// Title of the feed of changes of state.
    pub(super) changes: &'static str,
    /// Before a block for the file that would read a list again.
    pub(super) proposal: &'static str,
    /// Heading of the work in the background; a feed that asks all stories its query; tags made anew.
    pub(super) background: &'static str,
    pub(super) requerying: fn(&str) -> String,
    pub(super) retagging: &'static str,
}

impl Words {
    /// The name of a month, 1 to 12.
    pub(super) fn month(&self, month: u32) -> &'static str {
        self.months.get(month.saturating_sub(1) as usize).copied().unwrap_or("")
    }

    /// What a state is called.
    pub(super) fn state(&self, state: HealthState) -> &'static str {
        HealthState::ALL.iter().zip(self.status.states).find(|(known, _)| **known == state).map_or("", |(_, word)| word)
    }

    /// What an HTTP status means to a reader.
    pub(super) fn wrong(&self, status: u16) -> &'static str {
        let [missing, gone, busy, other] = self.wrong;
        match status {
            404 => missing,
            410 => gone,
            429 | 503 => busy,
            _ => other,
        }
    }
}

/// The words of a language.
pub(super) fn words(lang: &Lang) -> &'static Words {
    known(lang).unwrap_or(&en::WORDS)
}

/// The words of a language, of `other` where it is not in the table.
pub(super) fn words_or(lang: &Lang, other: &Lang) -> &'static Words {
    known(lang).unwrap_or_else(|| words(other))
}

fn known(lang: &Lang) -> Option<&'static Words> {
    const ALL: [&Words; 7] = [&ar::WORDS, &de::WORDS, &en::WORDS, &es::WORDS, &fr::WORDS, &it::WORDS, &pt::WORDS];
    ALL.into_iter().find(|w| w.code == lang.primary())
}
