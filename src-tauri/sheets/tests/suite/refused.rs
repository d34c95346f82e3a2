//! Files that are no workbook, or none that can be read: one clear refusal each.

use huijiao_sheets::{Limits, Looks, ReadChoice, SheetError, find_header, read};

use crate::kit::book::{book, delimited, list};
use crate::kit::people::people;
use crate::kit::raw;
use crate::kit::summary::open;

fn looks(bytes: &[u8]) -> Looks {
    match open(bytes.to_vec()) {
        Err(SheetError::NotAWorkbook { looks }) => looks,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn damaged(result: &Result<huijiao_sheets::Workbook, SheetError>) -> bool {
    matches!(result, Err(SheetError::Damaged { .. }))
}

fn honest() -> Vec<u8> {
    book(|sheet| {
        list(sheet, 0, &people(20));
    })
}

#[test]
fn empty_file() {
    assert_eq!(open(Vec::new()), Err(SheetError::EmptyFile), "said as such");
}

#[test]
fn other_kinds_of_files_are_called_by_their_name() {
    let html = "\u{feff}\r\n<html><body><form>请重新登录<input name=user></form><table><tr><td>&nbsp;</td></tr></table></body></html>";
    assert_eq!(looks(html.as_bytes()), Looks::Html, "the login page that came instead of the export");
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(html[3..].encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(looks(&utf16), Looks::Html, "in UTF-16 too");
    assert_eq!(looks(b"<?xml version=\"1.0\"?><data/>"), Looks::Xml, "any XML");
    let flat = br#"<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"><style:style/></office:document>"#;
    assert_eq!(looks(flat), Looks::Xml, "OpenDocument in one piece, which is no page");
    assert_eq!(looks(b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n"), Looks::Mhtml, "a saved page");
    assert_eq!(looks(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3"), Looks::Pdf, "a PDF");
    assert_eq!(looks(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Looks::Picture, "a screenshot");
    assert_eq!(looks(b"MZ\x90\0\x03\0\0\0\x04\0"), Looks::Program, "a program renamed");
    assert_eq!(looks(b"\x7FELF\x02\x01\x01\0"), Looks::Program, "a Linux program");
    assert_eq!(looks(b"Rar!\x1A\x07\x01\0"), Looks::Archive, "a rar");
    assert_eq!(looks("请各单位于七月五日前\n完成基数调整。\n".as_bytes()), Looks::PlainText, "a note");
    assert_eq!(looks(b"\x01\x02\x03\x04\0\0\0\0"), Looks::Unknown, "anything else");
    assert_eq!(looks(&raw::archive([("word/document.xml", &b"<w/>"[..])])), Looks::Word, "a docx");
    assert_eq!(looks(&raw::archive([("ppt/presentation.xml", &b"<p/>"[..])])), Looks::Slides, "a pptx");
    assert_eq!(looks(&raw::archive([("七月.xlsx", &b"PK"[..])])), Looks::Archive, "a zip around the workbook");
    assert_eq!(looks(&raw::compound(&[("WordDocument", b"..")])), Looks::Word, "a doc");
}

#[test]
fn encrypted_workbooks() {
    let ooxml = raw::compound(&[("EncryptionInfo", &[4, 0, 4, 0]), ("EncryptedPackage", &[7; 4096])]);
    assert_eq!(open(ooxml), Err(SheetError::Encrypted), "an xlsx with a password is a compound file");

    let mut stream = raw::record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    stream.extend(raw::record(0x002F, &[1, 0, 1, 0, 1, 0]));
    stream.extend([0x5A; 64]);
    assert_eq!(open(raw::compound(&[("Workbook", &stream)])), Err(SheetError::Encrypted), "an xls with FILEPASS");

    let manifest = r#"<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"#;
    let ods = raw::archive([
        ("mimetype", &b"application/vnd.oasis.opendocument.spreadsheet"[..]),
        ("META-INF/manifest.xml", manifest.as_bytes()),
        ("content.xml", &[9; 100]),
    ]);
    assert_eq!(open(ods), Err(SheetError::Encrypted), "an ods with a password");
}

#[test]
fn cut_off_workbooks() {
    let whole = honest();
    for length in (1..whole.len()).step_by(whole.len() / 60) {
        let result = open(whole[..length].to_vec());
        let refused = damaged(&result) || matches!(result, Err(SheetError::NotAWorkbook { .. }));
        assert!(refused, "a download cut at {length} of {} bytes: {result:?}", whole.len());
    }
    for fixture in [
        &include_bytes!("../fixtures/adjustment-by-libreoffice.xls")[..],
        &include_bytes!("../fixtures/adjustment-by-libreoffice.ods")[..],
    ] {
        let people = open(fixture.to_vec()).unwrap().rows;
        for length in (9..fixture.len()).step_by(fixture.len() / 60) {
            if let Ok(book) = open(fixture[..length].to_vec()) {
                assert_eq!(book.rows, people, "what lacks nothing but padding gives everything, or nothing is given");
            }
        }
    }
}

#[test]
fn damaged_bytes_anywhere_never_end_the_program() {
    for whole in [
        honest(),
        include_bytes!("../fixtures/adjustment-by-libreoffice.xls").to_vec(),
        include_bytes!("../fixtures/adjustment-by-libreoffice.ods").to_vec(),
    ] {
        for at in (0..whole.len()).step_by(53) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x5A;
            // Some flips fall into a value or into padding; what counts is that each one returns.
            let _ = open(bytes);
        }
    }
}

#[test]
fn a_workbook_without_its_sheet_is_damaged() {
    let broken = raw::archive([
        ("[Content_Types].xml", raw::TYPES.as_bytes()),
        ("_rels/.rels", raw::RELATIONS.as_bytes()),
        ("xl/workbook.xml", raw::WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", raw::WORKBOOK_RELATIONS.as_bytes()),
    ]);
    assert!(damaged(&open(broken)), "the part that is named is not there");
    let cut = raw::xlsx_with("<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v>", &[]);
    assert!(damaged(&open(cut)), "sheet XML that stops in the middle");
    let twice = raw::sheet(r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>"#);
    assert!(damaged(&open(raw::xlsx_with(&twice, &[]))), "one cell with two values: neither is the right one");
}

#[test]
fn rows_out_of_order_are_put_in_order() {
    let sheet = raw::sheet(&format!(
        "<row r=\"3\">{}{}</row><row r=\"1\">{}</row>",
        raw::cell("B3", "乙"),
        raw::cell("A3", "甲"),
        raw::cell("A1", "上")
    ));
    let rows = open(raw::xlsx_with(&sheet, &[])).unwrap().rows;
    let places: Vec<(u32, u16)> = rows.iter().flat_map(|r| r.cells.iter().map(|c| (r.row, c.column))).collect();
    assert_eq!(places, [(1, 0), (3, 0), (3, 1)], "each cell where it says it is");
}

#[test]
fn broken_text_names_the_byte() {
    let text = delimited(&people(8), ',');
    let at = text.find("孙").unwrap();
    let mut bytes = text.clone().into_bytes();
    bytes[at] = 0xFF;
    let line = 4;
    assert_eq!(
        open(bytes),
        Err(SheetError::BrokenText { encoding: "utf-8".into(), byte: at as u64 + 1, line }),
        "nearly UTF-8 is broken UTF-8, never 锟斤拷"
    );

    let mut bytes = encoding_rs::GB18030.encode(&text).0.into_owned();
    let at = bytes.iter().rposition(|b| *b >= 0x81).unwrap() - 1;
    bytes[at + 1] = b'\xFF';
    let result = open(bytes);
    assert!(
        matches!(&result, Err(SheetError::BrokenText { encoding, byte, .. }) if encoding == "gb18030" && *byte == at as u64 + 1),
        "the first byte of the broken pair: {result:?}, expected {}",
        at + 1
    );

    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend("姓名,证件号码\n".encode_utf16().flat_map(u16::to_le_bytes));
    bytes.extend([0x00, 0xD8, b'\n', 0]);
    assert!(
        matches!(open(bytes), Err(SheetError::BrokenText { encoding, .. }) if encoding == "utf-16le"),
        "half a surrogate pair"
    );
}

#[test]
fn a_chosen_encoding_is_taken_at_its_word() {
    let bytes = delimited(&people(2), ',').into_bytes();
    let choice = |label: &str| ReadChoice { sheet: None, encoding: Some(label.into()) };
    let limits = Limits::default();
    let gb18030 = read(bytes.clone(), &choice("gb18030"), &limits);
    assert!(
        gb18030.as_ref().is_err() || gb18030.as_ref().unwrap().encoding.as_deref() == Some("gb18030"),
        "never silently another one"
    );
    let unknown = read(bytes, &choice("klingon"), &limits);
    assert_eq!(unknown, Err(SheetError::UnknownEncoding { encoding: "klingon".into() }), "named back");
}

#[test]
fn a_quotation_mark_that_never_closes() {
    let text = "姓名,证件号码\n赵晓明,1\n\"钱丽,2\n孙建国,3\n";
    assert_eq!(
        open(text.as_bytes().to_vec()),
        Err(SheetError::OpenQuote { line: 3 }),
        "else everybody below would be one cell"
    );
}

#[test]
fn no_header() {
    let bytes = book(|sheet| {
        for (i, p) in people(3).iter().enumerate() {
            sheet.write(i as u32, 0, &p.name).unwrap();
            sheet.write(i as u32, 1, &p.id).unwrap();
        }
    });
    assert_eq!(find_header(&open(bytes).unwrap()), Err(SheetError::NoHeader), "people without titles");
    let late = book(|sheet| {
        sheet.write(0, 0, "说明").unwrap();
        list(sheet, 30, &people(3));
    });
    assert_eq!(find_header(&open(late).unwrap()), Err(SheetError::NoHeader), "row 31 is too far down");
}
