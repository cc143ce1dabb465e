//! Words of any script.

use unicode_segmentation::UnicodeSegmentation;

/// The words of a text, in order (UAX #29); scripts without spaces give their characters.
pub fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.unicode_words()
}
