//! What to read next, and why.

mod settings;

pub use settings::{From, Settings, Weights};
