//! Which language a text is in, and the few words that we say ourselves.

use crate::model::Lang;

/// The language of a text, where it is long enough to tell; `None` else.
#[must_use]
pub fn detect(text: &str) -> Option<Lang> {
    let found = whatlang::detect(text)?;
    if !found.is_reliable() {
        return None;
    }
    let two = match found.lang().code() {
        "fra" => "fr",
        "eng" => "en",
        "ara" => "ar",
        "spa" => "es",
        "deu" => "de",
        "ita" => "it",
        "por" => "pt",
        other => other,
    };
    Lang::parse(two)
}

/// What we say on pages and in feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phrase {
    /// Heading of the recommendations.
    Recommended,
    /// Before the names of the outlets of other copies.
    AlsoPublishedBy,
    /// Before the name of the outlet that a text was taken over from.
    Source,
    /// Link to the whole article at the outlet.
    ReadAt,
}

/// A phrase in a language, in English where the language is not in the table.
#[must_use]
pub fn phrase(what: Phrase, lang: &Lang) -> &'static str {
    match (what, lang.primary()) {
        (Phrase::Recommended, "fr") => "Recommandé pour vous",
        (Phrase::Recommended, "ar") => "موصى به لك",
        (Phrase::Recommended, _) => "Recommended for you",
        (Phrase::AlsoPublishedBy, "fr") => "Également publié par",
        (Phrase::AlsoPublishedBy, "ar") => "نُشر أيضًا في",
        (Phrase::AlsoPublishedBy, _) => "Also published by",
        (Phrase::Source, "fr") => "Source",
        (Phrase::Source, "ar") => "المصدر",
        (Phrase::Source, _) => "Source",
        (Phrase::ReadAt, "fr") => "Lire l’article sur",
        (Phrase::ReadAt, "ar") => "اقرأ المقال على",
        (Phrase::ReadAt, _) => "Read the article at",
    }
}
