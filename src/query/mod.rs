//! One query language: words, phrases, fields, `OR`, `-`, parentheses.

use crate::model::Tag;

/// A query, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Stub.
    pub tag: String,
}

impl Query {
    /// Stub: whether the subject has the tag.
    #[must_use]
    pub fn matches(&self, subject: &Subject) -> bool {
        subject.tags.contains(&self.tag)
    }
}

/// Stub of what queries are asked of.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// Keys.
    pub tags: Vec<String>,
}

impl Subject {
    /// Stub.
    pub fn add_tag(&mut self, tag: &Tag) {
        self.tags.push(tag.key().to_owned());
    }
}
