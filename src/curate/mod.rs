//! Puts stories into editions: what belongs, in which order, and how much of each may leave.

mod listed;
mod present;
mod settings;

pub use listed::{Feeds, Listed};
pub use present::{Frame, present, rights};
pub use settings::{Defaults, Feed, FeedText};
