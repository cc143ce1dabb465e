//! Pages for browsers: one stylesheet, no script, nothing from elsewhere but the articles' own pictures.

mod error;
mod feed;
mod home;
mod layout;
mod status;
mod story;
mod tags;

pub use error::error;
pub use feed::{Kind, feed};
pub use home::home;
pub use status::{StatusRow, status};
pub use story::story;
pub use tags::tags;

/// The stylesheet of all pages, served as `/style.css`.
pub const STYLE: &str = include_str!("../../../config/style.css");
