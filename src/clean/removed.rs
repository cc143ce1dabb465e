//! What cleaning took out of a text, for people.

use std::collections::BTreeMap;

use crate::model::CleanHtml;
use crate::text::markup::{MarkupKind, next_markup};

/// Elements of which a reader would want to know that they went. Wrappers that only lose their tags are not among them.
#[rustfmt::skip]
const TOLD: [&str; 18] = [
    "applet", "audio", "button", "canvas", "embed", "form", "frame", "iframe", "img", "input", "math", "meta", "noscript", "object",
    "script", "style", "svg", "video",
];

/// Which elements stood in a text before it was cleaned and do not stand in it now, how many of each.
#[must_use]
pub fn removed(before: &str, after: &CleanHtml) -> BTreeMap<String, usize> {
    let left = count(after.as_str());
    let gone =
        count(before).into_iter().map(|(name, n)| (name, n.saturating_sub(left.get(name).copied().unwrap_or(0))));
    gone.filter(|(_, n)| *n > 0).map(|(name, n)| (name.to_owned(), n)).collect()
}

fn count(html: &str) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    let mut at = 0;
    while let Some(found) = next_markup(html, at) {
        at = found.end.max(at + 1);
        let told = TOLD.iter().find(|name| found.kind == MarkupKind::Open && found.name.eq_ignore_ascii_case(name));
        if let Some(name) = told {
            *counts.entry(*name).or_insert(0) += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::clean::clean;

    #[test]
    fn what_went_is_counted_by_name() {
        let base = Url::parse("https://a.example/").unwrap();
        for (html, told) in [
            ("<p>Un</p>", ""),
            ("<p>Un</p><SCRIPT>alert(1)</SCRIPT><script src='/x'></script>", "script 2"),
            (
                "<p>Un<img src='/a.jpg'><img src='data:x'></p><form><input><button>B</button></form>",
                "button 1, form 1, img 1, input 1",
            ),
            ("<p>a < b</p><svg><", "svg 1"),
        ] {
            let removed = removed(html, &clean(html, &base));
            let written: Vec<_> = removed.iter().map(|(name, n)| format!("{name} {n}")).collect();
            assert_eq!(written.join(", "), told, "{html}");
        }
    }
}
