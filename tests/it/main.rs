//! End-to-end tests, one binary: each further one would link for minutes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod doors;
mod flow;
mod house;
mod lists;
mod polls;
mod process;
mod support;
mod trial;
