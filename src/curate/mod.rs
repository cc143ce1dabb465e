//! Puts stories into editions: what belongs, in which order, and how much of each may leave.

mod settings;

pub use settings::{Defaults, Feed, FeedText};
