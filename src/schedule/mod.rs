//! When a source is asked next.

mod next;
mod rhythm;
mod settings;

pub use next::{Failure, Outcome, next, spread};
pub use rhythm::Rhythm;
pub use settings::{Every, Settings};
