//! Sends: pings to hubs, deliveries to subscribers, alerts. As guarded as asking.

use std::net::IpAddr;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use url::{Host, Url};

use super::client::refusal;
use super::trail::{Trail, own_headers, redirect};
use super::{Client, FetchError, host_of};

/// Something to send.
#[derive(Debug, Clone)]
pub struct Post {
    /// Where to.
    pub url: Url,
    /// Its media type.
    pub content_type: String,
    /// Headers besides.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Client {
    /// Sends, and gives the status of success. No redirect is followed, and the body of the answer is not read.
    ///
    /// # Errors
    /// Where it did not arrive, or the answer was no success.
    pub async fn post(&self, post: Post, now: DateTime<Utc>) -> Result<u16, FetchError> {
        self.send(post, None, 0, now).await
    }

    /// Sends, and sends on where the answer says that the same is to go elsewhere (307, 308), as a hub may (WebSub, 5.1). Each
    /// address is checked as the first one is, https is not left, and headers of its own go to the first origin only. On the
    /// host of `beside`, which named the address, any port may be asked: whoever runs a host has what stands on it.
    ///
    /// # Errors
    /// Where it did not arrive, or the last answer was no success.
    pub async fn post_on(&self, post: Post, beside: Option<&Url>, now: DateTime<Utc>) -> Result<u16, FetchError> {
        self.send(post, beside, self.0.settings.redirects, now).await
    }

    fn check_beside(&self, url: &Url, beside: Option<&Url>) -> Result<(), FetchError> {
        match (self.0.guard.check(url), beside) {
            (Err(FetchError::Port { host, .. }), Some(beside)) if url.host() == beside.host() => {
                // What else is checked before the port has been; a name is checked when it is resolved.
                let literal = match url.host() {
                    Some(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
                    Some(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
                    _ => None,
                };
                match literal.filter(|address| !self.0.guard.allows(*address)) {
                    Some(address) => Err(FetchError::Inner { host, address }),
                    None => Ok(()),
                }
            }
            (checked, _) => checked,
        }
    }

    async fn send(
        &self,
        post: Post,
        beside: Option<&Url>,
        redirects: usize,
        now: DateTime<Utc>,
    ) -> Result<u16, FetchError> {
        let mut own = own_headers(&post.headers)?;
        let media = HeaderValue::from_str(&post.content_type)
            .map_err(|_bad| FetchError::Header { name: CONTENT_TYPE.to_string() })?;
        own.remove(CONTENT_TYPE);
        let mut trail = Trail::new(post.url);
        let mut left = self.0.settings.timeout;
        loop {
            let mut map = trail.own(&own).cloned().unwrap_or_default();
            map.insert(CONTENT_TYPE, media.clone());
            let sends = self.0.http.post(trail.at.clone()).headers(map).body(post.body.clone());
            let host = host_of(&trail.at);
            self.check_beside(&trail.at, beside)?;
            let response = self.admitted(&trail.at, &mut left, self.head(&host, sends)).await?;
            match response.status() {
                status if status.is_success() => return Ok(status.as_u16()),
                status if redirects > 0 && matches!(status.as_u16(), 307 | 308) => {
                    trail.follow(redirect(&trail.at, status, response.headers())?, redirects)?;
                }
                _ => return Err(refusal(host, &response, now)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::super::{Disposition, Network, Settings};
    use super::*;

    const ANSWERS: [&str; 9] = [
        "202 Accepted",
        "307 X\r\nLocation: /again",
        "410 Gone",
        "307 X\r\nLocation: /there",
        "202 Accepted",
        "302 X\r\nLocation: /there",
        "308 X\r\nLocation: http://127.0.0.2/",
        "308 X",
        "202 Accepted",
    ];

    #[tokio::test]
    async fn sends_once_and_says_how_it_went() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let mut asked = Vec::new();
            for answer in ANSWERS {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut text = Vec::new();
                while !text.ends_with(b"a=b") {
                    text.push(socket.read_u8().await.unwrap());
                }
                asked.push(String::from_utf8(text).unwrap());
                let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
            asked
        });
        let settings = Settings {
            private_networks: vec![Network::parse("127.0.0.1").unwrap()],
            per_host_second: 1000,
            ..Settings::default()
        };
        let client = Client::new(&settings, &[port]).unwrap();
        let post = |url: String| Post {
            url: Url::parse(&url).unwrap(),
            content_type: "application/x-www-form-urlencoded".into(),
            headers: vec![("X-Hub-Signature".into(), "sha256=x".into())],
            body: Bytes::from_static(b"a=b"),
        };
        let now = DateTime::UNIX_EPOCH;
        let here = format!("http://127.0.0.1:{port}/hub");
        assert_eq!(client.post(post(here.clone()), now).await, Ok(202));
        assert_eq!(client.post(post(here.clone()), now).await.unwrap_err().status(), Some(307));
        assert_eq!(client.post(post(here.clone()), now).await.unwrap_err().disposition(), Disposition::Gone);
        assert_eq!(client.post_on(post(here.clone()), None, now).await, Ok(202), "it is sent on, with its body");
        assert_eq!(client.post_on(post(here.clone()), None, now).await.unwrap_err().status(), Some(302));
        assert!(matches!(client.post_on(post(here.clone()), None, now).await, Err(FetchError::Inner { .. })));
        assert!(matches!(
            client.post_on(post(here.clone()), None, now).await,
            Err(FetchError::Location { status: 308, .. })
        ));
        let inner = client.post(post(format!("http://127.0.0.2:{port}/")), now).await.unwrap_err();
        assert_eq!(inner.disposition(), Disposition::Refused);
        let other = Client::new(&settings, &[9]).unwrap();
        let beside = |host: &str| Url::parse(&format!("http://{host}:9/feed")).unwrap();
        for beside in [None, Some(beside("127.0.0.3")), Some(beside("localhost"))] {
            let refused = other.post_on(post(here.clone()), beside.as_ref(), now).await;
            assert!(matches!(refused, Err(FetchError::Port { .. })), "{beside:?}");
        }
        let inner = other.post_on(post("http://127.0.0.2:8/".into()), Some(&beside("127.0.0.2")), now).await;
        assert!(matches!(inner, Err(FetchError::Inner { .. })), "{inner:?}");
        assert_eq!(other.post_on(post(here), Some(&beside("127.0.0.1")), now).await, Ok(202));
        let asked = server.await.unwrap();
        assert!(asked[4].starts_with("POST /there "), "{asked:?}");
        assert!(asked[0].starts_with("POST /hub ") && asked[0].contains("x-hub-signature: sha256=x"), "{asked:?}");
    }
}
