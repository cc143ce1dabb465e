//! One line of JSON for each page that was tried: what `feedloom extract` writes.

use serde_json::json;

use super::{Extract, ExtractError};

/// What was read in the page `id`, in `ms` milliseconds of CPU, as one line of JSON: `text` is the standfirst and then the
/// body, paragraphs on lines.
#[must_use]
pub fn json_line(id: &str, result: &Result<Extract, ExtractError>, ms: f64) -> String {
    let value = match result {
        Ok(found) => {
            let text = match &found.standfirst {
                Some(standfirst) => format!("{standfirst}\n{}", found.text),
                None => found.text.clone(),
            };
            json!({
                "id": id,
                "text": text.trim_end(),
                "title": found.title,
                "standfirst": found.standfirst,
                "author": found.byline,
                "date": found.published.map(|d| d.to_rfc3339()),
                "updated": found.updated.map(|d| d.to_rfc3339()),
                "tags": found.hashtags.iter().chain(&found.keywords).collect::<Vec<_>>(),
                "hashtags": found.hashtags,
                "image": found.image,
                "lang": found.lang,
                "url": found.canonical.as_ref().map(url::Url::as_str),
                "site": found.site_name,
                "origin": found.origin,
                "confidence": found.confidence,
                "ms": ms,
            })
        }
        Err(error) => json!({ "id": id, "text": "", "error": error.to_string(), "ms": ms }),
    };
    value.to_string()
}
