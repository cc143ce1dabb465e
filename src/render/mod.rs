//! One writer per format: an edition in, bytes and validators out.

mod settings;

pub use settings::Site;
