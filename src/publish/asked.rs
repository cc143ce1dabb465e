//! Answers that depend on the query string: made anew each time, kept by nobody here.

use super::Publisher;
use super::address::Address;
use crate::render::Rendered;
use crate::store::StoreError;

impl Publisher {
    /// What somebody asked for; `None` where there is no such thing.
    pub(super) async fn asked(&self, address: &Address, query: &str) -> Result<Option<Rendered>, StoreError> {
        match address {
            Address::Search(format) => self.search(query, *format).await,
            Address::Personal(format) => self.personal(query, *format).await,
            Address::Explain(id) => self.explain_page(id).await,
            _ => Ok(None),
        }
    }
}
