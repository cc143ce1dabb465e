//! What several steps need of language: folding, words, shingles, dates in prose, charsets, address keys, selectors.

pub(crate) mod bytes;
mod charset;
mod date;
mod excerpt;
mod fold;
mod language;
mod listed;
pub(crate) mod markup;
mod nearest;
mod nesting;
mod pick;
mod picture;
pub(crate) mod players;
mod shingles;
mod stopwords;
mod tag;
mod urlkey;
mod words;
mod xpath;

pub use charset::{Decoded, decode, utf8};
pub use date::{DateContext, ascii_digit, day_first, parse_date};
pub use excerpt::{excerpt, head, one_line};
pub use fold::{fold, fold_spelling};
pub use language::{Phrase, by_script, detect, language, phrase};
pub use listed::{Listing, listed};
pub use nearest::nearest;
pub use nesting::cap_nesting;
pub use pick::Pick;
pub use picture::{chosen, picture_key};
pub use players::{is_film, may_play, played};
pub use shingles::{Shingles, hash, run_hash, word_hash};
pub use stopwords::{is_everyday, is_hashed_stop_word, is_plainly, is_stop_word};
pub use tag::{is_tag, tag, tag_key};
pub use urlkey::{site_of_key, url_key};
pub use words::{is_unparted, terms, word_places, words};
pub use xpath::{Selected, css_of_xpath};
