//! Office Open XML: cells by calamine's streaming reader; merged and hidden cells, and errors
//! that calamine does not know, by passes of our own.

use std::io::{Cursor, Write};

use calamine::{CellErrorType, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use huijiao_domain::sheet::CellKind;
use quick_xml::Writer;
use quick_xml::events::Event;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::archive::Archive;
use crate::error::{Measure, SheetError};
use crate::grid::{Grid, Layout};
use crate::limits::Limits;
use crate::open::choose;
use crate::workbook::{Format, MergedRange, ReadChoice, SheetInfo, Workbook};
use crate::xml::{Node, attribute, next, reader};

mod cells;
pub(crate) mod plain;
mod scan;
mod strings;

const WORKBOOK: &str = "xl/workbook.xml";

pub(crate) fn read(
    bytes: &[u8],
    archive: &mut Archive<'_>,
    choice: &ReadChoice,
    limits: &Limits,
) -> Result<Workbook, SheetError> {
    check_string_count(archive, limits)?;
    let plain;
    let opened = match Xlsx::new(Cursor::new(bytes)) {
        Err(XlsxError::RelationshipNotFound) => {
            plain = without_modules(archive)?;
            Xlsx::new(Cursor::new(plain.as_slice()))
        }
        opened => opened,
    };
    let mut xlsx = opened.map_err(|e| broken("workbook", &e))?;
    let sheets = sheet_infos(xlsx.sheets_metadata());
    let chosen = choose(&sheets, choice)?;
    let name = sheets[chosen].name.clone();
    let dates_1904 = xlsx.has_1904_epoch();
    let mut grid = Grid::new(limits);
    let mut other_errors = 0_u64;
    {
        let mut cells = xlsx.worksheet_cells_reader(&name).map_err(|e| broken("worksheet", &e))?;
        loop {
            match cells.next_cell() {
                Ok(Some(cell)) => grid.put_value(cell.get_position(), cell.get_value())?,
                Ok(None) => break,
                // calamine knows seven error texts. It stops behind another one without its place, and goes on
                // from there; our own pass finds the place.
                Err(XlsxError::CellError(_)) => {
                    grid.count(1)?;
                    other_errors += 1;
                }
                Err(error) => return Err(broken("worksheet", &error)),
            }
        }
    }
    let part = sheet_part(archive, &name)?;
    if other_errors > 0 {
        let part = part.as_deref().ok_or_else(|| SheetError::damaged("worksheet"))?;
        put_other_errors(archive, part, other_errors, &mut grid)?;
    }
    let layout = match part {
        Some(part) if archive.has_layout(&part) => layout(archive, &part, limits)?,
        Some(_) | None => Layout::default(),
    };
    let workbook = grid.finish(Format::Xlsx, sheets, chosen, layout)?;
    Ok(Workbook { dates_1904, ..workbook })
}

pub(crate) fn sheet_infos(sheets: &[calamine::Sheet]) -> Vec<SheetInfo> {
    sheets
        .iter()
        .filter(|s| s.typ == SheetType::WorkSheet)
        .map(|s| SheetInfo { name: s.name.clone(), hidden: s.visible != SheetVisible::Visible })
        .collect()
}

/// The archive without the sheets that have no part. Excel lists the code modules of a workbook that comes from
/// Excel 5 so (`r:id=""`), and calamine refuses the whole workbook for them.
fn without_modules(archive: &mut Archive<'_>) -> Result<Vec<u8>, SheetError> {
    let list = list_without_modules(archive)?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (index, name) in archive.names().to_vec().into_iter().enumerate() {
        let damaged = |_| SheetError::damaged(&*name);
        if name == WORKBOOK {
            zip.start_file(name.as_str(), SimpleFileOptions::default()).map_err(damaged)?;
            zip.write_all(&list).map_err(|_| SheetError::damaged(WORKBOOK))?;
        } else {
            zip.raw_copy_file(archive.packed(index)?).map_err(damaged)?;
        }
    }
    Ok(zip.finish().map_err(|_| SheetError::damaged(WORKBOOK))?.into_inner())
}

fn list_without_modules(archive: &mut Archive<'_>) -> Result<Vec<u8>, SheetError> {
    let damaged = || SheetError::damaged(WORKBOOK);
    let mut list = Writer::new(Vec::new());
    let mut xml = reader(archive.entry(WORKBOOK)?.ok_or_else(damaged)?);
    let mut buffer = Vec::new();
    let mut module = false;
    loop {
        buffer.clear();
        let event = xml.read_event_into(&mut buffer).map_err(|_| damaged())?;
        if event == Event::Eof {
            return Ok(list.into_inner());
        }
        if let Event::Start(element) = &event
            && element.local_name().as_ref() == "sheet"
        {
            module = attribute(element, "id", WORKBOOK)?.as_deref() == Some("");
        }
        let ends = matches!(&event, Event::End(element) if element.local_name().as_ref() == "sheet");
        if !module {
            list.write_event(event).map_err(|_| damaged())?;
        }
        module &= !ends;
    }
}

/// calamine reserves room for as many strings as the file declares; a lie there would end the process.
fn check_string_count(archive: &mut Archive<'_>, limits: &Limits) -> Result<(), SheetError> {
    const PART: &str = "xl/sharedStrings.xml";
    let Some(entry) = archive.entry(PART)? else { return Ok(()) };
    let mut xml = reader(entry);
    let mut buffer = Vec::new();
    loop {
        match next(&mut xml, &mut buffer, PART)? {
            Node::Open(element) if element.local_name().as_ref() == "sst" => {
                let declared = attribute(&element, "uniqueCount", PART)?;
                return match declared.map(|d| d.parse::<u64>()) {
                    Some(Ok(count)) if count > limits.cells => {
                        Err(SheetError::too_large(Measure::SharedStrings, limits.cells))
                    }
                    Some(Ok(_) | Err(_)) | None => Ok(()),
                };
            }
            Node::Eof => return Ok(()),
            Node::Open(_) | Node::Close(_) | Node::Text(_) | Node::Other => {}
        }
    }
}

/// The archive entry of a sheet, through the workbook's list and its relationships.
pub(crate) fn sheet_part(archive: &mut Archive<'_>, name: &str) -> Result<Option<String>, SheetError> {
    let mut relation = None;
    elements(archive, WORKBOOK, |element| {
        if element.local_name().as_ref() == "sheet" && attribute(element, "name", WORKBOOK)?.as_deref() == Some(name) {
            relation = attribute(element, "id", WORKBOOK)?;
        }
        Ok(())
    })?;
    match relation {
        Some(relation) => relation_target(archive, "xl/_rels/workbook.xml.rels", &relation),
        None => Ok(None),
    }
}

/// The archive entry that a relationship of the workbook leads to.
pub(crate) fn relation_target(
    archive: &mut Archive<'_>,
    relations: &str,
    id: &str,
) -> Result<Option<String>, SheetError> {
    let mut target = None;
    elements(archive, relations, |element| {
        if element.local_name().as_ref() == "Relationship"
            && attribute(element, "Id", relations)?.as_deref() == Some(id)
        {
            target = attribute(element, "Target", relations)?;
        }
        Ok(())
    })?;
    Ok(target.map(|t| match t.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("xl/{}", t.strip_prefix("./").unwrap_or(&t)),
    }))
}

fn elements(
    archive: &mut Archive<'_>,
    part: &str,
    mut visit: impl FnMut(&quick_xml::events::BytesStart<'_>) -> Result<(), SheetError>,
) -> Result<(), SheetError> {
    let Some(entry) = archive.entry(part)? else { return Ok(()) };
    let mut xml = reader(entry);
    let mut buffer = Vec::new();
    loop {
        match next(&mut xml, &mut buffer, part)? {
            Node::Open(element) => visit(&element)?,
            Node::Eof => return Ok(()),
            Node::Close(_) | Node::Text(_) | Node::Other => {}
        }
    }
}

/// Puts the errors that calamine does not know (`#SPILL!`, `#CALC!`, `#BUSY!` …) where they stand. There must be
/// as many as calamine met, and every cell must name its place: calamine counts on from cell to cell where one
/// does not, and has not counted those it stopped at.
fn put_other_errors(
    archive: &mut Archive<'_>,
    part: &str,
    expected: u64,
    grid: &mut Grid<'_>,
) -> Result<(), SheetError> {
    let damaged = || SheetError::damaged(part);
    let entry = archive.entry(part)?.ok_or_else(damaged)?;
    let mut xml = reader(entry);
    let mut buffer = Vec::new();
    // The error cell that is open, whether its value is, and the text so far.
    let mut at: Option<(u16, u32)> = None;
    let mut value = false;
    let mut text = String::new();
    let mut found = 0;
    loop {
        match next(&mut xml, &mut buffer, part)? {
            Node::Open(element) => match element.local_name().as_ref() {
                "c" => {
                    let place = attribute(&element, "r", part)?.as_deref().and_then(parse_cell);
                    let place = place.filter(|(_, row)| *row > 0).ok_or_else(damaged)?;
                    at = (attribute(&element, "t", part)?.as_deref() == Some("e")).then_some(place);
                }
                "v" => value = true,
                _other => {}
            },
            Node::Text(piece) if value && at.is_some() => text.push_str(&piece),
            Node::Close(element) => match element.local_name().as_ref() {
                "v" => {
                    value = false;
                    let shown = std::mem::take(&mut text);
                    if let Some((column, row)) = at
                        && !shown.is_empty()
                        && shown.parse::<CellErrorType>().is_err()
                    {
                        found += 1;
                        grid.put(row - 1, u32::from(column), &shown, CellKind::Error)?;
                    }
                }
                "c" => at = None,
                "sheetData" => break,
                _other => {}
            },
            Node::Eof => break,
            Node::Text(_) | Node::Other => {}
        }
    }
    if found == expected { Ok(()) } else { Err(damaged()) }
}

fn layout(archive: &mut Archive<'_>, part: &str, limits: &Limits) -> Result<Layout, SheetError> {
    let Some(entry) = archive.entry(part)? else { return Ok(Layout::default()) };
    let mut xml = reader(entry);
    let mut buffer = Vec::new();
    let mut layout = Layout::default();
    let mut row = 0_u32;
    let mut cell = None;
    let number = |text: Option<String>| text.and_then(|t| t.parse::<u32>().ok());
    loop {
        let element = match next(&mut xml, &mut buffer, part)? {
            Node::Open(element) => element,
            Node::Close(element) => {
                // Behind the cells there are formulas too, those of drop-downs.
                if element.local_name().as_ref() == "c" {
                    cell = None;
                }
                continue;
            }
            Node::Eof => return Ok(layout),
            Node::Text(_) | Node::Other => continue,
        };
        match element.local_name().as_ref() {
            "row" => {
                row = number(attribute(&element, "r", part)?).unwrap_or(row.saturating_add(1));
                let height = attribute(&element, "ht", part)?;
                if is_true(attribute(&element, "hidden", part)?) || height.is_some_and(|height| is_nothing(&height)) {
                    layout.hidden_rows.push((row, row));
                }
            }
            "col" => {
                let width = attribute(&element, "width", part)?;
                let hidden = is_true(attribute(&element, "hidden", part)?);
                if !(hidden || width.is_some_and(|width| is_nothing(&width))) {
                    continue;
                }
                let first = number(attribute(&element, "min", part)?);
                let last = number(attribute(&element, "max", part)?);
                if let (Some(first), Some(last)) = (first, last) {
                    layout.hidden_columns.push((first.saturating_sub(1), last.saturating_sub(1)));
                }
            }
            "c" => cell = attribute(&element, "r", part)?.as_deref().and_then(parse_cell),
            "f" => layout.formulas.extend(cell.take().map(|(column, row)| (row, column))),
            "mergeCell" => {
                if let Some(range) = attribute(&element, "ref", part)?.as_deref().and_then(parse_range) {
                    layout.merged.push(range);
                }
            }
            _other => {}
        }
        if layout.merged.len() as u64 + layout.hidden_columns.len() as u64 > limits.cells {
            return Err(SheetError::too_large(Measure::Cells, limits.cells));
        }
    }
}

fn is_true(text: Option<String>) -> bool {
    text.is_some_and(|t| t == "1" || t == "true")
}

/// Whether a height or a width is nothing: what has none is not seen, though nobody says that it is hidden.
pub(crate) fn is_nothing(size: &str) -> bool {
    size.contains('0') && size.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

/// `B5:B8`
fn parse_range(text: &str) -> Option<MergedRange> {
    let (first, last) = text.split_once(':')?;
    let (first_column, first_row) = parse_cell(first)?;
    let (last_column, last_row) = parse_cell(last)?;
    Some(MergedRange { first_row, last_row, first_column, last_column })
}

pub(crate) fn parse_cell(text: &str) -> Option<(u16, u32)> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = text.split_at(digits);
    let mut column = 0_u32;
    for letter in letters.bytes() {
        if !letter.is_ascii_uppercase() || column > 16_384 {
            return None;
        }
        column = column * 26 + u32::from(letter - b'A') + 1;
    }
    Some((u16::try_from(column.checked_sub(1)?).ok()?, row.parse().ok()?))
}

fn broken(part: &str, error: &XlsxError) -> SheetError {
    if let XlsxError::Password = error {
        return SheetError::Encrypted;
    }
    SheetError::damaged(part)
}
