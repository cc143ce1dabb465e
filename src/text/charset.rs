//! Bytes to text: the labels of the transport and of the document, the byte order, and what the bytes themselves say.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Declarations stand at the head: HTML asks for the first 1024 bytes, and some put notices before it.
const HEAD: usize = 4096;

/// Text that was bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text, without byte order mark; the bytes themselves where they are UTF-8.
    pub text: Cow<'a, str>,
    /// The name of the charset that it was read as.
    pub charset: &'static str,
    /// What was odd, for people.
    pub notes: Vec<String>,
}

impl<'a> Decoded<'a> {
    fn new(text: impl Into<Cow<'a, str>>, charset: &'static str) -> Self {
        Self { text: text.into(), charset, notes: Vec::new() }
    }

    fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// Bytes as the text that they are in UTF-8; `None` where they are none. Several times as fast as the standard library where
/// letters have accents.
#[must_use]
pub fn utf8(bytes: &[u8]) -> Option<&str> {
    match UTF_8.decode_without_bom_handling_and_without_replacement(bytes)? {
        Cow::Borrowed(text) => Some(text),
        Cow::Owned(_) => None,
    }
}

/// Reads bytes as text. In the order of RFC 7303, made lenient: byte order mark; zero bytes of UTF-16 and UTF-32; the label
/// of the transport, then that of the document, each only if the bytes agree with it; UTF-8 where it is valid or nearly
/// so; else what the bytes look like.
#[must_use]
pub fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Decoded<'a> {
    if let Some(done) = by_mark(bytes).or_else(|| by_zeros(bytes)) {
        return done;
    }
    let valid = utf8(bytes);
    let labels = [content_type.and_then(charset_of).map(str::to_owned), declared(bytes)];
    let mut notes = Vec::new();
    for label in labels.into_iter().flatten() {
        match by_label(bytes, &label, valid.is_some()) {
            Ok(Some(mut done)) => {
                done.notes.splice(0..0, notes);
                return done;
            }
            Ok(None) => {}
            Err(note) if !notes.contains(&note) => notes.push(note),
            Err(_) => {}
        }
    }
    let mut done = match valid {
        Some(text) => Decoded::new(text, UTF_8.name()),
        None => guessed(bytes),
    };
    done.notes.splice(0..0, notes);
    done
}

/// The charset parameter of a media type (RFC 9110, 8.3.1).
fn charset_of(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then_some(value)
    })
}

fn by_mark(bytes: &[u8]) -> Option<Decoded<'_>> {
    if bytes.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Some(utf32(&bytes[4..], u32::from_be_bytes, "UTF-32BE"));
    }
    if bytes.starts_with(&[0xff, 0xfe, 0, 0]) {
        return Some(utf32(&bytes[4..], u32::from_le_bytes, "UTF-32LE"));
    }
    let (encoding, length) = Encoding::for_bom(bytes)?;
    let rest = &bytes[length..];
    if encoding == UTF_8 && utf8(rest).is_none() {
        return Some(mended_utf8(rest));
    }
    let (text, broken) = encoding.decode_without_bom_handling(rest);
    let done = Decoded::new(text, encoding.name());
    Some(if broken { done.note(format!("bytes that are no {} were replaced", encoding.name())) } else { done })
}

/// UTF-16 and UTF-32 without a mark: markup begins with ASCII, so its zero bytes tell (XML 1.0, appendix F).
fn by_zeros(bytes: &[u8]) -> Option<Decoded<'_>> {
    let zero: Vec<bool> = bytes.get(..4)?.iter().map(|b| *b == 0).collect();
    let done = match zero[..] {
        [true, true, true, false] => utf32(bytes, u32::from_be_bytes, "UTF-32BE"),
        [false, true, true, true] => utf32(bytes, u32::from_le_bytes, "UTF-32LE"),
        [true, false, true, false] => Decoded::new(UTF_16BE.decode_without_bom_handling(bytes).0, "UTF-16BE"),
        [false, true, false, true] => Decoded::new(UTF_16LE.decode_without_bom_handling(bytes).0, "UTF-16LE"),
        _ => return None,
    };
    let note = format!("{} told by its zero bytes", done.charset);
    Some(done.note(note))
}

/// encoding_rs leaves UTF-32 out, as the web does; feeds have it.
fn utf32(bytes: &[u8], read: fn([u8; 4]) -> u32, name: &'static str) -> Decoded<'static> {
    let text = bytes
        .chunks_exact(4)
        .map(|c| char::from_u32(read([c[0], c[1], c[2], c[3]])).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect::<String>();
    Decoded::new(text, name)
}

/// Tries one label. `Ok(None)`: it says nothing; `Err`: the bytes disagree, with a note.
fn by_label<'a>(bytes: &'a [u8], label: &str, valid_utf8: bool) -> Result<Option<Decoded<'a>>, String> {
    let plain = label.trim().to_ascii_lowercase();
    if matches!(plain.as_str(), "us-ascii" | "ascii" | "ansi_x3.4-1968") {
        return Ok(None);
    }
    let Some(encoding) = Encoding::for_label(plain.as_bytes()) else {
        return Err(format!("charset `{label}` is not known"));
    };
    if encoding == UTF_8 {
        return if valid_utf8 { Ok(None) } else { Err(format!("bytes are not {label} as declared")) };
    }
    if [UTF_16BE, UTF_16LE].contains(&encoding) || encoding.output_encoding() != encoding {
        return Err(format!("bytes are not {label} as declared"));
    }
    if valid_utf8 && !bytes.is_ascii() {
        // Text in another charset is next to never valid UTF-8 by chance; servers that stamp a label on everything are common.
        return Err(format!("bytes are UTF-8, not {label} as declared"));
    }
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Ok(Some(Decoded::new(text, encoding.name()))),
        None => Err(format!("bytes are not {label} as declared")),
    }
}

/// The encoding of an XML declaration, or the charset of an HTML `meta`.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).to_ascii_lowercase();
    let xml = head.find("<?xml").and_then(|at| {
        let declaration = &head[at..];
        let declaration = &declaration[..declaration.find('>')?];
        after(declaration, "encoding")
    });
    xml.or_else(|| {
        head.match_indices("<meta").find_map(|(at, _)| {
            let meta = &head[at..];
            after(&meta[..meta.find('>')?], "charset")
        })
    })
}

/// The value in `name = "value"`, quoted or not.
fn after(text: &str, name: &str) -> Option<String> {
    let rest = text[text.find(name)? + name.len()..].trim_start().strip_prefix('=')?;
    let rest = rest.trim_start().trim_start_matches(['"', '\'']);
    let end = rest.find(|c: char| matches!(c, '"' | '\'' | ';' | '/' | '?') || c.is_whitespace()).unwrap_or(rest.len());
    (end > 0).then(|| rest[..end].to_owned())
}

/// Nothing that was said is true: mostly UTF-8 with stray bytes, or what the bytes look like.
fn guessed(bytes: &[u8]) -> Decoded<'_> {
    let (good, stray) = bytes.utf8_chunks().fold((0usize, 0usize), |(good, stray), chunk| {
        (good + chunk.valid().chars().filter(|c| !c.is_ascii()).count(), stray + chunk.invalid().len())
    });
    if good > 0 && stray <= good {
        return mended_utf8(bytes);
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, chardetng::Utf8Detection::Deny);
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Decoded::new(text, encoding.name()).note(format!("charset guessed: {}", encoding.name()))
}

/// UTF-8, with the stray bytes read as windows-1252: where texts of two origins were pasted together.
fn mended_utf8(bytes: &[u8]) -> Decoded<'static> {
    let mut text = String::with_capacity(bytes.len() + 16);
    let mut stray = 0usize;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        stray += chunk.invalid().len();
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    Decoded::new(text, UTF_8.name()).note(format!("{stray} stray bytes in UTF-8 read as windows-1252"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_is_what_the_standard_library_takes_for_it() {
        for bytes in [
            &b""[..],
            "Été, \u{feff}中文 \u{10ffff}".as_bytes(),
            "Libération ".repeat(40).as_bytes(),
            &["é".repeat(40).as_bytes(), b"\xc3"].concat(),
            b"\xff",
            b"\xed\xa0\x80",
            b"\xc0\x80",
        ] {
            assert_eq!(utf8(bytes), std::str::from_utf8(bytes).ok(), "{bytes:?}");
        }
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn labels_count_when_the_bytes_agree() {
        let latin = b"<?xml version='1.0' encoding='iso-8859-1'?><t>\xe9t\xe9</t>";
        assert!(decode(latin, None).text.ends_with("<t>été</t>"));
        let html = b"<meta charset=windows-1256><p>\xe3\xd1\xcd\xc8\xc7</p>";
        assert!(decode(html, Some("text/html")).text.ends_with("<p>مرحبا</p>"));
        assert_eq!(decode(b"\xe9", Some("text/xml; charset=\"ISO-8859-1\"")).text, "é");
        // Label of the transport before that of the document.
        assert!(
            decode(b"<?xml encoding='utf-8'?>\xcc\xe8\xf0", Some("text/xml;charset=windows-1251"))
                .text
                .ends_with("Мир")
        );
    }

    #[test]
    fn wrong_labels_are_passed_over() {
        let utf8 = "<?xml version='1.0' encoding='iso-8859-1'?>é".as_bytes();
        let read = decode(utf8, Some("text/xml; charset=us-ascii"));
        assert!(read.text.ends_with('é') && read.notes.len() == 1, "{read:?}");
        assert!(decode("<?xml encoding='utf-16'?>é".as_bytes(), None).text.ends_with('é'));
        assert!(
            decode(b"<?xml encoding='utf-8'?>caf\xe9 cr\xe8me d\x92\xe9t\xe9", None).text.ends_with("café crème d’été")
        );
    }

    #[test]
    fn byte_orders_are_told() {
        for (bytes, name) in [
            (utf16("<a>é</a>", u16::to_be_bytes), "UTF-16BE"),
            (utf16("\u{feff}<a>é</a>", u16::to_be_bytes), "UTF-16BE"),
            (utf16("<a>é</a>", u16::to_le_bytes), "UTF-16LE"),
            ("<a>é</a>".chars().flat_map(|c| (c as u32).to_be_bytes()).collect(), "UTF-32BE"),
            ("\u{feff}<a>é</a>".chars().flat_map(|c| (c as u32).to_le_bytes()).collect(), "UTF-32LE"),
        ] {
            let read = decode(&bytes, Some("text/xml; charset=utf-8"));
            assert_eq!((read.text.as_ref(), read.charset), ("<a>é</a>", name));
        }
    }

    #[test]
    fn stray_bytes_do_not_spoil_the_rest() {
        let read = decode(b"\xc3\xa9t\xc3\xa9 d\x92Alger \xc3\xa0", Some("text/xml; charset=utf-8"));
        assert_eq!(read.text, "été d’Alger à");
        assert!(!read.notes.is_empty());
    }
}
