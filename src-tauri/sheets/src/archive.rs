//! Counts a zip archive before anything else reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use crate::error::{Looks, Measure, SheetError};
use crate::limits::Limits;
use crate::workbook::Format;

const CENTRAL_HEADER: &[u8] = b"PK\x01\x02";
const END_OF_DIRECTORY: &[u8] = b"PK\x05\x06";

/// A zip archive whose names and unpacked sizes are known to be within the limits.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
    /// Entries whose XML mentions merged or hidden cells and so is worth a second look.
    layouts: BTreeSet<String>,
}

impl<'a> Archive<'a> {
    /// Unpacks every entry once, keeps nothing, and refuses what exceeds the limits. The declared sizes are
    /// not believed.
    pub(crate) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, SheetError> {
        let mut archive = Self::listed(bytes, limits)?;
        archive.count(limits, &BTreeMap::new())?;
        Ok(archive)
    }

    /// An archive of which nothing has been counted yet but its names.
    pub(crate) fn listed(bytes: &'a [u8], limits: &Limits) -> Result<Self, SheetError> {
        // The reader keeps a record per entry, so the number is checked before it sees the directory.
        let headers = memchr::memmem::find_iter(bytes, CENTRAL_HEADER).count() as u64;
        if headers > limits.zip_entries {
            return Err(SheetError::too_large(Measure::ZipEntries, limits.zip_entries));
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken("zip directory", &e))?;
        let names = safe_names(&zip, declared_entries(bytes))?;
        Ok(Self { zip, names, layouts: BTreeSet::new() })
    }

    /// Unpacks the entries that are not `read` already, and counts them all.
    pub(crate) fn count(&mut self, limits: &Limits, read: &BTreeMap<String, u64>) -> Result<(), SheetError> {
        let mut total = 0_u64;
        let mut buffer = vec![0_u8; 64 * 1024];
        for (index, name) in self.names.iter().enumerate() {
            let left = limits.total_bytes.saturating_sub(total);
            let (most, measure) = most(name, limits);
            let counted = match read.get(name) {
                Some(bytes) => Counted::of(*bytes, most, left),
                None => {
                    let entry = self.zip.by_index(index).map_err(|e| broken(name, &e))?;
                    // Excel packs an empty picture into nothing at all, which is no deflate stream.
                    if entry.compressed_size() == 0 && entry.size() == 0 {
                        continue;
                    }
                    let may_be_sheet = name.to_ascii_lowercase().ends_with(".xml");
                    count(entry, &mut buffer, may_be_sheet, most, left)
                }
            };
            match counted {
                Counted::Bytes { bytes, layout } => {
                    total += bytes;
                    if layout {
                        self.layouts.insert(name.clone());
                    }
                }
                Counted::EntryTooLarge => return Err(SheetError::too_large(measure, most)),
                Counted::TotalTooLarge => return Err(SheetError::too_large(Measure::TotalBytes, limits.total_bytes)),
                Counted::Broken => return Err(SheetError::damaged(name.as_str())),
            }
        }
        Ok(())
    }

    /// Which kind of workbook lies in it.
    pub(crate) fn format(&mut self) -> Result<Format, SheetError> {
        let names: Vec<String> = self.names.iter().map(|n| n.to_ascii_lowercase()).collect();
        let has = |start: &str, end: &str| names.iter().any(|n| n.starts_with(start) && n.ends_with(end));
        if has("xl/workbook", ".bin") {
            return Ok(Format::Xlsb);
        }
        if has("xl/workbook", ".xml") {
            return Ok(Format::Xlsx);
        }
        if has("mimetype", "mimetype") {
            let mut mimetype = String::new();
            if let Some(entry) = self.entry("mimetype")? {
                let _ = entry.take(200).read_to_string(&mut mimetype);
            }
            if mimetype.contains("opendocument.spreadsheet") {
                // LibreOffice can encrypt the package as a whole.
                let whole = self.names.iter().any(|n| n == "encrypted-package");
                return if whole { Err(SheetError::Encrypted) } else { Ok(Format::Ods) };
            }
            if mimetype.contains("opendocument.text") {
                return Err(SheetError::NotAWorkbook { looks: Looks::Word });
            }
        }
        let looks = if has("word/", ".xml") {
            Looks::Word
        } else if has("ppt/", ".xml") {
            Looks::Slides
        } else {
            Looks::Archive
        };
        Err(SheetError::NotAWorkbook { looks })
    }

    /// An entry by its exact name.
    pub(crate) fn entry(&mut self, name: &str) -> Result<Option<ZipFile<'_, Cursor<&'a [u8]>>>, SheetError> {
        match self.zip.by_name(name) {
            Ok(entry) => Ok(Some(entry)),
            Err(ZipError::FileNotFound) => Ok(None),
            Err(error) => Err(broken(name, &error)),
        }
    }

    /// The names of all entries, in the archive's order.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// An entry as it is packed, to be copied.
    pub(crate) fn packed(&mut self, index: usize) -> Result<ZipFile<'_, Cursor<&'a [u8]>>, SheetError> {
        self.zip.by_index_raw(index).map_err(|e| broken("zip entry", &e))
    }

    /// Whether an entry mentions merged or hidden cells, or formulas.
    pub(crate) fn has_layout(&self, name: &str) -> bool {
        self.layouts.contains(name)
    }

    pub(crate) fn has_macros(&self) -> bool {
        self.names.iter().any(|n| n.to_ascii_lowercase().ends_with("vbaproject.bin") || n.starts_with("Basic/"))
    }
}

/// How many bytes an entry may have once unpacked, and what it exceeds otherwise.
pub(crate) fn most(name: &str, limits: &Limits) -> (u64, Measure) {
    if name.to_ascii_lowercase().ends_with("sharedstrings.xml") {
        (limits.shared_string_bytes.min(limits.entry_bytes), Measure::SharedStrings)
    } else {
        (limits.entry_bytes, Measure::EntryBytes)
    }
}

enum Counted {
    Bytes { bytes: u64, layout: bool },
    EntryTooLarge,
    TotalTooLarge,
    Broken,
}

impl Counted {
    fn of(bytes: u64, most: u64, left: u64) -> Self {
        if bytes > most {
            Self::EntryTooLarge
        } else if bytes > left {
            Self::TotalTooLarge
        } else {
            Self::Bytes { bytes, layout: false }
        }
    }
}

/// What a sheet's part has in it where cells are merged, hidden or computed. A height or width of nothing begins so.
const LAYOUT: [&[u8]; 7] = [b"hidden", b"mergeCell", b"<f", b"ht=\"0", b"ht='0", b"width=\"0", b"width='0"];

/// `search`: look for merged or hidden cells, and for formulas, on the way.
fn count(mut entry: impl Read, buffer: &mut [u8], search: bool, most: u64, left: u64) -> Counted {
    let mut bytes = 0_u64;
    let mut layout = false;
    // A word may lie across two reads, so the tail of one is searched again with the next.
    const OVERLAP: usize = 16;
    let mut kept = 0;
    loop {
        let read = match entry.read(&mut buffer[kept..]) {
            Ok(0) => return Counted::Bytes { bytes, layout },
            Ok(read) => read,
            Err(_) => return Counted::Broken,
        };
        bytes += read as u64;
        if bytes > most {
            return Counted::EntryTooLarge;
        }
        if bytes > left {
            return Counted::TotalTooLarge;
        }
        let filled = kept + read;
        if search && !layout {
            let seen = &buffer[..filled];
            layout = LAYOUT.iter().any(|word| memchr::memmem::find(seen, word).is_some());
        }
        kept = filled.min(OVERLAP);
        buffer.copy_within(filled - kept..filled, 0);
    }
}

/// The number of entries as the end of the directory states it; `None` for zip64 and for a broken end.
fn declared_entries(bytes: &[u8]) -> Option<usize> {
    let end = memchr::memmem::rfind(bytes, END_OF_DIRECTORY)?;
    let field = bytes.get(end + 10..end + 12)?;
    match u16::from_le_bytes([field[0], field[1]]) {
        u16::MAX => None,
        entries => Some(usize::from(entries)),
    }
}

fn safe_names(zip: &ZipArchive<Cursor<&[u8]>>, declared: Option<usize>) -> Result<Vec<String>, SheetError> {
    let mut names = Vec::with_capacity(zip.len());
    let mut folded = BTreeSet::new();
    for raw in zip.file_names_raw() {
        let name = String::from_utf8_lossy(raw).into_owned();
        let unsafe_name = name.starts_with('/')
            || name.contains(['\\', '\0', ':'])
            || name.split('/').any(|part| part == "..")
            // Two names that differ in case only are one file to calamine.
            || !folded.insert(name.to_ascii_lowercase());
        if unsafe_name {
            return Err(SheetError::UnsafeArchive { entry: name.chars().take(80).collect() });
        }
        names.push(name);
    }
    // The reader keeps one of several entries with the same name: two readers could see two workbooks.
    if declared.is_some_and(|declared| declared != names.len()) {
        return Err(SheetError::UnsafeArchive { entry: String::new() });
    }
    Ok(names)
}

fn broken(part: &str, error: &ZipError) -> SheetError {
    let password = matches!(error, ZipError::InvalidPassword)
        || matches!(error, ZipError::UnsupportedArchive(text) if *text == ZipError::PASSWORD_REQUIRED);
    if password { SheetError::Encrypted } else { SheetError::damaged(part) }
}
