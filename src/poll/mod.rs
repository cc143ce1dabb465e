//! The way inwards: from a source that is due to what the store keeps of it.

mod settings;

pub use settings::*;
