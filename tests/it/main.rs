//! End-to-end tests, one binary: each further one would link for minutes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bounds;
mod dates;
mod digests;
mod doors;
mod explain;
mod fields;
mod flow;
mod hostile;
mod house;
mod lists;
mod personal;
mod polite;
mod polls;
mod process;
mod safe;
mod search;
mod simulated;
mod sites;
mod stories;
mod support;
mod tags;
mod trial;
mod websub;
