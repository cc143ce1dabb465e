//! Gives an article its tags.

mod settings;

pub use settings::Settings;
