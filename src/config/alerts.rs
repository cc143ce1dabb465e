//! `[alert]`.

use std::path::Path;

use toml::Spanned;
use url::Url;

use super::raw::{self, Text};
use super::said::Said;
use super::sources::warn_of_inner_address;
use super::values::Secret;
use crate::fetch;
use crate::model::HealthState;
use crate::poll::Alerts;

/// Places that may be told.
const MOST: usize = 16;

/// Who is told of what; `base` is the address of the site.
pub(super) fn alerts(
    raw: &raw::Alert,
    base: Option<&Url>,
    fetch: &fetch::Settings,
    folder: &Path,
    said: &mut Said<'_>,
) -> Alerts {
    let mut alerts = Alerts::default();
    if let Some(when) = &raw.when {
        let states = HealthState::ALL.map(|state| (state.name(), state));
        alerts.when = when.iter().filter_map(|word| said.one_of(word, "when", &states)).collect();
    }
    for written in &raw.to {
        let Some(url) = recipient(written, folder, said) else { continue };
        if alerts.to.len() == MOST {
            said.wrong(written.span(), format!("`to` names more than {MOST} places"), "tell fewer");
            break;
        }
        warn_of_inner_address("[alert] to", &url, written, fetch, said);
        if !alerts.to.contains(&url) {
            alerts.to.push(url);
        }
    }
    alerts.page = base.and_then(|base| {
        let mut page = base.clone();
        page.path_segments_mut().ok()?.pop_if_empty().push("status");
        Some(page)
    });
    alerts
}

/// An address, or where it stands: whoever knows that of a hook may write to it.
fn recipient(written: &Text, folder: &Path, said: &mut Said<'_>) -> Option<Url> {
    match said.secret(written, folder) {
        Secret::Written => said.url(written),
        Secret::Set(value) => {
            let url = Url::parse(&value).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
            if url.is_none() {
                let raw = written.get_ref();
                said.wrong(written.span(), format!("what {raw} holds is not an address"), "it begins with https://");
            }
            url
        }
        Secret::Unset(why) => {
            said.warn(Spanned::span(written), format!("nobody is told there: {why}"), "");
            None
        }
    }
}
