//! Asks: one guarded client for every outgoing request.

mod accept;
mod body;
mod client;
mod dns;
mod failure;
mod gate;
mod guard;
mod headers;
mod names;
mod places;
mod post;
mod request;
mod robots;
mod rules;
mod settings;
mod tls;
mod trail;
mod turns;
mod walls;
mod warm;

pub use accept::Accept;
pub use body::{BodyError, uncoded};
pub use client::{Answer, Client, Freshness, Held};
pub use failure::{Disposition, FetchError};
pub use gate::Speed;
pub use post::Post;
pub use request::Request;
pub use settings::{Network, Settings};
pub use tls::install_tls;
pub use walls::is_wall_page;

/// The host of an address, for messages: never its path or query, which may hold secrets.
fn host_of(url: &url::Url) -> String {
    url.host_str().unwrap_or(url.scheme()).to_owned()
}
