//! Cleaning: HTML of others becomes `CleanHtml`, and text becomes what XML and a line can carry.

mod finish;
mod html;
mod line;
mod media;
mod mend;
mod plain;
mod players;
mod removed;
mod settled;
mod signoff;

pub use html::clean;
pub use line::{address, line};
pub use plain::{from_text, in_lines, plain};
pub use removed::removed;
pub use signoff::{Own, signed_off};
