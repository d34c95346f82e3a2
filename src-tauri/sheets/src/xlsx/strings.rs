//! The shared strings of a workbook, in one piece of memory.

use std::io::Read;

use super::scan::{Feed, Part, Scan, Tag, may_be_escaped, resolve, whole_number};

/// The strings one behind the other.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
}

impl Strings {
    pub(super) fn get(&self, index: u32) -> Option<&str> {
        let index = usize::try_from(index).ok()?;
        let end = *self.ends.get(index)? as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.text.get(start..end)
    }

    /// Reads them all, and says how many bytes the entry has.
    pub(super) fn read(entry: impl Read, most: u64, most_strings: u64) -> Option<(Self, u64)> {
        let mut feed = Feed::new(entry, "</si>", most);
        let mut strings = Self::default();
        let mut scan = Scan::new(feed.piece()?);
        scan.declaration()?;
        let (Tag::Open("sst"), content) = (scan.tag()?, strings.declared(&mut scan, most_strings)?) else {
            return None;
        };
        let mut over = !content || strings.piece(&mut scan)?;
        while !over {
            let piece = feed.piece()?;
            // A list that was not closed.
            if piece.is_empty() {
                return None;
            }
            over = strings.piece(&mut Scan::new(piece))?;
        }
        Some((strings, feed.finish()?))
    }

    /// The attributes of the list; whether it has content.
    fn declared(&mut self, scan: &mut Scan<'_>, most: u64) -> Option<bool> {
        loop {
            match scan.part()? {
                Part::Attribute("uniqueCount", count) => {
                    let count = whole_number(count).filter(|count| u64::from(*count) <= most)?;
                    self.ends.reserve(usize::try_from(count).ok()?);
                }
                Part::Attribute(key, _) if key.ends_with("uniqueCount") => return None,
                Part::Attribute(..) => {}
                Part::Content => return Some(true),
                Part::Nothing => return Some(false),
            }
        }
    }

    /// The strings of one piece; whether the list is over.
    fn piece(&mut self, scan: &mut Scan<'_>) -> Option<bool> {
        loop {
            while let Some(text) = scan.common_string() {
                self.text.push_str(text);
                self.ends.push(u32::try_from(self.text.len()).ok()?);
            }
            match scan.tag()? {
                Tag::Open("si") => {
                    if scan.rest_of_tag()? {
                        string(scan, "si", &mut self.text)?;
                    }
                    self.ends.push(u32::try_from(self.text.len()).ok()?);
                }
                Tag::Close("sst") => return Some(true),
                Tag::End => return Some(false),
                Tag::Open(_) | Tag::Close(_) => return None,
            }
        }
    }
}

/// The content of `<si>` or `<is>`, put behind `out`: its text, or that of its runs; how it is spoken is left out.
pub(super) fn string(scan: &mut Scan<'_>, closing: &str, out: &mut String) -> Option<()> {
    let mut in_run = false;
    loop {
        match scan.tag()? {
            Tag::Open("t") => text(scan, out)?,
            Tag::Open("r") if !in_run => in_run = scan.rest_of_tag()?,
            Tag::Close("r") if in_run => in_run = false,
            Tag::Open(name @ ("rPr" | "rPh")) => {
                if scan.rest_of_tag()? {
                    left_out(scan, name)?;
                }
            }
            Tag::Open("phoneticPr") => {
                if scan.rest_of_tag()? {
                    return None;
                }
            }
            Tag::Close(name) if name == closing && !in_run => return Some(()),
            Tag::Open(_) | Tag::Close(_) | Tag::End => return None,
        }
    }
}

/// The rest of `<t>`.
fn text(scan: &mut Scan<'_>, out: &mut String) -> Option<()> {
    let mut kept = false;
    loop {
        match scan.part()? {
            Part::Attribute("xml:space", "preserve") if !kept => kept = true,
            Part::Attribute(..) => return None,
            Part::Content => break,
            Part::Nothing => return Some(()),
        }
    }
    let raw = scan.raw_text()?;
    let start = out.len();
    resolve(raw, out)?;
    if may_be_escaped(&out[start..]) {
        return None;
    }
    if !kept {
        let blank = [' ', '\t', '\r', '\n'];
        out.truncate(start + out[start..].trim_end_matches(blank).len());
        let leading = out[start..].len() - out[start..].trim_start_matches(blank).len();
        out.drain(start..start + leading);
    }
    scan.skip("</t>").then_some(())
}

/// How the runs look, or how they are spoken: nothing that could be taken for a text of the string.
fn left_out(scan: &mut Scan<'_>, closing: &str) -> Option<()> {
    loop {
        match scan.tag()? {
            Tag::Close(name) if name == closing => return Some(()),
            Tag::Open("t") if closing == "rPh" => {
                if scan.rest_of_tag()? {
                    resolve(scan.raw_text()?, &mut String::new())?;
                    scan.skip("</t>").then_some(())?;
                }
            }
            Tag::Open(
                "b" | "i" | "u" | "strike" | "outline" | "shadow" | "condense" | "extend" | "sz" | "color" | "rFont"
                | "family" | "charset" | "scheme" | "vertAlign",
            ) if closing == "rPr" => {
                // Written empty, or with an end tag of its own.
                if scan.rest_of_tag()? {
                    return None;
                }
            }
            Tag::Open(_) | Tag::Close(_) | Tag::End => return None,
        }
    }
}
