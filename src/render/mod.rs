//! One writer per format: an edition in, bytes and validators out.

mod address;
mod atom;
mod body;
mod dates;
mod explained;
mod json;
pub mod opml;
pub mod pages;
mod plain;
mod reasons;
mod rendered;
mod rss;
mod settings;
mod view;
mod words;
mod xml;

#[cfg(test)]
mod sample;

pub use atom::{atom, status_feed};
pub use dates::titled;
pub use explained::{explained, unknown};
pub use json::json_feed;
pub use rendered::{Cache, Coded, Coding, Rendered, content_type};
pub use rss::rss;
pub use settings::Site;
