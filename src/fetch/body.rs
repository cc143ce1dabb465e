//! Takes the content coding off a body as it comes, and stops where it gets too large.

use std::io::{self, Write};

use brotli::DecompressorWriter;
use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};
use zstd::stream::{raw, zio};

/// How large a body may become whatever its size was before.
const RATIO_FROM: u64 = 1 << 20;
/// Window of a zstd frame, as a power of two: 8 MiB is the most that a server may ask a client to keep (RFC 9659).
const ZSTD_WINDOW: u32 = 23;
const BROTLI_BUFFER: usize = 16 << 10;
/// Codings that are known (those of the IANA, and some of old) and not read here; another name is none.
const UNREAD: [&str; 8] = ["compress", "x-compress", "aes128gcm", "sdch", "exi", "pack200-gzip", "dcb", "dcz"];
const CUT_OFF: &str = "compressed body is cut off";
/// What a piece counts at least, however small: around each stands as much again, and taking it costs time.
const LEAST_PIECE: u64 = 16;
/// How much may come over the wire whatever the body may become.
const WIRE_FROM: u64 = 8 << 20;
/// How many codings may lie over one another.
const MOST_CODINGS: usize = 3;
/// What gzip and raw deflate in a gzip body start with (RFC 1952).
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// Why a body is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is larger than was wanted.
    #[error("body is too large")]
    TooBig,
    /// It becomes much larger than it was sent.
    #[error("body decompresses to too much")]
    Bomb,
    /// It is not in the coding that was named, or not whole.
    #[error("{0}")]
    Broken(String),
    /// It is in a coding that nobody here reads.
    #[error("content coding `{0}` is unknown")]
    Coding(String),
}

/// A whole body without the coding that `Content-Encoding` names: of at most `most` bytes, and of at most `ratio` times its size
/// once it is larger than 1 MiB.
///
/// # Errors
/// Where it would be larger, is broken, or in a coding that is unknown.
pub fn uncoded(content_encoding: &str, coded: &[u8], most: u64, ratio: u64) -> Result<Vec<u8>, BodyError> {
    let mut body = Body::new(content_encoding, most, ratio)?;
    body.feed(coded)?;
    body.end()?;
    Ok(body.bytes())
}

impl From<io::Error> for BodyError {
    /// What the sink said, where it was the one; else what the decoder says.
    fn from(error: io::Error) -> Self {
        let said = error.get_ref().and_then(|e| e.downcast_ref::<Self>()).cloned();
        said.unwrap_or_else(|| Self::Broken(error.to_string()))
    }
}

/// A body as it comes in.
pub(super) struct Body {
    decoder: Decoder,
    /// Codings under the one that is taken off as the body comes, in the order they were laid on (RFC 9110, 8.4).
    beneath: Vec<String>,
    ratio: u64,
    raw: u64,
    /// What came, each piece counted as `LEAST_PIECE` at least.
    weighed: u64,
    most: u64,
    ended: bool,
}

enum Decoder {
    /// No coding was named, and nothing has come yet.
    Unnamed(Sink),
    /// It is said to be gzip, and nothing has come yet.
    Claimed(Sink),
    /// `deflate`: zlib as RFC 9110 says, or bare deflate as some servers send it; the first byte tells.
    Deflate(Sink),
    Plain(Sink),
    Gzip(GzDecoder<Sink>),
    Zlib(ZlibDecoder<Sink>),
    Bare(DeflateDecoder<Sink>),
    Brotli(Box<DecompressorWriter<Sink>>),
    Zstd(Box<zio::Writer<Sink, raw::Decoder<'static>>>),
}

impl Body {
    /// A body in the codings that `Content-Encoding` names, of at most `most` bytes without them, and of at most `ratio` times
    /// its size with them once it is larger than 1 MiB.
    pub(super) fn new(content_encoding: &str, most: u64, ratio: u64) -> Result<Self, BodyError> {
        let named = content_encoding.split(',').map(|c| c.trim().to_ascii_lowercase());
        let mut beneath: Vec<String> =
            named.filter(|c| !c.is_empty() && c != "identity").take(MOST_CODINGS + 1).collect();
        let is_unread = |c: &String| UNREAD.contains(&c.as_str());
        if beneath.len() > MOST_CODINGS || beneath.iter().any(is_unread) {
            return Err(BodyError::Coding(content_encoding.to_owned()));
        }
        let coding = beneath.pop();
        let sink = Sink { bytes: Vec::new(), most, allowed: 0 };
        let decoder = match coding.as_deref() {
            None => Decoder::Unnamed(sink),
            Some("gzip" | "x-gzip") => Decoder::Claimed(sink),
            Some("deflate") => Decoder::Deflate(sink),
            Some("br") => Decoder::Brotli(Box::new(DecompressorWriter::new(sink, BROTLI_BUFFER))),
            Some("zstd") => Decoder::Zstd(Box::new(zstd_decoder(sink)?)),
            // "utf-8", "none": no coding at all, as browsers take it.
            Some(_) => Decoder::Unnamed(sink),
        };
        Ok(Self { decoder, beneath, ratio, raw: 0, weighed: 0, most, ended: false })
    }

    /// Takes the next bytes off the wire.
    pub(super) fn feed(&mut self, mut chunk: &[u8]) -> Result<(), BodyError> {
        self.raw = self.raw.saturating_add(chunk.len() as u64);
        self.weighed = self.weighed.saturating_add(LEAST_PIECE.max(chunk.len() as u64));
        // Twice: what does not pack well, or is followed by padding, is larger on the wire.
        if self.weighed > self.most.saturating_mul(2).max(WIRE_FROM) {
            return Err(BodyError::TooBig);
        }
        self.settle(chunk);
        let allowed = self.raw.saturating_mul(self.ratio).max(RATIO_FROM);
        self.decoder.sink_mut().allowed = allowed;
        while !chunk.is_empty() && !self.ended {
            match self.decoder.write(chunk)? {
                0 => self.ended = !self.next_member(chunk)?,
                taken => chunk = chunk.get(taken..).unwrap_or_default(),
            }
        }
        Ok(())
    }

    /// How large it is so far.
    pub(super) fn len(&mut self) -> usize {
        self.decoder.sink_mut().bytes.len()
    }

    /// What came, all of it or not.
    pub(super) fn bytes(mut self) -> Vec<u8> {
        if !self.ended {
            // What the decoder still holds back counts as well, where it can be had.
            let _ = self.decoder.flush();
        }
        // What broke off under a second coding gives what came of it.
        let _ = self.uncover();
        std::mem::take(&mut self.decoder.sink_mut().bytes)
    }

    /// Takes off what lies under the first coding, as far as it can be had: within the limits of the whole.
    fn uncover(&mut self) -> Result<(), BodyError> {
        while let Some(coding) = self.beneath.pop() {
            let sink = self.decoder.sink_mut();
            let mut under = Self::new(&coding, sink.most.min(sink.allowed), self.ratio)?;
            let done = under.feed(&sink.bytes).and_then(|()| under.end());
            sink.bytes = under.bytes();
            done?;
        }
        Ok(())
    }

    /// Says that nothing more comes.
    ///
    /// # Errors
    /// Where more should have come; what came is there all the same.
    pub(super) fn end(&mut self) -> Result<(), BodyError> {
        if self.raw == 0 {
            return Ok(());
        }
        self.decoder.flush()?;
        let came = self.len();
        // A decoder that takes another byte was not at its end: the body was cut off.
        let whole = match &mut self.decoder {
            Decoder::Zlib(d) => self.ended || d.write(&[0])? == 0,
            Decoder::Bare(d) => self.ended || d.write(&[0])? == 0,
            _ => true,
        };
        if !whole {
            self.decoder.sink_mut().bytes.truncate(came);
            self.ended = true;
            return Err(BodyError::Broken(CUT_OFF.into()));
        }
        self.decoder.end()?;
        self.ended = true;
        self.uncover()
    }

    /// Chooses a decoder by the first byte, where the header leaves a choice.
    fn settle(&mut self, chunk: &[u8]) {
        let Some(first) = chunk.first() else { return };
        let held = std::mem::replace(&mut self.decoder, Decoder::Plain(Sink::default()));
        self.decoder = match held {
            // A file that was gzipped at rest (`sitemap.xml.gz`): no text and no picture starts so.
            Decoder::Unnamed(sink) if chunk.starts_with(&GZIP) => Decoder::Gzip(GzDecoder::new(sink)),
            // Said to be gzip, and sent as it is: no text starts so.
            Decoder::Claimed(sink) if *first == GZIP[0] => Decoder::Gzip(GzDecoder::new(sink)),
            Decoder::Unnamed(sink) | Decoder::Claimed(sink) => Decoder::Plain(sink),
            Decoder::Deflate(sink) if first & 0x0f == 8 => Decoder::Zlib(ZlibDecoder::new(sink)),
            Decoder::Deflate(sink) => Decoder::Bare(DeflateDecoder::new(sink)),
            other => other,
        };
    }

    /// A gzip body may be several in a row (RFC 1952, 2.2); what else follows its end is padding.
    fn next_member(&mut self, rest: &[u8]) -> Result<bool, BodyError> {
        if !matches!(self.decoder, Decoder::Gzip(_)) || rest.first() != GZIP.first() {
            return Ok(false);
        }
        let held = std::mem::replace(&mut self.decoder, Decoder::Plain(Sink::default()));
        if let Decoder::Gzip(ended) = held {
            self.decoder = Decoder::Gzip(GzDecoder::new(ended.finish()?));
        }
        Ok(true)
    }
}

fn zstd_decoder(sink: Sink) -> io::Result<zio::Writer<Sink, raw::Decoder<'static>>> {
    let mut decoder = raw::Decoder::new()?;
    decoder.set_parameter(raw::DParameter::WindowLogMax(ZSTD_WINDOW))?;
    Ok(zio::Writer::new(sink, decoder))
}

impl Decoder {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unnamed(d) | Self::Claimed(d) | Self::Deflate(d) | Self::Plain(d) => d.write(chunk),
            Self::Gzip(d) => d.write(chunk),
            Self::Zlib(d) => d.write(chunk),
            Self::Bare(d) => d.write(chunk),
            Self::Brotli(d) => d.write(chunk),
            Self::Zstd(d) => d.write(chunk),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Unnamed(_) | Self::Claimed(_) | Self::Deflate(_) | Self::Plain(_) => Ok(()),
            Self::Gzip(d) => d.flush(),
            Self::Zlib(d) => d.flush(),
            Self::Bare(d) => d.flush(),
            Self::Brotli(d) => d.flush(),
            Self::Zstd(d) => d.flush(),
        }
    }

    fn sink_mut(&mut self) -> &mut Sink {
        match self {
            Self::Unnamed(d) | Self::Claimed(d) | Self::Deflate(d) | Self::Plain(d) => d,
            Self::Gzip(d) => d.get_mut(),
            Self::Zlib(d) => d.get_mut(),
            Self::Bare(d) => d.get_mut(),
            Self::Brotli(d) => d.get_mut(),
            Self::Zstd(d) => d.writer_mut(),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Unnamed(_) | Self::Claimed(_) | Self::Deflate(_) | Self::Plain(_) => Ok(()),
            Self::Gzip(d) => d.try_finish(),
            Self::Zlib(d) => d.try_finish(),
            Self::Bare(d) => d.try_finish(),
            Self::Brotli(d) => d.close().map_err(|_unnamed| io::Error::other(CUT_OFF)),
            Self::Zstd(d) => d.finish(),
        }
    }
}

/// Where decoded bytes gather, as long as they are not too many.
#[derive(Default)]
struct Sink {
    bytes: Vec<u8>,
    most: u64,
    allowed: u64,
}

impl Write for Sink {
    fn write(&mut self, decoded: &[u8]) -> io::Result<usize> {
        let would_be = (self.bytes.len() as u64).saturating_add(decoded.len() as u64);
        if would_be > self.most {
            let room = usize::try_from(self.most).unwrap_or(usize::MAX).saturating_sub(self.bytes.len());
            self.bytes.extend_from_slice(decoded.get(..room).unwrap_or_default());
            return Err(io::Error::other(BodyError::TooBig));
        }
        if would_be > self.allowed {
            return Err(io::Error::other(BodyError::Bomb));
        }
        self.bytes.extend_from_slice(decoded);
        Ok(decoded.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn coded(coding: &str, plain: &[u8]) -> Vec<u8> {
        match coding {
            "gzip" => {
                let mut e = GzEncoder::new(Vec::new(), Compression::best());
                e.write_all(plain).unwrap();
                e.finish().unwrap()
            }
            "deflate" => {
                let mut e = ZlibEncoder::new(Vec::new(), Compression::best());
                e.write_all(plain).unwrap();
                e.finish().unwrap()
            }
            "bare" => {
                let mut e = DeflateEncoder::new(Vec::new(), Compression::best());
                e.write_all(plain).unwrap();
                e.finish().unwrap()
            }
            "br" => {
                let mut out = Vec::new();
                let mut e = brotli::CompressorWriter::new(&mut out, 4096, 5, 22);
                e.write_all(plain).unwrap();
                drop(e);
                out
            }
            "zstd" => zstd::encode_all(plain, 3).unwrap(),
            _ => plain.to_vec(),
        }
    }

    fn read(header: &str, wire: &[u8], most: u64, step: usize) -> Result<Vec<u8>, BodyError> {
        let mut body = Body::new(header, most, 200)?;
        for chunk in wire.chunks(step) {
            body.feed(chunk)?;
        }
        body.end()?;
        Ok(body.bytes())
    }

    /// Text that no coding makes 200 times smaller.
    fn text() -> Vec<u8> {
        (0..20_000_u32).flat_map(|i| format!("{:x} ", i.wrapping_mul(2_654_435_761)).into_bytes()).collect()
    }

    const ALL: [(&str, &str); 6] =
        [("", "plain"), ("gzip", "gzip"), ("deflate", "deflate"), ("deflate", "bare"), ("br", "br"), ("zstd", "zstd")];

    #[test]
    fn every_coding_comes_off_however_it_is_cut_up() {
        let plain = text();
        for (header, coding) in ALL {
            let wire = coded(coding, &plain);
            for step in [1, 7, 4096, wire.len()] {
                assert_eq!(read(header, &wire, 1 << 20, step).as_ref(), Ok(&plain), "{coding} by {step}");
            }
        }
        assert_eq!(read("x-gzip, identity", &coded("gzip", &plain), 1 << 20, 100).as_ref(), Ok(&plain));
        assert_eq!(read("", &coded("gzip", &plain), 1 << 20, 100).as_ref(), Ok(&plain), "gzipped at rest");
        assert_eq!(read("gzip", b"", 1 << 20, 1), Ok(Vec::new()));
    }

    #[test]
    fn codings_over_one_another_come_off_the_last_first() {
        let text = text();
        let both = coded("br", &coded("gzip", &text));
        for step in [1, 999, both.len()] {
            assert_eq!(read("gzip, br", &both, 1 << 20, step).as_deref(), Ok(&*text), "{step}");
        }
        assert_eq!(
            read("gzip, gzip", &coded("gzip", &text), 1 << 20, 999).as_deref(),
            Ok(&*text),
            "named twice, done once"
        );
        let bomb = coded("gzip", &coded("gzip", &vec![b' '; 20 << 20]));
        assert_eq!(read("gzip, gzip", &bomb, 30 << 20, 999), Err(BodyError::TooBig));
        let mut cut = Body::new("zstd, gzip", 1 << 20, 200).unwrap();
        let wire = coded("gzip", &coded("zstd", &text));
        cut.feed(&wire[..wire.len() * 9 / 10]).unwrap();
        assert!(cut.end().is_err());
        let came = cut.bytes();
        assert!(!came.is_empty() && text.starts_with(&came), "what came of it");
    }

    #[test]
    fn gzip_members_in_a_row_and_padding() {
        let wire = [coded("gzip", b"one "), coded("gzip", b"two"), vec![0; 9]].concat();
        for step in [1, 5, wire.len()] {
            assert_eq!(read("gzip", &wire, 1 << 20, step).as_deref(), Ok(&b"one two"[..]), "by {step}");
        }
    }

    #[test]
    fn what_is_cut_off_says_so_and_gives_what_came() {
        let plain = text();
        for (header, coding) in &ALL[1..] {
            let wire = coded(coding, &plain);
            for left in [wire.len() / 2, wire.len() - 1] {
                let mut body = Body::new(header, 1 << 20, 200).unwrap();
                wire[..left].chunks(1000).for_each(|chunk| body.feed(chunk).unwrap());
                let end = body.end();
                assert!(matches!(end, Err(BodyError::Broken(_))), "{coding} {left}: {end:?}");
                let came = body.bytes();
                // zstd gives blocks of 128 KiB, or nothing of them.
                let least = if *coding == "zstd" { 0 } else { plain.len() / 3 };
                assert!(plain.starts_with(&came) && came.len() >= least, "{coding} {left}: {}", came.len());
            }
        }
    }

    #[test]
    fn bombs_are_cut_early() {
        let zeros = vec![0; 4 << 20];
        for (header, coding) in &ALL[1..] {
            let wire = coded(coding, &zeros);
            let mut body = Body::new(header, 10 << 20, 200).unwrap();
            let mut fed = 0;
            let stopped = wire.chunks(1000).find_map(|chunk| {
                fed += chunk.len();
                body.feed(chunk).err()
            });
            assert!(matches!(stopped, Some(BodyError::Bomb | BodyError::TooBig)), "{coding}");
            assert!(fed <= 6000, "{coding}: {fed} bytes were taken");
            assert!(body.decoder.sink_mut().bytes.len() <= (1 << 20) + 200_000, "{coding}");
        }
    }

    #[test]
    fn no_body_is_larger_than_the_most() {
        let plain = text();
        for (header, coding) in ALL {
            let wire = coded(coding, &plain);
            assert_eq!(read(header, &wire, plain.len() as u64 - 1, 4096), Err(BodyError::TooBig), "{coding}");
            assert!(read(header, &wire, plain.len() as u64, 4096).is_ok(), "{coding}");
        }
    }

    #[test]
    fn neither_tiny_pieces_nor_padding_go_on_without_end() {
        let fed = |header: &str, start: &[u8], piece: &[u8]| {
            let mut body = Body::new(header, 1 << 20, 200).unwrap();
            body.feed(start).unwrap();
            (1..10_000_000_u32).find(|_| body.feed(piece).is_err())
        };
        assert!(fed("", b"<", b" ").is_some_and(|pieces| pieces <= 1 << 19));
        assert!(
            fed("gzip", &coded("gzip", b"whole"), &[0; 1024]).is_some_and(|pieces| pieces <= 1 << 13),
            "after its end"
        );
    }

    #[test]
    fn what_is_said_to_be_gzip_and_is_not_is_taken_as_it_is() {
        for pieces in [&["<rss/>"][..], &["<", "rss/>"]] {
            let mut body = Body::new("gzip", 100, 200).unwrap();
            pieces.iter().for_each(|piece| body.feed(piece.as_bytes()).unwrap());
            body.end().unwrap();
            assert_eq!(body.bytes(), b"<rss/>");
        }
        // A byte at a time.
        let mut body = Body::new("gzip", 100, 200).unwrap();
        coded("gzip", b"<rss/>").iter().for_each(|byte| body.feed(&[*byte]).unwrap());
        assert_eq!(body.bytes(), b"<rss/>");
    }

    #[test]
    fn other_codings_are_refused() {
        for header in ["none", "UTF-8", "binary"] {
            assert!(Body::new(header, 1, 200).is_ok(), "{header}");
        }
        for header in ["compress", "gzip, compress", "sdch, gzip", "gzip, gzip, gzip, gzip"] {
            assert!(matches!(Body::new(header, 1, 200), Err(BodyError::Coding(_))), "{header}");
        }
    }
}
