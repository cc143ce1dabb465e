//! What an article came with that tags can be made of.

use crate::clean;
use crate::extract::Extract;
use crate::model::{Entry, Given};
use crate::text::{is_tag, listed};

/// Categories, and keywords, beyond so many are not kept.
const MOST_GIVEN: usize = 200;
/// The most words and characters of a subject.
const SUBJECT_WORDS: usize = 7;
const SUBJECT_CHARACTERS: usize = 60;

/// What tags can be made of, as written.
pub(super) fn given(entry: &Entry, page: Option<&Extract>) -> Given {
    let bounded = |list: &mut dyn Iterator<Item = String>| -> Vec<String> {
        list.filter(|written| is_tag(written)).take(MOST_GIVEN).collect()
    };
    let of_page = |list: fn(&Extract) -> &Vec<String>| page.map(|p| list(p).as_slice()).unwrap_or_default();
    Given {
        hashtags: bounded(&mut of_page(|p| &p.hashtags).iter().cloned()),
        categories: bounded(&mut entry.categories.iter().flat_map(|c| subjects(&clean::line(c)))),
        keywords: bounded(&mut of_page(|p| &p.keywords).iter().flat_map(|c| subjects(c))),
    }
}

/// The subjects that a category names. A sentence names none.
fn subjects(category: &str) -> Vec<String> {
    let is_short = |c: &&str| c.split_whitespace().count() <= SUBJECT_WORDS && c.chars().count() <= SUBJECT_CHARACTERS;
    listed(category).into_iter().filter(is_short).map(str::to_owned).collect()
}
