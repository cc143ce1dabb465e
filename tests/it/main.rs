//! End-to-end tests, one binary: each further one would link for minutes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod dates;
mod doors;
mod flow;
mod house;
mod polls;
mod process;
mod sites;
mod support;
mod trial;
