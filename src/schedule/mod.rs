//! When a source is asked next.

mod agenda;
mod circuit;
mod next;
mod pace;
mod rhythm;
mod settings;

pub use agenda::{Agenda, Jump, Planned};
pub use circuit::Circuits;
pub use next::{Asks, Due, Failure, Outcome, Situation, Why, next, planned};
pub use pace::Pace;
pub use rhythm::Rhythm;
pub use settings::{BUDGET, Every, Settings};
