//! Walks over the plain XML that spreadsheets write. `None` means: not known here, somebody who knows all of XML
//! shall read it.

use std::io::Read;
use std::ops::Range;

use memchr::memmem::FinderRev;
use memchr::{memchr, memchr2, memmem};

/// An archive entry as it is unpacked, in pieces that end behind a closing tag.
pub(super) struct Feed<'m, R> {
    entry: R,
    /// Ends a piece.
    mark: FinderRev<'m>,
    buffer: Vec<u8>,
    /// What is in the buffer and was not given out yet.
    ahead: Range<usize>,
    bytes: u64,
    /// Larger entries are not for here.
    most: u64,
    ended: bool,
}

impl<'m, R: Read> Feed<'m, R> {
    pub(super) fn new(entry: R, mark: &'m str, most: u64) -> Self {
        let mark = FinderRev::new(mark);
        Self { entry, mark, buffer: vec![0; 128 * 1024], ahead: 0..0, bytes: 0, most, ended: false }
    }

    /// The next piece; an empty one behind the last.
    pub(super) fn piece(&mut self) -> Option<&str> {
        self.buffer.copy_within(self.ahead.clone(), 0);
        let mut filled = self.ahead.len();
        let end = loop {
            while !self.ended && filled < self.buffer.len() {
                let read = self.entry.read(&mut self.buffer[filled..]).ok()?;
                self.bytes += read as u64;
                self.ended = read == 0;
                filled += read;
            }
            if self.bytes > self.most {
                return None;
            }
            if self.ended {
                break filled;
            }
            if let Some(mark) = self.mark.rfind(&self.buffer[..filled]) {
                break mark + self.mark.needle().len();
            }
            self.buffer.resize(self.buffer.len() * 2, 0);
        };
        self.ahead = end..filled;
        std::str::from_utf8(&self.buffer[..end]).ok()
    }

    /// How many bytes there were; the rest is unpacked to know it.
    pub(super) fn finish(mut self) -> Option<u64> {
        while !self.ended && self.bytes <= self.most {
            let read = self.entry.read(&mut self.buffer).ok()?;
            self.bytes += read as u64;
            self.ended = read == 0;
        }
        Some(self.bytes)
    }
}

/// A tag, without its attributes if it opens an element: those come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag<'a> {
    Open(&'a str),
    Close(&'a str),
    /// The piece is over.
    End,
}

/// What comes after an opening tag's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Attribute(&'a str, &'a str),
    /// Text or elements follow.
    Content,
    /// `/>`: the element is closed at once.
    Nothing,
}

/// `<c r="B5" s="3" t="s"><v>7</v></c>`: a cell as nearly all of them are written.
pub(super) struct CommonCell<'a> {
    /// Zero-based.
    pub(super) column: u16,
    pub(super) style: Option<u32>,
    /// The value is the place of a shared string, not a number.
    pub(super) shared: bool,
    /// As it is written; `None` where the cell holds nothing.
    pub(super) value: Option<&'a str>,
}

/// The number of a row as its cells name it, and the quote behind it: compared a million times, as one word.
pub(super) struct RowMark {
    word: u64,
    length: usize,
}

impl RowMark {
    /// `None` where the number is longer than any row's.
    pub(super) fn new(row: u32) -> Option<Self> {
        // From the end: the first digit comes to lie lowest, as a word is read.
        let (mut word, mut length, mut left) = (u64::from(b'"'), 1, row);
        loop {
            let digit = u64::from(b'0') + u64::from(left % 10);
            word = word << 8 | digit;
            (length, left) = (length + 1, left / 10);
            if left == 0 {
                return Some(Self { word, length });
            }
            if length == size_of::<u64>() {
                return None;
            }
        }
    }

    #[inline]
    fn skip<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        let word = u64::from_le_bytes(*text.first_chunk()?);
        let apart = (word ^ self.word) << (64 - 8 * self.length);
        if apart == 0 { text.get(self.length..) } else { None }
    }
}

/// A place in a piece of XML.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
    }

    /// Steps over exactly this, if it comes next.
    #[inline]
    pub(super) fn skip(&mut self, expected: &str) -> bool {
        let comes = self.text.as_bytes()[self.at..].starts_with(expected.as_bytes());
        if comes {
            self.at += expected.len();
        }
        comes
    }

    /// The XML declaration, where there is one: nothing but version 1.0 in UTF-8.
    pub(super) fn declaration(&mut self) -> Option<()> {
        self.skip("\u{feff}");
        if !self.skip("<?xml ") {
            return Some(());
        }
        loop {
            self.skip_blanks();
            if self.skip("?>") {
                return Some(());
            }
            match self.attribute()? {
                ("version", "1.0") => {}
                ("encoding", encoding) if encoding.eq_ignore_ascii_case("utf-8") => {}
                ("standalone", "yes" | "no") => {}
                _other => return None,
            }
        }
    }

    /// The next tag, with nothing but blanks before it.
    #[inline]
    pub(super) fn tag(&mut self) -> Option<Tag<'a>> {
        self.skip_blanks();
        let Some(first) = self.byte() else { return Some(Tag::End) };
        if first != b'<' {
            return None;
        }
        self.at += 1;
        let closes = self.byte() == Some(b'/');
        if closes {
            self.at += 1;
        }
        let name = self.name()?;
        if !closes {
            return Some(Tag::Open(name));
        }
        self.skip(">").then_some(Tag::Close(name))
    }

    #[inline]
    fn name(&mut self) -> Option<&'a str> {
        let rest = &self.text.as_bytes()[self.at..];
        let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b':' | b'_'))?;
        let name = &self.text[self.at..self.at + end];
        self.at += end;
        (end > 0).then_some(name)
    }

    /// What comes next in an opening tag.
    #[inline]
    pub(super) fn part(&mut self) -> Option<Part<'a>> {
        match self.byte()? {
            b'>' => {
                self.at += 1;
                Some(Part::Content)
            }
            b'/' => self.skip("/>").then_some(Part::Nothing),
            b' ' | b'\n' | b'\r' | b'\t' => {
                self.skip_blanks();
                match self.byte()? {
                    b'>' | b'/' => self.part(),
                    _name => self.attribute().map(|(key, value)| Part::Attribute(key, value)),
                }
            }
            _other => None,
        }
    }

    #[inline]
    fn attribute(&mut self) -> Option<(&'a str, &'a str)> {
        let key = self.name()?;
        if !self.skip("=") {
            return None;
        }
        let quote = self.byte().filter(|byte| matches!(byte, b'"' | b'\''))?;
        let start = self.at + 1;
        let end = start
            + until(
                &self.text.as_bytes()[start..],
                |byte| byte == quote || byte == b'<',
                |rest| memchr2(quote, b'<', rest),
            )?;
        self.at = end;
        if self.byte() != Some(quote) {
            return None;
        }
        self.at += 1;
        Some((key, &self.text[start..end]))
    }

    /// The next cell, where it is written as nearly all are and stands in this row; otherwise nothing was read.
    #[inline]
    pub(super) fn common_cell(&mut self, row: &RowMark) -> Option<CommonCell<'a>> {
        let rest = behind(&self.text.as_bytes()[self.at..], b"<c r=\"")?;
        let letters = rest.iter().take(3).take_while(|letter| letter.is_ascii_uppercase()).count();
        let (letters, rest) = rest.split_at(letters);
        let column = letters.iter().fold(0, |column, letter| column * 26 + u16::from(letter - b'A') + 1);
        let mut rest = row.skip(rest)?;
        let mut style = None;
        if let Some(number) = behind(rest, b" s=\"") {
            let end = number.iter().take(6).position(|byte| *byte == b'"')?;
            style = Some(whole(&number[..end])?);
            rest = &number[end + 1..];
        }
        let shared = behind(rest, b" t=\"s\"");
        let rest = shared.unwrap_or(rest);
        let column = column.checked_sub(1)?;
        let (value, next) = if let Some(next) = behind(rest, b"/>") {
            (None, next)
        } else {
            let value = behind(rest, b"><v>")?;
            let end = value.iter().take(20).position(|byte| *byte == b'<').filter(|end| *end > 0)?;
            let start = self.text.len() - value.len();
            (Some(self.text.get(start..start + end)?), behind(&value[end..], b"</v></c>")?)
        };
        self.at = self.text.len() - next.len();
        Some(CommonCell { column, style, shared: shared.is_some(), value })
    }

    /// The text of the next shared string, where it is written as nearly all are: alone, and with nothing in it that
    /// means something else. Otherwise nothing was read.
    #[inline]
    pub(super) fn common_string(&mut self) -> Option<&'a str> {
        let rest = behind(&self.text.as_bytes()[self.at..], b"<si><t>")?;
        let end = rest.iter().take(64).position(|byte| matches!(byte, b'<' | b'&' | b'_' | ..b' '))?;
        let next = behind(&rest[end..], b"</t></si>")?;
        let outer = |byte: Option<&u8>| byte.is_some_and(|byte| *byte != b' ');
        if !outer(rest.first()) || !outer(rest[..end].last()) {
            return None;
        }
        let start = self.text.len() - rest.len();
        let text = self.text.get(start..start + end)?;
        self.at = self.text.len() - next.len();
        Some(text)
    }

    /// The rest of an opening tag, whatever it says; whether the element has content.
    pub(super) fn rest_of_tag(&mut self) -> Option<bool> {
        loop {
            match self.part()? {
                Part::Attribute(..) => {}
                Part::Content => return Some(true),
                Part::Nothing => return Some(false),
            }
        }
    }

    /// Text up to the next tag, as it is written.
    #[inline]
    pub(super) fn raw_text(&mut self) -> Option<&'a str> {
        let rest = &self.text[self.at..];
        let end = until(rest.as_bytes(), |byte| byte == b'<', |rest| memchr(b'<', rest))?;
        self.at += end;
        Some(&rest[..end])
    }
}

/// What comes behind these bytes; compared as words, not by a call for each cell.
#[inline]
fn behind<'t, const LENGTH: usize>(text: &'t [u8], bytes: &[u8; LENGTH]) -> Option<&'t [u8]> {
    let (first, rest) = text.split_first_chunk::<LENGTH>()?;
    (first == bytes).then_some(rest)
}

/// Where something is: mostly near, where a search that is made for long texts has not even begun.
#[inline]
fn until(bytes: &[u8], is: impl Fn(u8) -> bool, far: impl Fn(&[u8]) -> Option<usize>) -> Option<usize> {
    let near = bytes.len().min(16);
    bytes[..near].iter().position(|byte| is(*byte)).or_else(|| far(&bytes[near..]).map(|at| near + at))
}

/// The text that was written like this, put behind `out`.
pub(super) fn resolve(raw: &str, out: &mut String) -> Option<()> {
    // A reader of XML makes one character of both ends of a line.
    if memchr(b'\r', raw.as_bytes()).is_some() {
        return None;
    }
    let mut rest = raw;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let end = at + memchr(b';', &rest.as_bytes()[at..])?;
        out.push(entity(&rest[at + 1..end])?);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    Some(())
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _number => {}
    }
    let number = name.strip_prefix('#')?;
    let (digits, base) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, base).ok().filter(|code| plain && *code > 0)?;
    char::from_u32(code)
}

/// Excel writes a character that XML has no room for as `_x000D_`.
pub(super) fn may_be_escaped(text: &str) -> bool {
    memchr(b'_', text.as_bytes()).is_some() && memmem::find(text.as_bytes(), b"_x").is_some()
}

/// Digits and nothing else, no zero in front of them, and not as many as would not fit.
#[inline]
pub(super) fn whole_number(text: &str) -> Option<u32> {
    whole(text.as_bytes())
}

#[inline]
fn whole(digits: &[u8]) -> Option<u32> {
    if !matches!(digits.len(), 1..=9) || (digits.len() > 1 && digits[0] == b'0') {
        return None;
    }
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
    digits.iter().try_fold(0, |number, byte| Some(number * 10 + digit(*byte)?))
}
