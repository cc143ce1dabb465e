//! The `feedloom` command.

fn main() {}
