//! Files made to hurt: each is refused by the limit it breaks, in this process and without a scratch.

use std::io::{Cursor, ErrorKind, Write};
use std::net::TcpListener;

use huijiao_sheets::{Limits, Measure, ReadChoice, SheetError, Workbook, read};
use zip::write::SimpleFileOptions;

use crate::kit::book::book;
use crate::kit::raw;
use crate::kit::summary::open;

fn within(bytes: Vec<u8>, limits: &Limits) -> Result<Workbook, SheetError> {
    read(bytes, &ReadChoice::default(), limits)
}

fn too_large(measure: Measure, limit: u64) -> Result<Workbook, SheetError> {
    Err(SheetError::TooLarge { measure, limit })
}

/// One kilobyte that makes a reader of full rectangles ask for 17 thousand million cells.
pub(crate) fn a1_and_xfd1048576() -> Vec<u8> {
    raw::xlsx_with(
        &raw::sheet(r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#),
        &[],
    )
}

#[test]
fn a1_and_the_last_cell_of_the_sheet() {
    let bytes = a1_and_xfd1048576();
    assert!(bytes.len() < 2_000, "the point is its size: {}", bytes.len());
    assert_eq!(open(bytes), too_large(Measure::Rows, 200_000), "refused by its row");
    let wide = raw::xlsx_with(&raw::sheet(r#"<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>"#), &[]);
    assert_eq!(open(wide), too_large(Measure::Columns, 256), "refused by its column");
    let tall = raw::xlsx_with(
        &raw::sheet(r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="Z1048576"><v>1</v></c></row>"#),
        &[],
    );
    assert_eq!(open(tall), too_large(Measure::Rows, 200_000), "835 MB by a reader of full rectangles");
}

#[test]
fn three_hundred_columns() {
    let bytes = book(|sheet| {
        for column in 0..300 {
            sheet.write(0, column, "x").unwrap();
        }
    });
    assert_eq!(open(bytes), too_large(Measure::Columns, 256), "200 are read, 300 are not");
}

#[test]
fn formatting_down_to_the_last_row_is_no_data() {
    let bytes = raw::xlsx_with(
        &raw::sheet(r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="Z1048576" s="0"/></row>"#),
        &[],
    );
    assert_eq!(open(bytes).unwrap().rows.len(), 1, "clerks format whole columns; that costs nobody anything");
}

#[test]
fn more_cells_rows_or_characters_than_allowed() {
    let limits = Limits { cells: 1_000, rows: 100, cell_chars: 50, ..Limits::default() };
    let cells = book(|sheet| {
        for row in 0..90 {
            for column in 0..12 {
                sheet.write(row, column, 1).unwrap();
            }
        }
    });
    assert_eq!(within(cells, &limits), too_large(Measure::Cells, 1_000), "1 080 cells");
    let blank = raw::sheet(&format!("<row r=\"1\">{}</row>", "<c s=\"0\"/>".repeat(1_001)));
    let blank = within(raw::xlsx_with(&blank, &[]), &limits);
    assert_eq!(blank, too_large(Measure::Cells, 1_000), "blank but formatted cells cost time too");
    let rows = book(|sheet| {
        sheet.write(100, 0, "x").unwrap();
    });
    assert_eq!(within(rows, &limits), too_large(Measure::Rows, 100), "row 101");
    let long = book(|sheet| {
        sheet.write(0, 0, "字".repeat(51)).unwrap();
    });
    assert_eq!(within(long, &limits), too_large(Measure::CellChars, 50), "51 characters");
    let csv = format!("姓名,备注\n赵,{}\n", "字".repeat(51));
    assert_eq!(within(csv.into_bytes(), &limits), too_large(Measure::CellChars, 50), "csv as well");
    let csv = "姓名,备注\n".repeat(101);
    assert_eq!(within(csv.into_bytes(), &limits), too_large(Measure::Rows, 100), "row 101 of a csv");
    let limits = Limits { file_bytes: 10, ..Limits::default() };
    assert_eq!(within(vec![b'a'; 11], &limits), too_large(Measure::FileBytes, 10), "before anything is looked at");
}

/// Two megabytes on disk.
pub(crate) fn bomb() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("xl/workbook.xml", options).unwrap();
    zip.write_all(raw::WORKBOOK.as_bytes()).unwrap();
    zip.start_file("xl/media/image1.png", options).unwrap();
    let megabyte = vec![0; 1024 * 1024];
    for _ in 0..300 {
        zip.write_all(&megabyte).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn three_hundred_megabytes_of_nothing() {
    let bytes = bomb();
    assert!(bytes.len() < 2_000_000, "small on disk: {}", bytes.len());
    assert_eq!(open(bytes), too_large(Measure::EntryBytes, 256 * 1024 * 1024), "counted while it is unpacked");
}

#[test]
fn an_archive_that_lies_about_its_sizes() {
    let zeros = vec![0; 5_000_000];
    let mut bytes = raw::xlsx_with("", &[("xl/media/image1.png", &zeros)]);
    let honest = 5_000_000_u32.to_le_bytes();
    let mut lies = 0;
    for at in 0..bytes.len() - 4 {
        if bytes[at..at + 4] == honest {
            bytes[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
            lies += 1;
        }
    }
    assert!(lies > 0, "the declared size was found and changed");
    let limits = Limits { entry_bytes: 1_000_000, ..Limits::default() };
    let result = within(bytes, &limits);
    let refused =
        result == too_large(Measure::EntryBytes, 1_000_000) || matches!(result, Err(SheetError::Damaged { .. }));
    assert!(refused, "a declared size of ten bytes is not believed: {result:?}");
}

#[test]
fn many_entries_that_are_large_together() {
    let zeros = vec![0; 400_000];
    let bytes = raw::xlsx_with("", &[("a", &zeros), ("b", &zeros), ("c", &zeros)]);
    let limits = Limits { entry_bytes: 500_000, total_bytes: 1_000_000, ..Limits::default() };
    assert_eq!(within(bytes, &limits), too_large(Measure::TotalBytes, 1_000_000), "each is allowed, the sum is not");
    let names: Vec<String> = (0..2_001).map(|i| format!("xl/{i}.xml")).collect();
    let bytes = raw::archive(names.iter().map(|n| (n.as_str(), &b""[..])));
    assert_eq!(open(bytes), too_large(Measure::ZipEntries, 2_000), "2 001 entries");
}

#[test]
fn names_that_lead_out_of_the_archive() {
    // Names are patched in: a decent writer would not write them.
    for name in
        ["../../../../evil.xml", "/etc/cron.d/evil.xml", "C:/Windows/evil.xml", "xl\\..\\evil.xml", "xl/evil\0.xml/aaa"]
    {
        let placeholder = "z".repeat(name.len());
        let mut bytes = raw::xlsx_with("", &[(&placeholder, b"evil")]);
        replace(&mut bytes, placeholder.as_bytes(), name.as_bytes());
        let result = open(bytes);
        assert!(matches!(result, Err(SheetError::UnsafeArchive { .. })), "{name:?}: {result:?}");
    }
}

#[test]
fn one_name_twice() {
    for twin in ["xl/workbook.xml", "XL/Workbook.xml"] {
        let mut bytes = raw::xlsx_with("", &[("zz/zzzzzzzz.zzz", raw::WORKBOOK.as_bytes())]);
        replace(&mut bytes, b"zz/zzzzzzzz.zzz", twin.as_bytes());
        let result = open(bytes);
        assert!(
            matches!(result, Err(SheetError::UnsafeArchive { .. })),
            "two readers would see two workbooks ({twin}): {result:?}"
        );
    }
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len(), "lengths stand elsewhere in the archive");
    let mut found = 0;
    for at in 0..=bytes.len() - from.len() {
        if &bytes[at..at + from.len()] == from {
            bytes[at..at + to.len()].copy_from_slice(to);
            found += 1;
        }
    }
    assert_eq!(found, 2, "once before the entry, once in the directory");
}

#[test]
fn entities_are_never_expanded() {
    let secret = std::env::temp_dir().join("huijiao-xxe-secret.txt");
    std::fs::write(&secret, "secret-of-the-machine").unwrap();
    let xxe = format!(
        r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{}">]><worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>"#,
        secret.display()
    );
    let result = open(raw::xlsx_with(&xxe, &[]));
    assert!(matches!(result, Err(SheetError::Damaged { .. })), "an unknown entity: {result:?}");
    assert!(!format!("{result:?}").contains("secret"), "and the file was not read");
    std::fs::remove_file(secret).unwrap();

    let mut laughs = String::from(r#"<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">"#);
    for i in 1..20 {
        laughs += &format!(r#"<!ENTITY a{i} "{}">"#, format!("&a{};", i - 1).repeat(10));
    }
    laughs += r#"]><worksheet><sheetData><row r="1"><c r="A1" t="str"><v>&a19;</v></c></row></sheetData></worksheet>"#;
    let result = open(raw::xlsx_with(&laughs, &[]));
    assert!(matches!(result, Err(SheetError::Damaged { .. })), "no laughs: {result:?}");

    let ods = ods(&format!(
        r#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{}"#,
        table(
            r#"<table:table-row><table:table-cell office:value-type="string"><text:p>&e;</text:p></table:table-cell></table:table-row>"#
        )
    ));
    assert!(matches!(open(ods), Err(SheetError::Damaged { .. })), "nor in OpenDocument");
}

/// An xlsx of these parts.
fn parts(workbook: &[u8], relations: &str, sheet: &[u8], more: &[(&str, &[u8])]) -> Vec<u8> {
    let own = [
        ("[Content_Types].xml", raw::TYPES.as_bytes()),
        ("_rels/.rels", raw::RELATIONS.as_bytes()),
        ("xl/workbook.xml", workbook),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    raw::archive(own.into_iter().chain(more.iter().copied()))
}

/// What may come of a file.
#[derive(Clone, Copy)]
enum Comes {
    /// Its own rows.
    Rows,
    /// An error that has words.
    Error,
    /// One of the two, and nothing else.
    Either,
}

/// F32 to F34: encodings that hide markup, DTDs, links, programs and objects. What a workbook names outside of itself is
/// not asked for, whatever becomes of the workbook.
#[test]
fn nothing_that_a_workbook_names_outside_of_itself_is_followed() {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    door.set_nonblocking(true).unwrap();
    let there = format!("http://{}", door.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret.xml");
    std::fs::write(&secret, raw::sheet("<row r=\"1\"><c r=\"A1\"><v>31415926</v></c></row>")).unwrap();
    let file = format!("file://{}", secret.display());

    let heading = format!("<row r=\"1\">{}{}</row>", raw::cell("A1", "姓名"), raw::cell("B1", "缴存基数"));
    let with = |value: &str| {
        raw::sheet(&format!("{heading}<row r=\"2\">{}<c r=\"B2\">{value}</c></row>", raw::cell("A2", "测试")))
    };
    let sheet = with("<v>8000</v>");
    let behind = |text: &str, what: &str| text.replacen("?>", &format!("?>{what}"), 1);
    let own = raw::WORKBOOK_RELATIONS;
    let plain = |sheet: &str, more: &[(&str, &[u8])]| parts(raw::WORKBOOK.as_bytes(), own, sheet.as_bytes(), more);
    let wide = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let text = format!("\u{feff}{}", text.replacen("UTF-8", "UTF-16", 1));
        text.encode_utf16().flat_map(order).collect()
    };
    let seven = sheet.replacen("UTF-8", "UTF-7", 1);
    let hidden = format!("+ADwAIQ-DOCTYPE worksheet SYSTEM +ACI-{there}/hidden.dtd+ACIAPg-");
    let dtd = |at: &str| format!("<!DOCTYPE worksheet SYSTEM \"{at}\">");
    let inner = format!("<!DOCTYPE worksheet [<!ENTITY % outside SYSTEM \"{there}/inner.dtd\"> %outside;]>");
    let strings = format!("<?xml version=\"1.0\"?>{}<sst><si><t>x</t></si></sst>", dtd(&format!("{there}/sst.dtd")));
    let outside = |kind: &str, at: &str| {
        format!(
            "<Relationship Id=\"rId9\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{at}\" TargetMode=\"External\"/></Relationships>"
        )
    };
    let linked = |kind: &str, at: &str| own.replace("</Relationships>", &outside(kind, at));
    let elsewhere = |at: &str| {
        let led = own.replace("worksheets/sheet1.xml\"", &format!("{at}\" TargetMode=\"External\""));
        parts(raw::WORKBOOK.as_bytes(), &led, sheet.as_bytes(), &[])
    };
    let dde = "<externalLink xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><ddeLink ddeService=\"cmd\" ddeTopic=\"/c calc\"><ddeItems><ddeItem name=\"A0\" advise=\"1\"/></ddeItems></ddeLink></externalLink>";
    let book = format!("<Relationships>{}", outside("externalLinkPath", &file));
    let connection = format!(
        "<connections><connection id=\"1\" refreshOnLoad=\"1\"><webPr url=\"{there}/web\"/></connection></connections>"
    );
    let objects = sheet.replace("</worksheet>", "<drawing r:id=\"rId9\"/><oleObjects><oleObject progId=\"Package\" shapeId=\"1\" r:id=\"rId9\"/></oleObjects></worksheet>");
    let object = format!("<Relationships>{}", outside("oleObject", &format!("{there}/object")));
    let link = "xl/externalLinks/externalLink1.xml";
    let link_relations = "xl/externalLinks/_rels/externalLink1.xml.rels";
    let sheet_relations = "xl/worksheets/_rels/sheet1.xml.rels";

    let cases: Vec<(&str, Comes, Vec<u8>)> = vec![
        ("nothing of the kind", Comes::Rows, plain(&sheet, &[])),
        (
            "a sheet in UTF-16",
            Comes::Either,
            parts(raw::WORKBOOK.as_bytes(), own, &wide(&sheet, u16::to_le_bytes), &[]),
        ),
        (
            "a sheet in UTF-16, the other way round",
            Comes::Either,
            parts(raw::WORKBOOK.as_bytes(), own, &wide(&sheet, u16::to_be_bytes), &[]),
        ),
        (
            "a list of sheets in UTF-16",
            Comes::Either,
            parts(&wide(raw::WORKBOOK, u16::to_le_bytes), own, sheet.as_bytes(), &[]),
        ),
        ("UTF-7", Comes::Either, plain(&seven, &[])),
        ("a DTD hidden by UTF-7", Comes::Either, plain(&behind(&seven, &hidden), &[])),
        ("a DTD on a server", Comes::Either, plain(&behind(&sheet, &dtd(&format!("{there}/sheet.dtd"))), &[])),
        ("a DTD on the disk", Comes::Either, plain(&behind(&sheet, &dtd(&file)), &[])),
        ("a DTD that names another", Comes::Either, plain(&behind(&sheet, &inner), &[])),
        (
            "a DTD of the list of sheets",
            Comes::Either,
            parts(behind(raw::WORKBOOK, &dtd(&file)).as_bytes(), own, sheet.as_bytes(), &[]),
        ),
        ("a DTD of the texts", Comes::Either, plain(&sheet, &[("xl/sharedStrings.xml", strings.as_bytes())])),
        (
            "a program by DDE",
            Comes::Rows,
            plain(&with("<f>cmd|'/c calc'!A0</f><v>8000</v>"), &[(link, dde.as_bytes())]),
        ),
        (
            "another workbook",
            Comes::Rows,
            parts(
                raw::WORKBOOK.as_bytes(),
                &linked("externalLink", "externalLinks/externalLink1.xml"),
                with("<f>[1]Sheet1!$A$1</f><v>8000</v>").as_bytes(),
                &[(link_relations, book.as_bytes())],
            ),
        ),
        (
            "a function that asks a server",
            Comes::Rows,
            plain(&with(&format!("<f>_xlfn.WEBSERVICE(\"{there}/service\")</f><v>8000</v>")), &[]),
        ),
        ("a connection", Comes::Rows, plain(&sheet, &[("xl/connections.xml", connection.as_bytes())])),
        (
            "an object, within and without",
            Comes::Rows,
            plain(
                &objects,
                &[("xl/embeddings/oleObject1.bin", b"MZ no program"), (sheet_relations, object.as_bytes())],
            ),
        ),
        ("a sheet on a server", Comes::Error, elsewhere(&format!("{there}/sheet1.xml"))),
        ("a sheet on the disk", Comes::Error, elsewhere(&file)),
        ("a sheet beside the archive", Comes::Error, elsewhere("../../../../../../../etc/passwd")),
    ];
    for (what, comes, bytes) in cases {
        match (comes, open(bytes)) {
            (Comes::Rows | Comes::Either, Ok(read)) => {
                let texts: Vec<Vec<&str>> =
                    read.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text).collect()).collect();
                assert_eq!(
                    texts,
                    [["姓名", "缴存基数"], ["测试", "8000"]],
                    "{what}: its own rows, as they stand in it"
                );
                assert!(!read.macros, "{what}");
            }
            (Comes::Error | Comes::Either, Err(error)) => {
                assert!(huijiao_domain::texts::lookup(error.code()).is_some(), "{what}: {error}");
                let said = format!("{error:?} {:?}", error.args());
                assert!(!said.contains("31415926") && !said.contains("root:"), "{what}: {said}");
            }
            (Comes::Rows | Comes::Error, other) => panic!("{what}: {other:?}"),
        }
        let visit = door.accept().map(|(_, from)| from).map_err(|error| error.kind());
        assert_eq!(visit, Err(ErrorKind::WouldBlock), "{what}: nobody is asked for anything");
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["secret.xml"], "and nothing is written");
}

#[test]
fn f33_entries_that_are_links_lead_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret.xml");
    std::fs::write(&secret, raw::sheet("<row r=\"1\"><c r=\"A1\"><v>31415926</v></c></row>")).unwrap();
    let linked = |link: &str, rest: &[(&str, &str)]| {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in rest {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.add_symlink(link, secret.display(), SimpleFileOptions::default()).unwrap();
        zip.finish().unwrap().into_inner()
    };
    let sheet = raw::sheet("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>");
    let rest = [
        ("[Content_Types].xml", raw::TYPES),
        ("_rels/.rels", raw::RELATIONS),
        ("xl/workbook.xml", raw::WORKBOOK),
        ("xl/_rels/workbook.xml.rels", raw::WORKBOOK_RELATIONS),
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
    ];
    let beside = open(linked("xl/media/picture.xml", &rest)).unwrap();
    assert_eq!(beside.rows.len(), 1, "one that nobody needs is not looked at");
    assert_eq!(beside.rows[0].text(0), "1");
    let instead = open(linked("xl/worksheets/sheet1.xml", &rest[..4]));
    assert!(matches!(instead, Err(SheetError::Damaged { .. })), "the name of a file is no sheet: {instead:?}");
    assert!(!format!("{instead:?}").contains("31415926"), "and the file was not read");
}

#[test]
fn shared_strings_that_promise_too_many() {
    let strings = r#"<sst uniqueCount="9223372036854775807"><si><t>x</t></si></sst>"#;
    let bytes = raw::xlsx_with(&raw::sheet(""), &[("xl/sharedStrings.xml", strings.as_bytes())]);
    assert_eq!(open(bytes), too_large(Measure::SharedStrings, 5_000_000), "room for them would end the process");
}

fn table(rows: &str) -> String {
    format!(
        r#"<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="表">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    )
}

fn ods(content: &str) -> Vec<u8> {
    raw::archive([
        ("mimetype", &b"application/vnd.oasis.opendocument.spreadsheet"[..]),
        ("content.xml", content.as_bytes()),
    ])
}

#[test]
fn opendocument_that_repeats_without_end() {
    let cell = |columns: u32, text: &str| {
        format!(
            r#"<table:table-cell table:number-columns-repeated="{columns}" office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#
        )
    };
    let row = |rows: u32, cells: &str| {
        format!(r#"<table:table-row table:number-rows-repeated="{rows}">{cells}</table:table-row>"#)
    };
    let read = |rows: &str| open(ods(&table(rows)));
    assert_eq!(read(&row(1_048_576, &cell(1, "x"))), too_large(Measure::Rows, 200_000), "a million rows in 80 bytes");
    assert_eq!(read(&row(1, &cell(16_384, "x"))), too_large(Measure::Columns, 256), "16 384 columns");
    assert_eq!(read(&row(200_000, &cell(256, "x"))), too_large(Measure::Cells, 5_000_000), "51 million cells");
    assert_eq!(read(&row(1, &cell(u32::MAX, "x"))), too_large(Measure::Columns, 256), "no overflow either");
    let ordinary = read(&(row(1, &cell(1, "x")) + &row(1_048_575, &cell(16_384, "")))).unwrap();
    assert_eq!(ordinary.rows.len(), 1, "blank rows to the end of the sheet are how every ods ends");
}

#[test]
fn an_xls_that_asks_for_a_full_rectangle() {
    let bof = raw::record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let end = raw::record(0x000A, &[]);
    let number = |row: u16, column: u16| {
        let mut data = [row.to_le_bytes(), column.to_le_bytes(), [0, 0]].concat();
        data.extend(1_f64.to_le_bytes());
        raw::record(0x0203, &data)
    };
    let workbook = |sheet: Vec<u8>| {
        let bound = |start: u32| {
            let mut data = start.to_le_bytes().to_vec();
            data.extend([0, 0, 1, 0, b'S']);
            raw::record(0x0085, &data)
        };
        let start = bof.len() + bound(0).len() + end.len();
        let stream = [bof.clone(), bound(start as u32), end.clone(), bof.clone(), sheet, end.clone()].concat();
        open(raw::compound(&[("Workbook", &stream)]))
    };
    assert_eq!(workbook(number(0, 0)).unwrap().rows.len(), 1, "the frame itself is read");
    let corners = [number(0, 0), number(65_535, 255)].concat();
    assert_eq!(workbook(corners), too_large(Measure::Cells, 5_000_000), "two cells, sixteen million between them");
    let mut lie = Vec::new();
    lie.extend(0_u32.to_le_bytes());
    lie.extend(u32::MAX.to_le_bytes());
    lie.extend([0, 0, 255, 255, 0, 0]);
    let lie = [raw::record(0x0200, &lie), number(0, 0)].concat();
    assert_eq!(workbook(lie), too_large(Measure::Cells, 5_000_000), "dimensions that no sheet has");
}

#[test]
fn merged_ranges_that_begin_in_one_cell() {
    let rows: String =
        (1..=50).map(|row| format!("<row r=\"{row}\">{}</row>", raw::cell(&format!("A{row}"), "x"))).collect();
    let ranges: String = (2..1_000).map(|row| format!(r#"<mergeCell ref="A1:B{row}"/>"#)).collect();
    let sheet = raw::sheet(&rows).replace("</sheetData>", &format!("</sheetData><mergeCells>{ranges}</mergeCells>"));
    let result = open(raw::xlsx_with(&sheet, &[]));
    assert!(matches!(result, Err(SheetError::Damaged { .. })), "each would be gone through for each row: {result:?}");
}
