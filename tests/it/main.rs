//! End-to-end tests, one binary: each further one would link for minutes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bounds;
mod dates;
mod doors;
mod fields;
mod flow;
mod hostile;
mod house;
mod lists;
mod polls;
mod process;
mod safe;
mod search;
mod sites;
mod support;
mod trial;
