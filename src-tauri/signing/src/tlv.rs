//! DER as spans of the original bytes: what was signed is compared and kept as it came, never decoded and encoded again.

use der::{ErrorKind, Header, Length, Reader, SliceReader};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// `[n]`, primitive.
pub(crate) const fn context_primitive(n: u8) -> u8 {
    0x80 | n
}
/// `[n]`, constructed.
pub(crate) const fn context(n: u8) -> u8 {
    0xa0 | n
}

/// Why bytes are not what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// BER that DER does not allow: indefinite lengths, strings in pieces.
    Ber,
    /// Not ASN.1, or another structure.
    Shape,
}

/// One element: its tag octet, all of its bytes, its value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: u8,
    pub(crate) bytes: &'a [u8],
    pub(crate) value: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// The value, if the tag is this one.
    pub(crate) fn expect(self, tag: u8) -> Result<&'a [u8], Broken> {
        if self.tag == tag {
            Ok(self.value)
        } else if self.tag == tag | 0x20 && tag & 0xc0 == 0 {
            Err(Broken::Ber)
        } else {
            Err(Broken::Shape)
        }
    }

    /// The elements inside, if the tag is this one.
    pub(crate) fn inside(self, tag: u8) -> Result<Elements<'a>, Broken> {
        elements(self.expect(tag)?)
    }
}

/// Elements read one after the other.
pub(crate) struct Elements<'a> {
    reader: SliceReader<'a>,
}

/// Starts to read a run of elements.
pub(crate) fn elements(input: &[u8]) -> Result<Elements<'_>, Broken> {
    Ok(Elements { reader: SliceReader::new(input).map_err(broken)? })
}

/// Exactly one element, with nothing behind it.
pub(crate) fn single(input: &[u8]) -> Result<Tlv<'_>, Broken> {
    let mut run = elements(input)?;
    let only = run.next()?;
    run.finish()?;
    Ok(only)
}

impl<'a> Elements<'a> {
    /// Tag octet of the next element.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.reader.peek_byte()
    }

    /// The next element.
    pub(crate) fn next(&mut self) -> Result<Tlv<'a>, Broken> {
        let tag = self.peek().ok_or(Broken::Shape)?;
        if matches!(tag, 0x24 | 0x2c) {
            return Err(Broken::Ber);
        }
        let length = Header::peek(&self.reader).map_err(broken)?.length();
        let bytes = self.reader.tlv_bytes().map_err(broken)?;
        let length = usize::try_from(length).map_err(broken)?;
        let value = bytes.len().checked_sub(length).and_then(|from| bytes.get(from..)).ok_or(Broken::Shape)?;
        Ok(Tlv { tag, bytes, value })
    }

    /// The next element, if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>, Broken> {
        if self.peek() == Some(tag) { self.next().map(Some) } else { Ok(None) }
    }

    /// All that are left.
    pub(crate) fn rest(mut self) -> Result<Vec<Tlv<'a>>, Broken> {
        let mut all = Vec::new();
        while self.peek().is_some() {
            all.push(self.next()?);
        }
        Ok(all)
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), Broken> {
        self.reader.finish().map_err(broken)
    }
}

fn broken(error: der::Error) -> Broken {
    if error.kind() == ErrorKind::IndefiniteLength { Broken::Ber } else { Broken::Shape }
}

/// Writes one element around the parts.
pub(crate) fn wrap(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let digits = length.to_be_bytes();
        let from = digits.iter().position(|digit| *digit != 0).unwrap_or(0);
        out.push(0x80 | (digits.len() - from) as u8);
        out.extend_from_slice(&digits[from..]);
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// Writes a SET OF: the members in the order that DER asks for.
pub(crate) fn wrap_set(tag: u8, mut members: Vec<Vec<u8>>) -> Vec<u8> {
    members.sort();
    let parts: Vec<&[u8]> = members.iter().map(Vec::as_slice).collect();
    wrap(tag, &parts)
}

/// What `der` can hold at most; larger content is refused before it is wrapped.
pub(crate) fn fits(length: usize) -> bool {
    Length::try_from(length).is_ok() && length < (1 << 28)
}
