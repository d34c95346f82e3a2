//! A workbook's archive with some parts replaced and some added; every other entry is copied as it is packed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read, Write};
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::WriteError;
use crate::archive::Archive;
use crate::xml::{attribute, entity};

pub(crate) const TYPES: &str = "[Content_Types].xml";
pub(crate) const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Parts of an archive as they shall be.
pub(crate) struct Package<'a> {
    pub(crate) archive: Archive<'a>,
    changed: BTreeMap<String, String>,
    added: Vec<(String, String)>,
    removed: BTreeSet<String>,
    /// Every name in lower case, those added included.
    taken: BTreeSet<String>,
}

impl<'a> Package<'a> {
    pub(crate) fn new(archive: Archive<'a>) -> Self {
        let taken = archive.names().iter().map(|n| n.to_ascii_lowercase()).collect();
        Self { archive, changed: BTreeMap::new(), added: Vec::new(), removed: BTreeSet::new(), taken }
    }

    /// A part as text, as it shall be.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, WriteError> {
        if let Some(text) = self.changed.get(name) {
            return Ok(Some(text.clone()));
        }
        if let Some((_, text)) = self.added.iter().find(|(added, _)| added == name) {
            return Ok(Some(text.clone()));
        }
        let Some(mut entry) = self.archive.entry(name)? else { return Ok(None) };
        let mut text = String::new();
        entry.read_to_string(&mut text).map_err(|_| WriteError::odd(name))?;
        if text.starts_with('\u{feff}') {
            text.remove(0);
        }
        Ok(Some(text))
    }

    /// Replaces a part, or adds it.
    pub(crate) fn put(&mut self, name: &str, text: String) {
        if self.archive.names().iter().any(|n| n == name) {
            self.changed.insert(name.to_owned(), text);
        } else if let Some(place) = self.added.iter_mut().find(|(added, _)| added == name) {
            place.1 = text;
        } else {
            self.taken.insert(name.to_ascii_lowercase());
            self.added.push((name.to_owned(), text));
        }
    }

    /// A name that no entry has: `xl/comments` + number + `.xml`.
    pub(crate) fn free_name(&self, start: &str, end: &str) -> Result<String, WriteError> {
        (1..=2_001)
            .map(|number| format!("{start}{number}{end}"))
            .find(|name| !self.taken.contains(&name.to_ascii_lowercase()))
            .ok_or_else(|| WriteError::odd(start))
    }

    /// Adds a relationship of `part` and gives its id.
    pub(crate) fn relate(&mut self, part: &str, kind: &str, target: &str) -> Result<String, WriteError> {
        let name = relations_of(part);
        let text = match self.text(&name)? {
            Some(text) => text,
            None => r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>"#
                .to_owned(),
        };
        let ids: BTreeSet<String> = relations(&text, &name)?.into_iter().map(|r| r.id).collect();
        let id = (1..=ids.len() + 1)
            .map(|number| format!("rIdHj{number}"))
            .find(|id| !ids.contains(id))
            .ok_or_else(|| WriteError::odd(&name))?;
        let text = insert_last(&text, "Relationships", &name, |prefix| {
            format!(r#"<{prefix}Relationship Id="{id}" Type="{kind}" Target="/{target}"/>"#)
        })?;
        self.put(&name, text);
        Ok(id)
    }

    /// The part that `part` relates to with a kind that ends so, or with this id.
    pub(crate) fn related(
        &mut self,
        part: &str,
        wanted: impl Fn(&Relation) -> bool,
    ) -> Result<Option<String>, WriteError> {
        let name = relations_of(part);
        let Some(text) = self.text(&name)? else { return Ok(None) };
        let found = relations(&text, &name)?.into_iter().find(wanted);
        Ok(found.map(|relation| resolve(part, &relation.target)))
    }

    /// Says what kind of content a new part is.
    pub(crate) fn declare(&mut self, part: &str, kind: &str) -> Result<(), WriteError> {
        self.change(TYPES, "Types", |p| format!(r#"<{p}Override PartName="/{part}" ContentType="{kind}"/>"#))
    }

    /// Says what kind of content files with this ending are, unless that is said already.
    pub(crate) fn declare_ending(&mut self, ending: &str, kind: &str) -> Result<(), WriteError> {
        let text = self.text(TYPES)?.ok_or_else(|| WriteError::odd(TYPES))?;
        let mut known = false;
        scan(&text, TYPES, |found| {
            if let Found::Tag { element, .. } = found
                && element.local_name().as_ref() == "Default"
                && let Some(extension) = attribute(element, "Extension", TYPES)?
            {
                known |= extension.eq_ignore_ascii_case(ending);
            }
            Ok(())
        })?;
        if known {
            return Ok(());
        }
        self.change(TYPES, "Types", |p| format!(r#"<{p}Default Extension="{ending}" ContentType="{kind}"/>"#))
    }

    /// Leaves a part out that `of` relates to, with whatever says that it is there.
    pub(crate) fn remove(&mut self, part: &str, of: &str) -> Result<(), WriteError> {
        if !self.archive.names().iter().any(|name| name == part) {
            return Ok(());
        }
        let declared = |element: &BytesStart<'_>| -> Result<bool, WriteError> {
            let said = attribute(element, "PartName", TYPES)?;
            Ok(said.is_some_and(|said| said.trim_start_matches('/') == part))
        };
        self.drop_elements(TYPES, declared)?;
        let relations = relations_of(of);
        let related = |element: &BytesStart<'_>| -> Result<bool, WriteError> {
            let said = attribute(element, "Target", &relations)?;
            Ok(element.local_name().as_ref() == "Relationship" && said.is_some_and(|said| resolve(of, &said) == part))
        };
        self.drop_elements(&relations, related)?;
        self.removed.insert(part.to_owned());
        Ok(())
    }

    fn drop_elements(
        &mut self,
        part: &str,
        dropped: impl Fn(&BytesStart<'_>) -> Result<bool, WriteError>,
    ) -> Result<(), WriteError> {
        let Some(text) = self.text(part)? else { return Ok(()) };
        let mut gone = Vec::new();
        scan(&text, part, |found| {
            if let Found::Tag { element, range, empty: true } = found
                && dropped(element)?
            {
                gone.push((range, String::new()));
            }
            Ok(())
        })?;
        self.put(part, splice(&text, gone));
        Ok(())
    }

    /// Adds to the end of the first element with this name.
    pub(crate) fn change(
        &mut self,
        part: &str,
        element: &str,
        more: impl FnOnce(&str) -> String,
    ) -> Result<(), WriteError> {
        let text = self.text(part)?.ok_or_else(|| WriteError::odd(part))?;
        let text = insert_last(&text, element, part, more)?;
        self.put(part, text);
        Ok(())
    }

    /// Writes the archive: entries in their order, `streamed` by its own writer, new ones at the end.
    pub(crate) fn finish(
        mut self,
        streamed: &str,
        stream: impl FnOnce(&mut Archive<'_>, &mut ZipWriter<Cursor<Vec<u8>>>) -> Result<(), WriteError>,
    ) -> Result<Vec<u8>, WriteError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        // A clerk waits for it; what a higher level saves, she does not notice.
        let level = SimpleFileOptions::default().compression_level(Some(3));
        let options = level.compression_method(CompressionMethod::Deflated);
        let mut stream = Some(stream);
        for (index, name) in self.archive.names().to_vec().into_iter().enumerate() {
            if self.removed.contains(&name) {
                continue;
            }
            if name == streamed {
                zip.start_file(name, options)?;
                if let Some(stream) = stream.take() {
                    stream(&mut self.archive, &mut zip)?;
                }
            } else if let Some(text) = self.changed.remove(&name) {
                zip.start_file(name, options)?;
                zip.write_all(text.as_bytes())?;
            } else {
                zip.raw_copy_file(self.archive.packed(index)?)?;
            }
        }
        for (name, text) in self.added {
            zip.start_file(name, options)?;
            zip.write_all(text.as_bytes())?;
        }
        Ok(zip.finish()?.into_inner())
    }
}

/// One relationship of a part.
pub(crate) struct Relation {
    pub(crate) id: String,
    pub(crate) kind: String,
    target: String,
}

fn relations(text: &str, part: &str) -> Result<Vec<Relation>, WriteError> {
    let mut relations = Vec::new();
    scan(text, part, |found| {
        if let Found::Tag { element, .. } = found
            && element.local_name().as_ref() == "Relationship"
        {
            let get = |name| attribute(element, name, part).map(Option::unwrap_or_default);
            if get("TargetMode")? != "External" {
                relations.push(Relation { id: get("Id")?, kind: get("Type")?, target: get("Target")? });
            } else {
                relations.push(Relation { id: get("Id")?, kind: String::new(), target: String::new() });
            }
        }
        Ok(())
    })?;
    Ok(relations)
}

fn relations_of(part: &str) -> String {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    format!("{folder}/_rels/{file}.rels")
}

/// A relationship's target as an entry name.
fn resolve(part: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = part.split('/').collect();
    path.pop();
    for step in target.split('/') {
        match step {
            "." | "" => {}
            ".." => {
                path.pop();
            }
            name => path.push(name),
        }
    }
    path.join("/")
}

/// What a scan of XML comes by, with its place in the text.
pub(crate) enum Found<'e, 'x> {
    /// `<a>` or `<a/>`.
    Tag { element: &'e BytesStart<'x>, range: Range<usize>, empty: bool },
    /// `</a>`, by its local name, and where it begins.
    End { name: &'e str, at: usize },
    /// Characters.
    Text(&'e str),
}

/// Goes through XML, tag by tag.
pub(crate) fn scan(
    text: &str,
    part: &str,
    mut visit: impl FnMut(Found<'_, '_>) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    let odd = || WriteError::odd(part);
    let mut reader = Reader::from_str(text);
    loop {
        let from = usize::try_from(reader.buffer_position()).map_err(|_| odd())?;
        let event = reader.read_event().map_err(|_| odd())?;
        let to = usize::try_from(reader.buffer_position()).map_err(|_| odd())?;
        match event {
            Event::Start(element) => visit(Found::Tag { element: &element, range: from..to, empty: false })?,
            Event::Empty(element) => visit(Found::Tag { element: &element, range: from..to, empty: true })?,
            Event::End(element) => visit(Found::End { name: element.local_name().as_ref(), at: from })?,
            Event::Text(text) => visit(Found::Text(&text.xml10_content()))?,
            Event::CData(text) => visit(Found::Text(&text.xml10_content()))?,
            Event::GeneralRef(reference) => visit(Found::Text(entity(&reference, part)?.encode_utf8(&mut [0; 4])))?,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            // Entities of its own making: not from any spreadsheet program.
            Event::DocType(_) => return Err(odd()),
            Event::Eof => return Ok(()),
        }
    }
}

/// `more` (given the namespace prefix) before the end of the first element with this local name.
fn insert_last(text: &str, element: &str, part: &str, more: impl FnOnce(&str) -> String) -> Result<String, WriteError> {
    let mut prefix = None;
    let mut place = None;
    scan(text, part, |found| {
        match found {
            Found::Tag { element: tag, range, empty } if prefix.is_none() && tag.local_name().as_ref() == element => {
                prefix = Some(prefix_of(tag));
                if empty {
                    place = Some((range, true));
                }
            }
            Found::End { name, at } if name == element && place.is_none() => place = Some((at..at, false)),
            Found::Tag { .. } | Found::End { .. } | Found::Text(_) => {}
        }
        Ok(())
    })?;
    let (Some(prefix), Some((range, empty))) = (prefix, place) else { return Err(WriteError::odd(part)) };
    let more = more(&prefix);
    let new = if empty {
        let open = text[range.clone()].trim_end_matches("/>");
        format!("{open}>{more}</{prefix}{element}>")
    } else {
        more
    };
    Ok(splice(text, [(range, new)]))
}

/// `x:` of `x:sheet`.
pub(crate) fn prefix_of(element: &BytesStart<'_>) -> String {
    let name = element.name();
    let name: &str = name.as_ref();
    name.rfind(':').map_or_else(String::new, |colon| name[..=colon].to_owned())
}

/// The text with ranges replaced; they rise and do not overlap.
pub(crate) fn splice(text: &str, changes: impl IntoIterator<Item = (Range<usize>, String)>) -> String {
    let mut out = String::with_capacity(text.len() + 1024);
    let mut from = 0;
    for (range, new) in changes {
        out.push_str(&text[from..range.start]);
        out.push_str(&new);
        from = range.end;
    }
    out.push_str(&text[from..]);
    out
}

/// A tag with some attributes set; the others stay as they are written.
pub(crate) fn with_attributes(
    element: &BytesStart<'_>,
    set: &[(&str, String)],
    drop: &[&str],
    part: &str,
) -> Result<BytesStart<'static>, WriteError> {
    let name: String = element.name().as_ref().to_owned();
    let mut changed = BytesStart::new(name);
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| WriteError::odd(part))?;
        let key: &str = attribute.key.as_ref();
        if !set.iter().any(|(name, _)| *name == key) && !drop.contains(&key) {
            changed.push_attribute(attribute);
        }
    }
    for (name, value) in set {
        changed.push_attribute((*name, value.as_str()));
    }
    Ok(changed)
}

/// Text for XML; `_x000D_` would be read as a character by spreadsheet programs.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (at, character) in text.char_indices() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '_' if is_escape(&text[at..]) => out.push_str("_x005F_"),
            '\n' | '\t' => out.push(character),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

fn is_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7 && bytes[1] == b'x' && bytes[6] == b'_' && bytes[2..6].iter().all(u8::is_ascii_hexdigit)
}
