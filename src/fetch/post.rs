//! Sends: pings to hubs, deliveries to subscribers, alerts. As guarded as asking.

use std::net::IpAddr;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use tokio::time::timeout;
use url::{Host, Url};

use super::client::own_headers;
use super::{Client, FetchError, headers, host_of};

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
        self.0.guard.check(&post.url)?;
        match self.send(&post, now).await? {
            Sent::Taken(status) => Ok(status),
            Sent::Redirect { host, status, .. } => {
                Err(FetchError::Status { host, status, retry_after: None, wall: false })
            }
        }
    }

    /// Sends, and sends on where the answer says that the same is to go elsewhere (307, 308), as a hub may (WebSub, 5.1). Each
    /// address is checked as the first one is, https is not left, and headers of its own go to the first origin only. On the
    /// host of `beside`, which named the address, any port may be asked: whoever runs a host has what stands on it.
    ///
    /// # Errors
    /// Where it did not arrive, or the last answer was no success.
    pub async fn post_on(&self, post: Post, beside: Option<&Url>, now: DateTime<Utc>) -> Result<u16, FetchError> {
        let most = self.0.settings.redirects;
        let (first, mut post) = (post.url.clone(), post);
        for _ in 0..=most {
            self.check_beside(&post.url, beside)?;
            let (host, status, to) = match self.send(&post, now).await? {
                Sent::Taken(status) => return Ok(status),
                Sent::Redirect { host, status, to } => (host, status, to),
            };
            if !matches!(status, 307 | 308) {
                return Err(FetchError::Status { host, status, retry_after: None, wall: false });
            }
            let to = to.ok_or_else(|| FetchError::Location { host: host.clone(), status })?;
            if post.url.scheme() == "https" && to.scheme() == "http" {
                return Err(FetchError::Downgrade { host });
            }
            if to.origin() != first.origin() {
                post.headers.clear();
            }
            post.url = to;
        }
        Err(FetchError::Redirects { host: host_of(&first), most })
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

    async fn send(&self, post: &Post, now: DateTime<Utc>) -> Result<Sent, FetchError> {
        let host = host_of(&post.url);
        let mut map = own_headers(&post.headers)?;
        let media = HeaderValue::from_str(&post.content_type)
            .map_err(|_bad| FetchError::Header { name: CONTENT_TYPE.to_string() })?;
        map.insert(CONTENT_TYPE, media);
        let _leave = self.0.gates.enter(&post.url).await;
        let sent = self.0.http.post(post.url.clone()).headers(map).body(post.body.clone()).send();
        let sent = timeout(self.0.settings.timeout, sent).await;
        let sent = sent.map_err(|_elapsed| FetchError::Timeout { host: host.clone() })?;
        let response = sent.map_err(|e| FetchError::from_reqwest(host.clone(), &e))?;
        let status = response.status();
        if status.is_success() {
            return Ok(Sent::Taken(status.as_u16()));
        }
        if status.is_redirection() {
            let to = headers::lossy(response.headers(), &LOCATION).and_then(|to| post.url.join(&to).ok());
            return Ok(Sent::Redirect { host, status: status.as_u16(), to });
        }
        Err(FetchError::Status {
            host,
            status: status.as_u16(),
            retry_after: headers::retry_after(response.headers(), now),
            wall: headers::is_wall(response.headers()),
        })
    }
}

/// What came back.
enum Sent {
    Taken(u16),
    Redirect { host: String, status: u16, to: Option<Url> },
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
        let settings = Settings { private_networks: vec![Network::parse("127.0.0.1").unwrap()], ..Settings::default() };
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
