//! The door: HTTP in, what was rendered out. It knows nothing of feeds or stories; `Answers` says what stands where.

mod accept;
mod conditional;
mod door;
mod listen;
mod settings;

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::render::Rendered;

pub use door::door;
pub use listen::serve;
pub use settings::Settings;

/// What stands at a path.
#[derive(Debug, Clone)]
pub enum Answer {
    /// This.
    Found(Arc<Rendered>),
    /// The same thing for good at another path of ours, with leading slash, in clear or percent-encoded.
    Moved(String),
    /// Nothing.
    Missing,
    /// Nothing any more.
    Gone,
    /// It cannot be said now; ask again.
    Busy,
}

/// Who knows what stands where.
pub trait Answers: Send + Sync + 'static {
    /// What stands at a path. The path has a leading slash and is decoded once; it holds no `.` or `..` segment, no
    /// backslash and no control character. The query comes as it was sent.
    fn answer(&self, path: String, query: Option<String>) -> BoxFuture<'static, Answer>;

    /// Whether all that answers need is there; why not, where it is not.
    fn ready(&self) -> BoxFuture<'static, Result<(), String>>;

    /// The page that a person sees with a status other than 200. A plain line of text where there is none.
    fn error_page(&self, status: u16) -> Option<String> {
        let _ = status;
        None
    }
}
