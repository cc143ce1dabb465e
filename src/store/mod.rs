//! Keeps: one SQLite file behind methods named by use case. No row, connection or SQL leaves this folder.

mod settings;

pub use settings::Settings;
