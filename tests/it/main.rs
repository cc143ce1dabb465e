//! End-to-end tests, one binary: each further one would link for minutes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod again;
mod besieged;
mod bounds;
mod crash;
mod dates;
mod digests;
mod doors;
mod explain;
mod fields;
mod flow;
mod guarded;
mod health;
mod hostile;
mod house;
mod lists;
mod order;
mod personal;
mod polite;
mod polls;
mod process;
mod rogue;
mod safe;
mod search;
mod simulated;
mod sites;
mod stories;
mod support;
mod tags;
mod trial;
mod websub;
mod withdrawn;
