//! Decides whether a new article is a copy. Pure: `decide(article, known) -> Intent`.

mod settings;

pub use settings::Settings;
