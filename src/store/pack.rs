//! Body and text compressed as one (the text is nearly all in the body, so that it costs little beside it), and
//! what of an article can be worked out before the writer has its turn.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io;
use std::sync::Arc;

use lz4_flex::block;

use crate::model::Article;
use crate::text::{Shingles, utf8};

use super::StoreError;

/// Form of a packed content: this byte, the length of the body, the length of the text (little-endian), an LZ4 block. It is opened in
/// a quarter of the time of a zstd frame, which was a third of what reading a feed cost, and half as large again.
const FORM: u8 = 2;
/// The form before: the same with a zstd frame. What was packed so stays so.
const ZSTD: u8 = 1;
/// Bytes before the block.
const HEAD: usize = 9;
/// Bytes of body and text that one article may have; far above what a fetched page can give.
const MOST: usize = 128 << 20;
/// Bytes that each thread keeps to open contents in.
const HELD: usize = 64 << 10;
/// Shingle keys kept of one text: enough for 32,000 words.
const KEYS: usize = 4096;

thread_local! {
    /// Where contents are opened.
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
        let packed = pack(article.body.as_str(), &article.text);
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

pub(super) fn pack(body: &str, text: &str) -> Vec<u8> {
    let length = |s: &str| u32::try_from(s.len()).unwrap_or(u32::MAX).to_le_bytes();
    let block = block::compress([body, text].concat().as_bytes());
    let mut packed = Vec::with_capacity(HEAD + block.len());
    packed.push(FORM);
    packed.extend_from_slice(&length(body));
    packed.extend_from_slice(&length(text));
    packed.extend_from_slice(&block);
    packed
}

/// The body and the text.
pub(super) fn unpack(packed: &[u8]) -> Result<(String, String), StoreError> {
    let damaged = |what: &str| StoreError::Damaged(format!("content of an article: {what}"));
    let [form, b0, b1, b2, b3, t0, t1, t2, t3, block @ ..] = packed else { return Err(damaged("too short")) };
    let body = u32::from_le_bytes([*b0, *b1, *b2, *b3]) as usize;
    let text = u32::from_le_bytes([*t0, *t1, *t2, *t3]) as usize;
    let whole = body.checked_add(text).filter(|n| *n <= MOST).ok_or_else(|| damaged("lengths"))?;
    OPENED.with_borrow_mut(|bytes| {
        bytes.resize(whole.max(bytes.len()), 0);
        let room = bytes.get_mut(..whole).unwrap_or_default();
        let opened = match *form {
            FORM => block::decompress_into(block, room).map_err(io::Error::other),
            ZSTD => zstd::bulk::decompress_to_buffer(block, room),
            _ => return Err(damaged("unknown form")),
        };
        let opened = opened.map_err(|e| damaged(&e.to_string()))?;
        let joined = room.get(..opened).filter(|joined| joined.len() == whole).and_then(utf8);
        let parts = joined.ok_or_else(|| damaged("no text of its length"))?.split_at_checked(body);
        let parts = parts.map(|(body, text)| (body.to_owned(), text.to_owned())).ok_or_else(|| damaged("lengths"));
        bytes.truncate(HELD);
        bytes.shrink_to(HELD);
        parts
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_it_took() {
        for (body, text) in [("", ""), ("<p>Été</p>", "Été"), ("", "seul"), ("<hr>", "")] {
            let packed = pack(body, text);
            assert_eq!(unpack(&packed).unwrap(), (body.to_owned(), text.to_owned()));
        }
    }

    #[test]
    fn what_was_packed_in_the_form_before_is_opened() {
        let joined = "<p>Une phrase, puis une autre phrase.</p>Une phrase, puis une autre phrase.";
        let frame = zstd::bulk::compress(joined.as_bytes(), 3).unwrap();
        let packed = [&[ZSTD, 41, 0, 0, 0, 34, 0, 0, 0][..], &frame].concat();
        let (body, text) = unpack(&packed).unwrap();
        assert_eq!((body.len(), text.as_str()), (41, "Une phrase, puis une autre phrase."));
    }

    #[test]
    fn a_large_content_is_given_back_and_its_room_is_not_kept() {
        let (body, text) = ("<p>mer</p>".repeat(50_000), "mer ".repeat(50_000));
        assert_eq!(unpack(&pack(&body, &text)).unwrap(), (body, text));
        assert!(OPENED.with_borrow(|opened| opened.capacity() <= 2 * HELD));
        assert_eq!(
            unpack(&pack("<hr>", "vague")).unwrap(),
            ("<hr>".to_owned(), "vague".to_owned()),
            "nothing is left of it"
        );
    }

    #[test]
    fn torn_content_is_an_error_and_no_panic() {
        let packed = pack("<p>Une phrase, puis une autre phrase.</p>", "Une phrase, puis une autre phrase.");
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
