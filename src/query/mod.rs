//! One query language: words, phrases, fields, `OR`, `-`, parentheses.

/// A query, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {}
