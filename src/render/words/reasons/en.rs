//! English.

use super::{Copies, Feeds, From, Left, Next, Reasons, Tags, Terms};

fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

pub(super) const REASONS: Reasons = Reasons {
    code: "en",
    sections: ["Where it came from", "What was left out", "Tags", "Feeds", "Copies", "What to read next"],
    none: "none",
    colon: ": ",
    comma: ", ",
    semicolon: "; ",
    lines: |n| count(n, "line", "lines"),
    characters: |n| count(n, "character", "characters"),
    stories: |n| count(n, "story", "stories"),
    from: From {
        source_label: "source",
        gone: ", which is no longer in the file",
        outlet_label: "outlet",
        taken_over_label: "taken over from",
        original_label: "original",
        followed_label: "followed",
        seen_label: "first seen",
        dated_label: "dated",
        dated: [
            "as it says",
            "when it was first seen, as it says no date",
            "when it was first seen, as the date that it says was still to come",
        ],
        updated_label: "updated",
        text_label: "text",
        text: ["as its source gives it", "read on its page"],
        language_label: "language",
        unknown: "not known",
        known_label: "known again by",
        known: ["the id that its source gives it", "its address", "its text, as it has neither id nor address"],
        guid: "id at its source",
        key: "address, for comparing",
        hash: "hash of its text",
        rights_label: "rights",
        rights: [
            "all of it may be republished",
            "an excerpt may be republished",
            "title and link may be republished",
            "feeds with a key may show it, and nothing else",
        ],
        rights_by: [
            "`republish` in the file says so",
            "the file says nothing, and its source syndicates the text itself",
            "the file says nothing, and the text was read on its page",
            "the source is private",
        ],
        note_label: "note on its source",
    },
    left: Left {
        reading_label: "reading",
        nothing: "nothing, or it was not noted",
        leaves: |leave, all| format!("{leave} of {all} characters of the text leave"),
        page_label: "page",
        page: |kept, all, by_file, sure| {
            let found = if by_file { "where the file says" } else { "by its shape" };
            format!("{kept} of {all} characters are the article, found {found}, {sure} % sure")
        },
        not_taken: "; the source's own text was fuller, and is kept",
        and_label: "and",
        more_lines: |n| count(n, "line more", "lines more"),
        cleaning_label: "by cleaning",
        kinds: [
            "`drop` in the file",
            "navigation and the like",
            "before the text",
            "said twice",
            "between paragraphs",
            "box of something else",
            "shared by its pages",
            "after the text",
            "mark of the house",
            "shown as standfirst",
            "signature",
        ],
    },
    tags: Tags {
        source: "every article of its source has it",
        rule: "a rule of the file",
        rule_untold: "a rule gave it, which is no longer in the file or is not told here",
        hashtag: "a hashtag of its text or its page",
        category: "a category of its feed",
        keyword: "a keyword of its page",
        learnt: "learnt from the stories likest to it",
        brought: |outlet| format!(", on the copy of {outlet}"),
        no_longer: "as it is now, the rule does not give it",
    },
    feeds: Feeds {
        shown: |at, limit| format!("in it, number {at} of at most {limit}"),
        not_looked_up: "selected; its place was not looked up",
        not_in: "not in it",
        beyond: |limit| format!("selected, and not among the {limit} that it shows"),
        not_admitted: "selected; shown once it is admitted, at the end of a round of polls",
        private: "selected, and not shown: its source is private, and the feed has no key",
        keyed: " (with a key)",
        untold: "its query is not told here",
        everything: "it takes everything",
    },
    copies: Copies {
        leads: [
            "there is no other",
            "another names it as its original",
            "its source has the lowest `rank`",
            "it was there first",
        ],
        leads_as: |why| format!("leads: {why}"),
        copy: "copy",
        excerpt: "excerpt",
        by_address: "joined by same address",
        by_text: "joined by same text",
        by_likeness: |share| format!("joined by {share} of its text"),
        founded: "founded the story",
        seen: |at, rank| format!("first seen {at}; rank {rank}"),
        private: "; private",
        at: |url| format!("at {url}"),
        was_label: "was also",
    },
    next: Next {
        feeds_label: "in feeds",
        not_fixed: "not fixed yet",
        fixed: |at, completed| {
            let since = if completed { ", and completed since" } else { "" };
            format!("fixed {at}{since}")
        },
        page_label: "on its page now",
        nothing_shared: "nothing in common",
    },
    terms: Terms {
        holds: "holds",
        fails: "does not hold",
        stands_in: |places| format!("stands in {places}"),
        places: ["title", "body", "author"],
        unwanted: ", and is not wanted",
        more: |n| format!("and {n} more terms"),
    },
};
