//! Languages as the formats name them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A language tag (BCP 47) in its usual case: `fr`, `fr-CA`, `zh-Hant`, `ar`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Lang(String);

impl<'de> Deserialize<'de> for Lang {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Lang::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a language tag")))
    }
}

/// Which way a text runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From left to right.
    Ltr,
    /// From right to left.
    Rtl,
}

impl Direction {
    /// The value of HTML's `dir`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}

impl Lang {
    /// Reads a tag, leniently: `FR_fr`, `fr-fr` and ` fr-FR ` are one. `None` when it cannot be a language tag.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let mut out = String::new();
        for (i, part) in raw.trim().split(['-', '_']).enumerate() {
            let plain = !part.is_empty() && part.len() <= 8 && part.bytes().all(|b| b.is_ascii_alphanumeric());
            let primary = (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
            if !plain || (i == 0 && !primary) || i > 4 {
                return None;
            }
            if i == 0 {
                out.push_str(&part.to_ascii_lowercase());
                continue;
            }
            out.push('-');
            match part.len() {
                2 => out.push_str(&part.to_ascii_uppercase()),
                4 if part.as_bytes()[0].is_ascii_alphabetic() => {
                    out.push_str(&part[..1].to_ascii_uppercase());
                    out.push_str(&part[1..].to_ascii_lowercase());
                }
                _ => out.push_str(&part.to_ascii_lowercase()),
            }
        }
        Some(Self(out))
    }

    /// The whole tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without region or script: `fr` of `fr-CA`.
    #[must_use]
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }

    /// Which way its usual script runs.
    #[must_use]
    pub fn direction(&self) -> Direction {
        const RTL: [&str; 17] = [
            "ar", "arc", "ckb", "dv", "fa", "ha-arab", "he", "iw", "ks", "ku-arab", "nqo", "ps", "sd", "syr", "ug",
            "ur", "yi",
        ];
        let script = self.0.split('-').find(|p| p.len() == 4);
        let rtl = match script {
            Some(s) => matches!(s, "Arab" | "Hebr" | "Thaa" | "Syrc" | "Nkoo" | "Adlm"),
            None => RTL.contains(&self.primary()),
        };
        if rtl { Direction::Rtl } else { Direction::Ltr }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_tags_as_they_are_written() {
        let read = |s: &str| Lang::parse(s).map(|l| l.to_string());
        assert_eq!(read(" FR_fr ").as_deref(), Some("fr-FR"));
        assert_eq!(read("zh-hant-tw").as_deref(), Some("zh-Hant-TW"));
        assert_eq!(read("en").as_deref(), Some("en"));
        for bad in ["", "f", "français", "fr-", "-fr", "12"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn knows_which_way_a_language_runs() {
        let dir = |s: &str| Lang::parse(s).map(|l| l.direction());
        assert_eq!(dir("ar-MA"), Some(Direction::Rtl));
        assert_eq!(dir("he"), Some(Direction::Rtl));
        assert_eq!(dir("fa-Latn"), Some(Direction::Ltr));
        assert_eq!(dir("fr"), Some(Direction::Ltr));
    }
}
