//! A reader of our own for workbooks as spreadsheets and their libraries write them, several times as fast as one
//! that knows all of XML. Whatever it does not know it leaves to that one, from the start, so that nothing is read
//! differently or refused for another reason.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use calamine::{DataRef, ExcelDateTimeType, Reader as _, Xlsx};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::cells::{Book, Cells};
use super::scan::{Feed, Scan};
use super::strings::Strings;
use super::{sheet_infos, sheet_part};
use crate::archive::{Archive, most};
use crate::grid::Grid;
use crate::limits::Limits;
use crate::open::choose;
use crate::workbook::{Format, ReadChoice, SheetInfo, Workbook};

/// The parts that say what there is and what it looks like; of an honest workbook they are small.
const FRAME: [&str; 4] = ["_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"];
const FRAME_BYTES: u64 = 8 * 1024 * 1024;

/// The sheet, if everything that matters in the file is known here.
pub(crate) fn read(bytes: &[u8], choice: &ReadChoice, limits: &Limits) -> Option<Workbook> {
    let mut archive = Archive::listed(bytes, limits).ok()?;
    if archive.format().ok()? != Format::Xlsx {
        return None;
    }
    let mut read = BTreeMap::new();
    let frame = frame(&mut archive, &mut read)?;
    let sheets = sheets(&frame)?;
    let chosen = choose(&sheets, choice).ok()?;
    let part = sheet_part(&mut archive, &sheets[chosen].name).ok()??;
    let (dates, is_1904) = dates(frame, &sheets[chosen].name, &part)?;
    let strings = strings(&mut archive, limits, &mut read)?;
    let book = Book { strings, dates, is_1904 };
    let mut cells = Cells::new(&book, Grid::new(limits), limits.cells);
    let mut feed = Feed::new(archive.entry(&part).ok()??, "</row>", most(&part, limits).0);
    let mut scan = Scan::new(feed.piece()?);
    scan.declaration()?;
    cells.piece(&mut scan)?;
    loop {
        let piece = feed.piece()?;
        if piece.is_empty() {
            break;
        }
        cells.piece(&mut Scan::new(piece))?;
    }
    let size = feed.finish()?;
    if !cells.complete() || read.insert(part, size).is_some() {
        return None;
    }
    archive.count(limits, &read).ok()?;
    let mut workbook = cells.grid.finish(Format::Xlsx, sheets, chosen, cells.layout).ok()?;
    workbook.macros = archive.has_macros();
    workbook.dates_1904 = is_1904;
    Some(workbook)
}

/// The small parts, and how large they are.
type Frame = Vec<(String, Vec<u8>)>;

fn frame(archive: &mut Archive<'_>, read: &mut BTreeMap<String, u64>) -> Option<Frame> {
    let mut frame = Frame::new();
    for name in archive.names().to_vec() {
        if FRAME.iter().any(|part| part.eq_ignore_ascii_case(&name)) {
            let mut content = Vec::new();
            let size = archive.entry(&name).ok()??.take(FRAME_BYTES + 1).read_to_end(&mut content).ok()? as u64;
            if size > FRAME_BYTES {
                return None;
            }
            read.insert(name.clone(), size);
            frame.push((name, content));
        }
    }
    Some(frame)
}

/// calamine's own view of the workbook around the sheet, so that no second one can differ.
fn open(frame: &Frame, sheet: Option<(&str, &str)>) -> Option<Xlsx<Cursor<Vec<u8>>>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let parts = frame.iter().map(|(name, content)| (name.as_str(), content.as_slice()));
    for (name, content) in parts.chain(sheet.map(|(name, content)| (name, content.as_bytes()))) {
        zip.start_file(name, stored).ok()?;
        zip.write_all(content).ok()?;
    }
    Xlsx::new(zip.finish().ok()?).ok()
}

fn sheets(frame: &Frame) -> Option<Vec<SheetInfo>> {
    Some(sheet_infos(open(frame, None)?.sheets_metadata()))
}

/// Which styles make dates of numbers: calamine is shown a sheet with one number of each.
fn dates(frame: Frame, name: &str, part: &str) -> Option<(Vec<Option<ExcelDateTimeType>>, bool)> {
    let styles = frame.iter().find(|(name, _)| name.eq_ignore_ascii_case(FRAME[3])).map(|(_, content)| content);
    let count = styles.map_or(0, |styles| memchr::memmem::find_iter(styles, "<xf").count()) + 1;
    let mut sheet = String::from("<worksheet><sheetData><row>");
    for style in 0..count {
        sheet.push_str(&format!("<c s=\"{style}\"><v>1</v></c>"));
    }
    sheet.push_str("</row></sheetData></worksheet>");
    let mut book = open(&frame, Some((part, &sheet)))?;
    let is_1904 = book.has_1904_epoch();
    let mut cells = book.worksheet_cells_reader(name).ok()?;
    let mut dates = Vec::with_capacity(count);
    while let Some(cell) = cells.next_cell().ok()? {
        dates.push(match cell.get_value() {
            DataRef::Float(_) => None,
            DataRef::DateTime(date) if date.is_duration() => Some(ExcelDateTimeType::TimeDelta),
            DataRef::DateTime(_) => Some(ExcelDateTimeType::DateTime),
            DataRef::Empty
            | DataRef::Int(_)
            | DataRef::String(_)
            | DataRef::SharedString(_)
            | DataRef::Bool(_)
            | DataRef::DateTimeIso(_)
            | DataRef::DurationIso(_)
            | DataRef::Error(_) => return None,
        });
    }
    Some((dates, is_1904))
}

fn strings(archive: &mut Archive<'_>, limits: &Limits, read: &mut BTreeMap<String, u64>) -> Option<Strings> {
    let name = archive.names().iter().find(|name| name.eq_ignore_ascii_case("xl/sharedStrings.xml")).cloned();
    let Some(name) = name else { return Some(Strings::default()) };
    let most = most(&name, limits).0;
    let (strings, size) = Strings::read(archive.entry(&name).ok()??, most, limits.cells)?;
    read.insert(name, size);
    Some(strings)
}
