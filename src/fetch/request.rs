//! What is asked, and what is known of it.

use url::Url;

use super::{Accept, Speed};
use crate::model::Validators;

/// One question.
#[derive(Debug, Clone)]
pub struct Request {
    /// The address.
    pub url: Url,
    /// What the last answer from there was known by.
    pub validators: Validators,
    /// Headers of the source's own; they go to its own origin only.
    pub headers: Vec<(String, String)>,
    /// What is wanted back.
    pub accept: Accept,
    /// Whether another document is in work while this one is asked for (its feed, its next page): it does not wait for those
    /// large ones that may wait for that.
    pub beside_another: bool,
    /// Whether it failed when it was last asked: then it is asked once, though a kept connection closes under the question.
    pub failed_before: bool,
    /// How fast it answered when it was last asked.
    pub speed: Speed,
}

impl Request {
    /// A question about something that nothing is known of.
    #[must_use]
    pub fn new(url: Url, accept: Accept) -> Self {
        let (validators, headers, speed) = (Validators::default(), Vec::new(), Speed::Unknown);
        Self { url, validators, headers, accept, beside_another: false, failed_before: false, speed }
    }
}
