//! A minimal writer of Excel 5.0/95 workbooks.

use super::raw::{compound, record};

pub(crate) enum Value<'a> {
    Text(&'a str),
    Number(f64),
    /// A whole number in four bytes (RK)
    Small(i32),
    /// `#N/A`
    NotAvailable,
    /// Text computed by a formula
    Formula(&'a str),
}

/// One sheet 基数调整 in this code page, with its third row and its second column hidden.
pub(crate) fn biff5(code_page: Option<u16>, rows: &[Vec<Value<'_>>]) -> Vec<u8> {
    compound(&[("Book", &stream(code_page, "基数调整", &cells(rows)))])
}

/// The workbook stream with these records between the beginning and the end of the sheet.
pub(crate) fn stream(code_page: Option<u16>, name: &str, sheet: &[u8]) -> Vec<u8> {
    let mut globals = bof(0x0005);
    if let Some(code_page) = code_page {
        globals.extend(record(0x0042, &code_page.to_le_bytes()));
    }
    let name = bytes(name);
    let length = globals.len() + 4 + 7 + name.len() + 4;
    let mut bound = (length as u32).to_le_bytes().to_vec();
    bound.extend([0, 0, name.len() as u8]);
    bound.extend(name);
    globals.extend(record(0x0085, &bound)); // BOUNDSHEET
    globals.extend(record(0x000A, &[]));
    globals.extend(bof(0x0010));
    globals.extend(sheet);
    globals.extend(record(0x000A, &[]));
    globals
}

/// A chart inside of a sheet, with figures of its own in its first two columns.
pub(crate) fn chart() -> Vec<u8> {
    let mut chart = bof(0x0020);
    for row in 0..4_u16 {
        for column in 0..2_u16 {
            chart.extend(record(0x0203, &[&at(row, column)[..], &22.48_f64.to_le_bytes()].concat()));
        }
    }
    chart.extend(record(0x000A, &[]));
    chart
}

pub(crate) fn cells(rows: &[Vec<Value<'_>>]) -> Vec<u8> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0) as u16;
    let mut sheet = record(0x007D, &[1_u16, 1, 2_560, 0, 1, 0].map(u16::to_le_bytes).concat()); // COLINFO, hidden
    sheet.extend(record(0x0200, &[0, rows.len() as u16, 0, width, 0].map(u16::to_le_bytes).concat()));
    sheet.extend(record(0x0208, &[2, 0, width, 255, 0, 0, 0x20, 0].map(u16::to_le_bytes).concat())); // ROW, hidden
    for (row, values) in rows.iter().enumerate() {
        for (column, value) in values.iter().enumerate() {
            let at = at(row as u16, column as u16);
            match value {
                Value::Text(text) => sheet.extend(record(0x0204, &[&at[..], &counted(text)].concat())),
                Value::Number(number) => sheet.extend(record(0x0203, &[&at[..], &number.to_le_bytes()].concat())),
                Value::Small(number) => {
                    let rk = (*number << 2) | 2;
                    sheet.extend(record(0x027E, &[&at[..], &rk.to_le_bytes()].concat()));
                }
                Value::NotAvailable => sheet.extend(record(0x0205, &[&at[..], &[0x2A, 1]].concat())),
                Value::Formula(text) => {
                    let result = [0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 3, 0, 0x1E, 1, 0];
                    sheet.extend(record(0x0006, &[&at[..], &result].concat()));
                    sheet.extend(record(0x0207, &counted(text)));
                }
            }
        }
    }
    sheet
}

fn bof(kind: u16) -> Vec<u8> {
    record(0x0809, &[0x0500, kind, 0x0DBB, 0x07CC].map(u16::to_le_bytes).concat())
}

fn at(row: u16, column: u16) -> Vec<u8> {
    [row, column, 0].map(u16::to_le_bytes).concat()
}

fn bytes(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

fn counted(text: &str) -> Vec<u8> {
    let text = bytes(text);
    [&(text.len() as u16).to_le_bytes()[..], &text].concat()
}
