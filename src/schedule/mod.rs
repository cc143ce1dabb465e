//! When a source is asked next.

mod settings;

pub use settings::{Every, Settings};
