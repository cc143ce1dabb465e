//! What to read next, and why.

mod index;
mod near;
mod rank;
mod settings;
mod terms;

pub use index::{Doc, Index};
pub use rank::Pick;
pub use settings::{From, Settings, Weights};
