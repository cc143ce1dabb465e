//! What to read next, and why.
//!
//! In two steps, so that the vectors of all stories need not be in memory: [`Index::candidates`] names the few stories that
//! seem nearest, [`Index::rank`] compares them word by word with the vectors that the caller brings.

mod event;
mod gaps;
mod held;
mod index;
mod near;
mod pool;
mod postings;
mod rank;
mod search;
mod settings;
mod shelf;
mod vector;

pub use event::Alongside;
pub use index::{Doc, Index};
pub use pool::{Member, Pool, Question};
pub use rank::{PER_SOURCE, Pick};
pub use settings::{From, Settings, Weights};
pub use vector::Vector;
