//! Walks the records of an Excel 5–2003 workbook before calamine does: what it would reserve, what is hidden,
//! whether its text says its encoding.

use std::collections::BTreeMap;

use crate::error::{Measure, SheetError};
use crate::grid::Layout;
use crate::limits::Limits;
use crate::workbook::MergedRange;

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000A;
const CODE_PAGE: u16 = 0x0042;
const FILE_PASS: u16 = 0x002F;
const BOUND_SHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
const ROW: u16 = 0x0208;
const COL_INFO: u16 = 0x007D;
const MERGE_CELLS: u16 = 0x00E5;
/// Number, Label, BoolErr, RK, LabelSst, RString, Formula: row and column come first.
const CELLS: &[u16] = &[0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x00D6, FORMULA];
const FORMULA: u16 = 0x0006;
const MUL_RK: u16 = 0x00BD;
/// Label, RString and String: where Excel 5 keeps text, in the code page of the workbook.
const TEXTS: &[(u16, usize)] = &[(0x0204, 8), (0x00D6, 8), (0x0207, 2)];
/// The code pages of Chinese: GBK and Big5.
const CHINESE: [u16; 2] = [936, 950];

/// Checks the whole stream and gives each sheet's layout by its place among the sheets.
pub(crate) fn survey(stream: &[u8], limits: &Limits) -> Result<BTreeMap<usize, Layout>, SheetError> {
    let mut starts = Vec::new();
    let mut whole = false;
    let mut old = false;
    let mut code_page = None;
    let mut foreign = false;
    for record in Records::new(stream, 0) {
        let (kind, data) = record?;
        match kind {
            FILE_PASS => return Err(SheetError::Encrypted),
            BOF => match number16(data, 0)? {
                0x0600 => {}
                0x0500 => old = true,
                _earlier => return Err(SheetError::OldFormat { what: "Excel 4.0 或更早的工作簿".to_owned() }),
            },
            CODE_PAGE => code_page = Some(number16(data, 0)?),
            BOUND_SHEET => {
                starts.push(number32(data, 0)? as usize);
                foreign |= data.get(7..).is_some_and(|name| !name.is_ascii());
            }
            EOF => {
                whole = true;
                break;
            }
            _other => {}
        }
    }
    if !whole {
        return Err(cut());
    }
    let mut layouts = BTreeMap::new();
    let mut cells = 0_u64;
    // Programs that are not Excel write GBK under the code page of Western Europe, or under none.
    let must_be_ascii = old && !code_page.is_some_and(|page| CHINESE.contains(&page));
    let unclear = || SheetError::OldFormat { what: "Excel 5.0/95 工作簿，没有注明中文编码".to_owned() };
    if must_be_ascii && foreign {
        return Err(unclear());
    }
    for (index, start) in starts.iter().enumerate() {
        let (layout, sheet_area, ascii) = survey_sheet(stream, *start)?;
        if must_be_ascii && !ascii {
            return Err(unclear());
        }
        // calamine lays each sheet out as a full rectangle.
        cells = cells.saturating_add(sheet_area);
        if cells > limits.cells {
            return Err(SheetError::too_large(Measure::Cells, limits.cells));
        }
        layouts.insert(index, layout);
    }
    Ok(layouts)
}

fn survey_sheet(stream: &[u8], start: usize) -> Result<(Layout, u64, bool), SheetError> {
    let mut layout = Layout::default();
    let mut bounds: Option<(u64, u64, u64, u64)> = None;
    let mut widen = |row: u64, first: u64, last: u64| {
        let old = bounds.unwrap_or((row, row, first, last));
        bounds = Some((old.0.min(row), old.1.max(row), old.2.min(first), old.3.max(last)));
    };
    let mut declared = 0_u64;
    let mut ascii = true;
    let mut whole = false;
    let mut depth = 0_u32;
    for record in Records::new(stream, start) {
        let (kind, data) = record?;
        if let Some((_, start)) = TEXTS.iter().find(|(text, _)| *text == kind) {
            ascii &= data.get(*start..).is_none_or(<[u8]>::is_ascii);
        }
        match kind {
            BOF => depth += 1,
            EOF => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    whole = true;
                    break;
                }
            }
            _nested if depth > 1 => {}
            DIMENSIONS if data.len() >= 14 => {
                let rows = (number32(data, 0)?, number32(data, 4)?);
                declared = declared.max(area(rows, (number16(data, 8)?, number16(data, 10)?))?);
            }
            // Excel 5 counts rows in two bytes.
            DIMENSIONS if data.len() >= 8 => {
                let rows = (u32::from(number16(data, 0)?), u32::from(number16(data, 2)?));
                declared = declared.max(area(rows, (number16(data, 4)?, number16(data, 6)?))?);
            }
            ROW => {
                let row = u32::from(number16(data, 0)?) + 1;
                if number16(data, 12)? & 0x20 != 0 {
                    layout.hidden_rows.push((row, row));
                }
            }
            COL_INFO if number16(data, 8)? & 1 != 0 => {
                layout.hidden_columns.push((u32::from(number16(data, 0)?), u32::from(number16(data, 2)?)));
            }
            MERGE_CELLS => {
                for range in 0..usize::from(number16(data, 0)?) {
                    let at = 2 + range * 8;
                    layout.merged.push(MergedRange {
                        first_row: u32::from(number16(data, at)?) + 1,
                        last_row: u32::from(number16(data, at + 2)?) + 1,
                        first_column: number16(data, at + 4)?,
                        last_column: number16(data, at + 6)?,
                    });
                }
            }
            MUL_RK if data.len() >= 6 => {
                let first = u64::from(number16(data, 2)?);
                let last = u64::from(number16(data, data.len() - 2)?);
                widen(u64::from(number16(data, 0)?), first.min(last), first.max(last));
            }
            cell if CELLS.contains(&cell) => {
                if cell == FORMULA {
                    layout.formulas.push((u32::from(number16(data, 0)?) + 1, number16(data, 2)?));
                }
                let column = u64::from(number16(data, 2)?);
                widen(u64::from(number16(data, 0)?), column, column);
            }
            _other => {}
        }
    }
    // Cut between two records, a sheet would pass as a shorter one.
    if !whole {
        return Err(cut());
    }
    let used = bounds.map_or(0, |(top, bottom, left, right)| (bottom - top + 1) * (right - left + 1));
    Ok((layout, used.max(declared), ascii))
}

/// The cells that calamine makes room for; the ends lie behind the last. Rows that end before they begin it takes for
/// thousands of millions.
fn area(rows: (u32, u32), columns: (u16, u16)) -> Result<u64, SheetError> {
    if rows.1 == 0 || columns.1 == 0 {
        return Ok(1);
    }
    let first_column = if columns.0 > 0xFF || columns.1 < columns.0 { 0 } else { columns.0 };
    let rows = rows.1.checked_sub(rows.0).ok_or_else(cut)?;
    Ok(u64::from(rows).saturating_mul(u64::from(columns.1 - first_column)))
}

/// Excel 2 to 4 wrote bare records, without a compound file around them.
pub(crate) fn bare_version(bytes: &[u8]) -> Option<&'static str> {
    let length = number16(bytes, 2).ok()?;
    match (number16(bytes, 0).ok()?, length) {
        (0x0009, 4..=8) => Some("Excel 2.x 工作簿"),
        (0x0209, 6..=8) => Some("Excel 3.0 工作簿"),
        (0x0409, 6..=8) => Some("Excel 4.0 工作簿"),
        (BOF, 6..=16) => Some("Excel 5.0/95 工作簿"),
        _other => None,
    }
}

struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    fn new(stream: &'a [u8], at: usize) -> Self {
        Self { stream, at }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<(u16, &'a [u8]), SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.stream.get(self.at..)?;
        if rest.len() < 4 {
            return (!rest.is_empty() && rest.iter().any(|b| *b != 0)).then(|| {
                self.at = self.stream.len();
                Err(cut())
            });
        }
        let kind = u16::from_le_bytes([rest[0], rest[1]]);
        let length = usize::from(u16::from_le_bytes([rest[2], rest[3]]));
        match rest.get(4..4 + length) {
            Some(data) => {
                self.at += 4 + length;
                Some(Ok((kind, data)))
            }
            None => {
                self.at = self.stream.len();
                Some(Err(cut()))
            }
        }
    }
}

fn cut() -> SheetError {
    SheetError::damaged("workbook records")
}

fn number16(data: &[u8], at: usize) -> Result<u16, SheetError> {
    let bytes = data.get(at..at + 2).ok_or_else(cut)?;
    Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn number32(data: &[u8], at: usize) -> Result<u32, SheetError> {
    Ok(u32::from(number16(data, at)?) | (u32::from(number16(data, at + 2)?) << 16))
}
