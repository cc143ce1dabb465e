//! Puts stories into editions: what belongs, in which order, and how much of each may leave.

mod daily;
pub mod explained;
mod listed;
mod order;
mod present;
#[cfg(test)]
mod sample;
mod settings;

pub use daily::{Daily, MOST_MISSED};
pub use listed::{Feeds, Listed};
pub use order::{Arrangement, IN_A_ROW, Order, Pool, Standing};
pub use present::{Frame, keep, leaves, present, rights, uri};
pub use settings::{Defaults, EVERYTHING, Feed, FeedText};
