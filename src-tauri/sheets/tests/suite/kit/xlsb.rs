//! A minimal writer of Excel binary workbooks (MS-XLSB), enough for one sheet.

use super::raw::{RELATIONS, TYPES, archive};

pub(crate) enum Value<'a> {
    Text(&'a str),
    Number(f64),
    /// `#N/A`
    NotAvailable,
    /// An error with a code of a later Excel
    LaterError,
    /// `#REF!`, computed by a formula
    BrokenFormula,
    /// Text with a format of its own in part of it
    Rich(&'a str),
    Truth(bool),
}

/// One sheet 基数调整 with its third row and its second column hidden, and D2:D3 merged.
pub(crate) fn xlsb(rows: &[Vec<Value<'_>>]) -> Vec<u8> {
    let mut workbook = Vec::new();
    put(&mut workbook, 0x0083, &[]); // BrtBeginBook
    put(&mut workbook, 0x008F, &[]); // BrtBeginBundleShs
    let mut bundle = Vec::new();
    bundle.extend(0_u32.to_le_bytes()); // visible
    bundle.extend(1_u32.to_le_bytes()); // sheet id
    bundle.extend(wide("rId1"));
    bundle.extend(wide("基数调整"));
    put(&mut workbook, 0x009C, &bundle); // BrtBundleSh
    put(&mut workbook, 0x0090, &[]); // BrtEndBundleShs
    put(&mut workbook, 0x0084, &[]); // BrtEndBook

    let mut sheet = Vec::new();
    put(&mut sheet, 0x0081, &[]); // BrtBeginSheet
    let width = rows.iter().map(Vec::len).max().unwrap_or(1) as u32;
    let corners = [0, rows.len() as u32 - 1, 0, width - 1];
    put(&mut sheet, 0x0094, &corners.map(u32::to_le_bytes).concat()); // BrtWsDim
    put(&mut sheet, 0x0186, &[]); // BrtBeginColInfos
    let mut column = [1, 1, 2_560, 0].map(u32::to_le_bytes).concat();
    column.extend([1, 0]); // fHidden
    put(&mut sheet, 0x003C, &column); // BrtColInfo
    put(&mut sheet, 0x0187, &[]); // BrtEndColInfos
    put(&mut sheet, 0x0091, &[]); // BrtBeginSheetData
    for (row, values) in rows.iter().enumerate() {
        let mut header = (row as u32).to_le_bytes().to_vec();
        header.extend([0; 13]);
        if row == 2 {
            header[11] |= 0x10; // fDyZero
        }
        put(&mut sheet, 0x0000, &header); // BrtRowHdr
        for (column, value) in values.iter().enumerate() {
            let mut cell = (column as u32).to_le_bytes().to_vec();
            cell.extend([0; 4]);
            let kind = match value {
                Value::Text(text) => {
                    cell.extend(wide(text));
                    0x0006 // BrtCellSt
                }
                Value::Number(number) => {
                    cell.extend(number.to_le_bytes());
                    0x0005 // BrtCellReal
                }
                Value::NotAvailable => {
                    cell.push(0x2A);
                    0x0003 // BrtCellError
                }
                Value::LaterError => {
                    cell.push(0x2C);
                    0x0003 // BrtCellError
                }
                Value::BrokenFormula => {
                    cell.push(0x17);
                    cell.extend([0; 10]);
                    0x000B // BrtFmlaError
                }
                Value::Rich(text) => {
                    cell.push(0);
                    cell.extend(wide(text));
                    0x003E // BrtCellRString
                }
                Value::Truth(truth) => {
                    cell.push(u8::from(*truth));
                    0x0004 // BrtCellBool
                }
            };
            put(&mut sheet, kind, &cell);
        }
    }
    put(&mut sheet, 0x0092, &[]); // BrtEndSheetData
    put(&mut sheet, 0x00B1, &1_u32.to_le_bytes()); // BrtBeginMergeCells
    put(&mut sheet, 0x00B0, &[1, 2, 3, 3].map(u32::to_le_bytes).concat()); // BrtMergeCell
    put(&mut sheet, 0x00B2, &[]); // BrtEndMergeCells
    put(&mut sheet, 0x0082, &[]); // BrtEndSheet

    let relations = RELATIONS.replace("workbook.xml", "workbook.bin");
    let parts = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.bin"/></Relationships>"#;
    archive([
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", relations.as_bytes()),
        ("xl/workbook.bin", &workbook),
        ("xl/_rels/workbook.bin.rels", parts.as_bytes()),
        ("xl/worksheets/sheet1.bin", &sheet),
    ])
}

fn put(stream: &mut Vec<u8>, kind: u16, data: &[u8]) {
    if kind < 0x80 {
        stream.push(kind as u8);
    } else {
        stream.extend([(kind & 0x7F) as u8 | 0x80, (kind >> 7) as u8]);
    }
    let mut length = data.len();
    loop {
        let low = (length & 0x7F) as u8;
        length >>= 7;
        if length == 0 {
            stream.push(low);
            break;
        }
        stream.push(low | 0x80);
    }
    stream.extend(data);
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = (units.len() as u32).to_le_bytes().to_vec();
    bytes.extend(units.iter().flat_map(|u| u.to_le_bytes()));
    bytes
}
