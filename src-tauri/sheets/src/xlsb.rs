//! Excel binary workbooks: cells by calamine's streaming reader; what that one passes over (formula errors, unknown errors,
//! formatted text in a cell, hidden and merged cells) by a walk through the same records.

use std::io::{BufReader, Cursor, Read};

use calamine::{Reader as _, Xlsb, XlsbError};
use huijiao_domain::sheet::CellKind;

use crate::archive::Archive;
use crate::error::SheetError;
use crate::grid::{Grid, Layout};
use crate::limits::Limits;
use crate::open::choose;
use crate::workbook::{Format, MergedRange, ReadChoice, Workbook};
use crate::xlsx::{relation_target, sheet_infos};

const WORKBOOK: &str = "xl/workbook.bin";
const RELATIONS: &str = "xl/_rels/workbook.bin.rels";
const ROW_HEADER: u16 = 0x0000;
const CELL_ERROR: u16 = 0x0003;
/// Formulas that give text, a number, a truth value, an error.
const FORMULAS: [u16; 4] = [0x0008, 0x0009, 0x000A, FORMULA_ERROR];
const FORMULA_ERROR: u16 = 0x000B;
const COLUMN_INFO: u16 = 0x003C;
const CELL_RICH_TEXT: u16 = 0x003E;
const BUNDLE_SHEET: u16 = 0x009C;
const MERGED_CELL: u16 = 0x00B0;
/// Shown for an error whose code nobody has written down.
const OTHER_ERROR: &str = "#ERROR!";

pub(crate) fn read(
    bytes: &[u8],
    archive: &mut Archive<'_>,
    choice: &ReadChoice,
    limits: &Limits,
) -> Result<Workbook, SheetError> {
    check_list(archive)?;
    let mut xlsb = Xlsb::new(Cursor::new(bytes)).map_err(|e| broken("workbook", &e))?;
    let sheets = sheet_infos(xlsb.sheets_metadata());
    let chosen = choose(&sheets, choice)?;
    let name = sheets[chosen].name.clone();
    let dates_1904 = xlsb.has_1904_epoch();
    let mut grid = Grid::new(limits);
    {
        let mut cells = xlsb.worksheet_cells_reader(&name).map_err(|e| broken("worksheet", &e))?;
        loop {
            match cells.next_cell() {
                Ok(Some(cell)) => grid.put_value(cell.get_position(), cell.get_value())?,
                Ok(None) => break,
                // The record is behind it; the walk below puts the error where it stands.
                Err(XlsbError::CellError(_)) => grid.count(1)?,
                Err(error) => return Err(broken("worksheet", &error)),
            }
        }
    }
    let part = sheet_part(archive, &name)?.ok_or_else(|| SheetError::damaged(WORKBOOK))?;
    let layout = walk(archive, &part, &mut grid)?;
    let workbook = grid.finish(Format::Xlsb, sheets, chosen, layout)?;
    Ok(Workbook { dates_1904, ..workbook })
}

/// calamine looks up the part of every sheet without asking whether it is there; betas of Excel 2007 put the sheets'
/// records together in another way.
fn check_list(archive: &mut Archive<'_>) -> Result<(), SheetError> {
    let mut ids = Vec::new();
    if let Some(entry) = archive.entry(WORKBOOK)? {
        let mut records = Records::new(entry, WORKBOOK);
        while let Some(kind) = records.next()? {
            if kind == BUNDLE_SHEET {
                ids.push(records.text(8)?.0);
            }
        }
    }
    // A sheet without an id is a module, left out by calamine too.
    for id in ids.iter().filter(|id| !id.is_empty()) {
        if relation_target(archive, RELATIONS, id)?.is_none() {
            return Err(SheetError::damaged(WORKBOOK));
        }
    }
    Ok(())
}

/// The archive entry of a sheet.
fn sheet_part(archive: &mut Archive<'_>, name: &str) -> Result<Option<String>, SheetError> {
    let mut relation = None;
    if let Some(entry) = archive.entry(WORKBOOK)? {
        let mut records = Records::new(entry, WORKBOOK);
        while let Some(kind) = records.next()? {
            if kind != BUNDLE_SHEET {
                continue;
            }
            let (id, after) = records.text(8)?;
            if records.text(after)?.0 == name {
                relation = Some(id);
            }
        }
    }
    match relation {
        Some(relation) => relation_target(archive, RELATIONS, &relation),
        None => Ok(None),
    }
}

fn walk(archive: &mut Archive<'_>, part: &str, grid: &mut Grid<'_>) -> Result<Layout, SheetError> {
    let mut layout = Layout::default();
    let Some(entry) = archive.entry(part)? else { return Ok(layout) };
    let mut records = Records::new(entry, part);
    let mut row = 0_u32;
    while let Some(kind) = records.next()? {
        if FORMULAS.contains(&kind) {
            let column = u16::try_from(records.number(0)?).ok();
            layout.formulas.extend(column.map(|column| (row.saturating_add(1), column)));
        }
        match kind {
            ROW_HEADER => {
                row = records.number(0)?;
                // fDyZero
                if records.byte(11)? & 0x10 != 0 {
                    layout.hidden_rows.push((row.saturating_add(1), row.saturating_add(1)));
                }
            }
            COLUMN_INFO if records.byte(16)? & 1 != 0 => {
                layout.hidden_columns.push((records.number(0)?, records.number(4)?));
            }
            MERGED_CELL => {
                let columns = (u16::try_from(records.number(8)?), u16::try_from(records.number(12)?));
                if let (Ok(first_column), Ok(last_column)) = columns {
                    layout.merged.push(MergedRange {
                        first_row: records.number(0)?.saturating_add(1),
                        last_row: records.number(4)?.saturating_add(1),
                        first_column,
                        last_column,
                    });
                }
            }
            FORMULA_ERROR => {
                let shown = error_text(records.byte(8)?).unwrap_or(OTHER_ERROR);
                grid.put(row, records.number(0)?, shown, CellKind::Error)?;
            }
            CELL_ERROR if error_text(records.byte(8)?).is_none() => {
                grid.put(row, records.number(0)?, OTHER_ERROR, CellKind::Error)?;
            }
            CELL_RICH_TEXT => {
                let text = records.text(9)?.0;
                grid.put(row, records.number(0)?, &text, CellKind::Text)?;
            }
            _other => {}
        }
    }
    Ok(layout)
}

/// BErr, MS-XLSB 2.5.97.2; calamine knows the same ones.
fn error_text(code: u8) -> Option<&'static str> {
    match code {
        0x00 => Some("#NULL!"),
        0x07 => Some("#DIV/0!"),
        0x0F => Some("#VALUE!"),
        0x17 => Some("#REF!"),
        0x1D => Some("#NAME?"),
        0x24 => Some("#NUM!"),
        0x2A => Some("#N/A"),
        0x2B => Some("#GETTING_DATA"),
        _unknown => None,
    }
}

/// The records of a binary part: a kind in one or two bytes, a length in one to four, the data.
struct Records<'p, R> {
    input: BufReader<R>,
    part: &'p str,
    data: Vec<u8>,
}

impl<'p, R: Read> Records<'p, R> {
    fn new(input: R, part: &'p str) -> Self {
        Self { input: BufReader::with_capacity(32 * 1024, input), part, data: Vec::new() }
    }

    fn cut(&self) -> SheetError {
        SheetError::damaged(self.part)
    }

    /// The kind of the next record; its data are then at hand. `None` at the end.
    fn next(&mut self) -> Result<Option<u16>, SheetError> {
        let Some(low) = self.next_byte()? else { return Ok(None) };
        let mut kind = u16::from(low & 0x7F);
        if low & 0x80 != 0 {
            let high = self.next_byte()?.ok_or_else(|| self.cut())?;
            kind |= u16::from(high & 0x7F) << 7;
        }
        let mut length = 0_u64;
        for shift in [0, 7, 14, 21] {
            let byte = self.next_byte()?.ok_or_else(|| self.cut())?;
            length |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        self.data.clear();
        let read = self.input.by_ref().take(length).read_to_end(&mut self.data).map_err(|_| self.cut())?;
        if read as u64 == length { Ok(Some(kind)) } else { Err(self.cut()) }
    }

    fn next_byte(&mut self) -> Result<Option<u8>, SheetError> {
        let mut byte = [0];
        match self.input.read(&mut byte) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(byte[0])),
            Err(_) => Err(self.cut()),
        }
    }

    fn byte(&self, at: usize) -> Result<u8, SheetError> {
        self.data.get(at).copied().ok_or_else(|| self.cut())
    }

    fn number(&self, at: usize) -> Result<u32, SheetError> {
        let bytes = self.data.get(at..at.saturating_add(4)).and_then(|b| b.first_chunk::<4>());
        bytes.map(|b| u32::from_le_bytes(*b)).ok_or_else(|| self.cut())
    }

    /// A text with its length before it, and the place after it.
    fn text(&self, at: usize) -> Result<(String, usize), SheetError> {
        let start = at.saturating_add(4);
        let length = match self.number(at)? {
            u32::MAX => return Ok((String::new(), start)),
            length => length as usize,
        };
        let end = start.saturating_add(length.saturating_mul(2));
        let bytes = self.data.get(start..end).ok_or_else(|| self.cut())?;
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        Ok((String::from_utf16_lossy(&units), end))
    }
}

fn broken(part: &str, error: &XlsbError) -> SheetError {
    if let XlsbError::Password = error {
        return SheetError::Encrypted;
    }
    SheetError::damaged(part)
}
