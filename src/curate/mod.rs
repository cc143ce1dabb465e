//! Puts stories into editions: what belongs, in which order, and how much of each may leave.

pub mod explained;
mod listed;
mod present;
mod settings;

pub use listed::Listed;
pub use present::{Frame, leaves, present, rights, uri};
pub use settings::{Defaults, EVERYTHING, Feed, FeedText};
