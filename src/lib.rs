//! feedloom: an RSS/Atom feed aggregator and republisher.
//!
//! ARCHITECTURE.md is the map; each folder here is a verb of the flow.

pub mod clean;
pub mod cli;
pub mod clock;
pub mod config;
pub mod curate;
pub mod daemon;
pub mod dedup;
pub mod demo;
pub mod extract;
pub mod fetch;
pub mod model;
pub mod poll;
pub mod publish;
pub mod query;
pub mod read;
pub mod recommend;
pub mod render;
pub mod schedule;
pub mod serve;
pub mod store;
pub mod tag;
pub mod text;
pub mod websub;
