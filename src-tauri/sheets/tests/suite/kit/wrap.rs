//! Files around parts of arbitrary bytes: what a fuzzer changes lies neither packed nor behind checksums. Shared with
//! `fuzz/`.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Stands between the parts.
pub(crate) const NEXT: &[u8] = b"\x00---\x00";

type Wrap = fn(&[u8]) -> Vec<u8>;

/// The readers, by the name of their folder in the corpus.
pub(crate) const KINDS: [(&str, Wrap); 7] =
    [("any", any), ("xlsx", xlsx), ("plain", xlsx), ("xlsb", xlsb), ("xls", xls), ("xls5", xls5), ("ods", ods)];

pub(crate) fn any(bytes: &[u8]) -> Vec<u8> {
    bytes.to_vec()
}

/// The sheet, the texts, the styles, the list of sheets.
pub(crate) fn xlsx(bytes: &[u8]) -> Vec<u8> {
    let [sheet, texts, styles, list] = parts(bytes);
    let list = if list.is_empty() { LIST.as_bytes() } else { list };
    archive(&[
        ("_rels/.rels", ROOT.as_bytes()),
        ("xl/workbook.xml", list),
        ("xl/_rels/workbook.xml.rels", XLSX_PARTS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", texts),
        ("xl/styles.xml", styles),
    ])
}

/// The sheet, the texts, the styles, the list of sheets.
pub(crate) fn xlsb(bytes: &[u8]) -> Vec<u8> {
    let [sheet, texts, styles, list] = parts(bytes);
    archive(&[
        ("_rels/.rels", ROOT.replace("workbook.xml", "workbook.bin").as_bytes()),
        ("xl/workbook.bin", list),
        ("xl/_rels/workbook.bin.rels", XLSX_PARTS.replace(".xml", ".bin").as_bytes()),
        ("xl/worksheets/sheet1.bin", sheet),
        ("xl/sharedStrings.bin", texts),
        ("xl/styles.bin", styles),
    ])
}

/// The records of Excel 97 to 2003.
pub(crate) fn xls(bytes: &[u8]) -> Vec<u8> {
    compound("Workbook", bytes)
}

/// The records of Excel 5.0 and 95.
pub(crate) fn xls5(bytes: &[u8]) -> Vec<u8> {
    compound("Book", bytes)
}

/// The content.
pub(crate) fn ods(bytes: &[u8]) -> Vec<u8> {
    archive(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", bytes)])
}

fn parts(bytes: &[u8]) -> [&[u8]; 4] {
    let mut rest = bytes;
    [(); 4].map(|()| match rest.windows(NEXT.len()).position(|at| at == NEXT) {
        Some(at) => {
            let part = &rest[..at];
            rest = &rest[at + NEXT.len()..];
            part
        }
        None => std::mem::take(&mut rest),
    })
}

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in entries.iter().filter(|(_, content)| !content.is_empty()) {
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn compound(name: &str, content: &[u8]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream(name).unwrap().write_all(content).unwrap();
    file.into_inner().into_inner()
}

const ROOT: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const LIST: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const XLSX_PARTS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
