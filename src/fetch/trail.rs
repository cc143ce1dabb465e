//! The way of one request: from hop to hop, and what is sent at each.

use reqwest::StatusCode;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION,
};
use url::Url;

use super::{Accept, FetchError, Request, headers, host_of};

/// Headers of the connection or of our own, which a source cannot set.
const OURS: [&str; 13] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "proxy-connection",
    "range",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Headers that are sent at the most where a source has none of its own.
const MOST_USUAL: usize = 5;

/// Where one request has got to.
pub(super) struct Trail {
    first: Url,
    pub(super) at: Url,
    seen: Vec<Url>,
    permanent: bool,
    /// The end of the permanent redirects that came first.
    pub(super) moved: Option<Url>,
    /// Whether every hop so far was of the first origin.
    home: bool,
}

/// Where a redirect leads.
pub(super) struct Redirect {
    pub(super) to: Url,
    permanent: bool,
}

impl Trail {
    pub(super) fn new(mut url: Url) -> Self {
        url.set_fragment(None);
        Self { first: url.clone(), seen: vec![url.clone()], at: url, permanent: true, moved: None, home: true }
    }

    pub(super) fn follow(&mut self, redirect: Redirect, most: usize) -> Result<(), FetchError> {
        let Redirect { mut to, permanent } = redirect;
        to.set_fragment(None);
        if self.at.scheme() == "https" && to.scheme() == "http" {
            return Err(FetchError::Downgrade { host: host_of(&self.at) });
        }
        if self.seen.contains(&to) {
            return Err(FetchError::Circle { host: host_of(&to) });
        }
        if self.seen.len() > most {
            return Err(FetchError::Redirects { host: host_of(&self.first), most });
        }
        self.permanent &= permanent;
        if self.permanent {
            self.moved = Some(to.clone());
        }
        // Who was sent away and back again comes as a stranger: the way back was another's choice.
        self.home &= to.origin() == self.first.origin();
        self.seen.push(to.clone());
        self.at = to;
        Ok(())
    }

    /// A source's own headers, as long as the way is its own.
    pub(super) fn own<'a>(&self, own: &'a HeaderMap) -> Option<&'a HeaderMap> {
        self.home.then_some(own)
    }
}

/// Where an answer redirects to.
pub(super) fn redirect(from: &Url, status: StatusCode, head: &HeaderMap) -> Result<Redirect, FetchError> {
    let nowhere = || FetchError::Location { host: host_of(from), status: status.as_u16() };
    let written = headers::lossy(head, &LOCATION).ok_or_else(nowhere)?;
    let to = from.join(&written).map_err(|_not_an_address| nowhere())?;
    Ok(Redirect { to, permanent: matches!(status.as_u16(), 301 | 308) })
}

/// The source's own headers, checked.
pub(super) fn own_headers(written: &[(String, String)]) -> Result<HeaderMap, FetchError> {
    let mut map = HeaderMap::new();
    for (name, value) in written {
        let wrong = || FetchError::Header { name: name.clone() };
        let known = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_bad| wrong())?;
        let mut value = HeaderValue::from_bytes(value.trim().as_bytes()).map_err(|_bad| wrong())?;
        if OURS.contains(&known.as_str()) {
            return Err(wrong());
        }
        value.set_sensitive(true);
        map.append(known, value);
    }
    Ok(map)
}

/// What is sent at one hop.
pub(super) fn request_headers(request: &Request, own: &HeaderMap, trail: &Trail) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(MOST_USUAL);
    map.insert(ACCEPT, request.accept.header());
    map.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br, zstd, deflate"));
    let validators = Some(&request.validators).filter(|validators| validators.are_of(&trail.at));
    // Both where both were given: a server that knows only one finds it (RFC 9110, 13.1.3 says which one counts).
    if let Some(etag) = validators.and_then(|v| v.etag.as_deref()).and_then(headers::sent_back) {
        map.insert(IF_NONE_MATCH, etag);
        if request.accept == Accept::Feed {
            map.insert(headers::A_IM, HeaderValue::from_static("feed"));
        }
    }
    if let Some(date) = validators.and_then(|v| v.last_modified.as_deref()).and_then(headers::sent_back) {
        map.insert(IF_MODIFIED_SINCE, date);
    }
    if let Some(own) = trail.own(own) {
        // In place of ours where a name is the same.
        map.extend(own.clone());
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(written: &str) -> Url {
        Url::parse(written).unwrap()
    }

    fn to(written: &str) -> Redirect {
        Redirect { to: url(written), permanent: true }
    }

    #[test]
    fn https_is_not_left_for_http() {
        let mut trail = Trail::new(url("https://example.org/"));
        assert!(matches!(trail.follow(to("http://example.org/"), 10), Err(FetchError::Downgrade { .. })));
        let mut trail = Trail::new(url("http://example.org/"));
        assert!(trail.follow(to("https://example.org/"), 10).is_ok());
    }

    #[test]
    fn h12_who_was_sent_away_and_back_comes_as_a_stranger() {
        let own = own_headers(&[("Authorization".into(), "secret".into())]).unwrap();
        let mut trail = Trail::new(url("https://a.example/"));
        trail.follow(to("https://a.example/2"), 10).unwrap();
        assert!(trail.own(&own).is_some());
        trail.follow(to("https://b.example/"), 10).unwrap();
        trail.follow(to("https://a.example/3"), 10).unwrap();
        assert!(trail.own(&own).is_none());
    }
}
