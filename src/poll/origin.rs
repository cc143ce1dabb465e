//! Whom an article was taken over from.

use url::Url;

use crate::clean;
use crate::model::{Entry, Outlet};
use crate::text::{fold, url_key};

/// Whether what is said to be the source of an entry is no other: the entry itself (forums name its topic), the feed that it
/// stands in, the site of this, or the outlet.
pub(super) fn is_its_own(origin: &Outlet, title: &str, entry: &Entry, (document, outlet): (&Url, &Outlet)) -> bool {
    let site = outlet.url.as_deref().and_then(|site| Url::parse(site).ok());
    let called = entry.title.as_deref().map(clean::line).unwrap_or_default();
    let hosts = [Some(document), site.as_ref()].into_iter().flatten().filter_map(Url::host_str);
    let bare = |name: &str| fold(name.trim().strip_prefix("www.").unwrap_or(name.trim()));
    let mut names = [title, &called, &outlet.name].into_iter().chain(hosts);
    let address = origin.url.as_deref().and_then(|url| clean::address(url, document));
    let address = address.and_then(|url| Url::parse(&url).ok()).map(|url| url_key(&url));
    let mut own = [Some(document), site.as_ref()].into_iter().flatten();
    let by_name = names.any(|name| bare(name) == bare(&origin.name));
    by_name || address.is_some_and(|at| own.any(|own| url_key(own) == at))
}
