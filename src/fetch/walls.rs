//! Walls against robots: told by what their makers put into the headers of an answer, or into the page.

use reqwest::header::{HeaderMap, HeaderName};

/// Headers by which a wall says that it answered in place of the site, with what they say then; empty: whatever they say.
const HEADERS: [(HeaderName, &[&str]); 3] = [
    (HeaderName::from_static("cf-mitigated"), &["challenge"]),
    (HeaderName::from_static("x-amzn-waf-action"), &["challenge", "captcha"]),
    (HeaderName::from_static("sg-captcha"), &[]),
];
/// What stands in the page of a wall, and in no page behind it.
const MARKS: [&str; 24] = [
    "window._cf_chl_opt",
    "/orchestrate/chl_page",
    "/orchestrate/jsch",
    "/orchestrate/captcha",
    "<title>Just a moment...</title>",
    "<title>Attention Required! | Cloudflare</title>",
    "/.well-known/ddos-guard/",
    "<title>DDoS-Guard</title>",
    "captcha-delivery.com",
    "id=\"px-captcha\"",
    "window._pxAppId",
    "anubis_challenge",
    "/.within.website/x/cmd/anubis",
    "/.within.website/x/xess/",
    "<title>Making sure you&#39;re not a bot!</title>",
    "<title>Making sure you're not a bot!</title>",
    "/.well-known/captcha/",
    "sucuri_cloudproxy_js",
    "AwsWafIntegration",
    "awsWafCookieDomainList",
    "<title>Pardon Our Interruption",
    "<title>Vercel Security Checkpoint</title>",
    "_Incapsula_Resource?CWUDNSAI",
    "/_sec/cp_challenge/",
];
/// The same, but of a wall only where hardly anything else stands there: pages behind it load it too.
const MARK_OF_SHORT: &str = "_Incapsula_Resource";
const SHORT: usize = 2_000;
/// Bytes of a page that are looked through: what a wall shows is small.
const MOST: usize = 64 << 10;

/// Whether the headers of an answer say that it comes from a wall.
pub(super) fn is_wall(headers: &HeaderMap) -> bool {
    HEADERS.iter().any(|(name, said)| {
        let value = headers.get(name).map(|value| value.as_bytes().trim_ascii());
        value.is_some_and(|value| said.is_empty() || said.iter().any(|s| value.eq_ignore_ascii_case(s.as_bytes())))
    })
}

/// Whether a page that came in place of what was asked for is that of a wall against robots.
#[must_use]
pub fn is_wall_page(page: &[u8]) -> bool {
    if page.len() > MOST {
        return false;
    }
    let written = String::from_utf8_lossy(page);
    MARKS.iter().any(|mark| written.contains(mark)) || page.len() < SHORT && written.contains(MARK_OF_SHORT)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn a_wall_is_told_by_its_headers() {
        let says = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            is_wall(&headers)
        };
        assert!(says("cf-mitigated", "Challenge") && says("sg-captcha", "x") && says("x-amzn-waf-action", "captcha"));
        assert!(!says("cf-mitigated", "none") && !says("x-amzn-waf-action", "allow") && !says("server", "cloudflare"));
    }

    #[test]
    fn a_wall_is_told_by_its_page() {
        for page in [
            "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>",
            "<script src=\"/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1\"></script>",
            "<script src=\"/_Incapsula_Resource?SWJIYLWA=719d34d31c8e3a6e6fffd425f7e032f3\"></script>",
            "<script id=\"anubis_challenge\" type=\"application/json\">{}</script>",
            "<p>Checking your browser</p><script src=\"/.well-known/ddos-guard/check\"></script>",
        ] {
            assert!(is_wall_page(page.as_bytes()), "{page}");
        }
        let article = "<p>Le port a rouvert.</p>".repeat(100);
        for page in [
            format!("{article}<script src=\"/cdn-cgi/challenge-platform/h/b/scripts/jsd/main.js\"></script>"),
            format!("{article}<script src=\"/_Incapsula_Resource?SWJIYLWA=719d34\"></script>"),
            "<html><head><title>Login</title></head><body>Name</body></html>".to_owned(),
        ] {
            assert!(!is_wall_page(page.as_bytes()), "{page}");
        }
    }
}
