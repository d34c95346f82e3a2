//! The smallest workbook of Excel 97 to 2003 (BIFF8, MS-XLS) that holds texts and numbers: some centers take no other.

use std::collections::HashMap;
use std::io::{Cursor, Write};

use super::fill::{Cell, Look, Page};
use crate::write::WriteError;

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000A;
const CODE_PAGE: u16 = 0x0042;
const WINDOW_1: u16 = 0x003D;
const DATE_MODE: u16 = 0x0022;
const FONT: u16 = 0x0031;
const XF: u16 = 0x00E0;
const STYLE: u16 = 0x0293;
const BOUND_SHEET: u16 = 0x0085;
const SST: u16 = 0x00FC;
const CONTINUE: u16 = 0x003C;
const COL_INFO: u16 = 0x007D;
const DIMENSIONS: u16 = 0x0200;
const ROW: u16 = 0x0208;
const LABEL_SST: u16 = 0x00FD;
const NUMBER: u16 = 0x0203;
const WINDOW_2: u16 = 0x023E;
const MERGE_CELLS: u16 = 0x00E5;

/// The most data of one record, bytes.
const MOST_DATA: usize = 8_224;
/// What stands in front of the shared strings, and the least of a text that stands in one record, bytes.
const COUNTS: usize = 8;
const LEAST_TEXT: usize = 3 + 4;
/// Ranges of one MERGECELLS.
const MOST_MERGED: usize = 1_027;
/// Rows whose ROW records stand together in front of their cells.
const BLOCK: usize = 32;
/// Below this a compound file keeps a stream in its miniature sectors, which some readers of xls do not look into.
const LEAST_STREAM: usize = 4_096;

/// Places in the list of XF records: 15 for styles, which Excel expects, then ours.
const STYLES: u16 = 15;
const PLAIN: u16 = STYLES;
const TEXT: u16 = STYLES + 1;
const AMOUNT: u16 = STYLES + 2;
const TITLE: u16 = STYLES + 3;

pub(super) fn write(page: &Page, sheet: &str) -> Result<Vec<u8>, WriteError> {
    let mut strings = Strings::default();
    let cells = sheet_stream(page, &mut strings);
    let mut stream = Vec::new();
    let start = globals(&mut stream, sheet, &strings);
    let at = u32::try_from(stream.len()).unwrap_or(u32::MAX);
    stream[start..start + 4].copy_from_slice(&at.to_le_bytes());
    stream.extend(cells);
    if stream.len() < LEAST_STREAM {
        stream.resize(LEAST_STREAM, 0);
    }
    let mut file = cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new()))?;
    let mut workbook = file.create_stream("/Workbook")?;
    workbook.write_all(&stream)?;
    workbook.flush()?;
    drop(workbook);
    file.flush()?;
    Ok(file.into_inner().into_inner())
}

fn record(out: &mut Vec<u8>, kind: u16, data: &[u8]) {
    out.extend(kind.to_le_bytes());
    out.extend(u16::try_from(data.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend(data);
}

/// Little-endian words in a row.
fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn begin(out: &mut Vec<u8>, substream: u16) {
    // BIFF8, made and readable by Excel 97.
    record(out, BOF, &words(&[0x0600, substream, 0x0DBB, 0x07CC, 0, 0, 6, 0]));
}

/// The workbook's own records; gives where the sheet's place must be written.
fn globals(out: &mut Vec<u8>, sheet: &str, strings: &Strings) -> usize {
    begin(out, 0x0005);
    // UTF-16, as in all of BIFF8.
    record(out, CODE_PAGE, &words(&[1200]));
    record(out, WINDOW_1, &words(&[0, 0, 0x3A5C, 0x23BE, 0x0038, 0, 0, 1, 0x0258]));
    record(out, DATE_MODE, &words(&[0]));
    // Font 4 does not exist: five are written, the last is called 5.
    for weight in [400, 400, 400, 400, 700_u16] {
        let mut font = words(&[220, 0, 0x7FFF, weight, 0]);
        // No underline, no family, characters of GB 2312.
        font.extend([0, 0, 134, 0]);
        let name: Vec<u16> = "宋体".encode_utf16().collect();
        font.extend([2, 1]);
        font.extend(words(&name));
        record(out, FONT, &font);
    }
    for style in 0..STYLES {
        let inherits = if style == 0 { 0 } else { 0xF400 };
        record(out, XF, &xf(0, 0, 0xFFF5, 0x0020, inherits, [0; 4]));
    }
    record(out, XF, &xf(0, 0, 0x0001, 0x0020, 0, [0; 4]));
    // 49 is «@», 2 is «0.00»: built in, so that no FORMAT record is needed.
    record(out, XF, &xf(0, 49, 0x0001, 0x0020, 0x0400, [0; 4]));
    record(out, XF, &xf(0, 2, 0x0001, 0x0020, 0x0400, [0; 4]));
    // Bold, centred, thin black lines around.
    record(out, XF, &xf(5, 49, 0x0001, 0x0022, 0x3C00, [0x1111, 0x2040, 0x2040, 0]));
    record(out, STYLE, &[0x00, 0x80, 0, 0xFF]);
    let start = out.len() + 4;
    let name: Vec<u16> = sheet.encode_utf16().collect();
    let mut bound = vec![0, 0, 0, 0, 0, 0, u8::try_from(name.len()).unwrap_or(31), 1];
    bound.extend(words(&name));
    record(out, BOUND_SHEET, &bound);
    strings.write(out);
    record(out, EOF, &[]);
    start
}

/// Font, format, protection and parent, alignment, what differs from the parent, borders.
fn xf(font: u16, format: u16, parent: u16, alignment: u16, differs: u16, borders: [u16; 4]) -> Vec<u8> {
    let [lines, sides, top, bottom] = borders;
    words(&[font, format, parent, alignment, differs, lines, sides, top, bottom, 0x20C0])
}

fn sheet_stream(page: &Page, strings: &mut Strings) -> Vec<u8> {
    let mut out = Vec::new();
    begin(&mut out, 0x0010);
    for (column, (width, numeric)) in (0_u16..).zip(page.widths.iter().zip(&page.numbers)) {
        let width = width.unwrap_or(12).min(255) * 256;
        // What is added by hand below stays text too.
        let look = if *numeric { PLAIN } else { TEXT };
        record(&mut out, COL_INFO, &words(&[column, column, width, look, 0, 0]));
    }
    let last_row = page.rows.last().map_or(0, |(row, _)| row + 1);
    let last_column = page.rows.iter().flat_map(|(_, cells)| cells).map(|cell| cell.column + 1).max().unwrap_or(0);
    let mut dimensions = vec![0; 4];
    dimensions.extend(last_row.to_le_bytes());
    dimensions.extend(words(&[0, last_column, 0]));
    record(&mut out, DIMENSIONS, &dimensions);
    for block in page.rows.chunks(BLOCK) {
        for (row, cells) in block {
            let ends = (cells.first().map_or(0, |cell| cell.column), cells.last().map_or(0, |cell| cell.column + 1));
            record(&mut out, ROW, &words(&[row_of(*row), ends.0, ends.1, 0x00FF, 0, 0, 0x0100, PLAIN]));
        }
        for (row, cells) in block {
            for cell in cells.iter().filter(|cell| !cell.text.is_empty()) {
                put(&mut out, row_of(*row), cell, strings);
            }
        }
    }
    record(&mut out, WINDOW_2, &words(&[0x06B6, 0, 0, 0x0040, 0, 0, 0, 0, 0]));
    for ranges in page.merged.chunks(MOST_MERGED) {
        let mut data = words(&[u16::try_from(ranges.len()).unwrap_or(0)]);
        for ((first_row, first_column), (last_row, last_column)) in ranges {
            data.extend(words(&[row_of(*first_row), row_of(*last_row), *first_column, *last_column]));
        }
        record(&mut out, MERGE_CELLS, &data);
    }
    record(&mut out, EOF, &[]);
    out
}

/// Templates with more rows than the format has are refused before.
fn row_of(row: u32) -> u16 {
    u16::try_from(row).unwrap_or(u16::MAX)
}

fn put(out: &mut Vec<u8>, row: u16, cell: &Cell, strings: &mut Strings) {
    let value = cell.text.parse::<f64>().ok().filter(|_| matches!(cell.look, Look::Amount | Look::Number));
    let look = match cell.look {
        Look::Text => TEXT,
        Look::Title => TITLE,
        Look::Amount => AMOUNT,
        Look::Number => PLAIN,
    };
    let mut data = words(&[row, cell.column, look]);
    match value {
        Some(value) => {
            data.extend(value.to_le_bytes());
            record(out, NUMBER, &data);
        }
        None => {
            data.extend(strings.place(&cell.text).to_le_bytes());
            record(out, LABEL_SST, &data);
        }
    }
}

/// The shared strings: each text once.
#[derive(Default)]
struct Strings {
    places: HashMap<String, u32>,
    all: Vec<String>,
    used: u32,
}

impl Strings {
    fn place(&mut self, text: &str) -> u32 {
        self.used += 1;
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.places.insert(text.to_owned(), place);
        self.all.push(text.to_owned());
        place
    }

    /// SST and its CONTINUEs. A text begins in the next record rather than be torn; only one longer than a record is.
    fn write(&self, out: &mut Vec<u8>) {
        let mut data = self.used.to_le_bytes().to_vec();
        data.extend(u32::try_from(self.all.len()).unwrap_or(u32::MAX).to_le_bytes());
        let mut kind = SST;
        let mut flush = |data: &mut Vec<u8>| {
            record(out, kind, data);
            kind = CONTINUE;
            data.clear();
        };
        for text in &self.all {
            // ASCII in single bytes, everything else in UTF-16.
            let wide = u8::from(!text.is_ascii());
            let length = text.encode_utf16().count();
            let size = 3 + length * (1 + usize::from(wide));
            let torn = size > MOST_DATA - COUNTS;
            let begins = if torn { LEAST_TEXT } else { size };
            if data.len() + begins > MOST_DATA {
                flush(&mut data);
            }
            data.extend(u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes());
            data.push(wide);
            for character in text.chars() {
                let mut units = [0; 2];
                let bytes: Vec<u8> = match wide {
                    0 => character.to_string().into_bytes(),
                    _ => words(character.encode_utf16(&mut units)),
                };
                if data.len() + bytes.len() > MOST_DATA {
                    flush(&mut data);
                    // The rest of a torn text says again how its characters are written.
                    data.push(wide);
                }
                data.extend(bytes);
            }
        }
        flush(&mut data);
    }
}
