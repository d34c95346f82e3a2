//! Cuts a web page into tags and text, as forgiving as a browser where nothing is lost by it. A tag, a comment or
//! a script that never ends is damage: what follows it would be lost.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use crate::entity;
use crate::error::SheetError;

/// Bytes of a tag that are searched for attributes: each cell asks for several.
const ATTRIBUTES: usize = 32 * 1024;

/// One piece of a page.
pub(crate) enum Token<'a> {
    Open(Tag<'a>),
    /// The name as written.
    Close(&'a str),
    /// With its entities.
    Text(&'a str),
}

/// An opening tag.
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a str,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// An element that has no end tag.
    pub(crate) fn is_void(&self) -> bool {
        const VOID: [&str; 8] = ["br", "img", "input", "hr", "col", "wbr", "link", "meta"];
        self.attributes.ends_with('/') || VOID.iter().any(|name| self.is(name))
    }

    /// Not shown on the page.
    pub(crate) fn is_hidden(&self) -> bool {
        if self.attribute("hidden").is_some() {
            return true;
        }
        let Some(style) = self.attribute("style") else { return false };
        let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        style.split(';').any(|rule| rule == "display:none" || rule.starts_with("display:none!"))
    }

    /// The value of an attribute with its entities resolved; empty where it has none.
    pub(crate) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            // An equals sign in front is part of a name.
            let first = rest.chars().next().map_or(1, char::len_utf8);
            let end = rest[first..].find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '/');
            let end = end.map_or(rest.len(), |end| first + end);
            let (key, after) = rest.split_at(end);
            let (value, after) = match after.trim_start().strip_prefix('=') {
                Some(after) => attribute_value(after.trim_start()),
                None => ("", after),
            };
            if key.eq_ignore_ascii_case(name) {
                return Some(entity::resolve(value));
            }
            rest = after;
        }
    }
}

/// The value and what follows it.
fn attribute_value(text: &str) -> (&str, &str) {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => match text[1..].split_once(quote) {
            Some(pair) => pair,
            None => (&text[1..], ""),
        },
        Some(_) | None => text.split_at(text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len())),
    }
}

/// The pieces of a page, in order.
pub(crate) struct Tags<'a> {
    rest: &'a str,
}

impl<'a> Tags<'a> {
    pub(crate) fn new(content: &'a str) -> Self {
        Self { rest: content }
    }

    pub(crate) fn next_token(&mut self) -> Result<Option<Token<'a>>, SheetError> {
        loop {
            if self.rest.is_empty() {
                return Ok(None);
            }
            let Some(after) = self.rest.strip_prefix('<') else {
                return Ok(Some(Token::Text(self.text(0))));
            };
            match after.as_bytes() {
                [b'!', b'-', b'-', ..] => {
                    // `<!-->` is a whole comment.
                    self.rest = past(&after[1..], "-->")?;
                }
                [b'!' | b'?', ..] => self.rest = past(after, ">")?,
                [b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                    let name = name(&after[1..]);
                    self.rest = past(after, ">")?;
                    return Ok(Some(Token::Close(name)));
                }
                [letter, ..] if letter.is_ascii_alphabetic() => {
                    let tag = self.tag(after)?;
                    for raw in ["script", "style", "textarea", "title"] {
                        if tag.is(raw) && !tag.attributes.ends_with('/') {
                            self.skip_raw(raw)?;
                        }
                    }
                    return Ok(Some(Token::Open(tag)));
                }
                _sign => return Ok(Some(Token::Text(self.text(1)))),
            }
        }
    }

    /// Text up to the next `<`; one within the first `least` bytes is a sign of its own.
    fn text(&mut self, least: usize) -> &'a str {
        let end = memchr(b'<', &self.rest.as_bytes()[least..]).map_or(self.rest.len(), |end| end + least);
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        text
    }

    fn tag(&mut self, after: &'a str) -> Result<Tag<'a>, SheetError> {
        let name = name(after);
        let body = &after[name.len()..];
        let bytes = body.as_bytes();
        let mut quote = None;
        let mut value = false;
        for (at, byte) in bytes.iter().enumerate() {
            match (quote, byte) {
                (Some(mark), byte) if mark == *byte => quote = None,
                (Some(_), _) => {}
                (None, b'>') => {
                    self.rest = &body[at + 1..];
                    let attributes = &body[..body.floor_char_boundary(at.min(ATTRIBUTES))];
                    return Ok(Tag { name, attributes: attributes.trim_end() });
                }
                (None, b'"' | b'\'') if value => (quote, value) = (Some(*byte), false),
                (None, b'=') => value = true,
                (None, byte) => value = value && byte.is_ascii_whitespace(),
            }
        }
        Err(SheetError::damaged("html tag"))
    }

    fn skip_raw(&mut self, name: &str) -> Result<(), SheetError> {
        let mut at = 0;
        while let Some(end) = memmem::find(&self.rest.as_bytes()[at..], b"</") {
            let start = at + end + 2;
            if self.rest.as_bytes()[start..].get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name.as_bytes()))
            {
                self.rest = past(&self.rest[start..], ">")?;
                return Ok(());
            }
            at = start;
        }
        Err(SheetError::damaged("html script"))
    }
}

fn name(text: &str) -> &str {
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/' || c == '<').unwrap_or(text.len());
    &text[..end]
}

fn past<'a>(text: &'a str, end: &str) -> Result<&'a str, SheetError> {
    memmem::find(text.as_bytes(), end.as_bytes())
        .map(|at| &text[at + end.len()..])
        .ok_or_else(|| SheetError::damaged("html tag"))
}
