//! The search page.

use super::Publisher;
use super::address::Format;
use crate::render::Rendered;
use crate::store::StoreError;

impl Publisher {
    /// What a query finds.
    pub(super) async fn search(&self, _query: &str, _format: Format) -> Result<Option<Rendered>, StoreError> {
        Ok(None)
    }
}
