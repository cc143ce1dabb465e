//! A feed for one reader without any account: its address is its profile.

use super::Publisher;
use super::address::Format;
use crate::render::Rendered;
use crate::store::StoreError;

impl Publisher {
    /// What is like the stories and under the tags that the address names.
    pub(super) async fn personal(&self, _query: &str, _format: Format) -> Result<Option<Rendered>, StoreError> {
        Ok(None)
    }
}
