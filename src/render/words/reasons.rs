//! How an explanation is put into words, in the languages of the pages. A terminal is told in English, as the file and the log are.

mod ar;
mod de;
mod en;
mod es;
mod fr;
mod it;
mod pt;

use crate::model::Lang;

/// The words in one language.
pub(in crate::render) struct Reasons {
    /// The language itself.
    pub(in crate::render) code: &'static str,
    /// Headings: where it came from, what was left out, tags, feeds, copies, what to read next.
    pub(in crate::render) sections: [&'static str; 6],
    /// A section of nothing.
    pub(in crate::render) none: &'static str,
    /// What stands between a label and what it announces, between parts of a sentence, and between sentences.
    pub(in crate::render) colon: &'static str,
    pub(in crate::render) comma: &'static str,
    pub(in crate::render) semicolon: &'static str,
    pub(in crate::render) lines: fn(usize) -> String,
    pub(in crate::render) characters: fn(usize) -> String,
    pub(in crate::render) stories: fn(usize) -> String,
    pub(in crate::render) from: From,
    pub(in crate::render) left: Left,
    pub(in crate::render) tags: Tags,
    pub(in crate::render) feeds: Feeds,
    pub(in crate::render) copies: Copies,
    pub(in crate::render) next: Next,
    pub(in crate::render) terms: Terms,
}

/// Where it came from. What ends in `label` stands before the fact.
pub(in crate::render) struct From {
    pub(in crate::render) source_label: &'static str,
    /// After the name of a source that left the file.
    pub(in crate::render) gone: &'static str,
    pub(in crate::render) outlet_label: &'static str,
    pub(in crate::render) taken_over_label: &'static str,
    pub(in crate::render) original_label: &'static str,
    pub(in crate::render) followed_label: &'static str,
    pub(in crate::render) seen_label: &'static str,
    pub(in crate::render) dated_label: &'static str,
    /// By itself, by when it was first seen, by that as its own date is still to come.
    pub(in crate::render) dated: [&'static str; 3],
    pub(in crate::render) updated_label: &'static str,
    pub(in crate::render) text_label: &'static str,
    /// As the feed gives it, as its page does.
    pub(in crate::render) text: [&'static str; 2],
    pub(in crate::render) language_label: &'static str,
    pub(in crate::render) unknown: &'static str,
    pub(in crate::render) known_label: &'static str,
    /// By its id, its address, its text.
    pub(in crate::render) known: [&'static str; 3],
    pub(in crate::render) guid: &'static str,
    pub(in crate::render) key: &'static str,
    pub(in crate::render) hash: &'static str,
    pub(in crate::render) rights_label: &'static str,
    /// All, an excerpt, title and link, keyed feeds only.
    pub(in crate::render) rights: [&'static str; 4],
    /// By the file, as syndicated, as read on its page, as private.
    pub(in crate::render) rights_by: [&'static str; 4],
    pub(in crate::render) note_label: &'static str,
}

/// What was left out.
pub(in crate::render) struct Left {
    pub(in crate::render) reading_label: &'static str,
    pub(in crate::render) nothing: &'static str,
    /// So many of so many characters may leave.
    pub(in crate::render) leaves: fn(usize, usize) -> String,
    pub(in crate::render) page_label: &'static str,
    /// So many of so many characters are the article; where the file says or by its shape; so sure.
    pub(in crate::render) page: fn(usize, usize, bool, f32) -> String,
    /// After that: the source's own text was fuller.
    pub(in crate::render) not_taken: &'static str,
    /// Before why the page could not be read.
    pub(in crate::render) unread: &'static str,
    pub(in crate::render) and_label: &'static str,
    pub(in crate::render) more_lines: fn(usize) -> String,
    pub(in crate::render) cleaning_label: &'static str,
    /// By the kinds of `CutKind`, in its order.
    pub(in crate::render) kinds: [&'static str; 11],
}

/// What gave a tag.
pub(in crate::render) struct Tags {
    pub(in crate::render) source: &'static str,
    pub(in crate::render) rule: &'static str,
    pub(in crate::render) rule_untold: &'static str,
    pub(in crate::render) hashtag: &'static str,
    pub(in crate::render) category: &'static str,
    pub(in crate::render) keyword: &'static str,
    pub(in crate::render) learnt: &'static str,
    /// On whose copy.
    pub(in crate::render) brought: fn(&str) -> String,
    pub(in crate::render) no_longer: &'static str,
}

/// How it stands in a feed.
pub(in crate::render) struct Feeds {
    /// At a place of at most so many.
    pub(in crate::render) shown: fn(usize, usize) -> String,
    pub(in crate::render) not_looked_up: &'static str,
    pub(in crate::render) not_in: &'static str,
    pub(in crate::render) beyond: fn(usize) -> String,
    pub(in crate::render) not_admitted: &'static str,
    pub(in crate::render) private: &'static str,
    pub(in crate::render) hidden: &'static str,
    pub(in crate::render) keyed: &'static str,
    pub(in crate::render) untold: &'static str,
    pub(in crate::render) everything: &'static str,
}

/// Who else tells it.
pub(in crate::render) struct Copies {
    /// Why it leads: alone, named, by rank, first.
    pub(in crate::render) leads: [&'static str; 4],
    pub(in crate::render) leads_as: fn(&str) -> String,
    pub(in crate::render) copy: &'static str,
    pub(in crate::render) excerpt: &'static str,
    /// By its address, by its text, by so much of it.
    pub(in crate::render) by_address: &'static str,
    pub(in crate::render) by_text: &'static str,
    pub(in crate::render) by_likeness: fn(&str) -> String,
    pub(in crate::render) founded: &'static str,
    /// When it was first seen, and its rank.
    pub(in crate::render) seen: fn(&str, u32) -> String,
    pub(in crate::render) private: &'static str,
    pub(in crate::render) at: fn(&str) -> String,
    pub(in crate::render) was_label: &'static str,
    /// Before the story that holds its text, and before those that its text holds.
    pub(in crate::render) part_of_label: &'static str,
    pub(in crate::render) holds_label: &'static str,
}

/// What to read next.
pub(in crate::render) struct Next {
    pub(in crate::render) feeds_label: &'static str,
    pub(in crate::render) not_fixed: &'static str,
    /// When it was fixed, and whether it was completed since.
    pub(in crate::render) fixed: fn(&str, bool) -> String,
    pub(in crate::render) page_label: &'static str,
    pub(in crate::render) nothing_shared: &'static str,
}

/// What is said of the terms of a query.
pub(in crate::render) struct Terms {
    pub(in crate::render) holds: &'static str,
    pub(in crate::render) fails: &'static str,
    pub(in crate::render) stands_in: fn(&str) -> String,
    /// Title, body, author.
    pub(in crate::render) places: [&'static str; 3],
    pub(in crate::render) unwanted: &'static str,
    pub(in crate::render) more: fn(usize) -> String,
}

/// The words of English: those of the terminal.
pub(in crate::render) const ENGLISH: &Reasons = &en::REASONS;

/// The words of a language; of English where it is not in the table.
pub(in crate::render) fn reasons(lang: &Lang) -> &'static Reasons {
    const ALL: [&Reasons; 7] =
        [&ar::REASONS, &de::REASONS, &en::REASONS, &es::REASONS, &fr::REASONS, &it::REASONS, &pt::REASONS];
    ALL.into_iter().find(|words| words.code == lang.primary()).unwrap_or(ENGLISH)
}
