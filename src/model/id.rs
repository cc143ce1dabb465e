//! Ids that are the same at every poll, on every machine, in a rebuilt database.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::SourceName;

/// By what an entry is known again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The id that the source gave; it counts within the source only.
    Guid(String),
    /// The canonical key of its address.
    Url(String),
    /// The hash of its folded text, where there is neither.
    Text(u64),
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id of what `source` knows by `identity`: 80 bits of a BLAKE3 hash, as 16 lower-case base32 characters.
            #[must_use]
            pub fn of(source: &SourceName, identity: &Identity) -> Self {
                Self(digest(source, identity))
            }

            /// An id that was made before, read back. `None` when it has not the form of one.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let well_formed = text.len() == 16 && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
                well_formed.then(|| Self(text.to_owned()))
            }

            /// Its 16 characters.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// Names an article for good.
    ArticleId
}
id! {
    /// Names a story for good: the id of its founding article. It never changes when the lead does.
    StoryId
}

impl StoryId {
    /// The 80 bits behind its characters.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        let letters = self.0.to_ascii_uppercase();
        // Whatever made the id, its form was checked: there is nothing to fail.
        let _fits = data_encoding::BASE32_NOPAD.decode_mut(letters.as_bytes(), &mut bytes);
        bytes
    }

    /// The id of these 80 bits.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 10]) -> Self {
        Self(data_encoding::BASE32_NOPAD.encode(bytes).to_ascii_lowercase())
    }
}

impl From<ArticleId> for StoryId {
    fn from(founder: ArticleId) -> Self {
        Self(founder.0)
    }
}

fn digest(source: &SourceName, identity: &Identity) -> String {
    let mut hash = blake3::Hasher::new();
    match identity {
        Identity::Guid(guid) => {
            hash.update(b"guid\0").update(source.as_str().as_bytes()).update(b"\0").update(guid.as_bytes())
        }
        Identity::Url(key) => hash.update(b"url\0").update(key.as_bytes()),
        Identity::Text(text) => hash.update(b"text\0").update(&text.to_be_bytes()),
    };
    data_encoding::BASE32_NOPAD.encode(&hash.finalize().as_bytes()[..10]).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_counts_within_its_source_only() {
        let (a, b) = (SourceName::new("a").unwrap(), SourceName::new("b").unwrap());
        let guid = Identity::Guid("1".into());
        assert_ne!(ArticleId::of(&a, &guid), ArticleId::of(&b, &guid));
        let url = Identity::Url("example.org/1".into());
        assert_eq!(ArticleId::of(&a, &url), ArticleId::of(&b, &url));
    }

    #[test]
    fn ids_stay_what_they_were() {
        let a = SourceName::new("agence-sud").unwrap();
        let id = ArticleId::of(&a, &Identity::Guid("urn:1".into()));
        assert_eq!(ArticleId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(id.as_str().len(), 16);
        assert_eq!(ArticleId::parse("../../etc/passwd"), None);
        for id in [
            StoryId::from(id),
            StoryId::parse("aaaaaaaaaaaaaaaa").unwrap(),
            StoryId::parse("7z2y3x4w5v6u7777").unwrap(),
        ] {
            assert_eq!(StoryId::from_bytes(&id.to_bytes()), id);
        }
    }
}
