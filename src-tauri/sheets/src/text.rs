//! Bytes of a text file → text, strictly: a byte that does not fit is an error with its position.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::SheetError;

pub(crate) fn has_byte_order_mark(bytes: &[u8]) -> bool {
    Encoding::for_bom(bytes).is_some()
}

/// Whether a label means UTF-16, of either order.
pub(crate) fn is_wide(label: &str) -> bool {
    Encoding::for_label_no_replacement(label.as_bytes()).is_some_and(|e| e == UTF_16LE || e == UTF_16BE)
}

/// The text and the name of its encoding. A byte order mark decides, then the choice, then what fits:
/// UTF-8 if every byte is, else what a page declares, else GB18030 (or Big5 where the letters say so).
pub(crate) fn decode<'a>(bytes: &'a [u8], choice: Option<&str>) -> Result<(&'static str, Cow<'a, str>), SheetError> {
    let encoding = match (choice, Encoding::for_bom(bytes)) {
        (Some(label), _) => Encoding::for_label_no_replacement(label.as_bytes())
            .ok_or_else(|| SheetError::UnknownEncoding { encoding: label.chars().take(40).collect() })?,
        (None, Some((encoding, _))) => encoding,
        (None, None) => guess(bytes),
    };
    // WHATWG's GBK decoder is GB18030 already; its name would mislead.
    let encoding = if encoding == encoding_rs::GBK { GB18030 } else { encoding };
    let start = match Encoding::for_bom(bytes) {
        Some((marked, length)) if marked == encoding => length,
        Some(_) | None => 0,
    };
    let content = strict(encoding, bytes, start)?;
    Ok((name(encoding), content))
}

fn name(encoding: &'static Encoding) -> &'static str {
    match encoding {
        e if e == UTF_8 => "utf-8",
        e if e == UTF_16LE => "utf-16le",
        e if e == UTF_16BE => "utf-16be",
        e if e == GB18030 => "gb18030",
        e if e == BIG5 => "big5",
        other => other.name(),
    }
}

/// An encoding that marks itself and that nothing here reads.
pub(crate) fn unsupported(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\xFF\xFE\0\0") || bytes.starts_with(b"\0\0\xFE\xFF") {
        return Some("UTF-32");
    }
    let utf7 = bytes.starts_with(b"+/v") && bytes.get(3).is_some_and(|b| b"89+/".contains(b));
    utf7.then_some("UTF-7")
}

/// Position and line of the first NUL (both one-based) where the rest is text.
pub(crate) fn stray_nul(bytes: &[u8]) -> Option<(u64, u64)> {
    let first = memchr::memchr(0, bytes)?;
    let controls = bytes.iter().filter(|b| matches!(b, 1..=8 | 14..=25 | 28..=31)).count();
    let text = bytes.iter().filter(|b| **b != 0).count();
    let lines = memchr::memchr_iter(b'\n', &bytes[..first]).count() as u64;
    (controls == 0 && text > 0 && first > 0).then_some((first as u64 + 1, lines + 1))
}

/// What a web page or an XML file says of itself in its first bytes.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = bytes.trim_ascii_start();
    let start = start.starts_with(b"<").then(|| &start[..start.len().min(4096)])?.to_ascii_lowercase();
    for mark in [&b"charset="[..], b"encoding="] {
        let Some(at) = memchr::memmem::find(&start, mark) else { continue };
        let rest = &start[at + mark.len()..];
        let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
        let end = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')));
        let label = &rest[..end.unwrap_or(rest.len())];
        // A page that could be read this far is in no UTF-16, whatever it says.
        return Encoding::for_label_no_replacement(label).filter(|e| *e != UTF_16LE && *e != UTF_16BE);
    }
    None
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    // Chinese text in another encoding is never valid UTF-8 by chance, so this counts more than a declaration.
    if std::str::from_utf8(bytes).is_ok() || nearly_utf8(bytes) {
        return UTF_8;
    }
    if let Some(encoding) = declared(bytes)
        && encoding != UTF_8
    {
        return encoding;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    // A clerk of a mainland unit: the hint settles short files.
    let guessed = detector.guess(Some(b"cn"), Utf8Detection::Deny);
    if guessed == BIG5 && strict(BIG5, bytes, 0).is_ok() { BIG5 } else { GB18030 }
}

/// UTF-8 with a few broken bytes. Taken for GB18030 it would come out as 锟斤拷 without any error.
fn nearly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 10 * bad
}

fn strict<'a>(encoding: &'static Encoding, bytes: &'a [u8], start: usize) -> Result<Cow<'a, str>, SheetError> {
    if encoding == UTF_8 {
        return match std::str::from_utf8(&bytes[start..]) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => Err(broken(encoding, bytes, start + error.valid_up_to())),
        };
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut content = String::with_capacity(bytes.len() + bytes.len() / 2);
    let mut at = start;
    loop {
        let (result, read) = decoder.decode_to_string_without_replacement(&bytes[at..], &mut content, true);
        at += read;
        match result {
            DecoderResult::InputEmpty => return Ok(Cow::Owned(content)),
            DecoderResult::OutputFull => content.reserve(64 + (bytes.len() - at) * 3),
            DecoderResult::Malformed(bad, after) => {
                let first = at.saturating_sub(usize::from(bad) + usize::from(after));
                return Err(broken(encoding, bytes, first));
            }
        }
    }
}

fn broken(encoding: &'static Encoding, bytes: &[u8], at: usize) -> SheetError {
    let line = bytes[..at].iter().filter(|b| **b == b'\n').count() as u64 + 1;
    SheetError::BrokenText { encoding: name(encoding).to_owned(), byte: at as u64 + 1, line }
}
