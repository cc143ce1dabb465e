//! The door: HTTP in, what was rendered out. It knows nothing of feeds or stories; `Answers` says what stands where.

mod accept;
mod conditional;
mod door;
mod listen;
mod post;
mod settings;

use std::sync::Arc;

use axum::http::HeaderMap;
use bytes::Bytes;
use futures_util::FutureExt;
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
    /// The same thing for good at another path of ours, with leading slash, in clear or percent-encoded, and a query.
    Moved(String),
    /// Nothing.
    Missing,
    /// Nothing any more.
    Gone,
    /// Nothing can be found: this is wrong with the question.
    Misread(String),
    /// It cannot be said now; ask again.
    Busy,
    /// This text, as it is, for a program that asked for it.
    Said(String),
}

/// What came to a path by POST. Its path may be a secret: it has no `Debug`.
#[derive(Clone)]
pub struct Posted {
    /// The path, as in [`Answers::answer`].
    pub path: String,
    /// The body, as long as was said to be taken at most.
    pub body: Bytes,
    headers: HeaderMap,
}

impl Posted {
    /// The values of a header, as far as they are text.
    pub fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
    }
}

/// Who knows what stands where.
pub trait Answers: Send + Sync + 'static {
    /// What stands at a path. The path has a leading slash and is decoded once; it holds no `.` or `..` segment, no
    /// backslash and no control character. The query comes as it was sent.
    fn answer(&self, path: String, query: Option<String>) -> BoxFuture<'static, Answer>;

    /// Whether something is taken by POST at a path, and how many bytes of it at most. Asked before the body is read.
    ///
    /// # Errors
    /// The status to refuse it with; 405 where nothing is ever taken.
    fn takes(&self, path: String) -> BoxFuture<'static, Result<usize, u16>> {
        let _ = path;
        std::future::ready(Err(405)).boxed()
    }

    /// Hears that what came by POST to a path where it is taken did not arrive: too long, too slow, broken off, or one too
    /// many at that moment.
    fn missed(&self, path: String) -> BoxFuture<'static, ()> {
        let _ = path;
        std::future::ready(()).boxed()
    }

    /// Takes what came by POST, in the coding that it came in, and gives the status to answer with.
    fn take(&self, posted: Posted) -> BoxFuture<'static, u16> {
        let _ = posted;
        std::future::ready(405).boxed()
    }

    /// Whether all that answers need is there; why not, where it is not.
    fn ready(&self) -> BoxFuture<'static, Result<(), String>>;

    /// The page that a person sees with a status other than 200. A plain line of text where there is none.
    fn error_page(&self, status: u16) -> Option<String> {
        let _ = status;
        None
    }
}
