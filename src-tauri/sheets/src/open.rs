//! Finds out by content what a file is, and reads it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::archive::Archive;
use crate::error::{Looks, Measure, SheetError};
use crate::limits::Limits;
use crate::workbook::{Format, ReadChoice, SheetInfo, Workbook};
use crate::write::summary::is_summary;
use crate::{biff, delimited, html, ods, text, xls, xlsb, xlsx, xml2003};

const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Reads one sheet in this process. Programs use [`crate::read_in_worker`]: a hostile file may cost more
/// memory than a process survives.
///
/// # Errors
/// Every [`SheetError`] but those of the worker, the header and the columns.
pub fn read(bytes: Vec<u8>, choice: &ReadChoice, limits: &Limits) -> Result<Workbook, SheetError> {
    // The readers of other people's binary formats index without asking; a panic there means a broken file.
    catch_unwind(AssertUnwindSafe(|| open(&bytes, choice, limits)))
        .unwrap_or_else(|_| Err(SheetError::damaged("unexpected structure")))
}

fn open(bytes: &[u8], choice: &ReadChoice, limits: &Limits) -> Result<Workbook, SheetError> {
    if bytes.is_empty() {
        return Err(SheetError::EmptyFile);
    }
    if bytes.len() as u64 > limits.file_bytes {
        return Err(SheetError::too_large(Measure::FileBytes, limits.file_bytes));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return match xlsx::plain::read(bytes, choice, limits) {
            Some(workbook) => Ok(workbook),
            None => packed(bytes, choice, limits),
        };
    }
    if bytes.starts_with(OLE) {
        return xls::read(bytes, choice, limits);
    }
    // A program downloads in pieces too: the start of an OLE file is still no text.
    if OLE.starts_with(&bytes[..bytes.len().min(OLE.len())]) || bytes == b"PK" || bytes == b"PK\x03" {
        return Err(SheetError::damaged("file start"));
    }
    if let Some(version) = biff::bare_version(bytes) {
        return Err(SheetError::OldFormat { what: version.to_owned() });
    }
    if let Some(encoding) = text::unsupported(bytes) {
        return Err(SheetError::UnsupportedEncoding { encoding: encoding.to_owned() });
    }
    if let Some(looks) = binary(bytes, choice.encoding.as_deref()) {
        return Err(match (looks, text::stray_nul(bytes)) {
            (Looks::Unknown, Some((byte, line))) => SheetError::NulByte { byte, line },
            (looks, _) => SheetError::NotAWorkbook { looks },
        });
    }
    let (encoding, content) = text::decode(bytes, choice.encoding.as_deref())?;
    if let Some(at) = content.find('\0') {
        let line = content[..at].matches('\n').count() as u64 + 1;
        return Err(SheetError::NulByte { byte: at as u64 + 1, line });
    }
    match markup(&content) {
        Markup::None => delimited::read(&content, encoding, limits),
        Markup::Page => html::read(&content, encoding, choice, limits),
        Markup::Spreadsheet => xml2003::read(&content, encoding, choice, limits),
        Markup::Other(looks) => Err(SheetError::NotAWorkbook { looks }),
    }
}

fn packed(bytes: &[u8], choice: &ReadChoice, limits: &Limits) -> Result<Workbook, SheetError> {
    let mut archive = Archive::open(bytes, limits)?;
    let mut workbook = match archive.format()? {
        Format::Xlsx => xlsx::read(bytes, &mut archive, choice, limits),
        Format::Xlsb => xlsb::read(bytes, &mut archive, choice, limits),
        Format::Ods => ods::read(&mut archive, choice, limits),
        Format::Xls | Format::Csv | Format::Html | Format::Xml2003 => {
            Err(SheetError::NotAWorkbook { looks: Looks::Archive })
        }
    }?;
    workbook.macros = archive.has_macros();
    Ok(workbook)
}

/// For tests and the fuzzer: what the reader of plain xlsx makes of a file, `None` where it leaves it to the other
/// one, and what that one makes of it.
pub fn read_both_ways(
    bytes: &[u8],
    choice: &ReadChoice,
    limits: &Limits,
) -> (Option<Workbook>, Result<Workbook, SheetError>) {
    let reference = catch_unwind(AssertUnwindSafe(|| packed(bytes, choice, limits)))
        .unwrap_or_else(|_| Err(SheetError::damaged("unexpected structure")));
    (xlsx::plain::read(bytes, choice, limits), reference)
}

/// The sheet to read: the one named, else the first that is not hidden and no summary of ours, else the first.
pub(crate) fn choose(sheets: &[SheetInfo], choice: &ReadChoice) -> Result<usize, SheetError> {
    match &choice.sheet {
        Some(name) => sheets
            .iter()
            .position(|s| s.name == *name)
            .ok_or_else(|| SheetError::NoSuchSheet { name: name.chars().take(80).collect() }),
        None if sheets.is_empty() => Err(SheetError::damaged("no sheets")),
        None => Ok(sheets.iter().position(|s| !s.hidden && !is_summary(&s.name)).unwrap_or(0)),
    }
}

/// What a file is that holds no text, in the encoding that was chosen for it.
fn binary(bytes: &[u8], chosen: Option<&str>) -> Option<Looks> {
    const KNOWN: &[(&[u8], Looks)] = &[
        (b"%PDF", Looks::Pdf),
        (b"\x89PNG", Looks::Picture),
        (b"\xFF\xD8\xFF", Looks::Picture),
        (b"GIF8", Looks::Picture),
        (b"BM\0\0", Looks::Picture),
        (b"MZ", Looks::Program),
        (b"\x7FELF", Looks::Program),
        (b"Rar!", Looks::Archive),
        (b"7z\xBC\xAF", Looks::Archive),
        (b"\x1F\x8B", Looks::Archive),
        (b"{\\rtf", Looks::Word),
    ];
    let known = KNOWN.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, looks)| *looks);
    match known {
        // Two letters alone may begin a text.
        Some(Looks::Program) if !bytes.contains(&0) => None,
        Some(looks) => Some(looks),
        // In UTF-16 every second byte of a Latin letter is 0.
        None if text::has_byte_order_mark(bytes) || chosen.is_some_and(text::is_wide) => None,
        // 26 ends a text of DOS.
        None => bytes.iter().any(|b| matches!(b, 0..=8 | 14..=25 | 28..=31)).then_some(Looks::Unknown),
    }
}

enum Markup {
    None,
    Page,
    Spreadsheet,
    Other(Looks),
}

fn markup(content: &str) -> Markup {
    let start: String = content.trim_start().chars().take(4096).collect::<String>().to_ascii_lowercase();
    if start.starts_with("mime-version:") {
        return Markup::Other(Looks::Mhtml);
    }
    if !start.starts_with('<') {
        return Markup::None;
    }
    if start.contains("urn:schemas-microsoft-com:office:spreadsheet") && !start.contains("<html") {
        return Markup::Spreadsheet;
    }
    // Its styles read like those of a page.
    if start.contains("urn:oasis:names:tc:opendocument") && !start.contains("<html") {
        return Markup::Other(Looks::Xml);
    }
    let html = ["<html", "<!doctype html", "<table", "<meta", "<head", "<body", "<div", "<style"];
    if html.iter().any(|tag| start.contains(tag)) {
        return Markup::Page;
    }
    if start.starts_with("<?xml") { Markup::Other(Looks::Xml) } else { Markup::None }
}
