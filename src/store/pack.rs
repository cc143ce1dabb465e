//! Body and text in one compressed frame (the text is nearly all in the body, so that it costs little beside it), and
//! what of an article can be worked out before the writer has its turn.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io;
use std::sync::Arc;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::CParameter;

use crate::model::Article;
use crate::text::{Shingles, utf8};

use super::StoreError;

/// Form of a packed content: this byte, the length of the body, the length of the text (little-endian), a zstd frame.
/// A dictionary may come later without a new form: its id stands in the frame.
const FORM: u8 = 1;
/// Bytes before the frame.
const HEAD: usize = 9;
const LEVEL: i32 = 3;
/// Bytes that a frame repeats at once, at the least. The level has four for short texts: naming those again costs nearly what it
/// saves, and each takes its time when the frame is opened.
const REPEATED: u32 = 5;
/// Bytes of body and text that one article may have; far above what a fetched page can give.
const MOST: usize = 128 << 20;
/// Bytes that each thread keeps to open frames in.
const HELD: usize = 64 << 10;
/// Shingle keys kept of one text: enough for 32,000 words.
const KEYS: usize = 4096;

thread_local! {
    /// Making these costs several times what one article does.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = RefCell::new(compressor().ok());
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = RefCell::new(Decompressor::new().ok());
    /// Where frames are opened.
    static OPENED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// An article, with what can be worked out of it beforehand.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    /// The article.
    pub(super) article: Article,
    /// Of the text.
    pub(super) shingles: Arc<Shingles>,
    /// The sampled shingle keys.
    pub(super) keys: Vec<i64>,
    /// Body and text.
    pub(super) packed: Vec<u8>,
}

impl Prepared {
    /// Samples and compresses; `shingles` are those of the text.
    pub(super) fn of(article: Article, shingles: Shingles) -> Result<Self, StoreError> {
        let bytes = article.body.as_str().len() + article.text.len();
        if bytes > MOST {
            return Err(StoreError::TooLarge { id: article.id.to_string(), bytes });
        }
        let packed = pack(article.body.as_str(), &article.text)?;
        Ok(Self::with(article, shingles, packed))
    }

    /// Samples what is compressed already.
    pub(super) fn with(article: Article, shingles: Shingles, packed: Vec<u8>) -> Self {
        let keys = shingles.sample().iter().take(KEYS).map(|h| h.cast_signed()).collect();
        Self { keys, shingles: Arc::new(shingles), packed, article }
    }

    /// This, or a new one where the decision changed body or text.
    pub(super) fn still(&self, article: &Article) -> Result<Cow<'_, Self>, StoreError> {
        let same = self.article.text == article.text && self.article.body == article.body;
        if same {
            return Ok(Cow::Borrowed(self));
        }
        Ok(Cow::Owned(Self::of(article.clone(), Shingles::of(&article.text))?))
    }
}

/// Sampled keys of a text that was kept, to remove them.
pub(super) fn keys(text: &str) -> Vec<i64> {
    Shingles::of(text).sample().iter().take(KEYS).map(|h| h.cast_signed()).collect()
}

fn compressor() -> io::Result<Compressor<'static>> {
    let mut compressor = Compressor::new(LEVEL)?;
    compressor.set_parameter(CParameter::MinMatch(REPEATED))?;
    Ok(compressor)
}

pub(super) fn pack(body: &str, text: &str) -> Result<Vec<u8>, StoreError> {
    let length = |s: &str| u32::try_from(s.len()).unwrap_or(u32::MAX).to_le_bytes();
    let frame = COMPRESSOR
        .with_borrow_mut(|compressor| match compressor {
            Some(compressor) => compressor.compress([body, text].concat().as_bytes()),
            None => zstd::bulk::compress([body, text].concat().as_bytes(), LEVEL),
        })
        .map_err(|e| StoreError::Database(format!("text not compressed: {e}")))?;
    let mut packed = Vec::with_capacity(HEAD + frame.len());
    packed.push(FORM);
    packed.extend_from_slice(&length(body));
    packed.extend_from_slice(&length(text));
    packed.extend_from_slice(&frame);
    Ok(packed)
}

/// The body and the text.
pub(super) fn unpack(packed: &[u8]) -> Result<(String, String), StoreError> {
    let damaged = |what: &str| StoreError::Damaged(format!("content of an article: {what}"));
    let [FORM, b0, b1, b2, b3, t0, t1, t2, t3, frame @ ..] = packed else { return Err(damaged("unknown form")) };
    let body = u32::from_le_bytes([*b0, *b1, *b2, *b3]) as usize;
    let text = u32::from_le_bytes([*t0, *t1, *t2, *t3]) as usize;
    let whole = body.checked_add(text).filter(|n| *n <= MOST).ok_or_else(|| damaged("lengths"))?;
    OPENED.with_borrow_mut(|bytes| {
        bytes.reserve(whole);
        let opened = open(frame, bytes).map_err(|e| damaged(&e.to_string()));
        let parts = opened.and_then(|_| match utf8(bytes).filter(|joined| joined.len() == whole) {
            Some(joined) => joined.split_at_checked(body).ok_or_else(|| damaged("lengths")),
            None => Err(damaged("no text of its length")),
        });
        let parts = parts.map(|(body, text)| (body.to_owned(), text.to_owned()));
        bytes.clear();
        bytes.shrink_to(HELD);
        parts
    })
}

/// Opens a frame, as far as there is room for it.
fn open(frame: &[u8], into: &mut Vec<u8>) -> io::Result<usize> {
    DECOMPRESSOR.with_borrow_mut(|decompressor| match decompressor {
        Some(decompressor) => decompressor.decompress_to_buffer(frame, into),
        None => Decompressor::new()?.decompress_to_buffer(frame, into),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_it_took() {
        for (body, text) in [("", ""), ("<p>Été</p>", "Été"), ("", "seul"), ("<hr>", "")] {
            let packed = pack(body, text).unwrap();
            assert_eq!(unpack(&packed).unwrap(), (body.to_owned(), text.to_owned()));
        }
    }

    #[test]
    fn opens_what_was_packed_by_the_level_alone() {
        let joined = "<p>Une phrase, puis une autre phrase.</p>Une phrase, puis une autre phrase.";
        let frame = zstd::bulk::compress(joined.as_bytes(), LEVEL).unwrap();
        let packed = [&[FORM, 41, 0, 0, 0, 34, 0, 0, 0][..], &frame].concat();
        let (body, text) = unpack(&packed).unwrap();
        assert_eq!((body.len(), text.as_str()), (41, "Une phrase, puis une autre phrase."));
    }

    #[test]
    fn torn_content_is_an_error_and_no_panic() {
        let packed = pack("<p>Une phrase, puis une autre phrase.</p>", "Une phrase, puis une autre phrase.").unwrap();
        for end in 0..packed.len() {
            assert!(unpack(&packed[..end]).is_err(), "cut at {end}");
        }
        for at in 0..HEAD {
            let mut torn = packed.clone();
            torn[at] ^= 0x81;
            assert!(unpack(&torn).is_err(), "flipped at {at}");
        }
    }
}
