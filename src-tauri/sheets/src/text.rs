//! Bytes of a text file → text, strictly: a byte that does not fit is an error with its position.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::SheetError;

pub(crate) fn has_byte_order_mark(bytes: &[u8]) -> bool {
    Encoding::for_bom(bytes).is_some()
}

/// The text and the name of its encoding. A byte order mark decides, then the choice, then what fits:
/// UTF-8 if every byte is, else GB18030 (or Big5 where the letters say so).
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

fn guess(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() || nearly_utf8(bytes) {
        return UTF_8;
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
