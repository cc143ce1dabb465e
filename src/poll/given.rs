//! What an article came with that tags can be made of.

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
        categories: bounded(&mut entry.categories.iter().filter(|c| is_subject(c)).cloned()),
        keywords: bounded(
            &mut of_page(|p| &p.keywords).iter().flat_map(|c| listed(c)).filter(|c| is_subject(c)).map(str::to_owned),
        ),
    }
}

/// Whether a category names a subject. A sentence names none.
fn is_subject(category: &str) -> bool {
    category.split_whitespace().count() <= SUBJECT_WORDS && category.chars().count() <= SUBJECT_CHARACTERS
}
