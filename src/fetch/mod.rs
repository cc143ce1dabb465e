//! Asks: one guarded client for every outgoing request.

mod settings;

pub use settings::{Network, Settings};
