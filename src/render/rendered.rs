//! Bytes with all that an answer says of them, made once.

use std::io::Write;
use std::sync::OnceLock;

use bytes::Bytes;
use chrono::{DateTime, Utc};

/// Bodies under this many bytes fit one packet: compressing them gains nothing.
const WORTH_COMPRESSING: usize = 1_024;
const GZIP_LEVEL: u32 = 9;
const BROTLI_QUALITY: u32 = 9;
/// Browsers refuse windows over 8 MB (RFC 9659); this level stays under.
const ZSTD_LEVEL: i32 = 15;
/// 2^22 bytes: what Brotli's callers use.
const BROTLI_WINDOW: u32 = 22;
const BROTLI_BUFFER: usize = 4_096;

/// The media types of what we write, with their charset.
pub mod content_type {
    /// RSS.
    pub const RSS: &str = "application/rss+xml; charset=utf-8";
    /// Atom.
    pub const ATOM: &str = "application/atom+xml; charset=utf-8";
    /// JSON Feed.
    pub const JSON_FEED: &str = "application/feed+json; charset=utf-8";
    /// OPML.
    pub const OPML: &str = "text/x-opml; charset=utf-8";
    /// Pages.
    pub const HTML: &str = "text/html; charset=utf-8";
    /// What robots read.
    pub const TEXT: &str = "text/plain; charset=utf-8";
    /// The picture that stands for the site.
    pub const ICON: &str = "image/vnd.microsoft.icon";
    /// The pages' stylesheet.
    pub const CSS: &str = "text/css; charset=utf-8";
}

/// Who may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// Everybody, for so many seconds.
    Public(u32),
    /// The reader's own cache, which must ask each time.
    Private,
    /// Nobody.
    NoStore,
}

impl Cache {
    /// The value of `Cache-Control`. A public answer may be shown for a day more while we do not answer (RFC 5861).
    #[must_use]
    pub fn header(self) -> String {
        match self {
            Self::Public(seconds) => format!("public, max-age={seconds}, stale-if-error=86400"),
            Self::Private => "private, no-cache".into(),
            Self::NoStore => "no-store".into(),
        }
    }
}

/// A content coding (RFC 9110, 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Brotli.
    Brotli,
    /// Zstandard.
    Zstd,
    /// Gzip.
    Gzip,
}

impl Coding {
    /// All, the smallest result first.
    pub const ALL: [Self; 3] = [Self::Brotli, Self::Zstd, Self::Gzip];

    /// Its registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zst",
            Self::Gzip => "gz",
        }
    }

    fn encode(self, body: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(GZIP_LEVEL));
                out.write_all(body)?;
                out.finish()
            }
            Self::Brotli => {
                let mut out = brotli::CompressorWriter::new(Vec::new(), BROTLI_BUFFER, BROTLI_QUALITY, BROTLI_WINDOW);
                out.write_all(body)?;
                Ok(out.into_inner())
            }
            Self::Zstd => zstd::bulk::compress(body, ZSTD_LEVEL),
        }
    }
}

/// One coded form of a body. A strong validator must differ for each (RFC 9110, 8.8.3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coded {
    /// The bytes.
    pub body: Bytes,
    /// Their strong ETag, in quotes.
    pub etag: String,
}

/// Bytes with all that an answer says of them.
#[derive(Debug)]
pub struct Rendered {
    /// Media type, charset included where it is text.
    pub content_type: String,
    /// The bytes.
    pub body: Bytes,
    /// Their strong ETag, in quotes: the same bytes have the same, on every machine.
    pub etag: String,
    /// When they last changed.
    pub last_modified: Option<DateTime<Utc>>,
    /// Values of `Link` headers.
    pub links: Vec<String>,
    /// Who may keep them.
    pub cache: Cache,
    coded: [OnceLock<Option<Coded>>; 3],
}

impl Rendered {
    /// Takes bytes and what is said of them.
    #[must_use]
    pub fn new(content_type: impl Into<String>, body: impl Into<Bytes>, cache: Cache) -> Self {
        let body = filled(body.into().into());
        let hash = blake3::hash(&body);
        let digest = data_encoding::BASE32_NOPAD.encode(&hash.as_bytes()[..15]).to_ascii_lowercase();
        let etag = format!("\"{digest}\"");
        let coded = [OnceLock::new(), OnceLock::new(), OnceLock::new()];
        Self { content_type: content_type.into(), body, etag, last_modified: None, links: Vec::new(), cache, coded }
    }

    /// The same with the date of the last change.
    #[must_use]
    pub fn changed(mut self, at: Option<DateTime<Utc>>) -> Self {
        self.last_modified = at;
        self
    }

    /// The same with one more `Link` header.
    #[must_use]
    pub fn link(mut self, value: impl Into<String>) -> Self {
        self.links.push(value.into());
        self
    }

    /// Whether it can be had in coded forms, so that its answers vary by `Accept-Encoding`.
    #[must_use]
    pub fn compressible(&self) -> bool {
        let media = self.content_type.split(';').next().unwrap_or("").trim();
        let text = media.starts_with("text/") || media.ends_with("+xml") || media.ends_with("+json");
        self.body.len() >= WORTH_COMPRESSING && (text || matches!(media, "application/json" | "application/xml"))
    }

    /// Whether a coded form has been made already, so that asking for it costs nothing.
    #[must_use]
    pub fn made(&self, coding: Coding) -> bool {
        !self.compressible() || self.slot(coding).get().is_some()
    }

    /// A coded form, made when first asked for and kept. `None` where coding gains nothing.
    #[must_use]
    pub fn coded(&self, coding: Coding) -> Option<&Coded> {
        if !self.compressible() {
            return None;
        }
        let make = || {
            let body = coding.encode(&self.body).ok().filter(|b| b.len() < self.body.len())?;
            let etag = format!("{}-{}\"", self.etag.trim_end_matches('"'), coding.suffix());
            Some(Coded { body: filled(body), etag })
        };
        self.slot(coding).get_or_init(make).as_ref()
    }

    fn slot(&self, coding: Coding) -> &OnceLock<Option<Coded>> {
        let [brotli, zstd, gzip] = &self.coded;
        match coding {
            Coding::Brotli => brotli,
            Coding::Zstd => zstd,
            Coding::Gzip => gzip,
        }
    }
}

/// Bytes that are kept: what was reserved for more of them is given back, and may be as much again.
fn filled(mut bytes: Vec<u8>) -> Bytes {
    bytes.shrink_to_fit();
    bytes.into()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn feed() -> Rendered {
        Rendered::new("application/rss+xml; charset=utf-8", "<rss>été</rss>".repeat(500), Cache::Public(60))
    }

    #[test]
    fn each_coded_form_decodes_to_the_same_and_has_its_own_etag() {
        let feed = feed();
        let mut etags = vec![feed.etag.clone()];
        for coding in Coding::ALL {
            assert!(!feed.made(coding));
            let coded = feed.coded(coding).unwrap();
            let mut plain = Vec::new();
            match coding {
                Coding::Gzip => {
                    flate2::read::GzDecoder::new(&coded.body[..]).read_to_end(&mut plain).unwrap();
                }
                Coding::Brotli => {
                    brotli::Decompressor::new(&coded.body[..], 4096).read_to_end(&mut plain).unwrap();
                }
                Coding::Zstd => plain = zstd::decode_all(&coded.body[..]).unwrap(),
            }
            assert_eq!(plain, feed.body);
            assert!(feed.made(coding) && coded.body.len() * 10 < feed.body.len());
            etags.push(coded.etag.clone());
        }
        etags.sort();
        etags.dedup();
        assert_eq!(etags.len(), 4);
        assert_eq!(self::feed().etag, feed.etag);
    }

    #[test]
    fn small_bodies_and_pictures_stay_as_they_are() {
        let small = Rendered::new("text/html; charset=utf-8", "<p>short</p>", Cache::NoStore);
        let picture = Rendered::new("image/png", vec![0; 5_000], Cache::Private);
        assert!(!small.compressible() && small.coded(Coding::Gzip).is_none());
        assert!(!picture.compressible() && picture.coded(Coding::Brotli).is_none());
    }
}
