//! Why a story is what it is.

use super::Publisher;
use crate::render::Rendered;
use crate::store::StoreError;

impl Publisher {
    /// The page that explains a story.
    pub(super) async fn explain_page(&self, _id: &str) -> Result<Option<Rendered>, StoreError> {
        Ok(None)
    }
}
