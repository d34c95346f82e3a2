//! The seeds of the fuzzer, in every test run: each as it is, cut, and with bytes changed.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use huijiao_domain::field::Field;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::profile::CenterProfile;
use huijiao_sheets::worker::answer;
use huijiao_sheets::write::rebuild;
use huijiao_sheets::{CancelFlag, Limits, ReadChoice, SheetError, find_header, read, roster, upload};

use crate::fuzzed;
use crate::kit::biff5::{Value, biff5, cells, chart, stream};
use crate::kit::book::{book, delimited, list};
use crate::kit::people::people;
use crate::kit::raw;
use crate::kit::summary::agree;
use crate::kit::wrap::KINDS;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn small() -> Limits {
    const MB: u64 = 1024 * 1024;
    Limits {
        file_bytes: MB,
        entry_bytes: MB,
        total_bytes: 4 * MB,
        shared_string_bytes: MB,
        rows: 2_000,
        cells: 20_000,
        ..Limits::default()
    }
}

fn ends(bytes: Vec<u8>, what: &str) -> bool {
    agree(&bytes, &small(), what);
    match read(bytes.clone(), &ReadChoice::default(), &small()) {
        Ok(book) => {
            // Files of centers come from anywhere too.
            let demo = CenterProfile::shipped("demo").unwrap();
            if let Ok(learned) = upload::learn(&book, &bytes, FilingKind::StatusChange, &demo) {
                let _ = learned.template.problems();
            }
            let person = vec![(Field::IdNumber, "410801198501010011".to_owned())];
            let _ = upload::error_list(&book, &[person], None);
            let _ = roster(&mut book.clone(), &demo, None);
            assert!(
                book.rows.iter().all(|row| row.row >= 1 && !row.cells.is_empty()),
                "{what}: rows that hold something"
            );
            let _ = find_header(&book);
            true
        }
        Err(error) => {
            assert!(SheetError::CODES.contains(&error.code()), "{what}: a refusal that has words");
            false
        }
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// What the fuzzer found to lead elsewhere, one folder for each of its targets.
#[test]
fn what_the_fuzzer_kept_ends_in_rows_or_a_refusal() {
    for (kind, wrap) in KINDS {
        let files = files_in(&folder().join(kind));
        assert!(!files.is_empty(), "{kind} has a corpus");
        for file in files {
            let bytes = wrap(&std::fs::read(&file).unwrap());
            ends(bytes.clone(), &file.display().to_string());
            if let Ok(book) = read(bytes.clone(), &ReadChoice::default(), &small()) {
                fuzzed::lead_on(&book);
                fuzzed::lead_back(&bytes, &book);
            }
        }
    }
    let deadline = || Instant::now() + Duration::from_secs(30);
    for file in files_in(&folder().join("frames")) {
        let said = Cursor::new(std::fs::read(&file).unwrap());
        match answer(said, &small(), deadline(), &CancelFlag::default()) {
            Ok(book) => assert!(rebuild(&book, &[], None, &[]).is_ok(), "{}: a workbook", file.display()),
            Err(error) => assert!(SheetError::CODES.contains(&error.code()), "{}: a refusal", file.display()),
        }
    }
    for file in files_in(&folder().join("text")) {
        ends(std::fs::read(&file).unwrap().split_off(1), &file.display().to_string());
    }
}

#[test]
fn the_corpus_ends_in_rows_or_a_refusal() {
    let files = files_in(&folder());
    assert!(files.len() >= 12, "the corpus is there: {}", files.len());
    for file in files {
        let whole = std::fs::read(&file).unwrap();
        let what = file.file_name().unwrap().to_string_lossy().into_owned();
        // The name says what becomes of it.
        assert_eq!(ends(whole.clone(), &what), !what.starts_with("refused-"), "{what}: read or refused, by its name");
        // Steps that share no factor with the places where formats repeat.
        for at in (0..whole.len()).step_by(whole.len() / 90 + 1) {
            ends(whole[..at].to_vec(), &what);
            for change in [0xFF, 0x20, 0x01] {
                let mut changed = whole.clone();
                changed[at] ^= change;
                ends(changed, &what);
            }
        }
    }
}

#[test]
#[ignore = "writes the corpus"]
fn write_the_corpus() {
    let staff = people(3);
    let rows = || vec![vec![Value::Text("姓名"), Value::Text("证件号码")], vec![Value::Formula("甲"), Value::Small(7)]];
    let page = "<html><table><col style='display:none'><tr><th rowspan=2>姓名<th colspan=2>基数</th></tr>\
        <tr><td>前<td>后<tr><td>A&middot;B&nbsp;<td x:num=\"4.1E+17\">4.1E+17<td><table><tr><td>内</table></table>";
    let xml = r#"<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table><Column ss:Index="2" ss:Hidden="1" ss:Span="1"/><Row ss:Index="2" ss:Hidden="1"><Cell ss:MergeAcross="1" ss:MergeDown="2"><Data ss:Type="String">姓名</Data></Cell><Cell><Data ss:Type="Number">1.5</Data></Cell></Row></Table></Worksheet></Workbook>"#;
    let csv = delimited(&staff, ',');
    let wide = |text: &str| [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let sheet = raw::sheet(&format!("<row r=\"1\">{}</row>", raw::cell("A1", "姓名")));
    let files: [(&str, Vec<u8>); 14] = [
        ("page.html", page.into()),
        ("page-gb18030.html", encoding_rs::GB18030.encode(page).0.into_owned()),
        ("excel-2003.xml", xml.into()),
        ("list.csv", csv.clone().into()),
        ("list-gb18030.csv", encoding_rs::GB18030.encode(&csv).0.into_owned()),
        ("list-utf-16.csv", wide(&csv)),
        ("separator.csv", format!("sep=;\r\n{}", delimited(&staff, ';')).into()),
        ("quotes.csv", "姓名,部门\r\n\"甲\",\"一\r\n\"\"二\"\"\"\r\n".into()),
        ("excel-5.xls", biff5(Some(936), &rows())),
        ("excel-5-chart.xls", raw::compound(&[("Book", &stream(Some(936), "S", &[chart(), cells(&rows())].concat()))])),
        ("list.xlsx", book(|sheet| assert_eq!(list(sheet, 0, &staff), 4, "three people below their titles"))),
        ("inline.xlsx", raw::xlsx_with(&sheet, &[])),
        ("refused-encrypted.xls", raw::compound(&[("EncryptedPackage", &[7; 16])])),
        ("refused-entity.xml", xml.replace("姓名", "&a;").into()),
    ];
    for (name, bytes) in files {
        std::fs::write(folder().join(name), bytes).unwrap();
    }
}
