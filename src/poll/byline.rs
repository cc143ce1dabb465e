//! Who wrote an article.

use std::collections::BTreeSet;

use crate::clean;
use crate::model::{Entry, Outlet};
use crate::text::fold;

/// The names of those who wrote it, as its entry has them, else as they were `read` on its page.
pub(super) fn byline(entry: &Entry, read: Option<&Vec<String>>, outlet: &Outlet) -> Vec<String> {
    // A mail address is nobody's name, and its owner may not want it published.
    let is_mail = |name: &str| name.contains('@') && !name.contains(char::is_whitespace) && !name.starts_with('@');
    let fed = entry.authors.iter().filter_map(|a| a.name.as_deref()).map(clean::line);
    let fed = fed.map(|n| without_by(&n).to_owned());
    let fed: Vec<String> = fed.filter(|n| !n.is_empty() && !is_mail(n) && !is_address(n)).collect();
    let names = if fed.is_empty() {
        read.map(|names| names.iter().map(|n| clean::line(n)).collect()).unwrap_or_default()
    } else {
        fed
    };
    let mut seen = BTreeSet::from([fold(&outlet.name)]);
    names.into_iter().filter(|n| !n.is_empty() && seen.insert(fold(n))).take(20).collect()
}

/// `By Jane Doe`: what some programs write for people to read. A single word may well be a name.
fn without_by(name: &str) -> &str {
    const BY: [&str; 5] = ["by ", "written by ", "posted by ", "par ", "por "];
    let after = |by: &&str| name.get(..by.len()).is_some_and(|start| start.eq_ignore_ascii_case(by));
    let rest = BY.iter().find(|by| after(by)).map(|by| name[by.len()..].trim_start());
    rest.filter(|rest| rest.split_whitespace().count() >= 2).unwrap_or(name)
}

/// Whether a name is the address of a page.
fn is_address(name: &str) -> bool {
    let begins = ["http://", "https://", "www."].iter().any(|start| name.starts_with(start));
    begins && !name.contains(char::is_whitespace)
}
