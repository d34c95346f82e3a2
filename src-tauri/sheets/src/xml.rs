//! A streaming XML reader over one archive entry, and what every reader of attributes needs.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesEnd, BytesRef, BytesStart, Event};

use crate::error::SheetError;

/// `<a/>` comes as `<a></a>`, so that one branch serves both.
pub(crate) fn reader<R: Read>(entry: R) -> Reader<BufReader<R>> {
    let mut reader = Reader::from_reader(BufReader::with_capacity(32 * 1024, entry));
    reader.config_mut().expand_empty_elements = true;
    reader
}

/// What a reader of sheets wants to know about the next event.
pub(crate) enum Node<'b> {
    Open(BytesStart<'b>),
    Close(BytesEnd<'b>),
    /// Text with its entities resolved; one text may come in pieces.
    Text(Cow<'b, str>),
    /// Comments, declarations, a DTD.
    Other,
    Eof,
}

/// The next event; `buffer` is emptied first.
pub(crate) fn next<'b, R: BufRead>(
    xml: &mut Reader<R>,
    buffer: &'b mut Vec<u8>,
    part: &str,
) -> Result<Node<'b>, SheetError> {
    buffer.clear();
    Ok(match xml.read_event_into(buffer).map_err(|_| SheetError::damaged(part))? {
        Event::Start(element) | Event::Empty(element) => Node::Open(element),
        Event::End(element) => Node::Close(element),
        Event::Text(text) => Node::Text(text.xml10_content()),
        Event::CData(text) => Node::Text(text.xml10_content()),
        Event::GeneralRef(reference) => Node::Text(Cow::Owned(entity(&reference, part)?.to_string())),
        Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => Node::Other,
        Event::Eof => Node::Eof,
    })
}

/// The attribute with this local name (any prefix), unescaped.
pub(crate) fn attribute(element: &BytesStart<'_>, name: &str, part: &str) -> Result<Option<String>, SheetError> {
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| SheetError::damaged(part))?;
        if attribute.key.local_name().as_ref() == name {
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map_err(|_| SheetError::damaged(part))?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

/// The character of `&amp;` or `&#x4E00;`. Any other entity would need a DTD, and those are refused.
pub(crate) fn entity(reference: &BytesRef<'_>, part: &str) -> Result<char, SheetError> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character);
    }
    let name: &str = reference;
    match name {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _unknown => Err(SheetError::damaged(part)),
    }
}

/// Reads past the element that was just opened; `buffer` is scratch.
pub(crate) fn skip<R: BufRead>(
    reader: &mut Reader<R>,
    element: &BytesStart<'_>,
    buffer: &mut Vec<u8>,
    part: &str,
) -> Result<(), SheetError> {
    reader.read_to_end_into(element.name(), buffer).map_err(|_| SheetError::damaged(part))?;
    Ok(())
}
