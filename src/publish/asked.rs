//! Answers that depend on the query string: made anew each time, kept by nobody here.

use std::sync::Arc;

use super::address::Address;
use super::{Answer, Publisher};
use crate::render::Rendered;
use crate::store::StoreError;

impl Publisher {
    /// What somebody asked for.
    pub(super) async fn asked(&self, address: &Address, query: &str) -> Result<Answer, StoreError> {
        let made = match address {
            Address::Search(format) => return self.search(query, *format).await,
            Address::Personal(format) => self.personal(query, *format).await?,
            Address::Explain(id) => self.explain_page(id).await?,
            _ => None,
        };
        Ok(made.map_or(Answer::Missing, Answer::found))
    }
}

impl Answer {
    pub(super) fn found(made: Rendered) -> Self {
        Self::Found(Arc::new(made))
    }
}
